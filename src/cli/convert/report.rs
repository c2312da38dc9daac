//! What a conversion does, for people and as JSON (`septet.convert/1`).

use std::io::{self, Write};

use serde::Serialize;

use super::super::out::{self, Look, Out};
use crate::convert::{Action, Change, Converted, What};

/// One line a change: part, what, from, to, octets before and after, why.
pub(super) fn explain(
    out: &mut Out,
    source: &str,
    number: u64,
    to: &str,
    converted: &Converted,
) -> io::Result<()> {
    let plan = &converted.plan;
    let fate = match converted.action() {
        Action::Unchanged => format!("needs no change for {to}"),
        Action::Converted if plan.refused.is_empty() => format!("changes for {to}"),
        Action::Converted => format!("changes in part for {to}"),
        Action::Refused => format!("cannot be converted to {to}: stays as it is"),
    };
    let source = out.paint(Look::Heading, source);
    out.line(&format!("{source}: message {number} {fate}"))?;
    let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0).min(40);
    let part = widest(&mut plan.changes.iter().map(|change| change.part.len()));
    let what = widest(&mut plan.changes.iter().map(|change| out::width(&what(change))));
    for change in &plan.changes {
        line(out, change, part, what)?;
    }
    for kept in &plan.kept {
        let part = out.paint(Look::Number, &kept.part);
        let field = kept.field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default();
        let text = out.paint(Look::Plain, &format!("{field}{}", kept.reason));
        out.line(&format!("  {part}  note: {text}"))?;
    }
    for refusal in &plan.refused {
        let part = out.paint(Look::Number, &refusal.part);
        let field = refusal.field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default();
        let text = out.paint(Look::Plain, &format!("{field}{}", refusal.reason));
        out.line(&format!("  {part}  refused: {text}"))?;
    }
    for difference in &converted.differences {
        let text = out::escape(difference.what).into_owned();
        out.line(&format!("  {}  a mistake of septet: {text} would differ", difference.part))?;
    }
    for report in &plan.dkim {
        let holds = |holds: Option<bool>| match holds {
            Some(true) => "holds",
            Some(false) => "does not hold",
            None => "cannot be told",
        };
        let domain = report.domain.as_deref().unwrap_or("?");
        let mut text = format!(
            "DKIM {domain}: the body hash {} before and {} after",
            holds(report.body_hash_before),
            holds(report.body_hash_after)
        );
        if !report.signed_fields_changed.is_empty() {
            text += &format!(
                "; signed fields that change: {}",
                report.signed_fields_changed.join(", ")
            );
        }
        let text = out.paint(Look::Plain, &text);
        out.line(&format!("  {text}"))?;
    }
    Ok(())
}

/// One line for an mbox: how many messages it holds, and what becomes of them.
pub(super) fn summary(out: &mut Out, source: &str, counts: &Counts) -> io::Result<()> {
    let Counts { messages, converted, refused } = counts;
    let source = out.paint(Look::Heading, source);
    let s = if *messages == 1 { "" } else { "s" };
    out.line(&format!("{source}: {messages} message{s}: {converted} change, {refused} cannot"))
}

/// What became of the messages of an mbox.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) converted: u64,
    pub(super) refused: u64,
}

impl Counts {
    /// One more message.
    pub(super) fn count(&mut self, action: Action) {
        self.messages += 1;
        self.converted += u64::from(action == Action::Converted);
        self.refused += u64::from(action == Action::Refused);
    }

    /// What became of others.
    pub(super) fn add(&mut self, other: &Counts) {
        self.messages += other.messages;
        self.converted += other.converted;
        self.refused += other.refused;
    }
}

/// What of a part changes.
fn what(change: &Change) -> String {
    match &change.field {
        Some(field) if change.what == What::Field => field.clone(),
        _ => change.what.name().to_owned(),
    }
}

/// One change, in columns of at least these widths.
fn line(out: &mut Out, change: &Change, part: usize, width: usize) -> io::Result<()> {
    let what = what(change);
    let part_pad = " ".repeat(part.saturating_sub(change.part.len()));
    let pad = " ".repeat(width.saturating_sub(out::width(&what)));
    let part = out.paint(Look::Number, &change.part);
    let what = out.paint(Look::Name, &what);
    let to = if change.to.is_empty() { "nothing" } else { &change.to };
    let way = out.paint(Look::Plain, &format!("{} \u{2192} {to}", change.from));
    let mut text = format!("  {part}{part_pad}  {what}{pad}  {way}");
    if !matches!(change.what, What::Label | What::LineEnds) {
        text += &format!("  {} \u{2192} {}", out::size(change.before), out::size(change.after));
    }
    text += &format!("  {}", out.paint(Look::Faint, &change.reason));
    if let Some((quoted_printable, base64)) = change.costs {
        let costs = format!(
            "quoted-printable {}, base64 {}",
            out::size(quoted_printable),
            out::size(base64)
        );
        text += &format!(" ({costs})");
    }
    out.line(&text)
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    source: &'a str,
    message: u64,
    to: &'a str,
    action: &'static str,
    changes: Vec<ChangeReport<'a>>,
    refused: Vec<Note<'a>>,
    kept: Vec<Note<'a>>,
    dkim: Vec<Dkim<'a>>,
    verified: Option<bool>,
    differences: Vec<Note<'a>>,
}

#[derive(Serialize)]
struct ChangeReport<'a> {
    part: &'a str,
    what: &'static str,
    field: Option<&'a str>,
    from: &'a str,
    to: &'a str,
    reason: &'a str,
    before: u64,
    after: u64,
    lossy: bool,
    quoted_printable: Option<u64>,
    base64: Option<u64>,
}

#[derive(Serialize)]
struct Note<'a> {
    part: &'a str,
    field: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Dkim<'a> {
    domain: Option<&'a str>,
    selector: Option<&'a str>,
    body_hash_before: Option<bool>,
    body_hash_after: Option<bool>,
    signed_fields_changed: &'a [String],
}

/// The same as a JSON object on a line.
pub(super) fn json(
    to_file: &mut impl Write,
    source: &str,
    message: u64,
    to: &str,
    converted: &Converted,
) -> io::Result<()> {
    let plan = &converted.plan;
    let report = Report {
        schema: "septet.convert/1",
        source,
        message,
        to,
        action: converted.action().name(),
        changes: plan.changes.iter().map(change).collect(),
        refused: plan
            .refused
            .iter()
            .map(|r| Note { part: &r.part, field: r.field.as_deref(), reason: &r.reason })
            .collect(),
        kept: plan
            .kept
            .iter()
            .map(|k| Note { part: &k.part, field: k.field.as_deref(), reason: &k.reason })
            .collect(),
        dkim: plan
            .dkim
            .iter()
            .map(|dkim| Dkim {
                domain: dkim.domain.as_deref(),
                selector: dkim.selector.as_deref(),
                body_hash_before: dkim.body_hash_before,
                body_hash_after: dkim.body_hash_after,
                signed_fields_changed: &dkim.signed_fields_changed,
            })
            .collect(),
        verified: converted.verified,
        differences: converted
            .differences
            .iter()
            .map(|d| Note { part: &d.part, field: d.field.as_deref(), reason: d.what })
            .collect(),
    };
    out::write_json(to_file, &report)
}

fn change(change: &Change) -> ChangeReport<'_> {
    ChangeReport {
        part: &change.part,
        what: change.what.name(),
        field: change.field.as_deref(),
        from: &change.from,
        to: &change.to,
        reason: &change.reason,
        before: change.before,
        after: change.after,
        lossy: change.is_lossy,
        quoted_printable: change.costs.map(|(quoted_printable, _)| quoted_printable),
        base64: change.costs.map(|(_, base64)| base64),
    }
}
