//! The laws of the charsets: any octets in any charset are text, the same for any cut, and where
//! the standard library can read them too, what it reads.

use septet::base::Rule;
use septet::charset::{Charset, Choice, Decoder, Extent, Why, choose, decode_undeclared};

use crate::Input;

/// One label for each way of decoding, and some that are none.
const LABELS: &[&str] = &[
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "windows-1252",
    "utf-7",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "utf-32",
    "utf-32be",
    "utf-32le",
    "ucs-2",
    "iso-2022-jp",
    "iso-2022-kr",
    "iso-2022-cn",
    "hz-gb-2312",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
    "big5-hkscs",
    "euc-jp",
    "euc-kr",
    "euc-tw",
    "shift_jis",
    "ks_c_5601-1987",
    "cp949",
    "koi8-r",
    "koi8-u",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-11",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "macintosh",
    "x-mac-cyrillic",
    "cp437",
    "cp720",
    "cp737",
    "cp775",
    "cp850",
    "cp852",
    "cp855",
    "cp857",
    "cp858",
    "cp860",
    "cp861",
    "cp862",
    "cp863",
    "cp864",
    "cp865",
    "ibm866",
    "cp869",
    "cp932",
    "tis-620",
    "x-user-defined",
    "replacement",
    "x-unknown",
];

/// Holds the laws of the charsets against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let label = LABELS[usize::from(input.choice) % LABELS.len()];
    let charset = Charset::for_label(label.as_bytes());
    if let Some(charset) = charset {
        decodes_alike(&input, charset);
        agrees_with_the_library(input.text, charset);
        assert_eq!(Charset::for_label(charset.name().as_bytes()), Some(charset), "{label}");
    }
    chooses(&input, label, charset);
    // The octets as a label.
    if let Some(charset) = Charset::for_label(input.text) {
        assert_eq!(Charset::for_label(charset.name().as_bytes()), Some(charset));
    }
}

/// The text, and how many U+FFFD were put in.
fn decode<'a>(decoder: &mut Decoder, pieces: impl Iterator<Item = &'a [u8]>) -> (String, usize) {
    let mut text = String::new();
    let mut replaced = 0;
    pieces.for_each(|piece| replaced += decoder.decode(piece, &mut text, false));
    replaced += decoder.decode(b"", &mut text, true);
    (text, replaced)
}

fn decodes_alike(input: &Input<'_>, charset: Charset) {
    let mut whole = String::new();
    let replaced = charset.decode(input.text, &mut whole);
    let whole = (whole, replaced);
    assert!(replaced <= whole.0.matches('\u{FFFD}').count(), "{charset:?}");
    let decoder = &mut Decoder::new(charset);
    for run in ["cut", "cut again by the same decoder"] {
        let cut = decode(decoder, input.pieces(input.text));
        assert_eq!(cut, whole, "{charset:?} {run} in pieces of {:?}", input.sizes);
    }
    let octets = input.text.chunks(1);
    assert_eq!(decode(decoder, octets), whole, "{charset:?} octet by octet");
}

fn agrees_with_the_library(octets: &[u8], charset: Charset) {
    let mut text = String::new();
    let replaced = charset.decode(octets, &mut text);
    if charset.is_ascii_compatible() && octets.is_ascii() {
        assert_eq!((text.as_bytes(), replaced), (octets, 0), "{charset:?}");
    }
    let expected = match charset.name() {
        "utf-8" => String::from_utf8_lossy(octets).into_owned(),
        "utf-16be" => utf_16(octets, u16::from_be_bytes),
        "utf-16le" => utf_16(octets, u16::from_le_bytes),
        _ => return,
    };
    assert_eq!(text, expected.strip_prefix('\u{FEFF}').unwrap_or(&expected), "{charset:?}");
}

/// UTF-16 as the standard library reads it; an octet that is left over is one U+FFFD.
fn utf_16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = octets.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|&pair| unit(pair)).collect();
    let mut text = String::from_utf16_lossy(&units);
    // A high surrogate that is cut short takes the octet behind it along: one thing that is no
    // text, not two (Encoding Standard §14.2).
    let cut = units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit));
    if !rest.is_empty() && !cut {
        text.push('\u{FFFD}');
    }
    text
}

fn chooses(input: &Input<'_>, label: &str, charset: Option<Charset>) {
    let labels = [None, Some(label.as_bytes()), Some(input.text)];
    for (declared, extent) in labels.iter().flat_map(|&l| [(l, Extent::Whole), (l, Extent::Prefix)])
    {
        let choice = choose(declared, input.text, extent, charset, Charset::WINDOWS_1252);
        assert_reasonable(&choice, input.text);
        let again = choose(declared, input.text, extent, charset, Charset::WINDOWS_1252);
        assert_eq!(again, choice);
    }
    let mut text = String::new();
    let (used, replaced) = decode_undeclared(input.text, Charset::WINDOWS_1252, &mut text);
    let mut again = String::new();
    assert_eq!(used.decode(input.text, &mut again), replaced);
    assert_eq!(again, text, "{used:?}");
}

/// The reason that is given is one.
fn assert_reasonable(choice: &Choice, body: &[u8]) {
    match choice.why {
        Why::Ascii => assert!(body.is_ascii()),
        Why::Utf8 => assert!(!body.is_ascii() && choice.used == Charset::UTF_8),
        Why::Escape => assert!(body.contains(&0x1B)),
        Why::Fallback => assert_eq!(choice.used, Charset::WINDOWS_1252),
        Why::Declared | Why::Bom | Why::Others | Why::Guessed => {}
    }
    // UTF-7 is never guessed: it must have been asked for, and is reported then.
    if choice.used == Charset::UTF_7 {
        assert_eq!((choice.why, choice.rule), (Why::Declared, Some(Rule::C010)));
    }
}
