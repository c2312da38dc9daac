//! Where an mbox can be cut, told by its octets without walking from its start, and when they do not
//! tell it.
//!
//! Contract: in doubt it must not be cut.
//!
//! RFC 4155. May use: base, walk.

use crate::base::Eol;
use crate::base::lines::CR_PROBE;
use crate::walk::{self, Separator};

/// The last message is looked for in so many octets at first.
const NEAR: usize = 64 << 10;

/// A line that may begin a message of an mbox, with the end of the one before it.
const FROM: &[u8] = b"\nFrom ";

/// Where the last message begins of which the octets tell for certain, if not at their start.
pub(super) fn last_start(octets: &[u8], separator: Separator) -> Option<usize> {
    // Most often it is near; searching backwards is slower than searching.
    let near = octets.len().saturating_sub(NEAR);
    walk::last_message_start(&octets[near..], separator)
        .map(|at| near + at)
        .or_else(|| walk::last_message_start(octets, separator))
        .filter(|&at| at > 0)
}

/// Whether a Content-Length field, or what looks like one, stands in these octets; those before
/// `from` were looked at.
pub(super) fn has_content_length(octets: &[u8], from: usize) -> bool {
    const NAME: &[u8] = b"\nContent-Length";
    let octets = &octets[from.saturating_sub(NAME.len())..];
    [b"\nC", b"\nc"].iter().any(|line| {
        memchr::memmem::find_iter(octets, line).any(|at| {
            let found = octets.get(at..at + NAME.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(NAME))
        })
    })
}

/// Whether a message in these octets has lines that end with CR, by the rules of the walk; those
/// before `from` were looked at.
pub(super) fn has_cr_lines(octets: &[u8], from: usize) -> bool {
    let octets = &octets[from.saturating_sub(CR_PROBE + FROM.len())..];
    let first = octets.starts_with(&FROM[1..]).then_some(0);
    let starts = first.into_iter().chain(memchr::memmem::find_iter(octets, FROM).map(|at| at + 1));
    let mut heads = starts.filter_map(|at| octets.get(at..at + CR_PROBE));
    heads.any(|head| Eol::detect(head, false) == Some(Eol::Cr))
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
            assert_eq!(has_content_length(octets, 0), is_counted, "{what}");
            assert_eq!(has_cr_lines(octets, 0), is_cr, "{what}");
        }
        // A name may come in two reads.
        for looked in 7..22 {
            assert!(has_content_length(cases[1].1, looked), "{looked}");
        }
        let ends =
            [("From a\nA: b\n", false), ("\n\nFrom a\nA: b\n", false), ("A: b\r\n\r\n", true)];
        for (octets, expected) in ends {
            assert_eq!(has_header_end(octets.as_bytes()), expected, "{octets:?}");
        }
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
