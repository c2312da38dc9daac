//! Parts that are not changed one by one: what a signature covers, messages in an unknown coding,
//! messages whose header is UTF-8 (RFC 1847, RFC 2045 §6.4, RFC 6532 §3.7).

use std::ops::Range;

use super::body::{Lines, Recode};
use super::octets::Class;
use super::plan::{Kept, Refusal, What, With};
use super::planner::{Planner, Todo, describe};
use super::{Signed, Target};
use crate::header::mime::Media;
use crate::transfer::{Coding, Content};

impl Planner<'_> {
    /// A message whose transfer encoding nobody knows is looked into, but not changed: what it says is
    /// a guess (RFC 2045 §6.4).
    pub(super) fn unknown_codings(&mut self) {
        for index in self.own() {
            let part = self.part(index);
            let is_unknown = part.media() == Media::Message && part.coding() == Coding::Unknown;
            if !is_unknown || self.todo[index].is_frozen {
                continue;
            }
            let inside = index + 1..self.ends[index];
            let is_dirty =
                |i: usize| !self.todo[i].edits.is_empty() || !self.todo[i].refused.is_empty();
            if inside.clone().any(is_dirty) {
                let reason = "its transfer encoding is unknown, and its octets need one";
                self.refuse(index, None, reason.to_owned());
            }
            self.todo[index].is_frozen = true;
            for i in inside {
                self.todo[i] = Todo { is_frozen: true, ..Todo::default() };
            }
        }
    }

    /// What signatures inside the message forbid: of a multipart/signed, the first part.
    pub(super) fn signatures(&mut self) {
        let mut behind = 0;
        for index in self.own() {
            if index < behind || !self.part(index).is_covered() {
                continue;
            }
            let range = index..self.ends[index];
            behind = range.end;
            let dirty = range
                .clone()
                .any(|i| !self.todo[i].edits.is_empty() || !self.todo[i].refused.is_empty());
            if !dirty {
                range.for_each(|i| self.todo[i].is_frozen = true);
                continue;
            }
            self.signed(index, range);
        }
    }

    fn signed(&mut self, index: usize, range: Range<usize>) {
        let part = self.part(index).number();
        let reason = "S010: the part is signed, and to convert it breaks the signature".to_owned();
        if self.options.signed == Signed::Break {
            self.kept.push(Kept { part, field: None, reason: reason + " (--signed break)" });
            return;
        }
        // A coding that is there may stay there.
        let is_way_back = self.options.target > Target::SevenBit
            && range.clone().all(|i| {
                let class = self.draft.parts[i].census.as_ref().map_or(Class::SevenBit, Class::of);
                self.todo[i].refused.is_empty() && class.fits(self.options.target)
            });
        for i in range {
            let class = self.draft.parts[i].census.as_ref().map_or(Class::SevenBit, Class::of);
            let raw_header = self.todo[i].raw_header || self.todo[i].is_header_mended;
            self.todo[i] = Todo { class, raw_header, is_frozen: true, ..Todo::default() };
        }
        if !is_way_back {
            self.todo[index].refused.push(Refusal { part, field: None, reason });
        }
    }

    /// A message/global whose header was mended is a message/rfc822 now; one whose header cannot be
    /// mended is encoded as a whole (RFC 6532 §3.7).
    pub(super) fn globals(&mut self) {
        for index in self.own().rev() {
            let part = self.part(index);
            if part.media() != Media::Message
                || !part.coding().is_identity()
                || part.essence() != "message/global"
                || self.todo[index].is_frozen
            {
                continue;
            }
            let inside = index + 1..self.ends[index];
            if inside.clone().any(|i| !self.todo[i].refused.is_empty()) {
                self.encode_whole(index, inside);
            } else if inside.clone().any(|i| self.todo[i].is_header_mended) {
                self.rename_global(index);
            }
        }
    }

    fn encode_whole(&mut self, index: usize, inside: Range<usize>) {
        let end = inside.clone().map(|i| self.draft.parts[i].end).max().unwrap_or(0);
        for i in inside.clone() {
            self.todo[i] = Todo { is_frozen: true, ..Todo::default() };
        }
        let last = self.draft.parts[inside.end - 1].before_delimiter;
        let seen = &mut self.draft.parts[index];
        seen.body_end = end.max(seen.body);
        let recode = Recode {
            from: self.part(index).coding(),
            to: Coding::Base64,
            content: Content::Binary,
            lines: Lines::Exact,
            before_delimiter: last,
        };
        self.todo[index].class = Class::SevenBit;
        self.recode(index, recode, "a header in it that 7 bits cannot hold (RFC 6532 section 3.7)");
    }

    fn rename_global(&mut self, index: usize) {
        let Some(field) = self.draft.parts[index].content_type.take() else { return };
        let octets = renamed_global(&field.octets);
        // The field may have been rewritten already: that begins anew.
        let todo = &mut self.todo[index];
        if let Some(at) = todo.edits.iter().position(|edit| edit.span == field.span) {
            let edit = todo.edits.remove(at);
            todo.changes[edit.change].part.clear();
            self.field(index, &field, &octets);
        } else {
            self.change(index, What::Field, field.span, With::Octets(octets));
        }
        if let Some(change) = self.todo[index].changes.last_mut() {
            change.field = Some("Content-Type".to_owned());
            describe(change, "message/global", "message/rfc822", "its header is ASCII now");
        }
        self.draft.parts[index].content_type = Some(field);
    }
}

/// A Content-Type with `message/rfc822` where `message/global` stands.
fn renamed_global(field: &[u8]) -> Vec<u8> {
    const GLOBAL: &[u8] = b"global";
    let at = field.windows(GLOBAL.len()).position(|word| word.eq_ignore_ascii_case(GLOBAL));
    let Some(at) = at else { return field.to_vec() };
    [&field[..at], b"rfc822", &field[at + GLOBAL.len()..]].concat()
}
