//! `septet tree`: the structure of messages, drawn or as JSON.

mod json;
mod views;

use std::collections::BTreeMap;
use std::io;

use super::Exit;
use super::input::{Inputs, Job, Message};
use super::out::{self, Look, Out};
use super::progress::Running;
use super::select::Where;
use super::views::Kept;
use crate::base::{Finding, Rule};
use crate::header::names::Name;
use crate::header::{self, Field};
use crate::mailbox::{Input, Source};
use crate::structure::{At, Part, Structure, Visitor, Want};
use crate::views::Views;
use crate::walk::Kind;

/// Show the structure of messages: parts, types, sizes, names, findings
///
/// Draws the parts of each message as a tree: number, type, charset, transfer encoding, decoded size
/// and file name, and under each part what is odd about it. The numbers are those that `septet part`
/// takes; they are IMAP's section numbers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet tree message.eml              one message
  septet tree --json archive/ | jq .   all messages of a folder, as JSON Lines
  septet tree --where 'date>=2024' --where attachment ~/Maildir
  septet tree --views message.eml      what else programs take it for
  septet tree -m 3 old.mbox.gz         the third message of an mbox, compressed")]
pub(crate) struct Tree {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// One JSON object a message, on a line (schema septet.tree/1)
    #[arg(short, long)]
    json: bool,

    /// Structure only: no body is decoded, no sizes, no findings about content
    #[arg(long)]
    no_size: bool,

    /// Without the findings
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    views: super::views::Options,
}

impl Tree {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut job = TreeJob {
            options: self,
            out,
            heading: Heading::default(),
            count: 0,
            line: Vec::new(),
            kept: self.views.kept(),
        };
        self.wanted.run(&self.inputs, !self.no_size, &mut job)
    }
}

struct TreeJob<'a> {
    options: &'a Tree,
    out: &'a mut Out,
    heading: Heading,
    count: u64,
    /// Room for a line of JSON.
    line: Vec<u8>,
    /// The message, if its views are asked for.
    kept: Option<Kept>,
}

/// What the first line about a message says: the fields as they stand.
#[derive(Default)]
struct Heading {
    subject: Option<Vec<u8>>,
    from: Option<Vec<u8>>,
}

impl Visitor for TreeJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if let Some(kept) = &mut self.kept {
            kept.token(at, kind, octets)?;
        }
        if at.part != 0 || kind != Kind::Field || self.options.json {
            return Ok(());
        }
        let Some(field) = Field::parse(octets) else { return Ok(()) };
        let kept = match Name::of(field.name) {
            Some(Name::Subject) => &mut self.heading.subject,
            Some(Name::From) => &mut self.heading.from,
            _ => return Ok(()),
        };
        kept.get_or_insert_with(|| octets.to_vec());
        Ok(())
    }

    fn headed(&mut self, _: &Structure, _: u32) -> io::Result<Want> {
        Ok(Want::Nothing)
    }
}

impl Job for TreeJob<'_> {
    fn source(&mut self, _: &Source, input: &Input<'_>) {
        if let Some(kept) = &mut self.kept {
            kept.source(input);
        }
    }

    fn begin(&mut self, _: &str, _: u64) {
        self.heading = Heading::default();
        if let Some(kept) = &mut self.kept {
            kept.begin();
        }
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        self.count += 1;
        let views = match &self.kept {
            Some(kept) => kept.views(message)?,
            None => Views::default(),
        };
        if self.options.json {
            json::print(message, &views, &mut self.line, self.out)?;
        } else {
            if self.count > 1 {
                self.out.line("")?;
            }
            self.draw(message)?;
            self.draw_views(&views)?;
        }
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }

    fn running(&self) -> Running {
        if self.options.json { Running::Piped } else { Running::Shown }
    }
}

/// Deeper levels are not drawn: the lines would grow with the depth.
const DRAWN_DEPTH: u32 = 24;

/// A type column wider than this does not push the others away.
const TYPE_COLUMN: usize = 56;

/// The cells of a line, before they are aligned.
struct Row {
    branch: String,
    number: String,
    essence: String,
    charset: String,
    encoding: String,
    size: String,
    name: String,
}

impl TreeJob<'_> {
    fn draw(&mut self, message: &Message<'_>) -> io::Result<()> {
        self.draw_heading(message)?;
        let rows: Vec<Row> = message.structure.parts().map(|part| row(&part)).collect();
        let widths = widths(&rows);
        let findings = by_part(message.structure.findings());
        for (part, row) in message.structure.parts().zip(&rows) {
            self.draw_row(row, &widths)?;
            if !self.options.quiet
                && let Some(findings) = findings.get(&part.index())
            {
                self.draw_findings(&part, findings)?;
            }
        }
        Ok(())
    }

    fn draw_heading(&mut self, message: &Message<'_>) -> io::Result<()> {
        let context = message.structure.context();
        let text = |octets: &Option<Vec<u8>>| {
            Field::parse(octets.as_deref()?).map(|field| header::text(&field, context).text)
        };
        let number =
            if message.number > 1 { format!(" #{}", message.number) } else { String::new() };
        let source = self.out.paint(Look::Heading, &format!("{}{number}", message.source));
        let length = out::size(message.structure.length());
        let mut line = format!("{source}  {}", self.out.paint(Look::Faint, &length));
        for text in [text(&self.heading.from), text(&self.heading.subject)].into_iter().flatten() {
            line.push_str("  ");
            line.push_str(&out::cut(&out::one_line(&text), 80));
        }
        self.out.line(line.trim_end())
    }

    fn draw_row(&mut self, row: &Row, widths: &[usize; 4]) -> io::Result<()> {
        let out = &*self.out;
        let used = out::width(&row.branch) + row.number.len() + 1 + row.essence.len();
        let mut line = out.paint(Look::Faint, &row.branch);
        line.push_str(&out.paint(Look::Number, &row.number));
        line.push(' ');
        line.push_str(&out.paint(Look::Plain, &row.essence));
        line.push_str(&pad(used, widths[0]));
        for (cell, width) in [(&row.charset, widths[1]), (&row.encoding, widths[2])] {
            if width > 0 {
                line.push_str("  ");
                line.push_str(&out.paint(Look::Plain, cell));
                line.push_str(&pad(out::width(cell), width));
            }
        }
        if widths[3] > 0 {
            line.push_str("  ");
            line.push_str(&pad(row.size.len(), widths[3]));
            line.push_str(&out.paint(Look::Plain, &row.size));
        }
        if !row.name.is_empty() {
            line.push_str("  ");
            line.push_str(&out.paint(Look::Name, &row.name));
        }
        self.out.line(line.trim_end())
    }

    fn draw_findings(&mut self, part: &Part<'_>, findings: &[Found]) -> io::Result<()> {
        let branch = self.out.paint(Look::Faint, &branch_below(part));
        for found in findings {
            let info = found.rule.info();
            let severity = self.out.paint(Look::Severity(info.severity), info.severity.name());
            let id = self.out.paint(Look::Faint, info.id);
            let place = self.out.paint(Look::Faint, &found.place());
            self.out.line(&format!("{branch}{severity} {id} {}{place}", info.what))?;
        }
        Ok(())
    }
}

/// How wide the columns are.
fn widths(rows: &[Row]) -> [usize; 4] {
    let first = |row: &Row| out::width(&row.branch) + row.number.len() + 1 + row.essence.len();
    [
        rows.iter().map(first).max().unwrap_or(0).min(TYPE_COLUMN),
        rows.iter().map(|row| out::width(&row.charset)).max().unwrap_or(0),
        rows.iter().map(|row| out::width(&row.encoding)).max().unwrap_or(0),
        rows.iter().map(|row| row.size.len()).max().unwrap_or(0),
    ]
}

fn pad(used: usize, width: usize) -> String {
    " ".repeat(width.saturating_sub(used))
}

/// A rule that fired in a part.
struct Found {
    rule: Rule,
    count: usize,
    /// Where it fired first.
    at: Option<u64>,
}

impl Found {
    /// ` (at 350)`, ` (3 times, first at 350)`: octets from the start of the message.
    fn place(&self) -> String {
        match (self.count, self.at) {
            (1, None) => String::new(),
            (1, Some(at)) => format!(" (at {at})"),
            (count, None) => format!(" ({count} times)"),
            (count, Some(at)) => format!(" ({count} times, first at {at})"),
        }
    }
}

/// The findings of each part: each rule once, in the order of their places.
fn by_part(findings: &[Finding]) -> BTreeMap<u32, Vec<Found>> {
    let mut parts: BTreeMap<u32, Vec<Found>> = BTreeMap::new();
    for finding in findings {
        let rules = parts.entry(finding.part).or_default();
        match rules.iter_mut().find(|found| found.rule == finding.rule) {
            Some(found) => found.count += 1,
            None => {
                let at = finding.span.map(|span| span.start);
                rules.push(Found { rule: finding.rule, count: 1, at });
            }
        }
    }
    parts
}

fn row(part: &Part<'_>) -> Row {
    let is_multipart = !part.is_leaf();
    let fields = part.mime_fields();
    let mut name = fields.filename().map_or_else(String::new, |name| format!("\"{name}\""));
    if let Some(disposition) = &fields.disposition {
        let gap = if name.is_empty() { "" } else { "  " };
        name = format!("{name}{gap}{}", disposition.value);
    }
    Row {
        branch: branch(part),
        number: part.number(),
        essence: out::escape(fields.essence()).into_owned(),
        charset: out::escape(&fields.charset().unwrap_or_default()).into_owned(),
        encoding: match part.encoding() {
            _ if is_multipart && part.coding().is_identity() => String::new(),
            encoding if encoding != "7bit" => out::escape(&encoding).into_owned(),
            _ => String::new(),
        },
        size: part.size().map_or_else(String::new, out::size),
        name: out::cut(&out::escape(&name), 80).into_owned(),
    }
}

/// The lines that lead to a part.
fn branch(part: &Part<'_>) -> String {
    match part.depth() {
        0 => String::new(),
        depth if depth > DRAWN_DEPTH => format!("… level {depth}  "),
        _ if is_last(part) => above(part) + "└─ ",
        _ => above(part) + "├─ ",
    }
}

/// The lines that stand before what is said below a part.
fn branch_below(part: &Part<'_>) -> String {
    if part.depth() > DRAWN_DEPTH {
        return "  ".to_owned();
    }
    let own = match part.depth() {
        0 => String::new(),
        _ if is_last(part) => above(part) + "   ",
        _ => above(part) + "│  ",
    };
    own + if part.children() > 0 { "│  " } else { "   " }
}

/// The lines that pass by on the left of a part, for the parts that it stands in.
fn above(part: &Part<'_>) -> String {
    let mut passing = Vec::new();
    let mut outer = part.parent();
    while let Some(part) = outer.filter(|part| part.depth() > 0) {
        passing.push(if is_last(&part) { "   " } else { "│  " });
        outer = part.parent();
    }
    passing.reverse();
    passing.concat()
}

fn is_last(part: &Part<'_>) -> bool {
    part.parent().is_none_or(|parent| parent.children() == part.ordinal())
}
