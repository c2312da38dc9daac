//! For each rule a message, or a piece of one, that fires it, and one like it that does not.
//!
//! What has no empty line is a header, and a line of text is put behind it. The documentation shows
//! them, `septet lint --explain` too; a test reads each, so what is shown is true.
//!
//! May use: base, header, structure, walk, views, and the linter.

use super::{Linter, Noted, Transport};
use crate::base::{Finding, Limits, Rule};
use crate::header::Context;
use crate::structure::Builder;
use crate::trace::Tracer;
use crate::views::{self, Wanted};
use crate::walk::{Reader, Separator};

/// The octets of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Octets {
    /// As they are.
    Plain(&'static [u8]),
    /// A beginning, a piece that comes so often, and what stands behind.
    Repeated(&'static [u8], &'static [u8], usize, &'static [u8]),
}

/// The examples of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The rule.
    pub rule: Rule,
    /// What fires it.
    pub fires: Octets,
    /// What does not.
    pub clean: Octets,
}

macro_rules! octets {
    ($plain:literal) => {
        Octets::Plain($plain)
    };
    (($before:literal, $piece:literal, $times:literal, $behind:literal)) => {
        Octets::Repeated($before, $piece, $times, $behind)
    };
}

macro_rules! examples {
    ($($id:ident $fires:tt $clean:tt;)*) => {
        /// The examples, in the order of the rules.
        pub const EXAMPLES: &[Example] = &[$(Example {
            rule: Rule::$id,
            fires: octets!($fires),
            clean: octets!($clean),
        },)*];
    };
}

mod table;

pub use table::EXAMPLES;

impl Octets {
    /// All of them: a message.
    pub fn message(self) -> Vec<u8> {
        let mut octets = match self {
            Octets::Plain(octets) => octets.to_vec(),
            Octets::Repeated(before, piece, times, behind) => {
                [before, &piece.repeat(times), behind].concat()
            }
        };
        let has_text = |end: &[u8]| memchr::memmem::find(&octets, end).is_some();
        if ![&b"\n\n"[..], b"\r\n\r\n", b"\r\r"].iter().any(|end| has_text(end)) {
            octets.extend_from_slice(b"\nHello.\n");
        }
        octets
    }
}

impl Example {
    /// The transport that it is about, if it is about one.
    pub fn transport(&self) -> Option<Transport> {
        self.rule.info().id.starts_with('N').then_some(Transport::SevenBit)
    }

    /// The limits that they are read with: the default, but for a header of 10 MiB, which nobody would
    /// want to see.
    pub fn limits(&self) -> Limits {
        match self.rule {
            Rule::D005 => Limits { header: 200, ..Limits::default() },
            _ => Limits::default(),
        }
    }

    /// What is odd about `message`, one of the two or one that was made of them, as `septet lint` says
    /// it.
    pub fn findings(&self, message: &[u8]) -> Vec<Noted> {
        let context = Context { limits: self.limits(), ..Context::default() };
        let limits = context.limits;
        let separator = match self.rule {
            // What a mailbox is, is told by its first octets; here it is one message.
            Rule::M001 => Separator::None,
            _ => Separator::of(message),
        };
        let mut builder = Builder::new(limits, context.fallback, true);
        let mut linter = Linter::new(self.transport());
        let mut reader = Reader::new(message, limits, builder.walk_options(separator));
        if TRACED.contains(&self.rule) {
            let mut tracer = Tracer::default();
            return match builder.read(&mut reader, &mut tracer) {
                Ok(_) => tracer.finish().findings.into_iter().map(Noted::from).collect(),
                Err(_) => Vec::new(),
            };
        }
        let mut all = Vec::new();
        loop {
            linter.begin(&context);
            match builder.read(&mut reader, &mut linter) {
                Ok(Some(structure)) => {
                    // Other readings are not looked for by the linter, but by `tree --views`.
                    let views = |structure| views::views(structure, message, Wanted::All);
                    if self.rule == Rule::D017 && views(structure).is_ok_and(|views| views.is_cut) {
                        all.push(Finding { rule: Rule::D017, part: 0, span: None }.into());
                    }
                    all.extend(linter.finish(structure));
                }
                Ok(None) | Err(_) => return all,
            }
        }
    }
}

/// What is not asked for by the linter, but by `trace`.
const TRACED: [Rule; 4] = [Rule::H044, Rule::H045, Rule::S026, Rule::S027];

/// The examples of `rule`.
pub fn of(rule: Rule) -> &'static Example {
    &EXAMPLES[rule as usize]
}
