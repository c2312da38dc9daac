//! Which members of an archive may be messages, by their paths: a Maildir in an archive is read as one
//! in a folder.
//!
//! May use: base.

use super::super::maildir::{FOLDERS, is_message_name};

/// Where a file stands by its path alone, in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Among the messages of a Maildir.
    Message,
    /// A mail server keeps it there, or it was not delivered yet.
    Server,
    /// Anywhere else.
    Other,
}

/// Where the member of an archive stands: there, what is beside it is not known.
pub(super) fn standing(path: &[u8]) -> Standing {
    const SERVER: &[&[u8]] = &[
        b".customflags",
        b"maildirfolder",
        b"maildirsize",
        b"subscriptions",
        b"courierimapuiddb",
        b"courierimapsubscribed",
        b"courierimapkeywords",
    ];
    let mut names = path.rsplit(|&c| c == b'/');
    let (name, folder) = (names.next().unwrap_or(path), names.next().unwrap_or(b""));
    let is_among_messages = FOLDERS.iter().any(|known| folder == known.as_bytes());
    let is_servers = SERVER.contains(&name)
        || name.starts_with(b"dovecot")
        || (folder == b"tmp" && is_unique(name));
    match is_among_messages {
        true if is_message_name(name) => Standing::Message,
        false if !is_servers => Standing::Other,
        _ => Standing::Server,
    }
}

/// Whether this is a name as a delivery makes it: seconds, something unique, a host.
fn is_unique(name: &[u8]) -> bool {
    let digits = name.iter().take_while(|c| c.is_ascii_digit()).count();
    digits >= 9 && name[digits..].starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        const CASES: &[(&str, Standing)] = &[
            ("M/cur/1700000000.M1.host:2,S", Standing::Message),
            ("./M/new/1", Standing::Message),
            ("cur/1", Standing::Message),
            ("M/cur/.keep", Standing::Server),
            ("M/tmp/1700000000.M1.host", Standing::Server),
            ("M/.customflags", Standing::Server),
            ("M/dovecot-uidlist", Standing::Server),
            ("M/dovecot.index.log", Standing::Server),
            ("tmp/mail.mbox", Standing::Other),
            ("Takeout/Mail/All mail.mbox", Standing::Other),
            ("1", Standing::Other),
            ("", Standing::Other),
        ];
        for &(path, expected) in CASES {
            assert_eq!(standing(path.as_bytes()), expected, "{path}");
        }
    }
}
