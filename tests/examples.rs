//! The examples do what they say: each is run on fixtures, and what it prints compared.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

/// The folder of the examples, built as this test is: Cargo names no program of an example to a test.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target/debug/deps/examples-0123456789abcdef
        let own = std::env::current_exe().expect("this test is a file");
        let profile = own.ancestors().nth(2).expect("it lies in a folder of the target");
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--examples"]);
        build.arg("--target-dir").arg(profile.parent().expect("the target"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo starts").success(), "the examples compile");
        profile.join("examples")
    })
}

fn example(name: &str) -> Command {
    let mut command = Command::new(folder().join(name));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// What it printed, once it ended with this status.
fn printed(output: Output, status: i32) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{errors}");
    assert_eq!(errors.is_empty(), status == 0, "trouble is said, and nothing else: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn list_parts() {
    let output = example("list_parts").arg("testdata/report.eml").output().expect("it runs");
    let expected = "\
0 multipart/mixed
1 multipart/alternative
1.1 text/plain, 107 octets
1.2 text/html, 199 octets
2 application/pdf, 89 octets, \"Informe trimestral.pdf\"
3 message/rfc822
3.1 text/plain, 20 octets
";
    assert_eq!(printed(output, 0), expected);
    let odd = example("list_parts").arg("testdata/broken/codings.eml").output().expect("it runs");
    assert!(printed(odd, 0).contains("\nE032 base64 data ends without its padding\n"));
    printed(example("list_parts").output().expect("it runs"), 64);
    printed(example("list_parts").arg("testdata/no.eml").output().expect("it runs"), 2);
}

#[test]
fn stream_stdin() {
    let input = File::open("testdata/mailboxes/three.mbox").expect("a fixture");
    let output = example("stream_stdin").stdin(input).output().expect("it runs");
    let subjects: Vec<_> = printed(output, 0)
        .lines()
        .map(str::to_owned)
        .filter(|line| line.starts_with('"'))
        .collect();
    assert_eq!(subjects, ["\"first\"", "\"second\"", "\"third\""]);

    // Of a message that has no end yet, what is over is told already.
    let mut child = example("stream_stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let head =
        b"Subject: \x1b[1m\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n\n";
    input.write_all(head).expect("it reads");
    // It looks at 64 KiB before it says what they are.
    for _ in 0..100_000 {
        input.write_all(b"more and more text\n").expect("it reads");
    }
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|it| sender.send(it)));
    for expected in [r#""\u{1b}[1m""#, "  1 text/plain, 5 octets"] {
        let line = lines.recv_timeout(Duration::from_secs(60)).expect("it is told in time");
        assert_eq!(line, expected);
    }
    drop(input);
    child.wait().expect("it ends");
}

#[test]
fn convert() {
    // The command is the witness: both write the same, and end the same way.
    for (path, status) in [
        ("testdata/convert/three.mbox", 1),
        ("testdata/convert/signed.eml", 1),
        ("testdata/convert/clean.eml", 0),
        ("testdata/convert/nested.eml", 0),
        ("testdata/no.eml", 2),
    ] {
        let mut septet = Command::new(env!("CARGO_BIN_EXE_septet"));
        let septet = septet.args(["convert", path]).output().expect("it runs");
        let convert = example("convert").arg(path).output().expect("it runs");
        assert_eq!(printed(convert, status), printed(septet, status), "{path}");
    }
    printed(example("convert").output().expect("it runs"), 64);
}

#[test]
fn parallel_mbox() {
    // Several pieces for each thread, of messages of all lengths.
    let mut mbox = tempfile::NamedTempFile::new().expect("a file");
    let mut expected = String::new();
    for number in 0..3000 {
        let from = "From a@example.org Mon Jan  1 00:00:00 2024";
        write!(mbox, "{from}\nSubject: number {number}\n\n").expect("it can be written");
        mbox.write_all(&b"some text in a line\n".repeat(number % 300)).expect("it can be written");
        mbox.write_all(b"\n").expect("it can be written");
        expected += &format!("\"number {number}\"\n");
    }
    mbox.flush().expect("it can be written");
    let output = example("parallel_mbox").arg(mbox.path()).output().expect("it runs");
    assert_eq!(printed(output, 0), expected);
    let missing = example("parallel_mbox")
        .args(["testdata/no.mbox", "testdata/mailboxes/three.mbox"])
        .output()
        .expect("it runs");
    assert_eq!(printed(missing, 2), "\"first\"\n\"second\"\n\"third\"\n", "the rest is done");
}
