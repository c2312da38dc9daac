//! The command: one file for each subcommand, its arguments beside what it does.
//!
//! May use: everything. Only `out` prints.

mod coding;
mod completions;
mod convert;
mod copy;
mod decode;
mod diff;
mod extract;
mod headers;
mod html;
mod input;
mod join;
mod lint;
mod man;
mod out;
mod part;
mod progress;
mod select;
mod shelf;
mod show;
mod trace;
mod tree;
mod version;
mod views;
mod wire;

use std::env;
use std::process::ExitCode;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

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
///
/// Reads any message there is, clean or broken, from files, folders, pipes, mboxes, Maildirs and
/// archives of these, in bounded memory, and says what it found and what is odd about it. What is
/// read stays as it is, but with --in-place. `septet COMMAND --help` says all about a command, `septet
/// COMMAND -h` the most of it.
#[derive(Debug, Parser)]
#[command(name = "septet", version, max_term_width = 80, after_help = AFTER_HELP)]
#[command(disable_help_subcommand = true)]
struct Arguments<C: FromArgMatches + Subcommand> {
    #[command(subcommand)]
    command: C,

    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    // In each help it stands behind the options of the command, before --help, which is at 999.
    #[arg(hide_short_help = true, display_order = 998)]
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
    Lint(lint::Lint),
    Trace(trace::TraceCommand),
    Diff(diff::DiffCommand),
    Join(join::Join),
    Coding(coding::CodingCommand),
    Completions(completions::CompletionsCommand),
    Man(man::ManCommand),
}

/// Defines the arguments of a command.
type Define = fn(clap::Command) -> clap::Command;

/// Each command, in the order of the help.
const DEFINITIONS: [(&str, Define); 16] = [
    ("show", show::Show::augment_args),
    ("headers", headers::Headers::augment_args),
    ("tree", tree::Tree::augment_args),
    ("part", part::PartCommand::augment_args),
    ("extract", extract::Extract::augment_args),
    ("decode", decode::Decode::augment_args),
    ("convert", convert::Convert::augment_args),
    ("copy", copy::Copy::augment_args),
    ("wire", wire::Wire::augment_args),
    ("lint", lint::Lint::augment_args),
    ("trace", trace::TraceCommand::augment_args),
    ("diff", diff::DiffCommand::augment_args),
    ("join", join::Join::augment_args),
    ("coding", coding::CodingCommand::augment_args),
    ("completions", completions::CompletionsCommand::augment_args),
    ("man", man::ManCommand::augment_args),
];

/// The command that is called. If the first argument names it, no other is defined: to define all of
/// them takes longer than a small message.
#[derive(Debug)]
struct Called(Command);

impl Subcommand for Called {
    fn augment_subcommands(all: clap::Command) -> clap::Command {
        let first = env::args_os().nth(1);
        let called = DEFINITIONS.iter().find(|(name, _)| first.as_deref() == Some(name.as_ref()));
        match called {
            Some((name, define)) => all.subcommand(define(clap::Command::new(*name))),
            // Nobody can ask for the version behind a command.
            None => Command::augment_subcommands(all).long_version(version::long()),
        }
    }

    fn augment_subcommands_for_update(all: clap::Command) -> clap::Command {
        Called::augment_subcommands(all)
    }

    fn has_subcommand(name: &str) -> bool {
        Command::has_subcommand(name)
    }
}

impl FromArgMatches for Called {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Called, clap::Error> {
        Command::from_arg_matches(matches).map(Called)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The whole command line, with all commands.
fn definition() -> clap::Command {
    Arguments::<Command>::command()
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::<Called>::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let is_help = !error.use_stderr();
            if is_help || env::args_os().all(|argument| out::is_safe(&argument.to_string_lossy())) {
                // A closed pipe behind --help is nobody's trouble.
                let _ = error.print();
            } else {
                // What is quoted may be the name of a file that somebody else named.
                out::block(error.render().to_string().trim_end());
            }
            return ExitCode::from(if is_help { Exit::Done } else { Exit::Usage } as u8);
        }
    };
    let mut out = Out::new(arguments.color);
    let exit = match arguments.command.0 {
        Command::Show(show) => show.run(&mut out),
        Command::Headers(headers) => headers.run(&mut out),
        Command::Tree(tree) => tree.run(&mut out),
        Command::Part(part) => part.run(&mut out),
        Command::Extract(extract) => extract.run(&mut out),
        Command::Decode(decode) => decode.run(&mut out),
        Command::Convert(convert) => convert.run(&mut out),
        Command::Copy(copy) => copy.run(&mut out),
        Command::Wire(wire) => wire.run(&mut out),
        Command::Lint(lint) => lint.run(&mut out),
        Command::Trace(trace) => trace.run(&mut out),
        Command::Diff(diff) => diff.run(&mut out),
        Command::Join(join) => join.run(&mut out),
        Command::Coding(coding) => coding.run(&mut out),
        Command::Completions(completions) => completions.run(&mut out),
        Command::Man(man) => man.run(&mut out),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_by_itself_is_the_one_among_all() {
        let mut all = Command::augment_subcommands(clap::Command::new("septet"));
        let names: Vec<_> = DEFINITIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(all.get_subcommands().map(|one| one.get_name()).collect::<Vec<_>>(), names);
        for (name, define) in DEFINITIONS {
            let among_all = all.find_subcommand_mut(name).expect("it is there");
            let mut alone = define(clap::Command::new(name));
            let [expected, found] = [among_all, &mut alone].map(|it| it.render_long_help());
            assert_eq!(found.to_string(), expected.to_string(), "{name}");
        }
    }
}
