//! What the targets share: bytes as a candidate file.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use drawsim::interchange::{memory_to_read, read_pool};
use drawsim::observe::Silent;
use drawsim::output::parquet_file::is_guarded;
use drawsim::rules::{Rules, RulesPatch};

/// Memory that a candidate file may take here.
const MOST: u64 = 1 << 28;

static PLACE: OnceLock<(PathBuf, Rules)> = OnceLock::new();

/// The Parquet library panics at some damaged files, which the reader makes an error of: libFuzzer's
/// hook, which ends the program at the first panic, is asked about others alone.
pub fn let_guarded_panics_pass() {
    let ending = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_guarded() {
            ending(panic);
        }
    }));
}

/// Reads bytes as a candidate file; the reader takes paths, so they stand in memory as a file.
///
/// # Panics
/// When the reader does, or a message holds what a terminal would obey.
pub fn read_candidates(bytes: &[u8], extension: &str) {
    let (path, rules) = PLACE.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let name = format!("drawsim-fuzz-{}.{extension}", std::process::id());
        let date = "2023-07-04".parse().expect("a date");
        let rules = Rules::on(date, &[], &RulesPatch::default()).expect("rules of that date");
        (folder.join(name), rules)
    });
    fs::write(path, bytes).expect("the file can be written");
    // More than there is would be refused here, so that whether it is does not hang on the machine.
    if memory_to_read(path).is_ok_and(|needed| needed > MOST) {
        return;
    }
    match read_pool(path, rules, &Silent) {
        // Every candidate has a name of its own; Parquet can hold such names in few bytes.
        Ok(read) => assert!(extension == "parquet" || read.pool.len() <= bytes.len()),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control()));
        }
    }
}
