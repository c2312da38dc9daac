//! Fuzzes the laws of what fields say: see `septet_fuzz::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::header::check(data));
