//! The laws of the forms of text: unflowing and unmarking give a result for any text, which is not
//! much longer than it, and leave alone what has nothing to undo.

use septet::structure::{Markup, unflow};

use crate::Input;

/// Holds the laws of format=flowed, text/enriched and text/richtext against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let text = &String::from_utf8_lossy(input.text);
    for delsp in [false, true] {
        unflows(text, delsp);
    }
    for markup in [Markup::Enriched, Markup::Richtext] {
        let plain = markup.to_plain(text);
        assert!(plain.len() <= text.len());
        if !text.contains(['<', '\n']) {
            assert_eq!(&plain, text);
        }
    }
}

fn unflows(text: &str, delsp: bool) {
    let plain = unflow(text, delsp);
    assert!(plain.is_empty() || plain.ends_with('\n'));
    // For each line at most a space behind its quote marks and a line end are added.
    assert!(plain.len() <= text.len() + 2 * text.lines().count());
    let is_fixed = |line: &str| !line.ends_with(' ') && !line.starts_with(['>', ' ']);
    if text.lines().all(is_fixed) {
        let lines: String = text.lines().flat_map(|line| [line, "\n"]).collect();
        assert_eq!(plain, lines);
    }
}
