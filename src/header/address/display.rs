//! Address lists as text, for people.
//!
//! Contract: what is written reads as the same list; no name poses as an address.
//!
//! RFC 5322 §3.2.3, §3.4. May use: nothing but this room.

use super::Address;

/// An address list in text: names quoted where they hold what would be taken for syntax (RFC 5322
/// §3.2.3), so that no name poses as an address.
pub fn display(addresses: &[Address]) -> String {
    let mut text = String::new();
    append_displayed(addresses, &mut text);
    text
}

/// Appends the same to `text`.
pub(in crate::header) fn append_displayed(addresses: &[Address], text: &mut String) {
    let mut group: Option<&str> = None;
    for (i, address) in addresses.iter().enumerate() {
        let is_same = group.is_some() && group == address.group.as_deref();
        if group.is_some() && !is_same {
            text.push(';');
        }
        if i > 0 {
            text.push_str(", ");
        }
        if let Some(name) = address.group.as_deref().filter(|_| !is_same) {
            push_name(name, text);
            text.push_str(": ");
        }
        group = address.group.as_deref();
        if let Some(name) = &address.name {
            push_name(name, text);
        }
        match (&address.name, &address.address) {
            (Some(_), Some(address)) => text.extend([" <", address, ">"]),
            (None, Some(address)) => text.push_str(address),
            (_, None) => {}
        }
    }
    if group.is_some() {
        text.truncate(text.trim_end().len());
        text.push(';');
    }
}

/// A display name, in quotes if it needs them. A comment in parentheses at its end does not.
fn push_name(name: &str, text: &mut String) {
    let is_special =
        |c: char| matches!(c, '<' | '>' | '[' | ']' | ':' | ';' | '@' | '\\' | ',' | '"');
    if !name.contains(is_special) {
        return text.push_str(name);
    }
    text.push('"');
    for c in name.chars() {
        text.extend(matches!(c, '"' | '\\').then_some('\\'));
        text.push(c);
    }
    text.push('"');
}
