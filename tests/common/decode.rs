//! Mailboxes of any size, and `septet` run over them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn septet() -> Command {
    Command::new(env!("CARGO_BIN_EXE_septet"))
}

/// Runs `septet` with these arguments.
pub fn run(arguments: &[&str]) -> Output {
    septet().args(arguments).output().expect("septet starts")
}

/// Its standard output, if it has nothing to complain of.
pub fn stdout(arguments: &[&str]) -> Vec<u8> {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{arguments:?}: {said}");
    output.stdout
}

/// The lines on standard error.
pub fn said(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect()
}

/// The records of JSON Lines.
pub fn records(text: &[u8]) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with(b"\n"), "the last line is not whole");
    let lines = text.split_inclusive(|&c| c == b'\n');
    lines.map(|line| serde_json::from_slice(line).expect("JSON")).collect()
}

/// Records without the numbers of their messages, which ranges count anew.
pub fn unnumbered(text: &[u8]) -> Vec<Value> {
    let mut records = records(text);
    for record in &mut records {
        record.as_object_mut().expect("an object").remove("message");
    }
    records
}

pub fn name(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Numbers without a pattern, the same each time (Knuth's MMIX generator).
pub struct Random(pub u64);

impl Random {
    /// The next, below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// What is odd about an mbox.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    pub crlf: bool,
    /// Its messages have Content-Length, spelt so, and `From ` lines in their bodies.
    pub counts: Option<&'static str>,
    /// Now and then the empty line before a `From ` line is missing.
    pub has_bare: bool,
    /// Now and then a message has lines that end with CR alone.
    pub has_cr: bool,
    /// One message is longer than what threads are given at a time.
    pub has_long: bool,
}

pub const FROM: &str = "From a@example.org Mon Jan  1 00:00:00 2024\n";

/// A message, without what stands before and behind it in an mbox.
pub fn message(number: usize, random: &mut Random, manner: Manner) -> String {
    let lines = if manner.has_long && number == 20 { 30_000 } else { random.below(60) };
    let mut body = String::new();
    for line in 0..lines {
        let _ = writeln!(body, "line {line} of message {number}, \u{fc}ber {}", random.below(1000));
    }
    if manner.counts.is_some() && random.below(2) == 0 {
        body.push_str(
            "\nFrom b@example.org Tue Jan  2 00:00:00 2024\nSubject: no message\n\nend\n",
        );
    }
    if number.is_multiple_of(3) {
        body = format!(
            "--b\nContent-Type: text/plain; charset=utf-8\n\n{body}\n--b\nContent-Type: \
             application/x; name=\"{number}.bin\"\nContent-Disposition: attachment\n\
             Content-Transfer-Encoding: base64\n\nAAAA{:04}\n--b--\n",
            number % 7
        );
    }
    let mut header = format!(
        "Message-ID: <{}@example.org>\nFrom: N{number} <n@example.org>\nSubject: =?utf-8?q?=C3=BC?= \
         {number}\nDate: Mon, 1 Jan {} 10:00:00 +0000\n",
        number % 500,
        2000 + number % 30
    );
    header.push_str(match number.is_multiple_of(3) {
        true => "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
        false => "",
    });
    if let Some(name) = manner.counts {
        let len = body.len() + if manner.crlf { body.matches('\n').count() } else { 0 };
        let _ = writeln!(header, "{name}: {len}");
    }
    format!("{header}\n{body}")
}

/// An mbox, and its messages as they stand in it.
pub fn mbox(count: usize, seed: u64, manner: Manner) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut random = Random(seed);
    let (mut text, mut messages) = (Vec::new(), Vec::new());
    for number in 0..count {
        let mut message = message(number, &mut random, manner);
        let mut separator = FROM.to_owned();
        let has_cr = manner.has_cr && number % 10 == 9;
        if manner.crlf {
            (message, separator) = (message.replace('\n', "\r\n"), separator.replace('\n', "\r\n"));
        }
        if has_cr {
            (message, separator) = (message.replace('\n', "\r"), separator.replace('\n', "\r"));
        }
        text.extend_from_slice(separator.as_bytes());
        text.extend_from_slice(message.as_bytes());
        if !(manner.has_bare && random.below(4) == 0) {
            text.extend_from_slice(if manner.crlf { b"\r\n" } else { b"\n" });
        }
        messages.push(message.into_bytes());
    }
    (text, messages)
}

/// Writes an mbox; gives back its path and messages.
pub fn written(folder: &Path, file: &str, count: usize, manner: Manner) -> (PathBuf, Vec<Vec<u8>>) {
    let path = folder.join(file);
    let (text, messages) = mbox(count, 7, manner);
    fs::write(&path, text).expect("a file");
    (path, messages)
}
