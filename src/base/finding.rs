//! Findings: what is odd about a message, by rule and place.
//!
//! The table of the rules stands in `rules`.

use super::{Rule, Span};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; no program should stumble over it.
    Note,
    /// Against an RFC; some programs read it otherwise.
    Warning,
    /// Programs are known to disagree on what the message holds, or something is lost.
    Error,
}

impl Severity {
    /// The name used in reports: `error`, `warning` or `note`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Whether a finding can be mended without changing what a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Yes.
    Safe,
    /// There is no remedy that could be applied blindly.
    None,
}

impl Fix {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Fix::Safe => "safe",
            Fix::None => "none",
        }
    }
}

/// One odd place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is odd.
    pub rule: Rule,
    /// The part it was found in: its index in document order.
    pub part: u32,
    /// The octets; `None` where they are no octets of the message itself, inside a part that was
    /// decoded first.
    pub span: Option<Span>,
}

/// Takes the findings of a parser as they come. `()` ignores them at no cost.
pub trait Sink {
    /// False if reporting can be left out altogether.
    const LISTENING: bool = true;
    /// Something odd stands at `span`, counted from the start of what the parser was given.
    fn report(&mut self, rule: Rule, span: Span);
    /// What is reported from here on belongs to the part with this index.
    fn part(&mut self, index: u32) {
        let _ = index;
    }
}

impl Sink for () {
    const LISTENING: bool = false;
    #[inline]
    fn report(&mut self, _: Rule, _: Span) {}
}

impl Sink for Vec<(Rule, Span)> {
    fn report(&mut self, rule: Rule, span: Span) {
        self.push((rule, span));
    }
}

impl<S: Sink> Sink for &mut S {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, span: Span) {
        (**self).report(rule, span);
    }
    fn part(&mut self, index: u32) {
        (**self).part(index);
    }
}

/// A sink for a parser that is given a piece which begins `base` octets into the whole.
#[derive(Debug)]
pub struct Shifted<'a, S> {
    sink: &'a mut S,
    base: u64,
}

impl<'a, S: Sink> Shifted<'a, S> {
    /// Passes everything on to `sink`, `base` octets further right.
    pub fn new(sink: &'a mut S, base: u64) -> Shifted<'a, S> {
        Shifted { sink, base }
    }
}

impl<S: Sink> Sink for Shifted<'_, S> {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, span: Span) {
        self.sink.report(rule, span.shifted(self.base));
    }
}
