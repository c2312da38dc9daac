//! Maildirs: which folders are one, and what the names of their messages say.
//!
//! Contract: a Maildir is a folder with `cur` and `new` in it; `tmp` may be missing, since nothing is
//! read from it. Its messages are the files of these two. A folder in it that is a Maildir too is a
//! subfolder of the mailbox: Maildir++ begins such a name with a dot, Dovecot's `LAYOUT=fs` does not.
//! What else stands beside them belongs to a mail server.
//!
//! It does not say what flags mean.
//!
//! <https://cr.yp.to/proto/maildir.html>, <https://www.courier-mta.org/imap/README.maildirquota.html>.
//!
//! May use: base.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that hold messages.
pub(super) const FOLDERS: [&str; 2] = ["cur", "new"];

/// Whether this folder is a Maildir.
pub fn is_maildir(folder: &Path) -> bool {
    let is_folder = |name| fs::symlink_metadata(folder.join(name)).is_ok_and(|it| it.is_dir());
    FOLDERS.into_iter().all(is_folder)
}

/// Whether this file is a message of a Maildir, by the folders it is in.
pub fn is_message(file: &Path) -> bool {
    file.parent().is_some_and(holds_messages)
}

/// Whether this folder is `cur` or `new` of a Maildir.
pub(super) fn holds_messages(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| FOLDERS.into_iter().any(|known| name == known))
        && folder.parent().is_some_and(is_maildir)
}

/// Whether a file in `cur` or `new` is a message: a server may keep hidden ones there.
pub(super) fn is_message_name(name: &[u8]) -> bool {
    !name.starts_with(b".")
}

/// Where the flags of a message begin in its name. Where a colon cannot stand in names, programs
/// write `!` or `;` instead.
fn info(name: &[u8]) -> Option<usize> {
    name.windows(3).rposition(|it| matches!(it, [b':' | b'!' | b';', b'2', b',']))
}

/// The flags that the name of a message says, letters as they stand there: `S` seen, `R` replied, `F`
/// flagged, `T` trashed, `D` draft, `P` passed; small ones are keywords. `None` if it says none (`:2,`
/// and nothing behind it says that there are none).
///
/// ```
/// use septet::mailbox::maildir::flags;
///
/// assert_eq!(flags("1700000000.M1P2.host,S=70:2,FS".as_ref()), Some("FS"));
/// ```
pub fn flags(name: &OsStr) -> Option<&str> {
    let name = name.as_encoded_bytes();
    let flags = &name[info(name)? + 3..];
    let end = flags.iter().position(|c| !c.is_ascii_alphabetic()).unwrap_or(flags.len());
    std::str::from_utf8(&flags[..end]).ok()
}

/// Where a message is now that is no longer where it was: it may have been moved from `new` to `cur`,
/// or got other flags.
pub(super) fn moved(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.as_encoded_bytes();
    let unique = |name: &[u8]| info(name).unwrap_or(name.len());
    let wanted = &name[..unique(name)];
    let maildir = path.parent()?.parent()?;
    let entries = FOLDERS.iter().filter_map(|folder| fs::read_dir(maildir.join(folder)).ok());
    let found = entries.flatten().flatten().find(|entry| {
        let found = entry.file_name();
        let found = found.as_encoded_bytes();
        &found[..unique(found)] == wanted
    });
    found.map(|entry| entry.path())
}

/// The name of a message whose size has become another: `S=` says how many octets the file has,
/// `W=` how many it would have with CRLF line ends. All else of the name stays. None if it says
/// neither.
///
/// ```
/// use septet::mailbox::maildir::renamed;
///
/// let name = renamed("1700000000.M1P2.host,S=70,W=72:2,FS".as_ref(), 90, 93);
/// assert_eq!(name, Some("1700000000.M1P2.host,S=90,W=93:2,FS".into()));
/// ```
pub fn renamed(name: &OsStr, new_size: u64, new_wire_size: u64) -> Option<OsString> {
    let name = name.as_encoded_bytes();
    let (base, info) = name.split_at(memchr::memchr(b':', name).unwrap_or(name.len()));
    let mut segments = base.split(|&c| c == b',');
    let mut new = segments.next()?.to_vec();
    let mut says = false;
    for segment in segments {
        new.push(b',');
        let size = match segment {
            [b'S', b'=', digits @ ..] if is_number(digits) => new_size,
            [b'W', b'=', digits @ ..] if is_number(digits) => new_wire_size,
            _ => {
                new.extend_from_slice(segment);
                continue;
            }
        };
        says = true;
        new.extend_from_slice(&segment[..2]);
        new.extend_from_slice(size.to_string().as_bytes());
    }
    new.extend_from_slice(info);
    if says { os_string(new) } else { None }
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

#[cfg(unix)]
fn os_string(octets: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(octets))
}

#[cfg(not(unix))]
fn os_string(octets: Vec<u8>) -> Option<OsString> {
    String::from_utf8(octets).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_sizes() {
        const CASES: &[(&str, &str, Option<&str>)] = &[
            ("both", "1.M2.host,S=1234,W=1250:2,FS", Some("1.M2.host,S=7,W=8:2,FS")),
            ("the other way round", "1.M2.host,W=1,S=2:2,", Some("1.M2.host,W=8,S=7:2,")),
            ("one", "1.M2.host,S=1234", Some("1.M2.host,S=7")),
            ("wire size only, in new", "1.M2.host,W=0", Some("1.M2.host,W=8")),
            ("neither", "1.M2.host:2,S", None),
            ("other fields stay", "1.M2.host,U=3,S=1,X:2,T", Some("1.M2.host,U=3,S=7,X:2,T")),
            ("among the flags it is no size", "1.M2.host:2,S=1", None),
            ("a host may be called so", "S=1", None),
            ("no number", "1.M2.host,S=,W=1a:2,", None),
            ("nothing", "", None),
        ];
        for (what, name, expected) in CASES {
            let new = renamed(OsStr::new(name), 7, 8);
            assert_eq!(new.as_deref(), expected.map(OsStr::new), "{what}");
        }
    }

    #[test]
    fn flags_in_names() {
        const CASES: &[(&str, Option<&str>)] = &[
            ("1.M2.host,S=1:2,FS", Some("FS")),
            ("1.M2.host!2,RSab", Some("RSab")),
            ("1.M2.host;2,", Some("")),
            ("1.M2.host", None),
            ("1.M2.host:2", None),
            ("1.M2.host:1,x", None),
            (":2,a:2,S", Some("S")),
            ("1:2,S,x=1", Some("S")),
            ("", None),
        ];
        for &(name, expected) in CASES {
            assert_eq!(flags(OsStr::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_message_is_found_again() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["cur", "new"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        for file in ["cur/1.a:2,S", "cur/1.ab:2,", "new/2"] {
            fs::write(root.path().join(file), "").expect("a file");
        }
        const CASES: &[(&str, Option<&str>)] = &[
            ("new/1.a", Some("cur/1.a:2,S")),
            ("cur/1.a:2,FS", Some("cur/1.a:2,S")),
            ("cur/2:2,", Some("new/2")),
            ("cur/3:2,", None),
        ];
        for &(path, expected) in CASES {
            let found = moved(&root.path().join(path));
            assert_eq!(found, expected.map(|it| root.path().join(it)), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_are_octets() {
        use std::os::unix::ffi::OsStrExt;
        let new = renamed(OsStr::from_bytes(b"1.\xff,S=1:2,\xfe"), 7, 8).expect("a name");
        assert_eq!(new.as_bytes(), b"1.\xff,S=7:2,\xfe");
    }

    #[test]
    fn which_files_are_messages() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["M/cur", "M/new", "M/tmp", "half/cur", "plain"] {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        const CASES: &[(&str, bool)] = &[
            ("M/cur/1", true),
            ("M/new/1", true),
            ("M/tmp/1", false),
            ("M/1", false),
            ("half/cur/1", false),
            ("plain/1", false),
        ];
        for &(path, expected) in CASES {
            assert_eq!(is_message(&root.path().join(path)), expected, "{path}");
        }
    }
}
