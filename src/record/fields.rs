//! Which keys a record has.
//!
//! A record has more in it than most pipelines want, and what is not wanted is not parsed, decoded or
//! hashed. Names are those of the JSON; a key of the parts is named with `parts.` before it.
//!
//! May use: nothing.

use std::fmt;
use std::str::FromStr;

macro_rules! keys {
    ($($id:ident $prefix:literal $name:literal;)*) => {
        /// A key of a record, or of its parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Key {
            $(#[doc = concat!("`", $prefix, $name, "`")] $id,)*
        }

        impl Key {
            /// All keys, in the order in which a record has them.
            pub const ALL: &[Key] = &[$(Key::$id,)*];

            /// Its name: as the record has it, with `parts.` before it if parts have it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Key::$id => concat!($prefix, $name),)*
                }
            }

            /// What stands before its value in JSON, in the record or in the part.
            pub(super) const fn before_value(self) -> &'static str {
                match self {
                    $(Key::$id => concat!("\"", $name, "\":"),)*
                }
            }
        }
    };
}

keys! {
    Flags "" "flags";
    Id "" "id";
    Date "" "date";
    From "" "from";
    Sender "" "sender";
    ReplyTo "" "reply_to";
    To "" "to";
    Cc "" "cc";
    Bcc "" "bcc";
    Subject "" "subject";
    InReplyTo "" "in_reply_to";
    References "" "references";
    Headers "" "headers";
    Text "" "text";
    Html "" "html";
    PartNumber "parts." "part";
    PartType "parts." "type";
    PartCharset "parts." "charset";
    PartCharsetUsed "parts." "charset_used";
    PartEncoding "parts." "encoding";
    PartDisposition "parts." "disposition";
    PartFilename "parts." "filename";
    PartContentId "parts." "content_id";
    PartSize "parts." "size";
    PartSha256 "parts." "sha256";
    PartPath "parts." "path";
    PartText "parts." "text";
    Findings "" "findings";
}

/// A set of keys. `Default` has all but `headers` and `parts.text`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fields(u32);

impl Fields {
    /// All keys.
    pub const ALL: Fields = Fields((1 << Key::ALL.len()) - 1);

    /// No key: a record tells only where its message stands.
    pub const NONE: Fields = Fields(0);

    /// Whether `key` is in it.
    #[inline]
    pub const fn has(self, key: Key) -> bool {
        self.0 & Fields::bit(key) != 0
    }

    /// The same and `key`.
    #[must_use]
    pub const fn with(self, key: Key) -> Fields {
        Fields(self.0 | Fields::bit(key))
    }

    /// The same without `key`.
    #[must_use]
    pub const fn without(self, key: Key) -> Fields {
        Fields(self.0 & !Fields::bit(key))
    }

    /// Its keys, in the order in which a record has them.
    pub fn keys(self) -> impl Iterator<Item = Key> {
        Key::ALL.iter().copied().filter(move |&key| self.has(key))
    }

    /// Whether a record has parts.
    pub const fn has_parts(self) -> bool {
        self.0 & Fields::parts().0 != 0
    }

    const fn bit(key: Key) -> u32 {
        1 << key as u8
    }

    /// The keys from `first` to `last`.
    const fn range(first: Key, last: Key) -> Fields {
        Fields(((Fields::bit(last) << 1) - 1) & !(Fields::bit(first) - 1))
    }

    /// What the header of the message says.
    const fn header() -> Fields {
        Fields::range(Key::Flags, Key::Headers)
    }

    const fn parts() -> Fields {
        Fields::range(Key::PartNumber, Key::PartText)
    }

    /// What a name that stands alone means, if it is a preset.
    fn preset(name: &str) -> Option<Fields> {
        let header = Fields::header().without(Key::Headers);
        Some(match name {
            "all" => Fields::ALL,
            "headers" => Fields::header(),
            "text" => header.with(Key::Text).with(Key::Html),
            _ => return None,
        })
    }

    /// What a name in a list means.
    fn named(name: &str) -> Option<Fields> {
        match name {
            "parts" => Some(Fields::parts().without(Key::PartText)),
            _ => {
                let key = Key::ALL.iter().find(|key| key.name() == name)?;
                Some(Fields::NONE.with(*key))
            }
        }
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::ALL.without(Key::Headers).without(Key::PartText)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys().map(Key::name)).finish()
    }
}

/// Reads names with commas between them: those of keys, or `parts` for all keys of the parts but
/// their text. A name that stands alone may be a preset: `all`; `headers` for all that the header of
/// the message says, `headers` itself among it; `text` for the same without `headers`, but with
/// `text` and `html`. In a list, `headers` and `text` are the keys.
impl FromStr for Fields {
    type Err = UnknownField;

    fn from_str(list: &str) -> Result<Fields, UnknownField> {
        if let Some(preset) = Fields::preset(list.trim()) {
            return Ok(preset);
        }
        let mut fields = Fields::NONE;
        for name in list.split(',').map(str::trim) {
            match Fields::named(name) {
                Some(Fields(named)) => fields.0 |= named,
                None => return Err(UnknownField { name: name.to_owned() }),
            }
        }
        Ok(fields)
    }
}

/// A name that no key has; what it prints lists those that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// The name.
    pub name: String,
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no field is called `{}`; there are: parts", self.name)?;
        Key::ALL.iter().try_for_each(|key| write!(f, ", {}", key.name()))?;
        f.write_str("; or one of these alone: headers, text, all")
    }
}

impl std::error::Error for UnknownField {}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: Fields) -> String {
        fields.keys().map(Key::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_and_presets() {
        let header = "flags id date from sender reply_to to cc bcc subject in_reply_to references";
        let cases: &[(&str, &str)] = &[
            ("id, date,subject", "id date subject"),
            ("subject,id,id", "id subject"),
            ("text,id", "id text"),
            ("headers,text", "headers text"),
            ("parts.text", "parts.text"),
            (
                "parts",
                "parts.part parts.type parts.charset parts.charset_used parts.encoding \
                 parts.disposition parts.filename parts.content_id parts.size parts.sha256 \
                 parts.path",
            ),
            ("headers", &format!("{header} headers")),
            ("text", &format!("{header} text html")),
        ];
        for &(list, expected) in cases {
            assert_eq!(list.parse().map(names).as_deref(), Ok(expected), "{list}");
        }
        assert_eq!("all".parse(), Ok(Fields::ALL));
        assert_eq!(Fields::ALL.keys().count(), Key::ALL.len());
        let left: Vec<Key> =
            Key::ALL.iter().copied().filter(|&k| !Fields::default().has(k)).collect();
        assert_eq!(left, [Key::Headers, Key::PartText]);
    }

    #[test]
    fn unknown_names_are_told() {
        for (list, unknown) in [("id,sbject", "sbject"), ("all,id", "all"), ("", ""), ("id,", "")] {
            let error = list.parse::<Fields>().expect_err(list);
            assert_eq!(error.name, unknown, "{list}");
            let text = error.to_string();
            assert!(
                text.contains(&format!("`{unknown}`")) && text.contains("in_reply_to"),
                "{text}"
            );
        }
    }
}
