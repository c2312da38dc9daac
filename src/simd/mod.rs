//! The kernels that go over every octet, behind functions that say nothing of how.
//!
//! A kernel takes the input it is fast for and stops at the first surprise; what the surprise means
//! is decided by its caller, whose tolerant loop must agree with the kernel octet for octet. The
//! kernels here leave the vectors to the compiler, to `memchr` and to `base64`, but for `marks`, which has
//! its own for AVX2 beside a portable twin. This is the only room where `unsafe` may ever stand, and what
//! stands is calls of code that is compiled for a processor, behind the question whether it is that one.
//!
//! May use: nothing of this crate.

pub(crate) mod base64;
pub(crate) mod crlf;
pub(crate) mod kinds;
pub(crate) mod lines;
mod marks;
pub(crate) mod plain;
pub(crate) mod quoted_printable;
pub(crate) mod scan;
pub(crate) mod tally;
