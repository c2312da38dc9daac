//! The `septet` command.
fn main() {}
