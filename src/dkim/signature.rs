//! The tag list of a signature (RFC 6376 §3.2 and §3.5).
//!
//! Takes the raw body of the field and never fails but where there is no tag at all. Tag names are
//! case sensitive, as §3.2 has it; the values that name an algorithm are read in any case. Folds
//! and the white space around a value are no part of it. Of a tag that stands twice the first
//! counts, though RFC 6376 §3.2 gives up the whole list: the body hash can be computed all the same.
//!
//! Does not check what only a verifier needs (`b=`, whether From is signed, whether `i=` is below
//! `d=`, times), nor that `v=` is 1, which is not there in an ARC-Message-Signature.
//!
//! May use: base, transfer, header.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::base::chars::{is_fws, trim};
use crate::base::{Eol, Rule, Sink, Span};
use crate::header::unfold;
use crate::transfer::{Coding, Decoder};

/// The hash that an algorithm is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1, which no signature may be made with any more (RFC 8301 §3.1).
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Hash {
    /// The name that `a=` ends with.
    pub const fn name(self) -> &'static str {
        match self {
            Hash::Sha1 => "sha1",
            Hash::Sha256 => "sha256",
        }
    }
}

/// What was made equal before the hash was taken (RFC 6376 §3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Canon {
    /// Nothing but the end of the body.
    #[default]
    Simple,
    /// White space too.
    Relaxed,
}

impl Canon {
    /// The name in `c=`.
    pub const fn name(self) -> &'static str {
        match self {
            Canon::Simple => "simple",
            Canon::Relaxed => "relaxed",
        }
    }
}

/// What a signature says; see RFC 6376 §3.5 for the tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// `v=`, the version.
    pub version: Option<String>,
    /// `a=`, the algorithm, such as `rsa-sha256`.
    pub algorithm: Option<String>,
    /// The hash that `a=` names; `None` for one that is not known here.
    pub hash: Option<Hash>,
    /// `d=`, the domain that signed.
    pub domain: Option<String>,
    /// `s=`, the selector: which of the keys of the domain.
    pub selector: Option<String>,
    /// What `c=` says of the header: simple if it says nothing, or nothing that is known.
    pub header_canon: Canon,
    /// What `c=` says of the body, read alike.
    pub body_canon: Canon,
    /// `bh=`, the hash of the body; `None` if it is not there or no base64.
    pub body_hash: Option<Vec<u8>>,
    /// `l=`, how many octets of the body, once it is canonical, are signed. A number with too many
    /// digits for any body is the largest there is.
    pub length: Option<u64>,
    /// `h=`, the names of the signed fields, in lower case, in order, with repeats.
    pub signed_fields: Vec<String>,
    /// `i=`, the agent or user; the instance in an ARC-Message-Signature.
    pub identity: Option<String>,
    /// `q=`, where the key is to be asked for.
    pub query: Option<String>,
    /// `t=`, when it was signed, in seconds since 1970.
    pub time: Option<u64>,
    /// `x=`, when it expires, likewise.
    pub expires: Option<u64>,
    /// All tags as they stand there, without their folds, in order, with repeats.
    pub tags: Vec<(String, String)>,
    /// A tag that decides about the body hash cannot be read, so nobody knows whether it holds.
    pub(super) undecidable: bool,
}

impl Signature {
    /// Whether `h=` names this field, letter case apart.
    pub fn signs(&self, field_name: &str) -> bool {
        self.signed_fields.iter().any(|signed| signed.eq_ignore_ascii_case(field_name))
    }
}

/// Reads the raw body of a signature field; `None` if there is no tag in it at all. Reports what is
/// odd, with spans counted from its start.
pub fn parse<S: Sink>(raw_body: &[u8], sink: &mut S) -> Option<Signature> {
    let tags = tag_list(raw_body, sink);
    if tags.is_empty() {
        return None;
    }
    Some(
        Reader { whole: Span::from(0..raw_body.len()), tags: &tags, sink, undecidable: false }
            .signature(),
    )
}

/// What a linter asks of a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    /// `a=` ends with the name of SHA-1.
    pub(crate) is_sha1: bool,
    /// Whether `h=` names From; `None` if it names nothing.
    pub(crate) signs_from: Option<bool>,
    /// `x=`.
    pub(crate) expires: Option<u64>,
}

/// The same as [`parse`] for one who only asks for these: all is read and reported, little is kept.
pub(crate) fn claims<S: Sink>(raw_body: &[u8], sink: &mut S) -> Option<Claims> {
    let tags = tag_list(raw_body, sink);
    if tags.is_empty() {
        return None;
    }
    let whole = Span::from(0..raw_body.len());
    Some(Reader { whole, tags: &tags, sink, undecidable: false }.claims())
}

/// A tag as it stands in the field.
struct Tag<'a> {
    name: &'a str,
    /// White space trimmed, folds inside kept.
    value: &'a [u8],
    /// Where that begins in the field body.
    start: usize,
}

impl Tag<'_> {
    fn kept(&self) -> (String, String) {
        (self.name.to_owned(), text(self.value).into_owned())
    }
}

/// The tags of a list, in order, without the pieces that are none (RFC 6376 §3.2).
fn tag_list<'a, S: Sink>(raw_body: &'a [u8], sink: &mut S) -> Vec<Tag<'a>> {
    let mut tags: Vec<Tag<'a>> = Vec::new();
    let mut names = HashSet::new();
    let mut start = 0;
    for piece in raw_body.split(|&c| c == b';') {
        let end = start + piece.len();
        // The last tag may have a semicolon behind it.
        let is_end = end == raw_body.len() && start > 0 && trim(piece).is_empty();
        let tag = tag(piece, start);
        let mut is_new = |tag: &Tag<'a>| match tags.len() {
            0..FEW => tags.iter().all(|other| other.name != tag.name),
            _ => {
                if names.is_empty() {
                    names.extend(tags.iter().map(|tag| tag.name));
                }
                names.insert(tag.name)
            }
        };
        if !is_end && tag.as_ref().is_none_or(|tag| !is_new(tag)) {
            sink.report(Rule::S020, Span::from(start..end));
        }
        tags.extend(tag);
        start = end + 1;
    }
    tags
}

/// The tag that stands between two semicolons, `start` octets into the field body.
fn tag(piece: &[u8], start: usize) -> Option<Tag<'_>> {
    let equals = memchr::memchr(b'=', piece)?;
    let name = trim(&piece[..equals]);
    let in_name = |&c: &u8| c.is_ascii_alphanumeric() || c == b'_';
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(in_name);
    let name = std::str::from_utf8(name).ok().filter(|_| is_name)?;
    let rest = &piece[equals + 1..];
    let white = rest.iter().take_while(|&&c| is_fws(c)).count();
    Some(Tag { name, value: trim(rest), start: start + equals + 1 + white })
}

/// Makes a signature of its tags.
struct Reader<'a, S> {
    /// The span of the field body.
    whole: Span,
    tags: &'a [Tag<'a>],
    sink: &'a mut S,
    undecidable: bool,
}

/// The tags that RFC 6376 §3.5 requires, but for `v=`.
const REQUIRED: &[&str] = &["a", "b", "bh", "d", "h", "s"];

/// So many tags are compared with one another; a signature has fewer.
const FEW: usize = 32;

impl<S: Sink> Reader<'_, S> {
    fn claims(mut self) -> Claims {
        self.require(REQUIRED);
        self.canons();
        let algorithm = self.text("a");
        let _ = self.hash(algorithm.as_deref());
        let _ = (self.body_hash(), self.length());
        let mut signs_from = None;
        for name in signed_names(self.value("h")) {
            let is_from = text(name).eq_ignore_ascii_case("from");
            signs_from = Some(is_from || signs_from == Some(true));
        }
        Claims {
            is_sha1: algorithm.is_some_and(|name| name.ends_with("-sha1")),
            signs_from,
            expires: self.value("x").and_then(number),
        }
    }

    fn signature(mut self) -> Signature {
        self.require(REQUIRED);
        let algorithm = self.text("a");
        let (header_canon, body_canon) = self.canons();
        Signature {
            version: self.text("v"),
            hash: self.hash(algorithm.as_deref()),
            algorithm,
            domain: self.text("d"),
            selector: self.text("s"),
            header_canon,
            body_canon,
            body_hash: self.body_hash(),
            length: self.length(),
            signed_fields: self.signed_fields(),
            identity: self.text("i"),
            query: self.text("q"),
            time: self.value("t").and_then(number),
            expires: self.value("x").and_then(number),
            tags: self.tags.iter().map(Tag::kept).collect(),
            undecidable: self.undecidable,
        }
    }

    /// The first tag of that name.
    fn tag(&self, name: &str) -> Option<&Tag<'_>> {
        self.tags.iter().find(|tag| tag.name == name)
    }

    fn value(&self, name: &str) -> Option<&[u8]> {
        self.tag(name).map(|tag| tag.value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| text(value).into_owned())
    }

    /// Reports if one of these tags is not there.
    fn require(&mut self, names: &[&str]) {
        if names.iter().any(|name| self.tag(name).is_none()) {
            self.sink.report(Rule::S022, self.whole);
        }
    }

    /// Without the tag of that name, as it stands there, nobody knows whether the body hash holds.
    fn unreadable(&mut self, name: &str) {
        self.undecidable = true;
        self.report(Rule::S022, name);
    }

    fn report(&mut self, rule: Rule, name: &str) {
        if let Some(tag) = self.tag(name) {
            let span = Span::from(tag.start..tag.start + tag.value.len());
            self.sink.report(rule, span);
        }
    }

    /// The hash in `a=`, which is the name of a key type, a hyphen, and the name of a hash.
    fn hash(&mut self, algorithm: Option<&str>) -> Option<Hash> {
        let (_, name) = algorithm?.rsplit_once('-').unwrap_or_default();
        let known = [Hash::Sha1, Hash::Sha256].into_iter();
        let hash = known.into_iter().find(|hash| hash.name().eq_ignore_ascii_case(name));
        if hash.is_none() {
            self.unreadable("a");
        }
        hash
    }

    /// What `c=` says of header and body: simple where it says nothing.
    fn canons(&mut self) -> (Canon, Canon) {
        let Some(value) = self.value("c").map(text) else { return Default::default() };
        let (header, body) = value.split_once('/').unwrap_or((&value, Canon::Simple.name()));
        let canons = (canon(header), canon(body));
        if canons.0.is_none() || canons.1.is_none() {
            self.report(Rule::S022, "c");
        }
        self.undecidable |= canons.1.is_none();
        (canons.0.unwrap_or_default(), canons.1.unwrap_or_default())
    }

    fn body_hash(&mut self) -> Option<Vec<u8>> {
        let octets = base64(self.value("bh")?);
        if octets.is_none() {
            self.unreadable("bh");
        }
        octets
    }

    fn length(&mut self) -> Option<u64> {
        let length = number(self.value("l")?);
        match length {
            Some(_) => self.report(Rule::S021, "l"),
            None => self.unreadable("l"),
        }
        length
    }

    fn signed_fields(&self) -> Vec<String> {
        signed_names(self.value("h")).map(|name| text(name).to_ascii_lowercase()).collect()
    }
}

/// The names in `h=`.
fn signed_names(value: Option<&[u8]>) -> impl Iterator<Item = &[u8]> {
    let names = value.unwrap_or_default().split(|&c| c == b':').map(trim);
    names.filter(|name| !name.is_empty())
}

/// A value without its folds.
fn text(value: &[u8]) -> Cow<'_, str> {
    match unfold(value) {
        Cow::Borrowed(value) => String::from_utf8_lossy(value),
        Cow::Owned(value) => Cow::Owned(String::from_utf8_lossy(&value).into_owned()),
    }
}

fn canon(name: &str) -> Option<Canon> {
    let known = [Canon::Simple, Canon::Relaxed].into_iter();
    known.into_iter().find(|canon| canon.name().eq_ignore_ascii_case(name.trim()))
}

/// The value of decimal digits, the largest there is if there are too many.
fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let append = |n: u64, &c: &u8| n.saturating_mul(10).saturating_add(u64::from(c - b'0'));
    is_number.then(|| digits.iter().fold(0, append))
}

/// The octets of base64 with white space anywhere; `None` if something else is in it, or nothing.
/// That the padding is missing is no harm.
fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = value.iter().copied().filter(|&c| !is_fws(c)).collect();
    let mut octets = Vec::new();
    let mut odd: Vec<(Rule, Span)> = Vec::new();
    let mut decoder = Decoder::new(Coding::Base64, Eol::Lf);
    decoder.decode(&text, &mut octets, &mut odd);
    decoder.finish(&mut octets, &mut odd);
    let harmless = |&(rule, _): &(Rule, Span)| matches!(rule, Rule::E032 | Rule::E035);
    (!octets.is_empty() && odd.iter().all(harmless)).then_some(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNED: &[u8] = b" v=1; a=rsa-sha256; c=relaxed/simple;\r\n\td=example.org; s=may; \
        i=@mail.example.org; q=dns/txt;\r\n t=1117574938; x=1118006938;\r\n \
        h=From : To:subject:\r\n\tFrom:;\r\n bh=AQID\r\n\tBA=\r\n =; b=YWJj\r\n\tZGVm;\r\n";

    fn parsed(raw_body: &[u8]) -> (Option<Signature>, Vec<(Rule, Span)>) {
        let mut findings = Vec::new();
        let signature = parse(raw_body, &mut findings);
        (signature, findings)
    }

    #[test]
    fn reads_all_tags() {
        let (signature, findings) = parsed(SIGNED);
        let text = |text: &str| Some(text.to_owned());
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = Signature {
            version: text("1"),
            algorithm: text("rsa-sha256"),
            hash: Some(Hash::Sha256),
            domain: text("example.org"),
            selector: text("may"),
            header_canon: Canon::Relaxed,
            body_canon: Canon::Simple,
            body_hash: Some(vec![1, 2, 3, 4]),
            length: None,
            signed_fields: ["from", "to", "subject", "from"].map(str::to_owned).to_vec(),
            identity: text("@mail.example.org"),
            query: text("dns/txt"),
            time: Some(1_117_574_938),
            expires: Some(1_118_006_938),
            tags: vec![
                tag("v", "1"),
                tag("a", "rsa-sha256"),
                tag("c", "relaxed/simple"),
                tag("d", "example.org"),
                tag("s", "may"),
                tag("i", "@mail.example.org"),
                tag("q", "dns/txt"),
                tag("t", "1117574938"),
                tag("x", "1118006938"),
                tag("h", "From : To:subject:\tFrom:"),
                tag("bh", "AQID\tBA= ="),
                tag("b", "YWJj\tZGVm"),
            ],
            undecidable: false,
        };
        assert_eq!(signature, Some(expected));
        assert_eq!(findings, []);
    }

    #[test]
    fn names_of_signed_fields_have_no_case() {
        let signature = parsed(SIGNED).0.expect("a signature");
        for (name, expected) in [("FROM", true), ("Subject", true), ("Date", false), ("", false)] {
            assert_eq!(signature.signs(name), expected, "{name}");
        }
    }

    /// What stands before the tags that these cases are not about.
    const REST: &str = "b=YWJj;d=example.org;h=from;s=may;";

    #[test]
    fn reads_algorithms_and_canons() {
        use Canon::{Relaxed, Simple};
        let cases: &[(&str, Option<Hash>, (Canon, Canon), bool)] = &[
            ("a=rsa-sha256", Some(Hash::Sha256), (Simple, Simple), false),
            ("a=rsa-sha1", Some(Hash::Sha1), (Simple, Simple), false),
            ("a=ed25519-sha256", Some(Hash::Sha256), (Simple, Simple), false),
            ("a=RSA-SHA256", Some(Hash::Sha256), (Simple, Simple), false),
            ("a=rsa-sha512", None, (Simple, Simple), true),
            ("a=sha256", None, (Simple, Simple), true),
            ("a=", None, (Simple, Simple), true),
            ("a=rsa-sha1;c=relaxed", Some(Hash::Sha1), (Relaxed, Simple), false),
            ("a=rsa-sha1;c=simple/relaxed", Some(Hash::Sha1), (Simple, Relaxed), false),
            ("a=rsa-sha1;c=Relaxed/Relaxed", Some(Hash::Sha1), (Relaxed, Relaxed), false),
            ("a=rsa-sha1;c=relaxed / relaxed", Some(Hash::Sha1), (Relaxed, Relaxed), false),
            ("a=rsa-sha1;c=nowsp", Some(Hash::Sha1), (Simple, Simple), true),
            ("a=rsa-sha1;c=relaxed/", Some(Hash::Sha1), (Relaxed, Simple), true),
        ];
        for &(tags, hash, canons, odd) in cases {
            let (signature, findings) = parsed(format!("bh=AQID;{REST}{tags}").as_bytes());
            let signature = signature.expect("a signature");
            assert_eq!(signature.hash, hash, "{tags}");
            assert_eq!((signature.header_canon, signature.body_canon), canons, "{tags}");
            assert_eq!(findings.iter().any(|found| found.0 == Rule::S022), odd, "{tags}");
        }
    }

    #[test]
    fn reads_hashes_and_lengths() {
        let cases: &[(&str, Option<&[u8]>, Option<u64>, &[Rule])] = &[
            ("bh=AQID", Some(&[1, 2, 3]), None, &[]),
            ("bh=AQIDBA==", Some(&[1, 2, 3, 4]), None, &[]),
            ("bh=A Q\r\n\tI D\tB A", Some(&[1, 2, 3, 4]), None, &[]),
            ("bh=", None, None, &[Rule::S022]),
            ("bh=AQ*ID", None, None, &[Rule::S022]),
            ("bh=AQIDBA==AQID", None, None, &[Rule::S022]),
            ("bh=AQIDB", None, None, &[Rule::S022]),
            ("bh=AQID;l=0", Some(&[1, 2, 3]), Some(0), &[Rule::S021]),
            ("bh=AQID;l= 42 ", Some(&[1, 2, 3]), Some(42), &[Rule::S021]),
            ("bh=AQID;l=99999999999999999999999", Some(&[1, 2, 3]), Some(u64::MAX), &[Rule::S021]),
            ("bh=AQID;l=-1", Some(&[1, 2, 3]), None, &[Rule::S022]),
            ("bh=AQID;l=", Some(&[1, 2, 3]), None, &[Rule::S022]),
        ];
        for &(tags, body_hash, length, rules) in cases {
            let (signature, findings) = parsed(format!("a=rsa-sha256;{REST}{tags}").as_bytes());
            let signature = signature.expect("a signature");
            assert_eq!(signature.body_hash.as_deref(), body_hash, "{tags}");
            assert_eq!(signature.length, length, "{tags}");
            let found: Vec<Rule> = findings.iter().map(|found| found.0).collect();
            assert_eq!(found, rules, "{tags}");
        }
    }

    #[test]
    fn reports_where() {
        let cases: &[(&str, &[u8], &[(Rule, &[u8])])] = &[
            ("a length", b"a=x-sha1;b=;bh=AQ==;d=;h=;s=; l = 10 ;", &[(Rule::S021, b"10")]),
            ("an algorithm", b"a=x-md5 ;b=;bh=AQ==;d=;h=;s=", &[(Rule::S022, b"x-md5")]),
            ("a tag twice", b"a=x-sha1;b=;bh=AQ==;d=;h=;s=;d=x", &[(Rule::S020, b"d=x")]),
            ("not the same tag", b"a=x-sha1;b=;bh=AQ==;d=;h=;s=;D=x", &[]),
            ("no tag", b"a=x-sha1;b=;oops;bh=AQ==;d=;h=;s=", &[(Rule::S020, b"oops")]),
            ("a nameless tag", b"a=x-sha1;b=;=;bh=AQ==;d=;h=;s=", &[(Rule::S020, b"=")]),
            ("not a name", b"a=x-sha1;b=;1x=;bh=AQ==;d=;h=;s=", &[(Rule::S020, b"1x=")]),
            ("an empty tag", b"a=x-sha1;b=; ;bh=AQ==;d=;h=;s=", &[(Rule::S020, b" ")]),
            ("two at the end", b"a=x-sha1;b=;bh=AQ==;d=;h=;s=;;", &[(Rule::S020, b"")]),
            (
                "a tag is missing",
                b"a=x-sha1;b=;bh=AQ==;d=;h=",
                &[(Rule::S022, b"a=x-sha1;b=;bh=AQ==;d=;h=")],
            ),
            ("nothing", b" ", &[(Rule::S020, b" ")]),
        ];
        for &(name, raw_body, expected) in cases {
            let place = |(rule, span): &(Rule, Span)| {
                (*rule, &raw_body[span.start as usize..span.end as usize])
            };
            let (_, findings) = parsed(raw_body);
            assert_eq!(findings.iter().map(place).collect::<Vec<_>>(), expected, "{name}");
        }
    }

    #[test]
    fn the_first_of_two_tags_counts() {
        let signature = parsed(b"d=a.example;d=b.example").0.expect("a signature");
        assert_eq!(signature.domain.as_deref(), Some("a.example"));
        assert_eq!(signature.tags.len(), 2);
    }

    #[test]
    fn without_a_tag_there_is_no_signature() {
        for raw_body in ["", " \r\n", ";", "unsigned", "a b=c", "\u{E4}=1"] {
            assert_eq!(parsed(raw_body.as_bytes()).0, None, "{raw_body}");
        }
    }

    proptest! {
        #[test]
        fn claims_are_those_of_the_signature(
            pieces in prop::collection::vec(
                prop::sample::select(&[
                    "a=rsa-sha1", "a=RSA-SHA256", "a=x", "b=YQ==", "bh=YQ==", "bh=?", "c=relaxed/x",
                    "d=example.org", "h=To:From", "h= : ", "h=Subject", "s=s", "l=12", "l=a", "x=5", "x=",
                    "junk", "", "a=", " from=1", "c=simple",
                ][..]),
                0..40,
            ),
        ) {
            let raw = pieces.join(";");
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            let claims = claims(raw.as_bytes(), &mut found);
            let signature = parse(raw.as_bytes(), &mut expected);
            prop_assert_eq!(found, expected);
            prop_assert_eq!(claims, signature.map(|it| Claims {
                is_sha1: it.algorithm.as_deref().is_some_and(|name| name.ends_with("-sha1")),
                signs_from: (!it.signed_fields.is_empty()).then(|| it.signs("From")),
                expires: it.expires,
            }));
        }

        #[test]
        fn any_octets_are_read(raw_body in "(bh?=|[alchd]=|[a-z0-9=;:/\u{E4} \r\n\t-]){0,40}") {
            let (_, findings) = parsed(raw_body.as_bytes());
            for (_, span) in findings {
                prop_assert!(span.start <= span.end && span.end <= raw_body.len() as u64);
            }
        }
    }
}
