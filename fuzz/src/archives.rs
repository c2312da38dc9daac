//! The laws of archives: whatever the octets, a visit ends, gives the same twice, and no more than the
//! ratio allows; names are only shown.

use std::io::Read;
use std::ops::ControlFlow;

use septet::mailbox::{Format, Meter, Source};

use crate::Input;
use crate::scratch::Scratch;

/// Octets that are read of each member, and members.
const READ: u64 = 256 << 10;
const MEMBERS: usize = 64;

/// Octets of a block of tar (POSIX pax, ustar interchange format).
const BLOCK: usize = 512;

/// Holds the laws against an input; by the lowest bit its blocks get the checksums of tar.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let mut octets = input.text.to_vec();
    if input.bit(0) {
        octets.chunks_exact_mut(BLOCK).for_each(sign);
    }
    let file = Scratch::new("archive", &octets);
    let members = visit(&Source::File(file.path().to_owned()));
    assert_eq!(visit(&Source::File(file.path().to_owned())), members);
}

/// Has a block say that it is a header of tar, and which sum its octets have.
fn sign(block: &mut [u8]) {
    if &block[257..262] != b"ustar" {
        return;
    }
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&c| u32::from(c)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// What a visit gives: names, formats, the first octets; or what could not be read.
type Members = Vec<Result<(String, Format, Vec<u8>), String>>;

fn visit(source: &Source) -> Members {
    let mut members = Members::new();
    let _ = source.visit(&Meter::default(), &mut |input| {
        members.push(match input {
            Ok(input) => {
                let mut octets = Vec::new();
                let read = input.octets.take(READ).read_to_end(&mut octets);
                read.expect("octets that do not fail");
                Ok((input.name, input.format, octets))
            }
            Err(error) => Err(error.to_string()),
        });
        match members.len() < MEMBERS {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    members
}
