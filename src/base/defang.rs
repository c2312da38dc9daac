//! URLs, hosts and addresses written so that no program makes a link of them.
//!
//! `http` is `hxxp`, and the dots and the `@` of an address or host stand in brackets, as those who
//! look at phishing write them. What is left can be read, and copied without being followed.
//!
//! Does not escape: control characters are a matter of who prints.
//!
//! May use: nothing.

/// The scheme of a URL, in lower case; empty if it has none (RFC 3986 §3.1).
pub(crate) fn scheme(url: &str) -> String {
    let Some((scheme, _)) = url.split_once(':') else { return String::new() };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if is_scheme { scheme.to_ascii_lowercase() } else { String::new() }
}

/// A URL, a host, or an address.
pub(crate) fn url(url: &str) -> String {
    let name = scheme(url);
    let behind = &url[name.len()..];
    let slashes = behind.len() - behind.trim_start_matches([':', '/', '\\']).len();
    let (start, rest) = behind.split_at(slashes);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    let name = match name.as_str() {
        "http" => "hxxp",
        "https" => "hxxps",
        "ftp" => "fxp",
        other => other,
    };
    let authority = authority.replace('.', "[.]").replace('@', "[@]");
    format!("{name}{start}{authority}{behind}")
}

/// A text: in it each word that could be one of these.
pub(crate) fn text(text: &str) -> String {
    let has_name = |label: &str| label.contains(char::is_alphanumeric);
    let looks_so = |word: &str| {
        let is_dotted = || word.contains('.') && word.split('.').all(has_name);
        word.contains("//") || word.contains('@') || is_dotted()
    };
    let words =
        text.split(' ').map(|word| if looks_so(word) { url(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_link() {
        let cases: &[(&str, &str)] = &[
            ("https://evil.example/a.b?c", "hxxps://evil[.]example/a.b?c"),
            ("HTTP://a.b@c.d/", "hxxp://a[.]b[@]c[.]d/"),
            ("http:\\\\a.example", "hxxp:\\\\a[.]example"),
            ("//t.example/x.gif", "//t[.]example/x.gif"),
            ("www.bank.example", "www[.]bank[.]example"),
            ("mailto:a@b.example", "mailto:a[@]b[.]example"),
            ("bank.example/x or www.good.example", "bank[.]example/x or www[.]good[.]example"),
            ("sftp://a.example", "sftp://a[.]example"),
            ("Click here. It is safe.", "Click here. It is safe."),
            ("", ""),
        ];
        for &(given, expected) in cases {
            assert_eq!(text(given), expected);
        }
    }
}
