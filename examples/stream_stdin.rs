//! Walks over mail while it comes in, one message or an mbox of any size, and tells of each part when
//! it is over; memory does not grow with what comes:
//!
//! ```sh
//! cargo run --example stream_stdin < testdata/report.eml
//! ```
//!
//! With the feature `archives` it may be compressed. Exit status: 0 done, 2 it cannot be read to its
//! end, or nobody takes the output.

use std::error::Error;
use std::io::{self, StdoutLock, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;

use septet::header::names::Name;
use septet::header::{self, Context, Field};
use septet::mailbox::{Format, Input, Meter, Source};
use septet::structure::{At, Builder, Structure, Visitor};

/// Prints what passes by.
struct Printer(StdoutLock<'static>);

impl Visitor for Printer {
    fn field(&mut self, at: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        if at.part == 0 && name == Some(Name::Subject) {
            let subject = header::text(field, &Context::default()).text;
            // `?` escapes what a terminal would obey.
            writeln!(self.0, "{subject:?}")?;
        }
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        let Some(part) = structure.part(part) else { return Ok(()) };
        write!(self.0, "  {} {}", part.number(), part.essence())?;
        match part.size() {
            Some(size) => writeln!(self.0, ", {size} octets"),
            None => writeln!(self.0),
        }
    }
}

fn walk(input: Input<'_>) -> io::Result<()> {
    // In an archive: what does not look like mail.
    if input.format == Format::Foreign {
        return Ok(());
    }
    let mut printer = Printer(io::stdout().lock());
    let mut builder = Builder::default();
    let mut reader = builder.reader(input.octets, input.format.separator());
    while builder.read(&mut reader, &mut printer)?.is_some() {}
    Ok(())
}

fn main() -> ExitCode {
    let mut exit = ExitCode::SUCCESS;
    // A tar or zip archive would hold several inputs.
    let _ = Source::Stdin.visit(&Meter::default(), &mut |input| {
        let walked: Result<(), Box<dyn Error>> =
            input.map_err(Box::from).and_then(|input| Ok(walk(input)?));
        if let Err(error) = walked {
            eprintln!("stream_stdin: {error}");
            exit = ExitCode::from(2);
        }
        ControlFlow::Continue(())
    });
    exit
}
