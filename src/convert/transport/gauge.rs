//! Gathers what a message needs, while it is read.
//!
//! Every octet goes through the survey that bodies go through. A message inside that is itself
//! encoded is octets of its coding like any other; its fields do not travel as fields.
//!
//! May use: base, charset, transfer, header, walk, structure.

use std::io;

use super::{Body, FIELDS, Needs, Utf8Field};
use crate::base::{Eol, LINE, Limits};
use crate::charset::Charset;
use crate::header::write::{self, Outcome, Style};
use crate::header::{Context, Field};
use crate::structure::{At, Structure, Visitor, Want};
use crate::transfer::{Coding, Survey};
use crate::walk::Kind;

/// LIMIT: octets of a field name that are kept: as many as fit into a line (RFC 5322 §2.1.1).
const NAME: usize = 78;

/// Watches messages, one after the other; [`Gauge::finish`] says what the last one needs.
#[derive(Debug, Default)]
pub struct Gauge {
    /// The octets until it is known what ends a line.
    head: Vec<u8>,
    /// What ends a line, and the survey of all octets.
    lines: Option<(Eol, Survey)>,
    /// The last octet.
    last: u8,
    /// The part whose body says that it is no text of lines.
    binary: Option<u32>,
    /// Whether an LF without CR stands in such a body.
    has_binary_lf: bool,
    fields: Vec<Found>,
    unlisted: u64,
    has_unmendable: bool,
}

/// A [`Utf8Field`] whose part has no number yet.
#[derive(Debug)]
struct Found {
    part: u32,
    name: Option<String>,
    mendable: bool,
}

impl Gauge {
    /// The message is over, and this is what was learnt of its structure: what it needs. Ready for
    /// the next one.
    pub fn finish(&mut self, structure: &Structure) -> Needs {
        let mut gauge = std::mem::take(self);
        gauge.measure(b"", true);
        let utf8_fields: Vec<Utf8Field> =
            gauge.fields.drain(..).map(|f| f.number(structure)).collect();
        let mut needs = Needs {
            smtputf8: !utf8_fields.is_empty(),
            utf8_fields,
            utf8_unlisted: gauge.unlisted,
            is_utf8_mendable: !gauge.has_unmendable,
            ..Needs::default()
        };
        let Some((eol, survey)) = gauge.lines else { return needs };
        let census = survey.finish();
        // What is stored as one octet and is two on the wire, and what would have to be sent as it is.
        let (short, bare) = match eol {
            Eol::Lf => (census.lf, census.bare_cr),
            Eol::Cr => (census.lf + census.bare_cr, census.lf),
        };
        let is_ended = gauge.last == eol.octet() || gauge.last == b'\n' || census.octets == 0;
        needs.size = census.octets + short + if is_ended { 0 } else { 2 };
        needs.longest_line = census.longest_line;
        let is_binary =
            census.nul > 0 || bare > 0 || census.longest_line > LINE as u64 || gauge.has_binary_lf;
        needs.body = match census.eight_bit {
            _ if is_binary => Body::BinaryMime,
            0 => Body::SevenBit,
            _ => Body::EightBitMime,
        };
        needs
    }

    /// The next octets of the message, or none, and then its end.
    fn measure(&mut self, octets: &[u8], eof: bool) {
        if let Some((_, survey)) = &mut self.lines {
            return survey.update(octets);
        }
        self.head.extend_from_slice(octets);
        if let Some(eol) = Eol::detect(&self.head, eof) {
            let mut survey = Survey::new(eol);
            survey.update(&self.head);
            self.lines = Some((eol, survey));
        }
    }

    /// Octets over 127 stand here in a header.
    fn utf8_field(&mut self, part: u32, name: Option<&[u8]>, mendable: bool) {
        self.has_unmendable |= !mendable;
        let name =
            name.map(|name| String::from_utf8_lossy(&name[..name.len().min(NAME)]).into_owned());
        let same_name = |found: &Option<String>| match (found, &name) {
            (Some(found), Some(name)) => found.eq_ignore_ascii_case(name),
            (found, name) => found == name,
        };
        match self.fields.iter().position(|f| f.part == part && same_name(&f.name)) {
            Some(at) => self.fields[at].mendable &= mendable,
            None if self.fields.len() < FIELDS => self.fields.push(Found { part, name, mendable }),
            None => self.unlisted += 1,
        }
    }

    /// Whether this is the line that an mbox puts before the message: it is not sent.
    fn is_separator(&self, at: At, kind: Kind) -> bool {
        let is_first = self.head.is_empty() && self.lines.is_none();
        kind == Kind::FromLine && at.part == 0 && is_first
    }
}

impl Visitor for Gauge {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded > 0 {
            return Ok(());
        }
        if self.is_separator(at, kind) {
            // The walk learns from this line, too, that LF ends lines.
            self.lines = octets.contains(&b'\n').then(|| (Eol::Lf, Survey::new(Eol::Lf)));
            return Ok(());
        }
        match kind {
            Kind::Body if self.binary == Some(at.part) => {
                self.has_binary_lf = self.has_binary_lf || has_lone_lf(self.last, octets);
            }
            Kind::Field | Kind::Junk | Kind::FromLine | Kind::Opaque if !octets.is_ascii() => {
                match Field::parse(octets).filter(|_| kind == Kind::Field) {
                    Some(field) => self.utf8_field(at.part, Some(field.name), is_mendable(octets)),
                    // Nobody knows what it says, so nobody can write it otherwise.
                    None => self.utf8_field(at.part, None, false),
                }
            }
            _ => {}
        }
        self.measure(octets, false);
        self.last = octets.last().copied().unwrap_or(self.last);
        Ok(())
    }

    /// A lone LF is a line end as it is stored. It is data where the body says that it is binary and
    /// is no text, whose line ends have a canonical form (RFC 2049 §4).
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let is_binary = structure.part(part).is_some_and(|part| {
            part.is_leaf()
                && part.coding() == Coding::Binary
                && !part.essence().starts_with("text/")
        });
        self.binary = is_binary.then_some(part);
        Ok(Want::Nothing)
    }
}

impl Found {
    fn number(self, structure: &Structure) -> Utf8Field {
        let part = structure.part(self.part).map(|part| part.number()).unwrap_or_default();
        Utf8Field { part, name: self.name, mendable: self.mendable }
    }
}

fn has_lone_lf(before: u8, octets: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', octets)
        .any(|at| at.checked_sub(1).map_or(before, |before| octets[before]) != b'\r')
}

/// Whether the octets over 127 of a field can be written in ASCII.
fn is_mendable(field: &[u8]) -> bool {
    let context = Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
    !matches!(write::rewrite(field, &context, &Style::default()), Outcome::Refused(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::Builder;
    use crate::walk::{Reader, Separator};
    use proptest::prelude::*;

    fn needs(message: &[u8]) -> Needs {
        let context = Context::for_tests();
        let mut builder = Builder::new(context.limits, context.fallback, false);
        let mut reader =
            Reader::new(message, context.limits, builder.walk_options(Separator::None));
        let mut gauge = Gauge::default();
        builder.read(&mut reader, &mut gauge).expect("a slice is read");
        gauge.finish(builder.structure())
    }

    #[test]
    fn counts_and_judges_octets() {
        const SEVEN: Body = Body::SevenBit;
        const EIGHT: Body = Body::EightBitMime;
        const BINARY: Body = Body::BinaryMime;
        let line = |length: usize| [b"A: b\n\n", &vec![b'x'; length][..], b"\n"].concat();
        // The header is 6 octets as stored and 8 on the wire, with CR or LF.
        let cases: &[(&str, &[u8], u64, Body, u64)] = &[
            ("nothing", b"", 0, SEVEN, 0),
            ("crlf", b"A: b\r\n\r\nhello\r\n", 15, SEVEN, 5),
            ("lf", b"A: b\n\nhello\n", 15, SEVEN, 5),
            ("a mix", b"A: b\r\n\nhello\r\n\n", 17, SEVEN, 5),
            ("cr", b"A: b\r\rhello\r", 15, SEVEN, 5),
            ("no line end", b"A: b\n\nhello", 15, SEVEN, 5),
            ("no line end, cr", b"A: b\r\rhello", 15, SEVEN, 5),
            ("only a header", b"A: b", 6, SEVEN, 4),
            ("dots", b"A: b\n\n.\n", 11, SEVEN, 4),
            ("octets over 127", b"A: b\n\nh\xe9llo\n", 15, EIGHT, 5),
            ("in a header", b"A: \xe9\n\nhello\n", 15, EIGHT, 5),
            ("nul", b"A: b\n\nh\0llo\n", 15, BINARY, 5),
            ("bare cr", b"A: b\n\nh\rllo\n", 15, BINARY, 5),
            ("bare cr at the end", b"A: b\n\nhello\r", 16, BINARY, 6),
            ("nul and octets over 127", b"A: b\n\n\0\xe9\n", 12, BINARY, 4),
            ("998 octets", &line(998), 1008, SEVEN, 998),
            ("999 octets", &line(999), 1009, BINARY, 999),
            ("from line", b"From a Thu Jan  1 00:00:00 1970\nA: b\n\nc\n", 11, SEVEN, 4),
            ("from line before cr", b"From a Thu Jan  1 00:00:00 1970\nA: b\r", 7, BINARY, 5),
        ];
        for &(name, message, size, body, longest_line) in cases {
            let found = needs(message);
            assert_eq!(
                (found.size, found.body, found.longest_line),
                (size, body, longest_line),
                "{name}"
            );
        }
    }

    #[test]
    fn a_lone_lf_is_data_where_the_part_says_so() {
        let cases: &[(&str, &str, &str, Body)] = &[
            ("octets", "application/x", "binary", Body::BinaryMime),
            ("text", "text/plain", "binary", Body::SevenBit),
            ("octets in lines", "application/x", "7bit", Body::SevenBit),
        ];
        for &(name, content_type, coding, expected) in cases {
            let header =
                format!("Content-Type: {content_type}\nContent-Transfer-Encoding: {coding}");
            for (body, is_lone) in [("a\nb", true), ("\n", true), ("a\r\nb", false), ("ab", false)]
            {
                let message = format!("{header}\n\n{body}").replace("\n\n", "\r\n\r\n");
                let message = message.replace("\nContent", "\r\nContent");
                let expected = if is_lone { expected } else { Body::SevenBit };
                assert_eq!(needs(message.as_bytes()).body, expected, "{name}: {body:?}");
            }
        }
    }

    #[test]
    fn judges_fields() {
        let cases: &[(&str, &str, bool)] = &[
            ("text", "Subject: é", true),
            ("unknown", "X-Note: é", true),
            ("a name", "To: \"é, è\" <a@example.org>, é <b@example.org> (é)", true),
            ("a domain", "To: a@é.example.org", true),
            ("no domain", "To: a@é..example.org", false),
            ("a local part", "To: a@example.org, é@example.org", false),
            ("a quoted local part", "To: \"é\"@example.org", false),
            ("a local part alone", "To: <é>", false),
            ("a group", "To: é: a@example.org;", true),
            ("a file name", "Content-Disposition: attachment; filename=\"é\"", true),
            ("a value", "Content-Disposition: é; filename=x", false),
            ("an id", "Message-ID: <é@example.org>", false),
            ("a content id", "Content-ID: <é@example.org>", false),
            (
                "a comment",
                "Received: from a (é (\\) \"é) by b; Thu, 1 Jan 1970 00:00:00 +0000",
                false,
            ),
            ("a comment that ends", "Received: from a (é (\\)) \"é) by b", true),
            ("a host", "Received: from é by b", false),
            ("behind a comment", "Received: from a (b) é", false),
            ("quoted", "Received: from \"(é)\" by b", false),
            ("a date", "Date: Thu, 1 Jan 1970 00:00:00 +0000 (é)", true),
        ];
        for &(name, field, mendable) in cases {
            let found = needs(format!("{field}\n\nbody\n").as_bytes());
            let field_name = field.split(':').next().map(str::to_owned);
            let expected = [Utf8Field { part: "1".to_owned(), name: field_name, mendable }];
            assert_eq!(found.utf8_fields, expected, "{name}");
            assert_eq!((found.smtputf8, found.is_utf8_mendable), (true, mendable), "{name}");
        }
        let latin1 = needs(b"To: a@\xe9.example.org\n\n");
        assert!(!latin1.utf8_fields[0].mendable, "nobody knows what this domain is");
        assert!(needs(b"To: \xe9 <a@example.org>\n\n").utf8_fields[0].mendable);
    }

    #[test]
    fn finds_fields_in_all_headers() {
        let message = "\
Subject: é
SUBJECT: è
X: plain
Content-Type: multipart/mixed; boundary=b

a preamble: é
--b
Content-Description: é

Subject: é
--b
Content-Type: message/rfc822

Subject: é
é, which is none either

body
--b
Content-Type: message/rfc822
Content-Transfer-Encoding: quoted-printable

Subject: =C3=A9

--b--
";
        let found = needs(message.as_bytes());
        let fields = found.utf8_fields.iter().map(|f| (&*f.part, f.name.as_deref(), f.mendable));
        let expected = [
            ("0", Some("Subject"), true),
            ("1", Some("Content-Description"), true),
            ("2.1", Some("Subject"), true),
            ("2.1", None, false),
        ];
        assert_eq!(fields.collect::<Vec<_>>(), expected);
        assert!(needs(b"Subject: =?utf-8?q?=C3=A9?=\n\nbody \xc3\xa9\n").utf8_fields.is_empty());
    }

    #[test]
    fn names_no_more_than_a_hundred_fields() {
        let mut message: String = (0..FIELDS + 20).map(|i| format!("X-{i}: é\n")).collect();
        message += "X-0: é\nMessage-ID: <é@example.org>\n\n";
        let found = needs(message.as_bytes());
        assert_eq!((found.utf8_fields.len(), found.utf8_unlisted), (FIELDS, 21));
        assert!(!found.is_utf8_mendable, "the last of them counts, too");
    }

    proptest! {
        /// What the message is once each of its line ends is CRLF.
        #[test]
        fn the_size_is_that_on_the_wire(
            lines in proptest::collection::vec("[a.\u{e9}]{0,4}", 0..9),
            eol in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            is_ended: bool,
        ) {
            let mut body = lines.join(eol);
            if is_ended {
                body += eol;
            }
            let message = format!("A: b{eol}{eol}{body}");
            let wire = message.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            let end = if wire.ends_with("\r\n") { 0 } else { 2 };
            let found = needs(message.as_bytes());
            prop_assert_eq!(found.size, wire.len() as u64 + end);
            prop_assert_eq!(found.body == Body::SevenBit, message.is_ascii());
        }
    }
}
