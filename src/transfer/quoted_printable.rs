//! Quoted-printable bodies (RFC 2045 §6.7).
//!
//! Decoding: `=XX` with digits of either case; `=`, white space, line end is a soft line break, and
//! so is a `=` that ends the body; white space at the end of a line is deleted (E043); a `=` with
//! anything else behind it stays as it is (E042); octets over 127 pass through (E045). Line ends
//! stay what they are in the input, and a CR that ends no line is data.
//!
//! LIMIT: white space is held back until it is known whether the line ends behind it, at most
//! [`BLANK`] octets of it; a longer run is passed on as text, wherever it stands.
//!
//! Encoding is in a file of its own.

mod encode;

pub(super) use encode::Encoder;

use super::reported::Reported;
use crate::base::chars::{is_hex, is_wsp};
use crate::base::{Eol, Rule, Sink, Span};
use crate::simd::quoted_printable::decode as kernel;

/// The longest run of white space that can be trailing white space: more than a line of RFC 5322
/// §2.1.1 can hold.
const BLANK: usize = 1024;

/// How far an escape is looked for octet by octet.
const NEAR: usize = 8;

/// How far the kernel must get to be tried again at once, and how far the loop goes that does without.
const FAR: usize = 128;

/// What the octets held back are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing is held.
    #[default]
    Text,
    /// White space.
    Blank,
    /// White space and a CR.
    BlankCr,
    /// Nothing: white space longer than the limit goes by.
    LongBlank,
    /// `=`.
    Escape,
    /// `=` and a hexadecimal digit.
    EscapeDigit,
    /// `=` and white space.
    Break,
    /// `=`, white space or none, and a CR.
    BreakCr,
}

/// The streaming decoder.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    eol: Eol,
    state: State,
    held: Vec<u8>,
    /// Octets taken so far, those held among them.
    pos: u64,
    /// Before this offset surprises are dense: the kernel is not tried.
    kernel_from: u64,
    /// Octets over 127 are worth looking for: some are at hand, and none was reported yet.
    has_8bit: bool,
    reported: Reported,
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
        out.reserve(self.held.len() + src.len());
        self.has_8bit = self.reported.wants::<S>(Rule::E045) && !src.is_ascii();
        let mut rest = src;
        while let [c, after @ ..] = rest {
            let plain = match self.state {
                State::Text => match self.kernel(rest, out, sink) {
                    0 => self.plain(rest, out, sink),
                    taken => taken,
                },
                _ => 0,
            };
            if plain > 0 {
                self.pos += plain as u64;
                rest = &rest[plain..];
            } else {
                self.step(*c, out, sink);
                self.pos += 1;
                rest = after;
            }
        }
    }

    pub(super) fn finish<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        match self.state {
            State::Blank => self.drop_trailing(0, sink),
            State::Escape | State::Break => self.drop_trailing(1, sink),
            _ => self.release(out, sink),
        }
        self.state = State::Text;
        self.held.clear();
    }

    /// The same as [`plain`](Decoder::plain) at full speed, but it leaves more. Where surprises are
    /// dense it is not worth the way.
    fn kernel<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        if self.pos < self.kernel_from {
            return 0;
        }
        let taken = kernel::decode(src, self.eol.octet(), out);
        self.note_8bit(&src[..taken], self.pos, sink);
        if taken < FAR {
            self.kernel_from = self.pos + FAR as u64;
        }
        taken
    }

    /// Decodes what `src` begins with, as far as it is regular and decided within `src`; returns how
    /// many octets that were. What it leaves is for [`step`](Decoder::step): trailing white space, a
    /// `=` that is no escape, whatever the end of `src` cuts.
    fn plain<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) -> usize {
        let mut i = 0;
        while i < FAR {
            let rest = &src[i..];
            match rest {
                [b'=', high, low, ..] if is_hex(*high) && is_hex(*low) => {
                    out.push(octet(*high, *low));
                    i += 3;
                }
                [b'=', after @ ..] => match self.eol.leading(after, false) {
                    Some(line_end @ 1..) => i += 1 + line_end,
                    _ => return i,
                },
                _ => {
                    let text = &rest[..self.text(rest)];
                    self.note_8bit(text, self.pos + i as u64, sink);
                    out.extend_from_slice(text);
                    i += text.len();
                    // The next `=` goes on here, all else is not for this function.
                    if !matches!(src.get(i), Some(b'=')) && !text.ends_with(&[self.eol.octet()]) {
                        return i;
                    }
                }
            }
        }
        i
    }

    /// How much of `src` is text that stays as it is: to the next `=`, through the next line end, or
    /// to the white space that may turn out to be trailing.
    #[inline]
    fn text(&self, src: &[u8]) -> usize {
        match self.stop(src) {
            Some(i) if src[i] == b'=' => i,
            Some(i) => {
                let content = self.eol.content_end(src, i);
                let kept = without_blank(&src[..content]);
                if kept == content { i + 1 } else { kept }
            }
            None => {
                let content = match src {
                    [before @ .., b'\r'] if self.eol == Eol::Lf => before.len(),
                    _ => src.len(),
                };
                let kept = without_blank(&src[..content]);
                if kept == content { src.len() } else { kept }
            }
        }
    }

    /// The first `=` or end of a line. The next escape is often so near that a search for it would
    /// take longer to begin than to find it.
    #[inline]
    fn stop(&self, src: &[u8]) -> Option<usize> {
        let eol = self.eol.octet();
        let near = src.len().min(NEAR);
        src[..near]
            .iter()
            .position(|&c| c == b'=' || c == eol)
            .or_else(|| memchr::memchr2(b'=', eol, &src[near..]).map(|i| near + i))
    }

    /// Takes one octet in any state.
    fn step<S: Sink>(&mut self, c: u8, out: &mut Vec<u8>, sink: &mut S) {
        if !self.goes_on(c, out, sink) {
            self.release(out, sink);
            self.begin(c, out, sink);
        }
    }

    /// The octet `c` where nothing is held.
    fn begin<S: Sink>(&mut self, c: u8, out: &mut Vec<u8>, sink: &mut S) {
        match c {
            b'=' => self.hold(c, State::Escape),
            b' ' | b'\t' => self.hold(c, State::Blank),
            _ => {
                self.note_8bit(&[c], self.pos, sink);
                out.push(c);
            }
        }
    }

    /// Whether `c` goes on with what is held, or decides it; false if what is held is mere text.
    fn goes_on<S: Sink>(&mut self, c: u8, out: &mut Vec<u8>, sink: &mut S) -> bool {
        let ends_line = c == self.eol.octet();
        let begins_crlf = c == b'\r' && self.eol == Eol::Lf;
        match self.state {
            State::Blank | State::BlankCr if ends_line => self.end_line(c, out, sink),
            State::Escape | State::Break | State::BreakCr if ends_line => {
                self.drop_trailing(1, sink);
            }
            State::Blank if begins_crlf => self.hold(c, State::BlankCr),
            State::Escape | State::Break if begins_crlf => self.hold(c, State::BreakCr),
            State::Blank if is_wsp(c) && self.held.len() < BLANK => self.hold(c, State::Blank),
            State::Escape | State::Break if is_wsp(c) && self.held.len() <= BLANK => {
                self.hold(c, State::Break);
            }
            State::Escape if is_hex(c) => self.hold(c, State::EscapeDigit),
            State::EscapeDigit if is_hex(c) => self.end_escape(c, out),
            State::Blank | State::Break | State::LongBlank if is_wsp(c) => {
                self.release(out, sink);
                out.push(c);
                self.state = State::LongBlank;
            }
            _ => return false,
        }
        true
    }

    fn hold(&mut self, c: u8, state: State) {
        self.held.push(c);
        self.state = state;
    }

    /// The white space that is held was trailing; `c` ends the line.
    fn end_line<S: Sink>(&mut self, c: u8, out: &mut Vec<u8>, sink: &mut S) {
        let crlf = self.state == State::BlankCr;
        self.drop_trailing(0, sink);
        if crlf {
            out.push(b'\r');
        }
        out.push(c);
    }

    /// Forgets what is held; the white space from the octet `from` on is worth a finding.
    fn drop_trailing<S: Sink>(&mut self, from: usize, sink: &mut S) {
        let start = self.pos - self.held.len() as u64;
        let end = self.held.iter().rposition(|&c| is_wsp(c)).map_or(0, |i| i + 1);
        if end > from {
            let span = Span::new(start + from as u64, start + end as u64);
            self.reported.report(Rule::E043, span, sink);
        }
        self.held.clear();
        self.state = State::Text;
    }

    fn end_escape(&mut self, low: u8, out: &mut Vec<u8>) {
        if let [_, high] = self.held[..] {
            out.push(octet(high, low));
        }
        self.held.clear();
        self.state = State::Text;
    }

    /// What is held is text after all.
    fn release<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        if self.held.starts_with(b"=") {
            let span = Span::new(self.pos - self.held.len() as u64, self.pos);
            self.reported.report(Rule::E042, span, sink);
        }
        out.append(&mut self.held);
        self.state = State::Text;
    }

    /// Looks for octets over 127 in `text`, which stands at `base`.
    #[inline]
    fn note_8bit<S: Sink>(&mut self, text: &[u8], base: u64, sink: &mut S) {
        if self.has_8bit && !text.is_ascii() {
            self.has_8bit = false;
            let at = base + text.iter().take_while(|c| c.is_ascii()).count() as u64;
            self.reported.report(Rule::E045, Span::new(at, at + 1), sink);
        }
    }
}

/// The value of each hexadecimal digit; a table because the digits of an escape are as good as
/// random, and branches on them would cost more than all the rest.
static DIGIT: [u8; 256] = {
    let mut table = [0; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789ABCDEF"[value] as usize] = value as u8;
        table[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// The octet of two hexadecimal digits.
#[inline]
fn octet(high: u8, low: u8) -> u8 {
    DIGIT[high as usize] << 4 | DIGIT[low as usize]
}

/// The length of `text` without the white space at its end.
#[inline]
fn without_blank(text: &[u8]) -> usize {
    text.iter().rposition(|&c| !is_wsp(c)).map_or(0, |i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::{Content, LineEnd};
    use proptest::prelude::*;

    fn decode(eol: Eol, body: &[u8], piece: usize) -> (Vec<u8>, Vec<(Rule, u64, u64)>) {
        let (mut out, mut findings) = (Vec::new(), Vec::new());
        let mut decoder = Decoder::new(eol);
        body.chunks(piece).for_each(|piece| decoder.decode(piece, &mut out, &mut findings));
        decoder.finish(&mut out, &mut findings);
        (out, findings.into_iter().map(|(rule, span)| (rule, span.start, span.end)).collect())
    }

    #[test]
    fn decodes_what_mail_has() {
        use Eol::{Cr, Lf};
        use Rule::*;
        type Case = (&'static str, Eol, &'static [u8], &'static [u8], &'static [(Rule, u64, u64)]);
        let cases: &[Case] = &[
            ("empty", Lf, b"", b"", &[]),
            ("plain", Lf, b"a b\r\nc\n", b"a b\r\nc\n", &[]),
            ("escapes", Lf, b"caf=C3=A9 =3d", b"caf\xc3\xa9 =", &[]),
            ("escaped white space stays", Lf, b"a=20\r\nb=09\n", b"a \r\nb\t\n", &[]),
            ("escaped line end", Lf, b"a=0D=0Ab", b"a\r\nb", &[]),
            ("soft breaks", Lf, b"a=\r\nb=\nc", b"abc", &[]),
            ("space before a soft break", Lf, b"a =\r\nb", b"a b", &[]),
            ("padded soft break", Lf, b"a= \t\r\nb", b"ab", &[(E043, 2, 4)]),
            ("soft break at the end", Lf, b"a=", b"a", &[]),
            ("padded soft break at the end", Lf, b"a=  ", b"a", &[(E043, 2, 4)]),
            ("trailing", Lf, b"a \t\r\nb \n", b"a\r\nb\n", &[(E043, 1, 3)]),
            ("trailing at the end", Lf, b"a  ", b"a", &[(E043, 1, 3)]),
            ("white lines", Lf, b" \n\t\r\n", b"\n\r\n", &[(E043, 0, 1)]),
            ("trailing behind an escape", Lf, b"=20 \n", b" \n", &[(E043, 3, 4)]),
            ("no digits", Lf, b"a=ZZ", b"a=ZZ", &[(E042, 1, 2)]),
            ("one digit", Lf, b"a=4Z", b"a=4Z", &[(E042, 1, 3)]),
            ("one digit at the end", Lf, b"a=4", b"a=4", &[(E042, 1, 3)]),
            ("escape behind a bad one", Lf, b"==41=4=42", b"=A=4B", &[(E042, 0, 1)]),
            ("space, then text", Lf, b"=  x", b"=  x", &[(E042, 0, 3)]),
            ("only the first is reported", Lf, b"=x=y", b"=x=y", &[(E042, 0, 1)]),
            ("8bit", Lf, b"a\xe9=E9\xe8", b"a\xe9\xe9\xe8", &[(E045, 1, 2)]),
            ("8bit behind a space", Lf, b" \xe9", b" \xe9", &[(E045, 1, 2)]),
            ("bare cr", Lf, b"a\rb\r", b"a\rb\r", &[]),
            ("bare cr behind a space", Lf, b"a \rb \r", b"a \rb \r", &[]),
            ("bare cr behind =", Lf, b"a=\rb", b"a=\rb", &[(E042, 1, 3)]),
            ("two crs", Lf, b"a \r\r\n", b"a \r\r\n", &[]),
            ("nul", Lf, b"a\0b", b"a\0b", &[]),
            ("cr ends lines", Cr, b"a=\rb \rc= \rd", b"ab\rcd", &[(E043, 4, 5)]),
            ("lf is data there", Cr, b"a \nb=\nc", b"a \nb=\nc", &[(E042, 4, 5)]),
        ];
        for &(name, eol, body, expected, findings) in cases {
            for piece in [1, 2, 3, 7, 1000] {
                let (out, found) = decode(eol, body, piece);
                assert_eq!(
                    out.escape_ascii().to_string(),
                    expected.escape_ascii().to_string(),
                    "{name}"
                );
                assert_eq!(found, findings, "{name} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn long_white_space_is_text() {
        let blank = |length| " ".repeat(length).into_bytes();
        for (before, after, kept, dropped) in [
            ("a", "\n", BLANK + 1, BLANK),
            ("a", "", BLANK + 1, BLANK),
            ("=41", "\r\n", BLANK + 1, BLANK),
            ("=", "\n", BLANK + 1, BLANK),
        ] {
            for piece in [1, 3, 1000, 5000] {
                let [before, after] = [before.as_bytes(), after.as_bytes()];
                let start = decode(Eol::Lf, before, 9).0;
                let (out, _) = decode(Eol::Lf, &[before, &blank(dropped), after].concat(), piece);
                let line_end = if before == b"=" { b"" } else { after };
                assert_eq!(out, [&start[..], line_end].concat());
                let body = [before, &blank(kept), after].concat();
                let (out, _) = decode(Eol::Lf, &body, piece);
                let start = if before == b"=" { before } else { &start };
                assert_eq!(out, [start, &blank(kept), after].concat());
            }
        }
    }

    /// A body that is regular for the most part, with surprises.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let odd = [
            "=", "=4", "=g0", "=0g", "=\r", "= \r\n", "=\t", " \n", "\t\r\n", " \r", "\r", "\u{e9}",
        ];
        let blanks = [40, BLANK - 1, BLANK, BLANK + 1, 3 * BLANK].map(|length| " ".repeat(length));
        let piece = prop_oneof![
            8 => "[a-zF0 ]{0,40}",
            4 => "(=[0-9A-Fa-f]{2}){1,20}",
            4 => prop::sample::select(&["=\r\n", "=\n", "\r\n", "\n", "=20", "=0D=0A"][..])
                .prop_map(str::to_owned),
            1 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
            1 => prop::sample::select(blanks.to_vec()),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        /// Of single octets nothing goes through the kernel, and next to nothing through the loop.
        #[test]
        fn at_full_speed_as_octet_by_octet(body in body(), from in 0usize..40, piece in 30usize..400) {
            let body = &body[from.min(body.len())..];
            for eol in [Eol::Lf, Eol::Cr] {
                let expected = decode(eol, body, 1);
                for piece in [piece, body.len().max(1)] {
                    let (out, findings) = decode(eol, body, piece);
                    prop_assert_eq!(
                        out.escape_ascii().to_string(),
                        expected.0.escape_ascii().to_string()
                    );
                    prop_assert_eq!(&findings, &expected.1);
                }
            }
        }
    }

    #[test]
    fn a_surprise_at_each_place_of_a_vector() {
        let surprises: &[&[u8]] = &[
            b"=C3", b"=\r\n", b"=\n", b" \r\n", b"  \n", b"=x", b"==41", b"= \n", b" =", b"\xe9",
            b"\r",
        ];
        for surprise in surprises {
            for before in 0..70 {
                let body = [&b"=3d\n"[..], &vec![b'a'; before], surprise, &[b'b'; 100]].concat();
                for eol in [Eol::Lf, Eol::Cr] {
                    assert_eq!(decode(eol, &body, 1000), decode(eol, &body, 1), "{before}");
                }
            }
        }
    }

    fn encode(content: Content, text: &[u8]) -> Vec<u8> {
        let (mut out, mut encoder) = (Vec::new(), Encoder::new(content, LineEnd::CrLf, false));
        encoder.encode(text, &mut out);
        encoder.finish(&mut out);
        out
    }

    #[test]
    fn encodes() {
        use Content::{Binary, Text};
        let cases: &[(&str, Content, &[u8], &[u8])] = &[
            ("empty", Text, b"", b""),
            ("plain", Text, b"a b\tc!~", b"a b\tc!~"),
            ("escapes", Text, b"=\xe9\x00\x7f\x1f", b"=3D=E9=00=7F=1F"),
            ("line breaks", Text, b"a\nb\r\nc", b"a\r\nb\r\nc"),
            ("trailing", Text, b"a \nb\t\r\nc ", b"a=20\r\nb=09\r\nc=20"),
            ("two spaces trailing", Text, b"a  \n", b"a =20\r\n"),
            ("bare cr", Text, b"a\rb \r", b"a=0Db =0D"),
            ("cr cr lf", Text, b"a\r\r\n", b"a=0D\r\n"),
            ("binary", Binary, b"a\r\nb\n c ", b"a=0D=0Ab=0A c=20"),
        ];
        for &(name, content, text, expected) in cases {
            let found = encode(content, text);
            assert_eq!(
                found.escape_ascii().to_string(),
                expected.escape_ascii().to_string(),
                "{name}"
            );
        }
    }

    /// Rule 5: 76 characters with the `=` of a soft break; a line that fits is left whole.
    #[test]
    fn breaks_lines_at_76() {
        let a = |length| "a".repeat(length);
        let cases = [
            (a(76), a(76)),
            (a(77), a(75) + "=\r\n" + &a(2)),
            (a(76) + "\n" + &a(76), a(76) + "\r\n" + &a(76)),
            (a(73) + "\u{1}", a(73) + "=01"),
            (a(74) + "\u{1}", a(74) + "=\r\n=01"),
            (a(73) + "\u{1}b", a(73) + "=\r\n=01b"),
            (a(72) + "\u{1}b", a(72) + "=01b"),
            (a(75) + " \n", a(75) + "=\r\n=20\r\n"),
            (a(74) + " b\n", a(74) + " b\r\n"),
        ];
        for (text, expected) in &cases {
            let found = encode(Content::Text, text.as_bytes());
            assert_eq!(
                found.escape_ascii().to_string(),
                expected.as_bytes().escape_ascii().to_string()
            );
        }
    }
}
