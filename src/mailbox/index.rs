//! Where each message of an mbox stands, in a file of its own: the Nth message without reading those
//! before it.
//!
//! Contract: the file is text. Its first line is a JSON object that says of which file and of which
//! state of it the index is; each further line has two numbers of 20 digits, padded with spaces: where
//! the message begins, and how many octets it has, both as records have them. All these lines have one
//! length, so the Nth is found without reading the others. An index of another state of the file is
//! refused.
//!
//! What it does not do: notice a change that keeps both the length and the time of the file; say what
//! stands before a message, which a finding may be about (M004).
//!
//! May use: base.

use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tempfile::NamedTempFile;

use super::Error;
use super::write::UNFINISHED;

/// Two numbers, a space and a line end.
const LINE: u64 = 42;

/// LIMIT: a first line longer than this is none of ours.
const FIRST_LINE: u64 = 4096;

/// How an index begins.
const SCHEMA: &str = "{\"schema\":\"septet.index/1\"";

/// An index that is being written.
#[derive(Debug)]
pub struct IndexWriter {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl IndexWriter {
    /// Begins the index `path` of the mbox `source`. Of what has the name already only an index is
    /// replaced, which can be made anew; anything else is an error.
    pub fn create(path: &Path, source: &Path) -> Result<IndexWriter, Error> {
        check_replaceable(path, source).map_err(|error| failed(path, error))?;
        let state = state(source)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let created = NamedTempFile::with_prefix_in(UNFINISHED, folder.unwrap_or(Path::new(".")));
        let created = created.and_then(|file| {
            let mut file = BufWriter::new(file);
            writeln!(file, "{state}")?;
            Ok(file)
        });
        let file = created.map_err(|error| failed(path, error))?;
        Ok(IndexWriter { path: path.to_owned(), file })
    }

    /// The next message begins at `offset` and has `length` octets.
    pub fn push(&mut self, offset: u64, length: u64) -> Result<(), Error> {
        let written = writeln!(self.file, "{offset:>20} {length:>20}");
        written.map_err(|error| failed(&self.path, error))
    }

    /// All messages were pushed: only now the index has its name, instead of what had it before.
    pub fn finish(self) -> Result<(), Error> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error);
        let named = file.and_then(|file| Ok(file.persist(&self.path)?));
        named.map(drop).map_err(|error| failed(&self.path, error))
    }
}

/// Whether there is nothing at `path`, or an index.
fn check_replaceable(path: &Path, source: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let mut first = Vec::new();
    if fs::metadata(path)?.is_file() && fs::canonicalize(path)? != fs::canonicalize(source)? {
        File::open(path)?.take(SCHEMA.len() as u64).read_to_end(&mut first)?;
    }
    match first == SCHEMA.as_bytes() {
        true => Ok(()),
        false => Err(io::Error::other("exists already and is no index, so it is not replaced")),
    }
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::io(&path.to_string_lossy(), error)
}

/// By the index `path`, where the message `number`, counted from 1, of the mbox `source` comes: behind
/// this octet, for [`Source::Behind`](super::Source::Behind). `None` if there are not so many messages.
pub fn find(path: &Path, source: &Path, number: u64) -> Result<Option<u64>, Error> {
    let state = state(source)?;
    let failed = |error| failed(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let mut first = String::new();
    let read = BufReader::new(Read::by_ref(&mut file).take(FIRST_LINE)).read_line(&mut first);
    if read.is_err() || first.strip_suffix('\n') != Some(&state) {
        let what = format!("no index of {} as it is now; make it anew", source.display());
        return Err(failed(io::Error::other(what)));
    }
    let head = first.len() as u64;
    let line_before = number.saturating_sub(2).saturating_mul(LINE).saturating_add(head);
    let len = file.metadata().map_err(failed)?.len();
    let count = if number < 2 { 1 } else { 2 };
    if line_before.saturating_add((count - 1) * LINE) >= len {
        return Ok(None);
    }
    let mut lines = String::new();
    file.seek(SeekFrom::Start(line_before)).map_err(failed)?;
    file.take(count * LINE).read_to_string(&mut lines).map_err(failed)?;
    let damaged = || failed(io::Error::other("a damaged index; make it anew"));
    end_before(&lines, count == 2).map(Some).ok_or_else(damaged)
}

/// Where the message of the first of these lines ends, if it is of the one before.
fn end_before(lines: &str, has_one_before: bool) -> Option<u64> {
    let (before, line) = lines.split_at_checked(if has_one_before { LINE as usize } else { 0 })?;
    let end_before = if has_one_before { numbers(before)?.end } else { 0 };
    (end_before <= numbers(line)?.start).then_some(end_before)
}

fn numbers(line: &str) -> Option<Range<u64>> {
    let (offset, length) = line.strip_suffix('\n')?.trim_start().split_once(' ')?;
    let offset: u64 = offset.parse().ok()?;
    let length: u64 = length.trim_start().parse().ok()?;
    Some(offset..offset.checked_add(length)?)
}

/// What an index says of the file that it is of.
fn state(source: &Path) -> Result<String, Error> {
    let failed = |error| failed(source, error);
    let metadata = fs::metadata(source).map_err(failed)?;
    let nanoseconds = modified(&metadata).map_err(failed)?;
    Ok(format!("{SCHEMA},\"size\":{},\"modified\":\"{nanoseconds}\"}}", metadata.len()))
}

/// Nanoseconds since 1970.
fn modified(metadata: &Metadata) -> io::Result<i128> {
    Ok(match metadata.modified()?.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_message_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("a.mbox"), folder.path().join("a.index"));
        fs::write(&source, "From x").expect("a file");
        let mut index = IndexWriter::create(&path, &source).expect("an index");
        index.push(44, 5).expect("written");
        index.push(90, 9).expect("written");
        index.push(u64::MAX - 9, 9).expect("written");
        index.finish().expect("written");
        let cases = [(1, Some(0)), (2, Some(49)), (3, Some(99)), (4, None), (u64::MAX, None)];
        for (number, expected) in cases {
            assert_eq!(find(&path, &source, number).expect("readable"), expected, "{number}");
        }
    }

    #[test]
    fn only_an_index_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("a.mbox");
        let cases: &[(&str, &str, bool)] = &[
            ("an index", "{\"schema\":\"septet.index/1\",\"size\":9}\n", true),
            ("a list", "{\"schema\":\"septet.extract/1\"}\n", false),
            ("a message", "Subject: x\n\n", false),
            ("an empty file", "", false),
        ];
        fs::write(&source, "From x").expect("a file");
        for &(what, text, expected) in cases {
            let path = folder.path().join("there");
            fs::write(&path, text).expect("a file");
            let index = IndexWriter::create(&path, &source);
            assert_eq!(index.and_then(IndexWriter::finish).is_ok(), expected, "{what}");
            let found = fs::read_to_string(&path).expect("a file");
            assert_eq!(found != text, expected, "{what}");
        }
        assert!(IndexWriter::create(folder.path(), &source).is_err(), "a folder");
        // Even if it begins as an index does.
        fs::write(&source, cases[0].1).expect("a file");
        assert!(IndexWriter::create(&source, &source).is_err(), "the input");
    }

    #[test]
    fn what_is_no_index_of_this_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("a.mbox"), folder.path().join("a.index"));
        fs::write(&source, "From x").expect("a file");
        let mut index = IndexWriter::create(&path, &source).expect("an index");
        index.push(1, 5).expect("written");
        index.finish().expect("written");
        let good = fs::read(&path).expect("readable");
        let cut = &good[..good.len() - 1];
        for (what, octets) in [("cut", cut), ("nothing", b""), ("no index", b"Subject: x\n\n")] {
            fs::write(&path, octets).expect("written");
            assert!(find(&path, &source, 1).is_err(), "{what}");
        }
        fs::write(&path, good).expect("written");
        fs::write(&source, "From x and more").expect("written");
        let error = find(&path, &source, 1).expect_err("another state").to_string();
        assert!(error.ends_with("make it anew"), "{error}");
    }
}
