//! The laws of the header room: every parser gives a result for any octets, its findings stand in
//! what it was given, and parsers that read the same thing agree.

use septet::base::chars::{is_token, is_wsp};
use septet::base::{Limits, Rule, Span};
use septet::charset::Charset;
use septet::header::mime::{self, Media, TypePattern};
use septet::header::params::Parameterised;
use septet::header::words::{self, Place};
use septet::header::{
    Context, Field, Text, address, date, ids, lex, names, params, received, unfold,
};

use crate::Input;

/// The longest boundary that can be used, the longest line that mail may have.
const BOUNDARY: usize = 998;

/// Holds the laws of the header room against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let context = &Context { limits: input.limits(), fallback: Charset::WINDOWS_1252 };
    bodies(input.text, context);
    field(input.text, context);
}

/// The laws of address lists alone: a fuzzer gets deeper where one parser reads what it writes.
pub fn check_addresses(data: &[u8]) {
    alone(data, addresses);
}

/// The laws of dates alone.
pub fn check_dates(data: &[u8]) {
    alone(data, |raw, _| dates(raw));
}

/// The laws of message-ids alone.
pub fn check_ids(data: &[u8]) {
    alone(data, |raw, _| message_ids(raw));
}

/// The laws of parameters, media types, dispositions and codings alone.
pub fn check_params(data: &[u8]) {
    alone(data, |raw, context| {
        parameters(raw, context);
        media_types(raw, context);
        encodings(raw);
    });
}

/// The laws of Received alone.
pub fn check_received(data: &[u8]) {
    alone(data, |raw, _| received_clauses(raw));
}

/// The laws of unfolding and of encoded-words alone.
pub fn check_words(data: &[u8]) {
    alone(data, |raw, context| {
        unfolds(raw);
        for place in [Place::Text, Place::Quoted, Place::Parameter] {
            decodes(raw, place, context);
        }
    });
}

fn alone(data: &[u8], law: fn(&[u8], &Context)) {
    let Some(input) = Input::new(data) else { return };
    law(input.text, &Context { limits: input.limits(), fallback: Charset::WINDOWS_1252 });
}

fn field(octets: &[u8], context: &Context) {
    let Some(field) = Field::parse(octets) else { return };
    assert!(!field.name.is_empty() && !field.name.iter().any(|&c| c == b':' || c <= b' '));
    let behind = &octets[field.body_start..];
    assert_eq!(octets[field.body_start - 1], b':');
    assert!(behind.starts_with(field.body) && behind.len() - field.body.len() <= 2);
    names::kind_of(field.name);
    bodies(field.body, context);
}

/// All that a body can be read as.
fn bodies(raw: &[u8], context: &Context) {
    unfolds(raw);
    for place in [Place::Text, Place::Quoted, Place::Parameter] {
        decodes(raw, place, context);
    }
    addresses(raw, context);
    dates(raw);
    parameters(raw, context);
    media_types(raw, context);
    encodings(raw);
    lexes(raw);
    received_clauses(raw);
    message_ids(raw);
}

type Findings = Vec<(Rule, Span)>;

/// Runs a parser with a sink and without one: they must agree, and findings must stand in `raw`.
macro_rules! heard_and_unheard {
    ($raw:expr, |$sink:ident| $parse:expr) => {{
        let mut found = Findings::new();
        let heard = {
            let $sink = &mut found;
            $parse
        };
        let unheard = {
            let $sink = &mut ();
            $parse
        };
        assert_eq!(unheard, heard, "with nobody listening");
        assert_inside(&found, $raw);
        (heard, found)
    }};
}

fn assert_inside(found: &[(Rule, Span)], raw: &[u8]) {
    for &(rule, span) in found {
        assert!(span.start <= span.end && span.end <= raw.len() as u64, "{rule:?} {span:?}");
    }
}

/// A text that is said to be lossy has lost something.
fn assert_lossy_shows(text: &Text) {
    assert!(!text.lossy || text.text.contains('\u{FFFD}'), "{text:?}");
}

fn unfolds(raw: &[u8]) {
    let once = unfold(raw);
    assert!(once.len() <= raw.len() && !once.contains(&b'\n'));
    let trimmed = |text: &[u8]| !text.first().is_some_and(|&c| is_wsp(c));
    assert!(trimmed(&once), "white space at the start");
}

fn decodes(raw: &[u8], place: Place, context: &Context) {
    let (text, _) = heard_and_unheard!(raw, |sink| words::decode(raw, place, context, sink));
    assert_lossy_shows(&text);
    // Without words, escapes and octets over 127, decoding is unfolding.
    let is_plain = raw.is_ascii() && !raw.contains(&0x1B);
    if is_plain && !raw.windows(2).any(|pair| pair == b"=?") {
        assert_eq!(text.text.as_bytes(), &*unfold(raw));
        assert!(!text.lossy);
    }
}

fn addresses(raw: &[u8], context: &Context) {
    let (all, _) = heard_and_unheard!(raw, |sink| address::parse(raw, context, sink));
    address::display(&all);
    for one in all {
        // An entry says something: a group that is empty at least its name.
        assert!(one.name.is_some() || one.address.is_some() || one.group.is_some(), "{one:?}");
        assert!(one.address.as_deref() != Some(""), "{one:?}");
        let all = [one.name, one.address, one.group].into_iter().flatten();
        assert!(!one.lossy || all.collect::<String>().contains('\u{FFFD}'));
    }
}

fn dates(raw: &[u8]) {
    let (date, found) = heard_and_unheard!(raw, |sink| date::parse(raw, sink));
    assert!(found.len() <= 1);
    assert_eq!(date.is_none(), found.iter().any(|&(rule, _)| rule == Rule::H040));
    let Some(date) = date else { return };
    date.timestamp();
    assert!(date.offset.is_none_or(|offset| offset % 60 == 0 && offset.abs() < 24 * 3600));
    let written = date.rfc3339();
    assert_eq!(date::parse(written.as_bytes(), &mut ()), Some(date), "{written}");
}

fn parameters(raw: &[u8], context: &Context) {
    let (params, _) = heard_and_unheard!(raw, |sink| params::parse(raw, context, sink));
    assert_parameters(&params, raw, &context.limits);
    let (disposition, _) = heard_and_unheard!(raw, |sink| mime::disposition(raw, context, sink));
    assert_eq!(disposition, params);
}

fn assert_parameters(params: &Parameterised, raw: &[u8], limits: &Limits) {
    assert!(params.params.len() <= limits.params);
    assert!(!params.value.bytes().any(|c| c.is_ascii_uppercase()));
    for (i, param) in params.params.iter().enumerate() {
        assert!(!param.name.bytes().any(|c| c.is_ascii_uppercase()), "{param:?}");
        assert!(params.params[..i].iter().all(|other| other.name != param.name), "{param:?}");
        assert_eq!(params.get(&param.name), Some(&*param.value.text));
        assert_inside(&[(Rule::P020, param.span)], raw);
        assert_lossy_shows(&param.value);
    }
}

fn media_types(raw: &[u8], context: &Context) {
    let (content_type, _) = heard_and_unheard!(raw, |sink| mime::content_type(raw, context, sink));
    assert_parameters(&content_type.written, raw, &context.limits);
    content_type.mime();
    let essence = &content_type.essence;
    let (kind, subtype) = essence.split_once('/').expect("type/subtype");
    for half in [kind, subtype] {
        assert!(!half.is_empty() && half.bytes().all(is_token), "{essence}");
        assert_eq!(half.to_ascii_lowercase(), half);
    }
    let ((media, boundary), _) = heard_and_unheard!(raw, |sink| {
        let mut boundary = b"left over".to_vec();
        (mime::media(raw, context, &mut boundary, sink), boundary)
    });
    let is_message = ["message/rfc822", "message/global", "message/news"].contains(&&**essence);
    assert_eq!(media == Media::Message, is_message, "{essence}");
    match media {
        Media::Multipart { digest } => {
            assert_eq!((kind, digest), ("multipart", subtype == "digest"));
            assert!((1..=BOUNDARY).contains(&boundary.len()));
            assert!(!boundary.last().is_some_and(|&c| is_wsp(c)));
        }
        Media::Leaf | Media::Message => assert!(boundary.is_empty()),
    }
    for (disposition, typed) in [(true, true), (true, false), (false, true)] {
        let (disposition, typed) =
            (disposition.then_some(&content_type.written), typed.then_some(&content_type));
        let (name, found) =
            heard_and_unheard!(raw, |sink| mime::filename(disposition, typed, sink));
        assert!(name != Some(String::new()));
        assert!(name.is_some() || found.is_empty());
    }
    if let Ok(pattern) = String::from_utf8_lossy(raw).parse::<TypePattern>() {
        pattern.matches(essence);
    }
}

fn message_ids(raw: &[u8]) {
    let all = ids::parse(raw);
    assert!(all.iter().all(|id| !id.is_empty()));
    let mut each = Vec::new();
    ids::each(raw, |id| each.push(id.to_owned()));
    assert_eq!(each, all);
    assert_eq!(ids::first(raw).as_deref(), all.first().map(String::as_str));
}

fn received_clauses(raw: &[u8]) {
    let received = received::parse(raw);
    let values = [&received.from, &received.by, &received.via, &received.with, &received.id];
    for value in values.into_iter().chain([&received.for_]).flatten() {
        assert!(!value.is_empty() && !value.contains('\n'), "{value:?}");
    }
    if let Some(date) = received.date {
        date.timestamp();
    }
}

fn encodings(raw: &[u8]) {
    heard_and_unheard!(raw, |sink| mime::transfer_encoding(raw, sink));
    if let Some((name, at)) = mime::transfer_encoding_name(raw) {
        assert_eq!(&raw[at..at + name.len()], name);
    }
}

fn lexes(raw: &[u8]) {
    assert!(lex::skip_cfws(raw, 0) <= raw.len());
    for (at, c) in raw.iter().enumerate().take(16) {
        let (end, closed) = match c {
            b'(' => lex::skip_comment(raw, at),
            b'"' => lex::skip_quoted(raw, at),
            _ => continue,
        };
        assert!(end > at && end <= raw.len() && (closed || end == raw.len()));
    }
    let mut content = Vec::new();
    lex::unquote(raw, &mut content);
    assert!(content.len() <= raw.len());
}
