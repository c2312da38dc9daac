//! `septet convert` as a command: what it reads and writes, its exit status, what it says; and that
//! nothing is lost when it is killed while it replaces files.

#![cfg(all(unix, feature = "cli"))]

mod common;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use common::convert::{convert, dirt};
use common::{files, replace};
use septet::convert::Options;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert").join(name)
}

fn septet(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.arg("convert").args(arguments);
    command
}

/// Runs it with this on standard input.
fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = septet(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("over");
    writer.join().expect("written");
    output
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

#[track_caller]
fn expect(output: &Output, status: i32, stdout: &[u8], stderr: &str) {
    assert_eq!(text(&output.stdout), text(stdout), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains(stderr) && said.is_empty() == stderr.is_empty(), "{said}");
}

fn converted(text: &[u8]) -> Vec<u8> {
    convert(text, &Options::default(), true).1
}

const EIGHT: &str = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\ncafé\n";

#[test]
fn a_filter() {
    let expected = EIGHT
        .replace("utf-8\n", "utf-8\nContent-Transfer-Encoding: quoted-printable\n")
        .replace('é', "=C3=A9");
    expect(&run(&[], EIGHT.as_bytes()), 0, expected.as_bytes(), "");
    expect(&run(&["-"], EIGHT.as_bytes()), 0, expected.as_bytes(), "");
    expect(&run(&["--no-verify"], EIGHT.as_bytes()), 0, expected.as_bytes(), "");
    expect(&run(&[], b""), 0, b"", "");
    let clean = fs::read(fixture("clean.eml")).expect("a fixture");
    expect(&run(&[], &clean), 0, &clean, "");
}

#[test]
fn large_input_through_a_pipe() {
    let line = "dense: ёёёёёёёёёёёёёёёёёёёёёёёё\n";
    let source = EIGHT.to_owned() + &line.repeat(200_000);
    let output = run(&[], source.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(dirt(&output.stdout), None);
    assert!(text(&output.stdout[..200]).contains("base64"));
}

#[test]
fn refusals_pass_and_are_named() {
    for (name, part, reason) in
        [("multipart-signed.eml", "2.1", "S010"), ("local-part.eml", "1", "From")]
    {
        let source = fs::read(fixture(name)).expect("a fixture");
        let output = run(&[], &source);
        expect(&output, 1, &source, reason);
        assert!(text(&output.stderr).contains(&format!("part {part}")), "{output:?}");
        expect(&run(&["--strict"], &source), 1, b"", reason);
    }
}

#[test]
fn signed_parts() {
    let source = fs::read(fixture("multipart-signed.eml")).expect("a fixture");
    let output = run(&["--signed", "skip"], &source);
    assert_eq!(output.status.code(), Some(1), "the result is not clean");
    assert!(text(&output.stdout).contains("inside: é"));
    assert!(text(&output.stdout).contains("outside: =C3=A9"));
    let output = run(&["--signed", "break"], &source);
    assert_eq!((output.status.code(), dirt(&output.stdout)), (Some(0), None));
}

#[test]
fn says_what_it_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.jsonl");
    let path = fixture("nested.eml");
    let arguments = ["--report", report.to_str().expect("a name"), path.to_str().expect("a name")];
    let output = septet(&arguments).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
    let lines = fs::read_to_string(&report).expect("a report");
    assert_eq!(lines.lines().count(), 1);
    let object: serde_json::Value = serde_json::from_str(&lines).expect("JSON");
    assert_eq!(object["schema"], "septet.convert/1");
    assert_eq!(object["action"], "converted");
    assert_eq!(object["verified"], true);
    let changes = object["changes"].as_array().expect("changes");
    let what: Vec<_> = changes.iter().map(|c| (&c["part"], &c["what"])).collect();
    for expected in [("0", "preamble"), ("0", "epilogue"), ("1", "label"), ("1.1", "body")] {
        assert!(
            what.iter().any(|&(part, what)| part == expected.0 && what == expected.1),
            "{what:?}"
        );
    }
    let body = changes.iter().find(|c| c["part"] == "1.1" && c["what"] == "body").expect("it");
    assert_eq!((&body["from"], &body["to"]), (&"8bit".into(), &"quoted-printable".into()));
    // The line end before the delimiter belongs to that.
    assert_eq!((&body["before"], &body["after"]), (&5.into(), &9.into()));

    let output = septet(&["--explain", path.to_str().expect("a name")]).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    for expected in ["1.1", "8bit \u{2192} quoted-printable", "5 B", "9 B", "octets over 127"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

/// What stands between the messages of an mbox stays; each message is converted by itself.
#[test]
fn an_mbox() {
    let source = fs::read(fixture("three.mbox")).expect("a fixture");
    let head = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
                Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n\n\nFrom bob";
    let expected = text(&source).replacen("\ncafé\n\n\nFrom bob", head, 1);
    expect(&run(&[], &source), 1, expected.as_bytes(), "message 2");
    let output = run(&["--strict"], &source);
    let (before, behind) = expected.split_once("From bob").expect("the second");
    let (_, behind) = behind.split_once("two\n\n").expect("its end");
    expect(&output, 1, (before.to_owned() + behind).as_bytes(), "left out");
    let first = expected.split_once("Subject: one").expect("it").1;
    let first = first.split_once("\n\nFrom bob").expect("it").0;
    // Of the two empty lines behind it one belongs to it.
    let first = format!("Subject: one{}\n\n", first.trim_end());
    expect(&run(&["-m", "1"], &source), 0, first.as_bytes(), "");
    expect(&run(&["-m", "3"], &source), 0, b"Subject: three\n\nplain\n", "");
    expect(&run(&["-m", "4"], &source), 1, b"", "no message 4");
    // With CRLF it stays one.
    let crlf = |text: &[u8]| replace(text, b"\n", b"\r\n");
    expect(&run(&[], &crlf(&source)), 1, &crlf(expected.as_bytes()), "message 2");
}

#[test]
fn many_need_a_place() {
    let path = fixture("clean.eml");
    let path = path.to_str().expect("a name");
    let output = septet(&[path, path]).output().expect("run");
    expect(&output, 64, b"", "--in-place");
    let output = run(&["--in-place"], EIGHT.as_bytes());
    expect(&output, 64, b"", "standard input");
}

#[test]
fn the_report_takes_the_place_of_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, output) = (place.path().join("a.eml"), place.path().join("out"));
    fs::write(&input, EIGHT).expect("a file");
    let (from, to) = (input.to_str().expect("a name"), output.to_str().expect("a name"));
    for flags in [&[][..], &["-o", to], &["--in-place"], &["--explain"]] {
        let done = septet(&[flags, &["--report", from, from]].concat()).output().expect("run");
        expect(&done, 2, b"", &format!("{from}: exists already, and is not replaced\n"));
        assert_eq!(text(&done.stderr).lines().count(), 1);
        assert_eq!(fs::read(&input).expect("a file"), EIGHT.as_bytes());
        assert!(!output.exists(), "nothing was done");
    }
    let done = septet(&["-o", "-", from]).current_dir(place.path()).output().expect("run");
    expect(&done, 64, b"", "-o takes a folder");
    assert_eq!(files(place.path()).len(), 1);
}

#[test]
fn a_folder_of_its_own() {
    let place = tempfile::tempdir().expect("a folder");
    let (input, output) = (place.path().join("in"), place.path().join("out"));
    fs::create_dir_all(input.join("sub")).expect("a folder");
    fs::write(input.join("a.eml"), EIGHT).expect("a file");
    fs::write(input.join("sub/b.eml"), "Subject: b\n\nplain\n").expect("a file");
    let (from, to) = (input.to_str().expect("a name"), output.to_str().expect("a name"));
    let done = septet(&["-o", to, from]).output().expect("run");
    expect(&done, 0, b"", "2 messages: 1 converted\n");
    assert_eq!(fs::read(output.join("a.eml")).expect("a file"), converted(EIGHT.as_bytes()));
    let same = fs::read(output.join("sub/b.eml")).expect("a file");
    assert_eq!(same, b"Subject: b\n\nplain\n");
    assert_eq!(fs::read(input.join("a.eml")).expect("a file"), EIGHT.as_bytes());
    assert_eq!(files(&output).len(), 2);
    // What is there is not overwritten.
    fs::write(output.join("a.eml"), "mine").expect("a file");
    let done = septet(&["-o", to, from]).output().expect("run");
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
    assert_eq!(fs::read(output.join("a.eml")).expect("a file"), b"mine");
}

/// Members of archives become files where the archive says, and none outside.
#[cfg(all(unix, feature = "archives"))]
#[test]
fn archives_into_a_folder() {
    use std::os::unix::fs::PermissionsExt;
    const MEMBERS: &[(&str, Option<&str>)] = &[
        ("./a.eml", Some("a.eml")),
        ("Mail/cur/1.M1.h,S=32:2,S", Some("Mail/cur/1.M1.h,S=64:2,S")),
        ("Mail/deep/b.eml", Some("Mail/deep/b.eml")),
        ("../up.eml", None),
        ("x/../../up.eml", None),
        ("/absolute.eml", None),
    ];
    let expected = converted(EIGHT.as_bytes());
    let sized = |name: &str| {
        name.replace("S=64", &format!("S={}", expected.len()))
            .replace("S=32", &format!("S={}", EIGHT.len()))
    };
    let place = tempfile::tempdir().expect("a folder");
    let path = |name: &str| place.path().join(name);
    let mut tar = tar::Builder::new(Vec::new());
    for (name, _) in MEMBERS {
        let mut header = tar::Header::new_ustar();
        let name = sized(name);
        header.as_ustar_mut().expect("ustar").name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(EIGHT.len() as u64);
        header.set_cksum();
        tar.append(&header, EIGHT.as_bytes()).expect("memory");
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar.into_inner().expect("memory")).expect("memory");
    fs::create_dir_all(path("in/sub")).expect("a folder");
    fs::write(path("in/sub/x.tar.gz"), gzip.finish().expect("memory")).expect("a file");
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path("in/sub/x.tar.gz"), private).expect("a mode");
    for (input, below) in [("in/sub/x.tar.gz", ""), ("in", "sub/x.tar.gz/")] {
        let (from, to) = (path(input), path("out"));
        let arguments = ["-qo", to.to_str().expect("a name"), from.to_str().expect("a name")];
        let done = septet(&arguments).output().expect("run");
        let said = text(&done.stderr);
        assert_eq!((done.status.code(), said.lines().count()), (Some(2), 3), "{said}");
        for name in ["../up.eml", "x/../../up.eml", "/absolute.eml"] {
            let line = format!("x.tar.gz!{name}: has no place in the output folder");
            assert!(said.contains(&line), "{said}");
        }
        let places = MEMBERS.iter().filter_map(|(_, place)| *place);
        for name in places.map(|name| to.join(format!("{below}{}", sized(name)))) {
            assert_eq!(fs::read(&name).expect("a file"), expected, "{}", name.display());
            let mode = fs::metadata(&name).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "no less private than the archive");
        }
        assert_eq!(files(&to).len(), 3, "{:?}", files(&to));
        fs::remove_dir_all(&to).expect("removed");
        assert_eq!(files(place.path()).len(), 1, "nothing outside");
    }
}

/// What was compressed alone loses the ending that says so.
#[cfg(feature = "archives")]
#[test]
fn what_is_compressed_into_a_folder() {
    let place = tempfile::tempdir().expect("a folder");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(EIGHT.as_bytes()).expect("memory");
    let octets = gzip.finish().expect("memory");
    for (name, expected) in [("a.eml.gz", "a.eml"), ("b", "b"), (".gz", ".gz")] {
        let (from, to) = (place.path().join(name), place.path().join("out"));
        fs::write(&from, &octets).expect("a file");
        let arguments = ["-qo", to.to_str().expect("a name"), from.to_str().expect("a name")];
        let done = septet(&arguments).output().expect("run");
        expect(&done, 0, b"", "");
        let made = fs::read(to.join(expected)).expect("a file");
        assert_eq!(made, converted(EIGHT.as_bytes()), "{name}");
    }
}

#[test]
fn a_maildir_in_place() {
    let place = tempfile::tempdir().expect("a folder");
    let maildir = place.path().join("M");
    for name in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(name)).expect("a folder");
    }
    let size = EIGHT.len();
    let wire = size + EIGHT.matches('\n').count();
    fs::write(maildir.join(format!("cur/1.a.h,S={size},W={wire}:2,FS")), EIGHT).expect("a file");
    fs::write(maildir.join("new/2.b.h"), EIGHT).expect("a file");
    fs::write(maildir.join("cur/3.c.h,S=99:2,S"), "Subject: x\n\nplain\n").expect("a file");
    fs::write(maildir.join("tmp/4.d.h"), EIGHT).expect("a file");
    let done = septet(&["-qi", maildir.to_str().expect("a name")]).output().expect("run");
    expect(&done, 0, b"", "");
    let new = converted(EIGHT.as_bytes());
    let wire = new.len() + new.iter().filter(|&&c| c == b'\n').count();
    let expected: BTreeMap<String, Vec<u8>> = [
        (format!("cur/1.a.h,S={},W={wire}:2,FS", new.len()), new.clone()),
        ("new/2.b.h".to_owned(), new),
        // What needs nothing is not touched, not even its name.
        ("cur/3.c.h,S=99:2,S".to_owned(), b"Subject: x\n\nplain\n".to_vec()),
        ("tmp/4.d.h".to_owned(), EIGHT.as_bytes().to_vec()),
    ]
    .into();
    let name = |path: &PathBuf| path.strip_prefix(&maildir).expect("below").display().to_string();
    let read = |path: PathBuf| (name(&path), fs::read(&path).expect("a file"));
    let found: BTreeMap<_, _> = files(&maildir).into_iter().map(read).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_needs_nothing_keeps_its_file() {
    use std::os::unix::fs::MetadataExt;
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("a.eml");
    fs::copy(fixture("clean.eml"), &path).expect("a file");
    let before = fs::metadata(&path).expect("a file").ino();
    let done = septet(&["-i", path.to_str().expect("a name")]).output().expect("run");
    expect(&done, 0, b"", "");
    assert_eq!(fs::metadata(&path).expect("a file").ino(), before);
    assert_eq!(files(place.path()).len(), 1);
}

#[test]
fn what_cannot_be_read_or_written() {
    let place = tempfile::tempdir().expect("a folder");
    let missing = place.path().join("missing.eml");
    let output = septet(&[missing.to_str().expect("a name")]).output().expect("run");
    expect(&output, 2, b"", "missing.eml");
    let path = fixture("nested.eml");
    let path = path.to_str().expect("a name");
    if Path::new("/dev/full").exists() {
        let full = || fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        for arguments in [&[path][..], &["--explain", path]] {
            let output = septet(arguments).stdout(full()).output().expect("run");
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            assert!(!output.stderr.is_empty(), "{arguments:?}");
        }
        let output = septet(&["--report", "/dev/full", path]).output().expect("run");
        assert_eq!(output.status.code(), Some(2), "the report");
    }
    let file = place.path().join("file");
    fs::write(&file, "").expect("a file");
    let below = file.join("out");
    let output = septet(&["-o", below.to_str().expect("a name"), path]).output().expect("run");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn nobody_reads_the_output() {
    let source = EIGHT.to_owned() + &"café and more of it\n".repeat(100_000);
    let place = tempfile::tempdir().expect("a folder");
    let path = place.path().join("a.eml");
    fs::write(&path, source).expect("a file");
    let mut child = septet(&[path.to_str().expect("a name")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_exact(&mut first).expect("some");
    drop(stdout);
    let output = child.wait_with_output().expect("over");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("panicked"));
}

/// A message of which every octet tells its number; no line of it needs another.
fn numbered(number: usize) -> Vec<u8> {
    let line = format!("é {number:03} ");
    let mut message = format!("Subject: {number:03}\n\n").into_bytes();
    (0..200 + number).for_each(|_| message.extend_from_slice(format!("{line}\n").as_bytes()));
    message
}

/// Every message is there once, as it was or converted; what is left behind is no message.
fn assert_all_there(folder: &Path, messages: &[(Vec<u8>, Vec<u8>)], round: u64) -> usize {
    let mut seen = vec![0; messages.len()];
    let mut done = 0;
    let hidden = |path: &PathBuf| {
        let name: OsString = path.file_name().expect("a name").to_owned();
        name.as_encoded_bytes().starts_with(b".")
            || path.parent().is_some_and(|p| p.ends_with("tmp"))
    };
    for path in files(folder).into_iter().filter(|path| !hidden(path)) {
        let octets = fs::read(&path).expect("readable");
        let number = octets.get(9..12).and_then(|n| std::str::from_utf8(n).ok()?.parse().ok());
        let Some(number): Option<usize> = number else { panic!("{}", path.display()) };
        let (old, new) = &messages[number];
        assert!(octets == *old || octets == *new, "round {round}: {}", path.display());
        done += usize::from(octets == *new);
        seen[number] += 1;
    }
    let wrong: Vec<_> = seen.iter().enumerate().filter(|(_, count)| **count != 1).collect();
    assert!(wrong.is_empty(), "round {round}: lost or doubled: {wrong:?}");
    done
}

/// Kills it while it replaces files, a little later each time.
fn killed(name: impl Fn(usize, usize) -> String) {
    const MESSAGES: usize = 300;
    const ROUNDS: u64 = 15;
    let messages: Vec<_> = (0..MESSAGES)
        .map(|number| {
            let old = numbered(number);
            let new = converted(&old);
            assert_eq!(dirt(&new), None);
            (old, new)
        })
        .collect();
    let mut stopped = 0;
    for round in 0..ROUNDS {
        let place = tempfile::tempdir().expect("a folder");
        for (number, (old, _)) in messages.iter().enumerate() {
            let path = place.path().join(name(number, old.len()));
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, old).expect("a file");
        }
        if place.path().join("cur").exists() {
            fs::create_dir_all(place.path().join("new")).expect("a folder");
            fs::create_dir_all(place.path().join("tmp")).expect("a folder");
        }
        let path = place.path().to_str().expect("a name").to_owned();
        let mut victim = septet(&["--in-place", &path]).spawn().expect("started");
        // It is killed when it has done a certain message, not by the clock alone.
        let number = (round as usize * 37) % MESSAGES;
        let witness = place.path().join(name(number, messages[number].0.len()));
        let is_done = || fs::read(&witness).map_or(true, |octets| octets != messages[number].0);
        while !is_done() && victim.try_wait().expect("a child").is_none() {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(Duration::from_micros(round * 290));
        let _ = victim.kill();
        let _ = victim.wait();
        let done = assert_all_there(place.path(), &messages, round);
        stopped += usize::from(done < MESSAGES);
        // A second run ends what the first began.
        if round % 5 == 0 {
            let output = septet(&["--in-place", &path]).output().expect("run");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_eq!(assert_all_there(place.path(), &messages, round), MESSAGES);
        }
    }
    assert!(stopped > 5, "only {stopped} of {ROUNDS} were stopped in the middle");
}

#[test]
fn killed_in_a_folder() {
    killed(|number, _| format!("{}/{number}.eml", number % 3));
}

#[test]
fn killed_in_a_maildir() {
    killed(|number, size| format!("cur/{number}.M1.h,S={size}:2,S"));
}
