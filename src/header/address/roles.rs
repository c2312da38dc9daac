//! What each piece of an address list was read as, for whoever writes the list anew: written down by
//! the parser itself, so that there is no second reading.
//!
//! May use: base, and the tokens of this list.

use super::lexer::Token;
use super::parse_slowly;
use crate::header::Context;

/// What a piece of an address list was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::header) enum Role {
    /// Words of a name, or text that holds no address.
    Phrase,
    /// One comment.
    Comment,
    /// An addr-spec, comments in it left out.
    AddrSpec,
}

/// Some tokens and what they are together.
#[derive(Clone, Debug)]
pub(in crate::header) struct Roled {
    pub(in crate::header) role: Role,
    pub(in crate::header) tokens: Vec<Token>,
}

/// The pieces of a field body, in no order. What [`parse`](super::parse) reads and drops is not
/// among them.
pub(in crate::header) fn roles(raw: &[u8], context: &Context) -> Vec<Roled> {
    let mut roles = Vec::new();
    parse_slowly(raw, context, &mut (), Some(&mut roles));
    roles
}
