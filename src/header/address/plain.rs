//! Address lists as nearly all mail has them, read in one pass: mailboxes between commas, each an
//! addr-spec of dot-atoms, alone, with a comment behind it, or in angle brackets behind a name that is
//! words of ASCII or one quoted string.
//!
//! Contract: what is read here is read by the parser of the room in the same way, and nothing is odd about
//! it but perhaps encoded-words among the words of a name. Everything else is left to that. Nothing is
//! allocated, and each octet is looked at a bounded number of times.
//!
//! May use: base, and the words of this room.

use super::{Address, poses_as_address};
use crate::base::chars::is_fws;
use crate::base::{Rule, Shifted, Sink};
use crate::header::words::{Place, decode_untrimmed};
use crate::header::{Context, Text};

/// One plain mailbox. There are no controls in it, nothing over 127, and neither quotes nor backslashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mailbox<'a> {
    pub(crate) name: Option<&'a str>,
    /// There may be encoded-words in the name.
    pub(crate) is_encoded: bool,
    /// Where the name stands in the field body, if it may be encoded.
    name_at: usize,
    pub(crate) address: &'a str,
    /// Where it begins in the field body.
    address_at: usize,
}

impl Mailbox<'_> {
    /// What [`parse`](super::parse) gives.
    pub(super) fn to_address<S: Sink>(self, context: &Context, sink: &mut S) -> Address {
        let Text { text: name, lossy } = match self.name {
            Some(name) if self.is_encoded => self.decoded(name, context, sink),
            name => Text { text: name.unwrap_or_default().to_owned(), lossy: false },
        };
        Address {
            name: (!name.is_empty()).then_some(name),
            address: Some(self.address.to_owned()),
            group: None,
            lossy,
        }
    }

    /// The name decoded; empty if it is blank.
    fn decoded<S: Sink>(&self, name: &str, context: &Context, sink: &mut S) -> Text {
        let shifted = &mut Shifted::new(sink, self.name_at as u64);
        let name = decode_untrimmed(name.as_bytes(), Place::Text, context, shifted);
        if name.text.trim().is_empty() {
            return Text::default();
        }
        if S::LISTENING && poses_as_address(&name.text, self.address) {
            let end = self.address_at + self.address.len();
            sink.report(Rule::A010, (self.address_at..end).into());
        }
        name
    }
}

/// A character of an addr-spec beside dots. Without question mark there is no encoded-word.
const ATOM: u8 = 1;
/// A character of a word of a name, or of an encoded-word.
const WORD: u8 = 1 << 1;
/// A character of a name in quotes. With an `@` it could pose as an address.
const QUOTED: u8 = 1 << 2;
/// A character of a comment.
const COMMENT: u8 = 1 << 3;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = b' ';
    while c <= b'~' {
        let mut class = 0;
        if !matches!(c, b'"' | b'\\' | b'@') {
            let is_paren = matches!(c, b'(' | b')');
            let is_word = !is_paren && !matches!(c, b' ' | b'<' | b'>' | b',' | b':' | b';');
            let is_atom = is_word && !matches!(c, b'[' | b']' | b'.' | b'?');
            class |= if c == b'?' { 0 } else { QUOTED };
            class |= if is_paren || c == b'?' { 0 } else { COMMENT };
            class |= if is_word { WORD } else { 0 };
            class |= if is_atom { ATOM } else { 0 };
        }
        classes[c as usize] = class;
        c += 1;
    }
    classes
};

fn is(c: u8, class: u8) -> bool {
    CLASSES[c as usize] & class != 0
}

/// Hands each mailbox of a field body to `mailbox`, in order. False if the body is not plain, and then
/// some of its mailboxes may have been handed out already.
pub(crate) fn each<'a>(raw: &'a [u8], mut mailbox: impl FnMut(Mailbox<'a>)) -> bool {
    let Ok(text) = std::str::from_utf8(raw) else { return false };
    let mut reader = Reader { text, at: 0 };
    reader.skip_fws();
    if reader.peek().is_none() {
        return true;
    }
    loop {
        let Some(found) = reader.mailbox() else { return false };
        mailbox(found);
        reader.skip_fws();
        match reader.peek() {
            None => return true,
            Some(b',') => reader.at += 1,
            Some(_) => return false,
        }
        reader.skip_fws();
    }
}

/// What there is in a plain list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// How many mailboxes.
    pub(crate) count: usize,
    /// There may be encoded-words in their names.
    pub(crate) is_encoded: bool,
}

/// What there is in a field body; `None` if it is not plain.
pub(crate) fn survey(raw: &[u8]) -> Option<Summary> {
    let mut summary = Summary::default();
    let is_plain = each(raw, |mailbox| {
        summary.count += 1;
        summary.is_encoded |= mailbox.is_encoded;
    });
    is_plain.then_some(summary)
}

/// The addresses of a plain body of which `summary` was told.
pub(crate) fn parse<S: Sink>(
    raw: &[u8],
    summary: Summary,
    context: &Context,
    sink: &mut S,
) -> Vec<Address> {
    let mut list = Vec::with_capacity(summary.count);
    each(raw, |mailbox| list.push(mailbox.to_address(context, sink)));
    list
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_fws(&mut self) {
        while self.peek().is_some_and(is_fws) {
            self.at += 1;
        }
    }

    /// Moves behind the characters of `class` that stand here.
    fn run(&mut self, class: u8) -> Option<&'a str> {
        let rest = self.rest();
        let len = rest.iter().position(|&c| !is(c, class)).unwrap_or(rest.len());
        let run = self.text.get(self.at..self.at + len)?;
        self.at += len;
        Some(run)
    }

    /// Moves behind `wanted`, if it stands here.
    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn mailbox(&mut self) -> Option<Mailbox<'a>> {
        match self.peek()? {
            b'"' => {
                let name = self.quoted()?;
                self.skip_fws();
                Some(Mailbox { name: Some(name), ..self.in_brackets()? })
            }
            b'<' => self.in_brackets(),
            _ => {
                let name_at = self.at;
                let Some(name) = self.words()? else { return self.bare() };
                let is_encoded = memchr::memchr(b'?', name.as_bytes()).is_some();
                Some(Mailbox { name: Some(name), is_encoded, name_at, ..self.in_brackets()? })
            }
        }
    }

    /// A quoted string that is not blank.
    fn quoted(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let name = self.run(QUOTED)?;
        self.take(b'"')?;
        name.bytes().any(|c| c != b' ').then_some(name)
    }

    /// Words with one space between each two, and moves to the angle bracket behind them; if they are an
    /// addr-spec instead, moves nowhere.
    fn words(&mut self) -> Option<Option<&'a str>> {
        let start = self.at;
        loop {
            self.run(WORD)?;
            let end = self.at;
            match self.rest() {
                [b'@', ..] => {
                    self.at = start;
                    return Some(None);
                }
                [b' ', c, ..] if is(*c, WORD) => self.at += 1,
                _ => {
                    self.skip_fws();
                    return self.text.get(start..end).filter(|name| !name.is_empty()).map(Some);
                }
            }
        }
    }

    fn in_brackets(&mut self) -> Option<Mailbox<'a>> {
        self.take(b'<')?;
        let mailbox = self.addr_spec()?;
        self.take(b'>')?;
        Some(mailbox)
    }

    /// An addr-spec alone; the comment behind it is its name.
    fn bare(&mut self) -> Option<Mailbox<'a>> {
        let mailbox = self.addr_spec()?;
        self.skip_fws();
        if self.take(b'(').is_none() {
            return Some(mailbox);
        }
        let comment = self.run(COMMENT)?.trim_matches(' ');
        self.take(b')')?;
        (!comment.is_empty()).then_some(Mailbox { name: Some(comment), ..mailbox })
    }

    /// A mailbox without a name.
    fn addr_spec(&mut self) -> Option<Mailbox<'a>> {
        let start = self.at;
        self.dot_atom()?;
        self.take(b'@')?;
        self.dot_atom()?;
        let address = self.text.get(start..self.at)?;
        Some(Mailbox { name: None, is_encoded: false, name_at: 0, address, address_at: start })
    }

    /// Atoms with one dot between each two.
    fn dot_atom(&mut self) -> Option<()> {
        let (mut dot, mut len) = (true, 0);
        for &c in self.rest() {
            match c {
                b'.' if dot => return None,
                b'.' => dot = true,
                c if is(c, ATOM) => dot = false,
                _ => break,
            }
            len += 1;
        }
        self.at += len;
        (!dot).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::chars::is_atext;
    use crate::base::{Rule, Span};
    use crate::header::Context;
    use crate::header::address::parse_slowly;

    /// Whether `raw` is plain; if so, the parser must read it so too, and find nothing odd.
    fn check(raw: &str) -> Result<bool, TestCaseError> {
        let (raw, context) = (raw.as_bytes(), Context::for_tests());
        let Some(summary) = survey(raw) else { return Ok(false) };
        let (mut found, mut found_slowly) = (Vec::<(Rule, Span)>::new(), Vec::new());
        let mut plain = Vec::new();
        each(raw, |mailbox| plain.push(mailbox.to_address(&context, &mut found)));
        let slowly = parse_slowly(raw, &context, &mut found_slowly, None);
        let text = raw.escape_ascii();
        prop_assert_eq!(plain.len(), summary.count);
        prop_assert_eq!(plain, slowly, "{}", text);
        prop_assert!(summary.is_encoded || found.is_empty(), "{}: {:?}", text, found);
        prop_assert_eq!(found, found_slowly, "{}", text);
        Ok(true)
    }

    #[test]
    fn tells_what_is_plain() {
        let plain = [
            "",
            " \r\n ",
            "joe@x.com",
            " joe.blow+a=b@x-y.com ",
            "<joe@x.com>",
            "Joe Q. Blow <joe@x.com>",
            "Joe\r\n <joe@x.com>,\r\n\t\"Blow, <Ann> (:;\"<ann@x> ,b@y",
            "[Joe] J' =# <joe@x.com>",
            "joe@x.com ( Joe Blow )",
            "joe@x.com(Joe), ann@x (Ann)",
            "=?utf-8?q?J=C3=B6?= B =?utf-8?B?w7Y=?= <joe@x.com>",
            "=?utf-8?q?_?= <joe@x.com>",
            "=?utf-8?q?ann=40x?= <joe@x.com>, Joe? <joe@x.com>",
            "=?x?q?Joe <joe@x.com>",
        ];
        let others = [
            ",",
            "joe",
            "Joe <joe>",
            "joe@x.com,",
            "joe@x.com, , ann@x",
            "joe @x.com",
            "joe@x.com ann@x",
            "joe@x.com <joe@x.com>",
            "\"joe@x.com\" <joe@x.com>",
            "\"\" <joe@x.com>",
            "\"  \" <joe@x.com>",
            "\"a\\\"b\" <joe@x.com>",
            "\"a\" b <joe@x.com>",
            "\"a\"@x.com",
            "Joe  Blow <joe@x.com>",
            "Joe\tBlow <joe@x.com>",
            "Joe <joe@x.com> (home)",
            "Joe <joe@x.com>>",
            "<<joe@x.com>",
            "< joe@x.com>",
            "<>",
            "=?utf-8?q?Joe,?= <joe@x.com>",
            "=?utf-8?q?Joe?=  B <joe@x.com>",
            "joe?@x.com",
            "joe@x.com (=?utf-8?q?Joe?=)",
            "joe@x.com ()",
            "joe@x.com (a(b))",
            "joe@x.com (Joe) more",
            ".joe@x.com",
            "joe.@x.com",
            "joe..blow@x.com",
            "joe@x..com",
            "joe@x.com.",
            "joe@[192.0.2.1]",
            "joe@x@y",
            "joe@x.com; ann@x",
            "g: joe@x.com;",
            "J\u{f6} <joe@x.com>",
            "j\u{f6}@x.com",
            "Joe\u{7f} <joe@x.com>",
        ];
        for raw in plain {
            assert!(check(raw).expect("as the parser reads it"), "{raw:?}");
        }
        for raw in others {
            assert!(!check(raw).expect("as the parser reads it"), "{raw:?}");
        }
        assert_eq!(survey(b"a@x, B <b@x>"), Some(Summary { count: 2, is_encoded: false }));
        assert_eq!(survey(b"a@x, =?b <b@x>"), Some(Summary { count: 2, is_encoded: true }));
    }

    #[test]
    fn atoms_are_atext() {
        for c in 0..=255u8 {
            assert_eq!(is(c, ATOM), is_atext(c) && c != b'?', "{c}");
        }
    }

    proptest! {
        #[test]
        fn any_field(raw in "[<>()\"\\\\,;:@. a=?\\[\r\n\u{E9}]{0,12}") {
            check(&raw)?;
        }

        #[test]
        fn fields_of_common_shape(
            list in prop::collection::vec(
                "[ \t]?(\"[ -~]{0,8}\"|[ -~]{0,8}|(=\\?(utf-8|x)\\?[qb]\\?[a-z0-9=_@?]{0,8}\\?= ?){1,3}|[a-z.]{1,3}( [a-z]{1,3}){0,2}|) ?(<[!-~]{0,5}>|<[a-z.]{1,4}@[a-z.]{1,4}>|[a-z.]{1,4}@[a-z.]{1,4})( ?\\([ -~]{0,5}\\))?",
                0..4,
            ),
            between in prop::sample::select(vec![",", ", ", ",\r\n ", " ,\n\t", " "]),
        ) {
            check(&list.join(between))?;
        }
    }
}
