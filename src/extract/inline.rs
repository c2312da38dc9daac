//! Files inside a text: what stands between `begin 644 name` and `end`, or `=ybegin` and `=yend`.
//!
//! Contract: the text comes in any pieces, decoded from its transfer encoding but as octets, since
//! yEnc is no text; what is found does not depend on the cut. A file without its end goes as far as
//! the text does, and says that it is not whole.
//!
//! LIMIT: a begin or end line has at most `LINE` octets.
//!
//! The text itself is not changed, nor is the file taken out of it.
//!
//! May use: simd, base, charset, transfer.

use std::io;

use super::{Files, Found};
use crate::base::chars::trim_end;
use crate::base::{Eol, Rule, Sink, Span};
use crate::charset::Charset;
use crate::simd::scan::{self, Starts};
use crate::transfer::{Coding, Decoder, uuencode, yenc};

/// Octets of a line that begins or ends a file.
const LINE: usize = 1024;

/// Looks for files in one text.
#[derive(Debug)]
pub struct Inline {
    eol: Eol,
    inside: Inside,
    at_line_start: bool,
    /// A line that may begin or end a file, until its own end comes.
    line: Vec<u8>,
    /// Whether that line is being collected, and whether it had more octets than are kept.
    is_collecting: bool,
    is_cut: bool,
    text_starts: Starts,
    data_starts: Starts,
    decoded: Vec<u8>,
}

/// What the next octets belong to.
#[derive(Debug)]
enum Inside {
    Text,
    Uuencode { decoder: Decoder, odd: Odd, name: String },
    Yenc { decoder: yenc::Decoder, name: String },
}

/// Hears whether there was anything to report.
#[derive(Debug, Default)]
struct Odd(bool);

impl Sink for Odd {
    fn report(&mut self, _: Rule, _: Span) {
        self.0 = true;
    }
}

impl Inline {
    /// For a text whose lines end with `eol`.
    pub fn new(eol: Eol) -> Inline {
        Inline {
            eol,
            inside: Inside::Text,
            at_line_start: true,
            line: Vec::new(),
            is_collecting: false,
            is_cut: false,
            text_starts: Starts::new(b"b="),
            data_starts: Starts::new(b"e"),
            decoded: Vec::new(),
        }
    }

    /// Takes the next piece of the text.
    pub fn feed(&mut self, text: &[u8], files: &mut impl Files) -> io::Result<()> {
        let mut rest = text;
        while !rest.is_empty() {
            let taken = match &mut self.inside {
                Inside::Yenc { decoder, .. } => {
                    let taken = decoder.decode(rest, &mut self.decoded);
                    let is_over = decoder.is_over();
                    self.deliver(files)?;
                    if is_over {
                        self.close(files)?;
                    }
                    taken
                }
                _ if self.is_collecting => self.collect(rest, files)?,
                _ => self.skip(rest, files)?,
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// The text is over.
    pub fn finish(mut self, files: &mut impl Files) -> io::Result<()> {
        if self.is_collecting {
            self.judge(files)?;
        }
        self.close(files)
    }

    /// Goes on to the next line that may matter. What is passed over is data of a uuencoded file.
    fn skip(&mut self, text: &[u8], files: &mut impl Files) -> io::Result<usize> {
        let starts = match self.inside {
            Inside::Text => &self.text_starts,
            _ => &self.data_starts,
        };
        let eol = self.eol.octet();
        let end = if self.at_line_start && starts.contains(text[0]) {
            0
        } else {
            scan::line_start(text, 0, eol, starts).map_or(text.len(), |at| at + 1)
        };
        self.is_collecting = end < text.len();
        self.at_line_start = text[..end].last().map_or(self.at_line_start, |&c| c == eol);
        if let Inside::Uuencode { decoder, odd, .. } = &mut self.inside {
            decoder.decode(&text[..end], &mut self.decoded, odd);
            self.deliver(files)?;
        }
        Ok(end)
    }

    /// Goes on with a line that may matter.
    fn collect(&mut self, text: &[u8], files: &mut impl Files) -> io::Result<usize> {
        let end = memchr::memchr(self.eol.octet(), text);
        let piece = &text[..end.map_or(text.len(), |end| end + 1)];
        let room = LINE - self.line.len();
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        self.is_cut |= piece.len() > room;
        if end.is_some() {
            self.judge(files)?;
        }
        Ok(piece.len())
    }

    /// A line that may matter is complete.
    fn judge(&mut self, files: &mut impl Files) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        let is_cut = std::mem::take(&mut self.is_cut);
        (self.is_collecting, self.at_line_start) = (false, true);
        if let Inside::Uuencode { decoder, odd, .. } = &mut self.inside {
            decoder.decode(&line, &mut self.decoded, odd);
            if is_cut {
                // Its line end was not kept.
                decoder.decode(&[self.eol.octet()], &mut self.decoded, odd);
            }
            self.deliver(files)?;
            if !is_cut && trim_end(&line) == b"end" {
                self.close(files)?;
            }
        } else if !is_cut {
            self.open(&line, files)?;
        }
        line.clear();
        self.line = line;
        Ok(())
    }

    /// A file begins, if this line begins one.
    fn open(&mut self, line: &[u8], files: &mut impl Files) -> io::Result<()> {
        let content = trim_end(line);
        if let Some(begin) = uuencode::find_begin(content) {
            let (mut decoder, mut odd) = (Decoder::new(Coding::Uuencode, self.eol), Odd::default());
            decoder.decode(line, &mut self.decoded, &mut odd);
            self.inside = Inside::Uuencode { decoder, odd, name: text(begin.name) };
        } else if let Some(begin) = yenc::find_begin(content) {
            let decoder = yenc::Decoder::new(&begin, self.eol);
            self.inside = Inside::Yenc { decoder, name: text(begin.name) };
        } else {
            return Ok(());
        }
        files.begin()
    }

    /// Hands on what was just decoded.
    fn deliver(&mut self, files: &mut impl Files) -> io::Result<()> {
        let done = if self.decoded.is_empty() { Ok(()) } else { files.data(&self.decoded) };
        self.decoded.clear();
        done
    }

    /// A file is over, if one is open.
    fn close(&mut self, files: &mut impl Files) -> io::Result<()> {
        let (name, is_intact) = match std::mem::replace(&mut self.inside, Inside::Text) {
            Inside::Text => return Ok(()),
            Inside::Uuencode { mut decoder, mut odd, name } => {
                decoder.finish(&mut self.decoded, &mut odd);
                self.deliver(files)?;
                (name, !odd.0)
            }
            Inside::Yenc { decoder, name } => (name, decoder.finish()),
        };
        self.at_line_start = true;
        files.end(Found { name, is_intact })
    }
}

/// A name, which nobody says the charset of.
fn text(octets: &[u8]) -> String {
    let mut text = String::new();
    match std::str::from_utf8(octets) {
        Ok(valid) => text.push_str(valid),
        Err(_) => {
            Charset::WINDOWS_1252.decode(octets, &mut text);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{Collected, file};
    use crate::transfer::yenc::tests::encode;
    use proptest::prelude::*;

    fn found(text: &[u8], eol: Eol, cut: usize) -> Collected {
        let mut files = Collected::default();
        let mut inline = Inline::new(eol);
        for piece in text.chunks(cut) {
            inline.feed(piece, &mut files).expect("collected");
        }
        inline.finish(&mut files).expect("collected");
        files
    }

    #[test]
    fn finds_files_in_texts() {
        let long = format!("begin 644 {}\n#86)C\n`\nend\n", "a".repeat(LINE));
        let cases: &[(&str, &str, &[(&str, &[u8], bool)])] = &[
            ("no file", "hello\nbegin it\n=y\nend\n", &[]),
            ("one", "hi\nbegin 644 a\n#86)C\n`\nend\nbye\n", &[("a", b"abc", true)]),
            ("crlf", "hi\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\nbye\r\n", &[("a", b"abc", true)]),
            ("no line end", "begin 644 a\n#86)C\n`\nend", &[("a", b"abc", true)]),
            ("empty", "begin 644 a\n`\nend\n", &[("a", b"", true)]),
            (
                "two",
                "begin 644 a\n#86)C\n`\nend\nbegin 600 b c\n#86)C\n`\nend\n",
                &[("a", b"abc", true), ("b c", b"abc", true)],
            ),
            ("no end", "begin 644 a\n#86)C\n", &[("a", b"abc", false)]),
            ("a bad line", "begin 644 a\n#86)CX\n`\nend\n", &[("a", b"abc", false)]),
            ("only the beginning", "begin 644 a", &[("a", b"", false)]),
            ("not at a line start", " begin 644 a\n#86)C\n`\nend\n", &[]),
            ("too long", &long, &[]),
            (
                "yenc",
                "=ybegin line=128 size=3 name=a\n+,-\n=yend size=3\nbegin 644 b\n#86)C\n`\nend\n",
                &[("a", &[1, 2, 3], true), ("b", b"abc", true)],
            ),
            (
                "yenc without end",
                "=ybegin line=128 size=3 name=a\n+,-\n",
                &[("a", &[1, 2, 3], false)],
            ),
        ];
        for &(name, text, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|&(n, o, i)| file(n, o, i)).collect();
            for cut in [1, 2, 3, 10_000] {
                let found = found(text.as_bytes(), Eol::Lf, cut);
                assert_eq!(found.files, expected, "{name}, cut {cut}");
            }
        }
        let text = b"begin 644 a\r#86)C\r`\rend\rbegin 644 \xE9\r#86)C\r`\rend\r";
        assert_eq!(
            found(text, Eol::Cr, 5).files,
            [file("a", b"abc", true), file("é", b"abc", true)]
        );
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(
            octets in prop::collection::vec(any::<u8>(), 0..500),
            cut in 1usize..200,
        ) {
            let text = [&b"hello\n"[..], &encode("a", &octets, "\n"), &encode("b", &octets, "\n")];
            let found = found(&text.concat(), Eol::Lf, cut);
            prop_assert_eq!(found.files, [file("a", &octets, true), file("b", &octets, true)]);
        }

        #[test]
        fn any_text_gives_the_same_at_any_cut(
            text in "(begin 644 a\n|=ybegin line=1 size=3 name=a\n|=yend size=3|#86\\)C|`|end|=y|\r|\n|[ -z]){0,80}",
            cut in 1usize..50,
        ) {
            let whole = found(text.as_bytes(), Eol::Lf, text.len().max(1));
            prop_assert_eq!(found(text.as_bytes(), Eol::Lf, cut).files, whole.files);
        }
    }
}
