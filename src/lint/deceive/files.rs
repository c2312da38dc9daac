//! What a file says that it is, by its name, its type and its first octets.
//!
//! Only a few hundred octets of a leaf are looked at, with `infer`, which knows what files begin with. Of
//! that only kinds count that cannot be mistaken, and names that are sure to be of one kind: an unknown
//! name says nothing.
//!
//! RFC 2046 §4.5.1, RFC 2183 §5. May use: base.

use super::url;
use crate::base::Rule;

/// LIMIT: octets of a leaf that are looked at.
pub(super) const LEAD: usize = 512;

/// What files that run, or that bring such as run past the warnings of a system, are called.
const RUNS: &[&str] = &[
    "ace",
    "apk",
    "app",
    "application",
    "appx",
    "appxbundle",
    "bat",
    "bin",
    "chm",
    "cmd",
    "com",
    "cpl",
    "diagcab",
    "dll",
    "dmg",
    "exe",
    "gadget",
    "hta",
    "img",
    "inf",
    "iqy",
    "iso",
    "jar",
    "js",
    "jse",
    "lnk",
    "mde",
    "msc",
    "msi",
    "msix",
    "msp",
    "one",
    "pif",
    "pkg",
    "ps1",
    "reg",
    "scf",
    "scr",
    "sct",
    "settingcontent-ms",
    "sh",
    "shb",
    "sys",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "website",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xll",
];

/// Of these, what other files may be called as well: alone they say nothing.
const MAY_RUN: &[&str] =
    &["ace", "app", "bin", "com", "img", "inf", "iso", "one", "sh", "sys", "url"];

/// Names that readers take for a document, a picture or the like.
const LOOKS_HARMLESS: &[&str] = &[
    "avi", "bmp", "csv", "doc", "docx", "eml", "gif", "htm", "html", "jpeg", "jpg", "mov", "mp3",
    "mp4", "mpeg", "odt", "pdf", "png", "ppt", "pptx", "rtf", "tif", "tiff", "txt", "wav", "xls",
    "xlsx", "xml",
];

/// What archives are called.
const ARCHIVES: &[&str] =
    &["7z", "ace", "arj", "bz2", "cab", "gz", "lzh", "rar", "tar", "tgz", "xz", "zip", "zst"];

/// Kinds of files: what `infer` calls them, what their names end with, and what their types are. Two
/// kinds share a name where programs write either under it.
const KINDS: &[(&str, &[&str], &[&str])] = &[
    ("png", &["png", "apng"], &["image/png"]),
    ("jpg", &["jpg", "jpeg", "jpe", "jfif"], &["image/jpeg", "image/jpg", "image/pjpeg"]),
    ("gif", &["gif"], &["image/gif"]),
    ("webp", &["webp"], &["image/webp"]),
    ("bmp", &["bmp", "dib"], &["image/bmp"]),
    ("tif", &["tif", "tiff"], &["image/tiff"]),
    ("pdf", &["pdf"], &["application/pdf"]),
    ("ps", &["ps", "eps", "ai"], &["application/postscript"]),
    ("rtf", &["rtf", "doc"], &["application/rtf", "text/rtf", "application/msword"]),
    (
        "zip",
        &[
            "zip", "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "dotx", "xltx", "potx", "ppsx",
            "xlsb", "odt", "ods", "odp", "odg", "epub", "jar", "apk", "kmz", "xpi", "vsdx",
            "pages", "key", "numbers", "3mf", "oxt", "nupkg", "war", "ipa", "whl",
        ],
        &[
            "application/zip",
            "application/x-zip-compressed",
            "application/java-archive",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.spreadsheet",
        ],
    ),
    // What is encrypted by Office is OLE, whatever its name.
    (
        "msi",
        &["doc", "xls", "ppt", "msi", "msg", "pub", "vsd", "dot", "xlt", "pps", "mpp", "db", "wps"],
        &["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
    ),
    ("gz", &["gz", "tgz", "svgz", "emz", "z"], &["application/gzip", "application/x-gzip"]),
    ("bz2", &["bz2", "tbz", "tbz2"], &["application/x-bzip2"]),
    ("xz", &["xz", "txz"], &["application/x-xz"]),
    ("zst", &["zst", "tzst"], &["application/zstd"]),
    ("7z", &["7z"], &["application/x-7z-compressed"]),
    ("rar", &["rar", "cbr"], &["application/vnd.rar", "application/x-rar-compressed"]),
    ("cab", &["cab", "msu"], &["application/vnd.ms-cab-compressed"]),
    ("tar", &["tar"], &["application/x-tar"]),
    ("exe", &["exe", "dll", "scr", "cpl", "com", "pif", "sys", "ocx", "drv"], &[]),
    ("elf", &["elf", "so", "bin", "o", "run", "axf", "ko"], &["application/x-executable"]),
    ("mach", &["dylib", "macho"], &["application/x-mach-binary"]),
    ("sh", &["sh", "py", "pl", "rb", "bash", "txt", "cgi", "awk", "tcl"], &[]),
    (
        "html",
        &["html", "htm", "shtml", "xhtml", "hta", "xls", "doc", "asp", "php", "svg", "xml", "txt"],
        &["text/html", "application/xhtml+xml"],
    ),
];

/// What `infer` calls the kinds of which a name is enough.
const FAMILIES: &[(&str, &str)] = &[
    ("docx", "zip"),
    ("xlsx", "zip"),
    ("pptx", "zip"),
    ("odt", "zip"),
    ("ods", "zip"),
    ("odp", "zip"),
    ("epub", "zip"),
    ("doc", "msi"),
    ("xls", "msi"),
    ("ppt", "msi"),
    ("dll", "exe"),
];

/// Kinds that run.
const RUNNING: &[&str] = &["exe", "elf", "mach"];

/// A rule, and what was compared.
pub(super) type Odd = (Rule, String);

/// What is odd about the name of a file, which was declared to be of a type.
pub(super) fn by_name(name: &str, essence: &str, odd: &mut Vec<Odd>) {
    let shown = || url::defanged_host(name);
    if let Some((one, other)) = url::mixed_scripts(name) {
        let note = format!("{} and {} in \"{}\"", one.full_name(), other.full_name(), shown());
        odd.push((Rule::X010, note));
    }
    let (last, before) = extensions(name);
    let is_in = |list: &[&str], extension: &str| list.contains(&extension);
    if is_in(RUNS, &last) && is_in(LOOKS_HARMLESS, &before) {
        odd.push((Rule::X011, format!("\"{}\": {before}, then {last}", shown())));
    } else if is_in(RUNS, &last) && !is_in(MAY_RUN, &last) {
        odd.push((Rule::X012, format!("\"{}\"", shown())));
    }
    if is_in(ARCHIVES, &last) && is_in(ARCHIVES, &before) && before != "tar" {
        odd.push((Rule::X017, format!("\"{}\": {before} in {last}", shown())));
    }
    if let Some(kind) = kind_of_type(essence)
        && is_known(&last)
        && !KINDS.iter().any(|(of, names, _)| *of == kind.0 && names.contains(&last.as_str()))
        && !same_types(kind.2, &last)
    {
        odd.push((Rule::X013, format!("declared {}, called \"{}\"", url::shown(essence), shown())));
    }
}

/// What is odd about the first octets of a leaf.
pub(super) fn by_octets(lead: &[u8], name: Option<&str>, essence: &str, odd: &mut Vec<Odd>) {
    let Some(kind) = kind_of_octets(lead) else { return };
    let (last, _) = name.map(extensions).unwrap_or_default();
    let names = |kind: &str, name: &str| {
        KINDS.iter().any(|(of, names, _)| *of == kind && names.contains(&name))
    };
    let shown = name.map(url::defanged_host).unwrap_or_default();
    if RUNNING.contains(&kind) {
        odd.push((Rule::X015, format!("begins as {} does; called \"{shown}\"", article(kind))));
    }
    if is_known(&last) && !names(kind, &last) {
        let note = match kind {
            "msi" => "an old Office file, or an encrypted one".to_owned(),
            kind => article(kind),
        };
        odd.push((Rule::X014, format!("called \"{shown}\", begins as {note} does")));
    } else if let Some(declared) = kind_of_type(essence)
        && last.is_empty()
        && declared.0 != kind
        && !declared.1.iter().any(|name| names(kind, name))
    {
        let essence = url::shown(essence);
        odd.push((Rule::X014, format!("declared {essence}, begins as {} does", article(kind))));
    }
    match kind {
        "zip" => zip(lead, odd),
        "rar" if is_encrypted_rar(lead) => odd.push((Rule::X016, "an encrypted rar".to_owned())),
        _ => {}
    }
}

fn article(kind: &str) -> String {
    let is_vowel = matches!(kind, "exe" | "elf" | "rar" | "html" | "rtf" | "xz");
    let kind = if kind == "mach" { "Mach-O" } else { kind };
    format!("{} {kind}", if is_vowel { "an" } else { "a" })
}

/// The last two extensions of a name, in lower case; white space and dots at the end do not count.
fn extensions(name: &str) -> (String, String) {
    let name = name.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    let mut pieces = name.rsplit('.').map(|piece| piece.trim().to_lowercase());
    let last = pieces.next().unwrap_or_default();
    match pieces.next() {
        None => Default::default(),
        Some(before) => (last, if pieces.next().is_some() { before } else { String::new() }),
    }
}

fn is_known(extension: &str) -> bool {
    KINDS.iter().any(|(_, names, _)| names.contains(&extension))
}

fn kind_of_type(
    essence: &str,
) -> Option<&'static (&'static str, &'static [&'static str], &'static [&'static str])> {
    KINDS.iter().find(|(.., types)| types.contains(&essence))
}

/// Whether a kind that files of this name are of has one of the types as well.
fn same_types(types: &[&str], extension: &str) -> bool {
    KINDS
        .iter()
        .filter(|(_, names, _)| names.contains(&extension))
        .any(|(.., others)| others.iter().any(|other| types.contains(other)))
}

/// The kind of what begins so, as [`KINDS`] has it.
fn kind_of_octets(lead: &[u8]) -> Option<&'static str> {
    let found = infer::get(lead)?.extension();
    let family = FAMILIES.iter().find(|(name, _)| *name == found).map_or(found, |(_, of)| of);
    // An MZ alone is two letters.
    let is_sure = family != "exe" || lead.len() >= 64 && lead[2..64].contains(&0);
    KINDS.iter().map(|(kind, ..)| *kind).find(|kind| *kind == family && is_sure)
}

/// The first file in a zip (APPNOTE.TXT §4.3.7).
fn zip(lead: &[u8], odd: &mut Vec<Odd>) {
    let number = |at: usize| lead.get(at..at + 2).map(|n| u16::from_le_bytes([n[0], n[1]]));
    if !lead.starts_with(b"PK\x03\x04") {
        return;
    }
    let (Some(flags), Some(len)) = (number(6), number(26)) else { return };
    let name = lead.get(30..).unwrap_or_default();
    let name = String::from_utf8_lossy(&name[..usize::from(len).min(name.len())]);
    let shown = url::defanged_host(&name);
    if flags & 1 != 0 {
        odd.push((Rule::X016, format!("a zip with \"{shown}\", encrypted")));
    }
    let (last, _) = extensions(&name);
    if RUNS.contains(&last.as_str()) && !MAY_RUN.contains(&last.as_str()) {
        odd.push((Rule::X018, format!("a zip with \"{shown}\"")));
    }
    if ARCHIVES.contains(&last.as_str()) {
        odd.push((Rule::X017, format!("a zip with \"{shown}\"")));
    }
}

/// Whether the headers of a rar, or its first file, are encrypted.
fn is_encrypted_rar(lead: &[u8]) -> bool {
    let octet = |at: usize| lead.get(at).copied().unwrap_or_default();
    if lead.starts_with(b"Rar!\x1a\x07\x01\x00") {
        // A CRC of 4 octets, a size in one, and type 4.
        return octet(13) == 4;
    }
    // A head of 13 octets; then that of a file: a CRC, a type, flags.
    octet(9) == 0x73 && octet(10) & 0x80 != 0 || octet(22) == 0x74 && octet(23) & 4 != 0
}
