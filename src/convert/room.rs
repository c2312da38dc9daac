//! The room in which messages are read, one after the other: it costs more to make than a small
//! message to read.

use std::io::{self, Empty, Read};

use crate::base::{Eol, Limits};
use crate::charset::Charset;
use crate::structure::{Builder, Structure, Visitor};
use crate::walk::{Reader, Separator};

/// Reads messages, keeping its room.
#[derive(Debug)]
pub(super) struct Room {
    builder: Builder,
    /// `None` while a message is being read, and after one that could not be.
    reader: Option<Reader<Empty>>,
    limits: Limits,
}

impl Room {
    pub(super) fn new(limits: Limits, fallback: Charset) -> Room {
        Room { builder: Builder::new(limits, fallback, false), reader: None, limits }
    }

    /// The structure of the one message that `source` holds, which `visitor` watches; `None` if there
    /// is no octet. Whatever ends its lines elsewhere, here it is LF or CRLF.
    pub(super) fn read<R: Read, V: Visitor>(
        &mut self,
        source: R,
        visitor: &mut V,
    ) -> io::Result<Option<&Structure>> {
        let options = self.builder.walk_options(Separator::None);
        let mut reader = match self.reader.take() {
            Some(reader) => reader.renew(source, options),
            None => Reader::new(source, self.limits, options),
        };
        reader.know_eol(Eol::Lf);
        let is_there = self.builder.read(&mut reader, visitor)?.is_some();
        self.reader = Some(reader.renew(io::empty(), options));
        Ok(is_there.then(|| self.builder.structure()))
    }
}
