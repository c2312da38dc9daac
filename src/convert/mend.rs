//! What is mended for its own sake: a message that stays on its way, but says more clearly what it is.
//!
//! Contract: a reader sees the same before and after. So labels change, a field that says that the
//! message is MIME is added, white space before a colon goes, raw text in header fields is encoded where
//! its octets tell the charset, header lines over 998 octets are folded, and lines get the line end
//! that the first one has. Nothing is touched that a signature covers: no part of a multipart/signed,
//! no field that a DKIM or ARC signature of its header lists.
//!
//! Not mended is what has more than one remedy, or changes what some program shows: boundaries, types,
//! parameters, dates, addresses, bodies.
//!
//! RFC 2045 §4, §6, RFC 2047, RFC 5322 §2.1.1, §4.5.

use std::ops::Range;

use super::draft::SeenField;
use super::octets::Class;
use super::plan::{Edit, Kept, What, With};
use super::planner::{Planner, describe};
use crate::base::{Span, chars};
use crate::header::Field;
use crate::header::mime;
use crate::transfer::Coding;

impl Planner<'_> {
    /// Plans what is mended.
    pub(super) fn mend(&mut self) {
        for index in self.own() {
            if self.part(index).is_covered() {
                self.todo[index].is_frozen = true;
                continue;
            }
            self.mend_fields(index);
            self.mend_mime_version(index);
            self.mend_coding(index);
        }
        self.classes();
        self.labels();
        self.own().for_each(|index| self.mend_names(index));
        self.mend_line_ends();
    }

    /// Whether a signature of the header of this part, or of the message, lists the field.
    fn is_signed(&mut self, index: usize, field: &SeenField) -> bool {
        let Some(parsed) = Field::parse(&field.octets) else { return true };
        let name = String::from_utf8_lossy(parsed.name).into_owned();
        let signs = self.part(index).is_message()
            && self.draft.parts[index].signatures.iter().any(|s| s.signs(&name));
        if signs {
            let part = self.part(index).number();
            let reason = "a signature covers the field".to_owned();
            self.kept.push(Kept { part, field: Some(name), reason });
        }
        signs
    }

    /// Fields with raw text or lines that are too long.
    fn mend_fields(&mut self, index: usize) {
        // QUIRK: octets that are no UTF-8 are read in a charset that is guessed, and no label would have
        // every reader guess the same.
        for field in std::mem::take(&mut self.draft.parts[index].dirty) {
            if std::str::from_utf8(&field.octets).is_err() || self.is_signed(index, &field) {
                continue;
            }
            let before = self.todo[index].changes.len();
            self.field(index, &field, &field.octets);
            let todo = &mut self.todo[index];
            if todo.changes.len() > before && todo.changes[before].is_lossy {
                todo.changes.truncate(before);
                todo.edits.retain(|edit| edit.change < before);
            }
        }
        // What cannot be mended stays, and that is no reason to leave the rest.
        self.todo[index].refused.clear();
    }

    /// White space between a name and its colon.
    fn mend_names(&mut self, index: usize) {
        for field in std::mem::take(&mut self.draft.parts[index].spaced) {
            if self.is_signed(index, &field) {
                continue;
            }
            // A field that is written anew for another reason loses it as well.
            let written = self.todo[index].edits.iter_mut().find(|edit| edit.span == field.span);
            if let Some(Edit { with: With::Octets(octets), .. }) = written {
                if let Some(blank) = blank(octets) {
                    octets.drain(blank);
                }
                continue;
            }
            let (Some(blank), Some(parsed)) = (blank(&field.octets), Field::parse(&field.octets))
            else {
                continue;
            };
            let name = String::from_utf8_lossy(parsed.name).into_owned();
            let span = Span::from(blank).shifted(field.span.start);
            let change = self.change(index, What::Field, span, With::Octets(Vec::new()));
            change.field = Some(name);
            describe(change, "a space", "nothing", "white space before the colon");
        }
    }

    /// A message with MIME fields says that it is MIME.
    fn mend_mime_version(&mut self, index: usize) {
        let seen = &self.draft.parts[index];
        let first = seen.content_type.iter().chain(&seen.transfer_encodings);
        let Some(at) = first.map(|field| field.span.start).min() else { return };
        let is_signed = seen.signatures.iter().any(|s| s.signs("mime-version"));
        if !self.part(index).is_message() || seen.has_mime_version || is_signed {
            return;
        }
        let text = [b"MIME-Version: 1.0", self.line_end.as_bytes()].concat();
        let change = self.change(index, What::Label, Span::new(at, at), With::Octets(text));
        change.field = Some("MIME-Version".to_owned());
        describe(change, "none", "1.0", "MIME fields need it (RFC 2045 section 4)");
    }

    /// A coding with something behind its name.
    fn mend_coding(&mut self, index: usize) {
        let coding = self.part(index).coding();
        let fields = std::mem::take(&mut self.draft.parts[index].transfer_encodings);
        if let [field] = &fields[..]
            && coding != Coding::Unknown
            && says_more(field)
            && !self.is_signed(index, field)
        {
            self.relabel(index, field, coding.name(), "nothing may stand behind the name");
        }
        self.draft.parts[index].transfer_encodings = fields;
    }

    /// What octets over 127 make of the parts. A line that is too long or a NUL asks for a coding, not
    /// for a label.
    fn classes(&mut self) {
        for index in self.own() {
            let seen = &self.draft.parts[index];
            let has_label = seen.content_type.is_some() || !seen.transfer_encodings.is_empty();
            let is_eight_bit = seen.census.as_ref().is_some_and(|census| census.eight_bit > 0)
                || seen.around.iter().any(|around| around.class > Class::SevenBit);
            let has_end = seen.header_end.is_some();
            if is_eight_bit {
                self.raise(index, Class::EightBit);
            }
            // A message without MIME fields is none that a label means something in; a header without an
            // end has no place for another field.
            if self.part(index).is_message() && !has_label || !has_end {
                self.todo[index].is_frozen = true;
            }
        }
    }

    /// Lines that end with LF and lines that end with CRLF: all get the first. Not where octets that are
    /// no text would change, or what is signed.
    fn mend_line_ends(&mut self) {
        let (mut crlf, mut lf) = self.draft.line_ends;
        for index in self.own() {
            let seen = &self.draft.parts[index];
            let part = self.part(index);
            let Some(census) = &seen.census else { continue };
            (crlf, lf) = (crlf || census.crlf > 0, lf || census.lf > 0);
            let is_text = part.effective_type().starts_with("text/");
            let is_exact = part.is_leaf() && part.coding().is_identity() && !is_text;
            if is_exact || part.coding() == Coding::Binary || seen.cr_before_line_end {
                return;
            }
        }
        let is_covered = self.structure.parts().any(|part| part.is_covered());
        if crlf && lf && !is_covered && !self.draft.cr_before_crlf {
            self.eol = Some(self.line_end);
        }
    }
}

/// Where white space stands between the name of a field and its colon.
fn blank(field: &[u8]) -> Option<Range<usize>> {
    let parsed = Field::parse(field)?;
    let blank = parsed.name.len()..parsed.body_start - 1;
    (!blank.is_empty()).then_some(blank)
}

/// Whether a Content-Transfer-Encoding holds more than one token.
fn says_more(field: &SeenField) -> bool {
    let Some(parsed) = Field::parse(&field.octets) else { return false };
    let name = mime::transfer_encoding_name(parsed.body);
    name.is_some_and(|(name, _)| name != chars::trim(parsed.body))
}
