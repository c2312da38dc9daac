//! The one zone in which a trace shows its times.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A time zone.
#[derive(Clone, Debug)]
pub(super) struct Zone(TimeZone);

impl Zone {
    pub(super) fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// That of this machine; UTC if it has none.
    pub(super) fn local() -> Zone {
        Zone(TimeZone::system())
    }

    /// Seconds east of UTC at this time, in seconds since 1970.
    pub(super) fn offset(&self, time: i64) -> i32 {
        let time = Timestamp::from_second(time).unwrap_or_default();
        self.0.to_offset(time).seconds()
    }

    /// The time of day and the date there; a year that no calendar has is one of its last.
    pub(super) fn civil(&self, time: i64) -> DateTime {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let seconds = time.saturating_add(i64::from(self.offset(time)));
        epoch.saturating_add(SignedDuration::from_secs(seconds))
    }

    /// `UTC`, or the offset at this time: `+01:00`.
    pub(super) fn name(&self, time: i64) -> String {
        if self.0 == TimeZone::UTC { "UTC".to_owned() } else { offset(self.offset(time)) }
    }
}

/// `+01:00` for so many seconds east of UTC.
pub(super) fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Zone, String> {
        if let Some(offset) = fixed(text) {
            return Ok(Zone(offset.to_time_zone()));
        }
        let unknown = |_| "not a zone that is known, such as Europe/Vienna or +05:30".to_owned();
        TimeZone::get(text).map(Zone).map_err(unknown)
    }
}

/// `+05:30` or `+0530`.
fn fixed(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', ..] => (1, &text[1..]),
        [b'-', ..] => (-1, &text[1..]),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let value: i32 = digits.parse().ok()?;
    let minutes = value / 100 * 60 + value % 100;
    Offset::from_seconds(sign * minutes * 60).ok().filter(|_| value % 100 < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        const CASES: &[(&str, Option<&str>)] = &[
            ("+05:30", Some("2003-11-07T19:16:06 +05:30")),
            ("+0530", Some("2003-11-07T19:16:06 +05:30")),
            ("-01:15", Some("2003-11-07T12:31:06 -01:15")),
            ("UTC", Some("2003-11-07T13:46:06 UTC")),
            ("+5:30", None),
            ("+0560", None),
            ("+9900", None),
            ("Nowhere/Else", None),
            ("", None),
        ];
        let time = 1_068_212_766;
        for &(text, expected) in CASES {
            let zone = text.parse::<Zone>().ok();
            let shown = zone.map(|zone| format!("{} {}", zone.civil(time), zone.name(time)));
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn times_without_a_calendar() {
        for time in [i64::MIN, -62_135_596_800 * 9, i64::MAX] {
            let _ = (Zone::utc().civil(time), Zone::utc().name(time));
        }
    }
}
