//! Received fields (RFC 5321 §4.4, RFC 5322 §3.6.7): who took a message from whom, how and when.
//!
//! Contract: any octets give a [`Received`], in linear time; a clause is text as it stands, with its
//! comments, white space and folds made single spaces. The order of the clauses does not matter; of
//! a clause that stands twice the first counts. Octets that are no UTF-8 become U+FFFD.
//!
//! [`parse`] does not take a clause apart: that is [`party`] for a host (name, address, HELO name) and
//! [`link`] for the rest (protocol, TLS, program). Nothing here judges what is said, or looks for
//! clauses inside comments, where some servers hide them.
//!
//! May use: base, `lex`, `date`.

pub mod link;
pub mod party;
pub(crate) mod pieces;

use std::ops::Range;

use super::date::{self, Date};
use super::lex;
use crate::base::chars::is_fws;

/// The clauses of one Received field; what is not there is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Who handed the message over, with the comment behind it.
    pub from: Option<String>,
    /// Who took it.
    pub by: Option<String>,
    /// The link.
    pub via: Option<String>,
    /// The protocol.
    pub with: Option<String>,
    /// The queue id.
    pub id: Option<String>,
    /// The recipient, or several.
    pub for_: Option<String>,
    /// When.
    pub date: Option<Date>,
    /// The date as it is written, with all that follows it: the name of the zone, and what some servers
    /// write into comments there.
    pub date_text: Option<String>,
    /// What stands before the first clause: qmail and others say there all they have to say, in a
    /// comment.
    pub note: Option<String>,
    /// What stands behind a semicolon and is neither a clause nor the date.
    pub rest: Option<String>,
}

/// The clauses of a raw Received field body, folds and all.
pub fn parse(raw: &[u8]) -> Received {
    let outline = Outline::of(raw);
    let (date, date_start) = match outline.date(raw) {
        Some((date, start)) => (Some(date), start),
        None => (None, raw.len()),
    };
    let value = |clause| outline.value(raw, clause, date_start);
    Received {
        from: value(Clause::From),
        by: value(Clause::By),
        via: value(Clause::Via),
        with: value(Clause::With),
        id: value(Clause::Id),
        for_: value(Clause::For),
        date,
        date_text: text(raw.get(date_start..).unwrap_or_default()),
        note: text(raw.get(..outline.lead.min(date_start)).unwrap_or_default()),
        rest: outline.rest(raw, date_start),
    }
}

/// The date of a raw field body: that which [`parse`] finds, for less.
pub(crate) fn date(raw: &[u8]) -> Option<Date> {
    behind_last_semicolon(raw)
        .and_then(|start| date_from(raw, start))
        .or_else(|| Outline::of(raw).date(raw).map(|(date, _)| date))
}

/// Where the text behind the last semicolon begins, if nothing behind it can end a comment or a quoted
/// string that it stands in.
fn behind_last_semicolon(raw: &[u8]) -> Option<usize> {
    let start = memchr::memrchr(b';', raw)? + 1;
    let mut depth = 0u32;
    for &c in &raw[start..] {
        match c {
            b'"' | b'\\' => return None,
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(start)
}

#[derive(Clone, Copy, Debug)]
enum Clause {
    From,
    By,
    Via,
    With,
    Id,
    For,
}

impl Clause {
    const NAMES: [(&'static [u8], Clause); 6] = [
        (b"from", Clause::From),
        (b"by", Clause::By),
        (b"via", Clause::Via),
        (b"with", Clause::With),
        (b"id", Clause::Id),
        (b"for", Clause::For),
    ];

    fn named(word: &[u8]) -> Option<Clause> {
        let found = Clause::NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        found.map(|&(_, clause)| clause)
    }
}

/// The most words that a date has before its clock: `29 Apr 2021`.
const DATE_WORDS: usize = 3;

/// Where the pieces of a field stand.
#[derive(Debug, Default)]
struct Outline {
    /// The first value of each clause, by [`Clause`]; empty if there is none.
    clauses: [Range<usize>; Clause::NAMES.len()],
    /// Where the first clause or semicolon stands; the end if there is none.
    lead: usize,
    /// Behind the last semicolon.
    tail: Option<usize>,
    /// What stands between a semicolon and the next one, or the next clause.
    between: Vec<Range<usize>>,
    /// The words before the last one that looks like a time of day, the nearest first.
    before_clock: [Range<usize>; DATE_WORDS + 1],
}

impl Outline {
    fn of(raw: &[u8]) -> Outline {
        let mut outline = Outline { lead: raw.len(), ..Outline::default() };
        let mut recent: [Range<usize>; DATE_WORDS + 1] = Default::default();
        let (mut open, mut behind) = (None, None);
        for word in Words::of(raw) {
            let text = &raw[word.clone()];
            let clause = Clause::named(text);
            if text == b";" {
                outline.tail = Some(word.end);
            }
            if clause.is_some() || text == b";" {
                outline.lead = outline.lead.min(word.start);
                outline.close(raw, open, word.start);
                outline.between.extend(behind.take().map(|start| start..word.start));
                open = clause.map(|clause| (clause, word.end));
                behind = clause.is_none().then_some(word.end);
            }
            if is_clock(text) {
                outline.before_clock = recent.clone();
            }
            recent.rotate_right(1);
            recent[0] = word;
        }
        outline.close(raw, open, raw.len());
        outline.between.extend(behind.map(|start| start..raw.len()));
        outline
    }

    fn close(&mut self, raw: &[u8], open: Option<(Clause, usize)>, end: usize) {
        let Some((clause, start)) = open else { return };
        let value = &mut self.clauses[clause as usize];
        if Range::is_empty(value) && !raw[start..end].iter().all(|&c| is_fws(c)) {
            *value = start..end;
        }
    }

    /// The date and where it begins.
    fn date(&self, raw: &[u8]) -> Option<(Date, usize)> {
        let behind_semicolon = self.tail.and_then(|start| Some((date_from(raw, start)?, start)));
        behind_semicolon.or_else(|| self.date_at_clock(raw))
    }

    /// QUIRK: some servers leave the semicolon out, or write something else behind it; then the date
    /// is looked for in the words before the last clock. The weekday belongs to it if a comma says so.
    fn date_at_clock(&self, raw: &[u8]) -> Option<(Date, usize)> {
        self.before_clock.windows(2).find_map(|pair| {
            let [first, before] = pair else { return None };
            if first.is_empty() {
                return None;
            }
            let date = date_from(raw, first.start)?;
            let weekday = raw[before.clone()].ends_with(b",");
            Some((date, if weekday { before.start } else { first.start }))
        })
    }

    fn rest(&self, raw: &[u8], date_start: usize) -> Option<String> {
        let others = self.between.iter().filter(|it| !it.contains(&date_start));
        let texts: Vec<String> = others.filter_map(|it| text(&raw[it.clone()])).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    fn value(&self, raw: &[u8], clause: Clause, date_start: usize) -> Option<String> {
        let Range { start, end } = self.clauses[clause as usize].clone();
        let end = if start < date_start { end.min(date_start) } else { end };
        text(&raw[start..end])
    }
}

/// The words of a piece of the field, with single spaces; `None` if there are none.
fn text(piece: &[u8]) -> Option<String> {
    let words = piece.split(|&c| is_fws(c)).filter(|word| !word.is_empty());
    let text = words.collect::<Vec<_>>().join(&b' ');
    (!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned())
}

fn date_from(raw: &[u8], start: usize) -> Option<Date> {
    date::parse(raw.get(start..)?, &mut ())
}

/// Whether a word begins like `9:59` or `23:59:59`.
fn is_clock(word: &[u8]) -> bool {
    let hour = word.iter().take_while(|c| c.is_ascii_digit()).count();
    matches!(word.get(hour..), Some([b':', minute, ..]) if minute.is_ascii_digit())
        && (1..=2).contains(&hour)
}

/// The words of a field outside comments and quoted strings; a semicolon is one.
#[derive(Debug)]
struct Words<'a> {
    raw: &'a [u8],
    at: usize,
    /// Whether all comments so far were closed, and all quoted strings.
    ///
    /// QUIRK: one that is never closed would swallow the date; its first octet is then text like any
    /// other, and so are those of its kind behind it, so that none is searched to the end twice.
    comments: bool,
    quotes: bool,
}

impl<'a> Words<'a> {
    fn of(raw: &'a [u8]) -> Words<'a> {
        Words { raw, at: 0, comments: true, quotes: true }
    }

    /// Skips the comment that begins here; false if it is never closed.
    fn comment(&mut self) -> bool {
        let (end, closed) = lex::skip_comment(self.raw, self.at);
        self.comments = closed;
        self.at = if closed { end } else { self.at };
        closed
    }

    /// Skips the quoted string that begins here; false if it is never closed.
    fn quoted(&mut self) -> bool {
        let (end, closed) = lex::skip_quoted(self.raw, self.at);
        self.quotes = closed;
        self.at = if closed { end } else { self.at };
        closed
    }

    /// The word that begins here, one octet or more.
    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        let rest = self.raw.iter().skip(start + 1);
        let ends = |&c: &u8| is_fws(c) || matches!(c, b'(' | b'"' | b';');
        let more = if self.raw[start] == b';' { 0 } else { rest.take_while(|c| !ends(c)).count() };
        self.at = start + 1 + more;
        start..self.at
    }
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            match *self.raw.get(self.at)? {
                c if is_fws(c) => self.at += 1,
                b'(' if self.comments && self.comment() => {}
                b'"' if self.quotes && self.quoted() => {}
                _ => return Some(self.word()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `name=value` of each clause that is there, then the date.
    fn shown(raw: &str) -> Vec<String> {
        let received = parse(raw.as_bytes());
        let clauses = [
            ("from", received.from),
            ("by", received.by),
            ("via", received.via),
            ("with", received.with),
            ("id", received.id),
            ("for", received.for_),
            ("date", received.date.map(|date| date.rfc3339())),
            ("note", received.note),
            ("rest", received.rest),
        ];
        let present = clauses.into_iter().filter_map(|(name, value)| Some((name, value?)));
        present.map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn reads_what_servers_write() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                "RFC 5321 appendix D",
                "from bar.com by foo.com ; Thu, 21 May 1998 05:33:29 -0700",
                &["from=bar.com", "by=foo.com", "date=1998-05-21T05:33:29-07:00"],
            ),
            (
                "Postfix",
                " from a.example (a.example [192.0.2.1])\r\n\tby b.example (Postfix) with ESMTPS id 4F\r\n\tfor <x@b.example>; Sat, 20 Nov 2021 14:22:01 +0100 (CET)",
                &[
                    "from=a.example (a.example [192.0.2.1])",
                    "by=b.example (Postfix)",
                    "with=ESMTPS",
                    "id=4F",
                    "for=<x@b.example>",
                    "date=2021-11-20T14:22:01+01:00",
                ],
            ),
            (
                "Sendmail of old, no from",
                "by sun.example. (4.1/SMI-4.1)\n\tid AA00502; Mon, 19 Jul 93 12:47:32 MST",
                &["by=sun.example. (4.1/SMI-4.1)", "id=AA00502", "date=1993-07-19T12:47:32-07:00"],
            ),
            (
                "Exim, id before for",
                "from [192.0.2.1] (helo=a) by b.example with esmtp (Exim 4.92) (envelope-from <x@y.example>) id 1a-2b-3c for z@b.example; Sat, 20 Nov 2021 14:22:01 +0000",
                &[
                    "from=[192.0.2.1] (helo=a)",
                    "by=b.example",
                    "with=esmtp (Exim 4.92) (envelope-from <x@y.example>)",
                    "id=1a-2b-3c",
                    "for=z@b.example",
                    "date=2021-11-20T14:22:01+00:00",
                ],
            ),
            (
                "qmail, from the network",
                "(qmail 1234 invoked from network); 19 Jul 1993 19:47:32 -0000",
                &["date=1993-07-19T19:47:32-00:00", "note=(qmail 1234 invoked from network)"],
            ),
            (
                "qmail, by a user",
                "(qmail 1234 invoked by uid 99); 19 Jul 1993 19:47:32 -0000",
                &["date=1993-07-19T19:47:32-00:00", "note=(qmail 1234 invoked by uid 99)"],
            ),
            (
                "Exchange, comments with semicolons",
                "from A.example (10.0.0.1) by B.example (10.0.0.2) with Microsoft SMTP Server (TLS; v1) id 15.0.1 via Frontend Transport; Sat, 20 Nov 2021 14:22:01 +0000 (UTC; sure)",
                &[
                    "from=A.example (10.0.0.1)",
                    "by=B.example (10.0.0.2)",
                    "via=Frontend Transport",
                    "with=Microsoft SMTP Server (TLS; v1)",
                    "id=15.0.1",
                    "date=2021-11-20T14:22:01+00:00",
                ],
            ),
            (
                "Gmail",
                "by 2001:db8::1 with SMTP id a1-b2mr3.4; Mon, 10 Oct 2022 10:31:15 -0700 (PDT)",
                &["by=2001:db8::1", "with=SMTP", "id=a1-b2mr3.4", "date=2022-10-10T10:31:15-07:00"],
            ),
            (
                "several recipients, upper case",
                "FROM a BY b FOR <x@b>,\n <y@b> ; Tue Jul 16 14:16:11 2002 +1000",
                &["from=a", "by=b", "for=<x@b>, <y@b>", "date=2002-07-16T14:16:11+10:00"],
            ),
        ];
        for &(name, raw, expected) in cases {
            assert_eq!(shown(raw), expected, "{name}");
        }
    }

    #[test]
    fn reads_what_is_broken() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("nothing", " \r\n ", &[]),
            ("no clause", "apparently", &["note=apparently"]),
            (
                "Sendmail, a program on the same machine",
                "(from a@localhost)\n\tby b.example (8.11.6/8.11.6) id f9; 1 Oct 2001 23:35:25 -0500",
                &[
                    "by=b.example (8.11.6/8.11.6)",
                    "id=f9",
                    "date=2001-10-01T23:35:25-05:00",
                    "note=(from a@localhost)",
                ],
            ),
            ("a date alone", "Thu, 05 Sep 2002 10:51:01 GMT", &["date=2002-09-05T10:51:01+00:00"]),
            ("empty clauses", "from by ; with", &[]),
            ("keywords inside words", "fromage byte xid=1 with", &["note=fromage byte xid=1"]),
            ("twice: the first", "from a from b by c by d", &["from=a", "by=c"]),
            ("a keyword in quotes", "from \"by x\" (by y) by z", &["from=\"by x\" (by y)", "by=z"]),
            ("a comment glued on", "from a(b)by c", &["from=a(b)", "by=c"]),
            (
                "no semicolon",
                "by a with SMTP id F4 Thu, 05 Sep 2002 10:51:01 -0700 (PDT)",
                &["by=a", "with=SMTP", "id=F4", "date=2002-09-05T10:51:01-07:00"],
            ),
            (
                "no semicolon, as Go prints times",
                "by a with SMTP id f-15 2016-01-29 13:25:20.638113318 +0000 UTC m=+0.5",
                &["by=a", "with=SMTP", "id=f-15", "date=2016-01-29T13:25:20+00:00"],
            ),
            (
                "date in front",
                "from a at Thu, 06 Jan 2022 12:18:29 +0900 by b with SMTP",
                &["from=a at", "by=b", "with=SMTP", "date=2022-01-06T12:18:29+09:00"],
            ),
            (
                "semicolon at the end too",
                "by a; Thu, 05 Sep 2002 10:51:01 GMT;",
                &["by=a", "date=2002-09-05T10:51:01+00:00"],
            ),
            (
                "a comment never closed",
                "from a (b by c; Thu, 05 Sep 2002 10:51:01 GMT",
                &["from=a (b", "by=c", "date=2002-09-05T10:51:01+00:00"],
            ),
            (
                "a quote never closed",
                "from 6\" by c; Thu, 05 Sep 2002 10:51:01 GMT",
                &["from=6\"", "by=c", "date=2002-09-05T10:51:01+00:00"],
            ),
            (
                "a date that is none",
                "by a; Thu, 33 Sep 2002 10:51:01 GMT",
                &["by=a", "rest=Thu, 33 Sep 2002 10:51:01 GMT"],
            ),
            (
                "a placeholder",
                "from a by b with c; date",
                &["from=a", "by=b", "with=c", "rest=date"],
            ),
            (
                "semicolons inside",
                "from a; b (c) by d; e; Thu, 05 Sep 2002 10:51:01 GMT",
                &["from=a", "by=d", "date=2002-09-05T10:51:01+00:00", "rest=b (c); e"],
            ),
        ];
        for &(name, raw, expected) in cases {
            assert_eq!(shown(raw), expected, "{name}");
        }
        assert_eq!(parse(b"by m\xfcll").by.as_deref(), Some("m\u{fffd}ll"));
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        for piece in ["(", "\"", ";", "(\"", "by ", "\\", "1:1 ", "()", "( ;", ")"] {
            let _ = parse(piece.repeat(1 << 18).as_bytes());
        }
    }

    proptest! {
        #[test]
        fn the_date_alone_is_that_of_all(
            pieces in prop::collection::vec(
                prop::sample::select(&[
                    "from a by b", "; ", ";", "(", ")", "\"", "\\", " Fri, 17 Aug 2012 23:16:18 +0530",
                    "17 Aug 2012 9:16 GMT", " (PDT)", " id <x;y>", "\r\n ", "(a ; 1 Jan 2001 1:00:00 +0000)",
                ][..]),
                0..8,
            ),
        ) {
            let raw = pieces.concat();
            prop_assert_eq!(date(raw.as_bytes()), parse(raw.as_bytes()).date);
        }

        #[test]
        fn any_octets_are_read(raw: Vec<u8>) {
            let _ = parse(&raw);
        }

        #[test]
        fn any_order_of_clauses_is_the_same(order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle()) {
            let clauses = ["from a (b)", "by c", "via d", "with e", "id f", "for g"];
            let text: Vec<_> = order.iter().map(|&i| clauses[i]).collect();
            prop_assert_eq!(parse(text.join("\n ").as_bytes()), parse(clauses.join(" ").as_bytes()));
        }

        #[test]
        fn pieces_of_the_grammar_are_read(
            pieces in prop::collection::vec("from |by |id |for |;|[(]|[)]|\"|a|1:1 |, |Jan 2 2020 ", 0..40)
        ) {
            let _ = parse(pieces.concat().as_bytes());
        }
    }
}
