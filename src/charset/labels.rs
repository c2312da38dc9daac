//! Labels: what mail calls a charset.
//!
//! A label is looked up three ways: among the names that only mail uses, among the labels of the
//! Encoding Standard, and by the number of a code page or part of ISO 8859. Case, the white space
//! and quotes around it, and the punctuation inside do not matter. Nothing is guessed: a misspelt
//! label is an unknown one.
//!
//! LIMIT: charsets without a decoder stay unknown: VISCII, TCVN, ISO-2022-CN-EXT, the Macintosh ones
//! but Roman and Cyrillic, EBCDIC. `x-user-defined` is a trick of browsers and means nothing in mail.
//!
//! RFC 2978 (registration), Encoding Standard §4.2. May use: base.

use encoding_rs::Encoding;

use super::pages;
use super::shift::Dialect;
use super::utf::Order;
use super::{Charset, Kind};
use crate::base::chars::is_fws;

const UTF_16: Charset = Charset(Kind::Utf16);
const UTF_16BE: Charset = Charset::whatwg(&encoding_rs::UTF_16BE_INIT);
const UTF_16LE: Charset = Charset::whatwg(&encoding_rs::UTF_16LE_INIT);
const UTF_32: Charset = Charset(Kind::Utf32(None));
const UTF_32BE: Charset = Charset(Kind::Utf32(Some(Order::Big)));
const UTF_32LE: Charset = Charset(Kind::Utf32(Some(Order::Little)));
const HZ: Charset = Charset(Kind::Shift(Dialect::Hz));
const BIG5: Charset = Charset::whatwg(&encoding_rs::BIG5_INIT);
const EUC_JP: Charset = Charset::whatwg(&encoding_rs::EUC_JP_INIT);
const EUC_KR: Charset = Charset::whatwg(&encoding_rs::EUC_KR_INIT);
const GB18030: Charset = Charset::whatwg(&encoding_rs::GB18030_INIT);
const SHIFT_JIS: Charset = Charset::whatwg(&encoding_rs::SHIFT_JIS_INIT);
const KOI8_R: Charset = Charset::whatwg(&encoding_rs::KOI8_R_INIT);
const KOI8_U: Charset = Charset::whatwg(&encoding_rs::KOI8_U_INIT);
const ISO_8859_13: Charset = Charset::whatwg(&encoding_rs::ISO_8859_13_INIT);
const ISO_8859_15: Charset = Charset::whatwg(&encoding_rs::ISO_8859_15_INIT);
const ISO_8859_8_I: Charset = Charset::whatwg(&encoding_rs::ISO_8859_8_I_INIT);
const MACINTOSH: Charset = Charset::whatwg(&encoding_rs::MACINTOSH_INIT);
const X_MAC_CYRILLIC: Charset = Charset::whatwg(&encoding_rs::X_MAC_CYRILLIC_INIT);
const WINDOWS_874: Charset = Charset::whatwg(&encoding_rs::WINDOWS_874_INIT);
const WINDOWS_1250: Charset = Charset::whatwg(&encoding_rs::WINDOWS_1250_INIT);
const WINDOWS_1254: Charset = Charset::whatwg(&encoding_rs::WINDOWS_1254_INIT);

/// Names by their key (see [`Key`]), sorted: what the Encoding Standard lacks, spells otherwise or
/// means otherwise.
const NAMES: &[(&str, Charset)] = &[
    ("ansix34", Charset::US_ASCII),
    ("ansix341968", Charset::US_ASCII),
    ("ansix341986", Charset::US_ASCII),
    ("ascii", Charset::US_ASCII),
    // ISO-IR-179, of which iso-8859-13 was made.
    ("baltic", ISO_8859_13),
    ("big5eten", BIG5),
    ("big5hkscs", BIG5),
    ("chinesebig5", BIG5),
    ("cngb", GB18030),
    ("csunicode", UTF_16),
    ("eucchs", GB18030),
    ("euccn", GB18030),
    ("eucjp", EUC_JP),
    ("eucjpms", EUC_JP),
    ("eucjpwin", EUC_JP),
    ("euckr", EUC_KR),
    ("gb231280", GB18030),
    ("gbk", GB18030),
    ("hz", HZ),
    ("hzgb2312", HZ),
    ("iso10646ucs2", UTF_16),
    ("iso10646ucs4", UTF_32),
    ("iso2022cn", Charset::ISO_2022_CN),
    ("iso2022jp", Charset::ISO_2022_JP),
    ("iso2022jp1", Charset::ISO_2022_JP),
    ("iso2022jp2", Charset::ISO_2022_JP),
    ("iso2022jp2004", Charset::ISO_2022_JP),
    ("iso2022jp3", Charset::ISO_2022_JP),
    ("iso2022jpext", Charset::ISO_2022_JP),
    ("iso2022jpms", Charset::ISO_2022_JP),
    ("iso2022kr", Charset::ISO_2022_KR),
    ("iso646irv1991", Charset::US_ASCII),
    ("iso646us", Charset::US_ASCII),
    ("iso885915euro", ISO_8859_15),
    ("iso88591windows30latin1", Charset::WINDOWS_1252),
    ("iso88591windows31latin1", Charset::WINDOWS_1252),
    ("iso88592windowslatin2", WINDOWS_1250),
    ("iso88598e", Charset::whatwg(&encoding_rs::ISO_8859_8_INIT)),
    ("iso88598i", ISO_8859_8_I),
    ("iso88599windowslatin5", WINDOWS_1254),
    ("isoir6", Charset::US_ASCII),
    ("jis", Charset::ISO_2022_JP),
    ("jis7", Charset::ISO_2022_JP),
    ("koi8r", KOI8_R),
    ("koi8ru", KOI8_U),
    ("koi8u", KOI8_U),
    ("ksc56011987", EUC_KR),
    ("ksc56011989", EUC_KR),
    ("ksc56011992", EUC_KR),
    ("ksx1001", EUC_KR),
    ("latin10", Charset::whatwg(&encoding_rs::ISO_8859_16_INIT)),
    ("latin7", ISO_8859_13),
    ("latin8", Charset::whatwg(&encoding_rs::ISO_8859_14_INIT)),
    ("latin9", ISO_8859_15),
    ("maccyrillic", X_MAC_CYRILLIC),
    ("macroman", MACINTOSH),
    ("macukrainian", X_MAC_CYRILLIC),
    ("ms950hkscs", BIG5),
    ("mskanji", SHIFT_JIS),
    ("shiftjis", SHIFT_JIS),
    ("sjiswin", SHIFT_JIS),
    ("tis620", WINDOWS_874),
    ("tis6202533", WINDOWS_874),
    ("ucs2", UTF_16),
    ("ucs2be", UTF_16BE),
    ("ucs2le", UTF_16LE),
    ("ucs4", UTF_32),
    ("ucs4be", UTF_32BE),
    ("ucs4le", UTF_32LE),
    ("uhc", EUC_KR),
    ("ujis", EUC_JP),
    // QUIRK: the Encoding Standard takes these for little-endian; mail has both orders.
    ("unicode", UTF_16),
    ("unicode11utf7", Charset::UTF_7),
    ("unicode20utf7", Charset::UTF_7),
    ("us", Charset::US_ASCII),
    ("usascii", Charset::US_ASCII),
    ("utf16", UTF_16),
    ("utf16be", UTF_16BE),
    ("utf16le", UTF_16LE),
    ("utf32", UTF_32),
    ("utf32be", UTF_32BE),
    ("utf32le", UTF_32LE),
    ("utf7", Charset::UTF_7),
    ("utf8", Charset::UTF_8),
    ("utf8mb4", Charset::UTF_8),
];

/// What may stand before the number of a code page.
const NUMBERED: &[&str] =
    &["", "windows", "win", "cp", "ibm", "iso", "dos", "msdos", "oem", "ms", "ansi", "codepage"];

/// Code pages by number, sorted; those of `pages` not among them. 88591 is what is left of
/// `8859_1` and `iso-8859-1`, 28591 is Microsoft's number for it.
const NUMBERS: &[(u32, Charset)] = &[
    (646, Charset::US_ASCII),
    (819, Charset::WINDOWS_1252),
    (866, Charset::whatwg(&encoding_rs::IBM866_INIT)),
    (874, WINDOWS_874),
    (878, KOI8_R),
    (932, SHIFT_JIS),
    (936, GB18030),
    (943, SHIFT_JIS),
    (949, EUC_KR),
    (950, BIG5),
    (1200, UTF_16LE),
    (1201, UTF_16BE),
    (1250, WINDOWS_1250),
    (1251, Charset::whatwg(&encoding_rs::WINDOWS_1251_INIT)),
    (1252, Charset::WINDOWS_1252),
    (1253, Charset::whatwg(&encoding_rs::WINDOWS_1253_INIT)),
    (1254, WINDOWS_1254),
    (1255, Charset::whatwg(&encoding_rs::WINDOWS_1255_INIT)),
    (1256, Charset::whatwg(&encoding_rs::WINDOWS_1256_INIT)),
    (1257, Charset::whatwg(&encoding_rs::WINDOWS_1257_INIT)),
    (1258, Charset::whatwg(&encoding_rs::WINDOWS_1258_INIT)),
    (10000, MACINTOSH),
    (10007, X_MAC_CYRILLIC),
    (12000, UTF_32LE),
    (12001, UTF_32BE),
    (20127, Charset::US_ASCII),
    (20866, KOI8_R),
    (20932, EUC_JP),
    (20936, GB18030),
    (20949, EUC_KR),
    (21866, KOI8_U),
    (38598, ISO_8859_8_I),
    (50220, Charset::ISO_2022_JP),
    (50221, Charset::ISO_2022_JP),
    (50222, Charset::ISO_2022_JP),
    (50225, Charset::ISO_2022_KR),
    (50227, Charset::ISO_2022_CN),
    (51932, EUC_JP),
    (51936, GB18030),
    (51949, EUC_KR),
    (52936, HZ),
    (54936, GB18030),
    (65000, Charset::UTF_7),
    (65001, Charset::UTF_8),
];

/// What most mail is labelled with, so that it need not be looked for.
const FREQUENT: &[(&[u8], Charset)] = &[
    (b"utf-8", Charset::UTF_8),
    (b"us-ascii", Charset::US_ASCII),
    (b"iso-8859-1", Charset::WINDOWS_1252),
    (b"windows-1252", Charset::WINDOWS_1252),
    (b"iso-8859-15", ISO_8859_15),
    (b"gb2312", GB18030),
    (b"koi8-r", KOI8_R),
    (b"iso-2022-jp", Charset::ISO_2022_JP),
];

/// The names of the Encoding Standard in lower case, where that is not how it writes them.
const LOWER_CASE: &[&str] = &[
    "big5",
    "euc-jp",
    "euc-kr",
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "shift_jis",
    "utf-16be",
    "utf-16le",
    "utf-8",
];

pub(super) fn lower_case(name: &'static str) -> &'static str {
    LOWER_CASE.iter().find(|lower| lower.eq_ignore_ascii_case(name)).unwrap_or(&name)
}

pub(super) fn lookup(label: &[u8]) -> Option<Charset> {
    match FREQUENT.iter().find(|(name, _)| label.eq_ignore_ascii_case(name)) {
        Some(&(_, charset)) => Some(charset),
        None => lookup_slowly(label),
    }
}

fn lookup_slowly(label: &[u8]) -> Option<Charset> {
    let label = trim(label);
    let key = Key::of(label)?;
    by_key(key.as_str()).or_else(|| by_standard(label)).or_else(|| {
        ["x", "cs"].iter().find_map(|prefix| by_key(key.as_str().strip_prefix(prefix)?))
    })
}

fn by_key(key: &str) -> Option<Charset> {
    match NAMES.binary_search_by_key(&key, |&(name, _)| name) {
        Ok(found) => NAMES.get(found).map(|&(_, charset)| charset),
        Err(_) => by_standard(key.as_bytes()).or_else(|| by_number(key)),
    }
}

fn by_standard(label: &[u8]) -> Option<Charset> {
    let encoding = Encoding::for_label_no_replacement(label)?;
    match encoding.name() {
        "x-user-defined" => None,
        "GBK" => Some(GB18030),
        // `shift` is the more tolerant reader.
        "ISO-2022-JP" => Some(Charset::ISO_2022_JP),
        _ => Some(Charset::whatwg(encoding)),
    }
}

fn by_number(key: &str) -> Option<Charset> {
    let digits = NUMBERED.iter().find_map(|prefix| {
        key.strip_prefix(prefix).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let number = digits.parse().ok()?;
    if let Ok(found) = NUMBERS.binary_search_by_key(&number, |&(number, _)| number) {
        return NUMBERS.get(found).map(|&(_, charset)| charset);
    }
    let mut pages = pages::PAGES.iter().chain([&pages::ASCII]);
    let page = pages.find(|page| page.number == number);
    page.map(|page| Charset(Kind::Page(page))).or_else(|| by_part_of_iso_8859(number))
}

/// `8859` or Microsoft's `28590`, and the part: 88591 to 885916, 28591 to 28606.
fn by_part_of_iso_8859(number: u32) -> Option<Charset> {
    let part = match number {
        28_591..=28_606 => number - 28_590,
        88_591..=88_599 => number - 88_590,
        885_910..=885_916 => number - 885_900,
        _ => return None,
    };
    by_standard(format!("iso-8859-{part}").as_bytes())
}

/// QUIRK: the quotes are those that stayed when a label was taken out of its parameter badly.
pub(super) fn trim(label: &[u8]) -> &[u8] {
    let is_text = |&c: &u8| !is_fws(c) && c != b'"' && c != b'\'';
    let start = label.iter().position(is_text).unwrap_or(label.len());
    let end = label.iter().rposition(is_text).map_or(start, |last| last + 1);
    label.get(start..end).unwrap_or_default()
}

/// A label's letters, in lower case, and digits. What else a label may hold is left out; a label
/// with anything more, such as `%CHARSET`, has no key.
struct Key {
    octets: [u8; Key::LONGEST],
    len: usize,
}

impl Key {
    /// LIMIT: no known label is longer.
    const LONGEST: usize = 32;

    fn of(label: &[u8]) -> Option<Key> {
        let mut key = Key { octets: [0; Key::LONGEST], len: 0 };
        for &c in label {
            if c.is_ascii_alphanumeric() {
                *key.octets.get_mut(key.len)? = c.to_ascii_lowercase();
                key.len += 1;
            } else if !matches!(c, b'-' | b'_' | b'.' | b':' | b' ') {
                return None;
            }
        }
        (key.len > 0).then_some(key)
    }

    fn as_str(&self) -> &str {
        self.octets.get(..self.len).and_then(|key| str::from_utf8(key).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NUMBERS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(FREQUENT.iter().all(|&(label, charset)| lookup_slowly(label) == Some(charset)));
        assert!(LOWER_CASE.iter().all(|name| Encoding::for_label(name.as_bytes()).is_some()));
    }

    #[test]
    fn known_labels() {
        let rows: &[(&str, &[&str])] = &[
            ("utf-8", &["utf-8", "UTF8", " \"Utf-8\" ", "'utf_8'", "unicode-1-1-utf-8", "cp65001"]),
            (
                "us-ascii",
                &["us-ascii", "ASCII", "ANSI_X3.4-1968", "iso646-us", "iso-ir-6", "cp367"],
            ),
            ("windows-1252", &["iso-8859-1", "iso_8859-1", "ISO8859-1", "iso88591", "8859_1"]),
            ("windows-1252", &["latin1", "latin-1", "l1", "iso_8859-1:1987", "cp819", "x-cp1252"]),
            ("windows-1252", &["ISO-8859-1-Windows-3.1-Latin-1", "cp1252", "ansi-1252", "1252"]),
            ("windows-1250", &["windows-1250", "iso-8859-2-windows-latin-2", "cswindows1250"]),
            ("windows-1251", &["win-1251", "x-cp1251", "cp1251", "ansi-1251", "Windows_1251"]),
            ("windows-1258", &["cp-1258", "WINDOWS-1258"]),
            ("windows-874", &["tis-620", "iso-8859-11", "cp874", "dos-874", "x-windows-874"]),
            ("iso-8859-15", &["iso-8859-15", "ISO8859_15", "latin9", "l9", "csisolatin9"]),
            ("iso-8859-13", &["iso8859_13", "latin7", "baltic"]),
            ("iso-8859-16", &["iso8859-16", "windows-28606"]),
            ("iso-8859-6", &["arabic", "iso-8859-6-i", "ecma-114"]),
            ("iso-8859-8", &["iso-8859-8", "visual", "iso8859-8-e"]),
            ("iso-8859-8-i", &["iso-8859-8-i", "logical", "iso8859_8_i", "cp38598"]),
            ("koi8-r", &["koi8-r", "KOI8_R", "koi8r", "cskoi8r", "cp20866"]),
            ("koi8-u", &["koi8-u", "koi8-ru", "cp21866"]),
            ("cp437", &["cp437", "ibm437", "IBM-437", "437", "cp-437", "x-ibm437"]),
            ("cp850", &["cp-850", "cp850", "ibm850", "850", "dos-850", "CP_850", "csibm850"]),
            ("cp858", &["ibm00858", "cp858"]),
            ("cp720", &["dos-720"]),
            ("cp869", &["csibm869"]),
            ("ibm866", &["cp866", "866", "ibm866", "csibm866", "dos866"]),
            ("gb18030", &["gb2312", "GBK", "gb18030", "euc-cn", "x-gbk", "cp936", "gb_2312-80"]),
            ("hz-gb-2312", &["hz-gb-2312", "hz"]),
            ("big5", &["big5", "big5-hkscs", "Big5_HKSCS", "cn-big5", "cp950", "x-windows-950"]),
            ("euc-kr", &["ks_c_5601-1987", "euc-kr", "EUC_KR", "cp949", "korean", "ksc5601"]),
            ("euc-kr", &["ks-c-5601-1987", "x-windows-949", "uhc"]),
            ("shift_jis", &["shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "windows-31j"]),
            ("euc-jp", &["euc-jp", "x-euc-jp", "eucJP-ms", "ujis"]),
            ("iso-2022-jp", &["iso-2022-jp", "ISO2022JP", "iso-2022-jp-2", "iso-2022-jp-ms"]),
            ("iso-2022-jp", &["cp50220", "cp50221", "csiso2022jp", "iso-2022-jp-3"]),
            ("iso-2022-kr", &["iso-2022-kr", "csiso2022kr", "iso2022_kr"]),
            ("utf-7", &["utf-7", "unicode-1-1-utf-7", "csUnicode11UTF7", "x-unicode-2-0-utf-7"]),
            ("utf-16", &["utf-16", "unicode", "ucs-2", "iso-10646-ucs-2", "csUnicode"]),
            ("utf-16le", &["utf-16le", "UTF_16LE", "unicodeFEFF"]),
            ("utf-16be", &["utf-16be", "unicodeFFFE", "ucs-2be"]),
            ("utf-32", &["utf-32", "ucs-4", "csucs4"]),
            ("utf-32le", &["utf-32le"]),
            ("macintosh", &["x-mac-roman", "macintosh", "mac", "macroman"]),
            ("x-mac-cyrillic", &["x-mac-cyrillic", "mac-cyrillic", "x-mac-ukrainian"]),
        ];
        for &(name, labels) in rows {
            for label in labels {
                let found = lookup(label.as_bytes()).map(Charset::name);
                assert_eq!(found, Some(name), "{label}");
            }
        }
    }

    #[test]
    fn unknown_labels() {
        let labels: &[&[u8]] = &[
            b"",
            b" ",
            b"\"\"",
            b"x",
            b"cs",
            b"-",
            b"x-",
            b"iso",
            b"cp",
            b"cp0",
            b"8859",
            b"iso-8859",
            b"iso-8859-12",
            b"iso-8859-17",
            b"iso-8859-0",
            b"1",
            b"99999999999",
            b"%CHARSET",
            b"_iso-2022-jp$SIO",
            b"x-unknown",
            b"unknown-8bit",
            b"default",
            b"default_charset",
            b"binary",
            b"8bit",
            b"us-asii",
            b"uft-8",
            b"iso-2022-cn-ext",
            b"x-user-defined",
            b"replacement",
            b"utf-8\0",
            b"\xFFutf-8",
            b"utf-8;",
            b"utf-8,latin1",
            b"a-label-that-is-longer-than-any-that-is-known",
        ];
        for label in labels {
            assert_eq!(lookup(label), None, "{}", label.escape_ascii());
        }
        assert_eq!(lookup(&b"-".repeat(1 << 20)), None);
        assert_eq!(lookup(&b"8".repeat(1 << 20)), None);
    }
}
