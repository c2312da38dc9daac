//! The laws of the wire: what follows DATA comes back, has no line end but CRLF and no end but its
//! own; the reply to EHLO and the needs of a message are total, and the cut never shows.

use std::io;

use septet::base::Limits;
use septet::charset::Charset;
use septet::convert::stuffing::{Stuffed, Stuffer, Unstuffed, Unstuffer};
use septet::convert::transport::{Gauge, Needs, Offer, remedy};
use septet::structure::Builder;
use septet::walk::{Reader, Separator};

use crate::Input;

/// Holds the laws against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    stuffs(&input);
    unstuffs(&input);
    let offer = Offer::parse(input.text);
    let whole = needs(input.text);
    assert_eq!(needs(input.reader()), whole, "in pieces of {:?}", input.sizes);
    for needs in whole {
        if let Err(obstacles) = needs.fits(&offer) {
            assert!(!obstacles.is_empty());
            remedy(&obstacles, &offer);
        }
    }
}

fn stuff<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Stuffed) {
    let (mut stuffer, mut out) = (Stuffer::default(), Vec::new());
    pieces.for_each(|piece| stuffer.stuff(piece, &mut out));
    let stuffed = stuffer.finish(&mut out);
    (out, stuffed)
}

fn unstuff<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Unstuffed) {
    let (mut unstuffer, mut out) = (Unstuffer::default(), Vec::new());
    pieces.for_each(|piece| unstuffer.unstuff(piece, &mut out));
    let unstuffed = unstuffer.finish();
    (out, unstuffed)
}

fn stuffs(input: &Input<'_>) {
    let (wire, stuffed) = stuff(std::iter::once(input.text));
    assert_eq!(stuff(input.pieces(input.text)), (wire.clone(), stuffed), "{:?}", input.sizes);
    // RFC 5321 §4.1.1.4: one end, and no octet sequence that some server takes for one.
    for (at, &c) in wire.iter().enumerate() {
        match c {
            b'\n' => assert!(at > 0 && wire[at - 1] == b'\r', "a lone LF"),
            b'\r' => assert_eq!(wire.get(at + 1), Some(&b'\n'), "a bare CR"),
            _ => {}
        }
    }
    let lines: Vec<_> = wire.split(|&c| c == b'\n').collect();
    assert_eq!(lines.iter().filter(|&&line| line == b".\r").count(), 1, "the end of the data");
    assert!(wire.ends_with(b".\r\n"));
    let (message, unstuffed) = unstuff(std::iter::once(&wire[..]));
    assert_eq!(unstuffed, Unstuffed { is_ended: true, behind: 0 });
    assert_eq!(stuff(std::iter::once(&message[..])).0, wire, "what comes back is the same");
}

fn unstuffs(input: &Input<'_>) {
    let whole = unstuff(std::iter::once(input.text));
    assert_eq!(unstuff(input.pieces(input.text)), whole, "in pieces of {:?}", input.sizes);
    assert!(whole.0.len() as u64 + whole.1.behind <= input.text.len() as u64);
}

fn needs(source: impl io::Read) -> Vec<Needs> {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(source, Limits::default(), options);
    let (mut gauge, mut all) = (Gauge::default(), Vec::new());
    while let Some(structure) = builder.read(&mut reader, &mut gauge).expect("from memory") {
        all.push(gauge.finish(structure));
    }
    all
}
