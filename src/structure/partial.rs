//! A message that was cut into several (`message/partial`), and how its fields are put together again.
//!
//! [`Fragment`] is what the Content-Type of a fragment says, [`Whole`] tells whether there are all of a
//! message, and in which order; [`join`] makes the message. The octets of
//! the bodies are copied as they are, a line end put where a fragment has none at its end: fragments
//! are cut between lines only. The whole is never in memory.
//!
//! Does not look for the fragments. The result may be a fragment itself,
//! which RFC 2046 §5.2.2 allows.
//!
//! RFC 2046 §5.2.2.1. May use: base, walk.

mod whole;

pub use whole::{Verdict, Whole};

use std::io::{self, Read, Write};

use super::Part;
use crate::base::Limits;
use crate::header::Field;
use crate::walk::{Event, Kind, Options, Reader, Separator};

/// What a `message/partial` says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// Which message it is of.
    pub id: Option<String>,
    /// Which fragment it is, from 1; `None` if that cannot be read.
    pub number: Option<u32>,
    /// How many there are; required of the last one only.
    pub total: Option<u32>,
}

impl Fragment {
    /// What this part says, if it is a fragment.
    pub fn of(part: &Part<'_>) -> Option<Fragment> {
        let content_type = part.content_type().filter(|it| it.essence == "message/partial")?;
        let param = |name| content_type.written.get(name).map(str::trim);
        let number = |name| param(name)?.parse().ok().filter(|&number| number > 0);
        Some(Fragment {
            id: param("id").filter(|id| !id.is_empty()).map(str::to_owned),
            number: number("number"),
            total: number("total"),
        })
    }
}

/// Writes a message, of the first fragment as a whole, `outer`, and of the bodies of all fragments in
/// their order, `bodies`.
///
/// Its header: of `outer` all fields but those that speak of the fragment (Content-*, Subject,
/// Message-ID, Encrypted, MIME-Version), then these from the header that the bodies begin with.
pub fn join<W: Write>(
    outer: impl Read,
    bodies: impl Read,
    limits: Limits,
    to: &mut W,
) -> io::Result<()> {
    let mut line_end: &[u8] = b"\n";
    let mut outer = reader(outer, limits);
    while let Some(event) = outer.next(&mut ())? {
        let Event::Token(token) = event else { continue };
        match token.kind {
            Kind::Field => {
                line_end = if token.octets.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
                write_field(token.octets, |name| !is_of_fragment(name), line_end, to)?;
            }
            Kind::FromLine | Kind::Bom | Kind::Junk => {}
            _ => break,
        }
    }
    let mut bodies = reader(bodies, limits);
    let mut in_header = true;
    while let Some(event) = bodies.next(&mut ())? {
        let Event::Token(token) = event else { continue };
        in_header &= token.part == 0;
        match token.kind {
            Kind::Field if in_header => write_field(token.octets, is_of_fragment, line_end, to)?,
            Kind::FromLine | Kind::Bom | Kind::Junk if in_header => {}
            Kind::HeaderEnd => {
                in_header = false;
                to.write_all(token.octets)?;
            }
            _ => {
                // Without a header there is no empty line.
                if std::mem::take(&mut in_header) {
                    to.write_all(line_end)?;
                }
                to.write_all(token.octets)?;
            }
        }
    }
    Ok(())
}

fn reader<R: Read>(octets: R, limits: Limits) -> Reader<R> {
    Reader::new(octets, limits, Options { separator: Separator::None, near_misses: false })
}

/// Writes a field, if its name is wanted. A last line without an end gets one.
fn write_field<W: Write>(
    octets: &[u8],
    is_wanted: impl Fn(&[u8]) -> bool,
    line_end: &[u8],
    to: &mut W,
) -> io::Result<()> {
    if !Field::parse(octets).is_some_and(|field| is_wanted(field.name)) {
        return Ok(());
    }
    to.write_all(octets)?;
    if octets.ends_with(b"\n") { Ok(()) } else { to.write_all(line_end) }
}

/// Whether a field of this name belongs to the fragment in the header around, and to the message in the
/// header inside.
fn is_of_fragment(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"subject", b"message-id", b"encrypted", b"mime-version"];
    let begins = name.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case(b"content-"));
    begins || NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(outer: &str, bodies: &str) -> String {
        let mut to = Vec::new();
        join(outer.as_bytes(), bodies.as_bytes(), Limits::default(), &mut to).expect("memory");
        String::from_utf8(to).expect("UTF-8")
    }

    #[test]
    fn fields_come_from_where_they_belong() {
        let part = "Content-Type: message/partial; id=x; number=1\n";
        let cases: &[(&str, String, &str, &str)] = &[
            (
                "each from its header, in order",
                format!("X-A: 1\nSubject: part\nFrom: a\n{part}MESSAGE-ID: <1@x>\nX-A: 2\n\n"),
                "X-A: 3\nMessage-ID: <2@x>\nsubject: whole\nTo: b\nContent-X: y\nEncrypted: z\n\nb\n",
                "X-A: 1\nFrom: a\nX-A: 2\nMessage-ID: <2@x>\nsubject: whole\nContent-X: y\n\
                 Encrypted: z\n\nb\n",
            ),
            (
                "folds",
                format!("A: a\n b\n{part}\n"),
                "Subject: c\n d\n\n",
                "A: a\n b\nSubject: c\n d\n\n",
            ),
            ("no header inside", format!("A: a\n{part}\n"), "\ntext\n", "A: a\n\ntext\n"),
            (
                "lines that are none",
                format!("A: a\n{part}\n"),
                "no header\n",
                "A: a\n\nno header\n",
            ),
            ("nothing inside", format!("A: a\n{part}\n"), "", "A: a\n"),
            ("no end of the header", format!("A: a\n{part}"), "Subject: b", "A: a\nSubject: b\n"),
            (
                "CRLF",
                format!("A: a\n{part}\n").replace('\n', "\r\n"),
                "Subject: b\r\n\r\nc\r\n",
                "A: a\r\nSubject: b\r\n\r\nc\r\n",
            ),
            (
                "parts inside keep their fields",
                format!("A: a\n{part}\n"),
                "Content-Type: multipart/mixed; boundary=x\n\n--x\nA: b\n\nc\n--x\n\nd\n--x--\n",
                "A: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\nA: b\n\nc\n--x\n\nd\n--x--\n",
            ),
        ];
        for (name, outer, bodies, expected) in cases {
            assert_eq!(joined(outer, bodies), *expected, "{name}");
        }
    }
}
