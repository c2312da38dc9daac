//! Writing quoted-printable (RFC 2045 §6.7), and counting what it would take.
//!
//! Lines of at most 76 characters, capitals in escapes, white space escaped only where a
//! line ends behind it, and a hyphen where a soft line break would put it at the start of a line. Does
//! not escape `From ` or `.` at the start of a line unless asked, nor the characters that EBCDIC
//! gateways change (RFC 2045 §6.7 last note).
//!
//! May use: base.

use super::super::{Content, LineEnd};
use crate::base::chars::is_wsp;

/// Octets that are encoded at a time.
const BLOCK: usize = 256;

/// Octets that are looked at in one go.
const WORD: usize = 8;

/// More than they take when they are encoded.
const ROOM: usize = 64;

/// Characters a line may have, the `=` of a soft line break among them (RFC 2045 §6.7 rule 5).
const LINE: usize = 76;

/// The streaming encoder.
#[derive(Debug)]
pub(in crate::transfer) struct Encoder {
    content: Content,
    line_end: LineEnd,
    /// Characters in the line so far; at most `LINE - 1`, so that a soft break always fits.
    column: usize,
    /// The octet that waits for what follows: at a line's end it may need an escape, and may use
    /// the last column.
    waiting: Option<u8>,
    /// A CR that may be half of a CRLF comes behind it.
    cr: bool,
    /// What begins a line is escaped if it could begin a delimiter or a separator.
    guards: bool,
    /// Room for a block that is encoded and not yet cut into lines.
    block: Box<[u8; 3 * BLOCK + ROOM]>,
}

impl Encoder {
    pub(in crate::transfer) fn new(content: Content, line_end: LineEnd, guards: bool) -> Encoder {
        Encoder {
            content,
            line_end,
            guards,
            column: 0,
            waiting: None,
            cr: false,
            block: Box::new([0; 3 * BLOCK + ROOM]),
        }
    }

    pub(in crate::transfer) fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        out.reserve(src.len() + src.len() / 8);
        match self.content {
            Content::Text => self.text(src, out),
            Content::Binary => self.data(src, out),
        }
    }

    pub(in crate::transfer) fn finish(mut self, out: &mut Vec<u8>) {
        if self.cr {
            self.data(b"\r", out);
        }
        self.end_line(&[], out);
    }

    /// Text, where CRLF and LF are line breaks. A CR that ends `src` waits for what follows.
    fn text(&mut self, src: &[u8], out: &mut Vec<u8>) {
        let mut rest = src;
        if !rest.is_empty() && std::mem::take(&mut self.cr) && rest[0] != b'\n' {
            self.data(b"\r", out);
        }
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let line = &rest[..at];
            self.end_line(line.strip_suffix(b"\r").unwrap_or(line), out);
            out.extend_from_slice(self.line_end.as_bytes());
            self.column = 0;
            rest = &rest[at + 1..];
        }
        if let [before @ .., b'\r'] = rest {
            self.cr = true;
            rest = before;
        }
        self.data(rest, out);
    }

    /// Octets that are no line break. The last one waits.
    fn data(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let [inner @ .., last] = octets else { return };
        if let Some(waiting) = self.waiting.replace(*last) {
            self.write(&[waiting], out);
        }
        self.write(inner, out);
    }

    /// The last octets of a line: what it ends with must not be white space, and may use the last
    /// column.
    fn end_line(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        self.data(octets, out);
        let Some(last) = self.waiting.take() else { return };
        let (escape, length) = match encoded(last) {
            (literal, 1) if !is_wsp(last) => (literal, 1),
            _ => ([b'=', hex_digit(last >> 4), hex_digit(last), 0], 3),
        };
        self.make_room(length, LINE, out);
        out.extend_from_slice(&escape[..length]);
        self.column += length;
    }

    /// Writes octets that have others of their line behind them.
    fn write(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        for block in octets.chunks(BLOCK) {
            self.write_block(block, out);
        }
    }

    /// Writes at most [`BLOCK`] octets: encoded into a block of their own first, which is then cut
    /// into lines, never inside an escape.
    fn write_block(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let length = encode_block(octets, &mut self.block);
        let mut rest = &self.block[..length];
        if self.guards && self.column == 0 {
            (rest, self.column) = guard(rest, b"-F", out);
        }
        while rest.len() > LINE - 1 - self.column {
            let cut = whole_escapes(rest, LINE - 1 - self.column);
            out.extend_from_slice(&rest[..cut]);
            out.push(b'=');
            out.extend_from_slice(self.line_end.as_bytes());
            (rest, self.column) = guard(&rest[cut..], b"-", out);
        }
        out.extend_from_slice(rest);
        self.column += rest.len();
    }

    /// Breaks the line unless `length` more characters fit into `width`.
    fn make_room(&mut self, length: usize, width: usize, out: &mut Vec<u8>) {
        if self.column + length > width {
            out.push(b'=');
            out.extend_from_slice(self.line_end.as_bytes());
            self.column = 0;
        }
    }
}

/// At the start of a line: escapes the first character if it is one of `begins`, so that no delimiter
/// (and no separator of an mbox) arises by a line break where there was none. Returns what is left of
/// `encoded`, and the column.
#[inline]
fn guard<'e>(encoded: &'e [u8], begins: &[u8], out: &mut Vec<u8>) -> (&'e [u8], usize) {
    match encoded {
        [first, rest @ ..] if begins.contains(first) => {
            out.extend_from_slice(&[b'=', hex_digit(first >> 4), hex_digit(*first)]);
            (rest, 3)
        }
        _ => (encoded, 0),
    }
}

/// How much of `encoded`, at most `room`, can be written without cutting an escape.
#[inline]
fn whole_escapes(encoded: &[u8], room: usize) -> usize {
    match encoded[..room] {
        [.., b'='] => room - 1,
        [.., b'=', _] => room - 2,
        _ => room,
    }
}

/// Encodes at most [`BLOCK`] octets that no line ends in; returns how many characters that were.
///
/// Eight octets are looked at as one word: if all stand for themselves they are copied, else each is
/// written as the table has it. Always four octets are written of which one or three count, so that
/// no branch depends on a single octet.
fn encode_block(octets: &[u8], block: &mut [u8; 3 * BLOCK + ROOM]) -> usize {
    let mut length = 0;
    let (words, rest) = octets.as_chunks::<WORD>();
    for word in words {
        let Some(room) = block[length..].first_chunk_mut::<ROOM>() else { break };
        if odd_octets(u64::from_le_bytes(*word)) == 0 {
            room[..WORD].copy_from_slice(word);
            length += WORD;
        } else {
            length += escape(word, room);
        }
    }
    let Some(room) = block[length..].first_chunk_mut::<ROOM>() else { return length };
    length + escape(rest, room)
}

/// Writes what up to eight octets are written as; returns how many characters that were.
#[inline]
fn escape(octets: &[u8], room: &mut [u8; ROOM]) -> usize {
    let mut length = 0;
    for &c in octets {
        let (escape, len) = encoded(c);
        // The mask changes nothing, and saves the check of the bounds.
        let at = length & (ROOM / 2 - 1);
        room[at..at + 4].copy_from_slice(&escape);
        length += len;
    }
    length
}

/// Marks with its highest bit each octet of a word that does not stand for itself: controls, TAB
/// among them, `=`, DEL and what is over 127. No sum of two octets carries into the next.
#[inline]
fn odd_octets(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; WORD]);
    let low = word & (0x7F * EACH);
    let not_control = low + 0x60 * EACH;
    let delete = low + EACH;
    let not_equals = (low ^ (b'=' as u64 * EACH)) + 0x7F * EACH;
    (word | !not_control | delete | !not_equals) & (0x80 * EACH)
}

/// Whether an octet may stand for itself inside a line (RFC 2045 §6.7 rules 2 and 3); written so that
/// the compiler makes vector code of it.
#[inline]
fn is_literal(c: u8) -> bool {
    (c.wrapping_sub(b' ') < 95) & (c != b'=') | (c == b'\t')
}

/// What an octet inside a line is written as, and how many of these characters count.
#[inline]
fn encoded(c: u8) -> ([u8; 4], usize) {
    let escape = ENCODED[c as usize];
    (escape, escape[3] as usize)
}

/// For each octet what it is written as; the last is how many characters that is.
static ENCODED: [[u8; 4]; 256] = {
    let digits = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 256];
    let mut c = 0;
    while c < 256 {
        let octet = c as u8;
        let literal = matches!(octet, b' '..=b'<' | b'>'..=b'~' | b'\t');
        table[c] =
            if literal { [octet, 0, 0, 1] } else { [b'=', digits[c >> 4], digits[c & 15], 3] };
        c += 1;
    }
    table
};

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
        for block in octets.chunks(BLOCK / 2) {
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

/// The hexadecimal digit of the low four bits, in capitals as RFC 2045 §6.7 rule 1 wants them.
#[inline]
fn hex_digit(value: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(value & 15)]
}
