//! Any words, one a line, as a command line.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let words = std::iter::once("drawsim").chain(text.lines());
    if let Err(message) = drawsim::cli::understand(words) {
        assert!(!message.contains(|letter: char| letter != '\n' && letter.is_control()));
    }
});
