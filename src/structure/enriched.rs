//! text/enriched (RFC 1896) and text/richtext (RFC 1521 §7.1.3) as plain text: the markup goes, the
//! line breaks mean what they mean there.

/// The two forms; they differ in what a line break is and how `<` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// `<<` is a less-than sign; one line break is a space, of more all but one count.
    Enriched,
    /// `<lt>` is a less-than sign, `<nl>` a line break; line breaks are spaces.
    Richtext,
}

impl Markup {
    /// The markup of a media type.
    pub fn of(essence: &str) -> Option<Markup> {
        match essence {
            "text/enriched" => Some(Markup::Enriched),
            "text/richtext" => Some(Markup::Richtext),
            _ => None,
        }
    }

    /// The text without its markup. What is not shown there (`<param>`, `<comment>`) goes too.
    pub fn to_plain(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut hidden = 0usize;
        let mut rest = text;
        // Behind the last `>` no tag can end: it is looked for once, not from every `<`.
        let behind_tags = text.rfind('>').map_or(text.len(), |at| text.len() - at - 1);
        while let Some(c) = rest.chars().next() {
            let tag = rest.strip_prefix('<').filter(|tag| tag.len() > behind_tags);
            if let Some(after) = rest.strip_prefix("<<").filter(|_| self == Markup::Enriched) {
                push(&mut out, hidden, "<");
                rest = after;
            } else if let Some((tag, after)) = tag.and_then(|tag| tag.split_once('>')) {
                self.tag(tag, &mut out, &mut hidden);
                rest = after;
            } else if c == '\n' {
                let breaks = rest.len() - rest.trim_start_matches('\n').len();
                push(&mut out, hidden, &self.line_breaks(breaks));
                rest = &rest[breaks..];
            } else {
                let end = rest[c.len_utf8()..].find(['<', '\n']).map(|end| end + c.len_utf8());
                let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
                push(&mut out, hidden, run);
                rest = after;
            }
        }
        out
    }

    fn line_breaks(self, count: usize) -> String {
        match (self, count) {
            (Markup::Richtext, _) | (_, 1) => " ".to_owned(),
            (Markup::Enriched, _) => "\n".repeat(count - 1),
        }
    }

    fn tag(self, tag: &str, out: &mut String, hidden: &mut usize) {
        match tag.to_ascii_lowercase().as_str() {
            "param" | "comment" => *hidden += 1,
            "/param" | "/comment" => *hidden = hidden.saturating_sub(1),
            "lt" if self == Markup::Richtext => push(out, *hidden, "<"),
            "nl" | "np" | "/paragraph" if self == Markup::Richtext => push(out, *hidden, "\n"),
            _ => {}
        }
    }
}

fn push(out: &mut String, hidden: usize, text: &str) {
    if hidden == 0 {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::Markup;

    #[test]
    fn markup_goes_and_line_breaks_count() {
        let enriched = "<bold>Now</bold> is\nthe <<time>\n\nfor<color><param>red</param>x</color>";
        assert_eq!(Markup::Enriched.to_plain(enriched), "Now is the <time>\nforx");
        let richtext = "<bold>Now</bold> is<nl>a <lt> b\nfor<comment>not</comment> all";
        assert_eq!(Markup::Richtext.to_plain(richtext), "Now is\na < b for all");
        assert_eq!(Markup::Enriched.to_plain("a < b"), "a < b");
        assert_eq!(Markup::of("text/plain"), None);
        let open = "<".repeat(1 << 20);
        assert_eq!(Markup::Richtext.to_plain(&open), open, "and this takes no time");
    }
}
