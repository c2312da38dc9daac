//! `septet join`: a message from its fragments.

mod fragments;

use std::io::{self, Read, Write};
use std::path::PathBuf;

use super::Exit;
use super::input::LimitOptions;
use super::out::{self, Out};
use super::progress::Running;
use super::shelf::{Shelf, Work};
use crate::extract::{Folder, Kept, safe_name};
use crate::mailbox::{Error, Sources};
use crate::structure::{self, Verdict, Whole};
use crate::transfer::Decoder;
use fragments::{Known, Watch, wholes};

/// Join the fragments of a message (message/partial) into the message
///
/// FILEs are fragments in any order, or mailboxes and folders that hold them among other messages. The
/// message goes to standard output. Its fields are put together as RFC 2046 says: what speaks of the
/// content, Subject and Message-ID from inside the first fragment, all others from its own header.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet join 1.eml 2.eml 3.eml >message.eml
  septet join -o joined ~/Maildir        each message that is complete

Exit status: 0 joined; 1 something is missing or contradicts itself, or there is
no fragment; 2 something could not be read or written.")]
pub(crate) struct Join {
    /// Messages, mailboxes, or folders of these; `-` or none is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Only the message whose fragments have this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// Write each message to a file in DIR, named after its id
    #[arg(short, long, value_name = "DIR")]
    out_dir: Option<PathBuf>,

    #[command(flatten)]
    limits: LimitOptions,
}

impl Join {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut shelf = Shelf::new(self.limits.limits());
        let running = if self.out_dir.is_some() { Running::Filed } else { Running::Piped };
        let work = Work::start(&self.files, running);
        let exit = shelf.fill::<Watch>(Sources::new(self.files.clone()), None, &work);
        if work.is_stopped() {
            return Exit::Interrupted;
        }
        let mut run = Run { shelf, exit };
        let (mut wholes, nameless) = wholes(&run.shelf);
        let is_fragment = !nameless.is_empty();
        for i in nameless {
            let name = run.name(i);
            run.refuse(&format!(
                "{name}: a fragment without an id, or without a number from 1 to {}",
                u32::MAX
            ));
        }
        if let Some(id) = &self.id {
            wholes.retain(|(of, _)| of == id);
        }
        match (&wholes[..], &self.out_dir) {
            // It may stand in what could not be read, which was said.
            ([], _) if run.exit == Exit::Trouble => {}
            ([], _) => run.refuse(&match &self.id {
                Some(id) => format!("no fragment with the id {id}"),
                None if is_fragment => "no fragment that can be joined".to_owned(),
                None => "no fragment of a message".to_owned(),
            }),
            (wholes, Some(folder)) => match Folder::open(folder) {
                Ok(into) => run.save_all(wholes, &into, &work),
                Err(error) => run.trouble(&folder.to_string_lossy(), error),
            },
            ([(id, whole)], None) => run.print(id, whole, out),
            (wholes, None) => run.choose(wholes),
        }
        run.exit
    }
}

struct Run {
    shelf: Shelf<Known>,
    exit: Exit,
}

impl Run {
    fn refuse(&mut self, why: &str) {
        out::complain(why);
        self.exit = self.exit.max(Exit::No);
    }

    fn trouble(&mut self, name: &str, error: io::Error) {
        out::complain(&Error::io(name, error).to_string());
        self.exit = Exit::Trouble;
    }

    /// What a fragment is called.
    fn name(&self, i: usize) -> String {
        match self.shelf.number(i) {
            1 => self.shelf.source(i).to_owned(),
            number => format!("{} #{number}", self.shelf.source(i)),
        }
    }

    /// There are several, and one place for them.
    fn choose(&mut self, wholes: &[(String, Whole)]) {
        self.refuse("fragments of several messages: choose one with --id, or -o DIR for all");
        for (id, whole) in wholes {
            let is_complete = matches!(whole.verdict(), Verdict::Complete(_));
            let complete = if is_complete { "" } else { ", not complete" };
            let count = out::counted(whole.count() as u64, "fragment");
            out::remark(&format!("  {id}: {count}{complete}"));
        }
    }

    /// The fragments in their order, if they make a message; else says why not.
    fn order(&mut self, id: &str, whole: &Whole) -> Option<Vec<usize>> {
        for &(i, of) in whole.again() {
            let names = (self.name(i), self.name(of));
            out::complain(&format!("{}: the same fragment as {}; left out", names.0, names.1));
        }
        match whole.verdict() {
            Verdict::Complete(order) => return Some(order),
            Verdict::Missing(which) => {
                let are_several = which.contains(['-', ',']);
                self.refuse(&match are_several {
                    true => format!("{id}: fragments {which} are missing"),
                    false => format!("{id}: fragment {which} is missing"),
                });
            }
            Verdict::NoTotal => self.refuse(&format!(
                "{id}: no fragment says how many there are; the last one is missing"
            )),
            Verdict::Totals((i, a), (j, b)) => {
                let names = (self.name(i), self.name(j));
                self.refuse(&format!(
                    "{id}: {} says that there are {a} fragments, {} that there are {b}",
                    names.0, names.1
                ));
            }
            Verdict::Behind(i, total) => {
                let name = self.name(i);
                self.refuse(&format!("{id}: {name} is behind the last of {total} fragments"));
            }
            Verdict::Contradiction(i, j, number) => {
                let names = (self.name(i), self.name(j));
                self.refuse(&format!(
                    "{id}: {} and {} are both fragment {number}, and differ",
                    names.0, names.1
                ));
            }
        }
        None
    }

    fn print(&mut self, id: &str, whole: &Whole, out: &mut Out) {
        let Some(order) = self.order(id, whole) else { return };
        let mut to = Stdout(out);
        if let Err(error) = self.write(&order, &mut to)
            && to.0.failure().is_none()
        {
            self.trouble(id, error);
        }
    }

    fn save_all(&mut self, wholes: &[(String, Whole)], folder: &Folder, work: &Work) {
        for (id, whole) in wholes {
            if work.is_stopped() {
                self.exit = Exit::Interrupted;
                return;
            }
            self.save(id, whole, folder);
        }
    }

    fn save(&mut self, id: &str, whole: &Whole, folder: &Folder) {
        let Some(order) = self.order(id, whole) else { return };
        let name = safe_name(&format!("{id}.eml")).unwrap_or_else(|| "message.eml".into());
        let done = folder.begin().and_then(|mut draft| {
            self.write(&order, &mut draft)?;
            draft.keep(&name)
        });
        match done {
            Ok(Kept::New) => {}
            Ok(Kept::Exists) => {
                self.trouble(&name, io::Error::other("exists already, and is not replaced"));
            }
            Err(error) => self.trouble(&name, error),
        }
    }

    fn write(&mut self, order: &[usize], to: &mut impl Write) -> io::Result<()> {
        let limits = self.shelf.limits();
        // LIMIT: the header of the first, as far as it is one, is read at once.
        let first = order.first().copied().unwrap_or_default();
        let mut outer = Vec::new();
        let end = self.shelf.note(first).body.start;
        let mut header = Octets { shelf: &mut self.shelf, i: first, next: 0, end };
        header.read_to_end(&mut outer)?;
        structure::join(&outer[..], Bodies::new(&mut self.shelf, order), limits, to)
    }
}

/// Some octets of a message of a shelf.
struct Octets<'a> {
    shelf: &'a mut Shelf<Known>,
    i: usize,
    next: u64,
    end: u64,
}

impl Read for Octets<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let room_len = room.len().min(left);
        let len = self.shelf.read_at(self.i, self.next, &mut room[..room_len])?;
        self.next += len as u64;
        Ok(len)
    }
}

/// The bodies of fragments, one behind the other, each with a line end at its end.
struct Bodies<'a> {
    shelf: &'a mut Shelf<Known>,
    order: std::slice::Iter<'a, usize>,
    /// The fragment that is read, and how far.
    current: Option<(usize, u64)>,
    decoder: Option<Decoder>,
    /// What was read and not handed on, from `at`.
    buffer: Vec<u8>,
    at: usize,
    window: Vec<u8>,
    /// The last octet that was handed on, and whether the last line ended with CRLF.
    last: Option<u8>,
    is_crlf: bool,
}

/// Octets that are read at a time.
const WINDOW: usize = 64 << 10;

impl<'a> Bodies<'a> {
    fn new(shelf: &'a mut Shelf<Known>, order: &'a [usize]) -> Bodies<'a> {
        Bodies {
            shelf,
            order: order.iter(),
            current: None,
            decoder: None,
            buffer: Vec::new(),
            at: 0,
            window: vec![0; WINDOW],
            last: None,
            is_crlf: false,
        }
    }

    /// Reads on; false at the end of all.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        self.at = 0;
        let Some((i, next)) = self.current else {
            let Some(&i) = self.order.next() else { return Ok(false) };
            let known = self.shelf.note(i);
            self.current = Some((i, known.body.start));
            self.decoder =
                (!known.coding.is_identity()).then(|| Decoder::new(known.coding, known.eol));
            // A fragment begins on a line of its own.
            if self.last.is_some_and(|last| last != b'\n') {
                self.buffer.extend_from_slice(if self.is_crlf { b"\r\n" } else { b"\n" });
                self.last = Some(b'\n');
            }
            return Ok(true);
        };
        let left = self.shelf.note(i).body.end - next;
        let room = usize::try_from(left).unwrap_or(WINDOW).min(WINDOW);
        let len = self.shelf.read_at(i, next, &mut self.window[..room])?;
        match (len, &mut self.decoder) {
            (0, decoder) => {
                if let Some(mut decoder) = decoder.take() {
                    decoder.finish(&mut self.buffer, &mut ());
                }
                self.current = None;
            }
            (_, Some(decoder)) => decoder.decode(&self.window[..len], &mut self.buffer, &mut ()),
            (_, None) => self.buffer.extend_from_slice(&self.window[..len]),
        }
        if let Some((_, next)) = &mut self.current {
            *next += len as u64;
        }
        if let Some(end) = memchr::memrchr(b'\n', &self.buffer) {
            let before = end.checked_sub(1).map_or(self.last, |before| Some(self.buffer[before]));
            self.is_crlf = before == Some(b'\r');
        }
        self.last = self.buffer.last().copied().or(self.last);
        Ok(true)
    }
}

impl Read for Bodies<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.at == self.buffer.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let len = room.len().min(self.buffer.len() - self.at);
        room[..len].copy_from_slice(&self.buffer[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

/// Standard output as something to write to.
struct Stdout<'a>(&'a mut Out);

impl Write for Stdout<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.octets(octets).map(|()| octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
