//! What the MIME fields of an entity say: media type, boundary, transfer encoding, disposition,
//! file name (RFC 2045, RFC 2046, RFC 2183).
//!
//! Contract: any octets give a result. [`content_type`] reports what is odd about the field as such
//! (families T, P, F), [`media`] only what is odd about the boundary (family B): who asks both gets
//! each finding once. `media` does not allocate unless the boundary is continued, folded or
//! escaped.
//!
//! Deliberately not here: the default type of an entity without Content-Type (RFC 2045 §5.2, RFC
//! 2046 §5.1.5 for digests) and what an unknown transfer coding makes of the type (RFC 2045 §6.4),
//! which depend on more than one field; safe names for files, which depend on the target directory.
//!
//! May use: base, charset, transfer, and of this room `lex` and `params`.

mod filename;
mod pattern;
mod plain;

use super::Context;
use super::lex::skip_cfws;
use super::params::{self, Backslash, Forms, Parameterised, RawParams};
use crate::base::chars::{is_token, trim, trim_end};
use crate::base::{BOUNDARY, Rule, Sink, Span};
use crate::transfer::Coding;

pub use filename::filename;
pub use pattern::{TypePattern, TypePatternError};
pub(crate) use plain::Plain;

/// The most characters that a boundary may have (RFC 2046 §5.1.1).
const BOUNDARY_MAX: usize = 70;

/// What kind of content a media type stands for, as far as the structure of a message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// Neither of the others: a leaf.
    #[default]
    Leaf,
    /// `multipart/…`.
    Multipart {
        /// Whether its parts are messages unless they say otherwise (`multipart/digest`).
        digest: bool,
    },
    /// `message/rfc822`, `message/global`, `message/news`: a message inside.
    Message,
}

/// A Content-Type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` in lower case as it is treated: `text/plain` where it cannot be read. Both
    /// are tokens (RFC 2045 §5.1).
    pub essence: String,
    /// What was written, and the parameters.
    pub written: Parameterised,
}

impl ContentType {
    /// The same as the crate `mime` has it, parameters included; `None` if that cannot hold it: it
    /// has no way to write an empty value, a quote or a control character, and knows fewer
    /// characters of a token.
    pub fn mime(&self) -> Option<mime::Mime> {
        let mut text = self.essence.clone();
        for param in &self.written.params {
            let value = param.value.text.as_str();
            if value.is_empty() || value.contains('"') {
                return None;
            }
            text.extend(["; ", &param.name, "=\"", value, "\""]);
        }
        text.parse().ok()
    }
}

/// Reads a Content-Type body (RFC 2045 §5). Findings: T010, T013, those of `params::parse`, and of
/// the file names among the parameters F001, F002, F003.
pub fn content_type<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> ContentType {
    match Plain::content_type(raw, context.limits.params) {
        Some(plain) => plain.to_content_type(),
        None => content_type_slowly(raw, context, sink),
    }
}

fn content_type_slowly<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> ContentType {
    let written = params::parse(raw, context, sink);
    let value = RawParams::new(raw, 0, &mut ()).value();
    let media_type = MediaType::read(&raw[value.clone()]);
    if skip_cfws(raw, 0) == raw.len() {
        sink.report(Rule::T013, (0..raw.len()).into());
    } else if !media_type.as_ref().is_some_and(|media_type| media_type.exact) {
        sink.report(Rule::T010, value.into());
    }
    let essence = media_type.map_or_else(|| "text/plain".to_owned(), |found| found.essence());
    // The name of an external body is a path on another machine (RFC 2046 §5.2.3.2).
    if essence != "message/external-body" {
        filename::check(&written, sink);
    }
    ContentType { essence, written }
}

/// The part of a Content-Type that the walker needs, without building the rest: the kind of media,
/// and for a multipart its boundary, written into `boundary`, which is emptied first. The octets of
/// a boundary are raw, not decoded by any charset; it has 1 to 998 of them, and no white space at
/// its end. A multipart without a usable boundary is a leaf.
///
/// Findings: B001, B002, B010, B011, B013, B014.
pub fn media<S: Sink>(
    raw: &[u8],
    context: &Context,
    boundary: &mut Vec<u8>,
    sink: &mut S,
) -> Media {
    boundary.clear();
    if let Some(plain) = Plain::content_type(raw, context.limits.params) {
        return plain_media(&plain, boundary, raw.len(), sink);
    }
    media_slowly(raw, context, boundary, sink)
}

/// The same for a plain field; `length` is that of its body.
fn plain_media<S: Sink>(
    plain: &Plain<'_>,
    boundary: &mut Vec<u8>,
    length: usize,
    sink: &mut S,
) -> Media {
    let media_type = MediaType { kind: plain.kind, subtype: plain.subtype, exact: true };
    if media_type.is_multipart() {
        match plain.param(b"boundary") {
            Some(param) => {
                boundary.extend_from_slice(param.value);
                check_boundary(boundary, param.span(), sink);
            }
            None => sink.report(Rule::B001, (0..length).into()),
        }
    }
    media_type.media(boundary)
}

fn media_slowly<S: Sink>(
    raw: &[u8],
    context: &Context,
    boundary: &mut Vec<u8>,
    sink: &mut S,
) -> Media {
    let mut unheard = ();
    let params = RawParams::new(raw, context.limits.params, &mut unheard);
    let Some(media_type) = MediaType::read(&raw[params.value()]) else { return Media::Leaf };
    if media_type.is_multipart() {
        read_boundary(params, boundary, raw.len(), sink);
    }
    media_type.media(boundary)
}

/// Writes the boundary among `params` into `boundary`, unless none of it can be used.
fn read_boundary<S: Sink>(
    mut params: RawParams<'_, '_, ()>,
    boundary: &mut Vec<u8>,
    length: usize,
    sink: &mut S,
) {
    let mut forms = Forms::default();
    while let Some(param) = params.next() {
        if param.name.eq_ignore_ascii_case(b"boundary") {
            forms.add(param, &mut ());
        }
    }
    let mut given = forms.given();
    let Some(form) = given.next() else {
        return sink.report(Rule::B001, (0..length).into());
    };
    let span = params::span_of(form);
    if given.next().is_some() {
        sink.report(Rule::B013, span);
    }
    if form.iter().any(|param| param.value.has_backslash()) {
        sink.report(Rule::B014, span);
    }
    params::join(form, Backslash::Quotes, boundary, &mut ());
    check_boundary(boundary, span, sink);
}

/// Reports what is wrong with a boundary, and mends it; empties it if it cannot be used.
///
/// LIMIT: over 998 octets, the longest line that mail may have, it cannot.
fn check_boundary<S: Sink>(boundary: &mut Vec<u8>, span: Span, sink: &mut S) {
    let trimmed = trim_end(boundary).len();
    if trimmed < boundary.len() || !boundary.iter().all(|&c| is_boundary_char(c)) {
        sink.report(Rule::B011, span);
    }
    boundary.truncate(trimmed);
    if trimmed == 0 {
        sink.report(Rule::B002, span);
    }
    if trimmed > BOUNDARY_MAX {
        sink.report(Rule::B010, span);
    }
    if trimmed > BOUNDARY {
        boundary.clear();
    }
}

/// A character that a boundary may have (RFC 2046 §5.1.1 bchars).
fn is_boundary_char(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&c)
}

/// A media type, as far as one can be read.
struct MediaType<'a> {
    kind: &'a [u8],
    subtype: &'a [u8],
    /// Whether nothing else stands there but comments and white space.
    exact: bool,
}

impl<'a> MediaType<'a> {
    /// Reads what stands before the parameters; `None` if it is no `type/subtype`, which is
    /// text/plain then (RFC 2045 §5.2).
    ///
    /// QUIRK: quotes around it, and text behind it (`text/plain/format`, `text/html UTF-8`), are
    /// overlooked; a type that is doubled (`multipart/multipart/mixed`) counts once.
    fn read(value: &'a [u8]) -> Option<MediaType<'a>> {
        let start = skip_cfws(value, 0);
        let quoted = value.get(start) == Some(&b'"');
        let (kind, behind_kind) = token(value, start + usize::from(quoted))?;
        let (written, behind_subtype) = token_behind_slash(value, behind_kind)?;
        let again = token_behind_slash(value, behind_subtype)
            .filter(|_| kind.eq_ignore_ascii_case(written));
        let exact = !quoted && skip_cfws(value, behind_subtype) == value.len();
        let subtype = again.map_or(written, |(subtype, _)| subtype);
        Some(MediaType { kind, subtype, exact })
    }

    /// `type/subtype` in lower case.
    fn essence(&self) -> String {
        let essence = [self.kind, b"/", self.subtype].concat();
        String::from_utf8_lossy(&essence).to_ascii_lowercase()
    }

    /// What it stands for, if it is a multipart with this boundary.
    fn media(&self, boundary: &[u8]) -> Media {
        if self.is_message() {
            Media::Message
        } else if self.is_multipart() && !boundary.is_empty() {
            Media::Multipart { digest: self.subtype.eq_ignore_ascii_case(b"digest") }
        } else {
            Media::Leaf
        }
    }

    fn is_multipart(&self) -> bool {
        self.kind.eq_ignore_ascii_case(b"multipart")
    }

    /// Whether a message is inside (RFC 2046 §5.2.1, RFC 6532 §3.7, RFC 5537 §4).
    fn is_message(&self) -> bool {
        let subtypes: [&[u8]; 3] = [b"rfc822", b"global", b"news"];
        self.kind.eq_ignore_ascii_case(b"message")
            && subtypes.iter().any(|name| self.subtype.eq_ignore_ascii_case(name))
    }
}

/// The token at `at` and the position behind it; `None` if there is none.
fn token(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = text.get(at..)?;
    let length = rest.iter().take_while(|&&c| is_token(c)).count();
    (length > 0).then(|| (&rest[..length], at + length))
}

/// The token behind the slash at `at`, and the position behind it.
fn token_behind_slash(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let slash = skip_cfws(text, at);
    let behind = (text.get(slash) == Some(&b'/')).then_some(slash + 1)?;
    token(text, skip_cfws(text, behind))
}

/// The transfer coding that a Content-Transfer-Encoding body names (RFC 2045 §6.1): 7bit if it is
/// empty. Findings: E010, E012.
pub fn transfer_encoding<S: Sink>(raw: &[u8], sink: &mut S) -> Coding {
    let Some((name, start)) = transfer_encoding_name(raw) else { return Coding::SevenBit };
    let end = start + name.len();
    if name.len() < trim(raw).len() {
        sink.report(Rule::E012, (0..raw.len()).into());
    }
    let coding = match name {
        // QUIRK: `8 bit` with a space.
        b"7" => Coding::SevenBit,
        b"8" => Coding::EightBit,
        name => Coding::from_token(name),
    };
    if coding == Coding::Unknown {
        sink.report(Rule::E010, (start..end).into());
    }
    coding
}

/// The name that a Content-Transfer-Encoding body gives, as it is written, and where it begins: the
/// first token, or all there is if that is none. `None` if the body is empty.
pub fn transfer_encoding_name(raw: &[u8]) -> Option<(&[u8], usize)> {
    let start = skip_cfws(raw, 0);
    if start == raw.len() {
        return None;
    }
    // QUIRK: quotes around the token, seen in the wild, are not part of it.
    let start = start + usize::from(raw.get(start) == Some(&b'"'));
    let name = token(raw, start).map_or(trim_end(&raw[start..]), |(name, _)| name);
    Some((name, start))
}

/// Reads a Content-Disposition body (RFC 2183): the value is the disposition type as it is written,
/// in lower case; which ones there are is up to the caller. Findings: those of `params::parse`, and
/// of the file names among the parameters F001, F002, F003.
pub fn disposition<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Parameterised {
    if let Some(plain) = Plain::disposition(raw, context.limits.params) {
        return plain.to_parameterised();
    }
    let disposition = params::parse(raw, context, sink);
    filename::check(&disposition, sink);
    disposition
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::params::tests::CONTEXT;
    use proptest::prelude::*;

    const LEAF: Media = Media::Leaf;
    const MIXED: Media = Media::Multipart { digest: false };

    fn rules(found: &[(Rule, Span)]) -> Vec<Rule> {
        found.iter().map(|&(rule, _)| rule).collect()
    }

    #[test]
    fn reads_types() {
        use Rule::*;
        let cases: &[(&str, &str, &[Rule])] = &[
            ("TEXT/Html; x=y", "text/html", &[]),
            (" (a) text (b)/\r\n (c) html (d/e)", "text/html", &[]),
            ("application/pdf name=a.pdf", "application/pdf", &[P030]),
            ("\"text/html\"; x=y", "text/html", &[T010]),
            ("text/html UTF-8", "text/html", &[T010]),
            ("text/html: x=y", "text/html", &[T010, P030]),
            ("text/plain/format", "text/plain", &[T010]),
            ("multipart/multipart/mixed", "multipart/mixed", &[T010]),
            ("text", "text/plain", &[T010]),
            ("image/", "text/plain", &[T010]),
            ("/png; x=y", "text/plain", &[T010]),
            ("multi\r\n part/mixed", "text/plain", &[T010]),
            ("multipart / mixed/ x", "multipart/mixed", &[T010]),
            (";multipart/mixed;; x=y", "text/plain", &[T010, P032]),
            ("x=y", "text/plain", &[T010]),
            ("im\u{e4}ge/png", "text/plain", &[T010]),
            (" \r\n (c) ", "text/plain", &[T013]),
            ("", "text/plain", &[T013]),
        ];
        for &(raw, essence, expected) in cases {
            let mut found = Vec::new();
            let content_type = content_type(raw.as_bytes(), &CONTEXT, &mut found);
            let mut found = rules(&found);
            found.sort_by_key(|rule| !rule.info().id.starts_with('T'));
            assert_eq!((&*content_type.essence, &*found), (essence, expected), "{raw:?}");
        }
    }

    #[test]
    fn finds_boundaries() {
        use Rule::*;
        let long = "a".repeat(71);
        let (long_field, too_long_field) =
            (format!("; boundary={long}"), format!("; boundary={}", "a".repeat(999)));
        let cases: &[(&str, &str, Media, &str, &[Rule])] = &[
            ("token", "; boundary=b", MIXED, "b", &[]),
            ("quoted", "; x=y; BOUNDARY=\"b c\"", MIXED, "b c", &[]),
            ("comment behind", "; boundary=b (c)", MIXED, "b", &[]),
            ("no semicolon", " boundary=b", MIXED, "b", &[]),
            ("given twice", "; boundary=x; boundary=b", MIXED, "x", &[]),
            ("sections", "; boundary*1=c; boundary*0=b", MIXED, "bc", &[]),
            ("extended and plain", "; boundary=x; boundary*=us-ascii''%62", MIXED, "b", &[B013]),
            ("quoted-pair", "; boundary=\"\\b\"", MIXED, "b", &[B014]),
            ("space at the end", "; boundary=\"b \"", MIXED, "b", &[B011]),
            ("no boundary character", "; boundary=b!c", MIXED, "b!c", &[B011]),
            ("tspecials", "; boundary=a=b:c", MIXED, "a=b:c", &[]),
            ("never closed", "; boundary=\"b", MIXED, "b", &[]),
            ("looks like a word", "; boundary=\"=?utf-8?Q?b?=\"", MIXED, "=?utf-8?Q?b?=", &[]),
            ("over 70", &long_field, MIXED, &long, &[B010]),
            ("over 998", &too_long_field, LEAF, "", &[B010]),
            ("empty", "; boundary=\"\"", LEAF, "", &[B002]),
            ("only white space", "; boundary=\" \"", LEAF, "", &[B011, B002]),
            ("missing", "; boundary", LEAF, "", &[B001]),
        ];
        for &(name, field, expected, octets, expected_rules) in cases {
            let mut found = Vec::new();
            let mut boundary = b"old".to_vec();
            let raw = format!("multipart/mixed{field}");
            let media = media(raw.as_bytes(), &CONTEXT, &mut boundary, &mut found);
            assert_eq!((media, &*boundary), (expected, octets.as_bytes()), "{name}");
            assert_eq!(rules(&found), expected_rules, "{name}");
        }
    }

    #[test]
    fn tells_kinds_of_media() {
        let cases: &[(&str, Media)] = &[
            ("Multipart/Digest; boundary=b", Media::Multipart { digest: true }),
            ("multipart/x-unknown; boundary=b", MIXED),
            ("multipart/multipart/mixed; boundary=b", MIXED),
            ("multipart; boundary=b", LEAF),
            ("message/RFC822", Media::Message),
            ("message/global", Media::Message),
            ("message/news", Media::Message),
            ("message/global-headers", LEAF),
            ("message/partial; id=x", LEAF),
            ("message/external-body", LEAF),
            ("text/rfc822", LEAF),
            ("", LEAF),
        ];
        for &(raw, expected) in cases {
            let media = media(raw.as_bytes(), &CONTEXT, &mut Vec::new(), &mut ());
            assert_eq!(media, expected, "{raw:?}");
        }
    }

    #[test]
    fn reads_transfer_encodings() {
        use Rule::*;
        let cases: &[(&str, Coding, &[Rule])] = &[
            (" Base64 ", Coding::Base64, &[]),
            ("\r\n base64", Coding::Base64, &[]),
            ("(c)base64(c)", Coding::Base64, &[E012]),
            ("base64 junk", Coding::Base64, &[E012]),
            ("base64;", Coding::Base64, &[E012]),
            ("\"base64\"", Coding::Base64, &[E012]),
            ("8 bit", Coding::EightBit, &[E012]),
            ("base-64", Coding::Unknown, &[E010]),
            ("; base64", Coding::Unknown, &[E010]),
            (" ", Coding::SevenBit, &[]),
            ("", Coding::SevenBit, &[]),
        ];
        for &(raw, expected, expected_rules) in cases {
            let mut found = Vec::new();
            assert_eq!(transfer_encoding(raw.as_bytes(), &mut found), expected, "{raw:?}");
            assert_eq!(rules(&found), expected_rules, "{raw:?}");
        }
    }

    #[test]
    fn gives_types_of_the_crate_mime() {
        let read = |raw: &str| content_type(raw.as_bytes(), &CONTEXT, &mut ()).mime();
        assert_eq!(read("Text/Plain; Charset=UTF-8"), Some(mime::TEXT_PLAIN_UTF_8));
        let rich = read("image/svg+xml; name*=utf-8''%C3%A4%3B.svg; a=b").expect("fits");
        assert_eq!(rich.suffix(), Some(mime::XML));
        assert_eq!(rich.get_param("name").map(|name| name.as_str()), Some("\u{e4};.svg"));
        assert_eq!(rich.get_param("a").map(|a| a.as_str()), Some("b"));
        for raw in ["a/b; c=\"\"", "a/b; c=\"\\\"\"", "a/b; c*=''%01", "a/{b}", "a/b; \u{e4}=c"] {
            assert_eq!(read(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn hostile_types_take_linear_time() {
        for pattern in ["/", "a/", "(", "\"", " ", "(a)", "a (b)/"] {
            let raw = pattern.repeat(200_000 / pattern.len());
            content_type(raw.as_bytes(), &CONTEXT, &mut ());
            media(raw.as_bytes(), &CONTEXT, &mut Vec::new(), &mut ());
            transfer_encoding(raw.as_bytes(), &mut ());
        }
    }

    proptest! {
        /// `media` and `content_type` read the same field alike.
        #[test]
        fn boundaries_agree(
            value in "multipart/[a-c /\"(]{0,6}|[a-z/ ]{0,9}",
            names in proptest::collection::vec("[;;; ]boundary(\\*?|\\*[0-2]\\*?)|; *x", 0..4),
            values in proptest::collection::vec(
                "=[a-c]{1,3}|=\"[a-c\\\\ %]{0,5}\"?|=''([a-c]|%6[1-3]|%){0,4}|=[(a-c) ]{0,6}",
                4,
            ),
        ) {
            let written = names.iter().zip(&values).map(|(name, value)| format!("{name}{value}"));
            let raw = value + &written.collect::<String>();
            let content_type = content_type(raw.as_bytes(), &CONTEXT, &mut ());
            let mut boundary = Vec::new();
            let media = media(raw.as_bytes(), &CONTEXT, &mut boundary, &mut ());
            // The one are octets, the other is text: `%aa` makes them differ.
            prop_assume!(boundary.is_ascii());
            let multipart = content_type.essence.starts_with("multipart/");
            let expected = content_type.written.get("boundary").filter(|_| multipart);
            let expected = trim_end(expected.unwrap_or("").as_bytes());
            prop_assert_eq!(&*boundary, expected);
            prop_assert_eq!(media != Media::Leaf, !expected.is_empty());
        }

        /// The short way to the media, and the other.
        #[test]
        fn plain_or_not_makes_no_difference(
            value in "(multipart|message|a)/([a-c]|digest|rfc822|news)",
            params in proptest::collection::vec("; (boundary|[a-c])=([a-c+]{1,80}|\"[a-c= !]{0,6}\")", 0..4),
        ) {
            let raw = value + &params.concat();
            let (mut found, mut slowly_found) = (Vec::new(), Vec::new());
            let (mut boundary, mut slowly) = (Vec::new(), Vec::new());
            let kind = media(raw.as_bytes(), &CONTEXT, &mut boundary, &mut found);
            let expected = media_slowly(raw.as_bytes(), &CONTEXT, &mut slowly, &mut slowly_found);
            prop_assert_eq!((kind, boundary, found), (expected, slowly, slowly_found));
        }

        #[test]
        fn essences_are_two_tokens(raw in "[a-z/ \"();=]{0,20}|\\PC{0,20}") {
            let essence = content_type(raw.as_bytes(), &CONTEXT, &mut ()).essence;
            let halves: Vec<&str> = essence.split('/').collect();
            prop_assert_eq!(halves.len(), 2);
            prop_assert!(halves.iter().all(|half| !half.is_empty() && half.bytes().all(is_token)));
        }
    }
}
