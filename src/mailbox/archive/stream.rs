//! A zip archive that cannot be read at any place, member by member as its local headers tell them.
//!
//! Contract: what the local headers do not say, the central directory behind them would: which
//! members are links, and which were deleted. A member that says its size behind its octets is read
//! if these are deflated, since they say themselves where they end; else the archive ends there, with
//! an error.
//!
//! APPNOTE.TXT 6.3.10 §4.3.7 – §4.3.9.
//!
//! May use: base.

use std::io::{self, BufRead, Read};

use super::codec::{Codec, Counter, Decoded, said};
use super::zip::{Checked, Entry, Fields};

/// An archive that is being read.
pub(super) struct Stream<'a> {
    octets: &'a mut dyn BufRead,
    /// Nobody knows where the next member begins.
    is_over: bool,
}

impl<'a> Stream<'a> {
    pub(super) fn new(octets: &'a mut dyn BufRead) -> Stream<'a> {
        Stream { octets, is_over: false }
    }

    /// The next member; `None` behind the last one.
    pub(super) fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        if self.is_over {
            return Ok(None);
        }
        let mut magic = [0; 4];
        self.read_exact(&mut magic)?;
        // The marker of an archive in pieces that became one.
        if &magic == b"PK\x07\x08" {
            self.read_exact(&mut magic)?;
        }
        match &magic {
            b"PK\x03\x04" => self.header().map(Some),
            // The directory, which may begin with the data to decrypt it; or the end.
            b"PK\x01\x02" | b"PK\x05\x06" | b"PK\x06\x06" | b"PK\x06\x08" => Ok(None),
            _ => Err(said("the zip archive is damaged: no member begins where one should")),
        }
    }

    fn header(&mut self) -> io::Result<Entry> {
        let mut header = [0; 26];
        self.read_exact(&mut header)?;
        let mut fields = Fields(&header[2..]);
        let mut entry = Entry { flags: fields.u16(), method: fields.u16(), ..Entry::default() };
        fields.skip(4);
        entry.crc = fields.u32();
        (entry.packed, entry.size) = (fields.u32().into(), fields.u32().into());
        entry.path = vec![0; usize::from(fields.u16())];
        let mut extra = vec![0; usize::from(fields.u16())];
        self.read_exact(&mut entry.path)?;
        self.read_exact(&mut extra)?;
        entry.read_extra(&extra);
        entry.is_other = entry.path.ends_with(b"/");
        Ok(entry)
    }

    fn read_exact(&mut self, out: &mut [u8]) -> io::Result<()> {
        self.octets.read_exact(out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => said("the zip archive ends early"),
            _ => error,
        })
    }

    /// Whether it is known how to get behind this member.
    pub(super) fn check(&self, entry: &Entry) -> io::Result<()> {
        let is_told = !entry.has_descriptor() || entry.packed > 0;
        match is_told || entry.codec()? == Codec::Deflate || entry.path.ends_with(b"/") {
            true => Ok(()),
            false => Err(said(
                "stored without its size in a zip archive that cannot be searched; \
                 septet reads it from a file",
            )),
        }
    }

    /// Shows the octets of a member to `look`, then passes over what was not read of them. An error
    /// that comes back ends the archive.
    pub(super) fn read<T>(
        &mut self,
        entry: &Entry,
        look: impl FnOnce(io::Result<&mut dyn Read>, Counter) -> T,
    ) -> io::Result<T> {
        if !entry.has_descriptor() || entry.packed > 0 {
            return self.read_sized(entry, look);
        }
        let codec = entry.codec()?;
        if codec == Codec::Stored {
            // A folder: `check` refuses all else.
            self.descriptor(0, 0)?;
            return Ok(look(Ok(&mut io::empty()), Counter::default()));
        }
        let decoded = Decoded::new(codec, self.octets, None)?;
        let taken = decoded.taken();
        let mut octets = Checked::new(decoded, None);
        let done = look(Ok(&mut octets), taken.clone());
        io::copy(&mut octets, &mut io::sink())?;
        let (size, crc) = octets.found();
        if octets.into_inner().failed() {
            // Which was seen by who looked.
            self.is_over = true;
            return Ok(done);
        }
        match self.descriptor(taken.octets(), size)? == crc {
            true => Ok(done),
            false => Err(said("the zip archive is damaged: the sum of a member is another")),
        }
    }

    fn read_sized<T>(
        &mut self,
        entry: &Entry,
        look: impl FnOnce(io::Result<&mut dyn Read>, Counter) -> T,
    ) -> io::Result<T> {
        let mut octets = (&mut *self.octets).take(entry.packed);
        let expected = (!entry.has_descriptor()).then_some((entry.size, entry.crc));
        let done = match entry.codec().and_then(|codec| Decoded::new(codec, &mut octets, None)) {
            Ok(decoded) => {
                let taken = decoded.taken();
                look(Ok(&mut Checked::new(decoded, expected)), taken)
            }
            Err(error) => look(Err(error), Counter::default()),
        };
        io::copy(&mut octets, &mut io::sink())?;
        if octets.limit() > 0 {
            return Err(said("the zip archive ends early"));
        }
        if entry.has_descriptor() {
            self.descriptor(entry.packed, entry.size)?;
        }
        Ok(done)
    }

    /// Reads what stands behind a member of so many octets, packed and not: perhaps a mark, the sum,
    /// the sizes in 4 or in 8 octets each. The sum is returned.
    fn descriptor(&mut self, packed: u64, size: u64) -> io::Result<u32> {
        let mut word = [0; 4];
        self.read_exact(&mut word)?;
        if &word == b"PK\x07\x08" {
            self.read_exact(&mut word)?;
        }
        let crc = u32::from_le_bytes(word);
        let mut sizes = [0; 8];
        self.read_exact(&mut sizes)?;
        let mut fields = Fields(&sizes);
        let short = [fields.u32(), fields.u32()] == [packed as u32, size as u32];
        // The second half of a long size is 0, as a short size may be; then what follows decides.
        let is_short = short && (size > 0 || self.octets.fill_buf()?.starts_with(b"PK"));
        if !is_short {
            self.read_exact(&mut sizes)?;
        }
        Ok(crc)
    }
}
