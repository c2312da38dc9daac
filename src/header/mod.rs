//! What a header field says, on demand: nothing here runs before somebody asks.
//!
//! All parsers take the *raw* body of a field (folds still in it, RFC 5322 §2.2.3), never fail, and
//! report what is odd with spans counted from the start of what they were given.
//!
//! May use: base, charset, transfer.

pub mod address;
pub mod date;
pub mod ids;
pub mod lex;
pub mod mime;
pub mod names;
pub mod params;
pub mod received;
pub mod words;

use std::borrow::Cow;

use crate::base::Limits;
use crate::charset::Charset;

/// What the reading of text in fields depends on beside the octets.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Limits on words and parameters.
    pub limits: Limits,
    /// The charset of octets over 127 that are no UTF-8 and name none (`--fallback-charset`).
    pub fallback: Charset,
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
    /// a name must not have: RFC 5322 §2.2).
    pub fn parse(octets: &'a [u8]) -> Option<Field<'a>> {
        let _ = octets;
        todo!()
    }

    /// Whether this is the field `name`, letter case apart.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The body of a field without its folds: the line ends go, the white space stays (RFC 5322
/// §2.2.3); a continuation line of white space only goes altogether (RFC 7103 §7.3). White space at
/// both ends is trimmed. Copies only if there is a fold.
pub fn unfold(body: &[u8]) -> Cow<'_, [u8]> {
    let _ = body;
    todo!()
}
