//! The encoded-words of a text, for whoever writes the text around them anew.
//!
//! The same reading as that of [`decode`](super::decode): what it takes for a word is found here,
//! and nothing else. Time is linear in the text.
//!
//! May use: base, and the words and lexical pieces of this room.

use std::ops::Range;

use super::{Repertoire, Run, Word, next_start};
use crate::header::Context;
use crate::header::lex::Ahead;

/// An encoded-word that is read as one, for whoever writes the text around it.
#[derive(Clone, Debug)]
pub(in crate::header) struct Found<'a> {
    /// What stands before the first question mark of the data: charset and language.
    pub(in crate::header) label: &'a [u8],
    /// From `=?` to `?=`.
    pub(in crate::header) range: Range<usize>,
    /// What its data encode.
    pub(in crate::header) octets: Vec<u8>,
}

/// The encoded-words of a text that are decoded, those in unknown charsets left out.
pub(in crate::header) fn find<'a>(text: &'a [u8], context: &Context) -> Vec<Found<'a>> {
    let mut closes = Ahead::UNKNOWN;
    let mut found = Vec::new();
    let mut words = 0;
    let mut at = 0;
    while let Some(start) = next_start(text, at).filter(|_| words < context.limits.words) {
        at = start + 2;
        let Some(word) = Word::parse(text, start, &mut closes) else { continue };
        at = word.end;
        words += 1;
        if Repertoire::for_label(word.charset).is_none() {
            continue;
        }
        let mut run = Run::default();
        run.push(word.encoding, &text[word.data.clone()]);
        run.cut.flush(&mut run.octets);
        // Behind the label come `?`, the encoding and `?`.
        let label = &text[start + 2..word.data.start - 3];
        found.push(Found { label, range: start..word.end, octets: run.octets });
    }
    found
}
