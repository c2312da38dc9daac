//! The speed of reading header fields: cutting and unfolding all of a block, and each of the parsers
//! over bodies of its kind.

mod harness;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::base::Limits;
use septet::charset::Charset;
use septet::header::words::{self, Place};
use septet::header::{Context, Field, address, date, ids, mime, names, received, unfold};
use septet::walk::{Event, Kind, Options, Tokens};

use mail::fields::{self, Subject};
use mail::random::Random;

/// So many different bodies of each kind.
const COUNT: usize = 200;

fn main() {
    let mut criterion = harness::criterion();
    blocks(&mut criterion, "block", &mail::small(COUNT));
    blocks(&mut criterion, "block of list mail", &mail::list::messages(COUNT));
    subjects(&mut criterion);
    structured(&mut criterion);
    parameters(&mut criterion);
    criterion.final_summary();
}

fn context() -> Context {
    Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
}

/// The fields of many messages.
fn blocks(criterion: &mut Criterion, name: &str, messages: &[Vec<u8>]) {
    let fields: Vec<&[u8]> = messages.iter().flat_map(|message| fields_of(message)).collect();
    let mut group = harness::small_group(criterion, &format!("header/{name}"), &fields.concat());
    group.bench_function("cut", |bencher| {
        bencher.iter(|| {
            for field in &fields {
                black_box(Field::parse(black_box(field)));
            }
        });
    });
    group.bench_function("cut, name", |bencher| {
        bencher.iter(|| {
            for field in &fields {
                let field = Field::parse(black_box(field)).expect("it is a field");
                black_box(names::Name::of(field.name));
            }
        });
    });
    group.bench_function("cut, unfold", |bencher| {
        bencher.iter(|| {
            for field in &fields {
                let field = Field::parse(black_box(field)).expect("it is a field");
                black_box(unfold(field.body));
            }
        });
    });
    let context = context();
    group.bench_function("cut, text", |bencher| {
        bencher.iter(|| {
            for field in &fields {
                let field = Field::parse(black_box(field)).expect("it is a field");
                black_box(septet::header::text(&field, &context));
            }
        });
    });
    group.finish();
}

/// The fields of the message itself, with their line ends.
fn fields_of(message: &[u8]) -> Vec<&[u8]> {
    let field = |event| match event {
        Event::Token(token) if token.kind == Kind::Field && token.part == 0 => Some(token.octets),
        _ => None,
    };
    let fields: Vec<&[u8]> =
        Tokens::new(message, Limits::default(), Options::default()).filter_map(field).collect();
    assert!((13..=40).contains(&fields.len()), "{} fields", fields.len());
    fields
}

fn subjects(criterion: &mut Criterion) {
    let context = context();
    let kinds = [
        ("plain", Subject::Plain),
        ("Q", Subject::Q),
        ("B", Subject::B),
        ("many words", Subject::Many),
    ];
    for (name, kind) in kinds {
        bodies(
            criterion,
            &format!("words {name}"),
            |random| fields::subject(random, kind),
            |body| words::decode(body, Place::Text, &context, &mut ()),
        );
    }
}

fn structured(criterion: &mut Criterion) {
    let context = context();
    let parse = |body: &[u8]| address::parse(body, &context, &mut ());
    bodies(criterion, "address", fields::address, parse);
    bodies(criterion, "address list", |random| fields::addresses(random, 20), parse);
    bodies(criterion, "date", fields::date, |body| {
        date::parse(body, &mut ()).expect("it is a date")
    });
    bodies(criterion, "ids", |random| fields::message_ids(random, 5), ids::parse);
    bodies(criterion, "received", fields::received, received::parse);
}

fn parameters(criterion: &mut Criterion) {
    let context = context();
    bodies(criterion, "content type", fields::content_type, |body| {
        mime::content_type(body, &context, &mut ())
    });
    let mut boundary = Vec::new();
    bodies(criterion, "media", fields::content_type, |body| {
        mime::media(body, &context, &mut boundary, &mut ())
    });
    bodies(criterion, "disposition", fields::disposition, |body| {
        mime::disposition(body, &context, &mut ())
    });
}

/// A group for one parser over bodies of one kind.
fn bodies<T>(
    criterion: &mut Criterion,
    name: &str,
    generate: impl Fn(&mut Random) -> String,
    mut parse: impl FnMut(&[u8]) -> T,
) {
    let random = &mut mail::random(10);
    let bodies: Vec<String> = (0..COUNT).map(|_| generate(random)).collect();
    let all = bodies.concat();
    let mut group = harness::small_group(criterion, &format!("header/{name}"), all.as_bytes());
    group.bench_function("parse", |bencher| {
        bencher.iter(|| {
            for body in &bodies {
                black_box(parse(black_box(body.as_bytes())));
            }
        });
    });
    group.finish();
}
