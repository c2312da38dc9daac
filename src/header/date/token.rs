//! The tokens of a date: words, numbers and marks, with what separates them.
//!
//! Contract: one pass over any octets; only the first 32 tokens are given. White space and comments
//! (RFC 5322 §3.2.2) are no tokens but the gap before one. It knows the names of months, nothing
//! else of what a token means.
//!
//! May use: base, `lex`.

use std::ops::RangeInclusive;

use crate::base::chars::is_fws;
use crate::header::lex;

/// LIMIT: tokens of a field body that are looked at; the longest form in use has about 20.
const TOKENS: usize = 32;

const MONTHS: [&[u8]; 12] = [
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
];

/// What separates a token from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Nothing,
    Space,
    Comment,
    /// A comment that is never closed: the rest of the text.
    Unclosed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// ASCII letters and octets over 127.
    Word,
    /// Digits.
    Number,
    /// Any other octet, alone.
    Mark(u8),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) text: &'a [u8],
    pub(super) kind: Kind,
    pub(super) gap: Gap,
}

impl Token<'_> {
    pub(super) fn is_mark(&self, set: &[u8]) -> bool {
        matches!(self.kind, Kind::Mark(c) if set.contains(&c))
    }

    pub(super) fn is_word(&self, word: &[u8]) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_number(&self, digits: RangeInclusive<usize>) -> bool {
        self.kind == Kind::Number && digits.contains(&self.text.len())
    }

    /// Whether nothing stands between this token and the one before.
    pub(super) fn is_glued(&self) -> bool {
        self.gap == Gap::Nothing
    }

    pub(super) fn value(&self) -> u32 {
        let digit = |c: u8| u32::from(c.saturating_sub(b'0'));
        self.text.iter().fold(0, |n: u32, &c| n.saturating_mul(10).saturating_add(digit(c)))
    }

    /// The month, from 1, that a word names: in full, or by its first three letters or more.
    pub(super) fn month(&self) -> Option<u32> {
        let long = self.kind == Kind::Word && self.text.len() >= 3;
        let names = |name: &&[u8]| name.get(..self.text.len()).is_some_and(|n| self.is_word(n));
        let index = MONTHS.iter().position(names).filter(|_| long)?;
        u32::try_from(index + 1).ok()
    }
}

fn is_letter(c: u8) -> bool {
    c.is_ascii_alphabetic() || c > 127
}

pub(super) fn tokens(raw: &[u8]) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while tokens.len() < TOKENS {
        let (start, gap) = skip_gap(raw, at);
        let rest = raw.get(start..).unwrap_or_default();
        let Some(&first) = rest.first() else { break };
        let run = |class: fn(u8) -> bool| rest.iter().take_while(|&&c| class(c)).count();
        let (kind, length) = match first {
            _ if gap == Gap::Unclosed => (Kind::Mark(first), rest.len()),
            b'0'..=b'9' => (Kind::Number, run(|c| c.is_ascii_digit())),
            _ if is_letter(first) => (Kind::Word, run(is_letter)),
            _ => (Kind::Mark(first), 1),
        };
        tokens.push(Token { text: &rest[..length], kind, gap });
        at = start + length;
    }
    tokens
}

/// The end of the white space and comments from `at` on; the start of a comment that is never
/// closed.
fn skip_gap(raw: &[u8], mut at: usize) -> (usize, Gap) {
    let mut gap = Gap::Nothing;
    while let Some(&c) = raw.get(at) {
        if c == b'(' {
            let (end, closed) = lex::skip_comment(raw, at);
            if !closed {
                return (at, Gap::Unclosed);
            }
            (at, gap) = (end, Gap::Comment);
        } else if is_fws(c) {
            at += 1;
            gap = if gap == Gap::Nothing { Gap::Space } else { gap };
        } else {
            break;
        }
    }
    (at, gap)
}

/// The form of a text: `aaa` for a word of three letters and `a` for any other, the count of its
/// digits for a number, `+` for either sign, `(` for a comment.
pub(super) fn shape(tokens: &[Token<'_>]) -> String {
    let mut shape = String::new();
    for token in tokens {
        match token.gap {
            Gap::Nothing => {}
            Gap::Space => shape.push(' '),
            Gap::Comment | Gap::Unclosed => shape.push('('),
        }
        match token.kind {
            Kind::Word if token.text.len() == 3 => shape.push_str("aaa"),
            Kind::Word => shape.push('a'),
            Kind::Number => shape.push_str(&token.text.len().to_string()),
            Kind::Mark(b'-') => shape.push('+'),
            Kind::Mark(c) => shape.push(char::from(c)),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_show_gaps_and_digits() {
        let cases: &[(&str, &str, &str)] = &[
            ("nothing", " (a) ", ""),
            ("RFC 5322", "Sat, 20 Nov 2021 14:22:01 -0800 (x)", "aaa, 2 aaa 4 2:2:2 +4"),
            ("glued", "20Nov2021T1", "2aaa4a1"),
            ("comments", "1(a)2 (b (c) \\() 3", "1(1(1"),
            ("never closed", "1 2 (3 4", "1 1(("),
            ("octets over 127", "\u{e9}t\u{e9} 1", "a 1"),
        ];
        for &(name, raw, expected) in cases {
            assert_eq!(shape(&tokens(raw.as_bytes())), expected, "{name}");
        }
    }

    #[test]
    fn months_go_by_three_letters_or_more() {
        let cases: &[(&str, Option<u32>)] = &[
            ("jan", Some(1)),
            ("MAY", Some(5)),
            ("Sept", Some(9)),
            ("December", Some(12)),
            ("Decembers", None),
            ("Ju", None),
            ("Juni", None),
            ("Mai", None),
            ("123", None),
        ];
        for &(word, expected) in cases {
            assert_eq!(tokens(word.as_bytes())[0].month(), expected, "{word}");
        }
    }

    #[test]
    fn stops_at_the_limit_and_does_not_overflow() {
        assert_eq!(tokens(&b"1 ".repeat(100)).len(), TOKENS);
        assert_eq!(tokens(&b"9".repeat(100))[0].value(), u32::MAX);
    }
}
