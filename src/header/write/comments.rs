//! Structured fields in which no encoded-word may stand outside comments, and Received, in which
//! none may stand at all (RFC 2047 §5).
//!
//! Contract: comments are encoded, or in Received their dirty octets become `?`; dirty octets
//! elsewhere are refused.
//!
//! May use: base, `lex`.

use std::ops::Range;

use super::edits::Job;
use super::{Grammar, Refusal};
use crate::header::lex::{skip_comment, skip_quoted};

impl Job<'_> {
    /// Such a field.
    pub(super) fn comments_only(&mut self, grammar: Grammar) -> Result<(), Refusal> {
        for comment in comments(self.body) {
            if grammar == Grammar::Received {
                self.question_marks(comment);
            } else {
                self.comment(comment.start + 1..comment.end - 1)?;
            }
        }
        if grammar == Grammar::Ids && self.dirty_outside(b'\r') {
            let detail = Some(String::from_utf8_lossy(self.body).trim().to_owned());
            let reason = "a message-id with octets over 127 cannot be written in 7 bits";
            return Err(Refusal { reason, detail });
        }
        self.gaps(Err("a bare CR stands where nothing can be encoded"))
    }

    /// Makes the dirty octets of `range` to question marks.
    pub(super) fn question_marks(&mut self, range: Range<usize>) {
        for at in self.dirty_in(range).to_vec() {
            self.did.replaced = true;
            self.replace(at..at + 1, b"?".to_vec());
        }
    }

    /// Whether there are dirty octets that no change covers, other than `but`.
    fn dirty_outside(&self, but: u8) -> bool {
        let dirty = self.dirty_in(0..self.body.len());
        dirty.iter().any(|&at| self.body[at] != but && !self.is_changed(at))
    }
}

/// The comments of a structured field, with their parentheses; those never closed are text.
fn comments(body: &[u8]) -> Vec<Range<usize>> {
    let mut comments = Vec::new();
    let (mut quotes, mut parentheses) = (true, true);
    let mut at = 0;
    while let Some(&c) = body.get(at) {
        let (end, closed) = match c {
            b'"' if quotes => skip_quoted(body, at),
            b'(' if parentheses => skip_comment(body, at),
            _ => (at + 1, true),
        };
        match c {
            b'"' => quotes &= closed,
            b'(' => parentheses &= closed,
            _ => {}
        }
        if c == b'(' && closed && end > at + 1 {
            comments.push(at..end);
        }
        at = if closed { end } else { at + 1 };
    }
    comments
}
