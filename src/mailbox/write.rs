//! Writing a file so that its name always stands for all of one content: what was there before, or
//! what replaces it.
//!
//! Contract: the octets go to a file of another name in the same folder (for a new message of a
//! Maildir in its `tmp`); only when they are on the disk does it take the name, in one step. Who
//! gives up before, or is killed, has changed nothing; only the latter leaves a file, whose name
//! begins with `.septet-`. The new file has the permissions and times of its original, and its owner
//! as far as the system allows. A file that was changed since it was opened is not replaced, and
//! what is new replaces nothing.
//!
//! It keeps no extended attributes and no further hard links, and locks nothing: a program that
//! writes to the file just while it takes its name writes to the old one.
//!
//! May use: base.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, BufWriter, IntoInnerError, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempPath;

use super::mirror::make_folder;
use super::{Error, maildir};

/// How the name of an unfinished file begins: with a dot, which readers of Maildirs pass over.
pub(crate) const UNFINISHED: &str = ".septet-";

/// Octets that are collected before they are written.
const BUFFER: usize = 64 << 10;

/// A file that is being written, and has its name only once it is [committed](Replacement::commit).
/// Dropped before, it vanishes.
///
/// ```
/// use std::io::Write;
/// use septet::mailbox::{Replacement, Source, Store};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.eml");
/// # std::fs::write(&path, "subject: hello\n\n")?;
/// let store = Store::open(&Source::File(path.clone()))?;
/// let mut new = Replacement::in_place(&path, store.metadata().expect("a regular file"))?;
/// new.write_all(b"Subject: hello\n\n")?;
/// assert_eq!(std::fs::read(&path)?, b"subject: hello\n\n");
/// new.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"Subject: hello\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Replacement {
    // Closed before it is removed, as some systems want it.
    file: BufWriter<File>,
    temporary: TempPath,
    target: PathBuf,
    way: Way,
    modified: Option<SystemTime>,
}

/// What becomes of the name.
#[derive(Debug)]
enum Way {
    /// It stands for this file until then.
    InPlace(Metadata),
    /// It stands for nothing yet; the file is to be like that other one.
    New(Option<Metadata>),
}

impl Way {
    fn original(&self) -> Option<&Metadata> {
        match self {
            Way::InPlace(original) => Some(original),
            Way::New(original) => original.as_ref(),
        }
    }
}

impl Replacement {
    /// Begins what replaces the file at `path`; `original` is what the system said of it when it was
    /// opened for reading. If `path` is a link, the file it leads to is replaced.
    pub fn in_place(path: &Path, original: &Metadata) -> Result<Replacement, Error> {
        let begun = fs::canonicalize(path).and_then(|target| {
            let folder = target.parent().unwrap_or(Path::new("/")).to_owned();
            begin(&folder, target, Way::InPlace(original.clone()))
        });
        begun.map_err(|error| Error::io(&path.to_string_lossy(), error))
    }

    /// Begins a file where there is none, in a folder that there is; `like` is the file whose
    /// permissions, times and owner it gets.
    pub fn create_new(path: &Path, like: Option<&Metadata>) -> Result<Replacement, Error> {
        let begun = vacant(path).and_then(|()| {
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            begin(folder, path.to_owned(), Way::New(like.cloned()))
        });
        begun.map_err(|error| Error::io(&path.to_string_lossy(), error))
    }

    /// Begins a message of a Maildir where there is none: `path` is in `cur` or `new`. The folders of
    /// the Maildir are made, and until it is committed the message is in `tmp`.
    pub fn deliver(path: &Path, like: Option<&Metadata>) -> Result<Replacement, Error> {
        let begun = vacant(path).and_then(|()| {
            let maildir =
                path.parent().and_then(Path::parent).ok_or(io::ErrorKind::InvalidInput)?;
            for name in maildir::FOLDERS.into_iter().chain(["tmp"]) {
                make_folder(&maildir.join(name))?;
            }
            begin(&maildir.join("tmp"), path.to_owned(), Way::New(like.cloned()))
        });
        begun.map_err(|error| Error::io(&path.to_string_lossy(), error))
    }

    /// Says when the file was modified, whatever its original says: of a message, when it was
    /// delivered.
    pub fn set_modified(&mut self, time: SystemTime) {
        self.modified = Some(time);
    }

    /// Takes back what was written behind the first `len` octets.
    pub fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().set_len(len)?;
        self.file.seek(SeekFrom::Start(len)).map(|_| ())
    }

    /// What the file will be called.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its name. After an error the name stands for what it stood for, except that
    /// the system may fail to say that the new name is on the disk.
    pub fn commit(self) -> Result<(), Error> {
        let target = self.target.clone();
        self.finish(target)
    }

    /// Gives the file another name in the same folder, which the one it replaces gets first: the
    /// message of a Maildir whose name says its size. Whenever this is interrupted, the folder has
    /// the message once.
    pub fn commit_as(self, name: &OsStr) -> Result<(), Error> {
        let target = self.sibling(name)?;
        self.finish(target)
    }

    /// Another name in the same folder.
    fn sibling(&self, name: &OsStr) -> Result<PathBuf, Error> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == name => {
                Ok(self.target.with_file_name(name))
            }
            _ => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "no name of a file");
                Err(Error::io(&name.to_string_lossy(), error))
            }
        }
    }

    /// Ends the file and leaves it waiting for its name, or for another name in the same folder: see
    /// [`commit_all`]. That is for what is new, not for what replaces a file.
    pub fn wait(self, name: Option<&OsStr>) -> Result<Waiting, Error> {
        let called = self.target.to_string_lossy().into_owned();
        let target = name.map_or_else(|| Ok(self.target.clone()), |name| self.sibling(name))?;
        self.end(target).map_err(|error| Error::io(&called, error))
    }

    fn finish(self, target: PathBuf) -> Result<(), Error> {
        let called = self.target.to_string_lossy().into_owned();
        let put = || {
            let waiting = self.end(target)?;
            waiting.file.sync_all()?;
            sync_folder(&waiting.take_name()?)
        };
        put().map_err(|error| Error::io(&called, error))
    }

    /// All octets are written, and the file is like its original.
    fn end(self, target: PathBuf) -> io::Result<Waiting> {
        let Replacement { file, temporary, target: old, way, modified } = self;
        let file = file.into_inner().map_err(IntoInnerError::into_error)?;
        if let Some(original) = way.original() {
            make_like(&file, original)?;
        }
        if let Some(time) = modified {
            file.set_modified(time)?;
        }
        Ok(Waiting { file, temporary, old, target, way })
    }
}

/// A file that is written to its end and has no name yet. Dropped, it vanishes.
#[derive(Debug)]
pub struct Waiting {
    // Closed before it is removed, as some systems want it.
    file: File,
    temporary: TempPath,
    old: PathBuf,
    target: PathBuf,
    way: Way,
}

impl Waiting {
    /// Gives the file its name and tells in which folder.
    fn take_name(self) -> io::Result<PathBuf> {
        let Waiting { file, temporary, old, target, way } = self;
        drop(file);
        match way {
            Way::New(_) => temporary.persist_noclobber(&target).map_err(|failed| failed.error)?,
            Way::InPlace(original) => {
                check_unchanged(&old, &original)?;
                rename(&old, &target)?;
                if let Err(failed) = temporary.persist(&target) {
                    // Best effort: under either name the message is whole.
                    let _ = rename(&target, &old);
                    return Err(failed.error);
                }
            }
        }
        Ok(target.parent().unwrap_or(Path::new(".")).to_owned())
    }
}

/// Gives many files of one file system their names, all of them on the disk before the first gets
/// its: one wait for the disk instead of one for each. After an error those before it have theirs,
/// the others vanish.
pub fn commit_all(files: Vec<Waiting>) -> Result<(), Error> {
    let Some(first) = files.first() else { return Ok(()) };
    let called = first.target.to_string_lossy().into_owned();
    sync_files(&files).map_err(|error| Error::io(&called, error))?;
    let mut folders = Vec::new();
    for file in files {
        let called = file.target.to_string_lossy().into_owned();
        let folder = file.take_name().map_err(|error| Error::io(&called, error))?;
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let synced = folders.iter().try_for_each(|folder| sync_folder(folder));
    synced.map_err(|error| Error::io(&called, error))
}

/// So few files are synchronised one by one: the whole file system may have more to write.
#[cfg(target_os = "linux")]
const FEW: usize = 8;

fn sync_files(files: &[Waiting]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if files.len() > FEW {
        return Ok(rustix::fs::syncfs(&files[0].file)?);
    }
    files.iter().try_for_each(|waiting| waiting.file.sync_all())
}

impl Write for Replacement {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.file.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl fmt::Debug for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replacement({:?} as {:?})", self.temporary, self.target)
    }
}

/// Opens the file that is to become `target`.
fn begin(folder: &Path, target: PathBuf, way: Way) -> io::Result<Replacement> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // Nobody else may read it until it is like its original; without one it is like any new file.
    #[cfg(unix)]
    if way.original().is_none() {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
    let file = BufWriter::with_capacity(BUFFER, file);
    Ok(Replacement { file, temporary, target, way, modified: None })
}

/// An error if something has this name, be it a link that leads nowhere.
fn vacant(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Gives a file another name that was free, and has that on the disk before anything else happens.
fn rename(old: &Path, new: &Path) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    vacant(new)?;
    fs::rename(old, new)?;
    sync_folder(new.parent().unwrap_or(Path::new(".")))
}

/// An error if the file is not the one that was opened, as it was then.
fn check_unchanged(path: &Path, original: &Metadata) -> io::Result<()> {
    if stamp(&fs::metadata(path)?) == stamp(original) {
        Ok(())
    } else {
        Err(io::Error::other("changed while it was being converted"))
    }
}

/// What changes when a file is written or replaced.
fn stamp(metadata: &Metadata) -> (Option<(u64, u64)>, u64, Option<SystemTime>) {
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    };
    #[cfg(not(unix))]
    let identity = None;
    (identity, metadata.len(), metadata.modified().ok())
}

/// Gives a file the owner, permissions and times of another.
fn make_like(file: &File, original: &Metadata) -> io::Result<()> {
    let permissions = own_like(file, original);
    file.set_permissions(permissions)?;
    let mut times = FileTimes::new();
    if let Ok(modified) = original.modified() {
        times = times.set_modified(modified);
    }
    if let Ok(accessed) = original.accessed() {
        times = times.set_accessed(accessed);
    }
    file.set_times(times)
}

/// Gives a file the owner and group of another as far as that is allowed, and tells the permissions
/// that it may have then.
#[cfg(unix)]
fn own_like(file: &File, original: &Metadata) -> fs::Permissions {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (owner, group) = (Some(original.uid()), Some(original.gid()));
    let has_group = fchown(file, owner, group).or_else(|_| fchown(file, None, group)).is_ok();
    // Never the bits above: a mail is not to run as somebody.
    let mode = original.mode() & 0o777;
    // Another group than before may do what everybody may.
    let others = (mode & 0o007) << 3;
    fs::Permissions::from_mode(if has_group { mode } else { mode & (0o707 | others) })
}

#[cfg(not(unix))]
fn own_like(_: &File, original: &Metadata) -> fs::Permissions {
    original.permissions()
}

/// Has the names in a folder written to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // A folder may be written to and not read, and some file systems do not know this operation.
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    match folder.sync_all() {
        Err(error) if error.kind() != io::ErrorKind::InvalidInput => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A folder with the file `a.eml`, from 2001.
    fn place() -> (tempfile::TempDir, PathBuf, Metadata) {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("a.eml");
        fs::write(&path, "old").expect("a file");
        let file = File::options().write(true).open(&path).expect("a file");
        let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 5000);
        let times = FileTimes::new().set_modified(then).set_accessed(then);
        file.set_times(times).expect("times");
        let metadata = fs::metadata(&path).expect("a file");
        (place, path, metadata)
    }

    /// All names in a folder with what is in them, sorted.
    fn files(folder: &Path) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(entry.path()).unwrap_or_default()));
        }
        files.sort();
        files
    }

    fn are(folder: &Path, expected: &[(&str, &str)]) {
        let files = files(folder);
        let files: Vec<_> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(files, expected);
    }

    fn write(mut new: Replacement) -> Replacement {
        new.write_all(b"new").expect("written");
        new.flush().expect("flushed");
        new
    }

    #[test]
    fn in_place() {
        let (place, path, metadata) = place();
        let new = write(Replacement::in_place(&path, &metadata).expect("begun"));
        let unfinished = files(place.path());
        assert!(unfinished[0].0.starts_with(UNFINISHED) && unfinished[0].1 == "new");
        assert_eq!(unfinished[1], ("a.eml".to_owned(), "old".to_owned()));
        new.commit().expect("committed");
        are(place.path(), &[("a.eml", "new")]);
        let now = fs::metadata(&path).expect("a file");
        assert_eq!(now.modified().ok(), metadata.modified().ok());
    }

    #[test]
    fn dropped_it_leaves_nothing() {
        let (place, path, metadata) = place();
        drop(write(Replacement::in_place(&path, &metadata).expect("begun")));
        drop(write(Replacement::create_new(&path.with_file_name("b"), None).expect("begun")));
        are(place.path(), &[("a.eml", "old")]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_owner_and_times_are_kept() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
        for (mode, expected) in [(0o640, 0o640), (0o604, 0o604), (0o4755, 0o755), (0o400, 0o400)] {
            let (_place, path, _) = place();
            // Only root may do this; for others it is the same owner that must be kept.
            let _ = chown(&path, Some(4321), Some(8765));
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
            let before = fs::metadata(&path).expect("a file");
            let new = write(Replacement::in_place(&path, &before).expect("begun"));
            let unfinished = new.file.get_ref().metadata().expect("a file");
            assert_eq!(unfinished.mode() & 0o7777, 0o600);
            new.commit().expect("committed");
            let after = fs::metadata(&path).expect("a file");
            assert_ne!(after.ino(), before.ino());
            assert_eq!(after.mode() & 0o7777, expected);
            assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
            assert_eq!((after.mtime(), after.mtime_nsec()), (before.mtime(), before.mtime_nsec()));
            assert_eq!((after.atime(), after.atime_nsec()), (before.atime(), before.atime_nsec()));
        }
    }

    #[test]
    fn a_changed_original_is_left() {
        let changes: [(&str, fn(&Path)); 4] = [
            ("longer", |path| fs::write(path, "longer").expect("written")),
            ("as long, later", |path| fs::write(path, "odl").expect("written")),
            ("another file", |path| {
                let metadata = fs::metadata(path).expect("a file");
                let copy = path.with_file_name("copy");
                fs::write(&copy, "odl").expect("written");
                let file = File::options().write(true).open(&copy).expect("a file");
                file.set_modified(metadata.modified().expect("a time")).expect("a time");
                fs::rename(copy, path).expect("renamed");
            }),
            ("gone", |path| fs::remove_file(path).expect("removed")),
        ];
        for (what, change) in changes {
            for name in ["a.eml", "b.eml"] {
                let (place, path, metadata) = place();
                let new = write(Replacement::in_place(&path, &metadata).expect("begun"));
                change(&path);
                let before = files(place.path());
                let before: Vec<_> =
                    before.into_iter().filter(|file| !file.0.starts_with(UNFINISHED)).collect();
                let error = new.commit_as(name.as_ref()).expect_err(what).to_string();
                assert!(error.starts_with(&path.display().to_string()), "{what}: {error}");
                assert!(
                    what == "gone" || error.ends_with("while it was being converted"),
                    "{error}"
                );
                assert_eq!(files(place.path()), before, "{what}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn behind_a_link_the_file_is_replaced() {
        let (place, path, metadata) = place();
        let other = tempfile::tempdir().expect("a folder");
        let link = other.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let new = write(Replacement::in_place(&link, &metadata).expect("begun"));
        new.commit().expect("committed");
        are(place.path(), &[("a.eml", "new")]);
        assert_eq!(fs::read_link(&link).expect("still a link"), path);
    }

    #[test]
    fn with_another_name() {
        let (place, path, metadata) = place();
        let new = write(Replacement::in_place(&path, &metadata).expect("begun"));
        new.commit_as("b.eml".as_ref()).expect("committed");
        are(place.path(), &[("b.eml", "new")]);
    }

    #[test]
    fn if_the_second_of_two_steps_fails_the_first_is_taken_back() {
        let (place, path, metadata) = place();
        let new = write(Replacement::in_place(&path, &metadata).expect("begun"));
        fs::remove_file(&new.temporary).expect("removed");
        assert!(new.commit_as("b.eml".as_ref()).is_err());
        are(place.path(), &[("a.eml", "old")]);
    }

    #[test]
    fn another_name_that_is_taken_or_none() {
        for name in ["b.eml", "", ".", "..", "c/d", "/c", "c/", "./c"] {
            let (place, path, metadata) = place();
            fs::write(path.with_file_name("b.eml"), "other").expect("a file");
            let new = write(Replacement::in_place(&path, &metadata).expect("begun"));
            assert!(new.commit_as(name.as_ref()).is_err(), "{name}");
            are(place.path(), &[("a.eml", "old"), ("b.eml", "other")]);
        }
    }

    #[test]
    fn what_is_new_replaces_nothing() {
        let (place, path, metadata) = place();
        assert!(Replacement::create_new(&path, None).is_err());
        let late = path.with_file_name("b.eml");
        let new = write(Replacement::create_new(&late, Some(&metadata)).expect("begun"));
        fs::write(&late, "other").expect("a file");
        let error = new.commit().expect_err("taken");
        let text = format!("{}: ", late.display());
        assert!(error.to_string().starts_with(&text), "{error}");
        assert!(!error.to_string().contains("os error"), "{error}");
        are(place.path(), &[("a.eml", "old"), ("b.eml", "other")]);
        let new = Replacement::create_new(&path.with_file_name("c"), Some(&metadata));
        write(new.expect("begun")).commit().expect("committed");
        are(place.path(), &[("a.eml", "old"), ("b.eml", "other"), ("c", "new")]);
        let c = fs::metadata(path.with_file_name("c")).expect("a file");
        assert_eq!(c.modified().ok(), metadata.modified().ok());
    }

    #[cfg(unix)]
    #[test]
    fn without_an_original_it_is_like_any_new_file() {
        use std::os::unix::fs::MetadataExt;
        let (_place, path, _) = place();
        let [ours, any] = ["b", "c"].map(|name| path.with_file_name(name));
        write(Replacement::create_new(&ours, None).expect("begun")).commit().expect("committed");
        fs::write(&any, "new").expect("a file");
        let mode = |path| fs::metadata(path).expect("a file").mode();
        assert_eq!(mode(&ours), mode(&any));
    }

    #[test]
    fn into_a_maildir_by_way_of_tmp() {
        let (place, _, metadata) = place();
        let maildir = place.path().join("M");
        fs::create_dir_all(maildir.join("cur")).expect("a folder");
        let path = maildir.join("cur/1.host,S=3:2,S");
        let new = write(Replacement::deliver(&path, Some(&metadata)).expect("begun"));
        are(&maildir, &[("cur", ""), ("new", ""), ("tmp", "")]);
        are(&maildir.join("cur"), &[]);
        assert_eq!(files(&maildir.join("tmp")).len(), 1);
        new.commit_as("1.host,S=4:2,S".as_ref()).expect("committed");
        are(&maildir.join("cur"), &[("1.host,S=4:2,S", "new")]);
        are(&maildir.join("tmp"), &[]);
    }

    #[test]
    fn what_was_written_is_taken_back() {
        let (place, path, _) = place();
        let mut new =
            write(Replacement::create_new(&path.with_file_name("b"), None).expect("begun"));
        new.write_all(&[b'x'; BUFFER]).expect("written");
        new.cut(3).expect("cut");
        new.write_all(b"er").expect("written");
        new.commit().expect("committed");
        are(place.path(), &[("a.eml", "old"), ("b", "newer")]);
    }

    #[test]
    fn many_get_their_names_at_once() {
        for count in [0, 1, 20] {
            let (place, path, _) = place();
            let new = |i: usize| {
                let path = path.with_file_name(format!("{i:02}"));
                write(Replacement::create_new(&path, None).expect("begun"))
            };
            let waiting: Vec<Waiting> = (0..count)
                .map(|i| new(i).wait((i == 1).then_some("other".as_ref())).expect("written"))
                .collect();
            drop(new(50).wait(None).expect("written"));
            assert_eq!(files(place.path()).len(), count + 1, "no names yet");
            commit_all(waiting).expect("committed");
            let names: Vec<String> = files(place.path()).into_iter().map(|file| file.0).collect();
            assert_eq!(names.len(), count + 1);
            assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
            assert_eq!(names.contains(&"other".to_owned()), count > 1);
        }
    }

    #[test]
    fn a_time_of_its_own() {
        let (_place, path, metadata) = place();
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1234);
        for like in [None, Some(&metadata)] {
            let path = path.with_file_name(format!("b{}", like.is_some()));
            let mut new = write(Replacement::create_new(&path, like).expect("begun"));
            new.set_modified(then);
            new.commit().expect("committed");
            assert_eq!(fs::metadata(path).expect("a file").modified().ok(), Some(then));
        }
    }

    #[test]
    fn where_nothing_can_be_written() {
        let (place, path, metadata) = place();
        for target in [path.join("b"), place.path().join("none/b")] {
            for begun in [
                Replacement::create_new(&target, None),
                Replacement::in_place(&target, &metadata),
                Replacement::deliver(&target.join("cur/1"), None),
            ] {
                let error = begun.expect_err("no folder").to_string();
                assert!(error.starts_with(&target.display().to_string()), "{error}");
                assert!(!error.contains("os error"), "{error}");
            }
        }
        are(place.path(), &[("a.eml", "old")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_changes_nothing() {
        for octets in [3, BUFFER * 2] {
            let (place, path, metadata) = place();
            let mut new = Replacement::in_place(&path, &metadata).expect("begun");
            let full = File::options().write(true).open("/dev/full").expect("a full disk");
            new.file = BufWriter::with_capacity(BUFFER, full);
            let done = new.write_all(&vec![b'x'; octets]);
            let done = done.map_err(|error| error.to_string());
            let done = done.and_then(|()| new.commit().map_err(|error| error.to_string()));
            assert!(done.expect_err("full").contains("No space left"), "{octets}");
            are(place.path(), &[("a.eml", "old")]);
        }
    }
}
