//! Any bytes as a candidate file in CSV.
#![no_main]

use drawsim_fuzz::read_candidates;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| read_candidates(bytes, "csv"));
