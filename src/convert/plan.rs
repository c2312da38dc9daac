//! The plan of a conversion: each edit with its reason, or why there can be none.
//!
//! Made from a [`Draft`] when the message has been read: first what must change for its octets, then
//! what signatures forbid, then the labels, which follow from the rest. Edits replace spans; they
//! never overlap, and everything else is copied.

use std::io::{self, Read};

use super::body::{Decision, Lines, Recode, costs, decide};
use super::draft::{Draft, Seen, SeenField};
use super::octets::{Class, LINE, is_plain};
use super::rewrite::{masked, with_line_ends};
use super::{Options, Preamble, Signed, Target};
use crate::base::{Limits, Span, chars};
use crate::dkim::Signature;
use crate::header::mime::{self, Media};
use crate::header::write::{self, Outcome, Style};
use crate::header::{Context, Field};
use crate::structure::{Builder, Part, Structure};
use crate::transfer::{Coding, Content, LineEnd};
use crate::walk::{Kind, Reader};

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
    fn set_line_ends(&mut self, eol: LineEnd) {
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
/// change. Of a message whose lines end with CR alone, give [`CrAsCrlf`](super::CrAsCrlf).
pub(super) fn plan<R: Read>(
    builder: &mut Builder,
    source: R,
    limits: Limits,
    options: &Options,
) -> io::Result<Plan> {
    let mut draft = Draft::new(options);
    let mut reader = Reader::new(source, limits, builder.walk_options(false));
    if builder.read(&mut reader, &mut draft)?.is_none() {
        return Ok(Plan::default());
    }
    let mut planner = Planner::new(builder.structure(), draft, options);
    planner.octets();
    planner.unknown_codings();
    planner.signatures();
    planner.globals();
    planner.labels();
    planner.empty_lines();
    Ok(planner.finish())
}

/// What is to be done to one part.
#[derive(Debug, Default)]
struct Todo {
    /// Edits, and the place of the change in `changes` that each belongs to.
    edits: Vec<Edit>,
    changes: Vec<Change>,
    refused: Vec<Refusal>,
    /// The name of the coding that its body gets.
    label: Option<&'static str>,
    /// What its own body, or what stands around its parts, is in the end.
    class: Class,
    /// Whether a field of its header is not 7bit in the end.
    raw_header: bool,
    /// Nothing in it may change.
    is_frozen: bool,
    /// Its header was mended, which a message/global around it may become a message/rfc822 by.
    is_header_mended: bool,
}

struct Planner<'a> {
    structure: &'a Structure,
    draft: Draft<'a>,
    options: &'a Options,
    line_end: LineEnd,
    /// What text parts declare, for octets that name no charset.
    declared: Option<String>,
    todo: Vec<Todo>,
    kept: Vec<Kept>,
    /// Behind the last part that stands inside each.
    ends: Vec<usize>,
}

impl<'a> Planner<'a> {
    fn new(structure: &'a Structure, mut draft: Draft<'a>, options: &'a Options) -> Planner<'a> {
        let count = structure.parts().len();
        draft.parts.resize_with(count, Seen::default);
        let line_end = options.eol.or(draft.line_end).unwrap_or(LineEnd::Lf);
        let mut ends: Vec<usize> = (1..=count).collect();
        for index in (0..count).rev() {
            let parent = structure.part(index as u32).and_then(|part| part.parent());
            if let Some(parent) = parent {
                let parent = parent.index() as usize;
                ends[parent] = ends[parent].max(ends[index]);
            }
        }
        let mut todo = Vec::new();
        todo.resize_with(count, Todo::default);
        let declared = declared_label(structure);
        Planner { structure, draft, options, line_end, declared, todo, kept: Vec::new(), ends }
    }

    fn part(&self, index: usize) -> Part<'a> {
        self.structure.part(index as u32).expect("the index of a part")
    }

    /// The parts that have octets of their own.
    fn own(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let own: Vec<usize> =
            (0..self.todo.len()).filter(|&i| self.draft.parts[i].is_own).collect();
        own.into_iter()
    }

    fn change(&mut self, index: usize, what: What, span: Span, with: With) -> &mut Change {
        let part = self.part(index).number();
        let todo = &mut self.todo[index];
        todo.edits.push(Edit { span, with, change: todo.changes.len() });
        todo.changes.push(Change {
            part,
            what,
            field: None,
            from: String::new(),
            to: String::new(),
            reason: String::new(),
            before: span.len(),
            after: 0,
            is_lossy: false,
            costs: None,
        });
        todo.changes.last_mut().expect("it was just pushed")
    }

    fn refuse(&mut self, index: usize, field: Option<String>, reason: String) {
        let part = self.part(index).number();
        self.todo[index].refused.push(Refusal { part, field, reason });
    }

    /// What must change for the octets themselves.
    fn octets(&mut self) {
        for index in self.own() {
            self.fields(index);
            self.junk(index);
            self.delimiters(index);
            self.around(index);
            self.body(index);
            if self.draft.parts[index].opaque {
                let reason = "octets beyond a limit cannot be looked into (see --max-parts, \
                              --max-fields, --max-field)";
                self.refuse(index, None, reason.to_owned());
            }
        }
    }

    fn fields(&mut self, index: usize) {
        let dirty = std::mem::take(&mut self.draft.parts[index].dirty);
        for field in &dirty {
            self.field(index, field, &field.octets);
        }
        // The Content-Type is kept for its place; it may be dirty as well.
        if let Some(field) = self.draft.parts[index].content_type.take() {
            if !is_plain(&field.octets) {
                self.field(index, &field, &field.octets);
            }
            self.draft.parts[index].content_type = Some(field);
        }
        for at in 0..self.draft.parts[index].transfer_encodings.len() {
            let field = &self.draft.parts[index].transfer_encodings[at];
            if !is_plain(&field.octets) {
                let field = SeenField { span: field.span, octets: field.octets.clone() };
                self.field(index, &field, &field.octets);
            }
        }
    }

    /// Rewrites `octets`, which stand for the field, so that they are clean.
    fn field(&mut self, index: usize, field: &SeenField, octets: &[u8]) {
        let part = self.part(index);
        let declared = part.charset().or_else(|| self.declared.clone());
        let style = Style {
            line_end: self.line_end,
            declared: declared.as_deref(),
            charset: self.options.charset.as_deref(),
        };
        let context: &Context = self.structure.context();
        let outcome = write::rewrite(octets, context, &style);
        let name = Field::parse(octets).map(|f| String::from_utf8_lossy(f.name).into_owned());
        match outcome {
            Outcome::Clean => {}
            Outcome::Refused(refusal) => {
                let detail = refusal.detail.map(|detail| format!(": {detail}"));
                let reason = format!("{}{}", refusal.reason, detail.unwrap_or_default());
                self.todo[index].raw_header = true;
                self.refuse(index, name, reason);
            }
            Outcome::Rewritten(written) => {
                let with = With::Octets(written.octets);
                let change = self.change(index, What::Field, field.span, with);
                change.field = name;
                change.from = "raw".to_owned();
                change.to = written.to.to_owned();
                change.reason = written.reason.text().to_owned();
                change.is_lossy = written.lossy;
                self.todo[index].is_header_mended = true;
            }
        }
    }

    /// Lines of the header that are no fields, and an empty line with a CR too many.
    fn junk(&mut self, index: usize) {
        for (kind, line) in std::mem::take(&mut self.draft.parts[index].junk) {
            let span = line.span;
            match (kind, self.options.preamble) {
                (Kind::Bom, _) => {
                    let change = self.change(index, What::Junk, span, With::Octets(Vec::new()));
                    describe(change, "byte order mark", "nothing", "octets over 127");
                    self.todo[index].is_header_mended = true;
                }
                (_, Preamble::Keep) => self.keep(index, "kept by --preamble keep"),
                (_, Preamble::Replace | Preamble::Drop) => {
                    let with = masked_junk(&line.octets, self.line_end, self.options.eol);
                    let change = self.change(index, What::Junk, span, With::Octets(with));
                    describe(change, "raw", "?", "octets that no header may have");
                    change.is_lossy = true;
                    self.todo[index].is_header_mended = true;
                }
            }
        }
        let seen = &self.draft.parts[index];
        if let Some(span) = seen.header_end.filter(|_| seen.odd_header_end) {
            let with = With::Octets(self.line_end.as_bytes().to_vec());
            let change = self.change(index, What::Junk, span, with);
            describe(change, "CR CR LF", "one line end", "a CR without LF");
        }
    }

    /// Delimiters with too much behind the boundary, or octets that no line may have.
    fn delimiters(&mut self, index: usize) {
        for delimiter in std::mem::take(&mut self.draft.parts[index].delimiters) {
            let mut octets = Vec::new();
            let begins_line = delimiter.octets.iter().take_while(|c| matches!(c, b'\r' | b'\n'));
            let begins_line = begins_line.count();
            let content = chars::trim(&delimiter.octets);
            if begins_line > 0 {
                octets.extend_from_slice(self.line_end.as_bytes());
            }
            octets.extend_from_slice(content);
            if delimiter.octets.ends_with(b"\n") {
                octets.extend_from_slice(self.line_end.as_bytes());
            }
            if !is_plain(content) || content.len() > LINE {
                let reason = "its boundary has octets that 7 bits cannot hold, or too many";
                return self.refuse(index, Some("Content-Type".to_owned()), reason.to_owned());
            }
            let change = self.change(index, What::Delimiter, delimiter.span, With::Octets(octets));
            describe(change, "padded", "bare", "octets that no delimiter needs");
        }
    }

    /// Preamble and epilogue.
    fn around(&mut self, index: usize) {
        let is_multipart = matches!(self.part(index).media(), Media::Multipart { .. });
        let has_delimiter = self.draft.parts[index].has_delimiter;
        for around in std::mem::take(&mut self.draft.parts[index].around) {
            if around.class.fits(self.options.target) {
                self.raise(index, around.class);
                continue;
            }
            if is_multipart && !has_delimiter {
                let reason = "a multipart whose parts cannot be found, and a multipart cannot be \
                              encoded";
                return self.refuse(index, None, reason.to_owned());
            }
            let what = match around.kind {
                Kind::Preamble => What::Preamble,
                _ => What::Epilogue,
            };
            let with = match self.options.preamble {
                Preamble::Keep => {
                    self.raise(index, around.class);
                    self.keep(index, "kept by --preamble keep");
                    continue;
                }
                Preamble::Replace => With::Mask,
                Preamble::Drop => With::Octets(Vec::new()),
            };
            let to = if with == With::Mask { "?" } else { "nothing" };
            let change = self.change(index, what, around.span, with);
            describe(change, "raw", to, "octets that no coding can carry here");
            change.is_lossy = true;
        }
    }

    fn keep(&mut self, index: usize, reason: &str) {
        let part = self.part(index).number();
        self.kept.push(Kept { part, field: None, reason: reason.to_owned() });
    }

    fn raise(&mut self, index: usize, class: Class) {
        let own = &mut self.todo[index].class;
        *own = (*own).max(class);
    }

    fn body(&mut self, index: usize) {
        let part = self.part(index);
        if !(part.is_leaf() || !part.coding().is_identity() && part.media() == Media::Message) {
            return;
        }
        let seen = &self.draft.parts[index];
        let before = seen.census.as_ref().map_or(Class::SevenBit, Class::of);
        match decide(&part, seen, self.line_end, self.options) {
            Decision::Keep => self.raise(index, before),
            Decision::Refuse(reason) => {
                self.raise(index, before);
                self.refuse(index, None, reason.to_owned());
            }
            Decision::Recode { recode, reason, class } => {
                self.raise(index, class);
                self.recode(index, recode, reason);
            }
        }
    }

    fn recode(&mut self, index: usize, recode: Recode, reason: &str) {
        let part = self.part(index);
        let seen = &self.draft.parts[index];
        let span = Span::new(seen.body, seen.body_end);
        let from = part.encoding();
        let costs = costs(seen);
        let change = self.change(index, What::Body, span, With::Body(recode));
        describe(change, &from, recode.to.name(), reason);
        change.costs = costs;
        if recode.to != recode.from {
            self.todo[index].label = Some(recode.to.name());
        }
    }

    /// What signatures inside the message forbid: of a multipart/signed, the first part.
    fn signatures(&mut self) {
        let mut behind = 0;
        for index in self.own() {
            if index < behind || !self.part(index).is_covered() {
                continue;
            }
            let range = index..self.ends[index];
            behind = range.end;
            let dirty = range
                .clone()
                .any(|i| !self.todo[i].edits.is_empty() || !self.todo[i].refused.is_empty());
            if !dirty {
                range.for_each(|i| self.todo[i].is_frozen = true);
                continue;
            }
            self.signed(index, range);
        }
    }

    fn signed(&mut self, index: usize, range: std::ops::Range<usize>) {
        let part = self.part(index).number();
        let reason = "S010: the part is signed, and to convert it breaks the signature".to_owned();
        if self.options.signed == Signed::Break {
            self.kept.push(Kept { part, field: None, reason: reason + " (--signed break)" });
            return;
        }
        // A coding that is there may stay there.
        let is_way_back = self.options.target > Target::SevenBit
            && range.clone().all(|i| {
                let class = self.draft.parts[i].census.as_ref().map_or(Class::SevenBit, Class::of);
                self.todo[i].refused.is_empty() && class.fits(self.options.target)
            });
        for i in range {
            let class = self.draft.parts[i].census.as_ref().map_or(Class::SevenBit, Class::of);
            let raw_header = self.todo[i].raw_header || self.todo[i].is_header_mended;
            self.todo[i] = Todo { class, raw_header, is_frozen: true, ..Todo::default() };
        }
        if !is_way_back {
            self.todo[index].refused.push(Refusal { part, field: None, reason });
        }
    }

    /// A message whose transfer encoding nobody knows is looked into, but not changed: what it says is
    /// a guess (RFC 2045 §6.4).
    fn unknown_codings(&mut self) {
        for index in self.own() {
            let part = self.part(index);
            if part.media() != Media::Message || part.coding() != Coding::Unknown {
                continue;
            }
            let inside = index + 1..self.ends[index];
            let is_dirty =
                |i: usize| !self.todo[i].edits.is_empty() || !self.todo[i].refused.is_empty();
            if inside.clone().any(is_dirty) {
                let reason = "its transfer encoding is unknown, and its octets need one";
                self.refuse(index, None, reason.to_owned());
            }
            self.todo[index].is_frozen = true;
            for i in inside {
                self.todo[i] = Todo { is_frozen: true, ..Todo::default() };
            }
        }
    }

    /// A message/global whose header was mended is a message/rfc822 now; one whose header cannot be
    /// mended is encoded as a whole (RFC 6532 §3.7).
    fn globals(&mut self) {
        for index in self.own().rev() {
            let part = self.part(index);
            if part.media() != Media::Message
                || !part.coding().is_identity()
                || part.essence() != "message/global"
                || self.todo[index].is_frozen
            {
                continue;
            }
            let inside = index + 1..self.ends[index];
            if inside.clone().any(|i| !self.todo[i].refused.is_empty()) {
                self.encode_whole(index, inside);
            } else if inside.clone().any(|i| self.todo[i].is_header_mended) {
                self.rename_global(index);
            }
        }
    }

    fn encode_whole(&mut self, index: usize, inside: std::ops::Range<usize>) {
        let end = inside.clone().map(|i| self.draft.parts[i].end).max().unwrap_or(0);
        for i in inside.clone() {
            self.todo[i] = Todo { is_frozen: true, ..Todo::default() };
        }
        let last = self.draft.parts[inside.end - 1].before_delimiter;
        let seen = &mut self.draft.parts[index];
        seen.body_end = end.max(seen.body);
        let recode = Recode {
            from: self.part(index).coding(),
            to: Coding::Base64,
            content: Content::Binary,
            lines: Lines::Exact,
            before_delimiter: last,
        };
        self.todo[index].class = Class::SevenBit;
        self.recode(index, recode, "a header in it that 7 bits cannot hold (RFC 6532 section 3.7)");
    }

    fn rename_global(&mut self, index: usize) {
        let Some(field) = self.draft.parts[index].content_type.take() else { return };
        let octets = renamed_global(&field.octets);
        // The field may have been rewritten already: that begins anew.
        let todo = &mut self.todo[index];
        if let Some(at) = todo.edits.iter().position(|edit| edit.span == field.span) {
            let edit = todo.edits.remove(at);
            todo.changes[edit.change].part.clear();
            self.field(index, &field, &octets);
        } else {
            self.change(index, What::Field, field.span, With::Octets(octets));
        }
        if let Some(change) = self.todo[index].changes.last_mut() {
            change.field = Some("Content-Type".to_owned());
            describe(change, "message/global", "message/rfc822", "its header is ASCII now");
        }
        self.draft.parts[index].content_type = Some(field);
    }

    /// The labels follow from what the bodies are in the end, from the leaves up.
    fn labels(&mut self) {
        for index in self.own().rev() {
            let part = self.part(index);
            let is_composite = match part.media() {
                Media::Multipart { .. } => true,
                Media::Message => part.coding().is_identity() && self.todo[index].label.is_none(),
                Media::Leaf => false,
            };
            let class = self.todo[index].class;
            if !self.todo[index].is_frozen {
                let label = match self.todo[index].label {
                    Some(label) => Some(label),
                    None if is_composite => self.composite_label(&part, class),
                    None => self.leaf_label(&part, class),
                };
                if let Some(label) = label {
                    self.label(index, label, is_composite);
                }
            }
            if let Some(parent) = part.parent() {
                let raw = self.todo[index].raw_header;
                let class = if raw { class.max(Class::EightBit) } else { class };
                self.raise(parent.index() as usize, class);
            }
        }
    }

    /// The label that a composite needs, if it has another.
    fn composite_label(&self, part: &Part<'_>, class: Class) -> Option<&'static str> {
        let declared = class_of(part.coding());
        let is_wide_enough = declared.is_some_and(|declared| declared >= class);
        let is_allowed = declared.is_some_and(|declared| declared.fits(self.options.target));
        // Without delimiters it may really be encoded: nobody can tell.
        let is_encoded = declared.is_none() && !self.has_parts(part);
        (!(is_wide_enough && (is_allowed || class == declared?) || is_encoded))
            .then(|| class.name())
    }

    fn has_parts(&self, part: &Part<'_>) -> bool {
        self.draft.parts[part.index() as usize].has_delimiter || part.media() == Media::Message
    }

    /// The label that a body needs which is not encoded, if it has another.
    fn leaf_label(&self, part: &Part<'_>, class: Class) -> Option<&'static str> {
        let declared = class_of(part.coding())?;
        let is_wide_enough = declared >= class;
        let is_allowed = declared.fits(self.options.target) || class == declared;
        (!(is_wide_enough && is_allowed)).then(|| class.name())
    }

    /// A message that begins at once, in a part without header and without empty line, as a digest may
    /// have it: what is added to its header must not become that of the part.
    fn empty_lines(&mut self) {
        for index in self.own() {
            let seen = &self.draft.parts[index];
            let begins_at_once =
                self.part(index).media() == Media::Message && seen.header_end.is_none();
            let changes = |i: usize| !self.todo[i].edits.is_empty();
            // A label that was added ends with one.
            let has_label = self.todo[index].edits.iter().any(|edit| edit.span.start == seen.body);
            if begins_at_once && !has_label && (index + 1..self.ends[index]).any(changes) {
                let at = Span::new(seen.body, seen.body);
                let with = With::Octets(self.line_end.as_bytes().to_vec());
                let change = self.change(index, What::Junk, at, with);
                describe(change, "none", "an empty line", "a header begins behind it");
            }
        }
    }

    /// Gives a part its label: in the field that is there, or in a new one.
    fn label(&mut self, index: usize, label: &'static str, is_composite: bool) {
        let is_body_changed = self.todo[index].label.is_some();
        if !is_body_changed && self.is_label_signed(index) {
            let part = self.part(index).number();
            let field = Some("Content-Transfer-Encoding".to_owned());
            let reason = format!("the label should be {label}, but a signature covers the field");
            return self.kept.push(Kept { part, field, reason });
        }
        let reason = match (is_composite, is_body_changed) {
            (true, _) => "what its parts are now",
            (false, true) => "the body is encoded so",
            (false, false) => "what its octets are",
        };
        let fields = std::mem::take(&mut self.draft.parts[index].transfer_encodings);
        if fields.is_empty() {
            return self.add_label(index, label, reason);
        }
        for field in &fields {
            self.relabel(index, field, label, reason);
        }
    }

    fn relabel(&mut self, index: usize, field: &SeenField, label: &'static str, reason: &str) {
        let from = Field::parse(&field.octets).and_then(|parsed| {
            let (name, _) = mime::transfer_encoding_name(parsed.body)?;
            Some(String::from_utf8_lossy(name).into_owned())
        });
        let octets = relabelled(&field.octets, label, self.line_end, self.options.eol);
        self.todo[index].edits.retain(|edit| edit.span != field.span);
        let change = self.change(index, What::Label, field.span, With::Octets(octets));
        describe(change, from.as_deref().unwrap_or("none"), label, reason);
    }

    fn is_label_signed(&self, index: usize) -> bool {
        let signs = |signature: &Signature| signature.signs("content-transfer-encoding");
        self.part(index).is_message() && self.draft.parts[index].signatures.iter().any(signs)
    }

    /// Adds the field, behind the Content-Type; with the other MIME fields, where there are none.
    fn add_label(&mut self, index: usize, label: &str, reason: &str) {
        let line_end = std::str::from_utf8(self.line_end.as_bytes()).unwrap_or("\n");
        let seen = &self.draft.parts[index];
        let mut text = String::new();
        let needs_version = !seen.has_mime_version
            && (index == 0 || seen.content_type.is_none() && self.part(index).is_message())
            && self.todo[index].label.is_some();
        if needs_version {
            text += &format!("MIME-Version: 1.0{line_end}");
        }
        let at = match &seen.content_type {
            Some(field) => field.span.end,
            None => {
                let is_leaf = self.part(index).is_leaf();
                if is_leaf && self.todo[index].label.is_some() {
                    let charset = self.body_charset(index);
                    text += &format!("Content-Type: text/plain; charset={charset}{line_end}");
                }
                seen.header_end.map_or(seen.body, |span| span.start)
            }
        };
        text += &format!("Content-Transfer-Encoding: {label}{line_end}");
        if seen.header_end.is_none() {
            text += line_end;
        }
        let with = With::Octets(text.into_bytes());
        let change = self.change(index, What::Label, Span::new(at, at), with);
        describe(change, "none", label, reason);
        self.draft.parts[index].has_mime_version |= needs_version;
    }

    /// The label of the charset of a body that declares none, as for octets in fields.
    fn body_charset(&self, index: usize) -> &str {
        let seen = &self.draft.parts[index];
        let is_ascii = seen.census.as_ref().is_some_and(|census| census.eight_bit == 0);
        match &seen.probe {
            _ if is_ascii => "us-ascii",
            Some(probe) if !probe.not_utf_8 => "utf-8",
            Some(probe) if !probe.not_chosen => {
                self.options.charset.as_deref().unwrap_or("unknown-8bit")
            }
            _ => "unknown-8bit",
        }
    }

    /// MIME-Version, where a coding was introduced into a message that does not say it is MIME.
    fn mime_version(&mut self) {
        let any = self.todo.iter().any(|todo| todo.label.is_some());
        let Some(seen) = self.draft.parts.first() else { return };
        if !any || seen.has_mime_version {
            return;
        }
        let Some(field) = &seen.content_type else { return };
        let at = Span::new(field.span.start, field.span.start);
        let text = [b"MIME-Version: 1.0", self.line_end.as_bytes()].concat();
        let change = self.change(0, What::Label, at, With::Octets(text));
        change.field = Some("MIME-Version".to_owned());
        describe(change, "none", "1.0", "an encoded body needs it (RFC 2045 section 4)");
    }

    fn finish(mut self) -> Plan {
        self.mime_version();
        let skips = self.options.signed == Signed::Skip;
        let mut plan = Plan {
            line_end: self.line_end,
            eol: self.options.eol,
            kept: std::mem::take(&mut self.kept),
            length: self.draft.at,
            ..Plan::default()
        };
        for todo in std::mem::take(&mut self.todo) {
            let first = plan.changes.len();
            plan.edits.extend(
                todo.edits.into_iter().map(|edit| Edit { change: first + edit.change, ..edit }),
            );
            plan.changes.extend(todo.changes);
            plan.refused.extend(todo.refused);
        }
        if let Some(eol) = plan.eol {
            plan.edits.iter_mut().for_each(|edit| edit.set_line_ends(eol));
        }
        plan.dkim = self.dkim(&plan);
        let only_signed = plan.refused.iter().all(|refusal| refusal.reason.starts_with("S010"));
        if !(plan.refused.is_empty() || skips && only_signed) {
            plan.edits.clear();
            plan.changes.clear();
            plan.eol = None;
        }
        plan.tidy();
        plan
    }

    fn dkim(&mut self, plan: &Plan) -> Vec<DkimReport> {
        let holds = self.draft.dkim.finish();
        let Some(root) = self.draft.parts.first() else { return Vec::new() };
        let changed: Vec<String> = plan
            .changes
            .iter()
            .filter(|change| change.part == self.part(0).number())
            .filter_map(|change| match (change.what, &change.field) {
                (_, Some(field)) => Some(field.to_ascii_lowercase()),
                (What::Label, None) => Some("content-transfer-encoding".to_owned()),
                _ => None,
            })
            .collect();
        let report = |(signature, holds): (&Signature, Option<bool>)| DkimReport {
            domain: signature.domain.clone(),
            selector: signature.selector.clone(),
            body_hash_before: holds,
            body_hash_after: holds,
            signed_fields_changed: {
                let mut fields = changed.clone();
                fields.retain(|field| signature.signs(field));
                fields.dedup();
                fields
            },
        };
        root.signatures.iter().zip(holds).map(report).collect()
    }
}

impl Plan {
    /// Puts the edits in order, and drops changes that lost theirs.
    fn tidy(&mut self) {
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

fn describe(change: &mut Change, from: &str, to: &str, reason: &str) {
    (change.from, change.to, change.reason) = (from.to_owned(), to.to_owned(), reason.to_owned());
}

/// A line that is no field, with `?` for what no header may have; for its colon too, if it would be a
/// field then.
fn masked_junk(line: &[u8], line_end: LineEnd, eol: Option<LineEnd>) -> Vec<u8> {
    let mut masked = masked(line, line_end, eol);
    if Field::parse(&masked).is_some()
        && let Some(colon) = memchr::memchr(b':', &masked)
    {
        masked[colon] = b'?';
    }
    masked
}

/// The data that a label admits to; `None` if it names a coding or nothing known.
fn class_of(coding: Coding) -> Option<Class> {
    match coding {
        Coding::SevenBit => Some(Class::SevenBit),
        Coding::EightBit => Some(Class::EightBit),
        Coding::Binary => Some(Class::Binary),
        _ => None,
    }
}

/// The label of the first text part that declares a charset other than us-ascii.
fn declared_label(structure: &Structure) -> Option<String> {
    let texts = structure.parts().filter(|p| p.is_leaf() && p.essence().starts_with("text/"));
    texts.filter_map(|part| part.charset()).find(|label| label != "us-ascii")
}

/// A Content-Transfer-Encoding that says `label`. What stood behind the name goes: half of all
/// programs do not know a coding with a comment.
fn relabelled(field: &[u8], label: &str, line_end: LineEnd, eol: Option<LineEnd>) -> Vec<u8> {
    let Some(parsed) = Field::parse(field) else { return field.to_vec() };
    let blank = parsed.body.iter().take_while(|&&c| chars::is_wsp(c)).count();
    let blank = if blank < parsed.body.len() { &parsed.body[..blank] } else { b" " };
    let behind = &field[parsed.body_start + parsed.body.len()..];
    let stays = eol.is_none() && matches!(behind, b"\n" | b"\r\n");
    let behind = if stays { behind } else { line_end.as_bytes() };
    let head = &field[..parsed.body_start];
    [head, blank, label.as_bytes(), behind].concat()
}

/// A Content-Type with `message/rfc822` where `message/global` stands.
fn renamed_global(field: &[u8]) -> Vec<u8> {
    const GLOBAL: &[u8] = b"global";
    let at = field.windows(GLOBAL.len()).position(|word| word.eq_ignore_ascii_case(GLOBAL));
    let Some(at) = at else { return field.to_vec() };
    [&field[..at], b"rfc822", &field[at + GLOBAL.len()..]].concat()
}
