//! What is said of each pair: for people in three groups, or as JSON (`json`).
//!
//! May use: what the commands may.

mod json;

use std::io;

use json::{JsonChange, JsonPair};

use super::super::out::{self, Look, Out};
use super::side::Side;
use super::text;
use crate::compare::{Change, Diff, Effect, Group, Presence, SignatureKind, Snapshot, What};

/// LIMIT: lines of a text that are shown for one part; JSON has all.
const LINES: usize = 40;

/// Columns of a line, where words allow it.
const WIDTH: usize = 80;

/// Columns of a text that are shown on a line with what it is.
const COLUMNS: usize = 52;

/// Columns before the first difference of two texts that are cut.
const LEAD: usize = 20;

/// Whether there is one message only on each side.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum One {
    No,
    /// It was asked for by its number.
    OfMany,
    Yes,
}

/// Two messages that belong together, or one without a partner.
pub(super) struct Pair<'s> {
    a: Option<Message<'s>>,
    b: Option<Message<'s>>,
    id: Option<&'s str>,
}

#[derive(Clone, Copy)]
struct Message<'s> {
    source: &'s str,
    number: u64,
}

impl<'s> Pair<'s> {
    pub(super) fn both((a, i): (&'s Side, usize), (b, j): (&'s Side, usize)) -> Pair<'s> {
        let id = a.id(i).or(b.id(j));
        Pair { a: Some(Message::of(a, i)), b: Some(Message::of(b, j)), id }
    }

    pub(super) fn removed(a: &'s Side, i: usize) -> Pair<'s> {
        Pair { a: Some(Message::of(a, i)), b: None, id: a.id(i) }
    }

    pub(super) fn added(b: &'s Side, j: usize) -> Pair<'s> {
        Pair { a: None, b: Some(Message::of(b, j)), id: b.id(j) }
    }

    /// What the pair is called.
    fn heading(&self, one: One) -> String {
        let name = |message: Message<'_>| match one {
            One::Yes => message.source.to_owned(),
            _ => format!("{} #{}", message.source, message.number),
        };
        let names: Vec<_> = [self.a, self.b].into_iter().flatten().map(name).collect();
        names.join(" -> ")
    }

    /// Its Message-ID, as it stands behind the heading.
    fn id(&self, one: One) -> String {
        let id = self.id.filter(|_| one != One::Yes);
        id.map_or(String::new(), |id| format!("  <{}>", out::escape(id)))
    }
}

impl<'s> Message<'s> {
    fn of(side: &'s Side, i: usize) -> Message<'s> {
        Message { source: side.source(i), number: side.number(i) }
    }
}

/// Says what was found, and counts it.
pub(super) struct Told<'a> {
    json: bool,
    /// Two messages are compared, no mailboxes.
    one: One,
    out: &'a mut Out,
    same: u64,
    /// By group, the worst of each pair counts.
    differ: [u64; 3],
    /// Only in the first, and in the second.
    alone: [u64; 2],
    is_first: bool,
    /// Lines of texts of this pair that may still be compared.
    lines_left: usize,
}

impl<'a> Told<'a> {
    pub(super) fn new(json: bool, one: One, out: &'a mut Out) -> Told<'a> {
        Told {
            json,
            one,
            out,
            same: 0,
            differ: [0; 3],
            alone: [0; 2],
            is_first: true,
            lines_left: 0,
        }
    }

    /// Two messages that belong together.
    pub(super) fn pair(
        &mut self,
        pair: &Pair<'_>,
        diff: &Diff,
        seen: (&Snapshot, &Snapshot),
    ) -> io::Result<()> {
        self.lines_left = text::COMPARED;
        match diff.worst() {
            None => self.same += 1,
            Some(group) => self.differ[group as usize] += 1,
        }
        if self.json {
            let left = &mut self.lines_left;
            let json = |change| JsonChange::new(change, seen, left);
            let changes = diff.changes.iter().map(json).collect();
            return self.out.json(&JsonPair::new(pair, Some(diff), changes));
        }
        match diff.is_same {
            false => self.draw(pair, diff, seen),
            true if self.one != One::No => self.out.line(&format!(
                "{}{}: the same octets",
                self.out.paint(Look::Heading, &pair.heading(self.one)),
                pair.id(self.one)
            )),
            true => Ok(()),
        }
    }

    /// A message without a partner.
    pub(super) fn alone(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        self.alone[usize::from(pair.a.is_none())] += 1;
        if self.json {
            return self.out.json(&JsonPair::new(pair, None, Vec::new()));
        }
        self.separate()?;
        let heading = self.out.paint(Look::Heading, &pair.heading(self.one));
        let id = pair.id(self.one);
        let what = if pair.a.is_none() { "only in B" } else { "only in A" };
        self.out.line(&format!("{heading}{id}"))?;
        let what = self.out.paint(Look::Severity(crate::base::Severity::Error), what);
        self.out.line(&what)
    }

    /// An empty line between two that are told of.
    fn separate(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_first) { Ok(()) } else { self.out.line("") }
    }

    /// How many there were of each kind, unless there was one pair only.
    pub(super) fn summary(&mut self, a: &str, b: &str) -> io::Result<()> {
        if self.json || self.one != One::No {
            return Ok(());
        }
        self.separate()?;
        let [harmless, signatures, content] = self.differ;
        let pairs = out::counted(self.same + harmless + signatures + content, "pair");
        let kinds = [
            (self.same, "the same octets"),
            (harmless, "changed harmlessly"),
            (signatures, "with broken signatures"),
            (content, "with other content"),
        ];
        let kinds: Vec<_> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let colon = if kinds.is_empty() { "" } else { ": " };
        self.out.line(&format!("{pairs}{colon}{}", kinds.join(", ")))?;
        for (count, side) in self.alone.into_iter().zip([a, b]).filter(|(count, _)| *count > 0) {
            let messages = out::counted(count, "message");
            self.out.line(&format!("{messages} only in {}", out::escape(side)))?;
        }
        Ok(())
    }

    fn draw(
        &mut self,
        pair: &Pair<'_>,
        diff: &Diff,
        seen: (&Snapshot, &Snapshot),
    ) -> io::Result<()> {
        self.separate()?;
        let heading = self.out.paint(Look::Heading, &pair.heading(self.one));
        self.out.line(&format!("{heading}{}", pair.id(self.one)))?;
        let broken: Vec<_> = diff.signatures.iter().filter(|effect| effect.is_broken()).collect();
        let width = diff.changes.iter().map(|change| place(change).len()).max().unwrap_or(0);
        for (group, name, severity) in GROUPS {
            let changes: Vec<_> =
                diff.changes.iter().filter(|change| change.group == group).collect();
            let is_signatures = group == Group::BreaksSignatures;
            if changes.is_empty() && (!is_signatures || broken.is_empty()) {
                continue;
            }
            let name = self.out.paint(Look::Severity(severity), name);
            self.out.line(&name)?;
            for effect in broken.iter().filter(|_| is_signatures) {
                self.wrapped("  ", 2, &broken_line(effect))?;
            }
            for change in changes {
                self.draw_change(change, width, diff, seen)?;
            }
        }
        self.draw_unbroken(diff)
    }

    fn draw_change(
        &mut self,
        change: &Change,
        width: usize,
        diff: &Diff,
        seen: (&Snapshot, &Snapshot),
    ) -> io::Result<()> {
        let number = self.out.paint(Look::Number, &format!("{:width$}", place(change)));
        let gap = if width > 0 { "  " } else { "" };
        let mut line = said(change);
        let breaks: Vec<_> = change.breaks.iter().map(|&at| name(&diff.signatures[at])).collect();
        if !breaks.is_empty() {
            line += &format!(" (breaks {})", breaks.join(", "));
        }
        let indent = " ".repeat(width + gap.len() + 4);
        self.wrapped(&format!("  {number}{gap}"), indent.len() - 2, &line)?;
        let columns = room(&indent);
        match (change.what, &change.text) {
            (What::FieldChanged, [Some(before), Some(after)]) if !is_short(before, after) => {
                let [before, after] = around(before, after, columns);
                self.out.line(&format!("{indent}- {before}"))?;
                self.out.line(&format!("{indent}+ {after}"))
            }
            (What::BodyChanged, _) => self.draw_text(change, &indent, seen),
            _ => Ok(()),
        }
    }

    fn draw_text(
        &mut self,
        change: &Change,
        indent: &str,
        seen: (&Snapshot, &Snapshot),
    ) -> io::Result<()> {
        let Some((a, b)) = texts(change, seen) else {
            let is_text = |of: &Snapshot, index: Option<u32>| index.is_some_and(|i| of.is_text(i));
            return match is_text(seen.0, change.index[0]) && is_text(seen.1, change.index[1]) {
                true => self.out.line(&format!("{indent}its text is too long to be shown")),
                false => Ok(()),
            };
        };
        let hunks = text::hunks(a, b, &mut self.lines_left);
        let total: usize = hunks.iter().map(|hunk| hunk.removed.len() + hunk.added.len()).sum();
        let mut left = LINES;
        for hunk in &hunks {
            if left == 0 {
                break;
            }
            let at = self.out.paint(Look::Faint, &format!("line {}", hunk.line));
            self.out.line(&format!("{indent}{at}"))?;
            let removed = hunk.removed.iter().map(|line| ('-', line));
            let added = hunk.added.iter().map(|line| ('+', line));
            for (sign, line) in removed.chain(added) {
                if left == 0 {
                    break;
                }
                left -= 1;
                let line = format!("{indent}{sign} {}", out::cut(&out::escape(line), room(indent)));
                self.out.line(line.trim_end())?;
            }
        }
        match total.saturating_sub(LINES) {
            0 => Ok(()),
            more => self
                .out
                .line(&format!("{indent}{} not shown", out::counted(more as u64, "more line"))),
        }
    }

    /// Signatures that nothing breaks.
    fn draw_unbroken(&mut self, diff: &Diff) -> io::Result<()> {
        let is_whole = |effect: &&Effect| effect.presence == Presence::Both && !effect.is_broken();
        let names: Vec<_> = diff.signatures.iter().filter(is_whole).map(unbroken).collect();
        if names.is_empty() {
            return Ok(());
        }
        let heading = self.out.paint(Look::Faint, "signatures that this does not break");
        self.out.line(&heading)?;
        names.iter().try_for_each(|name| self.wrapped("  ", 2, name))
    }

    /// Words behind a start of so many columns, in lines of [`WIDTH`] columns where none is longer;
    /// further lines are indented more.
    fn wrapped(&mut self, start: &str, columns: usize, text: &str) -> io::Result<()> {
        let indent = columns + 2;
        let (mut line, mut used, mut is_begun) = (start.to_owned(), columns, false);
        for word in text.split(' ') {
            let width = out::width(word);
            if is_begun && used + 1 + width > WIDTH {
                self.out.line(&line)?;
                (line, used, is_begun) = (" ".repeat(indent), indent, false);
            }
            if is_begun {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            (used, is_begun) = (used + width, true);
        }
        self.out.line(line.trim_end())
    }
}

const GROUPS: [(Group, &str, crate::base::Severity); 3] = [
    (Group::Harmless, "harmless in transit", crate::base::Severity::Note),
    (Group::BreaksSignatures, "breaks signatures", crate::base::Severity::Warning),
    (Group::ContentChanged, "content changed", crate::base::Severity::Error),
];

/// The number of the part; both, if they differ.
fn place(change: &Change) -> String {
    match &change.part {
        [Some(a), Some(b)] if a != b => format!("{a}->{b}"),
        [Some(part), _] | [None, Some(part)] => part.clone(),
        [None, None] => String::new(),
    }
}

/// A change in words, escaped.
fn said(change: &Change) -> String {
    let moved = if change.is_moved { ", moved" } else { "" };
    let field = change.field.as_deref().map_or_else(String::new, field_name);
    let [before, after] = change.text.each_ref().map(|text| text.as_deref().unwrap_or_default());
    let both = || format!("{} -> {}", shown(before), shown(after));
    let by = match change.field.as_deref() {
        Some("received") => received_by(change),
        _ => String::new(),
    };
    let left = COLUMNS.saturating_sub(out::width(&by)).max(LEAD);
    let came = if change.text[0].is_none() { "added" } else { "removed" };
    match change.what {
        What::LineEnds => format!("line ends {}", both()),
        What::ByteOrderMark => format!("byte order mark {came}"),
        What::FieldAdded => format!("{field} added{by}: {}", out::cut(&shown(after), left)),
        What::FieldRemoved => format!("{field} removed{by}: {}", out::cut(&shown(before), left)),
        What::FieldMoved => format!("{field} moved"),
        What::FieldRefolded => format!("{field} refolded{moved}"),
        What::FieldRecoded => format!("{field} written otherwise, the same text{moved}"),
        What::FieldChanged if is_short(before, after) => format!("{field}: {}{moved}", both()),
        What::FieldChanged => format!("{field} changed{by}{moved}"),
        What::HeaderLines => "lines in the header that are no fields changed".to_owned(),
        What::HeaderEnd => format!("empty line behind the header {came}"),
        What::Delimiters => "lines between the parts changed".to_owned(),
        What::AroundParts => "text before or behind the parts changed".to_owned(),
        What::PartAdded => format!("part added: {}", shown(after)),
        What::PartRemoved => format!("part removed: {}", shown(before)),
        What::PartMoved => "part moved".to_owned(),
        What::BodyRecoded if before == after => {
            format!("body written otherwise in {}, the same once decoded", shown(before))
        }
        What::BodyRecoded => format!("body {}, the same once decoded", both()),
        What::BodyLineEnds => "body: other line ends".to_owned(),
        What::BodySpace => "body: white space at the ends of lines or of the text".to_owned(),
        What::BodyCharset => format!("body in another charset, the same text: {}", both()),
        What::BodyChanged => format!("body changed: {}", both()),
        What::BeyondLimit => "what lies beyond a limit changed".to_owned(),
    }
}

/// Both fit into the line.
fn is_short(before: &str, after: &str) -> bool {
    out::width(before) + out::width(after) < 30
}

/// A text on one line, as much of it as is shown.
fn shown(text: &str) -> String {
    out::cut(&out::one_line(text), COLUMNS).into_owned()
}

/// Columns that are left behind an indent and a sign.
fn room(indent: &str) -> usize {
    WIDTH.saturating_sub(indent.len() + 3).max(LEAD * 2)
}

/// Two texts, each on one line of so many columns, from shortly before where they begin to differ.
fn around(before: &str, after: &str, columns: usize) -> [String; 2] {
    let texts = [before, after].map(out::one_line);
    let pairs = texts[0].char_indices().zip(texts[1].chars());
    let same = pairs.take_while(|((_, a), b)| a == b).last();
    let same = same.map_or(0, |((i, c), _)| i + c.len_utf8());
    let lead = &texts[0][..same];
    if out::width(lead) + LEAD <= columns || texts.iter().all(|it| out::width(it) <= columns) {
        return texts.map(|text| out::cut(&text, columns).into_owned());
    }
    let start = lead.char_indices().rev().nth(LEAD - 1).map_or(0, |(i, _)| i);
    // At the beginning of a word, if there is one.
    let start = lead[start..].find(' ').map_or(start, |space| start + space + 1);
    texts.map(|text| format!("…{}", out::cut(&text[start..], columns - 1)))
}

/// Which hosts wrote a Received: that is what names the hop.
fn received_by(change: &Change) -> String {
    match change.text.each_ref().map(|text| text.as_deref().and_then(by)) {
        [Some(before), Some(after)] if before != after => {
            format!(" by {}, now by {}", shown(before), shown(after))
        }
        [Some(by), _] | [None, Some(by)] => format!(" by {}", shown(by)),
        [None, None] => String::new(),
    }
}

/// What stands behind `by` in a Received, outside comments (RFC 5321 §4.4).
fn by(received: &str) -> Option<&str> {
    let mut depth = 0usize;
    let mut is_next = false;
    for word in received.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if depth == 0 && is_next {
            return Some(word.trim_end_matches(';'));
        }
        is_next = depth == 0 && word.eq_ignore_ascii_case("by");
        for c in word.bytes() {
            match c {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    None
}

/// The usual letter case of a field name.
fn field_name(name: &str) -> String {
    let word = |word: &str| match word {
        "arc" | "dkim" | "id" | "mime" | "spf" => word.to_ascii_uppercase(),
        _ => {
            let mut word = word.to_owned();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        }
    };
    out::escape(&name.split('-').map(word).collect::<Vec<_>>().join("-")).into_owned()
}

/// What a signature is called, escaped.
fn name(effect: &Effect) -> String {
    let name = match effect.kind {
        SignatureKind::Multipart => return format!("multipart/signed {}", effect.part),
        SignatureKind::Dkim => "DKIM",
        SignatureKind::Arc => "ARC-Message-Signature",
        SignatureKind::ArcSeal => "ARC-Seal",
    };
    let tag =
        |tag: &Option<String>| out::cut(&shown(tag.as_deref().unwrap_or("?")), 40).into_owned();
    format!("{name} {}/{}", tag(&effect.domain), tag(&effect.selector))
}

fn broken_line(effect: &Effect) -> String {
    if effect.presence == Presence::Removed {
        return format!("{}: removed", name(effect));
    }
    let mut told = Vec::new();
    if effect.kind == SignatureKind::Multipart {
        told.push("the signed part is not the same octets".to_owned());
    } else if effect.body_changed {
        told.push(match effect.body_hash {
            [Some(true), _] => "the body hash held before, and does not any more".to_owned(),
            _ => "the body is another (whether its hash held is not known)".to_owned(),
        });
    }
    let tags = &effect.tags_changed;
    if !tags.is_empty() {
        let names: Vec<_> = tags.iter().map(|tag| format!("{}=", shown(tag))).collect();
        told.push(format!("changed itself: {}", names.join(", ")));
    }
    // The field itself is told by its tags, if these changed.
    let is_told = |name: &&String| !tags.is_empty() && *name == effect.kind.field();
    let fields: Vec<_> = effect.fields_changed.iter().filter(|name| !is_told(name)).collect();
    if !fields.is_empty() {
        let fields: Vec<_> = fields.iter().map(|name| field_name(name)).collect();
        told.push(format!("signed fields changed: {}", fields.join(", ")));
    }
    format!("{}: {}", name(effect), told.join("; "))
}

fn unbroken(effect: &Effect) -> String {
    let held = match effect.body_hash {
        _ if effect.kind == SignatureKind::Multipart => "the same octets",
        _ if effect.kind == SignatureKind::ArcSeal => "no sealed field changed",
        [Some(true), _] => "the body hash holds, no signed field changed",
        [Some(false), Some(true)] => "the body hash holds now, and did not before",
        [Some(false), _] => "the body hash did not hold before either",
        [None, _] => "the same body and fields (whether its hash holds is not known)",
    };
    let unsigned = match effect.unsigned_octets[1] {
        None | Some(0) => String::new(),
        Some(count) => format!("; {} behind l= not signed", out::counted(count, "octet")),
    };
    format!("{}: {held}{unsigned}", name(effect))
}

/// The texts of a body that changed.
fn texts<'s>(change: &Change, seen: (&'s Snapshot, &'s Snapshot)) -> Option<(&'s str, &'s str)> {
    let [a, b] = change.index;
    Some((seen.0.kept_text(a?)?, seen.1.kept_text(b?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shown_where_they_differ() {
        let long = "0123456789 ".repeat(9);
        let cases: &[(&str, &str, &str, [&str; 2])] = &[
            ("short", "one", "two", ["one", "two"]),
            (
                "at the start",
                &format!("a {long}"),
                "b",
                ["a 0123456789 0123456789 0123456789 0123…", "b"],
            ),
            (
                "far behind",
                &format!("{long}t=1; x"),
                &format!("{long}t=2; x"),
                ["…0123456789 t=1; x", "…0123456789 t=2; x"],
            ),
            (
                "in a long word",
                &format!("{}1", "é".repeat(90)),
                &format!("{}2", "é".repeat(90)),
                ["…éééééééééééééééééééé1", "…éééééééééééééééééééé2"],
            ),
        ];
        for &(name, a, b, expected) in cases {
            let [a, b] = around(a, b, 40);
            assert_eq!([a.as_str(), b.as_str()], expected, "{name}");
        }
    }

    #[test]
    fn hosts_that_wrote_a_received() {
        let cases = [
            ("from a (b by c) by mx.example.org (Postfix); now", Some("mx.example.org")),
            ("BY x;", Some("x")),
            ("from a (by b)", None),
            ("by", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(by(text), expected, "{text}");
        }
    }
}
