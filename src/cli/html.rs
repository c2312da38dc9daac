//! HTML for people who read text: rendered, and its links listed. Nothing is fetched or run.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, Tag, TagKind, TagToken, Token, TokenSink, TokenSinkResult,
    Tokenizer, TokenizerOpts,
};

/// LIMIT: markup nested deeper than this is not rendered; the renderer works by recursion.
const DEPTH: usize = 400;

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
    let scan = scan(html);
    if scan.deepest.get() > DEPTH {
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

/// The links of an HTML document, in order: everything that a program might follow or load.
pub(super) fn links(html: &str) -> Vec<Link> {
    scan(html).links.take()
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
    links: RefCell<Vec<Link>>,
    /// The link whose element is open.
    open: Cell<Option<usize>>,
}

/// Attributes that hold a URL.
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
            if ATTRIBUTES.contains(&name) {
                links.push(Link {
                    place: format!("{element} {name}"),
                    url: attribute.value.trim().to_owned(),
                    text: String::new(),
                });
            }
        }
        if element == "a" {
            self.open.set(links.len().checked_sub(1));
        }
    }

    fn end(&self, element: &str) {
        self.depth.set(self.depth.get().saturating_sub(1));
        if element == "a" {
            self.open.set(None);
        }
    }

    fn characters(&self, text: &str) {
        self.text.borrow_mut().push_str(text);
        let mut links = self.links.borrow_mut();
        if let Some(link) = self.open.get().and_then(|open| links.get_mut(open)) {
            let room = LINK_TEXT.saturating_sub(link.text.len());
            link.text.extend(text.chars().take(room));
        }
    }
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
    }
}
