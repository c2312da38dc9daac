//! What the changes between two copies do to their signatures: the body hash and the signed fields of
//! DKIM and ARC signatures (RFC 6376 §3.4, §5.4.2), the first part of a multipart/signed (RFC 1847
//! §2.1).
//!
//! No signature is verified. What is told: whether the octets that it covers are still the same in its
//! own canonical form.
//!
//! May use: header, dkim.

use std::collections::{BTreeSet, HashMap};

use xxhash_rust::xxh3::xxh3_128;

use super::meaning::{as_written, relaxed};
use super::pair::Pairs;
use super::snapshot::{FieldSeen, SignatureSeen, Snapshot};
use crate::base::chars::{is_fws, trim};
use crate::dkim::Canon;
use crate::header::Field;

/// Of what kind a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// A DKIM-Signature.
    Dkim,
    /// An ARC-Message-Signature.
    Arc,
    /// A multipart/signed.
    Multipart,
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
    /// The signed fields that are others now, in lower case; the signature's own among them.
    pub fields_changed: Vec<String>,
    pub(super) canon: Canon,
}

impl Effect {
    /// Whether it cannot hold in the second copy, if it did in the first.
    pub fn is_broken(&self) -> bool {
        self.presence == Presence::Both
            && self.body_hash[0] != Some(false)
            && (self.body_changed || !self.fields_changed.is_empty())
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
            canon: Canon::Simple,
        });
    }
    (effects, multiparts)
}

/// The signatures of the message's own header.
fn in_header(a: &Snapshot, b: &Snapshot) -> Vec<Effect> {
    let mut of_b: HashMap<_, Vec<usize>> = HashMap::new();
    for (i, signature) in b.signatures.iter().enumerate().rev() {
        of_b.entry(key(signature)).or_default().push(i);
    }
    let mut is_taken = vec![false; b.signatures.len()];
    let names = [by_name(a), by_name(b)];
    let mut effects = Vec::new();
    for signature in &a.signatures {
        let mut effect = effect(signature, Presence::Removed, a);
        if let Some(i) = of_b.get_mut(&key(signature)).and_then(Vec::pop) {
            is_taken[i] = true;
            let other = &b.signatures[i];
            effect.presence = Presence::Both;
            effect.body_hash[1] = other.body.holds;
            effect.unsigned_octets[1] = Some(other.body.unsigned_octets);
            effect.body_changed = signature.body.digest != other.body.digest;
            effect.fields_changed = fields_changed(signature, other, &names);
        }
        effects.push(effect);
    }
    for (signature, _) in b.signatures.iter().zip(is_taken).filter(|(_, taken)| !taken) {
        let mut effect = effect(signature, Presence::Added, b);
        effect.body_hash.swap(0, 1);
        effect.unsigned_octets.swap(0, 1);
        effects.push(effect);
    }
    effects
}

/// As if it were in the first copy only.
fn effect(signature: &SignatureSeen, presence: Presence, of: &Snapshot) -> Effect {
    let says = &signature.says;
    Effect {
        kind: if is_arc(signature) { SignatureKind::Arc } else { SignatureKind::Dkim },
        presence,
        part: of.parts.first().map_or_else(|| "1".to_owned(), |part| part.number.clone()),
        domain: says.domain.clone(),
        selector: says.selector.clone(),
        body_hash: [signature.body.holds, None],
        unsigned_octets: [Some(signature.body.unsigned_octets), None],
        body_changed: false,
        fields_changed: Vec::new(),
        canon: says.body_canon,
    }
}

fn is_arc(signature: &SignatureSeen) -> bool {
    Field::parse(&signature.field).is_some_and(|field| field.is("arc-message-signature"))
}

/// What makes a signature the same one, however it is folded.
fn key(signature: &SignatureSeen) -> (bool, u128) {
    let mut text = String::new();
    for (name, value) in &signature.says.tags {
        text.extend([name.as_str(), "="]);
        text.extend(value.chars().filter(|c| !c.is_ascii_whitespace()));
        text.push(';');
    }
    (is_arc(signature), xxh3_128(text.as_bytes()))
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
fn fields_changed(
    signature: &SignatureSeen,
    other: &SignatureSeen,
    [a, b]: &[ByName<'_>; 2],
) -> Vec<String> {
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
    let mut changed: BTreeSet<String> =
        counts.into_iter().filter(differs).map(|(name, _)| name.to_owned()).collect();
    if own(&signature.field, canon) != own(&other.field, canon) {
        changed.extend(
            Field::parse(&signature.field)
                .map(|field| String::from_utf8_lossy(field.name).to_ascii_lowercase()),
        );
    }
    changed.into_iter().collect()
}

/// The signature field as it is signed: without the value of `b=` (RFC 6376 §3.7).
fn own(octets: &[u8], canon: Canon) -> Vec<u8> {
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
