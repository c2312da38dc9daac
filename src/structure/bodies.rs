//! The main bodies of a message: what a reader shows as its text, and what it lists as attachments
//! (RFC 8621 §4.1.4, without its recursion).
//!
//! Nothing inside a `message/rfc822` counts, and HTML parts are never joined with one another: text
//! from one part must not end up inside the markup of another (EFAIL).

use super::{Part, Structure};
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

/// What a multipart makes of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Multipart {
    Mixed,
    Alternative,
    Related,
}

/// A multipart whose parts are being gone through.
#[derive(Debug)]
struct Open {
    index: u32,
    kind: Multipart,
    in_alternative: bool,
    /// How long the lists were when an alternative began.
    text: usize,
    html: usize,
    /// Which of the lists its parts may join.
    joins_text: bool,
    joins_html: bool,
}

impl Bodies {
    /// Finds the main bodies of a message.
    pub fn of(structure: &Structure) -> Bodies {
        let mut bodies = Bodies::default();
        let mut open: Vec<Open> = Vec::new();
        let mut message_inside: Option<u32> = None;
        for part in structure.parts() {
            if message_inside.is_some_and(|depth| part.depth() > depth) {
                continue;
            }
            message_inside = None;
            let parent = part.parent().map(|parent| parent.index());
            while open.last().is_some_and(|outer| Some(outer.index) != parent) {
                bodies.close(open.pop());
            }
            if let Some(kind) = multipart(&part) {
                open.push(bodies.open(&part, kind, open.last()));
            } else {
                if !part.is_leaf() {
                    message_inside = Some(part.depth());
                }
                bodies.place(&part, open.last());
            }
        }
        while let Some(last) = open.pop() {
            bodies.close(Some(last));
        }
        bodies
    }

    fn open(&self, part: &Part<'_>, kind: Multipart, outer: Option<&Open>) -> Open {
        Open { text: self.text.len(), html: self.html.len(), ..Open::below(outer, part, kind) }
    }

    /// A leaf, or a message inside, below `outer`.
    fn place(&mut self, part: &Part<'_>, outer: Option<&Open>) {
        let essence = part.effective_type();
        let (joins_text, joins_html) = outer.map_or((true, true), |o| (o.joins_text, o.joins_html));
        if is_attachment(part, &essence, outer) {
            self.attachments.push(part.index());
            return;
        }
        let in_alternative = outer.is_some_and(|outer| outer.in_alternative);
        match essence.as_str() {
            "text/html" if in_alternative => self.html.push(part.index()),
            "text/plain" | "text/enriched" | "text/richtext" if in_alternative => {
                self.text.push(part.index());
            }
            _ if in_alternative => self.attachments.push(part.index()),
            _ => {
                if joins_text {
                    self.text.push(part.index());
                }
                if joins_html {
                    self.html.push(part.index());
                }
            }
        }
    }

    /// An alternative that offers only one kind offers it for both.
    fn close(&mut self, open: Option<Open>) {
        let Some(open) = open else { return };
        if open.kind != Multipart::Alternative {
            return;
        }
        if self.text.len() == open.text && self.html.len() > open.html {
            self.text.extend_from_slice(&self.html[open.html..]);
        } else if self.html.len() == open.html && self.text.len() > open.text {
            self.html.extend_from_slice(&self.text[open.text..]);
        }
    }
}

impl Open {
    /// The multipart `part`, which stands in `outer`.
    fn below(outer: Option<&Open>, part: &Part<'_>, kind: Multipart) -> Open {
        let is_alternative = kind == Multipart::Alternative;
        Open {
            index: part.index(),
            kind,
            in_alternative: is_alternative || outer.is_some_and(|outer| outer.in_alternative),
            text: 0,
            html: 0,
            joins_text: outer.is_none_or(|outer| outer.joins_text && takes_first(outer, part)),
            joins_html: outer.is_none_or(|outer| outer.joins_html && takes_first(outer, part)),
        }
    }
}

/// Tells while a message is read which of its parts are attachments, as [`Bodies`] does when it was:
/// a leaf that is no main body, and a message inside with all that is in it.
#[derive(Debug, Default)]
pub struct Attachments {
    open: Vec<Open>,
    /// How deep the message inside stands that is being read.
    message_inside: Option<u32>,
}

impl Attachments {
    /// Whether this part is one. Takes all parts of a message in their order, each when its header
    /// was read; the root begins another message.
    pub fn includes(&mut self, part: &Part<'_>) -> bool {
        let parent = part.parent().map(|parent| parent.index());
        if parent.is_none() {
            self.open.clear();
            self.message_inside = None;
        }
        if self.message_inside.is_some_and(|depth| part.depth() > depth) {
            return part.is_leaf() || part.media() == Media::Message;
        }
        self.message_inside = None;
        while self.open.last().is_some_and(|outer| Some(outer.index) != parent) {
            self.open.pop();
        }
        if let Some(kind) = multipart(part) {
            self.open.push(Open::below(self.open.last(), part, kind));
            return false;
        }
        if !part.is_leaf() {
            self.message_inside = Some(part.depth());
        }
        is_attachment(part, &part.effective_type(), self.open.last())
    }
}

fn multipart(part: &Part<'_>) -> Option<Multipart> {
    if !matches!(part.media(), Media::Multipart { .. }) {
        return None;
    }
    Some(match part.essence().as_str() {
        "multipart/alternative" => Multipart::Alternative,
        "multipart/related" => Multipart::Related,
        _ => Multipart::Mixed,
    })
}

/// In a multipart/related only the first part is text; the others belong to it.
fn takes_first(outer: &Open, part: &Part<'_>) -> bool {
    outer.kind != Multipart::Related || part.ordinal() == 1
}

/// Whether a part that is no multipart is none of the main bodies.
fn is_attachment(part: &Part<'_>, essence: &str, outer: Option<&Open>) -> bool {
    let joins = outer.is_none_or(|outer| outer.joins_text || outer.joins_html);
    !joins || !is_inline(part, essence, outer)
}

/// Whether a part is shown in its place (RFC 8621 §4.1.4 `isInline`).
fn is_inline(part: &Part<'_>, essence: &str, outer: Option<&Open>) -> bool {
    let is_text = matches!(essence, "text/plain" | "text/html" | "text/enriched" | "text/richtext");
    let is_attachment =
        part.disposition().is_some_and(|disposition| disposition.value == "attachment");
    if !is_text || is_attachment {
        return false;
    }
    match outer {
        // The first part of a multipart is its text, whatever it is called.
        _ if part.ordinal() == 1 => true,
        Some(outer) if outer.kind == Multipart::Related => false,
        Some(outer) if outer.kind == Multipart::Alternative => true,
        _ => part.filename().is_none(),
    }
}
