//! Fuzzes the laws of the transfer codings: see `septet_fuzz::transfer`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::transfer::check(data));
