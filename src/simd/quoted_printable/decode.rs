//! Quoted-printable read at full speed, as long as nothing in it is a surprise (RFC 2045 §6.7).
//!
//! A vector is looked at together with the two octets that follow each of its own, so that an escape
//! is seen, and its octet known, where its `=` stands. Masks then say which octets stay; the others
//! are squeezed out, eight at a time, by a table of shuffles. No branch depends on a single octet.
//!
//! Where there is no AVX2 nothing is decoded here, and all is left to the caller's own loop.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there, and its loads.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Decodes what `src` begins with and appends it to `out`; returns how many octets of `src` that were.
/// Lines end with `eol`, and if that is LF with CRLF too. It stops before white space that may be
/// trailing, before a `=` that begins neither an escape nor a soft line break, and where less than
/// some vectors are left.
pub(crate) fn decode(src: &[u8], eol: u8, out: &mut Vec<u8>) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that this is compiled for.
        return unsafe { avx2::decode(src, eol, out) };
    }
    let _ = (src, eol, out);
    0
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// Octets of a vector.
    const VECTOR: usize = 32;

    /// Octets that are looked at: a vector and the two behind it.
    const LOOK: usize = VECTOR + 2;

    /// Octets squeezed in one go.
    const GROUP: usize = 8;

    /// Room for what vectors hold before it is appended to the result.
    const PAGE: usize = 64 * VECTOR;

    /// For each set of eight octets the places of those that are in it, in order.
    static PLACES: [[u8; GROUP]; 256] = {
        let mut table = [[0x80; GROUP]; 256];
        let mut set = 0;
        while set < 256 {
            let (mut place, mut filled) = (0, 0);
            while place < GROUP {
                if set >> place & 1 == 1 {
                    table[set][filled] = place as u8;
                    filled += 1;
                }
                place += 1;
            }
            set += 1;
        }
        table
    };

    /// A vector, and what it holds: a bit for each octet, the first in the lowest.
    struct Seen {
        /// The octets, where an escape begins the one that it means.
        octets: __m256i,
        /// Each `=` of an escape.
        escapes: u32,
        /// Each `=` of a soft line break with a line end of one octet, and of two.
        breaks: [u32; 2],
        /// What is left to the caller.
        stops: u32,
    }

    impl Seen {
        /// The octets that stand for nothing by themselves, of the escapes and soft line breaks that
        /// begin among those of `before`. They may be behind the vector.
        fn dropped(&self, before: u32) -> u64 {
            let [escapes, short, long] =
                [self.escapes, self.breaks[0], self.breaks[1]].map(|set| u64::from(set & before));
            let two = escapes | long;
            two << 2 | (two | short) << 1 | short | long
        }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn decode(src: &[u8], eol: u8, out: &mut Vec<u8>) -> usize {
        let mut page = [0; PAGE];
        let (mut at, mut filled) = (0, 0);
        // Octets at `at` and behind it that belong to an escape or soft line break before them.
        let mut gone = 0;
        while let Some(window) = src[at..].first_chunk::<LOOK>() {
            let Some(room) = page[filled..].first_chunk_mut::<{ 2 * VECTOR }>() else {
                out.extend_from_slice(&page[..filled]);
                filled = 0;
                continue;
            };
            let seen = look(window, eol);
            // What stops is never one of the octets that are dropped.
            let stop = seen.stops.trailing_zeros() as usize;
            let before = ((1u64 << stop) - 1) as u32;
            let dropped = u64::from(gone) | seen.dropped(before);
            filled += squeeze(seen.octets, before & !(dropped as u32), room);
            gone = (dropped >> VECTOR) as u32;
            at += stop;
            if stop < VECTOR {
                break;
            }
        }
        out.extend_from_slice(&page[..filled]);
        // Whether these are trailing is not known.
        let blank = src[..at].iter().rev().take_while(|c| matches!(c, b' ' | b'\t')).count();
        out.truncate(out.len() - blank);
        at - blank + gone.count_ones() as usize
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn is(octets: __m256i, c: u8) -> __m256i {
        _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8))
    }

    /// White space before a line end, or before what may be the first half of one.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn trailing(octets: __m256i, next: __m256i, eol: u8) -> __m256i {
        let blank = _mm256_or_si256(is(octets, b' '), is(octets, b'\t'));
        _mm256_and_si256(blank, _mm256_or_si256(is(next, eol), is(next, b'\r')))
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn look(window: &[u8; LOOK], eol: u8) -> Seen {
        // SAFETY: there are two octets more than the 32 that each of these loads takes, which ask for
        // no alignment.
        let [octets, next, second] =
            [0, 1, 2].map(|i| unsafe { _mm256_loadu_si256(window.as_ptr().add(i).cast()) });
        let bits = |set| _mm256_movemask_epi8(set) as u32;
        let trailing = bits(trailing(octets, next, eol));
        let equals = is(octets, b'=');
        let (high, is_high) = digits(next);
        let (low, is_low) = digits(second);
        let escapes = _mm256_and_si256(equals, _mm256_and_si256(is_high, is_low));
        let crlf = _mm256_and_si256(is(next, b'\r'), is(second, b'\n'));
        let equals_bits = bits(equals);
        let (escape_bits, short) = (bits(escapes), equals_bits & bits(is(next, eol)));
        let long = if eol == b'\n' { equals_bits & bits(crlf) } else { 0 };
        // What is no digit must not reach into its neighbour.
        let high = _mm256_slli_epi16(_mm256_and_si256(high, is_high), 4);
        let value = _mm256_or_si256(high, low);
        Seen {
            octets: _mm256_blendv_epi8(octets, value, escapes),
            escapes: escape_bits,
            breaks: [short, long],
            stops: trailing | equals_bits & !(escape_bits | short | long),
        }
    }

    /// The values of hexadecimal digits, and which octets are such.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn digits(octets: __m256i) -> (__m256i, __m256i) {
        let all = |c: u8| _mm256_set1_epi8(c as i8);
        let is_at_most = |set, most| _mm256_cmpeq_epi8(_mm256_min_epu8(set, all(most)), set);
        let decimal = _mm256_sub_epi8(octets, all(b'0'));
        let letter = _mm256_sub_epi8(_mm256_or_si256(octets, all(0x20)), all(b'a'));
        let is_decimal = is_at_most(decimal, 9);
        let is_digit = _mm256_or_si256(is_decimal, is_at_most(letter, 5));
        let values = _mm256_blendv_epi8(_mm256_add_epi8(letter, all(10)), decimal, is_decimal);
        (values, is_digit)
    }

    /// Writes the octets of the set `kept`, and something behind them; returns how many these are.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn squeeze(octets: __m256i, kept: u32, room: &mut [u8; 2 * VECTOR]) -> usize {
        let halves = [_mm256_castsi256_si128(octets), _mm256_extracti128_si256(octets, 1)];
        let sets = kept.to_le_bytes();
        let mut filled = 0;
        for (half, sets) in halves.iter().zip(sets.as_chunks::<2>().0) {
            let places = sets.map(|set| u64::from_le_bytes(PLACES[usize::from(set)]));
            // The second eight have the places from 8 on.
            let places = [places[0], places[1] | 0x0808_0808_0808_0808].map(|p| p as i64);
            let octets = _mm_shuffle_epi8(*half, _mm_set_epi64x(places[1], places[0]));
            let groups = [_mm_cvtsi128_si64(octets), _mm_extract_epi64(octets, 1)];
            for (group, set) in groups.iter().zip(sets) {
                room[filled % VECTOR..][..GROUP].copy_from_slice(&group.to_le_bytes());
                filled += set.count_ones() as usize;
            }
        }
        filled
    }
}
