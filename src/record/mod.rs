//! What a message is to a pipeline: one JSON object with the fields that matter parsed, the text as
//! text, its parts and what is odd about it. The schema is `septet.record/1` of docs/json.md.
//!
//! A [`Recorder`] watches a message while its structure is built and writes the record when it is
//! over. It reads each octet as it passes by: nothing is read twice, and what no key asks for is not
//! parsed, decoded or hashed. Its room is used again for the next message.
//!
//! Contract: any octets give a record that is valid JSON. However the message is cut into reads, the
//! record is the same. Memory grows with the header and the number of parts, never with an
//! attachment; of the texts of a message, two MiB stay in memory and the rest goes to a temporary
//! file.
//!
//! Deliberately not here: where a message stands in its source (`schema` to `length` are written by
//! the caller, who counts), HTML as text (a function that the caller gives), other forms than JSON.
//!
//! RFC 8621 §4.1.4 (which parts are the text). May use: base, charset, transfer, header, walk,
//! structure.

mod body;
mod fields;
mod header;
pub mod json;
mod parts;
pub mod select;
mod store;
mod texts;

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

pub use fields::{Fields, Key, UnknownField};
pub use store::{Draft, Store};

use crate::charset::Charset;
use crate::header::Field;
use crate::header::names::Name;
use crate::structure::{At, Part, Sorter, Structure, Value, Visitor, Want, charset_of};
use body::{Body, MainText};
use header::Header;
use parts::Parts;
pub(crate) use texts::Texts;

/// What a record is to hold, and how text is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Its keys.
    pub fields: Fields,
    /// The SHA-256 of every leaf, not only of those that are stored.
    pub digest: bool,
    /// Octets of UTF-8 that `text`, `html` and the text of a part may have; the rest is cut off
    /// between characters, and the record says so. `None` cuts nothing off.
    pub max_text: Option<u64>,
    /// Decode UTF-7 in HTML, where it can hide markup.
    pub utf7_html: bool,
    /// Makes text of HTML where a message has no plain text, for `text`.
    pub html_to_text: Option<fn(&str) -> String>,
}

impl Options {
    /// Whether the structure must be built with a survey of the bodies: what is odd about content is
    /// known by nothing else. The sizes of parts do not need it.
    pub fn wants_survey(&self) -> bool {
        self.fields.has(Key::Findings)
    }
}

/// Makes records of messages, one after the other.
///
/// ```
/// use septet::base::Limits;
/// use septet::charset::Charset;
/// use septet::record::{Options, Recorder};
/// use septet::structure::Builder;
/// use septet::walk::{Reader, Separator};
///
/// let options = Options { fields: "id,text".parse().unwrap(), ..Options::default() };
/// let mut recorder = Recorder::new(options);
/// let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, options.wants_survey());
/// let message = b"Message-ID: <1@example>\n\nHello\n";
/// let walk = builder.walk_options(Separator::None);
/// let mut reader = Reader::new(&message[..], Limits::default(), walk);
/// recorder.begin();
/// let structure = builder.read(&mut reader, &mut recorder)?.expect("a message");
/// let mut line = Vec::new();
/// recorder.finish(structure, &mut line)?;
/// assert_eq!(line, br#","id":"1@example","text":"Hello\n""#);
/// assert_eq!(recorder.id(), Some("1@example"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Recorder {
    options: Options,
    store: Option<Arc<dyn Store>>,
    header: Header,
    parts: Parts,
    texts: Texts,
    sorter: Sorter,
    /// The body that is being read.
    body: Body,
    /// Where the pieces of `text` stand in the texts, one for each part.
    text: Vec<Range<u64>>,
    main: MainText,
    html: Option<Range<u64>>,
    /// The first HTML is found.
    has_html: bool,
    /// HTML of which text may have to be made.
    markup: String,
    /// It is not all of it.
    markup_cut: bool,
    /// What the text parts so far declare.
    declared: Option<Charset>,
    /// The first octets of `text` were handed out already.
    is_begun: bool,
    truncated: bool,
    /// The flags that the mailbox has for the message, if it has flags.
    flags: Option<String>,
    /// What is written next.
    line: Vec<u8>,
    number: String,
    failure: Option<io::Error>,
}

impl Recorder {
    /// A recorder that stores nothing.
    pub fn new(options: Options) -> Recorder {
        Recorder {
            options,
            store: None,
            header: Header::new(options.fields),
            parts: Parts::new(options.fields),
            texts: Texts::default(),
            sorter: Sorter::default(),
            body: Body::default(),
            text: Vec::new(),
            main: MainText::default(),
            html: None,
            has_html: false,
            markup: String::new(),
            markup_cut: false,
            declared: None,
            is_begun: false,
            truncated: false,
            flags: None,
            line: Vec::new(),
            number: String::new(),
            failure: None,
        }
    }

    /// The same, which also puts into `store` every leaf that is not the text of the message: those
    /// that neither `text` nor `html` is made of.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn Store>) -> Recorder {
        Recorder { store: Some(store), ..self }
    }

    /// Another message begins; what is left of the last is forgotten.
    pub fn begin(&mut self) {
        self.flags = None;
        self.header.begin();
        self.parts.begin();
        self.texts.begin();
        self.sorter.begin();
        self.body.begin();
        self.text.clear();
        self.main = MainText { left: self.max_text(), any: false };
        self.html = None;
        self.has_html = false;
        self.markup.clear();
        self.markup_cut = false;
        self.declared = None;
        (self.is_begun, self.truncated) = (false, false);
    }

    /// Has the record say the flags of a Maildir's message, a letter each; to be called behind
    /// [`Recorder::begin`].
    pub fn flags(&mut self, letters: &str) {
        self.flags = Some(letters.to_owned());
    }

    /// The Message-ID of the message that was read last, whatever the keys are.
    pub fn id(&self) -> Option<&str> {
        self.header.id()
    }

    /// Why the store did not take something, the first time since this was asked. The record has no
    /// path there.
    pub fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn max_text(&self) -> u64 {
        self.options.max_text.unwrap_or(u64::MAX)
    }

    /// Writes the members of the record of the message that was read, each begun with a comma:
    /// everything but `schema`, `source`, `message`, `offset` and `length`, and without the brace that
    /// ends it. If [`Recorder::text_so_far`] handed out the begin of `text`, the rest of that comes
    /// first. Fails only if `to` does, or the temporary file of a long text.
    pub fn finish<W: Write + ?Sized>(
        &mut self,
        structure: &Structure,
        to: &mut W,
    ) -> io::Result<()> {
        self.fill_text()?;
        let fields = self.options.fields;
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        if self.is_begun {
            write_joined(&self.text, &mut self.texts, to)?;
            line.push(b'"');
        }
        if fields.has(Key::Flags) {
            line.extend_from_slice(b",\"flags\":");
            match &self.flags {
                Some(letters) => json::string(letters, &mut line)?,
                None => line.extend_from_slice(b"null"),
            }
        }
        let mut lossy = self.header.write(structure.context(), &mut line);
        if fields.has(Key::Text) && !self.is_begun {
            line.extend_from_slice(b",\"text\":");
            write_text(&self.text, &mut self.texts, &mut line, to)?;
        }
        if fields.has(Key::Html) {
            line.extend_from_slice(b",\"html\":");
            write_text(self.html.as_slice(), &mut self.texts, &mut line, to)?;
        }
        if fields.has_parts() {
            self.parts.write(&mut self.texts, &mut line, to)?;
        }
        if fields.has(Key::Findings) {
            self.write_findings(structure, &mut line);
        }
        lossy |= self.parts.are_lossy();
        if self.truncated {
            line.extend_from_slice(b",\"truncated\":true");
        }
        if lossy {
            line.extend_from_slice(b",\"lossy\":true");
        }
        to.write_all(&line)?;
        self.line = line;
        Ok(())
    }

    /// What is odd, as `septet.tree/1` has it.
    fn write_findings(&mut self, structure: &Structure, to: &mut Vec<u8>) {
        to.extend_from_slice(b",\"findings\":[");
        for (i, finding) in structure.findings().iter().enumerate() {
            let info = finding.rule.info();
            self.number.clear();
            if let Some(part) = structure.part(finding.part) {
                part.write_number(&mut self.number);
            }
            let number = Some(self.number.as_str()).filter(|number| !number.is_empty());
            let members = [
                ("{\"rule\":", Some(info.id)),
                (",\"name\":", Some(info.name)),
                (",\"severity\":", Some(info.severity.name())),
                (",\"message\":", Some(info.what)),
                (",\"fix\":", Some(info.fix.name())),
                (",\"part\":", number),
            ];
            if i > 0 {
                to.push(b',');
            }
            for (name, value) in members {
                to.extend_from_slice(name.as_bytes());
                json::option(value, to);
            }
            to.extend_from_slice(b",\"span\":");
            match finding.span {
                Some(span) => {
                    to.push(b'[');
                    json::number(span.start, to);
                    to.push(b',');
                    json::number(span.end, to);
                    to.extend_from_slice(b"]}");
                }
                None => to.extend_from_slice(b"null}"),
            }
        }
        to.push(b']');
    }
}

/// Writes a string of the texts at `ranges`, with a line end between two of them; `null` if there is
/// none. What `line` holds goes before.
fn write_text(
    ranges: &[Range<u64>],
    texts: &mut Texts,
    line: &mut Vec<u8>,
    to: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    if ranges.is_empty() {
        line.extend_from_slice(b"null");
        return Ok(());
    }
    line.push(b'"');
    to.write_all(line)?;
    line.clear();
    write_joined(ranges, texts, to)?;
    line.push(b'"');
    Ok(())
}

/// Writes the texts at `ranges`, with a line end between two of them.
fn write_joined(
    ranges: &[Range<u64>],
    texts: &mut Texts,
    to: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    for (i, range) in ranges.iter().enumerate() {
        if i > 0 {
            to.write_all(b"\\n")?;
        }
        texts.copy(range.clone(), to)?;
    }
    Ok(())
}

impl Visitor for Recorder {
    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        if at.part == 0 {
            self.header.field(name, field);
        }
        Ok(())
    }

    fn value(&mut self, at: At, value: Value) -> io::Result<()> {
        if at.part == 0 {
            self.header.value(value);
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.header.end();
        }
        let Some(part) = structure.part(part) else { return Ok(Want::Nothing) };
        let Some(fields) = structure.headed(part.index()) else { return Ok(Want::Nothing) };
        let role = self.sorter.sort(&part, fields);
        self.parts.headed(&part, fields);
        self.declared = self.declared.or_else(|| charset_of(&part, fields));
        if !part.is_leaf() {
            return Ok(Want::Nothing);
        }
        self.begin_body(structure, &part, fields, role);
        Ok(if self.body.is_idle() { Want::Nothing } else { Want::Decoded })
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        self.body_piece(octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        match structure.part(part).filter(Part::is_leaf) {
            Some(part) => self.end_body(&part),
            None => Ok(()),
        }
    }
}
