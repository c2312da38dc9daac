//! Counts the Received fields in what lies beyond a limit of the header, which is not read otherwise.
//!
//! May use: nothing.

/// A field name and its colon, in lower case.
const NAME: &[u8] = b"received:";

/// The count, and how far into such a name the last line goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unread {
    count: u64,
    /// How many octets of the name the line so far is; `None` if it is anything else.
    matched: Option<usize>,
}

impl Default for Unread {
    fn default() -> Unread {
        Unread { count: 0, matched: Some(0) }
    }
}

impl Unread {
    /// What stands before: only behind a line end does a field begin.
    pub(super) fn read(&mut self, octets: &[u8]) {
        let is_over = octets.last().is_none_or(|c| matches!(c, b'\r' | b'\n'));
        self.matched = is_over.then_some(0);
    }

    /// A piece of what is not read.
    pub(super) fn unread(&mut self, octets: &[u8]) {
        for c in octets {
            self.matched = match (c, self.matched) {
                (b'\r' | b'\n', _) => Some(0),
                (_, None) => None,
                // White space before the colon (RFC 5322 §4.5).
                (b' ' | b'\t', Some(at)) if at == NAME.len() - 1 => Some(at),
                (c, Some(at)) => (NAME.get(at) == Some(&c.to_ascii_lowercase())).then_some(at + 1),
            };
            if self.matched == Some(NAME.len()) {
                self.count += 1;
                self.matched = None;
            }
        }
    }

    pub(super) fn count(self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fields_in_any_pieces() {
        /// What was read; what was not; how many.
        const CASES: &[(&str, &str, u64)] = &[
            ("", "", 0),
            ("", "Received: x\nRECEIVED : y\r\nreceived:\n", 3),
            ("Subject: x\n", "Received: x\n\tReceived: y\n", 1),
            ("Subject: a long", "Received: x\nX-Received: y\nReceived-SPF: z\n", 0),
            ("Received: a long", " one\nReceived: x\n", 1),
        ];
        for &(read, unread, expected) in CASES {
            for size in 1..=unread.len().max(1) {
                let mut counted = Unread::default();
                counted.read(read.as_bytes());
                unread.as_bytes().chunks(size).for_each(|piece| counted.unread(piece));
                assert_eq!(counted.count(), expected, "{unread:?} in pieces of {size}");
            }
        }
    }
}
