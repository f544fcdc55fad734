//! The `drawsim` command: parse, call, print the error chain, exit code. No decision lives here.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: drawsim::Allocator = drawsim::Allocator;

fn main() -> ExitCode {
    drawsim::cli::main()
}
