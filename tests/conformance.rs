//! What other projects expect of mail, and what was found to be right of hard cases.
//!
//! The expectations stand in the corpus, which is kept outside of the project; without it these tests
//! pass, and say so. Each prints how far we agree, source by source, and where we do not; what is
//! left of that has its reason in docs/leniency.md. A test fails under 99 in 100.

mod common;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

use common::{corpus, replace};
use septet::base::{Eol, Limits, Rule, Severity, Span};
use septet::charset::Charset;
use septet::header::address::{self, Address};
use septet::header::date::{self, Date};
use septet::header::words::{self, Place};
use septet::header::{Context, Field, mime, params, received};
use septet::structure::{
    At, Builder, Part, Structure, TextDecoder, Visitor, Want, declared_charset,
};
use septet::transfer::Coding;
use septet::walk::{Kind, Reader, Separator};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How many of a hundred must agree.
const THRESHOLD: usize = 99;

/// Where we differ and mean to, or know that we should not: part of the row, parts of the places
/// (files; or of single fields, the first digits of their SHA-256), and why. They are printed and
/// count for nothing; whatever else differs counts.
const SET_ASIDE: &[(&str, &[&str], &str)] = &[
    ("mail-parser size", &["legacy/017.eml", "legacy/048.eml"], "x-uuencode is decoded"),
    ("mail-parser sha256", &["legacy/017.eml", "legacy/048.eml"], "x-uuencode is decoded"),
    ("mail-parser text", &["legacy/026.eml"], "x-uuencode is decoded"),
    (
        "mail-parser",
        &["legacy/010.eml", "legacy/016.eml", "legacy/017.eml", "legacy/026.eml", "legacy/027.eml"],
        "octets over 127 that are no UTF-8 are read in the fallback charset, not as U+FFFD",
    ),
    ("mail-parser", &["legacy/039.eml"], "a backslash in a file name is one, as in DOS paths"),
    (
        "mail-parser",
        &["malformed/019.eml", "malformed/020.eml", "malformed/021.eml"],
        "of fields that may stand once the first counts",
    ),
    ("mail-parser", &["malformed/004.eml"], "`--ab` is no delimiter of the boundary `a`"),
    (
        "mail-parser leaves",
        &["malformed/022.eml"],
        "text in message/rfc822 is a message without header",
    ),
    ("mail-parser", &["rfc/004.eml"], "one word is an address without a domain"),
    (
        "mime4j",
        &["weird-boundary.msg"],
        "a boundary does not end with white space (RFC 2046 §5.1.1)",
    ),
    ("mime4j", &["frag.msg"], "base64 without its padding keeps the last octets"),
    ("type", &["mbox/simple/3"], "a multipart that has no boundary is a leaf of its own type"),
    (
        "mime-tools leaves",
        &["ak-0696.msg"],
        "one of three readings does not look into message/rfc822",
    ),
    ("set-of-emails", &["lhost-dragonfly-01.eml"], "not twins: CR CR LF became two line ends"),
    (
        "mail-parser address",
        &["4654cf0b", "7fb9f66c", "28fb8612", "8a6d56cb", "08f5eb73"],
        "comments are no part of a name, but for the one behind an address (RFC 5322 §3.2.2)",
    ),
    (
        "jsmime",
        &["255bdad0", "057f1931"],
        "comments are no part of a name, but for the one behind an address (RFC 5322 §3.2.2)",
    ),
    (
        "mail-parser address",
        &["5097cefe"],
        "a route, and white space around dots, are no part of an address (RFC 5322 §4.4)",
    ),
    (
        "jsmime",
        &["e0cfaf4c"],
        "white space ends an address; one word is an address without a domain",
    ),
    (
        "mail-parser date",
        &["950963fd"],
        "a date is not made of numbers whose order must be guessed",
    ),
    (
        "mail-parser content_type",
        &["09e6bd9e"],
        "white space between encoded-words is none, in quotes too (RFC 2047 §6.2)",
    ),
    (
        "mail-parser content_type",
        &["369b779a", "c8d44e3c"],
        "no more than 999 sections, and no asterisks but those of RFC 2231 §7",
    ),
    ("jakarta/angus", &["ee089bbb"], "encoded-words in parameters are decoded, as all readers do"),
    (
        "jakarta/angus",
        &["ff2c0c96", "9f895e4d", "14d161f5"],
        "white space does not separate addresses (RFC 5322 §3.4)",
    ),
    ("jakarta/angus", &["e3702de0"], "a comment is no address (RFC 5322 §3.2.2)"),
    (
        "jakarta/angus",
        &[
            "b9020667", "31db8c40", "3a2a41b5", "32c84531", "0a4302ed", "ac2afaf9", "ee1a16bb",
            "98c1f079", "1d596a8a",
        ],
        "an angle bracket without its other half is a finding and no part of an address",
    ),
    ("jakarta/angus", &["17d70d1f", "12e3cf76"], "how far a comment goes that is never closed"),
    (
        "jakarta/angus",
        &["eb47dc0b", "bc226258", "d6f5fdb9"],
        "a group ends with its semicolon; what follows is another entry",
    ),
    ("jakarta/angus", &["b110764d"], "a backslash before a parenthesis quotes it"),
    (
        "jakarta/angus",
        &["58893121", "eb9f98ff", "80781e4a"],
        "a word and a colon begin a group, and end one that is open; groups do not nest",
    ),
];

/// How many questions there were, and how many were answered alike, by source.
#[derive(Default)]
struct Tally {
    rows: BTreeMap<String, (usize, usize)>,
    /// How many differ for each reason.
    set_aside: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Counts one question; where the answers part is shown if they do.
    fn check(&mut self, row: &str, place: &str, got: &str, want: &str) {
        self.count(row, got == want, || {
            let same = got.chars().zip(want.chars()).take_while(|(a, b)| a == b).count();
            let shown = |text: &str| {
                let end: String = text.chars().skip(same.saturating_sub(80)).take(300).collect();
                format!("{end:?} ({} octets)", text.len())
            };
            format!("{place}\n      we   {}\n      they {}", shown(got), shown(want))
        });
    }

    fn count(&mut self, row: &str, agrees: bool, place: impl Fn() -> String) {
        let reason = SET_ASIDE.iter().find(|(source, places, _)| {
            !agrees && row.contains(source) && places.iter().any(|part| place().contains(part))
        });
        if let Some((.., why)) = reason {
            *self.set_aside.entry(why).or_default() += 1;
            return;
        }
        let (met, all) = self.rows.entry(row.to_owned()).or_default();
        *all += 1;
        *met += usize::from(agrees);
        if !agrees {
            println!("miss: {row}: {}", place());
        }
    }

    /// Prints the figures; fails if too few agree.
    fn finish(self) {
        let (mut met, mut all) = (0, 0);
        for (row, (row_met, row_all)) in &self.rows {
            println!("{row:44} {row_met}/{row_all}");
            met += row_met;
            all += row_all;
        }
        for (why, count) in &self.set_aside {
            println!("set aside {count:3}: {why}");
        }
        let set_aside: usize = self.set_aside.values().sum();
        println!("{met}/{all}; with what is set aside {met}/{}", all + set_aside);
        assert!(all > 0 && met * 100 >= all * THRESHOLD, "{met} of {all} agree");
    }
}

fn context() -> Context {
    Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
}

/// The objects of a file of JSON lines.
fn json_lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a file of expectations");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The rows of a file of tab-separated values, without the title.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("a file of expectations");
    let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// White space does not matter where text was rendered or folded.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first message of an input: structure, the fields of the root, the contents of the leaves.
struct Message {
    builder: Builder,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    fields: Vec<Vec<u8>>,
    contents: Vec<Vec<u8>>,
}

impl Visitor for Seen {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field && at.part == 0 {
            self.fields.push(octets.to_vec());
        }
        Ok(())
    }

    fn headed(&mut self, _: &Structure, part: u32) -> io::Result<Want> {
        self.contents.resize(part as usize + 1, Vec::new());
        Ok(Want::Decoded)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.contents[part as usize].extend_from_slice(octets);
        Ok(())
    }
}

impl Message {
    fn read(text: &[u8]) -> Message {
        let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
        let options = builder.walk_options(Separator::of(text));
        let mut reader = Reader::new(text, Limits::default(), options);
        let mut seen = Seen::default();
        builder.read(&mut reader, &mut seen).expect("reading from memory");
        Message { builder, seen }
    }

    fn structure(&self) -> &Structure {
        self.builder.structure()
    }

    fn leaves(&self) -> Vec<Part<'_>> {
        self.structure().parts().filter(Part::is_leaf).collect()
    }

    fn part(&self, number: &str) -> Option<Part<'_>> {
        self.structure().parts().find(|part| part.number() == number)
    }

    fn content(&self, part: &Part<'_>) -> &[u8] {
        &self.seen.contents[part.index() as usize]
    }

    /// The text of a leaf, line ends LF.
    fn text(&self, part: &Part<'_>) -> String {
        let others = declared_charset(self.structure());
        let mut decoder = TextDecoder::new(part, false);
        let mut text = String::new();
        decoder.decode(self.content(part), others, &mut |piece| text.push_str(piece));
        decoder.finish(others, &mut |piece| text.push_str(piece));
        text
    }

    /// The bodies of the fields of that name.
    fn fields<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.seen.fields.iter().filter_map(|octets| Field::parse(octets));
        fields.filter(move |field| field.is(name)).map(|field| field.body)
    }

    fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields(name).next()
    }

    fn subject(&self) -> Option<String> {
        Some(words::decode(self.field("subject")?, Place::Text, &context(), &mut ()).text)
    }

    /// The addresses of all fields of that name (RFC 7103 §7.5.1).
    fn addresses(&self, name: &str) -> Vec<Address> {
        self.fields(name).flat_map(|body| address::parse(body, &context(), &mut ())).collect()
    }

    fn date(&self) -> Option<Date> {
        date::parse(self.field("date")?, &mut ())
    }
}

fn sha256(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A text or a number of JSON as text; `None` for null and for what is empty.
fn stated(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

// What the test suites of other parsers state.

/// The entries of a list that the corpus says cannot be held against anybody.
struct Excluded(HashSet<[String; 3]>);

impl Excluded {
    fn read(folder: &Path) -> Excluded {
        let rows = rows(&folder.join("excluded.tsv")).into_iter();
        Excluded(rows.filter_map(|row| row[..3].to_vec().try_into().ok()).collect())
    }

    fn has(&self, file: &str, source: &str, what: &str) -> bool {
        ["*", what]
            .iter()
            .any(|what| self.0.contains(&[file.to_owned(), source.to_owned(), (*what).to_owned()]))
    }
}

/// One statement of a suite about a message.
struct Statement<'a> {
    tally: &'a mut Tally,
    excluded: &'a Excluded,
    file: &'a str,
    source: &'a str,
}

impl Statement<'_> {
    fn check(&mut self, what: &str, got: &str, want: &str) {
        if !self.excluded.has(self.file, self.source, what) {
            self.tally.check(&format!("{} {what}", self.source), self.file, got, want);
        }
    }
}

#[test]
fn what_the_suites_expect() {
    let Some(folder) = corpus("expect") else { return };
    let excluded = Excluded::read(&folder);
    let mut tally = Tally::default();
    for expected in json_lines(&folder.join("expected.jsonl")) {
        let (file, source) = (&stated(&expected["file"]), &stated(&expected["source"]));
        let (Some(file), Some(source)) = (file, source) else { continue };
        let mut text = std::fs::read(folder.join("..").join(file)).expect("a file of the corpus");
        // The suites of these two read files whose lines end with LF.
        if matches!(source.as_str(), "mail-parser" | "mime-tools" | "mimekit-offsets") {
            text = replace(&text, b"\r\n", b"\n");
        }
        let message = Message::read(&text);
        let mut statement = Statement { tally: &mut tally, excluded: &excluded, file, source };
        about_the_header(&mut statement, &message, &expected);
        about_the_leaves(&mut statement, &message, &expected);
        if source == "mimekit-offsets" {
            about_offsets(&mut statement, &message, &expected);
        }
    }
    tally.finish();
}

fn about_the_header(statement: &mut Statement<'_>, message: &Message, expected: &Value) {
    if let Some(subject) = stated(&expected["subject"]) {
        let got = message.subject().unwrap_or_default();
        statement.check("subject", &squeezed(&got), &squeezed(&subject));
    }
    for field in ["from", "to"] {
        let Some(wanted) = expected[field].as_array().filter(|list| !list.is_empty()) else {
            continue;
        };
        let got = message.addresses(field);
        let got_addresses: Vec<_> = got.iter().map(|a| a.address.clone()).collect();
        let addresses: Vec<_> = wanted.iter().map(|a| stated(&a["address"])).collect();
        statement.check(field, &format!("{got_addresses:?}"), &format!("{addresses:?}"));
        for (got, wanted) in got.iter().zip(wanted).filter(|_| got_addresses == addresses) {
            if let Some(name) = stated(&wanted["name"]) {
                let got = got.name.as_deref().unwrap_or_default();
                statement.check(&format!("{field} name"), &squeezed(got), &squeezed(&name));
            }
        }
    }
    if let Some(date) = stated(&expected["date"]) {
        // Others do not tell an unknown zone from UTC.
        let got = message.date().map(|date| date.rfc3339().replace("-00:00", "+00:00"));
        statement.check("date", &got.unwrap_or_default(), &date.replace('Z', "+00:00"));
    }
}

fn about_the_leaves(statement: &mut Statement<'_>, message: &Message, expected: &Value) {
    let is_leaf = |part: &&Value| {
        let is = |prefix: &str| {
            part["content_type"]
                .as_str()
                .is_some_and(|content_type| content_type.starts_with(prefix))
        };
        !matches!(part["kind"].as_str(), Some("multipart" | "message"))
            && !is("multipart/")
            && !is("message/rfc822")
    };
    let wanted: Vec<&Value> =
        expected["parts"].as_array().into_iter().flatten().filter(is_leaf).collect();
    if wanted.is_empty() {
        return;
    }
    let leaves = message.leaves();
    statement.check("leaves", &leaves.len().to_string(), &wanted.len().to_string());
    if leaves.len() == wanted.len() {
        for (leaf, wanted) in leaves.iter().zip(wanted) {
            about_a_leaf(statement, message, leaf, wanted);
        }
    }
}

fn about_a_leaf(statement: &mut Statement<'_>, message: &Message, leaf: &Part<'_>, wanted: &Value) {
    if let Some(essence) = stated(&wanted["content_type"]) {
        statement.check("type", &leaf.essence(), &essence.to_lowercase());
    }
    if let Some(filename) = stated(&wanted["filename"]) {
        let got = leaf.filename().unwrap_or_default();
        statement.check("filename", &squeezed(&got), &squeezed(&filename));
    }
    if let Some(charset) = stated(&wanted["charset"]) {
        let got = leaf.charset().unwrap_or_default();
        statement.check("charset", &got, &charset.to_lowercase());
    }
    if let Some(disposition) = stated(&wanted["disposition"]) {
        let got = leaf.disposition().map(|disposition| disposition.value).unwrap_or_default();
        statement.check("disposition", &got, &disposition.to_lowercase());
    }
    let mut content = message.content(leaf).to_vec();
    assert_eq!(leaf.size(), Some(content.len() as u64), "what was surveyed and what was decoded");
    if statement.source == "mime4j" && leaf.coding() == Coding::QuotedPrintable {
        // It makes all line ends of quoted-printable CRLF, which is canonical; we leave them.
        content = replace(&replace(&content, b"\r\n", b"\n"), b"\n", b"\r\n");
    }
    if let Some(size) = stated(&wanted["decoded_size"]) {
        statement.check("size", &content.len().to_string(), &size);
    }
    if let Some(hash) = stated(&wanted["decoded_sha256"]) {
        statement.check("sha256", &sha256(&content), &hash);
    }
    if let Some(text) = wanted["text"].as_str() {
        statement.check("text", &message.text(leaf), &text.replace("\r\n", "\n"));
    }
}

/// Where MimeKit saw each part begin and end, counted from the start of an mbox that is not here.
fn about_offsets(statement: &mut Statement<'_>, message: &Message, expected: &Value) {
    let wanted = expected["parts"].as_array().map_or(&[][..], Vec::as_slice);
    // MimeKit walks into message/external-body, whose content is not there (RFC 2046 §5.2.3).
    if wanted.iter().any(|part| part["content_type"] == "message/external-body") {
        return;
    }
    let offset = |value: &Value| value.as_u64().unwrap_or_default();
    let base = wanted.first().map_or(0, |part| offset(&part["begin_offset"]));
    let root_end = wanted.first().map(|root| offset(&root["end_offset"]).saturating_sub(base));
    if root_end.is_none_or(|end| !(end..end + 2).contains(&message.structure().length())) {
        // Not the same octets: the end of the mbox line is all that may differ.
        return;
    }
    let got: Vec<_> = message.structure().parts().collect();
    statement.check("parts", &got.len().to_string(), &wanted.len().to_string());
    if got.len() != wanted.len() {
        return;
    }
    for (got, wanted) in got.iter().zip(wanted) {
        let (header, body) = (got.header().unwrap_or_default(), got.body().unwrap_or_default());
        let [begin, middle, end] = ["begin_offset", "headers_end_offset", "end_offset"]
            .map(|at| offset(&wanted[at]).saturating_sub(base));
        // The ends of others say where the mbox put its line ends, and whether there is an epilogue.
        let is_inner_leaf = got.is_leaf() && got.parent().is_some_and(|outer| !outer.is_message());
        let (our_end, their_end) = if is_inner_leaf { (body.end, end) } else { (0, 0) };
        let ours = format!("{} {:?}", got.number(), [header.start, body.start, our_end]);
        let theirs = format!("{} {:?}", got.number(), [begin, middle, their_end]);
        statement.check("offsets", &ours, &theirs);
    }
}

// Single fields.

#[test]
fn what_single_fields_say() {
    let Some(folder) = corpus("expect") else { return };
    let mut tally = Tally::default();
    for vector in json_lines(&folder.join("header-vectors.jsonl")) {
        let text = |key: &str| vector[key].as_str().unwrap_or_default();
        let (source, field, input) = (text("source"), text("field"), text("input"));
        let expected = &vector["expected"];
        let raw = first_field(&octets_of(input, source));
        let row = format!("{} {field}", source.split(" (").next().unwrap_or_default());
        let (got, want) = match (source, field) {
            // The tokens of another lexer are no business of ours.
            ("jakarta/angus tokenlist", _) => continue,
            ("jakarta/angus addrlist", _) => jakarta_addresses(&raw, expected),
            (_, "address") => addresses(&raw, mail_parser_addresses(expected)),
            (_, "parseAddressingHeader") => addresses(&raw, jsmime_addresses(expected)),
            (_, "decodeRFC2047Words" | "unstructured") => {
                let got = words::decode(&raw, Place::Text, &context(), &mut ()).text;
                (got, expected.as_str().unwrap_or_default().to_owned())
            }
            (_, "phrase") => {
                let got = address::parse(&[&raw, &b" <a@b>"[..]].concat(), &context(), &mut ());
                let want = expected.as_str().map(str::to_owned);
                (shown(&got), shown(&[address(None, want, Some("a@b".to_owned()))]))
            }
            (_, "date" | "parseDateHeader") => (shown_date(&raw), wanted_date(expected)),
            (_, "content_type") if expected.is_null() => (type_of(&raw), "none".to_owned()),
            (_, "content_type") => parameters(&raw, mail_parser_parameters(&raw, expected)),
            (_, "parseParameterHeader") => parameters(&raw, jsmime_parameters(expected)),
            (_, "Content-Type") => jakarta_parameters(&raw, expected),
            _ => panic!("no idea what {source} {field} is"),
        };
        let digest = &sha256(input.as_bytes())[..8];
        tally.check(&row, &format!("{digest} {input:?}"), &got, &want);
    }
    tally.finish();
}

/// JavaScript and Java hold octets in strings, a character for each.
fn octets_of(input: &str, source: &str) -> Vec<u8> {
    let octets = input.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>();
    match octets {
        Some(octets) if source != "mail-parser" => octets,
        _ => input.as_bytes().to_vec(),
    }
}

/// The field body up to a line end that is no fold: mail-parser gives its parsers what follows, too.
fn first_field(text: &[u8]) -> Vec<u8> {
    let ends = |at: &usize| text[*at] == b'\n' && !matches!(text.get(at + 1), Some(b' ' | b'\t'));
    let end = (0..text.len()).find(ends).unwrap_or(text.len());
    text[..end].to_vec()
}

fn address(group: Option<String>, name: Option<String>, address: Option<String>) -> Address {
    Address { name, address, group, lossy: false }
}

/// The addresses of a list, one a line.
fn shown(addresses: &[Address]) -> String {
    let line = |a: &Address| format!("{:?}: {:?} {:?}", a.group, a.name, a.address);
    addresses.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn addresses(raw: &[u8], wanted: Vec<Address>) -> (String, String) {
    (shown(&address::parse(raw, &context(), &mut ())), shown(&wanted))
}

fn mail_parser_addresses(expected: &Value) -> Vec<Address> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut wanted = Vec::new();
    for member in list(&expected["List"]) {
        wanted.push(address(None, stated(&member["name"]), stated(&member["address"])));
    }
    for group in list(&expected["Group"]) {
        let members = list(&group["addresses"]);
        wanted.extend(members_of(&group, &members, "address"));
    }
    wanted
}

fn jsmime_addresses(expected: &Value) -> Vec<Address> {
    let mut wanted = Vec::new();
    for entry in expected.as_array().into_iter().flatten() {
        match entry["group"].as_array() {
            Some(members) => wanted.extend(members_of(entry, members, "email")),
            None => wanted.push(address(None, stated(&entry["name"]), stated(&entry["email"]))),
        }
    }
    wanted
}

fn members_of(group: &Value, members: &[Value], key: &str) -> Vec<Address> {
    let name = stated(&group["name"]);
    if members.is_empty() {
        return vec![address(name, None, None)];
    }
    let member = |m: &Value| address(name.clone(), stated(&m["name"]), stated(&m[key]));
    members.iter().map(member).collect()
}

/// Jakarta Mail states addresses without names, and a group as it stands; it refuses what is broken,
/// where we go on and say that it is: then a finding will do that is more than a note, or an address
/// that cannot be read.
fn jakarta_addresses(raw: &[u8], expected: &Value) -> (String, String) {
    let mut findings: Vec<(Rule, Span)> = Vec::new();
    let got = address::parse(raw, &context(), &mut findings);
    if !expected["exception"].is_null() {
        let is_refused = findings.iter().any(|(rule, _)| rule.info().severity > Severity::Note)
            || got.iter().any(|a| a.address.is_none());
        let got = if is_refused { "refused".to_owned() } else { shown(&got) };
        return (got, "refused".to_owned());
    }
    let mut ours: Vec<String> = Vec::new();
    for group in got.chunk_by(|a, b| a.group.is_some() && a.group == b.group) {
        let members: Vec<_> = group
            .iter()
            .map(|a| plain(a.address.as_deref().or(a.name.as_deref()).unwrap_or_default()))
            .collect();
        match &group[0].group {
            Some(name) => ours.push(format!("{}:{};", plain(name), members.join(","))),
            None => ours.extend(members),
        }
    }
    let theirs = expected["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let theirs =
        theirs.map(|entry| match entry.strip_suffix(';').and_then(|e| e.split_once(':')) {
            Some((name, members)) => {
                let members = address::parse(members.as_bytes(), &context(), &mut ());
                let members =
                    members.iter().filter_map(|a| a.address.as_deref().or(a.name.as_deref()));
                format!("{}:{};", plain(name), members.map(plain).collect::<Vec<_>>().join(","))
            }
            None => plain(entry),
        });
    (ours.join("\n"), theirs.collect::<Vec<_>>().join("\n"))
}

/// Without quotes, which it keeps, and white space.
fn plain(text: &str) -> String {
    text.replace(['"', '\\'], "").split_whitespace().collect()
}

/// Local time and offset; no zone counts as UTC, as it does everywhere else. One of the fields is a
/// Received.
fn shown_date(raw: &[u8]) -> String {
    let date =
        if raw.contains(&b';') { received::parse(raw).date } else { date::parse(raw, &mut ()) };
    match date {
        Some(date) => format!("{} {}", date.local, date.offset.unwrap_or(0) / 60),
        None => "none".to_owned(),
    }
}

fn wanted_date(expected: &Value) -> String {
    let number = |key: &str| expected[key].as_i64().unwrap_or_default();
    if let Some(text) = expected.as_str() {
        // jsmime: `2012-09-06T08:08:21-0700`
        let Some((local, zone)) = text.split_at_checked(19) else { return "none".to_owned() };
        let minutes = zone.parse::<i64>().map_or(0, |zone| zone / 100 * 60 + zone % 100);
        return format!("{local} {minutes}");
    }
    if expected.is_null() {
        return "none".to_owned();
    }
    let sign = if expected["tz_before_gmt"] == true { -1 } else { 1 };
    let [year, month, day, hour, minute, second] =
        ["year", "month", "day", "hour", "minute", "second"].map(number);
    let minutes = sign * (number("tz_hour") * 60 + number("tz_minute"));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02} {minutes}")
}

/// The media type, unless it is said to be none.
fn type_of(raw: &[u8]) -> String {
    let mut findings: Vec<(Rule, Span)> = Vec::new();
    let content_type = mime::content_type(raw, &context(), &mut findings);
    if findings.iter().any(|(rule, _)| matches!(rule, Rule::T010 | Rule::T013)) {
        return "none".to_owned();
    }
    content_type.essence
}

/// A value and its parameters.
type Parameters = (String, Vec<(String, String)>);

fn parameters(raw: &[u8], wanted: Parameters) -> (String, String) {
    let got = params::parse(raw, &context(), &mut ());
    let params = got.params.into_iter().map(|param| (param.name, param.value.text)).collect();
    (format!("{:?}", (got.value, sorted(params))), format!("{:?}", (wanted.0, sorted(wanted.1))))
}

/// The order of parameters says nothing (RFC 2045 §5.1).
fn sorted(mut params: Vec<(String, String)>) -> Vec<(String, String)> {
    params.sort();
    params
}

fn mail_parser_parameters(raw: &[u8], expected: &Value) -> Parameters {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let value = match (expected["c_type"].as_str(), expected["c_subtype"].as_str()) {
        (Some(main), Some(sub)) => format!("{main}/{sub}"),
        // `text/` is no type without its subtype; of the value we keep what was written.
        (Some(main), None) if raw.contains(&b'/') => format!("{main}/"),
        (main, _) => main.unwrap_or_default().to_owned(),
    };
    let params = expected["attributes"].as_array().into_iter().flatten();
    let params = params.map(|pair| (text(&pair[0]), text(&pair[1])));
    // We do not keep the language of a value.
    (value, params.filter(|(name, _)| !name.ends_with("-language")).collect())
}

fn jsmime_parameters(expected: &Value) -> Parameters {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let params = expected[1].as_object().into_iter().flatten();
    (text(&expected[0]), params.map(|(name, value)| (name.clone(), text(value))).collect())
}

fn jakarta_parameters(raw: &[u8], expected: &Value) -> (String, String) {
    let got = params::parse(raw, &context(), &mut ());
    let mut ours: Vec<String> =
        got.params.iter().map(|param| format!("{}={}", param.name, param.value.text)).collect();
    let mut theirs: Vec<&str> =
        expected["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    (ours.join("\n"), theirs.join("\n"))
}

// Messages that must say the same.

#[test]
fn twins_decode_alike() {
    let Some(folder) = corpus("expect") else { return };
    let mut tally = Tally::default();
    for group in json_lines(&folder.join("metamorphic.jsonl")) {
        let source = group["source"].as_str().unwrap_or_default();
        let mut first: Option<(String, String)> = None;
        for twin in group["files"].as_array().into_iter().flatten() {
            let file = twin["file"].as_str().unwrap_or_default();
            let text = std::fs::read(folder.join("..").join(file)).expect("a file of the corpus");
            let said = said(&Message::read(&text), source == "set-of-emails");
            match &first {
                Some((name, first)) => {
                    tally.check(source, &format!("{file} is unlike {name}"), &said, first);
                }
                None => first = Some((file.to_owned(), said)),
            }
        }
    }
    tally.finish();
}

/// The decoded leaves of a message; with its fields, if they are to be the same, too. Line ends are
/// LF, and at the end of a text do not count: not all who made the twins gave it one.
fn said(message: &Message, fields: bool) -> String {
    let mut said = String::new();
    if fields {
        for field in message.seen.fields.iter().filter_map(|octets| Field::parse(octets)) {
            let body = words::decode(field.body, Place::Text, &context(), &mut ()).text;
            said += &format!("{}: {body}\n", String::from_utf8_lossy(field.name));
        }
    }
    for leaf in message.leaves() {
        said += &format!("{} {}\n", leaf.number(), leaf.essence());
        if leaf.essence().starts_with("text/") {
            // An empty line before or behind base64 is white space, elsewhere text.
            said += message.text(&leaf).trim_matches('\n');
        } else if fields {
            let mut content = replace(message.content(&leaf), b"\r\n", b"\n");
            if leaf.eol() == Eol::Cr {
                content = replace(&content, b"\r", b"\n");
            }
            said += &content.trim_ascii_end().escape_ascii().to_string();
        }
        said += "\n";
    }
    said
}

// Hard cases, and those that programs read differently.

#[test]
fn hard_cases_have_one_answer() {
    let Some(folder) = corpus("hard") else { return };
    let mut tally = Tally::default();
    for row in rows(&folder.join("answers.tsv")) {
        let [file, what, part, expected, ..] = &row[..] else { continue };
        if what == "-" {
            continue;
        }
        let text = std::fs::read(folder.join(file)).expect("a hard case");
        let got = answer(&Message::read(&text), what, part).unwrap_or_default();
        let want = match what.as_str() {
            "text" => expected.replace("\\n", "\n"),
            "from" | "to" | "types" => {
                serde_json::from_str::<Value>(expected).expect("JSON").to_string()
            }
            _ => expected.clone(),
        };
        tally.check(what, &format!("{file} {part}"), &got, &want);
    }
    tally.finish();
}

/// What we say to a question of `answers.tsv`.
fn answer(message: &Message, what: &str, number: &str) -> Option<String> {
    let part = || message.part(number);
    Some(match what {
        "subject" => message.subject()?,
        "from" | "to" => {
            let addresses = message.addresses(what).into_iter();
            let listed = addresses.map(|a| [a.name, a.address, a.group]).collect::<Vec<_>>();
            serde_json::json!(listed).to_string()
        }
        "date" => message.date().map_or("null".to_owned(), |date| date.rfc3339()),
        "leaves" => message.leaves().len().to_string(),
        "types" => {
            let types: Vec<_> = message.structure().parts().map(|part| part.essence()).collect();
            serde_json::json!(types).to_string()
        }
        "text" => {
            let text = message.text(&part()?);
            text.strip_suffix('\n').unwrap_or(&text).to_owned()
        }
        "size" => part()?.size()?.to_string(),
        "filename" => part()?.filename()?,
        "charset" => part()?.charset()?,
        _ => panic!("no idea what {what} is"),
    })
}

#[test]
fn ambiguous_cases_are_found() {
    let Some(folder) = corpus("ambiguous") else { return };
    let mut tally = Tally::default();
    for row in rows(&folder.join("cases.tsv")) {
        let (file, class, rule) = (&row[0], &row[1], row.last().expect("a rule"));
        let text = std::fs::read(folder.join(file)).expect("an ambiguous case");
        let message = Message::read(&text);
        let found: Vec<_> = message.structure().findings().iter().map(|f| f.rule.info()).collect();
        let ids: Vec<&str> = found.iter().map(|info| info.id).collect();
        let agrees = if rule.starts_with('-') {
            found.iter().all(|info| info.severity == Severity::Note)
        } else {
            rule.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| ids.contains(&word))
        };
        tally.count(class, agrees, || format!("{file}: {rule}, but found {ids:?}"));
    }
    tally.finish();
}
