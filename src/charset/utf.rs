//! The forms of Unicode that `encoding_rs` lacks: UTF-7, UTF-32, and the order of the octets where
//! the label does not tell it. And UTF-8, which most text is in: copied, not converted.
//!
//! Malformed input becomes U+FFFD. UTF-7 is read more widely than RFC 2152 writes it: any ASCII
//! octet may stand for itself. Whether UTF-7 should be decoded at all is the caller's question.
//!
//! RFC 2152 (UTF-7), RFC 2781 §4.3 (order). May use: base.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::output::Output;

/// Which octet of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// UTF-8 in pieces. What is no UTF-8 is replaced as the Encoding Standard has it: one U+FFFD for each
/// longest start of a character.
#[derive(Default)]
pub(super) struct Utf8 {
    /// The start of a character that was cut.
    cut: [u8; 3],
    len: usize,
}

impl Utf8 {
    pub(super) fn decode(&mut self, src: &[u8], out: &mut Output<'_>, last: bool) {
        let rest = if self.len > 0 { self.go_on(src, out) } else { src };
        let (text, cut) = rest.split_at(cut_at_end(rest));
        match valid(text) {
            Some(text) => out.push_str(text),
            None => broken(text, out),
        }
        if !cut.is_empty() {
            self.cut[..cut.len()].copy_from_slice(cut);
            self.len = cut.len();
        }
        if last && std::mem::take(&mut self.len) > 0 {
            out.replace();
        }
    }

    /// The text that `src` begins with, if all of it is UTF-8 but a character that may be cut at its
    /// end; what is behind it is still to be decoded.
    pub(super) fn as_it_stands<'s>(&self, src: &'s [u8]) -> &'s str {
        if self.is_cut() {
            return "";
        }
        valid(&src[..cut_at_end(src)]).unwrap_or_default()
    }

    /// Whether a character was cut, the rest of which is to come.
    pub(super) fn is_cut(&self) -> bool {
        self.len > 0
    }

    /// Goes on with the character that was cut; returns what is behind it.
    fn go_on<'a>(&mut self, src: &'a [u8], out: &mut Output<'_>) -> &'a [u8] {
        let mut rest = src;
        while let Some((&next, behind)) = rest.split_first() {
            let mut octets = [0; 4];
            octets[..self.len].copy_from_slice(&self.cut[..self.len]);
            octets[self.len] = next;
            let octets = &octets[..=self.len];
            if let Ok(text) = str::from_utf8(octets) {
                out.push_str(text);
                self.len = 0;
                return behind;
            }
            if !is_cut(octets) {
                out.replace();
                self.len = 0;
                return rest;
            }
            // A character that is not complete has at most three octets.
            self.cut[..octets.len()].copy_from_slice(octets);
            self.len += 1;
            rest = behind;
        }
        rest
    }
}

/// All of it, if it is UTF-8; `encoding_rs` is faster at that than the standard library.
fn valid(octets: &[u8]) -> Option<&str> {
    match encoding_rs::UTF_8.decode_without_bom_handling_and_without_replacement(octets)? {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// Appends what is UTF-8 of `octets`, and what stands for the rest.
fn broken(octets: &[u8], out: &mut Output<'_>) {
    let mut rest = octets;
    while !rest.is_empty() {
        let (text, behind) = rest.split_at(Encoding::utf8_valid_up_to(rest));
        out.push_str(valid(text).unwrap_or_default());
        if behind.is_empty() {
            return;
        }
        out.replace();
        let longest = &behind[..behind.len().min(4)];
        let error = str::from_utf8(longest).err().and_then(|error| error.error_len());
        rest = &behind[error.unwrap_or(longest.len())..];
    }
}

/// Where the character begins that is cut at the end; the end if none is.
fn cut_at_end(octets: &[u8]) -> usize {
    let end = octets.len();
    let starts = (1..=3).filter_map(|len| end.checked_sub(len));
    starts.into_iter().find(|&start| is_cut(&octets[start..])).unwrap_or(end)
}

/// Whether octets are the start of a character, and nothing else.
fn is_cut(octets: &[u8]) -> bool {
    str::from_utf8(octets)
        .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// The first octets of UTF-16 or UTF-32, from which the order is told.
pub(super) struct Head {
    unit: usize,
    octets: [u8; 4],
    len: usize,
}

impl Head {
    /// Of a text in units of `unit` octets: 2 or 4.
    pub(super) fn new(unit: usize) -> Head {
        Head { unit, octets: [0; 4], len: 0 }
    }

    /// Takes what is missing from `src`; returns the rest of it.
    pub(super) fn fill<'a>(&mut self, src: &'a [u8]) -> &'a [u8] {
        let free = self.octets.get_mut(self.len..).unwrap_or_default();
        let (taken, rest) = src.split_at(free.len().min(src.len()));
        free.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
        self.len += taken.len();
        rest
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == self.octets.len()
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }

    pub(super) fn unit(&self) -> usize {
        self.unit
    }

    /// The order: as a byte order mark says; big-endian without one (RFC 2781 §4.3), unless the
    /// head is plainly little-endian ASCII.
    ///
    /// QUIRK: programs on Windows write little-endian without a mark. In UTF-16 that takes two
    /// characters to be sure: U+4E00 (一) alone looks like an `N`.
    pub(super) fn order(&self) -> Order {
        match (self.unit, self.octets()) {
            (2, [0xFF, 0xFE, ..]) | (_, [0xFF, 0xFE, 0, 0]) => Order::Little,
            (2, [1..=0x7F, 0, 1..=0x7F, 0]) | (4, [1..=0x7F, 0, 0, 0]) => Order::Little,
            _ => Order::Big,
        }
    }
}

/// Decodes UTF-32.
pub(super) struct Utf32 {
    order: Order,
    unit: [u8; 4],
    len: usize,
}

impl Utf32 {
    pub(super) fn new(order: Order) -> Utf32 {
        Utf32 { order, unit: [0; 4], len: 0 }
    }

    pub(super) fn decode(&mut self, src: &[u8], out: &mut Output<'_>, last: bool) {
        for &octet in src {
            // Octets shift in from the right; after four none of the old ones is left.
            let [_, b, c, d] = self.unit;
            self.unit = [b, c, d, octet];
            self.len += 1;
            if self.len == self.unit.len() {
                self.len = 0;
                out.push_or_replace(char::from_u32(self.value()));
            }
        }
        if last && self.len > 0 {
            out.replace();
        }
    }

    fn value(&self) -> u32 {
        match self.order {
            Order::Big => u32::from_be_bytes(self.unit),
            Order::Little => u32::from_le_bytes(self.unit),
        }
    }
}

/// Decodes UTF-7 (RFC 2152 §"UTF-7 Definition").
#[derive(Default)]
pub(super) struct Utf7 {
    /// The run of modified base64 that is open.
    run: Option<Run>,
}

/// A run of modified base64: UTF-16 in sextets, without padding.
#[derive(Default)]
struct Run {
    /// The sextets not yet used, in the low bits.
    bits: u32,
    /// How many bits those are: 0 to 15 between two sextets.
    len: u32,
    /// The high surrogate that waits for its partner.
    high: Option<u16>,
    /// A sextet has been read, so that `+` was not just a plus sign.
    begun: bool,
}

impl Utf7 {
    pub(super) fn decode(&mut self, src: &[u8], out: &mut Output<'_>, last: bool) {
        for &octet in src {
            self.octet(octet, out);
        }
        if last && let Some(run) = self.run.take() {
            run.close(out);
        }
    }

    fn octet(&mut self, octet: u8, out: &mut Output<'_>) {
        if let Some(run) = &mut self.run
            && let Some(sextet) = sextet(octet)
        {
            return run.add(sextet, out);
        }
        match (self.run.take(), octet) {
            (Some(Run { begun: false, .. }), b'-') => out.push('+'),
            (Some(run), b'-') => run.close(out),
            (Some(run), _) => {
                run.close(out);
                self.direct(octet, out);
            }
            (None, _) => self.direct(octet, out),
        }
    }

    fn direct(&mut self, octet: u8, out: &mut Output<'_>) {
        match octet {
            b'+' => self.run = Some(Run::default()),
            0x80.. => out.replace(),
            _ => out.push(char::from(octet)),
        }
    }
}

impl Run {
    fn add(&mut self, sextet: u8, out: &mut Output<'_>) {
        self.begun = true;
        self.bits = self.bits << 6 | u32::from(sextet);
        self.len += 6;
        if self.len >= 16 {
            self.len -= 16;
            let unit = (self.bits >> self.len) as u16;
            self.bits &= (1 << self.len) - 1;
            self.unit(unit, out);
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Output<'_>) {
        let is_low = matches!(unit, 0xDC00..=0xDFFF);
        match self.high.take() {
            Some(high) if is_low => {
                let pair = 0x1_0000 + (u32::from(high & 0x3FF) << 10) + u32::from(unit & 0x3FF);
                return out.push_or_replace(char::from_u32(pair));
            }
            Some(_) => out.replace(),
            None => {}
        }
        if matches!(unit, 0xD800..=0xDBFF) {
            self.high = Some(unit);
        } else {
            out.push_or_replace(char::from_u32(u32::from(unit)));
        }
    }

    /// Ends the run: what is left must be less than a sextet of zero bits, and no half character.
    fn close(self, out: &mut Output<'_>) {
        if self.high.is_some() {
            out.replace();
        }
        if !self.begun || self.len >= 6 || self.bits != 0 {
            out.replace();
        }
    }
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::charset::Charset;

    proptest! {
        /// The crate `charset`, which decodes whole texts only, as a witness.
        #[test]
        fn utf_7_as_the_crate_charset_reads_it(octets in "(\\+[A-Za-z0-9/]{0,12}-?|[ -~]|\r\n){0,12}") {
            // Both take a byte order mark for none of the text, but not at the same places.
            prop_assume!(!octets.contains("+/v"));
            let (expected, malformed) = ::charset::UTF_7.decode_without_bom_handling(octets.as_bytes());
            let mut text = String::new();
            let replaced = Charset::UTF_7.decode(octets.as_bytes(), &mut text);
            prop_assert_eq!(replaced > 0, malformed, "{:?}", octets);
            if !malformed {
                prop_assert_eq!(text, expected, "{:?}", octets);
            }
        }
    }

    #[test]
    fn utf_7() {
        let rows: &[(&str, &[u8], &str, usize)] = &[
            ("RFC 2152, first example", b"A+ImIDkQ.", "A≢Α.", 0),
            ("RFC 2152, second example", b"Hi Mom -+Jjo--!", "Hi Mom -☺-!", 0),
            ("RFC 2152, third example", b"+ZeVnLIqe", "日本語", 0),
            ("markup", b"+ADw-script+AD4-", "<script>", 0),
            ("plus", b"1 +- 1", "1 + 1", 0),
            ("surrogate pair", b"+2D3eAA-", "😀", 0),
            ("ended by another octet", b"+AOk,", "é,", 0),
            ("byte order mark", b"+/v8-x", "x", 0),
            ("plus alone", b"a+ b", "a\u{FFFD} b", 1),
            ("plus at the end", b"a+", "a\u{FFFD}", 1),
            ("octet over 127", b"\xE9", "\u{FFFD}", 1),
            ("octet over 127 in a run", b"+AOk\xE9", "é\u{FFFD}", 1),
            ("cut unit", b"+AO-", "\u{FFFD}", 1),
            ("bits left over", b"+AOl-", "é\u{FFFD}", 1),
            ("high surrogate alone", b"+2D0-", "\u{FFFD}", 1),
            ("high surrogate, no low one", b"+2D0A6Q-", "\u{FFFD}é", 1),
            ("low surrogate alone", b"+3gA-", "\u{FFFD}", 1),
        ];
        for &(name, octets, expected, replaced) in rows {
            let mut text = String::new();
            let count = Charset::UTF_7.decode(octets, &mut text);
            assert_eq!((text.as_str(), count), (expected, replaced), "{name}");
        }
    }

    /// All characters in base64, the plain way (RFC 2152 rule 2).
    fn to_utf_7(text: &str) -> Vec<u8> {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: Vec<u16> = text
            .encode_utf16()
            .flat_map(|unit| (0..16).rev().map(move |i| unit >> i & 1))
            .collect();
        let sextet = |six: &[u16]| {
            let value = (0..6).fold(0, |value, i| value << 1 | six.get(i).copied().unwrap_or(0));
            ALPHABET[usize::from(value)]
        };
        let mut octets = b"+".to_vec();
        octets.extend(bits.chunks(6).map(sextet));
        octets.push(b'-');
        octets
    }

    proptest! {
        #[test]
        fn utf_forms_come_back(text in "[^\u{FEFF}]\\PC*") {
            let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let utf_32: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
            let rows =
                [("utf-7", to_utf_7(&text)), ("utf-16be", utf_16), ("utf-32le", utf_32)];
            for (label, octets) in rows {
                let mut decoded = String::new();
                let charset = Charset::for_label(label.as_bytes()).expect(label);
                let replaced = charset.decode(&octets, &mut decoded);
                prop_assert_eq!((&decoded, replaced), (&text, 0), "{}", label);
            }
        }
    }
}
