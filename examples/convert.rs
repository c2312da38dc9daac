//! Converts a message, or each message of an mbox, for a server that takes 7 bits only:
//!
//! ```sh
//! cargo run --example convert -- testdata/convert/nested.eml > 7bit.eml
//! ```
//!
//! What needs no change is copied octet for octet, and so is what cannot be converted. Exit status:
//! 0 done, 1 a message could not be converted, 2 trouble with a file, 64 wrong usage.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use septet::base::Limits;
use septet::charset::Charset;
use septet::convert::{Action, Converter, Options, Screen};
use septet::mailbox::{Source, Store};
use septet::walk::Separator;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: convert FILE");
        return ExitCode::from(64);
    };
    match convert(Path::new(&path), BufWriter::new(io::stdout().lock())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("convert: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all could be converted.
fn convert(path: &Path, mut out: impl Write) -> Result<bool, Box<dyn Error>> {
    // A message is read more than once; a pipe would be kept in memory or a temporary file.
    let store = Store::open(&Source::of(path))?;
    let separator = store.format().separator();
    let options = Options { mbox: separator != Separator::None, ..Options::default() };
    let mut converter = Converter::new(options, Limits::default(), Charset::WINDOWS_1252, true);
    let mut screen = Screen::new(store.reader(0..store.len()), Limits::default(), separator);
    let (mut copied, mut all) = (0, true);
    while let Some(message) = screen.next_message()? {
        if message.is_clean {
            continue;
        }
        let open = || store.reader(message.octets.clone());
        let converted = converter.convert(message.eol, open)?;
        for refusal in &converted.plan.refused {
            eprintln!("{}: octet {}: {}", path.display(), message.octets.start, refusal.reason);
        }
        all &= converted.action() != Action::Refused;
        io::copy(&mut store.reader(copied..message.octets.start), &mut out)?;
        converted.write(open(), &mut out)?;
        copied = message.octets.end;
    }
    io::copy(&mut store.reader(copied..store.len()), &mut out)?;
    out.flush()?;
    Ok(all)
}
