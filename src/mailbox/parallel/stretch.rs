//! An mbox that lies in a file, parted without anybody reading it first: each thread reads a stretch
//! of its own.
//!
//! A unit has the messages that begin in its stretch of the file. Where its first one begins it
//! guesses: at the first place where the octets around it say so. Where its last one ends the walk
//! tells, which knows what no guess can: what a Content-Length counts, what ends lines. Who takes the
//! results compares the one with the other; where they differ, what was made of the guess is thrown
//! away, and the stretch is read again from the right place. So no octet is read for somebody else,
//! and the messages are those that one thread finds.
//!
//! May use: walk, and of this room `cuts`.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::super::cuts::BEFORE;
use super::super::{HEAD, Meter};
use super::{AtHand, CONTEXT, Mbox, Piece};
use crate::mailbox::Format;
use crate::walk::{Separator, Window, first_message_start};

/// How long a stretch is: longer if messages are, so that one begins in most of them.
pub(super) const SHORT: u64 = 512 << 10;
const LONG: u64 = 8 << 20;

/// A stretch is this many times as long as what was lately looked through for a start.
const TIMES: u64 = 4;

/// How much is read at first where a message is expected to begin or to end soon, and how much at
/// most.
const NEAR: usize = 16 << 10;
const BLOCK: usize = 128 << 10;

/// Stretches of a file, one after the other.
pub(super) struct Stretches {
    file: Arc<File>,
    len: u64,
    /// Where the next one begins.
    next: u64,
    /// How far was lately looked for a start.
    distance: Arc<AtomicU64>,
    meter: Meter,
}

/// A stretch of an mbox, for who works on it.
pub(super) struct Stretch {
    file: Arc<File>,
    begin: u64,
    end: u64,
    distance: Arc<AtomicU64>,
    start: SyncSender<u64>,
    over: SyncSender<u64>,
    meter: Meter,
}

/// A stretch of an mbox, for who takes the results.
pub(super) struct Claim {
    file: Arc<File>,
    pub(super) is_first: bool,
    /// The messages are those that begin before this place.
    pub(super) end: u64,
    /// Where the first message was thought to begin, if one was found.
    pub(super) start: Receiver<u64>,
    /// Where the last one ended, if others follow it.
    pub(super) over: Receiver<u64>,
    meter: Meter,
}

impl Stretches {
    /// Those of a file whose head was read and counted already.
    pub(super) fn new(file: Arc<File>, len: u64, meter: &Meter) -> Stretches {
        meter.take_back(HEAD.min(len));
        Stretches { file, len, next: 0, distance: Arc::default(), meter: meter.clone() }
    }
}

impl Iterator for Stretches {
    type Item = (Stretch, Claim);

    fn next(&mut self) -> Option<(Stretch, Claim)> {
        let begin = self.next;
        if begin >= self.len {
            return None;
        }
        let wanted = TIMES.saturating_mul(self.distance.load(Ordering::Relaxed));
        self.next = begin + wanted.clamp(SHORT, LONG);
        // Whatever is appended meanwhile is the last one's.
        let end = if self.next < self.len { self.next } else { u64::MAX };
        let (start, started) = sync_channel(1);
        let (over, ended) = sync_channel(1);
        let stretch = Stretch {
            file: Arc::clone(&self.file),
            begin,
            end,
            distance: Arc::clone(&self.distance),
            start,
            over,
            meter: self.meter.clone(),
        };
        let claim = Claim {
            file: Arc::clone(&self.file),
            is_first: begin == 0,
            end,
            start: started,
            over: ended,
            meter: self.meter.clone(),
        };
        Some((stretch, claim))
    }
}

impl Stretch {
    /// The messages that seem to begin here; nothing if none does.
    pub(super) fn piece(self, mbox: Mbox) -> Option<Piece<'static>> {
        let mut window = mbox.pool.take();
        let mut octets = Part { file: self.file, at: self.begin, end: self.end, meter: self.meter };
        let start = match self.begin {
            0 => Some(0),
            begin => first_start(&mut octets, &mut window, begin, self.end),
        };
        let looked = start.unwrap_or(self.end).saturating_sub(self.begin);
        // It shrinks slowly: a long message after many short ones is no reason to forget.
        let before = self.distance.load(Ordering::Relaxed);
        self.distance.store(looked.max(before / 2), Ordering::Relaxed);
        let Some(start) = start else {
            mbox.pool.give(window);
            return None;
        };
        let _ = self.start.send(start);
        octets.meter.add(window.text().len() as u64);
        Some(piece(mbox, start, window, octets, self.over))
    }
}

impl Claim {
    /// The messages of the stretch once the place is known where the first one begins, and the
    /// receiver of the place where the last one ends.
    pub(super) fn piece(self, mbox: Mbox, start: u64) -> (Piece<'static>, Receiver<u64>) {
        let (over, ended) = sync_channel(1);
        let octets = Part { file: self.file, at: start, end: self.end, meter: self.meter };
        let window = mbox.pool.take();
        (piece(mbox, start, window, octets, over), ended)
    }
}

fn piece(
    mbox: Mbox,
    start: u64,
    window: Window,
    octets: Part,
    over: SyncSender<u64>,
) -> Piece<'static> {
    let end = End { place: octets.end, over, meter: octets.meter.clone() };
    Piece {
        name: mbox.name,
        is_first: start == 0,
        format: Format::Mbox,
        flags: mbox.flags,
        offset: start,
        at_hand: AtHand { window, pool: Some(mbox.pool) },
        octets: Box::new(octets),
        end: Some(end),
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
        if let Some(at) = start_behind(text, least, is_last) {
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

/// The first start from `least` on.
fn start_behind(text: &[u8], least: usize, eof: bool) -> Option<usize> {
    let mut from = 0;
    loop {
        match from + first_message_start(&text[from..], Separator::From, eof)? {
            at if at >= least => return Some(at),
            at => from = at,
        }
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
    /// Who wants to know where the next one begins.
    over: SyncSender<u64>,
    meter: Meter,
}

impl End {
    /// The piece is over; the next message begins at `at`, and so many octets from there on were read.
    pub(super) fn tell(self, at: u64, read: usize) {
        // Those who work on them count them.
        self.meter.take_back(read as u64);
        let _ = self.over.send(at);
    }
}
