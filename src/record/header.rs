//! What the header of the message says: its fields are kept as they stand, and each is parsed once,
//! when the record is written and if its key is wanted.
//!
//! Of fields that may stand once the first counts (H010); address fields that stand several times
//! are read as one list (H011).
//!
//! RFC 5322 §3.6. May use: base, header, structure.

use std::borrow::Cow;
use std::ops::Range;

use super::fields::{Fields, Key};
use super::json;
use crate::header::address::{self, Address};
use crate::header::names::Name;
use crate::header::words::{self, Place};
use crate::header::{self, Context, Field, date, ids};
use crate::structure::Value;

/// The keys whose values are in one field, or in several read as one list.
const FIELDS: &[(Key, Name)] = &[
    (Key::Id, Name::MessageId),
    (Key::Date, Name::Date),
    (Key::From, Name::From),
    (Key::Sender, Name::Sender),
    (Key::ReplyTo, Name::ReplyTo),
    (Key::To, Name::To),
    (Key::Cc, Name::Cc),
    (Key::Bcc, Name::Bcc),
    (Key::Subject, Name::Subject),
    (Key::InReplyTo, Name::InReplyTo),
    (Key::References, Name::References),
];

/// The fields of one header that are wanted.
#[derive(Debug)]
pub(super) struct Header {
    fields: Fields,
    /// The names that are wanted, as bits.
    names: u64,
    octets: Vec<u8>,
    kept: Vec<Kept>,
    /// The last field was kept.
    is_kept: bool,
    id: String,
}

/// A field in [`Header::octets`].
#[derive(Debug)]
struct Kept {
    known: Option<Name>,
    name: Range<usize>,
    body: Range<usize>,
    /// What it says, if the survey parsed it.
    value: Option<Value>,
}

impl Header {
    pub(super) fn new(fields: Fields) -> Header {
        // Who reads records wants to know which message fails, whatever the keys are.
        let names = FIELDS.iter().filter(|(key, _)| fields.has(*key) || *key == Key::Id);
        Header {
            fields,
            names: names.fold(0, |names, (_, name)| names | name.bit()),
            octets: Vec::new(),
            kept: Vec::new(),
            is_kept: false,
            id: String::new(),
        }
    }

    pub(super) fn begin(&mut self) {
        self.octets.clear();
        self.kept.clear();
        self.id.clear();
    }

    /// The Message-ID, if there is one.
    pub(super) fn id(&self) -> Option<&str> {
        Some(self.id.as_str()).filter(|id| !id.is_empty())
    }

    /// A field, and its name if that is known.
    pub(super) fn field(&mut self, known: Option<Name>, field: &Field<'_>) {
        self.is_kept = false;
        let is_named = known.is_some_and(|name| self.names & name.bit() != 0);
        if is_named || self.fields.has(Key::Headers) {
            let start = self.octets.len();
            self.octets.extend_from_slice(field.name);
            let middle = self.octets.len();
            self.octets.extend_from_slice(field.body);
            let end = self.octets.len();
            let (name, body) = (start..middle, middle..end);
            self.kept.push(Kept { known, name, body, value: None });
            self.is_kept = true;
        }
    }

    /// What the last field says.
    pub(super) fn value(&mut self, value: Value) {
        if let Some(kept) = self.kept.last_mut().filter(|_| self.is_kept) {
            kept.value = Some(value);
        }
    }

    /// The header is over: which message is it?
    pub(super) fn end(&mut self) {
        let mut id = std::mem::take(&mut self.id);
        if let Some(found) = self.named(Name::MessageId).next().and_then(|(id, _)| ids::first(id)) {
            id.push_str(&found);
        }
        self.id = id;
    }

    /// The bodies of the fields that are called so, and what they say if it is known.
    fn named(&self, name: Name) -> impl Iterator<Item = (&[u8], Option<&Value>)> {
        let kept = self.kept.iter().filter(move |kept| kept.known == Some(name));
        kept.map(|kept| (&self.octets[kept.body.clone()], kept.value.as_ref()))
    }

    /// Writes the members that come from the header, each begun with a comma; whether anything in
    /// them became U+FFFD.
    pub(super) fn write(&self, context: &Context, to: &mut Vec<u8>) -> bool {
        let mut lossy = false;
        for &(key, name) in FIELDS.iter().filter(|(key, _)| self.fields.has(*key)) {
            to.push(b',');
            to.extend_from_slice(key.before_value().as_bytes());
            lossy |= self.write_value(key, name, context, to);
        }
        if self.fields.has(Key::Headers) {
            lossy |= self.write_headers(context, to);
        }
        lossy
    }

    fn write_value(&self, key: Key, name: Name, context: &Context, to: &mut Vec<u8>) -> bool {
        let mut fields = self.named(name);
        match key {
            Key::Id => {
                json::option(self.id(), to);
                fields.next().is_some_and(|(body, _)| is_lossy(&self.id, body))
            }
            Key::Date => {
                write_date(fields.next(), to);
                false
            }
            Key::Subject => {
                let text = fields.next().map(|(body, value)| match value {
                    Some(Value::Text(text)) => Cow::Borrowed(text),
                    _ => Cow::Owned(words::decode(body, Place::Text, context, &mut ())),
                });
                json::option(text.as_ref().map(|text| text.text.as_str()), to);
                text.is_some_and(|text| text.lossy)
            }
            Key::InReplyTo | Key::References => write_ids(fields.next().map(|field| field.0), to),
            _ => write_addresses(fields, context, to),
        }
    }

    /// All fields in their order, with their text.
    fn write_headers(&self, context: &Context, to: &mut Vec<u8>) -> bool {
        to.extend_from_slice(b",\"headers\":[");
        let mut lossy = false;
        let mut text = String::new();
        for (i, kept) in self.kept.iter().enumerate() {
            let field = Field {
                name: &self.octets[kept.name.clone()],
                body: &self.octets[kept.body.clone()],
                body_start: kept.name.len() + 1,
            };
            to.extend_from_slice(if i == 0 { b"[" } else { b",[" });
            // The octets of a name are ASCII.
            json::text_of(std::str::from_utf8(field.name).unwrap_or_default(), to);
            to.push(b',');
            text.clear();
            lossy |= header::append_text(&field, context, &mut text);
            json::text_of(&text, to);
            to.push(b']');
        }
        to.push(b']');
        lossy
    }
}

fn write_date(field: Option<(&[u8], Option<&Value>)>, to: &mut Vec<u8>) {
    let date = field.and_then(|(body, value)| match value {
        Some(Value::Date(date)) => *date,
        _ => date::parse(body, &mut ()),
    });
    match date {
        Some(date) => {
            to.push(b'"');
            date.append_rfc3339(to);
            to.push(b'"');
        }
        None => to.extend_from_slice(b"null"),
    }
}

fn write_ids(body: Option<&[u8]>, to: &mut Vec<u8>) -> bool {
    to.push(b'[');
    let mut lossy = false;
    let mut comma = false;
    ids::each(body.unwrap_or_default(), |id| {
        if std::mem::replace(&mut comma, true) {
            to.push(b',');
        }
        json::text_of(id, to);
        lossy |= is_lossy(id, body.unwrap_or_default());
    });
    to.push(b']');
    lossy
}

/// Whether octets of an id became U+FFFD; it may stand there as well.
fn is_lossy(id: &str, body: &[u8]) -> bool {
    !id.is_ascii() && id.contains(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(body).is_err()
}

fn write_addresses<'f>(
    fields: impl Iterator<Item = (&'f [u8], Option<&'f Value>)>,
    context: &Context,
    to: &mut Vec<u8>,
) -> bool {
    to.push(b'[');
    let mut lossy = false;
    let mut comma = false;
    for (body, value) in fields {
        let list = match value {
            Some(Value::Addresses(list)) => Cow::Borrowed(list.as_slice()),
            _ if write_plain(body, &mut comma, to) => continue,
            _ => Cow::Owned(address::parse(body, context, &mut ())),
        };
        for address in list.iter() {
            if std::mem::replace(&mut comma, true) {
                to.push(b',');
            }
            lossy |= address.lossy;
            write_address(address, to);
        }
    }
    to.push(b']');
    lossy
}

/// Writes a plain list, each entry behind a comma if `comma` says so. False if it is not plain, or there
/// is something to be decoded, and then nothing is written.
fn write_plain(body: &[u8], comma: &mut bool, to: &mut Vec<u8>) -> bool {
    let before = (*comma, to.len());
    let mut is_encoded = false;
    let is_plain = address::plain::each(body, |mailbox| {
        is_encoded |= mailbox.is_encoded;
        if std::mem::replace(comma, true) {
            to.push(b',');
        }
        // Nothing in them needs an escape.
        match mailbox.name {
            Some(name) => {
                to.extend_from_slice(b"{\"name\":\"");
                to.extend_from_slice(name.as_bytes());
                to.extend_from_slice(b"\",\"address\":\"");
            }
            None => to.extend_from_slice(b"{\"name\":null,\"address\":\""),
        }
        to.extend_from_slice(mailbox.address.as_bytes());
        to.extend_from_slice(b"\",\"group\":null}");
    });
    let is_written = is_plain && !is_encoded;
    if !is_written {
        *comma = before.0;
        to.truncate(before.1);
    }
    is_written
}

fn write_address(address: &Address, to: &mut Vec<u8>) {
    to.extend_from_slice(b"{\"name\":");
    json::option(address.name.as_deref(), to);
    to.extend_from_slice(b",\"address\":");
    json::option(address.address.as_deref(), to);
    to.extend_from_slice(b",\"group\":");
    json::option(address.group.as_deref(), to);
    to.extend_from_slice(if address.lossy { b",\"lossy\":true}" } else { b"}" });
}
