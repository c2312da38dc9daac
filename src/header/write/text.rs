//! Text in which encoded-words may stand: unstructured fields, and the inside of comments.
//!
//! Contract: of each piece of text between two encoded-words (or parentheses) that has dirty octets,
//! what stands from its first dirty word to its last becomes encoded-words. White space that would
//! come to stand between two encoded-words, where no reader shows it, is encoded too. Encoded-words
//! that are there already stay as they are, unless they are dirty themselves.
//!
//! May use: base, and the words of this room.

use std::ops::Range;

use super::edits::Job;
use super::encode::{self, Place};
use super::{LINE_MAX, Refusal};
use crate::base::chars::{is_fws, trim_end};
use crate::header::lex::unquote;
use crate::header::unfold_into;
use crate::header::words;

/// LIMIT: white space that is longer cannot be trusted to fit into a line.
const LONG: usize = 900;

/// A piece of text and what it touches.
struct Piece {
    range: Range<usize>,
    /// Whether an encoded-word ends where it begins, or begins where it ends.
    word_before: bool,
    word_behind: bool,
}

impl Job<'_> {
    /// An unstructured field.
    pub(super) fn text_field(&mut self) -> Result<(), Refusal> {
        self.text(0..self.body.len(), Place::Text)?;
        self.gaps(Ok(()))
    }

    /// A comment with its parentheses, the last of which may be missing: its content stands at
    /// `inner`.
    pub(super) fn comment(&mut self, inner: Range<usize>) -> Result<(), Refusal> {
        if self.is_dirty(inner.clone()) || self.wide {
            self.text(inner, Place::Comment)?;
        }
        Ok(())
    }

    /// The text at `range`, white space at its ends left out.
    fn text(&mut self, range: Range<usize>, place: Place) -> Result<(), Refusal> {
        let end = range.start + trim_end(&self.body[range.clone()]).len();
        let lead = self.body[range.start..end].iter().take_while(|&&c| is_fws(c)).count();
        let start = range.start + lead;
        let body = self.body;
        let mut from = start;
        let mut word_before = false;
        for word in words::find(&body[start..end], self.context) {
            let at = start + word.range.start..start + word.range.end;
            self.pieces(from..at.start, word_before, true, place)?;
            if self.is_dirty(at.clone()) || at.len() > LONG {
                let label = String::from_utf8_lossy(word.label);
                let column = self.column(at.start);
                let text = encode::words(&word.octets, &label, place, column);
                self.did.words = true;
                self.replace(at.clone(), text.ok_or("an encoded-word cannot be parted")?);
            }
            from = at.end;
            word_before = true;
        }
        self.pieces(from..end, word_before, false, place)
    }

    /// The text between two words; in a comment parentheses part it further.
    fn pieces(
        &mut self,
        range: Range<usize>,
        word_before: bool,
        word_behind: bool,
        place: Place,
    ) -> Result<(), Refusal> {
        let mut from = range.start;
        let mut before = word_before;
        if place == Place::Comment {
            for paren in parentheses(&self.body[range.clone()]) {
                let at = range.start + paren;
                let piece = Piece { range: from..at, word_before: before, word_behind: false };
                self.piece(piece, place)?;
                (from, before) = (at + 1, false);
            }
        }
        self.piece(Piece { range: from..range.end, word_before: before, word_behind }, place)
    }

    fn piece(&mut self, piece: Piece, place: Place) -> Result<(), Refusal> {
        let Some(stretch) = self.stretch(&piece) else { return Ok(()) };
        let mut unfolded = Vec::new();
        unfold_into(&self.body[stretch.clone()], &mut unfolded);
        let mut octets = Vec::new();
        match place {
            Place::Comment => unquote(&unfolded, &mut octets),
            _ => octets = unfolded,
        }
        let label = self.label(&octets);
        let mut text = Vec::new();
        let touches_before = piece.word_before && stretch.start == piece.range.start;
        // In a line without room the next one needs white space to begin with.
        let column = self.column(stretch.start);
        if touches_before || column > 50 && !self.spaced_before(stretch.start) {
            text.push(b' ');
        }
        let words = encode::words(&octets, label, place, column + text.len());
        text.extend(words.ok_or("text in this charset cannot be parted")?);
        if piece.word_behind && stretch.end == piece.range.end {
            text.push(b' ');
        }
        self.did.words = true;
        self.replace(stretch, text);
        Ok(())
    }

    /// What of a piece has to be encoded.
    fn stretch(&self, piece: &Piece) -> Option<Range<usize>> {
        let range = piece.range.clone();
        let text = &self.body[range.clone()];
        if text.iter().all(|&c| is_fws(c)) {
            return None;
        }
        let mut spans = self.long_words(range.clone());
        if self.wide {
            spans.push(range.clone());
        }
        spans.extend(self.dirty_in(range.clone()).iter().map(|&at| at..at + 1));
        let first = spans.iter().map(|span| span.start).min()?;
        let last = spans.iter().map(|span| span.end).max()? - 1;
        let is_end = |at: usize| is_fws(self.body[at]) && !self.is_dirty(at..at + 1);
        let start =
            (range.start..first).rev().find(|&at| is_end(at)).map_or(range.start, |at| at + 1);
        let end = (last + 1..range.end).find(|&at| is_end(at)).unwrap_or(range.end);
        let blank = |range: Range<usize>| self.body[range].iter().all(|&c| is_fws(c));
        let start = match piece.word_before && blank(range.start..start) {
            true => range.start,
            false => start,
        };
        let end = match piece.word_behind && blank(end..range.end) {
            true => range.end,
            false => end,
        };
        Some(start..end)
    }

    /// The words that are too long for any line.
    fn long_words(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut long = Vec::new();
        if self.body_start + range.len() <= LINE_MAX {
            return long;
        }
        let mut at = range.start;
        for word in self.body[range].split(|&c| is_fws(c)) {
            let before = if at == 0 { self.body_start } else { 1 };
            if before + word.len() > LINE_MAX {
                long.push(at..at + word.len());
            }
            at += word.len() + 1;
        }
        long
    }
}

/// Where parentheses stand that no backslash quotes.
fn parentheses(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut quoted = false;
    text.iter().enumerate().filter_map(move |(at, &c)| {
        let literal = quoted;
        quoted = !literal && c == b'\\';
        (!literal && matches!(c, b'(' | b')')).then_some(at)
    })
}
