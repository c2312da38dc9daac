//! Names for new messages: in a Maildir one that nobody else can choose, in a folder the next number.
//!
//! Contract: a name of a Maildir is `SECONDS.MmicrosecondsPprocessQnumber.HOST`, and behind it what the
//! caller says (size, flags). Numbers ascend, and pass over those that are taken.
//!
//! <https://cr.yp.to/proto/maildir.html>.
//!
//! May use: nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

/// Unique names for the messages of a Maildir.
#[derive(Debug)]
pub struct Names {
    host: String,
    given: u64,
}

impl Default for Names {
    fn default() -> Names {
        Names { host: in_name(&host()), given: 0 }
    }
}

impl Names {
    /// A name that no other process gives and this one never gave, without size and flags.
    pub fn unique(&mut self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.given += 1;
        let (seconds, micros, process) = (now.as_secs(), now.subsec_micros(), process::id());
        format!("{seconds}.M{micros:06}P{process}Q{}.{}", self.given, self.host)
    }
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    String::new()
}

/// A host name as it may stand in the name of a message: `/` and `:` are written in octal, and so is
/// the comma, behind which a size would be looked for.
fn in_name(host: &str) -> String {
    if host.is_empty() || host.contains(|c: char| c.is_control()) {
        return "localhost".to_owned();
    }
    host.replace('/', "\\057").replace(':', "\\072").replace(',', "\\054")
}

/// Numbered names for the messages of a folder: `000001.eml` and so on.
#[derive(Debug)]
pub struct Numbers {
    folder: PathBuf,
    last: u64,
}

impl Numbers {
    /// Names in this folder.
    pub fn new(folder: &Path) -> Numbers {
        Numbers { folder: folder.to_owned(), last: 0 }
    }

    /// The next name that nothing has.
    pub fn vacant(&mut self) -> PathBuf {
        loop {
            self.last += 1;
            let path = self.folder.join(format!("{:06}.eml", self.last));
            if fs::symlink_metadata(&path).is_err() {
                return path;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let all: BTreeSet<String> = (0..1000).map(|_| names.unique()).collect();
        assert_eq!(all.len(), 1000);
        for name in all {
            assert!(!name.contains([':', '/', ',']) && name.split('.').count() >= 3, "{name}");
        }
    }

    #[test]
    fn hosts() {
        for (host, expected) in [
            ("mx.example.org", "mx.example.org"),
            ("a/b:c,d", "a\\057b\\072c\\054d"),
            ("", "localhost"),
        ] {
            assert_eq!(in_name(host), expected);
        }
    }

    #[test]
    fn taken_numbers_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["000001.eml", "000003.eml"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let mut numbers = Numbers::new(folder.path());
        let mut next = || numbers.vacant().file_name().expect("a name").to_owned();
        assert_eq!([next(), next(), next()], ["000002.eml", "000004.eml", "000005.eml"]);
    }
}
