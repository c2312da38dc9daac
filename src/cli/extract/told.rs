//! What the header of a message says, for the list of what was extracted from it.

use crate::header::{self, Context, Field, address, date, ids};

/// The first of each of these fields of a message, as it stands there.
#[derive(Default)]
pub(super) struct Told {
    id: Option<Vec<u8>>,
    date: Option<Vec<u8>>,
    from: Option<Vec<u8>>,
    subject: Option<Vec<u8>>,
}

/// What they say.
#[derive(Default)]
pub(super) struct Title {
    /// Without angle brackets.
    pub(super) id: Option<String>,
    /// RFC 3339.
    pub(super) date: Option<String>,
    /// The first address.
    pub(super) from: Option<String>,
    pub(super) subject: Option<String>,
}

impl Told {
    /// The next field of the header.
    pub(super) fn field(&mut self, octets: &[u8]) {
        let Some(field) = Field::parse(octets) else { return };
        let places = [
            ("Message-ID", &mut self.id),
            ("Date", &mut self.date),
            ("From", &mut self.from),
            ("Subject", &mut self.subject),
        ];
        for (name, place) in places {
            if field.is(name) {
                place.get_or_insert_with(|| octets.to_vec());
            }
        }
    }

    /// What the fields so far say.
    pub(super) fn title(&self, context: &Context) -> Title {
        let [id, date, from, subject] = [&self.id, &self.date, &self.from, &self.subject]
            .map(|octets| octets.as_deref().and_then(Field::parse));
        let rfc3339 = |date: date::Date| {
            let mut text = String::new();
            date.write_rfc3339(&mut text);
            text
        };
        let address = |from: Field<'_>| {
            let addresses = address::parse(from.body, context, &mut ());
            addresses.into_iter().find_map(|it| it.address)
        };
        Title {
            id: id.and_then(|id| Some(ids::first(id.body)?.into_owned())),
            date: date.and_then(|date| date::parse(date.body, &mut ())).map(rfc3339),
            from: from.and_then(address),
            subject: subject.map(|it| header::text(&it, context).text),
        }
    }
}
