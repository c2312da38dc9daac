//! Text as it stands in a JSON string: runs are copied 32 octets at a time, and what has an escape of
//! two octets is written with it.
//!
//! Stops before an octet that may begin a character for which more must be known: other controls, DEL,
//! and the first octets of characters that control a terminal or hide text. The portable twin goes
//! octet by octet.
//!
//! `unsafe` here is loads and stores of vectors whose room was just seen to be there, and the call of
//! what is compiled for AVX2, behind the question whether it is there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets that are looked at in one go.
pub(crate) const VECTOR: usize = 32;

/// The letter behind the backslash, for octets that have one; otherwise 0.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    letters[b'\n' as usize] = b'n';
    letters[b'\r' as usize] = b'r';
    letters[b'\t' as usize] = b't';
    letters[0x08] = b'b';
    letters[0x0C] = b'f';
    letters[b'"' as usize] = b'"';
    letters[b'\\' as usize] = b'\\';
    letters
};

/// Octets over 126 before which this stops.
const FIRST: [u8; 6] = [0x7F, 0xC2, 0xD8, 0xE2, 0xEF, 0xF3];

/// Writes `src` to the start of `out`: how many octets were taken, and how many written. It stops
/// before an octet that is not its own to judge, when less than [`VECTOR`] octets are left, and when
/// `out` has no room for twice as many.
pub(crate) fn escape(src: &[u8], out: &mut [u8]) -> (usize, usize) {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `avx2` is compiled for.
        return unsafe { avx2(src, out) };
    }
    portable(src, out)
}

/// Whether this stops before an octet.
fn is_foreign(c: u8) -> bool {
    c < 0x20 && LETTERS[c as usize] == 0 || FIRST.contains(&c)
}

fn portable(src: &[u8], out: &mut [u8]) -> (usize, usize) {
    let (mut at, mut len) = (0, 0);
    while src.len() - at >= VECTOR && out.len() - len >= 2 * VECTOR {
        let c = src[at];
        match LETTERS[c as usize] {
            0 if is_foreign(c) => break,
            0 => {
                out[len] = c;
                len += 1;
            }
            letter => {
                out[len..len + 2].copy_from_slice(&[b'\\', letter]);
                len += 2;
            }
        }
        at += 1;
    }
    (at, len)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn avx2(src: &[u8], out: &mut [u8]) -> (usize, usize) {
    use std::arch::x86_64::*;

    let (mut at, mut len) = (0, 0);
    while src.len() - at >= VECTOR && out.len() - len >= 2 * VECTOR {
        // SAFETY: the loop's condition says that there are 32 octets, and room for them; neither the
        // load nor the store asks for an alignment.
        let octets = unsafe {
            let octets = _mm256_loadu_si256(src.as_ptr().add(at).cast());
            _mm256_storeu_si256(out.as_mut_ptr().add(len).cast(), octets);
            octets
        };
        let equal = |c: u8| _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8));
        // As numbers with a sign, octets over 127 are below all others: they are no controls.
        let below = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), octets);
        let control = _mm256_movemask_epi8(below) as u32 & !(_mm256_movemask_epi8(octets) as u32);
        let mut marked = _mm256_or_si256(equal(b'"'), equal(b'\\'));
        for c in FIRST {
            marked = _mm256_or_si256(marked, equal(c));
        }
        let marks = control | _mm256_movemask_epi8(marked) as u32;
        let run = marks.trailing_zeros() as usize;
        (at, len) = (at + run, len + run);
        if run == VECTOR {
            continue;
        }
        match LETTERS[src[at] as usize] {
            0 => break,
            letter => out[len..len + 2].copy_from_slice(&[b'\\', letter]),
        }
        (at, len) = (at + 1, len + 2);
    }
    (at, len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(src: &[u8], room: usize) -> [(usize, Vec<u8>); 2] {
        [escape, portable].map(|way| {
            let mut out = vec![0; room];
            let (taken, written) = way(src, &mut out);
            out.truncate(written);
            (taken, out)
        })
    }

    #[test]
    fn each_octet_at_each_place() {
        for place in 0..VECTOR {
            for c in 0..=255 {
                let mut src = [b'a'; 2 * VECTOR];
                src[place] = c;
                let [one, other] = both(&src, 8 * VECTOR);
                assert_eq!(one.1[..place], src[..place], "{c} at {place}");
                let stops = is_foreign(c);
                assert_eq!(one.0 == place && one.1.len() == place, stops, "{c} at {place}");
                assert!(other.0 == place || !stops, "{c} at {place}");
            }
        }
    }

    proptest! {
        /// The twins may stop at other places for lack of octets or room, but write the same.
        #[test]
        fn twins_write_the_same(
            src in prop::collection::vec(prop_oneof![
                6 => b'a'..=b'z', 1 => Just(b'\n'), 1 => Just(b'"'), 1 => 0x80..=0xC1u8, 1 => any::<u8>(),
            ], 0..300),
            room in 0..400usize,
        ) {
            let [one, other] = both(&src, room);
            let shorter = one.1.len().min(other.1.len());
            prop_assert_eq!(&one.1[..shorter], &other.1[..shorter]);
            for (taken, written) in [&one, &other] {
                let expected: Vec<u8> = src[..*taken].iter().flat_map(|&c| match LETTERS[c as usize] {
                    0 => vec![c],
                    letter => vec![b'\\', letter],
                }).collect();
                prop_assert_eq!(written, &expected);
                let next = src.get(*taken).copied();
                let is_out = src.len() - taken < VECTOR || room - written.len() < 2 * VECTOR;
                prop_assert!(is_out || next.is_some_and(is_foreign));
            }
        }
    }
}
