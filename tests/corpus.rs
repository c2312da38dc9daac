//! Mail that others wrote: the laws of the walk hold for every file of the corpus, and its structure
//! does not depend on how it was cut into reads.
//!
//! The corpus is kept outside of the project; without it these tests pass, and say so. Nothing is
//! expected of any single file here: `conformance.rs` does that.

mod common;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use common::{Cut, corpus, files, octets, walk, walk_cut};
use septet::base::{Finding, Limits, Span};
use septet::charset::Charset;
use septet::structure::{Builder, Part};
use septet::walk::{Options, Reader, Separator};

const FOLDERS: &[&str] = &["suites", "hard", "ambiguous", "convert", "downgrade"];

/// How a file is cut: the larger it is, the fewer sizes there is time for. The small ones have more
/// oddness to an octet.
fn cuts(text: &[u8]) -> &'static [&'static [usize]] {
    match text.len() {
        0..100_000 => &[&[1], &[2], &[3], &[7]],
        100_000..1_000_000 => &[&[7], &[4096]],
        _ => &[&[4096]],
    }
}

/// The same where all that is found in a body is looked for as well, which takes longer.
fn fewer_cuts(text: &[u8]) -> &'static [&'static [usize]] {
    match text.len() {
        0..20_000 => &[&[1], &[61, 3, 2]],
        20_000..100_000 => &[&[61, 3, 2]],
        _ => &[&[4093, 3, 1000]],
    }
}

/// Checks every file by its octets; `check` says what is wrong with it.
fn every_file(check: impl Fn(&[u8]) -> Result<(), String>) {
    let mut seen = HashSet::new();
    let mut failed = 0;
    for folder in FOLDERS {
        let Some(folder) = corpus(folder) else { continue };
        for path in files(&folder) {
            let name = path.strip_prefix(folder.parent().unwrap_or(Path::new(""))).unwrap_or(&path);
            let text = std::fs::read(&path).expect("a file of the corpus");
            // The projects have many messages from one another.
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                continue;
            }
            if let Err(what) = check(&text) {
                println!("{}: {what}", name.display());
                failed += 1;
            }
        }
    }
    assert_eq!(failed, 0, "of {} files", seen.len());
}

#[test]
fn tokens_are_a_partition_at_any_cut() {
    every_file(|text| {
        let options = Options { separator: Separator::of(text), near_misses: true };
        let whole = walk(text, Limits::default(), options);
        if octets(&whole) != text {
            return Err("the tokens are no partition".to_owned());
        }
        for &sizes in cuts(text) {
            let cut = walk_cut(text, sizes, Limits::default(), options);
            if cut != whole {
                let at = cut.iter().zip(&whole).position(|(cut, whole)| cut != whole);
                return Err(format!("in pieces of {sizes:?}, event {at:?} is another"));
            }
        }
        Ok(())
    });
}

#[test]
fn structures_are_the_same_at_any_cut() {
    every_file(|text| {
        let whole = structures(text, &[usize::MAX]);
        for &sizes in fewer_cuts(text) {
            let cut = structures(text, sizes);
            if cut != whole {
                let differing = cut.iter().zip(&whole).find(|(cut, whole)| cut != whole);
                return Err(format!("in pieces of {sizes:?}: {differing:#?}"));
            }
        }
        Ok(())
    });
}

/// What is known of a message, in a form that can be compared.
#[derive(Debug, PartialEq)]
struct Summary {
    parts: Vec<PartSummary>,
    findings: Vec<Finding>,
}

#[derive(Debug, PartialEq)]
struct PartSummary {
    number: String,
    essence: String,
    header: Option<Span>,
    body: Option<Span>,
    size: Option<u64>,
    lines: Option<u64>,
}

impl PartSummary {
    fn of(part: Part<'_>) -> PartSummary {
        PartSummary {
            number: part.number(),
            essence: part.essence(),
            header: part.header(),
            body: part.body(),
            size: part.size(),
            lines: part.lines(),
        }
    }
}

/// The surveyed structures of all messages of an input that comes in pieces of these sizes.
fn structures(text: &[u8], sizes: &[usize]) -> Vec<Summary> {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
    let options = builder.walk_options(Separator::of(text));
    let mut reader = Reader::new(Cut { text, sizes, at: 0 }, Limits::default(), options);
    let mut summaries = Vec::new();
    while let Some(structure) = builder.read(&mut reader, &mut ()).expect("reading from memory") {
        summaries.push(Summary {
            parts: structure.parts().map(PartSummary::of).collect(),
            findings: structure.findings().to_vec(),
        });
    }
    summaries
}
