//! Where findings stand, for people: lines and columns, and the octets around them, escaped.
//!
//! Of a message that has findings the octets are read again: from its file, or where that cannot be read
//! twice, from what was kept of it. Memory is bounded: a window of octets, and some numbers for each
//! finding.
//!
//! May use: what the commands may.

use std::io;
use std::ops::Range;

use crate::base::Eol;
use crate::cli::out;
use crate::mailbox::Spool;

/// Octets that are read at a time.
const WINDOW: usize = 64 * 1024;

/// Octets of a line that are shown before what is marked, and in all.
const BEFORE: u64 = 36;
const SHOWN: usize = 100;

/// The octets of a message, to be read again.
pub(super) struct Octets<'a> {
    pub(super) spool: &'a Spool,
    /// Where the message begins in its input, and how many octets it has.
    start: u64,
    length: u64,
    /// The first of them, if they are at hand.
    head: Vec<u8>,
}

impl<'a> Octets<'a> {
    /// Those of a message that has `length` octets and begins at `start` in its input.
    pub(super) fn new(spool: &'a Spool, start: u64, length: u64) -> Octets<'a> {
        Octets { spool, start, length, head: Vec::new() }
    }

    /// Reads the first octets at once, as much as is shown of what stands up to `last`, if that fits
    /// into a window.
    pub(super) fn keep(&mut self, last: u64) -> io::Result<()> {
        let len = self.length.min(last.saturating_add(SHOWN as u64 + 2)).min(WINDOW as u64);
        let mut head = vec![0; len as usize];
        self.read_at(0, &mut head)?;
        self.head = head;
        Ok(())
    }

    /// The octets from `from` to `to`, if they are at hand.
    fn at_hand(&self, from: u64, to: u64) -> Option<&[u8]> {
        self.head.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }

    /// Reads octets of the message from `offset` on, as many as there are and as `room` takes.
    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = rest.min(room.len());
        if let Some(octets) = self.at_hand(offset, offset.saturating_add(len as u64)) {
            room[..len].copy_from_slice(octets);
            return Ok(len);
        }
        let mut count = 0;
        while count < len {
            let at = offset + count as u64;
            count += self.spool.read_at(self.start, at, &mut room[count..len])?;
        }
        Ok(len)
    }
}

/// A place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The octet, from the start of the message.
    pub(super) offset: u64,
    /// Its line, and its character in that, from 1. An octet that begins no character of UTF-8 counts
    /// as one only if it continues none.
    pub(super) line: u64,
    pub(super) column: u64,
    /// Where the line begins.
    line_start: u64,
}

/// The places of `offsets`, which are sorted.
pub(super) fn places(octets: &Octets<'_>, offsets: &[u64], eol: Eol) -> io::Result<Vec<Place>> {
    let mut place = Place { offset: 0, line: 1, column: 1, line_start: 0 };
    let mut places = Vec::with_capacity(offsets.len());
    let mut window = Vec::new();
    for &offset in offsets {
        while place.offset < offset {
            if let Some(piece) = octets.at_hand(place.offset, offset) {
                pass(&mut place, piece, eol);
                break;
            }
            window.resize(WINDOW, 0);
            let room = (offset - place.offset).min(WINDOW as u64) as usize;
            let len = octets.read_at(place.offset, &mut window[..room])?;
            if len == 0 {
                break;
            }
            pass(&mut place, &window[..len], eol);
        }
        places.push(Place { offset, ..place });
    }
    Ok(places)
}

/// Moves a place over octets.
fn pass(place: &mut Place, octets: &[u8], eol: Eol) {
    let mut rest = octets;
    if let Some(end) = memchr::memrchr(eol.octet(), octets) {
        place.line += memchr::memchr_iter(eol.octet(), octets).count() as u64;
        place.column = 1;
        place.line_start = place.offset + end as u64 + 1;
        rest = &octets[end + 1..];
    }
    place.column += rest.iter().filter(|&&c| c & 0xc0 != 0x80).count() as u64;
    place.offset += octets.len() as u64;
}

/// A piece of a line with something marked in it, safe for a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// What is marked, in octets of the text.
    pub(super) marked: Range<usize>,
}

/// The line that `place` stands in, as much as fits, with what follows up to `end` marked.
pub(super) fn excerpt(
    octets: &Octets<'_>,
    place: Place,
    end: u64,
    eol: Eol,
) -> io::Result<Excerpt> {
    let start = place.line_start.max(place.offset.saturating_sub(BEFORE));
    let mut window = [0; SHOWN + 2];
    let len = octets.read_at(start, &mut window)?;
    let marked = (place.offset - start) as usize..(end.max(place.offset) - start) as usize;
    Ok(cut_out(&window[..len], marked, start > place.line_start, eol))
}

/// The first line of `octets`, with the octets `marked` marked; something may be cut off before it.
fn cut_out(octets: &[u8], marked: Range<usize>, is_cut: bool, eol: Eol) -> Excerpt {
    // What is marked may begin with the line end.
    let from = marked.start.min(octets.len());
    let end = memchr::memchr(eol.octet(), &octets[from..]).map(|end| from + end);
    let mut line = &octets[..end.unwrap_or(octets.len())];
    if let (Eol::Lf, Some(_), Some((b'\r', content))) = (eol, end, line.split_last())
        && marked.start != content.len()
    {
        line = content;
    }
    let is_long = line.len() > SHOWN;
    let line = &line[..line.len().min(SHOWN)];
    let mut excerpt = Excerpt::default();
    if is_cut {
        excerpt.text.push('…');
    }
    match plain(line) {
        Some(text) => {
            let before = excerpt.text.len();
            let start = marked.start.min(text.len());
            let end = marked.end.clamp(start, text.len());
            excerpt.text.push_str(text);
            excerpt.marked = before + start..before + end;
        }
        None => escape(line, marked, &mut excerpt),
    }
    if is_long {
        excerpt.text.push('…');
    }
    excerpt
}

/// A line that can be shown as it is, every octet in a column of its own.
fn plain(line: &[u8]) -> Option<&str> {
    let is_plain = line.iter().all(|c| matches!(c, b' '..=b'~'));
    std::str::from_utf8(line).ok().filter(|_| is_plain)
}

/// Appends a line as it is safe to be shown, with the octets `marked` marked.
fn escape(line: &[u8], marked: Range<usize>, excerpt: &mut Excerpt) {
    let mut at = 0;
    let (mut first, mut last) = (None, None);
    for chunk in line.utf8_chunks() {
        let chars = chunk.valid().char_indices().map(|(i, c)| (i, c.len_utf8(), Some(c)));
        let valid = chunk.valid().len();
        let invalid = chunk.invalid().iter().enumerate().map(|(i, _)| (valid + i, 1, None));
        for (i, len, c) in chars.chain(invalid) {
            let place = at + i..at + i + len;
            let is_marked = place.start < marked.end && place.end > marked.start;
            if is_marked || place.start == marked.start {
                first.get_or_insert(excerpt.text.len());
            }
            match c {
                Some(c) => excerpt.text.push_str(&out::escape(c.encode_utf8(&mut [0; 4]))),
                None => excerpt.text.push_str(&format!("\\x{:02x}", line[place.start])),
            }
            if is_marked {
                last = Some(excerpt.text.len());
            }
        }
        at += valid + chunk.invalid().len();
    }
    let end = excerpt.text.len();
    let first = first.unwrap_or(end);
    excerpt.marked = first..last.unwrap_or(first);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(octets: &[u8]) -> Spool {
        let mut spool = Spool::default();
        spool.push(octets).expect("kept");
        spool
    }

    fn octets(spool: &Spool, length: usize) -> Octets<'_> {
        Octets::new(spool, 0, length as u64)
    }

    #[test]
    fn places_are_lines_and_characters() {
        let spool = kept("ab\nüd\r\n\nx".as_bytes());
        let places = |offsets: &[u64], spool, len, eol| {
            super::places(&octets(spool, len), offsets, eol).expect("read")
        };
        let places_of_all = places(&[0, 1, 3, 5, 8, 9, 10], &spool, 10, Eol::Lf);
        let found: Vec<_> = places_of_all.iter().map(|place| (place.line, place.column)).collect();
        assert_eq!(found, [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2)]);
        assert_eq!(places(&[2], &kept(b"a\rb"), 3, Eol::Cr)[0].line, 2);
    }

    #[test]
    fn excerpts_are_escaped_and_marked() {
        let long = [b"a".repeat(50), b"\x1b[2J".to_vec(), b"b".repeat(200)].concat();
        let cases: &[(&[u8], Range<u64>, &str, &str)] = &[
            (b"ab\ncd\r\nef", 4..5, "cd", "d"),
            (b"ab\ncd\r\nef", 3..9, "cd", "cd"),
            (b"ab\ncd\r\nef", 5..6, "cd\\x0d", "\\x0d"),
            (b"ab\n", 2..3, "ab", ""),
            (b"ab", 2..2, "ab", ""),
            (b"ab", 0..0, "ab", ""),
            (b"a\xfc\xc3\xbcb", 3..4, "a\\xfcüb", "ü"),
            (b"a\rb\n", 1..2, "a\\x0db", "\\x0d"),
            ("x\u{202e}y".as_bytes(), 1..2, "x\\u{202e}y", "\\u{202e}"),
            (
                &long,
                50..51,
                "…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\x1b[2J\
              bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…",
                "\\x1b",
            ),
        ];
        for (message, span, text, marked) in cases {
            let spool = kept(message);
            let mut octets = octets(&spool, message.len());
            for _ in 0..2 {
                let place = places(&octets, &[span.start], Eol::Lf).expect("read")[0];
                let found = excerpt(&octets, place, span.end, Eol::Lf).expect("read");
                assert_eq!(&found.text, text);
                assert_eq!(&found.text[found.marked.clone()], *marked, "{text}");
                octets.keep(span.start).expect("read");
            }
        }
        let spool = kept(b"ab");
        let octets = octets(&spool, 2);
        let place = places(&octets, &[0], Eol::Lf).expect("read")[0];
        assert_eq!(excerpt(&octets, place, 0, Eol::Lf).expect("read").marked, 0..0);
    }

    #[test]
    fn a_plain_line_is_shown_as_any_other() {
        let line = b"Subject: plain";
        for start in 0..line.len() + 2 {
            for end in start..line.len() + 3 {
                let shown = cut_out(line, start..end, true, Eol::Lf);
                let mut escaped = Excerpt { text: "\u{2026}".to_owned(), ..Excerpt::default() };
                escape(line, start..end, &mut escaped);
                assert_eq!(shown, escaped, "{start}..{end}");
            }
        }
    }
}
