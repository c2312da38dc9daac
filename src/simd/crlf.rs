//! CRLF made LF, and LF made CRLF, at the speed of a copy.
//!
//! `unsafe` here is calls of code that is compiled for AVX2, behind the question whether it is there;
//! loads and stores of vectors whose room was just seen to be there, and the length of what they wrote;
//! and that text without its CRs is text.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

use super::marks::{Marks, VECTOR, portable};

/// Octets that are marked at a time: a bit of a word for each.
const BLOCK: usize = 2 * VECTOR;

/// Room for blocks before they are appended to the result.
const PAGE: usize = 16 * BLOCK;

/// Appends `src` to `out` without the CRs of its CRLFs, up to the first CR that no LF is seen behind;
/// returns how many octets of `src` that took.
pub(crate) fn to_lf(src: &[u8], out: &mut Vec<u8>) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `to_lf` is compiled for.
        return unsafe { avx2::to_lf(src, out) };
    }
    of(portable::marks, src, out)
}

/// The same for text.
pub(crate) fn text_to_lf(src: &str, out: &mut String) -> usize {
    // SAFETY: what is appended is `src` without some of its CRs, up to one of them or its end; text
    // without characters of it is text.
    to_lf(src.as_bytes(), unsafe { out.as_mut_vec() })
}

/// Appends `src` to `out` with a CR before each LF that has none, up to the first CR that no LF is seen
/// behind; returns how many octets of `src` that took.
pub(crate) fn to_crlf(src: &[u8], out: &mut Vec<u8>) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `to_crlf` is compiled for.
        return unsafe { avx2::to_crlf(src, out) };
    }
    with_crs(portable::marks, src, out)
}

/// Compiled once for each way to the marks.
#[inline(always)]
fn of(marks: impl Fn(&[u8; VECTOR], u8) -> Marks, src: &[u8], out: &mut Vec<u8>) -> usize {
    let mut page = [0; PAGE];
    let (mut at, mut filled) = (0, 0);
    'blocks: while let Some(window) = src[at..].first_chunk::<{ 2 * BLOCK }>() {
        if filled > PAGE - 2 * BLOCK {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
        }
        let (halves, _) = window.as_chunks::<VECTOR>();
        let (a, b) = (marks(&halves[0], b'\r'), marks(&halves[1], b'\r'));
        let mut crs = u64::from(a.eol) | (u64::from(b.eol) << VECTOR);
        let mut from = 0;
        loop {
            // A whole block is copied always: what of it does not count is overwritten.
            let next = BLOCK.min(crs.trailing_zeros() as usize);
            page[filled..][..BLOCK].copy_from_slice(&window[from..][..BLOCK]);
            filled += next - from;
            if crs == 0 {
                break;
            }
            if window[next + 1] != b'\n' {
                at += next;
                break 'blocks;
            }
            from = next + 1;
            crs &= crs - 1;
        }
        at += BLOCK;
    }
    out.extend_from_slice(&page[..filled]);
    // What is left, and what follows an odd CR, is little or looked at again.
    let rest = &src[at..];
    let rest = if rest.len() < 2 * BLOCK { rest } else { &rest[..0] };
    at + tail(rest, out)
}

/// The same with CRs added.
#[inline(always)]
fn with_crs(marks: impl Fn(&[u8; VECTOR], u8) -> Marks, src: &[u8], out: &mut Vec<u8>) -> usize {
    let mut page = [0; PAGE];
    let (mut at, mut filled, mut after_cr, mut stop) = (0, 0, 0, BLOCK);
    while stop == BLOCK
        && let Some(window) = src[at..].first_chunk::<{ 2 * BLOCK }>()
    {
        // Each octet may be an LF without CR, and a whole block is copied behind it.
        if filled > PAGE - 3 * BLOCK {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
        }
        let (halves, _) = window.as_chunks::<VECTOR>();
        let (a, b) = (marks(&halves[0], b'\r'), marks(&halves[1], b'\r'));
        let crs = u64::from(a.eol) | (u64::from(b.eol) << VECTOR);
        let (a, b) = (marks(&halves[0], b'\n'), marks(&halves[1], b'\n'));
        let lfs = u64::from(a.eol) | (u64::from(b.eol) << VECTOR);
        let next_is_lf = u64::from(window[BLOCK] == b'\n') << (BLOCK - 1);
        stop = BLOCK.min((crs & !(lfs >> 1 | next_is_lf)).trailing_zeros() as usize);
        let mut bare = lfs & !(crs << 1 | after_cr);
        let mut from = 0;
        loop {
            let next = stop.min(bare.trailing_zeros() as usize);
            page[filled..][..BLOCK].copy_from_slice(&window[from..][..BLOCK]);
            filled += next - from;
            if next == stop {
                break;
            }
            page[filled] = b'\r';
            filled += 1;
            from = next;
            bare &= bare - 1;
        }
        after_cr = crs >> (BLOCK - 1);
        at += stop;
    }
    out.extend_from_slice(&page[..filled]);
    let rest = if stop == BLOCK { &src[at..] } else { &[] };
    at + tail_with_crs(rest, after_cr != 0, out)
}

/// The same for a few octets, before which a CR may stand.
fn tail_with_crs(src: &[u8], after_cr: bool, out: &mut Vec<u8>) -> usize {
    let mut after_cr = after_cr;
    for (i, &c) in src.iter().enumerate() {
        match c {
            b'\r' if src.get(i + 1) != Some(&b'\n') => return i,
            b'\n' if !after_cr => out.extend_from_slice(b"\r\n"),
            _ => out.push(c),
        }
        after_cr = c == b'\r';
    }
    src.len()
}

/// CRLF made LF in a few octets.
fn tail(src: &[u8], out: &mut Vec<u8>) -> usize {
    for (i, &c) in src.iter().enumerate() {
        if c != b'\r' {
            out.push(c);
        } else if src.get(i + 1) != Some(&b'\n') {
            return i;
        }
    }
    src.len()
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::super::marks::avx2::marks;
    use super::VECTOR;

    /// Where a CR stands cannot be foretold, so the first of a vector costs no branch: all is written,
    /// then what stands behind the CR once more, in the place of that.
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn to_lf(src: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.reserve(src.len());
        let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        let (mut at, mut len, mut odd) = (0, 0, 0);
        // What was taken has become no more, so there is room for as much as is left.
        while src.len() - at > 2 * VECTOR {
            // SAFETY: the loop's condition says that there are 65 octets from `at` on, and room for them
            // behind `len`; neither the loads nor the store ask for an alignment.
            let (octets, next) = unsafe {
                let octets = _mm256_loadu_si256(src.as_ptr().add(at).cast());
                _mm256_storeu_si256(room.add(len).cast(), octets);
                (octets, _mm256_loadu_si256(src.as_ptr().add(at + 1).cast()))
            };
            let crs = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(b'\r' as i8));
            let lfs = _mm256_cmpeq_epi8(next, _mm256_set1_epi8(b'\n' as i8));
            // Asked of all at once: whether there is any CR is as little to be foretold.
            odd = _mm256_movemask_epi8(_mm256_andnot_si256(lfs, crs)) as u32;
            let crs = _mm256_movemask_epi8(crs) as u32 & !odd;
            let (mut left, mut gone) = (crs, 0);
            loop {
                // Behind the vector, if there is none.
                let place = left.trailing_zeros() as usize;
                // SAFETY: as `place` is at most 32, there are 32 octets behind the one there, and room for
                // them; there are `gone` CRs before `place`.
                unsafe {
                    let behind = _mm256_loadu_si256(src.as_ptr().add(at + place + 1).cast());
                    _mm256_storeu_si256(room.add(len + place - gone).cast(), behind);
                }
                left &= left.wrapping_sub(1);
                if left == 0 {
                    break;
                }
                gone += 1;
            }
            // Foretold, so that the next vector need not wait for what is in this one.
            if odd != 0 {
                let taken = odd.trailing_zeros() as usize;
                let before = crs & ((1 << taken) - 1);
                (at, len) = (at + taken, len + taken - before.count_ones() as usize);
                break;
            }
            (at, len) = (at + VECTOR, len + VECTOR - crs.count_ones() as usize);
        }
        // SAFETY: so many octets were written behind the start, within what was reserved.
        unsafe { out.set_len(start + len) };
        if odd != 0 { at } else { at + super::tail(&src[at..], out) }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn to_crlf(src: &[u8], out: &mut Vec<u8>) -> usize {
        super::with_crs(|octets, c| marks(octets, c), src, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is copied, and how many octets were taken, octet by octet.
    fn plain(src: &[u8]) -> (Vec<u8>, usize) {
        let mut out = Vec::new();
        let taken = tail(src, &mut out);
        (out, taken)
    }

    #[test]
    fn crs_of_line_ends_go() {
        let long = b"0123456789\r\n".repeat(1000);
        let bare = [&long[..], b"x\ry", &long].concat();
        let cases: &[(&str, &[u8], &[u8], usize)] = &[
            ("nothing", b"", b"", 0),
            ("both line ends", b"a\r\nb\nc", b"a\nb\nc", 6),
            ("a CR alone", b"a\rb", b"a", 1),
            ("a CR at the end", b"ab\r", b"ab", 2),
            ("two CRs", b"a\r\r\n", b"a", 1),
            ("many lines", &long, &b"0123456789\n".repeat(1000), 12_000),
            (
                "many lines to a CR",
                &bare,
                &[&b"0123456789\n".repeat(1000), &b"x"[..]].concat(),
                12_001,
            ),
        ];
        for &(name, src, expected, taken) in cases {
            let mut out = Vec::new();
            assert_eq!(to_lf(src, &mut out), taken, "{name}");
            assert_eq!(out, expected, "{name}");
        }
    }

    #[test]
    fn line_ends_get_crs() {
        let (short, long) = (b"0123456789\n".repeat(1000), b"0123456789\r\n".repeat(1000));
        let bare = [&short[..], b"x\ry", &short].concat();
        let cases: &[(&str, &[u8], &[u8], usize)] = &[
            ("nothing", b"", b"", 0),
            ("both line ends", b"a\r\nb\nc", b"a\r\nb\r\nc", 6),
            ("a CR alone", b"a\rb", b"a", 1),
            ("a CR at the end", b"ab\r", b"ab", 2),
            ("two CRs", b"a\r\r\n", b"a", 1),
            ("nothing but LFs", &[b'\n'; 500], &b"\r\n".repeat(500), 500),
            ("many lines", &short, &long, 11_000),
            ("many lines that have them", &long, &long, 12_000),
            ("many lines to a CR", &bare, &[&long, &b"x"[..]].concat(), 11_001),
        ];
        for &(name, src, expected, taken) in cases {
            let mut out = Vec::new();
            assert_eq!(to_crlf(src, &mut out), taken, "{name}");
            assert_eq!(out, expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_do_what_a_plain_loop_does(
            pieces in proptest::collection::vec(
                prop_oneof![12 => "[a-z\n]{0,40}", 6 => "\r\n", 1 => "\r"], 0..60,
            ),
            from in 0usize..64,
        ) {
            let src = pieces.concat().into_bytes();
            let src = &src[from.min(src.len())..];
            for way in [to_lf, |src: &[u8], out: &mut Vec<u8>| of(portable::marks, src, out)] {
                let mut out = Vec::new();
                let taken = way(src, &mut out);
                prop_assert_eq!((out, taken), plain(src));
            }
            let mut expected = Vec::new();
            let expected = (tail_with_crs(src, false, &mut expected), expected);
            for way in [to_crlf, |src: &[u8], out: &mut Vec<u8>| with_crs(portable::marks, src, out)] {
                let mut out = Vec::new();
                prop_assert_eq!(&(way(src, &mut out), out), &expected);
            }
        }
    }
}
