//! The file name of a part, and what is odd about file names (RFC 2183 §2.3, §5).
//!
//! Contract: names are given as they are written; nothing is removed or replaced.
//!
//! Deliberately not here: names that are safe to write to.
//!
//! May use: base, and of this room `params`.

use super::ContentType;
use crate::base::{Rule, Sink, Span};
use crate::header::params::{Parameterised, is_file_name};

/// The file name of a part: its `filename`, else its `name`; Content-Disposition before
/// Content-Type. An empty one counts as none. Reports P022 if the names that are there differ, with
/// an empty span: what it is about stands in two fields.
pub fn filename<S: Sink>(
    disposition: Option<&Parameterised>,
    content_type: Option<&ContentType>,
    sink: &mut S,
) -> Option<String> {
    let written = content_type.map(|content_type| &content_type.written);
    let named = |name| [disposition, written].map(|field| field.and_then(|field| field.get(name)));
    let names = ["filename", "name"].map(named).into_iter().flatten().flatten();
    let mut names = names.filter(|name| !name.is_empty());
    let first = names.next()?;
    if names.any(|other| other != first) {
        sink.report(Rule::P022, Span::default());
    }
    Some(first.to_owned())
}

/// Reports what is odd about the file names of one field: F001, F002, F003.
pub(super) fn check<S: Sink>(field: &Parameterised, sink: &mut S) {
    let names = field.params.iter().filter(|param| is_file_name(param.name.as_bytes()));
    for param in names {
        let name = param.value.text.as_str();
        if has_path(name) {
            sink.report(Rule::F001, param.span);
        }
        if name.contains(char::is_control) {
            sink.report(Rule::F002, param.span);
        }
        if hides_text(name) {
            sink.report(Rule::F003, param.span);
        }
    }
}

/// Whether a name is more than the last component of a path, on Unix or on Windows.
fn has_path(name: &str) -> bool {
    name.contains(['/', '\\']) || matches!(name.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z', b':', ..])
}

/// Whether a name has characters that turn the direction of text or cannot be seen.
fn hides_text(name: &str) -> bool {
    let before = std::iter::once('\0').chain(name.chars());
    before.zip(name.chars()).any(|(before, c)| match c {
        // Joiners are letters of some scripts, and glue emoji; they hide only where Latin text is.
        '\u{200c}' | '\u{200d}' => before < '\u{590}',
        _ => matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}'),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{content_type, disposition};
    use super::*;
    use crate::header::params::tests::CONTEXT;

    #[test]
    fn chooses_among_names() {
        use Rule::P022;
        let cases: &[(&str, &str, &str, &str, &[Rule])] = &[
            ("disposition first", "x; filename=a", "a/b; filename=b", "a", &[P022]),
            ("filename first", "x; name=a", "a/b; filename=b", "b", &[P022]),
            ("name of the type", "x", "a/b; name=b", "b", &[]),
            ("the same", "x; filename=a", "a/b; name=a", "a", &[]),
            ("an empty one", "x; filename=\"\"", "a/b; name=b", "b", &[]),
            ("none", "x", "a/b; x=y", "", &[]),
        ];
        for &(name, disposed, typed, expected, rules) in cases {
            let disposed = disposition(disposed.as_bytes(), &CONTEXT, &mut ());
            let typed = content_type(typed.as_bytes(), &CONTEXT, &mut ());
            let mut found = Vec::new();
            let chosen = filename(Some(&disposed), Some(&typed), &mut found);
            assert_eq!(chosen.as_deref().unwrap_or(""), expected, "{name}");
            assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), rules, "{name}");
        }
        assert_eq!(filename(None, None, &mut ()), None);
    }

    #[test]
    fn reports_odd_names() {
        use Rule::*;
        let cases: &[(&str, &[Rule])] = &[
            ("a.pdf", &[]),
            ("..%2Fa", &[F001]),
            ("a%5Cb", &[F001]),
            ("c%3Aa", &[F001]),
            ("1%3Aa", &[]),
            ("a%00.txt", &[F002]),
            ("a%0D%0Ab", &[F002]),
            ("a%C2%9Bb", &[F002]),
            ("a%E2%80%AEcod.exe", &[F003]),
            ("a%E2%80%8Db", &[F003]),
            ("%D9%85%E2%80%8C%D9%86", &[]),
        ];
        for &(name, rules) in cases {
            let mut found = Vec::new();
            let raw = format!("attachment; filename*=utf-8''{name}");
            let field = disposition(raw.as_bytes(), &CONTEXT, &mut found);
            assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), rules, "{name}");
            assert_eq!(field.value, "attachment");
        }
    }

    #[test]
    fn the_name_of_an_external_body_is_a_path_by_right() {
        let mut found = Vec::new();
        content_type(b"message/external-body; name=\"/a/b\"", &CONTEXT, &mut found);
        assert_eq!(found, []);
        content_type(b"image/png; name=\"/a/b\"", &CONTEXT, &mut found);
        assert_eq!(found, [(Rule::F001, Span::new(11, 22))]);
    }
}
