//! Octets in, septets out: what is inside a mail message (RFC 5322 header fields, MIME bodies).
//!
//! It reads any message there is, clean or broken, in memory or as it streams, and says truthfully what
//! it found and what is odd about it. No message makes it fail, panic, or take more memory than its
//! limits allow. Without the default feature `cli` this is the library alone.
//!
//! What people do with it:
//!
//! - [List the parts of a message, and their names](#list-the-parts-of-a-message)
//! - [Get the text of a message](#get-the-text-of-a-message)
//! - [Read who wrote it, when, and about what](#read-the-fields-of-a-header)
//! - [Convert it for a server that takes 7 bits](#convert-for-7-bit-transport)
//! - [Go through an mbox of any size, on all cores](#go-through-an-mbox-of-any-size)
//!
//! Whole programs of the kind are in [`examples`](https://docs.rs/crate/septet/latest/source/examples/).
//!
//! # List the parts of a message
//!
//! A [`structure::Builder`] makes a [`structure::Structure`] of anything that can be read: parts with
//! numbers, types, spans, decoded sizes and names, and what is odd about them. No body is kept, whatever
//! its size.
//!
//! ```
//! use septet::structure::Builder;
//! use septet::walk::Separator;
//!
//! let message = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n\
//!     --b\r\n\r\nhello\r\n\
//!     --b\r\nContent-Type: text/csv\r\n\
//!     Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.csv\r\n\r\n1,2\r\n";
//!
//! let mut builder = Builder::default();
//! let mut reader = builder.reader(&message[..], Separator::None);
//! let structure = builder.read(&mut reader, &mut ())?.expect("a message");
//!
//! let parts: Vec<String> = structure
//!     .parts()
//!     .map(|part| format!("{} {} {:?}", part.number(), part.essence(), part.filename()))
//!     .collect();
//! assert_eq!(parts, [
//!     "0 multipart/mixed None",
//!     "1 text/plain None",
//!     "2 text/csv Some(\"café.csv\")",
//! ]);
//! // It was cut off before its end.
//! let mut odd = structure.findings().iter().map(|finding| finding.rule.info().name);
//! assert!(odd.any(|name| name == "no-close-delimiter"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A name may hold anything; [`extract::safe_name`] makes one of it that a file can have.
//!
//! # Get the text of a message
//!
//! [`structure::Bodies`] says which parts a reader should see as the text and which are attachments;
//! [`structure::Part::text`] decodes one, whatever its coding and charset.
//!
//! ```
//! use septet::structure::{Bodies, Builder};
//! use septet::walk::Separator;
//!
//! let message = b"Content-Type: text/plain; charset=iso-8859-1\n\
//!     Content-Transfer-Encoding: quoted-printable\n\nna=EFve caf=E9\n";
//!
//! let mut builder = Builder::default();
//! let mut reader = builder.reader(&message[..], Separator::None);
//! let structure = builder.read(&mut reader, &mut ())?.expect("a message");
//!
//! let bodies = Bodies::of(structure);
//! let text: String = bodies
//!     .text
//!     .iter()
//!     .filter_map(|&index| structure.part(index)?.text(message))
//!     .collect();
//! assert_eq!(text, "naïve café\n");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Bodies that are too large for memory come to a [`structure::Visitor`] piece by piece while the
//! message is read, and a [`structure::TextDecoder`] makes text of them.
//!
//! # Read the fields of a header
//!
//! Nothing is parsed before somebody asks: a [`header::Field`] is the octets as they stand, and
//! [`header`] has a parser for each kind.
//!
//! ```
//! use septet::base::Limits;
//! use septet::header::{self, Context, Field, address, date};
//! use septet::walk::{Event, Kind, Options, Tokens};
//!
//! let message = b"From: =?utf-8?q?Ana_L=C3=B3pez?= <ana@example.org>\r\n\
//!     Date: Tue, 3 Mar 2026 09:14:28 +0100\r\n\
//!     Subject: Informe =?utf-8?q?trimestral?=\r\n\r\nHola\r\n";
//!
//! let context = Context::default();
//! let mut found = Vec::new();
//! for event in Tokens::new(message, Limits::default(), Options::default()) {
//!     let Event::Token(token) = event else { continue };
//!     if token.kind == Kind::HeaderEnd {
//!         break;
//!     }
//!     let Some(field) = Field::parse(token.octets) else { continue };
//!     if field.is("From") {
//!         for from in address::parse(field.body, &context, &mut ()) {
//!             found.extend([from.name, from.address]);
//!         }
//!     } else if field.is("Date") {
//!         found.push(date::parse(field.body, &mut ()).map(|date| date.rfc3339()));
//!     } else if field.is("Subject") {
//!         found.push(Some(header::text(&field, &context).text));
//!     }
//! }
//! let found: Vec<String> = found.into_iter().flatten().collect();
//! assert_eq!(
//!     found,
//!     ["Ana López", "ana@example.org", "2026-03-03T09:14:28+01:00", "Informe trimestral"]
//! );
//! ```
//!
//! # Convert for 7-bit transport
//!
//! What must change changes, all else is copied octet for octet, and the result is read again before
//! it counts ([`convert`]). A message is read more than once, so a [`mailbox::Store`] keeps it: a file
//! where it lies, a pipe in memory or in a temporary file. [`convert::Screen`] finds the messages of a
//! mailbox, and those that need nothing, nearly as fast as they can be read.
//!
//! ```
//! use std::io;
//!
//! use septet::base::Limits;
//! use septet::convert::{Converter, Screen};
//! use septet::mailbox::{Source, Store};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("message.eml");
//! # std::fs::write(&path, "Subject: café\n\nnaïve\n")?;
//! let store = Store::open(&Source::File(path))?;
//! let separator = store.format().separator();
//! let mut screen = Screen::new(store.reader(0..store.len()), Limits::default(), separator);
//! let mut converter = Converter::default();
//! let (mut out, mut copied) = (Vec::new(), 0);
//! while let Some(message) = screen.next_message()? {
//!     if message.is_clean {
//!         continue;
//!     }
//!     let open = || store.reader(message.octets.clone());
//!     let converted = converter.convert(message.eol, open)?;
//!     io::copy(&mut store.reader(copied..message.octets.start), &mut out)?;
//!     converted.write(open(), &mut out)?;
//!     copied = message.octets.end;
//! }
//! io::copy(&mut store.reader(copied..store.len()), &mut out)?;
//! assert!(out.is_ascii());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Go through an mbox of any size
//!
//! A [`structure::Builder`] reads the next message at each call. To use all cores,
//! [`mailbox::parallel`] cuts mboxes, Maildirs, folders and archives into pieces of whole messages and
//! hands the results on in their order; memory grows with none of them.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use septet::base::Limits;
//! use septet::mailbox::{Error, Sources};
//! use septet::mailbox::parallel::{Manner, Piece, Take, in_order};
//! use septet::structure::Builder;
//!
//! /// Tells how many octets each message of a piece has.
//! fn measure(piece: Piece<'_>, take: &mut Take<'_, u64>) -> ControlFlow<()> {
//!     let mut builder = Builder::default();
//!     let options = builder.walk_options(piece.format.separator());
//!     let name = piece.name.clone();
//!     piece.read(&mut None, Limits::default(), options, |reader| loop {
//!         match builder.read(reader, &mut ()) {
//!             Ok(Some(structure)) => take(Ok(structure.length()))?,
//!             Ok(None) => return ControlFlow::Continue(()),
//!             Err(error) => return take(Err(Error::io(&name, error))),
//!         }
//!     })
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("archive.mbox");
//! # let from = "From a@example.org Mon Jan  1 00:00:00 2024\n";
//! # std::fs::write(&path, [from, "Subject: 1\n\none\n\n", from, "Subject: 2\n\nthree\n"].concat())?;
//! let mut sizes = Vec::new();
//! in_order(Sources::new([path]), &Manner::default(), || measure, &mut |result| {
//!     match result {
//!         Ok(size) => sizes.push(size),
//!         Err(error) => eprintln!("{error}"),
//!     }
//!     ControlFlow::Continue(())
//! });
//! assert_eq!(sizes, [16, 18]);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The modules
//!
//! One idea carries all of it: **the token stream is a partition of the input**. The [`walk`] turns
//! octets into tokens that, written one after the other, give the octets back; everything else is a
//! fold or a map over that stream. From the ground up (imports run only downwards, a test sees to it):
//!
//! | module | what lives there |
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
