//! Text as it stands in a JSON string: 32 octets are copied at a time, and what has an escape of two
//! octets is written with it.
//!
//! The first line end in a vector costs no branch, as where it stands cannot be foretold: all is written,
//! then what stands behind it once more, an octet further on, and the escape between.
//!
//! Stops before a character that is another control, or controls a terminal or hides text. The portable
//! twin goes octet by octet.
//!
//! `unsafe` here is loads and stores of vectors whose room was just seen to be there, the length of what
//! they wrote, and the call of what is compiled for AVX2, behind the question whether it is there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets that are looked at in one go.
const VECTOR: usize = 32;

/// The fewest octets that anything is done with.
pub(crate) const LEAST: usize = 2 * VECTOR;

/// LIMIT: octets for which room is made in one go, since each may become two.
const BLOCK: usize = 16 * 1024;

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

/// Octets over 126 at which a character begins that must be looked at.
const FIRST: [u8; 6] = [0x7F, 0xC2, 0xD8, 0xE2, 0xEF, 0xF3];

/// How far [`escape`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escaped {
    /// Octets that were taken.
    pub(crate) taken: usize,
    /// Behind them stands a character that is not its own to judge.
    pub(crate) stopped: bool,
}

/// Appends the begin of `src`, which is UTF-8, to `out`: all of it but less than [`LEAST`] octets, or up
/// to a character that is not its own to judge, or some KiB.
pub(crate) fn escape(src: &[u8], out: &mut Vec<u8>) -> Escaped {
    let src = &src[..src.len().min(BLOCK)];
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `avx2` is compiled for.
        return unsafe { avx2(src, out) };
    }
    portable(src, out)
}

/// Whether a character that begins with this octet must be looked at.
fn is_foreign(c: u8) -> bool {
    c < 0x20 && LETTERS[c as usize] == 0 || FIRST.contains(&c)
}

/// How many octets the character has that `octets` begin with, if it begins with one of [`FIRST`] and is
/// seen at once to be harmless; otherwise 0. Most are: punctuation.
fn harmless(octets: &[u8]) -> usize {
    match octets {
        [0xC2, 0xA0..=0xBF, ..] => 2,
        [0xD8, 0x80..=0x9B | 0x9D..=0xBF, ..] => 2,
        [0xE2, 0x80, 0x90..=0xA7 | 0xAF..=0xBF, ..] | [0xE2, 0x82..=0xBF, _, ..] => 3,
        [0xEF, 0x80..=0xBA | 0xBC..=0xBE, _, ..] => 3,
        _ => 0,
    }
}

fn portable(src: &[u8], out: &mut Vec<u8>) -> Escaped {
    let mut at = 0;
    while src.len() - at >= LEAST {
        let c = src[at];
        let len = match LETTERS[c as usize] {
            0 if is_foreign(c) => harmless(&src[at..]),
            0 => 1,
            letter => {
                out.extend_from_slice(&[b'\\', letter]);
                at += 1;
                continue;
            }
        };
        if len == 0 {
            return Escaped { taken: at, stopped: true };
        }
        out.extend_from_slice(&src[at..at + len]);
        at += len;
    }
    Escaped { taken: at, stopped: false }
}

/// For each half of an octet, the kinds of marked octets that have it: an octet is marked if its halves
/// have a kind in common.
#[cfg(target_arch = "x86_64")]
const HALVES: [[u8; 16]; 2] = {
    let (mut high, mut low) = ([0; 16], [1; 16]);
    (high[0x0], high[0x1]) = (1, 1);
    (high[0x2], high[0xC], low[0x2]) = (2, 2, 1 | 2);
    (high[0x5], low[0xC]) = (4, 1 | 4);
    (high[0x7], low[0xF]) = (8, 1 | 8);
    (high[0xD], low[0x8]) = (16, 1 | 16);
    (high[0xF], low[0x3]) = (32, 1 | 32);
    high[0xE] = 2 | 8;
    [high, low]
};

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn avx2(src: &[u8], out: &mut Vec<u8>) -> Escaped {
    use std::arch::x86_64::*;

    let start = out.len();
    out.reserve(2 * src.len() + LEAST + 2);
    let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
    let [high, low] = HALVES.map(|half| {
        // SAFETY: there are 16 octets, and the load asks for no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(half.as_ptr().cast()) })
    });
    let halves = _mm256_set1_epi8(0x0F);
    let (mut at, mut len, mut stopped) = (0, 0, false);
    // What was taken has become at most twice as much, so there is room for twice what is left, and for
    // `LEAST` + 2 octets.
    'vectors: while src.len() - at >= LEAST {
        // SAFETY: the loop's condition says that there are 64 octets from `at` on, and room for more
        // behind `len`; neither the load nor the store asks for an alignment.
        let octets = unsafe {
            let octets = _mm256_loadu_si256(src.as_ptr().add(at).cast());
            _mm256_storeu_si256(room.add(len).cast(), octets);
            octets
        };
        let kinds = _mm256_and_si256(
            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(octets, 4), halves)),
            _mm256_shuffle_epi8(low, _mm256_and_si256(octets, halves)),
        );
        let unmarked = _mm256_cmpeq_epi8(kinds, _mm256_setzero_si256());
        let marks = !(_mm256_movemask_epi8(unmarked) as u32);
        // Escapes so far are as many octets more in `out` than in `src`.
        let (mut left, mut escapes) = (marks, 0);
        loop {
            // Behind the vector, if nothing is marked.
            let place = left.trailing_zeros() as usize;
            let (from, to) = (at + place, len + place + escapes);
            // Then it is as if a letter were there: not asked, as it cannot be foretold.
            let letter = LETTERS[src[from] as usize] | u8::from(left == 0);
            // SAFETY: as `place` is at most 32, there are 32 octets behind it.
            let behind = unsafe { _mm256_loadu_si256(src.as_ptr().add(from).cast()) };
            if letter == 0 {
                // SAFETY: there is room for them.
                unsafe { _mm256_storeu_si256(room.add(to).cast(), behind) };
                // It begins anew behind the character.
                let taken = harmless(&src[from..]);
                (at, len) = (from + taken, to + taken);
                if taken == 0 {
                    stopped = true;
                    break 'vectors;
                }
                continue 'vectors;
            }
            // SAFETY: there is room for them, and for one octet more.
            unsafe {
                _mm256_storeu_si256(room.add(to + 1).cast(), behind);
                room.add(to).cast::<[u8; 2]>().write([b'\\', letter]);
            }
            left &= left.wrapping_sub(1);
            if left == 0 {
                break;
            }
            escapes += 1;
        }
        (at, len) = (at + VECTOR, len + VECTOR + marks.count_ones() as usize);
    }
    // SAFETY: so many octets were written behind the start, within what was reserved.
    unsafe { out.set_len(start + len) };
    Escaped { taken: at, stopped }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(src: &[u8]) -> [(Escaped, Vec<u8>); 2] {
        [escape, portable].map(|way| {
            let mut out = b"before".to_vec();
            let escaped = way(src, &mut out);
            assert!(out.starts_with(b"before"));
            (escaped, out[6..].to_vec())
        })
    }

    /// What should be written for octets that were taken.
    fn plainly(taken: &[u8]) -> Vec<u8> {
        taken
            .iter()
            .flat_map(|&c| match LETTERS[c as usize] {
                0 => vec![c],
                letter => vec![b'\\', letter],
            })
            .collect()
    }

    #[test]
    fn each_octet_at_each_place() {
        for place in 0..LEAST {
            for c in 0..=255 {
                let mut src = [b'a'; 2 * LEAST];
                src[place] = c;
                for (escaped, out) in both(&src) {
                    let stops = is_foreign(c) && harmless(&[c, b'a', b'a']) == 0;
                    assert_eq!(escaped.stopped, stops, "{c} at {place}");
                    assert!(!stops || escaped.taken == place, "{c} at {place}");
                    assert!(stops || src.len() - escaped.taken < LEAST, "{c} at {place}");
                    assert_eq!(out, plainly(&src[..escaped.taken]), "{c} at {place}");
                }
            }
        }
    }

    #[test]
    fn what_is_long_is_taken_in_pieces() {
        let src = [b'"'; 3 * BLOCK];
        for (escaped, out) in both(&src[..BLOCK]) {
            assert!(!escaped.stopped && escaped.taken > BLOCK - LEAST);
            assert_eq!(out.len(), 2 * escaped.taken);
        }
        assert!(escape(&src, &mut Vec::new()).taken <= BLOCK);
    }

    proptest! {
        /// The twins may end at other places for lack of octets, but write the same.
        #[test]
        fn twins_write_the_same(
            pieces in prop::collection::vec(prop_oneof![
                12 => "[a-z ]{1,9}", 2 => Just("\n".to_owned()), 2 => Just("\"".to_owned()),
                3 => "[\u{80}-\u{700}]{1,9}", 3 => "[\u{2000}-\u{20ff}]", 1 => "[\u{ff00}-\u{ffff}]",
                1 => any::<char>().prop_map(String::from),
            ], 0..80),
        ) {
            let text = pieces.concat();
            let [one, other] = both(text.as_bytes());
            for (escaped, out) in [&one, &other] {
                prop_assert_eq!(out, &plainly(&text.as_bytes()[..escaped.taken]));
                let left = text.len() - escaped.taken;
                prop_assert!(escaped.stopped || left < LEAST);
                if escaped.stopped {
                    prop_assert!(is_foreign(text.as_bytes()[escaped.taken]));
                    prop_assert!(one.0.taken.max(other.0.taken) == escaped.taken);
                }
            }
        }
    }
}
