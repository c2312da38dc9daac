//! Findings as a compiler shows them: the place in the message, marked, with the reason and the remedy.
//!
//! May use: what the commands may.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use super::place::{self, Octets, Place};
use super::snippet::Card;
use crate::base::{Eol, Rule, Severity};
use crate::cli::input::Message;
use crate::cli::out::{self, Look, Out};
use crate::lint::Noted;

/// Places that are named of a rule that fires more than once.
const MORE: usize = 4;

/// All findings of one rule in one part.
struct Fired<'a> {
    first: &'a Noted,
    /// Where else it fires.
    more: Vec<&'a Noted>,
}

/// The findings by rule and part, in the order of the first of each.
fn by_rule(findings: &[Noted]) -> Vec<Fired<'_>> {
    let mut groups: Vec<Fired<'_>> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for finding in findings {
        match places.get(&(finding.rule, finding.part)) {
            Some(&at) => {
                groups[at].more.push(finding);
            }
            None => {
                places.insert((finding.rule, finding.part), groups.len());
                groups.push(Fired { first: finding, more: Vec::new() });
            }
        }
    }
    groups
}

/// Prints the findings of a message, whose octets can be read again.
pub(super) fn print(
    message: &Message<'_>,
    findings: &[Noted],
    mut octets: Octets<'_>,
    out: &mut Out,
) -> io::Result<()> {
    let eol = message.structure.part(0).map(|part| part.eol()).unwrap_or_default();
    let shown = findings.iter().filter_map(|finding| finding.span);
    let mut offsets: Vec<u64> = shown.map(|span| span.start).collect();
    offsets.sort_unstable();
    offsets.dedup();
    if let Some(&last) = offsets.last() {
        octets.keep(last)?;
    }
    let places = place::places(&octets, &offsets, eol)?;
    heading(message, findings, out)?;
    let name = name(message);
    let path = out::escape(&name);
    let shown = Shown { message, path: &path, octets: &octets, places: &places, eol };
    let mut text = String::new();
    for group in by_rule(findings) {
        text.clear();
        shown.card(&group)?.write(out.has_colors(), &mut text);
        text.push_str("\n\n");
        out.text(&text)?;
    }
    Ok(())
}

/// The name of the message, and what is odd about it in numbers.
fn heading(message: &Message<'_>, findings: &[Noted], out: &mut Out) -> io::Result<()> {
    let name = out.paint(Look::Heading, &name(message));
    let mut summary = Summary::default();
    summary.count(findings);
    out.line(&format!("{name}: {}", summary.counts(out)))
}

/// The name of the input, with the number of the message where there are several.
fn name(message: &Message<'_>) -> String {
    match message.number {
        1 => message.source.to_owned(),
        number => format!("{}#{number}", message.source),
    }
}

struct Shown<'a> {
    message: &'a Message<'a>,
    /// Its name, for a terminal.
    path: &'a str,
    octets: &'a Octets<'a>,
    /// In the order of their offsets.
    places: &'a [Place],
    eol: Eol,
}

impl<'a> Shown<'a> {
    fn place(&self, finding: &Noted) -> Option<Place> {
        let start = finding.span?.start;
        let at = self.places.binary_search_by_key(&start, |place| place.offset).ok()?;
        Some(self.places[at])
    }

    fn card(&self, group: &Fired<'a>) -> io::Result<Card<'a>> {
        let info = group.first.rule.info();
        let mut place = None;
        if let (Some(at), Some(span)) = (self.place(group.first), group.first.span) {
            let excerpt = place::excerpt(self.octets, at, span.end, self.eol)?;
            place = Some((self.path, at.line, excerpt));
        }
        let mut said: Vec<_> = compared(group).map(|note| ("found", note)).collect();
        said.push(("why", info.why.into()));
        said.push(("help", info.remedy.into()));
        said.push(("note", self.note(group).into()));
        Ok(Card { info, place, said })
    }

    /// The name of the rule, where it stands in an RFC, which octets, and where else it fires.
    fn note(&self, group: &Fired<'_>) -> String {
        let Noted { rule, part, span, .. } = *group.first;
        let info = Rule::info(rule);
        let mut note = info.name.to_owned();
        if info.rfc != "-" {
            note.push_str(", RFC ");
            note.push_str(info.rfc);
        }
        if let Some(part) = self.message.structure.part(part) {
            note.push_str("; part ");
            part.write_number(&mut note);
        }
        let _ = match span {
            Some(span) if span.len() <= 1 => write!(note, ", octet {}", span.start),
            Some(span) => write!(note, ", octets {} to {}", span.start, span.end - 1),
            None => write!(note, ", inside a message that was decoded first"),
        };
        if !group.more.is_empty() {
            let place = |finding: &&Noted| {
                self.place(finding).map(|place| format!("{}:{}", place.line, place.column))
            };
            let places: Vec<_> = group.more.iter().filter_map(place).take(MORE).collect();
            let count = group.more.len();
            note.push_str(&format!("; and {}", out::counted(count as u64, "more place")));
            if !places.is_empty() {
                let end = if count > places.len() { ", …" } else { "" };
                note.push_str(&format!(": {}{end}", places.join(", ")));
            }
        }
        note
    }
}

/// What was compared, the first of a rule that fires more than once.
fn compared<'a>(group: &Fired<'a>) -> impl Iterator<Item = Cow<'a, str>> {
    let all = std::iter::once(group.first).chain(group.more.iter().copied());
    let notes = all.filter_map(|finding| finding.note.as_deref());
    notes.take(MORE).map(out::escape)
}

/// How many findings of each severity there were, and in how many messages.
#[derive(Default)]
pub(super) struct Summary {
    counts: [u64; 3],
    messages: u64,
    odd: u64,
}

impl Summary {
    pub(super) fn count(&mut self, findings: &[Noted]) {
        self.messages += 1;
        self.odd += u64::from(!findings.is_empty());
        for finding in findings {
            self.counts[finding.rule.info().severity as usize] += 1;
        }
    }

    /// `2 errors, 1 note`; nothing if there are none.
    fn counts(&self, out: &Out) -> String {
        let kinds = [Severity::Error, Severity::Warning, Severity::Note];
        let found = kinds.map(|severity| (severity, self.counts[severity as usize]));
        let found = found.iter().filter(|&&(_, count)| count > 0).map(|&(kind, count)| {
            out.paint(Look::Severity(kind), &out::counted(count, kind.name()))
        });
        found.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn print(&self, out: &mut Out) -> io::Result<()> {
        if self.messages == 0 {
            return Ok(());
        }
        let messages = out::counted(self.messages, "message");
        let counts = self.counts(out);
        match self.odd {
            0 => out.line(&format!("nothing odd in {messages}")),
            odd if odd == self.messages => out.line(&format!("{counts} in {messages}")),
            odd => out.line(&format!("{counts} in {odd} of {messages}")),
        }
    }
}
