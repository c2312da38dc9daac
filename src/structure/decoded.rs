//! The bodies of a message that lies in memory, whole: for whoever has room for it, and need not
//! watch it being read.
//!
//! May use: base, transfer, and of this room the text.

use super::{Part, TextDecoder, declared_charset};
use crate::transfer::Decoder;

impl Part<'_> {
    /// The decoded body of a leaf, given the octets of the message that it was read from (of an
    /// mbox, without the `From ` line). `None` if it is no leaf, stands inside an encoded message, or
    /// `message` ends before it does. A [`Visitor`](super::Visitor) sees bodies of any size, piece by
    /// piece.
    pub fn decoded(&self, message: &[u8]) -> Option<Vec<u8>> {
        let body = self.body().filter(|_| self.is_leaf())?;
        let place = usize::try_from(body.start).ok()?..usize::try_from(body.end).ok()?;
        let body = message.get(place)?;
        let mut decoder = Decoder::new(self.coding(), self.eol());
        let mut decoded = Vec::new();
        decoder.decode(body, &mut decoded, &mut ());
        decoder.finish(&mut decoded, &mut ());
        Some(decoded)
    }

    /// The text of such a body, in whatever charset it is, with LF as line end. `None` also if it is
    /// treated as anything else than `text/*`. UTF-7 is not decoded in HTML.
    pub fn text(&self, message: &[u8]) -> Option<String> {
        let fields = self.mime_fields();
        if !self.effective_type_of(&fields).starts_with("text/") {
            return None;
        }
        let octets = self.decoded(message)?;
        let others = declared_charset(self.structure);
        let mut decoder = TextDecoder::of(self, &fields, false);
        let mut text = String::new();
        decoder.decode(&octets, others, &mut |piece| text.push_str(piece));
        decoder.finish(others, &mut |piece| text.push_str(piece));
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io;

    use super::super::{Builder, Structure, Visitor, Want};
    use crate::walk::Separator;

    /// What a visitor is shown, by part.
    #[derive(Default)]
    struct Shown(HashMap<u32, Vec<u8>>);

    impl Visitor for Shown {
        fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
            if structure.part(part).is_some_and(|part| part.is_leaf()) {
                self.0.insert(part, Vec::new());
            }
            Ok(Want::Decoded)
        }

        fn content(&mut self, part: u32, octets: &[u8]) -> io::Result<()> {
            self.0.entry(part).or_default().extend_from_slice(octets);
            Ok(())
        }
    }

    #[test]
    fn the_same_as_a_visitor_is_shown() {
        let mut leaves = 0;
        for name in ["report.eml", "broken/codings.eml", "broken/encoded-message.eml"] {
            let path = format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"));
            let message = std::fs::read(path).expect("a fixture");
            let mut builder = Builder::default();
            let mut reader = builder.reader(&message[..], Separator::None);
            let mut shown = Shown::default();
            builder.read(&mut reader, &mut shown).expect("from memory");
            for part in builder.structure().parts() {
                let expected = shown.0.get(&part.index()).filter(|_| part.body().is_some());
                assert_eq!(part.decoded(&message).as_ref(), expected, "{name} {}", part.number());
                leaves += usize::from(expected.is_some());
            }
        }
        assert!(leaves > 8, "leaves were compared");
    }

    #[test]
    fn text_in_its_charset() {
        let cases: &[(&str, &[u8], Option<&str>)] = &[
            ("declared", b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nna\xefve\r\n", Some("na\u{ef}ve\n")),
            (
                "encoded",
                b"Content-Transfer-Encoding: base64\nContent-Type: text/html; charset=utf-8\n\nw6k=\n",
                Some("\u{e9}"),
            ),
            ("no text", b"Content-Type: image/png\n\npng\n", None),
            ("a coding that nobody knows", b"Content-Transfer-Encoding: x\n\ntext\n", None),
        ];
        for &(name, message, expected) in cases {
            let mut builder = Builder::default();
            let mut reader = builder.reader(message, Separator::None);
            let structure = builder.read(&mut reader, &mut ()).expect("from memory").expect("one");
            let part = structure.part(0).expect("the root");
            assert_eq!(part.text(message).as_deref(), expected, "{name}");
            assert_eq!(part.text(&message[..20]), None, "{name}, cut");
        }
    }
}
