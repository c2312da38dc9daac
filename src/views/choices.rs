//! From the findings of the primary reading to the other choices that could be made: each a few
//! octets that would have to stand in the message for our own reading to make that choice.
//!
//! QUIRK: which programs make which choice is in `docs/views.md`.
//!
//! What was found inside a message that was itself encoded has no place in the input, and no view.
//!
//! May use: base, header, structure, transfer.

use std::collections::{HashMap, HashSet};
use std::io;

use super::Wanted;
use super::altered::{Edit, Edits, Octets, With, read_all};
use super::choice::Choice;
use super::fields::{Fields, Line};
use super::lines::{self, Delimiter};
use super::mend;
use crate::base::{Eol, Finding, Limits, Rule, Span, chars};
use crate::header::mime::Media;
use crate::header::names::Name;
use crate::structure::{Part, Structure};
use crate::transfer::{Coding, uuencode};

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
            Rule::B031 => return self.never_closed(place),
            Rule::B033 => return self.around(place),
            Rule::E020 | Rule::E031 | Rule::E034 => return self.body(place),
            Rule::H025 => return self.empty_lines(place),
            Rule::I001 => return self.file_in_text(place),
            Rule::L002 => {
                self.cr_ends_lines(place);
                return Ok(());
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

    fn other_field(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        let Some(name) = line.name.filter(|&name| is_mime(name)) else { return };
        // Who does not take the first takes the last.
        if self.fields.named(name).last().is_some_and(|last| last.span == line.span) {
            let edits = self.fields.hide(name, Some(line));
            self.add_own(place, Choice::OtherField, edits);
        }
    }

    fn field_unseen(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        if line.name.is_some_and(is_mime) {
            let edit = Edit::blank(line.name_at, b'X');
            self.add_own(place, Choice::FieldUnseen, vec![edit]);
        }
    }

    /// A line that is no field: the header ends with it, or it is one but for its name.
    fn junk(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        let (span, octets) = (line.span, self.fields.octets(line.span));
        if let Some((name, len)) = mend::field_name(octets) {
            let edit = Edit::new(Span::new(span.start, span.start + len as u64), name);
            self.add_own(place, Choice::MendedName, vec![edit]);
        }
        if self.is_first(Choice::HeaderEnds, place.part.index(), b"") {
            let edit = Edit::new(Span::new(span.start, span.start), eol_of(&place.part));
            self.add_own(place, Choice::HeaderEnds, vec![edit]);
        }
    }

    /// The delimiter that ends the header is a line in it like others, so what follows may be as well.
    fn header_goes_on(&mut self, place: Place<'a>) {
        let part = place.part.parent().map_or(place.part.index(), |parent| parent.index());
        let at = place.span.start;
        let edit = Edit::new(Span::new(at, at + 1), b"X");
        self.add(place, Choice::HeaderGoesOn, part, vec![edit]);
    }

    fn cut_at_nul(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.line(place.span.start) else { return };
        if line.name.is_some_and(is_mime) && line.body.start <= place.span.start {
            let edit = Edit::new(Span::new(place.span.start, line.body.end), b"");
            self.add_own(place, Choice::CutAtNul, vec![edit]);
        }
    }

    /// Of parameters with the same name the last counts, if that is what was found.
    fn other_param(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let Some(chosen) = params.iter().find(|param| overlap(param.span, place.span)) else {
            return;
        };
        let is_name = matches!(&chosen.name[..], b"name" | b"filename");
        let same = || params.iter().filter(|it| it.name == chosen.name);
        if same().any(|it| it.span.start > chosen.span.start) {
            return;
        }
        let others = same().filter(|it| it.span != chosen.span);
        let edits = others.map(|param| Edit::blank(param.span, b' ')).collect();
        let choice = if is_name { Choice::OtherName } else { Choice::OtherParameter };
        self.add_own(place, choice, edits);
    }

    /// `boundary` counts, where `boundary*` does for us.
    fn plain_boundary(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let extended = params.iter().filter(|it| it.name == b"boundary" && it.is_extended);
        let edits = extended.map(|param| Edit::blank(param.span, b' ')).collect();
        self.add_own(place, Choice::OtherParameter, edits);
    }

    /// Each of the file names of a part in turn.
    fn other_names(&mut self, place: Place<'a>) {
        let mut given = Vec::new();
        for (field, name) in
            [(Name::ContentDisposition, &b"filename"[..]), (Name::ContentType, b"name")]
        {
            let Some(line) = self.fields.named(field).next() else { continue };
            let params = self.fields.params(line, self.limits);
            for is_extended in [true, false] {
                let form =
                    params.iter().filter(|it| it.name == name && it.is_extended == is_extended);
                let form: Vec<Span> = form.map(|param| param.span).collect();
                given.extend((!form.is_empty()).then_some(form));
            }
        }
        // The first is the one that counts.
        for chosen in 1..given.len() {
            let others = given.iter().enumerate().filter(|&(i, _)| i != chosen);
            let edits = others.flat_map(|(_, form)| form).map(|&span| Edit::blank(span, b' '));
            self.add_own(place, Choice::OtherName, edits.collect());
        }
    }

    /// Parameters that are odd are lost, if they matter.
    fn params_unseen(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let matters =
            |name: &[u8]| matches!(name, b"boundary" | b"charset" | b"name" | b"filename");
        let odd = params.iter().filter(|it| matters(&it.name) && overlap(it.span, place.span));
        let edits: Vec<Edit> = odd.map(|param| Edit::blank(param.span, b' ')).collect();
        if !edits.is_empty() {
            self.add_own(place, Choice::ParameterUnseen, edits);
        }
    }

    /// A value that should be quoted ends before what needs quotes.
    fn param_cut(&mut self, place: Place<'a>) {
        if self.mime_line(place.span).is_none() {
            return;
        }
        let value = self.fields.octets(place.span);
        let token = value.iter().take_while(|&&c| chars::is_token(c)).count();
        if token > 0 && token < value.len() {
            let edit = Edit::new(Span::new(place.span.start + token as u64, place.span.end), b"");
            self.add_own(place, Choice::ParameterCut, vec![edit]);
        }
    }

    /// A file name ends at the NUL that is written in it as `%00`.
    fn name_cut_at_nul(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let params = self.fields.params(line, self.limits);
        let Some(param) = params.iter().find(|it| it.is_extended && overlap(it.span, place.span))
        else {
            return;
        };
        let octets = self.fields.octets(param.span);
        if let Some(at) = memchr::memmem::find(octets, b"%00") {
            let end = param.span.end - u64::from(octets.ends_with(b"\""));
            let edit = Edit::new(Span::new(param.span.start + at as u64, end), b"");
            self.add_own(place, Choice::CutAtNul, vec![edit]);
        }
    }

    /// An inner multipart that names the boundary of an outer one has no parts.
    fn outer_boundary(&mut self, place: Place<'a>) {
        let Some(line) = self.fields.named(Name::ContentType).next() else { return };
        let params = self.fields.params(line, self.limits);
        let named = params.iter().filter(|param| param.name == b"boundary");
        let edits = named.map(|param| Edit::blank(param.span, b' ')).collect();
        let boundary = place.part.boundary();
        if let Some(outer) = self.with_boundary(place.part.parent(), &boundary) {
            self.add(place, Choice::OuterBoundary, outer.index(), edits);
        }
    }

    fn mended_type(&mut self, place: Place<'a>) {
        let Some(line) = self.mime_line(place.span) else { return };
        let body = self.fields.octets(line.body);
        let (mended, span) = (mend::content_type(body), line.body);
        let unseen = Edit::blank(line.name_at, b'X');
        if let Some(mended) = mended {
            self.add_own(place, Choice::MendedType, vec![Edit::new(span, mended)]);
        }
        self.add_own(place, Choice::FieldUnseen, vec![unseen]);
    }

    fn message_inside(&mut self, place: Place<'a>) {
        if let Some(line) = self.mime_line(place.span) {
            let edit = Edit::new(line.body, b" message/rfc822");
            self.add_own(place, Choice::MessageInside, vec![edit]);
        }
    }

    /// The boundary that is missing, or never found, is that of the first line that looks like one.
    fn guess(&mut self, place: Place<'a>) -> io::Result<()> {
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

    fn coding(&mut self, place: Place<'a>, choice: Choice, body: &[u8]) {
        let first = self.fields.named(Name::ContentTransferEncoding).next().map(|line| line.body);
        if let Some(span) = first {
            self.add_own(place, choice, vec![Edit::new(span, body)]);
        }
    }

    /// Where several codings are named, each of the others.
    fn other_codings(&mut self, place: Place<'a>) {
        let first = self.fields.named(Name::ContentTransferEncoding).next();
        let body = first.map(|line| self.fields.octets(line.body).to_ascii_lowercase());
        let named = |name: &[u8]| {
            body.as_ref().is_some_and(|body| memchr::memmem::find(body, name).is_some())
        };
        let coding = place.part.coding();
        if coding != Coding::Base64 && named(b"base64") {
            self.coding(place, Choice::Base64, b" base64");
        }
        if coding != Coding::QuotedPrintable && named(b"quoted-printable") {
            self.coding(place, Choice::QuotedPrintable, b" quoted-printable");
        }
    }

    /// Base64 that is not labelled as such.
    fn labelled(&mut self, place: Place<'a>) {
        let mut edits = self.fields.hide(Name::ContentTransferEncoding, None);
        let field = [b"Content-Transfer-Encoding: base64", eol_of(&place.part)].concat();
        edits.push(Edit::new(Span::new(place.header.start, place.header.start), field));
        self.add_own(place, Choice::Base64, edits);
    }

    /// Base64 for use in addresses has two other characters.
    fn url_safe(&mut self, place: Place<'a>) -> io::Result<()> {
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

    fn undecoded(&mut self, place: Place<'a>) {
        if !place.part.coding().is_identity() {
            let edits = self.fields.hide(Name::ContentTransferEncoding, None);
            self.add_own(place, Choice::Undecoded, edits);
        }
    }

    /// The MIME field in which something was found.
    fn mime_line(&self, span: Span) -> Option<&Line> {
        self.fields.line(span.start).filter(|line| line.name.is_some_and(is_mime))
    }

    /// The empty lines that end the header, and those behind them, are none.
    fn empty_lines(&mut self, place: Place<'a>) -> io::Result<()> {
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

    fn cr_ends_lines(&mut self, place: Place<'a>) {
        if place.part.eol() == Eol::Lf && self.is_first(Choice::CrEndsLines, 0, b"") {
            let edits = Edits::cr_ends_lines();
            self.add_edits(place, Choice::CrEndsLines, 0, edits);
        }
    }

    /// Where parts begin and end.
    fn delimiters(&mut self, place: Place<'a>) -> io::Result<()> {
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

    /// Behind the close delimiter there are further parts.
    fn never_closed(&mut self, place: Place<'a>) -> io::Result<()> {
        let Place { part, body, .. } = place;
        if self.is_first(Choice::NeverClosed, part.index(), b"") && self.may_scan(body) {
            let boundary = part.boundary();
            let edits = lines::reopened(self.octets, body, part.eol(), (&boundary, false))?;
            self.add_own(place, Choice::NeverClosed, edits);
        }
        Ok(())
    }

    /// A preamble or epilogue becomes a part from the line on that looks like the start of one.
    fn around(&mut self, place: Place<'a>) -> io::Result<()> {
        let Place { span, part, body, .. } = place;
        let (eol, boundary) = (eol_of(&part), part.boundary());
        let line = read_all(self.octets, Span::new(span.start, span.end.min(span.start + 256)))?;
        let mut delimiter = [b"--", &boundary[..], eol].concat();
        if let Some(begin) = uuencode::find_begin(&line) {
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
    fn is_epilogue(&self, part: Part<'_>, span: Span) -> bool {
        let next = self.structure.part(part.index() + 1);
        let first = next.filter(|_| part.children() > 0).and_then(|first| first.header());
        first.is_some_and(|header| header.start < span.start)
    }

    /// What is decoded otherwise.
    fn body(&mut self, place: Place<'a>) -> io::Result<()> {
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
    fn file_in_text(&mut self, place: Place<'a>) -> io::Result<()> {
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
