//! One of the two that are compared: its messages, and who is whose partner.
//!
//! May use: what the commands may.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::super::Exit;
use super::super::out;
use super::super::select::is_own_field;
use super::super::shelf::{Note, Shelf, Work};
use crate::base::Limits;
use crate::compare::{Snapshot, Taking};
use crate::header::names::Name;
use crate::header::{Field, ids, unfold};
use crate::mailbox::{Source, Sources};
use crate::structure::{At, Structure, Visitor};
use crate::walk::Kind;

/// LIMIT: characters of a Message-ID that are shown.
const SHOWN: usize = 250;

/// All messages of one side.
pub(super) struct Side {
    /// As it was named.
    pub(super) name: String,
    shelf: Shelf<Label>,
}

/// What a message is paired by.
pub(super) struct Label {
    key: u128,
    /// Its octets.
    exact: u128,
    id: Option<Box<str>>,
}

impl Side {
    /// Finds the messages of what an argument names, or the one of them that is `wanted`. What cannot be
    /// read is named on standard error.
    pub(super) fn read(
        argument: &Path,
        wanted: Option<u64>,
        limits: Limits,
        work: &Work,
    ) -> (Side, Exit) {
        let mut side = Side { name: Source::of(argument).name(), shelf: Shelf::new(limits) };
        let sources = Sources::new(vec![argument.to_owned()]);
        let mut exit = side.shelf.fill::<Watch>(sources, wanted, work);
        if let Some(wanted) = wanted.filter(|_| exit == Exit::Done && side.len() == 0) {
            out::complain(&format!("{}: no message {wanted}", side.name));
            exit = Exit::No;
        }
        (side, exit)
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.shelf.len()
    }

    /// Whether there is one message only.
    pub(super) fn is_one(&self) -> bool {
        self.len() == 1
    }

    /// What the input of the message `i` is called.
    pub(super) fn source(&self, i: usize) -> &str {
        self.shelf.source(i)
    }

    /// Which one it is there, from 1.
    pub(super) fn number(&self, i: usize) -> u64 {
        self.shelf.number(i)
    }

    /// Its Message-ID.
    pub(super) fn id(&self, i: usize) -> Option<&str> {
        self.shelf.note(i).id.as_deref()
    }

    /// For each message, the one of `other` that is a copy of it. Of several with the same Message-ID
    /// those of the same octets belong together; of the rest, the first to the first.
    pub(super) fn partners(&self, other: &Side) -> Vec<Option<usize>> {
        if self.is_one() && other.is_one() {
            return vec![Some(0)];
        }
        let mut partners = vec![None; self.len()];
        let mut is_taken = vec![false; other.len()];
        for is_exact in [true, false] {
            let key = |it: &Label| (it.key, is_exact.then_some(it.exact));
            let mut found: HashMap<_, VecDeque<usize>> = HashMap::new();
            for (j, label) in other.shelf.notes().enumerate().filter(|&(j, _)| !is_taken[j]) {
                found.entry(key(label)).or_default().push_back(j);
            }
            let alone = partners.iter_mut().zip(self.shelf.notes()).filter(|(it, _)| it.is_none());
            for (partner, label) in alone {
                *partner = found.get_mut(&key(label)).and_then(VecDeque::pop_front);
                if let Some(j) = *partner {
                    is_taken[j] = true;
                }
            }
        }
        partners
    }

    /// Reads the message `i`.
    pub(super) fn snapshot(&mut self, i: usize, work: &mut Work) -> io::Result<Snapshot> {
        let mut taking = Taking::new();
        self.shelf.read(i, &mut taking, work)?;
        Ok(taking.finish())
    }
}

/// Keeps what a message is paired by.
#[derive(Default)]
struct Watch {
    id: Option<String>,
    octets: Xxh3,
    /// From, Date and Subject.
    others: [Option<Vec<u8>>; 3],
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded == 0 && !matches!(kind, Kind::FromLine | Kind::Gap | Kind::Separator) {
            self.octets.update(octets);
        }
        if !is_own_field(at, kind) {
            return Ok(());
        }
        let Some(field) = Field::parse(octets) else { return Ok(()) };
        let other = match Name::of(field.name) {
            Some(Name::MessageId) if self.id.is_none() => {
                self.id = ids::parse(field.body).into_iter().next();
                return Ok(());
            }
            Some(Name::From) => &mut self.others[0],
            Some(Name::Date) => &mut self.others[1],
            Some(Name::Subject) => &mut self.others[2],
            _ => return Ok(()),
        };
        other.get_or_insert_with(|| unfold(field.body).into_owned());
        Ok(())
    }
}

impl Note for Watch {
    type Note = Label;

    fn finish(self, _: &Structure) -> Option<Label> {
        let mut hasher = Xxh3::new();
        match &self.id {
            Some(id) => hasher.update(id.as_bytes()),
            None => self.others.iter().for_each(|field| {
                hasher.update(b"\n");
                hasher.update(field.as_deref().unwrap_or_default());
            }),
        }
        let id = self.id.map(|id| id.chars().take(SHOWN).collect());
        Some(Label { key: hasher.digest128(), exact: self.octets.digest128(), id })
    }
}
