//! The field names that the parser or the reports treat in some way of their own: what their bodies
//! hold, and whether they may stand only once (RFC 5322 §3.6, RFC 2045, RFC 2183).
//!
//! May use: nothing.

use std::ops::Range;

/// What the body of a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text in which encoded-words may stand.
    Unstructured,
    /// An address list.
    Addresses,
    /// A date.
    Date,
    /// Message-ids.
    Ids,
    /// `value; name=value; …`
    Parameters,
    /// Octets in which no encoded-word may stand.
    Opaque,
}

/// How often a field may stand in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// At most once; of several the first counts (H010).
    Once,
    /// At most once; several are read as one list (H011).
    OneList,
    /// As often as it likes.
    Any,
}

macro_rules! fields {
    ($($id:ident $name:literal $kind:ident $count:ident;)*) => {
        /// A field name that is known.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Name {
            $(#[doc = $name] $id,)*
        }

        const TABLE: &[(Name, &str, Kind, Count)] =
            &[$((Name::$id, $name, Kind::$kind, Count::$count),)*];
    };
}

fields! {
    Bcc "bcc" Addresses OneList;
    Cc "cc" Addresses OneList;
    Comments "comments" Unstructured Any;
    ContentDescription "content-description" Unstructured Once;
    ContentDisposition "content-disposition" Parameters Once;
    ContentId "content-id" Ids Once;
    ContentTransferEncoding "content-transfer-encoding" Opaque Once;
    ContentType "content-type" Parameters Once;
    Date "date" Date Once;
    DeliveredTo "delivered-to" Opaque Any;
    DeliveryDate "delivery-date" Date Any;
    DispositionNotificationTo "disposition-notification-to" Addresses Any;
    ErrorsTo "errors-to" Addresses Any;
    From "from" Addresses OneList;
    InReplyTo "in-reply-to" Ids Once;
    MailFollowupTo "mail-followup-to" Addresses Any;
    MailReplyTo "mail-reply-to" Addresses Any;
    MessageId "message-id" Ids Once;
    MimeVersion "mime-version" Opaque Once;
    Received "received" Opaque Any;
    References "references" Ids Once;
    ReplyTo "reply-to" Addresses OneList;
    ResentBcc "resent-bcc" Addresses Any;
    ResentCc "resent-cc" Addresses Any;
    ResentDate "resent-date" Date Any;
    ResentFrom "resent-from" Addresses Any;
    ResentMessageId "resent-message-id" Ids Any;
    ResentReplyTo "resent-reply-to" Addresses Any;
    ResentSender "resent-sender" Addresses Any;
    ResentTo "resent-to" Addresses Any;
    ReturnPath "return-path" Addresses Any;
    ReturnReceiptTo "return-receipt-to" Addresses Any;
    Sender "sender" Addresses OneList;
    Subject "subject" Unstructured Once;
    To "to" Addresses OneList;
}

/// For each length, the set of the names that have it: every field of every message is looked up.
const BY_LENGTH: [u64; 32] = {
    let mut sets = [0; 32];
    let mut i = 0;
    while i < TABLE.len() {
        sets[TABLE[i].1.len()] |= 1 << i;
        i += 1;
    }
    sets
};

/// For each first letter, by its five lowest bits, the set of the names that begin with it.
const BY_LETTER: [u64; 32] = {
    let mut sets = [0; 32];
    let mut i = 0;
    while i < TABLE.len() {
        sets[TABLE[i].1.as_bytes()[0] as usize % 32] |= 1 << i;
        i += 1;
    }
    sets
};

impl Name {
    /// The name that `octets` spell, letter case apart.
    pub fn of(octets: &[u8]) -> Option<Name> {
        let same_length = BY_LENGTH.get(octets.len())?;
        let mut alike = same_length & BY_LETTER[*octets.first()? as usize % 32];
        while alike != 0 {
            let (name, text, ..) = &TABLE[alike.trailing_zeros() as usize];
            if spells(octets, text.as_bytes()) {
                return Some(*name);
            }
            alike &= alike - 1;
        }
        None
    }

    /// What the field's body holds.
    pub fn kind(self) -> Kind {
        TABLE[self as usize].2
    }

    /// Whether it may stand only once, and of several only the first counts.
    pub fn is_singleton(self) -> bool {
        TABLE[self as usize].3 == Count::Once
    }

    /// Whether it may stand only once, and several are read as one list.
    pub fn is_single_list(self) -> bool {
        TABLE[self as usize].3 == Count::OneList
    }

    /// A set with this name alone, to be joined with others.
    pub(crate) fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// Whether `octets` are the name `text` in either letter case: as long, in lower case, nothing in it but
/// letters and hyphens. Only where it has a letter may the other case stand, which differs from it in
/// one bit that the letters in lower case have.
fn spells(octets: &[u8], text: &[u8]) -> bool {
    const LETTER: u64 = u64::from_le_bytes([0x40; 8]);
    let alike = |word: u64, text: u64| word | (text & LETTER) >> 1 == text;
    if !alike(last_word(octets), last_word(text)) {
        return false;
    }
    let mut rest = (octets, text);
    while let (Some((&word, octets)), Some((&text_word, text))) =
        (rest.0.split_first_chunk(), rest.1.split_first_chunk())
    {
        if !alike(u64::from_le_bytes(word), u64::from_le_bytes(text_word)) {
            return false;
        }
        rest = (octets, text);
    }
    true
}

/// The last eight octets as a number, or all if they are less.
fn last_word(octets: &[u8]) -> u64 {
    match (octets.last_chunk(), octets.first_chunk::<4>(), octets.last_chunk::<4>()) {
        (Some(&last), ..) => u64::from_le_bytes(last),
        (None, Some(&first), Some(&last)) => {
            u64::from(u32::from_le_bytes(first)) | (u64::from(u32::from_le_bytes(last)) << 32)
        }
        _ => octets.iter().fold(0, |word, &c| (word << 8) | u64::from(c)),
    }
}

/// Where the name of a MIME field stands in `name`, if that is more: in quotes, or with other marks
/// before or behind it.
pub(crate) fn marked_mime(name: &[u8]) -> Option<Range<usize>> {
    let is_in = |c: &u8| c.is_ascii_alphanumeric();
    let core = name.iter().position(is_in)?..name.iter().rposition(is_in)? + 1;
    let is_mime = matches!(
        Name::of(&name[core.clone()]),
        Some(Name::ContentDisposition | Name::ContentTransferEncoding | Name::ContentType)
    );
    (is_mime && core.len() < name.len()).then_some(core)
}

/// What the body of the field `name` holds; an unknown field is unstructured.
pub fn kind_of(name: &[u8]) -> Kind {
    Name::of(name).map_or(Kind::Unstructured, Name::kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_names() {
        assert!(TABLE.len() <= 64, "names fit into the bits of a u64");
        for (i, (name, text, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*name as usize, i);
            assert_eq!(Name::of(text.to_ascii_uppercase().as_bytes()), Some(*name));
        }
        assert_eq!(Name::of(b"X-Subject"), None);
        assert_eq!(Name::of(b"cOnTeNt-TyPe"), Some(Name::ContentType));
        assert_eq!(Name::of(b""), None);
    }

    #[test]
    fn marks_stand_around_names() {
        let cases: &[(&[u8], Option<Range<usize>>)] = &[
            (b"\"Content-Type\"", Some(1..13)),
            (b"'content-transfer-encoding", Some(1..26)),
            (b"Content-Disposition.", Some(0..19)),
            (b"Content-Type", None),
            (b"X-Content-Type", None),
            (b"\"Subject\"", None),
            (b"\"\"", None),
        ];
        for (name, expected) in cases {
            assert_eq!(marked_mime(name), *expected, "{}", name.escape_ascii());
        }
    }

    #[test]
    fn no_other_octet_is_taken_for_one_of_a_name() {
        for (.., text, _, _) in TABLE {
            for place in 0..text.len() {
                for c in 0..=255 {
                    let mut octets = text.as_bytes().to_vec();
                    octets[place] = c;
                    let expected = octets.eq_ignore_ascii_case(text.as_bytes());
                    assert_eq!(spells(&octets, text.as_bytes()), expected, "{c} in {text}");
                }
            }
        }
    }
}
