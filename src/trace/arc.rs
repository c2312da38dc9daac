//! ARC sets (RFC 8617): the three fields that a server adds with one number.
//!
//! What the fields say is put together, and sets that are not whole are reported. Whether a chain is
//! valid needs keys, and is not told.
//!
//! May use: base, dkim.

use std::collections::BTreeMap;

use crate::base::{Rule, Sink, Span};
use crate::dkim::Signature;

/// The fields of one number.
#[derive(Clone, Debug, Default)]
pub struct ArcSet {
    /// `i=`.
    pub instance: u32,
    /// Its ARC-Seal; of several the topmost.
    pub seal: Option<Seal>,
    /// Which of [`Trace::signatures`](super::Trace::signatures) is its ARC-Message-Signature.
    pub signature: Option<usize>,
    /// Which of [`Trace::checks`](super::Trace::checks) is its ARC-Authentication-Results.
    pub results: Option<usize>,
    /// The index of its hop; `None` if it stands below all of them.
    pub hop: Option<usize>,
}

/// What an ARC-Seal says (RFC 8617 §4.1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seal {
    /// `d=`, who sealed.
    pub domain: Option<String>,
    /// `s=`, with which of its keys.
    pub selector: Option<String>,
    /// `a=`.
    pub algorithm: Option<String>,
    /// `cv=`, what became of the chain before it: `none`, `pass` or `fail`, in lower case.
    pub validation: Option<String>,
    /// `t=`, when, in seconds since 1970.
    pub time: Option<u64>,
}

impl Seal {
    pub(super) fn of(tags: &Signature) -> Seal {
        let validation = tags.tags.iter().find(|(name, _)| name == "cv");
        Seal {
            domain: tags.domain.clone(),
            selector: tags.selector.clone(),
            algorithm: tags.algorithm.clone(),
            validation: validation.map(|(_, value)| value.to_ascii_lowercase()),
            time: tags.time,
        }
    }
}

/// One of the three fields.
#[derive(Clone, Debug)]
pub(super) enum ArcField {
    Seal(Seal),
    Signature(usize),
    Results(usize),
}

/// A field of a set, with its number and place.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) instance: Option<u32>,
    pub(super) field: ArcField,
    pub(super) hop: Option<usize>,
    pub(super) span: Span,
}

/// LIMIT: the numbers that a set may have (RFC 8617 §4.2.1).
const INSTANCES: u32 = 50;

/// Puts the fields together. What is odd is reported at the field where it shows.
pub(super) fn sets<S: Sink>(fields: Vec<Found>, sink: &mut S) -> Vec<ArcSet> {
    let mut sets: BTreeMap<u32, (ArcSet, Span)> = BTreeMap::new();
    for Found { instance, field, hop, span } in fields {
        let Some(instance) = instance.filter(|it| (1..=INSTANCES).contains(it)) else {
            sink.report(Rule::S026, span);
            continue;
        };
        let (set, _) = sets
            .entry(instance)
            .or_insert_with(|| (ArcSet { instance, hop, ..ArcSet::default() }, span));
        let is_twice = match field {
            ArcField::Seal(seal) => take(&mut set.seal, seal),
            ArcField::Signature(index) => take(&mut set.signature, index),
            ArcField::Results(index) => take(&mut set.results, index),
        };
        if is_twice {
            sink.report(Rule::S026, span);
        }
    }
    let mut expected = 1;
    for (set, span) in sets.values() {
        let is_whole = set.seal.is_some() && set.signature.is_some() && set.results.is_some();
        if !is_whole || set.instance != expected {
            sink.report(Rule::S026, *span);
        }
        expected = set.instance + 1;
    }
    sets.into_values().map(|(set, _)| set).collect()
}

/// Keeps the first; whether there was one already.
fn take<T>(place: &mut Option<T>, value: T) -> bool {
    let is_taken = place.is_some();
    place.get_or_insert(value);
    is_taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_sets_together() {
        /// `S1`: a seal of set 1; the number of sets; how many findings.
        const CASES: &[(&str, usize, usize)] = &[
            ("", 0, 0),
            ("S1 M1 R1", 1, 0),
            ("S2 M2 R2 S1 M1 R1", 2, 0),
            ("R1 S1 M1", 1, 0),
            ("S1 M1", 1, 1),
            ("S2 M2 R2", 1, 1),
            ("S1 M1 R1 S3 M3 R3", 2, 1),
            ("S1 M1 R1 S1", 1, 1),
            ("S0", 0, 1),
            ("S51", 0, 1),
            ("S-", 0, 1),
        ];
        for &(fields, expected, odd) in CASES {
            let field = |text: &str| Found {
                instance: text[1..].parse().ok(),
                field: match &text[..1] {
                    "S" => ArcField::Seal(Seal::default()),
                    "M" => ArcField::Signature(0),
                    _ => ArcField::Results(0),
                },
                hop: None,
                span: Span::from(0..1),
            };
            let mut findings = Vec::new();
            let sets = sets(fields.split_whitespace().map(field).collect(), &mut findings);
            assert_eq!((sets.len(), findings.len()), (expected, odd), "{fields}");
        }
    }
}
