//! `septet extract`: the leaves of messages to files.

mod select;
mod told;
mod views;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use super::Exit;
use super::input::{Inputs, Job, Message, media_type, number};
use super::out::{self, Out};
use super::progress::Running;
use super::select::{self as selection, Where, is_own_field};
use super::views::Kept;
use crate::extract::{Files, Found, Inline, Tnef, nameless, safe_name, type_by_name};
use crate::header::mime::TypePattern;
use crate::mailbox::{Input, Source};
use crate::record::select::{Selection, octets};
use crate::structure::{At, MimeFields, Part, Sorter, Structure, Visitor, Want};
use crate::walk::Kind;
use select::{Disposition, Glob};
use told::Told;
use write::{Entry, Output, Writer};

/// Write what messages hold to files
///
/// Each leaf becomes a file, decoded: texts, attachments, and those of messages inside. The name is
/// that of the part, made safe, or `part-2.pdf` after its number; of several messages each name begins
/// with the number of the message. Nothing is overwritten: `a.pdf`, `a-2.pdf`. The same names come out
/// on every run into an empty folder.
#[derive(Debug, clap::Args)]
#[command(
    name = "extract",
    after_help = "\
Examples:
  septet extract message.eml                     everything, into this folder
  septet extract -a -d out archive.mbox          the attachments of an archive
  septet extract --type 'image/*' --min-size 50k -d pictures ~/Maildir
  septet extract -d out --manifest list.jsonl archive.mbox
  septet extract -a --where from~alice --where 'date>=2024' -d out a.mbox
  septet extract --views=all -d out --manifest list.jsonl suspicious.eml

Exit status: 0 done; 1 done, and with --inner: a file is damaged or left out;
2 something could not be read or written, or a limit was reached; 64 wrong
usage."
)]
pub(crate) struct Extract {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// The folder that files are written to; it is made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = ".", visible_short_alias = 'o')]
    dir: PathBuf,

    /// Only attachments: not the text of the message, but all that is in messages inside
    #[arg(short, long)]
    attachments: bool,

    /// Only parts of this type, such as application/pdf or image/*, or one of several
    /// with commas between; application/octet-stream counts as what the name says (`.pdf`)
    #[arg(short, long, value_name = "PATTERN", help_heading = "Choose")]
    #[arg(value_delimiter = ',', value_parser = media_type)]
    r#type: Vec<TypePattern>,

    /// Only files of such names: `*` is any text, `?` any character; letter case does not count
    #[arg(short, long, value_name = "PATTERN", help_heading = "Choose")]
    name: Vec<Glob>,

    /// Only parts of this disposition
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Choose")]
    disposition: Vec<Disposition>,

    /// Only files of at least this size: 500, 20k, 3MB, 1GiB
    #[arg(long, value_name = "SIZE", value_parser = octets, help_heading = "Choose")]
    min_size: Option<u64>,

    /// Only files of at most this size
    #[arg(long, value_name = "SIZE", value_parser = octets, help_heading = "Choose")]
    max_size: Option<u64>,

    /// Files inside bodies as well: uuencode and yEnc in texts, winmail.dat
    #[arg(short, long)]
    inner: bool,

    #[command(flatten)]
    views: super::views::Options,

    /// Replace files that have the name already
    #[arg(long)]
    overwrite: bool,

    /// Write a list to FILE, which must not be there yet: a JSON object a file (docs/json.md); `-` is
    /// standard output
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Print nothing about what is written, and no summary
    #[arg(short, long)]
    quiet: bool,

    /// Stop before more than SIZE is written in all
    #[arg(long, value_name = "SIZE", value_parser = octets, help_heading = "Limits")]
    max_bytes: Option<u64>,

    /// Stop before more than N files are written
    #[arg(long, value_name = "N", value_parser = number::<u64>, help_heading = "Limits")]
    max_files: Option<u64>,
}

impl Extract {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        if self.dir == Path::new("-") {
            out::complain("-d takes a folder: files do not go to standard output");
            return Exit::Usage;
        }
        let writer = match Writer::new(self, out) {
            Ok(writer) => writer,
            Err(error) => {
                out::complain(&error.to_string());
                return Exit::Trouble;
            }
        };
        let mut job = ExtractJob {
            options: self,
            writer,
            selection: self.wanted.selection(&self.inputs),
            is_meant: None,
            sorter: Sorter::default(),
            leaf: None,
            told: Told::default(),
            source: String::new(),
            start: 0,
            number: 0,
            count: 0,
            is_begun: false,
            kept: self.views.kept(),
        };
        // What other readings there are is told by what is odd in bodies as well.
        let exit = self.inputs.run(job.kept.is_some(), &mut job);
        exit.max(job.writer.finish(job.count))
    }
}

/// What reads the messages.
struct ExtractJob<'a> {
    options: &'a Extract,
    writer: Writer<'a>,
    selection: Selection,
    /// Whether this message is meant, as far as that is certain.
    is_meant: Option<bool>,
    sorter: Sorter,
    leaf: Option<Leaf>,
    /// What its header says, for the list.
    told: Told,
    source: String,
    /// Where the octets of the source begin.
    start: u64,
    /// Which message of its source it is.
    number: u64,
    /// Messages that were begun in this run.
    count: u64,
    /// Whether a header of this message was read.
    is_begun: bool,
    /// The message, if its views are asked for.
    kept: Option<Kept>,
}

/// A leaf that is being read.
struct Leaf {
    part: u32,
    number: String,
    /// Its own file, if it gets one.
    own: Option<(Output, Entry)>,
    scan: Scan,
    inner: Inner,
}

/// What looks for files inside.
enum Scan {
    Nothing,
    Text(Box<Inline>),
    Tnef(Box<Tnef>),
}

/// The files inside a leaf.
#[derive(Default)]
struct Inner {
    count: u64,
    output: Option<Output>,
}

/// Writes them.
struct InnerFiles<'l, 'a> {
    writer: &'l mut Writer<'a>,
    number: &'l str,
    inner: &'l mut Inner,
}

impl Files for InnerFiles<'_, '_> {
    fn begin(&mut self) -> io::Result<()> {
        self.inner.count += 1;
        self.inner.output = self.writer.begin_inner()?;
        Ok(())
    }

    fn data(&mut self, octets: &[u8]) -> io::Result<()> {
        match &mut self.inner.output {
            Some(output) => self.writer.write(output, octets),
            None => Ok(()),
        }
    }

    fn end(&mut self, found: Found) -> io::Result<()> {
        let Some(output) = self.inner.output.take() else { return Ok(()) };
        let number = format!("{}~{}", self.number, self.inner.count);
        let entry = Entry {
            name: safe_name(&found.name).unwrap_or_else(|| nameless(&number, UNTOLD)),
            part: number,
            filename: Some(found.name).filter(|name| !name.is_empty()),
            essence: UNTOLD.to_owned(),
            intact: Some(found.is_intact),
            view: None,
        };
        if self.writer.options().is_wanted(UNTOLD, &entry.name, Disposition::None) {
            self.writer.keep(output, entry)?;
        }
        Ok(())
    }
}

/// The type of what nobody knows the type of.
const UNTOLD: &str = "application/octet-stream";

impl Extract {
    /// QUIRK: much is sent as application/octet-stream that has a type by its name.
    fn is_wanted(&self, essence: &str, name: &str, disposition: Disposition) -> bool {
        let Extract { r#type, name: names, disposition: dispositions, .. } = self;
        let by_name = type_by_name(name).filter(|_| essence == UNTOLD).unwrap_or(essence);
        let is_it = |pattern: &TypePattern| pattern.matches(essence) || pattern.matches(by_name);
        (r#type.is_empty() || r#type.iter().any(is_it))
            && (names.is_empty() || names.iter().any(|pattern| pattern.matches(name)))
            && (dispositions.is_empty() || dispositions.contains(&disposition))
    }
}

impl ExtractJob<'_> {
    /// The first header was read: only now it is known that there is a message, and whether something
    /// stands before it, as in an mbox.
    fn begin_message(&mut self, structure: &Structure) {
        let is_mbox = structure.offset() > 0;
        self.is_begun = true;
        self.count += 1;
        let inputs = &self.options.inputs;
        let is_plain = match inputs.only() {
            Ok(Some(file)) => file.to_string_lossy() == self.source,
            Ok(None) => self.source == "-",
            Err(()) => false,
        };
        let is_only = inputs.wanted().is_some() || is_plain && !is_mbox && self.count == 1;
        let prefix = (inputs.are_many() || !is_only).then_some(self.count);
        let is_meant = self.is_meant == Some(true);
        let message = write::Message {
            source: self.source.clone(),
            number: self.number,
            offset: self.start + structure.offset(),
            title: self.told.title(structure.context()),
        };
        self.writer.begin_message(message, prefix, is_meant);
    }

    fn leaf(
        &mut self,
        part: &Part<'_>,
        fields: &MimeFields,
        is_attachment: bool,
    ) -> io::Result<Want> {
        let number = part.number();
        let (essence, filename) = (fields.essence().to_owned(), fields.filename());
        let name = filename.as_deref().and_then(safe_name);
        let scan = match essence.as_str() {
            _ if !self.options.inner => Scan::Nothing,
            "application/ms-tnef" | "application/vnd.ms-tnef" => Scan::Tnef(Box::default()),
            _ if name.as_deref().is_some_and(is_winmail) => Scan::Tnef(Box::default()),
            text if text.starts_with("text/") => Scan::Text(Box::new(Inline::new(part.eol()))),
            _ => Scan::Nothing,
        };
        let name = name.unwrap_or_else(|| nameless(&number, &essence));
        let disposition = fields.disposition.as_ref();
        let disposition = Disposition::of(disposition.map(|disposition| &*disposition.value));
        let is_wanted = (is_attachment || !self.options.attachments)
            && self.options.is_wanted(&essence, &name, disposition);
        if !is_wanted && matches!(scan, Scan::Nothing) {
            return Ok(Want::Nothing);
        }
        let own = if is_wanted {
            let part = number.clone();
            let entry = Entry { name, part, filename, essence, intact: None, view: None };
            Some((self.writer.begin()?, entry))
        } else {
            None
        };
        let inner = Inner::default();
        self.leaf = Some(Leaf { part: part.index(), number, own, scan, inner });
        Ok(Want::Decoded)
    }
}

/// QUIRK: sent as application/octet-stream as often as under its type.
fn is_winmail(name: &str) -> bool {
    name.eq_ignore_ascii_case("winmail.dat")
}

impl Visitor for ExtractJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if let Some(kept) = &mut self.kept {
            kept.token(at, kind, octets)?;
        }
        selection::show(&mut self.selection, at, kind, octets);
        if self.options.manifest.is_some() && is_own_field(at, kind) {
            self.told.field(octets);
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.is_meant = self.selection.headed(structure);
        }
        if !self.is_begun {
            self.begin_message(structure);
        }
        if self.is_meant == Some(false) {
            return Ok(Want::Nothing);
        }
        let Some(part) = structure.part(part) else { return Ok(Want::Nothing) };
        let fields = part.mime_fields();
        let role = self.sorter.sort(&part, &fields);
        // What is in a message inside has no role of its own.
        let is_attachment = !role.text && !role.html;
        if part.is_leaf() { self.leaf(&part, &fields, is_attachment) } else { Ok(Want::Nothing) }
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        let Some(Leaf { number, own, scan, inner, .. }) = &mut self.leaf else { return Ok(()) };
        if let Some((output, _)) = own {
            self.writer.write(output, octets)?;
        }
        let mut files = InnerFiles { writer: &mut self.writer, number, inner };
        match scan {
            Scan::Nothing => Ok(()),
            Scan::Text(inline) => inline.feed(octets, &mut files),
            Scan::Tnef(tnef) => tnef.feed(octets, &mut files),
        }
    }

    fn leave(&mut self, _: &Structure, part: u32) -> io::Result<()> {
        let Some(leaf) = self.leaf.take_if(|leaf| leaf.part == part) else { return Ok(()) };
        let Leaf { number, own, scan, mut inner, .. } = leaf;
        let mut files = InnerFiles { writer: &mut self.writer, number: &number, inner: &mut inner };
        match scan {
            Scan::Nothing => {}
            Scan::Text(inline) => inline.finish(&mut files)?,
            Scan::Tnef(tnef) => tnef.finish(&mut files)?,
        }
        match own {
            Some((output, entry)) => self.writer.keep(output, entry),
            None => Ok(()),
        }
    }
}

impl Job for ExtractJob<'_> {
    fn source(&mut self, _: &Source, input: &Input<'_>) {
        self.start = input.offset;
        if let Some(kept) = &mut self.kept {
            kept.source(input);
        }
    }

    fn begin(&mut self, source: &str, number: u64) {
        self.leaf = None;
        if let Some(kept) = &mut self.kept {
            kept.begin();
        }
        self.sorter.begin();
        self.selection.begin();
        self.told = Told::default();
        (self.is_begun, self.is_meant) = (false, None);
        source.clone_into(&mut self.source);
        self.number = number;
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        let matches = || self.selection.matches(message.structure);
        match self.is_begun && self.is_meant.unwrap_or_else(matches) {
            true => {
                self.views(message)?;
                self.writer.end_message()?;
            }
            false => self.writer.drop_message(),
        }
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.writer.out()
    }

    fn is_stopped(&mut self) -> bool {
        self.writer.is_stopped()
    }

    fn running(&self) -> Running {
        let is_list = self.options.manifest.as_deref() == Some(Path::new("-"));
        if self.options.quiet && !is_list { Running::Filed } else { Running::Piped }
    }
}
