//! Fuzzes the laws of signatures: see `septet_fuzz::dkim`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::dkim::check(data));
