//! Which files are wanted: names, dispositions as the command line has them.

use std::str::FromStr;

/// A pattern of file names in which `*` stands for any text and `?` for any character; letter case
/// does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<char>);

impl FromStr for Glob {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Glob, Self::Err> {
        Ok(Glob(lower(text)))
    }
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Glob {
    /// Whether it stands for all of `name`.
    pub(super) fn matches(&self, name: &str) -> bool {
        let (pattern, name) = (&self.0, lower(name));
        let (mut at, mut in_name) = (0, 0);
        // Behind the last star, and where what it stands for ends so far.
        let mut star: Option<(usize, usize)> = None;
        while in_name < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    at += 1;
                    star = Some((at, in_name));
                }
                Some(&c) if c == '?' || c == name[in_name] => (at, in_name) = (at + 1, in_name + 1),
                _ => {
                    let Some((behind, end)) = star else { return false };
                    (at, in_name) = (behind, end + 1);
                    star = Some((behind, in_name));
                }
            }
        }
        pattern[at..].iter().all(|&c| c == '*')
    }
}

/// How a part is to be shown (RFC 2183).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Disposition {
    /// Attachment, or a word that nobody knows (RFC 2183 §2.8)
    Attachment,
    /// Inline
    Inline,
    /// It does not say
    None,
}

impl Disposition {
    /// What the value of the field means, in lower case.
    pub(super) fn of(value: Option<&str>) -> Disposition {
        match value {
            None | Some("") => Disposition::None,
            Some("inline") => Disposition::Inline,
            Some(_) => Disposition::Attachment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_names() {
        let cases: &[(&str, &str, bool)] = &[
            ("*.pdf", "Report.PDF", true),
            ("*.pdf", "report.pdf.exe", false),
            ("*.PDF", ".pdf", true),
            ("a*b*c", "aXbbYc", true),
            ("a*b*c", "aXbbY", false),
            ("?.txt", "é.txt", true),
            ("?.txt", ".txt", false),
            ("*", "", true),
            ("", "a", false),
            ("*ÄÖ*", "xäöx", true),
            ("a", "ab", false),
        ];
        for &(pattern, name, expected) in cases {
            let glob: Glob = pattern.parse().expect("any text");
            assert_eq!(glob.matches(name), expected, "{pattern} {name}");
        }
    }
}
