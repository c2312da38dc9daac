//! Whether body hashes hold in mail that others signed.
//!
//! The messages in testdata/signed were signed with dkimpy 1.1.8 with a throw-away key: the same
//! small message in all four canonicalizations, each of which dkimpy verified. Then `length.eml` was
//! signed with `l=` and given the footer of a list, `broken.eml` is `relaxed-relaxed.eml` with
//! another letter in its body, and `arc.eml` is the same sealed by a second domain.
//!
//! Of the corpus, which is kept outside of the project, only those messages are judged whose truth
//! their projects tell, or the RFC that they stand in; for all others it prints how many hold.

mod common;

use std::path::Path;

use common::{corpus, files, replace};
use septet::base::Limits;
use septet::dkim::{BodyHasher, Signature, is_signature_field, parse};
use septet::header::Field;
use septet::walk::{Event, Kind, Options, Separator, Tokens};

/// What is to be known of a signature.
#[derive(Debug, PartialEq)]
struct Verdict {
    domain: String,
    holds: Option<bool>,
    unsigned: u64,
}

/// The signatures in the header of the first message, and what they say of its body.
fn verdicts(text: &[u8]) -> Vec<Verdict> {
    let options = Options { separator: Separator::of(text), near_misses: false };
    let mut signatures: Vec<(Signature, BodyHasher)> = Vec::new();
    let mut in_body = false;
    for event in Tokens::new(text, Limits::default(), options) {
        match event {
            Event::EndOfMessage => break,
            Event::Token(token) if in_body && token.kind != Kind::Gap => {
                signatures.iter_mut().for_each(|(_, hasher)| hasher.update(token.octets));
            }
            Event::Token(token) if token.kind == Kind::HeaderEnd => in_body = true,
            Event::Token(token) if token.kind == Kind::Field => {
                let field = Field::parse(token.octets).filter(|f| is_signature_field(f.name));
                let signature = field.and_then(|field| parse(field.body, &mut ()));
                signatures.extend(signature.map(|s| (s.clone(), BodyHasher::new(&s))));
            }
            _ => {}
        }
    }
    let verdict = |(signature, hasher): (Signature, BodyHasher)| {
        let found = hasher.finish();
        let domain = signature.domain.unwrap_or_default();
        Verdict { domain, holds: found.holds, unsigned: found.unsigned_octets }
    };
    signatures.into_iter().map(verdict).collect()
}

fn signed(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/signed");
    std::fs::read(folder.join(name)).expect("a fixture")
}

#[test]
fn knows_what_still_holds() {
    /// The footer in `length.eml`, with the line ends before it.
    const FOOTER: u64 = b"--\r\nA list's footer.\r\n".len() as u64;
    type Expected = (&'static str, bool, u64);
    let cases: &[(&str, &[Expected])] = &[
        ("simple-simple.eml", &[("example.org", true, 0)]),
        ("simple-relaxed.eml", &[("example.org", true, 0)]),
        ("relaxed-simple.eml", &[("example.org", true, 0)]),
        ("relaxed-relaxed.eml", &[("example.org", true, 0)]),
        ("length.eml", &[("example.org", true, FOOTER)]),
        ("broken.eml", &[("example.org", false, 0)]),
        ("arc.eml", &[("example.net", true, 0), ("example.org", true, 0)]),
    ];
    for &(name, expected) in cases {
        let expected: Vec<Verdict> = expected
            .iter()
            .map(|&(domain, holds, unsigned)| Verdict {
                domain: domain.to_owned(),
                holds: Some(holds),
                unsigned,
            })
            .collect();
        let message = signed(name);
        assert_eq!(verdicts(&message), expected, "{name}");
        let stored = replace(&message, b"\r\n", b"\n");
        assert_ne!(stored, message, "{name} is as it was on the wire");
        assert_eq!(verdicts(&stored), expected, "{name} with LF");
    }
}

#[test]
fn white_space_breaks_simple_only() {
    let cases = [("simple", false), ("relaxed", true)];
    for (canon, holds) in cases {
        let message = replace(&signed(&format!("relaxed-{canon}.eml")), b"a tab", b"a  tab");
        let found: Vec<_> = verdicts(&message).iter().map(|verdict| verdict.holds).collect();
        assert_eq!(found, [Some(holds)], "{canon}");
        let message = [message, b"\r\n\r\n".to_vec()].concat();
        let found: Vec<_> = verdicts(&message).iter().map(|verdict| verdict.holds).collect();
        assert_eq!(found, [Some(holds)], "{canon}, with empty lines at the end");
    }
}

/// Messages whose body hashes hold, or do not, by what is said of them elsewhere.
const KNOWN: &[(&str, bool)] = &[
    // RFC 8463, Appendix A.3.
    ("mimekit/UnitTests/TestData/dkim/rfc8463-example.msg", true),
    // They pass in the tests of their projects.
    ("rspamd/test/functional/messages/arcallow.eml", true),
    ("rspamd/test/functional/messages/ed25519.eml", true),
    ("spamassassin-t/t/data/dkim/test-pass-", true),
    ("spamassassin-t/t/data/nice/dmarc/strictrejectok.eml", true),
    // The same, changed on its way.
    ("spamassassin-t/t/data/spam/dmarc/strictrejectko.eml", false),
];

#[test]
fn agrees_with_those_who_know() {
    let Some(suites) = corpus("suites") else { return };
    let (mut total, mut holding, mut known) = (0, 0, 0);
    for path in files(&suites) {
        let name = path.strip_prefix(&suites).expect("below suites").display().to_string();
        let text = std::fs::read(&path).expect("a file of the corpus");
        let found = verdicts(&text);
        total += found.len();
        holding += found.iter().filter(|verdict| verdict.holds == Some(true)).count();
        if let Some((_, holds)) = KNOWN.iter().find(|(start, _)| name.starts_with(start)) {
            known += 1;
            let all = !found.is_empty() && found.iter().all(|found| found.holds == Some(*holds));
            assert!(all, "{name}: {found:?}");
        }
    }
    println!("{holding} body hashes hold, of {total} signatures; the truth of {known} is known");
    assert!(known > 15 && holding > known, "the messages were found");
}
