//! The speed of the walk, over a slice and through a reader: with attachments it is to be at least
//! half of what counting the line ends takes.

mod harness;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::base::Limits;
use septet::walk::{Event, Options, Reader, Separator, Tokens};

use harness::Group;

const PLAIN: Options = Options { separator: Separator::None, near_misses: false };
const NEAR_MISSES: Options = Options { near_misses: true, ..PLAIN };
const MBOX: Options = Options { separator: Separator::From, ..PLAIN };

fn main() {
    let mut criterion = harness::criterion();
    let small = mail::small(1000);
    // The one speed that is promised comes first, while the machine is quiet.
    message(&mut criterion, "attachments", &mail::attachments());
    small_mail(&mut criterion, &small);
    mbox(&mut criterion, "mbox", &mail::mbox(&small), small.len());
    mbox(&mut criterion, "list mail", &mail::mbox(&mail::list::messages(1000)), 1000);
    message(&mut criterion, "8-bit text", &mail::eight_bit(4_000_000));
    message(&mut criterion, "quoted-printable", &mail::quoted_printable(4_000_000));
    message(&mut criterion, "nested", &mail::nested(900));
    message(&mut criterion, "many parts", &mail::many_parts(20_000));
    criterion.final_summary();
}

/// One message by itself.
fn message(criterion: &mut Criterion, name: &str, text: &[u8]) {
    assert_eq!(octets_of(text, PLAIN), text.len(), "the tokens are all of the message");
    let mut group = harness::group(criterion, &format!("walk/{name}"), text);
    slice(&mut group, "slice", text, PLAIN);
    reader(&mut group, "reader", text, PLAIN);
    slice(&mut group, "slice, near misses", text, NEAR_MISSES);
    slice(&mut group, "slice, mbox", text, MBOX);
    group.finish();
}

/// Many messages one after the other, each of them an input of its own.
fn small_mail(criterion: &mut Criterion, messages: &[Vec<u8>]) {
    let mut group = harness::group(criterion, "walk/small mail", &messages.concat());
    group.bench_function("slice", |bencher| {
        bencher.iter(|| -> usize {
            messages.iter().map(|message| octets_of(black_box(message), PLAIN)).sum()
        });
    });
    group.bench_function("reader", |bencher| {
        let mut reader = Reader::new(&[][..], Limits::default(), PLAIN);
        bencher.iter(|| {
            for message in messages {
                reader.reset(black_box(message));
                drain(&mut reader);
            }
        });
    });
    group.finish();
}

/// Messages as one input, to be split.
fn mbox(criterion: &mut Criterion, name: &str, text: &[u8], count: usize) {
    let is_end = |event: &Event<'_>| *event == Event::EndOfMessage;
    let ends = Tokens::new(text, Limits::default(), MBOX).filter(is_end).count();
    assert_eq!(ends + 1, count, "each separator is found");
    let mut group = harness::group(criterion, &format!("walk/{name}"), text);
    slice(&mut group, "slice", text, MBOX);
    reader(&mut group, "reader", text, MBOX);
    slice(&mut group, "slice, near misses", text, Options { near_misses: true, ..MBOX });
    group.finish();
}

fn slice(group: &mut Group<'_>, name: &str, text: &[u8], options: Options) {
    group.bench_function(name, |bencher| {
        bencher.iter(|| octets_of(black_box(text), options));
    });
}

fn reader(group: &mut Group<'_>, name: &str, text: &[u8], options: Options) {
    group.bench_function(name, |bencher| {
        let mut reader = Reader::new(text, Limits::default(), options);
        bencher.iter(|| {
            reader.reset(black_box(text));
            drain(&mut reader);
        });
    });
}

/// Walks over a slice with a walker of its own, and adds up its tokens.
fn octets_of(text: &[u8], options: Options) -> usize {
    let mut octets = 0;
    for event in Tokens::new(text, Limits::default(), options) {
        if let Event::Token(token) = event {
            octets += black_box(token).octets.len();
        }
    }
    octets
}

fn drain(reader: &mut Reader<&[u8]>) {
    while let Some(event) = reader.next(&mut ()).expect("reading from memory") {
        black_box(event);
    }
}
