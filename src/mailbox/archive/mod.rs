//! What is compressed or an archive, unpacked as it is read: gzip, zstd, xz and bzip2, tar and zip.
//!
//! Contract: nothing is written anywhere to be read, a zip archive in a file is read by seeking, all
//! else as it comes. Members are shown in the order in which they lie there. Names of members are
//! only shown.
//!
//! May use: base, walk.

mod codec;
mod directory;
mod standing;
mod stream;
mod tar;
mod zip;

pub(super) use codec::Counter;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use self::codec::{Codec, Decoded};
use self::directory::Directory;
use self::standing::{Standing, standing};
use self::stream::Stream;
use self::tar::{Kind, Tar};
use self::zip::{Checked, Entry};
use super::content::{Coding, Content};

use super::visit::{Origin, Thing, Visit, Whole};
use super::{Flags, MEMBERS, Metered};

/// Octets that a decoder takes at once.
const BUFFER: usize = 64 << 10;

impl Visit<'_, '_> {
    /// Shows what holds messages in something compressed or in an archive.
    pub(super) fn unpack(
        &mut self,
        thing: &Thing,
        content: Content,
        file: Option<&File>,
        octets: &mut Whole<'_>,
    ) -> ControlFlow<()> {
        let is_same_level = thing.is_decompressed && !matches!(content, Content::Compressed(_));
        let Some(levels) = thing.levels.checked_sub(u32::from(!is_same_level)) else {
            return self.refuse(thing, "compressed or an archive, inside of two others; not read");
        };
        let inner = Thing { levels, is_unpacked: true, is_decompressed: false, ..thing.clone() };
        match (content, file) {
            (Content::Compressed(coding), _) => self.compressed(&inner, coding, octets),
            (Content::Zip, Some(file)) => self.zip_file(&inner, file),
            (Content::Zip, None) => {
                self.zip_stream(&inner, &mut BufReader::with_capacity(BUFFER, octets))
            }
            _ => self.tar(&inner, octets),
        }
    }

    fn compressed(
        &mut self,
        thing: &Thing,
        coding: Coding,
        octets: &mut dyn Read,
    ) -> ControlFlow<()> {
        let mut octets = BufReader::with_capacity(BUFFER, octets);
        match Decoded::new(Codec::File(coding), &mut octets, thing.bottom.clone()) {
            Ok(mut decoded) => {
                let bottom = thing.bottom.clone().unwrap_or_else(|| decoded.taken());
                let inner = Thing { is_decompressed: true, bottom: Some(bottom), ..thing.clone() };
                self.look(&inner, None, &mut decoded)
            }
            Err(error) => self.fail(thing, error),
        }
    }

    fn tar(&mut self, thing: &Thing, octets: &mut dyn Read) -> ControlFlow<()> {
        let mut tar = Tar::new(octets);
        let mut count = 0;
        while !tar.failed() {
            let member = match tar.next_member() {
                Ok(Some(member)) => member,
                Ok(None) => break,
                Err(error) => return self.fail(thing, error),
            };
            self.count(thing, &mut count)?;
            let Some(inner) = thing.member(&member.path) else { continue };
            match member.kind {
                Kind::File => self.look(&inner, None, &mut tar)?,
                Kind::Sparse => self.refuse(&inner, "a sparse file in a tar archive; not read")?,
                Kind::Other => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// One member more.
    fn count(&mut self, thing: &Thing, count: &mut u64) -> ControlFlow<()> {
        *count += 1;
        if *count <= MEMBERS {
            return ControlFlow::Continue(());
        }
        self.refuse(thing, "has more than 1000000 members; the rest is not read")?;
        ControlFlow::Break(())
    }

    fn zip_file(&mut self, thing: &Thing, file: &File) -> ControlFlow<()> {
        let directory = match Directory::of(file, self.meter) {
            Ok(Some(directory)) => directory,
            Ok(None) => return self.zip_cut_off(thing, file),
            Err(error) => return self.fail(thing, error),
        };
        for index in 0..directory.len() {
            let entry = match directory.entry(index) {
                Ok(entry) => entry,
                Err(error) => return self.fail(thing, error),
            };
            let Some(inner) = thing.member(&entry.path).filter(|_| !entry.is_other) else {
                continue;
            };
            if let Err(error) = self.zip_member(&inner, &directory, &entry)? {
                self.fail(&inner, error)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// One member; what comes back is why it cannot be read at all, if so.
    fn zip_member(
        &mut self,
        thing: &Thing,
        directory: &Directory<'_>,
        entry: &Entry,
    ) -> ControlFlow<(), io::Result<()>> {
        let begun = entry.codec().and_then(|codec| Ok((codec, directory.octets(entry)?)));
        let (codec, mut octets) = match begun {
            Ok(begun) => begun,
            Err(error) => return ControlFlow::Continue(Err(error)),
        };
        match Decoded::new(codec, &mut octets, None) {
            Ok(decoded) => {
                let thing = Thing { bottom: Some(decoded.taken()), ..thing.clone() };
                self.look(&thing, None, &mut Checked::new(decoded, Some((entry.size, entry.crc))))?;
                ControlFlow::Continue(Ok(()))
            }
            Err(error) => ControlFlow::Continue(Err(error)),
        }
    }

    /// A file whose directory is missing: what there is, is read as from a pipe.
    fn zip_cut_off(&mut self, thing: &Thing, mut file: &File) -> ControlFlow<()> {
        if let Err(error) = file.rewind() {
            return self.fail(thing, error);
        }
        let metered = Metered { inner: file, meter: self.meter.clone() };
        self.zip_stream(thing, &mut BufReader::with_capacity(BUFFER, metered))
    }

    fn zip_stream(&mut self, thing: &Thing, octets: &mut dyn BufRead) -> ControlFlow<()> {
        let mut stream = Stream::new(octets);
        let mut count = 0;
        loop {
            let entry = match stream.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => return self.fail(thing, error),
            };
            self.count(thing, &mut count)?;
            let inner = thing.member(&entry.path).filter(|_| !entry.is_other);
            if let Err(error) = stream.check(&entry) {
                return self.fail(inner.as_ref().unwrap_or(thing), error);
            }
            let read = stream.read(&entry, |octets, taken| match (&inner, octets) {
                (None, _) => ControlFlow::Continue(()),
                (Some(inner), Ok(octets)) => {
                    let inner = Thing { bottom: Some(taken), ..inner.clone() };
                    self.look(&inner, None, octets)
                }
                (Some(inner), Err(error)) => self.fail(inner, error),
            });
            match read {
                Ok(flow) => flow?,
                Err(error) => return self.fail(thing, error),
            }
        }
    }
}

impl Thing {
    /// A member of this archive, if it may be a message by its name.
    fn member(&self, path: &[u8]) -> Option<Thing> {
        let name = format!("{}!{}", self.name, String::from_utf8_lossy(path));
        let (origin, flags) = match standing(path) {
            Standing::Message => {
                let path = String::from_utf8_lossy(path);
                (Origin::Message, Some(Flags::of_name(Path::new(&*path))))
            }
            Standing::Other => (Origin::Found, None),
            Standing::Server => return None,
        };
        Some(Thing { name, origin, flags, ..self.clone() })
    }
}

#[cfg(test)]
mod tests;
