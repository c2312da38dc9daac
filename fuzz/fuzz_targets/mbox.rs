//! Fuzzes the laws of mailboxes: see `septet_fuzz::mbox`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::mbox::check(data));
