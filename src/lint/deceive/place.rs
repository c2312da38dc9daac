//! Where in a message the tags of a body stand that was decoded.
//!
//! As it is, an octet of the body is one of the message. Of quoted-printable the angle brackets are
//! counted on both sides, which are as many: each is written as itself or as an escape. Of base64, and
//! of text in charsets that are not of ASCII, only the body as a whole is known.
//!
//! Memory: the brackets of one piece of a body, and of a tag that is not complete.
//!
//! RFC 2045 §6. May use: base, transfer.

use std::collections::VecDeque;

use crate::base::Span;
use crate::transfer::Coding;

/// Where a tag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At these octets; nowhere, in a message that was decoded first.
    Octets(Option<Span>),
    /// Somewhere in the body.
    Body,
}

/// Knows the places of one body.
#[derive(Debug, Default)]
pub(super) struct Locator {
    kind: Kind,
    /// Where the body begins; none before it does.
    start: Option<u64>,
    /// Octets that were decoded.
    decoded: u64,
    /// What may be the beginning of an escape, and where it stands.
    seam: Vec<u8>,
    seam_at: u64,
    /// Brackets that were seen as they are written, and not decoded yet.
    written: VecDeque<Span>,
    /// Brackets in what was decoded, and as they are written.
    brackets: VecDeque<(u64, Span)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Body,
    AsIs,
    QuotedPrintable,
}

impl Locator {
    /// For a body in this coding; `is_text` if what is looked at is the decoded octets.
    pub(super) fn new(coding: Coding, is_text: bool) -> Locator {
        let kind = match coding {
            _ if !is_text => Kind::Body,
            Coding::QuotedPrintable => Kind::QuotedPrintable,
            coding if coding.is_identity() => Kind::AsIs,
            _ => Kind::Body,
        };
        Locator { kind, ..Locator::default() }
    }

    /// The next octets of the body, before what they decode to.
    pub(super) fn written(&mut self, start: u64, octets: &[u8]) {
        self.start.get_or_insert(start);
        if self.kind == Kind::QuotedPrintable {
            self.seam(start, octets);
            self.brackets_in(start, octets);
        }
    }

    /// An escape that began in the piece before.
    fn seam(&mut self, start: u64, octets: &[u8]) {
        if self.seam.is_empty() {
            return;
        }
        let need = 3 - self.seam.len();
        let (at, before) = (self.seam_at, self.seam.len());
        self.seam.extend_from_slice(&octets[..octets.len().min(need)]);
        if self.seam.len() < 3 && is_start_of_escape(&self.seam) {
            return;
        }
        if is_bracket(&self.seam) && before > 0 {
            self.written.push_back(Span::new(at, at + 3));
        }
        debug_assert!(at + before as u64 == start, "the pieces of a body follow one another");
        self.seam.clear();
    }

    fn brackets_in(&mut self, start: u64, octets: &[u8]) {
        let mut push = |at: usize, len: u64| {
            let at = start + at as u64;
            self.written.push_back(Span::new(at, at + len));
        };
        let mut rest = None;
        for at in memchr::memchr3_iter(b'<', b'>', b'=', octets) {
            match octets.get(at..at + 3) {
                _ if octets[at] != b'=' => push(at, 1),
                Some(escape) if is_bracket(escape) => push(at, 3),
                Some(_) => {}
                None => {
                    rest = rest.or(is_start_of_escape(&octets[at..]).then_some(at));
                }
            }
        }
        if let Some(at) = rest {
            self.seam.extend_from_slice(&octets[at..]);
            self.seam_at = start + at as u64;
        }
    }

    /// The next octets of what was decoded.
    pub(super) fn decoded(&mut self, octets: &[u8]) {
        if self.kind == Kind::QuotedPrintable {
            for at in memchr::memchr2_iter(b'<', b'>', octets) {
                match self.written.pop_front() {
                    Some(span) => self.brackets.push_back((self.decoded + at as u64, span)),
                    None => break,
                }
            }
        }
        self.decoded += octets.len() as u64;
    }

    /// Of what was decoded so far, only a bracket at `open` is asked for once more.
    pub(super) fn forget(&mut self, open: Option<u64>) {
        let kept = open.and_then(|open| {
            self.brackets
                .binary_search_by_key(&open, |&(at, _)| at)
                .ok()
                .map(|at| self.brackets[at])
        });
        self.brackets.clear();
        self.brackets.extend(kept);
    }

    /// Where a tag stands that was decoded from `start` to `end`.
    pub(super) fn place(&self, start: u64, end: u64) -> Place {
        let written = |at: u64| {
            let found = self.brackets.binary_search_by_key(&at, |&(at, _)| at).ok();
            found.map(|at| self.brackets[at].1)
        };
        match (self.kind, self.start) {
            (_, None) => Place::Octets(None),
            (Kind::Body, _) => Place::Body,
            (Kind::AsIs, Some(base)) => Place::Octets(Some(Span::new(base + start, base + end))),
            (Kind::QuotedPrintable, _) => match (written(start), written(end.saturating_sub(1))) {
                (Some(first), Some(last)) => Place::Octets(Some(Span::new(first.start, last.end))),
                _ => Place::Body,
            },
        }
    }
}

fn is_bracket(escape: &[u8]) -> bool {
    matches!(escape, [b'=', b'3', b'C' | b'c' | b'E' | b'e'])
}

fn is_start_of_escape(octets: &[u8]) -> bool {
    matches!(octets, [b'='] | [b'=', b'3'])
}
