//! `septet join`: a message cut into fragments at any lines, in any order, is that message again.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::corpus;
use proptest::prelude::*;

fn join(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet"))
        .arg("join")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("septet starts")
}

fn fragment(number: usize, total: Option<usize>, outer: &str, body: &str) -> String {
    let total = total.map_or(String::new(), |total| format!("; total={total}"));
    format!("{outer}Content-Type: message/partial; id=\"a@b\"; number={number}{total}\n\n{body}")
}

/// Lines of a message: fields that stay in the header around, those that do not, and a body.
fn messages() -> impl Strategy<Value = (Vec<String>, Vec<String>, Vec<String>)> {
    let outer = prop::sample::select(vec!["From: a@b\n", "To: c\n d\n", "Received: x\n"]);
    let inner = prop::sample::select(vec![
        "Subject: s\n\tfolded\n",
        "Message-ID: <x@y>\n",
        "MIME-Version: 1.0\n",
        "Content-Type: multipart/mixed; boundary=x\n",
    ]);
    let line = prop::sample::select(vec![
        "text\n",
        "\n",
        "--x\n",
        "--x--\n",
        "Subject: no field\n",
        " \n",
        "From here\n",
        ".\n",
        "a\rb\n",
    ]);
    let lines = |line, most| {
        proptest::collection::vec(line, 0..most)
            .prop_map(|lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    (lines(outer.boxed(), 4), lines(inner.boxed(), 5), lines(line.boxed(), 12))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_message_in_fragments_is_that_message(
        (outer, inner, body) in messages(),
        cuts in proptest::collection::vec(0..20usize, 0..5),
        order: prop::sample::Index,
        is_crlf: bool,
        is_mailbox: bool,
        says_total in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let outer = outer.concat();
        let whole = format!("{outer}{}\n{}", inner.concat(), body.concat());
        // Unquoted in a mailbox, this would begin another message.
        prop_assume!(!is_mailbox || !whole.contains("From here\nSubject"));
        // Where lines end, between which it is cut; what the header around has is not in them.
        let lines: Vec<&str> =
            inner.iter().map(String::as_str).chain(["\n"]).chain(body.iter().map(String::as_str))
                .flat_map(|piece| piece.split_inclusive('\n')).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).collect();
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([lines.len()]);
        let starts = [0].into_iter().chain(cuts.iter().copied());
        let bodies: Vec<String> =
            starts.zip(ends).map(|(start, end)| lines[start..end].concat()).collect();
        let total = bodies.len();
        let mut fragments: Vec<String> = bodies.iter().enumerate().map(|(i, body)| {
            let says = (i + 1 == total || says_total[i]).then_some(total);
            let outer = if i == 0 { outer.as_str() } else { "Subject: part\nFrom: x@y\n" };
            fragment(i + 1, says, outer, body)
        }).collect();
        let end = |text: String| if is_crlf { text.replace('\n', "\r\n") } else { text };
        let by = order.index(fragments.len());
        fragments.rotate_left(by);
        fragments.reverse();
        let folder = tempfile::tempdir().expect("a folder");
        let mut names = Vec::new();
        if is_mailbox {
            // A line of a body that looks like a separator is quoted in a mailbox, and stays so.
            let mbox: String = fragments.iter()
                .map(|it| format!("From a@b Mon Jan  1 00:00:00 2024\n{it}\n")).collect();
            fs::write(folder.path().join("box"), end(mbox)).expect("written");
            names.push("box".to_owned());
        } else {
            for (i, fragment) in fragments.into_iter().enumerate() {
                let name = format!("{i}.eml");
                fs::write(folder.path().join(&name), end(fragment)).expect("written");
                names.push(name);
            }
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let output = join(&names, folder.path());
        prop_assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        prop_assert_eq!(output.status.code(), Some(0));
        prop_assert_eq!(String::from_utf8_lossy(&output.stdout), end(whole));
    }
}

#[test]
fn a_last_line_without_an_end_gets_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let parts = ["Subject: s\r\n\r\none", "", "two", "three"];
    for (i, part) in parts.iter().enumerate() {
        let text = fragment(i + 1, Some(4), "", part);
        fs::write(folder.path().join(i.to_string()), text).expect("written");
    }
    let output = join(&["3", "0", "2", "1"], folder.path());
    let expected = "Subject: s\r\n\r\none\r\ntwo\r\nthree";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn an_encoded_fragment_is_decoded() {
    // Illegal (RFC 2046 §5.2.2), and all the same clear.
    let folder = tempfile::tempdir().expect("a folder");
    let outer = "Content-Transfer-Encoding: base64\n";
    fs::write(folder.path().join("1"), fragment(1, None, outer, "U3ViamVjdDogcwoKb25lCg==\n"))
        .expect("written");
    fs::write(folder.path().join("2"), fragment(2, Some(2), "", "two\n")).expect("written");
    let output = join(&["1", "2"], folder.path());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Subject: s\n\none\ntwo\n");
}

#[test]
fn numbers_that_no_fragment_has() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in ["0", "4294967296"] {
        let text = fragment(1, Some(1), "", "x\n").replace("number=1", &format!("number={number}"));
        fs::write(folder.path().join("1"), text).expect("written");
        let output = join(&["1"], folder.path());
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        let expected = "septet: 1: a fragment without an id, or without a number from 1 to 4294967295\n\
            septet: no fragment that can be joined\n";
        assert_eq!((complaint.as_str(), output.status.code()), (expected, Some(1)), "{number}");
    }
}

#[test]
fn each_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let a = fragment(1, Some(1), "", "Subject: a\n\n");
    let b = a.replace("a@b", "../b").replace(": a", ": b");
    let part = fragment(1, Some(2), "", "x\n").replace("a@b", "c");
    for (name, text) in [("1", &a), ("2", &b), ("3", &part), ("4", &"Subject: x\n\n".to_owned())] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let output = join(&["-o", "out", "1", "2", "3", "4"], folder.path());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(complaint, "septet: c: fragment 2 of 2 is missing\n");
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).expect(name);
    assert_eq!(
        (read("a@b.eml"), read("b.eml")),
        ("Subject: a\n\n".into(), "Subject: b\n\n".into())
    );
    assert_eq!(fs::read_dir(folder.path().join("out")).expect("a folder").count(), 2);
    let output = join(&["-o", "out", "1"], folder.path());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(complaint, "septet: a@b.eml: exists already, and is not replaced\n");
    assert_eq!(output.status.code(), Some(2));
}

/// Its fields, sorted, and its body.
fn fields_and_body(message: &[u8]) -> (Vec<String>, &[u8]) {
    let end = message.windows(2).position(|it| it == b"\n\n").expect("a header");
    let header = String::from_utf8_lossy(&message[..end]).replace("\n\t", "\t");
    let mut fields: Vec<String> = header.lines().map(str::to_owned).collect();
    fields.sort();
    (fields, &message[end..])
}

/// The example of RFC 2046 §5.2.2.2 is among them. MimeKit and GMime put each inner field in the place
/// of the outer one; §5.2.2.1 (3) appends them, and so do we.
#[test]
fn what_mimekit_and_gmime_join() {
    let Some(suites) = corpus("suites") else { return };
    let mimekit = suites.join("mimekit/UnitTests/TestData/partial");
    let gmime = suites.join("gmime/tests/data/partial");
    let cases: &[(&Path, &[&str], &str)] = &[
        (&mimekit, &["rfc2046.1.eml", "rfc2046.0.eml"], "rfc2046.eml"),
        (
            &mimekit,
            &["message-partial.2.eml", "message-partial.0.eml", "message-partial.1.eml"],
            "message-partial.eml",
        ),
        (&gmime, &["input/photo-discuss"], "output/photo-discuss"),
    ];
    for &(folder, names, expected) in cases {
        let output = join(names, folder);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{expected}");
        assert_eq!(output.status.code(), Some(0), "{expected}");
        let whole = fs::read(folder.join(expected)).expect("what is expected");
        assert!(fields_and_body(&output.stdout) == fields_and_body(&whole), "{expected}");
    }
}
