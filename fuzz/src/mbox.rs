//! The laws of mailboxes: quoting can be undone and never shows the cut, a file's messages are those
//! of any ranges that partition it, and those that several threads cut out of it.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use septet::base::Limits;
use septet::mailbox::parallel::{Manner, Piece, in_order};
use septet::mailbox::{
    LineEnds, Meter, Quoter, Quoting, Source, from_line, from_line_date, maildir,
};
use septet::walk::{Event, Options, Reader};

use crate::Input;
use crate::scratch::Scratch;

/// A file longer than this is cut by several threads.
const LONG: usize = 1200 << 10;

/// Holds the laws of mailboxes against an input.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    quotes(&input);
    line_ends(&input);
    envelopes(input.text);
    names(input.text);
    // Most of the time goes to files.
    if input.bit(7) {
        ranges(&input);
    }
    if input.choice >> 4 == 0b0110 {
        cuts(&input);
    }
}

fn quote(quoting: Quoting, pieces: &mut dyn Iterator<Item = &[u8]>) -> Vec<u8> {
    let (mut quoter, mut out) = (Quoter::new(quoting), Vec::new());
    pieces.for_each(|piece| quoter.write(piece, &mut out).expect("to memory"));
    quoter.finish(&mut out).expect("to memory");
    out
}

fn quotes(input: &Input<'_>) {
    for quoting in [Quoting::Keep, Quoting::Quote, Quoting::Unquote] {
        let whole = quote(quoting, &mut std::iter::once(input.text));
        let cut = quote(quoting, &mut input.pieces(input.text));
        assert_eq!(cut, whole, "{quoting:?} in pieces of {:?}", input.sizes);
        match quoting {
            Quoting::Keep => assert_eq!(whole, input.text),
            Quoting::Quote => {
                assert!(!whole.split(|&c| c == b'\n').any(|line| line.starts_with(b"From ")));
                assert_eq!(quote(Quoting::Unquote, &mut std::iter::once(&whole[..])), input.text);
            }
            Quoting::Unquote => assert!(whole.len() <= input.text.len()),
        }
    }
}

fn line_ends(input: &Input<'_>) {
    let (mut whole, mut cut) = (LineEnds::default(), LineEnds::default());
    whole.look_at(input.text);
    input.pieces(input.text).for_each(|piece| cut.look_at(piece));
    assert_eq!((cut.line_end(), cut.separator()), (whole.line_end(), whole.separator()));
}

fn envelopes(text: &[u8]) {
    from_line_date(text);
    let Some((time, _)) = text.split_first_chunk::<8>() else { return };
    let time = i64::from_le_bytes(*time);
    let line = from_line("a@b.example", time);
    assert!(!line.contains(['\r', '\n']));
    assert_eq!(from_line_date(line.as_bytes()), Some(time.clamp(0, 253_402_300_799)), "{line}");
}

fn names(text: &[u8]) {
    let name = String::from_utf8_lossy(text);
    maildir::flags(name.as_ref().as_ref());
    if let Some(renamed) = maildir::renamed(name.as_ref().as_ref(), 17, 19) {
        assert_eq!(maildir::flags(&renamed), maildir::flags(name.as_ref().as_ref()));
    }
}

/// A message of a source: its octets, without what stands between messages.
type Messages = Vec<Vec<u8>>;

fn messages(octets: impl Read, options: Options, messages: &mut Messages) {
    let mut reader = Reader::new(octets, Limits::default(), options);
    let mut message = Vec::new();
    while let Some(event) = reader.next(&mut ()).expect("octets that do not fail") {
        match event {
            Event::Token(token) => message.extend_from_slice(token.octets),
            Event::EndOfMessage => messages.push(std::mem::take(&mut message)),
            _ => {}
        }
    }
    messages.push(message);
}

fn of_source(source: &Source) -> Messages {
    let mut all = Messages::new();
    let _ = source.visit(&Meter::default(), &mut |input| {
        if let Ok(input) = input {
            let separator = input.format.separator();
            messages(input.octets, Options { separator, near_misses: false }, &mut all);
        }
        ControlFlow::Continue(())
    });
    all.retain(|message| !message.is_empty());
    all
}

fn ranges(input: &Input<'_>) {
    // What is compressed has no ranges.
    if !input.text.starts_with(b"From ") {
        return;
    }
    let file = Scratch::new("ranges", input.text);
    let path = || file.path().to_owned();
    let whole = of_source(&Source::File(path()));
    let mut parts = Messages::new();
    let mut start = 0;
    for piece in input.pieces(input.text) {
        let end = start + piece.len() as u64;
        parts.extend(of_source(&Source::Range(path(), start..end)));
        start = end;
        // Each range opens the file, so there are only some, and one for all that is left.
        if parts.len() > whole.len() || start > 64 {
            break;
        }
    }
    parts.extend(of_source(&Source::Range(path(), start..u64::MAX)));
    assert_eq!(parts.concat(), whole.concat(), "in ranges of {:?}", input.sizes);
    assert_eq!(parts.len(), whole.len(), "in ranges of {:?}", input.sizes);
}

fn cuts(input: &Input<'_>) {
    if input.text.len() < 16 {
        return;
    }
    let mut text = Vec::new();
    while text.len() < LONG {
        text.extend_from_slice(input.text);
        text.push(b'\n');
    }
    let file = Scratch::new("cuts", &text);
    let alone = in_threads(1, file.path());
    let together = in_threads(3, file.path());
    assert_eq!(together.len(), alone.len());
    assert!(together == alone, "several threads find other messages");
}

fn in_threads(threads: usize, path: &Path) -> Messages {
    let manner = Manner {
        threads,
        limits: Limits::default(),
        meter: Meter::default(),
        stop: Default::default(),
        is_pure: true,
    };
    let worker = || {
        |piece: Piece<'_>, take: &mut septet::mailbox::parallel::Take<'_, Messages>| {
            let separator = piece.format.separator();
            let options = Options { separator, near_misses: false };
            let mut found = Messages::new();
            piece.read(&mut None, Limits::default(), options, |reader| {
                let mut message = Vec::new();
                while let Some(event) = reader.next(&mut ()).expect("octets that do not fail") {
                    match event {
                        Event::Token(token) => message.extend_from_slice(token.octets),
                        Event::EndOfMessage => found.push(std::mem::take(&mut message)),
                        _ => {}
                    }
                }
                found.push(message);
            });
            found.retain(|message| !message.is_empty());
            take(Ok(found))
        }
    };
    let mut all = Messages::new();
    let sources = std::iter::once(Ok(Source::File(path.to_owned())));
    in_order(sources, &manner, worker, &mut |found| {
        match found {
            Ok(found) => all.extend(found),
            // An archive that is damaged or encrypted, or a file of Outlook's: it is for everybody.
            Err(_) => all.push(Vec::new()),
        }
        ControlFlow::Continue(())
    });
    all
}
