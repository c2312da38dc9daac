//! Base64 bodies (RFC 2045 §6.8).
//!
//! Up to the first padding, what is not of the alphabet is skipped (E030; white space silently).
//! From the padding on, the rest of that line and each further line counts only if it is pure:
//! nothing but alphabet, padding and white space. QUIRK: some programs encode in pieces and
//! concatenate, so pure lines are decoded (E031); list servers append footers, so the first line
//! that is not pure ends the data for good (E034). Missing padding loses nothing (E032).
//!
//! LIMIT: the line after a padding is held back until it is known to be pure, at most [`HOLD`]
//! octets of it; a longer line is decided in pieces of that length.
//!
//! Nearly all bodies are lines of equal length. Those go through a kernel; everything else through
//! a loop over single characters, which must give the same octets and findings.
//!
//! Does not read the url-safe alphabet (its `-` and `_` are garbage here), nor checks that the bits
//! dropped before a padding are zero.

use super::LineEnd;
use super::reported::Reported;
use crate::base::{Eol, Rule, Sink, Span};
use crate::simd;

/// The longest piece of a line that is held back after a padding.
const HOLD: usize = 64 * 1024;

/// Characters a line may have (RFC 2045 §6.8).
const LINE: usize = 76;

/// Octets that make a line of that length.
const LINE_OCTETS: usize = LINE / 4 * 3;

/// Shorter lines are not worth the way to the kernel.
const KERNEL_LINE: usize = 16;

// What an octet is, behind the 64 values of the alphabet.
const PADDING: u8 = 64;
const WHITE: u8 = 65;
const GARBAGE: u8 = 66;

static VALUE: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [GARBAGE; 256];
    let mut i = 0;
    while i < alphabet.len() {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table[b'=' as usize] = PADDING;
    table[b' ' as usize] = WHITE;
    table[b'\t' as usize] = WHITE;
    table[b'\r' as usize] = WHITE;
    table[b'\n' as usize] = WHITE;
    table
};

#[inline]
fn value(c: u8) -> u8 {
    VALUE[c as usize]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No padding yet: garbage is skipped.
    #[default]
    Open,
    /// Behind a padding: only pure lines count.
    Padded,
    /// Behind the data, which ended at this offset.
    Ended(u64),
}

/// The streaming decoder.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    eol: Eol,
    state: State,
    quad: Quad,
    /// Octets decoded so far; those held back come next.
    pos: u64,
    /// Where the line begins that `pos` is in.
    line_start: u64,
    /// The octet before `pos`.
    last: u8,
    /// In [`State::Padded`]: the piece of a line that is not known to be pure yet.
    held: Vec<u8>,
    /// Before this offset a surprise stands: the kernel is not tried again.
    kernel_from: u64,
    reported: Reported,
}

/// Up to four characters on their way to become three octets.
#[derive(Clone, Copy, Debug, Default)]
struct Quad {
    bits: u32,
    filled: u8,
    /// Two characters and one `=` were there; the second `=` is due.
    pad_due: bool,
    /// From the first of the characters to the last, for the findings about it.
    span: Span,
}

impl Decoder {
    pub(super) fn new(eol: Eol) -> Decoder {
        Decoder { eol, ..Decoder::default() }
    }

    pub(super) fn reset(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        held.clear();
        *self = Decoder { eol: self.eol, held, ..Decoder::default() };
    }

    pub(super) fn decode<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) {
        out.reserve(src.len() / 4 * 3 + 3);
        let mut rest = src;
        while !rest.is_empty() {
            let taken = match self.state {
                State::Open => self.open(rest, out, sink),
                State::Padded => self.padded(rest, out, sink),
                State::Ended(_) => self.skip(rest),
            };
            rest = &rest[taken..];
        }
    }

    pub(super) fn finish<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        self.decode_held(out, sink);
        if let State::Ended(start) = self.state {
            return self.reported.report(Rule::E034, Span::new(start, self.pos), sink);
        }
        self.check_line_length(self.pos, sink);
        self.end_quad(out, sink);
    }

    /// Before the padding. Returns how many octets it took: none only when the state has changed.
    fn open<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        match self.kernel(src, out, sink) {
            0 => self.characters(first_line(self.eol, src), out, sink),
            taken => taken,
        }
    }

    /// Behind a padding. Returns how many octets it took: none only when the data has ended.
    fn padded<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        if self.held.is_empty() {
            let taken = self.kernel(src, out, sink);
            if taken > 0 {
                return taken;
            }
        }
        let room = src.len().min(HOLD - self.held.len());
        let piece = first_line(self.eol, &src[..room]);
        if piece.iter().any(|&c| value(c) == GARBAGE) {
            self.end_data(out, sink);
            return 0;
        }
        self.held.extend_from_slice(piece);
        if piece.ends_with(&[self.eol.octet()]) || self.held.len() == HOLD {
            self.decode_held(out, sink);
        }
        piece.len()
    }

    /// Decodes what was held back: it is pure.
    fn decode_held<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        let mut held = std::mem::take(&mut self.held);
        self.characters(&held, out, sink);
        held.clear();
        self.held = held;
    }

    /// A line that is not pure: the data ended where it begins, or where its padding ends.
    fn end_data<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        self.end_quad(out, sink);
        self.state = State::Ended(self.pos);
        self.pos += self.held.len() as u64;
        self.held.clear();
    }

    fn skip(&mut self, src: &[u8]) -> usize {
        self.pos += src.len() as u64;
        src.len()
    }

    /// Tries to decode whole lines, or before the padding a piece of one very long line, at full
    /// speed; returns how many octets it took.
    fn kernel<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        if !self.quad.is_empty() || self.pos < self.kernel_from {
            return 0;
        }
        let window = &src[..src.len().min(simd::base64::BLOCK)];
        let piece = (window.len() & !3, window.len() & !3);
        let (content, stride) = match self.eol.first_line(window) {
            Some(line) => line,
            None if self.state == State::Open => piece,
            None => return 0,
        };
        if content < KERNEL_LINE || content % 4 != 0 {
            return 0;
        }
        let lines = simd::base64::decode_lines(src, content, stride, out);
        if lines == 0 {
            self.kernel_from = self.pos + simd::base64::BLOCK as u64;
            return 0;
        }
        self.note_data(self.pos, sink);
        self.took_lines(lines, content, stride, sink)
    }

    /// Keeps the books on what the kernel did; returns how many octets that were.
    fn took_lines<S: Sink>(
        &mut self,
        lines: usize,
        content: usize,
        stride: usize,
        sink: &mut S,
    ) -> usize {
        let taken = lines * stride;
        let first_end = self.pos + content as u64;
        self.pos += taken as u64;
        if stride > content {
            // The first line may have begun further left, so no other one is longer.
            self.check_line_length(first_end, sink);
            self.line_start = self.pos;
        }
        self.last = 0;
        taken
    }

    /// Decodes character by character: all of `src`, but in [`State::Open`] only as far as the
    /// padding.
    fn characters<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        let (base, entered) = (self.pos, self.state);
        let mut i = 0;
        while i < src.len() && self.state == entered {
            let at = base + i as u64;
            if self.quad.is_empty() {
                let quads = whole_quads(&src[i..], out);
                if quads > 0 {
                    self.note_data(at, sink);
                    i += quads;
                    continue;
                }
            }
            let c = src[i];
            if c == self.eol.octet() {
                let before = if i > 0 { src[i - 1] } else { self.last };
                self.end_line(at, before, sink);
            } else if !self.character(value(c), at, out, sink) {
                continue;
            }
            i += 1;
        }
        self.pos = base + i as u64;
        self.last = src[..i].last().copied().unwrap_or(self.last);
        i
    }

    /// One character of a line; false if it is not to be taken in this state.
    #[inline]
    fn character<S: Sink>(&mut self, value: u8, at: u64, out: &mut Vec<u8>, sink: &mut S) -> bool {
        match value {
            WHITE => {}
            PADDING => self.padding(at, out, sink),
            _ if self.quad.pad_due => {
                self.reported.report(Rule::E032, self.quad.span, sink);
                self.quad.pad_due = false;
                self.state = State::Padded;
                return false;
            }
            GARBAGE => self.reported.report(Rule::E030, Span::new(at, at + 1), sink),
            symbol => {
                self.note_data(at, sink);
                self.quad.push(symbol, at, out);
            }
        }
        true
    }

    fn padding<S: Sink>(&mut self, at: u64, out: &mut Vec<u8>, sink: &mut S) {
        match (self.quad.pad_due, self.quad.filled) {
            (false, 0 | 1) => {
                return self.reported.report(Rule::E030, Span::new(at, at + 1), sink);
            }
            (false, filled) => {
                self.quad.flush(out);
                self.quad.pad_due = filled == 2;
                self.quad.span.end = at + 1;
            }
            (true, _) => self.quad.pad_due = false,
        }
        if !self.quad.pad_due {
            self.state = State::Padded;
        }
    }

    /// Data stands at `at`.
    #[inline]
    fn note_data<S: Sink>(&mut self, at: u64, sink: &mut S) {
        if self.state == State::Padded {
            self.reported.report(Rule::E031, Span::new(at, at + 1), sink);
        }
    }

    /// The line end's last octet stands at `at`, behind the octet `before`.
    fn end_line<S: Sink>(&mut self, at: u64, before: u8, sink: &mut S) {
        let crlf = self.eol == Eol::Lf && before == b'\r';
        self.check_line_length(at - u64::from(crlf), sink);
        self.line_start = at + 1;
    }

    /// The content of the line ends at `end`.
    fn check_line_length<S: Sink>(&mut self, end: u64, sink: &mut S) {
        if end > self.line_start + LINE as u64 {
            self.reported.report(Rule::E035, Span::new(self.line_start, end), sink);
        }
    }

    /// The data is over: what a quad without its end means.
    fn end_quad<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        match (self.quad.pad_due, self.quad.filled) {
            (false, 0) => {}
            (false, 1) => self.reported.report(Rule::E033, self.quad.span, sink),
            _ => self.reported.report(Rule::E032, self.quad.span, sink),
        }
        self.quad.flush(out);
        self.quad.pad_due = false;
    }
}

/// `src` to the end of its first line.
fn first_line(eol: Eol, src: &[u8]) -> &[u8] {
    eol.first_line(src).map_or(src, |(_, end)| &src[..end])
}

impl Quad {
    #[inline]
    fn is_empty(self) -> bool {
        self.filled == 0 && !self.pad_due
    }

    #[inline]
    fn push(&mut self, symbol: u8, at: u64, out: &mut Vec<u8>) {
        if self.filled == 0 {
            self.span.start = at;
        }
        self.span.end = at + 1;
        self.bits = self.bits << 6 | u32::from(symbol);
        self.filled += 1;
        if self.filled == 4 {
            out.extend_from_slice(&octets(self.bits));
            self.clear();
        }
    }

    /// Appends the whole octets that are there, and forgets the rest.
    fn flush(&mut self, out: &mut Vec<u8>) {
        match self.filled {
            2 => out.extend_from_slice(&octets(self.bits << 12)[..1]),
            3 => out.extend_from_slice(&octets(self.bits << 6)[..2]),
            _ => {}
        }
        self.clear();
    }

    #[inline]
    fn clear(&mut self) {
        (self.bits, self.filled) = (0, 0);
    }
}

#[inline]
fn octets(bits: u32) -> [u8; 3] {
    let [_, a, b, c] = bits.to_be_bytes();
    [a, b, c]
}

/// Decodes the quads that `src` begins with; returns how many octets of it that took.
#[inline]
fn whole_quads(src: &[u8], out: &mut Vec<u8>) -> usize {
    let mut taken = 0;
    for quad in src.chunks_exact(4) {
        let [a, b, c, d] = [value(quad[0]), value(quad[1]), value(quad[2]), value(quad[3])];
        if a | b | c | d >= 64 {
            break;
        }
        let [a, b, c, d] = [a, b, c, d].map(u32::from);
        out.extend_from_slice(&octets(a << 18 | b << 12 | c << 6 | d));
        taken += 4;
    }
    taken
}

/// The streaming encoder: lines of 76 characters, each with its line end.
#[derive(Debug)]
pub(super) struct Encoder {
    line_end: LineEnd,
    /// The beginning of a line that is not full yet.
    line: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(line_end: LineEnd) -> Encoder {
        Encoder { line_end, line: Vec::with_capacity(LINE_OCTETS) }
    }

    pub(super) fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        out.reserve((src.len() / LINE_OCTETS + 1) * (LINE + 2));
        let room = src.len().min(LINE_OCTETS - self.line.len());
        let (head, rest) = if self.line.is_empty() { (&src[..0], src) } else { src.split_at(room) };
        self.line.extend_from_slice(head);
        if self.line.len() == LINE_OCTETS {
            self.end_line(out);
        }
        let line_end = self.line_end.as_bytes();
        let taken = simd::base64::encode_lines(rest, LINE, line_end, out);
        self.line.extend_from_slice(&rest[taken..]);
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        if !self.line.is_empty() {
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        simd::base64::encode(&self.line, out);
        out.extend_from_slice(self.line_end.as_bytes());
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(eol: Eol, body: &[u8], piece: usize) -> (Vec<u8>, Vec<(Rule, u64, u64)>) {
        let (mut out, mut findings) = (Vec::new(), Vec::new());
        let mut decoder = Decoder::new(eol);
        body.chunks(piece).for_each(|piece| decoder.decode(piece, &mut out, &mut findings));
        decoder.finish(&mut out, &mut findings);
        findings.sort_by_key(|(rule, _)| *rule);
        (out, findings.into_iter().map(|(rule, span)| (rule, span.start, span.end)).collect())
    }

    /// A line of 76 characters: 57 times `a`.
    fn line() -> Vec<u8> {
        b"YWFh".repeat(19)
    }

    #[test]
    fn decodes_what_mail_has() {
        use Rule::*;
        type Case<'a> = (&'a str, &'a [u8], &'a [u8], &'a [(Rule, u64, u64)]);
        let long = [&line()[..], b"YWFh\r\n"].concat();
        let long_a = b"a".repeat(60);
        let cases: &[Case<'_>] = &[
            ("empty", b"", b"", &[]),
            ("one line", b"aGVsbG8=\r\n", b"hello", &[]),
            ("two paddings", b"aGVsbA==", b"hell", &[]),
            ("white space", b" aG\tVs\r\n\r\n bG8 =\n", b"hello", &[]),
            ("wrapped padding", b"aGVsbA=\r\n=\r\n", b"hell", &[]),
            ("garbage", b"aGVs!bG8g*d29y\r\nbGQ=\r\n", b"hello world", &[(E030, 4, 5)]),
            ("nul", b"aGVs\0bG8=", b"hello", &[(E030, 4, 5)]),
            ("url-safe", b"aG-Vs_bG8=", b"hello", &[(E030, 2, 3)]),
            ("form feed", b"aGVs\x0cbG8=", b"hello", &[(E030, 4, 5)]),
            ("padding first", b"=aGVs", b"hel", &[(E030, 0, 1)]),
            ("padding after one", b"aGVsb=G8=", b"hello", &[(E030, 5, 6)]),
            ("third padding", b"YQ===\n", b"a", &[(E030, 4, 5)]),
            ("runs on a line", b"YQ==YmM=", b"abc", &[(E031, 4, 5)]),
            ("runs on lines", b"YQ==\r\nYmM=\r\nZA==\r\n", b"abcd", &[(E031, 6, 7)]),
            ("runs cut the quad", b"YQ==\nYm\nM=", b"abc", &[(E031, 5, 6)]),
            ("trailer", b"bGQ=\r\n-- \r\nYWJj\r\n", b"ld", &[(E034, 6, 17)]),
            ("trailer after blank lines", b"bGQ=\n\n \n-- \n", b"ld", &[(E034, 8, 12)]),
            ("trailer on the line", b"bGQ= (end)\n", b"ld", &[(E034, 4, 11)]),
            ("trailer looks pure at first", b"bGQ=\nSent by me.\n", b"ld", &[(E034, 5, 17)]),
            (
                "trailer after runs",
                b"YQ==\nYmM\n--\n",
                b"abc",
                &[(E031, 5, 6), (E032, 5, 8), (E034, 9, 12)],
            ),
            ("no padding, two left", b"aGVsbA\r\n", b"hell", &[(E032, 4, 6)]),
            ("no padding, three left", b"aGVsbG8\r\n", b"hello", &[(E032, 4, 7)]),
            ("one padding of two", b"aGVsbA=", b"hell", &[(E032, 4, 7)]),
            ("one padding, then data", b"YQ=YmM=", b"abc", &[(E031, 3, 4), (E032, 0, 3)]),
            ("one padding, then text", b"YQ=\n--\n", b"a", &[(E032, 0, 3), (E034, 4, 7)]),
            ("one left", b"aGVsb\r\n", b"hel", &[(E033, 4, 5)]),
            ("80 characters", &long, &long_a, &[(E035, 0, 80)]),
            ("80 characters, no line end", &long[..80], &long_a, &[(E035, 0, 80)]),
            ("76 characters", &long[4..], &long_a[3..], &[]),
        ];
        for &(name, body, expected, findings) in cases {
            for piece in [1, 2, 3, 7, 1000] {
                let (out, found) = decode(Eol::Lf, body, piece);
                assert_eq!(
                    out.escape_ascii().to_string(),
                    expected.escape_ascii().to_string(),
                    "{name}"
                );
                assert_eq!(found, findings, "{name} in pieces of {piece}");
            }
        }
    }

    /// The kernel takes lines in blocks; a surprise in the middle of many must cost nothing but
    /// itself.
    #[test]
    fn surprises_among_many_lines() {
        use Rule::*;
        type Case = (&'static str, &'static [u8], usize, &'static [(Rule, u64, u64)]);
        let cases: &[Case] = &[
            ("none", b"", 0, &[]),
            ("garbage", b"!\r\n", 0, &[(E030, 15_600, 15_601)]),
            ("other line end", b"YWFh\n", 3, &[]),
            ("blank line", b"\r\n", 0, &[]),
            ("long line", b"YWFh", 3, &[(E035, 15_600, 15_680)]),
            ("padding", b"YQ==\r\n", 1, &[(E031, 15_606, 15_607)]),
            ("footer", b"YQ==\r\n--\r\n", 1, &[(E034, 15_606, 31_210)]),
        ];
        for &(name, surprise, octets, findings) in cases {
            let lines = [&line()[..], b"\r\n"].concat().repeat(200);
            let (out, found) =
                decode(Eol::Lf, &[&lines[..], surprise, &lines].concat(), usize::MAX);
            let after = if name == "footer" { 0 } else { 200 * 57 };
            assert_eq!(out, b"a".repeat(200 * 57 + octets + after), "{name}");
            assert_eq!(found, findings, "{name}");
        }
    }

    #[test]
    fn a_long_line_after_the_padding_is_held_in_pieces() {
        let pure = b"YWFh".repeat(HOLD / 2);
        let body = [b"YQ==\n".as_slice(), &pure, b"!", &pure].concat();
        for piece in [1000, HOLD, body.len()] {
            let (out, found) = decode(Eol::Lf, &body, piece);
            assert_eq!(out.len(), 1 + 2 * HOLD / 4 * 3);
            let start = 5 + 2 * HOLD as u64;
            assert!(found.contains(&(Rule::E034, start, body.len() as u64)), "{found:?}");
        }
    }

    #[test]
    fn lines_that_end_with_cr() {
        let body = [&line()[..], b"\r", &line(), b"\rYQ==\r--\r"].concat();
        let (out, found) = decode(Eol::Cr, &body, usize::MAX);
        assert_eq!(out, b"a".repeat(2 * 57 + 1));
        assert_eq!(found, [(Rule::E034, 159, 162)]);
    }

    #[test]
    fn encodes_lines_of_76() {
        let cases: &[(&str, usize, &[u8])] = &[
            ("empty", 0, b""),
            ("short", 1, b"YQ==\r\n"),
            ("a full line", 57, &[&line()[..], b"\r\n"].concat()),
            ("and one more", 58, &[&line()[..], b"\r\nYQ==\r\n"].concat()),
        ];
        for &(name, octets, expected) in cases {
            let (mut out, mut encoder) = (Vec::new(), Encoder::new(LineEnd::CrLf));
            encoder.encode(&b"a".repeat(octets), &mut out);
            encoder.finish(&mut out);
            assert_eq!(out, expected, "{name}");
        }
    }
}
