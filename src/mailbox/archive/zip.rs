//! What the two ways of reading a zip archive share: the fields of a member, its octets decoded and
//! held against what the archive says of them.
//!
//! Contract: a member that has another size or sum than the archive says is an error of that member;
//! never more octets are yielded than it says.
//!
//! APPNOTE.TXT 6.3.10 §4.3 – §4.5.
//!
//! May use: base.

use std::io::{self, Read};

use super::super::content::Coding;
use super::codec::{Codec, said};

/// LIMIT: octets of a field that stands before a member: names and extra fields have 16-bit lengths.
pub(super) const FIELD: usize = u16::MAX as usize;

/// A member, as a header of the archive tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Octets as they lie in the archive, and of the member.
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where its local header begins.
    pub(super) offset: u64,
    /// It is a link, a folder or a device.
    pub(super) is_other: bool,
}

impl Entry {
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether size and sum stand behind the octets.
    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }

    /// How its octets are to be decoded.
    pub(super) fn codec(&self) -> io::Result<Codec> {
        if self.is_encrypted() {
            return Err(said("encrypted; not read"));
        }
        match self.method {
            0 => Ok(Codec::Stored),
            8 => Ok(Codec::Deflate),
            12 => Ok(Codec::File(Coding::Bzip2)),
            93 => Ok(Codec::File(Coding::Zstd)),
            95 => Ok(Codec::File(Coding::Xz)),
            other => Err(said(format!("compressed by a method that is not known here, {other}"))),
        }
    }

    /// Takes the sizes, and the offset, that did not fit into the header from the zip64 field.
    pub(super) fn read_extra(&mut self, mut extra: &[u8]) {
        const FULL: u64 = u32::MAX as u64;
        while let Some((&[a, b, c, d], rest)) = extra.split_first_chunk::<4>() {
            let (id, len) = (u16::from_le_bytes([a, b]), usize::from(u16::from_le_bytes([c, d])));
            let Some(mut data) = rest.get(..len) else { return };
            extra = &rest[len..];
            if id != 1 {
                continue;
            }
            for field in [&mut self.size, &mut self.packed, &mut self.offset] {
                if *field == FULL
                    && let Some((value, rest)) = data.split_first_chunk()
                {
                    *field = u64::from_le_bytes(*value);
                    data = rest;
                }
            }
        }
    }
}

/// Little-endian fields, one after the other; beyond the end all is 0.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk() {
            Some((chunk, rest)) => {
                self.0 = rest;
                *chunk
            }
            None => [0; N],
        }
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    pub(super) fn skip(&mut self, len: usize) {
        self.0 = self.0.get(len..).unwrap_or(&[]);
    }
}

/// The octets of a member, held against what the archive says of them.
pub(super) struct Checked<R> {
    inner: R,
    /// The size and the sum that are said; nothing if that comes later.
    said: Option<(u64, u32)>,
    crc: flate2::Crc,
    len: u64,
    failed: bool,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(inner: R, said: Option<(u64, u32)>) -> Checked<R> {
        Checked { inner, said, crc: flate2::Crc::new(), len: 0, failed: false }
    }

    /// How many octets there were, and their sum.
    pub(super) fn found(&self) -> (u64, u32) {
        (self.len, self.crc.sum())
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }

    fn check(&self, is_end: bool) -> io::Result<()> {
        let Some((size, crc)) = self.said else { return Ok(()) };
        if self.len > size {
            Err(said(format!("holds more than the {size} octets that the zip archive says")))
        } else if is_end && self.len < size {
            let len = self.len;
            Err(said(format!("holds {len} octets, not the {size} that the zip archive says")))
        } else if is_end && self.crc.sum() != crc {
            Err(said("damaged: its octets do not have the sum that the zip archive says"))
        } else {
            Ok(())
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.failed {
            return Ok(0);
        }
        let count = self.inner.read(out)?;
        self.len += count as u64;
        self.crc.update(&out[..count]);
        let checked = self.check(count == 0);
        self.failed = checked.is_err();
        checked.map(|()| count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sizes_stand_in_the_extra_field() {
        let full = u64::from(u32::MAX);
        let zip64 = [&[1, 0, 16, 0][..], &5u64.to_le_bytes(), &6u64.to_le_bytes()].concat();
        let other = [9, 0, 2, 0, 7, 7];
        let cases: [(&str, Vec<u8>, [u64; 3], [u64; 3]); 5] = [
            ("two of them", zip64.clone(), [full, 1, full], [5, 1, 6]),
            ("behind another field", [&other[..], &zip64].concat(), [full, full, 2], [5, 6, 2]),
            ("not needed", zip64.clone(), [1, 2, 3], [1, 2, 3]),
            ("one is missing", zip64.clone(), [full, full, full], [5, 6, full]),
            ("cut", zip64[..12].to_vec(), [full, 1, 2], [full, 1, 2]),
        ];
        for (what, extra, [size, packed, offset], expected) in cases {
            let mut entry = Entry { size, packed, offset, ..Entry::default() };
            entry.read_extra(&extra);
            assert_eq!([entry.size, entry.packed, entry.offset], expected, "{what}");
        }
    }

    #[test]
    fn octets_are_held_against_what_is_said() {
        let mut crc = flate2::Crc::new();
        crc.update(b"four");
        let crc = crc.sum();
        for (size, crc, expected) in [
            (4, crc, Ok("four".to_owned())),
            (4, crc + 1, Err("damaged")),
            (5, crc, Err("holds 4 octets, not the 5")),
            (3, crc, Err("holds more than the 3")),
        ] {
            let mut text = String::new();
            let read = Checked::new(&b"four"[..], Some((size, crc))).read_to_string(&mut text);
            match (read, expected) {
                (Ok(_), Ok(expected)) => assert_eq!(text, expected),
                (Err(error), Err(expected)) => {
                    assert!(error.to_string().starts_with(expected), "{error}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
