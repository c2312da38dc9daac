//! Every rule has an example that fires it and one that does not; what can be mended is, and stays so.

use super::examples::{EXAMPLES, Octets, of};
use crate::base::{Eol, Fix, Limits, RULES, Rule};
use crate::charset::Charset;
use crate::convert::{Action, Converter, Options};

#[test]
fn every_rule_has_examples_that_are_true() {
    assert_eq!(EXAMPLES.len(), RULES.len());
    assert!(RULES.len() >= 120);
    let mut wrong = Vec::new();
    for info in RULES {
        let example = of(info.rule);
        assert_eq!(example.rule, info.rule);
        for (octets, fires) in [(example.fires, true), (example.clean, false)] {
            let found = example.findings(&octets.message());
            if found.iter().any(|finding| finding.rule == info.rule) != fires {
                let mut ids: Vec<_> = found.iter().map(|found| found.rule.info().id).collect();
                ids.dedup();
                wrong.push(format!("{}: fires {fires} expected, found {ids:?}", info.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The message mended; `None` if it needs nothing.
fn mended(message: &[u8]) -> Option<Vec<u8>> {
    let eol = Eol::detect(message, true).unwrap_or_default();
    let (limits, fallback) = (Limits::default(), Charset::WINDOWS_1252);
    let mut converter = Converter::new(Options::mending(), limits, fallback, true);
    let converted = converter.convert(eol, || message).expect("memory");
    assert_ne!(converted.verified, Some(false), "{:?}", converted.differences);
    let mut out = Vec::new();
    converted.write(message, &mut out).expect("memory");
    (converted.action() == Action::Converted).then_some(out)
}

#[test]
fn what_can_be_mended_is() {
    for example in EXAMPLES.iter().filter(|it| it.rule.info().fix == Fix::Safe) {
        let id = example.rule.info().id;
        let mended = mended(&example.fires.message()).unwrap_or_else(|| panic!("{id} is mended"));
        let found = example.findings(&mended);
        assert!(
            found.iter().all(|finding| finding.rule != example.rule),
            "{id}: {}",
            mended.escape_ascii()
        );
    }
}

/// What is mended says the same, has nothing odd that it had not, and needs no mending.
#[test]
fn mending_is_done_once_and_does_no_harm() {
    for example in EXAMPLES.iter().filter(|it| it.rule != Rule::D002) {
        for message in [example.fires.message(), example.clean.message()] {
            let Some(mended_once) = mended(&message) else { continue };
            let id = example.rule.info().id;
            assert_eq!(mended(&mended_once), None, "{id}: {}", mended_once.escape_ascii());
            let before = example.findings(&message);
            for finding in example.findings(&mended_once) {
                // Words take more room; a dot between line ends that are alike is a dot.
                let is_known = match finding.rule {
                    Rule::H032 | Rule::W022 => true,
                    rule => rule == Rule::L006 && example.rule == Rule::L004,
                };
                let was_there = before.iter().any(|found| found.rule == finding.rule);
                let new = finding.rule.info().id;
                assert!(was_there || is_known, "{id}: {new}: {}", mended_once.escape_ascii());
            }
        }
    }
}

#[test]
fn what_is_signed_is_not_mended() {
    let dkim = "DKIM-Signature: v=1; d=a.example; s=x; a=rsa-sha256; bh=YQ==; b=YQ==; h=";
    let signed = "Content-Type: multipart/signed; boundary=b; micalg=pgp-sha256;\n \
                  protocol=\"application/pgp-signature\"\n\n--b\n";
    let end = "--b\nContent-Type: application/pgp-signature\n\n(here)\n--b--\n";
    let cases: &[(&str, String)] = &[
        ("a subject", format!("{dkim}from:subject\nSubject: \u{fc}\n\nx\n")),
        ("a colon", format!("{dkim}from:subject\nSubject : x\n\nx\n")),
        ("a version", format!("{dkim}from:mime-version\nContent-Type: text/html\n\nx\n")),
        (
            "a label",
            format!(
                "{dkim}from:content-transfer-encoding\nMIME-Version: 1.0\n\
                 Content-Transfer-Encoding: 7bit\nContent-Type: text/plain; charset=utf-8\n\n\u{fc}\n"
            ),
        ),
        ("a part", format!("MIME-Version: 1.0\n{signed}Content-Description: \u{fc}\n\nx\n{end}")),
        ("line ends", format!("MIME-Version: 1.0\r\n{signed}\nx\n{end}")),
    ];
    for (name, message) in cases {
        assert_eq!(mended(message.as_bytes()), None, "{name}");
    }
    let unsigned = "Subject : \u{fc}\n\nx\n";
    assert!(mended(unsigned.as_bytes()).is_some());
}

/// A finding inside a message that was encoded has no octets of its own.
#[test]
fn encoded_messages_are_looked_into() {
    // "Subject : x\n\nHello.\n"
    let message = b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\
                    Content-Transfer-Encoding: base64\n\nU3ViamVjdCA6IHgKCkhlbGxvLgo=\n";
    let found = of(Rule::H021).findings(message);
    let inner = found.iter().find(|finding| finding.rule == Rule::H021).expect("found");
    assert_eq!((inner.part, inner.span), (1, None));
}

#[test]
fn examples_are_messages() {
    assert_eq!(Octets::Plain(b"A: b\n").message(), b"A: b\n\nHello.\n");
    assert_eq!(Octets::Plain(b"A: b\n\n").message(), b"A: b\n\n");
    assert_eq!(Octets::Repeated(b"A:", b" b", 2, b"\n\nc").message(), b"A: b b\n\nc");
}
