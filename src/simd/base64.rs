//! Base64 at full speed: runs of the alphabet without a surprise in them (RFC 4648 §4).
//!
//! Lines of 76 characters, which most are, are read and written where they stand if there is AVX2.
//! Of others, wrapped lines are gathered into a block without their line ends first: the engine behind
//! this needs some hundred octets at a time to reach its speed.
//!
//! Knows nothing of padding, white space or garbage: whatever is not the alphabet refuses its block.
//!
//! `unsafe` here is calls of code that is compiled for AVX2, behind the question whether it is there,
//! its loads and stores, and the length of what they wrote.

#![allow(unsafe_code)]

use std::sync::LazyLock;

use base64::engine::Engine as _;
use base64::engine::general_purpose::NO_PAD;

/// Characters that are decoded in one go; also the most that a refused attempt can have cost.
pub(crate) const BLOCK: usize = 8 * 1024;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Engine = base64::engine::Simd;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::standard(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Engine = base64::engine::GeneralPurpose;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(&base64::alphabet::STANDARD, NO_PAD));

/// Decodes the lines that `src` begins with, as long as they are of one shape: `content` characters
/// of the alphabet (a multiple of 4, at most [`BLOCK`]) and then the same `stride - content` octets
/// of line end as the first line has, which `src` must hold whole. Appends to `out`; returns how many
/// lines that were. It gives up a block of lines as a whole, so 0 does not mean that the first line
/// is at fault.
pub(crate) fn decode_lines(src: &[u8], content: usize, stride: usize, out: &mut Vec<u8>) -> usize {
    let line_end = &src[content..stride];
    #[cfg(target_arch = "x86_64")]
    if content == avx2::LINE && matches!(line_end, [_] | [_, _]) && super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what this is compiled for.
        return unsafe { avx2::decode_lines(src, line_end, out) };
    }
    decode_blocks(src, content, line_end, out)
}

/// The same for any processor and lines of any length.
fn decode_blocks(src: &[u8], content: usize, line_end: &[u8], out: &mut Vec<u8>) -> usize {
    let stride = content + line_end.len();
    let mut block = [0; BLOCK];
    let mut lines = 0;
    loop {
        let rest = src[lines * stride..].chunks_exact(stride);
        let gathered = gather(rest, content, line_end, &mut block);
        if gathered == 0 || !decode(&block[..gathered * content], out) {
            return lines;
        }
        lines += gathered;
    }
}

/// Copies the content of as many lines as fit into `block`; returns how many.
fn gather<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    content: usize,
    line_end: &[u8],
    block: &mut [u8; BLOCK],
) -> usize {
    let mut gathered = 0;
    for (line, room) in lines.zip(block.chunks_exact_mut(content)) {
        let (text, end) = line.split_at(content);
        if end != line_end {
            break;
        }
        room.copy_from_slice(text);
        gathered += 1;
    }
    gathered
}

/// Appends what the whole quads of `symbols` mean, or nothing and says no.
fn decode(symbols: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    out.resize(start + symbols.len() / 4 * 3, 0);
    let decoded = ENGINE.decode_slice(symbols, &mut out[start..]);
    if decoded.is_err() {
        out.truncate(start);
    }
    decoded.is_ok()
}

/// Appends lines of `content` characters, a multiple of 4, each with `line_end` behind it: as many as
/// `octets` fill. Returns how many octets of it that took.
pub(crate) fn encode_lines(
    octets: &[u8],
    content: usize,
    line_end: &[u8],
    out: &mut Vec<u8>,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if content == avx2::LINE && line_end.len() <= avx2::ENDING && super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what this is compiled for.
        return unsafe { avx2::encode_lines(octets, line_end, out) };
    }
    encode_blocks(octets, content, line_end, out)
}

/// The same for any processor and lines of any length.
fn encode_blocks(octets: &[u8], content: usize, line_end: &[u8], out: &mut Vec<u8>) -> usize {
    let line_octets = content / 4 * 3;
    let mut taken = 0;
    let mut block = Vec::new();
    // The engine needs some hundred octets at a time, and a line is shorter.
    for lines in octets.chunks(BLOCK / content * line_octets) {
        let whole = lines.len() / line_octets * line_octets;
        block.clear();
        encode(&lines[..whole], &mut block);
        for line in block.chunks_exact(content) {
            out.extend_from_slice(line);
            out.extend_from_slice(line_end);
        }
        taken += whole;
    }
    taken
}

/// Appends `octets` as characters of the alphabet, padded to whole quads.
pub(crate) fn encode(octets: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + octets.len().div_ceil(3) * 4, b'=');
    // The engine leaves the padding that stands there.
    let encoded = ENGINE.encode_slice(octets, &mut out[start..]);
    debug_assert!(encoded.is_ok(), "there is room for all of it");
}

/// The characters of three octets at a time are numbers of six bits each, which shuffles, products
/// and sums turn into the alphabet, and the other way round (Muła and Lemire, "Faster Base64 Encoding
/// and Decoding using AVX2 Instructions", 2018).
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// Characters of a line, and the octets that it holds.
    pub(super) const LINE: usize = 76;
    const OCTETS: usize = LINE / 4 * 3;

    /// The longest line end.
    pub(super) const ENDING: usize = 4;

    /// Room for a line.
    const ROOM: usize = LINE + ENDING;

    /// Room for lines before they are appended to the result.
    const PAGE: usize = 32 * ROOM;

    /// For each half of an octet, the kinds of octets that are no characters which have it: an octet is
    /// none if its halves have a kind in common.
    const HALVES: [[u8; 16]; 2] = {
        let (mut high, mut low) = ([OTHER; 16], [OTHER; 16]);
        let kinds = [(2, 1), (3, 2), (4, 4), (5, 8), (6, 4), (7, 8)];
        let mut i = 0;
        while i < kinds.len() {
            let (half, kind) = kinds[i];
            high[half] = kind;
            let mut other = 0;
            while other < 16 {
                let c = (half << 4 | other) as u8;
                if !(c.is_ascii_alphanumeric() || c == b'+' || c == b'/') {
                    low[other] |= kind;
                }
                other += 1;
            }
            i += 1;
        }
        [high, low]
    };
    const OTHER: u8 = 16;

    /// How far behind a line [`read`] writes.
    const BEHIND: usize = 4;

    /// Lines of [`LINE`] characters with one octet or two of line end.
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn decode_lines(src: &[u8], line_end: &[u8], out: &mut Vec<u8>) -> usize {
        let stride = LINE + line_end.len();
        let start = out.len();
        out.reserve(src.len() / stride * OCTETS + BEHIND);
        let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        let mut lines = 0;
        for line in src.chunks_exact(stride) {
            let Some((text, [first, ..])) = line.split_first_chunk::<LINE>() else { break };
            // SAFETY: there is room for as many lines as `src` has, and for what is written behind them.
            let is_text = unsafe { read(text, room.add(lines * OCTETS)) };
            let is_ended = *first == line_end[0] && line.last() == line_end.last();
            if !(is_text && is_ended) {
                break;
            }
            lines += 1;
        }
        // SAFETY: so many octets were written behind the start, within what was reserved.
        unsafe { out.set_len(start + lines * OCTETS) };
        lines
    }

    /// Writes the octets of a line, and some behind them; says whether all of it was characters. They
    /// are read 32 at a time, and then the last 16, four of which were read already.
    ///
    /// # Safety
    /// There must be room for `OCTETS` + `BEHIND`.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    unsafe fn read(line: &[u8; LINE], room: *mut u8) -> bool {
        // SAFETY: the loads take octets 0 to 63 and 60 to 75 of the line; the stores write the octets 0 to
        // 31, 24 to 55 and 45 to 60 of the room. None asks for alignment.
        unsafe {
            let first = octets(_mm256_loadu_si256(line.as_ptr().cast()));
            let second = octets(_mm256_loadu_si256(line.as_ptr().add(32).cast()));
            let last = _mm_loadu_si128(line.as_ptr().add(60).cast());
            let last = octets(_mm256_broadcastsi128_si256(last));
            let together = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
            let pack = |octets| _mm256_permutevar8x32_epi32(octets, together);
            _mm256_storeu_si256(room.cast(), pack(first.0));
            _mm256_storeu_si256(room.add(24).cast(), pack(second.0));
            _mm_storeu_si128(room.add(45).cast(), _mm256_castsi256_si128(last.0));
            let wrong = _mm256_or_si256(_mm256_or_si256(first.1, second.1), last.1);
            _mm256_testz_si256(wrong, wrong) != 0
        }
    }

    /// What the characters of each half mean, in its first twelve octets; and which of them are none.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn octets(characters: __m256i) -> (__m256i, __m256i) {
        let twice = _mm256_broadcastsi128_si256;
        let half = _mm256_set1_epi8(0x0F);
        let high = _mm256_and_si256(_mm256_srli_epi16(characters, 4), half);
        let low = _mm256_and_si256(characters, half);
        // SAFETY: there are 16 octets each, and the loads ask for no alignment.
        let [of_high, of_low] =
            HALVES.map(|of| twice(unsafe { _mm_loadu_si128(of.as_ptr().cast()) }));
        let wrong =
            _mm256_and_si256(_mm256_shuffle_epi8(of_high, high), _mm256_shuffle_epi8(of_low, low));
        // What is to be added, by the upper half; for `/` one entry before that of `+`.
        let added = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
        let is_slash = _mm256_cmpeq_epi8(characters, _mm256_set1_epi8(b'/' as i8));
        let added = _mm256_shuffle_epi8(twice(added), _mm256_add_epi8(high, is_slash));
        let values = _mm256_add_epi8(characters, added);
        // Four values of six bits become two of twelve, then one of 24.
        let pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x0140_0140));
        let quads = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_1000));
        let places = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
        (_mm256_shuffle_epi8(quads, twice(places)), wrong)
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn encode_lines(octets: &[u8], line_end: &[u8], out: &mut Vec<u8>) -> usize {
        let mut ending = [0; ENDING];
        ending[..line_end.len()].copy_from_slice(line_end);
        let mut page = [0; PAGE];
        let mut filled = 0;
        let (lines, rest) = octets.as_chunks::<OCTETS>();
        for line in lines {
            if filled > PAGE - ROOM {
                out.extend_from_slice(&page[..filled]);
                filled = 0;
            }
            if let Some(room) = page[filled..].first_chunk_mut::<ROOM>() {
                write(line, room);
                room[LINE..].copy_from_slice(&ending);
            }
            filled += LINE + line_end.len();
        }
        out.extend_from_slice(&page[..filled]);
        octets.len() - rest.len()
    }

    /// Writes the characters of a line: 32, 32 and the last 16, four of which were there already.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn write(line: &[u8; OCTETS], room: &mut [u8; ROOM]) {
        // SAFETY: each load takes 16 octets, the last of them those up to the end of the line, and the
        // stores write up to the end of its 76 characters. None asks for alignment.
        unsafe {
            let load = |at: usize| _mm_loadu_si128(line.as_ptr().add(at).cast());
            let first = characters(_mm256_set_m128i(load(12), load(0)));
            let second = characters(_mm256_set_m128i(load(36), load(24)));
            let last = characters(_mm256_castsi128_si256(_mm_srli_si128(load(41), 4)));
            let room = room.as_mut_ptr();
            _mm256_storeu_si256(room.cast(), first);
            _mm256_storeu_si256(room.add(32).cast(), second);
            _mm_storeu_si128(room.add(60).cast(), _mm256_castsi256_si128(last));
        }
    }

    /// The characters of the first twelve octets of each half.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    fn characters(octets: __m256i) -> __m256i {
        let twice = _mm256_broadcastsi128_si256;
        let places = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
        let spread = _mm256_shuffle_epi8(octets, twice(places));
        let high = _mm256_and_si256(spread, _mm256_set1_epi32(0x0FC0_FC00));
        let high = _mm256_mulhi_epu16(high, _mm256_set1_epi32(0x0400_0040));
        let low = _mm256_and_si256(spread, _mm256_set1_epi32(0x003F_03F0));
        let low = _mm256_mullo_epi16(low, _mm256_set1_epi32(0x0100_0010));
        let values = _mm256_or_si256(high, low);
        // What is to be added: for capitals the entry 13, for small letters 0, for digits 1 to 10,
        // then for `+` and for `/`.
        let added = _mm_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
        let is_capital = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
        let entry = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
        let entry = _mm256_or_si256(entry, _mm256_and_si256(is_capital, _mm256_set1_epi8(13)));
        _mm256_add_epi8(values, _mm256_shuffle_epi8(twice(added), entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_lines_of_one_shape() {
        type Case<'a> = (&'a str, &'a [u8], usize, usize, usize, &'a [u8]);
        let cases: &[Case<'_>] = &[
            ("one line", b"YWJj\n", 4, 5, 1, b"abc"),
            ("no line end", b"YWJj", 4, 4, 1, b"abc"),
            ("two lines", b"YWJj\r\nZGVm\r\n", 4, 6, 2, b"abcdef"),
            ("another line end", b"YWJj\r\nZGVm\n\n", 4, 6, 1, b"abc"),
            ("cut line", b"YWJj\nZGVm", 4, 5, 1, b"abc"),
            ("padding", b"YWI=\n", 4, 5, 0, b""),
            ("garbage refuses the block", b"YWJj\nZG!m\n", 4, 5, 0, b""),
            ("url-safe", b"YW-_\n", 4, 5, 0, b""),
        ];
        for &(name, src, content, stride, lines, expected) in cases {
            let mut out = b"before".to_vec();
            assert_eq!(decode_lines(src, content, stride, &mut out), lines, "{name}");
            assert_eq!(out, [b"before", expected].concat(), "{name}");
        }
    }

    #[test]
    fn encodes_with_padding() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"", b""),
            (b"f", b"Zg=="),
            (b"fo", b"Zm8="),
            (b"foo", b"Zm9v"),
            (b"foob", b"Zm9vYg=="),
        ];
        for &(octets, expected) in cases {
            let mut out = Vec::new();
            encode(octets, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn goes_on_over_many_blocks() {
        let src = b"YWJj\n".repeat(3 * BLOCK);
        let mut out = Vec::new();
        assert_eq!(decode_lines(&src, 4, 5, &mut out), 3 * BLOCK);
        assert_eq!(out, b"abc".repeat(3 * BLOCK));
    }

    #[test]
    fn each_octet_at_each_place_of_a_line() {
        let line = [&[b'Q'; 76][..], b"\r\n"].concat();
        for place in 0..line.len() {
            for c in 0..=255 {
                let mut src = line.repeat(3);
                src[line.len() + place] = c;
                let (mut a, mut b) = (b"a".to_vec(), b"a".to_vec());
                let lines = decode_lines(&src, 76, 78, &mut a);
                let is_right = if place < 76 { is_character(c) } else { c == line[place] };
                assert_eq!(lines, if is_right { 3 } else { 1 }, "{c} at {place}");
                decode_blocks(&src[..lines * 78], 76, b"\r\n", &mut b);
                assert_eq!(a, b, "{c} at {place}");
            }
        }
    }

    fn is_character(c: u8) -> bool {
        c.is_ascii_alphanumeric() || c == b'+' || c == b'/'
    }

    proptest! {
        #[test]
        fn lines_mean_what_was_written(
            octets in proptest::collection::vec(any::<u8>(), 0..6000),
            is_crlf in any::<bool>(),
        ) {
            let line_end: &[u8] = if is_crlf { b"\r\n" } else { b"\n" };
            let mut lines = Vec::new();
            let taken = encode_blocks(&octets, 76, line_end, &mut lines);
            let mut back = Vec::new();
            if taken > 0 {
                let stride = 76 + line_end.len();
                prop_assert_eq!(decode_lines(&lines, 76, stride, &mut back), taken / 57);
            }
            prop_assert_eq!(&back, &octets[..taken]);
        }

        #[test]
        fn both_ways_write_the_same(
            octets in proptest::collection::vec(any::<u8>(), 0..6000),
            from in 0usize..64,
            is_crlf in any::<bool>(),
        ) {
            let octets = &octets[from.min(octets.len())..];
            let line_end: &[u8] = if is_crlf { b"\r\n" } else { b"\n" };
            let (mut a, mut b) = (b"a".to_vec(), b"a".to_vec());
            let taken = encode_lines(octets, 76, line_end, &mut a);
            prop_assert_eq!(taken, octets.len() / 57 * 57);
            prop_assert_eq!(taken, encode_blocks(octets, 76, line_end, &mut b));
            prop_assert_eq!(a, b);
        }
    }
}
