//! Who a message says that it comes from, in the several places where it says so, and names that pose
//! as others.
//!
//! What is compared are sites, told by what domains end with (see `url`). Mail by way of others, such as
//! lists and mailing services, differs in them too: that is a fact, not a verdict.
//!
//! RFC 5322 §3.4, §3.6, RFC 5321 §4.4. May use: base, header.

use super::url;
use crate::base::chars::trim;
use crate::base::{Rule, Span};
use crate::header::address::Address;
use crate::header::names::{Kind, Name};
use crate::header::words::hides_text;
use crate::header::{Field, ids};
use crate::lint::Found;
use crate::structure::At;

/// LIMIT: addresses of a field that are looked at.
const ADDRESSES: usize = 50;

/// LIMIT: octets of the fields that say which list it is.
const LIST: usize = 500;

/// An address that a field of the message names first, and where.
#[derive(Clone, Debug)]
struct Named {
    address: String,
    span: Option<Span>,
}

/// What the header of a message says of its sender.
#[derive(Debug, Default)]
pub(super) struct SenderWatch {
    from: Vec<String>,
    sender: Option<Named>,
    reply_to: Option<Named>,
    return_path: Option<Named>,
    message_id: Option<Named>,
    /// What it says of the list that it came by, in lower case.
    lists: String,
}

impl SenderWatch {
    /// A field of any part, where its body stands; `list` is what it says, if that is addresses.
    pub(super) fn field(
        &mut self,
        at: At,
        name: Option<Name>,
        field: &Field<'_>,
        list: &[Address],
        span: Option<Span>,
        found: &mut Found,
    ) {
        if let Some(name) = name {
            if matches!(name.kind(), Kind::Addresses | Kind::Unstructured) && hides_raw(field.body)
            {
                found.add_noted(Rule::X001, at.part, span, None);
            }
            for entry in list.iter().take(ADDRESSES) {
                address(at.part, entry, span, found);
            }
        }
        if at.part == 0 && at.decoded == 0 {
            self.of_message(name, field, list, span);
        }
    }

    fn of_message(
        &mut self,
        name: Option<Name>,
        field: &Field<'_>,
        list: &[Address],
        span: Option<Span>,
    ) {
        let addresses = || list.iter().filter_map(|entry| entry.address.clone());
        let named = |address: Option<String>| address.map(|address| Named { address, span });
        match name {
            Some(Name::From) => self.from.extend(addresses().take(ADDRESSES)),
            Some(Name::Sender) => self.sender = named(addresses().next()),
            Some(Name::ReplyTo) => {
                // One of several that leads elsewhere is enough.
                let is_other = |address: &String| !is_of(&self.from, address);
                let other = addresses().find(is_other).or(addresses().next());
                self.reply_to = named(other);
            }
            Some(Name::ReturnPath) if self.return_path.is_none() => {
                let path = String::from_utf8_lossy(trim(field.body));
                let path = path.trim_matches(['<', '>']);
                self.return_path = named((!path.is_empty()).then(|| path.to_owned()));
            }
            Some(Name::MessageId) if self.message_id.is_none() => {
                self.message_id = named(ids::first(field.body).map(|id| id.into_owned()));
            }
            _ if self.lists.len() <= LIST && (field.is("List-Id") || field.is("List-Post")) => {
                let list = String::from_utf8_lossy(&field.body[..field.body.len().min(LIST)]);
                self.lists.push_str(&list.to_ascii_lowercase());
            }
            _ => {}
        }
    }

    /// The message is over.
    pub(super) fn finish(&mut self, found: &mut Found) {
        let Some(first) = self.from.first() else { return };
        let rules = [
            (Rule::X003, "Sender", &self.sender),
            (Rule::X002, "Reply-To", &self.reply_to),
            (Rule::X004, "Return-Path", &self.return_path),
            (Rule::X005, "Message-ID", &self.message_id),
        ];
        for (rule, field, named) in rules {
            let Some(Named { address, span }) = named else { continue };
            if is_of(&self.from, address) || self.is_of_list(address) {
                continue;
            }
            // An id is no address: what stands before its `@` says nothing.
            let other = match rule {
                Rule::X005 => url::defanged_host(url::domain(address).unwrap_or_default()),
                _ => url::defanged_address(address),
            };
            let from = url::defanged_address(first);
            let note = ["From: ", &from, "; ", field, ": ", &other].concat();
            found.add_noted(rule, 0, *span, note);
        }
    }

    /// Whether an address is of the list that the message came by: lists send what others wrote, and some
    /// ask for answers to themselves.
    fn is_of_list(&self, address: &str) -> bool {
        let site = url::domain(address).map(url::site);
        site.is_some_and(|site| site.contains('.') && self.lists.contains(&site))
    }
}

/// Whether an address is of the site of one of `from`, or of no site at all.
fn is_of(from: &[String], address: &str) -> bool {
    let Some(domain) = url::domain(address).filter(|domain| domain.contains('.')) else {
        return true;
    };
    let mut domains = from.iter().filter_map(|from| url::domain(from)).peekable();
    domains.peek().is_none() || domains.any(|from| url::are_alike(from, domain))
}

/// Whether octets that are no encoded-word reverse or hide text; of encoded-words the parser tells.
fn hides_raw(body: &[u8]) -> bool {
    !body.is_ascii() && std::str::from_utf8(body).is_ok_and(hides_text)
}

/// An entry of an address list: a name that is written in several scripts or names another host, a
/// domain that looks like another.
fn address(part: u32, entry: &Address, span: Option<Span>, found: &mut Found) {
    let domain = entry.address.as_deref().and_then(url::domain);
    if let Some(name) = &entry.name {
        if let Some((one, other)) = url::mixed_scripts(name) {
            let (one, other) = (one.full_name(), other.full_name());
            let name = url::shown(name);
            found.add_noted(Rule::X006, part, span, format!("{one} and {other} in \"{name}\""));
        }
        if let Some(domain) = domain
            && let Some(host) = host_in(name)
            && !url::are_alike(&host, domain)
        {
            let note = format!(
                "the name says {}; the address is at {}",
                url::defanged_host(&host),
                url::defanged_host(domain)
            );
            found.add_noted(Rule::X007, part, span, note);
        }
    }
    if let Some(domain) = domain
        && let Some(note) = lookalike(domain)
    {
        found.add_noted(Rule::X008, part, span, note);
    }
}

/// The host that a display name holds. An address there is for A010.
fn host_in(name: &str) -> Option<String> {
    memchr::memchr(b'.', name.as_bytes())?;
    let words = name.split(|c: char| c.is_whitespace() || "()<>,;\"'|".contains(c));
    words.filter(|word| word.contains('.') && !word.contains('@')).find_map(url::named)
}

/// What another host looks like this one, or which scripts its letters are of.
pub(super) fn lookalike(host: &str) -> Option<String> {
    if host.is_ascii() && !url::is_coded(host) {
        return None;
    }
    let shown = url::unicode(host);
    let labels = shown.split('.');
    let mixed = labels.filter_map(url::mixed_scripts).next();
    let (ascii, shown) = (url::defanged_host(&url::ascii(host)), url::defanged_host(&shown));
    if let Some((one, other)) = mixed {
        return Some(format!("{} and {} in {shown} ({ascii})", one.full_name(), other.full_name()));
    }
    let like = url::looks_like_ascii(host)?;
    Some(format!("{ascii} looks like {}", url::defanged_host(&like)))
}
