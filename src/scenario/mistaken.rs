//! What a file that is no scenario looks like, and which command takes it.
//! Only files that are no TOML by their first characters: the others are read.

/// What the file looks like by its beginning, and the way out; `None` for what may be TOML.
pub(super) fn mistaken(bytes: &[u8], path: &str) -> Option<String> {
    const BEGINNING: usize = 4_096;
    if bytes.starts_with(b"PAR1") {
        return Some(
            "a Parquet file, not a scenario; candidates are given with `--pool`, as in `drawsim run \
             SCENARIO.toml --pool FILE.parquet`"
                .to_owned(),
        );
    }
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING)]);
    let text = beginning.trim_start_matches('\u{feff}').trim_start();
    match text.chars().next()? {
        '{' if text.contains("\"program\": \"drawsim\"") => Some(format!(
            "the manifest of a result, not a scenario; `drawsim run {path}` runs it again"
        )),
        '{' => Some(
            "JSON, not a scenario, which is TOML; the published feed of rounds is for `drawsim history \
             import`"
                .to_owned(),
        ),
        '<' => Some("a web page, not a scenario, which is TOML".to_owned()),
        _ => table(text.lines().next().unwrap_or_default(), path),
    }
}

/// What a table with that first line is.
fn table(first: &str, path: &str) -> Option<String> {
    let separator = [',', ';', '\t']
        .into_iter()
        .find(|&separator| first.matches(separator).count() > 1)?;
    if first.starts_with(['#', '[']) || first.contains('=') {
        return None;
    }
    let columns: Vec<&str> = (first.split(separator))
        .map(|column| column.trim().trim_matches('"'))
        .collect();
    let has = |name: &str| columns.contains(&name);
    let what = if has("kind") && has("at_utc") || has("as_of") {
        "published rounds or pools, for `drawsim backtest --rounds FILE --snapshots FILE`"
            .to_owned()
    } else if has("scenario") || has("metric") || has("base") && has("other") {
        "a table of a result folder; `drawsim report` makes a page of the folder, and its \
         manifest.json has the scenario"
            .to_owned()
    } else if has("candidate_id") || has("age") && has("education") {
        format!(
            "candidates; `drawsim run SCENARIO.toml --pool {path}` holds rounds on them, and `drawsim \
             score {path} --out FILE.csv` adds their points"
        )
    } else {
        "a table; a scenario is TOML, and `drawsim new` writes one to begin with".to_owned()
    };
    Some(format!("CSV, not a scenario: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_scenario_is_read_as_one() {
        for text in [
            "",
            "# one, two, three\nname = \"a\"\n",
            "[pool]\n",
            "pool = { as_of = 2023-07-04, size = 1, bands = \"none\" }\n",
            "name\n",
            "\u{feff}name = \"a, b, c\"\n",
        ] {
            assert_eq!(mistaken(text.as_bytes(), "a.toml"), None, "{text:?}");
        }
    }
}
