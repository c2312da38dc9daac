//! What the commands read: arguments that name it, and the loop over the messages.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Exit;
use super::out::{self, Out};
use super::progress::{self, Progress, Running};
use crate::base::Limits;
use crate::charset::Charset;
use crate::extract::type_by_name;
use crate::header::mime::{TypePattern, TypePatternError};
use crate::mailbox::index;
use crate::mailbox::{Error, Format, Input, Source, Sources};
use crate::structure::{Builder, Structure, Visitor};
use crate::walk::Reader;

/// What is read, and how far.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Messages, mboxes, archives, or folders of these; `-` or none is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Read the names of the inputs from FILE, one a line (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,

    /// The names in --files-from end with NUL, not with a line end
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,

    /// Only the Nth message of each FILE, counted from 1; a folder is one FILE
    #[arg(short, long, value_name = "N", value_parser = one_or_more::<u64>)]
    message: Option<u64>,

    /// Where the messages of one mbox stand: `decode` writes FILE, with -m it is made use of
    #[arg(long, value_name = "FILE")]
    #[arg(hide_short_help = true)]
    index: Option<PathBuf>,

    /// Of one mbox file, only the messages that begin in these octets
    ///
    /// START counts, END does not; without END, up to the end. Ranges that partition the file
    /// partition its messages, so that several can share the work. Messages are counted from the
    /// first in the range.
    #[arg(long, value_name = "START:END", value_parser = range, conflicts_with = "message")]
    #[arg(hide_short_help = true)]
    range: Option<Range<u64>>,

    /// Charset of octets over 127 that name none and are no UTF-8
    #[arg(long, value_name = "CHARSET", default_value = "windows-1252", value_parser = charset)]
    #[arg(hide_short_help = true)]
    fallback_charset: Charset,

    #[command(flatten)]
    limits: LimitOptions,
}

/// How much of a message is read.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct LimitOptions {
    /// Levels of nesting that are walked into
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth, value_parser = number::<u32>)]
    #[arg(hide_short_help = true, help_heading = "Limits")]
    max_depth: u32,

    /// Parts of a message that are told apart
    #[arg(long, value_name = "N", default_value_t = Limits::default().parts, value_parser = number::<u32>)]
    #[arg(hide_short_help = true, help_heading = "Limits")]
    max_parts: u32,

    /// Fields of a header that are read
    #[arg(long, value_name = "N", default_value_t = Limits::default().fields, value_parser = number::<u32>)]
    #[arg(hide_short_help = true, help_heading = "Limits")]
    max_fields: u32,

    /// Octets of a field that are read
    #[arg(long, value_name = "OCTETS", default_value_t = Limits::default().field, value_parser = number::<usize>)]
    #[arg(hide_short_help = true, help_heading = "Limits")]
    max_field: usize,

    /// Parameters of a field that are read
    #[arg(long, value_name = "N", default_value_t = Limits::default().params, value_parser = number::<usize>)]
    #[arg(hide_short_help = true, help_heading = "Limits")]
    max_params: usize,
}

impl LimitOptions {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            depth: self.max_depth,
            parts: self.max_parts,
            fields: self.max_fields,
            field: self.max_field.max(1000),
            header: Limits::default().header.max(self.max_field as u64),
            params: self.max_params,
            ..Limits::default()
        }
    }
}

pub(crate) fn charset(label: &str) -> Result<Charset, String> {
    Charset::for_label(label.as_bytes()).ok_or_else(|| "not a charset that is known".to_owned())
}

/// A number as options have it.
pub(crate) fn number<N: TryFrom<u64>>(text: &str) -> Result<N, String> {
    let number = text.parse::<u64>().ok().and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| "not a whole number such as 100, or too large".to_owned())
}

/// A number that is not 0.
pub(crate) fn one_or_more<N: TryFrom<u64>>(text: &str) -> Result<N, String> {
    match text.parse::<u64>() {
        Ok(0) => Err("it takes at least 1".to_owned()),
        _ => number(text),
    }
}

/// Media types as options have them.
pub(crate) fn media_type(text: &str) -> Result<TypePattern, String> {
    text.parse().map_err(|error: TypePatternError| match type_by_name(&format!(".{text}")) {
        Some(essence) => format!("not a media type; perhaps {essence}?"),
        None => error.to_string(),
    })
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text.split_once(':').ok_or("START:END, two numbers of octets")?;
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number of octets"));
    let start = if start.is_empty() { 0 } else { number(start)? };
    let end = if end.is_empty() { u64::MAX } else { number(end)? };
    if start <= end { Ok(start..end) } else { Err("it ends before it starts".to_owned()) }
}

/// A message that was read.
pub(crate) struct Message<'a> {
    /// The name of the input.
    pub(crate) source: &'a str,
    /// Which one it is there, from 1.
    pub(crate) number: u64,
    /// Where it begins in the input.
    pub(crate) offset: u64,
    pub(crate) structure: &'a Structure,
}

/// What a command does with each message.
pub(crate) trait Job: Visitor {
    /// The messages of this source come next, or of something in it that is called otherwise.
    fn source(&mut self, source: &Source, input: &Input<'_>) {
        let _ = (source, input);
    }
    /// The message `number` of `source` comes next.
    fn begin(&mut self, source: &str, number: u64);
    /// It was read to its end.
    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit>;
    /// Where it prints.
    fn out(&mut self) -> &mut Out;
    /// What became of the last message of an input, `number`, which could not be read to its end: said
    /// behind the reason.
    fn cut_off(&self, number: u64) -> Option<String> {
        let _ = number;
        None
    }
    /// What is seen of the run, and how Ctrl-C ends it.
    fn running(&self) -> Running {
        Running::Shown
    }
    /// Nobody takes what it makes: reading on makes no sense.
    fn is_stopped(&mut self) -> bool {
        self.out().failure().is_some()
    }
}

/// The files of an argument that seem to hold no mail, of which one line tells.
#[derive(Default)]
pub(crate) struct PassedOver {
    first: String,
    count: u64,
}

impl PassedOver {
    pub(crate) fn add(&mut self, name: &str) {
        if self.count == 0 {
            name.clone_into(&mut self.first);
        }
        self.count += 1;
    }

    /// Says on standard error what was passed over, and forgets it.
    pub(crate) fn tell(&mut self) {
        let PassedOver { first, count } = std::mem::take(self);
        match count {
            0 => {}
            1 => out::complain(&format!("{first} holds no mail; passed over")),
            _ => {
                out::complain(&format!("{first} and {} more hold no mail; passed over", count - 1))
            }
        }
    }
}

/// Why reading on makes no sense.
enum Stop {
    /// Of this input.
    Input(Error),
    /// Of all: nobody takes the output.
    Output,
    /// Of all: the user wants no more.
    Interrupt,
}

impl Inputs {
    /// Puts an input before the others.
    pub(crate) fn put_first(&mut self, input: PathBuf) {
        self.files.insert(0, input);
    }

    /// The one input of a filter, `None` for standard input; an error if there are several.
    pub(crate) fn only(&self) -> Result<Option<&Path>, ()> {
        match &self.files[..] {
            [] => Ok(None),
            [file] => Ok(Some(file)),
            _ => Err(()),
        }
    }

    /// The folders among the inputs that are named.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path).filter(|file| file.is_dir())
    }

    /// Whether standard input is read.
    pub(crate) fn is_stdin(&self) -> bool {
        let is_dash = |file: &PathBuf| file.as_os_str() == "-";
        self.files.is_empty() && self.files_from.is_none() || self.files.iter().any(is_dash)
    }

    /// Whether there may be more than one source.
    pub(crate) fn are_many(&self) -> bool {
        self.files_from.is_some() || self.files.len() > 1 || self.files.iter().any(|f| f.is_dir())
    }

    /// How a run over these inputs goes: who types the messages sees what becomes of them, and
    /// Ctrl-C must not wait for the next.
    pub(crate) fn running(&self, running: Running) -> Running {
        if self.is_stdin() && io::stdin().is_terminal() { Running::Shown } else { running }
    }

    /// The message that is asked for, if only one is.
    pub(crate) fn wanted(&self) -> Option<u64> {
        self.message
    }

    /// The file that says where the messages of the input stand.
    pub(crate) fn index(&self) -> Option<&Path> {
        self.index.as_deref()
    }

    /// Only one message is found by an index, for whoever does not write it.
    pub(crate) fn check_index(&self) -> Result<(), &'static str> {
        match (&self.index, self.message) {
            (Some(_), None) => Err("--index finds one message: say which with -m"),
            _ => Ok(()),
        }
    }

    /// Whether only a stretch of the input is read.
    pub(crate) fn has_range(&self) -> bool {
        self.range.is_some()
    }

    /// How many octets the inputs have, as far as that can be told before they are read.
    pub(crate) fn octets(&self) -> Option<u64> {
        let len = |file: &PathBuf| {
            fs::metadata(file).ok().filter(fs::Metadata::is_file).map(|file| file.len())
        };
        match (&self.files_from, &self.files[..]) {
            (Some(_), _) | (None, []) => None,
            (None, files) => files.iter().map(len).sum(),
        }
    }

    /// The charset of octets over 127 that name none and are no UTF-8.
    pub(crate) fn fallback_charset(&self) -> Charset {
        self.fallback_charset
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits.limits()
    }

    pub(crate) fn sources(&self) -> Result<Sources, Error> {
        self.sources_of(self.arguments()?)
    }

    /// The sources, where the [arguments](Inputs::arguments) are known: a list that came from a pipe
    /// cannot be read twice.
    pub(crate) fn sources_of(&self, arguments: Vec<PathBuf>) -> Result<Sources, Error> {
        if let Some(range) = &self.range {
            return Ok(Sources::of(Source::Range(self.only_file("a range")?, range.clone())));
        }
        if let (Some(index), Some(number)) = (&self.index, self.message) {
            let file = self.only_file("an index")?;
            // Behind the last, there is none.
            let end_before = index::find(index, &file, number)?.unwrap_or(u64::MAX >> 1);
            return Ok(Sources::of(Source::Behind(file, end_before)));
        }
        // An empty list names no input: it does not mean standard input.
        Ok(match arguments.is_empty() && self.files_from.is_some() {
            true => Sources::none(),
            false => Sources::new(arguments),
        })
    }

    /// How many messages stand before the first one that is read.
    pub(crate) fn passed(&self) -> u64 {
        match (&self.index, self.message) {
            (Some(_), Some(number)) => number - 1,
            _ => 0,
        }
    }

    /// The one mbox file that something is of.
    pub(crate) fn only_file(&self, what: &str) -> Result<PathBuf, Error> {
        let file = self.only().ok().flatten().filter(|_| self.files_from.is_none());
        let failed = || {
            let name = match (file, self.is_stdin()) {
                (Some(file), _) => file.display().to_string(),
                (None, true) => "-".to_owned(),
                (None, false) => "several inputs".to_owned(),
            };
            Error::io(&name, io::Error::other(format!("{what} is of one mbox file")))
        };
        file.filter(|file| file.is_file()).map(Path::to_owned).ok_or_else(failed)
    }

    /// The inputs that are named, those of --files-from among them.
    pub(crate) fn arguments(&self) -> Result<Vec<PathBuf>, Error> {
        let Some(list) = &self.files_from else { return Ok(self.files.clone()) };
        let failed = |error| Error::io(&list.to_string_lossy(), error);
        let mut names = Vec::new();
        match Source::of(list).path() {
            None => io::stdin().read_to_end(&mut names).map_err(failed)?,
            Some(path) => fs::File::open(path)
                .and_then(|mut file| file.read_to_end(&mut names))
                .map_err(failed)?,
        };
        let end = if self.null { 0 } else { b'\n' };
        let names = names.split(|&c| c == end).filter(|name| !name.is_empty()).map(path);
        Ok(self.files.iter().cloned().chain(names).collect())
    }

    /// Reads all messages of all inputs. What cannot be read is named on standard error, and the
    /// rest is still done.
    pub(crate) fn run<J: Job>(&self, survey: bool, job: &mut J) -> Exit {
        if let Err(wrong) = self.check_index() {
            out::complain(wrong);
            return Exit::Usage;
        }
        let mut sources = match self.sources() {
            Ok(sources) => sources,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Trouble;
            }
        };
        let running = self.running(job.running());
        let progress = Progress::start(self.octets(), running);
        let mut batch = Batch::new(self, survey, progress, progress::interruptible(running));
        while let Some(source) = sources.next() {
            batch.argument(sources.argument());
            match source {
                Ok(source) => batch.source(&source, job),
                Err(error) => batch.complain(&error),
            }
            if batch.is_stopped {
                return batch.exit;
            }
        }
        batch.argument(u64::MAX);
        batch.exit
    }
}

#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

/// A run over many inputs, with the room that is used again for each.
struct Batch {
    limits: Limits,
    /// The message of each argument that is wanted, if only one is.
    wanted: Option<u64>,
    /// How many messages stand before the first one that is read.
    passed: u64,
    /// The argument that is being read, what its last source is called, and how many messages it
    /// had so far.
    argument: u64,
    name: String,
    count: u64,
    /// The last message of the input that is being read, if it had one so far.
    last: Option<u64>,
    /// Something of it could not be read, which was said already.
    failed: bool,
    passed_over: PassedOver,
    /// Nobody takes the output any more, or the user wants no more.
    is_stopped: bool,
    progress: Progress,
    /// Set once the user wants no more.
    interrupt: Arc<AtomicBool>,
    builder: Builder,
    /// For the messages before the one that is wanted.
    skipper: Builder,
    exit: Exit,
}

impl Batch {
    fn new(inputs: &Inputs, survey: bool, progress: Progress, interrupt: Arc<AtomicBool>) -> Batch {
        let limits = inputs.limits();
        let fallback = inputs.fallback_charset;
        Batch {
            limits,
            wanted: inputs.message,
            passed: inputs.passed(),
            argument: 0,
            name: String::new(),
            count: 0,
            last: None,
            failed: false,
            passed_over: PassedOver::default(),
            is_stopped: false,
            progress,
            interrupt,
            builder: Builder::new(limits, fallback, survey),
            skipper: Builder::new(limits, fallback, false),
            exit: Exit::Done,
        }
    }

    /// The sources of this argument come next: did the one before have the message that was wanted?
    fn argument(&mut self, argument: u64) {
        if argument == self.argument {
            return;
        }
        self.passed_over.tell();
        let is_missing = |&wanted: &u64| self.argument > 0 && !self.failed && self.count < wanted;
        if let Some(wanted) = self.wanted.filter(is_missing) {
            out::complain(&format!("{}: no message {wanted}", self.name));
            self.exit = self.exit.max(Exit::No);
        }
        (self.argument, self.count, self.failed) = (argument, self.passed, false);
    }

    fn is_done(&self) -> bool {
        self.wanted.is_some_and(|wanted| self.count >= wanted)
    }

    fn complain(&mut self, error: &Error) {
        out::complain(&error.to_string());
        (self.exit, self.failed) = (Exit::Trouble, true);
    }

    /// An input ends early, or could not be read at all.
    fn complain_of_input<J: Job>(&mut self, error: &Error, job: &J) {
        let last = self.last.filter(|_| error.source == self.name);
        match last.and_then(|number| job.cut_off(number)) {
            None => self.complain(error),
            Some(fate) => {
                out::complain(&format!("{error}; {fate}"));
                (self.exit, self.failed) = (Exit::Trouble, true);
            }
        }
    }

    /// Reads what a source holds. What cannot be read is named, and the rest is still done.
    fn source<J: Job>(&mut self, source: &Source, job: &mut J) {
        if self.is_done() {
            return;
        }
        self.name = source.name();
        let meter = self.progress.meter.clone();
        let _ = source.visit(&meter, &mut |input| {
            match input.map_err(Stop::Input).and_then(|input| self.input(source, input, job)) {
                Ok(()) => {}
                Err(Stop::Output) => self.is_stopped = true,
                Err(Stop::Interrupt) => (self.is_stopped, self.exit) = (true, Exit::Interrupted),
                Err(Stop::Input(error)) => self.complain_of_input(&error, job),
            }
            match self.is_stopped || self.is_done() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
    }

    fn input<J: Job>(
        &mut self,
        source: &Source,
        input: Input<'_>,
        job: &mut J,
    ) -> Result<(), Stop> {
        self.last = None;
        match input.format {
            Format::Foreign => {
                self.passed_over.add(&input.name);
                return Ok(());
            }
            Format::Empty => {
                self.name.clone_from(&input.name);
                out::complain(&format!("{}: empty, holds no message", input.name));
                return Ok(());
            }
            _ => self.name.clone_from(&input.name),
        }
        job.source(source, &input);
        let options = self.builder.walk_options(input.format.separator());
        let mut reader = Reader::new(input.octets, self.limits, options);
        for number in self.passed + 1.. {
            let is_wanted = self.wanted.is_none_or(|wanted| wanted == self.count + 1);
            let more = if is_wanted {
                self.message((&input.name, input.offset), number, &mut reader, job)?
            } else {
                let skipped = self.skipper.read(&mut reader, &mut ());
                skipped.map_err(|error| Stop::Input(Error::io(&input.name, error)))?.is_some()
            };
            self.count += u64::from(more);
            self.last = if more { Some(number) } else { self.last };
            self.progress.messages(u64::from(more));
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(Stop::Interrupt);
            }
            if !more || self.is_done() {
                break;
            }
        }
        Ok(())
    }

    /// Reads one message of an input, whose octets begin at this offset; false if there is none.
    fn message<J: Job>(
        &mut self,
        (source, start): (&str, u64),
        number: u64,
        reader: &mut Reader<impl Read>,
        job: &mut J,
    ) -> Result<bool, Stop> {
        job.begin(source, number);
        let done = match self.builder.read(reader, job) {
            Ok(None) => return Ok(false),
            Ok(Some(structure)) => {
                let offset = start + structure.offset();
                job.end(&Message { source, number, offset, structure })
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(exit) => self.exit = self.exit.max(exit),
            Err(_) if job.is_stopped() => return Err(Stop::Output),
            Err(error) => return Err(Stop::Input(Error::io(source, error))),
        }
        Ok(true)
    }
}
