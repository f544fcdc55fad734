//! The README holds what the program says: figures, tables, scenarios and verbs cannot drift.
//! `README_UPDATE=1 cargo test --test readme` writes the blocks between the markers anew.

#[allow(dead_code)]
mod support;

use std::path::{Path, PathBuf};

use drawsim::history;
use drawsim::output::describe;
use drawsim::rules::{categories, grid};
use drawsim::scenario::{self, Scenario};
use serde_json::Value;
use support::{Place, rows};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn readme() -> String {
    std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap()
}

/// The block `name` of the README is `text`.
fn holds(name: &str, text: &str) {
    let (begin, end) = (
        format!("<!-- {name}:begin -->\n"),
        format!("<!-- {name}:end -->"),
    );
    let readme = readme();
    let from = readme
        .find(&begin)
        .unwrap_or_else(|| panic!("{begin} is missing"))
        + begin.len();
    let to = from
        + readme[from..]
            .find(&end)
            .unwrap_or_else(|| panic!("{end} is missing"));
    if &readme[from..to] == text {
        return;
    }
    assert!(
        std::env::var_os("README_UPDATE").is_some(),
        "block {name} of README.md should be:\n{text}\nREADME_UPDATE=1 cargo test --test readme writes it"
    );
    let anew = format!("{}{text}{}", &readme[..from], &readme[to..]);
    std::fs::write(Path::new(ROOT).join("README.md"), anew).unwrap();
}

/// Every scenario file, seen from the root.
fn files() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for folder in ["scenarios", "scenarios/policies"] {
        for entry in std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
            let path = Path::new(folder).join(entry.unwrap().file_name());
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

fn cells(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// What the first command prints, letter for letter.
fn first_command() -> String {
    let place = Place::new();
    let ran = place.drawsim_with(
        &[
            "run",
            "scenarios/stem-2023-07-05.toml",
            "--quiet",
            "--out",
            &place.path("o").display().to_string(),
        ],
        |command| {
            command.current_dir(ROOT);
        },
    );
    let folder = place.path("o").display().to_string();
    format!("```text\n{}```\n", ran.printed().replace(&folder, "output"))
}

fn scenarios() -> String {
    let rows: Vec<Vec<String>> = files()
        .iter()
        .map(|path| {
            let plan = Scenario::from_path(Path::new(ROOT).join(path))
                .and_then(|scenario| scenario.resolve())
                .unwrap();
            vec![format!("`{}`", path.display()), plan.description]
        })
        .collect();
    describe::markdown(&["file", "what it is"], &rows)
}

/// Simulated and published cut-off scores of all published rounds of the shipped scenarios.
fn against_published() -> String {
    let place = Place::new();
    let mut table = Vec::new();
    for path in files() {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !stem.contains("-2023") {
            continue;
        }
        let from = Path::new(ROOT).join(&path).display().to_string();
        place.drawsim(&["run", &from, "--quiet"]).printed();
        let held = rows(&place.path("output").join(&stem).join("rounds.csv"));
        let last = held.len() - 1;
        for (place_in_file, row) in held.iter().enumerate() {
            if place_in_file != last && stem != "first-categories-2023" {
                continue;
            }
            let round = history::rounds()
                .iter()
                .find(|round| round.number == row["round"])
                .unwrap();
            let ours: i64 = row["cutoff_score"].parse().unwrap();
            let theirs = i64::from(round.cutoff.0);
            table.push(cells(&[
                &stem,
                &row["round"],
                &row["type"],
                &row["invitations"],
                &ours.to_string(),
                &theirs.to_string(),
                &format!("{:+}", ours - theirs),
            ]));
        }
    }
    let header = [
        "scenario",
        "round",
        "type",
        "invitations",
        "simulated",
        "published",
        "difference",
    ];
    describe::markdown(&header, &table)
}

/// Simulated and published cut-off scores of the rounds of 2024, by type.
fn year_2024() -> String {
    let place = Place::new();
    let from = Path::new(ROOT).join("scenarios/year-2024.toml");
    let from = from.display().to_string();
    place.drawsim(&["run", &from, "--quiet"]).printed();
    let mut types: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for row in rows(&place.path("output/year-2024/rounds.csv")) {
        let round = history::rounds()
            .iter()
            .find(|round| round.number == row["round"])
            .unwrap();
        let ours: f64 = row["cutoff_score"].parse().unwrap();
        let pair = (ours, f64::from(round.cutoff.0));
        match types.iter_mut().find(|(name, _)| *name == row["type"]) {
            Some((_, pairs)) => pairs.push(pair),
            None => types.push((row["type"].clone(), vec![pair])),
        }
    }
    let table: Vec<Vec<String>> = types
        .iter()
        .map(|(name, pairs)| {
            let number = pairs.len() as f64;
            let mean =
                |value: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / number;
            let gap = |pair: &(f64, f64)| (pair.0 - pair.1).abs();
            let largest = pairs.iter().map(gap).fold(0.0, f64::max);
            cells(&[
                name,
                &pairs.len().to_string(),
                &format!("{:.0}", mean(&|pair| pair.0)),
                &format!("{:.0}", mean(&|pair| pair.1)),
                &format!("{:+.0}", mean(&|pair| pair.0 - pair.1)),
                &format!("{:.0}", mean(&gap)),
                &format!("{largest:.0}"),
            ])
        })
        .collect();
    let header = [
        "type",
        "rounds",
        "simulated",
        "published",
        "difference",
        "mean absolute",
        "largest",
    ];
    describe::markdown(&header, &table)
}

/// The program that uses the library.
fn library() -> String {
    let path = Path::new(ROOT).join("examples/five_lines.rs");
    format!("```rust\n{}```\n", std::fs::read_to_string(path).unwrap())
}

/// How far the data go that come with the program.
fn reach() -> String {
    let (round, pool) = (history::rounds().last(), history::snapshots().last());
    let (round, pool) = (round.unwrap(), pool.unwrap());
    let last = grid::UNTIL.yesterday().unwrap();
    format!(
        "The data that come with the program: {} published rounds up to round {} of {}, {} published \
         pools up to the one of {}, the rules from {} to {last}.\n",
        history::rounds().len(),
        round.number,
        round.at.date(),
        history::snapshots().len(),
        pool.as_of,
        grid::FROM,
    )
}

/// Every version of every category.
fn categories_table() -> String {
    let rows: Vec<Vec<String>> = categories::all()
        .iter()
        .map(|category| {
            let until = category.until.map(|date| date.yesterday().unwrap());
            let until = until.map_or("still".to_owned(), |date| date.to_string());
            cells(&[
                &format!("`{}`", category.name),
                &format!("`{}`", category.version),
                &category.from.to_string(),
                &until,
                &category.label,
            ])
        })
        .collect();
    let header = [
        "`type`",
        "`version`",
        "in force from",
        "to",
        "name in tables",
    ];
    describe::markdown(&header, &rows)
}

/// A table of bands as the table of keys shows it.
const BANDS: &str = "{ \"601-1200\" = 100, \"501-600\" = 900, \"0-500\" = 99_000 }";

/// The values that a key of that name takes, where they are few.
fn accepted(schema: &Value, key: &str) -> String {
    let named = |value: &Value| value["const"].as_str().map(|name| format!("`\"{name}\"`"));
    let choices = |schema: &Value| -> Vec<String> {
        let list = schema["oneOf"].as_array();
        list.into_iter().flatten().filter_map(named).collect()
    };
    let mut values = choices(schema);
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        values.extend(choices(choice));
    }
    if key == "bands" {
        values.push(format!(
            "or a table such as `{BANDS}`, whose bands cover 0 to 1200 without gaps"
        ));
    }
    values.join(", ")
}

/// Every key of a scenario file, from its schema.
fn keys() -> String {
    let schema = scenario::schema();
    let mut table = Vec::new();
    walk(schema, schema, "", &mut table, 0);
    describe::markdown(&["key", "required", "default", "meaning"], &table)
}

fn walk(root: &Value, node: &Value, prefix: &str, table: &mut Vec<Vec<String>>, depth: usize) {
    let Some(properties) = node.get("properties").and_then(Value::as_object) else {
        return;
    };
    assert!(depth < 8, "a schema within itself at {prefix}");
    let required: Vec<&str> = node["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    for (name, key) in properties {
        let inner = target(root, key);
        let text = key.get("description").or_else(|| inner.get("description"));
        let text = text
            .and_then(Value::as_str)
            .unwrap_or_default()
            .replace('\n', " ");
        let values = accepted(inner, name);
        let text = match (name.as_str(), values.is_empty()) {
            ("type", _) => format!(
                "{text} The [categories](#categories-and-their-versions) stand in a table of their own."
            ),
            (_, true) => text,
            (_, false) => format!("{text} Accepted: {values}."),
        };
        let default = match key.get("default") {
            None => String::new(),
            Some(Value::String(word)) => format!("`\"{word}\"`"),
            Some(value) => format!("`{value}`"),
        };
        let list = inner.get("items");
        let brackets = if list.is_some_and(|items| target(root, items).get("properties").is_some())
        {
            "[]"
        } else {
            ""
        };
        let path = format!("{prefix}{name}{brackets}");
        let needed = if required.contains(&name.as_str()) {
            "yes"
        } else {
            ""
        };
        table.push(vec![format!("`{path}`"), needed.to_owned(), default, text]);
        let below = list.map_or(inner, |items| target(root, items));
        walk(root, below, &format!("{path}."), table, depth + 1);
    }
}

/// The schema that a key's schema refers to, or itself.
fn target<'a>(root: &'a Value, key: &'a Value) -> &'a Value {
    let reference = key.get("$ref").or_else(|| {
        let choices = key.get("anyOf").and_then(Value::as_array)?;
        choices.iter().find_map(|choice| choice.get("$ref"))
    });
    match reference.and_then(Value::as_str) {
        Some(path) => root.pointer(path.trim_start_matches('#')).unwrap_or(key),
        None => key,
    }
}

#[test]
fn every_block_of_the_readme_is_what_the_program_says() {
    holds("first-command", &first_command());
    holds("scenarios", &scenarios());
    holds("against-published", &against_published());
    holds("year-2024", &year_2024());
    holds("reach", &reach());
    holds("keys", &keys());
    holds("categories", &categories_table());
    holds("outputs", &describe::outputs());
    holds("library", &library());
}

#[test]
fn every_verb_and_every_profile_is_named_in_the_readme() {
    let text = readme();
    let place = Place::new();
    let ran = place.drawsim(&["--help"]);
    let verbs = ran
        .printed()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1);
    for line in verbs.take_while(|line| !line.is_empty()) {
        let verb = line.split_whitespace().next().unwrap();
        if !line.starts_with("   ") && verb != "help" {
            assert!(text.contains(&format!("`drawsim {verb}")), "{verb}");
        }
    }
    for name in drawsim::synthesis::Profile::names() {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn the_scenario_shown_in_the_readme_is_in_order() {
    let text = readme();
    let from = text.find("```toml\n").unwrap() + "```toml\n".len();
    let to = from + text[from..].find("```").unwrap();
    let scenario = Scenario::from_bytes(text[from..to].into(), Path::new("README.toml"));
    scenario.and_then(|scenario| scenario.resolve()).unwrap();
}

#[test]
fn the_table_of_bands_shown_with_the_keys_is_taken_for_pools_and_arrivals() {
    let text = format!(
        "name = \"bands\"\n[pool]\nas_of = 2024-01-01\nbands = {BANDS}\n\
         [timeline]\nend = 2024-03-01\n[timeline.arrivals]\nper_day = 1\nbands = {BANDS}\n\
         [[rounds]]\nat = 2024-02-01T00:00:00Z\ntype = \"general\"\ninvitations = 5\n"
    );
    let scenario = Scenario::from_bytes(text.into(), Path::new("bands.toml"));
    scenario.and_then(|scenario| scenario.resolve()).unwrap();
}
