//! Writing quoted-printable (RFC 2045 §6.7).
//!
//! Lines of at most 76 characters, capitals in escapes, white space escaped only where a
//! line ends behind it, and a hyphen where a soft line break would put it at the start of a line. Does
//! not escape `From ` or `.` at the start of a line unless asked, nor the characters that EBCDIC
//! gateways change (RFC 2045 §6.7 last note).
//!
//! The lines themselves are written by `simd::quoted_printable`, which wants to see more octets than a
//! line has; what a piece leaves is held for the next.
//!
//! May use: simd.

use super::super::{Content, LineEnd};
use crate::simd::quoted_printable::{self as kernel, HELD, Layout};

/// The streaming encoder.
#[derive(Debug)]
pub(in crate::transfer) struct Encoder {
    layout: Layout,
    /// A soft line break is the last that was written.
    is_soft: bool,
    /// Octets that wait for what follows, fewer than [`HELD`], with room for as many again.
    held: Box<[u8; 2 * HELD]>,
    len: usize,
}

impl Encoder {
    pub(in crate::transfer) fn new(content: Content, line_end: LineEnd, guards: bool) -> Encoder {
        let is_text = content == Content::Text;
        Encoder {
            layout: Layout::new(line_end.as_bytes(), is_text, guards),
            is_soft: false,
            held: Box::new([0; 2 * HELD]),
            len: 0,
        }
    }

    pub(in crate::transfer) fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        out.reserve(src.len() + src.len() / 8);
        let rest = self.encode_held(src, out);
        if rest.len() >= HELD {
            let taken = kernel::encode(rest, &mut self.is_soft, &self.layout, out);
            self.hold(&rest[taken..]);
        } else {
            self.hold(rest);
        }
    }

    pub(in crate::transfer) fn finish(self, out: &mut Vec<u8>) {
        kernel::encode_last(&self.held[..self.len], self.is_soft, &self.layout, out);
    }

    fn hold(&mut self, octets: &[u8]) {
        self.held[self.len..self.len + octets.len()].copy_from_slice(octets);
        self.len += octets.len();
    }

    /// Encodes what is held, with as much of `src` as it takes to decide on it. Returns what is left
    /// of `src`: nothing, if anything is held still.
    fn encode_held<'s>(&mut self, src: &'s [u8], out: &mut Vec<u8>) -> &'s [u8] {
        if self.len == 0 {
            return src;
        }
        let added = src.len().min(HELD);
        let end = self.len + added;
        if end < HELD {
            return src;
        }
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
