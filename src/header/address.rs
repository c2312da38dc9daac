//! Address lists (RFC 5322 §3.4).
use super::Context;
use crate::base::Sink;

/// One entry of an address list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The display name, decoded; without one, the comment behind a bare address.
    pub name: Option<String>,
    /// The addr-spec, never decoded; `None` if it cannot be read.
    pub address: Option<String>,
    /// The name of the group it stands in; an empty group is one entry with neither name nor
    /// address.
    pub group: Option<String>,
    /// Whether octets that are no text were replaced in any of these.
    pub lossy: bool,
}

/// The addresses of a field body, in order.
pub fn parse<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Vec<Address> {
    let _ = (raw, context, sink);
    todo!()
}
