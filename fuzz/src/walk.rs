//! The laws of the walk: the tokens are a partition of the input, parts are entered and left like
//! brackets, limits hold, and none of it, nor what is found on the way, depends on the cut.

use septet::base::{Limits, Rule, Sink, Span};
use septet::walk::{Event, Kind, Options, Part, Reader, Step, Token, Tokens, Walker};

use crate::Input;

/// Octets that the machine may ask for beyond the longest field, once it knows the line end.
const LOOK_AHEAD: usize = 4096;

/// Octets that it may ask for to find out what a line end is.
const PROBE: usize = 64 * 1024;

/// Holds the laws of the walk against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let (limits, options) = (input.limits(), input.options());
    let whole = Walk::over_slice(input.text, limits, options);
    whole.check(input.text, &limits);
    let cut = Walk::over_reader(&input, limits, options);
    assert_eq!(cut.items, whole.items, "in pieces of {:?}", input.sizes);
    assert_eq!(cut.findings(), whole.findings(), "in pieces of {:?}", input.sizes);
    let starved = Walk::starved(input.text, limits, options);
    assert_eq!(starved.items, whole.items, "octet by octet");
    assert_eq!(starved.findings(), whole.findings(), "octet by octet");
}

/// An event in a form that can be kept.
#[derive(Debug, PartialEq, Eq)]
enum Item {
    Enter(Part),
    Headed(Part),
    Leave(Part),
    Token(Kind, u32, Vec<u8>),
    Next,
}

impl Item {
    fn of(event: Event<'_>) -> Item {
        match event {
            Event::Enter(part) => Item::Enter(part),
            Event::Headed(part) => Item::Headed(part),
            Event::Leave(part) => Item::Leave(part),
            Event::Token(Token { kind, part, octets, .. }) => {
                Item::Token(kind, part, octets.to_vec())
            }
            Event::EndOfMessage => Item::Next,
        }
    }
}

/// All that a walk gave.
#[derive(Debug, Default)]
struct Walk {
    items: Vec<Item>,
    found: Found,
}

/// The findings as they came.
#[derive(Debug, Default)]
struct Found {
    part: u32,
    all: Vec<(u32, Rule, Span)>,
}

impl Sink for Found {
    fn report(&mut self, rule: Rule, span: Span) {
        self.all.push((self.part, rule, span));
    }

    fn part(&mut self, index: u32) {
        self.part = index;
    }
}

impl Walk {
    fn over_slice(text: &[u8], limits: Limits, options: Options) -> Walk {
        let mut walk = Walk::default();
        let mut found = Found::default();
        for event in Tokens::with_sink(text, limits, options, &mut found) {
            walk.add(Item::of(event));
        }
        Walk { found, ..walk }
    }

    /// The walk over what comes in pieces, with a reader that has been used before.
    fn over_reader(input: &Input<'_>, limits: Limits, options: Options) -> Walk {
        let mut reader = Reader::new(input.reader(), limits, options);
        let (mut first, mut second) = (Walk::default(), Walk::default());
        first.read(&mut reader);
        reader.reset(input.reader());
        second.read(&mut reader);
        assert_eq!(second.items, first.items, "with the reader reset");
        second
    }

    fn read<R: std::io::Read>(&mut self, reader: &mut Reader<R>) {
        while let Some(event) = reader.next(&mut self.found).expect("reading from memory") {
            self.add(Item::of(event));
        }
    }

    /// The walk of a machine that is given one octet at a time, and only those that it asks for.
    fn starved(text: &[u8], limits: Limits, options: Options) -> Walk {
        let mut walk = Walk::default();
        let mut walker = Walker::new(limits, options);
        let (mut start, mut end) = (0, 0);
        loop {
            let at_hand = &text[start..end];
            let step = walker.step(at_hand, end == text.len(), &mut walk.found);
            assert_eq!(walker.offset(), (start + taken(step)) as u64);
            let part = walker.part();
            match step {
                Step::NeedMore => {
                    assert!(at_hand.len() <= room(&limits).max(PROBE), "asks for too much");
                    assert!(end < text.len(), "asks for more at the end");
                    end += 1;
                    continue;
                }
                Step::Done => break,
                Step::EndOfMessage => {
                    walker.next_message();
                    walk.add(Item::Next);
                }
                Step::Enter => walk.add(Item::Enter(part)),
                Step::Headed => walk.add(Item::Headed(part)),
                Step::Leave => walk.add(Item::Leave(part)),
                Step::Token(kind, len) => {
                    walk.add(Item::Token(kind, part.index, at_hand[..len].to_vec()));
                }
            }
            start += taken(step);
        }
        assert_eq!(start, text.len(), "done before the end");
        walk
    }

    /// Adds what happened; a piece of a body is joined to the piece before it.
    fn add(&mut self, item: Item) {
        if let Item::Token(kind, part, octets) = &item
            && matches!(kind, Kind::Body | Kind::Preamble | Kind::Epilogue | Kind::Opaque)
            && let Some(Item::Token(last, of, before)) = self.items.last_mut()
            && (*last, *of) == (*kind, *part)
        {
            before.extend_from_slice(octets);
            return;
        }
        self.items.push(item);
    }

    /// The findings in an order that does not depend on how far the machine looked ahead.
    fn findings(&self) -> Vec<(u32, Rule, Span)> {
        let mut all = self.found.all.clone();
        all.sort_by_key(|&(part, rule, span)| (span, rule, part));
        all
    }

    /// What holds of every walk.
    fn check(&self, text: &[u8], limits: &Limits) {
        let mut rest = text;
        let mut open: Vec<Part> = Vec::new();
        let (mut parts, mut fields) = (0, 0);
        for item in &self.items {
            match item {
                Item::Enter(part) => {
                    assert_eq!(part.index, parts, "parts are numbered as they come");
                    assert_eq!(part.parent, open.last().map(|outer| outer.index));
                    assert_eq!(part.depth as usize, open.len());
                    assert!(part.depth <= limits.depth, "too deep");
                    (parts, fields) = (parts + 1, 0);
                    open.push(*part);
                }
                Item::Headed(part) => {
                    let before = open.pop().expect("an open part");
                    assert_eq!((before.index, before.parent), (part.index, part.parent));
                    open.push(*part);
                }
                Item::Leave(part) => assert_eq!(open.pop().as_ref(), Some(part)),
                Item::Next => {
                    assert!(open.is_empty(), "a message ends with a part open");
                    parts = 0;
                }
                Item::Token(kind, part, octets) => {
                    assert!(!octets.is_empty(), "an empty token");
                    rest = rest.strip_prefix(&octets[..]).expect("a partition of the input");
                    if !matches!(kind, Kind::Gap | Kind::Separator) {
                        assert_eq!(open.last().map(|top| top.index), Some(*part));
                    }
                    if matches!(kind, Kind::Field | Kind::Junk) {
                        fields += 1;
                        assert!(octets.len() <= limits.field, "a field over the limit");
                        assert!(fields <= limits.fields, "fields over the limit");
                    }
                }
            }
            // The part that meets the limit is entered, and a message opens one without a delimiter.
            assert!(parts <= limits.parts + limits.depth + 1, "parts over the limit");
        }
        assert!(open.is_empty() && rest.is_empty());
        for &(_, rule, span) in &self.found.all {
            assert!(span.start <= span.end && span.end <= text.len() as u64, "{rule:?} {span:?}");
        }
    }
}

fn taken(step: Step) -> usize {
    if let Step::Token(_, len) = step { len } else { 0 }
}

fn room(limits: &Limits) -> usize {
    limits.field + LOOK_AHEAD
}
