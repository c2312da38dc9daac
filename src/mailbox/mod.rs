//! Where messages come from: a file, a pipe, an mbox, a Maildir, a folder of these, compressed or in
//! an archive; and where they go. One iterator over the sources, one reader for the messages of each; a [`Store`] for who reads
//! one more than once; a [`Replacement`] for who writes one, in place or below a [`Mirror`] of the
//! folder that was read. For who writes mailboxes: [`Quoter`] and [`from_line`] for an mbox,
//! [`Flags`] and [`Names`] for a Maildir, [`Numbers`] for a folder of messages.
//!
//! Contract: what a source is, is told by its content, never by its name; a Maildir by its folders.
//! Memory does not grow with the size of a source; a folder's names are held one directory at a
//! time. Links and special files inside a folder are passed over, so a walk ends. Under a name stands
//! either what stood there or all of what replaces it, whatever happens; what is new replaces
//! nothing.
//!
//! What is compressed or an archive needs the feature `archives`. Nothing is locked, here or while an mbox is replaced.
//!
//! RFC 4155.
//!
//! May use: base, header, walk.

#[cfg(feature = "archives")]
mod archive;
mod content;
mod cuts;
mod deliver;
mod envelope;
mod flags;
mod folder;
pub mod index;
pub mod maildir;
mod mbox;
mod mirror;
pub mod parallel;
mod range;
mod spool;
mod store;
mod visit;
mod write;

pub use deliver::{Names, Numbers};
pub use envelope::{Envelope, from_line, from_line_date};
pub use flags::Flags;
pub use folder::Sources;
pub use mbox::{LineEnds, Quoter, Quoting};
pub use mirror::Mirror;
pub use spool::Spool;
pub use store::{SPOOL, Section, Store};
pub(crate) use write::UNFINISHED;
pub use write::{Replacement, Waiting, commit_all};

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::walk::{self, Separator};

/// An input that could not be read, or an output that could not be written.
#[derive(Debug)]
pub struct Error {
    /// What it is called: a path, or `-`.
    pub source: String,
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Io(io::Error),
    /// It is something else than mail as RFC 5322 has it.
    Foreign(&'static str),
}

impl Error {
    /// A failure to read or write `source`.
    pub fn io(source: &str, error: io::Error) -> Error {
        Error { source: source.to_owned(), kind: ErrorKind::Io(error) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Io(error) => write!(f, "{}: {}", self.source, without_number(error)),
            ErrorKind::Foreign(what) => write!(f, "{}: {what}", self.source),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io(error) => Some(error),
            ErrorKind::Foreign(_) => None,
        }
    }
}

/// What the system says, without the number that Rust puts behind it.
fn without_number(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// One input that holds messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input, called `-`.
    Stdin,
    /// A file that somebody named: it is read as mail whatever it looks like.
    File(PathBuf),
    /// A file that was found in a folder.
    Found(PathBuf),
    /// The messages of an mbox file that begin in this range of its octets: their `From ` line does.
    /// Ranges that partition the file partition its messages. Of a file that is no mailbox, the whole
    /// message if the range begins at its start.
    Range(PathBuf, Range<u64>),
    /// An mbox file from here on, where a message ends or the file begins, as an [index] has it.
    Behind(PathBuf, u64),
}

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Nothing at all.
    Empty,
    /// One message.
    Message,
    /// Messages with a `From ` line before each.
    Mbox,
    /// Messages with a line of four SOH before and behind each.
    Mmdf,
    /// No mail, as it seems: a file of a folder or a member of an archive that nobody named.
    Foreign,
}

impl Format {
    /// What stands between the messages.
    pub fn separator(self) -> Separator {
        match self {
            Format::Empty | Format::Message | Format::Foreign => Separator::None,
            Format::Mbox => Separator::From,
            Format::Mmdf => Separator::Mmdf,
        }
    }
}

/// Something that holds messages, open: a source, or a member of one.
pub struct Input<'a> {
    /// What it is called: the source's name, `archive.zip!member` inside an archive.
    pub name: String,
    /// What it holds.
    pub format: Format,
    /// The flags of a Maildir's message.
    pub flags: Option<Flags>,
    /// Where its octets begin in the source or member: only an .emlx file has something before them.
    pub offset: u64,
    /// Whether it is all of the source, as it lies there: nothing was unpacked.
    pub is_whole: bool,
    /// The file whose octets these are, if it is a regular one.
    file: Option<&'a File>,
    /// All its octets. Where they cannot be read on they end, and the error comes after the input.
    pub octets: Box<dyn Read + 'a>,
}

/// What is done with each [`Input`] of a source, and with each error: of what could not be read at
/// all, or not to its end. It says whether the others are wanted too.
pub type Each<'a> = dyn FnMut(Result<Input<'_>, Error>) -> ControlFlow<()> + 'a;

/// How many octets were read of the files and pipes themselves, compressed as they are: to be looked
/// at from another thread.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// So many more were read.
    fn add(&self, octets: u64) {
        self.0.fetch_add(octets, Ordering::Relaxed);
    }

    /// So many of those were not needed, or are read again.
    fn take_back(&self, octets: u64) {
        self.0.fetch_sub(octets, Ordering::Relaxed);
    }

    /// So many octets.
    pub fn octets(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// So many at least: who reads a file in their own way says how far.
    #[cfg(feature = "cli")]
    pub(crate) fn reach(&self, octets: u64) {
        self.0.fetch_max(octets, Ordering::Relaxed);
    }
}

/// A reader that is metered.
struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.add(count as u64);
        Ok(count)
    }
}

/// LIMIT: what an input is, is told by this many octets.
const HEAD: u64 = 64 * 1024;

/// LIMIT: members of an archive.
#[cfg(feature = "archives")]
const MEMBERS: u64 = 1_000_000;

impl Source {
    /// The source that an argument names: `-` is standard input.
    pub fn of(argument: &Path) -> Source {
        match argument.as_os_str().as_encoded_bytes() {
            b"-" => Source::Stdin,
            _ => Source::File(argument.to_owned()),
        }
    }

    /// What it is called; octets of a path that are no UTF-8 become U+FFFD.
    pub fn name(&self) -> String {
        match self {
            Source::Stdin => "-".to_owned(),
            Source::File(path)
            | Source::Found(path)
            | Source::Range(path, _)
            | Source::Behind(path, _) => path.to_string_lossy().into_owned(),
        }
    }

    /// The file's path, if it is a file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path)
            | Source::Found(path)
            | Source::Range(path, _)
            | Source::Behind(path, _) => Some(path),
        }
    }

    /// Opens it and shows what holds messages in it, one after the other: itself, or what is
    /// compressed or archived in it.
    pub fn visit(&self, meter: &Meter, each: &mut Each<'_>) -> ControlFlow<()> {
        visit::Visit { meter, each }.source(self)
    }
}

/// What an input holds, by its first octets; an error names what it is if that is no mail.
fn format(head: &[u8]) -> Result<Format, &'static str> {
    const PST: &[u8] = b"!BDN";
    if head.is_empty() {
        Ok(Format::Empty)
    } else if is_outlook_message(head) {
        Err("an Outlook .msg file, which holds no Internet message; export it as .eml")
    } else if head.starts_with(PST) {
        Err("an Outlook .pst file, which holds no Internet messages; export them as .eml or mbox")
    } else if walk::begins_mbox(head) {
        Ok(Format::Mbox)
    } else if walk::begins_mmdf(head) {
        Ok(Format::Mmdf)
    } else {
        Ok(Format::Message)
    }
}

/// Whether this is a compound file (MS-CFB §2.2), as Word writes too, with the streams that only
/// Outlook's messages have (MS-OXMSG §2.2): `__substg1.0_…` in UTF-16.
fn is_outlook_message(head: &[u8]) -> bool {
    const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    const STREAM: &[u8] = b"_\0_\0s\0u\0b\0s\0t\0g\x001\0.\x000\0_\0";
    head.starts_with(COMPOUND) && memchr::memmem::find(head, STREAM).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let cases: &[(&str, &[u8], Result<Format, ()>)] = &[
            ("nothing", b"", Ok(Format::Empty)),
            ("message", b"Subject: x\n\nFrom me\n", Ok(Format::Message)),
            ("mbox", b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\n", Ok(Format::Mbox)),
            ("mbox without a date", b"From nobody\r\nSubject: x\r\n", Ok(Format::Mbox)),
            ("mmdf", b"\x01\x01\x01\x01\nSubject: x\n\n", Ok(Format::Mmdf)),
            ("a sentence", b"From here on\nwe walk\n", Ok(Format::Message)),
            ("word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Ok(Format::Message)),
            (
                "outlook",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1_\0_\0s\0u\0b\0s\0t\0g\x001\0.\x000\0_\0",
                Err(()),
            ),
            ("pst", b"!BDN....", Err(())),
        ];
        for &(name, head, ref expected) in cases {
            assert_eq!(&format(head).map_err(|_| ()), expected, "{name}");
        }
    }
}
