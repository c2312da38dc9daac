//! The laws of the structure: whatever the message, each part has its place, spans are nested and
//! inside the message, all that can be asked of a part has an answer, and nothing of it depends on
//! how the message was cut.

use std::io;

use septet::base::{Eol, Finding, Limits, RULES, Span};
use septet::charset::Charset;
use septet::header::Text;
use septet::header::mime::{ContentType, Media};
use septet::header::params::Parameterised;
use septet::structure::{
    At, Bodies, Builder, Part, Reading, Structure, TextDecoder, Visitor, Want, declared_charset,
};
use septet::transfer::Coding;
use septet::walk::{Kind, Reader};

use crate::Input;

/// Holds the laws of the structure against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let survey = !input.bit(3);
    let whole = build(&input, input.text, survey);
    let cut = build(&input, input.reader(), survey);
    assert_eq!(cut.len(), whole.len(), "messages in pieces of {:?}", input.sizes);
    for (cut, whole) in cut.iter().zip(&whole) {
        assert_eq!(cut, whole, "in pieces of {:?}", input.sizes);
    }
}

/// All messages of a source, read by one builder.
fn build(input: &Input<'_>, source: impl io::Read, survey: bool) -> Vec<Seen> {
    let limits = input.limits();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, survey);
    let options = builder.walk_options(input.options().separator);
    let mut reader = Reader::new(source, limits, options);
    let mut messages = Vec::new();
    loop {
        let mut watch = Watch { utf7_html: input.bit(4), ..Watch::default() };
        let read = builder.read(&mut reader, &mut watch).expect("reading from memory");
        let Some(structure) = read else { break };
        messages.push(watch.finish(structure, &limits));
    }
    // A message is at least an octet long, so they end.
    assert!(messages.len() <= input.text.len());
    messages
}

/// What was seen of a message, in a form that can be compared.
#[derive(Debug, PartialEq)]
struct Seen {
    length: u64,
    offset: u64,
    surveyed: bool,
    parts: Vec<SeenPart>,
    findings: Vec<Finding>,
    bodies: Bodies,
    declared: Option<Charset>,
    contents: Vec<Content>,
}

/// The answers of a part to all that can be asked.
#[derive(Debug, PartialEq)]
struct SeenPart {
    number: String,
    parent: Option<u32>,
    tree: (u32, u32, u32, bool, bool),
    media: Media,
    eol: Eol,
    coding: Coding,
    encoding: String,
    content_type: Option<ContentType>,
    types: [String; 2],
    charset: Option<String>,
    disposition: Option<Parameterised>,
    filename: Option<String>,
    content_id: Option<String>,
    description: Option<Text>,
    header: Option<Span>,
    body: Option<Span>,
    size: Option<u64>,
    lines: Option<u64>,
}

impl SeenPart {
    fn of(part: Part<'_>) -> SeenPart {
        SeenPart {
            number: part.number(),
            parent: part.parent().map(|parent| parent.index()),
            tree: (
                part.depth(),
                part.ordinal(),
                part.children(),
                part.is_message(),
                part.is_leaf(),
            ),
            media: part.media(),
            eol: part.eol(),
            coding: part.coding(),
            encoding: part.encoding(),
            content_type: part.content_type(),
            types: [part.essence(), part.effective_type()],
            charset: part.charset(),
            disposition: part.disposition(),
            filename: part.filename(),
            content_id: part.content_id(),
            description: part.description(),
            header: part.header(),
            body: part.body(),
            size: part.size(),
            lines: part.lines(),
        }
    }
}

/// The decoded body of a part, and its text.
#[derive(Debug, Default, PartialEq)]
struct Content {
    octets: Vec<u8>,
    text: Option<(String, Reading)>,
}

/// Watches a message while it is read.
#[derive(Debug, Default)]
struct Watch {
    utf7_html: bool,
    /// How far the tokens of the message itself have come.
    at: u64,
    /// By part.
    contents: Vec<Content>,
    decoder: Option<(u32, TextDecoder, String)>,
    open: Vec<u32>,
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        assert!(!octets.is_empty(), "an empty token");
        assert_eq!(at.decoded == 0, at.span.is_some());
        let Some(span) = at.span else { return Ok(()) };
        assert_eq!(span.len(), octets.len() as u64, "{kind:?}");
        // The From_ line of an mbox stands before the message.
        let before = kind == Kind::FromLine && at.part == 0 && self.at == 0;
        if !before {
            assert_eq!(span.start, self.at, "{kind:?}");
            self.at = span.end;
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, index: u32) -> io::Result<Want> {
        let part = structure.part(index).expect("a part whose header is over");
        let index = index as usize;
        assert!(index >= self.contents.len(), "a header that is over twice");
        self.contents.resize_with(index + 1, Content::default);
        self.open.push(part.index());
        if !part.is_leaf() {
            return Ok(Want::Nothing);
        }
        let decoder = TextDecoder::new(&part, self.utf7_html);
        self.decoder = Some((part.index(), decoder, String::new()));
        Ok(Want::Decoded)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        assert!(!octets.is_empty(), "an empty piece");
        assert_eq!(self.open.last(), Some(&part));
        self.contents[part as usize].octets.extend_from_slice(octets);
        let (of, decoder, text) = self.decoder.as_mut().expect("content of a leaf");
        assert_eq!(*of, part);
        decoder.decode(octets, None, &mut |piece| text.push_str(piece));
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        assert!(structure.part(part).is_some());
        // A part beyond a limit is left without a header.
        if self.open.last() == Some(&part) {
            self.open.pop();
        }
        if let Some((of, mut decoder, mut text)) = self.decoder.take() {
            assert_eq!(of, part, "content of a part that is over");
            let reading = decoder.finish(None, &mut |piece| text.push_str(piece));
            self.contents[part as usize].text = Some((text, reading));
        }
        Ok(())
    }
}

impl Watch {
    /// Checks what is finished.
    fn finish(self, structure: &Structure, limits: &Limits) -> Seen {
        assert_eq!(structure.length(), self.at, "the length is that of the tokens");
        assert!(self.open.is_empty() && self.decoder.is_none());
        for part in structure.parts() {
            assert_tree(structure, &part);
            assert_spans(structure, &part);
            let content = self.contents.get(part.index() as usize);
            if let (Some(size), Some(content)) = (part.size(), content) {
                assert_eq!(size, content.octets.len() as u64, "{}", part.number());
            }
            assert!(structure.surveyed() || part.size().is_none());
        }
        assert_numbers(structure);
        assert_findings(structure, limits);
        let bodies = Bodies::of(structure);
        for index in bodies.text.iter().chain(&bodies.html).chain(&bodies.attachments) {
            assert!(structure.part(*index).is_some());
        }
        let mut findings = structure.findings().to_vec();
        // The order in which they are found depends on how far the walk looks ahead.
        findings.sort_by_key(|finding| (finding.part, finding.span, finding.rule));
        Seen {
            length: structure.length(),
            offset: structure.offset(),
            surveyed: structure.surveyed(),
            parts: structure.parts().map(SeenPart::of).collect(),
            findings,
            bodies,
            declared: declared_charset(structure),
            contents: self.contents,
        }
    }
}

fn assert_tree(structure: &Structure, part: &Part<'_>) {
    match part.parent() {
        Some(parent) => {
            assert!(parent.index() < part.index());
            assert_eq!(parent.depth() + 1, part.depth());
            assert!((1..=parent.children()).contains(&part.ordinal()));
            assert!(!parent.is_leaf() || parent.media() == Media::Message);
        }
        None => assert_eq!((part.index(), part.depth(), part.is_message()), (0, 0, true)),
    }
    let children = structure
        .parts()
        .filter(|child| child.parent().is_some_and(|parent| parent.index() == part.index()));
    assert_eq!(children.count() as u32, part.children());
}

fn assert_spans(structure: &Structure, part: &Part<'_>) {
    let (Some(header), Some(body)) = (part.header(), part.body()) else {
        // Inside an encoded message neither stands in the message.
        assert_eq!((part.header(), part.body()), (None, None));
        assert!(part.parent().is_some());
        return;
    };
    assert!(header.start <= header.end, "{header:?}");
    assert_eq!(header.end, body.start);
    assert!(body.start <= body.end && body.end <= structure.length(), "{body:?}");
    if let Some(outer) = part.parent().and_then(|parent| parent.body()) {
        assert!(outer.start <= header.start && body.end <= outer.end, "{header:?} in {outer:?}");
    } else {
        assert_eq!((part.index(), body.end), (0, structure.length()));
    }
}

fn assert_numbers(structure: &Structure) {
    let mut numbers: Vec<String> = structure.parts().map(|part| part.number()).collect();
    numbers.sort();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "a part number stands twice");
}

fn assert_findings(structure: &Structure, limits: &Limits) {
    // Beyond the limit, each other limit that was met.
    let others = RULES.iter().filter(|rule| rule.id.starts_with('D')).count();
    assert!(structure.findings().len() <= limits.findings + others);
    for finding in structure.findings() {
        assert!(structure.part(finding.part).is_some(), "{finding:?}");
        if let Some(span) = finding.span {
            let inside = span.start <= span.end && span.end <= structure.length();
            assert!(inside, "{finding:?} in {} octets", structure.length());
        }
    }
}
