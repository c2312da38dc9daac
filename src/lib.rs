//! Octets in, septets out.
pub mod base;
pub mod charset;
#[cfg(feature = "cli")]
pub mod cli;
pub mod header;
pub mod mailbox;
pub(crate) mod simd;
pub mod structure;
pub mod transfer;
pub mod walk;
