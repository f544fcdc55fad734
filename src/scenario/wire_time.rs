//! The shape of a scenario file's keys about time: timeline, repeated rounds, published rounds.
//! Pool, rounds and rules stand in `wire`; whether the values make sense together is `resolve`'s.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::defaults;
use super::spanned::{At, DateText, Entries, Moment, NumberOrTable};
use super::wire::Count;
use crate::draw::TieBreak;
use crate::synthesis::Mix;

/// A stretch of time and what happens in it besides rounds. Profiles expire 365 days after their
/// submission, to the second: that is law and no key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimelineTable {
    /// First moment, a date for its midnight UTC; default: that of the pool. From the pool's date to
    /// a later start profiles expire, but nobody arrives, ages or changes.
    pub start: Option<At<Moment>>,
    /// First moment after the stretch, a date for its midnight UTC.
    #[schemars(required)]
    pub end: Option<At<Moment>>,
    /// Who arrives; default: nobody.
    pub arrivals: Option<At<ArrivalsTable>>,
    /// Withdrawals per candidate and year (a hazard).
    #[schemars(range(min = 0, max = defaults::MOST_YEARLY), extend("default" = 0.0))]
    pub withdrawals_per_year: Option<At<f64>>,
    /// How invitations are answered; default: all are accepted. Where `accept` and `decline` add up
    /// to less than 1, the others let the invitation lapse and leave the pool with it, after 60 days
    /// (90 for rounds from 2016-11-19 to 2018-06-25 and from March 2020 to 2021-06-28).
    pub answers: Option<At<AnswersTable>>,
    /// What changes while candidates wait.
    pub changes: Option<At<ChangesTable>>,
}

/// Who arrives along a timeline.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalsTable {
    /// Mean arrivals a day: a number, or a list of periods in order of time, each from a moment or date
    /// on, e.g. `[{ from = 2024-01-09, per_day = 900 }, { from = 2024-07-01T12:00:00Z, per_day = 800 }]`;
    /// before the first nobody arrives.
    #[schemars(required)]
    pub per_day: Option<At<RatesValue>>,
    /// Weights of the weekdays, Monday first; 1 leaves the rate as it is.
    #[schemars(length(min = 7, max = 7), inner(range(min = 0, max = defaults::MOST_WEIGHT)))]
    pub weekdays: Option<At<Vec<f64>>>,
    /// Weights of the months, January first; 1 leaves the rate as it is.
    #[schemars(length(min = 12, max = 12), inner(range(min = 0, max = defaults::MOST_WEIGHT)))]
    pub months: Option<At<Vec<f64>>>,
    /// Population profile of those who arrive; default: that of the pool.
    pub profile: Option<At<String>>,
    /// Relative frequency of score bands among those who arrive.
    #[schemars(extend("default" = defaults::ARRIVAL_BANDS))]
    pub bands: Option<At<ArrivalBandsValue>>,
    /// Who arrives within a score band.
    #[schemars(extend("default" = "fitted"))]
    pub mix: Option<At<ArrivalMix>>,
    /// How many times as frequent segments of the profile are among those who arrive, by the names that
    /// they have in the profile, e.g. `{ french-overseas = 1.5, french-inland = 1.5 }`.
    pub segments: Option<At<Entries<At<Weight>>>>,
    /// How many come with a nomination, by which those with 601 points or more are meant: `bands` has them come
    /// as `bands` says, and `rounds` before each round of nominees (`pnp`) as many as it takes to find as many as
    /// it invites, whatever `per_day` says, on the days after the last round before it that was one of nominees or
    /// a general one, those counted in who are there (at the start as many as the pool has with 601 points or
    /// more); before a general round no more than leave a twentieth of its places to others; on other days as
    /// `bands` says. A list names the days, e.g. `[{ from = 2025-07-08, before = 2025-07-21, arrive = 200 }]`.
    #[schemars(extend("default" = "bands"))]
    pub nominees: Option<At<NomineesValue>>,
}

/// What the number of nominees among those who arrive goes by.
#[derive(Debug, Clone)]
pub enum NomineesValue {
    /// `bands` or `rounds`.
    Named(NamedNominees),
    /// Periods in order.
    Periods(Vec<At<ArrivingTable>>),
}

/// What it goes by, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedNominees {
    /// The bands of those who arrive.
    Bands,
    /// The rounds of the scenario, also where a policy has others.
    Rounds,
}

/// Nominees who arrive within some days.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivingTable {
    /// The first day.
    #[schemars(required)]
    pub from: Option<At<DateText>>,
    /// The day after the last one, on which none arrive unless the next period begins with it.
    #[schemars(required)]
    pub before: Option<At<DateText>>,
    /// How many arrive.
    #[schemars(required, range(min = 0, max = defaults::MOST_INVITATIONS))]
    pub arrive: Option<At<i64>>,
}

/// How many times as frequent something is.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Weight(#[schemars(range(min = 0, max = defaults::MOST_WEIGHT))] pub f64);

/// A yearly rate.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Yearly(#[schemars(range(min = 0, max = defaults::MOST_YEARLY))] pub f64);

/// A yearly rate for everybody, or by score band.
pub type YearlyValue = NumberOrTable<Yearly>;

/// Arrivals a day from a date on.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateTable {
    /// First moment of the rate; before the first rate nobody arrives.
    #[schemars(required)]
    pub from: Option<At<Moment>>,
    /// Mean arrivals a day.
    #[schemars(required, range(min = 0, max = defaults::MOST_PER_DAY))]
    pub per_day: Option<At<f64>>,
}

/// How invitations are answered. Those who neither accept nor decline let the invitation lapse, and
/// leave the pool with it, when the time to answer is over: after 60 days, or 90 for rounds from
/// 2016-11-19 to 2018-06-25 and from March 2020 to 2021-06-28.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersTable {
    /// Share who apply and leave for good; default: 1 less `decline`.
    #[schemars(range(min = 0, max = 1))]
    pub accept: Option<At<f64>>,
    /// Share who decline and are back in the pool with the old submission time, at a moment spread
    /// evenly from 1 second after the round to the end of the time to answer.
    #[schemars(range(min = 0, max = 1), extend("default" = 0.0))]
    pub decline: Option<At<f64>>,
}

/// What changes while candidates wait; the submission time stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangesTable {
    /// Whether candidates grow older.
    #[schemars(extend("default" = true))]
    pub birthdays: Option<At<bool>>,
    /// Share of those at work in Canada (`noc_in_canada`) who go on working and gain a year, once: no
    /// profile waits longer than 365 days. The months in the primary occupation stay as they are.
    #[schemars(range(min = 0, max = 1), extend("default" = 0.0))]
    pub work_in_canada: Option<At<f64>>,
    /// Better results in the first official language per candidate and year: one level in each
    /// ability below 10, at most once while a profile waits (365 days at most). So rates above about
    /// 0.5 give clearly fewer improvements than they say. The language is the one that the candidate
    /// names as first, where it has results in it, and else the one in which its lowest ability is higher.
    #[schemars(range(min = 0, max = defaults::MOST_YEARLY), extend("default" = 0.0))]
    pub language_per_year: Option<At<f64>>,
    /// Nominations by a province or territory per candidate and year: a number, or a table by the
    /// score with which the candidate came into view, e.g. `{ "0-300" = 0.9, "301-1200" = 0.1 }`.
    #[schemars(extend("default" = 0.0))]
    pub nomination_per_year: Option<At<YearlyValue>>,
    /// Weights of the months for nominations, January first; 1 leaves the rate as it is.
    #[schemars(length(min = 12, max = 12), inner(range(min = 0, max = defaults::MOST_WEIGHT)))]
    pub nomination_months: Option<At<Vec<f64>>>,
}

/// Rounds by rule: one every so many days, its types in turn.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTable {
    /// How often, e.g. `"2 weeks"` or `"10 days"`.
    #[schemars(required)]
    pub every: Option<At<String>>,
    /// Time of the first round, or its date (then at `hour`); or give `weekday`.
    pub first: Option<At<Moment>>,
    /// Weekday of the first round: the first such day from the start on.
    pub weekday: Option<At<Weekday>>,
    /// Hour of rounds given by a date or a weekday, UTC.
    #[schemars(range(min = 0, max = 23), extend("default" = defaults::ROUND_HOUR))]
    pub hour: Option<At<i64>>,
    /// No round is held at or after this moment; default: the end of the timeline.
    pub until: Option<At<Moment>>,
    /// Types of the rounds, one after another and then from the first again.
    #[schemars(required, length(min = 1))]
    pub turns: Option<At<Vec<At<TurnTable>>>>,
    /// What decides among candidates with the same score; default: the scenario's `tie_break`.
    pub tie_break: Option<At<TieBreak>>,
    /// What labels of its rounds start with; default: `s1` for the first schedule, and so on.
    pub label: Option<At<String>>,
}

/// One of the types that a schedule takes in turn.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnTable {
    /// Whom it ranks: `general`, `pnp`, `cec`, `fsw`, `fst`, or a category.
    #[schemars(required)]
    pub r#type: Option<At<String>>,
    /// Version of the category, as a check: it may name none but the one in force at the time of each
    /// round, which the round takes anyway.
    pub version: Option<At<String>>,
    /// How many are invited.
    #[schemars(required, range(min = 1, max = defaults::MOST_INVITATIONS))]
    pub invitations: Option<At<i64>>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// Days of published rounds, both included.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryTable {
    /// First day.
    #[schemars(required)]
    pub from: Option<At<DateText>>,
    /// Last day.
    #[schemars(required)]
    pub to: Option<At<DateText>>,
}

/// Which published rounds.
#[derive(Debug, Clone)]
pub enum HistoryValue {
    /// A year, as text.
    Year(String),
    /// From a day to a day.
    Days(HistoryTable),
}

/// Arrivals a day.
#[derive(Debug, Clone)]
pub enum RatesValue {
    /// The same all the time.
    Constant(f64),
    /// By period.
    Periods(Vec<At<RateTable>>),
}

/// Score bands of those who arrive.
#[derive(Debug, Clone)]
pub enum ArrivalBandsValue {
    /// `pool` or `none`.
    Named(NamedArrivalBands),
    /// Relative frequency by band, e.g. `"501-600" = 3`.
    Table(Entries<At<Count>>),
}

/// Bands of arrivals by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedArrivalBands {
    /// In the proportions of the starting pool; those of a candidate file are counted in the bands
    /// that pools are published in.
    Pool,
    /// None asked: the profile alone decides.
    None,
}

/// Who arrives within a score band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalMix {
    /// Segments in the shares that fit `bands` best: more high scores bring more of the segments
    /// with high scores.
    Fitted,
    /// As the profile has them: each band holds those whom the profile has there.
    Profile,
}

impl From<ArrivalMix> for Mix {
    fn from(mix: ArrivalMix) -> Mix {
        match mix {
            ArrivalMix::Fitted => Mix::Fitted,
            ArrivalMix::Profile => Mix::Own,
        }
    }
}

impl<'de> Deserialize<'de> for HistoryValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct YearOrTable;

        impl<'de> Visitor<'de> for YearOrTable {
            type Value = HistoryValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a year or a table")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<HistoryValue, E> {
                Ok(HistoryValue::Year(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HistoryValue, A::Error> {
                HistoryTable::deserialize(MapAccessDeserializer::new(map)).map(HistoryValue::Days)
            }
        }

        deserializer.deserialize_any(YearOrTable)
    }
}

impl JsonSchema for HistoryValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "History".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<HistoryTable>();
        json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

impl<'de> Deserialize<'de> for RatesValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrList;

        impl<'de> Visitor<'de> for NumberOrList {
            type Value = RatesValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a list of periods")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<RatesValue, E> {
                Ok(RatesValue::Constant(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<RatesValue, E> {
                Ok(RatesValue::Constant(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<RatesValue, E> {
                Ok(RatesValue::Constant(value as f64))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RatesValue, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(RatesValue::Periods)
            }
        }

        deserializer.deserialize_any(NumberOrList)
    }
}

impl JsonSchema for RatesValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Rates".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let period = generator.subschema_for::<RateTable>();
        json_schema!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": defaults::MOST_PER_DAY },
            { "type": "array", "items": period, "minItems": 1 },
        ] })
    }
}

impl<'de> Deserialize<'de> for ArrivalBandsValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrTable;

        impl<'de> Visitor<'de> for WordOrTable {
            type Value = ArrivalBandsValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a table")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ArrivalBandsValue, E> {
                let word = NamedArrivalBands::deserialize(text.into_deserializer());
                word.map(ArrivalBandsValue::Named)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ArrivalBandsValue, A::Error> {
                let table = Entries::deserialize(MapAccessDeserializer::new(map));
                table.map(ArrivalBandsValue::Table)
            }
        }

        deserializer.deserialize_any(WordOrTable)
    }
}

impl<'de> Deserialize<'de> for NomineesValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrList;

        impl<'de> Visitor<'de> for WordOrList {
            type Value = NomineesValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of periods")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<NomineesValue, E> {
                let word = NamedNominees::deserialize(text.into_deserializer());
                word.map(NomineesValue::Named)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<NomineesValue, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(NomineesValue::Periods)
            }
        }

        deserializer.deserialize_any(WordOrList)
    }
}

impl JsonSchema for NomineesValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Nominees".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<NamedNominees>();
        let period = generator.subschema_for::<ArrivingTable>();
        json_schema!({ "anyOf": [word, { "type": "array", "items": period, "minItems": 1 }] })
    }
}

impl JsonSchema for ArrivalBandsValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ArrivalBands".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<NamedArrivalBands>();
        let table = generator.subschema_for::<Entries<At<Count>>>();
        json_schema!({ "anyOf": [word, table] })
    }
}
