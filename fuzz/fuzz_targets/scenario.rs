//! Any bytes as a scenario file: resolved with all policies, or refused with messages that no
//! terminal obeys.
#![no_main]

use std::path::Path;

use drawsim::scenario::{Overrides, Scenario};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = Scenario::from_bytes(bytes.to_vec(), Path::new("fuzz/none/scenario.toml"));
    if let Err(problems) = read.and_then(|scenario| scenario.policies(&Overrides::default())) {
        for text in [problems.plain(), problems.fancy(false)] {
            assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control()));
        }
    }
});
