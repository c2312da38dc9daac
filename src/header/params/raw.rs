//! Parameters as they are written: cuts a raw field body into its value and its parameters, one
//! after the other (RFC 2045 §5.1), and a parameter's name into its pieces (RFC 2231 §3, §4).
//!
//! Contract: nothing is decoded and nothing allocated, save where a quoted value holds a backslash
//! or a fold. Each octet is looked at a bounded number of times. Spans count from the start of the
//! body.
//!
//! Deliberately not here: which of several values counts, percent-decoding, charsets, words. Those
//! need all parameters of a name, and are in the module above.
//!
//! May use: base, `lex` and `unfold`.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use crate::base::chars::{is_fws, is_token, is_tspecial};
use crate::base::{Rule, Sink};
use crate::header::lex::{skip_comment, skip_quoted};
use crate::header::unfold;

/// The value and the parameters of one field body. `next` gives the parameters in order; what they
/// have of oddness goes to `sink`, which is open to whoever reads them.
pub(crate) struct RawParams<'a, 's, S> {
    text: &'a [u8],
    value: Range<usize>,
    at: usize,
    /// How many more parameters may be read.
    left: usize,
    /// Whether a semicolon stands before what comes next.
    separated: bool,
    /// Whether a comment was met that is never closed.
    unclosed: bool,
    /// The comments so far, perhaps some of them twice, if anybody asks.
    comments: Option<Vec<Range<usize>>>,
    pub(crate) sink: &'s mut S,
}

/// One parameter as written.
#[derive(Clone, Debug)]
pub(crate) struct RawParam<'a> {
    /// The attribute, without section and asterisk; never empty.
    pub(crate) name: &'a [u8],
    /// The section number of a continued parameter (RFC 2231 §3).
    pub(crate) section: Option<u16>,
    /// Whether an asterisk says that the value is percent-encoded (RFC 2231 §4).
    pub(crate) extended: bool,
    pub(crate) value: RawValue<'a>,
    /// From the first octet of the name to the end of the value.
    pub(crate) span: Range<usize>,
}

/// A value as written, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawValue<'a> {
    octets: &'a [u8],
    pub(crate) quoted: bool,
}

/// What a backslash in a quoted value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backslash {
    /// The octet after it stands for itself, whatever it is (RFC 5322 §3.2.1).
    Quotes,
    /// QUIRK: programs write Windows paths as file names without doubling the backslashes
    /// (`"C:\temp\x.doc"`). To drop them would hide that there is a path (F001) and give a name
    /// that nobody meant, so a backslash stays before what never needs quoting.
    SeparatesPaths,
}

impl<'a, 's, S: Sink> RawParams<'a, 's, S> {
    /// Reads the value of `text`, a raw field body, and makes ready for its parameters, of which no
    /// more than `limit` are read (D014).
    pub(crate) fn new(text: &'a [u8], limit: usize, sink: &'s mut S) -> RawParams<'a, 's, S> {
        RawParams::start(text, limit, None, sink)
    }

    /// The same, with the comments written down.
    pub(crate) fn with_comments(
        text: &'a [u8],
        limit: usize,
        sink: &'s mut S,
    ) -> RawParams<'a, 's, S> {
        RawParams::start(text, limit, Some(Vec::new()), sink)
    }

    fn start(
        text: &'a [u8],
        limit: usize,
        comments: Option<Vec<Range<usize>>>,
        sink: &'s mut S,
    ) -> RawParams<'a, 's, S> {
        let mut params = RawParams {
            text,
            value: 0..0,
            at: 0,
            left: limit,
            separated: false,
            unclosed: false,
            comments,
            sink,
        };
        let start = params.skip_cfws(0);
        params.value = params.unquoted(start);
        params
    }

    /// Where what stands before the parameters begins and ends, comments at its ends left out.
    pub(crate) fn value(&self) -> Range<usize> {
        self.value.clone()
    }

    /// The next parameter.
    pub(crate) fn next(&mut self) -> Option<RawParam<'a>> {
        loop {
            self.skip_separators();
            let start = self.at;
            if start >= self.text.len() {
                return None;
            }
            if self.left == 0 {
                self.at = self.text.len();
                self.sink.report(Rule::D014, (start..self.at).into());
                return None;
            }
            self.left -= 1;
            let separated = mem::replace(&mut self.separated, false);
            match self.param() {
                Ok(param) if separated => return Some(param),
                Ok(param) => {
                    self.sink.report(Rule::P030, (start..self.at).into());
                    return Some(param);
                }
                Err(rule) => self.sink.report(rule, (start..self.at).into()),
            }
        }
    }

    /// Skips semicolons, also several: a parameter of nothing harms nobody.
    fn skip_separators(&mut self) {
        self.at = self.skip_cfws(self.at);
        while self.text.get(self.at) == Some(&b';') {
            self.separated = true;
            self.at = self.skip_cfws(self.at + 1);
        }
    }

    /// Reads what begins here, whatever it is; the rule it breaks if it is no parameter.
    fn param(&mut self) -> Result<RawParam<'a>, Rule> {
        let start = self.at;
        let name_end = self.name_end(start);
        let equals = self.skip_cfws(name_end);
        if self.text.get(equals) != Some(&b'=') {
            self.skip_junk();
            return Err(Rule::P032);
        }
        let value = self.param_value(equals + 1).ok_or(Rule::P032)?;
        let name = Name::parse(&self.text[start..name_end])?;
        Ok(RawParam {
            name: name.attribute,
            section: name.section,
            extended: name.extended,
            value,
            span: start..self.at,
        })
    }

    /// Reads the value behind an equals sign; `None` if there is none, which is not the same as
    /// `""`.
    fn param_value(&mut self, behind_equals: usize) -> Option<RawValue<'a>> {
        let start = self.skip_cfws(behind_equals);
        if self.text.get(start) == Some(&b'"') {
            return Some(self.quoted(start));
        }
        if start > behind_equals && self.param_follows(start) {
            self.at = start;
            return None;
        }
        let octets = &self.text[self.unquoted(start)];
        if octets.iter().any(|&c| is_tspecial(c) || is_fws(c)) {
            self.sink.report(Rule::P031, (start..start + octets.len()).into());
        }
        let octets = without_escaped_quotes(octets);
        (!octets.is_empty()).then_some(RawValue { octets, quoted: false })
    }

    /// Reads a quoted value from its opening quote on.
    fn quoted(&mut self, start: usize) -> RawValue<'a> {
        let (end, closed) = skip_quoted(self.text, start);
        if !closed {
            self.sink.report(Rule::P033, (start..end).into());
        }
        self.at = end;
        let content_end = if closed { end - 1 } else { end };
        RawValue { octets: &self.text[start + 1..content_end], quoted: true }
    }

    /// Reads what is not quoted from `start` on: up to a semicolon, or white space with a parameter
    /// behind it, or the end. White space and comments at its end are no part of it.
    ///
    /// QUIRK: by RFC 2045 white space or a comment ends a value. Where more text follows they can
    /// only be meant as part of it: `my file (1).pdf`.
    fn unquoted(&mut self, start: usize) -> Range<usize> {
        let mut end = start;
        let mut at = start;
        while let Some(&c) = self.text.get(at) {
            if c == b';' {
                break;
            }
            if let Some(behind) = self.comment(at) {
                at = behind;
                continue;
            }
            at += 1;
            if !is_fws(c) {
                end = at;
            } else if self.param_follows(at) {
                break;
            }
        }
        self.at = at;
        start..end
    }

    /// Skips what is no parameter: a quoted string whole, then as far as an unquoted value goes.
    fn skip_junk(&mut self) {
        let start = match self.text.get(self.at) {
            Some(b'"') => skip_quoted(self.text, self.at).0,
            _ => self.at,
        };
        self.unquoted(start);
    }

    /// Whether a name with its equals sign stands at `at`: a parameter whose semicolon is missing.
    /// Only a token directly followed by `=` counts, lest words of a file name be taken for one.
    fn param_follows(&self, at: usize) -> bool {
        let token = self.text[at..].iter().take_while(|&&c| is_token(c)).count();
        token > 0 && self.text.get(at + token) == Some(&b'=')
    }

    /// The end of the name that begins at `at`. Octets that no token may have are let through.
    fn name_end(&self, at: usize) -> usize {
        let ends = |&c: &u8| matches!(c, b'=' | b';' | b'"' | b'(') || is_fws(c);
        self.text[at..].iter().position(ends).map_or(self.text.len(), |length| at + length)
    }

    /// The first position from `at` on that is neither white space nor inside a comment.
    fn skip_cfws(&mut self, mut at: usize) -> usize {
        while let Some(&c) = self.text.get(at) {
            if is_fws(c) {
                at += 1;
            } else if let Some(behind) = self.comment(at) {
                at = behind;
            } else {
                break;
            }
        }
        at
    }

    /// The position behind the comment that begins at `at`, if one does.
    ///
    /// A parenthesis that is never closed is a character like any other (`a(b.pdf; size=3` must not
    /// lose its size), and so are all parentheses behind it, lest each be followed to the end
    /// again.
    fn comment(&mut self, at: usize) -> Option<usize> {
        if self.unclosed || self.text.get(at) != Some(&b'(') {
            return None;
        }
        let (end, closed) = skip_comment(self.text, at);
        if !closed {
            self.unclosed = true;
            self.sink.report(Rule::A018, (at..end).into());
        }
        let comments = self.comments.as_mut().filter(|_| closed);
        if let Some(comments) = comments
            && comments.last() != Some(&(at..end))
        {
            comments.push(at..end);
        }
        closed.then_some(end)
    }

    /// The comments met so far, in order, each once.
    pub(crate) fn into_comments(self) -> Vec<Range<usize>> {
        let mut comments = self.comments.unwrap_or_default();
        comments.sort_by_key(|comment| comment.start);
        comments.dedup();
        comments
    }
}

/// The name of a parameter in its pieces: `attribute*section*`.
struct Name<'a> {
    attribute: &'a [u8],
    section: Option<u16>,
    extended: bool,
}

impl<'a> Name<'a> {
    /// Takes a name apart; the rule it breaks if that cannot be.
    fn parse(written: &'a [u8]) -> Result<Name<'a>, Rule> {
        let stem = written.strip_suffix(b"*");
        let extended = stem.is_some();
        let stem = stem.unwrap_or(written);
        let (attribute, section) = match memchr::memchr(b'*', stem) {
            Some(star) => {
                (&stem[..star], Some(section_number(&stem[star + 1..]).ok_or(Rule::P045)?))
            }
            None => (stem, None),
        };
        if attribute.is_empty() {
            return Err(Rule::P032);
        }
        Ok(Name { attribute, section, extended })
    }
}

/// A section number: 0 to 999, without leading zeros (RFC 2231 §3).
///
/// LIMIT: 999, so that no more than a thousand sections are ever put in order.
fn section_number(digits: &[u8]) -> Option<u16> {
    match digits {
        [c @ b'0'..=b'9'] => Some(u16::from(c - b'0')),
        [b'1'..=b'9', ..] if digits.len() <= 3 => digits
            .iter()
            .try_fold(0, |number, c| c.is_ascii_digit().then(|| number * 10 + u16::from(c - b'0'))),
        _ => None,
    }
}

impl<'a> RawValue<'a> {
    /// The value itself: without folds, and without backslashes where it was quoted.
    pub(crate) fn unquoted(self, backslash: Backslash) -> Cow<'a, [u8]> {
        let content = self.unfolded();
        if self.has_backslash() {
            return Cow::Owned(without_backslashes(&content, backslash));
        }
        content
    }

    /// Whether some octet of it is so, as it is written.
    pub(crate) fn has(self, is: impl Fn(u8) -> bool) -> bool {
        self.octets.iter().any(|&c| is(c))
    }

    /// Whether backslashes in it have a meaning.
    pub(crate) fn has_backslash(self) -> bool {
        self.quoted && memchr::memchr(b'\\', self.octets).is_some()
    }

    fn unfolded(self) -> Cow<'a, [u8]> {
        if !self.quoted {
            return unfold(self.octets);
        }
        if memchr::memchr2(b'\r', b'\n', self.octets).is_none() {
            return Cow::Borrowed(self.octets);
        }
        // Quotes keep white space at the ends, which is part of the value, from being trimmed.
        let guarded = [b"\"", self.octets, b"\""].concat();
        let unfolded = unfold(&guarded);
        let content = unfolded.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        Cow::Owned(content.unwrap_or(&unfolded).to_vec())
    }
}

/// QUIRK: quotes with backslashes before them (`boundary=\"b\"`), left over from the source code of
/// some program, were meant as quotes.
fn without_escaped_quotes(octets: &[u8]) -> &[u8] {
    let content = octets.strip_prefix(br#"\""#).and_then(|rest| rest.strip_suffix(br#"\""#));
    content.unwrap_or(octets)
}

/// Removes the backslashes of quoted-pairs; also one with nothing behind it.
fn without_backslashes(content: &[u8], backslash: Backslash) -> Vec<u8> {
    let mut octets = Vec::with_capacity(content.len());
    let mut rest = content.iter().copied();
    while let Some(c) = rest.next() {
        if c != b'\\' {
            octets.push(c);
        } else if let Some(quoted) = rest.next() {
            if backslash == Backslash::SeparatesPaths && needs_no_quoting(quoted) {
                octets.push(c);
            }
            octets.push(quoted);
        }
    }
    octets
}

/// Whether no program would put a backslash before `c` to quote it. An apostrophe needs none, but
/// other languages than RFC 2045's want one, and get it (`\'`).
fn needs_no_quoting(c: u8) -> bool {
    c >= 128 || is_token(c) && c != b'\''
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value and the parameters of `text` as `value|name=value|…`: `*2` marks section 2, `*` an
    /// extended value, quotes a quoted one.
    fn written(text: &[u8], sink: &mut Vec<(Rule, crate::base::Span)>) -> String {
        let mut params = RawParams::new(text, 8, sink);
        let mut all = String::from_utf8_lossy(&text[params.value()]).into_owned();
        while let Some(param) = params.next() {
            let name = String::from_utf8_lossy(param.name);
            let section = param.section.map_or(String::new(), |number| format!("*{number}"));
            let star = if param.extended { "*" } else { "" };
            let quote = if param.value.quoted { "\"" } else { "" };
            let value = param.value.unquoted(Backslash::Quotes);
            let value = String::from_utf8_lossy(&value);
            all += &format!("|{name}{section}{star}={quote}{value}{quote}");
        }
        all
    }

    #[test]
    fn cuts_parameters() {
        use Rule::*;
        let cases: &[(&str, &[u8], &str, &[Rule])] = &[
            ("plain", b" a/b; c=d;e=f", "a/b|c=d|e=f", &[]),
            ("white space all around", b" a ; c = d ; e\t=\r\n f ", "a|c=d|e=f", &[]),
            ("comments all around", b"(1)a(2);(3)c(4)=(5)d(6);(7)", "a|c=d", &[]),
            ("no value", b"; c=d", "|c=d", &[]),
            ("nothing", b"", "", &[]),
            ("empty parameters", b"a;;; ; c=d;;", "a|c=d", &[]),
            ("quoted", b"a; c=\"d; e=f\"; g=h", "a|c=\"d; e=f\"|g=h", &[]),
            ("quoted nothing", b"a; c=\"\"", "a|c=\"\"", &[]),
            ("quoted-pairs", b"a; c=\"\\d\\\"\\\\\"", "a|c=\"d\"\\\"", &[]),
            ("fold in quotes", b"a; c=\" d\r\n e \"", "a|c=\" d e \"", &[]),
            ("blank before the closing quote", b"a; c=\" \r\n \"", "a|c=\"  \"", &[]),
            ("never closed", b"a; c=\"d; e", "a|c=\"d; e\"", &[P033]),
            ("never closed, backslash last", b"a; c=\"d\\", "a|c=\"d\"", &[P033]),
            ("apostrophes are no quotes", b"a; c='d'", "a|c='d'", &[]),
            ("no semicolon", b"a c=d e=\"f\"g=h", "a|c=d|e=\"f\"|g=h", &[P030, P030, P030]),
            ("no semicolon, value empty", b"a; c= d=e", "a|d=e", &[P032, P030]),
            ("words", b"a; c=d e f.g; h=i", "a|c=d e f.g|h=i", &[P031]),
            ("words over a fold", b"a; c=d\r\n e", "a|c=d e", &[P031]),
            ("tspecials", b"a; c=d=e:f", "a|c=d=e:f", &[P031]),
            ("escaped quotes", b"a; c=\\\"d\\\"; e=\\\"f", "a|c=d|e=\\\"f", &[P031, P031]),
            ("parentheses with text behind", b"a; c=d (1).e (2)", "a|c=d (1).e", &[P031]),
            (
                "parenthesis never closed",
                b"a; c=d(1; e=f(g)",
                "a|c=d(1|e=f(g)",
                &[A018, P031, P031],
            ),
            ("no equals sign", b"a; c d; e=f", "a|e=f", &[P032]),
            ("junk, then a parameter", b"a; c d=e", "a|d=e", &[P032, P030]),
            ("quoted junk", b"a; \"b;c=d\"; e=f", "a|e=f", &[P032]),
            ("text behind quotes", b"a; c=\"d\"e f; g=h", "a|c=\"d\"|g=h", &[P032]),
            ("no name", b"a; =b; c=d", "a|c=d", &[P032]),
            ("no value", b"a; c=; d= ; e=f", "a|e=f", &[P032, P032]),
            ("a section", b"a; c*0=d; c*12*=e; c*=f", "a|c*0=d|c*12*=e|c*=f", &[]),
            ("bad sections", b"a; c*01=d; c*1000=e; c*x=f; c**=g", "a", &[P045; 4]),
            ("asterisks without a name", b"a; *=b; *0*=c", "a", &[P032, P032]),
            ("octets over 127", b"a; \xe9=\xc3\xa4", "a|\u{fffd}=\u{e4}", &[]),
            (
                "too many",
                b"a;1=1;2=1;3=1;4=1;5=1;6=1;7=1;8;9=1",
                "a|1=1|2=1|3=1|4=1|5=1|6=1|7=1",
                &[P032, D014],
            ),
        ];
        for &(name, text, expected, rules) in cases {
            let mut found = Vec::new();
            assert_eq!(written(text, &mut found), expected, "{name}");
            assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), rules, "{name}");
        }
    }

    #[test]
    fn keeps_backslashes_of_paths() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"C:\\temp\\x.doc", b"C:\\temp\\x.doc"),
            (b"C:\\\\temp\\\\x.doc", b"C:\\temp\\x.doc"),
            (b"..\\..\\e.exe", b"..\\..\\e.exe"),
            (b"\\\"a\\\" \\(1\\) it\\'s", b"\"a\" (1) it's"),
        ];
        for &(octets, expected) in cases {
            let value = RawValue { octets, quoted: true };
            assert_eq!(&*value.unquoted(Backslash::SeparatesPaths), expected);
        }
    }

    #[test]
    fn spans_count_from_the_start_of_the_body() {
        let mut found = Vec::new();
        written(b"a; b=\"c\" d=e:f; g", &mut found);
        let spans: Vec<_> = found.iter().map(|f| (f.0, f.1.start, f.1.end)).collect();
        assert_eq!(spans, [(Rule::P031, 11, 14), (Rule::P030, 9, 14), (Rule::P032, 16, 17)]);
    }
}
