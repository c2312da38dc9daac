//! The speed of decoding charsets, and of choosing one.

mod harness;
mod mail;

use std::hint::black_box;

use criterion::Criterion;
use septet::charset::{Charset, Decoder, Extent, choose};

use mail::text::{self, Language};

/// Octets at a time.
const PIECE: usize = 64 * 1024;

/// Octets of a text.
const TEXT: usize = 500_000;

fn main() {
    let mut criterion = harness::criterion();
    let random = &mut mail::random(30);
    let ascii = text::lines(random, Language::English, TEXT).into_bytes();
    let cyrillic = text::lines(random, Language::Russian, TEXT).into_bytes();
    let latin = text::windows_1252(random, TEXT);
    let japanese = text::iso_2022_jp(random, TEXT);

    decoding(&mut criterion, "UTF-8, ASCII only", "utf-8", &ascii);
    decoding(&mut criterion, "UTF-8, Cyrillic", "utf-8", &cyrillic);
    decoding(&mut criterion, "us-ascii", "us-ascii", &ascii);
    decoding(&mut criterion, "windows-1252", "windows-1252", &latin);
    decoding(&mut criterion, "iso-2022-jp", "iso-2022-jp", &japanese);

    choosing(&mut criterion, "declared us-ascii", Some("us-ascii"), &ascii, "us-ascii");
    choosing(&mut criterion, "declared latin1, is UTF-8", Some("latin1"), &cyrillic, "utf-8");
    choosing(&mut criterion, "undeclared UTF-8", None, &cyrillic, "utf-8");
    choosing(&mut criterion, "undeclared windows-1252", None, &latin, "windows-1252");
    // An escape decides, so the text before it is what takes the time.
    let late = [ascii, japanese].concat();
    choosing(&mut criterion, "undeclared iso-2022-jp", None, &late, "iso-2022-jp");
    criterion.final_summary();
}

fn decoding(criterion: &mut Criterion, name: &str, label: &str, octets: &[u8]) {
    let charset = Charset::for_label(label.as_bytes()).expect("a known charset");
    assert_eq!(charset.decode(octets, &mut String::new()), 0, "it is text in {label}");
    let mut group = harness::group(criterion, &format!("charset/decode {name}"), octets);
    let mut text = String::new();
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut decoder = Decoder::new(charset);
            for piece in black_box(octets).chunks(PIECE) {
                text.clear();
                decoder.decode(piece, &mut text, false);
                black_box(&text);
            }
            decoder.decode(b"", &mut text, true)
        });
    });
    group.finish();
}

fn choosing(criterion: &mut Criterion, name: &str, label: Option<&str>, body: &[u8], used: &str) {
    let choose = || {
        let label = label.map(str::as_bytes);
        choose(label, black_box(body), Extent::Whole, None, Charset::WINDOWS_1252)
    };
    assert_eq!(choose().used.name(), used, "{name}");
    let mut group = harness::small_group(criterion, &format!("charset/choose {name}"), body);
    group.bench_function("choose", |bencher| bencher.iter(choose));
    group.finish();
}
