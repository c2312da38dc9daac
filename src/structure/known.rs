//! What the MIME fields of parts said that had the same ones: most leaves of most messages are
//! `text/plain` in one charset or another.
//!
//! Contract: what is known is what parsing gives. Only fields that say nothing of one part alone are
//! kept: of a leaf, without a file name, short.
//!
//! May use: nothing.

use std::sync::Arc;

use super::MimeFields;

/// LIMIT: so many fields are known at a time, of so many octets each.
const MANY: usize = 16;
const SHORT: usize = 80;

/// The MIME fields that were met last.
#[derive(Debug, Default)]
pub(super) struct Known {
    entries: Vec<Entry>,
    /// The one to be forgotten next.
    oldest: usize,
}

#[derive(Debug)]
struct Entry {
    content_type: Vec<u8>,
    disposition: Option<Vec<u8>>,
    fields: Arc<MimeFields>,
}

impl Known {
    /// What fields with these bodies say.
    pub(super) fn get(
        &self,
        content_type: &[u8],
        disposition: Option<&[u8]>,
    ) -> Option<&Arc<MimeFields>> {
        let is_same = |entry: &&Entry| {
            entry.content_type == content_type && entry.disposition.as_deref() == disposition
        };
        self.entries.iter().find(is_same).map(|entry| &entry.fields)
    }

    /// Keeps what fields with these bodies say, if they are short.
    pub(super) fn keep(
        &mut self,
        content_type: &[u8],
        disposition: Option<&[u8]>,
        fields: &Arc<MimeFields>,
    ) {
        if content_type.len() > SHORT || disposition.is_some_and(|body| body.len() > SHORT) {
            return;
        }
        let entry = Entry {
            content_type: content_type.to_vec(),
            disposition: disposition.map(<[u8]>::to_vec),
            fields: Arc::clone(fields),
        };
        if self.entries.len() < MANY {
            self.entries.push(entry);
        } else {
            self.entries[self.oldest] = entry;
            self.oldest = (self.oldest + 1) % MANY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Arc<MimeFields> {
        Arc::new(MimeFields { content_type: None, disposition: None, in_digest: false })
    }

    #[test]
    fn knows_the_last_ones() {
        let mut known = Known::default();
        let bodies: Vec<Vec<u8>> =
            (0..3 * MANY).map(|i| format!("text/{i}").into_bytes()).collect();
        for (i, body) in bodies.iter().enumerate() {
            let kept = fields();
            known.keep(body, Some(b"inline"), &kept);
            assert!(
                known.get(body, Some(b"inline")).is_some_and(|found| Arc::ptr_eq(found, &kept))
            );
            assert!(known.get(body, None).is_none());
            let count = bodies.iter().filter(|body| known.get(body, Some(b"inline")).is_some());
            assert_eq!(count.count(), MANY.min(i + 1));
        }
    }

    #[test]
    fn keeps_what_is_short() {
        let (short, long) = (&[b'x'; SHORT][..], &[b'x'; SHORT + 1][..]);
        let is_kept = |content_type: &[u8], disposition: Option<&[u8]>| {
            let mut known = Known::default();
            known.keep(content_type, disposition, &fields());
            known.get(content_type, disposition).is_some()
        };
        assert!(is_kept(short, None) && is_kept(short, Some(short)));
        assert!(!is_kept(long, None) && !is_kept(short, Some(long)));
    }
}
