//! The sources that arguments name: files as they are, folders file by file, of a Maildir only the
//! messages.
//!
//! May use: base.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Source, maildir, write};

/// The sources that a list of arguments names, in order; the files of a folder with those of its
/// folders, names sorted octet by octet. Of a [Maildir](maildir) these are its messages and those of
/// the Maildirs in it.
#[derive(Debug)]
pub struct Sources {
    /// The arguments that were not looked at yet.
    waiting: VecDeque<PathBuf>,
    /// The entries of the folders that are open, those that come next last.
    entries: Vec<PathBuf>,
    /// How many arguments were begun.
    arguments: u64,
    /// The last of them, if it is a folder.
    root: Option<PathBuf>,
}

/// What kind of folder is open.
#[derive(Clone, Copy)]
enum Place {
    Plain,
    Maildir,
    /// `cur` or `new` of a Maildir.
    Messages,
}

impl Place {
    fn of(folder: &Path) -> Place {
        if maildir::holds_messages(folder) {
            Place::Messages
        } else if maildir::is_maildir(folder) {
            Place::Maildir
        } else {
            Place::Plain
        }
    }

    /// Whether the walk goes on into this folder in it.
    fn has_folder(self, name: &OsStr, path: &Path) -> bool {
        match self {
            Place::Plain => true,
            // An empty folder in `tmp` or a server's own is no mailbox, whatever it is called.
            Place::Maildir => {
                maildir::FOLDERS.into_iter().any(|known| name == known) || maildir::is_maildir(path)
            }
            Place::Messages => false,
        }
    }

    /// Whether this file in it is wanted.
    fn has_file(self, name: &OsStr) -> bool {
        let name = name.as_encoded_bytes();
        match self {
            // What a conversion that was killed has left is half a copy of a message.
            Place::Plain => !name.starts_with(write::UNFINISHED.as_bytes()),
            Place::Maildir => false,
            Place::Messages => !name.starts_with(b"."),
        }
    }
}

impl Sources {
    /// The sources of these arguments; none at all is standard input.
    pub fn new(arguments: impl IntoIterator<Item = PathBuf>) -> Sources {
        let mut waiting: VecDeque<PathBuf> = arguments.into_iter().collect();
        if waiting.is_empty() {
            waiting.push_back(PathBuf::from("-"));
        }
        Sources { waiting, entries: Vec::new(), arguments: 0, root: None }
    }

    /// No sources at all.
    pub fn none() -> Sources {
        Sources { waiting: VecDeque::new(), entries: Vec::new(), arguments: 0, root: None }
    }

    /// Which argument the last source belongs to, counted from 1: all of a folder's files belong to
    /// one.
    pub fn argument(&self) -> u64 {
        self.arguments
    }

    /// The argument that the last source belongs to, if that is a folder: the source is below it.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Puts what a folder holds before everything else.
    fn open(&mut self, folder: &Path) -> Result<(), Error> {
        let failed = |error| Error::io(&folder.to_string_lossy(), error);
        let place = Place::of(folder);
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(kind) = entry.file_type() else { continue };
            let (name, path) = (entry.file_name(), entry.path());
            // A link could lead anywhere, a pipe or device could block: passed over.
            let is_wanted = (kind.is_dir() && place.has_folder(&name, &path))
                || (kind.is_file() && place.has_file(&name));
            if is_wanted {
                found.push((sort_key(&path, kind.is_dir()), path));
            }
        }
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        self.entries.extend(found.into_iter().map(|(_, path)| path));
        Ok(())
    }
}

/// So that sorting the entries of a folder sorts the whole paths below it.
fn sort_key(path: &Path, is_dir: bool) -> Vec<u8> {
    let mut key = path.as_os_str().as_encoded_bytes().to_vec();
    if is_dir {
        key.push(b'/');
    }
    key
}

impl Iterator for Sources {
    type Item = Result<Source, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (path, is_argument) = match self.entries.pop() {
                Some(path) => (path, false),
                None => {
                    self.arguments += 1;
                    self.root = None;
                    (self.waiting.pop_front()?, true)
                }
            };
            if !path.is_dir() || path.as_os_str() == "-" {
                return Some(Ok(Source::of(&path)));
            }
            if is_argument {
                self.root = Some(path.clone());
            }
            if let Err(error) = self.open(&path) {
                return Some(Err(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn tree(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "Subject: x\n\n").expect("a file");
        }
        folder
    }

    /// The names of the sources of an argument, below `folder`.
    fn names(folder: &Path, argument: &Path) -> Vec<String> {
        let sources = Sources::new([argument.to_owned()]);
        let prefix = format!("{}/", folder.display());
        let name = |source: Result<Source, Error>| source.expect("readable").name();
        sources.map(|it| name(it).trim_start_matches(&prefix).to_owned()).collect()
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_its_paths() {
        let folder = tree(&["b.eml", "a/2.eml", "a/10.eml", "a.eml", ".septet-Xy1"]);
        let names = names(folder.path(), folder.path());
        assert_eq!(names, ["a.eml", "a/10.eml", "a/2.eml", "b.eml"]);
    }

    #[test]
    fn each_source_knows_its_argument() {
        let folder = tree(&["a/1", "a/b/2", "c"]);
        let path = |name: &str| folder.path().join(name);
        let mut sources = Sources::new([path("a"), path("c"), PathBuf::from("-")]);
        let mut found = Vec::new();
        while let Some(source) = sources.next() {
            let root = sources.root().map(Path::to_owned);
            found.push((source.expect("readable"), sources.argument(), root));
        }
        let file = |name: &str| Source::File(path(name));
        let expected = [
            (file("a/1"), 1, Some(path("a"))),
            (file("a/b/2"), 1, Some(path("a"))),
            (file("c"), 2, None),
            (Source::Stdin, 3, None),
        ];
        assert_eq!(found, expected);
    }

    const MAILDIR: &[&str] = &[
        "M/cur/2:2,S",
        "M/cur/1:2,",
        "M/cur/.hidden",
        "M/cur/folder/5",
        "M/new/3",
        "M/tmp/4",
        "M/dovecot.index.log",
        "M/dovecot-uidlist",
        "M/subscriptions",
        "M/maildirfolder",
        "M/.customflags",
        "M/sieve/script.sieve",
        "M/.Sub.Folder/cur/6:2,",
        "M/.Sub.Folder/new/7",
        "M/.Sub.Folder/dovecot.index",
        "M/.imap/notes",
        "M/.Half/cur/8",
        "M/Fs/cur/9",
        "M/Fs/new/.keep",
        "outside",
    ];

    #[test]
    fn of_a_maildir_only_the_messages() {
        let folder = tree(MAILDIR);
        let all = [
            "M/.Sub.Folder/cur/6:2,",
            "M/.Sub.Folder/new/7",
            "M/Fs/cur/9",
            "M/cur/1:2,",
            "M/cur/2:2,S",
            "M/new/3",
        ];
        assert_eq!(names(folder.path(), &folder.path().join("M")), all);
        let below: Vec<&str> = all.into_iter().chain(["outside"]).collect();
        assert_eq!(names(folder.path(), folder.path()), below, "one among other files");
        assert_eq!(
            names(folder.path(), &folder.path().join("M/cur")),
            ["M/cur/1:2,", "M/cur/2:2,S"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_inside_a_folder_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
        assert_eq!(Sources::new([folder.path().to_owned()]).count(), 0);
    }
}
