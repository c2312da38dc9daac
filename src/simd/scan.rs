//! Finding the lines that can matter: those that begin with one of a few octets.
//!
//! Most stretches of a text have no such line, and whether one has is asked of many octets at a time:
//! a plain loop that the compiler turns into vector code, for the processor that all have and for AVX2.
//!
//! `unsafe` here is the call of what is compiled for AVX2, behind the question whether it is there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

use memchr::memchr;

/// Octets that are asked about together.
const LANE: usize = 128;

/// How many different octets lines may begin with that are worth stopping at.
const STARTS: usize = 4;

/// The octets that a line worth stopping at begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts([u8; STARTS]);

impl Starts {
    /// A line is worth stopping at if it begins with one of `octets`, of which there are one to four.
    pub(crate) fn new(octets: &[u8]) -> Starts {
        debug_assert!((1..=STARTS).contains(&octets.len()));
        let last = octets.last().copied().unwrap_or_default();
        Starts(std::array::from_fn(|i| octets.get(i).copied().unwrap_or(last)))
    }

    /// Whether a line that begins with `octet` is.
    #[inline]
    pub(crate) fn contains(&self, octet: u8) -> bool {
        self.0.contains(&octet)
    }
}

/// The first position from `from` on of an `eol` that is followed by one of `starts`.
#[inline]
pub(crate) fn line_start(text: &[u8], from: usize, eol: u8, starts: &Starts) -> Option<usize> {
    let mut at = from;
    // What is asked for is often near.
    let mut near = from.saturating_add(LANE);
    loop {
        if at >= near {
            at = lane_with_start(text, at, eol, starts);
            near = at + LANE;
        }
        let found = at + memchr(eol, text.get(at..)?)?;
        match text.get(found + 1) {
            Some(&next) if starts.contains(next) => return Some(found),
            Some(_) => at = found + 1,
            None => return None,
        }
    }
}

/// A position from `at` on, before which no line that is worth stopping at begins: where the first
/// [`LANE`] octets begin that have one, or the end of the text is near.
fn lane_with_start(text: &[u8], at: usize, eol: u8, starts: &Starts) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `with_avx2` is compiled for.
        return unsafe { with_avx2(text, at, eol, starts) };
    }
    lane_of(text, at, eol, starts)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(text: &[u8], at: usize, eol: u8, starts: &Starts) -> usize {
    lane_of(text, at, eol, starts)
}

#[inline(always)]
fn lane_of(text: &[u8], mut at: usize, eol: u8, starts: &Starts) -> usize {
    let Starts([a, b, c, d]) = *starts;
    while let Some(octets) = text.get(at..).and_then(|rest| rest.first_chunk::<{ LANE + 1 }>()) {
        let pairs = octets[..LANE].iter().zip(&octets[1..]);
        // No early exit: this way it is vector code.
        let any = pairs.fold(0, |any, (&end, &next)| {
            let one = u8::from(next == a) | u8::from(next == b);
            let other = u8::from(next == c) | u8::from(next == d);
            any | (u8::from(end == eol) & (one | other))
        });
        if any != 0 {
            break;
        }
        at += LANE;
    }
    at
}

/// [`line_start`] for lines that begin with a hyphen: what nearly all bodies are searched for.
#[inline]
pub(crate) fn hyphen_line(text: &[u8], from: usize, eol: u8) -> Option<usize> {
    let needle = [eol, b'-'];
    memchr::memmem::find(text.get(from..)?, &needle).map(|found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_lines() {
        let starts = Starts::new(b"-F");
        let text = b"-a\nb\n-c\nF";
        assert_eq!(line_start(text, 0, b'\n', &starts), Some(4));
        assert_eq!(line_start(text, 5, b'\n', &starts), Some(7));
        assert_eq!(line_start(text, 8, b'\n', &starts), None);
        assert_eq!(line_start(text, 99, b'\n', &starts), None);
        assert_eq!(line_start(b"a\n", 0, b'\n', &starts), None);
        assert_eq!(hyphen_line(text, 0, b'\n'), Some(4));
        assert_eq!(hyphen_line(text, 5, b'\n'), None);
    }

    #[test]
    fn finds_them_however_far_they_are() {
        for starts in [&b"F"[..], b"-F", b"-F \t"] {
            let starts = Starts::new(starts);
            for line in [&b"F\n"[..], b"-a\n", b"F", b"x\n\tc\n", b"abc"] {
                for before in 0..3 * LANE {
                    let text = [&b"ab\n".repeat(LANE)[..before], b"\n", line, b"a\nb"].concat();
                    for from in [0, 1, 5, LANE, LANE + 3] {
                        let found = (from..text.len() - 1)
                            .find(|&i| text[i] == b'\n' && starts.contains(text[i + 1]));
                        let case = format!("{line:?} behind {before}, from {from}");
                        assert_eq!(line_start(&text, from, b'\n', &starts), found, "{case}");
                        for lane in [lane_of, lane_with_start] {
                            let at = lane(&text, from, b'\n', &starts);
                            assert!(at >= from && found.is_none_or(|f| f >= at), "{case}");
                        }
                    }
                }
            }
        }
    }
}
