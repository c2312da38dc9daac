//! Collects what a trace is made of, field by field, then the body.
//!
//! May use: base, header, walk, structure, dkim.

use std::io;

use super::arc::{self, ArcField, Found, Seal};
use super::delay::delays;
use super::fields::{hop_of, is_mark};
use super::judged;
use super::signed::{Counts, Signed};
use super::unread::Unread;
use super::{Check, FromLine, Hop, Mark, Said, Trace};
use crate::base::chars::{is_fws, trim};
use crate::base::{Finding, Rule, Sink, Span};
use crate::dkim::{self, BodyHasher};
use crate::header::received::{link, party};
use crate::header::{Field, auth, date, received, unfold};
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// LIMIT: signatures whose body hash is looked at, as each costs a hash of the whole body.
const SIGNATURES: usize = 16;

/// Makes a [`Trace`]: shown a message in order, or as the visitor of its structure. Used again for the
/// next message after [`Tracer::finish`].
///
/// ```
/// use septet::header::Field;
/// use septet::trace::Tracer;
///
/// let mut tracer = Tracer::default();
/// for field in [
///     "Received: from b.example by c.example; Mon, 1 Jan 2024 10:00:30 +0000",
///     "Received: from a.example by b.example; Mon, 1 Jan 2024 11:00:00 +0100",
/// ] {
///     tracer.field(&Field::parse(field.as_bytes()).expect("a field"), None);
/// }
/// let trace = tracer.finish();
/// assert_eq!(trace.hops[0].server.name.as_deref(), Some("b.example"));
/// assert_eq!(trace.hops[1].delay.seconds, Some(30));
/// ```
#[derive(Debug, Default)]
pub struct Tracer {
    trace: Trace,
    /// How many Received fields stand above each of these, in the order of the trace.
    above_marks: Vec<usize>,
    above_checks: Vec<usize>,
    above_signatures: Vec<usize>,
    /// The fields of ARC sets, with the number of Received fields above each.
    arc: Vec<(Found, usize)>,
    counts: Counts,
    hashers: Vec<BodyHasher>,
    in_body: bool,
    unread: Unread,
    /// The limits that ended the reading of the header.
    limits: Vec<Finding>,
}

impl Tracer {
    /// The `From ` line of the mbox, before the first field.
    pub fn from_line(&mut self, line: &[u8]) {
        let line = trim(line);
        let rest = line.strip_prefix(b"From ").unwrap_or_default().trim_ascii_start();
        let end = rest.iter().position(|&c| is_fws(c)).unwrap_or(rest.len());
        let (sender, behind) = rest.split_at(end);
        self.trace.from_line.get_or_insert_with(|| FromLine {
            text: lossy(line),
            sender: (!sender.is_empty()).then(|| lossy(sender)),
            date: date::parse(behind, &mut ()),
        });
    }

    /// The next field of the message's own header; `span` are its octets in the message, if they are
    /// known.
    pub fn field(&mut self, field: &Field<'_>, span: Option<Span>) {
        let name = field.name.to_ascii_lowercase();
        *self.counts.entry(name.clone()).or_default() += 1;
        let mut found: Vec<(Rule, Span)> = Vec::new();
        match &name[..] {
            b"received" => self.hop(field, span, &mut found),
            b"date" if self.trace.written.is_none() => {
                self.trace.written = date::parse(field.body, &mut ());
            }
            b"authentication-results" | b"arc-authentication-results" => {
                let results = auth::results(field.body, &mut found);
                if name.starts_with(b"arc") {
                    let index = self.trace.checks.len();
                    self.arc_field(results.instance, ArcField::Results(index), span);
                }
                self.check(field, Said::Results(results), span);
            }
            b"received-spf" => {
                self.check(field, Said::Spf(auth::spf(field.body, &mut found)), span);
            }
            b"arc-seal" => self.seal(field, span, &mut found),
            _ if dkim::is_signature_field(&name) => self.signature(field, span, &mut found),
            _ if is_mark(&name) => {
                let (name, text) = (lossy(field.name), said(field.body));
                self.trace.marks.push(Mark { name, text, hop: None, span });
                self.above_marks.push(self.trace.hops.len());
            }
            _ => {}
        }
        let start = span.map(|span| span.start + field.body_start as u64);
        let place = |at: Span| start.map(|start| at.shifted(start));
        let findings = found.into_iter().map(|(rule, at)| (rule, place(at)));
        self.trace.findings.extend(findings.map(|(rule, span)| Finding { rule, part: 0, span }));
    }

    fn hop(&mut self, field: &Field<'_>, span: Option<Span>, sink: &mut impl Sink) {
        let received = received::parse(field.body);
        let host =
            |clause: &Option<String>| clause.as_deref().map(party::parse).unwrap_or_default();
        let link = link::parse(&received);
        // A program that handles a message without a host of its own says so in a comment, or names
        // itself as a list server does.
        let is_taken = received.by.is_some()
            || received.note.as_deref().is_some_and(|note| note.starts_with('('))
            || received.with.is_some()
            || received.via.is_some();
        let has_rest = received.rest.is_some() && !link::says_tls(&received);
        let is_read = is_taken && received.date.is_some() && !has_rest;
        if !is_read {
            sink.report(Rule::H044, Span::from(0..field.body.len()));
        }
        self.trace.hops.push(Hop {
            client: host(&received.from),
            server: host(&received.by),
            link,
            time: received.date.map(|date| date.timestamp()),
            delay: super::Delay::default(),
            text: said(field.body),
            is_read,
            received,
            span,
        });
    }

    fn check(&mut self, field: &Field<'_>, says: Said, span: Option<Span>) {
        let (name, text) = (lossy(field.name), said(field.body));
        self.trace.checks.push(Check { name, text, said: says, hop: None, span });
        self.above_checks.push(self.trace.hops.len());
    }

    fn seal(&mut self, field: &Field<'_>, span: Option<Span>, sink: &mut impl Sink) {
        // It lacks tags that a signature must have.
        let mut found: Vec<(Rule, Span)> = Vec::new();
        let tags = dkim::parse(field.body, &mut found);
        for (rule, at) in found.into_iter().filter(|(rule, _)| *rule == Rule::S020) {
            sink.report(rule, at);
        }
        let tags = tags.unwrap_or_default();
        let instance = tags.identity.as_deref().and_then(|instance| instance.parse().ok());
        self.arc_field(instance, ArcField::Seal(Seal::of(&tags)), span);
    }

    fn signature(&mut self, field: &Field<'_>, span: Option<Span>, sink: &mut impl Sink) {
        // Without a tag nothing is known but that it is odd.
        let signature = dkim::parse(field.body, sink).unwrap_or_default();
        let index = self.trace.signatures.len();
        if index < SIGNATURES {
            self.hashers.push(BodyHasher::new(&signature));
        } else if index == SIGNATURES {
            sink.report(Rule::S027, Span::from(0..field.body.len()));
        }
        let signed = Signed { text: said(field.body), ..Signed::new(field.name, signature, span) };
        if signed.name.len() != "DKIM-Signature".len() {
            self.arc_field(signed.instance, ArcField::Signature(index), span);
        }
        self.trace.signatures.push(signed);
        self.above_signatures.push(self.trace.hops.len());
    }

    fn arc_field(&mut self, instance: Option<u32>, field: ArcField, span: Option<Span>) {
        let found = Found { instance, field, hop: None, span: span.unwrap_or_default() };
        self.arc.push((found, self.trace.hops.len()));
    }

    /// A piece of the body as it stands in the message: all octets behind the empty line that ends its
    /// header.
    pub fn body(&mut self, octets: &[u8]) {
        self.hashers.iter_mut().for_each(|hasher| hasher.update(octets));
    }

    /// The message is over.
    pub fn finish(&mut self) -> Trace {
        let tracer = std::mem::take(self);
        let Tracer { mut trace, counts, .. } = tracer;
        let count = trace.hops.len();
        trace.hops.reverse();
        let times: Vec<Option<i64>> = trace.hops.iter().map(|hop| hop.time).collect();
        let written = trace.written.map(|date| date.timestamp());
        for (hop, delay) in trace.hops.iter_mut().zip(delays(written, &times)) {
            hop.delay = delay;
        }
        let hops = &trace.hops;
        let name_of = |hop: usize| hops.get(hop)?.server.name.clone();
        let place = |above: usize, server: Option<&str>| hop_of(above, count, server, name_of);
        for (mark, above) in trace.marks.iter_mut().zip(tracer.above_marks) {
            mark.hop = place(above, None);
        }
        for (check, above) in trace.checks.iter_mut().zip(tracer.above_checks) {
            check.hop = place(above, server_of(&check.said));
        }
        for (signed, above) in trace.signatures.iter_mut().zip(tracer.above_signatures) {
            signed.hop = place(above, None);
            signed.compare(&counts);
        }
        for (signed, hasher) in trace.signatures.iter_mut().zip(tracer.hashers) {
            signed.body = Some(hasher.finish());
        }
        trace.broken = judged::broken(&trace.checks, &trace.signatures);
        let placed = |(found, above): (Found, usize)| Found { hop: place(above, None), ..found };
        let mut found: Vec<(Rule, Span)> = Vec::new();
        trace.arc = arc::sets(tracer.arc.into_iter().map(placed).collect(), &mut found);
        let findings = found.into_iter();
        let known = |span: Span| Some(span).filter(|span| *span != Span::default());
        trace.findings.extend(findings.map(|(rule, span)| Finding {
            rule,
            part: 0,
            span: known(span),
        }));
        trace.findings.extend(tracer.limits);
        trace.unread_hops = tracer.unread.count();
        trace
    }
}

/// The server that a check names.
fn server_of(says: &Said) -> Option<&str> {
    match says {
        Said::Results(results) => results.server.as_deref(),
        Said::Spf(spf) => {
            let receiver = spf.properties.iter().find(|(name, _)| name == "receiver");
            // `(mx.example: domain of …)`
            let named = || spf.comment.as_deref()?.split_once(": ").map(|(name, _)| name);
            receiver.map(|(_, value)| value.as_str()).or_else(named)
        }
    }
}

/// A field body with single spaces.
fn said(body: &[u8]) -> String {
    let unfolded = unfold(body);
    let words = unfolded.split(|&c| is_fws(c)).filter(|word| !word.is_empty());
    lossy(&words.collect::<Vec<_>>().join(&b' '))
}

fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// The message's own header, and all that follows it as it stands.
impl Visitor for Tracer {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        match kind {
            _ if at.decoded > 0 => {}
            Kind::HeaderEnd if at.part == 0 => {}
            _ if self.in_body => self.body(octets),
            Kind::FromLine => self.from_line(octets),
            Kind::Opaque => self.unread.unread(octets),
            Kind::Junk => self.unread.read(octets),
            Kind::Field => {
                self.unread.read(octets);
                if let Some(field) = Field::parse(octets) {
                    self.field(&field, at.span);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.in_body = true;
            let is_limit = |it: &&Finding| {
                it.part == 0 && matches!(it.rule, Rule::D003 | Rule::D004 | Rule::D005)
            };
            self.limits.extend(structure.findings().iter().filter(is_limit).cloned());
        }
        Ok(Want::Nothing)
    }
}
