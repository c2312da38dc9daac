//! Encoded-words from octets (RFC 2047 §2, §4, §5).
//!
//! Contract: a word has 75 octets at the most and no part of a character; Q or B, whichever is
//! shorter. Words are parted by one space each, where a fold may come.
//!
//! May use: base, charset.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::charset::Charset;
use crate::header::words::UNKNOWN_8BIT;

/// The most octets of a word, and of a line that holds one (RFC 2047 §2).
pub(super) const WORD_MAX: usize = 75;
pub(super) const LINE_MAX: usize = 76;

/// LIMIT: how far back the end of a character is looked for; GB 18030 has four octets.
const CHARACTER: usize = 4;

/// Where words stand: it decides what may stand unescaped in Q.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An unstructured field.
    Text,
    /// A comment.
    Comment,
    /// A phrase.
    Phrase,
}

impl Place {
    /// Whether `c` may stand for itself. In text and comments programs disagree on what else may,
    /// so it is little more than in phrases (RFC 2047 §5(3)).
    fn is_safe(self, c: u8) -> bool {
        c.is_ascii_alphanumeric()
            || b"!*+-/".contains(&c)
            || self != Place::Phrase && b",.:;@#$%&'".contains(&c)
    }

    /// The most octets of a word: in phrases and comments a delimiter may touch it.
    fn word_max(self) -> usize {
        if self == Place::Text { WORD_MAX } else { WORD_MAX - 3 }
    }
}

/// How the octets of a word are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Q,
    B,
}

/// The words for `octets`, the first of them to stand in column `column`; `None` if the charset has
/// shift states and one word cannot hold them all.
pub(super) fn words(octets: &[u8], label: &str, place: Place, column: usize) -> Option<Vec<u8>> {
    let q = chain(octets, label, place, column, Encoding::Q)?;
    let b = chain(octets, label, place, column, Encoding::B)?;
    Some(if b.len() < q.len() { b } else { q })
}

fn chain(
    octets: &[u8],
    label: &str,
    place: Place,
    column: usize,
    encoding: Encoding,
) -> Option<Vec<u8>> {
    // `=?label?Q?` and `?=`
    let room = place.word_max().saturating_sub(label.len() + 7);
    let first = LINE_MAX.saturating_sub(column + label.len() + 10).min(room);
    // A first word for which the line has little room goes to the next.
    let mut space = if first < 16 { room } else { first };
    let mut out = Vec::with_capacity(octets.len() * 2);
    let mut rest = octets;
    while !rest.is_empty() {
        if !out.is_empty() {
            out.push(b' ');
        }
        let len = character_end(rest, fitting(rest, space, place, encoding), label)?;
        let (data, behind) = rest.split_at(len);
        push_word(data, label, place, encoding, &mut out);
        rest = behind;
        space = room;
    }
    Some(out)
}

/// How many octets fit into `space`, at least one.
fn fitting(octets: &[u8], space: usize, place: Place, encoding: Encoding) -> usize {
    if encoding == Encoding::B {
        return (space / 4 * 3).clamp(1, octets.len());
    }
    let mut used = 0;
    for (len, &c) in octets.iter().enumerate() {
        used += if c == b' ' || place.is_safe(c) { 1 } else { 3 };
        if used > space {
            return len.max(1);
        }
    }
    octets.len()
}

/// The end of the last character that ends at `len` or before it; of the first if none does.
fn character_end(octets: &[u8], len: usize, label: &str) -> Option<usize> {
    if len == octets.len() || label == UNKNOWN_8BIT {
        return Some(len);
    }
    // A language may follow the charset (RFC 2231 §5).
    let label = label.split('*').next().unwrap_or(label);
    let Some(charset) = Charset::for_label(label.as_bytes()) else { return Some(len) };
    if !charset.is_ascii_compatible() {
        return None;
    }
    let ends = |&end: &usize| {
        let mut text = String::new();
        charset.decode(&octets[..end], &mut text) == 0
    };
    let before = (len.saturating_sub(CHARACTER).max(1)..=len).rev().find(ends);
    // Octets that are no text have no characters to be kept whole.
    before.or_else(|| (len..octets.len().min(len + CHARACTER)).find(ends)).or(Some(len))
}

fn push_word(data: &[u8], label: &str, place: Place, encoding: Encoding, out: &mut Vec<u8>) {
    out.extend_from_slice(b"=?");
    out.extend_from_slice(label.as_bytes());
    match encoding {
        Encoding::B => {
            out.extend_from_slice(b"?B?");
            out.extend_from_slice(STANDARD.encode(data).as_bytes());
        }
        Encoding::Q => {
            out.extend_from_slice(b"?Q?");
            for &c in data {
                match c {
                    b' ' => out.push(b'_'),
                    c if place.is_safe(c) => out.push(c),
                    c => out.extend([b'=', hex_digit(c >> 4), hex_digit(c & 15)]),
                }
            }
        }
    }
    out.extend_from_slice(b"?=");
}

/// The digit for a value under 16, in upper case (RFC 2045 §6.7).
pub(super) fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
}
