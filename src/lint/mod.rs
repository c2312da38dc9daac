//! What is wrong or ambiguous about a message: the findings of the parser, and the rules that need more
//! than one token of it.
//!
//! [`Linter`] watches a message while its structure is built, and adds to what the structure found:
//! which fields are missing or disagree (`header`), what the parts are to one another (`parts`), what
//! their octets ask of a transport (`octets`). [`Rules`] says which rules count. [`explain`] says what a
//! rule is about, with an example that fires it and one that does not; the documentation is made of the
//! same texts.
//!
//! Contract: reads the message once, along with the structure. Memory grows with the number of parts
//! and of the findings that are kept, never with a body. Total: any octets give a list, in the order of
//! parts and places. The same octets give the same list, whenever and wherever they are looked at:
//! nothing asks for the time, the system or the net.
//!
//! Does not judge: whether mail is wanted is for others to say. Does not mend; what can be mended
//! without a change to what a reader sees is for `convert`.
//!
//! May use: base … convert, extract.

pub mod examples;
mod explain;
mod header;
mod octets;
mod parts;
mod rules;
#[cfg(test)]
mod tests;

pub use explain::{capital, explain, list, rules_page};
pub use rules::{Rules, UnknownRule};

use std::io;

use self::header::HeaderWatch;
use self::octets::OctetWatch;
use crate::base::{Finding, Rule, Span};
use crate::header::names::Name;
use crate::header::{Context, Field};
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// A transport by what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Octets under 128 in lines of at most 998 (RFC 5321 without extensions).
    SevenBit,
    /// The same with octets over 127 in bodies (8BITMIME, RFC 6152).
    EightBitMime,
    /// The same with octets over 127 in headers too (SMTPUTF8, RFC 6531).
    SmtpUtf8,
}

/// Findings, as long as there is room for them.
#[derive(Debug, Default)]
struct Found {
    list: Vec<Finding>,
    limit: usize,
}

impl Found {
    fn add(&mut self, rule: Rule, part: u32, span: Option<Span>) {
        if self.list.len() < self.limit {
            self.list.push(Finding { rule, part, span });
        }
    }
}

/// Where the MIME fields of a part stand; the first of each.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    content_type: Option<Span>,
    transfer_encoding: Option<Span>,
    disposition: Option<Span>,
    content_id: Option<Span>,
}

/// Watches messages, one after the other: [`Linter::begin`] before each, [`Linter::finish`] behind it.
///
/// ```
/// use septet::base::Rule;
/// use septet::header::Context;
/// use septet::lint::Linter;
/// use septet::structure::Builder;
/// use septet::walk::{Reader, Separator};
///
/// let message = b"From: a@example.org\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nhello\n";
/// let context = Context::default();
/// let mut builder = Builder::new(context.limits, context.fallback, true);
/// let mut linter = Linter::new(None);
/// linter.begin(&context);
/// let mut reader = Reader::new(&message[..], context.limits, builder.walk_options(Separator::None));
/// let structure = builder.read(&mut reader, &mut linter)?.expect("a message");
/// let rules: Vec<_> = linter.finish(structure).iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, [Rule::H003, Rule::H004]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Linter {
    transport: Option<Transport>,
    found: Found,
    places: Vec<Places>,
    header: HeaderWatch,
    octets: OctetWatch,
}

impl Linter {
    /// A linter; with a transport, what that does not take is a finding too.
    pub fn new(transport: Option<Transport>) -> Linter {
        Linter { transport, ..Linter::default() }
    }

    /// A message comes next; `context` is that of its structure.
    pub fn begin(&mut self, context: &Context) {
        self.found = Found { list: Vec::new(), limit: context.limits.findings };
        self.places.clear();
        self.header = HeaderWatch::new(context);
        self.octets = OctetWatch::new(self.transport);
    }

    /// The message is over, and this is its structure: all that is odd about it, by part and place.
    pub fn finish(&mut self, structure: &Structure) -> Vec<Finding> {
        let found = &mut self.found;
        self.octets.finish(structure, found);
        self.header.finish(structure, found);
        parts::look(structure, &self.places, self.transport, found);
        let mut all = std::mem::take(&mut found.list);
        all.extend_from_slice(structure.findings());
        all.sort_by_key(|f| (f.part, f.span.map_or(0, |span| span.start), f.rule));
        all
    }

    fn note_place(&mut self, at: At, name: Option<Name>) {
        let index = at.part as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, Places::default());
        }
        let places = &mut self.places[index];
        let place = match name {
            Some(Name::ContentType) => &mut places.content_type,
            Some(Name::ContentTransferEncoding) => &mut places.transfer_encoding,
            Some(Name::ContentDisposition) => &mut places.disposition,
            Some(Name::ContentId) => &mut places.content_id,
            _ => return,
        };
        if place.is_none() {
            *place = at.span;
        }
    }
}

impl Visitor for Linter {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field {
            self.header.token(at, octets, &mut self.found);
        }
        if at.decoded == 0 {
            self.octets.token(at, kind, octets, &mut self.found);
        }
        Ok(())
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        self.note_place(at, name);
        self.header.field(at, name, field, &mut self.found);
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.header.headed(part);
        self.octets.headed(structure, part);
        Ok(Want::Nothing)
    }
}
