//! The walker inside bodies, preambles and epilogues: where a delimiter or the next message of an
//! mbox ends them.
//!
//! Bodies are searched for the few lines that can matter, not read line by line. What a delimiter
//! owns, the line end before it, is held back until the next line has been judged.

use super::{Kind, Line, Progress, State, Step, Then, Walker, lines};
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
    Separator,
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
        if !self.options.mbox && self.boundaries.is_empty() && kind != Kind::Epilogue {
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
                None if before > 0 => return Some(self.piece(kind, &text[..before])),
                None => return Some(Step::NeedMore),
                Some(Found::Separator) => {
                    let Some(gap) = self.empty_line(text, before) else {
                        from = end + 1;
                        continue;
                    };
                    if gap > 0 {
                        return Some(self.piece(kind, &text[..gap]));
                    }
                    self.line = Line::AfterEmpty;
                    self.gap = end as u64 + 1;
                    return Some(Step::Token(Kind::Gap, end + 1));
                }
                Some(found) if before == 0 => return self.stop_at(found),
                Some(_) => return Some(self.piece(kind, &text[..before])),
            }
        }
        let held = if eof { 0 } else { self.held_back(text) };
        match text.len() - held {
            0 => Some(Step::NeedMore),
            len => Some(self.piece(kind, &text[..len])),
        }
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
        if self.options.mbox || self.options.near_misses {
            scan::line_start(text, from, self.eol.octet(), &self.starts)
        } else {
            scan::hyphen_line(text, from, self.eol.octet())
        }
    }

    /// Where the empty line begins that ends where `text[before..]` does; `None` if it is not empty.
    fn empty_line(&self, text: &[u8], before: usize) -> Option<usize> {
        match before {
            0 => (self.line != Line::Middle).then_some(0),
            _ => (text[before - 1] == self.eol.octet()).then_some(before),
        }
    }

    /// How many octets at the end of `text` must wait for what follows: the line end that a
    /// delimiter would own, and in an mbox an empty line before the next message.
    fn held_back(&self, text: &[u8]) -> usize {
        let mut end = text.len();
        for _ in 0..if self.options.mbox { 2 } else { 1 } {
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
            Found::Separator => (0, Then::NextMessage),
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
        &self,
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
            Some(b'F') if self.options.mbox => {
                let preceded = at > 0 || self.line == Line::AfterEmpty;
                Some(match lines::separator(line, self.eol, eof)? {
                    len if len > 0 && preceded => Found::Separator,
                    _ => Found::Nothing,
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
            return Some(Found::Nothing);
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
        if in_epilogue && let Some(closed) = self.boundaries.closed() {
            if name == closed || name.strip_suffix(b"--") == Some(closed) {
                sink.report(Rule::B031, span);
            }
        } else if let Some(open) = self.boundaries.innermost()
            && let Some(junk) = name.strip_prefix(open)
            && junk.first().is_some_and(|&c| chars::is_wsp(c))
        {
            sink.report(Rule::B021, span);
        }
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
