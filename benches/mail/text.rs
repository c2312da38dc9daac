//! Texts: words in lines of at most 72 characters, and the codings they are sent in. The codings are
//! written here once more, so that what is measured does not make its own input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::random::Random;

const ENGLISH: &[&str] = &[
    "the",
    "of",
    "and",
    "to",
    "we",
    "have",
    "for",
    "your",
    "order",
    "meeting",
    "please",
    "find",
    "attached",
    "report",
    "on",
    "Monday",
    "regards",
    "if",
    "you",
    "questions",
    "about",
    "invoice",
    "number",
    "is",
    "not",
    "yet",
    "paid",
    "let",
    "us",
    "know",
    "whether",
    "delivery",
    "tomorrow",
    "morning",
    "would",
    "suit",
    "a",
    "conference",
    "in",
    "https://example.com/news?id=4711",
    "at",
];
const FRENCH: &[&str] = &[
    "le",
    "café",
    "est",
    "fermé",
    "jusqu'à",
    "lundi",
    "prochain",
    "nous",
    "vous",
    "prions",
    "de",
    "bien",
    "vouloir",
    "agréer",
    "très",
    "cordialement",
    "où",
    "dès",
    "la",
    "réunion",
    "pièce",
];
const RUSSIAN: &[&str] = &[
    "привет",
    "и",
    "в",
    "отчёт",
    "на",
    "понедельник",
    "пожалуйста",
    "если",
    "вопросы",
    "счёт",
    "завтра",
    "утром",
    "мы",
    "получили",
    "ваше",
    "письмо",
    "спасибо",
    "с",
    "уважением",
];

/// What a text is written in.
#[derive(Clone, Copy)]
pub(crate) enum Language {
    English,
    French,
    Russian,
}

impl Language {
    fn words(self) -> &'static [&'static str] {
        match self {
            Language::English => ENGLISH,
            Language::French => FRENCH,
            Language::Russian => RUSSIAN,
        }
    }
}

/// So many words on one line.
pub(crate) fn words(random: &mut Random, language: Language, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| random.pick(language.words())).collect();
    words.join(" ")
}

/// Lines of text, of `octets` octets or a line more.
pub(crate) fn lines(random: &mut Random, language: Language, octets: usize) -> String {
    let mut text = String::with_capacity(octets + 200);
    while text.len() < octets {
        let paragraph = random.within(1..9);
        for _ in 0..paragraph {
            line(random, language, &mut text);
        }
        text.push_str("\r\n");
    }
    text
}

fn line(random: &mut Random, language: Language, text: &mut String) {
    let mut columns = 0;
    while columns < 60 {
        let word = random.pick(language.words());
        if columns > 0 {
            text.push(' ');
        }
        text.push_str(word);
        columns += word.chars().count() + 1;
    }
    text.push_str("\r\n");
}

/// Paragraphs of HTML with the attributes that mail programs write.
pub(crate) fn html(random: &mut Random, language: Language, octets: usize) -> String {
    let mut text = "<html><head><meta charset=\"utf-8\"></head><body>\r\n".to_owned();
    while text.len() < octets {
        text.push_str("<p style=\"margin:0;font-family:Arial,sans-serif\" class=\"x\">");
        text.push_str(&words(random, language, 12));
        text.push_str("</p>\r\n");
    }
    text.push_str("</body></html>\r\n");
    text
}

/// A French text in windows-1252.
pub(crate) fn windows_1252(random: &mut Random, octets: usize) -> Vec<u8> {
    let text = lines(random, Language::French, octets);
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("latin1 is enough")).collect()
}

/// Lines of hiragana, with an ASCII word now and then, in ISO-2022-JP (RFC 1468).
pub(crate) fn iso_2022_jp(random: &mut Random, octets: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(octets + 200);
    while text.len() < octets {
        if random.once_in(3) {
            text.extend_from_slice(random.pick(ENGLISH).as_bytes());
        }
        text.extend_from_slice(b"\x1b$B");
        for _ in 0..random.within(10..34) {
            text.extend_from_slice(&[0x24, random.within(0x21..0x74) as u8]);
        }
        text.extend_from_slice(b"\x1b(B\r\n");
    }
    text
}

/// Base64 in lines of 76 columns.
pub(crate) fn base64(octets: &[u8], line_end: &str) -> String {
    let mut text = String::with_capacity(octets.len() * 3 / 2);
    for line in octets.chunks(57) {
        STANDARD.encode_string(line, &mut text);
        text.push_str(line_end);
    }
    text
}

/// A file in yEnc, in lines of 128 characters, with the size and the checksum that it should have.
pub(crate) fn yenc(octets: &[u8]) -> Vec<u8> {
    let mut text = format!("=ybegin line=128 size={} name=file\r\n", octets.len()).into_bytes();
    for line in octets.chunks(128) {
        for &octet in line {
            match octet.wrapping_add(42) {
                c @ (0 | b'\n' | b'\r' | b'=') => {
                    text.extend_from_slice(&[b'=', c.wrapping_add(64)])
                }
                // No line begins with a dot, which SMTP would double.
                b'.' if text.ends_with(b"\n") => text.extend_from_slice(&[b'=', b'.' + 64]),
                c => text.push(c),
            }
        }
        text.extend_from_slice(b"\r\n");
    }
    let end = format!("=yend size={} crc32={:08x}\r\n", octets.len(), crc32(octets));
    text.extend_from_slice(end.as_bytes());
    text
}

/// The checksum of zip and yEnc, bit by bit.
fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(!0, |sum, &octet| {
        (0..8).fold(sum ^ u32::from(octet), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

/// A text with CRLFs in quoted-printable, its lines at most 76 columns.
pub(crate) fn quoted_printable(text: &[u8]) -> String {
    let mut coded = String::with_capacity(text.len() * 2);
    let mut columns = 0;
    for (i, &c) in text.iter().enumerate() {
        if c == b'\r' || c == b'\n' {
            coded.push(char::from(c));
            columns = 0;
            continue;
        }
        let at_line_end = text.get(i + 1) == Some(&b'\r');
        let width = if is_literal(c, at_line_end) { 1 } else { 3 };
        if columns + width > 75 {
            coded.push_str("=\r\n");
            columns = 0;
        }
        push_octet(&mut coded, c, width == 1);
        columns += width;
    }
    coded
}

/// The content of an encoded-word in Q (RFC 2047 §4.2).
pub(crate) fn q_word(text: &str) -> String {
    let mut coded = String::new();
    for &c in text.as_bytes() {
        match c {
            b' ' => coded.push('_'),
            _ => push_octet(&mut coded, c, c.is_ascii_alphanumeric()),
        }
    }
    format!("=?utf-8?Q?{coded}?=")
}

/// An encoded-word in B.
pub(crate) fn b_word(text: &str) -> String {
    format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
}

fn is_literal(c: u8, at_line_end: bool) -> bool {
    matches!(c, b'!'..=b'~' if c != b'=') || c == b' ' && !at_line_end
}

fn push_octet(coded: &mut String, c: u8, literal: bool) {
    if literal {
        coded.push(char::from(c));
    } else {
        coded.push('=');
        coded.push(char::from(b"0123456789ABCDEF"[usize::from(c >> 4)]));
        coded.push(char::from(b"0123456789ABCDEF"[usize::from(c & 15)]));
    }
}
