//! Which fields tell of the way, and which hop they belong to.
//!
//! May use: nothing.

/// Fields that servers and webmail write about the envelope and where a message came from; those that
/// begin with `Resent-` too.
const MARKS: [&str; 37] = [
    "apparently-to",
    "delivered-to",
    "delivery-date",
    "envelope-to",
    "errors-to",
    "return-path",
    "x-aol-ip",
    "x-apparently-to",
    "x-authenticated-sender",
    "x-authentication-warning",
    "x-authuser",
    "x-client-ip",
    "x-delivered-to",
    "x-envelope-from",
    "x-envelope-sender",
    "x-envelope-to",
    "x-eopattributedmessage",
    "x-forwarded-for",
    "x-forwarded-to",
    "x-get-message-sender-via",
    "x-greylist",
    "x-ms-exchange-crosstenant-originalarrivaltime",
    "x-ms-exchange-transport-crosstenantheadersstamped",
    "x-ms-exchange-transport-endtoendlatency",
    "x-original-to",
    "x-originalarrivaltime",
    "x-originating-email",
    "x-originating-ip",
    "x-rcpt-to",
    "x-real-to",
    "x-received",
    "x-remote-ip",
    "x-sender-ip",
    "x-ses-outgoing",
    "x-source-ip",
    "x-whitelisted-by",
    "x-x-sender",
];

/// Whether the field of this name tells of the way, letter case apart: Return-Path, Delivered-To,
/// X-Originating-IP and their like, and `Resent-` fields. Not the fields that a [`Trace`](super::Trace)
/// has a place of its own for.
pub fn is_mark(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with(b"resent-") || MARKS.iter().any(|mark| mark.as_bytes() == name)
}

/// Which of the `hops` hops a field was written at, which stands below `above` Received fields: that of
/// the Received field right below it. But if it names its `server`, and only the one above it has that
/// name (Gmail and others write their results below their own Received field), that of the one above.
/// `None` if there is none below.
pub(super) fn hop_of(
    above: usize,
    hops: usize,
    server: Option<&str>,
    name_of: impl Fn(usize) -> Option<String>,
) -> Option<usize> {
    let higher = hops.checked_sub(above).filter(|_| above > 0);
    let lower = hops.checked_sub(above + 1);
    let Some(server) = server else { return lower };
    let has_name =
        |hop: Option<usize>| hop.and_then(&name_of).is_some_and(|name| is_same_site(&name, server));
    if !has_name(lower) && has_name(higher) { higher } else { lower }
}

/// Whether two host names are the same, or one is inside the domain of the other.
fn is_same_site(a: &str, b: &str) -> bool {
    let [a, b] = [a, b].map(|name| name.trim_end_matches('.').to_ascii_lowercase());
    let is_inside = |inner: &str, outer: &str| {
        outer.contains('.') && inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'))
    };
    a == b || is_inside(&a, &b) || is_inside(&b, &a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_marks() {
        assert!(MARKS.is_sorted());
        for name in ["Return-Path", "DELIVERED-TO", "Resent-From", "X-Originating-IP"] {
            assert!(is_mark(name.as_bytes()), "{name}");
        }
        for name in ["Received", "From", "Date", "DKIM-Signature", "X-Resent-To", ""] {
            assert!(!is_mark(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn fields_stand_at_their_hop() {
        // Three hops: in the header, 2 stands first.
        let name_of = |hop: usize| {
            ["a.example", "mx.b.example", "c.example"].get(hop).map(|&it| it.to_owned())
        };
        const CASES: &[(&str, usize, Option<&str>, Option<usize>)] = &[
            ("on top", 0, None, Some(2)),
            ("below the first", 1, None, Some(1)),
            ("below all", 3, None, None),
            ("names the lower", 1, Some("mx.B.example."), Some(1)),
            ("names the higher", 1, Some("c.example"), Some(2)),
            ("names the site of the higher", 2, Some("b.example"), Some(1)),
            ("names one inside the higher", 2, Some("x.mx.b.example"), Some(1)),
            ("names another", 1, Some("other.example"), Some(1)),
            ("names half a label", 1, Some("xc.example"), Some(1)),
            ("a domain of one label", 1, Some("example"), Some(1)),
            ("below all, names the last", 3, Some("a.example"), Some(0)),
            ("below all, names another", 3, Some("d.example"), None),
        ];
        for &(name, above, server, expected) in CASES {
            assert_eq!(hop_of(above, 3, server, name_of), expected, "{name}");
        }
        assert_eq!(hop_of(0, 0, None, name_of), None);
    }
}
