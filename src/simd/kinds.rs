//! Which kinds of octets a piece holds at all: what a look over a body asks before anything else.
//!
//! A plain loop that the compiler turns into vector code, for the processor that all have and for AVX2.
//! How many there are of a kind is for `tally`, where they stand is for the caller, who asks once a
//! body.
//!
//! `unsafe` here is the call of what is compiled for AVX2, behind the question whether it is there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// What a piece holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// Octets over 127.
    pub(crate) eight_bit: bool,
    /// NULs.
    pub(crate) nul: bool,
    /// LFs right behind a CR.
    pub(crate) crlf: bool,
    /// LFs behind anything else.
    pub(crate) lf: bool,
    /// CRs before anything but an LF; one at the end is none yet.
    pub(crate) bare_cr: bool,
}

/// What `src` holds, before which the octet `before` stands: a CR there counts as if it were in it.
pub(crate) fn kinds(before: u8, src: &[u8]) -> Kinds {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `with_avx2` is compiled for.
        return unsafe { with_avx2(before, src) };
    }
    of(before, src)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(before: u8, src: &[u8]) -> Kinds {
    of(before, src)
}

/// A bit for each kind, so that one octet takes them all.
#[inline(always)]
fn of(before: u8, src: &[u8]) -> Kinds {
    let Some(&first) = src.first() else { return Kinds::default() };
    let mut high = first;
    let (mut nul, mut crlf, mut lf, mut bare_cr) = kind(before, first);
    // No early exit: this way it is vector code.
    for (&a, &b) in src.iter().zip(&src[1..]) {
        let found = kind(a, b);
        high |= b;
        nul |= found.0;
        crlf |= found.1;
        lf |= found.2;
        bare_cr |= found.3;
    }
    Kinds {
        eight_bit: high > 127,
        nul: nul != 0,
        crlf: crlf != 0,
        lf: lf != 0,
        bare_cr: bare_cr != 0,
    }
}

/// What `b` is behind `a`: NUL, LF of a CRLF, LF alone, anything else behind a CR.
#[inline(always)]
fn kind(a: u8, b: u8) -> (u8, u8, u8, u8) {
    let (cr, lf) = (u8::from(a == b'\r'), u8::from(b == b'\n'));
    (u8::from(b == 0), cr & lf, lf & !cr, cr & !lf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_a_plain_look_sees() {
        let line = b"plain text, and more of it\n".repeat(12);
        let odd: &[&[u8]] = &[b"a", b"\0", b"\x80", b"\r", b"\r\n", b"\n", b"\r\r\n", b"\xff\n"];
        for piece in odd {
            for at in 0..line.len() {
                let src = [&line[..at], piece, &line[at..]].concat();
                for before in [b'\r', b'a'] {
                    let all = [&[before], &src[..]].concat();
                    let pair = |is: fn(u8, u8) -> bool| all.windows(2).any(|w| is(w[0], w[1]));
                    let expected = Kinds {
                        eight_bit: src.iter().any(|&c| c > 127),
                        nul: src.contains(&0),
                        crlf: pair(|a, b| a == b'\r' && b == b'\n'),
                        lf: pair(|a, b| a != b'\r' && b == b'\n'),
                        bare_cr: pair(|a, b| a == b'\r' && b != b'\n'),
                    };
                    assert_eq!(kinds(before, &src), expected, "{piece:?} at {at}");
                    assert_eq!(of(before, &src), expected, "{piece:?} at {at}, any processor");
                }
            }
        }
        assert_eq!(kinds(b'\r', b""), Kinds::default());
    }
}
