//! Writing an mbox, and taking a message out of one: quoted `From ` lines, the empty line behind a
//! message.
//!
//! Contract: in the mboxrd form, which is written, a body line that begins with `From `, whatever
//! number of `>` before it, gets one `>` more, and the reader takes one away: nothing is lost. In a
//! header only a bare `From ` is quoted, and nothing unquoted: what stands there is no text. All of
//! it streams: however the octets are cut into pieces, the outcome is the same, and a few of them
//! are held back at most.
//!
//! It does not know Content-Length (mboxcl), and cannot tell an archive whose writer quoted `From `
//! lines only (mboxo): there a line that was `>From ` in the message loses its `>`.
//!
//! LIMIT: a message that begins with no field (an empty header, a byte order mark) is written like any
//! other, but the walk will not take the `From ` line before it for one.
//!
//! RFC 4155; <https://www.loc.gov/preservation/digital/formats/fdd/fdd000385.shtml> (mboxrd).
//!
//! May use: base.

use std::io::{self, Write};

const FROM: &[u8] = b"From ";

/// What is done with the `From ` lines of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoting {
    /// They stay as they are.
    Keep,
    /// They get one `>` more.
    Quote,
    /// They lose one `>` if they have any.
    Unquote,
}

/// Quotes or unquotes the `From ` lines of bodies, piece by piece.
///
/// ```
/// use septet::mailbox::{Quoter, Quoting};
///
/// let mut quoted = Vec::new();
/// let mut quoter = Quoter::new(Quoting::Quote);
/// quoter.write(b"Hello\nFro", &mut quoted)?;
/// quoter.write(b"m me\n>From him\n", &mut quoted)?;
/// quoter.finish(&mut quoted)?;
/// assert_eq!(quoted, b"Hello\n>From me\n>>From him\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Quoter {
    quoting: Quoting,
    /// The line that the next octet stands in begins with `>` alone so far, or with these and a
    /// piece of `From `; `None` further inside.
    start: Option<Start>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Start {
    /// There was a `>`.
    is_quoted: bool,
    /// One `>` was not written yet.
    withheld: bool,
    /// How many octets of `From ` were not written yet.
    matched: usize,
}

impl Quoter {
    /// At the start of a body.
    pub fn new(quoting: Quoting) -> Quoter {
        Quoter { quoting, start: Some(Start::default()) }
    }

    /// The next octets of the body.
    pub fn write(&mut self, mut piece: &[u8], to: &mut impl Write) -> io::Result<()> {
        if self.quoting == Quoting::Keep {
            return to.write_all(piece);
        }
        while let Some(&first) = piece.first() {
            let Some(start) = self.start else {
                let (plain, rest) = piece.split_at(plain_run(piece));
                to.write_all(plain)?;
                if plain.ends_with(b"\n") {
                    self.start = Some(Start::default());
                }
                piece = rest;
                continue;
            };
            if self.goes_on(start, first, to)? {
                piece = &piece[1..];
            }
        }
        Ok(())
    }

    /// Whether the octet belongs to the start of a line; if not, what was held back is written.
    fn goes_on(&mut self, start: Start, octet: u8, to: &mut impl Write) -> io::Result<bool> {
        if octet == b'>' && start.matched == 0 {
            let withheld = self.quoting == Quoting::Unquote && !start.is_quoted;
            if !withheld {
                to.write_all(b">")?;
            }
            let withheld = withheld || start.withheld;
            self.start = Some(Start { is_quoted: true, withheld, matched: 0 });
            return Ok(true);
        }
        if octet != FROM[start.matched] {
            self.finish(to)?;
            return Ok(false);
        }
        let matched = start.matched + 1;
        self.start = (matched < FROM.len()).then_some(Start { matched, ..start });
        if self.start.is_none() {
            if self.quoting == Quoting::Quote {
                to.write_all(b">")?;
            }
            to.write_all(FROM)?;
        }
        Ok(true)
    }

    /// The body is over: writes what was held back.
    pub fn finish(&mut self, to: &mut impl Write) -> io::Result<()> {
        let Some(start) = self.start.take() else { return Ok(()) };
        if start.withheld {
            to.write_all(b">")?;
        }
        to.write_all(&FROM[..start.matched])
    }
}

/// How many octets can be written as they are: up to the next line that may begin with `From `, or
/// up to a line end that nothing follows yet.
fn plain_run(piece: &[u8]) -> usize {
    let may_begin = |at: &usize| matches!(piece.get(at + 1), None | Some(b'>' | b'F'));
    memchr::memchr_iter(b'\n', piece).find(may_begin).map_or(piece.len(), |at| at + 1)
}

/// What a message of an mbox ends with: it watches the octets and knows which line ends they have.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineEnds {
    last: u8,
    /// Whether the first line ended with CRLF, once there is one.
    crlf: Option<bool>,
}

impl LineEnds {
    /// The next octets of the message.
    pub fn look_at(&mut self, piece: &[u8]) {
        let Some(&last) = piece.last() else { return };
        if self.crlf.is_none()
            && let Some(at) = memchr::memchr(b'\n', piece)
        {
            let before = if at > 0 { piece[at - 1] } else { self.last };
            self.crlf = Some(before == b'\r');
        }
        self.last = last;
    }

    /// A line end as the message has it.
    pub fn line_end(&self) -> &'static [u8] {
        if self.crlf == Some(true) { b"\r\n" } else { b"\n" }
    }

    /// What stands between the message and the next: the end of its last line, if that has none,
    /// and an empty line.
    pub fn separator(&self) -> &'static [u8] {
        match (self.last, self.line_end()) {
            (b'\n', line_end) => line_end,
            (_, b"\r\n") => b"\r\n\r\n",
            _ => b"\n\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(quoting: Quoting, pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut quoter = Quoter::new(quoting);
        for piece in pieces {
            quoter.write(piece, &mut out).expect("memory");
        }
        quoter.finish(&mut out).expect("memory");
        out
    }

    #[test]
    fn from_lines_are_quoted() {
        const CASES: &[(&str, &str)] = &[
            ("", ""),
            ("From me", ">From me"),
            ("From ", ">From "),
            ("From", "From"),
            (">>From x\n>From y\n", ">>>From x\n>>From y\n"),
            ("a\nFrom x\r\nFrom y", "a\n>From x\r\n>From y"),
            ("> From x\n From x\n", "> From x\n From x\n"),
            ("from x\nFrom: x\nFFrom x\nFrFrom x\n", "from x\nFrom: x\nFFrom x\nFrFrom x\n"),
            (">\n>>\nF\n", ">\n>>\nF\n"),
            ("x>From y\n", "x>From y\n"),
            (">F>From \n", ">F>From \n"),
        ];
        for &(body, quoted) in CASES {
            let found = through(Quoting::Quote, &[body.as_bytes()]);
            assert_eq!(found.escape_ascii().to_string(), quoted.escape_default().to_string());
            let back = through(Quoting::Unquote, &[quoted.as_bytes()]);
            assert_eq!(back.escape_ascii().to_string(), body.escape_default().to_string());
            assert_eq!(through(Quoting::Keep, &[body.as_bytes()]), body.as_bytes());
        }
        assert_eq!(through(Quoting::Unquote, &[b"From x\n"]), b"From x\n", "nothing to take");
    }

    #[test]
    fn between_two_messages() {
        const CASES: &[(&[&str], &str)] = &[
            (&["a\n"], "\n"),
            (&["a"], "\n\n"),
            (&[], "\n\n"),
            (&["a\r\nb"], "\r\n\r\n"),
            (&["a\r\n"], "\r\n"),
            (&["a\r", "\nb\n"], "\r\n"),
            (&["a\nb\r\n"], "\n"),
        ];
        for &(pieces, expected) in CASES {
            let mut ends = LineEnds::default();
            pieces.iter().for_each(|piece| ends.look_at(piece.as_bytes()));
            assert_eq!(ends.separator(), expected.as_bytes(), "{pieces:?}");
        }
    }

    proptest! {
        #[test]
        fn quoting_does_not_see_the_cuts_and_can_be_undone(
            words in prop::collection::vec(
                prop::sample::select(vec![">", "From ", "Fro", "m ", "\n", "\r\n", "x", "F"]), 0..40),
        ) {
            let pieces: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
            let whole = pieces.concat();
            let quoted = through(Quoting::Quote, &pieces);
            prop_assert_eq!(&quoted, &through(Quoting::Quote, &[&whole]));
            let octets: Vec<&[u8]> = quoted.chunks(1).collect();
            prop_assert_eq!(&through(Quoting::Unquote, &octets), &whole);
            let naive = whole.split_inclusive(|&c| c == b'\n').map(|line| {
                let arrows = line.iter().take_while(|&&c| c == b'>').count();
                let mark: &[u8] = if line[arrows..].starts_with(FROM) { b">" } else { b"" };
                [mark, line].concat()
            });
            prop_assert_eq!(quoted, naive.collect::<Vec<_>>().concat());
        }
    }
}
