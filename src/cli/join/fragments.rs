//! Which fragments there are.
//!
//! May use: what the commands may.

use std::collections::BTreeMap;
use std::io;

use xxhash_rust::xxh3::Xxh3;

use super::super::shelf::{Note, Shelf};
use crate::base::{Eol, Span};
use crate::structure::{Fragment, Structure, Visitor, Want, Whole};
use crate::transfer::Coding;

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

/// The messages that there are fragments of, by id; and the fragments that belong to none.
pub(super) fn wholes(shelf: &Shelf<Known>) -> (Vec<(String, Whole)>, Vec<usize>) {
    let mut wholes: BTreeMap<&str, Whole> = BTreeMap::new();
    let mut nameless = Vec::new();
    for (i, known) in shelf.notes().enumerate() {
        match (&known.says.id, known.says.number) {
            (Some(id), Some(_)) => wholes.entry(id).or_default().add(i, &known.says, known.digest),
            _ => nameless.push(i),
        }
    }
    let wholes = wholes.into_iter().map(|(id, whole)| (id.to_owned(), whole));
    (wholes.collect(), nameless)
}
