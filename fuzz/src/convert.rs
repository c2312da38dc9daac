//! The laws of the conversion: the result has what the target takes and nothing else, or the message
//! passes as it is; it is proved to say the same; a second conversion changes nothing; and the proof
//! changes nothing either.

use septet::base::{Eol, Limits};
use septet::charset::Charset;
use septet::convert::{Action, Converted, Converter, Options, Screen, Signed, Target};
use septet::walk::Separator;

use crate::Input;

/// Checks the laws; the lowest bits of the choice say for which transport, and what becomes of signed
/// parts.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let options = Options {
        target: match input.choice & 3 {
            0 | 1 => Target::SevenBit,
            2 => Target::EightBit,
            _ => Target::Binary,
        },
        signed: if input.bit(2) { Signed::Break } else { Signed::Refuse },
        ..Options::default()
    };
    let (converted, once) = convert(input.text, &options, true);
    assert_ne!(converted.verified, Some(false), "the proof fails: {:?}", converted.differences);
    if converted.action() != Action::Converted {
        assert!(once == input.text, "what is not converted passes as it is");
    }
    if converted.plan.refused.is_empty() && options.target == Target::SevenBit {
        assert!(is_clean(&once), "the result is not clean: {:?}", converted.plan.changes);
    }
    let (again, twice) = convert(&once, &options, true);
    assert!(twice == once, "a second time it changes: {:?}", again.plan.changes);
    assert!(convert(input.text, &options, false).1 == once, "the proof changes the result");
}

fn convert(text: &[u8], options: &Options, verifies: bool) -> (Converted, Vec<u8>) {
    let limits = Limits::default();
    let mut converter = Converter::new(options.clone(), limits, Charset::WINDOWS_1252, verifies);
    let screened = Screen::new(text, limits, Separator::None).next_message().expect("from memory");
    let eol = screened.map_or(Eol::Lf, |screened| screened.eol);
    let converted = converter.convert(eol, || text).expect("from memory");
    let mut out = Vec::new();
    converted.write(text, &mut out).expect("to memory");
    (converted, out)
}

/// Whether all octets are 7bit data in lines that mail may have.
fn is_clean(text: &[u8]) -> bool {
    let lines = text.split(|&c| c == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let is_plain = |line: &[u8]| line.iter().all(|&c| c != 0 && c != b'\r' && c < 128);
    lines.into_iter().all(|line| line.len() <= 998 && is_plain(line))
}
