//! Conditions against messages.

use std::io;

use super::*;
use crate::base::Limits;
use crate::charset::Charset;
use crate::structure::{At, Builder, Visitor, Want};
use crate::walk::{Kind, Reader, Separator};

const CONTEXT: fn() -> Context =
    || Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };

/// A selection while it watches a message.
struct Watch {
    selection: Selection,
    headed: Option<bool>,
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.part == 0 && at.decoded == 0 && kind == Kind::Field {
            self.selection.field(octets);
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        if part == 0 {
            self.headed = self.selection.headed(structure);
        }
        Ok(Want::Nothing)
    }
}

/// What was known when the header was over, and whether the message is meant.
fn select(conditions: &[&str], message: &str) -> (Option<bool>, bool) {
    let conditions = conditions.iter().map(|it| it.parse().expect("a condition")).collect();
    let mut watch = Watch { selection: Selection::new(conditions, CONTEXT()), headed: None };
    watch.selection.begin();
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let mut reader = Reader::new(message.as_bytes(), limits, builder.walk_options(Separator::None));
    let structure = builder.read(&mut reader, &mut watch).expect("memory").expect("a message");
    (watch.headed, watch.selection.matches(structure))
}

const MESSAGE: &str = "\
From: =?utf-8?q?Al=C3=ADce?= <Alice@Example.org>
From: Second <second@example.org>
To: Bob Stone <bob@example.net>, \"Stone, Jo\" <jo@example.net>
Cc: carol@example.net
Bcc: dave@example.net
Subject: =?iso-8859-1?q?Gr=FC=DFe?= to
 everyone
Subject: another
Message-ID: <AbC@example.org>
Date: Sun, 17 May 2020 23:30:00 -0200
List-Id: The list <list.example.org>
Received: from a; Mon, 18 May 2020 10:00:00 +0000
Received: from b; Mon, 18 May 2020 09:00:00 +0000
Content-Type: multipart/mixed; boundary=b

--b

hello
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename*=UTF-8''Rechnung%20%C3%84rger.pdf

x
--b--
";

#[test]
fn one_condition() {
    const CASES: &[(&str, bool)] = &[
        ("from~alice@example", true),
        ("from~ALÍCE", true),
        // The same letter as two characters.
        ("from~ali\u{301}ce", true),
        ("from~second", true),
        ("from~bob", false),
        ("from ~ alice@example", true),
        ("! from = alice@example.org", false),
        ("date >= 2020", true),
        ("size < 1 MiB", true),
        ("!from~bob", true),
        ("!from~alice", false),
        ("from=alice@example.org", true),
        ("from=alíce", true),
        ("from=alice", false),
        ("FROM~alice", true),
        ("to~bob", true),
        ("to~carol", true),
        ("to~dave", true),
        ("to~alice", false),
        ("to=stone, jo", true),
        ("cc~carol", true),
        ("cc~bob", false),
        ("subject~GRÜSSE", false),
        ("subject~grüße to everyone", true),
        ("subject=Grüße to everyone", true),
        ("subject=Grüße", false),
        // Of several subjects the first counts.
        ("subject~another", false),
        ("header:list-id~LIST.example", true),
        ("header:List-Id~", true),
        ("header:X-None~", false),
        ("!header:X-None~", true),
        ("header:received~from b", true),
        ("header:subject~another", false),
        ("id=<AbC@example.org>", true),
        ("id=AbC@example.org", true),
        ("id=abc@example.org", false),
        ("id~abc@", true),
        // 2020-05-18T01:30:00Z
        ("date=2020", true),
        ("date=2020-05", true),
        ("date=2020-05-18", true),
        ("date=2020-05-17", false),
        ("date=2020-05-17T23:30:00-02:00", true),
        ("date=2020-05-18T01:30:01Z", false),
        ("date>2020-05-17", true),
        ("date>2020-05-18", false),
        ("date>=2020-05-18", true),
        ("date<=2020-05-18", true),
        ("date<2020-05-18", false),
        ("date<2020-05-18T01:30:01Z", true),
        ("date<2021", true),
        ("date>2020", false),
        ("size>0", true),
        ("size>1KiB", false),
        ("size<1KiB", true),
        ("!size<1KiB", false),
        ("attachment", true),
        ("!attachment", false),
        ("attachment=application/pdf", true),
        ("attachment=Application/*", true),
        ("attachment=*/*", true),
        ("attachment=text/*", false),
        ("attachment=application/pd", false),
        ("attachment~ärger", true),
        ("attachment~invoice", false),
    ];
    for &(condition, expected) in CASES {
        let (headed, matches) = select(&[condition], MESSAGE);
        assert_eq!(matches, expected, "{condition}");
        let is_known = !condition.contains("size") && !condition.contains("attachment");
        assert_eq!(headed, is_known.then_some(expected), "{condition}");
    }
}

#[test]
fn all_must_hold() {
    const CASES: &[(&[&str], Option<bool>, bool)] = &[
        (&[], Some(true), true),
        (&["from~alice", "to~bob"], Some(true), true),
        (&["from~alice", "to~zoe"], Some(false), false),
        (&["attachment", "to~zoe"], Some(false), false),
        (&["attachment", "to~bob"], None, true),
        (&["attachment", "size>1M"], None, false),
    ];
    for &(conditions, headed, matches) in CASES {
        assert_eq!(select(conditions, MESSAGE), (headed, matches), "{conditions:?}");
    }
}

#[test]
fn without_a_date_nothing_compares() {
    for message in ["Subject: x\n\n", "Date: soon\nDate: 1 Jan 2020 00:00 +0000\n\n"] {
        for condition in ["date>=0001", "date<9999", "date=2020"] {
            assert_eq!(select(&[condition], message), (Some(false), false), "{condition}");
            let negated = format!("!{condition}");
            assert_eq!(select(&[&negated], message), (Some(true), true), "{negated}");
        }
    }
}

#[test]
fn sizes_are_octets_of_the_message() {
    let message = format!("Subject: x\n\n{}", "x".repeat(1024 - 12));
    for (condition, expected) in [
        ("size=1KiB", true),
        ("size=1024", true),
        ("size>=1k", true),
        ("size<=1KiB", true),
        ("size>1KiB", false),
        ("size<1KiB", false),
        ("size<1M", true),
        ("size<1G", true),
    ] {
        assert_eq!(select(&[condition], &message).1, expected, "{condition}");
    }
}

#[test]
fn what_is_wrong_with_a_condition() {
    const CASES: &[(&str, &str)] = &[
        ("", "no condition is called ``: there are from, to,"),
        ("sender~x", "no condition is called `sender`: there are from, to,"),
        ("header:~x", "no condition is called `header:`"),
        ("header:a b~x", "no condition is called `header:a b`"),
        ("from", "`from` takes ~ (contains) or = (equals) and a text"),
        ("from>x", "`from` takes ~ (contains)"),
        ("date~2020", "`date` takes <, <=, =, >= or > and a value"),
        ("size", "`size` takes <,"),
        ("size>", "`` is no size"),
        ("size>1X", "`1X` is no size such as 500, 20k, 3MB or 1GiB"),
        ("from:alice", "`from` takes ~ or =, no colon: from~alice"),
        ("From: Al=x", "`From` takes ~ or =, no colon: From~Al=x"),
        ("from~=x", "`from` takes ~ (contains) or = (equals), one of both"),
        ("subject==x", "`subject` takes ~ (contains) or = (equals), one of both"),
        ("size>-1", "`-1` is no size"),
        ("size>99999999999G", "`99999999999G` is no size"),
        ("size>1Ｋ", "`1Ｋ` is no size"),
        ("date>20", "`20` is no date: a year, a month (2020-05)"),
        ("date>2020-13", "`2020-13` is no date"),
        ("date>2020-02-30", "`2020-02-30` is no date"),
        ("date>2020-2", "`2020-2` is no date"),
        ("date>2020-02-03-04", "`2020-02-03-04` is no date"),
        ("date>2020-02-03T10:00:00", "`2020-02-03T10:00:00` is no date"),
        ("date>", "`` is no date"),
        ("attachment=pdf", "`pdf` is no media type: such as application/pdf or image/*"),
        ("attachment=/pdf", "`/pdf` is no media type"),
        ("attachment>1", "`attachment` stands alone, or takes = and a media type"),
        ("!!from~x", "no condition is called `!from`"),
    ];
    for &(text, expected) in CASES {
        let error = text.parse::<Condition>().expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn sizes() {
    let cases: &[(&str, Option<u64>)] = &[
        ("0", Some(0)),
        ("500", Some(500)),
        ("20k", Some(20_000)),
        ("20 kB", Some(20_000)),
        ("3MB", Some(3_000_000)),
        ("1GiB", Some(1 << 30)),
        ("7B", Some(7)),
        ("2T", Some(2_000_000_000_000)),
        ("", None),
        ("k", None),
        ("-1", None),
        ("1.5M", None),
        ("1x", None),
        ("1iB", None),
        ("99999999999999999999", None),
        ("99999999999T", None),
    ];
    for &(text, expected) in cases {
        let read = octets(text).ok();
        assert_eq!(read, expected, "{text}");
    }
}
