//! The jobs that more than one bench does: each keeps between inputs what the command keeps, so that
//! nothing is made anew for a message.

#![allow(dead_code)]

use std::hint::black_box;

use septet::base::Limits;
use septet::charset::Charset;
use septet::convert::{Action, Converter, Options as Conversion, Screen};
use septet::record::{Fields, Options, Recorder};
use septet::structure::{Builder, Structure};
use septet::walk::{Reader, Separator};

/// Structures, with the survey of all bodies or without.
pub(crate) struct Structures<'a> {
    builder: Builder,
    reader: Reader<&'a [u8]>,
}

impl<'a> Structures<'a> {
    pub(crate) fn new(surveys: bool, separator: Separator) -> Structures<'a> {
        let limits = Limits::default();
        let builder = Builder::new(limits, Charset::WINDOWS_1252, surveys);
        let reader = Reader::new(&[][..], limits, builder.walk_options(separator));
        Structures { builder, reader }
    }

    /// Reads all messages of `text`; how many parts they have.
    pub(crate) fn parts(&mut self, text: &'a [u8], mut ask: impl FnMut(&Structure)) -> usize {
        self.reader.reset(text);
        let mut parts = 0;
        while let Some(structure) =
            self.builder.read(&mut self.reader, &mut ()).expect("reading from memory")
        {
            parts += structure.parts().len();
            ask(structure);
            black_box(structure);
        }
        parts
    }
}

/// Records, as `decode` writes them.
pub(crate) struct Records<'a> {
    recorder: Recorder,
    builder: Builder,
    reader: Reader<&'a [u8]>,
    line: Vec<u8>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(fields: Fields, separator: Separator) -> Records<'a> {
        let options = Options { fields, ..Options::default() };
        let limits = Limits::default();
        let builder = Builder::new(limits, Charset::WINDOWS_1252, options.wants_survey());
        let reader = Reader::new(&[][..], limits, builder.walk_options(separator));
        Records { recorder: Recorder::new(options), builder, reader, line: Vec::new() }
    }

    /// Writes the records of all messages of `text`; how many there are.
    pub(crate) fn messages(&mut self, text: &'a [u8]) -> usize {
        self.reader.reset(text);
        let mut messages = 0;
        loop {
            self.recorder.begin();
            let read = self.builder.read(&mut self.reader, &mut self.recorder);
            let Some(structure) = read.expect("reading from memory") else { return messages };
            self.line.clear();
            self.recorder.finish(structure, &mut self.line).expect("writing to memory");
            black_box(&self.line);
            messages += 1;
        }
    }
}

/// Conversions for 7-bit transport, with the proof or without, of what the screen does not pass.
pub(crate) struct Conversions {
    separator: Separator,
    converter: Converter,
    out: Vec<u8>,
}

impl Conversions {
    pub(crate) fn new(verifies: bool, separator: Separator) -> Conversions {
        let options = Conversion::default();
        let converter = Converter::new(options, Limits::default(), Charset::WINDOWS_1252, verifies);
        Conversions { separator, converter, out: Vec::new() }
    }

    /// Converts the messages of `text`; how many had to be.
    pub(crate) fn messages(&mut self, text: &[u8]) -> usize {
        let mut screen = Screen::new(text, Limits::default(), self.separator);
        let mut converted = 0;
        while let Some(message) = screen.next_message().expect("reading from memory") {
            if message.is_clean {
                continue;
            }
            let octets = &text[message.octets.start as usize..message.octets.end as usize];
            let conversion =
                self.converter.convert(message.eol, || octets).expect("reading from memory");
            if conversion.action() == Action::Converted {
                self.out.clear();
                conversion.write(octets, &mut self.out).expect("writing to memory");
                black_box(&self.out);
                converted += 1;
            }
        }
        converted
    }
}
