//! Octets in, septets out.
#![deny(clippy::undocumented_unsafe_blocks)]
pub mod base;
