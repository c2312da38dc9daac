//! The lines in which two texts differ.
//!
//! The algorithm is that of the crate `imara-diff` (histogram), whose time may grow with the square of
//! the lines if they are few different ones. So only so many are compared; a longer stretch is said to be
//! in the place of the other as a whole. White space at the ends of lines is no difference.
//!
//! May use: nothing.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use serde::Serialize;

/// Lines that stand in the place of others.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Hunk<'t> {
    /// Where it begins in the first text, counted from 1; if no line is removed, the line behind it.
    pub(super) line: u32,
    /// The same in the second text.
    pub(super) other_line: u32,
    pub(super) removed: Vec<&'t str>,
    pub(super) added: Vec<&'t str>,
}

/// LIMIT: so many lines of a message and its copy are compared one by one; what is alike at the start
/// and the end of a text does not count.
pub(super) const COMPARED: usize = 20_000;

/// The lines of `b` in place of those of `a`, in their order. `left` is how many may still be compared.
pub(super) fn hunks<'t>(a: &'t str, b: &'t str, left: &mut usize) -> Vec<Hunk<'t>> {
    let (a, b): (Vec<&str>, Vec<&str>) = (lines(a).collect(), lines(b).collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let hunk = |before: Range<u32>, after: Range<u32>| Hunk {
        line: start as u32 + before.start + 1,
        other_line: start as u32 + after.start + 1,
        removed: a[before.start as usize..before.end as usize].to_vec(),
        added: b[after.start as usize..after.end as usize].to_vec(),
    };
    let count = a.len() + b.len();
    if count == 0 {
        return Vec::new();
    }
    if count > *left {
        return vec![hunk(0..a.len() as u32, 0..b.len() as u32)];
    }
    *left -= count;
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(a.iter().copied());
    input.update_after(b.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    diff.hunks().map(|found| hunk(found.before, found.after)).collect()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end_matches([' ', '\t', '\n'])
        .split('\n')
        .map(|line| line.trim_end_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(a: &str, b: &str, mut left: usize) -> Vec<String> {
        let one = |hunk: &Hunk<'_>| {
            let Hunk { line, other_line, removed, added } = hunk;
            format!("{line},{other_line} -{} +{}", removed.join("|"), added.join("|"))
        };
        hunks(a, b, &mut left).iter().map(one).collect()
    }

    #[test]
    fn lines_that_differ() {
        let cases: &[(&str, &str, &str, &[&str])] = &[
            ("none", "a\nb\n", "a \nb\n\n", &[]),
            ("one", "a\nb\nc\n", "a\nx\nc\n", &["2,2 -b +x"]),
            ("one less", "a\nb\nc\n", "a\nc\n", &["2,2 -b +"]),
            ("a footer", "a\n", "a\n--\nlist\n", &["2,2 - +--|list"]),
            ("two places", "a\nb\nc\n", "x\nb\ny\n", &["1,1 -a +x", "3,3 -c +y"]),
            ("all", "", "a", &["1,1 - +a"]),
        ];
        for &(name, a, b, expected) in cases {
            assert_eq!(told(a, b, 6), expected, "{name}");
        }
        let stretch = told("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n", 4);
        assert_eq!(stretch, ["2,2 -b|c +x|c|y"], "too many to be compared");
    }
}
