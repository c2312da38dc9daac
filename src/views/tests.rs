//! What other programs make of messages, and what does not depend on the message: the bounds.

use std::cell::Cell;

use super::*;
use crate::charset::Charset;
use crate::structure::Want;
use proptest::prelude::*;

/// The primary reading of a message.
fn structure(text: &[u8]) -> Structure {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(text, Limits::default(), options);
    builder.read(&mut reader, &mut ()).expect("no I/O");
    builder.into_structure()
}

fn all(text: &[u8]) -> Views {
    views(&structure(text), text, Wanted::All).expect("no I/O")
}

/// Takes the decoded leaves of a view that differ.
struct Leaves<'v>(&'v View, Vec<(String, Vec<u8>)>);

impl Visitor for Leaves<'_> {
    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let Some(part) = structure.part(part).filter(|part| part.is_leaf()) else {
            return Ok(Want::Nothing);
        };
        if !self.0.has(part.index()) {
            return Ok(Want::Nothing);
        }
        let name = part.filename().map(|name| format!(" {name}")).unwrap_or_default();
        self.1.push((format!("{} {}{name}", part.number(), part.essence()), Vec::new()));
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        self.1.last_mut().expect("a leaf").1.extend_from_slice(octets);
        Ok(())
    }
}

/// Each view in a line: rule, choice, and the leaves that differ with their content.
fn told(text: &[u8]) -> Vec<String> {
    let message = structure(text);
    let mut told = Vec::new();
    for view in views(&message, text, Wanted::All).expect("no I/O").views {
        let mut leaves = Leaves(&view, Vec::new());
        view.read(&message, text, &mut leaves).expect("no I/O");
        let mut line = format!("{} {}", view.rule.info().id, view.choice.name());
        for (what, content) in leaves.1 {
            line += &format!(" | {what}: {}", content.trim_ascii().escape_ascii());
        }
        told.push(line);
    }
    told
}

const FILE: &str = "Content-Type: a/o\nContent-Disposition: attachment; filename=e\n\
                    Content-Transfer-Encoding: base64\n\nRVZJTA==\n";

#[test]
fn what_programs_read_otherwise() {
    let file = |text: &str| text.replace("FILE", FILE);
    let mixed = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
    let cases: &[(&str, String, &[&str])] = &[
        ("nothing", file(&format!("{mixed}--b\n\nhi\n--b\nFILE--b--\n")), &[]),
        (
            "two types",
            file("MIME-Version: 1.0\nContent-Type: text/plain\n\
                  Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nFILE--b--\n"),
            &["H010 other-field | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "two codings in a part",
            format!("{mixed}--b\nContent-Transfer-Encoding: 7bit\n\
                     Content-Transfer-Encoding: base64\n\naGk=\n--b--\n"),
            &["H010 other-field | 1 text/plain: hi"],
        ),
        (
            "a field with white space before its colon",
            "MIME-Version: 1.0\nContent-Transfer-Encoding : base64\n\naGk=\n".to_owned(),
            &["H021 field-unseen | 1 text/plain: aGk="],
        ),
        (
            "two boundaries",
            file("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x; boundary=b\n\n\
                  --x\n\nhi\n--x--\n--b\nFILE--b--\n"),
            &[
                "P020 other-parameter | 1 a/o e: EVIL",
                "B033 part-around | 2 text/plain: --b | 3 a/o e: EVIL",
            ],
        ),
        (
            "no boundary",
            file("MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--b\n\nhi\n--b\nFILE--b--\n"),
            &["B001 guessed-boundary | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "an empty boundary",
            file("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"\"\n\n\
                  --\n\nhi\n--\nFILE----\n"),
            &["B002 empty-boundary | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "a boundary that never stands there",
            file("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--b\nFILE--b--\n"),
            &["B033 part-around | 1 a/o e: EVIL", "B035 guessed-boundary | 1 a/o e: EVIL"],
        ),
        (
            "text behind a delimiter",
            file(&format!("{mixed}--b\n\nhi\n--b junk\nFILE--b--\n")),
            &["B021 prefix-delimiter | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "text right behind a boundary",
            file(&format!("{mixed}--b\n\nhi\n--bx\nFILE--b--y\n\nho\n")),
            &[
                "B021 prefix-delimiter | 1 text/plain: hi | 2 a/o e: EVIL",
                "B021 prefix-delimiter | 1 text/plain: hi | 2 a/o e: EVIL | 3 text/plain: ho",
            ],
        ),
        (
            "text behind an outer delimiter",
            file(&format!("{mixed}--b\nContent-Type: multipart/x; boundary=i\n\n--i\n\nhi\n--i--\n\
                           --b x\nFILE--b--\n")),
            &[
                "B021 prefix-delimiter | 2 a/o e: EVIL",
                "B033 part-around | 1.2 text/plain: --b x | 1.3 a/o e: EVIL",
            ],
        ),
        (
            "an indented delimiter",
            file(&format!("{mixed}--b\n\nhi\n \t--b\nFILE--b--\n")),
            &["B023 indented-delimiter | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "a delimiter with one hyphen",
            file(&format!("{mixed}--b\n\nhi\n-b\nFILE--b--\n")),
            &["B037 other-hyphens | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "delimiters with a hyphen too few and too many",
            file("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"--b\"\n\n\
                  ----b\n\nhi\n---b\nFILE-----b--\n\nho\n")
                .to_owned(),
            &["B037 other-hyphens | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "text before the first delimiter",
            file(&format!("{mixed}\n Pay now,\nor else.\n--b\n\nhi\n--b--\n")),
            &["B038 part-around | 1 text/plain: Pay now,\\nor else."],
        ),
        (
            "a notice before the first delimiter",
            file(&format!("{mixed}This is a multi-part message in MIME format.\n--b\n\nhi\n--b--\n")),
            &[],
        ),
        (
            "a part behind the close delimiter",
            file(&format!("{mixed}--b\n\nhi\n--b--\n\n--b\nFILE--b--\n")),
            &["B031 never-closed | 2 a/o e: EVIL"],
        ),
        (
            "text and parts behind the close delimiter",
            file(&format!("{mixed}--b\n\nhi\n--b--\nho\n--b--\n--b\nFILE--b--\n\n--b\n\nha\n--b--\nhu\n")),
            &["B031 never-closed | 2 text/plain: ho | 3 text/plain:  | 4 a/o e: EVIL | 5 text/plain: ha"],
        ),
        (
            "a part in the preamble",
            file(&format!("{mixed}Content-Type: text/html\n\n<b>\n--b\n\nhi\n--b--\n")),
            &["B033 part-around | 1 text/html: <b>"],
        ),
        (
            "a file in the preamble",
            file(&format!("{mixed}begin 644 e\n#0V%T\n`\nend\n--b\n\nhi\n--b--\n")),
            &["B033 part-around | 1 application/octet-stream e: Cat"],
        ),
        (
            "a file in a text",
            "MIME-Version: 1.0\n\nsee\nbegin 644 e\n#0V%T\n`\nend\n".to_owned(),
            &["I001 file-in-text | 1 text/plain: see | 2 application/octet-stream e: Cat"],
        ),
        (
            "a CR before a delimiter",
            file(&format!("{mixed}--b\n\nhi\r--b\nFILE--b--\n")),
            &["L002 cr-ends-lines | 1 text/plain: hi | 2 a/o e: EVIL"],
        ),
        (
            "a message behind two CRs",
            file("MIME-Version: 1.0\nSubject: a\r\rFILE").replace('\n', "\r")
                .replacen('\r', "\n", 1)
                + "\nX: y\n\nhi\n",
            &[
                "L002 cr-ends-lines | 1 text/plain: Content-Type: a/o\\nContent-Disposition: attachment; \
                 filename=e\\nContent-Transfer-Encoding: base64\\n\\nRVZJTA==\\r\\nX: y\\n\\nhi",
                "L002 behind-crs | 1 a/o e: EVIL",
            ],
        ),
        (
            "a file behind two CRs",
            "MIME-Version: 1.0\nSubject: a\r\rsee\rbegin 644 e\r#0V%T\r`\rend\r\nX: y\n\nhi\n".to_owned(),
            &[
                "L002 cr-ends-lines | 1 text/plain: \
                 see\\nbegin 644 e\\n#0V%T\\n`\\nend\\r\\nX: y\\n\\nhi",
                "L002 behind-crs | 1 application/octet-stream e: Cat",
            ],
        ),
        (
            "a field name in quotes",
            "MIME-Version: 1.0\n\"Content-Disposition\": attachment; filename=e\n\nhi\n".to_owned(),
            &["H046 mended-name | 1 text/plain e: hi"],
        ),
        (
            "a line that is no field",
            "MIME-Version: 1.0\njunk\nContent-Transfer-Encoding: base64\n\naGk=\n".to_owned(),
            &["H022 header-ends | 1 text/plain: junk\\nContent-Transfer-Encoding: base64\\n\\naGk="],
        ),
        (
            "a field name with a fold",
            "MIME-Version: 1.0\nContent-\n Transfer-Encoding: base64\n\naGk=\n".to_owned(),
            &[
                "H022 header-ends | 1 text/plain: \
                 Content-\\n Transfer-Encoding: base64\\n\\naGk=",
                "H022 mended-name | 1 text/plain: hi",
            ],
        ),
        (
            "an empty line first",
            "\n\nContent-Type: text/html\n\n<b>\n".to_owned(),
            &["H025 empty-lines-skipped | 1 text/html: <b>"],
        ),
        (
            "a delimiter ends the header",
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n--b\nX: y\n\nhi\n--b\n\nho\n--b--\n"
                .to_owned(),
            &["H028 header-goes-on"],
        ),
        (
            "a NUL in a file name",
            "MIME-Version: 1.0\nContent-Disposition: attachment; filename=\"e\0.txt\"\n\n".to_owned(),
            &["H030 cut-at-nul | 1 text/plain e: "],
        ),
        (
            "a NUL in an extended file name",
            "MIME-Version: 1.0\nContent-Disposition: attachment; filename*=''e%00.txt\n\n".to_owned(),
            &["F002 cut-at-nul | 1 text/plain e: "],
        ),
        (
            "a name with a space",
            "MIME-Version: 1.0\nContent-Disposition: attachment; filename=e .txt\n\n".to_owned(),
            &[
                "P031 parameter-unseen | 1 text/plain: ",
                "P031 parameter-cut | 1 text/plain e: ",
            ],
        ),
        (
            "an unknown coding",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base-64\n\naGk=\n".to_owned(),
            &["E010 base64 | 1 text/plain: hi", "E010 quoted-printable | 1 text/plain: aGk"],
        ),
        (
            "a coding with more behind it",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base64;\n\naGk=\n".to_owned(),
            &["E012 undecoded | 1 text/plain: aGk="],
        ),
        (
            "an encoded multipart",
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\
             Content-Transfer-Encoding: base64\n\nLS1iCgpoaQotLWItLQo=\n"
                .to_owned(),
            &["E020 decoded-first | 1 text/plain: hi"],
        ),
        (
            "data behind padding",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\naGk=\naG8=\n".to_owned(),
            &["E031 stop-at-padding | 1 text/plain: hi"],
        ),
        (
            "a footer behind padding",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\naGkh\naA==\n--\naGk=\n".to_owned(),
            &["E034 padding-skipped | 1 text/plain: hi!h\\x06\\x86"],
        ),
        (
            "two file names",
            "MIME-Version: 1.0\nContent-Type: a/o; name=c\n\
             Content-Disposition: attachment; filename=b; filename*=''a\n\n"
                .to_owned(),
            &["P022 other-name | 1 a/o b: ", "P022 other-name | 1 a/o c: "],
        ),
        (
            "one name twice",
            "MIME-Version: 1.0\nContent-Disposition: attachment; filename=a; filename=b\n\n".to_owned(),
            &["P021 other-name | 1 text/plain b: "],
        ),
        (
            "a type with a fold in it",
            "MIME-Version: 1.0\nContent-Type: text/ht\n ml\n\n<b>\n".to_owned(),
            &["T010 field-unseen | 1 text/plain: <b>", "T010 mended-type | 1 text/html: <b>"],
        ),
        (
            "a boundary within that of the inner multipart",
            file(&format!("{mixed}--b\nContent-Type: multipart/alternative; boundary=bb\n\n\
                           --bb\n\nhi\n--bb--\n--b\nFILE--b--\n")),
            &["B020 prefix-delimiter | 3 text/plain: "],
        ),
        (
            "a boundary twice",
            file(&format!("{mixed}--b\nContent-Type: multipart/alternative; boundary=b\n\n\
                           --b\n\nhi\n--b\nFILE--b--\n")),
            &["B024 outer-boundary | 1 multipart/alternative: "],
        ),
        (
            "a fragment",
            "MIME-Version: 1.0\nContent-Type: message/partial; id=a; number=1\n\nSubject: x\n\nhi\n"
                .to_owned(),
            &["T020 message-inside | 1.1 text/plain: hi"],
        ),
        (
            "base64 without a label",
            "MIME-Version: 1.0\n\nRVZJTC1QQVlMT0FELTAx\n".to_owned(),
            &["E051 base64 | 1 text/plain: EVIL-PAYLOAD-01"],
        ),
        (
            "base64 for addresses",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n_-Ph\n".to_owned(),
            &["E030 undecoded | 1 text/plain: _-Ph", "E030 url-safe | 1 text/plain: \\xff\\xe3\\xe1"],
        ),
        (
            "two codings in a field",
            "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable base64\n\naGk=\n".to_owned(),
            &["E012 undecoded | 1 text/plain: aGk=", "E012 base64 | 1 text/plain: hi"],
        ),
        (
            "an empty line too early",
            file(&format!("{mixed}--b\n\nFILE--b--\n")),
            &["H037 empty-lines-skipped | 1 a/o e: EVIL"],
        ),
        (
            "a close delimiter and more",
            file(&format!("{mixed}--b\n\nhi\n--b--x\nFILE--b--\n")),
            &[
                "B021 prefix-delimiter | 1 text/plain: hi",
                "B021 prefix-delimiter | 1 text/plain: hi | 2 a/o e: EVIL",
            ],
        ),
        (
            "an encoded message",
            "MIME-Version: 1.0\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
             U3ViamVjdDogeAoKaGkK\n"
                .to_owned(),
            &["E021 undecoded | 1.1 text/plain: U3ViamVjdDogeAoKaGkK"],
        ),
    ];
    let mut failed = String::new();
    for (name, text, expected) in cases {
        let told = told(text.as_bytes());
        if told != *expected {
            let (told, expected) = (told.join("\n  "), expected.join("\n  "));
            failed += &format!("\n{name}:\n  {told}\nnot\n  {expected}");
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// Lines that matter to views, in any order.
fn odd_message() -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&'static [u8]> = vec![
        b"Content-Type: multipart/mixed; boundary=b\n",
        b"Content-Type: multipart/digest; boundary=\"bb\"; boundary=b\r\n",
        b"Content-Type: multi\n part/mixed; boundary=\"b\n",
        b"Content-Type: multipart/mixed\n",
        b"Content-Type: multipart/x; boundary=\"\"\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Type : text/html; name=a; name*=''b\n",
        b"Content-\n Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: base64 x\n",
        b"Content-Transfer-Encoding: base-64\n",
        b"Content-Disposition: attachment; filename=\"a\0b\"; filename=c\n",
        b"\"Content-Type\": text/html\n",
        b"Subject: a\r\rContent-Type: a/b\r\rx\n",
        b"junk\n",
        b"-b\n",
        b"---bb--\n",
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"--b\n",
        b" --b\n",
        b"--b x\n",
        b"--b--\n",
        b"--bb\n",
        b"--\n",
        b"----\n",
        b"begin 644 e\n#0V%T\n`\nend\n",
        b"YQ==\nYWJj\n",
        b"text",
    ];
    proptest::collection::vec(proptest::sample::select(lines), 0..30).prop_map(|it| it.concat())
}

proptest! {
    #[test]
    fn of_any_message_views_are_sound(text in odd_message()) {
        let message = structure(&text);
        let found = all(&text);
        prop_assert!(!found.is_cut && found.views.len() <= MOST);
        for view in &found.views {
            prop_assert!(view.parts().len() > 0);
            let mut last = None;
            for part in view.parts() {
                prop_assert!(last < Some(view.index(part)));
                last = Some(view.index(part));
                for span in [part.header(), part.body()].into_iter().flatten() {
                    prop_assert!(span.start <= span.end && span.end <= message.length());
                }
                let _ = part.number();
            }
            let mut leaves = Leaves(view, Vec::new());
            view.read(&message, &text[..], &mut leaves).expect("no I/O");
            prop_assert_eq!(leaves.1.len(), view.parts().filter(Part::is_leaf).count());
        }
        prop_assert_eq!(told(&text), told(&text));
    }

    #[test]
    fn changes_are_read_in_place(
        text in "[a-c\r\n]{0,60}",
        cuts in proptest::collection::vec((0..60u64, 0..4u64, "[xy]{0,3}"), 0..6),
        step in 1..9usize,
    ) {
        let end = text.len() as u64;
        let span = |at: u64, len: u64| Span::new(at.min(end), (at + len).min(end));
        let changes = cuts.iter().map(|(at, len, with)| altered::Edit::new(span(*at, *len), with.as_bytes()));
        let edits = Edits::new(changes.collect());
        let whole = Span::new(0, end);
        let (mut expected, mut at) = (Vec::new(), 0);
        for edit in edits.iter() {
            let altered::With::Octets(with) = &edit.with else { unreachable!() };
            expected.extend_from_slice(&text.as_bytes()[at..edit.span.start as usize]);
            expected.extend_from_slice(with);
            at = edit.span.end as usize;
        }
        expected.extend_from_slice(&text.as_bytes()[at..]);
        let mut reader = Altered::new(text.as_bytes(), &edits, whole);
        let (mut read, mut piece) = (Vec::new(), vec![0; step]);
        while let Ok(len @ 1..) = io::Read::read(&mut reader, &mut piece) {
            read.extend_from_slice(&piece[..len]);
        }
        prop_assert_eq!(&read, &expected);
        // What was read as it is stands where it came from.
        let places = edits.places(whole);
        for at in 0..read.len() as u64 {
            let place = places.span(Span::new(at, at + 1)).expect("nothing is decoded");
            prop_assert!(place.end <= end);
            if matches!(read[at as usize], b'a'..=b'c') {
                prop_assert_eq!(text.as_bytes()[place.start as usize], read[at as usize]);
                prop_assert_eq!(place.len(), 1);
            }
        }
    }
}

#[test]
fn a_cr_ends_a_line_over_any_cut() {
    let (text, edits) = (b"a\rb\r\nc\r\rd\r", Edits::cr_ends_lines());
    for step in 1..text.len() {
        let whole = Span::new(0, text.len() as u64);
        let mut reader = Altered::new(&text[..], &edits, whole);
        let (mut read, mut piece) = (Vec::new(), vec![0; step]);
        while let Ok(len @ 1..) = io::Read::read(&mut reader, &mut piece) {
            read.extend_from_slice(&piece[..len]);
        }
        assert_eq!(read, b"a\nb\r\nc\n\nd\n", "{step}");
    }
}

/// Counts the octets that are read.
struct Counted<'a>(&'a [u8], Cell<u64>);

impl Octets for Counted<'_> {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let len = self.0.read_at(offset, out)?;
        self.1.set(self.1.get() + len as u64);
        Ok(len)
    }
}

#[test]
fn what_is_read_again_is_bounded() {
    // Each of these choices concerns all of the message.
    let rows = "Content-Type: text/x; charset=a; charset=b; name=\"\0\"; name=c d; name*=e\n\
                junk\nContent-\n Type: text/y\nContent-Type: text/z\nContent-Type : text/ö\n\
                Content-Transfer-Encoding: base-64\nContent-Transfer-Encoding : base64 x\n\
                Content-Disposition: x; filename=a; filename=b; filename*=''c%00\n\n";
    let body = "x\r\nbegin 644 e\n--a b\n --a\n".repeat(5_000);
    for text in [format!("{rows}{body}"), format!("{rows}{body}").repeat(4), rows.to_owned()] {
        let counted = Counted(text.as_bytes(), Cell::new(0));
        let found = views(&structure(text.as_bytes()), &counted, Wanted::All).expect("no I/O");
        assert_eq!(found.is_cut, text.len() > rows.len());
        // To find them, to read them, and the headers.
        let most = (text.len() as u64 * TIMES).max(FREE) * 2 + text.len() as u64 * 2;
        assert!(counted.1.get() <= most && counted.1.get() > 0, "{} of {most}", counted.1.get());
    }
    // Parts of their own cost what they are.
    let part = "--b\nContent-Type: text/a\nContent-Type: text/b\n\nhi\n";
    let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", part.repeat(400));
    let many = all(many.as_bytes());
    assert!(many.is_cut && many.views.len() == MOST, "{}", many.views.len());
}
