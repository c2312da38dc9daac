//! Records (`septet.record/1`): what they say of small messages, that they do not depend on how a
//! message was cut, that they are JSON whatever the octets, and that they agree with what the
//! structure and the header say.

mod common;

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use common::{Cut, corpus, files, fixtures};
use proptest::prelude::*;
use septet::base::Limits;
use septet::charset::Charset;
use septet::header::names::Name;
use septet::header::{Field, address, date, ids};
use septet::record::{Draft, Fields, Options, Recorder, Store};
use septet::structure::{At, Bodies, Builder, Structure, Visitor, Want};
use septet::walk::{Kind, Reader, Separator, begins_mbox};
use serde_json::{Value, json};

fn fields(list: &str) -> Options {
    Options { fields: list.parse().expect("fields"), ..Options::default() }
}

fn all() -> Options {
    Options { fields: Fields::ALL, digest: true, ..Options::default() }
}

/// The records of all messages of a source, and what `look` says of each structure.
fn read<T>(
    source: impl Read,
    separator: Separator,
    mut recorder: Recorder,
    options: &Options,
    mut look: impl FnMut(&Structure, &mut Recorder) -> T,
) -> Vec<(Value, T)> {
    let mut builder =
        Builder::new(Limits::default(), Charset::WINDOWS_1252, options.wants_survey());
    let mut reader = Reader::new(source, Limits::default(), builder.walk_options(separator));
    let mut records = Vec::new();
    loop {
        recorder.begin();
        let read = builder.read(&mut reader, &mut recorder).expect("reading from memory");
        let Some(structure) = read else { return records };
        let mut line = b"{\"schema\":\"septet.record/1\"".to_vec();
        recorder.finish(structure, &mut line).expect("writing to memory");
        line.push(b'}');
        let text = String::from_utf8(line).expect("UTF-8");
        assert!(!text.contains(|c: char| c.is_control()), "{text}");
        let record = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        records.push((record, look(structure, &mut recorder)));
    }
}

/// What stands between the messages of a text.
fn separator(text: &[u8]) -> Separator {
    if begins_mbox(text) { Separator::From } else { Separator::None }
}

fn records(text: &[u8], options: Options) -> Vec<Value> {
    let separator = separator(text);
    let records = read(text, separator, Recorder::new(options), &options, |_, _| ());
    records.into_iter().map(|(record, ())| record).collect()
}

/// The record of one message, without its schema.
fn record(text: &str, options: Options) -> Value {
    let mut record = records(text.as_bytes(), options).remove(0);
    record.as_object_mut().expect("an object").remove("schema");
    record
}

#[test]
fn what_the_header_says() {
    let cases: &[(&str, &str, &str, Value)] = &[
        (
            "nothing",
            "id,date,from,subject,references",
            "X: y\n\n",
            json!({
                "id": null, "date": null, "from": [], "subject": null, "references": [],
            }),
        ),
        (
            "ids",
            "id,in_reply_to,references",
            "References: <a@b> <c@d>\nMessage-ID: <x@y>\nIn-Reply-To: <c@d>\n\n",
            json!({
                "id": "x@y", "in_reply_to": ["c@d"], "references": ["a@b", "c@d"],
            }),
        ),
        (
            "dates",
            "date",
            "Date: Fri, 1 Mar 2024 01:02:03 -0000\n\n",
            json!({
                "date": "2024-03-01T01:02:03-00:00",
            }),
        ),
        ("a date that is none", "date", "Date: soon\n\n", json!({ "date": null })),
        (
            "addresses",
            "from,to,cc",
            "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.example>\n\
            To: a@x.example, Team: b@x.example;, nobody\nCc: none:;\n\n",
            json!({
                "from": [{"name": "Jürgen", "address": "j@x.example", "group": null}],
                "to": [
                    {"name": null, "address": "a@x.example", "group": null},
                    {"name": null, "address": "b@x.example", "group": "Team"},
                    {"name": null, "address": "nobody", "group": null},
                ],
                "cc": [{"name": null, "address": null, "group": "none"}],
            }),
        ),
        (
            "the first of a singleton counts",
            "subject,id",
            "Subject: one\nSubject: two\nMessage-ID: <1@x>\nMessage-ID: <2@x>\n\n",
            json!({
                "subject": "one", "id": "1@x",
            }),
        ),
        (
            "address lists are joined",
            "to",
            "To: a@x\nCc: no@x\nTo: b@x\n\n",
            json!({
                "to": [
                    {"name": null, "address": "a@x", "group": null},
                    {"name": null, "address": "b@x", "group": null},
                ],
            }),
        ),
        (
            "all fields in their order",
            "headers,id",
            "B: =?utf-8?B?w7w=?=\nA: x\n y\nB: z\n\n",
            json!({
                "headers": [["B", "ü"], ["A", "x y"], ["B", "z"]], "id": null,
            }),
        ),
        (
            "octets that are no text",
            "subject,sender",
            "Subject: =?utf-8?Q?=FF?=\nSender: =?utf-8?Q?=FF?= <a@x>\n\n",
            json!({
                "subject": "\u{fffd}", "lossy": true,
                "sender": [{"name": "\u{fffd}", "address": "a@x", "group": null, "lossy": true}],
            }),
        ),
        (
            "fields of a part are not the message's",
            "subject",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: inner\n\nx\n--b--\n",
            json!({
                "subject": null,
            }),
        ),
        (
            "a line end in a subject is no line",
            "subject",
            "Subject: =?utf-8?Q?a=0D=0AX:_b=E2=80=AEc?=\n\n",
            json!({ "subject": "a\r\nX: b\u{202e}c" }),
        ),
    ];
    for (name, keys, text, expected) in cases {
        assert_eq!(record(text, fields(keys)), *expected, "{name}");
        assert_eq!(record(&text.replace('\n', "\r\n"), fields(keys)), *expected, "{name}, CRLF");
    }
}

/// A multipart of these parts.
fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
    let mut text = format!("Content-Type: multipart/{subtype}; boundary={boundary}\n\n");
    for part in parts {
        text += &format!("--{boundary}\n{part}\n");
    }
    text + &format!("--{boundary}--\n")
}

const PLAIN: &str = "Content-Type: text/plain\n\nplain";
const HTML: &str = "Content-Type: text/html\n\n<p>html";
const NAMED: &str = "Content-Type: text/plain; name=a.txt\n\nnamed";
const ATTACHED: &str = "Content-Disposition: attachment\n\nattached";

#[test]
fn which_text() {
    let alternative = multipart("alternative", "a", &[PLAIN, HTML]);
    let message = format!("Content-Type: message/rfc822\n\n{alternative}");
    let enriched = "Content-Type: text/enriched\n\n<bold>Now</bold> is\nthe <<time>";
    let utf7 = "Content-Type: text/html; charset=utf-7\n\n+ADw-b";
    let cases: &[(&str, String, Value, Value)] = &[
        ("no MIME", "\nhello\nyou\n".to_owned(), json!("hello\nyou\n"), Value::Null),
        ("no body", "Subject: x\n".to_owned(), json!(""), Value::Null),
        ("html only", format!("{HTML}\n"), Value::Null, json!("<p>html\n")),
        ("alternative", alternative.clone(), json!("plain"), json!("<p>html")),
        (
            "plain parts are joined",
            multipart("mixed", "m", &[PLAIN, ATTACHED, PLAIN]),
            json!("plain\nplain"),
            Value::Null,
        ),
        (
            "html parts are not",
            multipart("mixed", "m", &[HTML, PLAIN, HTML]),
            json!("plain"),
            json!("<p>html"),
        ),
        (
            "files are no text",
            multipart("mixed", "m", &[PLAIN, NAMED]),
            json!("plain"),
            Value::Null,
        ),
        (
            "the first part is, whatever its name",
            multipart("mixed", "m", &[NAMED, NAMED]),
            json!("named"),
            Value::Null,
        ),
        (
            "nothing from inside a message",
            multipart("mixed", "m", &[PLAIN, &message]),
            json!("plain"),
            Value::Null,
        ),
        ("only a message inside", multipart("mixed", "m", &[&message]), Value::Null, Value::Null),
        (
            "behind a message inside",
            multipart("mixed", "m", &[&message, PLAIN]),
            json!("plain"),
            Value::Null,
        ),
        ("related", multipart("related", "r", &[HTML, HTML]), Value::Null, json!("<p>html")),
        (
            "nested",
            multipart("mixed", "m", &[&alternative, PLAIN]),
            json!("plain\nplain"),
            json!("<p>html"),
        ),
        (
            "enriched",
            multipart("alternative", "a", &[enriched, HTML]),
            json!("Now is the <time>"),
            json!("<p>html"),
        ),
        (
            "flowed stays as it is",
            "Content-Type: text/plain; format=flowed\n\na \nb\n".to_owned(),
            json!("a \nb\n"),
            Value::Null,
        ),
        (
            "base64, latin1",
            "Content-Type: text/plain; charset=iso-8859-1\n\
            Content-Transfer-Encoding: base64\n\n/A0KeA==\n"
                .to_owned(),
            json!("ü\nx"),
            Value::Null,
        ),
        (
            "an unknown coding is no text",
            "Content-Type: text/plain\n\
            Content-Transfer-Encoding: x-y\n\nabc\n"
                .to_owned(),
            Value::Null,
            Value::Null,
        ),
        ("UTF-7 in HTML stays", utf7.to_owned(), Value::Null, json!("+ADw-b")),
    ];
    for (name, text, plain, html) in cases {
        let expected = json!({ "text": plain, "html": html });
        assert_eq!(record(text, fields("text,html")), expected, "{name}");
    }
    let text = "Content-Type: text/plain; charset=utf-8\n\n\u{fffd}\n";
    assert_eq!(record(text, fields("text,id")), json!({ "id": null, "text": "\u{fffd}\n" }));
    let lossy = records(b"Content-Type: text/plain; charset=utf-8\n\n\xFF\n", fields("text,id"));
    assert_eq!(lossy[0]["lossy"], json!(true));
    let decoded = Options { utf7_html: true, ..fields("html,id") };
    assert_eq!(record(utf7, decoded)["html"], json!("<b"));
}

#[test]
fn text_of_html() {
    let to_text = |html: &str| format!("[{html}]");
    let options = Options { html_to_text: Some(to_text), ..fields("text,id") };
    let empty = multipart("alternative", "a", &["Content-Type: text/plain\n\n", HTML]);
    let cases: &[(&str, &str, Value)] = &[
        ("html only", HTML, json!("[<p>html]")),
        ("both", &multipart("alternative", "a", &[HTML, PLAIN]), json!("plain")),
        ("an empty plain text is one", &empty, json!("")),
        ("the first html", &multipart("mixed", "m", &[HTML, HTML]), json!("[<p>html]")),
        ("none", "Content-Type: image/png\n\nx", Value::Null),
        ("no html", "\nx", json!("x")),
    ];
    for (name, text, expected) in cases {
        assert_eq!(record(text, options)["text"], *expected, "{name}");
    }
}

#[test]
fn long_texts() {
    let cut = |max, list| Options { max_text: Some(max), ..fields(list) };
    let two = multipart("mixed", "m", &[PLAIN, PLAIN]);
    let text = "Content-Type: text/plain; charset=utf-8\n\na\u{fc}\"b";
    let cases: &[(&str, &str, Options, Value)] = &[
        ("fits", text, cut(5, "text,id"), json!({ "id": null, "text": "a\u{fc}\"b" })),
        (
            "between characters",
            text,
            cut(2, "text,id"),
            json!({ "id": null, "text": "a", "truncated": true }),
        ),
        (
            "escapes count once",
            text,
            cut(4, "text,id"),
            json!({ "id": null, "text": "a\u{fc}\"", "truncated": true }),
        ),
        ("nothing", text, cut(0, "text,id"), json!({ "id": null, "text": "", "truncated": true })),
        (
            "joined",
            &two,
            cut(8, "text,parts.text"),
            json!({
                "text": "plain\npl", "truncated": true,
                "parts": [{"text": null}, {"text": "plain"}, {"text": "plain"}],
            }),
        ),
    ];
    for (name, text, options, expected) in cases {
        assert_eq!(record(text, *options), *expected, "{name}");
    }
    // Over what is kept in memory, with escapes and joined with a short one.
    let long = "0123456789\"\u{e9}\n".repeat(1 << 18);
    let part = format!("Content-Type: text/plain; charset=utf-8\n\n{long}");
    let text = multipart("mixed", "m", &[PLAIN, &part, PLAIN]);
    let found = record(&text, fields("text,parts.text,parts.size"));
    assert!(found["text"] == format!("plain\n{long}\nplain"));
    assert!(found["parts"][2]["text"] == long);
    assert_eq!(found["parts"][2]["size"], json!(long.len()));
    assert_eq!(found.get("truncated"), None);
}

#[test]
fn what_parts_are() {
    let file = "Content-Type: application/pdf; name=\"x\"\n\
        Content-Disposition: Attachment; filename*=utf-8''%C3%BC.pdf\n\
        Content-Transfer-Encoding: Base64\nContent-ID: <c@x>\n\nAAECAw==";
    let latin1 = "Content-Type: text/plain; charset=ISO-8859-1\n\n\u{fc}";
    let text = multipart("mixed", "m", &[latin1, file]);
    let hash = "054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d8";
    let mut expected = json!([
        {"part": "0", "type": "multipart/mixed", "charset": null, "charset_used": null,
            "encoding": "7bit", "disposition": null, "filename": null, "content_id": null,
            "size": null, "sha256": null, "path": null, "text": null},
        {"part": "1", "type": "text/plain", "charset": "iso-8859-1", "charset_used": "utf-8",
            "encoding": "7bit", "disposition": null, "filename": null, "content_id": null,
            "size": 2, "sha256": null, "path": null, "text": "\u{fc}"},
        {"part": "2", "type": "application/pdf", "charset": null, "charset_used": null,
            "encoding": "base64", "disposition": "attachment", "filename": "\u{fc}.pdf",
            "content_id": "c@x", "size": 4, "sha256": null, "path": null, "text": null},
    ]);
    let options = fields("parts,parts.text");
    assert_eq!(record(&text, options)["parts"], expected);
    let digest = record(&text, Options { digest: true, ..options });
    assert_eq!(digest["parts"][2]["sha256"], json!(hash));
    assert_eq!(digest["parts"][0]["sha256"], Value::Null);
    for part in expected.as_array_mut().expect("parts") {
        let part = part.as_object_mut().expect("a part");
        part.retain(|name, _| matches!(name.as_str(), "part" | "size"));
    }
    assert_eq!(record(&text, fields("parts.part,parts.size")), json!({ "parts": expected }));
}

#[test]
fn what_is_odd() {
    let text = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n";
    let found = record(text, fields("findings"));
    let finding = &found["findings"][0];
    assert_eq!(finding["rule"], json!("B030"));
    assert_eq!(finding["name"], json!("no-close-delimiter"));
    assert_eq!((&finding["severity"], &finding["fix"]), (&json!("warning"), &json!("none")));
    assert_eq!(finding["part"], json!("0"));
    assert!(finding["span"].is_array() && finding["message"].is_string());
    assert_eq!(finding.as_object().expect("an object").len(), 7);
}

/// Keeps contents in memory; refuses those that begin with `!`, late or early.
#[derive(Default)]
struct Shelf(Contents);

struct Sheet(Contents, Vec<u8>);

/// Paths and what stands there.
type Contents = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

impl Store for Shelf {
    fn begin(&self) -> io::Result<Box<dyn Draft>> {
        Ok(Box::new(Sheet(self.0.clone(), Vec::new())))
    }
}

impl Write for Sheet {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if octets.starts_with(b"!") {
            return Err(io::Error::other("full"));
        }
        self.1.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Draft for Sheet {
    fn keep(self: Box<Self>, sha256: &[u8; 32]) -> io::Result<String> {
        if self.1.starts_with(b"?") {
            return Err(io::Error::other("gone"));
        }
        let path = format!("{:02x}{:02x}", sha256[0], sha256[1]);
        self.0.lock().expect("no panic").push((path.clone(), self.1));
        Ok(path)
    }
}

#[test]
fn attachments_are_stored() {
    let message = "Content-Type: message/rfc822\n\nSubject: x\n\ninside";
    let text = multipart("mixed", "m", &[PLAIN, HTML, HTML, ATTACHED, message]);
    let shelf = Shelf::default();
    let kept = shelf.0.clone();
    let options = fields("parts.part,parts.path,parts.sha256");
    let recorder = Recorder::new(options).with_store(Arc::new(shelf));
    let found = read(text.as_bytes(), Separator::None, recorder, &options, |_, recorder| {
        assert!(recorder.take_failure().is_none());
    });
    let stored: Vec<&Value> = found[0].0["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .filter(|part| part["path"].is_string())
        .map(|part| &part["part"])
        .collect();
    // Neither the plain text nor the first HTML, which the record has; all else.
    assert_eq!(stored, ["3", "4", "5.1"]);
    let contents: Vec<Vec<u8>> =
        kept.lock().expect("no panic").iter().map(|(_, content)| content.clone()).collect();
    assert_eq!(contents, [&b"<p>html"[..], b"attached", b"inside"]);
}

#[test]
fn a_store_that_fails_stops_nothing() {
    for (bad, error) in [("!", "full"), ("?", "gone")] {
        let bad = format!("Content-Disposition: attachment\n\n{bad}");
        let text = multipart("mixed", "m", &[PLAIN, &bad, ATTACHED]);
        let options = fields("text,parts.path");
        let recorder = Recorder::new(options).with_store(Arc::new(Shelf::default()));
        let found = read(text.as_bytes(), Separator::None, recorder, &options, |_, recorder| {
            let failure = recorder.take_failure().map(|failure| failure.to_string());
            assert!(recorder.take_failure().is_none());
            failure
        });
        let (record, failure) = &found[0];
        assert_eq!(failure.as_deref(), Some(error));
        assert_eq!(record["parts"][2]["path"], Value::Null);
        assert!(record["parts"][3]["path"].is_string());
        assert_eq!(record["text"], json!("plain"));
    }
}

/// Everything that a record holds must be what the structure and the parsers of fields say.
#[derive(Default)]
struct Witness {
    fields: Vec<Vec<u8>>,
}

impl Visitor for Witness {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.part == 0 && kind == Kind::Field {
            self.fields.push(octets.to_vec());
        }
        Ok(())
    }

    fn headed(&mut self, _: &Structure, _: u32) -> io::Result<Want> {
        Ok(Want::Nothing)
    }
}

impl Witness {
    fn bodies(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        let fields = self.fields.iter().filter_map(|octets| Field::parse(octets));
        fields.filter(move |field| Name::of(field.name) == Some(name)).map(|field| field.body)
    }

    fn check(&self, structure: &Structure, record: &Value) {
        let context = structure.context();
        for (key, name) in [("from", Name::From), ("to", Name::To), ("cc", Name::Cc)] {
            let found = self.bodies(name).flat_map(|body| address::parse(body, context, &mut ()));
            let found: Vec<Value> = found
                .map(|a| {
                    let mut value = json!({"name": a.name, "address": a.address, "group": a.group});
                    if a.lossy {
                        value["lossy"] = json!(true);
                    }
                    value
                })
                .collect();
            assert_eq!(record[key], json!(found), "{key}");
        }
        let date = self.bodies(Name::Date).next().and_then(|body| date::parse(body, &mut ()));
        assert_eq!(record["date"], json!(date.map(|date| date.rfc3339())));
        let references = self.bodies(Name::References).next().map(ids::parse);
        assert_eq!(record["references"], json!(references.unwrap_or_default()));
        let id = self.bodies(Name::MessageId).next().map(ids::parse);
        assert_eq!(record["id"], json!(id.and_then(|ids| ids.into_iter().next())));
        let headers = record["headers"].as_array().expect("headers");
        for (octets, header) in self.fields.iter().zip(headers) {
            let field = Field::parse(octets).expect("a field");
            assert_eq!(header[1], json!(septet::header::text(&field, context).text));
        }
        assert_eq!(headers.len(), self.fields.len());
        check_parts(structure, record);
        assert_eq!(
            record["findings"].as_array().expect("findings").len(),
            structure.findings().len()
        );
    }
}

fn check_parts(structure: &Structure, record: &Value) {
    let parts = record["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), structure.parts().len());
    for (part, found) in structure.parts().zip(parts) {
        assert_eq!(found["part"], json!(part.number()));
        assert_eq!(found["type"], json!(part.essence()));
        assert_eq!(found["charset"], json!(part.charset()));
        assert_eq!(found["encoding"], json!(part.encoding()));
        assert_eq!(found["filename"], json!(part.filename()));
        assert_eq!(found["content_id"], json!(part.content_id()));
        assert_eq!(found["size"], json!(part.size()));
        assert_eq!(found["sha256"].is_string(), part.is_leaf());
        let is_text = part.is_leaf() && part.effective_type().starts_with("text/");
        assert_eq!(found["text"].is_string(), is_text);
        assert_eq!(found["charset_used"].is_string(), is_text);
    }
    // `text` and `html` by the texts of the parts and the lists of main bodies.
    let bodies = Bodies::of(structure);
    let of_type = |list: &[u32], wanted: &str| -> Vec<&str> {
        let list = list.iter().filter(|&&i| parts[i as usize]["type"] == wanted);
        list.filter_map(|&i| parts[i as usize]["text"].as_str()).collect()
    };
    let has_markup = parts
        .iter()
        .any(|part| matches!(part["type"].as_str(), Some("text/enriched" | "text/richtext")));
    let plain = of_type(&bodies.text, "text/plain");
    if !has_markup {
        assert_eq!(record["text"], json!((!plain.is_empty()).then(|| plain.join("\n"))));
    }
    assert_eq!(record["html"], json!(of_type(&bodies.html, "text/html").first()));
}

fn check(text: &[u8]) {
    let options = all();
    let separator = separator(text);
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
    let mut reader = Reader::new(text, Limits::default(), builder.walk_options(separator));
    let found = records(text, options);
    for record in &found {
        let mut witness = Witness::default();
        let read = builder.read(&mut reader, &mut witness).expect("reading from memory");
        witness.check(read.expect("as many messages as records"), record);
    }
    let cuts: &[&[usize]] = match text.len() {
        0..3_000 => &[&[1], &[61, 3, 2]],
        3_000..20_000 => &[&[61, 3, 2]],
        _ => &[&[4093, 3, 1000]],
    };
    for sizes in cuts {
        let source = Cut { text, sizes, at: 0 };
        let cut = read(source, separator, Recorder::new(options), &options, |_, _| ());
        let cut: Vec<Value> = cut.into_iter().map(|(record, ())| record).collect();
        assert!(cut == found, "in pieces of {sizes:?}: {cut:#?}\nwhole: {found:#?}");
    }
    // Sizes do not depend on the survey.
    let sizes = |record: &Value| -> Vec<Value> {
        record["parts"].as_array().expect("parts").iter().map(|part| part["size"].clone()).collect()
    };
    for (record, surveyed) in records(text, fields("parts.size")).iter().zip(&found) {
        assert_eq!(sizes(record), sizes(surveyed));
    }
}

#[test]
fn fixtures_and_corpus() {
    for (name, text) in fixtures() {
        println!("{name}");
        check(&text);
    }
    for folder in ["suites", "hard", "ambiguous"] {
        for path in corpus(folder).iter().flat_map(|folder| files(folder)) {
            let text = std::fs::read(&path).expect("a readable file");
            if text.len() < 200_000 {
                println!("{}", path.display());
                check(&text);
            }
        }
    }
}

/// Octets among which the syntax of mail is likely.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|c| vec![c]),
        Just(b"\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"--b\n".to_vec()),
        Just(b"Content-Type: multipart/alternative; boundary=b\n".to_vec()),
        Just(b"Content-Type: text/html; charset=utf-8\n".to_vec()),
        Just(b"Content-Type: text/enriched\n".to_vec()),
        Just(b"Content-Type: message/rfc822\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\n".to_vec()),
        Just(b"Content-Disposition: attachment; filename=\"\x1b\xff\"\n".to_vec()),
        Just(b"Subject: =?utf-8?Q?=E2=80=AE=00?=\n".to_vec()),
        Just(b"From: a <b@c>, \"\x7f\n".to_vec()),
        Just(b"Message-ID: <\x80>\n".to_vec()),
        Just(b"<b>\"\\ \xe2\x80\xae".to_vec()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_octets_are_a_record(text in octets(), max in prop::option::of(0u64..30)) {
        check(&text);
        let options = Options { max_text: max, html_to_text: Some(str::to_owned), ..all() };
        for record in records(&text, options) {
            let length = record["text"].as_str().map_or(0, str::len) as u64;
            prop_assert!(length <= max.unwrap_or(u64::MAX));
        }
    }
}
