//! What a message needs of a transport, what a server offers, and whether the two fit.
//!
//! [`Gauge`] watches a message while it is read and gives its [`Needs`]; [`Offer`] reads the reply to
//! EHLO; [`Needs::fits`] compares them. Contract: any octets give a result, in linear time and bounded
//! memory; the octets decide, not the labels.
//!
//! It does not look at the envelope: an address there may need SMTPUTF8 where the message does not.
//! What a conversion would add to the size is for the conversion to say. Of the extensions only those
//! are known that decide which octets may be sent.
//!
//! RFC 1870 (SIZE), RFC 3030 (BINARYMIME, CHUNKING), RFC 5321 §4.1.1.1 and §4.2 (EHLO, replies),
//! RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).
//!
//! May use: base, charset, transfer, header, walk, structure.

mod gauge;

pub use gauge::Gauge;

/// What the reply to EHLO offers; nothing where only HELO is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// 8BITMIME: octets over 127.
    pub eight_bit_mime: bool,
    /// BINARYMIME: any octets, lines of any length; only with [`Offer::chunking`].
    pub binary_mime: bool,
    /// CHUNKING: messages in counted pieces instead of lines.
    pub chunking: bool,
    /// SMTPUTF8: octets over 127 in header fields and in addresses.
    pub smtputf8: bool,
    /// SIZE: the largest message that is taken, if there is a limit.
    pub size: Option<u64>,
}

impl Offer {
    /// Reads the reply to EHLO, or a session with other replies around it: the last reply 250 of
    /// more than one line counts, as a server greets anew after STARTTLS and the replies to later
    /// commands have one line. What is no line of a reply, such as the commands, is skipped. Any
    /// other reply offers nothing.
    pub fn parse(reply: &[u8]) -> Offer {
        let mut offer = Offer::default();
        // The reply that is being read, behind its first line, which greets.
        let mut open: Option<Offer> = None;
        for line in reply.split(|&c| c == b'\n').filter_map(ReplyLine::parse) {
            match &mut open {
                Some(reply) if line.is_ok => reply.keyword(line.text),
                None if line.is_ok && line.goes_on => open = Some(Offer::default()),
                _ => {}
            }
            if !(line.is_ok && line.goes_on) {
                offer = open.take().unwrap_or(offer);
            }
        }
        open.unwrap_or(offer)
    }

    /// A line of the reply: a keyword in any letter case, and its parameters.
    fn keyword(&mut self, line: &[u8]) {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let keyword = words.next().unwrap_or_default();
        let is = |name: &[u8]| keyword.eq_ignore_ascii_case(name);
        self.eight_bit_mime |= is(b"8BITMIME");
        self.binary_mime |= is(b"BINARYMIME");
        self.chunking |= is(b"CHUNKING");
        self.smtputf8 |= is(b"SMTPUTF8");
        if is(b"SIZE") {
            self.size = words.next().and_then(limit);
        }
    }

    /// Whether any octets may be sent as they are.
    fn takes_binary(&self) -> bool {
        self.binary_mime && self.chunking
    }
}

/// The parameter of SIZE. 0 means that there is no fixed limit (RFC 1870 §3); so does what is no
/// number, and one of more than 64 bits is none in effect.
fn limit(parameter: &[u8]) -> Option<u64> {
    let number = std::str::from_utf8(parameter).ok()?.parse().ok()?;
    Some(number).filter(|&number| number > 0)
}

/// A line of a reply (RFC 5321 §4.2).
struct ReplyLine<'a> {
    /// The code is 250.
    is_ok: bool,
    /// Another line of this reply follows.
    goes_on: bool,
    text: &'a [u8],
}

impl<'a> ReplyLine<'a> {
    fn parse(line: &'a [u8]) -> Option<ReplyLine<'a>> {
        let line = line.trim_ascii();
        // QUIRK: people mark in a session which side speaks, as RFC 5321 does in its examples.
        let line = line.strip_prefix(b"S:").unwrap_or(line).trim_ascii_start();
        let (code, rest) = line.split_at_checked(3)?;
        let text = match rest {
            [b'-' | b' ', text @ ..] => text,
            [] => rest,
            _ => return None,
        };
        let is_code = code.iter().all(u8::is_ascii_digit);
        let goes_on = rest.starts_with(b"-");
        is_code.then_some(ReplyLine { is_ok: code == b"250", goes_on, text })
    }
}

/// What the octets of a message are, as the parameter BODY names it (RFC 6152 §3, RFC 3030 §3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Body {
    /// Lines of at most 998 octets, none over 127.
    #[default]
    SevenBit,
    /// Such lines, with octets over 127 somewhere.
    EightBitMime,
    /// A NUL, a CR or LF that ends no line, or a longer line.
    BinaryMime,
}

impl Body {
    /// The value of the parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Body::SevenBit => "7BIT",
            Body::EightBitMime => "8BITMIME",
            Body::BinaryMime => "BINARYMIME",
        }
    }
}

/// LIMIT: how many of the fields that need SMTPUTF8 are named.
pub const FIELDS: usize = 100;

/// What one message needs of its transport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Its octets as RFC 1870 §5 counts them: every line end, and one behind a last line that has
    /// none, is two; neither the dots that are doubled nor the end of the data count.
    pub size: u64,
    /// What its octets are.
    pub body: Body,
    /// Whether a header in it holds octets over 127.
    pub smtputf8: bool,
    /// Where: each field name of each part once, the first [`FIELDS`] of them.
    pub utf8_fields: Vec<Utf8Field>,
    /// How many fields with such octets there are beside those, duplicates not told apart.
    pub utf8_unlisted: u64,
    /// Octets of the longest line, without its line end.
    pub longest_line: u64,
    /// Whether everything in headers can be written in ASCII.
    is_utf8_mendable: bool,
}

/// Octets over 127 in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utf8Field {
    /// The number of the part.
    pub part: String,
    /// The field name as written; `None` for what is no field or lies beyond a limit.
    pub name: Option<String>,
    /// Whether it can be written in ASCII: text as encoded-words, parameters as RFC 2231 has it, a
    /// domain as A-labels. The local part of an address and an id cannot.
    pub mendable: bool,
}

/// Why a message cannot be sent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is larger than the server takes.
    TooLarge {
        /// As in [`Needs::size`].
        size: u64,
        /// As in [`Offer::size`].
        limit: u64,
    },
    /// It has octets over 127, and 8BITMIME is not offered.
    NeedsEightBit,
    /// It has what is no text of lines, and BINARYMIME with CHUNKING is not offered.
    NeedsBinary,
    /// A header has octets over 127, and SMTPUTF8 is not offered.
    NeedsUtf8 {
        /// Whether all of them can be written in ASCII.
        mendable: bool,
    },
}

impl Needs {
    /// Whether a server that offers this takes the message as it is; if not, everything that is in
    /// the way.
    pub fn fits(&self, offer: &Offer) -> Result<(), Vec<Obstacle>> {
        let mut obstacles = Vec::new();
        if let Some(limit) = offer.size.filter(|&limit| self.size > limit) {
            obstacles.push(Obstacle::TooLarge { size: self.size, limit });
        }
        match self.body {
            Body::EightBitMime if !offer.eight_bit_mime && !offer.takes_binary() => {
                obstacles.push(Obstacle::NeedsEightBit);
            }
            Body::BinaryMime if !offer.takes_binary() => obstacles.push(Obstacle::NeedsBinary),
            _ => {}
        }
        if self.smtputf8 && !offer.smtputf8 {
            obstacles.push(Obstacle::NeedsUtf8 { mendable: self.is_utf8_mendable });
        }
        if obstacles.is_empty() { Ok(()) } else { Err(obstacles) }
    }
}

impl Obstacle {
    /// The command that takes it out of the way of a server with this offer, if there is one.
    pub fn remedy(&self, offer: &Offer) -> Option<&'static str> {
        match self {
            Obstacle::TooLarge { .. } | Obstacle::NeedsUtf8 { mendable: false } => None,
            _ if offer.eight_bit_mime => Some("septet convert --to 8bit"),
            _ => Some("septet convert --to 7bit"),
        }
    }
}

/// The command that makes a message with these obstacles fit; `None` if one of them has no remedy.
pub fn remedy(obstacles: &[Obstacle], offer: &Offer) -> Option<&'static str> {
    // What the remedies convert to depends on the offer only, so any of them is that of all.
    let remedies: Option<Vec<_>> = obstacles.iter().map(|o| o.remedy(offer)).collect();
    remedies?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Offer = Offer {
        eight_bit_mime: false,
        binary_mime: false,
        chunking: false,
        smtputf8: false,
        size: None,
    };
    const EIGHT: Offer = Offer { eight_bit_mime: true, ..NONE };
    const BINARY: Offer = Offer { binary_mime: true, chunking: true, ..EIGHT };

    #[test]
    fn reads_replies() {
        let cases: &[(&str, &[u8], Offer)] = &[
            ("nothing", b"", NONE),
            ("helo only", b"500 Command unrecognized\r\n", NONE),
            ("no extension", b"250 mx.example.org\r\n", NONE),
            ("one", b"250-mx.example.org\r\n250 8BITMIME\r\n", EIGHT),
            ("lf, any case", b"250-mx\n250-8bitMime\n250-x-8bit\n250 Help\n", EIGHT),
            ("not the greeting", b"250-8BITMIME\r\n250 HELP\r\n", NONE),
            ("not within a word", b"250-mx\r\n250 X8BITMIME\r\n", NONE),
            (
                "size",
                b"250-mx\r\n250 SIZE 461544960\r\n",
                Offer { size: Some(461_544_960), ..NONE },
            ),
            ("size without a number", b"250-mx\r\n250 SIZE\r\n", NONE),
            ("size 0", b"250-mx\r\n250 SIZE 0\r\n", NONE),
            ("size of a word", b"250-mx\r\n250 SIZE much\r\n", NONE),
            ("size of 20 digits", b"250-mx\r\n250 SIZE 99999999999999999999\r\n", NONE),
            ("all", b"250-a\n250-BINARYMIME\n250-CHUNKING\n250 8BITMIME\n", BINARY),
            ("garbage", b"\xff\0\n25\n250-mx\n250x\n2500\n\n250 8BITMIME", EIGHT),
            ("the last line is missing", b"250-mx\r\n250-8BITMIME\r\n250-HE", EIGHT),
            (
                "a session",
                b"220 mx ESMTP\r\nEHLO me\r\n250-mx\r\n250 8BITMIME\r\nMAIL FROM:<>\r\n250 ok\r\n",
                EIGHT,
            ),
            ("marked", b"S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250 8BITMIME\n", EIGHT),
            ("the second greeting", b"250-a\n250 STARTTLS\n220 go\n250-a\n250 8BITMIME\n", EIGHT),
            ("a banner of two lines", b"220-mx\n220 8BITMIME\n250 mx\n", NONE),
            ("refused", b"220 mx\n502-no\n502 8BITMIME\n", NONE),
        ];
        for &(name, reply, expected) in cases {
            assert_eq!(Offer::parse(reply), expected, "{name}");
        }
    }

    #[test]
    fn compares() {
        const EIGHT_BIT: &str = "septet convert --to 8bit";
        const SEVEN_BIT: &str = "septet convert --to 7bit";
        let plain = Needs { size: 100, is_utf8_mendable: true, ..Needs::default() };
        let eight = Needs { body: Body::EightBitMime, ..plain.clone() };
        let binary = Needs { body: Body::BinaryMime, ..plain.clone() };
        let utf8 = Needs { smtputf8: true, ..eight.clone() };
        let local = Needs { is_utf8_mendable: false, ..utf8.clone() };
        let small = Offer { size: Some(99), ..NONE };
        let large = Obstacle::TooLarge { size: 100, limit: 99 };
        let no_chunks = Offer { chunking: false, ..BINARY };
        let (mended, unmended) =
            (Obstacle::NeedsUtf8 { mendable: true }, Obstacle::NeedsUtf8 { mendable: false });
        let (needs_8, needs_binary) = (Obstacle::NeedsEightBit, Obstacle::NeedsBinary);
        let cases: &[(&str, &Needs, Offer, &[Obstacle], Option<&str>)] = &[
            ("7bit anywhere", &plain, NONE, &[], None),
            ("exactly the limit", &plain, Offer { size: Some(100), ..NONE }, &[], None),
            ("one too many", &plain, small, &[large], None),
            ("8bit to 7bit", &eight, NONE, &[needs_8], Some(SEVEN_BIT)),
            ("8bit to 8bit", &eight, EIGHT, &[], None),
            ("binary to 7bit", &binary, NONE, &[needs_binary], Some(SEVEN_BIT)),
            ("binary to 8bit", &binary, EIGHT, &[needs_binary], Some(EIGHT_BIT)),
            ("binary to binary", &binary, BINARY, &[], None),
            ("binary without chunks", &binary, no_chunks, &[needs_binary], Some(EIGHT_BIT)),
            ("utf8 to 7bit", &utf8, NONE, &[needs_8, mended], Some(SEVEN_BIT)),
            ("utf8 to 8bit", &utf8, EIGHT, &[mended], Some(EIGHT_BIT)),
            ("utf8 to utf8", &utf8, Offer { smtputf8: true, ..EIGHT }, &[], None),
            ("a local part", &local, NONE, &[needs_8, unmended], None),
            ("large and 8bit", &eight, small, &[large, needs_8], None),
        ];
        for &(name, needs, offer, obstacles, expected) in cases {
            let found = needs.fits(&offer).err().unwrap_or_default();
            assert_eq!(found, obstacles, "{name}");
            assert_eq!(remedy(&found, &offer), expected, "{name}");
        }
    }
}
