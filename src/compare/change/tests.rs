use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::base::Limits;
use crate::charset::Charset;
use crate::compare::{Presence, Taking};
use crate::structure::Builder;
use crate::transfer::{Encoder, Layout};
use crate::walk::{Reader, Separator};

fn snapshot(message: &[u8]) -> Snapshot {
    let limits = Limits::default();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let mut taking = Taking::new();
    let mut reader = Reader::new(message, limits, builder.walk_options(Separator::None));
    builder.read(&mut reader, &mut taking).expect("from memory");
    taking.finish()
}

fn compare(a: &str, b: &str) -> Diff {
    diff(&snapshot(a.as_bytes()), &snapshot(b.as_bytes()))
}

/// Each change on a line: group, part, what, field, whether it moved.
fn told(diff: &Diff) -> Vec<String> {
    let one = |change: &Change| {
        let group = match change.group {
            Group::Harmless => "h",
            Group::BreaksSignatures => "s",
            Group::ContentChanged => "c",
        };
        let part = change.part.iter().map(|part| part.as_deref().unwrap_or("-"));
        let part = part.collect::<Vec<_>>().join(">");
        let moved = if change.is_moved && change.what != What::FieldMoved { " moved" } else { "" };
        let field = change.field.as_deref().map_or(String::new(), |field| format!(" {field}"));
        format!("{group} {part} {}{field}{moved}", change.what.name())
    };
    diff.changes.iter().map(one).collect()
}

#[test]
fn fields() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("nothing", "A: a\n\n", "A: a\n\n", &[]),
        ("trace on top", "A: a\n\n", "Received: x\nA: a\n\n", &["h 1>1 field-added received"]),
        (
            "one more of the same",
            "Received: x\nA: a\n\n",
            "Received: x\nReceived: x\nA: a\n\n",
            &["h 1>1 field-added received"],
        ),
        ("a field of no meaning", "A: a\n\n", "A: a\nX-B: b\n\n", &["h 1>1 field-added x-b"]),
        ("it is lost", "A: a\nX-B: b\n\n", "A: a\n\n", &["c 1>1 field-removed x-b"]),
        ("trace is lost", "A: a\nReceived: b\n\n", "A: a\n\n", &["h 1>1 field-removed received"]),
        ("copies are secret", "A: a\nBcc: b@c\n\n", "A: a\n\n", &["h 1>1 field-removed bcc"]),
        ("refolded", "Subject: a b\n\n", "Subject: a\n b\n\n", &["h 1>1 field-refolded subject"]),
        (
            "letter case of a name",
            "SUBJECT: a\n\n",
            "Subject: a\n\n",
            &["h 1>1 field-refolded subject"],
        ),
        (
            "words",
            "Subject: caf\u{e9}\n\n",
            "Subject: =?utf-8?q?caf=C3=A9?=\n\n",
            &["h 1>1 field-recoded subject"],
        ),
        ("another text", "Subject: a\n\n", "Subject: [l] a\n\n", &["c 1>1 field-changed subject"]),
        (
            "line ends of both kinds change places",
            "A: a\r\nB: b\n\n",
            "A: a\nB: b\r\n\n",
            &["h ->- line-ends"],
        ),
        ("moved", "A: a\nB: b\nC: c\n\n", "B: b\nC: c\nA: a\n\n", &["h 1>1 field-moved a"]),
        (
            "moved and changed",
            "Content-Transfer-Encoding: 8bit\nB: b\nC: c\n\n",
            "B: b\nC: c\nContent-Transfer-Encoding: 7bit\n\n",
            &["h 1>1 field-changed content-transfer-encoding moved"],
        ),
        ("a date that was missing", "A: a\n\n", "Date: x\nA: a\n\n", &["h 1>1 field-added date"]),
        ("a second date", "Date: y\n\n", "Date: x\nDate: y\n\n", &["c 1>1 field-added date"]),
        ("an author", "A: a\n\n", "From: a@b\nA: a\n\n", &["c 1>1 field-added from"]),
        (
            "the type that it was",
            "A: a\n\nx\n",
            "A: a\nContent-Type: text/plain; charset=us-ascii\n\nx\n",
            &["h 1>1 field-added content-type"],
        ),
        (
            "another type",
            "A: a\n\nx\n",
            "A: a\nContent-Type: text/html\n\nx\n",
            &["c 1>1 field-added content-type"],
        ),
        ("no field", "A: a\nb c\nD: d\n\n", "A: a\nD: d\n\n", &["h 1>1 header-lines"]),
        ("the end of the header", "A: a\n", "A: a\n\n", &["h 1>1 header-end"]),
        ("a mark", "\u{feff}A: a\n\n", "A: a\n\n", &["h ->- byte-order-mark"]),
        ("line ends", "A: a\n b\n\nc\n", "A: a\r\n b\r\n\r\nc\r\n", &["h ->- line-ends"]),
    ];
    for &(name, a, b, expected) in cases {
        assert_eq!(told(&compare(a, b)), expected, "{name}");
    }
}

#[test]
fn bodies() {
    const BASE64: &str = "Content-Transfer-Encoding: base64\n";
    const QP: &str = "Content-Transfer-Encoding: quoted-printable\n";
    const PDF: &str = "Content-Type: application/pdf\n";
    let latin1 = |coding: &str| format!("Content-Type: text/plain; charset=iso-8859-1\n{coding}");
    let utf8 = |coding: &str| format!("Content-Type: text/plain; charset=utf-8\n{coding}");
    let cases: &[(&str, String, String, &[&str])] = &[
        ("text", "\na\n".into(), "\nb\n".into(), &["c 1>1 body-changed"]),
        ("white space", "\na \nb\n\n".into(), "\na\nb\n".into(), &["h 1>1 body-space"]),
        ("a last line end", "\na".into(), "\na\n".into(), &["h 1>1 body-space"]),
        (
            "another coding",
            format!("{}\ncaf\u{e9}\n", utf8("")),
            format!("{}\ncaf=C3=A9\n", utf8(QP)),
            &["h 1>1 field-added content-transfer-encoding", "h 1>1 body-recoded"],
        ),
        (
            "the same coding",
            format!("{QP}\na=\nb=20c\n"),
            format!("{QP}\nab c\n"),
            &["h 1>1 body-recoded"],
        ),
        (
            "another charset",
            format!("{}\ncaf=E9\n", latin1(QP)),
            format!("{}\ncaf=C3=A9\n", utf8(QP)),
            &["h 1>1 field-changed content-type", "h 1>1 body-charset"],
        ),
        (
            "the label only",
            format!("{}\ncaf=C3=A4=80\n", utf8(QP)),
            format!("{}\ncaf=C3=A4=80\n", latin1(QP)),
            &["h 1>1 field-changed content-type", "c 1>1 body-changed"],
        ),
        (
            "the label of what is ASCII",
            format!("{}\na\n", utf8("")),
            format!("{}\na\n", latin1("")),
            &["h 1>1 field-changed content-type"],
        ),
        (
            "line ends inside a coding",
            format!("{BASE64}\nYQpiCg==\n"),
            format!("{BASE64}\nYQ0KYg0K\n"),
            &["h 1>1 body-line-ends"],
        ),
        (
            "those of data",
            format!("{PDF}{BASE64}\nYQpiCg==\n"),
            format!("{PDF}{BASE64}\nYQ0KYg0K\n"),
            &["c 1>1 body-changed"],
        ),
        (
            "data in other lines",
            format!("{PDF}{BASE64}\nYQpi\nCg==\n"),
            format!("{PDF}{BASE64}\nYQpiCg==\n"),
            &["h 1>1 body-recoded"],
        ),
        (
            "binary data",
            format!("{PDF}Content-Transfer-Encoding: binary\n\na\r\nb\n"),
            format!("{PDF}Content-Transfer-Encoding: binary\n\na\nb\r\n"),
            &["c 1>1 body-changed"],
        ),
        (
            "a promise",
            "Content-Transfer-Encoding: 8bit\n\na\n".into(),
            "Content-Transfer-Encoding: 7bit\n\na\n".into(),
            &["h 1>1 field-changed content-transfer-encoding"],
        ),
        (
            "what nobody can read is compared by its octets",
            format!("{}\n=FF\n", utf8(QP)),
            format!("{}\n=FE\n", utf8(QP)),
            &["c 1>1 body-changed"],
        ),
    ];
    for (name, a, b, expected) in cases {
        assert_eq!(told(&compare(a, b)), *expected, "{name}");
    }
}

fn multipart(header: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--x\n{part}\n")).collect();
    format!("{header}Content-Type: multipart/mixed; boundary=x\n\n{parts}--x--\n")
}

#[test]
fn structures() {
    let two = multipart("Subject: s\n", &["\na\n", "Content-Type: text/html\n\n<p>\n"]);
    let cases: &[(&str, String, String, &[&str])] = &[
        (
            "a part less",
            two.clone(),
            multipart("Subject: s\n", &["\na\n"]),
            &["h 0>0 delimiters", "c 2>- part-removed"],
        ),
        (
            "a part more in front",
            two.clone(),
            multipart("Subject: s\n", &["\nnew\n", "\na\n", "Content-Type: text/html\n\n<p>\n"]),
            &["h 0>0 delimiters", "c ->1 part-added"],
        ),
        (
            "a mailing list puts its footer behind a text",
            "Subject: s\nContent-Type: text/plain\n\na\n".into(),
            multipart("Subject: [l] s\n", &["Content-Type: text/plain\n\na\n", "\nfooter\n"]),
            &["c 1>0 field-changed subject", "c ->0 part-added", "c ->2 part-added"],
        ),
        (
            "parts change places",
            two.clone(),
            multipart("Subject: s\n", &["Content-Type: text/html\n\n<p>\n", "\na\n"]),
            &["c 1>2 part-moved"],
        ),
        (
            "a preamble",
            two.clone(),
            two.replacen("\n\n--x", "\n\nold program\n\n--x", 1),
            &["h 0>0 around-parts"],
        ),
        (
            "another boundary",
            two.clone(),
            two.replace("--x", "--y").replace("=x", "=y"),
            &["h 0>0 field-changed content-type", "h 0>0 delimiters"],
        ),
        (
            "a message inside is encoded",
            "Content-Type: message/rfc822\n\nSubject: a\n\nb\n".into(),
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
             U3ViamVjdDogYQoKYgo=\n"
                .into(),
            &["h 1>1 field-added content-transfer-encoding", "h 1>1 body-recoded"],
        ),
        (
            "its base64 is broken into other lines",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
             U3ViamVjdDogYQoKYgo=\n"
                .into(),
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
             U3ViamVj\ndDogYQoKYgo=\n"
                .into(),
            &["h 1>1 body-recoded"],
        ),
        (
            "a From_ line before a message inside",
            "Content-Type: message/rfc822\n\nFrom a\nA: b\n\n".into(),
            "Content-Type: message/rfc822\n\nFrom b\nA: b\n\n".into(),
            &["h 1.1>1.1 header-lines"],
        ),
        (
            "a message inside in a coding that nobody knows",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: x\n\nabc\n".into(),
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: x\n\nabd\n".into(),
            &["c 1.1>1.1 body-changed"],
        ),
        (
            "and changed",
            "Content-Type: message/rfc822\n\nSubject: a\n\nb\n".into(),
            "Content-Type: message/rfc822\n\nSubject: b\n\nb\n".into(),
            &["c 1.1>1.1 field-changed subject"],
        ),
    ];
    for (name, a, b, expected) in cases {
        assert_eq!(told(&compare(a, b)), *expected, "{name}");
        assert_eq!(compare(a, a), Diff { is_same: true, ..Diff::default() });
    }
}

/// A message whose signature holds, of this header and body, in their canonical forms.
fn signed(canon: &str, fields: &str, header: &str, body: &str) -> String {
    let mut hash = Vec::new();
    let mut encoder = Encoder::new(crate::transfer::Coding::Base64, &Layout::default());
    encoder.encode(&Sha256::digest(body.replace('\n', "\r\n")), &mut hash);
    encoder.finish(&mut hash);
    let hash = String::from_utf8(hash).expect("base64");
    format!(
        "DKIM-Signature: v=1; a=rsa-sha256; c={canon}; d=example.org; s=k;\n h={fields};\n \
         bh={}; b=AAAA\n{header}\n{body}",
        hash.trim()
    )
}

/// What became of the one signature: before, after, body, fields.
type Became<'t> = (Option<bool>, Option<bool>, bool, &'t [&'t str]);

#[test]
fn dkim() {
    let header = "From: a@b\nSubject: s\nTo: c@d\n";
    let body = "text\n";
    let simple = signed("simple/simple", "from:subject", header, body);
    let relaxed = signed("relaxed/relaxed", "from:subject:subject", header, body);
    let good = (Some(true), Some(true), false, &[][..]);
    let cases: &[(&str, &str, String, Became<'_>, &[&str])] = &[
        (
            "a field that is not signed",
            &simple,
            simple.replace("c@d", "e@f"),
            good,
            &["c 1>1 field-changed to"],
        ),
        (
            "a signed field refolded, simple",
            &simple,
            simple.replace(": s\n", ":\n s\n"),
            (Some(true), Some(true), false, &["subject"]),
            &["s 1>1 field-refolded subject"],
        ),
        (
            "and relaxed",
            &relaxed,
            relaxed.replace(": s\n", ":\n s\n"),
            good,
            &["h 1>1 field-refolded subject"],
        ),
        (
            "a second subject, oversigned",
            &relaxed,
            relaxed.replace("To:", "Subject: t\nTo:"),
            (Some(true), Some(true), false, &["subject"]),
            &["c 1>1 field-added subject"],
        ),
        (
            "white space, simple",
            &simple,
            simple.replace("text\n", "text \n"),
            (Some(true), Some(false), true, &[]),
            &["s 1>1 body-space"],
        ),
        (
            "white space, relaxed",
            &relaxed,
            relaxed.replace("text\n", "text \n"),
            good,
            &["h 1>1 body-space"],
        ),
        (
            "empty lines at the end",
            &simple,
            simple.replace("text\n", "text\n\n\n"),
            good,
            &["h 1>1 body-space"],
        ),
        ("line ends", &simple, simple.replace('\n', "\r\n"), good, &["h ->- line-ends"]),
        (
            "a text",
            &relaxed,
            relaxed.replace("text\n", "next\n"),
            (Some(true), Some(false), true, &[]),
            &["c 1>1 body-changed"],
        ),
        (
            "the signature refolded, simple",
            &simple,
            simple.replace("; a=", ";\n a="),
            (Some(true), Some(true), false, &["dkim-signature"]),
            &["s 1>1 field-refolded dkim-signature"],
        ),
        (
            "but for the signature itself",
            &simple,
            simple.replace("b=AAAA", "b=AA\n AA"),
            good,
            &["h 1>1 field-recoded dkim-signature"],
        ),
    ];
    for (name, a, b, expected, changes) in cases {
        let diff = compare(a, b);
        let [effect] = &diff.signatures[..] else { panic!("one signature: {name}") };
        let fields: Vec<_> = effect.fields_changed.iter().map(String::as_str).collect();
        let [before, after] = effect.body_hash;
        assert_eq!((before, after, effect.body_changed, &fields[..]), *expected, "{name}");
        assert_eq!(told(&diff), *changes, "{name}");
        let breaks = diff.changes.iter().any(|change| !change.breaks.is_empty());
        assert_eq!(breaks, effect.is_broken(), "{name}");
    }
    let diff = compare(&simple, &simple[simple.find("From").expect("it is there")..]);
    assert_eq!(diff.signatures[0].presence, Presence::Removed);
    assert_eq!(told(&diff), ["s 1>1 field-removed dkim-signature"]);
    assert!(diff.signatures[0].is_broken());
}

/// Signatures that were altered or taken away, and what is said of those that are broken then.
#[test]
fn signatures_themselves() {
    let one = signed("relaxed/relaxed", "from", "From: a@b\n", "text\n");
    let other = one.replace("example.org", "example.net").replace("AAAA", "BBBB");
    let two = format!("{}{one}", &other[..other.find("From").expect("it is there")]);
    let third = "DKIM-Signature: v=1; d=list.example; s=k; b=CCCC\n";
    let arc = |i: u32, cv: &str| {
        format!(
            "ARC-Seal: i={i}; cv={cv}; d=x; s=y; b=AAA{i}\nARC-Message-Signature: i={i}; c=relaxed; d=x; s=y;\n \
             bh=AAAA; h=from; b=BBB{i}\nARC-Authentication-Results: i={i}; x; dkim=pass\n"
        )
    };
    let text = "From: a@b\n\ntext\n";
    let chain = format!("{}{}{text}", arc(2, "pass"), arc(1, "none"));
    let cases: &[(&str, &str, String, &[&str], &[&str])] = &[
        (
            "a tag",
            &one,
            one.replace("s=k", "s=l"),
            &["s dkim-signature"],
            &["example.org s dkim-signature"],
        ),
        ("b= alone", &one, one.replace("AAAA", "AAAB"), &["s dkim-signature"], &["example.org b "]),
        (
            "of two the one that it is",
            &two,
            two.replace("BBBB", "BBBC"),
            &["s dkim-signature"],
            &["example.net b "],
        ),
        (
            "another in its place",
            &one,
            format!("{third}{}", &one[one.find("From").expect("it is there")..]),
            &["s dkim-signature", "h dkim-signature"],
            &["example.org  "],
        ),
        ("one more", &one, format!("{third}{one}"), &["h dkim-signature"], &[]),
        (
            "a seal",
            &chain,
            chain.replace("cv=none", "cv=fail"),
            &["s arc-seal"],
            &["x  arc-seal", "x cv arc-seal"],
        ),
        (
            "results that are sealed",
            &chain,
            chain.replace("i=2; x; dkim=pass", "i=2; x; dkim=fail"),
            &["s arc-authentication-results"],
            &["x  arc-authentication-results"],
        ),
        (
            "a chain refolded",
            &chain,
            chain.replace("; d=x", ";\n d=x"),
            &["h arc-seal", "h arc-message-signature", "h arc-seal", "h arc-message-signature"],
            &[],
        ),
        (
            "a set more",
            &format!("{}{text}", arc(1, "none")),
            chain.clone(),
            &["h arc-seal", "h arc-message-signature", "h arc-authentication-results"],
            &[],
        ),
    ];
    for (name, a, b, changes, broken) in cases {
        let diff = compare(a, b);
        let group = |group| if group == Group::BreaksSignatures { "s" } else { "h" };
        let found: Vec<_> = diff
            .changes
            .iter()
            .map(|it| format!("{} {}", group(it.group), it.field.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found, *changes, "{name}");
        let effects = diff.signatures.iter().filter(|effect| effect.is_broken());
        let found: Vec<_> = effects
            .map(|it| {
                let domain = it.domain.as_deref().unwrap_or_default();
                format!("{domain} {} {}", it.tags_changed.join(","), it.fields_changed.join(","))
            })
            .collect();
        assert_eq!(found, *broken, "{name}");
    }
}

/// What is behind `l=` is not covered (RFC 6376 §3.5); what is before it is.
#[test]
fn octets_behind_the_signed_length() {
    let message = signed("simple/simple", "from", "From: a@b\n", "text\n");
    let message = message.replace("; b=AAAA", "; l=6; b=AAAA");
    let cases: &[(&str, &str, bool, Option<u64>)] = &[
        ("a footer", "text\nfooter\n", false, Some(8)),
        ("and other octets", "next\nfooter\n", true, Some(8)),
        ("too few", "tex\n", true, Some(0)),
    ];
    for &(name, body, is_broken, unsigned) in cases {
        let diff = compare(&message, &message.replace("\ntext\n", &format!("\n{body}")));
        let effect = &diff.signatures[0];
        assert_eq!((effect.body_changed, effect.is_broken()), (is_broken, is_broken), "{name}");
        assert_eq!(effect.body_hash, [Some(true), Some(!is_broken)], "{name}");
        assert_eq!(effect.unsigned_octets, [Some(0), unsigned], "{name}");
        assert_eq!(diff.changes[0].breaks.is_empty(), !is_broken, "{name}");
    }
}

#[test]
fn bodies_of_an_unknown_algorithm_are_told_apart() {
    let message = signed("relaxed/relaxed", "from", "From: a@b\n", "text\n");
    let message = message.replace("rsa-sha256", "rsa-md5");
    for (body, is_changed) in [("next\n", true), ("text \n", false)] {
        let diff = compare(&message, &message.replace("\ntext\n", &format!("\n{body}")));
        let effect = &diff.signatures[0];
        assert_eq!((effect.body_changed, effect.body_hash), (is_changed, [None; 2]), "{body}");
    }
}

#[test]
fn multipart_signed() {
    let message = "Content-Type: multipart/signed; boundary=s\n\n--s\nX-A: a b\n\ntext\n--s\n\
                   Content-Type: application/pgp-signature\n\nsig\n--s--\n";
    let cases: &[(&str, String, &[&str])] = &[
        ("line ends", message.replace('\n', "\r\n"), &["h ->- line-ends"]),
        ("a field", message.replace("a b", "a  b"), &["s 1>1 field-refolded x-a"]),
        ("white space", message.replace("text", "text "), &["s 1>1 body-space"]),
        ("a text", message.replace("text", "next"), &["c 1>1 body-changed"]),
        ("the signature", message.replace("sig\n", "sig \n"), &["h 2>2 body-space"]),
        ("around it", message.replace("--s--\n", "--s--\nx\n"), &["h 0>0 around-parts"]),
    ];
    for (name, b, expected) in cases {
        let diff = compare(message, b);
        assert_eq!(told(&diff), *expected, "{name}");
        let breaks = diff.changes.iter().any(|change| !change.breaks.is_empty());
        assert_eq!(breaks, diff.signatures[0].is_broken(), "{name}");
    }
}

/// Messages of few octets, so that they are often nearly alike.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "A: a\n",
        "A: b\r\n",
        "Subject: =?utf-8?q?=C3=A9?=\n",
        "Subject: \u{e9}\n",
        "Content-Type: multipart/signed; boundary=x\n",
        "Content-Type: text/html\n",
        "Content-Type: message/rfc822\n",
        "Content-Transfer-Encoding: base64\n",
        "Content-Transfer-Encoding: quoted-printable\n",
        "DKIM-Signature: c=relaxed; h=a:subject; bh=AAAA; a=rsa-sha256; d=x; s=y\n",
        "\n",
        "\r\n",
        "--x\n",
        "--x--\n",
        "no field\n",
        "YQ==\n",
        "a =20\n",
        " \t",
        "\u{feff}",
        "\r",
    ]);
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn every_change_is_named(a in messages(), b in messages()) {
        let found = diff(&snapshot(&a), &snapshot(&b));
        prop_assert_eq!(found.is_same, a == b);
        prop_assert_eq!(found.changes.is_empty(), a == b, "{:?}", told(&found));
        // And the other way round.
        let back = diff(&snapshot(&b), &snapshot(&a));
        prop_assert_eq!(back.changes.is_empty(), a == b);
        for change in &found.changes {
            prop_assert!(change.breaks.iter().all(|&at| found.signatures[at].is_broken()));
        }
    }
}
