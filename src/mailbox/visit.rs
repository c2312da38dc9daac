//! Opening sources, and showing what holds messages in them: the file as it lies, the message in an
//! .emlx file, what was compressed, and the members of archives (`archive`).
//!
//! Contract: an [`Input`]'s octets never fail. What can be read of them is, and the error comes after
//! the input, as a call of its own. Of an archive whose member cannot be read the others still are.
//!
//! Nothing that an archive or folder names is opened except what was found in it: links are never
//! followed, and names out of archives only shown. An argument is followed where it leads, but not to
//! a device or a socket.
//!
//! May use: base, walk.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::path::Path;

use super::content::{self, Content};
use super::range;
use super::{Each, Error, ErrorKind, Flags, Format, HEAD, Input, Meter, Metered, Source, maildir};

/// LIMIT: so often something may be unpacked to be read: compression and the archive in it count
/// once.
const LEVELS: u32 = 2;

/// A visit of one source.
pub(super) struct Visit<'v, 'e> {
    pub(super) meter: &'v Meter,
    pub(super) each: &'v mut Each<'e>,
}

/// How it came that something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody named it: it is mail.
    Named,
    /// It lies where a Maildir has its messages.
    Message,
    /// It was found in a folder or an archive.
    Found,
}

/// What is known of something before its octets are looked at.
#[derive(Clone)]
#[cfg_attr(not(feature = "archives"), allow(dead_code))]
pub(super) struct Thing {
    pub(super) name: String,
    pub(super) flags: Option<Flags>,
    pub(super) origin: Origin,
    /// How often something may still be unpacked in it.
    pub(super) levels: u32,
    /// It was just decompressed: if it is an archive, that is one level with the compression.
    pub(super) is_decompressed: bool,
    /// It does not lie anywhere as it is read.
    pub(super) is_unpacked: bool,
    /// Counts the octets that it was decompressed from.
    #[cfg(feature = "archives")]
    pub(super) bottom: Option<super::archive::Counter>,
}

impl Thing {
    pub(super) fn new(name: String, origin: Origin) -> Thing {
        Thing {
            name,
            flags: None,
            origin,
            levels: LEVELS,
            is_decompressed: false,
            is_unpacked: false,
            #[cfg(feature = "archives")]
            bottom: None,
        }
    }
}

/// Octets of which the first were read already, to be looked at.
pub(super) struct Whole<'a> {
    head: Cursor<Vec<u8>>,
    /// Why no more could be read than the head.
    failure: Option<io::Error>,
    rest: &'a mut dyn Read,
}

impl Read for Whole<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.head.read(out)? {
            0 => match self.failure.take() {
                Some(error) => Err(error),
                None => self.rest.read(out),
            },
            count => Ok(count),
        }
    }
}

/// The octets of an input: they end where reading fails, and the failure is kept.
struct Kept<'a, 'w> {
    whole: &'a mut Whole<'w>,
    /// How many octets belong to the input.
    left: u64,
    failure: Option<io::Error>,
    is_over: bool,
}

impl Read for Kept<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if self.is_over || room == 0 {
            return Ok(0);
        }
        match self.whole.read(&mut out[..room]) {
            Ok(count) => {
                self.left -= count as u64;
                self.is_over = count == 0;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                (self.failure, self.is_over) = (Some(error), true);
                Ok(0)
            }
        }
    }
}

impl Visit<'_, '_> {
    /// Shows what a source holds.
    pub(super) fn source(&mut self, source: &Source) -> ControlFlow<()> {
        match source {
            Source::Stdin => {
                let mut octets = Metered { inner: io::stdin(), meter: self.meter.clone() };
                self.look(&Thing::new(source.name(), Origin::Named), None, &mut octets)
            }
            Source::File(path) => {
                let mut thing = Thing::new(source.name(), Origin::Named);
                thing.flags = Flags::of_file(path);
                self.file(&thing, open_named(path))
            }
            Source::Found(path) => self.found(path, source.name()),
            Source::Range(path, range) => {
                let thing = Thing::new(source.name(), Origin::Named);
                self.range(&thing, open_named(path), |file, format, head| {
                    range::messages(file, format, head, range.clone())
                })
            }
            Source::Behind(path, end_before) => {
                let thing = Thing::new(source.name(), Origin::Named);
                self.range(&thing, open_named(path), |file, _, _| {
                    let len = file.metadata()?.len();
                    Ok(range::start(file, (*end_before).min(len))?..len)
                })
            }
        }
    }

    /// The messages in a range of a file, which `find` tells by the file, its format and its first
    /// octets.
    fn range(
        &mut self,
        thing: &Thing,
        opened: io::Result<Option<File>>,
        find: impl FnOnce(&mut File, Format, &[u8]) -> io::Result<Range<u64>>,
    ) -> ControlFlow<()> {
        let mut file = match opened {
            Ok(Some(file)) => file,
            Ok(None) => return ControlFlow::Continue(()),
            Err(error) => return self.fail(thing, error),
        };
        let mut head = Vec::new();
        let begun = Read::by_ref(&mut file).take(HEAD).read_to_end(&mut head);
        let content = content::of(&head);
        let Content::Mail(format) = content else {
            return self.refuse(thing, "a range is of a mailbox as it lies there");
        };
        let found = begun.and_then(|_| {
            let found = find(&mut file, format, &head)?;
            file.seek(SeekFrom::Start(found.start))?;
            Ok(found)
        });
        let found = match found {
            Ok(found) => found,
            Err(error) => return self.fail(thing, error),
        };
        let len = found.end - found.start;
        let mut octets = Metered { inner: &file, meter: self.meter.clone() };
        let mut whole = Whole { head: Cursor::default(), failure: None, rest: &mut octets };
        // Who asks for a range that begins no message gets nothing, and no complaint.
        if len == 0 {
            return ControlFlow::Continue(());
        }
        let told = Told { format, offset: found.start, len, is_whole: false };
        self.mail(thing, &told, None, &mut whole)
    }

    /// A file of a folder. A message of a Maildir may have been moved or marked meanwhile; one that
    /// is gone was deleted.
    fn found(&mut self, path: &Path, name: String) -> ControlFlow<()> {
        let is_message = maildir::is_message(path);
        let origin = if is_message { Origin::Message } else { Origin::Found };
        let mut thing = Thing::new(name, origin);
        let mut opened = open_found(path);
        thing.flags = is_message.then(|| Flags::of_name(path));
        if is_message && opened.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        {
            let Some(path) = maildir::moved(path) else { return ControlFlow::Continue(()) };
            opened = open_found(&path);
            (thing.name, thing.flags) =
                (path.to_string_lossy().into_owned(), Some(Flags::of_name(&path)));
        }
        self.file(&thing, opened)
    }

    fn file(&mut self, thing: &Thing, opened: io::Result<Option<File>>) -> ControlFlow<()> {
        let file = match opened {
            Ok(Some(file)) => file,
            Ok(None) => return ControlFlow::Continue(()),
            Err(error) => return self.fail(thing, error),
        };
        let is_regular = file.metadata().is_ok_and(|it| it.is_file());
        let mut octets = Metered { inner: &file, meter: self.meter.clone() };
        self.look(thing, is_regular.then_some(&file), &mut octets)
    }

    /// Shows what holds messages in these octets; `file`, if they are those of a regular file.
    ///
    /// It comes back to itself for what is unpacked, as often as [`LEVELS`] says.
    pub(super) fn look(
        &mut self,
        thing: &Thing,
        file: Option<&File>,
        octets: &mut dyn Read,
    ) -> ControlFlow<()> {
        let mut head = Vec::new();
        let failure = Read::take(&mut *octets, HEAD).read_to_end(&mut head).err();
        if head.is_empty()
            && let Some(error) = failure
        {
            return self.fail(thing, error);
        }
        let content = match content::of(&head) {
            Content::Mail(Format::Message)
                if thing.origin == Origin::Found && content::is_foreign(&head) =>
            {
                Content::Mail(Format::Foreign)
            }
            // QUIRK: delivery agents leave the `From ` line at the start of a Maildir's messages; each
            // file is one message whatever it begins with.
            Content::Mail(Format::Mbox) if thing.origin == Origin::Message => {
                Content::Mail(Format::Message)
            }
            content => content,
        };
        let mut whole = Whole { head: Cursor::new(head), failure, rest: octets };
        match content {
            Content::Mail(format) => {
                let is_whole = !thing.is_unpacked;
                let input = Told { format, offset: 0, len: u64::MAX, is_whole };
                self.mail(thing, &input, file, &mut whole)
            }
            Content::Emlx { start, len } => {
                whole.head.set_position(start);
                let input = Told { format: Format::Message, offset: start, len, is_whole: false };
                self.mail(thing, &input, None, &mut whole)
            }
            Content::Other(what) => self.refuse(thing, what),
            packed => self.unpack(thing, packed, file, &mut whole),
        }
    }

    fn mail(
        &mut self,
        thing: &Thing,
        told: &Told,
        file: Option<&File>,
        whole: &mut Whole<'_>,
    ) -> ControlFlow<()> {
        let mut kept = Kept { whole, left: told.len, failure: None, is_over: false };
        (self.each)(Ok(Input {
            name: thing.name.clone(),
            format: told.format,
            flags: thing.flags.clone(),
            offset: told.offset,
            is_whole: told.is_whole,
            file,
            octets: Box::new(&mut kept),
        }))?;
        let ends_early = kept.is_over && kept.left > 0 && told.len < u64::MAX;
        // What failed behind the head was perhaps not read.
        match kept.failure.or(whole.failure.take()) {
            Some(error) => self.fail(thing, error),
            None if ends_early => self.refuse(thing, "the .emlx file ends early"),
            None => ControlFlow::Continue(()),
        }
    }

    /// Without the crates for it, nothing is unpacked.
    #[cfg(not(feature = "archives"))]
    fn unpack(
        &mut self,
        thing: &Thing,
        _: Content,
        _: Option<&File>,
        _: &mut Whole<'_>,
    ) -> ControlFlow<()> {
        self.refuse(thing, "compressed or an archive, which needs septet's feature `archives`")
    }

    /// Says why this could not be read.
    pub(super) fn fail(&mut self, thing: &Thing, error: io::Error) -> ControlFlow<()> {
        (self.each)(Err(Error::io(&thing.name, error)))
    }

    pub(super) fn refuse(&mut self, thing: &Thing, what: &'static str) -> ControlFlow<()> {
        let (source, kind) = (thing.name.clone(), ErrorKind::Foreign(what));
        (self.each)(Err(Error { source, kind }))
    }
}

/// What was told of an input by its first octets.
struct Told {
    format: Format,
    /// Where it begins, and how many octets it has.
    offset: u64,
    len: u64,
    is_whole: bool,
}

/// Opens what an argument names: a file, a pipe, what `/dev/stdin` leads to.
fn open_named(path: &Path) -> io::Result<Option<File>> {
    let is_passed = ["/dev/stdin", "/dev/fd", "/proc/self/fd", "/dev/null"]
        .iter()
        .any(|passed| path.starts_with(passed));
    if !is_passed && is_device(&fs::metadata(path)?) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a device or socket; not read"));
    }
    File::open(path).map(Some)
}

#[cfg(unix)]
fn is_device(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    kind.is_block_device() || kind.is_char_device() || kind.is_socket()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

/// Opens a file of a folder, if it is one still: neither a link nor what could block.
#[cfg(unix)]
fn open_found(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits() as i32;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let is_file = file.metadata()?.is_file();
    Ok(is_file.then_some(file))
}

#[cfg(not(unix))]
fn open_found(path: &Path) -> io::Result<Option<File>> {
    File::open(path).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line of an mbox makes one, unless a Maildir says that it is a message.
    #[test]
    fn a_file_of_a_maildir_is_one_message() {
        let text = b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nFrom c@d Mon Jan  1 00:00:00 2024\nA: b\n";
        let cases = [
            (Origin::Named, Format::Mbox),
            (Origin::Found, Format::Mbox),
            (Origin::Message, Format::Message),
        ];
        for (origin, expected) in cases {
            let mut found = None;
            let mut each = |input: Result<Input<'_>, Error>| {
                found = input.ok().map(|input| input.format);
                ControlFlow::Continue(())
            };
            let mut visit = Visit { meter: &Meter::default(), each: &mut each };
            let _ = visit.look(&Thing::new("a".to_owned(), origin), None, &mut &text[..]);
            assert_eq!(found, Some(expected));
        }
    }
}
