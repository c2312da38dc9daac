//! An input that one thread reads and cuts into pieces for the others: what comes from a pipe or out
//! of an archive, or is no mbox that the octets tell how to part.
//!
//! May use: walk, and of this room `cuts`.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::super::cuts::{Counts, Gap, has_header_end};
use super::turns::Unwanted;
use super::{AtHand, CONTEXT, Cut, Cutter, PIECE, Pool, Work};
use crate::mailbox::{Flags, Format};
use crate::walk::{Event, Options, Reader, Separator, Window};

/// LIMIT: a message that has more octets than this is handed on while it is read, so many octets at
/// a time, of which this many wait.
pub(super) const LONG: usize = 1 << 20;
const CHUNK: usize = 256 << 10;
const CHUNKS: usize = 2;

/// An input on its way to the threads.
pub(super) struct Pieces<'p, 'c, 't, 'a, T> {
    pub(super) cutter: &'p mut Cutter<'c, 't, 'a, T>,
    pub(super) name: Arc<str>,
    pub(super) format: Format,
    pub(super) flags: Option<Flags>,
    /// No piece was cut yet.
    pub(super) is_first: bool,
    /// Where the next piece begins.
    pub(super) next: u64,
    /// What was read of it.
    pub(super) window: Window,
    /// Where the rest goes, if the piece was begun to be handed on already.
    pub(super) feed: Option<SyncSender<Window>>,
}

impl<T: Send> Pieces<'_, '_, '_, '_, T> {
    /// Reads it to its end.
    pub(super) fn cut(&mut self, octets: &mut dyn Read) -> Result<io::Result<()>, Unwanted> {
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
                match counts.first_start(text, separator, 1).filter(|_| is_told) {
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
        let pool = self.cutter.pool.clone();
        let rest: Box<dyn Read + Send> = match coming {
            Some(coming) => {
                Box::new(Coming { at_hand: Window::default(), coming, pool: pool.clone() })
            }
            None => {
                octets.close();
                Box::new(io::empty())
            }
        };
        self.cutter.send(Work::Cut(Cut {
            name: Arc::clone(&self.name),
            is_first: std::mem::take(&mut self.is_first),
            format: self.format,
            flags: self.flags.clone(),
            offset,
            at_hand: AtHand { window: octets, pool: Some(pool) },
            rest,
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
