//! Message-ids (RFC 5322 §3.6.4): Message-ID, In-Reply-To, References, Content-ID.

/// The message-ids of a field body, in order, without their angle brackets.
pub fn parse(raw: &[u8]) -> Vec<String> {
    let _ = raw;
    todo!()
}
