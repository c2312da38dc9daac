//! How all benches measure: briefly, in octets a second, with the limits of the machine beside them.
//!
//! A speed by itself says little on a shared machine. So each group of benches begins with what
//! cannot be beaten over the same octets in the same run: counting the line ends, finding the lines
//! that begin with two hyphens, copying. The ratio to them is what can be compared.

#![allow(dead_code)]

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use memchr::memmem::Finder;

pub(crate) type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Settings under which all benches together take a few minutes; the command line overrides them.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(450))
        .without_plots()
        .configure_from_args()
}

/// A group of benches that all go over `text` once, after its limits.
pub(crate) fn group<'a>(criterion: &'a mut Criterion, name: &str, text: &[u8]) -> Group<'a> {
    let mut group = small_group(criterion, name, text);
    let hyphens = Finder::new(b"\n--");
    group.bench_function("limit, find hyphen lines", |bencher| {
        bencher.iter(|| hyphens.find_iter(black_box(text)).count());
    });
    let mut copy = vec![0; text.len()];
    group.bench_function("limit, copy", |bencher| {
        bencher.iter(|| {
            copy.copy_from_slice(black_box(text));
            black_box(&mut copy);
        });
    });
    group
}

/// The same with the first limit only, for inputs that are no bodies of mail.
pub(crate) fn small_group<'a>(criterion: &'a mut Criterion, name: &str, text: &[u8]) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("limit, count line ends", |bencher| {
        bencher.iter(|| memchr::memchr_iter(b'\n', black_box(text)).count());
    });
    group
}
