//! Quoted-printable written at full speed, a line of the result at a time (RFC 2045 §6.7).
//!
//! For the octets that a line can be made of, two masks say which of them need an escape and where a
//! line ends. From these follows how many octets the line takes; runs of plain octets are then copied
//! as vectors, more than asked for, as what follows overwrites it. The masks are the one thing that
//! there are two ways for: vectors of 32 octets where the processor has AVX2, found out when the
//! program runs, and words of 8 everywhere. Both must agree on any octets.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there. No pointer is used.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets that a line of the result is decided by: 76 that stand for themselves and a CRLF, in whole
/// vectors.
const LOOK: usize = 96;

/// Octets copied for a run, which has at most a line's.
const RUN: usize = 80;

/// A run may start anywhere among the first 128 octets, as far as the bounds are known.
const PLACES: usize = 128;

/// Octets that must be there, or be padded, for a line to be written.
pub(crate) const WINDOW: usize = PLACES + RUN;

/// Room that a line is written to, with what is copied behind its end.
const ROOM: usize = PLACES + RUN;

/// Room for lines before they are appended to the result.
const PAGE: usize = 16 * ROOM;

/// Characters a line may have, the `=` of a soft line break among them (RFC 2045 §6.7 rule 5).
pub(crate) const LINE: usize = 76;

/// How lines are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// What ends them.
    pub(crate) line_end: &'static [u8],
    /// LF and CRLF end lines; otherwise they are octets like others.
    pub(crate) is_text: bool,
    /// What begins a line is escaped if it could begin a delimiter or a separator.
    pub(crate) guards: bool,
}

/// Which of some octets are of a kind, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks {
    /// Octets that do not stand for themselves inside a line.
    odd: u128,
    lf: u128,
}

/// Encodes what `src` begins with, appending whole lines to `out`, as long as [`WINDOW`] octets are
/// left; returns how many octets that took. `is_soft` says whether a soft line break stands before
/// `src`, then, whether one stands before what is left.
pub(crate) fn encode(src: &[u8], is_soft: &mut bool, layout: &Layout, out: &mut Vec<u8>) -> usize {
    run(src, None, is_soft, layout, out)
}

/// The same to the end, which is at `end`; [`WINDOW`] octets must follow it.
pub(crate) fn encode_last(
    src: &[u8],
    end: usize,
    is_soft: bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) {
    debug_assert!(src.len() >= end + WINDOW);
    run(src, Some(end), &mut { is_soft }, layout, out);
}

fn run(
    src: &[u8],
    end: Option<usize>,
    is_soft: &mut bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `lines` is compiled for.
        return unsafe { avx2::lines(src, end, is_soft, layout, out) };
    }
    lines(portable::masks, src, end, is_soft, layout, out)
}

/// Writes line by line; compiled once for each way to the masks.
#[inline(always)]
fn lines(
    masks: impl Fn(&[u8; LOOK]) -> Masks,
    src: &[u8],
    end: Option<usize>,
    is_soft: &mut bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) -> usize {
    let mut page = [0; PAGE];
    let (mut filled, mut at) = (0, 0);
    while let Some(window) = src.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        let left = end.map_or(LOOK, |end| LOOK.min(end - at));
        if left == 0 {
            break;
        }
        let Some(room) = page[filled..].first_chunk_mut::<ROOM>() else {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
            continue;
        };
        let Some(look) = window.first_chunk::<LOOK>() else { break };
        let (taken, written) = line(masks(look), window, left, is_soft, layout, room);
        at += taken;
        filled += written;
    }
    out.extend_from_slice(&page[..filled]);
    at
}

/// Writes one line of the result, its line end included: of `window`, `left` octets count, and if
/// that is less than [`LOOK`] nothing follows them. Returns how many octets were taken and how many
/// written.
#[inline(always)]
fn line(
    masks: Masks,
    window: &[u8; WINDOW],
    left: usize,
    is_soft: &mut bool,
    layout: &Layout,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let lf = if layout.is_text { masks.lf & below(left) } else { 0 };
    let ends = lf != 0 || left < LOOK;
    let lf = left.min(lf.trailing_zeros() as usize);
    // A CR before an LF is half of the line end; one at the end of the octets is not.
    let crlf = lf > 0 && lf < left && window[(lf - 1) % PLACES] == b'\r';
    let len = lf - usize::from(crlf);
    let mut odd = masks.odd & below(len);
    if len > 1 {
        odd |= u128::from(is_guarded(window[0], *is_soft, layout.guards));
        // White space at the end of a line is escaped.
        let last = window[(len - 1) % PLACES];
        odd |= u128::from(ends & (last == b' ' || last == b'\t')) << (len - 1);
    } else if len == 1 {
        odd |= u128::from(ends & (window[0] == b' ' || window[0] == b'\t'));
    }
    let escapes = odd.count_ones() as usize;
    let fits = ends && len + 2 * escapes <= LINE;
    let width = if fits { LINE } else { LINE - 1 };
    let (taken, mut written) = if 4 * escapes > len {
        dense(window, odd, len, width, room)
    } else {
        sparse(window, odd, len, width, room)
    };
    *is_soft = !fits;
    if !fits {
        room[written % PLACES] = b'=';
        written += 1;
    }
    if !fits || lf < left {
        room[written % PLACES..][..layout.line_end.len()].copy_from_slice(layout.line_end);
        written += layout.line_end.len();
    }
    (if fits { len + usize::from(crlf) + usize::from(lf < left) } else { taken }, written)
}

/// Whether what begins a line is escaped, so that no delimiter arises by a line break where there
/// was none, and none and no separator of an mbox comes back that was hidden by a coding.
#[inline(always)]
fn is_guarded(first: u8, is_soft: bool, guards: bool) -> bool {
    (first == b'-' && (is_soft || guards)) || (first == b'F' && guards && !is_soft)
}

/// The lowest `len` bits.
#[inline(always)]
fn below(len: usize) -> u128 {
    if len < 128 { (1 << len) - 1 } else { u128::MAX }
}

/// Writes as many of `len` octets as `width` characters hold, run by run; returns how many these were
/// and what they took.
#[inline(always)]
fn sparse(
    window: &[u8; WINDOW],
    odd: u128,
    len: usize,
    width: usize,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let (mut bits, mut from, mut written) = (odd, 0, 0);
    loop {
        let next = len.min(bits.trailing_zeros() as usize);
        room[written % PLACES..][..RUN].copy_from_slice(&window[from % PLACES..][..RUN]);
        if written + next - from > width {
            return (from + width - written, width);
        }
        written += next - from;
        if bits == 0 || written + 3 > width {
            return (next, written);
        }
        let escape = ENCODED[usize::from(window[next % PLACES]) | ODD];
        room[written % PLACES..][..4].copy_from_slice(&escape);
        written += 3;
        from = next + 1;
        bits &= bits - 1;
    }
}

/// The same, octet by octet: always four are written, of which one or three count, so that no branch
/// depends on a single octet.
#[inline(always)]
fn dense(
    window: &[u8; WINDOW],
    odd: u128,
    len: usize,
    width: usize,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let (mut low, mut high) = (odd as u64, (odd >> 64) as u64);
    let (mut taken, mut written) = (0, 0);
    while taken < len {
        if taken == 64 {
            low = std::mem::take(&mut high);
        }
        let escape = ENCODED[usize::from(window[taken % PLACES]) | (low as usize & 1) * ODD];
        let length = usize::from(escape[3]);
        if written + length > width {
            break;
        }
        room[written % PLACES..][..4].copy_from_slice(&escape);
        written += length;
        taken += 1;
        low >>= 1;
    }
    (taken, written)
}

/// Added to an octet that is to be escaped, as an index of [`ENCODED`].
const ODD: usize = 256;

/// For each octet what stands for it, itself and then its escape; the last is how many characters
/// that is.
static ENCODED: [[u8; 4]; 2 * ODD] = {
    let digits = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 2 * ODD];
    let mut c = 0;
    while c < ODD {
        table[c] = [c as u8, 0, 0, 1];
        table[c | ODD] = [b'=', digits[c >> 4], digits[c & 15], 3];
        c += 1;
    }
    table
};

mod portable {
    use super::{LOOK, Masks};

    const WORD: usize = 8;

    /// One in each octet of a word.
    const EACH: u64 = u64::from_le_bytes([1; WORD]);

    pub(super) fn masks(look: &[u8; LOOK]) -> Masks {
        let mut masks = Masks::default();
        let (words, _) = look.as_chunks::<WORD>();
        for (i, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            masks.odd |= u128::from(gather(odd(word))) << (i * WORD);
            masks.lf |= u128::from(gather(equal(word, b'\n'))) << (i * WORD);
        }
        masks
    }

    /// Marks with its highest bit each octet that does not stand for itself: controls but TAB, `=`,
    /// DEL and what is over 127. No sum of two octets carries into the next.
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
        !((differs & (0x7F * EACH)) + 0x7F * EACH | differs) & (0x80 * EACH)
    }

    /// The highest bits of eight octets, side by side: each has a place of its own in the product.
    fn gather(marks: u64) -> u8 {
        ((marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{LOOK, Layout, Masks};

    pub(super) fn is_there() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn lines(
        src: &[u8],
        end: Option<usize>,
        is_soft: &mut bool,
        layout: &Layout,
        out: &mut Vec<u8>,
    ) -> usize {
        super::lines(|look| masks(look), src, end, is_soft, layout, out)
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn masks(look: &[u8; LOOK]) -> Masks {
        let mut masks = Masks::default();
        let (vectors, _) = look.as_chunks::<32>();
        for (i, vector) in vectors.iter().enumerate() {
            let (odd, lf) = of_vector(load(vector));
            masks.odd |= u128::from(odd) << (32 * i);
            masks.lf |= u128::from(lf) << (32 * i);
        }
        masks
    }

    /// The compiler makes one load of it.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(octets: &[u8; 32]) -> __m256i {
        let word = |i: usize| {
            let (words, _) = octets.as_chunks::<8>();
            i64::from_le_bytes(words[i])
        };
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn of_vector(octets: __m256i) -> (u32, u32) {
        let equal = |c: u8| _mm256_cmpeq_epi8(octets, _mm256_set1_epi8(c as i8));
        // As numbers with a sign, octets over 127 are below all others.
        let not_control = _mm256_cmpgt_epi8(octets, _mm256_set1_epi8(0x1F));
        let literal = _mm256_or_si256(not_control, equal(b'\t'));
        let odd = _mm256_or_si256(equal(b'='), equal(0x7F));
        let literal = _mm256_andnot_si256(odd, literal);
        let bits = |mask| _mm256_movemask_epi8(mask) as u32;
        (!bits(literal), bits(equal(b'\n')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Both ways to the masks of the same octets.
    fn both(look: &[u8; LOOK]) -> (Masks, Masks) {
        let portable = portable::masks(look);
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            // SAFETY: the processor has just been asked for the features.
            return (portable, unsafe { avx2::masks(look) });
        }
        (portable, portable)
    }

    #[test]
    fn masks_tell_each_octet_at_each_place() {
        for place in 0..LOOK {
            for c in 0..=255 {
                let mut look = [b'a'; LOOK];
                look[place] = c;
                let literal = c == b'\t' || (matches!(c, b' '..=b'~') && c != b'=');
                let at = |is: bool| u128::from(is) << place;
                let expected = Masks { odd: at(!literal), lf: at(c == b'\n') };
                assert_eq!(both(&look), (expected, expected), "{c} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn both_ways_write_the_same(
            src in proptest::collection::vec(
                prop_oneof![
                    8 => prop::sample::select(b"abcF- \t=\r\n\xc3\x00".as_slice()),
                    8 => b'a'..=b'z',
                    1 => any::<u8>(),
                ],
                0..700,
            ),
            from in 0usize..40,
            is_text in any::<bool>(),
            guards in any::<bool>(),
            is_soft in any::<bool>(),
        ) {
            let src = &src[from.min(src.len())..];
            let layout = Layout { line_end: b"\r\n", is_text, guards };
            let padded = [src, &[0; WINDOW]].concat();
            for end in [None, Some(src.len())] {
                let mut written = [Vec::new(), Vec::new()];
                let mut soft = [is_soft; 2];
                let [a, b] = &mut written;
                let src = if end.is_some() { &padded[..] } else { src };
                let taken = [
                    run(src, end, &mut soft[0], &layout, a),
                    lines(portable::masks, src, end, &mut soft[1], &layout, b),
                ];
                prop_assert_eq!(taken[0], taken[1]);
                prop_assert_eq!(soft[0], soft[1]);
                prop_assert_eq!(&written[0], &written[1]);
            }
        }
    }
}
