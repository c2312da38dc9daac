use std::path::Path;

use proptest::prelude::*;

use super::pieces::LONG;
use super::*;
use crate::base::lines::CR_PROBE;
use crate::walk::{Event, Options};

fn manner(threads: usize) -> Manner {
    Manner {
        threads,
        limits: Limits::default(),
        meter: Meter::default(),
        stop: Arc::default(),
        is_pure: true,
    }
}

/// A message that was found: where it stands, how long it is, and a sum of its octets.
type Found = (String, u64, u64, u64);

/// What a worker of the tests does: it tells the messages.
fn tell(piece: Piece<'_>, take: &mut Take<'_, Vec<Found>>) -> ControlFlow<()> {
    let options = Options { separator: piece.format.separator(), near_misses: false };
    let (name, base) = (piece.name.to_string(), piece.offset);
    let mut found: Vec<Found> = Vec::new();
    piece.read(&mut None, Limits::default(), options, |reader| {
        let mut is_new = true;
        while let Some(event) = reader.next(&mut ()).expect("from memory") {
            match event {
                Event::Token(token) => {
                    if std::mem::take(&mut is_new) {
                        found.push((name.clone(), base + token.offset, 0, 0));
                    }
                    let last = found.last_mut().expect("a message");
                    last.2 += token.octets.len() as u64;
                    last.3 += token.octets.iter().map(|&c| u64::from(c)).sum::<u64>();
                }
                Event::EndOfMessage => is_new = true,
                _ => {}
            }
        }
    });
    take(Ok(found))
}

fn messages(folder: &Path, threads: usize) -> Vec<Found> {
    let sources = super::super::Sources::new([folder.to_owned()]);
    let mut all = Vec::new();
    in_order(sources, &manner(threads), || tell, &mut |result| {
        all.extend(result.expect("readable"));
        ControlFlow::Continue(())
    });
    all
}

/// An mbox with messages of these lengths; in some, what looks like messages is counted, and few are
/// such that only the walk tells where the next begins.
fn mbox(lengths: &[usize]) -> Vec<u8> {
    let mut text = Vec::new();
    for (number, &length) in lengths.iter().enumerate() {
        let subject = format!("Subject: {number}\n\n");
        text.extend_from_slice(FROM);
        if length % 31 == 7 {
            text.extend_from_slice(b"Content-Length: \n many\n");
        }
        if length % 31 == 13 {
            text.extend(b"Subject: x\rFrom: y\r\rz\r".iter().cycle().take(CR_PROBE + length));
            text.extend_from_slice(b"\n\n");
            continue;
        }
        if length % 16 == 0 {
            let inner = [FROM, b"Subject: no\n\nno message\n\n"].concat();
            let body = inner.repeat(length / inner.len());
            text.extend_from_slice(format!("content-length: {}\n", body.len()).as_bytes());
            text.extend_from_slice(subject.as_bytes());
            text.extend_from_slice(&body);
        } else {
            let line = b"From here on we count: 0123456789012345678901234567890123456789\n\n";
            text.extend_from_slice(subject.as_bytes());
            text.extend(line.iter().cycle().take(length));
            text.extend_from_slice(b"\n");
        }
        text.extend_from_slice(b"\n");
    }
    text
}

const FROM: &[u8] = b"From a@example.org Mon Jan  1 00:00:00 2024\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn as_one_thread_does_it(
        boxes in prop::collection::vec(prop::collection::vec(
            prop_oneof![
                4 => 0..20_000usize,
                4 => 0..300_000usize,
                1 => PIECE - 9..PIECE + 9,
                1 => 0..3 * LONG,
            ],
            0..12,
        ), 0..4),
        small in 0..100usize,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        for (number, lengths) in boxes.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.mbox")), mbox(lengths)).expect("a file");
        }
        for number in 0..small {
            fs::write(folder.path().join(format!("m{number}")), b"Subject: x\n\nx\n").expect("a file");
        }
        let one = messages(folder.path(), 1);
        // Behind lines that end with CR others may not be told.
        let is_told = |lengths: &&Vec<usize>| lengths.iter().all(|length| length % 31 != 13);
        let count: usize = boxes.iter().filter(is_told).map(Vec::len).sum();
        prop_assert!(one.len() >= count + small);
        prop_assert_eq!(messages(folder.path(), 3), one);
    }
}

#[test]
fn what_the_octets_say_wrongly_is_read_again() {
    let long = 3 << 20;
    let cases: &[(&str, &[usize], usize)] = &[
        ("a Content-Length counts what looks like messages", &[900 << 10; 4], 4),
        ("one message over several stretches", &[1, long + 1, 2], 3),
        ("a Content-Length that counts nothing", &[long + 4, 1, long + 4, 1], 4),
    ];
    for &(what, lengths, count) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a"), mbox(lengths)).expect("a file");
        let one = messages(folder.path(), 1);
        assert_eq!(one.len(), count, "{what}");
        assert_eq!(messages(folder.path(), 3), one, "{what}");
    }
}

#[test]
fn a_failure_stands_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for name in ["a", "c"] {
        fs::write(path(name), mbox(&[1, 2])).expect("a file");
    }
    for threads in [1, 2] {
        let sources = super::super::Sources::new(["a", "b", "c"].map(path));
        let mut seen = Vec::new();
        in_order(sources, &manner(threads), || tell, &mut |result| {
            seen.push(result.map(|found: Vec<Found>| found.len()).ok());
            ControlFlow::Continue(())
        });
        assert_eq!(seen, [Some(2), None, Some(2)], "{threads} threads");
    }
}

#[test]
fn who_wants_no_more_gets_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a"), mbox(&[PIECE; 40])).expect("a file");
    for threads in [1, 2] {
        let sources =
            super::super::Sources::new([folder.path().to_owned(), folder.path().to_owned()]);
        let mut count = 0;
        in_order(sources, &manner(threads), || tell, &mut |_| {
            count += 1;
            ControlFlow::Break(())
        });
        assert_eq!(count, 1, "{threads} threads");
    }
}
