//! The laws of a conversion hold for any message: the result is clean or the reason is said, it says
//! the same, it does not change again, and it differs only where it must.

mod common;

use common::convert::{convert, dirt, laws, same};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use septet::convert::{Action, Options, Preamble, Signed, Target, TextCoding};
use septet::transfer::LineEnd;

/// Pieces of bodies; `~` is the line end of the message.
const PIECES: &[&[u8]] = &[
    b"plain words",
    b"~",
    b"~",
    b"~~",
    b" ",
    b"caf\xc3\xa9",
    b"na\xefve",
    b"\xff",
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"=",
    b"=3D",
    b"=E9=~",
    b"~From here",
    b"~.~",
    b"~--",
    b"~--b0",
    b"~--b1--~",
    b"\t~",
    b"QUJD~",
    b"bnVs/w==~",
    b"begin 644 a~#0V%T~`~end~",
    b"Subject: x~",
    b"@@@",
];

/// As they stand behind the name of the field.
const LABELS: &[&str] = &[
    "7bit",
    "8bit",
    "8bit",
    "binary",
    "quoted-printable",
    "base64",
    "x-uuencode",
    "8-bit",
    "7bit;",
    "BASE64 (all of it)",
    "x-unknown",
    "",
];

const TYPES: &[&str] = &[
    "text/plain; charset=utf-8",
    "text/plain; charset=utf-8",
    "text/html; charset=iso-8859-1",
    "text/plain; charset=utf-16",
    "text/plain",
    "application/octet-stream",
    "application/octet-stream",
    "application/json",
    "message/delivery-status",
    "message/partial; id=a; number=1",
    "nonsense",
];

const FIELDS: &[&[u8]] = &[
    b"Subject: a  folded~\tsubject ~",
    b"from: Jo <jo@example.org>~",
    b"X-Odd :  spaced~",
    b"Subject: caf\xc3\xa9~",
    b"no field~",
    b"MIME-Version: 1.0~",
];

#[derive(Clone, Debug)]
struct Node {
    fields: Vec<&'static [u8]>,
    label: Option<&'static str>,
    kind: Content,
    before: Vec<&'static [u8]>,
    after: Vec<&'static [u8]>,
    closes: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Leaf(Option<&'static str>),
    Multipart(&'static str, Vec<Node>),
    Message(&'static str, Box<Node>),
}

fn octets() -> impl Strategy<Value = Vec<&'static [u8]>> {
    vec(select(PIECES), 0..12)
}

/// What stands around parts, which is mostly clean.
fn around() -> impl Strategy<Value = Vec<&'static [u8]>> {
    prop_oneof![
        4 => Just(Vec::new()),
        2 => vec(select(&PIECES[..4]), 0..4),
        1 => octets(),
    ]
}

fn node(kind: BoxedStrategy<Content>) -> impl Strategy<Value = Node> {
    let fields = vec(prop_oneof![8 => select(&FIELDS[..3]), 1 => select(&FIELDS[3..])], 0..3);
    let label = proptest::option::of(select(LABELS));
    (fields, label, kind, octets(), around(), proptest::bool::weighted(0.8)).prop_map(
        |(fields, label, kind, body, epilogue, closes)| {
            let before = match kind {
                Content::Leaf(_) => body,
                // A preamble is mostly clean.
                _ if body.len() > 4 => Vec::new(),
                _ => body,
            };
            Node { fields, label, kind, before, after: epilogue, closes }
        },
    )
}

fn message() -> impl Strategy<Value = Node> {
    let leaf = node(proptest::option::of(select(TYPES)).prop_map(Content::Leaf).boxed());
    leaf.prop_recursive(3, 12, 3, |inner| {
        let multiparts: &[&str] = &["mixed", "mixed", "alternative", "digest", "signed"];
        let messages: &[&str] = &["message/rfc822", "message/rfc822", "message/global"];
        let multipart = (select(multiparts), vec(inner.clone(), 0..3))
            .prop_map(|(name, parts)| Content::Multipart(name, parts));
        let message = (select(messages), inner)
            .prop_map(|(name, inside)| Content::Message(name, Box::new(inside)));
        node(prop_oneof![3 => multipart, 1 => message].boxed())
    })
}

/// Writes messages: the line end, and how many boundaries there are.
struct Writer {
    line_end: &'static [u8],
    boundaries: usize,
    out: Vec<u8>,
}

impl Writer {
    fn push(&mut self, text: &[u8]) {
        for &c in text {
            match c {
                b'~' => self.out.extend_from_slice(self.line_end),
                b'@' => self.out.extend_from_slice(&[b'x'; 400]),
                _ => self.out.push(c),
            }
        }
    }

    fn node(&mut self, node: &Node) {
        node.fields.iter().for_each(|field| self.push(field));
        let boundary = self.boundaries;
        let kind = match &node.kind {
            Content::Leaf(kind) => kind.map(str::to_owned),
            Content::Multipart(name, _) => {
                self.boundaries += 1;
                Some(format!("multipart/{name}; boundary=b{boundary}"))
            }
            Content::Message(name, _) => Some((*name).to_owned()),
        };
        if let Some(kind) = kind {
            self.push(format!("Content-Type: {kind}~").as_bytes());
        }
        if let Some(label) = node.label {
            self.push(format!("content-transfer-encoding:  {label}~").as_bytes());
        }
        self.push(b"~");
        match &node.kind {
            Content::Leaf(_) => node.before.iter().for_each(|piece| self.push(piece)),
            Content::Message(_, inside) => self.node(inside),
            Content::Multipart(_, parts) => {
                node.before.iter().for_each(|piece| self.push(piece));
                if !node.before.is_empty() {
                    self.push(b"~");
                }
                for part in parts {
                    self.push(format!("--b{boundary}~").as_bytes());
                    self.node(part);
                    self.push(b"~");
                }
                if node.closes {
                    self.push(format!("--b{boundary}--~").as_bytes());
                    node.after.iter().for_each(|piece| self.push(piece));
                }
            }
        }
    }
}

fn write(node: &Node, crlf: bool) -> Vec<u8> {
    let line_end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut writer = Writer { line_end, boundaries: 0, out: Vec::new() };
    writer.node(node);
    writer.out
}

fn show(text: &[u8]) -> String {
    text.escape_ascii().to_string().replace("\\n", "\\n\n").replace(&"x".repeat(400), "@")
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        max_shrink_iters: 3000,
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    }
}

fn options() -> impl Strategy<Value = Options> {
    let targets = select(&[Target::SevenBit, Target::EightBit, Target::Binary]);
    let signed = select(&[Signed::Refuse, Signed::Skip, Signed::Break]);
    let preamble = select(&[Preamble::Replace, Preamble::Drop]);
    let text = select(&[TextCoding::Smaller, TextCoding::QuotedPrintable, TextCoding::Base64]);
    let eol = select(&[None, None, Some(LineEnd::Lf), Some(LineEnd::CrLf)]);
    (targets, signed, preamble, text, eol, any::<bool>()).prop_map(
        |(target, signed, preamble, text, eol, mbox)| Options {
            target,
            signed,
            preamble,
            text,
            charset: None,
            eol,
            dkim: false,
            mbox,
            mend: false,
        },
    )
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_message(node in message(), crlf: bool) {
        let text = write(&node, crlf);
        if let Err(what) = laws(&text) {
            panic!("{what}\n{}", show(&text));
        }
    }

    /// Whatever is asked for, the proof holds, a second time changes nothing, and what is lossless
    /// says the same.
    #[test]
    fn any_options(node in message(), crlf: bool, options in options()) {
        let text = write(&node, crlf);
        // Where all line ends are made the same, data that holds some is changed, and what is left of
        // CR CR LF is another line end.
        let has_odd_line_ends =
            options.target == Target::Binary || text.windows(3).any(|octets| octets == b"\r\r\n");
        let eol = options.eol.filter(|_| !has_odd_line_ends);
        let options = Options { eol, ..options };
        let (converted, out) = convert(&text, &options, true);
        // Where an epilogue goes, a header that nothing ends may end elsewhere (RFC 7103 §7.2).
        let is_proved = converted.verified != Some(false);
        prop_assert!(
            is_proved || options.preamble == Preamble::Drop,
            "{:?} {options:?}\n{}", converted.differences, show(&text)
        );
        prop_assume!(is_proved);
        let (_, unverified) = convert(&text, &options, false);
        prop_assert_eq!(show(&unverified), show(&out), "{:?}", options);
        let (again, twice) = convert(&out, &options, true);
        prop_assert!(
            twice == out,
            "{options:?}: {:#?}\n{}\n{}\n{}", again.plan.changes, show(&text), show(&out),
            show(&twice)
        );
        if options.eol.is_none() && let Err(what) = same(&text, &out) {
            panic!("{options:?}: {what}\n{}\n{}", show(&text), show(&out));
        }
        let done = converted.plan.refused.is_empty();
        if done && options.target == Target::SevenBit && let Some(dirt) = dirt(&out) {
            panic!("{options:?}: {dirt}\n{}\n{}", show(&text), show(&out));
        }
    }

    /// There and back: 7 bits take what comes of the other targets.
    #[test]
    fn back_to_7_bits(node in message(), crlf: bool) {
        let text = write(&node, crlf);
        for target in [Target::EightBit, Target::Binary] {
            let (_, wide) = convert(&text, &Options { target, ..Options::default() }, true);
            let (narrow, out) = convert(&wide, &Options::default(), true);
            let straight = convert(&text, &Options::default(), true).0;
            // A message/global that became a message/rfc822 cannot be encoded as a whole any more.
            let was_global = text.windows(14).any(|name| name == b"message/global");
            if straight.action() == Action::Converted && !was_global {
                prop_assert!(narrow.action() != Action::Refused, "{target:?}\n{}", show(&text));
            }
            if let Err(what) = same(&text, &out) {
                panic!("{target:?}: {what}\n{}\n{}\n{}", show(&text), show(&wide), show(&out));
            }
        }
    }
}
