//! The labels: Content-Transfer-Encoding fields, which follow from what the bodies are in the end, and
//! the MIME fields of messages that have none (RFC 2045 §4 to §6).

use super::draft::SeenField;
use super::octets::Class;
use super::plan::{Kept, What, With};
use super::planner::{Planner, describe};
use crate::base::{Span, chars};
use crate::dkim::Signature;
use crate::header::Field;
use crate::header::mime::{self, Media};
use crate::structure::Part;
use crate::transfer::{Coding, LineEnd};

impl Planner<'_> {
    /// The labels follow from what the bodies are in the end, from the leaves up.
    pub(super) fn labels(&mut self) {
        for index in self.own().rev() {
            let part = self.part(index);
            let is_composite = match part.media() {
                Media::Multipart { .. } => true,
                Media::Message => part.coding().is_identity() && self.todo[index].label.is_none(),
                Media::Leaf => false,
            };
            let class = self.todo[index].class;
            if !self.todo[index].is_frozen {
                let label = match self.todo[index].label {
                    Some(label) => Some(label),
                    None if is_composite => self.composite_label(&part, class),
                    None => self.leaf_label(&part, class),
                };
                if let Some(label) = label {
                    self.label(index, label, is_composite);
                }
            }
            if let Some(parent) = part.parent() {
                let raw = self.todo[index].raw_header;
                let class = if raw { class.max(Class::EightBit) } else { class };
                self.raise(parent.index() as usize, class);
            }
        }
    }

    /// The label that a composite needs, if it has another.
    fn composite_label(&self, part: &Part<'_>, class: Class) -> Option<&'static str> {
        let declared = class_of(part.coding());
        let is_wide_enough = declared.is_some_and(|declared| declared >= class);
        let is_allowed = declared.is_some_and(|declared| declared.fits(self.options.target));
        // Without delimiters it may really be encoded: nobody can tell.
        let is_encoded = declared.is_none() && !self.has_parts(part);
        (!(is_wide_enough && (is_allowed || class == declared?) || is_encoded))
            .then(|| class.name())
    }

    fn has_parts(&self, part: &Part<'_>) -> bool {
        self.draft.parts[part.index() as usize].has_delimiter || part.media() == Media::Message
    }

    /// The label that a body needs which is not encoded, if it has another.
    fn leaf_label(&self, part: &Part<'_>, class: Class) -> Option<&'static str> {
        let declared = class_of(part.coding())?;
        let is_wide_enough = declared >= class;
        let is_allowed = declared.fits(self.options.target) || class == declared;
        (!(is_wide_enough && is_allowed)).then(|| class.name())
    }

    /// An empty line behind headers that have none, where it would show otherwise: a message begins at
    /// once, as a digest may have it, and what is added to its header must not become that of the part;
    /// or a body begins with a line that is no field, and is one once it is encoded, or masked.
    pub(super) fn empty_lines(&mut self) {
        for index in self.own() {
            let seen = &self.draft.parts[index];
            let at = Span::new(seen.body, seen.body);
            // A label that was added ends with one.
            let has_label = self.todo[index].edits.iter().any(|edit| edit.span == at);
            if seen.header_end.is_some() || has_label {
                continue;
            }
            let changes = |i: usize| !self.todo[i].edits.is_empty();
            let reason = match self.part(index).media() {
                Media::Message if (index + 1..self.ends[index]).any(changes) => {
                    "a header begins behind it"
                }
                Media::Leaf if self.is_recoded(index) => "an encoded body begins behind it",
                Media::Multipart { .. } if self.is_preamble_masked(index) => {
                    "a preamble that changes begins behind it"
                }
                _ => continue,
            };
            let with = With::Octets(self.line_end.as_bytes().to_vec());
            let change = self.change(index, What::Junk, at, with);
            describe(change, "none", "an empty line", reason);
        }
    }

    /// Whether its body is written anew.
    fn is_recoded(&self, index: usize) -> bool {
        self.todo[index].edits.iter().any(|edit| matches!(edit.with, With::Body(_)))
    }

    fn is_preamble_masked(&self, index: usize) -> bool {
        let start = self.draft.parts[index].body;
        self.todo[index]
            .edits
            .iter()
            .any(|edit| edit.with == With::Mask && edit.span.start == start)
    }

    /// Gives a part its label: in the field that is there, or in a new one.
    fn label(&mut self, index: usize, label: &'static str, is_composite: bool) {
        let is_body_changed = self.todo[index].label.is_some();
        if !is_body_changed && self.is_label_signed(index) {
            let part = self.part(index).number();
            let field = Some("Content-Transfer-Encoding".to_owned());
            let reason = format!("the label should be {label}, but a signature covers the field");
            return self.kept.push(Kept { part, field, reason });
        }
        let reason = match (is_composite, is_body_changed) {
            (true, _) => "what its parts are now",
            (false, true) => "the body is encoded so",
            (false, false) => "what its octets are",
        };
        let fields = std::mem::take(&mut self.draft.parts[index].transfer_encodings);
        if fields.is_empty() {
            return self.add_label(index, label, reason);
        }
        for field in &fields {
            self.relabel(index, field, label, reason);
        }
    }

    pub(super) fn relabel(
        &mut self,
        index: usize,
        field: &SeenField,
        label: &'static str,
        reason: &str,
    ) {
        let from = Field::parse(&field.octets).and_then(|parsed| {
            let (name, _) = mime::transfer_encoding_name(parsed.body)?;
            Some(String::from_utf8_lossy(name).into_owned())
        });
        let octets = relabelled(&field.octets, label, self.line_end, self.eol);
        self.todo[index].edits.retain(|edit| edit.span != field.span);
        let change = self.change(index, What::Label, field.span, With::Octets(octets));
        describe(change, from.as_deref().unwrap_or("none"), label, reason);
    }

    fn is_label_signed(&self, index: usize) -> bool {
        let signs = |signature: &Signature| signature.signs("content-transfer-encoding");
        self.part(index).is_message() && self.draft.parts[index].signatures.iter().any(signs)
    }

    /// Adds the field, behind the Content-Type; with the other MIME fields, where there are none.
    fn add_label(&mut self, index: usize, label: &str, reason: &str) {
        let line_end = std::str::from_utf8(self.line_end.as_bytes()).unwrap_or("\n");
        let seen = &self.draft.parts[index];
        let mut text = String::new();
        let needs_version = !seen.has_mime_version
            && (index == 0 || seen.content_type.is_none() && self.part(index).is_message())
            && self.todo[index].label.is_some();
        if needs_version {
            text += &format!("MIME-Version: 1.0{line_end}");
        }
        let is_body_changed = self.todo[index].label.is_some();
        if seen.content_type.is_none() && self.part(index).is_leaf() && is_body_changed {
            let charset = self.body_charset(index);
            text += &format!("Content-Type: text/plain; charset={charset}{line_end}");
        }
        // Where no empty line ends the header, it comes with the field, so that must be the last.
        let at = match (&seen.content_type, seen.header_end) {
            (Some(field), Some(_)) => field.span.end,
            (None, Some(span)) => span.start,
            (_, None) => seen.body,
        };
        text += &format!("Content-Transfer-Encoding: {label}{line_end}");
        if seen.header_end.is_none() {
            text += line_end;
        }
        let with = With::Octets(text.into_bytes());
        let change = self.change(index, What::Label, Span::new(at, at), with);
        describe(change, "none", label, reason);
        self.draft.parts[index].has_mime_version |= needs_version;
    }

    /// The label of the charset of a body that declares none, as for octets in fields.
    fn body_charset(&self, index: usize) -> &str {
        let seen = &self.draft.parts[index];
        let is_ascii = seen.census.as_ref().is_some_and(|census| census.eight_bit == 0);
        match &seen.probe {
            _ if is_ascii => "us-ascii",
            Some(probe) if !probe.not_utf_8 => "utf-8",
            Some(probe) if !probe.not_chosen => {
                self.options.charset.as_deref().unwrap_or("unknown-8bit")
            }
            _ => "unknown-8bit",
        }
    }

    /// MIME-Version, where a coding was introduced into a message that does not say it is MIME.
    pub(super) fn mime_version(&mut self) {
        let any = self.todo.iter().any(|todo| todo.label.is_some());
        let Some(seen) = self.draft.parts.first() else { return };
        if !any || seen.has_mime_version {
            return;
        }
        let Some(field) = &seen.content_type else { return };
        let at = Span::new(field.span.start, field.span.start);
        let text = [b"MIME-Version: 1.0", self.line_end.as_bytes()].concat();
        let change = self.change(0, What::Label, at, With::Octets(text));
        change.field = Some("MIME-Version".to_owned());
        describe(change, "none", "1.0", "an encoded body needs it (RFC 2045 section 4)");
    }
}

/// The data that a label admits to; `None` if it names a coding or nothing known.
fn class_of(coding: Coding) -> Option<Class> {
    match coding {
        Coding::SevenBit => Some(Class::SevenBit),
        Coding::EightBit => Some(Class::EightBit),
        Coding::Binary => Some(Class::Binary),
        _ => None,
    }
}

/// A Content-Transfer-Encoding that says `label`. What stood behind the name goes: half of all
/// programs do not know a coding with a comment.
fn relabelled(field: &[u8], label: &str, line_end: LineEnd, eol: Option<LineEnd>) -> Vec<u8> {
    let Some(parsed) = Field::parse(field) else { return field.to_vec() };
    let blank = parsed.body.iter().take_while(|&&c| chars::is_wsp(c)).count();
    let blank = if blank < parsed.body.len() { &parsed.body[..blank] } else { b" " };
    let behind = &field[parsed.body_start + parsed.body.len()..];
    let stays = eol.is_none() && matches!(behind, b"\n" | b"\r\n");
    let behind = if stays { behind } else { line_end.as_bytes() };
    let head = &field[..parsed.body_start];
    [head, blank, label.as_bytes(), behind].concat()
}
