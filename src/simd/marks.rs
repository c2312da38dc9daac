//! Which octets end a line, and which quoted-printable must escape: a bit for each octet.
//!
//! There are two ways, which must agree on any octets: vectors where the processor has AVX2, found out
//! when the program runs, and words of 8 octets everywhere. The loops around them are compiled for
//! both, by their own rooms.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets that are marked in one go.
pub(super) const VECTOR: usize = 32;

/// Marks of the octets of a vector, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Octets that do not stand for themselves inside a line: controls but TAB, `=`, DEL and what is
    /// over 127.
    pub(super) odd: u32,
    /// Octets that are the one asked for.
    pub(super) eol: u32,
}

pub(super) mod portable {
    use super::{Marks, VECTOR};

    const WORD: usize = 8;

    /// One in each octet of a word.
    const EACH: u64 = u64::from_le_bytes([1; WORD]);

    pub(in crate::simd) fn marks(octets: &[u8; VECTOR], eol: u8) -> Marks {
        let mut marks = Marks::default();
        let (words, _) = octets.as_chunks::<WORD>();
        for (i, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            marks.odd |= u32::from(gather(odd(word))) << (i * WORD);
            marks.eol |= u32::from(gather(equal(word, eol))) << (i * WORD);
        }
        marks
    }

    /// Marks odd octets with their highest bit. No sum of two octets carries into the next.
    fn odd(word: u64) -> u64 {
        let low = word & (0x7F * EACH);
        let not_control = low + 0x60 * EACH;
        let delete = low + EACH;
        let odd = word | !not_control | delete | equal(word, b'=');
        odd & !equal(word, b'\t') & (0x80 * EACH)
    }

    /// Marks with its highest bit each octet that is `c`.
    fn equal(word: u64, c: u8) -> u64 {
        let differs = word ^ (u64::from(c) * EACH);
        !(((differs & (0x7F * EACH)) + 0x7F * EACH) | differs) & (0x80 * EACH)
    }

    /// The highest bits of eight octets, side by side: each has a place of its own in the product.
    fn gather(marks: u64) -> u8 {
        ((marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2 {
    use std::arch::x86_64::*;

    use super::{Marks, VECTOR};

    /// Whether the processor has what code in here, and around it, is compiled for.
    #[inline]
    pub(in crate::simd) fn is_there() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(in crate::simd) fn marks(octets: &[u8; VECTOR], eol: u8) -> Marks {
        // SAFETY: there are 32 octets, and this load asks for no alignment.
        let octets = unsafe { _mm256_loadu_si256(octets.as_ptr().cast()) };
        let equal = |c: u8| _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8));
        // As numbers with a sign, octets over 127 are below all others.
        let not_control = _mm256_cmpgt_epi8(octets, _mm256_set1_epi8(0x1F));
        let literal = _mm256_or_si256(not_control, equal(b'\t'));
        let literal = _mm256_andnot_si256(_mm256_or_si256(equal(b'='), equal(0x7F)), literal);
        let bits = |mask| _mm256_movemask_epi8(mask) as u32;
        Marks { odd: !bits(literal), eol: bits(equal(eol)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What both ways say of the same octets.
    fn both(octets: &[u8; VECTOR], eol: u8) -> [Marks; 2] {
        let portable = portable::marks(octets, eol);
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            // SAFETY: the processor has just been asked for the features.
            return [portable, unsafe { avx2::marks(octets, eol) }];
        }
        [portable; 2]
    }

    #[test]
    fn marks_each_octet_at_each_place() {
        for place in 0..VECTOR {
            for c in 0..=255 {
                let mut octets = [b'a'; VECTOR];
                octets[place] = c;
                let literal = c == b'\t' || (matches!(c, b' '..=b'~') && c != b'=');
                for eol in [b'\n', b'\r'] {
                    let at = |is: bool| u32::from(is) << place;
                    let expected = Marks { odd: at(!literal), eol: at(c == eol) };
                    assert_eq!(both(&octets, eol), [expected; 2], "{c} at {place}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_agree(octets in proptest::array::uniform32(any::<u8>()), eol in any::<u8>()) {
            let [portable, other] = both(&octets, eol);
            prop_assert_eq!(portable, other);
        }
    }
}
