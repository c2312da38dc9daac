//! What reading a body tells: its size, its lines, and what is odd about its octets, its coding and
//! its charset.

use super::{Part, TextDecoder};
use crate::base::{Eol, Rule, Shifted, Sink, Span, chars};
use crate::simd::scan::{self, Starts};
use crate::transfer::{Census, Coding, Survey, uuencode};

/// LIMIT: a charset is chosen by this much of a body.
const SAMPLE: usize = 64 * 1024;

/// LIMIT: a line is judged by this much of it.
const LINE_HEAD: usize = 256;

/// What the survey of a leaf found.
pub(super) struct Surveyed {
    /// Octets of the content.
    pub(super) size: u64,
    /// Lines of the content, if it is text.
    pub(super) lines: Option<u64>,
    /// Where the body stands.
    pub(super) span: Span,
    /// Lines of the body that end with CRLF, and with LF alone.
    pub(super) crlf: u64,
    pub(super) lf: u64,
}

/// The survey of one leaf.
#[derive(Debug)]
pub(super) struct BodySurvey {
    octets: Survey,
    lines: LineWatch,
    coding: Coding,
    eol: Eol,
    is_covered: bool,
    size: u64,
    text: Option<TextSurvey>,
}

/// The survey of a body that is text.
#[derive(Debug)]
struct TextSurvey {
    decoder: TextDecoder,
    /// The text of a piece, which nobody wants.
    text: String,
    line_ends: u64,
    last: Option<u8>,
    eol: Eol,
}

impl BodySurvey {
    /// A survey of the body of `part`.
    pub(super) fn new(part: &Part<'_>) -> BodySurvey {
        let eol = part.eol();
        let is_text = part.effective_type().starts_with("text/");
        let text = is_text.then(|| TextSurvey::new(part));
        BodySurvey {
            octets: Survey::new(eol),
            lines: LineWatch::new(is_text && part.coding() != Coding::Base64, eol),
            coding: part.coding(),
            eol,
            is_covered: part.is_covered(),
            size: 0,
            text,
        }
    }

    /// A piece of the body as it stands, which begins at `offset`.
    pub(super) fn raw<S: Sink>(&mut self, octets: &[u8], offset: u64, sink: &mut S) {
        self.octets.update(octets);
        self.lines.update(octets, offset, sink);
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
        self.lines.finish(sink);
        let census = self.octets.finish();
        let body = Span::new(start, start + census.octets);
        let shifted = &mut Shifted::new(sink, start);
        report_octets(&census, self.coding, self.eol, shifted);
        if self.is_covered {
            report_signed(&census, shifted);
        }
        let lines = self.text.map(|text| text.finish(body, sink));
        Surveyed { size: self.size, lines, span: body, crlf: census.crlf, lf: census.lf }
    }
}

/// What is odd about the octets of a body; spans count from its start.
fn report_octets<S: Sink>(census: &Census, coding: Coding, eol: Eol, sink: &mut S) {
    if eol == Eol::Lf {
        report(Rule::L002, census.first_bare_cr, 1, sink);
    }
    report(Rule::L010, census.first_long_line, census.longest_line, sink);
    if coding != Coding::Binary {
        report(Rule::L011, census.first_nul, 1, sink);
    }
    if coding == Coding::SevenBit {
        report(Rule::E050, census.first_eight_bit, 1, sink);
    }
}

/// What endangers a signature over the body.
fn report_signed<S: Sink>(census: &Census, sink: &mut S) {
    report(Rule::S010, census.first_eight_bit, 1, sink);
    report(Rule::S011, census.trailing_wsp, 1, sink);
}

fn report<S: Sink>(rule: Rule, first: Option<u64>, len: u64, sink: &mut S) {
    if let Some(at) = first {
        sink.report(rule, Span::new(at, at + len));
    }
}

impl TextSurvey {
    fn new(part: &Part<'_>) -> TextSurvey {
        TextSurvey {
            decoder: TextDecoder::new(part, false).with_sample(SAMPLE),
            text: String::new(),
            line_ends: 0,
            last: None,
            eol: part.eol(),
        }
    }

    fn update(&mut self, octets: &[u8]) {
        self.line_ends += memchr::memchr_iter(self.eol.octet(), octets).count() as u64;
        self.last = octets.last().copied().or(self.last);
        self.text.clear();
        self.decoder.decode(octets, None, &mut self.text);
    }

    /// The number of lines; `body` is where the text stands.
    fn finish<S: Sink>(mut self, body: Span, sink: &mut S) -> u64 {
        self.text.clear();
        let reading = self.decoder.finish(None, &mut self.text);
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

/// Looks for lines that other programs stop at: `From ` (M002) and `begin 644 name` (I001). Each is
/// reported once a body.
#[derive(Debug)]
struct LineWatch {
    is_on: bool,
    eol: Eol,
    starts: Starts,
    at_line_start: bool,
    /// The start of a line that goes on behind the last piece, if it is worth keeping.
    head: Vec<u8>,
    head_at: u64,
    saw_from: bool,
    saw_begin: bool,
}

impl LineWatch {
    fn new(is_on: bool, eol: Eol) -> LineWatch {
        LineWatch {
            is_on,
            eol,
            starts: Starts::new(b"Fb"),
            at_line_start: true,
            head: Vec::new(),
            head_at: 0,
            saw_from: false,
            saw_begin: false,
        }
    }

    fn update<S: Sink>(&mut self, octets: &[u8], offset: u64, sink: &mut S) {
        if !self.is_on || octets.is_empty() {
            return;
        }
        if !self.head.is_empty() {
            self.go_on(octets, sink);
        } else if self.at_line_start && matches!(octets[0], b'F' | b'b') {
            self.line(octets, offset, sink);
        }
        let mut from = 0;
        while let Some(end) = scan::line_start(octets, from, self.eol.octet(), &self.starts) {
            from = end + 1;
            self.line(&octets[from..], offset + from as u64, sink);
        }
        self.at_line_start = octets.last() == Some(&self.eol.octet());
    }

    fn finish<S: Sink>(&mut self, sink: &mut S) {
        let head = std::mem::take(&mut self.head);
        self.judge(&head, self.head_at, sink);
    }

    /// A line that begins here; judged now if all that counts of it is at hand.
    fn line<S: Sink>(&mut self, text: &[u8], at: u64, sink: &mut S) {
        let text = &text[..text.len().min(LINE_HEAD)];
        match self.eol.first_line(text) {
            Some((content, _)) => self.judge(&text[..content], at, sink),
            None if text.len() == LINE_HEAD => self.judge(text, at, sink),
            None => {
                self.head.extend_from_slice(text);
                self.head_at = at;
            }
        }
    }

    /// The line whose head was kept goes on here.
    fn go_on<S: Sink>(&mut self, octets: &[u8], sink: &mut S) {
        let end = memchr::memchr(self.eol.octet(), octets);
        let room = LINE_HEAD - self.head.len();
        let len = end.unwrap_or(octets.len()).min(room);
        self.head.extend_from_slice(&octets[..len]);
        if end.is_some() || len == room {
            self.finish(sink);
        }
    }

    fn judge<S: Sink>(&mut self, line: &[u8], at: u64, sink: &mut S) {
        let line = chars::trim_end(line);
        let span = Span::new(at, at + line.len() as u64);
        if !self.saw_from && line.starts_with(b"From ") {
            self.saw_from = true;
            sink.report(Rule::M002, span);
        }
        if !self.saw_begin && uuencode::find_begin(line).is_some() {
            self.saw_begin = true;
            sink.report(Rule::I001, span);
        }
    }
}
