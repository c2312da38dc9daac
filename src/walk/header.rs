//! The walker inside a header block: where a field ends, what ends the block, and the little that
//! the walk itself must know of it (media type, boundary, transfer coding).

use super::{Kind, Line, Progress, Separator, State, Step, Walker, lines, mbox};
use crate::base::{BOUNDARY, DELIMITER_LINE, Eol, LINE, Rule, Shifted, Sink, Span, chars};
use crate::charset::Charset;
use crate::header::mime::{self, Media};
use crate::header::names::{Name, marked_mime};
use crate::header::{Context, Cut, Field};
use crate::simd::{self, field::Extent};
use crate::transfer::Coding;

/// What is known of the header block that is being read.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Where the block begins.
    start: u64,
    /// Whether the message began with a byte order mark.
    pub(super) bom: bool,
    /// Fields and other lines so far.
    count: u32,
    /// Whether there was a field among them.
    has_field: bool,
    /// How the last of them was cut.
    last: Cut,
    /// Where the next field or empty line begins, if it was searched for.
    goes_on_at: u64,
    /// The [`Name::bit`]s of the fields so far.
    seen: u64,
    /// The body of the first Content-Type, and where it stands.
    content_type: Vec<u8>,
    content_type_at: u64,
    /// What the Content-Length of an mbox counts.
    pub(super) content_length: Option<u64>,
    coding: Option<Coding>,
    coding_at: Span,
    /// Whether `boundary` was read ahead of the end of the block.
    peeked: bool,
    /// The boundary that the first Content-Type declares; empty if none.
    boundary: Vec<u8>,
}

impl Header {
    /// Forgets the block before; this one begins at `start`.
    pub(super) fn begin(&mut self, start: u64) {
        self.start = start;
        (self.bom, self.count, self.seen) = (false, 0, 0);
        (self.has_field, self.goes_on_at) = (false, 0);
        (self.content_length, self.coding, self.peeked) = (None, None, false);
        self.content_type.clear();
    }

    fn has(&self, name: Name) -> bool {
        self.seen & name.bit() != 0
    }
}

/// Findings of [`mime::media`] that concern the structure; the others are reported by whoever reads
/// the whole field.
struct OnlyBoundary<'a, S>(&'a mut S);

impl<S: Sink> Sink for OnlyBoundary<'_, S> {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, span: Span) {
        if rule.info().id.starts_with('B') {
            self.0.report(rule, span);
        }
    }
}

impl Walker {
    /// Before a line of a header block.
    pub(super) fn header<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        if text.is_empty() {
            return if eof { self.header_over(Line::Start, sink) } else { Some(Step::NeedMore) };
        }
        if let Some(step) = self.header_limits(sink) {
            return step;
        }
        // Nearly every line is a field and is told by its name.
        let (field, extent) = match self.field_at_once(text) {
            Some(extent) => (Field::cut(&text[..extent.end], extent.name), extent),
            None => {
                if let Some(step) = self.ends_here(text, eof, sink) {
                    return step;
                }
                let Some(extent) = self.extent(text, eof) else { return Some(Step::NeedMore) };
                match Field::parse(&text[..extent.end]) {
                    Some(field) => (field, extent),
                    None => return self.junk(text, extent.end, eof, sink),
                }
            }
        };
        self.field(&field, text, extent, sink)
    }

    /// What to do if the header ends with the line at the start of `text`, or more octets are needed to
    /// tell.
    fn ends_here<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Option<Step>> {
        const MORE: Option<Option<Step>> = Some(Some(Step::NeedMore));
        match lines::empty_line(text, self.eol, eof) {
            None => return MORE,
            Some(0) => {}
            Some(len) => return Some(self.header_end(text, len, sink)),
        }
        if text[0] == 1 && self.is_mmdf() {
            match lines::mmdf_line(text, eof) {
                None => return MORE,
                Some(0) => {}
                Some(_) => return Some(self.header_over(Line::Start, sink)),
            }
        }
        if text[0] == b'-' {
            match self.ends_header(text, eof) {
                None => return MORE,
                Some(false) => {}
                Some(true) => {
                    sink.report(Rule::H028, self.span(0, 2));
                    return Some(self.header_over(Line::Start, sink));
                }
            }
        }
        None
    }

    /// Consumes the fields that `text` begins with and that the walk need not look at, as far as they
    /// are told easily; returns their octets. [`Walker::step`] would make a token of each: this is for
    /// those who ask neither for fields nor for findings.
    pub(crate) fn skip_fields(&mut self, text: &[u8]) -> usize {
        if self.state != State::Header {
            return 0;
        }
        let mut rest = text;
        let start = self.offset;
        while self.header.count < self.limits.fields
            && self.offset - self.header.start < self.limits.header
            && !matches!(rest.first(), Some(b'C' | b'c'))
            && let Some(extent) = self.field_at_once(rest)
            && extent.end < self.limits.field
        {
            self.header.count += 1;
            self.header.has_field = true;
            self.offset += extent.end as u64;
            rest = &rest[extent.end..];
        }
        (self.offset - start) as usize
    }

    /// The extent of the field at the start of `text`, behind whose name is the colon; if it can be told
    /// at once, and no line like it could end the header.
    #[inline]
    fn field_at_once(&self, text: &[u8]) -> Option<Extent> {
        let may_begin = |&c: &u8| c != b'-' && chars::is_ftext(c);
        // Once the search for its end had to stop, it goes on from there.
        if self.eol != Eol::Lf || self.scanned != 0 || !text.first().is_some_and(may_begin) {
            return None;
        }
        let extent = self.extent_at_once(text)?;
        (text[extent.name] == b':').then_some(extent)
    }

    #[inline]
    fn extent_at_once(&self, text: &[u8]) -> Option<Extent> {
        simd::field::extent(&text[..text.len().min(self.limits.field + 1)])
    }

    /// The extent of the field (or other line) at the start of `text`, the fast way if that can tell.
    #[inline]
    fn extent(&mut self, text: &[u8], eof: bool) -> Option<Extent> {
        // Once the search had to stop, it goes on from there.
        if self.eol == Eol::Lf
            && self.scanned == 0
            && let Some(extent) = self.extent_at_once(text)
        {
            return Some(extent);
        }
        self.field_end(text, eof).map(|end| Extent { name: 0, end, is_plain: false })
    }

    /// The end of the field (or other line) at the start of `text`, with its continuation lines and
    /// line end; [`Limits::field`](crate::base::Limits) if it is longer.
    fn field_end(&mut self, text: &[u8], eof: bool) -> Option<usize> {
        let limit = self.limits.field;
        let mut at = self.scanned;
        loop {
            let window = &text[at..text.len().min(limit + 1)];
            let Some(found) = memchr::memchr(self.eol.octet(), window) else {
                self.scanned = at + window.len();
                return if text.len() > limit { Some(limit) } else { eof.then_some(text.len()) };
            };
            let next = at + found + 1;
            match text.get(next) {
                _ if next > limit => return Some(limit),
                Some(&c) if chars::is_wsp(c) => at = next,
                None if !eof => {
                    self.scanned = next - 1;
                    return None;
                }
                _ => return Some(next),
            }
        }
    }

    #[inline]
    fn field<S: Sink>(
        &mut self,
        field: &Field<'_>,
        text: &[u8],
        extent: Extent,
        sink: &mut S,
    ) -> Option<Step> {
        let end = extent.end;
        let body_at = self.offset + field.body_start as u64;
        // Without findings, nothing is asked but the fields Content-….
        let is_asked = S::LISTENING || matches!(field.name.first(), Some(b'C' | b'c'));
        let known = is_asked.then(|| Name::of(field.name)).flatten();
        self.header.last = Cut::of(field, known);
        if let Some(name) = known {
            self.known_field(name, field.body, body_at, sink);
        } else if self.options.separator == Separator::From
            && self.open == 1
            && self.header.content_length.is_none()
            && field.is("content-length")
        {
            self.header.content_length = mbox::content_length(field.body);
        }
        if S::LISTENING {
            self.inspect_field(field, &text[..end], extent.is_plain, sink);
        }
        self.header.count += 1;
        self.header.has_field = true;
        if self.is_cut(text, end) {
            sink.report(Rule::D004, self.span(end, end));
            self.state = State::SkipField;
        }
        Some(Step::Token(Kind::Field, end))
    }

    /// How the field was cut that was the last token. Its name is known to walks that listen.
    pub(crate) fn last_field(&self) -> Cut {
        self.header.last
    }

    /// Whether a limit, not its own end, ended the field at `end`.
    fn is_cut(&self, text: &[u8], end: usize) -> bool {
        end == self.limits.field
            && (text.get(end).is_some_and(|&c| chars::is_wsp(c))
                || self.eol.trailing(&text[..end]) == 0 && end < text.len())
    }

    fn known_field<S: Sink>(&mut self, name: Name, body: &[u8], body_at: u64, sink: &mut S) {
        let again = self.header.has(name);
        self.header.seen |= name.bit();
        let span = Span::new(body_at, body_at + body.len() as u64);
        if again && name.is_singleton() {
            sink.report(Rule::H010, span);
        } else if again && name.is_single_list() {
            sink.report(Rule::H011, span);
        }
        match name {
            Name::ContentType if !again => {
                self.header.content_type.extend_from_slice(body);
                self.header.content_type_at = body_at;
                self.header.peeked = false;
            }
            Name::ContentTransferEncoding if !again => {
                let sink = &mut Shifted::new(sink, body_at);
                self.header.coding = Some(mime::transfer_encoding(body, sink));
                self.header.coding_at = span;
            }
            _ => {}
        }
    }

    /// What is odd about the octets of a field, whatever its name.
    fn inspect_field<S: Sink>(
        &self,
        field: &Field<'_>,
        octets: &[u8],
        is_plain: bool,
        sink: &mut S,
    ) {
        if octets.get(field.name.len()) != Some(&b':') {
            sink.report(Rule::H021, self.span(field.name.len(), field.body_start));
        }
        let is_letter = |c: Option<&u8>| c.is_none_or(u8::is_ascii_alphanumeric);
        if !is_letter(field.name.first()) || !is_letter(field.name.last()) {
            self.inspect_name(field.name, sink);
        }
        if !is_plain || octets.len() > LINE {
            self.inspect_octets(octets, sink);
        }
    }

    /// A name that neither begins nor ends as any known one does.
    #[cold]
    fn inspect_name<S: Sink>(&self, name: &[u8], sink: &mut S) {
        if marked_mime(name).is_some() {
            sink.report(Rule::H046, self.span(0, name.len()));
        }
    }

    /// What is odd about the octets of a line in a header.
    fn inspect_octets<S: Sink>(&self, octets: &[u8], sink: &mut S) {
        if let Some(at) = memchr::memchr(0, octets) {
            sink.report(Rule::H030, self.span(at, at + 1));
        }
        if !octets.is_ascii() {
            let at = octets.iter().position(|c| !c.is_ascii()).unwrap_or(0);
            sink.report(Rule::H031, self.span(at, at + 1));
        }
        if self.eol == Eol::Lf && memchr::memchr(b'\r', octets).is_some() {
            let bare = memchr::memchr_iter(b'\r', octets)
                .find(|&at| octets.get(at + 1).is_some_and(|&next| next != b'\n'));
            if let Some(at) = bare {
                sink.report(Rule::L002, self.span(at, at + 1));
            }
        }
        self.inspect_lines(octets, sink);
    }

    /// Over-long lines, and continuation lines of white space only.
    fn inspect_lines<S: Sink>(&self, octets: &[u8], sink: &mut S) {
        let mut at = 0;
        while let Some((content, next)) = self.eol.first_line(&octets[at..]) {
            let line = &octets[at..at + content];
            if line.len() > LINE {
                sink.report(Rule::L010, self.span(at, at + content));
            }
            if at > 0 && line.iter().all(|&c| chars::is_wsp(c)) {
                sink.report(Rule::H023, self.span(at, at + content));
            }
            at += next;
        }
        if octets.len() - at > LINE {
            sink.report(Rule::L010, self.span(at, octets.len()));
        }
    }

    /// A line that is no field: skipped if the header goes on behind it, else the body begins here.
    fn junk<S: Sink>(&mut self, text: &[u8], end: usize, eof: bool, sink: &mut S) -> Option<Step> {
        let Some(goes_on) = self.goes_on(text, end, eof) else { return Some(Step::NeedMore) };
        if !goes_on {
            // Of a line that a limit cuts nobody knows yet whether it is text: the next message of an
            // mbox may begin with it.
            let known = if self.is_cut(text, end) { 0 } else { end };
            sink.report(Rule::H029, self.span(0, known));
            return self.header_over(Line::Start, sink);
        }
        let rule = match text[0] {
            _ if text.starts_with(b"From ") || text.starts_with(b">From ") => Rule::H026,
            c if chars::is_wsp(c) => Rule::H024,
            _ => Rule::H022,
        };
        sink.report(rule, self.span(0, end));
        if S::LISTENING {
            self.inspect_octets(&text[..end], sink);
        }
        self.header.count += 1;
        Some(Step::Token(Kind::Junk, end))
    }

    /// Whether the header goes on behind the line that ends at `end` and is no field.
    ///
    /// RFC 7103 §7.2: it does if an empty line or another field comes later, and no delimiter before
    /// these. Before the first field, though, that line is more likely the text of a part that has no
    /// header at all: there the empty line or the field must come next.
    fn goes_on(&mut self, text: &[u8], end: usize, eof: bool) -> Option<bool> {
        let at = self.offset + end as u64;
        if self.is_cut(text, end) {
            return Some(false);
        }
        let (rest, eol) = (&text[end..], self.eol);
        if !self.header.has_field {
            return Some(!self.ends_early(rest, eof)? && lines::header_goes_on(rest, eol, eof)?);
        }
        if at > self.header.goes_on_at
            && let Some(found) =
                lines::rest_of_header(rest, eol, eof, |line| self.ends_early(line, eof))?
        {
            self.header.goes_on_at = at + found as u64;
        }
        Some(at <= self.header.goes_on_at)
    }

    fn header_end<S: Sink>(&mut self, text: &[u8], len: usize, sink: &mut S) -> Option<Step> {
        let is_message = self.levels[self.open - 1].part.is_message;
        if is_message && self.header.count == 0 {
            sink.report(Rule::H025, self.span(0, len));
        }
        if text[..len].starts_with(b"\r\r") {
            sink.report(Rule::L002, self.span(0, 1));
        }
        self.state = State::HeaderOver;
        Some(Step::Token(Kind::HeaderEnd, len))
    }

    /// Whether the line at the start of `text` is a delimiter of an open multipart, or of the one
    /// that this very header declares.
    fn ends_header(&mut self, text: &[u8], eof: bool) -> Option<bool> {
        if text.len() < 2 && !eof {
            return None;
        }
        if !text.starts_with(b"--") {
            return Some(false);
        }
        let Some((content, _)) = self.delimiter_line(text, eof)? else { return Some(false) };
        let name = &chars::trim_end(content)[2..];
        let unclosed = name.strip_suffix(b"--");
        let is_open = |name| self.boundaries.find(name).is_some();
        if is_open(name) || unclosed.is_some_and(is_open) {
            return Some(true);
        }
        if !self.header.peeked {
            self.read_media(&mut ());
            self.header.peeked = true;
        }
        let own = &self.header.boundary[..];
        Some(!own.is_empty() && (own == name || Some(own) == unclosed))
    }

    /// Reads the first Content-Type: its kind, and its boundary into the room kept for it.
    fn read_media<S: Sink>(&mut self, sink: &mut S) -> Media {
        let header = &mut self.header;
        header.boundary.clear();
        if header.has(Name::ContentType) {
            let context = Context { limits: self.limits, fallback: Charset::WINDOWS_1252 };
            let sink = &mut Shifted::new(sink, header.content_type_at);
            let sink = &mut OnlyBoundary(sink);
            mime::media(&header.content_type, &context, &mut header.boundary, sink)
        } else if self.levels[self.open - 1].part.in_digest {
            Media::Message
        } else {
            Media::Leaf
        }
    }

    /// The header block is over: what follows, at `line`, is decided by its type.
    pub(super) fn header_over<S: Sink>(&mut self, line: Line, sink: &mut S) -> Option<Step> {
        let media = self.read_media(sink);
        let coding = self.header.coding.unwrap_or_default();
        let too_deep = media != Media::Leaf && self.open as u32 > self.limits.depth;
        if too_deep {
            sink.report(Rule::D001, self.span(0, 0));
        }
        let top = self.open - 1;
        let part = &mut self.levels[top].part;
        part.media = if too_deep { Media::Leaf } else { media };
        part.coding = coding;
        let part = *part;
        self.report_header(part.media, part.is_message, sink);
        self.line = line;
        self.begin_count(line);
        self.state = match part.media {
            Media::Multipart { .. } => {
                self.open_boundary(top, sink);
                State::Content
            }
            Media::Message if coding.is_identity() => State::InnerMessage,
            _ => State::Content,
        };
        (self.levels[top].progress, self.levels[top].body) = (Progress::NoDelimiter, self.offset);
        Some(Step::Headed)
    }

    fn report_header<S: Sink>(&self, media: Media, is_message: bool, sink: &mut S) {
        let mime = Name::ContentType.bit() | Name::ContentTransferEncoding.bit();
        if is_message && self.header.seen & mime != 0 && !self.header.has(Name::MimeVersion) {
            sink.report(Rule::T001, Span::new(self.header.start, self.header.start));
        }
        let coding = self.header.coding.unwrap_or_default();
        if coding.is_identity() || coding == Coding::Unknown {
            return;
        }
        match media {
            Media::Multipart { .. } => sink.report(Rule::E020, self.header.coding_at),
            Media::Message => sink.report(Rule::E021, self.header.coding_at),
            Media::Leaf => {}
        }
    }

    fn open_boundary<S: Sink>(&mut self, level: usize, sink: &mut S) {
        let boundary = &self.header.boundary[..];
        let at = self.header.content_type_at;
        let span = Span::new(at, at + self.header.content_type.len() as u64);
        if self.boundaries.find(boundary).is_some() {
            sink.report(Rule::B024, span);
        } else if let Some(outer) = self.boundaries.innermost()
            && (outer.starts_with(boundary) || boundary.starts_with(outer))
        {
            sink.report(Rule::B020, span);
        }
        self.boundaries.push(level, boundary);
    }

    /// Past a limit on the whole block, its rest is skipped.
    fn header_limits<S: Sink>(&mut self, sink: &mut S) -> Option<Option<Step>> {
        let rule = if self.header.count >= self.limits.fields {
            Rule::D003
        } else if self.offset - self.header.start >= self.limits.header {
            Rule::D005
        } else {
            return None;
        };
        sink.report(rule, self.span(0, 0));
        self.state = State::SkipHeader;
        self.line = Line::Start;
        Some(None)
    }

    /// In the rest of an over-long field: up to the line that does not continue it.
    pub(super) fn skip_field(&mut self, text: &[u8], eof: bool) -> Option<Step> {
        let mut at = 0;
        while let Some(found) = memchr::memchr(self.eol.octet(), &text[at..]) {
            at += found + 1;
            match text.get(at) {
                Some(&c) if chars::is_wsp(c) => {}
                None if !eof => return opaque(at - 1),
                _ => {
                    self.state = State::Header;
                    return opaque(at);
                }
            }
        }
        if eof {
            self.state = State::Header;
            return (!text.is_empty()).then_some(Step::Token(Kind::Opaque, text.len()));
        }
        opaque(text.len())
    }

    /// In the rest of an over-long header block: up to the empty line or delimiter that ends it.
    pub(super) fn skip_header<S: Sink>(
        &mut self,
        text: &[u8],
        eof: bool,
        sink: &mut S,
    ) -> Option<Step> {
        if text.is_empty() {
            return if eof { self.header_over(Line::Start, sink) } else { Some(Step::NeedMore) };
        }
        let mut at = 0;
        loop {
            if self.line == Line::Start {
                match self.ends_block(&text[at..], eof) {
                    None => return opaque(at),
                    Some(true) if at > 0 => return opaque(at),
                    Some(true) => return self.end_skipped(text, eof, sink),
                    Some(false) => self.line = Line::Middle,
                }
            }
            match memchr::memchr(self.eol.octet(), &text[at..]) {
                Some(found) => (at, self.line) = (at + found + 1, Line::Start),
                None => return opaque(text.len()),
            }
            if at == text.len() {
                return opaque(at);
            }
        }
    }

    fn ends_block(&mut self, line: &[u8], eof: bool) -> Option<bool> {
        Some(lines::empty_line(line, self.eol, eof)? > 0 || self.ends_early(line, eof)?)
    }

    /// Whether a line ends a header that lacks its empty line.
    fn ends_early(&mut self, line: &[u8], eof: bool) -> Option<bool> {
        match line.first() {
            Some(1) if self.is_mmdf() => Some(lines::mmdf_line(line, eof)? > 0),
            Some(b'-') => self.ends_header(line, eof),
            _ => Some(false),
        }
    }

    fn is_mmdf(&self) -> bool {
        self.options.separator == Separator::Mmdf
    }

    fn end_skipped<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        match lines::empty_line(text, self.eol, eof) {
            Some(len) if len > 0 => self.header_end(text, len, sink),
            _ => self.header_over(Line::Start, sink),
        }
    }
}

/// A piece of what lies beyond a limit; without any octet, more are needed.
fn opaque(len: usize) -> Option<Step> {
    Some(if len == 0 { Step::NeedMore } else { Step::Token(Kind::Opaque, len) })
}

const _: () = assert!(BOUNDARY + 4 < DELIMITER_LINE, "every boundary fits into a delimiter line");
