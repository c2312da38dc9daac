//! The laws of the transfer codings: the cut never shows, what is encoded decodes to itself, and
//! encoded text keeps the limits of RFC 2045.

use septet::base::{Eol, Rule, Span};
use septet::transfer::{
    Census, Coding, Content, Decoder, Encoder, Layout, LineEnd, Survey, uuencode,
};

use crate::Input;

const CODINGS: &[Coding] =
    &[Coding::SevenBit, Coding::QuotedPrintable, Coding::Base64, Coding::Uuencode, Coding::Unknown];

/// The longest line of an encoded body (RFC 2045 §6.7 rule 5, §6.8).
const LINE: usize = 76;

/// Holds the laws of the transfer codings against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    for &coding in CODINGS {
        decodes_alike(&input, coding);
        encodes_and_back(&input, coding);
    }
    keeps_lines(&input);
    counts_alike(&input);
    Coding::from_token(input.text);
    uuencode::find_begin(input.text);
}

type Decoded = (Vec<u8>, Vec<(Rule, Span)>);

fn decode<'a>(decoder: &mut Decoder, pieces: impl Iterator<Item = &'a [u8]>) -> Decoded {
    let (mut out, mut findings) = (Vec::new(), Vec::new());
    pieces.for_each(|piece| decoder.decode(piece, &mut out, &mut findings));
    decoder.finish(&mut out, &mut findings);
    (out, findings)
}

fn encode<'a>(mut encoder: Encoder, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    pieces.for_each(|piece| encoder.encode(piece, &mut out));
    encoder.finish(&mut out);
    out
}

fn once(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::once(text)
}

fn decodes_alike(input: &Input<'_>, coding: Coding) {
    let length = input.text.len() as u64;
    for eol in [Eol::Lf, Eol::Cr] {
        let decoder = &mut Decoder::new(coding, eol);
        let whole = decode(decoder, once(input.text));
        decoder.reset();
        let cut = decode(decoder, input.pieces(input.text));
        assert_eq!(cut, whole, "{coding:?} {eol:?} in pieces of {:?}", input.sizes);
        let mut unheard = Vec::new();
        let decoder = &mut Decoder::new(coding, eol);
        input.pieces(input.text).for_each(|piece| decoder.decode(piece, &mut unheard, &mut ()));
        decoder.finish(&mut unheard, &mut ());
        assert_eq!(unheard, whole.0, "{coding:?} {eol:?} with nobody listening");
        for (i, &(rule, span)) in whole.1.iter().enumerate() {
            assert!(span.start <= span.end && span.end <= length, "{coding:?} {rule:?} {span:?}");
            assert!(whole.1[..i].iter().all(|&(other, _)| other != rule), "{rule:?} twice");
        }
    }
}

fn encodes_and_back(input: &Input<'_>, coding: Coding) {
    for line_end in [LineEnd::CrLf, LineEnd::Lf] {
        let name = &input.text[..input.text.len().min(input.sizes[0])];
        let layout = Layout { line_end, content: Content::Binary, name, guards: false };
        let encoded = encode(Encoder::new(coding, &layout), once(input.text));
        let cut = encode(Encoder::new(coding, &layout), input.pieces(input.text));
        assert_eq!(cut, encoded, "{coding:?} in pieces of {:?}", input.sizes);
        let (decoded, findings) = decode(&mut Decoder::new(coding, Eol::Lf), once(&encoded));
        assert_eq!(decoded, input.text, "{coding:?}");
        assert_eq!(findings, [], "{coding:?}");
        if matches!(coding, Coding::QuotedPrintable | Coding::Base64) {
            assert_clean(&encoded, line_end);
        }
    }
}

/// Text in quoted-printable keeps its lines: CRLF and LF become line breaks, which decode to what
/// the layout writes; all else stays as it is.
fn keeps_lines(input: &Input<'_>) {
    for line_end in [LineEnd::CrLf, LineEnd::Lf] {
        let layout = Layout { line_end, content: Content::Text, name: b"", guards: true };
        let encoder = || Encoder::new(Coding::QuotedPrintable, &layout);
        let encoded = encode(encoder(), once(input.text));
        assert_eq!(encode(encoder(), input.pieces(input.text)), encoded);
        assert_clean(&encoded, line_end);
        let decoder = &mut Decoder::new(Coding::QuotedPrintable, Eol::Lf);
        let (decoded, findings) = decode(decoder, once(&encoded));
        assert_eq!(decoded, with_line_ends(input.text, line_end));
        assert_eq!(findings, []);
    }
}

/// The text with every CRLF and LF written as `line_end`.
fn with_line_ends(text: &[u8], line_end: LineEnd) -> Vec<u8> {
    let mut out = Vec::new();
    for line in text.split_inclusive(|&c| c == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(content) => {
                out.extend_from_slice(content.strip_suffix(b"\r").unwrap_or(content));
                out.extend_from_slice(line_end.as_bytes());
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// RFC 2045 §6.7 and §6.8: lines of at most 76 printable characters, none at their end that a
/// transport may take away.
fn assert_clean(encoded: &[u8], line_end: LineEnd) {
    for line in encoded.split_inclusive(|&c| c == b'\n') {
        let content = line.strip_suffix(line_end.as_bytes()).unwrap_or(line);
        assert!(content.len() <= LINE, "a line of {}", content.len());
        assert!(content.iter().all(|c| matches!(c, b'\t' | b' '..=b'~')), "{line:?}");
        assert!(!matches!(content.last(), Some(b' ' | b'\t')), "{line:?}");
    }
}

fn counts_alike(input: &Input<'_>) {
    for eol in [Eol::Lf, Eol::Cr] {
        let mut whole = Survey::new(eol);
        whole.update(input.text);
        let whole = whole.finish();
        let mut cut = Survey::new(eol);
        input.pieces(input.text).for_each(|piece| cut.update(piece));
        assert_eq!(cut.finish(), whole, "{eol:?} in pieces of {:?}", input.sizes);
        assert_counted(&whole, input.text, eol);
    }
}

/// The same counts, in the most obvious way.
fn assert_counted(census: &Census, text: &[u8], eol: Eol) {
    let count = |wanted: &dyn Fn(usize, u8) -> bool| {
        let all = text.iter().enumerate();
        let mut places = all.filter(|&(i, &c)| wanted(i, c)).map(|(i, _)| i as u64);
        let first = places.next();
        (first.is_some() as u64 + places.count() as u64, first)
    };
    let before = |i: usize| i.checked_sub(1).map(|i| text[i]);
    assert_eq!(census.octets, text.len() as u64);
    assert_eq!((census.eight_bit, census.first_eight_bit), count(&|_, c| c > 127));
    assert_eq!((census.nul, census.first_nul), count(&|_, c| c == 0));
    let bare = |i: usize, c| c == b'\r' && text.get(i + 1) != Some(&b'\n');
    assert_eq!((census.bare_cr, census.first_bare_cr), count(&bare));
    assert_eq!(census.crlf, count(&|i, c| c == b'\n' && before(i) == Some(b'\r')).0);
    assert_eq!(census.lf, count(&|i, c| c == b'\n' && before(i) != Some(b'\r')).0);
    let lines = text.split_inclusive(|&c| c == eol.octet());
    assert_eq!(census.lines, lines.clone().count() as u64);
    let length = |line: &[u8]| (line.len() - eol.trailing(line)) as u64;
    assert_eq!(census.longest_line, lines.map(length).max().unwrap_or(0));
}
