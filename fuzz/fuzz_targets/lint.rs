//! Fuzzes the laws of the linter: see `septet_fuzz::lint`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::lint::check(data));
