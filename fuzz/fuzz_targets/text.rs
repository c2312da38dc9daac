//! Fuzzes the laws of format=flowed and text/enriched: see `septet_fuzz::text`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::text::check(data));
