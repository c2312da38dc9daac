//! Which rules a decoder has reported already: each is worth one finding a body.

use crate::base::{Rule, Sink, Span};

/// A set of the rules of family E, from E030 on: those that decoders report.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reported(u32);

impl Reported {
    /// Whether `rule` is still worth looking for.
    #[inline]
    pub(super) fn wants<S: Sink>(self, rule: Rule) -> bool {
        S::LISTENING && self.0 & bit(rule) == 0
    }

    /// Reports the first place where `rule` is broken, and no other.
    #[inline]
    pub(super) fn report<S: Sink>(&mut self, rule: Rule, span: Span, sink: &mut S) {
        if self.wants::<S>(rule) {
            self.0 |= bit(rule);
            sink.report(rule, span);
        }
    }
}

const fn bit(rule: Rule) -> u32 {
    1 << (rule as u32 - Rule::E030 as u32)
}

// Every rule that is reported here has a bit of its own.
const _: () = assert!(Rule::E061 as u32 - (Rule::E030 as u32) < u32::BITS);
