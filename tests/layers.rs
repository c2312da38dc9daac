//! The rooms import only downwards, and only `cli::out` prints.

mod common;

use std::path::Path;

/// From the ground up; a room may use those before it.
const ROOMS: &[&str] = &[
    "simd",
    "base",
    "charset",
    "transfer",
    "header",
    "walk",
    "structure",
    "mailbox",
    "views",
    "dkim",
    "compare",
    "trace",
    "convert",
    "extract",
    "lint",
    "record",
    "cli",
];

fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = common::files(&src);
    let read = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(&src).expect("below src").display().to_string();
        (name, std::fs::read_to_string(path).expect("a source file"))
    };
    files.iter().map(read).collect()
}

#[test]
fn imports_run_downwards() {
    let mut seen = 0;
    for (name, text) in sources() {
        let Some(own) = ROOMS.iter().position(|room| name.starts_with(&format!("{room}/"))) else {
            continue;
        };
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for used in code.match_indices("crate::").map(|(at, _)| &code[at + 7..]) {
            let used = used.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            let Some(level) = ROOMS.iter().position(|room| Some(*room) == used) else { continue };
            seen += 1;
            assert!(level <= own, "src/{name} uses {}, which is above it", ROOMS[level]);
        }
    }
    assert!(seen > 50, "the imports were found");
}

#[test]
fn only_out_prints() {
    for (name, text) in sources() {
        let prints = ["println!", "print!", "io::stdout", "io::stderr"];
        let found = prints.iter().find(|what| {
            text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(**what))
        });
        assert!(name == "cli/out.rs" || found.is_none(), "src/{name}: {found:?}");
    }
}

#[test]
fn no_unsafe_code() {
    for (name, text) in sources() {
        assert!(!text.contains("unsafe ") || name.starts_with("simd/"), "src/{name}");
    }
}

/// A file over 700 lines is two rooms in one.
#[test]
fn files_stay_readable() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 720, "src/{name} has {lines} lines");
    }
}
