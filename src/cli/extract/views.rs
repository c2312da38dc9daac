//! The parts that other readings of a message show, as files of their own.

use std::io;

use super::select::Disposition;
use super::write::{Entry, Output, Writer};
use super::{Extract, ExtractJob};
use crate::cli::input::Message;
use crate::cli::out;
use crate::extract::{nameless, safe_name};
use crate::structure::{Structure, Visitor, Want};
use crate::views::View;

/// Writes the leaves of a view that the primary reading does not have so. To whoever wants attachments
/// they are some.
struct ViewFiles<'w, 'a> {
    options: &'a Extract,
    writer: &'w mut Writer<'a>,
    view: &'w View,
    /// Such as `v2`.
    name: &'w str,
    /// The leaf that is being read.
    leaf: Option<(u32, Output, Entry)>,
}

impl Visitor for ViewFiles<'_, '_> {
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(part) =
            structure.part(part).filter(|it| it.is_leaf() && self.view.has(it.index()))
        else {
            return Ok(Want::Nothing);
        };
        let (number, fields) = (part.number(), part.mime_fields());
        let (essence, filename) = (fields.essence().to_owned(), fields.filename());
        let name = filename.as_deref().and_then(safe_name);
        let name = name.unwrap_or_else(|| nameless(&number, &essence));
        let disposition = fields.disposition.as_ref();
        let disposition = Disposition::of(disposition.map(|disposition| &*disposition.value));
        if !self.options.is_wanted(&essence, &name, disposition) {
            return Ok(Want::Nothing);
        }
        let view = Some(self.name.to_owned());
        let entry = Entry { name, part: number, filename, essence, intact: None, view };
        self.leaf = Some((part.index(), self.writer.begin()?, entry));
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        match &mut self.leaf {
            Some((_, output, _)) => self.writer.write(output, octets),
            None => Ok(()),
        }
    }

    fn leave(&mut self, _: &Structure, part: u32) -> io::Result<()> {
        match self.leaf.take_if(|(index, ..)| *index == part) {
            Some((_, output, entry)) => self.writer.keep(output, entry),
            None => Ok(()),
        }
    }
}

impl ExtractJob<'_> {
    /// Writes what the other readings of the message show, if they are asked for.
    pub(super) fn views(&mut self, message: &Message<'_>) -> io::Result<()> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let (options, octets) = (self.options, kept.octets(message));
        let views = kept.views(message)?;
        for (view, number) in views.views.iter().zip(1..) {
            let name = format!("v{number}");
            let writer = &mut self.writer;
            let mut files = ViewFiles { options, writer, view, name: &name, leaf: None };
            view.read(message.structure, &octets, &mut files)?;
        }
        if views.is_cut {
            let (source, number) = (message.source, message.number);
            out::complain(&format!("{source}: message {number}: more views than are tried (D017)"));
        }
        Ok(())
    }
}
