//! What holds for all codings: names, and the laws of decoding and encoding.

use super::*;
use crate::base::{Rule, Span};
use proptest::collection::vec;
use proptest::prelude::*;

const CODINGS: &[Coding] = &[
    Coding::SevenBit,
    Coding::EightBit,
    Coding::Binary,
    Coding::QuotedPrintable,
    Coding::Base64,
    Coding::Uuencode,
    Coding::Unknown,
];

#[test]
fn names() {
    let cases: &[(&str, Coding)] = &[
        ("7bit", Coding::SevenBit),
        ("7-Bits", Coding::SevenBit),
        ("8BIT", Coding::EightBit),
        ("8-bit", Coding::EightBit),
        ("8bits", Coding::EightBit),
        ("binary", Coding::Binary),
        ("Quoted-Printable", Coding::QuotedPrintable),
        ("BASE64", Coding::Base64),
        ("x-uuencode", Coding::Uuencode),
        ("X-UUE", Coding::Uuencode),
        ("uuencode", Coding::Uuencode),
        ("uue", Coding::Uuencode),
        ("base-64", Coding::Unknown),
        ("quoted printable", Coding::Unknown),
        ("none", Coding::Unknown),
        ("base64 ", Coding::Unknown),
        ("", Coding::Unknown),
    ];
    for &(token, coding) in cases {
        assert_eq!(Coding::from_token(token.as_bytes()), coding, "{token}");
    }
    for &coding in CODINGS {
        assert_eq!(Coding::from_token(coding.name().as_bytes()), coding);
        assert_eq!(
            NAMES.iter().find(|(c, _)| *c == coding).map_or("", |(_, n)| n[0]),
            coding.name()
        );
    }
}

type Findings = Vec<(Rule, Span)>;

fn decode<'a>(
    decoder: &mut Decoder,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<u8>, Findings) {
    let (mut out, mut findings) = (Vec::new(), Vec::new());
    pieces.for_each(|piece| decoder.decode(piece, &mut out, &mut findings));
    decoder.finish(&mut out, &mut findings);
    (out, findings)
}

fn encode<'a>(encoder: &mut Encoder, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    pieces.for_each(|piece| encoder.encode(piece, &mut out));
    std::mem::replace(encoder, Encoder(Encoding::Identity)).finish(&mut out);
    out
}

/// Cuts `body` into pieces whose lengths go round in `lengths`.
fn cut<'a>(body: &'a [u8], lengths: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = body;
    let mut lengths = lengths.iter().cycle();
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.len().min(*lengths.next()?));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Bodies that come close to what the codings mean, with their mistakes.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "YWFhYWFhYWFhYWFhYWFhYWFhYWFh",
        "YWJj",
        "YQ==",
        "YQ=",
        "Y",
        "=",
        "=C3",
        "=0",
        "a",
        " ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "=\r\n",
        "!",
        "-- ",
        "\u{e9}",
        "\0",
        "begin 644 a\n",
        "#86)C\n",
        "`\n",
        "end\n",
    ]);
    let repeated = (piece, prop_oneof![9 => 1..4usize, 1 => 60..120usize]);
    vec(repeated, 0..40).prop_map(|pieces| {
        pieces.into_iter().flat_map(|(piece, times)| piece.repeat(times).into_bytes()).collect()
    })
}

fn lines_of_base64() -> impl Strategy<Value = Vec<u8>> {
    let line = (0..40usize, prop::sample::select(vec!["", "", "", "!", " ", "=", "YQ==", "-- "]));
    let end = prop::sample::select(vec!["\n", "\r\n"]);
    (vec(line, 0..30), 0..25usize, end).prop_map(|(lines, quads, end)| {
        let line = |(odd, surprise): (usize, &str)| {
            let quads = if odd == 0 { 5 } else { quads };
            "YWFh".repeat(quads) + surprise + end
        };
        lines.into_iter().map(line).collect::<String>().into_bytes()
    })
}

proptest! {
    #[test]
    fn decoding_does_not_depend_on_cuts(
        body in prop_oneof![body(), lines_of_base64(), vec(any::<u8>(), 0..200)],
        lengths in vec(1..100usize, 1..8),
    ) {
        for &coding in CODINGS {
            for eol in [Eol::Lf, Eol::Cr] {
                let decoder = &mut Decoder::new(coding, eol);
                let whole = decode(decoder, [&body[..]].into_iter());
                for lengths in [&[1][..], &[2], &[3], &[7], &lengths] {
                    decoder.reset();
                    prop_assert_eq!(&decode(decoder, cut(&body, lengths)), &whole, "{:?}", coding);
                }
            }
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself(
        content in prop_oneof![body(), vec(any::<u8>(), 0..400)],
        lengths in vec(1..100usize, 1..8),
    ) {
        for &coding in CODINGS {
            for line_end in [LineEnd::CrLf, LineEnd::Lf] {
                let layout = Layout { line_end, content: Content::Binary, name: b"a", guards: false };
                let encoder = || Encoder::new(coding, &layout);
                let encoded = encode(&mut encoder(), [&content[..]].into_iter());
                prop_assert_eq!(&encode(&mut encoder(), cut(&content, &lengths)), &encoded);
                let decoder = &mut Decoder::new(coding, Eol::Lf);
                let (decoded, findings) = decode(decoder, [&encoded[..]].into_iter());
                prop_assert_eq!(&decoded, &content, "{:?}", coding);
                prop_assert_eq!(findings, []);
            }
        }
    }

    #[test]
    fn quoted_printable_keeps_lines_of_text(
        text in body(),
        lengths in vec(1..100usize, 1..8),
    ) {
        let encoder = || Encoder::new(Coding::QuotedPrintable, &Layout::default());
        let encoded = encode(&mut encoder(), [&text[..]].into_iter());
        prop_assert_eq!(&encode(&mut encoder(), cut(&text, &lengths)), &encoded);
        let lines = encoded.split(|&c| c == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        for line in lines {
            prop_assert!(line.len() <= 76 && line.iter().all(|c| matches!(c, b'\t' | b' '..=b'~')));
            prop_assert!(!line.ends_with(b" ") && !line.ends_with(b"\t"));
        }
        let (decoded, findings) =
            decode(&mut Decoder::new(Coding::QuotedPrintable, Eol::Lf), [&encoded[..]].into_iter());
        let canonical = |text: &[u8]| {
            let text = text.iter().flat_map(|&c| if c == b'\n' { vec![13, 10] } else { vec![c] });
            String::from_utf8_lossy(&text.collect::<Vec<u8>>()).replace("\r\r\n", "\r\n")
        };
        prop_assert_eq!(String::from_utf8_lossy(&decoded), canonical(&text));
        prop_assert_eq!(findings, []);
    }
}

/// Whatever is repeated, twice as much of it is decoded to at most twice as much, and nothing
/// panics; a body of one megabyte is a matter of milliseconds.
#[test]
fn hostile_bodies() {
    let pieces: &[&str] =
        &["=", "= ", "=\r", " ", "\r", "\n", "Y", "YQ=\n", "YQ==", "!", " \n", "#\n", "M", "=A"];
    for piece in pieces {
        let body = ["YQ==\nbegin 644 a\n", &piece.repeat((1 << 20) / piece.len())].concat();
        for &coding in CODINGS {
            let decoder = &mut Decoder::new(coding, Eol::Lf);
            let (out, findings) = decode(decoder, body.as_bytes().chunks(4096));
            assert!(out.len() <= 45 * body.len() && findings.len() <= 6, "{piece:?} {coding:?}");
        }
    }
}

proptest! {
    /// What is measured is what is written, but for what escapes leave unused at breaks.
    #[test]
    fn measures_what_quoted_printable_takes(
        text in "([a-z =\t]|\u{e9}|\r|\n|\r\n){0,400}",
        cut in 1usize..50,
    ) {
        let mut survey = Survey::new(Eol::Lf);
        text.as_bytes().chunks(cut).for_each(|piece| survey.update(piece));
        let measured = survey.finish().quoted_printable;
        let layout = Layout { line_end: LineEnd::Lf, ..Layout::default() };
        let mut encoder = Encoder::new(Coding::QuotedPrintable, &layout);
        let mut out = Vec::new();
        encoder.encode(text.as_bytes(), &mut out);
        encoder.finish(&mut out);
        let breaks = out.windows(2).filter(|pair| pair == b"=\n").count();
        prop_assert!(measured <= out.len() as u64 + 2, "{measured} against {}", out.len());
        // A break wastes up to two columns, and so many wasted columns make breaks of their own.
        let room = 2 * breaks as u64 + 2 * (2 * breaks as u64).div_ceil(75) + 4;
        prop_assert!(out.len() as u64 <= measured + room, "{measured} against {}", out.len());
    }
}
