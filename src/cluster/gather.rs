//! What the command does: sends partitions to a scheduler a few at a time, fetches what executors
//! made of them, and keeps it as parts of the study. Where they are kept is the keeper's.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ballista_core::client::BallistaClient;
use ballista_core::extension::BallistaGrpcMetadataInterceptor;
use ballista_core::ids::new_instance_id;
use ballista_core::serde::protobuf::execute_query_params::Query;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{
    CancelJobParams, CleanJobDataParams, ExecuteQueryParams, GetJobStatusParams, KeyValuePair,
    PartitionLocation, execute_query_failure_result, execute_query_result, job_status,
};
use ballista_core::utils::create_grpc_client_endpoint;
use ballista_core::version::BALLISTA_VERSION_HEADER;
use ballista_core::{BALLISTA_VERSION, config};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::common::collect;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::ask::{Address, PATIENCE};
use super::codec::{Codec, Role};
use super::error::ClusterError;
use super::executor::runtime;
use super::maker::INPUT;
use super::plan::{MakeParts, SAYS};
use super::results::{Whole, asked, asked_schema};
use super::scheduler::MESSAGE;
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
/// How long a scheduler without executors, or one that has gone away, is waited for.
const GRACE: Duration = Duration::from_secs(15);
/// Between questions about a job.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one partition may take to be fetched.
const FETCH: Duration = Duration::from_secs(120);
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

/// Cancels the jobs of a study.
#[derive(Debug, Clone)]
pub struct Cancel {
    scheduler: Address,
    jobs: Arc<Mutex<BTreeSet<String>>>,
}

impl Cancel {
    /// Of a study that is sent to that scheduler.
    pub fn new(scheduler: Address) -> Self {
        Cancel {
            scheduler,
            jobs: Arc::default(),
        }
    }

    /// Cancels what is with the scheduler, as far as it answers in time.
    pub fn cancel(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            // A scheduler that is gone has nothing to cancel.
            let _ = runtime.block_on(async { timeout(PATIENCE, self.cancel_all()).await });
        }
    }

    async fn cancel_all(&self) {
        let jobs = std::mem::take(&mut *self.lock());
        if jobs.is_empty() {
            return;
        }
        let Ok(mut client) = SchedulerGrpcClient::connect(self.scheduler.url()).await else {
            return;
        };
        for job_id in jobs {
            // As above.
            let _ = client.cancel_job(CancelJobParams { job_id }).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
            let _ = timeout(PATIENCE, what.cancel.cancel_all()).await;
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

/// What a job has to say.
enum News {
    /// A partition was fetched.
    Fetched(BTreeMap<u32, Vec<u8>>),
}

/// How a job ended.
enum Ended {
    Whole,
    /// These partitions were made and lost with their executor.
    Lost(Vec<Range<u32>>, String),
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
    let (tell, mut news) = mpsc::channel::<News>(4);
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
            Some(News::Fetched(parts)) = news.recv() => {
                for (part, bytes) in parts {
                    what.keeper.keep(part, &|| bytes.clone()).map_err(ClusterError::Keep)?;
                }
                what.observer.advance(1);
                ready = Instant::now();
            }
            ended = jobs.join_next_with_id() => match ended {
                None => break,
                Some(Err(error)) => return Err(ClusterError::Failed(format!("a job stopped: {error}"))),
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
    while let Some(News::Fetched(parts)) = news.recv().await {
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

/// One job: some partitions of a study.
struct Job {
    session: String,
    scheduler: Address,
    study: Arc<[u8]>,
    ranges: Vec<Range<u32>>,
    cancel: Cancel,
    tell: mpsc::Sender<News>,
}

impl Job {
    async fn run(self) -> Result<Ended, ClusterError> {
        let headers = [(BALLISTA_VERSION_HEADER, BALLISTA_VERSION)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let gone = |why: String| ClusterError::NoScheduler {
            at: self.scheduler.to_string(),
            why,
        };
        let endpoint = create_grpc_client_endpoint(self.scheduler.url(), None)
            .map_err(|error| gone(error.to_string()))?
            .connect_timeout(PATIENCE);
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| gone(error.to_string()))?;
        let interceptor = BallistaGrpcMetadataInterceptor::new(HashMap::from(headers));
        let mut client = SchedulerGrpcClient::with_interceptor(channel, interceptor)
            .max_encoding_message_size(MESSAGE as usize)
            .max_decoding_message_size(MESSAGE as usize);
        let answer = timeout(GRACE, client.execute_query(self.question()?)).await;
        let answer = answer
            .map_err(|_| gone(format!("no answer within {} s", GRACE.as_secs())))?
            .map_err(|status| failed(status.message()))?;
        let job = match answer.into_inner().result {
            Some(execute_query_result::Result::Success(accepted)) => accepted.job_id,
            Some(execute_query_result::Result::Failure(refused)) => {
                let why = match refused.failure {
                    Some(execute_query_failure_result::Failure::PlanParsingFailure(why)) => why,
                    other => format!("{other:?}"),
                };
                return Err(failed(&why));
            }
            None => return Err(failed("the scheduler gave no answer")),
        };
        self.cancel.lock().insert(job.clone());
        let mut answered = Instant::now();
        let locations = loop {
            let question = GetJobStatusParams {
                job_id: job.clone(),
            };
            let told = match timeout(PATIENCE, client.get_job_status(question)).await {
                Ok(Ok(answer)) => Ok(answer.into_inner().status.and_then(|told| told.status)),
                Ok(Err(status)) => Err(status.message().to_owned()),
                Err(_) => Err("no answer".to_owned()),
            };
            let why = match told {
                Ok(Some(job_status::Status::Successful(done))) => break done.partition_location,
                Ok(Some(job_status::Status::Failed(why))) => return Err(failed(&why.error)),
                Ok(Some(job_status::Status::Queued(_) | job_status::Status::Running(_))) => {
                    answered = Instant::now();
                    String::new()
                }
                Ok(None) => "it knows nothing of the study".to_owned(),
                Err(why) => why,
            };
            if answered.elapsed() > GRACE {
                return Err(ClusterError::SchedulerGone {
                    at: self.scheduler.to_string(),
                    within: GRACE,
                    why,
                });
            }
            sleep(PAUSE).await;
        };
        let ended = self.fetch(locations).await;
        self.cancel.lock().remove(&job);
        // It is taken away sooner or later all the same.
        let _ = timeout(
            PATIENCE,
            client.clean_job_data(CleanJobDataParams {
                job_id: job,
                ..CleanJobDataParams::default()
            }),
        )
        .await;
        Ok(ended)
    }

    /// What the scheduler is asked for.
    fn question(&self) -> Result<ExecuteQueryParams, ClusterError> {
        let unwritten = |error: &dyn std::fmt::Display| {
            ClusterError::Failed(format!("the plan cannot be sent: {error}"))
        };
        let rows = self.ranges.iter().map(|range| {
            let rows = asked(std::slice::from_ref(range));
            rows.map(|rows| vec![rows])
        });
        let rows = rows
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unwritten(&error))?;
        let asked = MemorySourceConfig::try_new_exec(&rows, asked_schema(), None)
            .map_err(|error| unwritten(&error))?;
        let study = Arc::clone(&self.study);
        let plan: Arc<dyn ExecutionPlan> = Arc::new(MakeParts::new(study, asked, Arc::default()));
        let codec = Codec::new(Role::Other);
        let mut bytes = Vec::new();
        PhysicalPlanNode::try_from_physical_plan(plan, &*codec)
            .and_then(|message| message.try_encode(&mut bytes))
            .map_err(|error| unwritten(&error))?;
        let one_each = KeyValuePair {
            key: config::BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK.to_owned(),
            value: Some("1".to_owned()),
        };
        Ok(ExecuteQueryParams {
            session_id: self.session.clone(),
            settings: vec![one_each],
            operation_id: new_instance_id(),
            query: Some(Query::PhysicalPlan(bytes)),
        })
    }

    /// Fetches the partitions from where they lie.
    async fn fetch(&self, locations: Vec<PartitionLocation>) -> Ended {
        let mut missing: BTreeMap<u32, Range<u32>> = self
            .ranges
            .iter()
            .map(|range| (range.start, range.clone()))
            .collect();
        let mut why = "the scheduler knows no place of theirs".to_owned();
        for location in locations {
            match timeout(FETCH, fetch(location)).await {
                Ok(Ok(parts)) => {
                    // A partition is whole when each of its parts is.
                    let first = parts.keys().next().copied();
                    let range = first.and_then(|first| missing.get(&first));
                    if range
                        .is_some_and(|range| range.clone().all(|part| parts.contains_key(&part)))
                        && self.tell.send(News::Fetched(parts)).await.is_ok()
                        && let Some(first) = first
                    {
                        missing.remove(&first);
                    }
                }
                Ok(Err(error)) => why = error,
                Err(_) => why = format!("not fetched within {} s", FETCH.as_secs()),
            }
        }
        if missing.is_empty() {
            Ended::Whole
        } else {
            Ended::Lost(missing.into_values().collect(), why)
        }
    }
}

/// The parts that lie at a place.
async fn fetch(location: PartitionLocation) -> Result<BTreeMap<u32, Vec<u8>>, String> {
    let layout = location.layout();
    let (Some(executor), Some(partition)) = (location.executor_meta, location.partition_id) else {
        return Err("the scheduler does not say where they are".to_owned());
    };
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let port = u16::try_from(executor.port).map_err(|error| told(&error))?;
    let message = MESSAGE as usize;
    let mut client =
        BallistaClient::try_new(&executor.host, port, message, false, None, 3, 250, 0, 0)
            .await
            .map_err(|error| told(&error))?;
    let partition = partition.into();
    let rows = client
        .fetch_partition(&executor.id, &partition, location.file_id, layout, true)
        .await
        .map_err(|error| told(&error))?;
    let rows = collect(rows).await.map_err(|error| told(&error))?;
    let mut whole = Whole::default();
    for batch in &rows {
        whole
            .add(batch)
            .ok_or_else(|| "what came is no part".to_owned())?;
    }
    Ok(whole.parts())
}

/// The reason that a job failed for: the program's own words where they are among those of Ballista.
fn failed(why: &str) -> ClusterError {
    let own = why.split_once(SAYS[0]).and_then(|(_, rest)| {
        let (own, _) = rest.split_once(SAYS[1])?;
        Some(own)
    });
    match own {
        Some(own) => match own.strip_prefix(INPUT) {
            Some(input) => ClusterError::Input(input.to_owned()),
            None => ClusterError::Failed(own.to_owned()),
        },
        None => ClusterError::Failed(format!("the cluster could not do it: {why}")),
    }
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

    #[test]
    fn the_programs_own_words_are_found_among_those_of_others() {
        let told =
            failed("Task failed: Execution(\"[[drawsim: input: no such people :drawsim]]\")");
        assert!(told.is_usage(), "{told}");
        assert_eq!(told.to_string(), "no such people");
        assert!(failed("lost").to_string().ends_with(": lost"));
    }
}
