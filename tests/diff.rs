//! `septet diff`: what septet itself writes says the same, and no message costs much.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::{corpus, files};

fn septet(arguments: &[&str], files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(arguments)
        .args(files)
        .output()
        .expect("septet starts")
}

fn diff(arguments: &[&str], a: &Path, b: &Path) -> (String, Option<i32>) {
    let output = septet(&[&["diff"], arguments].concat(), &[a, b]);
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (text.into_owned(), output.status.code())
}

/// Each with what `septet convert` makes of it: of every transport, nothing that it says changes.
#[test]
fn a_converted_message_says_the_same() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut paths: Vec<PathBuf> = files(&own);
    for folder in ["convert", "downgrade"] {
        paths.extend(corpus(folder).iter().flat_map(|folder| files(folder)));
    }
    let is_message = |path: &&PathBuf| {
        path.extension().is_some_and(|it| it == "eml")
            && fs::metadata(path).is_ok_and(|it| it.len() > 0)
    };
    let folder = tempfile::tempdir().expect("a folder");
    let converted = folder.path().join("converted.eml");
    let mut changed = 0;
    for path in paths.iter().filter(is_message) {
        for target in ["7bit", "8bit"] {
            let output = septet(&["convert", "--to", target], &[path]);
            fs::write(&converted, &output.stdout).expect("written");
            let (text, status) = diff(&["--fail-on", "content"], path, &converted);
            assert_eq!(status, Some(0), "{} {target}: {text}", path.display());
            changed += usize::from(!text.contains("the same octets"));
        }
    }
    assert!(changed > 15, "{changed} were converted");
}

/// Messages that would take long if anything were tried with everything.
#[test]
fn hostile_messages_take_no_longer_than_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let repeated =
        |count: usize, text: &dyn Fn(usize) -> String| -> String { (0..count).map(text).collect() };
    let signed =
        |i: usize| format!("--x\nContent-Type: multipart/signed; boundary=y{i}\n\n--y{i}\n\nT\n");
    let cases: &[(&str, String, String)] = &[
        (
            "fields of one name",
            repeated(9000, &|i| format!("A: {i}\n")) + "\n",
            repeated(9000, &|i| format!("A: {}\n", (i * 7919) % 9001)) + "\n",
        ),
        (
            "many types",
            format!("Content-Type: text/plain; a={}\n", "a".repeat(100_000))
                + &repeated(3000, &|_| "Content-Type: text/plain\n".into()),
            repeated(3000, &|i| format!("Content-Type: text/plain; b={i}\n")),
        ),
        (
            "many signatures",
            "Content-Type: multipart/mixed; boundary=x\n\n".to_owned() + &repeated(3000, &signed),
            "Content-Type: multipart/mixed; boundary=x\n\n".to_owned()
                + &repeated(3000, &signed).replace("\nT\n", "\nU\n"),
        ),
        (
            "many lines alike",
            "\n".to_owned() + &repeated(100_000, &|i| format!("{}\n", i % 7)),
            "\n".to_owned() + &repeated(100_000, &|i| format!("{}\n", i * i % 11)),
        ),
        (
            "as many as are compared",
            "\n".to_owned() + &repeated(4000, &|i| format!("{}\n", i % 7)),
            "\n".to_owned() + &repeated(4000, &|i| format!("{}\n", i * i % 11)),
        ),
        (
            "many other lines",
            "\n".to_owned() + &repeated(100_000, &|i| format!("{i}\n")),
            "\n".to_owned() + &repeated(100_000, &|i| format!("{}\n", 100_000 - i)),
        ),
    ];
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    for (name, before, after) in cases {
        fs::write(&a, before).expect("written");
        fs::write(&b, after).expect("written");
        let start = Instant::now();
        let (text, status) = diff(&["--json"], &a, &b);
        let took = start.elapsed();
        println!("{name}: {took:?}");
        assert_eq!(status, Some(0), "{name}: {text}");
        assert!(took < Duration::from_secs(30), "{name} took {took:?}");
    }
}

/// An mbox and a copy that was never in one: the `>` is the mbox's, but not in a header.
#[test]
fn the_quoting_of_an_mbox_is_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let from = "From a@b.example Mon Jan  1 00:00:00 2024\n";
    let header = "Subject: a\nMessage-ID: <1@b.example>\n\n";
    fs::write(path("x.eml"), format!("{header}From here on\n>From there\n>> From\n"))
        .expect("a file");
    fs::write(path("x.mbox"), format!("{from}{header}>From here on\n>>From there\n>> From\n"))
        .expect("a file");
    let (text, status) = diff(&["--fail-on", "any"], &path("x.eml"), &path("x.mbox"));
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("the same octets"), "{text}");
    fs::write(path("y.mbox"), format!("{from}>From: a\n{header}x\n")).expect("a file");
    fs::write(path("y.eml"), format!(">From: a\n{header}x\n")).expect("a file");
    let (text, status) = diff(&["--fail-on", "any"], &path("y.eml"), &path("y.mbox"));
    assert_eq!(status, Some(0), "{text}");
}

#[test]
fn what_lies_beyond_the_limit_of_parts_is_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let message = |last: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\n\ntwo\n\
             --x\n\n{last}\n--x--\n"
        )
    };
    fs::write(path("a.eml"), message("three")).expect("a file");
    fs::write(path("b.eml"), message("other")).expect("a file");
    for parts in ["1", "2", "3"] {
        let arguments = ["--fail-on", "content", "--max-parts", parts];
        let (text, status) = diff(&arguments, &path("a.eml"), &path("b.eml"));
        assert_eq!(status, Some(1), "{parts}: {text}");
        assert!(text.contains("what lies beyond a limit changed"), "{parts}: {text}");
        let (text, _) = diff(&["--json", "--max-parts", parts], &path("a.eml"), &path("b.eml"));
        assert!(text.contains(r#""what":"beyond-limit""#), "{parts}: {text}");
        assert!(text.contains(r#""worst":"content""#), "{parts}: {text}");
    }
}

/// Messages with one Message-ID: those that are equal belong together, wherever they stand.
#[test]
fn equal_messages_are_paired_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mbox = |bodies: &[&str]| -> String {
        let from = "From a@b.example Mon Jan  1 00:00:00 2024\n";
        let one = |body: &&str| format!("{from}Message-ID: <1@x.example>\n\n{body}\n\n");
        bodies.iter().map(one).collect()
    };
    fs::write(path("a.mbox"), mbox(&["one", "two"])).expect("a file");
    // What B holds, the exit status, and what is said.
    let cases: &[(&[&str], i32, &str)] = &[
        (&["two", "one"], 0, "2 pairs: 2 the same octets"),
        (&["two"], 1, "a.mbox #1  <1@x.example>\nonly in A"),
        (&["new", "one"], 1, "a.mbox #2 -> "),
    ];
    for &(bodies, expected, said) in cases {
        fs::write(path("b.mbox"), mbox(bodies)).expect("a file");
        let (text, status) = diff(&["--fail-on", "content"], &path("a.mbox"), &path("b.mbox"));
        assert_eq!(status, Some(expected), "{bodies:?}: {text}");
        assert!(text.contains(said), "{bodies:?}: {text}");
    }
}

#[test]
fn what_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let signature = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=x; s=y;\n \
                     h=from; bh=; b=AAAA\n";
    let rest = "From: a@x.example\nTo: b@x.example\n\ntext\n";
    let message = format!("{signature}{rest}");
    fs::write(path("a.eml"), &message).expect("a file");
    // The other copy, and whether that fails for `content`, `signatures` and `any`.
    let cases: &[(&str, String, [i32; 3])] = &[
        ("the same", message.clone(), [0, 0, 0]),
        ("folds", message.replace("v=1; a", "v=1;\n a"), [0, 0, 1]),
        ("not signed", message.replace("b@x", "c@x"), [1, 0, 1]),
        ("a text", message.replace("text", "next"), [1, 1, 1]),
        ("taken away", rest.to_owned(), [0, 1, 1]),
        ("b=", message.replace("AAAA", "AAAB"), [0, 1, 1]),
    ];
    for (name, other, expected) in cases {
        fs::write(path("b.eml"), other).expect("a file");
        for (what, expected) in ["content", "signatures", "any"].into_iter().zip(expected) {
            let (text, status) = diff(&["--fail-on", what], &path("a.eml"), &path("b.eml"));
            assert_eq!(status, Some(*expected), "{name}, {what}: {text}");
        }
    }
}

/// What is said of signatures and hops, in lines for a terminal, and the same in JSON.
#[test]
fn signatures_in_text_and_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let signature = |i: usize| {
        format!(
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example-{i}.org; s=select;\n \
             q=dns/txt; h=from:to; t=1000{i}; bh=; b=BBBB{i}\n"
        )
    };
    let received = "Received: from a.example.org (a.example.org [192.0.2.1]) by mx.example.org\n \
                    with ESMTPS id 1; Mon, 2 Mar 2026 10:00:00 +0100\n";
    let signatures: String = (0..9).map(signature).collect();
    let message = format!("{received}{signatures}From: a@x\n\ntext\n");
    fs::write(path("a.eml"), &message).expect("a file");
    let other = message.replace("t=10004", "t=10009").replace("id 1;", "id 2;");
    fs::write(path("b.eml"), other).expect("a file");
    let (text, _) = diff(&[], &path("a.eml"), &path("b.eml"));
    for said in [
        "\n  DKIM example-4.org/select: changed itself: t=\n",
        "\n  1  DKIM-Signature changed (breaks DKIM example-4.org/select)\n",
        "; t=10004; bh=; b=BBBB4\n",
        "; t=10009; bh=; b=BBBB4\n",
        "\n  1  Received changed by mx.example.org\n",
        "with ESMTPS id 2; Mon, 2 Mar 2026",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let (json, _) = diff(&["--json"], &path("a.eml"), &path("b.eml"));
    assert_eq!(json.matches(r#""broken":true"#).count(), 1, "{json}");
    assert!(json.contains(r#""tags_changed":["t"]"#), "{json}");
    fs::write(path("b.eml"), message.replace("text", "next")).expect("a file");
    let (text, _) = diff(&[], &path("a.eml"), &path("b.eml"));
    for line in text.lines().skip(1) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn one_message_of_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mbox = |subjects: &[&str]| -> String {
        let from = "From a@b.example Mon Jan  1 00:00:00 2024\n";
        let one = |subject: &&str| format!("{from}Subject: {subject}\n\nx\n\n");
        subjects.iter().map(one).collect()
    };
    fs::write(path("a.mbox"), mbox(&["one", "two", "three"])).expect("a file");
    fs::write(path("b.mbox"), mbox(&["none", "two"])).expect("a file");
    // From the first to the last, messages that are wanted, and what is said.
    let cases: &[(&str, i32, &str)] = &[
        ("1", 1, "subject"),
        ("2", 0, "the same octets"),
        ("3", 1, "b.mbox: no message 3"),
        ("4", 1, "a.mbox: no message 4"),
        ("0", 64, "it takes at least 1"),
    ];
    for &(number, expected, said) in cases {
        let arguments = ["-m", number, "--fail-on", "any"];
        let (text, status) = diff(&arguments, &path("a.mbox"), &path("b.mbox"));
        assert_eq!(status, Some(expected), "{number}: {text}");
        assert!(text.to_lowercase().contains(said), "{number}: {text}");
        // Which message it is, where there is one.
        if let "1" | "2" = number {
            let names = format!("a.mbox #{number} -> {}", path("b.mbox").display());
            assert!(text.contains(&format!("{names} #{number}")), "{number}: {text}");
        }
    }
}
