//! Fuzzes the laws of archives: see `septet_fuzz::archives`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::archives::check(data));
