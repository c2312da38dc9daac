//! What becomes of a body: which coding it gets, and why (RFC 2045 §6, RFC 6152, RFC 3030).

use super::draft::Seen;
use super::octets::Class;
use super::{Options, Target, TextCoding};
use crate::base::LINE;
use crate::structure::Part;
use crate::transfer::{Census, Coding, Content, LineEnd};

/// What line ends of the content become on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// They are octets like others.
    Exact,
    /// CRLF, the canonical form of text (RFC 2045 §6.8), where LF or CRLF stood.
    Canonical,
    /// Those that the message has.
    Message,
}

/// A body in another coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recode {
    pub(super) from: Coding,
    pub(super) to: Coding,
    pub(super) content: Content,
    pub(super) lines: Lines,
    /// A delimiter follows, which brings the line end.
    pub(super) before_delimiter: bool,
}

/// What becomes of one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Keep,
    Recode { recode: Recode, reason: &'static str, class: Class },
    Refuse(&'static str),
}

/// Types whose bodies RFCs want left alone, and why (RFC 2046 §5.2, RFC 3464 §2.1, RFC 8098 §3.1,
/// RFC 5965 §3.1).
const UNTOUCHABLE: &[(&str, &str)] = &[
    ("message/partial", "a message/partial must be 7bit and cannot be encoded"),
    ("message/external-body", "a message/external-body must be 7bit and cannot be encoded"),
    ("message/delivery-status", "a message/delivery-status must be 7bit and names no charset"),
    (
        "message/disposition-notification",
        "a message/disposition-notification must be 7bit and names no charset",
    ),
    ("message/feedback-report", "a message/feedback-report must be 7bit and names no charset"),
];

/// Decides on the body of a leaf, or of a message that is encoded as a whole.
pub(super) fn decide(
    part: &Part<'_>,
    seen: &Seen,
    line_end: LineEnd,
    options: &Options,
) -> Decision {
    let Some(census) = &seen.census else { return Decision::Keep };
    let class = Class::of(census);
    // The name that uuencode gives would be lost: it stays as long as it can.
    let stays = part.coding() == Coding::Uuencode && class.fits(options.target);
    let relieved = if stays { Decision::Keep } else { relieve(part, seen, options) };
    if relieved != Decision::Keep || class.fits(options.target) {
        return relieved;
    }
    let reason = why(census);
    let recode = |to, content, lines| {
        let before_delimiter = seen.before_delimiter;
        let recode = Recode { from: part.coding(), to, content, lines, before_delimiter };
        Decision::Recode { recode, reason, class: Class::SevenBit }
    };
    let essence = part.essence();
    let is_text = is_line_text(part, &essence);
    let (content, lines) =
        if is_text { (Content::Text, Lines::Canonical) } else { (Content::Binary, Lines::Exact) };
    match part.coding() {
        Coding::Unknown => {
            Decision::Refuse("its transfer encoding is unknown, and its octets need one")
        }
        // What was encoded already is encoded again, in the same way.
        Coding::QuotedPrintable if is_text && has_cr_before_lf(seen, line_end) => {
            recode(Coding::Base64, content, lines)
        }
        Coding::QuotedPrintable => recode(Coding::QuotedPrintable, content, lines),
        Coding::Base64 | Coding::Uuencode => recode(Coding::Base64, content, Lines::Exact),
        _ => match forbids(&essence) {
            Some(refusal) => Decision::Refuse(refusal),
            None if is_text => recode(text_coding(seen, line_end, options), content, lines),
            None if is_text_in_disguise(census, seen, line_end) => {
                recode(Coding::QuotedPrintable, Content::Text, Lines::Exact)
            }
            None => recode(Coding::Base64, content, lines),
        },
    }
}

/// What is wrong with the octets, for people.
fn why(census: &Census) -> &'static str {
    if census.eight_bit > 0 {
        "octets over 127"
    } else if census.nul > 0 {
        "a NUL"
    } else if census.bare_cr > 0 {
        "a CR without LF"
    } else {
        "a line over 998 octets"
    }
}

/// Why a type must not be encoded.
fn forbids(essence: &str) -> Option<&'static str> {
    if essence.starts_with("multipart/") {
        return Some("a multipart whose parts cannot be found, and a multipart cannot be encoded");
    }
    if matches!(essence, "message/rfc822" | "message/global" | "message/news") {
        return Some("a message nested too deep to be looked into");
    }
    UNTOUCHABLE.iter().find(|(name, _)| *name == essence).map(|&(_, reason)| reason)
}

/// Whether a body is text in lines. UTF-16 and UTF-32 are not: what looks like a line end there is
/// half of a character.
fn is_line_text(part: &Part<'_>, essence: &str) -> bool {
    if !essence.starts_with("text/") {
        return false;
    }
    let charset = part.charset().unwrap_or_default();
    let wide = ["utf-16", "utf16", "utf-32", "utf32", "ucs-2", "ucs-4", "iso-10646-ucs"];
    !wide.iter().any(|name| charset.starts_with(name))
}

/// Quoted-printable or base64, whichever is asked for or takes fewer octets.
fn text_coding(seen: &Seen, line_end: LineEnd, options: &Options) -> Coding {
    match options.text {
        _ if has_cr_before_lf(seen, line_end) => Coding::Base64,
        TextCoding::QuotedPrintable => Coding::QuotedPrintable,
        TextCoding::Base64 => Coding::Base64,
        TextCoding::Smaller => smaller(seen),
    }
}

/// Whether text has a CR before a line end that will be LF, and would be taken for a piece of it.
fn has_cr_before_lf(seen: &Seen, line_end: LineEnd) -> bool {
    seen.cr_before_line_end && line_end == LineEnd::Lf
}

/// How many octets more quoted-printable may take: so little is worth that it can be read.
const READABLE: u64 = 8;

/// The coding that takes fewer octets.
fn smaller(seen: &Seen) -> Coding {
    match costs(seen) {
        Some((quoted_printable, base64)) if quoted_printable <= base64 + READABLE => {
            Coding::QuotedPrintable
        }
        _ => Coding::Base64,
    }
}

/// What a body that is not encoded takes as text in quoted-printable and in base64, each line end of
/// the result counted as one octet.
pub(super) fn costs(seen: &Seen) -> Option<(u64, u64)> {
    let census = seen.census.as_ref()?;
    // In base64 text has CRLF (RFC 2045 §6.8).
    let characters = (census.octets + census.lf).div_ceil(3) * 4;
    Some((seen.quoted_printable?, characters + characters.div_ceil(76)))
}

/// Whether a body of another type than text survives as text: all its line ends are those that the
/// message has on the wire, nothing in it is a control, and it stays readable.
fn is_text_in_disguise(census: &Census, seen: &Seen, line_end: LineEnd) -> bool {
    census.nul == 0
        && census.bare_cr == 0
        && census.lf == 0
        && census.crlf > 0
        && line_end == LineEnd::CrLf
        && smaller(seen) == Coding::QuotedPrintable
}

/// Takes off a coding that the target can do without (the way back).
fn relieve(part: &Part<'_>, seen: &Seen, options: &Options) -> Decision {
    let Some(content) = &seen.decoded else { return Decision::Keep };
    if seen.looks_like_structure || seen.census.as_ref().is_some_and(|census| census.octets == 0) {
        return Decision::Keep;
    }
    let class = Class::of(content);
    let essence = part.essence();
    let is_text = is_line_text(part, &essence);
    if forbids(&essence).is_some() {
        return Decision::Keep;
    }
    // An LF that is data would become a line end on the way.
    let is_safe = is_text || options.target == Target::Binary;
    if !class.fits(options.target) || !is_safe || content.longest_line > LINE as u64 && is_text {
        return Decision::Keep;
    }
    let lines = if is_text && class < Class::Binary { Lines::Message } else { Lines::Exact };
    let class = if is_text { class } else { Class::Binary };
    let to = match class {
        Class::SevenBit => Coding::SevenBit,
        Class::EightBit => Coding::EightBit,
        Class::Binary => Coding::Binary,
    };
    let recode = Recode {
        from: part.coding(),
        to,
        content: Content::Text,
        lines,
        before_delimiter: seen.before_delimiter,
    };
    Decision::Recode { recode, reason: "the target needs no coding", class }
}
