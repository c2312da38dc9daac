//! Who reads hostile mail at a terminal is not hurt by it: nothing that a message, a file name or an
//! archive says controls the terminal, turns text around or hides it; colours are septet's own; nothing
//! is fetched or run. The terminal is a real one (python3 opens it); without python3 the tests say so.
//!
//! What is promised of file names, folders, archives and tables has its tests elsewhere; [`ELSEWHERE`]
//! names them.
#![cfg(all(unix, feature = "cli"))]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// All that a terminal would obey, or that would deceive who looks at it, as UTF-8: titles, colours,
/// links, reports, 8-bit controls, text that is turned around or hidden.
const HOSTILE: &str = "\u{1b}]0;pwned\u{7}\u{1b}[31m\u{1b}]8;;http://evil.example\u{1b}\\\u{1b}[6n\
                       \u{1b}P0;1|17/ab\u{1b}\\\u{1b}_Gi=1;\u{1b}\\\u{9b}2J\u{90}q\u{9c}\u{85}\u{7f}\
                       \u{8}\u{c}\r\u{202e}gpj.exe\u{202c}\u{2066}x\u{2069}\u{200b}\u{feff}\u{61c}\
                       a\u{200d}b\u{2060}\u{e0041}\u{e007f}\u{2028}%n%s";

/// Runs each line of arguments at a terminal; prints what came, in hexadecimal, a line each.
const RUN: &str = r#"
import os, pty, select, subprocess, sys, time
septet, place = sys.argv[1:3]
for line in sys.stdin.buffer.read().split(b"\n"):
    ours, theirs = pty.openpty()
    child = subprocess.Popen([os.fsencode(septet)] + line.split(b"\t"), cwd=place,
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen, end = b"", time.time() + 60
    while time.time() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    print(child.wait(), seen.hex() or "-")
"#;

/// What each of these command lines shows at a terminal, and its status; `None` without python3.
fn at_a_terminal(place: &Path, lines: &[Vec<&str>], no_color: bool) -> Option<Vec<(i32, Vec<u8>)>> {
    let script = place.join("run.py");
    fs::write(&script, RUN).expect("a file");
    let mut command = Command::new("python3");
    command.arg(&script).arg(env!("CARGO_BIN_EXE_septet")).arg(place);
    command.env("TERM", "xterm").env_remove("NO_COLOR").stdin(Stdio::piped());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let Ok(mut child) = command.stdout(Stdio::piped()).spawn() else {
        println!("skipped: there is no python3");
        return None;
    };
    let all: Vec<String> = lines.iter().map(|line| line.join("\t")).collect();
    let mut stdin = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, all.join("\n").as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let runs: Vec<_> = String::from_utf8(output.stdout).expect("text").lines().map(run).collect();
    assert_eq!(runs.len(), lines.len());
    Some(runs)
}

fn run(line: &str) -> (i32, Vec<u8>) {
    let (status, hex) = line.split_once(' ').expect("two columns");
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16);
    let hex = hex.strip_suffix('-').unwrap_or(hex).as_bytes();
    let octets = hex.chunks(2).map(|pair| octet(pair).expect("hex")).collect();
    (status.parse().expect("a number"), octets)
}

/// A message that has it in every place that anything is shown of, and an mbox of two.
fn message() -> Vec<u8> {
    let base64: String = encoded(HOSTILE.as_bytes());
    let word = format!("=?utf-8?b?{base64}?=");
    let percent: String = HOSTILE.bytes().map(|c| format!("%{c:02X}")).collect();
    let html =
        format!("<p>{HOSTILE}<a href=\"http://evil.example/{HOSTILE}\">x</a><script>x</script>");
    format!(
        "From: {word} <a{HOSTILE}@evil.example>\nTo: \"{HOSTILE}\" <b@c.example>, {HOSTILE}: d@e;\n\
         Subject: {word}\nDate: {HOSTILE}\nMessage-ID: <{HOSTILE}@x>\nReferences: <{HOSTILE}>\n\
         X-{HOSTILE}: {HOSTILE}\n{HOSTILE}\nX-Raw: \u{9b}31m {HOSTILE}\nMIME-Version: 1.0{HOSTILE}\n\
         Content-Type: multipart/mixed; boundary=\"b{HOSTILE}\"; {HOSTILE}={HOSTILE}\n\n\
         {HOSTILE}\n--b{HOSTILE}\n\
         Content-Type: text/plain; charset=\"{HOSTILE}\"; name=\"{HOSTILE}\"\n\
         Content-Transfer-Encoding: {HOSTILE}\nContent-Disposition: {HOSTILE}; filename*=utf-8''{percent}\n\
         Content-ID: <{HOSTILE}>\nContent-Description: {word}\n\n{HOSTILE}\n--b{HOSTILE}\n\
         Content-Type: text/plain; charset=utf-8\n\n{HOSTILE}\n--b{HOSTILE}\n\
         Content-Type: text/html; charset=utf-8\n\n{html}\n--b{HOSTILE}\n\
         Content-Type: {HOSTILE}/x; name=\"{word}\"\nContent-Transfer-Encoding: base64\n\n{base64}\n\
         --b{HOSTILE}--\n{HOSTILE}\n"
    )
    .replace("\n\n", "\u{0}")
    .replace('\r', "\u{1}")
    .replace('\u{0}', "\n\n")
    .replace('\u{1}', "\u{b}")
    .into_bytes()
}

fn encoded(octets: &[u8]) -> String {
    use septet::transfer::{Coding, Content, Encoder, Layout, LineEnd};
    let layout =
        Layout { line_end: LineEnd::Lf, content: Content::Binary, name: b"", guards: false };
    let mut encoder = Encoder::new(Coding::Base64, &layout);
    let mut out = Vec::new();
    encoder.encode(octets, &mut out);
    encoder.finish(&mut out);
    out.retain(|&c| c != b'\n');
    String::from_utf8(out).expect("base64 is ASCII")
}

/// The first thing that must not be there. Colours (SGR) are allowed if asked for.
fn harm(seen: &[u8], colors: bool) -> Option<String> {
    let Ok(text) = std::str::from_utf8(seen) else { return Some("no UTF-8".to_owned()) };
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        if colors && let Some(end) = sgr(rest) {
            rest = &rest[end..];
            continue;
        }
        // The terminal puts a CR before each line end.
        let is_line = matches!(c, '\n' | '\t') || rest.starts_with("\r\n");
        if !is_line && septet::base::chars::is_unsafe(c) {
            let before = text[..at].lines().last().unwrap_or_default();
            return Some(format!("{c:?} behind {before:?}"));
        }
        rest = &rest[c.len_utf8()..];
    }
    None
}

/// The length of a colour's sequence that the text begins with.
fn sgr(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("\u{1b}[")?;
    let length = digits.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    digits[length..].starts_with('m').then_some(length + 3)
}

/// Every command, over everything that is shown of a message.
const COMMANDS: &[&str] = &[
    "tree x.eml",
    "tree --json x.eml",
    "tree x.mbox",
    "show x.eml",
    "show --all-headers x.eml",
    "show --raw x.eml",
    "show --html x.eml",
    "show --links x.eml",
    "headers x.eml",
    "headers --all-parts x.eml",
    "headers --raw x.eml",
    "headers --unfolded x.eml",
    "headers --parsed x.eml",
    "headers --all-parts --json x.eml",
    "part 0 --raw x.eml",
    "part 1 x.eml",
    "part 1 --raw x.eml",
    "part 1 --header x.eml",
    "part 2 --text x.eml",
    "part 4 x.eml",
    "part 9 x.eml",
    "extract -d out x.eml",
    "extract -d list x.eml --manifest -",
    "decode x.eml --fields all",
    "decode x.eml --csv",
    "convert x.eml",
    "convert --explain x.eml",
    "convert --report - x.eml",
    "copy x.eml -o -",
    "lint x.eml",
    "lint --json x.eml",
    "tree --views x.eml",
    "tree --views --json x.eml",
    "trace x.eml",
    "trace --json x.eml",
    "diff x.eml y.eml",
    "diff --json x.eml y.eml",
    "diff x.mbox x.eml",
    "diff -m 2 x.mbox y.mbox",
    "join x.eml",
    "join a.eml b.eml",
    "join a.eml a2.eml b.eml",
    "join --id x a.eml",
    "join -o joined a.eml b.eml c.eml",
    "wire x.eml",
    "wire --json x.eml",
    "wire --stuff x.eml",
    "coding decode quoted-printable x.eml",
    "coding decode words x.eml",
    "completions bash",
    "man",
    "man tree",
    "man no-such-command",
];

/// A folder with the message under plain names and under one that is hostile itself.
fn place() -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().expect("a folder");
    let message = message();
    let mbox = [b"From a@b Mon Jan  1 00:00:00 2024\n", &message[..], b"\n"].concat().repeat(2);
    // A name has no slash, and neither a tab nor a line end in this test's lists.
    let name = HOSTILE.replace(['/', '\t', '\n'], "_");
    let name: String = name.chars().take(60).collect::<String>() + ".eml";
    let other = [&b"Subject: another\n"[..], &message].concat();
    let late = [b"From a@b Mon Jan  1 00:00:00 2024\n", &other[..], b"\n"].concat().repeat(3);
    let [a, again, b, c] = ["1; total=2\n\na", "1\n\nA", "2\n\nb", "3; total=1\n\nc"].map(fragment);
    let files = [
        ("x.eml", &message),
        ("y.eml", &other),
        ("x.mbox", &mbox),
        ("y.mbox", &late),
        ("a.eml", &a),
        ("a2.eml", &again),
        ("b.eml", &b),
        ("c.eml", &c),
        (&*name, &message),
    ];
    for (name, octets) in files {
        fs::write(place.path().join(name), octets).expect("a file");
    }
    (place, name)
}

/// A fragment of a message whose id has it.
fn fragment(number: &str) -> Vec<u8> {
    let id: String = HOSTILE.bytes().map(|c| format!("%{c:02X}")).collect();
    format!("Content-Type: message/partial; id*=utf-8''{id}; number={number}\n").into_bytes()
}

#[test]
fn nothing_controls_a_terminal() {
    let (place, name) = place();
    let missing = format!("no{name}");
    let option = format!("--{name}");
    let mut lines: Vec<Vec<&str>> = COMMANDS.iter().map(|line| line.split(' ').collect()).collect();
    for command in ["tree", "show", "headers", "wire", "convert", "decode", "lint", "trace", "join"]
    {
        lines.push(vec![command, &name]);
        lines.push(vec![command, &missing]);
        lines.push(vec![command, &option]);
    }
    lines.push(vec!["part", &name, "x.eml"]);
    lines.push(vec!["decode", "--where", &name, "x.eml"]);
    lines.push(vec!["extract", "-d", "names", &name]);
    lines.push(vec!["diff", &name, "y.eml"]);
    lines.push(vec!["diff", &missing, "y.eml"]);
    lines.push(vec!["join", "-o", &name, "a.eml", "b.eml"]);
    lines.push(vec!["join", "--id", &name, "a.eml"]);
    lines.push(vec!["tree", "."]);
    for no_color in [true, false] {
        for folder in ["out", "list", "names", "joined"] {
            let _ = fs::remove_dir_all(place.path().join(folder));
        }
        let Some(runs) = at_a_terminal(place.path(), &lines, no_color) else { return };
        let mut wrong = Vec::new();
        for (line, (status, seen)) in lines.iter().zip(runs) {
            if let Some(harm) = harm(&seen, !no_color) {
                wrong.push(format!("{}: {harm}", line.join(" ")));
            }
            assert!(!seen.is_empty() || status == 0, "{line:?} says nothing");
            assert!((0..128).contains(&status), "{line:?} ends with {status}");
        }
        assert!(wrong.is_empty(), "NO_COLOR: {no_color}\n{}", wrong.join("\n"));
    }
}

/// The tests above would see it.
#[test]
fn harm_is_seen() {
    for harmless in ["a\tb\r\n", "ü 日本 👩"] {
        assert_eq!(harm(harmless.as_bytes(), false), None);
    }
    for harmful in ["\u{1b}[31m", "a\rb", "\u{9b}m", "\u{202e}", "\u{7f}", "\u{e0041}"] {
        assert!(harm(harmful.as_bytes(), false).is_some(), "{harmful:?}");
    }
    assert!(harm(b"\x9b31m", false).is_some());
    assert_eq!(harm(b"\x1b[1;31mx\x1b[0m", true), None);
    for harmful in ["\u{1b}]8;;x\u{7}", "\u{1b}[2J", "\u{1b}[31"] {
        assert!(harm(harmful.as_bytes(), true).is_some(), "{harmful:?}");
    }
}

fn septet(place: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(arguments).current_dir(place).output().expect("septet runs")
}

/// Errors, which a log may keep, and JSON are as safe where no terminal is; results that were asked for
/// as they are, are as they are.
#[test]
fn what_is_said_in_pipes_is_escaped() {
    let (place, name) = place();
    let missing = format!("no{name}");
    for command in
        ["tree", "headers", "show", "wire", "convert", "extract", "decode", "lint", "trace", "join"]
    {
        let output = septet(place.path(), &[command, &missing]);
        assert!(!output.stderr.is_empty(), "{command}");
        assert_eq!(harm(&output.stderr, false), None, "{command}");
    }
    for arguments in [
        &["tree", "--json"][..],
        &["headers", "--json"],
        &["decode", "--fields=all"],
        &["wire", "--json"],
    ] {
        let output = septet(place.path(), &[arguments, &[&name]].concat());
        assert_eq!(harm(&output.stdout, false), None, "{arguments:?}");
        let json = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(json.lines().count() >= 1, "{arguments:?}");
        for line in json.lines() {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        }
    }
    // No colours in a pipe, whatever the message says.
    for command in ["tree", "show", "headers"] {
        let output = septet(place.path(), &[command, "x.eml"]);
        assert_eq!(harm(&output.stdout, false), None, "{command}");
    }
}

/// HTML is text to us: no source opens a connection or starts a program.
#[test]
fn nothing_is_fetched_or_run() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in common::files(&src) {
        let text = fs::read_to_string(&path).expect("a source file");
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        // Tests may run what they like.
        let code = code.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        for what in ["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "process::Command"] {
            assert!(!code.contains(what), "{}: {what}", path.display());
        }
    }
}

/// The rest of what is promised, and the tests that hold it.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("names: one safe component, the same on every run", "src/extract/name.rs", "makes_names_safe"),
    ("names: any text", "src/extract/name.rs", "safe_names_are_safe"),
    ("names: none given twice", "src/extract/name.rs", "no_name_is_given_twice"),
    ("names: the list tells them", "tests/extract.rs", "the_list_says_what_was_written"),
    ("names: width and cut at graphemes", "src/cli/out.rs", "sizes_and_widths"),
    ("files: what is there stays", "src/extract/folder/tests.rs", "what_is_there_stays"),
    ("files: one component", "src/extract/folder/tests.rs", "names_are_one_component"),
    ("files: no links", "src/extract/folder/tests.rs", "links_are_not_followed"),
    (
        "files: the folder that was opened",
        "src/extract/folder/tests.rs",
        "the_folder_is_the_one_that_was_opened",
    ),
    ("files: private, never to be run", "src/extract/folder/tests.rs", "files_are_their_owners"),
    ("files: quotas", "tests/extract.rs", "limits_end_the_run_with_one_line"),
    ("files: a hostile message", "tests/extract.rs", "every_part_of_a_hostile_message_gets_a_file"),
    ("archives: bombs", "src/mailbox/archive/tests.rs", "what_expands_without_end"),
    ("archives: windows", "src/mailbox/archive/tests.rs", "windows"),
    ("archives: levels", "src/mailbox/archive/tests.rs", "two_levels_and_no_more"),
    ("archives: names", "src/mailbox/archive/tests.rs", "names_are_only_shown"),
    ("archives: links", "src/mailbox/archive/tests.rs", "what_is_no_file_in_a_zip_archive"),
    ("archives: overlaps", "src/mailbox/archive/tests.rs", "members_that_overlap"),
    ("archives: sizes", "src/mailbox/archive/tests.rs", "members_that_are_not_as_the_archive_says"),
    ("archives: members", "src/mailbox/archive/tests.rs", "too_many_members_are_not_begun"),
    ("folders: links", "src/mailbox/folder.rs", "links_inside_a_folder_are_passed_over"),
    ("folders: pipes and devices", "src/mailbox/folder.rs", "what_is_no_file_is_passed_over"),
    (
        "folders: files that vanish",
        "src/mailbox/folder.rs",
        "a_message_that_was_moved_is_found_or_was_deleted",
    ),
    ("writing: any field", "src/header/write/tests.rs", "any_field_keeps_the_laws"),
    ("writing: JSON", "src/record/json.rs", "any_text_comes_back"),
    ("writing: tables", "tests/decode.rs", "tables_come_back"),
];

#[test]
fn the_rest_has_its_tests() {
    for (promise, file, test) in ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(&path).expect("a file of tests");
        assert!(text.contains(&format!("fn {test}(")), "{promise}: {file} has no {test}");
    }
}
