//! How many octets of each kind that transports care about a piece holds.
//!
//! Counts only, in plain loops over small fixed blocks that the compiler turns into vector code, for
//! the processor that all have and for AVX2; where the first one stands is the caller's question, asked
//! once a body.
//!
//! `unsafe` here is the call of what is compiled for AVX2, behind the question whether it is there.

#![allow(unsafe_code)]

/// Octets a counter of eight bits can take without overflow, and a whole number of vectors.
const LANE: usize = 128;

/// What a piece holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Octets over 127.
    pub(crate) eight_bit: u64,
    /// NULs.
    pub(crate) nul: u64,
    /// CRs, whatever follows them.
    pub(crate) cr: u64,
    /// LFs, whatever stands before them.
    pub(crate) lf: u64,
    /// LFs right behind a CR.
    pub(crate) crlf: u64,
}

/// Counts in `src`, before which the octet `before` stands.
pub(crate) fn tally(before: u8, src: &[u8]) -> Tally {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `with_avx2` is compiled for.
        return unsafe { with_avx2(before, src) };
    }
    of(before, src)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(before: u8, src: &[u8]) -> Tally {
    of(before, src)
}

#[inline(always)]
fn of(before: u8, src: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let (lanes, rest) = src.as_chunks::<LANE>();
    let mut before = before;
    for lane in lanes {
        add(&mut tally, before, lane);
        before = lane[LANE - 1];
    }
    add(&mut tally, before, rest);
    tally
}

/// Counts at most [`LANE`] octets.
#[inline(always)]
fn add(tally: &mut Tally, before: u8, lane: &[u8]) {
    tally.eight_bit += count(lane, |c| c > 127);
    tally.nul += count(lane, |c| c == 0);
    tally.cr += count(lane, |c| c == b'\r');
    tally.lf += count(lane, |c| c == b'\n');
    let pairs = lane.iter().zip(lane.iter().skip(1));
    let inside: u8 = pairs.map(|(&a, &b)| u8::from(a == b'\r') & u8::from(b == b'\n')).sum();
    let across = before == b'\r' && lane.first() == Some(&b'\n');
    tally.crlf += u64::from(inside) + u64::from(across);
}

#[inline(always)]
fn count(lane: &[u8], kind: impl Fn(u8) -> bool) -> u64 {
    lane.iter().map(|&c| u8::from(kind(c))).sum::<u8>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_a_plain_loop_counts() {
        let src: Vec<u8> =
            (0..5000u32).map(|i| b"a\r\n\0\xff\r b\n"[(i * i / 7 % 9) as usize]).collect();
        for cut in [0, 1, 127, 128, 129, 1000, src.len()] {
            let src = &src[..cut];
            let count = |kind: fn(u8) -> bool| src.iter().filter(|&&c| kind(c)).count() as u64;
            let crlf =
                [b"\r", src].concat().windows(2).filter(|pair| pair == b"\r\n").count() as u64;
            let expected = Tally {
                eight_bit: count(|c| c > 127),
                nul: count(|c| c == 0),
                cr: count(|c| c == b'\r'),
                lf: count(|c| c == b'\n'),
                crlf,
            };
            assert_eq!(tally(b'\r', src), expected, "{cut}");
            assert_eq!(of(b'\r', src), expected, "{cut}, for any processor");
        }
    }
}
