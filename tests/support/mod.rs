//! A temporary folder in which the real binary runs, and what is left there afterwards.
//! No test lives here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use assert_cmd::Command;

/// A scenario of 5,000 candidates that is drawn in a moment.
pub const SMALL: &str = r#"
name = "small"
title = "A small pool"
seed = 7

[pool]
as_of = 2023-07-04
size = 5_000
bands = "none"

[[rounds]]
at = 2023-07-05T13:00:00Z
type = "general"
invitations = 100

[[rounds]]
at = 2023-07-06T13:00:00Z
type = "stem"
invitations = 200
"#;

/// A year with everything that happens along a timeline, of a few thousand candidates.
pub const SMALL_YEAR: &str = r#"
name = "small-year"
title = "A small year"
seed = 3

[pool]
as_of = 2024-01-09
size = 3_000
bands = "none"

[timeline]
end = 2024-12-20
withdrawals_per_year = 0.4
answers = { accept = 0.5, decline = 0.3 }

[timeline.changes]
birthdays = true
work_in_canada = 0.8
language_per_year = 0.5
nomination_per_year = 0.1

[timeline.arrivals]
per_day = 10

[[schedule]]
every = "3 weeks"
weekday = "wednesday"
turns = [
  { type = "general", invitations = 60 },
  { type = "french", invitations = 40 },
  { type = "cec", invitations = 50 },
]
"#;

/// Has the C library of Linux calculate as on a processor without fused products: its logarithms and
/// exponentials then round otherwise.
pub const OTHER_PROCESSOR: (&str, &str) = ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA");

/// A folder of its own for one test.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Place {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("the file can be written");
        path
    }

    /// The binary, run in this folder.
    pub fn drawsim(&self, args: &[&str]) -> Ran {
        self.drawsim_with(args, |_| {})
    }

    /// The binary, run in this folder, with changes to how it is started.
    pub fn drawsim_with(&self, args: &[&str], change: impl FnOnce(&mut Command)) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drawsim"));
        command.current_dir(self.folder.path()).args(args);
        change(&mut command);
        Ran::of(&command.output().expect("the binary starts"))
    }

    /// The binary, started in this folder with the words of a line; it goes on by itself.
    pub fn start(&self, line: &str) -> Child {
        std::process::Command::new(env!("CARGO_BIN_EXE_drawsim"))
            .current_dir(self.folder.path())
            .args(line.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts")
    }

    /// Names of all that lies in this folder, hidden files included.
    pub fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

/// What a run gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Ran {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The run was refused with this exit code, printed no result and said all of `parts`.
    #[track_caller]
    pub fn refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "a refused run prints no result");
        self.said(parts);
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
    }

    /// All of `parts` stand on stderr.
    #[track_caller]
    pub fn said(&self, parts: &[&str]) {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "`{part}` is missing in\n{}",
                self.stderr
            );
        }
    }

    /// The run went well and said nothing on stderr; what it printed.
    #[track_caller]
    pub fn printed(&self) -> &str {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (Some(0), ""),
            "{self:#?}"
        );
        &self.stdout
    }
}

/// Names of all that lies in a folder, hidden files included, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

/// Every file of a result folder by name, without the wall time of the manifest.
pub fn result(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder)
        .into_iter()
        .map(|name| {
            let mut bytes = fs::read(folder.join(&name)).expect("the file can be read");
            if name == "manifest.json" {
                let mut json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
                let keys = json.as_object_mut().expect("an object");
                keys.shift_remove("wall_time_seconds").expect("a wall time");
                bytes = json.to_string().into_bytes();
            }
            (name, bytes)
        })
        .collect()
}

/// The rows of a table as maps from column to cell.
pub fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("the table is there");
    reader
        .deserialize()
        .map(|row| row.expect("a row in order"))
        .collect()
}
