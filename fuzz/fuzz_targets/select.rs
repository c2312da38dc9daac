//! Fuzzes the laws of conditions: see `septet_fuzz::record`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::record::check_select(data));
