//! Parameters (RFC 2045 §5.1, RFC 2231).
use super::{Context, Text};
use crate::base::Sink;

/// A parameterised field body: `value; name=value; …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameterised {
    /// What stands before the parameters, comments and white space removed, in lower case;
    /// empty if nothing does.
    pub value: String,
    /// The parameters, names in lower case and without sections or asterisks, in the order of their
    /// first appearance; of duplicates only the one that counts.
    pub params: Vec<Param>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in lower case.
    pub name: String,
    /// Its value, joined and decoded.
    pub value: Text,
}

impl Parameterised {
    /// The value of the parameter `name` (given in lower case).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|p| p.name == name).map(|p| p.value.text.as_str())
    }
}

/// Reads a parameterised field body.
pub fn parse<S: Sink>(raw: &[u8], context: &Context, sink: &mut S) -> Parameterised {
    let _ = (raw, context, sink);
    todo!()
}
