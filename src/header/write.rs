//! stub
#![allow(missing_docs)]
use super::Context;
use crate::transfer;
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    pub line_end: transfer::LineEnd,
    pub declared: Option<&'a str>,
    pub charset: Option<&'a str>,
}
pub enum Outcome {
    Clean,
    Rewritten(Rewritten),
    Refused(Refusal),
}
pub struct Rewritten {
    pub octets: Vec<u8>,
    pub reason: Reason,
    pub to: &'static str,
    pub lossy: bool,
}
pub enum Reason {
    EightBit,
}
impl Reason {
    pub fn text(self) -> &'static str {
        "x"
    }
}
pub struct Refusal {
    pub reason: &'static str,
    pub detail: Option<String>,
}
pub fn rewrite(field: &[u8], _: &Context, _: &Style<'_>) -> Outcome {
    if field.is_ascii() {
        Outcome::Clean
    } else {
        Outcome::Refused(Refusal { reason: "stub", detail: None })
    }
}
