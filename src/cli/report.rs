//! `drawsim report`: the page of a result folder that is there already, and its charts as pictures.
//! What is on the page is the report's.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Quiet, print, shown_path};
use crate::cli::failure::Failure;
use crate::output::{NewFile, OutputError};
use crate::report::{self, REPORT, ReportError};
use crate::shown::counted;

/// Make report.html in a result folder: one page with charts that any browser opens from disk.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  drawsim report output/stem-2023-07-05")]
pub struct ReportArgs {
    /// The result folder; its report.html is made anew.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// Write each chart as an SVG file to this folder instead of the page.
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Accepted by every verb.
    #[command(flatten)]
    pub quiet: Quiet,
}

impl ReportArgs {
    /// Says what was written, unless nothing is to be said.
    fn say(&self, text: &str) -> Result<(), Failure> {
        if self.quiet.quiet {
            Ok(())
        } else {
            print(text)
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// A folder that is no result or cannot be written to (2), or a write that fails (1).
pub fn run(args: &ReportArgs) -> Result<(), Failure> {
    let Some(target) = &args.pictures else {
        let page = report::page(&args.folder)?;
        let path = args.folder.join(REPORT.name);
        write(&path, &page)?;
        return args.say(&format!("Report: {}\n", shown_path(&path)));
    };
    if target.exists() && !target.is_dir() {
        return Err(Failure::input(format!(
            "--pictures {}: it is a file; name a folder for the pictures",
            target.display()
        )));
    }
    let pictures = report::pictures(&args.folder)?;
    std::fs::create_dir_all(target)
        .map_err(|error| OutputError::io("create the folder", target, error))?;
    for (name, svg) in &pictures {
        write(&target.join(name), svg)?;
    }
    args.say(&format!(
        "{}: {}\n",
        counted(pictures.len() as u64, "picture"),
        shown_path(target)
    ))
}

fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let mut file = NewFile::create(path, true)?;
    file.append(text.as_bytes())?;
    Ok(file.finish()?)
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Failure::input(error)
    }
}
