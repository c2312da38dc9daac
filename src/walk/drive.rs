//! The drivers: a walk over a slice, and a walk over what can be read, through a window of bounded
//! size that is used again and again.

use std::io::{self, Read};

use super::{Kind, Options, Part, Step, Walker};
use crate::base::{Limits, Sink};

/// What a driver hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A part begins.
    Enter(Part),
    /// The header of the part is over.
    Headed(Part),
    /// The part ends.
    Leave(Part),
    /// The next octets of the input.
    Token(Token<'a>),
    /// The message is over; the next one of the mbox follows.
    EndOfMessage,
}

/// A token with its octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// The index of the part it belongs to.
    pub part: u32,
    /// Where it begins, counted from the start of the input.
    pub offset: u64,
    /// Its octets.
    pub octets: &'a [u8],
}

impl Event<'_> {
    /// The event of a step, if it is one; `text` is what the walker was shown.
    pub(crate) fn of<'t>(step: Step, text: &'t [u8], walker: &Walker) -> Option<Event<'t>> {
        let part = walker.part();
        Some(match step {
            Step::Enter => Event::Enter(part),
            Step::Headed => Event::Headed(part),
            Step::Leave => Event::Leave(part),
            Step::EndOfMessage => Event::EndOfMessage,
            Step::Token(kind, len) => {
                let offset = walker.offset() - len as u64;
                Event::Token(Token { kind, part: part.index, offset, octets: &text[..len] })
            }
            Step::NeedMore | Step::Done => return None,
        })
    }
}

/// The events of a message in memory.
#[derive(Debug)]
pub struct Tokens<'a, S = ()> {
    walker: Walker,
    rest: &'a [u8],
    sink: S,
}

impl<'a> Tokens<'a> {
    /// Walks over `text`, ignoring findings.
    pub fn new(text: &'a [u8], limits: Limits, options: Options) -> Tokens<'a> {
        Tokens::with_sink(text, limits, options, ())
    }
}

impl<'a, S: Sink> Tokens<'a, S> {
    /// Walks over `text`; findings go to `sink`.
    pub fn with_sink(text: &'a [u8], limits: Limits, options: Options, sink: S) -> Tokens<'a, S> {
        Tokens { walker: Walker::new(limits, options), rest: text, sink }
    }
}

impl<'a, S: Sink> Iterator for Tokens<'a, S> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let step = self.walker.step(self.rest, true, &mut self.sink);
        let event = Event::of(step, self.rest, &self.walker)?;
        match step {
            Step::Token(_, len) => self.rest = &self.rest[len..],
            Step::EndOfMessage => self.walker.next_message(),
            _ => {}
        }
        Some(event)
    }
}

/// Octets on their way from a source to a walker: filled at one end, consumed at the other, moved
/// only when room is needed.
#[derive(Debug, Default)]
pub struct Window {
    octets: Vec<u8>,
    start: usize,
    end: usize,
    eof: bool,
}

impl Window {
    /// A window that begins with room for `capacity` octets and grows when a token needs it.
    pub fn with_capacity(capacity: usize) -> Window {
        Window { octets: vec![0; capacity], ..Window::default() }
    }

    /// What is there and not consumed.
    #[inline]
    pub fn text(&self) -> &[u8] {
        &self.octets[self.start..self.end]
    }

    /// Whether nothing follows [`Window::text`].
    #[inline]
    pub fn eof(&self) -> bool {
        self.eof
    }

    /// The first `len` octets of the text, consumed.
    #[inline]
    pub fn take(&mut self, len: usize) -> &[u8] {
        let start = self.start;
        self.start += len;
        &self.octets[start..start + len]
    }

    /// The octets that were consumed from `from` up to `to` octets before the text, if they are still
    /// there; they are until the window is filled.
    pub(crate) fn taken(&self, from: u64, to: u64) -> Option<&[u8]> {
        let place = |back| self.start.checked_sub(usize::try_from(back).ok()?);
        self.octets.get(place(from)?..place(to)?)
    }

    /// Reads once from `source`; at its end, [`Window::eof`] holds from then on.
    pub fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.fill_behind(0, source)
    }

    /// Reads likewise, and keeps the last `kept` octets that were consumed, if they are still there.
    pub(crate) fn fill_behind(&mut self, kept: usize, source: &mut impl Read) -> io::Result<()> {
        // Never read in small pieces only because little room is left at the end.
        self.make_room((self.octets.len() / 4).max(4096), kept.min(self.start));
        loop {
            match source.read(&mut self.octets[self.end..]) {
                Ok(0) => self.eof = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Reads `wanted` octets more from `source`, fewer only at its end. Returns how many; they stay if
    /// reading fails behind them.
    pub fn fill_by<R: Read + ?Sized>(
        &mut self,
        source: &mut R,
        wanted: usize,
    ) -> io::Result<usize> {
        self.make_room(wanted, 0);
        let (start, end) = (self.end, self.end + wanted);
        while self.end < end {
            match source.read(&mut self.octets[self.end..end]) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end - start)
    }

    /// Forgets all but the first `len` octets of the text.
    pub fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len);
    }

    /// Moves all but the first `len` octets of the text to the end of `rest`.
    pub fn split_off(&mut self, len: usize, rest: &mut Window) {
        rest.push(&self.text()[len..]);
        self.truncate(len);
    }

    /// Appends octets that are at hand.
    pub fn push(&mut self, octets: &[u8]) {
        self.make_room(octets.len(), 0);
        self.octets[self.end..self.end + octets.len()].copy_from_slice(octets);
        self.end += octets.len();
    }

    /// Says that nothing will be pushed any more.
    pub fn close(&mut self) {
        self.eof = true;
    }

    /// Empty again, with its room kept.
    pub fn clear(&mut self) {
        (self.start, self.end, self.eof) = (0, 0, false);
    }

    /// Room for `wanted` octets at the end, and still the `kept` octets before the text.
    fn make_room(&mut self, wanted: usize, kept: usize) {
        if self.start == self.end && kept == 0 {
            (self.start, self.end) = (0, 0);
        }
        if self.octets.len() - self.end >= wanted {
            return;
        }
        let from = self.start - kept;
        self.octets.copy_within(from..self.end, 0);
        self.end -= from;
        self.start = kept;
        // Half full after moving: growing twofold keeps the moving linear.
        if self.octets.len() < 2 * self.end || self.octets.len() - self.end < wanted {
            let size = (2 * self.octets.len()).max(self.end + wanted).max(4096);
            self.octets.resize(size, 0);
        }
    }
}

/// The size of a [`Reader`]'s window before any token needs more: large enough that reading runs at
/// the speed of the pipe or page cache.
const WINDOW: usize = 128 * 1024;

/// The events of what can be read, one at a time.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    walker: Walker,
    window: Window,
    /// How much of the window the walker is shown: tokens that are no longer stay in the nearest caches
    /// while they are looked at. More once it needs more.
    shown: usize,
    /// No message is begun from this place on, if an empty line parts it from the one before.
    end: u64,
    has_ended: bool,
}

impl<R: Read> Reader<R> {
    /// Walks over what `source` yields. It is read in large pieces: no buffer is needed before it.
    pub fn new(source: R, limits: Limits, options: Options) -> Reader<R> {
        let walker = Walker::new(limits, options);
        Reader {
            source,
            walker,
            window: Window::with_capacity(WINDOW),
            shown: WINDOW,
            end: u64::MAX,
            has_ended: false,
        }
    }

    /// The same reader for another source, its room kept.
    pub fn reset(&mut self, source: R) {
        self.source = source;
        self.walker.reset();
        self.window.clear();
        (self.end, self.has_ended) = (u64::MAX, false);
    }

    /// A reader for a source of another kind, looked at in another way, with this one's room.
    pub fn renew<S: Read>(mut self, source: S, options: Options) -> Reader<S> {
        if options == self.walker.options {
            self.walker.reset();
        } else {
            self.walker = Walker::new(self.walker.limits, options);
        }
        self.window.clear();
        Reader {
            source,
            walker: self.walker,
            window: self.window,
            shown: WINDOW,
            end: u64::MAX,
            has_ended: false,
        }
    }

    /// Ends between two messages of an mbox before the source does: at the first place from `end` on
    /// where an empty line parts them, counted from where the reader begins.
    pub(crate) fn end_behind(&mut self, end: u64) {
        self.end = end;
    }

    /// Whether it ended so. The next message begins at [`Walker::offset`].
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Exchanges the window, with what is at hand in it, for another. In the place of the octets that
    /// were at hand those of `window` are read on, and behind them the source.
    pub(crate) fn exchange(&mut self, window: &mut Window) {
        std::mem::swap(&mut self.window, window);
    }

    /// What comes next; `None` at the end. Findings go to `sink`.
    // Inlined, an event is taken apart where it is made, and never copied.
    #[inline]
    pub fn next<S: Sink>(&mut self, sink: &mut S) -> io::Result<Option<Event<'_>>> {
        let step = self.step(sink)?;
        let Step::Token(kind, len) = step else {
            return Ok(Event::of(step, &[], &self.walker));
        };
        Ok(Some(Event::Token(self.take(kind, len))))
    }

    /// The next step, for which there are octets enough; those of a token are to be
    /// [taken](Reader::take).
    pub(crate) fn step<S: Sink>(&mut self, sink: &mut S) -> io::Result<Step> {
        let step = loop {
            let text = self.window.text();
            let is_all = text.len() <= self.shown;
            let text = if is_all { text } else { &text[..self.shown] };
            match self.walker.step(text, is_all && self.window.eof(), sink) {
                Step::NeedMore if !is_all => self.shown *= 2,
                Step::NeedMore => self.window.fill(&mut self.source)?,
                step => break step,
            }
        };
        self.shown = WINDOW;
        if step == Step::EndOfMessage {
            self.has_ended = self.walker.offset() >= self.end && self.walker.is_parted();
            match self.has_ended {
                true => self.walker.end(),
                false => self.walker.next_message(),
            }
        }
        Ok(step)
    }

    /// The token that the last step was.
    #[inline]
    pub(crate) fn take(&mut self, kind: Kind, len: usize) -> Token<'_> {
        let part = self.walker.part_index();
        let offset = self.walker.offset() - len as u64;
        Token { kind, part, offset, octets: self.window.take(len) }
    }

    /// The machine, for what it knows beside the events.
    pub fn walker(&self) -> &Walker {
        &self.walker
    }

    /// What is at hand of the input and was not handed out yet: after [`Event::EndOfMessage`], the
    /// start of the next message.
    pub fn at_hand(&self) -> &[u8] {
        self.window.text()
    }
}
