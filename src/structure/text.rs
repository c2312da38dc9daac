//! The text of a body: which charset it is read in, and why.
//!
//! Text that stands in the body as it is, which most does, is handed out where it stands; what must be
//! kept until the charset is chosen is kept only if that depends on it.
//!
//! May use: simd, base, charset.

use super::{MimeFields, Part, Structure};
use crate::base::{Eol, Rule};
use crate::charset::{Charset, Choice, Decoder, Extent, Label};
use crate::simd::{crlf, plain};

/// LIMIT: a charset that must be found out is found out from this much of a body.
const SAMPLE: usize = 1 << 20;

/// Octets that are gone over several times while they are in the nearest cache.
const BLOCK: usize = 16 * 1024;

/// Octets of a sample behind which it is asked whether they are enough.
const STEP: usize = 4096;

/// Turns the octets of a text part, once its transfer encoding is undone, into text: piece by piece,
/// with memory that does not grow with the body.
///
/// Text that declares no charset, or one nobody knows, is read by the rule of docs/leniency.md. Line
/// ends become LF.
#[derive(Debug)]
pub struct TextDecoder {
    label: Label,
    /// UTF-7 is declared, but is not to be decoded here.
    refused: bool,
    fallback: Charset,
    /// Nothing has come yet but ASCII that any charset which may be chosen reads as such.
    is_plain: bool,
    /// How much of that there was, and its last octets.
    plain: usize,
    plain_tail: Tail,
    /// What else came before the charset was chosen, behind `before` octets that were plain.
    sample: Vec<u8>,
    before: usize,
    /// How much of the sample was seen to be UTF-8.
    checked: usize,
    limit: usize,
    chosen: Option<(Choice, Decoder)>,
    replaced: usize,
    lines: LineEnds,
    /// Text that does not stand in the body as it is.
    room: String,
    /// Nobody wants the text.
    is_silent: bool,
}

/// What is known of a text when it was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The charset that was used, and why.
    pub choice: Choice,
    /// How many characters are U+FFFD because the octets are no text in that charset.
    pub replaced: usize,
}

impl TextDecoder {
    /// A decoder for the body of `part`. UTF-7 is decoded in HTML only if `utf7_html` says so:
    /// markup that is hidden in it would come to life.
    pub fn new(part: &Part<'_>, utf7_html: bool) -> TextDecoder {
        TextDecoder::of(part, &part.mime_fields(), utf7_html)
    }

    /// The same by the fields of the part, which are `fields`.
    pub fn of(part: &Part<'_>, fields: &MimeFields, utf7_html: bool) -> TextDecoder {
        let label = Label::of(fields.label().map(str::as_bytes));
        let charset = if let Label::Known(charset) = label { Some(charset) } else { None };
        let refused =
            charset == Some(Charset::UTF_7) && !utf7_html && fields.essence() == "text/html";
        let label = if refused { Label::None } else { label };
        let is_plain = refused || charset.is_none_or(Charset::is_ascii_compatible);
        let fallback = part.structure.context.fallback;
        TextDecoder {
            label,
            refused,
            fallback,
            is_plain: is_plain && fallback.is_ascii_compatible(),
            plain: 0,
            plain_tail: Tail::default(),
            sample: Vec::new(),
            before: 0,
            checked: 0,
            limit: SAMPLE,
            chosen: label.decides().map(|choice| (choice, Decoder::new(choice.used))),
            replaced: 0,
            lines: LineEnds::new(part.eol()),
            room: String::new(),
            is_silent: false,
        }
    }

    /// Begins another text, with the room of the last.
    pub(crate) fn begin(&mut self, part: &Part<'_>, fields: &MimeFields, utf7_html: bool) {
        let next = TextDecoder::of(part, fields, utf7_html);
        let last = std::mem::replace(self, next);
        (self.room, self.lines.room) = (last.room, last.lines.room);
        self.sample = last.sample;
        self.sample.clear();
        self.sample.shrink_to(BLOCK);
    }

    /// The same for who asks only for the [`Reading`], choosing the charset from the first `limit`
    /// octets: no text comes out, and what is replaced is counted as far as any is.
    #[must_use]
    pub(super) fn judging(mut self, limit: usize) -> TextDecoder {
        self.limit = limit;
        self.is_silent = true;
        self
    }

    /// Hands the text of the next octets to `text`, piece by piece, or keeps them until the charset is
    /// chosen. `others` is what other parts of the message declare, as far as it is known
    /// ([`declared_charset`]).
    pub fn decode(&mut self, octets: &[u8], others: Option<Charset>, text: &mut impl FnMut(&str)) {
        let mut rest = self.take_plain(octets, text);
        if self.chosen.is_none() {
            rest = self.take_sample(rest, others, text);
        }
        self.convert(rest, text);
    }

    /// Hands out what is left.
    pub fn finish(&mut self, others: Option<Charset>, text: &mut impl FnMut(&str)) -> Reading {
        let choice = self.choose(others, Extent::Whole, text);
        let TextDecoder { chosen: Some((_, decoder)), room, lines, .. } = self else {
            return Reading { choice, replaced: self.replaced };
        };
        if self.is_silent {
            self.replaced += decoder.check(&[], true);
        } else {
            room.clear();
            self.replaced += decoder.decode(&[], room, true);
            lines.hand_on(room, text);
            lines.finish(text);
        }
        Reading { choice, replaced: self.replaced }
    }

    /// Hands on what begins `octets` and is plain. Returns the rest.
    fn take_plain<'o>(&mut self, octets: &'o [u8], text: &mut impl FnMut(&str)) -> &'o [u8] {
        let mut rest = octets;
        while self.is_plain && !rest.is_empty() {
            let plain = self.plain(&rest[..rest.len().min(BLOCK)]);
            if plain.is_empty() {
                break;
            }
            if !self.is_silent {
                self.lines.hand_on(plain, text);
            }
            rest = &rest[plain.len()..];
        }
        rest
    }

    /// What begins `octets` and is plain: ASCII, which is no help in choosing, but for NUL and ESC.
    fn plain<'o>(&mut self, octets: &'o [u8]) -> &'o str {
        let room = match &self.chosen {
            Some(_) => octets.len(),
            None => octets.len().min(self.limit - self.plain),
        };
        let plain = plain::text(&octets[..room]);
        self.is_plain = plain.len() == room;
        self.plain += plain.len();
        self.plain_tail.push(plain.as_bytes());
        if let Some((_, decoder)) = &mut self.chosen
            && !plain.is_empty()
        {
            decoder.pass();
        }
        plain
    }

    /// Keeps `octets`, until the charset can be chosen; returns what is behind them then.
    fn take_sample<'o>(
        &mut self,
        octets: &'o [u8],
        others: Option<Charset>,
        text: &mut impl FnMut(&str),
    ) -> &'o [u8] {
        let mut rest = octets;
        while !rest.is_empty() {
            self.begin_sample();
            let kept = self.plain + self.sample.len() - self.before;
            let room = self.limit.saturating_sub(kept);
            let (head, behind) = rest.split_at(rest.len().min(room).min(STEP));
            self.sample.extend_from_slice(head);
            rest = behind;
            if room == 0 || self.is_as_declared() {
                self.choose(others, Extent::Prefix, text);
                break;
            }
        }
        rest
    }

    /// What is a byte order mark, and what statistics say, depends on what stands before.
    fn begin_sample(&mut self) {
        if self.sample.is_empty() {
            self.sample.extend_from_slice(self.plain_tail.octets());
            self.before = self.sample.len();
        }
    }

    /// Whether the sample tells already that the label, which may stand for UTF-8, does not.
    fn is_as_declared(&mut self) -> bool {
        if self.label != Label::Known(Charset::WINDOWS_1252) {
            return false;
        }
        match str::from_utf8(&self.sample[self.checked..]) {
            Ok(text) => self.checked += text.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return true,
        }
        false
    }

    fn choose(
        &mut self,
        others: Option<Charset>,
        extent: Extent,
        text: &mut impl FnMut(&str),
    ) -> Choice {
        if let Some((choice, _)) = &self.chosen {
            return *choice;
        }
        self.begin_sample();
        let sample = std::mem::take(&mut self.sample);
        let mut choice = self.label.choose(&sample, extent, others, self.fallback);
        if self.refused {
            choice.rule = Some(Rule::C010);
        }
        let mut decoder = Decoder::new(choice.used);
        if self.plain > 0 {
            decoder.pass();
        }
        self.chosen = Some((choice, decoder));
        self.is_plain = false;
        self.convert(&sample[self.before..], text);
        self.sample = sample;
        choice
    }

    /// Hands on the text of octets in the charset that was chosen.
    fn convert(&mut self, octets: &[u8], text: &mut impl FnMut(&str)) {
        let TextDecoder { chosen: Some((_, decoder)), room, lines, .. } = self else { return };
        if self.is_silent {
            // Whether there is any, and not how many, is what a finding tells.
            if self.replaced == 0 {
                self.replaced = decoder.check(octets, false);
            }
            return;
        }
        let mut rest = octets;
        while !rest.is_empty() {
            let block = &rest[..rest.len().min(BLOCK)];
            let stands = decoder.as_it_stands(block);
            let mut len = stands.len();
            if len > 0 {
                lines.hand_on(stands, text);
            } else {
                len = decoder.in_the_way(block);
                room.clear();
                self.replaced += decoder.decode(&block[..len], room, false);
                lines.hand_on(room, text);
            }
            rest = &rest[len..];
        }
    }
}

/// The last two octets of something.
#[derive(Debug, Default)]
struct Tail {
    octets: [u8; 2],
    len: usize,
}

impl Tail {
    fn push(&mut self, octets: &[u8]) {
        match *octets {
            [] => {}
            [last] if self.len == 0 => (self.octets[0], self.len) = (last, 1),
            [last] => (self.octets, self.len) = ([self.octets[self.len - 1], last], 2),
            [.., first, last] => (self.octets, self.len) = ([first, last], 2),
        }
    }

    fn octets(&self) -> &[u8] {
        &self.octets[..self.len]
    }
}

/// Makes line ends LF, over any cut.
#[derive(Debug)]
struct LineEnds {
    eol: Eol,
    /// The text so far ended with a CR that may be half of a line end; it was held back.
    after_cr: bool,
    /// A piece whose line ends were not LF.
    room: String,
}

impl LineEnds {
    fn new(eol: Eol) -> LineEnds {
        LineEnds { eol, after_cr: false, room: String::new() }
    }

    /// Hands on `piece` with its line ends normalised.
    fn hand_on(&mut self, piece: &str, text: &mut impl FnMut(&str)) {
        if piece.is_empty() {
            return;
        }
        if std::mem::take(&mut self.after_cr) && !piece.starts_with('\n') {
            text(self.lone());
        }
        if memchr::memchr(b'\r', piece.as_bytes()).is_none() {
            return text(piece);
        }
        self.room.clear();
        let taken = crlf::text_to_lf(piece, &mut self.room);
        self.normalise(&piece[taken..]);
        text(&self.room);
    }

    /// Adds what is behind a CR that is not followed by LF, and the CR, to the room.
    fn normalise(&mut self, piece: &str) {
        let mut rest = piece;
        for at in memchr::memchr_iter(b'\r', piece.as_bytes()) {
            // A CR is one octet, so this is a boundary.
            let done = piece.len() - rest.len();
            self.room.push_str(&rest[..at - done]);
            rest = &piece[at + 1..];
            match rest.as_bytes().first() {
                Some(b'\n') => {}
                Some(_) => self.room.push_str(self.lone()),
                None => self.after_cr = true,
            }
        }
        self.room.push_str(rest);
    }

    fn finish(&mut self, text: &mut impl FnMut(&str)) {
        if std::mem::take(&mut self.after_cr) {
            text(self.lone());
        }
    }

    /// What a CR without LF stands for.
    fn lone(&self) -> &'static str {
        match self.eol {
            Eol::Lf => "\r",
            Eol::Cr => "\n",
        }
    }
}

/// What the text parts of a message declare, as far as it is known and says anything about octets
/// over 127.
pub fn declared_charset(structure: &Structure) -> Option<Charset> {
    let find = || structure.parts().find_map(|part| charset_of(&part, &part.mime_fields()));
    *structure.declared.get_or_init(find)
}

/// The charset that a text part declares, if it says anything about octets over 127.
pub fn charset_of(part: &Part<'_>, fields: &MimeFields) -> Option<Charset> {
    let is_text = part.is_leaf() && fields.essence().starts_with("text/");
    let charset = Charset::for_label(fields.label().filter(|_| is_text)?.as_bytes())?;
    (charset != Charset::US_ASCII).then_some(charset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Limits;
    use crate::structure::Builder;
    use crate::walk;

    /// The text, and how it was read, of the body of a message in pieces.
    fn read(header: &str, pieces: &[&[u8]], limit: usize) -> (String, Reading) {
        let message = format!("{header}\n\n");
        let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
        let options = builder.walk_options(walk::Separator::None);
        let mut reader = walk::Reader::new(message.as_bytes(), Limits::default(), options);
        let read = builder.read(&mut reader, &mut ()).expect("memory can be read");
        let part = read.and_then(|structure| structure.part(0)).expect("a message");
        let mut decoder = TextDecoder { limit, ..TextDecoder::new(&part, false) };
        let mut judge = TextDecoder::new(&part, false).judging(limit);
        let (mut text, mut none) = (String::new(), String::new());
        for piece in pieces {
            decoder.decode(piece, None, &mut |piece| text.push_str(piece));
            judge.decode(piece, None, &mut |piece| none.push_str(piece));
        }
        let reading = decoder.finish(None, &mut |piece| text.push_str(piece));
        let judged = judge.finish(None, &mut |piece| none.push_str(piece));
        assert_eq!((none.as_str(), judged.choice), ("", reading.choice), "{header} {pieces:?}");
        assert_eq!(judged.replaced > 0, reading.replaced > 0, "{header} {pieces:?}");
        (text, reading)
    }

    #[test]
    fn plain_text_before_the_choice() {
        let cases: &[(&str, &str, &[u8], &str, &str)] = &[
            ("nothing", "", b"", "", "us-ascii"),
            ("plain", "", b"ab\r\nc\r\n", "ab\nc\n", "us-ascii"),
            ("UTF-8", "", b"abc\r\n\xC3\xBC\r\n", "abc\nü\n", "utf-8"),
            ("a mark in the middle is none", "", b"a\xFF\xFEb", "aÿþb", "windows-1252"),
            ("nor is it dropped", "utf-8", b"abc\xEF\xBB\xBFd", "abc\u{feff}d", "utf-8"),
            ("a mark", "", b"\xEF\xBB\xBFa\r\n", "a\n", "utf-8"),
            ("zeros before a mark", "", b"\0\0\xFE\xFF\0\0\0a", "a", "utf-32be"),
            ("an escape", "", b"ab\r\n\x1B$B4A\x1B(B\r\n", "ab\n漢\n", "iso-2022-jp"),
            ("no ASCII at all", "utf-16be", b"\0a\0\r\0\n", "a\n", "utf-16be"),
            ("shifted", "utf-7", b"a+APw-b", "aüb", "utf-7"),
            ("declared", "us-ascii", b"abc\xE9", "abcé", "windows-1252"),
        ];
        for &(name, charset, body, expected, used) in cases {
            let header = match charset {
                "" => "Content-Type: text/plain".to_owned(),
                charset => format!("Content-Type: text/plain; charset={charset}"),
            };
            let octets: Vec<&[u8]> = body.chunks(1).collect();
            for pieces in [&[body][..], &octets] {
                let (text, reading) = read(&header, pieces, SAMPLE);
                let found = (text.as_str(), reading.choice.used.name());
                assert_eq!(found, (expected, used), "{name}");
            }
        }
    }

    #[test]
    fn the_sample_is_limited() {
        let header = "Content-Type: text/plain";
        for (limit, used) in [(3, "utf-8"), (4, "utf-8"), (5, "utf-8"), (6, "windows-1252")] {
            let octets: Vec<&[u8]> = b"abc\xC3\xBC\xFF".chunks(1).collect();
            for pieces in [&[&b"abc\xC3\xBC\xFF"[..]][..], &octets] {
                let (text, reading) = read(header, pieces, limit);
                assert_eq!(reading.choice.used.name(), used, "{limit}");
                let expected = if used == "utf-8" { "abcü\u{fffd}" } else { "abcÃ¼ÿ" };
                assert_eq!(text, expected, "{limit}");
            }
        }
    }

    #[test]
    fn line_ends_over_any_cut() {
        let cases: &[(&[&str], Eol, &str)] = &[
            (&["a\r\nb\n"], Eol::Lf, "a\nb\n"),
            (&["a\r", "\nb"], Eol::Lf, "a\nb"),
            (&["a\r", "b\r"], Eol::Lf, "a\rb\r"),
            (&["a\r", "b\r"], Eol::Cr, "a\nb\n"),
            (&["a\r", "\r\n"], Eol::Lf, "a\r\n"),
        ];
        for &(pieces, eol, expected) in cases {
            let mut lines = LineEnds::new(eol);
            let mut text = String::new();
            for piece in pieces {
                lines.hand_on(piece, &mut |piece| text.push_str(piece));
            }
            lines.finish(&mut |piece| text.push_str(piece));
            assert_eq!(text, expected, "{pieces:?}");
        }
    }
}
