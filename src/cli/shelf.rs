//! Messages of any inputs, noted in one pass, so that each can be read again.
//!
//! A regular file is read where it lies; all else, standard input, and what is compressed or archived,
//! is kept in a file without a name. Memory grows with the number of messages, by some hundred octets
//! each.
//!
//! May use: what the commands may.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::Exit;
use super::input::PassedOver;
use super::out;
use crate::base::{Eol, Limits};
use crate::charset::Charset;
use crate::mailbox::{Error, Format, Input, Meter, SPOOL, Source, Sources};
use crate::structure::{Builder, Structure, Visitor};
use crate::walk::{Reader, Separator};

/// Watches a message, to say what is to be known of it.
pub(super) trait Note: Visitor + Default {
    /// What is known of a message.
    type Note;
    /// That, when it was read to its end; `None` if the message is not meant.
    fn finish(self, structure: &Structure) -> Option<Self::Note>;
}

/// The messages of some inputs.
pub(super) struct Shelf<N> {
    homes: Vec<Home>,
    places: Vec<Place<N>>,
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

struct Place<N> {
    home: usize,
    number: u64,
    start: u64,
    length: u64,
    eol: Eol,
    note: N,
}

impl<N> Shelf<N> {
    /// Without messages yet.
    pub(super) fn new() -> Shelf<N> {
        Shelf {
            homes: Vec::new(),
            places: Vec::new(),
            pool: SpooledTempFile::new(SPOOL),
            pooled: 0,
            open: None,
            builder: Builder::new(Limits::default(), Charset::WINDOWS_1252, false),
        }
    }

    /// Notes the messages of these sources. What cannot be read is named on standard error.
    pub(super) fn fill<W: Note<Note = N>>(&mut self, sources: Sources) -> Exit {
        let mut exit = Exit::Done;
        let mut passed_over = PassedOver::default();
        let mut complain = |error: Error| {
            out::complain(&error.to_string());
            exit = Exit::Trouble;
        };
        for source in sources {
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
                    _ => self.input::<W>(&source, input),
                });
                if let Err(error) = done {
                    complain(error);
                }
                ControlFlow::Continue(())
            });
        }
        passed_over.tell();
        exit
    }

    fn input<W: Note<Note = N>>(&mut self, source: &Source, input: Input<'_>) -> Result<(), Error> {
        let name = input.name.clone();
        let is_file = |path: &&Path| fs::metadata(path).is_ok_and(|it| it.is_file());
        let path = source.path().filter(|_| input.is_whole).filter(is_file).map(Path::to_owned);
        let base = if path.is_some() { input.offset } else { self.pooled };
        let separator = input.format.separator();
        let found = match path {
            Some(_) => self.index::<W>(input.octets, separator, base),
            None => {
                let mut pool = std::mem::replace(&mut self.pool, SpooledTempFile::new(0));
                let mut tee = Tee { inner: input.octets, to: &mut pool, count: 0 };
                let found = self.index::<W>(&mut tee, separator, base);
                self.pooled += tee.count;
                self.pool = pool;
                found
            }
        };
        self.homes.push(Home { name, path });
        found.map_err(|error| Error::io(&input.name, error))
    }

    /// Notes the messages in some octets, the first of which stands at `base`.
    fn index<W: Note<Note = N>>(
        &mut self,
        octets: impl Read,
        separator: Separator,
        base: u64,
    ) -> io::Result<()> {
        let mut reader = Reader::new(octets, self.limits(), self.builder.walk_options(separator));
        for number in 1.. {
            let mut watch = W::default();
            let Some(structure) = self.builder.read(&mut reader, &mut watch)? else { break };
            if let Some(note) = watch.finish(structure) {
                self.places.push(Place {
                    home: self.homes.len(),
                    number,
                    start: base + structure.offset(),
                    length: structure.length(),
                    eol: structure.part(0).map_or(Eol::Lf, |part| part.eol()),
                    note,
                });
            }
        }
        Ok(())
    }

    /// The limits that messages are read with.
    pub(super) fn limits(&self) -> Limits {
        self.builder.structure().context().limits
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// What is known of each.
    pub(super) fn notes(&self) -> impl ExactSizeIterator<Item = &N> {
        self.places.iter().map(|place| &place.note)
    }

    /// What is known of the message `i`.
    pub(super) fn note(&self, i: usize) -> &N {
        &self.places[i].note
    }

    /// What the input of the message `i` is called.
    pub(super) fn source(&self, i: usize) -> &str {
        &self.homes[self.places[i].home].name
    }

    /// Which one it is there, from 1.
    pub(super) fn number(&self, i: usize) -> u64 {
        self.places[i].number
    }

    /// Reads the message `i` again.
    pub(super) fn read(&mut self, i: usize, visitor: &mut impl Visitor) -> io::Result<()> {
        let Place { home, start, length, eol, .. } = self.places[i];
        let octets = octets(&mut self.pool, &mut self.open, home, &self.homes[home])?;
        octets.seek(SeekFrom::Start(start))?;
        let mut octets = octets.take(length);
        let limits = self.builder.structure().context().limits;
        let options = self.builder.walk_options(Separator::None);
        let mut reader = Reader::new(&mut octets, limits, options);
        reader.know_eol(eol);
        self.builder.read(&mut reader, visitor)?;
        if octets.limit() > 0 { Err(shrunk()) } else { Ok(()) }
    }

    /// Reads some octets of the message `i`, from `offset` on; none at its end.
    pub(super) fn read_at(&mut self, i: usize, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let Place { home, start, length, .. } = self.places[i];
        let room = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = room.min(out.len());
        if len == 0 {
            return Ok(0);
        }
        let octets = octets(&mut self.pool, &mut self.open, home, &self.homes[home])?;
        octets.seek(SeekFrom::Start(start + offset))?;
        match octets.read(&mut out[..len])? {
            0 => Err(shrunk()),
            len => Ok(len),
        }
    }
}

/// What can be read at any place.
trait Octets: Read + Seek {}

impl<T: Read + Seek> Octets for T {}

/// All octets of a home.
fn octets<'a>(
    pool: &'a mut SpooledTempFile,
    open: &'a mut Option<(usize, File)>,
    home: usize,
    Home { path, .. }: &Home,
) -> io::Result<&'a mut dyn Octets> {
    let Some(path) = path else { return Ok(pool) };
    if open.as_ref().is_none_or(|(last, _)| *last != home) {
        *open = Some((home, File::open(path)?));
    }
    let (_, file) = open.as_mut().expect("it was just opened");
    Ok(file)
}

fn shrunk() -> io::Error {
    io::Error::other("became shorter while it was read")
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
