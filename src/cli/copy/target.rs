//! Where copied messages go.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::out::Out;
use crate::mailbox::{Error, Flags, LineEnds, Names, Numbers, Replacement, Waiting, commit_all};

/// LIMIT: so many messages wait for the disk together.
const BATCH: usize = 200;

/// A mailbox that is being written.
pub(super) enum Target {
    Mbox(Mbox),
    Maildir(Maildir),
    Folder(Folder),
}

/// Messages that are whole and have no name yet.
#[derive(Default)]
pub(super) struct Batch(Vec<Waiting>);

impl Batch {
    fn add(&mut self, waiting: Waiting) -> Result<(), Error> {
        self.0.push(waiting);
        if self.0.len() < BATCH { Ok(()) } else { self.commit() }
    }

    fn commit(&mut self) -> Result<(), Error> {
        commit_all(std::mem::take(&mut self.0))
    }
}

/// What is known of a message before its first octet is written.
pub(super) struct Letter<'a> {
    /// The line that an mbox has before it, with its line end.
    pub(super) from_line: &'a [u8],
    pub(super) flags: &'a Flags,
    pub(super) delivered: SystemTime,
    /// The file that it comes from.
    pub(super) like: Option<&'a Metadata>,
}

pub(super) struct Mbox {
    /// `None` is standard output.
    path: Option<PathBuf>,
    split: Option<u64>,
    /// How many files were begun.
    count: u32,
    file: Option<Replacement>,
    /// Octets of the file, and where its last message begins.
    len: u64,
    start: u64,
    ends: LineEnds,
}

pub(super) struct Maildir {
    folder: PathBuf,
    names: Names,
    /// The message, the start and the end of its name, and its size.
    open: Option<(Replacement, String, String, u64)>,
    batch: Batch,
}

pub(super) struct Folder {
    numbers: Numbers,
    open: Option<Replacement>,
    batch: Batch,
}

impl Target {
    pub(super) fn stdout() -> Target {
        Target::Mbox(Mbox::new(None, None))
    }

    pub(super) fn mbox(path: &Path, split: Option<u64>) -> Target {
        Target::Mbox(Mbox::new(Some(path.to_owned()), split))
    }

    pub(super) fn maildir(folder: &Path) -> Target {
        let folder = folder.to_owned();
        Target::Maildir(Maildir {
            folder,
            names: Names::default(),
            open: None,
            batch: Batch::default(),
        })
    }

    pub(super) fn folder(folder: &Path) -> Target {
        let numbers = Numbers::new(folder);
        Target::Folder(Folder { numbers, open: None, batch: Batch::default() })
    }

    /// The file that the next message of an mbox goes to.
    pub(super) fn path(&self) -> Option<PathBuf> {
        match self {
            Target::Mbox(mbox) => mbox.next_path(),
            Target::Maildir(_) | Target::Folder(_) => None,
        }
    }

    pub(super) fn is_mbox(&self) -> bool {
        matches!(self, Target::Mbox(_))
    }

    pub(super) fn is_folder(&self) -> bool {
        matches!(self, Target::Folder(_))
    }

    /// A message begins.
    pub(super) fn begin(&mut self, letter: &Letter<'_>, out: &mut Out) -> Result<(), Error> {
        match self {
            Target::Mbox(mbox) => return mbox.begin(letter, out),
            Target::Maildir(maildir) => {
                let (folder, ending) = letter.flags.place();
                let name = maildir.names.unique();
                let path = maildir.folder.join(folder).join(&name);
                let mut file = Replacement::deliver(&path, letter.like)?;
                file.set_modified(letter.delivered);
                maildir.open = Some((file, name, ending, 0));
            }
            Target::Folder(folder) => {
                let mut file = Replacement::create_new(&folder.numbers.vacant(), letter.like)?;
                file.set_modified(letter.delivered);
                folder.open = Some(file);
            }
        }
        Ok(())
    }

    /// The next octets of the message.
    pub(super) fn write(&mut self, octets: &[u8], out: &mut Out) -> io::Result<()> {
        match self {
            Target::Mbox(mbox) => {
                mbox.ends.look_at(octets);
                mbox.write(octets, out)
            }
            Target::Maildir(Maildir { open: Some((file, _, _, size)), .. }) => {
                *size += octets.len() as u64;
                file.write_all(octets)
            }
            Target::Folder(Folder { open: Some(file), .. }) => file.write_all(octets),
            Target::Maildir(_) | Target::Folder(_) => Ok(()),
        }
    }

    /// The message is over.
    pub(super) fn end(&mut self, out: &mut Out) -> Result<(), Error> {
        match self {
            Target::Mbox(mbox) => mbox.end(out),
            Target::Maildir(maildir) => match maildir.open.take() {
                Some((file, name, ending, size)) => {
                    let name = OsString::from(format!("{name},S={size}{ending}"));
                    maildir.batch.add(file.wait(Some(&name))?)
                }
                None => Ok(()),
            },
            Target::Folder(folder) => match folder.open.take() {
                Some(file) => folder.batch.add(file.wait(None)?),
                None => Ok(()),
            },
        }
    }

    /// The message cannot be read to its end: what was written of it goes, where it can.
    pub(super) fn abandon(&mut self, out: &mut Out) -> Result<(), Error> {
        match self {
            Target::Mbox(mbox) => match &mut mbox.file {
                Some(file) => {
                    mbox.len = mbox.start;
                    file.cut(mbox.start).map_err(|error| mbox.failed(error))
                }
                // What has left cannot be called back; the next message is still one of its own.
                None => mbox.end(out),
            },
            Target::Maildir(maildir) => {
                maildir.open = None;
                Ok(())
            }
            Target::Folder(folder) => {
                folder.open = None;
                Ok(())
            }
        }
    }

    /// The run ends before its end: an mbox that lacks messages does not get its name, which is told.
    pub(super) fn give_up(&mut self) -> Option<PathBuf> {
        let Target::Mbox(mbox) = self else { return None };
        match mbox.file.take() {
            Some(file) => Some(file.target().to_owned()),
            None => mbox.next_path().filter(|_| mbox.count == 0),
        }
    }

    /// Nothing follows: what is whole gets its name. An mbox without messages is made if it
    /// `may_be_empty`.
    pub(super) fn finish(&mut self, may_be_empty: bool) -> Result<(), Error> {
        let mbox = match self {
            Target::Mbox(mbox) => mbox,
            Target::Maildir(maildir) => return maildir.batch.commit(),
            Target::Folder(folder) => return folder.batch.commit(),
        };
        if mbox.count == 0 && may_be_empty && mbox.path.is_some() {
            mbox.open(None)?;
        }
        mbox.commit()
    }

    /// What it is called while it takes octets.
    pub(super) fn failed(&self, error: io::Error) -> Error {
        match self {
            Target::Mbox(mbox) => mbox.failed(error),
            Target::Maildir(maildir) => Error::io(&maildir.folder.to_string_lossy(), error),
            Target::Folder(folder) => {
                let path = folder.open.as_ref().map(|file| file.target().to_string_lossy());
                Error::io(&path.unwrap_or_default(), error)
            }
        }
    }
}

impl Mbox {
    fn new(path: Option<PathBuf>, split: Option<u64>) -> Mbox {
        let ends = LineEnds::default();
        Mbox { path, split, count: 0, file: None, len: 0, start: 0, ends }
    }

    fn next_path(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        if self.split.is_none() {
            return Some(path.clone());
        }
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{:04}", self.count + 1));
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        Some(path.with_file_name(name))
    }

    /// Begins the next file, if it goes to one.
    fn open(&mut self, like: Option<&Metadata>) -> Result<(), Error> {
        if let Some(path) = self.next_path() {
            self.file = Some(Replacement::create_new(&path, like)?);
            (self.len, self.start) = (0, 0);
            self.count += 1;
        }
        Ok(())
    }

    fn begin(&mut self, letter: &Letter<'_>, out: &mut Out) -> Result<(), Error> {
        if self.file.is_none() {
            self.open(letter.like)?;
        }
        self.start = self.len;
        self.ends = LineEnds::default();
        self.write(letter.from_line, out).map_err(|error| self.failed(error))
    }

    fn write(&mut self, octets: &[u8], out: &mut Out) -> io::Result<()> {
        self.len += octets.len() as u64;
        match &mut self.file {
            Some(file) => file.write_all(octets),
            None => out.octets(octets),
        }
    }

    fn end(&mut self, out: &mut Out) -> Result<(), Error> {
        self.write(self.ends.separator(), out).map_err(|error| self.failed(error))?;
        match self.split {
            Some(split) if self.len >= split => self.commit(),
            _ => Ok(()),
        }
    }

    fn commit(&mut self) -> Result<(), Error> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        file.set_modified(SystemTime::now());
        file.commit()
    }

    fn failed(&self, error: io::Error) -> Error {
        let path = self.file.as_ref().map_or(Path::new("-"), Replacement::target);
        Error::io(&path.to_string_lossy(), error)
    }
}

/// A target as something to be written to.
pub(super) struct Sink<'a> {
    pub(super) target: &'a mut Target,
    pub(super) out: &'a mut Out,
}

impl Write for Sink<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.target.write(octets, self.out).map(|()| octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::UNIX_EPOCH;

    use super::super::super::out::Color;
    use super::*;

    /// What cannot be read to its end is not in the target, and what follows it is.
    #[test]
    fn abandoned() {
        let place = tempfile::tempdir().expect("a folder");
        let path = |name: &str| place.path().join(name);
        for folder in ["E", "M"] {
            fs::create_dir(path(folder)).expect("a folder");
        }
        let mut out = Out::new(Color::Never);
        let flags = Flags::default();
        let letter =
            Letter { from_line: b"From a\n", flags: &flags, delivered: UNIX_EPOCH, like: None };
        let long = [b'x'; 100_000];
        let targets = [
            (Target::mbox(&path("x.mbox"), None), "From a\n1\n\nFrom a\n2\n\n"),
            (Target::maildir(&path("M")), "12"),
            (Target::folder(&path("E")), "12"),
        ];
        for (mut target, expected) in targets {
            for (octets, is_whole) in [(&b"1"[..], true), (&long, false), (b"2", true)] {
                target.begin(&letter, &mut out).expect("begun");
                target.write(octets, &mut out).expect("written");
                let done = if is_whole { target.end(&mut out) } else { target.abandon(&mut out) };
                done.expect("done");
            }
            target.finish(true).expect("finished");
            let mut found = String::new();
            for folder in [path(""), path("M/new"), path("E")] {
                let mut files: Vec<_> = fs::read_dir(folder)
                    .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                    .unwrap_or_default();
                files.sort();
                for file in files.iter().filter(|file| file.is_file()) {
                    found.push_str(&fs::read_to_string(file).expect("text"));
                    fs::remove_file(file).expect("removed");
                }
            }
            assert_eq!(found, expected);
        }
    }
}
