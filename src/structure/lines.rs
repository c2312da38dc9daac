//! Looks for lines that other programs stop at, over any cut.

use crate::base::{Eol, Rule, Sink, Span, chars};
use crate::header::Field;
use crate::header::names::Name;
use crate::simd::scan::{self, Starts};
use crate::transfer::{Coding, uuencode};

/// LIMIT: a line is judged by this much of it.
const LINE_HEAD: usize = 256;

/// What the lines stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The body of a text part: `From ` (M002) and `begin 644 name` (I001).
    Text,
    /// A preamble or epilogue: `begin 644 name` and `Content-Type:` and the like (B033).
    AroundParts,
}

/// Watches the lines of one body; each rule is reported once.
#[derive(Debug)]
pub(super) struct LineWatch {
    place: Place,
    eol: Eol,
    starts: Starts,
    at_line_start: bool,
    /// The start of a line that goes on behind the last piece, if it is worth keeping.
    head: Vec<u8>,
    head_at: u64,
    reported: Vec<Rule>,
}

impl LineWatch {
    /// A watch over lines that end with `eol`.
    pub(super) fn new(place: Place, eol: Eol) -> LineWatch {
        let starts = match place {
            Place::Text => &b"Fb"[..],
            Place::AroundParts => b"bCc",
        };
        LineWatch {
            place,
            eol,
            starts: Starts::new(starts),
            at_line_start: true,
            head: Vec::new(),
            head_at: 0,
            reported: Vec::new(),
        }
    }

    /// The next piece, which begins at `offset`.
    pub(super) fn update<S: Sink>(&mut self, octets: &[u8], offset: u64, sink: &mut S) {
        let Some(&first) = octets.first() else { return };
        if !self.head.is_empty() {
            self.go_on(octets, sink);
        } else if self.at_line_start && self.starts.contains(first) {
            self.line(octets, offset, sink);
        }
        let mut from = 0;
        while let Some(end) = scan::line_start(octets, from, self.eol.octet(), &self.starts) {
            from = end + 1;
            self.line(&octets[from..], offset + from as u64, sink);
        }
        self.at_line_start = octets.last() == Some(&self.eol.octet());
    }

    /// There is no more.
    pub(super) fn finish<S: Sink>(mut self, sink: &mut S) {
        self.judge_head(sink);
    }

    /// A line that begins here; judged now if all that counts of it is at hand.
    fn line<S: Sink>(&mut self, text: &[u8], at: u64, sink: &mut S) {
        let text = &text[..text.len().min(LINE_HEAD)];
        match self.eol.first_line(text) {
            Some((content, _)) => self.judge(&text[..content], at, sink),
            None if text.len() == LINE_HEAD => self.judge(text, at, sink),
            None => {
                self.head.extend_from_slice(text);
                self.head_at = at;
            }
        }
    }

    /// The line whose head was kept goes on here.
    fn go_on<S: Sink>(&mut self, octets: &[u8], sink: &mut S) {
        let end = memchr::memchr(self.eol.octet(), octets);
        let room = LINE_HEAD - self.head.len();
        let len = end.unwrap_or(octets.len()).min(room);
        self.head.extend_from_slice(&octets[..len]);
        if end.is_some() || len == room {
            self.judge_head(sink);
        }
    }

    fn judge_head<S: Sink>(&mut self, sink: &mut S) {
        let head = std::mem::take(&mut self.head);
        self.judge(&head, self.head_at, sink);
    }

    fn judge<S: Sink>(&mut self, line: &[u8], at: u64, sink: &mut S) {
        let line = chars::trim_end(line);
        let rule = match self.place {
            Place::Text if line.starts_with(b"From ") => Rule::M002,
            Place::Text if uuencode::find_begin(line).is_some() => Rule::I001,
            Place::AroundParts if uuencode::find_begin(line).is_some() => Rule::B033,
            Place::AroundParts if is_mime_field(line) => Rule::B033,
            _ => return,
        };
        if !self.reported.contains(&rule) {
            self.reported.push(rule);
            sink.report(rule, Span::new(at, at + line.len() as u64));
        }
    }
}

/// Watches a preamble or an epilogue.
#[derive(Debug)]
pub(super) struct AroundWatch {
    lines: LineWatch,
    preamble: Option<PreambleWatch>,
}

impl AroundWatch {
    /// A watch over lines that end with `eol`.
    pub(super) fn new(eol: Eol, is_preamble: bool) -> AroundWatch {
        AroundWatch {
            lines: LineWatch::new(Place::AroundParts, eol),
            preamble: is_preamble.then(|| PreambleWatch::new(eol)),
        }
    }

    /// The next piece, which begins at `offset`.
    pub(super) fn update<S: Sink>(&mut self, octets: &[u8], offset: u64, sink: &mut S) {
        self.lines.update(octets, offset, sink);
        if let Some(preamble) = &mut self.preamble {
            preamble.update(octets, offset);
        }
    }

    /// There is no more.
    pub(super) fn finish<S: Sink>(self, sink: &mut S) {
        self.lines.finish(sink);
        if let Some(preamble) = self.preamble {
            preamble.finish(sink);
        }
    }
}

/// LIMIT: so much of a preamble is looked at; a notice is shorter.
const NOTICE: usize = 512;

/// Watches a preamble: most hold a notice for readers that know no MIME, or nothing.
#[derive(Debug)]
struct PreambleWatch {
    eol: Eol,
    /// Its first octets, from where the first line begins that is not blank.
    head: Vec<u8>,
    head_at: u64,
    is_blank: bool,
}

impl PreambleWatch {
    fn new(eol: Eol) -> PreambleWatch {
        PreambleWatch { eol, head: Vec::new(), head_at: 0, is_blank: true }
    }

    /// The next piece, which begins at `offset`.
    fn update(&mut self, octets: &[u8], offset: u64) {
        let mut rest = octets;
        if self.is_blank {
            let text = octets.iter().position(|c| !c.is_ascii_whitespace());
            let blank = &octets[..text.unwrap_or(octets.len())];
            if let Some(end) = memchr::memrchr(self.eol.octet(), blank) {
                self.head.clear();
                rest = &octets[end + 1..];
            }
            if self.head.is_empty() {
                self.head_at = offset + (octets.len() - rest.len()) as u64;
            }
            self.is_blank = text.is_none();
        }
        let room = NOTICE - self.head.len();
        self.head.extend_from_slice(&rest[..rest.len().min(room)]);
    }

    /// There is no more.
    fn finish<S: Sink>(&self, sink: &mut S) {
        let end = self.eol.first_line(&self.head).map_or(self.head.len(), |(content, _)| content);
        let line = chars::trim_end(&self.head[..end]);
        // Of a part, an encoded file and a delimiter other rules tell.
        let is_more =
            line.starts_with(b"--") || is_mime_field(line) || uuencode::find_begin(line).is_some();
        if !self.is_blank && !is_more && !is_notice(&self.head) {
            sink.report(Rule::B038, Span::new(self.head_at, self.head_at + line.len() as u64));
        }
    }
}

/// Whether the start of a preamble speaks of MIME, or of several parts, and little else.
fn is_notice(text: &[u8]) -> bool {
    let says = |word: &[u8]| text.windows(word.len()).any(|it| it.eq_ignore_ascii_case(word));
    text.len() < NOTICE && (says(b"mime") || says(b"multi") || says(b"several parts"))
}

/// Whether a line is a field that says what a part is.
fn is_mime_field(line: &[u8]) -> bool {
    use Name::{ContentDisposition, ContentTransferEncoding, ContentType};
    let name = Field::parse(line).and_then(|field| Name::of(field.name));
    matches!(name, Some(ContentType | ContentTransferEncoding | ContentDisposition))
}

/// Watches the first line of a body, over any cut.
#[derive(Debug)]
pub(super) struct FirstLine {
    eol: Eol,
    head: Vec<u8>,
    is_over: bool,
}

impl FirstLine {
    pub(super) fn new(eol: Eol) -> FirstLine {
        FirstLine { eol, head: Vec::new(), is_over: false }
    }

    /// The next piece: the line, if it ends with it.
    #[inline]
    pub(super) fn update(&mut self, octets: &[u8]) -> Option<&[u8]> {
        if self.is_over { None } else { self.go_on(octets) }
    }

    fn go_on(&mut self, octets: &[u8]) -> Option<&[u8]> {
        let room = LINE_HEAD - self.head.len();
        let end = memchr::memchr(self.eol.octet(), &octets[..octets.len().min(room)]);
        self.head.extend_from_slice(&octets[..end.unwrap_or(octets.len()).min(room)]);
        self.is_over = end.is_some() || self.head.len() == LINE_HEAD;
        self.is_over.then_some(&self.head[..])
    }

    /// There is no more: the line, if it has no end.
    pub(super) fn finish(&self) -> Option<&[u8]> {
        (!self.is_over).then_some(&self.head[..])
    }
}

/// What is odd about the first line of a body that has this coding.
pub(super) fn judge_first(line: &[u8], coding: Coding) -> Option<Rule> {
    let line = chars::trim_end(line);
    if !coding.is_identity() {
        None
    } else if is_mime_field(line) {
        Some(Rule::H037)
    } else {
        // Of an unknown coding that is said already.
        (coding != Coding::Unknown && looks_like_base64(line)).then_some(Rule::E051)
    }
}

/// Whole groups of four, with letters of both cases: no word, and no digest in hexadecimal.
fn looks_like_base64(line: &[u8]) -> bool {
    let data = line.strip_suffix(b"==").or(line.strip_suffix(b"=")).unwrap_or(line);
    (16..=76).contains(&line.len())
        && line.len().is_multiple_of(4)
        && data.iter().all(|&c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/'))
        && data.iter().any(u8::is_ascii_lowercase)
        && data.iter().any(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(pieces: &[&[u8]], place: Place) -> Vec<(Rule, Span)> {
        let mut watch = LineWatch::new(place, Eol::Lf);
        let mut found = Vec::new();
        let mut at = 0;
        for piece in pieces {
            watch.update(piece, at, &mut found);
            at += piece.len() as u64;
        }
        watch.finish(&mut found);
        found
    }

    #[test]
    fn judges_the_first_line_over_any_cut() {
        let cases: &[(&[u8], Option<Rule>)] = &[
            (b"content-type: a/b\r\nx", Some(Rule::H037)),
            (b"Content-Disposition : x", Some(Rule::H037)),
            (b"Subject: x\n", None),
            (b"\nContent-Type: a\n", None),
            (b"RVZJTC1QQVlMT0FELTAx\n", Some(Rule::E051)),
            (b"QmFzZTY0ICBkYXRhLg==\r\n", Some(Rule::E051)),
            (b"d41d8cd98f00b204e9800998ecf8427e\n", None),
            (b"RVZJTC1QQVlMT0FELTA\n", None),
            (b"Hello, this is text.\n", None),
            (b"", None),
        ];
        for &(text, expected) in cases {
            for at in 0..=text.len() {
                let mut first = FirstLine::new(Eol::Lf);
                let mut found = Vec::new();
                for piece in [&text[..at], &text[at..]] {
                    found.extend(
                        first.update(piece).and_then(|it| judge_first(it, Coding::SevenBit)),
                    );
                }
                found.extend(first.finish().and_then(|it| judge_first(it, Coding::SevenBit)));
                assert_eq!(found, Vec::from_iter(expected), "{} cut at {at}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn tells_notices_from_text_over_any_cut() {
        let long = [&b"MIME "[..], &b"word ".repeat(200)].concat();
        let cases: &[(&[u8], Option<Span>)] = &[
            (b"", None),
            (b"\n \n", None),
            (b"This is a multi-part message in MIME format.\n", None),
            (b"Content-Type: a/b\n", None),
            (b"--c\n", None),
            (b"\r\n  Pay now. \nOr not.\n", Some(Span::new(2, 12))),
            (b"Hello", Some(Span::new(0, 5))),
            (&long, Some(Span::new(0, 512))),
        ];
        for &(text, expected) in cases {
            for at in 0..=text.len() {
                let mut watch = PreambleWatch::new(Eol::Lf);
                watch.update(&text[..at], 0);
                watch.update(&text[at..], at as u64);
                let mut found = Vec::new();
                watch.finish(&mut found);
                let expected: Vec<_> =
                    expected.map(|span| (Rule::B038, span)).into_iter().collect();
                assert_eq!(found, expected, "{} cut at {at}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn finds_the_lines_over_any_cut() {
        let cases: &[(&[u8], Place, &[(Rule, Span)])] = &[
            (b"x\nFrom me\r\nFrom you\n", Place::Text, &[(Rule::M002, Span::new(2, 9))]),
            (b"begin 644 a", Place::Text, &[(Rule::I001, Span::new(0, 11))]),
            (b"x begin 644 a\nFromage\n", Place::Text, &[]),
            (b"a\ncontent-type: x\n", Place::AroundParts, &[(Rule::B033, Span::new(2, 17))]),
            (b"From me\nbegin 644 a\n", Place::AroundParts, &[(Rule::B033, Span::new(8, 19))]),
        ];
        for &(text, place, expected) in cases {
            assert_eq!(watch(&[text], place), expected);
            for at in 0..=text.len() {
                let (before, after) = text.split_at(at);
                assert_eq!(watch(&[before, after], place), expected, "cut at {at}");
            }
            let octets: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(watch(&octets, place), expected, "octet by octet");
        }
    }
}
