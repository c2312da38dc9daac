//! The first line about a trace: how many hops, how long they took, and where the message waited.

use indicatif::HumanCount;

use super::human::{DOUBTFUL, Spans};
use super::time::long;
use crate::cli::out::{self, Look};
use crate::trace::Trace;

pub(super) fn summary(trace: &Trace) -> Spans {
    let hops = &trace.hops;
    let (read, unread) = (hops.len() as u64, trace.unread_hops);
    let all = read.saturating_add(unread);
    if hops.is_empty() && unread == 0 {
        let text = "no Received fields: it was never sent, or they were taken away";
        return vec![(Look::Plain, text.to_owned())];
    }
    if hops.is_empty() {
        let text = format!("{} beyond a limit, not read", out::counted(all, "Received field"));
        return vec![(DOUBTFUL, text)];
    }
    let mut line = match unread {
        0 => vec![(Look::Plain, out::counted(read, "hop"))],
        _ => vec![(
            DOUBTFUL,
            format!("the newest {} of {}", HumanCount(read), out::counted(all, "hop")),
        )],
    };
    line.push((Look::Plain, waits(trace)));
    let undated = hops.iter().filter(|hop| hop.time.is_none()).count();
    if undated > 0 {
        line.push((DOUBTFUL, format!("; {undated} without a time")));
    }
    if hops.iter().any(|hop| hop.delay.skew() != 0) {
        line.push((DOUBTFUL, "; clocks differ".to_owned()));
    }
    line
}

/// How long it waited, and where most, as the bars have it.
fn waits(trace: &Trace) -> String {
    let first = trace.first_timed().unwrap_or(0);
    // The author's clock is often wrong, so what is counted from it is named apart.
    let is_ahead = trace.hops.get(first).is_some_and(|hop| hop.delay.skew() < 0);
    let since = trace.waited_since_date().filter(|_| !is_ahead);
    if trace.hops.len() == 1 {
        let text = since.map(|since| format!(", {} after the Date field", long(since)));
        return text.unwrap_or_default();
    }
    let mut text = format!(", {} on the way", long(trace.waited()));
    let later = trace.hops.iter().enumerate().skip(first + 1);
    let longest = later.max_by_key(|(index, hop)| (hop.delay.waited, usize::MAX - index));
    let longest = longest.and_then(|(index, hop)| Some((index, hop.delay.waited?)));
    let since = since.filter(|&since| since > 0);
    if let Some(since) = since {
        let hop = first + 1;
        text.push_str(&format!(", after {} from the Date field to hop {hop}", long(since)));
    }
    match longest.filter(|&(_, waited)| waited > 0) {
        Some((index, waited)) if since.is_none_or(|since| since < waited) => {
            text.push_str(&format!("; longest wait {} before hop {}", long(waited), index + 1));
        }
        _ if since.is_some() => text.push_str(", the longest wait"),
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Delay, Hop};

    #[test]
    fn says_how_many_were_not_read() {
        const CASES: &[(usize, u64, &str)] = &[
            (0, 0, "no Received fields: it was never sent, or they were taken away"),
            (0, 1, "1 Received field beyond a limit, not read"),
            (1, 2, "the newest 1 of 3 hops"),
            (2, 1, "the newest 2 of 3 hops, 0 s on the way"),
        ];
        for &(read, unread_hops, expected) in CASES {
            let hops = vec![Hop { time: Some(0), ..Hop::default() }; read];
            let trace = Trace { hops, unread_hops, ..Trace::default() };
            let text: String = summary(&trace).into_iter().map(|(_, text)| text).collect();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn says_what_the_bars_say() {
        /// The time of each hop and how long it waited; the line.
        type Hops = &'static [(Option<i64>, Option<i64>)];
        const CASES: &[(Hops, &str)] = &[
            (&[(Some(0), None)], "1 hop"),
            (&[(Some(0), Some(32_400))], "1 hop, 9 h after the Date field"),
            (&[(None, None)], "1 hop; 1 without a time"),
            (&[(Some(0), None), (Some(0), Some(0))], "2 hops, 0 s on the way"),
            (
                &[(Some(0), None), (Some(5), Some(5))],
                "2 hops, 5 s on the way; longest wait 5 s before hop 2",
            ),
            (
                &[(Some(0), Some(32_400)), (Some(5), Some(5))],
                "2 hops, 5 s on the way, after 9 h from the Date field to hop 1, the longest wait",
            ),
            (
                &[(Some(0), Some(1)), (Some(5), Some(5))],
                "2 hops, 5 s on the way, after 1 s from the Date field to hop 1; longest wait 5 s before hop 2",
            ),
            (
                &[(None, None), (Some(9), Some(9)), (Some(10), Some(1))],
                "3 hops, 1 s on the way, after 9 s from the Date field to hop 2, the longest wait; 1 without a time",
            ),
        ];
        for &(hops, expected) in CASES {
            let hop = |&(time, waited)| {
                let delay = Delay { seconds: waited, waited };
                Hop { time, delay, ..Hop::default() }
            };
            let trace = Trace { hops: hops.iter().map(hop).collect(), ..Trace::default() };
            let text: String = summary(&trace).into_iter().map(|(_, text)| text).collect();
            assert_eq!(text, expected);
        }
    }
}
