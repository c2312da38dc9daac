//! Transfer codings.

/// A transfer coding (RFC 2045 §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Coding {
    /// 7bit, the default.
    #[default]
    SevenBit,
    /// 8bit.
    EightBit,
    /// binary.
    Binary,
    /// quoted-printable.
    QuotedPrintable,
    /// base64.
    Base64,
    /// x-uuencode and its other names.
    Uuencode,
    /// A name that nobody knows: the octets are left as they are.
    Unknown,
}
