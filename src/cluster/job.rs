//! One job: some partitions of a study, sent to the scheduler, waited for, and fetched from where they
//! lie. Which jobs there are is `gather`'s.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::client::BallistaClient;
use ballista_core::extension::BallistaGrpcMetadataInterceptor;
use ballista_core::ids::new_instance_id;
use ballista_core::serde::protobuf::execute_query_params::Query;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{
    CleanJobDataParams, ExecuteQueryParams, GetJobStatusParams, KeyValuePair, PartitionLocation,
    execute_query_failure_result, execute_query_result, job_status,
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
use tokio::time::{sleep, timeout};

use super::ask::{Address, PATIENCE};
use super::cancel::Cancel;
use super::codec::{Codec, Role};
use super::error::ClusterError;
use super::maker::INPUT;
use super::plan::{MakeParts, SAYS};
use super::results::{Whole, asked, asked_schema};
use super::scheduler::MESSAGE;

/// How long a scheduler without executors, or one that has gone away, is waited for.
pub(super) const GRACE: Duration = Duration::from_secs(15);
/// Between questions about a job.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one partition may take to be fetched.
const FETCH: Duration = Duration::from_secs(120);

/// Parts of a partition that was fetched.
pub(super) type Fetched = BTreeMap<u32, Vec<u8>>;

/// How a job ended.
pub(super) enum Ended {
    Whole,
    /// These partitions were made and lost with their executor.
    Lost(Vec<Range<u32>>, String),
}

/// One job.
pub(super) struct Job {
    /// What the scheduler knows the command by.
    pub session: String,
    pub scheduler: Address,
    /// The study as it travels.
    pub study: Arc<[u8]>,
    /// Its partitions.
    pub ranges: Vec<Range<u32>>,
    pub cancel: Cancel,
    /// Hears of each partition.
    pub tell: mpsc::Sender<Fetched>,
}

impl Job {
    /// Has the partitions made and fetches them.
    ///
    /// # Errors
    /// When the scheduler or the study fails, or it is called off.
    pub async fn run(self) -> Result<Ended, ClusterError> {
        let headers = [(BALLISTA_VERSION_HEADER, BALLISTA_VERSION)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let at = self.scheduler.to_string();
        let gone = move |why: String| ClusterError::NoScheduler {
            at: at.clone(),
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
        let question = self.question()?;
        let sending = self.cancel.sending().ok_or(ClusterError::CalledOff)?;
        // What is sent is seen through, also where nobody waits for this job any more: it could not be
        // cancelled otherwise.
        let sent = tokio::spawn({
            let mut client = client.clone();
            async move {
                let answer = timeout(GRACE, client.execute_query(question)).await;
                let answer = answer
                    .map_err(|_| gone(format!("no answer within {} s", GRACE.as_secs())))?
                    .map_err(|status| failed(status.message()))?;
                let job = accepted(answer.into_inner().result)?;
                sending.has_come(job.clone());
                Ok::<_, ClusterError>(job)
            }
        });
        let job = sent.await.map_err(stopped)??;
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
        self.cancel.is_done(&job);
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
                        && self.tell.send(parts).await.is_ok()
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
async fn fetch(location: PartitionLocation) -> Result<Fetched, String> {
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

/// What the scheduler knows a job by that it accepted.
fn accepted(answer: Option<execute_query_result::Result>) -> Result<String, ClusterError> {
    match answer {
        Some(execute_query_result::Result::Success(accepted)) => Ok(accepted.job_id),
        Some(execute_query_result::Result::Failure(refused)) => Err(match refused.failure {
            Some(execute_query_failure_result::Failure::PlanParsingFailure(why)) => failed(&why),
            other => failed(&format!("{other:?}")),
        }),
        None => Err(failed("the scheduler gave no answer")),
    }
}

/// A task of the command ended before its time.
pub(super) fn stopped(error: tokio::task::JoinError) -> ClusterError {
    ClusterError::Failed(format!("a job stopped: {error}"))
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
    fn the_programs_own_words_are_found_among_those_of_others() {
        let told =
            failed("Task failed: Execution(\"[[drawsim: input: no such people :drawsim]]\")");
        assert!(told.is_usage(), "{told}");
        assert_eq!(told.to_string(), "no such people");
        assert!(failed("lost").to_string().ends_with(": lost"));
    }
}
