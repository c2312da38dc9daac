//! Fuzzes the laws of the structure that is built from them: see `septet_fuzz::structure`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::structure::check(data));
