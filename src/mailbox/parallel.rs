//! The messages of many sources on all cores, their results in the order of the sources.
//!
//! One thread reads and cuts what it reads into pieces of whole messages, several work on them, and
//! the one that called takes the results in order. Small files are opened by the threads that work on
//! them. With one thread nothing is cut and no thread is started.
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

use std::fs;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::cuts::{Counts, Gap, has_header_end};
use super::{Error, Flags, Format, Input, Meter, Source};
use crate::base::Limits;
use crate::walk::{Event, Options, Reader, Separator, Window};

/// LIMIT: a piece has about this many octets, unless a message is longer.
const PIECE: usize = 512 << 10;

/// LIMIT: a message that has more octets than this is handed on while it is read, so many octets at
/// a time, of which this many wait.
const LONG: usize = 2 << 20;
const CHUNK: usize = 256 << 10;
const CHUNKS: usize = 2;

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
    /// Its first octets, if they are in memory already.
    pub at_hand: AtHand,
    /// Those behind them.
    pub octets: Box<dyn Read + 'a>,
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
}

/// A piece that was cut from an input.
struct Cut {
    name: Arc<str>,
    is_first: bool,
    format: Format,
    flags: Option<Flags>,
    offset: u64,
    at_hand: AtHand,
    coming: Option<Receiver<Window>>,
}

impl Cut {
    fn piece(self) -> Piece<'static> {
        let octets: Box<dyn Read> = match (self.coming, &self.at_hand.pool) {
            (Some(coming), Some(pool)) => {
                Box::new(Coming { at_hand: Window::default(), coming, pool: pool.clone() })
            }
            _ => Box::new(io::empty()),
        };
        Piece {
            name: self.name,
            is_first: self.is_first,
            format: self.format,
            flags: self.flags,
            offset: self.offset,
            at_hand: self.at_hand,
            octets,
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
    fn input(&mut self, input: Input<'_>) -> Result<(), Unwanted> {
        let name: Arc<str> = input.name.into();
        let mut pieces = Pieces {
            cutter: self,
            name: Arc::clone(&name),
            format: input.format,
            flags: input.flags,
            is_first: true,
            next: input.offset,
            window: Window::default(),
            feed: None,
        };
        match pieces.cut(&mut { input.octets })? {
            Ok(()) => Ok(()),
            Err(error) => self.send_error(Error::io(&name, error)),
        }
    }
}

/// The length of a source, if that is a small file.
fn small(source: &Source) -> Option<u64> {
    if matches!(source, Source::Range(..) | Source::Behind(..)) {
        return None;
    }
    let metadata = fs::metadata(source.path()?).ok()?;
    (metadata.is_file() && metadata.len() <= SMALL).then_some(metadata.len())
}

/// An input on its way to the threads.
struct Pieces<'c, 'a, T> {
    cutter: &'c mut Cutter<'a, T>,
    name: Arc<str>,
    format: Format,
    flags: Option<Flags>,
    /// No piece was cut yet.
    is_first: bool,
    /// Where the next piece begins.
    next: u64,
    /// What was read of it.
    window: Window,
    /// Where the rest goes, if the piece was begun to be handed on already.
    feed: Option<SyncSender<Window>>,
}

impl<T> Pieces<'_, '_, T> {
    fn cut(&mut self, octets: &mut dyn Read) -> Result<io::Result<()>, Unwanted> {
        let read = match self.format.separator() {
            Separator::None => self.whole(octets)?,
            _ => self.at_separators(octets)?,
        };
        // An input without octets is an input all the same.
        if self.feed.is_some() || self.at_hand() > 0 || self.is_first {
            self.finish(self.at_hand())?;
        }
        Ok(read)
    }

    /// One message: nothing to cut.
    fn whole(&mut self, octets: &mut dyn Read) -> Result<io::Result<()>, Unwanted> {
        loop {
            match self.window.fill_by(octets, CHUNK) {
                Ok(0) => return Ok(Ok(())),
                Ok(_) if self.feed.is_some() => self.feed(self.at_hand()),
                Ok(_) if self.at_hand() >= LONG => self.begin_feed(self.at_hand())?,
                Ok(_) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// Cuts where the octets themselves tell that a message begins, without walking, as long as they
    /// do.
    fn at_separators(&mut self, octets: &mut dyn Read) -> Result<io::Result<()>, Unwanted> {
        let mut counts = Counts::default();
        let separator = self.format.separator();
        loop {
            // Twofold, so that looking at them again stays linear.
            let wanted = if self.feed.is_some() { CHUNK } else { PIECE.max(self.at_hand()) };
            match self.window.fill_by(octets, wanted) {
                Ok(0) => return Ok(Ok(())),
                Ok(_) => {}
                Err(error) => return Ok(Err(error)),
            }
            let text = self.window.text();
            let is_told = self.format != Format::Mbox || counts.look(text);
            let len = text.len();
            let passed = if self.feed.is_some() {
                match counts.first_start(text, separator).filter(|_| is_told) {
                    Some(at) => {
                        self.finish(at)?;
                        at
                    }
                    None => {
                        let at = len.saturating_sub(CONTEXT);
                        self.feed(at);
                        at
                    }
                }
            } else if !is_told {
                return self.as_walked(octets);
            } else if let Some(at) = counts.last_start(text, separator) {
                self.finish(at)?;
                at
            } else if len >= LONG {
                if !has_header_end(text) {
                    return self.as_walked(octets);
                }
                self.begin_feed(len - CONTEXT)?;
                len - CONTEXT
            } else {
                0
            };
            counts.pass(passed);
            if self.cutter.is_stopped() && self.feed.is_none() {
                // What is at hand may be half a message: its results are not wanted.
                self.window.clear();
                return Ok(Ok(()));
            }
        }
    }

    /// How many octets wait.
    fn at_hand(&self) -> usize {
        self.window.text().len()
    }

    /// Cuts where the walk ends a message, if there is an empty line: without one the next message has
    /// a finding that tells of this one.
    fn as_walked(&mut self, octets: &mut dyn Read) -> Result<io::Result<()>, Unwanted> {
        let options = Options { separator: self.format.separator(), near_misses: false };
        let begun = Cursor::new(self.window.text().to_vec());
        self.window.clear();
        let mut reader = Reader::new(begun.chain(octets), self.cutter.manner.limits, options);
        let mut gap = Gap::default();
        loop {
            match reader.next(&mut ()) {
                Ok(Some(Event::Token(token))) => {
                    gap.pass(token.octets);
                    self.push(token.octets)?;
                }
                Ok(Some(Event::EndOfMessage)) => {
                    let is_long = self.feed.is_some() || self.at_hand() >= PIECE;
                    if is_long && (gap.is_there() || self.format != Format::Mbox) {
                        self.finish(self.at_hand())?;
                    }
                    if self.cutter.is_stopped() {
                        return Ok(Ok(()));
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn push(&mut self, octets: &[u8]) -> Result<(), Unwanted> {
        self.window.push(octets);
        match self.feed {
            None if self.at_hand() >= LONG => self.begin_feed(self.at_hand()),
            Some(_) if self.at_hand() >= CHUNK => {
                self.feed(self.at_hand());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The message does not fit into a piece: it is handed on while it is read, `len` octets now.
    fn begin_feed(&mut self, len: usize) -> Result<(), Unwanted> {
        let (feed, fed) = sync_channel(CHUNKS);
        let begun = self.take(len);
        self.send(begun, Some(fed))?;
        self.feed = Some(feed);
        Ok(())
    }

    fn feed(&mut self, len: usize) {
        let octets = self.take(len);
        self.next += len as u64;
        if let Some(feed) = &self.feed {
            // Who works on it may have seen enough.
            let _ = feed.send(octets);
        }
    }

    /// The piece is over, `len` octets from here.
    fn finish(&mut self, len: usize) -> Result<(), Unwanted> {
        if self.feed.is_some() {
            self.feed(len);
            self.feed = None;
            return Ok(());
        }
        let octets = self.take(len);
        self.send(octets, None)
    }

    /// The first `len` octets of what was read.
    fn take(&mut self, len: usize) -> Window {
        let mut rest = self.cutter.pool.take();
        self.window.split_off(len, &mut rest);
        std::mem::replace(&mut self.window, rest)
    }

    fn send(
        &mut self,
        mut octets: Window,
        coming: Option<Receiver<Window>>,
    ) -> Result<(), Unwanted> {
        let offset = self.next;
        self.next += octets.text().len() as u64;
        if coming.is_none() {
            octets.close();
        }
        self.cutter.send(Work::Cut(Cut {
            name: Arc::clone(&self.name),
            is_first: std::mem::take(&mut self.is_first),
            format: self.format,
            flags: self.flags.clone(),
            offset,
            at_hand: AtHand { window: octets, pool: Some(self.cutter.pool.clone()) },
            coming,
        }))
    }
}

/// The octets of a piece that are still coming.
struct Coming {
    at_hand: Window,
    coming: Receiver<Window>,
    pool: Pool,
}

impl Read for Coming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at_hand.text().is_empty() {
            let Ok(octets) = self.coming.recv() else { return Ok(0) };
            self.pool.give(std::mem::replace(&mut self.at_hand, octets));
        }
        let len = buffer.len().min(self.at_hand.text().len());
        buffer[..len].copy_from_slice(self.at_hand.take(len));
        Ok(len)
    }
}

#[cfg(test)]
mod tests;
