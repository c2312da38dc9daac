//! `septet extract`: every part gets a file, whatever it is called; none lands elsewhere, none is
//! lost, none takes the place of another.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use septet::structure::{Builder, Structure};
use septet::walk::{Reader, Separator};

const NAMES: &str = "testdata/extract/names.eml";
const INNER: &str = "testdata/extract/inner.eml";

/// A folder with another one in it, `out`, which is not made.
fn place() -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("out");
    (place, out)
}

fn extract(out: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(["extract", "-d"])
        .arg(out)
        .args(arguments)
        .output()
        .expect("septet runs")
}

fn succeeds(out: &Path, arguments: &[&str]) -> String {
    let output = extract(out, arguments);
    assert_eq!((output.status.code(), complaints(&output)), (Some(0), String::new()));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What was said but for the summary.
fn complaints(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.split_inclusive('\n').filter(|line| line.starts_with("septet: ")).collect()
}

/// The files of a folder by their names.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let octets = fs::read(entry.path()).unwrap_or_default();
            (entry.file_name().into_string().expect("UTF-8"), octets)
        })
        .collect()
}

/// The messages of a fixture, each with what its leaves hold.
fn structure(path: &str, each: &mut dyn FnMut(&Structure)) {
    let octets = fs::read(path).expect("a fixture");
    let limits = septet::base::Limits::default();
    let mut builder = Builder::new(limits, septet::charset::Charset::WINDOWS_1252, true);
    let separator = Separator::of(&octets);
    let mut reader = Reader::new(&octets[..], limits, builder.walk_options(separator));
    while let Some(structure) = builder.read(&mut reader, &mut ()).expect("memory") {
        each(structure);
    }
}

fn is_hostile(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    name.len() > 255
        || name.starts_with(['.', '-', ' '])
        || name.ends_with(['.', ' '])
        || name.contains(['/', '\\', ':', '\u{202e}'])
        || name.contains(char::is_control)
        || ["CON", "AUX"].contains(&upper.split('.').next().unwrap_or_default().trim_end())
}

#[test]
fn every_part_of_a_hostile_message_gets_a_file() {
    let (place, out) = place();
    succeeds(&out, &[NAMES]);
    let first = files(&out);
    let mut contents: Vec<u32> = first
        .values()
        .map(|octets| std::str::from_utf8(octets).ok().and_then(|text| text.parse().ok()))
        .map(|number| number.expect("a number"))
        .collect();
    contents.sort_unstable();
    assert_eq!(contents, (1..=37).collect::<Vec<_>>(), "each part once");
    assert!(first.keys().all(|name| !is_hostile(name)), "{:?}", first.keys());
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1, "nothing outside");
    let mut folded: Vec<_> = first.keys().map(|name| name.to_lowercase()).collect();
    folded.dedup();
    assert_eq!(folded.len(), first.len());

    let again = place.path().join("again");
    succeeds(&again, &[NAMES]);
    assert_eq!(files(&again), first, "the same names on every run");
    succeeds(&again, &[NAMES]);
    let twice = files(&again);
    assert_eq!(twice.len(), 2 * first.len(), "nothing was overwritten");
    assert!(first.iter().all(|(name, octets)| twice.get(name) == Some(octets)));
    succeeds(&again, &["--overwrite", NAMES]);
    assert_eq!(files(&again), twice, "the first of each was written anew");
}

/// Every fixture there is: as many files as leaves, each as long as it must be.
#[test]
fn no_leaf_is_lost() {
    let mut seen = 0;
    let folders = ["broken", "examples", "extract", "mailboxes", "unusual", "signed", "convert"];
    for folder in folders {
        for entry in fs::read_dir(Path::new("testdata").join(folder)).expect("fixtures") {
            let path = entry.expect("an entry").path();
            let name = path.to_str().expect("UTF-8");
            if !name.ends_with(".eml") && !name.ends_with(".mbox") {
                continue;
            }
            if fs::metadata(&path).expect("a file").len() == 0 {
                continue;
            }
            let (_place, out) = place();
            succeeds(&out, &["-q", name]);
            let mut sizes: Vec<u64> = Vec::new();
            structure(name, &mut |structure| {
                sizes.extend(
                    structure
                        .parts()
                        .filter(|part| part.is_leaf())
                        .map(|part| part.size().expect("it was surveyed")),
                );
            });
            let mut found: Vec<u64> =
                files(&out).values().map(|octets| octets.len() as u64).collect();
            sizes.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, sizes, "{name}");
            seen += found.len();
        }
    }
    assert!(seen > 80, "{seen} leaves");
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let (place, out) = place();
    let outside = place.path().join("outside");
    fs::create_dir(&out).expect("a folder");
    fs::write(&outside, "outside").expect("a file");
    for name in ["link", "part-37.pdf", "escaped.txt", "passwd"] {
        symlink(&outside, out.join(name)).expect("a link");
    }
    symlink("/nonexistent/file", out.join("a.txt")).expect("a link");
    symlink(place.path(), out.join("dir")).expect("a link");
    for arguments in [&[NAMES][..], &["--overwrite", NAMES]] {
        succeeds(&out, arguments);
        assert_eq!(fs::read(&outside).expect("a file"), b"outside");
        assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 2, "nothing outside");
    }
    let is_link = |name: &str| fs::symlink_metadata(out.join(name)).expect("it").is_symlink();
    assert!(is_link("passwd") && !is_link("link") && !is_link("a.txt"));
    assert_eq!(fs::read(out.join("link-2")).expect("the file of the first run"), b"35");
}

#[test]
fn files_inside_bodies_come_out() {
    let (place, out) = place();
    let output = extract(&out, &["--inner", INNER]);
    assert_eq!(output.status.code(), Some(1), "one of them is damaged");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(complaint, format!("septet: {INNER}: message 1: 1~3 is damaged: damaged.txt\n"));
    let found = files(&out);
    let expected: &[(&str, &[u8])] = &[
        ("Minutes für März.txt", b"the minutes\n"),
        ("UP.TXT", b"up\n"),
        ("body.txt", b"The text inside.\r\n"),
        ("damaged.txt", b"HELLO"),
        ("new.txt", &(10..60).collect::<Vec<u8>>()),
        ("old.txt", b"an old file\n"),
    ];
    for &(name, octets) in expected {
        assert_eq!(found.get(name).map(Vec::as_slice), Some(octets), "{name}");
    }
    assert_eq!(found.len(), expected.len() + 2, "and the parts themselves");
    let attached = place.path().join("attached");
    extract(&attached, &["-a", "--inner", INNER]);
    assert_eq!(files(&attached).len(), expected.len() + 1, "but not the text");
}

#[test]
fn there_are_not_more_files_inside_than_parts_may_be() {
    let (place, out) = place();
    let message = place.path().join("many.eml");
    fs::write(&message, format!("\n{}", "begin 644 a\n#86)C\n`\nend\n".repeat(20)))
        .expect("a file");
    let path = message.to_str().expect("UTF-8");
    let output = extract(&out, &["--inner", "--max-parts", "7", path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
    assert_eq!(files(&out).len(), 8, "and the text itself");
}

#[test]
fn the_list_says_what_was_written() {
    let (place, out) = place();
    let list = place.path().join("list.jsonl");
    let manifest = list.to_str().expect("UTF-8");
    succeeds(&out, &["-q", "--manifest", manifest, "testdata/mailboxes/three.mbox", NAMES]);
    let written = fs::read_to_string(&list).expect("a list");
    let found = files(&out);
    assert_eq!(written.lines().count(), found.len());
    for line in written.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let path = Path::new(value["path"].as_str().expect("a path"));
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(value["size"], found[name].len());
        assert!(value["sha256"].as_str().is_some_and(|digest| digest.len() == 64));
        assert_eq!(value["schema"], "septet.extract/1");
    }
    let printed = succeeds(&place.path().join("other"), &["--manifest", "-", NAMES]);
    let first: serde_json::Value =
        serde_json::from_str(printed.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["filename"], &first["part"]), (&"../../escaped.txt".into(), &"1".into()));
    // What `sha256sum` says of `1`.
    let digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
    assert_eq!(first["sha256"], digest);
}

#[test]
fn the_list_tells_the_message() {
    let (place, out) = place();
    let input = place.path().join("in.mbox");
    let from = "From a@example.org Mon Jan  1 00:00:00 2024\n";
    let told = "Message-ID: <1@x>\nFrom: Ann <ann@x>, bob@x\nSubject: =?utf-8?q?=C3=BC?=\n\
                Date: Mon, 1 Jan 2024 01:02:03 +0100\nSubject: second\n";
    let inner = "Content-Type: message/rfc822\n\nSubject: inner\nMessage-ID: <inner@x>\n\nx\n";
    fs::write(&input, format!("{from}{told}\na\n\n{from}{inner}")).expect("a file");
    let printed = succeeds(&out, &["-q", "--manifest", "-", input.to_str().expect("UTF-8")]);
    let list: Vec<serde_json::Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let offset = (from.len() * 2 + told.len() + 4) as u64;
    let null = || serde_json::Value::Null;
    let expected = [
        [from.len().into(), "1@x".into(), "ann@x".into(), "\u{fc}".into()],
        [offset.into(), null(), null(), null()],
    ];
    let found =
        |line: &serde_json::Value| ["offset", "id", "from", "subject"].map(|key| line[key].clone());
    assert_eq!(list.iter().map(found).collect::<Vec<_>>(), expected);
    assert_eq!(list[0]["date"], "2024-01-01T01:02:03+01:00");
}

#[test]
fn what_was_done_is_said() {
    const MBOX: &str = "testdata/mailboxes/three.mbox";
    let cases: &[(&[&str], &str)] = &[
        (&[MBOX], "3 files from 3 messages\n"),
        (&[NAMES], ""),
        (&["-q", MBOX], ""),
        (&["-t", "x/y,x/z", NAMES], "nothing matched\n"),
        (&["-q", "--where", "from~nobody", MBOX], ""),
        (&["--max-files", "1", MBOX], "septet: stopped: --max-files 1 is reached\n"),
    ];
    for (arguments, expected) in cases {
        let (_place, out) = place();
        let output = extract(&out, arguments);
        assert_eq!(String::from_utf8_lossy(&output.stderr), *expected, "{arguments:?}");
    }
}

#[test]
fn types_are_chosen() {
    const CASES: &[(&[&str], &[&str])] = &[
        (&["-t", "application/pdf"], &["a.pdf", "b.PDF"]),
        (&["-t", "application/octet-stream"], &["b.PDF", "c.xyz"]),
        (&["-t", "image/*,text/plain"], &["d.pdf"]),
        (&["-t", "image/*", "-t", "text/plain"], &["d.pdf"]),
    ];
    let (place, _) = place();
    let input = place.path().join("in.eml");
    let part =
        |essence: &str, name: &str| format!("--b\nContent-Type: {essence}; name=\"{name}\"\n\nx\n");
    let parts = [
        part("application/pdf", "a.pdf"),
        part("application/octet-stream", "b.PDF"),
        part("application/octet-stream", "c.xyz"),
        part("text/plain", "d.pdf"),
    ];
    let text = format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", parts.concat());
    fs::write(&input, text).expect("a file");
    for (arguments, expected) in CASES {
        let out = place.path().join(arguments.concat().replace(['/', '*'], "_"));
        succeeds(&out, &[arguments, &[input.to_str().expect("UTF-8")][..]].concat());
        assert_eq!(files(&out).keys().collect::<Vec<_>>(), *expected, "{arguments:?}");
    }
}

#[test]
fn the_list_takes_the_place_of_nothing() {
    let (place, out) = place();
    let input = place.path().join("in.eml");
    fs::copy(NAMES, &input).expect("a copy");
    let path = input.to_str().expect("UTF-8");
    let output = extract(&out, &["--manifest", path, path]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let complaint = format!("septet: {path}: exists already, and is not replaced\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), complaint);
    assert!(!out.exists(), "nothing was done");
    assert!(fs::read(&input).expect("a file") == fs::read(NAMES).expect("a fixture"));
    // It may lie in the folder that is made.
    let list = out.join("list.jsonl");
    succeeds(&out, &["-q", "--manifest", list.to_str().expect("UTF-8"), path]);
    assert!(list.is_file());
    let output = Command::new(env!("CARGO_BIN_EXE_septet"))
        .current_dir(place.path())
        .args(["extract", "-d", "-", "in.eml"])
        .output()
        .expect("septet runs");
    assert_eq!(output.status.code(), Some(64));
    assert!(!place.path().join("-").exists());
}

/// What several messages hold gets their number, whatever holds the messages.
#[test]
fn messages_of_an_archive_are_told_apart() {
    let from = "From a@example.org Mon Jan  1 00:00:00 2024";
    let mmdf = "\x01\x01\x01\x01";
    let cases: &[(&str, String, &[&str])] = &[
        ("a message", "A: b\n\nx\n".to_owned(), &["part-1.txt"]),
        (
            "mbox",
            format!("{from}\nA: b\n\nx\n\n{from}\nA: b\n\ny\n"),
            &["000001-part-1.txt", "000002-part-1.txt"],
        ),
        (
            "mmdf",
            format!("{mmdf}\nA: b\n\nx\n{mmdf}\n{mmdf}\nA: b\n\ny\n{mmdf}\n"),
            &["000001-part-1.txt", "000002-part-1.txt"],
        ),
    ];
    for (name, text, expected) in cases {
        let (place, out) = place();
        let path = place.path().join("in");
        fs::write(&path, text).expect("a file");
        succeeds(&out, &[path.to_str().expect("UTF-8")]);
        assert_eq!(files(&out).keys().collect::<Vec<_>>(), *expected, "{name}");
    }
    let (_place, out) = place();
    succeeds(&out, &["-m", "2", "testdata/mailboxes/three.mbox"]);
    assert_eq!(files(&out).keys().collect::<Vec<_>>(), ["part-1.txt"], "only one was asked for");
}

#[test]
fn files_are_chosen() {
    let cases: &[(&[&str], usize)] = &[
        (&["-t", "application/pdf"], 1),
        (&["-t", "application/pdf", "-t", "text/plain"], 37),
        (&["-n", "ESCAPED*"], 7),
        (&["-n", "part-37.*"], 1),
        (&["--disposition", "none"], 1),
        (&["--disposition", "inline"], 0),
        (&["--min-size", "2"], 28),
        (&["--max-size", "1"], 9),
        (&["--min-size", "2", "--max-size", "1"], 0),
        (&["-a", "-n", "*.exe"], 2),
    ];
    for &(arguments, expected) in cases {
        let (_place, out) = place();
        succeeds(&out, &[arguments, &[NAMES]].concat());
        assert_eq!(files(&out).len(), expected, "{arguments:?}");
    }
}

/// Messages with an attachment of so many octets each; the second has none.
fn some_with_attachments(folder: &Path) -> String {
    let mut mbox = String::new();
    for (name, attached) in [("ann", 4), ("bob", 0), ("ann", 1000), ("eve", 3)] {
        mbox += &format!(
            "From {name} Mon Jan  1 00:00:00 2024\nFrom: {name}@example.org\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n"
        );
        if attached > 0 {
            let octets = "x".repeat(attached);
            mbox += &format!("--b\nContent-Disposition: attachment; filename=a\n\n{octets}\n");
        }
        mbox += "--b--\n\n";
    }
    let path = folder.join("in.mbox");
    fs::write(&path, mbox).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

/// What their headers tell, and what only their ends do; names and limits are for those that are
/// meant, and the numbers are those of the archive.
#[test]
fn only_messages_that_are_meant() {
    const CASES: &[(&[&str], &[&str], &str)] = &[
        (&["--where", "from~bob"], &["000002-part-1.txt"], ""),
        (&["--where", "from~ann", "-n", "a"], &["000001-a", "000003-a"], ""),
        (&["--where", "attachment", "-a"], &["000001-a", "000003-a", "000004-a"], ""),
        (&["--where", "size>500", "-a"], &["000003-a"], ""),
        (&["--where", "size>500", "--where", "from~bob"], &[], ""),
        (&["--where", "!attachment"], &["000002-part-1.txt"], ""),
        (&["-m", "4", "--where", "attachment", "-a"], &["a"], ""),
        // The limits: those of the second message alone would not reach them.
        (&["--where", "!attachment", "--max-files", "1"], &["000002-part-1.txt"], ""),
        (&["--where", "!attachment", "--max-bytes", "6"], &["000002-part-1.txt"], ""),
        (&["--where", "size<500", "-a", "--max-bytes", "7"], &["000001-a", "000004-a"], ""),
        (
            &["--where", "attachment", "--max-files", "3"],
            &["000001-a", "000001-part-1.txt", "000003-part-1.txt"],
            "septet: stopped: --max-files 3 is reached\n",
        ),
        (
            &["--where", "attachment", "--max-bytes", "100"],
            &["000001-a", "000001-part-1.txt", "000003-part-1.txt"],
            "septet: stopped: --max-bytes is reached, 14 B are written\n",
        ),
        (
            &["--where", "from~ann", "--max-bytes", "100"],
            &["000001-a", "000001-part-1.txt", "000003-part-1.txt"],
            "septet: stopped: --max-bytes is reached, 14 B are written\n",
        ),
    ];
    for (arguments, expected, complaint) in CASES {
        let (place, out) = place();
        let input = some_with_attachments(place.path());
        let output = extract(&out, &[arguments, &[input.as_str()][..]].concat());
        assert_eq!(complaints(&output), *complaint, "{arguments:?}");
        let status = if complaint.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        let found = files(&out);
        assert_eq!(found.keys().collect::<Vec<_>>(), *expected, "{arguments:?}");
        let listed = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(listed.lines().count(), expected.len(), "{arguments:?}");
    }
}

/// What is found inside bodies waits as well, and what is wrong with it is not said of messages that
/// are not meant.
#[test]
fn files_inside_wait_with_the_others() {
    let (_place, out) = place();
    for condition in ["size>1G", "from~nobody"] {
        let said = succeeds(&out, &["--inner", "--max-parts", "2", "--where", condition, INNER]);
        assert_eq!((said.as_str(), files(&out).len()), ("", 0), "{condition}");
    }
    let (_place, all) = place();
    let outputs = [(&all, &[INNER][..]), (&out, &["--where", "size>0", INNER])];
    let [all_said, out_said] =
        outputs.map(|(out, arguments)| extract(out, &[&["-qi"], arguments].concat()).stderr);
    assert_eq!(all_said, out_said);
    assert!(!files(&all).is_empty());
    assert_eq!(files(&all), files(&out));
}

/// More drafts than a process may have open files.
#[cfg(unix)]
#[test]
fn waiting_files_are_closed() {
    let (place, out) = place();
    let part = "--b\n\nx\n";
    let message =
        format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", part.repeat(300));
    let input = place.path().join("in.eml");
    fs::write(&input, message).expect("a file");
    let command = "ulimit -n 64; exec \"$0\" extract -q -d \"$1\" --where 'size>0' \"$2\"";
    let output = Command::new("sh")
        .args(["-c", command, env!("CARGO_BIN_EXE_septet")])
        .args([&out, &input])
        .output()
        .expect("sh runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(files(&out).len(), 300);
}

#[test]
fn limits_end_the_run_with_one_line() {
    let cases: &[(&[&str], usize, &str)] = &[
        (&["--max-files", "3"], 3, "septet: stopped: --max-files 3 is reached\n"),
        (&["--max-bytes", "5"], 5, "septet: stopped: --max-bytes is reached, 5 B are written\n"),
        (&["--max-files", "37", "--max-bytes", "1k"], 37, ""),
    ];
    for &(arguments, expected, complaint) in cases {
        let (_place, out) = place();
        let output = extract(&out, &[arguments, &[NAMES]].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), complaint);
        assert_eq!(files(&out).len(), expected);
        assert_eq!(output.status.code(), Some(if complaint.is_empty() { 0 } else { 2 }));
    }
}

#[test]
fn trouble_is_said_once() {
    let (place, _) = place();
    let file = place.path().join("file");
    fs::write(&file, "").expect("a file");
    let output = extract(&file, &[NAMES, NAMES]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), complaint.lines().count()), (Some(2), 1), "{complaint}");
    assert!(complaint.starts_with(&format!("septet: {}: ", file.display())), "{complaint}");
}

/// A device that is always full stands for the disk.
#[cfg(target_os = "linux")]
#[test]
fn a_list_that_cannot_be_written_ends_the_run() {
    let (_place, out) = place();
    let output = extract(&out, &["--manifest", "/dev/full", NAMES, NAMES, NAMES, NAMES]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(complaint, "septet: /dev/full: No space left on device\n");
}
