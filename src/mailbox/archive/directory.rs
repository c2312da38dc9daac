//! A zip archive that is a file, read by its central directory.
//!
//! Contract: members come in the order in which they lie in the archive. An archive with members that
//! overlap is refused as a whole. Memory is 24 octets a member.
//!
//! Archives in several pieces are not put together, and what stands before an archive is not passed
//! over.
//!
//! APPNOTE.TXT 6.3.10 §4.3.12 – §4.3.16.
//!
//! May use: base.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::super::{MEMBERS, Meter, Metered};
use super::BUFFER;
use super::codec::said;
use super::zip::{Entry, FIELD, Fields};

const LOCAL: u64 = 30;
const CENTRAL: usize = 46;
const END: usize = 22;
const END64: usize = 56;
const LOCATOR: u64 = 20;

/// Octets that are read at once: of members, and of single headers.
const SMALL: usize = 512;

/// A part of the file.
type Section<'a> = BufReader<io::Take<Metered<&'a File>>>;

/// The central directory: where each member begins, and where its record is.
pub(super) struct Directory<'a> {
    file: &'a File,
    meter: Meter,
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    /// Where its octets end at the earliest.
    end: u64,
    record: u64,
}

/// Where the records are.
struct Records {
    start: u64,
    end: u64,
    count: u64,
}

impl<'a> Directory<'a> {
    /// The directory of an archive; `None` if there is none, since the archive was cut off.
    pub(super) fn of(file: &'a File, meter: &Meter) -> io::Result<Option<Directory<'a>>> {
        let Some(records) = find(file)? else { return Ok(None) };
        if records.count > MEMBERS {
            return Err(said(format!("has more than {MEMBERS} members; not read")));
        }
        let mut directory = Directory { file, meter: meter.clone(), places: Vec::new() };
        directory.read(&records)?;
        Ok(Some(directory))
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    fn read(&mut self, records: &Records) -> io::Result<()> {
        let mut at = records.start;
        let mut octets = self.section(at, records.end, BUFFER)?;
        for _ in 0..records.count {
            let (entry, len) = read_record(&mut octets)?;
            let header = LOCAL + entry.path.len() as u64;
            let end = entry.offset.saturating_add(header).saturating_add(entry.packed);
            self.places.push(Place { offset: entry.offset, end, record: at });
            at += len;
        }
        self.places.sort_unstable_by_key(|place| place.offset);
        let next = self.places.iter().skip(1).map(|place| place.offset).chain([records.start]);
        match self.places.iter().zip(next).all(|(place, next)| place.end <= next) {
            true => Ok(()),
            false => Err(said("a zip archive whose members overlap; not read")),
        }
    }

    /// The member number `index`.
    pub(super) fn entry(&self, index: usize) -> io::Result<Entry> {
        let place = self.places.get(index).ok_or_else(damaged)?;
        read_record(&mut self.section(place.record, u64::MAX, SMALL)?).map(|(entry, _)| entry)
    }

    /// The octets of a member as they lie there.
    pub(super) fn octets(&self, entry: &Entry) -> io::Result<Section<'a>> {
        let mut local = [0; LOCAL as usize];
        let mut header = self.section(entry.offset, u64::MAX, SMALL)?;
        header.read_exact(&mut local).map_err(|_| damaged())?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(damaged());
        }
        let mut fields = Fields(&local[26..]);
        let start = entry.offset + LOCAL + u64::from(fields.u16()) + u64::from(fields.u16());
        let len = usize::try_from(entry.packed).unwrap_or(BUFFER);
        self.section(start, start.saturating_add(entry.packed), len.clamp(SMALL, BUFFER))
    }

    fn section(&self, start: u64, end: u64, capacity: usize) -> io::Result<Section<'a>> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(start))?;
        let metered = Metered { inner: file, meter: self.meter.clone() };
        Ok(BufReader::with_capacity(capacity, metered.take(end.saturating_sub(start))))
    }
}

/// One record of the directory, and its length.
fn read_record(octets: &mut impl Read) -> io::Result<(Entry, u64)> {
    let mut record = [0; CENTRAL];
    octets.read_exact(&mut record).map_err(|_| damaged())?;
    if !record.starts_with(b"PK\x01\x02") {
        return Err(damaged());
    }
    let mut fields = Fields(&record[4..]);
    let is_unix = fields.u16() >> 8 == 3;
    fields.skip(2);
    let mut entry = Entry { flags: fields.u16(), method: fields.u16(), ..Entry::default() };
    fields.skip(4);
    entry.crc = fields.u32();
    (entry.packed, entry.size) = (fields.u32().into(), fields.u32().into());
    let [path, extra, comment] = [fields.u16(), fields.u16(), fields.u16()].map(usize::from);
    fields.skip(4);
    let mode = fields.u32() >> 16;
    entry.offset = fields.u32().into();
    let mut rest = vec![0; path + extra + comment];
    octets.read_exact(&mut rest).map_err(|_| damaged())?;
    entry.path = rest[..path].to_vec();
    entry.read_extra(&rest[path..path + extra]);
    // QUIRK: Info-ZIP calls what it had from a pipe a pipe; it has octets like a file.
    let is_file = !is_unix || matches!(mode & 0o170_000, 0 | 0o100_000 | 0o010_000);
    entry.is_other = entry.path.ends_with(b"/") || !is_file;
    Ok((entry, (CENTRAL + path + extra + comment) as u64))
}

/// Looks for the end of the central directory, and with it for its start. `None` if there is none.
fn find(mut file: &File) -> io::Result<Option<Records>> {
    let len = file.seek(SeekFrom::End(0))?;
    let tail_start = len.saturating_sub((END + FIELD) as u64);
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.take((END + FIELD) as u64).read_to_end(&mut tail)?;
    // A comment may hold what looks like an end: the one whose comment ends the file is it.
    let is_end = |&at: &usize| {
        let comment = tail.get(at + 20..at + END).map(|len| u16::from_le_bytes([len[0], len[1]]));
        comment.is_some_and(|comment| at + END + usize::from(comment) == tail.len())
    };
    let Some(at) = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").find(is_end) else {
        return Ok(None);
    };
    let mut fields = Fields(&tail[at + 4..]);
    fields.skip(6);
    let count = u64::from(fields.u16());
    let (size, start) = (u64::from(fields.u32()), u64::from(fields.u32()));
    let mut end = tail_start + at as u64;
    let mut records = Records { start, end: start + size, count };
    // QUIRK: Info-ZIP writes it for what came from a pipe, although all fits without.
    if let Some((found, end64)) = find64(file, end)? {
        (records, end) = (found, end64);
    }
    match records.end == end && records.start <= end {
        true => Ok(Some(records)),
        false => Err(damaged()),
    }
}

/// The zip64 end of the central directory, whose place stands before the other end; and where it is.
fn find64(mut file: &File, end: u64) -> io::Result<Option<(Records, u64)>> {
    let Some(locator_at) = end.checked_sub(LOCATOR) else { return Ok(None) };
    let mut locator = [0; LOCATOR as usize];
    file.seek(SeekFrom::Start(locator_at))?;
    file.read_exact(&mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let at = Fields(&locator[8..]).u64();
    let mut found = [0; END64];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut found).map_err(|_| damaged())?;
    if !found.starts_with(b"PK\x06\x06") {
        return Err(damaged());
    }
    let mut fields = Fields(&found[32..]);
    let (count, size, start) = (fields.u64(), fields.u64(), fields.u64());
    let end = start.checked_add(size).ok_or_else(damaged)?;
    Ok(Some((Records { start, end, count }, at)))
}

fn damaged() -> io::Error {
    said("the zip archive is damaged: its directory does not say where its members are")
}
