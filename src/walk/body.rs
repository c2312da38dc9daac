//! The walker inside bodies, preambles and epilogues: where a delimiter or the next message of an
//! mbox ends them.
//!
//! Bodies are searched for the few lines that can matter, not read line by line. What a delimiter
//! owns, the line end before it, is held back until the next line has been judged.

use super::{Kind, Line, Progress, Separator, State, Step, Then, Walker, lines};
use crate::base::{DELIMITER_LINE, Eol, Rule, Sink, Span, chars};
use crate::header::mime::Media;
use crate::simd::scan;

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A delimiter of the multipart at `level`; `end` is where its line ends.
    Delimiter {
        level: usize,
        close: bool,
        end: usize,
    },
    /// Here the message ends, and a separator begins.
    Separator(Before),
}

/// What stands before a separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// An empty line that belongs to neither message.
    Gap,
    /// The body, up to where Content-Length has it end.
    Counted,
    /// The body; in an mbox the empty line is missing.
    Body,
}

impl Walker {
    /// In a body, preamble or epilogue: the next piece of it, or what ends it.
    pub(super) fn content<S: Sink>(
        &mut self,
        text: &[u8],
        eof: bool,
        sink: &mut S,
    ) -> Option<Step> {
        if text.is_empty() {
            return self.out_of_octets(eof);
        }
        let kind = self.content_kind();
        if self.options.separator == Separator::None
            && self.boundaries.is_empty()
            && kind != Kind::Epilogue
        {
            self.line = Line::Middle;
            return Some(Step::Token(kind, text.len()));
        }
        if self.line != Line::Middle {
            match self.judge_line(text, 0, eof, sink) {
                None => return Some(Step::NeedMore),
                Some(Found::Nothing) => {}
                Some(found) => return self.stop_at(found),
            }
        }
        let mut from = 0;
        while let Some(end) = self.next_candidate(text, from) {
            let before = self.eol.content_end(text, end);
            match self.judge_line(text, end + 1, eof, sink) {
                Some(Found::Nothing) => from = end + 1,
                None => {
                    // In an mbox the line before may be CR CR LF, which is empty as well.
                    let cr = self.options.separator == Separator::From
                        && text[..before].last() == Some(&b'\r');
                    return Some(match before - usize::from(cr) {
                        0 => Step::NeedMore,
                        len => self.piece(kind, &text[..len]),
                    });
                }
                Some(Found::Separator(Before::Gap)) => {
                    return Some(self.up_to_gap(kind, &text[..=end]));
                }
                Some(Found::Separator(_)) => return Some(self.piece(kind, &text[..=end])),
                Some(found) if before == 0 => return self.stop_at(found),
                Some(_) => return Some(self.piece(kind, &text[..before])),
            }
        }
        if eof && self.ends_with_gap(text) {
            return Some(self.up_to_gap(kind, text));
        }
        let held = if eof { 0 } else { self.held_back(text) };
        match text.len() - held {
            0 => Some(Step::NeedMore),
            len => Some(self.piece(kind, &text[..len])),
        }
    }

    /// The body up to the empty line that `text` ends with, or that line itself.
    fn up_to_gap(&mut self, kind: Kind, text: &[u8]) -> Step {
        match self.empty_line(text, text.len()) {
            Some(start @ 1..) => self.piece(kind, &text[..start]),
            _ => {
                self.line = Line::AfterEmpty;
                self.gap = text.len() as u64;
                Step::Token(Kind::Gap, text.len())
            }
        }
    }

    /// Whether the input ends with `text`, and the empty line there is none of the message's: an mbox
    /// has one behind each (RFC 4155 appendix A).
    fn ends_with_gap(&self, text: &[u8]) -> bool {
        self.options.separator == Separator::From
            && self.empty_line(text, text.len()).is_some()
            && self.counted.place() != Some(self.offset + text.len() as u64)
    }

    /// A piece of a body that ends where `text` does.
    fn piece(&mut self, kind: Kind, text: &[u8]) -> Step {
        let at_start = text.last() == Some(&self.eol.octet());
        self.line = if at_start { Line::Start } else { Line::Middle };
        Step::Token(kind, text.len())
    }

    /// What the octets at hand are, if they are no delimiter.
    pub(super) fn content_kind(&self) -> Kind {
        let top = &self.levels[self.open - 1];
        match (top.part.media, top.progress) {
            _ if self.exhausted => Kind::Opaque,
            (Media::Multipart { .. }, Progress::Closed) => Kind::Epilogue,
            (Media::Multipart { .. }, _) => Kind::Preamble,
            _ => Kind::Body,
        }
    }

    /// Where the next line ends that is followed by one worth judging.
    #[inline]
    fn next_candidate(&self, text: &[u8], from: usize) -> Option<usize> {
        scan::line_start(text, from, self.eol.octet(), &self.starts)
    }

    /// Where the empty line begins that ends at `end`; `None` if the line that ends there is not
    /// empty, or not over.
    pub(super) fn empty_line(&self, text: &[u8], end: usize) -> Option<usize> {
        let line = &text[..end];
        match lines::trailing_empty(line, self.eol)? {
            0 => (self.line != Line::Middle).then_some(0),
            start => Some(start),
        }
    }

    /// How many octets at the end of `text` must wait for what follows: the line end that a
    /// delimiter would own, and in an mbox an empty line before the next message.
    fn held_back(&self, text: &[u8]) -> usize {
        let mut end = text.len();
        for _ in 0..if self.options.separator == Separator::From { 2 } else { 1 } {
            // A CR at the end may be half of a line end.
            let open = matches!(text[..end].last(), Some(b'\r')) && self.eol == Eol::Lf;
            end -= if open { 1 } else { self.eol.trailing(&text[..end]) };
        }
        text.len() - end
    }

    /// What is next begins with a delimiter or a separator: the parts that it ends are left first.
    fn stop_at(&mut self, found: Found) -> Option<Step> {
        let (to, then) = match found {
            Found::Nothing => return None,
            Found::Separator(before) => {
                self.before = before;
                match self.options.separator {
                    Separator::Mmdf => (0, Then::Separators),
                    _ => (0, Then::NextMessage),
                }
            }
            Found::Delimiter { level, close: false, end } => {
                (level + 1, Then::Delimiter { len: end })
            }
            Found::Delimiter { level, close: true, end } => {
                (level + 1, Then::CloseDelimiter { len: end })
            }
        };
        self.state = State::Closing { to, then };
        None
    }

    /// What the line at `at` is; `None` if more octets are needed to tell. Near misses go to `sink`.
    pub(super) fn judge_line<S: Sink>(
        &mut self,
        text: &[u8],
        at: usize,
        eof: bool,
        sink: &mut S,
    ) -> Option<Found> {
        let line = &text[at..];
        match line.first() {
            None if eof => Some(Found::Nothing),
            None => None,
            Some(b'-') if !self.exhausted => self.judge_dashes(text, at, eof, sink),
            Some(b'F') if self.options.separator == Separator::From => {
                self.judge_from(text, at, eof, sink)
            }
            Some(1) if self.options.separator == Separator::Mmdf => {
                Some(match lines::mmdf_line(line, eof)? {
                    0 => Found::Nothing,
                    _ => Found::Separator(Before::Body),
                })
            }
            Some(&c) if chars::is_wsp(c) && self.options.near_misses => {
                self.judge_indented(line, at, eof, sink)
            }
            Some(_) => Some(Found::Nothing),
        }
    }

    fn judge_dashes<S: Sink>(
        &self,
        text: &[u8],
        at: usize,
        eof: bool,
        sink: &mut S,
    ) -> Option<Found> {
        if text.len() - at < 2 && !eof {
            return None;
        }
        if !text[at..].starts_with(b"--") {
            return self.judge_hyphen(text, at, eof, sink);
        }
        let Some((content, end)) = self.delimiter_line(&text[at..], eof)? else {
            return Some(Found::Nothing);
        };
        let name = &chars::trim_end(content)[2..];
        let plain = self.boundaries.find(name);
        let close = name.strip_suffix(b"--").and_then(|name| self.boundaries.find(name));
        // Of two readings (`--b--` closes b, or delimits b--) the innermost multipart's counts.
        let (level, close) = match (plain, close) {
            (None, None) => {
                self.report_near_miss(name, self.span(at, at + content.len()), sink);
                return Some(Found::Nothing);
            }
            (Some(plain), Some(close)) if close > plain => (close, true),
            (Some(plain), _) => (plain, false),
            (None, Some(close)) => (close, true),
        };
        Some(Found::Delimiter { level, close, end: at + end })
    }

    /// The line at the start of `text` as far as it can be a delimiter: the end of its content, and
    /// the end of the line. The inner `None`: it is too long to be one.
    pub(super) fn delimiter_line<'t>(
        &self,
        text: &'t [u8],
        eof: bool,
    ) -> Option<Option<(&'t [u8], usize)>> {
        let head = &text[..text.len().min(DELIMITER_LINE)];
        match self.eol.first_line(head) {
            Some((content, end)) => Some(Some((&head[..content], end))),
            None if head.len() == DELIMITER_LINE => Some(None),
            None if eof => Some(Some((head, head.len()))),
            None => None,
        }
    }

    /// A line `--name` is no delimiter: is it close to one?
    fn report_near_miss<S: Sink>(&self, name: &[u8], span: Span, sink: &mut S) {
        if !S::LISTENING {
            return;
        }
        let in_epilogue = self.content_kind() == Kind::Epilogue;
        let closed = self.boundaries.closed().filter(|_| in_epilogue);
        if closed.is_some_and(|it| name == it || name.strip_suffix(b"--") == Some(it)) {
            sink.report(Rule::B031, span);
        } else if self.boundaries.is_begun(name) {
            sink.report(Rule::B021, span);
        } else if self.options.near_misses && self.has_other_hyphens(name, 2) {
            sink.report(Rule::B037, span);
        }
    }

    /// A line that begins with one hyphen alone is no delimiter: is it close to one?
    fn judge_hyphen<S: Sink>(
        &self,
        text: &[u8],
        at: usize,
        eof: bool,
        sink: &mut S,
    ) -> Option<Found> {
        let is_item = text.get(at + 1).is_none_or(|&c| chars::is_fws(c));
        if S::LISTENING
            && self.options.near_misses
            && !is_item
            && let Some((content, _)) = self.delimiter_line(&text[at..], eof)?
            && self.has_other_hyphens(&chars::trim_end(content)[1..], 1)
        {
            sink.report(Rule::B037, self.span(at, at + content.len()));
        }
        Some(Found::Nothing)
    }

    /// Whether `name`, before which so many `hyphens` stand in its line, would be a delimiter with two:
    /// where none, one or three stand before an open boundary.
    fn has_other_hyphens(&self, name: &[u8], hyphens: usize) -> bool {
        let is_open = |name: &[u8]| {
            let unclosed = name.strip_suffix(b"--").unwrap_or(name);
            self.boundaries.find(name).or_else(|| self.boundaries.find(unclosed)).is_some()
        };
        !self.boundaries.is_empty()
            && [0, 1, 3].into_iter().any(|count: usize| match count.checked_sub(hyphens) {
                Some(more) => {
                    name.get(..more).is_some_and(|it| it.iter().all(|&c| c == b'-'))
                        && is_open(&name[more..])
                }
                None => is_open(&[&b"--"[..hyphens - count], name].concat()),
            })
    }

    fn judge_indented<S: Sink>(
        &self,
        line: &[u8],
        at: usize,
        eof: bool,
        sink: &mut S,
    ) -> Option<Found> {
        let dashes = line.iter().position(|&c| !chars::is_wsp(c)).unwrap_or(line.len());
        if dashes == line.len() && dashes < DELIMITER_LINE && !eof {
            return None;
        }
        if !line[dashes..].starts_with(b"-") {
            return Some(Found::Nothing);
        }
        if let Some((content, _)) = self.delimiter_line(&line[dashes..], eof)?
            && let Some(name) = chars::trim_end(content).strip_prefix(b"--")
            && self.boundaries.find(name.strip_suffix(b"--").unwrap_or(name)).is_some()
        {
            sink.report(Rule::B023, self.span(at + dashes, at + dashes + content.len()));
        }
        Some(Found::Nothing)
    }
}
