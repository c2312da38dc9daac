//! Fuzzes the laws of comparing: see `septet_fuzz::diff`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::diff::check(data));
