//! Digests of a stretch of octets that comes in pieces, cut anywhere: as it is, and without what
//! transports do to lines.
//!
//! CRLF and LF both end a line; CRs right before an LF belong to the line end, as many as there are. A
//! CR elsewhere is content. Line ends and white space are counted until it is known what follows, so
//! memory does not depend on the octets.
//!
//! May use: base.

use xxhash_rust::xxh3::Xxh3;

/// What is left of some octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digests {
    /// How many octets.
    pub(super) len: u64,
    /// Of the octets as they are.
    pub(super) exact: u128,
    /// With LF for every line end, without those at the end.
    pub(super) lines: u128,
    /// How many line ends these are.
    pub(super) tail: u64,
    /// The same without the white space at the end of each line.
    pub(super) trimmed: u128,
    pub(super) trimmed_tail: u64,
    /// The same with a space for all white space inside a line (RFC 6376 §3.4.4).
    pub(super) relaxed: u128,
}

impl Digests {
    /// Whether they differ in nothing but the octets that end their lines.
    pub(super) fn same_lines(&self, other: &Digests) -> bool {
        (self.lines, self.tail) == (other.lines, other.tail)
    }
}

/// Takes the octets.
pub(super) struct Digester {
    len: u64,
    exact: Xxh3,
    lines: Stream,
    trimmed: Stream,
    relaxed: Stream,
    /// CRs that were read and may belong to a line end.
    crs: u64,
    white: White,
}

/// White space that was read and may stand at the end of a line.
#[derive(Default)]
struct White {
    len: u64,
    last: u8,
    mixed: u64,
}

/// A canonical form on its way to its digest.
struct Stream {
    hasher: Xxh3,
    buffer: Vec<u8>,
    /// Line ends since the last content.
    ends: u64,
}

/// Octets that are collected before they are hashed.
const BUFFER: usize = 8 * 1024;

impl Stream {
    fn new() -> Stream {
        Stream { hasher: Xxh3::new(), buffer: Vec::new(), ends: 0 }
    }

    fn put(&mut self, content: &[u8]) {
        match std::mem::take(&mut self.ends) {
            0 => {}
            1 => self.buffer.push(b'\n'),
            ends => {
                self.buffer.push(b'\n');
                self.buffer.extend_from_slice(&ends.to_be_bytes());
            }
        }
        self.buffer.extend_from_slice(content);
        if self.buffer.len() > BUFFER {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    fn finish(mut self) -> (u128, u64) {
        self.hasher.update(&self.buffer);
        (self.hasher.digest128(), self.ends)
    }
}

impl Digester {
    pub(super) fn new() -> Digester {
        Digester {
            len: 0,
            exact: Xxh3::new(),
            lines: Stream::new(),
            trimmed: Stream::new(),
            relaxed: Stream::new(),
            crs: 0,
            white: White::default(),
        }
    }

    pub(super) fn update(&mut self, octets: &[u8]) {
        self.len += octets.len() as u64;
        self.exact.update(octets);
        let mut rest = octets;
        while let Some(&first) = rest.first() {
            let len = match first {
                b'\n' => {
                    (self.crs, self.white) = (0, White::default());
                    for stream in [&mut self.lines, &mut self.trimmed, &mut self.relaxed] {
                        stream.ends += 1;
                    }
                    1
                }
                b'\r' => {
                    self.crs += 1;
                    1
                }
                b' ' | b'\t' => {
                    self.flush_crs();
                    self.lines.put(&[first]);
                    self.white.push(first);
                    1
                }
                _ => {
                    self.flush_crs();
                    let is_plain = |c: &&u8| !matches!(c, b' ' | b'\t' | b'\r' | b'\n');
                    let len = rest.iter().take_while(is_plain).count();
                    self.content(&rest[..len]);
                    len
                }
            };
            rest = &rest[len..];
        }
    }

    /// The CRs belong to no line end: how many there were counts.
    fn flush_crs(&mut self) {
        if self.crs > 0 {
            let mut marker = [b'\r'; 9];
            marker[1..].copy_from_slice(&std::mem::take(&mut self.crs).to_be_bytes());
            self.content(&marker);
        }
    }

    /// Content of a line that begins with no white space.
    fn content(&mut self, content: &[u8]) {
        self.lines.put(content);
        let white = std::mem::take(&mut self.white);
        if white.len > 0 {
            self.relaxed.put(b" ");
            match white.len {
                1 => self.trimmed.put(&[white.last]),
                len => {
                    self.trimmed.put(b" ");
                    self.trimmed.put(&len.to_be_bytes());
                    self.trimmed.put(&white.mixed.to_be_bytes());
                }
            }
        }
        self.trimmed.put(content);
        self.relaxed.put(content);
    }

    pub(super) fn finish(mut self) -> Digests {
        self.flush_crs();
        let (lines, tail) = self.lines.finish();
        let (trimmed, trimmed_tail) = self.trimmed.finish();
        let (relaxed, _) = self.relaxed.finish();
        let (len, exact) = (self.len, self.exact.digest128());
        Digests { len, exact, lines, tail, trimmed, trimmed_tail, relaxed }
    }
}

impl White {
    fn push(&mut self, c: u8) {
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        self.len += 1;
        self.last = c;
        self.mixed = (self.mixed ^ u64::from(c)).wrapping_mul(PRIME);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digests(octets: &[u8]) -> Digests {
        let mut digester = Digester::new();
        digester.update(octets);
        digester.finish()
    }

    #[test]
    fn what_transports_do_to_lines() {
        // The same lines; the same but for white space at their ends; the same but for any.
        let cases: &[(&str, &[u8], &[u8], [bool; 3])] = &[
            ("line ends", b"a\nb\n", b"a\r\nb\r\n", [true, true, true]),
            ("a CR more", b"a\r\r\nb", b"a\nb", [true, true, true]),
            ("a last line end", b"a\n", b"a", [false, true, true]),
            ("empty lines at the end", b"a\n\n\n", b"a\n", [false, true, true]),
            ("white space at an end", b"a \t\nb", b"a\nb", [false, true, true]),
            ("white space lines at the end", b"a\n \n\t\n", b"a\n", [false, true, true]),
            ("white space inside", b"a  b", b"a\tb", [false, false, true]),
            ("white space at a start", b"a\n  b", b"a\n b", [false, false, true]),
            ("other white space", b"a \tb", b"a\t b", [false, false, true]),
            ("white space where none was", b"a b", b"ab", [false, false, false]),
            ("a CR inside", b"a\rb", b"ab", [false, false, false]),
            ("CRs inside", b"a\r\rb", b"a\rb", [false, false, false]),
            ("an empty line less", b"a\n\nb", b"a\nb", [false, false, false]),
            ("an empty line first", b"\na", b"a", [false, false, false]),
            ("text", b"a", b"b", [false, false, false]),
        ];
        for &(name, a, b, expected) in cases {
            let [a, b] = [digests(a), digests(b)];
            let found = [a.same_lines(&b), a.trimmed == b.trimmed, a.relaxed == b.relaxed];
            assert_eq!(found, expected, "{name}");
            assert_ne!(a.exact, b.exact, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same(
            text in proptest::collection::vec(prop::sample::select(b"ab \t\r\n".to_vec()), 0..60),
            cuts in proptest::collection::vec(1..7usize, 1..5),
        ) {
            let mut digester = Digester::new();
            let mut rest = &text[..];
            for len in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*len).min(rest.len()));
                digester.update(piece);
                rest = behind;
            }
            prop_assert_eq!(digester.finish(), digests(&text));
        }
    }
}
