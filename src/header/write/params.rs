//! Parameters: those with dirty octets are written as RFC 2231 has it, in sections if a line could
//! not hold them.
//!
//! Contract: which form of a parameter counts is decided as `params::parse` does. That form is
//! written anew from its joined octets, in the place of its first piece; it keeps the charset that
//! it names. Forms that do not count are of no use to any reader of RFC 2231; their dirty octets
//! become `?`. A boundary is compared octet by octet, so it cannot be written in another way.
//!
//! RFC 2231 §3, §4. May use: base, and the parameters of this room.

use std::collections::HashMap;
use std::ops::Range;

use super::edits::Job;
use super::encode::{LINE_MAX, hex_digit};
use super::{LINE_MAX as HARD_MAX, Refusal};
use crate::base::chars::{is_fws, is_token};
use crate::header::params::{
    Backslash, Forms, RawParam, RawParams, Reading, is_file_name, join, label_of,
};
use crate::header::words::{self, Place};

/// How many octets of a line a section is given at least, however long the name is.
const ROOM_MIN: usize = 24;

impl Job<'_> {
    /// A parameterised field.
    pub(super) fn params(&mut self) -> Result<(), Refusal> {
        let mut unheard = ();
        let limit = self.context.limits.params;
        let mut written = RawParams::with_comments(self.body, limit, &mut unheard);
        let value = written.value();
        let mut names: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut groups: Vec<Vec<RawParam<'_>>> = Vec::new();
        while let Some(param) = written.next() {
            let index = *names.entry(param.name.to_ascii_lowercase()).or_insert(groups.len());
            match groups.get_mut(index) {
                Some(group) => group.push(param),
                None => groups.push(vec![param]),
            }
        }
        let comments = written.into_comments();
        for group in groups {
            self.param(&group)?;
        }
        for comment in comments {
            if !self.is_changed(comment.start) {
                self.comment(comment.start + 1..comment.end - 1)?;
            }
        }
        self.only_gaps(value)?;
        self.gaps(Ok(()))
    }

    /// Refuses what stands before the parameters if it is dirty.
    fn only_gaps(&self, value: Range<usize>) -> Result<(), Refusal> {
        let mut dirty = self.dirty_in(value.clone()).iter();
        if dirty.any(|&at| self.body[at] != b'\r' && !self.is_changed(at)) {
            let detail = Some(String::from_utf8_lossy(&self.body[value]).into_owned());
            return Err(Refusal { reason: "the value before the parameters is not ASCII", detail });
        }
        Ok(())
    }

    /// All that the field has of one parameter.
    fn param(&mut self, group: &[RawParam<'_>]) -> Result<(), Refusal> {
        if !group.iter().any(|param| self.must(param)) {
            return Ok(());
        }
        let name = &group[0].name;
        let named = || Some(String::from_utf8_lossy(name).into_owned());
        if !name.iter().all(|&c| is_token(c)) {
            let reason = "the name of a parameter that has to be written anew is no token";
            return Err(Refusal { reason, detail: named() });
        }
        let mut forms = Forms::default();
        for param in group {
            forms.add(param.clone(), &mut ());
        }
        let form = forms.given().next().unwrap_or_default();
        let counts = |param: &RawParam<'_>| form.iter().any(|other| other.span == param.span);
        if group.iter().any(|param| counts(param) && self.must(param)) {
            if name.eq_ignore_ascii_case(b"boundary") {
                return Err("the boundary has octets that 7 bits cannot hold".into());
            }
            let text = self.extended(form)?;
            let mut pieces: Vec<Range<usize>> =
                form.iter().map(|param| param.span.clone()).collect();
            pieces.sort_by_key(|piece| piece.start);
            for (i, piece) in pieces.into_iter().enumerate() {
                if i == 0 {
                    self.write_param(piece, &text);
                } else {
                    let from = self.before_separator(piece.start);
                    self.replace(from..piece.end, Vec::new());
                }
            }
            self.did.params = true;
        }
        for param in group.iter().filter(|param| !counts(param)) {
            self.question_marks(param.span.clone());
        }
        Ok(())
    }

    /// Whether a parameter cannot stay as it is.
    fn must(&self, param: &RawParam<'_>) -> bool {
        let span = param.span.clone();
        let words = || self.body[span.clone()].split(|&c| is_fws(c));
        self.wide && !param.name.eq_ignore_ascii_case(b"boundary")
            || param.value.has(|c| c >= 0x80 || matches!(c, 0 | b'\r'))
                && self.is_dirty(span.clone())
            || span.len() > HARD_MAX - 10 && words().any(|word| word.len() > HARD_MAX - 10)
    }

    fn write_param(&mut self, piece: Range<usize>, text: &[u8]) {
        // White space, for a line to be broken at.
        let lead: &[u8] =
            if piece.start > 0 && !self.spaced_before(piece.start) { b" " } else { b"" };
        self.replace(piece, [lead, text].concat());
    }

    /// Where the separator begins that stands before `at`, white space included; `at` if something
    /// else does.
    fn before_separator(&self, at: usize) -> usize {
        let blank = |at: usize| self.body[..at].iter().rposition(|&c| !is_fws(c));
        match blank(at) {
            Some(before) if self.body[before] == b';' => blank(before).map_or(0, |end| end + 1),
            _ => at,
        }
    }

    /// A form written anew.
    fn extended(&mut self, form: &[RawParam<'_>]) -> Result<Vec<u8>, Refusal> {
        let Some(first) = form.first() else { return Ok(Vec::new()) };
        let backslash = match is_file_name(&first.name.to_ascii_lowercase()) {
            true => Backslash::SeparatesPaths,
            false => Backslash::Quotes,
        };
        let mut octets = Vec::new();
        let reading = join(form, backslash, &mut octets, &mut ());
        if reading == Reading::Plain && memchr::memmem::find(&octets, b"=?").is_some() {
            // A value in encoded-words, against RFC 2047 §5: no reader would look for them here.
            let text = words::decode(&octets, Place::Parameter, self.context, &mut ());
            if text.lossy {
                return Err("a parameter mixes encoded-words with octets in no charset".into());
            }
            octets = text.text.into_bytes();
        }
        let named = label_of(form, backslash);
        let is_label = !named.is_empty() && named.iter().all(|&c| is_attribute(c));
        let label = match reading {
            Reading::Extended(_) if is_label => named,
            _ => self.label(&octets).as_bytes().to_vec(),
        };
        Ok(sections(first.name, &label, &octets))
    }
}

/// `name*=label''octets`, or sections of it that fit into lines.
fn sections(name: &[u8], label: &[u8], octets: &[u8]) -> Vec<u8> {
    let width = |c: u8| if is_attribute(c) { 1 } else { 3 };
    // White space before it, a semicolon behind.
    let room = LINE_MAX - 2;
    let total: usize = octets.iter().map(|&c| width(c)).sum();
    let mut out = name.to_vec();
    if name.len() + label.len() + 4 + total <= room {
        push_initial(b"*=", label, &mut out);
        octets.iter().for_each(|&c| push(c, &mut out));
        return out;
    }
    push_initial(b"*0*=", label, &mut out);
    let mut number = 0;
    let mut left = room.saturating_sub(name.len() + label.len() + 6).max(ROOM_MIN);
    let mut rest = octets;
    while let Some((character, behind)) = split_character(rest) {
        let needed = character.iter().map(|&c| width(c)).sum();
        if left < needed {
            number += 1;
            let head = format!("*{number}*=");
            out.extend_from_slice(b"; ");
            out.extend_from_slice(name);
            out.extend_from_slice(head.as_bytes());
            left = room.saturating_sub(name.len() + head.len()).max(ROOM_MIN);
        }
        left -= needed;
        character.iter().for_each(|&c| push(c, &mut out));
        rest = behind;
    }
    out
}

/// The first character, if this is UTF-8, else the first octet. A section may end anywhere; but some
/// readers decode each for itself.
fn split_character(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = (1..=octets.len().min(4)).find(|&len| std::str::from_utf8(&octets[..len]).is_ok());
    (!octets.is_empty()).then(|| octets.split_at(len.unwrap_or(1)))
}

fn push_initial(head: &[u8], label: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(head);
    out.extend_from_slice(label);
    out.extend_from_slice(b"''");
}

fn push(c: u8, out: &mut Vec<u8>) {
    if is_attribute(c) {
        out.push(c);
    } else {
        out.extend([b'%', hex_digit(c >> 4), hex_digit(c & 15)]);
    }
}

/// An attribute-char of RFC 2231 §7.
fn is_attribute(c: u8) -> bool {
    is_token(c) && !matches!(c, b'*' | b'\'' | b'%')
}
