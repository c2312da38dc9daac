//! The only place that prints: it knows terminals, colours, escaping, widths and JSON.
//!
//! Nothing from a message reaches a terminal as it is: control characters and those that reverse or
//! hide text are shown as escapes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anstyle::{AnsiColor, Style};
use indicatif::{HumanCount, ProgressBar};
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};
use tempfile::SpooledTempFile;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::base::Severity;
use crate::base::chars::is_unsafe;
use crate::mailbox::{Error, SPOOL};
use crate::record::json;

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What a piece of output is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Heading,
    Number,
    Faint,
    Name,
    Severity(Severity),
}

/// Standard output.
pub(crate) struct Out {
    stdout: BufWriter<Box<dyn Write + Send>>,
    /// What is printed while it is not certain that it shall be.
    held: Option<SpooledTempFile>,
    is_terminal: bool,
    has_colors: bool,
    failure: Option<io::ErrorKind>,
}

impl Out {
    pub(crate) fn new(color: Color) -> Out {
        let is_terminal = io::stdout().is_terminal();
        let has_colors = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        let stdout = BufWriter::with_capacity(64 * 1024, stdout());
        Out { stdout, held: None, is_terminal, has_colors, failure: None }
    }

    /// Whether somebody looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether it takes colours.
    pub(crate) fn has_colors(&self) -> bool {
        self.has_colors
    }

    /// Why writing failed, if it did.
    pub(crate) fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.failure = Some(error.kind());
        }
        result
    }

    /// Octets as they are, for those who asked for them; escaped on a terminal.
    pub(crate) fn octets(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.is_terminal {
            return self.text(&escape_block(&String::from_utf8_lossy(octets)));
        }
        self.safe(octets)
    }

    /// UTF-8 that is safe already.
    pub(crate) fn safe(&mut self, octets: &[u8]) -> io::Result<()> {
        let result = match &mut self.held {
            Some(held) => held.write_all(octets),
            None => self.stdout.write_all(octets),
        };
        self.noted(result)
    }

    /// Text that is safe already.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.safe(text.as_bytes())
    }

    /// A line of text that is safe already.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.text(text)?;
        self.text("\n")
    }

    /// One JSON object on a line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let result = match &mut self.held {
            Some(held) => write_json(held, value),
            None => write_json(&mut self.stdout, value),
        };
        self.noted(result)
    }

    /// What is printed from now on is kept until it is [released](Out::release) or
    /// [dropped](Out::drop_held).
    pub(crate) fn hold(&mut self) {
        self.held = Some(SpooledTempFile::new(SPOOL));
    }

    /// Prints what was kept; what follows is printed at once.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        let Some(mut held) = self.held.take() else { return Ok(()) };
        let result = held.rewind().and_then(|()| io::copy(&mut held, &mut self.stdout).map(|_| ()));
        self.noted(result)
    }

    /// Forgets what was kept.
    pub(crate) fn drop_held(&mut self) {
        self.held = None;
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let result = self.stdout.flush();
        self.noted(result)
    }

    /// `text`, escaped and in the colours of `look`.
    pub(crate) fn paint(&self, look: Look, text: &str) -> String {
        let text = escape(text);
        let style = style(look);
        if !self.has_colors || text.is_empty() || style.is_plain() {
            return text.into_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

/// Where standard output goes, without the search for line ends that the standard library does.
#[cfg(unix)]
fn stdout() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(File::from(descriptor)),
        Err(_) => Box::new(io::stdout()),
    }
}

#[cfg(not(unix))]
fn stdout() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}

fn style(look: Look) -> Style {
    let color = |color: AnsiColor| color.on_default();
    match look {
        Look::Plain => Style::new(),
        Look::Heading => Style::new().bold(),
        Look::Number => color(AnsiColor::Cyan).bold(),
        Look::Faint => Style::new().dimmed(),
        Look::Name => color(AnsiColor::Green),
        Look::Severity(Severity::Error) => color(AnsiColor::Red).bold(),
        Look::Severity(Severity::Warning) => color(AnsiColor::Yellow),
        Look::Severity(Severity::Note) => color(AnsiColor::Blue),
    }
}

/// The bar that is drawn on standard error, if there is one.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Lines on standard error make room for this bar from now on.
pub(crate) fn show_bar(bar: Option<ProgressBar>) {
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Whether somebody looks at standard error, and sees no results there between: these go elsewhere, or
/// there are none if the command `prints_nothing`.
pub(crate) fn has_room_for_a_bar(prints_nothing: bool) -> bool {
    io::stderr().is_terminal() && (prints_nothing || !io::stdout().is_terminal())
}

/// A message for people, on standard error.
pub(crate) fn complain(message: &str) {
    remark(&format!("septet: {message}"));
}

/// A line for people, on standard error.
#[allow(clippy::print_stderr)]
pub(crate) fn remark(line: &str) {
    let line = escape(line);
    match &*BAR.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(|| eprintln!("{line}")),
        None => eprintln!("{line}"),
    }
}

/// Lines for people, on standard error.
pub(crate) fn block(lines: &str) {
    lines.lines().for_each(remark);
}

/// Whether the text can be shown as it is.
pub(crate) fn is_safe(text: &str) -> bool {
    matches!(escape(text), Cow::Borrowed(_))
}

/// Whether [`new_file`] would refuse this path, and why.
pub(crate) fn check_new(path: &Path) -> Result<(), Error> {
    let is_there = fs::symlink_metadata(path).is_ok();
    if is_there && !is_device(path) { Err(exists(path)) } else { Ok(()) }
}

/// Makes a file for a list or records. Nothing that exists is replaced; a device or a pipe is written
/// to as it is.
pub(crate) fn new_file(path: &Path) -> Result<File, Error> {
    let opened = match is_device(path) {
        true => OpenOptions::new().write(true).open(path),
        false => OpenOptions::new().write(true).create_new(true).open(path),
    };
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => Error::io(&path.to_string_lossy(), error),
    })
}

fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir())
}

fn exists(path: &Path) -> Error {
    Error::io(&path.to_string_lossy(), io::Error::other("exists already, and is not replaced"))
}

/// Writes one JSON object on a line.
pub(crate) fn write_json(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *to, SafeJson);
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    to.write_all(b"\n")
}

/// Joiners are needed inside the scripts that have them and suspicious elsewhere.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// One line of text, safe for a terminal.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    escape_but(text, &[])
}

/// The text of a field on one line, safe for a terminal: the white space that folds leave becomes a
/// single space.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    escape(&words.collect::<Vec<_>>().join(" ")).into_owned()
}

/// Lines of text, safe for a terminal: line ends and tabs stay.
pub(crate) fn escape_block(text: &str) -> Cow<'_, str> {
    escape_but(text, &['\n', '\t'])
}

fn escape_but<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    let harmless = |c: char| !is_unsafe(c) && !is_joiner(c) || kept.contains(&c);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let joins = is_joiner(c)
            && !before.is_ascii()
            && text[at + c.len_utf8()..].chars().next().is_some_and(|next| !next.is_ascii());
        if harmless(c) || joins {
            out.push(c);
        } else if c <= '\x7f' {
            let _ = write!(out, "\\x{:02x}", c as u32);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
        before = c;
    }
    Cow::Owned(out)
}

/// How many columns text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// At most `columns` of the text, cut between graphemes and marked if something is missing.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let kept: String = text
        .graphemes(true)
        .take_while(|grapheme| {
            used += width(grapheme);
            used < columns
        })
        .collect();
    Cow::Owned(kept + "…")
}

/// So many of something: `1 message`, `5,935 messages`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", HumanCount(count))
}

/// A number of octets for people: `312 B`, `4.2 kB`, `1.1 GB`.
pub(crate) fn size(octets: u64) -> String {
    if octets < 1000 {
        return format!("{octets} B");
    }
    let mut value = octets as f64 / 1000.0;
    for unit in ["kB", "MB", "GB"] {
        if value < 999.95 {
            return format!("{value:.1} {unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// JSON that is safe to look at: what [`escape`] escapes is `\u` here, which JSON itself asks for in
/// C0 only.
struct SafeJson;

impl Formatter for SafeJson {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        json::escape(fragment, writer)
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_controls_the_terminal() {
        let cases: &[(&str, &str)] = &[
            ("plain ü 日本", "plain ü 日本"),
            ("\x1b]0;x\x07", "\\x1b]0;x\\x07"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("exe\u{202e}gpj", "exe\\u{202e}gpj"),
            ("line\nbreak\ttab", "line\\x0abreak\\x09tab"),
            ("a\u{200d}b", "a\\u{200d}b"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("\u{e0041}", "\\u{e0041}"),
        ];
        for &(text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
        assert_eq!(escape_block("a\n\tb\r"), "a\n\tb\\x0d");
    }

    #[test]
    fn json_is_safe_and_still_json() {
        let text = "a\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}\"\\ü";
        let mut octets = Vec::new();
        text.serialize(&mut Serializer::with_formatter(&mut octets, SafeJson)).expect("JSON");
        assert!(octets.iter().all(|&c| c >= 0x20 && c != 0x7f));
        assert!(!String::from_utf8_lossy(&octets).contains('\u{202e}'));
        let back: String = serde_json::from_slice(&octets).expect("JSON");
        assert_eq!(back, text);
    }

    #[test]
    fn what_is_held_is_printed_or_not() {
        let mut out = Out::new(Color::Never);
        out.hold();
        out.text("a").expect("kept");
        out.json(&1).expect("kept");
        let mut kept = String::new();
        let held = out.held.as_mut().expect("held");
        held.rewind().expect("memory");
        io::Read::read_to_string(held, &mut kept).expect("memory");
        assert_eq!(kept, "a1\n");
        out.drop_held();
        assert!(out.held.is_none() && out.stdout.buffer().is_empty());
        out.hold();
        out.safe(b"\n").expect("kept");
        out.release().expect("printed");
        assert!(out.held.is_none());
    }

    #[test]
    fn sizes_and_widths() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1000), "1.0 kB");
        assert_eq!(size(999_949), "999.9 kB");
        assert_eq!(size(999_950), "1.0 MB");
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(5935, "message"), "5,935 messages");
        assert_eq!(size(1_500_000_000_000), "1.5 TB");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 3), "abc");
    }
}
