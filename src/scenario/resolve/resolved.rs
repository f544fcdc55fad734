//! The scenario as resolved, for the manifest: the keys of the file with every default filled in,
//! so that it is a scenario again.
//! Nothing is checked here.

use serde_json::{Map, Value, json};

use crate::pool::{Band, Bands};
use crate::scenario::defaults;
use crate::scenario::plan::{Plan, PoolPlan, RoundPlan, Timeline};
use crate::scenario::spanned::At;
use crate::scenario::wire::{CategoryTable, FactorTable, ScenarioFile};
use crate::scenario::wire_time::Weight;
use crate::synthesis::{ArrivalRate, Mix};
use crate::timeline::Nominations;
use crate::units::Score;

/// The resolved scenario, in the keys of a scenario file.
pub(super) fn resolved(keys: &ScenarioFile, plan: &Plan) -> Value {
    let mut scenario = Map::new();
    let mut put = |key: &str, value: Value| {
        scenario.insert(key.to_owned(), value);
    };
    put("name", json!(plan.name));
    put("title", json!(plan.title));
    if !plan.description.is_empty() {
        put("description", json!(plan.description));
    }
    put("seed", json!(plan.seed));
    put("replicates", json!(plan.replicates));
    if let Some(rules) = &keys.rules {
        put("rules", json!(rules.value.0.to_string()));
    }
    put("pool", pool(&plan.pool, keys));
    if let Some(timeline) = &plan.timeline {
        put("timeline", timeline_keys(timeline, keys));
    }
    let rounds = plan.rounds.iter().map(round).collect();
    put("rounds", Value::Array(rounds));
    if let Some(points) = &keys.points {
        let points = points.value.0.iter();
        let points = points.map(|(name, value)| (name.value.clone(), json!(value.value.0)));
        put("points", Value::Object(points.collect()));
    }
    if let Some(factors) = &keys.factors {
        put(
            "factors",
            factors
                .iter()
                .map(|factor| factor_keys(&factor.value))
                .collect(),
        );
    }
    if let Some(categories) = &keys.categories {
        let categories = categories.iter();
        let categories = categories.map(|category| category_keys(&category.value));
        put("categories", categories.collect());
    }
    Value::Object(scenario)
}

fn pool(pool: &PoolPlan, keys: &ScenarioFile) -> Value {
    let as_of = pool.as_of.to_string();
    if let Some(file) = &pool.file {
        return json!({ "as_of": as_of, "file": file.display().to_string() });
    }
    let bands = bands(pool.bands.as_ref());
    let written = keys.pool.as_ref();
    let written = written.and_then(|pool| pool.value.profile.as_ref());
    let profile = written.map_or(defaults::PROFILE, |profile| profile.value.as_str());
    json!({ "as_of": as_of, "size": pool.size, "bands": bands, "profile": profile })
}

fn bands(bands: Option<&Bands>) -> Value {
    let Some(bands) = bands else {
        return json!("none");
    };
    let band = |band: &Band| (format!("{}-{}", band.low, band.high), json!(band.count));
    Value::Object(bands.0.iter().map(band).collect())
}

fn timeline_keys(timeline: &Timeline, keys: &ScenarioFile) -> Value {
    let (course, arrivals) = (&timeline.course, &timeline.arrivals);
    let mut value = json!({
        "start": course.start,
        "end": course.end,
        "withdrawals_per_year": course.withdrawals_per_year,
        "answers": { "accept": course.answers.accept, "decline": course.answers.decline },
        "changes": {
            "birthdays": course.changes.birthdays,
            "work_in_canada": course.changes.work_in_canada,
            "language_per_year": course.changes.language_per_year,
            "nomination_per_year": nominations(&course.changes.nominations),
            "nomination_months": course.changes.nominations.months,
        },
    });
    if !arrivals.rates.is_empty() {
        let rate = |rate: &ArrivalRate| json!({ "from": rate.from, "per_day": rate.per_day });
        let pool = keys.pool.as_ref();
        let pool = pool.and_then(|pool| pool.value.profile.as_ref());
        let written = keys.timeline.as_ref();
        let written = written.and_then(|timeline| timeline.value.arrivals.as_ref());
        let written = written.and_then(|arrivals| arrivals.value.profile.as_ref());
        let profile = written.or(pool);
        let profile = profile.map_or(defaults::PROFILE, |profile| profile.value.as_str());
        value["arrivals"] = json!({
            "per_day": arrivals.rates.iter().map(rate).collect::<Vec<_>>(),
            "weekdays": arrivals.weekdays,
            "months": arrivals.months,
            "profile": profile,
            "bands": match timeline.in_bands_of_file {
                true => json!(defaults::ARRIVAL_BANDS),
                false => bands(arrivals.bands.as_ref()),
            },
        });
        if arrivals.mix == Mix::Own {
            value["arrivals"]["mix"] = json!("profile");
        }
        let written = keys.timeline.as_ref();
        let written = written.and_then(|timeline| timeline.value.arrivals.as_ref());
        if let Some(segments) = written.and_then(|arrivals| arrivals.value.segments.as_ref()) {
            let weight = |(name, weight): &(At<String>, At<Weight>)| {
                (name.value.clone(), json!(weight.value.0))
            };
            let weights = segments.value.0.iter().map(weight);
            value["arrivals"]["segments"] = Value::Object(weights.collect());
        }
    }
    value
}

/// A rate for all, or a table of score bands.
fn nominations(nominations: &Nominations) -> Value {
    if let [(0, rate)] = nominations.by_score.as_slice() {
        return json!(rate);
    }
    let above = nominations.by_score.iter().skip(1).map(|&(low, _)| low - 1);
    let highs = above.chain([Score::MAX.0]);
    let bands = nominations.by_score.iter().zip(highs);
    let band = |(&(low, rate), high): (&(u16, f64), u16)| (format!("{low}-{high}"), json!(rate));
    Value::Object(bands.map(band).collect())
}

fn round(round: &RoundPlan) -> Value {
    let mut keys = Map::new();
    let instruction = &round.instruction;
    keys.insert("label".to_owned(), json!(round.label));
    keys.insert("at".to_owned(), json!(instruction.at));
    keys.insert("type".to_owned(), json!(round.type_name));
    let own = round
        .version
        .as_ref()
        .is_some_and(|version| version == super::patch::OWN);
    if let (Some(version), false) = (&round.version, own) {
        keys.insert("version".to_owned(), json!(version));
    }
    keys.insert("invitations".to_owned(), json!(instruction.invitations));
    keys.insert("tie_break".to_owned(), json!(instruction.tie_break));
    Value::Object(keys)
}

fn codes(codes: &[At<String>]) -> Vec<&str> {
    codes.iter().map(|code| code.value.as_str()).collect()
}

fn factor_keys(factor: &FactorTable) -> Value {
    let name = factor.name.as_ref().map(|name| &name.value);
    let counts = factor.counts.as_ref().map(|counts| counts.value);
    let tiers = factor.tiers.iter().flat_map(|tiers| &tiers.value);
    let tiers = tiers.map(|tier| {
        let points = tier.value.points.as_ref().map(|points| points.value);
        let noc = tier.value.noc.as_ref().map(|noc| codes(&noc.value));
        json!({ "points": points, "noc": noc })
    });
    json!({ "name": name, "counts": counts, "tiers": tiers.collect::<Vec<_>>() })
}

fn category_keys(category: &CategoryTable) -> Value {
    let mut keys = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            keys.insert(key.to_owned(), value);
        }
    };
    let number = |value: &Option<At<i64>>| value.as_ref().map(|value| json!(value.value));
    put("name", category.name.as_ref().map(|name| json!(name.value)));
    put(
        "noc",
        category.noc.as_ref().map(|noc| json!(codes(&noc.value))),
    );
    put("months", number(&category.months));
    put("french", number(&category.french));
    put("english", number(&category.english));
    let in_canada = category.in_canada.as_ref();
    put("in_canada", in_canada.map(|value| json!(value.value)));
    Value::Object(keys)
}
