//! The sources that arguments name: files as they are, folders file by file, of a Maildir or an MH
//! folder only the messages.
//!
//! Contract: links inside a folder are not followed, pipes and devices are passed over, and a folder
//! is read once for each argument, whatever is mounted where.
//!
//! An MH folder is one with `.mh_sequences` in it; its messages are the files whose names are numbers
//! (`mh-mail(5)` of nmh).
//!
//! May use: base.

use std::collections::{HashSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, Source, maildir, write};

/// The sources that a list of arguments names, in order; the files of a folder with those of its
/// folders, names sorted octet by octet. Of a [Maildir](maildir) these are its messages and those of
/// the Maildirs in it.
#[derive(Debug)]
pub struct Sources {
    /// What comes before all arguments.
    first: Option<Source>,
    /// The arguments that were not looked at yet.
    waiting: VecDeque<PathBuf>,
    /// The entries of the folders that are open, those that come next last.
    entries: Vec<Entry>,
    /// The folders of the argument that were read already.
    seen: HashSet<Identity>,
    /// How many arguments were begun.
    arguments: u64,
    /// The last of them, if it is a folder.
    root: Option<PathBuf>,
}

/// What a folder holds and the walk goes on to.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

/// What tells folders apart.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(folder: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(folder).map(|it| (it.dev(), it.ino()))
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> io::Result<Identity> {
    fs::canonicalize(folder)
}

/// What kind of folder is open.
#[derive(Clone, Copy)]
enum Place {
    Plain,
    Maildir,
    /// `cur` or `new` of a Maildir.
    Messages,
    Mh,
}

impl Place {
    fn of(folder: &Path) -> Place {
        if maildir::holds_messages(folder) {
            Place::Messages
        } else if maildir::is_maildir(folder) {
            Place::Maildir
        } else if folder.join(".mh_sequences").is_file() {
            Place::Mh
        } else {
            Place::Plain
        }
    }

    /// Whether the walk goes on into this folder in it.
    fn has_folder(self, name: &OsStr, path: &Path) -> bool {
        match self {
            Place::Plain | Place::Mh => true,
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
            Place::Messages => maildir::is_message_name(name),
            // Others are deleted messages (`,12`) or lists.
            Place::Mh => number(name).is_some(),
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
        Sources { waiting, ..Sources::none() }
    }

    /// This source only.
    pub fn of(source: Source) -> Sources {
        Sources { first: Some(source), ..Sources::none() }
    }

    /// No sources at all.
    pub fn none() -> Sources {
        Sources {
            first: None,
            waiting: VecDeque::new(),
            entries: Vec::new(),
            seen: HashSet::new(),
            arguments: 0,
            root: None,
        }
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
        if !self.seen.insert(identity(folder).map_err(failed)?) {
            return Ok(());
        }
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
                let rank = match place {
                    Place::Mh if kind.is_file() => number(name.as_encoded_bytes()),
                    _ => None,
                };
                let key = (rank, sort_key(&path, kind.is_dir()));
                found.push((key, Entry { path, is_folder: kind.is_dir() }));
            }
        }
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        self.entries.extend(found.into_iter().map(|(_, entry)| entry));
        Ok(())
    }
}

/// The number that the name of an MH message is.
fn number(name: &[u8]) -> Option<u64> {
    let is_number = name.iter().all(u8::is_ascii_digit) && !name.starts_with(b"0");
    std::str::from_utf8(name).ok().filter(|_| is_number)?.parse().ok()
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
        if let Some(source) = self.first.take() {
            self.arguments += 1;
            return Some(Ok(source));
        }
        loop {
            let path = match self.entries.pop() {
                Some(Entry { path, is_folder: false }) => return Some(Ok(Source::Found(path))),
                Some(Entry { path, .. }) => path,
                None => {
                    self.arguments += 1;
                    self.root = None;
                    self.seen.clear();
                    let path = self.waiting.pop_front()?;
                    if path.as_os_str() == "-" || !path.is_dir() {
                        return Some(Ok(Source::of(&path)));
                    }
                    self.root = Some(path.clone());
                    path
                }
            };
            if let Err(error) = self.open(&path) {
                return Some(Err(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::Meter;
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
        let found_at = |name: &str| Source::Found(path(name));
        let expected = [
            (found_at("a/1"), 1, Some(path("a"))),
            (found_at("a/b/2"), 1, Some(path("a"))),
            (Source::File(path("c")), 2, None),
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

    #[test]
    fn of_an_mh_folder_the_numbers_in_their_order() {
        let folder = tree(&["10", "9", "1", ",8", "07", "x", ".mh_sequences", "sub/2", "sub/10"]);
        let names = names(folder.path(), folder.path());
        assert_eq!(names, ["sub/10", "sub/2", "1", "9", "10"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_passed_over() {
        let folder = tree(&["a.eml"]);
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket"));
        assert_eq!(names(folder.path(), folder.path()), ["a.eml"]);
        // It became a pipe after the folder was listed: nobody waits for who writes into it.
        let seen = |source: Source| {
            let mut seen = Vec::new();
            let _ = source.visit(&Meter::default(), &mut |input| {
                seen.push(input.map(|input| input.format).map_err(|error| error.to_string()));
                ControlFlow::Continue(())
            });
            seen
        };
        assert_eq!(seen(Source::Found(pipe)), []);
        // An argument may be no device or socket.
        for path in [folder.path().join("socket"), "/dev/zero".into()] {
            let text = format!("{}: a device or socket; not read", path.display());
            assert_eq!(seen(Source::File(path)), [Err(text)]);
        }
        drop(socket);
    }

    #[test]
    fn a_message_that_was_moved_is_found_or_was_deleted() {
        let folder = tree(&["M/cur/2:2,S", "M/new/1", "M/new/3"]);
        let sources: Vec<_> = Sources::new([folder.path().to_owned()]).collect();
        let path = |name: &str| folder.path().join(name);
        fs::rename(path("M/new/1"), path("M/cur/1:2,RS")).expect("moved");
        fs::remove_file(path("M/new/3")).expect("deleted");
        let mut seen = Vec::new();
        for source in sources {
            let _ = source.expect("readable").visit(&Meter::default(), &mut |input| {
                let input = input.expect("readable");
                let flags = input.flags.map(|flags| flags.letters().to_owned());
                seen.push((PathBuf::from(input.name), flags.unwrap_or_default()));
                ControlFlow::Continue(())
            });
        }
        let expected =
            [(path("M/cur/2:2,S"), "S".to_owned()), (path("M/cur/1:2,RS"), "RS".to_owned())];
        assert_eq!(seen, expected);
    }

    #[cfg(unix)]
    #[test]
    fn links_inside_a_folder_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
        assert_eq!(Sources::new([folder.path().to_owned()]).count(), 0);
    }
}
