//! What people see: the commands' output, kept in `tests/cmd` and in the README.

use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .case("README.md")
        .case("docs/legacy-mta.md");
}

fn septet() -> Command {
    Command::new(env!("CARGO_BIN_EXE_septet"))
}

/// Runs a command with this on its standard input.
fn pipe(arguments: &[&str], input: &[u8]) -> (Vec<u8>, Option<i32>) {
    let mut child = septet()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("septet starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("septet reads");
    let output = child.wait_with_output().expect("septet ends");
    (output.stdout, output.status.code())
}

#[test]
fn a_pipe_is_read_like_a_file() {
    let message = std::fs::read("testdata/report.eml").expect("a fixture");
    let (piped, status) = pipe(&["tree", "--json"], &message);
    assert_eq!(status, Some(0));
    let named = septet().args(["tree", "--json", "testdata/report.eml"]).output().expect("runs");
    let named = String::from_utf8(named.stdout).expect("UTF-8");
    let piped = String::from_utf8(piped).expect("UTF-8");
    assert_eq!(piped, named.replace("testdata/report.eml", "-"));
}

#[test]
fn names_are_read_from_a_list() {
    let list = b"testdata/mailboxes/folder/b.eml\0testdata/mailboxes/folder/a/1.eml\0";
    let (found, status) = pipe(&["headers", "-f", "subject", "--files-from", "-", "-0"], list);
    assert_eq!((&found[..], status), (&b"Subject: b\nSubject: a\n"[..], Some(0)));
    let (found, status) = pipe(&["headers", "--files-from", "-"], b"");
    assert_eq!((&found[..], status), (&b""[..], Some(0)), "an empty list is no standard input");
}

#[test]
fn codings_are_filters() {
    let octets: Vec<u8> = (0..=255).cycle().take(3000).collect();
    for coding in ["base64", "uuencode"] {
        let (encoded, _) = pipe(&["coding", "encode", coding], &octets);
        assert!(encoded.iter().all(|&c| c < 128), "{coding}");
        assert!(encoded.split(|&c| c == b'\n').all(|line| line.len() <= 76), "{coding}");
        assert_eq!(pipe(&["coding", "decode", coding], &encoded), (octets.clone(), Some(0)));
    }
    let (encoded, _) = pipe(&["coding", "encode", "quoted-printable", "--binary"], &octets);
    assert_eq!(pipe(&["coding", "decode", "quoted-printable"], &encoded).0, octets);
    let words = "Subject: =?utf-8?q?caf?=\n =?utf-8?q?=C3=A9?=\nplain =?iso-8859-1?b?6Q?=\n";
    let (text, _) = pipe(&["coding", "decode", "words"], words.as_bytes());
    assert_eq!(String::from_utf8_lossy(&text), "Subject: café\nplain é\n");
}

#[test]
fn messages_are_stuffed_and_come_back() {
    let message = b"A: b\n\n.\n..\r\nc\rd";
    let data = b"A: b\r\n\r\n..\r\n...\r\nc\r\nd\r\n.\r\n";
    assert_eq!(pipe(&["wire", "--stuff"], message), (data.to_vec(), Some(0)));
    let back = b"A: b\r\n\r\n.\r\n..\r\nc\r\nd\r\n";
    assert_eq!(pipe(&["wire", "--unstuff"], data), (back.to_vec(), Some(0)));
}

#[test]
fn a_server_may_be_asked_through_a_pipe() {
    let arguments = ["wire", "--json", "--ehlo", "-", "testdata/wire/greeting.eml"];
    let (text, status) = pipe(&arguments, b"250-mx.example.org\r\n250 8BITMIME\r\n");
    assert_eq!(status, Some(1));
    let value: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(value["remedy"], "septet convert --to 8bit");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = septet()
        .args(["tree", "--json"])
        .args(["testdata/report.eml"; 2000])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("septet starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("septet ends");
    assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]));
}

#[test]
fn every_line_of_json_is_an_object_of_its_schema() {
    for command in ["tree", "headers", "wire", "lint", "trace"] {
        let output = septet().args([command, "--json", "testdata"]).output().expect("runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.lines().count() > 25);
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(value["schema"], format!("septet.{command}/1"));
            assert!(line.chars().all(|c| !c.is_control()), "{line}");
        }
    }
}
