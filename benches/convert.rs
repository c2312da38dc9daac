//! The speed of the conversion for 7-bit transport, in octets of the messages: what must be encoded,
//! with the proof and without it, and archives that need nothing, beside the walk over the same.

mod harness;
mod jobs;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::base::{Eol, Limits};
use septet::charset::Charset;
use septet::convert::{Action, Converter, Options, Screen};
use septet::walk::{Reader, Separator, Tokens};

use mail::text::{self, Language};

/// Octets of a body.
const BODY: usize = 4_000_000;

fn main() {
    let mut criterion = harness::criterion();
    let random = &mut mail::random(30);
    for (name, language) in [("French", Language::French), ("Russian", Language::Russian)] {
        let header = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
                      Content-Transfer-Encoding: 8bit\r\n\r\n";
        let message = header.to_owned() + &text::lines(random, language, BODY);
        converting(&mut criterion, name, message.as_bytes());
    }
    archive(&mut criterion, &mail::mbox(&mail::list::messages(1000)));
    screening(&mut criterion, &mail::mbox(&mail::small(1000)));
    criterion.final_summary();
}

fn converting(criterion: &mut Criterion, name: &str, message: &[u8]) {
    let mut group = harness::group(criterion, &format!("convert/8-bit {name}"), message);
    for (name, verifies) in [("plain", false), ("verified", true)] {
        let mut converter =
            Converter::new(Options::default(), Limits::default(), Charset::WINDOWS_1252, verifies);
        let mut out = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                let converted = converter.convert(Eol::Lf, || message).expect("from memory");
                assert_eq!(converted.action(), Action::Converted);
                converted.write(message, &mut out).expect("to memory");
                black_box(out.len())
            });
        });
    }
    group.finish();
}

/// Some messages must be converted, most need nothing.
fn archive(criterion: &mut Criterion, mbox: &[u8]) {
    let mut group = harness::group(criterion, "convert/list mail", mbox);
    for (name, verifies) in [("plain", false), ("verified", true)] {
        let mut conversions = jobs::Conversions::new(verifies, Separator::From);
        assert!((100..500).contains(&conversions.messages(mbox)));
        group.bench_function(name, |bencher| {
            bencher.iter(|| conversions.messages(black_box(mbox)));
        });
    }
    group.finish();
}

/// Messages that need nothing are found to.
fn screening(criterion: &mut Criterion, mbox: &[u8]) {
    let mut group = harness::group(criterion, "convert/mbox", mbox);
    let options = septet::walk::Options { separator: Separator::From, near_misses: false };
    group.bench_function("walk", |bencher| {
        bencher.iter(|| {
            let mut reader = Reader::new(mbox, Limits::default(), options);
            let mut events = 0;
            while reader.next(&mut ()).expect("from memory").is_some() {
                events += 1;
            }
            events
        });
    });
    group.bench_function("walk, slice", |bencher| {
        bencher.iter(|| Tokens::new(mbox, Limits::default(), options).count());
    });
    group.bench_function("screen", |bencher| {
        bencher.iter(|| {
            let mut screen = Screen::new(mbox, Limits::default(), Separator::From);
            let mut clean = 0;
            while let Some(message) = screen.next_message().expect("from memory") {
                clean += usize::from(message.is_clean);
            }
            clean
        });
    });
    group.finish();
}
