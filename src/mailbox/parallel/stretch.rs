//! An mbox that lies in a file, parted without anybody reading it first: each thread reads a stretch
//! of its own.
//!
//! A unit has the messages that begin in its stretch of the file. Where its first one begins the unit
//! before tells it; where its last one ends it finds out in the octets that it reads, and tells that
//! to the unit behind before it begins to work on them. So no octet is read for somebody else, but of
//! a unit that is too long to be kept.
//!
//! Contract: a cut is made where the octets around it tell for certain that a message begins, and no
//! Content-Length before it forbids it (`cuts`). Once that cannot be told, or reading fails, all units
//! from there on have nothing, and the file must be read in order from that place.
//!
//! May use: walk, and of this room `cuts`.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use super::super::cuts::Counts;
use super::super::{HEAD, Meter, Metered};
use super::{CONTEXT, Pool};
use crate::walk::{Separator, Window};

/// How long a stretch is.
pub(super) const STRETCH: u64 = 512 << 10;

/// How much is read at a time.
const BLOCK: usize = 128 << 10;

/// LIMIT: of a unit with more octets than this not all are in memory at once; they are read twice.
const KEPT: usize = 4 << 20;

/// What a unit tells the one behind it.
pub(super) enum Baton {
    /// Its messages begin here; with how far the Content-Length fields before it count.
    Start(u64, Counts),
    /// From here on the file must be read in order.
    Unclear(u64),
}

/// The messages that begin in a stretch of an mbox.
pub(super) struct Stretch {
    pub(super) file: Arc<File>,
    /// Where the next stretch begins; nothing if this is the last.
    pub(super) next: Option<u64>,
    pub(super) before: Receiver<Baton>,
    pub(super) behind: SyncSender<Baton>,
    /// To be set when no further units are wanted.
    pub(super) is_unclear: Arc<AtomicBool>,
    pub(super) meter: Meter,
}

/// The octets of a unit.
pub(super) struct Found {
    /// Where they begin in the file.
    pub(super) start: u64,
    /// They are here if they were kept; its room is.
    pub(super) window: Window,
    pub(super) are_kept: bool,
    /// They are to be read here if not.
    pub(super) octets: Box<dyn Read + Send>,
}

/// A file from some place on.
struct From<'f> {
    file: &'f File,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = read_at(self.file, buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// A part of a file.
struct Part {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let room = buffer.len().min(left);
        let count = read_at(&self.file, &mut buffer[..room], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// A file from `at` on, to be read in order.
pub(super) fn rest(file: &Arc<File>, at: u64, meter: &Meter) -> impl Read + Send + use<> {
    let part = Part { file: Arc::clone(file), at, end: u64::MAX };
    Metered { inner: part, meter: meter.clone() }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

impl Stretch {
    /// Finds the unit's octets, which are read into a window as far as they fit, and tells the unit
    /// behind; nothing if no message begins here.
    pub(super) fn find(self, pool: &Pool) -> Option<Found> {
        let (start, mut counts) = match self.before.recv().ok()? {
            Baton::Start(start, counts) => (start, counts),
            unclear => return self.tell(unclear),
        };
        if self.next.is_some_and(|next| start >= next) {
            return self.tell(Baton::Start(start, counts));
        }
        // Most stretches of a long message have none, and need no window.
        let mut window = pool.take();
        let Some(end) = self.end(start, &mut counts, &mut window) else {
            self.is_unclear.store(true, Ordering::Relaxed);
            return self.tell(Baton::Unclear(start));
        };
        let _ = self.behind.send(Baton::Start(end, counts));
        let are_kept = window.text().len() as u64 >= end - start;
        if are_kept {
            window.truncate((end - start) as usize);
            window.close();
            // What was read to tell the format is counted already.
            self.meter.add(end - start.max(HEAD.min(end)));
            return Some(Found { start, window, are_kept, octets: Box::new(io::empty()) });
        }
        let part = Part { file: self.file, at: start, end };
        let octets = Metered { inner: part, meter: self.meter };
        Some(Found { start, window, are_kept, octets: Box::new(octets) })
    }

    /// There is nothing in this unit but what the one behind must know.
    fn tell(&self, baton: Baton) -> Option<Found> {
        let _ = self.behind.send(baton);
        None
    }

    /// Where the unit ends that begins at `start`, and how far its fields and those before count from
    /// there; nothing if that cannot be told.
    fn end(&self, start: u64, counts: &mut Counts, window: &mut Window) -> Option<u64> {
        let next = self.next.unwrap_or(u64::MAX);
        let mut source = From { file: &self.file, at: start };
        // Where the octets at hand begin, and how many of them hold no end.
        let (mut from, mut seen) = (start, 0);
        loop {
            let is_last = window.fill_by(&mut source, BLOCK).ok()? < BLOCK;
            let text = window.text();
            if !counts.look(text) {
                return None;
            }
            let least = usize::try_from(next.saturating_sub(from)).unwrap_or(usize::MAX);
            match counts.first_start(text, Separator::From, least.max(seen)) {
                Some(at) => {
                    counts.pass(at);
                    return Some(from + at as u64);
                }
                None if is_last => return Some(from + text.len() as u64),
                None => seen = text.len().saturating_sub(CONTEXT),
            }
            if text.len() >= KEPT {
                if counts.is_open() {
                    return None;
                }
                counts.pass(seen);
                window.take(seen);
                from += std::mem::take(&mut seen) as u64;
            }
        }
    }
}
