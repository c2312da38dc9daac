//! Where a run that was interrupted had come to: its output says so itself.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};

use crate::record::{Fields, Key};

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

/// Opens JSON Lines with these fields to go on with them: the line that was not finished is gone, and
/// the place of the last one is told; none if there is no line.
pub(super) fn open(path: &Path, fields: Fields) -> io::Result<(File, Option<Place>)> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let len = file.metadata()?.len();
    let end = line_end_before(&mut file, len)?;
    let start = line_end_before(&mut file, end.saturating_sub(1))?;
    file.seek(SeekFrom::Start(start))?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(SCHEMA.len() as u64).read_to_end(&mut head)?;
    let place = match end {
        0 if SCHEMA.starts_with(&head) => None,
        _ if head != SCHEMA || end == 0 => return Err(foreign()),
        _ => {
            file.seek(SeekFrom::Start(start))?;
            let line = Read::by_ref(&mut file).take(end - start);
            let record = record(BufReader::new(line)).ok_or_else(foreign)?;
            if !record.has(fields) {
                return Err(io::Error::other("was written with other --fields: cannot go on"));
            }
            Some(record.place)
        }
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

/// What a record tells of how it was written.
struct Record {
    place: Place,
    /// Its keys, but for those that any record has or may have.
    keys: BTreeSet<String>,
    /// Its message could not be read to its end.
    is_broken_off: bool,
}

impl Record {
    /// Whether a record with these fields has the same keys.
    fn has(&self, fields: Fields) -> bool {
        let of_parts = fields.has_parts().then_some("parts");
        let names = fields.keys().map(Key::name).filter(|name| !name.starts_with("parts."));
        let expected: BTreeSet<&str> = names.chain(of_parts).collect();
        self.is_broken_off || self.keys.iter().eq(&expected)
    }
}

/// Reads a record; what its keys stand for is passed over, but for its place.
fn record(line: impl Read) -> Option<Record> {
    serde_json::Deserializer::from_reader(line).deserialize_map(RecordVisitor).ok()
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let (mut source, mut message, mut offset) = (None, None, None);
        let (mut keys, mut is_broken_off) = (BTreeSet::new(), false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "source" => source = Some(map.next_value()?),
                "message" => message = Some(map.next_value()?),
                "offset" => offset = Some(map.next_value()?),
                "length" => is_broken_off = map.next_value::<Option<u64>>()?.is_none(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    if !["schema", "truncated", "lossy"].contains(&key.as_str()) {
                        keys.insert(key);
                    }
                }
            }
        }
        let missing = || A::Error::custom("no place");
        let place = Place {
            source: source.ok_or_else(missing)?,
            message: message.ok_or_else(missing)?,
            offset: offset.ok_or_else(missing)?,
        };
        Ok(Record { place, keys, is_broken_off })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    const TEXT: Fields = Fields::NONE.with(Key::Text);

    fn line(message: u64) -> String {
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
        let (one, two) = (line(1), line(2));
        let both = format!("{one}{two}");
        let flowed = line(3).replace(",\"length\":9", "");
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
            let (mut file, place) = open(&path, TEXT).expect("readable");
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
            assert!(open(&path, TEXT).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).expect("readable"), text);
        }
    }

    #[test]
    fn other_fields_are_told() {
        let parts = Fields::NONE.with(Key::PartSize).with(Key::PartType);
        let cases: &[(&str, &str, Fields, bool)] = &[
            ("the same", ",\"text\":\"{\\\"id\\\":1}\"", TEXT, true),
            ("and no text", ",\"text\":null,\"truncated\":true,\"lossy\":true", TEXT, true),
            ("none", "", Fields::NONE, true),
            ("parts", ",\"parts\":[{\"size\":1}]", parts, true),
            ("one less", ",\"text\":\"\"", TEXT.with(Key::Id), false),
            ("one more", ",\"id\":null,\"text\":\"\"", TEXT, false),
            ("another", ",\"html\":\"\"", TEXT, false),
            ("one inside", ",\"id\":{\"text\":\"\"}", TEXT, false),
            ("no parts", "", parts, false),
        ];
        for &(what, members, fields, expected) in cases {
            let place = r#"{"schema":"septet.record/1","source":"a","message":1,"offset":0"#;
            for text in [
                format!("{place},\"length\":1{members}}}\n"),
                format!("{place}{members},\"length\":1}}\n"),
            ] {
                let record = record(text.as_bytes()).expect("a record");
                assert_eq!(record.has(fields), expected, "{what}");
            }
        }
        let text = r#"{"source":"a","message":1,"offset":0,"text":"","length":null}"#;
        assert!(record(text.as_bytes()).expect("a record").has(TEXT.with(Key::Id)), "broken off");
    }

    #[test]
    fn places_in_archives() {
        let place = Place { source: "a.zip!b".into(), message: 1, offset: 0 };
        for (name, expected) in [("a.zip", true), ("a.zip!b", true), ("a", false), ("b", false)] {
            assert_eq!(place.is_in(name), expected, "{name}");
        }
    }
}
