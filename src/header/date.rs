//! Dates (RFC 5322 §3.3, §4.3, and the forms that old mail has).
use crate::base::Sink;

/// A date as it was written: the local time and the offset, if one was given that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The local date and time.
    pub local: jiff::civil::DateTime,
    /// Seconds east of UTC; `None` if unknown (`-0000`, no zone, an impossible one).
    pub offset: Option<i32>,
}

/// The date of a field body; `None` if there is none to be read (H040).
pub fn parse<S: Sink>(raw: &[u8], sink: &mut S) -> Option<Date> {
    let _ = (raw, sink);
    todo!()
}
