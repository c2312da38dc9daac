//! The plan of a conversion: each edit with its reason, or why there can be none.
//!
//! Made from a [`Draft`] when the message has been read: first what must change for its octets, then
//! what signatures forbid, then the labels, which follow from the rest. Edits replace spans; they
//! never overlap, and everything else is copied.

use std::io::{self, Read};

use super::Options;
use super::body::Recode;
use super::draft::Draft;
use super::planner::Planner;
use super::rewrite::with_line_ends;
use super::room::Room;
use crate::base::Span;
use crate::compare::Reading;
use crate::structure::{At, Structure, Visitor, Want};
use crate::transfer::LineEnd;
use crate::walk::Kind;

/// What a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The body of a part.
    Body,
    /// A Content-Transfer-Encoding, or the MIME fields that are added.
    Label,
    /// Another field.
    Field,
    /// A line in a header that is no field.
    Junk,
    /// What stands before the first delimiter of a multipart.
    Preamble,
    /// What stands behind the close delimiter of a multipart.
    Epilogue,
    /// A delimiter.
    Delimiter,
    /// The line ends.
    LineEnds,
}

impl What {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            What::Body => "body",
            What::Label => "label",
            What::Field => "field",
            What::Junk => "junk",
            What::Preamble => "preamble",
            What::Epilogue => "epilogue",
            What::Delimiter => "delimiter",
            What::LineEnds => "line-ends",
        }
    }
}

/// Something that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The number of the part.
    pub part: String,
    /// What of it.
    pub what: What,
    /// The name of the field, as it is written.
    pub field: Option<String>,
    /// How it was: a coding, a label, `raw`.
    pub from: String,
    /// What it becomes.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Octets that it took.
    pub before: u64,
    /// Octets that it takes; known when the plan has been carried out.
    pub after: u64,
    /// Whether something of it could not be written and became `?`.
    pub is_lossy: bool,
    /// Of the body of a text: octets in quoted-printable and in base64, LF for line ends.
    pub costs: Option<(u64, u64)>,
}

/// Something that was left although it is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The number of the part.
    pub part: String,
    /// The name of the field, if it is one.
    pub field: Option<String>,
    /// Why it was left.
    pub reason: String,
}

/// Something that must change for the target, and cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number of the part.
    pub part: String,
    /// The name of the field, if it is one.
    pub field: Option<String>,
    /// Why it cannot.
    pub reason: String,
}

/// What a conversion does to a signature of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimReport {
    /// Its domain (`d=`).
    pub domain: Option<String>,
    /// Its selector (`s=`).
    pub selector: Option<String>,
    /// Whether the body hash held; `None` if that cannot be told.
    pub body_hash_before: Option<bool>,
    /// Whether it holds after the conversion.
    pub body_hash_after: Option<bool>,
    /// The fields that it covers (`h=`) and that change, in lower case.
    pub signed_fields_changed: Vec<String>,
}

/// What stands in the place of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum With {
    Octets(Vec<u8>),
    Body(Recode),
    Mask,
}

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) with: With,
    /// The change that it is a part of.
    pub(super) change: usize,
}

impl Edit {
    /// What is written anew of a field keeps the line ends of what it keeps.
    pub(super) fn set_line_ends(&mut self, eol: LineEnd) {
        if let With::Octets(octets) = &mut self.with {
            *octets = with_line_ends(octets, eol);
        }
    }
}

/// What a conversion of one message does.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) edits: Vec<Edit>,
    pub(super) line_end: LineEnd,
    pub(super) eol: Option<LineEnd>,
    /// The message is read with its CRs made line ends.
    pub(super) is_cr: bool,
    /// What changes, in the order of the message.
    pub changes: Vec<Change>,
    /// What was left.
    pub kept: Vec<Kept>,
    /// Why the message is not converted, or, where signed parts are skipped, not all of it.
    pub refused: Vec<Refusal>,
    /// The signatures in the header of the message.
    pub dkim: Vec<DkimReport>,
    /// Octets of the message.
    pub length: u64,
}

impl Plan {
    /// Whether the message changes.
    pub fn changes_something(&self) -> bool {
        !self.edits.is_empty() || self.eol.is_some() || self.is_cr
    }

    /// Whether what is written is what the target takes.
    pub fn is_clean(&self) -> bool {
        self.refused.is_empty()
    }
}

/// Reads the message that `source` holds, from its first octet to its last, and plans what must
/// change; `reading` watches it on the way. Of a message whose lines end with CR alone, give
/// [`CrAsCrlf`](super::rewrite::CrAsCrlf).
pub(super) fn plan<R: Read>(
    room: &mut Room,
    source: R,
    options: &Options,
    reading: Option<&mut Reading>,
) -> io::Result<Plan> {
    let mut watch = Watch { draft: Draft::new(options), reading };
    let Some(structure) = room.read(source, &mut watch)? else {
        return Ok(Plan::default());
    };
    let mut planner = Planner::new(structure, watch.draft, options);
    if options.mend {
        planner.mend();
        return Ok(planner.finish());
    }
    planner.octets();
    planner.unknown_codings();
    planner.signatures();
    planner.globals();
    planner.labels();
    planner.empty_lines();
    Ok(planner.finish())
}

/// Sees the message for the plan, and what it says for the proof.
struct Watch<'a> {
    draft: Draft<'a>,
    reading: Option<&'a mut Reading>,
}

impl Visitor for Watch<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if let Some(reading) = &mut self.reading {
            reading.token(at, kind, octets)?;
        }
        self.draft.token(at, kind, octets)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let draft = self.draft.headed(structure, part)?;
        match &mut self.reading {
            Some(reading) => Ok(draft.max(reading.headed(structure, part)?)),
            None => Ok(draft),
        }
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        if let Some(reading) = &mut self.reading {
            reading.content(part, octets)?;
        }
        self.draft.content(part, octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        if let Some(reading) = &mut self.reading {
            reading.leave(structure, part)?;
        }
        self.draft.leave(structure, part)
    }
}

impl Plan {
    /// Puts the edits in order, and drops changes that lost theirs.
    pub(super) fn tidy(&mut self) {
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut place = vec![None; self.changes.len()];
        let mut kept = Vec::new();
        let changes = std::mem::take(&mut self.changes);
        let mut changes: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
        for edit in &mut self.edits {
            let at = place[edit.change].get_or_insert_with(|| {
                kept.extend(changes[edit.change].take());
                kept.len() - 1
            });
            edit.change = *at;
        }
        self.changes = kept;
    }
}
