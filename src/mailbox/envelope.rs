//! What an mbox says of a message before it: who sent it and when it was delivered, taken from its
//! header where nobody has said it.
//!
//! Contract: the line is the asctime form of RFC 4155 appendix A, in UTC; it is one line whatever the
//! header holds, and the walk knows it for a separator.
//!
//! RFC 4155, RFC 5322 §3.6.2, §3.6.7.
//!
//! May use: base, header, walk.

use jiff::civil;

use crate::header::{Context, Field, address, date, received};
use crate::walk;

/// What the header of a message says for the `From ` line of an mbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    return_path: Option<String>,
    sender: Option<String>,
    from: Option<String>,
    /// The inner `None` is a topmost Received field without a date.
    received: Option<Option<i64>>,
    date: Option<i64>,
}

/// The sender where none is known, as in a bounce.
const NOBODY: &str = "MAILER-DAEMON";

/// Seconds since 1970 of 9999-12-31T23:59:59Z: later, a year has five digits.
const LAST: i64 = 253_402_300_799;

impl Envelope {
    /// A field of the message's header, in order: of each name the first counts.
    pub fn field(&mut self, field: &Field<'_>, context: &Context) {
        let first = || {
            let mut entries = address::parse(field.body, context, &mut ()).into_iter();
            let address = entries.find_map(|entry| entry.address).unwrap_or_default();
            if is_word(&address) { address } else { NOBODY.to_owned() }
        };
        if field.is("Return-Path") {
            self.return_path.get_or_insert_with(first);
        } else if field.is("Sender") {
            self.sender.get_or_insert_with(first);
        } else if field.is("From") {
            self.from.get_or_insert_with(first);
        } else if field.is("Received") {
            let date = || received::parse(field.body).date.map(|date| date.timestamp());
            self.received.get_or_insert_with(date);
        } else if field.is("Date") && self.date.is_none() {
            self.date = date::parse(field.body, &mut ()).map(|date| date.timestamp());
        }
    }

    /// Who sent it: the address of Return-Path, Sender or From; `MAILER-DAEMON` if there is none.
    pub fn sender(&self) -> &str {
        let said = self.return_path.as_ref().or(self.sender.as_ref()).or(self.from.as_ref());
        said.map_or(NOBODY, |sender| sender)
    }

    /// When it was delivered, or else written, in seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        self.received.flatten().or(self.date)
    }
}

/// Whether this is fit to be one word of the line.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 320
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The `From ` line of a message that was delivered so many seconds after 1970, without its line end.
///
/// ```
/// use septet::mailbox::from_line;
///
/// assert_eq!(from_line("a@b.example", 1_704_067_200), "From a@b.example Mon Jan  1 00:00:00 2024");
/// ```
pub fn from_line(sender: &str, time: i64) -> String {
    let epoch = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let time = epoch + jiff::SignedDuration::from_secs(time.clamp(0, LAST));
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        [usize::from(time.weekday().to_monday_zero_offset().unsigned_abs()) % 7];
    let month =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            [usize::from(time.month().unsigned_abs() - 1) % 12];
    format!(
        "From {sender} {day} {month} {:2} {:02}:{:02}:{:02} {:04}",
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.year()
    )
}

/// When a message was delivered by the `From ` line before it, in seconds since 1970; a time without
/// a zone is UTC. `None` if the line has no date that can be read, or is none that a reader of an
/// mbox would know for a separator.
pub fn from_line_date(line: &[u8]) -> Option<i64> {
    if !walk::is_separator(line) {
        return None;
    }
    let rest = line.strip_prefix(b"From ")?.trim_ascii_start();
    let sender = rest.iter().position(|&c| c == b' ' || c == b'\t')?;
    date::parse(&rest[sender..], &mut ()).map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Limits;
    use crate::charset::Charset;

    fn envelope(header: &str) -> Envelope {
        let context = Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
        let mut envelope = Envelope::default();
        for line in header.lines() {
            envelope.field(&Field::parse(line.as_bytes()).expect("a field"), &context);
        }
        envelope
    }

    #[test]
    fn senders() {
        const CASES: &[(&str, &str)] = &[
            ("From: A <a@example.org>", "a@example.org"),
            ("From: A <a@example.org>\nSender: b@example.org", "b@example.org"),
            ("Return-Path: <c@example.org>\nFrom: a@example.org", "c@example.org"),
            ("From: a@example.org\nReturn-Path: <c@example.org>", "c@example.org"),
            ("Return-Path: <>\nFrom: a@example.org", "MAILER-DAEMON"),
            ("Return-Path: <c@example.org>\nReturn-Path: <d@example.org>", "c@example.org"),
            ("Subject: x", "MAILER-DAEMON"),
            ("From: \"a b\"@example.org", "MAILER-DAEMON"),
            ("From: nobody", "nobody"),
            ("From: undisclosed:;", "MAILER-DAEMON"),
        ];
        for &(header, expected) in CASES {
            assert_eq!(envelope(header).sender(), expected, "{header}");
        }
    }

    #[test]
    fn dates() {
        const CASES: &[(&str, Option<i64>)] = &[
            ("Date: Mon, 1 Jan 2024 01:00:00 +0100", Some(1_704_067_200)),
            (
                "Received: by a; Mon, 1 Jan 2024 00:00:01 +0000\nReceived: by b; Mon, 1 Jan 2024 \
                 00:00:00 +0000\nDate: Sun, 31 Dec 2023 00:00:00 +0000",
                Some(1_704_067_201),
            ),
            ("Received: by a\nDate: Mon, 1 Jan 2024 00:00:00 +0000", Some(1_704_067_200)),
            ("Date: soon", None),
            ("Subject: x", None),
        ];
        for &(header, expected) in CASES {
            assert_eq!(envelope(header).date(), expected, "{header}");
        }
    }

    #[test]
    fn lines() {
        const CASES: &[(i64, &str)] = &[
            (0, "Thu Jan  1 00:00:00 1970"),
            (951_782_399, "Mon Feb 28 23:59:59 2000"),
            (1_732_543_445, "Mon Nov 25 14:04:05 2024"),
            (-1, "Thu Jan  1 00:00:00 1970"),
            (i64::MAX, "Fri Dec 31 23:59:59 9999"),
        ];
        for &(time, expected) in CASES {
            let line = from_line("a@b", time);
            assert_eq!(line, format!("From a@b {expected}"));
            assert_eq!(from_line_date(line.as_bytes()), Some(time.clamp(0, LAST)), "{line}");
        }
    }

    #[test]
    fn dates_of_lines() {
        const CASES: &[(&str, Option<i64>)] = &[
            ("From a@b Mon Jan  1 00:00:00 2024\r\n", Some(1_704_067_200)),
            ("From a@b  Mon Jan  1 00:00:00 2024 +0100\n", Some(1_704_063_600)),
            ("From a@b Mon, 1 Jan 2024 00:00:00 GMT\n", Some(1_704_067_200)),
            ("From nobody\n", None),
            ("From \n", None),
            ("From a@b Mon Jan  1 00:00:00\n", None),
            (">From a@b Mon Jan  1 00:00:00 2024\n", None),
            ("Subject: x 00:00:00 2024\n", None),
        ];
        for &(line, expected) in CASES {
            assert_eq!(from_line_date(line.as_bytes()), expected, "{line}");
        }
    }
}
