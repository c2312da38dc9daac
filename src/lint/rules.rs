//! Which rules count: all, some by id, by the beginning of an id, or by name, all but some.
//!
//! May use: base.

use std::error::Error;
use std::fmt;

use crate::base::{RULES, Rule};

/// A set of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules(Vec<bool>);

/// What names no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no rule is called `{}`, nor begins so", self.0)
    }
}

impl Error for UnknownRule {}

impl Default for Rules {
    /// All rules.
    fn default() -> Rules {
        Rules(vec![true; RULES.len()])
    }
}

impl Rules {
    /// The rules that each of `texts` means: an id (`B030`), the beginning of some (`B`, `B03`), or a
    /// name (`no-close-delimiter`); letter case apart.
    pub fn of<T: AsRef<str>>(texts: &[T]) -> Result<Rules, UnknownRule> {
        let mut rules = Rules(vec![false; RULES.len()]);
        for text in texts {
            let text = text.as_ref().trim();
            let is_start = |id: &str| {
                id.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
            };
            let mut any = false;
            for (info, is_in) in RULES.iter().zip(&mut rules.0) {
                let is_meant = is_start(info.id) || info.name.eq_ignore_ascii_case(text);
                *is_in |= is_meant;
                any |= is_meant;
            }
            if !any || text.is_empty() {
                return Err(UnknownRule(text.to_owned()));
            }
        }
        Ok(rules)
    }

    /// These without the `others`.
    #[must_use]
    pub fn without(mut self, others: &Rules) -> Rules {
        for (is_in, other) in self.0.iter_mut().zip(&others.0) {
            *is_in &= !other;
        }
        self
    }

    /// Whether `rule` is one of them.
    pub fn have(&self, rule: Rule) -> bool {
        self.0[rule as usize]
    }

    /// Each of them, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = Rule> {
        RULES.iter().map(|info| info.rule).filter(|&rule| self.have(rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_named_by_id_start_and_name() {
        let cases: &[(&[&str], &str)] = &[
            (&["B030"], "B030"),
            (&["b030", "no-date"], "B030 H001"),
            (&["B03"], "B030 B031 B032 B033 B034 B035 B036 B037 B038"),
            (&["No-Close-Delimiter"], "B030"),
            (&[" I ", "M001"], "I001 M001"),
        ];
        for &(texts, expected) in cases {
            let rules = Rules::of(texts).expect("rules");
            let ids: Vec<_> = rules.iter().map(|rule| rule.info().id).collect();
            assert_eq!(ids.join(" "), expected);
        }
        for text in ["", "B9", "no-such", "B0300"] {
            assert_eq!(Rules::of(&[text]), Err(UnknownRule(text.to_owned())));
        }
    }

    #[test]
    fn some_are_left_out() {
        let rules = Rules::of(&["B03"]).expect("rules");
        let rules = rules.without(&Rules::of(&["B030", "B031", "T"]).expect("rules"));
        assert!(!rules.have(Rule::B030) && rules.have(Rule::B032) && !rules.have(Rule::T001));
        assert_eq!(Rules::default().iter().count(), RULES.len());
    }
}
