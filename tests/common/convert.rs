//! The laws of a conversion, checked without the parts of the crate that convert: what a message
//! says, which of its octets may change, and what 7 bits take, are told here once more.

use std::io;

use septet::base::{Eol, Limits};
use septet::charset::Charset;
use septet::convert::{Action, Converted, Converter, Options, Screen};
use septet::header::mime::Media;
use septet::structure::{At, Builder, Structure, Visitor, Want};
use septet::transfer::Coding;
use septet::walk::{Kind, Reader, Separator};

use super::replace;

/// What ends the lines of a message, as the command tells the converter.
pub fn eol(text: &[u8]) -> Eol {
    let screened =
        Screen::new(text, Limits::default(), Separator::None).next_message().expect("from memory");
    screened.map_or(Eol::Lf, |screened| screened.eol)
}

/// Converts one message.
pub fn convert(text: &[u8], options: &Options, verifies: bool) -> (Converted, Vec<u8>) {
    let fallback = Charset::WINDOWS_1252;
    let mut converter = Converter::new(options.clone(), Limits::default(), fallback, verifies);
    let converted = converter.convert(eol(text), || text).expect("from memory");
    let mut out = Vec::new();
    converted.write(text, &mut out).expect("to memory");
    (converted, out)
}

/// What 7bit data must not have (RFC 2045 §2.7), octet by octet.
pub fn dirt(text: &[u8]) -> Option<String> {
    let mut column = 0;
    for (at, &c) in text.iter().enumerate() {
        let next = text.get(at + 1);
        match c {
            0 => return Some(format!("a NUL at {at}")),
            0x80.. => return Some(format!("an octet {c:#x} at {at}")),
            b'\r' if next != Some(&b'\n') => return Some(format!("a bare CR at {at}")),
            b'\r' => {}
            b'\n' => column = 0,
            _ => column += 1,
        }
        if column > 998 {
            return Some(format!("a long line at {at}"));
        }
    }
    None
}

/// What a part says.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    number: String,
    essence: String,
    pub body: Vec<u8>,
}

/// How the octets of a message may be treated.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// They must be found again.
    Fixed(Vec<u8>),
    /// Anything may stand here.
    Free,
    /// MIME fields may be added here.
    Added,
}

/// Reads a message: what each part says, and a pattern that a result must match.
#[derive(Default)]
struct Watch {
    said: Vec<Said>,
    labels: Vec<String>,
    /// Whether a multipart without parts is labelled as encoded, which can be true or not.
    is_doubtful: bool,
    /// Whether each is text in lines.
    texts: Vec<bool>,
    tokens: Vec<(u32, Kind, Vec<u8>)>,
    /// Parts inside a message/global, which may be encoded as a whole, and that part itself.
    global: Vec<bool>,
}

impl Visitor for Watch {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.decoded > 0 {
            return Ok(());
        }
        match self.tokens.last_mut() {
            Some((part, last, text)) if is_in_pieces(kind) && (*part, *last) == (at.part, kind) => {
                text.extend_from_slice(octets);
            }
            _ => self.tokens.push((at.part, kind, octets.to_vec())),
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, index: u32) -> io::Result<Want> {
        let part = structure.part(index).expect("a part");
        let essence = part.essence();
        let charset = part.charset().unwrap_or_default();
        let parent = part.parent().map(|parent| parent.index() as usize);
        let is_wide = charset.starts_with("utf-16") || charset.starts_with("utf-32");
        self.texts.push(essence.starts_with("text/") && !is_wide);
        let is_global = essence == "message/global";
        let index = index as usize;
        self.global.resize(self.global.len().max(index + 1), false);
        self.global[index] = is_global || parent.is_some_and(|parent| self.global[parent]);
        let essence = if is_global { "message/rfc822".to_owned() } else { essence };
        self.said.push(Said { number: part.number(), essence, body: Vec::new() });
        Ok(if part.is_leaf() { Want::Decoded } else { Want::Nothing })
    }

    fn content(&mut self, index: u32, octets: &[u8]) -> io::Result<()> {
        self.said[index as usize].body.extend_from_slice(octets);
        Ok(())
    }

    fn leave(&mut self, structure: &Structure, index: u32) -> io::Result<()> {
        let part = structure.part(index).expect("a part");
        // A multipart without delimiters may really be encoded.
        let is_labelled_well = match (part.media(), part.coding()) {
            (Media::Multipart { .. }, coding) if part.children() > 0 => coding == Coding::SevenBit,
            (_, coding) => !matches!(coding, Coding::EightBit | Coding::Binary),
        };
        self.is_doubtful |= matches!(part.media(), Media::Multipart { .. })
            && part.children() == 0
            && part.coding() != Coding::SevenBit;
        // What an unknown coding holds is left alone.
        let is_guessed = std::iter::successors(part.parent(), |part| part.parent())
            .any(|outer| outer.coding() == Coding::Unknown && outer.media() == Media::Message);
        if part.header().is_some() && !is_labelled_well && !part.is_covered() && !is_guessed {
            self.labels.push(format!("{}: {}", part.number(), part.encoding()));
        }
        let index = index as usize;
        if self.texts[index] && part.is_leaf() {
            let body = &mut self.said[index].body;
            *body = replace(body, b"\r\n", b"\n");
        }
        Ok(())
    }
}

fn is_in_pieces(kind: Kind) -> bool {
    matches!(kind, Kind::Body | Kind::Preamble | Kind::Epilogue | Kind::Opaque)
}

fn watch(text: &[u8]) -> Watch {
    let mut builder = Builder::new(Limits::default(), Charset::WINDOWS_1252, false);
    let options = builder.walk_options(Separator::None);
    let mut reader = Reader::new(text, Limits::default(), options);
    let mut watch = Watch::default();
    builder.read(&mut reader, &mut watch).expect("from memory");
    watch
}

/// What each part of a message says: of a leaf its decoded octets, of text with LF.
pub fn said(text: &[u8]) -> Vec<Said> {
    watch(text).said
}

/// The labels of a message that do not suit 7bit data.
pub fn labels(text: &[u8]) -> Vec<String> {
    watch(text).labels
}

/// Whether a message needs nothing.
pub fn is_clean(text: &[u8]) -> bool {
    let watch = watch(text);
    dirt(text).is_none()
        && watch.labels.is_empty()
        && !watch.is_doubtful
        && !text.starts_with(b"\xef\xbb\xbf")
}

fn is_named(field: &[u8], name: &str) -> bool {
    let colon = field.iter().position(|&c| c == b':').unwrap_or(0);
    field[..colon].trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
}

/// What must be found again in the result, in order, and what may change.
fn pattern(watch: &Watch) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (part, kind, octets) in &watch.tokens {
        let is_dirty = dirt(octets).is_some();
        let fixed = Piece::Fixed(octets.clone());
        match kind {
            _ if watch.global.get(*part as usize) == Some(&true) => pieces.push(Piece::Free),
            Kind::Field if is_named(octets, "content-transfer-encoding") => {
                pieces.push(Piece::Free);
            }
            Kind::Field if is_named(octets, "content-type") => {
                let piece = if is_dirty { Piece::Free } else { fixed };
                pieces.extend([Piece::Added, piece, Piece::Added]);
            }
            Kind::HeaderEnd => {
                let piece = if is_dirty { Piece::Free } else { fixed };
                pieces.extend([Piece::Added, piece]);
            }
            Kind::Bom => {}
            // A part without header begins here.
            Kind::Delimiter if !is_dirty => pieces.extend([fixed, Piece::Added]),
            _ if is_dirty => pieces.push(Piece::Free),
            // The fields, and the empty line, of a header that has neither.
            Kind::Body => pieces.extend([Piece::Added, fixed]),
            _ => pieces.push(fixed),
        }
    }
    pieces
}

/// The length of the MIME fields that were added at the start of a text, and of the empty line that
/// a header without one gets: the first that `next` stands behind.
fn added<'a>(text: &'a [u8], next: &[u8]) -> Option<&'a [u8]> {
    const NAMES: [&[u8]; 3] = [
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=",
        b"Content-Transfer-Encoding: ",
    ];
    let mut rest = text;
    loop {
        if rest.starts_with(next) {
            return Some(rest);
        }
        // Behind what is added, or before it in a digest, an empty line ends a header.
        let is_added = NAMES.iter().any(|name| rest.starts_with(name))
            || rest.starts_with(b"\n")
            || rest.starts_with(b"\r\n");
        let end = rest.iter().position(|&c| c == b'\n').filter(|_| is_added)?;
        rest = &rest[end + 1..];
    }
}

/// What is left behind pieces that do not change, if a text begins with them.
fn after<'a>(text: &'a [u8], pieces: &[Piece]) -> Option<&'a [u8]> {
    let mut rest = text;
    let mut adds = false;
    for piece in pieces {
        match piece {
            Piece::Added => adds = true,
            Piece::Fixed(octets) if adds => {
                rest = &added(rest, octets)?[octets.len()..];
                adds = false;
            }
            Piece::Fixed(octets) => rest = rest.strip_prefix(octets.as_slice())?,
            Piece::Free => unreachable!("pieces are split there"),
        }
    }
    Some(rest)
}

/// Where a result has not all that must be found again: the pieces that were looked for.
fn missing(pieces: &[Piece], result: &[u8]) -> Option<String> {
    let mut rest = result;
    let mut runs = pieces.split(|piece| *piece == Piece::Free).enumerate().peekable();
    while let Some((at, run)) = runs.next() {
        let lost = || format!("{run:?}").chars().take(400).collect::<String>();
        let is_last = runs.peek().is_none();
        let first = run.iter().position(|piece| matches!(piece, Piece::Fixed(_)));
        let Some(first) = first else { continue };
        let Piece::Fixed(head) = &run[first] else { continue };
        if at == 0 {
            match after(rest, run) {
                Some(behind) => rest = behind,
                None => return Some(lost()),
            }
        } else {
            let finder = memchr::memmem::Finder::new(head);
            let next = |&place: &usize| Some(place + 1 + finder.find(rest.get(place + 1..)?)?);
            let mut places = std::iter::successors(finder.find(rest), next);
            let behind = |place: usize| {
                after(&rest[place..], &run[first..]).filter(|rest| !is_last || rest.is_empty())
            };
            match places.find_map(behind) {
                Some(behind) => rest = behind,
                None => return Some(lost()),
            }
        }
    }
    let ends_free = matches!(pieces.last(), Some(Piece::Free) | None);
    (!ends_free && !rest.is_empty()).then(|| format!("{} octets too many", rest.len()))
}

/// All laws of a conversion to 7 bits by default; says what is broken. Gives back what became of the
/// message.
pub fn laws(text: &[u8]) -> Result<(Converted, Vec<u8>), String> {
    let options = Options::default();
    let (converted, out) = convert(text, &options, true);
    let (action, plan) = (converted.action(), &converted.plan);
    if converted.verified == Some(false) {
        let changes: Vec<_> = plan.changes.iter().map(|c| (&c.part, c.what, &c.to)).collect();
        return Err(format!("the proof fails: {:?} {changes:?}", converted.differences));
    }
    match action {
        Action::Refused | Action::Unchanged if out != text => return Err("it changed".to_owned()),
        Action::Refused => {
            let named = plan.refused.iter().all(|r| !r.part.is_empty() && !r.reason.is_empty());
            return match named && !plan.refused.is_empty() {
                true => Ok((converted, out)),
                false => Err("no reason".to_owned()),
            };
        }
        Action::Converted if out == text => return Err("nothing changed".to_owned()),
        Action::Converted | Action::Unchanged => {}
    }
    let mut screen = Screen::new(text, Limits::default(), Separator::None);
    let screened = screen.next_message().expect("from memory");
    if action == Action::Converted && screened.is_none_or(|it| it.is_clean && it.eol == Eol::Lf) {
        return Err(format!("the screen lets it pass: {:?}", plan.changes));
    }
    let before = watch(text);
    if is_clean(text) && out != text {
        return Err(format!("clean, and changed: {:?}", plan.changes));
    }
    if let Some(dirt) = dirt(&out) {
        return Err(format!("not clean: {dirt}"));
    }
    if plan.kept.is_empty() && !labels(&out).is_empty() {
        return Err(format!("labels {:?}", labels(&out)));
    }
    let is_cr = eol(text) == Eol::Cr;
    let lines =
        if is_cr { replace(&replace(text, b"\r\n", b"\r"), b"\r", b"\r\n") } else { vec![] };
    same(if is_cr { &lines } else { text }, &out)?;
    if !is_cr && let Some(what) = missing(&pattern(&before), &out) {
        return Err(format!("not found again: {what}"));
    }
    let (again, twice) = convert(&out, &options, true);
    if twice != out || again.action() != Action::Unchanged {
        return Err(format!("changes again: {:?} {:?}", again.plan.changes, again.plan.refused));
    }
    if convert(text, &options, false).1 != out {
        return Err("without the proof it is another".to_owned());
    }
    Ok((converted, out))
}

/// Whether two messages say the same.
pub fn same(text: &[u8], out: &[u8]) -> Result<(), String> {
    let (before, after) = (said(text), said(out));
    if before == after {
        return Ok(());
    }
    let at = before.iter().zip(&after).position(|(a, b)| a != b);
    let Some(at) = at else {
        return Err(format!("{} parts become {}", before.len(), after.len()));
    };
    let (a, b) = (&before[at], &after[at]);
    let cut = |text: &[u8]| text[text.len().saturating_sub(200)..].escape_ascii().to_string();
    Err(format!(
        "part {} {} becomes {} {}: ...{} becomes ...{}",
        a.number,
        a.essence,
        b.number,
        b.essence,
        cut(&a.body),
        cut(&b.body)
    ))
}
