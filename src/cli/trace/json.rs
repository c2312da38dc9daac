//! A trace as JSON (schema septet.trace/1).

use serde::Serialize;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::base::{Finding, Span};
use crate::cli::input::Message;
use crate::header::auth::Verdict;
use crate::header::date::Date;
use crate::header::received::party::Party;
use crate::trace::{ArcSet, Broken, Check, Hop, Judged, Said, Signed, Trace};

#[derive(Serialize)]
pub(super) struct JsonTrace<'a> {
    schema: &'static str,
    source: &'a str,
    message: u64,
    offset: u64,
    length: u64,
    from_line: Option<JsonFromLine<'a>>,
    date: Option<String>,
    utc: Option<String>,
    waited: i64,
    waited_since_date: Option<i64>,
    hops: Vec<JsonHop<'a>>,
    hops_unread: u64,
    fields: Vec<JsonField<'a>>,
    checks: Vec<JsonCheck<'a>>,
    arc: Vec<JsonArc<'a>>,
    dkim: Vec<JsonSigned<'a>>,
    dkim_broken: Vec<JsonBroken<'a>>,
    findings: Vec<JsonFinding>,
}

impl<'a> JsonTrace<'a> {
    pub(super) fn new(message: &Message<'a>, trace: &'a Trace) -> JsonTrace<'a> {
        let written = trace.written;
        JsonTrace {
            schema: "septet.trace/1",
            source: message.source,
            message: message.number,
            offset: message.offset,
            length: message.structure.length(),
            from_line: trace.from_line.as_ref().map(|line| JsonFromLine {
                text: &line.text,
                sender: line.sender.as_deref(),
                date: line.date.map(|date| date.rfc3339()),
            }),
            date: written.map(|date| date.rfc3339()),
            utc: written.map(|date| utc(date.timestamp())),
            waited: trace.waited(),
            waited_since_date: trace.waited_since_date(),
            hops: trace.hops.iter().enumerate().map(|(i, hop)| JsonHop::new(i, hop)).collect(),
            hops_unread: trace.unread_hops,
            fields: trace
                .marks
                .iter()
                .map(|mark| JsonField {
                    name: &mark.name,
                    text: &mark.text,
                    hop: number(mark.hop),
                    span: span(mark.span),
                })
                .collect(),
            checks: trace.checks.iter().map(JsonCheck::new).collect(),
            arc: trace.arc.iter().map(|set| JsonArc::new(set, trace)).collect(),
            dkim: trace.signatures.iter().map(JsonSigned::new).collect(),
            dkim_broken: trace.broken.iter().map(JsonBroken::new).collect(),
            findings: {
                let part = message.structure.part(0).map_or_else(String::new, |part| part.number());
                trace.findings.iter().map(|finding| JsonFinding::new(finding, &part)).collect()
            },
        }
    }
}

/// The number of a hop by its index.
fn number(hop: Option<usize>) -> Option<usize> {
    hop.map(|hop| hop + 1)
}

fn span(span: Option<Span>) -> Option<[u64; 2]> {
    span.map(|span| [span.start, span.end])
}

/// RFC 3339 in UTC.
pub(super) fn utc(time: i64) -> String {
    let local = super::Zone::utc().civil(time);
    Date { local, offset: Some(0) }.rfc3339()
}

#[derive(Serialize)]
struct JsonFromLine<'a> {
    text: &'a str,
    sender: Option<&'a str>,
    date: Option<String>,
}

#[derive(Serialize)]
struct JsonHop<'a> {
    hop: usize,
    from: Option<&'a str>,
    by: Option<&'a str>,
    via: Option<&'a str>,
    with: Option<&'a str>,
    id: Option<&'a str>,
    #[serde(rename = "for")]
    for_: Option<&'a str>,
    note: Option<&'a str>,
    rest: Option<&'a str>,
    client: Option<JsonParty<'a>>,
    server: Option<JsonParty<'a>>,
    protocol: Option<&'a str>,
    tls: Option<JsonTls<'a>>,
    authenticated: bool,
    envelope_from: Option<&'a str>,
    program: Option<&'a str>,
    date: Option<String>,
    utc: Option<String>,
    delay: Option<i64>,
    waited: Option<i64>,
    read: bool,
    text: &'a str,
    span: Option<[u64; 2]>,
}

impl<'a> JsonHop<'a> {
    fn new(index: usize, hop: &'a Hop) -> JsonHop<'a> {
        let received = &hop.received;
        JsonHop {
            hop: index + 1,
            from: received.from.as_deref(),
            by: received.by.as_deref(),
            via: received.via.as_deref(),
            with: received.with.as_deref(),
            id: received.id.as_deref(),
            for_: received.for_.as_deref(),
            note: received.note.as_deref(),
            rest: received.rest.as_deref(),
            client: received.from.as_ref().map(|_| JsonParty::new(&hop.client)),
            server: received.by.as_ref().map(|_| JsonParty::new(&hop.server)),
            protocol: hop.link.protocol.as_deref(),
            tls: hop.link.tls.as_ref().map(|tls| JsonTls {
                version: tls.version.as_deref(),
                cipher: tls.cipher.as_deref(),
            }),
            authenticated: hop.link.authenticated,
            envelope_from: hop.link.envelope_from.as_deref(),
            program: hop.link.program.as_deref(),
            date: received.date.map(|date| date.rfc3339()),
            utc: hop.time.map(utc),
            delay: hop.delay.seconds,
            waited: hop.delay.waited,
            read: hop.is_read,
            text: &hop.text,
            span: span(hop.span),
        }
    }
}

#[derive(Serialize)]
struct JsonParty<'a> {
    name: Option<&'a str>,
    helo: Option<&'a str>,
    host: Option<&'a str>,
    address: Option<String>,
}

impl<'a> JsonParty<'a> {
    fn new(party: &'a Party) -> JsonParty<'a> {
        JsonParty {
            name: party.name.as_deref(),
            helo: party.helo.as_deref(),
            host: party.host.as_deref(),
            address: party.address.map(|address| address.to_string()),
        }
    }
}

#[derive(Serialize)]
struct JsonTls<'a> {
    version: Option<&'a str>,
    cipher: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonField<'a> {
    name: &'a str,
    text: &'a str,
    hop: Option<usize>,
    span: Option<[u64; 2]>,
}

#[derive(Serialize)]
struct JsonCheck<'a> {
    name: &'a str,
    hop: Option<usize>,
    instance: Option<u32>,
    server: Option<&'a str>,
    results: Vec<JsonResult<'a>>,
    text: &'a str,
    span: Option<[u64; 2]>,
}

impl<'a> JsonCheck<'a> {
    fn new(check: &'a Check) -> JsonCheck<'a> {
        let (instance, server, results) = match &check.said {
            Said::Results(said) => {
                let results = said.results.iter().map(JsonResult::new).collect();
                (said.instance, said.server.as_deref(), results)
            }
            Said::Spf(spf) => {
                let result = spf.result.as_deref().map(|result| JsonResult {
                    method: "spf",
                    result,
                    reason: None,
                    comment: spf.comment.as_deref(),
                    properties: JsonPairs(&spf.properties),
                });
                (None, None, result.into_iter().collect())
            }
        };
        let (name, text) = (&check.name, &check.text);
        JsonCheck {
            name,
            hop: number(check.hop),
            instance,
            server,
            results,
            text,
            span: span(check.span),
        }
    }
}

#[derive(Serialize)]
struct JsonResult<'a> {
    method: &'a str,
    result: &'a str,
    reason: Option<&'a str>,
    comment: Option<&'a str>,
    properties: JsonPairs<'a>,
}

impl<'a> JsonResult<'a> {
    fn new(verdict: &'a Verdict) -> JsonResult<'a> {
        JsonResult {
            method: &verdict.method,
            result: &verdict.result,
            reason: verdict.reason.as_deref(),
            comment: verdict.comment.as_deref(),
            properties: JsonPairs(&verdict.properties),
        }
    }
}

/// Names and values as pairs, as a name may stand twice.
#[derive(Serialize)]
struct JsonPairs<'a>(&'a [(String, String)]);

#[derive(Serialize)]
struct JsonArc<'a> {
    instance: u32,
    hop: Option<usize>,
    validation: Option<&'a str>,
    domain: Option<&'a str>,
    selector: Option<&'a str>,
    time: Option<String>,
    /// Which of `dkim` and of `checks` belong to it.
    dkim: Option<usize>,
    check: Option<usize>,
    body_hash: Option<bool>,
}

impl<'a> JsonArc<'a> {
    fn new(set: &'a ArcSet, trace: &Trace) -> JsonArc<'a> {
        let seal = set.seal.as_ref();
        let signed = set.signature.and_then(|index| trace.signatures.get(index));
        JsonArc {
            instance: set.instance,
            hop: number(set.hop),
            validation: seal.and_then(|seal| seal.validation.as_deref()),
            domain: seal.and_then(|seal| seal.domain.as_deref()),
            selector: seal.and_then(|seal| seal.selector.as_deref()),
            time: seal.and_then(|seal| seal.time).and_then(signing_time),
            dkim: set.signature,
            check: set.results,
            body_hash: signed.and_then(holds),
        }
    }
}

/// Whether the body hash of a signature holds, if that is known.
pub(super) fn holds(signed: &Signed) -> Option<bool> {
    signed.body.as_ref().and_then(|body| body.holds)
}

/// LIMIT: later, a year has five digits.
const LAST: u64 = 253_402_300_799;

/// RFC 3339 in UTC of a time in a tag.
pub(super) fn signing_time(time: u64) -> Option<String> {
    i64::try_from(time).ok().filter(|_| time <= LAST).map(utc)
}

#[derive(Serialize)]
struct JsonSigned<'a> {
    name: &'a str,
    hop: Option<usize>,
    instance: Option<u32>,
    domain: Option<&'a str>,
    selector: Option<&'a str>,
    identity: Option<&'a str>,
    algorithm: Option<&'a str>,
    hash: Option<&'static str>,
    header_canon: &'static str,
    body_canon: &'static str,
    time: Option<String>,
    expires: Option<String>,
    length: Option<u64>,
    unsigned_octets: Option<u64>,
    body_hash: Option<bool>,
    body_hash_signed: Option<String>,
    body_hash_found: Option<String>,
    signed: &'a [String],
    oversigned: &'a [String],
    missing: &'a [String],
    added: &'a [String],
    unsigned: &'a [String],
    tags: JsonPairs<'a>,
    text: &'a str,
    span: Option<[u64; 2]>,
}

impl<'a> JsonSigned<'a> {
    fn new(signed: &'a Signed) -> JsonSigned<'a> {
        let signature = &signed.signature;
        let found = signed.body.as_ref().map(|body| &body.digest).filter(|it| !it.is_empty());
        JsonSigned {
            name: &signed.name,
            hop: number(signed.hop),
            instance: signed.instance,
            domain: signature.domain.as_deref(),
            selector: signature.selector.as_deref(),
            identity: signature.identity.as_deref(),
            algorithm: signature.algorithm.as_deref(),
            hash: signature.hash.map(|hash| hash.name()),
            header_canon: signature.header_canon.name(),
            body_canon: signature.body_canon.name(),
            time: signature.time.and_then(signing_time),
            expires: signature.expires.and_then(signing_time),
            length: signature.length,
            unsigned_octets: signed.body.as_ref().map(|body| body.unsigned_octets),
            body_hash: holds(signed),
            body_hash_signed: signature.body_hash.as_ref().map(|hash| STANDARD.encode(hash)),
            body_hash_found: found.map(|hash| STANDARD.encode(hash)),
            signed: &signature.signed_fields,
            oversigned: &signed.oversigned,
            missing: &signed.missing,
            added: &signed.added,
            unsigned: &signed.unsigned,
            tags: JsonPairs(&signature.tags),
            text: &signed.text,
            span: span(signed.span),
        }
    }
}

#[derive(Serialize)]
struct JsonBroken<'a> {
    domain: &'a str,
    selector: Option<&'a str>,
    before: JsonJudged<'a>,
    after: Option<JsonJudged<'a>>,
}

impl<'a> JsonBroken<'a> {
    fn new(broken: &'a Broken) -> JsonBroken<'a> {
        JsonBroken {
            domain: &broken.domain,
            selector: broken.selector.as_deref(),
            before: JsonJudged::new(&broken.before),
            after: broken.after.as_ref().map(JsonJudged::new),
        }
    }
}

#[derive(Serialize)]
struct JsonJudged<'a> {
    hop: Option<usize>,
    server: Option<&'a str>,
    results: &'a [String],
}

impl<'a> JsonJudged<'a> {
    fn new(judged: &'a Judged) -> JsonJudged<'a> {
        JsonJudged {
            hop: number(judged.hop),
            server: judged.server.as_deref(),
            results: &judged.results,
        }
    }
}

#[derive(Serialize)]
struct JsonFinding {
    rule: &'static str,
    name: &'static str,
    severity: &'static str,
    part: String,
    span: Option<[u64; 2]>,
    message: &'static str,
    fix: &'static str,
}

impl JsonFinding {
    fn new(finding: &Finding, part: &str) -> JsonFinding {
        let info = finding.rule.info();
        JsonFinding {
            rule: info.id,
            name: info.name,
            severity: info.severity.name(),
            part: part.to_owned(),
            span: span(finding.span),
            message: info.what,
            fix: info.fix.name(),
        }
    }
}
