//! The plan carried out: a reader that gives the converted message, octet by octet the original but
//! for the edits.
//!
//! Contract: memory is one window, whatever the size of the bodies. The source is read once, in
//! order.

use std::io::{self, Read, Write};

use super::body::{Lines, Recode};
use super::plan::{Edit, Plan, With};
use crate::base::{Eol, LINE};
use crate::simd;
use crate::transfer::{Coding, Decoder, Encoder, Layout, LineEnd};

/// LIMIT: CRs that are taken for a piece of the line end behind them.
const CRS: u64 = 1024;

/// Octets read at a time.
const WINDOW: usize = 64 * 1024;

/// Reads the message that a plan was made of, converted.
#[derive(Debug)]
pub(super) struct Rewriter<'p, R> {
    plan: &'p Plan,
    source: R,
    /// How far the source has been read.
    at: u64,
    /// The edit that comes next, or is being done.
    next: usize,
    doing: Doing,
    window: Vec<u8>,
    out: Vec<u8>,
    /// How far `out` has been handed out.
    given: usize,
    line_ends: Option<LineEnds>,
    /// Octets that each change takes.
    sizes: Vec<u64>,
}

#[derive(Debug)]
enum Doing {
    Copying,
    Recoding(Box<Recoder>),
    Masking(Mask),
    Over,
}

impl<'p, R: Read> Rewriter<'p, R> {
    /// The message that `source` holds, converted as `plan` says.
    pub(super) fn new(plan: &'p Plan, source: R) -> Rewriter<'p, R> {
        Rewriter {
            plan,
            source,
            at: 0,
            next: 0,
            doing: Doing::Copying,
            window: vec![0; plan.length.clamp(1, WINDOW as u64) as usize],
            out: Vec::new(),
            given: 0,
            line_ends: plan.eol.map(|eol| LineEnds::new(eol, true)),
            sizes: vec![0; plan.changes.len()],
        }
    }

    /// Octets that each change of the plan takes; complete when everything has been read.
    pub(super) fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Writes all of it.
    pub(super) fn write_to(mut self, out: &mut impl Write) -> io::Result<()> {
        while !matches!(self.doing, Doing::Over) {
            self.step()?;
            out.write_all(&self.out)?;
            self.given = self.out.len();
        }
        Ok(())
    }

    /// Puts more into `out`.
    fn step(&mut self) -> io::Result<()> {
        self.out.drain(..self.given);
        self.given = 0;
        let before = self.out.len();
        let plan = self.plan;
        let edit = plan.edits.get(self.next);
        let is_doing = !matches!(self.doing, Doing::Copying | Doing::Over);
        match edit {
            Some(edit) if self.at >= edit.span.start || is_doing => {
                self.edit(edit)?;
                self.sizes[edit.change] += (self.out.len() - before) as u64;
            }
            _ => self.copy(edit.map(|edit| edit.span.start))?,
        }
        Ok(())
    }

    /// Copies up to `end`, or to the end of the source.
    fn copy(&mut self, end: Option<u64>) -> io::Result<()> {
        let len = self.read(end)?;
        if len == 0 {
            if let Some(line_ends) = &mut self.line_ends {
                line_ends.finish(&mut self.out);
            }
            if end.is_some() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.doing = Doing::Over;
            return Ok(());
        }
        match &mut self.line_ends {
            Some(line_ends) => line_ends.push(&self.window[..len], &mut self.out),
            None => self.out.extend_from_slice(&self.window[..len]),
        }
        Ok(())
    }

    /// Reads into the window, at most to `end`.
    fn read(&mut self, end: Option<u64>) -> io::Result<usize> {
        let whole = self.window.len() as u64;
        let room = end.map_or(whole, |end| (end - self.at).min(whole)) as usize;
        let len = read_some(&mut self.source, &mut self.window[..room])?;
        self.at += len as u64;
        Ok(len)
    }

    /// Goes on with the edit, which is the next.
    fn edit(&mut self, edit: &Edit) -> io::Result<()> {
        if matches!(self.doing, Doing::Copying) {
            if let Some(line_ends) = &mut self.line_ends {
                line_ends.finish(&mut self.out);
            }
            self.doing = match &edit.with {
                With::Octets(octets) => {
                    self.out.extend_from_slice(octets);
                    Doing::Masking(Mask::Nothing)
                }
                With::Body(recode) => {
                    Doing::Recoding(Box::new(Recoder::new(recode, self.plan.line_end)))
                }
                With::Mask => Doing::Masking(Mask::new(self.plan.line_end, self.plan.eol)),
            };
        }
        if self.at < edit.span.end {
            let len = self.read(Some(edit.span.end))?;
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match &mut self.doing {
                Doing::Recoding(recoder) => recoder.push(&self.window[..len], &mut self.out),
                Doing::Masking(mask) => mask.push(&self.window[..len], &mut self.out),
                Doing::Copying | Doing::Over => {}
            }
            return Ok(());
        }
        match std::mem::replace(&mut self.doing, Doing::Copying) {
            Doing::Recoding(recoder) => recoder.finish(&mut self.out),
            Doing::Masking(mut mask) => mask.finish(&mut self.out),
            Doing::Copying | Doing::Over => {}
        }
        self.next += 1;
        Ok(())
    }
}

fn read_some(source: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl<R: Read> Read for Rewriter<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() && !matches!(self.doing, Doing::Over) {
            self.step()?;
        }
        let len = room.len().min(self.out.len() - self.given);
        room[..len].copy_from_slice(&self.out[self.given..self.given + len]);
        self.given += len;
        Ok(len)
    }
}

/// A body on its way from one coding to another.
#[derive(Debug)]
struct Recoder {
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    lines: Option<LineEnds>,
    mended: Vec<u8>,
    encoder: Encoder,
    /// A line end that is not written before it is known that something follows: a delimiter brings
    /// its own.
    held: Option<Vec<u8>>,
    line_end: LineEnd,
}

impl Recoder {
    fn new(recode: &Recode, line_end: LineEnd) -> Recoder {
        let guards = !recode.from.is_identity();
        let layout = Layout { line_end, content: recode.content, guards, ..Layout::default() };
        let lines = match recode.lines {
            Lines::Exact => None,
            // Quoted-printable knows what a line is.
            Lines::Canonical => (recode.to == Coding::Base64).then_some(LineEnd::CrLf),
            Lines::Message => Some(line_end),
        };
        let holds = recode.before_delimiter && recode.to == Coding::Base64;
        Recoder {
            decoder: (!recode.from.is_identity()).then(|| Decoder::new(recode.from, Eol::Lf)),
            decoded: Vec::new(),
            lines: lines.map(|line_end| LineEnds::new(line_end, false)),
            mended: Vec::new(),
            encoder: Encoder::new(recode.to, &layout),
            held: holds.then(Vec::new),
            line_end,
        }
    }

    fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        match &mut self.decoder {
            None => self.content(octets, out),
            Some(decoder) => {
                let mut decoded = std::mem::take(&mut self.decoded);
                decoded.clear();
                decoder.decode(octets, &mut decoded, &mut ());
                self.content(&decoded, out);
                self.decoded = decoded;
            }
        }
    }

    fn content(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let octets = match &mut self.lines {
            None => octets,
            Some(lines) => {
                self.mended.clear();
                lines.push(octets, &mut self.mended);
                &self.mended
            }
        };
        if let Some(held) = &mut self.held {
            out.append(held);
        }
        self.encoder.encode(octets, out);
        self.hold(out);
    }

    /// Keeps the line end that `out` ends with.
    fn hold(&mut self, out: &mut Vec<u8>) {
        let line_end = self.line_end.as_bytes();
        if let Some(held) = &mut self.held
            && out.ends_with(line_end)
        {
            out.truncate(out.len() - line_end.len());
            held.extend_from_slice(line_end);
        }
    }

    fn finish(mut self: Box<Self>, out: &mut Vec<u8>) {
        if let Some(mut decoder) = self.decoder.take() {
            let mut decoded = Vec::new();
            decoder.finish(&mut decoded, &mut ());
            self.content(&decoded, out);
        }
        if let Some(lines) = &mut self.lines {
            self.mended.clear();
            lines.finish(&mut self.mended);
            if !self.mended.is_empty() {
                if let Some(held) = &mut self.held {
                    out.append(held);
                }
                self.encoder.encode(&self.mended, out);
            }
        }
        let Recoder { encoder, held, line_end, .. } = *self;
        let mut rest = Vec::new();
        encoder.finish(&mut rest);
        let Some(held) = held else { return out.append(&mut rest) };
        if !rest.is_empty() {
            out.extend_from_slice(&held);
            out.append(&mut rest);
            if out.ends_with(line_end.as_bytes()) {
                out.truncate(out.len() - line_end.as_bytes().len());
            }
        }
    }
}

/// Makes all line ends the same: CRLF and LF are line ends, a CR without LF is data.
#[derive(Debug)]
struct LineEnds {
    line_end: LineEnd,
    /// All CRs before an LF belong to the line end: otherwise, where that becomes LF, the next CR
    /// would be taken for half of a line end.
    takes_all: bool,
    /// CRs that were read and not written yet.
    crs: u64,
}

impl LineEnds {
    fn new(line_end: LineEnd, takes_all: bool) -> LineEnds {
        LineEnds { line_end, takes_all, crs: 0 }
    }

    fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let mut rest = octets;
        while let [c, after @ ..] = rest {
            if self.crs == 0 && *c != b'\r' {
                let taken = match self.line_end {
                    LineEnd::CrLf => simd::crlf::to_crlf(rest, out),
                    LineEnd::Lf => simd::crlf::to_lf(rest, out),
                };
                rest = &rest[taken..];
            } else {
                self.step(*c, out);
                rest = after;
            }
        }
    }

    /// Takes a CR, or what stands behind one.
    fn step(&mut self, c: u8, out: &mut Vec<u8>) {
        match c {
            b'\r' => {
                self.crs += 1;
                if self.crs > if self.takes_all { CRS } else { 1 } {
                    self.crs -= 1;
                    out.push(b'\r');
                }
            }
            b'\n' => {
                self.crs = if self.takes_all { 0 } else { self.crs.saturating_sub(1) };
                self.finish(out);
                out.extend_from_slice(self.line_end.as_bytes());
            }
            _ => {
                self.finish(out);
                out.push(c);
            }
        }
    }

    /// Writes the CRs that belong to no line end.
    fn finish(&mut self, out: &mut Vec<u8>) {
        for _ in 0..std::mem::take(&mut self.crs) {
            out.push(b'\r');
        }
    }
}

/// Replaces what 7bit data must not have, and breaks lines that are too long.
#[derive(Debug)]
enum Mask {
    /// Nothing is written at all.
    Nothing,
    Replace {
        line_end: LineEnd,
        eol: Option<LineEnd>,
        column: usize,
        after_cr: bool,
    },
}

impl Mask {
    /// Lines that are broken get `line_end`, the others `eol`, or keep theirs.
    fn new(line_end: LineEnd, eol: Option<LineEnd>) -> Mask {
        Mask::Replace { line_end, eol, column: 0, after_cr: false }
    }

    fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        let Mask::Replace { line_end, eol, column, after_cr } = self else { return };
        for &c in octets {
            if std::mem::take(after_cr) {
                if c == b'\n' {
                    out.extend_from_slice(eol.map_or(b"\r\n", |eol| eol.as_bytes()));
                    *column = 0;
                    continue;
                }
                put(b'?', *line_end, column, out);
            }
            match c {
                b'\r' => *after_cr = true,
                b'\n' => {
                    out.extend_from_slice(eol.map_or(b"\n", |eol| eol.as_bytes()));
                    *column = 0;
                }
                0 | 0x80.. => put(b'?', *line_end, column, out),
                _ => put(c, *line_end, column, out),
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if let Mask::Replace { line_end, column, after_cr: true, .. } = self {
            put(b'?', *line_end, column, out);
        }
    }
}

/// `octets` with these line ends.
pub(super) fn with_line_ends(octets: &[u8], line_end: LineEnd) -> Vec<u8> {
    let mut line_ends = LineEnds::new(line_end, true);
    let mut out = Vec::new();
    line_ends.push(octets, &mut out);
    line_ends.finish(&mut out);
    out
}

/// `octets` without what 7bit data must not have.
pub(super) fn masked(octets: &[u8], line_end: LineEnd, eol: Option<LineEnd>) -> Vec<u8> {
    let mut mask = Mask::new(line_end, eol);
    let mut out = Vec::new();
    mask.push(octets, &mut out);
    mask.finish(&mut out);
    out
}

/// Writes an octet; in a new line, if it is one too many. That line begins with a space, so it is no
/// delimiter, no separator and no field.
fn put(c: u8, line_end: LineEnd, column: &mut usize, out: &mut Vec<u8>) {
    if *column == LINE {
        out.extend_from_slice(line_end.as_bytes());
        out.push(b' ');
        *column = 1;
    }
    out.push(c);
    *column += 1;
}

/// A message whose lines end with CR, as one whose lines end with CRLF.
#[derive(Debug)]
pub(super) struct CrAsCrlf<R> {
    source: R,
    window: Vec<u8>,
    out: Vec<u8>,
    given: usize,
    after_cr: bool,
}

impl<R: Read> CrAsCrlf<R> {
    /// The octets of `source`, an LF put behind each CR that has none.
    pub(super) fn new(source: R) -> CrAsCrlf<R> {
        CrAsCrlf { source, window: vec![0; WINDOW], out: Vec::new(), given: 0, after_cr: false }
    }
}

impl<R: Read> Read for CrAsCrlf<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given == self.out.len() {
            let len = read_some(&mut self.source, &mut self.window)?;
            self.out.clear();
            self.given = 0;
            for &c in &self.window[..len] {
                if std::mem::replace(&mut self.after_cr, c == b'\r') && c != b'\n' {
                    self.out.push(b'\n');
                }
                self.out.push(c);
            }
            if len == 0 && std::mem::take(&mut self.after_cr) {
                self.out.push(b'\n');
            }
        }
        let len = room.len().min(self.out.len() - self.given);
        room[..len].copy_from_slice(&self.out[self.given..self.given + len]);
        self.given += len;
        Ok(len)
    }
}
