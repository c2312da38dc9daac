//! The data of encoded-words: Q and B (RFC 2047 §4), to octets.
//!
//! Never fails; says whether the data kept to its encoding (W018). As words are short, this is
//! plain code for one line, not the decoders of bodies. Time is linear in the data.
//!
//! Does not know charsets, nor where a word ends.
//!
//! May use: base.

use crate::base::chars::{hex_value, is_fws, is_hex};

/// Whether the data of a word kept to its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    Clean,
    /// Something was skipped, missing, or left as it was (W018).
    Broken,
}

/// Decodes Q data (RFC 2047 §4.2): `_` is a space whatever the charset, a bad escape stays as it
/// is, white space stays, line ends go.
pub(super) fn decode_q(data: &[u8], octets: &mut Vec<u8>) -> Data {
    let mut quality = Data::Clean;
    let mut rest = data;
    while let [c, tail @ ..] = rest {
        rest = tail;
        match (*c, tail) {
            (b'_', _) => octets.push(b' '),
            (b'=', [high, low, behind @ ..]) if is_hex(*high) && is_hex(*low) => {
                let digit = |c| hex_value(c).unwrap_or_default();
                octets.push(digit(*high) << 4 | digit(*low));
                rest = behind;
            }
            (b'\r' | b'\n', _) => {}
            (c, _) => {
                if c == b'=' {
                    quality = Data::Broken;
                }
                octets.push(c);
            }
        }
    }
    quality
}

/// Decodes B data (RFC 2047 §4.1): characters outside the alphabet are skipped, data goes on after
/// its padding as long as all the rest is base64, and missing padding keeps the tail. `group` is
/// what the word before has left, and becomes what this one leaves if it is cut inside a group.
pub(super) fn decode_b(data: &[u8], group: &mut Group, octets: &mut Vec<u8>) -> Data {
    let mut quality = Data::Clean;
    let mut padded = false;
    let data = if group.is_empty() { &data[decode_groups(data, octets)..] } else { data };
    for (i, &c) in data.iter().enumerate() {
        match SEXTETS[c as usize] {
            sextet @ 0..64 => group.push(sextet, octets),
            _ if c == b'=' => {
                if !std::mem::replace(&mut padded, true) && !data[i..].iter().all(|&c| is_b(c)) {
                    group.flush(octets);
                    return Data::Broken;
                }
                if group.flush(octets) == 1 {
                    quality = Data::Broken;
                }
            }
            _ if is_fws(c) => {}
            _ => quality = Data::Broken,
        }
    }
    if group.is_empty() {
        return quality;
    }
    if !group.is_cut() {
        group.flush(octets);
    }
    Data::Broken
}

/// Decodes the groups of four characters of the alphabet that `data` begins with; returns how long they
/// are.
fn decode_groups(data: &[u8], octets: &mut Vec<u8>) -> usize {
    let (groups, _) = data.as_chunks::<4>();
    for (i, group) in groups.iter().enumerate() {
        let [a, b, c, d] = group.map(|c| u32::from(SEXTETS[c as usize]));
        if a | b | c | d >= 64 {
            return 4 * i;
        }
        let bits = a << 18 | b << 12 | c << 6 | d;
        octets.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    4 * groups.len()
}

/// Up to four characters of base64: 24 bits.
#[derive(Debug, Default)]
pub(super) struct Group {
    bits: u32,
    len: u8,
}

impl Group {
    /// Whether nothing is left over.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn push(&mut self, sextet: u8, octets: &mut Vec<u8>) {
        self.bits = self.bits << 6 | u32::from(sextet);
        self.len += 1;
        if self.len == 4 {
            octets.extend_from_slice(&self.bits.to_be_bytes()[1..]);
            *self = Group::default();
        }
    }

    /// Whether a group that is not full is no end of data either: too short for an octet, or with
    /// bits that padding would leave zero (RFC 4648 §3.5).
    fn is_cut(&self) -> bool {
        match self.len {
            1 => true,
            2 => self.bits & 0xF != 0,
            3 => self.bits & 0x3 != 0,
            _ => false,
        }
    }

    /// Gives out the octets of a group that is not full; returns how many characters it had.
    pub(super) fn flush(&mut self, octets: &mut Vec<u8>) -> u8 {
        let Group { bits, len } = std::mem::take(self);
        match len {
            2 => octets.push((bits >> 4) as u8),
            3 => octets.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
            // One character is less than an octet.
            _ => {}
        }
        len
    }
}

/// Whether `c` may stand in base64 data: alphabet, padding, white space.
fn is_b(c: u8) -> bool {
    SEXTETS[c as usize] < 64 || c == b'=' || is_fws(c)
}

/// The value of each character of the base64 alphabet (RFC 4648 §4); 64 for all others.
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [64; 256];
    let mut i = 0;
    while i < 64 {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_q() {
        let cases: &[(&[u8], &[u8], Data)] = &[
            (b"a_=5F=e9", b"a _\xE9", Data::Clean),
            (b"a b\r\n c", b"a b c", Data::Clean),
            (b"=", b"=", Data::Broken),
            (b"=4", b"=4", Data::Broken),
            (b"==41", b"=A", Data::Broken),
            (b"=4G=41", b"=4GA", Data::Broken),
        ];
        for &(data, expected, quality) in cases {
            let mut octets = Vec::new();
            assert_eq!((decode_q(data, &mut octets), octets.as_slice()), (quality, expected));
        }
    }

    #[test]
    fn decodes_b() {
        let cases: &[(&[u8], &[u8], u8, Data)] = &[
            (b"YWJj", b"abc", 0, Data::Clean),
            (b"YQ==YmM=", b"abc", 0, Data::Clean),
            (b"YQ=", b"a", 0, Data::Clean),
            (b"YQ", b"a", 0, Data::Broken),
            (b"YWI", b"ab", 0, Data::Broken),
            (b"YWJjZ", b"abc", 1, Data::Broken),
            (b"w6", b"", 2, Data::Broken),
            (b"Y!W Jj", b"abc", 0, Data::Broken),
            (b"YQ==!YmM=", b"a", 0, Data::Broken),
            (b"Z===YQ==", b"a", 0, Data::Broken),
            (b"====", b"", 0, Data::Clean),
        ];
        for &(data, expected, left, quality) in cases {
            let (mut group, mut octets) = (Group::default(), Vec::new());
            assert_eq!(decode_b(data, &mut group, &mut octets), quality);
            assert_eq!((octets.as_slice(), group.len), (expected, left));
        }
    }

    proptest! {
        #[test]
        fn base64_of_any_octets(octets in proptest::collection::vec(any::<u8>(), 0..50)) {
            use base64::Engine as _;
            let data = base64::engine::general_purpose::STANDARD.encode(&octets);
            let mut decoded = Vec::new();
            let data = decode_b(data.as_bytes(), &mut Group::default(), &mut decoded);
            prop_assert_eq!(data, Data::Clean);
            prop_assert_eq!(decoded, octets);
        }
    }
}
