//! What `ci/instructions` counts under callgrind: what each job does inside
//! [`only_this_is_counted`], which is all that callgrind is told to look at.
//!
//! - `counted jobs`: the key jobs, on generated mail;
//! - `counted hostile`: the records and the conversions of every hostile family, at three sizes of
//!   which each is twice the one before.
//!
//! A line for each job goes to standard output, in the order in which they are counted: the octets
//! of its input, and its name.

#[path = "../benches/jobs/mod.rs"]
mod jobs;
#[path = "../benches/mail/mod.rs"]
mod mail;

use std::env;
use std::error::Error;
use std::hint::black_box;

use septet::base::{Eol, Limits};
use septet::charset::Charset;
use septet::convert::Screen;
use septet::header::{self, Context, Field};
use septet::record::Fields;
use septet::transfer::{Coding, Content, Decoder, Encoder, Layout, Survey};
use septet::walk::{Event, Kind, Options, Reader, Separator, Tokens};

use mail::text::{self, Language};

/// Octets of a body before it is encoded.
const BODY: usize = 300_000;

/// Messages of a mailbox.
const MESSAGES: usize = 100;

/// The sizes at which hostile mail is counted: the smallest is large enough for what each message
/// costs to be little, the largest stays below the limits that would end the growth.
const SIZES: [usize; 3] = [16_000, 32_000, 64_000];

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("jobs") => {
            on_mailboxes();
            on_bodies();
        }
        Some("hostile") => on_hostile_mail(),
        _ => return Err("counted jobs|hostile".into()),
    }
    Ok(())
}

/// Does a job twice; the second time counts, when all rooms have their size.
fn count_warm(name: &str, octets: usize, mut job: impl FnMut()) {
    job();
    count(name, octets, job);
}

fn count(name: &str, octets: usize, mut job: impl FnMut()) {
    println!("{octets} {name}");
    only_this_is_counted(&mut job);
}

#[inline(never)]
fn only_this_is_counted(job: &mut dyn FnMut()) {
    job();
    // No jump in place of the call: this function is to be left only when the job is done.
    black_box(());
}

fn on_mailboxes() {
    let list = &mail::mbox(&mail::list::messages(MESSAGES))[..];
    let small = &mail::mbox(&mail::small(MESSAGES))[..];

    let options = Options { separator: Separator::From, near_misses: false };
    let mut reader = Reader::new(&[][..], Limits::default(), options);
    count_warm("walk", list.len(), || {
        reader.reset(list);
        while let Some(event) = reader.next(&mut ()).expect("reading from memory") {
            black_box(event);
        }
    });

    let mut structures = jobs::Structures::new(false, Separator::From);
    count_warm("structure", list.len(), || {
        black_box(structures.parts(list, |_| ()));
    });

    let fields = fields_of(list);
    let context = Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
    count_warm("header fields", fields.iter().map(|field| field.len()).sum(), || {
        for field in &fields {
            let field = Field::parse(field).expect("it is a field");
            black_box(header::text(&field, &context));
        }
    });

    let mut records = jobs::Records::new(Fields::default(), Separator::From);
    count_warm("records", list.len(), || {
        black_box(records.messages(list));
    });

    let mut conversions = jobs::Conversions::new(true, Separator::From);
    count_warm("conversion", list.len(), || {
        black_box(conversions.messages(list));
    });

    count_warm("screen", small.len(), || {
        let mut screen = Screen::new(small, Limits::default(), Separator::From);
        while let Some(message) = screen.next_message().expect("reading from memory") {
            black_box(message);
        }
    });
}

fn fields_of(text: &[u8]) -> Vec<&[u8]> {
    let options = Options { separator: Separator::From, near_misses: false };
    let field = |event| match event {
        Event::Token(token) if token.kind == Kind::Field => Some(token.octets),
        _ => None,
    };
    Tokens::new(text, Limits::default(), options).filter_map(field).collect()
}

fn on_bodies() {
    let random = &mut mail::random(40);
    let file = random.octets(BODY);
    let russian = text::lines(random, Language::Russian, BODY).into_bytes();
    let french = text::lines(random, Language::French, BODY).into_bytes();

    let wrapped = text::base64(&file, "\r\n").into_bytes();
    decoding("base64 decoder", Coding::Base64, &wrapped);
    let coded = text::quoted_printable(&russian).into_bytes();
    decoding("quoted-printable decoder", Coding::QuotedPrintable, &coded);
    encoding("base64 encoder", Coding::Base64, Content::Binary, &file);
    encoding("quoted-printable encoder", Coding::QuotedPrintable, Content::Text, &french);
    count_warm("survey", french.len(), || {
        let mut survey = Survey::new(Eol::Lf);
        survey.update(&french);
        black_box(survey.finish());
    });
}

fn decoding(name: &str, coding: Coding, text: &[u8]) {
    let mut decoder = Decoder::new(coding, Eol::Lf);
    let mut out = Vec::new();
    count_warm(name, text.len(), || {
        decoder.reset();
        out.clear();
        decoder.decode(text, &mut out, &mut ());
        decoder.finish(&mut out, &mut ());
        black_box(&out);
    });
}

fn encoding(name: &str, coding: Coding, content: Content, text: &[u8]) {
    let mut out = Vec::new();
    count_warm(name, text.len(), || {
        let mut encoder = Encoder::new(coding, &Layout { content, ..Layout::default() });
        out.clear();
        encoder.encode(text, &mut out);
        encoder.finish(&mut out);
        black_box(&out);
    });
}

fn on_hostile_mail() {
    for (name, generate) in mail::hostile::FAMILIES {
        for size in SIZES {
            let text = generate(size).into_bytes();
            let separator = Separator::of(&text);
            let mut records = jobs::Records::new(Fields::ALL, separator);
            count(&format!("records of {name}"), text.len(), || {
                black_box(records.messages(&text));
            });
        }
        for size in SIZES {
            let text = generate(size).into_bytes();
            let mut conversions = jobs::Conversions::new(true, Separator::of(&text));
            count(&format!("conversion of {name}"), text.len(), || {
                black_box(conversions.messages(&text));
            });
        }
    }
}
