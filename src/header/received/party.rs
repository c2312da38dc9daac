//! The host in a `from` or `by` clause: what it is called, what it called itself, what it was found to
//! be (RFC 5321 §4.4: TCP-info).
//!
//! Contract: any clause gives a [`Party`], in linear time. Servers differ in what stands where. Postfix,
//! Sendmail, Gmail and Exchange write the HELO name first and what they looked up in a comment
//! (`helo (name [address])`); Exim and qmail write what they looked up first and the HELO name in a
//! comment (`name ([address] helo=helo)`, `name (HELO helo) (address)`). So [`Party::name`] is only
//! what stands first; the HELO name is known for certain only if [`Party::helo`] says it.
//!
//! It looks nothing up and believes nothing: all of it is what a server wrote, or whoever forged it.
//!
//! May use: `pieces`.

use std::net::{IpAddr, Ipv6Addr};

use super::pieces::{Piece, comments, pieces};

/// A host as a clause names it; what is not said is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// What stands first, outside of comments: a host name, an address in brackets, or other words
    /// (`mail pickup service`).
    pub name: Option<String>,
    /// What it called itself, where the clause says so (`helo=`, `HELO`, `EHLO`).
    pub helo: Option<String>,
    /// The name that its address was found to have: beside the address in the comment.
    pub host: Option<String>,
    /// Its address. One of IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) is one of IPv4.
    pub address: Option<IpAddr>,
}

/// The host of a clause, given as [`Received`](super::Received) has it.
pub fn parse(clause: &str) -> Party {
    let mut party = Party::default();
    let pieces = pieces(clause);
    for piece in &pieces {
        if let Piece::Text(text) = piece
            && party.name.is_none()
        {
            party.named(text);
        }
    }
    // What a comment says was looked up; what stands first may be what the client said.
    let said = party.address.take();
    for comment in comments(&pieces) {
        party.comment(comment);
    }
    party.address = party.address.or(said);
    party
}

impl Party {
    /// The words before the first comment; an address in brackets behind a name is not part of it.
    fn named(&mut self, text: &str) {
        let (name, literal) = match text.rsplit_once(' ') {
            Some((name, last)) if last.starts_with('[') => (name, last),
            _ => (text, text),
        };
        self.name = Some(name.to_owned());
        self.address = address(literal);
    }

    fn comment(&mut self, comment: &str) {
        let mut before = None;
        let mut saying_helo = false;
        let mut words = comment.split([' ', '"', ',']).filter(|word| !word.is_empty()).peekable();
        let is_only = comment.split(' ').count() == 1;
        while let Some(word) = words.next() {
            let value = word.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("helo"));
            if let Some((_, helo)) = value {
                self.helo.get_or_insert_with(|| helo.to_owned());
            } else if saying_helo {
                self.helo.get_or_insert_with(|| word.to_owned());
            } else if let Some(found) = address(behind_user(word)) {
                self.address.get_or_insert(found);
                self.host = self.host.take().or_else(|| before.and_then(host));
            } else if is_only && words.peek().is_none() && word.contains('.') {
                self.host = self.host.take().or_else(|| host(word));
            }
            saying_helo = word.eq_ignore_ascii_case("HELO") || word.eq_ignore_ascii_case("EHLO");
            before = Some(word).filter(|_| !saying_helo && value.is_none());
        }
    }
}

/// Without the user that some servers asked for: `IDENT:user@host`.
fn behind_user(word: &str) -> &str {
    word.rsplit_once('@').map_or(word, |(_, host)| host)
}

/// A host name, or `unknown`; not a version, a path or a setting.
fn host(word: &str) -> Option<String> {
    let name = behind_user(word);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = name.strip_suffix('.').unwrap_or(name);
    let has_letter = name.chars().any(char::is_alphabetic);
    (has_letter && name.chars().all(is_name)).then(|| name.to_owned())
}

/// An address: bare or in brackets, with a port behind (`[192.0.2.1]:25`), marked as IPv6 or with a
/// zone (`[fe80::1%7]`).
fn address(word: &str) -> Option<IpAddr> {
    let inner = match word.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => word,
    };
    let is_marked = inner.get(..5).is_some_and(|mark| mark.eq_ignore_ascii_case("IPv6:"));
    let inner = if is_marked { &inner[5..] } else { inner };
    let inner = inner.split('%').next()?;
    let found: IpAddr = inner.parse().ok()?;
    Some(match found {
        IpAddr::V6(v6) => v4_of(v6).unwrap_or(found),
        IpAddr::V4(_) => found,
    })
}

fn v4_of(address: Ipv6Addr) -> Option<IpAddr> {
    address.to_ipv4_mapped().map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_servers_write() {
        /// Name, HELO, host, address; empty if not said.
        type Parts = [&'static str; 4];
        const CASES: &[(&str, &str, Parts)] = &[
            (
                "Postfix",
                "a.example (b.example [192.0.2.1])",
                ["a.example", "", "b.example", "192.0.2.1"],
            ),
            ("Postfix, no name", "a (unknown [192.0.2.1])", ["a", "", "unknown", "192.0.2.1"]),
            (
                "Postfix, IPv6",
                "a (b.example [IPv6:2001:db8::1])",
                ["a", "", "b.example", "2001:db8::1"],
            ),
            (
                "Postfix, TLS behind",
                "a.example (b.example [192.0.2.1]) (using TLSv1.3 with cipher X (256/256 bits)) (No client certificate requested)",
                ["a.example", "", "b.example", "192.0.2.1"],
            ),
            (
                "Sendmail, ident",
                "a (root@b.example [192.0.2.1])",
                ["a", "", "b.example", "192.0.2.1"],
            ),
            (
                "Sendmail, IDENT",
                "a (IDENT:me@b.example [192.0.2.1] (may be forged))",
                ["a", "", "b.example", "192.0.2.1"],
            ),
            ("Sendmail, no name", "a ([192.0.2.1])", ["a", "", "", "192.0.2.1"]),
            ("Sendmail of old", "a.example (b.example)", ["a.example", "", "b.example", ""]),
            (
                "Exim",
                "b.example ([192.0.2.1] helo=a.example)",
                ["b.example", "a.example", "", "192.0.2.1"],
            ),
            (
                "Exim, port",
                "b.example ([192.0.2.1]:61474 helo=a)",
                ["b.example", "a", "", "192.0.2.1"],
            ),
            (
                "Exim, no name",
                "[192.0.2.1] (port=1745 helo=a)",
                ["[192.0.2.1]", "a", "", "192.0.2.1"],
            ),
            (
                "Exim, literal",
                "[192.0.2.1] (helo=[10.0.0.1])",
                ["[192.0.2.1]", "[10.0.0.1]", "", "192.0.2.1"],
            ),
            ("Exim, a user", "alice", ["alice", "", "", ""]),
            (
                "qmail",
                "unknown (HELO a.example) (192.0.2.1)",
                ["unknown", "a.example", "", "192.0.2.1"],
            ),
            (
                "qmail, user",
                "b.example (HELO a) (me@192.0.2.1)",
                ["b.example", "a", "", "192.0.2.1"],
            ),
            ("qmail, no HELO", "b.example (192.0.2.1)", ["b.example", "", "", "192.0.2.1"]),
            ("Exchange", "A.example (10.0.0.1)", ["A.example", "", "", "10.0.0.1"]),
            ("Exchange, MAPI", "A.example ([fe80::9:1%7])", ["A.example", "", "", "fe80::9:1"]),
            (
                "Outlook.com",
                "A.example (2603:10a6:208:1::17)",
                ["A.example", "", "", "2603:10a6:208:1::17"],
            ),
            (
                "Gmail",
                "a.example (b.example. [192.0.2.1])",
                ["a.example", "", "b.example", "192.0.2.1"],
            ),
            ("Gmail inside", "2002:a05:6214::1", ["2002:a05:6214::1", "", "", "2002:a05:6214::1"]),
            (
                "ZMailer",
                "a.example ([192.0.2.1]:51852 \"EHLO c.example\" rhost-flags-OK-OK)",
                ["a.example", "c.example", "", "192.0.2.1"],
            ),
            (
                "IPv4 in IPv6",
                "a ([IPv6:::ffff:192.0.2.1]:21 \"EHLO c\")",
                ["a", "c", "", "192.0.2.1"],
            ),
            ("fetchmail", "pop.example [192.0.2.1]", ["pop.example", "", "", "192.0.2.1"]),
            ("iPlanet", "[172.16.28.182]", ["[172.16.28.182]", "", "", "172.16.28.182"]),
            ("InterScan", "([172.16.28.141])", ["", "", "", "172.16.28.141"]),
            ("SMTPSVC", "mail pickup service", ["mail pickup service", "", "", ""]),
            ("a version", "a.example (8.11.6/8.9.3)", ["a.example", "", "", ""]),
            ("a program", "a.example (Postfix)", ["a.example", "", "", ""]),
            ("spaces inside", "a ( [2001:db8::2] )", ["a", "", "", "2001:db8::2"]),
            ("no address", "a ([300.0.2.1])", ["a", "", "", ""]),
        ];
        for &(name, clause, expected) in CASES {
            let party = parse(clause);
            let address = party.address.map(|address| address.to_string());
            let found =
                [party.name, party.helo, party.host, address].map(Option::unwrap_or_default);
            assert_eq!(found, expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_clause_is_read(clause: String, odd in "([()\\[\\] a:.%@=\"é]|helo|IPv6:){0,30}") {
            let _ = (parse(&clause), parse(&odd));
        }
    }
}
