//! The lexical pieces that structured fields share: white space, comments, quoted strings
//! (RFC 5322 §3.2). All work on raw field bodies; a fold is white space like any other.
//!
//! No recursion: comments nest by a counter.

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
}
