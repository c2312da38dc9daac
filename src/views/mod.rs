//! The other readings of a message: what programs take it for that make one choice otherwise than we
//! do.
//!
//! The primary reading is one and the same, and tells by its findings where a choice was made. A view
//! is our own reading of the message as it would have to be for us to make another choice there: a few
//! octets stand in the place of others (`altered`), and only the part that this concerns is read
//! again. So there is one walker, and it knows nothing of views.
//!
//! Contract: one other choice a view, never combined. A view that shows the same parts as the primary
//! reading is none; two that show the same are one. In the order of their places; deterministic. No
//! recursion, and memory bounded: the parts of all views are as many as a message may have.
//!
//! LIMIT: [`MOST`] views a message; the octets that are read again are at most [`TIMES`] times those of
//! the message, or [`FREE`], if that is more. What is left out is a finding (D017).
//!
//! Deliberately not here: which octets a program would show where it decodes or displays otherwise
//! (charsets, addresses, encoded-words); what is inside a message that was itself encoded.
//!
//! May use: base, simd, charset, transfer, header, walk, structure, mailbox.

mod altered;
mod choice;
mod choices;
mod fields;
mod lines;
mod mend;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use crate::base::{Eol, Limits, Rule, Span};
use crate::mailbox::Spool;
use crate::structure::{Builder, Part, Structure, Visitor};
use crate::walk::{Reader, Separator};

pub use altered::Octets;
use altered::{Altered, Edits};
pub use choice::Choice;
use choices::{Candidate, Choices};

/// The most views of a message.
pub const MOST: usize = 256;

/// How many times the octets of a message may be read again for all its views.
pub const TIMES: u64 = 8;

/// So many octets may be read again however short the message is.
pub const FREE: u64 = 64 << 10;

/// Which views are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// Those of multiparts whose boundary is missing, and guessed.
    Guesses,
}

/// The views of one message.
#[derive(Debug, Default)]
pub struct Views {
    /// In the order of their places.
    pub views: Vec<View>,
    /// Whether there are more, which a limit leaves out.
    pub is_cut: bool,
}

/// One other reading.
#[derive(Debug)]
pub struct View {
    /// The rule of the finding that it goes with.
    pub rule: Rule,
    /// Where that finding is.
    pub span: Span,
    /// What is chosen otherwise.
    pub choice: Choice,
    /// Other findings and choices that lead to the same parts.
    pub also: Vec<(Rule, Span, Choice)>,
    /// What was read again: the part with this index in the primary reading.
    part: u32,
    range: Span,
    edits: Edits,
    /// What that part stands in, and then what it is read as.
    structure: Structure,
    /// The parts that it stands in, by their indices in the primary reading; how many they are.
    outer: Vec<u32>,
    inside: u32,
    /// The parts that differ.
    parts: Vec<u32>,
}

impl View {
    /// The parts that the primary reading does not have so, in document order.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = Part<'_>> {
        let part = |&index| self.structure.part(index).expect("a part of this structure");
        self.parts.iter().map(part)
    }

    /// Whether a part of [`View::read`]'s structure is one of them.
    pub fn has(&self, part: u32) -> bool {
        self.parts.binary_search(&part).is_ok()
    }

    /// The index of a part in document order, in the message as it is read in this view.
    pub fn index(&self, part: Part<'_>) -> u32 {
        match part.index().checked_sub(self.inside) {
            Some(behind) => self.part + behind,
            None => self.outer.get(part.index() as usize).copied().unwrap_or_default(),
        }
    }

    /// Reads it again, for a visitor; of the structure that it is shown, the parts that differ are
    /// those that the view [has](View::has).
    pub fn read<O: Octets + ?Sized, V: Visitor>(
        &self,
        message: &Structure,
        octets: &O,
        visitor: &mut V,
    ) -> io::Result<()> {
        let what = (self.part, self.range, &self.edits);
        read(message, octets, what, false, visitor).map(|_| ())
    }
}

/// A message that lies in a [`Spool`].
#[derive(Debug)]
pub struct Spooled<'a> {
    /// What was kept of it.
    pub spool: &'a Spool,
    /// Where it begins in its input.
    pub start: u64,
}

impl Octets for Spooled<'_> {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.spool.read_at(self.start, offset, out)
    }
}

/// The views of the message whose primary reading is `message`, and whose octets are `octets`. The
/// findings about content, which some views go with, are there only if its bodies were surveyed.
pub fn views<O: Octets + ?Sized>(
    message: &Structure,
    octets: &O,
    wanted: Wanted,
) -> io::Result<Views> {
    let mut views = Views::default();
    if message.findings().is_empty() {
        return Ok(views);
    }
    let found = Choices::new(message, octets, wanted).all()?;
    views.is_cut = found.is_cut;
    if found.candidates.is_empty() {
        return Ok(views);
    }
    let primary: HashSet<u64> = message.parts().map(|part| key(&part)).collect();
    let mut budget = Budget::new(message);
    let mut tried = HashSet::new();
    let mut shown: HashMap<u64, usize> = HashMap::new();
    for candidate in found.candidates {
        if !tried.insert(digest(&(candidate.part, &candidate.edits, candidate.choice))) {
            continue;
        }
        let range = range(message, candidate.part);
        if views.views.len() == MOST || !budget.octets(range.len()) {
            views.is_cut = true;
            continue;
        }
        let Some(view) = view(message, &primary, octets, candidate, range)? else { continue };
        let what = view.digest();
        if let Some(&same) = shown.get(&what) {
            let same: &mut View = &mut views.views[same];
            same.also.push((view.rule, view.span, view.choice));
        } else if budget.parts(view.structure.parts().len()) {
            shown.insert(what, views.views.len());
            views.views.push(view);
        } else {
            views.is_cut = true;
        }
    }
    Ok(views)
}

/// How many octets may be read again: for the views, and as many to find them.
fn budget(message: &Structure) -> u64 {
    message.length().saturating_mul(TIMES).max(FREE)
}

/// What may still be read again, and kept.
struct Budget {
    octets: u64,
    parts: usize,
}

impl Budget {
    fn new(message: &Structure) -> Budget {
        let parts = message.context().limits.parts as usize;
        Budget { octets: budget(message), parts }
    }

    fn octets(&mut self, count: u64) -> bool {
        let left = self.octets.checked_sub(count);
        self.octets = left.unwrap_or(self.octets);
        left.is_some()
    }

    fn parts(&mut self, count: usize) -> bool {
        let left = self.parts.checked_sub(count);
        self.parts = left.unwrap_or(self.parts);
        left.is_some()
    }
}

/// The octets of a part with its header; of the message, all.
fn range(message: &Structure, part: u32) -> Span {
    let whole = Span::new(0, message.length());
    let part = message.part(part).filter(|part| part.index() > 0);
    let spans = part.and_then(|part| Some((part.header()?, part.body()?)));
    spans.map_or(whole, |(header, body)| Span::new(header.start, body.end))
}

/// Reads a part again, with changes.
fn read<O: Octets + ?Sized, V: Visitor>(
    message: &Structure,
    octets: &O,
    (part, range, edits): (u32, Span, &Edits),
    survey: bool,
    visitor: &mut V,
) -> io::Result<Structure> {
    let context = message.context();
    let depth = message.part(part).map_or(0, |part| part.depth());
    let limits = Limits { depth: context.limits.depth.saturating_sub(depth), ..context.limits };
    let mut builder = Builder::new(context.limits, context.fallback, survey);
    let options = builder.walk_options(Separator::None);
    let altered = Altered::new(octets, edits, range);
    let mut reader = Reader::new(altered, limits, options);
    reader.know_eol(message.part(part).map_or(Eol::Lf, |part| part.eol()));
    builder.read_part(message, part, &mut reader, visitor)?;
    Ok(builder.into_structure())
}

/// What a choice makes of the message; `None` if nothing else.
fn view<O: Octets + ?Sized>(
    message: &Structure,
    primary: &HashSet<u64>,
    octets: &O,
    candidate: Candidate,
    range: Span,
) -> io::Result<Option<View>> {
    let Candidate { rule, span, choice, part, edits } = candidate;
    let what = (part, range, &edits);
    let mut structure = read(message, octets, what, message.surveyed(), &mut ())?;
    let outer = outer(message, part);
    let inside = outer.len() as u32;
    let places = edits.places(range);
    let from = structure.offset();
    structure.move_spans(inside, |span| places.span(span.shifted(from)));
    let parts = differing(primary, &structure, inside, &edits);
    let view = View {
        rule,
        span,
        choice,
        also: Vec::new(),
        part,
        range,
        edits,
        structure,
        outer,
        inside,
        parts,
    };
    Ok((!view.parts.is_empty()).then_some(view))
}

/// The parts that a part stands in, outermost first.
fn outer(message: &Structure, part: u32) -> Vec<u32> {
    let parent = message.part(part).and_then(|part| part.parent());
    let mut outer: Vec<u32> =
        std::iter::successors(parent, |part| part.parent()).map(|part| part.index()).collect();
    outer.reverse();
    outer
}

/// The parts from `inside` on that are not among those of the primary reading.
fn differing(
    primary: &HashSet<u64>,
    structure: &Structure,
    inside: u32,
    edits: &Edits,
) -> Vec<u32> {
    let mut parts = Vec::new();
    // Whether the content of the part that is decoded was changed.
    let mut is_changed = false;
    for part in structure.parts().skip(inside as usize) {
        if let Some(body) = part.body() {
            is_changed = part.children() == 0 && part.is_leaf() && edits.touch(body);
        }
        if is_changed || !primary.contains(&key(&part)) {
            parts.push(part.index());
        }
    }
    parts
}

/// What a part is: two with the same key are the same.
fn key(part: &Part<'_>) -> u64 {
    let fields = part.mime_fields();
    let place = match (part.header(), part.body()) {
        (Some(header), Some(body)) => Ok((header, body)),
        _ => Err((part.number(), part.size())),
    };
    let kind = (part.is_leaf(), part.is_message(), part.children());
    let disposition = fields.disposition.as_ref().map(|disposition| &disposition.value);
    digest(&(
        place,
        kind,
        fields.essence(),
        fields.charset(),
        fields.filename(),
        disposition,
        part.encoding(),
    ))
}

fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl View {
    /// What it shows: two views with the same digest are the same.
    fn digest(&self) -> u64 {
        let parts: Vec<_> =
            self.parts().map(|part| (self.index(part), key(&part), part.size())).collect();
        digest(&parts)
    }
}
