//! The folder by its path, where there is nothing better.
//!
//! May use: nothing of this crate.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn open(path: &Path) -> io::Result<Place> {
        Ok(Place(fs::canonicalize(path)?))
    }

    pub(super) fn create_new(&self, name: &str) -> io::Result<File> {
        File::options().write(true).create_new(true).open(self.0.join(name))
    }

    /// Gives a file another name if nothing has that: by a link, and where there are no links, the
    /// name is taken by an empty file first.
    pub(super) fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        match fs::hard_link(self.0.join(from), self.0.join(to)) {
            Ok(()) => self.remove(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            Err(_) => {
                self.create_new(to)?;
                fs::rename(self.0.join(from), self.0.join(to))
            }
        }
    }

    /// Gives a file another name, and takes it from what has it unless that is a folder.
    pub(super) fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        if fs::symlink_metadata(self.0.join(to)).is_ok_and(|found| found.is_dir()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(self.0.join(from), self.0.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }
}
