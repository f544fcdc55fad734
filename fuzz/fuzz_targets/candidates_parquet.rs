//! Any bytes as a candidate file in Parquet.
#![no_main]

use drawsim_fuzz::{let_guarded_panics_pass, read_candidates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: let_guarded_panics_pass(), |bytes: &[u8]| read_candidates(bytes, "parquet"));
