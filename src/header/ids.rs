//! Message-ids (RFC 5322 §3.6.4): Message-ID, In-Reply-To, References, Content-ID.
//!
//! Takes what stands in angle brackets, as all threading programs do: comments and white space
//! inside go (§4.5.4), quoted local parts stay as they are. Only where nothing is in brackets,
//! words without them are ids. Never fails; time is linear in the input. Does not check that an id
//! is one: `<x>` is the id `x`. Octets that are no UTF-8 become U+FFFD.
//!
//! May use: base.

use std::borrow::Cow;

use super::lex::{skip_comment, skip_quoted};
use crate::base::chars::{is_fws, is_wsp};

/// The message-ids of a field body, in order, without their angle brackets; empty ones are left
/// out.
pub fn parse(raw: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    each(raw, |id| ids.push(id.to_owned()));
    ids
}

/// The first of them.
pub fn first(raw: &[u8]) -> Option<Cow<'_, str>> {
    let mut reader = Reader { raw, at: 0, balanced: true };
    let mut ids = std::iter::from_fn(|| reader.bracketed()).peekable();
    if ids.peek().is_none() {
        return bare(raw).next();
    }
    ids.find(|id| !id.is_empty())
}

/// Hands each of them to `id`, without making a list.
pub fn each(raw: &[u8], mut id: impl FnMut(&str)) {
    let mut reader = Reader { raw, at: 0, balanced: true };
    let mut any = false;
    while let Some(found) = reader.bracketed() {
        any = true;
        if !found.is_empty() {
            id(&found);
        }
    }
    if !any {
        bare(raw).for_each(|found| id(&found));
    }
}

/// Ids without brackets: the words with an `@`, or all of the body if it is one word.
///
/// QUIRK: old In-Reply-To fields hold prose (`Your message of Tuesday`), which names no message.
fn bare(raw: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    let mut words = raw
        .split(|&c| is_fws(c) || c == b',' || c == b'>')
        .filter(|word| !word.is_empty())
        .peekable();
    let first = words.next();
    let only = words.peek().is_none();
    let ids = first.into_iter().chain(words).filter(move |word| only || word.contains(&b'@'));
    ids.map(text_of)
}

/// The text of an id, in which octets that are no UTF-8 become U+FFFD.
fn text_of(octets: &[u8]) -> Cow<'_, str> {
    // Sooner than `from_utf8_lossy` can tell.
    std::str::from_utf8(octets).map_or_else(|_| String::from_utf8_lossy(octets), Cow::Borrowed)
}

struct Reader<'a> {
    raw: &'a [u8],
    at: usize,
    /// Until a quoted string or comment was never closed; then quotes and parentheses are nothing
    /// special any more, so that nobody looks for their ends again and again.
    balanced: bool,
}

impl<'a> Reader<'a> {
    /// The next id in brackets.
    fn bracketed(&mut self) -> Option<Cow<'a, str>> {
        while let Some(&c) = self.raw.get(self.at) {
            match c {
                b'<' => return Some(self.id()),
                b'(' => self.skip(skip_comment),
                b'"' => self.skip(skip_quoted),
                _ => self.at += 1,
            }
        }
        None
    }

    /// Moves behind what begins here, if it is ever closed, else one octet on.
    fn skip(&mut self, skip: fn(&[u8], usize) -> (usize, bool)) {
        let found = if self.balanced { skip(self.raw, self.at) } else { (self.at, false) };
        self.balanced = found.1;
        self.at = if found.1 { found.0 } else { self.at + 1 };
    }

    /// The id that begins here, with its bracket. One that is not closed ends where the next
    /// begins.
    fn id(&mut self) -> Cow<'a, str> {
        self.at += 1;
        let rest = self.raw.get(self.at..).unwrap_or_default();
        let plain = rest.iter().position(|&c| is_fws(c) || matches!(c, b'<' | b'>' | b'(' | b'"'));
        if let Some(len) = plain.filter(|&len| rest[len] == b'>') {
            self.at += len + 1;
            return text_of(&rest[..len]);
        }
        self.broken_id()
    }

    /// The same with white space, comments or quoted strings in it, or without its closing bracket.
    fn broken_id(&mut self) -> Cow<'a, str> {
        let mut id = Vec::new();
        while let Some(&c) = self.raw.get(self.at) {
            let start = self.at;
            match c {
                b'>' => {
                    self.at += 1;
                    break;
                }
                b'<' => break,
                b'(' => {
                    self.skip(skip_comment);
                    if self.balanced {
                        continue;
                    }
                }
                b'"' => self.skip(skip_quoted),
                _ => self.at += 1,
            }
            // Only in a quoted string, which is more than one octet, white space means something.
            let kept = |&c: &u8| !is_fws(c) || self.at - start > 1 && is_wsp(c);
            id.extend(self.raw[start..self.at].iter().copied().filter(kept));
        }
        Cow::Owned(String::from_utf8_lossy(&id).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_ids() {
        let cases: &[(&str, &[u8], &[&str])] = &[
            ("one", b" <a.b@c.d>\r\n", &["a.b@c.d"]),
            ("several", b"<a@b> <c@d>\r\n\t<e@f>", &["a@b", "c@d", "e@f"]),
            ("touching, commas", b"<a@b><c@d>,<e@f>", &["a@b", "c@d", "e@f"]),
            ("obsolete spaces and comments", b"<1 @ x(blah) .y .z>", &["1@x.y.z"]),
            ("a fold inside", b"<a\r\n b@c>", &["ab@c"]),
            ("a quoted local part", b"<\"a >b\"@c>", &["\"a >b\"@c"]),
            ("a domain literal", b"<a@[1.2.3.4]>", &["a@[1.2.3.4]"]),
            ("without an @", b"<a>", &["a"]),
            ("prose around", b"Your mail of \"<no@o>\" (<no@o>) a@b <c@d>", &["c@d"]),
            ("only prose", b"Your message of Tuesday", &[]),
            ("prose with addresses", b"message of a@b from Tuesday", &["a@b"]),
            ("bare", b" a@b c@d\r\n", &["a@b", "c@d"]),
            ("bare, without an @", b" abc ", &["abc"]),
            ("never closed", b"<a@b <c@d", &["a@b", "c@d"]),
            ("never opened", b"a@b>", &["a@b"]),
            ("unbalanced parenthesis", b"(x <a@b> <c(d@e>", &["a@b", "c(d@e"]),
            ("empty", b" <> ", &[]),
            ("nothing", b"", &[]),
            ("no text", b"<\xFF@x>", &["\u{FFFD}@x"]),
        ];
        for &(name, raw, expected) in cases {
            assert_eq!(parse(raw), expected, "{name}");
            assert_eq!(first(raw).as_deref(), expected.first().copied(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read(raw in "[<>()\"\\\\a@. \r\n]{0,60}") {
            parse(raw.as_bytes());
        }

        #[test]
        fn ids_are_found_again(ids in proptest::collection::vec("[a-z0-9.$_-]{1,9}@[a-z.]{1,9}", 0..5)) {
            let raw: String = ids.iter().map(|id| format!("<{id}>\r\n ")).collect();
            prop_assert_eq!(parse(raw.as_bytes()), ids);
        }
    }
}
