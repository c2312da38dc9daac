//! Finding the lines that can matter: those that begin with one of a few octets.
//!
//! Most lines of a text are none, so a text is not gone through line by line: each octet is compared
//! with the line end and the one behind it with the few, many at a time. There are two ways, which must
//! agree on any octets: vectors where the processor has AVX2, and elsewhere a plain loop that the
//! compiler turns into vector code, with `memchr` where it has found something.
//!
//! `unsafe` here is the call of what is compiled for AVX2, behind the question whether it is there, and
//! loads of vectors.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

use memchr::memchr;

/// How many different octets lines may begin with that are worth stopping at.
const STARTS: usize = 4;

/// The octets that a line worth stopping at begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts([u8; STARTS]);

impl Starts {
    /// A line is worth stopping at if it begins with one of `octets`, of which there are one to four.
    pub(crate) fn new(octets: &[u8]) -> Starts {
        debug_assert!((1..=STARTS).contains(&octets.len()));
        let last = octets.last().copied().unwrap_or_default();
        Starts(std::array::from_fn(|i| octets.get(i).copied().unwrap_or(last)))
    }

    /// Whether a line that begins with `octet` is.
    #[inline]
    pub(crate) fn contains(&self, octet: u8) -> bool {
        self.0.contains(&octet)
    }
}

/// The first position from `from` on of an `eol` that is followed by one of `starts`.
#[inline]
pub(crate) fn line_start(text: &[u8], from: usize, eol: u8, starts: &Starts) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `avx2` is compiled for.
        return unsafe { avx2::line_start(text, from, eol, starts) };
    }
    portable::line_start(text, from, eol, starts)
}

mod portable {
    use super::{Starts, memchr};

    /// Octets that are asked about together.
    const LANE: usize = 128;

    pub(super) fn line_start(text: &[u8], from: usize, eol: u8, starts: &Starts) -> Option<usize> {
        let mut at = from;
        // What is asked for is often near.
        let mut near = from.saturating_add(LANE);
        loop {
            if at >= near {
                at = lane_with_start(text, at, eol, starts);
                near = at + LANE;
            }
            let found = at + memchr(eol, text.get(at..)?)?;
            match text.get(found + 1) {
                Some(&next) if starts.contains(next) => return Some(found),
                Some(_) => at = found + 1,
                None => return None,
            }
        }
    }

    /// A position from `at` on, before which no line that is worth stopping at begins: where the first
    /// [`LANE`] octets begin that have one, or the end of the text is near.
    fn lane_with_start(text: &[u8], mut at: usize, eol: u8, starts: &Starts) -> usize {
        let Starts([a, b, c, d]) = *starts;
        while let Some(octets) = text.get(at..).and_then(|rest| rest.first_chunk::<{ LANE + 1 }>())
        {
            let pairs = octets[..LANE].iter().zip(&octets[1..]);
            // No early exit: this way it is vector code.
            let any = pairs.fold(0, |any, (&end, &next)| {
                let one = u8::from(next == a) | u8::from(next == b);
                let other = u8::from(next == c) | u8::from(next == d);
                any | (u8::from(end == eol) & (one | other))
            });
            if any != 0 {
                break;
            }
            at += LANE;
        }
        at
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{STARTS, Starts, portable};

    const VECTOR: usize = 32;

    /// Octets that are asked about together.
    const LANE: usize = 4 * VECTOR;

    /// What a lane is compared with.
    #[derive(Clone, Copy)]
    struct Sought {
        eol: __m256i,
        starts: [__m256i; STARTS],
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn line_start(text: &[u8], from: usize, eol: u8, starts: &Starts) -> Option<usize> {
        let each = |octet: u8| _mm256_set1_epi8(octet as i8);
        let Starts([a, b, c, d]) = *starts;
        let sought = Sought { eol: each(eol), starts: [each(a), each(b), each(c), each(d)] };
        let mut at = from;
        let mut rest = text.get(from..)?;
        while let Some(octets) = rest.first_chunk::<{ LANE + 1 }>() {
            // Not by closures, which are not always compiled into code for AVX2.
            let mut lane = [_mm256_setzero_si256(); LANE / VECTOR];
            for (i, vector) in lane.iter_mut().enumerate() {
                let octets = octets[i * VECTOR..].first_chunk().unwrap_or(&[0; VECTOR + 1]);
                *vector = marks(octets, sought);
            }
            let [a, b, c, d] = lane;
            let any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
            if _mm256_testz_si256(any, any) == 0 {
                let low = bits(a) | (bits(b) << VECTOR);
                let high = bits(c) | (bits(d) << VECTOR);
                let first = match low {
                    0 => 64 + high.trailing_zeros(),
                    _ => low.trailing_zeros(),
                };
                return Some(at + first as usize);
            }
            (at, rest) = (at + LANE, &rest[LANE..]);
        }
        while let Some(octets) = rest.first_chunk::<{ VECTOR + 1 }>() {
            match bits(marks(octets, sought)) {
                0 => (at, rest) = (at + VECTOR, &rest[VECTOR..]),
                found => return Some(at + found.trailing_zeros() as usize),
            }
        }
        portable::line_start(text, at, eol, starts)
    }

    /// Which of the first 32 octets are line ends and followed by what is sought: all bits of them.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn marks(octets: &[u8; VECTOR + 1], sought: Sought) -> __m256i {
        // SAFETY: there are 33 octets, and these loads of 32 ask for no alignment.
        let (ends, next) = unsafe {
            let octets = octets.as_ptr();
            (_mm256_loadu_si256(octets.cast()), _mm256_loadu_si256(octets.add(1).cast()))
        };
        let mut starts = _mm256_setzero_si256();
        for start in sought.starts {
            starts = _mm256_or_si256(starts, _mm256_cmpeq_epi8(next, start));
        }
        _mm256_and_si256(_mm256_cmpeq_epi8(ends, sought.eol), starts)
    }

    /// A bit for each octet, the first in the lowest.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn bits(marks: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(marks) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What both ways find, which is what a plain loop finds.
    fn found(text: &[u8], from: usize, eol: u8, octets: &[u8]) -> Option<usize> {
        let starts = Starts::new(octets);
        let is_found = |&i: &usize| text[i] == eol && octets.contains(&text[i + 1]);
        let plain = (from..text.len().saturating_sub(1)).find(is_found);
        let case = format!("{} from {from}", text.escape_ascii());
        assert_eq!(portable::line_start(text, from, eol, &starts), plain, "{case}");
        assert_eq!(line_start(text, from, eol, &starts), plain, "{case}");
        plain
    }

    #[test]
    fn finds_the_lines() {
        let text = b"-a\nb\n-c\nF";
        assert_eq!(found(text, 0, b'\n', b"-F"), Some(4));
        assert_eq!(found(text, 5, b'\n', b"-F"), Some(7));
        assert_eq!(found(text, 8, b'\n', b"-F"), None);
        assert_eq!(found(text, 99, b'\n', b"-F"), None);
        assert_eq!(found(text, 5, b'\n', b"-"), None);
        assert_eq!(found(b"a\n", 0, b'\n', b"-F"), None);
        assert_eq!(found(b"", 0, b'\n', b"-F"), None);
    }

    #[test]
    fn finds_them_however_far_they_are() {
        for starts in [&b"F"[..], b"-F", b"-\x01", b"-F \t"] {
            for line in [&b"F\n"[..], b"-a\n", b"F", b"x\n\tc\n", b"abc"] {
                for before in 0..300 {
                    let text = [&b"ab\n".repeat(100)[..before], b"\n", line, b"a\nb"].concat();
                    for from in [0, 1, 5, 128, 131] {
                        found(&text, from, b'\n', starts);
                    }
                }
            }
        }
    }

    #[test]
    fn no_octet_is_taken_for_another() {
        for starts in [&b"-"[..], b"-F", b"bCc", b"-\x01 \t"] {
            for octet in 0..=255 {
                let text = [&[b'a'; 40][..], b"\n", &[octet], &[b'a'; 40]].concat();
                let expected = starts.contains(&octet).then_some(40);
                assert_eq!(found(&text, 0, b'\n', starts), expected, "{octet}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_find_what_a_plain_loop_finds(
            text in prop::collection::vec(
                prop_oneof![
                    8 => Just(b'a'),
                    1 => prop::sample::select(b"\r\n-F \t\x01".as_slice()),
                    1 => any::<u8>(),
                ],
                0..600,
            ),
            from in 0usize..64,
        ) {
            for eol in [b'\n', b'\r'] {
                for starts in [&b"-"[..], b"-F", b"bCc", b"-\x01 \t"] {
                    found(&text, from, eol, starts);
                }
            }
        }
    }
}
