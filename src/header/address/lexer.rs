//! The tokens of an address list (RFC 5322 §3.2, §3.4), with what is left open closed where the
//! mail of RFC 7103 §7.1 asks for it.
//!
//! Each token is a range of the field body; nothing is copied or decoded. An angle bracket is one
//! token with all that it holds, to be read again by a lexer of its own. Time is linear in the
//! input: what is never closed is looked for once, comments [`OPEN_COMMENTS`] times.
//!
//! Does not know what tokens mean to each other: that is the parser's.
//!
//! May use: base, and the words and lexical pieces of this room.

use std::ops::Range;

use super::super::lex::{Ahead, skip_comment, skip_quoted};
use super::super::words::word_end;
use crate::base::chars::is_fws;
use crate::base::{COMMENT_DEPTH, Rule, Sink};

/// LIMIT: how often the end of a comment is looked for in vain; further ones count as open.
const OPEN_COMMENTS: u32 = 16;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::header) enum Kind {
    /// Atoms, dots, encoded-words, and whatever is out of place.
    Atom,
    /// A quoted string with its quotes.
    Quoted,
    /// A comment with its parentheses.
    Comment,
    /// A domain literal with its brackets.
    Literal,
    /// An angle bracket, what it holds, and the closing one.
    Angle,
    /// `@`
    At,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
}

/// One token of an address list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::header) struct Token {
    pub(in crate::header) kind: Kind,
    pub(in crate::header) start: usize,
    pub(in crate::header) end: usize,
    /// Where what is between the delimiters ends; `end`, if nothing closes the token.
    pub(in crate::header) inner_end: usize,
    /// Whether white space or a comment stands before it.
    pub(in crate::header) spaced: bool,
}

impl Token {
    /// What is between the delimiters.
    pub(in crate::header) fn inner(self) -> Range<usize> {
        (self.start + 1).min(self.inner_end)..self.inner_end
    }
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A list of addresses: encoded-words may stand in it.
    List,
    /// What an angle bracket holds: no encoded-words, no further brackets.
    AddrSpec,
}

/// Cuts a field body, or a part of one, into tokens.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    mode: Mode,
    last: Option<Kind>,
    /// Whether every quote so far had its end.
    quotes_close: bool,
    open_comments: u32,
    word_closes: Ahead,
    word_fences: Ahead,
}

impl<'a> Lexer<'a> {
    /// Reads `range` of `text`; spans count from the start of `text`.
    pub(super) fn new(text: &'a [u8], range: Range<usize>, mode: Mode) -> Lexer<'a> {
        Lexer {
            text: &text[..range.end],
            at: range.start,
            mode,
            last: None,
            quotes_close: true,
            open_comments: 0,
            word_closes: Ahead::UNKNOWN,
            word_fences: Ahead::UNKNOWN,
        }
    }

    /// The next token.
    pub(super) fn next<S: Sink>(&mut self, sink: &mut S) -> Option<Token> {
        let mut spaced = self.last == Some(Kind::Comment);
        loop {
            spaced |= self.skip_space();
            let start = self.at;
            let token = match *self.text.get(start)? {
                b'"' => self.quoted(spaced, sink),
                b'(' => Some(self.comment(spaced, sink)),
                b'[' if self.last == Some(Kind::At) => Some(self.literal(spaced, sink)),
                b'<' if self.mode == Mode::List => Some(self.angle(spaced, sink)),
                b'>' if self.mode == Mode::List => {
                    sink.report(Rule::A011, (start..start + 1).into());
                    self.at += 1;
                    None
                }
                b'@' => Some(self.single(Kind::At, spaced)),
                b',' => Some(self.single(Kind::Comma, spaced)),
                b':' => Some(self.single(Kind::Colon, spaced)),
                b';' => Some(self.single(Kind::Semicolon, spaced)),
                _ => Some(self.atom(spaced)),
            };
            if let Some(token) = token {
                self.last = Some(token.kind);
                return Some(token);
            }
        }
    }

    /// Whether there was any.
    fn skip_space(&mut self) -> bool {
        let len = self.text[self.at..].iter().take_while(|&&c| is_fws(c)).count();
        self.at += len;
        len > 0
    }

    /// The token from here to `end`, whose content ends at `inner_end`.
    fn token(&mut self, kind: Kind, end: usize, inner_end: usize, spaced: bool) -> Token {
        let start = std::mem::replace(&mut self.at, end);
        Token { kind, start, end, inner_end, spaced }
    }

    fn single(&mut self, kind: Kind, spaced: bool) -> Token {
        self.token(kind, self.at + 1, self.at + 1, spaced)
    }

    /// A quoted string. A quote that is never closed is dropped, and what follows it read as if it
    /// were not there (RFC 7103 §7.1.6).
    fn quoted<S: Sink>(&mut self, spaced: bool, sink: &mut S) -> Option<Token> {
        if let Some(end) = self.quoted_end(self.at) {
            return Some(self.token(Kind::Quoted, end, end - 1, spaced));
        }
        sink.report(Rule::A018, (self.at..self.at + 1).into());
        self.at += 1;
        None
    }

    /// The end of the quoted string at `at`. If one has none, no later quote has: it would have
    /// ended that one.
    fn quoted_end(&mut self, at: usize) -> Option<usize> {
        if !self.quotes_close {
            return None;
        }
        let (end, closed) = skip_quoted(self.text, at);
        self.quotes_close = closed;
        closed.then_some(end)
    }

    /// A comment. One that is never closed ends before the next angle bracket or separator (RFC 7103
    /// §7.1.4).
    fn comment<S: Sink>(&mut self, spaced: bool, sink: &mut S) -> Token {
        let start = self.at;
        let Some(end) = self.comment_end(start) else {
            let rest = &self.text[start..];
            let len = rest.iter().position(|c| b"<,;".contains(c)).unwrap_or(rest.len());
            sink.report(Rule::A018, (start..start + 1).into());
            return self.token(Kind::Comment, start + len, start + len, spaced);
        };
        self.token(Kind::Comment, end, end - 1, spaced)
    }

    fn comment_end(&mut self, at: usize) -> Option<usize> {
        if self.open_comments == OPEN_COMMENTS {
            return None;
        }
        let (end, closed) = skip_comment(self.text, at);
        self.open_comments += u32::from(!closed);
        closed.then_some(end)
    }

    /// A domain literal (RFC 5322 §3.4.1); without its end, the bracket is nothing special.
    fn literal<S: Sink>(&mut self, spaced: bool, sink: &mut S) -> Token {
        let start = self.at;
        let rest = &self.text[start + 1..];
        match rest.iter().position(|c| b"[]<>()@,;\"\\".contains(c)) {
            Some(len) if rest[len] == b']' => {
                let end = start + 1 + len;
                self.token(Kind::Literal, end + 1, end, spaced)
            }
            _ => {
                sink.report(Rule::A018, (start..start + 1).into());
                self.atom(spaced)
            }
        }
    }

    /// All up to the next delimiter; or an encoded-word, in which delimiters may stand.
    ///
    /// QUIRK: `=?utf-8?Q?Blow,_Joe?= <joe@…>` and the like, against RFC 2047 §5(3).
    fn atom(&mut self, spaced: bool) -> Token {
        let end = match self.encoded_word() {
            Some(end) => end,
            None => self.atom_end(self.at),
        };
        self.token(Kind::Atom, end, end, spaced)
    }

    fn encoded_word(&mut self) -> Option<usize> {
        if self.mode == Mode::AddrSpec || !self.text[self.at..].starts_with(b"=?") {
            return None;
        }
        let end = word_end(self.text, self.at, &mut self.word_closes)?;
        let fence = self.word_fences.next(self.text, self.at, |rest| {
            rest.iter().position(|&c| is_fws(c) || b"<>\"".contains(&c))
        });
        (end <= fence).then_some(end)
    }

    fn atom_end(&self, start: usize) -> usize {
        let mut end = start + 1;
        let mut quoted = self.text[start] == b'\\';
        while let Some(&c) = self.text.get(end) {
            if !quoted && is_delimiter(c) {
                break;
            }
            quoted = !quoted && c == b'\\';
            end += 1;
        }
        end
    }

    /// An angle bracket. RFC 7103 §7.1.2 has too many of them, §7.1.3 one that is never closed,
    /// §7.1.5 a comma in it.
    fn angle<S: Sink>(&mut self, spaced: bool, sink: &mut S) -> Token {
        let outer = self.at;
        let opening = self.text[outer..].iter().take_while(|&&c| c == b'<' || is_fws(c));
        let inner = outer + opening.count();
        let start = outer + self.text[outer..inner].iter().rposition(|&c| c == b'<').unwrap_or(0);
        let inner_end = self.angle_end(inner);
        let tail = &self.text[inner_end..];
        let mut closing = tail.iter().take_while(|&&c| c == b'>').count();
        if closing == 0 {
            sink.report(Rule::A018, (start..start + 1).into());
        } else if start > outer {
            sink.report(Rule::A011, (outer..start).into());
        } else {
            closing = 1;
        }
        self.at = start;
        self.token(Kind::Angle, inner_end + closing, inner_end, spaced)
    }

    /// Where the content ends that begins at `from`: at the closing bracket, or where it should
    /// have been.
    fn angle_end(&mut self, from: usize) -> usize {
        let bracket = memchr::memchr2(b'<', b'>', &self.text[from..]);
        let closes = bracket.is_some_and(|i| self.text[from + i] == b'>');
        let route = matches!(self.text.get(from), Some(b'@' | b','));
        let mut seen_at = false;
        let mut at = from;
        while let Some(&c) = self.text.get(at) {
            match c {
                b'>' | b'<' => return at,
                b',' | b';' if !closes || seen_at && !route => return at,
                b'@' => seen_at = true,
                b'\\' if at + 1 < self.text.len() => at += 1,
                b'"' => at = self.quoted_end(at).unwrap_or(at + 1) - 1,
                b'(' => at = self.comment_end(at).unwrap_or(at + 1) - 1,
                _ => {}
            }
            at += 1;
        }
        at
    }
}

/// Whether an atom ends before `c`.
fn is_delimiter(c: u8) -> bool {
    is_fws(c) || matches!(c, b'"' | b'(' | b'<' | b'>' | b'@' | b',' | b':' | b';')
}

/// Whether a comment nests so deep that it is not worth showing.
pub(super) fn is_too_deep(comment: &[u8]) -> bool {
    let mut depth = 0u32;
    let mut quoted = false;
    comment.iter().any(|&c| {
        let literal = std::mem::take(&mut quoted);
        match c {
            _ if literal => {}
            b'\\' => quoted = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > COMMENT_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(Kind, &str)> {
        let mut lexer = Lexer::new(text.as_bytes(), 0..text.len(), Mode::List);
        std::iter::from_fn(|| lexer.next(&mut ()))
            .map(|t| (t.kind, &text[t.start..t.end]))
            .collect()
    }

    #[test]
    fn cuts_tokens() {
        use Kind::*;
        let cases: &[(&str, &[(Kind, &str)])] = &[
            ("a.b \t c", &[(Atom, "a.b"), (Atom, "c")]),
            ("a@[1:2]", &[(Atom, "a"), (At, "@"), (Literal, "[1:2]")]),
            ("[a]b@[c", &[(Atom, "[a]b"), (At, "@"), (Atom, "[c")]),
            ("\"a\\\" <\"<b>", &[(Quoted, "\"a\\\" <\""), (Angle, "<b>")]),
            ("\"a <b>", &[(Atom, "a"), (Angle, "<b>")]),
            ("(a(b))c)", &[(Comment, "(a(b))"), (Atom, "c)")]),
            ("(a (b) <c>", &[(Comment, "(a (b) "), (Angle, "<c>")]),
            (
                "g:a;,b",
                &[
                    (Atom, "g"),
                    (Colon, ":"),
                    (Atom, "a"),
                    (Semicolon, ";"),
                    (Comma, ","),
                    (Atom, "b"),
                ],
            ),
            ("=?x?q?a,b?=c", &[(Atom, "=?x?q?a,b?="), (Atom, "c")]),
            ("=?x?q?a,<b?=", &[(Atom, "=?x?q?a"), (Comma, ","), (Angle, "<b?=")]),
            ("a\\,b", &[(Atom, "a\\,b")]),
            ("< <<a>>>b", &[(Angle, "<a>>>"), (Atom, "b")]),
            ("<a>>b", &[(Angle, "<a>"), (Atom, "b")]),
            ("<\">\"@a>b", &[(Angle, "<\">\"@a>"), (Atom, "b")]),
            ("<@a,@b:c@d>", &[(Angle, "<@a,@b:c@d>")]),
            ("<a@b,c", &[(Angle, "<a@b"), (Comma, ","), (Atom, "c")]),
            ("<a@b,c@d>", &[(Angle, "<a@b"), (Comma, ","), (Atom, "c"), (At, "@"), (Atom, "d")]),
            ("<a,b@c>", &[(Angle, "<a,b@c>")]),
            ("<a<b>", &[(Angle, "<a"), (Angle, "<b>")]),
            ("\\", &[(Atom, "\\")]),
            ("<", &[(Angle, "<")]),
        ];
        for &(text, expected) in cases {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn counts_the_depth_of_comments() {
        let nested = |n| ["(".repeat(n), ")".repeat(n)].concat();
        assert!(!is_too_deep(nested(64).as_bytes()));
        assert!(is_too_deep(nested(65).as_bytes()));
        assert!(!is_too_deep(["(", &"\\(".repeat(99), ")"].concat().as_bytes()));
        assert!(!is_too_deep("()".repeat(99).as_bytes()));
    }
}
