//! The scenario as resolved, for the manifest: the keys of the file with every default filled in,
//! so that it is a scenario again.
//! Nothing is checked here.

use serde_json::{Map, Value, json};

use crate::scenario::defaults;
use crate::scenario::plan::{Plan, PoolPlan, RoundPlan};
use crate::scenario::spanned::At;
use crate::scenario::wire::{CategoryTable, FactorTable, ScenarioFile};

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
    let bands = match &pool.bands {
        None => json!("none"),
        Some(bands) => {
            let band = |band: &crate::pool::Band| {
                (format!("{}-{}", band.low, band.high), json!(band.count))
            };
            Value::Object(bands.0.iter().map(band).collect())
        }
    };
    let written = keys.pool.as_ref();
    let written = written.and_then(|pool| pool.value.profile.as_ref());
    let profile = written.map_or(defaults::PROFILE, |profile| profile.value.as_str());
    json!({ "as_of": as_of, "size": pool.size, "bands": bands, "profile": profile })
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
