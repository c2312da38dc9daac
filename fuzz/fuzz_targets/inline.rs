//! Fuzzes the laws of uuencode and yEnc inside a text: see `septet_fuzz::inline`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::inline::check_inline(data));
