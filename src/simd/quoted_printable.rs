//! Quoted-printable written at full speed (RFC 2045 §6.7).
//!
//! Octets are first written out without any line break, a vector at a time and escapes among them, so
//! that no branch depends on a single octet. What stands there is then cut into lines, of which hardly
//! anything has to be looked at: in it a `=` begins an escape always.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there, and its loads and stores.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

pub(crate) mod decode;

use super::marks::{Marks, VECTOR, portable};

/// Characters a line may have, the `=` of a soft line break among them (RFC 2045 §6.7 rule 5).
pub(crate) const LINE: usize = 76;

/// More octets than ever wait for what follows them.
pub(crate) const HELD: usize = SURE + VECTOR;

/// Octets copied for a line, which has at most [`LINE`].
const RUN: usize = 80;

/// So many characters are more than a line, even if the last of them are the escape of a CR that
/// turns out to be half of a line end.
const SURE: usize = LINE + 1 + 3;

/// Octets that are written out before lines are cut.
const BLOCK: usize = 8 * VECTOR;

/// Room for a vector written out, with what is written behind it.
const SPREAD: usize = 3 * VECTOR + 16;

/// Room for a block written out and what was left of the one before, from anywhere in which a run may
/// be copied.
const FLAT: usize = SURE + 3 * BLOCK + SPREAD;

/// Room for a line, and what is copied behind its end.
const ROOM: usize = 3 + RUN + 4;

/// Room for lines before they are appended to the result.
const PAGE: usize = 32 * ROOM;

/// How lines are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    line_end: Ending,
    soft_break: Ending,
    /// LF and CRLF end lines; otherwise they are octets like others.
    is_text: bool,
    /// What begins a line is escaped if it could begin a delimiter or a separator.
    guards: bool,
}

/// What a line ends with: as many of the octets as the number says, so that four can be written always.
type Ending = ([u8; 4], usize);

impl Layout {
    pub(crate) fn new(line_end: &[u8], is_text: bool, guards: bool) -> Layout {
        let ending = |octets: &[u8]| {
            let mut ending = ([0; 4], octets.len());
            ending.0[..octets.len()].copy_from_slice(octets);
            ending
        };
        let soft_break = ending(&[b"=", line_end].concat());
        Layout { line_end: ending(line_end), soft_break, is_text, guards }
    }
}

/// Encodes what `src` begins with, appending whole lines to `out`, and leaves less than [`HELD`]
/// octets; returns how many it took. `is_soft` says whether a soft line break stands before `src`,
/// then, whether one stands before what is left.
pub(crate) fn encode(src: &[u8], is_soft: &mut bool, layout: &Layout, out: &mut Vec<u8>) -> usize {
    run(src, false, is_soft, layout, out)
}

/// Encodes all of `src`, which nothing follows.
pub(crate) fn encode_last(src: &[u8], is_soft: bool, layout: &Layout, out: &mut Vec<u8>) {
    run(src, true, &mut { is_soft }, layout, out);
}

fn run(src: &[u8], is_last: bool, is_soft: &mut bool, layout: &Layout, out: &mut Vec<u8>) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `lines` is compiled for.
        return unsafe { avx2::lines(src, is_last, is_soft, layout, out) };
    }
    lines(portable::marks, expand, src, is_last, is_soft, layout, out)
}

/// Compiled once for each way to the marks and to what stands for octets.
#[inline(always)]
fn lines(
    marks: impl Fn(&[u8; VECTOR], u8) -> Marks,
    expand: impl Fn(&[u8; VECTOR], u32, &mut [u8; SPREAD]),
    src: &[u8],
    is_last: bool,
    is_soft: &mut bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) -> usize {
    let mut flat = Flat { octets: [0; FLAT], len: 0, cut: 0 };
    let mut page = Page { octets: [0; PAGE], len: 0, is_soft: *is_soft, layout, out };
    let (whole, rest) = src.as_chunks::<VECTOR>();
    let mut ends = [0; BLOCK];
    for block in whole.chunks(BLOCK / VECTOR) {
        let mut count = 0;
        for vector in block {
            let marks = marks(vector, b'\n');
            expand(vector, marks.odd, flat.room());
            let lfs = if layout.is_text { marks.eol } else { 0 };
            count += flat.add(VECTOR, marks.odd, lfs, &mut ends[count..]);
        }
        flat.lines(&ends[..count], &mut page);
    }
    if is_last {
        let mut padded = [0; VECTOR];
        padded[..rest.len()].copy_from_slice(rest);
        let marks = marks(&padded, b'\n');
        expand(&padded, marks.odd, flat.room());
        let lfs = if layout.is_text { marks.eol } else { 0 };
        let count = flat.add(rest.len(), marks.odd, lfs, &mut ends);
        flat.lines(&ends[..count], &mut page);
        flat.end(flat.len, &mut page);
        page.flush();
        return src.len();
    }
    *is_soft = page.is_soft;
    page.flush();
    // Of what is left each `=` stands for an octet with the two characters behind it.
    let left = &flat.octets[flat.cut..flat.len];
    let escapes = left.iter().filter(|&&c| c == b'=').count();
    src.len() - rest.len() - (left.len() - 2 * escapes)
}

/// How many characters the first `len` octets take.
#[inline(always)]
fn written(len: usize, odd: u32) -> usize {
    len + 2 * (u64::from(odd) & below(len)).count_ones() as usize
}

/// The lowest `len` bits.
#[inline(always)]
fn below(len: usize) -> u64 {
    (1 << len) - 1
}

/// What is written out, and how much of it has been cut off.
struct Flat {
    octets: [u8; FLAT],
    len: usize,
    cut: usize,
}

impl Flat {
    /// Room for the next vector.
    #[inline(always)]
    fn room(&mut self) -> &mut [u8; SPREAD] {
        let room = self.octets[self.len..].first_chunk_mut();
        room.expect("a block and what was left before it fit")
    }

    /// Counts in a vector, of which `len` octets are there, and puts the places of the escapes of its
    /// `lfs` into `ends`; returns how many these are.
    #[inline(always)]
    fn add(&mut self, len: usize, odd: u32, lfs: u32, ends: &mut [usize]) -> usize {
        let mut lfs = u64::from(lfs) & below(len);
        let mut count = 0;
        while lfs != 0 {
            ends[count] = self.len + written(lfs.trailing_zeros() as usize, odd);
            count += 1;
            lfs &= lfs - 1;
        }
        self.len += written(len, odd);
        count
    }

    /// Writes the lines that have an LF at one of `ends`, written out as an escape, and of the last
    /// one what is sure to be a line. What is left is moved to the start.
    #[inline(always)]
    fn lines(&mut self, ends: &[usize], page: &mut Page<'_>) {
        for &end in ends {
            let after_cr = end >= self.cut + 3 && self.octets[end - 3..end] == *b"=0D";
            self.end(end - if after_cr { 3 } else { 0 }, page);
            page.end_line();
            self.cut = end + 3;
        }
        while self.len - self.cut >= SURE {
            self.line(self.len, false, page);
        }
        let left = self.len - self.cut;
        self.octets.copy_within(self.cut..self.cut + RUN, 0);
        (self.len, self.cut) = (left, 0);
    }

    /// Writes all up to `end`, behind which a line ends, but for the line end.
    #[inline(always)]
    fn end(&mut self, end: usize, page: &mut Page<'_>) {
        let mut end = end;
        // White space at the end of a line is escaped; there is room, or an LF that is not needed.
        if end > self.cut
            && let last @ (b' ' | b'\t') = self.octets[end - 1]
        {
            let escape = &ENCODED[usize::from(last) | ODD][..3];
            self.octets[end - 1..][..3].copy_from_slice(escape);
            end += 2;
        }
        while self.line(end, true, page) {}
    }

    /// Writes a line of what stands before `end`; `ends` says that a line end follows it. Returns
    /// whether a soft line break was needed.
    #[inline(always)]
    fn line(&mut self, end: usize, ends: bool, page: &mut Page<'_>) -> bool {
        let (first, is_soft, layout) = (self.octets[self.cut], page.is_soft, page.layout);
        let room = page.room();
        let mut prefix = 0;
        if end > self.cut + 1 && is_guarded(first, is_soft, layout.guards) {
            prefix = 3;
            room[..prefix].copy_from_slice(&ENCODED[usize::from(first) | ODD][..prefix]);
            self.cut += 1;
        }
        let text = &self.octets[self.cut..][..RUN];
        room[prefix..][..RUN].copy_from_slice(text);
        let left = end - self.cut;
        let fits = ends && prefix + left <= LINE;
        let (taken, (ending, length)) = if fits {
            (left, ([0; 4], 0))
        } else {
            let width = LINE - 1 - prefix;
            let is_escape = |place: usize| usize::from(text[place] == b'=');
            let halved = 2 * is_escape(width - 2) + is_escape(width - 1);
            (width - halved, layout.soft_break)
        };
        self.cut += taken;
        room[prefix + taken..][..4].copy_from_slice(&ending);
        page.len += prefix + taken + length;
        page.is_soft = !fits;
        !fits
    }
}

/// Lines on their way to the result.
struct Page<'a> {
    octets: [u8; PAGE],
    len: usize,
    /// The last that was written is a soft line break.
    is_soft: bool,
    layout: &'a Layout,
    out: &'a mut Vec<u8>,
}

impl Page<'_> {
    /// Room for a line, and a line end behind it.
    #[inline(always)]
    fn room(&mut self) -> &mut [u8] {
        if self.len > PAGE - ROOM - 4 {
            self.flush();
        }
        &mut self.octets[self.len..]
    }

    #[inline(always)]
    fn end_line(&mut self) {
        let (ending, length) = self.layout.line_end;
        self.octets[self.len..][..4].copy_from_slice(&ending);
        self.len += length;
    }

    #[inline(always)]
    fn flush(&mut self) {
        self.out.extend_from_slice(&self.octets[..self.len]);
        self.len = 0;
    }
}

/// Whether what begins a line is escaped, so that no delimiter arises by a line break where there
/// was none, and none and no separator of an mbox comes back that was hidden by a coding.
#[inline(always)]
fn is_guarded(first: u8, is_soft: bool, guards: bool) -> bool {
    (first == b'-' && (is_soft || guards)) || (first == b'F' && guards && !is_soft)
}

/// Writes each octet, or its escape if it is of the set `odd`, and something behind them.
fn expand(octets: &[u8; VECTOR], odd: u32, room: &mut [u8; SPREAD]) {
    let mut written = 0;
    for (i, &c) in octets.iter().enumerate() {
        let is_odd = (odd >> i) as usize & 1;
        let escape = ENCODED[usize::from(c) | (is_odd * ODD)];
        room[written..][..4].copy_from_slice(&escape);
        written += usize::from(escape[3]);
    }
}

/// Added to an octet that is escaped whatever it is, as an index of [`ENCODED`].
const ODD: usize = 256;

/// For each octet what stands for it inside a line, and then its escape; the last is how many
/// characters that is.
static ENCODED: [[u8; 4]; 2 * ODD] = {
    let digits = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 2 * ODD];
    let mut c = 0;
    while c < ODD {
        let escape = [b'=', digits[c >> 4], digits[c & 15], 3];
        let is_literal = matches!(c as u8, b' '..=b'<' | b'>'..=b'~' | b'\t');
        table[c] = if is_literal { [c as u8, 0, 0, 1] } else { escape };
        table[c | ODD] = escape;
        c += 1;
    }
    table
};

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::super::marks::avx2::marks;
    use super::{Layout, SPREAD, VECTOR};

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn lines(
        src: &[u8],
        is_last: bool,
        is_soft: &mut bool,
        layout: &Layout,
        out: &mut Vec<u8>,
    ) -> usize {
        let marks = |octets: &[u8; VECTOR], lf| marks(octets, lf);
        let expand = |octets: &[u8; VECTOR], odd, room: &mut _| expand(octets, odd, room);
        super::lines(marks, expand, src, is_last, is_soft, layout, out)
    }

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
    fn expand(octets: &[u8; VECTOR], odd: u32, room: &mut [u8; SPREAD]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is written of all of `src`, octet by octet.
    fn plain(src: &[u8], is_soft: bool, is_text: bool, guards: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut rest, mut is_soft) = (src, is_soft);
        while !rest.is_empty() {
            let lf = rest.iter().position(|&c| c == b'\n' && is_text);
            let content = &rest[..lf.unwrap_or(rest.len())];
            let content = match content {
                [content @ .., b'\r'] if lf.is_some() => content,
                _ => content,
            };
            rest = lf.map_or(&[], |lf| &rest[lf + 1..]);
            let token = |(i, &c): (usize, &u8)| {
                let is_last_blank = i + 1 == content.len() && (c == b' ' || c == b'\t');
                let is_literal = matches!(c, b'\t' | b' '..=b'~') && c != b'=';
                let escape = format!("={c:02X}").into_bytes();
                if is_literal && !is_last_blank { vec![c] } else { escape }
            };
            let mut tokens: Vec<Vec<u8>> = content.iter().enumerate().map(token).collect();
            loop {
                if tokens.len() > 1
                    && let [first] = tokens[0][..]
                    && is_guarded(first, is_soft, guards)
                {
                    tokens[0] = format!("={first:02X}").into_bytes();
                }
                if tokens.concat().len() <= LINE {
                    break;
                }
                let mut width = 0;
                let fits = |token: &&Vec<u8>| {
                    width += token.len();
                    width < LINE
                };
                let taken = tokens.iter().take_while(fits).count();
                out.extend(tokens.drain(..taken).flatten());
                out.extend_from_slice(b"=\r\n");
                is_soft = true;
            }
            out.extend(tokens.concat());
            if lf.is_some() {
                out.extend_from_slice(b"\r\n");
            }
            is_soft = false;
        }
        out
    }

    /// Text and data, in stretches of one kind.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let odd = prop::sample::select(b"abcF- \t=\r\n\xc3\x00".as_slice());
        let kind = |octet: BoxedStrategy<u8>| proptest::collection::vec(octet, 0..200);
        let stretch = prop_oneof![
            kind(prop_oneof![8 => odd, 8 => b'a'..=b'z', 1 => any::<u8>()].boxed()),
            kind(prop_oneof![30 => 0x80u8.., 8 => Just(b'-'), 4 => Just(b' ')].boxed()),
            kind(
                prop_oneof![60 => 0x80u8.., 4 => prop::sample::select(b"\r\n F-".as_slice())]
                    .boxed()
            ),
            prop::sample::select(vec![b"\r\n".to_vec(), b" \r\n".to_vec(), b"\n".to_vec()]),
        ];
        proptest::collection::vec(stretch, 0..8).prop_map(|stretches| stretches.concat())
    }

    proptest! {
        #[test]
        fn writes_what_a_plain_loop_writes(
            src in content(),
            is_text in any::<bool>(),
            guards in any::<bool>(),
            is_soft in any::<bool>(),
            cut in 0usize..1000,
        ) {
            let layout = Layout::new(b"\r\n", is_text, guards);
            let (mut out, mut soft) = (Vec::new(), is_soft);
            let taken = encode(&src[..cut.min(src.len())], &mut soft, &layout, &mut out);
            prop_assert!(cut.min(src.len()) - taken < HELD);
            encode_last(&src[taken..], soft, &layout, &mut out);
            let expected = plain(&src, is_soft, is_text, guards);
            prop_assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
        }

        #[test]
        fn both_ways_write_the_same(
            src in content(),
            from in 0usize..40,
            is_text in any::<bool>(),
            guards in any::<bool>(),
            is_soft in any::<bool>(),
        ) {
            let src = &src[from.min(src.len())..];
            let layout = Layout::new(b"\r\n", is_text, guards);
            for is_last in [false, true] {
                let mut written = [Vec::new(), Vec::new()];
                let mut soft = [is_soft; 2];
                let [a, b] = &mut written;
                let taken = [
                    run(src, is_last, &mut soft[0], &layout, a),
                    lines(portable::marks, expand, src, is_last, &mut soft[1], &layout, b),
                ];
                prop_assert_eq!(taken[0], taken[1]);
                prop_assert_eq!(soft[0], soft[1]);
                prop_assert_eq!(&written[0], &written[1]);
            }
        }
    }
}
