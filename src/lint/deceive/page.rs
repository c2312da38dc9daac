//! What the tags of an HTML body do: where its links lead and what they say, what it loads, asks for,
//! runs and hides.
//!
//! One pass over the body as it is decoded, in bounded memory. Styles are asked only for what they load
//! and whether they hide; nothing is laid out, so text that is hidden in other ways is not seen.
//!
//! May use: base, charset, structure.

use super::html::{self, Event, Lower, Scanner};
use super::place::{Locator, Place};
use super::sender::lookalike;
use super::url::{self, Url};
use crate::base::{Rule, Span};
use crate::lint::{Found, OF_A_KIND};
use crate::structure::{MimeFields, Part, TextDecoder};

/// LIMIT: octets of a link's text that are kept; a text that names a host is shorter.
const TEXT: usize = 512;

/// LIMIT: octets of a style that are kept, URLs that it may load, and characters of each.
const STYLE: usize = 16 * 1024;
const STYLE_URLS: usize = 64;
const STYLE_URL: usize = 2000;

/// A link that is open.
#[derive(Debug)]
struct Link {
    place: Place,
    href: String,
    url: Url,
    text: Vec<u8>,
}

/// An element whose text is no text of the page.
#[derive(Debug, PartialEq, Eq)]
enum Inside {
    Style(Vec<u8>),
    Other,
}

/// Watches one body.
#[derive(Debug)]
pub(super) struct Page {
    part: u32,
    scanner: Scanner,
    /// For text in a charset that is not of ASCII.
    decoder: Option<TextDecoder>,
    tags: Tags,
}

/// What was seen of the tags.
#[derive(Debug, Default)]
struct Tags {
    locator: Locator,
    link: Option<Link>,
    inside: Option<Inside>,
    /// What is loaded: how often, and the first.
    remote: u64,
    first_remote: Option<(Place, String)>,
    odd: Vec<(Rule, Place, String)>,
}

impl Page {
    /// A page that is the body of `part`, whose fields are `fields`.
    pub(super) fn new(part: &Part<'_>, fields: &MimeFields) -> Page {
        let label = fields.charset();
        let is_ascii = label.is_none_or(|label| {
            let charset = crate::charset::Charset::for_label(label.as_bytes());
            charset.is_none_or(|charset| charset.is_ascii_compatible())
        });
        Page {
            part: part.index(),
            scanner: Scanner::default(),
            decoder: (!is_ascii).then(|| TextDecoder::of(part, fields, true)),
            tags: Tags { locator: Locator::new(part.coding(), is_ascii), ..Tags::default() },
        }
    }

    pub(super) fn part(&self) -> u32 {
        self.part
    }

    /// The next octets of the body, as they stand in the message.
    pub(super) fn written(&mut self, start: u64, octets: &[u8]) {
        self.tags.locator.written(start, octets);
    }

    /// What they decode to.
    pub(super) fn content(&mut self, octets: &[u8]) {
        let Page { scanner, decoder, tags, .. } = self;
        match decoder {
            Some(decoder) => decoder.decode(octets, None, &mut |text| {
                scanner.feed(text.as_bytes(), &mut |event| tags.event(event));
            }),
            None => {
                tags.locator.decoded(octets);
                scanner.feed(octets, &mut |event| tags.event(event));
                tags.locator.forget(scanner.open_at());
            }
        }
    }

    /// The body is over; its octets are `body`.
    pub(super) fn finish(mut self, body: Option<Span>, found: &mut Found) {
        if let Some(decoder) = &mut self.decoder {
            let (scanner, tags) = (&mut self.scanner, &mut self.tags);
            decoder.finish(None, &mut |text| {
                scanner.feed(text.as_bytes(), &mut |event| tags.event(event));
            });
        }
        let mut tags = self.tags;
        tags.end_of_link();
        if let Some((place, url)) = tags.first_remote.take() {
            let note = match tags.remote {
                1 => url,
                more => format!("{more} times, first {url}"),
            };
            tags.odd.push((Rule::X027, place, note));
        }
        for (rule, place, note) in tags.odd {
            let span = match place {
                Place::Octets(span) => span,
                Place::Body => body,
            };
            found.add_noted(rule, self.part, span, note);
        }
    }
}

/// What a tag is asked for, beside its URLs.
#[derive(Debug, Default)]
struct Asked {
    refresh: bool,
    content: String,
    href: Option<String>,
    action: Option<String>,
    hides: Option<&'static str>,
    handler: Option<String>,
}

impl Tags {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Tag { start, end, tag } => {
                let name = Lower::of(html::name(tag));
                match name.text().strip_prefix('/') {
                    Some(name) => self.end_tag(name, start, end),
                    None => self.start_tag(name.text(), start, end, tag),
                }
            }
            Event::Text(text) => {
                let (kept, limit) = match (&mut self.inside, &mut self.link) {
                    (Some(Inside::Style(style)), _) => (style, STYLE),
                    (Some(Inside::Other), _) | (None, None) => return,
                    (None, Some(link)) => (&mut link.text, TEXT),
                };
                let room = limit - kept.len().min(limit);
                kept.extend_from_slice(&text[..text.len().min(room)]);
            }
        }
    }

    fn add(&mut self, rule: Rule, place: Place, note: String) {
        let mut of_rule = self.odd.iter().filter(|(other, ..)| *other == rule);
        // What is the same is told once.
        if of_rule.clone().count() < OF_A_KIND && of_rule.all(|(_, _, other)| *other != note) {
            self.odd.push((rule, place, note));
        }
    }

    fn end_tag(&mut self, name: &str, start: u64, end: u64) {
        if let Some(Inside::Style(style)) = self.inside.take() {
            let place = self.locator.place(start, end);
            self.style(&String::from_utf8_lossy(&style), place);
        }
        if name == "a" {
            self.end_of_link();
        }
    }

    fn start_tag(&mut self, name: &str, start: u64, end: u64, tag: &[u8]) {
        self.inside = match name {
            "style" => Some(Inside::Style(Vec::new())),
            "script" | "title" | "textarea" | "xmp" | "noframes" => Some(Inside::Other),
            _ => None,
        };
        if name == "a" {
            self.end_of_link();
        }
        let place = self.locator.place(start, end);
        let mut asked = Asked::default();
        html::attributes(tag, |attribute, value| {
            self.attribute(name, attribute, value, place, &mut asked);
        });
        self.asked(name, place, asked);
    }

    fn attribute(
        &mut self,
        tag: &str,
        attribute: &str,
        value: &[u8],
        place: Place,
        asked: &mut Asked,
    ) {
        let text = || html::text(value);
        match attribute {
            "href" | "xlink:href" | "src" | "action" | "formaction" | "background" | "data"
            | "poster" | "lowsrc" | "dynsrc" => {
                let value = text();
                let url = url::cleaned(&value);
                self.url(tag, attribute, &url, place);
                let kept = match attribute {
                    "href" => &mut asked.href,
                    "action" | "src" | "data" => &mut asked.action,
                    _ => return,
                };
                kept.get_or_insert_with(|| url.into_owned());
            }
            "srcset" => {
                for source in text().split(',').take(OF_A_KIND) {
                    let source = source.trim_start();
                    let end = source.find(char::is_whitespace).unwrap_or(source.len());
                    self.url(tag, attribute, &url::cleaned(&source[..end]), place);
                }
            }
            "style" => {
                let style = text();
                self.style(&style, place);
                asked.hides = asked.hides.or(hides(&style));
            }
            "http-equiv" => asked.refresh = text().trim().eq_ignore_ascii_case("refresh"),
            "content" if tag == "meta" => asked.content = text().into_owned(),
            _ if attribute.len() > 2 && attribute.starts_with("on") && !value.is_empty() => {
                asked.handler.get_or_insert_with(|| url::shown(attribute));
            }
            _ => {}
        }
    }

    /// A URL in an attribute.
    fn url(&mut self, tag: &str, attribute: &str, url: &str, place: Place) {
        let is_link = matches!(tag, "a" | "area" | "form" | "base") || attribute == "formaction";
        match url::scheme(url).as_str() {
            "javascript" | "vbscript" => {
                return self.add(
                    Rule::X022,
                    place,
                    format!("<{}>: {}", url::shown(tag), url::shown(url)),
                );
            }
            "data" if !matches!(tag, "img" | "image" | "input" | "body" | "table" | "td") => {
                let media = url.get(5..).unwrap_or_default().split([',', ';']).next();
                let media = url::shown(media.unwrap_or_default());
                return self.add(Rule::X023, place, format!("<{}>: {media}", url::shown(tag)));
            }
            _ => {}
        }
        let Some(parsed) = Url::parse(url) else { return };
        if let Some(note) = lookalike(&parsed.host) {
            self.add(Rule::X025, place, note);
        }
        if parsed.scheme == "mailto" {
            return;
        }
        if parsed.user.is_some() {
            let (shown, host) = (url::defanged(url), url::defanged_host(&parsed.host));
            self.add(Rule::X024, place, format!("{shown} goes to {host}"));
        }
        if url::is_number(&parsed.host) {
            self.add(Rule::X026, place, url::defanged(url));
        }
        if !is_link {
            self.remote += 1;
            self.first_remote.get_or_insert_with(|| (place, url::defanged(url)));
        }
    }

    /// What else a tag is there for.
    fn asked(&mut self, tag: &str, place: Place, asked: Asked) {
        let target = |url: &Option<String>| {
            url.as_deref().map(|url| format!(": {}", url::defanged(url))).unwrap_or_default()
        };
        match tag {
            "form" => self.add(Rule::X028, place, format!("<form>{}", target(&asked.action))),
            "script" => self.add(Rule::X029, place, format!("<script>{}", target(&asked.action))),
            "iframe" | "frame" | "object" | "embed" | "applet" | "portal" => {
                self.add(Rule::X030, place, format!("<{tag}>{}", target(&asked.action)));
            }
            "base" if asked.href.is_some() => {
                self.add(Rule::X031, place, format!("<base>{}", target(&asked.href)));
            }
            "meta" if asked.refresh => {
                let target = asked.content.split_once('=').map(|(_, url)| url::cleaned(url));
                if let Some(url) = target {
                    self.add(Rule::X031, place, format!("refresh: {}", url::defanged(&url)));
                }
            }
            _ => {}
        }
        if let Some(handler) = asked.handler {
            self.add(Rule::X029, place, format!("<{}>: {handler}", url::shown(tag)));
        }
        if let Some(how) = asked.hides {
            self.add(Rule::X032, place, how.to_owned());
        }
        if tag == "a"
            && let Some(href) = asked.href
            && let Some(url) = Url::parse(&href)
        {
            self.link = Some(Link { place, href, url, text: Vec::new() });
        }
    }

    /// What a style loads.
    fn style(&mut self, style: &str, place: Place) {
        if !style.contains(['(', '@']) {
            return;
        }
        let lower = style.to_ascii_lowercase();
        let starts = lower.match_indices("url(").map(|(at, start)| at + start.len());
        let imports = lower.match_indices("@import").map(|(at, start)| at + start.len());
        for start in starts.chain(imports).take(STYLE_URLS) {
            let rest = style[start..].trim_start().trim_start_matches(['"', '\'']);
            let is_in = |c: &char| !matches!(c, '"' | '\'' | ')' | ';' | ' ');
            let loaded: String = rest.chars().take(STYLE_URL).take_while(is_in).collect();
            let loaded = url::cleaned(&loaded);
            if Url::parse(&loaded).is_some_and(|url| url.scheme != "mailto") {
                self.remote += 1;
                self.first_remote.get_or_insert_with(|| (place, url::defanged(&loaded)));
            }
        }
    }

    /// The text of the link that was open is complete.
    fn end_of_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        if link.text.len() >= TEXT {
            return;
        }
        let text = html::text(&link.text);
        let is_address = text.contains('@') && url::scheme(text.trim()).is_empty();
        let Some(host) = url::named(&text).filter(|_| is_address == (link.url.scheme == "mailto"))
        else {
            return;
        };
        if url::are_alike(&host, &link.url.host) {
            return;
        }
        let passes = link.url.passes_on_to(&url::site(&host));
        let note = format!(
            "the text says {}; the link goes to {}",
            url::defanged_host(&host),
            url::defanged(&link.href)
        );
        self.add(if passes { Rule::X021 } else { Rule::X020 }, link.place, note);
    }
}

/// How a style hides what it is for.
fn hides(style: &str) -> Option<&'static str> {
    style.split(';').find_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        let (name, value) = (name.trim(), value.trim_start());
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let says = |word: &str| {
            value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let number = value.trim_start_matches(['0', '.']);
        let is_zero =
            number.len() < value.len() && !number.starts_with(|c: char| c.is_ascii_digit());
        match () {
            () if is("display") && says("none") => Some("display: none"),
            () if is("visibility") && says("hidden") => Some("visibility: hidden"),
            () if is("font-size") && is_zero => Some("font-size: 0"),
            () if is("opacity") && is_zero => Some("opacity: 0"),
            () => None,
        }
    })
}
