//! The laws of septet, each as a function over any octets that panics where a law is broken. The
//! fuzz targets are these functions; the tests run them over the messages in `testdata`.
//!
//! The first four octets of an input say how the rest is read, see [`Input`].

#![forbid(unsafe_code)]

pub mod archives;
pub mod auth;
pub mod charset;
pub mod convert;
pub mod diff;
pub mod dkim;
pub mod header;
pub mod inline;
mod input;
pub mod join;
pub mod lint;
pub mod mbox;
pub mod names;
pub mod record;
mod scratch;
pub mod structure;
pub mod text;
pub mod transfer;
pub mod walk;
pub mod wire;
pub mod write;

pub use input::{Cut, Input};

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::Range;
    use std::path::{Path, PathBuf};

    /// All files below a folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }

    /// Runs a law over every fixture, with all choices that matter to it.
    fn over_fixtures(choices: Range<u8>, law: fn(&[u8])) {
        let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata"));
        assert!(!files.is_empty());
        for file in files {
            let text = fs::read(&file).expect("a fixture");
            for choice in choices.clone() {
                // A cut of its own for each choice, small pieces more often than large ones.
                let sizes = [choice % 5, choice % 7, choice];
                println!("{}, {choice} {sizes:?}", file.display());
                law(&[&[choice], &sizes[..], &text].concat());
            }
        }
    }

    #[test]
    fn archives() {
        over_fixtures(0..2, crate::archives::check);
    }

    #[test]
    fn auth() {
        over_fixtures(0..1, crate::auth::check);
    }

    #[test]
    fn charset() {
        over_fixtures(0..80, crate::charset::check);
    }

    #[test]
    fn diff() {
        over_fixtures(0..8, crate::diff::check);
    }

    #[test]
    fn dkim() {
        over_fixtures(0..2, crate::dkim::check);
    }

    #[test]
    fn header() {
        over_fixtures(0..5, crate::header::check);
    }

    #[test]
    fn inline() {
        over_fixtures(0..4, crate::inline::check_inline);
        over_fixtures(0..4, crate::inline::check_tnef);
    }

    #[test]
    fn join() {
        over_fixtures(0..16, crate::join::check);
    }

    #[test]
    fn lint() {
        over_fixtures(0..8, crate::lint::check);
        over_fixtures(0..1, crate::lint::check_views);
        over_fixtures(0..1, crate::lint::check_trace);
    }

    #[test]
    fn mbox() {
        over_fixtures(0x68..0x6C, crate::mbox::check);
        over_fixtures(0x80..0x84, crate::mbox::check);
    }

    #[test]
    fn names() {
        over_fixtures(0..1, crate::names::check);
    }

    #[test]
    fn record() {
        over_fixtures(0..128, crate::record::check);
        over_fixtures(0..1, crate::record::check_select);
    }

    #[test]
    fn convert() {
        over_fixtures(0..8, crate::convert::check);
    }

    #[test]
    fn structure() {
        over_fixtures(0..32, crate::structure::check);
    }

    #[test]
    fn text() {
        over_fixtures(0..1, crate::text::check);
    }

    #[test]
    fn transfer() {
        over_fixtures(0..8, crate::transfer::check);
    }

    #[test]
    fn walk() {
        over_fixtures(0..32, crate::walk::check);
    }

    #[test]
    fn wire() {
        over_fixtures(0..8, crate::wire::check);
    }

    #[test]
    fn write() {
        over_fixtures(0..32, crate::write::check);
    }
}
