//! What is said of a pair as JSON: schema septet.diff/1 (docs/json.md).
//!
//! May use: what the commands may.

use serde::Serialize;

use super::super::text::{self, Hunk};
use super::{Pair, texts};
use crate::compare::{Change, Diff, Effect, Group, Presence, SignatureKind, Snapshot, What};

#[derive(Serialize)]
pub(super) struct JsonPair<'a> {
    schema: &'static str,
    source: Option<&'a str>,
    message: Option<u64>,
    other_source: Option<&'a str>,
    other_message: Option<u64>,
    id: Option<&'a str>,
    same: bool,
    worst: Option<&'static str>,
    changes: Vec<JsonChange<'a>>,
    signatures: Vec<JsonSignature<'a>>,
}

#[derive(Serialize)]
pub(super) struct JsonChange<'a> {
    group: &'static str,
    what: &'static str,
    part: Option<&'a str>,
    other_part: Option<&'a str>,
    field: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    moved: bool,
    breaks: &'a [usize],
    hunks: Option<Vec<Hunk<'a>>>,
}

#[derive(Serialize)]
struct JsonSignature<'a> {
    kind: &'static str,
    presence: &'static str,
    part: &'a str,
    domain: Option<&'a str>,
    selector: Option<&'a str>,
    body_hash_before: Option<bool>,
    body_hash_after: Option<bool>,
    unsigned_octets_before: Option<u64>,
    unsigned_octets_after: Option<u64>,
    body_changed: bool,
    signed_fields_changed: &'a [String],
    tags_changed: &'a [String],
    broken: bool,
}

fn group_name(group: Group) -> &'static str {
    match group {
        Group::Harmless => "harmless",
        Group::BreaksSignatures => "signatures",
        Group::ContentChanged => "content",
    }
}

impl<'a> JsonPair<'a> {
    pub(super) fn new(
        pair: &Pair<'a>,
        diff: Option<&'a Diff>,
        changes: Vec<JsonChange<'a>>,
    ) -> JsonPair<'a> {
        let signatures = diff.map_or(&[][..], |diff| &diff.signatures);
        JsonPair {
            schema: "septet.diff/1",
            source: pair.a.map(|message| message.source),
            message: pair.a.map(|message| message.number),
            other_source: pair.b.map(|message| message.source),
            other_message: pair.b.map(|message| message.number),
            id: pair.id,
            same: diff.is_some_and(|diff| diff.is_same),
            worst: match diff {
                Some(diff) => diff.worst().map(group_name),
                None => Some("content"),
            },
            changes,
            signatures: signatures.iter().map(JsonSignature::new).collect(),
        }
    }
}

impl<'a> JsonChange<'a> {
    pub(super) fn new(
        change: &'a Change,
        seen: (&'a Snapshot, &'a Snapshot),
        left: &mut usize,
    ) -> JsonChange<'a> {
        let is_text = change.what == What::BodyChanged;
        let [part, other_part] = change.part.each_ref().map(Option::as_deref);
        let [before, after] = change.text.each_ref().map(Option::as_deref);
        JsonChange {
            group: group_name(change.group),
            what: change.what.name(),
            part,
            other_part,
            field: change.field.as_deref(),
            before,
            after,
            moved: change.is_moved,
            breaks: &change.breaks,
            hunks: texts(change, seen).filter(|_| is_text).map(|(a, b)| text::hunks(a, b, left)),
        }
    }
}

impl<'a> JsonSignature<'a> {
    pub(super) fn new(effect: &'a Effect) -> JsonSignature<'a> {
        JsonSignature {
            kind: match effect.kind {
                SignatureKind::Dkim => "dkim",
                SignatureKind::Arc => "arc",
                SignatureKind::ArcSeal => "arc-seal",
                SignatureKind::Multipart => "multipart/signed",
            },
            presence: match effect.presence {
                Presence::Both => "both",
                Presence::Removed => "removed",
                Presence::Added => "added",
            },
            part: &effect.part,
            domain: effect.domain.as_deref(),
            selector: effect.selector.as_deref(),
            body_hash_before: effect.body_hash[0],
            body_hash_after: effect.body_hash[1],
            unsigned_octets_before: effect.unsigned_octets[0],
            unsigned_octets_after: effect.unsigned_octets[1],
            body_changed: effect.body_changed,
            signed_fields_changed: &effect.fields_changed,
            tags_changed: &effect.tags_changed,
            broken: effect.is_broken(),
        }
    }
}
