//! Received fields (RFC 5321 §4.4, RFC 5322 §3.6.7).
use super::date::Date;

/// The clauses of one Received field; what is not there is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Who handed the message over, with the comment behind it.
    pub from: Option<String>,
    /// Who took it.
    pub by: Option<String>,
    /// The link.
    pub via: Option<String>,
    /// The protocol.
    pub with: Option<String>,
    /// The queue id.
    pub id: Option<String>,
    /// The recipient.
    pub for_: Option<String>,
    /// When.
    pub date: Option<Date>,
}

/// The clauses of a Received field body.
pub fn parse(raw: &[u8]) -> Received {
    let _ = raw;
    todo!()
}
