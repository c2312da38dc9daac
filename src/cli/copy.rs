//! `septet copy`: mboxes, Maildirs and folders of messages into one another.

mod job;
mod target;

use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use self::job::CopyJob;
use self::target::Target;
use super::Exit;
use super::input::Inputs;
use super::out::{self, Out};
use super::select::Where;
use crate::mailbox::maildir;
use crate::record::select::octets;

/// Copy messages: mboxes, Maildirs and folders of .eml into one another
///
/// Every octet of a message stays as it is, except that an mbox quotes `From ` lines in bodies
/// (mboxrd: one `>` more, which is taken away on the way back), parts its messages with empty lines,
/// and keeps flags in the fields Status and X-Status. Nothing that exists is changed: a Maildir or
/// folder gains messages, each whole or not at all; an mbox must not be there yet, and has its name
/// only when it is complete.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet copy archive.mbox -o Mail/ --to maildir    an mbox into a Maildir
  septet copy ~/Maildir -o mail.mbox                and back
  septet copy archive.mbox -o out/                  one .eml file a message
  septet copy out/ -o mail.mbox --split 1G          mail-0001.mbox and so on
  septet copy in.mbox --where from~alice -o - | less

TARGET is a Maildir if it is one; an mbox if it is `-`, a file, or called
something.mbox; else a folder, if it is one or its name ends with a slash.
--to says what a new one is to be.

Flags: Maildir S, cur, F, R, T, D are mbox R, O and X-Status F, A, D, T; P has
no such letter and is lost. When a message was delivered is the time of its
file in a Maildir, the date of the From_ line of an mbox; where there is
neither, the topmost Received field, the Date field or the time of the file.
The sender in a new From_ line is that of Return-Path, Sender or From.

What is copied into a Maildir or folder twice is there twice. A run that is
killed may leave files called .septet-…, which can be deleted.")]
pub(crate) struct Copy {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// Where to: a Maildir, a folder, or a new mbox; `-` is an mbox on standard output
    #[arg(short, long, value_name = "TARGET")]
    output: PathBuf,

    /// What TARGET is to be, if it is not there to be looked at
    #[arg(long, value_enum, value_name = "KIND")]
    to: Option<Kind>,

    /// Begin another mbox when one has so many octets (500MB, 1GiB): name-0001.mbox …
    #[arg(long, value_name = "SIZE", value_parser = octets)]
    split: Option<u64>,

    /// Out of an mbox, leave `>From ` lines in bodies as they are
    #[arg(long)]
    no_unquote: bool,

    /// No progress bar, and no summary on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// One file with all messages
    Mbox,
    /// A Maildir
    Maildir,
    /// A folder with a file for each message
    Eml,
}

impl Copy {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let kind = match self.check() {
            Ok(kind) => kind,
            Err(wrong) => {
                out::complain(&wrong);
                return Exit::Usage;
            }
        };
        let target = match self.target(kind) {
            Ok(target) => target,
            Err(error) => {
                out::complain(&error);
                return Exit::Trouble;
            }
        };
        let mut job = CopyJob::new(self, target, out);
        let exit = self.inputs.run(false, &mut job);
        exit.max(job.finish(exit))
    }

    fn is_stdout(&self) -> bool {
        self.output.as_os_str() == "-"
    }

    /// What the target is, if the command line makes sense.
    fn check(&self) -> Result<Kind, String> {
        let kind = self.to.or_else(|| self.kind_by_name()).ok_or_else(|| {
            format!("{}: say what it is to be: --to mbox, maildir or eml", self.output.display())
        })?;
        if self.is_stdout() && kind != Kind::Mbox {
            return Err("standard output takes an mbox only".to_owned());
        }
        if self.split.is_some() && (kind != Kind::Mbox || self.is_stdout()) {
            return Err("--split is for an mbox with a name".to_owned());
        }
        if self.split == Some(0) {
            return Err("--split takes at least one octet".to_owned());
        }
        let target = existing(&self.output);
        let reads =
            |folder: &Path| fs::canonicalize(folder).is_ok_and(|folder| target.starts_with(folder));
        match self.inputs.folders().find(|folder| !self.is_stdout() && reads(folder)) {
            Some(folder) => Err(format!(
                "{} lies in {}, which is read",
                self.output.display(),
                folder.display()
            )),
            None => Ok(kind),
        }
    }

    fn kind_by_name(&self) -> Option<Kind> {
        let name = self.output.as_os_str().as_encoded_bytes();
        if self.is_stdout() {
            Some(Kind::Mbox)
        } else if maildir::is_maildir(&self.output) {
            Some(Kind::Maildir)
        } else if self.output.is_dir() || name.ends_with(b"/") {
            Some(Kind::Eml)
        } else if self.output.exists() || self.output.extension().is_some_and(|it| it == "mbox") {
            Some(Kind::Mbox)
        } else {
            None
        }
    }

    /// The target, made ready: folders are there, a new mbox has a free name.
    fn target(&self, kind: Kind) -> Result<Target, String> {
        let made = |folder: &Path| {
            fs::create_dir_all(folder).map_err(|error| {
                crate::mailbox::Error::io(&folder.to_string_lossy(), error).to_string()
            })
        };
        match kind {
            Kind::Mbox if self.is_stdout() => Ok(Target::stdout()),
            Kind::Mbox => {
                let target = Target::mbox(&self.output, self.split);
                match target.path() {
                    Some(path) if fs::symlink_metadata(&path).is_ok() => Err(format!(
                        "{}: exists already, and an mbox is never appended to or replaced",
                        path.display()
                    )),
                    _ => Ok(target),
                }
            }
            Kind::Maildir => {
                for name in ["cur", "new", "tmp"] {
                    made(&self.output.join(name))?;
                }
                Ok(Target::maildir(&self.output))
            }
            Kind::Eml => {
                made(&self.output)?;
                Ok(Target::folder(&self.output))
            }
        }
    }
}

/// The real path of a file that may not be there yet, as far as its folders are.
fn existing(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |folder: &Path| {
        let rest = path.strip_prefix(folder).ok()?;
        fs::canonicalize(folder).ok().map(|folder| folder.join(rest))
    };
    path.ancestors().find_map(real).unwrap_or_else(|| path.clone())
}
