//! The laws of signatures: any tags give a result, findings stand in the field, and the hash of a body
//! does not depend on its cut.

use septet::base::{Rule, Span};
use septet::dkim::{self, BodyHasher};

use crate::Input;

/// Holds the laws against a field body and, behind the first empty line, a message's body.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let end = input.text.windows(2).position(|pair| pair == b"\n\n");
    let (field, body) =
        end.map_or((input.text, &b""[..]), |at| (&input.text[..at], &input.text[at + 2..]));
    let mut found: Vec<(Rule, Span)> = Vec::new();
    let signature = dkim::parse(field, &mut found);
    assert_eq!(dkim::parse(field, &mut ()), signature, "with nobody listening");
    for (rule, span) in found {
        assert!(span.start <= span.end && span.end <= field.len() as u64, "{rule:?} {span:?}");
    }
    let Some(signature) = signature else { return };
    assert!(!signature.tags.is_empty());
    assert!(signature.signed_fields.iter().all(|name| signature.signs(name)));
    let mut whole = BodyHasher::new(&signature);
    whole.update(body);
    let mut cut = BodyHasher::new(&signature);
    input.pieces(body).for_each(|piece| cut.update(piece));
    assert_eq!(cut.finish(), whole.finish(), "in pieces of {:?}", input.sizes);
}
