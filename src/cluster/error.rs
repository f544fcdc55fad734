//! Why a cluster did not do its work, and the way out.
//! How it is printed does not live here.

use std::io;
use std::time::Duration;

use crate::history::HistoryError;
use crate::scenario::Problems;

/// Why a cluster did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Nobody listens where the scheduler should be.
    #[error(
        "no scheduler answers at {at} ({why}); start one with `drawsim cluster scheduler`, or look \
         at the address"
    )]
    NoScheduler {
        /// Its address.
        at: String,
        /// What the operating system says.
        why: String,
    },
    /// Something listens there that is no scheduler.
    #[error("what answers at {at} is no scheduler of drawsim; look at the address")]
    NotAScheduler {
        /// The address.
        at: String,
    },
    /// The scheduler has no executors.
    #[error(
        "the scheduler at {at} has had no executor for {} seconds; start some with `drawsim cluster \
         executor --scheduler {at}`", .within.as_secs()
    )]
    NoExecutor {
        /// Address of the scheduler.
        at: String,
        /// How long was waited.
        within: Duration,
    },
    /// The scheduler was there and is not any more.
    #[error(
        "the scheduler at {at} has not answered for {} seconds ({why}); start it again", .within.as_secs()
    )]
    SchedulerGone {
        /// Its address.
        at: String,
        /// How long was waited.
        within: Duration,
        /// What went wrong last.
        why: String,
    },
    /// Executors were lost again and again.
    #[error(
        "the same partitions were lost {times} times with the executors that had made them ({why})"
    )]
    Lost {
        /// How often.
        times: u32,
        /// What went wrong last.
        why: String,
    },
    /// The scheduler refuses the executor.
    #[error(
        "the executor has ended: the scheduler at {at} told it to, since it had heard nothing of it for \
         {} seconds (of a machine that was suspended, say), or it could not listen any more; start it \
         again", .within.as_secs()
    )]
    LetGo {
        /// Address of the scheduler.
        at: String,
        /// How long an executor may be silent.
        within: Duration,
    },
    /// The scheduler does not answer the executor any more.
    #[error(
        "the executor has ended: the scheduler at {at} has not answered it several times; start it \
         again when the scheduler is there"
    )]
    Alone {
        /// Address of the scheduler.
        at: String,
    },
    /// Nothing is sent any more.
    #[error("the study was called off")]
    CalledOff,
    /// A scheduler or an executor refused or could not do its work.
    #[error("{0}")]
    Failed(String),
    /// The study cannot be made of what was asked for: bad input.
    #[error("{0}")]
    Input(String),
    /// A scenario that came is not in order.
    #[error("the scenario that came is not in order: {0}")]
    Scenario(#[from] Problems),
    /// A history that came is not in order.
    #[error("the history that came is not in order: {0}")]
    History(#[from] HistoryError),
    /// A role cannot listen where it should.
    #[error("cannot listen on {at}: {source}")]
    Listen {
        /// The address.
        at: String,
        /// Why.
        source: io::Error,
    },
    /// A file or folder.
    #[error("{what}: {source}")]
    Io {
        /// What was done.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Parts that came could not be kept.
    #[error(transparent)]
    Keep(Box<dyn std::error::Error + Send + Sync>),
}

impl ClusterError {
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        ClusterError::Io {
            what: what.into(),
            source,
        }
    }

    /// Whether the user gave something that cannot be run.
    pub fn is_usage(&self) -> bool {
        matches!(self, ClusterError::Input(_))
    }
}
