//! The charsets that shift between sets by escapes: ISO-2022-JP, -KR, -CN and HZ.
//!
//! One machine reads them all. A character of a double-octet set gets its high bits set and becomes
//! one of EUC-JP, EUC-KR or GBK, whose tables (with NEC's and Microsoft's additions) are those of
//! `encoding_rs`. It is more tolerant than the Encoding Standard's ISO-2022-JP decoder: an escape
//! right behind another is no error (joined encoded-words and empty runs have them), and controls
//! inside a double-octet run are text.
//!
//! LIMIT: the sets of CNS 11643 (ISO-2022-CN), the second plane of JIS X 0213 and the Latin halves
//! of ISO-2022-JP-2 are not read; their escapes become U+FFFD.
//!
//! RFC 1468, 1554 (JP), RFC 1557 (KR), RFC 1922 (CN), RFC 1843 (HZ). May use: base.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK};

use super::output::Output;

const ESC: u8 = 0x1B;
const SHIFT_OUT: u8 = 0x0E;
const SHIFT_IN: u8 = 0x0F;

/// How many octets of double-octet characters are gathered before they are decoded.
const RUN: usize = 2048;

/// A charset of this family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// ISO-2022-JP and all its successors, read as CP50220.
    Jp,
    Kr,
    Cn,
    Hz,
}

/// The set that octets under 128 belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    /// The Latin half of JIS X 0201.
    Roman,
    /// The other half: half-width katakana.
    Katakana,
    Double(Double),
}

/// A set whose characters are two octets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Double {
    Jis0208,
    Jis0212,
    Gb2312,
    Ksc5601,
}

/// What an escape does.
#[derive(Clone, Copy)]
enum Effect {
    Select(Set),
    /// Names the set that SHIFT OUT selects.
    Designate(Set),
    Text(&'static str),
}

use Double::{Gb2312, Jis0208, Jis0212, Ksc5601};
use Effect::{Designate, Select, Text};
use Set::{Ascii, Katakana, Roman};

/// The escapes of ISO-2022, behind ESC.
///
/// QUIRK: all of them are read in all three dialects; labels and content are mixed up often, and no
/// escape means two things.
const ISO_2022: &[(&[u8], Effect)] = &[
    (b"(B", Select(Ascii)),
    (b"(J", Select(Roman)),
    (b"(I", Select(Katakana)),
    (b"$@", Select(Set::Double(Jis0208))),
    (b"$B", Select(Set::Double(Jis0208))),
    (b"$(B", Select(Set::Double(Jis0208))),
    // QUIRK: the first plane of JIS X 0213 is nearly JIS X 0208.
    (b"$(O", Select(Set::Double(Jis0208))),
    (b"$(Q", Select(Set::Double(Jis0208))),
    (b"$(D", Select(Set::Double(Jis0212))),
    (b"$A", Select(Set::Double(Gb2312))),
    (b"$(A", Select(Set::Double(Gb2312))),
    (b"$(C", Select(Set::Double(Ksc5601))),
    (b"$)A", Designate(Set::Double(Gb2312))),
    (b"$)C", Designate(Set::Double(Ksc5601))),
];

/// The escapes of HZ, behind `~`.
const HZ: &[(&[u8], Effect)] = &[
    (b"{", Select(Set::Double(Gb2312))),
    (b"}", Select(Ascii)),
    (b"~", Text("~")),
    (b"\n", Text("")),
    (b"\r\n", Text("")),
];

impl Dialect {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Dialect::Jp => "iso-2022-jp",
            Dialect::Kr => "iso-2022-kr",
            Dialect::Cn => "iso-2022-cn",
            Dialect::Hz => "hz-gb-2312",
        }
    }

    fn introducer(self) -> u8 {
        if self == Dialect::Hz { b'~' } else { ESC }
    }

    fn escapes(self) -> &'static [(&'static [u8], Effect)] {
        if self == Dialect::Hz { HZ } else { ISO_2022 }
    }

    /// The set of SHIFT OUT before any escape names one: mail loses the first line, which has it.
    fn shifted_out(self) -> Option<Set> {
        match self {
            Dialect::Kr => Some(Set::Double(Ksc5601)),
            Dialect::Cn => Some(Set::Double(Gb2312)),
            Dialect::Jp | Dialect::Hz => None,
        }
    }
}

impl Double {
    fn encoding(self) -> &'static Encoding {
        match self {
            Jis0208 | Jis0212 => EUC_JP,
            Gb2312 => GBK,
            Ksc5601 => EUC_KR,
        }
    }

    /// Appends the character in its 8-bit form.
    fn append(self, lead: u8, trail: u8, run: &mut Vec<u8>) {
        if self == Jis0212 {
            run.push(0x8F);
        }
        run.extend([lead | 0x80, trail | 0x80]);
    }
}

/// The octets behind an introducer; no escape has more than three.
#[derive(Clone, Copy, Default)]
struct Escape {
    octets: [u8; 3],
    len: usize,
}

impl Escape {
    fn add(mut self, octet: u8) -> Escape {
        if let Some(free) = self.octets.get_mut(self.len) {
            *free = octet;
            self.len += 1;
        }
        self
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

/// Decodes a text of one dialect.
pub(super) struct Shift {
    dialect: Dialect,
    set: Set,
    shifted_out: Option<Set>,
    /// An introducer and what has come behind it, while that may become an escape.
    escape: Option<Escape>,
    /// The first octet of a character whose second is still to come.
    lead: Option<u8>,
    /// Whole characters in 8-bit form, not yet decoded.
    run: Vec<u8>,
}

impl Shift {
    pub(super) fn new(dialect: Dialect) -> Shift {
        Shift {
            dialect,
            set: Ascii,
            shifted_out: dialect.shifted_out(),
            escape: None,
            lead: None,
            run: Vec::new(),
        }
    }

    pub(super) fn decode(&mut self, mut src: &[u8], out: &mut Output<'_>, last: bool) {
        loop {
            let (plain, rest) = src.split_at(self.plain_up_to(src));
            out.push_str(str::from_utf8(plain).unwrap_or_default());
            let Some((&octet, rest)) = rest.split_first() else { break };
            self.octet(octet, out);
            src = rest;
        }
        if last {
            self.give_up_escape(out);
            self.drop_lead(out);
        }
        self.flush(out);
    }

    /// How many of the next octets stand for themselves: those of plain ASCII text.
    fn plain_up_to(&self, src: &[u8]) -> usize {
        if self.set != Ascii || self.escape.is_some() {
            return 0;
        }
        let introducer = self.dialect.introducer();
        let is_plain = |c: u8| matches!(c, b' '..=b'~' | b'\t' | b'\r' | b'\n') && c != introducer;
        src.iter().position(|&c| !is_plain(c)).unwrap_or(src.len())
    }

    fn octet(&mut self, octet: u8, out: &mut Output<'_>) {
        // In HZ the second octet of a character may be a `~` too (RFC 1843 §2).
        let is_trail = self.lead.is_some() && is_graphic(octet);
        if let Some(escape) = self.escape {
            self.escape(escape, octet, out);
        } else if octet == self.dialect.introducer() && !is_trail {
            self.drop_lead(out);
            self.escape = Some(Escape::default());
        } else {
            self.text(octet, out);
        }
    }

    fn escape(&mut self, escape: Escape, octet: u8, out: &mut Output<'_>) {
        let longer = escape.add(octet);
        let mut escapes = self.dialect.escapes().iter();
        // No escape begins another.
        match escapes.find(|(octets, _)| octets.starts_with(longer.octets())) {
            Some(&(octets, effect)) if octets.len() == longer.len => {
                self.escape = None;
                self.apply(effect, out);
            }
            Some(_) => self.escape = Some(longer),
            None => {
                self.give_up_escape(out);
                // None is open any more: this goes one level deep.
                self.octet(octet, out);
            }
        }
    }

    /// What looked like an escape is none: the introducer is no text, the octets behind it are.
    fn give_up_escape(&mut self, out: &mut Output<'_>) {
        if let Some(escape) = self.escape.take() {
            self.replace(out);
            escape.octets().iter().for_each(|&octet| self.text(octet, out));
        }
    }

    fn apply(&mut self, effect: Effect, out: &mut Output<'_>) {
        match effect {
            Select(set) => self.select(set, out),
            Designate(set) => self.shifted_out = Some(set),
            Text(text) => {
                self.flush(out);
                out.push_str(text);
            }
        }
    }

    fn select(&mut self, set: Set, out: &mut Output<'_>) {
        self.flush(out);
        self.set = set;
    }

    fn text(&mut self, octet: u8, out: &mut Output<'_>) {
        if !is_graphic(octet) {
            self.drop_lead(out);
            return self.control(octet, out);
        }
        match self.set {
            Ascii => self.push(char::from(octet), out),
            Roman => self.push(roman(octet), out),
            Katakana => match katakana(octet) {
                Some(c) => self.push(c, out),
                None => self.replace(out),
            },
            Set::Double(double) => self.half(double, octet, out),
        }
    }

    /// An octet that is no half of a character: a control, a space, or over 127.
    fn control(&mut self, octet: u8, out: &mut Output<'_>) {
        match octet {
            0x80.. => self.replace(out),
            SHIFT_OUT if let Some(set) = self.shifted_out => self.select(set, out),
            SHIFT_IN if self.shifted_out.is_some() => self.select(Ascii, out),
            _ => {
                self.push(char::from(octet), out);
                // Each line begins in ASCII, except in ISO-2022-JP (RFC 1468 §"Formal Syntax"), as
                // a set selected by SHIFT OUT or `~{` is only good for its line (RFC 1557, 1843).
                if octet == b'\n' && self.dialect != Dialect::Jp {
                    self.set = Ascii;
                }
            }
        }
    }

    fn half(&mut self, double: Double, octet: u8, out: &mut Output<'_>) {
        match self.lead.take() {
            None => self.lead = Some(octet),
            Some(lead) => {
                double.append(lead, octet, &mut self.run);
                if self.run.len() >= RUN {
                    self.flush(out);
                }
            }
        }
    }

    fn push(&mut self, c: char, out: &mut Output<'_>) {
        self.flush(out);
        out.push(c);
    }

    fn replace(&mut self, out: &mut Output<'_>) {
        self.flush(out);
        out.replace();
    }

    fn drop_lead(&mut self, out: &mut Output<'_>) {
        if self.lead.take().is_some() {
            self.replace(out);
        }
    }

    /// Decodes the run. It holds whole characters of the current set only, so that each run can
    /// have a decoder of its own.
    fn flush(&mut self, out: &mut Output<'_>) {
        if let Set::Double(double) = self.set
            && !self.run.is_empty()
        {
            let mut decoder = double.encoding().new_decoder_without_bom_handling();
            out.drain(&mut decoder, &self.run, true);
            self.run.clear();
        }
    }
}

fn is_graphic(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7E)
}

fn roman(octet: u8) -> char {
    match octet {
        b'\\' => '¥',
        b'~' => '‾',
        _ => char::from(octet),
    }
}

fn katakana(octet: u8) -> Option<char> {
    let row = matches!(octet, 0x21..=0x5F).then(|| u32::from(octet - 0x21))?;
    char::from_u32(0xFF61 + row)
}

#[cfg(test)]
mod tests {
    use super::{HZ, ISO_2022};
    use crate::charset::Charset;

    #[test]
    fn no_escape_begins_another() {
        for table in [ISO_2022, HZ] {
            for (octets, _) in table {
                assert_eq!(
                    table.iter().filter(|(longer, _)| longer.starts_with(octets)).count(),
                    1
                );
                assert!(octets.len() <= 3);
            }
        }
    }

    #[test]
    fn shifted_texts() {
        let rows: &[(&str, &str, &[u8], &str, usize)] = &[
            ("jp", "iso-2022-jp", b"a\x1B$B4A;z\x1B(Bz", "a漢字z", 0),
            ("jis c 6226", "iso-2022-jp", b"\x1B$@4A\x1B(J\\~", "漢¥‾", 0),
            ("nec row 13", "iso-2022-jp", b"\x1B$B-!\x1B(B", "①", 0),
            ("half-width", "iso-2022-jp", b"\x1B(I1\x1B(B1", "ｱ1", 0),
            ("not katakana", "iso-2022-jp", b"\x1B(I`", "\u{FFFD}", 1),
            ("jis x 0212", "iso-2022-jp-1", b"\x1B$(D0!\x1B(B", "丂", 0),
            ("gb and ksc", "iso-2022-jp-2", b"\x1B$AVP\x1B$(C0!\x1B$(AVP", "中가中", 0),
            ("empty runs", "iso-2022-jp", b"\x1B$B\x1B(B\x1B$B4A\x1B(B\x1B(B.", "漢.", 0),
            ("line ends", "iso-2022-jp", b"\x1B$B4A\r\n;z\x1B(B", "漢\r\n字", 0),
            ("cut", "iso-2022-jp", b"\x1B$B$\"$", "あ\u{FFFD}", 1),
            ("cut by an escape", "iso-2022-jp", b"\x1B$B4\x1B(Bx", "\u{FFFD}x", 1),
            ("cut by a line end", "iso-2022-jp", b"\x1B$B4\n4A", "\u{FFFD}\n漢", 1),
            ("cut escape", "iso-2022-jp", b"x\x1B$", "x\u{FFFD}$", 1),
            ("unknown escape", "iso-2022-jp", b"\x1B[0m", "\u{FFFD}[0m", 1),
            ("escape in escape", "iso-2022-jp", b"\x1B$\x1B$B4A", "\u{FFFD}$漢", 1),
            ("over 127", "iso-2022-jp", b"\xE9\x1B$B4\xE9", "\u{FFFD}\u{FFFD}\u{FFFD}", 3),
            ("no such character", "iso-2022-jp", b"\x1B$B)!4A", "\u{FFFD}漢", 1),
            ("shift out is a control", "iso-2022-jp", b"\x0Ea\x0F", "\x0Ea\x0F", 0),
            ("kr", "iso-2022-kr", b"\x1B$)C\r\n\x0E0!0\"\x0F a", "\r\n가각 a", 0),
            ("kr, not designated", "iso-2022-kr", b"\x0E0!\x0F!", "가!", 0),
            ("kr, next line", "iso-2022-kr", b"\x0E0!\n0!", "가\n0!", 0),
            ("cn", "iso-2022-cn", b"\x1B$)A\x0EVP\x0F!", "中!", 0),
            ("cn, cns plane", "iso-2022-cn", b"\x1B$)G", "\u{FFFD}$)G", 1),
            ("hz", "hz-gb-2312", b"x~{VPND~}~~y", "x中文~y", 0),
            ("hz, second octet a tilde", "hz-gb-2312", b"~{0~~}", "剥", 0),
            ("hz, line continued", "hz-gb-2312", b"a~\nb~\r\nc", "abc", 0),
            ("hz, next line", "hz-gb-2312", b"~{VP\nVP", "中\nVP", 0),
            ("hz, unknown", "hz-gb-2312", b"~u", "\u{FFFD}u", 1),
        ];
        for &(name, label, octets, expected, replaced) in rows {
            let charset = Charset::for_label(label.as_bytes()).expect(label);
            let mut text = String::new();
            let count = charset.decode(octets, &mut text);
            assert_eq!((text.as_str(), count), (expected, replaced), "{name}");
        }
    }
}
