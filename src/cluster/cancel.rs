//! Calls the jobs of a study off: those that the scheduler has, and those on their way to it.
//! What a job does lives in `job`.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{CancelJobParams, GetJobStatusParams, job_status::Status};
use tokio::time::{sleep, timeout};

use super::ask::{Address, PATIENCE};

/// Between looks at jobs that are to be cancelled.
const PAUSE: Duration = Duration::from_millis(20);

/// Cancels the jobs of a study.
#[derive(Debug, Clone)]
pub struct Cancel {
    scheduler: Address,
    jobs: Arc<Mutex<Jobs>>,
}

#[derive(Debug, Default)]
struct Jobs {
    /// Nothing is sent any more.
    is_called_off: bool,
    /// How many are being sent: whether the scheduler has them is not known.
    sent: usize,
    /// Those that the scheduler has, in the order in which they came.
    known: Vec<String>,
}

impl Cancel {
    /// Of a study that is sent to that scheduler.
    pub fn new(scheduler: Address) -> Self {
        Cancel {
            scheduler,
            jobs: Arc::default(),
        }
    }

    /// Cancels what is with the scheduler or on its way there, as far as it answers in time, and has
    /// nothing more sent.
    pub fn cancel(&self) {
        self.lock().is_called_off = true;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            runtime.block_on(self.call_off());
        }
    }

    /// As [`Cancel::cancel`].
    pub(super) async fn call_off(&self) {
        self.lock().is_called_off = true;
        // A scheduler that is gone has nothing to cancel.
        let _ = timeout(PATIENCE, self.cancel_all()).await;
    }

    /// A job is being sent until what is given is dropped; none where the study is called off.
    pub(super) fn sending(&self) -> Option<Sending> {
        let mut jobs = self.lock();
        if jobs.is_called_off {
            return None;
        }
        jobs.sent += 1;
        Some(Sending(self.clone()))
    }

    /// The scheduler need not make a job any more.
    pub(super) fn is_done(&self, job: &str) {
        self.lock().known.retain(|known| known != job);
    }

    /// Has every job cancelled and sees all of them end. The last ones come first, so that none begins
    /// where another is cancelled; and they are cancelled again until they have ended, since a
    /// scheduler that has not begun with a job does not listen.
    async fn cancel_all(&self) -> Result<(), Box<dyn Error>> {
        let mut client = None;
        let mut left = Vec::new();
        loop {
            let sent = {
                let mut jobs = self.lock();
                left.append(&mut jobs.known);
                jobs.sent
            };
            if left.is_empty() && sent == 0 {
                return Ok(());
            }
            let client = match &mut client {
                Some(client) => client,
                none => none.insert(SchedulerGrpcClient::connect(self.scheduler.url()).await?),
            };
            for job_id in left.iter().rev().cloned() {
                client.cancel_job(CancelJobParams { job_id }).await?;
            }
            sleep(PAUSE).await;
            for job_id in std::mem::take(&mut left) {
                let question = GetJobStatusParams {
                    job_id: job_id.clone(),
                };
                let answer = client.get_job_status(question).await?.into_inner();
                match answer.status.and_then(|told| told.status) {
                    Some(Status::Successful(_) | Status::Failed(_)) => {}
                    Some(Status::Running(_) | Status::Queued(_)) | None => left.push(job_id),
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job that is being sent.
#[derive(Debug)]
pub(super) struct Sending(Cancel);

impl Sending {
    /// The scheduler has it.
    pub fn has_come(self, job: String) {
        self.0.lock().known.push(job);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.lock().sent -= 1;
    }
}
