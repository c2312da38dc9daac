//! What septet depends on is what `deny.toml` allows: licences, crates.io alone, one version of each
//! crate but for those that are named there. Only for this host, and without advisories: these need a
//! database that has to be fetched.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The packages that `cargo metadata` finds, from what was fetched already.
fn packages() -> Vec<Value> {
    let host = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let host = String::from_utf8(host).expect("text");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--all-features", "--format-version=1"])
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // The resolved ones: others stand in the lock file for other systems.
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let used = |package: &Value| nodes.iter().any(|node| node["id"] == package["id"]);
    let all = metadata["packages"].as_array().expect("packages");
    let packages: Vec<Value> = all.iter().filter(|package| used(package)).cloned().collect();
    assert!(packages.len() > 50, "the packages were found");
    packages
}

/// The texts in quotes of the list that begins with `key = [` in `deny.toml`, the first of each line.
fn policy(key: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let text = std::fs::read_to_string(path).expect("deny.toml");
    let (_, list) = text.split_once(&format!("\n{key} = [\n")).expect("the list");
    let lines = list.lines().take_while(|line| *line != "]");
    let all: Vec<_> = lines.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect();
    assert!(!all.is_empty(), "{key}");
    all
}

/// Whether a licence expression (SPDX annex D, and the `/` of old) can be met with these licences.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let met = either(words, allowed);
        return words.next() == Some(")") && met;
    }
    let is_excepted = words.next_if_eq(&"WITH").is_some_and(|_| words.next().is_some());
    !is_excepted && allowed.iter().any(|licence| licence == word)
}

#[test]
fn expressions() {
    let allowed = ["MIT", "Zlib"].map(str::to_owned);
    let cases = [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("Apache-2.0/MIT", true),
        ("(MIT OR Apache-2.0) AND Zlib", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", false),
        ("MIT WITH some-exception", false),
        ("Apache-2.0 WITH some-exception OR Zlib", true),
        ("", false),
    ];
    for (expression, expected) in cases {
        assert_eq!(is_met(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn dependencies_are_allowed() {
    let (licences, skipped) = (policy("allow"), policy("skip"));
    let mut wrong = Vec::new();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let (name, version) = (text("name"), text("version"));
        if name != env!("CARGO_PKG_NAME") && text("source") != CRATES_IO {
            wrong.push(format!("{name} {version} is not from crates.io"));
        }
        if !is_met(&text("license"), &licences) {
            wrong.push(format!("{name} {version} has the licence {:?}", text("license")));
        }
        let named = format!("{name}@{version}.");
        if !skipped.iter().any(|skip| named.starts_with(&format!("{skip}."))) {
            versions.entry(name).or_default().push(version);
        }
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        wrong.push(format!("{name} has several versions: {}", versions.join(", ")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
