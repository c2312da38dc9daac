//! The lexical pieces that structured fields share: white space, comments, quoted strings
//! (RFC 5322 §3.2). All work on raw field bodies; a fold is white space like any other.
//!
//! No recursion: comments nest by a counter. Nothing here reports findings: what an open comment or
//! quoted string is worth, only its caller knows.
//!
//! May use: base.

use crate::base::chars::is_fws;

/// The end of the comment that begins at `at` (its opening parenthesis), behind the closing one;
/// the end of the text if it is never closed, then with `false`.
pub fn skip_comment(text: &[u8], at: usize) -> (usize, bool) {
    debug_assert_eq!(text.get(at), Some(&b'('));
    let mut depth = 0usize;
    let mut i = at;
    while let Some(&c) = text.get(i) {
        match c {
            b'\\' => i += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return (i + 1, true);
                }
            }
            _ => {}
        }
        i += 1;
    }
    (text.len(), false)
}

/// The first position from `at` on that is neither white space nor inside a comment (CFWS).
pub fn skip_cfws(text: &[u8], mut at: usize) -> usize {
    while let Some(&c) = text.get(at) {
        if is_fws(c) {
            at += 1;
        } else if c == b'(' {
            at = skip_comment(text, at).0;
        } else {
            break;
        }
    }
    at
}

/// The end of the quoted string that begins at `at` (its opening quote), behind the closing one;
/// the end of the text if it is never closed, then with `false`.
pub fn skip_quoted(text: &[u8], at: usize) -> (usize, bool) {
    debug_assert_eq!(text.get(at), Some(&b'"'));
    let mut i = at + 1;
    while let Some(&c) = text.get(i) {
        match c {
            b'\\' => i += 1,
            b'"' => return (i + 1, true),
            _ => {}
        }
        i += 1;
    }
    (text.len(), false)
}

/// Appends the content of a quoted string or comment, given unfolded and without its delimiters:
/// quoted-pairs give the character that they quote (RFC 5322 §3.2.1). A lone backslash at the end
/// stays.
pub fn unquote(content: &[u8], out: &mut Vec<u8>) {
    let mut rest = content;
    while let Some(i) = memchr::memchr(b'\\', rest) {
        let quoted = if i + 1 < rest.len() { i + 1 } else { i };
        out.extend_from_slice(&rest[..i]);
        out.push(rest[quoted]);
        rest = &rest[quoted + 1..];
    }
    out.extend_from_slice(rest);
}

/// Where something stands next, remembered: asking again from further right costs nothing until
/// that place is passed, so that a parser that asks at each of its steps stays linear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ahead {
    asked: usize,
    /// The end of the text if there is none.
    found: usize,
}

impl Ahead {
    /// Nothing is known yet.
    pub(crate) const UNKNOWN: Ahead = Ahead { asked: 1, found: 0 };

    /// The first position from `from` on where `search`, given what follows, finds something; the
    /// end of the text if it does not. Always to be asked about the same text and search.
    pub(crate) fn next(
        &mut self,
        text: &[u8],
        from: usize,
        search: impl Fn(&[u8]) -> Option<usize>,
    ) -> usize {
        if from < self.asked || from > self.found {
            let rest = text.get(from..).unwrap_or_default();
            self.asked = from;
            self.found = search(rest).map_or(text.len(), |i| from + i);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_comments_and_quoted_strings() {
        assert_eq!(skip_comment(b"(a(b)c)d", 0), (7, true));
        assert_eq!(skip_comment(b"(a\\)b)c", 0), (6, true));
        assert_eq!(skip_comment(b"(a(b)", 0), (5, false));
        assert_eq!(skip_comment(b"(a\\", 0), (3, false));
        assert_eq!(skip_cfws(b" (x)\r\n y", 0), 7);
        assert_eq!(skip_quoted(b"\"a\\\"b\"c", 0), (6, true));
        assert_eq!(skip_quoted(b"\"a", 0), (2, false));
    }

    #[test]
    fn unquotes() {
        let cases: &[(&str, &[u8], &[u8])] = &[
            ("plain", b"a b", b"a b"),
            ("quoted pairs", b"a\\\"b\\\\c\\d", b"a\"b\\cd"),
            ("a backslash at the end", b"a\\", b"a\\"),
        ];
        for &(name, content, expected) in cases {
            let mut out = Vec::new();
            unquote(content, &mut out);
            assert_eq!(out, expected, "{name}");
        }
    }

    #[test]
    fn looks_ahead_once() {
        let text = b"ab?=cd?=";
        let searches = std::cell::Cell::new(0);
        let search = |rest: &[u8]| {
            searches.set(searches.get() + 1);
            memchr::memmem::find(rest, b"?=")
        };
        let mut ahead = Ahead::UNKNOWN;
        let found: Vec<usize> = (0..8).map(|from| ahead.next(text, from, search)).collect();
        assert_eq!(found, [2, 2, 2, 6, 6, 6, 6, 8]);
        assert_eq!(searches.get(), 3);
        assert_eq!(ahead.next(text, 0, search), 2);
    }
}
