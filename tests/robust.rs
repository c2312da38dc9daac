//! Nobody is hurt by a message: whatever it is, everything that can be asked has an answer, in a stack
//! of 256 KiB; the commands need no more either.
//!
//! The messages are the families of the bench `hostile`, which `ci/instructions` holds to linear time,
//! and our fixtures. What the answers are is for the tests of each room.

#[path = "../benches/mail/mod.rs"]
mod mail;

mod common;

use std::io;

use septet::base::{Limits, RULES, Rule};
use septet::charset::Charset;
use septet::compare::{LineEnds, Reading, differences};
use septet::convert::transport::Gauge;
use septet::convert::{Converter, Options, Screen};
use septet::extract::{Files, Found, Inline, Names, Tnef, nameless, safe_name, type_by_name};
use septet::header::mime::{self, TypePattern};
use septet::header::words::{self, Place};
use septet::header::write::{Style, rewrite};
use septet::header::{
    Context, Field, address, append_text, date, ids, names, params, received, text, unfold,
};
use septet::mailbox::{Envelope, from_line_date};
use septet::record::select::{Condition, Selection};
use septet::record::{Fields, Recorder};
use septet::structure::{
    At, Bodies, Builder, Markup, Part, Structure, TextDecoder, Visitor, Want, declared_charset,
    unflow,
};
use septet::walk::{Kind, Reader, Separator};
use septet::{dkim, transfer};

/// Octets of the stack: an eighth of what threads of the standard library have.
const STACK: usize = 256 << 10;

/// Octets of a message; of one that nests, levels are then about as many as the default limit.
const SIZE: usize = 12 << 10;
const DEEP_SIZE: usize = 64 << 10;

/// The families that nest.
const DEEP: &[&str] = &[
    "nested multiparts",
    "nested messages",
    "nested, closed",
    "nested comments",
    "encoded message",
];

/// Runs it with so little stack that recursion on the input would show.
fn in_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("it ends");
}

/// Messages that want to do harm, then ours.
fn messages() -> impl Iterator<Item = (String, Vec<u8>)> {
    let families = mail::hostile::FAMILIES.iter().map(|(name, generate)| {
        let size = if DEEP.contains(name) { DEEP_SIZE } else { SIZE };
        ((*name).to_owned(), generate(size).into_bytes())
    });
    families.chain(common::fixtures())
}

#[test]
fn every_accessor_answers() {
    in_a_small_stack(|| {
        for (name, text) in messages() {
            println!("{name}");
            ask_everything(&text);
        }
    });
}

fn ask_everything(octets: &[u8]) {
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, true);
    let walk = builder.walk_options(Separator::of(octets));
    let mut reader = Reader::new(octets, limits, walk);
    let mut curious = Curious::default();
    while let Some(structure) = builder.read(&mut reader, &mut curious).expect("from memory") {
        about(structure);
    }
    records(octets);
    selections(octets);
    conversion(octets);
    needs(octets);
    from_line_date(octets);
    for line in octets.split(|&c| c == b'\n').take(1000) {
        file_name(&String::from_utf8_lossy(line));
        transfer::uuencode::find_begin(line);
        transfer::yenc::find_begin(line);
    }
    let text = String::from_utf8_lossy(octets);
    for delsp in [false, true] {
        unflow(&text, delsp);
    }
    for markup in ["text/enriched", "text/richtext"] {
        Markup::of(markup).expect("a known one").to_plain(&text);
    }
}

fn about(structure: &Structure) {
    assert!(structure.parts().len() > 0);
    for part in structure.parts() {
        about_part(part);
        structure.headed(part.index());
    }
    assert!(structure.part(u32::MAX).is_none() && structure.headed(u32::MAX).is_none());
    let length = structure.length();
    for finding in structure.findings() {
        let info = finding.rule.info();
        assert!(structure.part(finding.part).is_some(), "{}", info.id);
        let span = finding.span.unwrap_or_default();
        assert!(span.start <= span.end && span.end <= length, "{} {span:?}", info.id);
    }
    structure.offset();
    structure.surveyed();
    structure.context();
    Bodies::of(structure);
    declared_charset(structure);
}

fn about_part(part: Part<'_>) {
    assert!(part.parent().is_none_or(|parent| parent.index() < part.index()));
    let numbers = (part.depth(), part.ordinal(), part.children());
    let kinds = (part.is_message(), part.media(), part.is_leaf(), part.is_covered(), part.eol());
    let codings = (part.coding(), part.encoding(), part.number());
    let fields = part.mime_fields();
    let named = (fields.essence().to_owned(), fields.charset(), fields.filename());
    let types = (part.content_type(), part.essence(), part.effective_type());
    assert_eq!(part.effective_type_of(&fields), types.2);
    let labels = (part.charset(), part.disposition(), part.filename(), part.content_id());
    let extents = (part.description(), part.header(), part.body(), part.size(), part.lines());
    if let Some(content_type) = &types.0 {
        content_type.mime();
    }
    // An answer that nobody looks at might not be asked for.
    std::hint::black_box((numbers, kinds, codings, named, types.1, labels, extents));
}

/// Asks about everything that is shown to it.
#[derive(Default)]
struct Curious {
    decoder: Option<TextDecoder>,
    inline: Option<Inline>,
    tnef: Option<Tnef>,
    envelope: Envelope,
}

impl Visitor for Curious {
    fn token(&mut self, _: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if matches!(kind, Kind::Field | Kind::Junk) {
            about_field(octets, &mut self.envelope);
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let part = structure.part(part).expect("it is open");
        about_part(part);
        self.decoder = Some(TextDecoder::new(&part, true));
        self.inline = Some(Inline::new(part.eol()));
        self.tnef = Some(Tnef::default());
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        if let Some(decoder) = &mut self.decoder {
            decoder.decode(octets, None, &mut |_| ());
        }
        if let (Some(inline), Some(tnef)) = (&mut self.inline, &mut self.tnef) {
            inline.feed(octets, &mut Nowhere)?;
            tnef.feed(octets, &mut Nowhere)?;
        }
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, part: u32) -> io::Result<()> {
        about_part(structure.part(part).expect("it was open"));
        if let Some(mut decoder) = self.decoder.take() {
            decoder.finish(None, &mut |_| ());
        }
        if let (Some(inline), Some(tnef)) = (self.inline.take(), self.tnef.take()) {
            inline.finish(&mut Nowhere)?;
            tnef.finish(&mut Nowhere)?;
        }
        Ok(())
    }
}

/// Takes files and names them.
struct Nowhere;

impl Files for Nowhere {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, found: Found) -> io::Result<()> {
        file_name(&found.name);
        Ok(())
    }
}

fn file_name(raw: &str) {
    let name = safe_name(raw).unwrap_or_else(|| nameless("1", raw));
    type_by_name(&name);
    let mut given = Names::default();
    assert_ne!(given.give(&name), given.give(&name));
}

/// A field, read as each kind there is, whatever it is called.
fn about_field(octets: &[u8], envelope: &mut Envelope) {
    let context = &Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
    rewrite(octets, context, &Style::default());
    let Some(field) = Field::parse(octets) else { return };
    envelope.field(&field, context);
    std::hint::black_box((envelope.sender(), envelope.date()));
    names::kind_of(field.name);
    text(&field, context);
    append_text(&field, context, &mut String::new());
    let raw = field.body;
    let mut found: Vec<(Rule, septet::base::Span)> = Vec::new();
    unfold(raw);
    for place in [Place::Text, Place::Quoted, Place::Parameter] {
        words::decode(raw, place, context, &mut found);
    }
    address::display(&address::parse(raw, context, &mut found));
    if let Some(date) = date::parse(raw, &mut found) {
        std::hint::black_box((date.timestamp(), date.rfc3339()));
    }
    ids::parse(raw);
    ids::first(raw);
    received::parse(raw);
    let params = params::parse(raw, context, &mut found);
    params.params.iter().for_each(|param| assert!(params.get(&param.name).is_some()));
    let disposition = mime::disposition(raw, context, &mut found);
    let content_type = mime::content_type(raw, context, &mut found);
    mime::media(raw, context, &mut Vec::new(), &mut found);
    mime::filename(Some(&disposition), Some(&content_type), &mut found);
    mime::transfer_encoding(raw, &mut found);
    mime::transfer_encoding_name(raw);
    let pattern = String::from_utf8_lossy(raw).parse::<TypePattern>();
    if let Ok(pattern) = pattern {
        pattern.matches(&content_type.essence);
    }
    if let Some(signature) = dkim::parse(raw, &mut found) {
        let mut hasher = dkim::BodyHasher::new(&signature);
        hasher.update(raw);
        hasher.finish();
    }
    assert!(found.iter().all(|(_, span)| span.end <= raw.len() as u64));
}

fn records(octets: &[u8]) {
    let options = septet::record::Options { fields: Fields::ALL, ..Default::default() };
    let limits = Limits::default();
    let mut recorder = Recorder::new(options);
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, true);
    let walk = builder.walk_options(Separator::of(octets));
    let mut reader = Reader::new(octets, limits, walk);
    loop {
        recorder.begin();
        let read = builder.read(&mut reader, &mut recorder).expect("from memory");
        let Some(structure) = read else { return };
        recorder.finish(structure, &mut io::sink()).expect("to nowhere");
        recorder.id();
    }
}

struct Select(Selection);

impl Visitor for Select {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if kind == Kind::Field && at.part == 0 && at.decoded == 0 {
            self.0.field(octets);
        }
        Ok(())
    }
}

fn selections(octets: &[u8]) {
    const CONDITIONS: [&str; 5] =
        ["from~x", "subject~x", "header:references~x", "date>2020", "attachment~x"];
    let conditions = CONDITIONS.map(|text| text.parse::<Condition>().expect("a condition"));
    let limits = Limits::default();
    let context = Context { limits, fallback: Charset::WINDOWS_1252 };
    let mut select = Select(Selection::new(conditions.to_vec(), context));
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let mut reader = Reader::new(octets, limits, builder.walk_options(Separator::of(octets)));
    loop {
        select.0.begin();
        let read = builder.read(&mut reader, &mut select).expect("from memory");
        let Some(structure) = read else { return };
        select.0.headed(structure);
        select.0.matches(structure);
    }
}

fn conversion(octets: &[u8]) {
    let limits = Limits::default();
    let mut screen = Screen::new(octets, limits, Separator::None);
    let eol = screen.next_message().expect("from memory").map_or_else(Default::default, |s| s.eol);
    let mut converter = Converter::new(Options::default(), limits, Charset::WINDOWS_1252, true);
    let converted = converter.convert(eol, || octets).expect("from memory");
    converted.action();
    assert_ne!(converted.verified, Some(false), "{:?}", converted.differences);
    converted.write(octets, &mut io::sink()).expect("to nowhere");
}

fn needs(octets: &[u8]) {
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let mut contents = Vec::new();
    for _ in 0..2 {
        let mut reader = Reader::new(octets, limits, builder.walk_options(Separator::None));
        let mut reading = Reading::new(LineEnds::OfText);
        if builder.read(&mut reader, &mut reading).expect("from memory").is_some() {
            contents.push(reading.finish());
        }
    }
    if let [a, b] = contents.as_slice() {
        assert_eq!(differences(a, b).len(), 0, "a message is what it is");
    }
    let mut reader = Reader::new(octets, limits, builder.walk_options(Separator::None));
    let mut gauge = Gauge::default();
    if let Some(structure) = builder.read(&mut reader, &mut gauge).expect("from memory") {
        let offer = septet::convert::transport::Offer::parse(octets);
        let _ = gauge.finish(structure).fits(&offer);
    }
}

#[test]
fn every_rule_says_what_it_is() {
    for rule in RULES {
        assert!(!rule.id.is_empty() && !rule.name.is_empty(), "{}", rule.id);
    }
}

/// The commands, with a main thread of 256 KiB and no more for the others; without optimisation the
/// definition of the arguments alone takes more.
#[cfg(all(unix, feature = "cli"))]
#[test]
fn commands_need_little_stack() {
    use std::process::{Command, Stdio};
    const COMMANDS: &[&str] = &[
        "tree",
        "tree --json",
        "tree --views",
        "lint",
        "trace",
        "diff ../deep.eml",
        "join",
        "show --all-headers",
        "headers --all-parts --json",
        "part --text 1",
        "extract -qd out",
        "decode --fields all",
        "convert --explain",
        "copy -q -o out.mbox",
        "wire",
    ];
    let place = tempfile::tempdir().expect("a folder");
    for (name, generate) in mail::hostile::FAMILIES.iter().filter(|(name, _)| DEEP.contains(name)) {
        let file = place.path().join("deep.eml");
        std::fs::write(&file, generate(2 * DEEP_SIZE)).expect("a file");
        for command in COMMANDS {
            let folder = tempfile::tempdir_in(place.path()).expect("a folder");
            let stack = if cfg!(debug_assertions) { 2 * STACK } else { STACK } >> 10;
            let script = format!("ulimit -s {stack} && exec \"$0\" {command} ../deep.eml");
            let output = Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_septet")])
                .env("RUST_MIN_STACK", STACK.to_string())
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .output()
                .expect("sh runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{name}: {command}: {said}");
        }
    }
}
