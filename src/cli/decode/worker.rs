//! From the octets of messages to what stands in their records, one message after the other, in one
//! thread.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::{Plan, Unique, table};
use crate::base::Rule;
use crate::cli::select;
use crate::header::Field;
use crate::header::names::Name;
use crate::mailbox::parallel::{Piece, Room, Take};
use crate::mailbox::{Error, Flags, Format};
use crate::record::select::Selection;
use crate::record::{Recorder, Texts};
use crate::structure::{At, Builder, Structure, Value, Visitor, Want};
use crate::walk::{Kind, Reader};

/// Messages are handed on once so much was written of them, or there are so many.
const ENOUGH: u64 = 128 << 10;
const MANY: usize = 512;

/// A text of which more than this waits is handed on while it is read.
const LONG: usize = 256 << 10;

/// Some messages of an input, in order.
pub(super) struct Batch {
    pub(super) name: Arc<str>,
    /// Whether these are the first of their input.
    pub(super) is_first: bool,
    /// What the input holds.
    pub(super) format: Format,
    pub(super) messages: Vec<Message>,
    /// What their records have behind the place of the message.
    pub(super) text: Texts,
    /// How often each rule fired.
    pub(super) findings: BTreeMap<Rule, u64>,
    /// Attachments that could not be stored.
    pub(super) failures: Vec<io::Error>,
    /// Behind all these a message follows whose record begins with its text: the next octets of that.
    pub(super) begun: Option<Begun>,
}

/// Some of the text of a message that is still being read.
pub(super) struct Begun {
    /// Where the message stands in its input.
    pub(super) offset: u64,
    pub(super) text: Vec<u8>,
}

/// A message that was read.
pub(super) struct Message {
    /// Where it stands in its input.
    pub(super) offset: u64,
    pub(super) length: u64,
    /// Where the next one's begins in [`Batch::text`]; nothing if it has no record.
    pub(super) end: Option<u64>,
    /// Its record was written in a run before; nobody asked whether it has one.
    pub(super) is_done: bool,
    /// What it is told from others by.
    pub(super) key: Option<u128>,
}

impl Batch {
    fn new(name: &Arc<str>, format: Format, is_first: bool, rooms: &Rooms) -> Batch {
        Batch {
            name: Arc::clone(name),
            is_first,
            format,
            messages: Vec::new(),
            text: rooms.take(),
            findings: BTreeMap::new(),
            failures: Vec::new(),
            begun: None,
        }
    }

    /// What there is, to be handed on; what follows in the same input comes here.
    fn hand_on(&mut self, rooms: &Rooms) -> Batch {
        let next = Batch::new(&self.name, self.format, false, rooms);
        std::mem::replace(self, next)
    }
}

/// Rooms for what is written of messages, to be used again once that is where it belongs: fresh memory
/// costs as much as writing.
#[derive(Default)]
pub(super) struct Rooms(Mutex<Vec<Texts>>);

/// LIMIT: so many rooms wait.
const WAITING: usize = 16;

impl Rooms {
    fn take(&self) -> Texts {
        self.0.lock().ok().and_then(|mut rooms| rooms.pop()).unwrap_or_default()
    }

    pub(super) fn give(&self, mut room: Texts) {
        room.begin();
        if let Ok(mut rooms) = self.0.lock()
            && rooms.len() < WAITING
        {
            rooms.push(room);
        }
    }
}

/// Works on one piece after the other.
pub(super) struct Worker<'p> {
    plan: &'p Plan<'p>,
    builder: Builder,
    /// For messages that need no record.
    skipper: Builder,
    watch: Watch,
    /// That of the reader before.
    room: Room,
    row: Vec<u8>,
}

impl<'p> Worker<'p> {
    pub(super) fn new(plan: &'p Plan<'p>) -> Worker<'p> {
        let inputs = &plan.decode.inputs;
        let builder = |survey| Builder::new(inputs.limits(), inputs.fallback_charset(), survey);
        Worker {
            plan,
            builder: builder(plan.options.wants_survey()),
            skipper: builder(false),
            watch: Watch {
                recorder: plan.recorder(),
                selection: plan.decode.selected.selection(inputs),
                hash: Xxh3::new(),
                unique: plan.decode.unique,
                is_unwanted: false,
                is_over: false,
            },
            room: None,
            row: Vec::new(),
        }
    }

    pub(super) fn piece(
        &mut self,
        mut piece: Piece<'_>,
        take: &mut Take<'_, Batch>,
    ) -> ControlFlow<()> {
        let rooms = &self.plan.rooms;
        let mut batch = Batch::new(&piece.name, piece.format, piece.is_first, rooms);
        if matches!(piece.format, Format::Empty | Format::Foreign) {
            return take(Ok(batch));
        }
        let flags = piece.flags.take();
        let flags = flags.as_ref().map(Flags::letters);
        let options = self.builder.walk_options(piece.format.separator());
        let (name, base) = (Arc::clone(&piece.name), piece.offset);
        let mut room = self.room.take();
        let done = piece.read(&mut room, self.plan.decode.inputs.limits(), options, |reader| {
            loop {
                match self.message(reader, base, flags, &mut batch, take) {
                    // Nobody wants more of the text.
                    Err(_) if self.watch.is_over => return ControlFlow::Break(()),
                    Ok(true) if self.plan.is_stopped() => return ControlFlow::Continue(Ok(())),
                    Ok(true) => {}
                    Ok(false) => return ControlFlow::Continue(Ok(())),
                    Err(error) => return ControlFlow::Continue(Err(Error::io(&name, error))),
                }
                if batch.text.end() >= ENOUGH || batch.messages.len() >= MANY {
                    take(Ok(batch.hand_on(rooms)))?;
                }
            }
        });
        self.room = room;
        let ControlFlow::Continue(done) = done else { return ControlFlow::Break(()) };
        take(Ok(batch))?;
        match done {
            // In an archive, other members would follow.
            Ok(()) if self.plan.is_stopped() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => take(Err(error)),
        }
    }

    /// Reads one message of a piece that begins at `base`; false if there is none.
    fn message(
        &mut self,
        reader: &mut Reader<impl Read>,
        base: u64,
        flags: Option<&str>,
        batch: &mut Batch,
        take: &mut Take<'_, Batch>,
    ) -> io::Result<bool> {
        let at = base + reader.walker().offset();
        let is_done = self.plan.is_done(&batch.name, at);
        self.watch.begin();
        if let Some(letters) = flags {
            self.watch.recorder.flags(letters);
        }
        let read = match is_done {
            true => self.skipper.read(reader, &mut ())?,
            false => {
                let writes_all = self.plan.writes_all();
                let (watch, rooms) = (&mut self.watch, &self.plan.rooms);
                let mut flowing =
                    Flowing { watch, take, batch, base, offset: base, writes_all, rooms };
                self.builder.read(reader, &mut flowing)?
            }
        };
        let Some(structure) = read else { return Ok(false) };
        let is_wanted = !is_done && self.watch.wants(structure);
        let end = match is_wanted {
            true => Some(record(self.plan, &mut self.watch, structure, &mut self.row, batch)?),
            false => None,
        };
        batch.messages.push(Message {
            offset: base + structure.offset(),
            length: structure.length(),
            end,
            is_done,
            key: if is_wanted { self.watch.key() } else { None },
        });
        Ok(true)
    }
}

/// Writes what the record of a message has behind its place, and tells where that ends.
fn record(
    plan: &Plan<'_>,
    watch: &mut Watch,
    structure: &Structure,
    row: &mut Vec<u8>,
    batch: &mut Batch,
) -> io::Result<u64> {
    for finding in structure.findings() {
        *batch.findings.entry(finding.rule).or_default() += 1;
    }
    match &plan.table {
        None => watch.recorder.finish(structure, &mut batch.text)?,
        Some(table) => {
            row.clear();
            row.extend_from_slice(b"{\"\":0");
            watch.recorder.finish(structure, row)?;
            row.push(b'}');
            table::write(table, row, &mut batch.text)?;
        }
    }
    batch.failures.extend(watch.recorder.take_failure());
    Ok(batch.text.end())
}

/// What looks at a message while it is read.
struct Watch {
    recorder: Recorder,
    selection: Selection,
    /// Of all octets of the message, if messages are told from one another.
    hash: Xxh3,
    unique: Option<Unique>,
    /// It cannot be selected any more.
    is_unwanted: bool,
    /// Nobody takes what is made of it.
    is_over: bool,
}

impl Watch {
    fn begin(&mut self) {
        self.recorder.begin();
        self.selection.begin();
        self.is_unwanted = false;
        if self.unique.is_some() {
            self.hash.reset();
        }
    }

    fn wants(&mut self, structure: &Structure) -> bool {
        !self.is_unwanted && self.selection.matches(structure)
    }

    /// What the message is told from others by: its Message-ID, or all its octets.
    fn key(&self) -> Option<u128> {
        let id = || self.recorder.id().map(|id| xxh3_128(id.as_bytes()));
        match self.unique? {
            Unique::Id => id().or_else(|| Some(self.hash.digest128())),
            Unique::Hash => Some(self.hash.digest128()),
        }
    }
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if self.is_unwanted {
            return Ok(());
        }
        if self.unique.is_some() && at.decoded == 0 {
            self.hash.update(octets);
        }
        select::show(&mut self.selection, at, kind, octets);
        Ok(())
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        if self.is_unwanted { Ok(()) } else { self.recorder.field(at, name, field) }
    }

    fn value(&mut self, at: At, value: Value) -> io::Result<()> {
        if self.is_unwanted { Ok(()) } else { self.recorder.value(at, value) }
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.is_unwanted = self.selection.headed(structure) == Some(false);
        }
        if self.is_unwanted { Ok(Want::Nothing) } else { self.recorder.headed(structure, part) }
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.recorder.content(part, octets)
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        if self.is_unwanted { Ok(()) } else { self.recorder.leave(structure, part) }
    }
}

/// A message while it is read, whose text is handed on before it is over if it is long.
struct Flowing<'f, 't> {
    watch: &'f mut Watch,
    take: &'f mut Take<'t, Batch>,
    batch: &'f mut Batch,
    /// Where the piece stands in its input, and the message.
    base: u64,
    offset: u64,
    writes_all: bool,
    rooms: &'f Rooms,
}

impl Visitor for Flowing<'_, '_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        self.watch.token(at, kind, octets)
    }

    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        self.watch.field(at, name, field)
    }

    fn value(&mut self, at: At, value: Value) -> io::Result<()> {
        self.watch.value(at, value)
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        self.offset = self.base + structure.offset();
        self.watch.headed(structure, part)
    }

    fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
        self.watch.content(part, octets)?;
        if !self.writes_all {
            return Ok(());
        }
        let Some(text) = self.watch.recorder.text_so_far(LONG) else { return Ok(()) };
        self.batch.begun = Some(Begun { offset: self.offset, text });
        let batch = self.batch.hand_on(self.rooms);
        self.watch.is_over = (self.take)(Ok(batch)).is_break();
        if self.watch.is_over { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        self.watch.leave(structure, part)
    }
}
