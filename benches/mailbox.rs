//! The speed of a mailbox: its messages cut apart, by one walk and by threads that each have their pieces
//! of it; and what writers of one do to every body, quoting its `From ` lines.

mod harness;
mod mail;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use criterion::Criterion;
use septet::base::Limits;
use septet::mailbox::parallel::{Manner, Piece, Take, in_order};
use septet::mailbox::{Meter, Quoter, Quoting, Source};
use septet::walk::{Event, Options, Reader, Separator};

/// Messages of the mailbox.
const MESSAGES: usize = 4000;

const MBOX: Options = Options { separator: Separator::From, near_misses: false };

/// Octets at a time.
const PIECE: usize = 64 << 10;

fn main() {
    let mut criterion = harness::criterion();
    let mbox = mail::mbox(&mail::list::messages(MESSAGES));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mbox");
    fs::write(&path, &mbox).expect("a file");
    splitting(&mut criterion, &mbox, &path);
    quoting(&mut criterion, &mbox);
    criterion.final_summary();
}

fn splitting(criterion: &mut Criterion, mbox: &[u8], path: &Path) {
    let mut group = harness::group(criterion, "mailbox/split", mbox);
    group.bench_function("limit, read the file", |bencher| {
        let mut piece = vec![0; PIECE];
        bencher.iter(|| {
            let mut file = File::open(path).expect("the file is there");
            while file.read(&mut piece).expect("it can be read") > 0 {
                black_box(&piece);
            }
        });
    });
    group.bench_function("walk", |bencher| {
        bencher.iter(|| assert_eq!(walked(path), MESSAGES));
    });
    for threads in [1, 2] {
        group.bench_function(format!("pieces, threads: {threads}"), |bencher| {
            bencher.iter(|| assert_eq!(in_pieces(path, threads), MESSAGES));
        });
    }
    group.finish();
}

/// How many messages one walk finds.
fn walked(path: &Path) -> usize {
    let file = File::open(path).expect("the file is there");
    messages(&mut Reader::new(file, Limits::default(), MBOX))
}

fn messages<R: Read>(reader: &mut Reader<R>) -> usize {
    let mut ends = 0;
    while let Some(event) = reader.next(&mut ()).expect("it can be read") {
        ends += usize::from(event == Event::EndOfMessage);
    }
    ends + 1
}

/// How many messages are in all the pieces that threads are given, each of whole messages.
fn in_pieces(path: &Path, threads: usize) -> usize {
    let manner = Manner {
        threads,
        limits: Limits::default(),
        meter: Meter::default(),
        stop: Arc::new(AtomicBool::new(false)),
        is_pure: true,
    };
    let worker = || {
        let mut room = None;
        move |piece: Piece<'_>, take: &mut Take<'_, usize>| {
            take(Ok(piece.read(&mut room, Limits::default(), MBOX, messages)))
        }
    };
    let mut count = 0;
    in_order([Ok(Source::of(path))].into_iter(), &manner, worker, &mut |result| {
        count += result.expect("it can be read");
        ControlFlow::Continue(())
    });
    count
}

fn quoting(criterion: &mut Criterion, mbox: &[u8]) {
    let mut group = harness::group(criterion, "mailbox/From lines", mbox);
    for (name, quoting) in [("quote", Quoting::Quote), ("unquote", Quoting::Unquote)] {
        let mut out = Vec::with_capacity(mbox.len() * 2);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                let mut quoter = Quoter::new(quoting);
                for piece in black_box(mbox).chunks(PIECE) {
                    quoter.write(piece, &mut out).expect("writing to memory");
                }
                quoter.finish(&mut out).expect("writing to memory");
                black_box(out.len())
            });
        });
    }
    group.finish();
}
