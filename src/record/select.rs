//! Which messages are meant: conditions on fields, date, size and attachments.
//!
//! A [`Condition`] is read from text such as `from~alice` or `date>=2020`; a [`Selection`] holds
//! several and is shown the fields of a message's root while it streams by, then its structure. All
//! must hold.
//!
//! Contract: only fields that a condition names are parsed, nothing of a message is kept but what
//! they said of it (a truth, a date). What the header decides is known when it is over, so whoever
//! streams can pass over the rest. Texts are compared decoded, composed (NFC) and without regard to
//! letter case.
//!
//! It does not look into bodies or into messages inside, and knows no flags of a mailbox.
//!
//! RFC 5322 §3.6, RFC 3339 (times), RFC 8621 §4.1.4 (what an attachment is).
//!
//! May use: base, header, structure.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use jiff::{Timestamp, civil};
use unicode_normalization::UnicodeNormalization;

use crate::header::names::Name;
use crate::header::{self, Context, Field, address, date, ids};
use crate::structure::{Bodies, Structure};

/// One condition on a message, read from its text: see [`Condition::HELP`].
///
/// ```
/// use septet::record::select::Condition;
///
/// assert!("from~alice".parse::<Condition>().is_ok());
/// assert!("!date<2021-03".parse::<Condition>().is_ok());
/// let error = "size>lots".parse::<Condition>().unwrap_err().to_string();
/// assert_eq!(error, "`lots` is no size such as 500, 20k, 3MB or 1GiB");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    is_negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// A field says this; the text is [folded](fold), except that of an `id=`.
    Field {
        place: Place,
        how: How,
        text: String,
    },
    /// Seconds since 1970: the whole of a year, month, day or second.
    Date {
        order: Order,
        range: Range<i64>,
    },
    Size {
        order: Order,
        octets: u64,
    },
    Attachment(Attachment),
}

/// Which field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    From,
    /// To, Cc and Bcc.
    To,
    Cc,
    Subject,
    Id,
    /// The one of this name.
    Header(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Contains,
    Equals,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Attachment {
    Any,
    /// A media type in lower case; either half may be `*`.
    Type(String, String),
    /// A folded piece of a file name.
    Name(String),
}

/// What is wrong with the text of a condition, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError(String);

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConditionError {}

fn wrong<T>(what: String) -> Result<T, ConditionError> {
    Err(ConditionError(what))
}

impl Condition {
    /// What conditions there are, for people.
    pub const HELP: &str = "\
from~TEXT, cc~TEXT, subject~TEXT, id~TEXT, header:NAME~TEXT
  the decoded field contains TEXT, letter case apart; with = instead
  of ~ it is TEXT, or one of its addresses or names is; header:NAME~
  asks only whether it is there
to~TEXT
  likewise for To, Cc and Bcc
date>=2020, date<2021-03, date=2020-05-17, date>2020-05-17T08:00:00Z
  the Date field and a year, month or day (in UTC) or RFC 3339 time;
  without a date nothing compares
size>1M
  octets of the message: 500, 20k, 3MB (of 1000), 1GiB (of 1024)
attachment, attachment=application/pdf, attachment=image/*
  it has one, or one of this type
attachment~TEXT
  the file name of one contains TEXT
!CONDITION
  it does not hold";
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Condition, ConditionError> {
        let (is_negated, text) = match text.trim_start().strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let at = text.find(['~', '=', '<', '>']).unwrap_or(text.len());
        let (name, rest) = text.split_at(at);
        let name = name.trim();
        let operators = ["<=", ">=", "<", ">", "=", "~"];
        let operator = operators.into_iter().find(|it| rest.starts_with(it)).unwrap_or("");
        let value = rest[operator.len()..].trim_start();
        let test = match name.to_ascii_lowercase().as_str() {
            "from" => field(Place::From, name, operator, value),
            "to" => field(Place::To, name, operator, value),
            "cc" => field(Place::Cc, name, operator, value),
            "subject" => field(Place::Subject, name, operator, value),
            "id" => field(Place::Id, name, operator, value),
            "date" => Ok(Test::Date { order: order(name, operator)?, range: when(value)? }),
            "size" => Ok(Test::Size { order: order(name, operator)?, octets: octets(value)? }),
            "attachment" => attachment(operator, value),
            lower => match lower.strip_prefix("header:") {
                Some(header) if is_field_name(header) => {
                    field(Place::Header(header.to_owned()), name, operator, value)
                }
                _ if is_field_with_colon(lower) => {
                    let (name, text) = text.split_once(':').unwrap_or((text, ""));
                    wrong(format!("`{name}` takes ~ or =, no colon: {name}~{}", text.trim()))
                }
                _ => wrong(format!(
                    "no condition is called `{name}`: there are from, to, cc, subject, \
                     header:NAME, id, date, size, attachment"
                )),
            },
        }?;
        Ok(Condition { is_negated, test })
    }
}

/// `from:alice`, as search engines have it.
fn is_field_with_colon(name: &str) -> bool {
    let field = name.split_once(':').map(|(field, _)| field);
    field.is_some_and(|field| ["from", "to", "cc", "subject", "id"].contains(&field))
}

fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|c| c.is_ascii_graphic() && c != b':')
}

fn field(place: Place, name: &str, operator: &str, value: &str) -> Result<Test, ConditionError> {
    let how = match operator {
        "~" => How::Contains,
        "=" => How::Equals,
        _ => return wrong(format!("`{name}` takes ~ (contains) or = (equals) and a text")),
    };
    if value.starts_with(['~', '=']) {
        return wrong(format!("`{name}` takes ~ (contains) or = (equals), one of both"));
    }
    let text = match (&place, how) {
        // Message-ids are compared as they are: letter case may tell two apart.
        (Place::Id, How::Equals) => {
            let value = value.trim();
            let bare = value.strip_prefix('<').and_then(|value| value.strip_suffix('>'));
            bare.unwrap_or(value).to_owned()
        }
        _ => fold(value),
    };
    Ok(Test::Field { place, how, text })
}

fn order(name: &str, operator: &str) -> Result<Order, ConditionError> {
    Ok(match operator {
        "<" => Order::Less,
        "<=" => Order::LessOrEqual,
        "=" => Order::Equal,
        ">=" => Order::GreaterOrEqual,
        ">" => Order::Greater,
        _ => return wrong(format!("`{name}` takes <, <=, =, >= or > and a value")),
    })
}

/// The seconds that a date stands for.
fn when(text: &str) -> Result<Range<i64>, ConditionError> {
    let range = match text.contains(['T', 't', ' ']) {
        true => text.parse().ok().map(|time: Timestamp| time.as_second()..time.as_second() + 1),
        false => days(text),
    };
    range.map_or_else(
        || {
            wrong(format!(
                "`{text}` is no date: a year, a month (2020-05), a day (2020-05-17) or an RFC \
                 3339 time (2020-05-17T08:00:00+02:00)"
            ))
        },
        Ok,
    )
}

/// The seconds of a year, month or day in UTC.
fn days(text: &str) -> Option<Range<i64>> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| match parts.next() {
        None => Some(None),
        Some(part) if part.len() == digits && part.bytes().all(|c| c.is_ascii_digit()) => {
            part.parse::<i16>().ok().map(Some)
        }
        Some(_) => None,
    };
    let (year, month, day) = (number(4)??, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let small = |number: Option<i16>| i8::try_from(number.unwrap_or(1)).ok();
    let first = civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let last = match (month, day) {
        (None, _) => first.last_of_year(),
        (_, None) => first.last_of_month(),
        _ => first,
    };
    let epoch = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let start = |date: civil::Date| date.at(0, 0, 0, 0).duration_since(epoch).as_secs();
    Some(start(first)..start(last) + 24 * 60 * 60)
}

/// A number of octets: `500`, `20k`, `3MB`, `1GiB`; K, M, G and T are of 1000, KiB and so on of 1024.
pub fn octets(text: &str) -> Result<u64, ConditionError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    let unit = unit.trim_start().to_ascii_lowercase();
    let (letter, base) = match unit.strip_suffix("ib") {
        Some(letter) => (letter, 1024u64),
        None => (unit.strip_suffix('b').unwrap_or(&unit), 1000),
    };
    let power = match letter {
        "" if base == 1000 => Some(0),
        "k" => Some(1),
        "m" => Some(2),
        "g" => Some(3),
        "t" => Some(4),
        _ => None,
    };
    let factor = power.map(|power| base.pow(power));
    let number: Option<u64> = digits.parse().ok();
    match number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor)) {
        Some(octets) => Ok(octets),
        None => wrong(format!("`{text}` is no size such as 500, 20k, 3MB or 1GiB")),
    }
}

fn attachment(operator: &str, value: &str) -> Result<Test, ConditionError> {
    let found = match operator {
        "" => Attachment::Any,
        "~" => Attachment::Name(fold(value)),
        "=" => match value.split_once('/') {
            Some((kind, sub)) if is_half(kind) && is_half(sub) => {
                Attachment::Type(kind.to_ascii_lowercase(), sub.to_ascii_lowercase())
            }
            _ => {
                return wrong(format!(
                    "`{value}` is no media type: such as application/pdf or image/*"
                ));
            }
        },
        _ => {
            return wrong(
                "`attachment` stands alone, or takes = and a media type, or ~ and a piece of a \
                 file name"
                    .to_owned(),
            );
        }
    };
    Ok(Test::Attachment(found))
}

/// Whether this is one half of a media type, or any.
fn is_half(text: &str) -> bool {
    let is_token = |c: u8| c.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&c);
    text == "*" || !text.is_empty() && text.bytes().all(is_token)
}

/// Text as it is compared: composed, in lower case.
fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

impl Place {
    fn has(&self, field: &Field<'_>) -> bool {
        match self {
            Place::From => field.is("From"),
            Place::To => ["To", "Cc", "Bcc"].into_iter().any(|name| field.is(name)),
            Place::Cc => field.is("Cc"),
            Place::Subject => field.is("Subject"),
            Place::Id => field.is("Message-ID"),
            Place::Header(name) => field.is(name),
        }
    }

    /// Whether a field of this place says the text.
    fn says(&self, how: How, text: &str, field: &Field<'_>, context: &Context) -> bool {
        let whole = || fold(&header::text(field, context).text);
        match (self, how) {
            (Place::Id, How::Equals) => ids::parse(field.body).first().is_some_and(|id| id == text),
            (Place::From | Place::To | Place::Cc, How::Equals) => {
                let entries = address::parse(field.body, context, &mut ());
                let is_it = |said: &String| fold(said) == text;
                entries.iter().any(|it| it.name.iter().chain(&it.address).any(is_it))
            }
            (_, How::Contains) => whole().contains(text),
            (_, How::Equals) => whole() == text,
        }
    }
}

impl Order {
    fn of_date(self, time: i64, range: &Range<i64>) -> bool {
        match self {
            Order::Less => time < range.start,
            Order::LessOrEqual => time < range.end,
            Order::Equal => range.contains(&time),
            Order::GreaterOrEqual => time >= range.start,
            Order::Greater => time >= range.end,
        }
    }

    fn of_size(self, size: u64, octets: u64) -> bool {
        match self {
            Order::Less => size < octets,
            Order::LessOrEqual => size <= octets,
            Order::Equal => size == octets,
            Order::GreaterOrEqual => size >= octets,
            Order::Greater => size > octets,
        }
    }
}

impl Attachment {
    fn is_in(&self, structure: &Structure) -> bool {
        let attachments = Bodies::of(structure).attachments;
        attachments.into_iter().filter_map(|index| structure.part(index)).any(|part| match self {
            Attachment::Any => true,
            Attachment::Name(text) => {
                part.filename().is_some_and(|name| fold(&name).contains(text.as_str()))
            }
            Attachment::Type(kind, sub) => {
                let essence = part.essence();
                let (its_kind, its_sub) = essence.split_once('/').unwrap_or((&essence, ""));
                (kind == "*" || kind == its_kind) && (sub == "*" || sub == its_sub)
            }
        })
    }
}

/// What a message has shown so far of what one condition asks.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// There was a field that it names.
    any: bool,
    /// One said it.
    holds: bool,
}

/// Conditions that must all hold, and what is known of the message that streams by.
#[derive(Debug)]
pub struct Selection {
    conditions: Vec<(Condition, Seen)>,
    context: Context,
    /// The inner `None` is a Date field that cannot be read.
    date: Option<Option<i64>>,
    wants_date: bool,
}

impl Selection {
    /// A selection by these conditions; without any, every message is meant. `context` is what the
    /// reading of fields depends on.
    pub fn new(conditions: Vec<Condition>, context: Context) -> Selection {
        let wants_date = conditions.iter().any(|it| matches!(it.test, Test::Date { .. }));
        let conditions = conditions.into_iter().map(|it| (it, Seen::default())).collect();
        Selection { conditions, context, date: None, wants_date }
    }

    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Another message begins.
    pub fn begin(&mut self) {
        self.date = None;
        for (_, seen) in &mut self.conditions {
            *seen = Seen::default();
        }
    }

    /// The octets of a field of the message's own header, in order. Of a field that may stand only
    /// once the first counts.
    pub fn field(&mut self, octets: &[u8]) {
        if self.conditions.is_empty() {
            return;
        }
        let Some(field) = Field::parse(octets) else { return };
        if self.wants_date && self.date.is_none() && field.is("Date") {
            let date = date::parse(field.body, &mut ());
            self.date = Some(date.map(|date| date.timestamp()));
        }
        for (condition, seen) in &mut self.conditions {
            let Test::Field { place, how, text } = &condition.test else { continue };
            if seen.holds || !place.has(&field) {
                continue;
            }
            let counts = !seen.any || Name::of(field.name).is_none_or(|name| !name.is_singleton());
            seen.holds = counts && place.says(*how, text, &field, &self.context);
            seen.any = true;
        }
    }

    /// The message's own header is over: whether it is meant, if that is certain by now.
    pub fn headed(&mut self, _: &Structure) -> Option<bool> {
        let mut all = Some(true);
        for (condition, seen) in &self.conditions {
            match self.by_header(condition, *seen) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }

    /// The message is over: whether it is meant.
    pub fn matches(&mut self, structure: &Structure) -> bool {
        self.conditions.iter().all(|(condition, seen)| {
            self.by_header(condition, *seen).unwrap_or_else(|| {
                let holds = match &condition.test {
                    Test::Size { order, octets } => order.of_size(structure.length(), *octets),
                    Test::Attachment(wanted) => wanted.is_in(structure),
                    Test::Field { .. } | Test::Date { .. } => false,
                };
                holds != condition.is_negated
            })
        })
    }

    /// Whether a condition holds, if the header alone tells.
    fn by_header(&self, condition: &Condition, seen: Seen) -> Option<bool> {
        let holds = match &condition.test {
            Test::Field { .. } => seen.holds,
            Test::Date { order, range } => {
                self.date.flatten().is_some_and(|time| order.of_date(time, range))
            }
            Test::Size { .. } | Test::Attachment(_) => return None,
        };
        Some(holds != condition.is_negated)
    }
}

#[cfg(test)]
mod tests;
