//! Which program this is: results are the same bytes only where all roles are the same build.
//! What is compared with it lives in `wire`.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::error::ClusterError;

/// A build of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    version: String,
    /// Fingerprint of the program's file.
    file: String,
}

impl Program {
    /// This program, as its file was when this was asked first.
    ///
    /// # Errors
    /// When the program cannot read its own file.
    pub fn this() -> Result<&'static Program, ClusterError> {
        static THIS: OnceLock<Program> = OnceLock::new();
        if let Some(this) = THIS.get() {
            return Ok(this);
        }
        let failed = |error| ClusterError::io("cannot read the program's own file", error);
        let mut file = std::env::current_exe()
            .and_then(File::open)
            .map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let this = Program {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            file: fingerprint(&bytes),
        };
        Ok(THIS.get_or_init(|| this))
    }
}

/// What tells the files of two builds apart. Nobody is kept out by it, and a program of hundreds of
/// megabytes is looked through in a moment, which a hash that nobody can forge is not.
fn fingerprint(bytes: &[u8]) -> String {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut lanes = [bytes.len() as u64; 4];
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut last = [0; 32];
    last[..rest.len()].copy_from_slice(rest);
    for block in blocks.iter().chain([&last]) {
        for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
            let mixed = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
            *lane = mixed ^ (mixed >> 29);
        }
    }
    lanes.map(|lane| format!("{lane:016x}")).concat()
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build: String = self.file.chars().take(8).collect();
        write!(f, "drawsim {} (build {build})", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_byte_makes_another_program_wherever_it_stands() {
        let file = vec![7; 100];
        let known = fingerprint(&file);
        for place in 0..file.len() {
            let mut other = file.clone();
            other[place] ^= 1;
            assert_ne!(fingerprint(&other), known, "{place}");
        }
        assert_ne!(fingerprint(&file[..99]), known);
        assert_ne!(fingerprint(&[&file[..], &[0]].concat()), known);
    }
}
