//! Which fragments there are, and whether they make a message.
//!
//! May use: what the commands may.

use std::collections::BTreeMap;
use std::io;

use xxhash_rust::xxh3::Xxh3;

use super::super::shelf::{Note, Shelf};
use crate::base::{Eol, Span};
use crate::structure::{Fragment, Structure, Visitor, Want};
use crate::transfer::Coding;

/// LIMIT: so many gaps among the fragments are named.
const GAPS: usize = 10;

/// What is known of a fragment.
pub(super) struct Known {
    pub(super) says: Fragment,
    /// Where its body stands in it.
    pub(super) body: Span,
    pub(super) coding: Coding,
    pub(super) eol: Eol,
    /// Of the decoded body, line ends apart.
    digest: u128,
}

/// Watches a message, whether it is a fragment.
#[derive(Default)]
pub(super) struct Watch {
    hasher: Xxh3,
    says: Option<Fragment>,
}

impl Visitor for Watch {
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.says = structure.part(0).and_then(|part| Fragment::of(&part));
        }
        Ok(if self.says.is_some() { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        octets.split(|&c| c == b'\r').for_each(|piece| self.hasher.update(piece));
        Ok(())
    }
}

impl Note for Watch {
    type Note = Known;

    fn finish(self, structure: &Structure) -> Option<Known> {
        let part = structure.part(0)?;
        Some(Known {
            says: self.says?,
            body: part.body()?,
            coding: part.coding(),
            eol: part.eol(),
            digest: self.hasher.digest128(),
        })
    }
}

/// The fragments with one id.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) id: String,
    /// By number: which message of the shelf it is.
    pub(super) fragments: BTreeMap<u32, usize>,
    /// Fragments that are there twice, and the same, each with the one that counts.
    pub(super) again: Vec<(usize, usize)>,
    contradiction: Option<(usize, usize, u32)>,
    /// The first total that a fragment gives, and the first that is another.
    total: Option<(usize, u32)>,
    other_total: Option<(usize, u32)>,
}

/// What can be done with the fragments of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All are there, in this order.
    Complete(Vec<usize>),
    /// Some are not: in words.
    Missing(String),
    NoTotal,
    /// Two fragments say how many there are, and differ.
    Totals((usize, u32), (usize, u32)),
    /// A number is larger than the total.
    Behind(usize, u32),
    /// Two fragments have the same number, and differ.
    Contradiction(usize, usize, u32),
}

/// The messages that there are fragments of, by id; and the fragments that belong to none.
pub(super) fn wholes(shelf: &Shelf<Known>) -> (Vec<Whole>, Vec<usize>) {
    let mut wholes: BTreeMap<&str, Whole> = BTreeMap::new();
    let mut nameless = Vec::new();
    let known: Vec<&Known> = shelf.notes().collect();
    for (i, fragment) in known.iter().enumerate() {
        let (Some(id), Some(number)) = (&fragment.says.id, fragment.says.number) else {
            nameless.push(i);
            continue;
        };
        let new = || Whole { id: id.clone(), ..Whole::default() };
        wholes.entry(id).or_insert_with(new).add(i, number, &known);
    }
    (wholes.into_values().collect(), nameless)
}

impl Whole {
    fn add(&mut self, i: usize, number: u32, known: &[&Known]) {
        if let Some(total) = known[i].says.total {
            match self.total {
                None => self.total = Some((i, total)),
                Some((_, first)) if first == total => {}
                Some(_) => self.other_total = self.other_total.or(Some((i, total))),
            }
        }
        match self.fragments.get(&number) {
            None => {
                self.fragments.insert(number, i);
            }
            Some(&first) if known[first].digest == known[i].digest => self.again.push((i, first)),
            Some(&first) => {
                self.contradiction = self.contradiction.or(Some((first, i, number)));
            }
        }
    }

    /// Whether they make a message.
    pub(super) fn verdict(&self) -> Verdict {
        if let Some((first, second, number)) = self.contradiction {
            return Verdict::Contradiction(first, second, number);
        }
        let total = match (self.total, self.other_total) {
            (None, _) => return Verdict::NoTotal,
            (Some(first), Some(other)) => return Verdict::Totals(first, other),
            (Some((_, total)), None) => total,
        };
        if let Some((&number, &last)) = self.fragments.last_key_value()
            && number > total
        {
            return Verdict::Behind(last, total);
        }
        match self.fragments.len() as u32 == total {
            true => Verdict::Complete(self.fragments.values().copied().collect()),
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

    fn known(total: Option<u32>, digest: u128) -> Known {
        Known {
            says: Fragment { total, ..Fragment::default() },
            body: Span::new(0, 0),
            coding: Coding::default(),
            eol: Eol::default(),
            digest,
        }
    }

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
            let known: Vec<Known> = fragments.iter().map(|it| known(it.1, it.2)).collect();
            let known: Vec<&Known> = known.iter().collect();
            let mut whole = Whole::default();
            for (i, fragment) in fragments.iter().enumerate() {
                whole.add(i, fragment.0, &known);
            }
            assert_eq!(whole.verdict(), *expected, "{name}");
        }
    }
}
