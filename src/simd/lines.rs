//! Where lines end, and how many octets up to there quoted-printable would have to escape.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

use super::marks::{Marks, VECTOR, portable};

/// Octets that are marked at a time: a bit of a word for each.
const BLOCK: usize = 2 * VECTOR;

/// Tells `line` of each `eol` in `src`: its place, and how many octets before it, counted from the
/// start of `src`, do not stand for themselves in a line of quoted-printable. Returns how many there
/// are in all.
pub(crate) fn lines(src: &[u8], eol: u8, line: impl FnMut(usize, u64)) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `of` is compiled for.
        return unsafe { avx2::lines(src, eol, line) };
    }
    of(portable::marks, src, eol, line)
}

/// Compiled once for each way to the marks.
#[inline(always)]
fn of(
    marks: impl Fn(&[u8; VECTOR], u8) -> Marks,
    src: &[u8],
    eol: u8,
    mut line: impl FnMut(usize, u64),
) -> u64 {
    let (mut at, mut odd) = (0, 0);
    let mut padded = [0; BLOCK];
    while at < src.len() {
        let rest = &src[at..];
        let octets = match rest.first_chunk::<BLOCK>() {
            Some(octets) => octets,
            None => {
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            }
        };
        let (halves, _) = octets.as_chunks::<VECTOR>();
        let (a, b) = (marks(&halves[0], eol), marks(&halves[1], eol));
        let is_there = u64::MAX >> (BLOCK - rest.len().min(BLOCK));
        let odds = (u64::from(a.odd) | (u64::from(b.odd) << VECTOR)) & is_there;
        let mut ends = (u64::from(a.eol) | (u64::from(b.eol) << VECTOR)) & is_there;
        while ends != 0 {
            let end = ends.trailing_zeros();
            let before = odds & !(u64::MAX << end);
            line(at + end as usize, odd + u64::from(before.count_ones()));
            ends &= ends - 1;
        }
        odd += u64::from(odds.count_ones());
        at += BLOCK;
    }
    odd
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::super::marks::avx2::marks;

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn lines(src: &[u8], eol: u8, line: impl FnMut(usize, u64)) -> u64 {
        super::of(|octets, eol| marks(octets, eol), src, eol, line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a plain loop finds.
    fn plain(src: &[u8], eol: u8) -> (Vec<(usize, u64)>, u64) {
        let is_odd = |&c: &u8| c == b'=' || !(c == b'\t' || matches!(c, b' '..=b'~'));
        let (mut found, mut odd) = (Vec::new(), 0);
        for (at, c) in src.iter().enumerate() {
            if *c == eol {
                found.push((at, odd));
            }
            odd += u64::from(is_odd(c));
        }
        (found, odd)
    }

    proptest! {
        #[test]
        fn both_ways_find_what_a_plain_loop_finds(
            src in proptest::collection::vec(
                prop_oneof![prop::sample::select(b"ab \t=\r\n\xc3\x00".as_slice()), any::<u8>()],
                0..300,
            ),
            from in 0usize..64,
        ) {
            let src = &src[from.min(src.len())..];
            for eol in [b'\n', b'\r'] {
                let expected = plain(src, eol);
                let mut found = Vec::new();
                let odd = lines(src, eol, |at, odd| found.push((at, odd)));
                prop_assert_eq!(&(found, odd), &expected);
                let mut found = Vec::new();
                let odd = of(portable::marks, src, eol, |at, odd| found.push((at, odd)));
                prop_assert_eq!(&(found, odd), &expected);
            }
        }
    }
}
