//! The same message for another transport (RFC 6152, RFC 3030): what must change, and the change.
//!
//! Four steps, each of its own file. [`Screen`] cuts a source into messages and tells those that
//! need nothing, at nearly the speed of the walk. For the others `plan` looks at octets, not at
//! labels, and gives a [`Plan`]: a list of edits, each with its reason, or the reasons why the
//! message cannot be mended. `rewrite` carries the edits out by splicing: what no edit names is
//! copied octet for octet. `verify` reads the result and compares what it says with what the message
//! said when the plan was made. [`Converter`] does these in turn.
//!
//! Contract: the result has nothing that the target forbids, decodes to the same content, does not
//! change when it is converted again, and differs from the message in the edits alone. Memory grows
//! with the number of parts and the length of the fields that change, never with a body. Signed
//! parts are not touched unless [`Signed::Break`] asks for it.
//!
//! Does not undo what it writes by guessing: a charset that nobody declares is `unknown-8bit`
//! (RFC 1428). Does not write RFC 6857's `Downgraded-` fields.
//!
//! RFC 2045, RFC 2047, RFC 2231, RFC 6152, RFC 6532.
//!
//! May use: base … mailbox, compare, dkim.

mod ahead;
mod body;
mod converter;
mod draft;
mod exceptions;
mod labels;
mod mend;
mod octets;
mod plan;
mod planner;
mod rewrite;
mod room;
mod screen;
pub mod stuffing;
pub mod transport;
mod verify;

pub use converter::{Action, Converted, Converter};
pub use plan::{Change, DkimReport, Kept, Plan, Refusal, What};
#[cfg(feature = "cli")]
pub(crate) use screen::Look;
pub use screen::{Screen, Screened};

use crate::transfer::LineEnd;

/// What the next server takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Octets under 128 in lines of at most 998 (RFC 5321 without extensions).
    #[default]
    SevenBit,
    /// The same with octets over 127 in bodies (8BITMIME, RFC 6152).
    EightBit,
    /// Anything in bodies (BINARYMIME, RFC 3030).
    Binary,
}

impl Target {
    /// The name of data that it takes (RFC 2045 §2.7 to §2.9).
    pub const fn name(self) -> &'static str {
        match self {
            Target::SevenBit => "7bit",
            Target::EightBit => "8bit",
            Target::Binary => "binary",
        }
    }
}

/// What becomes of parts that a signature covers, where they would have to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signed {
    /// The message is not converted.
    #[default]
    Refuse,
    /// They stay as they are, the rest is converted.
    Skip,
    /// They are converted; the signature breaks.
    Break,
}

/// What becomes of octets around parts, and in header lines that are no fields, which no coding can
/// carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preamble {
    /// Each octet that cannot stay becomes `?`.
    #[default]
    Replace,
    /// The preamble or epilogue goes.
    Drop,
    /// They stay, and the result is not clean.
    Keep,
}

/// How text is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextCoding {
    /// Whatever takes fewer octets; quoted-printable if both take the same.
    #[default]
    Smaller,
    /// Quoted-printable.
    QuotedPrintable,
    /// base64.
    Base64,
}

/// How a message is converted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// For which transport.
    pub target: Target,
    /// What becomes of signed parts.
    pub signed: Signed,
    /// What becomes of octets around parts.
    pub preamble: Preamble,
    /// How text is encoded.
    pub text: TextCoding,
    /// The label of the charset of octets that name none and are no UTF-8.
    pub charset: Option<String>,
    /// The line end that all lines get; `None` keeps what is there.
    pub eol: Option<LineEnd>,
    /// Whether the body hashes of DKIM-Signature fields are looked at.
    pub dkim: bool,
    /// The message stands in an mbox or MMDF mailbox, where a line may not look like a separator.
    pub mbox: bool,
    /// Nothing changes for a transport; what is wrong is mended where that changes nothing for a
    /// reader: see [`Options::mending`].
    pub mend: bool,
}

impl Options {
    /// Options for a message that stays on its way, and loses what is wrong about it and can be mended
    /// blindly: labels that are too low or hold more than a name, a missing MIME-Version, white space
    /// before a colon, header text that is raw UTF-8, header lines over 998 octets, line ends of two
    /// kinds. Nothing that a signature covers changes.
    pub fn mending() -> Options {
        Options {
            target: Target::Binary,
            signed: Signed::Skip,
            preamble: Preamble::Keep,
            mend: true,
            ..Options::default()
        }
    }
}
