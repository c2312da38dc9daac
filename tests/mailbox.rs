//! The laws of mailboxes: what holds of every walk holds of an mbox or MMDF mailbox too, whatever its
//! Content-Length fields say and however it is damaged; and a mailbox may be cut where a message
//! begins.

mod common;

use common::{Item, corpus, files, octets};
use proptest::prelude::*;
use septet::base::{Limits, Rule, Sink, Span};
use septet::walk::{
    Event, Kind, Options, Reader, Separator, Tokens, first_message_start, last_message_start,
};

const FROM: &str = "From a@b.example Mon Jan  1 00:00:00 2024\n";
const SOH: &str = "\x01\x01\x01\x01\n";

/// What a count in a Content-Length field is to be.
#[derive(Clone, Copy, Debug)]
enum Count {
    None,
    True,
    Off(i64),
    Text(&'static str),
}

fn count() -> impl Strategy<Value = Count> {
    prop_oneof![
        3 => Just(Count::None),
        3 => Just(Count::True),
        2 => (-3i64..4).prop_map(Count::Off),
        1 => prop::sample::select(&["-1", "0", "99999999999999999999", "9000000000", "x", ""][..])
            .prop_map(Count::Text),
    ]
}

/// A body of lines that matter to a mailbox.
fn body() -> impl Strategy<Value = String> {
    let line = prop::sample::select(
        &[
            "\n",
            "\n",
            "text\n",
            "A: b\n",
            "Subject: x\n",
            " more\n",
            "From now on\n",
            "From nobody\n",
            "From nobody\nSubject: x\nTo: b\n",
            ">From a\n",
            "--b\n",
            "--b--\n",
            FROM,
            "\nFrom a@b.example Mon Jan  1 00:00:00 2024\nA: b\nC: d\n",
            "\nFrom a Mon Jan  1 10:00\nTo: b\nA: b\n",
            SOH,
            "\x01\n",
            "\0\n",
            "x",
        ][..],
    );
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

fn message() -> impl Strategy<Value = String> {
    let header = prop::sample::select(
        &[
            "Subject: x\n",
            "A: b\nTo: c\n",
            "A: b\n\tfolded\n",
            "",
            "junk\nA: b\n",
            "Content-Type: multipart/mixed; boundary=b\n",
            "Content-Type: message/rfc822\n",
            "A: b\nFrom a@b.example Mon Jan  1 00:00:00 2024\nTo: c\n",
        ][..],
    );
    (header, body(), count()).prop_map(|(header, body, count)| {
        let len = match count {
            Count::None => return format!("{header}\n{body}"),
            Count::True => body.len().to_string(),
            Count::Off(off) => (body.len() as i64 + off).to_string(),
            Count::Text(text) => text.to_owned(),
        };
        format!("{header}Content-Length: {len}\n\n{body}")
    })
}

/// A mailbox, perhaps with other line ends, perhaps cut off at the end.
fn mailbox() -> impl Strategy<Value = Vec<u8>> {
    let messages = prop::collection::vec((message(), any::<bool>()), 1..5);
    let line_end = prop::sample::select(&["\n", "\n", "\r\n", "\r\r\n", "\r"][..]);
    (messages, any::<bool>(), line_end, prop_oneof![3 => Just(0usize), 1 => 0usize..20]).prop_map(
        |(messages, is_mmdf, line_end, lost)| {
            let mut text = String::new();
            for (message, empty_line) in messages {
                text += &match is_mmdf {
                    true => format!("{SOH}{message}{SOH}"),
                    false => format!("{FROM}{message}{}", if empty_line { "\n" } else { "" }),
                };
            }
            let mut octets = text.replace('\n', line_end).into_bytes();
            octets.truncate(octets.len().saturating_sub(lost));
            octets
        },
    )
}

/// The items of a walk, and its findings in an order that does not depend on the cut.
type Walk = (Vec<Item>, Vec<(Span, Rule)>);

struct Found(Vec<(Span, Rule)>);

impl Sink for Found {
    fn report(&mut self, rule: Rule, span: Span) {
        self.0.push((span, rule));
    }
}

fn walk(text: &[u8], limits: Limits, separator: Separator) -> Walk {
    let options = Options { separator, near_misses: false };
    let mut found = Found(Vec::new());
    let mut items = Vec::new();
    for event in Tokens::with_sink(text, limits, options, &mut found) {
        common::push(&mut items, event);
    }
    found.0.sort();
    (items, found.0)
}

fn walk_cut(text: &[u8], sizes: &[usize], limits: Limits, separator: Separator) -> Walk {
    let options = Options { separator, near_misses: false };
    let mut reader = Reader::new(common::Cut { text, sizes, at: 0 }, limits, options);
    let mut found = Found(Vec::new());
    let mut items = Vec::new();
    while let Some(event) = reader.next(&mut found).expect("reading from memory") {
        common::push(&mut items, event);
    }
    found.0.sort();
    (items, found.0)
}

/// The octets of each message, without what separates it from the others.
fn messages(text: &[u8], separator: Separator) -> Vec<Vec<u8>> {
    let options = Options { separator, near_misses: false };
    let mut messages = Vec::new();
    let mut is_open = false;
    for event in Tokens::new(text, Limits::default(), options) {
        match event {
            Event::Enter(_) if !is_open => {
                is_open = true;
                messages.push(Vec::new());
            }
            Event::EndOfMessage => is_open = false,
            Event::Token(token) if !matches!(token.kind, Kind::Gap | Kind::Separator) => {
                messages.last_mut().expect("a message").extend_from_slice(token.octets);
            }
            _ => {}
        }
    }
    messages
}

fn has_count(text: &[u8]) -> bool {
    text.windows(15).any(|name| name.eq_ignore_ascii_case(b"content-length:"))
}

/// Cut at a place that is said to be the start of a message, a mailbox holds the same messages.
fn assert_cut(text: &[u8], at: usize, separator: Separator) {
    let mut halves = messages(&text[..at], separator);
    halves.extend(messages(&text[at..], separator));
    assert_eq!(halves, messages(text, separator), "cut at {at}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws(text in mailbox(), sizes in prop::collection::vec(1usize..40, 1..4)) {
        for separator in [Separator::of(&text), Separator::From, Separator::Mmdf] {
            for limits in [Limits::default(), Limits { field: 24, header: 64, ..Limits::default() }] {
                let whole = walk(&text, limits, separator);
                prop_assert_eq!(octets(&whole.0), &text[..]);
                prop_assert_eq!(&walk_cut(&text, &[1], limits, separator), &whole);
                prop_assert_eq!(&walk_cut(&text, &sizes, limits, separator), &whole);
            }
        }
    }

    #[test]
    fn a_mailbox_may_be_cut_where_a_message_begins(
        text in mailbox(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
    ) {
        // A true count has the last word, and lines that end with CR alone are not looked for.
        let text = common::replace(&text, b"Content-Length", b"Content-Number");
        if !text.contains(&b'\n') {
            return Ok(());
        }
        for separator in [Separator::From, Separator::Mmdf] {
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            let (from, to) = (from.min(to), from.max(to));
            let stretch = &text[from..to];
            let first = first_message_start(stretch, separator, false);
            let last = last_message_start(stretch, separator);
            prop_assert_eq!(first.is_some(), last.is_some());
            for at in [first, last].into_iter().flatten() {
                assert_cut(&text, from + at, separator);
            }
        }
    }
}

/// Where the messages of real mboxes begin, looked for in stretches of them, and by the walk.
#[test]
fn the_corpus_is_cut_where_its_messages_begin() {
    let Some(folder) = corpus("hard") else { return };
    let mut count = 0;
    for path in files(&folder) {
        let text = std::fs::read(&path).expect("a file of the corpus");
        let separator = Separator::of(&text);
        if separator == Separator::None || has_count(&text) {
            continue;
        }
        for stretch in 1..8 {
            let end = text.len() * stretch / 8;
            if let Some(at) = last_message_start(&text[..end], separator) {
                assert_cut(&text, at, separator);
                count += 1;
            }
        }
    }
    println!("{count} cuts");
}

/// A body full of lines that might be separators, and a count that is true, false, or out of reach,
/// are read in linear time: this takes hours otherwise.
#[test]
fn many_candidates() {
    let line = "\nFrom a@b.example Mon Jan  1 00:00:00 2024\nA: b\nC: d\n";
    let body = line.repeat(40_000);
    for len in [body.len(), body.len() - 1, 1 << 20, (1 << 20) - 60, 1] {
        let text = format!("{FROM}Content-Length: {len}\n\n{body}");
        let options = Options { separator: Separator::From, near_misses: false };
        let mut reader = Reader::new(text.as_bytes(), Limits::default(), options);
        let mut octets = 0;
        while let Some(event) = reader.next(&mut ()).expect("reading from memory") {
            if let Event::Token(token) = event {
                octets += token.octets.len();
            }
        }
        assert_eq!(octets, text.len());
    }
}
