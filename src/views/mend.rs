//! What has to stand in a message for other choices to be ours.
//!
//! May use: base, header.

use std::ops::Range;

use crate::base::chars;
use crate::header::Field;
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

/// The line end and white space that stand in the name of a MIME field, if `line` is one but for that.
pub(super) fn fold_in_name(line: &[u8]) -> Option<Range<usize>> {
    let start = line.iter().position(|c| matches!(c, b'\r' | b'\n'))?;
    let behind = line[start..].iter().position(|&c| !chars::is_fws(c))?;
    let colon = memchr::memchr(b':', &line[start..])?;
    let joined = [&line[..start], line.get(start + behind..=start + colon)?].concat();
    let name = Name::of(Field::parse(&joined)?.name)?;
    use Name::{ContentDisposition, ContentTransferEncoding, ContentType};
    let is_mime = matches!(name, ContentDisposition | ContentTransferEncoding | ContentType);
    is_mime.then_some(start..start + behind)
}

/// The body of a Content-Type that cannot be read, as it was probably meant: without folds and without
/// what stands before the type; with a subtype, if only that is missing. `None` if that changes nothing.
pub(super) fn content_type(body: &[u8]) -> Option<Vec<u8>> {
    let mut mended = Vec::with_capacity(body.len() + 8);
    let mut at = 0;
    while let Some(&c) = body.get(at) {
        let is_fold = matches!(c, b'\r' | b'\n');
        let skipped = if is_fold {
            body[at..].iter().take_while(|&&c| chars::is_fws(c)).count()
        } else {
            mended.push(c);
            1
        };
        at += skipped;
    }
    let before = mended.iter().take_while(|c| matches!(c, b' ' | b'\t' | b';' | b',')).count();
    mended.drain(..before);
    let kind = mended.iter().take_while(|&&c| chars::is_token(c)).count();
    if mended[..kind].eq_ignore_ascii_case(b"multipart")
        && mended[kind..].first().is_none_or(|&c| c == b';' || chars::is_wsp(c))
    {
        mended.splice(kind..kind, *b"/mixed");
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
            (b" text/plain", None),
            (b"", None),
            (b" \r\n ", None),
        ];
        for &(body, expected) in cases {
            assert_eq!(content_type(body).as_deref(), expected, "{}", body.escape_ascii());
        }
    }

    #[test]
    fn names_are_joined() {
        let cases: &[(&[u8], Option<Range<usize>>)] = &[
            (b"Content-\r\n Type: a/b\r\n", Some(8..11)),
            (b"Content-\n\t \nX\n", None),
            (b"Sub\n ject: a\n", None),
            (b"Content-Type\n : a\n", Some(12..14)),
            (b"junk\n", None),
            (b"a\n : \n", None),
        ];
        for (line, expected) in cases {
            assert_eq!(&fold_in_name(line), expected, "{}", line.escape_ascii());
        }
    }
}
