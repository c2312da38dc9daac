//! The records in their order: numbered, each message once if that is asked for, on their way out.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Instant;

use indicatif::HumanCount;

use super::resume::Place;
use super::worker::{Batch, Begun, Message};
use super::{Plan, Stop};
use crate::base::Rule;
use crate::cli::Exit;
use crate::cli::input::PassedOver;
use crate::cli::out::{self, Out};
use crate::mailbox::index::IndexWriter;
use crate::mailbox::{Error, Format};
use crate::record::{Texts, json};

/// Where records go.
pub(super) enum Target<'o> {
    Stdout(&'o mut Out),
    File { name: String, file: BufWriter<File> },
}

impl Write for Target<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => out.safe(octets).map(|()| octets.len()),
            Target::File { file, .. } => file.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => out.flush(),
            Target::File { file, .. } => file.flush(),
        }
    }
}

/// Takes what the workers made.
pub(super) struct Writer<'p, 'o> {
    plan: &'p Plan<'p>,
    target: Target<'o>,
    index: Option<IndexWriter>,
    /// The input whose messages come, and how many came.
    source: Arc<str>,
    number: u64,
    /// How many messages of the argument came, if only one of each is wanted.
    of_argument: u64,
    /// Something of the argument could not be read, which was said already.
    failed: bool,
    /// What stands before the number of a message of this input.
    head: Vec<u8>,
    seen: HashSet<u128>,
    /// The record of the next message is begun with its text.
    is_begun: bool,
    /// Up to here, all was written in a run before.
    resumed: Option<Place>,
    passed_over: PassedOver,
    counts: Counts,
    begun: Instant,
    /// Nothing can be written any more.
    is_lost: bool,
    exit: Exit,
}

#[derive(Default)]
struct Counts {
    messages: u64,
    octets: u64,
    records: u64,
    duplicates: u64,
    findings: BTreeMap<Rule, u64>,
}

impl<'p, 'o> Writer<'p, 'o> {
    pub(super) fn new(
        plan: &'p Plan<'p>,
        target: Target<'o>,
        index: Option<IndexWriter>,
        resumed: Option<Place>,
    ) -> Writer<'p, 'o> {
        Writer {
            plan,
            target,
            index,
            source: Arc::from(""),
            number: 0,
            of_argument: 0,
            failed: false,
            head: Vec::new(),
            seen: HashSet::new(),
            is_begun: false,
            resumed,
            passed_over: PassedOver::default(),
            counts: Counts::default(),
            begun: Instant::now(),
            is_lost: false,
            exit: Exit::Done,
        }
    }

    /// Writes the names of the columns of a table.
    pub(super) fn begin(&mut self) {
        let Some(table) = &self.plan.table else { return };
        let mark: &[u8] = if self.plan.decode.bom { b"\xef\xbb\xbf" } else { b"" };
        let begun = self.target.write_all(mark);
        if let Err(error) = begun.and_then(|()| table.header(&mut self.target)) {
            let stop = self.lost(&error);
            self.lose(stop);
        }
    }

    pub(super) fn take(&mut self, result: Result<Batch, Error>) -> ControlFlow<()> {
        let done = match result {
            Ok(batch) => self.batch(batch),
            Err(error) => {
                self.complain(&error.to_string());
                self.failed = true;
                self.break_off().map_err(|error| self.lost(&error))
            }
        };
        match done {
            Ok(()) if self.has_wanted() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(stop) => {
                self.lose(stop);
                ControlFlow::Break(())
            }
        }
    }

    /// Nothing can be written any more. Of a pipe that was closed nothing is said.
    fn lose(&mut self, Stop::Output(what): Stop) {
        self.is_lost = true;
        if let Some(what) = what {
            self.complain(&what);
        }
    }

    /// Whether the one message of the argument that is wanted came.
    fn has_wanted(&self) -> bool {
        self.plan.decode.inputs.wanted().is_some_and(|wanted| self.of_argument >= wanted)
    }

    fn complain(&mut self, what: &str) {
        out::complain(what);
        self.exit = self.exit.max(Exit::Trouble);
    }

    fn batch(&mut self, batch: Batch) -> Result<(), Stop> {
        if batch.is_first {
            self.source(&batch);
        }
        for failure in &batch.failures {
            self.complain(&format!("{}: an attachment is not stored: {failure}", batch.name));
        }
        self.plan.progress.messages(batch.messages.len() as u64);
        for (rule, count) in batch.findings {
            *self.counts.findings.entry(rule).or_default() += count;
        }
        let mut text = batch.text;
        let mut at = 0;
        for message in &batch.messages {
            self.number += 1;
            self.of_argument += 1;
            if let Some(index) = &mut self.index {
                let pushed = index.push(message.offset, message.length);
                pushed.map_err(|error| Stop::Output(Some(error.to_string())))?;
            }
            let is_wanted = self.is_wanted(message)?;
            let Some(end) = message.end else { continue };
            let members = std::mem::replace(&mut at, end)..end;
            if is_wanted {
                let written = self.record(message, &mut text, members);
                written.map_err(|error| self.lost(&error))?;
            }
        }
        self.plan.rooms.give(text);
        match batch.begun {
            Some(begun) => self.text(&begun).map_err(|error| self.lost(&error)),
            None => Ok(()),
        }
    }

    /// Ends a record whose message could not be read to its end.
    fn break_off(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.is_begun) {
            true => self.target.write_all(b"\",\"length\":null,\"truncated\":true}\n"),
            false => Ok(()),
        }
    }

    /// Writes text of a message that is still being read; its record begins with that, unless it was
    /// written in a run before.
    fn text(&mut self, begun: &Begun) -> io::Result<()> {
        if self.resumed.is_some() {
            return Ok(());
        }
        let to = &mut self.target;
        if !std::mem::replace(&mut self.is_begun, true) {
            to.write_all(&self.head)?;
            write!(to, "{},\"offset\":{},\"text\":\"", self.number + 1, begun.offset)?;
        }
        to.write_all(&begun.text)
    }

    fn source(&mut self, batch: &Batch) {
        match batch.format {
            Format::Empty => out::complain(&format!("{}: empty, holds no message", batch.name)),
            Format::Foreign => self.passed_over.add(&batch.name),
            Format::Message | Format::Mbox | Format::Mmdf => {}
        }
        self.source = Arc::clone(&batch.name);
        self.number = self.plan.decode.inputs.passed();
        self.head.clear();
        self.head.extend_from_slice(b"{\"schema\":\"septet.record/1\",\"source\":");
        // Writing to memory does not fail.
        let _ = json::string(&self.source, &mut self.head);
        self.head.extend_from_slice(b",\"message\":");
    }

    /// Whether the record of a message is to be written. The last one of a run before must be one that
    /// this run would write as well.
    fn is_wanted(&mut self, message: &Message) -> Result<bool, Stop> {
        let is_new = message.key.is_none_or(|key| self.seen.insert(key));
        let is_selected = message.end.is_some()
            && self.plan.decode.inputs.wanted().is_none_or(|wanted| wanted == self.of_argument);
        let Some(place) = &self.resumed else {
            self.counts.messages += 1;
            self.counts.octets += message.length;
            self.counts.duplicates += u64::from(!is_new);
            return Ok(is_new && is_selected);
        };
        if place.is(&self.source, self.number) {
            let is_written = is_new && is_selected || message.is_done;
            if !is_written || place.offset != message.offset {
                return Err(self.differs(place));
            }
            self.resumed = None;
        }
        Ok(false)
    }

    /// The run before was another one.
    fn differs(&self, place: &Place) -> Stop {
        let name = match &self.target {
            Target::Stdout(_) => "-",
            Target::File { name, .. } => name,
        };
        Stop::Output(Some(format!(
            "{name}: was written with other arguments: its last record, of {place}, is none of this \
             run; nothing was written"
        )))
    }

    /// Writes a record, whose `members` stand in `text`.
    fn record(
        &mut self,
        message: &Message,
        text: &mut Texts,
        members: Range<u64>,
    ) -> io::Result<()> {
        self.counts.records += 1;
        let to = &mut self.target;
        match &self.plan.table {
            Some(table) => {
                let place = [self.number, message.offset, message.length];
                table.place(&self.source, place, to)?;
                text.copy(members, to)
            }
            None if std::mem::take(&mut self.is_begun) => {
                text.copy(members, to)?;
                writeln!(to, ",\"length\":{}}}", message.length)
            }
            None => {
                to.write_all(&self.head)?;
                let Message { offset, length, .. } = message;
                write!(to, "{},\"offset\":{offset},\"length\":{length}", self.number)?;
                text.copy(members, to)?;
                to.write_all(b"}\n")
            }
        }
    }

    /// The output is lost; a pipe that was closed is nobody's trouble.
    fn lost(&self, error: &io::Error) -> Stop {
        match &self.target {
            Target::Stdout(_) => Stop::Output(None),
            Target::File { name, .. } => Stop::Output(Some(format!("{name}: {error}"))),
        }
    }

    /// The messages of another argument come, of which one is wanted.
    pub(super) fn begin_argument(&mut self) {
        (self.of_argument, self.failed) = (self.plan.decode.inputs.passed(), false);
    }

    /// No more messages of the argument come: was the one there that is wanted?
    pub(super) fn end_argument(&mut self, name: &str, number: u64) {
        if !self.has_wanted() && !self.failed && !self.is_lost {
            out::complain(&format!("{name}: no message {number}"));
            self.exit = self.exit.max(Exit::No);
        }
    }

    /// All messages came, or nobody wants more. `is_whole` says which.
    pub(super) fn finish(mut self, is_whole: bool) -> Exit {
        if let Err(error) = self.target.flush() {
            let stop = self.lost(&error);
            self.lose(stop);
        }
        if self.is_lost {
            return self.exit;
        }
        self.passed_over.tell();
        if let Some(place) = self.resumed.take().filter(|_| is_whole) {
            // What cannot be read any more holds it perhaps.
            match self.exit {
                Exit::Trouble => out::complain(&format!("{place}: not found: nothing was written")),
                _ => {
                    let stop = self.differs(&place);
                    self.lose(stop);
                }
            }
            return self.exit;
        }
        if let Some(index) = self.index.take().filter(|_| is_whole)
            && let Err(error) = index.finish()
        {
            self.complain(&error.to_string());
        }
        let is_asked = !self.plan.decode.quiet && self.plan.decode.inputs.wanted().is_none();
        // Why there was no message is said already.
        if is_asked && self.counts.messages > 0 {
            self.summarise();
        }
        self.exit
    }

    /// What was done, for people.
    fn summarise(&self) {
        let counts = &self.counts;
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = out::size((counts.octets as f64 / seconds.max(1e-6)) as u64);
        let plural = if counts.messages == 1 { "" } else { "s" };
        let mut line = format!(
            "{} message{plural}, {} in {seconds:.1} s, {rate}/s",
            HumanCount(counts.messages),
            out::size(counts.octets),
        );
        let unselected = counts.messages - counts.records - counts.duplicates;
        for (count, what) in [(unselected, "not selected"), (counts.duplicates, "seen before")] {
            if count > 0 {
                line.push_str(&format!("; {} {what}", HumanCount(count)));
            }
        }
        out::remark(&line);
        if !counts.findings.is_empty() {
            out::remark(&format!("findings: {}", findings(&counts.findings)));
        }
    }
}

/// The rules that fired most often, with how often they did.
fn findings(counts: &BTreeMap<Rule, u64>) -> String {
    const SHOWN: usize = 8;
    let mut rules: Vec<(u64, Rule)> = counts.iter().map(|(&rule, &count)| (count, rule)).collect();
    rules.sort_by_key(|&(count, rule)| (std::cmp::Reverse(count), rule.info().id));
    let rest = rules.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = rules
        .iter()
        .take(SHOWN)
        .map(|(count, rule)| {
            format!("{} {} {}", HumanCount(*count), rule.info().id, rule.info().name)
        })
        .collect();
    if rest > 0 {
        shown.push(format!("and {rest} rules more"));
    }
    shown.join(", ")
}
