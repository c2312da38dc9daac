//! What the header of a message lacks, says twice, or says in a way that does not fit the rest.
//!
//! Most of it is asked of the message itself, not of those inside: what a message/rfc822 holds may lack
//! fields (RFC 2046 §5.2.1), and its trace is that of another way.
//!
//! RFC 5322 §3.6, RFC 5321 §4.4, RFC 6376. May use: base, header, dkim.

use super::Found;
use crate::base::chars::{trim, trim_start};
use crate::base::{Rule, Sink, Span};
use crate::dkim::{self, Claims};
use crate::header::address::Address;
use crate::header::names::{Kind, Name};
use crate::header::{Context, Field, address, date, ids, received, unfold};
use crate::structure::{At, Structure};

/// Seconds of an hour, a day and a week.
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// Hops that are no loop (RFC 5321 §6.3).
const HOPS: u64 = 100;

/// Characters of a line that programs should keep to (RFC 5322 §2.1.1), and those of one that holds an
/// encoded-word (RFC 2047 §2).
const LINE: usize = 78;
const WORD_LINE: usize = 76;

/// Fields that the author's program writes, below which no field of the trace stands.
const AUTHORS: &[Name] =
    &[Name::From, Name::To, Name::Subject, Name::Date, Name::MessageId, Name::ContentType];

/// Fields that say something or are left out (RFC 5322 §3.6; Bcc may be empty).
const NEVER_EMPTY: &[Name] = &[
    Name::Cc,
    Name::ContentDisposition,
    Name::ContentId,
    Name::ContentTransferEncoding,
    Name::Date,
    Name::From,
    Name::InReplyTo,
    Name::MessageId,
    Name::MimeVersion,
    Name::References,
    Name::ReplyTo,
    Name::Sender,
    Name::To,
];

/// Watches the header of each part, and remembers that of the message.
#[derive(Debug, Default)]
pub(super) struct HeaderWatch {
    /// The part whose header is being read.
    part: Option<u32>,
    has_long_line: bool,
    has_long_word_line: bool,
    context: Context,
    root: Root,
}

/// What the header of the message itself was seen to hold.
#[derive(Debug, Default)]
struct Root {
    /// The bits of the names that stand in it.
    names: u64,
    hops: u64,
    /// The time of the Received field read last, and of the first.
    above: Option<i64>,
    arrival: Option<i64>,
    date: Option<(i64, Option<Span>)>,
    bcc: Option<Span>,
    resent: Option<Span>,
    content_length: Option<(u64, Option<Span>)>,
    /// When each signature expires.
    expiries: Vec<(u64, Option<Span>)>,
}

/// Where the body of a field stands, without the white space around it.
fn body_place(at: At, field: &Field<'_>) -> Option<Span> {
    let start = field.body.len() - trim_start(field.body).len();
    place(at, field.body_start + start, trim(field.body).len())
}

/// Where a piece of a field stands.
fn place(at: At, start: usize, len: usize) -> Option<Span> {
    let start = at.span?.start + start as u64;
    Some(Span::new(start, start + len as u64))
}

impl HeaderWatch {
    /// Ready for a message whose fields are read so.
    pub(super) fn new(context: &Context) -> HeaderWatch {
        HeaderWatch { context: *context, ..HeaderWatch::default() }
    }

    /// A field, as it stands.
    pub(super) fn token(&mut self, at: At, octets: &[u8], found: &mut Found) {
        if self.part != Some(at.part) {
            (self.part, self.has_long_line, self.has_long_word_line) =
                (Some(at.part), false, false);
        }
        self.lines(at, octets, found);
    }

    /// The same, cut. Says which addresses it lists, and where its body stands.
    pub(super) fn field(
        &mut self,
        at: At,
        name: Option<Name>,
        field: &Field<'_>,
        found: &mut Found,
    ) -> (Vec<Address>, Option<Span>) {
        if at.part == 0 && at.decoded == 0 {
            self.root.field(at, field, name, found);
        }
        let whole = body_place(at, field);
        let Some(name) = name else { return (Vec::new(), whole) };
        if NEVER_EMPTY.contains(&name) && trim(field.body).is_empty() {
            found.add(Rule::H034, at.part, at.span);
            return (Vec::new(), whole);
        }
        let mut list = Vec::new();
        match name {
            Name::MessageId if !is_one_id(field.body) => found.add(Rule::H035, at.part, whole),
            Name::ContentId if !is_one_id(field.body) => found.add(Rule::T031, at.part, whole),
            Name::InReplyTo | Name::References if !has_id(field.body) => {
                found.add(Rule::H036, at.part, whole);
            }
            _ => {}
        }
        if name.kind() == Kind::Addresses {
            list = address::parse(field.body, &self.context, &mut ());
            addresses(at.part, name, &list, whole, found);
        }
        if matches!(name.kind(), Kind::Opaque | Kind::Ids | Kind::Date)
            && let Some(word) = encoded_word(field.body)
        {
            let span = place(at, field.body_start + word, field.body.len() - word);
            found.add(Rule::W019, at.part, span);
        }
        (list, whole)
    }

    /// The lines of a field: the first of a header that is longer than it should be.
    fn lines(&mut self, at: At, octets: &[u8], found: &mut Found) {
        if octets.len() <= WORD_LINE || self.has_long_line && self.has_long_word_line {
            return;
        }
        let mut start = 0;
        while start < octets.len() {
            let rest = &octets[start..];
            let end = memchr::memchr(b'\n', rest);
            let content = &rest[..end.unwrap_or(rest.len())];
            let content = content.strip_suffix(b"\r").unwrap_or(content);
            let line = end.map_or(rest.len(), |end| end + 1);
            if content.len() <= WORD_LINE {
                start += line;
                continue;
            }
            // Octets that continue a character of UTF-8 are none of their own (RFC 6532 §3.4).
            let characters = content.iter().filter(|&&c| c & 0xc0 != 0x80).count();
            let span = place(at, start, content.len());
            if characters > LINE && !self.has_long_line {
                self.has_long_line = true;
                found.add(Rule::H032, at.part, span);
            }
            if characters > WORD_LINE && !self.has_long_word_line && encoded_word(content).is_some()
            {
                self.has_long_word_line = true;
                found.add(Rule::W022, at.part, span);
            }
            start += line;
        }
    }

    /// The header of a part is over.
    pub(super) fn headed(&mut self, part: u32) {
        if self.part == Some(part) {
            self.part = None;
        }
    }

    /// The message is over.
    pub(super) fn finish(&mut self, structure: &Structure, found: &mut Found) {
        let start = Some(Span::new(0, 0));
        let root = std::mem::take(&mut self.root);
        let lacks = |name: Name| root.names & name.bit() == 0;
        let no_recipient = lacks(Name::To) && lacks(Name::Cc) && lacks(Name::Bcc);
        for (is_so, rule) in [
            (lacks(Name::Date), Rule::H001),
            (lacks(Name::From), Rule::H002),
            (lacks(Name::MessageId), Rule::H003),
            (no_recipient, Rule::H004),
        ] {
            if is_so {
                found.add(rule, 0, start);
            }
        }
        if root.hops > 0
            && let Some(span) = root.bcc
        {
            found.add(Rule::H005, 0, Some(span));
        }
        if (lacks(Name::ResentFrom) || lacks(Name::ResentDate))
            && let Some(span) = root.resent
        {
            found.add(Rule::H012, 0, Some(span));
        }
        root.times(found);
        if let Some((length, span)) = root.content_length
            && let Some(body) = structure.part(0).and_then(|part| part.body())
            && length.abs_diff(body.len()) > 2
        {
            found.add(Rule::M007, 0, span);
        }
    }
}

impl Root {
    fn field(&mut self, at: At, field: &Field<'_>, name: Option<Name>, found: &mut Found) {
        let span = body_place(at, field);
        if dkim::is_signature_field(field.name) {
            let mut sink = Into { found, at, start: field.body_start };
            if let Some(claims) = dkim::claims(field.body, &mut sink) {
                self.signature(&claims, field, span, found);
            }
        } else if field.is("Content-Length") {
            let length = std::str::from_utf8(trim(field.body)).ok().and_then(|t| t.parse().ok());
            self.content_length = self.content_length.or(length.map(|length| (length, span)));
        }
        let Some(name) = name else { return };
        let has = |names: &[Name]| names.iter().any(|name| self.names & name.bit() != 0);
        match name {
            Name::Date if self.date.is_none() => {
                let date = date::parse(field.body, &mut ()).filter(|date| date.offset.is_some());
                self.date = date.map(|date| (date.timestamp(), span));
            }
            Name::Received => self.received(field.body, at.span, found),
            Name::ReturnPath if has(&[Name::ReturnPath]) || has(AUTHORS) => {
                found.add(Rule::H013, 0, at.span);
            }
            Name::Bcc if !trim(field.body).is_empty() => self.bcc = at.span,
            Name::ResentBcc
            | Name::ResentCc
            | Name::ResentDate
            | Name::ResentFrom
            | Name::ResentMessageId
            | Name::ResentSender
            | Name::ResentTo => self.resent = self.resent.or(at.span),
            _ => {}
        }
        self.names |= name.bit();
    }

    fn received(&mut self, body: &[u8], span: Option<Span>, found: &mut Found) {
        self.hops += 1;
        if self.hops == HOPS + 1 {
            found.add(Rule::H014, 0, span);
        }
        let date = received::date(body);
        let Some(time) = date.filter(|date| date.offset.is_some()).map(|date| date.timestamp())
        else {
            return;
        };
        if self.above.is_some_and(|above| time > above + HOUR) {
            found.add(Rule::H015, 0, span);
        }
        self.above = Some(time);
        self.arrival = self.arrival.or(self.above);
    }

    fn signature(
        &mut self,
        claims: &Claims,
        field: &Field<'_>,
        span: Option<Span>,
        found: &mut Found,
    ) {
        if claims.is_sha1 {
            found.add(Rule::S024, 0, span);
        }
        // What ARC signs need not have From in it by RFC 8617.
        if field.is("DKIM-Signature") && claims.signs_from == Some(false) {
            found.add(Rule::S025, 0, span);
        }
        self.expiries.extend(claims.expires.map(|expires| (expires, span)));
    }

    /// What does not fit the time of arrival.
    fn times(&self, found: &mut Found) {
        let Some(arrival) = self.arrival else { return };
        match self.date {
            Some((date, span)) if date > arrival + DAY => found.add(Rule::H042, 0, span),
            Some((date, span)) if date < arrival - WEEK => found.add(Rule::H043, 0, span),
            _ => {}
        }
        for &(expires, span) in &self.expiries {
            if i64::try_from(expires).is_ok_and(|expires| expires < arrival) {
                found.add(Rule::S023, 0, span);
            }
        }
    }
}

/// A sink for the parser of a field body, which begins `start` octets into the field at `at`.
struct Into<'a> {
    found: &'a mut Found,
    at: At,
    start: usize,
}

impl Sink for Into<'_> {
    fn report(&mut self, rule: Rule, span: Span) {
        let start = self.at.span.map(|at| at.start + self.start as u64);
        self.found.add(rule, self.at.part, start.map(|start| span.shifted(start)));
    }
}

/// What is odd about the addresses of a field.
fn addresses(part: u32, name: Name, list: &[Address], span: Option<Span>, found: &mut Found) {
    let all = || list.iter().filter_map(|entry| entry.address.as_deref());
    match (name, all().count()) {
        (Name::Sender, 1) => {}
        (Name::Sender, _) => found.add(Rule::A019, part, span),
        (Name::From, 0) => found.add(Rule::A020, part, span),
        _ => {}
    }
    let is_long_label =
        |domain: &str| domain.len() > 255 || domain.split('.').any(|l| l.len() > 63);
    let [mut long_local, mut long_domain, mut raw, mut no_domain] = [false; 4];
    for address in all() {
        let at = memchr::memrchr(b'@', address.as_bytes());
        let domain = at.map(|at| &address[at + 1..]);
        long_local |= at.is_some_and(|at| at > 64);
        long_domain |= domain.is_some_and(|domain| domain.len() > 63 && is_long_label(domain));
        raw |= !address.is_ascii();
        no_domain |= domain.is_none_or(str::is_empty);
    }
    for (is_so, rule) in [
        (long_local, Rule::A021),
        (long_domain, Rule::A022),
        (raw, Rule::A023),
        (no_domain, Rule::A024),
    ] {
        if is_so {
            found.add(rule, part, span);
        }
    }
}

/// Whether this is one id in angle brackets, with an `@`; comments may stand around it.
fn is_one_id(body: &[u8]) -> bool {
    let text = unfold(body);
    let (mut count, mut are_ids) = (0, true);
    ids::each(&text, |id| {
        count += 1;
        are_ids &= is_id(id);
    });
    let has_brackets = text.contains(&b'<') && text.ends_with(b">") || text.ends_with(b")");
    has_brackets && count == 1 && are_ids
}

fn is_id(id: &str) -> bool {
    let at = memchr::memrchr(b'@', id.as_bytes());
    at.is_some_and(|at| at > 0 && at + 1 < id.len())
        && !id.contains(|c: char| c.is_whitespace() || c == '<')
}

fn has_id(body: &[u8]) -> bool {
    let mut any = false;
    ids::each(body, |id| any |= is_id(id));
    any
}

/// Where something stands that looks like an encoded-word.
fn encoded_word(text: &[u8]) -> Option<usize> {
    // Nearly always there is none, and this is told for less than a search takes to begin.
    memchr::memchr(b'?', text)?;
    let last_end = memchr::memmem::rfind(text, b"?=")?;
    memchr::memmem::find_iter(text, b"=?").take_while(|&at| at < last_end).find(|&at| {
        let mut pieces = text[at + 2..].splitn(3, |&c| c == b'?');
        let charset = pieces.next().filter(|charset| !charset.is_empty());
        let Some((charset, coding)) = charset.zip(pieces.next()) else { return false };
        let data = at + 2 + charset.len() + 1 + coding.len() + 1;
        matches!(coding, b"q" | b"Q" | b"b" | b"B") && data <= last_end
    })
}
