//! Findings as JSON Lines (schema septet.lint/1), written straight into octets.
//!
//! May use: what the commands may.

use std::io;

use crate::base::{RULES, RuleInfo};
use crate::cli::input::Message;
use crate::cli::out::Out;
use crate::lint::Noted;
use crate::record::json;

/// A line that is longer is printed in pieces.
const PIECE: usize = 32 * 1024;

/// What is the same in all findings of a rule: what stands before the part, and behind the span.
pub(super) struct Writer {
    rules: Vec<(Vec<u8>, Vec<u8>)>,
    line: Vec<u8>,
    number: String,
}

impl Writer {
    pub(super) fn new() -> Writer {
        Writer {
            rules: RULES.iter().map(of_rule).collect(),
            line: Vec::new(),
            number: String::new(),
        }
    }

    /// Prints the `findings` of a message on a line.
    pub(super) fn print(
        &mut self,
        message: &Message<'_>,
        findings: &[Noted],
        out: &mut Out,
    ) -> io::Result<()> {
        let Writer { rules, line, number } = self;
        line.clear();
        line.extend_from_slice(br#"{"schema":"septet.lint/1","source":"#);
        json::text_of(message.source, line);
        for (key, value) in [
            (&br#","message":"#[..], message.number),
            (br#","offset":"#, message.offset),
            (br#","length":"#, message.structure.length()),
        ] {
            line.extend_from_slice(key);
            json::number(value, line);
        }
        line.extend_from_slice(br#","findings":["#);
        for (i, finding) in findings.iter().enumerate() {
            if i > 0 {
                line.push(b',');
            }
            let (before, behind) = &rules[finding.rule as usize];
            line.extend_from_slice(before);
            number.clear();
            if let Some(part) = message.structure.part(finding.part) {
                part.write_number(number);
            }
            json::option((!number.is_empty()).then_some(number.as_str()), line);
            match finding.span {
                Some(span) => {
                    line.extend_from_slice(br#","span":["#);
                    json::number(span.start, line);
                    line.push(b',');
                    json::number(span.end, line);
                    line.push(b']');
                }
                None => line.extend_from_slice(br#","span":null"#),
            }
            line.extend_from_slice(behind);
            line.extend_from_slice(br#","note":"#);
            json::option(finding.note.as_deref(), line);
            line.push(b'}');
            if line.len() > PIECE {
                out.safe(line)?;
                line.clear();
            }
        }
        line.extend_from_slice(b"]}\n");
        out.safe(line)
    }
}

fn of_rule(info: &RuleInfo) -> (Vec<u8>, Vec<u8>) {
    let member = |key: &str, text: Option<&str>, to: &mut Vec<u8>| {
        to.extend_from_slice(key.as_bytes());
        json::option(text, to);
    };
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    member(r#"{"rule":"#, Some(info.id), &mut before);
    member(r#","name":"#, Some(info.name), &mut before);
    member(r#","severity":"#, Some(info.severity.name()), &mut before);
    before.extend_from_slice(br#","part":"#);
    member(r#","message":"#, Some(info.what), &mut behind);
    member(r#","why":"#, Some(info.why), &mut behind);
    member(r#","do":"#, Some(info.remedy), &mut behind);
    member(r#","rfc":"#, (info.rfc != "-").then_some(info.rfc), &mut behind);
    member(r#","fix":"#, Some(info.fix.name()), &mut behind);
    (before, behind)
}
