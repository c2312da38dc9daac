//! How much of a message is looked at. A limit that is reached is a finding (family D), and what
//! lies beyond it flows on as one opaque piece; it is never an error and never silent.

/// The limits of one walk. [`Limits::default`] suits hostile mail and honest archives alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of nesting; a deeper multipart or message is an opaque leaf (D001).
    pub depth: u32,
    /// Parts a message; what comes after the last is one opaque leaf (D002).
    pub parts: u32,
    /// Fields a header block; further ones are one opaque token (D003).
    pub fields: u32,
    /// Octets a field; the rest of it is opaque (D004).
    pub field: usize,
    /// Octets a header block; the rest of it is opaque (D005).
    pub header: u64,
    /// Parameters a field (D014).
    pub params: usize,
    /// Encoded-words a field (D015).
    pub words: usize,
    /// Findings kept for one message (D016).
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            depth: 1000,
            parts: 100_000,
            fields: 10_000,
            field: 1 << 20,
            header: 10 << 20,
            params: 128,
            words: 10_000,
            findings: 1000,
        }
    }
}

/// A delimiter line longer than this is none: a boundary has at most 70 characters by RFC 2046
/// §5.1.1, we compare up to 998, and the rest is room for transport padding.
pub(crate) const DELIMITER_LINE: usize = 2048;

/// The longest line that mail may have, its end not counted (RFC 5322 §2.1.1).
pub(crate) const LINE: usize = 998;

/// The longest boundary that is compared: a line.
pub(crate) const BOUNDARY: usize = LINE;

/// Nesting of comments that is kept track of; deeper ones are skipped by a counter (A017).
pub(crate) const COMMENT_DEPTH: u32 = 64;
