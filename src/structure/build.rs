//! From tokens to a [`Structure`], with the bodies that somebody wants to see decoded on the way.

use std::io::{self, Read};

use super::inspect::{self, FieldInspector, LineEnds, Value};
use super::known::Known;
use super::lines::AroundWatch;
use super::survey::BodySurvey;
use super::{PartData, Stored, Structure};
use crate::base::{Eol, Finding, Limits, Rule, Shifted, Sink, Span};
use crate::charset::Charset;
use crate::header::names::Name;
use crate::header::{Cut, Field};
use crate::transfer::{Coding, Decoder};
use crate::walk::{self, Kind, Options, Reader, Separator, Step, Token, Walker, Window};

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The part it belongs to.
    pub part: u32,
    /// How many encoded messages were decoded to get at it; 0 for octets of the message itself.
    pub decoded: u32,
    /// Its octets in the message; `None` inside an encoded message.
    pub span: Option<Span>,
}

/// What a [`Visitor`] wants of the body of a leaf; later is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Nothing: it need not be decoded.
    #[default]
    Nothing,
    /// Its octets, decoded.
    Decoded,
}

/// Watches a message while its structure is built. Everything is optional.
pub trait Visitor {
    /// A token, in order (without the empty lines between the messages of an mbox); what belongs to an encoded message comes between the pieces of its body.
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        let _ = (at, kind, octets);
        Ok(())
    }

    /// The last token once more, if it was a field: cut, and with its name if that is known.
    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        let _ = (at, name, field);
        Ok(())
    }

    /// What the field that was the last token says, if the survey found it out: it need not be parsed
    /// again.
    fn value(&mut self, at: At, value: Value) -> io::Result<()> {
        let _ = (at, value);
        Ok(())
    }

    /// The header of a part is over. Says whether its body is to be decoded, if it is a leaf.
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let _ = (structure, part);
        Ok(Want::Nothing)
    }

    /// A piece of the decoded body of a leaf that was asked for.
    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        let _ = (part, octets);
        Ok(())
    }

    /// A part is over: what [`Structure`] says of it is complete.
    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        let _ = (structure, part);
        Ok(())
    }
}

impl Visitor for () {}

/// Findings of one step, before it is known where they belong in the structure.
#[derive(Debug, Default)]
struct Pending {
    part: u32,
    found: Vec<(Rule, Span, u32)>,
}

impl Sink for Pending {
    fn report(&mut self, rule: Rule, span: Span) {
        self.found.push((rule, span, self.part));
    }
    fn part(&mut self, index: u32) {
        self.part = index;
    }
}

/// The open parts of one walk: of the message itself, or of an encoded message inside.
#[derive(Debug, Default)]
struct Frame {
    /// The index in the walk and the index in the structure, outermost first.
    open: Vec<(u32, u32)>,
    pending: Pending,
    leaf: Leaf,
    /// Watches the preamble or epilogue that is being read.
    around: Option<AroundWatch>,
    /// The part on top was left, but the encoded message in it is not read to its end yet.
    leaving: bool,
}

/// What is done with the body that is being read.
#[derive(Debug, Default)]
struct Leaf {
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    content: Want,
    survey: Option<BodySurvey>,
    is_message: bool,
    /// Where the body begins, counted like tokens are.
    start: Option<u64>,
}

/// An encoded message on its way from its decoder to its own walk.
#[derive(Debug)]
struct Inner {
    walker: Walker,
    window: Window,
}

/// Builds structures, one after the other, keeping its room.
#[derive(Debug)]
pub struct Builder {
    structure: Structure,
    options: Survey,
    /// One for the message, and one for each encoded message that is open.
    frames: Vec<Frame>,
    /// `inner[i]` feeds `frames[i + 1]`.
    inner: Vec<Inner>,
    fields: FieldInspector,
    known: Known,
    line_ends: LineEnds,
    eol: Eol,
    /// Whether the part that is read again is a message, and whether it stands in a digest.
    reread: Option<(bool, bool)>,
}

/// How much of a message is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survey {
    Structure,
    Bodies,
}

impl Builder {
    /// A builder of structures without sizes; `survey` decodes every leaf for its size and for the
    /// findings about content.
    pub fn new(limits: Limits, fallback: Charset, survey: bool) -> Builder {
        let mut structure = Structure::new(limits, fallback);
        structure.surveyed = survey;
        Builder {
            structure,
            options: if survey { Survey::Bodies } else { Survey::Structure },
            frames: vec![Frame::default()],
            inner: Vec::new(),
            fields: FieldInspector::default(),
            known: Known::default(),
            line_ends: LineEnds::default(),
            eol: Eol::Lf,
            reread: None,
        }
    }

    /// The options that a walk needs to serve this builder.
    pub fn walk_options(&self, separator: Separator) -> Options {
        Options { separator, near_misses: self.options == Survey::Bodies }
    }

    /// The structure of the message that was read last.
    pub fn structure(&self) -> &Structure {
        &self.structure
    }

    /// Reads the next message of `reader`; `None` if there is none.
    pub fn read<R: Read, V: Visitor>(
        &mut self,
        reader: &mut Reader<R>,
        visitor: &mut V,
    ) -> io::Result<Option<&Structure>> {
        self.begin(reader.walker().offset());
        self.run(reader, visitor)?;
        Ok((!self.structure.parts.is_empty()).then_some(&self.structure))
    }

    /// Reads a part again, in another way: the octets that `reader` has in the place of those of the
    /// part `part` of `outer`. What the part stands in comes before it in the result, as in `outer` but
    /// without its fields. Spans count from the first octet that is read.
    pub(crate) fn read_part<R: Read, V: Visitor>(
        &mut self,
        outer: &Structure,
        part: u32,
        reader: &mut Reader<R>,
        visitor: &mut V,
    ) -> io::Result<()> {
        self.begin(0);
        self.structure.stand_in(outer, part);
        let inside = self.structure.parts.len() as u32;
        if let Some(innermost) = inside.checked_sub(1) {
            self.frames[0].open.push((u32::MAX, innermost));
        }
        let read = outer.parts.get(part as usize);
        self.reread = read.map(|data| (data.is_message, data.in_digest));
        self.run(reader, visitor)?;
        self.structure.stand_beside(outer, part, inside);
        Ok(())
    }

    /// The structure of what was read last.
    pub(crate) fn into_structure(self) -> Structure {
        self.structure
    }

    /// Reads up to the end of the message.
    fn run<R: Read, V: Visitor>(
        &mut self,
        reader: &mut Reader<R>,
        visitor: &mut V,
    ) -> io::Result<()> {
        loop {
            self.eol = reader.walker().eol();
            // Not through events: there are many tokens, and to copy each costs more than all that is
            // done with most.
            match reader.step(&mut self.frames[0].pending)? {
                Step::Token(kind, len) => {
                    let cut = reader.walker().last_field();
                    self.token(0, &reader.take(kind, len), cut, visitor)?;
                }
                Step::EndOfMessage | Step::Done => break,
                step => self.step(0, step, &reader.walker().part(), visitor)?,
            }
            self.place_findings(0);
            if !self.inner.is_empty() {
                self.run_inner(visitor)?;
            }
        }
        if !self.structure.parts.is_empty() {
            self.finish();
        }
        Ok(())
    }

    fn begin(&mut self, offset: u64) {
        self.structure.clear();
        self.structure.offset = offset;
        self.inner.clear();
        self.frames.truncate(1);
        self.frames[0].open.clear();
        self.fields.begin();
        self.line_ends = LineEnds::default();
        self.reread = None;
    }

    fn finish(&mut self) {
        if self.options == Survey::Bodies {
            self.line_ends.report(&mut self.frames[0].pending);
            self.place_findings(0);
            inspect::whole(&mut self.structure);
        }
        // The walk looks ahead as far as its window goes, so they come in an order that depends on
        // how the input was cut; sorted, it does not show.
        if self.structure.findings.len() < 2 {
            return;
        }
        let key = |f: &Finding| (f.part, f.span.map_or(0, |span| span.start), f.rule);
        self.structure.findings.sort_by_key(key);
    }

    /// Walks on in the encoded messages as far as their octets go. The innermost that has something
    /// to read goes first; one that is dry hands back to the one that feeds it.
    fn run_inner<V: Visitor>(&mut self, visitor: &mut V) -> io::Result<()> {
        let mut at = self.inner.len();
        while at > 0 {
            let Inner { walker, window } = &mut self.inner[at - 1];
            let step = walker.step(window.text(), window.eof(), &mut self.frames[at].pending);
            match step {
                Step::NeedMore => at -= 1,
                Step::Done | Step::EndOfMessage => {
                    self.inner.truncate(at - 1);
                    self.frames.truncate(at);
                    at -= 1;
                    if self.frames[at].leaving {
                        self.left(at, visitor)?;
                    }
                }
                Step::Token(..) | Step::Enter | Step::Headed | Step::Leave => {
                    self.inner_step(at, step, visitor)?;
                    at = self.inner.len();
                }
            }
        }
        Ok(())
    }

    fn inner_step<V: Visitor>(&mut self, at: usize, step: Step, visitor: &mut V) -> io::Result<()> {
        let inner = &mut self.inner[at - 1];
        let walker = &inner.walker;
        let len = if let Step::Token(_, len) = step { len } else { 0 };
        // The window is taken out while its octets are looked at; the walk goes on with it.
        let mut window = std::mem::take(&mut inner.window);
        let (part, offset) = (walker.part(), walker.offset() - len as u64);
        let cut = walker.last_field();
        let octets = window.take(len);
        let result = match step {
            Step::Token(kind, _) => {
                let token = Token { kind, part: part.index, offset, octets };
                self.token(at, &token, cut, visitor)
            }
            step => self.step(at, step, &part, visitor),
        };
        self.place_findings(at);
        self.inner[at - 1].window = window;
        result
    }

    /// A step that is no token: what happens to `part`.
    fn step<V: Visitor>(
        &mut self,
        at: usize,
        step: Step,
        part: &walk::Part,
        visitor: &mut V,
    ) -> io::Result<()> {
        match step {
            Step::Enter => self.enter(at, part),
            Step::Headed => self.headed(at, part, visitor)?,
            Step::Leave => self.leave(at, part, visitor)?,
            Step::Token(..) | Step::NeedMore | Step::EndOfMessage | Step::Done => {}
        }
        Ok(())
    }

    /// The part of the structure that is innermost in this walk.
    fn top(&self, at: usize) -> u32 {
        self.frames[at].open.last().map_or(0, |&(_, index)| index)
    }

    fn data(&mut self, at: usize) -> &mut PartData {
        let top = self.top(at) as usize;
        &mut self.structure.parts[top]
    }

    fn enter(&mut self, at: usize, part: &walk::Part) {
        let index = self.structure.parts.len() as u32;
        // The root of an encoded message stands in the part that held it.
        let parent = match self.frames[at].open.last() {
            Some(&(_, parent)) => Some(parent),
            None => at.checked_sub(1).map(|outer| self.top(outer)),
        };
        let start = self.structure.length;
        let mut data = PartData {
            parent,
            header: (at == 0).then_some(Span::new(start, start)),
            ordinal: 1,
            is_message: part.is_message,
            in_digest: part.in_digest,
            ..PartData::default()
        };
        if let Some((is_message, in_digest)) = self.reread.take() {
            (data.is_message, data.in_digest) = (is_message, in_digest);
        }
        if let Some(parent) = parent {
            let parent = &mut self.structure.parts[parent as usize];
            parent.children += 1;
            (data.ordinal, data.depth) = (parent.children, parent.depth + 1);
            data.is_covered = parent.is_covered || parent.is_signed && data.ordinal == 1;
        }
        self.structure.parts.push(data);
        self.frames[at].open.push((part.index, index));
    }

    fn headed<V: Visitor>(
        &mut self,
        at: usize,
        part: &walk::Part,
        visitor: &mut V,
    ) -> io::Result<()> {
        let end = self.structure.length;
        let eol = match at.checked_sub(1) {
            Some(inner) => self.inner[inner].walker.eol(),
            None => self.eol,
        };
        let data = self.data(at);
        (data.media, data.coding, data.eol) = (part.media, part.coding, eol);
        data.body = (at == 0).then_some(Span::new(end, end));
        let top = self.top(at);
        let part_of = self.structure.part(top).expect("the part on top exists");
        let pending = &mut self.frames[at].pending;
        if part_of.is_message() {
            self.fields.end_of_header(pending);
        }
        let headed = inspect::headed(&part_of, &mut self.known, pending);
        let inspect::Headed { is_signed, is_named, fields } = headed;
        let data = self.data(at);
        (data.is_signed, data.is_named) = (is_signed, is_named);
        self.structure.headed = Some((top, fields));
        self.structure.declared.take();
        let content = visitor.headed(&self.structure, top)?;
        if part.has_own_body() {
            self.begin_body(at, part, content);
        }
        Ok(())
    }

    /// Makes ready for the body of a leaf or of an encoded message.
    fn begin_body(&mut self, at: usize, part: &walk::Part, content: Want) {
        let is_message = part.is_encoded_message();
        let survey = self.options == Survey::Bodies && !is_message;
        let top = self.top(at);
        let eol = self.structure.parts[top as usize].eol;
        let leaf = &mut self.frames[at].leaf;
        let wanted = is_message || survey || content == Want::Decoded;
        leaf.decoder = (wanted && !part.coding.is_identity() && part.coding != Coding::Unknown)
            .then(|| Decoder::new(part.coding, eol));
        leaf.content = content;
        leaf.is_message = is_message;
        (leaf.survey, leaf.start) = (None, None);
        if survey && let Some(fields) = self.structure.headed(top) {
            let part = self.structure.part(top).expect("the part on top exists");
            self.frames[at].leaf.survey = Some(BodySurvey::new(&part, fields));
        }
        if is_message {
            let limits = self.inner_limits(top);
            let walker = Walker::new(limits, self.walk_options(Separator::None));
            self.inner.push(Inner { walker, window: Window::default() });
            self.frames.push(Frame::default());
        }
    }

    /// What is left of the limits for a walk that begins inside this part.
    fn inner_limits(&self, part: u32) -> Limits {
        let limits = self.structure.context.limits;
        let depth = self.structure.parts[part as usize].depth + 1;
        Limits {
            depth: limits.depth.saturating_sub(depth),
            parts: limits.parts.saturating_sub(self.structure.parts.len() as u32),
            ..limits
        }
    }

    /// A token; if it is a field, `cut` says how it was cut.
    fn token<V: Visitor>(
        &mut self,
        at: usize,
        token: &Token<'_>,
        cut: Cut,
        visitor: &mut V,
    ) -> io::Result<()> {
        match token.kind {
            Kind::Gap => return Ok(()),
            Kind::Separator => {
                if self.structure.parts.is_empty() {
                    self.structure.offset = token.offset + token.octets.len() as u64;
                }
                return Ok(());
            }
            _ => {}
        }
        if at == 0 {
            self.measure(token);
        }
        let len = token.octets.len() as u64;
        let start = token.offset.saturating_sub(self.structure.offset);
        let span = (at == 0).then_some(Span::new(start, start + len));
        let part = self.top(at);
        let place = At { part, decoded: at as u32, span };
        visitor.token(place, token.kind, token.octets)?;
        if at == 0 && self.options == Survey::Bodies && token.kind != Kind::Body {
            self.line_ends.look_at(token);
        }
        match token.kind {
            Kind::Field => {
                let field = cut.field(token.octets);
                visitor.field(place, cut.known, &field)?;
                if let Some(name) = cut.known
                    && let Some(value) = self.field(at, name, &field, token.offset)
                {
                    visitor.value(place, value)?;
                }
            }
            Kind::Body => self.body(at, token, visitor)?,
            Kind::Preamble | Kind::Epilogue if self.options == Survey::Bodies => {
                let eol = self.data(at).eol;
                let Frame { around, pending, .. } = &mut self.frames[at];
                let is_preamble = token.kind == Kind::Preamble;
                let watch = around.get_or_insert_with(|| AroundWatch::new(eol, is_preamble));
                watch.update(token.octets, token.offset, pending);
            }
            _ => self.end_of_watch(at),
        }
        Ok(())
    }

    /// A preamble or epilogue is over.
    fn end_of_watch(&mut self, at: usize) {
        let Frame { around, pending, .. } = &mut self.frames[at];
        if let Some(watch) = around.take() {
            watch.finish(pending);
        }
    }

    /// Lets the spans of the open parts grow over a token of the message itself.
    #[inline]
    fn measure(&mut self, token: &Token<'_>) {
        let structure = &mut self.structure;
        if token.kind == Kind::FromLine && structure.length == 0 && token.part == 0 {
            structure.offset = token.offset + token.octets.len() as u64;
            return;
        }
        let end = token.offset + token.octets.len() as u64 - structure.offset;
        structure.length = end;
        let top = self.frames[0].open.last().map_or(0, |&(_, index)| index);
        let data = &mut structure.parts[top as usize];
        if data.body.is_none()
            && let Some(header) = &mut data.header
        {
            // What stands before the first field is no part of the header.
            if matches!(token.kind, Kind::FromLine | Kind::Bom) {
                header.start = end;
            }
            header.end = end;
        }
    }

    /// A field whose octets begin at `offset`; what it says, if that was found out.
    fn field(&mut self, at: usize, name: Name, field: &Field<'_>, offset: u64) -> Option<Value> {
        let body_at = offset + field.body_start as u64;
        let is_message = self.data(at).is_message;
        let frame = &mut self.frames[at];
        let mut value = None;
        if is_message && (self.options == Survey::Bodies || name == Name::MimeVersion) {
            let context = &self.structure.context;
            value = self.fields.inspect(name, field.body, context, body_at, &mut frame.pending);
        }
        let top = self.top(at) as usize;
        let data = &mut self.structure.parts[top];
        let stored = match name {
            Name::ContentType => &mut data.content_type,
            Name::ContentTransferEncoding => &mut data.transfer_encoding,
            Name::ContentDisposition => &mut data.disposition,
            Name::ContentId => &mut data.content_id,
            Name::ContentDescription => &mut data.description,
            _ => return value,
        };
        if stored.is_none() {
            *stored = store(&mut self.structure.fields, field.body, body_at);
        }
        value
    }

    fn body<V: Visitor>(
        &mut self,
        at: usize,
        token: &Token<'_>,
        visitor: &mut V,
    ) -> io::Result<()> {
        let part = self.top(at);
        let Frame { leaf, pending, .. } = &mut self.frames[at];
        let start = *leaf.start.get_or_insert(token.offset);
        if let Some(survey) = &mut leaf.survey {
            survey.raw(token.octets, token.offset, pending);
        }
        let Some(decoder) = &mut leaf.decoder else {
            return leaf.decoded(part, token.octets, visitor);
        };
        leaf.decoded.clear();
        if leaf.survey.is_some() {
            let mut sink = Shifted::new(pending, start);
            decoder.decode(token.octets, &mut leaf.decoded, &mut sink);
        } else {
            decoder.decode(token.octets, &mut leaf.decoded, &mut ());
        }
        self.deliver(at, part, visitor)
    }

    /// Hands on what was just decoded.
    fn deliver<V: Visitor>(&mut self, at: usize, part: u32, visitor: &mut V) -> io::Result<()> {
        let leaf = &mut self.frames[at].leaf;
        if leaf.is_message {
            self.inner[at].window.push(&leaf.decoded);
            return Ok(());
        }
        let decoded = std::mem::take(&mut leaf.decoded);
        let result = leaf.decoded(part, &decoded, visitor);
        leaf.decoded = decoded;
        result
    }

    fn leave<V: Visitor>(
        &mut self,
        at: usize,
        part: &walk::Part,
        visitor: &mut V,
    ) -> io::Result<()> {
        let top = self.top(at);
        if part.has_own_body() {
            let Frame { leaf, pending, .. } = &mut self.frames[at];
            if let Some(mut decoder) = leaf.decoder.take() {
                leaf.decoded.clear();
                let start = leaf.start.unwrap_or_default();
                match leaf.survey {
                    Some(_) => {
                        decoder.finish(&mut leaf.decoded, &mut Shifted::new(pending, start));
                    }
                    None => decoder.finish(&mut leaf.decoded, &mut ()),
                }
                self.deliver(at, top, visitor)?;
            }
        }
        if self.frames[at].leaf.is_message {
            self.frames[at].leaf.is_message = false;
            self.frames[at].leaving = true;
            self.inner[at].window.close();
            return Ok(());
        }
        self.left(at, visitor)
    }

    /// A part is complete.
    fn left<V: Visitor>(&mut self, at: usize, visitor: &mut V) -> io::Result<()> {
        self.end_of_watch(at);
        let top = self.top(at);
        let end = self.structure.length;
        let frame = &mut self.frames[at];
        frame.leaving = false;
        let data = &mut self.structure.parts[top as usize];
        if let Some(survey) = frame.leaf.survey.take() {
            let start = frame.leaf.start.unwrap_or_default();
            let surveyed = survey.finish(start, &mut frame.pending);
            (data.size, data.lines) = (Some(surveyed.size), surveyed.lines);
            if at == 0 {
                self.line_ends.add(surveyed.crlf, surveyed.lf, surveyed.span);
            }
        }
        if let Some(header) = data.header {
            data.body = Some(Span::new(data.body.map_or(header.end, |body| body.start), end));
        }
        self.place_findings(at);
        visitor.leave(&self.structure, top)?;
        self.frames[at].open.pop();
        Ok(())
    }

    /// Gives the findings of a step their part in the structure, and their place in the message.
    #[inline]
    fn place_findings(&mut self, at: usize) {
        if !self.frames[at].pending.found.is_empty() {
            self.place_found(at);
        }
    }

    fn place_found(&mut self, at: usize) {
        let structure = &mut self.structure;
        let frame = &mut self.frames[at];
        for (rule, span, walked) in frame.pending.found.drain(..) {
            let part = frame.open.iter().rev().find(|&&(index, _)| index == walked);
            let part = part.or(frame.open.last()).map_or(0, |&(_, index)| index);
            let from = structure.offset;
            let span = Span::new(span.start.saturating_sub(from), span.end.saturating_sub(from));
            let span = (at == 0).then_some(span);
            structure.keep(rule, part, span);
        }
    }
}

fn store(fields: &mut Vec<u8>, body: &[u8], at: u64) -> Option<Stored> {
    let start = u32::try_from(fields.len()).ok()?;
    let end = u32::try_from(fields.len() + body.len()).ok()?;
    fields.extend_from_slice(body);
    Some(Stored { start, end, at })
}

impl Leaf {
    /// A piece of content: to the survey, and to the visitor if it wants it.
    fn decoded<V: Visitor>(&mut self, part: u32, octets: &[u8], visitor: &mut V) -> io::Result<()> {
        if let Some(survey) = &mut self.survey {
            survey.content(octets);
        }
        match self.content {
            Want::Decoded if !octets.is_empty() => visitor.content(part, octets),
            _ => Ok(()),
        }
    }
}
