//! What the parts of a message are to one another, and what their MIME fields promise.
//!
//! Time is linear in the parts and their fields; each part's fields are parsed once.
//!
//! RFC 1847, RFC 2045, RFC 2046, RFC 2183, RFC 2387, RFC 3676, RFC 6522, RFC 8551. May use: base,
//! charset, transfer, header, structure, extract.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Found, Places, Transport};
use crate::base::Rule;
use crate::charset::Charset;
use crate::extract::is_reserved;
use crate::header::date;
use crate::header::mime::{ContentType, Media};
use crate::header::params::Parameterised;
use crate::structure::{MimeFields, Part, Structure};
use crate::transfer::Coding;

/// Octets of a name that file systems take.
const NAME: usize = 255;

/// The first halves of media types that are registered (RFC 6838 §4.2, RFC 8081, RFC 9694).
const TOP_LEVEL: &[&str] = &[
    "application",
    "audio",
    "example",
    "font",
    "haptics",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];

/// The dispositions that are registered.
const DISPOSITIONS: &[&str] = &[
    "aib",
    "alert",
    "attachment",
    "by-reference",
    "early-session",
    "form-data",
    "icon",
    "info-package",
    "inline",
    "notification",
    "recipient-list",
    "recipient-list-history",
    "recording-session",
    "render",
    "session",
    "signal",
];

/// Names that mail calls charsets by and that are not registered, apart from those that begin with
/// [`ALIAS_STARTS`].
const ALIASES: &[&str] = &["ansi", "ascii", "latin-1", "shift-jis", "unicode", "utf8"];
const ALIAS_STARTS: &[&str] = &["cp125", "iso8859", "x-"];

/// LIMIT: of so many parts it is kept what their fields say, which was asked when their headers were over;
/// those of further ones are parsed once more.
const KEPT: usize = 64;

/// What the MIME fields of the first parts say.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<Option<Arc<MimeFields>>>);

impl Known {
    /// A message begins.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The header of a part is over.
    pub(super) fn headed(&mut self, structure: &Structure, part: u32) {
        let index = part as usize;
        if index < KEPT {
            self.0.resize(self.0.len().max(index + 1), None);
            self.0[index] = structure.headed_fields(part).cloned();
        }
    }

    fn fields(&self, part: &Part<'_>) -> Arc<MimeFields> {
        let kept = self.0.get(part.index() as usize).and_then(Option::as_ref);
        kept.map_or_else(|| Arc::new(part.mime_fields()), Arc::clone)
    }
}

/// What is known of a part while the others are looked at.
#[derive(Debug, Default)]
struct Seen {
    essence: String,
    content_id: Option<String>,
    children: Vec<u32>,
    /// What the labels of it and of all that it holds come to.
    class: u8,
}

struct Look<'a> {
    seen: Vec<Seen>,
    known: &'a Known,
    places: &'a [Places],
    transport: Option<Transport>,
    found: &'a mut Found,
}

/// Looks at the parts of a message; `known` has what their fields say, `places` where these stand.
pub(super) fn look(
    structure: &Structure,
    known: &Known,
    places: &[Places],
    transport: Option<Transport>,
    found: &mut Found,
) {
    let seen = structure.parts().map(|_| Seen::default()).collect();
    let mut look = Look { seen, known, places, transport, found };
    for part in structure.parts() {
        look.part(&part);
    }
    look.content_ids();
    // From the innermost out: the children of a part come behind it.
    for part in structure.parts().collect::<Vec<_>>().iter().rev() {
        look.container(part);
    }
}

/// The class of data that a label admits to; that of a coding is the lowest.
fn class(coding: Coding) -> u8 {
    match coding {
        Coding::EightBit => 1,
        Coding::Binary => 2,
        _ => 0,
    }
}

impl Look<'_> {
    fn places(&self, index: u32) -> Places {
        self.places.get(index as usize).copied().unwrap_or_default()
    }

    fn of_type(&mut self, rule: Rule, part: &Part<'_>) {
        let span = self.places(part.index()).content_type;
        self.found.add(rule, part.index(), span);
    }

    fn of_disposition(&mut self, rule: Rule, part: &Part<'_>) {
        let places = self.places(part.index());
        self.found.add(rule, part.index(), places.disposition.or(places.content_type));
    }

    fn of_coding(&mut self, rule: Rule, part: &Part<'_>) {
        let span = self.places(part.index()).transfer_encoding;
        self.found.add(rule, part.index(), span.or(part.header()));
    }

    /// What a part says of itself.
    fn part(&mut self, part: &Part<'_>) {
        if let Some(parent) = part.parent() {
            self.seen[parent.index() as usize].children.push(part.index());
        }
        self.coding(part);
        let fields = self.known.fields(part);
        if let Some(content_type) = &fields.content_type {
            self.content_type(part, content_type);
        }
        if let Some(disposition) = &fields.disposition {
            self.disposition(part, disposition);
        }
        self.file_name(part, &fields);
        let seen = &mut self.seen[part.index() as usize];
        seen.essence = fields.essence().to_owned();
        seen.class = class(part.coding());
        if self.places(part.index()).content_id.is_some() {
            self.seen[part.index() as usize].content_id = part.content_id();
        }
    }

    fn coding(&mut self, part: &Part<'_>) {
        let coding = part.coding();
        if coding == Coding::Uuencode {
            self.of_coding(Rule::E011, part);
        }
        let takes = match self.transport {
            Some(Transport::SevenBit) => 0,
            Some(Transport::EightBitMime | Transport::SmtpUtf8) => 1,
            None => return,
        };
        if class(coding) > takes {
            self.of_coding(Rule::N004, part);
        }
    }

    fn content_type(&mut self, part: &Part<'_>, content_type: &ContentType) {
        let essence = content_type.essence.as_str();
        let has =
            |name: &str| content_type.written.get(name).is_some_and(|value| !value.is_empty());
        let top_level = essence.split('/').next().unwrap_or_default();
        if !TOP_LEVEL.contains(&top_level) {
            self.of_type(Rule::T011, part);
        }
        if let Some(label) = content_type.written.get("charset")
            && is_alias(label)
        {
            self.of_type(Rule::C015, part);
        }
        let is_flowed = content_type.written.get("format");
        if is_flowed.is_some_and(|f| f.eq_ignore_ascii_case("flowed")) && essence != "text/plain" {
            self.of_type(Rule::T034, part);
        }
        match essence {
            "message/partial" => {
                if !has("id") || !has("number") {
                    self.of_type(Rule::T022, part);
                }
                if part.coding() != Coding::SevenBit {
                    self.of_coding(Rule::T023, part);
                }
            }
            "message/external-body" if !has("access-type") => self.of_type(Rule::T024, part),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" if !has("smime-type") => {
                self.of_type(Rule::T035, part);
            }
            _ => {}
        }
    }

    fn disposition(&mut self, part: &Part<'_>, disposition: &Parameterised) {
        let value = disposition.value.to_ascii_lowercase();
        if !value.is_empty() && !DISPOSITIONS.contains(&value.as_str()) {
            self.of_disposition(Rule::T032, part);
        }
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        let is_date = |text: &str| date::parse(text.as_bytes(), &mut ()).is_some();
        let is_odd = disposition.params.iter().any(|param| match param.name.as_str() {
            "size" => !is_number(param.value.text.trim()),
            "creation-date" | "modification-date" | "read-date" => !is_date(&param.value.text),
            _ => false,
        });
        if is_odd {
            self.of_disposition(Rule::T033, part);
        }
    }

    fn file_name(&mut self, part: &Part<'_>, fields: &MimeFields) {
        let Some(name) = fields.filename() else {
            let disposition = fields.disposition.as_ref();
            let is_attached =
                disposition.is_some_and(|found| found.value.eq_ignore_ascii_case("attachment"));
            if is_attached && part.is_leaf() {
                self.of_disposition(Rule::F008, part);
            }
            return;
        };
        if is_reserved(&name) {
            self.of_disposition(Rule::F004, part);
        }
        if name.len() > NAME {
            self.of_disposition(Rule::F005, part);
        }
        if name.ends_with(['.', ' ']) && !name.trim_matches(['.', ' ']).is_empty() {
            self.of_disposition(Rule::F007, part);
        }
    }

    /// Ids that stand twice.
    fn content_ids(&mut self) {
        let mut ids = HashSet::new();
        for (index, seen) in (0..).zip(&self.seen) {
            let Some(id) = &seen.content_id else { continue };
            if !ids.insert(id.as_str()) {
                let span = self.places.get(index as usize).and_then(|places| places.content_id);
                self.found.add(Rule::T030, index, span);
            }
        }
    }

    /// What a part that holds others promises about them.
    fn container(&mut self, part: &Part<'_>) {
        let index = part.index() as usize;
        let children = std::mem::take(&mut self.seen[index].children);
        self.label(part, &children);
        if matches!(part.media(), Media::Multipart { .. })
            && let Some(content_type) = &self.known.fields(part).content_type
        {
            let essence = self.seen[index].essence.clone();
            let of_children: Vec<&Seen> =
                children.iter().map(|&child| &self.seen[child as usize]).collect();
            let rules = promises(&essence, content_type, &of_children);
            for rule in rules {
                self.of_type(rule, part);
            }
        }
    }

    /// A container is labelled as high as what it holds.
    fn label(&mut self, part: &Part<'_>, children: &[u32]) {
        let highest = children.iter().map(|&child| self.seen[child as usize].class).max();
        let own = class(part.coding());
        let highest = highest.unwrap_or(0);
        if part.coding().is_identity() {
            if highest > own {
                self.of_coding(Rule::E022, part);
            }
            self.seen[part.index() as usize].class = own.max(highest);
        }
    }
}

/// Which promises of a multipart its parts do not keep.
fn promises(essence: &str, content_type: &ContentType, children: &[&Seen]) -> Vec<Rule> {
    let param = |name: &str| content_type.written.get(name).filter(|value| !value.is_empty());
    let is_child = |at: usize, essence: &str| {
        children.get(at).is_some_and(|child| child.essence.eq_ignore_ascii_case(essence.trim()))
    };
    let place = |essence: &str| children.iter().position(|child| child.essence == essence);
    let mut rules = Vec::new();
    let mut broken = |is_so: bool, rule: Rule| {
        if is_so {
            rules.push(rule);
        }
    };
    match essence {
        "multipart/signed" => {
            let protocol = param("protocol");
            broken(children.len() != 2, Rule::S012);
            broken(protocol.is_none() || param("micalg").is_none(), Rule::S013);
            broken(
                children.len() == 2 && protocol.is_some_and(|protocol| !is_child(1, protocol)),
                Rule::S014,
            );
        }
        "multipart/encrypted" => {
            broken(children.len() != 2, Rule::S015);
            broken(param("protocol").is_none_or(|protocol| !is_child(0, protocol)), Rule::S016);
        }
        "multipart/alternative" => {
            let (text, html) = (place("text/plain"), place("text/html"));
            broken(text.zip(html).is_some_and(|(text, html)| text > html), Rule::T014);
        }
        "multipart/related" => {
            let start = param("start").map(|id| id.trim().trim_matches(['<', '>']));
            let has = |id: &str| children.iter().any(|c| c.content_id.as_deref() == Some(id));
            broken(start.is_some_and(|id| !has(id)), Rule::T015);
            broken(param("type").is_none(), Rule::T016);
        }
        "multipart/report" => {
            let second = children.get(1).map(|child| child.essence.as_str());
            let second = second.and_then(|essence| essence.split_once('/')).map(|(_, sub)| sub);
            let second = second.map(|sub| sub.strip_prefix("global-").unwrap_or(sub));
            let is_kept = |kind: &str| second.is_none_or(|sub| sub.eq_ignore_ascii_case(kind));
            broken(param("report-type").is_none_or(|kind| !is_kept(kind.trim())), Rule::T017);
            broken(!matches!(children.len(), 2 | 3), Rule::T018);
        }
        _ => {}
    }
    rules
}

/// Whether a charset is called by a name that is known and not registered.
fn is_alias(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    let is_listed = ALIASES.contains(&label.as_str())
        || ALIAS_STARTS.iter().any(|start| label.starts_with(start));
    is_listed && Charset::for_label(label.as_bytes()).is_some()
}
