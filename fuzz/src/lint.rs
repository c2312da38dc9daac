//! The laws of what is odd about a message, of the other ways to read it, and of the way it came: spans
//! are inside the message, bounds hold, and the cut never shows.

use std::io;

use septet::base::{RULES, Span};
use septet::charset::Charset;
use septet::header::Context;
use septet::lint::{Linter, Noted, Transport};
use septet::structure::Builder;
use septet::trace::Tracer;
use septet::views::{self, Wanted};
use septet::walk::{Reader, Separator};

use crate::Input;

/// Holds the laws of the linter against a message.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let whole = lint(&input, input.text);
    assert_eq!(lint(&input, input.reader()), whole, "in pieces of {:?}", input.sizes);
}

/// What was found of each message, in a form that can be compared.
fn lint(input: &Input<'_>, source: impl io::Read) -> Vec<String> {
    let transports =
        [None, Some(Transport::SevenBit), Some(Transport::EightBitMime), Some(Transport::SmtpUtf8)];
    let limits = input.limits();
    let context = Context { limits, fallback: Charset::WINDOWS_1252 };
    let mut linter = Linter::new(transports[usize::from(input.choice >> 5 & 3)]);
    let mut builder = Builder::new(limits, context.fallback, true);
    let walk = builder.walk_options(input.options().separator);
    let mut reader = Reader::new(source, limits, walk);
    let mut all = Vec::new();
    loop {
        linter.begin(&context);
        let read = builder.read(&mut reader, &mut linter).expect("from memory");
        let Some(structure) = read else { return all };
        let found: Vec<Noted> = linter.finish(structure);
        assert!(found.len() <= 2 * limits.findings + RULES.len());
        for finding in &found {
            assert!(structure.part(finding.part).is_some(), "{finding:?}");
            assert_inside(finding.span, structure.length());
        }
        all.push(format!("{found:?}"));
    }
}

fn assert_inside(span: Option<Span>, length: u64) {
    let span = span.unwrap_or_default();
    assert!(span.start <= span.end && span.end <= length, "{span:?} of {length}");
}

/// Holds the laws of the other readings of a message.
pub fn check_views(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let limits = input.limits();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, true);
    let walk = builder.walk_options(Separator::None);
    let mut reader = Reader::new(input.text, limits, walk);
    let Some(structure) = builder.read(&mut reader, &mut ()).expect("from memory") else { return };
    for wanted in [Wanted::All, Wanted::Guesses] {
        let found = views::views(structure, input.text, wanted).expect("from memory");
        assert!(found.views.len() <= views::MOST);
        for view in &found.views {
            assert_inside(Some(view.span), structure.length());
            assert!(view.parts().len() > 0, "a view that shows nothing: {:?}", view.choice);
            for part in view.parts() {
                assert!(view.has(part.index()));
                (part.number(), view.index(part));
            }
            view.read(structure, input.text, &mut ()).expect("from memory");
        }
    }
}

/// Holds the laws of the way that a message came.
pub fn check_trace(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let whole = trace(input.text);
    assert_eq!(trace(input.reader()), whole, "in pieces of {:?}", input.sizes);
}

fn trace(source: impl io::Read) -> Vec<String> {
    let context = Context { fallback: Charset::WINDOWS_1252, ..Context::default() };
    let mut tracer = Tracer::default();
    let mut builder = Builder::new(context.limits, context.fallback, false);
    let walk = builder.walk_options(Separator::None);
    let mut reader = Reader::new(source, context.limits, walk);
    let mut all = Vec::new();
    while let Some(structure) = builder.read(&mut reader, &mut tracer).expect("from memory") {
        let trace = tracer.finish();
        for finding in &trace.findings {
            assert_inside(finding.span, structure.length());
        }
        trace.waited();
        all.push(format!("{trace:?}"));
    }
    all
}
