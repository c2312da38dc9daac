//! Line ends: the only place that knows what one is.
//!
//! A message is read in one of two modes (RFC 5322 §2.1 knows neither; all stored mail needs them):
//! usually LF ends a line and a CR before it belongs to the line end, so CRLF, LF and a mix of both
//! are read alike; in a message that holds CR and no LF, CR ends a line (finding L005).

/// What ends a line of this message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Eol {
    /// LF or CRLF; a bare CR is data.
    #[default]
    Lf,
    /// CR alone (files of old Macintosh programs).
    Cr,
}

/// How many octets are looked at before CR is taken for the line end.
pub const CR_PROBE: usize = 64 * 1024;

impl Eol {
    /// The octet that a line ends with.
    #[inline]
    pub const fn octet(self) -> u8 {
        match self {
            Eol::Lf => b'\n',
            Eol::Cr => b'\r',
        }
    }

    /// Decides by the first [`CR_PROBE`] octets of a message, or all if it is shorter (`eof`);
    /// `None` if more is needed to tell. A CR that these octets end with may belong to a CRLF, so it
    /// tells nothing.
    pub fn detect(head: &[u8], eof: bool) -> Option<Eol> {
        let probe = &head[..head.len().min(CR_PROBE)];
        let probe = match probe {
            [before @ .., b'\r'] if probe.len() == CR_PROBE => before,
            _ => probe,
        };
        match memchr::memchr2(b'\n', b'\r', probe) {
            Some(i) if probe[i] == b'\n' => Some(Eol::Lf),
            Some(i) if memchr::memchr(b'\n', &probe[i..]).is_some() => Some(Eol::Lf),
            found if eof || head.len() >= CR_PROBE => {
                Some(if found.is_some() { Eol::Cr } else { Eol::Lf })
            }
            _ => None,
        }
    }

    /// The end of the first line of `text`: its content's length and the length with the line end;
    /// `None` if no line ends here.
    #[inline]
    pub fn first_line(self, text: &[u8]) -> Option<(usize, usize)> {
        let end = memchr::memchr(self.octet(), text)?;
        Some((self.content_end(text, end), end + 1))
    }

    /// Where the content of a line ends whose [`Eol::octet`] stands at `end`.
    #[inline]
    pub fn content_end(self, text: &[u8], end: usize) -> usize {
        match self {
            Eol::Lf if end > 0 && text[end - 1] == b'\r' => end - 1,
            _ => end,
        }
    }

    /// The line end at the start of `text`: `Some(0)` if there is none, `None` if more octets are
    /// needed to tell.
    #[inline]
    pub fn leading(self, text: &[u8], eof: bool) -> Option<usize> {
        match (self, text) {
            (Eol::Lf, [b'\n', ..]) | (Eol::Cr, [b'\r', ..]) => Some(1),
            (Eol::Lf, [b'\r', b'\n', ..]) => Some(2),
            (Eol::Lf, [b'\r']) | (_, []) if !eof => None,
            _ => Some(0),
        }
    }

    /// The length of the line end that `text` ends with.
    #[inline]
    pub fn trailing(self, text: &[u8]) -> usize {
        match (self, text) {
            (Eol::Lf, [.., b'\r', b'\n']) => 2,
            (Eol::Lf, [.., b'\n']) | (Eol::Cr, [.., b'\r']) => 1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_the_mode_from_the_first_octets() {
        let cases: &[(&str, &[u8], bool, Option<Eol>)] = &[
            ("lf", b"a\nb", false, Some(Eol::Lf)),
            ("crlf", b"a\r\nb", false, Some(Eol::Lf)),
            ("cr only, all seen", b"a\rb\r", true, Some(Eol::Cr)),
            ("cr only, more to come", b"a\rb\r", false, None),
            ("a lone cr before lf", b"a\rb\n", false, Some(Eol::Lf)),
            ("no line end", b"abc", true, Some(Eol::Lf)),
            ("nothing", b"", true, Some(Eol::Lf)),
        ];
        for &(name, head, eof, expected) in cases {
            assert_eq!(Eol::detect(head, eof), expected, "{name}");
        }
        assert_eq!(Eol::detect(&vec![b'\r'; CR_PROBE], false), Some(Eol::Cr));
        // A CRLF at the end of what is looked at, or over it.
        for before in [CR_PROBE - 2, CR_PROBE - 1, CR_PROBE] {
            let long = [&vec![b'x'; before][..], b"\r\n"].concat();
            for head in [&long[..], &long[..CR_PROBE]] {
                assert_eq!(Eol::detect(head, false), Some(Eol::Lf), "{before}");
            }
        }
    }

    #[test]
    fn cuts_lines() {
        assert_eq!(Eol::Lf.first_line(b"ab\r\ncd"), Some((2, 4)));
        assert_eq!(Eol::Lf.first_line(b"ab\ncd"), Some((2, 3)));
        assert_eq!(Eol::Cr.first_line(b"ab\rcd"), Some((2, 3)));
        assert_eq!(Eol::Lf.first_line(b"ab"), None);
        assert_eq!(Eol::Lf.leading(b"\r", false), None);
        assert_eq!(Eol::Lf.leading(b"\r", true), Some(0));
        assert_eq!(Eol::Lf.trailing(b"a\r\n"), 2);
    }
}
