//! One finding as a compiler shows it: the title, the place, the line with what is marked, and what is
//! said of it.
//!
//! The form is that of the crate `annotate-snippets`, which is asked for lines that do not fit on a
//! terminal, are indented deeply, or hold what cannot be shown. All others, nearly all there are, are
//! drawn here, for it takes a cell for each character and most of the time of a linter; a test holds
//! what is drawn here against what it renders.
//!
//! May use: what the commands may.

use std::borrow::Cow;
use std::fmt::Write as _;

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_LINE_NUM_STYLE, DEFAULT_NOTE_STYLE,
    DEFAULT_TERM_WIDTH, DEFAULT_WARNING_STYLE,
};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::place::Excerpt;
use crate::base::chars::is_unsafe;
use crate::base::{RuleInfo, Severity};

/// White space at the start of a line that is shown whole.
const INDENT: usize = 20;

/// A finding, ready to be shown. All texts are safe for a terminal, and lines.
pub(super) struct Card<'a> {
    pub(super) info: &'static RuleInfo,
    /// The name of the message, the line, and what stands there; `None` where there is no place.
    pub(super) place: Option<(&'a str, u64, Excerpt)>,
    /// What is said of it, and what each of that is.
    pub(super) said: Vec<(&'static str, Cow<'a, str>)>,
}

/// Where the marks of a line stand, in columns from 0.
#[derive(Debug, PartialEq, Eq)]
struct Marks {
    start: usize,
    count: usize,
    /// The character that they begin at, from 1.
    character: usize,
}

impl Card<'_> {
    /// Appends it to `to`, without a line end behind it.
    pub(super) fn write(&self, has_colors: bool, to: &mut String) {
        match &self.place {
            None => self.draw(None, has_colors, to),
            Some((_, line, excerpt)) => {
                let room = DEFAULT_TERM_WIDTH.saturating_sub(digits(*line) + 3);
                match marks(excerpt, room) {
                    Some(marks) => self.draw(Some(marks), has_colors, to),
                    None => to.push_str(&self.rendered(has_colors)),
                }
            }
        }
    }

    /// With marks there is a line that they stand in.
    fn draw(&self, marks: Option<Marks>, has_colors: bool, to: &mut String) {
        let (name, style) = match self.info.severity {
            Severity::Error => ("error", DEFAULT_ERROR_STYLE),
            Severity::Warning => ("warning", DEFAULT_WARNING_STYLE),
            Severity::Note => ("note", DEFAULT_NOTE_STYLE),
        };
        let paint = |style: Style, pieces: &[&str], to: &mut String| {
            if has_colors {
                let _ = write!(to, "{style}");
            }
            pieces.iter().for_each(|piece| to.push_str(piece));
            if has_colors {
                let _ = write!(to, "{style:#}");
            }
        };
        let (number, emphasis) = (DEFAULT_LINE_NUM_STYLE, DEFAULT_EMPHASIS_STYLE);
        paint(style, &[name, "[", self.info.id, "]"], to);
        paint(emphasis, &[": ", self.info.what], to);
        let line = self.place.as_ref().map(|(_, line, _)| line.to_string()).unwrap_or_default();
        let bar = |to: &mut String| {
            to.push('\n');
            spaces(line.len() + 1, to);
            paint(number, &["|"], to);
        };
        if let (Some((path, _, excerpt)), Some(marks)) = (&self.place, marks) {
            to.push('\n');
            spaces(line.len(), to);
            paint(number, &["--> "], to);
            let _ = write!(to, "{path}:{line}:{}", marks.character);
            bar(to);
            to.push('\n');
            paint(number, &[&line], to);
            to.push(' ');
            paint(number, &["|"], to);
            if !excerpt.text.is_empty() {
                to.push(' ');
                to.push_str(&excerpt.text);
            }
            bar(to);
            spaces(marks.start + 1, to);
            paint(style, &[&"^".repeat(marks.count)], to);
        }
        bar(to);
        for (what, text) in &self.said {
            to.push('\n');
            spaces(line.len() + 1, to);
            paint(number, &["= "], to);
            paint(emphasis, &[what], to);
            to.push_str(": ");
            to.push_str(text);
        }
    }

    /// The same by `annotate-snippets`.
    fn rendered(&self, has_colors: bool) -> String {
        let level = match self.info.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let mut report = Group::with_title(level.primary_title(self.info.what).id(self.info.id));
        if let Some((path, line, excerpt)) = &self.place {
            report = report.element(
                Snippet::source(&excerpt.text)
                    .line_start(usize::try_from(*line).unwrap_or(usize::MAX))
                    .path(*path)
                    .fold(false)
                    .annotation(AnnotationKind::Primary.span(excerpt.marked.clone())),
            );
        }
        let said = self.said.iter();
        let report =
            report.elements(said.map(|(what, text)| Level::NOTE.with_name(*what).message(&**text)));
        let renderer = if has_colors { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[report])
    }
}

fn spaces(count: usize, to: &mut String) {
    const SPACES: &str = "                                        ";
    for _ in 0..count / SPACES.len() {
        to.push_str(SPACES);
    }
    to.push_str(&SPACES[..count % SPACES.len()]);
}

fn digits(line: u64) -> usize {
    line.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Where the marks stand, if the line fits into `room` columns and is shown as it is.
fn marks(excerpt: &Excerpt, room: usize) -> Option<Marks> {
    let Excerpt { text, marked } = excerpt;
    let (before, rest) = text.split_at_checked(marked.start)?;
    let (inside, behind) = rest.split_at_checked(marked.len())?;
    let (start, count) = (width(before)?, width(inside)?);
    let indent = text.chars().take_while(|c| c.is_whitespace()).count();
    (start + count + width(behind)? <= room && indent <= INDENT).then(|| Marks {
        start,
        // Where nothing is marked, the place is.
        count: count.max(1),
        character: before.chars().count() + 1,
    })
}

/// How many columns a text takes; `None` if it may look otherwise than it is written.
fn width(text: &str) -> Option<usize> {
    if text.bytes().all(|c| matches!(c, b' '..=b'~')) {
        return Some(text.len());
    }
    text.chars().try_fold(0, |width, c| {
        let is_shown = !is_unsafe(c) && c != '\u{200d}';
        is_shown.then(|| width + c.width().unwrap_or(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::RULES;
    use proptest::prelude::*;

    fn card(text: &str, marked: std::ops::Range<usize>, line: u64) -> Card<'static> {
        let excerpt = Excerpt { text: text.to_owned(), marked };
        let info = &RULES[text.len() % RULES.len()];
        let said = vec![("why", Cow::Borrowed(info.why)), ("help", Cow::Borrowed(info.remedy))];
        Card { info, place: Some(("a b.eml#7", line, excerpt)), said }
    }

    fn both(card: &Card<'_>, has_colors: bool) -> (String, String) {
        let mut drawn = String::new();
        card.write(has_colors, &mut drawn);
        (drawn, card.rendered(has_colors))
    }

    #[test]
    fn is_drawn_as_it_is_rendered() {
        let fits: &[(&str, std::ops::Range<usize>)] = &[
            ("Subject: hello", 9..14),
            ("Subject: hello", 9..9),
            ("Subject: hello", 14..14),
            ("", 0..0),
            (" ", 0..1),
            ("…long…", 3..7),
            ("  \\x1b \u{65e5}\u{672c} e\u{301}", 7..13),
            ("\u{301}", 0..2),
        ];
        for (text, marked) in fits {
            for line in [1, 9, 10, 12_345, u64::from(u32::MAX)] {
                let card = card(text, marked.clone(), line);
                assert!(marks(&card.place.as_ref().expect("a place").2, 100).is_some(), "{text}");
                for has_colors in [false, true] {
                    let (drawn, rendered) = both(&card, has_colors);
                    assert_eq!(drawn, rendered, "{text:?} in line {line}");
                }
            }
        }
        for info in RULES {
            for has_colors in [false, true] {
                let said = vec![("found", Cow::Borrowed("a")), ("note", Cow::Borrowed(info.name))];
                let (drawn, rendered) = both(&Card { info, place: None, said }, has_colors);
                assert_eq!(drawn, rendered, "{}", info.id);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_left_to_others() {
        let long = "x".repeat(140);
        let deep = format!("{}x", " ".repeat(40));
        for text in [&long[..], &deep, "a\tb", "a\u{202e}b", "\u{1f469}\u{200d}\u{1f680}"] {
            let excerpt = Excerpt { text: text.to_owned(), marked: 0..1 };
            assert_eq!(marks(&excerpt, 130), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_drawn_as_it_is_rendered(
            pieces in prop::collection::vec(
                prop::sample::select(&[
                    "a", "From: ", " ", "\\x1b", "\u{fc}", "\u{65e5}", "\u{301}", "…", "\u{a0}",
                    "\u{1f680}", "\t", "abcdefghijklmnopqrstuvwxyz",
                ][..]),
                0..12,
            ),
            (from, to) in (0usize..14, 0usize..14),
            line in 1u64..2000,
            has_colors: bool,
        ) {
            let at = |count: usize| pieces.iter().take(count).map(|piece| piece.len()).sum::<usize>();
            let card = card(&pieces.concat(), at(from)..at(to.max(from)), line);
            let (drawn, rendered) = both(&card, has_colors);
            prop_assert_eq!(drawn, rendered);
        }
    }
}
