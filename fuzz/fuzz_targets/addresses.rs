//! Fuzzes the laws of address lists: see `septet_fuzz::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::header::check_addresses(data));
