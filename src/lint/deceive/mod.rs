//! Content that deceives: who a message says that it comes from (`sender`), what its files say that they
//! are (`files`), what its HTML does (`page`), and fields that are protected and said otherwise outside
//! (`protect`).
//!
//! Facts with places and what was compared, no verdicts: much ordinary mail does some of it. What is
//! shown of hosts, URLs and addresses is no link to any program.
//!
//! Contract: one pass along with the structure; memory does not grow with a body. LIMIT: of each rule
//! [`OF_A_KIND`](super::OF_A_KIND) findings a message.
//!
//! May use: base … structure.

mod files;
mod html;
mod page;
mod place;
mod protect;
mod sender;
#[cfg(test)]
mod tests;
mod url;

use self::files::LEAD;
use self::page::Page;
use self::protect::ProtectWatch;
use self::sender::SenderWatch;
use super::{Found, Places};
use crate::base::{Rule, Span};
use crate::header::address::Address;
use crate::header::names::Name;
use crate::header::{Context, Field};
use crate::structure::{At, MimeFields, Part, Structure, Want};
use crate::transfer::Coding;
use crate::walk::Kind;

/// Names of files that programs open as HTML.
const PAGES: &[&str] = &[".htm", ".html", ".shtml", ".xhtml", ".xht", ".svg", ".hta", ".mht"];

/// Watches messages.
#[derive(Debug, Default)]
pub(super) struct DeceiveWatch {
    sender: SenderWatch,
    protect: ProtectWatch,
    leaf: Option<Leaf>,
    page: Option<Page>,
    /// The room of the last leaf.
    lead: Vec<u8>,
}

/// The leaf whose body is being read.
#[derive(Debug)]
struct Leaf {
    part: u32,
    name: Option<String>,
    essence: String,
    /// Where it is said what it is.
    span: Option<Span>,
    lead: Vec<u8>,
    /// It is text in base64 that needed none, as far as it was read.
    needs_no_base64: bool,
    line: usize,
}

impl DeceiveWatch {
    /// A message comes whose fields are read so.
    pub(super) fn begin(&mut self, context: &Context) {
        self.sender = SenderWatch::default();
        self.protect.begin(context);
        (self.leaf, self.page) = (None, None);
    }

    /// A field whose body stands at `span`; `list` is what it says, if that is addresses.
    pub(super) fn field(
        &mut self,
        at: At,
        name: Option<Name>,
        field: &Field<'_>,
        list: &[Address],
        span: Option<Span>,
        found: &mut Found,
    ) {
        self.sender.field(at, name, field, list, span, found);
        self.protect.field(at, name, field, span);
    }

    /// The header of a part is over; its fields stand at `places`.
    pub(super) fn headed(
        &mut self,
        structure: &Structure,
        index: u32,
        places: Places,
        found: &mut Found,
    ) -> Want {
        self.protect.headed(structure, index, found);
        let Some((part, fields)) = structure.part(index).zip(structure.headed(index)) else {
            return Want::Nothing;
        };
        if !part.is_leaf() {
            return Want::Nothing;
        }
        let leaf = Leaf::new(&part, fields, places, std::mem::take(&mut self.lead));
        if let Some(name) = &leaf.name {
            let mut odd = Vec::new();
            files::by_name(name, &leaf.essence, &mut odd);
            for (rule, note) in odd {
                found.add_noted(rule, index, leaf.span, note);
            }
        }
        self.page = leaf.is_page().then(|| Page::new(&part, fields));
        self.leaf = Some(leaf);
        Want::Decoded
    }

    /// A token of the message or of one inside.
    pub(super) fn token(&mut self, at: At, kind: Kind, octets: &[u8]) {
        if kind == Kind::Body
            && let Some(page) = self.page.as_mut().filter(|page| page.part() == at.part)
            && let Some(span) = at.span
        {
            page.written(span.start, octets);
        }
    }

    /// A piece of the body of a leaf.
    pub(super) fn content(&mut self, part: u32, octets: &[u8]) {
        if let Some(leaf) = self.leaf.as_mut().filter(|leaf| leaf.part == part) {
            leaf.content(octets);
        }
        if let Some(page) = self.page.as_mut().filter(|page| page.part() == part) {
            page.content(octets);
        }
    }

    /// A part is over.
    pub(super) fn leave(&mut self, structure: &Structure, index: u32, found: &mut Found) {
        let body = structure.part(index).and_then(|part| part.body());
        if let Some(leaf) = self.leaf.take_if(|leaf| leaf.part == index) {
            self.lead = leaf.finish(body, found);
        }
        if let Some(page) = self.page.take_if(|page| page.part() == index) {
            page.finish(body, found);
        }
    }

    /// The message is over.
    pub(super) fn finish(&mut self, found: &mut Found) {
        self.sender.finish(found);
    }
}

impl Leaf {
    fn new(part: &Part<'_>, fields: &MimeFields, places: Places, mut lead: Vec<u8>) -> Leaf {
        lead.clear();
        let name = fields.filename();
        let essence = part.effective_type_of(fields).to_owned();
        let is_coded_text = part.coding() == Coding::Base64 && essence.starts_with("text/");
        Leaf {
            part: part.index(),
            needs_no_base64: is_coded_text && name.is_none(),
            name,
            essence,
            span: places.disposition.or(places.content_type).or(part.header()),
            lead,
            line: 0,
        }
    }

    /// Whether a program would open it as HTML.
    fn is_page(&self) -> bool {
        matches!(self.essence.as_str(), "text/html" | "application/xhtml+xml" | "image/svg+xml")
            || self.name.as_deref().is_some_and(|name| {
                let name = name.trim_end().to_ascii_lowercase();
                PAGES.iter().any(|end| name.ends_with(end))
            })
    }

    fn content(&mut self, octets: &[u8]) {
        let room = LEAD - self.lead.len();
        self.lead.extend_from_slice(&octets[..octets.len().min(room)]);
        if self.needs_no_base64 {
            self.needs_no_base64 = self.is_plain(octets);
        }
    }

    /// Whether these octets could stand in a message of 7 bits as they are.
    fn is_plain(&mut self, octets: &[u8]) -> bool {
        if !octets.is_ascii() || memchr::memchr(0, octets).is_some() {
            return false;
        }
        for line in octets.split_inclusive(|&c| c == b'\n') {
            self.line += line.len();
            if self.line > 998 {
                return false;
            }
            self.line = if line.ends_with(b"\n") { 0 } else { self.line };
        }
        true
    }

    fn finish(self, body: Option<Span>, found: &mut Found) -> Vec<u8> {
        let mut odd = Vec::new();
        if !self.is_plain_text() {
            files::by_octets(&self.lead, self.name.as_deref(), &self.essence, &mut odd);
        }
        for (rule, note) in odd {
            found.add_noted(rule, self.part, self.span, note);
        }
        if self.needs_no_base64 && !self.lead.is_empty() {
            found.add_noted(Rule::X033, self.part, body, None);
        }
        self.lead
    }

    /// Whether it is said to be text, and nothing it begins with says otherwise.
    fn is_plain_text(&self) -> bool {
        let is_text = self.name.is_none() && self.essence.starts_with("text/");
        is_text && self.lead.is_ascii() && memchr::memchr(0, &self.lead).is_none()
    }
}
