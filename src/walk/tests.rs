//! Single cases of the walk, a line each; the laws are in `tests/walk.rs`.

use super::*;
use proptest::prelude::*;

/// The tokens of `text` as `kind part "octets"`, one a line.
fn dump(text: &str, options: Options) -> String {
    let mut out = String::new();
    for event in Tokens::new(text.as_bytes(), Limits::default(), options) {
        match event {
            Event::Token(token) => {
                let octets = token.octets.escape_ascii();
                out += &format!("{:?} {} {octets}\n", token.kind, token.part);
            }
            Event::EndOfMessage => out += "--\n",
            _ => {}
        }
    }
    out
}

fn check(name: &str, text: &str, expected: &str) {
    assert_eq!(dump(text, Options::default()), expected, "{name}");
}

#[test]
fn a_delimiter_owns_the_line_break_before_it() {
    check(
        "two parts",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\r\n--b\n\ntwo\n--b--\nend",
        "Field 0 Content-Type: multipart/mixed; boundary=b\\n\nHeaderEnd 0 \\n\n\
         Delimiter 0 --b\\n\nHeaderEnd 1 \\n\nBody 1 one\nDelimiter 0 \\r\\n--b\\n\n\
         HeaderEnd 2 \\n\nBody 2 two\nCloseDelimiter 0 \\n--b--\\n\nEpilogue 0 end\n",
    );
}

#[test]
fn delimiters_stand_at_line_starts_only() {
    check(
        "in a line, indented, with junk, as a prefix",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx --b\n --b\n--b junk\n--bb\n--b-- \t\n",
        "Field 0 Content-Type: multipart/mixed; boundary=b\\n\nHeaderEnd 0 \\n\n\
         Delimiter 0 --b\\n\nHeaderEnd 1 \\n\nBody 1 x --b\\n --b\\n--b junk\\n--bb\n\
         CloseDelimiter 0 \\n--b-- \\t\\n\n",
    );
}

#[test]
fn headers_end_at_delimiters_and_at_text() {
    check(
        "no empty line before the first delimiter",
        "Content-Type: multipart/mixed; boundary=b\n--b\nSubject: x\n--b--\n",
        "Field 0 Content-Type: multipart/mixed; boundary=b\\n\nDelimiter 0 --b\\n\n\
         Field 1 Subject: x\\n\nCloseDelimiter 0 --b--\\n\n",
    );
    check("text", "A: b\ntext\nmore\n", "Field 0 A: b\\n\nBody 0 text\\nmore\\n\n");
    check("junk before a field", "junk\nA: b\n", "Junk 0 junk\\n\nField 0 A: b\\n\n");
    check("no line end", "A: b", "Field 0 A: b\n");
    check(
        "text before the next delimiter, and a header behind that",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\ntext\n--b\nA: 2\n\n--b--\n",
        "Field 0 Content-Type: multipart/mixed; boundary=b\\n\nHeaderEnd 0 \\n\n\
         Delimiter 0 --b\\n\nField 1 A: 1\\n\nBody 1 text\nDelimiter 0 \\n--b\\n\n\
         Field 2 A: 2\\n\nHeaderEnd 2 \\n\nCloseDelimiter 0 --b--\\n\n",
    );
    check(
        "a delimiter that looks like a field",
        "Content-Type: multipart/mixed; boundary=\"b:\"\n\n--b:\ntext\n--b:\n\n--b:--\n",
        "Field 0 Content-Type: multipart/mixed; boundary=\\\"b:\\\"\\n\nHeaderEnd 0 \\n\n\
         Delimiter 0 --b:\\n\nBody 1 text\nDelimiter 0 \\n--b:\\n\n\
         HeaderEnd 2 \\n\nCloseDelimiter 0 --b:--\\n\n",
    );
}

const MBOX: Options = Options { separator: Separator::From, near_misses: false };
const MMDF: Options = Options { separator: Separator::Mmdf, near_misses: false };
const FROM: &str = "From a@b Mon Jan  1 00:00:00 2024\n";

#[test]
fn an_mbox_is_cut_at_its_separators() {
    let two = format!("{FROM}A: 1\n\none\n\n{FROM}A: 2\n\nFrom now on\n\n\n");
    let expected = format!(
        "FromLine 0 {0}\\n\nField 0 A: 1\\n\nHeaderEnd 0 \\n\nBody 0 one\\n\nGap 0 \\n\n--\n\
         FromLine 0 {0}\\n\nField 0 A: 2\\n\nHeaderEnd 0 \\n\nBody 0 From now on\\n\\n\nGap 0 \\n\n",
        FROM.trim_end()
    );
    assert_eq!(dump(&two, MBOX), expected);
}

/// The spans of the messages, without the `From ` line and what stands between them, and the
/// findings of family M with the line they speak of.
fn messages(text: &str, options: Options) -> (Vec<String>, Vec<(Rule, u64)>) {
    let mut found = Found(Vec::new());
    let mut messages = vec![String::new()];
    for event in Tokens::with_sink(text.as_bytes(), Limits::default(), options, &mut found) {
        match event {
            Event::EndOfMessage => messages.push(String::new()),
            Event::Token(token)
                if !matches!(token.kind, Kind::FromLine | Kind::Gap | Kind::Separator) =>
            {
                let octets = std::str::from_utf8(token.octets).expect("ASCII");
                messages.last_mut().expect("a message").push_str(octets);
            }
            _ => {}
        }
    }
    let line = |span: Span| text[..span.start as usize].matches('\n').count() as u64;
    let findings = found.0.into_iter().filter(|(rule, _)| rule.info().id.starts_with('M'));
    (messages, findings.map(|(rule, span)| (rule, line(span))).collect())
}

struct Found(Vec<(Rule, Span)>);

impl Sink for Found {
    fn report(&mut self, rule: Rule, span: Span) {
        self.0.push((rule, span));
    }
}

#[test]
fn separators_by_evidence() {
    // What stands behind the first From_ line; the messages; the findings and their lines.
    type Case<'a> = (&'a str, String, &'a [&'a str], &'a [(Rule, u64)]);
    let cases: &[Case<'_>] = &[
        ("no body", format!("A: 1\n\n{FROM}A: 2\n"), &["A: 1\n\n", "A: 2\n"], &[]),
        ("a sentence", "A: 1\n\nFrom me\nto you\n".into(), &["A: 1\n\nFrom me\nto you\n"], &[]),
        (
            "no empty line, two fields",
            format!("A: 1\n\nx\n{FROM}A: 2\nB: 2\n"),
            &["A: 1\n\nx\n", "A: 2\nB: 2\n"],
            &[(Rule::M004, 4)],
        ),
        (
            "no empty line, a field",
            format!("A: 1\n\nx\n{FROM}A: 2\n"),
            &[&format!("A: 1\n\nx\n{FROM}A: 2\n")],
            &[],
        ),
        (
            "no date",
            "A: 1\n\nx\n\nFrom nobody\nA: 2\nTo: b\n".into(),
            &["A: 1\n\nx\n", "A: 2\nTo: b\n"],
            &[(Rule::M005, 5)],
        ),
        (
            "no field",
            format!("A: 1\n\n\n{FROM}text\n"),
            &[&format!("A: 1\n\n\n{FROM}text\n")],
            &[(Rule::M006, 4)],
        ),
        (
            "in a header",
            format!("A: 1\n{FROM}B: 1\nC: 1\n\nx\n"),
            &[&format!("A: 1\n{FROM}B: 1\nC: 1\n\nx\n")],
            &[],
        ),
        (
            "CR CR LF",
            format!("A: 1\r\r\n\r\r\nx\r\r\n\r\r\n{FROM}A: 2\r\r\n"),
            &["A: 1\r\r\n\r\r\nx\r\r\n", "A: 2\r\r\n"],
            &[],
        ),
    ];
    for (name, text, expected, findings) in cases {
        let (found, rules) = messages(&format!("{FROM}{text}"), MBOX);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!((&found[..], &rules[..]), (*expected, *findings), "{name}");
    }
}

#[test]
fn content_length_when_it_is_true() {
    let line = format!("{FROM}A: x\nB: y\n");
    let inner = format!("a\n\n{line}\nb\n");
    let len = inner.len();
    let next = format!("{FROM}A: 2\n");
    let whole = |len: &str| vec![format!("Content-Length: {len}\n\n{inner}")];
    let cut = |len: &str, last: &str| {
        vec![format!("Content-Length: {len}\n\na\n"), format!("A: x\nB: y\n\nb\n{last}")]
    };
    // The number, what follows the body, the messages without the last, the last.
    let mut cases: Vec<(String, String, Vec<String>, Vec<(Rule, u64)>)> = vec![
        (len.to_string(), format!("\n{next}"), whole(&len.to_string()), vec![(Rule::M003, 5)]),
        (len.to_string(), next.clone(), whole(&len.to_string()), vec![(Rule::M003, 5)]),
        (len.to_string(), String::new(), whole(&len.to_string()), vec![(Rule::M003, 5)]),
        (len.to_string(), "\n".into(), whole(&len.to_string()), vec![(Rule::M003, 5)]),
    ];
    for wrong in ["-1", "0", "1", "x", "", "99999999999999999999", "12 12"] {
        cases.push((wrong.into(), format!("\n{next}"), cut(wrong, ""), vec![]));
    }
    let one_more = (len + 3).to_string();
    cases.push((one_more.clone(), format!("\n{next}"), cut(&one_more, ""), vec![]));
    for (number, behind, mut expected, findings) in cases {
        let text = format!("{FROM}Content-Length: {number}\n\n{inner}{behind}");
        if behind.contains("A: 2") {
            expected.push("A: 2\n".into());
        }
        assert_eq!(messages(&text, MBOX), (expected, findings), "{number:?} {behind:?}");
    }
    // Not in another kind of input, and not further ahead than a field may be long.
    let text = format!("{FROM}Content-Length: {len}\n\n{inner}\n{next}");
    assert_eq!(messages(&text, Options::default()).0.len(), 1);
    let limits = Limits { field: inner.len() - 4, ..Limits::default() };
    let ends = |limits| {
        let tokens = Tokens::new(text.as_bytes(), limits, MBOX);
        tokens.filter(|event| *event == Event::EndOfMessage).count()
    };
    assert_eq!((ends(limits), ends(Limits::default())), (2, 1));
}

#[test]
fn mmdf() {
    const S: &str = "\x01\x01\x01\x01\n";
    let cases: &[(&str, String, &[&str])] = &[
        ("two", format!("{S}A: 1\n\nx\n\n{S}{S}A: 2\n\ny\n{S}"), &["A: 1\n\nx\n\n", "A: 2\n\ny\n"]),
        (
            "From_ lines",
            format!("{S}{FROM}A: 1\n\n\n{FROM}A: b\n{S}"),
            &[&format!("A: 1\n\n\n{FROM}A: b\n")],
        ),
        ("one line between them", format!("{S}A: 1\n\nx\n{S}A: 2\n"), &["A: 1\n\nx\n", "A: 2\n"]),
        ("in a header", format!("{S}A: 1\njunk\n{S}{S}A: 2\n{S}"), &["A: 1\njunk\n", "A: 2\n"]),
        (
            "in a multipart",
            format!("{S}Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n{S}{S}--b\n{S}"),
            &["Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n", "--b\n"],
        ),
        ("five", format!("{S}A: 1\n\n\x01{S}x\n{S}"), &[&format!("A: 1\n\n\x01{S}x\n")]),
        ("nothing", format!("{S}{S}"), &[""]),
        ("no end", format!("{S}A: 1\n\nx"), &["A: 1\n\nx"]),
    ];
    for (name, text, expected) in cases {
        assert_eq!(
            messages(text, MMDF),
            (expected.iter().map(|m| m.to_string()).collect(), vec![]),
            "{name}"
        );
        let crlf = text.replace('\n', "\r\n");
        let expected: Vec<String> = expected.iter().map(|m| m.replace('\n', "\r\n")).collect();
        assert_eq!(messages(&crlf, MMDF).0, expected, "{name}, CRLF");
    }
    let dumped = dump(&format!("{S}{FROM}A: 1\n{S}{S}A: 2\n"), MMDF);
    let line = "Separator 0 \\x01\\x01\\x01\\x01\\n\n";
    let from = FROM.trim_end();
    assert_eq!(
        dumped,
        format!("{line}FromLine 0 {from}\\n\nField 0 A: 1\\n\n{line}{line}--\nField 0 A: 2\\n\n")
    );
}

#[test]
fn what_a_mailbox_is() {
    let cases: &[(&[u8], Separator)] = &[
        (b"From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n", Separator::From),
        (b"From a\n>From b\nSubject: x\n", Separator::From),
        (b"From nobody\r\nSubject: x\r\n", Separator::From),
        (b"From here on\nwe walk\n", Separator::None),
        (b"From: a\n", Separator::None),
        (b"\x01\x01\x01\x01\nSubject: x\n", Separator::Mmdf),
        (b"\x01\x01\x01\x01\r\n", Separator::Mmdf),
        (b"\x01\x01\x01\n", Separator::None),
        (b"", Separator::None),
    ];
    for &(head, expected) in cases {
        assert_eq!(Separator::of(head), expected, "{}", head.escape_ascii());
    }
}

#[test]
fn message_starts() {
    use Separator::{From, Mmdf};
    let from = |text: &str| text.replace('F', FROM);
    let cases: &[(&str, Separator, String, Option<usize>, Option<usize>)] = &[
        ("two", From, from("x\n\nFA: b\n\nFA: b\n"), Some(3), Some(3 + FROM.len() + 6)),
        ("at the start", From, from("FA: b\n\n"), None, None),
        ("no empty line", From, from("x\nFA: b\n"), None, None),
        ("too little behind it", From, from("x\n\nFA"), None, None),
        (
            "text behind it",
            From,
            from("x\n\nFthis\n\nFA: b\n"),
            Some(9 + FROM.len()),
            Some(9 + FROM.len()),
        ),
        ("not known what is before", From, from("\nFA: b\n"), None, None),
        ("MMDF", Mmdf, "x\n\x01\x01\x01\x01\n\x01\x01\x01\x01\nA: b\n".into(), Some(7), Some(7)),
        ("nothing behind it", Mmdf, "x\n\x01\x01\x01\x01\n".into(), None, None),
        ("no separator", Separator::None, from("x\n\nFA: b\n"), None, None),
    ];
    for (name, separator, text, first, last) in cases {
        let text = text.as_bytes();
        assert_eq!(first_message_start(text, *separator, false), *first, "{name}");
        assert_eq!(last_message_start(text, *separator), *last, "{name}");
    }
    let at_the_end = from("x\n\nFA: b");
    assert_eq!(first_message_start(at_the_end.as_bytes(), From, true), Some(3));
}

#[test]
fn limits_make_opaque_pieces() {
    let walk = |text: &str, limits| {
        let mut kinds = Vec::new();
        for event in Tokens::new(text.as_bytes(), limits, Options::default()) {
            if let Event::Token(token) = event {
                kinds.push((token.kind, token.octets.len()));
            }
        }
        kinds
    };
    let limits = Limits { field: 10, fields: 2, ..Limits::default() };
    assert_eq!(
        walk("A: 3456789abc\n def\nB: 1\nC: 2\n\nbody", limits),
        [
            (Kind::Field, 10),
            (Kind::Opaque, 9),
            (Kind::Field, 5),
            (Kind::Opaque, 5),
            (Kind::HeaderEnd, 1),
            (Kind::Body, 4),
        ]
    );
    let limits = Limits { depth: 1, ..Limits::default() };
    let nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\
                  Content-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--\n--b--\n";
    let bodies = walk(nested, limits);
    assert!(bodies.contains(&(Kind::Body, "--c\n\nx\n--c--".len())), "{bodies:?}");
}

#[test]
fn a_line_that_a_limit_cuts_may_begin_the_next_message() {
    let text = format!("A: 1\n{FROM}A: 2\nSubject: x\n\n");
    let limits = Limits { field: 24, ..Limits::default() };
    let mut found = Found(Vec::new());
    let ends = Tokens::with_sink(text.as_bytes(), limits, MBOX, &mut found)
        .filter(|event| matches!(event, Event::EndOfMessage));
    assert_eq!(ends.count(), 1);
    // The finding is of the first message, which is five octets long.
    assert_eq!(found.0[0], (Rule::H029, Span::new(5, 5)));
}

/// The steps of a walk, the octets of fields that follow each other joined.
fn steps(text: &[u8], limits: Limits, skips: bool) -> Vec<(Step, u64)> {
    let mut walker = Walker::new(limits, MBOX);
    let mut steps: Vec<(Step, u64)> = Vec::new();
    let mut rest = text;
    loop {
        let mut step = walker.step(rest, true, &mut ());
        if let Step::Token(kind, len) = step {
            rest = &rest[len..];
            let skipped = if skips { walker.skip_fields(rest) } else { 0 };
            rest = &rest[skipped..];
            match steps.last_mut() {
                Some((Step::Token(Kind::Field, before), at)) if kind == Kind::Field => {
                    (*before, *at) = (*before + len + skipped, walker.offset());
                    continue;
                }
                _ if skipped > 0 && kind != Kind::Field => {
                    steps.push((step, walker.offset() - skipped as u64));
                    step = Step::Token(Kind::Field, skipped);
                }
                _ => step = Step::Token(kind, len + skipped),
            }
        }
        steps.push((step, walker.offset()));
        match step {
            Step::EndOfMessage => walker.next_message(),
            Step::Done => return steps,
            _ => {}
        }
    }
}

const LINES: &[&str] = &[
    FROM,
    "A: b\n",
    " c\n",
    "\n",
    "\r\n",
    "text\n",
    "a \t: b\r\n",
    "Content-Length: 9\n",
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Transfer-Encoding: 8bit\n",
    "Subject: a line that is longer than a vector has octets, and goes on\n",
    "caf\u{e9}: \0\r\r\n",
    "--b\n",
    "--b: c\n",
    "--b--\n",
    ">From me\n",
    "-: x\n",
];

proptest! {
    #[test]
    fn fields_that_are_skipped_change_nothing_else(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..40),
        fields in 1u32..12,
        header in 1u64..400,
        field in 40usize..200,
    ) {
        let text = lines.concat();
        for limits in [Limits::default(), Limits { fields, header, field, ..Limits::default() }] {
            let expected = steps(text.as_bytes(), limits, false);
            prop_assert_eq!(steps(text.as_bytes(), limits, true), expected);
        }
    }
}
