//! A file for what reads nothing else, gone when it is dropped.

use std::fs;
use std::path::{Path, PathBuf};

/// A file in memory, if the system has such a place.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A file with these octets. `kind` tells files of one process apart.
    pub fn new(kind: &str, octets: &[u8]) -> Scratch {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let path = folder.join(format!("septet-fuzz-{}-{kind}", std::process::id()));
        fs::write(&path, octets).expect("a temporary file");
        Scratch(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
