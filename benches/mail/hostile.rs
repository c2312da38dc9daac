//! Mail that wants to take more time than its length allows: one family for each place where a reader
//! could look at the same octets again and again. What is taken for n, 2n and 4n octets tells.

use std::fmt::Write as _;

/// A family: its name, and a message or mailbox of it of about so many octets.
pub(crate) type Family = (&'static str, fn(usize) -> String);

pub(crate) const FAMILIES: &[Family] = &[
    // Structure.
    ("many parts", |n| multipart(&repeat("--b\r\n\r\nx\r\n", n))),
    ("empty parts", |n| multipart(&repeat("--b\r\n", n))),
    ("parts without an end", |n| {
        let part =
            |i| format!("--b\r\nContent-Type: multipart/mixed; boundary=x{i:x}\r\n\r\ny\r\n");
        multipart(&counted(n, part))
    }),
    ("nested multiparts", |n| {
        let level = |i| format!("Content-Type: multipart/mixed; boundary={i:x}\r\n\r\n--{i:x}\r\n");
        message(&counted(n, level))
    }),
    ("nested, closed", nested_and_closed),
    ("nested, one boundary", |n| {
        message(&repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", n))
    }),
    ("nested messages", |n| message(&repeat("Content-Type: message/rfc822\r\n\r\n", n))),
    ("encoded message", encoded_message),
    ("deep, then hyphen lines", |n| {
        let level = |i| format!("Content-Type: multipart/mixed; boundary={i:x}\r\n\r\n--{i:x}\r\n");
        message(&(counted(n / 2, level) + "\r\n" + &repeat("--zz\r\n", n / 2)))
    }),
    ("hyphen lines", |n| multipart(&repeat("--\r\n", n))),
    ("nearly a boundary", |n| {
        let boundary = "a".repeat(60);
        let head = format!("Content-Type: multipart/mixed; boundary={boundary}b\r\n\r\n");
        message(&(head + &repeat(&format!("--{boundary}c\r\n"), n)))
    }),
    ("a boundary without end", |n| {
        let boundary = "a".repeat(n / 2);
        let head = format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n");
        message(&format!("{head}--{boundary}\r\n\r\nx\r\n"))
    }),
    ("padded delimiters", |n| multipart(&repeat(&format!("--b{}\r\n", " ".repeat(900)), n))),
    // Headers.
    ("many fields", |n| repeat("X: v\r\n", n) + "\r\nx\r\n"),
    ("one long field", |n| field("X-Long", &"x".repeat(n))),
    ("folds", |n| field("Subject", &repeat("a\r\n ", n))),
    ("empty folds", |n| field("Subject", &repeat("\r\n ", n))),
    ("no fields", |n| repeat("no field\r\n", n)),
    ("many content types", |n| {
        repeat("Content-Type: multipart/mixed; boundary=b\r\n", n) + "\r\n--b\r\n\r\nx\r\n"
    }),
    ("receiveds", |n| {
        let hop = "Received: from a (b [192.0.2.1]) by c; Thu, 1 Jan 2026 00:00:00 +0000\r\n";
        repeat(hop, n) + "\r\nx\r\n"
    }),
    ("references", |n| field("References", &repeat("<a@b>", n))),
    ("open references", |n| field("References", &repeat("<a@b ", n))),
    // Encoded-words.
    ("words", |n| field("Subject", &repeat("=?utf-8?q?a?= ", n))),
    ("half words", |n| field("Subject", &repeat("=?utf-8?q?", n))),
    ("word starts", |n| field("Subject", &repeat("=?", n))),
    ("B words without a space", |n| field("Subject", &repeat("=?utf-8?b?QQ==?=", n))),
    ("cut B words", |n| field("Subject", &repeat("=?utf-8?b?QQ==", n))),
    ("words of many charsets", |n| {
        field("Subject", &repeat("=?utf-8?q?a?= =?koi8-r?q?b?= =?iso-2022-jp?b?GyRC?= ", n))
    }),
    // Addresses.
    ("addresses", |n| field("To", &repeat("a b <c@d.example>, ", n))),
    ("commas", |n| field("To", &repeat("a,", n))),
    ("groups", |n| field("To", &repeat("g:", n))),
    ("groups and ends", |n| field("To", &repeat("g: a@b;", n))),
    ("angles", |n| field("To", &"<".repeat(n))),
    ("at signs", |n| field("To", &repeat("a@", n))),
    ("comments", |n| field("To", &(repeat("(c) ", n) + "a@b"))),
    ("open comments", |n| field("To", &"(".repeat(n))),
    ("nested comments", |n| field("To", &("(".repeat(n / 2) + &")".repeat(n / 2) + "a@b"))),
    ("quotes", |n| field("To", &"\"".repeat(n))),
    ("open quotes", |n| field("To", &repeat("\"a <b@c>, ", n))),
    ("literal without end", |n| field("To", &format!("a@[{}", "x".repeat(n)))),
    ("routes", |n| field("To", &format!("<{}a@b>", repeat("@a,", n)))),
    ("date of comments", |n| field("Date", &repeat("(", n))),
    ("date of tokens", |n| field("Date", &repeat("1 Jan ", n))),
    // Parameters.
    ("parameters", |n| content_type(&counted(n, |i| format!("; a{i}=b")))),
    ("pieces", |n| content_type(&counted(n, |i| format!("; name*{i}=b")))),
    ("pieces, backwards", |n| {
        let count = n / 12;
        content_type(&counted(n, |i| format!("; name*{}=b", count.saturating_sub(i))))
    }),
    ("pieces of one number", |n| content_type(&repeat("; name*1*=utf-8''b", n))),
    ("semicolons", |n| content_type(&";".repeat(n))),
    ("backslashes", |n| content_type(&format!("; name=\"{}", "\\".repeat(n)))),
    ("percents", |n| content_type(&format!("; name*=utf-8''{}", repeat("%e2", n)))),
    // Bodies.
    ("base64 rubbish", |n| body("base64", &repeat("!@#$", n))),
    ("base64 of pads", |n| body("base64", &repeat("QQ==", n))),
    ("base64 with holes", |n| body("base64", &repeat("QUJD \r\nR\tEVG=", n))),
    ("soft line breaks", |n| body("quoted-printable", &repeat("=\r\n", n))),
    ("escapes that are none", |n| body("quoted-printable", &repeat("=XY=", n))),
    ("trailing space", |n| body("quoted-printable", &(" ".repeat(n) + "x\r\n"))),
    ("space and line ends", |n| body("quoted-printable", &repeat(" \t\r\n", n))),
    ("one long line", |n| body("8bit", &"é".repeat(n / 2))),
    ("NULs", |n| body("7bit", &"\0".repeat(n))),
    ("bare CRs", |n| body("7bit", &"\r".repeat(n))),
    ("uuencoded files", |n| body("7bit", &repeat("begin 644 a\r\n#0V%T\r\n`\r\nend\r\n", n))),
    ("uuencode without end", |n| body("7bit", &repeat("begin 644 a\r\n", n))),
    ("yEnc without end", |n| body("7bit", &repeat("=ybegin line=1 size=1 name=a\r\n", n))),
    ("charset escapes", |n| of_charset("iso-2022-jp", &repeat("\x1b$B\x1b(B", n))),
    ("base64 of UTF-7", |n| of_charset("utf-7", &repeat("+AGE-", n))),
    ("no charset at all", |n| of_charset("unknown", &"\u{e9}".repeat(n / 2))),
    // Mailboxes.
    ("mbox of separators", |n| repeat("From a@b Thu Jan  1 00:00:00 2026\n\n", n)),
    ("mbox without dates", |n| mbox(&repeat("\nFrom a@b\n", n))),
    ("mbox of small mail", |n| mbox(&repeat("\nFrom a@b Thu Jan  1 00:00:00 2026\nX: y\n\n", n))),
    ("mbox of wrong lengths", |n| {
        let message = "\nFrom a@b Thu Jan  1 00:00:00 2026\nContent-Length: 99999999\n\nx\n";
        mbox(&repeat(message, n))
    }),
    ("MMDF lines", |n| repeat("\x01\x01\x01\x01\n", n)),
];

fn repeat(piece: &str, octets: usize) -> String {
    piece.repeat(octets / piece.len())
}

/// So many octets of pieces, each made from its number.
fn counted(octets: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(octets + 100);
    for i in 0.. {
        if text.len() >= octets {
            break;
        }
        text.push_str(&piece(i));
    }
    text
}

/// A message that says what it is before anything else.
fn message(rest: &str) -> String {
    format!("MIME-Version: 1.0\r\nTo: b@example.com\r\n{rest}\r\nx\r\n")
}

fn multipart(body: &str) -> String {
    message(&format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{body}--b--\r\n"))
}

fn field(name: &str, body: &str) -> String {
    format!("{name}: {body}\r\nTo: b@example.com\r\n\r\nx\r\n")
}

fn content_type(parameters: &str) -> String {
    message(&format!("Content-Type: text/plain{parameters}\r\n"))
}

fn body(coding: &str, body: &str) -> String {
    message(&format!("Content-Transfer-Encoding: {coding}\r\n\r\n{body}"))
}

fn of_charset(charset: &str, body: &str) -> String {
    message(&format!("Content-Type: text/plain; charset={charset}\r\n\r\n{body}"))
}

fn mbox(rest: &str) -> String {
    format!("From a@b Thu Jan  1 00:00:00 2026\nX: y\n\nx\n{rest}")
}

/// Multiparts in multiparts, each with its end.
fn nested_and_closed(octets: usize) -> String {
    let mut text = String::new();
    let levels = octets / 70;
    for i in 0..levels {
        let _ = write!(text, "Content-Type: multipart/mixed; boundary={i:x}\r\n\r\n--{i:x}\r\n");
    }
    text.push_str("\r\nx\r\n");
    for i in (0..levels).rev() {
        let _ = write!(text, "\r\n--{i:x}--\r\n");
    }
    message(&text)
}

/// A message in base64 in a message in base64, and so on: each level is a third longer than what it
/// holds, so there are few.
fn encoded_message(octets: usize) -> String {
    let mut text = "Subject: x\r\n\r\nx\r\n".to_owned();
    while text.len() < octets {
        let coded = super::text::base64(text.as_bytes(), "\r\n");
        let head = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        text = head.to_owned() + &coded;
    }
    message(&text)
}
