//! The text of a body: which charset it is read in, and why.

use super::{MimeFields, Part, Structure};
use crate::base::{Eol, Rule};
use crate::charset::{self, Charset, Choice, Decoder, Extent};

/// LIMIT: a charset that must be found out is found out from this much of a body.
const SAMPLE: usize = 1 << 20;

/// Turns the octets of a text part, once its transfer encoding is undone, into text: piece by piece,
/// with memory that does not grow with the body.
///
/// Text that declares no charset, or one nobody knows, is read by the rule of docs/leniency.md. Line
/// ends become LF.
#[derive(Debug)]
pub struct TextDecoder {
    declared: Option<String>,
    /// UTF-7 is declared, but is not to be decoded here.
    refused: bool,
    fallback: Charset,
    /// Nothing has come yet but ASCII that any charset which may be chosen reads as such.
    is_plain: bool,
    /// How much of that there was, and its last octets.
    plain: usize,
    plain_tail: Tail,
    /// What else came before the charset was chosen.
    sample: Vec<u8>,
    limit: usize,
    chosen: Option<(Choice, Decoder)>,
    replaced: usize,
    lines: LineEnds,
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
        let declared = fields.charset();
        let charset = declared.as_ref().and_then(|label| Charset::for_label(label.as_bytes()));
        let refused =
            charset == Some(Charset::UTF_7) && !utf7_html && fields.essence() == "text/html";
        let is_plain = refused || charset.is_none_or(Charset::is_ascii_compatible);
        TextDecoder {
            declared: declared.filter(|_| !refused),
            refused,
            fallback: part.structure.context.fallback,
            is_plain: is_plain && part.structure.context.fallback.is_ascii_compatible(),
            plain: 0,
            plain_tail: Tail::default(),
            sample: Vec::new(),
            limit: SAMPLE,
            chosen: None,
            replaced: 0,
            lines: LineEnds { eol: part.eol(), after_cr: false },
            is_silent: false,
        }
    }

    /// The same for who asks only for the [`Reading`], choosing the charset from the first `limit`
    /// octets: no text comes out, and what is replaced is counted as far as any is.
    #[must_use]
    pub(super) fn judging(mut self, limit: usize) -> TextDecoder {
        self.limit = limit;
        self.is_silent = true;
        self
    }

    /// Appends the text of the next octets to `text`, or keeps them until the charset is chosen.
    /// `others` is what other parts of the message declare, as far as it is known
    /// ([`declared_charset`]).
    pub fn decode(&mut self, octets: &[u8], others: Option<Charset>, text: &mut String) {
        let mut rest = octets;
        if self.chosen.is_none() {
            rest = self.take_plain(rest, text);
            let room = self.limit.saturating_sub(self.plain + self.sample.len());
            let (head, tail) = rest.split_at(rest.len().min(room));
            self.sample.extend_from_slice(head);
            if tail.is_empty() {
                return;
            }
            self.choose(others, Extent::Prefix, text);
            rest = tail;
        }
        self.convert(rest, false, text);
    }

    /// The text that `octets` begin with, as far as it stands there as it is, which most text does, and
    /// the octets behind it: those are for [`TextDecoder::decode`].
    pub fn as_it_stands<'o>(&mut self, octets: &'o [u8]) -> (&'o str, &'o [u8]) {
        if self.lines.after_cr || memchr::memchr(b'\r', octets).is_some() {
            return ("", octets);
        }
        match &mut self.chosen {
            Some((_, decoder)) => decoder.as_it_stands(octets),
            None => self.plain(octets),
        }
    }

    /// Appends what is left.
    pub fn finish(mut self, others: Option<Charset>, text: &mut String) -> Reading {
        let choice = self.choose(others, Extent::Whole, text);
        self.convert(&[], true, text);
        self.lines.finish(text);
        Reading { choice, replaced: self.replaced }
    }

    /// Appends what begins `octets` and is plain. Returns the rest.
    fn take_plain<'o>(&mut self, octets: &'o [u8], text: &mut String) -> &'o [u8] {
        let (plain, rest) = self.plain(octets);
        if !self.is_silent {
            self.lines.append(plain, text);
        }
        rest
    }

    /// What begins `octets` and is plain: ASCII, which is no help in choosing, but for NUL and ESC. And
    /// the rest.
    fn plain<'o>(&mut self, octets: &'o [u8]) -> (&'o str, &'o [u8]) {
        if !self.is_plain {
            return ("", octets);
        }
        let piece = &octets[..octets.len().min(self.limit - self.plain)];
        let len = plain_len(piece);
        let (plain, rest) = octets.split_at(len);
        self.plain += len;
        self.plain_tail.push(plain);
        self.is_plain = len == piece.len();
        (str::from_utf8(plain).unwrap_or_default(), rest)
    }

    fn choose(&mut self, others: Option<Charset>, extent: Extent, text: &mut String) -> Choice {
        if let Some((choice, _)) = &self.chosen {
            return *choice;
        }
        let mut sample = std::mem::take(&mut self.sample);
        // What is a byte order mark, and what statistics say, depends on what stands before.
        let before = self.plain_tail.octets();
        sample.splice(..0, before.iter().copied());
        let declared = self.declared.as_deref().map(str::as_bytes);
        let mut choice = charset::choose(declared, &sample, extent, others, self.fallback);
        if self.refused {
            choice.rule = Some(Rule::C010);
        }
        let mut decoder = Decoder::new(choice.used);
        if self.is_silent {
            self.replaced += decoder.check(&sample, false);
        } else {
            let start = text.len();
            self.replaced += decoder.decode(&sample, text, false);
            text.replace_range(start..start + before.len(), "");
            self.lines.normalise(text, start);
        }
        self.chosen = Some((choice, decoder));
        choice
    }

    fn convert(&mut self, octets: &[u8], last: bool, text: &mut String) {
        let Some((_, decoder)) = &mut self.chosen else { return };
        if self.is_silent {
            // Whether there is any, and not how many, is what a finding tells.
            if self.replaced == 0 {
                self.replaced = decoder.check(octets, last);
            }
            return;
        }
        let (plain, rest) = decoder.as_it_stands(octets);
        self.lines.append(plain, text);
        let start = text.len();
        self.replaced += decoder.decode(rest, text, last);
        self.lines.normalise(text, start);
    }
}

/// How many octets from the start are ASCII, neither NUL nor ESC.
fn plain_len(octets: &[u8]) -> usize {
    const ESC: u8 = 0x1B;
    let ascii = match octets.is_ascii() {
        true => octets.len(),
        false => octets.iter().position(|c| !c.is_ascii()).unwrap_or(octets.len()),
    };
    memchr::memchr2(0, ESC, &octets[..ascii]).unwrap_or(ascii)
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
}

impl LineEnds {
    /// Normalises what stands behind `start` in `text`.
    fn normalise(&mut self, text: &mut String, start: usize) {
        let new = &text.as_bytes()[start..];
        if !self.after_cr && memchr::memchr(b'\r', new).is_none() || new.is_empty() {
            return;
        }
        let piece = text.split_off(start);
        self.append(&piece, text);
    }

    /// Appends `piece` with its line ends normalised.
    fn append(&mut self, piece: &str, text: &mut String) {
        if piece.is_empty() {
            return;
        }
        if std::mem::take(&mut self.after_cr) && !piece.starts_with('\n') {
            text.push(self.lone());
        }
        let mut rest = piece;
        for at in memchr::memchr_iter(b'\r', piece.as_bytes()) {
            // A CR is one octet, so this is a boundary.
            let done = piece.len() - rest.len();
            text.push_str(&rest[..at - done]);
            rest = &piece[at + 1..];
            match rest.as_bytes().first() {
                Some(b'\n') => {}
                Some(_) => text.push(self.lone()),
                None => self.after_cr = true,
            }
        }
        text.push_str(rest);
    }

    fn finish(&mut self, text: &mut String) {
        if std::mem::take(&mut self.after_cr) {
            text.push(self.lone());
        }
    }

    /// What a CR without LF stands for.
    fn lone(&self) -> char {
        match self.eol {
            Eol::Lf => '\r',
            Eol::Cr => '\n',
        }
    }
}

/// What the text parts of a message declare, as far as it is known and says anything about octets
/// over 127.
pub fn declared_charset(structure: &Structure) -> Option<Charset> {
    structure.parts().find_map(|part| charset_of(&part, &part.mime_fields()))
}

/// The charset that a text part declares, if it says anything about octets over 127.
pub fn charset_of(part: &Part<'_>, fields: &MimeFields) -> Option<Charset> {
    let is_text = part.is_leaf() && fields.essence().starts_with("text/");
    let charset = Charset::for_label(fields.charset().filter(|_| is_text)?.as_bytes())?;
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
            let (plain, rest) = decoder.as_it_stands(piece);
            text.push_str(plain);
            if !rest.is_empty() {
                decoder.decode(rest, None, &mut text);
            }
            judge.decode(piece, None, &mut none);
        }
        let reading = decoder.finish(None, &mut text);
        let judged = judge.finish(None, &mut none);
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
            let mut lines = LineEnds { eol, after_cr: false };
            let mut text = String::new();
            for piece in pieces {
                let start = text.len();
                text.push_str(piece);
                lines.normalise(&mut text, start);
            }
            lines.finish(&mut text);
            assert_eq!(text, expected, "{pieces:?}");
        }
    }
}
