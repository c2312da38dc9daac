//! The text of a body: which charset it is read in, and why.

use super::{Part, Structure};
use crate::base::{Eol, Rule};
use crate::charset::{self, Charset, Choice, Decoder, Extent};

/// LIMIT: a charset that must be found out is found out from this much of a body.
const SAMPLE: usize = 1 << 20;

/// Turns the octets of a text part, once its transfer encoding is undone, into text: piece by piece,
/// with memory that does not grow with the body.
///
/// Text that declares no charset, or one nobody knows, is read by the rule of docs/leniency.md. Line
/// ends become LF.
#[derive(Debug)]
pub struct TextDecoder {
    declared: Option<String>,
    /// UTF-7 is declared, but is not to be decoded here.
    refused: bool,
    fallback: Charset,
    /// What came before the charset was chosen.
    sample: Vec<u8>,
    limit: usize,
    chosen: Option<(Choice, Decoder)>,
    replaced: usize,
    lines: LineEnds,
}

/// What is known of a text when it was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The charset that was used, and why.
    pub choice: Choice,
    /// How many characters are U+FFFD because the octets are no text in that charset.
    pub replaced: usize,
}

impl TextDecoder {
    /// A decoder for the body of `part`. UTF-7 is decoded in HTML only if `utf7_html` says so:
    /// markup that is hidden in it would come to life.
    pub fn new(part: &Part<'_>, utf7_html: bool) -> TextDecoder {
        let declared = part.charset();
        let charset = declared.as_ref().and_then(|label| Charset::for_label(label.as_bytes()));
        let refused =
            charset == Some(Charset::UTF_7) && !utf7_html && part.essence() == "text/html";
        TextDecoder {
            declared: declared.filter(|_| !refused),
            refused,
            fallback: part.structure.context.fallback,
            sample: Vec::new(),
            limit: SAMPLE,
            chosen: None,
            replaced: 0,
            lines: LineEnds { eol: part.eol(), after_cr: false },
        }
    }

    /// The same, choosing the charset from the first `limit` octets.
    #[must_use]
    pub(super) fn with_sample(mut self, limit: usize) -> TextDecoder {
        self.limit = limit;
        self
    }

    /// Appends the text of the next octets to `text`, or keeps them until the charset is chosen.
    /// `others` is what other parts of the message declare, as far as it is known
    /// ([`declared_charset`]).
    pub fn decode(&mut self, octets: &[u8], others: Option<Charset>, text: &mut String) {
        let mut rest = octets;
        if self.chosen.is_none() {
            let (head, tail) = octets.split_at(octets.len().min(self.limit - self.sample.len()));
            self.sample.extend_from_slice(head);
            if tail.is_empty() {
                return;
            }
            self.choose(others, Extent::Prefix, text);
            rest = tail;
        }
        self.convert(rest, false, text);
    }

    /// Appends what is left.
    pub fn finish(mut self, others: Option<Charset>, text: &mut String) -> Reading {
        let choice = self.choose(others, Extent::Whole, text);
        self.convert(&[], true, text);
        self.lines.finish(text);
        Reading { choice, replaced: self.replaced }
    }

    fn choose(&mut self, others: Option<Charset>, extent: Extent, text: &mut String) -> Choice {
        if let Some((choice, _)) = &self.chosen {
            return *choice;
        }
        let declared = self.declared.as_deref().map(str::as_bytes);
        let mut choice = charset::choose(declared, &self.sample, extent, others, self.fallback);
        if self.refused {
            choice.rule = Some(Rule::C010);
        }
        self.chosen = Some((choice, Decoder::new(choice.used)));
        let sample = std::mem::take(&mut self.sample);
        self.convert(&sample, false, text);
        choice
    }

    fn convert(&mut self, octets: &[u8], last: bool, text: &mut String) {
        let Some((_, decoder)) = &mut self.chosen else { return };
        let start = text.len();
        self.replaced += decoder.decode(octets, text, last);
        self.lines.normalise(text, start);
    }
}

/// Makes line ends LF, over any cut.
#[derive(Debug)]
struct LineEnds {
    eol: Eol,
    /// The text so far ended with a CR that may be half of a line end; it was held back.
    after_cr: bool,
}

impl LineEnds {
    /// Normalises what stands behind `start` in `text`.
    fn normalise(&mut self, text: &mut String, start: usize) {
        if !self.after_cr && !text[start..].contains('\r') || text.len() == start {
            return;
        }
        let piece = text.split_off(start);
        if std::mem::take(&mut self.after_cr) && !piece.starts_with('\n') {
            text.push(self.lone());
        }
        let mut rest = &piece[..];
        while let Some(at) = rest.find('\r') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.chars().next() {
                Some('\n') => {}
                Some(_) => text.push(self.lone()),
                None => self.after_cr = true,
            }
        }
        text.push_str(rest);
    }

    fn finish(&mut self, text: &mut String) {
        if std::mem::take(&mut self.after_cr) {
            text.push(self.lone());
        }
    }

    /// What a CR without LF stands for.
    fn lone(&self) -> char {
        match self.eol {
            Eol::Lf => '\r',
            Eol::Cr => '\n',
        }
    }
}

/// What the text parts of a message declare, as far as it is known and says anything about octets
/// over 127.
pub fn declared_charset(structure: &Structure) -> Option<Charset> {
    structure
        .parts()
        .filter(|part| part.is_leaf() && part.essence().starts_with("text/"))
        .filter_map(|part| Charset::for_label(part.charset()?.as_bytes()))
        .find(|&charset| charset != Charset::US_ASCII)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_over_any_cut() {
        let cases: &[(&[&str], Eol, &str)] = &[
            (&["a\r\nb\n"], Eol::Lf, "a\nb\n"),
            (&["a\r", "\nb"], Eol::Lf, "a\nb"),
            (&["a\r", "b\r"], Eol::Lf, "a\rb\r"),
            (&["a\r", "b\r"], Eol::Cr, "a\nb\n"),
            (&["a\r", "\r\n"], Eol::Lf, "a\r\n"),
        ];
        for &(pieces, eol, expected) in cases {
            let mut lines = LineEnds { eol, after_cr: false };
            let mut text = String::new();
            for piece in pieces {
                let start = text.len();
                text.push_str(piece);
                lines.normalise(&mut text, start);
            }
            lines.finish(&mut text);
            assert_eq!(text, expected, "{pieces:?}");
        }
    }
}
