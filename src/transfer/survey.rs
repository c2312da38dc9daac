//! The survey of a body: what a transport would care about, counted over its raw octets.
//!
//! One pass over any cut of the body, in constant memory. Counts are of octets as they stand,
//! before any decoding; places are given for the first of a kind. Lines are counted by the line end
//! of the message, bare CRs and LFs by what they are.
//!
//! Does not say what the counts mean: which data is 7bit, 8bit or binary (RFC 2045 §2.7 to §2.9) is
//! for its users to decide.

use crate::base::chars::is_wsp;
use crate::base::{Eol, LINE, Span};
use crate::simd;

/// Octets that are gone over several times while they are in the nearest cache.
const BLOCK: usize = 16 * 1024;

/// What a body holds. Offsets count from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All octets.
    pub octets: u64,
    /// Line ends, and a last line without one.
    pub lines: u64,
    /// Octets over 127.
    pub eight_bit: u64,
    /// NULs.
    pub nul: u64,
    /// CRs without LF, in any message.
    pub bare_cr: u64,
    /// CRLFs.
    pub crlf: u64,
    /// LFs without CR.
    pub lf: u64,
    /// Octets of the longest line, without its line end.
    pub longest_line: u64,
    /// The first octet over 127.
    pub first_eight_bit: Option<u64>,
    /// The first NUL.
    pub first_nul: Option<u64>,
    /// The first CR without LF.
    pub first_bare_cr: Option<u64>,
    /// The first line of more than 998 octets, without its line end.
    pub first_long_line: Option<Span>,
    /// The first SPACE or TAB that a line ends with.
    pub trailing_wsp: Option<u64>,
    /// Octets that it takes as text in quoted-printable, one for each line end. Where lines are broken
    /// no more is lost than the escapes leave of a line, about one octet in a hundred: so much it may
    /// be too little.
    pub quoted_printable: u64,
}

/// Takes the census of one body.
#[derive(Debug, Default)]
pub struct Survey {
    eol: Eol,
    census: Census,
    /// CRs, bare or not.
    cr: u64,
    /// Where the current line begins.
    line_start: u64,
    /// Octets so far that quoted-printable escapes, and those before the current line.
    odd: u64,
    odd_before: u64,
    /// The last two octets, the later one second; zeros at first.
    tail: [u8; 2],
}

impl Survey {
    /// A survey of a body in a message whose lines end with `eol`.
    pub fn new(eol: Eol) -> Survey {
        Survey { eol, ..Survey::default() }
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, src: &[u8]) {
        for block in src.chunks(BLOCK) {
            self.count(block);
            self.lines(block);
            self.census.octets += block.len() as u64;
            self.tail = [before(block, self.tail, 1), before(block, self.tail, 0)];
        }
    }

    /// The body is over: what it held.
    pub fn finish(mut self) -> Census {
        let octets = self.census.octets;
        if octets > self.line_start {
            // No line end follows, so a CR here belongs to the content.
            self.line(octets, self.tail[1], self.odd - self.odd_before);
            self.census.lines += 1;
        }
        self.census.bare_cr = self.cr - self.census.crlf;
        if self.tail[1] == b'\r' {
            self.census.first_bare_cr.get_or_insert(octets - 1);
        }
        self.census
    }

    /// Counts the kinds of octets.
    fn count(&mut self, block: &[u8]) {
        let [_, last] = self.tail;
        let tally = simd::tally::tally(last, block);
        let base = self.census.octets;
        let place = |i: Option<usize>| i.map(|i| base + i as u64);
        if tally.eight_bit > 0 && self.census.first_eight_bit.is_none() {
            self.census.first_eight_bit = place(block.iter().position(|&c| c > 127));
        }
        if tally.nul > 0 && self.census.first_nul.is_none() {
            self.census.first_nul = place(memchr::memchr(0, block));
        }
        // The CRs that this block decides: one before it, none at its end.
        let undecided = u64::from(block.ends_with(b"\r"));
        if self.census.first_bare_cr.is_none()
            && tally.cr + u64::from(last == b'\r') > tally.crlf + undecided
        {
            self.census.first_bare_cr = Some(first_bare_cr(last, block, base));
        }
        self.census.eight_bit += tally.eight_bit;
        self.census.nul += tally.nul;
        self.census.crlf += tally.crlf;
        self.census.lf += tally.lf - tally.crlf;
        self.cr += tally.cr;
    }

    /// Whether a CR without LF was seen, or a CR at the end that may be one.
    pub(crate) fn may_have_bare_cr(&self) -> bool {
        self.cr > self.census.crlf
    }

    /// Measures the lines that end in `block`.
    fn lines(&mut self, block: &[u8]) {
        let odd_before = self.odd;
        let eol = self.eol;
        let odd = simd::lines::lines(block, eol.octet(), |i, odd| {
            let end = self.census.octets + i as u64;
            let text = &block[..i];
            let odd = odd_before + odd;
            let escapes = odd - self.odd_before;
            if eol == Eol::Lf && before(text, self.tail, 0) == b'\r' {
                // The CR is half of the line end, and no octet to be escaped.
                self.line(end - 1, before(text, self.tail, 1), escapes - 1);
            } else {
                self.line(end, before(text, self.tail, 0), escapes);
            }
            self.census.lines += 1;
            self.census.quoted_printable += 1;
            self.line_start = end + 1;
            // The line end itself is one.
            self.odd_before = odd + 1;
        });
        self.odd += odd;
    }

    /// The content of the current line, of which `escapes` octets are escaped in quoted-printable, ends
    /// at `end`, behind the octet `last`.
    #[inline]
    fn line(&mut self, end: u64, last: u8, escapes: u64) {
        let length = end - self.line_start;
        self.census.quoted_printable += in_quoted_printable(length, last, escapes);
        self.census.longest_line = self.census.longest_line.max(length);
        if length > LINE as u64 {
            self.census.first_long_line.get_or_insert(Span::new(self.line_start, end));
        }
        if length > 0 && is_wsp(last) {
            self.census.trailing_wsp.get_or_insert(end - 1);
        }
    }
}

/// What a line of `length` octets takes in quoted-printable, soft line breaks among it.
#[inline]
fn in_quoted_printable(length: u64, last: u8, escapes: u64) -> u64 {
    // White space at the end of a line is escaped.
    let line = length + 2 * escapes + 2 * u64::from(length > 0 && is_wsp(last));
    let full = simd::quoted_printable::LINE as u64;
    let breaks = if line > full { (line - full).div_ceil(full - 1) } else { 0 };
    line + 2 * breaks
}

/// The octet of `text` that has `back` octets behind it; what stood before `text` is `tail`.
#[inline]
fn before(text: &[u8], tail: [u8; 2], back: usize) -> u8 {
    match (text, back) {
        ([.., c], 0) | ([.., c, _], 1) => *c,
        ([], 1) => tail[0],
        _ => tail[1],
    }
}

/// Where the first CR without LF stands, in `block` or, as its `last`, before it.
fn first_bare_cr(last: u8, block: &[u8], base: u64) -> u64 {
    if last == b'\r' && !block.starts_with(b"\n") {
        return base - 1;
    }
    let bare = |&i: &usize| block.get(i + 1) != Some(&b'\n');
    let found = memchr::memchr_iter(b'\r', block).find(bare);
    base + found.unwrap_or(0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn survey(eol: Eol, body: &[u8], piece: usize) -> Census {
        let mut survey = Survey::new(eol);
        body.chunks(piece).for_each(|piece| survey.update(piece));
        survey.finish()
    }

    /// `octets`, `lines`, `crlf`, `lf`, `bare_cr`, `longest_line`.
    type Counts = [u64; 6];

    #[test]
    fn counts_lines() {
        let cases: &[(&str, Eol, &[u8], Counts)] = &[
            ("empty", Eol::Lf, b"", [0, 0, 0, 0, 0, 0]),
            ("no line end", Eol::Lf, b"abc", [3, 1, 0, 0, 0, 3]),
            ("lf", Eol::Lf, b"abc\nd\n", [6, 2, 0, 2, 0, 3]),
            ("crlf", Eol::Lf, b"abc\r\nd\r\n", [8, 2, 2, 0, 0, 3]),
            ("mixed", Eol::Lf, b"a\r\nb\nc", [6, 3, 1, 1, 0, 1]),
            ("bare cr is content", Eol::Lf, b"a\rb\r\r\n\r", [7, 2, 1, 0, 3, 4]),
            ("empty lines", Eol::Lf, b"\n\r\n\n", [4, 3, 1, 2, 0, 0]),
            ("cr ends lines", Eol::Cr, b"abc\rd\r\re", [8, 4, 0, 0, 3, 3]),
            ("lf where cr ends lines", Eol::Cr, b"a\r\nb\nc\r", [7, 2, 1, 1, 1, 4]),
        ];
        for &(name, eol, body, counts) in cases {
            for piece in [1, 2, 3, 7, 100] {
                let c = survey(eol, body, piece);
                let found = [c.octets, c.lines, c.crlf, c.lf, c.bare_cr, c.longest_line];
                assert_eq!(found, counts, "{name} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn finds_the_first_of_each_kind() {
        type Place = fn(&Census) -> Option<u64>;
        let long_lines = [&[b'a'; 998][..], b"\r\n", &[b'a'; 999], b"\r\n"].concat();
        let cases: &[(&str, &[u8], Place, Option<u64>)] = &[
            ("8bit", b"ab\xe9\xe8", |c| c.first_eight_bit, Some(2)),
            ("7bit", b"ab\x7f", |c| c.first_eight_bit, None),
            ("nul", b"ab\0\0", |c| c.first_nul, Some(2)),
            ("bare cr", b"\r\n\ra\r", |c| c.first_bare_cr, Some(2)),
            ("bare cr before crlf", b"a\r\r\n", |c| c.first_bare_cr, Some(1)),
            ("bare cr at the end", b"a\r\nb\r", |c| c.first_bare_cr, Some(4)),
            ("no bare cr", b"a\r\nb\r\n", |c| c.first_bare_cr, None),
            ("wsp", b"a b\r\nb \r\n", |c| c.trailing_wsp, Some(6)),
            ("tab before lf", b"a\t\t\n", |c| c.trailing_wsp, Some(2)),
            ("wsp at the end", b"a\n ", |c| c.trailing_wsp, Some(2)),
            ("wsp before a bare cr", b"a \rb\n \r", |c| c.trailing_wsp, None),
            ("no wsp of this line", b"a\r\n\r\n", |c| c.trailing_wsp, None),
            ("999 octets", &long_lines, |c| c.first_long_line.map(|s| s.start), Some(1000)),
            ("998 octets", &long_lines[..1000], |c| c.first_long_line.map(|s| s.end), None),
            (
                "999 octets, no line end",
                &long_lines[..1999],
                |c| c.first_long_line.map(|s| s.end),
                Some(1999),
            ),
        ];
        for &(name, body, place, expected) in cases {
            for piece in [1, 2, 3, 7, 4000] {
                assert_eq!(place(&survey(Eol::Lf, body, piece)), expected, "{name}, {piece}");
            }
        }
    }

    proptest! {
        #[test]
        fn cuts_do_not_show(
            body in proptest::collection::vec(prop::sample::select(b"a \t\r\n\0\xff".as_slice()), 0..300),
            piece in 1usize..50,
        ) {
            for eol in [Eol::Lf, Eol::Cr] {
                prop_assert_eq!(survey(eol, &body, piece), survey(eol, &body, 300));
            }
        }
    }
}
