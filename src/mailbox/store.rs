//! The octets of a source, to be read at any place and several times: who converts a message reads
//! it to plan, to write and to prove.
//!
//! Contract: a regular file is read where it lies; anything else, standard input and a pipe with a
//! name among it, is read to its end first, to memory up to [`SPOOL`] octets, beyond that to a file
//! without a name, which vanishes with the process. How long a source is, is settled when it is
//! opened: what a file gains later is not seen, what it loses is an error. Any number of readers
//! may read at once.
//!
//! It does not lock a file, does not see a change that keeps its length, and does not map it into
//! memory.
//!
//! May use: base, walk.

use std::env;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::ops::Range;

use super::content::{self, Content};
use super::{Error, ErrorKind, Format, HEAD, Input, Source};

/// LIMIT: what is no regular file is kept in memory up to this many octets.
pub const SPOOL: usize = 4 << 20;

/// LIMIT: a file up to this many octets is read into memory at once: one read costs less than
/// several.
const SMALL: u64 = 256 << 10;

/// All octets of a source.
pub struct Store {
    octets: Octets,
    len: u64,
    format: Format,
    metadata: Option<Metadata>,
}

/// Where they are.
enum Octets {
    Memory(Vec<u8>),
    File(Shared),
}

/// A file that many read at once, each at its own place.
pub(super) struct Shared {
    file: File,
    /// Whose turn it is to move the file's one cursor.
    #[cfg(not(unix))]
    turn: std::sync::Mutex<()>,
}

/// A reader of some octets of a store.
#[derive(Debug)]
pub struct Section<'a> {
    store: &'a Store,
    next: u64,
    end: u64,
}

impl Store {
    /// Opens a source that is read as it lies, and reads what cannot be read twice to its end. What is
    /// compressed or an archive is an error: [`Source::visit`] shows what is in it, for
    /// [`Store::of`].
    pub fn open(source: &Source) -> Result<Store, Error> {
        let opened = match source.path() {
            None => spool(&mut io::stdin().lock()).map(|octets| (octets, None)),
            Some(path) => File::open(path).and_then(keep),
        };
        let failed = |error| Error::io(&source.name(), error);
        let (octets, metadata) = opened.map_err(failed)?;
        let len = octets.len().map_err(failed)?;
        let mut store = Store { octets, len, format: Format::Empty, metadata };
        let mut head = Vec::new();
        store.reader(0..HEAD).read_to_end(&mut head).map_err(failed)?;
        let foreign = |what| Error { source: source.name(), kind: ErrorKind::Foreign(what) };
        store.format = match content::of(&head) {
            Content::Mail(format) => format,
            Content::Other(what) => return Err(foreign(what)),
            _ => return Err(foreign("holds mail that must be unpacked to be read")),
        };
        Ok(store)
    }

    /// Keeps an input to be read more than once: a regular file where it lies, all else is read to
    /// its end.
    pub fn of(input: Input<'_>) -> Result<Store, Error> {
        let mut octets = input.octets;
        let kept = match input.file {
            Some(mut file) => file.rewind().and_then(|()| file.try_clone()).and_then(keep),
            None => spool(&mut octets).map(|octets| (octets, None)),
        };
        let failed = |error| Error::io(&input.name, error);
        let (octets, metadata) = kept.map_err(failed)?;
        let len = octets.len().map_err(failed)?;
        Ok(Store { octets, len, format: input.format, metadata })
    }

    /// How many octets there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What they hold.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the system knew about the file when it was opened; nothing if it is no regular file.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Reads from `offset` on, and tells how many octets these were: none only at the end, or if
    /// there is no room for any. A file that has lost octets since it was opened is an
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let room = to_usize(self.len.saturating_sub(offset)).min(out.len());
        let out = &mut out[..room];
        if out.is_empty() {
            return Ok(0);
        }
        let len = match &self.octets {
            Octets::Memory(octets) => octets.get(to_usize(offset)..).unwrap_or(&[]).read(out)?,
            Octets::File(file) => file.read_at(offset, out)?,
        };
        if len == 0 { Err(shrunk()) } else { Ok(len) }
    }

    /// A reader of the octets in `range`, as far as there are any.
    pub fn reader(&self, range: Range<u64>) -> Section<'_> {
        let end = range.end.min(self.len);
        Section { store: self, next: range.start.min(end), end }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.octets {
            Octets::Memory(_) => "memory",
            Octets::File(_) => "file",
        };
        write!(f, "Store({} octets in {place}, {:?})", self.len, self.format)
    }
}

impl Octets {
    fn len(&self) -> io::Result<u64> {
        match self {
            Octets::Memory(octets) => Ok(octets.len() as u64),
            Octets::File(shared) => Ok(shared.file.metadata()?.len()),
        }
    }
}

impl Shared {
    pub(super) fn new(file: File) -> Shared {
        Shared {
            file,
            #[cfg(not(unix))]
            turn: std::sync::Mutex::new(()),
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    #[cfg(unix)]
    pub(super) fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, out, offset)
    }

    #[cfg(not(unix))]
    pub(super) fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (&self.file).seek(io::SeekFrom::Start(offset))?;
        (&self.file).read(out)
    }
}

impl Read for Section<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = to_usize(self.end - self.next).min(out.len());
        let len = self.store.read_at(self.next, &mut out[..room])?;
        self.next += len as u64;
        Ok(len)
    }
}

/// What is open stays where it is if it can be read twice.
fn keep(mut file: File) -> io::Result<(Octets, Option<Metadata>)> {
    let metadata = file.metadata()?;
    // QUIRK: what the kernel makes up when it is read (/proc) is said to be regular, and empty.
    let octets = if !metadata.is_file() || metadata.len() == 0 {
        spool(&mut file)?
    } else if metadata.len() <= SMALL {
        Octets::Memory(read_whole(&file, metadata.len())?)
    } else {
        Octets::File(Shared::new(file))
    };
    let metadata = metadata.is_file().then_some(metadata);
    Ok((octets, metadata))
}

/// The `len` octets of a file.
fn read_whole(file: &File, len: u64) -> io::Result<Vec<u8>> {
    let mut octets = Vec::with_capacity(to_usize(len));
    file.take(len).read_to_end(&mut octets)?;
    if (octets.len() as u64) < len { Err(shrunk()) } else { Ok(octets) }
}

/// Reads to the end what can be read only once.
fn spool(input: &mut impl Read) -> io::Result<Octets> {
    let mut head = Vec::new();
    input.by_ref().take(SPOOL as u64 + 1).read_to_end(&mut head)?;
    if head.len() <= SPOOL {
        return Ok(Octets::Memory(head));
    }
    let mut file = tempfile::tempfile().map_err(failed_spool)?;
    // What was read first is as good a buffer as any.
    let mut len = head.len();
    while len > 0 {
        file.write_all(&head[..len]).map_err(failed_spool)?;
        len = read_some(input, &mut head)?;
    }
    Ok(Octets::File(Shared::new(file)))
}

/// Reads on after an interruption.
fn read_some(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// What cannot be read twice cannot be kept either.
pub(super) fn failed_spool(error: io::Error) -> io::Error {
    let text = format!("cannot be kept in {}: {error}", env::temp_dir().display());
    io::Error::new(error.kind(), text)
}

pub(super) fn shrunk() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "became shorter while it was read")
}

fn to_usize(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::super::Meter;
    use super::*;

    fn message(len: usize) -> Vec<u8> {
        let mut text = b"Subject: x\n\n".to_vec();
        let digits = (0u32..).flat_map(u32::to_le_bytes);
        text.extend(digits.take(len.saturating_sub(text.len())));
        text.truncate(len);
        text
    }

    fn whole(store: &Store) -> Vec<u8> {
        let mut octets = Vec::new();
        store.reader(0..u64::MAX).read_to_end(&mut octets).expect("readable");
        octets
    }

    fn is_memory(store: &Store) -> bool {
        matches!(store.octets, Octets::Memory(_))
    }

    fn file(octets: &[u8]) -> (tempfile::NamedTempFile, Source) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(octets).expect("written");
        let source = Source::File(file.path().to_owned());
        (file, source)
    }

    #[test]
    fn small_files_are_held_and_large_ones_read_in_place() {
        let small = SMALL as usize;
        for (len, held) in [(1, true), (small, true), (small + 1, false), (small * 5, false)] {
            let text = message(len);
            let (_file, source) = file(&text);
            let store = Store::open(&source).expect("readable");
            assert_eq!(store.len(), len as u64);
            assert_eq!(is_memory(&store), held, "{len}");
            assert_eq!(store.format(), Format::Message);
            assert_eq!(store.metadata().expect("a file").len(), len as u64);
            // Twice, since that is what it is for.
            assert!(whole(&store) == text && whole(&store) == text, "{len}");
        }
    }

    #[test]
    fn what_it_holds_is_told_as_elsewhere() {
        let outlook = b"!BDN\0\0".as_slice();
        let mbox = b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\n".as_slice();
        for text in [b"".as_slice(), b"Subject: x\n\n", mbox, outlook] {
            let (_file, source) = file(text);
            let store = Store::open(&source).map(|store| store.format());
            let mut input = None;
            let _ = source.visit(&Meter::default(), &mut |it| {
                input = Some(it.map(|input| input.format));
                ControlFlow::Continue(())
            });
            let input = input.expect("one input");
            assert_eq!(
                store.map_err(|error| error.to_string()),
                input.map_err(|error| error.to_string())
            );
        }
    }

    #[test]
    fn a_pipe_goes_to_a_file_beyond_the_limit() {
        for (len, held) in [(0, true), (SPOOL, true), (SPOOL + 1, false), (SPOOL * 2 + 1, false)] {
            let text = message(len);
            let octets = spool(&mut text.as_slice()).expect("spooled");
            let len = octets.len().expect("a length");
            let store = Store { octets, len, format: Format::Message, metadata: None };
            assert_eq!(is_memory(&store), held, "{len}");
            assert!(whole(&store) == text, "{len}");
        }
    }

    /// Opening it by name again would take what another reader does not get.
    #[cfg(unix)]
    #[test]
    fn a_pipe_with_a_name_is_no_file_to_be_read_in_place() {
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().expect("a pipe");
        let text = message(SPOOL + 10);
        let sent = text.clone();
        let writing = std::thread::spawn(move || writer.write_all(&sent));
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let store = Store::open(&Source::File(path.into())).expect("readable");
        writing.join().expect("no panic").expect("written");
        assert!(store.metadata().is_none() && !is_memory(&store));
        assert!(whole(&store) == text && whole(&store) == text);
    }

    #[test]
    fn a_file_that_shrinks_is_an_error_and_one_that_grows_is_not_seen() {
        let text = message(SMALL as usize * 4);
        let (mut file, source) = file(&text);
        let store = Store::open(&source).expect("readable");
        file.write_all(b"more").expect("written");
        assert!(whole(&store) == text);
        file.as_file().set_len(SMALL * 2).expect("cut");
        let read = store.reader(0..u64::MAX).read_to_end(&mut Vec::new());
        assert_eq!(read.expect_err("shorter").kind(), io::ErrorKind::UnexpectedEof);
        let read = store.read_at(SMALL * 3, &mut [0; 8]);
        assert_eq!(read.expect_err("shorter").kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [folder.path().join("none"), folder.path().to_owned()] {
            let error = Store::open(&Source::File(path.clone())).expect_err("no file");
            assert!(error.to_string().starts_with(&format!("{}: ", path.display())), "{error}");
        }
    }

    #[test]
    fn readers_can_go_to_other_threads() {
        fn is_send<T: Send>(_: T) {}
        let (_file, source) = file(b"Subject: x\n\n");
        let store = Store::open(&source).expect("readable");
        is_send(store.reader(0..5));
    }

    proptest! {
        #[test]
        fn any_section_is_that_of_the_slice(
            from in 0..3000u64, len in 0..3000u64, in_place: bool,
        ) {
            let text = message(2000);
            let (file, source) = file(&text);
            let mut store = Store::open(&source).expect("readable");
            if in_place {
                store.octets = Octets::File(Shared::new(file.reopen().expect("a file")));
            }
            let mut read = Vec::new();
            store.reader(from..from + len).read_to_end(&mut read).expect("readable");
            let at = |place: u64| text.len().min(place as usize);
            prop_assert_eq!(&read, &text[at(from)..at(from + len)]);
            let mut out = [0; 100];
            let n = store.read_at(from, &mut out).expect("readable");
            prop_assert_eq!(&out[..n], &text[at(from)..at(from + 100)]);
        }
    }

    #[test]
    fn what_the_kernel_makes_up_is_read() {
        let path = "/proc/self/status";
        if fs::metadata(path).is_ok() {
            let store = Store::open(&Source::File(path.into())).expect("readable");
            assert!(!store.is_empty());
        }
    }
}
