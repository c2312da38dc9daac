//! Parameterised field bodies, `value; name=value; …` (RFC 2045 §5.1, RFC 2183 §2), with values
//! that are continued or in a charset of their own (RFC 2231).
//!
//! Contract: any octets give a result. All parameters are kept, up to `Limits::params` of them,
//! each name once: where a name is given in several forms, `name*` counts before `name*0`,
//! `name*1`, …, and those before `name`; of the same form the first counts. Sections are put in
//! order by their numbers, joined as octets, and only then decoded. Time is linear but for the
//! order of sections, of which there are a thousand at most. Spans count from the start of the
//! body.
//!
//! Deliberately not here: what a value means (`mime` knows boundaries and file names), and the
//! language of an extended value, which nobody asks for and which is dropped.
//!
//! May use: base, charset, and of this room `lex`, `words` and `unfold`.

mod raw;

use std::collections::HashMap;

use super::lex::skip_cfws;
use super::words::{self, Place, Repertoire};
use super::{Context, Text};
use crate::base::chars::hex_value;
use crate::base::{Rule, Sink, Span};
use crate::charset::{Charset, decode_undeclared};

pub(super) use raw::Backslash;
pub(crate) use raw::{RawParam, RawParams};

/// A parameterised field body: `value; name=value; …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameterised {
    /// What stands before the parameters, in lower case; empty if nothing does. Comments, quotes
    /// and the white space around a slash are removed, other white space is one space.
    pub value: String,
    /// The parameters, names in lower case and without sections or asterisks, in the order of their
    /// first appearance; of duplicates only the one that counts.
    pub params: Vec<Param>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in lower case.
    pub name: String,
    /// Its value, joined and decoded.
    pub value: Text,
    /// Where it stands in the field body: name and value, of a continued one from the first section
    /// to the last.
    pub span: Span,
}

impl Parameterised {
    /// The value of the parameter `name` (given in lower case).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.param(name).map(|param| param.value.text.as_str())
    }

    /// The parameter `name` (given in lower case).
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// Reads a parameterised field body, folds in it or not. Findings: A018, C013, D014, P020 to P046,
/// and those of encoded-words.
pub fn parse<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Parameterised {
    let mut written = RawParams::new(raw, context.limits.params, sink);
    let value = value_text(&raw[written.value()]);
    let mut names = Names::default();
    while let Some(param) = written.next() {
        names.forms(param.name).add(param, written.sink);
    }
    let decode = |(name, forms): (String, Forms<'_>)| decode_param(name, &forms, context, sink);
    Parameterised { value, params: names.all.into_iter().filter_map(decode).collect() }
}

/// So many names are gone through one by one.
const FEW: usize = 16;

/// The names of the parameters of one field, in the order of their first appearance.
#[derive(Default)]
struct Names<'a> {
    all: Vec<(String, Forms<'a>)>,
    /// Where they are in `all`, if they are more than a few.
    index: HashMap<String, usize>,
}

impl<'a> Names<'a> {
    /// The forms of the parameter `name`.
    fn forms(&mut self, name: &[u8]) -> &mut Forms<'a> {
        let name = match str::from_utf8(name) {
            Ok(name) => name.to_ascii_lowercase(),
            Err(_) => String::from_utf8_lossy(name).to_ascii_lowercase(),
        };
        let found = match self.all.len() {
            ..=FEW => self.all.iter().position(|(other, _)| *other == name),
            _ => self.index.get(&name).copied(),
        };
        let place = found.unwrap_or_else(|| self.add(name));
        &mut self.all[place].1
    }

    fn add(&mut self, name: String) -> usize {
        let place = self.all.len();
        if place == FEW {
            let names = self.all.iter().map(|(name, _)| name.clone());
            self.index.extend(names.zip(0..));
        }
        if place >= FEW {
            self.index.insert(name.clone(), place);
        }
        self.all.push((name, Forms::default()));
        place
    }
}

/// Whether a parameter gives a file name, in Content-Disposition or in Content-Type.
pub(super) fn is_file_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"filename") || name.eq_ignore_ascii_case(b"name")
}

/// The text of what stands before the parameters.
fn value_text(raw: &[u8]) -> String {
    let mut text = Vec::with_capacity(raw.len());
    let mut at = skip_cfws(raw, 0);
    while let Some(&c) = raw.get(at) {
        if c != b'"' {
            text.push(c);
        }
        let next = skip_cfws(raw, at + 1);
        let at_slash = c == b'/' || raw.get(next) == Some(&b'/');
        if next > at + 1 && next < raw.len() && !at_slash {
            text.push(b' ');
        }
        at = next;
    }
    String::from_utf8_lossy(&text).to_ascii_lowercase()
}

/// The forms in which a field gives one parameter.
#[derive(Default)]
pub(super) struct Forms<'a> {
    /// `name*`.
    extended: Option<RawParam<'a>>,
    /// `name*0`, `name*1*`, …, in order.
    sections: Vec<RawParam<'a>>,
    /// `name`.
    plain: Option<RawParam<'a>>,
}

impl<'a> Forms<'a> {
    /// Adds a parameter of this name, unless its form or section is there already.
    pub(super) fn add<S: Sink>(&mut self, param: RawParam<'a>, sink: &mut S) {
        let span = param.span.clone().into();
        if param.section.is_some() {
            match self.sections.binary_search_by_key(&param.section, |other| other.section) {
                Ok(_) => sink.report(Rule::P045, span),
                Err(place) => self.sections.insert(place, param),
            }
            return;
        }
        let form = if param.extended { &mut self.extended } else { &mut self.plain };
        if form.is_some() {
            sink.report(if is_file_name(param.name) { Rule::P021 } else { Rule::P020 }, span);
        }
        form.get_or_insert(param);
    }

    /// The forms that are there, that which counts first.
    pub(super) fn given(&self) -> impl Iterator<Item = &[RawParam<'a>]> {
        let forms = [self.extended.as_slice(), &self.sections, self.plain.as_slice()];
        forms.into_iter().filter(|form| !form.is_empty())
    }
}

/// How the octets of a joined value are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As they stand; encoded-words may be among them.
    Plain,
    /// As text in the charset that the value names; `None` if it names none or none that is known.
    Extended(Option<Charset>),
}

/// Appends the octets of one form of a parameter to `octets`: sections joined up to the first gap,
/// percent-encoding removed.
pub(super) fn join<S: Sink>(
    form: &[RawParam<'_>],
    backslash: Backslash,
    octets: &mut Vec<u8>,
    sink: &mut S,
) -> Reading {
    let mut reading = Reading::Plain;
    let mut label = Vec::new();
    for (i, param) in unbroken(form, sink).iter().enumerate() {
        let value = param.value.unquoted(backslash);
        if !param.extended {
            octets.extend_from_slice(&value);
            continue;
        }
        let initial = if i == 0 {
            Initial::split(&value)
        } else {
            Initial { label: &label, text: without_label(&value, &label), exact: true }
        };
        let charset = Charset::for_label(initial.label);
        if param.value.quoted || !initial.exact {
            sink.report(Rule::P042, param.span.clone().into());
        }
        let unknown = !initial.label.is_empty() && Repertoire::for_label(initial.label).is_none();
        if i == 0 && unknown {
            sink.report(Rule::P044, param.span.clone().into());
        }
        if !percent_decode(initial.text, octets) {
            sink.report(Rule::P043, param.span.clone().into());
        }
        reading = Reading::Extended(charset);
        label = initial.label.to_vec();
    }
    reading
}

/// The charset label that a form names; empty if none.
pub(super) fn label_of(form: &[RawParam<'_>], backslash: Backslash) -> Vec<u8> {
    match unbroken(form, &mut ()).first() {
        Some(first) if first.extended => {
            Initial::split(&first.value.unquoted(backslash)).label.to_vec()
        }
        _ => Vec::new(),
    }
}

/// The sections before the first gap.
///
/// QUIRK: some programs count from 1. Then the sections from there on are better than none.
fn unbroken<'f, 'a, S: Sink>(form: &'f [RawParam<'a>], sink: &mut S) -> &'f [RawParam<'a>] {
    let Some(first) = form.first().and_then(|param| param.section) else { return form };
    let numbers = (first..).zip(form);
    let length = numbers.take_while(|(number, param)| param.section == Some(*number)).count();
    if first > 0 || length < form.len() {
        sink.report(Rule::P041, span_of(form));
    }
    &form[..length]
}

/// From the first octet of any section to the last of any.
pub(super) fn span_of(form: &[RawParam<'_>]) -> Span {
    let start = form.iter().map(|param| param.span.start).min().unwrap_or(0);
    let end = form.iter().map(|param| param.span.end).max().unwrap_or(0);
    (start..end).into()
}

/// An extended value in its pieces: `charset'language'text` (RFC 2231 §4). The language is dropped.
struct Initial<'v> {
    label: &'v [u8],
    text: &'v [u8],
    /// Whether it has both apostrophes.
    exact: bool,
}

impl<'v> Initial<'v> {
    /// QUIRK: with one apostrophe (`utf-8'x`) what stands before it is the charset only if it is
    /// one: `it's` has none.
    fn split(value: &'v [u8]) -> Initial<'v> {
        let mut apostrophes = memchr::memchr_iter(b'\'', value);
        match (apostrophes.next(), apostrophes.next()) {
            (Some(first), Some(second)) => {
                Initial { label: &value[..first], text: &value[second + 1..], exact: true }
            }
            (Some(only), None) if Repertoire::for_label(&value[..only]).is_some() => {
                Initial { label: &value[..only], text: &value[only + 1..], exact: false }
            }
            _ => Initial { label: b"", text: value, exact: false },
        }
    }
}

/// QUIRK: some programs write the charset again in each section, with one apostrophe or two; RFC
/// 2231 §4.1 has it in the first only.
fn without_label<'v>(value: &'v [u8], label: &[u8]) -> &'v [u8] {
    match value.split_at_checked(label.len()) {
        Some((again, [b'\'', text @ ..]))
            if !label.is_empty() && again.eq_ignore_ascii_case(label) =>
        {
            text.strip_prefix(b"'").unwrap_or(text)
        }
        _ => value,
    }
}

/// Appends what `text` encodes (RFC 2231 §4); false if a percent sign was left as it is because no
/// two hexadecimal digits follow.
fn percent_decode(text: &[u8], octets: &mut Vec<u8>) -> bool {
    let mut valid = true;
    let mut rest = text;
    while let Some(percent) = memchr::memchr(b'%', rest) {
        octets.extend_from_slice(&rest[..percent]);
        rest = &rest[percent + 1..];
        let digits = rest.first_chunk().map(|&[high, low]| (hex_value(high), hex_value(low)));
        if let Some((Some(high), Some(low))) = digits {
            octets.push(high << 4 | low);
            rest = &rest[2..];
        } else {
            octets.push(b'%');
            valid = false;
        }
    }
    octets.extend_from_slice(rest);
    valid
}

/// The parameter of the forms, or `None` if there are none; P022 if a file name has others.
fn decode_param<S: Sink>(
    name: String,
    forms: &Forms<'_>,
    context: &Context,
    sink: &mut S,
) -> Option<Param> {
    let mut given = forms.given();
    let form = given.next()?;
    let span = span_of(form);
    let value = decode_form(form, &name, context, sink);
    let differs = |other| decode_form(other, &name, context, &mut ()).text != value.text;
    if S::LISTENING && is_file_name(name.as_bytes()) && given.any(differs) {
        sink.report(Rule::P022, span);
    }
    Some(Param { name, value, span })
}

/// The text of one form of the parameter `name`.
fn decode_form<S: Sink>(
    form: &[RawParam<'_>],
    name: &str,
    context: &Context,
    sink: &mut S,
) -> Text {
    let file_name = is_file_name(name.as_bytes());
    let backslash = if file_name { Backslash::SeparatesPaths } else { Backslash::Quotes };
    let mut octets = Vec::new();
    let reading = join(form, backslash, &mut octets, sink);
    let mut at = At { sink, span: span_of(form) };
    // A boundary is compared octet by octet, even one that looks like an encoded-word.
    let words = name != "boundary" && memchr::memmem::find(&octets, b"=?").is_some();
    if reading == Reading::Plain && words {
        return words::decode(&octets, Place::Parameter, context, &mut at);
    }
    let mut text = String::new();
    let replaced = match reading {
        Reading::Extended(Some(charset)) => charset.decode(&octets, &mut text),
        _ => decode_undeclared(&octets, context.fallback, &mut text).1,
    };
    if replaced > 0 {
        at.report(Rule::C013, Span::default());
    }
    Text { text, lossy: replaced > 0 }
}

/// Places every finding at one span: that of a parameter whose joined value has no octets of its
/// own in the field.
struct At<'s, S> {
    sink: &'s mut S,
    span: Span,
}

impl<S: Sink> Sink for At<'_, S> {
    const LISTENING: bool = S::LISTENING;
    fn report(&mut self, rule: Rule, _: Span) {
        self.sink.report(rule, self.span);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::Limits;
    use proptest::prelude::*;

    /// Of the limits only `params` and `words` matter to fields.
    pub(in crate::header) const CONTEXT: Context = Context {
        limits: Limits {
            depth: 1,
            parts: 1,
            fields: 1,
            field: 1,
            header: 1,
            params: 128,
            words: 100,
            findings: 100,
        },
        fallback: Charset::WINDOWS_1252,
    };

    /// The parameters of `a/b; ` and `text` as `name=value|…`.
    fn params(text: &str, sink: &mut Vec<(Rule, Span)>) -> String {
        let raw = format!(" a/b; {text}");
        let parsed = parse(raw.as_bytes(), &CONTEXT, sink);
        assert_eq!(parsed.value, "a/b");
        let shown = |param: &Param| format!("{}={}", param.name, param.value.text);
        parsed.params.iter().map(shown).collect::<Vec<_>>().join("|")
    }

    fn check(cases: &[(&str, &str, &str, &[Rule])]) {
        for &(name, text, expected, rules) in cases {
            let mut found = Vec::new();
            assert_eq!(params(text, &mut found), expected, "{name}");
            assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), rules, "{name}");
        }
    }

    #[test]
    fn reads_the_value() {
        let cases: &[(&str, &str)] = &[
            (" Text/PLAIN ", "text/plain"),
            (" (a) text (b)/\r\n (c) plain (d); x=y", "text/plain"),
            ("\"text/plain\"; x=y", "text/plain"),
            ("multi\r\n part/mixed; x=y", "multi part/mixed"),
            ("text/plain x=y", "text/plain"),
            ("text/plain (never closed; x=y", "text/plain"),
            ("x=y", "x=y"),
            ("; x=y", ""),
            ("", ""),
        ];
        for &(raw, expected) in cases {
            assert_eq!(parse(raw.as_bytes(), &CONTEXT, &mut ()).value, expected, "{raw:?}");
        }
    }

    #[test]
    fn decodes_extended_values() {
        use Rule::*;
        check(&[
            ("as RFC 2231 has it", "x*=us-ascii'en-us'This%20is%20%2A", "x=This is *", &[]),
            ("another charset", "x*=iso-8859-1''caf%E9", "x=caf\u{e9}", &[]),
            ("no charset", "x*=''caf%C3%A9", "x=caf\u{e9}", &[]),
            ("no charset, fallback", "x*=''caf%E9", "x=caf\u{e9}", &[]),
            ("unknown charset, UTF-8", "x*=x-nope''%C3%A9", "x=\u{e9}", &[P044]),
            ("unknown charset, fallback", "x*=x-nope''%E9", "x=\u{e9}", &[P044]),
            ("octets of no known charset", "x*=Unknown-8bit''caf%E9", "x=caf\u{e9}", &[]),
            ("the same, UTF-8", "x*=unknown-8bit''caf%C3%A9", "x=caf\u{e9}", &[]),
            ("the same, one apostrophe", "x*=unknown-8bit'%E9", "x=\u{e9}", &[P042]),
            ("one apostrophe", "x*=utf-8'%C3%A9", "x=\u{e9}", &[P042]),
            ("one apostrophe, no charset", "x*=it's%21", "x=it's!", &[P042]),
            ("no apostrophe", "x*=a%20b", "x=a b", &[P042]),
            ("quoted", "x*=\"utf-8''%C3%A9 b\"", "x=\u{e9} b", &[P042]),
            ("bad percent signs", "x*=utf-8''a%zz%4%", "x=a%zz%4%", &[P043]),
            ("no text in the charset", "x*=utf-8''a%E9", "x=a\u{fffd}", &[C013]),
            ("percent signs are data elsewhere", "x=a%20b", "x=a%20b", &[]),
        ]);
    }

    #[test]
    fn joins_sections() {
        use Rule::*;
        check(&[
            ("in order", "x*0=a; x*1=b; x*2=c", "x=abc", &[]),
            ("out of order", "x*2=c; x*0=a; y=d; x*1=b", "x=abc|y=d", &[]),
            (
                "ten is behind nine",
                "x*10=k; x*9=j; x*8=i; x*7=h; x*6=g; x*5=f; x*4=e; x*3=d; x*2=c; x*1=b; x*0=a",
                "x=abcdefghijk",
                &[],
            ),
            ("both kinds", "x*0*=utf-8''%41%20; x*1=\"%42 \"; x*2*=%43", "x=A %42 C", &[]),
            ("extended later only", "x*0=a; x*1*=b%25", "x=ab%", &[]),
            ("a character cut in two", "x*0*=utf-8''%C3; x*1*=%A9", "x=\u{e9}", &[]),
            ("charset written again", "x*0*=utf-8''a; x*1*=UTF-8'b; x*2*=utf-8''c", "x=abc", &[]),
            ("a gap", "x*0=a; x*2=c", "x=a", &[P041]),
            ("from one on", "x*1=a; x*2=b; x*4=c", "x=ab", &[P041]),
            ("number twice", "x*0=a; x*1=b; x*1=c", "x=ab", &[P045]),
            ("number too large", "x*0=a; x*4294967297=b", "x=a", &[P045]),
            ("leading zero", "x*0=a; x*01=b", "x=a", &[P045]),
            ("words joined, then decoded", "x*0=\"=?utf-8?B?\"; x*1=\"YWI=?=\"", "x=ab", &[P046]),
        ]);
    }

    #[test]
    fn decides_between_several() {
        use Rule::*;
        check(&[
            ("the first", "x=a; X=b; x*=''c; x*=''d", "x=c", &[P020, P020]),
            ("extended before sections", "x=a; x*0=b; x*=''c", "x=c", &[]),
            ("sections before plain", "x=a; x*0=b", "x=b", &[]),
            ("file name twice", "filename=a; filename=b", "filename=a", &[P021]),
            ("file names differ", "filename=a; filename*=''b", "filename=b", &[P022]),
            ("file names agree", "filename=a; filename*0=a; filename*=''a", "filename=a", &[]),
        ]);
    }

    #[test]
    fn decodes_words_and_raw_octets() {
        use Rule::*;
        check(&[
            ("quoted word", "x=\"=?utf-8?Q?caf=C3=A9?=.pdf\"", "x=caf\u{e9}.pdf", &[P046, W012]),
            ("raw UTF-8", "x=caf\u{e9}", "x=caf\u{e9}", &[]),
            ("never in a boundary", "boundary=\"=?utf-8?Q?b?=\"", "boundary==?utf-8?Q?b?=", &[]),
            ("never after percent-decoding", "x*=''%3D?utf-8?Q?b?=", "x==?utf-8?Q?b?=", &[P031]),
            ("Windows path", "filename=\"C:\\a.b\"", "filename=C:\\a.b", &[]),
            ("quoted-pair elsewhere", "x=\"C:\\a.b\"", "x=C:a.b", &[]),
        ]);
        let raw = parse(b"a; x=caf\xe9", &CONTEXT, &mut ());
        assert_eq!(raw.get("x"), Some("caf\u{e9}"));
    }

    #[test]
    fn spans_cover_all_sections() {
        let parsed = parse(b"a; x*1=b; y=c; x*0=d", &CONTEXT, &mut ());
        assert_eq!(parsed.param("x").map(|x| x.span), Some(Span::new(3, 20)));
        assert_eq!(parsed.param("y").map(|y| y.span), Some(Span::new(10, 13)));
    }

    #[test]
    fn hostile_bodies_take_linear_time() {
        let mut context = CONTEXT;
        context.limits.params = usize::MAX;
        let patterns = [
            ";", "(", ")", "\"", "\\", "=", "'", "%", "a=", "a*0=b;", "a(;", "a=b(;", "a=\"", " a",
            "a b=", "a=b c ", "a*=", "=?", "(\"", "\"\\", " \r\n ", "a (b) ", "a=(b)c;", "*;",
            "a;",
        ];
        for pattern in patterns {
            parse(pattern.repeat(200_000 / pattern.len()).as_bytes(), &context, &mut ());
        }
        let numbered: String = (0..100_000).map(|i| format!(";a*{i}=b;b{i}=c")).collect();
        let parsed = parse(numbered.as_bytes(), &context, &mut ());
        assert_eq!(parsed.get("a").map(str::len), Some(1000));
        assert_eq!(parsed.params.len(), 100_001);
    }

    proptest! {
        #[test]
        fn any_octets_give_a_result(raw in proptest::collection::vec(
            proptest::sample::select(b"ab*01=;\"'%?/\\ ()\r\n\xe9\0".to_vec()),
            0..60,
        )) {
            let mut found = Vec::new();
            let parsed = parse(&raw, &CONTEXT, &mut found);
            prop_assert!(found.iter().all(|(_, span)| span.end <= raw.len() as u64));
            prop_assert!(parsed.params.iter().all(|param| param.span.end <= raw.len() as u64));
        }

        #[test]
        fn what_is_quoted_comes_back(text in "[ -~\u{a0}-\u{ff}]{0,40}", name in "x|filename") {
            prop_assume!(!text.contains("=?"));
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let raw = format!("a/b; {name}=\"{quoted}\"; y=z");
            let parsed = parse(raw.as_bytes(), &CONTEXT, &mut ());
            prop_assert_eq!(parsed.get(&name), Some(&*text));
            prop_assert_eq!(parsed.get("y"), Some("z"));
        }

        #[test]
        fn what_is_cut_and_percent_encoded_comes_back(
            text in any::<String>(),
            size in 1..9usize,
            turn in 0..20usize,
        ) {
            let octets: Vec<String> = text.bytes().map(|c| format!("%{c:02x}")).collect();
            let label = |i| if i == 0 { "utf-8'en'" } else { "" };
            let section = |(i, piece): (usize, &[String])| {
                format!("; x*{i}*={}{}", label(i), piece.concat())
            };
            let mut sections: Vec<String> = octets.chunks(size).enumerate().map(section).collect();
            prop_assume!(!sections.is_empty() && sections.len() <= 128);
            let turn = turn % sections.len();
            sections.rotate_left(turn);
            let parsed = parse(sections.concat().as_bytes(), &CONTEXT, &mut ());
            prop_assert_eq!(parsed.get("x"), Some(&*text));
        }
    }
}
