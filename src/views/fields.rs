//! The header of a part, cut into fields with their places, and the changes to them that make the
//! other fields and parameters count.
//!
//! May use: base, header, walk.

use crate::base::{Limits, Span};
use crate::header::Field;
use crate::header::names::Name;
use crate::header::params::{RawParam, RawParams};
use crate::walk::{Event, Kind, Options, Tokens};

use super::altered::Edit;

/// A field or another line of a header.
pub(super) struct Line {
    /// With its folds and its line end.
    pub(super) span: Span,
    /// Of a field.
    pub(super) name: Option<Name>,
    /// Where the name stands; empty if it is no field.
    pub(super) name_at: Span,
    /// Where the body stands.
    pub(super) body: Span,
}

/// The fields of one header.
#[derive(Default)]
pub(super) struct Fields {
    /// Where it begins.
    start: u64,
    text: Vec<u8>,
    lines: Vec<Line>,
}

/// What a parameter is and where it stands in the message.
pub(super) struct Param {
    /// In lower case.
    pub(super) name: Vec<u8>,
    /// Percent-encoded, or in sections.
    pub(super) is_extended: bool,
    pub(super) span: Span,
}

impl Fields {
    /// Cuts the octets of a header, which stands at `start`.
    pub(super) fn new(text: Vec<u8>, start: u64, limits: Limits) -> Fields {
        let mut lines = Vec::new();
        for event in Tokens::new(&text, limits, Options::default()) {
            match event {
                Event::Token(token) if matches!(token.kind, Kind::Field | Kind::Junk) => {
                    lines.push(line(token.octets, start + token.offset));
                }
                Event::Headed(_) => break,
                _ => {}
            }
        }
        Fields { start, text, lines }
    }

    /// The octets of `span`, as far as they belong to this header.
    pub(super) fn octets(&self, span: Span) -> &[u8] {
        let at =
            |place: u64| usize::try_from(place.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let end = at(span.end).min(self.text.len());
        self.text.get(at(span.start)..end).unwrap_or(&[])
    }

    /// The line in which the octet `at` stands.
    pub(super) fn line(&self, at: u64) -> Option<&Line> {
        let index = self.lines.partition_point(|line| line.span.end <= at);
        self.lines.get(index).filter(|line| line.span.start <= at)
    }

    /// The fields of this name, in order.
    pub(super) fn named(&self, name: Name) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.name == Some(name))
    }

    /// Makes all fields of this name unseen, save the one at `but`.
    pub(super) fn hide(&self, name: Name, but: Option<&Line>) -> Vec<Edit> {
        let but = but.map(|line| line.span);
        let others = self.named(name).filter(|line| Some(line.span) != but);
        others.map(|line| Edit::blank(line.name_at, b'X')).collect()
    }

    /// The parameters of a field.
    pub(super) fn params(&self, line: &Line, limits: Limits) -> Vec<Param> {
        let mut unheard = ();
        let mut written = RawParams::new(self.octets(line.body), limits.params, &mut unheard);
        let mut params = Vec::new();
        while let Some(RawParam { name, section, extended, span, .. }) = written.next() {
            params.push(Param {
                name: name.to_ascii_lowercase(),
                is_extended: extended || section.is_some(),
                span: Span::from(span).shifted(line.body.start),
            });
        }
        params
    }
}

fn line(octets: &[u8], at: u64) -> Line {
    let span = Span::from(0..octets.len()).shifted(at);
    match Field::parse(octets) {
        Some(field) => Line {
            span,
            name: Name::of(field.name),
            name_at: Span::from(0..field.name.len()).shifted(at),
            body: Span::from(field.body_start..field.body_start + field.body.len()).shifted(at),
        },
        None => Line { span, name: None, name_at: Span::new(at, at), body: span },
    }
}
