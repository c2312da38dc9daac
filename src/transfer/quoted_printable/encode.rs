//! Writing quoted-printable (RFC 2045 §6.7), and counting what it would take.
//!
//! Lines of at most 76 characters, capitals in escapes, white space escaped only where a
//! line ends behind it, and a hyphen where a soft line break would put it at the start of a line. Does
//! not escape `From ` or `.` at the start of a line unless asked, nor the characters that EBCDIC
//! gateways change (RFC 2045 §6.7 last note).
//!
//! The lines themselves are written by `simd::quoted_printable`, which wants to see more octets than a
//! line has; what a piece leaves is held for the next.
//!
//! May use: simd, base.

use super::super::{Content, LineEnd};
use crate::base::chars::is_wsp;
use crate::simd::quoted_printable::{self as kernel, LINE, Layout, WINDOW};

/// Octets that are counted at a time, few enough for a counter of eight bits.
const BLOCK: usize = 128;

/// The streaming encoder.
#[derive(Debug)]
pub(in crate::transfer) struct Encoder {
    layout: Layout,
    /// A soft line break is the last that was written.
    is_soft: bool,
    /// Octets that wait for what follows, fewer than [`WINDOW`], with room for as many again.
    held: Box<[u8; 2 * WINDOW]>,
    len: usize,
}

impl Encoder {
    pub(in crate::transfer) fn new(content: Content, line_end: LineEnd, guards: bool) -> Encoder {
        let is_text = content == Content::Text;
        Encoder {
            layout: Layout { line_end: line_end.as_bytes(), is_text, guards },
            is_soft: false,
            held: Box::new([0; 2 * WINDOW]),
            len: 0,
        }
    }

    pub(in crate::transfer) fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        out.reserve(src.len() + src.len() / 8);
        let rest = self.encode_held(src, out);
        let taken = kernel::encode(rest, &mut self.is_soft, &self.layout, out);
        let rest = &rest[taken..];
        self.held[self.len..self.len + rest.len()].copy_from_slice(rest);
        self.len += rest.len();
    }

    pub(in crate::transfer) fn finish(mut self, out: &mut Vec<u8>) {
        self.held[self.len..].fill(0);
        kernel::encode_last(&self.held[..], self.len, self.is_soft, &self.layout, out);
    }

    /// Encodes what is held, with as much of `src` as the line needs that it ends in. Returns what is
    /// left of `src`: less than a window if anything is held still.
    fn encode_held<'s>(&mut self, src: &'s [u8], out: &mut Vec<u8>) -> &'s [u8] {
        if self.len == 0 {
            return src;
        }
        let added = src.len().min(WINDOW);
        let end = self.len + added;
        self.held[self.len..end].copy_from_slice(&src[..added]);
        let taken = kernel::encode(&self.held[..end], &mut self.is_soft, &self.layout, out);
        if taken >= self.len {
            let rest = &src[taken - self.len..];
            self.len = 0;
            return rest;
        }
        self.held.copy_within(taken..end, 0);
        self.len = end - taken;
        &[]
    }
}

/// Whether an octet may stand for itself inside a line (RFC 2045 §6.7 rules 2 and 3); written so that
/// the compiler makes vector code of it.
#[inline]
fn is_literal(c: u8) -> bool {
    (c.wrapping_sub(b' ') < 95) & (c != b'=') | (c == b'\t')
}

/// How many octets a text takes, with LF for line ends: counted, not encoded. Where lines are broken
/// no more is lost than the escapes leave of a line, about one octet in a hundred: so much it may be
/// too little.
#[derive(Debug, Default)]
pub(in crate::transfer) struct Measure {
    length: u64,
    /// Characters of the line so far, and its last two octets, the later one second.
    line: u64,
    tail: [u8; 2],
}

impl Measure {
    pub(in crate::transfer) fn update(&mut self, src: &[u8]) {
        let mut rest = src;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            self.count(&rest[..at]);
            if self.tail[1] == b'\r' {
                // It was counted as an escape, and is half of the line end.
                self.line -= 3;
                self.tail[1] = self.tail[0];
            }
            self.end_line();
            self.length += 1;
            rest = &rest[at + 1..];
        }
        self.count(rest);
    }

    pub(in crate::transfer) fn finish(mut self) -> u64 {
        self.end_line();
        self.length
    }

    fn count(&mut self, octets: &[u8]) {
        for block in octets.chunks(BLOCK) {
            let escapes: u8 = block.iter().map(|&c| u8::from(!is_literal(c))).sum();
            self.line += block.len() as u64 + 2 * u64::from(escapes);
        }
        match octets {
            [.., before, last] => self.tail = [*before, *last],
            [last] => self.tail = [self.tail[1], *last],
            [] => {}
        }
    }

    fn end_line(&mut self) {
        // White space at the end of a line is escaped.
        self.line += 2 * u64::from(is_wsp(self.tail[1]));
        let (line, full) = (self.line, LINE as u64);
        let breaks = if line > full { (line - full).div_ceil(full - 1) } else { 0 };
        self.length += line + 2 * breaks;
        (self.line, self.tail) = (0, [0; 2]);
    }
}
