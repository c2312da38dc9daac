//! A message as JSON (schema septet.tree/1), written straight into octets: whoever asks for the
//! structure of a mailbox asks for little else, and it is to cost little beside the walk.
//!
//! May use: what the commands may.

use std::io;

use crate::base::{Finding, Rule, Span};
use crate::cli::input::Message;
use crate::cli::out::Out;
use crate::record::json;
use crate::structure::Part;
use crate::views::{Choice, View, Views};

/// A line that is longer is printed in pieces: a message may have a hundred thousand parts.
const PIECE: usize = 32 * 1024;

/// Prints `message` on a line. `line` is the room for it, and empty before and behind.
pub(super) fn print(
    message: &Message<'_>,
    views: &Views,
    line: &mut Vec<u8>,
    out: &mut Out,
) -> io::Result<()> {
    let structure = message.structure;
    raw(r#"{"schema":"septet.tree/1","source":"#, line);
    json::text_of(message.source, line);
    number(r#","message":"#, message.number, line);
    number(r#","offset":"#, message.offset, line);
    number(r#","length":"#, structure.length(), line);
    raw(if structure.surveyed() { r#","surveyed":true"# } else { r#","surveyed":false"# }, line);
    raw(r#","parts":["#, line);
    let mut text = String::new();
    for part in structure.parts() {
        separate(part.index() > 0, line, out)?;
        let parent = part.parent().map(|parent| parent.index());
        write_part(&part, (part.index(), parent), &mut text, line);
    }
    raw(r#"],"findings":["#, line);
    for (i, finding) in structure.findings().iter().enumerate() {
        separate(i > 0, line, out)?;
        write_finding(finding, structure.part(finding.part), &mut text, line);
    }
    if views.is_cut {
        separate(!structure.findings().is_empty(), line, out)?;
        let finding = Finding { rule: Rule::D017, part: 0, span: None };
        write_finding(&finding, structure.part(0), &mut text, line);
    }
    raw(r#"],"views":["#, line);
    for (view, number) in views.views.iter().zip(1..) {
        separate(number > 1, line, out)?;
        write_view(view, number, line, out)?;
    }
    raw("]}\n", line);
    print_piece(line, out)
}

fn write_view(view: &View, count: u64, line: &mut Vec<u8>, out: &mut Out) -> io::Result<()> {
    let mut room = String::new();
    text(r#"{"view":"#, Some(&format!("v{count}")), line);
    line.push(b',');
    write_reason((view.rule, view.span, view.choice), line);
    raw(r#","also":["#, line);
    for (i, &also) in view.also.iter().enumerate() {
        separate(i > 0, line, out)?;
        line.push(b'{');
        write_reason(also, line);
        line.push(b'}');
    }
    raw(r#"],"parts":["#, line);
    for (i, part) in view.parts().enumerate() {
        separate(i > 0, line, out)?;
        let parent = part.parent().map(|parent| view.index(parent));
        write_part(&part, (view.index(part), parent), &mut room, line);
    }
    raw("]}", line);
    Ok(())
}

/// What a view chooses otherwise, and the finding that says so.
fn write_reason((rule, place, choice): (Rule, Span, Choice), line: &mut Vec<u8>) {
    text(r#""rule":"#, Some(rule.info().id), line);
    text(r#","name":"#, Some(rule.info().name), line);
    span(r#","span":"#, Some(place), line);
    text(r#","choice":"#, Some(choice.name()), line);
    text(r#","why":"#, Some(choice.why()), line);
}

/// A comma where one is due, and what is there of the line if that is much.
fn separate(is_due: bool, line: &mut Vec<u8>, out: &mut Out) -> io::Result<()> {
    if is_due {
        line.push(b',');
    }
    if line.len() > PIECE { print_piece(line, out) } else { Ok(()) }
}

fn print_piece(line: &mut Vec<u8>, out: &mut Out) -> io::Result<()> {
    let result = out.safe(line);
    line.clear();
    result
}

/// `place` is the index of the part and that of what it stands in; `room` is used for what is put
/// together first.
fn write_part(part: &Part<'_>, place: (u32, Option<u32>), room: &mut String, line: &mut Vec<u8>) {
    let fields = part.mime_fields();
    let description = part.description();
    let disposition = fields.disposition.as_ref();
    let params = fields.content_type.as_ref().map_or(&[][..], |found| &found.written.params);
    number(r#"{"index":"#, place.0.into(), line);
    raw(r#","part":"#, line);
    write_number(part, room, line);
    option_number(r#","parent":"#, place.1.map(u64::from), line);
    number(r#","depth":"#, part.depth().into(), line);
    text(r#","type":"#, Some(fields.essence()), line);
    raw(r#","params":{"#, line);
    for (i, param) in params.iter().enumerate() {
        if i > 0 {
            line.push(b',');
        }
        json::text_of(&param.name, line);
        line.push(b':');
        json::text_of(&param.value.text, line);
    }
    line.push(b'}');
    text(r#","charset":"#, fields.charset().as_deref(), line);
    text(r#","encoding":"#, Some(&part.encoding()), line);
    text(r#","disposition":"#, disposition.map(|found| found.value.as_str()), line);
    text(r#","filename":"#, fields.filename().as_deref(), line);
    text(r#","content_id":"#, part.content_id().as_deref(), line);
    text(r#","description":"#, description.as_ref().map(|found| found.text.as_str()), line);
    span(r#","header":"#, part.header(), line);
    span(r#","body":"#, part.body(), line);
    option_number(r#","size":"#, part.size(), line);
    option_number(r#","lines":"#, part.lines(), line);
    let all = params.iter().chain(disposition.iter().flat_map(|found| &found.params));
    if all.map(|param| &param.value).chain(description.as_ref()).any(|text| text.lossy) {
        raw(r#","lossy":true"#, line);
    }
    line.push(b'}');
}

fn write_finding(finding: &Finding, part: Option<Part<'_>>, room: &mut String, line: &mut Vec<u8>) {
    let info = finding.rule.info();
    text(r#"{"rule":"#, Some(info.id), line);
    text(r#","name":"#, Some(info.name), line);
    text(r#","severity":"#, Some(info.severity.name()), line);
    raw(r#","part":"#, line);
    match part {
        Some(part) => write_number(&part, room, line),
        None => raw("null", line),
    }
    span(r#","span":"#, finding.span, line);
    text(r#","message":"#, Some(info.what), line);
    text(r#","fix":"#, Some(info.fix.name()), line);
    line.push(b'}');
}

fn write_number(part: &Part<'_>, room: &mut String, line: &mut Vec<u8>) {
    room.clear();
    part.write_number(room);
    json::text_of(room, line);
}

fn raw(json: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(json.as_bytes());
}

fn text(key: &str, value: Option<&str>, line: &mut Vec<u8>) {
    raw(key, line);
    json::option(value, line);
}

fn number(key: &str, value: u64, line: &mut Vec<u8>) {
    raw(key, line);
    json::number(value, line);
}

fn option_number(key: &str, value: Option<u64>, line: &mut Vec<u8>) {
    match value {
        Some(value) => number(key, value, line),
        None => {
            raw(key, line);
            raw("null", line);
        }
    }
}

fn span(key: &str, value: Option<Span>, line: &mut Vec<u8>) {
    let Some(span) = value else { return option_number(key, None, line) };
    raw(key, line);
    line.push(b'[');
    json::number(span.start, line);
    line.push(b',');
    json::number(span.end, line);
    line.push(b']');
}
