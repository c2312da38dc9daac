//! Address lists: names and comments become encoded-words, domains A-labels; local parts stay.
//!
//! What is a name, a comment or an address is what [`roles`] says, which is the reading of
//! `address::parse` itself. A name is encoded from its first dirty word to its last; quoted strings
//! among them lose their quotes, comments among them come to stand behind. What touches a dirty word
//! without white space is encoded with it.
//!
//! RFC 2047 §5, RFC 5891 §4. May use: base, and the address lists of this room.

use std::ops::Range;

use super::edits::Job;
use super::encode::{self, Place};
use super::{LINE_MAX, Refusal};
use crate::base::chars::is_fws;
use crate::header::address::{Kind, Role, Token, roles};
use crate::header::lex::unquote;
use crate::header::unfold_into;
use crate::header::words::{self, Found};

impl Job<'_> {
    /// An address list.
    pub(super) fn addresses(&mut self) -> Result<(), Refusal> {
        let pieces = roles(self.body, self.context);
        let mut comments = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.role == Role::Comment) {
            let [comment] = piece.tokens[..] else { continue };
            comments.push(comment.start..comment.end);
            self.comment(comment.inner())?;
        }
        comments.sort_by_key(|comment| comment.start);
        for piece in &pieces {
            match piece.role {
                Role::Comment => {}
                Role::Phrase => self.phrase(&piece.tokens, &comments)?,
                Role::AddrSpec => self.addr_spec(&piece.tokens, &comments)?,
            }
        }
        self.gaps(Ok(()))
    }

    /// The name before an address.
    fn phrase(&mut self, tokens: &[Token], comments: &[Range<usize>]) -> Result<(), Refusal> {
        let must = |token: &Token| {
            self.wide
                || token.end - token.start + 1 > LINE_MAX
                || self.is_dirty(token.start..token.end)
        };
        let (Some(first), Some(last)) =
            (tokens.iter().position(must), tokens.iter().rposition(must))
        else {
            return Ok(());
        };
        // A part of it may have been read as another name already.
        if self.is_changed(tokens[first].start) {
            return Ok(());
        }
        let content = Content::of(self.body, tokens);
        let words = words::find(&content.octets, self.context);
        let (first, last) = content.whole(tokens, first, last, &words);
        let stretch = content.starts[first].start..content.starts[last].end;
        let stretch = content.with_space(stretch, &words);
        let range = tokens[first].start..tokens[last].end;
        let mut text = Vec::new();
        // An encoded-word stands between white space (RFC 2047 §5(3)).
        let cramped = range.start > 0 || self.column(range.start) > 50;
        if cramped && !self.spaced_before(range.start) {
            text.push(b' ');
        }
        let column = self.column(range.start) + text.len();
        self.encode(&content.octets, stretch, &words, column, &mut text)?;
        self.append_comments(range.clone(), comments, &mut text);
        if self.body.get(range.end).is_some_and(|&c| !is_fws(c)) {
            text.push(b' ');
        }
        self.did.words = true;
        self.replace(range, text);
        Ok(())
    }

    /// Encodes `stretch` of a name but for the encoded-words in it; the first of the new ones stands
    /// in `column`.
    fn encode(
        &mut self,
        name: &[u8],
        stretch: Range<usize>,
        words: &[Found<'_>],
        column: usize,
        text: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let mut column = column;
        let mut at = stretch.start;
        let mut after_word = words.iter().any(|word| word.range.end == at);
        let inside =
            |word: &&Found<'_>| word.range.end > stretch.start && word.range.start < stretch.end;
        for word in words.iter().filter(inside) {
            let range = word.range.clone();
            self.literal(&name[at..range.start], after_word, true, column, text)?;
            part(text);
            push_word(&name[range.clone()], word, text)?;
            (at, after_word, column) = (range.end, true, encode::LINE_MAX);
        }
        let before_word = words.iter().any(|word| word.range.start == stretch.end);
        let rest = &name[at.min(stretch.end)..stretch.end];
        self.literal(rest, after_word, before_word, column, text)
    }

    /// Encodes plain text of a name, unless it is white space between two words.
    fn literal(
        &mut self,
        octets: &[u8],
        after_word: bool,
        before_word: bool,
        column: usize,
        text: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let blank = octets.iter().all(|&c| is_fws(c));
        if octets.is_empty() || blank && after_word && before_word {
            return Ok(());
        }
        let mut unfolded = Vec::new();
        unfold_into(octets, &mut unfolded);
        let label = self.label(&unfolded);
        part(text);
        let words = encode::words(&unfolded, label, Place::Phrase, column);
        text.extend(words.ok_or("a name in this charset cannot be parted")?);
        Ok(())
    }

    /// Appends the comments that stand in `range`, which will be replaced.
    fn append_comments(
        &mut self,
        range: Range<usize>,
        comments: &[Range<usize>],
        text: &mut Vec<u8>,
    ) {
        let from = comments.partition_point(|comment| comment.start < range.start);
        for comment in &comments[from..] {
            if comment.end > range.end {
                break;
            }
            let comment = self.take(comment.clone());
            part(text);
            text.extend(comment);
        }
    }

    /// An address: of its octets only those of the domain can be written otherwise.
    fn addr_spec(&mut self, spec: &[Token], comments: &[Range<usize>]) -> Result<(), Refusal> {
        let is_dirty = |tokens: &[Token]| tokens.iter().any(|t| self.is_dirty(t.start..t.end));
        if !is_dirty(spec) {
            return Ok(());
        }
        let refused = |reason| {
            let address: Vec<u8> =
                spec.iter().flat_map(|t| &self.body[t.start..t.end]).copied().collect();
            Refusal { reason, detail: Some(String::from_utf8_lossy(&address).into_owned()) }
        };
        let at = spec.iter().rposition(|t| t.kind == Kind::At);
        let (local, domain) = spec.split_at(at.map_or(spec.len(), |at| at + 1));
        if is_dirty(local) {
            let eight_bit = local.iter().any(|t| !self.body[t.start..t.end].is_ascii());
            return Err(refused(match eight_bit {
                true => "a local part that is not ASCII cannot be written in 7 bits",
                false => "a local part with a bare CR cannot be written",
            }));
        }
        let (Some(first), Some(last)) = (domain.first(), domain.last()) else { return Ok(()) };
        let octets: Vec<u8> =
            domain.iter().flat_map(|t| &self.body[t.start..t.end]).copied().collect();
        let a_labels =
            std::str::from_utf8(&octets).ok().and_then(|d| idna::domain_to_ascii_strict(d).ok());
        let mut text = a_labels
            .ok_or_else(|| refused("a domain that has no A-label cannot be written in 7 bits"))?
            .into_bytes();
        let range = first.start..last.end;
        self.append_comments(range.clone(), comments, &mut text);
        self.did.a_label = true;
        self.replace(range, text);
        Ok(())
    }
}

/// Appends a word of a name as it stands, if it is one by RFC 2047, else as several.
fn push_word(raw: &[u8], word: &Found<'_>, text: &mut Vec<u8>) -> Result<(), Refusal> {
    let is_clean = |&c: &u8| (33..127).contains(&c);
    if raw.len() <= encode::WORD_MAX && raw.iter().all(is_clean) {
        text.extend_from_slice(raw);
        return Ok(());
    }
    let label = String::from_utf8_lossy(word.label);
    let words = encode::words(&word.octets, &label, Place::Phrase, encode::LINE_MAX);
    text.extend(words.ok_or("an encoded-word cannot be parted")?);
    Ok(())
}

/// Parts what comes next from what is there.
fn part(text: &mut Vec<u8>) {
    if text.last().is_some_and(|&c| c != b' ') {
        text.push(b' ');
    }
}

/// The octets of a name, put together as [`address::parse`](crate::header::address::parse) does.
struct Content {
    octets: Vec<u8>,
    /// Where each token's content stands.
    starts: Vec<Range<usize>>,
}

impl Content {
    fn of(body: &[u8], tokens: &[Token]) -> Content {
        let mut content = Content { octets: Vec::new(), starts: Vec::with_capacity(tokens.len()) };
        for (i, token) in tokens.iter().enumerate() {
            if token.spaced && i > 0 {
                content.octets.push(b' ');
            }
            let start = content.octets.len();
            if token.kind == Kind::Quoted {
                let mut unfolded = Vec::new();
                unfold_into(&body[token.inner()], &mut unfolded);
                unquote(&unfolded, &mut content.octets);
            } else {
                content.octets.extend_from_slice(&body[token.start..token.end]);
            }
            content.starts.push(start..content.octets.len());
        }
        content
    }

    /// The tokens `first` to `last` with those that touch them, and with the rest of the
    /// encoded-words of which they are a part.
    fn whole(
        &self,
        tokens: &[Token],
        mut first: usize,
        mut last: usize,
        words: &[Found<'_>],
    ) -> (usize, usize) {
        loop {
            let start = self.starts[first].start;
            let cut = words[..words.partition_point(|word| word.range.start < start)].last();
            let in_word = cut.is_some_and(|word| word.range.end > start);
            if first == 0 || tokens[first].spaced && !in_word {
                break;
            }
            first -= 1;
        }
        loop {
            let end = self.starts[last].end;
            let cut = words[..words.partition_point(|word| word.range.start < end)].last();
            let in_word = cut.is_some_and(|word| word.range.end > end);
            match tokens.get(last + 1) {
                Some(next) if !next.spaced || in_word => last += 1,
                _ => break,
            }
        }
        (first, last)
    }

    /// `stretch` with the white space that parts it from an encoded-word.
    fn with_space(&self, stretch: Range<usize>, words: &[Found<'_>]) -> Range<usize> {
        let blank = |range: Range<usize>| {
            self.octets.get(range).is_some_and(|text| text.iter().all(|&c| is_fws(c)))
        };
        let before = words[..words.partition_point(|word| word.range.end <= stretch.start)].last();
        let behind = words.get(words.partition_point(|word| word.range.start < stretch.end));
        let start = before.map(|word| word.range.end).filter(|&end| blank(end..stretch.start));
        let end = behind.map(|word| word.range.start).filter(|&start| blank(stretch.end..start));
        start.unwrap_or(stretch.start)..end.unwrap_or(stretch.end)
    }
}
