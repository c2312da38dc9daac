//! Messages as records: which of them are meant.
//!
//! May use: base, charset, header, structure.

pub mod select;
