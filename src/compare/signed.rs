//! What the changes between two copies do to their signatures: the body hash and the signed fields of
//! DKIM and ARC signatures (RFC 6376 §3.4, §5.4.2), what an ARC-Seal seals (RFC 8617 §5.1.1), the first
//! part of a multipart/signed (RFC 1847 §2.1). One that was taken away, or altered, is broken too.
//!
//! No signature is verified. What is told: whether the octets that it covers are still the same in its
//! own canonical form.
//!
//! May use: header, dkim.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use xxhash_rust::xxh3::xxh3_128;

use super::meaning::{as_written, relaxed};
use super::pair::{self, Pairs};
use super::snapshot::{FieldSeen, SignatureSeen, Snapshot};
use crate::base::chars::{is_fws, trim};
use crate::dkim::{Canon, Signature, is_signature_field};
use crate::header::Field;

/// Of what kind a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// A DKIM-Signature.
    Dkim,
    /// An ARC-Message-Signature.
    Arc,
    /// An ARC-Seal.
    ArcSeal,
    /// A multipart/signed.
    Multipart,
}

impl SignatureKind {
    /// The name of its field, in lower case.
    pub const fn field(self) -> &'static str {
        match self {
            SignatureKind::Dkim => "dkim-signature",
            SignatureKind::Arc => "arc-message-signature",
            SignatureKind::ArcSeal => "arc-seal",
            SignatureKind::Multipart => "content-type",
        }
    }
}

/// In which of two copies something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In both.
    Both,
    /// In the first only.
    Removed,
    /// In the second only.
    Added,
}

/// What became of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What it is.
    pub kind: SignatureKind,
    /// In which copy it is.
    pub presence: Presence,
    /// The number of the part whose header it stands in, or of the multipart/signed.
    pub part: String,
    /// `d=`.
    pub domain: Option<String>,
    /// `s=`.
    pub selector: Option<String>,
    /// Whether the body hash holds in the first copy, and in the second; `None` if that cannot be told,
    /// if the signature is not there, and of a multipart/signed.
    pub body_hash: [Option<bool>; 2],
    /// How many octets of the canonical body are behind those that `l=` counts, so that it does not
    /// cover them, in the first copy and in the second; `None` as with the hash where it is not there.
    pub unsigned_octets: [Option<u64>; 2],
    /// Whether the octets of the body that it covers, in its canonical form, are others now.
    pub body_changed: bool,
    /// The signed fields that are others now, in lower case; the signature's own among them, if more of
    /// it than `b=` is.
    pub fields_changed: Vec<String>,
    /// The names of its own tags that are others now, but for white space.
    pub tags_changed: Vec<String>,
    pub(super) canon: Canon,
    /// The place of its field in the header of the first copy.
    pub(super) own: Option<usize>,
    /// It covers fields of its own name too.
    pub(super) covers_its_name: bool,
}

impl Effect {
    /// Whether it cannot hold in the second copy, if it did in the first.
    pub fn is_broken(&self) -> bool {
        let is_other = match self.presence {
            Presence::Added => false,
            Presence::Removed => true,
            Presence::Both => {
                self.body_changed
                    || !self.fields_changed.is_empty()
                    || !self.tags_changed.is_empty()
            }
        };
        is_other && self.body_hash[0] != Some(false)
    }

    /// Whether its field is the one at this place in the header of the first copy.
    pub(super) fn is_at(&self, place: Option<usize>) -> bool {
        place.is_some() && place == self.own
    }

    /// Whether it was taken away, or is not as it was signed.
    pub(super) fn is_itself_changed(&self) -> bool {
        self.presence == Presence::Removed
            || !self.tags_changed.is_empty()
            || self.fields_changed.iter().any(|name| name == self.kind.field())
    }
}

/// The signatures of both copies: those of the header first, then each multipart/signed that is in both
/// with the index of its part in the first copy.
pub(super) fn effects(
    a: &Snapshot,
    b: &Snapshot,
    pairs: &Pairs,
) -> (Vec<Effect>, HashMap<u32, usize>) {
    let mut effects = in_header(a, b);
    let mut multiparts = HashMap::new();
    for &(i, j) in &pairs.both {
        let (Some(part), Some(other)) = (a.parts.get(i), b.parts.get(j)) else { continue };
        let (Some(signed), Some(now)) = (part.signed, other.signed) else { continue };
        multiparts.insert(i as u32, effects.len());
        effects.push(Effect {
            kind: SignatureKind::Multipart,
            presence: Presence::Both,
            part: part.number.clone(),
            domain: None,
            selector: None,
            body_hash: [None; 2],
            unsigned_octets: [None; 2],
            body_changed: signed != now,
            fields_changed: Vec::new(),
            tags_changed: Vec::new(),
            canon: Canon::Simple,
            own: None,
            covers_its_name: false,
        });
    }
    (effects, multiparts)
}

/// The signatures of the message's own header.
fn in_header(a: &Snapshot, b: &Snapshot) -> Vec<Effect> {
    let names = [by_name(a), by_name(b)];
    let chains = [arc_fields(a), arc_fields(b)];
    let mut effects = Vec::new();
    for (of_a, of_b) in [(&a.signatures, &b.signatures), (&a.seals, &b.seals)] {
        let pairs = pair::signatures(of_a, of_b);
        let mut partners = vec![None; of_a.len()];
        for &(i, j) in &pairs.both {
            partners[i] = Some(&of_b[j]);
        }
        for (signature, partner) in of_a.iter().zip(partners) {
            let mut effect = effect(signature, Presence::Removed, a);
            if let Some(other) = partner {
                became(&mut effect, signature, other);
                let mut changed = match effect.kind {
                    SignatureKind::ArcSeal => sealed_changed(signature, &chains),
                    _ => fields_changed(signature, &names),
                };
                if own(signature) != own(other) {
                    changed.insert(effect.kind.field().to_owned());
                }
                effect.fields_changed = changed.into_iter().collect();
            }
            effects.push(effect);
        }
        for &j in &pairs.added {
            let mut effect = effect(&of_b[j], Presence::Added, b);
            effect.body_hash.swap(0, 1);
            effect.unsigned_octets.swap(0, 1);
            effect.own = None;
            effects.push(effect);
        }
    }
    effects
}

/// As if it were in the first copy only.
fn effect(signature: &SignatureSeen, presence: Presence, of: &Snapshot) -> Effect {
    let says = &signature.says;
    let kind = kind(signature);
    let is_seal = kind == SignatureKind::ArcSeal;
    Effect {
        kind,
        presence,
        part: of.parts.first().map_or_else(|| "1".to_owned(), |part| part.number.clone()),
        domain: says.domain.clone(),
        selector: says.selector.clone(),
        body_hash: [signature.body.holds, None],
        unsigned_octets: [(!is_seal).then_some(signature.body.unsigned_octets), None],
        body_changed: false,
        fields_changed: Vec::new(),
        tags_changed: Vec::new(),
        canon: says.body_canon,
        own: Some(signature.index),
        covers_its_name: is_seal || says.signs(kind.field()),
    }
}

/// It is in both copies.
fn became(effect: &mut Effect, signature: &SignatureSeen, other: &SignatureSeen) {
    effect.presence = Presence::Both;
    effect.body_hash[1] = other.body.holds;
    if effect.kind != SignatureKind::ArcSeal {
        effect.unsigned_octets[1] = Some(other.body.unsigned_octets);
    }
    // Hashes of two algorithms tell nothing.
    let is_one_hash = signature.says.hash == other.says.hash;
    effect.body_changed = is_one_hash && signature.body.digest != other.body.digest;
    effect.tags_changed = tags_changed(&signature.says, &other.says);
}

impl SignatureSeen {
    /// The name of its field, in lower case.
    pub(super) fn name(&self) -> String {
        let name = Field::parse(&self.field).map(|field| field.name.to_ascii_lowercase());
        String::from_utf8_lossy(&name.unwrap_or_default()).into_owned()
    }
}

fn kind(signature: &SignatureSeen) -> SignatureKind {
    match signature.name().as_str() {
        "arc-message-signature" => SignatureKind::Arc,
        "arc-seal" => SignatureKind::ArcSeal,
        _ => SignatureKind::Dkim,
    }
}

/// Whether fields of this name, in lower case, are signatures of their own.
pub(super) fn is_signature(name: &str) -> bool {
    name == "arc-seal" || is_signature_field(name.as_bytes())
}

/// How many things there are that make a signature the same one.
pub(super) const TRAITS: usize = 3;

/// What makes a signature the same one, the surest first: its tags, `b=`, and who signed; of an ARC
/// field its instance too.
pub(super) fn traits(name: &str, says: &Signature) -> [Option<u128>; TRAITS] {
    let digest = |tags: &[(&str, &str)]| {
        let mut text = name.to_owned();
        for (name, value) in tags {
            text.extend([";", name, "="]);
            text.push_str(&without_space(value));
        }
        xxh3_128(text.as_bytes())
    };
    let all: Vec<_> = says.tags.iter().map(|(name, value)| (&**name, &**value)).collect();
    let signature = all.iter().find(|(name, value)| *name == "b" && !value.is_empty());
    let instance = says.identity.as_deref().filter(|_| name.starts_with("arc-"));
    let key = says.domain.as_deref().zip(says.selector.as_deref());
    [
        Some(digest(&all)),
        signature.map(|&tag| digest(&[tag])),
        key.map(|(d, s)| digest(&[("d", d), ("s", s), ("i", instance.unwrap_or_default())])),
    ]
}

fn without_space(value: &str) -> String {
    value.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// The names of the tags that differ in more than white space.
fn tags_changed(a: &Signature, b: &Signature) -> Vec<String> {
    let mut values: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for (side, says) in [a, b].into_iter().enumerate() {
        for (name, value) in &says.tags {
            values.entry(name).or_default()[side].push(without_space(value));
        }
    }
    let changed = values.into_iter().filter(|(_, [a, b])| a != b);
    changed.map(|(name, _)| name.to_owned()).collect()
}

/// A field of an ARC set.
struct ArcField<'a> {
    name: &'a str,
    instance: u32,
    relaxed: u128,
}

/// The fields of the ARC sets of a message, whose instance is known.
fn arc_fields(of: &Snapshot) -> Vec<ArcField<'_>> {
    const NAMES: [&str; 3] = ["arc-authentication-results", "arc-message-signature", "arc-seal"];
    let fields = of.parts.iter().take(1).flat_map(|part| &part.fields);
    let arc = fields.filter(|field| NAMES.contains(&&*field.name)).filter_map(|field| {
        let instance = instance(of.field(field)?.body)?;
        Some(ArcField { name: &field.name, instance, relaxed: field.relaxed })
    });
    let mut found: Vec<_> = arc.collect();
    found.sort_by(|a, b| (a.name, a.relaxed).cmp(&(b.name, b.relaxed)));
    found
}

/// `i=` of an ARC field.
fn instance(body: &[u8]) -> Option<u32> {
    let mut tags = body.split(|&c| c == b';').filter_map(|tag| std::str::from_utf8(tag).ok());
    let value = tags.find_map(|tag| tag.split_once('=').filter(|(name, _)| name.trim() == "i"));
    value?.1.trim().parse().ok()
}

/// The names of the fields that a seal covers and that differ: of its own set and all before it, but
/// itself (RFC 8617 §5.1.1).
fn sealed_changed(seal: &SignatureSeen, [a, b]: &[Vec<ArcField<'_>>; 2]) -> BTreeSet<String> {
    let Some(instance) = Field::parse(&seal.field).and_then(|field| instance(field.body)) else {
        return BTreeSet::new();
    };
    let is_sealed = |field: &&ArcField<'_>| match field.name {
        "arc-seal" => field.instance < instance,
        _ => field.instance <= instance,
    };
    let of = |chain: &[ArcField<'_>], name: &str| -> Vec<u128> {
        let fields = chain.iter().filter(is_sealed).filter(|field| field.name == name);
        fields.map(|field| field.relaxed).collect()
    };
    let names: BTreeSet<&str> = a.iter().chain(b).map(|field| field.name).collect();
    let changed = names.into_iter().filter(|name| of(a, name) != of(b, name));
    changed.map(str::to_owned).collect()
}

type ByName<'a> = HashMap<&'a str, Vec<&'a FieldSeen>>;

/// The fields of the message's own header, of each name from the last up.
fn by_name(of: &Snapshot) -> ByName<'_> {
    let mut names = ByName::new();
    for field in of.parts.iter().take(1).flat_map(|part| part.fields.iter().rev()) {
        names.entry(&field.name).or_default().push(field);
    }
    names
}

/// The signed fields that differ. A name that stands in `h=` so many times covers so many fields of that
/// name, from the last up, and that there are no more if there are less (RFC 6376 §5.4.2).
fn fields_changed(signature: &SignatureSeen, [a, b]: &[ByName<'_>; 2]) -> BTreeSet<String> {
    let canon = signature.says.header_canon;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in &signature.says.signed_fields {
        *counts.entry(name).or_default() += 1;
    }
    let covered = |names: &ByName<'_>, name: &str, count: usize| -> Vec<u128> {
        let fields = names.get(name).map_or(&[][..], Vec::as_slice);
        let digest = |field: &&FieldSeen| match canon {
            Canon::Simple => field.written,
            Canon::Relaxed => field.relaxed,
        };
        fields.iter().take(count).map(digest).collect()
    };
    let differs =
        |&(name, count): &(&str, usize)| covered(a, name, count) != covered(b, name, count);
    counts.into_iter().filter(differs).map(|(name, _)| name.to_owned()).collect()
}

/// The signature field as it is signed: without the value of `b=` (RFC 6376 §3.7).
fn own(signature: &SignatureSeen) -> Vec<u8> {
    let octets = &signature.field[..];
    let canon = match kind(signature) {
        SignatureKind::ArcSeal => Canon::Relaxed,
        _ => signature.says.header_canon,
    };
    let Some(field) = Field::parse(octets) else { return Vec::new() };
    let mut signed = octets[..field.body_start].to_vec();
    for (i, tag) in field.body.split(|&c| c == b';').enumerate() {
        if i > 0 {
            signed.push(b';');
        }
        let equals = memchr::memchr(b'=', tag).unwrap_or(tag.len());
        let is_signature = trim(&tag[..equals]) == b"b" && equals < tag.len();
        signed.extend_from_slice(if is_signature { &tag[..=equals] } else { tag });
    }
    while signed.last().is_some_and(|&c| is_fws(c)) {
        signed.pop();
    }
    match (canon, Field::parse(&signed)) {
        (Canon::Relaxed, Some(field)) => relaxed(&field),
        _ => as_written(&signed),
    }
}
