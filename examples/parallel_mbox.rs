//! Reads mboxes (or Maildirs, folders, archives) on all cores and prints the subject of each message,
//! in the order in which they stand there:
//!
//! ```sh
//! cargo run --release --example parallel_mbox -- archive.mbox
//! ```
//!
//! Exit status: 0 done; 2 something cannot be read or written.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use septet::base::Limits;
use septet::charset::Charset;
use septet::header::names::Name;
use septet::header::{self, Context, Field};
use septet::mailbox::parallel::{self, Manner, Piece, Take};
use septet::mailbox::{Error, Format, Sources};
use septet::structure::{At, Builder, Visitor};

#[derive(Default)]
struct Subject(String);

impl Visitor for Subject {
    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        if at.part == 0 && name == Some(Name::Subject) {
            self.0 = header::text(field, &Context::default()).text;
        }
        Ok(())
    }
}

/// What a thread does with some messages that stand one behind the other.
fn subjects(piece: Piece<'_>, take: &mut Take<'_, String>) -> ControlFlow<()> {
    // In a folder or archive: what does not look like mail.
    if piece.format == Format::Foreign {
        return ControlFlow::Continue(());
    }
    // Bodies are not asked for, so they need not be decoded.
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
    let options = builder.walk_options(piece.format.separator());
    let name = piece.name.clone();
    piece.read(&mut None, Limits::default(), options, |reader| {
        loop {
            let mut subject = Subject::default();
            match builder.read(reader, &mut subject) {
                Ok(Some(_)) => take(Ok(subject.0))?,
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => return take(Err(Error::io(&name, error))),
            }
        }
    })
}

fn main() -> ExitCode {
    let mut done = Ok(());
    let mut exit = ExitCode::SUCCESS;
    let mut out = BufWriter::new(io::stdout().lock());
    let sources = Sources::new(std::env::args_os().skip(1).map(PathBuf::from));
    let manner = Manner { is_pure: true, ..Manner::default() };
    parallel::in_order(sources, &manner, || subjects, &mut |subject| {
        match subject {
            // `?` escapes what a terminal would obey.
            Ok(subject) => done = writeln!(out, "{subject:?}"),
            Err(error) => {
                eprintln!("{error}");
                exit = ExitCode::from(2);
            }
        }
        if done.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    if let Err(error) = done.and_then(|()| out.flush()) {
        eprintln!("{error}");
        exit = ExitCode::from(2);
    }
    exit
}
