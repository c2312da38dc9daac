//! Folds (RFC 5322 §2.2.3): lines that were written anew, or are too long, are broken before white
//! space; all others stay as they are.
//!
//! Contract: all line ends become one style; lines of white space only, which no reader shows
//! (RFC 7103 §7.3), are left out. A break takes no octet away and adds none but the line end. Where
//! white space is missing a line stays as long as it is.
//!
//! May use: base, transfer, `lex`.

use std::ops::Range;

use super::encode::LINE_MAX;
use super::{Grammar, LINE_MAX as HARD_MAX};
use crate::base::chars::{is_fws, is_wsp};
use crate::header::lex::{skip_comment, skip_quoted};
use crate::header::next_fold;
use crate::transfer::LineEnd;

/// The field of `name` (with its colon) and `body`, of which `fresh` was written anew; without its
/// line end.
pub(super) fn fold(
    name: &[u8],
    body: &[u8],
    fresh: &[Range<usize>],
    line_end: LineEnd,
    grammar: Grammar,
) -> Vec<u8> {
    let mut out = name.to_vec();
    let mut fresh = fresh.iter().peekable();
    let mut line = 0..0;
    let mut quoted = false;
    loop {
        let fold = next_fold(body, line.start);
        line.end = fold.as_ref().map_or(body.len(), |fold| fold.start);
        while fresh.next_if(|range| range.end < line.start).is_some() {}
        let is_fresh = fresh.peek().is_some_and(|range| range.start <= line.end);
        let text = &body[line.clone()];
        let column = if line.start == 0 { name.len() } else { 0 };
        if line.start == 0 || !text.iter().all(|&c| is_wsp(c)) {
            if line.start > 0 {
                out.extend_from_slice(line_end.as_bytes());
            }
            let long = column + text.len();
            let breaks = is_fresh && long > LINE_MAX || long > HARD_MAX;
            let mut breaker = Breaker { quotes: grammar != Grammar::Text, quoted, line_end };
            breaker.write(text, column, breaks, &mut out);
            quoted = breaker.quoted;
        }
        match fold {
            Some(fold) => line = fold.end..fold.end,
            None => return out,
        }
    }
}

/// Writes one line as one or several.
struct Breaker {
    /// Whether quoted strings are known, which are not broken if there is another place.
    quotes: bool,
    quoted: bool,
    line_end: LineEnd,
}

impl Breaker {
    fn write(&mut self, text: &[u8], column: usize, breaks: bool, out: &mut Vec<u8>) {
        let content_end = text.iter().rposition(|&c| !is_wsp(c)).map_or(0, |at| at + 1);
        let mut start = 0;
        // Columns count from where the line that is being written begins.
        let mut before = column;
        let mut places = [None; 2];
        let mut escaped = false;
        for (at, &c) in text.iter().enumerate() {
            let literal = escaped;
            escaped = !literal && c == b'\\';
            self.quoted ^= self.quotes && c == b'"' && !literal;
            let begins = is_wsp(c) && at < content_end && (at == 0 || !is_wsp(text[at - 1]));
            if begins && (at > 0 || before > 0) {
                places[usize::from(self.quoted)] = Some(at);
                continue;
            }
            let full = before + at - start >= LINE_MAX;
            if let Some(place) = places[0].or(places[1]).filter(|_| breaks && full) {
                out.extend_from_slice(&text[start..place]);
                out.extend_from_slice(self.line_end.as_bytes());
                (start, before) = (place, 0);
                places = places.map(|other| other.filter(|&other| other > place));
            }
        }
        out.extend_from_slice(&text[start..]);
    }
}

/// The places in lines over 998 octets where white space may come in: behind the separators of the
/// grammar. Quoted strings and comments are left alone.
pub(super) fn separators(body: &[u8], body_start: usize, grammar: Grammar) -> Vec<usize> {
    let separator = match grammar {
        Grammar::Addresses => b',',
        Grammar::Parameters | Grammar::Comments => b';',
        Grammar::Ids => b'>',
        Grammar::Text | Grammar::Received => return Vec::new(),
    };
    let mut places = Vec::new();
    if body_start + body.len() <= HARD_MAX {
        return places;
    }
    let mut line = 0..0;
    let mut at = 0;
    // As everywhere: what is never closed is text, and so is all of its kind behind it.
    let mut closed = [true; 2];
    while at < body.len() {
        if at >= line.end {
            let end = memchr::memchr(b'\n', &body[at..]).map_or(body.len(), |i| at + i + 1);
            line = at..end;
        }
        let c = body[at];
        let skipped = match c {
            b'"' if closed[0] => skip(body, at, skip_quoted, &mut closed[0]),
            b'(' if closed[1] => skip(body, at, skip_comment, &mut closed[1]),
            _ => at + 1,
        };
        let before = if line.start == 0 { body_start } else { 0 };
        let next = body.get(at + 1);
        if c == separator && before + line.len() > HARD_MAX && next.is_some_and(|&c| !is_fws(c)) {
            places.push(at + 1);
        }
        at = skipped;
    }
    places
}

/// The end of what begins at `at`, or the next octet if it is never closed.
fn skip(
    body: &[u8],
    at: usize,
    skip: fn(&[u8], usize) -> (usize, bool),
    closed: &mut bool,
) -> usize {
    let (end, found) = skip(body, at);
    *closed = found;
    if found { end } else { at + 1 }
}
