//! The form of a message behind DATA, and back (RFC 5321 §2.3.8, §4.1.1.4, §4.5.2).
//!
//! On the wire every line ends with CRLF, a line that begins with a dot has one more, and a line of a
//! dot alone ends it all. [`Stuffer`] writes that form, [`Unstuffer`] reads it. Contract: both
//! stream, take any octets in pieces of any size with the same result, and never fail; the end of the
//! data never stands inside; what was stuffed comes back with canonical line ends.
//!
//! It knows nothing of messages: long lines, NULs and octets over 127 pass as they are.
//!
//! May use: nothing.

/// What ends the data, at the start of a line.
const END: &[u8] = b".\r\n";

/// The line ends that a [`Stuffer`] found. It writes CRLF for each: servers refuse the others, or
/// differ in whether they end a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stuffed {
    /// CRLFs.
    pub crlf: u64,
    /// LFs without CR.
    pub lone_lf: u64,
    /// CRs without LF.
    pub bare_cr: u64,
}

/// Writes a message in the form that follows DATA.
#[derive(Debug, Default)]
pub struct Stuffer {
    /// The line that is being written has octets.
    is_in_line: bool,
    /// The last octet was a CR, not written yet: the next one may belong to it.
    has_cr: bool,
    stuffed: Stuffed,
}

impl Stuffer {
    /// Appends the next piece of the message to `out`.
    pub fn stuff(&mut self, mut src: &[u8], out: &mut Vec<u8>) {
        if self.has_cr && !src.is_empty() {
            src = self.behind_cr(src, out);
        }
        while let Some(end) = memchr::memchr2(b'\r', b'\n', src) {
            self.content(&src[..end], out);
            let is_cr = src[end] == b'\r';
            src = &src[end + 1..];
            if !is_cr {
                self.stuffed.lone_lf += 1;
                self.end_line(out);
            } else if src.is_empty() {
                self.has_cr = true;
            } else {
                src = self.behind_cr(src, out);
            }
        }
        self.content(src, out);
    }

    /// The message is over: appends the end of the data, on a line of its own.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Stuffed {
        if self.has_cr {
            self.behind_cr(b"", out);
        }
        if self.is_in_line {
            self.end_line(out);
        }
        out.extend_from_slice(END);
        self.stuffed
    }

    /// A CR stands before `src`, and ends a line with the LF or without it. Gives what follows.
    fn behind_cr<'a>(&mut self, src: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        self.has_cr = false;
        self.end_line(out);
        match src.strip_prefix(b"\n") {
            Some(rest) => {
                self.stuffed.crlf += 1;
                rest
            }
            None => {
                self.stuffed.bare_cr += 1;
                src
            }
        }
    }

    /// Octets of one line, without its end.
    fn content(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        if !self.is_in_line && octets.starts_with(b".") {
            out.push(b'.');
        }
        self.is_in_line |= !octets.is_empty();
        out.extend_from_slice(octets);
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
        self.is_in_line = false;
    }
}

/// What an [`Unstuffer`] found beside the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unstuffed {
    /// Whether the end of the data was there.
    pub is_ended: bool,
    /// Octets behind it, which are no part of the message.
    pub behind: u64,
}

/// Reads a message in the form that follows DATA. Line ends stay as they are.
///
/// QUIRK: data that was stored with LF is read as well. Where the first line ends with CRLF, though,
/// no other line end counts (RFC 5321 §4.1.1.4): a lone LF that ends the data for one server and not
/// for the next is how a second message is smuggled in.
#[derive(Debug, Default)]
pub struct Unstuffer {
    state: State,
    /// Whether lines end with CRLF only; known once the first has ended.
    needs_cr: Option<bool>,
    /// The last octet of the line so far is a CR.
    has_cr: bool,
    behind: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    LineStart,
    /// Behind the dot that a line begins with, which is never written.
    Dot,
    /// Behind that dot and a CR, which is not written yet.
    DotCr,
    InLine,
    Ended,
}

impl Unstuffer {
    /// Appends to `out` what the next piece holds of the message.
    pub fn unstuff(&mut self, mut src: &[u8], out: &mut Vec<u8>) {
        while let [c, rest @ ..] = src {
            (self.state, src) = match (self.state, c) {
                (State::LineStart, b'.') => (State::Dot, rest),
                (State::Dot, b'\r') => (State::DotCr, rest),
                (State::Dot, b'\n') if self.needs_cr != Some(true) => (State::Ended, rest),
                (State::DotCr, b'\n') => (State::Ended, rest),
                (State::DotCr, _) => {
                    out.push(b'\r');
                    self.has_cr = true;
                    (State::InLine, src)
                }
                (State::LineStart | State::Dot | State::InLine, _) => self.line(src, out),
                (State::Ended, _) => {
                    self.behind += src.len() as u64;
                    return;
                }
            };
        }
    }

    /// The data is over, ended or not.
    pub fn finish(self) -> Unstuffed {
        let is_ended = matches!(self.state, State::Dot | State::DotCr | State::Ended);
        Unstuffed { is_ended, behind: self.behind }
    }

    /// Copies the rest of a line, as far as it is at hand. Gives what follows.
    fn line<'a>(&mut self, src: &'a [u8], out: &mut Vec<u8>) -> (State, &'a [u8]) {
        let end = memchr::memchr(b'\n', src);
        let (line, rest) = src.split_at(end.map_or(src.len(), |end| end + 1));
        out.extend_from_slice(line);
        let has_cr = match line {
            [.., before, _] if end.is_some() => *before == b'\r',
            [.., last] if end.is_none() => *last == b'\r',
            _ => self.has_cr,
        };
        self.has_cr = has_cr && end.is_none();
        if end.is_none() {
            return (State::InLine, rest);
        }
        let needs_cr = *self.needs_cr.get_or_insert(has_cr);
        (if has_cr || !needs_cr { State::LineStart } else { State::InLine }, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;
    use proptest::prelude::*;

    fn stuff(message: &[u8], piece: usize) -> (Vec<u8>, Stuffed) {
        let (mut stuffer, mut out) = (Stuffer::default(), Vec::new());
        message.chunks(piece).for_each(|piece| stuffer.stuff(piece, &mut out));
        let stuffed = stuffer.finish(&mut out);
        (out, stuffed)
    }

    fn unstuff(data: &[u8], piece: usize) -> (Vec<u8>, Unstuffed) {
        let (mut unstuffer, mut out) = (Unstuffer::default(), Vec::new());
        data.chunks(piece).for_each(|piece| unstuffer.unstuff(piece, &mut out));
        (out, unstuffer.finish())
    }

    #[test]
    fn stuffs() {
        /// `crlf`, `lone_lf`, `bare_cr`.
        type Ends = (u64, u64, u64);
        let cases: &[(&str, &[u8], &[u8], Ends)] = &[
            ("nothing", b"", b".\r\n", (0, 0, 0)),
            ("crlf", b"a\r\nb\r\n", b"a\r\nb\r\n.\r\n", (2, 0, 0)),
            ("lf", b"a\n\nb\n", b"a\r\n\r\nb\r\n.\r\n", (0, 3, 0)),
            ("cr", b"a\rb\r", b"a\r\nb\r\n.\r\n", (0, 0, 2)),
            ("a cr before crlf", b"a\r\r\n", b"a\r\n\r\n.\r\n", (1, 0, 1)),
            ("no line end", b"a", b"a\r\n.\r\n", (0, 0, 0)),
            ("dots", b".\r\n..\r\n.a\r\na.\r\n", b"..\r\n...\r\n..a\r\na.\r\n.\r\n", (4, 0, 0)),
            ("a dot behind lf", b"a\n.\nb\n", b"a\r\n..\r\nb\r\n.\r\n", (0, 3, 0)),
            ("a dot behind cr", b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n", (0, 0, 2)),
            ("a dot at the end", b"a\r\n.", b"a\r\n..\r\n.\r\n", (1, 0, 0)),
            ("octets", b"\0\xff\r\n", b"\0\xff\r\n.\r\n", (1, 0, 0)),
        ];
        for &(name, message, data, (crlf, lone_lf, bare_cr)) in cases {
            for piece in [1, 2, 3, 100] {
                let expected = (data.to_vec(), Stuffed { crlf, lone_lf, bare_cr });
                assert_eq!(stuff(message, piece), expected, "{name} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn unstuffs() {
        let cases: &[(&str, &[u8], &[u8], bool, u64)] = &[
            ("nothing", b"", b"", false, 0),
            ("only the end", b".\r\n", b"", true, 0),
            ("lines", b"a\r\nb\r\n.\r\n", b"a\r\nb\r\n", true, 0),
            ("dots", b"..\r\n...\r\n..a\r\n.\r\n", b".\r\n..\r\n.a\r\n", true, 0),
            ("one dot too few", b".a\r\n.\r\n", b"a\r\n", true, 0),
            ("no end", b"..a\r\nb", b".a\r\nb", false, 0),
            ("the end without its line end", b"a\r\n.", b"a\r\n", true, 0),
            ("the end cut", b"a\r\n.\r", b"a\r\n", true, 0),
            ("something behind it", b"a\r\n.\r\nQUIT\r\n.\r\n", b"a\r\n", true, 9),
            ("lf", b"a\n..b\n.\nQUIT\n", b"a\n.b\n", true, 5),
            ("lf, and an end with crlf", b"a\n.\r\n", b"a\n", true, 0),
            ("lf . lf among crlf", b"a\r\nb\n.\nc\r\n.\r\n", b"a\r\nb\n.\nc\r\n", true, 0),
            ("lf . crlf among crlf", b"a\r\nb\n.\r\nc\r\n", b"a\r\nb\n.\r\nc\r\n", false, 0),
            ("crlf . lf among crlf", b"a\r\n.\nc\r\n", b"a\r\n\nc\r\n", false, 0),
            ("crlf . cr among crlf", b"a\r\n.\rc\r\n", b"a\r\n\rc\r\n", false, 0),
            ("crlf . cr crlf", b"a\r\n.\r\r\n.\r\n", b"a\r\n\r\r\n", true, 0),
            ("cr . cr", b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n", true, 0),
        ];
        for &(name, data, message, is_ended, behind) in cases {
            for piece in [1, 2, 3, 100] {
                let expected = (message.to_vec(), Unstuffed { is_ended, behind });
                assert_eq!(unstuff(data, piece), expected, "{name} in pieces of {piece}");
            }
        }
    }

    /// `message` with CRLF for every CRLF, LF and CR, and at its end.
    fn canonical(message: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut octets = message.iter().peekable();
        while let Some(&c) = octets.next() {
            match c {
                b'\r' => {
                    octets.next_if_eq(&&b'\n');
                    out.extend_from_slice(b"\r\n");
                }
                b'\n' => out.extend_from_slice(b"\r\n"),
                _ => out.push(c),
            }
        }
        if !out.is_empty() && !out.ends_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    fn octets() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(prop::sample::select(b"..a\r\n\0\xff".as_slice()), 0..60)
    }

    proptest! {
        #[test]
        fn the_end_stands_at_the_end_only(message in octets(), piece in 1usize..9) {
            let data = [b"\r\n", &stuff(&message, piece).0[..]].concat();
            prop_assert_eq!(memmem::find(&data, b"\r\n.\r\n"), Some(data.len() - 5));
            let is_bare = |pair: &[u8]| (pair[0] == b'\r') != (pair[1] == b'\n');
            prop_assert!(!data.windows(2).any(is_bare));
        }

        #[test]
        fn what_was_stuffed_comes_back(message in octets(), piece in 1usize..9, behind in octets()) {
            let data = [&stuff(&message, piece).0[..], &behind].concat();
            let (back, found) = unstuff(&data, piece);
            prop_assert_eq!(back, canonical(&message));
            prop_assert_eq!(found, Unstuffed { is_ended: true, behind: behind.len() as u64 });
        }

        #[test]
        fn cuts_do_not_show(octets in octets(), piece in 1usize..9) {
            prop_assert_eq!(stuff(&octets, piece), stuff(&octets, 100));
            prop_assert_eq!(unstuff(&octets, piece), unstuff(&octets, 100));
        }
    }
}
