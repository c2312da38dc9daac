//! Records as rows of a table: what CSV has room for.
//!
//! A cell is text. Addresses are written as in a message with commas between them, ids with spaces
//! between them; what has a structure of its own (parts, findings, headers) is its JSON.

use std::io::{self, Write};

use csv::{Writer, WriterBuilder};
use serde_json::{Map, Value};

use crate::cli::out;
use crate::record::{Fields, Key};

/// How a table is written.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The names of the columns behind the place of the message.
    columns: Vec<&'static str>,
    delimiter: u8,
    cells: Cells,
}

/// What is done with the text of a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    /// What a spreadsheet would take for a formula is disarmed.
    pub(super) are_safe: bool,
    /// They go to a terminal: what would control it is escaped.
    pub(super) are_shown: bool,
}

/// The columns that every table begins with: the place of the message.
const PLACE: [&str; 4] = ["source", "message", "offset", "length"];

impl Table {
    pub(super) fn new(fields: Fields, delimiter: u8, cells: Cells) -> Table {
        let mut columns: Vec<&str> = Vec::new();
        for key in fields.keys() {
            // What parts have stands together in one cell.
            let name = key.name().split('.').next().unwrap_or_default();
            if columns.last() != Some(&name) {
                columns.push(name);
            }
        }
        Table { columns, delimiter, cells }
    }

    /// What is in a table unless somebody asks for other fields: what a person would look at.
    pub(super) fn default_fields() -> Fields {
        let keys = [Key::Id, Key::Date, Key::From, Key::To, Key::Cc, Key::Subject, Key::Text];
        keys.into_iter().fold(Fields::NONE, Fields::with)
    }

    /// The row of names.
    pub(super) fn header(&self, to: &mut impl Write) -> io::Result<()> {
        let mut writer = self.writer(to);
        writer.write_record(PLACE.iter().chain(&self.columns)).map_err(io::Error::from)?;
        writer.flush()
    }

    /// The cells of the place of a message, and what separates them from the others.
    pub(super) fn place(
        &self,
        source: &str,
        [message, offset, length]: [u64; 3],
        to: &mut impl Write,
    ) -> io::Result<()> {
        let mut row = Vec::new();
        let numbers = [message, offset, length].map(|number| number.to_string());
        let mut writer = self.writer(&mut row);
        let cells = std::iter::once(self.cell(source.to_owned())).chain(numbers);
        writer.write_record(cells).map_err(io::Error::from)?;
        writer.flush()?;
        drop(writer);
        // Without the line end: more follows.
        to.write_all(row.strip_suffix(b"\r\n").unwrap_or(&row))?;
        if self.columns.is_empty() { Ok(()) } else { to.write_all(&[self.delimiter]) }
    }

    fn writer<W: Write>(&self, to: W) -> Writer<W> {
        // RFC 4180 ends lines with CRLF.
        let terminator = csv::Terminator::CRLF;
        WriterBuilder::new().delimiter(self.delimiter).terminator(terminator).from_writer(to)
    }

    /// A cell that no spreadsheet takes for a formula, whatever width its signs have.
    fn cell(&self, text: String) -> String {
        const SIGNS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
        let is_formula = text.starts_with(SIGNS);
        let text = if self.cells.are_safe && is_formula { format!("'{text}") } else { text };
        if self.cells.are_shown { out::escape_block(&text).into_owned() } else { text }
    }
}

/// Writes the row of a record behind the place of its message; `record` is a JSON object.
pub(super) fn write(table: &Table, record: &[u8], to: &mut impl Write) -> io::Result<()> {
    let record: Map<String, Value> = serde_json::from_slice(record)?;
    if table.columns.is_empty() {
        return to.write_all(b"\r\n");
    }
    let cell = |name: &&str| table.cell(record.get(*name).map_or_else(String::new, text));
    let mut writer = table.writer(to);
    writer.write_record(table.columns.iter().map(cell)).map_err(io::Error::from)?;
    writer.flush()
}

/// What stands in a cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let ids: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            ids.join(" ")
        }
        Value::Array(list) if list.iter().all(|it| it.get("address").is_some()) => {
            let addresses: Vec<String> = list.iter().filter_map(address).collect();
            addresses.join(", ")
        }
        _ => value.to_string(),
    }
}

/// An address as it stands in a message; nothing of an empty group.
fn address(value: &Value) -> Option<String> {
    let name = value.get("name").and_then(Value::as_str);
    let address = value.get("address").and_then(Value::as_str);
    match (name, address) {
        (Some(name), Some(address)) => {
            let name = name.replace('\\', "\\\\").replace('"', "\\\"");
            Some(format!("\"{name}\" <{address}>"))
        }
        (None, Some(address)) => Some(address.to_owned()),
        (Some(name), None) => Some(name.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(is_safe: bool, record: &str) -> String {
        let fields =
            [Key::From, Key::Subject, Key::References].into_iter().fold(Fields::NONE, Fields::with);
        let cells = Cells { are_safe: is_safe, are_shown: false };
        let table = Table::new(fields, b',', cells);
        let mut out = Vec::new();
        table.place("a,b.mbox", [1, 2, 3], &mut out).expect("written");
        write(&table, record.as_bytes(), &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn rows() {
        let cases: &[(&str, bool, &str, &str)] = &[
            (
                "addresses and ids",
                true,
                r#"{"from":[{"name":"A \"B\"","address":"a@b","group":null},{"name":null,"address":"c@d","group":null}],"subject":"x","references":["1@x","2@x"]}"#,
                "\"\"\"A \\\"\"B\\\"\"\"\" <a@b>, c@d\",x,1@x 2@x",
            ),
            ("nothing", true, r#"{"from":[],"subject":null,"references":[]}"#, ",,"),
            ("a formula", true, r#"{"from":[],"subject":"=1+1","references":[]}"#, ",'=1+1,"),
            ("as it is", false, r#"{"from":[],"subject":"=1+1","references":[]}"#, ",=1+1,"),
            ("a line end", true, r#"{"from":[],"subject":"a\nb","references":[]}"#, ",\"a\nb\","),
        ];
        for (name, is_safe, record, expected) in cases {
            let expected = format!("\"a,b.mbox\",1,2,3,{expected}\r\n");
            assert_eq!(row(*is_safe, record), expected, "{name}");
        }
    }

    #[test]
    fn parts_are_one_column() {
        let cells = Cells { are_safe: true, are_shown: false };
        let table = Table::new(Fields::ALL, b'\t', cells);
        let mut out = Vec::new();
        table.header(&mut out).expect("written");
        let names = String::from_utf8(out).expect("UTF-8");
        assert!(names.starts_with("source\tmessage\toffset\tlength\tflags\tid\tdate\t"), "{names}");
        assert_eq!(names.matches("parts").count(), 1, "{names}");
        assert!(!names.contains('.'), "{names}");
    }
}
