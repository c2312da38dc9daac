//! Octets in, septets out.
pub mod base;
pub mod charset;
pub mod header;
pub mod transfer;
