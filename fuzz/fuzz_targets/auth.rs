//! Fuzzes the laws of what servers write about a message: see `septet_fuzz::auth`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::auth::check(data));
