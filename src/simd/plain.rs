//! Whether octets are all of the plain kind, the common case that nothing need be done about, and how
//! many are text that any charset reads alike.
//!
//! Plain loops that the compiler turns into vector code, for the processor that all have and for AVX2.
//! `unsafe` here is the call of the latter, behind the question whether it is there, and that octets
//! which were seen to be ASCII are text.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

/// Octets looked at before anything is decided by them.
const LANE: usize = 256;

/// Whether no octet is over 127, none is NUL, and each CR but one at the end stands before an LF.
pub(crate) fn is_plain(src: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `with_avx2` is compiled for.
        return unsafe { with_avx2(src) };
    }
    of(src)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(src: &[u8]) -> bool {
    of(src)
}

#[inline(always)]
fn of(src: &[u8]) -> bool {
    let (lanes, rest) = src.as_chunks::<LANE>();
    let mut next = lanes.iter().skip(1).map(|lane| lane[0]).chain(rest.first().copied());
    for lane in lanes {
        let odd = lane.iter().fold(0, |odd, &c| odd | (c & 0x80) | u8::from(c == 0));
        let pairs = lane.iter().zip(&lane[1..]);
        let bare =
            pairs.fold(0, |bare, (&a, &b)| bare | u8::from(a == b'\r') & u8::from(b != b'\n'));
        let across = lane[LANE - 1] == b'\r' && next.next().is_some_and(|c| c != b'\n');
        if lane[LANE - 1] != b'\r' {
            next.next();
        }
        if odd | bare != 0 || across {
            return false;
        }
    }
    let bare = rest.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    !bare && rest.iter().all(|&c| c < 0x80 && c != 0)
}

/// The ASCII that `src` begins with, up to a NUL or an ESC.
pub(crate) fn text(src: &[u8]) -> &str {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for what `text_with_avx2` is compiled for.
        return unsafe { text_with_avx2(src) };
    }
    text_of(src)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn text_with_avx2(src: &[u8]) -> &str {
    text_of(src)
}

#[inline(always)]
fn text_of(src: &[u8]) -> &str {
    const ESC: u8 = 0x1B;
    let is_odd = |c: u8| u8::from(c > 0x7F) | u8::from(c == 0) | u8::from(c == ESC);
    let (lanes, _) = src.as_chunks::<LANE>();
    let is_clean = |lane: &&[u8; LANE]| lane.iter().fold(0, |odd, &c| odd | is_odd(c)) == 0;
    let whole = lanes.iter().take_while(is_clean).count() * LANE;
    let rest = &src[whole..];
    let len = whole + rest.iter().position(|&c| is_odd(c) != 0).unwrap_or(rest.len());
    // SAFETY: none of these octets is over 127, and ASCII is UTF-8.
    unsafe { str::from_utf8_unchecked(&src[..len]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_odd_octet_at_any_place_is_seen() {
        let line = b"plain text\r\n".repeat(60);
        assert!(is_plain(&line) && is_plain(&line[..line.len() - 1]) && is_plain(b""));
        for at in 0..line.len() {
            for odd in [0, 0x80, 0xff, b'\r'] {
                let mut text = line.clone();
                text[at] = odd;
                let bare = text.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
                let expected = odd == b'\r' && !bare;
                assert_eq!(is_plain(&text), expected, "{odd} at {at}");
                assert_eq!(of(&text), expected, "{odd} at {at}, for any processor");
            }
        }
    }

    #[test]
    fn text_ends_before_the_first_odd_octet() {
        let line = b"plain text\r\n\x7F\x01".repeat(60);
        assert_eq!((text(b""), text(&line).len()), ("", line.len()));
        for at in 0..line.len() {
            for odd in [0, 0x1B, 0x80, 0xC3, 0xFF] {
                let mut src = line.clone();
                src[at] = odd;
                assert_eq!(text(&src).as_bytes(), &src[..at], "{odd} at {at}");
                assert_eq!(text_of(&src).as_bytes(), &src[..at], "{odd} at {at}, any processor");
            }
        }
    }
}
