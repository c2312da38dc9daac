//! The boundaries of the multiparts that are open, innermost last.
//!
//! A delimiter candidate is compared with the few outermost, and looked up among the others by a hash,
//! so it costs the same at any depth: whoever nests a thousand multiparts and then writes a million
//! dashes gains nothing. The hash is keyed, so nobody can make boundaries collide on purpose.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// So many boundaries are gone through one by one; hardly any mail has more.
const FEW: usize = 6;

#[derive(Debug, Default)]
struct Entry {
    /// Kept when the entry is popped, so that its room serves the next one.
    boundary: Vec<u8>,
    level: usize,
    /// Of all entries but the outermost [`FEW`].
    hash: u64,
    /// The next outer entry with the same hash, among the same.
    shadowed: Option<usize>,
}

/// A stack of boundaries that can be searched.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    entries: Vec<Entry>,
    open: usize,
    by_hash: HashMap<u64, usize>,
    hasher: RandomState,
}

impl Boundaries {
    pub(super) fn clear(&mut self) {
        self.open = 0;
        self.by_hash.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// The innermost boundary that is open.
    pub(super) fn innermost(&self) -> Option<&[u8]> {
        self.open.checked_sub(1).map(|i| &self.entries[i].boundary[..])
    }

    /// Whether `name` begins with the innermost boundary, or one of the few outermost.
    pub(super) fn is_begun(&self, name: &[u8]) -> bool {
        let outermost = &self.entries[..self.open.min(FEW)];
        let mut some = outermost.iter().map(|entry| &entry.boundary[..]).chain(self.innermost());
        some.any(|boundary| name.starts_with(boundary))
    }

    /// The boundary that was closed last, as long as no other was opened since.
    pub(super) fn closed(&self) -> Option<&[u8]> {
        self.entries.get(self.open).map(|entry| &entry.boundary[..])
    }

    /// Opens the boundary of the multipart at `level`.
    pub(super) fn push(&mut self, level: usize, boundary: &[u8]) {
        let (mut hash, mut shadowed) = (0, None);
        if self.open >= FEW {
            hash = self.hasher.hash_one(boundary);
            shadowed = self.by_hash.insert(hash, self.open);
        }
        if self.open == self.entries.len() {
            self.entries.push(Entry::default());
        }
        let entry = &mut self.entries[self.open];
        entry.boundary.clear();
        entry.boundary.extend_from_slice(boundary);
        (entry.level, entry.hash, entry.shadowed) = (level, hash, shadowed);
        self.open += 1;
    }

    /// Closes the innermost boundary if it is that of `level`.
    pub(super) fn pop(&mut self, level: usize) {
        let Some(top) = self.open.checked_sub(1) else { return };
        let entry = &self.entries[top];
        if entry.level != level {
            return;
        }
        match entry.shadowed {
            _ if top < FEW => None,
            Some(outer) => self.by_hash.insert(entry.hash, outer),
            None => self.by_hash.remove(&entry.hash),
        };
        self.open = top;
    }

    /// The level of the innermost open multipart with exactly this boundary.
    pub(super) fn find(&self, boundary: &[u8]) -> Option<usize> {
        let outermost = &self.entries[..self.open.min(FEW)];
        let inner = if self.open > FEW { self.find_hashed(boundary) } else { None };
        inner.or_else(|| {
            let found = outermost.iter().rev().find(|entry| entry.boundary == boundary)?;
            Some(found.level)
        })
    }

    fn find_hashed(&self, boundary: &[u8]) -> Option<usize> {
        let mut at = self.by_hash.get(&self.hasher.hash_one(boundary)).copied();
        while let Some(i) = at {
            let entry = &self.entries[i];
            if entry.boundary == boundary {
                return Some(entry.level);
            }
            at = entry.shadowed;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_of_equal_boundaries_is_found_first() {
        let mut open = Boundaries::default();
        open.push(0, b"x");
        open.push(2, b"y");
        open.push(3, b"x");
        assert_eq!((open.find(b"x"), open.find(b"y"), open.find(b"z")), (Some(3), Some(2), None));
        open.pop(2);
        assert_eq!(open.find(b"x"), Some(3), "level 2 is not the innermost");
        open.pop(3);
        assert_eq!((open.find(b"x"), open.closed()), (Some(0), Some(&b"x"[..])));
        open.pop(2);
        open.pop(0);
        assert_eq!(open.find(b"x"), None);
        assert!(open.is_empty());
    }

    #[test]
    fn at_any_depth_they_are_found_as_by_looking_at_each() {
        let mut open = Boundaries::default();
        let names: Vec<String> = (0..3 * FEW).map(|i| format!("{}", i * i % 7)).collect();
        let check = |open: &Boundaries, depth: usize| {
            for name in (0..8).map(|i| i.to_string()) {
                let expected = names[..depth].iter().rposition(|other| *other == name);
                assert_eq!(open.find(name.as_bytes()), expected, "{name} at {depth}");
            }
        };
        for (level, name) in names.iter().enumerate() {
            open.push(level, name.as_bytes());
            check(&open, level + 1);
        }
        for level in (0..names.len()).rev() {
            open.pop(level);
            check(&open, level);
        }
    }
}
