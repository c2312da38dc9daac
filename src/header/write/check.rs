//! The proof: what was written is clean, is one field, and reads as the field before.
//!
//! May use: all of this room.

use super::edits::Did;
use super::{Grammar, Reason};
use crate::base::chars::is_wsp;
use crate::header::words::{self, Place};
use crate::header::{Context, Field, address, params};

/// Whether `new` may stand for `old`.
///
/// Text whose charset is declared cannot be compared: before, nothing in the field told it.
pub(super) fn reads_the_same(
    old: &[u8],
    new: &[u8],
    grammar: Grammar,
    did: Did,
    context: &Context,
) -> bool {
    let (Some(old), Some(field)) = (Field::parse(old), Field::parse(new)) else { return false };
    Reason::of(new).is_none()
        && old.name == field.name
        && is_one_field(new)
        && same_body(old.body, field.body, grammar, did, context)
}

/// Whether every line but the first begins with white space and holds something else too.
fn is_one_field(field: &[u8]) -> bool {
    let text = field.strip_suffix(b"\n").unwrap_or(field);
    let mut lines = text.split(|&c| c == b'\n').skip(1);
    lines.all(|line| {
        line.first().is_some_and(|&c| is_wsp(c)) && !line.iter().all(|&c| is_wsp(c) || c == b'\r')
    })
}

fn same_body(old: &[u8], new: &[u8], grammar: Grammar, did: Did, context: &Context) -> bool {
    let same = |a: &str, b: &str| did.declared || same_text(a, b);
    match grammar {
        Grammar::Text => {
            let [old, new] =
                [old, new].map(|raw| words::decode(raw, Place::Text, context, &mut ()));
            same(&old.text, &new.text)
        }
        Grammar::Addresses => {
            let [old, new] = [old, new].map(|raw| address::parse(raw, context, &mut ()));
            let optional = |a: &Option<String>, b: &Option<String>| {
                a.is_some() == b.is_some()
                    && same(a.as_deref().unwrap_or_default(), b.as_deref().unwrap_or_default())
            };
            old.len() == new.len()
                && old.iter().zip(&new).all(|(a, b)| {
                    optional(&a.name, &b.name)
                        && optional(&a.group, &b.group)
                        && same_address(a.address.as_deref(), b.address.as_deref())
                })
        }
        Grammar::Parameters => {
            let [old, new] = [old, new].map(|raw| params::parse(raw, context, &mut ()));
            old.value == new.value
                && old.params.len() == new.params.len()
                && old
                    .params
                    .iter()
                    .all(|a| new.param(&a.name).is_some_and(|b| same(&a.value.text, &b.value.text)))
        }
        Grammar::Ids | Grammar::Received | Grammar::Comments => true,
    }
}

/// Byte order marks apart: a reader drops those that begin a text in a charset.
fn same_text(a: &str, b: &str) -> bool {
    a == b || a.replace('\u{FEFF}', "") == b.replace('\u{FEFF}', "")
}

/// The same address, its domain perhaps as A-labels.
fn same_address(a: Option<&str>, b: Option<&str>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return a == b };
    a == b
        || a.rsplit_once('@').zip(b.rsplit_once('@')).is_some_and(|((local, domain), other)| {
            idna::domain_to_ascii_strict(domain).is_ok_and(|domain| (local, &*domain) == other)
        })
}
