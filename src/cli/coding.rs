//! `septet coding`: the bare codings as filters.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::Exit;
use super::out::{self, Out};
use crate::base::{Eol, Limits};
use crate::charset::Charset;
use crate::header::Context;
use crate::header::words::{self, Place};
use crate::mailbox::Error;
use crate::transfer::{Coding, Content, Decoder, Encoder, Layout, LineEnd};

/// Encode or decode base64, quoted-printable, uuencode, encoded-words
///
/// Filters over bare data, without any message around it. Decoding never fails: what is no data is
/// skipped or kept as docs/leniency.md says.
#[derive(Debug, Args)]
#[command(
    name = "coding",
    after_help = "\
Examples:
  septet coding encode base64 photo.jpg >photo.b64
  septet coding decode base64 photo.b64 >photo.jpg
  grep ^Subject: mail.log | septet coding decode words"
)]
pub(crate) struct CodingCommand {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Encode standard input or FILE
    Encode(Encode),
    /// Decode standard input or FILE
    Decode(Decode),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  septet coding encode quoted-printable --crlf letter.txt
  tar c photos | septet coding encode uuencode --name p.tar >photos.uu")]
struct Encode {
    /// The coding
    #[arg(value_enum)]
    coding: EncodeName,

    /// What to read; `-` or none is standard input
    file: Option<PathBuf>,

    /// Line ends of the encoded lines are CRLF, not LF
    #[arg(long)]
    crlf: bool,

    /// quoted-printable: encode line ends as well, so that the octets come back as they are
    #[arg(short, long)]
    binary: bool,

    /// uuencode: the name in the begin line
    #[arg(long, default_value = "data", value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  septet coding decode uuencode photos.uu | tar t
  septet coding decode quoted-printable <letter.qp | less")]
struct Decode {
    /// The coding
    #[arg(value_enum)]
    coding: DecodeName,

    /// What to read; `-` or none is standard input
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EncodeName {
    Base64,
    QuotedPrintable,
    Uuencode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DecodeName {
    Base64,
    QuotedPrintable,
    Uuencode,
    /// Encoded-words (=?utf-8?q?…?=) in lines of any text, to UTF-8
    Words,
}

impl CodingCommand {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let (file, result) = match &self.direction {
            Direction::Encode(encode) => (&encode.file, encode.run(out)),
            Direction::Decode(decode) => (&decode.file, decode.run(out)),
        };
        ended(file.as_deref(), result, out)
    }
}

/// How a filter of this input ended. What could not be written is told when all is done.
pub(super) fn ended(file: Option<&Path>, result: io::Result<()>, out: &Out) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(_) if out.failure().is_some() => Exit::Done,
        Err(error) => {
            let name = file.map_or("-".into(), |file| file.to_string_lossy());
            out::complain(&Error::io(&name, error).to_string());
            Exit::Trouble
        }
    }
}

pub(super) fn open(file: Option<&Path>) -> io::Result<Box<dyn Read>> {
    match file {
        Some(path) if path.as_os_str() != "-" => Ok(Box::new(File::open(path)?)),
        _ => Ok(Box::new(io::stdin())),
    }
}

/// Hands the input on piece by piece, then nothing once.
pub(super) fn pieces(
    mut input: Box<dyn Read>,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(len) => each(&piece[..len])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Encode {
    fn run(&self, out: &mut Out) -> io::Result<()> {
        let coding = match self.coding {
            EncodeName::Base64 => Coding::Base64,
            EncodeName::QuotedPrintable => Coding::QuotedPrintable,
            EncodeName::Uuencode => Coding::Uuencode,
        };
        let layout = Layout {
            line_end: if self.crlf { LineEnd::CrLf } else { LineEnd::Lf },
            content: if self.binary { Content::Binary } else { Content::Text },
            guards: false,
            name: self.name.as_bytes(),
        };
        let mut encoder = Encoder::new(coding, &layout);
        let mut encoded = Vec::new();
        pieces(open(self.file.as_deref())?, |piece| {
            encoded.clear();
            encoder.encode(piece, &mut encoded);
            out.octets(&encoded)
        })?;
        encoded.clear();
        encoder.finish(&mut encoded);
        out.octets(&encoded)
    }
}

impl Decode {
    fn run(&self, out: &mut Out) -> io::Result<()> {
        let input = open(self.file.as_deref())?;
        let coding = match self.coding {
            DecodeName::Base64 => Coding::Base64,
            DecodeName::QuotedPrintable => Coding::QuotedPrintable,
            DecodeName::Uuencode => Coding::Uuencode,
            DecodeName::Words => return decode_words(input, out),
        };
        let mut decoder = Decoder::new(coding, Eol::Lf);
        let mut decoded = Vec::new();
        pieces(input, |piece| {
            decoded.clear();
            decoder.decode(piece, &mut decoded, &mut ());
            out.octets(&decoded)
        })?;
        decoded.clear();
        decoder.finish(&mut decoded, &mut ());
        out.octets(&decoded)
    }
}

/// Line by line, each with its continuation lines, so that a pipe sees every field as soon as it is
/// complete. Words that are split over the lines of a field belong together.
fn decode_words(input: Box<dyn Read>, out: &mut Out) -> io::Result<()> {
    let limits = Limits::default();
    let context = Context { limits, fallback: Charset::WINDOWS_1252 };
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut line = Vec::new();
    loop {
        line.clear();
        // LIMIT: a line as long as no field may be is decoded in pieces.
        input.by_ref().take(limits.field as u64).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        while line.ends_with(b"\n")
            && line.len() < limits.field
            && matches!(input.fill_buf()?.first(), Some(b' ' | b'\t'))
        {
            input.by_ref().take(limits.field as u64).read_until(b'\n', &mut line)?;
        }
        let text = words::decode(&line, Place::Text, &context, &mut ()).text;
        out.line(&out::escape(&text))?;
    }
}
