//! The speed of building structures, one builder and one reader for all messages: without the bodies
//! (`tree --no-size`), with the survey of all bodies (`tree`), and with every question asked that
//! the JSON of `tree` answers.

mod harness;
mod jobs;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::structure::{Part, Structure};
use septet::walk::Separator;

fn main() {
    let mut criterion = harness::criterion();
    let small = mail::small(1000);
    let mbox = mail::mbox(&small);
    small_mail(&mut criterion, &small);
    one_input(&mut criterion, "mbox", &mbox, Separator::From, 3 * small.len());
    one_input(
        &mut criterion,
        "attachments",
        &mail::attachments(),
        Separator::None,
        2 + mail::FILES,
    );
    one_input(&mut criterion, "8-bit text", &mail::eight_bit(4_000_000), Separator::None, 2);
    one_input(
        &mut criterion,
        "quoted-printable",
        &mail::quoted_printable(4_000_000),
        Separator::None,
        2,
    );
    one_input(&mut criterion, "nested", &mail::nested(900), Separator::None, 1800);
    one_input(&mut criterion, "many parts", &mail::many_parts(20_000), Separator::None, 20_001);
    criterion.final_summary();
}

/// What is done with an input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Build,
    Ask,
    Survey,
}

const JOBS: [(&str, Job); 3] = [("build", Job::Build), ("ask", Job::Ask), ("survey", Job::Survey)];

/// Many messages, each an input of its own.
fn small_mail(criterion: &mut Criterion, messages: &[Vec<u8>]) {
    let mut group = harness::group(criterion, "structure/small mail", &messages.concat());
    for (name, job) in JOBS {
        group.bench_function(name, |bencher| {
            let mut run = Run::new(job, Separator::None);
            bencher.iter(|| {
                let parts = messages.iter().map(|message| run.parts(black_box(message)));
                assert_eq!(parts.sum::<usize>(), 3 * messages.len());
            });
        });
    }
    group.finish();
}

/// One input, with so many parts in all its messages.
fn one_input(
    criterion: &mut Criterion,
    name: &str,
    text: &[u8],
    separator: Separator,
    parts: usize,
) {
    let mut group = harness::group(criterion, &format!("structure/{name}"), text);
    for (name, job) in JOBS {
        group.bench_function(name, |bencher| {
            let mut run = Run::new(job, separator);
            bencher.iter(|| assert_eq!(run.parts(black_box(text)), parts));
        });
    }
    group.finish();
}

/// What is kept from one input to the next.
struct Run<'a> {
    job: Job,
    structures: jobs::Structures<'a>,
}

impl<'a> Run<'a> {
    fn new(job: Job, separator: Separator) -> Run<'a> {
        Run { job, structures: jobs::Structures::new(job == Job::Survey, separator) }
    }

    /// Reads all messages of `text`; how many parts they have.
    fn parts(&mut self, text: &'a [u8]) -> usize {
        match self.job {
            Job::Ask => self.structures.parts(text, ask),
            Job::Build | Job::Survey => self.structures.parts(text, |_| ()),
        }
    }
}

/// Asks what the JSON of `tree` tells of each part, once.
fn ask(structure: &Structure) {
    for part in structure.parts() {
        ask_part(&part);
    }
}

fn ask_part(part: &Part<'_>) {
    black_box((part.number(), part.essence(), part.encoding(), part.content_type()));
    black_box((part.charset(), part.disposition(), part.filename()));
    black_box((part.content_id(), part.description()));
}
