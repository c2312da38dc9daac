//! `septet part`: one part to standard output.

use std::io;

use super::Exit;
use super::input::{Inputs, Job, Message, media_type};
use super::out::{self, Out};
use super::select::Where;
use crate::charset::Charset;
use crate::header::mime::{Media, TypePattern};
use crate::structure::{At, Part, Structure, TextDecoder, Visitor, Want, declared_charset};
use crate::walk::Kind;

/// Write one part of a message to standard output
///
/// The number is the one that `septet tree` shows. Decoded unless asked otherwise: the transfer
/// encoding is undone, and of a message inside the message its octets are given.
#[derive(Debug, clap::Args)]
#[command(
    name = "part",
    after_help = "\
Examples:
  septet part 2 message.eml >report.pdf          an attachment, decoded
  septet part --type text/html --text m.eml      the first HTML part, as UTF-8
  septet part 1.2 --header -m 7 archive.mbox     its header, from an mbox"
)]
pub(crate) struct PartCommand {
    /// The part's number, as `septet tree` shows it
    #[arg(value_name = "PART", required_unless_present = "type")]
    part: Option<String>,

    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// The first part of this type instead of a number, such as text/html or image/*
    #[arg(short, long, value_name = "PATTERN", value_parser = media_type)]
    r#type: Option<TypePattern>,

    /// The transfer encoding undone (the default)
    #[arg(long, group = "form")]
    decoded: bool,

    /// Text in UTF-8: the charset undone as well
    #[arg(short = 'x', long, group = "form")]
    text: bool,

    /// The body as it stands in the message
    #[arg(short, long, group = "form")]
    raw: bool,

    /// The header of the part, as it stands in the message
    #[arg(long, group = "form")]
    header: bool,

    /// Decode UTF-7 in HTML, where it can hide markup
    #[arg(long, requires = "text", hide_short_help = true)]
    utf7_html: bool,
}

/// What is written of the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Decoded,
    Text,
    Raw,
    Header,
}

impl PartCommand {
    pub(crate) fn run(mut self, out: &mut Out) -> Exit {
        // With --type there is no number: the first argument is an input.
        if self.r#type.is_some()
            && let Some(input) = self.part.take()
        {
            self.inputs.put_first(input.into());
        }
        if let Some(part) = self.part.as_deref().filter(|part| !is_part_number(part)) {
            out::complain(&format!("not the number of a part, such as 2 or 1.2: {part}"));
            return Exit::Usage;
        }
        let form = match self {
            PartCommand { text: true, .. } => Form::Text,
            PartCommand { raw: true, .. } => Form::Raw,
            PartCommand { header: true, .. } => Form::Header,
            _ => Form::Decoded,
        };
        let mut job = PartJob { options: &self, form, out, state: State::default() };
        self.wanted.run(&self.inputs, false, &mut job)
    }
}

/// `2`, `1.2`, `2.0`; `#7` far below; `2~1` for what was found inside a leaf.
fn is_part_number(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    match text.strip_prefix('#') {
        Some(index) => is_number(index),
        None => text.split(['.', '~']).all(is_number),
    }
}

struct PartJob<'a> {
    options: &'a PartCommand,
    form: Form,
    out: &'a mut Out,
    state: State,
}

/// How far the search for the part has come in this message.
#[derive(Default)]
struct State {
    /// The header that is being read.
    header: Vec<u8>,
    /// At which level of decoding it stands.
    level: u32,
    found: Option<Found>,
    /// For [`Form::Text`]. Its charset may depend on parts behind it, so it ends with the message.
    decoder: Option<TextDecoder>,
    /// What the parts before it declare.
    others: Option<Charset>,
}

#[derive(Clone, Copy)]
struct Found {
    part: u32,
    /// At which level of decoding the octets stand that are to be written as they are.
    copied: Option<u32>,
    is_open: bool,
}

impl PartJob<'_> {
    fn is_wanted(&self, part: &Part<'_>) -> bool {
        match (&self.options.r#type, &self.options.part) {
            (Some(pattern), _) => pattern.matches(&part.essence()),
            (None, Some(number)) => *number == part.number(),
            (None, None) => false,
        }
    }

    /// The level whose tokens are what is asked for, if the tokens are that.
    fn copied(&self, part: &Part<'_>, level: u32) -> Option<u32> {
        match (self.form, part.media()) {
            (Form::Raw, _) => Some(level),
            (Form::Decoded | Form::Text, Media::Message) if part.coding().is_identity() => {
                Some(level)
            }
            (Form::Decoded | Form::Text, Media::Message) if !part.is_leaf() => Some(level + 1),
            _ => None,
        }
    }
}

impl Visitor for PartJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        match self.state.found {
            Some(found) if found.is_open && found.copied == Some(at.decoded) => {
                self.out.octets(octets)
            }
            Some(_) => Ok(()),
            None => {
                if matches!(kind, Kind::Field | Kind::Junk | Kind::HeaderEnd) {
                    self.state.header.extend_from_slice(octets);
                }
                self.state.level = at.decoded;
                Ok(())
            }
        }
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let header = std::mem::take(&mut self.state.header);
        let Some(part) = structure.part(part).filter(|part| self.is_wanted(part)) else {
            return Ok(Want::Nothing);
        };
        if self.state.found.is_some() {
            return Ok(Want::Nothing);
        }
        let copied = self.copied(&part, self.state.level);
        self.state.found = Some(Found { part: part.index(), copied, is_open: true });
        if self.form == Form::Header {
            self.out.octets(&header)?;
        }
        if self.form == Form::Text && part.is_leaf() {
            self.state.decoder = Some(TextDecoder::new(&part, self.options.utf7_html));
            self.state.others = declared_charset(structure);
        }
        let wants = matches!(self.form, Form::Decoded | Form::Text) && part.is_leaf();
        Ok(if wants { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        let Some(decoder) = &mut self.state.decoder else { return self.out.octets(octets) };
        let mut written = Ok(());
        decoder.decode(octets, self.state.others, &mut |piece| {
            if written.is_ok() {
                written = self.out.octets(piece.as_bytes());
            }
        });
        written
    }

    fn leave(&mut self, _: &Structure, part: u32) -> io::Result<()> {
        if let Some(found) = &mut self.state.found
            && found.part == part
        {
            found.is_open = false;
        }
        Ok(())
    }
}

impl Job for PartJob<'_> {
    fn begin(&mut self, _: &str, _: u64) {
        self.state = State::default();
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        let place = format!("{}: message {}", message.source, message.number);
        let structure = message.structure;
        let Some(part) = self.state.found.and_then(|found| structure.part(found.part)) else {
            out::complain(&match (&self.options.part, &self.options.r#type) {
                (Some(part), None) => format!("{place}: no part {part}"),
                _ => format!("{place}: no part of that type"),
            });
            return Ok(Exit::No);
        };
        let has_content = part.is_leaf() || part.media() == Media::Message;
        if !has_content && matches!(self.form, Form::Decoded | Form::Text) {
            let (number, essence) = (part.number(), part.essence());
            out::complain(&format!(
                "{place}: part {number} is {essence}: it has parts, but no content of its own \
                 (--raw gives its body)"
            ));
            return Ok(Exit::No);
        }
        if let Some(mut decoder) = self.state.decoder.take() {
            let mut written = Ok(());
            decoder.finish(declared_charset(structure), &mut |piece| {
                if written.is_ok() {
                    written = self.out.octets(piece.as_bytes());
                }
            });
            written?;
        }
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }
}
