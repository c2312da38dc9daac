//! Base64 at full speed: runs of the alphabet without a surprise in them (RFC 4648 §4).
//!
//! Wrapped lines are gathered into a block without their line ends first: the engine behind this
//! needs some hundred octets at a time to reach its speed, and a line has 76.
//!
//! Knows nothing of padding, white space or garbage: whatever is not the alphabet refuses its block.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
