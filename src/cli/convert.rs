//! `septet convert`: the same messages for another transport.

mod report;
mod run;

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use self::run::{Run, Sink, Tally};
use super::Exit;
use super::input::{Inputs, PassedOver};
use super::out::{self, Out};
use super::progress::{self, Progress, Running};
use super::select::{Chooser, Where};
use crate::convert::{Converter, Options, Preamble, Signed, Target, TextCoding};
use crate::mailbox::{Error, Format, Input, Mirror, Replacement, Source, Store, maildir};
use crate::transfer::LineEnd;

/// Convert messages for another transport, by default one that takes 7 bits
///
/// Bodies, header fields and labels change where the transport asks for it, and nothing else does.
/// A message that cannot be converted, or in which something inside a multipart/signed would have to
/// change, passes unchanged: exit status 1 and a line on standard error say so. Other signatures, such
/// as DKIM, hold nothing back: what changes breaks their hashes, as --explain tells. The result is read again and compared before it is written. With --where
/// only some are converted, and the others pass unchanged and unreported.
#[derive(Debug, clap::Args)]
#[command(
    name = "convert",
    after_help = "\
Examples:
  septet convert <message.eml >ascii.eml      a filter: message in, message out
  septet convert --explain message.eml        what would change, and why
  septet convert archive.mbox >ascii.mbox     an mbox stays one
  septet convert --in-place ~/Maildir         every message of a Maildir
  septet convert -o out --report log.jsonl in
  septet convert -o out archive.tar.gz        its members, as files below out

Exit status: 0 everything is clean now; 1 something could not be converted and
passed as it is; 2 something could not be read or written; 64 wrong usage."
)]
pub(crate) struct Convert {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// The transport: 7bit, 8bit (8BITMIME) or binary (BINARYMIME)
    #[arg(long, value_enum, default_value = "7bit", value_name = "WHAT")]
    to: To,

    /// Say what would change and why, and write no message
    #[arg(long, conflicts_with_all = ["in_place", "output"])]
    explain: bool,

    /// Write a report to FILE, which must not be there yet: a JSON object a message (docs/json.md)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write to this folder, each file at the place it has in its own, or in its archive
    #[arg(short, long, value_name = "DIR", conflicts_with = "in_place")]
    output: Option<PathBuf>,

    /// Replace the files, each in one step
    #[arg(short, long)]
    in_place: bool,

    /// Write nothing of a message that cannot be converted
    #[arg(long)]
    strict: bool,

    /// What becomes of signed parts that would have to change
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    signed: SignedParts,

    /// What becomes of octets around the parts, which no coding can carry
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    preamble: Around,

    /// How text is encoded
    #[arg(long, value_enum, default_value_t, value_name = "CODING")]
    text: Text,

    /// Charset of octets over 127 that name none and are no UTF-8; without it they are labelled
    /// unknown-8bit
    #[arg(long, value_name = "CHARSET", value_parser = label)]
    charset: Option<String>,

    /// The line ends: those that are there, or all the same
    #[arg(long, value_enum, default_value_t, value_name = "EOL")]
    eol: LineEnds,

    /// Read the result again and compare it with the message (the default)
    #[arg(long, overrides_with = "no_verify")]
    verify: bool,

    /// Do not
    #[arg(long)]
    no_verify: bool,

    /// No progress bar, and no summary on standard error
    #[arg(short, long)]
    quiet: bool,

    /// Nothing is converted; what is wrong is mended (`septet lint --fix`)
    #[arg(skip)]
    mends: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    #[value(name = "7bit")]
    SevenBit,
    #[value(name = "8bit")]
    EightBit,
    Binary,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SignedParts {
    /// Leave the message as it is
    #[default]
    Refuse,
    /// Leave them as they are and convert the rest
    Skip,
    /// Convert them, which breaks the signature
    Break,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Around {
    /// Each becomes `?`
    #[default]
    Replace,
    /// The preamble or epilogue goes
    Drop,
    /// They stay, and the result is not clean
    Keep,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Text {
    /// Whatever takes fewer octets
    #[default]
    Auto,
    /// Quoted-printable
    Qp,
    /// base64
    Base64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LineEnds {
    /// As they are
    #[default]
    Keep,
    /// CRLF
    Crlf,
    /// LF
    Lf,
}

fn label(label: &str) -> Result<String, String> {
    super::input::charset(label).map(|_| label.to_ascii_lowercase())
}

/// Why an input is not read to its end.
enum Stop {
    Error(Error),
    /// Nobody takes the output.
    Output,
    /// The user wants no more.
    Interrupt,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Error(error)
    }
}

impl Convert {
    /// What mends the messages of the inputs, in place or into a folder, else to standard output.
    pub(crate) fn mending(
        inputs: Inputs,
        wanted: Where,
        output: Option<PathBuf>,
        in_place: bool,
    ) -> Convert {
        Convert {
            inputs,
            wanted,
            to: To::Binary,
            explain: false,
            report: None,
            output,
            in_place,
            strict: false,
            signed: SignedParts::Skip,
            preamble: Around::Keep,
            text: Text::Auto,
            charset: None,
            eol: LineEnds::Keep,
            verify: true,
            no_verify: false,
            quiet: false,
            mends: true,
        }
    }

    fn options(&self) -> Options {
        if self.mends {
            return Options::mending();
        }
        Options {
            target: match self.to {
                To::SevenBit => Target::SevenBit,
                To::EightBit => Target::EightBit,
                To::Binary => Target::Binary,
            },
            signed: match self.signed {
                SignedParts::Refuse => Signed::Refuse,
                SignedParts::Skip => Signed::Skip,
                SignedParts::Break => Signed::Break,
            },
            preamble: match self.preamble {
                Around::Replace => Preamble::Replace,
                Around::Drop => Preamble::Drop,
                Around::Keep => Preamble::Keep,
            },
            text: match self.text {
                Text::Auto => TextCoding::Smaller,
                Text::Qp => TextCoding::QuotedPrintable,
                Text::Base64 => TextCoding::Base64,
            },
            charset: self.charset.clone(),
            eol: match self.eol {
                LineEnds::Keep => None,
                LineEnds::Crlf => Some(LineEnd::CrLf),
                LineEnds::Lf => Some(LineEnd::Lf),
            },
            dkim: self.explain || self.report.is_some(),
            mbox: false,
            mend: false,
        }
    }

    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        if let Err(wrong) = self.check() {
            out::complain(wrong);
            return Exit::Usage;
        }
        let begun = self.begin(out);
        let (mut job, sources) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Trouble;
            }
        };
        let mut sources = sources;
        while let Some(source) = sources.next() {
            match source {
                Ok(source) => job.source(&source, sources.root()),
                Err(error) => job.complain(&error),
            }
            if job.is_stopped {
                break;
            }
        }
        job.passed_over.tell();
        job.summarise();
        job.exit.max(job.finish())
    }

    fn running(&self) -> Running {
        self.inputs.running(match self.output.is_some() || self.in_place {
            _ if self.explain => Running::Shown,
            _ if self.quiet => Running::Quiet,
            true => Running::Filed,
            false => Running::Piped,
        })
    }

    /// Where many messages go must be said; standard input has no place.
    fn check(&self) -> Result<(), &'static str> {
        self.inputs.check_index()?;
        let has_place = self.output.is_some() || self.in_place;
        if self.inputs.is_stdin() && has_place {
            return Err("standard input has no file to be replaced or put into a folder");
        }
        if self.report.as_deref() == Some(Path::new("-")) {
            return Err("the report needs a file: standard output is for messages and plans");
        }
        if self.output.as_deref() == Some(Path::new("-")) {
            return Err("-o takes a folder; one file is written to standard output without it");
        }
        if !self.explain && !has_place && self.inputs.are_many() {
            return Err("several files or a folder: say where to with -o DIR or --in-place");
        }
        Ok(())
    }

    fn begin<'a>(&'a self, out: &'a mut Out) -> Result<(Job<'a>, crate::mailbox::Sources), Error> {
        let options = self.options();
        let (limits, fallback) = (self.inputs.limits(), self.inputs.fallback_charset());
        let converter = |mbox| {
            let options = Options { mbox, ..options.clone() };
            Converter::new(options, limits, fallback, !self.no_verify)
        };
        let report = self.report.as_deref();
        report.map_or(Ok(()), out::check_new)?;
        let sources = self.inputs.sources()?;
        let mirror = self.output.as_deref().map(Mirror::new).transpose()?;
        // Last: whatever is wrong leaves no file behind that the next run would refuse.
        let report = report.map(out::new_file).transpose()?.map(BufWriter::new);
        let job = Job {
            arguments: self,
            converter: converter(false),
            mbox_converter: converter(true),
            mirror,
            chooser: self.wanted.chooser(&self.inputs),
            report,
            out,
            passed_over: PassedOver::default(),
            progress: Progress::start(self.inputs.octets(), self.running()),
            interrupt: progress::interruptible(self.running()),
            has_written: false,
            is_stopped: false,
            counts: report::Counts::default(),
            exit: Exit::Done,
        };
        Ok((job, sources))
    }
}

/// Where an input lies.
struct Place<'a> {
    file: &'a Path,
    /// The file as it would be called if it were not compressed.
    named: PathBuf,
    /// Where it lies in the archive that the file is.
    member: Option<PathBuf>,
    /// It is a message of a Maildir.
    is_letter: bool,
}

impl<'a> Place<'a> {
    /// `None` for standard input.
    fn of(source: &'a Source, input: &Input<'_>) -> Option<Place<'a>> {
        let file = source.path()?;
        let inside = input.name.strip_prefix(&source.name()).and_then(|it| it.strip_prefix('!'));
        let member = inside.filter(|_| !input.is_whole).map(|it| unpacked(Path::new(it)));
        let named = if input.is_whole { file.to_owned() } else { unpacked(file) };
        let is_letter = match member {
            Some(_) => input.flags.is_some(),
            None => maildir::is_message(file),
        };
        Some(Place { file, named, member, is_letter })
    }
}

/// A name without the ending of what it was unpacked from.
fn unpacked(path: &Path) -> PathBuf {
    match path.extension().and_then(OsStr::to_str) {
        Some("gz" | "bz2" | "xz" | "zst") => path.with_extension(""),
        Some("emlx") => path.with_extension("eml"),
        _ => path.to_owned(),
    }
}

struct Job<'a> {
    arguments: &'a Convert,
    converter: Converter,
    mbox_converter: Converter,
    mirror: Option<Mirror>,
    chooser: Option<Chooser>,
    report: Option<BufWriter<File>>,
    out: &'a mut Out,
    passed_over: PassedOver,
    progress: Progress,
    /// Set once the user wants no more.
    interrupt: Arc<AtomicBool>,
    /// Something went to standard output.
    has_written: bool,
    /// Nobody takes the output any more, or the user wants no more.
    is_stopped: bool,
    /// What became of the messages that went to files.
    counts: report::Counts,
    exit: Exit,
}

impl Job<'_> {
    fn complain(&mut self, error: &Error) {
        out::complain(&error.to_string());
        self.exit = self.exit.max(Exit::Trouble);
    }

    /// Converts what one source holds. What cannot be read or written is named, and the rest is still
    /// done.
    fn source(&mut self, source: &Source, root: Option<&Path>) {
        let meter = self.progress.meter.clone();
        let before = meter.octets();
        let _ = source.visit(&meter, &mut |input| {
            let done = input.map_err(Stop::Error);
            match done.and_then(|input| self.input(source, input, root, before)) {
                Ok(exit) => self.exit = self.exit.max(exit),
                Err(Stop::Error(error)) => self.complain(&error),
                Err(Stop::Output) => {
                    (self.exit, self.is_stopped) = (self.exit.max(Exit::Trouble), true);
                }
                // What is done is whole.
                Err(Stop::Interrupt) => {}
            }
            if self.interrupt.load(Ordering::Relaxed) {
                (self.exit, self.is_stopped) = (Exit::Interrupted, true);
            }
            match self.is_stopped {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
    }

    /// Why this input cannot go where the arguments send it.
    fn refusal(&self, input: &Input<'_>) -> Option<&'static str> {
        let arguments = self.arguments;
        if !input.is_whole && arguments.in_place {
            Some("compressed or inside of another file: cannot be replaced in place")
        } else if self.has_written && !arguments.explain {
            Some("standard output takes one file, and has one already; not converted")
        } else {
            None
        }
    }

    /// Converts one input of a source; so many octets were read before that.
    fn input(
        &mut self,
        source: &Source,
        input: Input<'_>,
        root: Option<&Path>,
        read_before: u64,
    ) -> Result<Exit, Stop> {
        let name = input.name.clone();
        if input.format == Format::Foreign {
            self.passed_over.add(&name);
            return Ok(Exit::Done);
        }
        if let Some(why) = self.refusal(&input) {
            let error = io::Error::new(io::ErrorKind::InvalidInput, why);
            return Err(Stop::Error(Error::io(&name, error)));
        }
        let place = Place::of(source, &input);
        let store = Store::of(input)?;
        if store.format() == Format::Empty && !matches!(source, Source::Stdin) {
            out::complain(&format!("{name}: empty, holds no message"));
        }
        let target = match &place {
            Some(place) => self.target(place, root, &store)?,
            None => None,
        };
        let mut run = Run {
            name: &name,
            store: &store,
            arguments: self.arguments,
            converter: match store.format() {
                Format::Mbox | Format::Mmdf => &mut self.mbox_converter,
                _ => &mut self.converter,
            },
            chooser: self.chooser.as_mut(),
            report: self.report.as_mut(),
            progress: &self.progress,
            interrupt: &self.interrupt,
            // What lies in a file is read where it lies, which no meter sees.
            read_before: store.metadata().map(|_| read_before),
            tally: Tally::default(),
            copied: 0,
            before: 0,
            counts: report::Counts::default(),
        };
        match target {
            Some(file) => {
                let mut sink = Sink::File(Box::new(file));
                run.messages(&mut sink, None)?;
                let (tally, counts) = (run.tally, run.counts);
                if let (Sink::File(file), Some(place)) = (sink, &place) {
                    self.commit(*file, place, &tally)?;
                }
                self.counts.add(&counts);
                Ok(tally.exit.unwrap_or(Exit::Done))
            }
            None if self.arguments.explain => {
                run.messages(&mut Sink::Nowhere, Some(self.out))?;
                Ok(run.tally.exit.unwrap_or(Exit::Done))
            }
            None => {
                self.has_written = true;
                run.messages(&mut Sink::Stdout(self.out), None)?;
                let exit = run.tally.exit.unwrap_or(Exit::Done);
                self.out.flush().map_err(|_| Stop::Output)?;
                Ok(exit)
            }
        }
    }

    /// The file that takes the result; `None` for standard output or nothing.
    fn target(
        &self,
        place: &Place<'_>,
        root: Option<&Path>,
        store: &Store,
    ) -> Result<Option<Replacement>, Error> {
        let metadata = store.metadata();
        if let Some(mirror) = &self.mirror {
            let target = match &place.member {
                Some(member) => mirror.path_in(root, place.file, member)?,
                None => mirror.path_for(root, &place.named)?,
            };
            // What was unpacked is no less private than what it was packed in.
            let packed = fs::metadata(place.file).ok().filter(Metadata::is_file);
            let like = metadata.or(packed.as_ref());
            return Ok(Some(match place.is_letter {
                true => Replacement::deliver(&target, like)?,
                false => Replacement::create_new(&target, like)?,
            }));
        }
        match metadata.filter(|_| self.arguments.in_place) {
            Some(metadata) => Ok(Some(Replacement::in_place(place.file, metadata)?)),
            None if self.arguments.in_place => {
                let kind = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
                Err(Error::io(&place.file.to_string_lossy(), kind))
            }
            None => Ok(None),
        }
    }

    /// Gives the result its name; what did not change stays as it is. The name of a message in a
    /// Maildir may say its size.
    fn commit(&mut self, file: Replacement, place: &Place<'_>, tally: &Tally) -> Result<(), Error> {
        if self.arguments.in_place && !tally.changed {
            return Ok(());
        }
        if !(tally.changed && place.is_letter) {
            return file.commit();
        }
        let named = place.member.as_ref().unwrap_or(&place.named);
        let name = named.file_name().unwrap_or_default();
        match maildir::renamed(name, tally.sizes.octets, tally.sizes.wire) {
            Some(name) => file.commit_as(&name),
            None => file.commit(),
        }
    }

    /// What was done, for people: of one message nothing is said.
    fn summarise(&self) {
        let report::Counts { messages, converted, refused } = self.counts;
        let has_place = self.arguments.output.is_some() || self.arguments.in_place;
        if self.arguments.quiet || !has_place || messages < 2 {
            return;
        }
        let done = if self.arguments.mends { "mended" } else { "converted" };
        let mut line = format!("{}: {converted} {done}", out::counted(messages, "message"));
        if refused > 0 {
            line.push_str(&format!(", {refused} could not be"));
        }
        out::remark(&line);
    }

    /// Writes what is left of the report.
    fn finish(&mut self) -> Exit {
        let Some(report) = &mut self.report else { return Exit::Done };
        match report.flush() {
            Ok(()) => Exit::Done,
            Err(error) => {
                let name = self.arguments.report.as_deref().unwrap_or(Path::new("-"));
                out::complain(&Error::io(&name.to_string_lossy(), error).to_string());
                Exit::Trouble
            }
        }
    }
}

impl Convert {
    fn to_name(&self) -> &'static str {
        self.options().target.name()
    }
}
