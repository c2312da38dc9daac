//! A message as if it were written otherwise: its octets with others in the place of a few.
//!
//! Contract: nothing is held but the changes and a window. Where the octets that are read stand in the
//! message can be told for any of them.
//!
//! May use: base, transfer.

use std::io::{self, Read};

use crate::base::{Eol, Span};
use crate::transfer::{Coding, Decoder};

/// Octets that can be read at any place.
pub trait Octets {
    /// Reads from `offset` on, and tells how many octets these were: at least one, if `out` has room
    /// and the message goes on there.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize>;
}

impl Octets for [u8] {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.get(from..).unwrap_or(&[]);
        rest.read(out)
    }
}

/// What stands in the place of some octets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum With {
    /// These.
    Octets(Vec<u8>),
    /// What they are once they are decoded. Nothing may follow them.
    Decoded(Coding, Eol),
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Edit {
    /// The octets of the message that are read otherwise; none where something is put in.
    pub(super) span: Span,
    pub(super) with: With,
}

impl Edit {
    pub(super) fn new(span: Span, octets: impl Into<Vec<u8>>) -> Edit {
        Edit { span, with: With::Octets(octets.into()) }
    }

    /// As many octets of `octet` in the place of those in `span`.
    pub(super) fn blank(span: Span, octet: u8) -> Edit {
        Edit::new(span, vec![octet; usize::try_from(span.len()).unwrap_or_default()])
    }
}

/// All changes of a view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Edits {
    /// By place; none overlaps another.
    edits: Vec<Edit>,
    /// A bare CR is a line end.
    cr_ends_lines: bool,
}

impl Edits {
    /// These, in any order. Of two that overlap, the first by place counts.
    pub(super) fn new(mut edits: Vec<Edit>) -> Edits {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut end = 0;
        edits.retain(|edit| {
            let is_free = edit.span.start >= end;
            end = if is_free { edit.span.end } else { end };
            is_free
        });
        Edits { edits, cr_ends_lines: false }
    }

    /// None but that a bare CR is a line end.
    pub(super) fn cr_ends_lines() -> Edits {
        Edits { edits: Vec::new(), cr_ends_lines: true }
    }

    /// The same, and a bare CR is a line end.
    pub(super) fn with_cr_line_ends(self) -> Edits {
        Edits { cr_ends_lines: true, ..self }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.edits.len()
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.edits.iter()
    }

    /// Whether octets of `span` are read otherwise.
    pub(super) fn touch(&self, span: Span) -> bool {
        let first = self.edits.partition_point(|edit| edit.span.end <= span.start);
        let next = self.edits[first..].iter().find(|edit| !edit.span.is_empty());
        next.is_some_and(|edit| edit.span.start < span.end)
    }

    /// Where what is read of `range` stands.
    pub(super) fn places(&self, range: Span) -> Places<'_> {
        let (mut source, mut read) = (range.start, 0);
        let mut starts = Vec::with_capacity(self.edits.len());
        for edit in &self.edits {
            read += edit.span.start.saturating_sub(source);
            source = edit.span.end;
            starts.push(read);
            read += edit.len().unwrap_or(0);
        }
        Places { edits: &self.edits, starts, range }
    }
}

impl Edit {
    /// How many octets are read in the place of those of the message, if that is known.
    fn len(&self) -> Option<u64> {
        match &self.with {
            With::Octets(octets) => Some(octets.len() as u64),
            With::Decoded(..) => None,
        }
    }
}

/// Tells where octets that were read stand in the message.
pub(super) struct Places<'e> {
    edits: &'e [Edit],
    /// Where each edit begins, counted in octets that are read.
    starts: Vec<u64>,
    range: Span,
}

impl Places<'_> {
    /// The octets of the message that were read as those in `span`; `None` for what was decoded.
    pub(super) fn span(&self, span: Span) -> Option<Span> {
        let start = self.start(span.start)?;
        Some(Span::new(start, self.end(span.end).max(start)))
    }

    /// The last edit that begins at or before the octet `at` that was read, if any.
    fn edit(&self, at: u64, is_before: bool) -> Option<(&Edit, u64)> {
        let count = match is_before {
            true => self.starts.partition_point(|&start| start < at),
            false => self.starts.partition_point(|&start| start <= at),
        };
        let index = count.checked_sub(1)?;
        Some((&self.edits[index], self.starts[index]))
    }

    fn start(&self, at: u64) -> Option<u64> {
        let Some((edit, start)) = self.edit(at, false) else { return Some(self.range.start + at) };
        let into = at - start;
        match edit.len() {
            Some(len) if into >= len => Some(edit.span.end + into - len),
            None if into > 0 => None,
            _ => Some(edit.span.start),
        }
    }

    fn end(&self, at: u64) -> u64 {
        let Some((edit, start)) = self.edit(at, true) else { return self.range.start + at };
        let past = (at - start).saturating_sub(edit.len().unwrap_or(u64::MAX));
        edit.span.end + past
    }
}

/// Reads a range of a message as it would be with some changes.
pub(super) struct Altered<'a, O: ?Sized> {
    octets: &'a O,
    edits: &'a Edits,
    /// The octets that come next.
    at: u64,
    end: u64,
    /// The next edit, and how much of it was handed out.
    next: usize,
    given: usize,
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
}

impl<'a, O: Octets + ?Sized> Altered<'a, O> {
    pub(super) fn new(octets: &'a O, edits: &'a Edits, range: Span) -> Altered<'a, O> {
        Altered {
            octets,
            edits,
            at: range.start,
            end: range.end,
            next: 0,
            given: 0,
            decoder: None,
            decoded: Vec::new(),
        }
    }

    /// The octets as they are, up to `limit`.
    fn plain(&mut self, limit: u64, out: &mut [u8]) -> io::Result<usize> {
        let len = read_some(self.octets, Span::new(self.at, limit), out)?;
        if self.edits.cr_ends_lines {
            self.end_lines_with_cr(&mut out[..len])?;
        }
        self.at += len as u64;
        Ok(len)
    }

    /// A CR that is not followed by LF becomes one; `text` stands where the next octets do.
    fn end_lines_with_cr(&self, text: &mut [u8]) -> io::Result<()> {
        let mut from = 0;
        while let Some(found) = memchr::memchr(b'\r', &text[from..]) {
            let at = from + found;
            let mut next = [0];
            match text.get(at + 1) {
                Some(&octet) => next = [octet],
                None => {
                    let behind = self.at + at as u64 + 1;
                    read_some(self.octets, Span::new(behind, self.end), &mut next)?;
                }
            }
            if next != [b'\n'] {
                text[at] = b'\n';
            }
            from = at + 1;
        }
        Ok(())
    }

    /// The octets of `span`, decoded: makes some ready, none at the end.
    fn decode(&mut self, span: Span, coding: Coding, eol: Eol) -> io::Result<()> {
        self.decoded.clear();
        self.given = 0;
        let decoder = self.decoder.get_or_insert_with(|| Decoder::new(coding, eol));
        let mut piece = vec![0; 16 << 10];
        while self.decoded.is_empty() && self.at < span.end {
            let len = read_some(self.octets, Span::new(self.at, span.end), &mut piece)?;
            self.at += len as u64;
            decoder.decode(&piece[..len], &mut self.decoded, &mut ());
            if self.at == span.end {
                decoder.finish(&mut self.decoded, &mut ());
            }
        }
        Ok(())
    }
}

impl<O: Octets + ?Sized> Read for Altered<'_, O> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let edits = self.edits;
        loop {
            let edit = edits.edits.get(self.next);
            let limit = edit.map_or(self.end, |edit| edit.span.start);
            if self.at < limit {
                return self.plain(limit, out);
            }
            let Some(edit) = edit else { return Ok(0) };
            let ready = match &edit.with {
                With::Octets(octets) => &octets[self.given..],
                &With::Decoded(coding, eol) => {
                    if self.given == self.decoded.len() {
                        self.decode(edit.span, coding, eol)?;
                    }
                    &self.decoded[self.given..]
                }
            };
            let len = ready.len().min(out.len());
            out[..len].copy_from_slice(&ready[..len]);
            self.given += len;
            if len > 0 || out.is_empty() {
                return Ok(len);
            }
            (self.at, self.given) = (edit.span.end, 0);
            (self.next, self.decoder) = (self.next + 1, None);
            self.decoded.clear();
        }
    }
}

/// Reads of `span` what fits in `out`; nothing only if one of them is empty.
fn read_some<O: Octets + ?Sized>(octets: &O, span: Span, out: &mut [u8]) -> io::Result<usize> {
    let room = usize::try_from(span.len()).unwrap_or(usize::MAX).min(out.len());
    if room == 0 {
        return Ok(0);
    }
    match octets.read_at(span.start, &mut out[..room])? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        len => Ok(len),
    }
}

/// The octets of `span`.
pub(super) fn read_all<O: Octets + ?Sized>(octets: &O, span: Span) -> io::Result<Vec<u8>> {
    let mut text = vec![0; usize::try_from(span.len()).unwrap_or_default()];
    let mut filled = 0;
    while filled < text.len() {
        let rest = Span::new(span.start + filled as u64, span.end);
        filled += read_some(octets, rest, &mut text[filled..])?;
    }
    Ok(text)
}
