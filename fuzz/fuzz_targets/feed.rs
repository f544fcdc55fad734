//! Any bytes as the feed of published rounds.
#![no_main]

use drawsim::history::feed::import;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(imported) = import(bytes) {
        for finding in &imported.findings {
            assert!(!finding.to_string().contains(char::is_control));
        }
    }
});
