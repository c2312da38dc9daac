//! Fields that are said twice: in the header of the message, and protected with what is signed.
//!
//! The part whose Content-Type has the parameter `hp`, or `protected-headers` as programs wrote before
//! it, holds the fields as the author's program wrote them; HP-Outer says what it wrote outside.
//!
//! RFC 9788 §2. May use: base, header, structure.

use std::ops::Range;

use super::url;
use crate::base::{Rule, Span};
use crate::header::names::Name;
use crate::header::{self, Context, Field};
use crate::lint::Found;
use crate::structure::{At, Structure};

/// The fields that are compared.
const COMPARED: &[(Name, &str)] = &[
    (Name::From, "From"),
    (Name::To, "To"),
    (Name::Cc, "Cc"),
    (Name::ReplyTo, "Reply-To"),
    (Name::Subject, "Subject"),
    (Name::Date, "Date"),
    (Name::Sender, "Sender"),
];

/// LIMIT: fields of a header that are kept, and octets of each.
const FIELDS: usize = 32;
const FIELD: usize = 4096;

/// A field, and where it stands.
#[derive(Debug)]
struct Said {
    name: &'static str,
    /// In the octets that are kept.
    body: Range<usize>,
    is_outer: bool,
    span: Option<Span>,
}

/// Watches a message.
#[derive(Debug, Default)]
pub(super) struct ProtectWatch {
    context: Context,
    outer: Vec<Said>,
    /// The fields of the part whose header is being read.
    part: u32,
    inner: Vec<Said>,
    octets: Vec<u8>,
}

impl ProtectWatch {
    /// A message comes whose fields are read so.
    pub(super) fn begin(&mut self, context: &Context) {
        self.context = *context;
        self.part = 0;
        self.octets.clear();
        self.outer.clear();
        self.inner.clear();
    }

    /// A field of any part.
    pub(super) fn field(
        &mut self,
        at: At,
        name: Option<Name>,
        field: &Field<'_>,
        span: Option<Span>,
    ) {
        if at.part != self.part {
            self.part = at.part;
            self.inner.clear();
            self.octets.truncate(self.outer.last().map_or(0, |last| last.body.end));
        }
        let is_outer = name.is_none() && field.is("HP-Outer");
        let cut = if is_outer { memchr::memchr(b':', field.body) } else { None };
        let (name, body) = match cut {
            Some(colon) => (Name::of(field.body[..colon].trim_ascii()), &field.body[colon + 1..]),
            None => (name, field.body),
        };
        let compared = COMPARED.iter().find(|(compared, _)| Some(*compared) == name);
        let Some(&(_, name)) = compared else { return };
        let said = if at.part == 0 && at.decoded == 0 { &mut self.outer } else { &mut self.inner };
        if said.len() < FIELDS && body.len() <= FIELD {
            let start = self.octets.len();
            self.octets.extend_from_slice(body);
            said.push(Said { name, body: start..self.octets.len(), is_outer, span });
        }
    }

    /// The header of a part is over.
    pub(super) fn headed(&mut self, structure: &Structure, index: u32, found: &mut Found) {
        if self.inner.is_empty() || self.part != index {
            return;
        }
        let inner = std::mem::take(&mut self.inner);
        let protects = |name: &str| {
            let fields = structure.headed(index).and_then(|fields| fields.content_type.as_ref());
            fields.is_some_and(|content_type| content_type.written.get(name).is_some())
        };
        if !protects("hp") && !protects("protected-headers") || is_of_another(structure, index) {
            return;
        }
        for said in &inner {
            // What it wrote outside counts there, if it says what that was.
            let is_said = |other: &Said| other.is_outer && other.name == said.name;
            if said.is_outer || !inner.iter().any(is_said) {
                self.compare(index, said, found);
            }
        }
    }

    fn compare(&self, index: u32, said: &Said, found: &mut Found) {
        let outer = self.outer.iter().filter(|outer| outer.name == said.name);
        let outer: Vec<_> = outer.map(|outer| self.text(outer)).collect();
        let text = self.text(said);
        let Some(first) = outer.first().filter(|_| !outer.contains(&text)) else { return };
        let [text, first] = [&text, first].map(|text| url::defanged_text(text));
        let note = format!("{}: \"{text}\"; outside: \"{first}\"", said.name);
        found.add_noted(Rule::X040, index, said.span, note);
    }

    /// What a field says to a reader.
    fn text(&self, said: &Said) -> String {
        let field = Field {
            name: said.name.as_bytes(),
            body: &self.octets[said.body.clone()],
            body_start: 0,
        };
        let text = header::text(&field, &self.context).text;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Whether a part belongs to a message inside the message.
fn is_of_another(structure: &Structure, index: u32) -> bool {
    let mut part = structure.part(index);
    while let Some(inner) = part {
        if inner.is_message() && inner.index() != 0 {
            return true;
        }
        part = inner.parent();
    }
    false
}
