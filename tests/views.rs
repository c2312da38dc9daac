//! Other readings of messages: nothing that some program shows is hidden from all of them, and where
//! the octets come from makes no difference.

mod common;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{corpus, files};
use septet::base::Limits;
use septet::charset::Charset;
use septet::structure::{Builder, Structure, Visitor, Want};
use septet::views::{Wanted, views};
use septet::walk::{Reader, Separator};

/// What all leaves hold, decoded.
#[derive(Default)]
struct Contents(Vec<u8>);

impl Visitor for Contents {
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let is_leaf = structure.part(part).is_some_and(|part| part.is_leaf());
        Ok(if is_leaf { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(octets);
        Ok(())
    }

    fn leave(&mut self, _: &Structure, _: u32) -> io::Result<()> {
        self.0.push(b'\n');
        Ok(())
    }
}

/// What the leaves of all readings hold, and the rules that the other readings go with.
fn readings(text: &[u8]) -> (Vec<u8>, BTreeSet<&'static str>) {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(text, Limits::default(), options);
    let mut contents = Contents::default();
    let message = builder.read(&mut reader, &mut contents).expect("no I/O").expect("a message");
    let mut rules = BTreeSet::new();
    for view in views(message, text, Wanted::All).expect("no I/O").views {
        view.read(message, text, &mut contents).expect("no I/O");
        rules.insert(view.rule.info().id);
        rules.extend(view.also.iter().map(|(rule, ..)| rule.info().id));
    }
    (contents.0, rules)
}

const MARK: &[u8] = b"EVIL-PAYLOAD-";

fn marks(text: &[u8]) -> BTreeSet<Vec<u8>> {
    let mark = |at: usize| {
        let digits = text[at + MARK.len()..].iter().take_while(|c| c.is_ascii_digit()).count();
        text[at..at + MARK.len() + digits].to_vec()
    };
    let found = memchr::memmem::find_iter(text, MARK).map(mark);
    found.filter(|mark| mark.len() > MARK.len()).collect()
}

/// The marks in a message as it stands, and in everything in it that looks like base64.
fn hidden_marks(text: &[u8]) -> BTreeSet<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let mut found = marks(text);
    for word in text.split(|&c| !c.is_ascii_alphanumeric() && !b"+/".contains(&c)) {
        if word.len() >= 16
            && let Ok(decoded) = STANDARD_NO_PAD.decode(&word[..word.len() / 4 * 4])
        {
            found.extend(marks(&decoded));
        }
    }
    found
}

#[test]
fn no_payload_is_hidden() {
    let Some(folder) = corpus("ambiguous") else { return };
    let (mut with_payload, mut missed) = (0, Vec::new());
    for path in files(&folder) {
        let text = std::fs::read(&path).expect("a file of the corpus");
        let hidden = hidden_marks(&text);
        with_payload += usize::from(!hidden.is_empty());
        if !hidden.is_empty() && !hidden.is_subset(&marks(&readings(&text).0)) {
            missed.push(path);
        }
    }
    assert!(with_payload > 40, "{with_payload}");
    assert!(missed.is_empty(), "missed: {missed:?}");
}

/// Where the recommended answer lists another reading, there is one, with that rule.
#[test]
fn where_another_view_is_recommended_there_is_one() {
    let Some(folder) = corpus("ambiguous") else { return };
    let table = std::fs::read_to_string(folder.join("cases.tsv")).expect("the table");
    let mut seen = 0;
    let mut missed = Vec::new();
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [file, .., recommended, rule] = cells[..] else { panic!("{row}") };
        let lists = ["alt view", "alternate", "alt raw", "alt:", "--views", "both in JSON"];
        if !lists.iter().any(|word| recommended.contains(word)) {
            continue;
        }
        seen += 1;
        let text = std::fs::read(folder.join(file)).expect("a case");
        if !readings(&text).1.contains(&rule[..4]) {
            missed.push(file.to_owned());
        }
    }
    assert!(seen > 10, "{seen}");
    assert!(missed.is_empty(), "without a view: {missed:?}");
}

#[test]
fn every_choice_is_documented() {
    let table = std::fs::read_to_string("docs/views.md").expect("the documentation");
    for choice in septet::views::Choice::ALL {
        assert!(table.contains(&format!("`{}`", choice.name())), "{}", choice.name());
    }
}

fn septet(arguments: &[&str], folder: &Path, input: &[u8]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("septet starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("septet reads");
    let output = child.wait_with_output().expect("septet ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The views in lines of JSON.
fn views_of(json: &str) -> Vec<String> {
    let line = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        object["views"].to_string()
    };
    json.lines().map(line).collect()
}

/// A message, of so many octets, with a part that stands behind the close delimiter.
fn message(octets: usize) -> String {
    let text = "text text text text text text text text text text text text\n".repeat(octets / 60);
    format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{text}--b--\n--b\n\
         Content-Disposition: attachment; filename=late.txt\n\nlate\n--b--\n"
    )
}

#[test]
fn files_pipes_and_mailboxes_have_the_same_views() {
    let folder = tempfile::tempdir().expect("a folder");
    // More than is kept in memory of what cannot be read twice.
    for octets in [60, 6_000_000] {
        let text = message(octets);
        let from = "From a@example.com Mon Jan  1 00:00:00 2024\n";
        let mbox = format!("{from}{text}\n{from}Subject: x\n\nhi\n\n{from}{text}\n");
        std::fs::write(folder.path().join("a.eml"), &text).expect("written");
        std::fs::write(folder.path().join("a.mbox"), &mbox).expect("written");
        let run = |file: &str, input: &str| {
            let json =
                septet(&["tree", "--json", "--views", file], folder.path(), input.as_bytes());
            views_of(&json)
        };
        let expected = run("a.eml", "");
        assert!(expected.len() == 1 && expected[0].contains("late.txt"), "{expected:?}");
        assert_eq!(run("-", &text), expected);
        let three = [&expected[0], "[]", &expected[0]].map(str::to_owned);
        assert_eq!(run("a.mbox", ""), three);
        assert_eq!(run("-", &mbox), three);
    }
}

#[test]
fn files_of_views_are_named_and_listed_alike_on_every_run() {
    let place = tempfile::tempdir().expect("a folder");
    let text = message(60);
    let mut runs = Vec::new();
    for run in ["one", "two"] {
        let arguments = ["extract", "--views=all", "-q", "--manifest", "-", "-d", run, "-", "-"];
        let list = septet(&arguments[..8], place.path(), text.as_bytes());
        let late = std::fs::read(place.path().join(run).join("v1-late.txt")).expect("written");
        assert_eq!(late, b"late");
        runs.push(list.replace(run, ""));
    }
    assert_eq!(runs[0], runs[1]);
    let views: Vec<serde_json::Value> = runs[0]
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["view"].take())
        .collect();
    assert_eq!(views, [None, Some("v1")].map(serde_json::Value::from));
}
