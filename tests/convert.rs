//! What `septet convert` must do: each row of the table that it was built after, and each rule.
//!
//! Expectations are written by hand, octet for octet where only one answer is right.

mod common;

use std::path::Path;

use base64::prelude::*;
use common::convert::{convert, dirt, said};
use common::replace;
use septet::base::{Eol, Limits};
use septet::charset::Charset;
use septet::convert::{
    Action, Change, Converted, Converter, Options, Preamble, Screen, Signed, Target, TextCoding,
    What,
};
use septet::header::Context;
use septet::header::words::{self, Place};
use septet::transfer::LineEnd;
use septet::walk::Separator;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert");
    std::fs::read(folder.join(name)).expect("a fixture")
}

fn context() -> Context {
    Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
}

/// The plan without its octets.
fn brief(converted: &Converted) -> Vec<String> {
    let plan = &converted.plan;
    let change = |c: &Change| format!("{} {:?} {} to {}", c.part, c.what, c.from, c.to);
    let changes = plan.changes.iter().map(change);
    let refused = plan.refused.iter().map(|refusal| format!("{refusal:?}"));
    let differences = converted.differences.iter().map(|difference| format!("{difference:?}"));
    changes.chain(refused).chain(differences).collect()
}

fn show(text: &[u8]) -> String {
    text.escape_ascii().to_string().replace("\\n", "\\n\n")
}

/// Converts, and expects this, also with CRLF for each line end of both.
#[track_caller]
fn becomes(text: &[u8], expected: &[u8]) {
    becomes_with(&Options::default(), text, expected);
    if !text.contains(&b'\r') {
        let [text, expected] = [text, expected].map(|text| replace(text, b"\n", b"\r\n"));
        becomes_with(&Options::default(), &text, &expected);
    }
}

#[track_caller]
fn becomes_with(options: &Options, text: &[u8], expected: &[u8]) {
    let (converted, out) = convert(text, options, true);
    assert_eq!(show(&out), show(expected), "{:#?}", brief(&converted));
    let action = if text == expected { Action::Unchanged } else { Action::Converted };
    assert_eq!(converted.action(), action, "{:#?}", brief(&converted));
    assert_ne!(converted.verified, Some(false));
    assert!(converted.plan.refused.is_empty(), "{:#?}", converted.plan.refused);
}

/// Does not convert, and names this part, field and reason.
#[track_caller]
fn refused(options: &Options, text: &[u8], part: &str, field: Option<&str>, reason: &str) {
    let (converted, out) = convert(text, options, true);
    assert_eq!(show(&out), show(text));
    assert_eq!(converted.action(), Action::Refused, "{:#?}", brief(&converted));
    assert!(converted.differences.is_empty());
    let found = converted.plan.refused.iter().any(|refusal| {
        refusal.part == part && refusal.field.as_deref() == field && refusal.reason.contains(reason)
    });
    assert!(found, "{:#?}", converted.plan.refused);
}

fn clean(text: &[u8]) -> Vec<u8> {
    let (converted, out) = convert(text, &Options::default(), true);
    assert_eq!(converted.action(), Action::Converted, "{:#?}", brief(&converted));
    assert_eq!(dirt(&out), None, "{}", show(&out));
    out
}

/// What the first field with this name says, decoded.
fn field(text: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(&replace(text, b"\r\n", b"\n")).into_owned();
    let start = text.find(&format!("{name}: ")).expect("the field") + name.len() + 2;
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        if end > start && !line.starts_with([' ', '\t']) {
            break;
        }
        end += line.len();
    }
    let body = text[start..end].trim_end();
    words::decode(body.as_bytes(), Place::Text, &context(), &mut ()).text
}

/// A text with its fields.
fn text(label: &str, body: &[u8]) -> Vec<u8> {
    let head = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
    let label = if label.is_empty() {
        String::new()
    } else {
        format!("Content-Transfer-Encoding: {label}\n")
    };
    [head.as_bytes(), label.as_bytes(), b"\n", body].concat()
}

fn with(kind: &str, label: &str, body: &[u8]) -> Vec<u8> {
    let plain = text(label, body);
    replace(&plain, b"text/plain; charset=utf-8", kind.as_bytes())
}

mod rows {
    use super::*;

    #[test]
    fn a_text_with_few_characters() {
        becomes(
            "X-Odd :  é?\nMime-version: 1.0\nCONTENT-type: text/plain;\n\tcharset=\"utf-8\"\n\
             content-Transfer-encoding:   8bit\nSubject: x\n\ncafé = a\nFrom here \n"
                .replace("é?", "x")
                .as_bytes(),
            b"X-Odd :  x\nMime-version: 1.0\nCONTENT-type: text/plain;\n\tcharset=\"utf-8\"\n\
              content-Transfer-encoding:   quoted-printable\nSubject: x\n\n\
              caf=C3=A9 =3D a\nFrom here=20\n"
                .as_slice(),
        );
    }

    #[test]
    fn dense_cyrillic() {
        let body = "Съешь же ещё этих мягких французских булок, да выпей чаю\n".repeat(80);
        let out = clean(&text("8bit", body.as_bytes()));
        let head = text("base64", b"");
        let encoded = BASE64_STANDARD.encode(body.replace('\n', "\r\n"));
        let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
        let expected = [&head[..], &lines.join(&b'\n'), b"\n"].concat();
        assert_eq!(show(&out), show(&expected));
        assert!(out.len() * 100 < text("8bit", body.as_bytes()).len() * 140);
    }

    #[test]
    fn the_labels_of_multiparts() {
        let source = fixture("nested.eml");
        let expected = replace(
            &replace(&source, "<p>café =20</p>".as_bytes(), b"<p>caf=C3=A9 =3D20</p>"),
            "café\n".as_bytes(),
            b"caf=C3=A9\n",
        );
        let expected = replace(
            &expected,
            b"encoding: 8bit\nContent-Type: multi",
            b"encoding: 7bit\nContent-Type: multi",
        );
        let expected = replace(&expected, b"ENCODING:  8bit", b"ENCODING:  7bit");
        let expected = replace(&expected, b"encoding: 8bit", b"encoding: quoted-printable");
        let expected = replace(
            &expected,
            b"text/html; charset=utf-8\n",
            b"text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n",
        );
        becomes(&source, &replace(&expected, "é".as_bytes(), b"??"));
    }

    #[test]
    fn around_the_parts() {
        let source = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\
                      Content-Transfer-Encoding: 8bit\n\né here\n--b\n\nhello\n--b--\né there\n";
        let expected = source.replace("8bit", "7bit").replace('é', "??");
        becomes(source.as_bytes(), expected.as_bytes());
        let (converted, _) = convert(source.as_bytes(), &Options::default(), true);
        let whats: Vec<_> = converted.plan.changes.iter().map(|c| (c.what, c.is_lossy)).collect();
        let expected = [(What::Label, false), (What::Preamble, true), (What::Epilogue, true)];
        assert_eq!(whats, expected);
    }

    #[test]
    fn inside_a_message() {
        let source = fixture("inner.eml");
        let out = clean(&source);
        let words: Vec<_> =
            out.split(|&c| c == b'\n').filter(|l| l.starts_with(b"Subject: =?")).collect();
        let out = replace(&out, words[0], "Subject: café".as_bytes());
        let expected = replace(&source, b"8bit\n\n--b", b"7bit\n\n--b");
        let expected = replace(&expected, b"8bit\n\nFrom", b"7bit\n\nFrom");
        let expected = replace(&expected, b"8bit", b"quoted-printable");
        let expected = replace(&expected, "\ncafé\n".as_bytes(), b"\ncaf=C3=A9\n");
        assert_eq!(show(&out), show(&expected));
        assert_eq!(field(words[0], "Subject"), "café");
    }

    #[test]
    fn no_mime_fields() {
        becomes(
            "From: ada@example.org\nSubject: x\n\ncafé\n".as_bytes(),
            b"From: ada@example.org\nSubject: x\nMIME-Version: 1.0\n\
              Content-Type: text/plain; charset=utf-8\n\
              Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n",
        );
        let latin = b"Subject: x\n\nna\xefve\n";
        let expected = |charset: &str| {
            format!(
                "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n\
                 Content-Transfer-Encoding: quoted-printable\n\nna=EFve\n"
            )
        };
        becomes(latin, expected("unknown-8bit").as_bytes());
        let options = Options { charset: Some("iso-8859-1".to_owned()), ..Options::default() };
        becomes_with(&options, latin, expected("iso-8859-1").as_bytes());
    }

    #[test]
    fn no_label() {
        becomes(&text("", "café\n".as_bytes()), &text("quoted-printable", b"caf=C3=A9\n"));
    }

    #[test]
    fn labelled_7bit() {
        becomes(&text("7bit", "café\n".as_bytes()), &text("quoted-printable", b"caf=C3=A9\n"));
    }

    #[test]
    fn raw_header_fields() {
        let source = "From: Jörg <j@exämple.org>\nSubject: café\nX-Same:  as it was \n\
                      MIME-Version: 1.0\nContent-Type: text/plain; name=\"é.txt\"\n\nx\n";
        let out = clean(source.as_bytes());
        assert_eq!(field(&out, "Subject"), "café");
        let from = String::from_utf8_lossy(&out).lines().next().unwrap_or("").to_owned();
        assert!(from.ends_with("<j@xn--exmple-cua.org>"), "{from}");
        assert!(from.starts_with("From: =?"), "{from}");
        let text = String::from_utf8_lossy(&out).into_owned();
        assert!(text.contains("\nX-Same:  as it was \nMIME-Version: 1.0\n"), "{text}");
        assert!(text.contains("name*=UTF-8''%C3%A9.txt"), "{text}");
        assert!(text.ends_with("\n\nx\n"), "{text}");
    }

    #[test]
    fn raw_header_fields_that_are_no_utf8() {
        let out = clean(b"Subject: na\xefve\n\nx\n");
        let lower = out.to_ascii_lowercase();
        assert!(lower.starts_with(b"subject: =?unknown-8bit?"), "{}", show(&out));
        let out = clean(
            b"Subject: na\xefve\nMIME-Version: 1.0\nContent-Type: text/plain; \
              charset=iso-8859-1\n\nx\n",
        );
        assert!(out.to_ascii_lowercase().starts_with(b"subject: =?iso-8859-1?"), "{}", show(&out));
        assert_eq!(field(&out, "Subject"), "naïve");
    }

    /// What the octets of a field mean is said by the charset of the text, or on the command line.
    #[test]
    fn raw_header_fields_in_a_declared_charset() {
        let privet = b"Subject: \xf0\xd2\xc9\xd7\xc5\xd4\n";
        let koi8_r = b"MIME-Version: 1.0\nContent-Type: text/plain; charset=koi8-r\n\nx\n";
        let out = clean(&[&privet[..], koi8_r].concat());
        assert_eq!(field(&out, "Subject"), "Привет");
        let options = Options { charset: Some("koi8-r".to_owned()), ..Options::default() };
        let (converted, out) = convert(&[&privet[..], b"\nx\n"].concat(), &options, true);
        assert_eq!(converted.action(), Action::Converted, "{:#?}", brief(&converted));
        assert_eq!(field(&out, "Subject"), "Привет");
    }

    #[test]
    fn a_line_of_2000_octets() {
        let source = text("", &[&[b'x'; 2000][..], b"\n"].concat());
        let out = clean(&source);
        let head = text("quoted-printable", b"");
        assert!(out.starts_with(&head), "{}", show(&out));
        let body = replace(&out[head.len()..], b"=\n", b"");
        assert_eq!(body, [&[b'x'; 2000][..], b"\n"].concat());
        assert!(out.split(|&c| c == b'\n').all(|line| line.len() <= 76));
    }

    #[test]
    fn bare_cr_and_lf() {
        // In text a lone LF is a line end like the others.
        becomes(
            &replace(&text("8bit", b"a\rb~c\n"), b"\n", b"\r\n")
                .into_iter()
                .map(|c| if c == b'~' { b'\n' } else { c })
                .collect::<Vec<_>>(),
            &replace(&text("quoted-printable", b"a=0Db\nc\n"), b"\n", b"\r\n"),
        );
        // In other types it is data.
        let source = with("application/octet-stream", "8bit", b"a\rb~c\n");
        let source = replace(&replace(&source, b"\n", b"\r\n"), b"~", b"\n");
        let encoded = BASE64_STANDARD.encode(b"a\rb\nc\r\n");
        let body = format!("{encoded}\n");
        let expected = with("application/octet-stream", "base64", body.as_bytes());
        becomes(&source, &replace(&expected, b"\n", b"\r\n"));
    }

    #[test]
    fn a_nul() {
        becomes(&text("7bit", b"a\0b\n"), &text("quoted-printable", b"a=00b\n"));
    }

    #[test]
    fn signed() {
        let source = fixture("multipart-signed.eml");
        refused(&Options::default(), &source, "2.1", None, "S010");
    }

    #[test]
    fn an_address_that_no_field_can_hold() {
        let source = fixture("local-part.eml");
        refused(&Options::default(), &source, "1", Some("From"), "");
        let (converted, _) = convert(&source, &Options::default(), true);
        let named = converted.plan.refused.iter().any(|r| r.reason.contains("jörg@example.org"));
        assert!(named, "{:?}", converted.plan.refused);
    }

    #[test]
    fn a_message_global() {
        let head = "MIME-Version: 1.0\nContent-Type: message/global\n";
        let source = format!("{head}\nSubject: café\nFrom: a@example.org\n\nx\n");
        let out = clean(source.as_bytes());
        assert!(out.starts_with(b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\nSubject: =?"));
        assert!(out.ends_with(b"\nFrom: a@example.org\n\nx\n"));
        // A header that cannot be mended is encoded as a whole.
        let inside = "From: jörg@example.org\n\nx\n";
        let source = format!("{head}\n{inside}");
        let encoded = BASE64_STANDARD.encode(inside);
        let expected = format!("{head}Content-Transfer-Encoding: base64\n\n{encoded}\n");
        becomes_with(&Options::default(), source.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn every_octet() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = BASE64_STANDARD.encode(&all);
        let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
        let body = [&lines.join(&b'\n'), &b"\n"[..]].concat();
        let source = with("application/octet-stream", "binary", &all);
        becomes_with(
            &Options::default(),
            &source,
            &with("application/octet-stream", "base64", &body),
        );
    }

    const NO_CLOSE: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\
                            Content-Transfer-Encoding: 8bit\n\n--b\n\
                            Content-Type: text/plain; charset=utf-8\n\
                            Content-Transfer-Encoding: 8bit\n\ncafé\n";

    #[test]
    fn no_close_delimiter() {
        let expected = NO_CLOSE
            .replacen("8bit", "7bit", 1)
            .replace("8bit", "quoted-printable")
            .replace("é", "=C3=A9");
        becomes(NO_CLOSE.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn a_multipart_labelled_as_encoded() {
        let source = NO_CLOSE.replacen("8bit", "quoted-printable", 1);
        let expected = source
            .replacen("quoted-printable", "7bit", 1)
            .replace("8bit", "quoted-printable")
            .replace("é", "=C3=A9");
        becomes(source.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn a_line_that_begins_like_a_delimiter() {
        let source = NO_CLOSE.replace("boundary=b", "boundary=OUT").replace("--b\n", "--OUT\n")
            + "--OUTSIDE é\n--OUT-\nend\n";
        let expected = source
            .replacen("8bit", "7bit", 1)
            .replace("8bit", "quoted-printable")
            .replace("é", "=C3=A9");
        let (_, out) = convert(source.as_bytes(), &Options::default(), true);
        // A leading hyphen may be encoded.
        let out = replace(&out, b"=2D", b"-");
        assert_eq!(show(&out), show(expected.as_bytes()));
    }

    #[test]
    fn already_clean() {
        let source = fixture("clean.eml");
        becomes(&source, &source);
    }

    #[test]
    fn twice() {
        for name in ["nested.eml", "inner.eml"] {
            let once = clean(&fixture(name));
            let (again, twice) = convert(&once, &Options::default(), true);
            assert_eq!(again.action(), Action::Unchanged, "{name}");
            assert_eq!(show(&twice), show(&once), "{name}");
        }
    }
}

mod rules {
    use super::*;

    fn signed_by(h: &str, rest: &str) -> String {
        format!(
            "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h={h};\n bh=AAAA; b=AAAA\n\
             From: ada@example.org\nMIME-Version: 1.0\n{rest}"
        )
    }

    /// Rule 1: a label that says too much is mended, but not where a signature covers it.
    #[test]
    fn labels_that_are_wrong() {
        becomes(&text("8bit", b"plain\n"), &text("7bit", b"plain\n"));
        becomes(&text("binary", b"plain\n"), &text("7bit", b"plain\n"));
        let rest = "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nplain\n";
        let free = signed_by("from:mime-version", rest);
        becomes(free.as_bytes(), free.replace("8bit", "7bit").as_bytes());
        let covered = signed_by("From:Content-Transfer-Encoding", rest);
        becomes(covered.as_bytes(), covered.as_bytes());
        let (converted, _) = convert(covered.as_bytes(), &Options::default(), true);
        assert_eq!(converted.plan.kept.len(), 1);
        let kept = &converted.plan.kept[0];
        assert_eq!(kept.field.as_deref(), Some("Content-Transfer-Encoding"));
    }

    /// Rule 1: encoded bodies are encoded again for what 7 bits cannot hold, not for long lines.
    #[test]
    fn encoded_bodies() {
        let line = [&[b'x'; 500][..], b"\n"].concat();
        let long = text("quoted-printable", &line);
        becomes(&long, &long);
        let raw = text("quoted-printable", b"caf=C3=A9 na\xc3\xafve\n");
        becomes(&raw, &text("quoted-printable", b"caf=C3=A9 na=C3=AFve\n"));
        let long = BASE64_STANDARD.encode([b'x'; 1500]);
        let source = with("application/octet-stream", "base64", long.as_bytes());
        let out = clean(&source);
        assert_eq!(said(&out), said(&source));
        let message = BASE64_STANDARD.encode("Subject: café\n\ncafé\n");
        let encoded = with("message/rfc822", "base64", format!("{message}\n").as_bytes());
        becomes(&encoded, &encoded);
    }

    /// Rule 2: `--eol` makes all line ends the same; kept, a mix stays.
    #[test]
    fn line_ends() {
        let source = text("8bit", "café\r\nplain\n".as_bytes());
        let lf = Options { eol: Some(LineEnd::Lf), ..Options::default() };
        let crlf = Options { eol: Some(LineEnd::CrLf), ..Options::default() };
        let expected = text("quoted-printable", b"caf=C3=A9\nplain\n");
        becomes_with(&lf, &source, &expected);
        becomes_with(&crlf, &source, &replace(&expected, b"\n", b"\r\n"));
        becomes_with(&Options::default(), &source, &expected);
        let mixed = text("7bit", b"plain\r\nplain\n");
        becomes_with(&Options::default(), &mixed, &mixed);
        becomes_with(&lf, &mixed, &text("7bit", b"plain\nplain\n"));
    }

    #[test]
    fn lines_that_end_with_cr() {
        let source = replace(&text("8bit", "café\n".as_bytes()), b"\n", b"\r");
        let expected = text("quoted-printable", b"caf=C3=A9\n");
        becomes_with(&Options::default(), &source, &replace(&expected, b"\n", b"\r\n"));
    }

    #[test]
    fn a_byte_order_mark() {
        let source = [b"\xef\xbb\xbf", &text("7bit", b"plain\n")[..]].concat();
        becomes(&source, &text("7bit", b"plain\n"));
    }

    #[test]
    fn no_last_line_end() {
        becomes(&text("8bit", "café".as_bytes()), &text("quoted-printable", b"caf=C3=A9"));
        let all = with("application/octet-stream", "binary", b"\0\xff");
        let (_, out) = convert(&all, &Options::default(), true);
        assert_eq!(said(&out), said(&all));
    }

    #[test]
    fn several_labels() {
        let source = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
                      Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: 8bit\n\ncafé\n";
        let out = clean(source.as_bytes());
        let text = String::from_utf8_lossy(&out);
        assert!(!text.contains("8bit"), "{text}");
        assert!(text.ends_with("\n\ncaf=C3=A9\n"), "{text}");
    }

    /// Rule 3: what is not text is base64, exactly; wide charsets are not text.
    #[test]
    fn which_coding() {
        let wide = with("text/plain; charset=utf-16le", "binary", b"a\0\n\0\xe9\0");
        let body = format!("{}\n", BASE64_STANDARD.encode(b"a\0\n\0\xe9\0"));
        let expected = with("text/plain; charset=utf-16le", "base64", body.as_bytes());
        becomes_with(&Options::default(), &wide, &expected);
        let source = text("8bit", "café\n".as_bytes());
        let base64 = Options { text: TextCoding::Base64, ..Options::default() };
        let body = format!("{}\n", BASE64_STANDARD.encode("café\r\n"));
        becomes_with(&base64, &source, &text("base64", body.as_bytes()));
        let dense = text("8bit", "ёёёёёёёёёёёёёёёёёёёёёёёёёёёёёёёёёёё\n".as_bytes());
        let quoted = Options { text: TextCoding::QuotedPrintable, ..Options::default() };
        let (_, out) = convert(&dense, &quoted, true);
        assert!(out.starts_with(&text("quoted-printable", b"=D1=91=D1=91")), "{}", show(&out));
    }

    #[test]
    fn mime_version_is_added() {
        becomes(
            "Content-Type: text/plain; charset=utf-8\n\ncafé\n".as_bytes(),
            b"Content-Type: text/plain; charset=utf-8\nMIME-Version: 1.0\n\
              Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n",
        );
    }

    #[test]
    fn names_that_mean_identity() {
        for name in ["8-bit", "8bits", "7-bit", "8bit;"] {
            becomes(&text(name, "café\n".as_bytes()), &text("quoted-printable", b"caf=C3=A9\n"));
        }
    }

    #[test]
    fn unknown_codings() {
        let body = "café\n".as_bytes();
        refused(&Options::default(), &text("x-zip", body), "1", None, "unknown");
        let clean = text("x-zip", b"plain\n");
        becomes(&clean, &clean);
        let inside = with("message/rfc822", "x-zip", "Subject: x\n\ncafé\n".as_bytes());
        refused(&Options::default(), &inside, "1", None, "unknown");
        let inside = with("message/rfc822", "x-zip", b"Subject: x\n\nplain\n");
        becomes(&inside, &inside);
    }

    /// Rule 4.
    #[test]
    fn bodies_that_must_stay() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("multipart/mixed", "café\n".as_bytes(), "multipart"),
            ("message/partial; id=a; number=1", "café\n".as_bytes(), "message/partial"),
            ("message/external-body", "a: b\n\ncafé\n".as_bytes(), "message/external-body"),
            ("message/delivery-status", "a: é\n".as_bytes(), "message/delivery-status"),
        ];
        for (kind, body, reason) in cases {
            refused(&Options::default(), &with(kind, "8bit", body), "1", None, reason);
        }
    }

    #[test]
    fn a_digest() {
        let source = "MIME-Version: 1.0\nContent-Type: multipart/digest; boundary=b\n\n--b\n\n\
                      From: ada@example.org\nContent-Type: text/plain; charset=utf-8\n\ncafé\n--b--\n";
        let expected = source
            .replace("utf-8\n", "utf-8\nContent-Transfer-Encoding: quoted-printable\n")
            .replace('é', "=C3=A9");
        becomes(source.as_bytes(), expected.as_bytes());
    }

    /// A part of a digest whose header is missing, with the message inside it beginning at once.
    #[test]
    fn a_digest_without_empty_lines() {
        let source =
            "MIME-Version: 1.0\nContent-Type: multipart/digest; boundary=b\n\n--b\n.\né\n--b--\n";
        let out = clean(source.as_bytes());
        assert_eq!(said(&out), said(source.as_bytes()));
    }

    /// Rule 5.
    #[test]
    fn signed_parts_are_skipped() {
        let source = fixture("multipart-signed.eml");
        let skip = Options { signed: Signed::Skip, ..Options::default() };
        let (converted, out) = convert(&source, &skip, true);
        assert_eq!(converted.action(), Action::Converted);
        assert!(converted.plan.refused.iter().all(|r| r.reason.starts_with("S010")));
        assert_eq!(converted.plan.refused.len(), 1);
        let text = String::from_utf8_lossy(&out);
        assert!(text.contains("\noutside: =C3=A9\n"), "{text}");
        let at = |text: &[u8]| text.windows(5).position(|w| w == b"\n--s\n").expect("signed");
        assert_eq!(show(&out[at(&out)..]), show(&source[at(&source)..]));
        assert_eq!(field(&out, "Subject"), "café");
    }

    #[test]
    fn signatures_are_broken_on_demand() {
        let source = fixture("multipart-signed.eml");
        let broken = Options { signed: Signed::Break, ..Options::default() };
        let (converted, out) = convert(&source, &broken, true);
        assert_eq!(converted.action(), Action::Converted);
        assert_eq!(dirt(&out), None);
        assert!(String::from_utf8_lossy(&out).contains("\ninside: =C3=A9\n"));
        assert!(converted.plan.kept.iter().any(|k| k.part == "2.1" && k.reason.contains("S010")));
    }

    #[test]
    fn clean_signed_parts_hinder_nobody() {
        let source =
            replace(&fixture("multipart-signed.eml"), "inside: é".as_bytes(), b"inside: e");
        let (_, out) = convert(&source, &Options::default(), true);
        assert_eq!(dirt(&out), None);
        // Its label says too much, and stays.
        assert!(String::from_utf8_lossy(&out).contains("8bit\n\ninside: e\n"));
    }

    #[test]
    fn an_outer_signature_is_no_reason() {
        let source = signed_by("from:subject", "Subject: x\n\ncafé\n");
        let options = Options { dkim: true, ..Options::default() };
        let (converted, _) = convert(source.as_bytes(), &options, true);
        assert_eq!(converted.action(), Action::Converted);
        assert_eq!(converted.plan.dkim.len(), 1);
        assert_eq!(converted.plan.dkim[0].domain.as_deref(), Some("example.org"));
        assert_eq!(converted.plan.dkim[0].body_hash_after, Some(false));
    }

    /// Rule 6.
    #[test]
    fn fields_that_take_no_words() {
        let message = |field: &str| format!("{field}\nSubject: x\n\nx\n");
        for field in ["Message-ID: <é@example.org>", "References: <é@example.org>"] {
            let name = field.split(':').next();
            refused(&Options::default(), message(field).as_bytes(), "1", name, "");
        }
        let received = "Received: from a (é) by example.org; Mon, 1 Jan 2024 00:00:00 +0000";
        becomes(message(received).as_bytes(), message(&received.replace('é', "??")).as_bytes());
        refused(&Options::default(), b"Subject: a\0b\n\nx\n", "1", Some("Subject"), "");
        let source = with("text/plain; name=\"a\0b\"", "", b"x\n");
        let out = clean(&source);
        assert!(String::from_utf8_lossy(&out).contains("a%00b"), "{}", show(&out));
    }

    #[test]
    fn words_do_not_split_characters() {
        let subject = "ж€𝄞".repeat(60);
        let out = clean(format!("Subject: {subject}\n\nx\n").as_bytes());
        assert_eq!(field(&out, "Subject"), subject);
        let end = out.windows(2).position(|w| w == b"\n\n").expect("a header");
        for line in out[..end].split(|&c| c == b'\n') {
            assert!(line.len() <= 78, "{}", show(line));
            let line = line.strip_prefix(b"Subject:").unwrap_or(line).trim_ascii();
            let context = context();
            let word = words::decode(line, Place::Text, &context, &mut ()).text;
            assert!(!word.contains('\u{fffd}') && !word.contains("=?"), "{word}");
        }
    }

    /// Rule 8. Only what is around parts: the second is a line too long.
    #[test]
    fn policies_around_parts() {
        let source = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\né here\n--b\n\nhello\n--b--\né there\n";
        let dropped = Options { preamble: Preamble::Drop, ..Options::default() };
        let expected = source.replace("é here\n--b\n", "--b\n").replace("é there\n", "");
        let (converted, out) = convert(source.as_bytes(), &dropped, true);
        assert_eq!(converted.action(), Action::Converted);
        // The line end behind the preamble belongs to the delimiter.
        let out = replace(&out, b"\n\n\n--b\n", b"\n\n--b\n");
        assert_eq!(show(&out), show(expected.as_bytes()));
        let kept = Options { preamble: Preamble::Keep, ..Options::default() };
        let (converted, out) = convert(source.as_bytes(), &kept, true);
        assert!(String::from_utf8_lossy(&out).contains("é here\n--b\n"));
        assert!(String::from_utf8_lossy(&out).ends_with("é there\n"));
        assert!(!converted.plan.kept.is_empty());
    }

    #[test]
    fn long_lines_around_parts() {
        let long = "x".repeat(998) + "--b" + &"y".repeat(1500);
        let source = format!(
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{long}\n--b\n\nhello\n--b--\n"
        );
        let out = clean(source.as_bytes());
        assert_eq!(said(&out), said(source.as_bytes()));
        assert_eq!(
            String::from_utf8_lossy(&out).replace("\n ", ""),
            source,
            "broken, and nothing else"
        );
    }

    /// A line in a header that is no field does not become one.
    #[test]
    fn junk_stays_junk() {
        let source = b"From: ada@example.org\n\xff\xfe: x\n\nhello\n";
        let out = clean(source);
        assert!(out.starts_with(b"From: ada@example.org\n"), "{}", show(&out));
        assert!(out.ends_with(b"\n\nhello\n"), "{}", show(&out));
    }

    /// Rule 9.
    #[test]
    fn long_fields() {
        let subject = "x".repeat(1200);
        let out = clean(format!("Subject: {subject}\n\nx\n").as_bytes());
        assert_eq!(field(&out, "Subject"), subject);
        let ids: Vec<String> = (0..60).map(|i| format!("<{i}.abcdefghijkl@example.org>")).collect();
        let source = format!("References: {}\n\nx\n", ids.join(" "));
        let out = clean(source.as_bytes());
        let text = String::from_utf8_lossy(&out);
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            source.split_whitespace().collect::<Vec<_>>()
        );
    }

    /// Rule 10: with the proof or without, the same is written.
    #[test]
    fn the_proof_changes_nothing() {
        for name in ["nested.eml", "inner.eml", "multipart-signed.eml", "clean.eml"] {
            let source = fixture(name);
            let [with, without] =
                [true, false].map(|proof| convert(&source, &Options::default(), proof).1);
            assert_eq!(show(&with), show(&without), "{name}");
        }
    }

    /// A body that was encoded, and has a line that would be a delimiter.
    #[test]
    fn no_delimiter_arises() {
        let source = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Transfer-Encoding: quoted-printable\n\n\xff\n--b=\n\n--b--\n";
        for verifies in [true, false] {
            let (converted, out) = convert(source, &Options::default(), verifies);
            assert_eq!(converted.action(), Action::Converted, "{:?}", converted.differences);
            assert_eq!(said(&out), said(source));
        }
    }

    /// In an mbox, a line that was encoded does not become a separator.
    #[test]
    fn no_separator_arises() {
        let line = "rom ada@example.org Mon Jan  1 00:00:00 2024\n";
        let source = text("quoted-printable", format!("\u{e9}\n\n=46{line}").as_bytes());
        let options = Options { mbox: true, ..Options::default() };
        let (converted, out) = convert(&source, &options, true);
        assert_eq!(converted.action(), Action::Converted, "{:#?}", brief(&converted));
        assert!(!String::from_utf8_lossy(&out).contains("\nFrom "), "{}", show(&out));
        assert_eq!(said(&out), said(&source));
    }

    /// A CR before a line end is no line end, also where lines end with LF.
    #[test]
    fn a_cr_before_a_line_end() {
        let source = text("7bit", b"a\r\r\nb\n");
        let out = clean(&source);
        assert_eq!(said(&out), said(&source));
    }

    /// Rule 12.
    #[test]
    fn the_other_way() {
        let eight = Options { target: Target::EightBit, ..Options::default() };
        let binary = Options { target: Target::Binary, ..Options::default() };
        let source = text("quoted-printable", b"caf=C3=A9\n");
        becomes_with(&eight, &source, &text("8bit", "café\n".as_bytes()));
        let body = format!("{}\n", BASE64_STANDARD.encode(b"\0\xff"));
        let data = with("application/octet-stream", "base64", body.as_bytes());
        becomes_with(&eight, &data, &data);
        becomes_with(&binary, &data, &with("application/octet-stream", "binary", b"\0\xff"));
        let back = convert(&convert(&source, &eight, true).1, &Options::default(), true).1;
        assert_eq!(show(&back), show(&source));
        // What cannot be 8bit, with a coding that is wrong, is put right at once.
        let raw = text("quoted-printable", "café =C3=A9 \0\n".as_bytes());
        let once = convert(&raw, &eight, true).1;
        assert_eq!(show(&convert(&once, &eight, true).1), show(&once));
        let raw = text("base64", b"Y2Fm\0w6k=\n");
        let once = convert(&raw, &eight, true).1;
        assert_eq!(show(&convert(&once, &eight, true).1), show(&once));
    }

    #[test]
    fn what_looks_like_structure_keeps_its_coding() {
        let eight = Options { target: Target::EightBit, ..Options::default() };
        let source = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Transfer-Encoding: quoted-printable\n\n=2D-b\n--b--\n";
        becomes_with(&eight, source, source);
        let mbox = Options { mbox: true, ..eight.clone() };
        let from = text("quoted-printable", b"=46rom here\n");
        becomes_with(&mbox, &from, &from);
        becomes_with(&eight, &from, &text("7bit", b"From here\n"));
    }

    #[test]
    fn signed_parts_keep_their_codings() {
        let source =
            replace(&fixture("multipart-signed.eml"), "inside: é".as_bytes(), b"inside: =C3=A9");
        let source = replace(&source, b"8bit", b"quoted-printable");
        for target in [Target::EightBit, Target::Binary] {
            let (_, out) = convert(&source, &Options { target, ..Options::default() }, true);
            let text = String::from_utf8_lossy(&out);
            assert!(text.contains("quoted-printable\n\ninside: =C3=A9\n"), "{text}");
        }
    }
}

/// The body begins at a line that is no field; encoded, the line may be taken for one, or for a line
/// of the header, so an empty line must stand before it, behind the last field.
#[test]
fn a_header_without_an_empty_line_gets_one() {
    const HEAD: &str = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
    const LABEL: &str = "Content-Transfer-Encoding: quoted-printable\n";
    for label in ["Content-Transfer-Encoding: 8bit\n", ""] {
        becomes(
            format!("{HEAD}Subject: x\n{label}\u{fc}ber alles\n").as_bytes(),
            format!("{HEAD}Subject: x\n{LABEL}\n=C3=BCber alles\n").as_bytes(),
        );
    }
}

/// A preamble too, once it is masked.
#[test]
fn a_preamble_does_not_become_a_field() {
    const HEAD: &str = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n";
    becomes(
        format!("{HEAD}A\0: b\n--b\n\nx\n--b--\n").as_bytes(),
        format!("{HEAD}\nA?: b\n--b\n\nx\n--b--\n").as_bytes(),
    );
}

/// The field that the second part gets is none of the first, whose body begins without an empty line.
#[test]
fn what_a_part_gets_changes_no_part_before_it() {
    let head = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    becomes(
        format!("{head}--b\nA: b\ntext\n--b\n\u{e9}\n--b--\n").as_bytes(),
        format!(
            "{head}--b\nA: b\ntext\n--b\nContent-Type: text/plain; charset=utf-8\n\
             Content-Transfer-Encoding: quoted-printable\n\n=C3=A9\n--b--\n"
        )
        .as_bytes(),
    );
}

/// Masked, it must not be one either: white space before a colon is read over.
#[test]
fn a_line_that_is_no_field_stays_none() {
    becomes(
        b"Subject: x\n\xffA: : b\nTo: c@d.example\n\nx\n",
        b"Subject: x\n?A? ? b\nTo: c@d.example\n\nx\n",
    );
}

/// Alone, its first 64 KiB would say that CR ends lines; the line before it says that LF does.
#[test]
fn a_message_of_a_mailbox_is_read_as_its_mailbox_is() {
    let text = "caf\u{e9}\r".repeat(12_000);
    let head = "A: b\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\r";
    let message = format!("{head}{text}\n\n--b--\n");
    let from = "From a@b.example Mon Jan  1 00:00:00 2024\n";
    let mailbox = format!("{from}{message}\n{from}X: y\n\nz\n");
    let mut screen = Screen::new(mailbox.as_bytes(), Limits::default(), Separator::From);
    let screened = screen.next_message().expect("from memory").expect("a message");
    let octets = &mailbox.as_bytes()[screened.octets.start as usize..screened.octets.end as usize];
    assert!(octets == message.as_bytes());
    assert_eq!((screened.eol, common::convert::eol(octets)), (Eol::Lf, Eol::Cr));
    for eol in [Eol::Lf, Eol::Cr] {
        let mut converter =
            Converter::new(Options::default(), Limits::default(), Charset::WINDOWS_1252, true);
        let converted = converter.convert(eol, || octets).expect("from memory");
        assert_eq!(converted.verified, Some(true), "{eol:?}: {:?}", converted.differences);
        let mut out = Vec::new();
        converted.write(octets, &mut out).expect("to memory");
        assert_eq!(dirt(&out), None, "{eol:?}");
    }
}
