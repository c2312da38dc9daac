//! The way a message came: its hops from the Received fields, with their clocks and delays; what else
//! servers wrote into its header on the way; whether each DKIM or ARC body hash still holds.
//!
//! [`Tracer`] is shown the header and the body of a message, by hand or as the visitor of a structure
//! that is being built, and gives a [`Trace`].
//!
//! Contract: each Received field is one hop, oldest first; what cannot be read of it is a finding, and
//! its text is kept. Nothing is sorted by time and no clock is corrected: where one runs behind, the
//! delays say so ([`delay`]). Fields belong to the hop that they most likely were written at
//! ([`Trace::hops`] by index): fields are put on top of a header, so that is the Received field
//! below, but for a field that names its server, if the one above names the same. Memory grows with the
//! header, never with the body.
//!
//! Nothing is believed, looked up or judged: whoever handed a message over may have forged all that
//! stands below his own Received field.
//!
//! RFC 5321 §4.4, RFC 5322 §3.6.7, RFC 6376, RFC 7208 §9.1, RFC 8601 §5, RFC 8617. May use: base, header,
//! walk, structure, dkim.

mod arc;
pub mod delay;
mod fields;
mod judged;
mod signed;
mod tracer;
mod unread;

use crate::base::{Finding, Span};
use crate::header::auth::{Results, Spf};
use crate::header::date::Date;
use crate::header::received::Received;
use crate::header::received::link::Link;
use crate::header::received::party::Party;

pub use arc::{ArcSet, Seal};
pub use delay::Delay;
pub use fields::is_mark;
pub use judged::{Broken, Judged};
pub use signed::Signed;
pub use tracer::Tracer;

/// The way of one message.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The hops, oldest first: the reverse of the order in the header.
    pub hops: Vec<Hop>,
    /// How many Received fields lie beyond a limit and were not read (D003, D005): they are older than
    /// these hops.
    pub unread_hops: u64,
    /// The `From ` line of the mbox that it lies in.
    pub from_line: Option<FromLine>,
    /// The Date field: when its author says that it was written.
    pub written: Option<Date>,
    /// Other fields that tell of the way, in the order of the header.
    pub marks: Vec<Mark>,
    /// What servers found out about it, in the order of the header.
    pub checks: Vec<Check>,
    /// DKIM and ARC signatures, in the order of the header.
    pub signatures: Vec<Signed>,
    /// Between which hops signatures stopped to pass, as the hops say.
    pub broken: Vec<Broken>,
    /// The ARC sets by their numbers.
    pub arc: Vec<ArcSet>,
    /// What is odd about these fields, in the order of the header; then the limits that ended its reading
    /// (D003, D004, D005).
    pub findings: Vec<Finding>,
}

impl Trace {
    /// How long it waited on its way, in seconds: what the hops behind the first that has a time add up
    /// to. What lies before that one is [`Trace::waited_since_date`].
    pub fn waited(&self) -> i64 {
        let first = self.first_timed().unwrap_or(0);
        let later = self.hops.iter().skip(first + 1);
        later.filter_map(|hop| hop.delay.waited).fold(0, i64::saturating_add)
    }

    /// How long it waited before that, in seconds: from the Date field, which is the clock of whoever
    /// wrote it, to the first hop that has a time. `None` without one of the two.
    pub fn waited_since_date(&self) -> Option<i64> {
        self.hops.get(self.first_timed()?)?.delay.waited
    }

    /// The index of the first hop that has a time.
    pub fn first_timed(&self) -> Option<usize> {
        self.hops.iter().position(|hop| hop.time.is_some())
    }
}

/// A server that took the message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hop {
    /// The clauses of its field.
    pub received: Received,
    /// Who handed the message over.
    pub client: Party,
    /// Who took it.
    pub server: Party,
    /// How.
    pub link: Link,
    /// When, in seconds since 1970; an unknown offset counts as UTC.
    pub time: Option<i64>,
    /// How long after the hop before it.
    pub delay: Delay,
    /// The field body with single spaces, as it stands otherwise.
    pub text: String,
    /// Whether that says who took it and when, and nothing else than what stands above.
    pub is_read: bool,
    /// The octets of the field in the message, if they are known.
    pub span: Option<Span>,
}

/// The line before a message in an mbox. Its time has no zone, as a rule: it is that of the machine that
/// wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromLine {
    /// The whole line.
    pub text: String,
    /// The word behind `From `: the sender of the envelope, as a rule.
    pub sender: Option<String>,
    /// The time.
    pub date: Option<Date>,
}

/// A field that tells of the way, such as Return-Path, Delivered-To or X-Originating-IP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its name as it stands.
    pub name: String,
    /// What it says, unfolded.
    pub text: String,
    /// The index of its hop; `None` if it stands below all of them.
    pub hop: Option<usize>,
    /// The octets of the field in the message, if they are known.
    pub span: Option<Span>,
}

/// A field in which a server says what it found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name as it stands.
    pub name: String,
    /// What it says, unfolded.
    pub text: String,
    /// The same, read.
    pub said: Said,
    /// The index of its hop; `None` if it stands below all of them.
    pub hop: Option<usize>,
    /// The octets of the field in the message, if they are known.
    pub span: Option<Span>,
}

/// What a server found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// In an Authentication-Results field, or that of an ARC set.
    Results(Results),
    /// In a Received-SPF field.
    Spf(Spf),
}
