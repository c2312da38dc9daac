//! Finding the lines that can matter: those that begin with one of a few octets.

use memchr::memchr;

/// The octets that a line worth stopping at begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts([bool; 256]);

impl Starts {
    /// A line is worth stopping at if it begins with one of `octets`.
    pub(crate) fn new(octets: &[u8]) -> Starts {
        let mut table = [false; 256];
        for &octet in octets {
            table[octet as usize] = true;
        }
        Starts(table)
    }

    /// Whether a line that begins with `octet` is.
    pub(crate) fn contains(&self, octet: u8) -> bool {
        self.0[octet as usize]
    }
}

/// The first position from `from` on of an `eol` that is followed by one of `starts`.
#[inline]
pub(crate) fn line_start(text: &[u8], from: usize, eol: u8, starts: &Starts) -> Option<usize> {
    let mut at = from;
    while let Some(found) = memchr(eol, text.get(at..)?) {
        at += found;
        match text.get(at + 1) {
            Some(&next) if starts.contains(next) => return Some(at),
            Some(_) => at += 1,
            None => return None,
        }
    }
    None
}

/// [`line_start`] for lines that begin with a hyphen: what nearly all bodies are searched for.
#[inline]
pub(crate) fn hyphen_line(text: &[u8], from: usize, eol: u8) -> Option<usize> {
    let needle = [eol, b'-'];
    memchr::memmem::find(text.get(from..)?, &needle).map(|found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_lines() {
        let starts = Starts::new(b"-F");
        let text = b"-a\nb\n-c\nF";
        assert_eq!(line_start(text, 0, b'\n', &starts), Some(4));
        assert_eq!(line_start(text, 5, b'\n', &starts), Some(7));
        assert_eq!(line_start(text, 8, b'\n', &starts), None);
        assert_eq!(line_start(text, 99, b'\n', &starts), None);
        assert_eq!(line_start(b"a\n", 0, b'\n', &starts), None);
        assert_eq!(hyphen_line(text, 0, b'\n'), Some(4));
        assert_eq!(hyphen_line(text, 5, b'\n'), None);
    }
}
