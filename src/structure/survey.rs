//! What reading a body tells: its size, its lines, and what is odd about its octets, its coding and
//! its charset.

use super::glance::Glance;
use super::lines::{FirstLine, LineWatch, Place, judge_first};
use super::{MimeFields, Part, TextDecoder};
use crate::base::{Eol, Rule, Shifted, Sink, Span};
use crate::transfer::{Coding, Survey};

/// LIMIT: a charset is chosen by this much of a body.
const SAMPLE: usize = 64 * 1024;

/// What the survey of a leaf found.
pub(super) struct Surveyed {
    /// Octets of the content.
    pub(super) size: u64,
    /// Lines of the content, if it is text.
    pub(super) lines: Option<u64>,
    /// Where the body stands.
    pub(super) span: Span,
    /// Whether lines of the body end with CRLF, and with LF alone.
    pub(super) crlf: bool,
    pub(super) lf: bool,
}

/// The survey of one leaf.
#[derive(Debug)]
pub(super) struct BodySurvey {
    octets: Glance,
    /// For what a signature covers.
    signed: Option<Survey>,
    /// For text whose lines stand in the message as they are, or nearly so.
    lines: Option<LineWatch>,
    /// For what is no message, nor a piece of one.
    first: Option<FirstLine>,
    /// What is odd about it.
    first_is_odd: Option<Rule>,
    coding: Coding,
    eol: Eol,
    size: u64,
    text: Option<TextSurvey>,
}

/// The survey of a body that is text.
#[derive(Debug)]
struct TextSurvey {
    decoder: TextDecoder,
    line_ends: u64,
    last: Option<u8>,
    eol: Eol,
}

impl BodySurvey {
    /// A survey of the body of `part`, whose fields are `fields`.
    pub(super) fn new(part: &Part<'_>, fields: &MimeFields) -> BodySurvey {
        let eol = part.eol();
        let is_text = part.effective_type_of(fields).starts_with("text/");
        let text = is_text.then(|| TextSurvey::new(part, fields));
        BodySurvey {
            octets: Glance::new(eol),
            signed: part.is_covered().then(|| Survey::new(eol)),
            lines: (is_text
                && (part.coding().is_identity() || part.coding() == Coding::QuotedPrintable))
                .then(|| LineWatch::new(Place::Text, eol)),
            first: (!is_of_message(fields.essence())).then(|| FirstLine::new(eol)),
            first_is_odd: None,
            coding: part.coding(),
            eol,
            size: 0,
            text,
        }
    }

    /// A piece of the body as it stands, which begins at `offset`.
    pub(super) fn raw<S: Sink>(&mut self, octets: &[u8], offset: u64, sink: &mut S) {
        self.octets.update(octets);
        let first = self.first.as_mut().and_then(|first| first.update(octets));
        if let Some(line) = first {
            self.first_is_odd = judge_first(line, self.coding);
        }
        if let Some(signed) = &mut self.signed {
            signed.update(octets);
        }
        if let Some(lines) = &mut self.lines {
            lines.update(octets, offset, sink);
        }
    }

    /// A piece of the decoded body.
    pub(super) fn content(&mut self, octets: &[u8]) {
        self.size += octets.len() as u64;
        if let Some(text) = &mut self.text {
            text.update(octets);
        }
    }

    /// What the body was; `start` is where it begins.
    pub(super) fn finish<S: Sink>(mut self, start: u64, sink: &mut S) -> Surveyed {
        if let Some(lines) = self.lines {
            lines.finish(sink);
        }
        self.octets.finish();
        let octets = &self.octets;
        let body = Span::new(start, start + octets.octets);
        let shifted = &mut Shifted::new(sink, start);
        let first = self.first.as_ref().and_then(FirstLine::finish);
        let first = first.and_then(|line| judge_first(line, self.coding));
        if let Some(rule) = self.first_is_odd.or(first) {
            shifted.report(rule, Span::new(0, 1));
        }
        report_octets(octets, self.coding, self.eol, shifted);
        if let Some(signed) = self.signed {
            report(Rule::S010, octets.first_eight_bit, shifted);
            report(Rule::S011, signed.finish().trailing_wsp, shifted);
        }
        let lines = self.text.map(|text| text.finish(body, sink));
        Surveyed { size: self.size, lines, span: body, crlf: octets.crlf, lf: octets.lf }
    }
}

/// Whether a body of this type begins with header fields.
fn is_of_message(essence: &str) -> bool {
    essence.starts_with("message/") || essence == "text/rfc822-headers"
}

/// What is odd about the octets of a body; spans count from its start.
fn report_octets<S: Sink>(octets: &Glance, coding: Coding, eol: Eol, sink: &mut S) {
    if eol == Eol::Lf {
        report(Rule::L002, octets.first_bare_cr, sink);
    }
    if let Some(line) = octets.first_long_line {
        sink.report(Rule::L010, line);
    }
    if coding != Coding::Binary {
        report(Rule::L011, octets.first_nul, sink);
    }
    if coding == Coding::SevenBit {
        report(Rule::E050, octets.first_eight_bit, sink);
    }
}

/// Reports an octet, if there is one of its kind.
fn report<S: Sink>(rule: Rule, first: Option<u64>, sink: &mut S) {
    if let Some(at) = first {
        sink.report(rule, Span::new(at, at + 1));
    }
}

impl TextSurvey {
    fn new(part: &Part<'_>, fields: &MimeFields) -> TextSurvey {
        TextSurvey {
            decoder: TextDecoder::of(part, fields, false).judging(SAMPLE),
            line_ends: 0,
            last: None,
            eol: part.eol(),
        }
    }

    fn update(&mut self, octets: &[u8]) {
        self.line_ends += memchr::memchr_iter(self.eol.octet(), octets).count() as u64;
        self.last = octets.last().copied().or(self.last);
        self.decoder.decode(octets, None, &mut |_| {});
    }

    /// The number of lines; `body` is where the text stands.
    fn finish<S: Sink>(mut self, body: Span, sink: &mut S) -> u64 {
        let reading = self.decoder.finish(None, &mut |_| {});
        if let Some(rule) = reading.choice.rule {
            sink.report(rule, body);
        }
        if reading.replaced > 0 {
            sink.report(Rule::C013, body);
        }
        let ended = self.last.is_none_or(|last| last == self.eol.octet());
        self.line_ends + u64::from(!ended)
    }
}
