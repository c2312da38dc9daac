//! The messages of many sources on all cores, their results in the order of the sources.
//!
//! Several threads work on pieces of whole messages, and the one that called takes the results in
//! order. An mbox that lies in a file is parted by those who work on it, each reading its own stretch
//! (`stretch`); what comes from a pipe or out of an archive is read and cut by one more thread
//! (`pieces`). Small files are opened by who works on them. With one thread nothing is cut and no
//! thread is started.
//!
//! Contract: the pieces of an input are its octets, in order, cut only where the
//! [walk](crate::walk) begins a message, so that working on the pieces is working on the input.
//! Memory is bounded by the number of threads: a message of any size is handed on while it is read,
//! and who takes results slowly slows down the reading. A failure is a result like any other, in its
//! place.
//!
//! What it does not do: number messages. Who takes the results counts.
//!
//! May use: base, walk.

mod pieces;
mod stretch;

use std::fs::{self, File};
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use pieces::Pieces;
use stretch::{Baton, STRETCH, Stretch};

use super::cuts::Counts;
use super::{Error, Flags, Format, Input, Meter, Source};
use crate::base::Limits;
use crate::walk::{Reader, Window};

/// LIMIT: a piece has about this many octets, unless a message is longer.
const PIECE: usize = 512 << 10;

/// Enough octets to tell whether a message begins: what stands before and behind.
const CONTEXT: usize = 8 << 10;

/// LIMIT: files up to this many octets are opened by who works on them, as many at a time as make a
/// piece, at most this many.
const SMALL: u64 = 64 << 10;
const FILES: usize = 64;

/// LIMIT: for each thread so many pieces are under way.
const UNDER_WAY: usize = 3;

/// LIMIT: of each piece so many results wait to be taken. A unit of files has one for each at least.
const RESULTS: usize = FILES;

/// Some messages of an input, in order, to be read through.
pub struct Piece<'a> {
    /// What the input is called.
    pub name: Arc<str>,
    /// Whether it begins its input.
    pub is_first: bool,
    /// What the input holds.
    pub format: Format,
    /// The flags of a Maildir's message.
    pub flags: Option<Flags>,
    /// Where its first octet stands in the source.
    pub offset: u64,
    /// Its first octets, if they are in memory already. Who reads the piece itself gets them without
    /// further ado; a [`Reader`] can do without copying them.
    pub at_hand: AtHand,
    /// Those behind them.
    pub octets: Box<dyn Read + 'a>,
}

impl Read for Piece<'_> {
    /// The octets of its messages from the first one, wherever they lie.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let window = &mut self.at_hand.window;
        match window.text().len().min(out.len()) {
            0 => self.octets.read(out),
            count => {
                out[..count].copy_from_slice(window.take(count));
                Ok(count)
            }
        }
    }
}

/// Octets in memory that begin a piece, in a window for who reads it.
#[derive(Default)]
pub struct AtHand {
    window: Window,
    /// Where the window goes at the end; without it there are no octets.
    pool: Option<Pool>,
}

impl AtHand {
    /// Puts the octets before those of a reader's source, or takes back what is left of them. In
    /// between the reader's own room is here.
    pub fn exchange<R: Read>(&mut self, reader: &mut Reader<R>) {
        if self.pool.is_some() {
            reader.exchange(&mut self.window);
        }
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.give(std::mem::take(&mut self.window));
        }
    }
}

/// How it is done.
#[derive(Clone, Debug)]
pub struct Manner {
    /// How many threads work; with one, all is done by the caller.
    pub threads: usize,
    /// The limits of the walk that cuts.
    pub limits: Limits,
    /// Counts the octets that are read.
    pub meter: Meter,
    /// No further message is begun once this is set; those that were begun are finished.
    pub stop: Arc<AtomicBool>,
}

impl Default for Manner {
    /// As many threads as the machine runs at once, the default limits, and nothing that stops it.
    fn default() -> Manner {
        Manner {
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            limits: Limits::default(),
            meter: Meter::default(),
            stop: Arc::default(),
        }
    }
}

/// What is done with a result, or with what could not be read. It says whether more is wanted.
pub type Take<'a, T> = dyn FnMut(Result<T, Error>) -> ControlFlow<()> + 'a;

/// Works on all messages of `sources`. `worker` makes what works on one piece after the other in one
/// thread, handing on results whenever it has some; `take` has them all, in order.
pub fn in_order<T, W>(
    sources: impl Iterator<Item = Result<Source, Error>> + Send,
    manner: &Manner,
    worker: impl Fn() -> W + Sync,
    take: &mut Take<'_, T>,
) where
    T: Send,
    W: FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
{
    if manner.threads <= 1 {
        one_by_one(sources, manner, &mut worker(), take);
        return;
    }
    thread::scope(|scope| {
        let (order, ordered) = sync_channel(UNDER_WAY * manner.threads);
        let (work, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..manner.threads {
            let queue = Arc::clone(&queue);
            let worker = &worker;
            scope.spawn(move || work_on(&queue, &mut worker(), manner));
        }
        // Whoever is left of the others ends when this one is gone.
        drop(queue);
        scope.spawn(move || Cutter::new(manner, order, work).sources(sources));
        take_all(ordered, take);
    });
}

/// The way of one thread: each input is one piece.
fn one_by_one<T>(
    sources: impl Iterator<Item = Result<Source, Error>>,
    manner: &Manner,
    worker: &mut impl FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
    take: &mut Take<'_, T>,
) {
    for source in sources {
        if manner.stop.load(Ordering::Relaxed) {
            return;
        }
        let goes_on = match source {
            Ok(source) => whole(&source, manner, worker, take),
            Err(error) => take(Err(error)),
        };
        if goes_on.is_break() {
            return;
        }
    }
}

/// Works on all that a source holds, uncut.
fn whole<T>(
    source: &Source,
    manner: &Manner,
    worker: &mut impl FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
    take: &mut Take<'_, T>,
) -> ControlFlow<()> {
    source.visit(&manner.meter, &mut |input| match input {
        Ok(input) => worker(Piece::whole(input), take),
        Err(error) => take(Err(error)),
    })
}

impl<'a> Piece<'a> {
    fn whole(input: Input<'a>) -> Piece<'a> {
        Piece {
            name: input.name.into(),
            is_first: true,
            format: input.format,
            flags: input.flags,
            offset: input.offset,
            at_hand: AtHand::default(),
            octets: input.octets,
        }
    }
}

/// What a thread works on, and who waits for it.
struct Unit<T> {
    work: Work,
    done: SyncSender<Result<T, Error>>,
}

enum Work {
    Files(Vec<Source>),
    Cut(Cut),
    Stretch(Stretch, Mbox),
}

/// An mbox that is not cut by who reads it.
struct Mbox {
    name: Arc<str>,
    flags: Option<Flags>,
    pool: Pool,
}

impl Mbox {
    /// The messages of a stretch of it.
    fn piece(self, stretch: Stretch) -> Option<Piece<'static>> {
        let found = stretch.find(&self.pool)?;
        let at_hand = if found.are_kept {
            AtHand { window: found.window, pool: Some(self.pool) }
        } else {
            self.pool.give(found.window);
            AtHand::default()
        };
        Some(Piece {
            name: self.name,
            is_first: found.start == 0,
            format: Format::Mbox,
            flags: self.flags,
            offset: found.start,
            at_hand,
            octets: found.octets,
        })
    }
}

/// A piece that was cut from an input.
struct Cut {
    name: Arc<str>,
    is_first: bool,
    format: Format,
    flags: Option<Flags>,
    offset: u64,
    at_hand: AtHand,
    rest: Box<dyn Read + Send>,
}

impl Cut {
    fn piece(self) -> Piece<'static> {
        Piece {
            name: self.name,
            is_first: self.is_first,
            format: self.format,
            flags: self.flags,
            offset: self.offset,
            at_hand: self.at_hand,
            octets: self.rest,
        }
    }
}

/// The results of a unit, as they come.
type Results<T> = Receiver<Result<T, Error>>;

fn work_on<T>(
    queue: &Mutex<Receiver<Unit<T>>>,
    worker: &mut impl FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
    manner: &Manner,
) {
    let next = || queue.lock().ok().and_then(|queue| queue.recv().ok());
    while let Some(Unit { work, done }) = next() {
        // Nobody waits for results if no more were wanted.
        let mut take = |result| match done.send(result) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        match work {
            Work::Cut(cut) => drop(worker(cut.piece(), &mut take)),
            Work::Stretch(stretch, mbox) => {
                if let Some(piece) = mbox.piece(stretch) {
                    let _ = worker(piece, &mut take);
                }
            }
            Work::Files(files) => {
                for file in files {
                    if whole(&file, manner, worker, &mut take).is_break() {
                        break;
                    }
                }
            }
        }
    }
}

fn take_all<T>(ordered: Receiver<Results<T>>, take: &mut Take<'_, T>) {
    for results in ordered {
        for result in results {
            if take(result).is_break() {
                return;
            }
        }
    }
}

/// Reads the sources and cuts them into units.
struct Cutter<'a, T> {
    manner: &'a Manner,
    order: SyncSender<Results<T>>,
    work: Sender<Unit<T>>,
    /// Small files that wait to be a unit, and how long they are.
    files: Vec<Source>,
    octets: u64,
    pool: Pool,
}

/// Windows that were read to their end, to be filled again: fresh memory costs as much as reading.
#[derive(Clone, Default)]
struct Pool(Arc<Mutex<Vec<Window>>>);

/// LIMIT: so many windows wait.
const WINDOWS: usize = 8;

impl Pool {
    /// An empty window.
    fn take(&self) -> Window {
        self.0.lock().ok().and_then(|mut pool| pool.pop()).unwrap_or_default()
    }

    fn give(&self, mut window: Window) {
        window.clear();
        if let Ok(mut pool) = self.0.lock()
            && pool.len() < WINDOWS
        {
            pool.push(window);
        }
    }
}

/// Nobody wants more.
struct Unwanted;

impl<'a, T> Cutter<'a, T> {
    fn new(
        manner: &'a Manner,
        order: SyncSender<Results<T>>,
        work: Sender<Unit<T>>,
    ) -> Cutter<'a, T> {
        Cutter { manner, order, work, files: Vec::new(), octets: 0, pool: Pool::default() }
    }

    fn sources(mut self, sources: impl Iterator<Item = Result<Source, Error>>) {
        for source in sources {
            if self.is_stopped() || self.source(source).is_err() {
                return;
            }
        }
        let _ = self.send_files();
    }

    fn is_stopped(&self) -> bool {
        self.manner.stop.load(Ordering::Relaxed)
    }

    fn source(&mut self, source: Result<Source, Error>) -> Result<(), Unwanted> {
        let source = match source {
            Ok(source) => source,
            Err(error) => return self.send_error(error),
        };
        if let Some(len) = small(&source) {
            self.files.push(source);
            self.octets += len;
            let is_full = self.files.len() >= FILES || self.octets >= PIECE as u64;
            return if is_full { self.send_files() } else { Ok(()) };
        }
        self.send_files()?;
        let meter = self.manner.meter.clone();
        let mut outcome = Ok(());
        let _ = source.visit(&meter, &mut |input| {
            outcome = match input {
                Ok(input) => self.input(input),
                Err(error) => self.send_error(error),
            };
            match outcome {
                Ok(()) if !self.is_stopped() => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        });
        outcome
    }

    fn send_files(&mut self) -> Result<(), Unwanted> {
        self.octets = 0;
        match std::mem::take(&mut self.files) {
            files if files.is_empty() => Ok(()),
            files => self.send(Work::Files(files)),
        }
    }

    fn send(&self, work: Work) -> Result<(), Unwanted> {
        let (done, results) = sync_channel(RESULTS);
        self.order.send(results).map_err(|_| Unwanted)?;
        self.work.send(Unit { work, done }).map_err(|_| Unwanted)
    }

    fn send_error(&mut self, error: Error) -> Result<(), Unwanted> {
        self.send_files()?;
        let (done, results) = sync_channel(1);
        // The other end is in the next line.
        let _ = done.send(Err(error));
        self.order.send(results).map_err(|_| Unwanted)
    }

    /// Cuts an input where its messages begin.
    fn input(&mut self, mut input: Input<'_>) -> Result<(), Unwanted> {
        let Some(file) = long_mbox(&input) else {
            let mut octets = std::mem::replace(&mut input.octets, Box::new(io::empty()));
            return self.read(&input, input.offset, &mut octets);
        };
        match self.stretches(&input, &file)? {
            Some(at) => self.read(&input, at, &mut stretch::rest(&file, at, &self.manner.meter)),
            None => Ok(()),
        }
    }

    /// Reads the octets of an input, from `at` on, and cuts them.
    fn read(&mut self, input: &Input<'_>, at: u64, octets: &mut dyn Read) -> Result<(), Unwanted> {
        let mut pieces = Pieces {
            cutter: self,
            name: input.name.as_str().into(),
            format: input.format,
            flags: input.flags.clone(),
            is_first: at == input.offset,
            next: at,
            window: Window::default(),
            feed: None,
        };
        match pieces.cut(octets)? {
            Ok(()) => Ok(()),
            Err(error) => self.send_error(Error::io(&input.name, error)),
        }
    }

    /// Sends the stretches of an mbox. Returns where it must be read in order from, if it must.
    fn stretches(&mut self, input: &Input<'_>, file: &Arc<File>) -> Result<Option<u64>, Unwanted> {
        let len = file.metadata().map_or(0, |metadata| metadata.len());
        let name: Arc<str> = input.name.as_str().into();
        let is_unclear = Arc::new(AtomicBool::new(false));
        let (first, mut before) = sync_channel(1);
        // The other end is in the line before.
        let _ = first.send(Baton::Start(0, Counts::default()));
        let mut next = STRETCH;
        loop {
            let is_last = next >= len;
            let (behind, told) = sync_channel(1);
            let stretch = Stretch {
                file: Arc::clone(file),
                next: (!is_last).then_some(next),
                before: std::mem::replace(&mut before, told),
                behind,
                is_unclear: Arc::clone(&is_unclear),
                meter: self.manner.meter.clone(),
            };
            let (name, flags) = (Arc::clone(&name), input.flags.clone());
            self.send(Work::Stretch(stretch, Mbox { name, flags, pool: self.pool.clone() }))?;
            if is_last || self.is_stopped() || is_unclear.load(Ordering::Relaxed) {
                break;
            }
            next += STRETCH;
        }
        match before.recv() {
            Ok(Baton::Unclear(at)) => Ok(Some(at)),
            _ => Ok(None),
        }
    }
}

/// The file of an mbox that is worth parting without reading it.
fn long_mbox(input: &Input<'_>) -> Option<Arc<File>> {
    let file = input.file.filter(|_| input.format == Format::Mbox && input.offset == 0)?;
    let is_long = file.metadata().is_ok_and(|metadata| metadata.len() >= 2 * STRETCH);
    file.try_clone().ok().filter(|_| is_long).map(Arc::new)
}

/// The length of a source, if that is a small file.
fn small(source: &Source) -> Option<u64> {
    if matches!(source, Source::Range(..) | Source::Behind(..)) {
        return None;
    }
    let metadata = fs::metadata(source.path()?).ok()?;
    (metadata.is_file() && metadata.len() <= SMALL).then_some(metadata.len())
}

#[cfg(test)]
mod tests;
