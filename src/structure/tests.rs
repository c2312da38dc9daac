//! Structures of messages small enough to be checked by eye.

use std::io;

use super::*;
use crate::base::Rule;
use crate::header::Field;
use crate::header::names::Name;
use crate::walk::{Kind, Reader, Separator};

fn read(text: &str, limits: Limits) -> Builder {
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, true);
    let mut reader = Reader::new(text.as_bytes(), limits, builder.walk_options(Separator::None));
    builder.read(&mut reader, &mut ()).expect("memory can be read");
    builder
}

/// `number essence` of each part.
fn outline(text: &str) -> Vec<String> {
    let builder = read(text, Limits::default());
    let parts = builder.structure().parts();
    parts.map(|part| format!("{} {}", part.number(), part.essence())).collect()
}

/// A multipart of these parts.
fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
    let mut text = format!("Content-Type: multipart/{subtype}; boundary={boundary}\n\n");
    for part in parts {
        text += &format!("--{boundary}\n{part}\n");
    }
    text + &format!("--{boundary}--\n")
}

const PLAIN: &str = "Content-Type: text/plain\n\nplain";
const HTML: &str = "Content-Type: text/html\n\n<p>html";
const IMAGE: &str = "Content-Type: image/png\n\npng";
const NAMED: &str = "Content-Type: text/plain; name=a.txt\n\nnamed";
const ATTACHED: &str = "Content-Disposition: attachment\n\nattached";

#[test]
fn parts_are_numbered_as_imap_numbers_sections() {
    assert_eq!(outline("Subject: x\n\nx"), ["1 text/plain"]);
    let inner = multipart("alternative", "i", &[PLAIN, HTML]);
    let message = format!("Content-Type: message/rfc822\n\nSubject: x\n{inner}");
    let leaf = "Content-Type: message/rfc822\n\nSubject: x\n\nx";
    assert_eq!(
        outline(&multipart("mixed", "o", &[&inner, &message, leaf])),
        [
            "0 multipart/mixed",
            "1 multipart/alternative",
            "1.1 text/plain",
            "1.2 text/html",
            "2 message/rfc822",
            "2.0 multipart/alternative",
            "2.1 text/plain",
            "2.2 text/html",
            "3 message/rfc822",
            "3.1 text/plain",
        ]
    );
    assert_eq!(outline(leaf), ["1 message/rfc822", "1.1 text/plain"]);
}

#[test]
fn digests_hold_messages() {
    let digest = multipart("digest", "d", &["\nSubject: x\n\nx", PLAIN]);
    assert_eq!(
        outline(&digest),
        ["0 multipart/digest", "1 message/rfc822", "1.1 text/plain", "2 text/plain"]
    );
}

#[test]
fn spans_cut_the_message() {
    let text = multipart("mixed", "b", &[PLAIN, "\nno header"]);
    let builder = read(&text, Limits::default());
    let cut = |span: Option<Span>| {
        let span = span.expect("octets of the message");
        &text[span.start as usize..span.end as usize]
    };
    let parts: Vec<Part<'_>> = builder.structure().parts().collect();
    assert_eq!(cut(parts[0].header()), "Content-Type: multipart/mixed; boundary=b\n\n");
    assert!(cut(parts[0].body()).starts_with("--b\n") && cut(parts[0].body()).ends_with("--\n"));
    assert_eq!(cut(parts[1].header()), "Content-Type: text/plain\n\n");
    assert_eq!((cut(parts[1].body()), parts[1].size()), ("plain", Some(5)));
    assert_eq!((cut(parts[2].header()), cut(parts[2].body())), ("\n", "no header"));
    assert_eq!(parts[2].lines(), Some(1));
}

#[test]
fn encoded_messages_are_walked_into_one_inside_the_other() {
    // The innermost: `Subject: x`, an empty line, `hi` (base64 of base64 is checked by hand).
    let inner = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
                 U3ViamVjdDogeAoKaGk=\n";
    let quoted = inner.replace('=', "=3D");
    let text = format!(
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}"
    );
    let builder = read(&text, Limits::default());
    let parts: Vec<Part<'_>> = builder.structure().parts().collect();
    let numbers: Vec<String> = parts.iter().map(Part::number).collect();
    assert_eq!(numbers, ["1", "1.1", "1.1.1"]);
    assert_eq!((parts[2].size(), parts[2].body()), (Some(2), None));
    assert_eq!(parts[2].depth(), 2);
}

#[test]
fn findings_are_limited_and_say_so() {
    let parts = vec!["Content-Transfer-Encoding: none\n\nx"; 20];
    let text = multipart("mixed", "b", &parts);
    let limits = Limits { findings: 5, ..Limits::default() };
    let builder = read(&text, limits);
    let rules: Vec<Rule> = builder.structure().findings().iter().map(|f| f.rule).collect();
    assert_eq!(rules.len(), 6);
    assert_eq!(rules.iter().filter(|rule| **rule == Rule::D016).count(), 1);
    // Another limit is said once, however many small faults stand before it.
    let limits = Limits { findings: 5, parts: 10, ..Limits::default() };
    let builder = read(&text, limits);
    let rules: Vec<Rule> = builder.structure().findings().iter().map(|f| f.rule).collect();
    assert_eq!(rules.len(), 7);
    assert_eq!(rules.iter().filter(|rule| **rule == Rule::D002).count(), 1);
}

/// The numbers of the main text, the main HTML, and the attachments.
fn bodies(text: &str) -> [String; 3] {
    let builder = read(text, Limits::default());
    let structure = builder.structure();
    let Bodies { text, html, attachments } = Bodies::of(structure);
    [text, html, attachments].map(|list| {
        let number = |index: u32| structure.part(index).expect("a part").number();
        list.into_iter().map(number).collect::<Vec<_>>().join(" ")
    })
}

/// What stands inside a message that is attached is nothing to the message around it.
#[test]
fn a_message_inside_has_no_role() {
    let message = format!(
        "Content-Type: message/rfc822\n\n{}",
        multipart("mixed", "i", &[PLAIN, "Content-Type: message/rfc822\n\nSubject: x\n\nx", HTML])
    );
    let builder = read(&multipart("mixed", "m", &[PLAIN, &message, PLAIN]), Limits::default());
    let mut sorter = Sorter::default();
    // Twice: the room of the first is used again.
    for _ in 0..2 {
        sorter.begin();
        let (mut texts, mut attached) = (Vec::new(), Vec::new());
        for part in builder.structure().parts() {
            let role = sorter.sort(&part, &part.mime_fields());
            texts.extend(role.text.then(|| part.number()));
            attached.extend(role.attachment.then(|| part.number()));
        }
        assert_eq!((texts, attached), (vec!["1".into(), "3".into()], vec!["2".to_owned()]));
    }
}

#[test]
fn main_bodies() {
    let alternative = multipart("alternative", "a", &[PLAIN, HTML]);
    let related = multipart("related", "r", &[HTML, IMAGE]);
    let message = format!("Content-Type: message/rfc822\n\n{alternative}");
    let cases: &[(&str, &str, [&str; 3])] = &[
        ("one text", PLAIN, ["1", "1", ""]),
        ("one image", IMAGE, ["", "", "1"]),
        ("alternative", &alternative, ["1", "2", ""]),
        ("only html", &multipart("alternative", "a", &[HTML]), ["1", "1", ""]),
        ("mixed", &multipart("mixed", "m", &[&alternative, IMAGE]), ["1.1", "1.2", "2"]),
        ("related", &related, ["1", "1", "2"]),
        (
            "related in alternative",
            &multipart("alternative", "a", &[PLAIN, &related]),
            ["1", "2.1", "2.2"],
        ),
        ("text behind", &multipart("mixed", "m", &[PLAIN, IMAGE, PLAIN]), ["1 3", "1 3", "2"]),
        ("a named text", &multipart("mixed", "m", &[PLAIN, NAMED]), ["1", "1", "2"]),
        ("attached", &multipart("mixed", "m", &[PLAIN, ATTACHED]), ["1", "1", "2"]),
        ("a message inside", &multipart("mixed", "m", &[PLAIN, &message]), ["1", "1", "2"]),
    ];
    for &(name, text, [text_bodies, html, attachments]) in cases {
        let expected = [text_bodies, html, attachments].map(str::to_owned);
        assert_eq!(bodies(text), expected, "{name}");
    }
}

/// Compares what is known of MIME fields with what they say, and fields as they are shown with the
/// tokens that they are.
#[derive(Default)]
struct Compare {
    octets: Vec<u8>,
    parts: u32,
}

impl Visitor for Compare {
    fn token(&mut self, _: At, _: Kind, octets: &[u8]) -> io::Result<()> {
        self.octets = octets.to_vec();
        Ok(())
    }

    fn field(&mut self, _: At, name: Option<Name>, field: &Field<'_>) -> io::Result<()> {
        assert_eq!(Some(*field), Field::parse(&self.octets));
        assert_eq!(name, Name::of(field.name));
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let headed = structure.headed(part).expect("the header of this part was over last");
        let part = structure.part(part).expect("it was headed");
        let parsed = part.mime_fields();
        assert_eq!(format!("{headed:?}"), format!("{parsed:?}"), "part {}", part.number());
        assert_eq!(part.data().is_named, parsed.filename().is_some());
        assert_eq!(part.data().is_signed, parsed.is_declared("multipart/signed"));
        self.parts += 1;
        Ok(Want::Nothing)
    }
}

#[test]
fn what_is_known_is_what_the_fields_say() {
    let unbounded = "Content-Type: multipart/signed\n\nx";
    let inline = "Content-Type: text/plain\nContent-Disposition: inline\n\nx";
    let folded = "Content-Type : text/plain;\n charset=utf-8\n\nx";
    let odd = "Content-Type: text/plain (odd)\n\nx";
    let parts = [PLAIN, HTML, IMAGE, NAMED, ATTACHED, unbounded, inline, folded, odd, "\nx"];
    let all = [&parts[..], &parts[..]].concat();
    let digest = multipart("digest", "d", &parts);
    let text = multipart("mixed", "o", &[&multipart("mixed", "i", &all), &digest, PLAIN]);
    for survey in [false, true] {
        let limits = Limits::default();
        let mut builder = Builder::new(limits, Charset::WINDOWS_1252, survey);
        let options = builder.walk_options(Separator::None);
        let mut reader = Reader::new(text.as_bytes(), limits, options);
        let mut compare = Compare::default();
        builder.read(&mut reader, &mut compare).expect("memory can be read");
        assert!(compare.parts > 30, "{} parts", compare.parts);
    }
}

/// It is looked into as if it were not encoded, so it has no body of its own.
#[test]
fn a_message_in_an_unknown_coding_is_no_leaf() {
    let text = "Content-Type: message/rfc822\nContent-Transfer-Encoding: x-nope\n\n\
                Subject: x\n\nhello\n";
    let builder = read(text, Limits::default());
    let parts = builder.structure().parts();
    let seen: Vec<_> = parts.map(|part| (part.index(), part.is_leaf(), part.size())).collect();
    assert_eq!(seen, [(0, false, None), (1, true, Some(6))]);
}

/// The header of what lies elsewhere stands in the body by right (RFC 2046 §5.2.3), and so does that of
/// the whole in its first fragment (§5.2.2); of other types it is odd.
#[test]
fn a_phantom_header_is_no_field_in_a_body() {
    let cases: &[(&str, bool)] = &[
        ("Message/External-body; access-type=URL; URL=\"ftp://a.example/\"", false),
        ("message/partial; id=a; number=1", false),
        ("text/rfc822-headers", false),
        ("text/plain", true),
        ("application/octet-stream", true),
    ];
    for &(essence, is_odd) in cases {
        let part = format!("Content-Type: {essence}\n\nContent-Type: text/html\n\n<p>x");
        for text in [part.clone(), multipart("mixed", "b", &[&part])] {
            let builder = read(&text, Limits::default());
            let found = builder.structure().findings().iter().any(|it| it.rule == Rule::H037);
            assert_eq!(found, is_odd, "{text}");
        }
    }
}
