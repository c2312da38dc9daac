//! Which charset a text is really in, when the label is missing, unknown or a lie.
//!
//! What is declared is believed, with two exceptions: us-ascii that is not ASCII, and latin1 that is
//! valid UTF-8. Without a label, in this order: a byte order mark; an ISO-2022 escape, since such
//! text looks like ASCII; valid UTF-8; what the message's other parts declare; a guess by statistics,
//! if there is enough to go by; the fallback. UTF-7 is never guessed: it can hide markup (C010).
//!
//! It does not decode the text, and does not look for `<meta>` in HTML. Undecodable octets in a
//! believed charset are counted by decoding (C013), not here.
//!
//! RFC 2045 §5.2, RFC 2046 §4.1.2. May use: base, `chardetng`.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use memchr::memchr_iter;

use super::utf::Order;
use super::{Charset, Decoder, Kind, labels};
use crate::base::Rule;

/// How many octets over 127 it takes before statistics are worth more than the fallback.
const ENOUGH: usize = 24;

/// LIMIT: how many octets the statistics are taken of.
const SAMPLE: usize = 16 << 10;

/// How much of a text is decoded at a time to see whether it can be in a charset.
const PIECE: usize = 4096;

/// Whether the octets are all of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// They are.
    Whole,
    /// They are its beginning: a character may be cut at their end.
    Prefix,
}

/// The charset to read a text in, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What to decode with.
    pub used: Charset,
    /// What it was told by.
    pub why: Why,
    /// What is odd about the label or the lack of one (C010, C011, C012, C014).
    pub rule: Option<Rule>,
}

/// What a charset was told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The label.
    Declared,
    /// No octet over 127 and no escape: plain ASCII.
    Ascii,
    /// A byte order mark at the start.
    Bom,
    /// An escape of ISO-2022.
    Escape,
    /// Octets over 127, all in valid UTF-8.
    Utf8,
    /// What other text parts of the message declare.
    Others,
    /// Statistics.
    Guessed,
    /// Nothing: it is the fallback.
    Fallback,
}

impl Why {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Why::Declared => "declared",
            Why::Ascii => "ascii",
            Why::Bom => "bom",
            Why::Escape => "escape",
            Why::Utf8 => "utf-8",
            Why::Others => "others",
            Why::Guessed => "guessed",
            Why::Fallback => "fallback",
        }
    }
}

/// What the label of a text says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Label {
    /// There is none.
    #[default]
    None,
    /// Nobody knows it.
    Unknown,
    /// This charset.
    Known(Charset),
}

impl Label {
    /// What `label` says, if there is one.
    pub(crate) fn of(label: Option<&[u8]>) -> Label {
        match label {
            Some(label) if !labels::trim(label).is_empty() => {
                Charset::for_label(label).map_or(Label::Unknown, Label::Known)
            }
            _ => Label::None,
        }
    }

    /// The choice, if it does not depend on the text.
    pub(crate) fn decides(self) -> Option<Choice> {
        let Label::Known(charset) = self else { return None };
        let is_asked = charset == Charset::US_ASCII || charset == Charset::WINDOWS_1252;
        if is_asked { None } else { believed(charset, &[], Extent::Whole) }
    }

    /// What [`choose`] says of a text with this label.
    pub(crate) fn choose(
        self,
        body: &[u8],
        extent: Extent,
        others: Option<Charset>,
        fallback: Charset,
    ) -> Choice {
        if let Label::Known(charset) = self
            && let Some(choice) = believed(charset, body, extent)
        {
            return choice;
        }
        let (used, why) = undeclared(body, extent, others, fallback);
        let is_utf_8 = used == Charset::UTF_8 && why != Why::Fallback;
        let rule = match self {
            Label::None if why == Why::Ascii => None,
            Label::Unknown => Some(Rule::C012),
            Label::Known(_) if is_utf_8 => Some(Rule::C014),
            Label::None | Label::Known(_) => Some(Rule::C011),
        };
        Choice { used, why, rule }
    }
}

/// Chooses the charset of a text part.
///
/// `declared` is the label, if there is one; `body` the text with its transfer coding taken off, or
/// its beginning, as `extent` says (a MiB is plenty); `others` what other text parts of the message
/// declare, used only if `body` can be text in it; `fallback` what remains for lack of anything
/// better.
pub fn choose(
    declared: Option<&[u8]>,
    body: &[u8],
    extent: Extent,
    others: Option<Charset>,
    fallback: Charset,
) -> Choice {
    Label::of(declared).choose(body, extent, others, fallback)
}

/// What a known label comes to; `None` for us-ascii that is none, which says nothing.
fn believed(charset: Charset, body: &[u8], extent: Extent) -> Option<Choice> {
    if charset == Charset::US_ASCII && !is_plain(body) {
        return None;
    }
    // QUIRK: windows-1252 is what iso-8859-1 means, and what mailers label with by default.
    if charset == Charset::WINDOWS_1252 && is_multi_octet_utf_8(body, extent) {
        return Some(Choice { used: Charset::UTF_8, why: Why::Utf8, rule: Some(Rule::C014) });
    }
    let rule = (charset == Charset::UTF_7).then_some(Rule::C010);
    Some(Choice { used: charset, why: Why::Declared, rule })
}

/// The text of octets that name no charset, of a header field or a short value, is appended to
/// `text`. They are read as [`choose`] reads a body without a label, but a byte order mark is not
/// looked for. Returns the charset used and how many U+FFFD it took.
pub fn decode_undeclared(octets: &[u8], fallback: Charset, text: &mut String) -> (Charset, usize) {
    let (used, _) = unmarked(octets, Extent::Whole, None, fallback);
    (used, used.decode(octets, text))
}

fn undeclared(
    body: &[u8],
    extent: Extent,
    others: Option<Charset>,
    fallback: Charset,
) -> (Charset, Why) {
    match marked(body) {
        Some(charset) => (charset, Why::Bom),
        None => unmarked(body, extent, others, fallback),
    }
}

/// The charset whose byte order mark begins the text.
fn marked(text: &[u8]) -> Option<Charset> {
    match text {
        [0xEF, 0xBB, 0xBF, ..] => Some(Charset::UTF_8),
        [0xFF, 0xFE, 0, 0, ..] => Some(Charset(Kind::Utf32(Some(Order::Little)))),
        [0, 0, 0xFE, 0xFF, ..] => Some(Charset(Kind::Utf32(Some(Order::Big)))),
        [0xFF, 0xFE, ..] => Some(Charset::whatwg(encoding_rs::UTF_16LE)),
        [0xFE, 0xFF, ..] => Some(Charset::whatwg(encoding_rs::UTF_16BE)),
        _ => None,
    }
}

fn unmarked(
    text: &[u8],
    extent: Extent,
    others: Option<Charset>,
    fallback: Charset,
) -> (Charset, Why) {
    if let Some(charset) = escaped(text) {
        (charset, Why::Escape)
    } else if text.is_ascii() {
        // What follows a prefix may be no ASCII any more.
        let whole = extent == Extent::Whole;
        (if whole { Charset::US_ASCII } else { Charset::UTF_8 }, Why::Ascii)
    } else if is_utf_8(text, extent) {
        (Charset::UTF_8, Why::Utf8)
    } else if let Some(charset) = others.filter(|&charset| can_be_in(charset, text, extent)) {
        (charset, Why::Others)
    } else if let Some(charset) = guess(text, extent) {
        (charset, Why::Guessed)
    } else {
        (fallback, Why::Fallback)
    }
}

/// The charset of the first ISO-2022 escape that selects or names a set other than ASCII.
///
/// QUIRK: `ESC ( B` alone is no sign of it: terminals print it (`tput sgr0`), and logs are mailed.
fn escaped(text: &[u8]) -> Option<Charset> {
    memchr_iter(0x1B, text).find_map(|at| match text.get(at + 1..)? {
        [b'$', b'@' | b'B', ..] | [b'$', b'(', b'D', ..] | [b'(', b'I' | b'J', ..] => {
            Some(Charset::ISO_2022_JP)
        }
        [b'$', b')', b'C', ..] => Some(Charset::ISO_2022_KR),
        [b'$', b')', b'A', ..] => Some(Charset::ISO_2022_CN),
        _ => None,
    })
}

fn is_plain(text: &[u8]) -> bool {
    text.is_ascii() && escaped(text).is_none()
}

fn is_utf_8(text: &[u8], extent: Extent) -> bool {
    match str::from_utf8(text) {
        Ok(_) => true,
        Err(error) => extent == Extent::Prefix && error.error_len().is_none(),
    }
}

fn is_multi_octet_utf_8(text: &[u8], extent: Extent) -> bool {
    !text.is_ascii() && is_utf_8(text, extent)
}

/// Whether all octets are text in `charset`. Charsets that are not ASCII's kin are no answer:
/// nearly anything can be UTF-16.
fn can_be_in(charset: Charset, text: &[u8], extent: Extent) -> bool {
    let mut decoder = Decoder::new(charset);
    let mut scratch = String::new();
    let mut decodes = |piece: &[u8], last| {
        scratch.clear();
        decoder.decode(piece, &mut scratch, last) == 0
    };
    charset.is_ascii_compatible()
        && text.chunks(PIECE).all(|piece| decodes(piece, false))
        && (extent == Extent::Prefix || decodes(&[], true))
}

/// What statistics say, if there is enough to go by.
fn guess(text: &[u8], extent: Extent) -> Option<Charset> {
    if text.iter().filter(|c| !c.is_ascii()).count() < ENOUGH {
        return None;
    }
    // The two octets before the first high one are evidence too.
    let start = Encoding::ascii_valid_up_to(text).saturating_sub(2);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut room = SAMPLE;
    // Lines of ASCII are none, and take as much time.
    let lines = text.get(start..).unwrap_or_default().split_inclusive(|&c| c == b'\n');
    for line in lines.filter(|line| !line.is_ascii()) {
        let seen = line.get(..room).unwrap_or(line);
        detector.feed(seen, false);
        room -= seen.len();
        if room == 0 {
            break;
        }
    }
    detector.feed(&[], room > 0 && extent == Extent::Whole);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    Charset::for_label(encoding.name().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rule::{C010, C011, C012, C014};

    const KOI8: &[u8] = b"\xEB\xC1\xCB \xC4\xC5\xCC\xC1? \xF7\xD3\xC5 \xC8\xCF\xD2\xCF\xDB\xCF, \
        \xDA\xC1\xD7\xD4\xD2\xC1 \xD0\xD2\xC9\xC5\xC4\xD5 \xC4\xCF\xCD\xCF\xCA";

    #[test]
    fn choices() {
        type Row<'a> = (Option<&'a str>, &'a [u8], &'a str, Why, Option<Rule>);
        let rows: &[Row<'_>] = &[
            (Some("utf-8"), b"caf\xC3\xA9", "utf-8", Why::Declared, None),
            // C013 comes of decoding.
            (Some("utf-8"), b"caf\xE9", "utf-8", Why::Declared, None),
            (Some("koi8-r"), b"\xC3\xA9", "koi8-r", Why::Declared, None),
            (Some("utf-7"), b"x", "utf-7", Why::Declared, Some(C010)),
            (Some("us-ascii"), b"plain", "us-ascii", Why::Declared, None),
            (Some("us-ascii"), b"caf\xC3\xA9", "utf-8", Why::Utf8, Some(C014)),
            (Some("us-ascii"), b"\xEF\xBB\xBFx", "utf-8", Why::Bom, Some(C014)),
            (Some("us-ascii"), b"caf\xE9", "windows-1252", Why::Fallback, Some(C011)),
            (Some("us-ascii"), b"\x1B$B4A\x1B(B", "iso-2022-jp", Why::Escape, Some(C011)),
            (Some("us-ascii"), b"\x1B[1mbold\x1B(B\x1B[m", "us-ascii", Why::Declared, None),
            (Some("iso-8859-1"), b"caf\xE9", "windows-1252", Why::Declared, None),
            (Some("iso-8859-1"), b"caf\xC3\xA9", "utf-8", Why::Utf8, Some(C014)),
            (Some("iso-8859-1"), b"\x1B$B caf\xC3\xA9", "utf-8", Why::Utf8, Some(C014)),
            (Some("iso-8859-1"), b"plain", "windows-1252", Why::Declared, None),
            (Some("x-nope"), b"caf\xE9", "windows-1252", Why::Fallback, Some(C012)),
            (Some("x-nope"), b"caf\xC3\xA9", "utf-8", Why::Utf8, Some(C012)),
            (Some("x-nope"), b"plain", "us-ascii", Why::Ascii, Some(C012)),
            (Some(" \"\""), b"caf\xE9", "windows-1252", Why::Fallback, Some(C011)),
            (Some(""), b"plain", "us-ascii", Why::Ascii, None),
            (None, b"", "us-ascii", Why::Ascii, None),
            (None, b"+ADw-script+AD4-", "us-ascii", Why::Ascii, None),
            (None, b"caf\xC3\xA9", "utf-8", Why::Utf8, Some(C011)),
            (None, b"caf\xC3", "windows-1252", Why::Fallback, Some(C011)),
            (None, b"\x1B$B4A\x1B(B", "iso-2022-jp", Why::Escape, Some(C011)),
            (None, b"\x1B(I1", "iso-2022-jp", Why::Escape, Some(C011)),
            (None, b"\x1B$)C\n\x0E0!", "iso-2022-kr", Why::Escape, Some(C011)),
            (None, b"\xEF\xBB\xBFx", "utf-8", Why::Bom, Some(C011)),
            (None, b"\xFF\xFEx\0", "utf-16le", Why::Bom, Some(C011)),
            (None, b"\xFE\xFF\0x", "utf-16be", Why::Bom, Some(C011)),
            (None, b"\xFF\xFE\0\0x\0\0\0", "utf-32le", Why::Bom, Some(C011)),
            (None, KOI8, "koi8-u", Why::Guessed, Some(C011)),
        ];
        for &(label, body, used, why, rule) in rows {
            let label_octets = label.map(str::as_bytes);
            let choice = choose(label_octets, body, Extent::Whole, None, Charset::WINDOWS_1252);
            let found = (choice.used.name(), choice.why, choice.rule);
            assert_eq!(found, (used, why, rule), "{label:?} {}", body.escape_ascii());
        }
    }

    #[test]
    fn prefixes() {
        let rows: &[(&str, &[u8], &str, Why)] = &[
            ("cut character", b"caf\xC3", "utf-8", Why::Utf8),
            ("cut long character", b"x\xF0\x9F\x98", "utf-8", Why::Utf8),
            ("not cut but wrong", b"caf\xE9 ", "windows-1252", Why::Fallback),
            ("the rest may be UTF-8", b"plain", "utf-8", Why::Ascii),
        ];
        for &(name, body, used, why) in rows {
            let choice = choose(None, body, Extent::Prefix, None, Charset::WINDOWS_1252);
            assert_eq!((choice.used.name(), choice.why), (used, why), "{name}");
        }
        let no_utf_8 = choose(Some(b"ascii"), b"\xE9", Extent::Whole, None, Charset::UTF_8);
        assert_eq!((no_utf_8.why, no_utf_8.rule), (Why::Fallback, Some(C011)));
        let latin1 = choose(Some(b"latin1"), b"\xC3", Extent::Prefix, None, Charset::UTF_8);
        assert_eq!(latin1.used, Charset::UTF_8);
        let whole = choose(Some(b"latin1"), b"\xC3", Extent::Whole, None, Charset::UTF_8);
        assert_eq!(whole.used, Charset::WINDOWS_1252);
    }

    #[test]
    fn other_parts_are_asked() {
        let rows: &[(&str, &[u8], Extent, Why)] = &[
            ("koi8-r", b"\xEB\xC1\xCB", Extent::Whole, Why::Others),
            ("euc-kr", b"\xB0\xA1", Extent::Whole, Why::Others),
            ("euc-kr", b"\xB0\xA1\xB0", Extent::Whole, Why::Fallback),
            ("euc-kr", b"\xB0\xA1\xB0", Extent::Prefix, Why::Others),
            ("utf-8", b"\xB0\xA1", Extent::Whole, Why::Fallback),
            ("us-ascii", b"\xB0\xA1", Extent::Whole, Why::Fallback),
            ("utf-16", b"\xB0\xA1", Extent::Whole, Why::Fallback),
            ("koi8-r", b"\xC3\xA9", Extent::Whole, Why::Utf8),
        ];
        for &(label, body, extent, why) in rows {
            let others = Charset::for_label(label.as_bytes());
            let choice = choose(None, body, extent, others, Charset::WINDOWS_1252);
            assert_eq!(choice.why, why, "{label} {}", body.escape_ascii());
        }
    }

    #[test]
    fn statistics_need_24_octets_over_127() {
        let high = |count: usize| {
            let end = KOI8.iter().scan(0, |seen, c| {
                *seen += usize::from(!c.is_ascii());
                Some(*seen)
            });
            let end = end.take_while(|&seen| seen <= count).count();
            choose(None, &KOI8[..end], Extent::Whole, None, Charset::WINDOWS_1252).why
        };
        assert_eq!((high(23), high(24)), (Why::Fallback, Why::Guessed));
    }

    #[test]
    fn values_without_a_label() {
        let rows: &[(&[u8], &str, &str, usize)] = &[
            (b"plain", "us-ascii", "plain", 0),
            (b"caf\xC3\xA9", "utf-8", "café", 0),
            (b"caf\xE9", "windows-1252", "café", 0),
            (b"\x1B$B4A\x1B(B", "iso-2022-jp", "漢", 0),
            (b"\xFF\xFEx", "windows-1252", "ÿþx", 0),
            (KOI8, "koi8-u", "Как дела? Все хорошо, завтра приеду домой", 0),
        ];
        for &(octets, name, expected, replaced) in rows {
            let mut text = String::from(">");
            let (used, count) = decode_undeclared(octets, Charset::WINDOWS_1252, &mut text);
            assert_eq!((used.name(), &text[1..], count), (name, expected, replaced));
        }
        let mut text = String::new();
        assert_eq!(decode_undeclared(b"\xE9", Charset::UTF_8, &mut text), (Charset::UTF_8, 1));
    }
}
