//! Patterns of media types, as options of the command line have them: `image/*`, `text/plain`.
//!
//! Contract: read by the crate `mime`; a whole half may be `*`, parts of one may not.
//!
//! May use: nothing of this crate.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// A media type in which `*` may stand for any type or subtype.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypePattern(mime::Mime);

/// What was given is no [`TypePattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypePatternError;

impl fmt::Display for TypePatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a media type such as text/plain, image/* or */*, without parameters")
    }
}

impl Error for TypePatternError {}

impl FromStr for TypePattern {
    type Err = TypePatternError;

    /// Reads `type/subtype`. A pattern with parameters is refused, since none would be compared.
    fn from_str(text: &str) -> Result<TypePattern, TypePatternError> {
        let pattern: mime::Mime = text.trim().parse().map_err(|_| TypePatternError)?;
        // The crate takes `image/` for a type.
        if pattern.params().next().is_some() || pattern.essence_str().ends_with('/') {
            return Err(TypePatternError);
        }
        Ok(TypePattern(pattern))
    }
}

impl TypePattern {
    /// Whether `essence`, a `type/subtype` such as `ContentType::essence`, is one of those meant;
    /// letter case does not count.
    pub fn matches(&self, essence: &str) -> bool {
        let halves = self.0.essence_str().split('/').zip(essence.split('/'));
        essence.split('/').count() == 2
            && halves
                .into_iter()
                .all(|(meant, given)| meant == "*" || meant.eq_ignore_ascii_case(given))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_types() {
        let cases: &[(&str, &str, bool)] = &[
            ("text/plain", "text/plain", true),
            ("Text/PLAIN", "text/plain", true),
            ("text/plain", "text/html", false),
            ("image/*", "image/svg+xml", true),
            ("image/*", "text/plain", false),
            ("image/svg+xml", "image/svg+xml", true),
            ("image/svg", "image/svg+xml", false),
            ("*/*", "application/pdf", true),
            ("*/plain", "text/plain", true),
            ("*/*", "text", false),
        ];
        for &(pattern, essence, expected) in cases {
            let read: TypePattern = pattern.parse().expect(pattern);
            assert_eq!(read.matches(essence), expected, "{pattern} {essence}");
        }
        for pattern in
            ["", "image", "image/", "/png", "a/b/c", "text/plain; charset=utf-8", "im age/x"]
        {
            assert_eq!(pattern.parse::<TypePattern>(), Err(TypePatternError), "{pattern:?}");
        }
    }
}
