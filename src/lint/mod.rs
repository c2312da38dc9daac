//! What is wrong or ambiguous about a message: the findings of the parser, and the rules that need more
//! than one token of it.
//!
//! [`Linter`] watches a message while its structure is built, and adds to what the structure found:
//! which fields are missing or disagree (`header`), what the parts are to one another (`parts`), what
//! their octets ask of a transport (`octets`), what of them deceives (`deceive`). [`Rules`] says which
//! rules count. [`explain()`] says what a rule is about, with an example that fires it and one that does
//! not; the documentation is made of the same texts.
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

mod deceive;
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

use self::deceive::DeceiveWatch;
use self::header::HeaderWatch;
use self::octets::OctetWatch;
use crate::base::{Finding, RULES, Rule, Span};
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

/// A finding, with what was compared where the rule compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What is odd.
    pub rule: Rule,
    /// The part it was found in: its index in document order.
    pub part: u32,
    /// The octets; `None` where they are no octets of the message itself.
    pub span: Option<Span>,
    /// What was compared, in a few words. What the message says in it is escaped, and no program makes
    /// a link of it: `hxxps://example[.]com`.
    pub note: Option<String>,
}

impl From<Finding> for Noted {
    fn from(Finding { rule, part, span }: Finding) -> Noted {
        Noted { rule, part, span, note: None }
    }
}

/// LIMIT: findings of one rule about content that deceives, a message.
const OF_A_KIND: usize = 8;

/// Findings, as long as there is room for them.
#[derive(Debug, Default)]
struct Found {
    list: Vec<Noted>,
    limit: usize,
    /// How many there are of each rule of which only some are told.
    noted: Vec<usize>,
}

impl Found {
    fn add(&mut self, rule: Rule, part: u32, span: Option<Span>) {
        if self.list.len() < self.limit {
            self.list.push(Noted { rule, part, span, note: None });
        }
    }

    /// One of a kind of which only some are told.
    fn add_noted(
        &mut self,
        rule: Rule,
        part: u32,
        span: Option<Span>,
        note: impl Into<Option<String>>,
    ) {
        self.noted.resize(RULES.len(), 0);
        let of_rule = &mut self.noted[rule as usize];
        if *of_rule < OF_A_KIND && self.list.len() < self.limit {
            *of_rule += 1;
            self.list.push(Noted { rule, part, span, note: note.into() });
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
    known: parts::Known,
    header: HeaderWatch,
    octets: OctetWatch,
    deceive: DeceiveWatch,
}

impl Linter {
    /// A linter; with a transport, what that does not take is a finding too.
    pub fn new(transport: Option<Transport>) -> Linter {
        Linter { transport, ..Linter::default() }
    }

    /// A message comes next; `context` is that of its structure.
    pub fn begin(&mut self, context: &Context) {
        self.found = Found { limit: context.limits.findings, ..Found::default() };
        self.places.clear();
        self.known.clear();
        self.header = HeaderWatch::new(context);
        self.octets = OctetWatch::new(self.transport);
        self.deceive.begin(context);
    }

    /// The message is over, and this is its structure: all that is odd about it, by part and place.
    pub fn finish(&mut self, structure: &Structure) -> Vec<Noted> {
        let found = &mut self.found;
        self.octets.finish(structure, found);
        self.header.finish(structure, found);
        self.deceive.finish(found);
        parts::look(structure, &self.known, &self.places, self.transport, found);
        let mut all = std::mem::take(&mut found.list);
        all.extend(structure.findings().iter().copied().map(Noted::from));
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
        self.deceive.token(at, kind, octets);
        Ok(())
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        self.note_place(at, name);
        let (list, span) = self.header.field(at, name, field, &mut self.found);
        self.deceive.field(at, name, field, &list, span, &mut self.found);
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.header.headed(part);
        self.octets.headed(structure, part);
        self.known.headed(structure, part);
        let places = self.places.get(part as usize).copied().unwrap_or_default();
        Ok(self.deceive.headed(structure, part, places, &mut self.found))
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.deceive.content(part, octets);
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        self.deceive.leave(structure, part, &mut self.found);
        Ok(())
    }
}
