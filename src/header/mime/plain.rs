//! Content-Type and Content-Disposition as nearly all mail has them, read in one pass: a value, and
//! behind semicolons parameters, each a token or a quoted string in ASCII without backslash or fold.
//!
//! Contract: what is read here is read by the parsers of this room and of `params` in the same way, and
//! nothing is odd about it but perhaps the boundary. Everything else is left to them. Nothing is
//! allocated, and each octet is looked at a bounded number of times.
//!
//! May use: base, and of this room `params`.

use super::ContentType;
use crate::base::Span;
use crate::base::chars::{is_fws, is_token};
use crate::header::Text;
use crate::header::params::{Param, Parameterised, is_file_name};

/// LIMIT: fields with more parameters are not plain.
const FEW: usize = 6;

/// A plain field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain<'a> {
    /// The media type before its slash, or the disposition.
    pub(crate) kind: &'a [u8],
    /// The media type behind its slash.
    pub(crate) subtype: &'a [u8],
    params: [PlainParam<'a>; FEW],
    count: usize,
}

/// One parameter of it, neither name nor value empty.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PlainParam<'a> {
    name: &'a [u8],
    pub(crate) value: &'a [u8],
    /// From the start of its name to the end of its value, in the field body.
    start: usize,
    end: usize,
}

impl<'a> Plain<'a> {
    /// Reads a Content-Type body, of which no more than `limit` parameters may be read. A message in
    /// pieces or elsewhere, about which there is something to be said, is not plain.
    pub(crate) fn content_type(raw: &'a [u8], limit: usize) -> Option<Plain<'a>> {
        let (kind, rest) = token(skip_fws(raw));
        let (subtype, rest) = token(rest.strip_prefix(b"/")?);
        let is_told_of =
            kind.eq_ignore_ascii_case(b"message") && !subtype.eq_ignore_ascii_case(b"rfc822");
        if kind.is_empty() || subtype.is_empty() || is_told_of {
            return None;
        }
        Plain { kind, subtype, ..Plain::default() }.with_params(raw, rest, limit)
    }

    /// Reads a Content-Disposition body, likewise.
    pub(crate) fn disposition(raw: &'a [u8], limit: usize) -> Option<Plain<'a>> {
        let (kind, rest) = token(skip_fws(raw));
        if kind.is_empty() {
            return None;
        }
        Plain { kind, ..Plain::default() }.with_params(raw, rest, limit)
    }

    /// Reads the parameters, which are `rest`, the end of `raw`.
    fn with_params(mut self, raw: &[u8], rest: &'a [u8], limit: usize) -> Option<Plain<'a>> {
        let mut rest = skip_fws(rest);
        while !rest.is_empty() {
            rest = skip_fws(rest.strip_prefix(b";")?);
            if rest.is_empty() {
                break;
            }
            let start = raw.len() - rest.len();
            let (name, behind) = token(rest);
            let behind = behind.strip_prefix(b"=")?;
            let (value, behind) = match behind.strip_prefix(b"\"") {
                Some(quoted) => {
                    let end = quoted.iter().position(|&c| !is_plain(c))?;
                    (&quoted[..end], quoted[end..].strip_prefix(b"\"")?)
                }
                // White space behind it would count as part of the parameter.
                None => match token(behind) {
                    (_, [c, ..]) if *c != b';' => return None,
                    value => value,
                },
            };
            let param = PlainParam { name, value, start, end: raw.len() - behind.len() };
            if self.count == limit || !self.add(param) {
                return None;
            }
            rest = skip_fws(behind);
        }
        Some(self)
    }

    /// Adds a parameter, unless there is something odd about it.
    fn add(&mut self, param: PlainParam<'a>) -> bool {
        let PlainParam { name, value, .. } = param;
        let is_odd = name.is_empty()
            || value.is_empty()
            || name.contains(&b'*')
            || self.param(name).is_some()
            || is_file_name(name) && (value.contains(&b'/') || value.get(1) == Some(&b':'));
        if is_odd || self.count == FEW {
            return false;
        }
        self.params[self.count] = param;
        self.count += 1;
        true
    }

    /// The parameters, in the order they stand in.
    pub(crate) fn params(&self) -> &[PlainParam<'a>] {
        &self.params[..self.count]
    }

    /// The parameter `name`, letter case apart.
    pub(crate) fn param(&self, name: &[u8]) -> Option<&PlainParam<'a>> {
        self.params().iter().find(|param| param.name.eq_ignore_ascii_case(name))
    }

    /// The file names among the parameters.
    pub(crate) fn file_names(&self) -> impl Iterator<Item = &'a [u8]> {
        self.params().iter().filter(|param| is_file_name(param.name)).map(|param| param.value)
    }

    /// What [`content_type`](super::content_type) gives.
    pub(super) fn to_content_type(self) -> ContentType {
        let written = self.to_parameterised();
        ContentType { essence: written.value.clone(), written }
    }

    /// What `params::parse` gives.
    pub(super) fn to_parameterised(self) -> Parameterised {
        let mut value = lower_case(self.kind);
        if !self.subtype.is_empty() {
            value.push('/');
            value.push_str(&lower_case(self.subtype));
        }
        let params = self.params().iter().map(|param| Param {
            name: lower_case(param.name),
            value: Text { text: String::from_utf8_lossy(param.value).into(), lossy: false },
            span: param.span(),
        });
        Parameterised { value, params: params.collect() }
    }
}

impl PlainParam<'_> {
    /// From the start of its name to the end of its value, in the field body.
    pub(crate) fn span(&self) -> Span {
        Span::from(self.start..self.end)
    }
}

fn lower_case(ascii: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(ascii).into_owned();
    text.make_ascii_lowercase();
    text
}

fn skip_fws(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&c| !is_fws(c)).unwrap_or(text.len());
    &text[start..]
}

/// The token that `text` begins with, empty if there is none, and what is behind it.
fn token(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|&c| !is_token(c)).unwrap_or(text.len()))
}

/// A character of a quoted value that always stands for itself: without question mark there is no
/// encoded-word.
fn is_plain(c: u8) -> bool {
    matches!(c, b' '..=b'~') && !matches!(c, b'"' | b'\\' | b'?')
}

#[cfg(test)]
mod tests {
    use super::super::{content_type_slowly, filename};
    use super::*;
    use crate::base::Rule;
    use crate::header::params;
    use crate::header::params::tests::CONTEXT;
    use proptest::prelude::*;

    /// What is plain is read as the other parsers read it, and they find nothing odd.
    fn check(raw: &str) -> Result<(), TestCaseError> {
        let mut found: Vec<(Rule, Span)> = Vec::new();
        if let Some(plain) = Plain::content_type(raw.as_bytes(), CONTEXT.limits.params) {
            let slowly = content_type_slowly(raw.as_bytes(), &CONTEXT, &mut found);
            prop_assert_eq!(&plain.to_content_type(), &slowly, "{:?}", raw);
            let is_named = plain.file_names().next().is_some();
            prop_assert_eq!(is_named, filename(None, Some(&slowly), &mut ()).is_some());
        }
        if let Some(plain) = Plain::disposition(raw.as_bytes(), CONTEXT.limits.params) {
            let slowly = params::parse(raw.as_bytes(), &CONTEXT, &mut found);
            filename::check(&slowly, &mut found);
            prop_assert_eq!(plain.to_parameterised(), slowly, "{:?}", raw);
        }
        prop_assert!(found.is_empty(), "{:?}: {:?}", raw, found);
        Ok(())
    }

    #[test]
    fn tells_what_is_plain() {
        let plain = [
            "text/plain",
            " Text/HTML; charset=utf-8",
            " multipart/mixed;\r\n\tboundary=\"=_a b\"; type=x; ",
            "message/rfc822; name=\"a b.eml\"",
            "attachment; filename=\"a (1).pdf\"; size=3",
        ];
        let others = [
            "",
            "text",
            "text/",
            "/plain",
            "text/plain/x",
            "text/plain (c)",
            "text/plain; charset",
            "text/plain; charset=",
            "text/plain; charset=\"\"",
            "text/plain; a=b c=d",
            "text/plain; a=b ; c=d",
            "text/plain; a=\"b\"c",
            "text/plain; a=\"b\\c\"",
            "text/plain; a=\"=?utf-8?q?b?=\"",
            "text/plain; a=\"b",
            "text/plain; a=b; A=c",
            "text/plain; a*=b",
            "text/plain; =b",
            "text/plain; name=\"a/b\"",
            "text/plain; name=\"c:b\"",
            "text/plain; a=\u{e4}",
            "message/partial; id=1",
            "message/external-body; name=a",
        ];
        let tell = |raw: &str| {
            check(raw).expect("as the others read it");
            Plain::content_type(raw.as_bytes(), 100).is_some()
        };
        for raw in plain {
            let is_plain = tell(raw) || Plain::disposition(raw.as_bytes(), 100).is_some();
            assert!(is_plain, "{raw:?}");
        }
        for raw in others {
            assert!(!tell(raw), "{raw:?}");
        }
        assert!(Plain::content_type(b"a/b; c=d", 0).is_none(), "too many parameters");
        assert!(Plain::disposition(b"a; 1=1;2=2;3=3;4=4;5=5;6=6;7=7", 100).is_none());
    }

    proptest! {
        #[test]
        fn any_field(raw in "[ -~\r\n\t\u{e4}]{0,12}") {
            check(&raw)?;
        }

        #[test]
        fn fields_of_common_shape(
            value in "[ \t]?(text/plain|message/[a-z]{1,3}|multipart/Mixed|a/b|attachment|inline)",
            params in prop::collection::vec(
                "[ \t]{0,2}(name|filename|charset|boundary|[a-zA-Z*]{1,2})=(\"[ -~]{0,12}\"|[!-~]{0,8}|[a-z%'-]{1,4})",
                0..9,
            ),
            between in prop::sample::select(vec![";", "; ", ";\r\n ", " ;\n\t", " "]),
        ) {
            let mut raw = value;
            for param in params {
                raw += between;
                raw += &param;
            }
            check(&raw)?;
        }
    }
}
