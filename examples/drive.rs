//! The library at the jobs that mail parsers are compared in, one thread, as a user of the crate would
//! write them:
//!
//! - `drive j1 FILE`: the structure of all messages;
//! - `drive j2 FILE`: everything decoded, header fields and leaves, text as UTF-8;
//! - `drive j3 FILE DIR`: named leaves to files;
//! - `drive j4 FILE`: converted for 7-bit transport, to standard output;
//! - `drive hdr FILE`: the header fields of all messages, decoded.
//!
//! FILE is a message or an mbox. What was counted goes to standard error.

use std::env;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use septet::base::Limits;
use septet::charset::Charset;
use septet::convert::{Action, Converter, Options, Screen};
use septet::extract::{Draft, Folder, Kept, Names, safe_name};
use septet::header::names::Name;
use septet::header::{self, Field};
use septet::structure::{At, Builder, Structure, TextDecoder, Visitor, Want};
use septet::walk::{Reader, Separator};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["j1", file] => each_message(file, &mut Parts::default()),
        ["j2", file] => each_message(file, &mut Decode::default()),
        ["j3", file, folder] => each_message(file, &mut Extract::new(Path::new(folder))?),
        ["j4", file] => convert(file),
        ["hdr", file] => each_message(file, &mut Fields::default()),
        _ => Err("drive j1|j2|j4|hdr FILE, or drive j3 FILE DIR".into()),
    }
}

/// What stands between the messages of a file, by its first octets.
fn separator(file: &mut File) -> io::Result<Separator> {
    let mut head = Vec::new();
    file.take(64 << 10).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Separator::of(&head))
}

/// Shows all messages of a file to a visitor.
fn each_message<V: Visitor + Job>(name: &str, job: &mut V) -> Result<(), Box<dyn Error>> {
    let mut file = File::open(name)?;
    let separator = separator(&mut file)?;
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
    let options = builder.walk_options(separator);
    let mut reader = Reader::new(file, Limits::default(), options);
    let mut messages = 0u64;
    while let Some(structure) = builder.read(&mut reader, job)? {
        messages += 1;
        job.message(structure);
    }
    writeln!(io::stderr(), "{messages} messages, {} counted", job.count())?;
    Ok(())
}

trait Job {
    fn message(&mut self, structure: &Structure);
    fn count(&self) -> u64;
}

/// The structure, and nothing decoded.
#[derive(Default)]
struct Parts(u64);

impl Visitor for Parts {}

impl Job for Parts {
    fn message(&mut self, structure: &Structure) {
        self.0 += structure.parts().len() as u64;
    }

    fn count(&self) -> u64 {
        self.0
    }
}

/// The fields of the header of each message, decoded.
#[derive(Default)]
struct Fields {
    context: header::Context,
    text: String,
    octets: u64,
}

impl Visitor for Fields {
    fn field(&mut self, at: At, _: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        if at.part == 0 {
            self.text.clear();
            header::append_text(field, &self.context, &mut self.text);
            self.octets += black_box(&self.text).len() as u64;
        }
        Ok(())
    }
}

impl Job for Fields {
    fn message(&mut self, _: &Structure) {}

    fn count(&self) -> u64 {
        self.octets
    }
}

/// Everything decoded.
#[derive(Default)]
struct Decode {
    context: header::Context,
    /// The text that is being read.
    decoder: Option<TextDecoder>,
    /// Of one field.
    text: String,
    octets: u64,
}

impl Visitor for Decode {
    fn field(&mut self, _: At, _: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        header::append_text(field, &self.context, &mut self.text);
        self.octets += black_box(&self.text).len() as u64;
        self.text.clear();
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(fields) = structure.headed(part) else { return Ok(Want::Nothing) };
        let Some(part) = structure.part(part) else { return Ok(Want::Nothing) };
        let is_text = part.is_leaf() && fields.essence().starts_with("text/");
        self.decoder = is_text.then(|| TextDecoder::of(&part, fields, false));
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        match &mut self.decoder {
            None => self.octets += black_box(octets).len() as u64,
            Some(decoder) => {
                let count = &mut self.octets;
                decoder.decode(octets, None, &mut |text| *count += black_box(text).len() as u64);
            }
        }
        Ok(())
    }

    fn leave(&mut self, _: &Structure, _: u32) -> io::Result<()> {
        if let Some(mut decoder) = self.decoder.take() {
            let count = &mut self.octets;
            decoder.finish(None, &mut |text| *count += black_box(text).len() as u64);
        }
        Ok(())
    }
}

impl Job for Decode {
    fn message(&mut self, _: &Structure) {}

    fn count(&self) -> u64 {
        self.octets
    }
}

/// Named leaves to files, under safe names.
struct Extract {
    folder: Folder,
    names: Names,
    open: Option<(Draft, String)>,
    files: u64,
}

impl Extract {
    fn new(folder: &Path) -> io::Result<Extract> {
        Ok(Extract { folder: Folder::open(folder)?, names: Names::default(), open: None, files: 0 })
    }
}

impl Visitor for Extract {
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let part = structure.part(part).filter(|part| part.is_leaf());
        let name = part.and_then(|part| part.filename()).and_then(|name| safe_name(&name));
        let Some(name) = name else { return Ok(Want::Nothing) };
        self.open = Some((self.folder.begin()?, name));
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        match &mut self.open {
            Some((draft, _)) => draft.write_all(octets),
            None => Ok(()),
        }
    }

    fn leave(&mut self, _: &Structure, _: u32) -> io::Result<()> {
        let Some((mut draft, name)) = self.open.take() else { return Ok(()) };
        while draft.keep(&self.names.give(&name))? == Kept::Exists {}
        self.files += 1;
        Ok(())
    }
}

impl Job for Extract {
    fn message(&mut self, _: &Structure) {}

    fn count(&self) -> u64 {
        self.files
    }
}

/// Converts all messages of a file, and copies what stands between them.
fn convert(name: &str) -> Result<(), Box<dyn Error>> {
    let mut file = File::open(name)?;
    let (separator, len) = (separator(&mut file)?, file.metadata()?.len());
    let limits = Limits::default();
    let mut converter = Converter::new(Options::default(), limits, Charset::WINDOWS_1252, false);
    let mut screen = Screen::new(File::open(name)?, limits, separator).with_len(len);
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let section = |range: &Range<u64>| -> io::Result<io::Take<File>> {
        let mut file = File::open(name)?;
        file.seek(SeekFrom::Start(range.start))?;
        Ok(file.take(range.end - range.start))
    };
    let mut done = 0;
    while let Some(message) = screen.next_message()? {
        if message.is_clean {
            continue;
        }
        let octets = message.octets;
        let opened = || Opened(section(&octets));
        let converted = converter.convert(message.eol, opened)?;
        if converted.action() == Action::Converted {
            io::copy(&mut section(&(done..octets.start))?, &mut out)?;
            converted.write(opened(), &mut out)?;
            done = octets.end;
        }
    }
    io::copy(&mut section(&(done..len))?, &mut out)?;
    Ok(out.flush()?)
}

/// A file that could perhaps not be opened.
struct Opened(io::Result<io::Take<File>>);

impl Read for Opened {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Ok(file) => file.read(out),
            Err(error) => Err(error.kind().into()),
        }
    }
}
