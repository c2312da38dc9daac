//! Charsets.

/// A charset that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset;

impl Charset {
    /// UTF-8.
    pub const UTF_8: Charset = Charset;
    /// windows-1252.
    pub const WINDOWS_1252: Charset = Charset;
    /// The charset that mail calls `label`; `None` if nobody knows it.
    pub fn for_label(label: &[u8]) -> Option<Charset> {
        let _ = label;
        todo!()
    }
    /// Its preferred name, in lower case.
    pub fn name(self) -> &'static str {
        todo!()
    }
    /// Appends the text of `octets` to `text`; returns how many U+FFFD that took.
    pub fn decode(self, octets: &[u8], text: &mut String) -> usize {
        let _ = (octets, text);
        todo!()
    }
}
/// The text of octets that name no charset, of a header field or a short value: UTF-8 if valid, the
/// detector's guess from 24 octets over 127 on, else `fallback`. Returns the charset used and how
/// many U+FFFD it took.
pub fn decode_undeclared(octets: &[u8], fallback: Charset, text: &mut String) -> (Charset, usize) {
    let _ = (octets, fallback, text);
    todo!()
}
