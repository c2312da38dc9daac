//! The walker at a line of a body that begins with `From `: does the next message of an mbox begin
//! there, and what does Content-Length say of it?
//!
//! The dialects mboxcl and mboxcl2 count the octets of each body, and the latter leaves such lines in
//! it as they are. Most counts are wrong, though: whoever changed a line end or a character set did
//! not mend them. So a count is believed only if the message ends where it says, and it is looked at
//! only when a separator seems to stand before that place.

use super::body::{Before, Found};
use super::lines::{self, FromLine};
use super::{Line, Separator, Walker};
use crate::base::{Eol, Rule, Sink, Span, chars};

/// What is known of the octets that a Content-Length field counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Counted {
    /// There is no such field, or it is wrong.
    #[default]
    No,
    /// It has the body end here.
    Claimed(u64),
    /// And so it does.
    True(u64),
}

impl Counted {
    /// Where the body ends by it.
    pub(super) fn place(self) -> Option<u64> {
        match self {
            Counted::No => None,
            Counted::Claimed(place) | Counted::True(place) => Some(place),
        }
    }
}

/// The number in the body of a Content-Length field.
pub(super) fn content_length(body: &[u8]) -> Option<u64> {
    let digits = chars::trim(body);
    if digits.is_empty() || digits.len() > 15 {
        return None;
    }
    digits
        .iter()
        .try_fold(0, |number, &c| c.is_ascii_digit().then(|| 10 * number + u64::from(c - b'0')))
}

impl Walker {
    /// The header of the root is over, and its body begins here.
    pub(super) fn begin_count(&mut self, line: Line) {
        if self.open == 1 && line == Line::AfterEmpty {
            let place = self.header.content_length.and_then(|len| self.offset.checked_add(len));
            self.counted = place.map_or(Counted::No, Counted::Claimed);
        }
    }

    /// What the line at `at` is, which begins with an `F`; `None` if more octets are needed to tell.
    pub(super) fn judge_from<S: Sink>(
        &mut self,
        text: &[u8],
        at: usize,
        eof: bool,
        sink: &mut S,
    ) -> Option<Found> {
        let is_preceded = match at {
            0 => self.line == Line::AfterEmpty,
            _ => self.empty_line(text, at).is_some(),
        };
        let line = &text[at..];
        let place = self.counted.place().map(|place| place.checked_sub(self.offset + at as u64));
        let is_counted = place == Some(Some(0));
        let is_separator = match self.judgement(line, at, eof, is_preceded || is_counted)? {
            FromLine::Separator | FromLine::Undated => true,
            FromLine::DatedText => {
                sink.report(Rule::M006, self.line_span(text, at));
                false
            }
            FromLine::Text => false,
        };
        Some(match place.flatten() {
            _ if !is_separator => Found::Nothing,
            Some(0) => Found::Separator(Before::Counted),
            Some(rest) if self.is_true(line, rest, eof)? => {
                sink.report(Rule::M003, self.line_span(text, at));
                Found::Nothing
            }
            _ if is_preceded => Found::Separator(Before::Gap),
            _ => Found::Separator(Before::Body),
        })
    }

    /// What the `From ` line at `at` is. A separator is asked about several times, before what stands
    /// before it and before the message that it begins, so the last one is remembered.
    pub(super) fn judgement(
        &mut self,
        line: &[u8],
        at: usize,
        eof: bool,
        is_preceded: bool,
    ) -> Option<FromLine> {
        let question = (self.offset + at as u64, self.eol, is_preceded);
        if let Some((asked, answer)) = self.judged
            && asked == question
        {
            return Some(answer);
        }
        let answer = lines::judge_from(line, self.eol, eof, is_preceded)?;
        self.judged = Some((question, answer));
        Some(answer)
    }

    fn line_span(&self, text: &[u8], at: usize) -> Span {
        let line = &text[at..];
        let content = self.eol.first_line(line).map_or(line.len(), |(content, _)| content);
        self.span(at, at + content)
    }

    /// Whether the body ends `rest` octets behind the start of `text`, as Content-Length says. It is
    /// found out once for each message.
    ///
    /// LIMIT: further ahead than [`Limits::field`](crate::base::Limits) is not looked.
    fn is_true(&mut self, text: &[u8], rest: u64, eof: bool) -> Option<bool> {
        let Counted::Claimed(place) = self.counted else {
            return Some(self.counted != Counted::No);
        };
        let is_true = match usize::try_from(rest) {
            Ok(rest) if rest <= self.limits.field => match text.get(rest..) {
                Some(behind) => ends_body(behind, self.eol, eof)?,
                None if eof => false,
                None => return None,
            },
            _ => false,
        };
        self.counted = if is_true { Counted::True(place) } else { Counted::No };
        Some(is_true)
    }
}

/// Whether a message may end before `text`: here, or behind an empty line, is a separator or the end
/// of the input.
fn ends_body(text: &[u8], eol: Eol, eof: bool) -> Option<bool> {
    let rest = &text[lines::empty_line(text, eol, eof)?..];
    if rest.is_empty() {
        return eof.then_some(true);
    }
    Some(lines::judge_from(rest, eol, eof, true)?.begins_message())
}

/// The last place in `octets` where a message of the mailbox begins, by the rules of the walk. They
/// may be any stretch of a mailbox: a place is given only if they tell for certain, so there must
/// be an empty line before the `From ` line and up to 3 KiB behind it, or a line end before the
/// line of four SOH and something else behind it.
///
/// A mailbox that is cut there gives the same messages as the whole; except if the Content-Length of
/// the message before it says otherwise and is true, or if lines end with CR alone.
pub fn last_message_start(octets: &[u8], separator: Separator) -> Option<usize> {
    let needle = needle(separator)?;
    // Searching backwards takes ten times as long.
    let line_ends: Vec<usize> = memchr::memmem::find_iter(octets, needle).collect();
    let mut places = line_ends.into_iter().rev().map(|line_end| line_end + 1);
    places.find(|&at| message_starts(octets, at, separator, false))
}

/// The first such place as [`last_message_start`] has it; with `eof`, nothing follows `octets`.
pub fn first_message_start(octets: &[u8], separator: Separator, eof: bool) -> Option<usize> {
    let needle = needle(separator)?;
    memchr::memmem::find_iter(octets, needle)
        .map(|line_end| line_end + 1)
        .find(|&at| message_starts(octets, at, separator, eof))
}

fn needle(separator: Separator) -> Option<&'static [u8]> {
    match separator {
        Separator::None => None,
        Separator::From => Some(b"\nFrom "),
        Separator::Mmdf => Some(b"\n\x01\x01\x01\x01"),
    }
}

/// Whether a message begins at `at`, which is the start of a line.
fn message_starts(octets: &[u8], at: usize, separator: Separator, eof: bool) -> bool {
    let (before, line) = octets.split_at(at);
    if separator == Separator::Mmdf {
        let behind = match lines::mmdf_line(line, eof) {
            Some(len @ 1..) => &line[len..],
            _ => return false,
        };
        return !behind.is_empty() && lines::mmdf_line(behind, eof) == Some(0);
    }
    let is_preceded = lines::trailing_empty(before, Eol::Lf).is_some_and(|start| start > 0);
    is_preceded && lines::judge_from(line, Eol::Lf, eof, true).is_some_and(FromLine::begins_message)
}
