//! Names that are safe to write to, on any system, from names that are whatever a sender wrote.
//!
//! Contract: a safe name is one component of a path: not empty, at most 255 octets of UTF-8 in NFC,
//! without separators, control characters and such that turn or hide text, not hidden, no option of
//! a command, no device of Windows, and safe when it is made safe again. The same names come out on
//! every run. Time is linear, for a million equal names too.
//!
//! It does not look into the folder: what stands there already is known when a file is to take its
//! name.
//!
//! RFC 2183 §2.3, §5. May use: nothing of this crate.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

/// LIMIT: octets of a name, what file systems take.
const NAME: usize = 255;

/// LIMIT: octets of what counts as an extension, with its dot.
const EXTENSION: usize = 64;

/// Octets of the longest counter with its hyphen.
const COUNTER: usize = 21;

/// A safe name for what a message calls `raw`; `None` if nothing of that is left.
///
/// ```
/// use septet::extract::safe_name;
///
/// assert_eq!(safe_name("../../etc/passwd").as_deref(), Some("passwd"));
/// assert_eq!(safe_name("C:\\CON.txt").as_deref(), Some("_CON.txt"));
/// assert_eq!(safe_name(".."), None);
/// ```
pub fn safe_name(raw: &str) -> Option<String> {
    let name = without_stream(without_drive(last_component(raw)));
    let name: String = name.chars().map(|c| if is_forbidden(c) { '_' } else { c }).nfc().collect();
    let name = trim_end(name.trim_start());
    if name.is_empty() {
        return None;
    }
    let name = match name.starts_with(['-', '.']) {
        true => format!("_{name}"),
        false => name.to_owned(),
    };
    let name = capped(&name, NAME);
    Some(match is_reserved(&name) {
        true => format!("_{}", capped(&name, NAME - 1)),
        false => name,
    })
}

/// What stands behind the last separator, of Unix or Windows, that has something behind it.
fn last_component(raw: &str) -> &str {
    let raw = raw.trim_end_matches(['/', '\\']);
    raw.rsplit(['/', '\\']).next().unwrap_or(raw)
}

/// Without the letter of a drive.
fn without_drive(name: &str) -> &str {
    match name.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => &name[2..],
        _ => name,
    }
}

/// Without the name of an NTFS stream: what a colon hangs behind an extension, or any `:$DATA`.
///
/// QUIRK: subjects become names (`Re: minutes.eml`), so not every colon begins a stream.
fn without_stream(name: &str) -> &str {
    let name = match name.len().checked_sub(":$DATA".len()).and_then(|at| name.split_at_checked(at))
    {
        Some((name, stream)) if stream.eq_ignore_ascii_case(":$DATA") => name.trim_end_matches(':'),
        _ => name,
    };
    let mut colons = name.match_indices(':').map(|(at, _)| at);
    match colons.find(|&at| ends_with_extension(&name.as_bytes()[..at])) {
        Some(at) => &name[..at],
        None => name,
    }
}

/// Whether a name ends like `a.txt`: a dot and one to five letters and digits, not only digits.
fn ends_with_extension(name: &[u8]) -> bool {
    let length = name.iter().rev().take(6).take_while(|c| c.is_ascii_alphanumeric()).count();
    let (stem, extension) = name.split_at(name.len() - length);
    (1..=5).contains(&length)
        && stem.len() > 1
        && stem.ends_with(b".")
        && extension.iter().any(u8::is_ascii_alphabetic)
}

/// A character that must not stand in a name: it means something to a system or a terminal, or it
/// turns or hides text.
fn is_forbidden(c: char) -> bool {
    matches!(c,
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*'
        | '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Without the dots and spaces at the end, which Windows does not keep.
fn trim_end(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Whether Windows takes the name for a device, whatever its extension.
pub(crate) fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = |digit: &str| matches!(digit, "¹" | "²" | "³") || digit.len() == 1;
    match base.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        base => match base.strip_prefix("COM").or(base.strip_prefix("LPT")) {
            Some(port) => is_port(port) && !port.starts_with(|c: char| c.is_ascii_alphabetic()),
            None => false,
        },
    }
}

/// The name and its last extension, with the dot; a name that is all extension has none.
fn extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= EXTENSION => name.split_at(dot),
        _ => (name, ""),
    }
}

/// At most `octets` of a text, cut between characters.
fn cut(text: &str, octets: usize) -> &str {
    let mut end = octets.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// At most `octets` of a name; the extension stays.
fn capped(name: &str, octets: usize) -> String {
    if name.len() <= octets {
        return name.to_owned();
    }
    match extension(name) {
        (stem, "") => trim_end(cut(stem, octets)).to_owned(),
        (stem, extension) => [cut(stem, octets - extension.len()), extension].concat(),
    }
}

/// A name for part `number` of type `essence`, which has none of its own: `part-2.1.pdf`.
pub fn nameless(number: &str, essence: &str) -> String {
    let known = EXTENSIONS.iter().find(|(known, _)| *known == essence);
    format!("part-{number}.{}", known.map_or("bin", |(_, extension)| extension))
}

/// The type of files that are called so, as far as the name tells one.
///
/// ```
/// assert_eq!(septet::extract::type_by_name("Report.PDF"), Some("application/pdf"));
/// assert_eq!(septet::extract::type_by_name("pdf"), None);
/// ```
pub fn type_by_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    let mut known = EXTENSIONS.iter();
    known.find(|(_, known)| known.eq_ignore_ascii_case(extension)).map(|&(essence, _)| essence)
}

/// What files of the types that stand in mail are usually called.
const EXTENSIONS: &[(&str, &str)] = &[
    ("text/plain", "txt"),
    ("text/html", "html"),
    ("text/calendar", "ics"),
    ("text/vcard", "vcf"),
    ("text/x-vcard", "vcf"),
    ("text/csv", "csv"),
    ("text/css", "css"),
    ("text/xml", "xml"),
    ("text/markdown", "md"),
    ("text/enriched", "txt"),
    ("text/richtext", "txt"),
    ("text/rtf", "rtf"),
    ("text/x-patch", "patch"),
    ("text/x-diff", "patch"),
    ("text/rfc822-headers", "txt"),
    ("message/rfc822", "eml"),
    ("message/global", "eml"),
    ("message/partial", "eml"),
    ("message/delivery-status", "txt"),
    ("message/disposition-notification", "txt"),
    ("message/external-body", "txt"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/pjpeg", "jpg"),
    ("image/png", "png"),
    ("image/x-png", "png"),
    ("image/gif", "gif"),
    ("image/bmp", "bmp"),
    ("image/tiff", "tif"),
    ("image/webp", "webp"),
    ("image/heic", "heic"),
    ("image/svg+xml", "svg"),
    ("audio/mpeg", "mp3"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/ogg", "ogg"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("application/pdf", "pdf"),
    ("application/zip", "zip"),
    ("application/x-zip-compressed", "zip"),
    ("application/gzip", "gz"),
    ("application/x-gzip", "gz"),
    ("application/x-tar", "tar"),
    ("application/x-7z-compressed", "7z"),
    ("application/json", "json"),
    ("application/xml", "xml"),
    ("application/rtf", "rtf"),
    ("application/ics", "ics"),
    ("application/msword", "doc"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/pgp-signature", "asc"),
    ("application/pgp-keys", "asc"),
    ("application/pgp-encrypted", "asc"),
    ("application/pkcs7-mime", "p7m"),
    ("application/x-pkcs7-mime", "p7m"),
    ("application/pkcs7-signature", "p7s"),
    ("application/x-pkcs7-signature", "p7s"),
    ("application/ms-tnef", "dat"),
    ("application/vnd.ms-tnef", "dat"),
];

/// The names that were given so far, none twice: letter case and the way that accents are written
/// do not tell two names apart, since there are file systems for which they do not.
#[derive(Debug, Default)]
pub struct Names {
    used: HashSet<String>,
    /// The last number that was tried behind a stem.
    counters: HashMap<String, u64>,
}

impl Names {
    /// A safe name like `name`, which is safe but may be too long, that was not given yet: `a.txt`,
    /// then `a-2.txt`, `a-3.txt`. Who finds that a file of that name is there already asks again.
    pub fn give(&mut self, name: &str) -> String {
        let name = capped(name, NAME);
        if self.used.insert(folded(&name)) {
            return name;
        }
        let (stem, extension) = extension(&name);
        let stem = cut(stem, NAME - extension.len() - COUNTER);
        // Cut names share their counter, so no number is tried twice.
        let counter = self.counters.entry(folded(&[stem, extension].concat())).or_insert(1);
        loop {
            *counter += 1;
            let name = format!("{stem}-{counter}{extension}");
            if self.used.insert(folded(&name)) {
                return name;
            }
        }
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.used.clear();
        self.counters.clear();
    }
}

/// The same for all names that some file system takes for one.
fn folded(name: &str) -> String {
    let upper = name.nfd().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn makes_names_safe() {
        let long = "a".repeat(300);
        let long_pdf = format!("{long}.pdf");
        let capped_pdf = format!("{}.pdf", "a".repeat(251));
        let wide = format!("{}.txt", "é".repeat(200));
        let capped_wide = format!("{}.txt", "é".repeat(125));
        let hidden_con = format!("CON{}x", " ".repeat(300));
        let hidden_con_txt = format!("CON{}x.txt", " ".repeat(300));
        let capped_con_txt = format!("_CON{}.txt", " ".repeat(247));
        let no_extension = format!("a.{long}");
        let capped_no_extension = format!("a.{}", "a".repeat(253));
        let cases: &[(&str, Option<&str>)] = &[
            ("report.pdf", Some("report.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("/abs/olute", Some("olute")),
            ("..\\..\\evil.exe", Some("evil.exe")),
            ("C:\\Windows\\x.dll", Some("x.dll")),
            ("C:x.dll", Some("x.dll")),
            ("c:", None),
            ("dir/name/", Some("name")),
            ("a\0.txt", Some("a_.txt")),
            ("a\r\nb.txt", Some("a__b.txt")),
            ("\u{1b}]0;x\u{7}.txt", Some("_]0;x_.txt")),
            ("a\u{9b}31m", Some("a_31m")),
            ("invoice\u{202e}fdp.exe", Some("invoice_fdp.exe")),
            ("a\u{200b}\u{feff}\u{e0041}b", Some("a___b")),
            ("<>:\"|?*", Some("_______")),
            ("Re: minutes 12:30.eml", Some("Re_ minutes 12_30.eml")),
            ("a.txt:evil.exe", Some("a.txt")),
            ("evil.exe::$DATA", Some("evil.exe")),
            ("evil::$data", Some("evil")),
            ("v1.2:final", Some("v1.2_final")),
            ("e\u{301}.txt", Some("é.txt")),
            ("-rf", Some("_-rf")),
            ("  -rf", Some("_-rf")),
            (".bashrc", Some("_.bashrc")),
            (".septet-1", Some("_.septet-1")),
            ("name. . ", Some("name")),
            ("CON", Some("_CON")),
            ("con.tar.gz", Some("_con.tar.gz")),
            ("aux .txt", Some("_aux .txt")),
            ("COM1.txt", Some("_COM1.txt")),
            ("lpt³", Some("_lpt³")),
            ("COM10", Some("COM10")),
            ("COMA", Some("COMA")),
            ("conin$", Some("_conin$")),
            ("console.log", Some("console.log")),
            ("", None),
            (".", None),
            ("..", None),
            (" . . ", None),
            ("///", None),
            ("日本語.txt", Some("日本語.txt")),
            (&long, Some(&long[..255])),
            (&long_pdf, Some(&capped_pdf)),
            (&wide, Some(&capped_wide)),
            (&hidden_con, Some("_CON")),
            (&hidden_con_txt, Some(&capped_con_txt)),
            (&no_extension, Some(&capped_no_extension)),
        ];
        for &(raw, expected) in cases {
            assert_eq!(safe_name(raw).as_deref(), expected, "{raw:?}");
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let long = format!("{}.pdf", "a".repeat(251));
        let longer = format!("{}b.pdf", "a".repeat(250));
        let second = format!("{}-2.pdf", "a".repeat(230));
        let third = format!("{}-3.pdf", "a".repeat(230));
        let cases: &[(&[&str], &[&str])] = &[
            (&["a.txt", "a.txt", "a.txt"], &["a.txt", "a-2.txt", "a-3.txt"]),
            (&["a.txt", "A.TXT", "a.pdf"], &["a.txt", "A-2.TXT", "a.pdf"]),
            (&["a-2.txt", "a.txt", "a.txt"], &["a-2.txt", "a.txt", "a-3.txt"]),
            (&["straße", "STRASSE"], &["straße", "STRASSE-2"]),
            (&["é", "e\u{301}"], &["é", "e\u{301}-2"]),
            (&["ΣΑΣ", "σας"], &["ΣΑΣ", "σας-2"]),
            (&["a.tar.gz", "a.tar.gz"], &["a.tar.gz", "a.tar-2.gz"]),
            (&[&long, &longer, &long, &longer], &[&long, &longer, &second, &third]),
        ];
        for &(names, expected) in cases {
            let mut given = Names::default();
            let names: Vec<_> = names.iter().map(|name| given.give(name)).collect();
            assert_eq!(names, expected);
        }
    }

    /// Names that look like what is given to others, and such that are cut to the same.
    #[test]
    fn many_equal_names_take_linear_time() {
        let mut given = Names::default();
        for i in 2..5_000 {
            given.give(&format!("a-{i}"));
            given.give(&format!("{}{i}", "b".repeat(240)));
        }
        for i in 2..5_000 {
            given.give("a");
            given.give(&format!("{}{i}", "b".repeat(240)));
        }
        assert_eq!(given.give("a"), "a-9997");
    }

    #[test]
    fn parts_without_names() {
        assert_eq!(nameless("2.1", "application/pdf"), "part-2.1.pdf");
        assert_eq!(nameless("1", "x/y"), "part-1.bin");
    }

    fn is_safe(name: &str) -> bool {
        !name.is_empty()
            && name.len() <= NAME
            && !name.chars().any(is_forbidden)
            && !name.starts_with(['.', '-', ' '])
            && !name.ends_with(['.', ' '])
            && !is_reserved(name)
            && unicode_normalization::is_nfc(name)
    }

    proptest! {
        #[test]
        fn safe_names_are_safe(raw in "[a:.\\\\/ é\u{301}\u{202e}\0-]{0,40}|(CON|nul|Com1|LPT²)[ .x]{0,300}(é|x){0,200}[.]?[a-z ]{0,70}|\\PC{0,300}") {
            let Some(name) = safe_name(&raw) else { return Ok(()) };
            prop_assert!(is_safe(&name), "{name:?}");
            prop_assert_eq!(safe_name(&name), Some(name.clone()));
            let mut given = Names::default();
            let prefixed = format!("000001-{name}");
            let all: Vec<_> = [&name, &prefixed, &name, &prefixed].map(|n| given.give(n)).into();
            for (at, one) in all.iter().enumerate() {
                prop_assert!(one.len() <= NAME && !one.chars().any(is_forbidden));
                prop_assert!(all[..at].iter().all(|other| folded(other) != folded(one)));
            }
        }
    }
}
