//! A clause cut into what stands outside of comments and what stands in them.
//!
//! Linear: a comment that is never closed is text, and so are all parentheses behind it.
//!
//! May use: `lex`.

use crate::header::lex;

/// A piece of a clause, without the white space around it and never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// Without its parentheses; comments inside stay in it.
    Comment(&'a str),
}

/// The pieces in order.
pub(crate) fn pieces(clause: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(open) = clause.get(at..).and_then(|rest| rest.find('(')).map(|i| at + i) {
        let (end, closed) = lex::skip_comment(clause.as_bytes(), open);
        if !closed {
            break;
        }
        add(&mut pieces, clause.get(done..open), Piece::Text);
        add(&mut pieces, clause.get(open + 1..end - 1), Piece::Comment);
        (done, at) = (end, end);
    }
    add(&mut pieces, clause.get(done..), Piece::Text);
    pieces
}

fn add<'a>(to: &mut Vec<Piece<'a>>, text: Option<&'a str>, kind: fn(&'a str) -> Piece<'a>) {
    if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
        to.push(kind(text));
    }
}

/// What stands outside of comments, joined by single spaces; `None` if nothing does.
pub(super) fn outside(pieces: &[Piece<'_>]) -> Option<String> {
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(*text),
        Piece::Comment(_) => None,
    });
    let joined = texts.collect::<Vec<_>>().join(" ");
    (!joined.is_empty()).then_some(joined)
}

/// The comments, without their parentheses.
pub(super) fn comments<'a>(pieces: &[Piece<'a>]) -> impl Iterator<Item = &'a str> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Comment(comment) => Some(*comment),
    })
}

#[cfg(test)]
mod tests {
    use super::Piece::{Comment, Text};
    use super::*;

    #[test]
    fn cuts() {
        const CASES: &[(&str, &[Piece<'_>])] = &[
            ("", &[]),
            ("a b", &[Text("a b")]),
            ("a (b) (c (d)) e", &[Text("a"), Comment("b"), Comment("c (d)"), Text("e")]),
            ("a(b)c()", &[Text("a"), Comment("b"), Text("c")]),
            ("a (b) (c", &[Text("a"), Comment("b"), Text("(c")]),
            ("ü (ö) ) (ä", &[Text("ü"), Comment("ö"), Text(") (ä")]),
            ("a (\\)) b", &[Text("a"), Comment("\\)"), Text("b")]),
        ];
        for &(clause, expected) in CASES {
            assert_eq!(pieces(clause), expected, "{clause}");
        }
        assert_eq!(outside(&pieces("a (b) c")).as_deref(), Some("a c"));
        assert_eq!(outside(&pieces("(b)")), None);
    }
}
