//! What is made of the body of a leaf while it passes by: text, a size, a hash, a stored content.
//!
//! May use: base, charset, structure, and of this room all.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{Draft, Key, Recorder, json};
use crate::structure::{Markup, MimeFields, Part, Role, Structure, TextDecoder};

/// LIMIT: of markup that must be seen whole before it becomes text, so many octets are taken; the
/// rest is cut off, and the record says so.
const MARKUP: usize = 16 << 20;

/// What becomes of the body that is being read.
#[derive(Default)]
pub(super) struct Body {
    /// Reads its text, if it `reads`; what becomes of that is said by `uses`. It is kept for the next.
    decoder: Option<Box<TextDecoder>>,
    reads: bool,
    uses: Uses,
    /// Where its text begins among the texts, and where that of `text` ends there.
    start: u64,
    main_end: u64,
    /// Octets that its text may still have.
    left: u64,
    /// Its markup, if it must be seen whole.
    markup: String,
    size: Option<u64>,
    digest: Option<Sha256>,
    draft: Option<Box<dyn Draft>>,
}

/// What becomes of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    /// It is a piece of `text`.
    text: bool,
    /// It is `html`.
    html: bool,
    /// It is the text of its part.
    part: bool,
    /// It is enriched text, of which `text` has the plain form.
    enriched: Option<Markup>,
    /// It is HTML of which text may have to be made.
    fills: bool,
}

impl Uses {
    /// Whether it is kept as it is.
    fn as_it_is(self) -> bool {
        self.part || self.html || self.text && self.enriched.is_none()
    }
}

/// What may still be added to `text`.
#[derive(Debug, Default)]
pub(super) struct MainText {
    /// Octets that it may still have.
    pub(super) left: u64,
    /// A plain text was found, be it empty.
    pub(super) any: bool,
}

impl Body {
    /// Forgets a body that was not read to its end.
    pub(super) fn begin(&mut self) {
        (self.reads, self.digest, self.draft) = (false, None, None);
        self.markup.clear();
    }

    /// Whether nobody wants to see its octets.
    pub(super) fn is_idle(&self) -> bool {
        !self.reads && self.size.is_none() && self.digest.is_none()
    }
}

/// As much of `piece` as `left` has room for; that is less then, or nothing if it does not fit.
fn fitting<'t>(piece: &'t str, left: &mut u64) -> &'t str {
    if piece.len() as u64 <= *left {
        *left -= piece.len() as u64;
        return piece;
    }
    let mut end = *left as usize;
    while !piece.is_char_boundary(end) {
        end -= 1;
    }
    *left = 0;
    &piece[..end]
}

impl Recorder {
    /// The header of a leaf is over.
    pub(super) fn begin_body(
        &mut self,
        structure: &Structure,
        part: &Part<'_>,
        fields: &MimeFields,
        role: Role,
    ) {
        let keys = self.options.fields;
        let essence = part.effective_type_of(fields);
        let enriched = Markup::of(essence);
        let is_text = role.text && (essence == "text/plain" || enriched.is_some());
        let is_html = role.html && essence == "text/html" && !self.has_html;
        self.has_html |= is_html;
        self.main.any |= is_text;
        let reads = essence.starts_with("text/");
        let mut uses = Uses {
            text: is_text && keys.has(Key::Text),
            html: is_html && keys.has(Key::Html),
            part: reads && keys.has(Key::PartText),
            enriched: enriched.filter(|_| is_text && keys.has(Key::Text)),
            fills: is_html && keys.has(Key::Text) && self.options.html_to_text.is_some(),
        };
        if uses.text && enriched.is_none() {
            uses.text = self.joins_text();
        }
        let wanted = uses.as_it_is() || uses.text || uses.fills || keys.has(Key::PartCharsetUsed);
        self.body.reads = reads && wanted;
        if self.body.reads {
            let utf7_html = self.options.utf7_html;
            match &mut self.body.decoder {
                Some(decoder) => decoder.begin(part, fields, utf7_html),
                none => *none = Some(Box::new(TextDecoder::of(part, fields, utf7_html))),
            }
        }
        self.body.uses = uses;
        self.body.left = self.max_text();
        self.body.start = self.texts.end();
        self.body.main_end = self.body.start;
        self.body.size = (keys.has(Key::PartSize) && !structure.surveyed()).then_some(0);
        let is_stored = self.store.is_some() && !is_text && !is_html;
        self.body.draft = if is_stored { self.draft() } else { None };
        let hashes = self.body.draft.is_some() || self.options.digest && keys.has(Key::PartSha256);
        self.body.digest = hashes.then(Sha256::new);
    }

    /// A new content of the store; a failure is kept.
    fn draft(&mut self) -> Option<Box<dyn Draft>> {
        match self.store.as_ref()?.begin() {
            Ok(draft) => Some(draft),
            Err(error) => {
                self.failure.get_or_insert(error);
                None
            }
        }
    }

    /// Another text joins `text`, if there is room for the line end between them.
    fn joins_text(&mut self) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let fits = self.main.left > 0;
        self.truncated |= !fits;
        self.main.left -= u64::from(fits);
        fits
    }

    /// A piece of the body, decoded.
    pub(super) fn body_piece(&mut self, octets: &[u8]) -> io::Result<()> {
        if let Some(size) = &mut self.body.size {
            *size += octets.len() as u64;
        }
        if let Some(digest) = &mut self.body.digest {
            digest.update(octets);
        }
        if let Some(draft) = &mut self.body.draft
            && let Err(error) = draft.write_all(octets)
        {
            self.failure.get_or_insert(error);
            self.body.draft = None;
        }
        if !self.body.reads {
            return Ok(());
        }
        // It is out while its text is taken.
        let Some(mut decoder) = self.body.decoder.take() else { return Ok(()) };
        let mut result = Ok(());
        decoder.decode(octets, self.declared, &mut |piece| {
            if result.is_ok() {
                result = self.text_piece(piece);
            }
        });
        self.body.decoder = Some(decoder);
        result
    }

    /// A piece of its text.
    fn text_piece(&mut self, piece: &str) -> io::Result<()> {
        let uses = self.body.uses;
        if uses.as_it_is() {
            self.keep(piece, uses.text && uses.enriched.is_none())?;
        }
        if uses.enriched.is_some() {
            self.truncated |= !take_markup(piece, &mut self.body.markup);
        }
        if uses.fills && !self.main.any {
            self.markup_cut |= !take_markup(piece, &mut self.markup);
        }
        Ok(())
    }

    /// Keeps a piece of text, for `text` too if it `is_main`.
    fn keep(&mut self, piece: &str, is_main: bool) -> io::Result<()> {
        let own = fitting(piece, &mut self.body.left);
        self.truncated |= own.len() < piece.len();
        let mut rest = own;
        if is_main {
            let main = fitting(own, &mut self.main.left);
            self.truncated |= main.len() < own.len();
            if !main.is_empty() {
                self.texts.append(|memory| json::append(main, memory))?;
                self.body.main_end = self.texts.end();
            }
            rest = if self.body.uses.part { &own[main.len()..] } else { "" };
        }
        self.texts.append(|memory| json::append(rest, memory))
    }

    /// Hands out what there is of `text`, if the body that is being read is the first of it and more
    /// than `least` octets wait. What was handed out begins the record, behind `"text":"`;
    /// [`Recorder::finish`] then writes the rest of `text` with its quote first. So a text of any
    /// length needs neither memory nor a file.
    pub fn text_so_far(&mut self, least: usize) -> Option<Vec<u8>> {
        let Uses { text, html, part, enriched, .. } = self.body.uses;
        let is_alone = text && !html && !part && enriched.is_none() && self.body.reads;
        let is_first = self.text.is_empty() && self.body.start == 0;
        if !is_alone || !is_first {
            return None;
        }
        let taken = self.texts.take(least)?;
        self.body.main_end = 0;
        self.is_begun = true;
        Some(taken)
    }

    /// A leaf is over.
    pub(super) fn end_body(&mut self, part: &Part<'_>) -> io::Result<()> {
        let mut lossy = false;
        let mut charset_used = None;
        if std::mem::take(&mut self.body.reads)
            && let Some(mut decoder) = self.body.decoder.take()
        {
            let mut result = Ok(());
            let reading = decoder.finish(self.declared, &mut |piece| {
                if result.is_ok() {
                    result = self.text_piece(piece);
                }
            });
            self.body.decoder = Some(decoder);
            result?;
            let uses = self.body.uses;
            lossy = reading.replaced > 0 && (uses.as_it_is() || uses.text || uses.fills);
            charset_used = Some(reading.choice.used.name());
            self.end_text(part)?;
        }
        let size = part.size().or(self.body.size.take());
        let sha256 = self.body.digest.take().map(|digest| digest.finalize().into());
        let path = self.stored(sha256.as_ref());
        if let Some(note) = self.parts.note(part.index()) {
            (note.charset_used, note.size, note.path) = (charset_used, size, path);
            note.sha256 = sha256;
            note.lossy |= lossy;
        }
        Ok(())
    }

    /// Says where the text that was kept stands.
    fn end_text(&mut self, part: &Part<'_>) -> io::Result<()> {
        let uses = self.body.uses;
        let kept = self.body.start..self.texts.end();
        if uses.html {
            self.html = Some(kept.clone());
        }
        if let Some(markup) = uses.enriched {
            let plain = markup.to_plain(&self.body.markup);
            self.body.markup.clear();
            self.add_text(&plain)?;
        } else if uses.text {
            self.text.push(kept.start..self.body.main_end);
        }
        if let Some(note) = self.parts.note(part.index()).filter(|_| uses.part) {
            note.text = Some(kept);
        }
        Ok(())
    }

    /// Adds text that was made of markup to `text`.
    fn add_text(&mut self, plain: &str) -> io::Result<()> {
        if !self.joins_text() {
            return Ok(());
        }
        let main = fitting(plain, &mut self.main.left);
        self.truncated |= main.len() < plain.len();
        let start = self.texts.end();
        self.texts.append(|memory| json::append(main, memory))?;
        self.text.push(start..self.texts.end());
        Ok(())
    }

    /// The path of what was stored, if it was.
    fn stored(&mut self, sha256: Option<&[u8; 32]>) -> Option<String> {
        match self.body.draft.take()?.keep(sha256?) {
            Ok(path) => Some(path),
            Err(error) => {
                self.failure.get_or_insert(error);
                None
            }
        }
    }

    /// Without plain text, `text` is made of the HTML.
    pub(super) fn fill_text(&mut self) -> io::Result<()> {
        let Some(to_text) = self.options.html_to_text else { return Ok(()) };
        if self.main.any || !self.has_html || !self.options.fields.has(Key::Text) {
            return Ok(());
        }
        self.truncated |= self.markup_cut;
        let plain = to_text(&self.markup);
        self.markup.clear();
        self.add_text(&plain)
    }
}

/// Adds a piece to markup that must be seen whole; false if there is no room for all of it.
fn take_markup(piece: &str, markup: &mut String) -> bool {
    let mut left = MARKUP.saturating_sub(markup.len()) as u64;
    let taken = fitting(piece, &mut left);
    markup.push_str(taken);
    taken.len() == piece.len()
}
