//! Messages of any inputs, noted in one pass, so that each can be read again.
//!
//! A regular file is read where it lies; all else, standard input, and what is compressed or archived,
//! is kept in a file without a name. Memory grows with the number of messages, by some hundred octets
//! each. All of it is long [`Work`]: there is a bar, and Ctrl-C ends it between two messages.
//!
//! May use: what the commands may.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::SpooledTempFile;

use super::Exit;
use super::input::PassedOver;
use super::out;
use super::progress::{self, Progress, Running};
use crate::base::{Eol, Limits};
use crate::charset::Charset;
use crate::mailbox::{Error, Format, Input, Quoter, Quoting, SPOOL, Source, Sources};
use crate::structure::{Builder, Structure, Visitor};
use crate::walk::{Reader, Separator};

/// Watches a message, to say what is to be known of it.
pub(super) trait Note: Visitor + Default {
    /// What is known of a message.
    type Note;
    /// That, when it was read to its end; `None` if the message is not meant.
    fn finish(self, structure: &Structure) -> Option<Self::Note>;
}

/// Messages that are read twice: first to be noted, then for what is to be done with them.
pub(super) struct Work {
    progress: Progress,
    stop: Arc<AtomicBool>,
    /// Octets that were read the first time, and the second.
    first: u64,
    again: u64,
}

impl Work {
    /// Begins with these inputs.
    pub(super) fn start(files: &[PathBuf], running: Running) -> Work {
        let is_stdin = files.is_empty() || files.iter().any(|file| file.as_os_str() == "-");
        let running = match is_stdin && io::stdin().is_terminal() {
            true => Running::Shown,
            false => running,
        };
        let len =
            |file: &PathBuf| fs::metadata(file).ok().filter(|it| it.is_file()).map(|it| it.len());
        let once: Option<u64> = files.iter().map(len).sum();
        let total = once.filter(|_| !files.is_empty()).map(|once| once.saturating_mul(2));
        Work {
            progress: Progress::start(total, running),
            stop: progress::interruptible(running),
            first: 0,
            again: 0,
        }
    }

    /// Whether the user wants no more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// So many octets were read the second time.
    fn read_again(&mut self, octets: u64) {
        if self.again == 0 {
            self.first = self.progress.meter.octets();
        }
        self.again += octets;
        self.progress.meter.reach(self.first + self.again);
    }
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

/// Octets that are read at a time where quoting is undone.
const WINDOW: usize = 64 << 10;

/// Where the messages of an input lie.
struct Home {
    name: String,
    /// The file; without one, the pool.
    path: Option<PathBuf>,
    is_mbox: bool,
}

struct Place<N> {
    home: usize,
    number: u64,
    start: u64,
    length: u64,
    /// Where its body begins.
    body: u64,
    eol: Eol,
    note: N,
}

impl<N> Shelf<N> {
    /// Without messages yet, which will be read within these limits.
    pub(super) fn new(limits: Limits) -> Shelf<N> {
        Shelf {
            homes: Vec::new(),
            places: Vec::new(),
            pool: SpooledTempFile::new(SPOOL),
            pooled: 0,
            open: None,
            builder: Builder::new(limits, Charset::WINDOWS_1252, false),
        }
    }

    /// Notes the messages of these sources, or only the one that is `wanted`, counted from 1 over all of
    /// them. What cannot be read is named on standard error.
    pub(super) fn fill<W: Note<Note = N>>(
        &mut self,
        sources: Sources,
        wanted: Option<u64>,
        work: &Work,
    ) -> Exit {
        let mut exit = Exit::Done;
        let mut passed_over = PassedOver::default();
        let mut complain = |error: Error| {
            out::complain(&error.to_string());
            exit = Exit::Trouble;
        };
        let mut count = Count { wanted, seen: 0 };
        for source in sources {
            let source = match source {
                Ok(source) => source,
                Err(error) => {
                    complain(error);
                    continue;
                }
            };
            let _ = source.visit(&work.progress.meter, &mut |input| {
                let done = input.and_then(|input| match input.format {
                    Format::Foreign => {
                        passed_over.add(&input.name);
                        Ok(())
                    }
                    Format::Empty => {
                        out::complain(&format!("{}: empty, holds no message", input.name));
                        Ok(())
                    }
                    _ => self.input::<W>(&source, input, &mut count, work),
                });
                if let Err(error) = done {
                    complain(error);
                }
                match work.is_stopped() || count.is_found() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
            if work.is_stopped() {
                return Exit::Interrupted;
            }
            if count.is_found() {
                break;
            }
        }
        passed_over.tell();
        exit
    }

    fn input<W: Note<Note = N>>(
        &mut self,
        source: &Source,
        input: Input<'_>,
        count: &mut Count,
        work: &Work,
    ) -> Result<(), Error> {
        let name = input.name.clone();
        let is_file = |path: &&Path| fs::metadata(path).is_ok_and(|it| it.is_file());
        let path = source.path().filter(|_| input.is_whole).filter(is_file).map(Path::to_owned);
        let base = if path.is_some() { input.offset } else { self.pooled };
        let is_mbox = input.format == Format::Mbox;
        let at = (input.format.separator(), base);
        let found = match path {
            Some(_) => self.index::<W>(input.octets, at, count, work),
            None => {
                let mut pool = std::mem::replace(&mut self.pool, SpooledTempFile::new(0));
                let mut tee = Tee { inner: input.octets, to: &mut pool, count: 0 };
                let found = self.index::<W>(&mut tee, at, count, work);
                self.pooled += tee.count;
                self.pool = pool;
                found
            }
        };
        self.homes.push(Home { name, path, is_mbox });
        found.map_err(|error| Error::io(&input.name, error))
    }

    /// Notes the messages in some octets, the first of which stands at `base`.
    fn index<W: Note<Note = N>>(
        &mut self,
        octets: impl Read,
        (separator, base): (Separator, u64),
        count: &mut Count,
        work: &Work,
    ) -> io::Result<()> {
        let mut reader = Reader::new(octets, self.limits(), self.builder.walk_options(separator));
        for number in 1.. {
            let mut watch = W::default();
            let Some(structure) = self.builder.read(&mut reader, &mut watch)? else { break };
            count.seen += 1;
            work.progress.messages(1);
            if let Some(note) = watch.finish(structure).filter(|_| count.means()) {
                let root = structure.part(0);
                let body = root.and_then(|root| root.body());
                self.places.push(Place {
                    home: self.homes.len(),
                    number,
                    start: base + structure.offset(),
                    length: structure.length(),
                    body: body.map_or(0, |body| body.start),
                    eol: root.map_or(Eol::Lf, |part| part.eol()),
                    note,
                });
            }
            if work.is_stopped() || count.is_found() {
                break;
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

    /// Reads the message `i` again; of an mbox, without the `>` that it put before lines that begin
    /// with `From `.
    pub(super) fn read(
        &mut self,
        i: usize,
        visitor: &mut impl Visitor,
        work: &mut Work,
    ) -> io::Result<()> {
        let Place { home, start, length, body, eol, .. } = self.places[i];
        let is_mbox = self.homes[home].is_mbox;
        let octets = octets(&mut self.pool, &mut self.open, home, &self.homes[home])?;
        octets.seek(SeekFrom::Start(start))?;
        let octets = octets.take(length);
        let quoting = if is_mbox { Quoting::Unquote } else { Quoting::Keep };
        let mut octets = Unquoting::new(octets, quoting, body);
        let limits = self.builder.structure().context().limits;
        let options = self.builder.walk_options(Separator::None);
        let mut reader = Reader::new(&mut octets, limits, options);
        reader.know_eol(eol);
        self.builder.read(&mut reader, visitor)?;
        work.read_again(length);
        if octets.inner.limit() > 0 { Err(shrunk()) } else { Ok(()) }
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

/// Which messages are meant.
struct Count {
    wanted: Option<u64>,
    seen: u64,
}

impl Count {
    /// Whether the message that was seen last is meant.
    fn means(&self) -> bool {
        self.wanted.is_none_or(|wanted| self.seen == wanted)
    }

    /// Whether no other one is.
    fn is_found(&self) -> bool {
        self.wanted.is_some_and(|wanted| self.seen >= wanted)
    }
}

/// Octets with the quoting undone in the body that begins behind so many of them.
struct Unquoting<R> {
    inner: R,
    before: usize,
    quoter: Option<Quoter>,
    window: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> Unquoting<R> {
    fn new(inner: R, quoting: Quoting, before: u64) -> Unquoting<R> {
        Unquoting {
            inner,
            before: usize::try_from(before).unwrap_or(usize::MAX),
            quoter: Some(Quoter::new(quoting)),
            window: vec![0; WINDOW],
            ready: Vec::new(),
            given: 0,
        }
    }
}

impl<R: Read> Read for Unquoting<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            let Some(quoter) = &mut self.quoter else { return Ok(0) };
            self.given = 0;
            self.ready.clear();
            let len = self.inner.read(&mut self.window)?;
            let (header, body) = self.window[..len].split_at(self.before.min(len));
            self.before -= header.len();
            self.ready.extend_from_slice(header);
            quoter.write(body, &mut self.ready)?;
            if len == 0 {
                quoter.finish(&mut self.ready)?;
                self.quoter = None;
            }
        }
        let len = room.len().min(self.ready.len() - self.given);
        room[..len].copy_from_slice(&self.ready[self.given..self.given + len]);
        self.given += len;
        Ok(len)
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
