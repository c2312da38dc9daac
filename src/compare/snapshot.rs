//! What is kept of a message for [`diff`](super::diff): digests of its octets, of its bodies once
//! decoded, and of their text; its fields; what its signatures say.
//!
//! Contract: the message is read once. Memory grows with the number of its parts and fields, within
//! the limits below, never with a body.
//!
//! LIMIT: messages whose lines end with CR alone are compared octet for octet only.
//!
//! May use: charset, header, structure, dkim.

use std::io;
use std::ops::Range;
use std::sync::LazyLock;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::digest::{Digester, Digests};
use super::meaning::{as_written, meaning, relaxed};
use crate::charset::Charset;
use crate::dkim::{self, BodyHash, BodyHasher, Hash, Signature};
use crate::header::mime::Media;
use crate::header::{self, Context, Field};
use crate::structure::{At, Part, Structure, TextDecoder, Visitor, Want, charset_of};
use crate::transfer::Coding;
use crate::walk::Kind;

/// LIMIT: so many octets of fields are kept as they stand, to be shown; of more, digests.
const FIELD_OCTETS: usize = 4 << 20;

/// LIMIT: so many fields of a message are told apart.
const FIELDS: usize = 200_000;

/// LIMIT: so many octets of the text of a part, and of all of a message, are kept to be shown.
const TEXT: usize = 1 << 20;
const TEXTS: usize = 8 << 20;

/// LIMIT: DKIM and ARC signatures whose body hash is taken.
const SIGNATURES: usize = 16;

/// LIMIT: ARC-Seals that are told apart; no chain has more (RFC 8617 §4.2.1).
const SEALS: usize = 50;

/// What a digester tells that saw nothing.
static NOTHING: LazyLock<Digests> = LazyLock::new(|| Digester::new().finish());

/// What was seen of a message.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(super) parts: Vec<PartSeen>,
    pub(super) signatures: Vec<SignatureSeen>,
    /// The ARC-Seals, which cover no body.
    pub(super) seals: Vec<SignatureSeen>,
    /// All its octets.
    pub(super) exact: u128,
    pub(super) length: u64,
    /// Lines that end with CRLF, and with LF.
    pub(super) crlf: u64,
    pub(super) lf: u64,
    pub(super) has_bom: bool,
    /// What lies beyond a limit, behind the last part that there is.
    pub(super) opaque: u128,
    pub(super) context: Context,
    octets: Vec<u8>,
}

/// What a part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Nature {
    #[default]
    Leaf,
    Multipart,
    Message,
}

#[derive(Debug, Default)]
pub(super) struct PartSeen {
    pub(super) number: String,
    pub(super) parent: Option<u32>,
    pub(super) nature: Nature,
    /// It is a whole message, so that its header has fields of its own.
    pub(super) is_message: bool,
    pub(super) essence: String,
    pub(super) coding: Coding,
    pub(super) encoding: String,
    pub(super) charset_used: Option<&'static str>,
    pub(super) fields: Vec<FieldSeen>,
    /// Lines of its header that are no fields, and fields beyond the limit.
    pub(super) junk: u128,
    pub(super) has_header_end: bool,
    /// Its body, as it stands in the message, and once decoded: if it is a leaf, or an encoded message.
    pub(super) raw: Digests,
    pub(super) decoded: Digests,
    /// Its text, if all of it could be read.
    pub(super) text: Option<Digests>,
    /// That, if it is not too long.
    pub(super) kept: Option<String>,
    /// What stands before and behind its parts, and the lines between them.
    pub(super) around: Digests,
    pub(super) delimiters: u128,
    /// What lies beyond a limit.
    pub(super) opaque: u128,
    /// The multipart/signed whose first part it is, or stands in: the outermost.
    pub(super) signed_by: Option<u32>,
    /// Of a multipart/signed: the octets of its first part, line ends apart.
    pub(super) signed: Option<(u128, u64)>,
}

#[derive(Debug)]
pub(super) struct FieldSeen {
    /// In lower case.
    pub(super) name: Box<str>,
    octets: Range<usize>,
    /// As it is written, line ends apart; and without its folds and white space.
    pub(super) written: u128,
    pub(super) relaxed: u128,
    /// What it says, if its octets are not kept.
    meaning: Option<u128>,
}

/// A signature field in the header of the message.
#[derive(Debug)]
pub(super) struct SignatureSeen {
    /// Its place among the fields of the header.
    pub(super) index: usize,
    /// The octets of the field.
    pub(super) field: Vec<u8>,
    pub(super) says: Signature,
    pub(super) body: BodyHash,
}

impl Snapshot {
    /// Octets of the message.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The text of the part of this index, with LF for line ends; `None` if it is no text, or so long
    /// that it was not kept.
    pub fn kept_text(&self, part: u32) -> Option<&str> {
        self.parts.get(part as usize)?.kept.as_deref()
    }

    /// Whether the part of this index is text.
    pub fn is_text(&self, part: u32) -> bool {
        self.parts.get(part as usize).is_some_and(|part| part.charset_used.is_some())
    }

    /// What a field says.
    pub(super) fn meaning(&self, field: &FieldSeen) -> u128 {
        let octets = &self.octets[field.octets.clone()];
        field.meaning.unwrap_or_else(|| meaning(octets, &self.context))
    }

    /// The field itself, if it is kept.
    pub(super) fn field(&self, field: &FieldSeen) -> Option<Field<'_>> {
        Field::parse(&self.octets[field.octets.clone()])
    }

    /// The text of a field as a reader should see it, if it is kept.
    pub(super) fn text(&self, field: &FieldSeen) -> Option<String> {
        Some(header::text(&self.field(field)?, &self.context).text)
    }
}

/// Watches one message; see [`Snapshot`].
pub struct Taking {
    seen: Snapshot,
    whole: Xxh3,
    last: u8,
    /// What is being read of each part that is open.
    open: Vec<Option<Box<Open>>>,
    /// The header that is being read, and how many encoded messages it stands in.
    header: Header,
    level: u32,
    fields: usize,
    texts: usize,
    leaf: Leaf,
    /// The encoded messages that are open, each inside the one before.
    encoded: Vec<(u32, Digester)>,
    /// What the text parts before declare.
    declared: Option<Charset>,
    /// One for each of the signatures, once the body begins.
    hashers: Option<Vec<BodyHasher>>,
    signed: Option<Signed>,
}

/// The first part of a multipart/signed.
struct Signed {
    by: u32,
    first: u32,
    decoded: u32,
    digester: Digester,
}

#[derive(Default)]
struct Header {
    fields: Vec<FieldSeen>,
    junk: Xxh3,
    has_junk: bool,
    has_end: bool,
}

/// The running digests of a part, as far as there are any.
#[derive(Default)]
struct Open {
    raw: Option<Digester>,
    around: Option<Digester>,
    delimiters: Option<Xxh3>,
    opaque: Option<Xxh3>,
}

impl Open {
    fn delimiter(&mut self, octets: &[u8], is_close: bool) {
        let written = as_written(octets);
        // The line end before the first belongs to the preamble, if there is one.
        let line = match written.strip_prefix(b"\n") {
            Some(line) if self.delimiters.is_none() => {
                self.around.get_or_insert_with(Digester::new).update(b"\n");
                line
            }
            _ => &written,
        };
        let delimiters = self.delimiters.get_or_insert_with(Xxh3::new);
        delimiters.update(line);
        delimiters.update(&[u8::from(is_close)]);
    }
}

/// The leaf that is being decoded.
#[derive(Default)]
struct Leaf {
    decoded: Option<Digester>,
    text: Option<(TextDecoder, Digester)>,
    kept: Option<String>,
}

impl Default for Taking {
    fn default() -> Taking {
        Taking::new()
    }
}

impl Taking {
    /// Ready for a message.
    pub fn new() -> Taking {
        Taking {
            seen: Snapshot::default(),
            whole: Xxh3::new(),
            last: 0,
            open: Vec::new(),
            header: Header::default(),
            level: 0,
            fields: 0,
            texts: 0,
            leaf: Leaf::default(),
            encoded: Vec::new(),
            declared: None,
            hashers: None,
            signed: None,
        }
    }

    /// What was seen, when the message was read to its end.
    pub fn finish(mut self) -> Snapshot {
        self.seen.exact = self.whole.digest128();
        // Parts beyond the limit were never headed, nor left with a place of their own.
        let rest = self.open.into_iter().flatten().filter_map(|open| open.opaque);
        for octets in rest {
            self.seen.opaque = self.seen.opaque.rotate_left(1) ^ octets.digest128();
        }
        let hashers = self.hashers.unwrap_or_default();
        let hashed: Vec<_> = hashers.into_iter().map(BodyHasher::finish).collect();
        for (signature, body) in self.seen.signatures.iter_mut().zip(hashed) {
            signature.body = body;
        }
        self.seen
    }

    /// A token of the message itself: it is octets in the input.
    fn own(&mut self, kind: Kind, octets: &[u8]) {
        self.whole.update(octets);
        self.seen.length += octets.len() as u64;
        for at in memchr::memchr_iter(b'\n', octets) {
            let before = at.checked_sub(1).map_or(self.last, |before| octets[before]);
            let count = if before == b'\r' { &mut self.seen.crlf } else { &mut self.seen.lf };
            *count += 1;
        }
        self.last = octets.last().copied().unwrap_or(self.last);
        self.seen.has_bom |= kind == Kind::Bom;
        if let Some(hashers) = &mut self.hashers {
            hashers.iter_mut().for_each(|hasher| hasher.update(octets));
        }
    }

    fn field(&mut self, at: At, octets: &[u8]) {
        let Some(field) = Field::parse(octets).filter(|_| self.fields < FIELDS) else {
            return self.header.junk(octets);
        };
        self.fields += 1;
        self.level = at.decoded;
        if at.part == 0 {
            self.signature(&field, octets);
        }
        let start = self.seen.octets.len();
        let is_kept = start + octets.len() <= FIELD_OCTETS;
        if is_kept {
            self.seen.octets.extend_from_slice(octets);
        }
        self.header.fields.push(FieldSeen {
            name: String::from_utf8_lossy(field.name).to_ascii_lowercase().into(),
            octets: start..self.seen.octets.len(),
            written: xxh3_128(&as_written(octets)),
            relaxed: xxh3_128(&relaxed(&field)),
            meaning: (!is_kept).then(|| meaning(octets, &self.seen.context)),
        });
    }

    /// Keeps a field of the message's own header, if it is a signature.
    fn signature(&mut self, field: &Field<'_>, octets: &[u8]) {
        let (list, limit) = match field.is("arc-seal") {
            true => (&mut self.seen.seals, SEALS),
            false if dkim::is_signature_field(field.name) => {
                (&mut self.seen.signatures, SIGNATURES)
            }
            false => return,
        };
        if list.len() < limit
            && let Some(says) = dkim::parse(field.body, &mut ())
        {
            let index = self.header.fields.len();
            let body = BodyHash { digest: Vec::new(), holds: None, unsigned_octets: 0 };
            list.push(SignatureSeen { index, field: octets.to_vec(), says, body });
        }
    }

    fn open(&mut self, part: u32) -> &mut Open {
        let index = part as usize;
        if self.open.len() <= index {
            self.open.resize_with(index + 1, || None);
        }
        self.open[index].get_or_insert_default()
    }

    /// What the header of a part told.
    fn part(&mut self, structure: &Structure, part: &Part<'_>) -> PartSeen {
        let header = std::mem::take(&mut self.header);
        let parent = part.parent().map(|parent| parent.index());
        let of_parent = parent.and_then(|parent| self.seen.parts.get(parent as usize));
        let is_signed = of_parent.is_some_and(|it| it.essence == "multipart/signed");
        let is_first = part.ordinal() == 1;
        PartSeen {
            number: part.number(),
            parent,
            nature: match part.media() {
                _ if part.is_leaf() => Nature::Leaf,
                Media::Multipart { .. } => Nature::Multipart,
                _ => Nature::Message,
            },
            is_message: part.is_message(),
            essence: structure
                .headed(part.index())
                .map_or_else(|| part.essence(), |fields| fields.essence().to_owned()),
            coding: part.coding(),
            encoding: part.encoding(),
            fields: header.fields,
            junk: if header.has_junk { header.junk.digest128() } else { 0 },
            has_header_end: header.has_end,
            signed_by: of_parent
                .and_then(|it| it.signed_by)
                .or(parent.filter(|_| is_signed && is_first)),
            ..PartSeen::default()
        }
    }
}

/// What takes the body for a signature: by SHA-256 if nobody knows its algorithm, which tells two
/// bodies apart all the same.
fn hasher(says: &Signature) -> BodyHasher {
    if says.hash.is_some() {
        return BodyHasher::new(says);
    }
    let mut says = says.clone();
    (says.hash, says.body_hash) = (Some(Hash::Sha256), None);
    BodyHasher::new(&says)
}

impl Header {
    fn junk(&mut self, octets: &[u8]) {
        self.has_junk = true;
        self.junk.update(&as_written(octets));
    }
}

impl Leaf {
    /// A leaf begins; `room` octets of its text may be kept.
    fn begin(&mut self, part: &Part<'_>, structure: &Structure, room: usize) {
        *self = Leaf { decoded: Some(Digester::new()), ..Leaf::default() };
        let Some(fields) = structure.headed(part.index()) else { return };
        if part.effective_type_of(fields).starts_with("text/") {
            self.text = Some((TextDecoder::of(part, fields, false), Digester::new()));
            self.kept = (room > 0).then(String::new);
        }
    }

    fn content(&mut self, octets: &[u8], others: Option<Charset>, room: usize) {
        if let Some(decoded) = &mut self.decoded {
            decoded.update(octets);
        }
        let Leaf { text, kept, .. } = self;
        if let Some((decoder, digester)) = text {
            decoder.decode(octets, others, &mut |piece| take(piece, digester, kept, room));
        }
    }

    fn end(&mut self, part: &mut PartSeen, others: Option<Charset>, room: usize) {
        let Leaf { decoded, text, mut kept } = std::mem::take(self);
        part.decoded = decoded.map(Digester::finish).unwrap_or_default();
        if let Some((mut decoder, mut digester)) = text {
            let mut hand_on = |piece: &str| take(piece, &mut digester, &mut kept, room);
            let reading = decoder.finish(others, &mut hand_on);
            part.charset_used = Some(reading.choice.used.name());
            // What became U+FFFD may have been anything.
            part.text = (reading.replaced == 0).then(|| digester.finish());
            part.kept = kept;
        }
    }
}

fn take(piece: &str, digester: &mut Digester, kept: &mut Option<String>, room: usize) {
    digester.update(piece.as_bytes());
    match kept {
        Some(text) if text.len() + piece.len() <= room => text.push_str(piece),
        kept => *kept = None,
    }
}

impl Taking {
    fn room(&self) -> usize {
        TEXT.min(TEXTS - self.texts)
    }
}

impl Visitor for Taking {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        // That before a message inside is one of the lines of this one.
        if kind == Kind::FromLine && at.part == 0 && self.seen.length == 0 {
            return Ok(());
        }
        match (at.decoded as usize).checked_sub(1) {
            None => self.own(kind, octets),
            Some(level) => {
                if let Some((_, decoded)) = self.encoded.get_mut(level) {
                    decoded.update(octets);
                }
            }
        }
        if let Some(signed) = &mut self.signed
            && (at.part >= signed.first && at.decoded == signed.decoded)
        {
            signed.digester.update(octets);
        }
        match kind {
            Kind::Field => self.field(at, octets),
            Kind::Junk | Kind::FromLine => self.header.junk(octets),
            Kind::HeaderEnd => self.header.has_end = true,
            Kind::Body => {
                self.open(at.part).raw.get_or_insert_with(Digester::new).update(octets);
            }
            Kind::Preamble | Kind::Epilogue => {
                self.open(at.part).around.get_or_insert_with(Digester::new).update(octets);
            }
            Kind::Delimiter | Kind::CloseDelimiter => {
                self.open(at.part).delimiter(octets, kind == Kind::CloseDelimiter);
            }
            Kind::Opaque => {
                self.open(at.part).opaque.get_or_insert_with(Xxh3::new).update(octets);
            }
            Kind::Bom | Kind::Gap | Kind::Separator => {}
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(data) = structure.part(part) else { return Ok(Want::Nothing) };
        self.seen.context = *structure.context();
        if part == 0 {
            let signatures = &self.seen.signatures;
            self.hashers = Some(signatures.iter().map(|it| hasher(&it.says)).collect());
        }
        let seen = self.part(structure, &data);
        if seen.essence == "multipart/signed"
            && seen.nature == Nature::Multipart
            && self.signed.is_none()
        {
            let decoded = self.level;
            let digester = Digester::new();
            self.signed = Some(Signed { by: part, first: part + 1, decoded, digester });
        }
        let index = part as usize;
        if self.seen.parts.len() <= index {
            self.seen.parts.resize_with(index + 1, PartSeen::default);
        }
        self.seen.parts[index] = seen;
        if data.media() == Media::Message && !data.coding().is_identity() {
            self.encoded.push((part, Digester::new()));
        }
        if !data.is_leaf() {
            return Ok(Want::Nothing);
        }
        let room = self.room();
        self.leaf.begin(&data, structure, room);
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        let room = self.room();
        self.leaf.content(octets, self.declared, room);
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        if let Some(signed) = self.signed.take_if(|signed| signed.first == part) {
            let digests = signed.digester.finish();
            if let Some(by) = self.seen.parts.get_mut(signed.by as usize) {
                by.signed = Some((digests.lines, digests.tail));
            }
        }
        self.signed.take_if(|signed| signed.by == part);
        let room = self.room();
        let Some(data) = structure.part(part) else { return Ok(()) };
        let Some(seen) = self.seen.parts.get_mut(part as usize) else { return Ok(()) };
        if data.is_leaf() {
            self.leaf.end(seen, self.declared, room);
            self.texts += seen.kept.as_ref().map_or(0, String::len);
            self.declared = self.declared.or_else(|| charset_of(&data, &data.mime_fields()));
        }
        if let Some((_, decoded)) = self.encoded.pop_if(|(open, _)| *open == part) {
            seen.decoded = decoded.finish();
        }
        let open = self.open.get_mut(part as usize).and_then(Option::take).unwrap_or_default();
        seen.raw = open.raw.map_or(*NOTHING, Digester::finish);
        seen.around = open.around.map_or(*NOTHING, Digester::finish);
        seen.delimiters = open.delimiters.map_or(0, |it| it.digest128());
        seen.opaque = open.opaque.map_or(0, |it| it.digest128());
        Ok(())
    }
}
