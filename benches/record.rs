//! The speed of records, one recorder for all messages, written to memory that is used again: what
//! the header says, all by default but what is odd (which takes a survey of all bodies), and all by
//! default.

mod harness;
mod jobs;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::record::{Fields, Key};
use septet::walk::Separator;

fn main() {
    let mut criterion = harness::criterion();
    let small = mail::mbox(&mail::small(1000));
    one_input(&mut criterion, "small mail", &small, Separator::From, 1000);
    let list = mail::mbox(&mail::list::messages(1000));
    one_input(&mut criterion, "list mail", &list, Separator::From, 1000);
    one_input(&mut criterion, "attachments", &mail::attachments(), Separator::None, 1);
    one_input(&mut criterion, "8-bit text", &mail::eight_bit(4_000_000), Separator::None, 1);
    one_input(
        &mut criterion,
        "quoted-printable",
        &mail::quoted_printable(4_000_000),
        Separator::None,
        1,
    );
    one_input(&mut criterion, "many parts", &mail::many_parts(20_000), Separator::None, 1);
    criterion.final_summary();
}

/// One input, with so many messages.
fn one_input(
    criterion: &mut Criterion,
    name: &str,
    text: &[u8],
    separator: Separator,
    messages: usize,
) {
    let mut group = harness::group(criterion, &format!("record/{name}"), text);
    let choices = [
        ("headers", "headers".parse().expect("a preset")),
        ("no findings", Fields::default().without(Key::Findings)),
        ("default", Fields::default()),
    ];
    for (name, fields) in choices {
        group.bench_function(name, |bencher| {
            let mut records = jobs::Records::new(fields, separator);
            bencher.iter(|| assert_eq!(records.messages(black_box(text)), messages));
        });
    }
    group.finish();
}
