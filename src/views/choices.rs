//! From the findings of the primary reading to the other choices that could be made: each a few
//! octets that would have to stand in the message for our own reading to make that choice.
//!
//! QUIRK: which programs make which choice is in `docs/views.md`.
//!
//! What was found inside a message that was itself encoded has no place in the input, and no view.
//!
//! May use: base, header, structure, transfer.

mod bodies;
mod header;

use std::collections::{HashMap, HashSet};
use std::io;

use super::Wanted;
use super::altered::{Edit, Edits, Octets, read_all};
use super::choice::Choice;
use super::fields::Fields;
use crate::base::{Eol, Finding, Limits, Rule, Span};
use crate::header::mime::Media;
use crate::header::names::Name;
use crate::structure::{Part, Structure};

/// LIMIT: so much of a header is looked at.
const HEADER: u64 = 1 << 20;

/// LIMIT: so many changes are kept for all views of a message.
const EDITS: usize = 100_000;

/// A choice that could be made.
pub(super) struct Candidate {
    pub(super) rule: Rule,
    pub(super) span: Span,
    pub(super) choice: Choice,
    /// What must be read again to know what it makes of the message.
    pub(super) part: u32,
    pub(super) edits: Edits,
}

/// Finds them.
pub(super) struct Choices<'a, O: ?Sized> {
    structure: &'a Structure,
    octets: &'a O,
    wanted: Wanted,
    limits: Limits,
    /// The header that was looked at last, and whose it is.
    fields: Fields,
    fields_of: Option<u32>,
    /// Choices that are one for a whole part, however many findings there are.
    done: HashSet<(Choice, u32, Vec<u8>)>,
    /// The boundaries of the parts that were asked for theirs.
    boundaries: HashMap<u32, Vec<u8>>,
    /// How many octets of bodies may still be looked at.
    left: u64,
    /// How many changes may still be kept.
    edits_left: usize,
    found: Found,
}

/// The choices that were found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    /// Whether some were left out.
    pub(super) is_cut: bool,
}

/// The finding that is looked at.
#[derive(Clone, Copy)]
struct Place<'a> {
    rule: Rule,
    span: Span,
    part: Part<'a>,
    header: Span,
    body: Span,
}

impl<'a, O: Octets + ?Sized> Choices<'a, O> {
    pub(super) fn new(structure: &'a Structure, octets: &'a O, wanted: Wanted) -> Choices<'a, O> {
        Choices {
            structure,
            octets,
            wanted,
            limits: structure.context().limits,
            fields: Fields::default(),
            fields_of: None,
            done: HashSet::new(),
            boundaries: HashMap::new(),
            left: super::budget(structure),
            edits_left: EDITS,
            found: Found::default(),
        }
    }

    /// All of them, by place.
    pub(super) fn all(mut self) -> io::Result<Found> {
        for finding in self.structure.findings() {
            if let Some(place) = self.place(finding) {
                self.look(place)?;
            }
        }
        let candidates = &mut self.found.candidates;
        candidates.sort_by_key(|found| (found.span.start, found.rule, found.choice));
        Ok(self.found)
    }

    /// `None` for what stands nowhere in the message.
    fn place(&self, finding: &Finding) -> Option<Place<'a>> {
        let part = self.structure.part(finding.part)?;
        let (span, header, body) = (finding.span?, part.header()?, part.body()?);
        Some(Place { rule: finding.rule, span, part, header, body })
    }

    fn look(&mut self, place: Place<'a>) -> io::Result<()> {
        let is_guess = matches!(place.rule, Rule::B001 | Rule::B002 | Rule::B035);
        if self.wanted == Wanted::Guesses && !is_guess {
            return Ok(());
        }
        match place.rule {
            Rule::B020 | Rule::B021 | Rule::B023 => return self.delimiters(place),
            Rule::B037 => return self.other_hyphens(place),
            Rule::B031 => return self.never_closed(place),
            // What is encoded says nothing as it stands.
            Rule::B038 if !place.part.coding().is_identity() => return Ok(()),
            Rule::B033 | Rule::B038 => return self.around(place),
            Rule::E020 | Rule::E031 | Rule::E034 => return self.body(place),
            Rule::H025 => return self.empty_lines(place),
            Rule::I001 => return self.file_in_text(place),
            Rule::L002 => {
                self.cr_ends_lines(place);
                return self.behind_crs(place);
            }
            Rule::H027 => {
                let eol = eol_of(&place.part);
                let edit = Edit::new(Span::new(0, 0), eol);
                self.add(place, Choice::HeaderEnds, 0, vec![edit]);
                return Ok(());
            }
            _ => {}
        }
        self.read_header(&place)?;
        match place.rule {
            Rule::H010 => self.other_field(place),
            Rule::H021 => self.field_unseen(place),
            Rule::H022 | Rule::H024 => self.junk(place),
            Rule::H028 => self.header_goes_on(place),
            Rule::H030 => self.cut_at_nul(place),
            Rule::H046 => self.marked_name(place),
            Rule::P020 | Rule::P021 => self.other_param(place),
            Rule::B013 => self.plain_boundary(place),
            Rule::P022 => self.other_names(place),
            Rule::B024 => self.outer_boundary(place),
            Rule::T010 => self.mended_type(place),
            Rule::T020 | Rule::T021 => self.message_inside(place),
            Rule::B001 | Rule::B002 | Rule::B035 => return self.guess(place),
            Rule::E010 => {
                self.coding(place, Choice::Base64, b" base64");
                self.coding(place, Choice::QuotedPrintable, b" quoted-printable");
            }
            Rule::E012 | Rule::E021 => {
                self.other_codings(place);
                self.undecoded(place);
            }
            Rule::E030 => {
                self.undecoded(place);
                return self.url_safe(place);
            }
            Rule::E051 => self.labelled(place),
            Rule::H037 => return self.empty_lines(place),
            Rule::B010 | Rule::B011 | Rule::B014 => self.params_unseen(place),
            Rule::F002 => self.name_cut_at_nul(place),
            Rule::P031 => {
                self.param_cut(place);
                self.params_unseen(place);
            }
            rule if rule.info().id.starts_with('P') => self.params_unseen(place),
            _ => {}
        }
        Ok(())
    }

    /// Reads the header in which something was found, unless it is the one that was read last.
    fn read_header(&mut self, place: &Place<'a>) -> io::Result<()> {
        if self.fields_of == Some(place.part.index()) {
            return Ok(());
        }
        let Span { start, end } = place.header;
        let text = read_all(self.octets, Span::new(start, end.min(start + HEADER)))?;
        self.fields = Fields::new(text, start, self.limits);
        self.fields_of = Some(place.part.index());
        Ok(())
    }

    fn add(&mut self, place: Place<'a>, choice: Choice, part: u32, edits: Vec<Edit>) {
        self.add_edits(place, choice, part, Edits::new(edits));
    }

    fn add_edits(&mut self, place: Place<'a>, choice: Choice, part: u32, edits: Edits) {
        let Some(left) = self.edits_left.checked_sub(edits.len()) else {
            self.found.is_cut = true;
            return;
        };
        self.edits_left = left;
        let part = apart(self.structure, part);
        let Place { rule, span, .. } = place;
        self.found.candidates.push(Candidate { rule, span, choice, part, edits });
    }

    /// The same for the part itself.
    fn add_own(&mut self, place: Place<'a>, choice: Choice, edits: Vec<Edit>) {
        self.add(place, choice, place.part.index(), edits);
    }

    /// Whether a choice that is one for all of `part` is made for the first time.
    fn is_first(&mut self, choice: Choice, part: u32, what: &[u8]) -> bool {
        self.done.insert((choice, part, what.to_vec()))
    }

    /// Whether the octets of `span` may be looked at.
    fn may_scan(&mut self, span: Span) -> bool {
        let left = self.left.checked_sub(span.len());
        self.found.is_cut |= left.is_none();
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    fn boundary(&mut self, part: Part<'_>) -> &[u8] {
        self.boundaries.entry(part.index()).or_insert_with(|| part.boundary())
    }

    /// The first multipart from `part` outwards that has this boundary.
    fn with_boundary(&mut self, part: Option<Part<'a>>, boundary: &[u8]) -> Option<Part<'a>> {
        multiparts(part).find(|&outer| self.boundary(outer) == boundary)
    }
}

/// The part that has to be read for `part` to be read as where it stands: one of a digest is a message
/// only there.
fn apart(structure: &Structure, part: u32) -> u32 {
    let mut at = structure.part(part);
    while let Some(part) = at {
        if !part.in_digest() && part.header().is_some() {
            return part.index();
        }
        at = part.parent();
    }
    0
}

/// The multiparts from `part` outwards.
fn multiparts<'s>(part: Option<Part<'s>>) -> impl Iterator<Item = Part<'s>> {
    let all = std::iter::successors(part, |part| part.parent());
    all.filter(|part| matches!(part.media(), Media::Multipart { .. }))
}

fn is_mime(name: Name) -> bool {
    use Name::{ContentDisposition, ContentTransferEncoding, ContentType};
    matches!(name, ContentType | ContentTransferEncoding | ContentDisposition)
}

fn overlap(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

/// A line end for what is put in.
fn eol_of(part: &Part<'_>) -> &'static [u8] {
    match part.eol() {
        Eol::Cr => b"\r",
        _ => b"\n",
    }
}
