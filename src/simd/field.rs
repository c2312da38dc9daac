//! Where a header field ends, and whether its octets are such that nothing is odd about them.
//!
//! Most fields are plain: ASCII, with folds that have text in them. Those are told in one pass, 64
//! octets at a time. For the others, and where the processor has no AVX2, the caller has its tolerant
//! loops: what is said here must agree with them.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there, and loads of vectors.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// A field with its folds and its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// How many octets it begins with that may stand in a field name, 33 to 126 without the colon; at most
    /// 32 are counted.
    pub(crate) name: usize,
    /// Where the line begins behind it that does not go on with it.
    pub(crate) end: usize,
    /// There is no NUL in it, no octet over 127, no CR but before LF, and no line of white space only
    /// behind the first. If not, there may be.
    pub(crate) is_plain: bool,
}

/// The extent of the field that `text` begins with, whose lines end with LF or CRLF: up to the first LF
/// with an octet behind it that is no white space. `None` if there is none, or if it is not found out.
#[inline]
pub(crate) fn extent(text: &[u8]) -> Option<Extent> {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `avx2` is compiled for.
        return unsafe { avx2::extent(text) };
    }
    let _ = text;
    None
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::Extent;

    const VECTOR: usize = 32;

    /// Octets that are marked at a time: a bit of a word for each.
    const BLOCK: usize = 2 * VECTOR;

    /// A bit for each octet of a block, the first in the lowest.
    struct Marks {
        lf: u64,
        cr: u64,
        wsp: u64,
        /// NUL, and what is over 127.
        odd: u64,
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn extent(text: &[u8]) -> Option<Extent> {
        let name = name(text.first_chunk()?);
        let (mut at, mut rest) = (0, text);
        // Whether the octet before is an LF, or a CR.
        let (mut behind_lf, mut behind_cr) = (0, 0);
        let mut is_plain = true;
        while let Some(octets) = rest.first_chunk() {
            let Marks { lf, cr, wsp, odd } = marks(octets);
            let starts = lf << 1 | behind_lf;
            let bare = (cr << 1 | behind_cr) & !lf;
            let ends = starts & !wsp;
            let folds = starts & wsp;
            let (mut strange, mut goes_on) = (odd | bare, false);
            if folds != 0 {
                // The sum has a bit behind each run of white space that a line begins with.
                let sum;
                (sum, goes_on) = wsp.overflowing_add(folds);
                strange |= sum & !wsp & (lf | cr);
            }
            if ends != 0 {
                let end = ends.trailing_zeros();
                is_plain &= strange & !(u64::MAX << end) == 0;
                return Some(Extent { name, end: at + end as usize, is_plain });
            }
            is_plain &= strange == 0 && !goes_on;
            (behind_lf, behind_cr) = (lf >> 63, cr >> 63);
            (at, rest) = (at + BLOCK, &rest[BLOCK..]);
        }
        None
    }

    /// How many octets may stand in a field name.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn name(octets: &[u8; VECTOR]) -> usize {
        // SAFETY: there are 32 octets, and this load asks for no alignment.
        let octets = unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) };
        let equal = |c: u8| _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8));
        // As numbers with a sign, octets over 127 are below all others.
        let printable = _mm256_cmpgt_epi8(octets, _mm256_set1_epi8(b' ' as i8));
        let in_name = _mm256_andnot_si256(_mm256_or_si256(equal(b':'), equal(0x7F)), printable);
        _mm256_movemask_epi8(in_name).trailing_ones() as usize
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn marks(octets: &[u8; BLOCK]) -> Marks {
        // SAFETY: there are 64 octets, and these loads of 32 ask for no alignment.
        let (a, b) = unsafe {
            let octets = octets.as_ptr();
            (_mm256_loadu_si256(octets.cast()), _mm256_loadu_si256(octets.add(VECTOR).cast()))
        };
        let equal = |octets, c: u8| _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8));
        let wsp = |octets| _mm256_or_si256(equal(octets, b' '), equal(octets, b'\t'));
        let odd = |octets| _mm256_or_si256(octets, equal(octets, 0));
        Marks {
            lf: bits(equal(a, b'\n'), equal(b, b'\n')),
            cr: bits(equal(a, b'\r'), equal(b, b'\r')),
            wsp: bits(wsp(a), wsp(b)),
            odd: bits(odd(a), odd(b)),
        }
    }

    /// A bit for the highest of each octet.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        let bits = |octets| u64::from(_mm256_movemask_epi8(octets) as u32);
        bits(low) | (bits(high) << VECTOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The end that a plain loop finds.
    fn end(text: &[u8]) -> Option<usize> {
        let is_end = |&i: &usize| text[i - 1] == b'\n' && !matches!(text[i], b' ' | b'\t');
        (1..text.len()).find(is_end)
    }

    /// What the lines of a field say of it.
    fn is_odd(field: &[u8]) -> bool {
        let bare = |i: usize| field[i] == b'\r' && field.get(i + 1) != Some(&b'\n');
        let is_blank = |line: &[u8]| line.iter().all(|c| matches!(c, b' ' | b'\t' | b'\r'));
        let field_lines = field.strip_suffix(b"\n").unwrap_or(field).split(|&c| c == b'\n');
        field.iter().any(|&c| c == 0 || c > 127)
            || (0..field.len()).any(bare)
            || field_lines.skip(1).any(is_blank)
    }

    fn check(text: &[u8]) -> Option<Extent> {
        let found = extent(text);
        if let Some(Extent { name, end: found, is_plain }) = found {
            let in_name = |c: &&u8| matches!(c, b'!'..=b'9' | b';'..=b'~');
            assert_eq!(name, text.iter().take(32).take_while(in_name).count());
            assert_eq!(Some(found), end(text), "{}", text.escape_ascii());
            assert!(!is_plain || !is_odd(&text[..found]), "{}", text.escape_ascii());
        }
        found
    }

    #[test]
    fn plain_fields_are_told() {
        #[cfg(target_arch = "x86_64")]
        if super::super::marks::avx2::is_there() {
            for fold in ["\n b", "\r\n b", "\n   b", ""] {
                for before in 0..100 {
                    let field = format!("A:{}{fold}c\n", "a".repeat(before));
                    let text = format!("{field}B: \0{}", "x".repeat(128));
                    // A fold that goes on behind a block is left to the caller.
                    let is_cut = field.as_bytes().chunks_exact(64).any(|v| v.ends_with(b" "));
                    let expected = Extent { name: 1, end: field.len(), is_plain: !is_cut };
                    assert_eq!(check(text.as_bytes()), Some(expected), "{text:?}");
                }
            }
        }
        assert_eq!(check(b"A: b\nC"), None, "that is left to the caller");
        assert_eq!(check(b""), None);
    }

    #[test]
    fn names_are_measured() {
        for c in 0..=255 {
            for before in 0..40 {
                check(&[&vec![b'A'; before][..], &[c], b":a\nb", &[b'x'; 128]].concat());
            }
        }
    }

    #[test]
    fn oddness_is_seen_at_each_place() {
        for odd in [&b"\0"[..], b"\xff", b"\r", b"\ra", b"\n \n b", b"\n\t \r\n b", b"\n \r\r\n b"]
        {
            for before in 0..100 {
                for behind in [&b"\nB: c"[..], b"c\r\n", b"\n d\n"] {
                    let text = [b"A:", &vec![b'a'; before][..], odd, behind, &[b'x'; 128]].concat();
                    check(&text);
                }
            }
        }
    }

    const PIECES: &[&[u8]] = &[b"\n ", b"\r\n\t", b"  ", b"abc", b"\n", b"\r"];

    proptest! {
        #[test]
        fn agrees_with_plain_loops(
            text in prop::collection::vec(
                prop_oneof![
                    12 => Just(b'a'),
                    3 => prop::sample::select(b"\r\n \t".as_slice()),
                    1 => prop::sample::select(b"\0\xff\x80\x7f".as_slice()),
                ],
                0..300,
            ),
            lines in prop::collection::vec(
                prop::sample::select(PIECES),
                0..80,
            ),
        ) {
            check(&text);
            check(&lines.concat());
        }
    }
}
