//! What the fuzzer gives: one octet that chooses, three that cut, and the octets to be read.

use std::io::{self, Read};

use septet::base::Limits;
use septet::walk::{Options, Separator};

/// An input, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Chooses among options, limits, labels: whatever the law has to choose from.
    pub choice: u8,
    /// The sizes of the pieces that the text comes in, over and over; none is 0.
    pub sizes: [usize; 3],
    /// What is to be read.
    pub text: &'a [u8],
}

impl<'a> Input<'a> {
    /// Takes an input apart; `None` if it is too short to say how it is to be read.
    pub fn new(data: &'a [u8]) -> Option<Input<'a>> {
        let (&[choice, sizes @ ..], text) = data.split_first_chunk::<4>()?;
        Some(Input { choice, sizes: sizes.map(|size| usize::from(size) + 1), text })
    }

    /// What a walk looks for, by the two lowest bits of the choice and the fifth.
    pub fn options(&self) -> Options {
        let separator = match (self.bit(0), self.bit(4)) {
            (false, false) => Separator::None,
            (false, true) => Separator::Mmdf,
            (true, _) => Separator::From,
        };
        Options { separator, near_misses: self.bit(1) }
    }

    /// The default limits or, by the next bit, some that nearly every message reaches. That on
    /// findings stays: which of them are kept is no matter of limits alone.
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        match self.bit(2) {
            false => default,
            true => Limits {
                depth: 2,
                parts: 4,
                fields: 4,
                field: 24,
                header: 64,
                params: 2,
                words: 2,
                ..default
            },
        }
    }

    /// A bit of the choice.
    pub fn bit(&self, bit: u32) -> bool {
        self.choice >> bit & 1 == 1
    }

    /// The text as it comes to a reader.
    pub fn reader(&self) -> Cut<'a> {
        Cut { text: self.text, sizes: self.sizes, at: 0 }
    }

    /// The same pieces of any octets.
    pub fn pieces<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
        let mut cut = Cut { text, ..self.reader() };
        std::iter::from_fn(move || Some(cut.piece(usize::MAX)).filter(|piece| !piece.is_empty()))
    }
}

/// Yields a text in pieces.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    text: &'a [u8],
    sizes: [usize; 3],
    at: usize,
}

impl<'a> Cut<'a> {
    fn piece(&mut self, room: usize) -> &'a [u8] {
        let size = self.sizes[self.at % self.sizes.len()];
        self.at += 1;
        let (piece, rest) = self.text.split_at(size.min(room).min(self.text.len()));
        self.text = rest;
        piece
    }
}

impl Read for Cut<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = self.piece(out.len());
        out[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}
