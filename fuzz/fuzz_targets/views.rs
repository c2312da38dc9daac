//! Fuzzes the laws of other readings: see `septet_fuzz::lint`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::lint::check_views(data));
