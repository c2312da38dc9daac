//! Long work: the bar that is drawn while it lasts, and Ctrl-C, after which all that has a name is
//! whole.
#![cfg(all(unix, feature = "cli"))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const SEPTET: &str = env!("CARGO_BIN_EXE_septet");

/// Longer than what is read before the first message is looked at.
const BODY: usize = 2000;

/// A message of an mbox, in two halves.
fn halves(number: usize) -> (String, String) {
    let lines =
        |count| format!("a line of the body of message {number}, long enough\n").repeat(count);
    let from = "From a@example.org Mon Jan  1 00:00:00 2024\n";
    (format!("{from}Subject: m{number}\n\n{}", lines(BODY)), format!("{}\n", lines(BODY)))
}

fn whole(number: usize) -> String {
    let (first, rest) = halves(number);
    first + &rest
}

/// The body of a message as it is in a file of its own.
fn body(number: usize) -> String {
    let message = whole(number);
    let (_, body) = message.split_once("\n\n").expect("a body");
    body[..body.len() - 1].to_owned()
}

/// All files below a folder with their sizes, sorted.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => open.push(path),
                Ok(metadata) => found.push((path, metadata.len())),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".septet-"))
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn start(folder: &Path, arguments: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut command = Command::new(SEPTET);
    command.current_dir(folder).args(arguments);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("septet starts");
    let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    (child, stderr)
}

fn feed(child: &mut Child, text: &str) {
    child.stdin.as_mut().expect("a pipe").write_all(text.as_bytes()).expect("septet reads");
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

/// The first Ctrl-C, which is answered by a line.
fn interrupt_once(child: &Child, stderr: &mut BufReader<ChildStderr>) {
    interrupt(child);
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.starts_with("septet: interrupted: finishing"), "{line:?}");
}

/// Waits for the end of a run that was interrupted, and gives what it printed and said.
fn ended(mut child: Child, mut stderr: BufReader<ChildStderr>) -> (String, String) {
    drop(child.stdin.take());
    let (mut printed, mut said) = (String::new(), String::new());
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut printed).expect("text");
    }
    stderr.read_to_string(&mut said).expect("text");
    let status = child.wait().expect("septet ends");
    assert_eq!(status.code(), Some(130), "{said}");
    (printed, said)
}

/// Interrupted in the third message of four, the third is finished and the fourth is not begun.
#[test]
fn ctrl_c_ends_between_two_messages() {
    const CASES: &[(&[&str], &str)] = &[
        (&["copy", "-", "-o", "out/"], "septet: out/: interrupted: 3 messages copied\n"),
        (
            &["copy", "-q", "-", "-o", "out", "--to", "maildir"],
            "septet: out: interrupted: 3 messages copied\n",
        ),
        (&["copy", "-", "-o", "out.mbox"], "septet: out.mbox: interrupted, so it is not there\n"),
        (&["extract", "-", "-qd", "out"], ""),
        (&["extract", "-", "-qd", "out", "--where", "size>0"], ""),
    ];
    for (arguments, expected) in CASES {
        let place = tempfile::tempdir().expect("a folder");
        let place = place.path();
        let (mut child, mut stderr) = start(place, arguments);
        let (first, rest) = halves(3);
        feed(&mut child, &format!("{}{}{first}", whole(1), whole(2)));
        // The third is begun: two are whole, and there is something of another one.
        let message = body(1).len() as u64;
        wait_until("three messages", || {
            let files = files(place);
            files.len() == 3 || files.iter().any(|(_, len)| *len > 2 * message + 200)
        });
        interrupt_once(&child, &mut stderr);
        // It ends before it has read all of the fourth.
        let more = rest + &whole(4);
        let _ = child.stdin.as_mut().expect("a pipe").write_all(more.as_bytes());
        assert_eq!(ended(child, stderr), (String::new(), (*expected).to_owned()), "{arguments:?}");
        let found = files(place);
        let has = |number| {
            let body = body(number);
            found
                .iter()
                .any(|(path, _)| fs::read_to_string(path).is_ok_and(|it| it.ends_with(&body)))
        };
        let kept = if expected.ends_with("not there\n") { 0 } else { 3 };
        assert_eq!(found.len(), kept, "{arguments:?}: {found:?}");
        assert!((1..=kept).all(has), "{arguments:?}");
    }
}

/// Of an mbox that is split, those are kept that were complete.
#[test]
fn what_was_split_off_stays() {
    let place = tempfile::tempdir().expect("a folder");
    let place = place.path();
    let (mut child, mut stderr) = start(place, &["copy", "-", "-o", "x.mbox", "--split", "250K"]);
    let (first, rest) = halves(3);
    feed(&mut child, &format!("{}{}{first}", whole(1), whole(2)));
    wait_until("the second file", || {
        files(place).iter().any(|(path, len)| is_unfinished(path) && *len > 1000)
            && place.join("x-0001.mbox").exists()
    });
    interrupt_once(&child, &mut stderr);
    feed(&mut child, &rest);
    let (_, said) = ended(child, stderr);
    assert_eq!(said, "septet: x-0002.mbox: interrupted, so it is not there\n");
    let kept = fs::read_to_string(place.join("x-0001.mbox")).expect("a file");
    assert_eq!((files(place).len(), kept), (1, whole(1) + &whole(2)));
}

/// Nothing is said of messages that were not all read.
#[test]
fn what_is_read_twice_ends_before_anything_is_told() {
    for arguments in [&["diff", "-", "x.mbox"][..], &["join", "-"], &["join", "-o", "out"]] {
        let place = tempfile::tempdir().expect("a folder");
        fs::write(place.path().join("x.mbox"), whole(1)).expect("a file");
        let (mut child, mut stderr) = start(place.path(), arguments);
        let (first, rest) = halves(3);
        feed(&mut child, &format!("{}{}{first}", whole(1), whole(2)));
        interrupt_once(&child, &mut stderr);
        // It may have ended by now.
        let _ = child.stdin.as_mut().expect("a pipe").write_all((rest + &whole(4)).as_bytes());
        assert_eq!(ended(child, stderr), (String::new(), String::new()), "{arguments:?}");
        assert_eq!(files(place.path()).len(), 1, "{arguments:?}");
    }
}

/// What goes through a pipe ends with a whole message, or a whole line.
#[test]
fn ctrl_c_leaves_no_half_line() {
    for arguments in [&["tree", "--json", "-"], &["headers", "--json", "-"]] {
        let place = tempfile::tempdir().expect("a folder");
        let (mut child, mut stderr) = start(place.path(), arguments);
        let small = "From a Mon Jan  1 00:00:00 2024\nSubject: a\n\nbody\n\n";
        let (first, rest) = halves(0);
        let mut stdout = child.stdout.take().expect("a pipe");
        let (begun, has_begun) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut printed = vec![0];
            stdout.read_exact(&mut printed).expect("JSON");
            begun.send(()).expect("somebody waits");
            stdout.read_to_end(&mut printed).expect("JSON");
            String::from_utf8(printed).expect("UTF-8")
        });
        // More than waits in a buffer before it is printed.
        feed(&mut child, &(small.repeat(2000) + &first));
        has_begun.recv_timeout(Duration::from_secs(30)).expect("octets");
        interrupt_once(&child, &mut stderr);
        // It may have ended by now.
        let _ = child.stdin.as_mut().expect("a pipe").write_all((rest + small).as_bytes());
        let (_, said) = ended(child, stderr);
        assert_eq!(said, "");
        let printed = reader.join().expect("read");
        assert!(printed.ends_with('\n') && printed.lines().count() < 2002, "{arguments:?}");
        for line in printed.lines() {
            serde_json::from_str::<serde_json::Value>(line).expect("an object");
        }
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let place = tempfile::tempdir().expect("a folder");
    let (mut child, mut stderr) = start(place.path(), &["extract", "-", "-qd", "out"]);
    feed(&mut child, &halves(1).0);
    wait_until("a file", || files(place.path()).len() == 1);
    interrupt_once(&child, &mut stderr);
    interrupt(&child);
    // Its standard input is still open.
    wait_until("its end", || child.try_wait().expect("a child").is_some());
    ended(child, stderr);
    let stale = files(place.path());
    assert!(stale.iter().all(|(path, _)| is_unfinished(path)), "{stale:?}");
    // What is left of it is no mail, nor in the way.
    fs::write(place.path().join("out/in.eml"), "Subject: x\n\nx\n").expect("a file");
    let again = Command::new(SEPTET)
        .current_dir(place.path())
        .args(["extract", "-d", "out", "out"])
        .output()
        .expect("septet runs");
    assert_eq!(String::from_utf8_lossy(&again.stderr), "");
    assert_eq!(files(place.path()).len(), stale.len() + 2);
}

/// A message in a pipe with a name comes when it is interrupted already.
#[test]
fn ctrl_c_while_files_are_converted() {
    let message = "Subject: x\n\n\u{fc}\n";
    let mbox = format!("From a Mon Jan  1 00:00:00 2024\n{message}\n").repeat(2);
    let there = |name: &str| format!("septet: {name}: interrupted, so it is not there\n");
    let place = tempfile::tempdir().expect("a folder");
    let real = fs::canonicalize(place.path()).expect("a path");
    let cases = [
        (message, &["a.eml", "pipe"][..], String::new()),
        (&mbox, &["a.eml"], there(&real.join("out/pipe").display().to_string())),
    ];
    for (octets, expected, line) in cases {
        let path = |name: &str| place.path().join(name);
        for name in ["a.eml", "b.eml"] {
            fs::write(path(name), message).expect("a file");
        }
        assert!(Command::new("mkfifo").arg(path("pipe")).status().expect("mkfifo").success());
        let arguments = ["convert", "-q", "-o", "out", "a.eml", "pipe", "b.eml"];
        let (child, mut stderr) = start(place.path(), &arguments);
        // It can be opened once the first file is done and septet waits for the second.
        let mut pipe = File::options().write(true).open(path("pipe")).expect("septet reads");
        interrupt_once(&child, &mut stderr);
        pipe.write_all(octets.as_bytes()).expect("septet reads");
        drop(pipe);
        assert_eq!(ended(child, stderr), (String::new(), line));
        let found: Vec<_> = files(&path("out")).into_iter().map(|(path, _)| path).collect();
        assert_eq!(found, expected.iter().map(|name| path("out").join(name)).collect::<Vec<_>>());
        fs::remove_dir_all(path("out")).expect("removed");
        fs::remove_file(path("pipe")).expect("removed");
    }
}

/// An mbox stays as it was in place; what goes to standard output ends with a whole message.
#[test]
fn ctrl_c_while_an_mbox_is_converted() {
    const COUNT: usize = 20_000;
    let message = "From a Mon Jan  1 00:00:00 2024\nSubject: x\n\nB\u{fc}cher\n\n";
    let mbox = message.repeat(COUNT);
    let place = tempfile::tempdir().expect("a folder");
    let (one, all) = (place.path().join("1.mbox"), place.path().join("x.mbox"));
    fs::write(&one, message).expect("a file");
    fs::write(&all, &mbox).expect("a file");
    let once = Command::new(SEPTET).args(["convert"]).arg(one).output().expect("septet runs");
    let converted = String::from_utf8(once.stdout).expect("UTF-8");
    assert_ne!(converted, message);

    let (child, mut stderr) = start(place.path(), &["convert", "--in-place", "x.mbox"]);
    wait_until("a result", || files(place.path()).iter().any(|(path, _)| is_unfinished(path)));
    interrupt_once(&child, &mut stderr);
    let said = "septet: x.mbox: interrupted, so it stays as it is\n";
    assert_eq!(ended(child, stderr), (String::new(), said.to_owned()));
    assert!(fs::read_to_string(&all).expect("a file") == mbox);
    assert_eq!(files(place.path()).len(), 2);

    let (mut child, mut stderr) = start(place.path(), &["convert", "x.mbox"]);
    let mut begun = [0];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut begun).expect("septet writes");
    interrupt_once(&child, &mut stderr);
    let (printed, said) = ended(child, stderr);
    assert_eq!(said, "");
    let printed = String::from_utf8_lossy(&begun) + printed.as_str() + "\n";
    let count = printed.len() / converted.len();
    assert!((1..COUNT).contains(&count) && printed == converted.repeat(count), "{count}");
}

/// Each case: whether standard output is the terminal, whether a bar is expected, the arguments.
const BARS: &str = r#"
import fcntl, json, os, pty, select, struct, subprocess, sys, termios, time
septet, place = sys.argv[1:3]
cases = [
    (True, True, ["copy", "-", "-o", "e/"]),
    (False, True, ["copy", "-", "-o", "x.mbox"]),
    (False, False, ["copy", "-", "-o", "-"]),
    (True, True, ["extract", "-", "-qd", "a"]),
    (True, False, ["extract", "-", "-d", "b"]),
    (True, False, ["extract", "-", "-qd", "c", "--manifest", "-"]),
    (False, True, ["extract", "-", "-d", "d"]),
    (False, True, ["tree", "--json", "-"]),
    (True, False, ["tree", "--json", "-"]),
    (False, False, ["tree", "-"]),
    (False, True, ["convert", "-"]),
    (True, False, ["convert", "-"]),
    (True, True, ["convert", "/dev/stdin", "-o", "f"]),
    (False, False, ["convert", "--explain", "-"]),
]
message = b"From a@example.org Mon Jan  1 00:00:00 2024\nSubject: x\n\n" + b"a line\n" * 20000 + b"\n"
runs = []
for to_terminal, expected, arguments in cases:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = subprocess.Popen(
        [septet] + arguments, cwd=place, stdin=subprocess.PIPE, stderr=theirs,
        stdout=theirs if to_terminal else subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    runs.append([child, ours, b""])
def read(seconds):
    end = time.time() + seconds
    while time.time() < end:
        for ours in select.select([run[1] for run in runs if run[1]], [], [], 0.05)[0]:
            run = next(run for run in runs if run[1] == ours)
            try:
                run[2] += os.read(ours, 65536)
            except OSError:
                os.close(ours)
                run[1] = None
        if all(run[1] is None for run in runs):
            return
        if all(b" messages" in run[2] for run, case in zip(runs, cases) if case[1]):
            end = min(end, time.time() + 0.5)
for child, _, _ in runs:
    child.stdin.write(message)
    child.stdin.flush()
read(30)
bars = [b" messages" in run[2] for run in runs]
for child, _, _ in runs:
    child.stdin.close()
while any(run[1] is not None for run in runs):
    read(30)
for (child, _, seen), bar, case in zip(runs, bars, cases):
    status = child.wait()
    # What is behind the last clearing of a line is a summary at most.
    cleared = not bar or b" messages" not in seen.split(b"\x1b[2K")[-1]
    if status != 0 or bar != case[1] or not cleared:
        print(case, status, bar, cleared, seen[-200:])
"#;

#[test]
fn a_bar_is_drawn_where_nothing_else_is() {
    let place = tempfile::tempdir().expect("a folder");
    let script = place.path().join("bars.py");
    fs::write(&script, BARS).expect("a file");
    let ran = Command::new("python3").arg(script).arg(SEPTET).arg(place.path()).output();
    let Ok(output) = ran else {
        println!("skipped: there is no python3");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}
