//! The kernels that touch every octet: portable now, with vector twins where a benchmark asks for
//! them. The only room where `unsafe` may stand.
//!
//! May use: nothing of this crate.

pub mod scan;
