//! HTML cut into tags and text as it comes, in one pass and bounded memory.
//!
//! Knows as much of HTML's tokens as is needed to see the tags that browsers see: quotes in attributes,
//! comments, the elements whose content is no markup. Makes no tree. What is not ASCII is passed on as
//! it stands.
//!
//! LIMIT: of a tag 16 KiB are kept. A tag that never ends is none, as in browsers. Time is linear.
//!
//! May use: base.

use std::borrow::Cow;

/// LIMIT: octets of a tag that are kept.
const TAG: usize = 16 * 1024;

/// Elements that hold text, whatever it looks like, and what ends them.
const RAW: &[(&[u8], &[u8])] = &[
    (b"script", b"</script"),
    (b"style", b"</style"),
    (b"title", b"</title"),
    (b"textarea", b"</textarea"),
    (b"xmp", b"</xmp"),
    (b"noframes", b"</noframes"),
];

/// What a scanner finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A tag whose `<` is the octet `start` of the text, and that ends before `end`; its octets
    /// between the brackets.
    Tag { start: u64, end: u64, tag: &'a [u8] },
    /// A piece of text, or of what stands in an element that holds no markup.
    Text(&'a [u8]),
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Text,
    /// Behind a `<`.
    Open,
    /// In a tag, inside such quotes.
    Tag(Option<u8>),
    /// Behind `<!` and so many hyphens.
    Declaration(u8),
    /// In a comment, behind so many hyphens.
    Comment(u8),
    /// In what ends at the next `>`.
    Bogus,
    /// In the element `RAW[_.0]`, of whose end so many octets have come.
    Raw(usize, usize),
}

/// Cuts one text.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    tag: Vec<u8>,
    /// Where the tag begins.
    start: u64,
    /// Octets that have come.
    offset: u64,
}

impl Scanner {
    /// Takes the next piece of the text.
    pub(super) fn feed(&mut self, text: &[u8], sink: &mut impl FnMut(Event<'_>)) {
        let mut rest = text;
        while let Some(&first) = rest.first() {
            let taken = match self.state {
                State::Text => self.text(rest, sink),
                State::Open => self.open(rest, sink),
                State::Tag(quote) => self.tag(rest, quote, sink),
                State::Declaration(hyphens) => self.declaration(first, hyphens),
                State::Comment(hyphens) => self.comment(rest, hyphens),
                State::Bogus => self.bogus(rest),
                State::Raw(element, matched) => self.raw(rest, element, matched, sink),
            };
            self.offset += taken as u64;
            rest = &rest[taken..];
        }
    }

    /// Where the tag begins that is being read, if one is.
    pub(super) fn open_at(&self) -> Option<u64> {
        let is_open = matches!(self.state, State::Open | State::Tag(_) | State::Raw(_, 1..));
        is_open.then_some(self.start)
    }

    fn text(&mut self, rest: &[u8], sink: &mut impl FnMut(Event<'_>)) -> usize {
        let end = memchr::memchr(b'<', rest);
        let text = &rest[..end.unwrap_or(rest.len())];
        if !text.is_empty() {
            sink(Event::Text(text));
        }
        if end.is_some() {
            self.start = self.offset + text.len() as u64;
            self.state = State::Open;
        }
        text.len() + usize::from(end.is_some())
    }

    fn open(&mut self, rest: &[u8], sink: &mut impl FnMut(Event<'_>)) -> usize {
        self.tag.clear();
        match rest[0] {
            b'a'..=b'z' | b'A'..=b'Z' | b'/' => {
                // Most tags are all here.
                if let Some(len) = whole(rest) {
                    self.end_of_tag(&rest[..len], self.offset + len as u64 + 1, sink);
                    return len + 1;
                }
                self.state = State::Tag(None);
            }
            b'!' => {
                self.state = State::Declaration(0);
                return 1;
            }
            b'?' => self.state = State::Bogus,
            _ => {
                sink(Event::Text(b"<"));
                self.state = State::Text;
            }
        }
        0
    }

    fn tag(&mut self, rest: &[u8], quote: Option<u8>, sink: &mut impl FnMut(Event<'_>)) -> usize {
        let end = match quote {
            Some(quote) => memchr::memchr(quote, rest),
            None => memchr::memchr3(b'>', b'"', b'\'', rest),
        };
        self.keep(&rest[..end.unwrap_or(rest.len())]);
        let Some(end) = end else { return rest.len() };
        if rest[end] == b'>' && quote.is_none() {
            let tag = std::mem::take(&mut self.tag);
            self.end_of_tag(&tag, self.offset + end as u64 + 1, sink);
            self.tag = tag;
            return end + 1;
        }
        let opens = quote.is_none() && opens_value(&self.tag) && self.tag.len() < TAG;
        self.keep(&rest[end..=end]);
        self.state = State::Tag(opens.then_some(rest[end]));
        end + 1
    }

    fn keep(&mut self, octets: &[u8]) {
        let room = TAG - self.tag.len().min(TAG);
        self.tag.extend_from_slice(&octets[..octets.len().min(room)]);
    }

    fn end_of_tag(&mut self, tag: &[u8], end: u64, sink: &mut impl FnMut(Event<'_>)) {
        sink(Event::Tag { start: self.start, end, tag });
        let name = name(tag);
        let raw = RAW.iter().position(|(raw, _)| raw.eq_ignore_ascii_case(name));
        self.state = raw.map_or(State::Text, |element| State::Raw(element, 0));
    }

    fn declaration(&mut self, first: u8, hyphens: u8) -> usize {
        self.state = match (first, hyphens) {
            (b'-', 0) => State::Declaration(1),
            // `<!-->` is a whole comment.
            (b'-', _) => State::Comment(2),
            _ => State::Bogus,
        };
        usize::from(first == b'-')
    }

    fn comment(&mut self, rest: &[u8], hyphens: u8) -> usize {
        if hyphens == 0 {
            let end = memchr::memchr(b'-', rest);
            self.state = State::Comment(u8::from(end.is_some()));
            return end.map_or(rest.len(), |end| end + 1);
        }
        self.state = match rest[0] {
            b'-' => State::Comment((hyphens + 1).min(2)),
            b'>' if hyphens == 2 => State::Text,
            // `--!>` ends one as well.
            b'!' if hyphens == 2 => State::Comment(2),
            _ => State::Comment(0),
        };
        1
    }

    fn bogus(&mut self, rest: &[u8]) -> usize {
        match memchr::memchr(b'>', rest) {
            Some(end) => {
                self.state = State::Text;
                end + 1
            }
            None => rest.len(),
        }
    }

    fn raw(
        &mut self,
        rest: &[u8],
        element: usize,
        matched: usize,
        sink: &mut impl FnMut(Event<'_>),
    ) -> usize {
        let end = RAW[element].1;
        if matched == 0 {
            let at = memchr::memchr(b'<', rest);
            let text = &rest[..at.unwrap_or(rest.len())];
            if !text.is_empty() {
                sink(Event::Text(text));
            }
            self.start = self.offset + text.len() as u64;
            self.state = State::Raw(element, usize::from(at.is_some()));
            return text.len() + usize::from(at.is_some());
        }
        if matched == end.len() {
            self.tag.clear();
            self.keep(&end[1..]);
            self.state = State::Tag(None);
            return 0;
        }
        let goes_on = rest[0].eq_ignore_ascii_case(&end[matched]);
        self.state = State::Raw(element, if goes_on { matched + 1 } else { 0 });
        usize::from(goes_on)
    }
}

/// Whether a quote behind these octets of a tag opens a value.
fn opens_value(tag: &[u8]) -> bool {
    tag.iter().rfind(|c| !c.is_ascii_whitespace()) == Some(&b'=')
}

/// The length of the tag that these octets begin with, if its end is among them and it is kept whole.
fn whole(octets: &[u8]) -> Option<usize> {
    let octets = &octets[..octets.len().min(TAG)];
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &octets[at..])?;
        if octets[at] == b'>' {
            return Some(at);
        }
        if opens_value(&octets[..at]) {
            at += 1 + memchr::memchr(octets[at], &octets[at + 1..])?;
        }
        at += 1;
    }
}

/// The name of a tag; that of an end tag with its slash.
pub(super) fn name(tag: &[u8]) -> &[u8] {
    let is_end = |&c: &u8| c.is_ascii_whitespace() || c == b'/';
    let start = usize::from(tag.first() == Some(&b'/'));
    let end = tag[start..].iter().position(is_end).map_or(tag.len(), |at| start + at);
    &tag[..end]
}

/// LIMIT: octets of a name of a tag or an attribute; longer ones are none that is known.
const NAME: usize = 24;

/// A name in lower case, without room of its own on the heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lower([u8; NAME], usize);

impl Lower {
    /// The name; empty if it is too long, or is no text.
    pub(super) fn of(name: &[u8]) -> Lower {
        let mut lower = [0; NAME];
        let len = if name.len() > NAME { 0 } else { name.len() };
        lower[..len].copy_from_slice(&name[..len]);
        lower.make_ascii_lowercase();
        Lower(lower, len)
    }

    /// The same as text.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.0[..self.1]).unwrap_or_default()
    }
}

/// Calls `each` with the attributes of a tag, in order: the name in lower case, and the value as it is
/// written, for [`text`].
pub(super) fn attributes(tag: &[u8], mut each: impl FnMut(&str, &[u8])) {
    let is_gap = |c: &u8| c.is_ascii_whitespace() || *c == b'/';
    let mut rest = &tag[name(tag).len()..];
    loop {
        rest = &rest[rest.iter().take_while(|&c| is_gap(c)).count()..];
        if rest.is_empty() {
            return;
        }
        let end = rest.iter().skip(1).position(|c| is_gap(c) || *c == b'=').map(|at| at + 1);
        let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let (value, behind) = value(behind);
        each(Lower::of(name).text(), value);
        rest = behind;
    }
}

/// The value of an attribute, or a text, with its character references undone.
pub(super) fn text(value: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(value);
    if text.contains('&') { Cow::Owned(unreferenced(&text)) } else { text }
}

/// What stands behind the name of an attribute: its value, and what follows.
fn value(rest: &[u8]) -> (&[u8], &[u8]) {
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"=") else { return (b"", rest) };
    let rest = rest.trim_ascii_start();
    match rest.first() {
        Some(&quote @ (b'"' | b'\'')) => {
            let rest = &rest[1..];
            let end = memchr::memchr(quote, rest).unwrap_or(rest.len());
            (&rest[..end], rest.get(end + 1..).unwrap_or_default())
        }
        _ => {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            rest.split_at(end)
        }
    }
}

/// A text without the character references that stand in URLs and names of hosts.
fn unreferenced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((c, len)) => {
                out.push(c);
                rest = &rest[len..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The character that a reference at the start of `text` stands for, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("shy", '\u{ad}'),
        ("zwnj", '\u{200c}'),
        ("zwj", '\u{200d}'),
        ("colon", ':'),
        ("sol", '/'),
        ("period", '.'),
        ("commat", '@'),
        ("lpar", '('),
        ("rpar", ')'),
        ("Tab", '\t'),
        ("NewLine", '\n'),
    ];
    let body = &text[1..];
    let Some(digits) = body.strip_prefix('#') else {
        let (name, c) = NAMED.iter().find(|(name, _)| {
            body.strip_prefix(name).is_some_and(|behind| behind.starts_with(';'))
        })?;
        return Some((*c, name.len() + 2));
    };
    let (digits, radix, before) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 3),
        None => (digits, 10, 2),
    };
    let len = digits.bytes().take_while(|&c| char::from(c).is_digit(radix)).count();
    let value = digits[..len].trim_start_matches('0');
    let code = u32::from_str_radix(value, radix).ok();
    let c = code.and_then(char::from_u32).unwrap_or('\u{fffd}');
    let semicolon = usize::from(digits[len..].starts_with(';'));
    (len > 0).then_some((c, before + len + semicolon))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tags in brackets with where they stand, texts joined.
    fn scanned(text: &[u8], piece: usize) -> String {
        let mut out = Vec::new();
        let mut scanner = Scanner::default();
        for piece in text.chunks(piece) {
            scanner.feed(piece, &mut |event| match event {
                Event::Tag { start, end, tag } => {
                    out.extend_from_slice(format!("[{start}-{end} ").as_bytes());
                    out.extend_from_slice(tag);
                    out.push(b']');
                }
                Event::Text(text) => out.extend_from_slice(text),
            });
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    const CASES: &[(&str, &str)] = &[
        ("a<b>c</b>d", "a[1-4 b]c[5-9 /b]d"),
        ("<a title=\"x>y\" href='>'>t", "[0-24 a title=\"x>y\" href='>']t"),
        ("<a b'c>d'>", "[0-7 a b'c]d'>"),
        ("1 < 2 <3", "1 < 2 <3"),
        ("<!-- <a> -->b<!-->c<!--->d<!--e--!>f", "bcdf"),
        ("<!doctype html><?xml ?>b", "b"),
        ("<script>a<b '</scrip </SCRIPT >c", "[0-8 script]ab ' [21-31 /script ]c"),
        ("<style>p{}</style>q", "[0-7 style]p{}[10-18 /style]q"),
        ("a<b", "a"),
        ("<a href=\"x>", ""),
    ];

    #[test]
    fn tags_are_those_that_browsers_see() {
        for &(text, expected) in CASES {
            for piece in [1, 2, 3, 100] {
                assert_eq!(scanned(text.as_bytes(), piece), expected, "{text}");
            }
        }
    }

    #[test]
    fn attributes_are_cut() {
        let cases: &[(&str, &str)] = &[
            ("a href=x", "href=x;"),
            ("a HREF = 'x y' b c=\"&#x68;&#116;tp&colon;\"/", "href=x y;b=;c=http:;"),
            ("img/src=x/y/alt=z w", "src=x/y/alt=z;w=;"),
            ("a =b=c", "=b=c;"),
            ("a href=\"x", "href=x;"),
            ("a b=\"&amp;&am;&#;&#0;&#x110000;&\"", "b=&&am;&#;\u{fffd}\u{fffd}&;"),
        ];
        for &(tag, expected) in cases {
            let mut out = String::new();
            attributes(tag.as_bytes(), |name, value| {
                out += &format!("{name}={};", text(value));
            });
            assert_eq!(out, expected, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut_alike_however_it_comes(
            pieces in prop::collection::vec(
                prop::sample::select(&[
                    "<", ">", "a", "/", "!", "-", "--", "\"", "'", "=", " ", "<script>", "</script>",
                    "<a href=", "<!--", "-->", "?", "&#", "\u{fc}",
                ][..]),
                0..40,
            ),
            piece in 1usize..5,
        ) {
            let text = pieces.concat();
            prop_assert_eq!(scanned(text.as_bytes(), piece), scanned(text.as_bytes(), usize::MAX));
            attributes(text.as_bytes(), |_, _| {});
        }
    }
}
