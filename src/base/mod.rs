//! What every other room stands on: spans, character classes, line ends, limits, and the one
//! table of rules that findings name.
//!
//! May use: nothing of this crate.

mod advice;
pub mod chars;
pub(crate) mod defang;
mod finding;
mod limits;
pub mod lines;
mod rules;
mod span;

pub use finding::{Finding, Fix, Severity, Shifted, Sink};
pub use limits::Limits;
pub(crate) use limits::{BOUNDARY, COMMENT_DEPTH, DELIMITER_LINE, LINE};
pub use lines::Eol;
pub use rules::{RULES, Rule, RuleInfo};
pub use span::Span;
