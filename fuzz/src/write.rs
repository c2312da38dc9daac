//! The laws of writing fields: what is written is one field of the same name, clean, and needs no
//! second writing; what is left alone was clean, and what is refused was not.

use septet::base::Limits;
use septet::base::chars::is_wsp;
use septet::charset::Charset;
use septet::header::write::{Outcome, Style, rewrite};
use septet::header::{Context, Field};
use septet::transfer::LineEnd;

use crate::Input;

/// Holds the laws against a field, from its name to its line end.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let context = Context { limits: Limits::default(), fallback: Charset::WINDOWS_1252 };
    let labels = [None, Some("utf-8"), Some("iso-8859-1"), Some("x-nope")];
    let label = |at: u8| labels[usize::from(at & 3)];
    let style = Style {
        line_end: if input.bit(0) { LineEnd::CrLf } else { LineEnd::Lf },
        declared: label(input.choice >> 1),
        charset: label(input.choice >> 3),
    };
    match rewrite(input.text, &context, &style) {
        Outcome::Clean => assert!(is_clean(input.text)),
        Outcome::Refused(_) => assert!(!is_clean(input.text)),
        Outcome::Rewritten(written) => {
            assert!(!is_clean(input.text), "a clean field is written");
            assert!(is_clean(&written.octets), "{:?}", written.octets);
            assert_eq!(rewrite(&written.octets, &context, &style), Outcome::Clean);
            assert_one_field(input.text, &written.octets);
        }
    }
}

fn assert_one_field(before: &[u8], after: &[u8]) {
    let name = |octets| Field::parse(octets).expect("a field").name;
    assert_eq!(name(after), name(before));
    let lines = after.split(|&c| c == b'\n').skip(1);
    for line in lines.filter(|line| !line.is_empty()) {
        assert!(is_wsp(line[0]) || line == b"\r", "a second field: {after:?}");
    }
}

/// RFC 5322 §2.1.1, §2.2: lines of at most 998 octets, none over 127, no NUL, no bare CR.
fn is_clean(field: &[u8]) -> bool {
    field.split(|&c| c == b'\n').enumerate().all(|(at, line)| {
        let is_last = field.split(|&c| c == b'\n').count() == at + 1;
        let content = line.strip_suffix(b"\r").filter(|_| !is_last).unwrap_or(line);
        content.len() <= 998 && content.iter().all(|&c| c != 0 && c != b'\r' && c < 128)
    })
}
