//! The open folder by its descriptor: nothing is looked up by a path from the root.
//!
//! May use: nothing of this crate.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

#[derive(Debug)]
pub(super) struct Place(OwnedFd);

/// A file that nothing has the name of, for its owner to read and write.
const NEW: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl Place {
    pub(super) fn open(path: &Path) -> io::Result<Place> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Place(rustix::fs::open(path, flags, Mode::empty())?))
    }

    pub(super) fn create_new(&self, name: &str) -> io::Result<File> {
        let file = rustix::fs::openat(&self.0, name, NEW, Mode::RUSR | Mode::WUSR)?;
        Ok(File::from(file))
    }

    /// Gives a file another name if nothing has that. Not every file system knows how in one step:
    /// then by a link, and where there are no links, the name is taken by an empty file first.
    pub(super) fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        match self.rename_exclusive(from, to) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
        match rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty()) {
            Ok(()) => return self.remove(from),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM | Errno::MLINK) => {}
            Err(error) => return Err(error.into()),
        }
        self.rename_reserved(from, to)
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn rename_exclusive(&self, from: &str, to: &str) -> Result<(), Errno> {
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(&self.0, from, &self.0, to, flags)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn rename_exclusive(&self, _: &str, _: &str) -> Result<(), Errno> {
        Err(Errno::NOSYS)
    }

    /// Takes the name by an empty file, which is replaced then.
    pub(super) fn rename_reserved(&self, from: &str, to: &str) -> io::Result<()> {
        self.create_new(to)?;
        let renamed = rustix::fs::renameat(&self.0, from, &self.0, to);
        if renamed.is_err() {
            // Best effort: an empty file stays.
            let _ = self.remove(to);
        }
        Ok(renamed?)
    }

    /// Gives a file another name, and takes it from what has it unless that is a folder.
    pub(super) fn rename_over(&self, from: &str, to: &str) -> io::Result<()> {
        match rustix::fs::renameat(&self.0, from, &self.0, to) {
            Err(Errno::ISDIR | Errno::NOTEMPTY) => Err(io::ErrorKind::AlreadyExists.into()),
            done => Ok(done?),
        }
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }
}
