//! What decoders write to: text, and the count of what was no text.

/// How many octets, or so, are decoded in one go.
const SCRATCH: usize = 1024;

/// The text that decoders append to, and the count of what they replaced.
pub(super) struct Output<'a> {
    /// `None` if only the count is wanted.
    pub(super) text: Option<&'a mut String>,
    pub(super) replaced: usize,
}

impl Output<'_> {
    pub(super) fn push(&mut self, c: char) {
        if let Some(text) = &mut self.text {
            text.push(c);
        }
    }

    pub(super) fn push_str(&mut self, more: &str) {
        if let Some(text) = &mut self.text {
            text.push_str(more);
        }
    }

    pub(super) fn replace(&mut self) {
        self.push(char::REPLACEMENT_CHARACTER);
        self.replaced += 1;
    }

    pub(super) fn push_or_replace(&mut self, c: Option<char>) {
        match c {
            Some(c) => self.push(c),
            None => self.replace(),
        }
    }

    /// Decodes all of `src` with a decoder of `encoding_rs`, whose own replacing does not count.
    pub(super) fn drain(&mut self, decoder: &mut encoding_rs::Decoder, mut src: &[u8], last: bool) {
        use encoding_rs::DecoderResult::{InputEmpty, Malformed, OutputFull};
        // Not into the text itself: each call costs time in proportion to the spare room it is
        // given, and there is a call for each malformed octet.
        let mut scratch = String::with_capacity(4 * src.len().min(SCRATCH) + 16);
        if let Some(text) = &mut self.text {
            text.reserve(src.len());
        }
        loop {
            let (result, read) =
                decoder.decode_to_string_without_replacement(src, &mut scratch, last);
            self.push_str(&scratch);
            scratch.clear();
            src = src.get(read..).unwrap_or_default();
            match result {
                InputEmpty => return,
                OutputFull => {}
                Malformed(..) => self.replace(),
            }
        }
    }
}
