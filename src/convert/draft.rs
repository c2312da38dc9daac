//! What was seen of a message, part by part: the octets that a transport would mind, and where they
//! stand. The [`plan`](super::plan) is made of it when the message is over.
//!
//! Spans count from the start of what is read, the message with whatever stands before its header.

use std::io;

use super::octets::{Class, is_plain};
use super::{Options, Target};
use crate::base::{Eol, Span};
use crate::charset::{Charset, Decoder};
use crate::dkim::{self, BodyHasher, Signature};
use crate::header::Field;
use crate::header::mime::Media;
use crate::header::names::Name;
use crate::structure::{At, Structure, Visitor, Want};
use crate::transfer::{Census, Coding, LineEnd, Survey};
use crate::walk::Kind;

/// LIMIT: signatures whose body hash is looked at, as each costs a hash of the whole body.
const SIGNATURES: usize = 16;

/// LIMIT: multiparts around a body whose coding is taken off: its lines are compared with the boundary
/// of each. A deeper one keeps its coding.
const BOUNDARIES: usize = 64;

/// A field that may have to change.
#[derive(Debug)]
pub(super) struct SeenField {
    pub(super) span: Span,
    pub(super) octets: Vec<u8>,
}

/// The octets before the first delimiter of a multipart, or behind its last.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) kind: Kind,
    pub(super) span: Span,
    survey: Survey,
    pub(super) class: Class,
}

/// What was seen of one part of the message itself.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// False for parts that were found by decoding another: they have no octets of their own.
    pub(super) is_own: bool,
    /// The fields of the header that are not 7bit data.
    pub(super) dirty: Vec<SeenField>,
    pub(super) content_type: Option<SeenField>,
    pub(super) transfer_encodings: Vec<SeenField>,
    pub(super) has_mime_version: bool,
    /// Fields with white space before the colon; only where such are mended.
    pub(super) spaced: Vec<SeenField>,
    /// Fields that a signature of this header covers, in lower case.
    pub(super) signatures: Vec<Signature>,
    /// Lines that are no fields and are not 7bit data; a `From ` line or byte order mark too.
    pub(super) junk: Vec<(Kind, SeenField)>,
    /// The empty line; `None` if the header ends without one.
    pub(super) header_end: Option<Span>,
    /// The empty line is not what it should be (CR CR LF).
    pub(super) odd_header_end: bool,
    /// Where the body begins.
    pub(super) body: u64,
    pub(super) body_end: u64,
    /// Behind its last token.
    pub(super) end: u64,
    pub(super) census: Option<Census>,
    /// A line of the body ends with CR CR LF, or may do so when it is decoded.
    pub(super) cr_before_line_end: bool,
    /// Octets of the body in quoted-printable, as text and with LF for line ends; of a body that is
    /// not encoded yet.
    pub(super) quoted_printable: Option<u64>,
    /// What the body holds when it is decoded, if that was asked for.
    pub(super) decoded: Option<Census>,
    /// The decoded body has a line that something would take for structure.
    pub(super) looks_like_structure: bool,
    pub(super) around: Vec<Around>,
    /// Delimiters of this multipart that are not 7bit data.
    pub(super) delimiters: Vec<SeenField>,
    /// Whether it has any delimiter.
    pub(super) has_delimiter: bool,
    /// A delimiter follows the body and owns the line end before it.
    pub(super) before_delimiter: bool,
    /// Octets that lie beyond a limit and are not 7bit data.
    pub(super) opaque: bool,
    /// For a body without a Content-Type: whether it is UTF-8, and what is wrong with it in the
    /// charset that was chosen for such.
    pub(super) probe: Option<Probe>,
}

/// Whether a text can be in a charset.
#[derive(Debug)]
pub(super) struct Probe {
    utf_8: Decoder,
    chosen: Option<Decoder>,
    scratch: String,
    pub(super) not_utf_8: bool,
    pub(super) not_chosen: bool,
}

impl Probe {
    fn new(options: &Options) -> Probe {
        let chosen = options.charset.as_ref().and_then(|l| Charset::for_label(l.as_bytes()));
        Probe {
            utf_8: Decoder::new(Charset::UTF_8),
            chosen: chosen.map(Decoder::new),
            scratch: String::new(),
            not_utf_8: false,
            not_chosen: chosen.is_none(),
        }
    }

    fn update(&mut self, octets: &[u8], last: bool) {
        if !self.not_utf_8 {
            self.scratch.clear();
            self.not_utf_8 = self.utf_8.decode(octets, &mut self.scratch, last) > 0;
        }
        if let Some(chosen) = &mut self.chosen
            && !self.not_chosen
        {
            self.scratch.clear();
            self.not_chosen = chosen.decode(octets, &mut self.scratch, last) > 0;
        }
    }
}

/// Watches a message while its structure is built.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    options: &'a Options,
    pub(super) parts: Vec<Seen>,
    /// How far the message has been read.
    pub(super) at: u64,
    /// The last part that has octets of its own.
    last_own: usize,
    /// The part whose body is being read.
    leaf: Option<Leaf>,
    /// The last two octets of the body so far.
    tail: [u8; 2],
    /// The first line end of the message.
    pub(super) line_end: Option<LineEnd>,
    /// Whether lines outside of bodies end with CRLF, and with LF alone; only where that is mended.
    pub(super) line_ends: (bool, bool),
    /// Whether a CR stands before one of these CRLFs.
    pub(super) cr_before_crlf: bool,
    pub(super) dkim: DkimWatch,
    /// The boundaries of the multiparts that are open, outermost first, each with its part; only where
    /// bodies are to be decoded.
    boundaries: Vec<(u32, Vec<u8>)>,
}

#[derive(Debug)]
struct Leaf {
    part: u32,
    raw: Survey,
    /// It is not encoded yet.
    is_identity: bool,
    decoded: Option<Survey>,
    lines: LineStarts,
}

impl<'a> Draft<'a> {
    pub(super) fn new(options: &'a Options) -> Draft<'a> {
        Draft {
            options,
            parts: Vec::new(),
            at: 0,
            last_own: 0,
            leaf: None,
            tail: [0; 2],
            line_end: None,
            line_ends: (false, false),
            cr_before_crlf: false,
            dkim: DkimWatch::new(options.dkim),
            boundaries: Vec::new(),
        }
    }

    fn seen(&mut self, part: u32) -> &mut Seen {
        let index = part as usize;
        if self.parts.len() <= index {
            self.parts.resize_with(index + 1, Seen::default);
        }
        &mut self.parts[index]
    }

    fn field(&mut self, part: u32, span: Span, octets: &[u8]) {
        let Some(field) = Field::parse(octets) else { return };
        let kept = || SeenField { span, octets: octets.to_vec() };
        let is_spaced = self.options.mend && field.name.len() + 1 < field.body_start;
        let is_signature = dkim::is_signature_field(field.name);
        let seen = self.seen(part);
        if is_signature {
            seen.signatures.extend(dkim::parse(field.body, &mut ()));
        }
        if is_spaced {
            seen.spaced.push(kept());
        }
        match Name::of(field.name) {
            Some(Name::MimeVersion) => seen.has_mime_version = true,
            Some(Name::ContentTransferEncoding) => return seen.transfer_encodings.push(kept()),
            Some(Name::ContentType) if seen.content_type.is_none() => {
                seen.content_type = Some(kept());
                return;
            }
            _ => {}
        }
        if !is_plain(octets) {
            seen.dirty.push(kept());
        }
    }

    fn around(&mut self, part: u32, kind: Kind, span: Span, octets: &[u8]) {
        let around = &mut self.seen(part).around;
        match around.last_mut().filter(|last| last.kind == kind && last.span.end == span.start) {
            Some(last) => last.span.end = span.end,
            None => {
                let survey = Survey::new(Eol::Lf);
                around.push(Around { kind, span, survey, class: Class::default() });
            }
        }
        if let Some(last) = around.last_mut() {
            last.survey.update(octets);
        }
    }

    fn delimiter(&mut self, part: u32, span: Span, octets: &[u8]) {
        let is_plain = is_plain(octets);
        let seen = self.seen(part);
        seen.has_delimiter = true;
        if !is_plain {
            seen.delimiters.push(SeenField { span, octets: octets.to_vec() });
        }
        // The part that ended with this delimiter is the last one that has a body.
        if let Some(last) = self.parts.get_mut(self.last_own)
            && last.body_end == span.start
        {
            last.before_delimiter = true;
        }
    }

    fn note_line_end(&mut self, octets: &[u8]) {
        if self.line_end.is_none()
            && let Some(at) = memchr::memchr(b'\n', octets)
        {
            let crlf = at > 0 && octets[at - 1] == b'\r';
            self.line_end = Some(if crlf { LineEnd::CrLf } else { LineEnd::Lf });
        }
    }

    fn note_line_ends(&mut self, octets: &[u8]) {
        for at in memchr::memchr_iter(b'\n', octets) {
            let is_crlf = at > 0 && octets[at - 1] == b'\r';
            let before = at.checked_sub(2).map_or(self.tail[1], |before| octets[before]);
            self.line_ends.0 |= is_crlf;
            self.line_ends.1 |= !is_crlf;
            self.cr_before_crlf |= is_crlf && before == b'\r';
        }
    }

    /// Whether the decoded body is asked for: to take off a coding that the target can do without.
    fn wants(&self, coding: Coding) -> bool {
        self.options.target > Target::SevenBit
            && !self.options.mend
            && matches!(coding, Coding::QuotedPrintable | Coding::Base64 | Coding::Uuencode)
    }
}

impl Visitor for Draft<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded > 0 {
            return Ok(());
        }
        let span = Span::new(self.at, self.at + octets.len() as u64);
        self.at = span.end;
        self.note_line_end(octets);
        if self.options.mend && kind != Kind::Body {
            self.note_line_ends(octets);
        }
        self.dkim.token(kind, octets);
        if kind != Kind::Gap {
            self.seen(at.part).end = span.end;
        }
        match kind {
            Kind::Field => self.field(at.part, span, octets),
            Kind::Body => {
                let before = self.tail;
                self.tail = tail(before, octets);
                let may_have_cr = self.leaf.as_mut().is_none_or(|leaf| {
                    leaf.raw.update(octets);
                    leaf.raw.may_have_bare_cr()
                });
                let seen = self.seen(at.part);
                seen.body_end = span.end;
                seen.cr_before_line_end |= has_cr_before_line_end(before, octets, may_have_cr);
                if let Some(probe) = &mut seen.probe {
                    probe.update(octets, false);
                }
            }
            Kind::Preamble | Kind::Epilogue => self.around(at.part, kind, span, octets),
            Kind::Delimiter | Kind::CloseDelimiter => self.delimiter(at.part, span, octets),
            Kind::HeaderEnd => {
                let odd = !matches!(octets, b"\n" | b"\r\n");
                let seen = self.seen(at.part);
                (seen.header_end, seen.odd_header_end) = (Some(span), odd);
            }
            Kind::Bom | Kind::Junk | Kind::FromLine => {
                if !is_plain(octets) {
                    let line = SeenField { span, octets: octets.to_vec() };
                    self.seen(at.part).junk.push((kind, line));
                }
            }
            Kind::Opaque => {
                if !is_plain(octets) {
                    self.seen(at.part).opaque = true;
                }
            }
            Kind::Gap | Kind::Separator => {}
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(data) = structure.part(part).filter(|part| part.header().is_some()) else {
            return Ok(Want::Nothing);
        };
        let at = self.at;
        let wants =
            self.wants(data.coding()) && data.is_leaf() && self.boundaries.len() <= BOUNDARIES;
        let needs_probe = self.seen(part).content_type.is_none();
        let probe = needs_probe.then(|| Probe::new(self.options));
        let seen = self.seen(part);
        (seen.is_own, seen.body, seen.body_end, seen.probe) = (true, at, at, probe);
        (self.last_own, self.tail) = (part as usize, [0; 2]);
        self.dkim.headed(part, &self.parts[part as usize].signatures);
        if self.options.target > Target::SevenBit && matches!(data.media(), Media::Multipart { .. })
        {
            let fields = data.mime_fields();
            let boundary = fields.content_type.as_ref().and_then(|t| t.written.get("boundary"));
            self.boundaries.push((part, boundary.unwrap_or("").as_bytes().to_vec()));
        }
        let open = if wants { &self.boundaries[..] } else { &[] };
        let open = open.iter().map(|(_, boundary)| boundary.clone()).collect();
        let lines = LineStarts::new(open, self.options.mbox);
        let survey = || Survey::new(Eol::Lf);
        let is_identity = data.coding().is_identity();
        let decoded = wants.then(survey);
        self.leaf = Some(Leaf { part, raw: survey(), is_identity, decoded, lines });
        Ok(if wants { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        if let Some(leaf) = self.leaf.as_mut().filter(|leaf| leaf.part == part)
            && let Some(decoded) = &mut leaf.decoded
        {
            decoded.update(octets);
            leaf.lines.update(octets);
        }
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        let is_own = structure.part(part).is_some_and(|part| part.header().is_some());
        if !is_own {
            return Ok(());
        }
        if let Some(leaf) = self.leaf.take_if(|leaf| leaf.part == part) {
            let seen = self.seen(part);
            let census = leaf.raw.finish();
            seen.quoted_printable = leaf.is_identity.then_some(census.quoted_printable);
            seen.census = Some(census);
            seen.decoded = leaf.decoded.map(Survey::finish);
            seen.looks_like_structure = leaf.lines.finish();
        }
        self.boundaries.pop_if(|(multipart, _)| *multipart == part);
        let seen = self.seen(part);
        if let Some(probe) = &mut seen.probe {
            probe.update(b"", true);
        }
        for around in &mut seen.around {
            let survey = std::mem::take(&mut around.survey);
            around.class = Class::of(&survey.finish());
        }
        Ok(())
    }
}

/// The last two octets of what ends with `octets`, before which `tail` stands.
fn tail(tail: [u8; 2], octets: &[u8]) -> [u8; 2] {
    match octets {
        [.., before, last] => [*before, *last],
        [last] => [tail[1], *last],
        [] => tail,
    }
}

/// Whether CR CR LF ends in `octets`, before which `tail` stands; or what quoted-printable has for a
/// CR, wherever it stands. Only if it `may_have_cr` without LF are CRs looked for.
fn has_cr_before_line_end(tail: [u8; 2], octets: &[u8], may_have_cr: bool) -> bool {
    let seam = [&tail[..], &octets[..octets.len().min(2)]].concat();
    let has_cr = |text: &[u8]| memchr::memmem::find(text, b"\r\r\n").is_some();
    let has_escape = |text: &[u8]| {
        memchr::memmem::find_iter(text, b"=0")
            .any(|at| matches!(text.get(at + 2), Some(b'D' | b'd')))
    };
    let find = |text: &[u8]| (may_have_cr && has_cr(text)) || has_escape(text);
    find(&seam) || find(octets)
}

/// Looks for lines of decoded text that would be taken for structure if they stood in the message
/// as they are: delimiters of the multiparts around them, separators of an mbox. A line that begins
/// like one counts as one.
#[derive(Debug)]
struct LineStarts {
    begins: Vec<Vec<u8>>,
    longest: usize,
    /// The start of the current line, as far as it could be one; `None` behind that.
    line: Option<Vec<u8>>,
    found: bool,
    ends_with_cr: bool,
}

impl LineStarts {
    fn new(boundaries: Vec<Vec<u8>>, is_mbox: bool) -> LineStarts {
        let dashed = |boundary: Vec<u8>| [b"--", &boundary[..]].concat();
        let mut begins: Vec<Vec<u8>> = boundaries.into_iter().map(dashed).collect();
        if is_mbox {
            begins.push(b"From ".to_vec());
            begins.push(b"\x01\x01\x01\x01".to_vec());
        }
        let longest = begins.iter().map(Vec::len).max().unwrap_or(0);
        LineStarts { begins, longest, line: Some(Vec::new()), found: false, ends_with_cr: false }
    }

    fn update(&mut self, octets: &[u8]) {
        self.ends_with_cr = octets.last().map_or(self.ends_with_cr, |&c| c == b'\r');
        if self.begins.is_empty() || self.found {
            return;
        }
        let mut rest = octets;
        while !rest.is_empty() && !self.found {
            if let Some(line) = &mut self.line {
                let len = rest.len().min(self.longest - line.len());
                let end = memchr::memchr(b'\n', &rest[..len]);
                line.extend_from_slice(&rest[..end.unwrap_or(len)]);
                self.judge();
                rest = &rest[end.unwrap_or(len)..];
            }
            match memchr::memchr(b'\n', rest) {
                Some(at) => {
                    rest = &rest[at + 1..];
                    self.line = Some(Vec::new());
                }
                None => break,
            }
        }
    }

    fn judge(&mut self) {
        let Some(line) = &self.line else { return };
        self.found = self.begins.iter().any(|begin| line.starts_with(begin));
        if line.len() >= self.longest {
            self.line = None;
        }
    }

    fn finish(self) -> bool {
        // A CR at the very end would become part of the line end before a delimiter.
        self.found || self.ends_with_cr
    }
}

/// The body hashes of the signatures in the root's header.
#[derive(Debug, Default)]
pub(super) struct DkimWatch {
    /// Somebody asks for them.
    pub(super) is_wanted: bool,
    in_body: bool,
    hashers: Vec<BodyHasher>,
}

impl DkimWatch {
    pub(super) fn new(is_wanted: bool) -> DkimWatch {
        DkimWatch { is_wanted, ..DkimWatch::default() }
    }

    /// The header of a part is over; only the root's counts.
    pub(super) fn headed(&mut self, part: u32, signatures: &[Signature]) {
        if self.is_wanted && part == 0 {
            self.in_body = true;
            self.hashers = signatures.iter().take(SIGNATURES).map(BodyHasher::new).collect();
        }
    }

    /// A token of the message itself.
    pub(super) fn token(&mut self, kind: Kind, octets: &[u8]) {
        if self.in_body && kind != Kind::Gap {
            self.hashers.iter_mut().for_each(|hasher| hasher.update(octets));
        }
    }

    /// Whether each hash holds; `None` where that cannot be told.
    pub(super) fn finish(&mut self) -> Vec<Option<bool>> {
        std::mem::take(&mut self.hashers).into_iter().map(|hasher| hasher.finish().holds).collect()
    }
}
