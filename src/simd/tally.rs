//! How many octets of each kind that transports care about a piece holds.
//!
//! Counts only, in plain loops over vectors that the compiler turns into vector code, for the processor
//! that all have and for AVX2; where the first one stands is the caller's question, asked
//! once a body.
//!
//! `unsafe` here is the call of what is compiled for AVX2, behind the question whether it is there.

#![allow(unsafe_code)]

/// Octets that are counted side by side.
const VECTOR: usize = 32;

/// Octets that counters of eight bits, one for each place in a vector, take without overflow.
const BLOCK: usize = 255 * VECTOR;

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
    // What stands right before the octets of a vector is loaded as another vector.
    let whole = src.len().saturating_sub(1) / VECTOR * VECTOR;
    let (first, rest) = src.split_at(src.len().min(1));
    let (lasts, vectors) = (&src[..whole], &rest[..whole]);
    add_few(&mut tally, before, first);
    for (lasts, vectors) in lasts.chunks(BLOCK).zip(vectors.chunks(BLOCK)) {
        add_block(&mut tally, lasts.as_chunks().0, vectors.as_chunks().0);
    }
    let last = src[..whole + first.len()].last().copied().unwrap_or(before);
    add_few(&mut tally, last, &rest[whole..]);
    tally
}

/// Counts in at most [`BLOCK`] octets, `vectors`, before each of which the octet of `lasts` stands.
#[inline(always)]
fn add_block(tally: &mut Tally, lasts: &[[u8; VECTOR]], vectors: &[[u8; VECTOR]]) {
    let [mut eight_bit, mut nul, mut cr, mut lf, mut crlf] = [[0u8; VECTOR]; 5];
    for (last, octets) in lasts.iter().zip(vectors) {
        for i in 0..VECTOR {
            let is_lf = u8::from(octets[i] == b'\n');
            eight_bit[i] += octets[i] >> 7;
            nul[i] += u8::from(octets[i] == 0);
            cr[i] += u8::from(octets[i] == b'\r');
            lf[i] += is_lf;
            crlf[i] += is_lf & u8::from(last[i] == b'\r');
        }
    }
    let sum = |counters: [u8; VECTOR]| counters.iter().map(|&n| u64::from(n)).sum::<u64>();
    tally.eight_bit += sum(eight_bit);
    tally.nul += sum(nul);
    tally.cr += sum(cr);
    tally.lf += sum(lf);
    tally.crlf += sum(crlf);
}

/// Counts octet by octet.
fn add_few(tally: &mut Tally, before: u8, octets: &[u8]) {
    let mut last = before;
    for &c in octets {
        tally.eight_bit += u64::from(c >> 7);
        tally.nul += u64::from(c == 0);
        tally.cr += u64::from(c == b'\r');
        tally.lf += u64::from(c == b'\n');
        tally.crlf += u64::from(last == b'\r' && c == b'\n');
        last = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_a_plain_loop_counts() {
        let src: Vec<u8> =
            (0..30_000u32).map(|i| b"a\r\n\0\xff\r b\n"[(i * i / 7 % 9) as usize]).collect();
        for cut in [0, 1, 2, 32, 33, 34, 127, 128, 129, 1000, 8160, 8161, 8162, src.len()] {
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
