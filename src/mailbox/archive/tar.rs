//! Tar archives, read member by member as they come.
//!
//! Contract: memory does not grow with the archive or a member. Names are told from where they may
//! stand: the header, a GNU long name, a pax record. An archive that ends between two members is
//! whole; archives may follow one another. What is no file is passed over by whoever reads the
//! members.
//!
//! Sparse files are not put together.
//!
//! POSIX.1-2017 `pax` (ustar Interchange Format, Extended Header), GNU tar manual, "Basic Tar Format".
//!
//! May use: base.

use std::io::{self, Read};

use super::super::content::{has_sum, octal};
use super::codec::said;

/// LIMIT: octets of one extended header or long name.
const EXTENSION: u64 = 1 << 20;

const BLOCK: u64 = 512;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A file with holes, which are not put back.
    Sparse,
    /// A folder, a link, a device.
    Other,
}

/// A member, without its octets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
}

/// An archive that is being read; as a reader it yields the octets of the member that came last.
pub(super) struct Tar<'a> {
    octets: &'a mut dyn Read,
    /// Of the member: octets that are left, and those that fill its last block.
    left: u64,
    padding: u64,
    /// The archive cannot be read on, which was said.
    failed: bool,
    /// Blocks of NULs that stood before the next header.
    zeros: u64,
}

/// What extended headers say about the member that follows.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl<'a> Tar<'a> {
    pub(super) fn new(octets: &'a mut dyn Read) -> Tar<'a> {
        Tar { octets, left: 0, padding: 0, failed: false, zeros: 0 }
    }

    /// Whether reading a member's octets failed, so that nothing can follow.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// The next member; what is left of the one before is passed over.
    pub(super) fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        loop {
            self.pass_over()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let size = number(&header[124..136]).ok_or_else(damaged)?;
            self.enter(size);
            match header[156] {
                b'L' => extended.path = Some(until_nul(&self.extension()?).to_vec()),
                b'x' => extended.read(&self.extension()?),
                // A long link name, what holds for all members: names and sizes hold for one.
                b'K' | b'g' | b'X' => {}
                kind => return self.member(&header, kind, extended).map(Some),
            }
        }
    }

    fn member(&mut self, header: &[u8; 512], kind: u8, extended: Extended) -> io::Result<Member> {
        if let Some(size) = extended.size {
            self.enter(size);
        }
        let path = extended.path.unwrap_or_else(|| path(header));
        let kind = match kind {
            _ if path.ends_with(b"/") => Kind::Other,
            b'S' => {
                self.pass_over_map(header)?;
                Kind::Sparse
            }
            b'0' | 0 | b'7' if extended.is_sparse => Kind::Sparse,
            b'0' | 0 | b'7' => Kind::File,
            // QUIRK: links may say the size of what they lead to, and have no octets.
            b'1'..=b'6' => {
                self.enter(0);
                Kind::Other
            }
            _ => Kind::Other,
        };
        Ok(Member { path, kind })
    }

    fn enter(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK - size % BLOCK) % BLOCK;
    }

    /// The octets of an extended header.
    fn extension(&mut self) -> io::Result<Vec<u8>> {
        if self.left > EXTENSION {
            return Err(said("the tar archive has a member whose name takes over 1 MiB"));
        }
        let mut octets = Vec::new();
        self.read_to_end(&mut octets)?;
        Ok(octets)
    }

    /// QUIRK: the map of an old GNU sparse file goes on in blocks that its size does not count.
    fn pass_over_map(&mut self, header: &[u8; 512]) -> io::Result<()> {
        let mut goes_on = header[482] != 0;
        while goes_on {
            let mut block = [0; BLOCK as usize];
            self.octets.read_exact(&mut block).map_err(ends_early)?;
            goes_on = block[504] != 0;
        }
        Ok(())
    }

    /// Passes over the rest of the member.
    fn pass_over(&mut self) -> io::Result<()> {
        let rest = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let passed = io::copy(&mut self.octets.take(rest), &mut io::sink())?;
        if passed < rest { Err(ends_early(io::ErrorKind::UnexpectedEof.into())) } else { Ok(()) }
    }

    /// The next header; NULs before it are passed over, and behind two blocks of them there may be
    /// anything.
    fn header(&mut self) -> io::Result<Option<[u8; 512]>> {
        self.zeros = 0;
        loop {
            let mut block = Vec::with_capacity(BLOCK as usize);
            self.octets.take(BLOCK).read_to_end(&mut block)?;
            if block.iter().all(|&c| c == 0) && !block.is_empty() {
                self.zeros += 1;
                continue;
            }
            return match <[u8; BLOCK as usize]>::try_from(block) {
                Ok(header) if has_sum(&header) => Ok(Some(header)),
                _ if self.zeros >= 2 => Ok(None),
                Ok(_) => Err(damaged()),
                Err(rest) if rest.is_empty() => Ok(None),
                Err(_) => Err(ends_early(io::ErrorKind::UnexpectedEof.into())),
            };
        }
    }
}

impl Read for Tar<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if room == 0 {
            return Ok(0);
        }
        let done = match self.octets.read(&mut out[..room]) {
            Ok(0) => Err(ends_early(io::ErrorKind::UnexpectedEof.into())),
            done => done,
        };
        match &done {
            Ok(count) => self.left -= *count as u64,
            Err(error) => self.failed = error.kind() != io::ErrorKind::Interrupted,
        }
        done
    }
}

impl Extended {
    /// Records as `length key=value` and LF, the length that of all of it.
    fn read(&mut self, mut records: &[u8]) {
        while let Some((record, rest)) = first_record(records) {
            records = rest;
            let Some(at) = memchr::memchr(b'=', record) else { continue };
            let (key, value) = (&record[..at], &record[at + 1..]);
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => {
                    self.size = std::str::from_utf8(value).ok().and_then(|it| it.parse().ok())
                }
                _ => self.is_sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
    }
}

/// A record without its length and line end, and what follows it.
fn first_record(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', records)?;
    let len: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
    let record = records.get(space + 1..len)?.strip_suffix(b"\n")?;
    Some((record, &records[len..]))
}

/// A number: octal, or with the high bit set 8 octets of base 256 at the end (GNU).
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            let (high, low) = rest.split_last_chunk::<8>()?;
            let value = u64::from_be_bytes(*low);
            (high.iter().all(|&c| c == 0) && i64::try_from(value).is_ok()).then_some(value)
        }
        _ if field.iter().all(|&c| c == 0 || c == b' ') => Some(0),
        _ => octal(field),
    }
}

/// The name in a header, with the prefix that ustar has; GNU has other things there.
fn path(header: &[u8; 512]) -> Vec<u8> {
    let name = until_nul(&header[..100]);
    let prefix = until_nul(&header[345..500]);
    if &header[257..263] != b"ustar\0" || prefix.is_empty() {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn until_nul(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(0, text).unwrap_or(text.len())]
}

fn damaged() -> io::Error {
    said("the tar archive is damaged: no member begins where one should")
}

fn ends_early(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => said("the tar archive ends early"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `tar` wrote.
    fn written(write: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        write(&mut builder);
        builder.into_inner().expect("written")
    }

    fn add(builder: &mut tar::Builder<Vec<u8>>, path: &str, octets: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(octets.len() as u64);
        builder.append_data(&mut header, path, octets).expect("written");
    }

    /// All members with their octets, and the error at the end.
    fn members(mut archive: &[u8]) -> (Vec<(String, Kind, String)>, Option<String>) {
        let mut tar = Tar::new(&mut archive);
        let mut found = Vec::new();
        loop {
            let member = match tar.next_member() {
                Ok(Some(member)) => member,
                Ok(None) => return (found, None),
                Err(error) => return (found, Some(error.to_string())),
            };
            let mut octets = Vec::new();
            let read = tar.read_to_end(&mut octets);
            let path = String::from_utf8_lossy(&member.path).into_owned();
            found.push((path, member.kind, String::from_utf8_lossy(&octets).into_owned()));
            if let Err(error) = read {
                assert!(tar.failed());
                return (found, Some(error.to_string()));
            }
        }
    }

    fn file(path: &str, text: &str) -> (String, Kind, String) {
        (path.to_owned(), Kind::File, text.to_owned())
    }

    #[test]
    fn members_as_they_come() {
        let long = format!("{}end", "folder/".repeat(40));
        let large = "x".repeat(1025);
        let archive = written(|builder| {
            add(builder, "a", b"one");
            add(builder, &long, b"");
            add(builder, "b", large.as_bytes());
        });
        let expected = vec![file("a", "one"), file(&long, ""), file("b", &large)];
        assert_eq!(members(&archive), (expected.clone(), None));
        // Two archives, one behind the other.
        let twice = [&archive[..], &archive].concat();
        assert_eq!(members(&twice).0.len(), 6);
        // Without the NULs at its end, and with something behind them.
        assert_eq!(members(&archive[..archive.len() - 1024]), (expected.clone(), None));
        assert_eq!(members(&[&archive[..], b"junk"].concat()), (expected, None));
    }

    #[test]
    fn wherever_it_ends() {
        let archive = written(|builder| {
            add(builder, "a", b"one");
            add(builder, "b", b"two");
        });
        for len in 0..archive.len() - 1024 {
            let (found, error) = members(&archive[..len]);
            let whole = len % 1024 == 0;
            assert_eq!(error.as_deref(), (!whole).then_some("the tar archive ends early"), "{len}");
            let headers = usize::from(len >= 512) + usize::from(len >= 1536);
            assert_eq!(found.len(), headers, "{len}");
        }
    }

    #[test]
    fn names_and_sizes_of_pax() {
        let records = b"15 path=folder\n11 size=3\n9 bad\n".as_slice();
        let mut extended = Extended::default();
        extended.read(records);
        assert_eq!((extended.path.as_deref(), extended.size), (Some(&b"folder"[..]), None));
        let archive = written(|builder| {
            builder
                .append_pax_extensions([("path", &b"g\xc3\xbcn"[..]), ("size", b"3")])
                .expect("written");
            add(builder, "a", b"one");
        });
        assert_eq!(members(&archive), (vec![file("g\u{fc}n", "one")], None));
    }

    #[test]
    fn what_is_no_file() {
        let archive = written(|builder| {
            for (kind, path) in [
                (tar::EntryType::Directory, "folder/"),
                (tar::EntryType::Symlink, "link"),
                (tar::EntryType::Link, "hard"),
                (tar::EntryType::Fifo, "pipe"),
            ] {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(kind);
                header.set_size(0);
                header.set_link_name("../../etc/passwd").expect("a name");
                header.set_path(path).expect("a name");
                header.set_cksum();
                builder.append(&header, &b""[..]).expect("written");
            }
            add(builder, "a", b"one");
        });
        let (found, error) = members(&archive);
        let kinds: Vec<Kind> = found.iter().map(|it| it.1).collect();
        assert_eq!(kinds, [Kind::Other, Kind::Other, Kind::Other, Kind::Other, Kind::File]);
        assert_eq!(error, None);
    }

    #[test]
    fn numbers_of_headers() {
        let mut large = [0; 12];
        large[0] = 0x80;
        large[6] = 1;
        const CASES: &[(&[u8], Option<u64>)] = &[
            (b"00000000017\0", Some(15)),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0", Some(0)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"0000000009\0\0", None),
        ];
        for &(field, expected) in CASES {
            assert_eq!(number(field), expected, "{}", field.escape_ascii());
        }
        assert_eq!(number(&large), Some(1 << 40));
    }

    #[test]
    fn a_name_without_end_takes_no_memory() {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(1 << 40);
        header.set_cksum();
        let mut endless = (&header.as_bytes()[..]).chain(io::repeat(b'a'));
        let error = Tar::new(&mut endless).next_member().expect_err("too long");
        assert!(error.to_string().contains("1 MiB"), "{error}");
    }
}
