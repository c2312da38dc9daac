//! Fuzzes the laws of writing fields: see `septet_fuzz::write`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::write::check(data));
