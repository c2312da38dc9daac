//! The command: one file for each subcommand, its arguments beside what it does.
//!
//! May use: everything. Only `out` prints.

mod coding;
mod convert;
mod headers;
mod html;
mod input;
mod out;
mod part;
mod select;
