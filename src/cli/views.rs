//! Which other readings of messages are asked for, and the messages kept to be read again.

use std::io;

use super::input::Message;
use crate::mailbox::{Input, Spool};
use crate::structure::At;
use crate::views::{self, Spooled, Views, Wanted};
use crate::walk::Kind;

/// Which other readings are shown beside the primary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Which {
    /// Every one that docs/views.md has
    All,
}

/// The options for them.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Also every other reading that some program takes, one other choice each, with the parts that
    /// differ (docs/views.md)
    #[arg(long, value_enum, value_name = "WHICH")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    views: Option<Which>,

    /// Of other readings only this: the first line that looks like a delimiter names the boundary of
    /// a multipart that names none, or one that never stands in it
    #[arg(long)]
    guess_boundary: bool,
}

impl Options {
    fn wanted(&self) -> Option<Wanted> {
        match self.views {
            Some(Which::All) => Some(Wanted::All),
            None => self.guess_boundary.then_some(Wanted::Guesses),
        }
    }

    /// What keeps the messages, if any are wanted.
    pub(super) fn kept(&self) -> Option<Kept> {
        self.wanted().map(|wanted| Kept { wanted, spool: Spool::default(), is_begun: false })
    }
}

/// The message that is being read.
pub(super) struct Kept {
    wanted: Wanted,
    spool: Spool,
    /// Whether any of its octets came.
    is_begun: bool,
}

impl Kept {
    /// The messages of this input come next.
    pub(super) fn source(&mut self, input: &Input<'_>) {
        self.spool.source(input);
    }

    /// The next message.
    pub(super) fn begin(&mut self) {
        self.spool.begin();
        self.is_begun = false;
    }

    /// Its next token. The `From ` line before it is none of its octets.
    pub(super) fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded > 0 || kind == Kind::FromLine && !self.is_begun {
            return Ok(());
        }
        self.is_begun = true;
        self.spool.push(octets)
    }

    /// Its octets.
    pub(super) fn octets(&self, message: &Message<'_>) -> Spooled<'_> {
        Spooled { spool: &self.spool, start: message.offset }
    }

    /// Its other readings.
    pub(super) fn views(&self, message: &Message<'_>) -> io::Result<Views> {
        views::views(message.structure, &self.octets(message), self.wanted)
    }
}
