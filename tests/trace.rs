//! The way of messages: hops that were checked by hand, fields of real mail, and body hashes against
//! those who sign.
//!
//! The messages in testdata/trace were made after the forms that the programs document or are known
//! for, with invented names; what is expected of them was read from them by eye. The corpus is kept
//! outside of the project; without it, and without Python's dkim, those tests pass and say so.

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{corpus, files, replace};
use septet::base::{Limits, Rule};
use septet::charset::Charset;
use septet::mailbox::{Format, Meter, Source};
use septet::structure::Builder;
use septet::trace::{Hop, Judged, Said, Trace, Tracer};
use septet::walk::{Reader, Separator};

/// The trace of the first message.
fn trace(text: &[u8]) -> Trace {
    trace_within(Limits::default(), text)
}

fn trace_within(limits: Limits, text: &[u8]) -> Trace {
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let options = builder.walk_options(Separator::of(text));
    let mut reader = Reader::new(text, limits, options);
    let mut tracer = Tracer::default();
    builder.read(&mut reader, &mut tracer).expect("reading from memory");
    tracer.finish()
}

fn testdata(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    std::fs::read(folder.join(name)).expect("a fixture")
}

/// `time delay | client address | server | protocol TLS | id | for`, each `-` where nothing is said.
fn shown(hop: &Hop) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let first_word = |text: &Option<String>| {
        or_none(text.as_deref().and_then(|text| text.split(' ').next()).map(str::to_owned))
    };
    let utc = hop.time.map(|time| {
        let date = hop.received.date.expect("a time is that of a date");
        let local = date.local - septet_seconds(date.offset.unwrap_or(0));
        assert_eq!(date.timestamp(), time);
        local.to_string()
    });
    let tls = hop.link.tls.as_ref().map(|tls| tls.version.clone().unwrap_or("TLS".to_owned()));
    format!(
        "{} {} | {} {} | {} | {} {} | {} | {}",
        or_none(utc),
        or_none(hop.delay.seconds.map(|seconds| seconds.to_string())),
        or_none(hop.client.name.clone()),
        or_none(hop.client.address.map(|address| address.to_string())),
        or_none(hop.server.name.clone()),
        or_none(hop.link.protocol.clone()),
        or_none(tls),
        first_word(&hop.received.id),
        first_word(&hop.received.for_),
    )
}

fn septet_seconds(seconds: i32) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(i64::from(seconds))
}

/// Twenty messages, read by eye.
const HOPS: &[(&str, &[&str])] = &[
    (
        "trace/postfix.eml",
        &[
            "2021-03-02T10:15:31 1 | [10.1.2.3] 198.51.100.7 | mx.a.example | ESMTPSA TLS | 5A6B7C8D9E | <bob@b.example>",
            "2021-03-02T10:15:38 7 | mx.a.example 192.0.2.25 | mail.b.example | ESMTPS TLS 1.3 | 4DqXyZ1abcz9sT | <bob@b.example>",
            "2021-03-02T10:15:40 2 | - - | mail.b.example | - - | 9C1D2E3F40 | -",
        ],
    ),
    (
        "trace/sendmail.eml",
        &[
            "2012-05-21T00:13:36 1 | - - | relay.a.example | - - | q4L0DaZ1026001 | bob@b.example",
            "2012-05-21T00:13:39 3 | relay.a.example 192.0.2.1 | mail.b.example | ESMTP TLSv1/SSLv3 | q4L0Dceh026367 | <bob@b.example>",
        ],
    ),
    (
        "trace/sendmail-old.eml",
        &[
            "1993-07-19T19:47:32 1 | - - | elk.a.example | - - | AA00502 | -",
            "1993-07-19T19:48:00 28 | elk.a.example - | moose.a.example | - - | AA00603 | -",
            "1993-07-19T20:50:02 3722 | moose.a.example - | mail.b.example | SMTP - | AA14779 | -",
        ],
    ),
    (
        "trace/exim.eml",
        &[
            "2020-01-28T11:59:57 0 | alice - | mx.a.example | LOCAL - | 1iwPZN-00001A-01 | -",
            "2020-01-28T11:59:58 1 | [198.51.100.7] 198.51.100.7 | mx.a.example | ESMTPSA TLS 1.3 | 1iwPZO-000512-Aa | bob@b.example",
            "2020-01-28T12:00:09 11 | mx.a.example 192.0.2.25 | mail.b.example | ESMTPS TLS 1.2 | 1iwPZR-0001Xg-Hz | bob@b.example",
        ],
    ),
    (
        "trace/qmail.eml",
        &[
            "2002-07-19T07:27:20 0 | - - | - | - - | - | -",
            "2002-07-19T07:27:23 3 | unknown 192.0.2.1 | mail.b.example | SMTP - | - | -",
            "2002-07-19T07:27:25 2 | - - | - | - - | - | -",
        ],
    ),
    (
        "trace/qmail-tls.eml",
        &["2014-04-29T14:51:52 2 | mx.a.example 192.0.2.1 | mail.b.example | ESMTPS TLS | - | -"],
    ),
    (
        "trace/exchange.eml",
        &[
            "2018-01-05T09:00:03 2 | mx.a.example 192.0.2.25 | EX2.b.example | SMTP - | 15.0.1497.2 | -",
            "2018-01-05T09:00:04 1 | EX2.b.example 10.0.0.2 | EX2.b.example | SMTP TLS | 15.0.1497.2 | -",
            "2018-01-05T09:00:05 1 | EX2.b.example 10.0.0.2 | EX1.b.example | SMTP TLS | 15.0.1497.2 | -",
        ],
    ),
    (
        "trace/outlook.eml",
        &[
            "2021-12-13T18:06:56 1 | SG2PR04MB3738.apcprd04.prod.outlook.com fe80::955b:d69:fe62:c711 | SG2PR04MB3738.apcprd04.prod.outlook.com | MAPI - | 15.20.4778.018 | -",
            "2021-12-13T18:06:59 3 | mx.a.example 192.0.2.25 | DB5EUR03FT058.mail.protection.outlook.com | SMTP TLS 1.2 | 15.20.4778.13 | -",
            "2021-12-13T18:07:00 1 | DB5EUR03FT058.eop-EUR03.prod.protection.outlook.com 2603:10a6:206:14:cafe::5e | AM0PR01MB1234.eurprd01.prod.exchangelabs.com | SMTP TLS 1.2 | 15.20.4778.18 | -",
            "2021-12-13T18:07:02 2 | AM0PR01MB1234.eurprd01.prod.exchangelabs.com 2603:10a6:208:1::17 | VI1PR01MB5678.eurprd01.prod.exchangelabs.com | HTTPS TLS | - | -",
        ],
    ),
    (
        "trace/gmail.eml",
        &[
            "2021-08-04T09:08:44 4 | - - | mx.a.example | SMTP - | e9so5539682qcy.26 | <bob@b.example>",
            "2021-08-04T09:10:44 120 | mx.a.example 192.0.2.25 | mx.g.example | ESMTPS TLS 1.3 | yo5si13570412pab.82.2021.08.04.02.10.44 | <bob@b.example>",
            "2021-08-04T09:10:45 1 | - - | 2002:a05:6214:1234:0:0:0:0 | SMTP - | a1csp131961qvz | -",
        ],
    ),
    (
        "examples/stored.mbox",
        &[
            "2003-11-07T13:46:06 0 | [172.16.28.182] 172.16.28.182 | pop2.vs.example | - - | - | -",
            "2003-11-07T13:46:06 0 | - 172.16.28.141 | smtp2.vs.example | - - | - | -",
            "2003-11-07T13:46:06 0 | vs.example 127.0.0.1 | smtp2.vs.example | ESMTP - | <0HNZ00HE9I8UA7@smtp2.vs.example> | reader@csa.example",
            "2003-11-07T13:27:31 -1115 | smtp2.vs.example 198.51.100.232 | csa.example | ESMTP - | D45FA2BC9F | <reader@csa.example>",
            "2003-11-07T13:27:32 1 | - - | csa.example | - - | 30AA52BDF9 | -",
            "2003-11-07T13:47:53 1221 | csa.example 192.0.2.8 | deimos.example | ESMTP - | 8EF794E662 | <reader@deimos.example>",
        ],
    ),
    (
        "trace/list.eml",
        &[
            "2003-01-10T10:09:59 9 | a.example 192.0.2.1 | lists.c.example | ESMTP - | <S8224939AbTANTJ7> | -",
            "2003-01-10T12:29:59 8400 | - - | - | ECARTIS - | - | -",
            "2003-01-10T12:30:00 1 | lists.c.example 127.0.0.1 | lists.c.example | ESMTP - | C070D30998C | <bob@b.example>",
        ],
    ),
    (
        "trace/amavis.eml",
        &[
            "2006-01-18T12:41:58 3 | mx.a.example 192.0.2.1 | mail.b.example | ESMTP - | ECD68300095 | <bob@b.example>",
            "2006-01-18T12:42:22 24 | mail.b.example 127.0.0.1 | localhost | ESMTP - | 21296-03 | -",
            "2006-01-18T12:42:25 3 | localhost 127.0.0.1 | mail.b.example | ESMTP - | D83D398 | <bob@b.example>",
        ],
    ),
    (
        "trace/dovecot.eml",
        &[
            "2021-06-14T15:27:05 5 | mx.a.example 2001:db8::25 | mail.b.example | UTF8SMTPS TLS | 0A1B2C3D | <bob@b.example>",
            "2021-06-14T15:27:06 1 | mail.b.example - | mail.b.example | LMTP - | WPDlA0p1x2C9TQAA0J78UA | <bob@b.example>",
        ],
    ),
    (
        "trace/fetchmail.eml",
        &[
            "2002-08-22T11:50:20 20 | mx.a.example 192.0.2.1 | pop.b.example | ESMTP - | QAA05397 | <bob@b.example>",
            "2002-08-22T12:17:21 1621 | localhost 127.0.0.1 | laptop.b.example | ESMTP - | 136B943C32 | <bob@localhost>",
            "2002-08-22T12:17:21 0 | pop.b.example 192.0.2.219 | localhost | POP3 - | - | bob@localhost",
        ],
    ),
    (
        "trace/smtpsvc.eml",
        &["2002-08-22T23:00:32 0 | mail pickup service - | web1.a.example | SMTPSVC - | - | -"],
    ),
    (
        "trace/no-semicolon.eml",
        &[
            "2019-07-25T23:49:40 0 | host.a.example 192.0.2.1 | ismtpd1.a.example | ESMTP - | 0y1V2 | <bob@b.example>",
            "2019-07-25T23:49:41 1 | - - | filter1.a.example | SMTP - | filter1-7644-5D3A4015-14 | -",
        ],
    ),
    (
        "trace/zones.eml",
        &[
            "2021-03-28T01:00:00 2 | laptop - | a.example | ESMTPA - | - | -",
            "2021-03-28T01:00:05 5 | a.example - | b.example | ESMTP - | - | -",
            "2021-03-28T01:00:10 5 | b.example - | c.example | ESMTP - | - | -",
        ],
    ),
    (
        "trace/unread.eml",
        &[
            "2024-01-01T09:59:59 0 | - - | - | - - | - | -",
            "2024-01-01T10:00:00 1 | a.example - | b.example | SMTP - | - | -",
            "- - | somewhere else - | - | - - | - | -",
            "- - | b.example - | c.example | SMTP - | - | -",
            "2024-01-01T10:00:09 9 | c.example - | d.example | SMTP - | - | -",
        ],
    ),
    (
        "trace/future.eml",
        &[
            "2030-01-01T00:00:00 189439200 | 203.0.113.9 203.0.113.9 | a.example | SMTP - | - | -",
            "2024-01-01T10:00:05 -189352795 | a.example - | b.example | SMTP - | - | -",
        ],
    ),
    (
        "trace/resent.eml",
        &[
            "2024-01-01T10:00:05 5 | a.example 192.0.2.1 | b.example | ESMTP - | 76 | -",
            "2024-01-01T12:00:05 7200 | b.example 192.0.2.2 | c.example | ESMTPS TLS | 77 | -",
        ],
    ),
];

#[test]
fn hops_of_twenty_messages() {
    assert_eq!(HOPS.len(), 20);
    for &(name, expected) in HOPS {
        let text = testdata(name);
        for text in [text.clone(), replace(&text, b"\n", b"\r\n")] {
            let found: Vec<String> = trace(&text).hops.iter().map(shown).collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn a_slow_clock_is_no_wait() {
    let found = trace(&testdata("examples/stored.mbox"));
    let waited: Vec<_> = found.hops.iter().filter_map(|hop| hop.delay.waited).collect();
    assert_eq!(waited, [0, 0, 0, 0, 1, 107]);
    assert_eq!(found.waited(), 108);
    let line = found.from_line.expect("it lies in an mbox");
    assert_eq!(line.sender.as_deref(), Some("sender@vs.example"));
    assert_eq!(line.date.map(|date| date.rfc3339()).as_deref(), Some("2003-11-07T19:17:53-00:00"));
}

#[test]
fn limits_that_are_met_are_told() {
    let hop = "Received: from a by b; Mon, 2 Mar 2026 19:00:00 +0000\n";
    let header = format!("{}Date: Mon, 2 Mar 2026 10:00:00 +0000\n\nReceived: x\n", hop.repeat(9));
    let found = |limits: Limits| {
        let found = trace_within(limits, header.as_bytes());
        let rules: Vec<Rule> = found.findings.iter().map(|finding| finding.rule).collect();
        (found.hops.len(), found.unread_hops, found.written.is_some(), rules)
    };
    let all = Limits::default();
    assert_eq!(found(all), (9, 0, true, vec![]));
    assert_eq!(found(Limits { fields: 9, ..all }), (9, 0, false, vec![Rule::D003]));
    assert_eq!(found(Limits { fields: 3, ..all }), (3, 6, false, vec![Rule::D003]));
    assert_eq!(found(Limits { fields: 0, ..all }), (0, 9, false, vec![Rule::D003]));
    assert_eq!(found(Limits { header: 1, ..all }), (1, 8, false, vec![Rule::D005]));
    let (hops, unread, _, rules) = found(Limits { field: hop.len() - 3, ..all });
    assert_eq!((hops, unread), (9, 0));
    assert!(rules.contains(&Rule::D004), "{rules:?}");
}

#[test]
fn the_time_since_the_date_field_is_counted_apart() {
    /// The times of the Received fields, newest first; seconds on the way, and since the Date field.
    const CASES: &[(&[&str], i64, Option<i64>)] = &[
        (&["19:00:05", "19:00:00"], 5, Some(32_400)),
        (&["19:00:05", "19:00:00", "unknown"], 5, Some(32_400)),
        (&["19:00:00"], 0, Some(32_400)),
        (&["19:00:00", "09:00:00"], 36_000, Some(0)),
        (&["unknown"], 0, None),
    ];
    for &(times, waited, since) in CASES {
        let hop = |time: &&str| format!("Received: from a by b; Mon, 2 Mar 2026 {time} +0000\n");
        let hops: String = times.iter().map(hop).collect();
        let dated = trace(format!("{hops}Date: Mon, 2 Mar 2026 10:00:00 +0000\n\n").as_bytes());
        assert_eq!((dated.waited(), dated.waited_since_date()), (waited, since), "{times:?}");
        let undated = trace(format!("{hops}\n").as_bytes());
        assert_eq!((undated.waited(), undated.waited_since_date()), (waited, None), "{times:?}");
    }
}

#[test]
fn what_cannot_be_read_is_reported_and_kept() {
    let text = testdata("trace/unread.eml");
    let found = trace(&text);
    let read: Vec<_> = found.hops.iter().map(|hop| hop.is_read).collect();
    assert_eq!(read, [true, true, false, false, true]);
    assert_eq!(found.hops[2].text, "apparently from somewhere else");
    let spans = found.findings.iter().map(|finding| {
        assert_eq!(finding.rule, Rule::H044);
        let span = finding.span.expect("a place");
        String::from_utf8_lossy(&text[span.start as usize..span.end as usize]).into_owned()
    });
    let spans: Vec<_> = spans.collect();
    assert_eq!(
        spans,
        [
            " from b.example by c.example with SMTP; sometime on Monday",
            " apparently from somewhere else"
        ]
    );
}

#[test]
fn fields_stand_at_their_hops() {
    let hops_of = |name: &str| -> Vec<(String, Option<usize>)> {
        let found = trace(&testdata(name));
        let marks = found.marks.into_iter().map(|mark| (mark.name, mark.hop));
        let checks = found.checks.into_iter().map(|check| (check.name, check.hop));
        marks.chain(checks).collect()
    };
    /// The fields of a message and the indices of their hops.
    type Placed = (&'static str, &'static [(&'static str, Option<usize>)]);
    let cases: &[Placed] = &[
        (
            "trace/gmail.eml",
            &[
                ("Delivered-To", Some(2)),
                ("X-Received", Some(1)),
                ("Return-Path", Some(1)),
                ("X-Received", None),
                ("ARC-Authentication-Results", Some(1)),
                ("Received-SPF", Some(1)),
                ("Authentication-Results", Some(1)),
            ],
        ),
        (
            "trace/outlook.eml",
            &[
                ("X-Originating-IP", None),
                ("Authentication-Results", Some(1)),
                ("Received-SPF", Some(1)),
            ],
        ),
        (
            "trace/resent.eml",
            &[("Resent-From", Some(0)), ("Resent-To", Some(0)), ("Resent-Date", Some(0))],
        ),
        (
            "examples/stored.mbox",
            &[("Return-Path", Some(5)), ("Delivered-To", Some(5)), ("Delivered-To", Some(3))],
        ),
    ];
    for &(name, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|&(name, hop)| (name.to_owned(), hop)).collect();
        assert_eq!(hops_of(name), expected, "{name}");
    }
}

#[test]
fn arc_sets_are_put_together() {
    let found = trace(&testdata("trace/gmail.eml"));
    let [set] = &found.arc[..] else { panic!("one set: {:?}", found.arc) };
    let seal = set.seal.as_ref().expect("a seal");
    assert_eq!((set.instance, set.hop, seal.validation.as_deref()), (1, Some(1), Some("none")));
    let signed = &found.signatures[set.signature.expect("a signature")];
    assert_eq!(signed.body.as_ref().and_then(|body| body.holds), Some(true));
    let Said::Results(results) = &found.checks[set.results.expect("results")].said else {
        panic!("no results")
    };
    let methods: Vec<_> = results.results.iter().map(|it| (&*it.method, &*it.result)).collect();
    assert_eq!(methods, [("dkim", "pass"), ("spf", "pass"), ("dmarc", "fail")]);
    assert_eq!(found.findings, []);
}

#[test]
fn tells_where_a_signature_stopped_to_pass() {
    let text = String::from_utf8(testdata("trace/broken.eml")).expect("ASCII");
    let found = |text: &str| {
        let hop = |judged: &Judged| (judged.hop, judged.results.join(" "));
        let broken = trace(text.as_bytes()).broken;
        let broken = broken.iter().map(|it| (hop(&it.before), it.after.as_ref().map(hop)));
        broken.collect::<Vec<_>>()
    };
    let (pass, fail) = ((Some(1), "pass".to_owned()), (Some(2), "fail".to_owned()));
    assert_eq!(found(&text), [(pass.clone(), Some(fail))]);
    assert_eq!(found(&text.replace("dkim=fail", "dkim=pass")), [((Some(2), pass.1.clone()), None)]);
    assert_eq!(found(&text.replace("dkim=fail", "spf=fail")), [(pass, None)]);
    assert_eq!(found(&text.replace("dkim=pass", "dkim=none")), []);
}

#[test]
fn a_long_field_is_cut_in_print_with_a_mark() {
    let name = "x".repeat(100_000);
    let text = format!("Received: from {name} by {name} with SMTP {name}\nX-Received: {name}\n\n");
    let mut septet = Command::new(env!("CARGO_BIN_EXE_septet"));
    let shown = run(septet.arg("trace"), text.as_bytes());
    let shown = String::from_utf8(shown).expect("text");
    assert!(shown.len() < 12_000, "{} octets", shown.len());
    assert!(shown.contains("x… [98,000 more octets]"), "{shown}");
}

#[test]
fn hostile_headers_are_read_to_their_end() {
    let mut text = String::new();
    for i in 0..300 {
        text += &format!(
            "Received: from a{i} by b{i} with SMTP; Mon, 1 Jan 2024 10:00:{:02} +0000\n",
            i % 60
        );
        text += "DKIM-Signature: garbage; \u{1b}[31m; =; bh=*\nARC-Seal: i=x\nAuthentication-Results: (\n";
    }
    text += "Subject: x\n\nbody\n";
    let found = trace(text.as_bytes());
    assert_eq!((found.hops.len(), found.signatures.len(), found.checks.len()), (300, 300, 300));
    assert_eq!(found.hops[0].server.name.as_deref(), Some("b299"));
    assert!(
        found
            .signatures
            .iter()
            .all(|signed| signed.body.as_ref().is_none_or(|it| it.holds.is_none()))
    );
    for rule in [Rule::H045, Rule::S020, Rule::S022, Rule::S026, Rule::S027] {
        assert!(found.findings.iter().any(|finding| finding.rule == rule), "{rule:?}");
    }
}

/// Messages of each archive of the corpus.
const SAMPLE: usize = 400;

/// How many of the fields of an archive say what they should.
#[derive(Debug, Default)]
struct Tally {
    messages: usize,
    fields: usize,
    by: usize,
    date: usize,
    /// `from` stands in the field, outside of comments, and was read.
    from: usize,
    from_given: usize,
    read: usize,
    /// By date and `by`, and `from` where it is given.
    whole: usize,
    /// What has no `by`, by the form of it: how many, and one of them.
    forms: BTreeMap<String, (usize, String)>,
}

impl Tally {
    fn add(&mut self, hop: &Hop) {
        let outside = outside_comments(&hop.text).to_ascii_lowercase();
        let given = outside.split_whitespace().any(|word| word == "from");
        let (by, date) = (hop.server.name.is_some(), hop.time.is_some());
        let from = hop.client.name.is_some() || hop.client.address.is_some();
        self.fields += 1;
        self.by += usize::from(by);
        self.date += usize::from(date);
        self.from_given += usize::from(given);
        self.from += usize::from(given && from);
        self.read += usize::from(hop.is_read);
        let has_program = hop.link.program.is_some()
            || hop.link.protocol.is_some()
            || hop.received.note.is_some();
        self.whole += usize::from((by || !given && has_program) && date && (from || !given));
        if !by || !date {
            let form: String = hop.text.chars().filter(|c| !c.is_ascii_digit()).take(18).collect();
            self.forms.entry(form).or_insert_with(|| (0, hop.text.clone())).0 += 1;
        }
    }
}

/// What stands outside of parentheses.
fn outside_comments(text: &str) -> String {
    let mut depth = 0u32;
    let is_outside = |c: &char| {
        let before = depth;
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before == 0 && depth == 0
    };
    text.chars().filter(is_outside).collect()
}

/// Reads some messages of every mailbox in an archive, until there are enough.
fn sample(archive: PathBuf) -> Tally {
    let mut tally = Tally::default();
    let mut inputs = 0;
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
    let _ = Source::File(archive).visit(&Meter::default(), &mut |input| {
        let input = input.expect("the archive can be read");
        inputs += 1;
        // Single messages: some of all, as neighbours are alike.
        if matches!(input.format, Format::Foreign | Format::Empty)
            || input.format == Format::Message && inputs % 9 != 0
        {
            return ControlFlow::Continue(());
        }
        let options = builder.walk_options(input.format.separator());
        let mut reader = Reader::new(input.octets, Limits::default(), options);
        let mut tracer = Tracer::default();
        let mut count = 0;
        while count < 60
            && tally.messages < SAMPLE
            && builder.read(&mut reader, &mut tracer).expect("octets").is_some()
        {
            let found = tracer.finish();
            count += 1;
            tally.messages += usize::from(!found.hops.is_empty());
            found.hops.iter().for_each(|hop| tally.add(hop));
        }
        if tally.messages < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    tally
}

#[test]
fn reads_the_fields_of_real_mail() {
    let Some(bulk) = corpus("bulk") else { return };
    let (mut messages, mut fields, mut whole) = (0, 0, 0);
    for archive in
        files(&bulk).into_iter().filter(|it| it.extension().is_some_and(|it| it == "zst"))
    {
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tally = sample(archive);
        let Tally { by, date, from, from_given, read, .. } = tally;
        println!(
            "{name}: {} messages, {} fields; by {by}, from {from} of {from_given}, date {date}, read {read}, whole {}",
            tally.messages, tally.fields, tally.whole
        );
        for (form, (count, example)) in &tally.forms {
            println!("  {count:5} {form:?}: {}", example.chars().take(150).collect::<String>());
        }
        messages += tally.messages;
        fields += tally.fields;
        whole += tally.whole;
    }
    println!("{messages} messages, {whole} of {fields} fields are read whole");
    assert!(messages >= 2000);
    assert!(whole * 100 >= fields * 98, "{whole} of {fields}");
}

/// A Python that has dkim, if there is one.
fn python() -> Option<&'static str> {
    let has_dkim = |python: &&&str| {
        let run = Command::new(python).args(["-c", "import dkim"]).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].iter().find(has_dkim).copied();
    if found.is_none() {
        println!("skipped: no Python with dkim (Debian's python3-dkim)");
    }
    found
}

fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("a thread").expect("it reads");
    assert!(output.status.success(), "{command:?}");
    output.stdout
}

/// A key that is made for the test, in a folder that goes with it.
fn key() -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    let made = Command::new("openssl")
        .args(["genrsa", "-traditional", "-out"])
        .arg(&path)
        .arg("1024")
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: no openssl to make a key with");
        return None;
    }
    Some((folder, path))
}

/// Bodies in which white space and empty lines matter.
const BODIES: [&str; 6] = [
    "hello\r\n",
    "",
    "\r\n\r\n",
    "two  spaces and \t tabs \r\n at both ends\t\r\n\r\n\r\n",
    " \r\n \t \r\nlast line has no end",
    "a\r\n\r\nb \r\n.\r\n\r\n",
];

fn holds(text: &[u8]) -> Vec<Option<bool>> {
    let signatures = trace(text).signatures;
    signatures.iter().map(|signed| signed.body.as_ref().and_then(|body| body.holds)).collect()
}

/// What is signed holds, as it is and stored with LF, until one octet of the body is another.
fn check_signed(signed: &[u8], what: &str) {
    assert_eq!(holds(signed), [Some(true)], "{what}");
    assert_eq!(holds(&replace(signed, b"\r\n", b"\n")), [Some(true)], "{what}, with LF");
    let body = signed.windows(4).position(|it| it == b"\r\n\r\n").expect("a body") + 4;
    if let Some(letter) = signed[body..].iter().position(u8::is_ascii_alphabetic) {
        let mut broken = signed.to_vec();
        broken[body + letter] ^= 1;
        assert_eq!(holds(&broken), [Some(false)], "{what}, broken");
    }
}

const HEADER: &str = "From: Alice <alice@a.example>\r\nTo: bob@b.example\r\nSubject: signed\r\nDate: Tue, 02 Mar 2021 10:15:30 +0000\r\nMessage-ID: <1@a.example>\r\n\r\n";

#[test]
fn agrees_with_dkimpy_on_what_it_signs() {
    let (Some(python), Some((_folder, key))) = (python(), key()) else { return };
    let script = "
import sys, dkim
key = open(sys.argv[1], 'rb').read()
header, body, algorithm, length = [it.encode() for it in sys.argv[2:6]]
text = sys.stdin.buffer.read()
sys.stdout.buffer.write(dkim.sign(text, b'may', b'a.example', key, canonicalize=(header, body),
    signature_algorithm=algorithm, length=length == b'yes') + text)
";
    for body in BODIES {
        let message = format!("{HEADER}{body}");
        for (canons, algorithm, length) in [
            (["simple", "simple"], "rsa-sha256", "no"),
            (["simple", "relaxed"], "rsa-sha256", "no"),
            (["relaxed", "simple"], "rsa-sha1", "no"),
            (["relaxed", "relaxed"], "rsa-sha256", "yes"),
            (["relaxed", "simple"], "rsa-sha256", "yes"),
        ] {
            let mut command = Command::new(python);
            command.args(["-c", script]).arg(&key).args(canons).args([algorithm, length]);
            let signed = run(&mut command, message.as_bytes());
            let what = format!("{canons:?} {algorithm} {body:?}");
            check_signed(&signed, &what);
            if length == "yes" && body.ends_with('\n') {
                let longer = [&signed[..], b"-- \r\na footer\r\n"].concat();
                assert_eq!(holds(&longer), [Some(true)], "{what}, and more behind");
            }
        }
    }
}

#[test]
fn agrees_with_opendkim_on_what_it_signs() {
    let Some((_folder, key)) = key() else { return };
    let started = Command::new("opendkim-testmsg").arg("-?").stderr(Stdio::null()).status();
    if started.is_err() {
        println!("skipped: no opendkim-testmsg (Debian's opendkim-tools)");
        return;
    }
    for body in BODIES {
        let mut command = Command::new("opendkim-testmsg");
        command.args(["-C", "-d", "a.example", "-s", "may", "-k"]).arg(&key);
        let signed = run(&mut command, format!("{HEADER}{body}").as_bytes());
        check_signed(&signed, &format!("{body:?}"));
    }
}

/// Of every message of the suites that carries a signature, what another implementation makes of its
/// body: dkimpy's canonical forms, and hashlib. Its reading of headers is its own as well; what it
/// cannot read is not compared.
#[test]
fn agrees_with_dkimpy_on_the_corpus() {
    let (Some(python), Some(suites)) = (python(), corpus("suites")) else { return };
    let script = "
import sys, base64, hashlib, re, dkim
from dkim.canonicalization import Simple, Relaxed
canons = {b'simple': Simple, b'relaxed': Relaxed}
for name in sys.stdin.read().splitlines():
    verdicts = []
    try:
        headers, body = dkim.rfc822_parse(open(name, 'rb').read())
        for field, value in headers:
            if field.lower() not in (b'dkim-signature', b'arc-message-signature'):
                continue
            tags = dkim.util.parse_tag_value(value)
            canon = (tags.get(b'c', b'simple/simple').split(b'/') + [b'simple'])[1]
            canonical = canons[canon.strip()].canonicalize_body(body)
            if b'l' in tags:
                canonical = canonical[:int(tags[b'l'])]
            algorithm = tags[b'a'].strip().rsplit(b'-', 1)[1].decode()
            digest = hashlib.new(algorithm, canonical).digest()
            expected = re.sub(rb'\\s+', b'', tags[b'bh'])
            if not re.fullmatch(rb'[A-Za-z0-9+/]+=*', expected):
                verdicts.append('unknown')
            else:
                verdicts.append('true' if digest == base64.b64decode(expected) else 'false')
    except Exception as problem:
        verdicts = ['unread']
    print(' '.join(verdicts))
";
    let is_signed = |text: &[u8]| {
        let lower = text.to_ascii_lowercase();
        [&b"\ndkim-signature:"[..], b"\narc-message-signature:"]
            .iter()
            .any(|name| lower.windows(name.len()).any(|it| it == *name))
    };
    let mut names: Vec<PathBuf> = files(&suites);
    names.retain(|name| is_signed(&std::fs::read(name).expect("a file of the corpus")));
    let list: Vec<String> = names.iter().map(|name| name.display().to_string()).collect();
    let verdicts = run(Command::new(python).args(["-c", script]), list.join("\n").as_bytes());
    let verdicts = String::from_utf8(verdicts).expect("ASCII");
    let (mut compared, mut held, mut wrong) = (0, 0, 0);
    for (name, line) in names.iter().zip(verdicts.lines()) {
        if line == "unread" || line.is_empty() {
            continue;
        }
        let text = std::fs::read(name).expect("a file of the corpus");
        let found: Vec<&str> = holds(&text)
            .iter()
            .map(|holds| match holds {
                Some(true) => "true",
                Some(false) => "false",
                None => "unknown",
            })
            .collect();
        compared += found.len();
        held += found.iter().filter(|verdict| **verdict == "true").count();
        if found.join(" ") != line {
            wrong += 1;
            println!("{}: {found:?}, dkimpy says {line}", name.display());
        }
    }
    println!("{compared} signatures in {} messages compared, {held} body hashes hold", names.len());
    assert!(compared > 150, "the messages were found");
    assert_eq!(wrong, 0);
}
