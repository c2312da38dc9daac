//! HTML for people who read text: rendered, and its links listed. Nothing is fetched or run.

use std::cell::{Cell, RefCell};

use linkify::{LinkFinder, LinkKind};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, Tag, TagKind, TagToken, Token, TokenSink, TokenSinkResult,
    Tokenizer, TokenizerOpts,
};

/// LIMIT: markup nested deeper than this is shown without layout; the renderer works by recursion.
const DEPTH: usize = 400;

/// LIMIT: so is a document of more octets than this; the renderer takes 150 times its size.
const RENDERED: usize = 1 << 20;

/// A link of an HTML text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The element and attribute it stands in, such as `a href`.
    pub(super) place: String,
    pub(super) url: String,
    /// The text that a reader sees of it.
    pub(super) text: String,
}

/// The text of an HTML document, wrapped at `columns`.
pub(super) fn render(html: &str, columns: usize) -> String {
    render_up_to(RENDERED, html, columns)
}

/// The same; a document of more octets than `limit` is shown without layout.
pub(super) fn render_up_to(limit: usize, html: &str, columns: usize) -> String {
    let scan = scan(html);
    if html.len() > limit || scan.deepest.get() > DEPTH {
        return scan.text.take();
    }
    let config = html2text::config::plain_no_decorate()
        .no_table_borders()
        .allow_width_overflow()
        .link_footnotes(false);
    match config.string_from_read(html.as_bytes(), columns) {
        Ok(text) => tidy(&text),
        Err(_) => scan.text.take(),
    }
}

/// Layout by nested tables leaves white space at line ends, and many empty lines.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 3 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// The links of an HTML document, in order: everything that a program might follow or load, and what
/// its text shows as a URL.
pub(super) fn links(html: &str) -> Vec<Link> {
    let scan = scan(html);
    let mut links = scan.links.take();
    links.extend(links_of_text(&scan.loose.take()));
    links
}

/// The URLs that stand in plain text.
pub(super) fn links_of_text(text: &str) -> Vec<Link> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let link =
        |url: &str| Link { place: "text".to_owned(), url: url.to_owned(), ..Link::default() };
    finder.links(text).map(|found| link(found.as_str())).collect()
}

fn scan(html: &str) -> Scan {
    let tokenizer = Tokenizer::new(Scan::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink
}

/// What one pass over the tags and the text between them tells.
#[derive(Default)]
struct Scan {
    depth: Cell<usize>,
    deepest: Cell<usize>,
    /// The text without any layout.
    text: RefCell<String>,
    /// The same, without the text of links.
    loose: RefCell<String>,
    links: RefCell<Vec<Link>>,
    /// The link whose element is open.
    open: Cell<Option<usize>>,
    in_style: Cell<bool>,
}

/// Attributes that hold a URL; those that hold several, or style, are looked at by [`Scan::start`].
const ATTRIBUTES: &[&str] =
    &["href", "src", "action", "formaction", "background", "poster", "data", "cite", "longdesc"];

/// Elements that have no end tag (HTML §13.1.2).
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// LIMIT: this much of the text of a link is kept.
const LINK_TEXT: usize = 200;

impl Scan {
    fn start(&self, tag: &Tag) {
        let element = &*tag.name;
        if !VOID.contains(&element) {
            self.depth.set(self.depth.get() + 1);
            self.deepest.set(self.deepest.get().max(self.depth.get()));
        }
        let mut links = self.links.borrow_mut();
        for attribute in &tag.attrs {
            let name = &*attribute.name.local;
            for url in urls(element, name, &attribute.value) {
                let place = format!("{element} {name}");
                links.push(Link { place, url, text: String::new() });
            }
        }
        self.in_style.set(element == "style");
        if element == "a" {
            self.open.set(links.len().checked_sub(1));
        }
    }

    fn end(&self, element: &str) {
        self.in_style.set(false);
        self.depth.set(self.depth.get().saturating_sub(1));
        if element == "a" {
            self.open.set(None);
        }
    }

    fn characters(&self, text: &str) {
        let mut links = self.links.borrow_mut();
        if self.in_style.get() {
            let place = || "style".to_owned();
            links.extend(style_urls(text).map(|url| Link {
                place: place(),
                url,
                text: String::new(),
            }));
            return;
        }
        self.text.borrow_mut().push_str(text);
        match self.open.get().and_then(|open| links.get_mut(open)) {
            Some(link) => {
                let room = LINK_TEXT.saturating_sub(link.text.len());
                link.text.extend(text.chars().take(room));
            }
            None => self.loose.borrow_mut().push_str(text),
        }
    }
}

/// The URLs that an attribute holds.
fn urls(element: &str, name: &str, value: &str) -> Vec<String> {
    match name {
        // `a.png 1x, b.png 2x`
        "srcset" => value
            .split(',')
            .filter_map(|one| one.split_whitespace().next())
            .map(str::to_owned)
            .collect(),
        "style" => style_urls(value).collect(),
        // `<meta http-equiv=refresh content="0; url=…">`
        "content" if element == "meta" => {
            let lower = value.to_ascii_lowercase();
            let url = lower.find("url=").and_then(|at| value.get(at + 4..));
            url.map(|url| url.trim_matches(['"', '\'', ' ']).to_owned()).into_iter().collect()
        }
        _ if ATTRIBUTES.contains(&name) => vec![value.trim().to_owned()],
        _ => Vec::new(),
    }
}

/// What style sheets load: `url(…)`, and `@import "…"`.
fn style_urls(style: &str) -> impl Iterator<Item = String> {
    let loaded = style.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
    let imported = style.split("@import").skip(1).filter_map(|rest| rest.split(';').next());
    let imported = imported.filter(|rest| !rest.contains("url("));
    loaded.chain(imported).map(|url| url.trim_matches(['"', '\'', ' ', '\n']).to_owned())
}

impl TokenSink for Scan {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            TagToken(tag) if tag.kind == TagKind::StartTag => self.start(&tag),
            TagToken(tag) => self.end(&tag.name),
            CharacterTokens(text) => self.characters(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_text() {
        let text = render("<p>One &amp; two</p><script>no()</script><p>three</p>", 72);
        assert_eq!(text, "One & two\n\nthree\n");
    }

    #[test]
    fn deep_markup_is_no_danger() {
        let html = "<div><table><tr><td>".repeat(50_000) + "x";
        assert_eq!(render(&html, 72).trim(), "x");
    }

    #[test]
    fn lists_everything_that_could_be_followed() {
        let html =
            r#"<a href="http://evil.example/">http://bank.example</a><img src=//t.example/p>"#;
        let found = links(html);
        assert_eq!(found.len(), 2);
        assert_eq!((&*found[0].place, &*found[0].url), ("a href", "http://evil.example/"));
        assert_eq!(found[0].text, "http://bank.example");
        assert_eq!((&*found[1].place, &*found[1].url), ("img src", "//t.example/p"));
        let html = r#"<meta http-equiv=refresh content="0; URL=http://a.example"><img srcset="b.png 1x,
            c.png 2x"><p style="background:url('d.png')"><style>@import "e.css"; x{y:url(f)}</style>"#;
        let urls: Vec<String> = links(html).into_iter().map(|link| link.url).collect();
        assert_eq!(urls, ["http://a.example", "b.png", "c.png", "d.png", "f", "e.css"]);
    }
}
