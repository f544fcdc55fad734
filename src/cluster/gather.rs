//! What the command does: sends partitions to a scheduler a few at a time, fetches what executors
//! made of them, and keeps it as parts of the study. Where they are kept is the keeper's.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::ids::new_instance_id;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::ask::Address;
use super::cancel::Cancel;
use super::error::ClusterError;
use super::executor::runtime;
use super::job::{Ended, Fetched, GRACE, Job, stopped};
use crate::observe::Observer;
use crate::study::kept::Keeper;

/// Partitions of a study, about, at most.
const MOST: u64 = 200;
/// Parts of a partition, at least.
const FEWEST: u32 = 16;
/// Jobs that are with the scheduler at once: one is made while another comes to its end.
const JOBS: usize = 2;
/// Jobs that a study is cut into, about: so often the bar moves, and so much is kept at once.
const PIECES: usize = 50;
/// Partitions of a job, at least: enough for the slots of a few machines.
const LEAST: usize = 32;
/// How often partitions are made again whose executor was lost before they were fetched.
const AGAIN: u32 = 3;

/// What is to be gathered.
pub struct Gather<'a> {
    /// The scheduler.
    pub scheduler: &'a Address,
    /// The study as it travels.
    pub study: Arc<[u8]>,
    /// The parts that are missing.
    pub missing: Vec<Range<u32>>,
    /// Parts of a partition, at most; `None` for a number that suits most studies.
    pub partition: Option<u32>,
    /// Where parts are kept.
    pub keeper: &'a dyn Keeper,
    /// Hears of the partitions that are done.
    pub observer: &'a dyn Observer,
    /// Knows the jobs, so that they can be cancelled from elsewhere.
    pub cancel: Cancel,
}

/// Has the missing parts made and keeps them; in the end all are kept, or none is missing without a
/// reason told.
///
/// # Errors
/// When the scheduler, its executors or the study fail; what is kept until then stays.
pub fn gather(what: Gather<'_>) -> Result<(), ClusterError> {
    let partitions = partitions(
        &what.missing,
        what.partition.unwrap_or_else(|| usual(&what.missing)),
    );
    if partitions.is_empty() {
        return Ok(());
    }
    let runtime = runtime()?;
    runtime.block_on(async {
        let done = all(&what, partitions).await;
        if done.is_err() {
            what.cancel.call_off().await;
        }
        done
    })
}

/// Parts of a partition where nobody says how many: enough that handing it out costs little, and few
/// enough that many executors have some.
fn usual(missing: &[Range<u32>]) -> u32 {
    let count: u64 = missing.iter().map(|range| range.len() as u64).sum();
    u32::try_from(count / MOST).unwrap_or(u32::MAX).max(FEWEST)
}

/// Ranges of at most so many parts each.
fn partitions(missing: &[Range<u32>], most: u32) -> Vec<Range<u32>> {
    let cut = |range: &Range<u32>| {
        let end = range.end;
        let firsts = range.clone().step_by(most.max(1) as usize);
        firsts.map(move |first| first..first.saturating_add(most.max(1)).min(end))
    };
    missing.iter().flat_map(cut).collect()
}

async fn all(what: &Gather<'_>, partitions: Vec<Range<u32>>) -> Result<(), ClusterError> {
    wait_for_executors(what.scheduler).await?;
    what.observer.begin("partitions", partitions.len() as u64);
    let size = partitions.len().div_ceil(PIECES).max(LEAST);
    let mut waiting: VecDeque<(u32, Vec<Range<u32>>)> = partitions
        .chunks(size)
        .map(|job| (1, job.to_vec()))
        .collect();
    let mut jobs = JoinSet::new();
    let mut rounds = HashMap::new();
    let (tell, mut news) = mpsc::channel::<Fetched>(4);
    let session = new_instance_id();
    let mut ready = Instant::now();
    loop {
        while jobs.len() < JOBS
            && let Some((round, ranges)) = waiting.pop_front()
        {
            let job = Job {
                session: session.clone(),
                scheduler: what.scheduler.clone(),
                study: Arc::clone(&what.study),
                ranges,
                cancel: what.cancel.clone(),
                tell: tell.clone(),
            };
            let task = jobs.spawn(job.run());
            rounds.insert(task.id(), round);
        }
        tokio::select! {
            Some(parts) = news.recv() => {
                for (part, bytes) in parts {
                    what.keeper.keep(part, &|| bytes.clone()).map_err(ClusterError::Keep)?;
                }
                what.observer.advance(1);
                ready = Instant::now();
            }
            ended = jobs.join_next_with_id() => match ended {
                None => break,
                Some(Err(error)) => return Err(stopped(error)),
                Some(Ok((id, ended))) => {
                    let round = rounds.remove(&id).unwrap_or(AGAIN);
                    match ended? {
                        Ended::Whole => {}
                        Ended::Lost(_, why) if round == AGAIN => {
                            return Err(ClusterError::Lost { times: AGAIN, why });
                        }
                        Ended::Lost(ranges, _) => waiting.push_front((round + 1, ranges)),
                    }
                }
            },
            () = sleep(Duration::from_secs(2)) => {
                match what.scheduler.has_executors().await {
                    Ok(true) => ready = Instant::now(),
                    Ok(false) if ready.elapsed() > GRACE => return Err(no_executor(what.scheduler)),
                    // A scheduler that does not answer is the jobs' to tell.
                    Ok(false) | Err(_) => {}
                }
            }
        }
    }
    drop(tell);
    while let Some(parts) = news.recv().await {
        for (part, bytes) in parts {
            what.keeper
                .keep(part, &|| bytes.clone())
                .map_err(ClusterError::Keep)?;
        }
        what.observer.advance(1);
    }
    what.observer.end();
    Ok(())
}

fn no_executor(scheduler: &Address) -> ClusterError {
    ClusterError::NoExecutor {
        at: scheduler.to_string(),
        within: GRACE,
    }
}

async fn wait_for_executors(scheduler: &Address) -> Result<(), ClusterError> {
    let since = Instant::now();
    while !scheduler.has_executors().await? {
        if since.elapsed() > GRACE {
            return Err(no_executor(scheduler));
        }
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_parts_are_cut_into_partitions_of_a_size() {
        assert_eq!(partitions(&[0..5, 7..8], 2), [0..2, 2..4, 4..5, 7..8]);
        assert_eq!(partitions(&[], 2), []);
        assert_eq!(
            partitions(&[u32::MAX - 1..u32::MAX], 4),
            [u32::MAX - 1..u32::MAX]
        );
    }

    #[test]
    fn large_studies_have_large_partitions() {
        assert_eq!(usual(&[0..10]), 16);
        assert_eq!(usual(&[0..5_000, 5_001..10_001]), 50);
    }
}
