//! The proof: what will be written is read again, and says the same as the message did.

use std::collections::HashSet;
use std::io::{self, Read};

use super::ahead::ahead;
use super::draft::DkimWatch;
use super::octets::Plain;
use super::plan::Plan;
use super::rewrite::Rewriter;
use super::room::Room;
use super::{Options, Preamble, Target};
use crate::compare::{self, Content, Difference, LineEnds, Reading};
use crate::dkim::{self, Signature};
use crate::header::Field;
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// What a proof came to.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Where the content differs: none, or there is a mistake in this crate.
    pub(super) differences: Vec<Difference>,
    /// The result has octets that the target forbids, although nothing was refused: likewise.
    pub(super) is_dirty: bool,
    /// What was read, if it is not more than was asked for.
    pub(super) octets: Option<Vec<u8>>,
}

impl Verdict {
    /// Whether the result may be written.
    pub(super) fn holds(&self) -> bool {
        self.differences.is_empty() && !self.is_dirty
    }
}

/// Ready for a message that will be converted so.
pub(super) fn reading(options: &Options) -> Reading {
    Reading::new(match options.eol.is_some() || options.mend {
        true => LineEnds::OfAll,
        false => LineEnds::OfText,
    })
}

/// Reads what `plan` makes of the message in `source`, and compares it with what that says, which was
/// `before`. Fills in what the plan could not know: the octets that each change takes, and whether
/// body hashes hold afterwards. Keeps what is to be written if that and the message
/// are at most `keep` octets.
pub(super) fn verify<R: Read + Send>(
    room: &mut Room,
    plan: &mut Plan,
    before: &Content,
    source: R,
    options: &Options,
    keep: usize,
) -> io::Result<Verdict> {
    // A message that is longer hardly ever has a result that is not.
    let may_be_kept = plan.length <= keep as u64;
    let mut checked = Checked {
        source: Rewriter::new(plan, source),
        plain: Plain::default(),
        is_plain: true,
        kept: may_be_kept.then(Vec::new),
        keep,
    };
    let (after, holds) = match may_be_kept {
        true => read(room, &mut checked, options)?,
        // A long result is made by one thread while another reads it.
        false => {
            let work = |octets| read(room, octets, options);
            let (read, made) = ahead(checked, work)?;
            checked = made;
            read
        }
    };
    let is_plain = checked.is_plain && checked.plain.ends();
    let octets = checked.kept;
    let sizes = checked.source.sizes().to_vec();
    // A field that was written anew was read again by its writer, who knows in which charset it
    // used to be read and what of it became `?`. Here it only has to be in its place.
    let rewritten: HashSet<(String, Option<String>)> = plan
        .changes
        .iter()
        .filter_map(|change| {
            Some((change.part.clone(), Some(change.field.as_ref()?.to_ascii_lowercase())))
        })
        .collect();
    let mut differences = compare::differences(before, &after);
    differences.retain(|difference| {
        difference.what != compare::MEANING
            || !rewritten.contains(&(difference.part.clone(), difference.field.clone()))
    });
    for (change, size) in plan.changes.iter_mut().zip(sizes) {
        change.after = size;
    }
    for (report, holds) in plan.dkim.iter_mut().zip(holds) {
        report.body_hash_after = holds;
    }
    let must_be_plain = options.target == Target::SevenBit
        && options.preamble != Preamble::Keep
        && plan.refused.is_empty();
    Ok(Verdict { differences, is_dirty: must_be_plain && !is_plain, octets })
}

/// What a message says, and whether its body hashes hold.
fn read<R: Read>(
    room: &mut Room,
    source: R,
    options: &Options,
) -> io::Result<(Content, Vec<Option<bool>>)> {
    let mut watch = Watch {
        reading: reading(options),
        signatures: Vec::new(),
        dkim: DkimWatch::new(options.dkim),
    };
    room.read(source, &mut watch)?;
    Ok((watch.reading.finish(), watch.dkim.finish()))
}

struct Watch {
    reading: Reading,
    signatures: Vec<Signature>,
    dkim: DkimWatch,
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded == 0 {
            self.dkim.token(kind, octets);
            if self.dkim.is_wanted
                && kind == Kind::Field
                && at.part == 0
                && let Some(field) = Field::parse(octets)
                && dkim::is_signature_field(field.name)
            {
                self.signatures.extend(dkim::parse(field.body, &mut ()));
            }
        }
        self.reading.token(at, kind, octets)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.dkim.headed(part, &self.signatures);
        self.reading.headed(structure, part)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.reading.content(part, octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        self.reading.leave(structure, part)
    }
}

/// Looks at what passes, and keeps it as long as it is little.
struct Checked<'p, R> {
    source: Rewriter<'p, R>,
    plain: Plain,
    is_plain: bool,
    kept: Option<Vec<u8>>,
    keep: usize,
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.source.read(room)?;
        let octets = &room[..len];
        self.is_plain = self.is_plain && self.plain.takes(octets);
        match &mut self.kept {
            Some(kept) if kept.len() + len <= self.keep => kept.extend_from_slice(octets),
            kept => *kept = None,
        }
        Ok(len)
    }
}
