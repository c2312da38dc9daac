//! Whether octets are all of the plain kind, the common case that nothing need be done about, and how
//! many are text that any charset reads alike.
//!
//! There are two ways, which must agree on any octets: vectors where the processor has AVX2, and
//! elsewhere a plain loop that the compiler turns into vector code.
//!
//! `unsafe` here is the calls of what is compiled for AVX2, behind the question whether it is there, loads
//! of vectors, and that octets which were seen to be ASCII are text.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets looked at before anything is decided by them.
const LANE: usize = 256;

/// Whether no octet is over 127, none is NUL, and each CR but one at the end stands before an LF.
pub(crate) fn is_plain(src: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `avx2` is compiled for.
        return unsafe { avx2::is_plain(src) };
    }
    of(src)
}

fn of(src: &[u8]) -> bool {
    let (lanes, rest) = src.as_chunks::<LANE>();
    let mut next = lanes.iter().skip(1).map(|lane| lane[0]).chain(rest.first().copied());
    for lane in lanes {
        let odd = lane.iter().fold(0, |odd, &c| odd | (c & 0x80) | u8::from(c == 0));
        let pairs = lane.iter().zip(&lane[1..]);
        let bare =
            pairs.fold(0, |bare, (&a, &b)| bare | u8::from(a == b'\r') & u8::from(b != b'\n'));
        let across = lane[LANE - 1] == b'\r' && next.next().is_some_and(|c| c != b'\n');
        if lane[LANE - 1] != b'\r' {
            next.next();
        }
        if odd | bare != 0 || across {
            return false;
        }
    }
    let bare = rest.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    !bare && rest.iter().all(|&c| c < 0x80 && c != 0)
}

/// The ASCII that `src` begins with, up to a NUL or an ESC.
pub(crate) fn text(src: &[u8]) -> &str {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `text_with_avx2` is compiled for.
        return unsafe { text_with_avx2(src) };
    }
    text_of(src)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn text_with_avx2(src: &[u8]) -> &str {
    text_of(src)
}

#[inline(always)]
fn text_of(src: &[u8]) -> &str {
    const ESC: u8 = 0x1B;
    let is_odd = |c: u8| u8::from(c > 0x7F) | u8::from(c == 0) | u8::from(c == ESC);
    let (lanes, _) = src.as_chunks::<LANE>();
    let is_clean = |lane: &&[u8; LANE]| lane.iter().fold(0, |odd, &c| odd | is_odd(c)) == 0;
    let whole = lanes.iter().take_while(is_clean).count() * LANE;
    let rest = &src[whole..];
    let len = whole + rest.iter().position(|&c| is_odd(c) != 0).unwrap_or(rest.len());
    // SAFETY: none of these octets is over 127, and ASCII is UTF-8.
    unsafe { str::from_utf8_unchecked(&src[..len]) }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    const VECTOR: usize = 32;

    /// Octets that are asked about together.
    const LANE: usize = 4 * VECTOR;

    #[target_feature(enable = "avx2")]
    pub(super) fn is_plain(src: &[u8]) -> bool {
        let mut rest = src;
        while let Some(octets) = rest.first_chunk::<{ LANE + 1 }>() {
            let mut lane = _mm256_setzero_si256();
            // Not by closures, which are not always compiled into code for AVX2.
            for i in 0..LANE / VECTOR {
                let octets = octets[i * VECTOR..].first_chunk().unwrap_or(&[0; VECTOR + 1]);
                lane = _mm256_or_si256(lane, odd(octets));
            }
            if any(lane) {
                return false;
            }
            rest = &rest[LANE..];
        }
        while let Some(octets) = rest.first_chunk() {
            if any(odd(octets)) {
                return false;
            }
            rest = &rest[VECTOR..];
        }
        // Behind the end an LF, so that a CR may be the last.
        let mut padded = [b'\n'; VECTOR + 1];
        padded[..rest.len()].copy_from_slice(rest);
        !any(odd(&padded))
    }

    /// The highest bit of each of the first 32 octets that is over 127, NUL, or a CR without an LF.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn odd(octets: &[u8; VECTOR + 1]) -> __m256i {
        // SAFETY: there are 33 octets, and these loads of 32 ask for no alignment.
        let (octets, next) = unsafe {
            let octets = octets.as_ptr();
            (_mm256_loadu_si256(octets.cast()), _mm256_loadu_si256(octets.add(1).cast()))
        };
        let crs = _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(b'\r' as i8));
        let lfs = _mm256_cmpeq_epi8(next, _mm256_set1_epi8(b'\n' as i8));
        let nuls = _mm256_cmpeq_epi8(octets, _mm256_setzero_si256());
        _mm256_or_si256(_mm256_or_si256(octets, nuls), _mm256_andnot_si256(lfs, crs))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn any(odd: __m256i) -> bool {
        _mm256_movemask_epi8(odd) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn any_odd_octet_at_any_place_is_seen() {
        let line = b"plain text\r\n".repeat(60);
        assert!(is_plain(&line) && is_plain(&line[..line.len() - 1]) && is_plain(b""));
        for at in 0..line.len() {
            for odd in [0, 0x80, 0xff, b'\r'] {
                let mut text = line.clone();
                text[at] = odd;
                let bare = text.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
                let expected = odd == b'\r' && !bare;
                assert_eq!(is_plain(&text), expected, "{odd} at {at}");
                assert_eq!(of(&text), expected, "{odd} at {at}, for any processor");
            }
        }
    }

    #[test]
    fn text_ends_before_the_first_odd_octet() {
        let line = b"plain text\r\n\x7F\x01".repeat(60);
        assert_eq!((text(b""), text(&line).len()), ("", line.len()));
        for at in 0..line.len() {
            for odd in [0, 0x1B, 0x80, 0xC3, 0xFF] {
                let mut src = line.clone();
                src[at] = odd;
                assert_eq!(text(&src).as_bytes(), &src[..at], "{odd} at {at}");
                assert_eq!(text_of(&src).as_bytes(), &src[..at], "{odd} at {at}, any processor");
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_say_what_a_plain_loop_says(
            text in prop::collection::vec(
                prop_oneof![
                    200 => Just(b'a'),
                    20 => Just(b'\n'),
                    1 => prop::sample::select(b"\r\0\x80\xff\x7f\x01".as_slice()),
                ],
                0..700,
            ),
        ) {
            let bare = text.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
            let expected = !bare && text.iter().all(|c| (1..128).contains(c));
            prop_assert_eq!(is_plain(&text), expected);
            prop_assert_eq!(of(&text), expected);
        }
    }
}
