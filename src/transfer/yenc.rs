//! yEnc (version 1.3), which no RFC defines: octets shifted by 42, between `=ybegin` and `=yend`.
//!
//! Contract: any octets give a result that does not depend on how they are cut. Line ends are no
//! data, wherever they stand, so lines that were broken again do no harm. What `=yend` says of size
//! and checksum is compared at the end; nothing of it changes what is decoded.
//!
//! LIMIT: of a keyword line the first `LINE` octets count.
//!
//! Does not put the parts of a file together that was sent in several: each is a file here. Does not
//! undo the doubled dots of NNTP.
//!
//! May use: base.

use crate::base::Eol;
use crate::base::chars::trim_end;

/// Octets of a keyword line that are looked at.
const LINE: usize = 1024;

/// What a `=ybegin` line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin<'a> {
    /// The file's name: without the white space and quotes around it, otherwise as it stands.
    pub name: &'a [u8],
    /// Octets of the file, of all its parts.
    pub size: u64,
    /// Which part of the file this is, if there are several.
    pub part: Option<u64>,
}

/// Reads `=ybegin line=128 size=123 name=a.bin`: `line` is a line without its line end. `None` if it
/// is another one; line, size and name must be there, so that prose is not taken for it.
pub fn find_begin(line: &[u8]) -> Option<Begin<'_>> {
    let rest = line.strip_prefix(b"=ybegin ")?;
    let at = memchr::memmem::find(rest, b"name=")?;
    let (numbers, name) = (&rest[..at], rest[at + 5..].trim_ascii());
    let name = match name {
        [b'"', name @ .., b'"'] => name,
        name => name,
    };
    number(numbers, b"line=")?;
    Some(Begin { name, size: number(numbers, b"size=")?, part: number(numbers, b"part=") })
}

/// The value of a decimal `key` among the words of a keyword line.
fn number(words: &[u8], key: &[u8]) -> Option<u64> {
    let value = value(words, key)?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The checksum under `key`, in hexadecimal.
fn checksum(words: &[u8], key: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(value(words, key)?).ok()?, 16).ok()
}

fn value<'a>(words: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    words.split(|c| c.is_ascii_whitespace()).find_map(|word| word.strip_prefix(key))
}

/// Where the decoder stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    LineStart,
    Inside,
    /// Behind an equals sign, which began the line or did not.
    Escape {
        line_start: bool,
    },
    /// In a line that begins with `=y`.
    Keyword,
    /// Behind the line that ends the data.
    Over,
}

/// The streaming decoder of what stands behind a `=ybegin` line.
#[derive(Debug)]
pub struct Decoder {
    eol: Eol,
    at: At,
    /// A keyword line whose end has not come yet.
    line: Vec<u8>,
    /// Octets that this part is to have.
    size: Option<u64>,
    is_part: bool,
    decoded: u64,
    crc: Crc,
    is_intact: bool,
}

impl Decoder {
    /// A decoder for what `begin` announces, in a text whose lines end with `eol`.
    pub fn new(begin: &Begin<'_>, eol: Eol) -> Decoder {
        let is_part = begin.part.is_some();
        Decoder {
            eol,
            at: At::LineStart,
            line: Vec::new(),
            size: (!is_part).then_some(begin.size),
            is_part,
            decoded: 0,
            crc: Crc::default(),
            is_intact: false,
        }
    }

    /// Takes the next piece and appends to `out` what it stands for. Says how many octets were
    /// taken: fewer than there are if the data is over.
    pub fn decode(&mut self, src: &[u8], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let mut taken = 0;
        while taken < src.len() && self.at != At::Over {
            taken += self.step(&src[taken..], out);
        }
        self.crc.update(&out[start..]);
        self.decoded += (out.len() - start) as u64;
        if self.at == At::Over {
            self.judge();
        }
        taken
    }

    /// Whether the end line has come.
    pub fn is_over(&self) -> bool {
        self.at == At::Over
    }

    /// The text is over, or the data. Says whether all of it came as it was announced: with an end
    /// line, and with the size and the checksum that are given.
    pub fn finish(mut self) -> bool {
        if self.at == At::Keyword && self.end_line() {
            self.judge();
        }
        self.is_intact
    }

    fn step(&mut self, src: &[u8], out: &mut Vec<u8>) -> usize {
        match self.at {
            At::Keyword => self.keyword(src),
            At::Escape { line_start } => self.escaped(src[0], line_start, out),
            At::LineStart if src[0] == b'=' => {
                self.at = At::Escape { line_start: true };
                1
            }
            _ => self.plain(src, out),
        }
    }

    /// Octets up to the next that means something else than itself, and that one.
    fn plain(&mut self, src: &[u8], out: &mut Vec<u8>) -> usize {
        let end = memchr::memchr3(b'=', b'\r', b'\n', src).unwrap_or(src.len());
        out.extend(src[..end].iter().map(|c| c.wrapping_sub(42)));
        if end > 0 {
            self.at = At::Inside;
        }
        match src.get(end) {
            None => return end,
            Some(b'=') => self.at = At::Escape { line_start: false },
            Some(&c) if c == self.eol.octet() => self.at = At::LineStart,
            Some(_) => {}
        }
        end + 1
    }

    /// The octet behind an equals sign. QUIRK: a line end there is none of the data.
    fn escaped(&mut self, c: u8, line_start: bool, out: &mut Vec<u8>) -> usize {
        match c {
            b'y' if line_start => {
                self.at = At::Keyword;
                self.line.clear();
            }
            b'\r' | b'\n' => {
                self.at = At::Inside;
                return 0;
            }
            _ => {
                out.push(c.wrapping_sub(42 + 64));
                self.at = At::Inside;
            }
        }
        1
    }

    fn keyword(&mut self, src: &[u8]) -> usize {
        let end = memchr::memchr(self.eol.octet(), src);
        let piece = &src[..end.unwrap_or(src.len())];
        let room = LINE - self.line.len();
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        if end.is_some() {
            self.at = if self.end_line() { At::Over } else { At::LineStart };
        }
        piece.len() + usize::from(end.is_some())
    }

    /// A keyword line is complete: whether it ends the data.
    fn end_line(&mut self) -> bool {
        let line = trim_end(&self.line);
        if let Some(range) = line.strip_prefix(b"part ") {
            let ends = number(range, b"begin=").zip(number(range, b"end="));
            self.size = ends.and_then(|(begin, end)| end.checked_sub(begin)?.checked_add(1));
        }
        line == b"end" || line.starts_with(b"end ")
    }

    /// Compares what came with what the end line says.
    fn judge(&mut self) {
        let words = self.line.as_slice();
        let key: &[u8] = if self.is_part { b"pcrc32=" } else { b"crc32=" };
        let sizes = [self.size, number(words, b"size=")];
        self.is_intact = sizes.into_iter().flatten().all(|size| size == self.decoded)
            && checksum(words, key).is_none_or(|crc| crc == self.crc.value());
    }
}

/// The checksum of ISO 3309, which zip and Ethernet have too.
#[derive(Clone, Copy, Debug)]
struct Crc(u32);

const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
};

impl Default for Crc {
    fn default() -> Crc {
        Crc(!0)
    }
}

impl Crc {
    fn update(&mut self, octets: &[u8]) {
        self.0 = octets.iter().fold(self.0, |crc, &c| crc >> 8 ^ CRC[usize::from(crc as u8 ^ c)]);
    }

    fn value(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines of 128 characters, as the specification has it.
    pub(crate) fn encode(name: &str, octets: &[u8], line_end: &str) -> Vec<u8> {
        let size = octets.len();
        let mut out = format!("=ybegin line=128 size={size} name={name}{line_end}").into_bytes();
        let mut column = 0;
        for octet in octets {
            match octet.wrapping_add(42) {
                c @ (0 | b'\r' | b'\n' | b'=') => out.extend([b'=', c.wrapping_add(64)]),
                c => out.push(c),
            }
            column += 1;
            if column == 128 {
                out.extend_from_slice(line_end.as_bytes());
                column = 0;
            }
        }
        let mut crc = Crc::default();
        crc.update(octets);
        out.extend(
            format!("{line_end}=yend size={size} crc32={:08x}{line_end}", crc.value()).bytes(),
        );
        out
    }

    /// What the text behind the first line gives: octets, the rest, and whether it is whole.
    fn decode(text: &[u8], cut: usize) -> (Vec<u8>, Vec<u8>, bool) {
        let first = memchr::memchr(b'\n', text).expect("a first line");
        let begin = find_begin(trim_end(&text[..first])).expect("a begin line");
        let mut decoder = Decoder::new(&begin, Eol::Lf);
        let (mut out, mut rest) = (Vec::new(), Vec::new());
        for piece in text[first + 1..].chunks(cut) {
            let taken = decoder.decode(piece, &mut out);
            rest.extend_from_slice(&piece[taken..]);
        }
        (out, rest, decoder.finish())
    }

    #[test]
    fn finds_begin_lines() {
        type Case<'a> = (&'a str, Option<(&'a str, u64, Option<u64>)>);
        let cases: &[Case<'_>] = &[
            ("=ybegin line=128 size=9 name=a b.bin ", Some(("a b.bin", 9, None))),
            ("=ybegin part=2 line=128 size=9 name=\"a\"", Some(("a", 9, Some(2)))),
            (
                "=ybegin part=2 total=3 line=128 size=9 name=x size=7",
                Some(("x size=7", 9, Some(2))),
            ),
            ("=ybegin line=128 size=9", None),
            ("=ybegin size=9 name=a", None),
            ("=ybegin line=128 name=a", None),
            ("=ybegin line=128 size=x name=a", None),
            ("ybegin line=128 size=9 name=a", None),
            ("", None),
        ];
        for &(line, expected) in cases {
            let found = find_begin(line.as_bytes());
            let expected =
                expected.map(|(name, size, part)| Begin { name: name.as_bytes(), size, part });
            assert_eq!(found, expected, "{line}");
        }
    }

    /// The check value of the checksum, as catalogues have it.
    #[test]
    fn checksums() {
        let mut crc = Crc::default();
        crc.update(b"123456789");
        assert_eq!(crc.value(), 0xCBF4_3926);
    }

    /// `+,-` is 1, 2, 3; its checksum is 55bc801d.
    #[test]
    fn decodes_good_and_bad_data() {
        const SINGLE: &str = "=ybegin line=128 size=3 name=a\n";
        const PART: &str = "=ybegin part=1 line=128 size=9 name=a\n";
        let cases: &[(&str, &str, &str, &[u8], &str, bool)] = &[
            ("whole", SINGLE, "+,-\n=yend size=3 crc32=55BC801D\nx", &[1, 2, 3], "x", true),
            ("crlf", SINGLE, "+,-\r\n=yend size=3\r\nx", &[1, 2, 3], "x", true),
            ("no line end", SINGLE, "+,-\n=yend size=3 crc32=55bc801d", &[1, 2, 3], "", true),
            ("broken again", SINGLE, "+\n,\n-\n=yend size=3\n", &[1, 2, 3], "", true),
            ("escapes", SINGLE, "=k,=m\n=yend size=3\n", &[1, 2, 3], "", true),
            ("escape at a line start", SINGLE, "+\n=l-\n=yend size=3\n", &[1, 2, 3], "", true),
            ("escape at a line end", SINGLE, "+,-=\n=yend size=3\n", &[1, 2, 3], "", true),
            ("no checksum", SINGLE, "+,-\n=yend size=3 crc32=\n", &[1, 2, 3], "", true),
            ("bad checksum", SINGLE, "+,-\n=yend size=3 crc32=00000000\n", &[1, 2, 3], "", false),
            ("bad size", SINGLE, "+,-\n=yend size=4\n", &[1, 2, 3], "", false),
            ("too short", SINGLE, "+,\n=yend size=2\n", &[1, 2], "", false),
            ("no end", SINGLE, "+,-\n", &[1, 2, 3], "", false),
            (
                "part",
                PART,
                "=ypart begin=4 end=6\n+,-\n=yend size=3 pcrc32=55bc801d crc32=1\n",
                &[1, 2, 3],
                "",
                true,
            ),
            (
                "part of another size",
                PART,
                "=ypart begin=4 end=9\n+,-\n=yend size=3\n",
                &[1, 2, 3],
                "",
                false,
            ),
            (
                "a range that is none",
                PART,
                "=ypart begin=9 end=18446744073709551615\n+\n=yend\n",
                &[1],
                "",
                false,
            ),
            ("another keyword", SINGLE, "=yother\n+,-\n=yendless\n=yend\n", &[1, 2, 3], "", true),
            ("nothing", SINGLE, "=yend size=0\n", &[], "", false),
        ];
        for &(name, begin, data, octets, rest, intact) in cases {
            for cut in [1, 2, 7, 1000] {
                let found = decode(&[begin, data].concat().into_bytes(), cut);
                let expected = (octets.to_vec(), rest.as_bytes().to_vec(), intact);
                assert_eq!(found, expected, "{name}, cut {cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(
            octets in prop::collection::vec(any::<u8>(), 0..600),
            crlf in any::<bool>(),
            cut in 1usize..300,
        ) {
            let text = encode("a", &octets, if crlf { "\r\n" } else { "\n" });
            prop_assert_eq!(decode(&text, cut), (octets, Vec::new(), true));
        }

        #[test]
        fn any_octets_give_the_same_at_any_cut(
            text in "(=ybegin line=1 size=3 name=a\n)(=|y|ypart begin=1 |end|=yend| size=3|\r|\n|[\u{0}-z]){0,60}",
            cut in 1usize..50,
        ) {
            prop_assert_eq!(decode(text.as_bytes(), cut), decode(text.as_bytes(), text.len()));
        }
    }
}
