//! Which octets a transport takes: counted over a piece, or looked for as fast as can be.

use super::Target;
use crate::base::LINE;
use crate::simd;
use crate::transfer::Census;

/// The kinds of data of RFC 2045 §2.7 to §2.9, the narrowest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    #[default]
    SevenBit,
    EightBit,
    Binary,
}

impl Class {
    /// What a body with this census is.
    pub(super) fn of(census: &Census) -> Class {
        if census.nul > 0 || census.bare_cr > 0 || census.longest_line > LINE as u64 {
            Class::Binary
        } else if census.eight_bit > 0 {
            Class::EightBit
        } else {
            Class::SevenBit
        }
    }

    /// Whether `target` takes it.
    pub(super) fn fits(self, target: Target) -> bool {
        self <= Class::widest(target)
    }

    fn widest(target: Target) -> Class {
        match target {
            Target::SevenBit => Class::SevenBit,
            Target::EightBit => Class::EightBit,
            Target::Binary => Class::Binary,
        }
    }

    /// The transfer encoding that says so.
    pub(super) fn name(self) -> &'static str {
        match self {
            Class::SevenBit => "7bit",
            Class::EightBit => "8bit",
            Class::Binary => "binary",
        }
    }
}

/// Looks whether octets that come in pieces are 7bit data: none over 127, no NUL, no CR but before
/// an LF, no line over 998 octets.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// Octets of the current line so far, a CR at its end among them.
    column: usize,
    after_cr: bool,
}

impl Plain {
    /// Takes the next piece; false if something in it, or at its seam, is not 7bit data.
    pub(super) fn takes(&mut self, piece: &[u8]) -> bool {
        let Some(&last) = piece.last() else { return true };
        if self.after_cr && piece[0] != b'\n' {
            return false;
        }
        self.after_cr = last == b'\r';
        simd::plain::is_plain(piece) && self.lines_fit(piece)
    }

    /// The octets are over: false if a CR was the last.
    pub(super) fn ends(&self) -> bool {
        !self.after_cr
    }

    /// Whether no line is too long. Looks for one line end in each stretch of that length, from its
    /// end, where it is soon found.
    fn lines_fit(&mut self, piece: &[u8]) -> bool {
        let mut start = 0;
        loop {
            let room = LINE + 1 - self.column;
            let rest = &piece[start..];
            if rest.len() <= room {
                match memchr::memrchr(b'\n', rest) {
                    Some(at) => self.column = rest.len() - at - 1,
                    None => self.column += rest.len(),
                }
                // A CR may be the octet too many.
                let content = self.column - usize::from(self.after_cr && self.column > 0);
                return content <= LINE;
            }
            // A line of 998 octets ends with CRLF at the most.
            let Some(at) = memchr::memrchr(b'\n', &rest[..room + 1]) else { return false };
            if at == room && at > 0 && rest[at - 1] != b'\r' {
                match memchr::memrchr(b'\n', &rest[..room]) {
                    Some(at) => start += at + 1,
                    None => return false,
                }
            } else {
                start += at + 1;
            }
            self.column = 0;
        }
    }
}

/// Whether a piece that ends where a line does, or the input, is 7bit data.
pub(super) fn is_plain(piece: &[u8]) -> bool {
    let mut plain = Plain::default();
    plain.takes(piece) && plain.ends()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Eol;
    use crate::transfer::Survey;
    use proptest::prelude::*;

    #[test]
    fn lines_may_have_998_octets() {
        let line = |len: usize, end: &str| "x".repeat(len) + end;
        let cases: &[(String, bool)] = &[
            (line(998, ""), true),
            (line(999, ""), false),
            (line(998, "\n"), true),
            (line(999, "\n"), false),
            (line(998, "\r\n"), true),
            (line(999, "\r\n"), false),
            (line(5, "\n") + &line(998, "\r\n") + &line(998, "\n"), true),
            (line(998, "\r\n") + &line(999, "\n") + "x", false),
            (line(10, "\r"), false),
            (line(10, "\rx\n"), false),
        ];
        for (text, plain) in cases {
            assert_eq!(is_plain(text.as_bytes()), *plain, "{} octets", text.len());
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_survey(
            lines in proptest::collection::vec((990usize..1002, 0usize..5), 0..5),
            cut in 1usize..1500,
        ) {
            let ends = ["\n", "\r\n", "\r", "\u{e9}\n", "\0\n"];
            let text: String =
                lines.iter().map(|&(len, end)| "x".repeat(len) + ends[end]).collect();
            let mut survey = Survey::new(Eol::Lf);
            survey.update(text.as_bytes());
            let expected = Class::of(&survey.finish()) == Class::SevenBit;
            let mut plain = Plain::default();
            let pieces = text.as_bytes().chunks(cut).all(|piece| plain.takes(piece));
            prop_assert_eq!(pieces && plain.ends(), expected);
        }
    }
}
