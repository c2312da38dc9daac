//! What a message holds as files: names that are safe to write to, a folder that nothing gets out
//! of, and the files inside a body that are no parts (uuencode, yEnc, TNEF).
//!
//! Contract: octets come in pieces and go out in pieces; memory does not grow with a file. Whatever
//! a message calls its parts, each gets a name ([`safe_name`], [`Names`]), the same on every run,
//! and a file in the [`Folder`] that was opened: never elsewhere, never through a link, and never
//! in place of another one unless that is asked for.
//!
//! Which parts become files is the caller's choice; nothing here knows a message.
//!
//! May use: base, simd, charset, transfer, mailbox.

mod folder;
mod inline;
mod name;
#[cfg(test)]
mod tests;
mod tnef;

use std::io;

pub use folder::{Draft, Folder, Kept};
pub use inline::Inline;
pub(crate) use name::is_reserved;
pub use name::{Names, nameless, safe_name, type_by_name};
pub use tnef::Tnef;

/// A file that was found inside a body, known when it is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its name as it is written there, not safe to be used as one; empty if it has none.
    pub name: String,
    /// Whether it came whole, as far as its format tells: with its end, with the size and the
    /// checksum that it announces.
    pub is_intact: bool,
}

/// Takes the files inside a body, one after the other.
pub trait Files {
    /// A file begins.
    fn begin(&mut self) -> io::Result<()>;
    /// Its next octets.
    fn data(&mut self, octets: &[u8]) -> io::Result<()>;
    /// It is over.
    fn end(&mut self, found: Found) -> io::Result<()>;
}
