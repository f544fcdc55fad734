//! `datapackage.json`: a Frictionless Data Package that tells other programs what the tables hold.
//! Columns and meanings come from the tables themselves.

use serde_json::{Map, Value, json};

use super::manifest::Manifest;
use super::table::Kind;
use super::writer::{Format, Written};

impl Written {
    /// The file's name.
    pub fn path(&self) -> String {
        format!("{}.{}", self.table.name, self.format.name())
    }
}

/// The file's contents.
pub(super) fn to_json(manifest: &Manifest, written: &[Written]) -> Value {
    let resources: Vec<Value> = written.iter().map(resource).collect();
    json!({
        "profile": if written.iter().all(|file| file.format == Format::Csv) { "tabular-data-package" } else { "data-package" },
        "name": manifest.name.to_ascii_lowercase(),
        "title": manifest.title,
        "version": env!("CARGO_PKG_VERSION"),
        "resources": resources,
    })
}

fn resource(file: &Written) -> Value {
    let keys = file
        .keys
        .iter()
        .map(|key| field(&key.name, key.kind, false, &key.meaning));
    let own = file.table.columns.iter();
    let own = own.map(|column| field(column.name, column.kind, column.optional, column.meaning));
    let fields: Vec<Value> = keys.chain(own).collect();
    let mut resource = Map::new();
    let mut set = |key: &str, value: Value| {
        resource.insert(key.to_owned(), value);
    };
    set("name", json!(file.table.name));
    set("path", json!(file.path()));
    set(
        "description",
        json!(format!("One row per {}.", file.table.one_row_per)),
    );
    match file.format {
        Format::Csv => {
            set("profile", json!("tabular-data-resource"));
            set("format", json!("csv"));
            set("mediatype", json!("text/csv"));
            set("encoding", json!("utf-8"));
            set("dialect", json!({ "lineTerminator": "\n" }));
        }
        Format::Parquet => {
            set("profile", json!("data-resource"));
            set("format", json!("parquet"));
            set("mediatype", json!("application/vnd.apache.parquet"));
        }
    }
    set("schema", json!({ "fields": fields, "missingValues": [""] }));
    Value::Object(resource)
}

fn field(name: &str, kind: Kind, optional: bool, meaning: &str) -> Value {
    let mut field = Map::new();
    field.insert("name".to_owned(), json!(name));
    field.insert("type".to_owned(), json!(kind.name()));
    if kind == Kind::Time {
        field.insert("format".to_owned(), json!("default"));
    }
    field.insert("description".to_owned(), json!(meaning));
    if !optional {
        field.insert("constraints".to_owned(), json!({ "required": true }));
    }
    Value::Object(field)
}
