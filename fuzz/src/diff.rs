//! The laws of comparing: what is the same octets is the same, what is not is named, the other way
//! round it is the other way round, and the cut never shows.

use std::collections::BTreeMap;
use std::io;

use septet::charset::Charset;
use septet::compare::{
    Change, Content, Diff, LineEnds, Presence, Reading, Snapshot, Taking, What, diff, differences,
};
use septet::structure::{Builder, Visitor};
use septet::walk::{Reader, Separator};

use crate::Input;

/// What stands between the two messages of an input.
const BETWEEN: &[u8] = b"\0\0\n";

/// Holds the laws against two messages; without a second one, against the message and the same with
/// CRLF at the ends of its lines.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let at = input.text.windows(BETWEEN.len()).position(|octets| octets == BETWEEN);
    let (one, other) = match at {
        Some(at) => (&input.text[..at], input.text[at + BETWEEN.len()..].to_vec()),
        None => (input.text, with_crlf(input.text)),
    };
    // The line before a message in an mbox is none of it, quoted or not.
    let is_behind_line =
        |text: &[u8]| text.strip_prefix(b">").unwrap_or(text).starts_with(b"From ");
    if is_behind_line(one) || is_behind_line(&other) {
        return;
    }
    let (a, b) = (snapshot(&input, one), snapshot(&input, &other));
    agrees_with_itself(&input, one, &a);
    let there = diff(&a, &b);
    assert_eq!(there.is_same, one == other);
    assert!(there.is_same || !there.changes.is_empty(), "a difference that is not named");
    assert_sound(&there, (&a, &b));
    assert_mirrored(&there, &diff(&b, &a));
    says(&input, one, &other);
}

fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for line in text.split_inclusive(|&c| c == b'\n') {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        all.extend_from_slice(content.strip_suffix(b"\r").unwrap_or(content));
        all.extend_from_slice(if content.len() < line.len() { b"\r\n" } else { b"" });
    }
    all
}

fn read(input: &Input<'_>, octets: impl io::Read, visitor: &mut impl Visitor) {
    let limits = input.limits();
    let mut builder = Builder::new(limits, Charset::WINDOWS_1252, false);
    let options = builder.walk_options(Separator::None);
    builder.read(&mut Reader::new(octets, limits, options), visitor).expect("from memory");
}

fn snapshot(input: &Input<'_>, text: &[u8]) -> Snapshot {
    let mut taking = Taking::new();
    read(input, text, &mut taking);
    taking.finish()
}

fn agrees_with_itself(input: &Input<'_>, text: &[u8], whole: &Snapshot) {
    let mut taking = Taking::new();
    read(input, Input { text, ..*input }.reader(), &mut taking);
    let cut = taking.finish();
    assert_eq!(format!("{cut:?}"), format!("{whole:?}"), "in pieces of {:?}", input.sizes);
    let none = diff(whole, &cut);
    assert!(none.is_same && none.changes.is_empty(), "{:?}", none.changes);
    assert!(none.signatures.iter().all(|effect| !effect.is_broken()), "{:?}", none.signatures);
    assert_eq!(whole.length(), text.len() as u64);
}

/// What is told of is there.
fn assert_sound(diff: &Diff, seen: (&Snapshot, &Snapshot)) {
    assert_eq!(diff.worst(), diff.changes.iter().map(|change| change.group).max());
    for change in &diff.changes {
        for (index, part) in change.index.iter().zip(&change.part) {
            assert_eq!(index.is_some(), part.is_some(), "{change:?}");
        }
        assert!(change.breaks.iter().all(|&at| diff.signatures[at].is_broken()), "{change:?}");
        for (of, index) in [(seen.0, change.index[0]), (seen.1, change.index[1])] {
            let Some(index) = index else { continue };
            assert!(of.kept_text(index).is_none() || of.is_text(index), "{change:?}");
        }
    }
}

/// What was added one way is removed the other way, and all else is changed both ways. Which of some
/// things that changed places was moved is a matter of taste.
fn assert_mirrored(there: &Diff, back: &Diff) {
    let count = |diff: &Diff, mirrored: bool| {
        let mut kinds: BTreeMap<(&str, [Option<String>; 2], Option<String>), u32> = BTreeMap::new();
        for change in &diff.changes {
            if matches!(change.what, What::FieldMoved | What::PartMoved) {
                continue;
            }
            let Change { what, part: [a, b], field, .. } = change.clone();
            let (what, part) = match mirrored {
                true => (mirror(what), [b, a]),
                false => (what, [a, b]),
            };
            *kinds.entry((what.name(), part, field)).or_default() += 1;
        }
        kinds
    };
    assert_eq!(count(back, true), count(there, false));
    assert_eq!(back.is_same, there.is_same);
    let kinds = |diff: &Diff, mirrored: bool| {
        let side = |presence| match presence {
            Presence::Both => 0,
            Presence::Removed => 1 + u32::from(mirrored),
            Presence::Added => 2 - u32::from(mirrored),
        };
        let mut kinds: Vec<u32> = diff.signatures.iter().map(|it| side(it.presence)).collect();
        kinds.sort_unstable();
        kinds
    };
    assert_eq!(kinds(back, true), kinds(there, false));
}

fn mirror(what: What) -> What {
    match what {
        What::FieldAdded => What::FieldRemoved,
        What::FieldRemoved => What::FieldAdded,
        What::PartAdded => What::PartRemoved,
        What::PartRemoved => What::PartAdded,
        other => other,
    }
}

/// The laws of what messages say.
fn says(input: &Input<'_>, one: &[u8], other: &[u8]) {
    for line_ends in [LineEnds::OfText, LineEnds::OfAll] {
        let content = |text: &[u8]| -> Content {
            let mut reading = Reading::new(line_ends);
            read(input, Input { text, ..*input }.reader(), &mut reading);
            reading.finish()
        };
        let (a, b) = (content(one), content(other));
        assert_eq!(differences(&a, &content(one)), []);
        // MIME fields may be added, so no differences one way may be some the other way.
        differences(&a, &b);
        differences(&b, &a);
    }
}
