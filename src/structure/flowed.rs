//! Undoing format=flowed (RFC 3676): the soft line breaks that a mail program put into paragraphs.
//!
//! Deliberately not done: wrapping the paragraphs again for a screen.

/// The text with its paragraphs joined. `delsp` is the parameter DelSp: the space before a soft line
/// break belongs to the break and goes with it. Quote marks (`>`) stay at the start of each
/// paragraph, followed by a space; line ends become LF.
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of the paragraph that is open: its last line ended with a soft break.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('>').len();
        let content = &line[depth..];
        // Stuffed with a space so that nothing at the start of a line is taken for something else.
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if open != Some(depth) || is_signature {
            if open.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !content.is_empty() {
                out.push(' ');
            }
        }
        open = match content.strip_suffix(' ') {
            Some(stripped) if !is_signature => {
                out.push_str(if delsp { stripped } else { content });
                Some(depth)
            }
            _ => {
                out.push_str(content);
                out.push('\n');
                None
            }
        };
    }
    if open.is_some() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unflow;

    #[test]
    fn paragraphs_are_joined() {
        let cases: &[(&str, &str, bool, &str)] = &[
            ("a soft break", "one \r\ntwo\r\n", false, "one two\n"),
            ("delsp", "on \r\ne\r\n", true, "one\n"),
            ("fixed lines", "one\ntwo\n", false, "one\ntwo\n"),
            ("stuffed", " From x\n", false, "From x\n"),
            ("quoted", "> a \n> b\n", false, "> a b\n"),
            ("depth changes in a paragraph", ">> a \n> b\n", false, ">> a \n> b\n"),
            ("the signature stays", "end \n-- \nname\n", false, "end \n-- \nname\n"),
            ("open at the end", "a ", false, "a \n"),
            ("empty quoted line", ">\n> x\n", false, ">\n> x\n"),
        ];
        for &(name, text, delsp, expected) in cases {
            assert_eq!(unflow(text, delsp), expected, "{name}");
        }
    }
}
