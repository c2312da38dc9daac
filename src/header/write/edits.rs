//! What is to be changed in a field body, collected, then carried out.
//!
//! Contract: the places of two changes never overlap; what no change covers is copied. Dirty are
//! octets over 127, NULs, and CRs that are no line end for the reader.
//!
//! May use: base, and `unfold`'s reading of line ends.

use std::collections::BTreeMap;
use std::ops::Range;

use super::encode::LINE_MAX as WORD_LINE_MAX;
use super::{Grammar, Refusal, Style, choose_label, fold};
use crate::base::chars::{is_fws, is_wsp};
use crate::header::words::UNKNOWN_8BIT;
use crate::header::{Context, Field, next_fold};

/// Octets to stand in the place of others.
#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    text: Vec<u8>,
}

/// What was done to a field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Did {
    pub(super) words: bool,
    pub(super) params: bool,
    pub(super) a_label: bool,
    pub(super) replaced: bool,
    /// Whether text was labelled with a charset that its octets do not tell.
    pub(super) declared: bool,
}

impl Did {
    /// The most of it in a word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Did { words: true, .. } => "encoded-word",
            Did { params: true, .. } => "RFC 2231",
            Did { a_label: true, .. } => "A-label",
            Did { replaced: true, .. } => "replaced",
            _ => "folded",
        }
    }
}

/// One field in the making.
pub(super) struct Job<'a> {
    field: &'a [u8],
    /// Where its body begins.
    pub(super) body_start: usize,
    pub(super) body: &'a [u8],
    pub(super) context: &'a Context,
    pub(super) style: &'a Style<'a>,
    /// Whether to encode all that may be encoded, not only what must.
    pub(super) wide: bool,
    pub(super) did: Did,
    /// Where the dirty octets are.
    dirty: Vec<usize>,
    /// By where they begin.
    edits: BTreeMap<usize, Edit>,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        field: &'a [u8],
        parsed: &Field<'a>,
        context: &'a Context,
        style: &'a Style<'a>,
        wide: bool,
    ) -> Job<'a> {
        Job {
            field,
            body_start: parsed.body_start,
            body: parsed.body,
            context,
            style,
            wide,
            did: Did::default(),
            dirty: dirty(parsed.body),
            edits: BTreeMap::new(),
        }
    }

    /// The dirty octets of `range`.
    pub(super) fn dirty_in(&self, range: Range<usize>) -> &[usize] {
        let from = self.dirty.partition_point(|&at| at < range.start);
        let to = self.dirty.partition_point(|&at| at < range.end);
        &self.dirty[from..to.max(from)]
    }

    pub(super) fn is_dirty(&self, range: Range<usize>) -> bool {
        !self.dirty_in(range).is_empty()
    }

    /// Puts `text` in the place of `range`.
    pub(super) fn replace(&mut self, range: Range<usize>, text: Vec<u8>) {
        self.edits.insert(range.start, Edit { range, text });
    }

    /// Whether a change touches `at`.
    pub(super) fn is_changed(&self, at: usize) -> bool {
        self.edits.range(..=at).next_back().is_some_and(|(_, edit)| edit.range.contains(&at))
    }

    /// `range` as it will be, the changes in it taken back.
    pub(super) fn take(&mut self, range: Range<usize>) -> Vec<u8> {
        let mut behind = self.edits.split_off(&range.start);
        let mut after = behind.split_off(&range.end);
        self.edits.append(&mut after);
        let mut text = Vec::new();
        apply(self.body, range, behind, &mut text);
        text
    }

    /// The charset label for octets of text.
    pub(super) fn label(&mut self, octets: &[u8]) -> &'a str {
        let escape = memchr::memchr(0x1B, octets).is_some();
        if self.wide && (escape || std::str::from_utf8(octets).is_err()) {
            return UNKNOWN_8BIT;
        }
        let label = choose_label(octets, self.style);
        self.did.declared |= !matches!(label, "UTF-8" | UNKNOWN_8BIT);
        label
    }

    /// How far in its line `at` stands; in a line that is full already, some number over its end.
    pub(super) fn column(&self, at: usize) -> usize {
        let near = at.saturating_sub(WORD_LINE_MAX);
        match memchr::memrchr(b'\n', &self.body[near..at]) {
            Some(line_end) => at - (near + line_end) - 1,
            None if near == 0 => self.body_start + at,
            None => WORD_LINE_MAX,
        }
    }

    /// Whether the octet before `at` is white space.
    pub(super) fn spaced_before(&self, at: usize) -> bool {
        at > 0 && is_fws(self.body[at - 1])
    }

    /// Bare CRs that a structured field has between its tokens: they are white space there, and are
    /// left out, or become a space where no other white space is beside them.
    pub(super) fn gaps(&mut self, alone: Result<(), &'static str>) -> Result<(), Refusal> {
        let mut done = 0;
        for at in self.dirty.clone() {
            if at < done || self.is_changed(at) {
                continue;
            }
            if self.body[at] != b'\r' {
                return Err(
                    "octets that 7 bits cannot carry stand where nothing can be encoded".into()
                );
            }
            let start = self.body[..at].iter().rposition(|&c| !is_fws(c)).map_or(0, |i| i + 1);
            let len = self.body[at..].iter().take_while(|&&c| is_fws(c)).count();
            let run = start..at + len;
            done = run.end;
            let outside = run.start == 0 || run.end == self.body.len();
            if !outside && !self.body[run.clone()].iter().any(|&c| is_wsp(c)) {
                alone?;
                self.replace(run.clone(), b" ".to_vec());
                continue;
            }
            for cr in self.dirty_in(run).to_vec() {
                self.replace(cr..cr + 1, Vec::new());
            }
        }
        Ok(())
    }

    /// Puts a space behind the separators of lines that are too long, for them to be broken there.
    pub(super) fn part_long_lines(&mut self, grammar: Grammar) {
        for at in fold::separators(self.body, self.body_start, grammar) {
            if !self.is_changed(at) && !self.is_changed(at - 1) {
                self.replace(at..at, b" ".to_vec());
            }
        }
    }

    /// The field with all changes, folded anew where it has to be.
    pub(super) fn finish(mut self, grammar: Grammar) -> (Vec<u8>, Did) {
        let mut body = Vec::with_capacity(self.body.len() * 2);
        let edits = std::mem::take(&mut self.edits);
        let fresh = apply(self.body, 0..self.body.len(), edits, &mut body);
        let name = &self.field[..self.body_start];
        let mut octets = fold::fold(name, &body, &fresh, self.style.line_end, grammar);
        if matches!(self.field, [.., b'\n' | b'\r']) {
            octets.extend_from_slice(self.style.line_end.as_bytes());
        }
        (octets, self.did)
    }
}

/// Appends `range` of `body` with `edits` carried out; returns where in `text` they stand.
fn apply(
    body: &[u8],
    range: Range<usize>,
    edits: BTreeMap<usize, Edit>,
    text: &mut Vec<u8>,
) -> Vec<Range<usize>> {
    let mut fresh = Vec::with_capacity(edits.len());
    let mut at = range.start;
    for edit in edits.into_values() {
        if edit.range.start < at {
            continue;
        }
        text.extend_from_slice(&body[at..edit.range.start]);
        let start = text.len();
        text.extend_from_slice(&edit.text);
        fresh.push(start..text.len());
        at = edit.range.end;
    }
    text.extend_from_slice(&body[at..range.end]);
    fresh
}

/// Where `body` has octets that are not clean; the line ends that the reader sees are.
fn dirty(body: &[u8]) -> Vec<usize> {
    let mut dirty = Vec::new();
    let mut fold = next_fold(body, 0);
    for (at, &c) in body.iter().enumerate() {
        while let Some(passed) = fold.as_ref().filter(|fold| fold.end <= at) {
            fold = next_fold(body, passed.end);
        }
        let in_fold = fold.as_ref().is_some_and(|fold| fold.contains(&at));
        if c >= 0x80 || c == 0 || c == b'\r' && !in_fold {
            dirty.push(at);
        }
    }
    dirty
}
