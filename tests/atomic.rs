//! Whatever happens while a file is replaced, its name stands for all of one content: seen by a
//! reader at any moment, and after the process was killed at any moment.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use septet::mailbox::{Mirror, Replacement, Source, Sources, Store, maildir};

/// Content of which every octet tells which one it is, longer than any buffer.
fn content(version: usize) -> Vec<u8> {
    let letter = b'a' + (version % 26) as u8;
    vec![letter; 150_000 + version % 100]
}

fn is_content(octets: &[u8]) -> bool {
    let version = |len: usize| len.checked_sub(150_000).filter(|&rest| rest < 100);
    version(octets.len()).is_some() && octets.iter().all(|&c| c == octets[0])
}

fn replacement(path: &Path, octets: &[u8]) -> Replacement {
    let store = Store::open(&Source::File(path.to_owned())).expect("readable");
    let metadata = store.metadata().expect("a regular file");
    let mut new = Replacement::in_place(path, metadata).expect("begun");
    for piece in octets.chunks(10_000) {
        new.write_all(piece).expect("written");
    }
    new
}

#[test]
fn a_reader_sees_one_content_or_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.eml");
    fs::write(&path, content(0)).expect("a file");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                let octets = fs::read(&path).expect("always there");
                assert!(is_content(&octets), "{} octets", octets.len());
                seen.insert(octets[0]);
            }
            seen.len()
        });
        for version in 1..=200 {
            let new = replacement(&path, &content(version));
            // Some are given up: what they wrote is never seen.
            if version % 5 == 0 { drop(new) } else { new.commit().expect("committed") }
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().expect("only whole contents") > 1, "replaced under the reader");
    });
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left behind");
}

#[test]
fn a_message_that_gets_another_name_is_always_there_once() {
    const TIMES: usize = 500;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: usize| folder.path().join(name.to_string());
    fs::write(path(0), content(0)).expect("a file");
    // The name that it has or is about to lose; none is used twice.
    let name = AtomicUsize::new(0);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            loop {
                let now = name.load(Ordering::SeqCst);
                if now == TIMES {
                    return;
                }
                let (old, new) = (path(now), path(now + 1));
                assert!(!(new.exists() && old.exists()), "{now}: twice");
                let is_lost = !old.exists() && !new.exists();
                assert!(!is_lost || name.load(Ordering::SeqCst) != now, "{now}: lost");
            }
        });
        for next in 1..=TIMES {
            // The watcher has said why.
            if watcher.is_finished() {
                break;
            }
            let new = replacement(&path(next - 1), &content(next));
            new.commit_as(next.to_string().as_ref()).expect("committed");
            name.store(next, Ordering::SeqCst);
        }
        watcher.join().expect("there once");
    });
}

/// The variable that names the Maildir to a test that is to be killed.
const VICTIM: &str = "SEPTET_TEST_MAILDIR";
const MESSAGES: usize = 5;

fn messages(maildir: &Path) -> Vec<PathBuf> {
    let path = |source| match source {
        Ok(Source::Found(path)) => path,
        other => panic!("{other:?}"),
    };
    Sources::new([maildir.to_owned()]).map(path).collect()
}

/// Not a test by itself: replaces messages until it is killed.
#[test]
fn victim() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    for version in 1..100_000 {
        for path in messages(Path::new(&folder)) {
            let octets = content(version);
            let new = replacement(&path, &octets);
            let size = octets.len() as u64;
            let name = maildir::renamed(path.file_name().expect("a name"), size, size);
            new.commit_as(&name.expect("a size")).expect("committed");
        }
    }
}

/// Ends with the test, however that ends.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn who_is_killed_has_lost_and_doubled_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let maildir = folder.path().join("M");
    for name in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(name)).expect("a folder");
    }
    for number in 0..MESSAGES {
        let path = maildir.join(format!("cur/{number}.host,S=150000:2,S"));
        fs::write(path, content(0)).expect("a file");
    }
    let this = std::env::current_exe().expect("this test");
    for round in 0..30 {
        let before = messages(&maildir);
        let mut command = Command::new(&this);
        command.args(["--exact", "victim"]).env(VICTIM, &maildir).stdout(Stdio::null());
        let victim = Victim(command.spawn().expect("started"));
        let begun = Instant::now();
        while messages(&maildir) == before {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does nothing");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(round * 370));
        drop(victim);
        let after = messages(&maildir);
        let number = |path: &PathBuf| path.file_name().expect("a name").as_encoded_bytes()[0];
        let numbers: Vec<u8> = after.iter().map(number).collect();
        assert_eq!(numbers, b"01234", "{after:?}");
        for path in after {
            let octets = fs::read(&path).expect("readable");
            assert!(is_content(&octets), "{}: {} octets", path.display(), octets.len());
        }
    }
}

/// From a folder with all sorts of sources to an output folder, as `convert -o` does it.
#[test]
fn a_folder_is_mirrored() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, output) = (place.path().join("in"), place.path().join("out"));
    let files = ["a.eml", "b/c.eml", "b/M/cur/1.h,S=3:2,S", "b/M/new/2.h"];
    for name in files.iter().chain(&["b/M/tmp/3", "b/M/maildirfolder"]) {
        let path = input.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, "old").expect("a file");
    }
    let mirror = Mirror::new(&output).expect("an output folder");
    for again in [false, true] {
        let mut sources = Sources::new([input.clone()]);
        while let Some(source) = sources.next() {
            let Ok(Source::Found(path)) = source else { panic!("{source:?}") };
            let target = mirror.path_for(sources.root(), &path).expect("a place");
            let new = if maildir::is_message(&path) {
                Replacement::deliver(&target, None)
            } else {
                Replacement::create_new(&target, None)
            };
            assert_eq!(new.is_err(), again, "{}", target.display());
            if let Ok(mut new) = new {
                new.write_all(b"new").expect("written");
                new.commit().expect("committed");
            }
        }
    }
    for name in files {
        assert_eq!(fs::read(output.join(name)).expect("a file"), b"new", "{name}");
    }
    assert_eq!(fs::read_dir(output.join("b/M/tmp")).expect("a Maildir").count(), 0);
    assert_eq!(messages(&output).len(), files.len());
}
