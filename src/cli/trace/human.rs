//! A trace as people read it: one line a hop with its time, delay and bar, and below it what the field
//! says, within 80 columns where words allow it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use indicatif::HumanCount;
use jiff::civil;

use super::json::{holds, signing_time};
use super::summary::summary;
use super::time::{BAR, bar, clock, long, span};
use super::zone::{self, Zone};
use crate::base::{Finding, Rule, Severity, Span};
use crate::cli::input::Message;
use crate::cli::out::{self, Look, Out};
use crate::header::auth::Verdict;
use crate::header::date::Date;
use crate::header::received::pieces::{Piece, pieces};
use crate::trace::{ArcSet, Broken, Check, Hop, Judged, Said, Signed, Trace};

/// Columns of a line.
const WIDTH: usize = 80;

/// Columns before the host in the line of a hop: number, time, delay, bar.
const BEFORE_HOST: usize = 3 + 1 + 8 + 1 + 8 + 1 + BAR + 1;

/// A wait that fills the bar where no wait was longer, in seconds.
const LEAST_SCALE: i64 = 30;

/// What stands below the line of a hop is indented so far, and once more where it goes on.
const INDENT: usize = 4;

/// LIMIT: octets of a text that stands below a hop or a signature; the rest is only counted.
const TEXT: usize = 2000;

/// A signature that is off by so much is more than the clocks of servers are, in seconds.
const FAR: i64 = 86_400;

const GOOD: Look = Look::Name;
const BAD: Look = Look::Severity(Severity::Error);
pub(super) const DOUBTFUL: Look = Look::Severity(Severity::Warning);

/// Text with its looks, of which lines are made.
pub(super) type Spans = Vec<(Look, String)>;

pub(super) struct Drawing<'a> {
    out: &'a mut Out,
    zone: &'a Zone,
    trace: &'a Trace,
    /// The longest wait, which has a full bar.
    scale: i64,
    /// The day that was written last.
    day: Option<civil::Date>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(out: &'a mut Out, zone: &'a Zone, trace: &'a Trace) -> Drawing<'a> {
        let waits = trace.hops.iter().filter_map(|hop| hop.delay.waited);
        let scale = waits.max().unwrap_or(0).max(LEAST_SCALE);
        Drawing { out, zone, trace, scale, day: None }
    }

    /// The line that tells which message it is.
    pub(super) fn heading(&mut self, message: &Message<'_>, texts: &[String]) -> io::Result<()> {
        let number =
            if message.number > 1 { format!(" #{}", message.number) } else { String::new() };
        let source = self.out.paint(Look::Heading, &format!("{}{number}", message.source));
        let length = out::size(message.structure.length());
        let mut line = format!("{source}  {}", self.out.paint(Look::Faint, &length));
        for text in texts {
            line.push_str("  ");
            line.push_str(&out::cut(&out::one_line(text), 80));
        }
        self.out.line(line.trim_end())
    }

    pub(super) fn draw(&mut self, with_findings: bool) -> io::Result<()> {
        self.wrapped(0, summary(self.trace))?;
        self.origin()?;
        let trace = self.trace;
        for (index, hop) in trace.hops.iter().enumerate() {
            self.hop(index, hop)?;
            self.fields_of(Some(index))?;
        }
        if let Some(line) = &trace.from_line {
            let behind = match line.date {
                Some(Date { offset: None, .. }) => ", in the zone of whoever wrote it",
                _ => "",
            };
            let text = format!("  mbox {}{behind}", line.text);
            self.wrapped(2, vec![(Look::Plain, text)])?;
        }
        for signed in &trace.signatures {
            self.signed(signed)?;
        }
        for broken in &trace.broken {
            self.wrapped(0, stopped(broken))?;
        }
        if with_findings {
            self.findings(&trace.findings)?;
        }
        Ok(())
    }

    /// When it was written, and the fields that stand below all hops.
    fn origin(&mut self) -> io::Result<()> {
        if let Some(date) = self.trace.written {
            let time = date.timestamp();
            self.day(time)?;
            let clock = clock(self.zone, time);
            let own = self.own_time(date).map_or_else(String::new, |own| format!(", {own}"));
            let what = self.out.paint(Look::Faint, &format!("Date field{own}"));
            self.out.line(&format!("    {clock}{}{what}", " ".repeat(BEFORE_HOST - 12)))?;
        }
        self.fields_of(None)
    }

    /// The day of what follows, if it is not that of the line before.
    fn day(&mut self, time: i64) -> io::Result<()> {
        let day = self.zone.civil(time).date();
        if self.day.replace(day) == Some(day) {
            return Ok(());
        }
        let line = format!("    {day} {}", self.zone.name(time));
        let line = self.out.paint(Look::Faint, &line);
        self.out.line(&line)
    }

    fn hop(&mut self, index: usize, hop: &Hop) -> io::Result<()> {
        if let Some(time) = hop.time {
            self.day(time)?;
        }
        self.hop_line(index, hop)?;
        let received = &hop.received;
        if let Some(from) = &received.from {
            self.detail(vec![(Look::Plain, format!("from {}", client(from)))])?;
        }
        let mut link = link(hop);
        // `-0000` says that it is UTC (RFC 5322 §3.3).
        let is_utc = hop.text.contains(" -0000");
        let date = received.date.filter(|date| date.offset.is_some() || !is_utc);
        link.extend(date.and_then(|date| self.own_time(date)));
        for (i, line) in joined(&link).into_iter().enumerate() {
            self.wrapped(INDENT + 2 * usize::from(i > 0), vec![(Look::Faint, line)])?;
        }
        self.clocks(index, hop)?;
        if !hop.is_read {
            let text = format!("as it stands: {}", hop.text);
            self.detail(vec![(DOUBTFUL, text)])?;
        }
        Ok(())
    }

    fn hop_line(&mut self, index: usize, hop: &Hop) -> io::Result<()> {
        let number = self.out.paint(Look::Number, &format!("{:>3}", index + 1));
        let clock = hop.time.map_or_else(|| "no time ".to_owned(), |time| clock(self.zone, time));
        let seconds = hop.delay.seconds;
        let delay = seconds
            .map(|seconds| format!("{}{}", if seconds < 0 { "-" } else { "+" }, span(seconds)));
        let look = if seconds.is_some_and(|seconds| seconds < 0) { DOUBTFUL } else { Look::Plain };
        let delay = self.out.paint(look, &format!("{:>8}", delay.unwrap_or_default()));
        let (bar, look) = bar(hop, self.scale);
        let room = " ".repeat(BAR.saturating_sub(out::width(&bar)));
        let bar = format!("{}{room}", self.out.paint(look, &bar));
        let host = out::one_line(&cut(&host(hop)));
        let line = format!("{number} {clock} {delay} {bar} ");
        let painted = self.out.paint(Look::Heading, &host);
        if BEFORE_HOST + out::width(&host) <= WIDTH {
            return self.out.line(&format!("{line}{painted}"));
        }
        self.out.line(line.trim_end())?;
        self.out.line(&format!("{}{painted}", " ".repeat(INDENT)))
    }

    /// The time as the field has it, if that is another than the one shown.
    fn own_time(&self, date: Date) -> Option<String> {
        let Some(offset) = date.offset else {
            return Some("zone unknown, taken for UTC".to_owned());
        };
        if offset == self.zone.offset(date.timestamp()) {
            return None;
        }
        let (day, time) = (date.local.date(), date.local.time());
        let day = if self.day == Some(day) { String::new() } else { format!("{day} ") };
        Some(format!("written {day}{time} {}", zone::offset(offset)))
    }

    /// What is odd about its clock.
    fn clocks(&mut self, index: usize, hop: &Hop) -> io::Result<()> {
        let (Some(seconds), skew) = (hop.delay.seconds, hop.delay.skew()) else { return Ok(()) };
        let text = match skew {
            0 => return Ok(()),
            _ if seconds < 0 => {
                let dated = self.trace.hops.iter().take(index).rposition(|it| it.time.is_some());
                let before =
                    dated.map_or("the Date field".to_owned(), |it| format!("hop {}", it + 1));
                format!("clock {} behind {before}: one of the two is wrong", long(-seconds))
            }
            _ if self.is_ahead(index) => format!(
                "of this, {} is undone by a later hop: one of the clocks is wrong",
                long(skew)
            ),
            _ => format!(
                "of this, {} only makes good for the clock that was behind; it waited {}",
                long(skew),
                long(hop.delay.waited.unwrap_or(0))
            ),
        };
        self.detail(vec![(DOUBTFUL, text)])
    }

    /// Whether no later hop has a time that reaches that of this one, and there is one.
    fn is_ahead(&self, index: usize) -> bool {
        let hops = &self.trace.hops;
        // The next one with a time tells: from a clock that is ahead it goes back.
        let next = hops.iter().skip(index + 1).find_map(|hop| hop.time);
        let time = hops.get(index).and_then(|hop| hop.time);
        next.zip(time).is_some_and(|(next, time)| next < time)
    }

    /// What else was written at a hop, or before all of them.
    fn fields_of(&mut self, hop: Option<usize>) -> io::Result<()> {
        let trace = self.trace;
        for mark in trace.marks.iter().filter(|mark| mark.hop == hop) {
            self.detail(vec![
                (Look::Faint, format!("{}:", mark.name)),
                (Look::Plain, format!(" {}", mark.text)),
            ])?;
        }
        for check in trace.checks.iter().filter(|check| check.hop == hop) {
            self.check(check)?;
        }
        for set in trace.arc.iter().filter(|set| set.hop == hop) {
            let spans = sealed(set, trace);
            self.detail(spans)?;
        }
        Ok(())
    }

    /// What a server found out: each result on a line.
    fn check(&mut self, check: &Check) -> io::Result<()> {
        let name = (Look::Faint, format!("{}:", check.name));
        match &check.said {
            Said::Results(said) if !said.results.is_empty() => {
                let server = said.server.as_deref().unwrap_or("no server is named");
                let mut title = format!(" {server}");
                // An ARC set repeats what the same server wrote beside it.
                let is_again = |it: &&Check| {
                    let same = matches!(&it.said, Said::Results(it) if it.results == said.results);
                    same && it.hop == check.hop && it.name != check.name
                };
                let other = said.instance.and_then(|_| self.trace.checks.iter().find(is_again));
                if let Some(other) = other {
                    title.push_str(&format!(", the same as its {}", other.name));
                }
                self.detail(vec![name, (Look::Plain, title)])?;
                let shown = if other.is_some() { &[] } else { &said.results[..] };
                shown.iter().try_for_each(|verdict| self.wrapped(INDENT + 2, judged(verdict)))
            }
            Said::Spf(spf) if spf.result.is_some() => {
                let result = spf.result.clone().unwrap_or_default();
                let look = look_of(&result);
                let comment = spf.comment.as_ref().map(|comment| format!(" ({comment})"));
                let pairs = spf.properties.iter().map(|(name, value)| format!(" {name}={value}"));
                let rest: String = comment.into_iter().chain(pairs).collect();
                self.detail(vec![name, (look, format!(" {result}")), (Look::Faint, rest)])
            }
            _ => self.detail(vec![name, (Look::Plain, format!(" {}", check.text))]),
        }
    }

    /// The time in a tag.
    fn moment(&self, time: u64) -> Option<String> {
        let seconds = i64::try_from(time).ok().filter(|_| signing_time(time).is_some())?;
        let (local, name) = (self.zone.civil(seconds), self.zone.name(seconds));
        Some(format!("signed {} {} {name}", local.date(), local.time()))
    }

    fn signed(&mut self, signed: &Signed) -> io::Result<()> {
        let signature = &signed.signature;
        let mut line = vec![(Look::Heading, signed.name.clone())];
        if let Some(instance) = signed.instance {
            line.push((Look::Plain, format!(" of ARC set {instance}")));
        }
        let canons = format!("{}/{}", signature.header_canon.name(), signature.body_canon.name());
        let algorithm = signature.algorithm.as_ref().map(|name| format!("{name} {canons}"));
        let selector = signature.selector.as_ref().map(|name| format!("selector {name}"));
        let time = signature.time.and_then(|time| self.moment(time));
        let place = match signed.hop {
            None => "before hop 1".to_owned(),
            Some(hop) => format!("at hop {}", hop + 1),
        };
        let place = Some(place).filter(|_| !self.trace.hops.is_empty());
        let known = [signature.domain.clone(), selector, algorithm, time, place];
        let known: Vec<String> = known.into_iter().flatten().collect();
        line.push((Look::Plain, format!(" {}", known.join(", "))));
        self.wrapped(0, line)?;
        let (look, text) = body_hash(signed);
        let mut line = vec![(look, text)];
        line.extend(limited(signed).map(|text| (DOUBTFUL, format!("; {text}"))));
        self.detail(line)?;
        if let Some(text) = self.odd_time(signed) {
            self.detail(vec![(DOUBTFUL, text)])?;
        }
        if signature.domain.is_none() || signature.body_hash.is_none() {
            self.detail(vec![(DOUBTFUL, format!("as it stands: {}", signed.text))])?;
        }
        let lists = [
            ("signs", dedup(&signature.signed_fields), Look::Faint),
            ("oversigned (none may be added)", signed.oversigned.clone(), Look::Faint),
            ("signed, but not here", signed.missing.clone(), Look::Plain),
            ("here more often than signed", signed.added.clone(), DOUBTFUL),
            ("not signed", signed.unsigned.clone(), Look::Plain),
        ];
        for (what, names, look) in lists {
            if !names.is_empty() {
                self.detail(vec![(look, format!("{what}: {}", names.join(", ")))])?;
            }
        }
        Ok(())
    }

    /// What is odd about the time of a signature, which was made behind its hop and before the next one.
    fn odd_time(&self, signed: &Signed) -> Option<String> {
        let time = i64::try_from(signed.signature.time?).ok()?;
        let next = signed.hop.map_or(0, |hop| hop + 1);
        let time_of = |hop: usize| self.trace.hops.get(hop).and_then(|it| it.time);
        let later = (next..self.trace.hops.len()).find_map(|hop| Some((hop, time_of(hop)?)));
        let earlier = (0..next).rev().find_map(|hop| Some((hop, time_of(hop)?)));
        let is_far = |seconds: i64| seconds >= FAR;
        let late = later.map(|(hop, at)| (hop, time.saturating_sub(at), "after"));
        let early = earlier.map(|(hop, at)| (hop, at.saturating_sub(time), "before"));
        let (hop, seconds, side) = [late, early].into_iter().flatten().find(|it| is_far(it.1))?;
        let how_long = long(seconds);
        Some(format!("signed {how_long} {side} hop {}: one of the two times is wrong", hop + 1))
    }

    /// Each rule once.
    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        let mut counts: BTreeMap<Rule, (usize, Option<Span>)> = BTreeMap::new();
        for finding in findings {
            counts.entry(finding.rule).or_insert((0, finding.span)).0 += 1;
        }
        for (rule, (count, span)) in counts {
            let info = rule.info();
            let place = match (count, span) {
                (1, None) => String::new(),
                (1, Some(span)) => format!(" (at {})", span.start),
                (count, None) => format!(" ({count} times)"),
                (count, Some(span)) => format!(" ({count} times, first at {})", span.start),
            };
            self.wrapped(
                0,
                vec![
                    (Look::Severity(info.severity), info.severity.name().to_owned()),
                    (Look::Faint, format!(" {}", info.id)),
                    (Look::Plain, format!(" {}", info.what)),
                    (Look::Faint, place),
                ],
            )?;
        }
        Ok(())
    }

    fn detail(&mut self, spans: Spans) -> io::Result<()> {
        self.wrapped(INDENT, spans)
    }

    /// Words, in lines of [`WIDTH`] columns where none is longer; further lines are indented more.
    fn wrapped(&mut self, indent: usize, spans: Spans) -> io::Result<()> {
        let spans = spans.iter().map(|(look, text)| (*look, cut(text)));
        let spans: Vec<(Look, Cow<'_, str>)> = spans.collect();
        // Neighbours of one look are painted together.
        let mut runs: Spans = vec![(Look::Plain, " ".repeat(indent))];
        let mut used = indent;
        let mut is_begun = false;
        for word in words(&spans) {
            let columns: usize = word.iter().map(|(_, text)| out::width(&out::escape(text))).sum();
            if is_begun && used + 1 + columns > WIDTH {
                self.painted(&runs)?;
                runs = vec![(Look::Plain, " ".repeat(indent + 2))];
                used = indent + 2;
            } else if let Some((_, before)) = runs.last_mut().filter(|_| is_begun) {
                before.push(' ');
                used += 1;
            }
            for (look, text) in word {
                match runs.last_mut() {
                    Some((same, before)) if *same == look => before.push_str(text),
                    _ => runs.push((look, text.to_owned())),
                }
            }
            used += columns;
            is_begun = true;
        }
        self.painted(&runs)
    }

    /// A line of these.
    fn painted(&mut self, runs: &Spans) -> io::Result<()> {
        let line: String = runs.iter().map(|(look, text)| self.out.paint(*look, text)).collect();
        self.out.line(line.trim_end())
    }
}

/// The words of a text with looks; one may have several.
fn words<'a>(spans: &'a [(Look, Cow<'_, str>)]) -> Vec<Vec<(Look, &'a str)>> {
    let mut words: Vec<Vec<(Look, &str)>> = vec![Vec::new()];
    for (look, text) in spans {
        for (i, piece) in text.split(' ').enumerate() {
            if i > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !piece.is_empty()) {
                word.push((*look, piece));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Who handed the message over, without the comments whose content stands elsewhere.
fn client(from: &str) -> String {
    let is_told = |comment: &str| {
        comment.starts_with("using TLS") || comment == "No client certificate requested"
    };
    let shown = pieces(from).into_iter().filter_map(|piece| match piece {
        Piece::Comment(comment) if is_told(comment) => None,
        Piece::Comment(comment) => Some(format!("({comment})")),
        Piece::Text(text) => Some(text.to_owned()),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Who took the message, in the line of its hop.
fn host(hop: &Hop) -> String {
    let server = &hop.server;
    let address = server.address.map(|address| address.to_string());
    let named = server.name.clone().or(address).or_else(|| hop.received.by.clone());
    if named.is_none() && !hop.is_read {
        return "(no host is named)".to_owned();
    }
    named
        .or_else(|| hop.received.note.clone())
        .or_else(|| Some(format!("with {}", hop.received.with.as_ref()?)))
        .or_else(|| Some(format!("via {}", hop.received.via.as_ref()?)))
        .unwrap_or_else(|| "(no host is named)".to_owned())
}

/// What its field says beside who and when.
fn link(hop: &Hop) -> Vec<String> {
    let (received, link) = (&hop.received, &hop.link);
    let mut texts = Vec::new();
    // It stands in the line of the hop if nothing else does.
    if received.by.is_some() {
        texts.extend(received.note.clone());
        texts.extend(link.protocol.as_ref().map(|protocol| format!("with {protocol}")));
    }
    if let Some(tls) = &link.tls {
        let version = tls.version.as_deref().unwrap_or("TLS");
        let cipher = tls.cipher.as_ref().map_or_else(String::new, |cipher| format!(" {cipher}"));
        texts.push(format!("{version}{cipher}"));
    }
    if link.authenticated {
        texts.push("authenticated".to_owned());
    }
    if received.by.is_some() {
        texts.extend(link.program.clone());
    }
    texts.extend(link.envelope_from.as_ref().map(|sender| format!("sender <{sender}>")));
    let plain = |text: &String| text.split(" (").next().unwrap_or_default().to_owned();
    let via = received.via.as_ref().filter(|_| received.with.is_some());
    for (name, value) in
        [("via", via), ("id", received.id.as_ref()), ("for", received.for_.as_ref())]
    {
        texts.extend(value.map(|value| format!("{name} {}", plain(value))));
    }
    texts
}

/// The texts with dots between them, in lines that are broken at the dots.
fn joined(texts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some(line) if INDENT + 5 + out::width(line) + out::width(text) <= WIDTH => {
                line.push_str(" · ");
                line.push_str(text);
            }
            _ => lines.push(text.clone()),
        }
    }
    lines
}

fn judged(verdict: &Verdict) -> Spans {
    let look = look_of(&verdict.result);
    let mut spans =
        vec![(Look::Plain, format!("{}=", verdict.method)), (look, verdict.result.clone())];
    let rest = rest_of(verdict);
    if !rest.is_empty() {
        spans.push((Look::Faint, format!(" {rest}")));
    }
    spans
}

fn rest_of(verdict: &Verdict) -> String {
    let comment = verdict.comment.as_ref().map(|comment| format!("({comment})"));
    let reason = verdict.reason.as_ref().map(|reason| format!("reason={reason}"));
    let pairs = verdict.properties.iter().map(|(name, value)| format!("{name}={value}"));
    comment.into_iter().chain(reason).chain(pairs).collect::<Vec<_>>().join(" ")
}

fn look_of(result: &str) -> Look {
    match result {
        "pass" | "bestguesspass" => GOOD,
        "fail" | "hardfail" | "permerror" | "policy" | "reject" => BAD,
        "softfail" | "temperror" | "neutral" => DOUBTFUL,
        _ => Look::Plain,
    }
}

/// Where a signature stopped to pass.
fn stopped(broken: &Broken) -> Spans {
    let results = |judged: &Judged| {
        let place =
            judged.hop.map_or("before hop 1".to_owned(), |hop| format!("at hop {}", hop + 1));
        let server = judged.server.as_ref().map(|server| format!(" ({server})"));
        format!("{} {place}{}", judged.results.join(" and "), server.unwrap_or_default())
    };
    let selector = broken.selector.as_ref().map(|name| format!(", selector {name}"));
    let after = match &broken.after {
        Some(after) => format!(", {}: changed between them", results(after)),
        None => "; here the body hash does not hold: changed after it".to_owned(),
    };
    vec![
        (Look::Heading, "DKIM".to_owned()),
        (Look::Plain, format!(" {}{}: ", broken.domain, selector.unwrap_or_default())),
        (DOUBTFUL, format!("{}{after}", results(&broken.before))),
    ]
}

/// What an ARC set says.
fn sealed(set: &ArcSet, trace: &Trace) -> Spans {
    let mut spans = vec![(Look::Faint, format!("ARC set {}:", set.instance))];
    match &set.seal {
        None => spans.push((DOUBTFUL, " no seal".to_owned())),
        Some(seal) => {
            let domain = seal.domain.as_deref().unwrap_or("(no domain is named)");
            let validation = seal.validation.as_deref().unwrap_or("not told");
            spans.push((Look::Plain, format!(" sealed by {domain}, chain before it")));
            spans.push((look_of(validation), format!(" {validation}")));
        }
    }
    match set.signature.and_then(|index| trace.signatures.get(index)) {
        None => spans.push((DOUBTFUL, "; no signature".to_owned())),
        Some(signed) => {
            let (look, text) = body_hash(signed);
            spans.push((look, format!("; {text}")));
        }
    }
    spans
}

/// How much of the body is signed, if not all of it.
fn limited(signed: &Signed) -> Option<String> {
    let length = signed.signature.length?;
    let behind = signed.body.as_ref().map_or(0, |body| body.unsigned_octets);
    // Numbers that do not fit are read as the largest that does.
    Some(match length {
        u64::MAX => "l= counts more octets than any body has".to_owned(),
        _ => format!("only {length} octets are signed, {behind} more follow"),
    })
}

/// As much of a text as is shown, and how much more there is.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT {
        return Cow::Borrowed(text);
    }
    let end = (0..=TEXT).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let (shown, rest) = text.split_at(end);
    Cow::Owned(format!("{shown}… [{} more octets]", HumanCount(rest.len() as u64)))
}

/// Whether the body is the one that was signed.
fn body_hash(signed: &Signed) -> (Look, String) {
    let (look, text) = match holds(signed) {
        Some(true) => (GOOD, "body hash holds"),
        Some(false) => (BAD, "body hash does not hold: the body was changed after it was signed"),
        None if signed.body.is_none() => {
            (Look::Plain, "body hash not computed: too many signatures")
        }
        None => (DOUBTFUL, "body hash unknown: the signature does not say enough"),
    };
    (look, text.to_owned())
}

/// The names without repeats, in order.
fn dedup(names: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names.iter().filter(|name| seen.insert(name.as_str())).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_with_a_mark() {
        assert_eq!(cut(&"x".repeat(TEXT)), "x".repeat(TEXT));
        let long = "x".repeat(TEXT + 1234);
        assert_eq!(cut(&long), format!("{}… [1,234 more octets]", "x".repeat(TEXT)));
        let wide = format!("{}é", "x".repeat(TEXT - 1));
        assert_eq!(cut(&wide), format!("{}… [2 more octets]", "x".repeat(TEXT - 1)));
    }
}
