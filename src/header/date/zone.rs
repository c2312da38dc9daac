//! The zone of a date (RFC 5322 §3.3, §4.3), numeric or by name.
//!
//! Contract: an offset that was written and can be (under 24 hours), or `None`; nothing is guessed
//! from names that mean several. It does not look into comments, where the name of the zone usually
//! stands: the number before them is the zone.
//!
//! May use: `token`.

use super::Reader;
use super::token::{Kind, Token};

/// Names of zones, in minutes east of UTC. The first eleven are those of RFC 5322 §4.3 and hold
/// whatever else they may mean; of the others only those are here that the tz database has had with
/// one meaning since 1984. So there is no `IST` (India, Ireland, Israel) and no `MSK` (three or four
/// hours, by year); `MEZ` and `MESZ` are the German names of CET and CEST.
const ZONES: &[(&[u8], i32)] = &[
    (b"UT", 0),
    (b"GMT", 0),
    (b"Z", 0),
    (b"EST", -5 * 60),
    (b"EDT", -4 * 60),
    (b"CST", -6 * 60),
    (b"CDT", -5 * 60),
    (b"MST", -7 * 60),
    (b"MDT", -6 * 60),
    (b"PST", -8 * 60),
    (b"PDT", -7 * 60),
    (b"UTC", 0),
    (b"NST", -3 * 60 - 30),
    (b"NDT", -2 * 60 - 30),
    (b"AST", -4 * 60),
    (b"ADT", -3 * 60),
    (b"AKST", -9 * 60),
    (b"AKDT", -8 * 60),
    (b"HST", -10 * 60),
    (b"WET", 0),
    (b"WEST", 60),
    (b"BST", 60),
    (b"CET", 60),
    (b"CEST", 2 * 60),
    (b"MET", 60),
    (b"MEST", 2 * 60),
    (b"MEZ", 60),
    (b"MESZ", 2 * 60),
    (b"EET", 2 * 60),
    (b"EEST", 3 * 60),
    (b"SAST", 2 * 60),
    (b"HKT", 8 * 60),
    (b"AWST", 8 * 60),
    (b"JST", 9 * 60),
    (b"KST", 9 * 60),
    (b"ACST", 9 * 60 + 30),
    (b"ACDT", 10 * 60 + 30),
    (b"AEST", 10 * 60),
    (b"AEDT", 11 * 60),
    (b"NZST", 12 * 60),
    (b"NZDT", 13 * 60),
];

/// Words that make another zone of the name before them.
const LONG_ZONE: [&[u8]; 4] = [b"Daylight", b"Standard", b"Summer", b"DST"];

impl<'a> Reader<'_, 'a> {
    /// The zone, in seconds east of UTC; `None` if unknown.
    pub(super) fn zone(&mut self) -> Option<i32> {
        self.marks(b".,;\"'");
        if let Some(sign) = self.take(|token| token.is_mark(b"+-")) {
            return self.offset(sign);
        }
        let name = self.take(|token| token.kind == Kind::Word)?;
        let offset = self.named_offset(name);
        // The rest of `EST5EDT` or `US/Eastern`.
        while self.take(Token::is_glued).is_some() {}
        offset
    }

    /// A zone with a name.
    ///
    /// QUIRK: `GMT+0200` is what it says. In `EST5EDT`, a POSIX TZ value, the name alone decides; but
    /// `GMT2` may be either side of Greenwich. `GMT Daylight Time` is what Windows calls London's
    /// summer.
    fn named_offset(&mut self, name: Token<'a>) -> Option<i32> {
        let known =
            ZONES.iter().find(|(zone, _)| name.is_word(zone)).map(|(_, minutes)| minutes * 60);
        let universal = known == Some(0);
        match self.rest {
            [sign, number, ..]
                if universal && sign.is_mark(b"+-") && sign.is_glued() && number.is_glued() =>
            {
                let sign = self.take(|_| true)?;
                self.offset(sign)
            }
            [number, ..] if universal && number.kind == Kind::Number && number.is_glued() => {
                known.filter(|_| number.value() == 0)
            }
            [word, ..] if LONG_ZONE.iter().any(|long| word.is_word(long)) => None,
            _ => known,
        }
    }

    /// A numeric zone behind its sign: `0200`, `02:00`. QUIRK: also `02` and `2`, hours, and `200`.
    fn offset(&mut self, sign: Token<'a>) -> Option<i32> {
        let number = self.number(1..=4)?;
        let (hours, minutes) = match number.text.len() {
            1 | 2 => (number.value(), self.offset_minutes().unwrap_or(0)),
            _ => (number.value() / 100, number.value() % 100),
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        match sign.kind {
            // RFC 5322 §3.3: -0000 says nothing about the zone.
            Kind::Mark(b'-') => (seconds > 0).then_some(-seconds),
            _ => Some(seconds),
        }
    }

    fn offset_minutes(&mut self) -> Option<u32> {
        let [colon, minutes, rest @ ..] = self.rest else { return None };
        if !colon.is_mark(b":") || !minutes.is_number(2..=2) {
            return None;
        }
        self.rest = rest;
        Some(minutes.value())
    }
}

#[cfg(test)]
mod tests {
    use crate::header::date::parse;

    /// What stands behind `20 Nov 2021 14:22:01 `, and the offset.
    const ZONES_READ: &[(&str, &str)] = &[
        ("", "-00:00"),
        ("UT", "+00:00"),
        ("gmt", "+00:00"),
        ("UTC", "+00:00"),
        ("EST", "-05:00"),
        ("EDT", "-04:00"),
        ("CST", "-06:00"),
        ("CDT", "-05:00"),
        ("MST", "-07:00"),
        ("MDT", "-06:00"),
        ("PST", "-08:00"),
        ("PDT", "-07:00"),
        ("NST", "-03:30"),
        ("JST", "+09:00"),
        ("CEST", "+02:00"),
        ("\"GMT\"", "+00:00"),
        ("(EST)", "-00:00"),
        ("Z", "+00:00"),
        ("A", "-00:00"),
        ("y", "-00:00"),
        ("IST", "-00:00"),
        ("QMT", "-00:00"),
        ("LOCAL", "-00:00"),
        ("EST5EDT", "-05:00"),
        ("GMT0", "+00:00"),
        ("GMT2", "-00:00"),
        ("GMT+0200", "+02:00"),
        ("GMT-05:00", "-05:00"),
        ("GMT+1", "+01:00"),
        ("GMT Daylight Time", "-00:00"),
        ("Pacific Standard Time", "-00:00"),
        ("US/Eastern", "-00:00"),
        ("+02:00", "+02:00"),
        ("+0200(CEST)", "+02:00"),
        ("-5", "-05:00"),
        ("+07", "+07:00"),
        ("-600", "-06:00"),
        ("+2359", "+23:59"),
        ("+1337", "+13:37"),
        ("+2400", "-00:00"),
        ("+0060", "-00:00"),
        ("+9999", "-00:00"),
        ("-00:00", "-00:00"),
        ("+00000", "-00:00"),
        ("+-0500", "-00:00"),
        ("0800", "-00:00"),
    ];

    /// Those that RFC 5322 §3.3 allows.
    const PLAIN: &[&str] = &["+0200(CEST)", "+1337", "+2359"];

    #[test]
    fn reads_zones() {
        for &(zone, expected) in ZONES_READ {
            let raw = format!("20 Nov 2021 14:22:01 {zone}");
            let mut findings = Vec::new();
            let date = parse(raw.as_bytes(), &mut findings).map(|date| date.rfc3339());
            assert_eq!(date, Some(format!("2021-11-20T14:22:01{expected}")), "{zone}");
            assert_eq!(findings.is_empty(), PLAIN.contains(&zone), "{zone}");
        }
    }
}
