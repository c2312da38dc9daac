//! What several test files share: the fixtures, the corpus if there is one, and walks at any cut.

#![allow(dead_code)]

pub mod convert;
pub mod decode;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use septet::base::Limits;
use septet::walk::{Event, Kind, Options, Reader, Tokens};

/// A token, or what happens between tokens, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Enter(u32),
    Headed(u32),
    Leave(u32),
    Next,
    Token(Kind, u32, Vec<u8>),
}

/// Adds an event; a piece of a body is joined to the piece before it.
pub fn push(items: &mut Vec<Item>, event: Event<'_>) {
    let item = match event {
        Event::Enter(part) => Item::Enter(part.index),
        Event::Headed(part) => Item::Headed(part.index),
        Event::Leave(part) => Item::Leave(part.index),
        Event::EndOfMessage => Item::Next,
        Event::Token(token) => {
            let pieces =
                matches!(token.kind, Kind::Body | Kind::Preamble | Kind::Epilogue | Kind::Opaque);
            if pieces
                && let Some(Item::Token(kind, part, octets)) = items.last_mut()
                && (*kind, *part) == (token.kind, token.part)
            {
                octets.extend_from_slice(token.octets);
                return;
            }
            Item::Token(token.kind, token.part, token.octets.to_vec())
        }
    };
    items.push(item);
}

/// The walk over a slice.
pub fn walk(text: &[u8], limits: Limits, options: Options) -> Vec<Item> {
    let mut items = Vec::new();
    for event in Tokens::new(text, limits, options) {
        push(&mut items, event);
    }
    items
}

/// Yields a text in pieces of the given sizes, over and over.
pub struct Cut<'a> {
    pub text: &'a [u8],
    pub sizes: &'a [usize],
    pub at: usize,
}

impl Read for Cut<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.at % self.sizes.len()].clamp(1, out.len());
        self.at += 1;
        let len = size.min(self.text.len());
        out[..len].copy_from_slice(&self.text[..len]);
        self.text = &self.text[len..];
        Ok(len)
    }
}

/// The walk over what comes in pieces of these sizes.
pub fn walk_cut(text: &[u8], sizes: &[usize], limits: Limits, options: Options) -> Vec<Item> {
    let mut reader = Reader::new(Cut { text, sizes, at: 0 }, limits, options);
    let mut items = Vec::new();
    while let Some(event) = reader.next(&mut ()).expect("reading from memory") {
        push(&mut items, event);
    }
    items
}

/// All octets of the tokens.
pub fn octets(items: &[Item]) -> Vec<u8> {
    let mut all = Vec::new();
    for item in items {
        if let Item::Token(_, _, octets) = item {
            all.extend_from_slice(octets);
        }
    }
    all
}

/// All files below a folder, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Our own messages: name and octets, each also with the other line end.
pub fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut fixtures = Vec::new();
    for path in files(&folder) {
        let name = path.strip_prefix(&folder).expect("below testdata").display().to_string();
        let octets = std::fs::read(&path).expect("a fixture");
        let twin = if octets.windows(2).any(|pair| pair == b"\r\n") {
            replace(&octets, b"\r\n", b"\n")
        } else {
            replace(&octets, b"\n", b"\r\n")
        };
        fixtures.push((format!("{name} (twin)"), twin));
        fixtures.push((name, octets));
    }
    fixtures
}

pub fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// The corpus that is kept outside of the project; tests that need it say so and pass without it.
pub fn corpus(below: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("SEPTET_CORPUS") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
    };
    let folder = root.join(below);
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: no corpus at {}", folder.display());
    None
}
