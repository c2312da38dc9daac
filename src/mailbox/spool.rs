//! The octets of one message after the other, kept while it is read so that any of them can be read
//! again.
//!
//! Contract: of a regular file nothing is kept but the file. Of all else the octets of the message go
//! to memory up to [`SPOOL`] octets, beyond that to a file without a name, which vanishes with the
//! process. What the file has lost meanwhile is an error.
//!
//! May use: base, walk.

use std::fs::File;
use std::io::{self, Write};

use super::Input;
use super::store::{SPOOL, Shared, failed_spool, shrunk};

/// LIMIT: so many octets wait in memory before they are written to the file.
const WRITE: usize = 256 << 10;

/// The octets of a message that is being read.
#[derive(Default)]
pub struct Spool {
    /// The file that the message lies in.
    source: Option<Shared>,
    /// What was taken and is not in `spooled`.
    memory: Vec<u8>,
    spooled: Option<Shared>,
    /// How many octets are in there.
    written: u64,
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spool({} octets)", self.written + self.memory.len() as u64)
    }
}

impl Spool {
    /// The messages of `input` come next.
    pub fn source(&mut self, input: &Input<'_>) {
        self.begin();
        // Elsewhere a file has one cursor, and who reads the messages would be led astray.
        let file = input.file.filter(|_| cfg!(unix));
        self.source = file.and_then(|file| file.try_clone().ok()).map(Shared::new);
    }

    /// Whether the messages lie in a file, of which nothing is kept.
    pub fn lies_in_file(&self) -> bool {
        self.source.is_some()
    }

    /// The next message begins.
    pub fn begin(&mut self) {
        self.memory.clear();
        (self.spooled, self.written) = (None, 0);
    }

    /// Takes the next octets of the message.
    pub fn push(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.source.is_some() {
            return Ok(());
        }
        self.memory.extend_from_slice(octets);
        let most = if self.spooled.is_some() { WRITE } else { SPOOL };
        if self.memory.len() > most { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.spooled.is_none() {
            let file = tempfile::tempfile().map_err(failed_spool)?;
            self.spooled = Some(Shared::new(file));
        }
        if let Some(spooled) = &self.spooled {
            let mut file: &File = spooled.file();
            file.write_all(&self.memory).map_err(failed_spool)?;
            self.written += self.memory.len() as u64;
            self.memory.clear();
        }
        Ok(())
    }

    /// Reads of the message, which begins at `start` in its input, from `offset` on, and tells how many
    /// octets these were: at least one, if there is room.
    pub fn read_at(&self, start: u64, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let len = match (&self.source, &self.spooled) {
            (Some(file), _) => file.read_at(start + offset, out)?,
            (None, Some(file)) if offset < self.written => {
                let room = usize::try_from(self.written - offset).unwrap_or(usize::MAX);
                let room = room.min(out.len());
                file.read_at(offset, &mut out[..room])?
            }
            (None, _) => {
                let from = usize::try_from(offset - self.written).unwrap_or(usize::MAX);
                let rest = self.memory.get(from..).unwrap_or(&[]);
                let len = rest.len().min(out.len());
                out[..len].copy_from_slice(&rest[..len]);
                len
            }
        };
        if len == 0 && !out.is_empty() { Err(shrunk()) } else { Ok(len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(spool: &Spool, len: usize, step: usize) -> Vec<u8> {
        let mut text = vec![0; len];
        let mut at = 0;
        while at < len {
            let end = len.min(at + step);
            at += spool.read_at(0, at as u64, &mut text[at..end]).expect("there");
        }
        text
    }

    #[test]
    fn what_was_pushed_is_read_from_memory_and_from_a_file() {
        let mut spool = Spool::default();
        for len in [0, 1, 1000, SPOOL, SPOOL + 1, SPOOL + WRITE + 10, 20] {
            let text: Vec<u8> = (0u32..).flat_map(u32::to_le_bytes).take(len).collect();
            spool.begin();
            for piece in text.chunks(70_001) {
                spool.push(piece).expect("kept");
            }
            assert_eq!(spool.spooled.is_some(), len > SPOOL);
            assert!(whole(&spool, len, 99_999) == text, "{len}");
            assert!(spool.read_at(0, len as u64, &mut [0]).is_err());
        }
    }
}
