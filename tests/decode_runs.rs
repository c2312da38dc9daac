//! `septet decode` when something happens to it: interrupted and resumed, its output read late or not
//! at all, and messages that do not fit into memory.
//!
//! What a process takes is told by Linux alone.

#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::decode::{Manner, Random, mbox, message, name, run, said, septet, stdout, written};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// An mbox and a folder of messages, some of them long: megabytes of records.
fn archive(folder: &Path) -> [String; 2] {
    let manner = Manner { has_long: true, ..Manner::default() };
    let (box_path, _) = written(folder, "a.mbox", 700, manner);
    let files = folder.join("files");
    fs::create_dir(&files).expect("a folder");
    let mut random = Random(3);
    for number in 0..150 {
        let text = message(number, &mut random, manner);
        fs::write(files.join(format!("{number:03}.eml")), text).expect("a file");
    }
    [name(&box_path).to_owned(), name(&files).to_owned()]
}

fn signal(child: &Child, which: &str) {
    let sent = Command::new("kill").args([which, &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// Waits until the process ended, or for so long.
fn wait_for(child: &mut Child, time: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < time {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
    None
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let folder = folder();
    let archive = archive(folder.path());
    let out = folder.path().join("out.jsonl");
    let decode = |jobs: &str, flags: &[&str]| {
        let mut command = septet();
        command.args(["decode", "-q", "-j", jobs, "-o", name(&out)]).args(flags).args(&archive);
        command.stderr(Stdio::null());
        command
    };
    let whole = stdout(&["decode", "-q", &archive[0], &archive[1]]);
    let begun = Instant::now();
    assert!(decode("2", &[]).status().expect("runs").success());
    let takes = begun.elapsed().as_micros() as usize;
    assert!(fs::read(&out).expect("a file") == whole);

    let mut random = Random(5);
    let (mut kills, mut cuts) = (0, 0);
    while kills < 20 {
        fs::remove_file(&out).expect("a file");
        loop {
            let mut child =
                decode(["1", "2"][kills % 2], &["--resume"]).spawn().expect("septet starts");
            let time = Duration::from_micros(random.below(takes / 2) as u64);
            if let Some(status) = wait_for(&mut child, time) {
                assert!(status.success(), "{status}");
                break;
            }
            signal(&child, if random.below(2) == 0 { "-KILL" } else { "-INT" });
            child.wait().expect("a child");
            kills += 1;
            let written = fs::read(&out).unwrap_or_default();
            assert!(whole.starts_with(&written), "what is written is a beginning");
            cuts += usize::from(!written.is_empty() && written.len() < whole.len());
            if kills > 60 {
                break;
            }
        }
        assert!(decode("2", &["--resume"]).status().expect("runs").success());
        assert!(fs::read(&out).expect("a file") == whole, "after {kills} kills");
    }
    assert!(cuts >= 3, "{cuts} of {kills} kills came while something was written");
}

#[test]
fn what_exists_is_left_alone() {
    let folder = folder();
    let out = folder.path().join("out.jsonl");
    fs::write(&out, "mine\n").expect("a file");
    for flags in [&[][..], &["--resume"]] {
        let arguments = [&["decode", "-o", name(&out), "testdata/report.eml"], flags].concat();
        let output = run(&arguments);
        assert_eq!((output.status.code(), said(&output).len()), (Some(2), 1), "{flags:?}");
        assert_eq!(fs::read(&out).expect("a file"), b"mine\n");
    }
}

#[test]
fn an_interrupt_leaves_whole_lines() {
    let folder = folder();
    let archive = archive(folder.path());
    let zip = folder.path().join("a.zip");
    let mut writer = zip::ZipWriter::new(fs::File::create(&zip).expect("a file"));
    let (text, _) = mbox(300, 9, Manner::default());
    for member in 0..8 {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(format!("{member}.mbox"), options).expect("a member");
        writer.write_all(&text).expect("written");
    }
    writer.finish().expect("an archive");
    for input in [&archive[0], name(&zip)] {
        let inputs = [input; 4];
        let whole = stdout(&[&["decode", "-q"], &inputs[..]].concat());
        for jobs in ["1", "2"] {
            let mut child = septet()
                .args(["decode", "-j", jobs])
                .args(inputs)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("septet starts");
            let mut found = vec![0; 1000];
            let mut from = child.stdout.take().expect("a pipe");
            from.read_exact(&mut found).expect("a record at least");
            signal(&child, "-INT");
            // Before it is read on, nothing more can be done than a pipe has room for.
            thread::sleep(Duration::from_millis(50));
            from.read_to_end(&mut found).expect("a pipe");
            let output = child.wait_with_output().expect("septet ends");
            assert_eq!(output.status.code(), Some(130), "{input}, {jobs} threads");
            assert!(found.ends_with(b"\n"), "{input}, {jobs} threads");
            assert!(whole.starts_with(&found), "{input}, {jobs} threads: other records");
            assert!(found.len() < whole.len(), "{input}, {jobs} threads: all of it");
        }
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = folder();
    let archive = archive(folder.path());
    for (jobs, format) in [("1", "json"), ("2", "json"), ("2", "csv")] {
        let mut child = septet()
            .args(["decode", "-j", jobs, "--format", format])
            .args(&archive)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("septet starts");
        let mut some = [0; 100];
        child.stdout.take().expect("a pipe").read_exact(&mut some).expect("a record");
        let output = child.wait_with_output().expect("septet ends");
        assert_eq!(output.status.code(), Some(0), "{jobs} threads, {format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{jobs} threads, {format}");
    }
}

/// What a process took at most, in MB: what it says itself, asked until it ends.
fn peak(child: &mut Child) -> u64 {
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        peak = peak.max(number.map_or(0, |number| number.parse::<u64>().expect("a number") / 1000));
        if child.try_wait().expect("a child").is_some() {
            return peak;
        }
        thread::sleep(Duration::from_millis(4));
    }
}

/// Debug builds are slow, and larger.
const IS_DEBUG: bool = cfg!(debug_assertions);

#[test]
fn who_reads_late_is_waited_for() {
    let folder = folder();
    let (path, _) = written(folder.path(), "a.mbox", 2500, Manner::default());
    let inputs = vec![name(&path); if IS_DEBUG { 6 } else { 60 }];
    let mut child = septet()
        .args(["decode", "-q", "-j", "2"])
        .args(&inputs)
        .stdout(Stdio::piped())
        .spawn()
        .expect("septet starts");
    let mut from = child.stdout.take().expect("a pipe");
    let reads = thread::spawn(move || {
        thread::sleep(Duration::from_millis(1500));
        std::io::copy(&mut from, &mut std::io::sink()).expect("a pipe")
    });
    let took = peak(&mut child);
    let len = reads.join().expect("it ends");
    assert!(len > 8 << 20, "{len} octets");
    assert!(took <= 64, "{took} MB");
}

/// A file with this before, over and over so many octets of `piece`, and this behind.
fn filled(path: &Path, before: &str, piece: &str, octets: usize, behind: &str) {
    let mut file = BufWriter::new(fs::File::create(path).expect("a file"));
    file.write_all(before.as_bytes()).expect("written");
    for _ in 0..octets / piece.len() {
        file.write_all(piece.as_bytes()).expect("written");
    }
    file.write_all(behind.as_bytes()).expect("written");
}

#[test]
fn messages_that_do_not_fit_into_memory() {
    const FROM: &str = "From a@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n";
    let scale = |megabytes: usize| (megabytes << 20) / if IS_DEBUG { 12 } else { 1 };
    let base64 = format!("{}\n", "QUJD".repeat(19));
    let attachment = format!(
        "{FROM}Content-Type: application/x\nContent-Disposition: attachment; filename=a\n\
         Content-Transfer-Encoding: base64\n\n"
    );
    let text = format!("{FROM}Content-Type: text/plain; charset=utf-8\n\n");
    let cases: &[(&str, &str, &str, usize)] = &[
        ("a line", &text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", scale(300)),
        ("an attachment", &attachment, &base64, scale(200)),
        ("a text", &text, "words of a text, \u{fc}ber and \u{fc}ber\n", scale(100)),
    ];
    let folder = folder();
    for &(what, before, piece, octets) in cases {
        let path = folder.path().join(what);
        filled(&path, before, piece, octets, "\n\nFrom b@x Tue Jan  2 00:00:00 2024\nA: b\n\nb\n");
        for (jobs, bound) in [("1", if IS_DEBUG { 24 } else { 12 }), ("2", 64)] {
            let mut child = septet()
                .args(["decode", "-q", "--digest", "-j", jobs, name(&path)])
                .stdout(Stdio::piped())
                .spawn()
                .expect("septet starts");
            let mut from = child.stdout.take().expect("a pipe");
            let lines = thread::spawn(move || {
                let (mut lines, mut buffer) = (0, vec![0; 1 << 16]);
                loop {
                    match from.read(&mut buffer).expect("a pipe") {
                        0 => return lines,
                        count => lines += buffer[..count].iter().filter(|&&c| c == b'\n').count(),
                    }
                }
            });
            let took = peak(&mut child);
            assert_eq!(lines.join().expect("it ends"), 2, "{what}");
            println!("{what}, {jobs} threads: {took} MB");
            assert!(took <= bound, "{what}, {jobs} threads: {took} MB");
        }
        fs::remove_file(&path).expect("a file");
    }
}

/// So short messages give far more than they take; what waits for the output is bounded all the same.
#[test]
fn small_messages_make_long_records() {
    let folder = folder();
    let path = folder.path().join("a.mbox");
    let octets = if IS_DEBUG { 1 << 20 } else { 8 << 20 };
    filled(&path, "", "From a@b Mon Jan  1 00:00:00 2024\nA: b\n\n", octets, "");
    let mut child = septet()
        .args(["decode", "-q", "-j", "2", "--fields", "all", name(&path)])
        .stdout(Stdio::null())
        .spawn()
        .expect("septet starts");
    let took = peak(&mut child);
    assert!(took <= 96, "{took} MB");
}
