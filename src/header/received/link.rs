//! How a message was handed over: protocol, TLS, authentication, and the program that took it
//! (RFC 3848, RFC 6531 §4.3, RFC 8314 §4.3; the rest is what servers write into comments).
//!
//! Contract: any [`Received`] gives a [`Link`], in linear time. A protocol that is registered, or
//! common, is in upper case whatever was written; the `S` and `A` at its end say TLS and AUTH. Where
//! TLS is told only in a comment, that counts as well. What is not said is `None` or false: that
//! a hop does not speak of TLS does not say that there was none.
//!
//! May use: `pieces`.

use super::Received;
use super::pieces::{Piece, comments, outside, pieces};

/// How a message was handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// `ESMTPS`, `LMTP`, `HTTP`; other words as they stand.
    pub protocol: Option<String>,
    /// TLS, if the hop says that it was used.
    pub tls: Option<Tls>,
    /// Whether the hop says that the client authenticated itself.
    pub authenticated: bool,
    /// Whether the protocol is one of RFC 6531, which carries UTF-8 in headers.
    pub utf8: bool,
    /// The sender of the envelope, where a comment tells it; empty for a bounce.
    pub envelope_from: Option<String>,
    /// The program that took it: `Postfix`, `8.14.3/8.14.3`, `Exim 4.92`, `qmail`.
    pub program: Option<String>,
}

/// What a hop says of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// `TLS 1.3`; something that cannot be told apart (`TLSv1/SSLv3`) as it stands.
    pub version: Option<String>,
    /// The cipher suite as it stands.
    pub cipher: Option<String>,
}

/// Protocols that are called so without the letters of RFC 3848.
const OTHERS: [&str; 17] = [
    "ASMTP", "SSMTP", "BSMTP", "HTTP", "HTTPS", "IMAP", "LOCAL", "MAPI", "MMS", "NNFMP", "POP3",
    "POP3S", "QMQP", "QMTP", "SMTPSVC", "UUCP", "NNTP",
];

/// How the message was handed over, by what a field says.
pub fn parse(received: &Received) -> Link {
    let with = pieces_of(&received.with);
    let via = pieces_of(&received.via);
    // Only what a comment says is looked at elsewhere: host names may look like anything.
    let Received { from, by, id, for_, note, date_text, .. } = received;
    let all = [from, by, id, for_, note, date_text];
    let others: Vec<Vec<Piece<'_>>> = all.into_iter().map(pieces_of).collect();
    let protocol = protocol(&with).or_else(|| known_word(&outside(&via)?));
    let letters = protocol.as_deref().and_then(Letters::of).unwrap_or_default();
    let everywhere = || with.iter().chain(&via).chain(others.iter().flatten());
    let mut tls = Tls::default();
    let mut has_tls = letters.tls;
    let mut authenticated = letters.auth;
    let mut envelope_from = None;
    for piece in everywhere() {
        if let Piece::Comment(comment) = piece {
            has_tls |= tls.comment(comment);
            authenticated |= starts_with(comment, "authenticated");
            let sender = Some(comment).filter(|_| starts_with(comment, "envelope-from "));
            let sender = sender.and_then(|comment| comment.split(' ').nth(1));
            let bare = |sender: &str| sender.trim_matches(['<', '>', ',']).to_owned();
            envelope_from = envelope_from.or(sender.map(bare));
        }
    }
    // OpenSMTPD writes it between semicolons.
    has_tls |= says_tls(received) && tls.comment(received.rest.as_deref().unwrap_or_default());
    if let Some(text) = outside(&with) {
        has_tls |= tls.behind(&text, "tls");
    }
    Link {
        tls: has_tls.then_some(tls),
        authenticated,
        envelope_from,
        utf8: letters.utf8,
        program: program(&others[1], &with, &others[4]),
        protocol,
    }
}

/// Whether what belongs to no clause tells of TLS: `; TLS version=TLSv1.2 cipher=X bits=256; `.
pub fn says_tls(received: &Received) -> bool {
    received.rest.as_deref().is_some_and(|rest| starts_with(rest, "TLS version="))
}

fn pieces_of(clause: &Option<String>) -> Vec<Piece<'_>> {
    clause.as_deref().map(pieces).unwrap_or_default()
}

/// What `with` names: a protocol that is known, else its words as they stand.
fn protocol(with: &[Piece<'_>]) -> Option<String> {
    let text = outside(with)?;
    known_word(&text).or(Some(text))
}

/// The protocol that one of the first words is.
fn known_word(text: &str) -> Option<String> {
    // `Microsoft SMTP Server`, `Microsoft SMTPSVC`.
    let mut words = text.split(' ').take(2);
    words.find_map(|word| {
        let name = word.to_ascii_uppercase();
        let is_known = OTHERS.contains(&&*name) || Letters::of(&name).is_some();
        is_known.then_some(name)
    })
}

/// What the letters of a protocol say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Letters {
    utf8: bool,
    tls: bool,
    auth: bool,
}

impl Letters {
    /// Of a name in upper case.
    fn of(name: &str) -> Option<Letters> {
        if matches!(name, "HTTPS" | "SSMTP" | "POP3S") {
            return Some(Letters { tls: true, ..Letters::default() });
        }
        if name == "ASMTP" {
            return Some(Letters { auth: true, ..Letters::default() });
        }
        let (utf8, rest) = match name.strip_prefix("UTF8") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let rest = rest.strip_prefix('E').filter(|_| !utf8).unwrap_or(rest);
        let letters = rest.strip_prefix("SMTP").or_else(|| rest.strip_prefix("LMTP"))?;
        let (tls, auth) = match letters {
            "" => (false, false),
            "S" => (true, false),
            "A" => (false, true),
            "SA" => (true, true),
            _ => return None,
        };
        Some(Letters { utf8, tls, auth })
    }
}

impl Tls {
    /// What a comment says of TLS; whether it speaks of it.
    fn comment(&mut self, comment: &str) -> bool {
        // qmail: `(AES256-SHA encrypted)`.
        if let Some(cipher) = comment.strip_suffix(" encrypted").filter(|it| !it.contains(' ')) {
            self.cipher.get_or_insert_with(|| cipher.to_owned());
            return true;
        }
        // Exchange: `(TLS)`.
        let mut speaks = comment == "TLS";
        let separators = |c: char| matches!(c, ' ' | ',' | '=' | ':' | ';' | '(' | ')');
        let mut words = comment.split(separators).filter(|word| !word.is_empty()).peekable();
        let mut is_first = true;
        while let Some(word) = words.next() {
            if let Some(version) = version(word) {
                speaks = true;
                if self.version.is_none() {
                    // Exim: `(TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256)`.
                    let cipher = words.peek().filter(|_| comment.contains(&format!("{word}:")));
                    self.cipher = self.cipher.take().or(cipher.map(|&cipher| cipher.to_owned()));
                    self.version = Some(version);
                }
            } else if word.eq_ignore_ascii_case("cipher")
                && (speaks || is_first)
                && let Some(next) = words.peek()
                && version(next).is_none()
            {
                speaks = true;
                self.cipher.get_or_insert_with(|| (*next).to_owned());
            }
            is_first = false;
        }
        speaks
    }

    /// The cipher suite behind the word `key` in what stands outside of comments, as newer Exims have it.
    fn behind(&mut self, text: &str, key: &str) -> bool {
        let mut words = text.split(' ');
        let found = words.find(|word| word.eq_ignore_ascii_case(key)).and_then(|_| words.next());
        if let Some(cipher) = found {
            self.cipher.get_or_insert_with(|| cipher.to_owned());
        }
        found.is_some()
    }
}

/// The version that a word is: `TLSv1.2`, `TLS1_2`, `TLS-1.0`, `SSLv3`.
fn version(word: &str) -> Option<String> {
    let name = word.get(..3)?.to_ascii_uppercase();
    if name != "TLS" && name != "SSL" {
        return None;
    }
    let number = word.get(3..)?.trim_start_matches(['v', 'V', '-', '_']);
    let (number, rest) = match number.split_once('/') {
        Some((number, _)) => (number, true),
        None => (number, false),
    };
    let (major, minor) = number.split_once(['.', '_']).unwrap_or((number, "0"));
    let is_digit = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_digit();
    if !is_digit(major) || !is_digit(minor) {
        return None;
    }
    Some(if rest { word.to_owned() } else { format!("{name} {major}.{minor}") })
}

/// The program, by the comments of `by`, of `with`, or by what stands before the clauses.
fn program(by: &[Piece<'_>], with: &[Piece<'_>], note: &[Piece<'_>]) -> Option<String> {
    let is_program = |comment: &&str| {
        let first = comment.chars().next().unwrap_or(' ');
        let words = ["envelope-from", "using", "no client", "authenticated", "cipher", "version="];
        first.is_ascii_alphanumeric()
            && super::party::parse(&format!("({comment})")).address.is_none()
            && !words.iter().any(|word| starts_with(comment, word))
            && !Tls::default().comment(comment)
    };
    // qmail says all in one comment, and is no protocol.
    let invoked =
        comments(note).find(|note| note.contains(" invoked ") || note.contains(" by uid "));
    comments(by)
        .chain(comments(with))
        .find(is_program)
        .or_else(|| invoked?.split(' ').next())
        .map(str::to_owned)
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::header::received;

    #[test]
    fn reads_what_servers_write() {
        /// Protocol, TLS version, cipher, program; empty if not said. Then authenticated.
        type Parts = ([&'static str; 4], bool);
        const CASES: &[(&str, &str, Parts)] = &[
            ("Postfix", "by a (Postfix) with ESMTP id 4F", (["ESMTP", "", "", "Postfix"], false)),
            (
                "Postfix, TLS",
                "from a (b [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519) (No client certificate requested) by c (Postfix) with ESMTPS id 4F",
                (["ESMTPS", "TLS 1.3", "TLS_AES_256_GCM_SHA384", "Postfix"], false),
            ),
            (
                "Postfix, AUTH",
                "from a (b [192.0.2.1]) (Authenticated sender: x) by c (Postfix) with ESMTPA id 4F",
                (["ESMTPA", "", "", "Postfix"], true),
            ),
            (
                "Postfix, a user",
                "by a (Postfix, from userid 1000) id 4F",
                (["", "", "", "Postfix, from userid 1000"], false),
            ),
            (
                "Sendmail",
                "from a (b [192.0.2.1]) by c (8.14.3/8.14.3/Debian-9) with ESMTP id q6 (version=TLSv1.2 cipher=DHE-RSA-AES256-SHA bits=256 verify=NOT)",
                (["ESMTP", "TLS 1.2", "DHE-RSA-AES256-SHA", "8.14.3/8.14.3/Debian-9"], false),
            ),
            (
                "Sendmail, OpenSSL's name",
                "by c (8.13.4/8.13.4) with ESMTP id j7 (version=TLSv1/SSLv3 cipher=EDH-DSS bits=168 verify=NO)",
                (["ESMTP", "TLSv1/SSLv3", "EDH-DSS", "8.13.4/8.13.4"], false),
            ),
            (
                "SGI",
                "by c (950413.SGI.8.6.12/960327.SGI) via ESMTP id E",
                (["ESMTP", "", "", "950413.SGI.8.6.12/960327.SGI"], false),
            ),
            (
                "Exim",
                "from a ([192.0.2.1] helo=b) by c with esmtps (TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256) (Exim 4.87) (envelope-from <x@y>) id 1b",
                (["ESMTPS", "TLS 1.2", "ECDHE_RSA_AES_256_GCM_SHA384", "Exim 4.87"], false),
            ),
            (
                "Exim, newer",
                "by c with esmtpsa (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) id 1b",
                (["ESMTPSA", "TLS 1.3", "TLS_AES_256_GCM_SHA384", "Exim 4.96"], true),
            ),
            (
                "Exim, older",
                "by c with esmtp (Cipher TLSv1:DES-CBC3-SHA:168) (Exim 3.31 #1 (Debian)) id 1b",
                (["ESMTP", "TLS 1.0", "DES-CBC3-SHA", "Exim 3.31 #1 (Debian)"], false),
            ),
            (
                "Exim, asmtp",
                "by c with asmtp (Exim 4.20) id 1",
                (["ASMTP", "", "", "Exim 4.20"], true),
            ),
            ("qmail", "(qmail 12 invoked from network)", (["", "", "", "qmail"], false)),
            ("qmail, a user", "(qmail 15 by uid 584)", (["", "", "", "qmail"], false)),
            (
                "qmail, TLS",
                "from b (HELO a) (192.0.2.1) by c with (AES256-SHA encrypted) SMTP",
                (["SMTP", "", "AES256-SHA", ""], false),
            ),
            (
                "Exchange",
                "from A (10.0.0.1) by B (10.0.0.2) with Microsoft SMTP Server (TLS) id 14.3",
                (["SMTP", "", "", ""], false),
            ),
            (
                "Outlook.com",
                "from A (2603:10a6::1) by B (2603:10a6::2) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20",
                (["SMTP", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ""], false),
            ),
            (
                "Exchange, MAPI",
                "by B ([fe80::1%7]) with mapi id 15.20",
                (["MAPI", "", "", ""], false),
            ),
            (
                "SMTPSVC",
                "by B with Microsoft SMTPSVC(6.0.3790)",
                (["SMTPSVC", "", "", "6.0.3790"], false),
            ),
            (
                "Gmail",
                "by mx.example with ESMTPS id yo5 for <a@b> (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128)",
                (["ESMTPS", "TLS 1.3", "TLS_AES_128_GCM_SHA256", ""], false),
            ),
            ("LMTP", "by a (Dovecot) with LMTP id x", (["LMTP", "", "", "Dovecot"], false)),
            ("RFC 6531", "by a with UTF8SMTPSA id x", (["UTF8SMTPSA", "", "", ""], true)),
            ("RFC 6531, LMTP", "by a with utf8lmtp id x", (["UTF8LMTP", "", "", ""], false)),
            ("HTTP", "by 10.0.0.1 with HTTP", (["HTTP", "", "", ""], false)),
            ("web", "from [10.0.0.1] by a (mshttpd)", (["", "", "", "mshttpd"], false)),
            (
                "fetchmail",
                "by localhost with POP3 (fetchmail-5.9.0)",
                (["POP3", "", "", "fetchmail-5.9.0"], false),
            ),
            (
                "something else",
                "with ECARTIS (v1.0.0; list x)",
                (["ECARTIS", "", "", "v1.0.0; list x"], false),
            ),
            (
                "a name is no version",
                "from tls1.example (TLS1.example) by b",
                (["", "", "", ""], false),
            ),
        ];
        for &(name, field, (expected, authenticated)) in CASES {
            let link = parse(&received::parse(field.as_bytes()));
            let has_tls = link.tls.is_some();
            let tls = link.tls.unwrap_or_default();
            let found = [link.protocol.clone(), tls.version, tls.cipher, link.program];
            assert_eq!(found.map(Option::unwrap_or_default), expected, "{name}");
            assert_eq!(link.authenticated, authenticated, "{name}");
            let says = expected[1..3].iter().any(|text| !text.is_empty());
            let letters = matches!(expected[0], "ESMTPS" | "ESMTPSA" | "UTF8SMTPSA");
            assert_eq!(has_tls, says || letters || name == "Exchange", "{name}");
            assert_eq!(link.utf8, name.starts_with("RFC 6531"), "{name}");
        }
    }

    #[test]
    fn knows_the_sender_of_the_envelope() {
        const CASES: &[(&str, Option<&str>)] = &[
            ("by a with esmtp (Exim 4.9) (envelope-from <x@y.example>) id 1", Some("x@y.example")),
            ("by a with local (Exim 4.9) (envelope-from <>) id 1", Some("")),
            ("by a; 1 Jan 2024 00:00:00 -0000 (envelope-from x@y.example)", Some("x@y.example")),
            ("from (envelope-from) by a", None),
            ("by a", None),
        ];
        for &(field, expected) in CASES {
            let link = parse(&received::parse(field.as_bytes()));
            assert_eq!(link.envelope_from.as_deref(), expected, "{field}");
        }
    }

    proptest! {
        #[test]
        fn any_field_is_read(field in "(from|by|with|\\(|\\)|TLS|v1|cipher|=|:| |é|a){0,40}") {
            let _ = parse(&received::parse(field.as_bytes()));
        }
    }
}
