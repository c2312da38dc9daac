//! What findings ask of the octets of a body: which kinds there are, and where the first stands of what
//! is odd.
//!
//! One pass over any cut of the body, in constant memory. Octets are not counted, nor lines:
//! [`transfer::Survey`](crate::transfer::Survey) does that, for who converts, at several times the
//! cost.
//!
//! May use: base, simd.

use crate::base::{Eol, LINE, Span};
use crate::simd::kinds::kinds;

/// Octets that are gone over several times while they are in the nearest cache.
const BLOCK: usize = 16 * 1024;

/// What a body was seen to hold. Offsets count from its start.
#[derive(Debug, Default)]
pub(super) struct Glance {
    eol: Eol,
    /// All octets.
    pub(super) octets: u64,
    /// Whether there are CRLFs, and LFs without CR.
    pub(super) crlf: bool,
    pub(super) lf: bool,
    /// The first octet over 127, NUL, and CR without LF.
    pub(super) first_eight_bit: Option<u64>,
    pub(super) first_nul: Option<u64>,
    pub(super) first_bare_cr: Option<u64>,
    /// The first line of more than 998 octets, without its line end.
    pub(super) first_long_line: Option<Span>,
    /// Where a line begins, before which no line is too long.
    line_start: u64,
    last: u8,
}

impl Glance {
    /// A glance at a body in a message whose lines end with `eol`.
    pub(super) fn new(eol: Eol) -> Glance {
        Glance { eol, ..Glance::default() }
    }

    /// The next piece of the body.
    pub(super) fn update(&mut self, octets: &[u8]) {
        for block in octets.chunks(BLOCK) {
            self.look_at(block);
            if self.first_long_line.is_none() {
                self.measure(block);
            }
            self.octets += block.len() as u64;
            self.last = block.last().copied().unwrap_or(self.last);
        }
    }

    /// The body is over.
    pub(super) fn finish(&mut self) {
        if self.last == b'\r' {
            self.first_bare_cr.get_or_insert(self.octets - 1);
        }
        // No line end follows, so a CR at the end belongs to the content.
        self.long_line(self.octets);
    }

    fn look_at(&mut self, block: &[u8]) {
        let kinds = kinds(self.last, block);
        let base = self.octets;
        let place = |i: Option<usize>| i.map(|i| base + i as u64);
        if kinds.eight_bit && self.first_eight_bit.is_none() {
            self.first_eight_bit = place(block.iter().position(|&c| c > 127));
        }
        if kinds.nul && self.first_nul.is_none() {
            self.first_nul = place(memchr::memchr(0, block));
        }
        if kinds.bare_cr && self.first_bare_cr.is_none() {
            self.first_bare_cr = Some(self.bare_cr(block));
        }
        self.crlf |= kinds.crlf;
        self.lf |= kinds.lf;
    }

    /// Where the first CR without LF stands, in `block` or right before it.
    fn bare_cr(&self, block: &[u8]) -> u64 {
        if self.last == b'\r' && !block.starts_with(b"\n") {
            return self.octets - 1;
        }
        let bare = |&i: &usize| block.get(i + 1) != Some(&b'\n');
        let found = memchr::memchr_iter(b'\r', block).find(bare);
        self.octets + found.unwrap_or(0) as u64
    }

    /// Looks for a line that is too long: goes on to the last line end of the next 998 octets, over
    /// and over, until there is none.
    fn measure(&mut self, block: &[u8]) {
        let eol = self.eol.octet();
        let base = self.octets;
        loop {
            // Before `seen` no line ends that begins at `line_start`.
            let seen = self.line_start.saturating_sub(base) as usize;
            let limit = (self.line_start + LINE as u64 + 1).saturating_sub(base) as usize;
            let near = seen.min(block.len())..limit.min(block.len());
            if let Some(i) = memchr::memrchr(eol, &block[near.clone()]) {
                self.line_start = base + (near.start + i + 1) as u64;
                continue;
            }
            let rest = &block[near.end..];
            let Some(i) = memchr::memchr(eol, rest) else { return };
            let end = near.end + i;
            let before = end.checked_sub(1).map_or(self.last, |before| block[before]);
            let is_pair = self.eol == Eol::Lf && before == b'\r';
            if self.long_line(base + end as u64 - u64::from(is_pair)) {
                return;
            }
            self.line_start = base + end as u64 + 1;
        }
    }

    /// The content of a line ends here; whether it is too long.
    fn long_line(&mut self, end: u64) -> bool {
        let is_long = end > self.line_start + LINE as u64;
        if is_long {
            self.first_long_line.get_or_insert(Span::new(self.line_start, end));
        }
        is_long
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::Survey;
    use proptest::prelude::*;

    /// It says what the survey says, which counts and measures each line.
    fn agrees(eol: Eol, body: &[u8], piece: usize) -> Result<(), TestCaseError> {
        let (mut glance, mut survey) = (Glance::new(eol), Survey::new(eol));
        body.chunks(piece).for_each(|piece| glance.update(piece));
        glance.finish();
        survey.update(body);
        let census = survey.finish();
        prop_assert_eq!(glance.octets, census.octets);
        prop_assert_eq!((glance.crlf, glance.lf), (census.crlf > 0, census.lf > 0));
        prop_assert_eq!(glance.first_eight_bit, census.first_eight_bit);
        prop_assert_eq!(glance.first_nul, census.first_nul);
        prop_assert_eq!(glance.first_bare_cr, census.first_bare_cr);
        prop_assert_eq!(glance.first_long_line, census.first_long_line);
        Ok(())
    }

    #[test]
    fn lines_about_the_limit() {
        for length in LINE - 2..LINE + 3 {
            for end in [&b"\n"[..], b"\r\n", b"\r", b"", b"\r\r\n", b"\n\n"] {
                for before in [&b""[..], b"a\n", b"a\r\n", b"\r"] {
                    let body = [before, &vec![b'a'; length], end, b"b\n"].concat();
                    for piece in [1, 7, 997, 998, 999, 1000, 1001, 5000] {
                        agrees(Eol::Lf, &body, piece).expect("the same");
                        agrees(Eol::Cr, &body, piece).expect("the same");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn says_what_the_survey_says(
            runs in prop::collection::vec(
                (prop::sample::select(b"a \r\n\0\xff".as_slice()), prop_oneof![1usize..4, 900usize..1100]),
                0..20,
            ),
            piece in 1usize..1500,
        ) {
            let body: Vec<u8> = runs.iter().flat_map(|&(c, n)| vec![c; n]).collect();
            for eol in [Eol::Lf, Eol::Cr] {
                agrees(eol, &body, piece)?;
            }
        }
    }
}
