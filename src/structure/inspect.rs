//! Findings that need more than one token: about the MIME fields of a part, the fields of a message,
//! what stands around the parts, and the message as a whole.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::known::Known;
use super::{MimeFields, Part, Structure};
use crate::base::{Rule, Shifted, Sink, Span};
use crate::header::address::Address;
use crate::header::date::Date;
use crate::header::mime::Plain;
use crate::header::names::{Kind, Name};
use crate::header::words::{self, Place};
use crate::header::{Context, Text, address, date, lex, mime};
use crate::walk::Token;

/// What a field of a message says.
#[derive(Clone, Debug)]
pub enum Value {
    /// What the list of an address field holds.
    Addresses(Vec<Address>),
    /// The text of an unstructured field.
    Text(Text),
    /// The date of a date field, if one can be read.
    Date(Option<Date>),
}

/// Findings that the walk gives for the whole header; the parsers of single fields see them again.
struct NotTwice<'a, S>(&'a mut S);

impl<S: Sink> Sink for NotTwice<'_, S> {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, span: Span) {
        let seen = matches!(rule, Rule::H030 | Rule::H031) || rule.info().id.starts_with('B');
        if !seen {
            self.0.report(rule, span);
        }
    }
}

/// What is known of the MIME fields of a part whose header is over.
pub(super) struct Headed {
    /// It is a multipart/signed.
    pub(super) is_signed: bool,
    pub(super) is_named: bool,
    /// What they say; nothing yet if nobody had to know.
    pub(super) fields: OnceLock<Arc<MimeFields>>,
}

/// The header of `part` is over: what do its MIME fields say?
pub(super) fn headed<S: Sink>(part: &Part<'_>, known: &mut Known, sink: &mut S) -> Headed {
    let data = part.data();
    let content_type = part.stored(data.content_type).filter(|_| !data.in_digest);
    let disposition = part.stored(data.disposition);
    if let Some(fields) = content_type.and_then(|body| known.get(body, disposition)) {
        return Headed { is_signed: false, is_named: false, fields: Arc::clone(fields).into() };
    }
    let Some((is_signed, is_named)) = plainly_headed(part) else {
        let fields = parsed(part, sink);
        let is_signed = fields.is_declared("multipart/signed");
        let is_named = fields.filename().is_some();
        return Headed { is_signed, is_named, fields: Arc::new(fields).into() };
    };
    match content_type {
        Some(body) if part.is_leaf() && !is_signed && !is_named => {
            let fields = Arc::new(part.mime_fields());
            known.keep(body, disposition, &fields);
            Headed { is_signed, is_named, fields: fields.into() }
        }
        _ => Headed { is_signed, is_named, fields: OnceLock::new() },
    }
}

/// What the MIME fields of `part` say, and what is odd about them.
fn parsed<S: Sink>(part: &Part<'_>, sink: &mut S) -> MimeFields {
    let data = part.data();
    let context = &part.structure.context;
    let content_type = data.content_type.map(|stored| {
        let body = part.stored(Some(stored)).unwrap_or_default();
        let sink = &mut Shifted::new(sink, stored.at);
        let content_type = mime::content_type(body, context, &mut NotTwice(sink));
        match content_type.essence.as_str() {
            "message/partial" => sink.report(Rule::T020, Span::from(0..body.len())),
            "message/external-body" => sink.report(Rule::T021, Span::from(0..body.len())),
            _ => {}
        }
        content_type
    });
    let disposition = data.disposition.map(|stored| {
        let body = part.stored(Some(stored)).unwrap_or_default();
        let sink = &mut Shifted::new(sink, stored.at);
        mime::disposition(body, context, &mut NotTwice(sink))
    });
    if disposition.is_some() || content_type.is_some() {
        let at = data.disposition.or(data.content_type).map_or(0, |stored| stored.at);
        let sink = &mut Shifted::new(sink, at);
        mime::filename(disposition.as_ref(), content_type.as_ref(), sink);
    }
    MimeFields { content_type, disposition, in_digest: data.in_digest }
}

/// Whether `part` is a multipart/signed, and whether it has a file name, if its MIME fields are plain:
/// nothing is odd about them, and they need not be parsed for that.
fn plainly_headed(part: &Part<'_>) -> Option<(bool, bool)> {
    let data = part.data();
    let limit = part.structure.context.limits.params;
    let content_type = match part.stored(data.content_type) {
        Some(body) => Plain::content_type(body, limit)?,
        None => Plain::default(),
    };
    let disposition = match part.stored(data.disposition) {
        Some(body) => Plain::disposition(body, limit)?,
        None => Plain::default(),
    };
    let mut names = disposition.file_names().chain(content_type.file_names());
    let name = names.next();
    if names.any(|other| Some(other) != name) {
        return None;
    }
    let is_signed = content_type.kind.eq_ignore_ascii_case(b"multipart")
        && content_type.subtype.eq_ignore_ascii_case(b"signed");
    Some((is_signed, name.is_some()))
}

/// Looks at the fields of messages as they come by.
#[derive(Debug, Default)]
pub(super) struct FieldInspector {
    authors: usize,
    authors_at: Span,
    has_sender: bool,
    has_mime_version: bool,
}

impl FieldInspector {
    /// A message begins.
    pub(super) fn begin(&mut self) {
        *self = FieldInspector::default();
    }

    /// A field whose body stands at `at`; what it says, if that was found out.
    pub(super) fn inspect<S: Sink>(
        &mut self,
        name: Name,
        body: &[u8],
        context: &Context,
        at: u64,
        sink: &mut S,
    ) -> Option<Value> {
        let sink = &mut Shifted::new(sink, at);
        let whole = Span::from(0..body.len());
        match name {
            Name::MimeVersion if !self.has_mime_version => {
                self.has_mime_version = true;
                if !is_version_one(body) {
                    sink.report(Rule::T002, whole);
                }
                return None;
            }
            Name::Sender => self.has_sender = true,
            _ => {}
        }
        let sink = &mut NotTwice(sink);
        match name.kind() {
            Kind::Addresses => {
                let (count, value) = addresses(body, context, sink);
                if name == Name::From {
                    self.authors += count;
                    self.authors_at = whole.shifted(at);
                }
                value
            }
            Kind::Unstructured => {
                Some(Value::Text(words::decode(body, Place::Text, context, sink)))
            }
            Kind::Date => Some(Value::Date(date::parse(body, sink))),
            Kind::Ids | Kind::Parameters | Kind::Opaque => None,
        }
    }

    /// The header of a message is over.
    pub(super) fn end_of_header<S: Sink>(&mut self, sink: &mut S) {
        if self.authors > 1 && !self.has_sender {
            sink.report(Rule::A012, self.authors_at);
        }
        self.begin();
    }
}

/// How many addresses there are in a list, and what it holds unless it is plain: then nothing is odd about
/// it, and to read it again costs less than to keep what it says.
fn addresses<S: Sink>(body: &[u8], context: &Context, sink: &mut S) -> (usize, Option<Value>) {
    let list = match address::plain::survey(body) {
        Some(plain) if !plain.is_encoded => return (plain.count, None),
        Some(plain) => address::plain::parse(body, plain, context, sink),
        None => address::parse_odd(body, context, sink),
    };
    let count = list.iter().filter(|entry| entry.address.is_some()).count();
    (count, Some(Value::Addresses(list)))
}

/// `1.0`, with white space and comments anywhere (RFC 2045 §4).
fn is_version_one(body: &[u8]) -> bool {
    let mut at = 0;
    for wanted in *b"1.0" {
        at = lex::skip_cfws(body, at);
        if body.get(at) != Some(&wanted) {
            return false;
        }
        at += 1;
    }
    lex::skip_cfws(body, at) == body.len()
}

/// Whether the lines of a message end alike (L003).
#[derive(Debug, Default)]
pub(super) struct LineEnds {
    crlf: Option<Span>,
    lf: Option<Span>,
    /// The last octet of the token before: a preamble may be cut between CR and LF.
    last: u8,
}

impl LineEnds {
    /// The lines of a token that is no body; bodies are looked at by their survey.
    pub(super) fn look_at(&mut self, token: &Token<'_>) {
        // Nearly always all lines end with LF, and no octet can be the first of another kind.
        let is_known = self.lf.is_some() && self.last != b'\r';
        if is_known && memchr::memchr(b'\r', token.octets).is_none() {
            self.last = token.octets.last().copied().unwrap_or_default();
            return;
        }
        for at in memchr::memchr_iter(b'\n', token.octets) {
            let before = at.checked_sub(1).map_or(self.last, |before| token.octets[before]);
            let kind = if before == b'\r' { &mut self.crlf } else { &mut self.lf };
            kind.get_or_insert(Span::from(at..at + 1).shifted(token.offset));
        }
        self.last = token.octets.last().copied().unwrap_or_default();
    }

    /// A body at `span` has line ends of these kinds.
    pub(super) fn add(&mut self, crlf: bool, lf: bool, span: Span) {
        if crlf {
            self.crlf.get_or_insert(span);
        }
        if lf {
            self.lf.get_or_insert(span);
        }
    }

    /// Reports the first line end, or body, that is unlike those before it.
    pub(super) fn report<S: Sink>(&self, sink: &mut S) {
        if let (Some(crlf), Some(lf)) = (self.crlf, self.lf) {
            sink.part(0);
            sink.report(Rule::L003, if crlf.start > lf.start { crlf } else { lf });
        }
    }
}

/// The message is complete.
pub(super) fn whole(structure: &mut Structure) {
    let is_named = |part: &Part<'_>| part.is_leaf() && part.data().is_named;
    if structure.parts().filter(is_named).nth(1).is_none() {
        return;
    }
    let mut names: HashMap<String, u32> = HashMap::new();
    let mut collisions = Vec::new();
    for part in structure.parts().filter(is_named) {
        let Some(name) = part.filename() else { continue };
        if names.insert(name.to_lowercase(), part.index()).is_some() {
            collisions.push((part.index(), part.header()));
        }
    }
    for (part, span) in collisions {
        structure.keep(Rule::F006, part, span);
    }
}
