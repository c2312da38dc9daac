//! What servers found out about a message: Authentication-Results (RFC 8601), the same in an ARC set
//! (RFC 8617 §4.1.1), and Received-SPF (RFC 7208 §9.1).
//!
//! Contract: any octets give a [`Results`] or an [`Spf`], in linear time. Where no result can be read,
//! H045 says so. QUIRK: Exchange names no server and puts host names between the results; such names
//! are skipped, and properties without a type (`action=none`) are read as they are.
//!
//! Nothing is believed: anybody can write such fields, and those of one's own server alone count.
//!
//! May use: base, `lex`.

use std::ops::Range;

use super::{lex, unfold};
use crate::base::chars::is_fws;
use crate::base::{Rule, Sink, Span};

/// What an Authentication-Results field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// `i=`, the number of its ARC set.
    pub instance: Option<u32>,
    /// The authserv-id: who found it out.
    pub server: Option<String>,
    /// What was found, in order; nothing for `none`.
    pub results: Vec<Verdict>,
}

/// The result of one method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// `spf`, `dkim`, `dmarc`, in lower case, without the version.
    pub method: String,
    /// `pass`, `fail`, `none`, in lower case.
    pub result: String,
    /// Why, by `reason=`.
    pub reason: Option<String>,
    /// The first comment behind the result.
    pub comment: Option<String>,
    /// What it is about: `smtp.mailfrom` and its value, in order.
    pub properties: Vec<(String, String)>,
}

/// What a Received-SPF field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spf {
    /// `pass`, `softfail`, in lower case; `None` if there is no word in the field.
    pub result: Option<String>,
    /// The first comment.
    pub comment: Option<String>,
    /// `client-ip`, `receiver` and others, in order.
    pub properties: Vec<(String, String)>,
}

/// Reads the raw body of an Authentication-Results or ARC-Authentication-Results field.
pub fn results<S: Sink>(raw: &[u8], sink: &mut S) -> Results {
    let mut results = Results::default();
    let mut says_none = false;
    for (i, piece) in Pieces::of(&unfold(raw)).enumerate() {
        let Piece { mut words, comment, mut pairs } = piece;
        if pairs.is_empty() {
            says_none |= i > 0 && words.first().is_some_and(|it| it.eq_ignore_ascii_case("none"));
            // Behind the name may stand a version.
            if results.server.is_none() && results.results.is_empty() && !words.is_empty() {
                results.server = Some(words.swap_remove(0));
            }
            continue;
        }
        let (method, result) = pairs.remove(0);
        if method.eq_ignore_ascii_case("i") && results.instance.is_none() && i == 0 {
            results.instance = result.parse().ok();
            continue;
        }
        let reason = pairs.iter().position(|(name, _)| name.eq_ignore_ascii_case("reason"));
        results.results.push(Verdict {
            method: method.split('/').next().unwrap_or_default().to_ascii_lowercase(),
            result: result.to_ascii_lowercase(),
            reason: reason.map(|at| pairs.remove(at).1),
            comment,
            properties: pairs,
        });
    }
    if results.results.is_empty() && !says_none {
        sink.report(Rule::H045, Span::from(0..raw.len()));
    }
    results
}

/// Reads the raw body of a Received-SPF field.
pub fn spf<S: Sink>(raw: &[u8], sink: &mut S) -> Spf {
    let mut spf = Spf::default();
    for piece in Pieces::of(&unfold(raw)) {
        spf.comment = spf.comment.or(piece.comment);
        spf.properties.extend(piece.pairs);
        let word = piece.words.into_iter().next();
        spf.result = spf.result.or_else(|| word.map(|word| word.to_ascii_lowercase()));
    }
    if spf.result.is_none() {
        sink.report(Rule::H045, Span::from(0..raw.len()));
    }
    spf
}

/// What stands between two semicolons.
#[derive(Debug, Default, PartialEq, Eq)]
struct Piece {
    /// Words that no equals sign follows.
    words: Vec<String>,
    /// The first comment.
    comment: Option<String>,
    pairs: Vec<(String, String)>,
}

/// The pieces of a field body that was unfolded, those that hold nothing left out.
struct Pieces<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether all comments so far were closed, and all quoted strings; see `received`.
    comments: bool,
    quotes: bool,
}

impl<'a> Pieces<'a> {
    fn of(text: &'a [u8]) -> Pieces<'a> {
        Pieces { text, at: 0, comments: true, quotes: true }
    }

    /// The comment that begins here; `None` if it is never closed.
    fn comment(&mut self) -> Option<String> {
        let (end, closed) = lex::skip_comment(self.text, self.at);
        self.comments = closed;
        let content = closed.then(|| self.unquoted(self.at + 1..end - 1))?;
        self.at = end;
        Some(content)
    }

    /// The word that begins here, one octet or more; up to an equals sign if it is a name.
    fn word(&mut self, is_name: bool) -> String {
        if self.text[self.at] == b'"' && self.quotes {
            let (end, closed) = lex::skip_quoted(self.text, self.at);
            self.quotes = closed;
            if closed {
                let content = self.unquoted(self.at + 1..end - 1);
                self.at = end;
                return content;
            }
        }
        let start = self.at;
        let ends = |&c: &u8| is_fws(c) || matches!(c, b'(' | b';') || is_name && c == b'=';
        self.at = start + 1 + self.text[start + 1..].iter().take_while(|c| !ends(c)).count();
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    fn unquoted(&self, range: Range<usize>) -> String {
        let mut content = Vec::new();
        lex::unquote(&self.text[range], &mut content);
        String::from_utf8_lossy(&content).into_owned()
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let mut piece = Piece::default();
        // An equals sign was read, and the value comes next.
        let mut is_name = true;
        loop {
            match self.text.get(self.at) {
                None if piece == Piece::default() => return None,
                None => return Some(piece),
                Some(b';') => {
                    self.at += 1;
                    is_name = true;
                    if piece != Piece::default() {
                        return Some(piece);
                    }
                }
                Some(&c) if is_fws(c) => self.at += 1,
                Some(b'(') if self.comments => {
                    let comment = self.comment();
                    piece.comment = piece.comment.or(comment);
                }
                Some(b'=') if is_name && !piece.words.is_empty() => {
                    self.at += 1;
                    is_name = false;
                }
                Some(_) if is_name => {
                    let word = self.word(true);
                    piece.words.push(word);
                }
                Some(_) => {
                    let value = self.word(false);
                    piece.pairs.extend(piece.words.pop().map(|name| (name, value)));
                    is_name = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One result a line: `method=result reason (comment) property=value`.
    fn shown(results: &Results) -> Vec<String> {
        let verdict = |it: &Verdict| {
            let reason = it.reason.as_ref().map(|reason| format!(" because {reason}"));
            let comment = it.comment.as_ref().map(|comment| format!(" ({comment})"));
            let properties = it.properties.iter().map(|(name, value)| format!(" {name}={value}"));
            let rest: Vec<String> = reason.into_iter().chain(comment).chain(properties).collect();
            format!("{}={}{}", it.method, it.result, rest.concat())
        };
        let instance = results.instance.map(|instance| format!("set {instance}"));
        let server = results.server.as_ref().map(|server| format!("by {server}"));
        instance.into_iter().chain(server).chain(results.results.iter().map(verdict)).collect()
    }

    #[test]
    fn reads_results() {
        const CASES: &[(&str, &str, &[&str], bool)] = &[
            ("RFC 8601 B.2", " example.org 1; none", &["by example.org"], false),
            (
                "RFC 8601 B.3",
                " example.com;\r\n\tspf=pass smtp.mailfrom=example.net",
                &["by example.com", "spf=pass smtp.mailfrom=example.net"],
                false,
            ),
            (
                "RFC 8601 B.4",
                " example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
                &[
                    "by example.com",
                    "auth=pass (cram-md5) smtp.auth=sender@example.net",
                    "spf=pass smtp.mailfrom=example.net",
                ],
                false,
            ),
            (
                "reason and version",
                " a; dkim/1=FAIL reason=\"bad; signature\" header.d=b (why not) header.b=a+b/c==",
                &["by a", "dkim=fail because bad; signature (why not) header.d=b header.b=a+b/c=="],
                false,
            ),
            (
                "white space and comments around",
                " (x) a (y) ; spf (z) = pass smtp.mailfrom = b",
                &["by a", "spf=pass (z) smtp.mailfrom=b"],
                false,
            ),
            (
                "Exchange",
                " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; b.example; dkim=none (message not signed) header.d=none;b.example; dmarc=bestguesspass action=none header.from=a.example;compauth=pass reason=109",
                &[
                    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example",
                    "dkim=none (message not signed) header.d=none",
                    "dmarc=bestguesspass action=none header.from=a.example",
                    "compauth=pass because 109",
                ],
                false,
            ),
            (
                "ARC",
                " i=2; mx.example; arc=pass (i=1); dkim=pass header.i=@a.example",
                &["set 2", "by mx.example", "arc=pass (i=1)", "dkim=pass header.i=@a.example"],
                false,
            ),
            ("no result", " example.com", &["by example.com"], true),
            ("nothing", " ", &[], true),
            ("semicolons", ";;;", &[], true),
            ("no value", " a; spf=", &["by a"], true),
            ("no name", " a; =pass", &["by a"], true),
            ("a comment never closed", " a; spf=pass (b", &["by a", "spf=pass"], false),
            ("a quote never closed", " a; spf=\"pass", &["by a", "spf=\"pass"], false),
        ];
        for &(name, raw, expected, is_odd) in CASES {
            let mut findings = Vec::new();
            let found = results(raw.as_bytes(), &mut findings);
            assert_eq!(shown(&found), expected, "{name}");
            assert_eq!(findings.iter().any(|it| it.0 == Rule::H045), is_odd, "{name}");
        }
    }

    #[test]
    fn reads_received_spf() {
        /// Result, comment, properties.
        type Parts = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
        const CASES: &[(&str, &str, Parts)] = &[
            (
                "RFC 7208 §9.1",
                " pass (mybox.example.org: domain of\r\n myname@example.com designates 192.0.2.1 as permitted sender)\r\n receiver=mybox.example.org; client-ip=192.0.2.1;\r\n envelope-from=\"myname@example.com\"; helo=foo.example.com;",
                (
                    "pass",
                    "mybox.example.org: domain of myname@example.com designates 192.0.2.1 as permitted sender",
                    &[
                        ("receiver", "mybox.example.org"),
                        ("client-ip", "192.0.2.1"),
                        ("envelope-from", "myname@example.com"),
                        ("helo", "foo.example.com"),
                    ],
                ),
            ),
            ("a word", " SoftFail", ("softfail", "", &[])),
            (
                "pairs without semicolons",
                " none client-ip=::1 helo=a",
                ("none", "", &[("client-ip", "::1"), ("helo", "a")]),
            ),
            ("nothing", " ", ("", "", &[])),
        ];
        for &(name, raw, (result, comment, properties)) in CASES {
            let mut findings = Vec::new();
            let found = spf(raw.as_bytes(), &mut findings);
            assert_eq!(found.result.unwrap_or_default(), result, "{name}");
            assert_eq!(found.comment.unwrap_or_default(), comment, "{name}");
            let pairs: Vec<_> = found.properties.iter().map(|(n, v)| (&**n, &**v)).collect();
            assert_eq!(pairs, properties, "{name}");
            assert_eq!(findings.is_empty(), !result.is_empty(), "{name}");
        }
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        for piece in ["(", "\"", ";", "(\"", "a=", "=", "a ", "()", "( ;", ")"] {
            let text = piece.repeat(1 << 17);
            let _ = (results(text.as_bytes(), &mut ()), spf(text.as_bytes(), &mut ()));
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read(raw: Vec<u8>, odd in "[a=;()\"\\\\ i]{0,40}") {
            for raw in [&raw[..], odd.as_bytes()] {
                let _ = (results(raw, &mut ()), spf(raw, &mut ()));
            }
        }
    }
}
