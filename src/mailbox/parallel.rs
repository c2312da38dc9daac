//! The messages of many sources on all cores, their results in the order of the sources.
//!
//! Several threads work on pieces of whole messages, and hand over the results in order (`turns`). An
//! mbox that lies in a file is parted by those who work on it, each reading its own stretch
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
mod turns;

use std::fs::{self, File};
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use pieces::Pieces;
use stretch::{End, Mbox, SHORT, Stretch, Stretches};
use turns::{Turns, Unit, Unwanted};

use super::{Error, Flags, Format, Input, Meter, Source};
use crate::base::Limits;
use crate::walk::{Options, Reader, Window};

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
    /// Its first octets, if they are in memory already.
    at_hand: AtHand,
    /// Those behind them.
    octets: Box<dyn Read + 'a>,
    /// Where it ends, if its octets do not.
    end: Option<End>,
}

/// What a reader needs for itself, to be used again.
pub type Room = Option<Reader<io::Empty>>;

impl<'a> Piece<'a> {
    /// Has `work` read its messages, up to the last one if others than these are to be worked on.
    pub fn read<T>(
        mut self,
        room: &mut Room,
        limits: Limits,
        options: Options,
        work: impl FnOnce(&mut Reader<Box<dyn Read + 'a>>) -> T,
    ) -> T {
        let mut reader = match room.take() {
            Some(reader) => reader.renew(self.octets, options),
            None => Reader::new(self.octets, limits, options),
        };
        self.at_hand.exchange(&mut reader);
        if let Some(end) = &self.end {
            reader.end_behind(end.place - self.offset);
        }
        let done = work(&mut reader);
        if let Some(end) = self.end.take_if(|_| reader.has_ended()) {
            end.tell(self.offset + reader.walker().offset(), reader.at_hand().len());
        }
        self.at_hand.exchange(&mut reader);
        *room = Some(reader.renew(io::empty(), options));
        done
    }
}

/// Octets in memory that begin a piece, in a window for who reads it.
#[derive(Default)]
struct AtHand {
    window: Window,
    /// Where the window goes at the end; without it there are no octets.
    pool: Option<Pool>,
}

impl AtHand {
    /// Puts the octets before those of a reader's source, or takes back what is left of them. In
    /// between the reader's own room is here.
    fn exchange<R: Read>(&mut self, reader: &mut Reader<R>) {
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
    /// Work on a piece changes nothing but its results: they may be thrown away and made again.
    pub is_pure: bool,
}

impl Default for Manner {
    /// As many threads as the machine runs at once, the default limits, nothing that stops it, and
    /// nothing said of the work.
    fn default() -> Manner {
        Manner {
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            limits: Limits::default(),
            meter: Meter::default(),
            stop: Arc::default(),
            is_pure: false,
        }
    }
}

/// What is done with a result, or with what could not be read. It says whether more is wanted.
pub type Take<'a, T> = dyn FnMut(Result<T, Error>) -> ControlFlow<()> + Send + 'a;

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
    let turns = Turns::new(take, UNDER_WAY * manner.threads);
    let (work, queue) = channel();
    let queue = Mutex::new(queue);
    let work_on = || work_on(&queue, &turns, &mut worker(), manner);
    thread::scope(|scope| {
        scope.spawn(|| Cutter::new(manner, &turns, work).sources(sources));
        for _ in 1..manner.threads {
            scope.spawn(work_on);
        }
        work_on();
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
            end: None,
        }
    }
}

/// What a thread works on.
enum Work {
    Files(Vec<Source>),
    Cut(Cut),
    Stretch(Stretch),
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
            end: None,
        }
    }
}

fn work_on<T: Send>(
    queue: &Mutex<Receiver<(Unit<T>, Work)>>,
    turns: &Turns<'_, '_, T>,
    worker: &mut impl FnMut(Piece<'_>, &mut Take<'_, T>) -> ControlFlow<()>,
    manner: &Manner,
) {
    let next = || queue.lock().ok().and_then(|queue| queue.recv().ok());
    while let Some((mut unit, work)) = next() {
        match work {
            Work::Cut(cut) => {
                let _ = worker(cut.piece(), &mut |result| turns.push(&mut unit, result));
            }
            Work::Stretch(stretch) => {
                let (claim, piece) = stretch.begin();
                unit.claim = Some(claim);
                if let Some(piece) = piece {
                    let _ = worker(piece, &mut |result| turns.push(&mut unit, result));
                }
            }
            Work::Files(files) => {
                for file in files {
                    let take = &mut |result| turns.push(&mut unit, result);
                    if whole(&file, manner, worker, take).is_break() {
                        break;
                    }
                }
            }
        }
        turns.finish(unit, worker);
    }
}

/// Reads the sources and cuts them into units.
struct Cutter<'c, 't, 'a, T> {
    manner: &'c Manner,
    turns: &'c Turns<'t, 'a, T>,
    work: Sender<(Unit<T>, Work)>,
    /// Small files that wait to be a unit, and how long they are.
    files: Vec<Source>,
    octets: u64,
    pool: Pool,
}

/// Windows that were read to their end, to be filled again: fresh memory costs as much as reading.
#[derive(Clone, Default)]
struct Pool(Arc<Mutex<Vec<Window>>>);

/// LIMIT: so many windows wait.
const WINDOWS: usize = 6;

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

impl<'c, 't, 'a, T: Send> Cutter<'c, 't, 'a, T> {
    fn new(
        manner: &'c Manner,
        turns: &'c Turns<'t, 'a, T>,
        work: Sender<(Unit<T>, Work)>,
    ) -> Cutter<'c, 't, 'a, T> {
        Cutter { manner, turns, work, files: Vec::new(), octets: 0, pool: Pool::default() }
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
        self.work.send((self.turns.begin()?, work)).map_err(|_| Unwanted)
    }

    fn send_error(&mut self, error: Error) -> Result<(), Unwanted> {
        self.send_files()?;
        let mut unit = self.turns.begin()?;
        let _ = self.turns.push(&mut unit, Err(error));
        // Nothing was begun behind it that could have to be made again.
        self.turns.finish(unit, &mut |_, _| ControlFlow::Continue(()));
        Ok(())
    }

    /// Cuts an input where its messages begin.
    fn input(&mut self, mut input: Input<'_>) -> Result<(), Unwanted> {
        if self.manner.is_pure
            && let Some((file, len)) = long_mbox(&input)
        {
            return self.stretches(&input, file, len);
        }
        let mut octets = std::mem::replace(&mut input.octets, Box::new(io::empty()));
        let mut pieces = Pieces {
            cutter: self,
            name: input.name.as_str().into(),
            format: input.format,
            flags: input.flags.clone(),
            is_first: true,
            next: input.offset,
            window: Window::default(),
            feed: None,
        };
        match pieces.cut(&mut octets)? {
            Ok(()) => Ok(()),
            Err(error) => self.send_error(Error::io(&input.name, error)),
        }
    }

    /// Sends the stretches of an mbox.
    fn stretches(&mut self, input: &Input<'_>, file: Arc<File>, len: u64) -> Result<(), Unwanted> {
        let mbox = Mbox {
            name: input.name.as_str().into(),
            flags: input.flags.clone(),
            file,
            pool: self.pool.clone(),
            meter: self.manner.meter.clone(),
            distance: Arc::default(),
        };
        for stretch in Stretches::new(mbox, len) {
            if self.is_stopped() {
                break;
            }
            self.send(Work::Stretch(stretch))?;
        }
        Ok(())
    }
}

/// The file of an mbox that is worth parting without reading it, and how long it is.
fn long_mbox(input: &Input<'_>) -> Option<(Arc<File>, u64)> {
    let file = input.file.filter(|_| input.format == Format::Mbox && input.offset == 0)?;
    let len = file.metadata().ok()?.len();
    let file = file.try_clone().ok().filter(|_| len >= 2 * SHORT)?;
    Some((Arc::new(file), len))
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
