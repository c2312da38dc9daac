//! `septet copy`: what goes from mailbox to mailbox stays the same, octet for octet, with its flags
//! and times; whatever happens, what has a name is whole.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

fn septet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().expect("runs")
}

/// Runs `septet copy`, which is to succeed without a word, and gives its standard output.
fn copy(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = septet(folder, &[&["copy", "-q"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""), "{arguments:?}");
    output.stdout
}

fn place() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// All files below a folder, sorted by path.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// The contents of all files below a folder, sorted.
fn contents(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> = files(folder)
        .iter()
        .map(|path| fs::read(path).expect("a file").escape_ascii().to_string())
        .collect();
    found.sort();
    found
}

fn write(folder: &Path, name: &str, octets: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, octets).expect("a file");
}

/// Messages that are hard to keep in an mbox.
const HARD: &[(&str, &[u8])] = &[
    ("plain", b"Subject: plain\n\nhello\n"),
    ("From_ lines", b"Subject: from\n\nFrom me\n>From you\n>>From him\n> From her\nFrom \n"),
    ("a whole mbox", b"Subject: m\n\nFrom a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nFrom c\n"),
    ("CRLF", b"Subject: crlf\r\n\r\nFrom me\r\n\r\n>From you\r\n"),
    ("empty lines at the end", b"Subject: lines\n\nbody\n\n\n\n"),
    ("no body", b"Subject: none\n\n"),
    ("only empty lines", b"Subject: empty\n\n\n\n"),
    ("both line ends", b"Subject: both\r\n\nFrom a\r\nFrom b\n"),
    ("flags from elsewhere", b"Status: RO\nSubject: flags\nX-Status: F\n\nbody\n"),
    ("a multipart", b"Content-Type: multipart/mixed; boundary=b\n\nFrom x\n--b\n\n>From y\n--b--\nFrom z\n"),
    (
        "a message inside",
        b"Content-Type: message/rfc822\n\n>From inner\nSubject: inner\n\nFrom text\n",
    ),
    (
        "an encoded message inside",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKRnJvbSB5Cg==\n",
    ),
    ("octets", b"Subject: \xff\n\n\0\xfe\xff\nFrom \x80\n"),
    ("a line that is no field", b"Subject: junk\nno field here\nX: y\n\nbody\n"),
    ("lines at the end, and the last of all", b"Subject: end\n\nbody\n\n\n\n"),
];

/// A message, after it was in an mbox: there its last line has an end.
const UNENDED: &[(&str, &[u8], &[u8])] = &[
    ("LF", b"Subject: x\n\nFrom here", b"Subject: x\n\nFrom here\n"),
    ("CRLF", b"Subject: x\r\n\r\nlast", b"Subject: x\r\n\r\nlast\r\n"),
    ("From", b"Subject: x\n\nFrom", b"Subject: x\n\nFrom\n"),
    ("quoted", b"Subject: x\n\n>>", b"Subject: x\n\n>>\n"),
];

#[test]
fn messages_stay_what_they_are() {
    let place = place();
    let place = place.path();
    for (i, (_, message)) in HARD.iter().enumerate() {
        write(place, &format!("in/{i:02}.eml"), message);
    }
    let messages = contents(&place.join("in"));
    copy(place, &["in", "-o", "1.mbox"]);
    copy(place, &["1.mbox", "-o", "eml/"]);
    assert_eq!(contents(&place.join("eml")), messages, "out of an mbox");
    copy(place, &["eml", "-o", "2.mbox"]);
    copy(place, &["1.mbox", "-o", "3.mbox"]);
    let mbox = fs::read(place.join("1.mbox")).expect("an mbox");
    assert_eq!(fs::read(place.join("3.mbox")).expect("an mbox"), mbox, "mbox to mbox");
    copy(place, &["in", "-o", "Direct", "--to", "maildir"]);
    assert_eq!(contents(&place.join("Direct")), messages, "straight into a Maildir");
    copy(place, &["1.mbox", "-o", "Maildir", "--to", "maildir"]);
    assert_eq!(contents(&place.join("Maildir")), messages, "by way of an mbox");
    copy(place, &["Maildir", "-o", "4.mbox"]);
    for mbox in ["2.mbox", "3.mbox", "4.mbox"] {
        let folder = format!("from-{mbox}/");
        copy(place, &[mbox, "-o", &folder]);
        assert_eq!(contents(&place.join(folder)), messages, "{mbox}");
    }
}

#[test]
fn in_an_mbox_the_last_line_has_an_end() {
    for (what, message, ended) in UNENDED {
        let place = place();
        let place = place.path();
        write(place, "a.eml", message);
        write(place, "b.eml", b"Subject: next\n\nbody\n");
        copy(place, &["a.eml", "b.eml", "-o", "x.mbox"]);
        copy(place, &["x.mbox", "-o", "out/"]);
        let out = |name: &str| fs::read(place.join("out").join(name)).expect("a message");
        assert_eq!(out("000001.eml").escape_ascii().to_string(), ended.escape_ascii().to_string());
        assert_eq!(out("000002.eml"), b"Subject: next\n\nbody\n", "{what}");
        copy(place, &["a.eml", "-o", "as-it-is/"]);
        assert_eq!(fs::read(place.join("as-it-is/000001.eml")).expect("a message"), *message);
    }
}

/// An mbox as others write it, there and back by way of a Maildir: `From ` lines, dates, flags.
#[test]
fn an_mbox_comes_back_from_a_maildir() {
    let mbox = "\
From a@example.org Mon Jan  1 00:00:00 2024
Return-Path: <a@example.org>
Subject: one

>From here

From MAILER-DAEMON Tue Jan  2 10:20:30 2024
Subject: two

>>From there

";
    let place = place();
    let place = place.path();
    write(place, "in.mbox", mbox.as_bytes());
    copy(place, &["in.mbox", "-o", "M", "--to", "maildir"]);
    let found = files(&place.join("M"));
    assert_eq!(found.len(), 2);
    for (path, (size, seconds)) in found.iter().zip([(53, 1_704_067_200), (26, 1_704_190_830)]) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(path.starts_with(place.join("M/new")) && !name.contains(':'), "{name}");
        let metadata = fs::metadata(path).expect("a file");
        assert!(name.ends_with(&format!(",S={}", metadata.len())), "{name}");
        assert_eq!(metadata.len(), size, "{name}");
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(metadata.modified().expect("a time"), then, "{name}");
    }
    let back = copy(place, &["M", "-o", "-"]);
    assert_eq!(String::from_utf8_lossy(&back), mbox);
}

#[test]
fn flags_are_carried() {
    const CASES: &[(&str, &str, &str)] = &[
        ("", "new", ""),
        ("Status: O\n", "cur", ":2,"),
        ("Status: RO\n", "cur", ":2,S"),
        ("Status: RO\nX-Status: AF\n", "cur", ":2,FRS"),
        ("X-Status: DT\nStatus: R\n", "cur", ":2,DST"),
    ];
    for (fields, folder, ending) in CASES {
        let place = place();
        let place = place.path();
        let message = format!("Subject: x\n{fields}\nbody\n");
        let mbox = format!("From a Mon Jan  1 00:00:00 2024\n{message}\n");
        write(place, "in.mbox", mbox.as_bytes());
        copy(place, &["in.mbox", "-o", "M", "--to", "maildir"]);
        let found = files(&place.join("M"));
        let name = found[0].file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(found[0].starts_with(place.join("M").join(folder)), "{name}");
        assert_eq!(&name[name.find(':').unwrap_or(name.len())..], *ending, "{fields}");
        let back = String::from_utf8(copy(place, &["M", "-o", "-"])).expect("text");
        let (_, back) = back.split_once('\n').expect("a From_ line");
        assert_eq!(back, format!("{message}\n"), "the fields say so already");
        copy(place, &["M", "-o", "N", "--to", "maildir"]);
        assert!(files(&place.join("N"))[0].to_string_lossy().ends_with(ending), "{fields}");
    }
}

/// The flags in a Maildir count, whatever fields a message has.
#[test]
fn flags_become_fields() {
    const CASES: &[(&str, &str, &str)] = &[
        ("cur/1.h:2,S", "A: b\n\nx\n", "A: b\nStatus: RO\n\nx\n"),
        ("cur/1.h:2,DFPRST", "A: b\n\nx\n", "A: b\nStatus: RO\nX-Status: AFTD\n\nx\n"),
        ("cur/1.h:2,F", "A: b\r\n\r\nx\r\n", "A: b\r\nStatus: O\r\nX-Status: F\r\n\r\nx\r\n"),
        ("cur/1.h:2,S", "Status: O\nA: b\nX-Status: F\n\nx\n", "A: b\nStatus: RO\n\nx\n"),
        ("new/1.h", "Status: RO\nA: b\n\nx\n", "A: b\n\nx\n"),
        ("cur/1.h:2,S", "A: b\nstatus: OR\n\nx\n", "A: b\nstatus: OR\n\nx\n"),
        ("cur/1.h:2,S", "A: b", "A: b\nStatus: RO\n"),
        ("cur/1.h:2,S", "A: b\nStatus: O", "A: b\nStatus: RO\n"),
        ("cur/1.h:2,S", "\nx\n", "Status: RO\n\nx\n"),
    ];
    for (name, message, expected) in CASES {
        let place = place();
        for folder in ["cur", "new"] {
            fs::create_dir(place.path().join(folder)).expect("a folder");
        }
        write(place.path(), name, message.as_bytes());
        let mbox = String::from_utf8(copy(
            Path::new("/"),
            &[place.path().to_str().expect("a path"), "-o", "-"],
        ));
        let mbox = mbox.expect("text");
        let (_, found) = mbox.split_once('\n').expect("a From_ line");
        let line_end = if message.contains('\r') { "\r\n" } else { "\n" };
        assert_eq!(found, format!("{expected}{line_end}"), "{name}: {message:?}");
    }
}

#[test]
fn who_sent_it_and_when() {
    const CASES: &[(&str, &str)] = &[
        (
            "From: A <a@example.org>\nDate: Mon, 1 Jan 2024 01:00:00 +0100\n",
            "a@example.org Mon Jan  1 00:00:00 2024",
        ),
        (
            "Return-Path: <>\nReceived: by b; Tue, 2 Jan 2024 00:00:00 +0000\nFrom: a@example.org\n\
             Date: Mon, 1 Jan 2024 01:00:00 +0100\n",
            "MAILER-DAEMON Tue Jan  2 00:00:00 2024",
        ),
        ("Subject: x\n", "MAILER-DAEMON Sun Sep  9 01:46:40 2001"),
    ];
    for (header, expected) in CASES {
        let place = place();
        write(place.path(), "a.eml", format!("{header}\nbody\n").as_bytes());
        let file = File::options().write(true).open(place.path().join("a.eml")).expect("a file");
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_modified(then).expect("a time");
        let mbox = String::from_utf8(copy(place.path(), &["a.eml", "-o", "-"])).expect("text");
        assert_eq!(mbox, format!("From {expected}\n{header}\nbody\n\n"));
        copy(place.path(), &["a.eml", "-o", "out/"]);
        let copied = fs::metadata(place.path().join("out/000001.eml")).expect("a file");
        assert_eq!(copied.modified().expect("a time"), then, "a file keeps its time");
    }
}

/// A line without a date would part no messages in the new mbox.
#[test]
fn a_from_line_without_a_date_is_replaced() {
    let place = place();
    write(place.path(), "a.mbox", b"From nobody\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nx\n");
    let mbox = copy(place.path(), &["a.mbox", "a.mbox", "-o", "-"]);
    let one = "From MAILER-DAEMON Mon Jan  1 00:00:00 2024\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nx\n\n";
    assert_eq!(String::from_utf8_lossy(&mbox), one.repeat(2));
}

fn mbox(count: usize, body: &str) -> String {
    let message = |i| format!("From a Mon Jan  1 00:00:00 2024\nSubject: m{i}\n\n{body}\n\n");
    (1..=count).map(message).collect()
}

#[test]
fn some_messages() {
    // Longer than what is kept in memory while a condition waits for the end.
    let long = "From x, a long line\n".repeat(230_000);
    let place = place();
    let place = place.path();
    let text =
        format!("{}From b Mon Jan  1 00:00:00 2024\nSubject: long\n\n>{long}\n", mbox(3, "x"));
    write(place, "in.mbox", text.as_bytes());
    const CASES: &[(&[&str], &[&str])] = &[
        (&[], &["m1", "m2", "m3", "long"]),
        (&["--where", "subject~m"], &["m1", "m2", "m3"]),
        (&["--where", "!subject=m2", "--where", "subject~m"], &["m1", "m3"]),
        (&["--where", "size>1M"], &["long"]),
        (&["--where", "size<1M"], &["m1", "m2", "m3"]),
        (&["--where", "attachment"], &[]),
        (&["--where", "subject~m", "--where", "!attachment"], &["m1", "m2", "m3"]),
        (&["-m", "2"], &["m2"]),
        (&["-m", "2", "--where", "subject=m1"], &[]),
    ];
    for (arguments, expected) in CASES {
        let found = copy(place, &[*arguments, &["in.mbox", "-o", "-"]].concat());
        let found = String::from_utf8(found).expect("text");
        let subjects: Vec<&str> =
            found.lines().filter_map(|line| line.strip_prefix("Subject: ")).collect();
        assert_eq!(subjects, *expected, "{arguments:?}");
        if arguments.is_empty() {
            assert_eq!(found, text);
        }
    }
    copy(place, &["in.mbox", "--where", "size>1M", "-o", "out/"]);
    let found = fs::read_to_string(place.join("out/000001.eml")).expect("a message");
    assert!(found == format!("Subject: long\n\n{long}"), "kept and unquoted: {}", found.len());
    copy(place, &["in.mbox", "--where", "attachment", "-o", "none.mbox"]);
    assert_eq!(fs::read(place.join("none.mbox")).expect("an mbox"), b"", "none is a result too");
}

/// An MMDF mailbox has other separators and quotes nothing.
#[test]
fn an_mmdf_mailbox() {
    let place = place();
    let soh = "\u{1}\u{1}\u{1}\u{1}\n";
    let text = format!(
        "{soh}From a@b Mon Jan  1 00:00:00 2024\nStatus: RO\nA: 1\n\n>From x\n{soh}{soh}A: 2\n\nFrom y\n{soh}"
    );
    write(place.path(), "in", text.as_bytes());
    copy(place.path(), &["in", "-o", "out/"]);
    let expected = ["A: 2\\n\\nFrom y\\n", "Status: RO\\nA: 1\\n\\n>From x\\n"];
    assert_eq!(contents(&place.path().join("out")), expected);
    let mbox = String::from_utf8(copy(place.path(), &["in", "-o", "-"])).expect("text");
    let first =
        "From a@b Mon Jan  1 00:00:00 2024\nStatus: RO\nA: 1\n\n>>From x\n\nFrom MAILER-DAEMON ";
    assert!(mbox.starts_with(first) && mbox.ends_with("\nA: 2\n\n>From y\n\n"), "{mbox}");
    copy(place.path(), &["in", "-o", "M", "--to", "maildir"]);
    let names: Vec<_> = files(&place.path().join("M"));
    assert!(names[0].to_string_lossy().ends_with(":2,S"), "{names:?}");
}

#[test]
fn quotes_may_stay() {
    let place = place();
    write(place.path(), "in.mbox", mbox(1, ">From x").as_bytes());
    copy(place.path(), &["in.mbox", "--no-unquote", "-o", "out/"]);
    let found = fs::read_to_string(place.path().join("out/000001.eml")).expect("a message");
    assert_eq!(found, "Subject: m1\n\n>From x\n");
}

#[test]
fn an_mbox_is_split_between_messages() {
    let place = place();
    let place = place.path();
    let text = mbox(5, &"x".repeat(1000));
    write(place, "in.mbox", text.as_bytes());
    fs::create_dir(place.join("out")).expect("a folder");
    copy(place, &["in.mbox", "-o", "out/mail.mbox", "--split", "2K"]);
    let found = files(&place.join("out"));
    let names: Vec<_> = found.iter().map(|path| path.file_name().expect("a name")).collect();
    assert_eq!(names, ["mail-0001.mbox", "mail-0002.mbox", "mail-0003.mbox"]);
    let parts: Vec<String> =
        found.iter().map(|path| fs::read_to_string(path).expect("an mbox")).collect();
    assert_eq!(parts.concat(), text);
    let counts: Vec<usize> = parts.iter().map(|part| part.matches("Subject: ").count()).collect();
    assert_eq!(counts, [2, 2, 1], "one message alone has less than 2 KiB");
}

#[test]
fn what_exists_stays() {
    let place = place();
    let place = place.path();
    write(place, "in.mbox", mbox(2, "x").as_bytes());
    for name in ["there.mbox", "there-0001.mbox", "out/000002.eml"] {
        write(place, name, b"there");
    }
    for arguments in [["-o", "there.mbox", "--to", "mbox"], ["-o", "there.mbox", "--split", "1"]] {
        let output = septet(place, &[&["copy", "-q", "in.mbox"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("exists already") && said.lines().count() == 1, "{said}");
    }
    copy(place, &["in.mbox", "-o", "out"]);
    copy(place, &["in.mbox", "-o", "out"]);
    let names: Vec<_> = files(&place.join("out"));
    assert_eq!(names.len(), 5);
    for name in ["there.mbox", "there-0001.mbox", "out/000002.eml"] {
        assert_eq!(fs::read(place.join(name)).expect("a file"), b"there", "{name}");
    }
}

/// What can be read is copied, and of what cannot nothing is.
#[test]
fn sources_that_cannot_be_read() {
    for target in ["x.mbox", "M/", "E/"] {
        let place = place();
        let place = place.path();
        write(place, "in.mbox", mbox(1, "x").as_bytes());
        let to = if target == "M/" { "maildir" } else { "mbox" };
        let to: &[&str] = if target == "E/" { &[] } else { &["--to", to] };
        let all = [&["copy", "-q", "none", "in.mbox", "none", "-o", target], to].concat();
        let output = septet(place, &all);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 2);
        let copied = files(place).into_iter().filter(|path| !path.ends_with("in.mbox"));
        assert_eq!(copied.count(), 1, "{target}");
    }
    let place = place();
    assert_eq!(septet(place.path(), &["copy", "none", "-o", "x.mbox"]).status.code(), Some(2));
    assert_eq!(files(place.path()).len(), 0, "no mbox of nothing");
}

#[test]
fn what_was_done_is_said() {
    const CASES: &[(&[&str], &str)] = &[
        (&["-o", "E/"], "3 messages copied\n"),
        (&["-o", "x.mbox", "--where", "subject=m1"], "1 message copied\n"),
        (&["-o", "y.mbox", "--where", "subject=none"], "nothing matched\n"),
        (&["-o", "z.mbox", "-q"], ""),
        (&["-o", "-"], ""),
        (&["-o", "-", "--where", "subject=none"], ""),
    ];
    let place = place();
    write(place.path(), "in.mbox", mbox(3, "x").as_bytes());
    for (arguments, expected) in CASES {
        let output = septet(place.path(), &[&["copy", "in.mbox"], *arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), *expected), "{arguments:?}");
    }
}

/// What is left of a message is copied, and one line names it.
#[cfg(feature = "archives")]
#[test]
fn sources_that_end_early() {
    const CUT: &str = "septet: cut.gz: the gzip data ends early";
    const CASES: &[(&[&str], usize, &str)] = &[
        (&[], 3, "; message 3 is copied as far as it goes"),
        (&["--where", "subject=m3"], 1, "; message 3 is copied as far as it goes"),
        (&["--where", "subject=m1"], 1, ""),
    ];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let text = mbox(3, &"x".repeat(100));
    gzip.write_all(text.as_bytes()).expect("memory");
    let octets = gzip.finish().expect("memory");
    for target in ["x.mbox", "E/"] {
        for (arguments, expected, fate) in CASES {
            let place = place();
            write(place.path(), "cut.gz", &octets[..octets.len() - 50]);
            let all = [&["copy", "-q", "cut.gz", "-o", target], *arguments].concat();
            let output = septet(place.path(), &all);
            assert_eq!(String::from_utf8_lossy(&output.stderr), format!("{CUT}{fate}\n"));
            assert_eq!(output.status.code(), Some(2));
            fs::remove_file(place.path().join("cut.gz")).expect("removed");
            let copied = contents(place.path()).concat();
            assert_eq!(copied.matches("Subject: m").count(), *expected, "{all:?}");
            assert!(copied.matches('x').count() >= expected * 100 - 50, "{all:?}");
        }
    }
    let place = place();
    write(place.path(), "cut.emlx", b"500       \nSubject: x\n\nbody\n");
    let output = septet(place.path(), &["copy", "-q", "cut.emlx", "-o", "E/"]);
    let expected =
        "septet: cut.emlx: the .emlx file ends early; message 1 is copied as far as it goes\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_trouble() {
    let place = place();
    write(place.path(), "in.mbox", mbox(100, &"x".repeat(1000)).as_bytes());
    let full = File::options().write(true).open("/dev/full").expect("a full disk");
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.current_dir(place.path()).args(["copy", "in.mbox", "-o", "-"]).stdout(full);
    let output = command.output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_private_stays_private() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let place = place();
    let place = place.path();
    write(place, "in.mbox", mbox(1, "x").as_bytes());
    fs::set_permissions(place.join("in.mbox"), fs::Permissions::from_mode(0o600)).expect("a mode");
    copy(place, &["in.mbox", "-o", "out/"]);
    copy(place, &["in.mbox", "-o", "M", "--to", "maildir"]);
    copy(place, &["M", "-o", "out/new.mbox"]);
    for path in files(&place.join("out")).iter().chain(&files(&place.join("M"))) {
        assert_eq!(fs::metadata(path).expect("a file").mode() & 0o777, 0o600, "{}", path.display());
    }
}

/// Killed at any moment, what has a name in the target is whole.
#[test]
fn killed_while_it_copies() {
    let place = place();
    let place = place.path();
    let body = "a line of the body\n".repeat(1000);
    let text = mbox(1000, &body);
    write(place, "in.mbox", text.as_bytes());
    let is_message = |octets: &[u8]| {
        let text = String::from_utf8_lossy(octets);
        let rest = text.strip_prefix("Subject: m");
        rest.and_then(|rest| rest.split_once("\n\n"))
            .is_some_and(|(_, it)| it == format!("{body}\n"))
    };
    let mut found = 0;
    for round in 0..4_u64 {
        for to in ["maildir", "eml", "mbox"] {
            let folder = place.join(format!("{round}-{to}"));
            fs::create_dir(&folder).expect("a folder");
            let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
            command.current_dir(&folder).args(["copy", "../in.mbox", "-o", "x", "--to", to]);
            let mut victim = command.spawn().expect("starts");
            let begun = Instant::now();
            // It gives names to many at once: by then it is in the middle of its work.
            while to != "mbox" && named(&folder).is_empty() {
                assert!(begun.elapsed() < Duration::from_secs(20), "it does nothing");
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(12 * round * round));
            let _ = victim.kill();
            victim.wait().expect("ended");
            for path in named(&folder) {
                let octets = fs::read(&path).expect("a file");
                let is_whole =
                    if to == "mbox" { octets == text.as_bytes() } else { is_message(&octets) };
                assert!(is_whole, "{}: {} octets", path.display(), octets.len());
                found += 1;
            }
        }
    }
    assert!((1..8 * 1000).contains(&found), "killed in between: {found}");
}

/// The files below a folder that have got their names.
fn named(folder: &Path) -> Vec<PathBuf> {
    let is_named = |path: &PathBuf| {
        !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".septet-"))
    };
    files(folder).into_iter().filter(is_named).collect()
}

/// What Python's `mailbox` finds in what was written.
const WITNESS: &str = r#"
import mailbox, sys
box = mailbox.mbox("out.mbox")
for message in box:
    print("mbox", message["Subject"], message.get_from(), message.get_flags(), len(message.get_payload()))
box = mailbox.Maildir("Out", create=False)
found = [(m["Subject"], m.get_subdir(), m.get_flags(), int(m.get_date()), len(m.get_payload())) for m in box]
for message in sorted(found):
    print("maildir", *message)
box = mailbox.mbox("python.mbox")
for subject, body, flags in [("p1", "From python\n", "RO"), ("p2", "text\n", "OF")]:
    message = mailbox.mboxMessage(f"Subject: {subject}\n\n{body}")
    message.set_flags(flags)
    message.set_from("p@example.org Mon Jan  1 00:00:00 2024")
    box.add(message)
box.flush()
"#;

#[test]
fn python_finds_the_same() {
    let place = place();
    let place = place.path();
    fs::create_dir_all(place.join("In/new")).expect("a folder");
    let message = |subject: &str, body: &str| format!("Subject: {subject}\n\n{body}");
    write(place, "In/cur/1.h:2,FS", message("one", "body\n").as_bytes());
    write(place, "In/cur/2.h:2,DRT", message("two", "body\n\nbody\n").as_bytes());
    write(place, "In/new/3.h", message("three", "").as_bytes());
    for path in files(&place.join("In")) {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200);
        let file = File::options().write(true).open(path).expect("a file");
        file.set_modified(then).expect("a time");
    }
    copy(place, &["In", "-o", "out.mbox"]);
    copy(place, &["out.mbox", "-o", "Out", "--to", "maildir"]);
    let python = Command::new("python3").current_dir(place).args(["-c", WITNESS]).output();
    let Ok(python) = python else {
        println!("skipped: no python3");
        return;
    };
    let said = String::from_utf8_lossy(&python.stderr);
    assert!(python.status.success(), "{said}");
    let expected = "\
mbox one MAILER-DAEMON Mon Jan  1 00:00:00 2024 ROF 5
mbox two MAILER-DAEMON Mon Jan  1 00:00:00 2024 ODAT 11
mbox three MAILER-DAEMON Mon Jan  1 00:00:00 2024  0
maildir one cur FS 1704067200 5
maildir three new  1704067200 0
maildir two cur DRT 1704067200 11
";
    let found = String::from_utf8_lossy(&python.stdout);
    let (mut found, mut expected): (Vec<&str>, Vec<&str>) =
        (found.lines().collect(), expected.lines().collect());
    found.sort_unstable();
    expected.sort_unstable();
    // The flags of X-Status come in an order of Python's own.
    let letters = |line: &str| {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        words.iter_mut().for_each(|word| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.sort_unstable();
            *word = letters.into_iter().collect();
        });
        words
    };
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(letters(found), letters(expected), "{found}");
    }
    copy(place, &["python.mbox", "-o", "P", "--to", "maildir"]);
    let mut found: Vec<(String, String)> = files(&place.join("P"))
        .iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let info = name[name.find(':').unwrap_or(name.len())..].to_owned();
            (fs::read_to_string(path).expect("a message"), info)
        })
        .collect();
    found.sort();
    assert!(found[0].0.starts_with("Subject: p1\n") && found[0].0.ends_with("\n\nFrom python\n"));
    assert!(found[1].0.starts_with("Subject: p2\n") && found[1].0.ends_with("\n\ntext\n"));
    assert_eq!([&*found[0].1, &*found[1].1], [":2,S", ":2,F"]);
}

#[test]
fn standard_input_is_a_source() {
    let text = mbox(2, "x");
    let mut child = Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(["copy", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
}

#[test]
fn command_lines_that_make_no_sense() {
    let place = place();
    write(place.path(), "in/a.eml", b"Subject: x\n\n");
    const CASES: &[(&[&str], &str)] = &[
        (&["in", "-o", "new"], "septet: new: say what it is to be: --to mbox, maildir or eml\n"),
        (&["in", "-o", "-", "--to", "eml"], "septet: standard output takes an mbox only\n"),
        (&["in", "-o", "x/", "--split", "1"], "septet: --split is for an mbox with a name\n"),
        (&["in", "-o", "-", "--split", "1"], "septet: --split is for an mbox with a name\n"),
        (&["in", "-o", "x.mbox", "--split", "0"], "septet: --split takes at least one octet\n"),
        (&["in", "-o", "in/"], "septet: in/ lies in in, which is read\n"),
        (&["in", "-o", "in/x.mbox"], "septet: in/x.mbox lies in in, which is read\n"),
        (&["./in/", "-o", "in/../in/x/y/"], "septet: in/../in/x/y/ lies in ./in/, which is read\n"),
    ];
    for (arguments, expected) in CASES {
        let output = septet(place.path(), &[&["copy"], *arguments].concat());
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), *expected);
    }
    assert_eq!(files(place.path()).len(), 1);
}

/// Messages that `--where` does not mean pass a conversion as they are.
#[test]
fn only_some_are_converted() {
    let place = place();
    let message = |subject: &str| {
        format!("From a Mon Jan  1 00:00:00 2024\nSubject: {subject}\n\n\u{e9}t\u{e9}\n\n")
    };
    let (a, b) = (message("a"), message("b"));
    write(place.path(), "in.mbox", format!("{a}{b}{a}").as_bytes());
    for (condition, first, second) in
        [("subject=b", true, false), ("subject=a", false, true), ("subject=c", true, true)]
    {
        let output = septet(place.path(), &["convert", "--where", condition, "in.mbox"]);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(text.starts_with(&a) && text.ends_with(&a), first, "{condition}: {text}");
        assert_eq!(text.contains(&b), second, "{condition}: {text}");
        assert!(!text.is_ascii(), "some are left: {condition}");
    }
}
