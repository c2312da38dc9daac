//! What a reader has done with a message: the flags in the names of a Maildir, and the fields Status
//! and X-Status of an mbox.
//!
//! | | Maildir | mbox |
//! |---|---|---|
//! | seen | `S` | Status `R` |
//! | no longer recent | in `cur` | Status `O` |
//! | flagged | `F` | X-Status `F` |
//! | replied | `R` | X-Status `A` |
//! | trashed | `T` | X-Status `D` |
//! | draft | `D` | X-Status `T` |
//! | passed on | `P` | none: it is lost |
//!
//! Contract: other letters are left out; those in lower case mean something in one Maildir only.
//!
//! <https://cr.yp.to/proto/maildir.html>; the fields as c-client, mutt, Dovecot and Python have them.
//!
//! May use: base.

use std::path::Path;

use super::maildir;

/// The flags of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Those of a Maildir, each once, in the order of the alphabet.
    letters: String,
    /// A mailbox has shown it: it is in `cur`.
    is_old: bool,
}

/// The letters of a Maildir in their order, and that of X-Status for each.
const LETTERS: &[(char, Option<u8>)] = &[
    ('D', Some(b'T')),
    ('F', Some(b'F')),
    ('P', None),
    ('R', Some(b'A')),
    ('S', None),
    ('T', Some(b'D')),
];

impl Flags {
    /// The flags of a file by its name and folder; `None` if it is no message of a Maildir.
    pub fn of_file(path: &Path) -> Option<Flags> {
        maildir::is_message(path).then(|| Flags::of_name(path))
    }

    /// The flags of a message of a Maildir by its name and folder.
    pub(super) fn of_name(path: &Path) -> Flags {
        let is_old = path.parent().is_some_and(|folder| folder.ends_with("cur"));
        let found = path.file_name().filter(|_| is_old).and_then(maildir::flags).unwrap_or("");
        let letters = LETTERS.iter().map(|&(letter, _)| letter).filter(|&it| found.contains(it));
        Flags { letters: letters.collect(), is_old }
    }

    /// Those of a Maildir, a letter each in the order of the alphabet: `S` for one that was seen.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// The flags that the bodies of the fields Status and X-Status say.
    pub fn of_fields(status: &[u8], x_status: &[u8]) -> Flags {
        let is_seen = status.contains(&b'R');
        let has = |letter: char, other: Option<u8>| match letter {
            'S' => is_seen,
            _ => other.is_some_and(|other| x_status.contains(&other)),
        };
        let found = LETTERS.iter().filter(|&&(letter, other)| has(letter, other));
        let letters: String = found.map(|&(letter, _)| letter).collect();
        let is_old = status.contains(&b'O') || !letters.is_empty();
        Flags { letters, is_old }
    }

    /// What Status and X-Status say of it; either may be empty.
    pub fn fields(&self) -> (String, String) {
        let seen = if self.letters.contains('S') { "R" } else { "" };
        let old = if self.is_old { "O" } else { "" };
        let order = [('R', 'A'), ('F', 'F'), ('D', 'T'), ('T', 'D')];
        let x_status = order.iter().filter(|(letter, _)| self.letters.contains(*letter));
        (format!("{seen}{old}"), x_status.map(|&(_, other)| other).collect())
    }

    /// Whether Status and X-Status can say the same of it as these bodies do.
    pub fn are_said_by(&self, status: &[u8], x_status: &[u8]) -> bool {
        self.fields() == Flags::of_fields(status, x_status).fields()
    }

    /// The folder of a Maildir that it belongs into, and what its name ends with there.
    pub fn place(&self) -> (&'static str, String) {
        match self.is_old {
            true => ("cur", format!(":2,{}", self.letters)),
            false => ("new", String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        const CASES: &[(&str, (&str, &str), &str, &str)] = &[
            ("new/1.h", ("", ""), "new", ""),
            ("cur/1.h:2,", ("O", ""), "cur", ":2,"),
            ("cur/1.h", ("O", ""), "cur", ":2,"),
            ("cur/1.h,S=3:2,S", ("RO", ""), "cur", ":2,S"),
            ("cur/1.h:2,DFPRST", ("RO", "AFTD"), "cur", ":2,DFPRST"),
            ("cur/1.h:2,TSa", ("RO", "D"), "cur", ":2,ST"),
            ("cur/1.h:2,F", ("O", "F"), "cur", ":2,F"),
            // What is new has no flags.
            ("new/1.h:2,S", ("", ""), "new", ""),
            ("cur/1.h:1,S", ("O", ""), "cur", ":2,"),
        ];
        let maildir = tempfile::tempdir().expect("a folder");
        for folder in ["cur", "new"] {
            std::fs::create_dir(maildir.path().join(folder)).expect("a folder");
        }
        for &(path, (status, x_status), folder, ending) in CASES {
            let flags = Flags::of_file(&maildir.path().join(path)).expect("a message");
            let (found, x_found) = flags.fields();
            assert_eq!((&*found, &*x_found), (status, x_status), "{path}");
            assert_eq!(flags.place(), (folder, ending.to_owned()), "{path}");
            assert!(flags.are_said_by(status.as_bytes(), x_status.as_bytes()), "{path}");
            let back = Flags::of_fields(status.as_bytes(), x_status.as_bytes());
            assert_eq!(back.place().1, ending.replace('P', ""), "{path}");
        }
        assert_eq!(Flags::of_file(&maildir.path().join("1:2,S")), None);
    }

    #[test]
    fn fields_of_an_mbox() {
        const CASES: &[(&str, &str, &str, &str)] = &[
            ("", "", "new", ""),
            ("O", "", "cur", ":2,"),
            ("R", "", "cur", ":2,S"),
            (" RO", " AF ", "cur", ":2,FRS"),
            ("", "D", "cur", ":2,T"),
            ("U", "", "new", ""),
        ];
        for &(status, x_status, folder, ending) in CASES {
            let flags = Flags::of_fields(status.as_bytes(), x_status.as_bytes());
            assert_eq!(flags.place(), (folder, ending.to_owned()), "{status}/{x_status}");
        }
        let flags = Flags::of_fields(b"RO", b"");
        assert!(flags.are_said_by(b"R", b"") && !flags.are_said_by(b"O", b""));
    }
}
