//! Quoted-printable written at full speed, a line of the result at a time (RFC 2045 §6.7).
//!
//! For the octets that a line can be made of, two masks say which of them need an escape and where a
//! line ends. From these follows how many octets the line takes; runs of plain octets are then copied
//! as vectors, more than asked for, as what follows overwrites it.
//!
//! `unsafe` here is one call of code that is compiled for AVX2, behind the question whether it is
//! there.
//!
//! May use: nothing of this crate.

#![allow(unsafe_code)]

pub(crate) mod decode;
mod dense;

use super::marks::{Marks, VECTOR, portable};

/// Octets that a line of the result is decided by: 76 that stand for themselves and a CRLF, in whole
/// vectors.
const LOOK: usize = 3 * VECTOR;

/// Octets copied for a run, which has at most a line's.
const RUN: usize = 80;

/// A run may start anywhere among the first 128 octets, as far as the bounds are known.
const PLACES: usize = 128;

/// Octets that must be there, or be padded, for a line to be written.
pub(crate) const WINDOW: usize = PLACES + RUN;

/// Octets that are escaped without a look at how much room is left.
const GROUP: usize = 8;

/// Room that a line is written to, with what is copied behind its end.
const ROOM: usize = PLACES + RUN;

/// Room for lines before they are appended to the result.
const PAGE: usize = 16 * ROOM;

/// Characters a line may have, the `=` of a soft line break among them (RFC 2045 §6.7 rule 5).
pub(crate) const LINE: usize = 76;

/// How lines are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    line_end: Ending,
    soft_break: Ending,
    /// LF and CRLF end lines; otherwise they are octets like others.
    is_text: bool,
    /// What begins a line is escaped if it could begin a delimiter or a separator.
    guards: bool,
}

/// What a line ends with: as many of the octets as the number says, so that four can be written always.
type Ending = ([u8; 4], usize);

impl Layout {
    pub(crate) fn new(line_end: &[u8], is_text: bool, guards: bool) -> Layout {
        let ending = |octets: &[u8]| {
            let mut ending = ([0; 4], octets.len());
            ending.0[..octets.len()].copy_from_slice(octets);
            ending
        };
        let soft_break = ending(&[b"=", line_end].concat());
        Layout { line_end: ending(line_end), soft_break, is_text, guards }
    }
}

/// Which of the octets looked at are of a kind, the first in the lowest bit.
#[derive(Clone, Copy, Debug, Default)]
struct Masks {
    /// Octets that do not stand for themselves inside a line.
    odd: u128,
    lf: u128,
}

/// Encodes what `src` begins with, appending whole lines to `out`, as long as [`WINDOW`] octets are
/// left; returns how many octets that took. `is_soft` says whether a soft line break stands before
/// `src`, then, whether one stands before what is left.
pub(crate) fn encode(src: &[u8], is_soft: &mut bool, layout: &Layout, out: &mut Vec<u8>) -> usize {
    run(src, None, is_soft, layout, out)
}

/// The same to the end, which is at `end`; [`WINDOW`] octets must follow it.
pub(crate) fn encode_last(
    src: &[u8],
    end: usize,
    is_soft: bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) {
    debug_assert!(src.len() >= end + WINDOW);
    run(src, Some(end), &mut { is_soft }, layout, out);
}

fn run(
    src: &[u8],
    end: Option<usize>,
    is_soft: &mut bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) -> usize {
    #[cfg(target_arch = "x86_64")]
    if super::marks::avx2::is_there() {
        // SAFETY: the processor has just been asked for each feature that `lines` is compiled for.
        return unsafe { avx2::lines(src, end, is_soft, layout, out) };
    }
    lines(portable::marks, dense::expand, src, end, is_soft, layout, out)
}

/// Writes line by line; compiled once for each way to the marks and to what stands for octets.
#[inline(always)]
fn lines(
    marks: impl Fn(&[u8; VECTOR], u8) -> Marks,
    expand: impl Fn(&[u8; VECTOR], u32, &mut [u8; dense::SPREAD]),
    src: &[u8],
    end: Option<usize>,
    is_soft: &mut bool,
    layout: &Layout,
    out: &mut Vec<u8>,
) -> usize {
    let mut page = [0; PAGE];
    let (mut filled, mut at, mut is_dense) = (0, 0, false);
    while let Some(window) = src.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        let left = end.map_or(LOOK, |end| LOOK.min(end - at));
        if left == 0 {
            break;
        }
        if std::mem::take(&mut is_dense) {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
            let rest = &src[at..end.unwrap_or(src.len())];
            at += dense::lines(&marks, &expand, rest, is_soft, layout, &mut page, out);
            continue;
        }
        let Some(room) = page[filled..].first_chunk_mut::<ROOM>() else {
            out.extend_from_slice(&page[..filled]);
            filled = 0;
            continue;
        };
        let mut masks = Masks::default();
        let (vectors, _) = window[..LOOK].as_chunks::<VECTOR>();
        for (i, vector) in vectors.iter().enumerate() {
            let marks = marks(vector, b'\n');
            masks.odd |= u128::from(marks.odd) << (i * VECTOR);
            masks.lf |= u128::from(marks.eol) << (i * VECTOR);
        }
        let (taken, written) = line(masks, window, left, is_soft, layout, room);
        is_dense = dense::is_worth_it(masks.odd as u32);
        at += taken;
        filled += written;
    }
    out.extend_from_slice(&page[..filled]);
    at
}

/// Writes one line of the result, its line end included: of `window`, `left` octets count, and if
/// that is less than [`LOOK`] nothing follows them. Returns how many octets were taken and how many
/// written.
#[inline(always)]
fn line(
    masks: Masks,
    window: &[u8; WINDOW],
    left: usize,
    is_soft: &mut bool,
    layout: &Layout,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let lf = if layout.is_text { masks.lf & below(left) } else { 0 };
    let ends = lf != 0 || left < LOOK;
    let lf = left.min(lf.trailing_zeros() as usize);
    // A CR before an LF is half of the line end; one at the end of the octets is not.
    let crlf = lf > 0 && lf < left && window[(lf - 1) % PLACES] == b'\r';
    let len = lf - usize::from(crlf);
    let mut odd = masks.odd & below(len);
    if len > 1 {
        odd |= u128::from(is_guarded(window[0], *is_soft, layout.guards));
        // White space at the end of a line is escaped.
        let last = window[(len - 1) % PLACES];
        odd |= u128::from(ends & (last == b' ' || last == b'\t')) << (len - 1);
    } else if len == 1 {
        odd |= u128::from(ends & (window[0] == b' ' || window[0] == b'\t'));
    }
    let escapes = odd.count_ones() as usize;
    let fits = ends && len + 2 * escapes <= LINE;
    let width = if fits { LINE } else { LINE - 1 };
    let (taken, mut written) = if 4 * escapes > len {
        dense(window, odd, len, width, room)
    } else {
        sparse(window, odd, len, width, room)
    };
    *is_soft = !fits;
    let (ending, length) = match fits {
        false => layout.soft_break,
        true if lf < left => layout.line_end,
        true => ([0; 4], 0),
    };
    room[written % PLACES..][..4].copy_from_slice(&ending);
    written += length;
    (if fits { len + usize::from(crlf) + usize::from(lf < left) } else { taken }, written)
}

/// Whether what begins a line is escaped, so that no delimiter arises by a line break where there
/// was none, and none and no separator of an mbox comes back that was hidden by a coding.
#[inline(always)]
fn is_guarded(first: u8, is_soft: bool, guards: bool) -> bool {
    (first == b'-' && (is_soft || guards)) || (first == b'F' && guards && !is_soft)
}

/// The lowest `len` bits.
#[inline(always)]
fn below(len: usize) -> u128 {
    if len < 128 { (1 << len) - 1 } else { u128::MAX }
}

/// Writes as many of `len` octets as `width` characters hold, run by run; returns how many these were
/// and what they took.
#[inline(always)]
fn sparse(
    window: &[u8; WINDOW],
    odd: u128,
    len: usize,
    width: usize,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let (mut bits, mut from, mut written) = (odd, 0, 0);
    loop {
        let next = len.min(bits.trailing_zeros() as usize);
        room[written % PLACES..][..RUN].copy_from_slice(&window[from % PLACES..][..RUN]);
        if written + next - from > width {
            return (from + width - written, width);
        }
        written += next - from;
        if bits == 0 || written + 3 > width {
            return (next, written);
        }
        let escape = ENCODED[usize::from(window[next % PLACES]) | ODD];
        room[written % PLACES..][..4].copy_from_slice(&escape);
        written += 3;
        from = next + 1;
        bits &= bits - 1;
    }
}

/// The same, octet by octet: always four are written, of which one or three count, so that no branch
/// depends on a single octet.
#[inline(always)]
fn dense(
    window: &[u8; WINDOW],
    odd: u128,
    len: usize,
    width: usize,
    room: &mut [u8; ROOM],
) -> (usize, usize) {
    let (mut taken, mut written) = (0, 0);
    while taken < len {
        let is_odd = (odd >> (taken % PLACES)) as usize & 1;
        let escape = ENCODED[usize::from(window[taken % PLACES]) | (is_odd * ODD)];
        let length = usize::from(escape[3]);
        if written + length > width {
            break;
        }
        room[written % PLACES..][..4].copy_from_slice(&escape);
        written += length;
        taken += 1;
        // The first and the last octet of a line may need an escape for their place; no other does.
        while taken + GROUP < len && written + 3 * GROUP <= width {
            for &c in &window[taken % PLACES..][..GROUP] {
                let escape = ENCODED[usize::from(c)];
                room[written % PLACES..][..4].copy_from_slice(&escape);
                written += usize::from(escape[3]);
            }
            taken += GROUP;
        }
    }
    (taken, written)
}

/// Added to an octet that is escaped whatever it is, as an index of [`ENCODED`].
const ODD: usize = 256;

/// For each octet what stands for it inside a line, and then its escape; the last is how many
/// characters that is.
static ENCODED: [[u8; 4]; 2 * ODD] = {
    let digits = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 2 * ODD];
    let mut c = 0;
    while c < ODD {
        let escape = [b'=', digits[c >> 4], digits[c & 15], 3];
        let is_literal = matches!(c as u8, b' '..=b'<' | b'>'..=b'~' | b'\t');
        table[c] = if is_literal { [c as u8, 0, 0, 1] } else { escape };
        table[c | ODD] = escape;
        c += 1;
    }
    table
};

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::super::marks::avx2::marks;
    use super::dense::avx2::expand;
    use super::{Layout, VECTOR};

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
    pub(super) fn lines(
        src: &[u8],
        end: Option<usize>,
        is_soft: &mut bool,
        layout: &Layout,
        out: &mut Vec<u8>,
    ) -> usize {
        let marks = |octets: &[u8; VECTOR], lf| marks(octets, lf);
        let expand = |octets: &[u8; VECTOR], odd, room: &mut _| expand(octets, odd, room);
        super::lines(marks, expand, src, end, is_soft, layout, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is written of all of `src`, octet by octet.
    fn plain(src: &[u8], is_soft: bool, is_text: bool, guards: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut rest, mut is_soft) = (src, is_soft);
        while !rest.is_empty() {
            let lf = rest.iter().position(|&c| c == b'\n' && is_text);
            let content = &rest[..lf.unwrap_or(rest.len())];
            let content = match content {
                [content @ .., b'\r'] if lf.is_some() => content,
                _ => content,
            };
            rest = lf.map_or(&[], |lf| &rest[lf + 1..]);
            let token = |(i, &c): (usize, &u8)| {
                let is_last_blank = i + 1 == content.len() && (c == b' ' || c == b'\t');
                let is_literal = matches!(c, b'\t' | b' '..=b'~') && c != b'=';
                let escape = format!("={c:02X}").into_bytes();
                if is_literal && !is_last_blank { vec![c] } else { escape }
            };
            let mut tokens: Vec<Vec<u8>> = content.iter().enumerate().map(token).collect();
            loop {
                if tokens.len() > 1
                    && let [first] = tokens[0][..]
                    && is_guarded(first, is_soft, guards)
                {
                    tokens[0] = format!("={first:02X}").into_bytes();
                }
                if tokens.concat().len() <= LINE {
                    break;
                }
                let mut width = 0;
                let fits = |token: &&Vec<u8>| {
                    width += token.len();
                    width < LINE
                };
                let taken = tokens.iter().take_while(fits).count();
                out.extend(tokens.drain(..taken).flatten());
                out.extend_from_slice(b"=\r\n");
                is_soft = true;
            }
            out.extend(tokens.concat());
            if lf.is_some() {
                out.extend_from_slice(b"\r\n");
            }
            is_soft = false;
        }
        out
    }

    /// Text and data, in stretches of one kind.
    fn content() -> impl Strategy<Value = Vec<u8>> {
        let odd = prop::sample::select(b"abcF- \t=\r\n\xc3\x00".as_slice());
        let kind = |octet: BoxedStrategy<u8>| proptest::collection::vec(octet, 0..200);
        let stretch = prop_oneof![
            kind(prop_oneof![8 => odd, 8 => b'a'..=b'z', 1 => any::<u8>()].boxed()),
            kind(prop_oneof![30 => 0x80u8.., 8 => Just(b'-'), 4 => Just(b' ')].boxed()),
            kind(
                prop_oneof![60 => 0x80u8.., 4 => prop::sample::select(b"\r\n F-".as_slice())]
                    .boxed()
            ),
            prop::sample::select(vec![b"\r\n".to_vec(), b" \r\n".to_vec(), b"\n".to_vec()]),
        ];
        proptest::collection::vec(stretch, 0..8).prop_map(|stretches| stretches.concat())
    }

    proptest! {
        #[test]
        fn writes_what_a_plain_loop_writes(
            src in content(),
            is_text in any::<bool>(),
            guards in any::<bool>(),
            is_soft in any::<bool>(),
            cut in 0usize..1000,
        ) {
            let layout = Layout::new(b"\r\n", is_text, guards);
            let (mut out, mut soft) = (Vec::new(), is_soft);
            let taken = encode(&src[..cut.min(src.len())], &mut soft, &layout, &mut out);
            let padded = [&src[taken..], &[0; WINDOW]].concat();
            encode_last(&padded, src.len() - taken, soft, &layout, &mut out);
            let expected = plain(&src, is_soft, is_text, guards);
            prop_assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
        }

        #[test]
        fn both_ways_write_the_same(
            src in content(),
            from in 0usize..40,
            is_text in any::<bool>(),
            guards in any::<bool>(),
            is_soft in any::<bool>(),
        ) {
            let src = &src[from.min(src.len())..];
            let layout = Layout::new(b"\r\n", is_text, guards);
            let padded = [src, &[0; WINDOW]].concat();
            for end in [None, Some(src.len())] {
                let mut written = [Vec::new(), Vec::new()];
                let mut soft = [is_soft; 2];
                let [a, b] = &mut written;
                let src = if end.is_some() { &padded[..] } else { src };
                let taken = [
                    run(src, end, &mut soft[0], &layout, a),
                    lines(portable::marks, dense::expand, src, end, &mut soft[1], &layout, b),
                ];
                prop_assert_eq!(taken[0], taken[1]);
                prop_assert_eq!(soft[0], soft[1]);
                prop_assert_eq!(&written[0], &written[1]);
            }
        }
    }
}
