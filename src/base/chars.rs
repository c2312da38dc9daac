//! Character classes of the grammars of RFC 5322 and RFC 2045, on octets.

const WSP: u8 = 1;
const FTEXT: u8 = 1 << 1;
const ATEXT: u8 = 1 << 2;
const TOKEN: u8 = 1 << 3;
const HEX: u8 = 1 << 4;

const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let mut class = 0;
        if c == b' ' || c == b'\t' {
            class |= WSP;
        }
        if c > 32 && c < 127 && c != b':' {
            class |= FTEXT;
        }
        if c > 32 && c < 127 && !in_set(c, b"()<>[]:;@\\,.\"") {
            class |= ATEXT;
        }
        if c > 32 && c < 127 && !in_set(c, b"()<>@,;:\\\"/[]?=") {
            class |= TOKEN;
        }
        if c.is_ascii_hexdigit() {
            class |= HEX;
        }
        table[i] = class;
        i += 1;
    }
    table
};

const fn in_set(c: u8, set: &[u8]) -> bool {
    let mut i = 0;
    while i < set.len() {
        if set[i] == c {
            return true;
        }
        i += 1;
    }
    false
}

/// White space inside a line: SPACE or TAB (RFC 5234 WSP).
#[inline]
pub fn is_wsp(c: u8) -> bool {
    TABLE[c as usize] & WSP != 0
}

/// White space where folds may still stand in the text: WSP, CR, LF.
#[inline]
pub fn is_fws(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n')
}

/// A character of a field name: 33 to 126 without the colon (RFC 5322 §2.2).
#[inline]
pub fn is_ftext(c: u8) -> bool {
    TABLE[c as usize] & FTEXT != 0
}

/// A character of an atom (RFC 5322 §3.2.3). Octets over 127 are no atext here (RFC 6532 §3.2 makes
/// them so; callers that accept them say it).
#[inline]
pub fn is_atext(c: u8) -> bool {
    TABLE[c as usize] & ATEXT != 0
}

/// A character of a token (RFC 2045 §5.1).
#[inline]
pub fn is_token(c: u8) -> bool {
    TABLE[c as usize] & TOKEN != 0
}

/// A character that makes quotes necessary in a parameter (RFC 2045 §5.1 tspecials).
#[inline]
pub fn is_tspecial(c: u8) -> bool {
    c > 32 && c < 127 && !is_token(c)
}

/// A hexadecimal digit of either case.
#[inline]
pub fn is_hex(c: u8) -> bool {
    TABLE[c as usize] & HEX != 0
}

/// The value of a hexadecimal digit.
#[inline]
pub fn hex_value(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        b'A'..=b'F' => Some(c - b'A' + 10),
        _ => None,
    }
}

/// Without the white space (folds included) at both ends.
pub fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// Without the white space (folds included) at the start.
pub fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&c| !is_fws(c)).unwrap_or(text.len());
    &text[start..]
}

/// Without the white space (folds included) at the end.
pub fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&c| !is_fws(c)).map_or(0, |i| i + 1);
    &text[..end]
}
/// Whether a character must not reach a terminal: it controls it, or it reverses or hides text.
#[inline]
pub fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' | '\u{2028}' | '\u{2029}')
}
