//! The boundaries of the multiparts that are open, innermost last.
//!
//! A delimiter candidate is looked up by a hash, so it costs the same at any depth: whoever nests a
//! thousand multiparts and then writes a million dashes gains nothing. The hash is keyed, so nobody
//! can make boundaries collide on purpose.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

#[derive(Debug, Default)]
struct Entry {
    /// Kept when the entry is popped, so that its room serves the next one.
    boundary: Vec<u8>,
    level: usize,
    hash: u64,
    /// The next outer entry with the same hash.
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

    /// The boundary that was closed last, as long as no other was opened since.
    pub(super) fn closed(&self) -> Option<&[u8]> {
        self.entries.get(self.open).map(|entry| &entry.boundary[..])
    }

    /// Opens the boundary of the multipart at `level`.
    pub(super) fn push(&mut self, level: usize, boundary: &[u8]) {
        let hash = self.hasher.hash_one(boundary);
        if self.open == self.entries.len() {
            self.entries.push(Entry::default());
        }
        let shadowed = self.by_hash.insert(hash, self.open);
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
            Some(outer) => self.by_hash.insert(entry.hash, outer),
            None => self.by_hash.remove(&entry.hash),
        };
        self.open = top;
    }

    /// The level of the innermost open multipart with exactly this boundary.
    pub(super) fn find(&self, boundary: &[u8]) -> Option<usize> {
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
}
