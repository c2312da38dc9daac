//! `--where`: which messages a command is about.

use std::io::{self, Read};

use super::Exit;
use super::input::{Inputs, Job, Message};
use super::out::Out;
use super::progress::Running;
use crate::header::names::Name;
use crate::header::{Context, Field};
use crate::mailbox::{Input, Source};
use crate::record::select::{Condition, Selection};
use crate::structure::{At, Builder, Structure, Visitor, Want};
use crate::walk::{Kind, Reader, Separator};

/// Which messages are meant.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Where {
    /// Only messages for which CONDITION holds, such as from~alice or 'date>=2020'; of several, all
    /// must (--help lists them)
    #[arg(long = "where", value_name = "CONDITION", long_help = long_help())]
    conditions: Vec<Condition>,
}

fn long_help() -> String {
    let first = "Only messages for which CONDITION holds; of several, all must (there is no \
                 OR). To a shell, <, > and ! \
                 mean something: quote them.";
    format!("{first}\n\n{}", Condition::HELP)
}

impl Where {
    /// Whether there is no condition.
    pub(crate) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// The conditions, as they are asked of the messages of these inputs.
    pub(crate) fn selection(&self, inputs: &Inputs) -> Selection {
        let context = Context { limits: inputs.limits(), fallback: inputs.fallback_charset() };
        Selection::new(self.conditions.clone(), context)
    }

    /// Reads the messages of the inputs; the job sees the end of those only that are meant, and what
    /// it prints of others before is not printed.
    pub(crate) fn run<J: Job>(&self, inputs: &Inputs, survey: bool, job: &mut J) -> Exit {
        if self.conditions.is_empty() {
            return inputs.run(survey, job);
        }
        let selection = self.selection(inputs);
        let exit = inputs.run(survey, &mut Selecting { selection, is_meant: None, job });
        job.out().drop_held();
        exit
    }

    /// Who decides about messages that lie ready; `None` if all are meant.
    pub(crate) fn chooser(&self, inputs: &Inputs) -> Option<Chooser> {
        let selection = self.selection(inputs);
        let builder = Builder::new(inputs.limits(), inputs.fallback_charset(), false);
        (!selection.is_empty()).then_some(Chooser { watch: Watch(selection), builder })
    }
}

/// A job that learns of the end of those messages only that are meant. What it prints before is held
/// back until that is certain.
struct Selecting<'a, J> {
    selection: Selection,
    /// Whether this message is meant, as far as that is certain.
    is_meant: Option<bool>,
    job: &'a mut J,
}

impl<J: Job> Visitor for Selecting<'_, J> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if self.is_meant == Some(false) {
            return Ok(());
        }
        show(&mut self.selection, at, kind, octets);
        self.job.token(at, kind, octets)
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        match self.is_meant {
            Some(false) => Ok(()),
            _ => self.job.field(at, name, field),
        }
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.is_meant = self.selection.headed(structure);
        }
        match self.is_meant {
            Some(false) => return Ok(Want::Nothing),
            Some(true) => self.job.out().release()?,
            None => {}
        }
        self.job.headed(structure, part)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.job.content(part, octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        match self.is_meant {
            Some(false) => Ok(()),
            _ => self.job.leave(structure, part),
        }
    }
}

impl<J: Job> Job for Selecting<'_, J> {
    fn source(&mut self, source: &Source, input: &Input<'_>) {
        self.job.source(source, input);
    }

    fn begin(&mut self, source: &str, number: u64) {
        self.selection.begin();
        self.is_meant = None;
        self.job.out().hold();
        self.job.begin(source, number);
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        let matches = || self.selection.matches(message.structure);
        if !self.is_meant.unwrap_or_else(matches) {
            return Ok(Exit::Done);
        }
        self.job.out().release()?;
        self.job.end(message)
    }

    fn out(&mut self) -> &mut Out {
        self.job.out()
    }

    fn cut_off(&self, number: u64) -> Option<String> {
        self.job.cut_off(number)
    }

    fn running(&self) -> Running {
        self.job.running()
    }

    fn is_stopped(&mut self) -> bool {
        self.job.is_stopped()
    }
}

/// Whether a token is a field of the message's own header.
pub(crate) fn is_own_field(at: At, kind: Kind) -> bool {
    at.part == 0 && at.decoded == 0 && kind == Kind::Field
}

/// Shows a token to a selection, if it is a field of the message's own header.
pub(crate) fn show(selection: &mut Selection, at: At, kind: Kind, octets: &[u8]) {
    if is_own_field(at, kind) {
        selection.field(octets);
    }
}

/// Decides about one message after the other.
pub(crate) struct Chooser {
    watch: Watch,
    builder: Builder,
}

struct Watch(Selection);

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        show(&mut self.0, at, kind, octets);
        Ok(())
    }
}

impl Chooser {
    /// Whether this message, read from its first octet to its last, is meant.
    pub(crate) fn means(&mut self, octets: impl Read) -> io::Result<bool> {
        self.watch.0.begin();
        let limits = self.builder.structure().context().limits;
        let mut reader = Reader::new(octets, limits, self.builder.walk_options(Separator::None));
        let structure = self.builder.read(&mut reader, &mut self.watch)?;
        Ok(structure.is_some_and(|structure| self.watch.0.matches(structure)))
    }
}
