//! Files in the folder, each with its line in the list.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Extract;
use super::told::Title;
use crate::cli::Exit;
use crate::cli::out::{self, Look, Out};
use crate::extract::{Draft, Folder, Kept, Names};
use crate::mailbox::Error;

/// Writes the files of a run.
pub(super) struct Writer<'a> {
    options: &'a Extract,
    out: &'a mut Out,
    folder: Folder,
    manifest: Option<Manifest>,
    names: Names,
    message: Message,
    /// What stands before each name.
    prefix: String,
    /// Files inside bodies that this message may still have.
    inner_left: u32,
    /// There while it is not certain that the message is meant.
    waiting: Option<Waiting>,
    files: u64,
    octets: u64,
    /// How many messages gave files, and whether this one did.
    givers: u64,
    has_given: bool,
    exit: Exit,
}

/// The message that files come from.
#[derive(Default)]
pub(super) struct Message {
    pub(super) source: String,
    pub(super) number: u64,
    /// Where it begins there.
    pub(super) offset: u64,
    /// Told if there is a list.
    pub(super) title: Title,
}

/// The files of a message that have no names yet, in their order: a message that is not meant takes
/// neither names nor room below a limit.
#[derive(Default)]
struct Waiting {
    files: Vec<(Output, Entry)>,
    octets: u64,
    /// What ends the run if the message is meant.
    limit: Option<Limit>,
}

/// What ends a run.
#[derive(Clone, Copy)]
enum Limit {
    Files(u64),
    Octets,
}

/// Where the list goes.
enum Manifest {
    Stdout,
    File(BufWriter<File>),
}

/// A file that is being written.
pub(super) struct Output {
    /// `None` once it is larger than what is wanted, or than there is room for.
    draft: Option<Draft>,
    size: u64,
    digest: Option<Sha256>,
}

/// What is known of a file.
pub(super) struct Entry {
    /// The number of its part.
    pub(super) part: String,
    /// What the message calls it.
    pub(super) filename: Option<String>,
    /// The safe name that it should have.
    pub(super) name: String,
    /// Its type.
    pub(super) essence: String,
    /// Whether it came whole; `None` for parts.
    pub(super) intact: Option<bool>,
    /// The other reading that shows it.
    pub(super) view: Option<String>,
}

/// A line of the list.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    source: &'a str,
    message: u64,
    offset: u64,
    id: Option<&'a str>,
    date: Option<&'a str>,
    from: Option<&'a str>,
    subject: Option<&'a str>,
    part: &'a str,
    view: Option<&'a str>,
    filename: Option<&'a str>,
    path: &'a str,
    r#type: &'a str,
    size: u64,
    sha256: Option<String>,
    intact: Option<bool>,
}

impl<'a> Writer<'a> {
    /// Opens the folder and the list.
    pub(super) fn new(options: &'a Extract, out: &'a mut Out) -> Result<Writer<'a>, Error> {
        let list = options.manifest.as_deref().filter(|path| *path != Path::new("-"));
        list.map_or(Ok(()), out::check_new)?;
        let failed = |error| Error::io(&options.dir.to_string_lossy(), error);
        let folder = Folder::open(&options.dir).map_err(failed)?;
        let manifest = match list {
            // The list may lie in the folder.
            Some(path) => Some(Manifest::File(BufWriter::new(out::new_file(path)?))),
            None => options.manifest.as_ref().map(|_| Manifest::Stdout),
        };
        Ok(Writer {
            options,
            out,
            folder,
            manifest,
            names: Names::default(),
            message: Message::default(),
            prefix: String::new(),
            inner_left: 0,
            waiting: None,
            files: 0,
            octets: 0,
            givers: 0,
            has_given: false,
            exit: Exit::Done,
        })
    }

    pub(super) fn options(&self) -> &'a Extract {
        self.options
    }

    pub(super) fn out(&mut self) -> &mut Out {
        self.out
    }

    /// Whether nothing more can be written, or printed.
    pub(super) fn is_stopped(&self) -> bool {
        self.exit == Exit::Trouble || self.out.failure().is_some()
    }

    /// The files of this message come next; `count` is what their names begin with, if anything.
    /// They have no names until it ends, unless it `is_meant` for certain.
    pub(super) fn begin_message(&mut self, message: Message, count: Option<u64>, is_meant: bool) {
        (self.message, self.has_given) = (message, false);
        self.prefix = count.map(|count| format!("{count:06}-")).unwrap_or_default();
        self.inner_left = self.options.inputs.limits().parts.saturating_add(1);
        self.waiting = (!is_meant).then(Waiting::default);
        // Names of other messages begin otherwise.
        self.names.clear();
    }

    /// The message is over, and meant: what waits for a name gets it.
    pub(super) fn end_message(&mut self) -> io::Result<()> {
        if self.inner_left == 0 {
            let Message { source, number, .. } = &self.message;
            let rest =
                "as many files inside bodies as --max-parts lets be: the rest is not written";
            out::complain(&format!("{source}: message {number}: {rest}"));
            self.exit = self.exit.max(Exit::No);
        }
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        for (output, entry) in waiting.files {
            self.keep(output, entry)?;
        }
        waiting.limit.map_or(Ok(()), |limit| self.reach(limit))
    }

    /// The message is not meant: what waits for a name vanishes.
    pub(super) fn drop_message(&mut self) {
        self.waiting = None;
    }

    /// Begins a file.
    pub(super) fn begin(&mut self) -> io::Result<Output> {
        let waiting = self.waiting.as_ref().map_or(0, |waiting| waiting.files.len() as u64);
        let none = Output { draft: None, size: 0, digest: None };
        if let Some(most) = self.options.max_files.filter(|&most| self.files + waiting >= most) {
            return self.reach(Limit::Files(most)).map(|()| none);
        }
        let draft = self.folder.begin().map_err(|error| self.failed(error))?;
        let digest = self.manifest.is_some().then(Sha256::new);
        Ok(Output { draft: Some(draft), digest, ..none })
    }

    /// Begins a file inside a body. LIMIT: a message has as many of them as it may have parts; the
    /// next is none any more, which is said at its end.
    pub(super) fn begin_inner(&mut self) -> io::Result<Option<Output>> {
        let Some(left) = self.inner_left.checked_sub(1) else { return Ok(None) };
        self.inner_left = left;
        if left == 0 { Ok(None) } else { self.begin().map(Some) }
    }

    /// Writes the next octets of a file, unless it has become too large to be wanted.
    pub(super) fn write(&mut self, output: &mut Output, octets: &[u8]) -> io::Result<()> {
        output.size += octets.len() as u64;
        if self.options.max_size.is_some_and(|most| output.size > most) {
            output.draft = None;
        }
        let Some(draft) = &mut output.draft else { return Ok(()) };
        let before = self.octets + self.waiting.as_ref().map_or(0, |waiting| waiting.octets);
        if self.options.max_bytes.is_some_and(|most| before + output.size > most) {
            output.draft = None;
            return self.reach(Limit::Octets);
        }
        draft.write_all(octets).map_err(|error| self.failed(error))?;
        if let Some(digest) = &mut output.digest {
            digest.update(octets);
        }
        Ok(())
    }

    /// Gives a file its name and puts it on the list, if its size is wanted.
    pub(super) fn keep(&mut self, output: Output, entry: Entry) -> io::Result<()> {
        let Output { draft, size, digest } = output;
        let is_wanted = self.options.min_size.is_none_or(|least| size >= least);
        let Some(mut draft) = draft.filter(|_| is_wanted) else { return Ok(()) };
        if let Some(waiting) = &mut self.waiting {
            // Behind what ends the run nothing is kept.
            if waiting.limit.is_none() {
                waiting.octets += size;
                let closed = draft.close();
                waiting.files.push((Output { draft: Some(draft), size, digest }, entry));
                closed.map_err(|error| self.failed(error))?;
            }
            return Ok(());
        }
        let view = entry.view.as_ref().map(|view| format!("{view}-")).unwrap_or_default();
        let wanted = format!("{}{view}{}", self.prefix, entry.name);
        let name = loop {
            let name = self.names.give(&wanted);
            let kept = match self.options.overwrite {
                true => draft.replace(&name),
                false => draft.keep(&name),
            };
            if kept.map_err(|error| self.failed(error))? == Kept::New {
                break name;
            }
        };
        self.givers += u64::from(!std::mem::replace(&mut self.has_given, true));
        self.files += 1;
        self.octets += size;
        if entry.intact == Some(false) {
            let (Message { source, number, .. }, part) = (&self.message, &entry.part);
            out::complain(&format!("{source}: message {number}: {part} is damaged: {name}"));
            self.exit = self.exit.max(Exit::No);
        }
        self.list(&entry, &name, size, digest)
    }

    fn list(
        &mut self,
        entry: &Entry,
        name: &str,
        size: u64,
        digest: Option<Sha256>,
    ) -> io::Result<()> {
        let path = match self.options.dir.as_path() {
            here if here == Path::new(".") => name.to_owned(),
            folder => folder.join(name).to_string_lossy().into_owned(),
        };
        let Message { source, number, offset, title } = &self.message;
        let line = Line {
            schema: "septet.extract/1",
            source,
            message: *number,
            offset: *offset,
            id: title.id.as_deref(),
            date: title.date.as_deref(),
            from: title.from.as_deref(),
            subject: title.subject.as_deref(),
            part: &entry.part,
            view: entry.view.as_deref(),
            filename: entry.filename.as_deref(),
            path: &path,
            r#type: &entry.essence,
            size,
            sha256: digest.map(|digest| hexadecimal(&digest.finalize())),
            intact: entry.intact,
        };
        match &mut self.manifest {
            Some(Manifest::Stdout) => return self.out.json(&line),
            Some(Manifest::File(file)) => {
                let written = out::write_json(file, &line);
                written.map_err(|error| self.manifest_failed(error))?;
            }
            None => {}
        }
        if self.options.quiet {
            return Ok(());
        }
        let view = entry.view.as_ref().map(|view| format!("{view} ")).unwrap_or_default();
        let part = self.out.paint(Look::Number, &format!("{view}{:<5}", entry.part));
        let path = self.out.paint(Look::Name, &path);
        self.out.line(&format!("{part}  {:>8}  {path}", out::size(size)))
    }

    /// Writes what is left of the list, and says how the run over so many messages went.
    pub(super) fn finish(mut self, messages: u64) -> Exit {
        if let Some(Manifest::File(mut file)) = self.manifest.take()
            && self.exit < Exit::Trouble
            && let Err(error) = file.flush()
        {
            self.manifest_failed(error);
        }
        if !self.options.quiet && !self.is_stopped() {
            self.summarise(messages);
        }
        self.exit
    }

    /// What was done, for people: of one message the files themselves say that.
    fn summarise(&self, messages: u64) {
        let (files, givers) =
            (out::counted(self.files, "file"), out::counted(self.givers, "message"));
        match (messages, self.files) {
            (0, _) => {}
            (_, 0) => out::remark("nothing matched"),
            (1, _) => {}
            _ => out::remark(&format!("{files} from {givers}")),
        }
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        let folder = self.options.dir.to_string_lossy();
        self.stop(&Error::io(&folder, error).to_string())
    }

    fn manifest_failed(&mut self, error: io::Error) -> io::Error {
        let path = self.options.manifest.as_deref().unwrap_or(Path::new("-"));
        self.stop(&Error::io(&path.to_string_lossy(), error).to_string())
    }

    /// A limit is reached, which ends the run: at once, or once it is certain that the message is
    /// meant.
    fn reach(&mut self, limit: Limit) -> io::Result<()> {
        if let Some(waiting) = &mut self.waiting {
            waiting.limit.get_or_insert(limit);
            return Ok(());
        }
        Err(match limit {
            Limit::Files(most) => self.stop(&format!("stopped: --max-files {most} is reached")),
            Limit::Octets => {
                let written = out::size(self.octets);
                self.stop(&format!("stopped: --max-bytes is reached, {written} are written"))
            }
        })
    }

    /// Ends the run, for a reason that is said here and nowhere else.
    fn stop(&mut self, reason: &str) -> io::Error {
        out::complain(reason);
        self.exit = Exit::Trouble;
        io::ErrorKind::Other.into()
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
