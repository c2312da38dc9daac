//! Mail to measure with, made anew in every run from a fixed seed: the same octets on every machine,
//! and no big files to keep.
//!
//! All of it is clean, but for the depth of [`nested`] and what is [`hostile`]: what is measured is the
//! way that nearly all mail goes, not that of the oddities. Lines end with CRLF; those of an mbox with LF (RFC 4155).

#![allow(dead_code)]

pub(crate) mod fields;
pub(crate) mod hostile;
pub(crate) mod list;
pub(crate) mod random;
pub(crate) mod text;

use fields::Subject;
use random::Random;
use text::Language;

const SEED: u64 = 0x005e_97e7;

/// How many files [`attachments`] holds.
pub(crate) const FILES: usize = 26;

/// The smallest and the largest attachment, in octets before they are encoded.
const ATTACHMENT: std::ops::Range<usize> = 61_000..1_500_000;

/// A random source for one kind of input, independent of the others.
pub(crate) fn random(kind: u64) -> Random {
    Random::new(SEED ^ (kind << 32))
}

/// A message of some 16 MB: a text, and files in base64 of 83 KB to 2 MB each.
pub(crate) fn attachments() -> Vec<u8> {
    let random = &mut random(1);
    let mut message = Message::new();
    message.fields(random);
    let boundary = message.multipart(random, "mixed");
    message.delimiter(&boundary);
    message.text(&text::lines(random, Language::English, 2000), "plain", "7bit");
    for _ in 0..FILES {
        message.delimiter(&boundary);
        message.attachment(random);
    }
    message.close_delimiter(&boundary);
    message.0
}

/// Messages of some 5 KB: 15 to 20 fields, a text and its HTML twin in quoted-printable.
pub(crate) fn small(count: usize) -> Vec<Vec<u8>> {
    let random = &mut random(2);
    (0..count).map(|_| small_message(random)).collect()
}

fn small_message(random: &mut Random) -> Vec<u8> {
    let language = random.pick(&[&Language::English, &Language::English, &Language::French]);
    let octets = random.within(700..1600);
    let mut message = Message::new();
    message.fields(random);
    let boundary = message.multipart(random, "alternative");
    message.delimiter(&boundary);
    message.text(&text::lines(random, *language, octets), "plain", "quoted-printable");
    message.delimiter(&boundary);
    message.text(&text::html(random, *language, octets), "html", "quoted-printable");
    message.close_delimiter(&boundary);
    message.0
}

/// Messages in one file, as mboxrd has it. None of ours has a line to be quoted.
pub(crate) fn mbox(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut mbox = Vec::new();
    for message in messages {
        mbox.extend_from_slice(b"From ann@example.com Thu Jan  1 10:00:00 2026\n");
        mbox.extend(message.iter().filter(|&&c| c != b'\r'));
        mbox.push(b'\n');
    }
    mbox
}

/// A message with one text in UTF-8, half of its octets over 127.
pub(crate) fn eight_bit(octets: usize) -> Vec<u8> {
    let random = &mut random(3);
    let english = text::lines(random, Language::English, octets / 2);
    let russian = text::lines(random, Language::Russian, octets / 2);
    one_text(random, &(english + &russian), "8bit")
}

/// A message with one text in quoted-printable, nearly every octet of it encoded.
pub(crate) fn quoted_printable(octets: usize) -> Vec<u8> {
    let random = &mut random(4);
    let russian = text::lines(random, Language::Russian, octets / 3);
    one_text(random, &russian, "quoted-printable")
}

/// A multipart of one part: a body that no boundary can end would not even be looked at.
fn one_text(random: &mut Random, content: &str, coding: &str) -> Vec<u8> {
    let mut message = Message::new();
    message.fields(random);
    let boundary = message.multipart(random, "mixed");
    message.delimiter(&boundary);
    message.text(content, "plain", coding);
    message.close_delimiter(&boundary);
    message.0
}

/// A message of multiparts in multiparts, a text in each.
pub(crate) fn nested(depth: usize) -> Vec<u8> {
    let random = &mut random(5);
    let mut message = Message::new();
    message.fields(random);
    let mut boundaries = Vec::new();
    for level in 0..depth {
        let boundary = message.multipart(random, "mixed");
        message.delimiter(&boundary);
        message.text(&text::lines(random, Language::English, 300), "plain", "7bit");
        if level + 1 < depth {
            message.delimiter(&boundary);
        }
        boundaries.push(boundary);
    }
    for boundary in boundaries.iter().rev() {
        message.close_delimiter(boundary);
    }
    message.0
}

/// A message of many short texts.
pub(crate) fn many_parts(count: usize) -> Vec<u8> {
    let random = &mut random(6);
    let mut message = Message::new();
    message.fields(random);
    let boundary = message.multipart(random, "mixed");
    for _ in 0..count {
        message.delimiter(&boundary);
        message.text(&text::lines(random, Language::English, 100), "plain", "7bit");
    }
    message.close_delimiter(&boundary);
    message.0
}

/// A message while it is written.
struct Message(Vec<u8>);

impl Message {
    fn new() -> Message {
        Message(Vec::new())
    }

    fn line(&mut self, line: &str) {
        self.0.extend_from_slice(line.as_bytes());
        self.0.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &str, body: &str) {
        self.line(&format!("{name}:{body}"));
    }

    /// The fields of a message, except those of its type: 12 to 17.
    fn fields(&mut self, random: &mut Random) {
        self.field("Return-Path", " <bounce@example.com>");
        self.field("Delivered-To", " ann@example.com");
        for _ in 0..random.within(2..5) {
            self.field("Received", &fields::received(random));
        }
        self.field("DKIM-Signature", &fields::dkim_signature(random));
        self.field("Date", &fields::date(random));
        self.field("From", &format!(" {}", fields::address(random)));
        let count = random.within(1..4);
        self.field("To", &fields::addresses(random, count));
        let subject = random.pick(&[&Subject::Plain, &Subject::Plain, &Subject::Q, &Subject::B]);
        self.field("Subject", &fields::subject(random, *subject));
        self.field("Message-ID", &fields::message_ids(random, 1));
        self.optional_fields(random);
        self.field("MIME-Version", " 1.0");
        self.field("X-Mailer", " Example Mailer 7.2 (build 4711)");
    }

    fn optional_fields(&mut self, random: &mut Random) {
        if random.once_in(2) {
            self.field("In-Reply-To", &fields::message_ids(random, 1));
            let count = random.within(1..5);
            self.field("References", &fields::message_ids(random, count));
        }
        if random.once_in(2) {
            self.field("List-Unsubscribe", " <mailto:leave@example.com?subject=unsubscribe>");
        }
    }

    /// The end of a header that makes the part a multipart; its boundary.
    fn multipart(&mut self, random: &mut Random, subtype: &str) -> String {
        let boundary = format!("----=_Part_{}", random.hex(24));
        self.field("Content-Type", &format!(" multipart/{subtype};\r\n\tboundary=\"{boundary}\""));
        self.line("");
        boundary
    }

    fn delimiter(&mut self, boundary: &str) {
        self.line("");
        self.line(&format!("--{boundary}"));
    }

    fn close_delimiter(&mut self, boundary: &str) {
        self.line("");
        self.line(&format!("--{boundary}--"));
    }

    /// The end of a header that makes the part a text, and the text.
    fn text(&mut self, content: &str, subtype: &str, coding: &str) {
        let charset = if coding == "7bit" { "us-ascii" } else { "utf-8" };
        self.field("Content-Type", &format!(" text/{subtype}; charset={charset}"));
        self.field("Content-Transfer-Encoding", &format!(" {coding}"));
        self.line("");
        match coding {
            "quoted-printable" => {
                let coded = text::quoted_printable(content.as_bytes());
                self.0.extend_from_slice(coded.as_bytes());
            }
            "base64" => {
                let coded = text::base64(content.as_bytes(), "\r\n");
                self.0.extend_from_slice(coded.as_bytes());
            }
            _ => self.0.extend_from_slice(content.as_bytes()),
        }
    }

    /// A part with a file.
    fn attachment(&mut self, random: &mut Random) {
        // Small files are more frequent than large ones: each doubling is as likely as the next.
        let doublings = (ATTACHMENT.end as f64 / ATTACHMENT.start as f64).log2();
        let exponent = doublings * (random.below(1000) as f64 / 1000.0);
        let octets = (ATTACHMENT.start as f64 * exponent.exp2()) as usize;
        let name = fields::file_name(random);
        self.field("Content-Type", &fields::content_type_of_file(&name));
        self.field("Content-Transfer-Encoding", " base64");
        self.field("Content-Disposition", &fields::disposition_of_file(&name));
        self.line("");
        let content = random.octets(octets);
        self.0.extend_from_slice(text::base64(&content, "\r\n").as_bytes());
    }
}
