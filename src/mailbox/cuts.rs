//! Where an mbox can be cut, told by its octets without walking from its start, and when they do not
//! tell it.
//!
//! Contract: in doubt it must not be cut.
//!
//! RFC 4155. May use: simd, base, walk.

use crate::base::Eol;
use crate::base::lines::CR_PROBE;
use crate::simd::scan::{self, Starts};
use crate::walk::{self, Separator};

/// The last message is looked for in so many octets at first.
const NEAR: usize = 64 << 10;

/// So many octets before a place tell whether an empty line is there.
pub(super) const BEFORE: usize = 16;

/// What may begin a message of an mbox.
const FROM: &[u8] = b"From ";

/// The field that tells how long a body is.
const CONTENT_LENGTH: &[u8] = b"Content-Length";

/// Where the last message begins of which the octets tell for certain, if not at their start.
pub(super) fn last_start(octets: &[u8], separator: Separator) -> Option<usize> {
    // Most often it is near.
    let near = octets.len().saturating_sub(NEAR);
    walk::last_message_start(&octets[near..], separator)
        .map(|at| near + at)
        .or_else(|| walk::last_message_start(octets, separator))
        .filter(|&at| at > 0)
}

/// Whether a Content-Length field, or what looks like one, stands in these octets.
pub(super) fn has_content_length(octets: &[u8]) -> bool {
    lines(octets, 0, b"Cc").any(|at| is_content_length(&octets[at..]))
}

/// Where the lines begin, from `from` on, whose first octet is one of `starts`.
fn lines(octets: &[u8], from: usize, starts: &[u8]) -> impl Iterator<Item = usize> {
    let starts = Starts::new(starts);
    let is_first = from == 0 && octets.first().is_some_and(|&first| starts.contains(first));
    let first = is_first.then_some(0);
    let mut from = from.saturating_sub(1);
    let others = std::iter::from_fn(move || {
        from = scan::line_start(octets, from, b'\n', &starts)? + 1;
        Some(from)
    });
    first.into_iter().chain(others)
}

/// Whether a line begins with the name of the field.
fn is_content_length(line: &[u8]) -> bool {
    line.get(..CONTENT_LENGTH.len()).is_some_and(|name| name.eq_ignore_ascii_case(CONTENT_LENGTH))
}

/// Where Content-Length forbids to cut: in what it counts, no message begins if it is true.
#[derive(Default)]
pub(super) struct Counts {
    /// Where the fields stand in the octets at hand, or what looks like them anywhere; with each, how
    /// far it and those before it count.
    fields: Vec<(usize, u64)>,
    /// How far those count that stand before the octets at hand.
    passed: u64,
    /// What stands before this was looked at.
    looked: usize,
    /// The first line at which a message may begin of which too little was at hand to tell by what its
    /// lines end.
    undecided: Option<usize>,
}

/// LIMIT: a field that counts more octets than this must be walked.
const COUNTED: u64 = 64 << 20;

impl Counts {
    /// Looks for the fields in the octets at hand, which are those of before and perhaps more behind
    /// them. False if the walk must tell where messages begin: a field is not plain, or a message has
    /// lines that end with CR.
    pub(super) fn look(&mut self, octets: &[u8]) -> bool {
        // What could not be told of the last lines is told now, and of a header that was not over.
        let open = self.fields.partition_point(|&(_, end)| end < u64::MAX);
        let open = self.fields.get(open).map_or(usize::MAX, |&(line, _)| line);
        let undecided = self.undecided.take().unwrap_or(usize::MAX);
        let from = self.looked.saturating_sub(CONTENT_LENGTH.len()).min(open).min(undecided);
        self.fields.truncate(self.fields.partition_point(|&(line, _)| line < from));
        let mut end = self.fields.last().map_or(self.passed, |&(_, end)| end);
        self.looked = octets.len();
        for line in lines(octets, from, b"CcF") {
            if octets[line..].starts_with(FROM) {
                match octets.get(line..line + CR_PROBE) {
                    Some(head) if Eol::detect(head, false) == Some(Eol::Cr) => return false,
                    Some(_) => {}
                    None => self.undecided = self.undecided.or(Some(line)),
                }
            }
            if !is_content_length(&octets[line..]) {
                continue;
            }
            let Some(len) = counted(&octets[line..]).filter(|&len| len <= COUNTED) else {
                return false;
            };
            let body = header_end(&octets[line..]).map_or(u64::MAX, |at| (line + at) as u64);
            end = end.max(body.saturating_add(len));
            self.fields.push((line, end));
        }
        true
    }

    /// Whether a message may begin at `at`.
    pub(super) fn allow(&self, at: usize) -> bool {
        let before = self.fields.partition_point(|&(line, _)| line < at);
        let end = before.checked_sub(1).map_or(self.passed, |last| self.fields[last].1);
        end <= at as u64
    }

    /// The first `len` of the octets at hand are passed on.
    pub(super) fn pass(&mut self, len: usize) {
        let before = self.fields.partition_point(|&(line, _)| line < len);
        let end = before.checked_sub(1).map_or(self.passed, |last| self.fields[last].1);
        self.passed = end.saturating_sub(len as u64);
        self.looked -= len;
        self.undecided = self.undecided.and_then(|line| line.checked_sub(len));
        self.fields.drain(..before);
        for (line, end) in &mut self.fields {
            *line -= len;
            // One that is not known stays so.
            *end = if *end < u64::MAX { end.saturating_sub(len as u64) } else { u64::MAX };
        }
    }

    /// The last place that [`last_start`] gives and the fields allow.
    pub(super) fn last_start(&self, octets: &[u8], separator: Separator) -> Option<usize> {
        /// LIMIT: how many places are tried.
        const TRIES: usize = 64;
        let mut end = octets.len();
        for _ in 0..TRIES {
            match last_start(&octets[..end], separator)? {
                at if self.allow(at) => return Some(at),
                at => end = at,
            }
        }
        None
    }

    /// The first place from `least` on where the octets tell for certain that a message begins, and the
    /// fields allow it.
    pub(super) fn first_start(
        &self,
        octets: &[u8],
        separator: Separator,
        least: usize,
    ) -> Option<usize> {
        let from = least.saturating_sub(BEFORE);
        let is_right = |at| from + at >= least && self.allow(from + at);
        first_start(octets.get(from..)?, separator, false, is_right).map(|at| from + at)
    }
}

/// The first place that `is_right` of those where the octets tell for certain that a message begins.
pub(super) fn first_start(
    octets: &[u8],
    separator: Separator,
    eof: bool,
    is_right: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut from = 0;
    loop {
        match from + walk::first_message_start(&octets[from..], separator, eof)? {
            at if is_right(at) => return Some(at),
            at => from = at,
        }
    }
}

/// What the field at the start of these octets counts, if its line says it plainly.
fn counted(field: &[u8]) -> Option<u64> {
    let line = &field[..memchr::memchr(b'\n', field)?];
    let colon = memchr::memchr(b':', line)?;
    let digits = line[colon + 1..].trim_ascii();
    let is_number =
        !digits.is_empty() && digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()
}

/// Where the header is over that these octets begin in.
fn header_end(octets: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', octets).find_map(|at| match octets[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// Whether the header of the message that begins these octets is over in them: a field of it that
/// comes later would not be seen.
pub(super) fn has_header_end(octets: &[u8]) -> bool {
    let octets = octets.trim_ascii_start();
    [&b"\n\n"[..], b"\n\r\n"].iter().any(|end| memchr::memmem::find(octets, end).is_some())
}

/// Octets that pass by, and whether an empty line is the last of them.
#[derive(Default)]
pub(super) struct Gap {
    last: [u8; 3],
}

impl Gap {
    pub(super) fn pass(&mut self, octets: &[u8]) {
        let octets = &octets[octets.len().saturating_sub(self.last.len())..];
        self.last.rotate_left(octets.len());
        let kept = self.last.len() - octets.len();
        self.last[kept..].copy_from_slice(octets);
    }

    /// In doubt there is none.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.last, [b'\n', b'\r', b'\n'] | [_, b'\n', b'\n'] | [_, b'\r', b'\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_walk_can_tell() {
        let cr = format!("From a\rA: b\r\r{}", "x".repeat(CR_PROBE));
        let cases: &[(&str, &[u8], bool, bool)] = &[
            ("nothing", b"From a\nA: b\n\nContent\nFrom", false, false),
            ("a count", b"From a\nContent-Length: 1\n\nx\n", true, false),
            ("spelt oddly", b"From a\r\ncOnTeNt-LeNgTh : 1\r\n\r\nx\r\n", true, false),
            ("not at the start", b"From a\nX-Content-Length: 1\n", false, false),
            ("CR", cr.as_bytes(), false, true),
            ("CR behind another", &[b"From a\nA: b\n\n\n", cr.as_bytes()].concat(), false, true),
        ];
        for &(what, octets, is_counted, is_cr) in cases {
            assert_eq!(has_content_length(octets), is_counted, "{what}");
            let is_told = Counts::default().look(octets);
            assert_eq!(is_told, !is_cr, "{what}");
        }
        let ends =
            [("From a\nA: b\n", false), ("\n\nFrom a\nA: b\n", false), ("A: b\r\n\r\n", true)];
        for (octets, expected) in ends {
            assert_eq!(has_header_end(octets.as_bytes()), expected, "{octets:?}");
        }
    }

    #[test]
    fn what_is_counted_is_not_cut() {
        const FROM: &str = "From a@b Mon Jan  1 00:00:00 2024\n";
        let message = format!("{FROM}A: b\n\nx\n\n");
        let counting = |field: &str, body: &str| format!("{FROM}{field}\n\n{body}\n");
        let behind = "Z: z\n".repeat(2000);
        let cases: &[(&str, String, &[usize])] = &[
            ("nothing counts", message.repeat(3), &[0, 1, 2]),
            ("it counts what looks like a message", counting("Content-Length: 43", &message), &[0]),
            ("up to the next", counting("content-length:43", &message) + &message, &[0, 2]),
            ("wrong, but who knows", counting("Content-Length: 900", "x\n") + &message, &[0]),
        ];
        for (what, text, allowed) in cases {
            let text = format!("{text}{FROM}{behind}");
            let starts: Vec<usize> = text.match_indices(FROM).map(|(at, _)| at).collect();
            let mut counts = Counts::default();
            assert!(counts.look(text.as_bytes()), "{what}");
            let is_allowed = |&at: &usize| counts.allow(starts[at]);
            let found: Vec<usize> = (0..starts.len() - 1).filter(is_allowed).collect();
            assert_eq!(&found, allowed, "{what}");
        }
        for unclear in
            ["Content-Length: many", "Content-Length:\n 9", "Content-Length: 99999999999"]
        {
            assert!(!Counts::default().look(counting(unclear, "x").as_bytes()), "{unclear}");
        }
        // What was passed on still counts.
        let mut counts = Counts::default();
        counts.look(counting("Content-Length: 100", "").as_bytes());
        counts.pass(56);
        assert_eq!([98, 99].map(|at| counts.allow(at)), [false, true]);
    }

    #[test]
    fn an_empty_line_is_seen_in_pieces() {
        const CASES: &[(&[&str], bool)] = &[
            (&[], false),
            (&["a\n"], false),
            (&["a\n\n"], true),
            (&["a\r\n", "\r", "\n"], true),
            (&["a\n", "", "\n"], true),
            (&["a\r", "\r"], true),
            (&["a\r\n\r\nb"], false),
            (&["a\n \n"], false),
        ];
        for &(pieces, expected) in CASES {
            let mut gap = Gap::default();
            pieces.iter().for_each(|piece| gap.pass(piece.as_bytes()));
            assert_eq!(gap.is_there(), expected, "{pieces:?}");
        }
    }
}
