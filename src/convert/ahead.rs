//! Reading ahead: what takes time to read is read by a thread of its own, while what was read is worked
//! on.
//!
//! Contract: the same octets, and the same error in its place. Memory is bounded by a few buffers.
//!
//! May use: nothing.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How much is read at a time, and how many such pieces wait.
const PIECE: usize = 256 << 10;
const WAITING: usize = 3;

/// What is read ahead.
pub(super) struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Where pieces go that were taken, to be filled again.
    empties: Sender<Vec<u8>>,
    piece: Vec<u8>,
    taken: usize,
}

/// Does `work` with what `source` reads, and gives both results back: how it went, and the source as
/// it is then.
pub(super) fn ahead<R: Read + Send, T>(
    mut source: R,
    work: impl FnOnce(Ahead) -> io::Result<T>,
) -> io::Result<(T, R)> {
    let (filled, pieces) = sync_channel(WAITING);
    let (empties, emptied) = channel();
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            read(&mut source, &filled, &emptied);
            source
        });
        let done = work(Ahead { pieces, empties, piece: Vec::new(), taken: 0 });
        match reading.join() {
            Ok(source) => Ok((done?, source)),
            Err(_) => Err(io::Error::other("reading ahead failed")),
        }
    })
}

/// Reads to the end, or as far as somebody wants it.
fn read(
    source: &mut impl Read,
    filled: &SyncSender<io::Result<Vec<u8>>>,
    emptied: &Receiver<Vec<u8>>,
) {
    loop {
        let mut piece = emptied.try_recv().unwrap_or_default();
        piece.clear();
        let read = source.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        let is_last = read.is_err() || piece.is_empty();
        // What was read before an error comes before it.
        let is_unwanted = !piece.is_empty() && filled.send(Ok(piece)).is_err();
        if let Err(error) = read {
            let _ = filled.send(Err(error));
        }
        if is_last || is_unwanted {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.piece.len() {
            let Ok(piece) = self.pieces.recv() else { return Ok(0) };
            let empty = std::mem::replace(&mut self.piece, piece?);
            // Nobody fills it any more at the end.
            let _ = self.empties.send(empty);
            self.taken = 0;
        }
        let count = (&self.piece[self.taken..]).read(out)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Octets that tell their place.
    fn octets(len: usize) -> Vec<u8> {
        (0..len as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    #[test]
    fn the_same_octets() {
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 9 * PIECE + 7] {
            let text = octets(len);
            let (read, source) = ahead(&text[..], |mut ahead| {
                let mut read = Vec::new();
                ahead.read_to_end(&mut read)?;
                Ok(read)
            })
            .expect("from memory");
            assert!(read == text && source.is_empty(), "{len}");
        }
    }

    #[test]
    fn an_error_comes_behind_what_was_read() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::TimedOut.into())
            }
        }
        let text = octets(PIECE + 9);
        let mut seen = 0;
        let failed = ahead(text.chain(Fails), |mut ahead| {
            loop {
                match ahead.read(&mut [0; 4096])? {
                    0 => return Ok(()),
                    count => seen += count,
                }
            }
        });
        assert_eq!(failed.err().map(|error| error.kind()), Some(io::ErrorKind::TimedOut));
        assert_eq!(seen, PIECE + 9);
    }

    #[test]
    fn who_has_enough_may_stop() {
        let text = octets(40 * PIECE);
        let (first, _) = ahead(&text[..], |mut ahead| {
            let mut first = [0; 3];
            ahead.read_exact(&mut first).map(|()| first)
        })
        .expect("from memory");
        assert_eq!(first, text[..3]);
    }
}
