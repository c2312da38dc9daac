//! What fields become: tables by kind of field, and laws.

use proptest::prelude::*;

use super::*;
use crate::base::chars::is_wsp;
use crate::header::words::{self, Place};
use crate::header::{address, params};
use crate::transfer::LineEnd;

const LATIN_2: Style<'_> =
    Style { line_end: LineEnd::CrLf, declared: Some("iso-8859-2"), charset: None };

fn plain() -> Style<'static> {
    Style::default()
}

/// The field that comes out; `=` if it is clean, `!` and the reason if it is refused.
fn outcome(field: &[u8], style: &Style<'_>) -> String {
    match rewrite(field, &Context::for_tests(), style) {
        Outcome::Clean => "=".to_owned(),
        Outcome::Refused(refusal) => {
            let detail = refusal.detail.map_or(String::new(), |detail| format!(" [{detail}]"));
            format!("!{}{detail}", refusal.reason)
        }
        Outcome::Rewritten(new) => String::from_utf8(new.octets).expect("ASCII"),
    }
}

#[track_caller]
fn check(style: &Style<'_>, cases: &[(&str, &[u8], &str)]) {
    for &(name, field, expected) in cases {
        assert_eq!(outcome(field, style), expected, "{name}");
    }
}

fn rewritten(field: &[u8], style: &Style<'_>) -> Option<Rewritten> {
    match rewrite(field, &Context::for_tests(), style) {
        Outcome::Rewritten(new) => Some(new),
        _ => None,
    }
}

#[test]
fn what_is_clean_is_left_alone() {
    let long = format!("Subject: {}\r\n", "a".repeat(989));
    let cases: &[(&str, &[u8], &str)] = &[
        ("plain", b"Subject: x\r\n", "="),
        ("no line end", b"Subject: x", "="),
        ("folded, LF", b"To: a@x,\n b@y\n", "="),
        ("no field", b"hello", "="),
        ("998", long.as_bytes(), "="),
        ("wrong but clean", b"Content-Type: a b c; =\r\n", "="),
    ];
    check(&plain(), cases);
}

#[test]
fn text_becomes_words() {
    check(
        &plain(),
        &[
            (
                "one word",
                b"Subject: un caf\xC3\xA9 noir\r\n",
                "Subject: un =?UTF-8?B?Y2Fmw6k=?= noir\r\n",
            ),
            (
                "from the first to the last",
                b"sUBJECT:  a \xC3\xA9 b \xC3\xA9 c\r\n",
                "sUBJECT:  a =?UTF-8?B?w6kgYiDDqQ==?= c\r\n",
            ),
            (
                "B if shorter",
                "X-Unknown: \u{434}\u{430}".as_bytes(),
                "X-Unknown: =?UTF-8?B?0LTQsA==?=",
            ),
            ("no known charset", b"Subject: caf\xE9\r\n", "Subject: =?unknown-8bit?Q?caf=E9?=\r\n"),
            (
                "beside a word",
                b"Subject: =?utf-8?q?a?= \xC3\xA9\r\n",
                "Subject: =?utf-8?q?a?= =?UTF-8?B?IMOp?=\r\n",
            ),
            (
                "glued to a word",
                b"Subject: \xC3\xA9=?utf-8?q?a?=b\r\n",
                "Subject: =?UTF-8?B?w6k=?= =?utf-8?q?a?=b\r\n",
            ),
            (
                "text between stays",
                b"Subject: \xC3\xA9 =?utf-8?q?a?= b =?utf-8?q?c?= \xC3\xA9\r\n",
                "Subject: =?UTF-8?B?w6kg?= =?utf-8?q?a?= b =?utf-8?q?c?= =?UTF-8?B?IMOp?=\r\n",
            ),
            (
                "a dirty word",
                b"Subject: =?iso-8859-1?Q?\xE9?= b\r\n",
                "Subject: =?iso-8859-1?Q?=E9?= b\r\n",
            ),
            (
                "folds outside stay, those inside go",
                b"Subject: a\r\n  b \xC3\xA9\r\n\tc \xC3\xA9\r\n d\r\n",
                "Subject: a\r\n  b =?UTF-8?B?w6kJYyDDqQ==?=\r\n d\r\n",
            ),
            ("bare CR", b"Subject: a b\rc\r\n", "Subject: a =?UTF-8?B?Yg1j?=\r\n"),
            ("CR in a fold", b"Subject: a\r b\r\n", "Subject: a\r\n b\r\n"),
            ("CR at the end", b"Subject: a\r\r\n", "Subject: a\r\n"),
            ("NUL", b"Subject: a\0\r\n", "!a NUL cannot be written in a header"),
            ("no field", b"caf\xE9", "!it is no field: a name and a colon are missing"),
            ("two fields", b"A: \xE9\nB: c\n", "!one of its lines does not go on with white space"),
        ],
    );
    let lf = Style { line_end: LineEnd::Lf, ..plain() };
    check(&lf, &[("LF", b"A: b\r\n \xC3\xA9\r\n", "A: b\n =?UTF-8?B?w6k=?=\n")]);
}

#[test]
fn a_label_is_never_a_guess() {
    let both = Style { declared: Some("us-ascii"), charset: Some("koi8-r"), ..plain() };
    let quoted = Style { declared: Some("\"iso-8859-2\""), ..plain() };
    let cases: &[(&str, &[u8], &Style<'_>, &str)] = &[
        ("UTF-8 counts first", b"\xC3\xA9", &LATIN_2, "UTF-8"),
        ("declared", b"\xB1", &LATIN_2, "iso-8859-2"),
        ("declared, but no text in it", b"\xC1", &both, "koi8-r"),
        ("syntax in it", b"\xB1", &quoted, "iso-8859-2"),
        ("nothing", b"\xB1", &plain(), "unknown-8bit"),
        ("unknown", b"\xB1", &Style { declared: Some("x-nope"), ..plain() }, "unknown-8bit"),
        (
            "not with ASCII",
            b"\xB1a",
            &Style { declared: Some("utf-16"), ..plain() },
            "unknown-8bit",
        ),
    ];
    for &(name, octets, style, expected) in cases {
        assert_eq!(choose_label(octets, style), expected, "{name}");
    }
}

#[test]
fn characters_are_not_split() {
    // Sixty characters of two octets, the second of which may be ASCII.
    let octets = b"\x83\x5C\x82\xA0".repeat(30);
    let style = Style { declared: Some("shift_jis"), ..plain() };
    let field = [b"Subject: ", &octets[..], b"\r\n"].concat();
    let new = rewritten(&field, &style).expect("it can be written").octets;
    let text = String::from_utf8(new).expect("ASCII");
    let apart: String = text["Subject: ".len()..]
        .split_whitespace()
        .map(|word| words::decode(word.as_bytes(), Place::Text, &Context::for_tests(), &mut ()))
        .map(|text| if text.lossy { "!".to_owned() } else { text.text })
        .collect();
    assert!(text.lines().count() > 1);
    assert_eq!(apart, "\u{30BD}\u{3042}".repeat(30));
}

#[test]
fn addresses_are_written() {
    check(
        &plain(),
        &[
            (
                "a name",
                b"To: J\xC3\xB6rg Blow <j@x>\r\n",
                "To: =?UTF-8?B?SsO2cmc=?= Blow <j@x>\r\n",
            ),
            (
                "quoted",
                b"From: \"Bl\xC3\xB6w, Joe\" <j@x>, Ann <a@y>\r\n",
                "From: =?UTF-8?Q?Bl=C3=B6w=2C_Joe?= <j@x>, Ann <a@y>\r\n",
            ),
            (
                "glued",
                b"To: \"\xC3\xB6\"Q<j@x>,\xC3\xB6 <a@y>\r\n",
                "To: =?UTF-8?B?w7ZR?= <j@x>, =?UTF-8?B?w7Y=?= <a@y>\r\n",
            ),
            (
                "comment",
                b"Cc: j@x (J\xC3\xB6rg (b\xC3\xBC) c)\r\n",
                "Cc: j@x (=?UTF-8?B?SsO2cmc=?= (=?UTF-8?B?YsO8?=) c)\r\n",
            ),
            (
                "a comment among words",
                b"To: \xC3\xB6 (c) \xC3\xB6 <j@x>\r\n",
                "To: =?UTF-8?B?w7Ygw7Y=?= (c) <j@x>\r\n",
            ),
            ("group", b"To: \xC3\xB6: a@x;\r\n", "To: =?UTF-8?B?w7Y=?= : a@x;\r\n"),
            (
                "beside a word",
                b"To: =?utf-8?q?a?= \xC3\xB6 <j@x>\r\n",
                "To: =?utf-8?q?a?= =?UTF-8?B?IMO2?= <j@x>\r\n",
            ),
            (
                "domain",
                b"From: J <j@B\xC3\xBCcher.example>\r\n",
                "From: J <j@xn--bcher-kva.example>\r\n",
            ),
            (
                "local part",
                b"From: J <j\xC3\xB6@x.example>, K <k@y>\r\n",
                "!a local part that is not ASCII cannot be written in 7 bits [j\u{F6}@x.example]",
            ),
            (
                "CR in a local part",
                b"From: \"a\rb\"@x\r\n",
                "!a local part with a bare CR cannot be written [\"a\rb\"@x]",
            ),
            (
                "no domain",
                b"From: j@b\xFC.example\r\n",
                "!a domain that has no A-label cannot be written in 7 bits [j@b\u{FFFD}.example]",
            ),
            ("list-id", b"List-Id: \xC3\xB6 <a.b.c>\r\n", "List-Id: =?UTF-8?B?w7Y=?= <a.b.c>\r\n"),
            ("CR between", b"To: a@x,\rb@y\r\n", "To: a@x, b@y\r\n"),
            ("CR CRLF", b"To: a@x,\r\r\n b@y\r\n", "To: a@x,\r\n b@y\r\n"),
        ],
    );
    let field = b"To: =?utf-8?q?a?= b <j@x>, \xB1 <k@x>\r\n";
    let expected = "To: =?utf-8?q?a?= b <j@x>, =?iso-8859-2?Q?=B1?= <k@x>\r\n";
    assert_eq!(outcome(field, &LATIN_2), expected);
}

#[test]
fn parameters_are_written() {
    check(
        &plain(),
        &[
            (
                "raw",
                b"Content-Disposition: attachment; size=3; filename=\"caf\xC3\xA9 1.txt\"\r\n",
                "Content-Disposition: attachment; size=3; filename*=UTF-8''caf%C3%A9%201.txt\r\n",
            ),
            (
                "glued",
                b"Content-Type: a/b;name=\xC3\xA9;x=y\r\n",
                "Content-Type: a/b; name*=UTF-8''%C3%A9;x=y\r\n",
            ),
            (
                "its own charset",
                b"Content-Type: a/b; name*=iso-8859-1''caf\xE9\r\n",
                "Content-Type: a/b; name*=iso-8859-1''caf%E9\r\n",
            ),
            (
                "sections",
                b"Content-Type: a/b; x*1=\xC3\xA9; y=z; x*0=a\r\n",
                "Content-Type: a/b; x*=UTF-8''a%C3%A9; y=z\r\n",
            ),
            (
                "no known charset",
                b"Content-Type: a/b; name=caf\xE9\r\n",
                "Content-Type: a/b; name*=unknown-8bit''caf%E9\r\n",
            ),
            (
                "NUL and CR",
                b"Content-Type: a/b; name=\"a\0b\rc\"\r\n",
                "Content-Type: a/b; name*=UTF-8''a%00b%0Dc\r\n",
            ),
            (
                "a form that does not count",
                b"Content-Type: a/b; name=\"\xE9\"; name*=utf-8''%C3%A9\r\n",
                "Content-Type: a/b; name=\"?\"; name*=utf-8''%C3%A9\r\n",
            ),
            (
                "a word inside",
                b"Content-Type: a/b; name=\"=?utf-8?q?a?= \xC3\xA9\"\r\n",
                "Content-Type: a/b; name*=UTF-8''a%20%C3%A9\r\n",
            ),
            (
                "a comment",
                b"Content-Type: a/b (\xC3\xA9); x=y\r\n",
                "Content-Type: a/b (=?UTF-8?B?w6k=?=); x=y\r\n",
            ),
            (
                "boundary",
                b"Content-Type: multipart/mixed; boundary=\"\xC3\xA9\"\r\n",
                "!the boundary has octets that 7 bits cannot hold",
            ),
            (
                "value",
                b"Content-Type: t\xC3\xA9xt/plain\r\n",
                "!the value before the parameters is not ASCII [t\u{E9}xt/plain]",
            ),
            (
                "name",
                b"Content-Type: a/b; n\xC3\xA9=x\r\n",
                "!octets that 7 bits cannot carry stand where nothing can be encoded",
            ),
        ],
    );
    let lossy = rewritten(b"Content-Type: a/b; name=\xE9; name*=''a\r\n", &plain());
    assert!(lossy.is_some_and(|new| new.lossy && new.to == "replaced"));
}

#[test]
fn other_structured_fields_are_written_in_comments_only() {
    let nowhere = "!octets that 7 bits cannot carry stand where nothing can be encoded";
    check(
        &plain(),
        &[
            ("received", b"Received: from a (\xC3\xA9) by b\r\n", "Received: from a (??) by b\r\n"),
            ("received elsewhere", b"Received: from \xC3\xA9 by b\r\n", nowhere),
            (
                "id",
                b"Message-ID: <a\xC3\xA9@x>\r\n",
                "!a message-id with octets over 127 cannot be written in 7 bits [<a\u{E9}@x>]",
            ),
            (
                "date",
                b"Date: Thu, 1 Jan 1970 00:00:00 +0000 (\xC3\xA9)\r\n",
                "Date: Thu, 1 Jan 1970 00:00:00 +0000 (=?UTF-8?B?w6k=?=)\r\n",
            ),
            ("date elsewhere", b"Date: 1 J\xE4n\r\n", nowhere),
            ("dkim", b"DKIM-Signature: a=\xC3\xA9\r\n", nowhere),
            ("path", b"Path: \xC3\xA9!b\r\n", nowhere),
            ("a quoted string is no comment", b"MIME-Version: \"(\xC3\xA9)\"\r\n", nowhere),
            ("CR", b"MIME-Version: 1.\r0\r\n", "!a bare CR stands where nothing can be encoded"),
            (
                "CR beside white space",
                b"MIME-Version: 1.0 \r\r\n (a)\r\n",
                "MIME-Version: 1.0 \r\n (a)\r\n",
            ),
        ],
    );
    assert!(STRUCTURED.is_sorted());
}

#[test]
fn long_lines_are_broken() {
    let words = format!("Subject: {}\r\n", "word ".repeat(300));
    let ids = format!("References: {}\r\n", "<a@b>".repeat(300));
    let list = format!("To: {}a@x\r\n", "a@x,".repeat(300));
    let params = format!(
        "Content-Type: a/b{}\r\n",
        ";x=y".repeat(60).replace(";x=y", ";x=yyyyyyyyyyyyyyyy")
    );
    let name = format!("Content-Type: a/b; name={}\r\n", "n".repeat(1200));
    let word = format!("Subject: a {} b\r\n", "w".repeat(1200));
    let known = format!("Subject: =?utf-8?q?{}?=\r\n", "w".repeat(1200));
    let spaces = format!("Subject: a{}b\r\n", " ".repeat(1200));
    for (field, to) in [
        (&words, "folded"),
        (&ids, "folded"),
        (&list, "folded"),
        (&params, "folded"),
        (&name, "RFC 2231"),
        (&word, "encoded-word"),
        (&known, "encoded-word"),
        (&spaces, "encoded-word"),
    ] {
        let new = rewritten(field.as_bytes(), &plain()).expect(field);
        assert_eq!((new.to, new.reason), (to, Reason::LongLine), "{field}");
        assert_lines(&new.octets, LineEnd::CrLf, 78);
        if to == "folded" {
            let without = |text: &[u8]| -> Vec<u8> {
                text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect()
            };
            assert_eq!(without(&new.octets), without(field.as_bytes()));
        }
    }
    let id = format!("Message-ID: <{}@x>\r\n", "a".repeat(1000));
    let refused = "!a line over 998 octets has no place where it may be broken";
    assert_eq!(outcome(id.as_bytes(), &plain()), refused);
    let boundary = format!("Content-Type: multipart/mixed; boundary={}\r\n", "b".repeat(1000));
    assert_eq!(
        outcome(boundary.as_bytes(), &plain()),
        "!the boundary has octets that 7 bits cannot hold"
    );
}

#[track_caller]
fn assert_lines(octets: &[u8], line_end: LineEnd, max: usize) {
    let text = std::str::from_utf8(octets).expect("ASCII");
    assert!(text.bytes().all(|c| (1..128).contains(&c)), "{text:?}");
    let lines: Vec<&str> = match line_end {
        LineEnd::CrLf => text.strip_suffix("\r\n").unwrap_or(text).split("\r\n").collect(),
        LineEnd::Lf => text.strip_suffix('\n').unwrap_or(text).split('\n').collect(),
    };
    for (i, line) in lines.iter().enumerate() {
        assert!(!line.contains(['\r', '\n']) && line.len() <= max, "{text:?}");
        let goes_on = line.bytes().next().is_some_and(is_wsp) && !line.bytes().all(is_wsp);
        assert!(i == 0 || goes_on, "{text:?}");
    }
    assert!(Field::parse(octets).is_some());
}

/// What holds of any field.
fn laws(field: &[u8], style: &Style<'_>) -> Result<(), TestCaseError> {
    let context = Context::for_tests();
    if let Outcome::Rewritten(new) = rewrite(field, &context, style) {
        assert_lines(&new.octets, style.line_end, LINE_MAX);
        prop_assert_eq!(rewrite(&new.octets, &context, style), Outcome::Clean);
        prop_assert_eq!(
            Field::parse(field).map(|field| field.name),
            Field::parse(&new.octets).map(|field| field.name)
        );
    }
    Ok(())
}

/// Pieces of which fields are made.
fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(of).prop_map(|text| text.as_bytes().to_vec()),
        1 => "[a-z\u{E4}\u{434}\u{30A2}\u{1F600} ]{1,60}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

const TEXT: &[&str] = &[
    "a",
    "b c",
    " ",
    "  ",
    "\t",
    "\r\n ",
    "\r\n\t ",
    "\n ",
    "\r",
    "\u{E9}",
    "\u{434}\u{430}",
    "=?utf-8?Q?=C3=A9?=",
    "=?utf-8?B?w6k=?=",
    "=?iso-8859-1?q?=E9?=",
    "=?x-no?q?a?=",
    "=?utf-8?q?",
    "?=",
    "=?",
    "_",
    "(",
    ")",
    "\\",
];

const ADDRESSES: &[&str] = &[
    "a",
    " ",
    "\r\n ",
    "\u{E9}",
    "\u{434}",
    "\"",
    "(",
    ")",
    "<",
    ">",
    "@",
    ",",
    ";",
    ":",
    "\\",
    "a@x",
    "<a@x.y>",
    "\"\u{E9}, b\"",
    "(\u{E9} c)",
    "@\u{E9}.fr",
    "[",
    "]",
    "=?utf-8?q?=C3=A9?=",
    "=?utf-8?q?a?=",
    ".",
    "\r",
];

const PARAMS: &[&str] = &[
    "a/b",
    ";",
    "; ",
    " ",
    "\r\n ",
    "x=",
    "name=",
    "x*=",
    "x*0=",
    "x*1*=",
    "filename*0*=",
    "utf-8''",
    "\u{E9}",
    "\"",
    "\"\u{E9} b\"",
    "(",
    ")",
    "(\u{E9})",
    "\\",
    "%C3%A9",
    "a",
    "=?utf-8?q?=C3=A9?=",
    "\r",
    "\0",
    "'",
    "boundary=",
];

proptest! {
    #[test]
    fn text_reads_the_same(body in pieces(TEXT), lf in any::<bool>()) {
        let body: Vec<u8> = body.into_iter().filter(|&c| c != 0).collect();
        let line_end = if lf { LineEnd::Lf } else { LineEnd::CrLf };
        let style = Style { line_end, ..plain() };
        let field = [b"Subject: ", &body[..], line_end.as_bytes()].concat();
        laws(&field, &style)?;
        let read = |field: &[u8]| {
            let body = Field::parse(field).map(|field| field.body).unwrap_or_default();
            words::decode(body, Place::Text, &Context::for_tests(), &mut ()).text
        };
        if let Some(new) = rewritten(&field, &style) {
            prop_assert_eq!(read(&field), read(&new.octets));
        }
    }

    #[test]
    fn plain_text_is_never_refused(
        pieces in proptest::collection::vec(
            proptest::sample::select(&["a", "b c", " ", "\r\n ", "\u{E9}", "\u{30A2}", "=?utf-8?Q?=C3=A9?=", "=?utf-8?B?w6k=?="][..]),
            0..40,
        )
    ) {
        let field = format!("Subject: {}\r\n", pieces.concat());
        let style = plain();
        let outcome = rewrite(field.as_bytes(), &Context::for_tests(), &style);
        prop_assert!(!matches!(outcome, Outcome::Refused(_)), "{:?}", outcome);
        if let Outcome::Rewritten(new) = outcome {
            let clean = field.lines().all(|line| line.len() <= 78);
            if clean {
                assert_lines(&new.octets, LineEnd::CrLf, 78);
            }
        }
    }

    #[test]
    fn names_are_never_refused(
        list in proptest::collection::vec(("[a-z\u{E9}\u{30A2}][a-z\u{E9}\u{30A2}\", ]{0,90}", any::<bool>()), 1..5)
    ) {
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\\\""));
        let entries: Vec<String> = list
            .iter()
            .map(|(name, quoted)| match quoted {
                true => format!("{} <a@x.example>", quote(name)),
                false => format!("a@x.example ({name})"),
            })
            .collect();
        let field = format!("To: {}\r\n", entries.join(", "));
        let read = |field: &[u8]| {
            let body = Field::parse(field).map(|field| field.body).unwrap_or_default();
            address::parse(body, &Context::for_tests(), &mut ())
        };
        match rewrite(field.as_bytes(), &Context::for_tests(), &plain()) {
            Outcome::Refused(refusal) => prop_assert!(false, "{refusal:?} {field}"),
            Outcome::Clean => {}
            Outcome::Rewritten(new) => prop_assert_eq!(read(field.as_bytes()), read(&new.octets)),
        }
    }

    #[test]
    fn addresses_keep_the_laws(body in pieces(ADDRESSES)) {
        laws(&[b"To:", &body[..], b"\r\n"].concat(), &plain())?;
        laws(&[b"From: ", &body[..], b"\r\n"].concat(), &LATIN_2)?;
    }

    #[test]
    fn parameters_read_the_same(value in "[ -~\u{E9}\u{30A2}]{1,150}", name in "x|filename", turn in any::<bool>()) {
        prop_assume!(!value.contains("=?"));
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let param = format!("{name}=\"{quoted}\"");
        let params = if turn { format!("{param}; a=b") } else { format!("a=b; {param}") };
        let field = format!("Content-Disposition: attachment; {params}\r\n");
        let read = |field: &[u8]| {
            let body = Field::parse(field).map(|field| field.body).unwrap_or_default();
            let parsed = params::parse(body, &Context::for_tests(), &mut ());
            [&name, "a"].map(|name| parsed.get(name).map(str::to_owned))
        };
        match rewrite(field.as_bytes(), &Context::for_tests(), &plain()) {
            Outcome::Refused(refusal) => prop_assert!(false, "{refusal:?}"),
            Outcome::Clean => prop_assert!(value.is_ascii()),
            Outcome::Rewritten(new) => {
                prop_assert_eq!(read(field.as_bytes()), read(&new.octets));
                assert_lines(&new.octets, LineEnd::CrLf, 78);
            }
        }
    }

    #[test]
    fn parameters_keep_the_laws(body in pieces(PARAMS)) {
        laws(&[b"Content-Type: ", &body[..], b"\r\n"].concat(), &plain())?;
        laws(&[b"Content-Type:", &body[..]].concat(), &LATIN_2)?;
    }

    #[test]
    fn any_field_keeps_the_laws(
        name in "Subject|To|Date|Received|References|Content-Type|MIME-Version|List-Id|[!-~]{1,80}",
        body in proptest::collection::vec(any::<u8>(), 0..80),
        times in 1usize..30,
    ) {
        laws(&[name.as_bytes(), b":", &body.repeat(times)].concat(), &plain())?;
    }
}

#[test]
fn hostile_fields_take_linear_time() {
    let patterns: &[&[u8]] = &[
        b"\xE9",
        b"\xC3\xA9 ",
        b"(\xE9)",
        b"\"\xE9",
        b"\xE9,",
        b"\xE9<",
        b"=?\xE9",
        b"=?utf-8?q?\xE9?= ",
        b"\r",
        b"(\xE9",
        b";x=\xE9",
        b";x*=\xE9",
        b"\\\xE9",
        b"\xE9 (\xE9) ",
        b"<a@b>",
        b"a@\xC3\xA9,",
    ];
    for name in ["Subject", "To", "Content-Type", "Date", "References"] {
        for pattern in patterns {
            let body = pattern.repeat(60_000 / pattern.len());
            let field = [name.as_bytes(), b":", &body].concat();
            rewrite(&field, &Context::for_tests(), &plain());
        }
    }
}
