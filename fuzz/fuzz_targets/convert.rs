//! Fuzzes the laws of the conversion: see `septet_fuzz::convert`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::convert::check(data));
