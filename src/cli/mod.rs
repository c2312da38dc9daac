//! The command: one file for each subcommand, its arguments beside what it does.
//!
//! May use: everything. Only `out` prints.

mod coding;
mod convert;
mod copy;
mod decode;
mod extract;
mod headers;
mod html;
mod input;
mod out;
mod part;
mod progress;
mod select;
mod show;
mod tree;
mod views;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use out::{Color, Out};

/// How a run ended; the worst that happened counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Done, and the answer is no.
    No = 1,
    /// Something could not be read or written.
    Trouble = 2,
    /// The command line makes no sense.
    Usage = 64,
    /// The user wanted no more.
    Interrupted = progress::INTERRUPTED as isize,
}

/// Look into mail messages: their structure, headers, text and parts
#[derive(Debug, Parser)]
#[command(name = "septet", version, max_term_width = 80, after_help = AFTER_HELP)]
#[command(disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    #[arg(hide_short_help = true)]
    color: Color,
}

const AFTER_HELP: &str = "\
Examples:
  septet tree message.eml              what is in it
  septet show -m 3 archive.mbox        read the third message of an mbox
  septet part 2 message.eml >file.pdf  one part, decoded

Exit status: 0 done; 1 done, and the answer is no (no such part, it does not
fit); 2 something could not be read or written; 64 wrong usage; 130 ended by
Ctrl-C between two messages.";

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Show),
    Headers(headers::Headers),
    Tree(tree::Tree),
    Part(part::PartCommand),
    Extract(extract::Extract),
    Decode(decode::Decode),
    Convert(convert::Convert),
    Copy(copy::Copy),
    Wire(wire::Wire),
    Coding(coding::CodingCommand),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_help = !error.use_stderr();
            // A closed pipe behind --help is nobody's trouble.
            let _ = error.print();
            return ExitCode::from(if is_help { Exit::Done } else { Exit::Usage } as u8);
        }
    };
    let mut out = Out::new(arguments.color);
    let exit = match arguments.command {
        Command::Show(show) => show.run(&mut out),
        Command::Headers(headers) => headers.run(&mut out),
        Command::Tree(tree) => tree.run(&mut out),
        Command::Part(part) => part.run(&mut out),
        Command::Extract(extract) => extract.run(&mut out),
        Command::Decode(decode) => decode.run(&mut out),
        Command::Convert(convert) => convert.run(&mut out),
        Command::Copy(copy) => copy.run(&mut out),
        Command::Wire(wire) => wire.run(&mut out),
        Command::Coding(coding) => coding.run(&mut out),
    };
    ExitCode::from(finish(&mut out, exit) as u8)
}

/// Writes what is left. A pipe that was closed ends quietly; any other failure is trouble.
fn finish(out: &mut Out, exit: Exit) -> Exit {
    let _ = out.flush();
    match out.failure() {
        None | Some(std::io::ErrorKind::BrokenPipe) => exit,
        Some(kind) => {
            out::complain(&format!("standard output: {kind}"));
            Exit::Trouble
        }
    }
}
