//! Which part, and which field, of one copy is which of the other.
//!
//! Linear, or nearly so: things are found by their digests, not by trying all with all.
//!
//! May use: dkim.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::signed;
use super::snapshot::{FieldSeen, Nature, PartSeen, SignatureSeen, Snapshot};
use crate::dkim;

/// Indices of what belongs together: both, or one of them alone.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// In the order of the first copy.
    pub(super) both: Vec<(usize, usize)>,
    pub(super) removed: Vec<usize>,
    pub(super) added: Vec<usize>,
}

/// Pairs things step by step: each step pairs what is left and has the same key.
struct Pairing {
    of_a: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl Pairing {
    fn new(a: usize, b: usize) -> Pairing {
        Pairing { of_a: vec![None; a], is_taken: vec![false; b] }
    }

    fn set(&mut self, a: usize, b: usize) {
        (self.of_a[a], self.is_taken[b]) = (Some(b), true);
    }

    /// Of several with the same key, the last belongs to the last: relays add at the top.
    fn step<K: Hash + Eq>(
        &mut self,
        key_a: impl Fn(usize) -> Option<K>,
        key_b: impl Fn(usize) -> Option<K>,
    ) {
        if !self.of_a.contains(&None) || !self.is_taken.contains(&false) {
            return;
        }
        let mut found: HashMap<K, VecDeque<usize>> = HashMap::new();
        for b in (0..self.is_taken.len()).filter(|&b| !self.is_taken[b]) {
            if let Some(key) = key_b(b) {
                found.entry(key).or_default().push_back(b);
            }
        }
        for a in (0..self.of_a.len()).rev() {
            if self.of_a[a].is_none()
                && let Some(key) = key_a(a)
                && let Some(b) = found.get_mut(&key).and_then(VecDeque::pop_back)
            {
                self.set(a, b);
            }
        }
    }

    fn finish(self) -> Pairs {
        let both = |(a, b): (usize, &Option<usize>)| b.map(|b| (a, b));
        let is_alone = |a: &usize| self.of_a[*a].is_none();
        Pairs {
            both: self.of_a.iter().enumerate().filter_map(both).collect(),
            removed: (0..self.of_a.len()).filter(is_alone).collect(),
            added: (0..self.is_taken.len()).filter(|&b| !self.is_taken[b]).collect(),
        }
    }
}

/// The fields of two headers: those that are written alike, then those that say the same, then those of
/// the same name. Signatures are not one for having one name; see [`signatures`].
pub(super) fn fields(a: (&Snapshot, &[&FieldSeen]), b: (&Snapshot, &[&FieldSeen])) -> Pairs {
    let mut pairing = Pairing::new(a.1.len(), b.1.len());
    let key = |field: &FieldSeen| (field.name.clone(), field.written);
    pairing.step(|i| Some(key(a.1[i])), |i| Some(key(b.1[i])));
    let key = |of: &Snapshot, field: &FieldSeen| (field.name.clone(), of.meaning(field));
    pairing.step(|i| Some(key(a.0, a.1[i])), |i| Some(key(b.0, b.1[i])));
    let traits = |of: &Snapshot, field: &FieldSeen, at: usize| {
        let is_meant = signed::is_signature(&field.name);
        let octets = is_meant.then(|| of.field(field)).flatten()?;
        signed::traits(&field.name, &dkim::parse(octets.body, &mut ())?)[at]
    };
    for at in 0..signed::TRAITS {
        pairing.step(|i| traits(a.0, a.1[i], at), |i| traits(b.0, b.1[i], at));
    }
    let name = |field: &FieldSeen| (!signed::is_signature(&field.name)).then(|| field.name.clone());
    pairing.step(|i| name(a.1[i]), |i| name(b.1[i]));
    pairing.finish()
}

/// The signatures of two headers: those with the same tags, then those with the same `b=`, then those
/// made with the same key.
pub(super) fn signatures(a: &[SignatureSeen], b: &[SignatureSeen]) -> Pairs {
    let mut pairing = Pairing::new(a.len(), b.len());
    for at in 0..signed::TRAITS {
        let traits = |seen: &SignatureSeen| signed::traits(&seen.name(), &seen.says)[at];
        pairing.step(|i| traits(&a[i]), |i| traits(&b[i]));
    }
    pairing.finish()
}

/// The parts of two messages. If these are built alike, by their places; else leaves by what they hold,
/// then all by type and number, by type, by number.
pub(super) fn parts(a: &[PartSeen], b: &[PartSeen]) -> Pairs {
    let mut pairing = Pairing::new(a.len(), b.len());
    fn built(part: &PartSeen) -> (Option<u32>, Nature, bool, &str) {
        (part.parent, part.nature, part.is_message, &part.essence)
    }
    if a.iter().map(built).eq(b.iter().map(built)) {
        (0..a.len()).for_each(|i| pairing.set(i, i));
        return pairing.finish();
    }
    let held = |part: &PartSeen| {
        let digest = part.text.map_or(part.decoded.lines, |text| text.trimmed);
        (part.nature == Nature::Leaf).then(|| (part.essence.clone(), digest))
    };
    pairing.step(|i| held(&a[i]), |i| held(&b[i]));
    let placed = |part: &PartSeen| Some((part.nature, part.essence.clone(), part.number.clone()));
    pairing.step(|i| placed(&a[i]), |i| placed(&b[i]));
    let typed = |part: &PartSeen| Some((part.nature, part.essence.clone()));
    pairing.step(|i| typed(&a[i]), |i| typed(&b[i]));
    let numbered = |part: &PartSeen| Some((part.nature, part.number.clone()));
    pairing.step(|i| numbered(&a[i]), |i| numbered(&b[i]));
    pairing.finish()
}

/// Of pairs in the order of the first copy, those that stand elsewhere in the second: as few as can be
/// that keep the others in one order.
pub(super) fn moved(both: &[(usize, usize)]) -> Vec<bool> {
    // The longest rising sequence, by the lowest end of each length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; both.len()];
    for (i, &(_, b)) in both.iter().enumerate() {
        let len = ends.partition_point(|&end| both[end].1 < b);
        before[i] = len.checked_sub(1).map(|len| ends[len]);
        match ends.get_mut(len) {
            Some(end) => *end = i,
            None => ends.push(i),
        }
    }
    let mut moved = vec![true; both.len()];
    let mut next = ends.last().copied();
    while let Some(i) = next {
        moved[i] = false;
        next = before[i];
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_as_can_be_are_moved() {
        let cases: &[(&[usize], &[bool])] = &[
            (&[], &[]),
            (&[0, 1, 2], &[false, false, false]),
            (&[3, 4, 9], &[false, false, false]),
            (&[2, 0, 1], &[true, false, false]),
            (&[1, 2, 0], &[false, false, true]),
            (&[0, 3, 1, 2], &[false, true, false, false]),
        ];
        for &(order, expected) in cases {
            let both: Vec<_> = order.iter().copied().enumerate().collect();
            assert_eq!(moved(&both), expected, "{order:?}");
        }
    }

    #[test]
    fn the_last_belong_together() {
        let (a, b) = (["x", "y", "x"], ["x", "x", "x", "y"]);
        let mut pairing = Pairing::new(a.len(), b.len());
        pairing.step(|i| Some(a[i]), |i| Some(b[i]));
        let pairs = pairing.finish();
        assert_eq!(pairs.both, [(0, 1), (1, 3), (2, 2)]);
        assert_eq!((pairs.removed, pairs.added), (vec![], vec![0]));
    }
}
