//! Fuzzes the laws of message-ids: see `septet_fuzz::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::header::check_ids(data));
