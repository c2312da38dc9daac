//! Times as people read them: the time of day, how long something took, and the bar of a wait.

use super::human::DOUBTFUL;
use super::zone::Zone;
use crate::cli::out::Look;
use crate::trace::Hop;

/// The time of day.
pub(super) fn clock(zone: &Zone, time: i64) -> String {
    let time = zone.civil(time).time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// Columns of a bar.
pub(super) const BAR: usize = 10;

/// The bar of a hop, and its look.
pub(super) fn bar(hop: &Hop, scale: i64) -> (String, Look) {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let seconds = hop.delay.seconds.unwrap_or(0);
    let cells = |seconds: i64, room: usize| {
        let scaled =
            u128::from(seconds.unsigned_abs()) * BAR as u128 / scale.max(1).unsigned_abs() as u128;
        usize::try_from(scaled).unwrap_or(room).clamp(1, room)
    };
    if seconds < 0 {
        return ("<".repeat(cells(seconds, BAR)), DOUBTFUL);
    }
    let (waited, skew) = (hop.delay.waited.unwrap_or(0), hop.delay.skew());
    let shade = if skew > 0 { cells(skew, BAR / 2) } else { 0 };
    let room = (BAR - shade) * 8;
    let eighths =
        u128::from(waited.unsigned_abs()) * room as u128 / scale.max(1).unsigned_abs() as u128;
    let eighths = usize::try_from(eighths).unwrap_or(room).clamp(usize::from(waited > 0), room);
    let bar = format!("{}{}{}", "░".repeat(shade), "█".repeat(eighths / 8), EIGHTHS[eighths % 8]);
    (bar, Look::Number)
}

/// A number of seconds in at most two units, without its sign: `12s`, `1m47s`, `3d04h`, `12y`.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        _ if days < 100 => format!("{days}d{:02}h", hours % 24),
        _ if days < 1000 => format!("{days}d"),
        _ => format!("{}y", days / 365),
    }
}

/// The same for a sentence: `1 min 47 s`.
pub(super) fn long(seconds: i64) -> String {
    let total = seconds.unsigned_abs();
    let units = [
        (total / 86_400, "d"),
        (total / 3600 % 24, "h"),
        (total / 60 % 60, "min"),
        (total % 60, "s"),
    ];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let shown = units[first..].iter().take(2).filter(|(count, _)| *count > 0 || first == 3);
    let text: Vec<String> = shown.map(|(count, unit)| format!("{count} {unit}")).collect();
    text.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Delay;

    #[test]
    fn spans_of_time() {
        const CASES: &[(i64, &str, &str)] = &[
            (0, "0s", "0 s"),
            (59, "59s", "59 s"),
            (-60, "1m00s", "1 min"),
            (107, "1m47s", "1 min 47 s"),
            (7500, "2h05m", "2 h 5 min"),
            (86_400 * 3 + 3600 * 4, "3d04h", "3 d 4 h"),
            (86_400 * 3 + 59, "3d00h", "3 d"),
            (86_400 * 123, "123d", "123 d"),
            (86_400 * 4000, "10y", "4000 d"),
            (i64::MIN, "292471208677y", "106751991167300 d 15 h"),
        ];
        for &(seconds, short, sentence) in CASES {
            assert_eq!((span(seconds).as_str(), long(seconds).as_str()), (short, sentence));
        }
    }

    #[test]
    fn bars() {
        const CASES: &[(Option<i64>, Option<i64>, i64, &str)] = &[
            (None, None, 30, ""),
            (Some(0), Some(0), 30, ""),
            (Some(1), Some(1), 3600, "▏"),
            (Some(15), Some(15), 30, "█████"),
            (Some(60), Some(60), 60, "██████████"),
            (Some(1221), Some(107), 107, "░░░░░█████"),
            (Some(1115), Some(0), 30, "░░░░░"),
            (Some(-1), Some(0), 30, "<"),
            (Some(-1115), Some(0), 107, "<<<<<<<<<<"),
            (Some(i64::MIN), Some(0), 30, "<<<<<<<<<<"),
            (Some(i64::MAX), Some(i64::MAX), i64::MAX, "██████████"),
        ];
        for &(seconds, waited, scale, expected) in CASES {
            let hop = Hop { delay: Delay { seconds, waited }, ..Hop::default() };
            assert_eq!(bar(&hop, scale).0, expected, "{seconds:?}");
        }
    }
}
