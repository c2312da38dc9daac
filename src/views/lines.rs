//! The lines of bodies that other programs take for delimiters, or for the start of a file.
//!
//! LIMIT: so many changes a view ([`MOST`]); further lines are read as they are.
//!
//! May use: base, simd, transfer.

use std::io;

use super::altered::{Edit, Octets};
use crate::base::{DELIMITER_LINE, Eol, Span, chars};

/// The most changes of one view.
pub(super) const MOST: usize = 10_000;

/// Octets that are looked at at once.
const WINDOW: usize = 64 << 10;

/// Shows the start of each line in `range`, at most [`DELIMITER_LINE`] octets and without its line
/// end, until `each` says that it is enough.
pub(super) fn each<O: Octets + ?Sized>(
    octets: &O,
    range: Span,
    eol: Eol,
    mut each: impl FnMut(u64, &[u8]) -> bool,
) -> io::Result<()> {
    let mut window = vec![0; usize::try_from(range.len()).unwrap_or(WINDOW).clamp(1, WINDOW)];
    let (mut filled, mut at) = (0, range.start);
    // The octets in the window stand at `at`; what is left of a line that was shown is skipped.
    let mut is_shown = false;
    loop {
        let room = window.len() - filled;
        let left = range.end.saturating_sub(at + filled as u64);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(room);
        let read = match wanted {
            0 => 0,
            _ => octets.read_at(at + filled as u64, &mut window[filled..filled + wanted])?,
        };
        filled += read;
        let is_over = at + filled as u64 >= range.end || read == 0 && wanted > 0;
        let mut used = 0;
        while used < filled {
            let text = &window[used..filled];
            let end = eol.first_line(text);
            let is_long = text.len() >= DELIMITER_LINE;
            if end.is_none() && !is_long && !is_over {
                break;
            }
            let (content, next) = end.unwrap_or((text.len(), text.len()));
            let shown = &text[..content.min(DELIMITER_LINE)];
            if !is_shown && !each(at + used as u64, shown) {
                return Ok(());
            }
            is_shown = end.is_none();
            used += next;
        }
        if is_over {
            return Ok(());
        }
        window.copy_within(used..filled, 0);
        (at, filled) = (at + used as u64, filled - used);
    }
}

/// What makes a line a delimiter that is none for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Delimiter {
    /// More stands behind the boundary.
    Prefix,
    /// The same, and it closes nothing if it begins as a close delimiter does.
    Opening,
    /// White space stands before it.
    Indented,
    /// One hyphen stands before it, or three, or none.
    Hyphens,
}

impl Delimiter {
    /// The change that makes the line at `at` a delimiter of `boundary`, if it is to be one.
    pub(super) fn edit(self, at: u64, line: &[u8], boundary: &[u8]) -> Option<Edit> {
        let content = chars::trim_end(line);
        if self == Delimiter::Hyphens {
            let is_one = |hyphens: &str| {
                let name = content.strip_prefix(hyphens.as_bytes());
                let rest = name.and_then(|name| name.strip_prefix(boundary));
                rest.is_some_and(|rest| matches!(rest, b"" | b"--"))
            };
            // With no hyphen only what begins with one is told by the walk.
            let hyphens = ["", "-", "---"]
                .into_iter()
                .find(|it| is_one(it))
                .filter(|_| line.first() == Some(&b'-'))?;
            return Some(Edit::new(Span::new(at, at + hyphens.len() as u64), b"--"));
        }
        let indent = match self {
            Delimiter::Indented => content.iter().take_while(|&&c| chars::is_wsp(c)).count(),
            _ => 0,
        };
        let rest = content[indent..].strip_prefix(b"--")?.strip_prefix(boundary)?;
        let behind = |len: usize| {
            let end = at + content.len() as u64;
            Some(Edit::blank(Span::new(end - len as u64, end), b' '))
        };
        match self {
            Delimiter::Prefix if rest.starts_with(b"--") && rest.len() > 2 => {
                behind(rest.len() - 2)
            }
            Delimiter::Prefix | Delimiter::Opening if !rest.is_empty() && rest != b"--" => {
                behind(rest.len())
            }
            Delimiter::Indented if indent > 0 && (rest.is_empty() || rest == b"--") => {
                Some(Edit::new(Span::new(at, at + indent as u64), b""))
            }
            _ => None,
        }
    }
}

/// The changes that make all such lines in `range` delimiters.
pub(super) fn delimiters<O: Octets + ?Sized>(
    octets: &O,
    range: Span,
    eol: Eol,
    (kind, boundary): (Delimiter, &[u8]),
) -> io::Result<Vec<Edit>> {
    let mut edits = Vec::new();
    each(octets, range, eol, |at, line| {
        edits.extend(kind.edit(at, line, boundary));
        edits.len() < MOST
    })?;
    Ok(edits)
}

/// The changes by which no close delimiter of `boundary` in `range` counts that has a delimiter behind
/// it; one stands where `range` ends, if it `ends_with_one`. If nothing stands between the two, there is no
/// part between them.
pub(super) fn reopened<O: Octets + ?Sized>(
    octets: &O,
    range: Span,
    eol: Eol,
    (boundary, ends_with_one): (&[u8], bool),
) -> io::Result<Vec<Edit>> {
    let mut edits = Vec::new();
    // The close delimiters since the last other one, and whether there is text behind the first.
    let (mut closes, mut has_text) = (Vec::new(), false);
    let mut reopen = |closes: &mut Vec<Span>, has_text: bool, at: u64| {
        match closes.first() {
            Some(first) if !has_text => edits.push(Edit::new(Span::new(first.start, at), b"")),
            _ => edits.extend(
                closes.iter().map(|close| Edit::blank(Span::new(close.end - 2, close.end), b' ')),
            ),
        }
        closes.clear();
        edits.len() < MOST
    };
    each(octets, range, eol, |at, line| {
        let content = chars::trim_end(line);
        let name = content.strip_prefix(b"--").and_then(|name| name.strip_prefix(boundary));
        match name {
            Some(b"") => return reopen(&mut closes, std::mem::take(&mut has_text), at),
            Some(b"--") => closes.push(Span::new(at, at + content.len() as u64)),
            _ => has_text |= !closes.is_empty() && !content.is_empty(),
        }
        closes.len() < MOST
    })?;
    if ends_with_one {
        reopen(&mut closes, has_text, range.end);
    }
    Ok(edits)
}

/// The name in the first line of `range` that looks like a delimiter.
///
/// QUIRK: `-- ` begins a signature, and a line of hyphens only is drawn.
pub(super) fn guess<O: Octets + ?Sized>(
    octets: &O,
    range: Span,
    eol: Eol,
) -> io::Result<Option<Vec<u8>>> {
    let mut found = None;
    each(octets, range, eol, |_, line| {
        let name = chars::trim_end(line).strip_prefix(b"--").unwrap_or_default();
        let is_one = !name.is_empty()
            && name.len() < DELIMITER_LINE / 4
            && !chars::is_wsp(name[0])
            && name.iter().any(|&c| c != b'-');
        found = is_one.then(|| name.strip_suffix(b"--").unwrap_or(name).to_vec());
        found.is_none()
    })?;
    Ok(found)
}
