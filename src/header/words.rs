//! Encoded-words (RFC 2047, with the language suffix of RFC 2231 §5), and the text around them.
//!
//! Reads every broken form that other programs read: words that touch each other or plain text,
//! white space and folds inside a word, missing padding, characters split over words. What cannot
//! be read stands in the result as it was written. Time is linear in the input; at most
//! [`Limits::words`](crate::base::Limits::words) words are decoded, the rest is literal (D015).
//!
//! Does not know where words are allowed: the caller says what it passes (a phrase, a comment, …)
//! and keeps addr-specs away (RFC 2047 §5). Does not escape what it decodes (W020, W021 tell). Does
//! not encode.
//!
//! May use: base, charset.

mod data;
mod found;

use std::ops::Range;

use self::data::{Data, Group, decode_b, decode_q};
pub(super) use self::found::{Found, find};
use super::lex::Ahead;
use super::{Context, Text, unfold_into};
use crate::base::chars::{is_fws, is_hex, is_token, trim_end};
use crate::base::{Rule, Sink, Span};
use crate::charset::{self, Charset};

/// The label of octets in no known charset (RFC 1428 §3).
pub(super) const UNKNOWN_8BIT: &str = "unknown-8bit";

/// Where text stands; it decides which findings an encoded-word is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An unstructured field, a comment, or a phrase: where words are allowed (RFC 2047 §5).
    Text,
    /// A quoted string (W017).
    Quoted,
    /// A parameter value (P046).
    Parameter,
}

/// The text of an unstructured body, or a piece of a structured one: unfolded, words decoded, white
/// space at both ends trimmed (but not what a word encodes).
pub fn decode<S: Sink>(raw: &[u8], place: Place, context: &Context, sink: &mut S) -> Text {
    let mut text = String::new();
    let lossy = decode_into(raw, place, context, sink, &mut text);
    Text { text, lossy }
}

/// Appends the same text to `text`; whether octets in it became U+FFFD.
pub fn decode_into<S: Sink>(
    raw: &[u8],
    place: Place,
    context: &Context,
    sink: &mut S,
    text: &mut String,
) -> bool {
    let end = trim_end(raw).len();
    let start = raw[..end].iter().position(|&c| !is_fws(c)).unwrap_or(end);
    decode_range(raw, start..end, place, context, sink, text)
}

/// The same, without trimming.
pub(super) fn decode_untrimmed<S: Sink>(
    raw: &[u8],
    place: Place,
    context: &Context,
    sink: &mut S,
) -> Text {
    let mut text = String::new();
    let lossy = decode_range(raw, 0..raw.len(), place, context, sink, &mut text);
    Text { text, lossy }
}

fn decode_range<S: Sink>(
    raw: &[u8],
    range: Range<usize>,
    place: Place,
    context: &Context,
    sink: &mut S,
    out: &mut String,
) -> bool {
    let text = &raw[range.clone()];
    if let Some(plain) = plain(text) {
        out.push_str(plain);
        return false;
    }
    out.reserve(text.len());
    let mut decoder = Decoder {
        text,
        base: range.start as u64,
        place,
        context,
        sink,
        out,
        lossy: false,
        literal_from: 0,
        run: Run::default(),
        words: 0,
    };
    decoder.report_octets();
    decoder.decode();
    decoder.lossy
}

/// `text` itself if decoding would not change it: no folds, nothing over 127, no NUL, no ESC of
/// ISO-2022, nothing that begins like an encoded-word.
fn plain(text: &[u8]) -> Option<&str> {
    let odd = |c: u8| c >= 0x80 || matches!(c, 0 | 0x1B | b'\r' | b'\n');
    // No early exit: this way it is vector code.
    let any_odd = text.iter().fold(false, |any, &c| any | odd(c));
    if any_odd || next_start(text, 0).is_some() {
        return None;
    }
    std::str::from_utf8(text).ok()
}

/// The next `=?` from `from` on.
fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memchr::memchr_iter(b'=', rest).find(|&i| rest.get(i + 1) == Some(&b'?')).map(|i| from + i)
}

/// How the octets of a word are written (RFC 2047 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    B,
    Q,
}

/// What stands before the data of a word: `=?charset?encoding?`.
#[derive(Clone, Copy, Debug)]
struct Prefix<'a> {
    charset: &'a [u8],
    encoding: Encoding,
    len: usize,
}

impl<'a> Prefix<'a> {
    /// The prefix at the start of `text`. Stops at the first octet that does not fit, so asking at
    /// each `=?` of a text is linear in all.
    fn parse(text: &'a [u8]) -> Option<Prefix<'a>> {
        let rest = text.strip_prefix(b"=?")?;
        let (label, rest) = rest.split_at(rest.iter().position(|&c| !is_token(c))?);
        let encoding = match rest {
            [b'?', b'b' | b'B', b'?', ..] => Encoding::B,
            [b'?', b'q' | b'Q', b'?', ..] => Encoding::Q,
            _ => return None,
        };
        // RFC 2231 §5: a language may follow the charset.
        let charset = label.split(|&c| c == b'*').next().filter(|charset| !charset.is_empty())?;
        Some(Prefix { charset, encoding, len: label.len() + 5 })
    }
}

/// An encoded-word as it stands in a text.
#[derive(Clone, Debug)]
struct Word<'a> {
    charset: &'a [u8],
    encoding: Encoding,
    data: Range<usize>,
    /// Behind the closing `?=`.
    end: usize,
}

impl<'a> Word<'a> {
    /// The word that begins at `at`; `None` if there is none. `closes` looks ahead for `?=`.
    fn parse(text: &'a [u8], at: usize, closes: &mut Ahead) -> Option<Word<'a>> {
        let prefix = Prefix::parse(&text[at..])?;
        let start = at + prefix.len;
        let mut end = next_close(text, start, closes)?;
        // White space may stand in a word, but not another word: then this one is never closed.
        let mut inner = start;
        while let Some(found) = next_start(&text[..end], inner) {
            if Prefix::parse(&text[found..end]).is_some() {
                return None;
            }
            inner = found + 2;
        }
        if prefix.encoding == Encoding::Q {
            while let Some(later) = close_behind_escape(text, end, closes) {
                end = later;
            }
        }
        Some(Word {
            charset: prefix.charset,
            encoding: prefix.encoding,
            data: start..end,
            end: end + 2,
        })
    }
}

fn next_close(text: &[u8], from: usize, closes: &mut Ahead) -> Option<usize> {
    let found = closes.next(text, from, |rest| {
        memchr::memchr_iter(b'?', rest).find(|&i| rest.get(i + 1) == Some(&b'='))
    });
    (found < text.len()).then_some(found)
}

/// QUIRK: many encoders leave `?` in Q data as it is, and then `Où?=20` holds what looks like the
/// end of the word. It is none if `=` begins an escape and the word is closed further on, before any
/// white space or other word.
fn close_behind_escape(text: &[u8], close: usize, closes: &mut Ahead) -> Option<usize> {
    let escape = text.get(close + 2..close + 4)?;
    if !escape.iter().all(|&c| is_hex(c)) {
        return None;
    }
    let later = next_close(text, close + 4, closes)?;
    let mut pairs = text[close + 4..=later].windows(2);
    let broken = pairs.any(|pair| is_fws(pair[0]) || pair == b"=?");
    (!broken).then_some(later)
}

/// The end of the encoded-word that begins at `at`, behind its `?=`; `None` if none begins there.
/// `closes` is the caller's, for all its calls on this text.
pub(super) fn word_end(text: &[u8], at: usize, closes: &mut Ahead) -> Option<usize> {
    Word::parse(text, at, closes).map(|word| word.end)
}

/// What the octets of a word or an extended parameter are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repertoire {
    Known(Charset),
    /// `unknown-8bit`: whoever wrote it had octets that named no charset (RFC 1428 §3). So they are
    /// read as such octets are.
    Unknown8Bit,
}

impl Repertoire {
    /// What `label` names; `None` if nobody knows it.
    pub(super) fn for_label(label: &[u8]) -> Option<Repertoire> {
        if label.eq_ignore_ascii_case(UNKNOWN_8BIT.as_bytes()) {
            return Some(Repertoire::Unknown8Bit);
        }
        Charset::for_label(label).map(Repertoire::Known)
    }

    /// Appends the text of `octets`; returns how many U+FFFD that took.
    fn decode(self, octets: &[u8], context: &Context, text: &mut String) -> usize {
        match self {
            Repertoire::Known(charset) => charset.decode(octets, text),
            Repertoire::Unknown8Bit => charset::decode_undeclared(octets, context.fallback, text).1,
        }
    }
}

/// Words of one charset that follow each other, their data decoded to octets.
#[derive(Debug, Default)]
struct Run {
    charset: Option<Repertoire>,
    octets: Vec<u8>,
    /// What the last word, if in B, left of a group that was cut in two.
    cut: Group,
    /// Where the octets of each word but the first begin.
    starts: Vec<usize>,
    /// Where the words stand in the text.
    span: Range<usize>,
}

struct Decoder<'a, S> {
    text: &'a [u8],
    base: u64,
    place: Place,
    context: &'a Context,
    sink: &'a mut S,
    out: &'a mut String,
    /// Whether octets became U+FFFD.
    lossy: bool,
    /// Where the text begins that is not yet given out, nor in `run`.
    literal_from: usize,
    run: Run,
    words: usize,
}

impl<S: Sink> Decoder<'_, S> {
    fn report(&mut self, rule: Rule, range: Range<usize>) {
        self.sink.report(rule, Span::from(range).shifted(self.base));
    }

    /// What is odd about the octets themselves, once for all of them.
    fn report_octets(&mut self) {
        if !S::LISTENING {
            return;
        }
        if let Some(at) = self.text.iter().position(|&c| c >= 0x80) {
            let len = self.text[at..].iter().take_while(|&&c| c >= 0x80).count();
            self.report(Rule::H031, at..at + len);
        }
        if let Some(at) = memchr::memchr(0, self.text) {
            self.report(Rule::H030, at..at + 1);
        }
    }

    fn decode(&mut self) {
        let mut closes = Ahead::UNKNOWN;
        let mut malformed = None;
        let mut at = 0;
        while let Some(start) = next_start(self.text, at) {
            let Some(word) = Word::parse(self.text, start, &mut closes) else {
                malformed.get_or_insert(start);
                at = start + 2;
                continue;
            };
            at = word.end;
            if self.words == self.context.limits.words {
                self.report(Rule::D015, start..word.end);
                break;
            }
            self.word(start, &word);
        }
        if let Some(start) = malformed {
            self.report(Rule::W010, start..start + 2);
        }
        self.end_run();
        self.literal(self.literal_from..self.text.len());
    }

    /// A word: into the run if it belongs there, else into a new one.
    fn word(&mut self, start: usize, word: &Word) {
        self.words += 1;
        if self.words == 1 {
            self.report_place(start..word.end);
        }
        // An unknown charset leaves all as it stands, white space to the next word included.
        let Some(charset) = Repertoire::for_label(word.charset) else {
            return self.report(Rule::W013, start..word.end);
        };
        let gap = self.literal_from..start;
        let adjacent =
            self.run.charset.is_some() && self.text[gap.clone()].iter().all(|&c| is_fws(c));
        if !adjacent || self.run.charset != Some(charset) {
            self.end_run();
            self.run.span.start = start;
        }
        if !adjacent {
            self.literal(gap);
        }
        self.run.charset = Some(charset);
        self.run.span.end = word.end;
        self.literal_from = word.end;
        if !self.run.cut.is_empty() && word.encoding == Encoding::B {
            self.report(Rule::W011, self.run.span.clone());
        }
        let data = self.run.push(word.encoding, &self.text[word.data.clone()]);
        self.report_form(start, word, data);
    }

    fn report_place(&mut self, range: Range<usize>) {
        match self.place {
            Place::Text => {}
            Place::Quoted => self.report(Rule::W017, range),
            Place::Parameter => self.report(Rule::P046, range),
        }
    }

    fn report_form(&mut self, start: usize, word: &Word, data: Data) {
        if !S::LISTENING {
            return;
        }
        let range = start..word.end;
        let space_at = |at: Option<&u8>| at.is_none_or(|&c| is_fws(c));
        let before = self.text[..start].last();
        if !space_at(before) || !space_at(self.text.get(word.end)) {
            self.report(Rule::W012, range.clone());
        }
        if range.len() > 75 {
            self.report(Rule::W014, range.clone());
        }
        if self.text[word.data.clone()].iter().any(|&c| is_fws(c)) {
            self.report(Rule::W015, range.clone());
        }
        if data == Data::Broken {
            self.report(Rule::W018, range);
        }
    }

    /// Gives out the text of the run.
    ///
    /// QUIRK: encoders split characters, and the shift states of ISO-2022, over words, against RFC
    /// 2047 §5. So the octets are joined before their charset is decoded; but one bad word must not
    /// spoil its neighbours, so what is better apart is taken apart.
    fn end_run(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        let Some(charset) = run.charset else { return };
        run.cut.flush(&mut run.octets);
        let from = self.out.len();
        let mut replaced = charset.decode(&run.octets, self.context, self.out);
        // What names no charset is one text, of which all is needed to tell what it is in.
        let asks = replaced > 0 || S::LISTENING && run.may_be_cut(charset);
        if charset != Repertoire::Unknown8Bit && !run.starts.is_empty() && asks {
            let mut apart = String::new();
            let replaced_apart = run.decode_apart(charset, self.context, &mut apart);
            if replaced_apart < replaced {
                self.out.truncate(from);
                self.out.push_str(&apart);
                replaced = replaced_apart;
            } else if replaced_apart > replaced {
                self.report(Rule::W011, run.span.clone());
            }
        }
        if replaced > 0 {
            self.lossy = true;
            self.report(Rule::C013, run.span.clone());
        }
        self.report_decoded(charset, from, &run);
        self.run = run;
        self.run.clear();
    }

    fn report_decoded(&mut self, charset: Repertoire, from: usize, run: &Run) {
        if !S::LISTENING {
            return;
        }
        if charset == Repertoire::Known(Charset::UTF_7) {
            self.report(Rule::C010, run.span.clone());
        }
        let decoded = &self.out[from..];
        // The first octets of all characters that are looked for.
        let is_suspect = |c: u8| c < 0x20 || matches!(c, 0x7F | 0xC2 | 0xD8 | 0xE2 | 0xEF | 0xF3);
        if !decoded.bytes().any(is_suspect) {
            return;
        }
        let control = decoded.chars().any(|c| c.is_control() && c != '\t');
        let hiding = hides_text(decoded);
        if control {
            self.report(Rule::W020, run.span.clone());
        }
        if hiding {
            self.report(Rule::W021, run.span.clone());
        }
    }

    /// Gives out text that is no encoded-word.
    fn literal(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.lossy |= push_literal(&self.text[range], self.context, self.out) > 0;
        }
    }
}

impl Run {
    /// Appends a word.
    ///
    /// QUIRK: some encoders cut the base64 text wherever a line is full, even inside a group of
    /// four; the next word goes on with the group then.
    fn push(&mut self, encoding: Encoding, data: &[u8]) -> Data {
        if encoding == Encoding::Q {
            self.cut.flush(&mut self.octets);
        }
        if !self.octets.is_empty() {
            self.starts.push(self.octets.len());
        }
        self.octets.reserve(data.len());
        match encoding {
            Encoding::B => decode_b(data, &mut self.cut, &mut self.octets),
            Encoding::Q => decode_q(data, &mut self.octets),
        }
    }

    /// Whether a character may be cut between two words, if no octet was replaced when all were read
    /// together.
    fn may_be_cut(&self, charset: Repertoire) -> bool {
        let is_inside = |&start: &usize| self.octets.get(start).is_some_and(|c| c & 0xC0 == 0x80);
        match charset {
            Repertoire::Known(charset) if charset == Charset::WINDOWS_1252 => false,
            Repertoire::Known(charset) if charset == Charset::UTF_8 => {
                self.starts.iter().any(is_inside)
            }
            _ => true,
        }
    }

    /// Ends the run; what is allocated stays for the next one.
    fn clear(&mut self) {
        self.charset = None;
        self.octets.clear();
        self.starts.clear();
    }

    fn decode_apart(&self, charset: Repertoire, context: &Context, text: &mut String) -> usize {
        let mut start = 0;
        let mut replaced = 0;
        for &end in self.starts.iter().chain([&self.octets.len()]) {
            replaced += charset.decode(&self.octets[start..end], context, text);
            start = end;
        }
        replaced
    }
}

/// Appends text that is not encoded, unfolded; octets over 127 as undeclared ones are read. Returns
/// how many U+FFFD that took.
pub(super) fn push_literal(raw: &[u8], context: &Context, text: &mut String) -> usize {
    let mut unfolded = Vec::new();
    let octets = if memchr::memchr2(b'\r', b'\n', raw).is_some() {
        unfold_into(raw, &mut unfolded);
        &unfolded
    } else {
        raw
    };
    // ESC: ISO-2022-JP in a field, from before RFC 2047.
    match std::str::from_utf8(octets) {
        Ok(plain) if memchr::memchr(0x1B, octets).is_none() => {
            text.push_str(plain);
            0
        }
        _ => charset::decode_undeclared(octets, context.fallback, text).1,
    }
}

/// Whether there are characters that reverse or hide text: bidirectional controls, zero-width
/// characters, tags.
///
/// U+200C and U+200D are what they should be behind a letter of Indic or Arabic scripts or an
/// emoji; only behind ASCII, or nothing, do they hide something.
pub(crate) fn hides_text(text: &str) -> bool {
    let mut before = '\0';
    text.chars().any(|c| {
        let joins = !std::mem::replace(&mut before, c).is_ascii();
        match c {
            '\u{200C}' | '\u{200D}' => !joins,
            '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' => true,
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E0000}'..='\u{E007F}' => true,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Rule::*;

    fn read(raw: &[u8], place: Place) -> (Text, Vec<(Rule, Span)>) {
        let mut findings = Vec::new();
        let text = decode(raw, place, &Context::for_tests(), &mut findings);
        // Findings must not change what is read.
        assert_eq!(decode(raw, place, &Context::for_tests(), &mut ()), text);
        (text, findings)
    }

    #[track_caller]
    fn check(cases: &[(&str, &[u8], &str, &[Rule])]) {
        for &(name, raw, expected, rules) in cases {
            let (text, findings) = read(raw, Place::Text);
            let found: Vec<Rule> = findings.iter().map(|&(rule, _)| rule).collect();
            assert_eq!((text.text.as_str(), found.as_slice()), (expected, rules), "{name}");
            assert_eq!(text.lossy, expected.contains('\u{FFFD}'), "{name}");
        }
    }

    #[test]
    fn reads_words_and_text() {
        check(&[
            ("plain", b" hello  there ", "hello  there", &[]),
            ("folded", b"hello\r\n  there", "hello  there", &[]),
            ("white space line", b"one\r\n \t\r\n two", "one two", &[]),
            ("bare cr is data", b"a\rX: b", "a\rX: b", &[]),
            ("q", b"=?utf-8?Q?caf=C3=A9_au?= lait", "caf\u{E9} au lait", &[]),
            ("b", b"un =?UTF-8?b?Y2Fmw6k=?=", "un caf\u{E9}", &[]),
            ("language", b"=?utf-8*en-GB?q?a?=", "a", &[]),
            ("underscore in any charset", b"=?utf-16be?q?=00a=00=5F?=", "a_", &[]),
            ("empty data", b"=?utf-8?q??=", "", &[]),
            ("space between words", b"=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab", &[]),
            ("other charset", b"=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "a\u{E9}", &[]),
            ("space to text", b"x =?utf-8?q?a?= y", "x a y", &[]),
            ("decoded space stays", b"=?utf-8?q?_a_?=", " a ", &[]),
            ("question mark at the end", b"=?utf-8?Q?what??=", "what?", &[]),
            ("escape first", b"=?utf-8?Q?=41?=", "A", &[]),
            ("raw utf-8", b"caf\xC3\xA9", "caf\u{E9}", &[H031]),
            ("raw latin1", b"caf\xE9 r\xE9sum\xE9", "caf\u{E9} r\u{E9}sum\u{E9}", &[H031]),
            ("nul", b"a\0b", "a\0b", &[H030]),
            ("empty", b" \r\n ", "", &[]),
        ]);
    }

    #[test]
    fn reads_broken_words() {
        check(&[
            ("touching", b"=?utf-8?q?a?==?utf-8?q?b?=", "ab", &[W012, W012]),
            ("glued", b"Re:=?utf-8?q?a?=.txt", "Re:a.txt", &[W012]),
            ("spaces inside", b"=?utf-8?Q?a b =63?= d", "a b c d", &[W015]),
            ("fold inside b", b"=?utf-8?B?aGVsbG8g\r\n d29ybGQ=?=", "hello world", &[W015]),
            ("fold inside q", b"=?utf-8?Q?a\n b?=", "a b", &[W015]),
            ("no padding", b"=?utf-8?B?YWI?= x", "ab x", &[W018]),
            ("one character left", b"=?utf-8?B?YWJjZ?=", "abc", &[W018]),
            ("padding inside", b"=?utf-8?B?YQ==YmM=?=", "abc", &[]),
            ("junk inside", b"=?utf-8?B?Y*Q=?=", "a", &[W018]),
            ("junk behind the padding", b"=?utf-8?B?YQ==-YmM=?=", "a", &[W018]),
            ("bad escape", b"=?utf-8?Q?a=Zb=?=", "a=Zb=", &[W018]),
            ("question mark before an escape", b"=?utf-8?Q?a?=20b?=", "a? b", &[]),
            ("hex behind a word", b"=?utf-8?Q?a?=be =?utf-8?Q?c?=", "abe c", &[W012]),
            ("hex, then a word", b"=?utf-8?Q?a?=be=?utf-8?Q?c?=", "abec", &[W012, W012]),
            (
                "unknown charset",
                b"=?x-no?Q?a_b?= =?x-no?Q?c?=",
                "=?x-no?Q?a_b?= =?x-no?Q?c?=",
                &[W013, W013],
            ),
            ("unknown beside known", b"=?utf-8?q?a?= =?x-no?q?b?=", "a =?x-no?q?b?=", &[W013]),
            ("no charset", b"a =??q?b?=", "a =??q?b?=", &[W010]),
            ("only a language", b"=?*en?q?b?=", "=?*en?q?b?=", &[W010]),
            ("8-bit charset", b"=?is\xF6?q?b?=", "=?is\u{F6}?q?b?=", &[H031, W010]),
            ("two encodings", b"=?utf-8?qb?a?=", "=?utf-8?qb?a?=", &[W010]),
            ("never closed", b"a =?utf-8?q?b", "a =?utf-8?q?b", &[W010]),
            ("charset alone", b"a =?utf-8", "a =?utf-8", &[W010]),
            ("closed by the next word", b"=?utf-8?q?a =?utf-8?q?b?=", "=?utf-8?q?a b", &[W010]),
            ("no word at all", b"x =? y", "x =? y", &[W010]),
        ]);
        let long = [b"=?utf-8?q?", [b'a'; 64].as_slice(), b"?="].concat();
        check(&[("75", &long[1..], &String::from_utf8_lossy(&long[1..]), &[])]);
        check(&[("76", &long, &"a".repeat(64), &[W014])]);
    }

    #[test]
    fn joins_split_characters_but_spares_good_words() {
        check(&[
            ("b and b", b"=?utf-8?B?4pg=?= =?UTF8?B?ug==?=", "\u{263A}", &[W011]),
            ("b and q", b"=?utf-8?B?4pg=?= =?utf-8?Q?=BA!?=", "\u{263A}!", &[W011]),
            ("cut in a group", b"=?utf-8?b?w?= =?utf-8?b?6k=?=", "\u{E9}", &[W018, W011]),
            ("cut in an octet", b"=?utf-8?b?w6?= =?utf-8?b?k=?=", "\u{E9}", &[W018, W011]),
            ("only unpadded", b"=?utf-8?b?YQ?= =?utf-8?b?Yg==?=", "ab", &[W018]),
            ("cut, never ended", b"=?utf-8?b?YWJjZ?= =?utf-8?q?d?=", "abcd", &[W018]),
            ("not over text", b"=?utf-8?q?=C3?= x", "\u{FFFD} x", &[C013]),
            ("cut off", b"=?utf-8?q?=C3?= =?utf-8?q?ab?=", "\u{FFFD}ab", &[C013]),
            (
                "shift state carried on",
                b"=?iso-2022-jp?B?GyRCJSo=?= =?iso-2022-jp?B?JXMbKEI=?=",
                "\u{30AA}\u{30F3}",
                &[],
            ),
            (
                // Joined, the second word would be read in the two-octet set of the first.
                "shift state left open",
                b"=?iso-2022-jp?B?GyRCJSo=?= =?iso-2022-jp?q?abc?=",
                "\u{30AA}abc",
                &[],
            ),
        ]);
    }

    #[test]
    fn reports_what_is_hidden_in_words() {
        check(&[
            ("control", b"=?utf-8?q?a=1B=5Bb?=", "a\u{1B}[b", &[W020]),
            ("line end", b"=?utf-8?q?a=0D=0ABcc:_b?=", "a\r\nBcc: b", &[W020]),
            ("tab", b"=?utf-8?q?=09a?=", "\ta", &[]),
            ("c1", b"=?iso-8859-1?q?=9B?=", "\u{203A}", &[]),
            ("c1 in utf-8", b"=?utf-8?q?=C2=9B?=", "\u{9B}", &[W020]),
            ("bidi", b"=?utf-8?q?a=E2=80=AEb?=", "a\u{202E}b", &[W021]),
            ("joiner behind ascii", b"=?utf-8?q?a=E2=80=8Db?=", "a\u{200D}b", &[W021]),
            (
                "joiner in an emoji",
                "=?utf-8?q?\u{1F469}\u{200D}\u{1F680}?=".as_bytes(),
                "\u{1F469}\u{200D}\u{1F680}",
                &[H031],
            ),
        ]);
    }

    #[test]
    fn reads_octets_of_no_known_charset_as_if_they_were_not_encoded() {
        check(&[
            ("latin1", b"=?unknown-8bit?Q?caf=E9?=", "caf\u{E9}", &[]),
            ("utf-8", b"=?UNKNOWN-8BIT?B?Y2Fmw6k=?=", "caf\u{E9}", &[]),
            ("cut", b"=?unknown-8bit?q?caf=C3?= =?Unknown-8bit?q?=A9?=", "caf\u{E9}", &[]),
            ("beside another", b"=?unknown-8bit?q?=E9?= =?utf-8?q?=C3=A9?=", "\u{E9}\u{E9}", &[]),
            ("escape", b"=?unknown-8bit?q?=1B$B%*=1B(B?=", "\u{30AA}", &[]),
        ]);
    }

    #[test]
    fn says_where_words_may_not_stand_once() {
        let raw = b"=?utf-8?q?a?= =?utf-8?q?b?=";
        assert_eq!(read(raw, Place::Quoted).1, [(W017, Span::new(0, 13))]);
        assert_eq!(read(raw, Place::Parameter).1, [(P046, Span::new(0, 13))]);
        assert_eq!(read(b" x=?utf-8?q?a?=", Place::Text).1, [(W012, Span::new(2, 15))]);
    }

    #[test]
    fn stops_at_the_limit() {
        let mut context = Context::for_tests();
        context.limits.words = 2;
        let mut findings = Vec::new();
        let raw = b"=?utf-8?q?a?= =?utf-8?q?b?= =?utf-8?q?c?= d";
        let text = decode(raw, Place::Text, &context, &mut findings);
        assert_eq!(text.text, "ab =?utf-8?q?c?= d");
        assert_eq!(findings, [(D015, Span::new(28, 41))]);
    }

    proptest! {
        #[test]
        fn any_octets_are_read(raw in "[=?utf8qQbB*_ \r\na-fA-F0-9\u{E9}]{0,80}") {
            read(raw.as_bytes(), Place::Text);
        }

        #[test]
        fn text_without_words_is_itself(text in "[ -<>-~\u{A1}-\u{2FF}]{0,40}") {
            prop_assert_eq!(read(text.as_bytes(), Place::Text).0.text, text.trim_matches(' '));
        }

        #[test]
        fn words_may_be_cut_anywhere(text in "\\PC{1,20}", at in 0usize..60) {
            let cut = at.min(text.len());
            let q = |octets: &[u8]| {
                let escapes: String = octets.iter().map(|c| format!("={c:02X}")).collect();
                format!("=?utf-8?q?{escapes}?=")
            };
            let raw = format!("{} {}", q(&text.as_bytes()[..cut]), q(&text.as_bytes()[cut..]));
            prop_assert_eq!(read(raw.as_bytes(), Place::Text).0.text, text);
        }
    }
}
