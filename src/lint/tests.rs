//! Every rule has an example that fires it and one that does not.

use super::examples::{EXAMPLES, of};
use crate::base::RULES;

#[test]
fn every_rule_has_examples_that_are_true() {
    assert_eq!(EXAMPLES.len(), RULES.len());
    let mut wrong = Vec::new();
    for info in RULES {
        let example = of(info.rule);
        assert_eq!(example.rule, info.rule);
        for (octets, fires) in [(example.fires, true), (example.clean, false)] {
            let found = example.findings(octets);
            if found.iter().any(|finding| finding.rule == info.rule) != fires {
                let ids: Vec<_> = found.iter().map(|finding| finding.rule.info().id).collect();
                wrong.push(format!("{}: fires {fires} expected, found {ids:?}", info.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
