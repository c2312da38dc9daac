//! The laws of what servers write about a message: Authentication-Results, Received-SPF and ARC sets
//! are read whatever the octets, findings stand in them, and what points at something else finds it.

use septet::base::{Rule, Span};
use septet::header::{Field, auth};
use septet::trace::{Said, Trace, Tracer};

use crate::Input;

/// LIMIT: the numbers that an ARC set may have (RFC 8617 §4.2.1).
const INSTANCES: u32 = 50;

/// Holds the laws against a field body, and against fields, each a line with its folds.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    body(input.text);
    fields(input.text);
}

fn body(raw: &[u8]) {
    let mut found: Vec<(Rule, Span)> = Vec::new();
    let results = auth::results(raw, &mut found);
    assert_eq!(auth::results(raw, &mut ()), results, "with nobody listening");
    assert_inside(&found, raw);
    assert!(found.is_empty() || results.results.is_empty(), "{results:?}");
    for verdict in &results.results {
        // A version alone names no method.
        assert!(!verdict.method.contains('/'), "{verdict:?}");
        for word in [&verdict.method, &verdict.result] {
            assert!(!word.bytes().any(|c| c.is_ascii_uppercase()), "{verdict:?}");
        }
    }
    let mut found: Vec<(Rule, Span)> = Vec::new();
    let spf = auth::spf(raw, &mut found);
    assert_eq!(auth::spf(raw, &mut ()), spf, "with nobody listening");
    assert_inside(&found, raw);
    assert_eq!(found.is_empty(), spf.result.is_some());
    // No more is read than stands there.
    let read: usize = results.results.iter().map(|it| it.method.len() + it.result.len()).sum();
    assert!(read <= 3 * raw.len(), "{read} octets of {}", raw.len());
}

fn assert_inside(found: &[(Rule, Span)], raw: &[u8]) {
    for &(rule, span) in found {
        assert!(span.start <= span.end && span.end <= raw.len() as u64, "{rule:?} {span:?}");
    }
}

/// A header of these fields, with and without places.
fn fields(text: &[u8]) {
    let (mut tracer, mut placeless) = (Tracer::default(), Tracer::default());
    for (start, octets) in split(text) {
        let Some(field) = Field::parse(octets) else { continue };
        let span = Span::new(start as u64, (start + octets.len()) as u64);
        tracer.field(&field, Some(span));
        placeless.field(&field, None);
    }
    let trace = tracer.finish();
    assert_whole(&trace, text);
    let without = placeless.finish();
    assert_eq!(without.findings.len(), trace.findings.len());
    assert!(without.findings.iter().all(|finding| finding.span.is_none()));
    let said = |trace: &Trace| -> Vec<Said> {
        trace.checks.iter().map(|check| check.said.clone()).collect()
    };
    assert_eq!(said(&without), said(&trace));
}

/// The lines of a text, each with those behind it that begin with white space.
fn split(text: &[u8]) -> Vec<(usize, &[u8])> {
    let mut fields: Vec<(usize, &[u8])> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|&c| c == b'\n') {
        let start = match fields.last() {
            Some(&(start, _)) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                fields.pop();
                start
            }
            _ => at,
        };
        at += line.len();
        fields.push((start, &text[start..at]));
    }
    fields
}

fn assert_whole(trace: &Trace, text: &[u8]) {
    let hops = trace.hops.len();
    let is_hop = |hop: Option<usize>| hop.is_none_or(|hop| hop < hops);
    assert!(trace.checks.iter().all(|it| is_hop(it.hop)));
    assert!(trace.signatures.iter().all(|it| is_hop(it.hop)));
    assert!(trace.marks.iter().all(|it| is_hop(it.hop)));
    let mut before = 0;
    for set in &trace.arc {
        assert!(before < set.instance && set.instance <= INSTANCES, "{set:?}");
        before = set.instance;
        assert!(set.seal.is_some() || set.signature.is_some() || set.results.is_some(), "{set:?}");
        assert!(is_hop(set.hop), "{set:?}");
        if let Some(at) = set.signature {
            assert_eq!(trace.signatures[at].instance, Some(set.instance));
        }
        if let Some(at) = set.results {
            let Said::Results(results) = &trace.checks[at].said else { panic!("{set:?}") };
            assert_eq!(results.instance, Some(set.instance));
        }
    }
    for finding in &trace.findings {
        let span = finding.span.unwrap_or_default();
        assert!(span.start <= span.end && span.end <= text.len() as u64, "{finding:?}");
    }
}
