//! A stretch of an mbox: the messages that begin in a range of its octets, so that several programs
//! can share one file without an index.
//!
//! Contract: ranges that partition the file partition its messages. A message begins with its `From `
//! line, and there an empty line must stand before it: with one that has none goes the message before
//! it. Only the octets around the ends of the range are read to find them, unless the mbox has
//! Content-Length fields: then it is walked from its start, for only that tells.
//!
//! LIMIT: whether it has such fields is told by its first 64 KiB. An mbox whose lines end with CR is
//! not parted.
//!
//! RFC 4155.
//!
//! May use: base, walk.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use super::Format;
use super::cuts::{self, BEFORE, Gap, has_content_length};
use crate::base::Limits;
use crate::walk::{Event, Options, Reader, Separator};

/// How much is read at a time to find where a message begins.
const BLOCK: u64 = 256 << 10;

/// What must stand behind the place where a message begins, to tell that it does.
const BEHIND: u64 = 8 << 10;

/// Where the messages stand that begin in `range` of a file, whose first octets are `head`.
pub(super) fn messages(
    file: &mut File,
    format: Format,
    head: &[u8],
    range: Range<u64>,
) -> io::Result<Range<u64>> {
    let len = file.metadata()?.len();
    let mut place = |at: u64| match format.separator() {
        _ if at == 0 => Ok(0),
        _ if at >= len => Ok(len),
        Separator::None => Ok(len),
        separator if has_content_length(head) => walked(file, separator, at, len),
        separator => told(file, separator, at, len),
    };
    let start = place(range.start)?;
    let end = if range.end <= range.start { start } else { place(range.end)? };
    Ok(start..end)
}

/// The first place from `at` on where the octets tell that a message begins.
fn told(file: &mut File, separator: Separator, at: u64, len: u64) -> io::Result<u64> {
    let mut block = Vec::new();
    let mut from = at.saturating_sub(BEFORE as u64);
    loop {
        file.seek(SeekFrom::Start(from))?;
        block.clear();
        let count = Read::by_ref(file).take(BLOCK).read_to_end(&mut block)? as u64;
        let is_last = from + count >= len || count <= BEHIND;
        let is_right = |start: usize| from + start as u64 >= at;
        match cuts::first_start(&block, separator, is_last, is_right) {
            Some(start) => return Ok(from + start as u64),
            None if is_last => return Ok(len),
            None => from += count - BEHIND,
        }
    }
}

/// The first place from `at` on where the walk begins a message.
fn walked(file: &mut File, separator: Separator, at: u64, len: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let options = Options { separator, near_misses: false };
    let mut reader = Reader::new(file, Limits::default(), options);
    let mut gap = Gap::default();
    while let Some(event) = reader.next(&mut ())? {
        match event {
            Event::Token(token) => gap.pass(token.octets),
            Event::EndOfMessage if gap.is_there() => {
                let offset = reader.walker().offset();
                if offset >= at {
                    return Ok(offset);
                }
            }
            _ => {}
        }
    }
    Ok(len)
}

/// Where the `From ` line stands of the message that comes behind `end_before` in a file, where the one
/// before it ends: only empty lines are between.
///
/// LIMIT: it is looked for in [`BLOCK`] octets.
pub(super) fn start(file: &mut File, end_before: u64) -> io::Result<u64> {
    let mut block = Vec::new();
    file.seek(SeekFrom::Start(end_before))?;
    Read::by_ref(file).take(BLOCK).read_to_end(&mut block)?;
    let empty = block.len() - block.trim_ascii_start().len();
    Ok(end_before + empty as u64)
}
