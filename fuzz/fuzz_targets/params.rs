//! Fuzzes the laws of parameters and what is written with them: see `septet_fuzz::header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| septet_fuzz::header::check_params(data));
