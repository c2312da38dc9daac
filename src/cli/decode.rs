//! `septet decode`: messages as records for pipelines.
//!
//! The way of a message: the mailbox room cuts the input into pieces, a [worker] makes what
//! stands in a record, and the [writer] numbers the records and has them out in order.

mod resume;
mod store;
mod table;
mod worker;
mod writer;

use std::io::{self, BufWriter};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::Exit;
use super::html;
use super::input::{Inputs, one_or_more};
use super::out::{self, Out};
use super::progress::{self, Progress, Running};
use super::select::Where;
use crate::mailbox::index::IndexWriter;
use crate::mailbox::parallel::{self, Manner};
use crate::mailbox::{Error, Meter, Source, Sources};
use crate::record::select::octets;
use crate::record::{self, Fields, Recorder};
use crate::walk::Separator;
use resume::Place;
use table::{Cells, Table};
use worker::{Rooms, Worker};
use writer::{Target, Writer};

/// Decode messages into records for pipelines: JSON Lines, CSV or TSV
///
/// One record a message, in the order of the archive, while all cores work. Main fields are decoded
/// and parsed, texts are UTF-8 with LF, attachments are told (and stored with --attachments). What is
/// odd about a message stands in its record; no message stops the run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet decode takeout.zip | jq -r '[.date, .subject] | @tsv'
  septet decode -o mail.jsonl --resume archive/
  septet decode --where to~alice --where 'date>=2024' --format csv a.mbox
  septet decode --attachments files --fields id,parts Maildir >list.jsonl")]
pub(crate) struct Decode {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    selected: Where,

    /// Write to FILE, which must not be there yet, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Go on with the FILE of --output where a run before was interrupted: JSON Lines, and all other
    /// arguments as they were
    #[arg(long, requires = "output")]
    resume: bool,

    /// How records are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,

    /// Keys of the records, with commas between; or one of `headers`, `text`, `all`
    ///
    /// All but `headers` and `parts.text` unless given; of a table id, date, from, to, cc, subject and
    /// text.
    #[arg(long, value_name = "KEYS")]
    fields: Option<Fields>,

    /// Where a message has no plain text, its text is made from its HTML
    #[arg(long)]
    text: bool,

    /// Cut each text after so many octets (20k, 1MiB); in a table, after 1MiB unless given
    #[arg(long, value_name = "SIZE", value_parser = octets)]
    max_text: Option<u64>,

    /// Store attachments in the folder DIR, each once, called by its SHA-256
    #[arg(long, value_name = "DIR")]
    attachments: Option<PathBuf>,

    /// Tell the SHA-256 of each leaf
    #[arg(long)]
    digest: bool,

    /// Only the first of the messages with one Message-ID, or with the same octets
    #[arg(long, value_enum, value_name = "BY", num_args = 0..=1, default_missing_value = "id")]
    #[arg(require_equals = true)]
    unique: Option<Unique>,

    /// In a table: a cell that a spreadsheet would take for a formula gets no `'` before it
    #[arg(long)]
    raw_cells: bool,

    /// In a table: begin with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    bom: bool,

    /// So many threads; 1 needs the least memory
    #[arg(short, long, value_name = "N", value_parser = one_or_more::<usize>)]
    jobs: Option<usize>,

    /// No progress bar, and no summary on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// Text that is made from HTML has paragraphs of one line, as good as.
const UNWRAPPED: usize = 1000;

/// LIMIT: longer HTML becomes text without layout: the renderer takes 150 times its size, and all
/// threads may render at once.
const RENDERED: usize = 128 << 10;

/// LIMIT: a row is made in memory: unless --max-text says otherwise, a text in it has at most so many
/// octets.
const TABLE_TEXT: u64 = 1 << 20;

/// LIMIT: whether the last record of a run before is one of this run is not asked if more than this
/// stands before its message.
const FROM_LINE: u64 = 16 << 10;

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// JSON Lines, schema septet.record/1
    #[default]
    Json,
    /// A table with commas, as RFC 4180 has it
    Csv,
    /// A table with tabs
    Tsv,
}

/// What messages are told from one another by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Unique {
    /// By Message-ID; those that have none, by their octets
    Id,
    /// By their octets
    Hash,
}

/// What all that work on a run know.
struct Plan<'a> {
    decode: &'a Decode,
    options: record::Options,
    store: Option<Arc<dyn record::Store>>,
    table: Option<Table>,
    threads: usize,
    progress: Progress,
    stop: Arc<AtomicBool>,
    /// Up to here, all was written in a run before.
    resumed: Option<Place>,
    rooms: Rooms,
}

impl Plan<'_> {
    fn recorder(&self) -> Recorder {
        let recorder = Recorder::new(self.options);
        match &self.store {
            Some(store) => recorder.with_store(Arc::clone(store)),
            None => recorder,
        }
    }

    /// Whether a worker is to begin no further message. With several threads only who cuts may stop:
    /// the records up to there are then whole.
    fn is_stopped(&self) -> bool {
        self.threads == 1 && self.stop.load(Ordering::Relaxed)
    }

    /// Whether every message has a record that is not known to be wanted only when it is over.
    fn writes_all(&self) -> bool {
        let Decode { inputs, selected, unique, .. } = self.decode;
        let is_choosy = unique.is_some() || inputs.wanted().is_some() || !selected.is_empty();
        self.table.is_none() && !is_choosy
    }

    /// Whether the record of a message, which begins here or behind a `From ` line, comes before the
    /// last one that was written in a run before. If messages are told from one another, the earlier
    /// ones must be known all the same.
    fn is_done(&self, source: &str, offset: u64) -> bool {
        let is_before = |place: &Place| place.source == source && offset + FROM_LINE < place.offset;
        self.decode.unique.is_none() && self.resumed.as_ref().is_some_and(is_before)
    }
}

/// Why a run ends early.
enum Stop {
    /// Nothing can be written any more; with what is to be said of it.
    Output(Option<String>),
}

impl Decode {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        match self.decode(out) {
            Ok(exit) => exit,
            Err(Trouble::Usage(what)) => {
                out::complain(&what);
                Exit::Usage
            }
            Err(Trouble::Error(error)) => {
                out::complain(&error.to_string());
                Exit::Trouble
            }
        }
    }

    fn decode(&self, out: &mut Out) -> Result<Exit, Trouble> {
        let arguments = self.inputs.arguments()?;
        self.check_usage(&arguments)?;
        let inputs = self.sources(arguments)?;
        if let Some(path) = self.file().filter(|_| !self.resume) {
            out::check_new(path)?;
        }
        let index = self.index()?;
        let mut plan = self.plan(out)?;
        // Last: whatever is wrong leaves no file behind that the next run would refuse.
        let (target, resumed) = self.target(plan.options.fields, out)?;
        plan.resumed.clone_from(&resumed);
        let mut writer = Writer::new(&plan, target, index, resumed);
        writer.begin();
        for (name, sources) in inputs {
            writer.begin_argument();
            self.all(&plan, sources, &mut writer);
            if let Some(wanted) = self.inputs.wanted() {
                writer.end_argument(&name, wanted);
            }
        }
        let is_stopped = plan.stop.load(Ordering::Relaxed);
        let exit = writer.finish(!is_stopped);
        if !is_stopped {
            return Ok(exit);
        }
        if let Some(path) = self.file().filter(|_| self.format == Format::Json) {
            let path = path.display();
            out::complain(&format!("{path}: the same command with --resume goes on with it"));
        }
        Ok(Exit::Interrupted)
    }

    /// What the arguments themselves do not allow.
    fn check_usage(&self, arguments: &[PathBuf]) -> Result<(), Trouble> {
        let usage = |what: &str| Err(Trouble::Usage(what.to_owned()));
        if self.resume && self.file().is_none() {
            return usage("--resume needs a file to go on with");
        }
        if self.resume && self.format != Format::Json {
            return usage("--resume goes on with JSON Lines only");
        }
        if self.bom && self.format == Format::Json {
            return usage("--bom is for tables: JSON has none (RFC 8259)");
        }
        if self.writes_index() && (self.resume || self.inputs.has_range()) {
            return usage("--index needs a whole run, without --resume or --range");
        }
        if self.resume && has_twins(arguments) {
            return usage("--resume finds its place by the name of the input: name each once");
        }
        Ok(())
    }

    /// What is read, in one go; with --message each argument for itself, by its name.
    fn sources(&self, arguments: Vec<PathBuf>) -> Result<Vec<(String, Sources)>, Trouble> {
        if self.inputs.wanted().is_none() {
            return Ok(vec![(String::new(), self.inputs.sources_of(arguments)?)]);
        }
        let arguments = match self.inputs.is_stdin() && arguments.is_empty() {
            true => vec![PathBuf::from("-")],
            false => arguments,
        };
        let each = |argument: PathBuf| {
            let sources = match self.inputs.index() {
                Some(_) => self.inputs.sources_of(vec![argument.clone()])?,
                None => Sources::new([argument.clone()]),
            };
            Ok((Source::of(&argument).name(), sources))
        };
        arguments.into_iter().map(each).collect()
    }

    fn all(&self, plan: &Plan<'_>, sources: Sources, writer: &mut Writer<'_, '_>) {
        let manner = Manner {
            threads: plan.threads,
            limits: self.inputs.limits(),
            meter: plan.progress.meter.clone(),
            stop: Arc::clone(&plan.stop),
            is_pure: self.attachments.is_none(),
        };
        let worker = || {
            let mut worker = Worker::new(plan);
            move |piece: parallel::Piece<'_>, take: &mut parallel::Take<'_, _>| {
                worker.piece(piece, take)
            }
        };
        let sources = behind(sources, plan);
        parallel::in_order(sources, &manner, worker, &mut |batch| writer.take(batch));
    }
}

impl Decode {
    /// Where the records go, and what of them is there already.
    fn target<'o>(
        &self,
        fields: Fields,
        out: &'o mut Out,
    ) -> Result<(Target<'o>, Option<Place>), Trouble> {
        let Some(path) = self.file() else { return Ok((Target::Stdout(out), None)) };
        let name = path.to_string_lossy().into_owned();
        let (file, resumed) = match self.resume {
            true => resume::open(path, fields).map_err(|error| Error::io(&name, error))?,
            false => (out::new_file(path)?, None),
        };
        Ok((Target::File { name, file: BufWriter::with_capacity(256 << 10, file) }, resumed))
    }

    /// The file that the records go to; `None` is standard output.
    fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    fn writes_index(&self) -> bool {
        self.inputs.index().is_some() && self.inputs.wanted().is_none()
    }

    fn index(&self) -> Result<Option<IndexWriter>, Trouble> {
        let Some(path) = self.inputs.index().filter(|_| self.writes_index()) else {
            return Ok(None);
        };
        let source = self.inputs.only_file("an index")?;
        if !is_mailbox(&source) {
            let what = io::Error::other("an index is of an mbox as it lies there");
            return Err(Error::io(&source.to_string_lossy(), what).into());
        }
        Ok(Some(IndexWriter::create(path, &source)?))
    }

    fn plan(&self, out: &Out) -> Result<Plan<'_>, Trouble> {
        let is_table = self.format != Format::Json;
        let fields = match self.fields {
            Some(fields) => fields,
            None if is_table => Table::default_fields(),
            None => Fields::default(),
        };
        let options = record::Options {
            fields,
            digest: self.digest,
            max_text: self.max_text.or(is_table.then_some(TABLE_TEXT)),
            html_to_text: self.text.then_some(|html| html::render_up_to(RENDERED, html, UNWRAPPED)),
            ..record::Options::default()
        };
        let cells = Cells {
            are_safe: !self.raw_cells,
            are_shown: self.file().is_none() && out.is_terminal(),
        };
        let delimiter = if self.format == Format::Tsv { b'\t' } else { b',' };
        let store = match &self.attachments {
            Some(folder) => Some(Arc::new(store::Hashed::open(folder)?) as Arc<dyn record::Store>),
            None => None,
        };
        let running = if self.quiet { Running::Quiet } else { Running::Piped };
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Ok(Plan {
            decode: self,
            options,
            store,
            table: is_table.then(|| Table::new(fields, delimiter, cells)),
            threads: self.jobs.unwrap_or_else(cores),
            progress: Progress::start(self.inputs.octets(), running),
            stop: progress::interruptible(running),
            resumed: None,
            rooms: Rooms::default(),
        })
    }
}

/// The sources, from the one on that was not read to its end in a run before.
fn behind(sources: Sources, plan: &Plan<'_>) -> impl Iterator<Item = Result<Source, Error>> + Send {
    let place = plan.resumed.clone().filter(|_| plan.decode.unique.is_none());
    sources.skip_while(move |source| {
        let is_it = |place: &Place| source.as_ref().is_ok_and(|it| place.is_in(&it.name()));
        place.as_ref().is_some_and(|place| !is_it(place))
    })
}

/// Whether a name is among these twice.
fn has_twins(names: &[PathBuf]) -> bool {
    let mut names: Vec<&PathBuf> = names.iter().collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether a file, as it lies there, has messages one behind the other.
fn is_mailbox(file: &Path) -> bool {
    let mut is_mailbox = false;
    let _ = Source::File(file.to_owned()).visit(&Meter::default(), &mut |input| {
        is_mailbox =
            input.is_ok_and(|input| input.is_whole && input.format.separator() != Separator::None);
        ControlFlow::Break(())
    });
    is_mailbox
}

/// Why nothing was begun.
enum Trouble {
    Usage(String),
    Error(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Error(error)
    }
}
