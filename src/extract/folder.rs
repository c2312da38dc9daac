//! A folder that files are written to, and nothing outside of it.
//!
//! Contract: the folder is opened once; whatever its path leads to later, files are made in what
//! was opened. A file is written under a temporary name of ours ([`Draft`]) and takes its own in one
//! step, so a name stands for all of a content or for nothing; links are never followed; a name that
//! is taken stays with whom it has, unless the caller asks to [replace](Draft::replace) it. A draft
//! that is dropped vanishes; of a process that is killed one file stays, whose name begins with
//! `.septet-`. Files are for their owner alone (mode 0600), and can never be run.
//!
//! Nothing is forced onto the disk. Names are checked to be one component, not to be good ones:
//! `name` makes those. On systems other than Unix the folder is known by its path.
//!
//! May use: mailbox (the prefix of unfinished files).

#[cfg(not(unix))]
#[path = "folder/other.rs"]
mod place;
#[cfg(unix)]
#[path = "folder/unix.rs"]
mod place;

use std::collections::hash_map::RandomState;
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use crate::mailbox::UNFINISHED;
use place::Place;

/// Octets that are collected before they are written; pieces that are longer are written as they
/// come.
const BUFFER: usize = 32 << 10;

/// How often a temporary name may turn out to be taken.
const TRIES: u32 = 100;

/// An open folder.
#[derive(Clone, Debug)]
pub struct Folder(Arc<Place>);

/// What became of a draft that was to take a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It has the name.
    New,
    /// Something else has it; the draft may take another one.
    Exists,
}

impl Folder {
    /// Opens a folder, and makes it with those above it if it is not there. If `path` itself is a
    /// link, it is the folder it leads to.
    pub fn open(path: &Path) -> io::Result<Folder> {
        match std::fs::create_dir_all(path) {
            // What is there shows when it is opened.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(Folder(Arc::new(Place::open(path)?)))
    }

    /// Begins a file that has no name yet.
    pub fn begin(&self) -> io::Result<Draft> {
        for _ in 0..TRIES {
            let name = format!("{UNFINISHED}{:016x}", RandomState::new().build_hasher().finish());
            match self.0.create_new(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    let file = BufWriter::with_capacity(BUFFER, file);
                    return Ok(Draft {
                        file: Some(file),
                        temporary: name,
                        place: Arc::clone(&self.0),
                        kept: false,
                    });
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// A file that is being written. Dropped before it was given a name, it vanishes.
///
/// ```
/// use std::io::Write;
/// use septet::extract::{Folder, Kept};
///
/// # let place = tempfile::tempdir()?;
/// let folder = Folder::open(&place.path().join("out"))?;
/// let mut draft = folder.begin()?;
/// draft.write_all(b"hello")?;
/// assert_eq!(draft.keep("a.txt")?, Kept::New);
/// let mut draft = folder.begin()?;
/// assert_eq!(draft.keep("a.txt")?, Kept::Exists);
/// assert_eq!(draft.keep("b.txt")?, Kept::New);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Draft {
    /// `None` once it is written to its end.
    file: Option<BufWriter<File>>,
    temporary: String,
    place: Arc<Place>,
    kept: bool,
}

impl Draft {
    /// All is written: what waits for its name holds no open file.
    pub fn close(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file = None;
        Ok(())
    }

    /// Gives the file its name if nothing has that, be it a link that leads nowhere.
    pub fn keep(&mut self, name: &str) -> io::Result<Kept> {
        self.named(name, |draft| draft.place.rename_new(&draft.temporary, name))
    }

    /// Gives the file its name and takes it from what had it: a file, or a link, which is replaced
    /// itself. A folder keeps it.
    pub fn replace(&mut self, name: &str) -> io::Result<Kept> {
        self.named(name, |draft| draft.place.rename_over(&draft.temporary, name))
    }

    fn named(
        &mut self,
        name: &str,
        rename: impl FnOnce(&Draft) -> io::Result<()>,
    ) -> io::Result<Kept> {
        if self.kept || matches!(name, "" | "." | "..") || name.contains(['/', '\\', '\0']) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name of a file"));
        }
        self.flush()?;
        match rename(self) {
            Ok(()) => {
                self.kept = true;
                Ok(Kept::New)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Kept::Exists),
            Err(error) => Err(error),
        }
    }
}

impl Write for Draft {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(octets),
            None => Err(io::Error::new(io::ErrorKind::InvalidInput, "the file is closed")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // Best effort: the name says what the file is.
            let _ = self.place.remove(&self.temporary);
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({:?})", self.temporary)
    }
}

#[cfg(test)]
mod tests;
