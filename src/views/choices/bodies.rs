//! The choices that concern bodies, and where they begin: lines, delimiters, what stands around parts,
//! how far data goes.
//!
//! May use: base, header, structure, transfer.

use std::io;

use super::{Choices, Place, eol_of, multiparts};
use crate::base::{Eol, Finding, Rule, Span, chars};
use crate::header::Field;
use crate::header::names::Name;
use crate::structure::Part;
use crate::transfer::{Coding, uuencode};
use crate::views::altered::{Edit, Edits, Octets, With, read_all};
use crate::views::choice::Choice;
use crate::views::lines::{self, Delimiter};
use crate::views::mend;

impl<'a, O: Octets + ?Sized> Choices<'a, O> {
    /// The boundary that is missing, or never found, is that of the first line that looks like one.
    pub(super) fn guess(&mut self, place: Place<'a>) -> io::Result<()> {
        let first = self.fields.named(Name::ContentType).next().map(|line| line.body);
        let Some(body) = first.filter(|_| self.may_scan(place.body)) else { return Ok(()) };
        let essence = place.part.essence();
        let named = |boundary: &[u8]| Edit::new(body, mend::multipart(&essence, boundary));
        let eol = place.part.eol();
        if let Some(boundary) = lines::guess(self.octets, place.body, eol)? {
            self.add_own(place, Choice::GuessedBoundary, vec![named(&boundary)]);
        }
        if place.rule == Rule::B002 {
            let mut edits = vec![named(mend::BOUNDARY)];
            lines::each(self.octets, place.body, eol, |at, line| {
                if matches!(chars::trim_end(line), b"--" | b"----") {
                    edits.push(Edit::new(Span::new(at + 2, at + 2), mend::BOUNDARY));
                }
                edits.len() < lines::MOST
            })?;
            self.add_own(place, Choice::EmptyBoundary, edits);
        }
        Ok(())
    }

    /// Base64 for use in addresses has two other characters.
    pub(super) fn url_safe(&mut self, place: Place<'a>) -> io::Result<()> {
        if !matches!(&read_all(self.octets, place.span)?[..], b"-" | b"_")
            || place.part.coding() != Coding::Base64
            || !self.may_scan(place.body)
        {
            return Ok(());
        }
        let mut edits = Vec::new();
        lines::each(self.octets, place.body, place.part.eol(), |at, line| {
            for (at, &c) in (at..).zip(line) {
                let meant = match c {
                    b'-' => b"+",
                    b'_' => b"/",
                    _ => continue,
                };
                edits.push(Edit::new(Span::new(at, at + 1), meant));
            }
            edits.len() < lines::MOST
        })?;
        self.add_own(place, Choice::UrlSafe, edits);
        Ok(())
    }

    /// The empty lines that end the header, and those behind them, are none.
    pub(super) fn empty_lines(&mut self, place: Place<'a>) -> io::Result<()> {
        let (header, eol) = (place.header, place.part.eol());
        let tail = Span::new(header.start.max(header.end.saturating_sub(2)), header.end);
        let start = header.end - eol.trailing(&read_all(self.octets, tail)?) as u64;
        let mut end = header.end;
        lines::each(self.octets, place.body, eol, |at, line| {
            end = if line.is_empty() { end } else { at };
            line.is_empty()
        })?;
        let edit = Edit::new(Span::new(start, end), b"");
        self.add_own(place, Choice::EmptyLinesSkipped, vec![edit]);
        Ok(())
    }

    pub(super) fn cr_ends_lines(&mut self, place: Place<'a>) {
        if place.part.eol() == Eol::Lf && self.is_first(Choice::CrEndsLines, 0, b"") {
            let edits = Edits::cr_ends_lines();
            self.add_edits(place, Choice::CrEndsLines, 0, edits);
        }
    }

    /// What stands behind two CRs in a header, up to the end of the line, is a message of its own if it
    /// begins with a field, or a file.
    pub(super) fn behind_crs(&mut self, place: Place<'a>) -> io::Result<()> {
        let at = place.span.start;
        if place.part.eol() != Eol::Lf || !(place.header.start..place.header.end).contains(&at) {
            return Ok(());
        }
        self.read_header(&place)?;
        let Some(line) = self.fields.line(at).map(|line| line.span) else { return Ok(()) };
        let octets = self.fields.octets(line);
        let Some(crs) = memchr::memmem::find(octets, b"\r\r").map(|at| at + 2) else {
            return Ok(());
        };
        let len = memchr::memchr(b'\n', &octets[crs..]).unwrap_or(octets.len() - crs);
        let inner = chars::trim_end(&octets[crs..crs + len]);
        let mut lines = inner.split(|&c| c == b'\r');
        let fields = match lines.clone().find_map(uuencode::find_begin) {
            Some(begin) => mend::file_header(begin.name, b"\n"),
            None if lines.next().is_some_and(|line| Field::parse(line).is_some()) => Vec::new(),
            None => return Ok(()),
        };
        let start = line.start + crs as u64;
        let rest = Span::new(start + inner.len() as u64, place.body.end);
        let before = Edit::new(Span::new(place.header.start, start), fields);
        let edits = Edits::new(vec![before, Edit::new(rest, b"\n")]).with_cr_line_ends();
        self.add_edits(place, Choice::BehindCrs, place.part.index(), edits);
        Ok(())
    }

    /// Where parts begin and end.
    pub(super) fn delimiters(&mut self, place: Place<'a>) -> io::Result<()> {
        let (outer, kind, choice) = match place.rule {
            Rule::B020 => (place.part.parent(), Delimiter::Prefix, Choice::PrefixDelimiter),
            Rule::B021 => (Some(place.part), Delimiter::Prefix, Choice::PrefixDelimiter),
            _ => (Some(place.part), Delimiter::Indented, Choice::IndentedDelimiter),
        };
        let outer = match place.rule {
            Rule::B021 | Rule::B023 => {
                let line = read_all(self.octets, place.span)?;
                let name = chars::trim_end(line.get(2..).unwrap_or_default());
                let unclosed = name.strip_suffix(b"--").unwrap_or(name);
                let is_prefix = place.rule == Rule::B021;
                multiparts(outer).find(|&outer| {
                    let boundary = self.boundary(outer);
                    boundary == unclosed || is_prefix && name.starts_with(boundary)
                })
            }
            _ => multiparts(outer).next(),
        };
        let Some((outer, body)) = outer.and_then(|outer| Some((outer, outer.body()?))) else {
            return Ok(());
        };
        let (mut boundary, mut range) = (self.boundary(outer).to_vec(), body);
        if place.rule == Rule::B020 {
            let inner = place.part.boundary();
            if inner.len() < boundary.len() {
                (boundary, range) = (inner, Span::new(place.body.start, body.end));
            }
        }
        if !self.is_first(choice, outer.index(), &boundary) || !self.may_scan(range) {
            return Ok(());
        }
        let edits = lines::delimiters(self.octets, range, outer.eol(), (kind, &boundary))?;
        self.add(place, choice, outer.index(), edits);
        if kind == Delimiter::Prefix && self.may_scan(range) {
            let open = (Delimiter::Opening, &boundary[..]);
            let edits = lines::delimiters(self.octets, range, outer.eol(), open)?;
            self.add(place, choice, outer.index(), edits);
        }
        Ok(())
    }

    /// Delimiters with another number of hyphens than two.
    pub(super) fn other_hyphens(&mut self, place: Place<'a>) -> io::Result<()> {
        let line = read_all(self.octets, place.span)?;
        let is_meant = |boundary: &[u8]| Delimiter::Hyphens.edit(0, &line, boundary).is_some();
        let outer = multiparts(Some(place.part)).find(|&outer| is_meant(self.boundary(outer)));
        let Some((outer, body)) = outer.and_then(|outer| Some((outer, outer.body()?))) else {
            return Ok(());
        };
        let boundary = self.boundary(outer).to_vec();
        let choice = Choice::OtherHyphens;
        if self.is_first(choice, outer.index(), &boundary) && self.may_scan(body) {
            let kind = (Delimiter::Hyphens, &boundary[..]);
            let edits = lines::delimiters(self.octets, body, outer.eol(), kind)?;
            self.add(place, choice, outer.index(), edits);
        }
        Ok(())
    }

    /// Behind the close delimiter there are further parts.
    pub(super) fn never_closed(&mut self, place: Place<'a>) -> io::Result<()> {
        let Place { part, body, .. } = place;
        if self.is_first(Choice::NeverClosed, part.index(), b"") && self.may_scan(body) {
            let boundary = part.boundary();
            let edits = lines::reopened(self.octets, body, part.eol(), (&boundary, false))?;
            self.add_own(place, Choice::NeverClosed, edits);
        }
        Ok(())
    }

    /// A preamble or epilogue becomes a part from the line on that looks like the start of one.
    pub(super) fn around(&mut self, place: Place<'a>) -> io::Result<()> {
        let Place { span, part, body, .. } = place;
        let (eol, boundary) = (eol_of(&part), part.boundary());
        let line = read_all(self.octets, Span::new(span.start, span.end.min(span.start + 256)))?;
        let mut delimiter = [b"--", &boundary[..], eol].concat();
        if place.rule == Rule::B038 {
            delimiter.extend_from_slice(eol);
        } else if let Some(begin) = uuencode::find_begin(&line) {
            delimiter.extend_from_slice(&mend::file_header(begin.name, eol));
        }
        let mut edits = vec![Edit::new(Span::new(span.start, span.start), delimiter)];
        if self.is_epilogue(part, span) {
            // A delimiter that stands there tells where the part begins.
            let is_shown = |it: &Finding| it.rule == Rule::B031 && it.part == part.index();
            if self.structure.findings().iter().any(is_shown) {
                return Ok(());
            }
            let before = Span::new(body.start, span.start);
            if !self.may_scan(before) {
                return Ok(());
            }
            let reopened = lines::reopened(self.octets, before, part.eol(), (&boundary, true))?;
            edits.extend(reopened);
        }
        self.add_own(place, Choice::PartAround, edits);
        Ok(())
    }

    /// Whether `span`, outside of the parts of a multipart, stands behind them.
    pub(super) fn is_epilogue(&self, part: Part<'_>, span: Span) -> bool {
        let next = self.structure.part(part.index() + 1);
        let first = next.filter(|_| part.children() > 0).and_then(|first| first.header());
        first.is_some_and(|header| header.start < span.start)
    }

    /// What is decoded otherwise.
    pub(super) fn body(&mut self, place: Place<'a>) -> io::Result<()> {
        let Place { span, part, body, .. } = place;
        match place.rule {
            Rule::E020 if part.children() == 0 => {
                let with = With::Decoded(part.coding(), part.eol());
                self.add_own(place, Choice::DecodedFirst, vec![Edit { span: body, with }]);
            }
            Rule::E031 => {
                let edit = Edit::new(Span::new(span.start, body.end), b"");
                self.add_own(place, Choice::StopAtPadding, vec![edit]);
            }
            Rule::E034 => {
                let from = body.start.max(span.start.saturating_sub(16));
                let before = read_all(self.octets, Span::new(from, span.start))?;
                let padding = (from..).zip(before).filter(|&(_, c)| c == b'=');
                let edits = padding.map(|(at, _)| Edit::new(Span::new(at, at + 1), b"")).collect();
                self.add_own(place, Choice::PaddingSkipped, edits);
            }
            _ => {}
        }
        Ok(())
    }

    /// A text with files in it becomes a multipart of the text and of these.
    pub(super) fn file_in_text(&mut self, place: Place<'a>) -> io::Result<()> {
        if !place.part.coding().is_identity() || !self.may_scan(place.body) {
            return Ok(());
        }
        self.read_header(&place)?;
        let eol = eol_of(&place.part);
        let mut edits = Vec::new();
        for name in [Name::ContentType, Name::ContentDisposition, Name::ContentTransferEncoding] {
            edits.extend(self.fields.hide(name, None));
        }
        let (header, body) = (place.header.start, place.body.start);
        edits.push(Edit::new(Span::new(header, header), mend::multipart_field(eol)));
        edits.push(Edit::new(Span::new(body, body), mend::delimiter(eol, b"")));
        let mut is_inside = false;
        lines::each(self.octets, place.body, place.part.eol(), |at, line| {
            let here = Span::new(at, at);
            match uuencode::find_begin(chars::trim_end(line)) {
                Some(begin) if !is_inside => {
                    is_inside = true;
                    let fields = mend::file_header(begin.name, eol);
                    edits.push(Edit::new(here, mend::delimiter_only(eol, &fields)));
                }
                None if is_inside && chars::trim_end(line) == b"end" => is_inside = false,
                _ => {}
            }
            edits.len() < lines::MOST
        })?;
        self.add_own(place, Choice::FileInText, edits);
        Ok(())
    }
}
