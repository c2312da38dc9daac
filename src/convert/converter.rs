//! One message after the other: plan, proof, and the writing of what came of it.

use std::io::{self, Read, Write};

use super::plan::{Change, Plan, What, plan};
use super::rewrite::{CrAsCrlf, Rewriter};
use super::room::Room;
use super::verify::{reading, verify};
use super::{Options, Target};
use crate::base::{Eol, Limits};
use crate::charset::Charset;
use crate::compare::{Content, Difference};
use crate::header::Context;

/// LIMIT: a result of at most so many octets is kept from the proof, so that it need not be made
/// again to be written.
const KEEP: usize = 8 << 20;

/// Converts messages, keeping its room.
///
/// ```
/// use septet::base::Eol;
/// use septet::convert::{Action, Converter};
///
/// let message = "Subject: caf\u{e9}\n\nna\u{ef}ve\n".as_bytes();
/// let converted = Converter::default().convert(Eol::Lf, || message)?;
/// assert_eq!(converted.action(), Action::Converted);
/// let mut out = Vec::new();
/// converted.write(message, &mut out)?;
/// assert!(out.is_ascii() && out.starts_with(b"Subject: =?UTF-8?"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Converter {
    options: Options,
    verifies: bool,
    room: Room,
}

impl Default for Converter {
    /// A converter for 7bit transport that reads each result again, with the default limits.
    fn default() -> Converter {
        let Context { limits, fallback } = Context::default();
        Converter::new(Options::default(), limits, fallback, true)
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It needs nothing.
    Unchanged,
    /// It changes, in part or in whole.
    Converted,
    /// It cannot be converted, and stays as it is.
    Refused,
}

impl Action {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Unchanged => "unchanged",
            Action::Converted => "converted",
            Action::Refused => "refused",
        }
    }
}

/// A message that was looked at.
#[derive(Debug)]
pub struct Converted {
    /// What changes, what was left, what was refused.
    pub plan: Plan,
    /// Whether the result was read again and says the same; `None` if nobody asked, or nothing
    /// changes.
    pub verified: Option<bool>,
    /// Where it does not: a mistake of this crate, for which nothing is changed.
    pub differences: Vec<Difference>,
    eol: Eol,
    octets: Option<Vec<u8>>,
}

impl Converter {
    /// A converter for messages; `verifies` says whether each result is read again.
    pub fn new(options: Options, limits: Limits, fallback: Charset, verifies: bool) -> Converter {
        Converter { options, verifies, room: Room::new(limits, fallback) }
    }

    /// Whether a message that [`Screen`](super::Screen) finds clean needs no closer look.
    pub fn trusts_screen(&self) -> bool {
        self.options.target == Target::SevenBit && self.options.eol.is_none() && !self.options.dkim
    }

    /// What becomes of the message that each call of `open` reads from its start, and whose lines
    /// end with `eol`.
    pub fn convert<R: Read + Send>(
        &mut self,
        eol: Eol,
        open: impl Fn() -> R,
    ) -> io::Result<Converted> {
        let is_cr = eol == Eol::Cr;
        // Every line of it would change.
        if is_cr && self.options.mend {
            let plan = Plan::default();
            return Ok(Converted {
                plan,
                verified: None,
                differences: Vec::new(),
                eol,
                octets: None,
            });
        }
        let mut reading = self.verifies.then(|| reading(&self.options));
        let (room, options, watch) = (&mut self.room, &self.options, reading.as_mut());
        let mut plan = match is_cr {
            true => plan(room, CrAsCrlf::new(open()), options, watch)?,
            false => plan(room, open(), options, watch)?,
        };
        if is_cr && plan.refused.is_empty() {
            plan.changes.insert(0, cr_change(plan.length));
            plan.edits.iter_mut().for_each(|edit| edit.change += 1);
            plan.is_cr = true;
        }
        let mut converted =
            Converted { plan, verified: None, differences: Vec::new(), eol, octets: None };
        if let Some(reading) = reading.filter(|_| converted.plan.changes_something()) {
            self.verify(&mut converted, &reading.finish(), open())?;
        }
        Ok(converted)
    }

    /// Proves that the message in `source` says the same as `before` when it has been converted.
    fn verify<R: Read + Send>(
        &mut self,
        converted: &mut Converted,
        before: &Content,
        source: R,
    ) -> io::Result<()> {
        let Converted { plan, eol, .. } = converted;
        let (room, options) = (&mut self.room, &self.options);
        let verdict = match eol {
            Eol::Cr => verify(room, plan, before, CrAsCrlf::new(source), options, KEEP)?,
            Eol::Lf => verify(room, plan, before, source, options, KEEP)?,
        };
        converted.verified = Some(verdict.holds());
        converted.octets = verdict.octets.filter(|_| verdict.differences.is_empty());
        converted.differences = verdict.differences;
        Ok(())
    }
}

fn cr_change(length: u64) -> Change {
    Change {
        part: "0".to_owned(),
        what: What::LineEnds,
        field: None,
        from: "CR".to_owned(),
        to: "CRLF".to_owned(),
        reason: "a CR without LF".to_owned(),
        before: length,
        after: length,
        is_lossy: false,
        costs: None,
    }
}

impl Converted {
    /// What became of it.
    pub fn action(&self) -> Action {
        if self.verified == Some(false) {
            Action::Refused
        } else if self.plan.changes_something() {
            Action::Converted
        } else if self.plan.refused.is_empty() {
            Action::Unchanged
        } else {
            Action::Refused
        }
    }

    /// Writes the result of [`Action::Converted`], given the message once more; otherwise the
    /// message itself.
    pub fn write<R: Read>(&self, mut source: R, out: &mut impl Write) -> io::Result<()> {
        match (self.action(), &self.octets) {
            (Action::Converted, Some(octets)) => out.write_all(octets),
            (Action::Converted, None) if self.eol == Eol::Cr => {
                Rewriter::new(&self.plan, CrAsCrlf::new(source)).write_to(out)
            }
            (Action::Converted, None) => Rewriter::new(&self.plan, source).write_to(out),
            _ => io::copy(&mut source, out).map(|_| ()),
        }
    }
}
