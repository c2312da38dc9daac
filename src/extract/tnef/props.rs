//! The properties inside a TNEF attribute (MS-OXTNEF §2.1.3.4), told apart as they come.
//!
//! Contract: takes any octets in any pieces, holds a few of them, and says of each piece what it is.
//! Of a property with several values each is one. After a type that nobody knows nothing can be told
//! apart any more.
//!
//! May use: nothing of this crate.

use super::number;

/// Steps through the properties.
#[derive(Debug)]
pub(super) struct Props {
    at: At,
    /// Octets of something short that is not complete.
    held: Vec<u8>,
    id: u16,
    type_: u16,
}

/// What the next octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// How many properties there are; they end with the attribute as well.
    Count,
    Tag,
    /// The set and the kind of a name that a property has instead of a number.
    NameKind,
    NameNumber,
    NameLength,
    /// Octets of the name.
    Name {
        left: u64,
    },
    ValueCount,
    ValueLength {
        values: u32,
    },
    /// Octets of a value, and how many values are behind it.
    Value {
        left: u64,
        padding: u8,
        values: u32,
    },
    /// Octets that mean nothing here, and how many values are behind them.
    Skip {
        left: u64,
        values: u32,
    },
    Nowhere,
}

/// What kind of values a property has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text in the code page.
    Text,
    /// Text in UTF-16.
    Wide,
    Binary,
    Object,
}

/// What the octets are that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Nothing that is a value.
    Nothing,
    /// The last of what stands before a value that is not empty.
    Begin { id: u16, kind: Kind },
    /// Octets of a value.
    Octets,
    /// The last ones.
    LastOctets,
}

/// Set in the type of a property with several values.
const MULTIPLE: u16 = 0x1000;

/// From this number on a property has a name.
const NAMED: u16 = 0x8000;

impl Default for Props {
    fn default() -> Props {
        Props { at: At::Count, held: Vec::new(), id: 0, type_: 0 }
    }
}

impl Props {
    /// Takes at least one of the octets, and says how many and what they are.
    pub(super) fn next(&mut self, octets: &[u8]) -> (usize, Event) {
        let length = match self.at {
            At::Nowhere => return (octets.len(), Event::Nothing),
            At::Value { left, padding, values } => {
                let taken = taken(octets, left);
                let left = left - taken as u64;
                self.at = At::Value { left, padding, values };
                if left > 0 {
                    return (taken, Event::Octets);
                }
                self.skip(u64::from(padding), values);
                return (taken, Event::LastOctets);
            }
            At::Name { left } => {
                let taken = taken(octets, left);
                self.name(left - taken as u64);
                return (taken, Event::Nothing);
            }
            At::Skip { left, values } => {
                let taken = taken(octets, left);
                self.skip(left - taken as u64, values);
                return (taken, Event::Nothing);
            }
            At::NameKind => 20,
            _ => 4,
        };
        let taken = taken(octets, (length - self.held.len()) as u64);
        self.held.extend_from_slice(&octets[..taken]);
        if self.held.len() < length {
            return (taken, Event::Nothing);
        }
        let event = self.short();
        self.held.clear();
        (taken, event)
    }

    /// Something short is complete.
    fn short(&mut self) -> Event {
        let found = number(&self.held);
        match self.at {
            At::Tag => {
                (self.type_, self.id) = (found as u16, (found >> 16) as u16);
                if self.id >= NAMED { self.at = At::NameKind } else { self.tagged() }
            }
            At::NameKind => {
                let is_number = number(&self.held[16..]) == 0;
                self.at = if is_number { At::NameNumber } else { At::NameLength };
            }
            At::NameNumber => self.tagged(),
            At::NameLength => self.name(padded(found)),
            At::ValueCount => self.counted(found),
            At::ValueLength { values } => return self.measured(found, values),
            _ => self.at = At::Tag,
        }
        Event::Nothing
    }

    /// A name that this much is left of.
    fn name(&mut self, left: u64) {
        if left > 0 {
            self.at = At::Name { left };
        } else {
            self.tagged();
        }
    }

    /// The type of a property is known: its values come next.
    fn tagged(&mut self) {
        self.at = match (self.kind(), fixed(self.type_)) {
            (Some(_), _) => At::ValueCount,
            (None, Some(_)) if self.type_ & MULTIPLE > 0 => At::ValueCount,
            (None, Some(0)) => At::Tag,
            (None, Some(length)) => At::Skip { left: length, values: 0 },
            (None, None) => At::Nowhere,
        };
    }

    fn counted(&mut self, values: u32) {
        match fixed(self.type_) {
            Some(length) if self.kind().is_none() => self.skip(length * u64::from(values), 0),
            _ => self.values(values),
        }
    }

    /// A value begins that is this long, with others behind it.
    fn measured(&mut self, length: u32, values: u32) -> Event {
        let (left, padding) = (u64::from(length), (padded(length) - u64::from(length)) as u8);
        match self.kind() {
            Some(kind) if left > 0 => {
                self.at = At::Value { left, padding, values };
                Event::Begin { id: self.id, kind }
            }
            _ => {
                self.values(values);
                Event::Nothing
            }
        }
    }

    /// Octets that mean nothing, then the other values.
    fn skip(&mut self, left: u64, values: u32) {
        if left > 0 {
            self.at = At::Skip { left, values };
        } else {
            self.values(values);
        }
    }

    fn values(&mut self, values: u32) {
        self.at = match values.checked_sub(1) {
            Some(values) => At::ValueLength { values },
            None => At::Tag,
        };
    }

    /// What kind of values there are if each says how long it is.
    fn kind(&self) -> Option<Kind> {
        match self.type_ & !MULTIPLE {
            0x001E => Some(Kind::Text),
            0x001F => Some(Kind::Wide),
            0x0102 => Some(Kind::Binary),
            0x000D => Some(Kind::Object),
            _ => None,
        }
    }
}

/// Octets of a value whose type says how long it is, as it is stored (MS-OXCDATA §2.11.1).
fn fixed(type_: u16) -> Option<u64> {
    match type_ & !MULTIPLE {
        0x0001 => Some(0),
        0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => Some(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        _ => None,
    }
}

/// Octets are filled up to a multiple of four.
fn padded(length: u32) -> u64 {
    u64::from(length).next_multiple_of(4)
}

fn taken(octets: &[u8], left: u64) -> usize {
    usize::try_from(left).map_or(octets.len(), |left| octets.len().min(left))
}
