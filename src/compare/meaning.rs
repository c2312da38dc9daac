//! What a field says, whatever its folds, words and white space; and how it is written but for these.
//!
//! May use: header.

use xxhash_rust::xxh3::xxh3_128;

use crate::base::chars::is_wsp;
use crate::header::names::{self, Kind as FieldKind, Name};
use crate::header::words::{self, Place};
use crate::header::{Context, Field, address, ids, params, unfold};

/// Whether a field is about transport.
pub(super) fn is_label(name: &[u8]) -> bool {
    matches!(Name::of(name), Some(Name::ContentTransferEncoding | Name::MimeVersion))
}

/// What a field says.
pub(super) fn meaning(octets: &[u8], context: &Context) -> u128 {
    let Some(field) = Field::parse(octets) else { return 0 };
    let mut text = String::new();
    match names::kind_of(field.name) {
        FieldKind::Addresses => {
            for entry in address::parse(field.body, context, &mut ()) {
                let parts =
                    [entry.name.as_deref().unwrap_or(""), entry.group.as_deref().unwrap_or("")];
                parts.iter().for_each(|part| push_words(part, &mut text));
                text += &ascii_address(entry.address.as_deref().unwrap_or(""));
                text.push('\n');
            }
        }
        FieldKind::Parameters => {
            let body = params::parse(field.body, context, &mut ());
            let is_global = body.value == "message/global";
            text += if is_global { "message/rfc822" } else { &body.value };
            for param in &body.params {
                text += &format!("\n{}=", param.name);
                push_words(&param.value.text, &mut text);
            }
        }
        FieldKind::Ids => text += &ids::parse(field.body).join("\n"),
        FieldKind::Unstructured | FieldKind::Date | FieldKind::Opaque => {
            push_words(&words::decode(field.body, Place::Text, context, &mut ()).text, &mut text);
        }
    }
    xxh3_128(text.as_bytes())
}

/// Appends text with its white space made single spaces.
fn push_words(text: &str, out: &mut String) {
    for word in text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
        out.push_str(word);
        out.push(' ');
    }
}

/// An address whose domain is written in ASCII (RFC 5891).
fn ascii_address(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return address.to_owned() };
    match idna::domain_to_ascii(domain) {
        Ok(domain) => format!("{local}@{domain}"),
        Err(_) => address.to_owned(),
    }
}

pub(super) fn lower_case(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// The octets of a field with LF for its line ends, without the last one: what a simple canonical
/// form leaves (RFC 6376 §3.4.1), however the message is stored.
pub(super) fn as_written(octets: &[u8]) -> Vec<u8> {
    let mut written: Vec<u8> = Vec::with_capacity(octets.len());
    for line in octets.split_inclusive(|&c| c == b'\n') {
        match line {
            [content @ .., b'\r', b'\n'] => {
                written.extend_from_slice(content);
                written.push(b'\n');
            }
            _ => written.extend_from_slice(line),
        }
    }
    if written.last() == Some(&b'\n') {
        written.pop();
    }
    written
}

/// The relaxed canonical form of a field (RFC 6376 §3.4.2): what folds and white space leave.
pub(super) fn relaxed(field: &Field<'_>) -> Vec<u8> {
    let mut text = field.name.to_ascii_lowercase();
    text.push(b':');
    let unfolded = unfold(field.body);
    let words = unfolded.split(|&c| is_wsp(c)).filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            text.push(b' ');
        }
        text.extend_from_slice(word);
    }
    text
}
