//! A signature with what the message says to it: whether its body hash holds, which of the fields that
//! it signs are there, and how often.
//!
//! There is no verdict on the signature itself: no key is asked for, no field is hashed.
//!
//! RFC 6376 §3.5, §5.4.2, §8.15. May use: base, dkim.

use std::collections::HashMap;

use crate::base::Span;
use crate::dkim::{BodyHash, Signature};

/// A DKIM-Signature or ARC-Message-Signature.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The name of its field as it stands.
    pub name: String,
    /// Its body with single spaces, as it stands otherwise.
    pub text: String,
    /// Its tags.
    pub signature: Signature,
    /// Of an ARC-Message-Signature, the number of its set.
    pub instance: Option<u32>,
    /// What became of the body; `None` if nobody looked, as there were too many signatures.
    pub body: Option<BodyHash>,
    /// Fields that are signed once more than they stand here: none may be added (oversigned).
    pub oversigned: Vec<String>,
    /// Fields that are signed and do not stand here at all: taken away, or signed as not being there.
    pub missing: Vec<String>,
    /// Signed fields of which more stand here than are signed: added later, or left out on purpose.
    pub added: Vec<String>,
    /// Fields that readers see or act on, which stand here and are not signed.
    pub unsigned: Vec<String>,
    /// The index of the hop that had taken the message when it was signed: the Received field below.
    /// `None` if it stands below all of them.
    pub hop: Option<usize>,
    /// The octets of the field in the message, if they are known.
    pub span: Option<Span>,
}

/// Fields that a signature should cover if they are there (RFC 6376 §5.4.1).
const SHOULD: [&str; 13] = [
    "from",
    "reply-to",
    "subject",
    "date",
    "to",
    "cc",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
];

/// How often each field stands in a header, by its name in lower case.
pub(super) type Counts = HashMap<Vec<u8>, usize>;

impl Signed {
    /// A signature in a header with these fields.
    pub(super) fn new(name: &[u8], signature: Signature, span: Option<Span>) -> Signed {
        let name = String::from_utf8_lossy(name).into_owned();
        let is_arc = name.len() != "DKIM-Signature".len();
        let identity = signature.identity.as_deref().filter(|_| is_arc);
        let instance = identity.and_then(|identity| identity.parse().ok());
        Signed {
            name,
            text: String::new(),
            signature,
            instance,
            body: None,
            oversigned: Vec::new(),
            missing: Vec::new(),
            added: Vec::new(),
            unsigned: Vec::new(),
            hop: None,
            span,
        }
    }

    /// Compares what is signed with the fields that are there.
    pub(super) fn compare(&mut self, counts: &Counts) {
        let mut signed: HashMap<&str, usize> = HashMap::new();
        let mut names = Vec::new();
        for name in &self.signature.signed_fields {
            let count = signed.entry(name).or_insert(0);
            if *count == 0 {
                names.push(name.as_str());
            }
            *count += 1;
        }
        let there = |name: &str| counts.get(name.as_bytes()).copied().unwrap_or(0);
        let which = |test: &dyn Fn(usize, usize) -> bool| -> Vec<String> {
            let is_so = |name: &&&str| test(signed.get(**name).copied().unwrap_or(0), there(name));
            names.iter().filter(is_so).map(|&name| name.to_owned()).collect()
        };
        self.missing = which(&|_, there| there == 0);
        self.oversigned = which(&|signed, there| there > 0 && signed > there);
        self.added = which(&|signed, there| signed < there);
        let is_left_out = |name: &&str| there(name) > 0 && !signed.contains_key(*name);
        self.unsigned = SHOULD.into_iter().filter(is_left_out).map(str::to_owned).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim;

    #[test]
    fn compares_with_the_header() {
        type Names = &'static [&'static str];
        /// What is signed; what is there; missing, oversigned, added, unsigned.
        const CASES: &[(&str, Names, [Names; 4])] = &[
            ("from:to", &["from", "to"], [&[], &[], &[], &[]]),
            ("From:FROM", &["from"], [&[], &["from"], &[], &[]]),
            ("from:cc", &["from"], [&["cc"], &[], &[], &[]]),
            ("from:cc:cc", &["from"], [&["cc"], &[], &[], &[]]),
            ("from:subject", &["from", "subject", "subject"], [&[], &[], &["subject"], &[]]),
            ("to", &["from", "to", "x-a", "cc"], [&[], &[], &[], &["from", "cc"]]),
            ("", &["from"], [&[], &[], &[], &["from"]]),
        ];
        for &(names, there, expected) in CASES {
            let signature = dkim::parse(format!("h={names}").as_bytes(), &mut ());
            let mut counts = Counts::new();
            for name in there {
                *counts.entry(name.as_bytes().to_vec()).or_default() += 1;
            }
            let mut signed = Signed::new(b"DKIM-Signature", signature.expect("tags"), None);
            signed.compare(&counts);
            let found = [signed.missing, signed.oversigned, signed.added, signed.unsigned];
            assert_eq!(found, expected.map(|names| names.to_vec()), "{names} {there:?}");
        }
    }
}
