//! Fuzzes the laws of the way a message came: see `septet_fuzz::lint`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::lint::check_trace(data));
