//! What octets are, told by the first of them: mail, something compressed, an archive, or something
//! that holds no mail.
//!
//! Contract: names do not count. Whatever is none of the things that are known here is a message;
//! only of what nobody named, the files of folders and the members of archives, is it asked whether
//! it looks like one ([`is_foreign`]).
//!
//! RFC 1952 §2.3.1 (gzip), RFC 8878 §3.1 (zstd), the .xz file format §2.1.1, APPNOTE §4.3 (zip),
//! POSIX `pax` (tar).
//!
//! May use: base, walk.

use super::{Format, format};
use crate::base::chars::{is_ftext, is_wsp};

/// What a head is the head of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// What is read as it lies.
    Mail(Format),
    /// Apple Mail's .emlx: a message of `len` octets that begins at `start`, and a property list.
    Emlx {
        start: u64,
        len: u64,
    },
    Compressed(Coding),
    Tar,
    Zip,
    /// Mail, but not as RFC 5322 has it; what it is and what can be done.
    Other(&'static str),
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Coding {
    /// The one whose magic octets these are.
    pub(super) fn of(head: &[u8]) -> Option<Coding> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Coding::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Coding::Zstd),
            // A skippable frame may stand before the first one.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Coding::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Coding::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', block @ ..]
                if block.starts_with(b"1AY&SY") || block.starts_with(b"\x17rE8P\x90") =>
            {
                Some(Coding::Bzip2)
            }
            _ => None,
        }
    }
}

/// What octets are, by the first of them.
pub(super) fn of(head: &[u8]) -> Content {
    if let Some(coding) = Coding::of(head) {
        Content::Compressed(coding)
    } else if is_zip(head) {
        Content::Zip
    } else if is_tar(head) {
        Content::Tar
    } else if let Some(emlx) = emlx(head) {
        emlx
    } else {
        match format(head) {
            Ok(format) => Content::Mail(format),
            Err(what) => Content::Other(what),
        }
    }
}

/// A local header, the end of an archive without members, or the marker of one in pieces.
fn is_zip(head: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08PK\x03\x04"]
        .iter()
        .any(|magic| head.starts_with(magic))
}

/// Whether this is the header of a tar archive's first member: old ones have no magic, but all have
/// the sum of their octets.
fn is_tar(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|block: &[u8; 512]| block[0] != 0 && has_sum(block))
}

/// Whether a tar header holds the sum of its octets, its own place counted as spaces. Some old
/// programs added signed octets.
pub(super) fn has_sum(block: &[u8; 512]) -> bool {
    const PLACE: std::ops::Range<usize> = 148..156;
    let mut unsigned = 8 * u64::from(b' ');
    let mut signed = 8 * i64::from(b' ');
    for (_, &c) in block.iter().enumerate().filter(|(at, _)| !PLACE.contains(at)) {
        unsigned += u64::from(c);
        signed += i64::from(c as i8);
    }
    let said = octal(&block[PLACE]);
    said == Some(unsigned) || (said.is_some() && said == u64::try_from(signed).ok())
}

/// A number of a tar header: octal digits, between spaces and NULs.
pub(super) fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|c| !(b'0'..=b'7').contains(c)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let is_number = digits.len() <= 21 && rest.iter().all(|&c| c == b' ' || c == 0);
    let value = digits.iter().fold(0, |sum: u64, &c| sum << 3 | u64::from(c - b'0'));
    (is_number && !digits.is_empty()).then_some(value)
}

/// A line with the number of octets of the message, padded with spaces, and behind it a field.
fn emlx(head: &[u8]) -> Option<Content> {
    let digits = head.iter().position(|c| !c.is_ascii_digit())?;
    let spaces = head[digits..].iter().position(|&c| c != b' ')?;
    let start = digits + spaces + 1;
    let is_line = (1..=12).contains(&digits) && head[start - 1] == b'\n' && start <= 64;
    if !is_line || !begins_field(&head[start..]) {
        return None;
    }
    let len = std::str::from_utf8(&head[..digits]).ok()?.parse().ok()?;
    Some(Content::Emlx { start: start as u64, len })
}

/// Whether octets that nobody named as mail hold none, although nothing else is known about them:
/// they begin as files of other kinds do, or nothing near their start looks like a field.
pub(super) fn is_foreign(head: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"%PDF-",
        b"\xff\xd8\xff",
        b"\x89PNG",
        b"GIF8",
        b"RIFF",
        b"\x7fELF",
        b"MZ\x90\0",
        b"SQLite format 3\0",
        b"{\\rtf",
        b"Rar!",
        b"7z\xbc\xaf\x27\x1c",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"bplist",
        b"OggS",
        b"ID3",
    ];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    MAGIC.iter().any(|magic| head.starts_with(magic))
        || is_markup(text)
        || is_json(text)
        || !has_field(head)
}

fn is_markup(text: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"<!doctype",
        b"<?xml",
        b"<html",
        b"<head",
        b"<body",
        b"<!--",
        b"<svg",
        b"<rss",
        b"<feed",
    ];
    let begins = |start: &&[u8]| {
        text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    STARTS.iter().any(begins)
}

fn is_json(text: &[u8]) -> bool {
    let [b'{' | b'[', rest @ ..] = text else { return false };
    matches!(rest.trim_ascii_start().first(), Some(b'"' | b'{' | b'[' | b'}' | b']'))
}

/// Whether one of the first lines is a field: broken mail may begin with lines that are none.
fn has_field(head: &[u8]) -> bool {
    /// LIMIT: lines that are looked at.
    const LINES: usize = 10;
    let lines = head.split(|&c| c == b'\n' || c == b'\r').filter(|line| !line.is_empty());
    lines.take(LINES).any(begins_field)
}

fn begins_field(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let name = line.iter().take_while(|&&c| is_ftext(c)).count();
    let rest = line[name..].iter().find(|&&c| !is_wsp(c));
    name > 0 && rest == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tar header with this name, and its sum.
    fn header(name: &str) -> Vec<u8> {
        let mut block = [0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..136].copy_from_slice(b"00000000000 ");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&c| u32::from(c)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.to_vec()
    }

    #[test]
    fn contents() {
        let mut no_tar = header("a");
        no_tar[0] = b'b';
        let cases: &[(&str, &[u8], Content)] = &[
            ("nothing", b"", Content::Mail(Format::Empty)),
            ("gzip", b"\x1f\x8b\x08\0", Content::Compressed(Coding::Gzip)),
            ("the old pack", b"\x1f\x1e\x08\0", Content::Mail(Format::Message)),
            ("zstd", b"\x28\xb5\x2f\xfd", Content::Compressed(Coding::Zstd)),
            ("xz", b"\xfd7zXZ\0", Content::Compressed(Coding::Xz)),
            ("bzip2", b"BZh91AY&SY", Content::Compressed(Coding::Bzip2)),
            ("a word", b"BZh9: no\n", Content::Mail(Format::Message)),
            ("zip", b"PK\x03\x04....", Content::Zip),
            ("empty zip", b"PK\x05\x06....", Content::Zip),
            ("tar", &header("a"), Content::Tar),
            ("another sum", &no_tar, Content::Mail(Format::Message)),
            ("emlx", b"12        \nA: b\n\n", Content::Emlx { start: 11, len: 12 }),
            ("a number", b"12        \ntext\n", Content::Mail(Format::Message)),
            ("no number", b"        \nA: b\n", Content::Mail(Format::Message)),
            ("many digits", b"12345678901234\nA: b\n", Content::Mail(Format::Message)),
        ];
        for &(name, head, expected) in cases {
            assert_eq!(of(head), expected, "{name}");
        }
        assert!(matches!(of(b"!BDN"), Content::Other(_)));
    }

    #[test]
    fn what_holds_no_mail() {
        const CASES: &[(&str, &[u8], bool)] = &[
            ("message", b"Subject: x\n\n", false),
            ("CR alone", b"text\rSubject: x\r\r", false),
            ("junk before it", b"junk\n\n more\nSubject : x\n\n", false),
            ("a BOM", b"\xef\xbb\xbfSubject: x\n\n", false),
            ("empty lines", b"\n\n\nSubject: x\n", false),
            ("html", b"\n<!DOCTYPE HTML>\n<!-- a: b -->\n", true),
            ("xml", b"\xef\xbb\xbf<?xml version='1.0'?>\nA: b\n", true),
            ("json", b"{\n  \"a\": 1 }\n", true),
            ("json list", b"[ { \"a\": 1 } ]\n", true),
            ("pdf", b"%PDF-1.4\nA: b\n", true),
            ("text", b"first\nsecond\n", true),
            ("too late", b"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\nSubject: x\n", true),
            ("commands", b"mv 1 00001.7c53\nmv 2 00002.9c4a\n", true),
        ];
        for &(name, head, expected) in CASES {
            assert_eq!(is_foreign(head), expected, "{name}");
        }
    }

    #[test]
    fn numbers() {
        const CASES: &[(&[u8], Option<u64>)] = &[
            (b"0000644\0", Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"644", Some(0o644)),
            (b"\0\0\0", None),
            (b"9", None),
            (b"77777777777777777777777", None),
            (b"", None),
        ];
        for &(field, expected) in CASES {
            assert_eq!(octal(field), expected, "{}", field.escape_ascii());
        }
    }
}
