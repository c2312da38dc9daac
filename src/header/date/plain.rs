//! Dates as nearly all mail has them, read in one pass: the form of RFC 5322 §3.3 with white space where
//! it belongs, and perhaps one comment behind it.
//!
//! Contract: what is read here is read by the parser of the room in the same way, and nothing is odd about
//! it but perhaps the day of the week. Everything else is left to that.
//!
//! May use: base.

use jiff::civil;

use super::{Date, WEEKDAYS};
use crate::base::chars::is_fws;

const MONTHS: [[u8; 3]; 12] = [
    *b"jan", *b"feb", *b"mar", *b"apr", *b"may", *b"jun", *b"jul", *b"aug", *b"sep", *b"oct",
    *b"nov", *b"dec",
];

/// The date of a raw field body, if that is plain, and whether the day of the week is the one it has.
pub(super) fn parse(raw: &[u8]) -> Option<(Date, bool)> {
    let rest = skip_fws(raw);
    let (weekday, rest) = match rest {
        [a, b, c, b',', rest @ ..] => (Some([*a, *b, *c]), skip_fws(rest)),
        _ => (None, rest),
    };
    if weekday.is_some_and(|weekday| !weekday.iter().all(u8::is_ascii_alphabetic)) {
        return None;
    }
    let (day, rest) = day(rest)?;
    let [a, b, c, rest @ ..] = space(rest)? else { return None };
    let month = [a, b, c].map(u8::to_ascii_lowercase);
    let month = 1 + MONTHS.iter().position(|name| *name == month)? as i8;
    let [a, b, c, d, rest @ ..] = space(rest)? else { return None };
    let year = i16::from(two_digits(*a, *b)?) * 100 + i16::from(two_digits(*c, *d)?);
    let (time, rest) = clock(space(rest)?)?;
    let offset = zone(space(rest)?)?;
    let date = civil::Date::new(year, month, day).ok()?;
    let is_true = weekday.is_none_or(|weekday| weekday.eq_ignore_ascii_case(weekday_of(date)));
    (year >= 1900).then(|| (Date { local: date.to_datetime(time), offset }, is_true))
}

fn weekday_of(date: civil::Date) -> &'static [u8] {
    WEEKDAYS[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
}

fn skip_fws(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&c| !is_fws(c)).unwrap_or(text.len());
    &text[start..]
}

/// What is behind the white space that must stand here.
fn space(text: &[u8]) -> Option<&[u8]> {
    let rest = skip_fws(text);
    (rest.len() < text.len()).then_some(rest)
}

fn two_digits(tens: u8, ones: u8) -> Option<i8> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| (10 * (tens - b'0') + (ones - b'0')) as i8)
}

/// A day of one digit or two.
fn day(text: &[u8]) -> Option<(i8, &[u8])> {
    match text {
        [tens, ones, rest @ ..] if ones.is_ascii_digit() => Some((two_digits(*tens, *ones)?, rest)),
        [ones, rest @ ..] => Some((two_digits(b'0', *ones)?, rest)),
        [] => None,
    }
}

/// Hours and minutes, and perhaps seconds. The second 60 is not plain.
fn clock(text: &[u8]) -> Option<(civil::Time, &[u8])> {
    let [a, b, b':', c, d, rest @ ..] = text else { return None };
    let (hour, minute) = (two_digits(*a, *b)?, two_digits(*c, *d)?);
    let (second, rest) = match rest {
        [b':', a, b, rest @ ..] => (two_digits(*a, *b)?, rest),
        _ => (0, rest),
    };
    Some((civil::Time::new(hour, minute, second, 0).ok()?, rest))
}

/// Seconds east of UTC, `None` of `-0000`, which says that nobody knows (RFC 5322 §3.3); behind it there
/// may be a comment.
fn zone(text: &[u8]) -> Option<Option<i32>> {
    let [sign @ (b'+' | b'-'), a, b, c, d, rest @ ..] = text else { return None };
    let (hours, minutes) = (two_digits(*a, *b)?, two_digits(*c, *d)?);
    if hours > 23 || minutes > 59 || !is_comment_or_nothing(rest) {
        return None;
    }
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    Some(match sign {
        b'+' => Some(seconds),
        _ => (seconds > 0).then_some(-seconds),
    })
}

fn is_comment_or_nothing(text: &[u8]) -> bool {
    let text = skip_fws(text);
    let Some(comment) = text.strip_prefix(b"(") else { return text.is_empty() };
    let end = comment.iter().position(|c| matches!(c, b'(' | b')' | b'\\'));
    match end.map(|end| &comment[end..]) {
        Some([b')', rest @ ..]) => skip_fws(rest).is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse_slowly;
    use super::*;
    use crate::base::{Rule, Span};

    /// Whether `raw` is plain; if so, the parser must read it so too, and find nothing odd.
    fn check(raw: &str) -> Result<bool, TestCaseError> {
        let plain = parse(raw.as_bytes());
        if let Some((date, is_true)) = plain {
            let mut found: Vec<(Rule, Span)> = Vec::new();
            prop_assert_eq!(Some(date), parse_slowly(raw.as_bytes(), &mut found), "{:?}", raw);
            let rules: Vec<Rule> = found.iter().map(|&(rule, _)| rule).collect();
            let expected = if is_true { &[][..] } else { &[Rule::H041] };
            prop_assert_eq!(rules, expected, "{:?}", raw);
        }
        Ok(plain.is_some())
    }

    #[test]
    fn tells_what_is_plain() {
        let plain = [
            "Sat, 20 Nov 2021 14:22:01 -0800",
            " sat,20\tNOV  2021\r\n 14:22 +0130 (CET, or so) ",
            "1 Nov 2021 00:00:00 -0000",
            "29 Feb 2000 23:59:59 +2359",
            "Fri, 20 Nov 2021 14:22:01 -0800",
            "Mar, 02 Apr 2014 15:04:13 -0500",
        ];
        let others = [
            "",
            "12:, 20 Nov 2021 14:22:01 -0800",
            "Sat 20 Nov 2021 14:22:01 -0800",
            "20 Nov 2021 14:22:60 +0000",
            "20 Nov 2021 24:00:00 +0000",
            "20 Nov 2021 14:60:00 +0000",
            "20 Nov 1899 14:22:01 +0000",
            "29 Feb 2100 00:00:00 +0000",
            "0 Nov 2021 14:22:01 +0000",
            "020 Nov 2021 14:22:01 +0000",
            "20 Nov 21 14:22:01 +0000",
            "20 Nov 20211 14:22:01 +0000",
            "20 Nov 2021 4:22:01 +0000",
            "20 Nov 2021 14:22:1 +0000",
            "20 Nov 2021 14:22:01.5 +0000",
            "20 Nov 2021 14:22:01 GMT",
            "20 Nov 2021 14:22:01 +2400",
            "20 Nov 2021 14:22:01 +0060",
            "20 Nov 2021 14:22:01 +000",
            "20 Nov 2021 14:22:01 +00000",
            "20 Nov 2021 14:22:01 +0000 (a (b))",
            "20 Nov 2021 14:22:01 +0000 (a",
            "20 Nov 2021 14:22:01 +0000 x",
            "20 Nov 2021 14:22:01+0000",
        ];
        for raw in plain {
            assert!(check(raw).expect("as the parser reads it"), "{raw:?}");
        }
        for raw in others {
            assert!(!check(raw).expect("as the parser reads it"), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn dates_of_common_shape(
            raw in "[ \t]?((Mon|tue|WED|Thu|Fri|Sat|Sun), ?)?[0-3]?[0-9] (Jan|FEB|mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Xyz) ((1[89]|20)[0-9][0-9]|[0-9]{1,5})( |\r\n )[0-2][0-9]:[0-6][0-9](:[0-6][0-9])? [-+][0-2][0-9][0-6][0-9]( \\([A-Z(\\\\]{1,3}\\))?",
        ) {
            check(&raw)?;
        }

        #[test]
        fn dates_with_one_octet_changed(at in 0usize..40, c in "[ -~\r\n\u{e4}]") {
            let mut raw = String::from(" Sat, 20 Nov 2021 14:22:01 +0100 (CET)");
            let at = at.min(raw.len() - 1);
            raw.replace_range(at..=at, &c);
            check(&raw)?;
        }
    }
}
