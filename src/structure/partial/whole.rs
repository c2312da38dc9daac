//! The fragments of one message, and whether they make it.
//!
//! May use: nothing.

use std::collections::BTreeMap;

use super::Fragment;

/// LIMIT: so many gaps among the fragments are named.
const GAPS: usize = 10;

/// The fragments with one id, which come in any order.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// By number: which one it is, and the digest of what it holds.
    fragments: BTreeMap<u32, (usize, u128)>,
    again: Vec<(usize, usize)>,
    contradiction: Option<(usize, usize, u32)>,
    /// The first total that a fragment gives, and the first that is another.
    total: Option<(usize, u32)>,
    other_total: Option<(usize, u32)>,
}

/// What can be done with the fragments of a message. Fragments are called what they were called when
/// they were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All are there, in this order.
    Complete(Vec<usize>),
    /// Some are not: in words, `2-4, 7 of 9`.
    Missing(String),
    /// None says how many there are.
    NoTotal,
    /// Two fragments say how many there are, and differ.
    Totals((usize, u32), (usize, u32)),
    /// The number of this one is larger than the total.
    Behind(usize, u32),
    /// Two fragments have the same number, and differ.
    Contradiction(usize, usize, u32),
}

impl Whole {
    /// One more fragment, called `i`, whose content has this digest; one that has no number belongs
    /// nowhere.
    pub fn add(&mut self, i: usize, says: &Fragment, digest: u128) {
        let Some(number) = says.number else { return };
        if let Some(total) = says.total {
            match self.total {
                None => self.total = Some((i, total)),
                Some((_, first)) if first == total => {}
                Some(_) => self.other_total = self.other_total.or(Some((i, total))),
            }
        }
        match self.fragments.get(&number) {
            None => {
                self.fragments.insert(number, (i, digest));
            }
            Some(&(first, before)) if before == digest => self.again.push((i, first)),
            Some(&(first, _)) => {
                self.contradiction = self.contradiction.or(Some((first, i, number)));
            }
        }
    }

    /// How many numbers there are fragments of.
    pub fn count(&self) -> usize {
        self.fragments.len()
    }

    /// Fragments that are there twice, and the same, each with the one that counts.
    pub fn again(&self) -> &[(usize, usize)] {
        &self.again
    }

    /// Whether they make a message.
    pub fn verdict(&self) -> Verdict {
        if let Some((first, second, number)) = self.contradiction {
            return Verdict::Contradiction(first, second, number);
        }
        let total = match (self.total, self.other_total) {
            (None, _) => return Verdict::NoTotal,
            (Some(first), Some(other)) => return Verdict::Totals(first, other),
            (Some((_, total)), None) => total,
        };
        if let Some((&number, &(last, _))) = self.fragments.last_key_value()
            && number > total
        {
            return Verdict::Behind(last, total);
        }
        match self.fragments.len() as u64 == u64::from(total) {
            true => Verdict::Complete(self.fragments.values().map(|&(i, _)| i).collect()),
            false => Verdict::Missing(self.gaps(total)),
        }
    }

    /// The numbers that are missing: `2-4, 7 of 9`.
    fn gaps(&self, total: u32) -> String {
        let mut gaps = Vec::new();
        let mut next = 1;
        let ends = self.fragments.keys().map(|&number| u64::from(number));
        for number in ends.chain([u64::from(total) + 1]) {
            match number - next {
                0 => {}
                1 => gaps.push(next.to_string()),
                _ => gaps.push(format!("{next}-{}", number - 1)),
            }
            next = number + 1;
            if gaps.len() > GAPS {
                gaps[GAPS] = "…".to_owned();
                break;
            }
        }
        format!("{} of {total}", gaps.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_message() {
        type One = (u32, Option<u32>, u128);
        let cases: &[(&str, &[One], Verdict)] = &[
            (
                "all",
                &[(2, None, 0), (1, None, 0), (3, Some(3), 0)],
                Verdict::Complete(vec![1, 0, 2]),
            ),
            ("the only one", &[(1, Some(1), 0)], Verdict::Complete(vec![0])),
            ("twice", &[(1, Some(1), 7), (1, None, 7)], Verdict::Complete(vec![0])),
            ("one missing", &[(1, Some(3), 0), (3, None, 0)], Verdict::Missing("2 of 3".into())),
            (
                "several",
                &[(3, Some(9), 0), (6, None, 0)],
                Verdict::Missing("1-2, 4-5, 7-9 of 9".into()),
            ),
            ("no total", &[(1, None, 0), (2, None, 0)], Verdict::NoTotal),
            ("two totals", &[(1, Some(2), 0), (2, Some(3), 0)], Verdict::Totals((0, 2), (1, 3))),
            ("too many", &[(1, Some(1), 0), (2, None, 0)], Verdict::Behind(1, 1)),
            (
                "two that differ",
                &[(1, Some(2), 7), (2, None, 0), (1, None, 8)],
                Verdict::Contradiction(0, 2, 1),
            ),
            (
                "the largest numbers",
                &[(u32::MAX, Some(u32::MAX), 0)],
                Verdict::Missing(format!("1-{} of {}", u32::MAX - 1, u32::MAX)),
            ),
        ];
        for (name, fragments, expected) in cases {
            let mut whole = Whole::default();
            for (i, &(number, total, digest)) in fragments.iter().enumerate() {
                whole.add(i, &Fragment { number: Some(number), total, id: None }, digest);
            }
            assert_eq!(whole.verdict(), *expected, "{name}");
        }
    }
}
