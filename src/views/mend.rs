//! What has to stand in a message for other choices to be ours.
//!
//! May use: base, header.

use crate::base::chars;
use crate::header::lex::skip_cfws;
use crate::header::names::Name;

/// A boundary for what names none. Should it stand in the message, the view has a part more.
pub(super) const BOUNDARY: &[u8] = b"=_septet_view";

/// The body of a Content-Type of type `essence`, with a boundary.
pub(super) fn multipart(essence: &str, boundary: &[u8]) -> Vec<u8> {
    [b" ", essence.as_bytes(), b"; boundary=", &quoted(boundary)].concat()
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for &c in text {
        if matches!(c, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(if matches!(c, b'\r' | b'\n' | 0) { b'_' } else { c });
    }
    quoted.push(b'"');
    quoted
}

/// The Content-Type of a text that becomes a multipart.
pub(super) fn multipart_field(eol: &[u8]) -> Vec<u8> {
    [b"Content-Type:", &multipart("multipart/mixed", BOUNDARY)[..], eol].concat()
}

/// The fields of a uuencoded file, and the empty line behind them.
pub(super) fn file_header(name: &[u8], eol: &[u8]) -> Vec<u8> {
    [
        b"Content-Type: application/octet-stream",
        eol,
        b"Content-Transfer-Encoding: x-uuencode",
        eol,
        b"Content-Disposition: attachment; filename=",
        &quoted(name),
        eol,
        eol,
    ]
    .concat()
}

/// A delimiter of [`BOUNDARY`], fields, and an empty line.
pub(super) fn delimiter(eol: &[u8], fields: &[u8]) -> Vec<u8> {
    [&delimiter_only(eol, fields), eol].concat()
}

/// The same without an empty line.
pub(super) fn delimiter_only(eol: &[u8], fields: &[u8]) -> Vec<u8> {
    [b"--", BOUNDARY, eol, fields].concat()
}

/// What stands in the place of the name in `line`, which is no field, for it to be a MIME field, and how
/// many octets it takes the place of: without folds, quotes and octets that no name may have, and with a
/// colon behind it. `None` if that makes no such field of it.
pub(super) fn field_name(line: &[u8]) -> Option<(Vec<u8>, usize)> {
    let head = &line[..line.len().min(NAME)];
    let colon = head.iter().position(|&c| c == b':');
    if let Some(colon) = colon {
        let name: Vec<u8> = head[..colon].iter().copied().filter(|&c| is_of_name(c)).collect();
        return is_mime(&name).then_some((name, colon));
    }
    let end = head.iter().position(|&c| chars::is_wsp(c))?;
    let name = &head[..end];
    is_mime(name).then(|| ([name, b":"].concat(), end))
}

/// LIMIT: a name is looked for in so many octets.
const NAME: usize = 256;

fn is_of_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'-'
}

fn is_mime(name: &[u8]) -> bool {
    use Name::{ContentDisposition, ContentTransferEncoding, ContentType};
    matches!(Name::of(name), Some(ContentDisposition | ContentTransferEncoding | ContentType))
}

/// The body of a Content-Type that cannot be read, as it was probably meant: without folds, comments and
/// what stands before the type; with a subtype, if there is none. `None` if that changes nothing.
pub(super) fn content_type(body: &[u8]) -> Option<Vec<u8>> {
    let end = body.iter().position(|&c| c == b';').filter(|&end| end > 0).unwrap_or(body.len());
    let (mut mended, mut at) = (Vec::with_capacity(body.len() + 8), 0);
    // A leading semicolon ends nothing.
    let end = if chars::trim(&body[..end]).is_empty() { body.len() } else { end };
    while let Some(&c) = body.get(at) {
        at = match c {
            b'\r' | b'\n' => at + body[at..].iter().take_while(|&&c| chars::is_fws(c)).count(),
            b'(' if at < end => skip_cfws(body, at).max(at + 1),
            _ => {
                mended.push(c);
                at + 1
            }
        };
    }
    let is_before = |c: u8| c <= b' ' || matches!(c, b';' | b',' | 0x7f);
    let before = mended.iter().take_while(|&&c| is_before(c)).count();
    mended.drain(..before);
    let kind = mended.iter().take_while(|&&c| chars::is_token(c)).count();
    if mended[..kind].eq_ignore_ascii_case(b"multipart") && mended.get(kind) != Some(&b'/') {
        let behind = mended.iter().position(|&c| c == b';').unwrap_or(mended.len());
        mended.splice(kind..behind.max(kind), *b"/mixed");
    }
    (mended != chars::trim(body)).then(|| [b" ", &mended[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_mended() {
        let cases: &[(&[u8], Option<&[u8]>)] = &[
            (b" multi\r\n part/mixed; boundary=b", Some(b" multipart/mixed; boundary=b")),
            (b" ;multipart/mixed;; boundary=b", Some(b" multipart/mixed;; boundary=b")),
            (b" multipart; boundary=b", Some(b" multipart/mixed; boundary=b")),
            (b" multi(x)part / (y) mixed; a=\"(b)\"", Some(b" multipart/mixed; a=\"(b)\"")),
            (b"\x0bmultipart/x", Some(b" multipart/x")),
            (b" multipart\\mixed; boundary=b", Some(b" multipart/mixed; boundary=b")),
            (b" text/plain", None),
            (b"", None),
            (b" \r\n ", None),
        ];
        for &(body, expected) in cases {
            assert_eq!(content_type(body).as_deref(), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn names_are_mended() {
        let cases: &[(&[u8], Option<(&[u8], usize)>)] = &[
            (b"Content-\r\n Type: a/b\r\n", Some((b"Content-Type", 15))),
            (b"Content-\n\t \nX\n", None),
            (b"Sub\n ject: a\n", None),
            (b"Content-Type\n : a\n", Some((b"Content-Type", 14))),
            (b"\"Content-Type\": a\n", Some((b"Content-Type", 14))),
            (b"Content-Type\xc2\xa0: a\n", Some((b"Content-Type", 14))),
            (b"Content-Type a/b\n", Some((b"Content-Type:", 12))),
            (b"junk\n", None),
            (b"a\n : \n", None),
        ];
        for &(line, expected) in cases {
            let expected = expected.map(|(name, len)| (name.to_vec(), len));
            assert_eq!(field_name(line), expected, "{}", line.escape_ascii());
        }
    }
}
