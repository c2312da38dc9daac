//! Findings as SARIF 2.1.0 (OASIS), for pipelines that show them at the file: one document for all.
//!
//! Of a file that lies as it is, lines and octets count from its start; of what was unpacked or came by
//! a pipe, from the start of the message. Columns count characters.
//!
//! May use: what the commands may.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::place::{self, Octets, Place};
use crate::base::{RULES, RuleInfo};
use crate::cli::input::Message;
use crate::cli::out::Out;
use crate::lint::{Noted, capital, explain};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = env!("CARGO_PKG_NAME");

/// Writes one document.
#[derive(Default)]
pub(super) struct Sarif {
    has_result: bool,
}

/// What stands before a message in its file; nothing where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) lines: u64,
    pub(super) octets: u64,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleObject<'a> {
    id: &'a str,
    name: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    help: Help<'a>,
    default_configuration: Configuration,
    properties: RuleProperties<'a>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'a> {
    tags: [&'a str; 1],
    rfc: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
    logical_locations: [LogicalLocation<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation<'a>,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation<'a> {
    uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
    byte_offset: u64,
    byte_length: u64,
}

#[derive(Serialize)]
struct Properties<'a> {
    message: u64,
    part: &'a str,
    fix: &'static str,
}

fn json(value: &impl Serialize, out: &mut Out) -> io::Result<()> {
    // `Out::json` ends the line, which is white space to JSON.
    out.json(value)
}

impl Sarif {
    /// Begins the document: the tool and its rules.
    pub(super) fn begin(&mut self, out: &mut Out) -> io::Result<()> {
        let version = env!("CARGO_PKG_VERSION");
        out.line(&format!(
            r#"{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{"columnKind":"unicodeCodePoints","tool":{{"driver":{{"name":"{HOME}","semanticVersion":"{version}","rules":["#
        ))?;
        for (i, info) in RULES.iter().enumerate() {
            if i > 0 {
                out.text(",")?;
            }
            write_rule(info, out)?;
        }
        out.line(r#"]}},"results":["#)
    }

    /// Writes the findings of a message. `before` stand before it in its file.
    pub(super) fn message(
        &mut self,
        message: &Message<'_>,
        findings: &[Noted],
        octets: Octets<'_>,
        before: Before,
        out: &mut Out,
    ) -> io::Result<()> {
        let eol = message.structure.part(0).map(|part| part.eol()).unwrap_or_default();
        let span = |finding: &Noted| finding.span.or(body_around(message, finding.part));
        let spans = findings.iter().map(|finding| span(finding).unwrap_or_default());
        let spans: Vec<_> = spans.collect();
        let mut offsets: Vec<u64> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let places = place::places(&octets, &offsets, eol)?;
        let place = |offset: u64| -> Place {
            let at = places.partition_point(|place| place.offset < offset);
            places[at.min(places.len() - 1)]
        };
        let Before { lines, octets: base } = before;
        let uri = uri(message.source);
        for (finding, span) in findings.iter().zip(spans) {
            let info = finding.rule.info();
            let part = message.structure.part(finding.part).map(|part| part.number());
            let part = part.unwrap_or_default();
            let (start, end) = (place(span.start), place(span.end));
            let region = Region {
                start_line: start.line + lines,
                start_column: start.column,
                end_line: end.line + lines,
                end_column: end.column,
                byte_offset: base + span.start,
                byte_length: span.len(),
            };
            let name = format!("message {}, part {part}", message.number);
            let text = match &finding.note {
                Some(note) => format!("{}: {note}.", capital(info.what)),
                None => capital(info.what) + ".",
            };
            if std::mem::replace(&mut self.has_result, true) {
                out.text(",")?;
            }
            let location = Location {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation { uri: &uri },
                    region,
                },
                logical_locations: [LogicalLocation { fully_qualified_name: &name }],
            };
            json(
                &ResultObject {
                    rule_id: info.id,
                    rule_index: finding.rule as usize,
                    level: info.severity.name(),
                    message: Text { text: &text },
                    locations: [location],
                    properties: Properties {
                        message: message.number,
                        part: &part,
                        fix: info.fix.name(),
                    },
                },
                out,
            )?;
        }
        Ok(())
    }

    /// Ends the document.
    pub(super) fn end(&self, out: &mut Out) -> io::Result<()> {
        out.line("]}]}")
    }
}

/// Where the part stands that holds the one with this index, if that has no octets of its own.
fn body_around(message: &Message<'_>, index: u32) -> Option<crate::base::Span> {
    let mut part = message.structure.part(index)?;
    while part.header().is_none() {
        part = part.parent()?;
    }
    part.body()
}

fn write_rule(info: &RuleInfo, out: &mut Out) -> io::Result<()> {
    let what = capital(info.what) + ".";
    let text = format!("{} {}", info.why, info.remedy);
    let markdown = explain(info.rule);
    let rule = RuleObject {
        id: info.id,
        name: info.name,
        short_description: Text { text: &what },
        full_description: Text { text: &what },
        help: Help { text: &text, markdown: &markdown },
        default_configuration: Configuration { level: info.severity.name() },
        properties: RuleProperties {
            tags: [&info.id[..1]],
            rfc: (info.rfc != "-").then_some(info.rfc),
        },
    };
    json(&rule, out)
}

/// A path as a URI (RFC 3986): relative to where the command runs, or of a file.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for (i, &c) in path.as_bytes().iter().enumerate() {
        match c {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => {
                uri.push(c.into());
            }
            b'\\' if cfg!(windows) && i > 0 => uri.push('/'),
            _ => {
                let _ = write!(uri, "%{c:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_are_uris() {
        let cases = [
            ("a/b.eml", "a/b.eml"),
            ("/tmp/a b.eml", "file:///tmp/a%20b.eml"),
            ("a.zip!ü#1", "a.zip!%C3%BC%231"),
            ("-", "-"),
        ];
        for (path, expected) in cases {
            assert_eq!(uri(path), expected);
        }
    }
}
