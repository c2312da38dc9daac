//! The laws of records and of conditions: a record is JSON whatever the message and the same for any
//! cut; what the header decides stays decided, and a negated condition says the opposite.

use std::io;

use septet::base::Limits;
use septet::charset::Charset;
use septet::header::Context;
use septet::record::select::{Condition, Selection};
use septet::record::{Fields, Options, Recorder};
use septet::structure::{At, Builder, Structure, Visitor, Want};
use septet::walk::{Kind, Reader, Separator};

use crate::Input;

/// Holds the laws of records against a message.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let options = Options {
        fields: Fields::ALL,
        digest: input.bit(3),
        max_text: input.bit(4).then_some(7),
        utf7_html: input.bit(5),
        html_to_text: input.bit(6).then_some(|html: &str| html.to_owned()),
    };
    let whole = records(&input, input.text, options);
    assert_eq!(records(&input, input.reader(), options), whole, "in pieces of {:?}", input.sizes);
    for record in whole {
        let value: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
        assert!(value.is_object());
    }
}

/// The record of each message of a source, as an object.
fn records(input: &Input<'_>, source: impl io::Read, options: Options) -> Vec<Vec<u8>> {
    let limits = input.limits();
    let mut recorder = Recorder::new(options);
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, options.wants_survey());
    let walk = builder.walk_options(input.options().separator);
    let mut reader = Reader::new(source, limits, walk);
    let mut all = Vec::new();
    loop {
        recorder.begin();
        let read = builder.read(&mut reader, &mut recorder).expect("from memory");
        let Some(structure) = read else { return all };
        let mut record = b"{\"message\":1".to_vec();
        recorder.finish(structure, &mut record).expect("to memory");
        record.push(b'}');
        all.push(record);
    }
}

/// Holds the laws of conditions: those of the first line, parted by tabs, of the message behind it.
pub fn check_select(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let end = input.text.iter().position(|&c| c == b'\n').unwrap_or(input.text.len());
    let (line, message) = input.text.split_at(end);
    let line = String::from_utf8_lossy(line);
    for text in line.split('\t').take(16) {
        let Ok(condition) = text.parse::<Condition>() else { continue };
        let holds = selects(&input, message, condition);
        let negated = match text.trim_start().strip_prefix('!') {
            Some(rest) => rest.parse::<Condition>(),
            None => format!("!{text}").parse(),
        };
        // `!!x` is none.
        if let Ok(negated) = negated {
            let opposite: Vec<_> = holds.iter().map(|holds| !holds).collect();
            assert_eq!(selects(&input, message, negated), opposite, "{text:?}");
        }
    }
}

fn selects(input: &Input<'_>, message: &[u8], condition: Condition) -> Vec<bool> {
    let limits = Limits::default();
    let context = Context { limits, fallback: Charset::WINDOWS_1252 };
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let walk = builder.walk_options(Separator::None);
    let mut reader = Reader::new(message, limits, walk);
    let mut watch = Watch { selection: Selection::new(vec![condition], context), early: None };
    let mut all = Vec::new();
    loop {
        watch.selection.begin();
        watch.early = None;
        let read = builder.read(&mut reader, &mut watch).expect("from memory");
        let Some(structure) = read else { return all };
        let holds = watch.selection.matches(structure);
        assert!(watch.early.is_none_or(|early| early == holds), "in pieces of {:?}", input.sizes);
        all.push(holds);
    }
}

struct Watch {
    selection: Selection,
    early: Option<bool>,
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field && at.part == 0 && at.decoded == 0 {
            self.selection.field(octets);
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.early = self.selection.headed(structure);
        }
        Ok(Want::Nothing)
    }
}
