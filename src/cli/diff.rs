//! `septet diff`: what became of a message, or of those of a mailbox, on the way.

mod side;
mod text;
mod told;

use std::path::PathBuf;

use super::Exit;
use super::input::{LimitOptions, one_or_more};
use super::out::{self, Out};
use super::progress::Running;
use super::shelf::Work;
use crate::compare::{self, Diff, Group, Snapshot};
use crate::mailbox::Error;
use side::Side;
use told::{One, Pair, Told};

/// Compare two copies of a message, or of a mailbox
///
/// Says what was changed on the way from A to B, in three groups: what transports may do without harm,
/// what breaks signatures, and what changes the content. Messages of mailboxes are paired by their
/// Message-ID (without one: by From, Date and Subject), of several with one ID the equal ones first; one
/// message and one other are always a pair.
/// The lines in which texts differ are shown, of texts of up to 1 MiB. The `>` that an mbox puts before
/// lines that begin with `From ` is no change.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet diff sent.eml received.eml
  septet diff --fail-on content archive.mbox ~/Maildir

Exit status: 0 whatever differs; 1 with --fail-on, if that differs; 2 something
could not be read.")]
pub(crate) struct DiffCommand {
    /// The copy that was: a message, a mailbox or a folder; `-` is standard input
    #[arg(value_name = "A")]
    before: PathBuf,

    /// The copy that is
    #[arg(value_name = "B")]
    after: PathBuf,

    /// Only message N of each, counted from 1
    #[arg(short, long, value_name = "N", value_parser = one_or_more::<u64>)]
    message: Option<u64>,

    /// Exit with 1 if something of this kind differs
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,

    /// One JSON object a pair, on a line (schema septet.diff/1)
    #[arg(short, long)]
    json: bool,

    #[command(flatten)]
    limits: LimitOptions,
}

/// What shall be no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// What the message says, or a message that has no partner
    Content,
    /// A signature that does not hold any more, or was taken away
    Signatures,
    /// Any octet, or a message that has no partner
    Any,
}

impl DiffCommand {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        if self.before.as_os_str() == "-" && self.after.as_os_str() == "-" {
            out::complain("standard input can be one of the two only");
            return Exit::Usage;
        }
        let files = [self.before.clone(), self.after.clone()];
        let work = Work::start(&files, Running::Piped);
        let limits = self.limits.limits();
        let (before, first) = Side::read(&self.before, self.message, limits, &work);
        if work.is_stopped() {
            return Exit::Interrupted;
        }
        let (after, second) = Side::read(&self.after, self.message, limits, &work);
        let exit = first.max(second);
        // What could not be read would pass for what is not there.
        if exit != Exit::Done {
            return exit;
        }
        let one = match self.message {
            _ if !before.is_one() || !after.is_one() => One::No,
            Some(_) => One::OfMany,
            None => One::Yes,
        };
        let mut run =
            Run { fail_on: self.fail_on, told: Told::new(self.json, one, out), exit, work };
        run.all(before, after);
        run.exit
    }
}

struct Run<'a> {
    fail_on: Option<FailOn>,
    told: Told<'a>,
    exit: Exit,
    work: Work,
}

impl Run<'_> {
    fn all(&mut self, mut before: Side, mut after: Side) {
        let partners = before.partners(&after);
        let mut is_paired = vec![false; after.len()];
        for (i, partner) in partners.into_iter().enumerate() {
            let done = match partner {
                Some(j) => {
                    is_paired[j] = true;
                    self.pair((&mut before, i), (&mut after, j))
                }
                None => self.alone(Pair::removed(&before, i)),
            };
            if done.is_err() {
                return;
            }
            if self.work.is_stopped() {
                self.exit = Exit::Interrupted;
                return;
            }
        }
        for j in (0..after.len()).filter(|&j| !is_paired[j]) {
            if self.alone(Pair::added(&after, j)).is_err() {
                return;
            }
        }
        // Whether it could be written is asked at the end of all.
        let _ = self.told.summary(&before.name, &after.name);
    }

    fn pair(&mut self, a: (&mut Side, usize), b: (&mut Side, usize)) -> std::io::Result<()> {
        let (Some(one), Some(other)) = (self.snapshot(a.0, a.1), self.snapshot(b.0, b.1)) else {
            return Ok(());
        };
        let diff = compare::diff(&one, &other);
        self.judge(&diff);
        self.told.pair(&Pair::both((a.0, a.1), (b.0, b.1)), &diff, (&one, &other))
    }

    fn snapshot(&mut self, side: &mut Side, i: usize) -> Option<Snapshot> {
        match side.snapshot(i, &mut self.work) {
            Ok(snapshot) => Some(snapshot),
            Err(error) => {
                out::complain(&Error::io(side.source(i), error).to_string());
                self.exit = Exit::Trouble;
                None
            }
        }
    }

    fn alone(&mut self, pair: Pair<'_>) -> std::io::Result<()> {
        // No signature of a message breaks by its being lost.
        if matches!(self.fail_on, Some(FailOn::Content | FailOn::Any)) {
            self.exit = self.exit.max(Exit::No);
        }
        self.told.alone(&pair)
    }

    fn judge(&mut self, diff: &Diff) {
        let fails = match self.fail_on {
            None => false,
            Some(FailOn::Signatures) => diff.breaks_signatures(),
            Some(FailOn::Any) => !diff.is_same,
            Some(FailOn::Content) => diff.worst() == Some(Group::ContentChanged),
        };
        if fails {
            self.exit = self.exit.max(Exit::No);
        }
    }
}
