//! Single octets to characters, by a table: what is ASCII is copied, 32 octets at a time.
//!
//! Where an octet over 127 stands cannot be foretold, so the first of a vector costs no branch: all is
//! written, then the character, and what stands behind that once more. The portable twin goes octet by
//! octet.
//!
//! `unsafe` here is loads and stores of vectors whose room was just seen to be there, the length of what
//! they wrote, that it is text, and the call of what is compiled for AVX2, behind the question whether it
//! is there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets that are looked at in one go.
const VECTOR: usize = 32;

/// LIMIT: octets for which room is made in one go, since each may become three.
const BLOCK: usize = 4096;

/// What octets over 127 become.
pub(crate) struct Table {
    /// Each character in UTF-8, in the first octets of four.
    characters: [[u8; 4]; 128],
    lengths: [u8; 128],
}

impl Table {
    /// The table of the characters that stand for the octets from 128 on.
    ///
    /// # Panics
    ///
    /// If one has more than three octets in UTF-8, or fewer than two.
    pub(crate) const fn new(characters: [char; 128]) -> Table {
        let mut table = Table { characters: [[0; 4]; 128], lengths: [0; 128] };
        let mut i = 0;
        while i < 128 {
            let length = characters[i].encode_utf8(&mut table.characters[i]).len();
            assert!(length == 2 || length == 3);
            table.lengths[i] = length as u8;
            i += 1;
        }
        table
    }

    /// Appends the text of `src` to `out`.
    pub(crate) fn decode(&self, src: &[u8], out: &mut String) {
        // SAFETY: what is appended is ASCII and characters of the table, each of them whole.
        let out = unsafe { out.as_mut_vec() };
        for block in src.chunks(BLOCK) {
            let taken = self.vectors(block, out);
            self.plainly(&block[taken..], out);
        }
    }

    /// Does what can be done with vectors, and says how many octets that took.
    fn vectors(&self, src: &[u8], out: &mut Vec<u8>) -> usize {
        #[cfg(target_arch = "x86_64")]
        if super::marks::avx2::is_there() {
            // SAFETY: the processor has just been asked for what `avx2` is compiled for.
            return unsafe { self.avx2(src, out) };
        }
        let _ = (src, out);
        0
    }

    fn plainly(&self, src: &[u8], out: &mut Vec<u8>) {
        out.reserve(src.len());
        for &c in src {
            match c.checked_sub(0x80) {
                None => out.push(c),
                Some(i) => {
                    let length = self.lengths[i as usize] as usize;
                    out.extend_from_slice(&self.characters[i as usize][..length]);
                }
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn avx2(&self, src: &[u8], out: &mut Vec<u8>) -> usize {
        use std::arch::x86_64::*;

        let start = out.len();
        out.reserve(3 * src.len());
        let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        let (mut at, mut len) = (0, 0);
        // What was taken has become at most three times as much, so there is room for three times what is
        // left: for 195 octets.
        while src.len() - at > 2 * VECTOR {
            // SAFETY: the loop's condition says that there are 65 octets from `at` on, and room for them
            // behind `len`; neither the load nor the store asks for an alignment.
            let octets = unsafe {
                let octets = _mm256_loadu_si256(src.as_ptr().add(at).cast());
                _mm256_storeu_si256(room.add(len).cast(), octets);
                octets
            };
            let high = _mm256_movemask_epi8(octets) as u32;
            // By how much there is more in `out` than in `src`.
            let (mut left, mut more) = (high, 0);
            loop {
                // Behind the vector, if there is none.
                let place = left.trailing_zeros() as usize;
                let (from, to) = (at + place, len + place + more);
                let i = (src[from] & 0x7F) as usize;
                let (character, length) = (self.characters[i], self.lengths[i] as usize);
                // SAFETY: as `place` is at most 32, there are 32 octets behind the one there; and room for
                // them behind the character, as there are at most two octets more for each before it.
                unsafe {
                    let behind = _mm256_loadu_si256(src.as_ptr().add(from + 1).cast());
                    room.add(to).cast::<[u8; 4]>().write(character);
                    _mm256_storeu_si256(room.add(to + length).cast(), behind);
                }
                more += usize::from(left != 0) * (length - 1);
                left &= left.wrapping_sub(1);
                if left == 0 {
                    break;
                }
            }
            (at, len) = (at + VECTOR, len + VECTOR + more);
        }
        // SAFETY: so many octets were written behind the start, within what was reserved.
        unsafe { out.set_len(start + len) };
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Characters of two octets and of three, in turns.
    const TABLE: Table = {
        let mut characters = ['\u{e9}'; 128];
        let mut i = 0;
        while i < 128 {
            let code = if i % 3 == 0 { 0x2000 } else { 0x100 };
            if let Some(c) = char::from_u32(code + i as u32) {
                characters[i] = c;
            }
            i += 1;
        }
        Table::new(characters)
    };

    fn expected(src: &[u8]) -> String {
        src.iter()
            .map(|&c| match c {
                0..0x80 => c as char,
                _ => {
                    let i = u32::from(c) - 0x80;
                    char::from_u32(if i % 3 == 0 { 0x2000 + i } else { 0x100 + i }).expect("one")
                }
            })
            .collect()
    }

    proptest! {
        #[test]
        fn text_is_that_of_the_table(
            runs in prop::collection::vec((any::<u8>(), 1usize..50, 0u8..3), 0..60),
            rest in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let run = |&(c, count, few): &(u8, usize, u8)| match few {
                0 => vec![c; count],
                _ => vec![c & 0x7F; count].into_iter().chain([c]).collect(),
            };
            let src = [runs.iter().flat_map(run).collect(), rest].concat();
            let mut out = "before".to_owned();
            TABLE.decode(&src, &mut out);
            prop_assert_eq!(&out[6..], expected(&src));
            let mut plain = Vec::new();
            TABLE.plainly(&src, &mut plain);
            prop_assert_eq!(&out.as_bytes()[6..], &plain[..]);
        }
    }

    #[test]
    fn long_text_has_room() {
        let src = [0x80; 3 * BLOCK + 7];
        let mut out = String::new();
        TABLE.decode(&src, &mut out);
        assert_eq!(out, expected(&src));
    }
}
