//! Judging single lines: is this a field, does the header go on behind a line that is none, is this
//! the `From ` line of an mbox? Pure functions over the octets at hand; `None` means that more are
//! needed to tell.

use crate::base::Eol;
use crate::base::chars::{is_ftext, is_fws, is_wsp};

/// LIMIT: a field name, or a From_ line, is not looked for further than this.
const LOOK_AHEAD: usize = 1000;

/// LIMIT: how far behind a line that is no field the rest of the header is searched for.
const HEADER_SEARCH: usize = 64 * 1024;

/// Where the colon of the field stands that `line` begins with, if it is a field: a name, perhaps
/// white space (RFC 5322 §4.5), a colon.
pub(super) fn colon(line: &[u8]) -> Option<usize> {
    let name = line.iter().position(|&c| !is_ftext(c))?;
    let at = name + line[name..].iter().position(|&c| !is_wsp(c))?;
    (name > 0 && line[at] == b':').then_some(at)
}

/// Whether `text` begins with a field.
pub(super) fn begins_field(text: &[u8], eof: bool) -> Option<bool> {
    let head = &text[..text.len().min(LOOK_AHEAD)];
    match head.iter().position(|&c| !is_ftext(c) && !is_wsp(c)) {
        Some(_) => Some(colon(head).is_some()),
        None if eof || head.len() == LOOK_AHEAD => Some(false),
        None => None,
    }
}

/// The length of the empty line at the start of `text`, 0 if there is none.
///
/// QUIRK: a relay that adds a CR to every LF of a CRLF message leaves CR CR LF as the empty line.
pub(super) fn empty_line(text: &[u8], eol: Eol, eof: bool) -> Option<usize> {
    match (eol, text) {
        (Eol::Lf, [b'\r', b'\r', b'\n', ..]) => Some(3),
        (Eol::Lf, [b'\r', b'\r']) if !eof => None,
        _ => eol.leading(text, eof),
    }
}

/// Whether `text` is what a header goes on or ends with: an empty line or a field.
pub(super) fn header_goes_on(text: &[u8], eol: Eol, eof: bool) -> Option<bool> {
    match empty_line(text, eol, eof)? {
        0 if text.starts_with(b">From ") => Some(true),
        0 => begins_field(text, eof),
        _ => Some(true),
    }
}

/// Where the empty line or the field begins that `text` leads up to, line by line; the inner `None` if
/// there is none within [`HEADER_SEARCH`] octets.
pub(super) fn rest_of_header(text: &[u8], eol: Eol, eof: bool) -> Option<Option<usize>> {
    let mut at = 0;
    while at < HEADER_SEARCH {
        if header_goes_on(&text[at..], eol, eof)? {
            return Some(Some(at));
        }
        match eol.first_line(&text[at..]) {
            Some((_, next)) => at += next,
            None if eof || text.len() - at >= HEADER_SEARCH => break,
            None => return None,
        }
    }
    Some(None)
}

/// Whether `text` begins with an mbox separator: a `From ` line that ends with a date, and behind it
/// a field. Returns the length of the line with its line end, 0 if it is none.
pub(super) fn separator(text: &[u8], eol: Eol, eof: bool) -> Option<usize> {
    let line_end = match from_line(text, eol, eof)? {
        0 => return Some(0),
        line_end => line_end,
    };
    let content = &text[..line_end];
    if !has_date(content) {
        return Some(0);
    }
    let rest = &text[line_end..];
    let goes_on = rest.starts_with(b">From ") || begins_field(rest, eof)?;
    Some(if goes_on { line_end } else { 0 })
}

/// Whether an input is an mbox: its first line is a `From ` line, and the next looks like a field.
pub fn begins_mbox(head: &[u8]) -> bool {
    if !head.starts_with(b"From ") {
        return false;
    }
    match from_line(head, Eol::Lf, true) {
        Some(line_end @ 1..) => begins_field(&head[line_end..], true) == Some(true),
        _ => false,
    }
}

/// Whether a line, its line end included or not, parts the messages of an mbox if a field follows it:
/// a `From ` line with a date.
pub fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && from_line(line, Eol::Lf, true) == Some(line.len())
        && has_date(line)
}

/// The length of the `From ` line that stands before a header, with its line end; 0 if `text` begins
/// with something else. What follows the word is not looked at except to tell it from a field
/// (`From : joe`).
pub(super) fn from_line(text: &[u8], eol: Eol, eof: bool) -> Option<usize> {
    let unquoted = text.strip_prefix(b">").unwrap_or(text);
    if !unquoted.starts_with(b"From ") {
        let cut = b"From ".starts_with(unquoted) && !eof;
        return if cut { None } else { Some(0) };
    }
    let head = &text[..text.len().min(LOOK_AHEAD)];
    match eol.first_line(head) {
        Some((content, line_end)) => {
            Some(if colon(&head[..content]).is_some() { 0 } else { line_end })
        }
        None if eof && head.len() == text.len() && colon(head).is_none() => Some(head.len()),
        None if eof || head.len() == LOOK_AHEAD => Some(0),
        None => None,
    }
}

/// Whether a From_ line holds what a date has: a time of day and a year, separated by white space
/// from the rest (RFC 4155 appendix A asks for asctime; programs write a dozen forms).
fn has_date(line: &[u8]) -> bool {
    let (mut time, mut year) = (false, false);
    for word in line.split(|&c| is_fws(c)).skip(1) {
        time |= is_time(word);
        year |= word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    }
    time && year
}

fn is_time(word: &[u8]) -> bool {
    let digits =
        |group: &[u8]| matches!(group.len(), 1..=2) && group.iter().all(u8::is_ascii_digit);
    let groups = word.split(|&c| c == b':');
    (2..=3).contains(&groups.clone().count()) && groups.into_iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let cases: &[(&[u8], Option<usize>)] = &[
            (b"Subject: x", Some(7)),
            (b"Subject : x", Some(8)),
            (b"Subject", None),
            (b": x", None),
            (b"two words: x", None),
            (b" a: x", None),
            (b"n\xc3\xa4me: x", None),
        ];
        for &(line, expected) in cases {
            assert_eq!(colon(line), expected, "{}", line.escape_ascii());
        }
        assert_eq!(begins_field(b"Subj", false), None);
        assert_eq!(begins_field(b"Subj", true), Some(false));
        assert_eq!(begins_field(&[b'a'; LOOK_AHEAD], false), Some(false));
    }

    #[test]
    fn from_lines() {
        let next = "Subject: x\n";
        let cases: &[(&str, bool)] = &[
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", true),
            ("From a@b.example Mon Jan  1 00:00:00 2024 +0100\r\n", true),
            ("From \"a b\"@c.example Thu, 01 Jan 2024 10:00 GMT\n", true),
            ("From now on we meet at 10:00\n", false),
            ("From 2024 on\n", false),
            ("From: a@b.example 10:00 2024\n", false),
        ];
        for &(line, expected) in cases {
            let text = format!("{line}{next}");
            let found = separator(text.as_bytes(), Eol::Lf, true);
            assert_eq!(found, Some(if expected { line.len() } else { 0 }), "{line}");
        }
        let text = "From a@b Mon Jan  1 00:00:00 2024\nand then\n";
        assert_eq!(separator(text.as_bytes(), Eol::Lf, true), Some(0), "no field behind it");
        assert_eq!(from_line(b"From x\nA: b", Eol::Lf, false), Some(7));
        assert_eq!(from_line(b">From x\nA: b", Eol::Lf, false), Some(8));
        assert_eq!(from_line(b"Fro", Eol::Lf, false), None);
        assert_eq!(from_line(b"Frx", Eol::Lf, false), Some(0));
        assert_eq!(from_line(b"From : x\n", Eol::Lf, false), Some(0));
    }
}
