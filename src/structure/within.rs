//! A part that is read again, apart from the message that it stands in.
//!
//! May use: base, and of this room the structure.

use super::{Part, PartData, Structure};
use crate::base::Span;
use crate::header::mime;

impl Structure {
    /// Puts what the part `part` of `outer` stands in, outermost first, into this empty structure.
    pub(super) fn stand_in(&mut self, outer: &Structure, part: u32) {
        let mut passed = Vec::new();
        let mut at = outer.parts.get(part as usize).and_then(|data| data.parent);
        while let Some(data) = at.and_then(|at| outer.parts.get(at as usize)) {
            passed.push(data);
            at = data.parent;
        }
        for (index, data) in (0..).zip(passed.into_iter().rev()) {
            let parent = u32::checked_sub(index, 1);
            self.parts.push(PartData { parent, ..data.without_fields() });
        }
        // The part that comes next is counted when it is entered.
        if let (Some(last), Some(data)) = (self.parts.last_mut(), outer.parts.get(part as usize)) {
            last.children = data.ordinal.saturating_sub(1);
        }
    }

    /// The part was read behind the `inside` parts that it stands in: it has its siblings again.
    pub(super) fn stand_beside(&mut self, outer: &Structure, part: u32, inside: u32) {
        let parent = outer.parts.get(part as usize).and_then(|data| data.parent);
        let children = parent.map_or(0, |parent| outer.parts[parent as usize].children);
        if let Some(last) = inside.checked_sub(1) {
            self.parts[last as usize].children = children;
        }
    }

    /// Gives the parts from `from` on other places: `place` says where a span stands in truth, if it
    /// stands anywhere.
    pub(crate) fn move_spans(&mut self, from: u32, place: impl Fn(Span) -> Option<Span>) {
        for data in self.parts.iter_mut().skip(from as usize) {
            data.header = data.header.and_then(&place);
            data.body = data.body.and_then(&place);
        }
    }
}

impl PartData {
    fn without_fields(&self) -> PartData {
        PartData {
            content_type: None,
            transfer_encoding: None,
            disposition: None,
            content_id: None,
            description: None,
            ..self.clone()
        }
    }
}

impl Part<'_> {
    /// The boundary that its Content-Type names; empty if none.
    pub(crate) fn boundary(&self) -> Vec<u8> {
        let mut boundary = Vec::new();
        if let Some(body) = self.stored(self.data().content_type) {
            mime::media(body, self.structure.context(), &mut boundary, &mut ());
        }
        boundary
    }

    /// Whether it is a message unless it says otherwise.
    pub(crate) fn in_digest(&self) -> bool {
        self.data().in_digest
    }
}
