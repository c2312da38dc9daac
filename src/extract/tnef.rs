//! Files inside `winmail.dat`: the format that Outlook wraps attachments in (MS-OXTNEF).
//!
//! Contract: octets come in any pieces and go on as they come; what is found does not depend on the
//! cut, and any octets give a result. Attachments come in their order, each under its long name if
//! it has one, else under its title. The text of the message comes as `body.txt`, `body.html` and
//! `body.rtf.lzfu`, whichever are there. A message inside the message comes as it stands, a TNEF of
//! its own, under its display name.
//!
//! LIMIT: `NAME` octets of a name.
//!
//! Compressed RTF is left as it is; of the other properties nothing is kept.
//!
//! May use: base, charset.

mod props;

use std::io;

use super::{Files, Found};
use crate::charset::Charset;
use props::{Event, Kind, Props};

/// Octets of a name that are kept.
const NAME: usize = 1024;

/// What a TNEF begins with (MS-OXTNEF §2.1.3.1), with a key behind it.
const SIGNATURE: u32 = 0x223E_9F78;

/// The attributes that matter (MS-OXTNEF §2.1.3.3), with their types.
const BODY: u32 = 0x0002_800C;
const MESSAGE_PROPS: u32 = 0x0006_9003;
const CODE_PAGE: u32 = 0x0006_9007;
const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
const ATTACHMENT_TITLE: u32 = 0x0001_8010;
const ATTACHMENT_DATA: u32 = 0x0006_800F;
const ATTACHMENT_PROPS: u32 = 0x0006_9005;

/// The properties that matter (MS-OXPROPS).
const TEXT_BODY: u16 = 0x1000;
const RTF_BODY: u16 = 0x1009;
const HTML_BODY: u16 = 0x1013;
const DISPLAY_NAME: u16 = 0x3001;
const DATA: u16 = 0x3701;
const LONG_NAME: u16 = 0x3707;

/// Octets before the TNEF of a message inside: what kind of object it is.
const OBJECT_ID: usize = 16;

/// Of UTF-16 as it stands in properties.
const BYTE_ORDER_MARK: &[u8] = b"\xFF\xFE";

/// Reads one TNEF.
#[derive(Debug, Default)]
pub struct Tnef {
    at: At,
    /// Octets of something short that is not complete.
    held: Vec<u8>,
    /// The sum of the attribute's octets, which stands behind it.
    sum: u16,
    props: Props,
    /// What the value of the property is that is being read.
    value: Value,
    names: Names,
    code_page: Option<Charset>,
    file: Option<Open>,
}

/// What the next octets are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Signature,
    Attribute,
    /// The value of an attribute, and what is left of it.
    Value(Use, u32),
    Sum,
    /// Nothing that can be read.
    Nowhere,
}

/// What is done with the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Ignore,
    CodePage,
    Title,
    File,
    Props { of_attachment: bool },
}

/// What is done with the value of a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Value {
    #[default]
    Ignore,
    /// A name, in UTF-16 or not.
    Name {
        id: u16,
        wide: bool,
    },
    File,
    /// A file behind this many octets of something else.
    Object(usize),
}

/// What the attachment is called.
#[derive(Debug, Default)]
struct Names {
    title: String,
    long: String,
    display: String,
}

/// A file that is open.
#[derive(Debug)]
struct Open {
    /// Its name, if it is not that of the attachment.
    name: Option<&'static str>,
    is_intact: bool,
    /// Whether its octets are still coming.
    is_coming: bool,
    /// Whether the sum over it has not come yet.
    awaits_sum: bool,
}

impl Tnef {
    /// Takes the next piece.
    pub fn feed(&mut self, octets: &[u8], files: &mut impl Files) -> io::Result<()> {
        let mut rest = octets;
        while !rest.is_empty() {
            let taken = match self.at {
                At::Signature => self.short(rest, 6, files)?,
                At::Attribute => self.short(rest, 9, files)?,
                At::Sum => self.short(rest, 2, files)?,
                At::Value(usage, left) => self.value(usage, left, rest, files)?,
                At::Nowhere => return Ok(()),
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// There is no more.
    pub fn finish(mut self, files: &mut impl Files) -> io::Result<()> {
        self.close(files)
    }

    /// Collects `length` octets, and reads them when they are complete.
    fn short(&mut self, octets: &[u8], length: usize, files: &mut impl Files) -> io::Result<usize> {
        let taken = octets.len().min(length - self.held.len());
        self.held.extend_from_slice(&octets[..taken]);
        if self.held.len() < length {
            return Ok(taken);
        }
        let held = std::mem::take(&mut self.held);
        match self.at {
            At::Signature if number(&held) == SIGNATURE => self.at = At::Attribute,
            At::Attribute => self.attribute(number(&held[1..]), number(&held[5..]), files)?,
            At::Sum => self.check(number(&held) as u16),
            _ => self.at = At::Nowhere,
        }
        Ok(taken)
    }

    /// An attribute begins.
    fn attribute(&mut self, id: u32, length: u32, files: &mut impl Files) -> io::Result<()> {
        self.sum = 0;
        let usage = match id {
            ATTACHMENT_BEGINS => {
                self.close(files)?;
                self.names = Names::default();
                Use::Ignore
            }
            BODY => {
                self.open(Some("body.txt"), files)?;
                Use::File
            }
            ATTACHMENT_DATA => {
                self.open(None, files)?;
                Use::File
            }
            CODE_PAGE => Use::CodePage,
            ATTACHMENT_TITLE => Use::Title,
            MESSAGE_PROPS | ATTACHMENT_PROPS => {
                self.props = Props::default();
                self.value = Value::Ignore;
                Use::Props { of_attachment: id == ATTACHMENT_PROPS }
            }
            _ => Use::Ignore,
        };
        self.at = At::Value(usage, length);
        if length == 0 {
            self.value_end(usage);
        }
        Ok(())
    }

    /// A piece of the value of an attribute.
    fn value(
        &mut self,
        usage: Use,
        left: u32,
        octets: &[u8],
        files: &mut impl Files,
    ) -> io::Result<usize> {
        let taken = octets.len().min(left as usize);
        let piece = &octets[..taken];
        self.sum = piece.iter().fold(self.sum, |sum, &c| sum.wrapping_add(u16::from(c)));
        match usage {
            Use::Ignore => {}
            Use::CodePage | Use::Title => hold(&mut self.held, piece),
            Use::File => files.data(piece)?,
            Use::Props { of_attachment } => self.properties(piece, of_attachment, files)?,
        }
        let left = left - taken as u32;
        self.at = At::Value(usage, left);
        if left == 0 {
            self.value_end(usage);
        }
        Ok(taken)
    }

    /// The value of an attribute is complete.
    fn value_end(&mut self, usage: Use) {
        let held = std::mem::take(&mut self.held);
        match usage {
            Use::CodePage => {
                let label = format!("cp{}", number(&held));
                self.code_page = Charset::for_label(label.as_bytes());
            }
            Use::Title => self.names.title = self.text(&held, false),
            Use::File => self.file_came(),
            // A value that is cut off here never came to its end.
            Use::Props { .. } | Use::Ignore => {}
        }
        self.at = At::Sum;
    }

    /// The sum behind an attribute: a file that came in it is whole if that is right.
    fn check(&mut self, sum: u16) {
        if let Some(file) = self.file.as_mut().filter(|file| file.awaits_sum) {
            file.awaits_sum = false;
            file.is_intact &= sum == self.sum;
        }
        self.at = At::Attribute;
    }

    fn properties(
        &mut self,
        octets: &[u8],
        of_attachment: bool,
        files: &mut impl Files,
    ) -> io::Result<()> {
        let mut rest = octets;
        while !rest.is_empty() {
            let (taken, event) = self.props.next(rest);
            match event {
                Event::Nothing => {}
                Event::Begin { id, kind } => self.property(id, kind, of_attachment, files)?,
                Event::Octets => self.property_octets(&rest[..taken], files)?,
                Event::LastOctets => {
                    self.property_octets(&rest[..taken], files)?;
                    self.property_end();
                }
            }
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// A property begins that has a value.
    fn property(
        &mut self,
        id: u16,
        kind: Kind,
        of_attachment: bool,
        files: &mut impl Files,
    ) -> io::Result<()> {
        let body = match id {
            TEXT_BODY => Some("body.txt"),
            HTML_BODY => Some("body.html"),
            RTF_BODY => Some("body.rtf.lzfu"),
            _ => None,
        };
        self.value = match (of_attachment, id, kind) {
            (true, LONG_NAME | DISPLAY_NAME, Kind::Text | Kind::Wide) => {
                Value::Name { id, wide: kind == Kind::Wide }
            }
            (true, DATA, Kind::Object) => Value::Object(OBJECT_ID),
            // The attribute has brought the same octets.
            (true, DATA, Kind::Binary) if self.file.is_none() => Value::File,
            (false, ..) if body.is_some() => Value::File,
            _ => Value::Ignore,
        };
        if matches!(self.value, Value::File | Value::Object(_)) {
            self.open(body.filter(|_| !of_attachment), files)?;
        }
        if self.value == Value::File && kind == Kind::Wide {
            // So that the text is known for what it is.
            files.data(BYTE_ORDER_MARK)?;
        }
        Ok(())
    }

    fn property_octets(&mut self, octets: &[u8], files: &mut impl Files) -> io::Result<()> {
        match &mut self.value {
            Value::Ignore => Ok(()),
            Value::Name { .. } => {
                hold(&mut self.held, octets);
                Ok(())
            }
            Value::File => files.data(octets),
            Value::Object(before) => {
                let skipped = octets.len().min(*before);
                *before -= skipped;
                files.data(&octets[skipped..])
            }
        }
    }

    fn property_end(&mut self) {
        match std::mem::take(&mut self.value) {
            Value::Ignore => {}
            Value::Name { id, wide } => {
                let held = std::mem::take(&mut self.held);
                let name = self.text(&held, wide);
                match id {
                    LONG_NAME => self.names.long = name,
                    _ => self.names.display = name,
                }
            }
            Value::File | Value::Object(_) => self.file_came(),
        }
    }

    fn file_came(&mut self) {
        if let Some(file) = &mut self.file {
            file.is_coming = false;
        }
    }

    /// A file begins; the one before it is over.
    fn open(&mut self, name: Option<&'static str>, files: &mut impl Files) -> io::Result<()> {
        self.close(files)?;
        self.file = Some(Open { name, is_intact: true, is_coming: true, awaits_sum: true });
        files.begin()
    }

    fn close(&mut self, files: &mut impl Files) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let Names { title, long, display } = &self.names;
        let names = [file.name.unwrap_or_default(), long, title, display];
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        // Another file of the same attribute does not wait for the sum.
        let lacks_sum = file.awaits_sum && self.at == At::Sum;
        let is_intact = file.is_intact && !file.is_coming && !lacks_sum;
        files.end(Found { name: name.to_owned(), is_intact })
    }

    /// A text that ends with a NUL, if it does.
    fn text(&self, octets: &[u8], wide: bool) -> String {
        let charset = match wide {
            true => Charset::for_label(b"utf-16le"),
            false => self.code_page,
        };
        let mut text = String::new();
        charset.unwrap_or(Charset::WINDOWS_1252).decode(octets, &mut text);
        text.truncate(text.find('\0').unwrap_or(text.len()));
        text
    }
}

/// Keeps what there is room for.
fn hold(held: &mut Vec<u8>, octets: &[u8]) {
    let room = NAME - held.len();
    held.extend_from_slice(&octets[..octets.len().min(room)]);
}

/// The number that the first octets are, at most four of them.
fn number(octets: &[u8]) -> u32 {
    octets.iter().take(4).rev().fold(0, |number, &c| number << 8 | u32::from(c))
}

#[cfg(test)]
mod tests;
