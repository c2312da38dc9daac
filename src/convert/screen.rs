//! The first look at a source: where its messages are, and which of them need nothing.
//!
//! Most mail needs nothing, so this runs at nearly the speed of the walk: it asks of the octets only
//! whether they are 7bit data, of as many at a time as there are, and of the labels whether they say
//! so. What was looked at stays at hand for a while, so that it need not be read again to be copied.

use std::io::{self, Read};
use std::ops::Range;

use super::octets::Plain;
use crate::base::{Eol, Limits};
use crate::header::mime::Media;
use crate::transfer::Coding;
use crate::walk::{Kind, Options, Part, Separator, Step, Walker, Window};

/// The size of the window.
const WINDOW: usize = 256 << 10;

/// LIMIT: so many octets of a message stay at hand when the window is filled.
const KEPT: u64 = 64 << 10;

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

/// What comes next in a source.
#[derive(Debug)]
pub(crate) enum Look {
    /// A message.
    Message(Screened),
    /// The source must be read on: what is at hand of the messages before will not be any more.
    Fill,
    /// Nothing.
    Over,
}

/// Cuts a source into its messages.
#[derive(Debug)]
pub struct Screen<R> {
    source: R,
    walker: Walker,
    window: Window,
    separator: Separator,
    /// How many octets the source holds, if that is known.
    len: Option<u64>,
    message: Message,
    /// The window is to be filled.
    is_dry: bool,
    is_over: bool,
}

/// A message that is being read.
#[derive(Debug, Default)]
struct Message {
    /// Where the octets of the one before end.
    before: u64,
    /// Where what may be its separator begins.
    start: u64,
    octets: Range<u64>,
    is_entered: bool,
    is_clean: bool,
    plain: Plain,
    /// How many of the octets that were consumed last are still to be looked at.
    unseen: u64,
}

impl Message {
    fn at(before: u64, start: u64) -> Message {
        Message { before, start, octets: start..start, is_clean: true, ..Message::default() }
    }
}

impl<R: Read> Screen<R> {
    /// A screen over `source`, whose messages are separated so.
    pub fn new(source: R, limits: Limits, separator: Separator) -> Screen<R> {
        let options = Options { separator, near_misses: false };
        Screen {
            source,
            walker: Walker::new(limits, options),
            window: Window::with_capacity(WINDOW),
            separator,
            len: None,
            message: Message::at(0, 0),
            is_dry: false,
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
        loop {
            match self.look()? {
                Look::Message(message) => return Ok(Some(message)),
                Look::Fill => {}
                Look::Over => return Ok(None),
            }
        }
    }

    /// What comes next.
    pub(crate) fn look(&mut self) -> io::Result<Look> {
        if self.is_over {
            return Ok(Look::Over);
        }
        if std::mem::take(&mut self.is_dry) {
            let kept = self.walker.offset() - self.message.before;
            let kept = if kept <= KEPT { kept as usize } else { 0 };
            self.window.fill_behind(kept, &mut self.source)?;
        }
        loop {
            match self.walker.step(self.window.text(), self.window.eof(), &mut ()) {
                Step::Token(kind, len) => {
                    self.token(kind, len);
                    if matches!(kind, Kind::Field | Kind::FromLine) {
                        self.skip_fields();
                    }
                }
                Step::Headed => self.message.is_clean &= is_labelled_well(&self.walker.part()),
                Step::Enter => self.message.is_entered = true,
                Step::Leave => {}
                Step::NeedMore => {
                    self.see();
                    if let Some(len) = self.len.filter(|_| self.is_decided()) {
                        self.message.octets.end = len;
                        self.is_over = true;
                        return Ok(self.end());
                    }
                    self.is_dry = true;
                    return Ok(Look::Fill);
                }
                Step::EndOfMessage => {
                    self.walker.next_message();
                    return Ok(self.end());
                }
                Step::Done => {
                    self.is_over = true;
                    return Ok(self.end());
                }
            }
        }
    }

    /// Octets of the source, if they belong to what was looked at last and are still at hand.
    #[cfg(feature = "cli")]
    pub(crate) fn at_hand(&self, octets: &Range<u64>) -> Option<&[u8]> {
        let back = |offset| self.walker.offset().checked_sub(offset);
        self.window.taken(back(octets.start)?, back(octets.end)?)
    }

    fn token(&mut self, kind: Kind, len: usize) {
        let offset = self.walker.offset();
        let is_first = offset - len as u64 == self.message.start;
        match kind {
            Kind::Gap => self.see(),
            // Of an MMDF mailbox; those behind the message are none of its octets either.
            Kind::Separator => {
                self.see();
                if self.message.octets.is_empty() {
                    self.message.start = offset;
                    self.message.octets = offset..offset;
                }
            }
            // The separator of the mbox; one inside the message is a piece of it.
            Kind::FromLine if self.separator != Separator::None && is_first => {
                self.message.octets = offset..offset;
            }
            _ => {
                self.message.octets.end = offset;
                self.message.unseen += len as u64;
                self.message.is_clean &= kind != Kind::Bom;
            }
        }
        self.window.take(len);
    }

    /// Passes over fields that cannot say how their part is labelled.
    fn skip_fields(&mut self) {
        let len = self.walker.skip_fields(self.window.text());
        self.window.take(len);
        self.message.octets.end += len as u64;
        self.message.unseen += len as u64;
    }

    /// Looks at the octets that were consumed since the last time.
    fn see(&mut self) {
        let unseen = std::mem::take(&mut self.message.unseen);
        if self.message.is_clean {
            let octets = self.window.taken(unseen, 0);
            self.message.is_clean = octets.is_some_and(|octets| self.message.plain.takes(octets));
        }
    }

    /// Whether nothing that may follow changes what is said of the message but its end.
    fn is_decided(&self) -> bool {
        let Message { is_clean, is_entered, .. } = self.message;
        is_entered && !is_clean && self.separator == Separator::None
    }

    /// The message is over.
    fn end(&mut self) -> Look {
        self.see();
        let next = Message::at(self.message.octets.end, self.walker.offset());
        let Message { octets, is_entered, is_clean, plain, .. } =
            std::mem::replace(&mut self.message, next);
        let is_clean = is_clean && plain.ends();
        match is_entered {
            true => Look::Message(Screened { octets, is_clean, eol: self.walker.eol() }),
            false => Look::Over,
        }
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
