//! The kernels that go over every octet, behind functions that say nothing of how.
//!
//! A kernel takes the input it is fast for and stops at the first surprise; what the surprise means
//! is decided by its caller, whose tolerant loop must agree with the kernel octet for octet. The
//! kernels here are portable: they leave the vectors to the compiler, to `memchr` and to `base64`.
//! This is the only room where `unsafe` may ever stand.
//!
//! May use: nothing of this crate.

pub(crate) mod base64;
pub(crate) mod plain;
pub(crate) mod quoted_printable;
pub(crate) mod scan;
pub(crate) mod tally;
