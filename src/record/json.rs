//! JSON, written straight into octets: strings that are safe to look at, and numbers.
//!
//! What would control a terminal, or reverse or hide text, is written as `\u`, which JSON itself
//! asks for in C0 only. The result is UTF-8, never longer than six times the text, and any text
//! comes back from it as it was. Runs that need no escape are copied.
//!
//! Deliberately not here: objects and arrays, whose commas their writers know best.
//!
//! RFC 8259 §7. May use: simd, base.

use std::io::{self, Write};

use crate::base::chars;
use crate::simd::escape::{self as simd, LEAST};

/// Octets at which a character begins that may need an escape: controls, quote, backslash, DEL, and
/// the first octets of what [`chars::is_unsafe`] tells.
const SUSPECT: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 256 {
        table[i] =
            i < 0x20 || matches!(i as u8, b'"' | b'\\' | 0x7F | 0xC2 | 0xD8 | 0xE2 | 0xEF | 0xF3);
        i += 1;
    }
    table
};

/// LIMIT: octets that are escaped before they are written to anything but memory.
const ROOM: usize = 4096;

/// Text that is written without vectors.
const SHORT: usize = 96;

/// A string with its quotes.
pub fn string<W: Write + ?Sized>(text: &str, to: &mut W) -> io::Result<()> {
    to.write_all(b"\"")?;
    escape(text, to)?;
    to.write_all(b"\"")
}

/// What stands between the quotes of a string, or a piece of it.
pub fn escape<W: Write + ?Sized>(text: &str, to: &mut W) -> io::Result<()> {
    if text.len() <= SHORT {
        return escape_rest(text, 0, to);
    }
    let mut room = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(ROOM);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, behind) = rest.split_at(end);
        room.clear();
        append(piece, &mut room);
        to.write_all(&room)?;
        rest = behind;
    }
    Ok(())
}

/// The same into memory, which never fails.
pub(super) fn append(text: &str, to: &mut Vec<u8>) {
    let mut at = 0;
    while text.len() > SHORT && text.len() - at >= LEAST {
        let escaped = simd::escape(&text.as_bytes()[at..], to);
        at += escaped.taken;
        if escaped.stopped {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            let written = escape_or_copy(c, to);
            debug_assert!(written.is_ok(), "memory takes what it is given");
            at += c.len_utf8();
        }
    }
    let written = escape_rest(text, at, to);
    debug_assert!(written.is_ok(), "memory takes what it is given");
}

/// What stands behind an octet, for what is not worth vectors.
fn escape_rest<W: Write + ?Sized>(text: &str, from: usize, to: &mut W) -> io::Result<()> {
    let octets = text.as_bytes();
    // Up to `done` all is written.
    let (mut done, mut at) = (from, from);
    while let Some(run) = octets[at..].iter().position(|&c| SUSPECT[c as usize]) {
        let suspect = at + run;
        let Some(c) = text.get(suspect..).and_then(|rest| rest.chars().next()) else { break };
        at = suspect + c.len_utf8();
        to.write_all(&octets[done..suspect])?;
        match short_escape(c) {
            Some(escape) => to.write_all(&escape)?,
            None => escape_or_copy(c, to)?,
        }
        done = at;
    }
    to.write_all(&octets[done..])
}

/// The escape of two octets that a character has, if it has one.
#[inline(always)]
fn short_escape(c: char) -> Option<[u8; 2]> {
    let letter = match c {
        '\n' => b'n',
        '"' => b'"',
        '\\' => b'\\',
        '\t' => b't',
        '\r' => b'r',
        '\x08' => b'b',
        '\x0C' => b'f',
        _ => return None,
    };
    Some([b'\\', letter])
}

/// A character that may have to be hidden: `\uXXXX` for each of its units in UTF-16 then.
#[inline(never)]
fn escape_or_copy<W: Write + ?Sized>(c: char, to: &mut W) -> io::Result<()> {
    if !chars::is_unsafe(c) {
        return to.write_all(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        write!(to, "\\u{unit:04x}")?;
    }
    Ok(())
}

/// A string, or `null`.
pub(crate) fn option(text: Option<&str>, to: &mut Vec<u8>) {
    match text {
        Some(text) => text_of(text, to),
        None => to.extend_from_slice(b"null"),
    }
}

/// A string into memory, which never fails.
pub(crate) fn text_of(text: &str, to: &mut Vec<u8>) {
    to.push(b'"');
    append(text, to);
    to.push(b'"');
}

/// A number.
pub(crate) fn number(mut value: u64, to: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut to = Vec::new();
        string(text, &mut to).expect("memory");
        String::from_utf8(to).expect("UTF-8")
    }

    #[test]
    fn escapes() {
        let cases: &[(&str, &str)] = &[
            ("", r#""""#),
            ("plain ü 日本 €", r#""plain ü 日本 €""#),
            ("a\"b\\c/", r#""a\"b\\c/""#),
            ("\n\r\t\u{8}\u{c}\0\u{1f}", r#""\n\r\t\b\f\u0000\u001f""#),
            ("\u{7f}\u{80}\u{9f}\u{a0}", "\"\\u007f\\u0080\\u009f\u{a0}\""),
            ("exe\u{202e}gpj\u{202f}", "\"exe\\u202egpj\u{202f}\""),
            ("\u{61c}\u{61b}", "\"\\u061c\u{61b}\""),
            (
                "\u{200b}\u{200d}\u{2028}\u{2060}\u{2069}",
                "\"\\u200b\u{200d}\\u2028\\u2060\\u2069\"",
            ),
            ("\u{feff}\u{fffa}\u{fffd}", "\"\\ufeff\\ufffa\u{fffd}\""),
            ("\u{e0041}\u{e0100}", "\"\\udb40\\udc41\u{e0100}\""),
        ];
        for &(text, expected) in cases {
            assert_eq!(written(text), expected);
        }
    }

    #[test]
    fn every_octet_at_every_place_of_a_word() {
        // In a short text, in one that is long enough to be looked at, and over a block.
        for at in (0..12).chain([60, 61, 62, 505, 509, 510, 511, 512, 520]) {
            for c in (0..0x180).filter_map(char::from_u32) {
                let text = format!("{}{c}{}", "x".repeat(at), "y".repeat(12));
                let plain: String = text
                    .chars()
                    .map(|c| match c {
                        '"' | '\\' => format!("\\{c}"),
                        '\n' => "\\n".to_owned(),
                        '\r' => "\\r".to_owned(),
                        '\t' => "\\t".to_owned(),
                        '\u{8}' => "\\b".to_owned(),
                        '\u{c}' => "\\f".to_owned(),
                        c if chars::is_unsafe(c) => format!("\\u{:04x}", c as u32),
                        c => c.to_string(),
                    })
                    .collect();
                assert_eq!(written(&text), format!("\"{plain}\""), "{c:?} at {at}");
            }
        }
    }

    #[test]
    fn numbers() {
        for value in [0, 9, 10, 1_234_567_890, u64::MAX] {
            let mut to = Vec::new();
            number(value, &mut to);
            assert_eq!(to, value.to_string().as_bytes());
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>(), odd in "[\0-\x20\"\\\\\u{7f}-\u{a0}\u{200b}-\u{2070}a]{0,40}") {
            for text in [&text, &odd] {
                let json = written(text);
                prop_assert!(!json.contains(chars::is_unsafe));
                let back: String = serde_json::from_str(&json).expect("JSON");
                prop_assert_eq!(&back, text);
            }
        }
    }
}
