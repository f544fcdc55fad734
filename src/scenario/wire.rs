//! The shape of a scenario file, key by key: what serde reads and what the JSON Schema prints.
//! Whether the values make sense together does not live here.
//!
//! Every key may be absent here, so that one bad key does not hide the others: the check against
//! the schema reports what is missing or wrong, and `super::resolve` works with what is left.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, Visitor};

use super::defaults;
use super::spanned::{At, DateText, Entries, NumberOrTable, TimeText};
use super::wire_time::{HistoryValue, ScheduleTable, TimelineTable};
use crate::draw::TieBreak;
use crate::rules::patch::Counts;

/// A draw scenario: a pool of candidates and the rounds that are drawn from it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "drawsim scenario")]
pub struct ScenarioFile {
    /// Name of the scenario and of its result folder: letters, digits, `-`, `_` and `.`.
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// What a reader calls it; default: the name.
    pub title: Option<At<String>>,
    /// One line for lists of scenarios.
    pub description: Option<At<String>>,
    /// Seed of every random stream: the same seed gives the same results.
    #[schemars(range(min = 0), extend("default" = defaults::SEED))]
    pub seed: Option<At<i64>>,
    /// How often the scenario is run, each time with streams of its own.
    #[schemars(range(min = 1, max = defaults::MOST_REPLICATES), extend("default" = defaults::REPLICATES))]
    pub replicates: Option<At<i64>>,
    /// Date whose points and programs hold for the whole scenario; default: those of the pool's date,
    /// and then each change on its day. Categories and their versions, the time to answer invitations and
    /// the usual tie-breaking rule go by each round's own date all the same. Days are those of UTC:
    /// changes come at its midnight, a few hours before Ottawa's, and no published round lies between.
    pub rules: Option<At<DateText>>,
    /// The pool that the first round draws from.
    #[schemars(required)]
    pub pool: Option<At<PoolTable>>,
    /// The stretch of time that the rounds are held in: who arrives, leaves and changes.
    pub timeline: Option<At<TimelineTable>>,
    /// The rounds, in any order: they are held in order of time, equal times in order of the file.
    #[schemars(length(min = 1))]
    pub rounds: Option<At<Vec<At<RoundTable>>>>,
    /// Rounds by rule: every so many days, several types in turn.
    #[schemars(length(min = 1))]
    pub schedule: Option<At<Vec<At<ScheduleTable>>>>,
    /// The published instructions of a year, e.g. `"2024"`, or of the days of a table, the last one
    /// included, e.g. `{ from = 2024-01-01, to = 2024-06-30 }`: time, type, version and size of each round;
    /// never its result.
    pub history: Option<At<HistoryValue>>,
    /// What decides among candidates with the same score, in rounds that do not say themselves; default:
    /// `earliest-submission` for rounds from 2017-06-06 on, `none` for those before it, in which everybody
    /// with the lowest score was invited.
    pub tie_break: Option<At<TieBreak>>,
    /// What every number of invitations is multiplied by, rounded to whole candidates, 1 at least: a
    /// number, or a table by type of round, e.g. `{ french = 0.5 }`; types that it does not name stay.
    #[schemars(extend("default" = 1.0))]
    pub scale_invitations: Option<At<NumberOrTable<Scale>>>,
    /// Single points of the grid that this scenario sets, by name, e.g. `french_bonus = 25`;
    /// `drawsim schema points` lists the names. Where `age_29` and `age_29_with_spouse` are both set,
    /// the latter holds for those with a spouse, in whatever order they stand.
    pub points: Option<At<Entries<At<Points>>>>,
    /// Factors of its own that add points, within the maximum of 600 for all additional points
    /// (section D): nominees, who have 600 already, gain nothing.
    pub factors: Option<Vec<At<FactorTable>>>,
    /// Categories of its own that rounds can select.
    pub categories: Option<Vec<At<CategoryTable>>>,
    /// Policies that `compare` compares with this scenario, by name: each replaces some of its keys,
    /// and its points are merged into the scenario's. `run` and `odds` take one
    /// with `--policy`.
    pub policy: Option<At<Entries<At<PolicyTable>>>>,
}

/// A policy: keys that it replaces in the scenario. Pool, seed and timeline are the same for all,
/// so that differences are the policy's.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-shared" = defaults::SHARED))]
pub struct PolicyTable {
    /// What a reader calls it; default: its name.
    pub title: Option<At<String>>,
    /// One line for lists of policies.
    pub description: Option<At<String>>,
    /// Rounds of the policy; with any of `rounds`, `schedule` and `history` it has none of the
    /// scenario's.
    #[schemars(length(min = 1))]
    pub rounds: Option<At<Vec<At<RoundTable>>>>,
    /// Rounds by rule of the policy, in place of all rounds of the scenario.
    #[schemars(length(min = 1))]
    pub schedule: Option<At<Vec<At<ScheduleTable>>>>,
    /// Published rounds of the policy, in place of all rounds of the scenario.
    pub history: Option<At<HistoryValue>>,
    /// What decides among candidates with the same score, in rounds that do not say themselves;
    /// default: the scenario's.
    pub tie_break: Option<At<TieBreak>>,
    /// What every number of invitations is multiplied by, those of the policy's own rounds as well: a
    /// number, or a table by type of round; default: the scenario's.
    pub scale_invitations: Option<At<NumberOrTable<Scale>>>,
    /// Single points of the grid; those of the scenario that are not named here stay: its
    /// `age_29_with_spouse` as well where `age_29` is set here.
    pub points: Option<At<Entries<At<Points>>>>,
    /// Factors of the policy, in place of the scenario's.
    pub factors: Option<Vec<At<FactorTable>>>,
    /// Categories of the policy, in place of the scenario's.
    pub categories: Option<Vec<At<CategoryTable>>>,
}

/// What a number of invitations is multiplied by.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Scale(#[schemars(range(min = 0, max = defaults::MOST_SCALE))] pub f64);

/// The starting pool: drawn from a profile, or read from a candidate file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolTable {
    /// Date of the pool: midnight UTC at its start. Rules of this date; the latest published pool
    /// at or before it. Until `timeline.start` profiles expire, but nobody ages or changes.
    #[schemars(required)]
    pub as_of: Option<At<DateText>>,
    /// Candidates; default: the total of the bands, and without bands the published total.
    #[schemars(range(min = 1))]
    pub size: Option<At<i64>>,
    /// How many candidates each score band holds.
    #[schemars(extend("default" = defaults::BANDS))]
    pub bands: Option<At<BandsValue>>,
    /// Population profile: a built-in name, or the path of a profile file seen from this file.
    #[schemars(extend("default" = defaults::PROFILE))]
    pub profile: Option<At<String>>,
    /// A candidate file (CSV or Parquet), seen from this file, instead of a generated pool.
    pub file: Option<At<String>>,
}

/// One round, as its instruction reads.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundTable {
    /// When it is held, in UTC or with an offset.
    #[schemars(required)]
    pub at: Option<At<TimeText>>,
    /// Whom it ranks: `general`, `pnp`, `cec`, `fsw`, `fst`, or a category.
    #[schemars(required)]
    pub r#type: Option<At<String>>,
    /// Version of the category, as a check: it may name none but the one in force at that time, which
    /// the round takes anyway.
    pub version: Option<At<String>>,
    /// How many are invited.
    #[schemars(required, range(min = 1, max = defaults::MOST_INVITATIONS))]
    pub invitations: Option<At<i64>>,
    /// What decides among candidates with the same score; default: the scenario's `tie_break`.
    pub tie_break: Option<At<TieBreak>>,
    /// What tables call the round, e.g. its published number; default: its place in the file.
    pub label: Option<At<String>>,
}

/// A factor that adds points for work or a job offer in listed occupations.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorTable {
    /// Its name.
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// What earns the points: a year or more of work in Canada with a listed occupation as the primary one,
    /// worked in Canada (`noc_in_canada`; its months do not matter), a job offer, or either of them.
    #[schemars(required)]
    pub counts: Option<At<Counts>>,
    /// Occupations and their points; each occupation stands in one tier.
    #[schemars(required, length(min = 1))]
    pub tiers: Option<At<Vec<At<TierTable>>>>,
}

/// Occupations that earn the same points.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierTable {
    /// Points.
    #[schemars(required, range(min = 0, max = 600))]
    pub points: Option<At<i64>>,
    /// NOC 2021 codes, five digits each, as text.
    #[schemars(required, length(min = 1))]
    pub noc: Option<At<Vec<At<String>>>>,
}

/// A category of the scenario's own: all of its conditions have to hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryTable {
    /// Its name, for the `type` of rounds: small letters, digits and `_`, a letter first.
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// NOC 2021 codes, five digits each, as text; default: every occupation.
    #[schemars(length(min = 1))]
    pub noc: Option<At<Vec<At<String>>>>,
    /// Least months of work in a listed occupation within three years; default: 0.
    #[schemars(range(min = 0, max = 36))]
    pub months: Option<At<i64>>,
    /// Lowest NCLC level in each of the four abilities of French; default: none asked.
    #[schemars(range(min = 1, max = 12))]
    pub french: Option<At<i64>>,
    /// Lowest CLB level in each of the four abilities of English; default: none asked.
    #[schemars(range(min = 1, max = 12))]
    pub english: Option<At<i64>>,
    /// Whether the work has to be Canadian; default: false.
    pub in_canada: Option<At<bool>>,
}

/// Points that one name of the grid is set to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Points(#[schemars(range(min = 0, max = 1_200))] pub i64);

/// A number of candidates in a band.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Count(#[schemars(range(min = 0, max = defaults::MOST_CANDIDATES))] pub i64);

/// How many candidates each score band holds.
#[derive(Debug, Clone)]
pub enum BandsValue {
    /// `history` or `none`.
    Named(NamedBands),
    /// Candidates by band, e.g. `"501-600" = 726`.
    Table(Entries<At<Count>>),
}

/// Bands by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedBands {
    /// The latest published pool at or before the pool's date.
    History,
    /// No counts asked: the profile alone decides.
    None,
}

impl<'de> Deserialize<'de> for BandsValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrTable;

        impl<'de> Visitor<'de> for WordOrTable {
            type Value = BandsValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a table")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<BandsValue, E> {
                NamedBands::deserialize(text.into_deserializer()).map(BandsValue::Named)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BandsValue, A::Error> {
                Entries::deserialize(MapAccessDeserializer::new(map)).map(BandsValue::Table)
            }
        }

        deserializer.deserialize_any(WordOrTable)
    }
}

impl JsonSchema for BandsValue {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Bands".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<NamedBands>();
        let table = generator.subschema_for::<Entries<At<Count>>>();
        json_schema!({ "anyOf": [word, table] })
    }
}
