//! Judging single lines: is this a field, does the header go on behind a line that is none, does a
//! message of a mailbox begin here? Pure functions over the octets at hand; `None` means that more are
//! needed to tell.

use crate::base::Eol;
use crate::base::chars::{is_ftext, is_fws, is_wsp};
use crate::header::names::Name;

/// LIMIT: a field name, or a From_ line, is not looked for further than this.
const LOOK_AHEAD: usize = 1000;

/// LIMIT: the fields behind a From_ line are not looked for further than this.
const FIELDS: usize = 2000;

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

/// Where the empty line begins that `text` ends with, if the line that it ends with is one: 0 if
/// that depends on what stands before `text`.
pub(super) fn trailing_empty(text: &[u8], eol: Eol) -> Option<usize> {
    let content = match eol.trailing(text) {
        0 => return None,
        line_end => &text[..text.len() - line_end],
    };
    // QUIRK: CR CR LF, as above.
    let content = match eol {
        Eol::Lf if text.ends_with(b"\r\r\n") => &text[..text.len() - 3],
        _ => content,
    };
    (content.is_empty() || content.ends_with(&[eol.octet()])).then_some(content.len())
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
/// there is none within [`HEADER_SEARCH`] octets, nor before a line that `ends` the header.
pub(super) fn rest_of_header(
    text: &[u8],
    eol: Eol,
    eof: bool,
    mut ends: impl FnMut(&[u8]) -> Option<bool>,
) -> Option<Option<usize>> {
    let mut at = 0;
    while at < HEADER_SEARCH {
        if ends(&text[at..])? {
            break;
        }
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

/// What a `From ` line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FromLine {
    /// Nothing that a program would take for a separator.
    Text,
    /// Text, though it has a date: no field follows.
    DatedText,
    /// A separator.
    Separator,
    /// A separator by what follows it: it has no date, or half of one.
    Undated,
}

impl FromLine {
    /// Whether a message begins with it.
    pub(super) fn begins_message(self) -> bool {
        matches!(self, FromLine::Separator | FromLine::Undated)
    }
}

/// What the line at the start of `text` is in an mbox. The less the line itself says, the more must
/// stand around it:
///
/// | before it | the line has | behind it |
/// |---|---|---|
/// | an empty line (`preceded`) | a time of day and a year | a field |
/// | an empty line | a name at most, or a date without a year | two fields, one well known |
/// | anything else | weekday, month, day, time and year | two fields |
pub(super) fn judge_from(text: &[u8], eol: Eol, eof: bool, preceded: bool) -> Option<FromLine> {
    if !text.starts_with(b"From ") {
        let cut = b"From ".starts_with(text) && !eof;
        return if cut { None } else { Some(FromLine::Text) };
    }
    let line_end = match from_line(text, eol, eof)? {
        0 => return Some(FromLine::Text),
        line_end => line_end,
    };
    let rest = &text[line_end..];
    Some(match (Date::of(&text[..line_end]), preceded) {
        (Date::Some | Date::Whole, true) => {
            let goes_on = rest.starts_with(b">From ") || begins_field(rest, eof)?;
            if goes_on { FromLine::Separator } else { FromLine::DatedText }
        }
        (Date::Doubtful, true) if two_fields(rest, eol, eof, true)? => FromLine::Undated,
        (Date::Whole, false) if two_fields(rest, eol, eof, false)? => FromLine::Separator,
        _ => FromLine::Text,
    })
}

/// Whether `text` begins with two fields, one of them `well_known` if that is asked for; within
/// [`FIELDS`] octets.
fn two_fields(text: &[u8], eol: Eol, eof: bool, well_known: bool) -> Option<bool> {
    let head = &text[..text.len().min(FIELDS)];
    let is_all = eof || head.len() == FIELDS;
    let (mut at, mut count, mut known) = (0, 0, !well_known);
    loop {
        let line = &head[at..];
        if at == 0 || !line.first().is_some_and(|&c| is_wsp(c)) {
            if !begins_field(line, is_all)? {
                return Some(false);
            }
            let name = &line[..line.iter().position(|&c| !is_ftext(c)).unwrap_or(line.len())];
            known |= Name::of(name).is_some() || name.starts_with(b"X-");
            count += 1;
            if count >= 2 && known {
                return Some(true);
            }
        }
        match eol.first_line(line) {
            Some((_, next)) => at += next,
            None if is_all => return Some(false),
            None => return None,
        }
    }
}

/// The length of the line of four SOH that stands between the messages of an MMDF mailbox, with its
/// line end; 0 if `text` begins with something else.
pub(super) fn mmdf_line(text: &[u8], eof: bool) -> Option<usize> {
    const LINE: &[u8] = b"\x01\x01\x01\x01";
    match text.strip_prefix(LINE) {
        Some([]) if eof => Some(LINE.len()),
        Some(rest) => Some(match Eol::Lf.leading(rest, eof)? {
            0 => 0,
            line_end => LINE.len() + line_end,
        }),
        None if LINE.starts_with(text) && !eof => None,
        None => Some(0),
    }
}

/// Whether an input is an MMDF mailbox: its first line is one of four SOH.
pub fn begins_mmdf(head: &[u8]) -> bool {
    mmdf_line(head, true).is_some_and(|len| len > 0)
}

/// Whether an input is an mbox: its first line is a `From ` line, and the next looks like a field.
pub fn begins_mbox(head: &[u8]) -> bool {
    if !head.starts_with(b"From ") {
        return false;
    }
    match from_line(head, Eol::Lf, true) {
        Some(line_end @ 1..) => {
            let rest = &head[line_end..];
            rest.starts_with(b">From ") || begins_field(rest, true) == Some(true)
        }
        _ => false,
    }
}

/// Whether a line, its line end included or not, parts the messages of an mbox if a field follows it:
/// a `From ` line with a date.
pub fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && from_line(line, Eol::Lf, true) == Some(line.len())
        && matches!(Date::of(line), Date::Some | Date::Whole)
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

/// What a From_ line holds of a date, separated by white space from the rest (RFC 4155 appendix A asks
/// for asctime; programs write a dozen forms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Date {
    /// Nothing, and words instead.
    None,
    /// Nothing, and at most a sender; or a month and a time of day without a year in four digits.
    Doubtful,
    /// A time of day and a year.
    Some,
    /// Behind a sender all that asctime writes.
    Whole,
}

impl Date {
    fn of(line: &[u8]) -> Date {
        if is_asctime(line) { Date::Whole } else { Date::in_words(line) }
    }

    fn in_words(line: &[u8]) -> Date {
        let (mut count, mut last, mut behind_sender) = (0, &b""[..], false);
        let (mut weekday, mut month, mut day) = (false, false, false);
        let (mut time, mut year) = (false, false);
        for word in line.split(|&c| is_fws(c)).skip(1) {
            let part = word.strip_suffix(b",").unwrap_or(word);
            match part {
                _ if word.is_empty() => continue,
                &[a, b, c] => {
                    let name = lower_case([a, b, c]);
                    weekday |= WEEKDAYS.contains(&name);
                    month |= MONTHS.contains(&name);
                    time |= is_time(part);
                }
                [] | [_] | [_, _] => day |= part.iter().all(u8::is_ascii_digit),
                _ => {
                    year |= part.len() == 4 && part.iter().all(u8::is_ascii_digit);
                    time |= part.len() <= TIME && is_time(part);
                }
            }
            behind_sender |= count == 0 && !weekday;
            (count, last) = (count + 1, word);
        }
        match time && year {
            true if behind_sender && weekday && month && day => Date::Whole,
            true => Date::Some,
            false if time && month => Date::Doubtful,
            false if count == 0 || count == 1 && is_sender(last) => Date::Doubtful,
            false => Date::None,
        }
    }
}

/// Whether a From_ line is what nearly all are: a sender, and behind it asctime, as far as that can be
/// told by its places alone.
fn is_asctime(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some((before, date)) = line.split_last_chunk::<24>() else { return false };
    let &[a, b, c, _, d, e, f, _, tens, ..] = date;
    // A first word of five octets is no weekday.
    let has_sender = before.get(5..10).is_some_and(|word| !word.iter().any(|&c| is_fws(c)));
    let is_digit = |at: &usize| date[*at].is_ascii_digit();
    has_sender
        && before.ends_with(b" ")
        && WEEKDAYS.contains(&lower_case([a, b, c]))
        && MONTHS.contains(&lower_case([d, e, f]))
        && (tens == b' ' || tens.is_ascii_digit())
        && [3, 7, 10, 19].iter().all(|&at| date[at] == b' ')
        && [13, 16].iter().all(|&at| date[at] == b':')
        && [9, 11, 12, 14, 15, 17, 18, 20, 21, 22, 23].iter().all(is_digit)
}

/// A name of three letters: in lower case, as a number.
const fn lower_case([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0]) | 0x20_20_20
}

const fn names<const N: usize>(names: [&[u8; 3]; N]) -> [u32; N] {
    let mut numbers = [0; N];
    let mut i = 0;
    while i < N {
        numbers[i] = lower_case(*names[i]);
        i += 1;
    }
    numbers
}

const WEEKDAYS: [u32; 7] = names([b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"]);

const MONTHS: [u32; 12] = names([
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
]);

/// Whether a single word may be a sender: it does not end as a clause does.
fn is_sender(word: &[u8]) -> bool {
    word.last().is_some_and(|&c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'>' | b'"'))
}

/// The longest time of day: `hh:mm:ss`.
const TIME: usize = 8;

/// Two or three numbers of one digit or two, with colons between them.
fn is_time(word: &[u8]) -> bool {
    let (mut digits, mut colons) = (0, 0);
    for &c in word {
        match c {
            b'0'..=b'9' if digits < 2 => digits += 1,
            b':' if digits > 0 => (digits, colons) = (0, colons + 1),
            _ => return false,
        }
    }
    digits > 0 && matches!(colons, 1..=2)
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
    fn times() {
        let times: &[&[u8]] = &[b"1:2", b"10:00", b"10:00:59", b"1:02:3"];
        let others: &[&[u8]] = &[b"", b"10", b"10:", b":10", b"100:1", b"1::2", b"1:2:3:4", b"1:a"];
        assert!(times.iter().all(|word| is_time(word)));
        assert!(!others.iter().any(|word| is_time(word)));
    }

    #[test]
    fn from_lines() {
        use FromLine::{DatedText, Separator, Text, Undated};
        let two = "Subject: x\n folded\nA: b\n";
        let unknown = "A: b\nC: d\n";
        // The line, what follows it, what it is behind an empty line, and what behind anything else.
        let cases: &[(&str, &str, FromLine, FromLine)] = &[
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", two, Separator, Separator),
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", unknown, Separator, Separator),
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", "A: b\n", Separator, Text),
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", ">From b\nA: b\n", Separator, Text),
            ("From a@b.example Mon Jan  1 00:00:00 2024\n", "and then\n", DatedText, Text),
            ("From a@b.example Mon Jan  1 00:00:00 2024 +0100\r\n", two, Separator, Separator),
            ("From a at b.example  Mon Jan  1 00:00:00 CET 2024\n", two, Separator, Separator),
            ("From - Mon Jan 01 00:00:00 2024\n", two, Separator, Separator),
            ("From a Mon, Jan 1, 2024, 10:00\n", two, Separator, Separator),
            ("From \"a b\"@c.example Thu, 01 Jan 2024 10:00 GMT\n", two, Separator, Separator),
            ("From a Mon Jan 1 00:00:00 2024 remote from b\n", two, Separator, Separator),
            ("From Mon Jan  1 00:00:00 2024\n", two, Separator, Text),
            ("From a 10:00 2024\n", two, Separator, Text),
            ("From a Mon Jan  1 00:00\n", two, Undated, Text),
            ("From a Mon Jan  1 00:00:00 24\n", two, Undated, Text),
            ("From nobody\n", two, Undated, Text),
            ("From \r\n", two, Undated, Text),
            ("From nobody\n", unknown, Text, Text),
            ("From nobody\n", "Subject: x\n\n", Text, Text),
            ("From there,\n", two, Text, Text),
            ("From now on we meet at 10:00\n", two, Text, Text),
            ("From 2024 on\n", two, Text, Text),
            ("From: a@b.example 10:00 2024\n", two, Text, Text),
            ("From : a@b.example 10:00 2024\n", two, Text, Text),
            (">From a@b.example Mon Jan  1 00:00:00 2024\n", two, Text, Text),
        ];
        for &(line, rest, preceded, bare) in cases {
            let text = format!("{line}{rest}");
            let judge = |preceded| judge_from(text.as_bytes(), Eol::Lf, true, preceded);
            assert_eq!((judge(true), judge(false)), (Some(preceded), Some(bare)), "{text}");
        }
        assert_eq!(from_line(b"From x\nA: b", Eol::Lf, false), Some(7));
        assert_eq!(from_line(b">From x\nA: b", Eol::Lf, false), Some(8));
        assert_eq!(from_line(b"Fro", Eol::Lf, false), None);
        assert_eq!(from_line(b"Frx", Eol::Lf, false), Some(0));
        assert_eq!(from_line(b"From : x\n", Eol::Lf, false), Some(0));
    }

    #[test]
    fn what_is_decided_stays_decided() {
        let text = b"From nobody\nA: b\n c\nSubject: x\nmore\n";
        let whole = judge_from(text, Eol::Lf, true, true);
        for end in 0..text.len() {
            let part = judge_from(&text[..end], Eol::Lf, false, true);
            assert!(part.is_none() || part == whole, "{end}");
        }
    }

    #[test]
    fn mmdf_lines() {
        let cases: &[(&[u8], bool, Option<usize>)] = &[
            (b"\x01\x01\x01\x01\nA", false, Some(5)),
            (b"\x01\x01\x01\x01\r\nA", false, Some(6)),
            (b"\x01\x01\x01\x01\r", false, None),
            (b"\x01\x01\x01\x01", true, Some(4)),
            (b"\x01\x01\x01\x01", false, None),
            (b"\x01\x01", false, None),
            (b"\x01\x01", true, Some(0)),
            (b"\x01\x01\x01\x01\x01\n", false, Some(0)),
            (b"A", false, Some(0)),
        ];
        for &(text, eof, expected) in cases {
            assert_eq!(mmdf_line(text, eof), expected, "{}, {eof}", text.escape_ascii());
        }
    }

    #[test]
    fn what_is_asctime_by_its_places_is_by_its_words() {
        let whole = b"From a@example.org Mon Jan  1 00:00:00 2024";
        assert!(is_asctime(whole) && is_asctime(&[whole, &b"\r\n"[..]].concat()));
        assert!(!is_asctime(b"From mon, Mon Jan  1 00:00:00 2024\n"));
        assert!(!is_asctime(b"From a@example.org Mon Jan  1 0:00:00 +0000 2024\n"));
        for at in 5..whole.len() {
            for c in 0..=127 {
                let mut line = whole.to_vec();
                line[at] = c;
                let is_whole = Date::in_words(&line) == Date::Whole;
                assert!(is_whole || !is_asctime(&line), "{}", line.escape_ascii());
                line.insert(at, c);
                let is_whole = Date::in_words(&line) == Date::Whole;
                assert!(is_whole || !is_asctime(&line), "{}", line.escape_ascii());
            }
        }
    }
}
