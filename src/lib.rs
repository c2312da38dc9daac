//! Octets in, septets out: what is inside a mail message (RFC 5322 header fields, MIME bodies).
//!
//! One idea carries all of it: **the token stream is a partition of the input**. The [`walk`] turns
//! octets into tokens that, written one after the other, give the octets back; everything else is a
//! fold or a map over that stream. The rooms, from the ground up (imports run only downwards, a test
//! sees to it):
//!
//! | room | what lives there |
//! |---|---|
//! | `simd` | the kernels that touch every octet |
//! | [`base`] | spans, character classes, line ends, limits, and the table of rules that findings name |
//! | [`charset`] | labels as mail uses them, decoding to UTF-8, undeclared and lying charsets |
//! | [`transfer`] | base64, quoted-printable, uuencode: decoders that never fail, encoders, the survey of a body |
//! | [`header`] | what a field says: words, addresses, parameters, dates, ids, Received |
//! | [`walk`] | the core: the step machine, its boundaries, its two drivers |
//! | [`structure`] | a message as data: parts, numbers, spans, sizes, main bodies, findings |
//! | [`mailbox`] | where messages come from and go: files, pipes, mboxes, Maildirs, folders, archives |
//! | [`views`] | what else programs take a message for that make one choice otherwise |
//! | [`compare`] | are two messages the same content? |
//! | [`dkim`] | signatures, offline: tags, canonical forms, body hashes |
//! | [`trace`] | the way a message came: hops, delays, checks, signatures |
//! | [`convert`] | the same message for another transport: plan, rewrite, proof |
//! | [`extract`] | what a message holds as files: safe names, a folder that nothing gets out of |
//! | [`lint`] | what is wrong or ambiguous: the parser's findings and those about the whole message |
//! | [`record`] | what a message is to a pipeline: one line of JSON; which messages are meant |
//! | `cli` | the command; only with the default feature `cli` |
//!
//! The tree of a message, with decoded sizes and everything that is odd about it:
//!
//! ```
//! use septet::base::Limits;
//! use septet::charset::Charset;
//! use septet::structure::Builder;
//! use septet::walk::{Reader, Separator};
//!
//! let message = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n";
//! let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, true);
//! let options = builder.walk_options(Separator::None);
//! let mut reader = Reader::new(&message[..], Limits::default(), options);
//! let structure = builder.read(&mut reader, &mut ())?.expect("a message");
//! let parts: Vec<_> = structure.parts().map(|part| (part.number(), part.size())).collect();
//! assert_eq!(parts, [("0".to_owned(), None), ("1".to_owned(), Some(6))]);
//! assert_eq!(structure.findings()[0].rule.info().name, "no-close-delimiter");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The tokens themselves:
//!
//! ```
//! use septet::base::Limits;
//! use septet::walk::{Event, Kind, Options, Tokens};
//!
//! let message = b"Subject: hello\n\nworld\n";
//! let mut whole = Vec::new();
//! for event in Tokens::new(message, Limits::default(), Options::default()) {
//!     if let Event::Token(token) = event {
//!         whole.extend_from_slice(token.octets);
//!         assert!(token.kind != Kind::Junk);
//!     }
//! }
//! assert_eq!(whole, message);
//! ```

#![warn(missing_docs, unreachable_pub)]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro, clippy::todo)]
#![deny(clippy::undocumented_unsafe_blocks)]
// Tables of cases have long types that nobody needs a name for.
#![cfg_attr(test, allow(clippy::type_complexity))]

pub mod base;
pub mod charset;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod convert;
pub mod dkim;
pub mod extract;
pub mod header;
pub mod lint;
pub mod mailbox;
pub mod record;
pub(crate) mod simd;
pub mod structure;
pub mod trace;
pub mod transfer;
pub mod views;
pub mod walk;

/// The README's example of the library is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
