//! What the rules are about, as text: for `septet lint --explain` and for docs/rules.md, which are the
//! same. It is Markdown that reads well as it stands.
//!
//! May use: base, the examples.

use std::fmt::Write as _;

use super::examples::{self, Octets};
use super::rules::Rules;
use crate::base::{Fix, RULES, Rule};

/// The families, by their letters.
const FAMILIES: &[(char, &str)] = &[
    ('A', "Addresses"),
    ('B', "Boundaries and multiparts"),
    ('C', "Charsets"),
    ('D', "Limits"),
    ('E', "Transfer encodings"),
    ('F', "File names"),
    ('H', "The header"),
    ('I', "Files inside of text"),
    ('L', "Lines"),
    ('M', "Mailboxes"),
    ('N', "What a transport takes"),
    ('P', "Parameters"),
    ('S', "Signatures and encryption"),
    ('T', "Types and structure"),
    ('W', "Encoded-words"),
    ('X', "Content that deceives"),
];

const PAGE: &str = "\
# Rules

What septet finds odd about messages: `septet lint` shows all of it with the place and the remedy;
`tree` and `decode` have what the parser itself finds. `septet lint --explain RULE` says what stands
here of one rule. An id is never used for another rule; names and texts may change.

An *error* is what programs are known to read differently, or where something is lost; a *warning* is
against an RFC, and some programs read it otherwise; a *note* is worth knowing. None of them says that
mail is unwanted, and odd mail alone never changes an exit status: `--fail-on` does.

In the examples `\\xNN` is an octet, `\\r` a CR, and `{…}×N` stands N times. A header without an empty
line has one behind it, and a line of text.

This page is made from the table of rules. `SEPTET_UPDATE=1 cargo test --test rules` makes it anew.
";

/// What `rule` is about: what it looks at, why it matters, what to do, with an example that fires it and
/// one that does not.
pub fn explain(rule: Rule) -> String {
    let info = rule.info();
    let example = examples::of(rule);
    let mut text = format!("### {} {}\n\n{}", info.id, info.name, info.severity.name());
    if info.rfc != "-" {
        let _ = write!(text, ", RFC {}", info.rfc);
    }
    if info.fix == Fix::Safe {
        text.push_str(", mended by `--fix`");
    }
    let _ = write!(
        text,
        "\n\n{}.\n\n*Why:* {}\n\n*What to do:* {}\n",
        capital(info.what),
        info.why,
        info.remedy
    );
    let condition = match (rule, example.transport()) {
        (Rule::D017, _) => " (`septet tree --views`)",
        (Rule::D005, _) => " (here with a limit of 200 octets)",
        (_, Some(_)) => " (with `--for 7bit`)",
        _ => "",
    };
    let _ = write!(text, "\nFires{condition}:\n\n{}", block(example.fires));
    let _ = write!(text, "\nDoes not:\n\n{}", block(example.clean));
    text
}

/// All rules on a page: docs/rules.md.
pub fn rules_page() -> String {
    let mut page = PAGE.to_owned();
    for &(letter, name) in FAMILIES {
        let _ = write!(page, "\n## {letter}: {name}\n");
        for rule in RULES.iter().filter(|info| info.id.starts_with(letter)) {
            let _ = write!(page, "\n{}", explain(rule.rule));
        }
    }
    page
}

/// The rules on a line each: id, severity, name and what each looks at.
pub fn list(rules: &Rules) -> String {
    let mut text = String::new();
    for info in rules.iter().map(Rule::info) {
        let _ =
            writeln!(text, "{} {:7} {:26} {}", info.id, info.severity.name(), info.name, info.what);
    }
    text
}

/// A sentence begins so.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// Octets as a block of code.
fn block(octets: Octets) -> String {
    let text = match octets {
        Octets::Plain(octets) => shown(octets),
        Octets::Repeated(before, piece, times, behind) => {
            format!("{}{{{}}}×{times}{}", shown(before), shown(piece), shown(behind))
        }
    };
    let lines = text.strip_suffix('\n').unwrap_or(&text).split('\n');
    let line = |line: &str| match line.strip_suffix(' ') {
        Some(start) => format!("    {start}\\x20\n"),
        None if line.is_empty() => "\n".to_owned(),
        None => format!("    {line}\n"),
    };
    lines.map(line).collect()
}

/// Octets with escapes for what is no printable ASCII, but for line ends.
fn shown(octets: &[u8]) -> String {
    let mut text = String::new();
    for &c in octets {
        match c {
            b'\n' | b' '..=b'~' => text.push(c.into()),
            b'\r' => text.push_str("\\r"),
            _ => {
                let _ = write!(text, "\\x{c:02x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_a_name() {
        for info in RULES {
            assert!(FAMILIES.iter().any(|&(letter, _)| info.id.starts_with(letter)), "{}", info.id);
        }
    }

    #[test]
    fn octets_are_shown_safely() {
        let cases: &[(&[u8], &str)] = &[
            (b"a\n\nb \n", "    a\n\n    b\\x20\n"),
            (b"a\r\n\x00\xff", "    a\\r\n    \\x00\\xff\n"),
        ];
        for &(octets, expected) in cases {
            assert_eq!(block(Octets::Plain(octets)), expected);
        }
        assert_eq!(block(Octets::Repeated(b"a", b"b\n", 3, b"c\n")), "    a{b\n    }×3c\n");
    }
}
