//! Lines of which most octets need an escape: text in other scripts, data.
//!
//! Vectors are first written out without any line break, octets and escapes side by side; then what
//! stands there is cut into lines, of which nothing but the last three characters has to be looked at:
//! in it a `=` begins an escape always.
//!
//! The lines are those of the loop around this, octet for octet.
//!
//! `unsafe` here is the stores of what is compiled for AVX2, which runs where the loop around it does.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

use super::super::marks::{Marks, VECTOR};
use super::{ENCODED, LINE, Layout, ODD, PAGE, RUN, is_guarded};

/// Room for a vector written out, with what is written behind it.
pub(super) const SPREAD: usize = 3 * VECTOR + 16;

/// So many characters are more than a line, even if the last of them are the escape of a CR that
/// turns out to be half of a line end.
const SURE: usize = LINE + 1 + 3;

/// Room for what is written out and not cut yet, and for a run to be copied from anywhere in it.
const FLAT: usize = SURE + SPREAD + RUN;

/// Room that a vector is sure to have on the page, cut into lines.
const LINES: usize = 3 * FLAT;

/// Odd octets of a vector from which on this is faster.
const MANY: u32 = 8;

/// Whether octets marked so are worth the way.
#[inline(always)]
pub(super) fn is_worth_it(odd: u32) -> bool {
    odd.count_ones() >= MANY
}

/// What is written out, and how much of it has been cut off.
struct Flat {
    octets: [u8; FLAT],
    len: usize,
    cut: usize,
}

/// Encodes what `src` begins with as long as it is dense; returns how many octets that were. Lines go
/// to `page` and on to `out`. What the end of `src` decides is left.
#[inline(always)]
pub(super) fn lines(
    marks: &impl Fn(&[u8; VECTOR], u8) -> Marks,
    expand: &impl Fn(&[u8; VECTOR], u32, &mut [u8; SPREAD]),
    src: &[u8],
    is_soft: &mut bool,
    layout: &Layout,
    page: &mut [u8; PAGE],
    out: &mut Vec<u8>,
) -> usize {
    let mut flat = Flat { octets: [0; FLAT], len: 0, cut: 0 };
    let (mut filled, mut at, mut start) = (0, 0, 0);
    while let Some(vector) = src[at..].first_chunk::<VECTOR>()
        && let Some(room) = flat.octets[flat.len..].first_chunk_mut::<SPREAD>()
    {
        if filled > PAGE - LINES {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
        }
        let marks = marks(vector, b'\n');
        expand(vector, marks.odd, room);
        let lf = if layout.is_text { marks.eol.trailing_zeros() } else { VECTOR as u32 };
        let odd = marks.odd & ((1u64 << lf) - 1) as u32;
        flat.len += (lf + 2 * odd.count_ones()) as usize;
        at += lf as usize;
        if lf < VECTOR as u32 {
            let after_cr = at > start && src[at - 1] == b'\r';
            filled += flat.last_lines(after_cr, is_soft, layout, &mut page[filled..]);
            at += 1;
            start = at;
        } else {
            while flat.left() >= SURE {
                filled += flat.line(false, is_soft, layout, &mut page[filled..]);
            }
            flat.shift();
        }
        if flat.len == 0 && !is_worth_it(marks.odd) {
            break;
        }
    }
    out.extend_from_slice(&page[..filled]);
    // Of what is left each `=` stands for an octet with the two characters behind it.
    let left = &flat.octets[flat.cut..flat.len];
    at - (left.len() - 2 * left.iter().filter(|&&c| c == b'=').count())
}

impl Flat {
    #[inline(always)]
    fn left(&self) -> usize {
        self.len - self.cut
    }

    /// Moves what is left to the start.
    #[inline(always)]
    fn shift(&mut self) {
        let left = self.left();
        self.octets.copy_within(self.cut..self.cut + RUN, 0);
        (self.len, self.cut) = (left, 0);
    }

    /// Writes all that is left: a line ends behind it, of which a CR at its end is half. Returns how
    /// many octets that took.
    #[inline(always)]
    fn last_lines(
        &mut self,
        after_cr: bool,
        is_soft: &mut bool,
        layout: &Layout,
        room: &mut [u8],
    ) -> usize {
        if after_cr {
            self.len -= 3;
        }
        // White space at the end of a line is escaped.
        if self.left() > 0
            && let last @ (b' ' | b'\t') = self.octets[self.len - 1]
        {
            let escape = &ENCODED[usize::from(last) | ODD][..3];
            self.octets[self.len - 1..][..3].copy_from_slice(escape);
            self.len += 2;
        }
        let mut written = 0;
        loop {
            written += self.line(true, is_soft, layout, &mut room[written..]);
            if !*is_soft {
                (self.len, self.cut) = (0, 0);
                return written;
            }
        }
    }

    /// Writes one line; `ends` says that a line end follows what is left. Returns how many octets that
    /// took.
    #[inline(always)]
    fn line(&mut self, ends: bool, is_soft: &mut bool, layout: &Layout, room: &mut [u8]) -> usize {
        let first = self.octets[self.cut];
        let mut prefix = 0;
        if self.left() > 1 && is_guarded(first, *is_soft, layout.guards) {
            prefix = 3;
            room[..prefix].copy_from_slice(&ENCODED[usize::from(first) | ODD][..prefix]);
            self.cut += 1;
        }
        let text = &self.octets[self.cut..][..RUN];
        room[prefix..][..RUN].copy_from_slice(text);
        let fits = ends && prefix + self.left() <= LINE;
        let (taken, (ending, length)) = if fits {
            (self.left(), layout.line_end)
        } else {
            let width = LINE - 1 - prefix;
            let is_escape = |place: usize| usize::from(text[place] == b'=');
            let halved = 2 * is_escape(width - 2) + is_escape(width - 1);
            (width - halved, layout.soft_break)
        };
        self.cut += taken;
        *is_soft = !fits;
        room[prefix + taken..][..4].copy_from_slice(&ending);
        prefix + taken + length
    }
}

/// Writes each octet, or its escape if it is of the set `odd`, and something behind them.
pub(super) fn expand(octets: &[u8; VECTOR], odd: u32, room: &mut [u8; SPREAD]) {
    let mut written = 0;
    for (i, &c) in octets.iter().enumerate() {
        let is_odd = (odd >> i) as usize & 1;
        let escape = ENCODED[usize::from(c) | (is_odd * ODD)];
        room[written..][..4].copy_from_slice(&escape);
        written += usize::from(escape[3]);
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2 {
    use std::arch::x86_64::*;

    use super::super::super::marks::VECTOR;
    use super::SPREAD;

    /// Octets that are written out in one go.
    const GROUP: usize = 4;

    /// For each set of four octets the places of what stands for them: of the octets themselves from
    /// 0, of their digits from 4 and from 8, of `=` from 12.
    static PLACES: [[u8; 16]; 16] = {
        let mut table = [[0x80; 16]; 16];
        let mut set = 0;
        while set < 16 {
            let (mut i, mut filled) = (0, 0);
            while i < GROUP {
                let place = i as u8;
                if set >> i & 1 == 1 {
                    table[set][filled] = 12 + place;
                    table[set][filled + 1] = 4 + place;
                    table[set][filled + 2] = 8 + place;
                    filled += 3;
                } else {
                    table[set][filled] = place;
                    filled += 1;
                }
                i += 1;
            }
            set += 1;
        }
        table
    };

    /// [`expand`](super::expand) four octets at a time.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(in crate::simd::quoted_printable) fn expand(
        octets: &[u8; VECTOR],
        odd: u32,
        room: &mut [u8; SPREAD],
    ) {
        let digits = _mm_setr_epi8(48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 65, 66, 67, 68, 69, 70);
        let low_bits = _mm_set1_epi8(15);
        let equals = _mm_set1_epi8(b'=' as i8);
        let (mut odd, mut written) = (odd, 0);
        for octets in octets.as_chunks::<16>().0 {
            // SAFETY: there are 16 octets, and this load asks for no alignment.
            let octets = unsafe { _mm_loadu_si128(octets.as_ptr().cast()) };
            let high = _mm_and_si128(_mm_srli_epi16(octets, 4), low_bits);
            let high = _mm_shuffle_epi8(digits, high);
            let low = _mm_shuffle_epi8(digits, _mm_and_si128(octets, low_bits));
            let (a, b) = (_mm_unpacklo_epi32(octets, high), _mm_unpacklo_epi32(low, equals));
            let (c, d) = (_mm_unpackhi_epi32(octets, high), _mm_unpackhi_epi32(low, equals));
            let groups = [
                _mm_unpacklo_epi64(a, b),
                _mm_unpackhi_epi64(a, b),
                _mm_unpacklo_epi64(c, d),
                _mm_unpackhi_epi64(c, d),
            ];
            for group in groups {
                let set = (odd & 15) as usize;
                let Some(room) = room[written..].first_chunk_mut::<16>() else { return };
                // SAFETY: both are 16 octets, and neither the load nor the store asks for alignment.
                unsafe {
                    let places = _mm_loadu_si128(PLACES[set].as_ptr().cast());
                    _mm_storeu_si128(room.as_mut_ptr().cast(), _mm_shuffle_epi8(group, places));
                }
                written += GROUP + 2 * set.count_ones() as usize;
                odd >>= GROUP;
            }
        }
    }
}
