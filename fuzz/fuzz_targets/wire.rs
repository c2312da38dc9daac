//! Fuzzes the laws of the wire: see `septet_fuzz::wire`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::wire::check(data));
