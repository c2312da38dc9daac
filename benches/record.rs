//! The speed of records, one recorder for all messages, written to memory that is used again: what
//! the header says, all by default but what is odd (which takes a survey of all bodies), and all by
//! default.

mod harness;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::base::Limits;
use septet::charset::Charset;
use septet::record::{Fields, Key, Options, Recorder};
use septet::structure::Builder;
use septet::walk::{Reader, Separator};

fn main() {
    let mut criterion = harness::criterion();
    let small = mail::mbox(&mail::small(1000));
    one_input(&mut criterion, "small mail", &small, Separator::From, 1000);
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
            let mut run = Run::new(fields, separator);
            bencher.iter(|| assert_eq!(run.messages(black_box(text)), messages));
        });
    }
    group.finish();
}

/// What is kept from one input to the next.
struct Run<'a> {
    recorder: Recorder,
    builder: Builder,
    reader: Reader<&'a [u8]>,
    line: Vec<u8>,
}

impl<'a> Run<'a> {
    fn new(fields: Fields, separator: Separator) -> Run<'a> {
        let options = Options { fields, ..Options::default() };
        let limits = Limits::default();
        let builder = Builder::new(limits, Charset::WINDOWS_1252, options.wants_survey());
        let reader = Reader::new(&[][..], limits, builder.walk_options(separator));
        Run { recorder: Recorder::new(options), builder, reader, line: Vec::new() }
    }

    /// Writes the records of all messages of `text`; how many there are.
    fn messages(&mut self, text: &'a [u8]) -> usize {
        self.reader.reset(text);
        let mut messages = 0;
        loop {
            self.recorder.begin();
            let read = self.builder.read(&mut self.reader, &mut self.recorder);
            let Some(structure) = read.expect("reading from memory") else { return messages };
            self.line.clear();
            self.recorder.finish(structure, &mut self.line).expect("writing to memory");
            black_box(&self.line);
            messages += 1;
        }
    }
}
