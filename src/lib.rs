//! Octets in, septets out.
pub mod base;
pub mod charset;
pub mod header;
pub(crate) mod simd;
pub mod transfer;
