//! A message on its way from its source to a target.
//!
//! The header is held until it is over: then the `From ` line, the flags and mostly the conditions
//! are known. The body streams; it is spooled only if a condition can be decided at its end alone.

use std::fs::{self, Metadata};
use std::io::{self, Read, Seek, Write};
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::SpooledTempFile;

use super::super::Exit;
use super::super::input::{Job, Message};
use super::super::out::{self, Out};
use super::super::progress::Running;
use super::super::select;
use super::Copy;
use super::target::{Letter, Sink, Target};
use crate::header::{Context, Field};
use crate::mailbox::{
    Envelope, Error, Flags, Format, Input, LineEnds, Quoter, Quoting, SPOOL, Source, from_line,
    from_line_date,
};
use crate::record::select::Selection;
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// Where messages come from.
struct Origin {
    format: Format,
    /// Of the file, if it is a regular one.
    metadata: Option<Metadata>,
    /// Its octets are those of the file, which was not unpacked.
    is_whole: bool,
    /// Of a message in a Maildir.
    flags: Option<Flags>,
}

impl Origin {
    /// Whether several messages are in one file.
    fn is_mailbox(&self) -> bool {
        matches!(self.format, Format::Mbox | Format::Mmdf)
    }
}

/// How far a message has come.
enum Stage {
    /// There is none.
    None,
    /// Its header is being read.
    Head,
    /// What is read is kept until it is certain that it is meant.
    Kept(SpooledTempFile),
    /// It goes to the target.
    Passing,
    /// It is not meant.
    Skipped,
}

/// The start of a message.
#[derive(Default)]
struct Head {
    /// The line that stood before it in an mbox.
    from_line: Vec<u8>,
    octets: Vec<u8>,
    /// Where its last line begins: the empty one, once the header is over.
    last: usize,
    has_end: bool,
    envelope: Envelope,
    /// The bodies of the first Status and X-Status, and where all such fields stand.
    status: Option<Vec<u8>>,
    x_status: Option<Vec<u8>>,
    marks: Vec<Range<usize>>,
}

pub(super) struct CopyJob<'a> {
    options: &'a Copy,
    target: Target,
    selection: Selection,
    context: Context,
    out: &'a mut Out,
    origin: Origin,
    stage: Stage,
    head: Head,
    quoter: Quoter,
    /// The last message of this input that was read to its end is in the target.
    has_last: bool,
    /// The target takes nothing any more, which was said.
    has_failed: bool,
    /// Messages that were read, and those of them that are in the target.
    read: u64,
    copied: u64,
}

impl Head {
    fn push(&mut self, kind: Kind, octets: &[u8], context: &Context) {
        self.last = self.octets.len();
        self.octets.extend_from_slice(octets);
        self.has_end = kind == Kind::HeaderEnd;
        if kind != Kind::Field {
            return;
        }
        let Some(field) = Field::parse(octets) else { return };
        self.envelope.field(&field, context);
        let body = match (field.is("Status"), field.is("X-Status")) {
            (true, _) => &mut self.status,
            (_, true) => &mut self.x_status,
            _ => return,
        };
        body.get_or_insert_with(|| field.body.to_vec());
        self.marks.push(self.last..self.octets.len());
    }

    fn line_end(&self) -> &'static [u8] {
        let mut ends = LineEnds::default();
        ends.look_at(&self.octets);
        ends.line_end()
    }

    fn said(&self) -> (&[u8], &[u8]) {
        (self.status.as_deref().unwrap_or(b""), self.x_status.as_deref().unwrap_or(b""))
    }

    /// Has the fields Status and X-Status say these flags: they stay if they do already, else they
    /// are written anew at the end of the header.
    fn mark(&mut self, flags: &Flags) {
        let (status, x_status) = self.said();
        if flags.are_said_by(status, x_status) {
            return;
        }
        let line_end = self.line_end();
        let whole = self.octets.len();
        let behind = if self.has_end { self.last } else { whole };
        let mut new = Vec::with_capacity(whole + 64);
        let mut at = 0;
        for mark in &self.marks {
            new.extend_from_slice(&self.octets[at..mark.start]);
            at = mark.end;
        }
        new.extend_from_slice(&self.octets[at..behind.max(at)]);
        if !new.is_empty() && !new.ends_with(b"\n") {
            new.extend_from_slice(line_end);
        }
        let (status, x_status) = flags.fields();
        for (name, body) in [("Status", status), ("X-Status", x_status)] {
            if !body.is_empty() {
                new.extend_from_slice(format!("{name}: {body}").as_bytes());
                new.extend_from_slice(line_end);
            }
        }
        new.extend_from_slice(&self.octets[behind.max(at)..]);
        self.octets = new;
    }
}

impl<'a> CopyJob<'a> {
    pub(super) fn new(options: &'a Copy, target: Target, out: &'a mut Out) -> CopyJob<'a> {
        let inputs = &options.inputs;
        CopyJob {
            options,
            target,
            selection: options.wanted.selection(inputs),
            context: Context { limits: inputs.limits(), fallback: inputs.fallback_charset() },
            out,
            origin: Origin { format: Format::Empty, metadata: None, is_whole: false, flags: None },
            stage: Stage::None,
            head: Head::default(),
            quoter: Quoter::new(Quoting::Keep),
            has_last: false,
            has_failed: false,
            read: 0,
            copied: 0,
        }
    }

    /// Nothing more is read; `exit` says how that went.
    pub(super) fn finish(&mut self, exit: Exit) -> Exit {
        self.abandon();
        if exit == Exit::Interrupted
            && let Some(path) = self.target.give_up()
        {
            out::complain(&format!("{}: interrupted, so it is not there", path.display()));
            return Exit::Interrupted;
        }
        // Of a Maildir or folder that takes no more, what it took is whole.
        if (!self.has_failed || !self.target.is_mbox())
            && let Err(error) = self.target.finish(exit == Exit::Done)
        {
            self.fail(&error);
        }
        if self.has_failed {
            return Exit::Trouble;
        }
        self.summarise(exit);
        Exit::Done
    }

    /// What was done, for people.
    fn summarise(&self, exit: Exit) {
        let copied = out::counted(self.copied, "message");
        if exit == Exit::Interrupted && !self.target.is_mbox() {
            let target = self.options.output.display();
            out::complain(&format!("{target}: interrupted: {copied} copied"));
        } else if !self.options.quiet && !self.options.is_stdout() {
            let has_none = self.copied == 0 && self.read > 0 && !self.selection.is_empty();
            out::remark(&if has_none {
                "nothing matched".to_owned()
            } else {
                format!("{copied} copied")
            });
        }
    }

    /// What was begun and not ended could not be read.
    fn abandon(&mut self) {
        if let Stage::Passing = std::mem::replace(&mut self.stage, Stage::None)
            && !self.has_failed
            && let Err(error) = self.target.abandon(self.out)
        {
            self.fail(&error);
        }
    }

    /// Says once what became of the target. What a closed pipe means, the caller of all knows.
    fn fail(&mut self, error: &Error) {
        if !self.has_failed && self.out.failure().is_none() {
            out::complain(&error.to_string());
        }
        self.has_failed = true;
    }

    /// An error that stops the run, for the target's sake.
    fn stop(&mut self, error: &Error) -> io::Error {
        self.fail(error);
        io::Error::other("the target takes nothing any more")
    }

    fn quoting(&self) -> Quoting {
        match (self.origin.format == Format::Mbox, self.target.is_mbox()) {
            (false, true) => Quoting::Quote,
            (true, false) if !self.options.no_unquote => Quoting::Unquote,
            _ => Quoting::Keep,
        }
    }

    /// The header is over, or too long to be held: what is known of whether the message is meant.
    fn start(&mut self, is_meant: Option<bool>) -> io::Result<()> {
        match is_meant {
            Some(true) => self.open(),
            Some(false) => {
                self.stage = Stage::Skipped;
                Ok(())
            }
            None => {
                self.stage = Stage::Kept(SpooledTempFile::new(SPOOL));
                Ok(())
            }
        }
    }

    /// Begins the message in the target, and writes its header.
    fn open(&mut self) -> io::Result<()> {
        let delivered = self.delivered();
        let flags = match &self.origin.flags {
            Some(flags) => flags.clone(),
            None if self.origin.is_mailbox() => {
                let (status, x_status) = self.head.said();
                Flags::of_fields(status, x_status)
            }
            None => Flags::default(),
        };
        let mut head = std::mem::take(&mut self.head);
        if self.target.is_mbox() {
            if self.origin.flags.is_some() {
                head.mark(&flags);
            }
            if from_line_date(&head.from_line).is_none() {
                let seconds = delivered.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                head.from_line = from_line(head.envelope.sender(), seconds).into_bytes();
            }
            if !head.from_line.ends_with(b"\n") {
                head.from_line.extend_from_slice(head.line_end());
            }
        }
        let letter = Letter {
            from_line: &head.from_line,
            flags: &flags,
            delivered,
            like: self.origin.metadata.as_ref(),
        };
        let begun = self.target.begin(&letter, self.out);
        begun.map_err(|error| self.stop(&error))?;
        self.stage = Stage::Passing;
        self.quoter = Quoter::new(self.quoting());
        let written = self.target.write(&head.octets, self.out);
        written.map_err(|error| self.stop(&self.target.failed(error)))
    }

    /// When the message was delivered, as far as anybody knows.
    fn delivered(&self) -> SystemTime {
        let is_own = self.origin.is_whole && !self.origin.is_mailbox();
        let of_file = self.origin.metadata.as_ref().filter(|_| is_own);
        let of_file = of_file.and_then(|metadata| metadata.modified().ok());
        let is_kept = self.origin.flags.is_some() || self.target.is_folder();
        let in_header =
            || from_line_date(&self.head.from_line).or_else(|| self.head.envelope.date());
        let at = |seconds: i64| {
            UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        };
        of_file
            .filter(|_| is_kept)
            .or_else(|| in_header().and_then(at))
            .or(of_file)
            .unwrap_or_else(SystemTime::now)
    }

    /// Octets behind the header.
    fn body(&mut self, octets: &[u8]) -> io::Result<()> {
        let CopyJob { quoter, target, out, .. } = self;
        let written = quoter.write(octets, &mut Sink { target, out });
        written.map_err(|error| self.stop(&self.target.failed(error)))
    }

    /// The end of the message.
    fn close(&mut self) -> io::Result<()> {
        let CopyJob { quoter, target, out, .. } = self;
        let written = quoter.finish(&mut Sink { target, out });
        written.map_err(|error| self.stop(&self.target.failed(error)))?;
        self.stage = Stage::None;
        let ended = self.target.end(self.out);
        ended.map_err(|error| self.stop(&error))
    }

    /// Writes a message that was kept.
    fn release(&mut self, mut kept: SpooledTempFile) -> io::Result<()> {
        self.open()?;
        kept.rewind()?;
        let mut window = vec![0; 64 << 10];
        loop {
            match kept.read(&mut window)? {
                0 => return Ok(()),
                len => self.body(&window[..len])?,
            }
        }
    }
}

impl Visitor for CopyJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded > 0 {
            return Ok(());
        }
        if let Stage::Head = self.stage {
            let is_first = self.head.octets.is_empty() && self.head.from_line.is_empty();
            match kind {
                Kind::FromLine if self.origin.is_mailbox() && is_first => {
                    self.head.from_line = octets.to_vec();
                    return Ok(());
                }
                Kind::FromLine | Kind::Bom | Kind::Field | Kind::Junk | Kind::HeaderEnd => {
                    select::show(&mut self.selection, at, kind, octets);
                    if self.quoting() == Quoting::Quote && octets.starts_with(b"From ") {
                        self.head.octets.push(b'>');
                    }
                    self.head.push(kind, octets, &self.context);
                    return Ok(());
                }
                // LIMIT: what lies beyond the limits on a header is passed on with the body.
                _ => self.start(if self.selection.is_empty() { Some(true) } else { None })?,
            }
        }
        match &mut self.stage {
            Stage::Kept(kept) => {
                select::show(&mut self.selection, at, kind, octets);
                kept.write_all(octets)
            }
            Stage::Passing => self.body(octets),
            Stage::None | Stage::Head | Stage::Skipped => Ok(()),
        }
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            let is_meant = self.selection.headed(structure);
            match (&self.stage, is_meant) {
                (Stage::Head, _) => self.start(is_meant)?,
                (Stage::Kept(_), Some(false)) => self.stage = Stage::Skipped,
                _ => {}
            }
        }
        Ok(Want::Nothing)
    }
}

impl Job for CopyJob<'_> {
    fn source(&mut self, source: &Source, input: &Input<'_>) {
        self.abandon();
        self.has_last = false;
        let metadata = match source {
            Source::File(path) | Source::Found(path) => fs::metadata(path).ok(),
            Source::Stdin | Source::Range(..) | Source::Behind(..) => None,
        };
        let (format, is_whole) = (input.format, input.is_whole);
        let metadata = metadata.filter(Metadata::is_file);
        self.origin = Origin { format, metadata, is_whole, flags: input.flags.clone() };
        if self.origin.is_mailbox() {
            self.origin.flags = None;
        }
    }

    fn begin(&mut self, _: &str, _: u64) {
        self.abandon();
        self.stage = Stage::Head;
        self.head = Head::default();
        self.selection.begin();
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        self.has_last = false;
        self.read += 1;
        match std::mem::replace(&mut self.stage, Stage::None) {
            Stage::Kept(kept) if self.selection.matches(message.structure) => self.release(kept)?,
            Stage::Passing => {}
            Stage::Kept(_) | Stage::None | Stage::Head | Stage::Skipped => return Ok(Exit::Done),
        }
        self.close()?;
        self.has_last = true;
        self.copied += 1;
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn is_stopped(&mut self) -> bool {
        self.has_failed || self.out.failure().is_some()
    }

    /// What the octets are cut off in is all that there is of the message: it is not lost.
    fn cut_off(&self, number: u64) -> Option<String> {
        self.has_last.then(|| format!("message {number} is copied as far as it goes"))
    }

    /// An mbox on standard output goes to a pager as often as to a file: a bar would be in its way.
    fn running(&self) -> Running {
        let is_quiet = self.options.quiet || self.options.is_stdout();
        if is_quiet { Running::Quiet } else { Running::Filed }
    }
}
