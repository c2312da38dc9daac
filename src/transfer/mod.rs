//! Transfer codings: 7bit, 8bit and binary, quoted-printable, base64, uuencode; streaming decoders
//! and encoders for them, and the survey of a body.
//!
//! A decoder takes any octets, cut anywhere, and always gives a result that does not depend on the
//! cut; what is odd is reported, each rule once a body, at its first place. Time is linear in the
//! input, memory is bounded (each coding names its `LIMIT:`). An encoder writes what RFC 2045 asks,
//! and what its own decoder turns back into the same octets.
//!
//! Which coding a field names is read elsewhere (comments, several tokens); which coding a body
//! should have is a matter of conversion. Neither is known here.
//!
//! RFC 2045 §6. May use: base, simd.

mod base64;
mod quoted_printable;
mod reported;
mod survey;
pub mod uuencode;
pub mod yenc;

use crate::base::{Eol, Sink};

pub use survey::{Census, Survey};

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

/// What mail calls the codings. QUIRK: the first of each is the registered name, or for uuencode
/// the usual one; the others are old mistakes with one possible meaning. `base-64` and `none` are
/// no such names: RFC 2045 §6.4 wants unknown codings left alone, and programs disagree on them.
const NAMES: &[(Coding, &[&str])] = &[
    (Coding::SevenBit, &["7bit", "7-bit", "7bits", "7-bits"]),
    (Coding::EightBit, &["8bit", "8-bit", "8bits", "8-bits"]),
    (Coding::Binary, &["binary"]),
    (Coding::QuotedPrintable, &["quoted-printable"]),
    (Coding::Base64, &["base64"]),
    (Coding::Uuencode, &["x-uuencode", "x-uue", "uuencode", "uue"]),
];

impl Coding {
    /// The coding that the token of a Content-Transfer-Encoding names, in any case (RFC 2045 §6.1).
    pub fn from_token(token: &[u8]) -> Coding {
        let is_token = |name: &&str| name.as_bytes().eq_ignore_ascii_case(token);
        let known = NAMES.iter().find(|(_, names)| names.iter().any(is_token));
        known.map_or(Coding::Unknown, |&(coding, _)| coding)
    }

    /// The name it is written with; empty for [`Coding::Unknown`].
    pub const fn name(self) -> &'static str {
        match self {
            Coding::SevenBit => "7bit",
            Coding::EightBit => "8bit",
            Coding::Binary => "binary",
            Coding::QuotedPrintable => "quoted-printable",
            Coding::Base64 => "base64",
            Coding::Uuencode => "x-uuencode",
            Coding::Unknown => "",
        }
    }

    /// Whether encoded and decoded octets are the same, so that decoding can be left out.
    pub const fn is_identity(self) -> bool {
        !matches!(self, Coding::QuotedPrintable | Coding::Base64 | Coding::Uuencode)
    }
}

/// Decodes one body after the other; see the module for what it promises.
#[derive(Debug)]
pub struct Decoder(Decoding);

#[derive(Debug)]
enum Decoding {
    Identity,
    QuotedPrintable(quoted_printable::Decoder),
    Base64(base64::Decoder),
    Uuencode(uuencode::Decoder),
}

impl Decoder {
    /// A decoder for bodies in `coding`, of a message whose lines end with `eol`.
    pub fn new(coding: Coding, eol: Eol) -> Decoder {
        Decoder(match coding {
            Coding::QuotedPrintable => {
                Decoding::QuotedPrintable(quoted_printable::Decoder::new(eol))
            }
            Coding::Base64 => Decoding::Base64(base64::Decoder::new(eol)),
            Coding::Uuencode => Decoding::Uuencode(uuencode::Decoder::new(eol)),
            _ => Decoding::Identity,
        })
    }

    /// Takes the next piece of the body, appends to `out` what is decided by it, and reports to
    /// `sink` what is odd; spans count from the start of the body.
    pub fn decode<S: Sink>(&mut self, src: &[u8], out: &mut Vec<u8>, sink: &mut S) {
        match &mut self.0 {
            Decoding::Identity => out.extend_from_slice(src),
            Decoding::QuotedPrintable(decoder) => decoder.decode(src, out, sink),
            Decoding::Base64(decoder) => decoder.decode(src, out, sink),
            Decoding::Uuencode(decoder) => decoder.decode(src, out, sink),
        }
    }

    /// The body is over: appends and reports what was still undecided. What follows a `finish`
    /// without a [`reset`](Decoder::reset) between them is not specified, but does not fail.
    pub fn finish<S: Sink>(&mut self, out: &mut Vec<u8>, sink: &mut S) {
        match &mut self.0 {
            Decoding::Identity => {}
            Decoding::QuotedPrintable(decoder) => decoder.finish(out, sink),
            Decoding::Base64(decoder) => decoder.finish(out, sink),
            Decoding::Uuencode(decoder) => decoder.finish(out, sink),
        }
    }

    /// Forgets the body, to begin another one of the same coding and line ends.
    pub fn reset(&mut self) {
        match &mut self.0 {
            Decoding::Identity => {}
            Decoding::QuotedPrintable(decoder) => decoder.reset(),
            Decoding::Base64(decoder) => decoder.reset(),
            Decoding::Uuencode(decoder) => decoder.reset(),
        }
    }
}

/// The line end that an encoder writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// CRLF, as messages have it on the wire (RFC 5322 §2.1).
    #[default]
    CrLf,
    /// LF, as files have it here.
    Lf,
}

impl LineEnd {
    /// Its octets.
    pub const fn as_bytes(self) -> &'static [u8] {
        match self {
            LineEnd::CrLf => b"\r\n",
            LineEnd::Lf => b"\n",
        }
    }
}

/// What quoted-printable makes of line ends in its input (RFC 2045 §6.7 rule 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// CRLF and LF are line breaks and become such; a bare CR is data.
    #[default]
    Text,
    /// CR and LF are data like other octets.
    Binary,
}

/// How an [`Encoder`] writes; each coding heeds what concerns it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout<'a> {
    /// What ends the lines of the output.
    pub line_end: LineEnd,
    /// What the input is, for quoted-printable.
    pub content: Content,
    /// Whether quoted-printable escapes what begins a line if it could begin a delimiter (RFC 2046
    /// §5.1.1) or the separator of an mbox: where the content may hold such lines because it was
    /// encoded before.
    pub guards: bool,
    /// The file name for uuencode's first line. Controls in it become `_`; an empty name, `-`.
    pub name: &'a [u8],
}

/// Encodes one body. How the input is cut does not show in the output.
#[derive(Debug)]
pub struct Encoder(Encoding);

#[derive(Debug)]
enum Encoding {
    Identity,
    QuotedPrintable(quoted_printable::Encoder),
    Base64(base64::Encoder),
    Uuencode(uuencode::Encoder),
}

impl Encoder {
    /// An encoder to `coding`. The identity codings, and what is unknown, pass the octets through.
    pub fn new(coding: Coding, layout: &Layout<'_>) -> Encoder {
        let line_end = layout.line_end;
        Encoder(match coding {
            Coding::QuotedPrintable => {
                let Layout { content, guards, .. } = *layout;
                Encoding::QuotedPrintable(quoted_printable::Encoder::new(content, line_end, guards))
            }
            Coding::Base64 => Encoding::Base64(base64::Encoder::new(line_end)),
            Coding::Uuencode => Encoding::Uuencode(uuencode::Encoder::new(layout.name, line_end)),
            _ => Encoding::Identity,
        })
    }

    /// Takes the next piece of the content and appends to `out` what can be written already.
    pub fn encode(&mut self, src: &[u8], out: &mut Vec<u8>) {
        match &mut self.0 {
            Encoding::Identity => out.extend_from_slice(src),
            Encoding::QuotedPrintable(encoder) => encoder.encode(src, out),
            Encoding::Base64(encoder) => encoder.encode(src, out),
            Encoding::Uuencode(encoder) => encoder.encode(src, out),
        }
    }

    /// The content is over: appends the rest.
    pub fn finish(self, out: &mut Vec<u8>) {
        match self.0 {
            Encoding::Identity => {}
            Encoding::QuotedPrintable(encoder) => encoder.finish(out),
            Encoding::Base64(encoder) => encoder.finish(out),
            Encoding::Uuencode(encoder) => encoder.finish(out),
        }
    }
}

#[cfg(test)]
mod tests;
