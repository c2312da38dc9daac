//! What a DKIM signature says, and whether its body hash still holds: computed offline.
//!
//! [`parse`] reads the body of a DKIM-Signature field or of an ARC-Message-Signature, whose tags are
//! the same but for `i=`, which is the instance there. [`BodyHasher`] takes the octets of the body
//! that is signed, as they stand in the message, and tells their hash.
//!
//! There is no verdict on the signature here: no key is asked for (nothing here knows of DNS), no
//! field is hashed, nothing expires. A body hash that holds says that the body is the one that was
//! signed, by whomever; one that does not hold says that the signature is broken, whoever made it.
//!
//! RFC 6376, RFC 8301, RFC 8463, RFC 8617 §4.1.2. May use: base, transfer, header.

mod body;
mod signature;

pub use body::{BodyHash, BodyHasher};
pub use signature::{Canon, Hash, Signature, parse};
pub(crate) use signature::{Claims, claims};

/// Whether the field of this name holds a signature that [`parse`] reads, letter case apart.
pub fn is_signature_field(name: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"dkim-signature", b"arc-message-signature"];
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::is_signature_field;

    #[test]
    fn knows_the_fields() {
        let cases: &[(&[u8], bool)] = &[
            (b"DKIM-Signature", true),
            (b"dkim-SIGNATURE", true),
            (b"ARC-Message-Signature", true),
            (b"ARC-Seal", false),
            (b"ARC-Authentication-Results", false),
            (b"DomainKey-Signature", false),
            (b"DKIM-Signature ", false),
            (b"", false),
        ];
        for &(name, expected) in cases {
            assert_eq!(is_signature_field(name), expected, "{}", name.escape_ascii());
        }
    }
}
