//! What went wrong in other programs, and what septet makes of the same: one row for each fault, with
//! a small message of our own that asks for it. Faults whose test stands with its room are named at
//! the end, and it is made sure that the test is there.
//!
//! Expectations come from the RFCs and from what the advisories say should have happened. That none of
//! it takes more than linear time is held by `ci/instructions`, that it needs no stack by `robust.rs`.

use std::collections::BTreeSet;
use std::path::Path;

use septet::base::{Eol, Finding, Limits, Rule, Span};
use septet::charset::Charset;
use septet::convert::stuffing::Stuffer;
use septet::extract::{Files, Found, Inline, Tnef, safe_name};
use septet::header::mime;
use septet::header::words::{self, Place};
use septet::header::write::{Outcome, Style, rewrite};
use septet::header::{Context, address, date, ids, params};
use septet::structure::{Builder, Structure};
use septet::transfer::{Coding, Content, Decoder, Encoder, Layout, LineEnd};
use septet::walk::{Reader, Separator};

/// What is asked of the octets; the answer is text.
type Ask = fn(&[u8]) -> String;

/// The fault, the octets, what is asked of them, the answer.
type Row = (&'static str, Ask, fn() -> Vec<u8>, &'static str);

fn context() -> Context {
    Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 }
}

fn repeated(piece: &str, count: usize) -> Vec<u8> {
    piece.repeat(count).into_bytes()
}

/// `before`, so many pieces, `after`.
fn around(before: &str, piece: &str, count: usize, after: &str) -> Vec<u8> {
    [before, &piece.repeat(count), after].concat().into_bytes()
}

fn ids_of(found: &[(Rule, Span)]) -> String {
    let ids: BTreeSet<_> = found.iter().map(|(rule, _)| rule.info().id).collect();
    ids.into_iter().collect::<Vec<_>>().join(" ")
}

/// Each address as it is told from the others: `name <address>`, `-` where there is none.
fn addresses(raw: &[u8]) -> String {
    let all = address::parse(raw, &context(), &mut ());
    let shown = all.iter().map(|one| {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!("{} <{}>", part(&one.name), part(&one.address))
    });
    shown.collect::<Vec<_>>().join(" | ")
}

fn address_count(raw: &[u8]) -> String {
    address::parse(raw, &context(), &mut ()).len().to_string()
}

fn unstructured(raw: &[u8]) -> String {
    words::decode(raw, Place::Text, &context(), &mut ()).text
}

fn length(raw: &[u8]) -> String {
    unstructured(raw).len().to_string()
}

/// The parameters of a field body, and the rules that speak of them.
fn parameters(raw: &[u8]) -> String {
    let mut found = Vec::new();
    let read = params::parse(raw, &context(), &mut found);
    let all = read.params.iter().map(|param| format!("{}={}", param.name, param.value.text));
    format!("{}; {}", all.collect::<Vec<_>>().join("; "), ids_of(&found))
}

fn rules_of_parameters(raw: &[u8]) -> String {
    let mut found = Vec::new();
    params::parse(raw, &context(), &mut found);
    ids_of(&found)
}

/// The file that a Content-Disposition names, as it would be called on disk.
fn file(raw: &[u8]) -> String {
    let disposition = mime::disposition(raw, &context(), &mut ());
    let name = mime::filename(Some(&disposition), None, &mut ());
    name.as_deref().and_then(safe_name).unwrap_or_else(|| "-".to_owned())
}

fn dates(raw: &[u8]) -> String {
    date::parse(raw, &mut ()).map_or_else(|| "-".to_owned(), |date| date.rfc3339())
}

fn message_ids(raw: &[u8]) -> String {
    ids::parse(raw).join(" ")
}

/// What is known of a message.
fn structure<T>(message: &[u8], of: impl FnOnce(&Structure) -> T) -> T {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(message, Limits::default(), options);
    of(builder.read(&mut reader, &mut ()).expect("from memory").expect("a message"))
}

/// Each part: number, type, octets of a leaf.
fn tree(message: &[u8]) -> String {
    structure(message, |structure| {
        let parts = structure.parts().map(|part| match part.size() {
            Some(size) => format!("{} {} {size}", part.number(), part.essence()),
            None => format!("{} {}", part.number(), part.essence()),
        });
        parts.collect::<Vec<_>>().join(", ")
    })
}

/// How deep it goes, how many parts there are, which limits were met.
fn extent(message: &[u8]) -> String {
    structure(message, |structure| {
        let depth = structure.parts().map(|part| part.depth()).max().unwrap_or(0);
        let is_limit = |finding: &&Finding| finding.rule.info().id.starts_with('D');
        let limits = structure.findings().iter().filter(is_limit);
        let limits: BTreeSet<_> = limits.map(|finding| finding.rule.info().id).collect();
        let limits = limits.into_iter().collect::<Vec<_>>().join(" ");
        format!("depth {depth}, {} parts, {limits}", structure.parts().len())
    })
}

fn decoded(coding: Coding, octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut decoder = Decoder::new(coding, Eol::Lf);
    // In pieces that no coding has a unit of.
    octets.chunks(5).for_each(|piece| decoder.decode(piece, &mut out, &mut ()));
    decoder.finish(&mut out, &mut ());
    out
}

fn base64(octets: &[u8]) -> String {
    decoded(Coding::Base64, octets).escape_ascii().to_string()
}

fn encoded_and_back(octets: &[u8]) -> String {
    let codings = [Coding::Base64, Coding::QuotedPrintable, Coding::Uuencode];
    let differs = |coding: &Coding| {
        let layout =
            Layout { line_end: LineEnd::CrLf, content: Content::Binary, name: b"a", guards: false };
        (0..=octets.len()).any(|length| {
            let mut encoder = Encoder::new(*coding, &layout);
            let mut out = Vec::new();
            encoder.encode(&octets[..length], &mut out);
            encoder.finish(&mut out);
            decoded(*coding, &out) != octets[..length]
        })
    };
    let wrong = codings.iter().filter(|coding| differs(coding));
    wrong.map(|coding| coding.name()).collect::<Vec<_>>().join(" ")
}

/// What a field becomes that is written for 7 bits.
fn written(field: &[u8]) -> String {
    match rewrite(field, &context(), &Style::default()) {
        Outcome::Clean => "clean".to_owned(),
        Outcome::Rewritten(written) => written.octets.escape_ascii().to_string(),
        Outcome::Refused(refusal) => format!("refused: {}", refusal.reason),
    }
}

fn longest_line(field: &[u8]) -> String {
    let Outcome::Rewritten(written) = rewrite(field, &context(), &Style::default()) else {
        return "not written".to_owned();
    };
    let lines = written.octets.split(|&c| c == b'\n').map(<[u8]>::trim_ascii_end);
    format!("at most {}", lines.map(<[u8]>::len).max().unwrap_or(0).max(78))
}

/// What follows DATA, cut into single octets.
fn stuffed(message: &[u8]) -> String {
    let (mut stuffer, mut out) = (Stuffer::default(), Vec::new());
    message.chunks(1).for_each(|octet| stuffer.stuff(octet, &mut out));
    stuffer.finish(&mut out);
    out.escape_ascii().to_string()
}

#[derive(Default)]
struct Sizes(Vec<(usize, bool)>);

impl Files for Sizes {
    fn begin(&mut self) -> std::io::Result<()> {
        self.0.push((0, false));
        Ok(())
    }
    fn data(&mut self, octets: &[u8]) -> std::io::Result<()> {
        self.0.last_mut().expect("a file is open").0 += octets.len();
        Ok(())
    }
    fn end(&mut self, found: Found) -> std::io::Result<()> {
        self.0.last_mut().expect("a file is open").1 = found.is_intact;
        Ok(())
    }
}

impl Sizes {
    fn text(&self) -> String {
        let shown = |(size, whole): &(usize, bool)| {
            format!("{size} {}", if *whole { "whole" } else { "broken" })
        };
        self.0.iter().map(shown).collect::<Vec<_>>().join(", ")
    }
}

fn files_in_text(text: &[u8]) -> String {
    let (mut inline, mut files) = (Inline::new(Eol::Lf), Sizes::default());
    inline.feed(text, &mut files).expect("to memory");
    inline.finish(&mut files).expect("to memory");
    files.text()
}

fn files_in_tnef(octets: &[u8]) -> String {
    let (mut tnef, mut files) = (Tnef::default(), Sizes::default());
    tnef.feed(octets, &mut files).expect("to memory");
    tnef.finish(&mut files).expect("to memory");
    files.text()
}

/// A TNEF with one attribute, an attachment's data, that claims to be `length` octets long.
fn tnef(length: u32, data: &[u8]) -> Vec<u8> {
    let mut octets = vec![0x78, 0x9f, 0x3e, 0x22, 1, 0];
    octets.extend([2, 0x02, 0x90, 0x06, 0, 0, 0, 0, 0, 0, 0]);
    octets.push(2);
    octets.extend(0x0006_800F_u32.to_le_bytes());
    octets.extend(length.to_le_bytes());
    octets.extend(data);
    octets
}

const NESTING: &[Row] = &[
    (
        "CVE-2020-12100, GMime 2019: stack overflow on nested multiparts",
        extent,
        || {
            let level = |i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
            (0..100_000).map(level).collect::<String>().into_bytes()
        },
        "depth 1000, 1001 parts, D001 D010 D016",
    ),
    (
        "the same with messages",
        extent,
        || repeated("Content-Type: message/rfc822\n\n", 100_000),
        "depth 1000, 1001 parts, D001 D010 D016",
    ),
    (
        "CVE-2023-24536, 2017-1000098: very many parts",
        extent,
        || around("Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", 200_000, "--b--\n"),
        "depth 1, 100001 parts, D002 D016",
    ),
    ("GMime 3.2.13, CVE-2025-14874: nested groups", address_count, || repeated("g:", 50_000), "1"),
    ("CVE-2021-3181: empty groups take memory", address_count, || repeated(";", 1_000_000), "0"),
    ("CVE-2026-27857: parentheses take memory", addresses, || around("", "(", 1_000_000, ""), ""),
    (
        "the same, closed, behind an address",
        addresses,
        || around("a@b ", "(", 10_000, &")".repeat(10_000)),
        "- <a@b>",
    ),
    (
        "CVE-2026-25727: comments nested in a date",
        dates,
        || around("1 Jan 2026 00:00:00 +0000 ", "(", 100_000, &")".repeat(100_000)),
        "2026-01-01T00:00:00+00:00",
    ),
];

const QUADRATIC: &[Row] = &[
    (
        "CVE-2026-27859: many pieces of a parameter",
        rules_of_parameters,
        || {
            let piece = |i| format!("; a*{i}=b");
            ("x/y".to_owned() + &(0..100_000).map(piece).collect::<String>()).into_bytes()
        },
        "D014",
    ),
    (
        "CVE-2024-23184: very many To fields",
        extent,
        || around("", "To: a@b.example\n", 100_000, "\nx\n"),
        "depth 0, 1 parts, D003 D016",
    ),
    (
        "CVE-2024-23185, 2023-24534: a header of many MB",
        extent,
        || around("", &format!("X: {}\n", "x".repeat(990)), 20_000, "\nx\n"),
        "depth 0, 1 parts, D003",
    ),
    (
        "CVE-2023-45290: one very long line",
        extent,
        || around("X: ", "x", 4 << 20, "\n\nx\n"),
        "depth 0, 1 parts, D004",
    ),
    (
        "CVE-2025-61725: a domain literal without end",
        address_count,
        || around("a@", "[", 100_000, ""),
        "1",
    ),
    // 10,000 of them are words after all (`=?utf-8?q?=?utf-8?q?=`), and lose 12 octets.
    ("CVE-2026-42504: words that never end", length, || repeated("=?utf-8?q?", 100_000), "880000"),
    ("the same: starts of words", length, || repeated("=?", 100_000), "200000"),
    ("CVE-2025-61724: a value of very many lines", length, || repeated("a\n ", 100_000), "199999"),
    (
        "nodemailer #1755: a long data URL",
        length,
        || around("data:image/png;base64,", "QUFB", 250_000, ""),
        "1000022",
    ),
];

const BOUNDS: &[Row] = &[
    (
        "CVE-2019-19722: groups where an address should stand",
        addresses,
        || b"undisclosed:; , g: a@b.example, <c@d.example>;".to_vec(),
        "- <-> | - <a@b.example> | - <c@d.example>",
    ),
    ("CVE-2018-6789: base64 cut at every length", base64, || b"QUJDRA".to_vec(), "ABCD"),
    ("the same with a single octet left over", base64, || b"QUJDR".to_vec(), "ABC"),
    (
        "CVE-2010-0409, RUSTSEC-2017-0004: encoded sizes",
        encoded_and_back,
        || (0..=255).chain(0..100).collect(),
        "",
    ),
    (
        "CVE-2020-28016: an empty phrase",
        addresses,
        || b"\"\" <a@b.example>, () <c@d.example>".to_vec(),
        "- <a@b.example> | - <c@d.example>",
    ),
    (
        "CVE-2026-40686: UTF-8 that is cut off",
        unstructured,
        || b"gr\xc3\xbc\xe2\x82".to_vec(),
        "grÃ¼â‚",
    ),
    ("GMime 2017: a domain literal that is cut off", addresses, || b"a@[".to_vec(), "- <a@[>"),
    ("GMime 2017: a quoted string that is cut off", addresses, || b"\"\\".to_vec(), "\\ <->"),
    ("MimeKit 2026: a message-id that is cut off", message_ids, || b"<a@".to_vec(), "a@"),
    (
        "NeoMutt 2026: references of rubbish",
        message_ids,
        || b"<> < <a@b> > <c\0@d> <e@f".to_vec(),
        "a@b c\0@d e@f",
    ),
    (
        "mime4j MIME4J-235: a boundary in pieces",
        tree,
        || {
            b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nx\n--ab--\n"
                .to_vec()
        },
        "0 multipart/mixed, 1 text/plain 1",
    ),
    (
        "CVE-2022-1328: uuencoded lines longer than they say",
        files_in_text,
        || b"begin 644 a\n!0V%T0V%T0V%T\n~0V%T\n`\nend\n".to_vec(),
        "1 broken",
    ),
    (
        "CVE-2004-0105: a very long boundary",
        tree,
        || around("Content-Type: multipart/mixed; boundary=", "b", 5000, "\n\n--b\n\nx\n"),
        "1 multipart/mixed 7",
    ),
    ("ytnef: a length beyond the end", files_in_tnef, || tnef(u32::MAX, b"abc"), "3 broken"),
    ("ytnef: no octets at all", files_in_tnef, || tnef(0, b""), "0 broken"),
];

const INJECTION: &[Row] = &[
    (
        "CVE-2026-30227: a line end in a quoted local part",
        addresses,
        || b"\"a\r\nRCPT TO:<x@y>\"@b.example".to_vec(),
        "- <\"aRCPT TO:<x@y>\"@b.example>",
    ),
    (
        "CVE-2024-21742, 2024-6923: a decoded line end in a written field",
        written,
        || "Subject: =?utf-8?q?a=0D=0ABcc:_x?= \u{fc}\n".as_bytes().to_vec(),
        "Subject: =?utf-8?q?a=0D=0ABcc:_x?= =?UTF-8?B?IMO8?=\\r\\n",
    ),
    (
        "CVE-2026-1299: a bare CR in a field",
        written,
        || b"Subject: a\rBcc: x\n".to_vec(),
        "Subject: =?UTF-8?Q?a=0DBcc:?= x\\r\\n",
    ),
    (
        "CVE-2026-0672: a NUL in a field",
        written,
        || b"Subject: a\0b\n".to_vec(),
        "refused: a NUL cannot be written in a header",
    ),
    (
        "CVE-2023-51764: LF dot LF",
        stuffed,
        || b"a\n.\nMAIL\n".to_vec(),
        "a\\r\\n..\\r\\nMAIL\\r\\n.\\r\\n",
    ),
    (
        "CVE-2023-51765: LF dot CRLF",
        stuffed,
        || b"a\n.\r\nMAIL\r\n".to_vec(),
        "a\\r\\n..\\r\\nMAIL\\r\\n.\\r\\n",
    ),
    (
        "CVE-2023-51766: CR dot CR",
        stuffed,
        || b"a\r.\rMAIL\r".to_vec(),
        "a\\r\\n..\\r\\nMAIL\\r\\n.\\r\\n",
    ),
    (
        "CVE-2023-51747: dot CR CRLF",
        stuffed,
        || b"a\r\n.\r\r\nMAIL\r\n".to_vec(),
        "a\\r\\n..\\r\\n\\r\\nMAIL\\r\\n.\\r\\n",
    ),
    (
        "RUSTSEC-2021-0069: a dot behind an empty line",
        stuffed,
        || b"a\r\n\r\n.\r\n".to_vec(),
        "a\\r\\n\\r\\n..\\r\\n.\\r\\n",
    ),
    (
        "CVE-2017-16944: lines of dots",
        tree,
        || b".\n..\nSubject: x\n.\n\n.\n".to_vec(),
        "1 text/plain 21",
    ),
];

const CONFUSION: &[Row] = &[
    (
        "CVE-2019-16056: two at signs",
        addresses,
        || b"alice@example.org@evil.example".to_vec(),
        "- <alice@example.org@evil.example>",
    ),
    (
        "CVE-2023-27043: an address behind a comment in brackets",
        addresses,
        || b"alice@example.org)bob@evil.example".to_vec(),
        "- <alice@example.org)bob@evil.example>",
    ),
    (
        "CVE-2024-24784: a comment in a display name",
        addresses,
        || b"A (x@evil.example) B <a@b.example>".to_vec(),
        "A B (x@evil.example) <a@b.example>",
    ),
    (
        "nodemailer: a quoted local part with an at sign",
        addresses,
        || b"\"evil@example.org x\"@internal.example".to_vec(),
        "- <\"evil@example.org x\"@internal.example>",
    ),
    (
        "an address in a display name",
        addresses,
        || b"\"boss@corp.example\" <x@evil.example>".to_vec(),
        "boss@corp.example <x@evil.example>",
    ),
    (
        "Mailsploit: an encoded-word as a local part",
        addresses,
        || b"=?utf-8?q?potus=40whitehouse.gov=00?=@evil.example".to_vec(),
        "- <=?utf-8?q?potus=40whitehouse.gov=00?=@evil.example>",
    ),
    (
        "MIME::Tools 2002: words with white space between them",
        unstructured,
        || b"=?utf-8?q?a?= =?utf-8?q?b?=".to_vec(),
        "ab",
    ),
    (
        "mutt 2023: letters that are no base64 in a word",
        unstructured,
        || b"=?utf-8?b?QU!JD?=".to_vec(),
        "ABC",
    ),
];

const EVASION: &[Row] = &[
    (
        "CVE-2024-39929: a file name in pieces over lines",
        file,
        || b"attachment; filename*0=\"evil.e\";\r\n filename*1=\"xe\"".to_vec(),
        "evil.exe",
    ),
    (
        "MIME::Tools 2002: a space in a bare file name",
        file,
        || b"attachment; filename=bad boy.exe".to_vec(),
        "bad boy.exe",
    ),
    (
        "CVE-2026-43861: %00 in a file name",
        file,
        || b"attachment; filename*=utf-8''a.txt%00.exe".to_vec(),
        "a.txt_.exe",
    ),
    (
        "CVE-2021-23772, 2002-1425: a path as file name",
        file,
        || b"attachment; filename=\"../../etc/passwd\"".to_vec(),
        "passwd",
    ),
    (
        "the same for Windows",
        file,
        || b"attachment; filename=\"..\\\\..\\\\evil.exe\"".to_vec(),
        "evil.exe",
    ),
    (
        "CVE-2019-16276: a space before the colon",
        tree,
        || b"Content-Type : multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n".to_vec(),
        "0 multipart/mixed, 1 text/plain 1",
    ),
    (
        "SWITCH-CERT: a comment behind the boundary",
        tree,
        || b"Content-Type: multipart/mixed; boundary=b(c)\n\n--b\n\nx\n--b--\n".to_vec(),
        "0 multipart/mixed, 1 text/plain 1",
    ),
    (
        "SWITCH-CERT: a header that ends at a delimiter",
        tree,
        || b"Content-Type: multipart/mixed; boundary=b\n--b\n\nx\n--b\n\ny\n--b--\n".to_vec(),
        "0 multipart/mixed, 1 text/plain 1, 2 text/plain 1",
    ),
    (
        "SWITCH-CERT: an empty line before the header",
        tree,
        || b"\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n".to_vec(),
        "1 text/plain 56",
    ),
    (
        "CVE-2004-0104: format strings",
        parameters,
        || b"%n%n; %s=%s; name=\"%n%x%s\"".to_vec(),
        "%s=%s; name=%n%x%s; ",
    ),
    ("bpo-37461: a quote that is never closed", parameters, || b"x/y; a=\"".to_vec(), "a=; P033"),
    ("bpo-37764: a word that never ends", unstructured, || b"=?utf-8?q?=".to_vec(), "=?utf-8?q?="),
    (
        "bpo-33529: a long word without a place to fold",
        longest_line,
        || around("Subject: ", "x", 10_000, "\n"),
        "at most 78",
    ),
];

#[test]
fn what_went_wrong_elsewhere() {
    let mut wrong = Vec::new();
    for rows in [NESTING, QUADRATIC, BOUNDS, INJECTION, CONFUSION, EVASION] {
        for (name, ask, octets, expected) in rows {
            let answer = ask(&octets());
            if answer != *expected {
                wrong.push(format!("{name}\n  {answer}\n  instead of\n  {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Random octets, of which MimeKit and others did not come back.
#[test]
fn rubbish_ends() {
    let mut state = 1u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    for length in 0..400 {
        let octets: Vec<u8> = (0..length).map(|_| random()).collect();
        for ask in [addresses, unstructured, parameters, dates, message_ids, base64, file] {
            ask(&octets);
        }
        tree(&[b"x", &octets[..]].concat());
        files_in_text(&octets);
        files_in_tnef(&octets);
    }
}

/// Faults whose tests need a folder, an archive or a command: the test's file and its name.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "CVE-2020-7046, 7957: text cut at any octet",
        "src/charset/decoder.rs",
        "any_cut_gives_the_same_text",
    ),
    (
        "CVE-2025-59031, RUSTSEC-2021-0080: links in archives",
        "src/mailbox/archive/tests.rs",
        "what_is_no_file_in_a_zip_archive",
    ),
    ("CVE-2026-42496: names in archives", "src/mailbox/archive/tests.rs", "names_are_only_shown"),
    (
        "CVE-2010-2023: links where a mailbox is written",
        "src/extract/folder/tests.rs",
        "links_are_not_followed",
    ),
    (
        "CVE-2022-45787: files that others may read",
        "src/extract/folder/tests.rs",
        "files_are_their_owners",
    ),
    ("CVE-2002-1424: names with a path", "src/extract/name.rs", "makes_names_safe"),
    ("CVE-2026-42507: input in errors", "tests/terminal.rs", "what_is_said_in_pipes_is_escaped"),
    (
        "CVE-2026-54432: types and names in output",
        "tests/terminal.rs",
        "nothing_controls_a_terminal",
    ),
    ("CVE-2024-45626: HTML as text", "tests/robust.rs", "commands_need_little_stack"),
    ("CVE-2017-17688, EFAIL: HTML parts are not joined", "src/structure/tests.rs", "main_bodies"),
    (
        "CVE-2026-42499, 39820, bpo gh-136063: linear time",
        "src/header/write/tests.rs",
        "hostile_fields_take_linear_time",
    ),
    ("RUSTSEC-2023-0054: encoders without unsafe", "tests/layers.rs", "no_unsafe_code"),
    ("RUSTSEC-2020-0069: no program is run", "tests/terminal.rs", "nothing_is_fetched_or_run"),
    (
        "CVE-2017-9470 to 12144: broken TNEFs",
        "src/extract/tnef/tests.rs",
        "any_octets_give_the_same_at_any_cut",
    ),
];

#[test]
fn the_others_have_their_tests() {
    for (fault, file, test) in ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(&path).expect("a file of tests");
        assert!(text.contains(&format!("fn {test}(")), "{fault}: {file} has no {test}");
    }
}
