//! Writing: a field that stands in a message, made clean for transport, or the reason why it cannot
//! be.
//!
//! Contract: clean is what has no octet over 127, no NUL, no bare CR, and no line over 998 octets
//! (RFC 5322 §2.1.1). A clean field is found to be so in one pass and left alone. Of another one
//! only what must change is changed, and what is written is read again: should it read otherwise,
//! the field is refused instead. What is written is one field, and clean. Time is linear in the
//! field.
//!
//! Where encoded-words may stand they are used (RFC 2047 §5), in parameters RFC 2231, in domains
//! A-labels (RFC 5891 §4). Nothing is guessed: octets that are no UTF-8 are in the charset that is
//! declared, if they are text in it, or in none that is known (`unknown-8bit`, RFC 1428 §3).
//!
//! Deliberately not here: fields whose message is signed, which is for the caller to know; local
//! parts that are not ASCII, which 7 bits cannot carry; mending of what is clean but wrong.
//!
//! RFC 2047, RFC 2231 §3, §4, RFC 5322 §2.2.3. May use: base, charset, transfer, and all of this
//! room.

mod addresses;
mod check;
mod comments;
mod edits;
mod encode;
mod fold;
mod params;
#[cfg(test)]
mod tests;
mod text;

use self::edits::Job;
use super::words::UNKNOWN_8BIT;
use super::{Context, Field, names};
use crate::base::LINE as LINE_MAX;
use crate::base::chars::is_wsp;
use crate::charset::Charset;
use crate::transfer;

/// How a field is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    /// What ends its lines.
    pub line_end: transfer::LineEnd,
    /// The charset that the part declares, or for one without any, its message.
    pub declared: Option<&'a str>,
    /// The charset that the user names for what declares none.
    pub charset: Option<&'a str>,
}

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is clean as it stands.
    Clean,
    /// It has to be written anew.
    Rewritten(Rewritten),
    /// It cannot be made clean.
    Refused(Refusal),
}

/// A field written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// All of it, from the name to the line end.
    pub octets: Vec<u8>,
    /// Why it was not clean.
    pub reason: Reason,
    /// What was used to make it so.
    pub to: &'static str,
    /// Whether something became `?`.
    pub lossy: bool,
}

/// Why a field is not clean; of several reasons the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An octet over 127.
    EightBit,
    /// A NUL.
    Nul,
    /// A CR that belongs to no line end.
    BareCr,
    /// A line over 998 octets.
    LongLine,
}

impl Reason {
    /// The reason, for people.
    pub fn text(self) -> &'static str {
        match self {
            Reason::EightBit => "octets over 127",
            Reason::Nul => "a NUL",
            Reason::BareCr => "a bare CR",
            Reason::LongLine => "a line over 998 octets",
        }
    }

    /// Why `field` is not clean.
    fn of(field: &[u8]) -> Option<Reason> {
        if !field.is_ascii() {
            Some(Reason::EightBit)
        } else if memchr::memchr(0, field).is_some() {
            Some(Reason::Nul)
        } else if memchr::memchr_iter(b'\r', field).any(|at| field.get(at + 1) != Some(&b'\n')) {
            Some(Reason::BareCr)
        } else if field.len() > LINE_MAX && has_long_line(field) {
            Some(Reason::LongLine)
        } else {
            None
        }
    }
}

/// Whether a line has more than [`LINE_MAX`] octets.
fn has_long_line(field: &[u8]) -> bool {
    field
        .split(|&c| c == b'\n')
        .any(|line| line.strip_suffix(b"\r").unwrap_or(line).len() > LINE_MAX)
}

/// Why a field cannot be made clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, for people.
    pub reason: &'static str,
    /// The address, or whatever it is about.
    pub detail: Option<String>,
}

impl From<&'static str> for Refusal {
    fn from(reason: &'static str) -> Refusal {
        Refusal { reason, detail: None }
    }
}

/// What may be done in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grammar {
    /// Text: encoded-words anywhere.
    Text,
    /// Addresses: encoded-words in names and comments.
    Addresses,
    /// Parameters: RFC 2231, and encoded-words in comments.
    Parameters,
    /// Ids: nothing, but lines may be broken between them.
    Ids,
    /// Received: no encoded-words at all (RFC 2047 §5).
    Received,
    /// Encoded-words in comments only.
    Comments,
}

/// Fields that are no text, although nobody reads them here: in lower case, sorted.
const STRUCTURED: &[&str] = &[
    "apparently-to",
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
    "authentication-results",
    "auto-submitted",
    "autocrypt",
    "content-base",
    "content-duration",
    "content-features",
    "content-language",
    "content-location",
    "content-md5",
    "disposition-notification-options",
    "distribution",
    "dkim-signature",
    "domainkey-signature",
    "expires",
    "followup-to",
    "list-archive",
    "list-help",
    "list-owner",
    "list-post",
    "list-subscribe",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "newsgroups",
    "path",
    "received-spf",
    "tls-required",
    "xref",
];

impl Grammar {
    fn of(name: &[u8]) -> Grammar {
        let name = name.to_ascii_lowercase();
        if name == b"received" {
            return Grammar::Received;
        }
        if name == b"list-id" {
            // RFC 2919 §3: a phrase and what stands in angle brackets.
            return Grammar::Addresses;
        }
        match names::kind_of(&name) {
            names::Kind::Addresses => Grammar::Addresses,
            names::Kind::Parameters => Grammar::Parameters,
            names::Kind::Ids => Grammar::Ids,
            names::Kind::Date | names::Kind::Opaque => Grammar::Comments,
            names::Kind::Unstructured => {
                match STRUCTURED.binary_search_by(|known| known.as_bytes().cmp(&name)) {
                    Ok(_) => Grammar::Comments,
                    Err(_) => Grammar::Text,
                }
            }
        }
    }
}

/// Makes one field clean: `field` is all of it, folds and line end included.
pub fn rewrite(field: &[u8], context: &Context, style: &Style<'_>) -> Outcome {
    let Some(reason) = Reason::of(field) else { return Outcome::Clean };
    match written(field, context, style) {
        Ok((octets, did)) => {
            Outcome::Rewritten(Rewritten { octets, reason, to: did.name(), lossy: did.replaced })
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// The clean field and what was done for it: with as little changed as can be, or if that would read
/// otherwise, with all that may be encoded.
fn written(
    field: &[u8],
    context: &Context,
    style: &Style<'_>,
) -> Result<(Vec<u8>, edits::Did), Refusal> {
    let parsed = Field::parse(field).ok_or("it is no field: a name and a colon are missing")?;
    let grammar = Grammar::of(parsed.name);
    if grammar != Grammar::Parameters && memchr::memchr(0, parsed.body).is_some() {
        return Err("a NUL cannot be written in a header".into());
    }
    if !is_one_field(parsed.body) {
        return Err("one of its lines does not go on with white space".into());
    }
    for wide in [false, true] {
        let mut job = Job::new(field, &parsed, context, style, wide);
        match grammar {
            Grammar::Text => job.text_field()?,
            Grammar::Addresses => job.addresses()?,
            Grammar::Parameters => job.params()?,
            Grammar::Ids | Grammar::Received | Grammar::Comments => job.comments_only(grammar)?,
        }
        job.part_long_lines(grammar);
        let (octets, did) = job.finish(grammar);
        if check::reads_the_same(field, &octets, grammar, did, context) {
            return Ok((octets, did));
        }
    }
    Err(if has_long_line(field) {
        "a line over 998 octets has no place where it may be broken".into()
    } else {
        "what could be written for it would read otherwise".into()
    })
}

/// Whether each line but the first begins with white space, or is empty, as a field's must.
fn is_one_field(body: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', body).all(|at| match body.get(at + 1) {
        None | Some(b'\r' | b'\n') => true,
        Some(&c) => is_wsp(c),
    })
}

/// The label for octets that name none, never a guess: UTF-8 if they are valid UTF-8, else what is
/// declared, else what the user says, each only if the octets are text in it and it is one that
/// goes with ASCII; else `unknown-8bit` (RFC 1428 §3).
pub(crate) fn choose_label<'a>(octets: &[u8], style: &Style<'a>) -> &'a str {
    if std::str::from_utf8(octets).is_ok() {
        return "UTF-8";
    }
    let named = [style.declared, style.charset].into_iter().flatten();
    named.filter_map(|label| usable(label, octets)).next().unwrap_or(UNKNOWN_8BIT)
}

/// `label`, or the plain name of its charset if it holds what would be syntax, if `octets` are text
/// in it.
fn usable<'a>(label: &'a str, octets: &[u8]) -> Option<&'a str> {
    let charset =
        Charset::for_label(label.as_bytes()).filter(|charset| charset.is_ascii_compatible())?;
    let mut text = String::new();
    if charset.decode(octets, &mut text) > 0 {
        return None;
    }
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"-_.+".contains(&c);
    let is_plain = label.len() <= 40 && label.bytes().all(plain);
    Some(if is_plain { label } else { charset.name() })
}
