//! Decompression: one reader for all codings, that goes from one member, frame or stream to the next
//! where a coding has several.
//!
//! Contract: what can be decoded is yielded before the error that says why the rest cannot. Memory is
//! bounded by the largest window, [`WINDOW`]. An error of the octets beneath stays as it is.
//!
//! RFC 1952 §2.2 (gzip members), RFC 8878 §3.1 (zstd frames), the .xz file format §2 (streams and
//! their padding).
//!
//! May use: base.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::super::content::Coding;

/// LIMIT: octets of the window that a decoder may have to keep, as a power of 2.
pub(super) const WINDOW: u32 = 27;

/// The memory, in KiB, of an xz decoder with such a window.
const XZ_MEMORY: u32 = (1 << (WINDOW - 10)) + 128;

/// How many octets are asked of the xz decoder at once: if it fails, those are lost that it has
/// decoded for this call.
const XZ_PIECE: usize = 2048;

/// LIMIT: so many octets may come out of one that went in.
const RATIO: u64 = 1000;

/// LIMIT: the ratio is not asked about before so many octets came out.
const FREE: u64 = 64 << 20;

/// How octets are compressed: as a file, or as a member of a zip archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    File(Coding),
    /// Not at all.
    Stored,
    /// RFC 1951.
    Deflate,
    /// One stream, frame or whatever its coding calls it.
    One(Coding),
}

impl Codec {
    fn name(self) -> &'static str {
        match self {
            Codec::File(Coding::Gzip) | Codec::One(Coding::Gzip) => "gzip",
            Codec::File(Coding::Zstd) | Codec::One(Coding::Zstd) => "zstd",
            Codec::File(Coding::Xz) | Codec::One(Coding::Xz) => "xz",
            Codec::File(Coding::Bzip2) | Codec::One(Coding::Bzip2) => "bzip2",
            Codec::Stored => "stored",
            Codec::Deflate => "deflate",
        }
    }
}

/// What is said about octets that cannot be read: an error that needs no other words.
#[derive(Debug)]
struct Said(String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

/// An error that says this.
pub(super) fn said(text: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Said(text.into()))
}

/// How many octets were read.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Counter(Rc<Cell<u64>>);

impl Counter {
    pub(super) fn octets(&self) -> u64 {
        self.0.get()
    }
}

/// A reader that counts what is taken from it.
pub(super) struct Counted<'a> {
    inner: &'a mut dyn BufRead,
    counter: Counter,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.counter.0.set(self.counter.octets() + count as u64);
        Ok(count)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.counter.0.set(self.counter.octets() + count as u64);
    }
}

enum Decoder<'a> {
    Stored(Counted<'a>),
    Deflate(flate2::bufread::DeflateDecoder<Counted<'a>>),
    Gzip(flate2::bufread::GzDecoder<Counted<'a>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Counted<'a>>>),
    Xz(Box<lzma_rust2::XzReader<Counted<'a>>>),
    Bzip2(Box<bzip2::bufread::BzDecoder<Counted<'a>>>),
    Bzip2s(Box<bzip2::bufread::MultiBzDecoder<Counted<'a>>>),
    /// Nothing follows.
    Over,
}

impl<'a> Decoder<'a> {
    fn new(codec: Codec, octets: Counted<'a>) -> io::Result<Decoder<'a>> {
        Ok(match codec {
            Codec::Stored => Decoder::Stored(octets),
            Codec::Deflate => Decoder::Deflate(flate2::bufread::DeflateDecoder::new(octets)),
            Codec::File(Coding::Gzip) | Codec::One(Coding::Gzip) => {
                Decoder::Gzip(flate2::bufread::GzDecoder::new(octets))
            }
            Codec::File(Coding::Xz) | Codec::One(Coding::Xz) => {
                let is_file = codec == Codec::File(Coding::Xz);
                let reader = lzma_rust2::XzReader::new_mem_limit(octets, is_file, XZ_MEMORY);
                Decoder::Xz(Box::new(reader))
            }
            Codec::File(Coding::Bzip2) => {
                Decoder::Bzip2s(Box::new(bzip2::bufread::MultiBzDecoder::new(octets)))
            }
            Codec::One(Coding::Bzip2) => {
                Decoder::Bzip2(Box::new(bzip2::bufread::BzDecoder::new(octets)))
            }
            Codec::File(Coding::Zstd) | Codec::One(Coding::Zstd) => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(octets)?;
                decoder.window_log_max(WINDOW)?;
                let is_one = codec == Codec::One(Coding::Zstd);
                Decoder::Zstd(Box::new(if is_one { decoder.single_frame() } else { decoder }))
            }
        })
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::Stored(inner) => inner.read(out),
            Decoder::Deflate(inner) => inner.read(out),
            Decoder::Gzip(inner) => inner.read(out),
            Decoder::Zstd(inner) => inner.read(out),
            Decoder::Xz(inner) => {
                let len = out.len().min(XZ_PIECE);
                inner.read(&mut out[..len])
            }
            Decoder::Bzip2(inner) => inner.read(out),
            Decoder::Bzip2s(inner) => inner.read(out),
            Decoder::Over => Ok(0),
        }
    }
}

/// Octets, decoded.
pub(super) struct Decoded<'a> {
    codec: Codec,
    decoder: Decoder<'a>,
    /// What went in, here and at the bottom of all; what came out.
    taken: Counter,
    bottom: Option<Counter>,
    yielded: u64,
    failed: bool,
}

impl<'a> Decoded<'a> {
    /// Decodes `octets`; `bottom` counts what was read to have them, if they were compressed twice.
    pub(super) fn new(
        codec: Codec,
        octets: &'a mut dyn BufRead,
        bottom: Option<Counter>,
    ) -> io::Result<Decoded<'a>> {
        let taken = Counter::default();
        let octets = Counted { inner: octets, counter: taken.clone() };
        let decoder = Decoder::new(codec, octets).map_err(|error| explained(codec, error))?;
        Ok(Decoded { codec, decoder, taken, bottom, yielded: 0, failed: false })
    }

    /// Counts the octets that went in.
    pub(super) fn taken(&self) -> Counter {
        self.taken.clone()
    }

    /// Whether they ended with an error.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.decoder.read(out)?;
            if count > 0 || !self.next_stream()? {
                return Ok(count);
            }
        }
    }

    /// Begins with what follows the end of a gzip member; false if nothing does.
    fn next_stream(&mut self) -> io::Result<bool> {
        let mut rest = match std::mem::replace(&mut self.decoder, Decoder::Over) {
            Decoder::Gzip(inner) => inner.into_inner(),
            _ => return Ok(false),
        };
        let next = rest.fill_buf()?;
        if next.is_empty() {
            return Ok(false);
        }
        if next[0] != 0x1f {
            let at = self.taken.octets();
            return Err(said(format!("the gzip data ends at octet {at}, what follows is none")));
        }
        self.decoder = Decoder::new(self.codec, rest)?;
        Ok(true)
    }

    fn is_bomb(&self) -> bool {
        let taken = match &self.bottom {
            Some(bottom) => bottom.octets().min(self.taken.octets()),
            None => self.taken.octets(),
        };
        self.yielded > FREE && self.yielded / RATIO > taken
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.failed {
            return Ok(0);
        }
        let done = match self.decode(out) {
            Ok(count) => {
                self.yielded += count as u64;
                let expands = format!("expands to more than {RATIO} times its size; not read on");
                if self.is_bomb() { Err(said(expands)) } else { Ok(count) }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => Err(explained(self.codec, error)),
        };
        self.failed = done.is_err();
        done
    }
}

/// What a decoder's error means; those of the octets beneath have their words already.
fn explained(codec: Codec, error: io::Error) -> io::Error {
    let has_words = error.get_ref().is_some_and(|inner| inner.is::<Said>());
    if has_words || error.raw_os_error().is_some() {
        return error;
    }
    let name = codec.name();
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::UnexpectedEof => said(format!("the {name} data ends early")),
        io::ErrorKind::OutOfMemory => said(too_large(name)),
        _ if text.contains("too much memory") => said(too_large(name)),
        _ => said(format!("the {name} data is damaged")),
    }
}

fn too_large(name: &str) -> String {
    format!("the {name} data needs a window of more than 128 MiB")
}
