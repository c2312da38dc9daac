//! What the MIME fields of an entity say: media type, boundary, transfer encoding, disposition, file
//! name (RFC 2045, RFC 2046, RFC 2183).
use super::Context;
use super::params::Parameterised;
use crate::base::Sink;
use crate::transfer::Coding;

/// What kind of content a media type stands for, as far as the structure of a message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// Neither of the others: a leaf.
    #[default]
    Leaf,
    /// `multipart/…`.
    Multipart {
        /// Whether its parts are messages unless they say otherwise (`multipart/digest`).
        digest: bool,
    },
    /// `message/rfc822`, `message/global`, `message/news`: a message inside.
    Message,
}

/// A Content-Type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` in lower case as it is treated: `text/plain` where it cannot be read.
    pub essence: String,
    /// What was written, and the parameters.
    pub written: Parameterised,
}

/// Reads a Content-Type body.
pub fn content_type<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> ContentType {
    let _ = (raw, context, sink);
    todo!()
}

/// The part of a Content-Type that the walker needs, without building the rest: the kind of media,
/// and for a multipart its boundary written into `boundary` (which stays empty if there is none).
pub fn media<S: Sink>(
    raw: &[u8],
    context: &Context,
    boundary: &mut Vec<u8>,
    sink: &mut S,
) -> Media {
    let _ = (raw, context, boundary, sink);
    todo!()
}

/// The transfer coding that a Content-Transfer-Encoding body names.
pub fn transfer_encoding<S: Sink>(raw: &[u8], sink: &mut S) -> Coding {
    let _ = (raw, sink);
    todo!()
}

/// Content-Disposition.
pub fn disposition<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Parameterised {
    let _ = (raw, context, sink);
    todo!()
}

/// The file name of a part (Content-Disposition's filename, else Content-Type's name), with the
/// findings P022, F001, F002, F003.
pub fn filename(
    disposition: Option<&Parameterised>,
    content_type: Option<&ContentType>,
) -> Option<String> {
    let _ = (disposition, content_type);
    todo!()
}
