//! The page: its head, its parts in order, and what stands at its foot.
//! What each part shows is decided by the modules of the charts.

use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::ReportError;
use super::comparison;
use super::cutoffs;
use super::densities;
use super::figure::Figure;
use super::heading::title;
use super::makeup;
use super::numbers::{day, decimal, percent, plain, whole};
use super::results::{Results, Round};
use super::rounds;
use super::{backtest, bands, odds, replicates, sweep};
use crate::output::shortfall;

/// Colours, light and dark.
pub const PALETTE: &str = include_str!("style/palette.css");
/// How marks look.
pub const MARKS: &str = include_str!("style/marks.css");
const PAGE: &str = include_str!("style/page.css");
const SCRIPT: &str = include_str!("style/page.js");

/// A part of the page.
struct Part {
    id: &'static str,
    title: String,
    lead: Option<String>,
    content: Markup,
}

/// The report of a result folder, from its files alone: the same bytes for the same files.
///
/// # Errors
/// When the folder is no result, or a file of it cannot be read or does not hold what it should.
pub fn page(folder: &Path) -> Result<String, ReportError> {
    let results = Results::read(folder)?;
    let parts = parts(&results);
    let facts = &results.facts;
    let title = title(&results);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "drawsim " (facts.version) };
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(PALETTE)) (PreEscaped(MARKS)) (PreEscaped(PAGE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    h1 { (title) }
                    p.by { (byline(&results)) }
                    (heads(&results))
                    nav aria-label="Parts of the page" { ul {
                        @for part in &parts { li { a href={ "#" (part.id) } { (part.title) } } }
                    } }
                }
                main id="main" {
                    @for part in &parts {
                        section aria-labelledby=(part.id) {
                            h2 id=(part.id) { (part.title) }
                            @if let Some(lead) = &part.lead { p.lead { (lead) } }
                            (part.content)
                        }
                    }
                }
                footer {
                    p { "Made by drawsim " (facts.version) " from the files of this folder. Candidates are simulated: nobody here is a person, and a cut-off here is no forecast for an application." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(markup.into_string())
}

/// Every figure of the page, in order.
pub fn figures(results: &Results) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    figures.extend(backtest::over_time(results));
    figures.extend(backtest::scatter(results));
    figures.extend(backtest::errors(results));
    figures.extend(comparison::differences(results));
    figures.extend(comparison::gains_and_losses(results));
    figures.extend(sweep::figure(results));
    figures.extend(odds::figure(results));
    figures.extend(cutoffs::overview(results));
    figures.extend(cutoffs::by_types(results));
    figures.extend(bands::figure(&results.rounds, "all"));
    figures.extend(makeup::figures(&results.rounds, "all"));
    figures.extend(replicates::figure(results));
    let width = densities::bin_width(results.rounds.len());
    for round in &results.rounds {
        let of = of_round(round, width, results.rounds.len() > 1);
        figures.extend(of.cutoff.into_iter().chain(of.densities).chain(of.makeup));
    }
    figures
}

/// The figures of a round: around its cut-off and by band, densities, and who is invited; those of
/// the whole page are not drawn again for the only one.
struct OfRound {
    cutoff: Vec<Figure>,
    densities: Vec<Figure>,
    makeup: Vec<Figure>,
}

fn of_round(round: &Round, width: u16, one_of_many: bool) -> OfRound {
    let id = &round.id;
    let mut cutoff = Vec::new();
    cutoff.extend(densities::around_cutoff(round, id));
    cutoff.extend(cutoffs::histogram(round, id));
    let mut makeup = Vec::new();
    if one_of_many {
        cutoff.extend(bands::figure(std::slice::from_ref(round), id));
        makeup = makeup::figures(std::slice::from_ref(round), id);
    }
    OfRound {
        cutoff,
        densities: densities::figure(round, width, id).into_iter().collect(),
        makeup,
    }
}

fn byline(results: &Results) -> String {
    let facts = &results.facts;
    let replicates = if facts.replicates == 1 {
        "one replicate".to_owned()
    } else {
        format!("{} replicates", whole(u64::from(facts.replicates)))
    };
    format!(
        "{} \u{b7} seed {} \u{b7} {replicates} \u{b7} drawsim {}",
        facts.name, facts.seed, facts.version
    )
}

/// The few figures that matter most.
fn heads(results: &Results) -> Markup {
    let mut heads: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, figure: String| heads.push((name.to_owned(), figure));
    if let Some(first) = results.rounds.first() {
        let several = results.rounds.len() > 1;
        if several {
            add("rounds", whole(results.rounds.len() as u64));
        }
        let median = if results.is_replicated() {
            ", median over the replicates"
        } else {
            ""
        };
        if let Some(invited) = results.invited_in_all() {
            add(&format!("candidates invited{median}"), plain(invited));
        }
        if let Some(pool) = first.median("pool_size", |row| Some(row.pool_size as f64)) {
            let name = if several {
                "in the pool before the first round"
            } else {
                "candidates in the pool"
            };
            add(&format!("{name}{median}"), plain(pool));
        }
        let cutoffs = || results.rounds.iter().filter_map(Round::cutoff);
        let (low, high) = (cutoffs().reduce(f64::min), cutoffs().reduce(f64::max));
        if let (Some(low), Some(high)) = (low, high) {
            let range = if low == high {
                plain(low)
            } else {
                format!("{} to {}", plain(low), plain(high))
            };
            let name = match (several, results.is_replicated()) {
                (true, true) => "cut-off scores, medians over the replicates".to_owned(),
                (true, false) => "cut-off scores".to_owned(),
                (false, _) => format!("cut-off score{median}"),
            };
            add(&name, range);
        }
    }
    for (name, figure) in odds::heads(results) {
        add(&name, figure);
    }
    let policies = comparison::others(results).len();
    if policies > 0 {
        add(
            if policies == 1 {
                "policy against the base"
            } else {
                "policies against the base"
            },
            policies.to_string(),
        );
        if let Some((figure, name)) = comparison::greatest(results) {
            add(&name, figure);
        }
    }
    if let Some(all) = results
        .backtest_summary
        .iter()
        .find(|row| row.kind == "all")
    {
        add("past rounds predicted", whole(all.rounds));
        add("mean absolute error, CRS points", decimal(all.mae, 1));
        add(
            "of rounds within the 90% interval",
            percent(all.coverage_90),
        );
    }
    html! { dl.heads { @for (name, figure) in &heads { div { dt { (name) } dd { (figure) } } } } }
}

fn markup(figures: &[Figure]) -> Markup {
    html! { @for figure in figures { (figure.markup()) } }
}

/// Figures side by side where there is room.
fn beside(figures: &[Figure]) -> Markup {
    html! { div.two { (markup(figures)) } }
}

fn parts(results: &Results) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |id, title: &str, lead: Option<&str>, content: Markup| {
        parts.push(Part {
            id,
            title: title.to_owned(),
            lead: lead.map(str::to_owned),
            content,
        });
    };
    if !results.backtest.is_empty() {
        let mut all = Vec::new();
        all.extend(backtest::over_time(results));
        add(
            "predicted",
            "Past rounds, predicted one step ahead",
            None,
            markup(&all),
        );
        let mut all = Vec::new();
        all.extend(backtest::scatter(results));
        all.extend(backtest::errors(results));
        add(
            "errors-part",
            "How good the predictions are",
            None,
            beside(&all),
        );
    }
    let differences = comparison::differences(results);
    if !differences.is_empty() {
        let base = &results.comparison[0].base;
        let mut lead = format!("Every policy is run on the same people as the base, {base}.");
        if comparison::has_intervals(results) {
            lead.push_str(
                " Of so many intervals about one in twenty leaves out 0 by chance, even where a policy changes nothing.",
            );
        }
        add(
            "differences",
            "What each policy changes",
            Some(&lead),
            html! { (unfilled(results)) (markup(&differences)) },
        );
    }
    let gains = comparison::gains_and_losses(results);
    if !gains.is_empty() {
        add(
            "gains",
            "Who gains and who loses",
            Some("Counted person by person on the same candidates."),
            markup(&gains),
        );
    }
    if let Some(figure) = sweep::figure(results) {
        let content = html! { (unfilled(results)) (figure.markup()) };
        add("swept", "What the swept keys change", None, content);
    }
    if let Some(figure) = odds::figure(results) {
        add(
            "odds-part",
            "The chances of the candidate",
            None,
            figure.markup(),
        );
    }
    if !results.rounds.is_empty() {
        rounds_parts(results, &mut add);
    }
    add("about", "How this was made", None, about(results));
    parts
}

/// Which policies could not fill their rounds.
fn unfilled(results: &Results) -> Markup {
    let facts = &results.facts;
    let lines = shortfall::lines(&facts.unfilled, facts.replicates);
    html! { @if !lines.is_empty() { ul { @for line in lines { li { (line) } } } } }
}

fn rounds_parts(results: &Results, add: &mut impl FnMut(&'static str, &str, Option<&str>, Markup)) {
    let rounds = &results.rounds;
    let several = rounds.len() > 1;
    let first_only = results
        .is_replicated()
        .then_some("Counts of groups and scores are those of the first replicate.");
    add(
        "rounds",
        if several { "The rounds" } else { "The round" },
        None,
        html! {
            @if several { (rounds::table(results)) } @else { (rounds::lines(results, &rounds[0])) }
        },
    );
    let mut cutoff = Vec::new();
    cutoff.extend(cutoffs::overview(results));
    cutoff.extend(cutoffs::by_types(results));
    if !cutoff.is_empty() {
        add("cutoff-part", "Cut-off scores", None, markup(&cutoff));
    }
    let width = densities::bin_width(rounds.len());
    if !several {
        let of = of_round(&rounds[0], width, false);
        if !of.cutoff.is_empty() {
            let content = html! { (beside(&of.cutoff)) (markup(&of.densities)) };
            add("score-part", "Scores", first_only, content);
        }
    }
    let pool: Vec<Figure> = bands::figure(rounds, "all").into_iter().collect();
    if !pool.is_empty() {
        add("pool-part", "The pool", first_only, markup(&pool));
    }
    let groups = makeup::figures(rounds, "all");
    if !groups.is_empty() {
        add("makeup-part", "Who is invited", first_only, beside(&groups));
    }
    if let Some(fans) = replicates::figure(results) {
        add("replicates-part", "Replicates", None, fans.markup());
    }
    if several {
        let first_only = results.is_replicated().then_some(
            "Each round as it was in the first replicate; its cut-off score over all of them, too.",
        );
        add(
            "each-part",
            "Round by round",
            first_only,
            each_round(results, width),
        );
    }
}

/// Each round in a part that opens.
fn each_round(results: &Results, width: u16) -> Markup {
    html! {
        p.tools { button type="button" data-open="yes" hidden { "Open all rounds" } " " button type="button" data-open="no" hidden { "Close all" } }
        @for round in &results.rounds {
            details.round id=(round.id) {
                summary {
                    strong { "Round " (round.row.round) }
                    span.when { (rounds::kind(round)) ", " (day(round.row.at_utc)) }
                    span { (whole(round.row.invited)) " invited, cut-off " strong { (rounds::cutoff(round)) } }
                }
                div.inside {
                    (rounds::lines(results, round))
                    @let of = of_round(round, width, true);
                    (beside(&of.cutoff))
                    (markup(&of.densities))
                    (beside(&of.makeup))
                }
            }
        }
    }
}

/// Seed, version, rules, inputs and the scenario as resolved.
fn about(results: &Results) -> Markup {
    let facts = &results.facts;
    html! {
        dl.facts {
            dt { "Name" } dd { (facts.name) }
            dt { "Command" } dd { "drawsim " (facts.command) }
            dt { "Version" } dd { "drawsim " (facts.version) }
            dt { "Seed" } dd { (facts.seed) }
            dt { "Replicates" } dd { (whole(u64::from(facts.replicates))) }
            @for rules in &facts.rules {
                dt { "Rules" } dd {
                    "of " (rules.rules_of) ", from " (rules.from)
                    @if !rules.categories.is_empty() { "; categories: " (rules.categories.join(", ")) }
                }
            }
            @for input in &facts.inputs { dt { "Read" } dd { (input.path) ", SHA-256 " code { (input.sha256) } } }
        }
        @for (name, text) in scenarios(&facts.scenario) {
            details.data {
                summary { "The scenario as resolved" @if !name.is_empty() { ": " (name) } }
                pre tabindex="0" { (text) }
            }
        }
        p.note { "The same version, scenario and seed give the same results. Tables and their meanings: " code { "datapackage.json" } " in this folder." }
    }
}

/// Each scenario by name, as TOML where it can be written so.
fn scenarios(scenario: &Value) -> Vec<(String, String)> {
    let text =
        |value: &Value| toml::to_string_pretty(value).unwrap_or_else(|_| format!("{value:#}"));
    match scenario {
        Value::Array(several) => several
            .iter()
            .map(|one| {
                let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
                (name.to_owned(), text(one))
            })
            .collect(),
        one => vec![(String::new(), text(one))],
    }
}
