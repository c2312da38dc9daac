//! Fuzzes the laws of the charsets: see `septet_fuzz::charset`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::charset::check(data));
