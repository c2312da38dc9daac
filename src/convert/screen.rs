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
    /// How many octets the source holds, if that is known.
    len: Option<u64>,
    is_over: bool,
}

impl<R: Read> Screen<R> {
    /// A screen over `source`, whose messages are separated so.
    pub fn new(source: R, limits: Limits, separator: Separator) -> Screen<R> {
        let options = Options { separator, near_misses: false };
        Screen {
            reader: Reader::new(source, limits, options),
            separator,
            len: None,
            is_over: false,
        }
    }

    /// The same over a source known to hold `len` octets. One message, once it is known not to be
    /// clean, is then not read on: it ends where the source does.
    pub fn with_len(self, len: u64) -> Screen<R> {
        Screen { len: Some(len), ..self }
    }

    /// The next message; `None` if there is none.
    pub fn next_message(&mut self) -> io::Result<Option<Screened>> {
        if self.is_over {
            return Ok(None);
        }
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
                        if let Some(len) =
                            self.len.filter(|_| !is_clean && self.separator == Separator::None)
                        {
                            octets.end = len;
                            self.is_over = true;
                            break;
                        }
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
    fn a_message_that_is_not_clean_is_not_read_on() {
        let head = b"Subject: x\n\nh\xe9llo\n";
        let len = head.len() as u64 + (1 << 20);
        let source = || head.chain(io::repeat(b'x').take(1 << 20));
        let mut whole = Screen::new(source(), Limits::default(), Separator::None);
        let mut read = 0;
        let counted = Counted { source: source(), read: &mut read };
        let mut screen = Screen::new(counted, Limits::default(), Separator::None).with_len(len);
        for _ in 0..2 {
            let expected = whole.next_message().expect("from memory");
            assert_eq!(screen.next_message().expect("from memory"), expected);
        }
        assert!(read < 1 << 19, "{read} octets");
    }

    struct Counted<'a, R> {
        source: R,
        read: &'a mut u64,
    }

    impl<R: Read> Read for Counted<'_, R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = self.source.read(out)?;
            *self.read += len as u64;
            Ok(len)
        }
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
