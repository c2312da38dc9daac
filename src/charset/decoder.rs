//! The streaming decoder: octets in pieces to UTF-8.
//!
//! The same text for any cut; memory is a few octets and one run of the shifting charsets. A byte
//! order mark at the start is no text. Which charset to use is not decided here.
//!
//! RFC 2781 §4 for UTF-16 without an order. May use: simd, base.

use std::fmt;

use super::output::Output;
use super::pages::Page;
use super::shift::Shift;
use super::utf::{Head, Order, Utf7, Utf8, Utf32};
use super::{Charset, Kind};
use crate::simd::table::Table;

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Most of what is neither ASCII nor UTF-8 in mail; of its own what the controls of iso-8859-1 are.
static WINDOWS_1252: Table = {
    let own = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}',
        '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}',
        '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
        '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}',
        '\u{178}',
    ];
    let mut characters = ['\0'; 128];
    let mut i = 0;
    while i < 128 {
        characters[i] = if i < own.len() { own[i] } else { (0x80 + i as u8) as char };
        i += 1;
    }
    Table::new(characters)
};

/// Decodes a text that comes in pieces.
///
/// ```
/// # use septet::charset::{Charset, Decoder};
/// let mut decoder = Decoder::new(Charset::UTF_8);
/// let mut text = String::new();
/// decoder.decode(b"caf\xC3", &mut text, false);
/// assert_eq!(text, "caf");
/// assert_eq!(decoder.decode(b"\xA9\xFF", &mut text, true), 1);
/// assert_eq!(text, "café\u{FFFD}");
/// ```
pub struct Decoder {
    charset: Charset,
    engine: Engine,
    /// Nothing has come out yet, so that a byte order mark may still come.
    fresh: bool,
}

enum Engine {
    Utf8(Utf8),
    Windows1252,
    Whatwg(encoding_rs::Decoder),
    Page(&'static Page),
    Shift(Shift),
    Utf7(Utf7),
    Utf32(Utf32),
    /// UTF-16 or UTF-32 whose order is not known yet.
    Unordered(Head),
}

impl Decoder {
    /// A decoder at the start of a text in `charset`.
    pub fn new(charset: Charset) -> Decoder {
        Decoder { charset, engine: Engine::new(charset), fresh: true }
    }

    /// Appends the text of the next octets `src` to `text`; returns how many U+FFFD it had to
    /// append for what is no text. A character cut at the end of `src` waits for the next piece,
    /// unless this is the `last` one (which may be empty): then the decoder begins anew.
    pub fn decode(&mut self, src: &[u8], text: &mut String, last: bool) -> usize {
        let start = text.len();
        let mut out = Output { text: Some(text), replaced: 0 };
        self.engine.decode(src, &mut out, last);
        let replaced = out.replaced;
        self.drop_mark(start, text);
        if last {
            *self = Decoder::new(self.charset);
        }
        replaced
    }

    /// What comes next does not begin the text: a byte order mark is none there.
    pub(crate) fn pass(&mut self) {
        self.fresh = false;
    }

    /// The text that `src` begins with, as far as it is seen to stand there as it is, and not in
    /// vain: nothing, or nearly all. What is behind it is still to be decoded.
    pub(crate) fn as_it_stands<'s>(&mut self, src: &'s [u8]) -> &'s str {
        match &self.engine {
            // A mark begins with 0xEF.
            Engine::Utf8(utf8) if !self.fresh || src.first().is_none_or(|&c| c != 0xEF) => {
                let text = utf8.as_it_stands(src);
                self.fresh &= text.is_empty();
                text
            }
            Engine::Whatwg(decoder) if decoder.encoding().is_single_byte() => ascii(src),
            Engine::Windows1252 | Engine::Page(_) => ascii(src),
            _ => "",
        }
    }

    /// How many octets of `src`, which is not empty and does not begin with text as it stands, are to
    /// be decoded before there may be such text again.
    pub(crate) fn in_the_way(&self, src: &[u8]) -> usize {
        match &self.engine {
            Engine::Utf8(utf8) if utf8.is_cut() => {
                src.iter().take(3).take_while(|&&c| (0x80..0xC0).contains(&c)).count().max(1)
            }
            _ => src.len(),
        }
    }

    /// Decodes without giving the text: how many U+FFFD there would be. Not to be mixed with
    /// [`Decoder::decode`] in one text.
    pub(crate) fn check(&mut self, src: &[u8], last: bool) -> usize {
        let mut out = Output { text: None, replaced: 0 };
        if !self.engine.reads_anything() {
            self.engine.decode(src, &mut out, last);
        }
        if last {
            *self = Decoder::new(self.charset);
        }
        out.replaced
    }

    fn drop_mark(&mut self, start: usize, text: &mut String) {
        if self.fresh && text.len() > start {
            self.fresh = false;
            if text.get(start..).is_some_and(|new| new.starts_with(BYTE_ORDER_MARK)) {
                text.replace_range(start..start + BYTE_ORDER_MARK.len_utf8(), "");
            }
        }
    }
}

/// All of it, if it is ASCII.
fn ascii(octets: &[u8]) -> &str {
    if octets.is_ascii() { str::from_utf8(octets).unwrap_or_default() } else { "" }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("charset", &self.charset).finish_non_exhaustive()
    }
}

impl Engine {
    fn new(charset: Charset) -> Engine {
        match charset.0 {
            Kind::Whatwg(encoding) if encoding == encoding_rs::UTF_8 => {
                Engine::Utf8(Utf8::default())
            }
            Kind::Whatwg(encoding) if encoding == encoding_rs::WINDOWS_1252 => Engine::Windows1252,
            Kind::Whatwg(encoding) => Engine::Whatwg(encoding.new_decoder_without_bom_handling()),
            Kind::Page(page) => Engine::Page(page),
            Kind::Shift(dialect) => Engine::Shift(Shift::new(dialect)),
            Kind::Utf7 => Engine::Utf7(Utf7::default()),
            Kind::Utf16 => Engine::Unordered(Head::new(2)),
            Kind::Utf32(Some(order)) => Engine::Utf32(Utf32::new(order)),
            Kind::Utf32(None) => Engine::Unordered(Head::new(4)),
        }
    }

    /// Whether every octet is a character, so that nothing is ever replaced.
    fn reads_anything(&self) -> bool {
        match self {
            Engine::Windows1252 => true,
            Engine::Whatwg(decoder) => decoder.encoding() == encoding_rs::WINDOWS_1251,
            _ => false,
        }
    }

    fn ordered(unit: usize, order: Order) -> Engine {
        Engine::new(match (unit, order) {
            (2, Order::Big) => Charset::whatwg(encoding_rs::UTF_16BE),
            (2, Order::Little) => Charset::whatwg(encoding_rs::UTF_16LE),
            _ => Charset(Kind::Utf32(Some(order))),
        })
    }

    fn decode(&mut self, src: &[u8], out: &mut Output<'_>, last: bool) {
        let src = self.settle(src, out, last);
        match self {
            Engine::Utf8(utf8) => utf8.decode(src, out, last),
            Engine::Windows1252 => {
                if let Some(text) = &mut out.text {
                    WINDOWS_1252.decode(src, text);
                }
            }
            Engine::Whatwg(decoder) => out.drain(decoder, src, last),
            Engine::Page(page) => page.decode(src, out),
            Engine::Shift(shift) => shift.decode(src, out, last),
            Engine::Utf7(utf7) => utf7.decode(src, out, last),
            Engine::Utf32(utf32) => utf32.decode(src, out, last),
            Engine::Unordered(_) => {}
        }
    }

    /// Puts the engine for the order in place as soon as the head of the text tells it; returns
    /// the octets that are still to be decoded.
    fn settle<'a>(&mut self, src: &'a [u8], out: &mut Output<'_>, last: bool) -> &'a [u8] {
        let Engine::Unordered(head) = self else { return src };
        let rest = head.fill(src);
        if head.is_full() || last {
            let mut engine = Engine::ordered(head.unit(), head.order());
            // The engine is ordered now: this does not come here again.
            engine.decode(head.octets(), out, false);
            *self = engine;
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LABELS: &[&str] = &[
        "us-ascii",
        "utf-8",
        "cp437",
        "cp864",
        "windows-1252",
        "gb18030",
        "euc-jp",
        "euc-kr",
        "big5",
        "shift_jis",
        "iso-2022-jp",
        "iso-2022-kr",
        "iso-2022-cn",
        "hz",
        "utf-7",
        "utf-16",
        "utf-16le",
        "utf-32",
        "utf-32be",
    ];

    /// Octets among which the escapes, shifts and marks of all these charsets are likely.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<u8>().prop_map(|c| vec![c]),
            (0x1Fu8..0x80).prop_map(|c| vec![c]),
            Just(b"\x1B".to_vec()),
            Just(b"\x1B$B".to_vec()),
            Just(b"\x1B(J".to_vec()),
            Just(b"\x1B$)C\x0E".to_vec()),
            Just(b"~{".to_vec()),
            Just(b"+".to_vec()),
            Just(b"\0".to_vec()),
            Just(b"\xFF\xFE".to_vec()),
            Just(b"\xE2\x82\xAC".to_vec()),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_text(octets in octets(), cuts in prop::collection::vec(0usize..9, 0..40)) {
            for label in LABELS {
                let charset = Charset::for_label(label.as_bytes()).expect(label);
                let mut whole = String::new();
                let replaced = charset.decode(&octets, &mut whole);
                let (mut decoder, mut text, mut count) = (Decoder::new(charset), String::new(), 0);
                let mut rest = &octets[..];
                for &cut in &cuts {
                    let (piece, tail) = rest.split_at(cut.min(rest.len()));
                    count += decoder.decode(piece, &mut text, false);
                    rest = tail;
                }
                count += decoder.decode(rest, &mut text, true);
                prop_assert_eq!((&text, count), (&whole, replaced), "{}", label);
                let shown = text.matches(char::REPLACEMENT_CHARACTER).count();
                prop_assert!(shown >= count, "{}", label);
                let mut checker = Decoder::new(charset);
                let (head, tail) = octets.split_at(octets.len() / 2);
                let checked = checker.check(head, false) + checker.check(tail, true);
                prop_assert_eq!(checked, count, "{}", label);
                // Ready for another text.
                let again = decoder.decode(&octets, &mut String::new(), true);
                prop_assert_eq!(again, replaced, "{}", label);
            }
        }
    }

    proptest! {
        /// What is replaced in UTF-8, and by how many, is what the Encoding Standard says.
        #[test]
        fn utf_8_is_that_of_the_standard(
            octets in prop::collection::vec(
                prop::sample::select(&b"a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xE0\xE2\xED\xEF\xF0\xF1\xF4\xF5\xFF"[..]),
                0..40,
            ),
            cut in 0usize..40,
        ) {
            let (before, after) = octets.split_at(cut.min(octets.len()));
            let (mut decoder, mut text) = (Decoder::new(Charset::UTF_8), "x".to_owned());
            decoder.fresh = false;
            decoder.decode(before, &mut text, false);
            decoder.decode(after, &mut text, true);
            let (expected, _) = encoding_rs::UTF_8.decode_without_bom_handling(&octets);
            prop_assert_eq!(&text[1..], expected);
        }
    }

    #[test]
    fn windows_1252_is_that_of_the_standard() {
        let all: Vec<u8> = (0..=255).collect();
        let mut text = String::new();
        Charset::WINDOWS_1252.decode(&all, &mut text);
        assert_eq!(text, encoding_rs::WINDOWS_1252.decode_without_bom_handling(&all).0);
    }

    #[test]
    fn what_reads_anything_replaces_nothing() {
        let all: Vec<u8> = (0..=255).collect();
        let mut found = 0;
        for label in LABELS.iter().chain(&["windows-1251", "iso-8859-1"]) {
            let charset = Charset::for_label(label.as_bytes()).expect(label);
            if Engine::new(charset).reads_anything() {
                found += 1;
                assert_eq!(charset.decode(&all, &mut String::new()), 0, "{label}");
            }
        }
        assert_eq!(found, 3);
    }

    #[test]
    fn output_is_bounded_by_the_input() {
        let hostile: &[&[u8]] =
            &[b"\xFF", b"\x1B", b"\x1B$B", b"~", b"~{", b"+", b"+A", b"\0", b"\xE2\x82"];
        for label in LABELS {
            let charset = Charset::for_label(label.as_bytes()).expect(label);
            for seed in hostile {
                let octets = seed.repeat(30_000);
                let mut text = String::new();
                charset.decode(&octets, &mut text);
                assert!(text.len() <= 3 * octets.len() + 3, "{label} {seed:x?}");
            }
        }
    }
}
