//! `septet decode` as people run it: the same records whatever the threads, ranges and archives are,
//! and each where it says that its message stands.
//!
//! Runs that are interrupted, pipes that nobody reads and messages that do not fit into memory:
//! `decode_runs.rs`.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use common::decode::{
    FROM, Manner, Random, mbox, name, records, run, said, septet, stdout, unnumbered, written,
};

const MANNERS: &[(&str, Manner)] = &[
    ("plain", Manner { crlf: false, counts: None, has_bare: false, has_cr: false, has_long: true }),
    ("crlf", Manner { crlf: true, counts: None, has_bare: false, has_cr: false, has_long: true }),
    (
        "counted",
        Manner {
            crlf: false,
            counts: Some("Content-Length"),
            has_bare: false,
            has_cr: false,
            has_long: false,
        },
    ),
    (
        "counted crlf",
        Manner {
            crlf: true,
            counts: Some("cOntent-lengTh"),
            has_bare: false,
            has_cr: false,
            has_long: true,
        },
    ),
    ("bare", Manner { crlf: false, counts: None, has_bare: true, has_cr: false, has_long: true }),
    (
        "counted bare",
        Manner {
            crlf: false,
            counts: Some("CONTENT-LENGTH"),
            has_bare: true,
            has_cr: false,
            has_long: true,
        },
    ),
];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn threads_change_nothing() {
    let folder = folder();
    for &(name, manner) in MANNERS {
        written(folder.path(), name, 40, manner);
    }
    let cr = Manner { has_cr: true, ..Manner::default() };
    written(folder.path(), "some cr", 400, cr);
    // The count stands further behind than threads are given at a time.
    let mut text = Vec::new();
    for number in 0..2 {
        let fields = format!("X-{number}: {}\n", "x".repeat(900)).repeat(1300);
        let body = "a\n\nFrom b@example.org Tue Jan  2 00:00:00 2024\nSubject: none\n\nb\n";
        let len = body.len();
        let message = format!("{FROM}Subject: {number}\n{fields}Content-Length: {len}\n\n{body}\n");
        text.extend_from_slice(message.as_bytes());
    }
    fs::write(folder.path().join("late count"), text).expect("a file");
    let inputs = [name(folder.path()), "testdata"];
    let flags: &[&[&str]] = &[
        &[],
        &["--fields", "all", "--digest", "--text"],
        &["--unique"],
        &["--unique=hash"],
        &["--where", "date>=2015", "--where", "attachment"],
        &["--format", "csv"],
    ];
    for flags in flags {
        let of = |jobs| {
            let output = run(&[&["decode", "-q", "-j", jobs], *flags, &inputs[..]].concat());
            // Of testdata, cut.mbox.gz ends early.
            assert_eq!(output.status.code(), Some(2), "{flags:?}");
            (output.stdout, output.stderr)
        };
        let one = of("1");
        assert!(one.0.len() > 50_000, "{flags:?}");
        let others = if flags.is_empty() { &["2", "4"][..] } else { &["2"] };
        for &jobs in others {
            let other = of(jobs);
            assert!(other.0 == one.0, "{flags:?} with {jobs} threads: other records");
            assert_eq!(other.1, one.1, "{flags:?} with {jobs} threads");
        }
    }
}

#[test]
fn archives_give_what_lies_in_them() {
    let fields = ["--fields", "id,subject,text,flags"];
    let keys = |input: &str| {
        let text = stdout(&[&["decode", "-q"], &fields[..], &[input]].concat());
        let keys = |record: &Value| (record["subject"].clone(), record["text"].clone());
        let found: Vec<_> = records(&text).iter().map(keys).collect();
        found
    };
    let two = keys("testdata/archives/two.mbox.gz");
    assert_eq!(two.len(), 2);
    for coding in ["bz2", "xz", "zst"] {
        assert_eq!(keys(&format!("testdata/archives/two.mbox.{coding}")), two, "{coding}");
    }
    let of_maildir = stdout(&["decode", "-q", "testdata/archives/maildir.tar.gz"]);
    let sources: Vec<String> =
        records(&of_maildir).iter().map(|it| it["source"].to_string()).collect();
    assert!(!sources.is_empty());
    assert!(sources.iter().all(|it| it.contains(".tar.gz!")), "{sources:?}");
    let takeout = run(&["decode", "-q", "testdata/archives/takeout.zip"]);
    assert!(!records(&takeout.stdout).is_empty());
    assert!(said(&takeout)[0].ends_with("hold no mail; passed over"));
}

#[test]
fn flags_of_a_maildir() {
    let folder = folder();
    for name in ["cur", "new", "tmp"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    for file in ["cur/1.a:2,FS", "cur/2.a:2,", "new/3.a", "tmp/4.a"] {
        fs::write(folder.path().join(file), "Subject: x\n\nx\n").expect("a file");
    }
    let text = stdout(&["decode", "-q", "--fields", "flags", name(folder.path())]);
    let flags: Vec<Value> = records(&text).iter().map(|it| it["flags"].clone()).collect();
    assert_eq!(flags, ["FS", "", ""]);
    let text = stdout(&["decode", "-q", "--fields", "flags", "testdata/report.eml"]);
    assert_eq!(records(&text)[0]["flags"], Value::Null);
}

#[test]
fn records_stand_where_they_say() {
    let folder = folder();
    for &(what, manner) in MANNERS {
        let (path, messages) = written(folder.path(), what, 50, manner);
        let octets = fs::read(&path).expect("a file");
        for jobs in ["1", "3"] {
            let found = records(&stdout(&["decode", "-q", "-j", jobs, name(&path)]));
            assert_eq!(found.len(), messages.len(), "{what}");
            for (record, message) in found.iter().zip(&messages) {
                let place = |key: &str| record[key].as_u64().expect("a number") as usize;
                let (start, len) = (place("offset"), place("length"));
                assert!(octets[start..start + len] == message[..], "{what}: {}", record["message"]);
            }
        }
    }
}

#[test]
fn ranges_partition_the_messages() {
    let folder = folder();
    let mut random = Random(1);
    for &(what, manner) in MANNERS {
        let (path, _) = written(folder.path(), what, 60, Manner { has_long: false, ..manner });
        let whole = unnumbered(&stdout(&["decode", "-q", name(&path)]));
        let len = fs::metadata(&path).expect("a file").len() as usize;
        for _ in 0..6 {
            let mut cuts: Vec<usize> = (0..random.below(5)).map(|_| random.below(len)).collect();
            cuts.extend([0, len]);
            cuts.sort_unstable();
            let mut found = Vec::new();
            for pair in cuts.windows(2) {
                let range = format!("{}:{}", pair[0], pair[1]);
                let text = stdout(&["decode", "-q", "--range", &range, name(&path)]);
                found.extend(unnumbered(&text));
            }
            assert!(found == whole, "{what}: cut at {cuts:?}");
        }
    }
}

#[test]
fn an_index_gives_each_message() {
    let folder = folder();
    let index = folder.path().join("index");
    for &(what, manner) in MANNERS {
        let (path, messages) = written(folder.path(), what, 60, manner);
        let (path, index) = (name(&path), name(&index));
        let whole = records(&stdout(&["decode", "-q", "--index", index, "--fields", "text", path]));
        for number in [1, 2, 3, 17, 42, 59, 60] {
            let wanted = number.to_string();
            let one = ["decode", "-m", &wanted, "--index", index, "--fields", "text", path];
            let found = records(&stdout(&one));
            assert_eq!(found, whole[number - 1..number], "{what}: {number}");
            let tree = records(&stdout(&["tree", "--json", "-m", &wanted, "--index", index, path]));
            for key in ["offset", "length", "message"] {
                assert_eq!(tree[0][key], found[0][key], "{what}: {number} {key}");
            }
        }
        let beyond = (messages.len() + 1).to_string();
        for command in ["tree", "decode"] {
            let output = run(&[command, "-m", &beyond, "--index", index, path]);
            assert_eq!(output.status.code(), Some(1), "{what} {command}");
            assert_eq!(said(&output), [format!("septet: {path}: no message 61")], "{command}");
        }
    }
}

#[test]
fn only_an_index_gives_way_to_an_index() {
    let folder = folder();
    let (input, _) = written(folder.path(), "a.mbox", 3, Manner::default());
    let other = folder.path().join("notes");
    fs::write(&other, "mine\n").expect("a file");
    for path in [&input, &other] {
        let before = fs::read(path).expect("a file");
        let output = run(&["decode", "-q", "--index", name(path), name(&input)]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let what = "exists already and is no index, so it is not replaced";
        assert_eq!(said(&output), [format!("septet: {}: {what}", name(path))]);
        assert!(fs::read(path).expect("a file") == before);
    }
    let index = folder.path().join("index");
    for _ in 0..2 {
        assert!(!stdout(&["decode", "-q", "--index", name(&index), name(&input)]).is_empty());
    }
}

/// What was written by another run is no beginning of this one.
#[test]
fn only_the_same_run_is_resumed() {
    let folder = folder();
    let (one, _) = written(folder.path(), "a.mbox", 9, Manner::default());
    let (other, _) = written(folder.path(), "b.mbox", 9, Manner::default());
    let (one, other) = (name(&one), name(&other));
    let out = folder.path().join("out.jsonl");
    let fields = &["--fields", "subject,text"][..];
    let first = stdout(&[&["decode", "-q", "-m", "1"], fields, &[one]].concat());
    let last = records(&first)[0]["subject"].to_string();
    let is_it = format!("subject={}", last.trim_matches('"'));
    let is_not = format!("!{is_it}");
    let where_it = &["--where", is_it.as_str(), one][..];
    let where_not = &["--where", is_not.as_str(), one][..];
    const FIELDS: &str = "was written with other --fields: cannot go on";
    const ARGUMENTS: &str = "was written with other arguments: its last record";
    let cases: &[(&str, &[&str], &[&str], Option<&str>)] = &[
        ("the same", fields, &[one], None),
        ("in other order", &["--fields", "text,subject"], &[one], None),
        ("more fields", &[], &[one], Some(FIELDS)),
        ("fewer fields", &["--fields", "text"], &[one], Some(FIELDS)),
        ("another input", fields, &[other], Some(ARGUMENTS)),
        ("a condition that held", fields, where_it, None),
        ("one that did not", fields, where_not, Some(ARGUMENTS)),
        ("another message", fields, &["-m", "3", one], Some(ARGUMENTS)),
        ("after others that are the same", &["--unique", fields[0], fields[1]], &[one], None),
        ("a copy of another", &["--unique", fields[0], fields[1]], &[other, one], Some(ARGUMENTS)),
        ("what is not there", fields, &["missing"], Some(ARGUMENTS)),
    ];
    fs::copy(one, other).expect("a copy");
    for &(what, fields, inputs, expected) in cases {
        // The line that is not finished stays if nothing is known of it.
        fs::write(&out, [&first[..], b"{\"schema\""].concat()).expect("a file");
        let start = ["decode", "-q", "--resume", "-o", name(&out)];
        let output = run(&[&start, fields, inputs].concat());
        let written = fs::read(&out).expect("a file");
        assert!(written.starts_with(&first), "{what}");
        let said = said(&output);
        let Some(expected) = expected else {
            assert_eq!((output.status.code(), said.len()), (Some(0), 0), "{what}: {said:?}");
            let whole = stdout(&[&["decode", "-q"], fields, inputs].concat());
            assert!(written == whole, "{what}");
            continue;
        };
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(said[0].contains(expected), "{what}: {said:?}");
        assert!(!String::from_utf8_lossy(&written[first.len()..]).contains('\n'), "{what}");
    }
}

#[test]
fn records_to_a_dash_go_to_standard_output() {
    let folder = folder();
    let input = fs::canonicalize("testdata/report.eml").expect("a fixture");
    let decode = |flags: &[&str]| {
        let mut command = septet();
        command.current_dir(folder.path()).args(["decode", "-q", "-o", "-"]).args(flags);
        command.arg(&input).output().expect("septet runs")
    };
    assert_eq!(records(&decode(&[]).stdout).len(), 1);
    assert_eq!(decode(&["--resume"]).status.code(), Some(64));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn an_index_of_something_else_is_refused() {
    let folder = folder();
    let (path, _) = written(folder.path(), "a.mbox", 5, Manner::default());
    let (path, index) = (name(&path), folder.path().join("index"));
    let index = name(&index);
    stdout(&["decode", "-q", "--index", index, path]);
    let mut file = fs::OpenOptions::new().append(true).open(path).expect("a file");
    file.write_all(b"more\n").expect("written");
    for command in ["tree", "decode"] {
        let output = run(&[command, "-m", "2", "--index", index, path]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        let what = format!("septet: {index}: no index of {path} as it is now; make it anew");
        assert_eq!(said(&output), [what], "{command}");
        assert!(output.stdout.is_empty(), "{command}");
    }
    for input in ["testdata/archives/two.mbox.gz", "testdata/report.eml", "testdata/mailboxes"] {
        let none = folder.path().join("none");
        let output = run(&["decode", "-q", "--index", name(&none), input]);
        assert_eq!((output.status.code(), said(&output).len()), (Some(2), 1), "{input}");
        assert!(!none.exists(), "{input}");
    }
    let output = run(&["decode", "-q", "--index", index, "--range", "0:9", path]);
    assert_eq!(output.status.code(), Some(64));
}

#[test]
fn one_message_of_each_argument() {
    let folder = folder();
    written(folder.path(), "a", 3, Manner::default());
    written(folder.path(), "b", 3, Manner::default());
    let folder = name(folder.path());
    for number in 1..=7 {
        let wanted = number.to_string();
        let place = |record: &Value| (record["source"].clone(), record["offset"].clone());
        let places = |command: &[&str]| {
            let output = run(&[command, &["-m", &wanted, folder, "testdata/report.eml"]].concat());
            let found: Vec<_> = records(&output.stdout).iter().map(place).collect();
            (found, said(&output).len(), output.status.code())
        };
        assert_eq!(places(&["decode"]), places(&["tree", "--json"]), "{number}");
    }
    let output = run(&["decode", "-m", "1", "nowhere"]);
    assert_eq!(said(&output), ["septet: nowhere: No such file or directory"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn each_message_once() {
    const CLUB: &str = "testdata/mailboxes/club.mbox";
    let subjects = |flags: &[&str]| {
        let text = stdout(&[&["decode", "-q", "--fields", "subject"], flags].concat());
        records(&text).iter().map(|it| it["subject"].to_string()).collect::<Vec<_>>()
    };
    let all = subjects(&[CLUB]);
    assert_eq!(all.len(), 5);
    let once = subjects(&["--unique", CLUB, CLUB]);
    // The third has the Message-ID of the second.
    assert_eq!(once, [&all[..2], &all[3..]].concat());
    assert_eq!(subjects(&["--unique=hash", CLUB, CLUB]), all);
}

/// A long text begins its record, which is written while the message is read; `--unique` has to wait
/// for the end of the message.
#[test]
fn long_texts_are_the_same_whenever_they_are_written() {
    let folder = folder();
    let path = folder.path().join("long.mbox");
    let mut text = Vec::new();
    for (number, lines) in [(0, 1), (1, 40_000), (2, 9_000), (3, 0), (4, 30_000)] {
        let plain = "caf\u{e9} \"quoted\" \\ and so on\r\n".repeat(lines);
        let html = "<p>x</p>\n".repeat(lines);
        let message = format!(
            "{FROM}Message-ID: <{number}@long>\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=b\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n\
             --b\nContent-Type: text/html\n\n{html}\n\
             --b\nContent-Type: text/plain\n\nthe end\n--b--\n\n"
        );
        text.extend_from_slice(message.as_bytes());
    }
    fs::write(&path, text).expect("a file");
    let path = name(&path);
    for jobs in ["-j1", "-j2"] {
        let met = records(&stdout(&["decode", "-q", jobs, path]));
        assert_eq!(met, records(&stdout(&["decode", "-q", jobs, "--unique", path])), "{jobs}");
        let long = met[1]["text"].as_str().expect("a text");
        assert!(long.len() > 1_000_000 && long.ends_with("so on\n\nthe end"), "{}", long.len());
    }
}

#[test]
fn conditions_choose() {
    const CLUB: &str = "testdata/mailboxes/club.mbox";
    let numbers = |conditions: &[&str]| {
        let conditions: Vec<&str> = conditions.iter().flat_map(|it| ["--where", it]).collect();
        let text =
            stdout(&[&["decode", "-q", "--fields", "id"], &conditions[..], &[CLUB]].concat());
        records(&text).iter().map(|it| it["message"].as_u64().expect("a number")).collect()
    };
    let cases: &[(&[&str], &[u64])] = &[
        (&["from~ben"], &[2, 3]),
        (&["from~BEN", "attachment"], &[2]),
        (&["!date>=2024"], &[4]),
        (&["attachment=application/pdf"], &[2, 5]),
        (&["subject=Frühlingsplan"], &[1]),
        (&["size>1M"], &[]),
    ];
    for &(conditions, expected) in cases {
        let found: Vec<u64> = numbers(conditions);
        assert_eq!(found, expected, "{conditions:?}");
    }
}

#[test]
fn attachments_are_stored_once() {
    use sha2::{Digest, Sha256};
    let folder = folder();
    let files = folder.path().join("files");
    let club = "testdata/mailboxes/club.mbox";
    for jobs in ["1", "3"] {
        let text = stdout(&["decode", "-q", "-j", jobs, "--attachments", name(&files), club, club]);
        let mut contents: BTreeMap<String, u64> = BTreeMap::new();
        for record in records(&text) {
            for part in record["parts"].as_array().expect("parts") {
                let Some(path) = part["path"].as_str() else { continue };
                let octets = fs::read(path).expect("a file");
                let digest = Sha256::digest(&octets);
                let digest: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
                assert_eq!(part["sha256"], digest, "{path}");
                assert_eq!(part["size"].as_u64(), Some(octets.len() as u64), "{path}");
                assert_eq!(Path::new(path), files.join(&digest), "{path}");
                *contents.entry(digest).or_default() += 1;
            }
        }
        // The bill, a table, what stands in the message inside; each message comes twice.
        assert_eq!(contents.values().sum::<u64>(), 8, "{contents:?}");
        let count = fs::read_dir(&files).expect("a folder").count();
        assert_eq!((contents.len(), count), (3, 3), "{contents:?}");
    }
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let out = folder.path().join("out");
    let output = run(&["decode", "-q", "--attachments", name(&file), "-o", name(&out), club]);
    assert_eq!((output.status.code(), said(&output).len()), (Some(2), 1));
    assert!(!out.exists(), "what was not begun can be begun again");
}

#[test]
fn tables_come_back() {
    const CLUB: &str = "testdata/mailboxes/club.mbox";
    let json = records(&stdout(&["decode", "-q", "--fields", "subject,text,parts", CLUB]));
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        let table =
            stdout(&["decode", "-q", "--format", format, "--fields", "subject,text,parts", CLUB]);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&table[..]);
        let names: Vec<&str> = reader.headers().expect("names").iter().collect();
        assert_eq!(names, ["source", "message", "offset", "length", "subject", "text", "parts"]);
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), json.len());
        for (row, record) in rows.iter().zip(&json) {
            assert_eq!(row[1], record["message"].to_string());
            assert_eq!(row[2], record["offset"].to_string());
            let subject = record["subject"].as_str().unwrap_or("");
            match subject.starts_with('=') {
                true => assert_eq!(row[4], format!("'{subject}")),
                false => assert_eq!(&row[4], subject),
            }
            assert_eq!(&row[5], record["text"].as_str().unwrap_or(""));
            let parts: Value = serde_json::from_str(&row[6]).expect("JSON");
            assert_eq!(parts, record["parts"]);
        }
        let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        assert!(!rows.iter().any(|row| row.iter().any(is_formula)));
        let raw = stdout(&["decode", "-q", "--format", format, "--raw-cells", CLUB]);
        assert!(
            String::from_utf8(raw).expect("UTF-8").contains(&format!("{}=SUM", delimiter as char))
        );
    }
}

#[test]
fn texts_are_cut() {
    let folder = folder();
    let path = folder.path().join("a.eml");
    fs::write(&path, "Subject: x\n\na\u{fc}\u{fc}b\n").expect("a file");
    let cases = [
        ("0", "", true),
        ("2", "a", true),
        ("3", "a\u{fc}", true),
        ("7", "a\u{fc}\u{fc}b\n", false),
    ];
    for (octets, text, is_cut) in cases {
        let record = stdout(&["decode", "-q", "--max-text", octets, name(&path)]);
        let record = &records(&record)[0];
        assert_eq!(record["text"], text, "{octets}");
        assert_eq!(record["truncated"] == true, is_cut, "{octets}");
    }
}

#[test]
fn names_come_from_a_list() {
    let folder = folder();
    let paths = ["a b", "c\nd"].map(|it| folder.path().join(it));
    for path in &paths {
        fs::write(path, "Subject: x\n\nx\n").expect("a file");
    }
    let list = paths.iter().map(|it| format!("{}\0", name(it))).collect::<String>();
    for flags in [&["--files-from", "-", "-0"][..], &["--files-from", "-", "-0", "-m", "1"]] {
        let mut child = septet()
            .args(["decode", "-q", "--fields", "id"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("septet starts");
        child.stdin.take().expect("a pipe").write_all(list.as_bytes()).expect("septet reads");
        let output = child.wait_with_output().expect("septet ends");
        let sources: Vec<Value> =
            records(&output.stdout).iter().map(|it| it["source"].clone()).collect();
        assert_eq!(sources, paths.each_ref().map(|it| name(it)), "{flags:?}");
    }
}

/// What is given, the records, the exit status and the lines on standard error.
#[test]
fn odd_inputs() {
    let folder = folder();
    let at = |file: &str| folder.path().join(file);
    fs::write(at("empty"), "").expect("a file");
    fs::write(at("text"), "no mail\n").expect("a file");
    let (text, _) = mbox(3, 1, Manner::default());
    fs::write(at("no line end"), &text[..text.len() - 2]).expect("a file");
    fs::write(at("nothing in it"), format!("{FROM}A: b\n\n\n{FROM}A: b\n")).expect("a file");
    let cases: &[(&str, usize, i32, &[&str])] = &[
        ("empty", 0, 0, &["septet: empty: empty, holds no message"]),
        ("missing", 0, 2, &["septet: missing: No such file or directory"]),
        ("text", 1, 0, &[]),
        ("no line end", 3, 0, &[]),
        ("nothing in it", 2, 0, &[]),
    ];
    for jobs in ["1", "2"] {
        for &(file, count, status, lines) in cases {
            let output = septet()
                .args(["decode", "-q", "-j", jobs, file])
                .current_dir(folder.path())
                .output()
                .expect("runs");
            assert_eq!(records(&output.stdout).len(), count, "{file}");
            assert_eq!(output.status.code(), Some(status), "{file}");
            assert_eq!(said(&output), lines, "{file}");
        }
        let output = run(&["decode", "-q", "-j", jobs, "testdata/archives/cut.mbox.gz"]);
        assert_eq!((output.status.code(), said(&output).len()), (Some(2), 1));
        assert!(!records(&output.stdout).is_empty(), "what can be read is");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_passed_over() {
    let folder = folder();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("a pipe")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no mkfifo");
        return;
    }
    fs::write(folder.path().join("b.eml"), "Subject: x\n\nx\n").expect("a file");
    for jobs in ["1", "2"] {
        let text = stdout(&["decode", "-q", "-j", jobs, name(folder.path())]);
        assert_eq!(records(&text).len(), 1);
    }
}

#[test]
fn what_makes_no_sense_is_said() {
    let folder = folder();
    let out = folder.path().join("out");
    let out = name(&out);
    let cases: &[&[&str]] = &[
        &["--resume"],
        &["--resume", "-o", out, "--format", "csv"],
        &["--resume", "-o", out, "testdata/report.eml", "testdata/report.eml"],
        &["--fields", "nothing"],
        &["--range", "9:1", "testdata/report.eml"],
        &["-j", "0"],
    ];
    for case in cases {
        let output = run(&[&["decode"], *case].concat());
        assert_eq!(output.status.code(), Some(64), "{case:?}");
        assert!(!Path::new(out).exists(), "{case:?}");
    }
}
