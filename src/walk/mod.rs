//! The core: octets in, tokens out.
//!
//! [`Walker`] is a state machine without I/O. It is shown the octets that are not consumed yet and
//! answers with the length of the next token, so it has no lifetimes, and **the tokens are a
//! partition of the input**: written one after the other they give it back, whatever it is. Between
//! the tokens it says where parts begin and end. Two thin drivers stand on it: [`Tokens`] over a
//! slice and [`Reader`] over anything that can be read.
//!
//! Contract: total (any octets give a result; what is odd is a finding), linear time, memory bounded
//! by [`Limits`], and the same tokens however the input is cut, once neighbouring pieces of a body
//! are joined. Nesting is a stack, never recursion.
//!
//! What it does not do: decode anything. An encoded message inside a message (illegal, common) is a
//! leaf here; [`structure`](crate::structure) decodes and walks it.
//!
//! Of a mailbox the walker tells where each message ends: by `From ` lines, by Content-Length where
//! that is true, by the lines of MMDF (`docs/leniency.md`). Lines quoted as `>From ` stay as they are.
//!
//! RFC 5322 §2, RFC 2045, RFC 2046 §5, RFC 4155.
//!
//! May use: base, simd, charset, transfer, header.

mod body;
mod boundaries;
mod drive;
mod header;
mod lines;
mod mbox;
#[cfg(test)]
mod tests;

pub use drive::{Event, Reader, Token, Tokens, Window};
pub use lines::{begins_mbox, begins_mmdf, is_separator};
pub use mbox::{first_message_start, last_message_start};

use crate::base::{Eol, Limits, Rule, Sink, Span};
use crate::header::mime::Media;
use crate::simd::scan::Starts;
use crate::transfer::Coding;
use body::{Before, Found};
use boundaries::Boundaries;
use header::Header;
use lines::FromLine;
use mbox::Counted;

/// What a token is. The pieces that a field, a body or an opaque stretch comes in are tokens of the
/// same kind, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The `From ` line that an mbox puts before a message, with its line end.
    FromLine,
    /// A UTF-8 byte order mark before the header.
    Bom,
    /// A header field with its folds and its line end; always whole, unless a limit cuts it (D004).
    Field,
    /// A line in a header that is no field, with its continuation lines.
    Junk,
    /// The empty line that ends a header.
    HeaderEnd,
    /// A piece of the body of a leaf.
    Body,
    /// A piece of what stands before the first delimiter of a multipart.
    Preamble,
    /// A piece of what stands after the close delimiter of a multipart.
    Epilogue,
    /// A delimiter line, with the line end before it (RFC 2046 §5.1.1) and its own.
    Delimiter,
    /// The close delimiter of a multipart, likewise.
    CloseDelimiter,
    /// A piece of what lies beyond a limit.
    Opaque,
    /// The empty line behind a message of an mbox; it belongs to no part.
    Gap,
    /// The line of four SOH before and behind a message of an MMDF mailbox, with its line end; it
    /// belongs to no part and stands between messages, before [`Step::Enter`] or behind the last
    /// [`Step::Leave`].
    Separator,
}

/// What [`Walker::step`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next octets, this many and at least one, are a token of the part [`Walker::part`].
    Token(Kind, usize),
    /// A part begins here; it is [`Walker::part`] from now on.
    Enter,
    /// The header of [`Walker::part`] is over: its media type and coding are known.
    Headed,
    /// [`Walker::part`] ends here.
    Leave,
    /// More octets are needed: call again with all that were not consumed, and more behind them.
    NeedMore,
    /// The message is over, and the next one of the mbox begins with what was not consumed.
    EndOfMessage,
    /// The input is over.
    Done,
}

/// A part while it is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its index in document order, from 0.
    pub index: u32,
    /// The index of the multipart or message that it stands in.
    pub parent: Option<u32>,
    /// How many it stands in.
    pub depth: u32,
    /// Whether it is a whole message: the root, or what a `message/rfc822` holds.
    pub is_message: bool,
    /// Whether it is a message unless its header says otherwise (`multipart/digest`).
    pub in_digest: bool,
    /// What its Content-Type makes of it; known when its header is over. A multipart whose parts
    /// cannot be found, or that lies too deep, is a leaf.
    pub media: Media,
    /// How its body is encoded; known when its header is over. Of no effect on a multipart.
    pub coding: Coding,
}

impl Part {
    /// Whether the walk treats its body as one piece: a leaf, or a message that is encoded.
    pub fn has_own_body(&self) -> bool {
        match self.media {
            Media::Leaf => true,
            Media::Message => !self.coding.is_identity(),
            Media::Multipart { .. } => false,
        }
    }

    /// Whether it holds another message that is walked into by decoding it first.
    pub fn is_encoded_message(&self) -> bool {
        self.media == Media::Message && !self.coding.is_identity() && self.coding != Coding::Unknown
    }
}

/// What stands between the messages of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// Nothing: the input is one message.
    #[default]
    None,
    /// A `From ` line before each message, and an empty line behind it: an mbox of any dialect.
    From,
    /// Lines of four SOH (0x01) before and behind each message: MMDF. Lines end with LF or CRLF.
    Mmdf,
}

impl Separator {
    /// What separates the messages of an input that begins with `head`.
    pub fn of(head: &[u8]) -> Separator {
        if begins_mmdf(head) {
            Separator::Mmdf
        } else if begins_mbox(head) {
            Separator::From
        } else {
            Separator::None
        }
    }
}

/// What a walk looks for beside the structure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What stands between messages: stop where the next one begins.
    pub separator: Separator,
    /// Look for lines in bodies that are nearly delimiters (B023), at some cost.
    pub near_misses: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first octet of a message that is not inside another.
    #[default]
    Start,
    /// Before the `From ` line, the byte order mark or the first field of a message.
    MessageStart,
    /// Before a line of a header.
    Header,
    /// Behind the empty line that ends a header.
    HeaderOver,
    /// In the rest of a field that is too long.
    SkipField,
    /// In the rest of a header that is too long.
    SkipHeader,
    /// In the body of a message/rfc822, before the message in it.
    InnerMessage,
    /// In a body, preamble or epilogue.
    Content,
    /// Behind a delimiter.
    AfterDelimiter,
    /// Behind a message of an MMDF mailbox, before a separator or the next message.
    Separators,
    /// Leaving the parts deeper than `to`.
    Closing { to: usize, then: Then },
    /// Behind the last octet of the input.
    End,
}

/// What follows when the parts that end have been left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Delimiter { len: usize },
    CloseDelimiter { len: usize },
    NextMessage,
    Separators,
    End,
}

/// Where in a line the next octet of a body stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Middle,
    Start,
    AfterEmpty,
}

#[derive(Debug, Default)]
struct Level {
    part: Part,
    /// For a multipart: how far it has come.
    progress: Progress,
    /// Where its body begins.
    body: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    NoDelimiter,
    InParts,
    Closed,
}

/// The state machine. See the [module](self) for what it promises.
#[derive(Debug)]
pub struct Walker {
    limits: Limits,
    options: Options,
    starts: Starts,
    eol: Eol,
    state: State,
    /// Where the octets not consumed yet begin.
    offset: u64,
    /// The open parts are the first `open` ones; the others keep their room.
    levels: Vec<Level>,
    open: usize,
    boundaries: Boundaries,
    header: Header,
    /// How many parts were opened in this message.
    parts: u32,
    /// How far the octets not consumed yet were searched for the end of a field.
    scanned: usize,
    line: Line,
    /// The part on top was left; it is popped with the next step.
    leaving: bool,
    /// The empty line before the next message of the mbox, which belongs to no part.
    gap: u64,
    /// Where the body ends by its Content-Length.
    counted: Counted,
    /// The last `From ` line that was judged: where it stands, what ends lines, whether it was thought
    /// to be preceded by an empty line; and what it is.
    judged: Option<((u64, Eol, bool), FromLine)>,
    /// What stands before the separator of this message of a mailbox.
    before: Before,
    /// Past the limit on parts: everything up to the end of the message is opaque.
    exhausted: bool,
}

impl Walker {
    /// A walker at the start of a message (or of the `From ` line before it).
    pub fn new(limits: Limits, options: Options) -> Walker {
        let mut starts = vec![b'-'];
        match options.separator {
            Separator::None => {}
            Separator::From => starts.push(b'F'),
            Separator::Mmdf => starts.push(1),
        }
        if options.near_misses {
            starts.extend_from_slice(b" \t");
        }
        Walker {
            limits,
            options,
            starts: Starts::new(&starts),
            eol: Eol::Lf,
            state: State::Start,
            offset: 0,
            levels: Vec::new(),
            open: 0,
            boundaries: Boundaries::default(),
            header: Header::default(),
            parts: 0,
            scanned: 0,
            line: Line::Start,
            leaving: false,
            gap: 0,
            counted: Counted::No,
            judged: None,
            before: Before::Gap,
            exhausted: false,
        }
    }

    /// Ready for the next message at [`Walker::offset`], with all room kept.
    pub fn next_message(&mut self) {
        self.state = State::Start;
        (self.open, self.parts, self.scanned) = (0, 0, 0);
        (self.leaving, self.exhausted, self.gap) = (false, false, 0);
        self.counted = Counted::No;
        self.boundaries.clear();
    }

    /// No next message is wanted.
    fn end(&mut self) {
        self.state = State::End;
    }

    /// Ready for another input, with all room kept.
    pub fn reset(&mut self) {
        self.next_message();
        (self.offset, self.before, self.judged) = (0, Before::Gap, None);
    }

    /// The innermost part that is open; the root before there is any.
    pub fn part(&self) -> Part {
        self.open.checked_sub(1).map_or_else(Part::default, |top| self.levels[top].part)
    }

    /// The index of [`Walker::part`].
    #[inline]
    pub(crate) fn part_index(&self) -> u32 {
        self.open.checked_sub(1).map_or(0, |top| self.levels[top].part.index)
    }

    /// How many octets were consumed since the start of the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Between two messages of an mbox: whether an empty line parts them, or the first one says itself
    /// that it ends there.
    fn is_parted(&self) -> bool {
        self.before != Before::Body
    }

    /// What ends a line of this message; known once its first part is entered.
    pub fn eol(&self) -> Eol {
        self.eol
    }

    /// What comes next. `text` is all that was not consumed yet and is at hand; `eof` says that
    /// nothing follows it. A [`Step::Token`] consumes its octets: the next call is to begin behind
    /// them. Never asks for more than [`Limits::field`] octets and some KiB at once.
    pub fn step<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Step {
        if self.leaving {
            self.pop(sink);
        }
        loop {
            let step = match self.state {
                State::Start => self.start(text, eof, sink),
                State::MessageStart => self.message_start(text, eof, sink),
                State::Header => self.header(text, eof, sink),
                State::HeaderOver => self.header_over(Line::AfterEmpty, sink),
                State::SkipField => self.skip_field(text, eof),
                State::SkipHeader => self.skip_header(text, eof, sink),
                State::InnerMessage => self.inner_message(text, eof, sink),
                State::Content => self.content(text, eof, sink),
                State::AfterDelimiter => self.after_delimiter(text, eof, sink),
                State::Separators => self.separators(text, eof),
                State::Closing { to, then } => self.closing(to, then, sink),
                State::End => Some(Step::Done),
            };
            if let Some(step) = step {
                if let Step::Token(_, len) = step {
                    debug_assert!(len > 0 && len <= text.len());
                    self.offset += len as u64;
                    self.scanned = 0;
                }
                return step;
            }
        }
    }

    fn start<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        if text.is_empty() && eof {
            self.state = State::End;
            return None;
        }
        let eol = match self.options.separator {
            Separator::Mmdf => match lines::mmdf_line(text, eof) {
                None => return Some(Step::NeedMore),
                Some(0) => Eol::Lf,
                Some(len) => return Some(Step::Token(Kind::Separator, len)),
            },
            _ => match Eol::detect(text, eof) {
                None => return Some(Step::NeedMore),
                Some(eol) => eol,
            },
        };
        self.eol = eol;
        self.enter(true, sink);
        if eol == Eol::Cr {
            sink.report(Rule::L005, self.span(0, 1));
        }
        self.state = State::MessageStart;
        Some(Step::Enter)
    }

    /// Behind a message of an MMDF mailbox: any number of separators, then the next message.
    fn separators(&mut self, text: &[u8], eof: bool) -> Option<Step> {
        if text.is_empty() && eof {
            self.state = State::End;
            return None;
        }
        Some(match lines::mmdf_line(text, eof) {
            None => Step::NeedMore,
            Some(0) => Step::EndOfMessage,
            Some(len) => Step::Token(Kind::Separator, len),
        })
    }

    fn message_start<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        if self.open == 1 && text.len() < BOM.len() && BOM.starts_with(text) && !eof {
            return Some(Step::NeedMore);
        }
        if self.open == 1 && text.starts_with(BOM) && !self.header.bom {
            self.header.bom = true;
            sink.report(Rule::H027, self.span(0, BOM.len()));
            return Some(Step::Token(Kind::Bom, BOM.len()));
        }
        let Some(len) = lines::from_line(text, self.eol, eof) else { return Some(Step::NeedMore) };
        self.state = State::Header;
        if len == 0 {
            return None;
        }
        let rule = match self.options.separator {
            Separator::Mmdf if self.open == 1 => None,
            Separator::From if self.open == 1 => match self.judgement(text, 0, eof, true) {
                None => {
                    self.state = State::MessageStart;
                    return Some(Step::NeedMore);
                }
                Some(FromLine::Separator) => (self.before == Before::Body).then_some(Rule::M004),
                Some(FromLine::Undated) => Some(Rule::M005),
                Some(_) => Some(Rule::M001),
            },
            _ => Some(Rule::M001),
        };
        if let Some(rule) = rule {
            sink.report(rule, self.span(0, len));
        }
        self.before = Before::Gap;
        Some(Step::Token(Kind::FromLine, len))
    }

    /// The body of a message/rfc822: a message begins here, unless there is nothing at all.
    fn inner_message<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        if text.is_empty() {
            return self.out_of_octets(eof);
        }
        match self.judge_line(text, 0, eof, &mut ()) {
            None => return Some(Step::NeedMore),
            Some(Found::Nothing) => {}
            Some(_) => {
                self.state = State::Content;
                return None;
            }
        }
        self.enter(true, sink);
        self.state = State::MessageStart;
        Some(Step::Enter)
    }

    fn after_delimiter<S: Sink>(&mut self, text: &[u8], eof: bool, sink: &mut S) -> Option<Step> {
        if text.is_empty() {
            if eof {
                sink.report(Rule::B034, self.span(0, 0));
            }
            return self.out_of_octets(eof);
        }
        self.enter(false, sink);
        self.state = State::Header;
        if self.parts > self.limits.parts {
            sink.report(Rule::D002, self.span(0, 0));
            self.exhausted = true;
            self.state = State::Content;
        }
        Some(Step::Enter)
    }

    /// Opens a part below the innermost one.
    fn enter<S: Sink>(&mut self, is_message: bool, sink: &mut S) {
        let outer = self.open.checked_sub(1).map(|top| self.levels[top].part);
        let part = Part {
            index: self.parts,
            parent: outer.map(|outer| outer.index),
            depth: self.open as u32,
            is_message,
            in_digest: outer.is_some_and(|p| p.media == Media::Multipart { digest: true }),
            media: Media::Leaf,
            coding: Coding::SevenBit,
        };
        if self.open == self.levels.len() {
            self.levels.push(Level::default());
        }
        self.levels[self.open] = Level { part, progress: Progress::NoDelimiter, body: 0 };
        self.open += 1;
        self.parts += 1;
        self.header.begin(self.offset);
        self.line = Line::Start;
        self.scanned = 0;
        sink.part(part.index);
        if part.depth == 100 {
            sink.report(Rule::D010, self.span(0, 0));
        }
    }

    /// Leaves parts one by one, then does what they were left for.
    fn closing<S: Sink>(&mut self, to: usize, then: Then, sink: &mut S) -> Option<Step> {
        if self.open > to {
            self.report_unclosed(then, sink);
            self.leaving = true;
            return Some(Step::Leave);
        }
        match then {
            Then::Delimiter { len } => {
                self.levels[to - 1].progress = Progress::InParts;
                self.state = State::AfterDelimiter;
                Some(Step::Token(Kind::Delimiter, len))
            }
            Then::CloseDelimiter { len } => {
                self.levels[to - 1].progress = Progress::Closed;
                self.boundaries.pop(to - 1);
                self.state = State::Content;
                self.line = Line::Start;
                Some(Step::Token(Kind::CloseDelimiter, len))
            }
            Then::NextMessage => Some(Step::EndOfMessage),
            Then::Separators => {
                self.state = State::Separators;
                None
            }
            Then::End => {
                self.state = State::End;
                None
            }
        }
    }

    fn report_unclosed<S: Sink>(&self, then: Then, sink: &mut S) {
        let top = &self.levels[self.open - 1];
        if !matches!(top.part.media, Media::Multipart { .. }) {
            return;
        }
        let end = self.offset - self.gap;
        let rule = match (top.progress, then) {
            (Progress::Closed, _) => return,
            // A line end is nothing to disagree about.
            (Progress::NoDelimiter, _) if end <= top.body + 2 => Rule::B036,
            (Progress::NoDelimiter, _) => Rule::B035,
            (_, Then::Delimiter { .. } | Then::CloseDelimiter { .. }) => Rule::B032,
            _ => Rule::B030,
        };
        sink.report(rule, Span::new(end, end));
    }

    fn pop<S: Sink>(&mut self, sink: &mut S) {
        self.leaving = false;
        self.open -= 1;
        self.boundaries.pop(self.open);
        if let Some(top) = self.open.checked_sub(1) {
            sink.part(self.levels[top].part.index);
        }
    }

    /// No octet is at hand: more are needed, or all parts end.
    fn out_of_octets(&mut self, eof: bool) -> Option<Step> {
        if !eof {
            return Some(Step::NeedMore);
        }
        self.state = State::Closing { to: 0, then: Then::End };
        None
    }

    /// The span from `start` to `end`, counted from the octets not consumed yet.
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.offset + start as u64, self.offset + end as u64)
    }
}
