//! Tables of hostile and ordinary mail: which rules of the family X fire, and what they compared.

use crate::base::{RULES, Span};
use crate::header::Context;
use crate::lint::{Linter, Noted, OF_A_KIND};
use crate::structure::Builder;
use crate::walk::{Reader, Separator};

fn linted(message: &[u8]) -> Vec<Noted> {
    let context = Context::default();
    let mut builder = Builder::new(context.limits, context.fallback, true);
    let mut linter = Linter::new(None);
    linter.begin(&context);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(message, context.limits, options);
    let structure = builder.read(&mut reader, &mut linter).expect("memory").expect("a message");
    let mut all = linter.finish(structure);
    all.retain(|noted| noted.rule.info().id.starts_with('X'));
    all
}

/// The rules that fire, each with its note.
fn told(message: &[u8]) -> Vec<String> {
    let told = linted(message).into_iter().map(|noted| match noted.note {
        Some(note) => format!("{}: {note}", noted.rule.info().id),
        None => noted.rule.info().id.to_owned(),
    });
    told.collect()
}

#[test]
fn senders() {
    let cases: &[(&str, &[&str])] = &[
        ("From: a@example.org\nReply-To: b@example.org\n", &[]),
        ("From: a@mail.example.co.uk\nReply-To: b@example.co.uk\n", &[]),
        (
            "From: a@one.co.uk\nReply-To: b@two.co.uk\n",
            &["X002: From: a[@]one[.]co[.]uk; Reply-To: b[@]two[.]co[.]uk"],
        ),
        (
            "From: a@example.org\nReply-To: b@example.org, c@example.net\n",
            &["X002: From: a[@]example[.]org; Reply-To: c[@]example[.]net"],
        ),
        // A list asks for answers to itself.
        ("From: a@example.org\nReply-To: l@example.net\nList-Id: <l.example.net>\n", &[]),
        (
            "From: a@example.org\nReply-To: a@evil.example\nList-Id: <l.example.net>\n",
            &["X002: From: a[@]example[.]org; Reply-To: a[@]evil[.]example"],
        ),
        ("Return-Path: <>\nFrom: a@example.org\nMessage-ID: <1@host>\n", &[]),
        ("From: a@example.org, b@example.net\nSender: b@example.net\n", &[]),
        ("From: \"Example.org\" <a@mail.example.org>\n", &[]),
        ("From: \"J. Doe (Dept. 3.14)\" <a@example.org>\n", &[]),
        // An address in a name is for A010.
        ("From: \"a@bank.com\" <a@example.org>\n", &[]),
        (
            "From: \"Bank.com support\" <a@example.org>\n",
            &["X007: the name says bank[.]com; the address is at example[.]org"],
        ),
        ("From: P\u{430}ypal <a@example.org>\n", &["X006: Latin and Cyrillic in \"P\u{430}ypal\""]),
        ("From: \u{418}\u{432}\u{430}\u{43d} Smith <a@example.org>\n", &[]),
        ("From: NEC\u{682a}\u{5f0f}\u{4f1a}\u{793e} <a@example.org>\n", &[]),
        (
            "To: a@\u{430}\u{440}\u{440}\u{435}.example\n",
            &["X008: xn--80ak6aa[.]example looks like appe[.]example"],
        ),
        ("Subject: a\u{202e}b\n", &["X001"]),
        // In an encoded-word it is for W021.
        ("Subject: =?utf-8?q?a=E2=80=AEb?=\n", &[]),
        ("To: undisclosed-recipients:;\nReply-To: a@example.org\n", &[]),
    ];
    for (message, expected) in cases {
        let found = told(format!("{message}\nHello.\n").as_bytes());
        assert_eq!(found, *expected, "{message}");
    }
}

fn file(name: &str, essence: &str, octets: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "Content-Type: {essence}\nContent-Disposition: attachment; filename=\"{name}\"\n\
         Content-Transfer-Encoding: binary\n\n"
    )
    .into_bytes();
    message.extend_from_slice(octets);
    message
}

fn zip(name: &[u8], flags: u8) -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x14\0".to_vec();
    zip.extend_from_slice(&[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0]);
    zip.extend_from_slice(&[name.len() as u8, 0, 0, 0]);
    zip.extend_from_slice(name);
    zip.extend_from_slice(b"abc");
    zip
}

#[test]
fn files() {
    let octet_stream = "application/octet-stream";
    let exe = [&b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..], &[0; 60]].concat();
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let rar5 = b"Rar!\x1a\x07\x01\0\x11\x22\x33\x44\x21\x04\0\0\x01\x0f";
    let rar4 = b"Rar!\x1a\x07\0\xcf\x90\x73\0\0\x0d\0\0\0\0\0\0\0\x11\x22\x74\x24\x90\x20\0";
    let open_rar4 = b"Rar!\x1a\x07\0\xcf\x90\x73\0\0\x0d\0\0\0\0\0\0\0\x11\x22\x74\x20\x90\x20\0";
    let plain_zip = zip(b"a.txt", 0);
    let cases: &[(&str, &str, &[u8], &[&str])] = &[
        ("a.pdf", "application/pdf", b"%PDF-1.4\n", &[]),
        ("a.docx", octet_stream, &plain_zip, &[]),
        ("a.png", "image/png", png, &[]),
        ("a.png", "image/jpeg", png, &["X013"]),
        ("a.jpg", "image/jpeg", png, &["X014"]),
        ("invoice.pdf .exe", octet_stream, &exe, &["X011", "X015"]),
        ("INVOICE.PDF.EXE.", octet_stream, &exe, &["X011", "X015"]),
        ("a.scr", octet_stream, b"", &["X012"]),
        ("a.dat", octet_stream, &exe, &["X015"]),
        ("a.pdf", "application/pdf", &exe, &["X014", "X015"]),
        ("example.com", octet_stream, b"MZ", &[]),
        ("a.zip", "application/zip", &zip(b"a.txt", 1), &["X016"]),
        ("a.rar", octet_stream, rar5, &["X016"]),
        ("a.rar", octet_stream, rar4, &["X016"]),
        ("a.rar", octet_stream, open_rar4, &[]),
        ("a.zip", "application/zip", &zip(b"b/a.rar", 0), &["X017"]),
        ("a.zip", "application/zip", &zip(b"invoice.pdf.js", 0), &["X018"]),
        ("a.tar.gz", "application/gzip", b"\x1f\x8b\x08", &[]),
        ("a.gz.zip", "application/zip", &plain_zip, &["X017"]),
        ("a.xlsx", octet_stream, ole, &["X014"]),
        ("a.xls", "application/vnd.ms-excel", ole, &[]),
        ("a.doc", "application/msword", b"{\\rtf1\\ansi}", &[]),
        ("a.xls", "application/vnd.ms-excel", b"<html><table></table></html>", &[]),
        ("a.pdf", "application/pdf", b"<html><body>a</body></html>", &["X014"]),
        ("a.html", "text/html", b"<html><body>a</body></html>", &[]),
        ("notes", "text/plain", b"Hello.", &[]),
        ("a.dat", "image/png", b"%PDF-1.4\n", &[]),
        ("", "image/png", b"%PDF-1.4\n", &["X014"]),
        ("a.png", "image/png", b"", &[]),
    ];
    for (name, essence, octets, expected) in cases {
        let found = told(&file(name, essence, octets));
        let mut ids: Vec<_> = found.iter().map(|told| &told[..4]).collect();
        ids.sort_unstable();
        assert_eq!(ids, *expected, "{name:?} {essence}: {found:?}");
    }
}

#[test]
fn pages() {
    let link = |target: &str, text: &str| format!("<a href=\"{target}\">{text}</a>");
    let cases: &[(String, &[&str])] = &[
        (link("https://www.bank.com/", "www.bank.com"), &[]),
        (link("https://click.bank.com/x", "https://www.bank.com/login"), &[]),
        (link("https://evil.example/", "Click here"), &[]),
        (link("https://evil.example/", "README.md"), &[]),
        (link("mailto:a@bank.com", "a@bank.com"), &[]),
        (link("https://example.net/", "a@bank.com"), &[]),
        (
            link("https://evil.example/a?b", "<b>www</b>.bank&#46;com"),
            &["X020: the text says www[.]bank[.]com; the link goes to hxxps://evil[.]example/a?b"],
        ),
        (
            link("mailto:a@evil.example", "a@bank.com"),
            &["X020: the text says bank[.]com; the link goes to mailto:a[@]evil[.]example"],
        ),
        (
            link("https://t.example/?u=https%3A%2F%2Fwww.bank.com", "www.bank.com"),
            &["X021: the text says www[.]bank[.]com; the link goes to \
                 hxxps://t[.]example/?u=https%3A%2F%2Fwww.bank.com"],
        ),
        (link("java\nscript:x()", "a"), &["X022: <a>: javascript:x()"]),
        (link("&#106;avascript:x()", "a"), &["X022: <a>: javascript:x()"]),
        (link("data:text/html;base64,YQ==", "a"), &["X023: <a>: text/html"]),
        (
            link("http://bank.com@evil.example/", "a"),
            &["X024: hxxp://bank[.]com[@]evil[.]example/ goes to evil[.]example"],
        ),
        (link("http://0x7f.1/", "a"), &["X026: hxxp://0x7f[.]1/"]),
        (
            link("http://p\u{430}ypal.example/", "a"),
            &["X025: Latin and Cyrillic in p\u{430}ypal[.]example (xn--pypal-4ve[.]example)"],
        ),
        (
            "<img src=http://t.example/1><img src=//t.example/2>".to_owned(),
            &["X027: 2 times, first hxxp://t[.]example/1"],
        ),
        ("<img src=cid:1><img src=a.gif>".to_owned(), &[]),
        (
            "<p style=\"background:URL('http://t.example/')\">".to_owned(),
            &["X027: hxxp://t[.]example/"],
        ),
        (
            "<style>@import \"//t.example/a.css\";</style>".to_owned(),
            &["X027: //t[.]example/a.css"],
        ),
        ("<!-- <img src=http://t.example/> -->".to_owned(), &[]),
        (
            "<form action='http://evil.example/'>".to_owned(),
            &["X028: <form>: hxxp://evil[.]example/"],
        ),
        ("<script>'<form>'</script>".to_owned(), &["X029: <script>"]),
        ("<p onclick=x()>".to_owned(), &["X029: <p>: onclick"]),
        ("<iframe srcdoc=a>".to_owned(), &["X030: <iframe>"]),
        ("<base href=http://evil.example/>".to_owned(), &["X031: <base>: hxxp://evil[.]example/"]),
        (
            "<meta http-equiv=refresh content='0;url=http://evil.example/'>".to_owned(),
            &["X031: refresh: hxxp://evil[.]example/"],
        ),
        ("<p style='font-size: 0.0px'>".to_owned(), &["X032: font-size: 0"]),
        ("<p style='font-size: 0.8em; opacity: 0.5'>".to_owned(), &[]),
        // The first link ends where the second begins.
        (
            "<a href=http://evil.example/>www.bank.com<a href=http://www.bank.com/>x</a>"
                .to_owned(),
            &["X020: the text says www[.]bank[.]com; the link goes to hxxp://evil[.]example/"],
        ),
    ];
    for (page, expected) in cases {
        let html = format!("<html><body>{page}</body></html>\n");
        let message = format!("Content-Type: text/html; charset=utf-8\n\n{html}");
        let found = told(message.as_bytes());
        assert_eq!(found, *expected, "{page}");
        let utf16: Vec<u8> = html.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16 = [&b"Content-Type: text/html; charset=utf-16le\n\n"[..], &utf16].concat();
        assert_eq!(told(&utf16), *expected, "{page} in UTF-16");
        let named = format!("Content-Type: application/octet-stream; name=a.html\n\n{html}");
        let named = told(named.as_bytes());
        assert_eq!(named, *expected, "{page} in a file");
    }
}

/// A tag stands where it is written, in quoted-printable as well.
#[test]
fn tags_are_marked() {
    let tag = "<a href=3D\"http://evil=\n.example/\"=3e";
    let cases = [
        ("quoted-printable", "=3Cp>", tag.replace("<a", "=3Ca")),
        ("quoted-printable", "<p=3e", tag.to_owned()),
        ("7bit", "<p>", "<a href=\"http://evil.example/\">".to_owned()),
    ];
    for (coding, before, tag) in cases {
        let message = format!(
            "Content-Type: text/html\nContent-Transfer-Encoding: {coding}\n\n\
             {before}{tag}www.bank.com</a>\n"
        );
        let found = linted(message.as_bytes());
        let [noted] = &found[..] else { panic!("{found:?}") };
        let start = message.find(&tag).expect("the tag") as u64;
        assert_eq!(noted.span, Some(Span::new(start, start + tag.len() as u64)), "{message}");
    }
}

#[test]
fn protected_fields() {
    let message = |outer: &str, inner: &str, kind: &str| {
        format!(
            "{outer}Content-Type: multipart/mixed; boundary=b\n\n--b\n{inner}\
             Content-Type: text/plain; {kind}\n\nHello.\n--b--\n"
        )
    };
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("Subject: A\n", "Subject: A\n", "hp=clear", &[]),
        ("Subject: =?utf-8?q?A?=\n", "Subject:  A\n", "hp=clear", &[]),
        ("Subject: A\n", "Subject: B\n", "format=fixed", &[]),
        ("Subject: A\n", "Subject: B\n", "hp=clear", &["X040: Subject: \"B\"; outside: \"A\""]),
        (
            "From: a@b.example\n",
            "From: c@d.example\n",
            "protected-headers=v1",
            &["X040: From: \"c[@]d[.]example\"; outside: \"a[@]b[.]example\""],
        ),
        ("Subject: ...\n", "Subject: B\nHP-Outer: Subject: ...\n", "hp=cipher", &[]),
        (
            "Subject: A\n",
            "Subject: B\nHP-Outer: Subject: ...\n",
            "hp=cipher",
            &["X040: Subject: \"...\"; outside: \"A\""],
        ),
    ];
    for (outer, inner, kind, expected) in cases {
        assert_eq!(told(message(outer, inner, kind).as_bytes()), *expected, "{outer}{inner}{kind}");
    }
}

/// Of each kind some are told, whatever a message holds, and nothing that is shown is a link.
#[test]
fn findings_are_bounded() {
    let mut html = String::new();
    for i in 0..1000 {
        html += &format!(
            "<a href=http://a@{i}.example/>www.bank.com</a><form action=javascript:x{i}>\
             <base href=http://{i}><script src=http://{i}.example>a</script><p onx{i}=b>"
        );
    }
    let message = format!("Content-Type: text/html\n\n{html}");
    let found = linted(message.as_bytes());
    assert!(found.len() > 30);
    for info in RULES {
        let count = found.iter().filter(|noted| noted.rule == info.rule).count();
        assert!(count <= OF_A_KIND, "{}: {count}", info.id);
    }
    let notes = found.iter().filter_map(|noted| noted.note.as_deref());
    for note in notes {
        assert!(!note.contains("http") && !note.contains(".example") && note.len() < 400, "{note}");
    }
}
