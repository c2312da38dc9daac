//! The speed of the transfer codings, in octets of their input, and of the survey. Bodies come in
//! pieces of the size that a walk hands out, and the room for the output is used again.

mod harness;
mod mail;

use std::hint::black_box;
use std::io;

use criterion::Criterion;
use septet::base::Eol;
use septet::extract::{self, Found, Inline};
use septet::transfer::{Census, Coding, Content, Decoder, Encoder, Layout, Survey};

use mail::text::{self, Language};

/// Octets at a time.
const PIECE: usize = 64 * 1024;

/// Octets of a body before it is encoded: with its encoded form it stays in the second cache.
const BODY: usize = 500_000;

fn main() {
    let mut criterion = harness::criterion();
    let random = &mut mail::random(20);
    let file = random.octets(BODY);
    let light = text::lines(random, Language::French, BODY).into_bytes();
    let heavy = text::lines(random, Language::Russian, BODY).into_bytes();
    let wrapped = text::base64(&file, "\r\n").into_bytes();

    decoding(&mut criterion, "base64", Coding::Base64, &wrapped, &file);
    let unix = text::base64(&file, "\n").into_bytes();
    decoding(&mut criterion, "base64, LF", Coding::Base64, &unix, &file);
    let coded = text::quoted_printable(&light).into_bytes();
    decoding(&mut criterion, "QP light", Coding::QuotedPrintable, &coded, &light);
    let coded = text::quoted_printable(&heavy).into_bytes();
    decoding(&mut criterion, "QP heavy", Coding::QuotedPrintable, &coded, &heavy);
    let coded = encoded(Coding::Uuencode, Content::Binary, &file);
    decoding(&mut criterion, "uuencode", Coding::Uuencode, &coded, &file);
    yenc(&mut criterion, &file);
    decoding(&mut criterion, "8bit", Coding::EightBit, &heavy, &heavy);

    encoding(&mut criterion, "base64", Coding::Base64, Content::Binary, &file);
    encoding(&mut criterion, "QP light", Coding::QuotedPrintable, Content::Text, &light);
    encoding(&mut criterion, "QP heavy", Coding::QuotedPrintable, Content::Text, &heavy);
    encoding(&mut criterion, "QP binary", Coding::QuotedPrintable, Content::Binary, &file);
    encoding(&mut criterion, "uuencode", Coding::Uuencode, Content::Binary, &file);

    survey(&mut criterion, "base64", &wrapped);
    survey(&mut criterion, "8-bit text", &heavy);
    criterion.final_summary();
}

/// Decodes `coded`, which holds `content`.
fn decoding(criterion: &mut Criterion, name: &str, coding: Coding, coded: &[u8], content: &[u8]) {
    let mut decoder = Decoder::new(coding, Eol::Lf);
    let mut out = Vec::new();
    decoder.decode(coded, &mut out, &mut ());
    decoder.finish(&mut out, &mut ());
    assert!(out == content, "{name} gives back what was encoded");

    let mut group = harness::group(criterion, &format!("transfer/decode {name}"), coded);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            decoder.reset();
            for piece in black_box(coded).chunks(PIECE) {
                out.clear();
                decoder.decode(piece, &mut out, &mut ());
                black_box(&out);
            }
            decoder.finish(&mut out, &mut ());
        });
    });
    group.finish();
}

/// Octets of files, counted.
#[derive(Default)]
struct Files(usize);

impl extract::Files for Files {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, octets: &[u8]) -> io::Result<()> {
        self.0 += octets.len();
        Ok(())
    }

    fn end(&mut self, found: Found) -> io::Result<()> {
        assert!(found.is_intact, "it gives back what was encoded");
        Ok(())
    }
}

/// yEnc is decoded where a text has it, checksum included.
fn yenc(criterion: &mut Criterion, file: &[u8]) {
    let coded = &text::yenc(file)[..];
    let mut group = harness::group(criterion, "transfer/decode yEnc", coded);
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let (mut inline, mut files) = (Inline::new(Eol::Lf), Files::default());
            for piece in black_box(coded).chunks(PIECE) {
                inline.feed(piece, &mut files).expect("nothing is written");
            }
            inline.finish(&mut files).expect("nothing is written");
            assert_eq!(files.0, file.len());
        });
    });
    group.finish();
}

fn layout(content: Content) -> Layout<'static> {
    Layout { content, name: b"file", ..Layout::default() }
}

fn encoded(coding: Coding, content: Content, text: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(coding, &layout(content));
    let mut out = Vec::new();
    encoder.encode(text, &mut out);
    encoder.finish(&mut out);
    out
}

fn encoding(criterion: &mut Criterion, name: &str, coding: Coding, content: Content, text: &[u8]) {
    let mut out = Vec::new();
    let mut group = harness::group(criterion, &format!("transfer/encode {name}"), text);
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            let mut encoder = Encoder::new(coding, &layout(content));
            for piece in black_box(text).chunks(PIECE) {
                out.clear();
                encoder.encode(piece, &mut out);
                black_box(&out);
            }
            encoder.finish(&mut out);
        });
    });
    group.finish();
}

fn survey(criterion: &mut Criterion, name: &str, text: &[u8]) {
    let mut group = harness::group(criterion, &format!("transfer/survey {name}"), text);
    group.bench_function("survey", |bencher| {
        bencher.iter(|| -> Census {
            let mut survey = Survey::new(Eol::Lf);
            for piece in black_box(text).chunks(PIECE) {
                survey.update(piece);
            }
            survey.finish()
        });
    });
    group.finish();
}
