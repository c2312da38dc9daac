//! Uuencoded bodies: x-uuencode, which no RFC defines (POSIX.1 uuencode does).
//!
//! The data stands between `begin MODE NAME` and `end`; what is before and behind is skipped.
//! A line begins with its number of octets, which decides: further characters are ignored, missing
//! ones are taken for spaces, because transports strip those (both E060, unless nothing is lost).
//! A line without a possible length is skipped (E060). A line of length zero ends the data. Without
//! a begin line nothing is decoded; that, and a missing `end`, is E061.
//!
//! LIMIT: of a line the first `LINE` octets count; no line of data has more than 85.
//!
//! Does not know `begin-base64`, nor more than one file in a body.

use super::LineEnd;
use super::reported::Reported;
use crate::base::chars::trim_end;
use crate::base::{Eol, Rule, Sink, Span};

/// Octets of a line that are looked at.
const LINE: usize = 1024;

/// Octets that an encoder puts in a line.
const LINE_OCTETS: usize = 45;

/// What a begin line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin<'a> {
    /// The permissions of the file.
    pub mode: u16,
    /// The file's name: not empty, without the white space around it, otherwise as it stands.
    pub name: &'a [u8],
}

/// Reads `begin MODE NAME`: `line` is a line without its line end. `None` if it is another one; the
/// mode must have three or four octal digits, so that prose is not taken for it.
pub fn find_begin(line: &[u8]) -> Option<Begin<'_>> {
    let rest = line.strip_prefix(b"begin ")?;
    let digits = rest.iter().take_while(|c| matches!(c, b'0'..=b'7')).count();
    let (mode, name) = rest.split_at(digits);
    let name = name.strip_prefix(b" ")?.trim_ascii();
    if !matches!(digits, 3 | 4) || name.is_empty() {
        return None;
    }
    let mode = mode.iter().fold(0, |mode, digit| mode << 3 | u16::from(digit - b'0'));
    Some(Begin { mode, name })
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the begin line.
    #[default]
    Preamble,
    /// Among the lines of data.
    Data,
    /// Behind a line of length zero: only the end line is missing.
    Done,
    /// Behind the end line.
    Ended,
}

/// The streaming decoder.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    eol: Eol,
    state: State,
    /// The beginning of a line whose end has not come yet, at most [`LINE`] octets of it.
    line: Vec<u8>,
    /// How long that line is in truth.
    length: u64,
    /// Where that line begins.
    pos: u64,
    /// Where the begin line begins.
    begin: u64,
    reported: Reported,
}

impl Decoder {
    pub(super) fn new(eol: Eol) -> Decoder {
        Decoder { eol, ..Decoder::default() }
    }

    pub(super) fn reset(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        *self = Decoder { eol: self.eol, line, ..Decoder::default() };
    }

    pub(super) fn decode<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) {
        let mut rest = src;
        while let Some(end) = memchr::memchr(self.eol.octet(), rest) {
            if self.length == 0 {
                self.whole_line(&rest[..end], end as u64, out, sink);
            } else {
                self.add(&rest[..end]);
                self.end_line(out, sink);
            }
            self.pos += 1;
            rest = &rest[end + 1..];
        }
        self.add(rest);
    }

    pub(super) fn finish<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        self.end_line(out, sink);
        if self.state != State::Ended && self.pos > 0 {
            self.reported.report(Rule::E061, Span::new(self.begin, self.pos), sink);
        }
    }

    /// Goes on with a line that began earlier, or begins one.
    fn add(&mut self, piece: &[u8]) {
        let room = LINE - self.line.len();
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        self.length += piece.len() as u64;
    }

    fn end_line<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        let line = std::mem::take(&mut self.line);
        let length = std::mem::take(&mut self.length);
        self.whole_line(&line, length, out, sink);
        self.line = line;
        self.line.clear();
    }

    /// A line without its [`Eol::octet`], `length` octets long, of which `line` shows [`LINE`] or
    /// all.
    fn whole_line<S: Sink>(&mut self, line: &[u8], length: u64, out: &mut Vec<u8>, sink: &mut S) {
        let shown = &line[..line.len().min(LINE)];
        let content = match shown {
            [content @ .., b'\r'] if self.eol == Eol::Lf => content,
            _ => shown,
        };
        match self.state {
            State::Preamble => self.look_for_begin(content),
            State::Data | State::Done if trim_end(content) == b"end" => self.state = State::Ended,
            State::Data => {
                if !self.data(content, length <= LINE as u64, out) {
                    let line_end = (shown.len() - content.len()) as u64;
                    let span = Span::new(self.pos, self.pos + length - line_end);
                    self.reported.report(Rule::E060, span, sink);
                }
            }
            State::Done | State::Ended => {}
        }
        self.pos += length;
    }

    fn look_for_begin(&mut self, line: &[u8]) {
        if find_begin(line).is_some() {
            self.state = State::Data;
            self.begin = self.pos;
        }
    }

    /// Decodes a line of data, `whole` or cut; says whether it is as it should be.
    fn data(&mut self, line: &[u8], whole: bool, out: &mut Vec<u8>) -> bool {
        // QUIRK: a line of length zero is one space with some encoders, and stripped it is an empty
        // line; so an empty line means nothing, and the end line behind it ends the data.
        let [length, symbols @ ..] = line else { return true };
        let Some(octets) = value(*length) else { return false };
        let octets = usize::from(octets);
        let blank = trim_end(symbols).is_empty();
        if octets == 0 {
            // A line that merely begins with a space is not the end of the data.
            self.state = if blank { State::Done } else { State::Data };
            return blank;
        }
        let (symbols, excess) = symbols.split_at(symbols.len().min(octets.div_ceil(3) * 4));
        decode_line(symbols, octets, out);
        whole
            && symbols.len() >= (octets * 8).div_ceil(6)
            && symbols.iter().all(|&c| value(c).is_some())
            && trim_end(excess).is_empty()
    }
}

/// Appends the `octets` octets that `symbols` stand for; symbols that are not there are spaces, and
/// those that are none count by their low bits.
fn decode_line(symbols: &[u8], octets: usize, out: &mut Vec<u8>) {
    let end = out.len() + octets;
    let symbol = |i: usize| u32::from(symbols.get(i).map_or(0, |c| c.wrapping_sub(b' ') & 63));
    for i in (0..octets.div_ceil(3)).map(|group| group * 4) {
        let bits = symbol(i) << 18 | symbol(i + 1) << 12 | symbol(i + 2) << 6 | symbol(i + 3);
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    out.truncate(end);
}

/// The six bits that `c` stands for: space to underscore, and the backquote for zero.
fn value(c: u8) -> Option<u8> {
    matches!(c, b' '..=b'`').then(|| (c - b' ') & 63)
}

/// The character of six bits; the backquote for zero, since spaces get lost.
fn symbol(bits: u8) -> u8 {
    if bits == 0 { b'`' } else { b' ' + bits }
}

/// The streaming encoder: a begin line with mode 644, lines of 45 octets, an end line.
#[derive(Debug)]
pub(super) struct Encoder {
    line_end: LineEnd,
    /// The begin line, until it is written.
    begin: Vec<u8>,
    /// The octets of a line that is not full yet.
    line: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(name: &[u8], line_end: LineEnd) -> Encoder {
        let name = if name.trim_ascii().is_empty() { b"-" } else { name };
        let mut begin = b"begin 644 ".to_vec();
        begin.extend(name.iter().map(|&c| if c.is_ascii_control() { b'_' } else { c }));
        begin.extend_from_slice(line_end.as_bytes());
        Encoder { line_end, begin, line: Vec::with_capacity(LINE_OCTETS) }
    }

    pub(super) fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        out.append(&mut self.begin);
        let mut rest = src;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(LINE_OCTETS - self.line.len()));
            self.line.extend_from_slice(piece);
            if self.line.len() == LINE_OCTETS {
                self.end_line(out);
            }
            rest = after;
        }
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        out.append(&mut self.begin);
        if !self.line.is_empty() {
            self.end_line(out);
        }
        for line in [b"`".as_slice(), b"end"] {
            out.extend_from_slice(line);
            out.extend_from_slice(self.line_end.as_bytes());
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        out.push(symbol(self.line.len() as u8));
        for group in self.line.chunks(3) {
            let octet = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
            let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
            out.extend([18, 12, 6, 0].map(|shift| symbol((bits >> shift & 63) as u8)));
        }
        out.extend_from_slice(self.line_end.as_bytes());
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(eol: Eol, body: &[u8]) -> (Vec<u8>, Vec<(Rule, Span)>) {
        let (mut out, mut findings) = (Vec::new(), Vec::new());
        let mut decoder = Decoder::new(eol);
        decoder.decode(body, &mut out, &mut findings);
        decoder.finish(&mut out, &mut findings);
        (out, findings)
    }

    #[test]
    fn finds_begin_lines() {
        type Case<'a> = (&'a [u8], Option<(u16, &'a [u8])>);
        let cases: &[Case<'_>] = &[
            (b"begin 644 a.txt", Some((0o644, b"a.txt"))),
            (b"begin 0755 my file.bin ", Some((0o755, b"my file.bin"))),
            (b"begin 644 ", None),
            (b"begin 64 a", None),
            (b"begin 06440 a", None),
            (b"begin 648 a", None),
            (b"begin 644a", None),
            (b"begin  644 a", None),
            (b" begin 644 a", None),
            (b"Begin 644 a", None),
            (b"begin-base64 644 a", None),
            (b"begin with a name", None),
            (b"", None),
        ];
        for &(line, expected) in cases {
            let found = find_begin(line).map(|begin| (begin.mode, begin.name));
            assert_eq!(found, expected, "{}", line.escape_ascii());
        }
    }

    /// `#86)C` is `abc`; `%:&5L;&\ ` with its last space is `hello`.
    #[test]
    fn decodes_good_and_bad_lines() {
        use Rule::{E060, E061};
        type Case = (&'static str, &'static [u8], &'static [u8], &'static [(Rule, u64, u64)]);
        let cases: &[Case] = &[
            ("lf", b"begin 644 a\n#86)C\n`\nend\n", b"abc", &[]),
            ("crlf", b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n", b"abc", &[]),
            ("no line end at the end", b"begin 644 a\n#86)C\n`\nend", b"abc", &[]),
            ("space for zero", b"begin 644 a\n%:&5L;&\\ \n \nend\n", b"hello", &[]),
            ("padding stripped", b"begin 644 a\n%:&5L;&\\\n\nend\n", b"hello", &[]),
            ("data stripped", b"begin 644 a\n#\n`\nend\n", b"\0\0\0", &[(E060, 12, 13)]),
            ("no zero line", b"begin 644 a\n#86)C\nend\n", b"abc", &[]),
            ("empty body", b"", b"", &[]),
            ("empty file", b"begin 644 a\n`\nend\n", b"", &[]),
            ("text around", b"hi\n\nbegin 644 a\n#86)C\n`\nend\n#86)C\n", b"abc", &[]),
            ("checksum", b"begin 644 a\n#86)CX\n`\nend\n", b"abc", &[(E060, 12, 18)]),
            ("spaces added", b"begin 644 a\n#86)C  \n`\nend\n", b"abc", &[]),
            ("checksum, crlf", b"begin 644 a\r\n#86)CX\r\nend\r\n", b"abc", &[(E060, 13, 19)]),
            ("no length", b"begin 644 a\nxyz\n#86)C\n`\nend\n", b"abc", &[(E060, 12, 15)]),
            ("space first", b"begin 644 a\n x\n#86)C\n`\nend\n", b"abc", &[(E060, 12, 14)]),
            ("not a symbol", b"begin 644 a\n#86)c\n`\nend\n", b"abC", &[(E060, 12, 17)]),
            ("no end", b"begin 644 a\n#86)C\n`\n", b"abc", &[(E061, 0, 20)]),
            ("cut", b"\nbegin 644 a\n#86)C", b"abc", &[(E061, 1, 18)]),
            ("no begin", b"#86)C\n`\nend\n", b"", &[(E061, 0, 12)]),
            ("behind the zero line", b"begin 644 a\n`\n#86)C\nend\n", b"", &[]),
        ];
        for &(name, body, expected, findings) in cases {
            let (out, found) = decode(Eol::Lf, body);
            assert_eq!(
                out.escape_ascii().to_string(),
                expected.escape_ascii().to_string(),
                "{name}"
            );
            let found: Vec<_> =
                found.iter().map(|(rule, span)| (*rule, span.start, span.end)).collect();
            assert_eq!(found, findings, "{name}");
        }
    }

    #[test]
    fn knows_lines_that_end_with_cr() {
        assert_eq!(decode(Eol::Cr, b"begin 644 a\r#86)C\r`\rend\r").0, b"abc");
    }

    #[test]
    fn an_endless_line_is_cut() {
        let body = [b"begin 644 a\n#86)C", " ".repeat(1 << 20).as_bytes(), b"\n`\nend\n"].concat();
        let (out, found) = decode(Eol::Lf, &body);
        assert_eq!(out, b"abc");
        assert_eq!(found, [(Rule::E060, Span::new(12, 17 + (1 << 20)))]);
    }

    #[test]
    fn encodes() {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(b"a\nb", LineEnd::Lf);
        encoder.encode(b"Cat\0", &mut out);
        encoder.finish(&mut out);
        assert_eq!(out, b"begin 644 a_b\n$0V%T````\n`\nend\n");
    }
}
