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
//! A field that is written the same way says the same, so what it says is only asked where two differ.
//!
//! [`Snapshot`] keeps more of a message, so that [`diff`] can tell what became of it on its way: which
//! fields and parts were changed in which manner, and what each change does to signatures.
//!
//! Memory grows with the number of parts and fields, not with bodies. The digest is XXH3 with 128
//! bits: it finds mistakes, it does not withstand an attacker.
//!
//! May use: simd … structure, dkim.

mod change;
mod digest;
mod meaning;
mod pair;
mod signed;
mod snapshot;

pub use change::{Change, Diff, Group, What, diff};
pub use signed::{Effect, Presence, SignatureKind};
pub use snapshot::{Snapshot, Taking};

use std::io;
use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use crate::header::{Context, Field};
use crate::simd;
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;
use meaning::{is_label, lower_case, meaning};

/// LIMIT: so many octets of fields are kept as they stand; of more, what they say.
const KEPT: usize = 64 << 10;

/// What a message says.
#[derive(Clone, Debug, Default)]
pub struct Content {
    parts: Vec<PartContent>,
    /// The fields, or their names.
    octets: Vec<u8>,
    context: Context,
}

#[derive(Clone, Debug, Default)]
struct PartContent {
    number: String,
    essence: String,
    fields: Vec<FieldContent>,
    /// Of a leaf: its decoded octets.
    body: u128,
}

#[derive(Clone, Debug)]
struct FieldContent {
    /// Where its octets are kept, or those of its name.
    octets: Range<usize>,
    /// How many of them are the name.
    name: usize,
    /// What it says, if the octets are not kept.
    meaning: Option<u128>,
}

impl Content {
    fn name(&self, field: &FieldContent) -> &[u8] {
        &self.octets[field.octets.clone()][..field.name]
    }

    fn meaning(&self, field: &FieldContent) -> u128 {
        let octets = &self.octets[field.octets.clone()];
        field.meaning.unwrap_or_else(|| meaning(octets, &self.context))
    }

    /// Keeps of fields what they say, if they were the last that were kept as they stand.
    fn condense(&mut self, fields: &mut [FieldContent]) {
        let mut end = fields.first().map_or(self.octets.len(), |field| field.octets.start);
        for field in fields {
            field.meaning = Some(self.meaning(field));
            let start = field.octets.start;
            self.octets.copy_within(start..start + field.name, end);
            field.octets = end..end + field.name;
            end += field.name;
        }
        self.octets.truncate(end);
    }
}

/// Whether a field of `a` and one of `b` say the same.
fn say_the_same(a: &Content, one: &FieldContent, b: &Content, other: &FieldContent) -> bool {
    let is_kept = one.meaning.is_none() && other.meaning.is_none();
    let is_written_so = is_kept
        && a.context.fallback == b.context.fallback
        && a.octets[one.octets.clone()] == b.octets[other.octets.clone()];
    is_written_so || a.meaning(one) == b.meaning(other)
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
    /// The fields of the header that is being read.
    header: Vec<FieldContent>,
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
    fn token(&mut self, _: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field
            && let Some(field) = Field::parse(octets)
            && !is_label(field.name)
        {
            let start = self.content.octets.len();
            self.content.octets.extend_from_slice(octets);
            let octets = start..self.content.octets.len();
            self.header.push(FieldContent { octets, name: field.name.len(), meaning: None });
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(data) = structure.part(part) else { return Ok(Want::Nothing) };
        let essence = data.essence();
        let mut fields = std::mem::take(&mut self.header);
        self.content.context = *structure.context();
        if self.content.octets.len() > KEPT {
            self.content.condense(&mut fields);
        }
        self.is_text = essence.starts_with("text/") || self.line_ends == LineEnds::OfAll;
        let content = self.part(part);
        content.number = data.number();
        content.essence =
            if essence == "message/global" { "message/rfc822".into() } else { essence };
        content.fields = fields;
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
    for (part, other) in a.parts.iter().zip(&b.parts) {
        if (&part.number, &part.essence) != (&other.number, &other.essence) {
            differ(&part.number, None, "the type of the part");
        }
        if part.body != other.body {
            differ(&part.number, None, "the content of the body");
        }
        let is_type = |name: &[u8]| name.eq_ignore_ascii_case(b"content-type");
        let has_type = part.fields.iter().any(|field| is_type(a.name(field)));
        let of_b = |field: &&FieldContent| has_type || !is_type(b.name(field));
        let mut rest = other.fields.iter().filter(of_b);
        for field in &part.fields {
            let name = a.name(field);
            let what = match rest.next() {
                Some(other) if b.name(other).eq_ignore_ascii_case(name) => {
                    if say_the_same(a, field, b, other) {
                        continue;
                    }
                    MEANING
                }
                _ => "the order or number of fields",
            };
            differ(&part.number, Some(&lower_case(name)), what);
        }
        if let Some(field) = rest.next() {
            differ(&part.number, Some(&lower_case(b.name(field))), "a field more than before");
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

    #[test]
    fn fields_that_are_not_kept_are_compared_all_the_same() {
        let long = format!("X: {}\n", "x ".repeat(KEPT));
        let message = |subject: &str| format!("{long}Subject: {subject}\nTo: <a@b>\n\n");
        let a = content(&message("caf\u{e9}"), LineEnds::OfText);
        assert!(a.octets.len() < 20, "names only");
        let b = content(&message("=?utf-8?q?caf=C3=A9?="), LineEnds::OfText);
        assert_eq!(differences(&a, &b), []);
        let b = content(&message("cafe"), LineEnds::OfText);
        let fields: Vec<_> = differences(&a, &b).into_iter().map(|found| found.field).collect();
        assert_eq!(fields, [Some("subject".to_owned())]);
        let short = content("X: x\nSubject: cafe\nTo: <a@b>\n\n", LineEnds::OfText);
        let fields: Vec<_> = differences(&b, &short).into_iter().map(|found| found.field).collect();
        assert_eq!(fields, [Some("x".to_owned())]);
    }
}
