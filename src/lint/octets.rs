//! What the octets of a message ask of a transport, and what of its lines is odd that no decoder minds:
//! lone dots, a last line without an end, the lines and escapes of quoted-printable.
//!
//! Constant memory. Of each body the first of a kind is reported.
//!
//! RFC 2045 §6.7, RFC 5321 §4.1.1.4, §4.5.2. May use: simd, base, transfer, structure, walk.

use std::ops::Range;

use super::{Found, Transport};
use crate::base::{Eol, Rule, Span};
use crate::simd::scan::{self, Starts};
use crate::structure::{At, Structure};
use crate::transfer::{Coding, Survey};
use crate::walk::Kind;

/// Characters of a line of quoted-printable (RFC 2045 §6.7).
const CODED_LINE: u64 = 76;

/// Octets that are kept of what was read, and looked at together with what follows: a line of one dot
/// has so many with the octet before it, but for the last.
const SEAM: usize = 5;

/// Pieces that are shorter are looked at for dots alone first.
const SHORT: usize = 256;

/// Watches the octets of messages.
#[derive(Debug, Default)]
pub(super) struct OctetWatch {
    transport: Option<Transport>,
    eol: Eol,
    /// What was seen of the body that comes, if it is quoted-printable.
    coded: Option<Coded>,
    /// The last octets of the message so far.
    tail: [u8; SEAM],
    tail_len: usize,
    has_lone_dot: bool,
    /// The first line of a dot that some take for the end of the message; where lines end with CR
    /// alone, it is none.
    smuggled: Option<(u32, Option<Span>)>,
    survey: Option<(u32, u64, Survey)>,
    /// The last octet of the message, and where.
    last: Option<(u8, u64)>,
}

/// What was seen of a body in quoted-printable.
#[derive(Debug, Default)]
struct Coded {
    part: u32,
    /// Where the line that is being read begins; none before the first.
    line_start: Option<u64>,
    /// Where it goes on.
    end: u64,
    ends_with_cr: bool,
    has_long_line: bool,
    has_lower_case: bool,
    has_letter: bool,
}

impl OctetWatch {
    /// Ready for a message on its way to this transport.
    pub(super) fn new(transport: Option<Transport>) -> OctetWatch {
        OctetWatch { transport, ..OctetWatch::default() }
    }

    /// The header of a part is over.
    pub(super) fn headed(&mut self, structure: &Structure, part: u32) {
        let Some(part) = structure.part(part).filter(|part| part.header().is_some()) else {
            return;
        };
        self.eol = part.eol();
        let is_coded = part.coding() == Coding::QuotedPrintable;
        self.coded = is_coded.then(|| Coded { part: part.index(), ..Coded::default() });
    }

    /// A token of the message itself.
    pub(super) fn token(&mut self, at: At, kind: Kind, octets: &[u8], found: &mut Found) {
        let Some(span) = at.span else { return };
        if kind == Kind::FromLine {
            // The separator of an mbox stands before the message.
            return;
        }
        if let Some(&last) = octets.last() {
            self.last = Some((last, span.end));
        }
        if self.transport.is_some() {
            self.survey(at.part, span, kind, octets, found);
        }
        match kind {
            Kind::Body => {
                self.dots(at.part, span, octets, found);
                if let Some(coded) = &mut self.coded {
                    coded.update(span, &self.tail[..self.tail_len], octets, found);
                }
            }
            Kind::Field | Kind::Junk | Kind::Bom => self.end_of_coded(found),
            _ => {
                self.end_of_coded(found);
                self.dots(at.part, span, octets, found);
            }
        }
        self.keep_tail(octets);
    }

    fn end_of_coded(&mut self, found: &mut Found) {
        if let Some(mut coded) = self.coded.take() {
            coded.line(coded.end, found);
        }
    }

    fn keep_tail(&mut self, octets: &[u8]) {
        if let Some(last) = octets.last_chunk() {
            (self.tail, self.tail_len) = (*last, SEAM);
            return;
        }
        let kept = self.tail_len.min(SEAM - octets.len());
        self.tail.copy_within(self.tail_len - kept..self.tail_len, 0);
        self.tail_len = kept + octets.len();
        self.tail[kept..self.tail_len].copy_from_slice(octets);
    }

    fn tail(&self) -> &[u8] {
        &self.tail[..self.tail_len]
    }

    /// Looks for lines of a single dot.
    fn dots(&mut self, part: u32, span: Span, octets: &[u8], found: &mut Found) {
        if self.has_lone_dot && self.smuggled.is_some() {
            return;
        }
        // Nothing in a piece without a dot, and none before it, is such a line.
        let has_dot = |octets: &[u8]| memchr::memchr(b'.', octets).is_some();
        if octets.len() < SHORT && !has_dot(octets) && !has_dot(self.tail()) {
            return;
        }
        let mut seam = [0; 2 * SEAM];
        let (before, behind) = (self.tail_len, octets.len().min(SEAM));
        seam[..before].copy_from_slice(self.tail());
        seam[before..before + behind].copy_from_slice(&octets[..behind]);
        let seam = &seam[..before + behind];
        if has_dot(seam) {
            self.dots_in(part, span.start - before as u64, seam, found);
        }
        self.dots_in(part, span.start, octets, found);
    }

    /// Looks for them in octets that begin at `start`. One whose line ends are not all here comes again,
    /// or came before, in a seam.
    fn dots_in(&mut self, part: u32, start: u64, octets: &[u8], found: &mut Found) {
        let behind = |eol: u8| {
            let mut from = 0;
            std::iter::from_fn(move || {
                let at = scan::line_start(octets, from, eol, &Starts::new(b"."))?;
                from = at + 1;
                Some(at)
            })
        };
        for at in behind(b'\n').chain(behind(b'\r')) {
            let before = match (at.checked_sub(1).map(|before| octets[before]), octets[at]) {
                (None, _) if start > 0 => continue,
                (Some(b'\r'), b'\n') => &b"\r\n"[..],
                (_, b'\n') => b"\n",
                _ => b"\r",
            };
            let behind = match &octets[at + 2..] {
                [b'\r', b'\n', ..] => &b"\r\n"[..],
                [b'\n', ..] => b"\n",
                [b'\r', _, ..] => b"\r",
                _ => continue,
            };
            let dot = start + at as u64 + 1;
            let span = Some(Span::new(dot, dot + 1));
            if before != behind || before == b"\r" {
                // The two kinds of line ends are looked for one after the other.
                let is_first = self.smuggled.is_none_or(|(_, first)| span < first);
                self.smuggled = if is_first { Some((part, span)) } else { self.smuggled };
            } else if !self.has_lone_dot {
                self.has_lone_dot = true;
                found.add(Rule::L006, part, span);
            }
        }
    }

    /// Takes stock of what a transport would mind.
    fn survey(&mut self, part: u32, span: Span, kind: Kind, octets: &[u8], found: &mut Found) {
        if matches!(kind, Kind::Body | Kind::Preamble | Kind::Epilogue | Kind::Opaque) {
            if self.survey.as_ref().is_some_and(|&(of, ..)| of != part) {
                self.end_of_survey(found);
            }
            let eol = self.eol;
            let (.., survey) =
                self.survey.get_or_insert_with(|| (part, span.start, Survey::new(eol)));
            return survey.update(octets);
        }
        self.end_of_survey(found);
        let mut survey = Survey::new(self.eol);
        survey.update(octets);
        self.judge(part, span.start, survey, true, found);
    }

    fn end_of_survey(&mut self, found: &mut Found) {
        if let Some((part, start, survey)) = self.survey.take() {
            self.judge(part, start, survey, false, found);
        }
    }

    fn judge(&self, part: u32, start: u64, survey: Survey, is_header: bool, found: &mut Found) {
        let Some(transport) = self.transport else { return };
        let census = survey.finish();
        let octet = |at: u64| Span::new(start + at, start + at + 1);
        if let Some(at) = census.first_eight_bit {
            match transport {
                Transport::SevenBit if !is_header => found.add(Rule::N001, part, Some(octet(at))),
                Transport::SevenBit | Transport::EightBitMime if is_header => {
                    found.add(Rule::N003, part, Some(octet(at)));
                }
                _ => {}
            }
        }
        let bare_cr = census.first_bare_cr.filter(|_| self.eol == Eol::Lf).map(octet);
        let nul = census.first_nul.map(octet);
        let long_line = census.first_long_line.map(|line| line.shifted(start));
        let first = [bare_cr, nul, long_line].into_iter().flatten().min();
        if let Some(span) = first {
            found.add(Rule::N002, part, Some(span));
        }
    }

    /// The message is over.
    pub(super) fn finish(&mut self, structure: &Structure, found: &mut Found) {
        self.end_of_survey(found);
        self.end_of_coded(found);
        let eol = structure.part(0).map(|part| part.eol()).unwrap_or_default();
        if let Some((part, span)) = self.smuggled {
            let rule = if eol == Eol::Cr { Rule::L006 } else { Rule::L004 };
            found.add(rule, part, span);
        }
        if let Some((last, end)) = self.last
            && last != eol.octet()
        {
            let part = structure.parts().len().saturating_sub(1) as u32;
            found.add(Rule::L007, part, Some(Span::new(end, end)));
        }
    }
}

impl Coded {
    /// A piece of the body, before which `tail` stands.
    fn update(&mut self, span: Span, tail: &[u8], octets: &[u8], found: &mut Found) {
        if !self.has_long_line {
            self.lines(span.start, octets, found);
        }
        if !self.has_lower_case || !self.has_letter {
            self.escapes(span.start, tail, octets, found);
        }
    }

    /// Measures the lines.
    fn lines(&mut self, start: u64, octets: &[u8], found: &mut Found) {
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', octets) {
            self.piece(start, at..end, octets);
            self.line(self.end - u64::from(self.ends_with_cr), found);
            (self.line_start, self.ends_with_cr) = (None, false);
            at = end + 1;
        }
        self.piece(start, at..octets.len(), octets);
    }

    /// The line that is being read goes on with a piece of the octets, which begin at `start`.
    fn piece(&mut self, start: u64, piece: Range<usize>, octets: &[u8]) {
        self.line_start.get_or_insert(start + piece.start as u64);
        self.end = start + piece.end as u64;
        if let Some(&last) = octets[piece].last() {
            self.ends_with_cr = last == b'\r';
        }
    }

    /// The content of the line that is being read ends here.
    fn line(&mut self, end: u64, found: &mut Found) {
        let Some(start) = self.line_start else { return };
        if end > start + CODED_LINE && !self.has_long_line {
            self.has_long_line = true;
            found.add(Rule::E046, self.part, Some(Span::new(start, end)));
        }
    }

    /// Looks for escapes in lower case, and for those that nothing asks for.
    fn escapes(&mut self, start: u64, tail: &[u8], octets: &[u8], found: &mut Found) {
        let head = &octets[..octets.len().min(2)];
        let tail = &tail[tail.len().saturating_sub(2)..];
        let seam = [tail, head].concat();
        self.escapes_in(start - tail.len() as u64, &seam, found);
        self.escapes_in(start, octets, found);
    }

    fn escapes_in(&mut self, start: u64, octets: &[u8], found: &mut Found) {
        // Nearly all escapes are neither, and most text has many: so they are told by the block.
        for at in (0..octets.len()).step_by(BLOCK) {
            let block = &octets[at..octets.len().min(at + BLOCK + 2)];
            if has_letter(block) && !self.has_letter
                || has_lower_case(block) && !self.has_lower_case
            {
                self.escapes_of(start + at as u64, block, found);
            }
        }
    }

    fn escapes_of(&mut self, start: u64, octets: &[u8], found: &mut Found) {
        for at in memchr::memchr_iter(b'=', octets) {
            let Some(digits) = octets.get(at + 1..at + 3) else { return };
            let is_odd = !self.has_lower_case && is_lower_case(digits)
                || !self.has_letter && is_letter(digits);
            if !is_odd || !digits.iter().all(u8::is_ascii_hexdigit) {
                continue;
            }
            let at = start + at as u64;
            let span = Some(Span::new(at, at + 3));
            if is_lower_case(digits) && !std::mem::replace(&mut self.has_lower_case, true) {
                found.add(Rule::E047, self.part, span);
            }
            if is_letter(digits) && !std::mem::replace(&mut self.has_letter, true) {
                found.add_noted(Rule::X034, self.part, span, None);
            }
        }
    }
}

/// Octets that are asked together for odd escapes.
const BLOCK: usize = 256;

/// Whether any two octets behind a `=` are odd: of three at a time, without a branch, so that the
/// compiler makes vector code of it.
#[inline]
fn has(octets: &[u8], is_odd: impl Fn(u8, u8) -> bool) -> bool {
    let Some((second, third)) = octets.get(1..).zip(octets.get(2..)) else { return false };
    let escapes = octets.iter().zip(second).zip(third);
    escapes.fold(false, |any, ((&c, &high), &low)| any | (c == b'=') & is_odd(high, low))
}

/// Whether there may be an escape in lower case.
fn has_lower_case(octets: &[u8]) -> bool {
    let is_lower = |c: u8| c.wrapping_sub(b'a') < 26;
    has(octets, |high, low| is_lower(high) | is_lower(low))
}

/// Whether there may be an escape of a letter or a digit; [`is_letter`] says whether it is one.
fn has_letter(octets: &[u8]) -> bool {
    has(octets, |high, low| {
        let is_digit = low.wrapping_sub(b'0') < 10;
        let is_alpha = (low | 0x20).wrapping_sub(b'a') < 6;
        (high == b'3') & is_digit
            | ((high == b'4') | (high == b'6')) & (is_digit & (low != b'0') | is_alpha)
            | ((high == b'5') | (high == b'7')) & (is_digit | ((low | 0x20) == b'a'))
    })
}

fn is_lower_case(digits: &[u8]) -> bool {
    digits.iter().any(u8::is_ascii_lowercase)
}

/// Whether an escape is a letter or a digit. QUIRK: an F is written so for the `From ` of mailboxes.
fn is_letter(digits: &[u8]) -> bool {
    matches!(digits, [b'3', b'0'..=b'9'] | [b'4', b'1'..=b'5' | b'7'..=b'9' | b'a'..=b'f' | b'A'..=b'F']
        | [b'6', b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F'] | [b'5' | b'7', b'0'..=b'9' | b'a' | b'A'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_told_by_their_escapes() {
        for high in 0..=255 {
            for low in 0..=255 {
                let text = [b'x', b'=', high, low];
                let digits = [high, low];
                let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
                assert!(has_letter(&text) || !is_letter(&digits), "{}", text.escape_ascii());
                assert!(has_lower_case(&text) || !is_lower_case(&digits) || !is_hex);
            }
        }
        assert!(!has_letter(b"==C3=BC") && !has_lower_case(b"=C3abc"));
    }

    #[test]
    fn odd_escapes_are_found_over_any_block() {
        let filler = b"=C3=BC plain ".repeat(60);
        for at in 0..filler.len() {
            let text = [&filler[..at], b"=3d=41"].concat();
            let mut coded = Coded::default();
            let mut found = Found { limit: 10, ..Found::default() };
            coded.escapes_in(0, &text, &mut found);
            let at = at as u64;
            // What stands before may make another escape of the first.
            let places: Vec<_> = found.list.iter().map(|it| (it.rule, it.span)).collect();
            let lower = (Rule::E047, Some(Span::new(at, at + 3)));
            let letter = (Rule::X034, Some(Span::new(at + 3, at + 6)));
            assert_eq!(places, [lower, letter], "{at}");
        }
    }
}
