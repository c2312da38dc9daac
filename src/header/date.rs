//! Dates (RFC 5322 §3.3, §4.3): a reader for the dates that mail has, in front of `jiff`, which
//! knows the calendar.
//!
//! Contract: any octets give a date or `None`, in one pass, by the first 32 tokens. The grammar of
//! RFC 5322 gives no finding; what is read beyond it gives H041, what cannot be read H040. Read are
//! also the obsolete forms of §4.3, the orders of `asctime` and `date`, ISO 8601 with its separators,
//! months in full or as numbers, and clocks with AM and PM or with dots.
//!
//! Nothing is invented: a day, month, year or time of day that is not there, a day that the calendar
//! does not have, or numbers whose order can only be guessed (`9/11/2002`) give `None`; a zone that
//! is not there, cannot be, or names several offsets is unknown. Words of other languages are
//! skipped before the day, not translated. Fractions of a second are dropped.
//!
//! May use: base, `plain`, `token`, `zone`.

mod plain;
mod token;
mod zone;

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use jiff::civil;

use self::token::{Kind, Token, shape, tokens};
use crate::base::chars::{is_fws, trim};
use crate::base::{Rule, Sink, Span};

const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// A date as it was written: the local time and the offset, if one was given that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// The local date and time, in whole seconds.
    pub local: civil::DateTime,
    /// Seconds east of UTC, in whole minutes; `None` if unknown (`-0000`, no zone, an impossible one).
    pub offset: Option<i32>,
}

impl Date {
    /// The date as RFC 3339 §5.6 has it: `2021-11-20T14:22:01-08:00`; `-00:00` if the offset is
    /// unknown (§4.3).
    pub fn rfc3339(&self) -> String {
        let mut text = String::with_capacity(25);
        self.write_rfc3339(&mut text);
        text
    }

    /// Appends the same to `text`.
    pub fn write_rfc3339(&self, text: &mut String) {
        let (octets, start) = self.octets();
        // They are all ASCII.
        text.push_str(std::str::from_utf8(&octets[start..]).unwrap_or_default());
    }

    /// Appends the same octets to `to`.
    pub(crate) fn append_rfc3339(&self, to: &mut Vec<u8>) {
        let (octets, start) = self.octets();
        to.extend_from_slice(&octets[start..]);
    }

    /// The same octets, and which is the first of them: a year before the first has a sign.
    fn octets(&self) -> ([u8; 26], usize) {
        let mut octets = *b"-0000-00-00T00:00:00-00:00";
        let mut two = |at: usize, value: u32| {
            octets[at] = b'0' + (value / 10 % 10) as u8;
            octets[at + 1] = b'0' + (value % 10) as u8;
        };
        let year = u32::from(self.local.year().unsigned_abs());
        let (date, time) = (self.local.date(), self.local.time());
        let minutes = self.offset.unwrap_or(0).unsigned_abs() / 60;
        two(1, year / 100);
        two(3, year);
        let fields = [date.month(), date.day(), time.hour(), time.minute(), time.second()];
        for (i, value) in fields.into_iter().enumerate() {
            two(6 + 3 * i, value.unsigned_abs().into());
        }
        two(21, minutes / 60);
        two(24, minutes % 60);
        if self.offset.is_some_and(|offset| offset >= 0) {
            octets[20] = b'+';
        }
        (octets, usize::from(self.local.year() >= 0))
    }

    /// Seconds since 1970-01-01T00:00:00Z; an unknown offset counts as UTC, which `-0000` states
    /// (RFC 5322 §3.3).
    pub fn timestamp(&self) -> i64 {
        let epoch = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        self.local.duration_since(epoch).as_secs() - i64::from(self.offset.unwrap_or(0))
    }
}

/// The date of a raw field body; `None` if there is none to be read (H040). An odd form gives H041,
/// once; both span the body without the white space around it.
pub fn parse<S: Sink>(raw: &[u8], sink: &mut S) -> Option<Date> {
    let Some((date, is_true)) = plain::parse(raw) else { return parse_slowly(raw, sink) };
    if S::LISTENING && !is_true {
        sink.report(Rule::H041, written(raw));
    }
    Some(date)
}

fn parse_slowly<S: Sink>(raw: &[u8], sink: &mut S) -> Option<Date> {
    let tokens = tokens(raw);
    let reading = Reading::of(&tokens);
    let date = reading.as_ref().and_then(Reading::date);
    if S::LISTENING {
        let rule = match (date, reading) {
            (Some(_), Some(reading)) if reading.is_plain(&tokens) => None,
            (Some(_), _) => Some(Rule::H041),
            (None, _) => Some(Rule::H040),
        };
        if let Some(rule) = rule {
            sink.report(rule, written(raw));
        }
    }
    date
}

/// Where the text stands in `raw`.
fn written(raw: &[u8]) -> Span {
    let start = raw.iter().position(|&c| !is_fws(c)).unwrap_or(0);
    Span::from(start..start + trim(raw).len())
}

/// What stands in the text, the day checked against the calendar.
#[derive(Clone, Copy, Debug)]
struct Reading {
    day: civil::Date,
    clock: Clock,
    offset: Option<i32>,
}

impl Reading {
    fn of(tokens: &[Token<'_>]) -> Option<Reading> {
        let mut reader = Reader { rest: tokens };
        let Day { day, month, year } = reader.day()?;
        let clock = reader.clock(year.is_some())?;
        let (year, offset) = match year {
            Some(year) => (year, reader.zone()),
            None => reader.late_year()?,
        };
        let day =
            civil::Date::new(full_year(&year)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Some(Reading { day: day.ok()?, clock, offset })
    }

    /// 24:00 is the next day's midnight, and second 60 the next second, as clocks without leap
    /// seconds count.
    fn date(&self) -> Option<Date> {
        let since_midnight = SignedDuration::from_secs(self.clock.seconds()?);
        let local = self.day.at(0, 0, 0, 0).checked_add(since_midnight).ok()?;
        Some(Date { local, offset: self.offset })
    }

    /// Whether the text is as RFC 5322 §3.3 has it, and true.
    fn is_plain(&self, tokens: &[Token<'_>]) -> bool {
        let weekday =
            WEEKDAYS[usize::from(self.day.weekday().to_monday_zero_offset().unsigned_abs())];
        let tokens = match tokens {
            [word, comma, rest @ ..] if word.is_word(weekday) && comma.is_mark(b",") => rest,
            _ => tokens,
        };
        let shape = shape(tokens);
        let behind_day = shape.trim_start_matches(' ').strip_prefix(['1', '2']);
        matches!(behind_day, Some(" aaa 4 2:2 +4" | " aaa 4 2:2:2 +4"))
            && self.clock.hour < 24
            && self.day.year() >= 1900
            && (self.offset.is_some() || tokens.last().is_some_and(|zone| zone.text == b"0000"))
    }
}

/// A year by its digits (RFC 5322 §4.3): two below 50 are of this century, other two and three
/// count from 1900.
fn full_year(token: &Token<'_>) -> Option<i16> {
    let year = i16::try_from(token.value()).ok()?;
    match token.text.len() {
        0 | 1 => None,
        2 if year < 50 => Some(year + 2000),
        2 | 3 => Some(year + 1900),
        _ => Some(year),
    }
}

/// A day as written; the year may follow the clock.
#[derive(Clone, Copy, Debug)]
struct Day<'a> {
    day: u32,
    month: u32,
    year: Option<Token<'a>>,
}

/// A time of day as written, by 24 hours.
#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
}

impl Clock {
    /// Seconds since midnight; `None` if no day has that time.
    fn seconds(self) -> Option<i64> {
        let Clock { hour, minute, second } = self;
        let possible = hour < 24 && minute < 60 && second <= 60;
        let midnight = hour == 24 && minute == 0 && second == 0;
        (possible || midnight).then(|| i64::from(hour * 3600 + minute * 60 + second))
    }
}

/// Reads tokens from left to right.
#[derive(Clone, Copy, Debug)]
struct Reader<'t, 'a> {
    rest: &'t [Token<'a>],
}

impl<'a> Reader<'_, 'a> {
    fn take(&mut self, wanted: impl Fn(&Token<'a>) -> bool) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first().filter(|(first, _)| wanted(first))?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self, digits: RangeInclusive<usize>) -> Option<Token<'a>> {
        self.take(|token| token.is_number(digits.clone()))
    }

    /// Skips marks of `set`; the last one, if any.
    fn marks(&mut self, set: &[u8]) -> Option<u8> {
        let mut last = None;
        while let Some(token) = self.take(|token| token.is_mark(set)) {
            last = token.text.first().copied();
        }
        last
    }

    /// What stands between day, month and year beside white space; the last of it.
    fn separators(&mut self) -> Option<u8> {
        self.marks(b"-/.,")
    }

    fn month_name(&mut self) -> Option<u32> {
        self.take(|token| token.month().is_some())?.month()
    }

    /// The day in any of its orders.
    fn day(&mut self) -> Option<Day<'a>> {
        let month_before = self.month_before();
        let first = self.number(1..=4)?;
        if first.text.len() == 4 {
            return self.year_first(first);
        }
        let separator = self.separators();
        let day = first.value();
        if let Some(month) = self.month_name() {
            self.separators();
            return Some(Day { day, month, year: self.year() });
        }
        match month_before {
            Some(month) => Some(Day { day, month, year: self.year() }),
            None => self.numeric(first, separator),
        }
    }

    /// Skips what stands before the first number: the weekday in any language, or whatever it is.
    /// The month, if the last word of it is one.
    ///
    /// QUIRK: `Mar, 02 Apr 2014` is a French Tuesday, so the month behind the number comes first.
    fn month_before(&mut self) -> Option<u32> {
        let mut month = None;
        while let Some(token) = self.take(|token| token.kind != Kind::Number) {
            if token.kind == Kind::Word {
                month = token.month();
            }
        }
        month
    }

    /// ISO 8601 and its like: year, month, day.
    fn year_first(&mut self, year: Token<'a>) -> Option<Day<'a>> {
        self.separators();
        let month = match self.month_name() {
            Some(month) => month,
            None => self.number(1..=2)?.value(),
        };
        self.separators();
        if self.at_clock() {
            return None;
        }
        let day = self.number(1..=2)?.value();
        Some(Day { day, month, year: Some(year) })
    }

    /// QUIRK: `20 11 79`, `20.11.1979`: numbers in the order of the RFC. With slashes or hyphens half
    /// of the world means the month by the first one, so they count only if one of them can be no
    /// month.
    fn numeric(&mut self, first: Token<'a>, separator: Option<u8>) -> Option<Day<'a>> {
        let (first, second) = (first.value(), self.number(1..=2)?.value());
        self.separators();
        let year = self.year()?;
        let (day, month) = match separator {
            Some(b'-' | b'/') if year.text.len() < 4 => return None,
            Some(b'-' | b'/') if first <= 12 && second <= 12 => return None,
            Some(b'-' | b'/') if first <= 12 => (second, first),
            _ => (first, second),
        };
        Some(Day { day, month, year: Some(year) })
    }

    /// A year of two digits or more, unless what stands here is the clock.
    fn year(&mut self) -> Option<Token<'a>> {
        if self.at_clock() { None } else { self.number(2..=4) }
    }

    /// QUIRK: `asctime` and `date` put the year behind the clock; the zone stands before or behind.
    fn late_year(&mut self) -> Option<(Token<'a>, Option<i32>)> {
        if let Some(year) = self.number(4..=4) {
            return Some((year, self.zone()));
        }
        let offset = self.zone();
        Some((self.number(4..=4)?, offset))
    }

    fn at_clock(&self) -> bool {
        let [hour, separator, minute, ..] = self.rest else { return false };
        let dotted = separator.is_mark(b".") && separator.is_glued() && minute.is_glued();
        hour.is_number(1..=2) && minute.is_number(1..=2) && (separator.is_mark(b":") || dotted)
    }

    /// The time of day, behind a word such as the `T` of ISO 8601 or `at` if the day is complete.
    fn clock(&mut self, behind_year: bool) -> Option<Clock> {
        let mut lead = self.marks(b",;:@-");
        if behind_year && self.take(|token| token.kind == Kind::Word).is_some() {
            lead = self.marks(b",;:@-");
        }
        // A number with a sign is a zone without a clock.
        if !self.at_clock() || (lead == Some(b'-') && self.rest.first()?.is_glued()) {
            return None;
        }
        let hour = self.number(1..=2)?.value();
        let separator = self.take(|token| token.is_mark(b":."))?;
        let minute = self.number(1..=2)?.value();
        let second = self.second(separator).unwrap_or(0);
        Some(Clock { hour: self.hour_of_24(hour), minute, second })
    }

    fn second(&mut self, separator: Token<'a>) -> Option<u32> {
        let [again, second, rest @ ..] = self.rest else { return None };
        if again.kind != separator.kind || !second.is_number(1..=2) {
            return None;
        }
        self.rest = rest;
        self.fraction();
        Some(second.value())
    }

    /// Skips a fraction of a second (RFC 3339 §5.6; ISO 8601 has a comma too).
    fn fraction(&mut self) {
        let [dot, digits, rest @ ..] = self.rest else { return };
        let glued = dot.is_glued() && digits.is_glued();
        if glued && dot.is_mark(b".,") && digits.kind == Kind::Number {
            self.rest = rest;
        }
    }

    /// Reads `AM`, `PM`, `a.m.` or `p.m.`.
    ///
    /// QUIRK: they also stand behind hours that need none (`14:22 PM`), which stay.
    fn hour_of_24(&mut self, hour: u32) -> u32 {
        let (half, rest) = match self.rest {
            [half, dot, m, rest @ ..] if dot.is_mark(b".") && m.is_word(b"M") => (half, rest),
            [half, rest @ ..] if half.text.len() == 2 => (half, rest),
            _ => return hour,
        };
        let is = |names: [&[u8]; 2]| names.iter().any(|name| half.is_word(name));
        let hour = match hour {
            12 if is([b"AM", b"A"]) => 0,
            1..12 if is([b"PM", b"P"]) => hour + 12,
            _ if is([b"AM", b"A"]) || is([b"PM", b"P"]) => hour,
            _ => return hour,
        };
        self.rest = rest;
        hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(raw: &[u8]) -> Option<String> {
        parse(raw, &mut ()).map(|date| date.rfc3339())
    }

    fn rules(raw: &str) -> Vec<(Rule, Span)> {
        let mut findings = Vec::new();
        let _ = parse(raw.as_bytes(), &mut findings);
        findings
    }

    /// RFC 5322 §3.3: a date each, and nothing to say about it.
    #[rustfmt::skip]
    const PLAIN: &[(&str, &str, &str)] = &[
        ("full", "Sat, 20 Nov 2021 14:22:01 -0800", "2021-11-20T14:22:01-08:00"),
        ("no weekday", "20 Nov 2021 14:22:01 +0130", "2021-11-20T14:22:01+01:30"),
        ("no seconds", "Sat, 20 Nov 2021 14:22 +0000", "2021-11-20T14:22:00+00:00"),
        ("unknown zone", "Sat, 20 Nov 2021 14:22:01 -0000", "2021-11-20T14:22:01-00:00"),
        ("one digit", "Mon, 1 Nov 2021 14:22:01 +0000", "2021-11-01T14:22:01+00:00"),
        ("spaces, letter case", "  sat,  20  NOV 2021 14:22:01 +0000 ", "2021-11-20T14:22:01+00:00"),
        ("no space, as FWS is optional", "Sat,20 Nov 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("folds", "Sat,\r\n 20\r\n\tNov 2021\n 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("a comment behind", "20 Nov 2021 14:22:01 +0000 (a (b) \\( c)", "2021-11-20T14:22:01+00:00"),
        ("leap day", "29 Feb 2000 00:00:00 +0000", "2000-02-29T00:00:00+00:00"),
        ("leap second", "30 Jun 2012 23:59:60 +0000", "2012-07-01T00:00:00+00:00"),
        ("leap second, year's end", "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00+00:00"),
    ];

    /// Read all the same, with H041.
    #[rustfmt::skip]
    const ODD: &[(&str, &str, &str)] = &[
        ("wrong weekday", "Mon, 20 Nov 2021 14:22:01 -0800", "2021-11-20T14:22:01-08:00"),
        ("foreign weekday", "Sam, 20 Nov 2021 14:22:01 -0800", "2021-11-20T14:22:01-08:00"),
        ("a weekday that is a month", "Mar, 02 Apr 2014 15:04:13 -0500", "2014-04-02T15:04:13-05:00"),
        ("weekday in full", "Saturday, 20 Nov 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("no comma", "Sat 20 Nov 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("only the comma", ", 20 Nov 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("quotes", "'Sat, 20 Nov 2021 14:22:01 +0000'", "2021-11-20T14:22:01+00:00"),
        ("month in full", "Sat, 20 November 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("Sept", "20 Sept 2021 14:22:01 +0000", "2021-09-20T14:22:01+00:00"),
        ("dots", "20. Nov. 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("hyphens", "20-Nov-2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("month a number", "20 11 79 05:34:27 -0300", "1979-11-20T05:34:27-03:00"),
        ("numbers with dots", "20.11.2021 14:22", "2021-11-20T14:22:00-00:00"),
        ("slashes, no doubt about the day", "20/11/2021 14:22", "2021-11-20T14:22:00-00:00"),
        ("slashes, American", "11/20/2021 14:22", "2021-11-20T14:22:00-00:00"),
        ("year of two digits, below 50", "20 Nov 49 14:22:01 +0000", "2049-11-20T14:22:01+00:00"),
        ("year of two digits, from 50", "20 Nov 50 14:22:01 +0000", "1950-11-20T14:22:01+00:00"),
        ("year of three digits", "20 Nov 101 14:22:01 +0000", "2001-11-20T14:22:01+00:00"),
        ("a year before mail", "20 Nov 1899 14:22:01 +0000", "1899-11-20T14:22:01+00:00"),
        ("24:00", "31 Dec 2021 24:00 +0000", "2022-01-01T00:00:00+00:00"),
        ("one digit each", "20 Nov 2021 4:2:1 +0000", "2021-11-20T04:02:01+00:00"),
        ("clock with dots", "20 Nov 2021 14.22.01 +0000", "2021-11-20T14:22:01+00:00"),
        ("spaces in the clock", "20 Nov 2021 14 : 22 : 01 +0000", "2021-11-20T14:22:01+00:00"),
        ("fraction", "20 Nov 2021 14:22:01.999 +0000", "2021-11-20T14:22:01+00:00"),
        ("PM", "20 Nov 2021 2:22:01 PM +0000", "2021-11-20T14:22:01+00:00"),
        ("p.m.", "20 Nov 2021 2:22 p.m.", "2021-11-20T14:22:00-00:00"),
        ("noon", "20 Nov 2021 12:22:01 PM +0000", "2021-11-20T12:22:01+00:00"),
        ("midnight", "20 Nov 2021 12:22:01AM +0000", "2021-11-20T00:22:01+00:00"),
        ("PM by 24 hours", "20 Nov 2021 14:22:01 PM +0000", "2021-11-20T14:22:01+00:00"),
        ("comments", "(a) 20 (b) Nov (c (d)) 2021 (14:00) 14:22:01 (e) +0000", "2021-11-20T14:22:01+00:00"),
        ("a comment never closed", "20 Nov 2021 14:22:01 +0000 (UTC", "2021-11-20T14:22:01+00:00"),
        ("text behind", "20 Nov 2021 14:22:01 +0000 (UTC) extra 1:2", "2021-11-20T14:22:01+00:00"),
        ("American", "Nov 20, 2021 14:22:01 +0000", "2021-11-20T14:22:01+00:00"),
        ("as Apple quotes it", "November 20, 2021 at 2:22:01 PM PST", "2021-11-20T14:22:01-08:00"),
        ("asctime", "Sat Nov 20 14:22:01 2021", "2021-11-20T14:22:01-00:00"),
        ("asctime and zone", "Sat Nov  6 14:22:01 2021 +0100", "2021-11-06T14:22:01+01:00"),
        ("date", "Mon Jul 19 12:47:32 MST 1993", "1993-07-19T12:47:32-07:00"),
        ("date, a longer zone", "Mon Jul 19 12:47:32 EST5EDT 1993", "1993-07-19T12:47:32-05:00"),
        ("numeric zone before the year", "Sat Nov 20 14:22:01 +0100 2021", "2021-11-20T14:22:01+01:00"),
        ("RFC 3339", "2021-11-20T14:22:01-08:00", "2021-11-20T14:22:01-08:00"),
        ("RFC 3339, Z", "2021-11-20T14:22:01.5Z", "2021-11-20T14:22:01+00:00"),
        ("RFC 3339, a space", "2021-11-20 14:22:01 +01:30", "2021-11-20T14:22:01+01:30"),
        ("year first, slashes", "2021/11/20 Sat 14:22:01 CST", "2021-11-20T14:22:01-06:00"),
        ("year first, a name", "2021 Nov 20 14:22:01", "2021-11-20T14:22:01-00:00"),
        ("RCS", "$Date: 2021/11/20 14:22:01 $", "2021-11-20T14:22:01-00:00"),
    ];

    const NONE: &[(&str, &str)] = &[
        ("nothing", ""),
        ("white space", " \r\n "),
        ("words", "Not supplied"),
        ("numbers", "some numbers 0 1 2 but invalid"),
        ("no such day", "31 Feb 2021 00:00:00 +0000"),
        ("no leap year", "29 Feb 1900 00:00:00 +0000"),
        ("no leap year, far from it", "29 Feb 2100 00:00:00 +0000"),
        ("day 0", "0 Nov 2021 00:00:00 +0000"),
        ("day 32", "32 Dec 2021 00:00:00 +0000"),
        ("month 0", "Tue, 7 00 2026 19:14:51 +0000"),
        ("month 13", "Tue, 7 13 2026 19:14:51 +0000"),
        ("no month", "Tue, 7 Bog 2026 19:14:51 +0000"),
        ("foreign month behind a weekday", "Mar, 02 Avr 2014 15:04:13 -0500"),
        ("month too short", "Tue, 02 A 2014 15:04:13 -0500"),
        ("hour 25", "20 Nov 2021 25:00:00 +0000"),
        ("behind 24:00", "20 Nov 2021 24:00:01 +0000"),
        ("minute 60", "20 Nov 2021 23:60:00 +0000"),
        ("second 61", "20 Nov 2021 23:59:61 +0000"),
        ("no day", "Nov 2021 14:22:01 +0000"),
        ("no year", "20 Nov 14:22:01 +0000"),
        ("no year, month first", "Wed, Nov. 24 @ 7:30PM"),
        ("year of one digit", "20 Nov 1 14:22:01 +0000"),
        ("year of five digits", "20 Nov 20211 14:22:01 +0000"),
        ("no clock", "Sat, 20 Nov 2021"),
        ("no clock but a zone", "20 Nov 2021 +02:00"),
        ("no clock, ISO", "2021-11-20"),
        ("slashes, anyone's guess", "9/11/2021 14:22"),
        ("hyphens, anyone's guess", "09-11-2021 14:22"),
        ("year of two digits among hyphens", "96-11-12 07:36:18"),
        ("the rest in a comment", "Tue, 1 Jul 2003 ((invalid) 10:52:37 +0200"),
        ("behind the end of time", "31 Dec 9999 24:00 +0000"),
        ("digits", "7370951615"),
    ];

    #[test]
    fn reads_the_grammar_in_silence() {
        for &(name, raw, expected) in PLAIN {
            assert_eq!(shown(raw.as_bytes()).as_deref(), Some(expected), "{name}");
            assert_eq!(rules(raw), [], "{name}");
        }
    }

    #[test]
    fn reads_other_forms_with_a_finding() {
        for &(name, raw, expected) in ODD {
            assert_eq!(shown(raw.as_bytes()).as_deref(), Some(expected), "{name}");
            assert_eq!(rules(raw), [(Rule::H041, Span::from(0..raw.len()))], "{name}");
        }
    }

    #[test]
    fn invents_nothing() {
        for &(name, raw) in NONE {
            assert_eq!(shown(raw.as_bytes()), None, "{name}");
            assert_eq!(rules(raw).iter().map(|f| f.0).collect::<Vec<_>>(), [Rule::H040], "{name}");
        }
        assert_eq!(rules("\r\n never "), [(Rule::H040, Span::new(3, 8))]);
    }

    #[test]
    fn counts_seconds() {
        let cases = [
            ("1 Jan 1970 00:00:00 +0000", 0),
            ("1 Jan 1970 00:00:00 -0000", 0),
            ("1 Jan 1970 01:00:00 +0130", -1800),
            ("Sun, 9 Sep 2001 01:46:40 GMT", 1_000_000_000),
            ("31 Dec 1969 16:00:01 PST", 1),
            ("31 Dec 9999 23:59:59 -2359", 253_402_300_799 + 86_340),
        ];
        for (raw, expected) in cases {
            let date = parse(raw.as_bytes(), &mut ());
            assert_eq!(date.map(|date| date.timestamp()), Some(expected), "{raw}");
        }
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        for piece in ["(", ")", "()", "\\", "1", "a", "1 ", "a ", "1:", "+", "(a) ", ", ", "\n "] {
            assert_eq!(shown(piece.repeat(1 << 18).as_bytes()), None, "{piece}");
        }
    }

    prop_compose! {
        fn dates()(
            day in 0..200 * 365_i32, second in 0..86_400_i64, minutes in -1439..1440_i32
        ) -> Date {
            let day = civil::date(1900, 1, 1).checked_add(SignedDuration::from_hours(24 * i64::from(day)));
            let local = day.unwrap().at(0, 0, 0, 0) + SignedDuration::from_secs(second);
            Date { local, offset: Some(minutes * 60) }
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read(raw: Vec<u8>) {
            let mut findings = Vec::new();
            let date = parse(&raw, &mut findings);
            prop_assert!(findings.len() <= 1);
            prop_assert_eq!(date.is_none(), findings.first().is_some_and(|f| f.0 == Rule::H040));
        }

        #[test]
        fn pieces_of_dates_are_read(
            pieces in prop::collection::vec(
                "[0-9]{1,5}|Jan|Sat|PM|GMT|T|[-+:/., ()\"]| ", 0..40
            )
        ) {
            if let Some(date) = parse(pieces.concat().as_bytes(), &mut ()) {
                // What was read is a date of RFC 3339, and that is read as the same.
                prop_assert_eq!(parse(date.rfc3339().as_bytes(), &mut ()), Some(date));
            }
        }

        #[test]
        fn a_date_as_the_rfc_writes_it_comes_back(date in dates()) {
            let minutes = date.offset.unwrap() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let zone = minutes.abs() / 60 * 100 + minutes.abs() % 60;
            let raw = format!("{}{sign}{zone:04}", date.local.strftime("%a, %-d %b %Y %H:%M:%S "));
            prop_assert_eq!(parse(raw.as_bytes(), &mut ()), Some(date));
            prop_assert_eq!(rules(&raw), []);
        }
    }
}
