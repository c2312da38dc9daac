//! Lists the parts of a message, with their names and what is odd about them:
//!
//! ```sh
//! cargo run --example list_parts -- testdata/report.eml
//! ```
//!
//! Exit status: 0 done, 2 the file cannot be read, 64 wrong usage.

use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;

use septet::structure::Builder;
use septet::walk::Separator;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: list_parts FILE");
        return ExitCode::from(64);
    };
    let listed = File::open(&path).and_then(|file| list(file, &mut io::stdout().lock()));
    match listed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

fn list(message: File, out: &mut impl Write) -> io::Result<()> {
    let mut builder = Builder::default();
    let mut reader = builder.reader(message, Separator::None);
    let Some(structure) = builder.read(&mut reader, &mut ())? else {
        return Ok(());
    };
    for part in structure.parts() {
        write!(out, "{} {}", part.number(), part.essence())?;
        if let Some(size) = part.size() {
            write!(out, ", {size} octets")?;
        }
        // A name may hold anything: `?` escapes what a terminal would obey.
        if let Some(name) = part.filename() {
            write!(out, ", {name:?}")?;
        }
        writeln!(out)?;
    }
    for finding in structure.findings() {
        let rule = finding.rule.info();
        writeln!(out, "{} {}", rule.id, rule.what)?;
    }
    Ok(())
}
