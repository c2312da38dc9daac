//! Where attachments go, by the hash of their octets.
//!
//! The record only says what is written and when it is complete; how a store names its files, and
//! that it keeps the same content once, is the store's.
//!
//! May use: nothing.

use std::io::{self, Write};

/// A place that keeps contents by their hash. Many recorders may use one at a time.
pub trait Store: Send + Sync {
    /// Begins a content whose hash is not known yet.
    fn begin(&self) -> io::Result<Box<dyn Draft>>;
}

/// A content on its way into a [`Store`]: written in pieces, then kept. One that is dropped before
/// leaves nothing behind.
pub trait Draft: Write + Send {
    /// Keeps what was written, whose SHA-256 is given; returns the path that records name.
    fn keep(self: Box<Self>, sha256: &[u8; 32]) -> io::Result<String>;
}
