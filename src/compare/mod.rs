//! Are two messages the same content? For a conversion to prove itself, and for two copies of a
//! message to be told apart.
//!
//! [`Reading`] watches a message while its structure is built and keeps of each part what it says
//! rather than how that is written: its type, a digest of its decoded body, and of each field what a
//! reader would make of it. [`differences`] compares two of them.
//!
//! The same content: bodies of the same octets once decoded (of text, with any line ends); fields of
//! the same text, addresses, parameters, ids, whatever their folds, words and white space. Labels
//! (Content-Transfer-Encoding, MIME-Version) are not content, nor is what stands around parts.
//!
//! Memory grows with the number of parts and fields, not with bodies. The digest is XXH3 with 128
//! bits: it finds mistakes, it does not withstand an attacker.
//!
//! May use: simd … structure.

use std::io;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::header::names::{self, Kind as FieldKind, Name};
use crate::header::words::{self, Place};
use crate::header::{Context, Field, address, ids, params};
use crate::simd;
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    parts: Vec<PartContent>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct PartContent {
    number: String,
    essence: String,
    fields: Vec<FieldContent>,
    /// Of a leaf: its decoded octets.
    body: u128,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldContent {
    /// In lower case.
    name: String,
    meaning: u128,
}

/// The [`Difference::what`] of a field that stands in its place and says something else.
pub const MEANING: &str = "what the field says";

/// How two messages differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the part.
    pub part: String,
    /// The field, in lower case; `None` if it is the type or the body.
    pub field: Option<String>,
    /// What differs.
    pub what: &'static str,
}

/// Which line ends count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// Those of text.
    #[default]
    OfText,
    /// Those of all bodies.
    OfAll,
}

/// Watches one message and keeps what it says.
#[derive(Default)]
pub struct Reading {
    line_ends: LineEnds,
    content: Content,
    /// The body that is being read.
    part: u32,
    hasher: Xxh3,
    is_text: bool,
    /// CRs that were read and may belong to a line end.
    crs: u64,
    buffer: Vec<u8>,
    /// The fields of the header that is being read, as they are until their context is known.
    header: Vec<(u32, Vec<u8>)>,
}

impl Reading {
    /// Ready for a message.
    pub fn new(line_ends: LineEnds) -> Reading {
        Reading { line_ends, ..Reading::default() }
    }

    /// What the message said.
    pub fn finish(self) -> Content {
        self.content
    }

    /// The CRs belong to no line end: how many there were counts.
    fn flush_crs(&mut self) {
        if self.crs > 0 {
            self.buffer.push(b'\r');
            self.buffer.extend_from_slice(&self.crs.to_be_bytes());
            self.crs = 0;
        }
    }

    fn part(&mut self, index: u32) -> &mut PartContent {
        let index = index as usize;
        if self.content.parts.len() <= index {
            self.content.parts.resize_with(index + 1, PartContent::default);
        }
        &mut self.content.parts[index]
    }
}

impl Visitor for Reading {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field {
            self.header.push((at.part, octets.to_vec()));
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(data) = structure.part(part) else { return Ok(Want::Nothing) };
        let essence = data.essence();
        let header = std::mem::take(&mut self.header);
        self.is_text = essence.starts_with("text/") || self.line_ends == LineEnds::OfAll;
        let content = self.part(part);
        content.number = data.number();
        content.essence =
            if essence == "message/global" { "message/rfc822".into() } else { essence };
        let meant = |(_, field): &(u32, Vec<u8>)| meaning(field, structure.context());
        content.fields = header.iter().filter_map(meant).collect();
        self.part = part;
        self.hasher.reset();
        self.crs = 0;
        Ok(if data.is_leaf() { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        if !self.is_text || self.crs == 0 && memchr::memchr(b'\r', octets).is_none() {
            self.hasher.update(octets);
            return Ok(());
        }
        // CRLF is LF; a CR alone stays what it is. Where several stand before an LF, one more or less
        // belongs to the line end, depending on what the line ends of the message are.
        self.buffer.clear();
        let mut rest = octets;
        while !rest.is_empty() {
            if self.crs > 0 {
                let more = rest.iter().take_while(|&&c| c == b'\r').count();
                (self.crs, rest) = (self.crs + more as u64, &rest[more..]);
                match rest.first() {
                    Some(b'\n') => self.crs = 0,
                    Some(_) => self.flush_crs(),
                    None => {}
                }
                continue;
            }
            let end = simd::crlf::to_lf(rest, &mut self.buffer);
            (self.crs, rest) = (u64::from(end < rest.len()), rest.get(end + 1..).unwrap_or(&[]));
        }
        self.hasher.update(&self.buffer);
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        if structure.part(part).is_some_and(|part| part.is_leaf()) && self.part == part {
            self.buffer.clear();
            self.flush_crs();
            self.hasher.update(&self.buffer);
            let digest = self.hasher.digest128();
            self.part(part).body = digest;
        }
        Ok(())
    }
}

/// What a field says; `None` for those that are about transport.
fn meaning(octets: &[u8], context: &Context) -> Option<FieldContent> {
    let field = Field::parse(octets)?;
    let known = Name::of(field.name);
    if matches!(known, Some(Name::ContentTransferEncoding | Name::MimeVersion)) {
        return None;
    }
    let mut text = String::new();
    match names::kind_of(field.name) {
        FieldKind::Addresses => {
            for entry in address::parse(field.body, context, &mut ()) {
                let parts =
                    [entry.name.as_deref().unwrap_or(""), entry.group.as_deref().unwrap_or("")];
                parts.iter().for_each(|part| push_words(part, &mut text));
                text += &ascii_address(entry.address.as_deref().unwrap_or(""));
                text.push('\n');
            }
        }
        FieldKind::Parameters => {
            let body = params::parse(field.body, context, &mut ());
            let is_global = body.value == "message/global";
            text += if is_global { "message/rfc822" } else { &body.value };
            for param in &body.params {
                text += &format!("\n{}=", param.name);
                push_words(&param.value.text, &mut text);
            }
        }
        FieldKind::Ids => text += &ids::parse(field.body).join("\n"),
        FieldKind::Unstructured | FieldKind::Date | FieldKind::Opaque => {
            push_words(&words::decode(field.body, Place::Text, context, &mut ()).text, &mut text);
        }
    }
    let name = String::from_utf8_lossy(field.name).to_ascii_lowercase();
    Some(FieldContent { name, meaning: xxh3_128(text.as_bytes()) })
}

/// Appends text with its white space made single spaces.
fn push_words(text: &str, out: &mut String) {
    for word in text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
        out.push_str(word);
        out.push(' ');
    }
}

/// An address whose domain is written in ASCII (RFC 5891).
fn ascii_address(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => format!("{local}@{domain}"),
        Err(_) => address.to_owned(),
    }
}

/// How `b` differs from `a`. MIME fields that `b` has in addition are no difference.
pub fn differences(a: &Content, b: &Content) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |part: &str, field: Option<&str>, what| {
        let (part, field) = (part.to_owned(), field.map(str::to_owned));
        found.push(Difference { part, field, what });
    };
    if a.parts.len() != b.parts.len() {
        differ("0", None, "the number of parts");
    }
    for (a, b) in a.parts.iter().zip(&b.parts) {
        if (&a.number, &a.essence) != (&b.number, &b.essence) {
            differ(&a.number, None, "the type of the part");
        }
        if a.body != b.body {
            differ(&a.number, None, "the content of the body");
        }
        let has_type = a.fields.iter().any(|field| field.name == "content-type");
        let of_b = |field: &&FieldContent| has_type || field.name != "content-type";
        let mut rest = b.fields.iter().filter(of_b);
        for field in &a.fields {
            match rest.next() {
                Some(other) if other == field => {}
                Some(other) if other.name == field.name => {
                    differ(&a.number, Some(&field.name), MEANING);
                }
                _ => differ(&a.number, Some(&field.name), "the order or number of fields"),
            }
        }
        if let Some(field) = rest.next() {
            differ(&a.number, Some(&field.name), "a field more than before");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Limits;
    use crate::charset::Charset;
    use crate::structure::Builder;
    use crate::walk::{Reader, Separator};

    fn content(message: &str, line_ends: LineEnds) -> Content {
        let limits = Limits::default();
        let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
        let mut reading = Reading::new(line_ends);
        let options = builder.walk_options(Separator::None);
        let mut reader = Reader::new(message.as_bytes(), limits, options);
        builder.read(&mut reader, &mut reading).expect("from memory");
        reading.finish()
    }

    #[test]
    fn the_same_content_in_other_octets() {
        let cases: &[(&str, &str, &str)] = &[
            ("folds", "Subject: a b\n\n", "Subject: a\r\n b\r\n\r\n"),
            ("words", "Subject: caf\u{e9}\n\n", "Subject: =?utf-8?q?caf=C3=A9?=\n\n"),
            (
                "domains",
                "To: J <j@b\u{fc}cher.example>\n\n",
                "To: \"J\" <j@xn--bcher-kva.example>\n\n",
            ),
            (
                "parameters",
                "Content-Disposition: attachment; filename=\"\u{e9}\"\n\n",
                "Content-Disposition: attachment;\n filename*=utf-8''%C3%A9\n\n",
            ),
            (
                "labels and MIME fields",
                "\ncaf\u{e9}\n",
                "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
                 Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n",
            ),
            ("line ends of text", "\na\nb\r\n", "Content-Transfer-Encoding: base64\n\nYQ0KYg0K\n"),
            ("a CR more before them", "\na\r\r\nb\n", "\na\r\nb\n"),
        ];
        for &(name, a, b) in cases {
            let [a, b] = [a, b].map(|text| content(text, LineEnds::OfText));
            assert_eq!(differences(&a, &b), [], "{name}");
        }
    }

    #[test]
    fn other_content() {
        let file = "Content-Type: application/pdf\n";
        let cases: &[(&str, String, String, &str)] = &[
            ("text", "\na\n".into(), "\nb\n".into(), "the content of the body"),
            ("a bare CR", "\na\rb\n".into(), "\nab\n".into(), "the content of the body"),
            ("one CR less", "\na\r\rb\n".into(), "\na\rb\n".into(), "the content of the body"),
            (
                "line ends of data",
                format!("{file}\na\n"),
                format!("{file}\na\r\n"),
                "the content of the body",
            ),
            ("a field", "Subject: a\n\n".into(), "Subject: b\n\n".into(), MEANING),
            (
                "a field less",
                "A: a\nB: b\n\n".into(),
                "A: a\n\n".into(),
                "the order or number of fields",
            ),
            (
                "a field more",
                "A: a\n\n".into(),
                "A: a\nB: b\n\n".into(),
                "a field more than before",
            ),
            (
                "a type",
                "Content-Type: text/plain\n\n".into(),
                "Content-Type: text/html\n\n".into(),
                "the type of the part",
            ),
        ];
        for (name, a, b, expected) in cases {
            let [a, b] = [a, b].map(|text| content(text, LineEnds::OfText));
            let found = differences(&a, &b);
            assert_eq!(found.first().map(|difference| difference.what), Some(*expected), "{name}");
        }
        let [a, b] =
            ["\na\n", "\na\r\n"].map(|body| content(&format!("{file}{body}"), LineEnds::OfAll));
        assert_eq!(differences(&a, &b), [], "line ends of all bodies, when that is asked for");
    }
}
