//! The parts of a record: what their headers say is written as soon as those are over, what their
//! bodies tell is noted, and both are put together when the record is written.
//!
//! Contract: the fields of a part are parsed once. Memory grows with the number of parts and the
//! length of their fields, as that of [`Structure`](crate::structure::Structure) does.
//!
//! May use: base, structure.

use std::io::{self, Write};
use std::ops::Range;

use super::fields::{Fields, Key};
use super::json;
use super::texts::Texts;
use crate::header::params::Param;
use crate::structure::{MimeFields, Part};
use crate::transfer::Coding;

/// What the body of a part told.
#[derive(Debug, Default)]
pub(super) struct Note {
    /// What is written of it already, in [`Parts::written`].
    header: Range<usize>,
    pub(super) charset_used: Option<&'static str>,
    pub(super) size: Option<u64>,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) path: Option<String>,
    pub(super) text: Option<Range<u64>>,
    pub(super) lossy: bool,
}

/// The parts of one message.
#[derive(Debug)]
pub(super) struct Parts {
    fields: Fields,
    written: Vec<u8>,
    notes: Vec<Note>,
    number: String,
}

impl Parts {
    pub(super) fn new(fields: Fields) -> Parts {
        Parts { fields, written: Vec::new(), notes: Vec::new(), number: String::new() }
    }

    pub(super) fn begin(&mut self) {
        self.written.clear();
        self.notes.clear();
    }

    /// The header of the next part is over.
    pub(super) fn headed(&mut self, part: &Part<'_>, fields: &MimeFields) {
        let start = self.written.len();
        let of_type = fields.content_type.iter().flat_map(|found| &found.written.params);
        let mut params = of_type.chain(fields.disposition.iter().flat_map(|found| &found.params));
        let lossy = params.any(|param: &Param| param.value.lossy);
        if self.fields.has_parts() {
            self.write_header(part, fields);
        }
        let header = start..self.written.len();
        self.notes.push(Note { header, lossy, ..Note::default() });
    }

    /// Each member ends with a comma.
    fn write_header(&mut self, part: &Part<'_>, fields: &MimeFields) {
        let Parts { fields: keys, written: to, number, .. } = self;
        if keys.has(Key::PartNumber) {
            number.clear();
            part.write_number(number);
            member(Key::PartNumber, Some(number), to);
        }
        if keys.has(Key::PartType) {
            member(Key::PartType, Some(fields.essence()), to);
        }
        if keys.has(Key::PartCharset) {
            member(Key::PartCharset, fields.charset().as_deref(), to);
        }
        if keys.has(Key::PartEncoding) {
            match part.coding() {
                Coding::Unknown => member(Key::PartEncoding, Some(&part.encoding()), to),
                coding => member(Key::PartEncoding, Some(coding.name()), to),
            }
        }
        if keys.has(Key::PartDisposition) {
            let disposition = fields.disposition.as_ref();
            member(Key::PartDisposition, disposition.map(|found| found.value.as_str()), to);
        }
        if keys.has(Key::PartFilename) {
            member(Key::PartFilename, fields.filename().as_deref(), to);
        }
        if keys.has(Key::PartContentId) {
            member(Key::PartContentId, part.content_id().as_deref(), to);
        }
    }

    /// The note about a part whose header is over.
    pub(super) fn note(&mut self, part: u32) -> Option<&mut Note> {
        self.notes.get_mut(part as usize)
    }

    /// Whether octets of any part became U+FFFD.
    pub(super) fn are_lossy(&self) -> bool {
        self.notes.iter().any(|note| note.lossy)
    }

    /// Writes all parts, with what stands in `line` before them; what `line` holds then is still to be
    /// written.
    pub(super) fn write(
        &self,
        texts: &mut Texts,
        line: &mut Vec<u8>,
        to: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        line.extend_from_slice(b",\"parts\":[");
        for (i, note) in self.notes.iter().enumerate() {
            line.extend_from_slice(if i == 0 { b"{" } else { b",{" });
            line.extend_from_slice(&self.written[note.header.clone()]);
            self.write_note(note, line);
            if self.fields.has(Key::PartText) {
                key(Key::PartText, line);
                super::write_text(note.text.as_slice(), texts, line, to)?;
                line.push(b',');
            }
            if note.lossy {
                line.extend_from_slice(b"\"lossy\":true,");
            }
            if line.last() == Some(&b',') {
                line.pop();
            }
            line.push(b'}');
        }
        line.push(b']');
        Ok(())
    }

    fn write_note(&self, note: &Note, to: &mut Vec<u8>) {
        if self.fields.has(Key::PartCharsetUsed) {
            member(Key::PartCharsetUsed, note.charset_used, to);
        }
        if self.fields.has(Key::PartSize) {
            key(Key::PartSize, to);
            match note.size {
                Some(size) => json::number(size, to),
                None => to.extend_from_slice(b"null"),
            }
            to.push(b',');
        }
        if self.fields.has(Key::PartSha256) {
            key(Key::PartSha256, to);
            write_hash(note.sha256.as_ref(), to);
            to.push(b',');
        }
        if self.fields.has(Key::PartPath) {
            member(Key::PartPath, note.path.as_deref(), to);
        }
    }
}

/// `"key":`
fn key(key: Key, to: &mut Vec<u8>) {
    to.extend_from_slice(key.before_value().as_bytes());
}

/// `"key":"value",`
fn member(name: Key, value: Option<&str>, to: &mut Vec<u8>) {
    key(name, to);
    json::option(value, to);
    to.push(b',');
}

/// In hexadecimal, lower case.
fn write_hash(hash: Option<&[u8; 32]>, to: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let Some(hash) = hash else { return to.extend_from_slice(b"null") };
    to.push(b'"');
    to.extend(hash.iter().flat_map(|&c| [c >> 4, c & 15]).map(|digit| DIGITS[digit as usize]));
    to.push(b'"');
}
