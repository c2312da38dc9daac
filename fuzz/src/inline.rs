//! The laws of files inside bodies (uuencode, yEnc, TNEF): the cut never shows, every file that begins
//! ends, and no more comes out than its lines can hold.

use std::io;

use septet::base::Eol;
use septet::extract::{Files, Found, Inline, Tnef};

use crate::Input;

/// Octets that a line of uuencode may say it has.
const UU_LINE: usize = 63;

/// Holds the laws of uuencode and yEnc in a text.
pub fn check_inline(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    for eol in [Eol::Lf, Eol::Cr] {
        check(&input, || Inline::new(eol), Inline::feed, Inline::finish);
    }
}

/// Holds the laws of TNEF.
pub fn check_tnef(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    check(&input, Tnef::default, Tnef::feed, Tnef::finish);
}

fn check<T>(
    input: &Input<'_>,
    new: impl Fn() -> T,
    feed: impl Fn(&mut T, &[u8], &mut Collected) -> io::Result<()>,
    finish: impl Fn(T, &mut Collected) -> io::Result<()>,
) {
    let collect = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut reader, mut files) = (new(), Collected::default());
        for piece in pieces {
            feed(&mut reader, piece, &mut files).expect("to memory");
        }
        finish(reader, &mut files).expect("to memory");
        assert!(files.open.is_none(), "a file does not end");
        files.files
    };
    let whole = collect(&mut std::iter::once(input.text));
    let cut = collect(&mut input.pieces(input.text));
    assert_eq!(cut, whole, "in pieces of {:?}", input.sizes);
    let octets: usize = whole.iter().map(|(octets, _)| octets.len()).sum();
    // A line of uuencode has as many octets as it says, though white space at its end was lost.
    let lines = input.text.iter().filter(|&&c| matches!(c, b'\n' | b'\r')).count() + 1;
    let most = input.text.len() + lines * UU_LINE;
    assert!(octets <= most, "{octets} octets of {}", input.text.len());
}

/// Keeps the files that were found.
#[derive(Debug, Default)]
struct Collected {
    files: Vec<(Vec<u8>, Found)>,
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
