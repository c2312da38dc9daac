//! Charsets: from the octets of a text part or an encoded-word to UTF-8.
//!
//! A `Charset` comes from a label as mail writes it, or from `choose` where the label is missing,
//! unknown or a lie. Decoding never fails: what is no text becomes U+FFFD and is counted. A
//! `Decoder` holds a few octets and one short run, whatever the size of the text, and takes time
//! linear in it; it gives the same text however the octets are cut.
//!
//! It does not encode, does not read `<meta>` in HTML, and does not strip the language that RFC 2231
//! hangs on a label: callers do.
//!
//! RFC 2045 §5.2, RFC 2046 §4.1.2, RFC 2978; RFC 1468, 1554, 1557, 1922 (ISO-2022), RFC 1843 (HZ),
//! RFC 2152 (UTF-7), RFC 2781 (UTF-16).
//!
//! May use: simd, base, and the crates `encoding_rs`, `oem_cp` and `chardetng`.

mod choose;
mod decoder;
mod labels;
mod output;
mod pages;
mod shift;
mod utf;

use std::fmt;

pub(crate) use choose::Label;
pub use choose::{Choice, Extent, Why, choose, decode_undeclared};
pub use decoder::Decoder;

use pages::Page;
use shift::Dialect;
use utf::Order;

/// A charset that can be decoded.
///
/// Charsets that decode alike are one: `gb2312` and `gbk` are `gb18030`, `iso-8859-1` is
/// `windows-1252` (its C1 controls are in mail what Windows put there), as in the Encoding Standard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(Kind);

/// Who decodes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whatwg(&'static encoding_rs::Encoding),
    Page(&'static Page),
    Shift(Dialect),
    Utf7,
    /// UTF-16 in an order that only its octets tell.
    Utf16,
    /// UTF-32; without an order, its octets tell.
    Utf32(Option<Order>),
}

impl Charset {
    /// UTF-8.
    pub const UTF_8: Charset = Charset(Kind::Whatwg(&encoding_rs::UTF_8_INIT));
    /// windows-1252, which is iso-8859-1 too.
    pub const WINDOWS_1252: Charset = Charset(Kind::Whatwg(&encoding_rs::WINDOWS_1252_INIT));
    /// us-ascii; octets over 127 are no text in it.
    pub const US_ASCII: Charset = Charset(Kind::Page(&pages::ASCII));
    /// UTF-7 (RFC 2152).
    pub const UTF_7: Charset = Charset(Kind::Utf7);

    const ISO_2022_JP: Charset = Charset(Kind::Shift(Dialect::Jp));
    const ISO_2022_KR: Charset = Charset(Kind::Shift(Dialect::Kr));
    const ISO_2022_CN: Charset = Charset(Kind::Shift(Dialect::Cn));

    /// The charset that mail calls `label`: white space and quotes around it, case, and the
    /// punctuation inside do not matter (`ISO8859_1`, `"cp-850"`, `x-cp1251`). `None` if nobody
    /// knows it (`x-unknown`, `%CHARSET`) or it is empty.
    pub fn for_label(label: &[u8]) -> Option<Charset> {
        labels::lookup(label)
    }

    /// Its preferred name, in lower case.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Whatwg(encoding) => labels::lower_case(encoding.name()),
            Kind::Page(page) => page.name,
            Kind::Shift(dialect) => dialect.name(),
            Kind::Utf7 => "utf-7",
            Kind::Utf16 => "utf-16",
            Kind::Utf32(None) => "utf-32",
            Kind::Utf32(Some(Order::Big)) => "utf-32be",
            Kind::Utf32(Some(Order::Little)) => "utf-32le",
        }
    }

    /// Whether each octet under 128 that begins a character is that ASCII character: false for
    /// UTF-7, UTF-16, UTF-32, ISO-2022 and HZ.
    pub fn is_ascii_compatible(self) -> bool {
        match self.0 {
            Kind::Whatwg(encoding) => encoding.is_ascii_compatible(),
            Kind::Page(_) => true,
            Kind::Shift(_) | Kind::Utf7 | Kind::Utf16 | Kind::Utf32(_) => false,
        }
    }

    /// Appends the text of `octets` to `text`, without the byte order mark that may begin it;
    /// returns how many U+FFFD stand for what is no text.
    pub fn decode(self, octets: &[u8], text: &mut String) -> usize {
        if self == Charset::UTF_8
            && let Ok(valid) = std::str::from_utf8(octets)
        {
            text.push_str(valid.strip_prefix('\u{FEFF}').unwrap_or(valid));
            return 0;
        }
        if self == Charset::WINDOWS_1252 && octets.len() <= SHORT {
            text.extend(octets.iter().map(|&c| windows_1252(c)));
            return 0;
        }
        Decoder::new(self).decode(octets, text, true)
    }

    const fn whatwg(encoding: &'static encoding_rs::Encoding) -> Charset {
        Charset(Kind::Whatwg(encoding))
    }
}

/// Texts that are not worth a decoder.
const SHORT: usize = 128;

/// The character of an octet of windows-1252 (Encoding Standard §9).
fn windows_1252(octet: u8) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match octet {
        0x80..=0x9F => C1[usize::from(octet - 0x80)],
        _ => char::from(octet),
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Charset({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let rows: &[(&str, &[u8], &str, usize)] = &[
            ("utf-8", b"caf\xC3\xA9", "café", 0),
            ("utf-8", b"\xEF\xBB\xBFx", "x", 0),
            ("utf-8", b"x\xEF\xBB\xBFx", "x\u{FEFF}x", 0),
            ("utf-8", b"\xFF\xC3x\xE2\x82", "\u{FFFD}\u{FFFD}x\u{FFFD}", 3),
            ("us-ascii", b"a\x80\xFFb", "a\u{FFFD}\u{FFFD}b", 2),
            ("iso-8859-1", b"\x80\xE9", "€é", 0),
            ("iso-8859-15", b"\xA4", "€", 0),
            ("cp437", b"caf\x82", "café", 0),
            ("cp850", b"\xD5\x9B", "ıø", 0),
            ("cp857", b"\x8D\xD5", "ı\u{FFFD}", 1),
            ("cp858", b"\xD5", "€", 0),
            ("ibm866", b"\x8F\xE0", "Пр", 0),
            ("gb2312", b"\x95\x9E\xC5\xF4", "暈鹏", 0),
            ("ks_c_5601-1987", b"\xB0\xA1", "가", 0),
            ("cp932", b"\x87\x40\xB1", "①ｱ", 0),
            ("big5", b"\xA4\xA4", "中", 0),
            ("koi8-r", b"\xC1", "а", 0),
            ("iso-8859-8-i", b"\xE0", "א", 0),
            ("tis-620", b"\xA1", "ก", 0),
            ("x-mac-roman", b"\x8E", "é", 0),
            ("utf-16", b"\xFF\xFEh\0\xE9\0", "hé", 0),
            ("utf-16", b"\xFE\xFF\0h\0\xE9", "hé", 0),
            ("utf-16", b"\0h\0\xE9", "hé", 0),
            ("utf-16", b"h\0i\0", "hi", 0),
            // U+4E00 alone ends in a zero octet as ASCII does in the other order: RFC 2781 §4.3.
            ("utf-16", b"\x4E\0", "一", 0),
            ("utf-16", b"", "", 0),
            ("utf-16", b"\0", "\u{FFFD}", 1),
            ("utf-16le", b"\xFF\xFEh\0\0\xD8", "h\u{FFFD}", 1),
            ("utf-16be", b"\0h\xD8\x3D\xDE\0", "h😀", 0),
            ("utf-32", b"\xFF\xFE\0\0h\0\0\0", "h", 0),
            ("utf-32", b"\0\0\0h\0\x01\xF6\0", "h😀", 0),
            ("utf-32", b"h\0\0\0", "h", 0),
            ("utf-32le", b"h\0\0\0\0\xD8\0\0i\0", "h\u{FFFD}\u{FFFD}", 2),
            ("utf-32be", b"\0\0\xFE\xFF\0\x11\0\0", "\u{FFFD}", 1),
        ];
        for &(label, octets, expected, replaced) in rows {
            let charset = Charset::for_label(label.as_bytes()).expect(label);
            let mut text = String::from(">");
            let count = charset.decode(octets, &mut text);
            assert_eq!((&text[1..], count), (expected, replaced), "{label} {octets:x?}");
        }
    }

    #[test]
    fn short_texts_are_read_as_long_ones() {
        let decoded = |octets: &[u8]| {
            let (mut text, mut long) = (String::new(), String::new());
            assert_eq!(Charset::WINDOWS_1252.decode(octets, &mut text), 0);
            assert_eq!(Decoder::new(Charset::WINDOWS_1252).decode(octets, &mut long, true), 0);
            assert_eq!(text, long);
        };
        for c in 0..=255 {
            decoded(&[c]);
            decoded(&[c; SHORT + 1]);
        }
        for octets in [&b"\xEF\xBB\xBFx"[..], b"\xEF\xBB\xBF", b"caf\xC3\xA9", b"a\xFFb"] {
            let (mut text, mut long) = (String::new(), String::new());
            let replaced = Charset::UTF_8.decode(octets, &mut text);
            let expected = Decoder::new(Charset::UTF_8).decode(octets, &mut long, true);
            assert_eq!((text, replaced), (long, expected));
        }
    }

    #[test]
    fn names_and_compatibility() {
        let rows: &[(&str, &str, bool)] = &[
            ("UTF8", "utf-8", true),
            ("latin1", "windows-1252", true),
            ("ascii", "us-ascii", true),
            ("437", "cp437", true),
            ("gbk", "gb18030", true),
            ("sjis", "shift_jis", true),
            ("iso-2022-jp", "iso-2022-jp", false),
            ("iso-2022-kr", "iso-2022-kr", false),
            ("hz", "hz-gb-2312", false),
            ("utf7", "utf-7", false),
            ("utf-16", "utf-16", false),
            ("utf-16le", "utf-16le", false),
            ("utf32", "utf-32", false),
            ("utf-32be", "utf-32be", false),
        ];
        for &(label, name, ascii) in rows {
            let charset = Charset::for_label(label.as_bytes()).expect(label);
            assert_eq!((charset.name(), charset.is_ascii_compatible()), (name, ascii), "{label}");
            assert_eq!(Charset::for_label(name.as_bytes()), Some(charset), "{name} names itself");
        }
    }
}
