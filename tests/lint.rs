//! `septet lint` as pipelines see it: SARIF, JSON, exit status, standard input, what is mended.

mod common;

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use common::{corpus, files};
use septet::base::{Eol, Limits, RULES};
use septet::charset::Charset;
use septet::convert::{Action, Converter, Options};
use serde_json::Value;

fn septet(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet")).args(arguments).output().expect("septet runs")
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("septet starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("septet reads");
    child.wait_with_output().expect("septet ends")
}

fn text(output: Output) -> String {
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn sarif(inputs: &[&str]) -> Value {
    let arguments = [&["lint", "--format", "sarif"], inputs].concat();
    serde_json::from_str(&text(septet(&arguments))).expect("JSON")
}

/// The members that SARIF 2.1.0 and GitHub's code scanning ask for, with the types that they have.
#[test]
fn sarif_has_what_github_asks_for() {
    let log = sarif(&["testdata"]);
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().expect("a URI").contains("sarif-2.1.0"));
    let [run] = &log["runs"].as_array().expect("runs")[..] else { panic!("one run") };
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "septet");
    let rules = driver["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), RULES.len());
    for (rule, info) in rules.iter().zip(RULES) {
        assert_eq!(rule["id"], info.id);
        for member in ["shortDescription", "fullDescription", "help"] {
            let text = rule[member]["text"].as_str().expect("a text");
            assert!((10..1000).contains(&text.len()), "{text}");
        }
        assert!(rule["help"]["markdown"].as_str().expect("Markdown").contains(info.name));
        assert_eq!(rule["defaultConfiguration"]["level"], info.severity.name());
    }
    let results = run["results"].as_array().expect("results");
    assert!(results.len() > 100);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        assert!(uri.is_ascii() && !uri.contains(' '), "{uri}");
        let number = |member: &str| place["region"][member].as_u64().expect("a number");
        assert!(number("startLine") >= 1 && number("startColumn") >= 1);
        let (start, end) = (
            (number("startLine"), number("startColumn")),
            (number("endLine"), number("endColumn")),
        );
        assert!(start <= end, "{result}");
    }
}

/// Lines, columns and octets of one region name the same place in the file, in mailboxes too.
#[test]
fn sarif_regions_are_places_in_the_files() {
    let mut files: HashMap<String, Vec<u8>> = HashMap::new();
    let log = sarif(&["testdata/broken", "testdata/mailboxes/three.mbox", "testdata/report.eml"]);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let mut later_messages = 0;
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
        let octets =
            files.entry(uri.to_owned()).or_insert_with(|| fs::read(uri).expect("a fixture"));
        let number = |member: &str| place["region"][member].as_u64().expect("a number");
        let end_of_line = if octets.contains(&b'\n') { b'\n' } else { b'\r' };
        let line_and_column = |offset: u64| {
            let before = &octets[..offset as usize];
            let start = before.iter().rposition(|&c| c == end_of_line).map_or(0, |at| at + 1);
            let lines = before.iter().filter(|&&c| c == end_of_line).count() as u64;
            let characters = before[start..].iter().filter(|&&c| c & 0xc0 != 0x80).count() as u64;
            (lines + 1, characters + 1)
        };
        let start = number("byteOffset");
        let end = start + number("byteLength");
        assert_eq!(line_and_column(start), (number("startLine"), number("startColumn")), "{place}");
        assert_eq!(line_and_column(end), (number("endLine"), number("endColumn")), "{place}");
        later_messages += u64::from(result["properties"]["message"].as_u64() > Some(1));
    }
    assert!(later_messages > 0);
}

#[test]
fn nothing_to_read_is_still_a_document() {
    let log: Value =
        serde_json::from_slice(&piped(&["lint", "--format", "sarif"], b"").stdout).expect("JSON");
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn a_pipe_is_read_like_a_file() {
    for name in
        ["testdata/report.eml", "testdata/mailboxes/three.mbox", "testdata/broken/cr-only.eml"]
    {
        let octets = fs::read(name).expect("a fixture");
        for format in ["text", "json"] {
            let found = text(piped(&["lint", "--format", format], &octets));
            let expected = text(septet(&["lint", "--format", format, name]));
            assert_eq!(
                found.replace(" -#", " ").replace("-#", "#"),
                expected.replace(name, "-").replace(" -#", " ").replace("-#", "#")
            );
        }
    }
}

/// What is not in memory any more is read from where it was put.
#[test]
fn a_large_message_from_a_pipe_is_shown() {
    let mut message = b"Subject: x\n\n".to_vec();
    message.extend(b"text\n".repeat(1_200_000));
    message.extend(b"a\rb\n");
    let found = text(piped(&["lint", "--select", "L002"], &message));
    assert!(found.contains(":1200003:2\n") && found.contains("a\\x0db"), "{found}");
}

#[test]
fn the_exit_status_is_what_was_asked_for() {
    let cases: &[(&[&str], i32)] = &[
        (&["testdata/broken/headers.eml"], 0),
        (&["--fail-on", "error", "testdata/broken/headers.eml"], 1),
        (&["--fail-on", "error", "testdata/report.eml"], 0),
        (&["--fail-on", "warning", "testdata/report.eml"], 0),
        (&["--fail-on", "note", "testdata/report.eml"], 1),
        (&["--fail-on", "note", "--ignore", "H,W,E", "testdata/report.eml"], 0),
        (&["--fail-on", "error", "--select", "B", "testdata/broken/headers.eml"], 0),
        (&["--fail-on", "error", "testdata/no-such-file"], 2),
        (&["--select", "Q", "testdata/report.eml"], 64),
        (&["--ignore", "no-such-rule", "testdata/report.eml"], 64),
        (&["--explain", "B030x"], 64),
        (&["--explain", "B030", "testdata/report.eml"], 64),
        (&["--in-place", "testdata/report.eml"], 64),
        (&["--list"], 0),
    ];
    for (arguments, expected) in cases {
        for format in ["text", "sarif"] {
            let is_alone = ["--explain", "--list", "--in-place"].contains(&arguments[0]);
            let format: &[&str] = if is_alone { &[] } else { &["--format", format] };
            let output = septet(&[&["lint"], format, arguments].concat());
            assert_eq!(output.status.code(), Some(*expected), "{arguments:?}");
        }
    }
}

/// The explanations are those of the page.
#[test]
fn explanations_stand_on_the_page() {
    let page = fs::read_to_string("docs/rules.md").expect("the page");
    for rule in ["B030", "no-close-delimiter", "n001"] {
        let explained = text(septet(&["lint", "--explain", rule]));
        assert!(explained.lines().count() > 10 && page.contains(&explained), "{explained}");
    }
}

#[test]
fn nothing_reaches_the_terminal_raw() {
    let found = text(septet(&["lint", "testdata/broken", "testdata/unusual"]));
    assert!(found.len() > 10_000);
    assert!(found.chars().all(|c| c == '\n' || !septet::base::chars::is_unsafe(c)), "{found}");
}

#[test]
fn what_a_transport_does_not_take_is_found_if_asked_for() {
    let message = "Subject: \u{fc}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
                   Content-Transfer-Encoding: 8bit\n\n\u{fc}\n";
    let cases: &[(&str, &[&str])] =
        &[("7bit", &["N004", "N003", "N001"]), ("8bitmime", &["N003"]), ("smtputf8", &[])];
    for (transport, expected) in cases {
        let arguments = ["lint", "--json", "--for", transport, "--select", "N"];
        let value: Value =
            serde_json::from_slice(&piped(&arguments, message.as_bytes()).stdout).expect("JSON");
        let findings = value["findings"].as_array().expect("findings");
        let mut found: Vec<_> = findings.iter().map(|f| f["rule"].as_str().expect("id")).collect();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{transport}");
    }
}

#[test]
fn mending_is_a_filter() {
    let message = "Subject : \u{fc}\nContent-Type: text/plain; charset=utf-8\n\n\u{fc}\n";
    let expected = "Subject: =?UTF-8?B?w7w=?=\nMIME-Version: 1.0\n\
                    Content-Type: text/plain; charset=utf-8\n\
                    Content-Transfer-Encoding: 8bit\n\n\u{fc}\n";
    let once = piped(&["lint", "--fix"], message.as_bytes());
    assert_eq!(once.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&once.stdout), expected);
    assert_eq!(piped(&["lint", "--fix"], &once.stdout).stdout, once.stdout);
}

/// Mail that others wrote says the same when it was mended, and needs it once.
#[test]
fn mending_does_no_harm_to_the_corpus() {
    let (limits, fallback) = (Limits::default(), Charset::WINDOWS_1252);
    let mut converter = Converter::new(Options::mending(), limits, fallback, true);
    let mut mend = |name: &str, message: &[u8]| {
        let eol = Eol::detect(message, true).unwrap_or_default();
        let converted = converter.convert(eol, || message).expect("memory");
        assert_ne!(converted.verified, Some(false), "{name}: {:?}", converted.differences);
        let mut out = Vec::new();
        converted.write(message, &mut out).expect("memory");
        (converted.action() == Action::Converted).then_some(out)
    };
    let mut count = 0;
    for folder in ["suites", "hard", "ambiguous", "convert", "downgrade"] {
        for path in corpus(folder).iter().flat_map(|folder| files(folder)) {
            let name = path.display().to_string();
            let message = fs::read(&path).expect("a file of the corpus");
            if message.len() > 1_000_000 {
                continue;
            }
            if let Some(once) = mend(&name, &message) {
                count += 1;
                assert_eq!(mend(&name, &once), None, "{name}");
            }
        }
    }
    println!("{count} were mended");
}
