//! An mbox that lies in a file, parted without anybody reading it first: each thread reads a stretch
//! of its own.
//!
//! A unit has the messages that begin in its stretch of the file. Where its first one begins it
//! guesses: at the first place where the octets around it say so. Where its last one ends the walk
//! tells, which knows what no guess can: what a Content-Length counts, what ends lines. When its turn
//! comes the one is compared with the other (`turns`); where they differ, what was made of the guess is
//! thrown away, and the stretch is read again from the right place. So no octet is read for somebody else,
//! and the messages are those that one thread finds.
//!
//! May use: walk, and of this room `cuts`.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::cuts::{self, BEFORE};
use super::super::{HEAD, Meter};
use super::{AtHand, CONTEXT, Piece, Pool};
use crate::mailbox::{Flags, Format};
use crate::walk::{Separator, Window};

/// How long a stretch is: longer if messages are, so that one begins in most of them.
pub(super) const SHORT: u64 = 1 << 20;
const LONG: u64 = 16 << 20;

/// A stretch is at most such a part of what is left, so that all threads come to the end together.
const PART: u64 = 8;

/// A stretch is this many times as long as what was lately looked through for a start.
const TIMES: u64 = 4;

/// How much is read at first where a message is expected to begin or to end soon, and how much at
/// most.
const NEAR: usize = 16 << 10;
const BLOCK: usize = 128 << 10;

/// Stretches of an mbox, one after the other.
pub(super) struct Stretches {
    mbox: Mbox,
    len: u64,
    /// Where the next one begins.
    next: u64,
}

/// An mbox in a file.
#[derive(Clone)]
pub(super) struct Mbox {
    pub(super) name: Arc<str>,
    pub(super) flags: Option<Flags>,
    pub(super) file: Arc<File>,
    pub(super) pool: Pool,
    pub(super) meter: Meter,
    /// How far was lately looked for a start.
    pub(super) distance: Arc<AtomicU64>,
}

/// A stretch of an mbox: the messages that begin in it.
pub(super) struct Stretch {
    mbox: Mbox,
    begin: u64,
    end: u64,
}

/// What is claimed of a stretch: that its first message begins where the octets say so.
pub(super) struct Claim {
    stretch: Stretch,
    /// Nothing if none seems to begin in it.
    pub(super) start: Option<u64>,
    over: Over,
}

/// Where the last message of a stretch ended, if others follow it, as the walk told.
type Over = Arc<AtomicU64>;

const UNKNOWN: u64 = u64::MAX;

impl Stretches {
    /// Those of a file of `len` octets, whose head was read and counted already.
    pub(super) fn new(mbox: Mbox, len: u64) -> Stretches {
        mbox.meter.take_back(HEAD.min(len));
        Stretches { mbox, len, next: 0 }
    }
}

impl Iterator for Stretches {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        let begin = self.next;
        if begin >= self.len {
            return None;
        }
        let wanted = TIMES.saturating_mul(self.mbox.distance.load(Ordering::Relaxed));
        let most = ((self.len - begin) / PART).clamp(SHORT, LONG);
        self.next = begin + wanted.clamp(SHORT, most);
        // Whatever is appended meanwhile is the last one's.
        let end = if self.next < self.len { self.next } else { u64::MAX };
        Some(Stretch { mbox: self.mbox.clone(), begin, end })
    }
}

impl Stretch {
    /// The messages that seem to begin here, if any do.
    pub(super) fn begin(self) -> (Claim, Option<Piece<'static>>) {
        let mut window = self.mbox.pool.take();
        let mut octets = self.octets(self.begin);
        let start = match self.begin {
            0 => Some(0),
            begin => first_start(&mut octets, &mut window, begin, self.end),
        };
        let looked = start.unwrap_or(self.end).saturating_sub(self.begin);
        // It shrinks slowly: a long message after many short ones is no reason to forget.
        let distance = &self.mbox.distance;
        distance.store(looked.max(distance.load(Ordering::Relaxed) / 2), Ordering::Relaxed);
        let claim = Claim { stretch: self, start, over: Arc::new(AtomicU64::new(UNKNOWN)) };
        let Some(start) = start else {
            claim.stretch.mbox.pool.give(window);
            return (claim, None);
        };
        octets.meter.add(window.text().len() as u64);
        let piece = piece(&claim, start, window, octets);
        (claim, Some(piece))
    }

    fn octets(&self, at: u64) -> Part {
        let Mbox { file, meter, .. } = &self.mbox;
        Part { file: Arc::clone(file), at, end: self.end, meter: meter.clone() }
    }
}

impl Claim {
    /// Whether the mbox begins here.
    pub(super) fn is_first(&self) -> bool {
        self.stretch.begin == 0
    }

    /// Where the stretch ends; the last one does not.
    pub(super) fn stretch_end(&self) -> u64 {
        self.stretch.end
    }

    /// Where the first message behind the stretch begins, if there is one and the piece was read.
    pub(super) fn end(&self) -> Option<u64> {
        Some(self.over.load(Ordering::Acquire)).filter(|&end| end != UNKNOWN)
    }

    /// The messages of the stretch, of which the first one begins at `start`.
    pub(super) fn piece(&self, start: u64) -> Piece<'static> {
        self.over.store(UNKNOWN, Ordering::Release);
        piece(self, start, self.stretch.mbox.pool.take(), self.stretch.octets(start))
    }
}

fn piece(claim: &Claim, start: u64, window: Window, octets: Part) -> Piece<'static> {
    let mbox = &claim.stretch.mbox;
    let over = Arc::clone(&claim.over);
    Piece {
        name: Arc::clone(&mbox.name),
        is_first: start == 0,
        format: Format::Mbox,
        flags: mbox.flags.clone(),
        offset: start,
        at_hand: AtHand { window, pool: Some(mbox.pool.clone()) },
        end: Some(End { place: octets.end, over, meter: octets.meter.clone() }),
        octets: Box::new(octets),
    }
}

/// The first place from `begin` on, before `end`, where the octets say that a message begins; then
/// those from there on are in the window, as far as they were read. A file that cannot be read has
/// none: who reads it in order says so.
fn first_start(octets: &mut Part, window: &mut Window, begin: u64, end: u64) -> Option<u64> {
    octets.at = begin - BEFORE as u64;
    let mut wanted = NEAR;
    loop {
        let is_last = octets.read_into(window, wanted).ok()? < wanted;
        let text = window.text();
        let from = octets.at - text.len() as u64;
        let least = usize::try_from(begin.saturating_sub(from)).unwrap_or(usize::MAX);
        if let Some(at) = cuts::first_start(text, Separator::From, is_last, |at| at >= least) {
            let start = from + at as u64;
            window.take(at);
            return (start < end).then_some(start);
        }
        if is_last || from >= end {
            return None;
        }
        window.take(text.len().saturating_sub(CONTEXT));
        wanted = BLOCK;
    }
}

/// Octets of a file from some place on. Behind the end of a stretch, where the last message ends, they
/// are read in small pieces at first.
struct Part {
    file: Arc<File>,
    at: u64,
    end: u64,
    meter: Meter,
}

impl Part {
    /// Reads `wanted` octets more, fewer only at the end of the file, which are not counted.
    fn read_into(&mut self, window: &mut Window, wanted: usize) -> io::Result<usize> {
        struct Uncounted<'p>(&'p mut Part);
        impl Read for Uncounted<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = read_at(&self.0.file, buffer, self.0.at)?;
                self.0.at += count as u64;
                Ok(count)
            }
        }
        window.fill_by(&mut Uncounted(self), wanted)
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = match self.end.checked_sub(self.at) {
            Some(left @ 1..) => left,
            _ => (self.at - self.end).max(NEAR as u64),
        };
        let len = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        let count = read_at(&self.file, &mut buffer[..len], self.at)?;
        self.at += count as u64;
        self.meter.add(count as u64);
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Where a piece ends whose octets do not.
pub(super) struct End {
    /// No message begins in it from this place of the file on.
    pub(super) place: u64,
    over: Over,
    meter: Meter,
}

impl End {
    /// The piece is over; the next message begins at `at`, and so many octets from there on were read.
    pub(super) fn tell(self, at: u64, read: usize) {
        // Those who work on them count them.
        self.meter.take_back(read as u64);
        self.over.store(at, Ordering::Release);
    }
}
