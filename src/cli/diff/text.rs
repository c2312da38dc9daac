//! The lines in which two texts differ.
//!
//! The algorithm (histogram, of the crate `imara-diff`) gives up looking for the best answer before it
//! takes long, whatever the texts are; they have at most what a
//! [`Snapshot`](crate::compare::Snapshot) keeps. White space at the ends of lines is no difference.
//!
//! May use: nothing.

use imara_diff::{Algorithm, Diff, InternedInput, Token};
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

/// The lines of `b` in place of those of `a`, in their order.
pub(super) fn hunks<'t>(a: &'t str, b: &'t str) -> Vec<Hunk<'t>> {
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(lines(a));
    input.update_after(lines(b));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_no_heuristic(&input);
    let text = |tokens: &[Token]| tokens.iter().map(|&token| input.interner[token]).collect();
    let hunk = |hunk: imara_diff::Hunk| Hunk {
        line: hunk.before.start + 1,
        other_line: hunk.after.start + 1,
        removed: text(&input.before[hunk.before.start as usize..hunk.before.end as usize]),
        added: text(&input.after[hunk.after.start as usize..hunk.after.end as usize]),
    };
    diff.hunks().map(hunk).collect()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end_matches([' ', '\t', '\n'])
        .split('\n')
        .map(|line| line.trim_end_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(a: &str, b: &str) -> Vec<String> {
        let one = |hunk: &Hunk<'_>| {
            let Hunk { line, other_line, removed, added } = hunk;
            format!("{line},{other_line} -{} +{}", removed.join("|"), added.join("|"))
        };
        hunks(a, b).iter().map(one).collect()
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
            assert_eq!(told(a, b), expected, "{name}");
        }
    }
}
