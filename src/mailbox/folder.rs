//! The sources that arguments name: files as they are, folders file by file.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Source};

/// The sources that a list of arguments names, in order; the files of a folder with those of its
/// folders, names sorted octet by octet.
#[derive(Debug)]
pub struct Sources {
    /// The arguments that were not looked at yet.
    waiting: VecDeque<PathBuf>,
    /// The entries of the folders that are open, those that come next last.
    entries: Vec<PathBuf>,
    /// How many arguments were begun.
    arguments: u64,
}

impl Sources {
    /// The sources of these arguments; none at all is standard input.
    pub fn new(arguments: impl IntoIterator<Item = PathBuf>) -> Sources {
        let mut waiting: VecDeque<PathBuf> = arguments.into_iter().collect();
        if waiting.is_empty() {
            waiting.push_back(PathBuf::from("-"));
        }
        Sources { waiting, entries: Vec::new(), arguments: 0 }
    }

    /// No sources at all.
    pub fn none() -> Sources {
        Sources { waiting: VecDeque::new(), entries: Vec::new(), arguments: 0 }
    }

    /// Which argument the last source belongs to, counted from 1: all of a folder's files belong to
    /// one.
    pub fn argument(&self) -> u64 {
        self.arguments
    }

    /// Puts what a folder holds before everything else.
    fn open(&mut self, folder: &Path) -> Result<(), Error> {
        let failed = |error| Error::io(&folder.to_string_lossy(), error);
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(kind) = entry.file_type() else { continue };
            // A link could lead anywhere, a pipe or device could block: passed over.
            if kind.is_dir() || kind.is_file() {
                found.push((sort_key(&entry.path(), kind.is_dir()), entry.path()));
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
            let path = match self.entries.pop() {
                Some(path) => path,
                None => {
                    self.arguments += 1;
                    self.waiting.pop_front()?
                }
            };
            if !path.is_dir() || path.as_os_str() == "-" {
                return Some(Ok(Source::of(&path)));
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

    #[test]
    fn a_folder_is_read_in_the_order_of_its_paths() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["b.eml", "a/2.eml", "a/10.eml", "a.eml"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "Subject: x\n\n").expect("a file");
        }
        let sources = Sources::new([folder.path().to_owned(), PathBuf::from("-")]);
        let names: Vec<String> = sources.map(|source| source.expect("readable").name()).collect();
        let prefix = format!("{}/", folder.path().display());
        let names: Vec<&str> = names.iter().map(|n| n.trim_start_matches(&prefix)).collect();
        assert_eq!(names, ["a.eml", "a/10.eml", "a/2.eml", "b.eml", "-"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_inside_a_folder_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
        assert_eq!(Sources::new([folder.path().to_owned()]).count(), 0);
    }
}
