//! Mail that others wrote, converted: no error, clean or refused with a reason, proven, the same the
//! second time; and what becomes of the messages that were made to be converted.
//!
//! The corpus is kept outside of the project; without it these tests pass, and say so.

mod common;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use common::convert::{convert, laws};
use common::{corpus, files};
use septet::convert::{Action, Options};

const FOLDERS: &[&str] = &["convert", "downgrade", "ambiguous", "hard", "suites"];

/// LIMIT: larger files take too long in a build for debugging.
const LARGEST: usize = 2 << 20;

#[test]
fn the_laws_hold() {
    let mut seen = HashSet::new();
    let mut fates: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed = 0;
    for folder in FOLDERS {
        let Some(folder) = corpus(folder) else { continue };
        for path in files(&folder) {
            let name = path.strip_prefix(folder.parent().unwrap_or(Path::new(""))).unwrap_or(&path);
            let text = std::fs::read(&path).expect("a file of the corpus");
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            if text.len() > LARGEST || !seen.insert(hasher.finish()) {
                continue;
            }
            match laws(&text) {
                Ok((converted, _)) => {
                    let refusal = converted.plan.refused.first();
                    let reason = refusal.map_or("", |refusal| &refusal.reason);
                    let reason = reason.split(": ").next().unwrap_or_default();
                    let fate = format!("{} {reason}", converted.action().name());
                    *fates.entry(fate).or_default() += 1;
                }
                Err(what) => {
                    println!("{}: {what}", name.display());
                    failed += 1;
                }
            }
        }
    }
    for (fate, count) in &fates {
        println!("{count:6} {fate}");
    }
    assert_eq!(failed, 0, "of {} files", seen.len());
}

/// What `answers.tsv` says becomes of each message of a folder.
fn answers(folder: &str) {
    let Some(folder) = corpus(folder) else { return };
    let table = std::fs::read_to_string(folder.join("answers.tsv")).expect("a table");
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        let [Some(name), Some(expected)] = [columns.next(), columns.next()] else {
            panic!("{line}")
        };
        let text = std::fs::read(folder.join(name)).expect("a message");
        let (converted, out) = convert(&text, &Options::default(), true);
        let action = converted.action();
        if action.name() != expected {
            wrong.push(format!("{name}: {} {:?}", action.name(), converted.plan.refused));
        }
        assert!(action == Action::Converted || out == text, "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_becomes_of_convert() {
    answers("convert");
}

#[test]
fn what_becomes_of_downgrade() {
    answers("downgrade");
}
