//! Single cases of the walk, a line each; the laws are in `tests/walk.rs`.

use super::*;

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
}

#[test]
fn an_mbox_is_cut_at_its_separators() {
    let mbox = Options { mbox: true, ..Options::default() };
    let from = "From a@b Mon Jan  1 00:00:00 2024\n";
    let two = format!("{from}A: 1\n\none\n\n{from}A: 2\n\nFrom now on\n");
    let expected = format!(
        "FromLine 0 {0}\\n\nField 0 A: 1\\n\nHeaderEnd 0 \\n\nBody 0 one\\n\nGap 0 \\n\n--\n\
         FromLine 0 {0}\\n\nField 0 A: 2\\n\nHeaderEnd 0 \\n\nBody 0 From now on\\n\n",
        from.trim_end()
    );
    assert_eq!(dump(&two, mbox), expected);
    // A message without a body: the empty line that ends its header stands before the separator.
    let empty = format!("{from}A: 1\n\n{from}A: 2\n");
    assert_eq!(dump(&empty, mbox).matches("--\n").count(), 1);
    // A sentence, a separator without an empty line before it, one without a field behind it.
    for body in ["From me to you\n", &format!("x\n{from}A: 3\n"), &format!("\n{from}text\n")] {
        let text = format!("{from}A: 1\n\n{body}");
        assert_eq!(dump(&text, mbox).matches("--\n").count(), 0, "{body}");
    }
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
