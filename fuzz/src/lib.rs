//! What the targets share: bytes as a candidate file.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use drawsim::interchange::read_pool;
use drawsim::observe::Silent;
use drawsim::rules::{Rules, RulesPatch};

static PLACE: OnceLock<(PathBuf, Rules)> = OnceLock::new();

/// Reads bytes as a candidate file; the reader takes paths, so they stand in memory as a file.
///
/// # Panics
/// When the reader does, or a message holds what a terminal would obey.
pub fn read_candidates(bytes: &[u8], extension: &str) {
    let (path, rules) = PLACE.get_or_init(|| {
        // The Parquet reader catches panics of its library; libFuzzer's hook would end the process
        // at them. One that comes through still ends it.
        std::panic::set_hook(Box::new(|_| {}));
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let name = format!("drawsim-fuzz-{}.{extension}", std::process::id());
        let date = "2023-07-04".parse().expect("a date");
        let rules = Rules::on(date, &[], &RulesPatch::default()).expect("rules of that date");
        (folder.join(name), rules)
    });
    fs::write(path, bytes).expect("the file can be written");
    match read_pool(path, rules, &Silent) {
        // Every candidate has a name of its own; Parquet can hold such names in few bytes.
        Ok(read) => assert!(extension == "parquet" || read.pool.len() <= bytes.len()),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control()));
        }
    }
}
