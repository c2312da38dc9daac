//! The laws of fragments: cut in pieces and joined, a message is what it was but for the order of its
//! fields; whatever is joined gives no more than went in; and what makes no message is said to make none.

use septet::base::Limits;
use septet::charset::Charset;
use septet::header::Field;
use septet::structure::{Builder, Fragment, Verdict, Whole, join};
use septet::walk::{Event, Kind, Options, Reader, Separator};

use crate::Input;

/// Fragments that a message is cut into.
const MOST: usize = 32;

/// Holds the laws against an input: a message, a header with bodies behind it, numbers of fragments.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    comes_back(&input);
    anything(&input);
    verdicts(&input);
}

/// Who a field belongs to when a message is cut up (RFC 2046 §5.2.2.1).
fn is_inside(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let others: [&[u8]; 4] = [b"subject", b"message-id", b"encrypted", b"mime-version"];
    name.starts_with(b"content-") || others.contains(&&*name)
}

/// The fields of a header, those of the whole first, and all behind it.
fn sorted(message: &[u8]) -> Option<(Vec<u8>, Vec<u8>, &[u8])> {
    let options = Options { separator: Separator::None, near_misses: false };
    let mut reader = Reader::new(message, Limits::default(), options);
    let (mut around, mut inside, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(event) = reader.next(&mut ()).expect("from memory") {
        let Event::Token(token) = event else { continue };
        match token.kind {
            Kind::Field => {
                let is_inside = is_inside(Field::parse(token.octets)?.name);
                (if is_inside { &mut inside } else { &mut around }).extend_from_slice(token.octets);
                at += token.octets.len();
            }
            Kind::HeaderEnd => return Some((around, inside, &message[at..])),
            _ => return None,
        }
    }
    None
}

/// Whoever cuts a message up between its lines gets it back, in whatever order the fragments come.
fn comes_back(input: &Input<'_>) {
    // Lines that end with CR alone are cut nowhere.
    let Some((around, inside, rest)) = sorted(input.text) else { return };
    if input
        .text
        .split_inclusive(|&c| c == b'\n')
        .any(|line| line.trim_ascii_end().contains(&b'\r'))
    {
        return;
    }
    let bodies = cut(input);
    let total = bodies.len();
    let fragments: Vec<Vec<u8>> = (1..)
        .zip(&bodies)
        .map(|(number, body)| {
            let says = format!(
                "Content-Type: message/partial; id=\"a b\"; number={number}; total={total}\n\n"
            );
            [&around[..], says.as_bytes(), body].concat()
        })
        .collect();
    // A field that is none, or has no end, may take the line behind it along.
    if !around.ends_with(b"\n") && !around.is_empty()
        || fields(&fragments[0]) != fields(&around) + 1
    {
        return;
    }
    let mut whole = Whole::default();
    let start = usize::from(input.choice) % total;
    for i in (0..total).map(|i| (start + i) % total) {
        let says = fragment(&fragments[i]).expect("a fragment");
        assert_eq!(says.id.as_deref(), Some("a b"));
        whole.add(i, &says, i as u128);
    }
    assert_eq!(whole.verdict(), Verdict::Complete((0..total).collect()));
    let bodies: Vec<u8> = fragments.iter().flat_map(|it| body_of(it)).collect();
    let mut joined = Vec::new();
    join(&fragments[0][..], &bodies[..], Limits::default(), &mut joined).expect("to memory");
    let expected = [&around[..], &inside[..], rest].concat();
    assert!(joined == expected, "in {total}: {}", joined.escape_ascii());
}

/// The text in pieces of so many lines.
fn cut<'a>(input: &Input<'a>) -> Vec<&'a [u8]> {
    let lines: Vec<&[u8]> = input.text.split_inclusive(|&c| c == b'\n').collect();
    let (mut bodies, mut start, mut at) = (Vec::new(), 0, 0);
    for size in input.sizes.iter().cycle().take(MOST - 1) {
        let len: usize = lines[at..lines.len().min(at + size)].iter().map(|line| line.len()).sum();
        at = lines.len().min(at + size);
        bodies.push(&input.text[start..start + len]);
        start += len;
        if at == lines.len() {
            return bodies;
        }
    }
    bodies.push(&input.text[start..]);
    bodies
}

fn fields(message: &[u8]) -> usize {
    let options = Options { separator: Separator::None, near_misses: false };
    let mut reader = Reader::new(message, Limits::default(), options);
    let mut count = 0;
    while let Some(event) = reader.next(&mut ()).expect("from memory") {
        count += usize::from(
            matches!(event, Event::Token(token) if token.kind == Kind::Field && token.part == 0),
        );
    }
    count
}

/// What a message says of itself as a fragment.
fn fragment(message: &[u8]) -> Option<Fragment> {
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(message, limits, options);
    let structure = builder.read(&mut reader, &mut ()).expect("from memory")?;
    Fragment::of(&structure.part(0)?)
}

fn body_of(message: &[u8]) -> Vec<u8> {
    let options = Options { separator: Separator::None, near_misses: false };
    let mut reader = Reader::new(message, Limits::default(), options);
    let mut body = Vec::new();
    while let Some(event) = reader.next(&mut ()).expect("from memory") {
        match event {
            Event::Token(token) if token.kind == Kind::Body => body.extend_from_slice(token.octets),
            _ => {}
        }
    }
    body
}

/// Any header and any bodies: what comes out went in, a line end or two aside, and the cut never shows.
fn anything(input: &Input<'_>) {
    let limits = input.limits();
    let (outer, bodies) = input.text.split_at(input.text.len() / 2);
    let mut whole = Vec::new();
    join(outer, bodies, limits, &mut whole).expect("to memory");
    let mut cut = Vec::new();
    let reader = |text| Input { text, ..*input }.reader();
    join(reader(outer), reader(bodies), limits, &mut cut).expect("to memory");
    assert!(cut == whole, "in pieces of {:?}", input.sizes);
    assert!(whole.len() <= input.text.len() + 3 * b"\r\n".len());
}

/// Two octets are a fragment: its number, and how many it says there are, or nothing.
fn verdicts(input: &Input<'_>) {
    let number = |c: u8| match c {
        0xFF => Some(u32::MAX),
        c => Some(u32::from(c)).filter(|&number| number > 0),
    };
    let said: Vec<Fragment> = input
        .text
        .chunks_exact(2)
        .map(|it| Fragment { id: None, number: number(it[0]), total: number(it[1]) })
        .collect();
    let mut whole = Whole::default();
    for (i, says) in said.iter().enumerate() {
        whole.add(i, says, i as u128 / 3);
    }
    let numbered = said.iter().filter(|says| says.number.is_some()).count();
    assert!(whole.count() + whole.again().len() <= numbered);
    match whole.verdict() {
        Verdict::Complete(order) => {
            for (number, i) in (1..).zip(&order) {
                assert_eq!(said[*i].number, Some(number));
            }
            let all = Some(order.len() as u32);
            assert!(
                said.iter()
                    .all(|it| it.number.is_none() || it.total.is_none_or(|n| Some(n) == all))
            );
        }
        Verdict::Missing(which) => assert!(which.contains(" of ") && which.len() < 300, "{which}"),
        Verdict::NoTotal => {
            assert!(said.iter().all(|it| it.number.is_none() || it.total.is_none()))
        }
        Verdict::Totals((i, a), (j, b)) => {
            assert!(a != b && said[i].total == Some(a) && said[j].total == Some(b));
        }
        Verdict::Behind(i, total) => assert!(said[i].number > Some(total)),
        Verdict::Contradiction(i, j, number) => {
            assert!(i < j && [i, j].iter().all(|&it| said[it].number == Some(number)));
        }
    }
}
