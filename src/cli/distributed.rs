//! `--cluster` of the verbs that run replicates: the parts of a study are gathered from a cluster
//! before the study goes on with all of them. How they are gathered is `cluster`'s.

use clap::Args;

#[cfg(feature = "cluster")]
pub use with::{gather, replicate};

/// Options of the verbs whose replicates a cluster can make.
#[derive(Debug, Clone, Args)]
pub struct Distributed {
    /// Have the replicates made by the executors of the scheduler there.
    #[arg(long, value_name = "HOST:PORT", hide = cfg!(not(feature = "cluster")))]
    pub cluster: Option<String>,
    /// Most replicates of a partition, which one executor makes at a time. Default: a 200th of them,
    /// 16 at least. Of a pool that is spread: most candidates, in whole chunks of 16,384. Default: a
    /// 200th of them, 1,048,576 at least and 8,388,608 at most. Of a backtest: most rounds, with all
    /// their replicates. Default: 16, or as many as have 50,000 replicates together.
    #[arg(
        long,
        value_name = "N",
        requires = "cluster",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000_000),
        hide = cfg!(not(feature = "cluster"))
    )]
    pub partition: Option<u32>,
}

#[cfg(not(feature = "cluster"))]
mod without {
    use super::Distributed;
    use crate::cli::common::Shared;
    use crate::cli::failure::Failure;
    use crate::output::Journal;
    use crate::scenario::Plan;
    use crate::study::Replicate;
    use crate::study::spread::Spread;

    impl Distributed {
        /// Whether a cluster makes the replicates of these plans.
        ///
        /// # Errors
        /// When one is asked for: this build has none.
        pub fn is_wanted(&self, _: &[Plan]) -> Result<bool, Failure> {
            match self.cluster {
                None => Ok(false),
                Some(_) => Err(no_cluster()),
            }
        }

        /// How the replicate of a plan is spread, where a cluster makes it part by part.
        pub fn spread<'p>(&self, _: &'p Plan) -> Option<Spread<'p>> {
            None
        }
    }

    /// Has the replicate of a plan made part by part of its pool.
    ///
    /// # Errors
    /// Always: this build has no cluster.
    pub fn replicate(
        _: &Distributed,
        _: &Shared,
        _: &Spread<'_>,
        _: &Journal,
    ) -> Result<Replicate, Failure> {
        Err(no_cluster())
    }

    /// What is told where a cluster is asked for.
    pub fn no_cluster() -> Failure {
        Failure::input(
            "this drawsim was built without the cluster; build it with `cargo build --release \
             --features cluster`",
        )
    }
}

#[cfg(not(feature = "cluster"))]
pub use without::{no_cluster, replicate};

#[cfg(feature = "cluster")]
mod with {
    use std::ops::Range;

    use super::Distributed;
    use crate::cli;
    use crate::cli::common::Shared;
    use crate::cli::failure::Failure;
    use crate::cli::stop;
    use crate::cluster::{self, Address, Cancel, ClusterError, Gather, Written};
    use crate::observe::Observer;
    use crate::output::Journal;
    use crate::scenario::Plan;
    use crate::study::kept::Keeper;
    use crate::study::spread::{Floors, Spread};
    use crate::study::{Replicate, memory};

    impl From<ClusterError> for Failure {
        fn from(error: ClusterError) -> Self {
            if error.is_usage() {
                Failure::input(error)
            } else {
                Failure::run(error)
            }
        }
    }

    impl Distributed {
        /// Whether a cluster makes the replicates of these plans.
        ///
        /// # Errors
        /// When its address is none, or a plan draws on candidates of this machine.
        pub fn is_wanted(&self, plans: &[Plan]) -> Result<bool, Failure> {
            let is_wanted = self.address()?.is_some();
            let file = plans.iter().find_map(|plan| plan.pool.file.as_ref());
            match file {
                Some(file) if is_wanted => Err(Failure::input(format!(
                    "the candidates of {} stay on this machine: leave --cluster out",
                    file.display()
                ))),
                _ => Ok(is_wanted),
            }
        }

        /// How the replicate of a plan is spread, where a cluster makes it part by part.
        pub fn spread<'p>(&self, plan: &'p Plan) -> Option<Spread<'p>> {
            let is_one = self.cluster.is_some() && plan.replicates == 1;
            Spread::of(plan, self.partition).filter(|_| is_one)
        }

        fn address(&self) -> Result<Option<Address>, Failure> {
            let Some(text) = &self.cluster else {
                return Ok(None);
            };
            let address = text.parse();
            address.map(Some).map_err(|why: String| {
                Failure::input(format!("--cluster {text} is no address: {why}"))
            })
        }
    }

    /// A cluster that is asked for.
    struct Asked<'a> {
        distributed: &'a Distributed,
        scheduler: Address,
        cancel: Cancel,
        observer: Box<dyn Observer>,
    }

    impl<'a> Asked<'a> {
        /// The cluster, whose work is called off when the user wishes to stop; none where none is
        /// asked for.
        fn of(distributed: &'a Distributed, shared: &Shared) -> Result<Option<Self>, Failure> {
            let Some(scheduler) = distributed.address()? else {
                return Ok(None);
            };
            let cancel = Cancel::new(scheduler.clone());
            stop::first({
                let cancel = cancel.clone();
                move || cancel.cancel()
            });
            Ok(Some(Asked {
                distributed,
                scheduler,
                cancel,
                observer: shared.observer(),
            }))
        }

        fn gather(
            &self,
            study: Written<'_>,
            missing: Vec<Range<u32>>,
            keeper: &dyn Keeper,
        ) -> Result<(), Failure> {
            cluster::gather(Gather {
                scheduler: &self.scheduler,
                study: study.bytes()?,
                missing,
                partition: study.partition(self.distributed.partition),
                keeper,
                observer: &*self.observer,
                cancel: self.cancel.clone(),
            })?;
            Ok(())
        }
    }

    /// Gathers those of the first `count` parts that the journal does not have, where a cluster is
    /// asked for.
    ///
    /// # Errors
    /// When the cluster does not make them; what it made is kept.
    pub fn gather(
        distributed: &Distributed,
        shared: &Shared,
        study: Written<'_>,
        journal: &Journal,
        count: u32,
    ) -> Result<(), Failure> {
        match Asked::of(distributed, shared)? {
            Some(cluster) => cluster.gather(study, journal.missing(count), journal),
            None => Ok(()),
        }
    }

    /// Has the replicate of a plan made part by part of its pool, but for the parts that the journal
    /// has.
    ///
    /// # Errors
    /// When the cluster does not make the parts, or this machine has no room for those who may be
    /// invited; what is made is kept.
    pub fn replicate(
        distributed: &Distributed,
        shared: &Shared,
        spread: &Spread<'_>,
        journal: &Journal,
    ) -> Result<Replicate, Failure> {
        let Some(cluster) = Asked::of(distributed, shared)? else {
            return Err(Failure::input("a pool is spread with --cluster alone"));
        };
        let plan = spread.plan();
        spread.replicate(journal, |pass, keeper| {
            if let Some(contenders) = pass.contenders {
                fits(plan, contenders)?;
            }
            let study = Written::Pool {
                plan,
                chunks: spread.chunks(),
                floors: pass.floors.map(Floors::scores),
            };
            cluster.gather(study, pass.missing.clone(), keeper)
        })
    }

    /// Whether those who may be invited fit into the memory of this machine.
    fn fits(plan: &Plan, contenders: u64) -> Result<(), Failure> {
        let needed = memory::of_contenders(contenders);
        cli::memory::lacking(needed).map_or(Ok(()), |why| {
            Err(Failure::run(format!(
                "the {contenders} candidates of {} who may be invited come to this machine, which {why}; \
                 invite fewer, or run the command on a machine with more memory",
                plan.name
            )))
        })
    }
}
