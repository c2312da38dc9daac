//! A message as data: its parts in an arena, with numbers, spans, types, codings, sizes and the
//! findings about them.
//!
//! [`Structure`] holds what was seen; [`Builder`] makes one from the tokens of a walk, decoding what
//! a [`Visitor`] wants to see on the way, and walking into messages that were themselves encoded.
//! Field bodies are kept as they stood and parsed when somebody asks.
//!
//! Contract: memory grows with the number of parts and the length of their MIME fields, never with
//! the size of a body. No recursion: encoded messages inside encoded messages are a stack.
//!
//! RFC 2045, RFC 2046, RFC 3501 §6.4.5 (part numbers), RFC 8621 §4.1.4 (main bodies).
//!
//! May use: base, simd, charset, transfer, header, walk.

mod bodies;
mod build;
mod decoded;
mod enriched;
mod flowed;
mod glance;
mod inspect;
mod known;
mod lines;
mod partial;
mod survey;
#[cfg(test)]
mod tests;
mod text;
mod within;

pub use bodies::{Bodies, Role, Sorter};
pub use build::{At, Builder, Visitor, Want};
pub use enriched::Markup;
pub use flowed::unflow;
pub use inspect::Value;
pub use partial::{Fragment, Verdict, Whole, join};
pub use text::{Reading, TextDecoder, charset_of, declared_charset};

use std::fmt::Write as _;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use crate::base::{Eol, Finding, Limits, Rule, Span};
use crate::charset::Charset;
use crate::header::mime::{self, ContentType, Media};
use crate::header::params::Parameterised;
use crate::header::words::{self, Place};
use crate::header::{Context, Text, ids};
use crate::transfer::Coding;
use crate::walk::{Reader, Separator};

/// What was seen of a message.
#[derive(Debug)]
pub struct Structure {
    parts: Vec<PartData>,
    findings: Vec<Finding>,
    /// The bodies of the MIME fields, one behind the other.
    fields: Vec<u8>,
    context: Context,
    /// Octets of the message, without the `From ` line of an mbox.
    length: u64,
    /// Where the message begins in its source.
    offset: u64,
    surveyed: bool,
    /// The index of the part whose header was over last, and what its MIME fields say, once it is
    /// known.
    headed: Option<(u32, OnceLock<Arc<MimeFields>>)>,
    /// See [`declared_charset`]; asked for again when the next header is over.
    declared: OnceLock<Option<Charset>>,
}

/// A field body in [`Structure::fields`].
#[derive(Clone, Copy, Debug)]
struct Stored {
    start: u32,
    end: u32,
    /// Where it stands in the source.
    at: u64,
}

#[derive(Clone, Debug, Default)]
struct PartData {
    parent: Option<u32>,
    depth: u32,
    /// It is the n-th child of its parent, from 1.
    ordinal: u32,
    children: u32,
    is_message: bool,
    in_digest: bool,
    /// It is a multipart/signed.
    is_signed: bool,
    /// A signature covers it: it stands in the first part of a multipart/signed.
    is_covered: bool,
    /// It has a file name.
    is_named: bool,
    eol: Eol,
    media: Media,
    coding: Coding,
    content_type: Option<Stored>,
    transfer_encoding: Option<Stored>,
    disposition: Option<Stored>,
    content_id: Option<Stored>,
    description: Option<Stored>,
    header: Option<Span>,
    body: Option<Span>,
    size: Option<u64>,
    lines: Option<u64>,
}

impl Structure {
    /// A structure without parts, to be filled by a [`Builder`].
    pub fn new(limits: Limits, fallback: Charset) -> Structure {
        Structure {
            parts: Vec::new(),
            findings: Vec::new(),
            fields: Vec::new(),
            context: Context { limits, fallback },
            length: 0,
            offset: 0,
            surveyed: false,
            headed: None,
            declared: OnceLock::new(),
        }
    }

    fn clear(&mut self) {
        self.parts.clear();
        self.findings.clear();
        self.fields.clear();
        (self.length, self.offset) = (0, 0);
        self.headed = None;
        self.declared.take();
    }

    /// Keeps a finding, if there is room; the first that finds none leaves a note. That another limit
    /// was met is said all the same, once: what hides behind it must not hide behind small faults.
    fn keep(&mut self, rule: Rule, part: u32, span: Option<Span>) {
        let limit = self.context.limits.findings;
        if self.findings.len() < limit {
            return self.findings.push(Finding { rule, part, span });
        }
        if self.findings.len() == limit {
            self.findings.push(Finding { rule: Rule::D016, part, span });
        }
        let is_limit = rule.info().id.starts_with('D');
        if is_limit && self.findings[limit..].iter().all(|finding| finding.rule != rule) {
            self.findings.push(Finding { rule, part, span });
        }
    }

    /// The parts in document order, multiparts and messages included.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = Part<'_>> {
        (0..self.parts.len() as u32).map(|index| Part { structure: self, index })
    }

    /// The part with this index in document order.
    pub fn part(&self, index: u32) -> Option<Part<'_>> {
        ((index as usize) < self.parts.len()).then_some(Part { structure: self, index })
    }

    /// What the MIME fields of the part `index` say, parsed once: only of the part whose header was
    /// over last, as a visitor is told.
    pub fn headed(&self, index: u32) -> Option<&MimeFields> {
        self.headed_fields(index).map(|fields| &**fields)
    }

    /// The same, to be kept.
    pub(crate) fn headed_fields(&self, index: u32) -> Option<&Arc<MimeFields>> {
        let (headed, fields) = self.headed.as_ref()?;
        let part = self.part(index).filter(|_| *headed == index)?;
        Some(fields.get_or_init(|| Arc::new(part.mime_fields())))
    }

    /// What is odd, by part and place.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Octets of the message.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where the message begins in its source: of an mbox, behind the `From ` line.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether bodies were read: sizes, lines and the findings about content are known.
    pub fn surveyed(&self) -> bool {
        self.surveyed
    }

    /// What the reading of fields depends on.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

impl Default for Builder {
    /// A builder with the default limits that decodes every leaf, and reads octets over 127 as
    /// windows-1252 where nothing says what they are.
    fn default() -> Builder {
        let Context { limits, fallback } = Context::default();
        Builder::new(limits, fallback, true)
    }
}

impl Builder {
    /// A reader of what `source` yields, for [`Builder::read`]: within the builder's limits, and
    /// looking for what it wants to know. `separator` is what stands between messages.
    pub fn reader<R: Read>(&self, source: R, separator: Separator) -> Reader<R> {
        Reader::new(source, self.structure().context.limits, self.walk_options(separator))
    }
}

/// The MIME fields of a part.
#[derive(Clone, Debug)]
pub struct MimeFields {
    /// Its Content-Type, if it has one.
    pub content_type: Option<ContentType>,
    /// Its Content-Disposition, if it has one.
    pub disposition: Option<Parameterised>,
    in_digest: bool,
}

impl MimeFields {
    /// See [`Part::essence`].
    pub fn essence(&self) -> &str {
        match &self.content_type {
            Some(content_type) => &content_type.essence,
            None if self.in_digest => "message/rfc822",
            None => "text/plain",
        }
    }

    /// Whether it is `essence` that is declared.
    fn is_declared(&self, essence: &str) -> bool {
        self.content_type.as_ref().is_some_and(|content_type| content_type.essence == essence)
    }

    /// See [`Part::charset`].
    pub fn charset(&self) -> Option<String> {
        self.label().map(str::to_ascii_lowercase)
    }

    /// The same as it is written.
    fn label(&self) -> Option<&str> {
        self.content_type.as_ref()?.written.get("charset")
    }

    /// See [`Part::filename`].
    pub fn filename(&self) -> Option<String> {
        mime::filename(self.disposition.as_ref(), self.content_type.as_ref(), &mut ())
    }
}

/// A part of a [`Structure`]. What its fields say is parsed at every call.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    structure: &'a Structure,
    index: u32,
}

/// Deeper parts are named by their index: a dotted number would grow with the depth.
const NUMBERED_DEPTH: u32 = 100;

impl<'a> Part<'a> {
    fn data(&self) -> &'a PartData {
        &self.structure.parts[self.index as usize]
    }

    fn stored(&self, stored: Option<Stored>) -> Option<&'a [u8]> {
        let stored = stored?;
        Some(&self.structure.fields[stored.start as usize..stored.end as usize])
    }

    /// Its index in document order, from 0.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The multipart or message that it stands in.
    pub fn parent(&self) -> Option<Part<'a>> {
        self.data().parent.map(|index| Part { index, ..*self })
    }

    /// How many parts it stands in.
    pub fn depth(&self) -> u32 {
        self.data().depth
    }

    /// It is the n-th part of its parent, from 1.
    pub fn ordinal(&self) -> u32 {
        self.data().ordinal
    }

    /// How many parts stand directly in it.
    pub fn children(&self) -> u32 {
        self.data().children
    }

    /// Whether it is a whole message: the root, or what a `message/rfc822` holds.
    pub fn is_message(&self) -> bool {
        self.data().is_message
    }

    /// What it was treated as.
    pub fn media(&self) -> Media {
        self.data().media
    }

    /// Whether it has a body of its own: no multipart, no message that was walked into.
    pub fn is_leaf(&self) -> bool {
        self.media() == Media::Leaf
    }

    /// Whether a signature covers it: it stands in the first part of a multipart/signed (RFC 1847).
    pub fn is_covered(&self) -> bool {
        self.data().is_covered
    }

    /// What ends a line of it.
    pub fn eol(&self) -> Eol {
        self.data().eol
    }

    /// The coding of its body, as it was read.
    pub fn coding(&self) -> Coding {
        self.data().coding
    }

    /// The name of its transfer encoding: of one that is known its proper name, else what was
    /// written, in lower case.
    pub fn encoding(&self) -> String {
        match (self.coding(), self.stored(self.data().transfer_encoding)) {
            (Coding::Unknown, Some(body)) => {
                let name = mime::transfer_encoding_name(body).map_or(&b""[..], |(name, _)| name);
                String::from_utf8_lossy(name).to_ascii_lowercase()
            }
            (coding, _) => coding.name().to_owned(),
        }
    }

    /// Its section number (RFC 3501 §6.4.5): `1`, `2.1`; a multipart root, which has none there, is
    /// `0` (inside part 2: `2.0`); over 100 levels deep, `#` and the index.
    pub fn number(&self) -> String {
        let mut number = String::new();
        self.write_number(&mut number);
        number
    }

    /// Appends its section number to `number`.
    pub fn write_number(&self, number: &mut String) {
        if self.depth() > NUMBERED_DEPTH {
            let _ = write!(number, "#{}", self.index);
            return;
        }
        // Most parts are whole messages.
        if self.depth() == 0 && !matches!(self.media(), Media::Multipart { .. }) {
            number.push('1');
            return;
        }
        let mut ordinals = [0; NUMBERED_DEPTH as usize + 1];
        let mut count = 0;
        let mut part = *self;
        loop {
            let is_multipart = matches!(part.media(), Media::Multipart { .. });
            match (part.is_message(), count) {
                // A multipart that is a message gives its parts no level of their own.
                (true, 1..) if is_multipart => {}
                (true, _) => {
                    ordinals[count] = u32::from(!is_multipart);
                    count += 1;
                }
                (false, _) => {
                    ordinals[count] = part.ordinal();
                    count += 1;
                }
            }
            match part.parent() {
                Some(parent) => part = parent,
                None => break,
            }
        }
        for (i, ordinal) in ordinals[..count].iter().rev().enumerate() {
            if i > 0 {
                number.push('.');
            }
            let _ = write!(number, "{ordinal}");
        }
    }

    /// What its MIME fields say, parsed. The getters below parse them anew at every call: whoever
    /// wants several of them asks here.
    pub fn mime_fields(&self) -> MimeFields {
        let context = &self.structure.context;
        let content_type = self.stored(self.data().content_type);
        let disposition = self.stored(self.data().disposition);
        MimeFields {
            content_type: content_type.map(|body| mime::content_type(body, context, &mut ())),
            disposition: disposition.map(|body| mime::disposition(body, context, &mut ())),
            in_digest: self.data().in_digest,
        }
    }

    /// Its Content-Type, if it has one.
    pub fn content_type(&self) -> Option<ContentType> {
        self.mime_fields().content_type
    }

    /// `type/subtype` in lower case: what is declared, or the default where nothing is (RFC 2045
    /// §5.2, RFC 2046 §5.1.5).
    pub fn essence(&self) -> String {
        self.mime_fields().essence().to_owned()
    }

    /// The type its content is treated as: `application/octet-stream` where the transfer encoding
    /// is unknown (RFC 2045 §6.4), else [`Part::essence`].
    pub fn effective_type(&self) -> String {
        self.effective_type_of(&self.mime_fields()).to_owned()
    }

    /// The same by its fields, which are `fields`.
    pub fn effective_type_of<'f>(&self, fields: &'f MimeFields) -> &'f str {
        match self.coding() {
            Coding::Unknown => "application/octet-stream",
            _ => fields.essence(),
        }
    }

    /// The charset as it was declared.
    pub fn charset(&self) -> Option<String> {
        self.mime_fields().charset()
    }

    /// Its Content-Disposition.
    pub fn disposition(&self) -> Option<Parameterised> {
        self.mime_fields().disposition
    }

    /// Its file name, as the fields give it: not safe to be used as one.
    pub fn filename(&self) -> Option<String> {
        self.mime_fields().filename()
    }

    /// Its Content-ID without the angle brackets.
    pub fn content_id(&self) -> Option<String> {
        ids::parse(self.stored(self.data().content_id)?).into_iter().next()
    }

    /// Its Content-Description, decoded.
    pub fn description(&self) -> Option<Text> {
        let body = self.stored(self.data().description)?;
        Some(words::decode(body, Place::Text, &self.structure.context, &mut ()))
    }

    /// The octets of its header with the empty line that ends it; `None` inside a part that was
    /// decoded first.
    pub fn header(&self) -> Option<Span> {
        self.data().header
    }

    /// The octets of its body; of a multipart, with preamble, parts and epilogue.
    pub fn body(&self) -> Option<Span> {
        self.data().body
    }

    /// Octets of a leaf after decoding; `None` for others, and if bodies were not read.
    pub fn size(&self) -> Option<u64> {
        self.data().size
    }

    /// Lines of a text leaf after decoding; a last one without line end counts.
    pub fn lines(&self) -> Option<u64> {
        self.data().lines
    }
}
