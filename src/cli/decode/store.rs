//! Attachments in a folder, each content once, called by its SHA-256.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::extract::{self, Folder};
use crate::mailbox::Error;
use crate::record;

/// A folder of contents.
pub(super) struct Hashed {
    path: PathBuf,
    folder: Folder,
}

impl Hashed {
    pub(super) fn open(path: &Path) -> Result<Hashed, Error> {
        let folder =
            Folder::open(path).map_err(|error| Error::io(&path.to_string_lossy(), error))?;
        Ok(Hashed { path: path.to_owned(), folder })
    }
}

impl record::Store for Hashed {
    fn begin(&self) -> io::Result<Box<dyn record::Draft>> {
        Ok(Box::new(Draft { path: self.path.clone(), draft: self.folder.begin()? }))
    }
}

struct Draft {
    path: PathBuf,
    draft: extract::Draft,
}

impl Write for Draft {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.draft.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.draft.flush()
    }
}

impl record::Draft for Draft {
    fn keep(mut self: Box<Self>, sha256: &[u8; 32]) -> io::Result<String> {
        let mut name = String::with_capacity(64);
        for octet in sha256 {
            let _ = write!(name, "{octet:02x}");
        }
        // What has the name has the content.
        self.draft.keep(&name)?;
        Ok(self.path.join(name).to_string_lossy().into_owned())
    }
}
