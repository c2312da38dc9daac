//! Fuzzes the laws of the tokens of a walk: see `septet_fuzz::walk`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::walk::check(data));
