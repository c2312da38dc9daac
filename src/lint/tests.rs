//! Every rule has an example that fires it and one that does not; what can be mended is, and stays so.

use std::io::{self, Read};

use proptest::prelude::*;

use super::examples::{EXAMPLES, Octets, of};
use super::{Linter, Noted, Transport};
use crate::base::{Eol, Fix, Limits, RULES, Rule};
use crate::charset::Charset;
use crate::convert::{Action, Converter, Options};
use crate::header::Context;
use crate::structure::Builder;
use crate::walk::{Reader, Separator};

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
                    // What hid as it was hides in a word.
                    Rule::W021 => example.rule == Rule::X001,
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

/// Where a header goes over into text, another field would make text of what is none, or the reverse.
#[test]
fn a_header_without_an_end_gets_no_label() {
    let message = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nsome t\u{fc}xt\n";
    assert_eq!(mended(message.as_bytes()), None);
    let message = message.replace("\nsome", "\n\nsome");
    assert!(mended(message.as_bytes()).is_some());
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

/// Gives at most so many octets at a read.
struct Cut<'a>(&'a [u8], usize);

impl Read for Cut<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(room.len()).min(self.0.len());
        room[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fn linted(message: &[u8], piece: usize, transport: Option<Transport>) -> Vec<Noted> {
    let context = Context::default();
    let mut builder = Builder::new(context.limits, context.fallback, true);
    let mut linter = Linter::new(transport);
    linter.begin(&context);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(Cut(message, piece), context.limits, options);
    let structure = builder.read(&mut reader, &mut linter).expect("memory");
    structure.map(|structure| linter.finish(structure)).unwrap_or_default()
}

#[test]
fn the_examples_are_read_alike_however_they_are_cut() {
    for example in EXAMPLES {
        for octets in [example.fires, example.clean] {
            let message = octets.message();
            if message.len() > 20_000 {
                continue;
            }
            let whole = linted(&message, usize::MAX, Some(Transport::SevenBit));
            for piece in [1, 2, 3, 7] {
                let cut = linted(&message, piece, Some(Transport::SevenBit));
                assert_eq!(cut, whole, "{} by {piece}", example.rule.info().id);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_body_is_read_alike_however_it_is_cut(
        pieces in prop::collection::vec(
            prop::sample::select(&[
                "\r", "\n", "\r\n", ".", "\n.\r\n", "\r\n.\n", "=", "=3d", "=3D", "=\n", "a",
                "\u{fc}", "\0", "--b", "--b--", "From ", "Content-Type: text/html\n\n",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ][..]),
            0..40,
        ),
        coding in prop::sample::select(&["7bit", "quoted-printable", "base64"][..]),
        kind in prop::sample::select(
            &["text/plain", "multipart/mixed; boundary=b", "message/rfc822"][..],
        ),
        piece in 1usize..9,
    ) {
        let body = pieces.concat();
        let message =
            format!("Content-Type: {kind}\nContent-Transfer-Encoding: {coding}\n\n{body}");
        let message = message.as_bytes();
        let transport = Some(Transport::EightBitMime);
        let whole = linted(message, usize::MAX, transport);
        prop_assert_eq!(linted(message, piece, transport), &whole[..]);
        let length = message.len() as u64;
        for span in whole.iter().filter_map(|finding| finding.span) {
            prop_assert!(span.start <= span.end && span.end <= length, "{span:?}");
        }
        // What is mended is read again by the mender itself.
        if let Some(once) = mended(message) {
            prop_assert_eq!(mended(&once), None, "{}", once.escape_ascii());
        }
    }
}

/// The octets of the separator before a message are none of it.
#[test]
fn a_message_behind_its_separator() {
    let mbox = b"From a@b.example Mon Jan  1 00:00:00 2024\n\nx\n.\nx\n";
    let context = Context::default();
    let mut builder = Builder::new(context.limits, context.fallback, true);
    let mut linter = Linter::new(None);
    linter.begin(&context);
    let walk = builder.walk_options(Separator::From);
    let mut reader = Reader::new(&mbox[..], context.limits, walk);
    let structure = builder.read(&mut reader, &mut linter).expect("from memory").expect("one");
    let length = structure.length();
    let all = linter.finish(structure);
    assert!(!all.is_empty());
    assert!(all.iter().all(|found| found.span.is_none_or(|span| span.end <= length)));
}
