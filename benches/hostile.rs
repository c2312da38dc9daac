//! Hostile mail at three sizes, each twice the one before: what a reader takes for an octet must not
//! grow with them. `ci/instructions` holds the same families to that, by counting.

mod harness;
mod jobs;
mod mail;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Throughput};
use septet::record::Fields;
use septet::walk::Separator;

const SIZES: [usize; 3] = [16_000, 32_000, 64_000];

fn main() {
    let mut criterion = harness::criterion();
    for (name, generate) in mail::hostile::FAMILIES {
        let mut group = criterion.benchmark_group(format!("hostile/{name}"));
        // There are many of them, and only their growth matters.
        group.sample_size(10);
        group.warm_up_time(Duration::from_millis(20)).measurement_time(Duration::from_millis(80));
        for size in SIZES {
            let text = generate(size).into_bytes();
            let mut records = jobs::Records::new(Fields::ALL, Separator::of(&text));
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new("records", size), |bencher| {
                bencher.iter(|| records.messages(black_box(&text)));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
