//! How long a message waited, by clocks that may be wrong.
//!
//! A hop's delay is its time less that of the hop before it that has one: what stands in the header,
//! negative if a clock runs behind. Once a clock was behind, the next right one adds the same time to a
//! delay, and nobody waited so long. So a delay that brings the time back to where it had been
//! before, or beyond, counts as waiting only by what is beyond: never more than that was waited. Any
//! other delay lies between two clocks that agree, as far as can be told.
//!
//! May use: nothing.

/// The delay of a hop, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// Its time less that of the hop before: of the first, less that of the Date field. `None` if
    /// one of them is not known.
    pub seconds: Option<i64>,
    /// How much of it was spent waiting, not making good for a clock; never negative.
    pub waited: Option<i64>,
}

impl Delay {
    /// How much of it makes good for a clock that was behind; negative where one is.
    pub fn skew(self) -> i64 {
        self.seconds.unwrap_or(0).saturating_sub(self.waited.unwrap_or(0))
    }
}

/// The delays of hops with these times, oldest first, of a message that was written at `written`; all
/// in seconds since 1970.
pub fn delays(written: Option<i64>, times: &[Option<i64>]) -> Vec<Delay> {
    let mut before = written;
    // The Date field is no server's clock: if it lies in the future, that is no hop's debt.
    let mut latest: Option<i64> = None;
    let mut delay = |time: &Option<i64>| {
        let Some(time) = *time else { return Delay::default() };
        let seconds = before.map(|before| time.saturating_sub(before));
        let debt = match (latest, before) {
            (Some(latest), Some(before)) => latest.saturating_sub(before).max(0),
            _ => 0,
        };
        let waited = |seconds: i64| {
            let is_made_good = debt > 0 && seconds >= debt;
            (if is_made_good { seconds - debt } else { seconds }).max(0)
        };
        latest = Some(latest.map_or(time, |latest| latest.max(time)));
        before = Some(time);
        Delay { seconds, waited: seconds.map(waited) }
    };
    times.iter().map(&mut delay).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clocks_that_run_behind() {
        type Delays = &'static [(Option<i64>, Option<i64>)];
        const fn both(seconds: i64, waited: i64) -> (Option<i64>, Option<i64>) {
            (Some(seconds), Some(waited))
        }
        const NONE: (Option<i64>, Option<i64>) = (None, None);
        const CASES: &[(&str, Option<i64>, &[Option<i64>], Delays)] = &[
            ("nothing", None, &[], &[]),
            ("one", None, &[Some(5)], &[NONE]),
            ("from the author on", Some(1), &[Some(5), Some(5)], &[both(4, 4), both(0, 0)]),
            ("a hop without a date", None, &[Some(5), None, Some(9)], &[NONE, NONE, both(4, 4)]),
            (
                "one clock behind, two hops on it",
                None,
                &[Some(1000), Some(1000), Some(100), Some(101), Some(1020)],
                &[NONE, both(0, 0), both(-900, 0), both(1, 1), both(919, 20)],
            ),
            (
                "made good to the second",
                None,
                &[Some(50), Some(40), Some(50)],
                &[NONE, both(-10, 0), both(10, 0)],
            ),
            (
                "the first clock was ahead, for good",
                None,
                &[Some(9000), Some(10), Some(40), Some(41)],
                &[NONE, both(-8990, 0), both(30, 30), both(1, 1)],
            ),
            (
                "the author's clock is ahead",
                Some(500),
                &[Some(100), Some(130)],
                &[both(-400, 0), both(30, 30)],
            ),
        ];
        for &(name, written, times, expected) in CASES {
            let found: Vec<_> =
                delays(written, times).iter().map(|it| (it.seconds, it.waited)).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn delays_add_up(written: Option<i32>, times: Vec<Option<i32>>) {
            let wide: Vec<_> = times.iter().map(|time| time.map(i64::from)).collect();
            let delays = delays(written.map(i64::from), &wide);
            prop_assert_eq!(delays.len(), times.len());
            let dated: Vec<i64> = written.map(i64::from).into_iter().chain(wide.iter().copied().flatten()).collect();
            let sum: i64 = delays.iter().filter_map(|delay| delay.seconds).sum();
            prop_assert_eq!(sum, dated.last().copied().unwrap_or(0) - dated.first().copied().unwrap_or(0));
            for delay in delays {
                let waited = delay.waited.unwrap_or(0);
                prop_assert!(waited >= 0 && waited <= delay.seconds.unwrap_or(0).max(0));
            }
        }

        #[test]
        fn any_times(written: Option<i64>, times: Vec<Option<i64>>) {
            let _ = delays(written, &times);
        }
    }
}
