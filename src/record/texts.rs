//! Room for the texts of one message until its record is written.
//!
//! Texts are appended one behind the other, as they will stand in JSON, and copied out by range.
//! LIMIT: two MiB stay in memory; what is over goes to a temporary file that has no name. The room
//! and the file are used again for the next message.
//!
//! May use: nothing.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// LIMIT: octets of the texts of a message that are kept in memory.
const MEMORY: usize = 2 << 20;

/// How much is copied from the file at a time.
const PIECE: u64 = 64 << 10;

/// The texts of one message, or of some.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// What was appended last; what stands before it is in the file.
    memory: Vec<u8>,
    file: Option<File>,
    /// Octets in the file.
    filed: u64,
    piece: Vec<u8>,
}

impl Texts {
    /// Forgets all texts.
    pub(crate) fn begin(&mut self) {
        self.memory.clear();
        if self.filed > 0 {
            self.file = self.file.take().filter(|file| emptied(file).is_ok());
        }
        self.filed = 0;
    }

    /// How much was appended so far.
    pub(crate) fn end(&self) -> u64 {
        self.filed + self.memory.len() as u64
    }

    /// Adds a piece, which `append` writes behind what is there.
    pub(crate) fn append(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        append(&mut self.memory);
        if self.memory.len() > MEMORY {
            self.spill()?;
        }
        Ok(())
    }

    /// What there is, if so much of it is in memory that it is more than `least` octets and nothing is
    /// in the file; it is gone from here then.
    pub(crate) fn take(&mut self, least: usize) -> Option<Vec<u8>> {
        let is_taken = self.filed == 0 && self.memory.len() > least;
        is_taken.then(|| {
            let room = Vec::with_capacity(self.memory.capacity());
            std::mem::replace(&mut self.memory, room)
        })
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        file.write_all(&self.memory)?;
        self.file = Some(file);
        self.filed += self.memory.len() as u64;
        self.memory.clear();
        self.memory.shrink_to(MEMORY);
        Ok(())
    }

    /// Writes what stands at `range`.
    pub(crate) fn copy(
        &mut self,
        range: Range<u64>,
        to: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        let Range { start, end } = range;
        if start < self.filed {
            self.copy_filed(start..end.min(self.filed), to)?;
        }
        let in_memory = |at: u64| at.saturating_sub(self.filed) as usize;
        match self.memory.get(in_memory(start)..in_memory(end)) {
            Some(octets) => to.write_all(octets),
            None => Ok(()),
        }
    }

    fn copy_filed(&mut self, range: Range<u64>, to: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(range.start))?;
        let mut left = range.end - range.start;
        while left > 0 {
            let len = left.min(PIECE);
            self.piece.resize(len as usize, 0);
            file.read_exact(&mut self.piece)?;
            to.write_all(&self.piece)?;
            left -= len;
        }
        Ok(())
    }
}

impl Write for Texts {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.append(|memory| memory.extend_from_slice(octets))?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn emptied(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_come_back_from_memory_and_file() {
        let mut texts = Texts::default();
        for size in [10, MEMORY / 2, 3 * MEMORY + 7, 100] {
            texts.begin();
            let text: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
            for piece in text.chunks(100_000) {
                texts.append(|memory| memory.extend_from_slice(piece)).expect("a temporary file");
            }
            assert_eq!(texts.end(), size as u64);
            assert_eq!(texts.filed > 0, size > MEMORY);
            for range in [0..size, size / 3..size, 1..size / 2, size - 3..size, 5..5] {
                let mut out = Vec::new();
                texts.copy(range.start as u64..range.end as u64, &mut out).expect("readable");
                assert!(out == text[range.clone()], "{range:?} of {size}");
            }
        }
    }
}
