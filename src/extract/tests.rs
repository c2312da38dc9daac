//! What the tests of this room share.

use std::io;

use super::{Files, Found};

/// Keeps the files that were found.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) files: Vec<(Vec<u8>, Found)>,
    open: Option<Vec<u8>>,
}

impl Files for Collected {
    fn begin(&mut self) -> io::Result<()> {
        assert!(self.open.replace(Vec::new()).is_none(), "the one before is over");
        Ok(())
    }

    fn data(&mut self, octets: &[u8]) -> io::Result<()> {
        self.open.as_mut().expect("a file is open").extend_from_slice(octets);
        Ok(())
    }

    fn end(&mut self, found: Found) -> io::Result<()> {
        self.files.push((self.open.take().expect("a file is open"), found));
        Ok(())
    }
}

pub(super) fn file(name: &str, octets: &[u8], is_intact: bool) -> (Vec<u8>, Found) {
    (octets.to_vec(), Found { name: name.to_owned(), is_intact })
}
