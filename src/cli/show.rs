//! `septet show`: what a reader would see.

use std::io;

use super::Exit;
use super::html::{self, Link};
use super::input::{Inputs, Job, Message};
use super::out::{self, Look, Out};
use super::select::Where;
use crate::base::defang;
use crate::header::mime::Media;
use crate::header::names::Name;
use crate::header::{self, Field};
use crate::structure::{
    At, Bodies, Markup, Part, Structure, TextDecoder, Visitor, Want, declared_charset, unflow,
};
use crate::walk::Kind;

/// Show messages as a reader would see them
///
/// The main fields, the best text, and a list of the attachments. HTML is rendered to text: nothing
/// is fetched, nothing is run.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  septet show message.eml              read a message
  septet show -m 12 archive.mbox       the 12th of an mbox
  septet show --links suspicious.eml   where its links lead, made harmless")]
pub(crate) struct Show {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    wanted: Where,

    /// All header fields, not only the main ones
    #[arg(short, long)]
    all_headers: bool,

    /// The HTML text if there is one, rendered, instead of the plain one
    #[arg(long)]
    html: bool,

    /// Every URL of the message: where it stands, what its text claims; made harmless (hxxp)
    #[arg(short, long)]
    links: bool,

    /// The text exactly as it is, unescaped: not for a terminal
    #[arg(short, long, conflicts_with = "links")]
    raw: bool,

    /// Wrap rendered HTML at this many columns
    #[arg(short, long, value_name = "COLUMNS", default_value_t = 78, hide_short_help = true)]
    width: usize,

    /// Decode UTF-7 in HTML, where it can hide markup
    #[arg(long, hide_short_help = true)]
    utf7_html: bool,
}

impl Show {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut job = ShowJob {
            options: self,
            out,
            fields: Vec::new(),
            texts: Vec::new(),
            room: TEXT_ROOM,
            shown: 0,
        };
        // Attachments are listed with their sizes.
        self.wanted.run(&self.inputs, true, &mut job)
    }
}

/// LIMIT: so much text of one message is kept to be shown; the rest is cut off and said so.
const TEXT_ROOM: usize = 16 << 20;

/// The octets of a part that may be shown.
struct Kept {
    part: u32,
    octets: Vec<u8>,
    is_cut: bool,
}

struct ShowJob<'a> {
    options: &'a Show,
    out: &'a mut Out,
    fields: Vec<Vec<u8>>,
    texts: Vec<Kept>,
    room: usize,
    shown: u64,
}

impl Visitor for ShowJob<'_> {
    fn token(&mut self, at: At, kind: Kind, octets: &[u8]) -> io::Result<()> {
        if at.part == 0 && kind == Kind::Field {
            self.fields.push(octets.to_vec());
        }
        Ok(())
    }

    fn headed(&mut self, structure: &Structure, part: u32) -> io::Result<Want> {
        let is_text = structure.part(part).is_some_and(|part| {
            let is_inside = std::iter::successors(part.parent(), Part::parent)
                .any(|outer| outer.media() == Media::Message);
            part.is_leaf() && part.effective_type().starts_with("text/") && !is_inside
        });
        if !is_text {
            return Ok(Want::Nothing);
        }
        self.texts.push(Kept { part, octets: Vec::new(), is_cut: false });
        Ok(Want::Decoded)
    }

    fn content(&mut self, _: u32, octets: &[u8]) -> io::Result<()> {
        let Some(kept) = self.texts.last_mut() else { return Ok(()) };
        let len = octets.len().min(self.room);
        self.room -= len;
        kept.octets.extend_from_slice(&octets[..len]);
        kept.is_cut |= len < octets.len();
        Ok(())
    }
}

impl Job for ShowJob<'_> {
    fn begin(&mut self, _: &str, _: u64) {
        self.fields.clear();
        self.texts.clear();
        self.room = TEXT_ROOM;
    }

    fn end(&mut self, message: &Message<'_>) -> io::Result<Exit> {
        self.shown += 1;
        if self.options.links {
            self.print_links(message)?;
            return Ok(Exit::Done);
        }
        if self.shown > 1 {
            let title = format!("──── {} #{}", message.source, message.number);
            let title = self.out.paint(Look::Faint, &title);
            self.out.line(&format!("\n{title}"))?;
        }
        self.print_fields(message.structure)?;
        let bodies = Bodies::of(message.structure);
        self.print_bodies(message.structure, &bodies)?;
        self.print_attachments(message.structure, &bodies)?;
        Ok(Exit::Done)
    }

    fn out(&mut self) -> &mut Out {
        self.out
    }
}

/// The fields that are shown, in this order.
const MAIN_FIELDS: &[Name] = &[
    Name::From,
    Name::Sender,
    Name::ReplyTo,
    Name::To,
    Name::Cc,
    Name::Bcc,
    Name::Date,
    Name::Subject,
];

impl ShowJob<'_> {
    fn print_fields(&mut self, structure: &Structure) -> io::Result<()> {
        let fields = std::mem::take(&mut self.fields);
        let parsed: Vec<Field<'_>> =
            fields.iter().filter_map(|octets| Field::parse(octets)).collect();
        let chosen: Vec<&Field<'_>> = if self.options.all_headers {
            parsed.iter().collect()
        } else {
            let is = |field: &Field<'_>, name| Name::of(field.name) == Some(name);
            MAIN_FIELDS
                .iter()
                .flat_map(|&name| parsed.iter().filter(move |field| is(field, name)))
                .collect()
        };
        for field in chosen {
            let name = String::from_utf8_lossy(field.name);
            let name = self.out.paint(Look::Heading, &format!("{name}:"));
            self.out.text(&format!("{name} "))?;
            self.print(&header::text(field, structure.context()).text, Lines::One)?;
        }
        Ok(())
    }

    fn print_bodies(&mut self, structure: &Structure, bodies: &Bodies) -> io::Result<()> {
        let shown = if self.options.html { &bodies.html } else { &bodies.text };
        for &index in shown {
            let Some(part) = structure.part(index) else { continue };
            let (text, is_cut) = self.text_of(structure, &part);
            let text = text.trim_end_matches('\n');
            if !text.is_empty() {
                self.out.line("")?;
                self.print(text, Lines::Many)?;
            }
            if is_cut {
                let note = format!("[cut here; `septet part {}` gives all]", part.number());
                let note = self.out.paint(Look::Faint, &note);
                self.out.line(&note)?;
            }
        }
        Ok(())
    }

    /// What a reader would see of a text part, and whether something of it was cut off.
    fn text_of(&self, structure: &Structure, part: &Part<'_>) -> (String, bool) {
        let Some(kept) = with_index(&self.texts, part.index(), |kept| kept.part) else {
            return (String::new(), false);
        };
        let text = self.decode(structure, part, &kept.octets);
        let content_type = part.content_type();
        let param = |name| content_type.as_ref().and_then(|c| c.written.get(name)).unwrap_or("");
        let essence = part.effective_type();
        let text = match Markup::of(&essence) {
            Some(markup) => markup.to_plain(&text),
            None if essence == "text/html" => html::render(&text, self.options.width.max(20)),
            None if param("format").eq_ignore_ascii_case("flowed") => {
                unflow(&text, param("delsp").eq_ignore_ascii_case("yes"))
            }
            None => text,
        };
        (text, kept.is_cut)
    }

    fn decode(&self, structure: &Structure, part: &Part<'_>, octets: &[u8]) -> String {
        let others = declared_charset(structure);
        let mut decoder = TextDecoder::new(part, self.options.utf7_html);
        let mut text = String::new();
        decoder.decode(octets, others, &mut |piece| text.push_str(piece));
        decoder.finish(others, &mut |piece| text.push_str(piece));
        text
    }

    fn print_attachments(&mut self, structure: &Structure, bodies: &Bodies) -> io::Result<()> {
        if bodies.attachments.is_empty() {
            return Ok(());
        }
        let title = self.out.paint(Look::Heading, "Attachments:");
        self.out.line(&format!("\n{title}"))?;
        for part in bodies.attachments.iter().filter_map(|&index| structure.part(index)) {
            let number = self.out.paint(Look::Number, &part.number());
            let size =
                part.size().map_or_else(String::new, |size| format!("  {}", out::size(size)));
            let essence = self.out.paint(Look::Plain, &part.essence());
            let name = part.filename().map_or_else(String::new, |name| format!("  \"{name}\""));
            let name = self.out.paint(Look::Name, &name);
            self.out.line(&format!("  {number}  {essence}{size}{name}"))?;
        }
        Ok(())
    }

    /// Text of the message: escaped, unless it was asked for as it is.
    fn print(&mut self, text: &str, lines: Lines) -> io::Result<()> {
        match lines {
            _ if self.options.raw => self.out.octets(format!("{text}\n").as_bytes()),
            Lines::One => self.out.line(&out::one_line(text)),
            Lines::Many => self.out.line(&out::escape_block(text)),
        }
    }

    fn print_links(&mut self, message: &Message<'_>) -> io::Result<()> {
        let structure = message.structure;
        let texts = std::mem::take(&mut self.texts);
        for kept in &texts {
            let Some(part) = structure.part(kept.part) else { continue };
            let text = self.decode(structure, &part, &kept.octets);
            let links = match part.effective_type().as_str() {
                "text/html" => html::links(&text),
                _ => html::links_of_text(&text),
            };
            for link in links.iter().filter(|link| leads_somewhere(&link.url)) {
                self.print_link(&part, link)?;
            }
        }
        Ok(())
    }

    fn print_link(&mut self, part: &Part<'_>, link: &Link) -> io::Result<()> {
        let number = self.out.paint(Look::Number, &part.number());
        let place = self.out.paint(Look::Faint, &link.place);
        let url = self.out.paint(Look::Plain, &defang::text(&link.url));
        let text = link.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let claim = match text.as_str() {
            "" => String::new(),
            text => format!("  \"{}\"", self.out.paint(Look::Name, &defang::text(text))),
        };
        self.out.line(&format!("{number}  {place}  {url}{claim}"))
    }
}

/// The one with this index, of those that are sorted by it.
fn with_index<T>(sorted: &[T], index: u32, index_of: impl FnMut(&T) -> u32) -> Option<&T> {
    sorted.binary_search_by_key(&index, index_of).ok().and_then(|at| sorted.get(at))
}

/// Whether text is one line or a block of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// Whether a URL points outside the message; `cid:` and `#` do not, `data:` is the content itself.
fn leads_somewhere(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    !url.is_empty() && !["cid:", "mid:", "#", "data:"].iter().any(|inner| url.starts_with(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_without_a_look_at_all() {
        let parts: Vec<u32> = (0..100_000).map(|i| i * 2).collect();
        let mut looks = 0;
        let mut find = |index| {
            with_index(&parts, index, |&part| {
                looks += 1;
                part
            })
            .copied()
        };
        assert_eq!(
            [find(0), find(7), find(77_774), find(199_998)],
            [Some(0), None, Some(77_774), Some(199_998)]
        );
        assert!(looks < 4 * 20, "{looks}");
    }

    #[test]
    fn links_inside_lead_nowhere() {
        assert!(!leads_somewhere("cid:part1"));
        assert!(leads_somewhere("//t.example/"));
    }
}
