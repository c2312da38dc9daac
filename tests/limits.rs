//! The limits that `SECURITY.md` names are those of the code.

use std::fs;
use std::path::Path;

use septet::base::{Limits, RULES};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file")
}

/// The cells of the row that begins with this name.
fn row(text: &str, name: &str) -> Vec<String> {
    let row = text.lines().find(|line| line.starts_with(&format!("| {name} |")));
    let row = row.unwrap_or_else(|| panic!("no row for {name}"));
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn of_a_message() {
    let text = read("SECURITY.md");
    let limits = Limits::default();
    let expected: &[(&str, u64, &str)] = &[
        ("levels of nesting", limits.depth.into(), "D001"),
        ("parts of a message", limits.parts.into(), "D002"),
        ("fields of a header", limits.fields.into(), "D003"),
        ("octets of a field", limits.field as u64, "D004"),
        ("octets of a header", limits.header, "D005"),
        ("parameters of a field", limits.params as u64, "D014"),
        ("encoded-words of a field", limits.words as u64, "D015"),
        ("findings kept of a message", limits.findings as u64, "D016"),
    ];
    for (name, value, rule) in expected {
        let row = row(&text, name);
        assert_eq!((&row[1], &*row[3]), (&value.to_string(), *rule), "{name}");
        assert!(RULES.iter().any(|known| known.id == *rule), "{rule}");
    }
}

/// Those that no option changes are constants: the line that defines each, and the row.
#[test]
fn of_the_code() {
    let text = read("SECURITY.md");
    let expected: &[(&str, &str, &str, u64)] = &[
        ("octets of a boundary that is compared", "src/base/limits.rs", "LINE: usize = 998", 998),
        (
            "nesting of comments that is kept track of",
            "src/base/limits.rs",
            "COMMENT_DEPTH: u32 = 64",
            64,
        ),
        (
            "octets that come out of one that went in, behind the first 64 MiB",
            "src/mailbox/archive/codec.rs",
            "RATIO: u64 = 1000",
            1000,
        ),
        ("members", "src/mailbox/mod.rs", "MEMBERS: u64 = 1_000_000", 1_000_000),
        ("levels of packing", "src/mailbox/visit.rs", "LEVELS: u32 = 2", 2),
        (
            "window of a decoder, octets",
            "src/mailbox/archive/codec.rs",
            "WINDOW: u32 = 27",
            1 << 27,
        ),
        (
            "octets of a name or an extended header in tar",
            "src/mailbox/archive/tar.rs",
            "EXTENSION: u64 = 1 << 20",
            1 << 20,
        ),
    ];
    for (name, file, definition, value) in expected {
        assert!(read(file).contains(&format!("{definition};")), "{file}: {definition}");
        assert_eq!(row(&text, name)[1], value.to_string(), "{name}");
    }
    assert!(read("src/mailbox/archive/codec.rs").contains("FREE: u64 = 64 << 20;"));
}
