//! Fuzzes the laws of Received: see `septet_fuzz::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::header::check_received(data));
