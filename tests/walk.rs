//! The laws of the walk: the tokens are a partition of the input, however it is cut; and an
//! independent reading, line by line, agrees with them.

mod common;

use common::{Item, fixtures, octets, walk, walk_cut};
use proptest::prelude::*;
use septet::base::Limits;
use septet::walk::{Kind, Options, Separator};

const CHUNKS: &[usize] = &[1, 2, 3, 7];

fn options() -> [Options; 5] {
    let option = |separator, near_misses| Options { separator, near_misses };
    [
        option(Separator::None, false),
        option(Separator::From, false),
        option(Separator::Mmdf, false),
        option(Separator::None, true),
        option(Separator::From, true),
    ]
}

/// Every law, for one input.
fn check(text: &[u8], limits: Limits) {
    for options in options() {
        let whole = walk(text, limits, options);
        assert_eq!(octets(&whole), text, "partition, {options:?}");
        assert_balanced(&whole);
        for &size in CHUNKS {
            let cut = walk_cut(text, &[size], limits, options);
            assert_eq!(cut, whole, "in pieces of {size}, {options:?}");
        }
    }
}

/// Parts are entered and left like brackets, in document order, and tokens belong to the open one.
fn assert_balanced(items: &[Item]) {
    let mut open = Vec::new();
    let mut next = 0;
    for item in items {
        match item {
            Item::Enter(part) => {
                assert_eq!(*part, next);
                next += 1;
                open.push(*part);
            }
            Item::Leave(part) => assert_eq!(open.pop(), Some(*part)),
            Item::Headed(part) => assert_eq!(open.last(), Some(part)),
            Item::Token(Kind::Gap | Kind::Separator, ..) => {}
            Item::Token(_, part, octets) => {
                assert_eq!(open.last(), Some(part));
                assert!(!octets.is_empty());
            }
            Item::Next => {
                assert!(open.is_empty());
                next = 0;
            }
        }
    }
    assert!(open.is_empty());
}

#[test]
fn every_fixture_and_its_twin() {
    for (name, text) in fixtures() {
        println!("{name}");
        check(&text, Limits::default());
    }
}

#[test]
fn every_prefix_of_every_fixture() {
    for (name, text) in fixtures() {
        for end in 0..=text.len() {
            let items = walk(&text[..end], Limits::default(), Options::default());
            assert_eq!(octets(&items), &text[..end], "{name}, {end} octets");
            assert_balanced(&items);
        }
    }
}

/// Small pieces out of which nearly everything that goes wrong in mail can be built.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        5 => prop::sample::select(&[
            "\n", "\r\n", "\r", " ", "\t", "\n\n", "--b", "--b--", "--bb", "--bb--", "--", "-",
            "--b \t", "--b junk", " --b", "text", "text\n", "From ",
            "From a@b Mon Jan  1 00:00:00 2024\n", ">From a\n", "\x01\x01\x01\x01\n", "\x01", "Subject: x\n", "Subject : x\r\n",
            " folded\n", "no field\n", "\u{feff}", "\0",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        3 => prop::sample::select(&[
            "Content-Type: multipart/mixed; boundary=b\n",
            "Content-Type: multipart/mixed;\r\n boundary=\"bb\"\r\n",
            "Content-Type: multipart/digest; boundary=b\n",
            "Content-Type: message/rfc822\n",
            "Content-Type: text/plain\n",
            "Content-Transfer-Encoding: base64\n",
            "\n--b\n", "\n--b--\n", "\r\n--bb\r\n",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn tight() -> Limits {
    Limits { depth: 2, parts: 4, fields: 4, field: 24, header: 64, ..Limits::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws(text in message()) {
        check(&text, Limits::default());
    }

    #[test]
    fn laws_under_tight_limits(text in message()) {
        check(&text, tight());
    }

    #[test]
    fn any_cut(text in message(), sizes in prop::collection::vec(1usize..50, 1..6)) {
        for options in options() {
            let whole = walk(&text, Limits::default(), options);
            prop_assert_eq!(walk_cut(&text, &sizes, Limits::default(), options), whole);
        }
    }

    #[test]
    fn the_naive_reading_agrees(text in message()) {
        // A message with CR and no LF is read by CR; the naive reading knows LF only.
        prop_assume!(text.contains(&b'\n') || !text.contains(&b'\r'));
        let walked = walk(&text, Limits::default(), Options::default());
        let tokens: Vec<Item> =
            walked.into_iter().filter(|item| matches!(item, Item::Token(..))).collect();
        prop_assert_eq!(naive::read(&text), tokens);
    }
}

/// The same reading, written in the most obvious way: all lines in memory, one after the other, with
/// a list of the open parts.
mod naive {
    use super::common::Item;
    use septet::base::Limits;
    use septet::charset::Charset;
    use septet::header::mime::{Media, media, transfer_encoding};
    use septet::header::{Context, Field};
    use septet::walk::Kind;
    use std::ops::Range;

    struct Open {
        index: u32,
        media: Media,
        boundary: Vec<u8>,
        closed: bool,
        saw_delimiter: bool,
    }

    struct Naive<'a> {
        lines: Vec<&'a [u8]>,
        at: usize,
        open: Vec<Open>,
        parts: u32,
        items: Vec<Item>,
    }

    pub fn read(text: &[u8]) -> Vec<Item> {
        let lines = text.split_inclusive(|&c| c == b'\n').collect();
        let mut naive = Naive { lines, at: 0, open: Vec::new(), parts: 0, items: Vec::new() };
        if !text.is_empty() {
            naive.enter();
            naive.message_start();
            naive.header();
            naive.bodies();
        }
        naive.items
    }

    fn content(line: &[u8]) -> &[u8] {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    fn is_empty_line(line: &[u8]) -> bool {
        matches!(line, b"\n" | b"\r\n" | b"\r\r\n")
    }

    fn goes_on(line: &[u8]) -> bool {
        is_empty_line(line) || line.starts_with(b">From ") || {
            let colon = line.iter().position(|&c| c == b':');
            colon.is_some_and(|colon| Field::parse(&line[..=colon]).is_some())
        }
    }

    fn is_continuation(line: Option<&&[u8]>) -> bool {
        line.is_some_and(|line| matches!(line.first(), Some(b' ' | b'\t')))
    }

    impl<'a> Naive<'a> {
        fn line(&self) -> Option<&'a [u8]> {
            self.lines.get(self.at).copied()
        }

        fn put(&mut self, kind: Kind, octets: &[u8]) {
            let part = self.open.last().expect("a part").index;
            if octets.is_empty() {
                return;
            }
            if matches!(kind, Kind::Body | Kind::Preamble | Kind::Epilogue)
                && let Some(Item::Token(last, of, before)) = self.items.last_mut()
                && (*last, *of) == (kind, part)
            {
                before.extend_from_slice(octets);
                return;
            }
            self.items.push(Item::Token(kind, part, octets.to_vec()));
        }

        fn enter(&mut self) {
            let index = self.parts;
            self.parts += 1;
            self.open.push(Open {
                index,
                media: Media::Leaf,
                boundary: Vec::new(),
                closed: false,
                saw_delimiter: false,
            });
        }

        fn message_start(&mut self) {
            if self.open.len() == 1
                && let Some(rest) = self.line().and_then(|l| l.strip_prefix(b"\xef\xbb\xbf"))
            {
                self.put(Kind::Bom, b"\xef\xbb\xbf");
                self.lines[self.at] = rest;
                if rest.is_empty() {
                    self.at += 1;
                }
            }
            let Some(line) = self.line() else { return };
            let from = line.starts_with(b"From ") || line.starts_with(b">From ");
            if from && Field::parse(line).is_none() {
                self.put(Kind::FromLine, line);
                self.at += 1;
            }
        }

        /// Which open multipart a line delimits, and whether it closes it.
        fn delimiter(&self, line: &[u8]) -> Option<(usize, bool)> {
            let mut name = content(line).strip_prefix(b"--")?;
            while let [shorter @ .., b' ' | b'\t' | b'\r'] = name {
                name = shorter;
            }
            let live = |open: &&Open| matches!(open.media, Media::Multipart { .. }) && !open.closed;
            (0..self.open.len()).rev().find_map(|level| {
                let open = Some(&self.open[level]).filter(live)?;
                if name == open.boundary {
                    Some((level, false))
                } else if name.strip_suffix(b"--") == Some(&open.boundary[..]) {
                    Some((level, true))
                } else {
                    None
                }
            })
        }

        fn header(&mut self) {
            let mut content_type: Option<Vec<u8>> = None;
            let mut coding = None;
            let mut has_field = false;
            while let Some(line) = self.line() {
                if is_empty_line(line) {
                    self.put(Kind::HeaderEnd, line);
                    self.at += 1;
                    break;
                }
                if self.ends_header(line, content_type.as_deref()) {
                    break;
                }
                let mut field = line.to_vec();
                let mut end = self.at + 1;
                while line.ends_with(b"\n") && is_continuation(self.lines.get(end)) {
                    field.extend_from_slice(self.lines[end]);
                    end += 1;
                }
                let Some(parsed) = Field::parse(&field) else {
                    let later = if has_field { self.lines.len() } else { end + 1 };
                    if !self.goes_on_in(end..later, content_type.as_deref()) {
                        break;
                    }
                    self.put(Kind::Junk, &field);
                    self.at = end;
                    continue;
                };
                has_field = true;
                if parsed.is("content-type") && content_type.is_none() {
                    content_type = Some(parsed.body.to_vec());
                }
                if parsed.is("content-transfer-encoding") && coding.is_none() {
                    coding = Some(transfer_encoding(parsed.body, &mut ()));
                }
                self.put(Kind::Field, &field);
                self.at = end;
            }
            let (media, boundary) = self.declared(content_type.as_deref());
            let top = self.open.last_mut().expect("a part");
            top.media = media;
            top.boundary = boundary;
            if media == Media::Message && !coding.unwrap_or_default().is_identity() {
                top.media = Media::Leaf;
            }
        }

        /// Whether a line is a delimiter, perhaps of the multipart that this header declares.
        fn ends_header(&mut self, line: &[u8], content_type: Option<&[u8]>) -> bool {
            let (media, boundary) = self.declared(content_type);
            let top = self.open.last_mut().expect("a part");
            (top.media, top.boundary) = (media, boundary);
            let ends = self.delimiter(line).is_some();
            self.open.last_mut().expect("a part").media = Media::Leaf;
            ends
        }

        fn goes_on_in(&mut self, mut lines: Range<usize>, content_type: Option<&[u8]>) -> bool {
            let found = lines.find_map(|at| {
                let line = *self.lines.get(at)?;
                let ends = self.ends_header(line, content_type);
                (ends || goes_on(line)).then_some(!ends)
            });
            found == Some(true)
        }

        fn declared(&self, content_type: Option<&[u8]>) -> (Media, Vec<u8>) {
            let context = Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
            let mut boundary = Vec::new();
            let outer = self.open.len().checked_sub(2).map(|i| self.open[i].media);
            let media = match content_type {
                Some(body) => media(body, &context, &mut boundary, &mut ()),
                None if outer == Some(Media::Multipart { digest: true }) => Media::Message,
                None => Media::Leaf,
            };
            (media, boundary)
        }

        /// Everything behind the first header.
        fn bodies(&mut self) {
            self.inner_messages();
            while let Some(line) = self.line() {
                let Some((level, close)) = self.delimiter(line) else {
                    let top = self.open.last().expect("a part");
                    let kind = match top.media {
                        Media::Multipart { .. } if top.closed => Kind::Epilogue,
                        Media::Multipart { .. } => Kind::Preamble,
                        _ => Kind::Body,
                    };
                    self.put(kind, line);
                    self.at += 1;
                    continue;
                };
                self.at += 1;
                let delimiter = self.take_line_break(line);
                self.open.truncate(level + 1);
                self.open[level].closed = close;
                self.open[level].saw_delimiter = true;
                self.put(if close { Kind::CloseDelimiter } else { Kind::Delimiter }, &delimiter);
                if !close && self.line().is_some() {
                    self.enter();
                    self.header();
                    self.inner_messages();
                }
            }
        }

        /// The line break before a delimiter belongs to it, if it is the end of a body.
        fn take_line_break(&mut self, line: &[u8]) -> Vec<u8> {
            let mut delimiter = Vec::new();
            if let Some(Item::Token(Kind::Body | Kind::Preamble | Kind::Epilogue, _, octets)) =
                self.items.last_mut()
            {
                let end = content(octets).len();
                delimiter = octets.split_off(end);
                if octets.is_empty() {
                    self.items.pop();
                }
            }
            delimiter.extend_from_slice(line);
            delimiter
        }

        fn inner_messages(&mut self) {
            while self.open.last().is_some_and(|open| open.media == Media::Message) {
                match self.line() {
                    Some(line) if self.delimiter(line).is_none() => {}
                    _ => return,
                }
                self.enter();
                self.message_start();
                self.header();
            }
        }
    }
}
