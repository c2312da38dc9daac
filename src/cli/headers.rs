//! `septet headers`: the fields of messages and parts, in the order they stand in.

use std::io;

use serde::Serialize;

use super::Exit;
use super::input::{Inputs, Job, Message};
use super::out::{self, Look, Out};
use super::progress::Running;
use super::select::Where;
use crate::base::Span;
use crate::header::address::{self, Address};
use crate::header::names::{self, Kind as FieldKind};
use crate::header::params::Param;
use crate::header::{self, Context, Field, date, ids, params, unfold};
use crate::structure::{At, Structure, Visitor, Want};
use crate::walk::Kind;

/// Show the header fields of messages
///
/// Every field in its order, duplicates too; unfolded and decoded unless asked otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet headers message.eml                   all fields, decoded
  septet headers -f from -f subject in.mbox    two fields of every message
  septet headers --parsed -f to message.eml    one address a line
  septet headers -f date --where 'from~alice' ~/Maildir")]
pub(crate) struct Headers {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// Only this field; may be given several times
    #[arg(short, long = "field", value_name = "NAME")]
    fields: Vec<String>,

    /// The header of part N instead of the message's
    #[arg(short, long, value_name = "N", conflicts_with = "all_parts")]
    part: Option<String>,

    /// The headers of all parts
    #[arg(short, long)]
    all_parts: bool,

    /// As the fields stand in the message, folds and all
    #[arg(short, long, group = "style")]
    raw: bool,

    /// Unfolded, encoded-words left as they are
    #[arg(short, long, group = "style")]
    unfolded: bool,

    /// Taken apart: one address, message-id or parameter a line
    #[arg(long, group = "style")]
    parsed: bool,

    /// One JSON object a header, on a line (schema septet.headers/1)
    #[arg(short, long, group = "style")]
    json: bool,
}

impl Headers {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut job = HeadersJob {
            options: self,
            out,
            source: String::new(),
            number: 0,
            kept: Vec::new(),
            found: false,
            printed_before: 0,
            printed: 0,
        };
        self.wanted.run(&self.inputs, false, &mut job)
    }

    fn wants(&self, field: &Field<'_>) -> bool {
        self.fields.is_empty() || self.fields.iter().any(|name| field.is(name))
    }
}

struct HeadersJob<'a> {
    options: &'a Headers,
    out: &'a mut Out,
    source: String,
    number: u64,
    /// The fields of the header that is being read; of which part it is, is known at its end.
    kept: Vec<(Vec<u8>, Option<Span>)>,
    found: bool,
    /// Headers that were printed, with and without those of this message, which may turn out not to
    /// be meant.
    printed: u64,
    printed_before: u64,
}

/// A field that is printed.
struct Shown<'a> {
    octets: &'a [u8],
    field: Field<'a>,
    span: Option<Span>,
}

impl<'a> Shown<'a> {
    fn new(octets: &'a [u8], span: Option<Span>) -> Option<Shown<'a>> {
        Some(Shown { octets, field: Field::parse(octets)?, span })
    }
}

impl Visitor for HeadersJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        let only_root = self.options.part.is_none() && !self.options.all_parts;
        if kind == Kind::Field && (at.part == 0 || !only_root) {
            self.kept.push((octets.to_vec(), at.span));
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let kept = std::mem::take(&mut self.kept);
        let number = structure.part(part).map_or_else(String::new, |part| part.number());
        let is_wanted = match &self.options.part {
            Some(wanted) => *wanted == number,
            None => part == 0 || self.options.all_parts,
        };
        if is_wanted {
            self.found = true;
            let fields: Vec<Shown<'_>> = kept
                .iter()
                .filter_map(|(octets, span)| Shown::new(octets, *span))
                .filter(|shown| self.options.wants(&shown.field))
                .collect();
            self.print(&number, &fields, structure.context())?;
        }
        Ok(Want::Nothing)
    }
}

impl Job for HeadersJob<'_> {
    fn begin(&mut self, source: &str, number: u64) {
        source.clone_into(&mut self.source);
        self.number = number;
        self.found = false;
        self.printed = self.printed_before;
        self.kept.clear();
    }

    fn end(&mut self, _: &Message<'_>) -> io::Result<Exit> {
        self.printed_before = self.printed;
        match &self.options.part {
            Some(part) if !self.found => {
                out::complain(&format!("{}: message {}: no part {part}", self.source, self.number));
                Ok(Exit::No)
            }
            _ => Ok(Exit::Done),
        }
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn running(&self) -> Running {
        if self.options.json { Running::Piped } else { Running::Shown }
    }
}

impl HeadersJob<'_> {
    fn print(&mut self, part: &str, fields: &[Shown<'_>], context: &Context) -> io::Result<()> {
        if self.options.json {
            let fields = fields.iter().map(|f| JsonField::new(&f.field, f.span, context));
            let header = JsonHeaders {
                schema: "septet.headers/1",
                source: &self.source,
                message: self.number,
                part,
                fields: fields.collect(),
            };
            return self.out.json(&header);
        }
        self.print_title(part)?;
        for shown in fields {
            if self.options.raw {
                self.out.octets(shown.octets)?;
                continue;
            }
            let name = String::from_utf8_lossy(shown.field.name);
            let name = self.out.paint(Look::Heading, &name);
            self.print_field(&name, &shown.field, context)?;
        }
        Ok(())
    }

    /// Between several headers, a line that says whose they are.
    fn print_title(&mut self, part: &str) -> io::Result<()> {
        self.printed += 1;
        if self.options.all_parts {
            let gap = if self.printed > 1 { "\n" } else { "" };
            let title = format!("part {part}");
            let title = self.out.paint(Look::Faint, &title);
            return self.out.line(&format!("{gap}{title}"));
        }
        if self.printed > 1 && self.options.fields.len() != 1 {
            return self.out.line("");
        }
        Ok(())
    }

    fn print_field(&mut self, name: &str, field: &Field<'_>, context: &Context) -> io::Result<()> {
        if self.options.unfolded {
            let body = unfold(field.body);
            let text = String::from_utf8_lossy(&body);
            return self.out.line(&format!("{name}: {}", out::one_line(&text)));
        }
        if self.options.parsed {
            return self.print_parsed(name, field, context);
        }
        let text = header::text(field, context).text;
        self.out.line(&format!("{name}: {}", out::one_line(&text)))
    }

    fn print_parsed(&mut self, name: &str, field: &Field<'_>, context: &Context) -> io::Result<()> {
        let lines = match names::kind_of(field.name) {
            FieldKind::Addresses => {
                address::parse(field.body, context, &mut ()).iter().map(address_line).collect()
            }
            FieldKind::Ids => ids::parse(field.body),
            FieldKind::Date => {
                date::parse(field.body, &mut ()).map(|date| date.rfc3339()).into_iter().collect()
            }
            FieldKind::Parameters => {
                let parsed = params::parse(field.body, context, &mut ());
                let params = parsed.params.into_iter();
                let params = params.map(|param| format!("{}={}", param.name, param.value.text));
                std::iter::once(parsed.value).chain(params).collect()
            }
            FieldKind::Unstructured | FieldKind::Opaque => vec![header::text(field, context).text],
        };
        for line in lines {
            self.out.line(&format!("{name}: {}", out::one_line(&line)))?;
        }
        Ok(())
    }
}

/// `group: name <address>`, of what is there.
fn address_line(address: &Address) -> String {
    let group = address.group.as_ref().map_or_else(String::new, |group| format!("{group}: "));
    match (&address.name, &address.address) {
        (Some(name), Some(address)) => format!("{group}{name} <{address}>"),
        (None, Some(address)) => format!("{group}<{address}>"),
        (Some(name), None) => format!("{group}{name}"),
        (None, None) => group,
    }
}

#[derive(Serialize)]
struct JsonHeaders<'a> {
    schema: &'static str,
    source: &'a str,
    message: u64,
    part: &'a str,
    fields: Vec<JsonField>,
}

#[derive(Serialize)]
struct JsonField {
    name: String,
    raw: String,
    text: String,
    span: Option<[u64; 2]>,
    addresses: Option<Vec<JsonAddress>>,
    date: Option<String>,
    ids: Option<Vec<String>>,
    value: Option<String>,
    params: Option<JsonParams>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl JsonField {
    fn new(field: &Field<'_>, span: Option<Span>, context: &Context) -> JsonField {
        let text = header::text(field, context);
        let raw = String::from_utf8_lossy(field.body);
        let mut json = JsonField {
            name: String::from_utf8_lossy(field.name).into_owned(),
            lossy: text.lossy || matches!(raw, std::borrow::Cow::Owned(_)),
            raw: raw.into_owned(),
            text: text.text,
            span: span.map(json_span),
            addresses: None,
            date: None,
            ids: None,
            value: None,
            params: None,
        };
        match names::kind_of(field.name) {
            FieldKind::Addresses => {
                let addresses = address::parse(field.body, context, &mut ());
                json.addresses = Some(addresses.into_iter().map(JsonAddress::new).collect());
            }
            FieldKind::Date => {
                json.date = date::parse(field.body, &mut ()).map(|date| date.rfc3339());
            }
            FieldKind::Ids => json.ids = Some(ids::parse(field.body)),
            FieldKind::Parameters => {
                let parsed = params::parse(field.body, context, &mut ());
                json.value = Some(parsed.value);
                json.params = Some(JsonParams(parsed.params));
            }
            FieldKind::Unstructured | FieldKind::Opaque => {}
        }
        json
    }
}

#[derive(Serialize)]
struct JsonAddress {
    name: Option<String>,
    address: Option<String>,
    group: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl JsonAddress {
    fn new(address: Address) -> JsonAddress {
        let Address { name, address, group, lossy } = address;
        JsonAddress { name, address, group, lossy }
    }
}

fn json_span(span: Span) -> [u64; 2] {
    [span.start, span.end]
}

/// Parameters as an object, in the order they stand in.
struct JsonParams(Vec<Param>);

impl Serialize for JsonParams {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|param| (&param.name, &param.value.text)))
    }
}
