//! What must change for the octets themselves: fields, lines that are no fields, delimiters, bodies, and
//! what stands around parts. What it comes to for signed parts and for labels stands in files of its
//! own.

use super::body::{Decision, Recode, costs, decide};
use super::draft::{Draft, Seen, SeenField};
use super::octets::{Class, is_plain};
use super::plan::{Change, DkimReport, Edit, Kept, Plan, Refusal, What, With};
use super::rewrite::masked;
use super::{Options, Preamble, Signed};
use crate::base::{LINE, Span, chars};
use crate::dkim::Signature;
use crate::header::mime::Media;
use crate::header::write::{self, Outcome, Style};
use crate::header::{Context, Field};
use crate::structure::{Part, Structure};
use crate::transfer::LineEnd;
use crate::walk::Kind;

/// What is to be done to one part.
#[derive(Debug, Default)]
pub(super) struct Todo {
    /// Edits, and the place of the change in `changes` that each belongs to.
    pub(super) edits: Vec<Edit>,
    pub(super) changes: Vec<Change>,
    pub(super) refused: Vec<Refusal>,
    /// The name of the coding that its body gets.
    pub(super) label: Option<&'static str>,
    /// What its own body, or what stands around its parts, is in the end.
    pub(super) class: Class,
    /// Whether a field of its header is not 7bit in the end.
    pub(super) raw_header: bool,
    /// Nothing in it may change.
    pub(super) is_frozen: bool,
    /// Its header was mended, which a message/global around it may become a message/rfc822 by.
    pub(super) is_header_mended: bool,
}

pub(super) struct Planner<'a> {
    pub(super) structure: &'a Structure,
    pub(super) draft: Draft<'a>,
    pub(super) options: &'a Options,
    pub(super) line_end: LineEnd,
    /// The line end that all lines get.
    pub(super) eol: Option<LineEnd>,
    /// What text parts declare, for octets that name no charset.
    pub(super) declared: Option<String>,
    pub(super) todo: Vec<Todo>,
    pub(super) kept: Vec<Kept>,
    /// Behind the last part that stands inside each.
    pub(super) ends: Vec<usize>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        structure: &'a Structure,
        mut draft: Draft<'a>,
        options: &'a Options,
    ) -> Planner<'a> {
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
        Planner {
            structure,
            draft,
            options,
            line_end,
            eol: options.eol,
            declared,
            todo,
            kept: Vec::new(),
            ends,
        }
    }

    pub(super) fn part(&self, index: usize) -> Part<'a> {
        self.structure.part(index as u32).expect("the index of a part")
    }

    /// The parts that have octets of their own.
    pub(super) fn own(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let own: Vec<usize> =
            (0..self.todo.len()).filter(|&i| self.draft.parts[i].is_own).collect();
        own.into_iter()
    }

    pub(super) fn change(
        &mut self,
        index: usize,
        what: What,
        span: Span,
        with: With,
    ) -> &mut Change {
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

    pub(super) fn refuse(&mut self, index: usize, field: Option<String>, reason: String) {
        let part = self.part(index).number();
        self.todo[index].refused.push(Refusal { part, field, reason });
    }

    /// What must change for the octets themselves.
    pub(super) fn octets(&mut self) {
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

    pub(super) fn fields(&mut self, index: usize) {
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
    pub(super) fn field(&mut self, index: usize, field: &SeenField, octets: &[u8]) {
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

    pub(super) fn keep(&mut self, index: usize, reason: &str) {
        let part = self.part(index).number();
        self.kept.push(Kept { part, field: None, reason: reason.to_owned() });
    }

    pub(super) fn raise(&mut self, index: usize, class: Class) {
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

    pub(super) fn recode(&mut self, index: usize, recode: Recode, reason: &str) {
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

    pub(super) fn finish(mut self) -> Plan {
        self.mime_version();
        let skips = self.options.signed == Signed::Skip;
        let mut plan = Plan {
            line_end: self.line_end,
            eol: self.eol,
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

pub(super) fn describe(change: &mut Change, from: &str, to: &str, reason: &str) {
    (change.from, change.to, change.reason) = (from.to_owned(), to.to_owned(), reason.to_owned());
}

/// A line that is no field, with `?` for what no header may have; for its colons too, if it would be a
/// field then (with any of them: white space before a colon is read over).
fn masked_junk(line: &[u8], line_end: LineEnd, eol: Option<LineEnd>) -> Vec<u8> {
    let mut masked = masked(line, line_end, eol);
    if Field::parse(&masked).is_some() {
        masked.iter_mut().filter(|c| **c == b':').for_each(|c| *c = b'?');
    }
    masked
}

/// The label of the first text part that declares a charset other than us-ascii.
fn declared_label(structure: &Structure) -> Option<String> {
    let texts = structure.parts().filter(|p| p.is_leaf() && p.essence().starts_with("text/"));
    texts.filter_map(|part| part.charset()).find(|label| label != "us-ascii")
}
