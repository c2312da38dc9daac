//! The messages of one source on their way to where they go.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::Exit;
use super::super::out::{self, Out};
use super::super::progress::Progress;
use super::super::select::Chooser;
use super::{Convert, Stop, report};
use crate::base::Eol;
use crate::convert::{Action, Converted, Converter, Look, Screen, Screened};
use crate::mailbox::{Error, Replacement, Section, Store};
use crate::walk::Separator;

/// Octets that are copied at a time.
const WINDOW: u64 = 128 << 10;

/// Where the messages of a source go.
pub(super) enum Sink<'a> {
    Stdout(&'a mut Out),
    File(Box<Replacement>),
    Nowhere,
}

impl Write for Sink<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Stdout(out) => out.octets(octets).map(|()| octets.len()),
            Sink::File(file) => file.write(octets),
            Sink::Nowhere => Ok(octets.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What became of the messages of a source.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) exit: Option<Exit>,
    pub(super) changed: bool,
    /// Octets of what is written, and with CRLF for each line end.
    pub(super) sizes: Sizes,
}

/// Octets that passed, as they are and as they are on the wire.
#[derive(Default)]
pub(super) struct Sizes {
    pub(super) octets: u64,
    pub(super) wire: u64,
    pub(super) last: u8,
}

impl Sizes {
    fn count(&mut self, octets: &[u8]) {
        let mut before = self.last;
        for &c in octets {
            self.wire += 1 + u64::from(c == b'\n' && before != b'\r');
            before = c;
        }
        self.octets += octets.len() as u64;
        self.last = before;
    }
}

/// The conversion of one source.
pub(super) struct Run<'a> {
    pub(super) name: &'a str,
    pub(super) store: &'a Store,
    pub(super) arguments: &'a Convert,
    pub(super) converter: &'a mut Converter,
    /// Who says which messages are to be converted, if not all are.
    pub(super) chooser: Option<&'a mut Chooser>,
    pub(super) report: Option<&'a mut BufWriter<File>>,
    pub(super) progress: &'a Progress,
    /// Set once the user wants no more.
    pub(super) interrupt: &'a AtomicBool,
    /// How many octets were read before the source, if reading it is not metered.
    pub(super) read_before: Option<u64>,
    pub(super) tally: Tally,
    /// How much of the source was written or passed over.
    pub(super) copied: u64,
    /// Where the message before ends.
    pub(super) before: u64,
    pub(super) counts: report::Counts,
}

impl Run<'_> {
    pub(super) fn messages(
        &mut self,
        sink: &mut Sink<'_>,
        mut explain: Option<&mut Out>,
    ) -> Result<(), Stop> {
        let separator = self.store.format().separator();
        let is_mbox = separator != Separator::None;
        let limits = self.arguments.inputs.limits();
        let len = self.store.len();
        let mut screen = Screen::new(self.store.reader(0..len), limits, separator).with_len(len);
        let wanted = self.arguments.inputs.wanted();
        let mut number = 0;
        loop {
            let screened = match screen.look().map_err(|error| self.read_error(error))? {
                Look::Message(screened) => screened,
                Look::Fill => {
                    self.pass_at_hand(&screen, sink)?;
                    continue;
                }
                Look::Over => break,
            };
            if number > 0 && self.interrupt.load(Ordering::Relaxed) {
                return Err(self.interrupted(sink));
            }
            number += 1;
            if wanted.is_none_or(|wanted| wanted == number) {
                if !screened.is_clean {
                    self.pass_at_hand(&screen, sink)?;
                }
                let hand = screen.at_hand(&screened.octets);
                self.message(number, &screened, hand, sink, explain.as_deref_mut())?;
                self.before = screened.octets.end;
                if wanted.is_some() {
                    self.pass_to(screened.octets.end, sink)?;
                    return Ok(());
                }
            } else {
                self.copied = screened.octets.end;
            }
            self.progress.messages(1);
            if let Some(before) = self.read_before {
                self.progress.meter.reach(before + screened.octets.end);
            }
        }
        if let Some(wanted) = wanted {
            out::complain(&format!("{}: no message {wanted}", self.name));
            self.note(Exit::No);
            return Ok(());
        }
        if let Some(out) = explain.filter(|_| is_mbox) {
            report::summary(out, self.name, &self.counts).map_err(|_| Stop::Output)?;
        }
        self.pass_to(self.store.len(), sink)
    }

    /// Ends a run between two messages: a file without the others takes no name.
    fn interrupted(&mut self, sink: &mut Sink<'_>) -> Stop {
        match sink {
            Sink::File(file) => {
                let (name, fate) = match self.arguments.in_place {
                    true => (self.name.to_owned(), "stays as it is"),
                    false => (file.target().display().to_string(), "is not there"),
                };
                out::complain(&format!("{name}: interrupted, so it {fate}"));
                Stop::Interrupt
            }
            Sink::Stdout(_) => self.pass_to(self.before, sink).err().unwrap_or(Stop::Interrupt),
            Sink::Nowhere => Stop::Interrupt,
        }
    }

    fn read_error(&self, error: io::Error) -> Stop {
        Stop::Error(Error::io(self.name, error))
    }

    fn note(&mut self, exit: Exit) {
        self.tally.exit = self.tally.exit.max(Some(exit));
    }

    /// Converts one message, whose octets may be at hand.
    fn message(
        &mut self,
        number: u64,
        screened: &Screened,
        hand: Option<&[u8]>,
        sink: &mut Sink<'_>,
        explain: Option<&mut Out>,
    ) -> Result<(), Stop> {
        let range = screened.octets.clone();
        if self.arguments.inputs.wanted().is_some() {
            self.copied = range.start;
        }
        let needs_nothing = screened.is_clean && screened.eol == Eol::Lf;
        if needs_nothing && self.converter.trusts_screen() {
            self.counts.count(Action::Unchanged);
            return Ok(());
        }
        let store = self.store;
        let open = || match hand {
            Some(octets) => Opened::Hand(octets),
            None => Opened::Store(store.reader(range.clone())),
        };
        if let Some(chooser) = &mut self.chooser
            && !chooser.means(open()).map_err(|error| Stop::Error(Error::io(self.name, error)))?
        {
            self.counts.count(Action::Unchanged);
            return Ok(());
        }
        let converted = self
            .converter
            .convert(screened.eol, open)
            .map_err(|error| Stop::Error(Error::io(self.name, error)))?;
        if let Some(report) = &mut self.report {
            report::json(report, self.name, number, self.arguments.to_name(), &converted)
                .map_err(|error| self.report_error(error))?;
        }
        self.counts.count(converted.action());
        let is_mbox = self.store.format().separator() != Separator::None
            && self.arguments.inputs.wanted().is_none();
        if let Some(out) = explain {
            // In an archive those that need nothing are only counted.
            if is_mbox && converted.action() == Action::Unchanged {
                return Ok(());
            }
            report::explain(out, self.name, number, self.arguments.to_name(), &converted)
                .map_err(|_| Stop::Output)?;
        } else {
            self.complain(number, &converted);
        }
        if !converted.plan.refused.is_empty() || converted.verified == Some(false) {
            self.note(Exit::No);
        }
        match converted.action() {
            Action::Refused if self.arguments.strict => {
                // The separator of an mbox goes with it.
                self.pass_to(self.before, sink)?;
                self.copied = range.end;
                self.tally.changed = true;
            }
            Action::Converted => {
                self.pass_to(range.start, sink)?;
                let mut sink = Counting { sink, sizes: &mut self.tally.sizes };
                let written = converted.write(open(), &mut sink);
                written.map_err(|error| self.write_error(error))?;
                self.copied = range.end;
                self.tally.changed = true;
            }
            Action::Refused | Action::Unchanged => {}
        }
        Ok(())
    }

    fn report_error(&self, error: io::Error) -> Stop {
        let name = self.arguments.report.as_deref().unwrap_or(Path::new("-"));
        Stop::Error(Error::io(&name.to_string_lossy(), error))
    }

    /// A failure while a message was read and written; what the output says of itself comes first.
    fn write_error(&self, error: io::Error) -> Stop {
        match self.arguments.output.is_some() || self.arguments.in_place {
            true => Stop::Error(Error::io(self.name, error)),
            false => Stop::Output,
        }
    }

    /// Says on standard error what could not be converted.
    fn complain(&self, number: u64, converted: &Converted) {
        let place = format!("{}: message {number}", self.name);
        let fate = if self.arguments.strict { "left out" } else { "passed on as it is" };
        if let Some(difference) = converted.differences.first() {
            let field = difference.field.as_ref().map(|f| format!(", {f}")).unwrap_or_default();
            out::complain(&format!(
                "{place}: part {}{field}: {} would differ, which is a mistake of septet; {fate}",
                difference.part, difference.what
            ));
        } else if converted.verified == Some(false) {
            out::complain(&format!(
                "{place}: the result would not be clean, which is a mistake of septet; {fate}"
            ));
        } else if let Some(refusal) = converted.plan.refused.first() {
            let field = refusal.field.as_ref().map(|f| format!(", {f}")).unwrap_or_default();
            let more = match converted.plan.refused.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            let fate = match converted.action() {
                Action::Converted => "the rest is converted",
                _ => fate,
            };
            out::complain(&format!(
                "{place}: part {}{field}: {}{more}; {fate}",
                refusal.part, refusal.reason
            ));
        }
    }

    /// Writes what is at hand of the messages before, and was not written yet.
    fn pass_at_hand<R: Read>(
        &mut self,
        screen: &Screen<R>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let is_unwanted = matches!(sink, Sink::Nowhere) || self.arguments.inputs.wanted().is_some();
        if is_unwanted || self.copied >= self.before {
            return Ok(());
        }
        let Some(octets) = screen.at_hand(&(self.copied..self.before)) else {
            return self.pass_to(self.before, sink);
        };
        self.write(octets, sink)?;
        self.copied = self.before;
        Ok(())
    }

    fn write(&mut self, octets: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
        let mut sink = Counting { sink, sizes: &mut self.tally.sizes };
        let written = sink.write_all(octets);
        written.map_err(|error| self.write_error(error))
    }

    /// Copies what was not written yet, up to `end`.
    fn pass_to(&mut self, end: u64, sink: &mut Sink<'_>) -> Result<(), Stop> {
        let mut source = self.store.reader(self.copied..end.max(self.copied));
        let len = end.saturating_sub(self.copied).min(WINDOW);
        let mut window = vec![0; len as usize];
        loop {
            let len = source.read(&mut window).map_err(|error| self.read_error(error))?;
            if len == 0 {
                break;
            }
            self.write(&window[..len], sink)?;
        }
        self.copied = end.max(self.copied);
        Ok(())
    }
}

/// A message that is read: where it is at hand, or where it lies.
enum Opened<'a> {
    Hand(&'a [u8]),
    Store(Section<'a>),
}

impl Read for Opened<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Opened::Hand(octets) => octets.read(room),
            Opened::Store(section) => section.read(room),
        }
    }
}

/// Counts what passes on the way to a sink.
struct Counting<'a, 's> {
    sink: &'a mut Sink<'s>,
    sizes: &'a mut Sizes,
}

impl Write for Counting<'_, '_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let len = self.sink.write(octets)?;
        // Only names in a Maildir ask for sizes.
        if matches!(self.sink, Sink::File(_)) {
            self.sizes.count(&octets[..len]);
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}
