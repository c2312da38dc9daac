//! Fuzzes the laws of file names: see `septet_fuzz::names`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::names::check(data));
