//! A message and its transport: what it needs on the wire, and the form it takes there.

pub mod stuffing;
pub mod transport;
