//! The JSON Schema of scenario files, made from the wire structs.
//! Checking a file against it lives in `check`.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::wire::ScenarioFile;
use crate::rules::grid;

/// The JSON Schema (draft 2020-12) of a scenario file, with a description of each key.
pub fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let generator = SchemaSettings::draft2020_12()
            .for_deserialize()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator();
        let mut schema = Value::from(generator.into_root_schema_for::<ScenarioFile>());
        drop_null(&mut schema);
        name_points(&mut schema);
        schema
    })
}

/// Every table of points says which names it may have.
fn name_points(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(name_points),
        Value::Object(object) => {
            let points = object
                .get_mut("properties")
                .and_then(|keys| keys.get_mut("points"));
            if let Some(Value::Object(points)) = points
                && points.contains_key("additionalProperties")
            {
                let names = json!({ "enum": grid::point_names() });
                points.insert("propertyNames".to_owned(), names);
            }
            object.values_mut().for_each(name_points);
        }
        _ => {}
    }
}

/// TOML has no null: a key is there or it is not, so null is taken out of every schema.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(drop_null),
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(values)) = object.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            if let Some(Value::Array(mut choices)) = object.remove("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                match choices.as_mut_slice() {
                    [Value::Object(only)] => {
                        for (key, value) in std::mem::take(only) {
                            object.entry(key).or_insert(value);
                        }
                    }
                    _ => {
                        object.insert("anyOf".to_owned(), Value::Array(choices));
                    }
                }
            }
            object.values_mut().for_each(drop_null);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_described_and_nothing_may_be_null() {
        fn walk(schema: &Value, path: &str) {
            if let Some(Value::Object(properties)) = schema.get("properties") {
                assert_eq!(schema["additionalProperties"], false, "{path}");
                for (name, property) in properties {
                    let path = format!("{path}.{name}");
                    assert!(property.get("description").is_some(), "{path}: {property}");
                    walk(property, &path);
                }
            }
            if let Some(items) = schema.get("items") {
                walk(items, &format!("{path}[]"));
            }
        }
        walk(schema(), "");
        assert!(!schema().to_string().contains("null"), "{:#}", schema());
    }

    #[test]
    fn points_of_scenarios_and_of_policies_are_named() {
        for place in ["", "/properties/policy/additionalProperties"] {
            let path = format!("{place}/properties/points/propertyNames/enum");
            let names = schema().pointer(&path).and_then(Value::as_array).unwrap();
            assert_eq!(names.len(), grid::point_names().len());
        }
    }

    #[test]
    fn the_schema_beside_the_shipped_scenarios_is_the_one_that_is_printed() {
        let shipped = include_str!("../../scenarios/schema.json");
        assert!(
            shipped == format!("{:#}\n", schema()),
            "scenarios/schema.json is behind; write it anew: cargo run -- schema scenario > scenarios/schema.json"
        );
    }
}
