//! Bodies of header fields as today's mail has them: folded, without the line end that ends them.

use super::random::Random;
use super::text::{self, Language};

const HOSTS: &[&str] = &["mx1.example.com", "mail.example.org", "smtp-out-7.example.net"];
const NAMES: &[&str] = &["Ann Lee", "Bob Stone", "Eva Marquez", "Karl Weber", "Mia Rossi"];
const MONTHS: &[&str] =
    &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: &[&str] = &["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// What a subject is written in. No encoded-word is longer than 75 characters (RFC 2047 §2).
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    Plain,
    /// French in Q.
    Q,
    /// Russian in B.
    B,
    /// Russian in B, twenty words.
    Many,
}

pub(crate) fn subject(random: &mut Random, kind: Subject) -> String {
    let q = |random: &mut Random| text::q_word(&text::words(random, Language::French, 3));
    let b = |random: &mut Random| text::b_word(&text::words(random, Language::Russian, 2));
    match kind {
        Subject::Plain => format!(" {}", text::words(random, Language::English, 7)),
        Subject::Q => several(random, 2, "\r\n ", q),
        Subject::B => several(random, 2, "\r\n ", b),
        Subject::Many => several(random, 20, "\r\n ", b),
    }
}

/// A body of so many items, folded between them.
fn several(
    random: &mut Random,
    count: usize,
    between: &str,
    item: impl Fn(&mut Random) -> String,
) -> String {
    let items: Vec<String> = (0..count).map(|_| item(random)).collect();
    format!(" {}", items.join(between))
}

pub(crate) fn address(random: &mut Random) -> String {
    let name = random.pick(NAMES);
    let spec = format!("{}@{}", random.hex(8), random.pick(HOSTS));
    match random.below(4) {
        0 => spec,
        1 => format!("\"{name}, Sales\" <{spec}>"),
        2 => format!("{} <{spec}>", text::q_word(&text::words(random, Language::French, 2))),
        _ => format!("{name} <{spec}>"),
    }
}

pub(crate) fn addresses(random: &mut Random, count: usize) -> String {
    several(random, count, ",\r\n\t", address)
}

/// A date of 2026 with the weekday that it was: the first of January is a Thursday.
pub(crate) fn date(random: &mut Random) -> String {
    const LENGTHS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let of_year = random.below(365);
    let (mut month, mut day) = (0, of_year);
    while day >= LENGTHS[month] {
        day -= LENGTHS[month];
        month += 1;
    }
    let clock = [random.below(24), random.below(60), random.below(60)];
    format!(
        " {}, {} {} 2026 {:02}:{:02}:{:02} +0100",
        DAYS[of_year % 7],
        day + 1,
        MONTHS[month],
        clock[0],
        clock[1],
        clock[2]
    )
}

pub(crate) fn message_ids(random: &mut Random, count: usize) -> String {
    several(random, count, "\r\n ", |random| format!("<{}@{}>", random.hex(24), random.pick(HOSTS)))
}

pub(crate) fn received(random: &mut Random) -> String {
    format!(
        " from {} ({} [192.0.2.{}])\r\n\tby {} (Postfix) with ESMTPS id {}\r\n\tfor <{}@example.com>;{}",
        random.pick(HOSTS),
        random.pick(HOSTS),
        random.below(256),
        random.pick(HOSTS),
        random.hex(12),
        random.hex(6),
        date(random)
    )
}

/// A signature that signs nothing, in the shape of a real one.
pub(crate) fn dkim_signature(random: &mut Random) -> String {
    let signature = text::base64(&random.octets(256), "\r\n\t ");
    format!(
        " v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s2026;\r\n\th=from:to:subject:date:message-id:mime-version;\r\n\tbh=ZG9lcyBub3QgbWF0Y2ggYW55dGhpbmcgYXQgYWxsISE=;\r\n\tb={}",
        signature.trim_end()
    )
}

pub(crate) fn content_type(random: &mut Random) -> String {
    match random.below(3) {
        0 => " text/plain; charset=\"utf-8\"".to_owned(),
        1 => format!(" multipart/mixed;\r\n\tboundary=\"----=_Part_{}\"", random.hex(24)),
        _ => content_type_of_file(&file_name(random)),
    }
}

/// Half of them with a name in the charset and pieces of RFC 2231.
pub(crate) fn disposition(random: &mut Random) -> String {
    let name = file_name(random);
    if random.once_in(2) {
        return disposition_of_file(&name);
    }
    format!(
        " attachment;\r\n filename*0*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82%20;\r\n filename*1=\"{name}\""
    )
}

pub(crate) fn file_name(random: &mut Random) -> String {
    format!("report {}.pdf", random.hex(6))
}

pub(crate) fn content_type_of_file(name: &str) -> String {
    format!(" application/pdf;\r\n name=\"{name}\"")
}

pub(crate) fn disposition_of_file(name: &str) -> String {
    format!(" attachment; filename=\"{name}\"; size=4711")
}
