//! The main bodies of a message: what a reader shows as its text, and what it lists as attachments
//! (RFC 8621 §4.1.4, without its recursion).
//!
//! Nothing inside a `message/rfc822` counts, and HTML parts are never joined with one another: text
//! from one part must not end up inside the markup of another (EFAIL).

use super::{MimeFields, Part, Structure};
use crate::header::mime::Media;

/// The indices of the parts that make up the main bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bodies {
    /// To be shown where plain text is preferred, in order.
    pub text: Vec<u32>,
    /// To be shown where HTML is preferred, in order.
    pub html: Vec<u32>,
    /// Everything else that is a leaf, or a message inside.
    pub attachments: Vec<u32>,
}

/// What a part is to the message, as far as its header and what stands before it tell: which of the
/// lists of [`Bodies`] it joins by itself. An alternative that turns out to offer one kind only
/// offers it for both, which adds nothing that is not in one of the lists already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// It is text where plain text is preferred.
    pub text: bool,
    /// It is text where HTML is preferred.
    pub html: bool,
    /// It is a leaf, or a message inside, that is neither.
    pub attachment: bool,
}

/// Tells what each part of a message is as soon as its header is over, given the parts in document
/// order.
#[derive(Clone, Debug, Default)]
pub struct Sorter {
    open: Vec<Open>,
    /// The depth of the message inside whose parts are passing by.
    message_inside: Option<u32>,
}

/// What a multipart makes of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Multipart {
    Mixed,
    Alternative,
    Related,
}

/// A multipart whose parts are being gone through.
#[derive(Clone, Copy, Debug)]
struct Open {
    index: u32,
    kind: Multipart,
    in_alternative: bool,
    /// Whether its parts may be text of the message.
    joins: bool,
}

impl Sorter {
    /// Another message begins.
    pub fn begin(&mut self) {
        self.open.clear();
        self.message_inside = None;
    }

    /// What the next part is; nothing at all if it is a multipart or stands in a message inside.
    /// `fields` are its own.
    pub fn sort(&mut self, part: &Part<'_>, fields: &MimeFields) -> Role {
        if self.message_inside.is_some_and(|depth| part.depth() > depth) {
            return Role::default();
        }
        self.message_inside = None;
        let parent = part.parent().map(|parent| parent.index());
        while self.open.last().is_some_and(|outer| Some(outer.index) != parent) {
            self.open.pop();
        }
        let outer = self.open.last().copied();
        if let Some(kind) = multipart(part, fields) {
            self.open.push(Open::new(part, kind, outer.as_ref()));
            return Role::default();
        }
        if !part.is_leaf() {
            self.message_inside = Some(part.depth());
        }
        role(part, fields, outer.as_ref())
    }

    /// Whether the multipart `index`, which was open, is over.
    fn is_over(&self, index: u32) -> bool {
        self.open.binary_search_by_key(&index, |open| open.index).is_err()
    }
}

impl Open {
    fn new(part: &Part<'_>, kind: Multipart, outer: Option<&Open>) -> Open {
        let is_alternative = kind == Multipart::Alternative;
        Open {
            index: part.index(),
            kind,
            in_alternative: is_alternative || outer.is_some_and(|outer| outer.in_alternative),
            joins: outer.is_none_or(|outer| outer.joins && takes_first(outer, part)),
        }
    }
}

/// What a leaf, or a message inside, is below `outer`.
fn role(part: &Part<'_>, fields: &MimeFields, outer: Option<&Open>) -> Role {
    let essence = part.effective_type_of(fields);
    let attachment = Role { attachment: true, ..Role::default() };
    if !outer.is_none_or(|outer| outer.joins) || !is_inline(part, fields, essence, outer) {
        return attachment;
    }
    if !outer.is_some_and(|outer| outer.in_alternative) {
        return Role { text: true, html: true, attachment: false };
    }
    match essence {
        "text/html" => Role { html: true, ..Role::default() },
        "text/plain" | "text/enriched" | "text/richtext" => Role { text: true, ..Role::default() },
        _ => attachment,
    }
}

/// Where the lists stood when a multipart began.
struct Start {
    index: u32,
    is_alternative: bool,
    text: usize,
    html: usize,
}

impl Bodies {
    /// Finds the main bodies of a message.
    pub fn of(structure: &Structure) -> Bodies {
        let mut bodies = Bodies::default();
        let mut sorter = Sorter::default();
        let mut starts: Vec<Start> = Vec::new();
        for part in structure.parts() {
            let fields = part.mime_fields();
            let role = sorter.sort(&part, &fields);
            while starts.last().is_some_and(|start| sorter.is_over(start.index)) {
                bodies.close(starts.pop());
            }
            if let Some(open) = sorter.open.last().filter(|open| open.index == part.index()) {
                starts.push(Start {
                    index: open.index,
                    is_alternative: open.kind == Multipart::Alternative,
                    text: bodies.text.len(),
                    html: bodies.html.len(),
                });
            }
            let lists = [
                (role.text, &mut bodies.text),
                (role.html, &mut bodies.html),
                (role.attachment, &mut bodies.attachments),
            ];
            for (_, list) in lists.into_iter().filter(|(joins, _)| *joins) {
                list.push(part.index());
            }
        }
        while let Some(last) = starts.pop() {
            bodies.close(Some(last));
        }
        bodies
    }

    /// An alternative that offers only one kind offers it for both.
    fn close(&mut self, start: Option<Start>) {
        let Some(start) = start.filter(|start| start.is_alternative) else { return };
        if self.text.len() == start.text && self.html.len() > start.html {
            self.text.extend_from_slice(&self.html[start.html..]);
        } else if self.html.len() == start.html && self.text.len() > start.text {
            self.html.extend_from_slice(&self.text[start.text..]);
        }
    }
}

fn multipart(part: &Part<'_>, fields: &MimeFields) -> Option<Multipart> {
    if !matches!(part.media(), Media::Multipart { .. }) {
        return None;
    }
    Some(match fields.essence() {
        "multipart/alternative" => Multipart::Alternative,
        "multipart/related" => Multipart::Related,
        _ => Multipart::Mixed,
    })
}

/// In a multipart/related only the first part is text; the others belong to it.
fn takes_first(outer: &Open, part: &Part<'_>) -> bool {
    outer.kind != Multipart::Related || part.ordinal() == 1
}

/// Whether a part is shown in its place (RFC 8621 §4.1.4 `isInline`).
fn is_inline(part: &Part<'_>, fields: &MimeFields, essence: &str, outer: Option<&Open>) -> bool {
    let is_text = matches!(essence, "text/plain" | "text/html" | "text/enriched" | "text/richtext");
    let is_attachment =
        fields.disposition.as_ref().is_some_and(|disposition| disposition.value == "attachment");
    if !is_text || is_attachment {
        return false;
    }
    match outer {
        // The first part of a multipart is its text, whatever it is called.
        _ if part.ordinal() == 1 => true,
        Some(outer) if outer.kind == Multipart::Related => false,
        Some(outer) if outer.kind == Multipart::Alternative => true,
        _ => fields.filename().is_none(),
    }
}
