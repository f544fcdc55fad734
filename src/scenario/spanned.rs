//! Values of a file with their places, and the few forms that serde does not bring: dates and
//! times written with or without quotes, and tables with free keys.
//! Which keys there are does not live here.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};

use crate::shown::quoted;
use crate::units::{Date, Instant};

/// A value and the bytes of the file that it was written in.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Range<usize>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        Ok(At {
            span: spanned.span(),
            value: spanned.into_inner(),
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// The text of a TOML date or time, with quotes or without.
struct DatetimeText;

impl<'de> Visitor<'de> for DatetimeText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date or a time")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<String, A::Error> {
        let datetime = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
        Ok(datetime.to_string())
    }
}

/// A calendar date.
#[derive(Debug, Clone, Copy)]
pub struct DateText(pub Date);

/// Reads a date like 2023-07-04 within the years that instants can hold.
///
/// # Errors
/// Says what is wrong with it.
pub fn parse_date(text: &str) -> Result<Date, String> {
    let date = (text.len() == 10)
        .then(|| text.parse::<Date>().ok())
        .flatten()
        .ok_or_else(|| format!("{} is not a date; write it like 2023-07-04", quoted(text)))?;
    match Instant::start_of(date) {
        Some(_) => Ok(date),
        None => Err(format!("{date} is outside the years 1970 to 2105")),
    }
}

impl<'de> Deserialize<'de> for DateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(DatetimeText)?;
        parse_date(&text).map(DateText).map_err(de::Error::custom)
    }
}

impl JsonSchema for DateText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

/// A moment in whole seconds.
#[derive(Debug, Clone, Copy)]
pub struct TimeText(pub Instant);

/// Reads a time like 2023-07-05T13:38:22Z.
///
/// # Errors
/// Says what is wrong with it.
pub fn parse_time(text: &str) -> Result<Instant, String> {
    if text.len() > 60 {
        return Err(format!(
            "{} is not a time; write it like 2023-07-05T13:38:22Z (RFC 3339, UTC)",
            quoted(text)
        ));
    }
    Instant::parse(text)
}

impl<'de> Deserialize<'de> for TimeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(DatetimeText)?;
        parse_time(&text).map(TimeText).map_err(de::Error::custom)
    }
}

impl JsonSchema for TimeText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A moment, or a date for its midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A calendar date.
    Date(Date),
    /// A moment.
    Time(Instant),
}

impl Moment {
    /// The moment, for a date its first second.
    pub fn instant(self) -> Instant {
        match self {
            Moment::Date(date) => Instant::start_of(date).unwrap_or(Instant::from_seconds(0)),
            Moment::Time(at) => at,
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(DatetimeText)?;
        match parse_date(&text) {
            Ok(date) => Ok(Moment::Date(date)),
            Err(_) => parse_time(&text)
                .map(Moment::Time)
                .map_err(de::Error::custom),
        }
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "DateOrTime".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "format": "date" },
            { "type": "string", "format": "date-time" },
        ] })
    }
}

/// A table whose keys are free, in the order of the file.
#[derive(Debug, Clone)]
pub struct Entries<V>(pub Vec<(At<String>, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

impl<V: JsonSchema> JsonSchema for Entries<V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Table of {}", V::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<V>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}

/// One number for all, or a table of them.
#[derive(Debug, Clone)]
pub enum NumberOrTable<V> {
    /// The same for all.
    Number(f64),
    /// By what the table's keys name.
    Table(Entries<At<V>>),
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for NumberOrTable<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Either<V> {
            type Value = NumberOrTable<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a table of numbers")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                Ok(NumberOrTable::Number(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Ok(NumberOrTable::Number(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                Ok(NumberOrTable::Number(value as f64))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let table = Entries::deserialize(MapAccessDeserializer::new(map));
                table.map(NumberOrTable::Table)
            }
        }

        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<V: JsonSchema> JsonSchema for NumberOrTable<V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{} or table", V::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<Entries<At<V>>>();
        let mut number = V::json_schema(generator);
        number.remove("description");
        json_schema!({ "anyOf": [number, table] })
    }
}
