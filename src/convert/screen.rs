//! The first look at a source: where its messages are, and which of them need nothing.
//!
//! Most mail needs nothing, so this runs at nearly the speed of the walk: it asks of the octets only
//! whether they are 7bit data, and of the labels whether they say so.

use std::io::{self, Read};
use std::ops::Range;

use super::octets::Plain;
use crate::base::{Eol, Limits};
use crate::header::mime::Media;
use crate::transfer::Coding;
use crate::walk::{Event, Kind, Options, Part, Reader, Separator};

/// One message of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screened {
    /// Its octets in the source: of a mailbox, without what separates it from those before and
    /// behind it.
    pub octets: Range<u64>,
    /// Whether it is 7bit data, and labelled as such.
    pub is_clean: bool,
    /// What ends its lines.
    pub eol: Eol,
}

/// Cuts a source into its messages.
#[derive(Debug)]
pub struct Screen<R> {
    reader: Reader<R>,
    separator: Separator,
}

impl<R: Read> Screen<R> {
    /// A screen over `source`, whose messages are separated so.
    pub fn new(source: R, limits: Limits, separator: Separator) -> Screen<R> {
        let options = Options { separator, near_misses: false };
        Screen { reader: Reader::new(source, limits, options), separator }
    }

    /// The next message; `None` if there is none.
    pub fn next_message(&mut self) -> io::Result<Option<Screened>> {
        let mut start = self.reader.walker().offset();
        let mut octets = start..start;
        let mut plain = Plain::default();
        let mut is_clean = true;
        let mut any = false;
        while let Some(event) = self.reader.next(&mut ())? {
            match event {
                Event::EndOfMessage => break,
                Event::Headed(part) => is_clean &= is_labelled_well(&part),
                Event::Token(token) => match token.kind {
                    Kind::Gap => {}
                    // Of an MMDF mailbox; those behind the message are none of its octets either.
                    Kind::Separator => {
                        if octets.is_empty() {
                            start = token.offset + token.octets.len() as u64;
                            octets = start..start;
                        }
                    }
                    // The separator of the mbox; one inside the message is a piece of it.
                    Kind::FromLine
                        if self.separator != Separator::None && token.offset == start =>
                    {
                        octets = token.offset + token.octets.len() as u64..octets.end;
                        octets.end = octets.start;
                    }
                    Kind::FromLine | Kind::Bom => {
                        octets.end = token.offset + token.octets.len() as u64;
                        is_clean &= token.kind == Kind::FromLine && plain.takes(token.octets);
                    }
                    _ => {
                        octets.end = token.offset + token.octets.len() as u64;
                        is_clean = is_clean && plain.takes(token.octets);
                    }
                },
                Event::Enter(_) => any = true,
                Event::Leave(_) => {}
            }
        }
        let is_clean = is_clean && plain.ends();
        let eol = self.reader.walker().eol();
        Ok(any.then_some(Screened { octets, is_clean, eol }))
    }
}

/// Whether the label of a part says no more than that its octets are 7bit data.
fn is_labelled_well(part: &Part) -> bool {
    match (part.media, part.coding) {
        (Media::Multipart { .. }, coding) => coding == Coding::SevenBit,
        (_, coding) => !matches!(coding, Coding::EightBit | Coding::Binary),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each message stands, and whether it is clean.
    fn screen(text: &[u8], separator: Separator) -> Vec<(Range<u64>, bool)> {
        let mut screen = Screen::new(text, Limits::default(), separator);
        std::iter::from_fn(|| screen.next_message().expect("from memory"))
            .map(|message| (message.octets, message.is_clean))
            .collect()
    }

    #[test]
    fn tells_what_needs_nothing() {
        let cases: &[(&str, &[u8], bool)] = &[
            ("plain", b"Subject: x\n\nhello\n", true),
            ("no octet at all but a line end", b"\n", true),
            ("octets over 127", b"Subject: x\n\nh\xe9llo\n", false),
            ("the same in a field", b"Subject: \xe9\n\n", false),
            ("a byte order mark", b"\xef\xbb\xbfSubject: x\n\n", false),
            ("a CR at the end", b"Subject: x\n\nhello\r", false),
            ("a label that says too much", b"Content-Transfer-Encoding: 8bit\n\nhello\n", false),
            ("a coding", b"Content-Transfer-Encoding: base64\n\naGVsbG8=\n", true),
            (
                "a coding on a multipart",
                b"Content-Type: multipart/mixed; boundary=b\n\
                  Content-Transfer-Encoding: base64\n\n--b\n\nhello\n--b--\n",
                false,
            ),
        ];
        for &(name, text, is_clean) in cases {
            assert_eq!(screen(text, Separator::None), [(0..text.len() as u64, is_clean)], "{name}");
        }
        assert_eq!(screen(b"", Separator::None), []);
    }

    #[test]
    fn cuts_an_mbox() {
        let from = b"From a@example.org Mon Jan  1 00:00:00 2024\n";
        let text = [from, &b"A: a\n\nx\n\n"[..], from, b"B: \xe9\n\n"].concat();
        let start = from.len() as u64;
        // The empty line between the messages belongs to neither.
        assert_eq!(
            screen(&text, Separator::From),
            [(start..start + 8, true), (2 * start + 9..2 * start + 15, false)]
        );
    }
}
