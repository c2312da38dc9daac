//! Encoded-words (RFC 2047).
use super::{Context, Text};
use crate::base::Sink;

/// Where text stands; it decides which findings an encoded-word is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An unstructured field, a comment, or a phrase: where words are allowed (RFC 2047 §5).
    Text,
    /// A quoted string (W017).
    Quoted,
    /// A parameter value (P046).
    Parameter,
}

/// The text of an unstructured body, or a piece of a structured one: unfolded, words decoded.
pub fn decode<S: Sink>(raw: &[u8], place: Place, context: &Context, sink: &mut S) -> Text {
    let _ = (raw, place, context, sink);
    todo!()
}
