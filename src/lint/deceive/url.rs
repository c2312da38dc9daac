//! URLs, hosts and addresses as far as they deceive: which host a URL goes to, whether two names are of
//! one site, which host a text names, and all of it so that no program makes a link of it.
//!
//! URLs are read as browsers read them: white space at the ends and line ends inside are dropped, a
//! backslash is a slash, the last `@` ends the user (WHATWG URL). Which names are of one site is told
//! without the list of public suffixes, by what they end with: a site is two labels, or three behind
//! such as `co.uk`.
//!
//! RFC 3986, RFC 5890. May use: base.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_script::{Script, UnicodeScript};

pub(super) use crate::base::defang::scheme;

use crate::base::chars::{hex_value, is_unsafe};
use crate::base::defang;

/// LIMIT: characters of what a message says that are shown in a note.
const SHOWN: usize = 100;

/// Second labels that are no name of anybody below the top of a country.
const SECOND: &[&str] = &[
    "ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "ltd", "mil", "ne", "net", "nhs",
    "nom", "or", "org", "plc", "sch",
];

/// Tops that files are not called by, so that a word which ends with one is a host.
const TOPS: &[&str] = &["com", "org", "net", "edu", "gov", "mil", "info", "biz"];

/// A URL that names a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// `http`, `https`, `ftp` or `mailto`.
    pub(super) scheme: String,
    /// What stands before the host, up to an `@`: of a mailto, the local part.
    pub(super) user: Option<String>,
    /// In lower case, without port; as it was written, or with its A-labels.
    pub(super) host: String,
    /// Path, query and fragment.
    pub(super) rest: String,
}

/// A URL as a browser takes it out of an attribute.
pub(super) fn cleaned(url: &str) -> Cow<'_, str> {
    let url = url.trim_matches(|c: char| c <= ' ');
    let is_dropped = |c: u8| matches!(c, b'\t' | b'\r' | b'\n');
    match url.bytes().any(is_dropped) {
        true => url.replace(['\t', '\r', '\n'], "").into(),
        false => url.into(),
    }
}

impl Url {
    /// What a cleaned URL says; `None` if it names no host.
    pub(super) fn parse(url: &str) -> Option<Url> {
        let mut name = scheme(url);
        let rest = url.get(name.len() + usize::from(!name.is_empty())..)?;
        if name == "mailto" {
            let end = rest.find('?').unwrap_or(rest.len());
            let (user, host) =
                rest[..end].rsplit_once('@').filter(|(_, host)| !is_forbidden(host))?;
            return Some(Url {
                scheme: name,
                user: Some(user.to_owned()),
                host: host.to_ascii_lowercase(),
                rest: rest[end..].to_owned(),
            });
        }
        let is_slash = |c| matches!(c, '/' | '\\');
        match name.as_str() {
            "http" | "https" | "ftp" => {}
            "" if rest.len() > 2 && rest.chars().take(2).all(is_slash) => {
                "https".clone_into(&mut name)
            }
            _ => return None,
        }
        let rest = rest.trim_start_matches(is_slash);
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let port = host.rfind(':').filter(|&at| !host[at..].contains(']'));
        let host = percent_decoded(&host[..port.unwrap_or(host.len())]);
        let host = host.trim_end_matches('.').to_lowercase();
        (!host.is_empty() && !is_forbidden(&host)).then(|| Url {
            scheme: name,
            user,
            host,
            rest: behind.to_owned(),
        })
    }

    /// Whether the URL says a host behind that it goes to, as one does that leads on to another.
    pub(super) fn passes_on_to(&self, host: &str) -> bool {
        let rest = percent_decoded(&percent_decoded(&self.rest)).to_ascii_lowercase();
        rest.contains(host)
    }
}

/// Whether something stands in a host that no host may hold.
fn is_forbidden(host: &str) -> bool {
    host.contains(|c: char| c <= ' ' || "\u{7f}#/<>?@\\^|\"`{}".contains(c))
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (octets, mut out) = (text.as_bytes(), Vec::with_capacity(text.len()));
    let mut at = 0;
    while let Some(&c) = octets.get(at) {
        let digit = |i: usize| octets.get(at + i).copied().and_then(hex_value);
        match (c, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// A host with its A-labels, in lower case; as it is if it has none.
pub(super) fn ascii(host: &str) -> String {
    if host.is_ascii() && !is_coded(host) {
        return host.to_ascii_lowercase();
    }
    idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase())
}

/// Whether a host may have A-labels.
pub(super) fn is_coded(host: &str) -> bool {
    let octets = host.as_bytes();
    memchr::memchr2_iter(b'x', b'X', octets)
        .any(|at| octets[at..].get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"xn--")))
}

/// A host with its U-labels.
pub(super) fn unicode(host: &str) -> String {
    idna::domain_to_unicode(host).0
}

/// What tells one site from another: the last labels of a host.
pub(super) fn site(host: &str) -> String {
    site_of(&ascii(host.trim_end_matches('.'))).to_owned()
}

/// The same of a host that has A-labels if it needs any, and no dot behind it.
fn site_of(host: &str) -> &str {
    let mut ends = memchr::memrchr_iter(b'.', host.as_bytes());
    let (top, second, third) = (ends.next(), ends.next(), ends.next());
    let (Some(top), Some(second)) = (top, second) else { return host };
    let middle = &host[second + 1..top];
    let is_country = host.len() - top == 3;
    let start = match is_country && SECOND.iter().any(|it| it.eq_ignore_ascii_case(middle)) {
        true => third.map_or(0, |third| third + 1),
        false => second + 1,
    };
    &host[start..]
}

/// Whether the hosts are of one site.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    let is_plain = |host: &str| host.is_ascii() && !is_coded(host);
    if is_plain(one) && is_plain(other) {
        let [one, other] = [one, other].map(|host| site_of(host.trim_end_matches('.')));
        return one.eq_ignore_ascii_case(other);
    }
    site(one) == site(other)
}

/// The domain of an address.
pub(super) fn domain(address: &str) -> Option<&str> {
    let at = memchr::memrchr(b'@', address.as_bytes())?;
    Some(&address[at + 1..]).filter(|domain| !domain.is_empty())
}

/// Whether a host is a number, in any of the forms that browsers take for an address of the net.
pub(super) fn is_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hex = last.strip_prefix("0x").is_some_and(|d| d.bytes().all(|c| c.is_ascii_hexdigit()));
    host.starts_with('[') || is_hex || !last.is_empty() && last.bytes().all(|c| c.is_ascii_digit())
}

/// The host that a text names which is a URL, an address or a host and nothing else.
pub(super) fn named(text: &str) -> Option<String> {
    if !text.contains('.') {
        return None;
    }
    let is_mark = |c: char| c.is_whitespace() || "()<>[]{}\"',;:!.".contains(c);
    let text: String = text.chars().filter(|&c| c != '\u{ad}' && !is_unsafe(c)).collect();
    let text = text.trim_matches(is_mark);
    if text.contains(char::is_whitespace) {
        return None;
    }
    if let Some(url) = Url::parse(text) {
        return Some(url.host).filter(|host| is_host(host) || is_number(host));
    }
    let host = match text.rsplit_once('@') {
        Some((_, domain)) => domain,
        None => &text[..text.find(['/', '?', '#', ':']).unwrap_or(text.len())],
    };
    let host = host.to_lowercase();
    let top = host.rsplit('.').next()?;
    let labels = host.split('.').count();
    let is_country = top.len() == 2 && top.bytes().all(|c| c.is_ascii_lowercase());
    let is_sure = TOPS.contains(&top) || host.starts_with("www.") || is_country && labels > 2;
    (is_host(&host) && is_sure).then_some(host)
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_in = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        !label.is_empty() && label.chars().all(is_in)
    };
    host.contains('.') && host.split('.').all(is_label)
}

/// The two scripts of a word whose letters are of several that look alike.
pub(super) fn mixed_scripts(text: &str) -> Option<(Script, Script)> {
    if text.is_ascii() {
        return None;
    }
    let is_alike = |script: Script| {
        use Script::{Armenian, Cherokee, Coptic, Cyrillic, Greek, Latin, Lisu};
        matches!(script, Armenian | Cherokee | Coptic | Cyrillic | Greek | Latin | Lisu)
    };
    text.split(|c: char| !c.is_alphabetic()).find_map(|word| {
        let mut scripts = word.chars().map(|c| c.script()).filter(|&script| is_alike(script));
        let first = scripts.next()?;
        scripts.find(|&script| script != first).map(|other| (first, other))
    })
}

/// The host of ASCII that one which is none looks like.
pub(super) fn looks_like_ascii(host: &str) -> Option<String> {
    let host = unicode(host);
    if host.is_ascii() {
        return None;
    }
    // In ASCII itself an `m` looks like `rn`.
    let looks = host.split('.').map(|label| match label.is_ascii() {
        true => label.to_owned(),
        false => unicode_security::skeleton(label).collect(),
    });
    let looks = looks.collect::<Vec<_>>().join(".");
    looks.is_ascii().then_some(looks)
}

/// What a message says, so that it can be shown: at most [`SHOWN`] characters, none of which controls
/// or hides anything.
pub(super) fn shown(text: &str) -> String {
    showable(text).into_owned()
}

fn showable(text: &str) -> Cow<'_, str> {
    if text.len() <= SHOWN && text.bytes().all(|c| matches!(c, b' '..=b'~')) {
        return text.into();
    }
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == SHOWN {
            out.push('…');
            break;
        }
        match is_unsafe(c) {
            true => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
            false => out.push(c),
        }
    }
    out.into()
}

/// A host of which no program makes a link.
pub(super) fn defanged_host(host: &str) -> String {
    let mut out = String::new();
    push_defanged(host, &mut out);
    out
}

fn push_defanged(host: &str, out: &mut String) {
    let host = showable(host);
    out.reserve(host.len() + 8);
    let mut from = 0;
    for dot in memchr::memchr_iter(b'.', host.as_bytes()) {
        out.push_str(&host[from..dot]);
        out.push_str("[.]");
        from = dot + 1;
    }
    out.push_str(&host[from..]);
}

/// A text of which no program makes links.
pub(super) fn defanged_text(text: &str) -> String {
    shown(&defang::text(text))
}

/// An address of which no program makes a link.
pub(super) fn defanged_address(address: &str) -> String {
    let Some(at) = memchr::memrchr(b'@', address.as_bytes()) else { return shown(address) };
    let mut out = shown(&address[..at]);
    out.push_str("[@]");
    push_defanged(&address[at + 1..], &mut out);
    out
}

/// A cleaned URL of which no program makes a link.
pub(super) fn defanged(url: &str) -> String {
    shown(&defang::url(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_that_browsers_go_to() {
        let cases: &[(&str, Option<&str>)] = &[
            ("http://example.org/a", Some("example.org")),
            (" HTTPS:\\\\Example.ORG:8080\\a ", Some("example.org")),
            ("ht\ntp://exam\nple.org", Some("example.org")),
            ("http://bank.example@evil.example/", Some("evil.example")),
            ("http:evil.example", Some("evil.example")),
            ("http://ev%69l.example.", Some("evil.example")),
            ("//example.org/x", Some("example.org")),
            ("http://evil.example?@bank.example", Some("evil.example")),
            ("http://[::1]:80/", Some("[::1]")),
            ("mailto:a@example.org?subject=b", Some("example.org")),
            ("mailto:nobody", None),
            ("javascript:alert(1)", None),
            ("cid:1@example.org", None),
            ("/a/b", None),
            ("", None),
            ("http://", None),
            ("mailto:a@example.org> Me </a>", None),
            ("http://a b.example/", None),
        ];
        for &(url, expected) in cases {
            let host = Url::parse(&cleaned(url)).map(|url| url.host);
            assert_eq!(host.as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn sites_are_what_hosts_end_with() {
        for (host, expected) in [
            ("www.example.org", "example.org"),
            ("example.org", "example.org"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("co.uk", "co.uk"),
            ("mail.co.example", "co.example"),
            ("B\u{fc}cher.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(site(host), expected, "{host}");
        }
    }

    #[test]
    fn texts_that_name_a_host() {
        let cases: &[(&str, Option<&str>)] = &[
            ("https://www.bank.example/login", Some("www.bank.example")),
            (" www.bank.example ", Some("www.bank.example")),
            ("bank.com.", Some("bank.com")),
            ("bank.com/login", Some("bank.com")),
            ("ba\u{200b}nk\u{ad}.com", Some("bank.com")),
            ("service@bank.com", Some("bank.com")),
            ("www.bank.co.uk", Some("www.bank.co.uk")),
            ("http://10.0.0.1/", Some("10.0.0.1")),
            ("Click here", None),
            ("README.md", None),
            ("Node.js", None),
            ("our bank.com", None),
            ("3.14", None),
            ("e.g", None),
            ("...", None),
        ];
        for &(text, expected) in cases {
            assert_eq!(named(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn scripts_that_look_alike_are_told() {
        let cases: &[(&str, bool)] = &[
            ("Paypal", false),
            ("P\u{430}ypal", true),
            ("\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442} Bob", false),
            ("T\u{30b7}\u{30e3}\u{30c4}", false),
            ("B\u{fc}cher", false),
            ("\u{391}pple", true),
        ];
        for &(text, expected) in cases {
            assert_eq!(mixed_scripts(text).is_some(), expected, "{text}");
        }
        // All of it Cyrillic.
        let host = "\u{430}\u{440}\u{440}\u{435}.example";
        assert_eq!(looks_like_ascii(host).as_deref(), Some("appe.example"));
        assert_eq!(looks_like_ascii(&ascii(host)).as_deref(), Some("appe.example"));
        assert_eq!(looks_like_ascii("b\u{fc}cher.example"), None);
    }

    #[test]
    fn numbers_are_hosts_in_all_forms() {
        let cases = [("10.0.0.1", true), ("167772161", true), ("0xa.1", true), ("[::1]", true)];
        for (host, expected) in cases.into_iter().chain([("0x.example", false), ("a.1b", false)]) {
            assert_eq!(is_number(host), expected, "{host}");
        }
    }

    #[test]
    fn nothing_shown_is_a_link() {
        let cases = [
            ("https://evil.example/a.b", "hxxps://evil[.]example/a.b"),
            ("http://a\u{202e}b", "hxxp://a\\u{202e}b"),
        ];
        for (url, expected) in cases {
            assert_eq!(defanged(url), expected);
        }
        assert_eq!(defanged_address("a@b.example"), "a[@]b[.]example");
        assert_eq!(shown(&"a".repeat(200)).chars().count(), SHOWN + 1);
    }
}
