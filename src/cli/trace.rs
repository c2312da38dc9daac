//! `septet trace`: the way messages came, hop by hop, and whether their signatures' body hashes hold.

mod human;
mod json;
mod summary;
mod time;
mod zone;

use std::io;

use super::Exit;
use super::input::{Inputs, Job, Message};
use super::out::Out;
use super::progress::Running;
use super::select::Where;
use crate::header::names::Name;
use crate::header::{self, Field};
use crate::structure::{At, Structure, Visitor, Want};
use crate::trace::{Trace, Tracer};
use crate::walk::Kind;
use zone::Zone;

/// Show the way messages came: hops, delays, checks, signatures
///
/// Draws the Received fields of each message from the oldest to the newest: who took it, when in one
/// time zone, and how long after the hop before it, as a bar: the longest wait is a full bar, or 30
/// seconds where no wait was longer. `<` is a clock that runs behind the one before it, and `░` is time
/// that only comes from such clocks. A time that a server wrote with another offset stands below
/// as well.
///
/// What servers found out (Authentication-Results, Received-SPF, ARC), and fields such as Delivered-To
/// or X-Originating-IP, stand at the hop that they most likely were written at. All of it may be
/// forged but what your own servers wrote.
///
/// Of each DKIM and ARC signature it tells whether the body still has its hash. Nothing is looked up,
/// and there is no verdict on the signature itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet trace message.eml                  where did it wait?
  septet trace --local -m 3 archive.mbox    in the time of this machine
  septet trace --json ~/Maildir | jq '.hops[] | select(.waited > 600)'
  septet trace --where 'subject~invoice' --where 'date>=2024' in.mbox.zst")]
pub(crate) struct TraceCommand {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// Times in UTC; so they are if nothing else is asked for
    #[arg(long, group = "clock")]
    utc: bool,

    /// Times in the zone of this machine
    #[arg(long, group = "clock")]
    local: bool,

    /// Times in this zone, such as Europe/Vienna or +05:30
    #[arg(long, group = "clock", value_name = "ZONE")]
    zone: Option<Zone>,

    /// One JSON object a message, on a line (schema septet.trace/1); times in UTC
    #[arg(short, long, conflicts_with_all = ["local", "zone"])]
    json: bool,

    /// Without the findings
    #[arg(short, long)]
    quiet: bool,
}

impl TraceCommand {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let zone = match &self.zone {
            Some(zone) => zone.clone(),
            None if self.local => Zone::local(),
            None => Zone::utc(),
        };
        let tracer = Tracer::default();
        let heading = Heading::default();
        let mut job = TraceJob { options: self, zone, out, tracer, heading, count: 0 };
        self.wanted.run(&self.inputs, false, &mut job)
    }
}

struct TraceJob<'a> {
    options: &'a TraceCommand,
    zone: Zone,
    out: &'a mut Out,
    tracer: Tracer,
    heading: Heading,
    count: u64,
}

/// What the first line about a message says: the fields as they stand.
#[derive(Default)]
struct Heading {
    subject: Option<Vec<u8>>,
    from: Option<Vec<u8>>,
}

impl Heading {
    fn token(&mut self, octets: &[u8]) {
        let Some(field) = Field::parse(octets) else { return };
        let kept = match Name::of(field.name) {
            Some(Name::Subject) => &mut self.subject,
            Some(Name::From) => &mut self.from,
            _ => return,
        };
        kept.get_or_insert_with(|| octets.to_vec());
    }

    /// What author and subject say, as far as they are there.
    fn texts(&self, context: &header::Context) -> Vec<String> {
        let fields = [&self.from, &self.subject].into_iter().flatten();
        let fields = fields.filter_map(|octets| Field::parse(octets));
        fields.map(|field| header::text(&field, context).text).collect()
    }
}

impl Visitor for TraceJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if super::select::is_own_field(at, kind) && !self.options.json {
            self.heading.token(octets);
        }
        self.tracer.token(at, kind, octets)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.tracer.headed(structure, part)
    }
}

impl Job for TraceJob<'_> {
    fn begin(&mut self, _: &str, _: u64) {
        self.tracer = Tracer::default();
        self.heading = Heading::default();
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        let trace: Trace = self.tracer.finish();
        self.count += 1;
        if self.options.json {
            self.out.json(&json::JsonTrace::new(message, &trace))?;
            return Ok(Exit::Done);
        }
        if self.count > 1 {
            self.out.line("")?;
        }
        let heading = self.heading.texts(message.structure.context());
        let mut drawing = human::Drawing::new(self.out, &self.zone, &trace);
        drawing.heading(message, &heading)?;
        drawing.draw(!self.options.quiet)?;
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn running(&self) -> Running {
        if self.options.json { Running::Piped } else { Running::Shown }
    }
}
