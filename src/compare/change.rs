//! What became of a message on its way: how one copy of it differs from another.
//!
//! [`diff`] compares two [`Snapshot`]s and names every change once: of the header fields, of the
//! structure, of the bodies part by part, and of the octets around them. Each belongs to a [`Group`]:
//! what transports may do without harm, what breaks signatures, what changes what the message says.
//!
//! What is content: everything a reader is shown, and all fields but those that transports write. An
//! added field is none unless it is one of those; nor is an added Date or Message-ID where there was
//! none (RFC 5321 §6.4), nor a Content-Type that says in other words what was so before.
//!
//! Does not look for the intention: a relay that breaks a line in a body changes the content here.
//!
//! May use: header, transfer, structure, dkim.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;

use super::pair::{self, Pairs};
use super::signed::{self, Effect, SignatureKind};
use super::snapshot::{FieldSeen, Nature, PartSeen, Snapshot};
use crate::base::chars::is_fws;
use crate::dkim::Canon;
use crate::header::params;
use crate::transfer::Coding;

/// What a change does; later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Nothing that anybody notices.
    Harmless,
    /// A signature does not hold any more.
    BreaksSignatures,
    /// The message says something else.
    ContentChanged,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// What ends the lines of the message.
    LineEnds,
    /// A byte order mark before the header came or went.
    ByteOrderMark,
    /// A field that the first copy has not.
    FieldAdded,
    /// A field that the second copy has not.
    FieldRemoved,
    /// A field stands elsewhere, as it was.
    FieldMoved,
    /// Its folds, white space, or the letter case of its name.
    FieldRefolded,
    /// It says the same in other words, quotes or comments.
    FieldRecoded,
    /// It says something else.
    FieldChanged,
    /// Lines in the header that are no fields.
    HeaderLines,
    /// The empty line behind the header came or went.
    HeaderEnd,
    /// The lines between the parts of a multipart.
    Delimiters,
    /// What stands before and behind the parts of a multipart.
    AroundParts,
    /// A part that the first copy has not.
    PartAdded,
    /// A part that the second copy has not.
    PartRemoved,
    /// A part stands elsewhere.
    PartMoved,
    /// A body is encoded otherwise; decoded, it is the same.
    BodyRecoded,
    /// The line ends of a body.
    BodyLineEnds,
    /// White space at the ends of the lines of a body, or empty lines at its end.
    BodySpace,
    /// The same text in another charset.
    BodyCharset,
    /// A body says something else.
    BodyChanged,
    /// What lies beyond a limit.
    BeyondLimit,
}

impl What {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            What::LineEnds => "line-ends",
            What::ByteOrderMark => "byte-order-mark",
            What::FieldAdded => "field-added",
            What::FieldRemoved => "field-removed",
            What::FieldMoved => "field-moved",
            What::FieldRefolded => "field-refolded",
            What::FieldRecoded => "field-recoded",
            What::FieldChanged => "field-changed",
            What::HeaderLines => "header-lines",
            What::HeaderEnd => "header-end",
            What::Delimiters => "delimiters",
            What::AroundParts => "around-parts",
            What::PartAdded => "part-added",
            What::PartRemoved => "part-removed",
            What::PartMoved => "part-moved",
            What::BodyRecoded => "body-recoded",
            What::BodyLineEnds => "body-line-ends",
            What::BodySpace => "body-space",
            What::BodyCharset => "body-charset",
            What::BodyChanged => "body-changed",
            What::BeyondLimit => "beyond-limit",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does.
    pub group: Group,
    /// What it is.
    pub what: What,
    /// The number of the part in the first copy and in the second; `None` where it is not, and if it is
    /// about the whole message.
    pub part: [Option<String>; 2],
    /// The index of that part.
    pub index: [Option<u32>; 2],
    /// The name of the field, in lower case.
    pub field: Option<String>,
    /// What it was and what it is: the text of a field, a coding, a charset, a type, a length; `None`
    /// where there is none, or it is too long to be kept.
    pub text: [Option<String>; 2],
    /// The field, or part, stands elsewhere too.
    pub is_moved: bool,
    /// Which of [`Diff::signatures`] it breaks.
    pub breaks: Vec<usize>,
    /// The place of the field in that header of the first copy.
    place: Option<usize>,
}

/// How two copies differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// They are the same octets.
    pub is_same: bool,
    /// The changes, by part.
    pub changes: Vec<Change>,
    /// The signatures of both.
    pub signatures: Vec<Effect>,
}

impl Diff {
    /// The worst that is among the changes; `None` if there are none.
    pub fn worst(&self) -> Option<Group> {
        self.changes.iter().map(|change| change.group).max()
    }

    /// Whether a signature does not hold any more, whatever else the changes do.
    pub fn breaks_signatures(&self) -> bool {
        self.signatures.iter().any(Effect::is_broken)
            || self.changes.iter().any(|change| change.group == Group::BreaksSignatures)
    }
}

/// How `b` differs from `a`.
pub fn diff(a: &Snapshot, b: &Snapshot) -> Diff {
    let is_same = (a.exact, a.length) == (b.exact, b.length);
    let pairs = pair::parts(&a.parts, &b.parts);
    let (signatures, multiparts) = signed::effects(a, b, &pairs);
    if is_same {
        return Diff { is_same, changes: Vec::new(), signatures };
    }
    let mut comparing = Comparing { a, b, changes: Vec::new() };
    comparing.message();
    comparing.parts(&pairs);
    // All else is compared without the line ends, so they are what differs.
    if comparing.changes.is_empty() {
        comparing.note(What::LineEnds, [None; 2], [a, b].map(line_ends));
    }
    let mut changes = comparing.changes;
    let judge =
        Judge { a, b, signatures: &signatures, multiparts: &multiparts, types: Cell::new(None) };
    judge.breaks(&mut changes);
    for change in &mut changes {
        change.group = if judge.is_content(change) {
            Group::ContentChanged
        } else if change.breaks.is_empty() && !judge.is_unknown_signature(change) {
            Group::Harmless
        } else {
            Group::BreaksSignatures
        };
    }
    Diff { is_same, changes, signatures }
}

/// Looks for the changes.
struct Comparing<'s> {
    a: &'s Snapshot,
    b: &'s Snapshot,
    changes: Vec<Change>,
}

impl Comparing<'_> {
    fn note(
        &mut self,
        what: What,
        at: [Option<usize>; 2],
        text: [Option<String>; 2],
    ) -> &mut Change {
        let [i, j] = at;
        let part = [
            i.and_then(|i| self.a.parts.get(i)).map(|part| part.number.clone()),
            j.and_then(|j| self.b.parts.get(j)).map(|part| part.number.clone()),
        ];
        self.changes.push(Change {
            group: Group::Harmless,
            what,
            part,
            index: at.map(|index| index.map(|index| index as u32)),
            field: None,
            text,
            is_moved: false,
            breaks: Vec::new(),
            place: None,
        });
        self.changes.last_mut().expect("it was just pushed")
    }

    fn message(&mut self) {
        let text = [self.a, self.b].map(line_ends);
        if text[0] != text[1] && text.iter().all(Option::is_some) {
            self.note(What::LineEnds, [None; 2], text);
        }
        if self.a.has_bom != self.b.has_bom {
            let text = [self.a.has_bom, self.b.has_bom].map(present);
            self.note(What::ByteOrderMark, [None; 2], text);
        }
        if self.a.opaque != self.b.opaque {
            self.note(What::BeyondLimit, [None; 2], [None, None]);
        }
    }

    fn parts(&mut self, pairs: &Pairs) {
        let moved = pair::moved(&pairs.both);
        // The header of the message stays it, whatever became of the body.
        if !pairs.both.contains(&(0, 0)) && !self.a.parts.is_empty() && !self.b.parts.is_empty() {
            self.fields((0, 0), |field| !is_of_part(field));
        }
        for (&(i, j), is_moved) in pairs.both.iter().zip(moved) {
            if is_moved {
                self.note(What::PartMoved, [Some(i), Some(j)], [None, None]);
            }
            self.part(i, j);
        }
        for &i in &pairs.removed {
            let essence = self.a.parts[i].essence.clone();
            self.note(What::PartRemoved, [Some(i), None], [Some(essence), None]);
        }
        for &j in &pairs.added {
            let essence = self.b.parts[j].essence.clone();
            self.note(What::PartAdded, [None, Some(j)], [None, Some(essence)]);
        }
    }

    fn part(&mut self, i: usize, j: usize) {
        let (a, b) = (&self.a.parts[i], &self.b.parts[j]);
        let at = [Some(i), Some(j)];
        match a.is_message == b.is_message {
            true => self.fields((i, j), |_| true),
            false => self.fields((i, j), is_of_part),
        }
        if a.junk != b.junk {
            self.note(What::HeaderLines, at, [None, None]);
        }
        if a.has_header_end != b.has_header_end {
            let text = [a.has_header_end, b.has_header_end].map(present);
            self.note(What::HeaderEnd, at, text);
        }
        if a.delimiters != b.delimiters {
            self.note(What::Delimiters, at, [None, None]);
        }
        if !a.around.same_lines(&b.around) {
            self.note(What::AroundParts, at, [None, None]);
        }
        if a.opaque != b.opaque {
            self.note(What::BeyondLimit, at, [None, None]);
        }
        self.body(i, j);
    }

    fn body(&mut self, i: usize, j: usize) {
        let (a, b) = (&self.a.parts[i], &self.b.parts[j]);
        let Some(what) = body(a, b) else { return };
        // The line ends of all lines were told already.
        let is_told = self.changes.first().is_some_and(|change| change.what == What::LineEnds);
        if what == What::BodyLineEnds && is_told && a.raw.same_lines(&b.raw) {
            return;
        }
        let octets = |part: &PartSeen| Some(format!("{} octets", part.decoded.len));
        let text = match what {
            What::BodyCharset => [a, b].map(|part| part.charset_used.map(str::to_owned)),
            What::BodyChanged => [octets(a), octets(b)],
            What::BodyRecoded => [Some(a.encoding.clone()), Some(b.encoding.clone())],
            _ => [None, None],
        };
        self.note(what, [Some(i), Some(j)], text);
    }

    /// The fields that are meant, of the headers of two parts.
    fn fields(&mut self, (i, j): (usize, usize), is_meant: impl Fn(&FieldSeen) -> bool) {
        let (a, b) = (self.a, self.b);
        let meant = |of: &'_ PartSeen| -> Vec<usize> {
            (0..of.fields.len()).filter(|&field| is_meant(&of.fields[field])).collect()
        };
        let (in_a, in_b) = (meant(&a.parts[i]), meant(&b.parts[j]));
        let of_a: Vec<_> = in_a.iter().map(|&field| &a.parts[i].fields[field]).collect();
        let of_b: Vec<_> = in_b.iter().map(|&field| &b.parts[j].fields[field]).collect();
        if of_a
            .iter()
            .map(|it| (&it.name, it.written))
            .eq(of_b.iter().map(|it| (&it.name, it.written)))
        {
            return;
        }
        let pairs = pair::fields((a, &of_a), (b, &of_b));
        let moved = pair::moved(&pairs.both);
        let mut found: Vec<FoundField<'_>> = Vec::new();
        for (&(x, y), is_moved) in pairs.both.iter().zip(moved) {
            let what = match (of_a[x], of_b[y]) {
                (one, other) if one.written == other.written && is_moved => What::FieldMoved,
                (one, other) if one.written == other.written => continue,
                (one, other) if one.relaxed == other.relaxed => What::FieldRefolded,
                (one, other) if a.meaning(one) == b.meaning(other) => What::FieldRecoded,
                (one, other) if is_one_signature((a, one), (b, other)) => What::FieldRecoded,
                _ => What::FieldChanged,
            };
            found.push((Some(x), what, is_moved, [Some(of_a[x]), Some(of_b[y])]));
        }
        found.extend(
            pairs
                .removed
                .iter()
                .map(|&x| (Some(x), What::FieldRemoved, false, [Some(of_a[x]), None])),
        );
        found.sort_by_key(|&(x, ..)| x);
        let added =
            pairs.added.iter().map(|&y| (None, What::FieldAdded, false, [None, Some(of_b[y])]));
        for (x, what, is_moved, [one, other]) in found.into_iter().chain(added) {
            let text = [one.and_then(|one| a.text(one)), other.and_then(|other| b.text(other))];
            let name = one.or(other).map(|field| field.name.to_string());
            let change = self.note(what, [Some(i), Some(j)], text);
            (change.field, change.is_moved) = (name, is_moved);
            change.place = x.map(|x| in_a[x]);
        }
    }
}

/// The place in the first header, what became of the field, whether it moved, and both of it.
type FoundField<'s> = (Option<usize>, What, bool, [Option<&'s FieldSeen>; 2]);

/// What ends the lines of a message, if it has any.
fn line_ends(of: &Snapshot) -> Option<String> {
    let name = match (of.crlf, of.lf) {
        (0, 0) => return None,
        (0, _) => "LF",
        (_, 0) => "CRLF",
        _ => "CRLF and LF",
    };
    Some(name.to_owned())
}

/// What is said of a thing that is there.
fn present(is_there: bool) -> Option<String> {
    is_there.then(|| "present".to_owned())
}

/// Whether two fields are one signature: in its base64, folds mean nothing (RFC 6376 §3.2).
fn is_one_signature(one: (&Snapshot, &FieldSeen), other: (&Snapshot, &FieldSeen)) -> bool {
    let octets = |(of, field): (&Snapshot, &FieldSeen)| -> Option<Vec<u8>> {
        let body = of.field(field)?.body;
        Some(body.iter().copied().filter(|&c| !is_fws(c)).collect())
    };
    signed::is_signature(&one.1.name) && octets(one) == octets(other)
}

/// Whether a field is about the body of its part, rather than about the message.
fn is_of_part(field: &FieldSeen) -> bool {
    field.name.starts_with("content-")
}

/// How the bodies of two parts differ.
fn body(a: &PartSeen, b: &PartSeen) -> Option<What> {
    // 7bit, 8bit and binary differ in what they promise only.
    let is_as_coded = a.coding == b.coding || a.coding.is_identity() && b.coding.is_identity();
    if a.nature != Nature::Leaf {
        // A message that is encoded: its parts are compared by themselves. Where they say the same in
        // the same lines, only the coding is left to differ.
        let is_encoded = |part: &PartSeen| part.raw.len > 0;
        return match () {
            () if is_encoded(a) != is_encoded(b) => Some(What::BodyRecoded),
            () if !is_encoded(a) => None,
            () if !is_as_coded => Some(What::BodyRecoded),
            () if a.raw.same_lines(&b.raw) => None,
            () => a.decoded.same_lines(&b.decoded).then_some(What::BodyRecoded),
        };
    }
    let texts = a.text.as_ref().zip(b.text.as_ref());
    let is_reread = a.charset_used != b.charset_used;
    let is_binary = [a, b].iter().any(|part| part.coding == Coding::Binary);
    if is_as_coded && a.raw.same_lines(&b.raw) {
        let reads_the_same = match texts {
            Some((text, other)) => text.trimmed == other.trimmed,
            None => !is_reread,
        };
        return match a.raw.exact == b.raw.exact {
            _ if !reads_the_same => Some(What::BodyChanged),
            true => None,
            false if is_binary && texts.is_none() => Some(What::BodyChanged),
            false => Some(What::BodyLineEnds),
        };
    }
    let is_recoded = a.decoded.exact == b.decoded.exact;
    let Some((text, other)) = texts else {
        let has_no_lines =
            |coding| matches!(coding, Coding::Base64 | Coding::Uuencode | Coding::Binary);
        return Some(match () {
            () if is_reread => What::BodyChanged,
            () if is_recoded => What::BodyRecoded,
            () if has_no_lines(a.coding) || has_no_lines(b.coding) => What::BodyChanged,
            () if a.decoded.same_lines(&b.decoded) => What::BodyRecoded,
            () if a.decoded.trimmed == b.decoded.trimmed => What::BodySpace,
            () => What::BodyChanged,
        });
    };
    Some(match () {
        () if text.trimmed != other.trimmed => What::BodyChanged,
        () if is_recoded => What::BodyRecoded,
        () if is_reread && a.decoded.trimmed != b.decoded.trimmed => What::BodyCharset,
        () if !text.same_lines(other) => What::BodySpace,
        // Line ends of other codings are those of the message.
        () if a.coding == Coding::Base64 && is_as_coded => What::BodyLineEnds,
        () => What::BodyRecoded,
    })
}

/// Tells what changes do.
struct Judge<'s> {
    a: &'s Snapshot,
    b: &'s Snapshot,
    signatures: &'s [Effect],
    /// The place in them of the multipart/signed that is this part of the first copy.
    multiparts: &'s HashMap<u32, usize>,
    /// Whether the types of the two parts that were asked for last differ: a header may have many
    /// fields that say what they are.
    types: Cell<Option<([u32; 2], bool)>>,
}

impl Judge<'_> {
    /// Fills in which signatures each change breaks.
    fn breaks(&self, changes: &mut [Change]) {
        for (at, effect) in self.signatures.iter().enumerate() {
            if effect.is_broken() && effect.kind != SignatureKind::Multipart {
                self.breaks_dkim(at, effect, changes);
            }
        }
        for change in changes.iter_mut().filter(|change| change.what != What::PartMoved) {
            let at = self.signed_by(change).and_then(|by| self.multiparts.get(&by));
            if let Some(&at) = at.filter(|&&at| self.signatures[at].is_broken()) {
                change.breaks.push(at);
            }
        }
    }

    /// The multipart/signed that covers what changed.
    fn signed_by(&self, change: &Change) -> Option<u32> {
        let part =
            |of: &Snapshot, index: Option<u32>| Some(of.parts.get(index? as usize)?.signed_by);
        match part(self.a, change.index[0]) {
            Some(signed_by) => signed_by,
            // What was added stands in the multipart of the same index, if in any.
            None => part(self.b, change.index[1])?,
        }
    }

    fn breaks_dkim(&self, at: usize, effect: &Effect, changes: &mut [Change]) {
        let is_hit = |change: &Change| match &change.field {
            None => false,
            Some(_) if effect.is_at(change.place) => effect.is_itself_changed(),
            Some(name) => {
                effect.fields_changed.binary_search(name).is_ok()
                    && (effect.covers_its_name || name != effect.kind.field())
            }
        };
        // A seal covers fields by their instance, and others of their names may come.
        let is_kept = |it: &Change| {
            matches!(it.what, What::FieldAdded | What::FieldMoved | What::FieldRefolded)
        };
        let is_told = |it: &Change| effect.kind != SignatureKind::ArcSeal || !is_kept(it);
        let mut of_header: Vec<_> =
            changes.iter_mut().filter(|it| is_of_header(it) && is_hit(it)).collect();
        let are_told = of_header.iter().any(|change| is_told(change));
        for change in of_header.iter_mut().filter(|change| !are_told || is_told(change)) {
            change.breaks.push(at);
        }
        if !effect.body_changed {
            return;
        }
        let is_of_body =
            |change: &&mut Change| !is_of_header(change) && change.what != What::LineEnds;
        let mut is_found = false;
        for change in changes.iter_mut().filter(is_of_body) {
            if self.is_visible(change, effect.canon) {
                change.breaks.push(at);
                is_found = true;
            }
        }
        // Each by itself is not seen in the canonical form, but all together are.
        if !is_found {
            changes.iter_mut().filter(is_of_body).for_each(|change| change.breaks.push(at));
        }
    }

    /// Whether a signature was changed or taken away that is beyond those that are told apart.
    fn is_unknown_signature(&self, change: &Change) -> bool {
        matches!(change.what, What::FieldChanged | What::FieldRemoved)
            && is_of_header(change)
            && change.field.as_deref().is_some_and(signed::is_signature)
            && !self.signatures.iter().any(|effect| effect.is_at(change.place))
    }

    /// Whether a change to a body shows in its canonical form.
    fn is_visible(&self, change: &Change, canon: Canon) -> bool {
        let [Some(i), Some(j)] = change.index else { return true };
        if !matches!(change.what, What::BodySpace | What::BodyLineEnds) {
            return true;
        }
        let (a, b) = (&self.a.parts[i as usize].raw, &self.b.parts[j as usize].raw);
        // Empty lines at the end of all are ignored.
        let is_last = self.a.parts.len() == 1 && self.b.parts.len() == 1;
        match canon {
            Canon::Simple => a.lines != b.lines || a.tail != b.tail && !is_last,
            Canon::Relaxed => {
                a.relaxed != b.relaxed || a.trimmed_tail != b.trimmed_tail && !is_last
            }
        }
    }

    fn is_content(&self, change: &Change) -> bool {
        match change.what {
            What::PartAdded
            | What::PartRemoved
            | What::PartMoved
            | What::BodyChanged
            | What::BeyondLimit => true,
            What::FieldAdded | What::FieldRemoved | What::FieldChanged => {
                self.is_content_of_field(change)
            }
            _ => false,
        }
    }

    fn is_content_of_field(&self, change: &Change) -> bool {
        let name = change.field.as_deref().unwrap_or_default();
        match (purpose(name), change.what) {
            (Purpose::Transport, _) => false,
            (Purpose::Other, what) => what != What::FieldAdded,
            (Purpose::Said, _) if name == "content-type" => self.types_differ(change),
            (Purpose::Said, What::FieldAdded) if matches!(name, "date" | "message-id") => {
                let had = |part: &PartSeen| part.fields.iter().any(|field| &*field.name == name);
                change.index[0].is_none_or(|i| had(&self.a.parts[i as usize]))
            }
            // Who sends a message takes it out (RFC 5322 §3.6.3).
            (Purpose::Said, What::FieldRemoved) => name != "bcc",
            (Purpose::Said, _) => true,
        }
    }

    /// Whether the types of a part differ in more than what its body told already.
    fn types_differ(&self, change: &Change) -> bool {
        let [Some(i), Some(j)] = change.index else { return true };
        match self.types.get() {
            Some((asked, differ)) if asked == [i, j] => differ,
            _ => {
                let (a, b) = (&self.a.parts[i as usize], &self.b.parts[j as usize]);
                let differ = said_type(self.a, a) != said_type(self.b, b);
                self.types.set(Some(([i, j], differ)));
                differ
            }
        }
    }
}

/// Whether a change is to the header of the message: no body hash covers that.
fn is_of_header(change: &Change) -> bool {
    let is_field =
        change.field.is_some() || matches!(change.what, What::HeaderLines | What::HeaderEnd);
    match change.index {
        [Some(0), Some(0)] => is_field,
        [None, None] => change.what == What::ByteOrderMark,
        _ => false,
    }
}

/// The type of a part, and its parameters but for those that say how it is written: the charset of text,
/// which decoding it tells, and the boundary.
fn said_type(of: &Snapshot, part: &PartSeen) -> (String, Vec<(String, String)>) {
    let essence = match part.essence.as_str() {
        "message/global" => "message/rfc822",
        essence => essence,
    };
    let (is_text, is_multipart) = (essence.starts_with("text/"), part.nature == Nature::Multipart);
    let field = part.fields.iter().find(|field| &*field.name == "content-type");
    let params = field
        .and_then(|field| of.field(field))
        .map_or_else(Vec::new, |field| params::parse(field.body, &of.context, &mut ()).params);
    let params = params.into_iter().filter(|param| match param.name.as_str() {
        "charset" => !is_text,
        "boundary" => !is_multipart,
        _ => true,
    });
    let mut params: Vec<_> = params.map(|param| (param.name, param.value.text)).collect();
    params.sort();
    (essence.to_owned(), params)
}

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Transports, filters and mailboxes write it, or it says how a body is encoded.
    Transport,
    /// It is part of what the message says.
    Said,
    /// Nobody knows.
    Other,
}

fn purpose(name: &str) -> Purpose {
    const TRANSPORT: &[&str] = &[
        "authentication-results",
        "content-length",
        "content-transfer-encoding",
        "delivered-to",
        "delivery-date",
        "dkim-signature",
        "domainkey-signature",
        "envelope-to",
        "errors-to",
        "lines",
        "mime-version",
        "precedence",
        "received",
        "received-spf",
        "return-path",
        "status",
        "x-envelope-from",
        "x-envelope-to",
        "x-gmail-labels",
        "x-keywords",
        "x-original-to",
        "x-received",
        "x-status",
        "x-uid",
    ];
    const BEGINNINGS: &[&str] = &["arc-", "list-", "resent-", "x-mozilla-", "x-spam-", "x-virus-"];
    const SAID: &[&str] = &[
        "bcc",
        "cc",
        "comments",
        "content-description",
        "content-disposition",
        "content-id",
        "content-language",
        "content-location",
        "content-type",
        "date",
        "disposition-notification-to",
        "from",
        "in-reply-to",
        "keywords",
        "mail-followup-to",
        "mail-reply-to",
        "message-id",
        "references",
        "reply-to",
        "return-receipt-to",
        "sender",
        "subject",
        "to",
    ];
    if TRANSPORT.contains(&name) || BEGINNINGS.iter().any(|begin| name.starts_with(begin)) {
        Purpose::Transport
    } else if SAID.contains(&name) {
        Purpose::Said
    } else {
        Purpose::Other
    }
}
