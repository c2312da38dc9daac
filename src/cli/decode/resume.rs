//! Where a run that was interrupted had come to: its output says so itself.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;

/// A record's place is told within so many octets of its line.
const HEAD: u64 = 64 << 10;

/// How much is read at a time, from the end on.
const BLOCK: u64 = 64 << 10;

/// The message of the last record that was written whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: String,
    pub(super) message: u64,
    pub(super) offset: u64,
}

impl Place {
    pub(super) fn is(&self, source: &str, message: u64) -> bool {
        self.source == source && self.message == message
    }

    /// Whether the source called `name` holds the message, itself or in an archive.
    pub(super) fn is_in(&self, name: &str) -> bool {
        let rest = self.source.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.source, self.message)
    }
}

/// How a record begins.
const SCHEMA: &[u8] = b"{\"schema\":\"septet.record/1\",";

/// What of a record tells its place.
#[derive(Deserialize)]
struct Head {
    source: String,
    message: u64,
    offset: u64,
}

/// Opens JSON Lines to go on with them: the line that was not finished is gone, and the place of the
/// last one is told; none if there is no line.
pub(super) fn open(path: &Path) -> io::Result<(File, Option<Place>)> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let len = file.metadata()?.len();
    let end = line_end_before(&mut file, len)?;
    let start = line_end_before(&mut file, end.saturating_sub(1))?;
    file.seek(SeekFrom::Start(start))?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(HEAD).read_to_end(&mut head)?;
    let place = match end {
        0 if head.starts_with(SCHEMA) || SCHEMA.starts_with(&head) => None,
        0 => return Err(foreign()),
        _ => Some(place(&head).ok_or_else(foreign)?),
    };
    file.set_len(end)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, place))
}

fn foreign() -> io::Error {
    io::Error::other("its last line is no record: cannot go on with it")
}

/// Where the line ends that is the last one to end at or before `end`; 0 if none does.
fn line_end_before(file: &mut File, mut end: u64) -> io::Result<u64> {
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = memchr::memrchr(b'\n', &block) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The place that the first members of a record tell.
fn place(head: &[u8]) -> Option<Place> {
    if !head.starts_with(SCHEMA) {
        return None;
    }
    // A name may hold what looks like the key, but not with this quote before it.
    const OFFSET: &[u8] = b",\"offset\":";
    let digits = memchr::memmem::find(head, OFFSET)? + OFFSET.len();
    let end = digits + head[digits..].iter().position(|c| !c.is_ascii_digit())?;
    let whole = [&head[..end], b"}"].concat();
    let Head { source, message, offset } = serde_json::from_slice(&whole).ok()?;
    Some(Place { source, message, offset })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn record(message: u64) -> String {
        format!(
            "{{\"schema\":\"septet.record/1\",\"source\":\"a,\\\"length\\\":.mbox\",\
             \"message\":{message},\"offset\":{},\"length\":9,\"text\":\"{}\"}}\n",
            message * 10,
            "x".repeat(100_000)
        )
    }

    #[test]
    fn goes_on_behind_the_last_whole_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        let (one, two) = (record(1), record(2));
        let both = format!("{one}{two}");
        let flowed = record(3).replace(",\"length\":9", "");
        let cases: &[(&str, &str, Option<u64>, usize)] = &[
            ("nothing", "", None, 0),
            ("half a line", &one[..99], None, 0),
            ("one line", &one, Some(1), one.len()),
            ("one and a half", &both[..both.len() - 1], Some(1), one.len()),
            ("two", &both, Some(2), both.len()),
            ("a length behind the text", &flowed, Some(3), flowed.len()),
        ];
        for &(what, text, message, len) in cases {
            fs::write(&path, text).expect("written");
            let (mut file, place) = open(&path).expect("readable");
            assert_eq!(place.as_ref().map(|it| it.message), message, "{what}");
            assert_eq!(place.as_ref().map(|it| it.offset), message.map(|it| it * 10), "{what}");
            assert!(place.is_none_or(|it| it.source == "a,\"length\":.mbox"), "{what}");
            file.write_all(b"more").expect("written");
            let expected = format!("{}more", &text[..len]);
            assert_eq!(fs::read_to_string(&path).expect("readable"), expected, "{what}");
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        for text in ["{\"a\":1}\n", "{\"a\":1}\n{", "no line"] {
            fs::write(&path, text).expect("written");
            assert!(open(&path).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
    }

    #[test]
    fn places_in_archives() {
        let place = Place { source: "a.zip!b".into(), message: 1, offset: 0 };
        for (name, expected) in [("a.zip", true), ("a.zip!b", true), ("a", false), ("b", false)] {
            assert_eq!(place.is_in(name), expected, "{name}");
        }
    }
}
