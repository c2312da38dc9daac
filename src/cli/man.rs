//! `septet man`: the manual, one page for septet and one for each command.
//!
//! The pages are made from the definition of the command line (`page`). A file is written over only if
//! this command made it: the first line of a page says so.

mod page;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;

use super::out::{self, Out};
use super::{DEFINITIONS, Exit};

/// Write the manual: a page for septet, and one for each command
///
/// A page goes to standard output, as roff for man(1). With --out-dir each page becomes a file there:
/// septet.1, septet-tree.1 and so on; the same version of septet always writes the same octets. A page
/// that is there from a run before is replaced; any other file of such a name is left as it is: exit
/// status 2 and a line on standard error say so.
#[derive(Debug, clap::Args)]
#[command(
    name = "man",
    after_help = "\
Examples:
  septet man tree | man -l -               read the page of septet tree
  septet man -o ~/.local/share/man/man1    all pages, where man finds them
  septet man -o build/man1                 all pages, for a package"
)]
pub(crate) struct ManCommand {
    /// The page of this command; without it, that of septet itself
    #[arg(value_name = "COMMAND")]
    #[arg(value_parser = PossibleValuesParser::new(DEFINITIONS.map(|(name, _)| name)))]
    #[arg(hide_possible_values = true)]
    command: Option<String>,

    /// Write to files in DIR, which is made if it is not there: the page of COMMAND, or all of them
    #[arg(short, long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
}

impl ManCommand {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut septet = super::definition();
        septet.build();
        match (&self.out_dir, &self.command) {
            (None, command) => {
                let page = page::page(&septet, command.as_deref());
                out.text(&page).map_or(Exit::Trouble, |()| Exit::Done)
            }
            (Some(dir), Some(command)) => write_pages(&septet, dir, &[Some(command)]),
            (Some(dir), None) => {
                let commands = DEFINITIONS.iter().map(|(name, _)| Some(*name));
                let all: Vec<_> = [None].into_iter().chain(commands).collect();
                write_pages(&septet, dir, &all)
            }
        }
    }
}

/// Writes the pages of these commands, and of septet itself for `None`. What fails is said; the others
/// are written.
fn write_pages(septet: &clap::Command, dir: &Path, commands: &[Option<&str>]) -> Exit {
    if let Err(why) = make(dir) {
        out::complain(&format!("{}: {why}", dir.display()));
        return Exit::Trouble;
    }
    let mut exit = Exit::Done;
    for command in commands {
        let path = dir.join(format!("{}.1", page::name(*command)));
        if let Err(error) = write(&path, &page::page(septet, *command)) {
            out::complain(&format!("{}: {error}", path.display()));
            exit = Exit::Trouble;
        }
    }
    exit
}

/// Makes a folder if it is not there; else says why not.
fn make(dir: &Path) -> Result<(), String> {
    fs::create_dir_all(dir).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => "is no folder".to_owned(),
        _ => error.to_string(),
    })
}

/// Writes a page, over one that is there already but over nothing else.
fn write(path: &Path, page: &str) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
        Ok(there) if there.is_file() && is_page(path)? => {}
        Ok(_) => return Err(io::Error::other("is no page of `septet man`, and is not replaced")),
    }
    fs::write(path, page)
}

/// Whether a file begins as pages do, of whatever version.
fn is_page(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(page::MADE_BY.len() as u64).read_to_end(&mut start)?;
    Ok(start == page::MADE_BY.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dir: &Path) -> Vec<(String, String)> {
        let files = fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry"));
        let read = |path: PathBuf| fs::read_to_string(path).expect("text");
        let mut all: Vec<_> = files
            .map(|file| (file.file_name().into_string().expect("ASCII"), read(file.path())))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn pages_are_replaced_and_nothing_else() {
        let place = tempfile::tempdir().expect("a folder");
        let dir = place.path().join("man/man1");
        let mut septet = super::super::definition();
        septet.build();
        let all = |dir: &Path| write_pages(&septet, dir, &[None, Some("tree"), Some("man")]);
        assert_eq!(all(&dir), Exit::Done, "the folder is made");
        let first = written(&dir);
        let names: Vec<_> = first.iter().map(|(name, _)| &name[..]).collect();
        assert_eq!(names, ["septet-man.1", "septet-tree.1", "septet.1"]);

        let older = format!("{}, version 0.0.1\n.TH OLD 1\n", page::MADE_BY);
        fs::write(dir.join("septet-tree.1"), older).expect("written");
        assert_eq!(all(&dir), Exit::Done);
        assert_eq!(written(&dir), first, "the older page is replaced, the others are the same");

        let others = [("septet-man.1", ".TH MINE 1\n"), ("septet-tree.1", "")];
        for (name, text) in others {
            fs::write(dir.join(name), text).expect("written");
        }
        assert_eq!(all(&dir), Exit::Trouble);
        for (name, text) in others {
            assert_eq!(fs::read_to_string(dir.join(name)).expect("text"), text, "{name}");
        }
        assert_eq!(all(&dir.join("septet.1")), Exit::Trouble, "a file is no folder");
        assert_eq!(make(&dir.join("septet.1")), Err("is no folder".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let place = tempfile::tempdir().expect("a folder");
        let dir = place.path();
        fs::write(dir.join("page"), page::MADE_BY).expect("written");
        std::os::unix::fs::symlink("page", dir.join("septet.1")).expect("a link");
        assert_eq!(write_pages(&super::super::definition(), dir, &[None]), Exit::Trouble);
        assert_eq!(fs::read_to_string(dir.join("page")).expect("text"), page::MADE_BY);
    }
}
