//! A study as it travels: scenarios as resolved, with the profiles that they name inside, or tables of
//! past rounds, and the program that sends them. Whoever receives it resolves the scenarios and reads
//! the tables again, opening no file.
//! How it is sent does not live here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ClusterError;
use super::program::Program;
use crate::history::{History, Texts, published};
use crate::inputs::{Input, InputRecord};
use crate::scenario::{Overrides, Plan, Scenario};
use crate::study::backtest::{self, BacktestParts};
use crate::study::compare::CompareParts;
use crate::study::kept::Parts;
use crate::study::population::Origin;
use crate::study::run::{RunError, RunParts};
use crate::study::spread::PoolParts;
use crate::study::sweep::{Combined, SweepParts};
use crate::study::{Detail, memory};
use crate::synthesis::pieces::CANDIDATES_PER_CHUNK;
use crate::units::Date;

/// Where the keys of a scenario stand that may name a profile file.
const PROFILES: [&str; 2] = ["/pool/profile", "/timeline/arrivals/profile"];

/// Replicates in a partition of a backtest, about: half a second of a processor.
const DRAWS: u32 = 50_000;

/// A study to be sent.
#[derive(Debug, Clone, Copy)]
pub enum Written<'a> {
    /// Replicates of a plan.
    Run {
        /// The plan.
        plan: &'a Plan,
        /// How much is kept of each replicate.
        detail: Detail,
    },
    /// Policies on the same people, the base first.
    Compare {
        /// The policies.
        plans: &'a [Plan],
    },
    /// Combinations of values.
    Sweep {
        /// Plans that people are made by.
        people: &'a [Plan],
        /// The combinations.
        combinations: &'a [Combined<'a>],
    },
    /// The first replicate of a plan, part by part of its pool.
    Pool {
        /// The plan.
        plan: &'a Plan,
        /// Chunks of a part.
        chunks: u32,
        /// Lowest scores of the contenders, where they are known.
        floors: Option<&'a [u16]>,
    },
    /// Past rounds, predicted.
    Backtest {
        /// The user's own history; none for that of the program.
        history: Option<&'a Texts>,
        /// Which rounds, and how.
        options: backtest::Options,
    },
}

/// A study that came, ready to be made.
#[derive(Debug)]
pub struct Study {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Run(Box<Plan>, Detail),
    Compare(Vec<Plan>),
    Sweep(Vec<Plan>, Vec<(usize, Plan)>),
    Pool {
        plan: Box<Plan>,
        chunks: u32,
        floors: Option<Vec<u16>>,
    },
    Backtest(Option<History>, backtest::Options),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    program: Program,
    study: WireStudy,
    /// Texts of profiles by the names that the scenarios have for them.
    profiles: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum WireStudy {
    Run {
        plan: WirePlan,
        detail: WireDetail,
    },
    Compare {
        plans: Vec<WirePlan>,
    },
    Sweep {
        people: Vec<WirePlan>,
        combinations: Vec<WireCombination>,
    },
    Pool {
        plan: WirePlan,
        chunks: u32,
        floors: Option<Vec<u16>>,
    },
    Backtest {
        history: Option<WireHistory>,
        from: Option<Date>,
        to: Option<Date>,
        replicates: u32,
        seed: u64,
    },
}

/// The texts of a history.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHistory {
    rounds: String,
    snapshots: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePlan {
    /// Beside the scenario: seeds of the command line may be larger than those of a file.
    seed: u64,
    scenario: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCombination {
    people: usize,
    plan: WirePlan,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum WireDetail {
    Rounds,
    First,
    Everything,
}

impl From<Detail> for WireDetail {
    fn from(detail: Detail) -> Self {
        match detail {
            Detail::Rounds => WireDetail::Rounds,
            Detail::First => WireDetail::First,
            Detail::Everything => WireDetail::Everything,
        }
    }
}

impl From<WireDetail> for Detail {
    fn from(detail: WireDetail) -> Self {
        match detail {
            WireDetail::Rounds => Detail::Rounds,
            WireDetail::First => Detail::First,
            WireDetail::Everything => Detail::Everything,
        }
    }
}

impl Written<'_> {
    /// Parts of a partition, at most, where so many were asked for; none for a number that suits most
    /// studies.
    pub fn partition(&self, asked: Option<u32>) -> Option<u32> {
        match self {
            // Its parts are as large as was asked for.
            Written::Pool { .. } => Some(1),
            Written::Backtest { options, .. } => {
                asked.or(Some((DRAWS / options.replicates.max(1)).clamp(1, 16)))
            }
            Written::Run { .. } | Written::Compare { .. } | Written::Sweep { .. } => asked,
        }
    }

    /// The bytes of the study.
    ///
    /// # Errors
    /// When it draws on a candidate file, which is not sent, or a profile cannot be read any more.
    pub fn bytes(&self) -> Result<Arc<[u8]>, ClusterError> {
        let mut profiles = Profiles::default();
        let study = match *self {
            Written::Run { plan, detail } => WireStudy::Run {
                plan: profiles.plan(plan)?,
                detail: detail.into(),
            },
            Written::Compare { plans } => WireStudy::Compare {
                plans: profiles.plans(plans)?,
            },
            Written::Sweep {
                people,
                combinations,
            } => {
                let combination = |one: &Combined<'_>| {
                    Ok::<_, ClusterError>(WireCombination {
                        people: one.people,
                        plan: profiles.plan(one.plan)?,
                    })
                };
                let combinations = combinations.iter().map(combination);
                let combinations = combinations.collect::<Result<_, _>>()?;
                WireStudy::Sweep {
                    people: profiles.plans(people)?,
                    combinations,
                }
            }
            Written::Pool {
                plan,
                chunks,
                floors,
            } => WireStudy::Pool {
                plan: profiles.plan(plan)?,
                chunks,
                floors: floors.map(<[u16]>::to_vec),
            },
            Written::Backtest { history, options } => WireStudy::Backtest {
                history: history.map(WireHistory::of).transpose()?,
                from: options.from,
                to: options.to,
                replicates: options.replicates,
                seed: options.seed,
            },
        };
        let wire = Wire {
            program: Program::this()?.clone(),
            study,
            profiles: profiles.texts,
        };
        let bytes = serde_json::to_vec(&wire).map_err(unwritten)?;
        Ok(bytes.into())
    }
}

fn unwritten(error: impl std::fmt::Display) -> ClusterError {
    ClusterError::Failed(format!("the study cannot be sent: {error}"))
}

impl WireHistory {
    fn of(texts: &Texts) -> Result<Self, ClusterError> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(unwritten);
        let [rounds, snapshots] = texts.bytes();
        Ok(WireHistory {
            rounds: text(rounds)?,
            snapshots: text(snapshots)?,
        })
    }

    fn read(self) -> Result<History, ClusterError> {
        let texts = Texts::from_bytes(self.rounds.into_bytes(), self.snapshots.into_bytes());
        Ok(texts.history()?)
    }
}

/// The profiles that come along, by the names that stand for their files.
#[derive(Default)]
struct Profiles {
    names: BTreeMap<PathBuf, String>,
    texts: BTreeMap<String, String>,
}

impl Profiles {
    fn plans(&mut self, plans: &[Plan]) -> Result<Vec<WirePlan>, ClusterError> {
        plans.iter().map(|plan| self.plan(plan)).collect()
    }

    fn plan(&mut self, plan: &Plan) -> Result<WirePlan, ClusterError> {
        if let Some(file) = &plan.pool.file {
            return Err(ClusterError::Input(format!(
                "the candidates of {} stay on this machine: run the scenario without --cluster",
                file.display()
            )));
        }
        let beside = plan
            .inputs
            .first()
            .and_then(|scenario| scenario.path.parent());
        let beside = beside.unwrap_or(Path::new(""));
        let mut scenario = plan.resolved.clone();
        for pointer in PROFILES {
            if let Some(Value::String(written)) = scenario.pointer_mut(pointer)
                && written.ends_with(".toml")
            {
                *written = self.name(beside.join(&*written), &plan.inputs)?;
            }
        }
        if let Value::Object(keys) = &mut scenario {
            // How many there are is the sender's, who says which are made.
            keys.shift_remove("seed");
            keys.shift_remove("replicates");
        }
        Ok(WirePlan {
            seed: plan.seed,
            scenario: toml::to_string(&scenario).map_err(unwritten)?,
        })
    }

    /// The name that stands for a file, whose text comes along: the one that was read for the plan.
    fn name(&mut self, path: PathBuf, inputs: &[Input]) -> Result<String, ClusterError> {
        if let Some(name) = self.names.get(&path) {
            return Ok(name.clone());
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ClusterError::io(format!("cannot read {}", path.display()), error))?;
        let now = InputRecord::of_bytes(&path, text.as_bytes());
        let mut known = inputs.iter().filter(|input| input.path == path);
        if known.any(|input| input.read.as_ref() != Some(&now)) {
            return Err(ClusterError::Failed(format!(
                "{} has changed since it was read for the scenario; run the command again",
                path.display()
            )));
        }
        let name = format!("{}.toml", self.names.len() + 1);
        self.texts.insert(name.clone(), text);
        self.names.insert(path, name.clone());
        Ok(name)
    }
}

/// Checks that what came was sent by this very program.
///
/// # Errors
/// When it was sent by another, with both; `whose` is the role that looks.
pub(super) fn check_program(bytes: &[u8], whose: &str) -> Result<(), ClusterError> {
    read(bytes, whose).map(drop)
}

fn read(bytes: &[u8], whose: &str) -> Result<Wire, ClusterError> {
    #[derive(Deserialize)]
    struct Sender {
        program: Program,
    }
    let unread = |error: serde_json::Error| {
        ClusterError::Failed(format!("the {whose} cannot read what came: {error}"))
    };
    let this = Program::this()?;
    // Another version may have other keys: who sends is asked first.
    let Sender { program } = serde_json::from_slice(bytes).map_err(unread)?;
    if program != *this {
        return Err(ClusterError::Failed(format!(
            "the {whose} is {this}, and the study was sent by {program}; results are the same only \
             where scheduler, executors and command are the same file of the program"
        )));
    }
    serde_json::from_slice(bytes).map_err(unread)
}

impl Study {
    /// Reads a study that came and checks it: every scenario is resolved again, and every table read
    /// again. No file is opened.
    ///
    /// # Errors
    /// When it was sent by another program, or a scenario or table is not in order.
    pub fn read(bytes: &[u8]) -> Result<Self, ClusterError> {
        let wire = read(bytes, "executor")?;
        let profiles = Some(Arc::new(wire.profiles));
        let plan = |sent: WirePlan| {
            let overrides = Overrides {
                seed: Some(sent.seed),
                enclosed: profiles.clone(),
                ..Overrides::default()
            };
            let scenario = Scenario::from_bytes(sent.scenario.into_bytes(), "scenario.toml")?;
            Ok::<_, ClusterError>(scenario.resolve_with(&overrides)?)
        };
        let plans = |sent: Vec<WirePlan>| sent.into_iter().map(plan).collect::<Result<Vec<_>, _>>();
        let kind = match wire.study {
            WireStudy::Run { plan: sent, detail } => {
                Kind::Run(Box::new(plan(sent)?), detail.into())
            }
            WireStudy::Compare { plans: sent } => Kind::Compare(plans(sent)?),
            WireStudy::Sweep {
                people,
                combinations,
            } => {
                let people = plans(people)?;
                let combination = |sent: WireCombination| match sent.people < people.len() {
                    true => Ok((sent.people, plan(sent.plan)?)),
                    false => Err(ClusterError::Failed(
                        "a combination names people that did not come".to_owned(),
                    )),
                };
                let combinations = combinations.into_iter().map(combination);
                Kind::Sweep(people.clone(), combinations.collect::<Result<_, _>>()?)
            }
            WireStudy::Pool {
                plan: sent,
                chunks,
                floors,
            } => Kind::Pool {
                plan: Box::new(plan(sent)?),
                chunks,
                floors,
            },
            WireStudy::Backtest {
                history,
                from,
                to,
                replicates,
                seed,
            } => {
                let most = backtest::Options::MOST_REPLICATES;
                if !(1..=most).contains(&replicates) {
                    return Err(ClusterError::Failed(format!(
                        "{replicates} replicates of a round came, where 1 to {most} may"
                    )));
                }
                let options = backtest::Options {
                    from,
                    to,
                    replicates,
                    seed,
                };
                let history = history.map(WireHistory::read).transpose()?;
                Kind::Backtest(history, options)
            }
        };
        Ok(Study { kind })
    }

    /// The plans that came, in the order in which they were sent.
    pub fn plans(&self) -> Vec<&Plan> {
        match &self.kind {
            Kind::Run(plan, _) | Kind::Pool { plan, .. } => vec![plan],
            Kind::Compare(plans) => plans.iter().collect(),
            Kind::Sweep(people, combinations) => {
                let combinations = combinations.iter().map(|(_, plan)| plan);
                people.iter().chain(combinations).collect()
            }
            Kind::Backtest(..) => Vec::new(),
        }
    }

    /// Bytes that so many parts take while they are made at once.
    pub fn memory(&self, parts: u64) -> u64 {
        match &self.kind {
            Kind::Run(plan, _) => memory::of_replicates(plan, None, parts, parts),
            Kind::Compare(plans) => memory::of_comparisons(plans, None, parts),
            Kind::Sweep(people, combinations) => {
                let of = |plan| memory::of_sweeps(plan, None, combinations.len(), parts, parts);
                people.iter().map(of).max().unwrap_or(0)
            }
            Kind::Pool { plan, chunks, .. } => {
                let candidates = u64::from(*chunks) * u64::from(CANDIDATES_PER_CHUNK);
                memory::of_parts(plan, candidates, parts)
            }
            Kind::Backtest(history, options) => {
                let history = history.as_ref().unwrap_or_else(|| published());
                memory::of_backtests(history, options, parts)
            }
        }
    }

    /// Gives what makes the parts to `with`.
    ///
    /// # Errors
    /// When a profile cannot give such candidates, and what `with` fails with.
    pub(super) fn make<T>(
        &self,
        with: impl FnOnce(&dyn Parts) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        match &self.kind {
            Kind::Run(plan, detail) => with(&RunParts::new(plan, *detail)?),
            Kind::Compare(plans) => match CompareParts::of(plans)? {
                Some(parts) => with(&parts),
                None => Err(RunError::Listener("there is nothing to compare".into())),
            },
            Kind::Sweep(people, combinations) => {
                let combined = combinations.iter().map(|(people, plan)| Combined {
                    people: *people,
                    plan,
                });
                let combined: Vec<Combined<'_>> = combined.collect();
                with(&SweepParts::new(people, &combined, None)?)
            }
            Kind::Pool {
                plan,
                chunks,
                floors,
            } => {
                let origin = Origin::new(plan, None)?;
                match PoolParts::new(&origin, *chunks, floors.as_deref())? {
                    Some(parts) => with(&parts),
                    None => Err(RunError::Listener(
                        "the pool that came is not spread".into(),
                    )),
                }
            }
            Kind::Backtest(history, options) => {
                let history = history.as_ref().unwrap_or_else(|| published());
                with(&BacktestParts::new(history, *options))
            }
        }
    }
}
