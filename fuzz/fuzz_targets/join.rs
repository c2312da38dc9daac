//! Fuzzes the laws of fragments: see `septet_fuzz::join`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::join::check(data));
