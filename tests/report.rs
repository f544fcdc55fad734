//! The page of a result folder: what stands in it, that it says what the tables say, and how the
//! command refuses. How it looks in a browser is tested in `tests/browser`.

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::{Place, SMALL, SMALL_YEAR, rows};

/// A figure as the page has it.
#[derive(Debug)]
struct Figure {
    id: String,
    title: String,
    across: String,
    drawings: Vec<String>,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The texts between `<tag ...>` and `</tag>`, tags within them left out.
fn texts(html: &str, tag: &str) -> Vec<String> {
    html.split(&format!("<{tag}"))
        .skip(1)
        .filter(|part| part.starts_with(['>', ' ']))
        .map(|part| {
            let inner = &part[part.find('>').unwrap() + 1..];
            let inner = &inner[..inner.find(&format!("</{tag}>")).unwrap()];
            let mut text = String::new();
            let mut within = false;
            for letter in inner.chars() {
                match letter {
                    '<' => within = true,
                    '>' => within = false,
                    other if !within => text.push(other),
                    _ => {}
                }
            }
            text
        })
        .collect()
}

fn attribute<'a>(html: &'a str, name: &str) -> &'a str {
    let lead = format!("{name}=\"");
    let from = html
        .find(&lead)
        .unwrap_or_else(|| panic!("no {name} in {html:.200}"))
        + lead.len();
    &html[from..from + html[from..].find('"').unwrap()]
}

fn figures(page: &str) -> Vec<Figure> {
    page.split("<figure ")
        .skip(1)
        .map(|part| {
            let html = &part[..part.find("</figure>").unwrap()];
            let table = &html[html.find("<table>").expect("a table")..];
            let body = &table[table.find("<tbody>").unwrap()..];
            Figure {
                id: attribute(html, "id").to_owned(),
                title: texts(html, "h3").remove(0),
                across: texts(
                    &html[html.find("axis across").expect("an axis") - 10..],
                    "p",
                )
                .remove(0),
                drawings: html
                    .split("<svg width=\"100%\"")
                    .skip(1)
                    .filter(|svg| svg[..svg.find('>').unwrap()].contains("role=\"img\""))
                    .map(str::to_owned)
                    .collect(),
                heads: texts(&table[..table.find("</thead>").unwrap()], "th"),
                rows: body
                    .split("<tr>")
                    .skip(1)
                    .map(|row| {
                        let mut cells = texts(row, "th");
                        cells.extend(texts(row, "td"));
                        cells
                    })
                    .collect(),
            }
        })
        .collect()
}

/// A number of a cell, without separators.
fn number(cell: &str) -> f64 {
    let plain = cell.replace([',', '%', '+'], "").replace('\u{2212}', "-");
    plain
        .parse()
        .unwrap_or_else(|_| panic!("`{cell}` is no number"))
}

fn page(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("report.html")).expect("the report is there")
}

/// The page of a small run with these arguments, and its folder.
fn ran(place: &Place, args: &[&str]) -> String {
    place.file("small.toml", SMALL);
    place
        .drawsim(&[&["run", "small.toml", "--quiet", "--force"], args].concat())
        .printed();
    page(&place.path("output/small"))
}

#[track_caller]
fn is_well_formed(page: &str) {
    let figures = figures(page);
    assert!(!figures.is_empty());
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for part in page.split(" id=\"").skip(1) {
        *ids.entry(&part[..part.find('"').unwrap()]).or_default() += 1;
    }
    assert!(ids.values().all(|&count| count == 1), "{ids:?}");
    for figure in &figures {
        assert!(
            !figure.title.is_empty() && !figure.across.is_empty(),
            "{figure:?}"
        );
        assert!(
            !figure.drawings.is_empty() && !figure.rows.is_empty(),
            "{}",
            figure.id
        );
        for drawing in &figure.drawings {
            let said = attribute(drawing, "aria-label");
            assert!(
                said.contains("Across: ") && said.contains("Down: "),
                "{said}"
            );
        }
        for row in &figure.rows {
            assert_eq!(row.len(), figure.heads.len(), "{} {row:?}", figure.id);
        }
    }
    for forbidden in [
        "http:",
        "https:",
        "@import",
        "url(",
        "src=",
        "<link rel=\"stylesheet",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for part in page.split("href=\"").skip(1) {
        let target = &part[..part.find('"').unwrap()];
        let known = target
            .strip_prefix('#')
            .is_some_and(|id| ids.contains_key(id));
        assert!(known || target == "data:,", "{target}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf%"));
}

#[test]
fn every_chart_has_title_axes_and_table_and_the_page_needs_no_network() {
    let place = Place::new();
    is_well_formed(&ran(&place, &[]));
    is_well_formed(&ran(&place, &["--replicates", "4"]));
    is_well_formed(&ran(&place, &["--replicates", "3", "--all-replicates"]));
}

#[test]
fn the_tables_of_the_charts_hold_the_numbers_of_the_csvs() {
    let place = Place::new();
    let figures = figures(&ran(&place, &[]));
    let figure = |id: &str| figures.iter().find(|figure| figure.id == id).unwrap();
    let folder = place.path("output/small");
    let distribution = rows(&folder.join("distribution.csv"));
    let counted = |round: &str, stage: &str, dimension: &str| -> Vec<f64> {
        let rows = distribution.iter().filter(|row| {
            row["round"] == round && row["stage"] == stage && row["dimension"] == dimension
        });
        rows.map(|row| row["count"].parse().unwrap()).collect()
    };
    let column = |figure: &Figure, place: usize| -> Vec<f64> {
        figure.rows.iter().map(|row| number(&row[place])).collect()
    };
    for round in ["1", "2"] {
        for (id, dimension, before, invited) in [
            ("bands", "score_band", 1, 2),
            ("by-education", "education", 1, 3),
            ("by-category", "category", 1, 3),
            ("by-age-band", "age_band", 1, 3),
        ] {
            let figure = figure(&format!("round-{round}-{id}"));
            assert_eq!(
                column(figure, before),
                counted(round, "pool_before", dimension),
                "{id}"
            );
            assert_eq!(
                column(figure, invited),
                counted(round, "invited", dimension),
                "{id}"
            );
        }
    }
    let held = rows(&folder.join("rounds.csv"));
    let cutoffs = figure("cutoffs");
    for (row, shown) in held.iter().zip(&cutoffs.rows) {
        assert_eq!(shown[0], row["round"]);
        assert_eq!(shown[4], row["cutoff_score"]);
    }
    let scores = rows(&folder.join("scores.csv"));
    for round in &held {
        let near = figure(&format!("round-{}-cutoff", round["round"]));
        let tied = near
            .rows
            .iter()
            .find(|row| row[0] == round["cutoff_score"])
            .unwrap();
        assert_eq!(number(&tied[1]).to_string(), round["tied_at_cutoff"]);
        assert_eq!(number(&tied[2]).to_string(), round["tied_invited"]);
        let bins = figure(&format!("round-{}-scores", round["round"]));
        let pool = scores
            .iter()
            .filter(|row| row["round"] == round["round"] && row["dimension"] == "pool");
        let sum = |column: &str| {
            pool.clone()
                .map(|row| row[column].parse::<f64>().unwrap())
                .sum::<f64>()
        };
        assert_eq!(column(bins, 1).iter().sum::<f64>(), sum("pool_before"));
        assert_eq!(column(bins, 2).iter().sum::<f64>(), sum("pool_after"));
        assert_eq!(sum("pool_before").to_string(), round["pool_size"]);
        assert_eq!(sum("invited").to_string(), round["invited"]);
    }
}

#[test]
fn tables_of_many_rounds_on_a_changing_pool_hold_means_and_shares_of_sums() {
    let place = Place::new();
    // Transport is no category from 2025-02-27 on, and education is one.
    let changing = SMALL_YEAR
        .replace("small-year", "changing")
        .replace("2024-12-20", "2025-09-10")
        .replace("2024-01-09", "2024-10-01");
    for (name, text) in [("small-year", SMALL_YEAR), ("changing", &changing)] {
        place.file("year.toml", text);
        place.drawsim(&["run", "year.toml", "--quiet"]).printed();
        let page = page(&place.path("output").join(name));
        let note = "A category counts over the rounds in which it was in force";
        assert_eq!(page.contains(note), name == "changing");
    }
    for name in ["small-year", "changing"] {
        tables_hold_means(&place.path("output").join(name));
    }
}

fn tables_hold_means(folder: &Path) {
    let figures = figures(&page(folder));
    let rounds = rows(&folder.join("rounds.csv"));
    let distribution = rows(&folder.join("distribution.csv"));
    let sums = |stage: &str, dimension: &str, rounds: &[String]| -> Vec<(String, f64)> {
        let mut sums: Vec<(String, f64)> = Vec::new();
        for row in &distribution {
            let is_of_stage = row["stage"] == stage && row["dimension"] == dimension;
            if !is_of_stage || !rounds.contains(&row["round"]) {
                continue;
            }
            let count: f64 = row["count"].parse().unwrap();
            match sums.iter_mut().find(|known| known.0 == row["value"]) {
                Some(known) => known.1 += count,
                None => sums.push((row["value"].clone(), count)),
            }
        }
        sums
    };
    let labels: Vec<String> = rounds.iter().map(|row| row["round"].clone()).collect();
    let all = |stage: &str, rounds: &[String]| -> f64 {
        let sums = sums(stage, "score_band", rounds).into_iter();
        sums.map(|(_, sum)| sum).sum()
    };
    let rounds = labels.len() as f64;
    assert!(rounds > 10.0 && all("invited", &labels) > 0.0);
    for (id, dimension) in [
        ("all-by-category", "category"),
        ("all-by-education", "education"),
        ("all-by-first-language", "first_language"),
        ("all-by-age-band", "age_band"),
        ("all-by-occupation-group", "occupation_group"),
    ] {
        let figure = figures.iter().find(|figure| figure.id == id).unwrap();
        let before = sums("pool_before", dimension, &labels);
        let invited = sums("invited", dimension, &labels);
        assert_eq!(figure.rows.len(), before.len(), "{id}");
        for (place, shown) in figure.rows.iter().enumerate() {
            // A category is one while it is in force.
            let value = &before[place].0;
            let has_it = |round: &&String| {
                let of_value = |row: &&BTreeMap<String, String>| {
                    row["dimension"] == dimension && row["value"] == *value
                };
                let mut rows = distribution.iter().filter(of_value);
                dimension != "category" || rows.any(|row| row["round"] == **round)
            };
            let of: Vec<String> = labels.iter().filter(has_it).cloned().collect();
            let expected = [
                before[place].1 / of.len() as f64,
                before[place].1 / all("pool_before", &of) * 100.0,
                invited[place].1 / of.len() as f64,
                invited[place].1 / all("invited", &of) * 100.0,
            ];
            for (cell, exact) in shown[1..].iter().zip(expected) {
                assert!((number(cell) - exact).abs() < 0.0501, "{id} {shown:?}");
            }
        }
    }
    let bands = figures.iter().find(|figure| figure.id == "all-bands");
    let (before, invited) = (
        sums("pool_before", "score_band", &labels),
        sums("invited", "score_band", &labels),
    );
    for (place, shown) in bands.unwrap().rows.iter().enumerate() {
        assert!((number(&shown[1]) - before[place].1 / rounds).abs() < 0.0501);
        assert!((number(&shown[2]) - invited[place].1 / rounds).abs() < 0.0501);
    }
    let countries = figures
        .iter()
        .find(|figure| figure.id == "all-by-citizenship");
    let shown = |place: usize| -> f64 {
        let rows = countries.unwrap().rows.iter();
        rows.map(|row| number(&row[place])).sum()
    };
    assert!((shown(3) - all("invited", &labels) / rounds).abs() < 1.0);
}

#[test]
fn replicates_give_fans_and_histograms_of_the_summary() {
    let place = Place::new();
    let figures = figures(&ran(&place, &["--replicates", "8"]));
    let figure = |id: &str| figures.iter().find(|figure| figure.id == id).unwrap();
    let folder = place.path("output/small");
    let held = rows(&folder.join("rounds.csv"));
    let counted: f64 = figure("round-1-replicates")
        .rows
        .iter()
        .map(|row| number(&row[1]))
        .sum();
    assert_eq!(counted, 8.0);
    let summary = rows(&folder.join("summary.csv"));
    let cutoff = summary
        .iter()
        .find(|row| row["round"] == "2" && row["metric"] == "cutoff_score");
    let shown = &figure("cutoffs").rows[1];
    for (place, column) in ["median", "p05", "p25", "p75", "p95"]
        .into_iter()
        .enumerate()
    {
        let exact: f64 = cutoff.unwrap()[column].parse().unwrap();
        assert!((number(&shown[4 + place]) - exact).abs() < 6e-4, "{column}");
    }
    let median = |round: &str, metric: &str| -> f64 {
        let row = summary
            .iter()
            .find(|row| row["round"] == round && row["metric"] == metric);
        row.unwrap()["median"].parse().unwrap()
    };
    assert_eq!(number(&shown[3]), median("2", "invited"));
    let [first, second] = ["1", "2"].map(|round| median(round, "cutoff_score"));
    let range = [first.min(second), first.max(second)].map(|score| score.to_string());
    let page = page(&folder);
    let head = &page[page.find("<dl class=\"heads\">").unwrap()..];
    let told = texts(&head[..head.find("</dl>").unwrap()], "dd");
    assert_eq!(told[1], "300");
    assert_eq!(told[3], range.join(" to "));
    assert_eq!(figure("fans").title, "The spread over replicates");
    assert_eq!(held.len(), 16);
    assert!(
        figures.iter().any(|figure| figure.id == "round-1-scores"),
        "the first replicate is counted"
    );
}

/// A nominee is in the pool of the second of two replicates, and in that of no other.
#[test]
fn a_cut_off_that_one_of_several_replicates_has_is_told_with_how_many_have_it() {
    let place = Place::new();
    let few = SMALL
        .replace("seed = 7", "seed = 14")
        .replace("5_000", "30")
        .replacen("\"general\"", "\"pnp\"", 1)
        .replacen("invitations = 100", "invitations = 1", 1);
    let one = few[..few.rfind("[[rounds]]").unwrap()].to_owned();
    place.file("one.toml", &one);
    let ran = place.drawsim(&["run", "one.toml", "--replicates", "2"]);
    let held = rows(&place.path("output/small/rounds.csv"));
    let cutoffs: Vec<&str> = held.iter().map(|row| &row["cutoff_score"][..]).collect();
    assert!(
        matches!(cutoffs[..], ["", cutoff] if !cutoff.is_empty()),
        "{cutoffs:?}"
    );
    let said = ran.printed();
    assert!(
        said.contains("Round 1 invited somebody in 1 of 2 replicates"),
        "{said}"
    );
    let cutoff = number(cutoffs[1]);
    let html = page(&place.path("output/small"));
    is_well_formed(&html);
    let sentence = "In 1 of 2 replicates somebody was invited: over these the cut-off score is ";
    let told = &html[html.find(sentence).expect("a sentence") + sentence.len()..];
    assert_eq!(number(told.split(' ').next().unwrap()), cutoff);
    let figures = figures(&html);
    let histogram = figures
        .iter()
        .find(|figure| figure.id == "round-1-replicates");
    assert_eq!(histogram.unwrap().rows, [[cutoffs[1], "1"]]);
    place.file("two.toml", &few);
    place.drawsim(&["run", "two.toml", "--replicates", "2", "-q", "--out", "t"]);
    let html = page(&place.path("t/small"));
    let table = &html[html.find("<table class=\"rounds\">").unwrap()..];
    let cells = texts(&table[..table.find("</table>").unwrap()], "td");
    assert_eq!(number(&cells[1]), cutoff);
    assert!(cells[2].ends_with(", in 1 of 2"), "{cells:?}");
}

#[test]
fn the_report_of_a_folder_is_that_of_its_run_in_csv_and_parquet() {
    let place = Place::new();
    for replicates in ["1", "3"] {
        let page = ran(&place, &["--replicates", replicates]);
        let anew = place.drawsim(&["report", "output/small"]);
        assert!(anew.printed().starts_with("Report: output/small"));
        assert!(self::page(&place.path("output/small")) == page);
        assert!(ran(&place, &["--replicates", replicates, "--format", "parquet"]) == page);
    }
    place
        .drawsim(&["run", "small.toml", "--force", "--no-report"])
        .printed();
    assert!(!place.path("output/small/report.html").exists());
}

#[test]
fn names_and_titles_are_escaped_wherever_they_stand() {
    let place = Place::new();
    let hostile = SMALL
        .replace("A small pool", "<script>alert('x')</script> & \\\"more\\\"")
        .replace(
            "invitations = 100",
            "invitations = 100\nlabel = \"<b>1</b>\"",
        );
    place.file("small.toml", &hostile);
    let ran = place.drawsim(&["run", "small.toml", "--quiet"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let page = page(&place.path("output/small"));
    is_well_formed(&page);
    assert!(page.contains("&lt;script&gt;alert"));
    assert!(!page.contains("<script>alert") && !page.contains("<b>1"));
    place
        .drawsim(&["report", "output/small", "--pictures", "p"])
        .printed();
    for name in support::names(&place.path("p")) {
        let svg = std::fs::read_to_string(place.path("p").join(&name)).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{name}");
    }
}

#[test]
fn a_comparison_shows_each_difference_with_its_interval_and_who_gains() {
    let place = Place::new();
    place.file("base.toml", SMALL);
    place.file(
        "other.toml",
        &SMALL
            .replace("\"small\"", "\"other\"")
            .replace("\"stem\"", "\"french\""),
    );
    place
        .drawsim(&[
            "compare",
            "base.toml",
            "other.toml",
            "--replicates",
            "4",
            "--quiet",
        ])
        .printed();
    let folder = place.path("output/small-compared");
    let page = page(&folder);
    is_well_formed(&page);
    let figures = figures(&page);
    let figure = |id: &str| figures.iter().find(|figure| figure.id == id).unwrap();
    let table = rows(&folder.join("comparison.csv"));
    // Of dozens of intervals some leave out 0 by chance: none is told to be no chance.
    assert!(!page.contains("not chance"));
    assert!(page.contains("95% interval leaves out 0") && page.contains("95% interval holds 0"));
    assert!(page.contains("one in twenty leaves out 0 by chance"));
    let share = table
        .iter()
        .find(|row| row["metric"] == "share_french_speakers")
        .unwrap();
    let shown = &figure("difference-shares").rows[0];
    for (place, column) in [(4, "difference"), (5, "ci_low"), (6, "ci_high")] {
        let exact = share[column].parse::<f64>().unwrap() * 100.0;
        assert!((number(&shown[place]) - exact).abs() < 6e-4, "{column}");
    }
    let gained = |metric: &str| -> f64 {
        let rows = table.iter().filter(|row| row["metric"] == metric);
        rows.map(|row| row["other_mean"].parse::<f64>().unwrap())
            .sum()
    };
    let sum = |place: usize| -> f64 {
        figure("gains-by-education")
            .rows
            .iter()
            .map(|row| number(&row[place]))
            .sum()
    };
    // Each row is told with one decimal.
    let rounded = 0.0501 * figure("gains-by-education").rows.len() as f64;
    assert!((sum(2) - gained("gained by education")).abs() < rounded);
    assert!((sum(3) - gained("lost by education")).abs() < rounded);
    assert!(sum(2) > 0.0);
    place
        .drawsim(&[
            "compare",
            "base.toml",
            "other.toml",
            "-q",
            "--out",
            "n",
            "--no-report",
        ])
        .printed();
    assert!(!place.path("n/small-compared/report.html").exists());
    // One replicate has no intervals.
    place
        .drawsim(&["compare", "base.toml", "other.toml", "-q", "--out", "o"])
        .printed();
    let page = self::page(&place.path("o/small-compared"));
    assert!(page.contains("Difference to the base in one replicate"));
    assert!(!page.contains("interval leaves out") && !page.contains("one in twenty"));
    // Rounds that cannot be filled are told as on the terminal, of a sweep too.
    let unfilled = "1 of 2 rounds could not be filled: of its 5,001 invitations, ";
    let many = SMALL.replace("\"small\"", "\"many\"").replacen(
        "invitations = 200",
        "invitations = 5_001",
        1,
    );
    place.file("many.toml", &many);
    let compared = place.drawsim(&["compare", "base.toml", "many.toml", "-q", "--out", "m"]);
    let line = |printed: &str| -> String {
        let mut lines = printed.lines().filter(|line| line.contains(unfilled));
        let line = lines.next().expect(printed).to_owned();
        assert!(lines.next().is_none(), "{printed}");
        line
    };
    let told = line(compared.printed());
    assert!(told.starts_with("policy many: "), "{told}");
    let report = std::fs::read_to_string(place.path("m/small-compared/report.html")).unwrap();
    assert!(report.contains(&format!("<li>{told}</li>")), "{told}");
    let set = "rounds[2].invitations=200,5001";
    let swept = place.drawsim(&["sweep", "base.toml", "-q", "--out", "m", "--set", set]);
    let told = line(swept.printed());
    let report = std::fs::read_to_string(place.path("m/small-swept/report.html")).unwrap();
    assert!(report.contains(&format!("<li>{told}</li>")), "{told}");
}

#[test]
fn a_backtest_shows_predicted_against_actual() {
    let place = Place::new();
    place
        .drawsim(&[
            "backtest",
            "--from",
            "2024-06-01",
            "--replicates",
            "50",
            "--out",
            "b",
            "-q",
        ])
        .printed();
    let page = page(&place.path("b"));
    is_well_formed(&page);
    let figures = figures(&page);
    let shown = &figures
        .iter()
        .find(|figure| figure.id == "backtest")
        .unwrap()
        .rows;
    let table = rows(&place.path("b/backtest.csv"));
    assert_eq!(shown.len(), table.len());
    for (shown, row) in shown.iter().zip(&table) {
        assert_eq!(shown[0], row["round"]);
        for (place, column) in [(4, "actual"), (5, "predicted"), (6, "p05"), (9, "p95")] {
            assert_eq!(
                number(&shown[place]),
                row[column].parse::<f64>().unwrap(),
                "{column}"
            );
        }
    }
}

#[test]
fn what_is_no_result_or_is_damaged_is_refused_and_nothing_is_written() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    place
        .drawsim(&["report", "empty"])
        .refused(2, &["empty", "no manifest.json", "`sweep`", "`odds --out`"]);
    place
        .drawsim(&["report", "nowhere"])
        .refused(2, &["nowhere: there is no such folder"]);
    assert!(support::names(&place.path("empty")).is_empty());
    ran(&place, &[]);
    let table = place.path("output/small/rounds.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::remove_file(place.path("output/small/report.html")).unwrap();
    std::fs::write(&table, text.replacen("stem,", "stem,,many", 1)).unwrap();
    place
        .drawsim(&["report", "output/small"])
        .refused(2, &["rounds.csv", "run the scenario again"]);
    std::fs::write(&table, text.replacen(",5000,", ",many,", 1)).unwrap();
    place
        .drawsim(&["report", "output/small"])
        .refused(2, &["rounds.csv", "line 2", "column pool_size"]);
    std::fs::write(place.path("output/small/manifest.json"), "{").unwrap();
    place
        .drawsim(&["report", "output/small"])
        .refused(2, &["manifest.json"]);
    assert!(!place.path("output/small/report.html").exists());
}

/// Replaces every cell of a column, rows with quotes left as they are.
fn with_column(path: &Path, column: &str, cell: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let wanted = head.split(',').position(|name| name == column).unwrap();
    let mut changed = format!("{head}\n");
    for line in lines {
        let cells = line.split(',').enumerate();
        let is_quoted = line.contains('"');
        let cells = cells.map(|(place, old)| match place == wanted && !is_quoted {
            true => cell,
            false => old,
        });
        changed.push_str(&cells.collect::<Vec<&str>>().join(","));
        changed.push('\n');
    }
    std::fs::write(path, changed).unwrap();
}

#[test]
fn scores_above_the_highest_are_refused_and_counts_of_any_size_are_not() {
    let place = Place::new();
    let most = u64::MAX.to_string();
    for (table, column) in [("rounds", "cutoff_score"), ("scores", "score")] {
        ran(&place, &[]);
        let path = place.path(&format!("output/small/{table}.csv"));
        with_column(&path, column, "65500");
        let why = "`65500` is more than the 1200 points that scores can have";
        let told = [&format!("{table}.csv: line 2")[..], why];
        place.drawsim(&["report", "output/small"]).refused(2, &told);
    }
    ran(&place, &[]);
    for (table, columns) in [
        ("rounds", &["invited", "pool_size"][..]),
        ("scores", &["pool_before", "eligible", "invited"]),
        ("distribution", &["count"]),
    ] {
        let path = place.path(&format!("output/small/{table}.csv"));
        columns
            .iter()
            .for_each(|column| with_column(&path, column, &most));
    }
    place.drawsim(&["report", "output/small"]).printed();
    is_well_formed(&page(&place.path("output/small")));
}

#[test]
fn a_result_without_a_table_or_with_one_that_lost_rows_is_refused_with_all_of_them() {
    let place = Place::new();
    for (format, replicates) in [("csv", "1"), ("csv", "3"), ("parquet", "1")] {
        ran(&place, &["--format", format, "--replicates", replicates]);
        let folder = place.path("output/small");
        let page = page(&folder);
        for name in support::names(&folder) {
            if !name.ends_with(format) {
                continue;
            }
            let whole = std::fs::read(folder.join(&name)).unwrap();
            std::fs::remove_file(folder.join(&name)).unwrap();
            for pictures in [&[][..], &["--pictures", "p"]] {
                place
                    .drawsim(&[&["report", "output/small"], pictures].concat())
                    .refused(2, &[&format!("output/small: {name} is not there")]);
            }
            std::fs::write(folder.join(&name), &whole).unwrap();
        }
        place.drawsim(&["report", "output/small"]).printed();
        assert_eq!(self::page(&folder), page);
        assert!(!place.path("p").exists());
    }

    ran(&place, &[]);
    let folder = place.path("output/small");
    for (name, keep, line) in [
        ("rounds.csv", 2, "1 rows, and 2"),
        ("summary.csv", 1, "0 rows"),
    ] {
        let whole = std::fs::read_to_string(folder.join(name)).unwrap();
        let kept: Vec<&str> = whole.lines().take(keep).collect();
        std::fs::write(folder.join(name), kept.join("\n") + "\n").unwrap();
        let said = format!("{name} has {line}");
        place
            .drawsim(&["report", "output/small"])
            .refused(2, &[&said, "run the scenario again"]);
    }
    std::fs::write(folder.join("distribution.csv"), "").unwrap();
    std::fs::remove_file(folder.join("invitees.csv")).unwrap();
    place.drawsim(&["report", "output/small"]).refused(
        2,
        &[
            "rounds.csv has 1 rows, and 2 were written; invitees.csv is not there; \
             distribution.csv has 0 rows",
            "; summary.csv has 0 rows",
        ],
    );
}

#[test]
fn rounds_with_labels_that_look_alike_in_names_of_files_have_pictures_each() {
    let place = Place::new();
    let labels = ["a b", "a-b", "A/B", "a-b-2"];
    let mut text = SMALL[..SMALL.find("[[rounds]]").unwrap()].to_owned();
    for (day, label) in (5..).zip(labels) {
        text.push_str(&format!(
            "[[rounds]]\nat = 2023-07-0{day}T13:00:00Z\ntype = \"general\"\n\
             invitations = 100\nlabel = \"{label}\"\n"
        ));
    }
    place.file("small.toml", &text);
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    is_well_formed(&page(&place.path("output/small")));
    let pictures = ["report", "output/small", "--pictures", "p"];
    let said = place.drawsim(&pictures);
    let names = support::names(&place.path("p"));
    assert!(
        said.printed()
            .starts_with(&format!("{} pictures: ", names.len())),
        "{}",
        said.stdout
    );
    for id in ["a-b", "a-b-2", "a-b-3", "a-b-2-2"] {
        let name = format!("round-{id}-cutoff.svg");
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}

/// Of the rounds on one pool transport is a category in the first alone, education in the others, and
/// French has nobody left after the third.
const TWO_LAWS: &str = r#"
name = "two-laws"
seed = 4

[pool]
as_of = 2025-02-16
size = 5_000
bands = "none"

[[rounds]]
at = 2025-02-20T13:00:00Z
type = "cec"
invitations = 300

[[rounds]]
at = 2025-03-06T13:00:00Z
type = "education"
invitations = 10

[[rounds]]
at = 2025-03-07T13:00:00Z
type = "french"
invitations = 5_000

[[rounds]]
at = 2025-03-10T13:00:00Z
type = "general"
invitations = 100
"#;

#[test]
fn a_category_on_one_pool_counts_from_the_first_round_at_which_it_is_in_force() {
    let place = Place::new();
    place.file("two-laws.toml", TWO_LAWS);
    place
        .drawsim(&["run", "two-laws.toml", "--quiet"])
        .printed();
    let folder = place.path("output/two-laws");
    let distribution = rows(&folder.join("distribution.csv"));
    let count = |round: usize, stage: &str, dimension: &str, value: &str| -> f64 {
        let of_it = distribution.iter().filter(|row| {
            row["round"] == (round + 1).to_string()
                && row["stage"] == stage
                && row["dimension"] == dimension
                && (value.is_empty() || row["value"] == value)
        });
        of_it.map(|row| row["count"].parse::<f64>().unwrap()).sum()
    };
    let page = page(&folder);
    assert!(page.contains("the pool is that before the first of them"));
    let figures = figures(&page);
    let figure = figures.iter().find(|one| one.id == "all-by-category");
    for (name, value, of) in [
        ("Transport", "transport", 0..1),
        ("Education", "education", 1..4),
        ("French", "french", 0..4),
        ("Healthcare", "healthcare", 0..4),
    ] {
        let mut shown = figure.unwrap().rows.iter();
        let shown = shown.find(|row| row[0].starts_with(name)).unwrap();
        let before = count(of.start, "pool_before", "category", value);
        let invited = |dimension, value| -> f64 {
            let each = of
                .clone()
                .map(|round| count(round, "invited", dimension, value));
            each.sum()
        };
        let pool = count(of.start, "pool_before", "score_band", "");
        let own = invited("category", value);
        let expected = [
            before,
            before / pool * 100.0,
            own,
            own / invited("score_band", "") * 100.0,
        ];
        assert!(before > 0.0, "{value}");
        for (cell, exact) in shown[1..].iter().zip(expected) {
            assert!(
                (number(cell) - exact).abs() < 0.0501,
                "{shown:?} {expected:?}"
            );
        }
    }
    assert_eq!(count(3, "pool_before", "category", "french"), 0.0);
}

/// A pool of 5,000 with rounds that differ in the rule by which ties are broken, and two of them at
/// the same second.
const TIES: &str = r#"
name = "ties"
seed = 7
tie_break = "random"

[pool]
as_of = 2023-07-04
size = 5_000
bands = "none"

[[rounds]]
at = 2023-07-05T13:00:00Z
type = "cec"
invitations = 30
tie_break = "latest-submission"

[[rounds]]
at = 2023-07-05T13:00:00Z
type = "fsw"
invitations = 30
tie_break = "earliest-submission"

[[rounds]]
at = 2023-07-06T13:00:00Z
type = "french"
invitations = 5_000

[[rounds]]
at = 2023-07-07T13:00:00Z
type = "general"
invitations = 30
"#;

/// Per round: the tie-break of the table of rounds, and the one of the round's own lines.
fn tie_breaks(page: &str) -> Vec<(String, String)> {
    let table = &page[page.find("<table class=\"rounds\">").unwrap()..];
    let table = &table[..table.find("</table>").unwrap()];
    let few = table.split("<tr>").skip(2);
    let full = page.split("<dt>Tie-breaking rule</dt>").skip(1);
    few.map(|row| texts(row, "td").pop().unwrap())
        .zip(full.map(|part| texts(part, "dd").remove(0)))
        .collect()
}

#[test]
fn rounds_of_the_same_second_keep_their_own_tie_breaking_rules() {
    let place = Place::new();
    place.file("ties.toml", TIES);
    for replicates in ["1", "3"] {
        let line = "run ties.toml --quiet --force --replicates";
        let args: Vec<&str> = line.split(' ').chain([replicates]).collect();
        place.drawsim(&args).printed();
        let latest: Vec<[bool; 2]> = tie_breaks(&page(&place.path("output/ties")))
            .iter()
            .map(|(few, full)| [few, full].map(|text| text.ends_with(", latest first")))
            .collect();
        assert_eq!(latest[..2], [[true, true], [false, false]], "{replicates}");
    }
}

#[test]
fn the_table_of_rounds_and_their_lines_agree_on_the_tie_break_and_one_was_invited() {
    let place = Place::new();
    place.file("ties.toml", TIES);
    place.drawsim(&["run", "ties.toml", "--quiet"]).printed();
    let page = page(&place.path("output/ties"));
    let told = &tie_breaks(&page)[2..];
    let all = "none: every eligible candidate was invited";
    let expected = [("none", all), ("random", "seeded random order")];
    assert_eq!(
        told,
        expected.map(|(few, full)| (few.to_owned(), full.to_owned()))
    );
    assert!(!page.contains(" 1 candidates ") && !page.contains(" 1 were "));
    assert!(
        page.contains("Of 1 candidate ranked with "),
        "one is at a cut-off"
    );
}

#[test]
fn results_of_which_there_is_no_report_say_what_they_are() {
    let place = Place::new();
    place.file("feed.json", include_str!("data/feed.json"));
    let import = ["history", "import", "feed.json", "--out", "h", "-q"];
    place.drawsim(&import).printed();
    let before = support::names(&place.path("h"));
    for args in [&["report", "h"][..], &["report", "h", "--pictures", "p"]] {
        place.drawsim(args).refused(
            2,
            &[
                "h is what `drawsim history import` wrote, of which there is no report; \
               its tables are rounds.csv, pool_snapshots.csv",
            ],
        );
    }
    assert_eq!(support::names(&place.path("h")), before);
}

#[test]
fn a_file_in_the_place_of_the_pictures_is_told_and_kept() {
    let place = Place::new();
    ran(&place, &[]);
    place.file("p", "years of work");
    place
        .drawsim(&["report", "output/small", "--pictures", "p"])
        .refused(2, &["--pictures p: it is a file; name a folder"]);
    assert_eq!(
        std::fs::read_to_string(place.path("p")).unwrap(),
        "years of work"
    );
}
