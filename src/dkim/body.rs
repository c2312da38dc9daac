//! The hash of a body, as a signature takes it (RFC 6376 §3.4.3, §3.4.4, §3.7).
//!
//! The body comes in pieces, cut anywhere, and is made canonical on the way: CRLF ends a line, and
//! so does LF, since messages are stored so; a bare CR is data. Empty lines are counted until it is
//! known whether they are the last ones, white space is a flag until it is known what follows, so
//! that memory does not depend on the body. Time is linear: line ends and white space are looked
//! for, everything between them is copied to a buffer that is hashed when it is full.
//!
//! Does not decode the body: what is signed are the octets on the wire. Nor does it know of messages
//! whose lines end with CR ([`Eol::Cr`](crate::base::Eol)); nobody signed them so.
//!
//! May use: base.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Canon, Hash, Signature};
use crate::base::chars::is_wsp;

/// How many canonical octets are collected before they are hashed.
const BUFFER: usize = 16 * 1024;

/// What became of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyHash {
    /// The hash, by the algorithm of the signature; empty if that is not known.
    pub digest: Vec<u8>,
    /// Whether it is the one in the signature. `None` if that cannot be told: without a `bh=`, or
    /// with a hash, a canonicalization or an `l=` that nobody knows. A body with fewer octets than
    /// `l=` says does not hold, whatever its hash (RFC 6376 §3.5).
    pub holds: Option<bool>,
    /// How many octets of the canonical body are behind those that `l=` counts: unsigned.
    pub unsigned_octets: u64,
}

/// Hashes one body for one signature; see the module.
#[derive(Clone, Debug)]
pub struct BodyHasher {
    canon: Canon,
    /// The hash to compare with; `None` if there is none, or no way to tell.
    expected: Option<Vec<u8>>,
    out: Signed,
    /// The last piece ended with a CR, which belongs to a line end if LF comes next.
    cr: bool,
    /// Line ends since the last content.
    line_ends: u64,
    /// White space since the last content of this line; only ever set in relaxed bodies.
    space: bool,
    /// There was content, so that a line end belongs behind it.
    content: bool,
}

impl BodyHasher {
    /// Hashes as this signature wants it.
    pub fn new(signature: &Signature) -> BodyHasher {
        let known = !signature.undecidable;
        BodyHasher {
            canon: signature.body_canon,
            expected: signature.body_hash.clone().filter(|_| known && signature.hash.is_some()),
            out: Signed::new(signature.hash, signature.length),
            cr: false,
            line_ends: 0,
            space: false,
            content: false,
        }
    }

    /// Takes the next piece of the body.
    pub fn update(&mut self, octets: &[u8]) {
        let Some(&first) = octets.first() else { return };
        if std::mem::take(&mut self.cr) && first != b'\n' {
            self.piece(b"\r");
        }
        let mut rest = octets;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            self.piece(line.strip_suffix(b"\r").unwrap_or(line));
            self.line_ends += 1;
            self.space = false;
            rest = &rest[end + 1..];
        }
        let line = rest.strip_suffix(b"\r");
        self.cr = line.is_some();
        self.piece(line.unwrap_or(rest));
    }

    /// The body is over.
    pub fn finish(mut self) -> BodyHash {
        if self.cr {
            self.piece(b"\r");
        }
        // One line end stands for all those at the end, and for one that is missing; an empty body
        // is a line end only if simple.
        if self.content || self.canon == Canon::Simple {
            self.out.put(b"\r\n");
        }
        self.out.finish(self.expected)
    }

    /// Takes a piece of a line.
    fn piece(&mut self, piece: &[u8]) {
        match self.canon {
            Canon::Simple => self.write(piece),
            Canon::Relaxed => self.relaxed(piece),
        }
    }

    /// The same, with white space reduced.
    fn relaxed(&mut self, mut piece: &[u8]) {
        loop {
            let white = piece.iter().take_while(|&&c| is_wsp(c)).count();
            self.space |= white > 0;
            let (kept, rest) = piece[white..].split_at(unchanged(&piece[white..]));
            if kept.is_empty() {
                return;
            }
            self.write(kept);
            piece = rest;
        }
    }

    /// Writes content, and before it what is known by now not to be at an end.
    fn write(&mut self, content: &[u8]) {
        if content.is_empty() {
            return;
        }
        for _ in 0..std::mem::take(&mut self.line_ends) {
            self.out.put(b"\r\n");
        }
        if std::mem::take(&mut self.space) {
            self.out.put(b" ");
        }
        self.out.put(content);
        self.content = true;
    }
}

/// How much of a piece stays as it is in a relaxed body: all up to a TAB, or a space without other
/// text behind it.
fn unchanged(piece: &[u8]) -> usize {
    let stays = |at: usize| piece[at] == b' ' && piece.get(at + 1).is_some_and(|&c| !is_wsp(c));
    memchr::memchr2_iter(b' ', b'\t', piece).find(|&at| !stays(at)).unwrap_or(piece.len())
}

/// Where the canonical octets go: to the hash as far as they are signed.
#[derive(Clone, Debug)]
struct Signed {
    digest: State,
    buffer: Vec<u8>,
    /// How many octets are still to come that are signed; `None` if all of them are.
    left: Option<u64>,
    unsigned: u64,
}

#[derive(Clone, Debug)]
enum State {
    Unknown,
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Signed {
    fn new(hash: Option<Hash>, length: Option<u64>) -> Signed {
        let digest = match hash {
            None => State::Unknown,
            Some(Hash::Sha1) => State::Sha1(Sha1::new()),
            Some(Hash::Sha256) => State::Sha256(Sha256::new()),
        };
        Signed { digest, buffer: Vec::with_capacity(BUFFER), left: length, unsigned: 0 }
    }

    fn put(&mut self, octets: &[u8]) {
        let mut signed = self.cut(octets);
        while signed.len() > BUFFER - self.buffer.len() {
            let (now, later) = signed.split_at(BUFFER - self.buffer.len());
            self.buffer.extend_from_slice(now);
            self.flush();
            signed = later;
        }
        self.buffer.extend_from_slice(signed);
    }

    /// Those of the octets that `l=` still counts.
    fn cut<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        let Some(left) = &mut self.left else { return octets };
        let len = usize::try_from(*left).map_or(octets.len(), |left| left.min(octets.len()));
        *left -= len as u64;
        self.unsigned += (octets.len() - len) as u64;
        &octets[..len]
    }

    fn flush(&mut self) {
        match &mut self.digest {
            State::Unknown => {}
            State::Sha1(hash) => hash.update(&self.buffer),
            State::Sha256(hash) => hash.update(&self.buffer),
        }
        self.buffer.clear();
    }

    fn finish(mut self, expected: Option<Vec<u8>>) -> BodyHash {
        self.flush();
        let digest = match self.digest {
            State::Unknown => Vec::new(),
            State::Sha1(hash) => hash.finalize().to_vec(),
            State::Sha256(hash) => hash.finalize().to_vec(),
        };
        let complete = self.left.is_none_or(|left| left == 0);
        let holds = expected.map(|expected| complete && expected == digest);
        BodyHash { digest, holds, unsigned_octets: self.unsigned }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::transfer::{Coding, Encoder, Layout};

    fn signature(canon: Canon, hash: Option<Hash>, length: Option<u64>) -> Signature {
        Signature { body_canon: canon, hash, length, ..Signature::default() }
    }

    fn hashed(signature: &Signature, pieces: &[&[u8]]) -> BodyHash {
        let mut hasher = BodyHasher::new(signature);
        for piece in pieces {
            hasher.update(piece);
        }
        hasher.finish()
    }

    /// The hash of octets that are canonical already.
    fn sha256(octets: &[u8]) -> Vec<u8> {
        Sha256::digest(octets).to_vec()
    }

    fn base64(octets: &[u8]) -> String {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(Coding::Base64, &Layout::default());
        encoder.encode(octets, &mut out);
        encoder.finish(&mut out);
        String::from_utf8_lossy(&out).trim_end().to_owned()
    }

    /// RFC 6376 §3.4.3 and §3.4.4.
    #[test]
    fn hashes_empty_bodies() {
        let cases = [
            (Canon::Simple, Hash::Sha1, "uoq1oCgLlTqpdDX/iUbLy7J1Wic="),
            (Canon::Simple, Hash::Sha256, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="),
            (Canon::Relaxed, Hash::Sha1, "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
            (Canon::Relaxed, Hash::Sha256, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ];
        for (canon, hash, expected) in cases {
            for body in [b"" as &[u8], b"\r\n", b"\n\r\n\n"] {
                let found = hashed(&signature(canon, Some(hash), None), &[body]);
                assert_eq!(base64(&found.digest), expected, "{canon:?} {hash:?} {body:?}");
            }
        }
    }

    const CASES: &[(&str, &[u8], &[u8], &[u8])] = &[
        ("RFC 6376 §3.4.5", b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),
        ("no line end", b"a", b"a\r\n", b"a\r\n"),
        ("lf", b"a\n\nb\n\n", b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n"),
        ("empty lines first", b"\r\n\r\na", b"\r\n\r\na\r\n", b"\r\n\r\na\r\n"),
        ("white space line last", b"a\r\n \t\r\n", b"a\r\n \t\r\n", b"a\r\n"),
        ("white space line inside", b"a\n \nb\n", b"a\r\n \r\nb\r\n", b"a\r\n\r\nb\r\n"),
        ("only white space", b" \t", b" \t\r\n", b""),
        ("a tab alone", b"a\tb\n", b"a\tb\r\n", b"a b\r\n"),
        ("no line end behind white space", b"a \t", b"a \t\r\n", b"a\r\n"),
        ("a bare cr", b"a\rb \r\n", b"a\rb \r\n", b"a\rb\r\n"),
        ("cr before crlf", b"a\r\r\n", b"a\r\r\n", b"a\r\r\n"),
        ("cr last", b"a \r", b"a \r\r\n", b"a \r\r\n"),
        ("cr alone is content", b"\r\n\r", b"\r\n\r\r\n", b"\r\n\r\r\n"),
        ("nul, 8-bit", b"\0 \xFF\n", b"\0 \xFF\r\n", b"\0 \xFF\r\n"),
        ("other white space is none", b"a\x0B\x0C\n", b"a\x0B\x0C\r\n", b"a\x0B\x0C\r\n"),
    ];

    #[test]
    fn makes_canonical() {
        for &(name, body, simple, relaxed) in CASES {
            for (canon, expected) in [(Canon::Simple, simple), (Canon::Relaxed, relaxed)] {
                let signature = signature(canon, Some(Hash::Sha256), None);
                assert_eq!(
                    hashed(&signature, &[body]).digest,
                    sha256(expected),
                    "{name} {canon:?}"
                );
                assert_eq!(naive(body, canon), expected, "{name} {canon:?}, the witness");
            }
        }
    }

    #[test]
    fn signs_as_far_as_it_says() {
        let body = b"ab \ncd\n\n";
        let cases: &[(Canon, u64, &[u8], u64, bool)] = &[
            (Canon::Simple, 0, b"", 9, true),
            (Canon::Simple, 4, b"ab \r", 5, true),
            (Canon::Simple, 9, b"ab \r\ncd\r\n", 0, true),
            (Canon::Simple, 10, b"ab \r\ncd\r\n", 0, false),
            (Canon::Relaxed, 4, b"ab\r\n", 4, true),
            (Canon::Relaxed, 8, b"ab\r\ncd\r\n", 0, true),
            (Canon::Relaxed, u64::MAX, b"ab\r\ncd\r\n", 0, false),
        ];
        for &(canon, length, signed, unsigned, holds) in cases {
            let mut signature = signature(canon, Some(Hash::Sha256), Some(length));
            signature.body_hash = Some(sha256(signed));
            let expected =
                BodyHash { digest: sha256(signed), holds: Some(holds), unsigned_octets: unsigned };
            assert_eq!(hashed(&signature, &[body]), expected, "{canon:?} {length}");
        }
    }

    #[test]
    fn tells_whether_it_holds() {
        let hash = base64(&sha256(b"a\r\n"));
        let cases = [
            (format!("a=rsa-sha256; bh={hash}"), Some(true)),
            (format!("a=ed25519-sha256; bh={hash}; c=relaxed/relaxed"), Some(true)),
            (format!("a=rsa-sha256; bh={hash}; c=nowsp/simple"), Some(true)),
            (format!("a=rsa-sha256; bh={hash}; c=simple/nowsp"), None),
            (format!("a=rsa-sha256; bh={hash}; l=some"), None),
            (format!("a=rsa-sha512; bh={hash}"), None),
            (format!("bh={hash}"), None),
            (format!("a=rsa-sha1; bh={hash}"), Some(false)),
            ("a=rsa-sha256; bh=AQID".to_owned(), Some(false)),
            ("a=rsa-sha256; bh=?".to_owned(), None),
            ("a=rsa-sha256".to_owned(), None),
        ];
        for (tags, holds) in cases {
            let signature = crate::dkim::parse(tags.as_bytes(), &mut ()).expect("a signature");
            assert_eq!(hashed(&signature, &[b"a\n"]).holds, holds, "{tags}");
        }
    }

    #[test]
    fn long_bodies_pass_through_the_buffer() {
        let line = b"0123456789 abcdefghijklmnopqrstuvwxyz \n";
        let body: Vec<u8> = line.iter().copied().cycle().take(5 * BUFFER + 77).collect();
        for canon in [Canon::Simple, Canon::Relaxed] {
            let canonical = naive(&body, canon);
            for length in [None, Some(BUFFER as u64), Some(2 * BUFFER as u64 + 1)] {
                let signature = signature(canon, Some(Hash::Sha256), length);
                let signed = length.map_or(canonical.len(), |length| length as usize);
                let found = hashed(&signature, &[&body]);
                assert_eq!(found.digest, sha256(&canonical[..signed]), "{canon:?} {length:?}");
            }
        }
    }

    #[test]
    fn a_body_of_empty_lines_is_not_stored() {
        let mut hasher = BodyHasher::new(&signature(Canon::Simple, Some(Hash::Sha256), None));
        for _ in 0..1000 {
            hasher.update(&[b'\n'; 1000]);
        }
        assert_eq!((hasher.line_ends, hasher.out.buffer.len()), (1_000_000, 0));
        assert_eq!(hasher.finish().digest, sha256(b"\r\n"));
    }

    /// The whole body at once, line after line: the witness.
    fn naive(body: &[u8], canon: Canon) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = body
            .split_inclusive(|&c| c == b'\n')
            .map(|line| match line {
                [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] => content.to_vec(),
                _ => line.to_vec(),
            })
            .collect();
        if canon == Canon::Relaxed {
            for line in &mut lines {
                while line.last().is_some_and(|&c| is_wsp(c)) {
                    line.pop();
                }
                line.dedup_by(|next, before| is_wsp(*next) && is_wsp(*before));
                line.iter_mut().filter(|c| **c == b'\t').for_each(|c| *c = b' ');
            }
        }
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        if lines.is_empty() && canon == Canon::Simple {
            lines.push(Vec::new());
        }
        lines.iter().flat_map(|line| [line, &b"\r\n"[..]].concat()).collect()
    }

    proptest! {
        #[test]
        fn the_cut_does_not_show(
            body in proptest::collection::vec(
                proptest::sample::select(&b"\r\n\r\n  \t\tab\xFF"[..]), 0..60),
            sizes in proptest::collection::vec(1usize..9, 1..5),
            length in proptest::option::of(0u64..80),
            relaxed in any::<bool>(),
        ) {
            let canon = if relaxed { Canon::Relaxed } else { Canon::Simple };
            let canonical = naive(&body, canon);
            let signed = length.map_or(canonical.len(), |l| canonical.len().min(l as usize));
            let mut signature = signature(canon, Some(Hash::Sha256), length);
            signature.body_hash = Some(sha256(&canonical[..signed]));
            let expected = BodyHash {
                digest: sha256(&canonical[..signed]),
                holds: Some(length.is_none_or(|length| length <= canonical.len() as u64)),
                unsigned_octets: (canonical.len() - signed) as u64,
            };
            let mut pieces = Vec::new();
            let (mut rest, mut sizes) = (&body[..], sizes.iter().cycle());
            while let Some(&size) = sizes.next().filter(|_| !rest.is_empty()) {
                let (piece, later) = rest.split_at(size.min(rest.len()));
                pieces.push(piece);
                rest = later;
            }
            prop_assert_eq!(hashed(&signature, &pieces), expected.clone());
            prop_assert_eq!(hashed(&signature, &[&body]), expected);
        }
    }
}
