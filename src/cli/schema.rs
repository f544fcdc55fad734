//! `drawsim schema scenario`: prints the JSON Schema of scenario files.
//! What the schema says is the scenario's.

use std::io::{self, Write};

use crate::scenario;

/// Prints the JSON Schema of scenario files.
///
/// # Errors
/// When `out` refuses it.
pub fn print_scenario_schema(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:#}", scenario::schema())
}
