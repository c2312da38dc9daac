//! The kernels that go over every octet, behind functions that say nothing of how.
//!
//! A kernel takes the input it is fast for and stops at the first surprise; what the surprise means
//! is decided by its caller, whose tolerant loop must agree with the kernel octet for octet. The
//! vectors are left to the compiler, to `memchr` and to `base64` where these are fast enough; the
//! others are written for AVX2, beside a portable twin or a caller that can do without. This is the
//! only room where `unsafe` may ever stand, and what stands is calls of code that is compiled for a
//! processor, behind the question whether it is that one, and loads and stores of vectors.
//!
//! May use: nothing of this crate.

pub(crate) mod base64;
pub(crate) mod crlf;
pub(crate) mod escape;
pub(crate) mod field;
pub(crate) mod kinds;
pub(crate) mod lines;
mod marks;
pub(crate) mod plain;
pub(crate) mod quoted_printable;
pub(crate) mod scan;
pub(crate) mod table;
pub(crate) mod tally;

/// The vectors that kernels use on this processor: `avx2`, or those that the compiler found for
/// `portable` code.
#[cfg_attr(not(feature = "cli"), expect(dead_code))]
pub(crate) fn vectors() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if marks::avx2::is_there() {
        return "avx2";
    }
    "portable"
}
