//! One of the two that are compared: where its messages stand, so that any of them can be read again.
//!
//! A regular file is read where it lies; all else, standard input, and what is compressed or archived,
//! is kept in a file without a name. Memory grows with the number of messages, by some hundred octets
//! each.
//!
//! May use: what the commands may.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;
use xxhash_rust::xxh3::Xxh3;

use super::super::Exit;
use super::super::input::PassedOver;
use super::super::out;
use super::super::select::is_own_field;
use crate::base::Limits;
use crate::charset::Charset;
use crate::compare::{Snapshot, Taking};
use crate::header::names::Name;
use crate::header::{Field, ids, unfold};
use crate::mailbox::{Error, Format, Input, Meter, SPOOL, Source, Sources};
use crate::structure::{At, Builder, Visitor};
use crate::walk::{Kind, Reader, Separator};

/// LIMIT: octets of a Message-ID that are shown.
const SHOWN: usize = 250;

/// All messages of one side.
pub(super) struct Side {
    /// As it was named.
    pub(super) name: String,
    homes: Vec<Home>,
    messages: Vec<Place>,
    pool: SpooledTempFile,
    pooled: u64,
    /// The file that was read last.
    open: Option<(usize, File)>,
    builder: Builder,
}

/// Where the messages of an input lie.
struct Home {
    name: String,
    /// The file; without one, the pool.
    path: Option<PathBuf>,
}

struct Place {
    home: usize,
    /// Which one it is in its input, from 1.
    number: u64,
    start: u64,
    length: u64,
    key: u128,
    id: Option<Box<str>>,
}

impl Side {
    /// Finds the messages of what an argument names. What cannot be read is named on standard error.
    pub(super) fn read(argument: &Path) -> (Side, Exit) {
        let limits = Limits::default();
        let mut side = Side {
            name: Source::of(argument).name(),
            homes: Vec::new(),
            messages: Vec::new(),
            pool: SpooledTempFile::new(SPOOL),
            pooled: 0,
            open: None,
            builder: Builder::new(limits, Charset::WINDOWS_1252, false),
        };
        let mut exit = Exit::Done;
        let mut passed_over = PassedOver::default();
        let mut complain = |error: Error| {
            out::complain(&error.to_string());
            exit = Exit::Trouble;
        };
        for source in Sources::new(vec![argument.to_owned()]) {
            let source = match source {
                Ok(source) => source,
                Err(error) => {
                    complain(error);
                    continue;
                }
            };
            let _ = source.visit(&Meter::default(), &mut |input| {
                let done = input.and_then(|input| match input.format {
                    Format::Foreign => {
                        passed_over.add(&input.name);
                        Ok(())
                    }
                    Format::Empty => {
                        out::complain(&format!("{}: empty, holds no message", input.name));
                        Ok(())
                    }
                    _ => side.input(&source, input),
                });
                if let Err(error) = done {
                    complain(error);
                }
                ControlFlow::Continue(())
            });
        }
        passed_over.tell();
        (side, exit)
    }

    fn input(&mut self, source: &Source, input: Input<'_>) -> Result<(), Error> {
        let name = input.name.clone();
        let is_file = |path: &&Path| fs::metadata(path).is_ok_and(|it| it.is_file());
        let path = source.path().filter(|_| input.is_whole).filter(is_file).map(Path::to_owned);
        let base = if path.is_some() { input.offset } else { self.pooled };
        let separator = input.format.separator();
        let found = match path {
            Some(_) => self.index(input.octets, separator, base),
            None => {
                let mut pool = std::mem::replace(&mut self.pool, SpooledTempFile::new(0));
                let mut tee = Tee { inner: input.octets, to: &mut pool, count: 0 };
                let found = self.index(&mut tee, separator, base);
                self.pooled += tee.count;
                self.pool = pool;
                found
            }
        };
        self.homes.push(Home { name, path });
        found.map_err(|error| Error::io(&input.name, error))
    }

    /// Notes the messages in some octets, the first of which stands at `base`.
    fn index(&mut self, octets: impl Read, separator: Separator, base: u64) -> io::Result<()> {
        let limits = self.builder.structure().context().limits;
        let mut reader = Reader::new(octets, limits, self.builder.walk_options(separator));
        for number in 1.. {
            let mut watch = Watch::default();
            let Some(structure) = self.builder.read(&mut reader, &mut watch)? else { break };
            let (key, id) = watch.finish();
            self.messages.push(Place {
                home: self.homes.len(),
                number,
                start: base + structure.offset(),
                length: structure.length(),
                key,
                id,
            });
        }
        Ok(())
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is one message only.
    pub(super) fn is_one(&self) -> bool {
        self.messages.len() == 1
    }

    /// What the input of the message `i` is called.
    pub(super) fn source(&self, i: usize) -> &str {
        &self.homes[self.messages[i].home].name
    }

    /// Which one it is there, from 1.
    pub(super) fn number(&self, i: usize) -> u64 {
        self.messages[i].number
    }

    /// Its Message-ID.
    pub(super) fn id(&self, i: usize) -> Option<&str> {
        self.messages[i].id.as_deref()
    }

    /// For each message, the one of `other` that is a copy of it. Of several with the same Message-ID
    /// the first belongs to the first.
    pub(super) fn partners(&self, other: &Side) -> Vec<Option<usize>> {
        if self.is_one() && other.is_one() {
            return vec![Some(0)];
        }
        let mut by_key: HashMap<u128, VecDeque<usize>> = HashMap::new();
        for (i, place) in other.messages.iter().enumerate() {
            by_key.entry(place.key).or_default().push_back(i);
        }
        let partner = |place: &Place| by_key.get_mut(&place.key).and_then(VecDeque::pop_front);
        self.messages.iter().map(partner).collect()
    }

    /// Reads the message `i`.
    pub(super) fn snapshot(&mut self, i: usize) -> io::Result<Snapshot> {
        let Place { home, start, length, .. } = self.messages[i];
        let (open, builder) = (&mut self.open, &mut self.builder);
        match &self.homes[home].path {
            None => read(&mut self.pool, start, length, builder),
            Some(path) => {
                if open.as_ref().is_none_or(|(last, _)| *last != home) {
                    *open = Some((home, File::open(path)?));
                }
                let (_, file) = open.as_mut().expect("it was just opened");
                read(file, start, length, builder)
            }
        }
    }
}

fn read(
    mut octets: impl Read + Seek,
    start: u64,
    length: u64,
    builder: &mut Builder,
) -> io::Result<Snapshot> {
    octets.seek(SeekFrom::Start(start))?;
    let mut octets = octets.take(length);
    let mut taking = Taking::new();
    let limits = builder.structure().context().limits;
    let options = builder.walk_options(Separator::None);
    builder.read(&mut Reader::new(&mut octets, limits, options), &mut taking)?;
    match octets.limit() {
        0 => Ok(taking.finish()),
        _ => Err(io::Error::other("became shorter while it was read")),
    }
}

/// Keeps what is read.
struct Tee<'a, R> {
    inner: R,
    to: &'a mut SpooledTempFile,
    count: u64,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(room)?;
        self.to.write_all(&room[..len])?;
        self.count += len as u64;
        Ok(len)
    }
}

/// Keeps what a message is paired by.
#[derive(Default)]
struct Watch {
    id: Option<String>,
    /// From, Date and Subject.
    others: [Option<Vec<u8>>; 3],
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        let Some(field) = Field::parse(octets).filter(|_| is_own_field(at, kind)) else {
            return Ok(());
        };
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

impl Watch {
    fn finish(self) -> (u128, Option<Box<str>>) {
        let mut hasher = Xxh3::new();
        match &self.id {
            Some(id) => hasher.update(id.as_bytes()),
            None => self.others.iter().for_each(|field| {
                hasher.update(b"\n");
                hasher.update(field.as_deref().unwrap_or_default());
            }),
        }
        let shown = self.id.map(|mut id| {
            id.truncate(id.floor_char_boundary(SHOWN));
            id.into()
        });
        (hasher.digest128(), shown)
    }
}
