//! Where something stands: octet offsets, 64 bits wide, because archives are larger than 4 GB.

use std::ops::Range;

/// A half-open range of octets, counted from the start of what is being read (a message, unless a
/// function says otherwise).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first octet.
    pub start: u64,
    /// Offset behind the last octet.
    pub end: u64,
}

impl Span {
    /// The span from `start` to `end`.
    pub const fn new(start: u64, end: u64) -> Span {
        Span { start, end }
    }

    /// How many octets it covers.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers none.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The same span, counted from `base` octets further left.
    #[must_use]
    pub const fn shifted(self, base: u64) -> Span {
        Span { start: self.start + base, end: self.end + base }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        Span { start: range.start as u64, end: range.end as u64 }
    }
}
