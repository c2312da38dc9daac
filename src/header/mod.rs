//! What a header field says, on demand: nothing here runs before somebody asks.
//!
//! All parsers take the *raw* body of a field (folds still in it, RFC 5322 §2.2.3), never fail, and
//! report what is odd with spans counted from the start of what they were given.
//!
//! May use: base, charset, transfer.

pub mod address;
pub mod auth;
pub mod date;
pub mod ids;
pub mod lex;
pub mod mime;
pub mod names;
pub mod params;
pub mod received;
pub mod words;
pub mod write;

use std::borrow::Cow;
use std::ops::Range;

use crate::base::Limits;
use crate::base::chars::{is_ftext, is_wsp, trim};
use crate::charset::{self, Charset};
use memchr::memmem;
use names::Name;
use words::Place;

/// What the reading of text in fields depends on beside the octets.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Limits on words and parameters.
    pub limits: Limits,
    /// The charset of octets over 127 that are no UTF-8 and name none (`--fallback-charset`).
    pub fallback: Charset,
}

impl Default for Context {
    /// The default limits, and windows-1252.
    fn default() -> Context {
        Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
    }
}

/// Decoded text of a field or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text; octets that are none became U+FFFD.
    pub text: String,
    /// Whether that happened.
    pub lossy: bool,
}

/// A field, cut at its first colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field name, without white space before the colon.
    pub name: &'a [u8],
    /// All octets after the colon, folds kept, without the line end that ends the field.
    pub body: &'a [u8],
    /// Where the body begins in the field.
    pub body_start: usize,
}

impl<'a> Field<'a> {
    /// Cuts the octets of a field; `None` if they are none (no colon, or a name with characters that
    /// a name must not have: RFC 5322 §2.2). White space before the colon is tolerated (§4.5).
    pub fn parse(octets: &'a [u8]) -> Option<Field<'a>> {
        let (name, rest) = octets.split_at(octets.iter().position(|&c| !is_ftext(c))?);
        let space = rest.iter().position(|&c| !is_wsp(c))?;
        let body_start = name.len() + space + 1;
        let body = without_line_end(&octets[body_start..]);
        (rest[space] == b':' && !name.is_empty()).then_some(Field { name, body, body_start })
    }

    /// The same if it is known already that a name stands before the colon at `colon`.
    #[inline]
    pub(crate) fn cut(octets: &'a [u8], colon: usize) -> Field<'a> {
        let body = without_line_end(&octets[colon + 1..]);
        Field { name: &octets[..colon], body, body_start: colon + 1 }
    }

    /// Whether this is the field `name`, letter case apart.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Where name and body of a field stand in its octets, and what it is called: found out once by the walk,
/// for all who look at the field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    /// The name, if it is known.
    pub(crate) known: Option<Name>,
    name_end: usize,
    body_start: usize,
}

impl Cut {
    pub(crate) fn of(field: &Field<'_>, known: Option<Name>) -> Cut {
        Cut { known, name_end: field.name.len(), body_start: field.body_start }
    }

    /// The field, of which these are the octets.
    pub(crate) fn field(self, octets: &[u8]) -> Field<'_> {
        let name = octets.get(..self.name_end).unwrap_or_default();
        let body = without_line_end(octets.get(self.body_start..).unwrap_or_default());
        Field { name, body, body_start: self.body_start }
    }
}

/// `text` without the one line end that it may end with: CRLF, LF, or the CR of a message whose
/// lines end so.
fn without_line_end(text: &[u8]) -> &[u8] {
    match text {
        [content @ .., b'\r', b'\n'] | [content @ .., b'\n' | b'\r'] => content,
        _ => text,
    }
}

/// The text of a field as a reader should see it: unfolded, and decoded where encoded-words may stand.
/// In an address list that is everywhere but in the addresses (RFC 2047 §5): a list with words in it
/// is parsed first and written anew from what was found.
pub fn text(field: &Field<'_>, context: &Context) -> Text {
    let mut text = String::new();
    let lossy = append_text(field, context, &mut text);
    Text { text, lossy }
}

/// Appends the same text to `text`; whether octets in it became U+FFFD.
pub fn append_text(field: &Field<'_>, context: &Context, text: &mut String) -> bool {
    match names::kind_of(field.name) {
        names::Kind::Unstructured => {
            words::decode_into(field.body, Place::Text, context, &mut (), text)
        }
        names::Kind::Addresses if memmem::find(field.body, b"=?").is_some() => {
            match address::parse(field.body, context, &mut ()) {
                list if list.is_empty() => append_undecoded(field.body, context, text),
                list => {
                    address::append_displayed(&list, text);
                    list.iter().any(|address| address.lossy)
                }
            }
        }
        _ => append_undecoded(field.body, context, text),
    }
}

/// Appends a body in which no encoded-word may stand, unfolded; whether octets in it became U+FFFD.
fn append_undecoded(body: &[u8], context: &Context, text: &mut String) -> bool {
    let body = trim(body);
    // ESC: ISO-2022 in a field, from before RFC 2047. No early exit: this way it is vector code.
    let any_odd = body.iter().fold(false, |any, &c| any | (c >= 0x80 || c == 0x1B));
    if !any_odd && let Ok(plain) = std::str::from_utf8(body) {
        each_unfolded(body, |range| text.push_str(plain.get(range).unwrap_or_default()));
        return false;
    }
    charset::decode_undeclared(&unfold(body), context.fallback, text).1 > 0
}

/// The body of a field without its folds: the line ends go, the white space stays (RFC 5322
/// §2.2.3); a continuation line of white space only goes altogether (RFC 7103 §7.3). White space at
/// both ends is trimmed. Copies only if there is a fold.
pub fn unfold(body: &[u8]) -> Cow<'_, [u8]> {
    let body = trim(body);
    if next_fold(body, 0).is_none() {
        return Cow::Borrowed(body);
    }
    let mut unfolded = Vec::with_capacity(body.len());
    unfold_into(body, &mut unfolded);
    Cow::Owned(unfolded)
}

/// Appends a piece of a field body without its folds, nothing trimmed: the last line of the piece
/// stays even if it is white space, as it may go on behind the piece.
fn unfold_into(piece: &[u8], unfolded: &mut Vec<u8>) {
    each_unfolded(piece, |range| unfolded.extend_from_slice(&piece[range]));
}

/// Hands on where the octets stand that are left of a piece of a field body without its folds.
fn each_unfolded(piece: &[u8], mut content: impl FnMut(Range<usize>)) {
    let mut line = 0;
    while let Some(fold) = next_fold(piece, line) {
        let is_blank = piece[line..fold.start].iter().all(|&c| is_wsp(c));
        if line == 0 || !is_blank {
            content(line..fold.start);
        }
        line = fold.end;
    }
    content(line..piece.len());
}

/// The next line end of a field body from `from` on.
///
/// QUIRK: a body does not tell whether its message ends lines with CR. So CR counts as one where a
/// fold could be, before white space or at the end; any other CR is data, never a new field.
fn next_fold(body: &[u8], mut from: usize) -> Option<Range<usize>> {
    loop {
        let at = from + memchr::memchr2(b'\r', b'\n', body.get(from..)?)?;
        match &body[at..] {
            [b'\r', b'\n', ..] => return Some(at..at + 2),
            [b'\n', ..] | [b'\r'] | [b'\r', b' ' | b'\t', ..] => return Some(at..at + 1),
            _ => from = at + 1,
        }
    }
}

#[cfg(test)]
impl Context {
    /// What the tests of this room read with.
    pub(crate) fn for_tests() -> Context {
        Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fields() {
        type Parts = (&'static [u8], &'static [u8], usize);
        let cases: &[(&str, &[u8], Option<Parts>)] = &[
            ("plain", b"Subject: x\r\n", Some((b"Subject", b" x", 8))),
            ("folded", b"To: a,\r\n b\r\n", Some((b"To", b" a,\r\n b", 3))),
            ("space before the colon", b"To \t: a\n", Some((b"To", b" a", 5))),
            ("cr only", b"To:a\r", Some((b"To", b"a", 3))),
            ("no line end", b"To:a:b", Some((b"To", b"a:b", 3))),
            ("one line end only", b"To:\n\n", Some((b"To", b"\n", 3))),
            ("empty", b"To:", Some((b"To", b"", 3))),
            ("no colon", b"hello\r\n", None),
            ("no name", b" : x", None),
            ("nothing", b"", None),
            ("space inside the name", b"From me: x", None),
            ("control in the name", b"To\0: x", None),
            ("8-bit in the name", b"T\xC3\xB6: x", None),
        ];
        for &(name, octets, expected) in cases {
            let found = Field::parse(octets).map(|f| (f.name, f.body, f.body_start));
            assert_eq!(found, expected, "{name}");
        }
        assert!(Field::parse(b"sUbJect:x").is_some_and(|f| f.is("Subject") && !f.is("Subjec")));
    }

    #[test]
    fn unfolds() {
        let cases: &[(&str, &[u8], &[u8])] = &[
            ("nothing to do", b"  a  b ", b"a  b"),
            ("crlf", b" a\r\n\tb", b"a\tb"),
            ("lf", b"a\n  b", b"a  b"),
            ("cr", b"a\r b\r", b"a b"),
            ("cr inside is data", b"a\rX-Injected: b", b"a\rX-Injected: b"),
            ("cr before crlf is data", b"a\r\r\n b", b"a\r b"),
            ("white space line", b"one\r\n \t\r\n two", b"one two"),
            ("several of them", b"one\n \n\t\n two", b"one two"),
            ("at the start", b"\r\n \r\n one", b"one"),
            ("at the end", b"one \r\n \r\n", b"one"),
            ("nothing else", b" \r\n \r\n", b""),
            ("empty", b"", b""),
        ];
        for &(name, body, expected) in cases {
            assert_eq!(&*unfold(body), expected, "{name}");
        }
        assert!(matches!(unfold(b" a "), Cow::Borrowed(b"a")));
    }
}
