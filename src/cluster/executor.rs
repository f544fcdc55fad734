//! The role that makes parts, and keeps them in its work folder until they are fetched.
//! How a part is made is the study's.

use std::cell::Cell;
use std::fs;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ballista_core::config::TaskSchedulingPolicy;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::executor_server::TERMINATING;
use tokio::time::{sleep, timeout};

use super::ask::Address;
use super::codec::{Codec, Role};
use super::error::ClusterError;
use super::maker::{Room, Workshop};
use super::program::Program;
use super::scheduler::{EXECUTOR_TIMEOUT, MESSAGE};

/// Seconds between signs of life.
pub(super) const HEARTBEAT: u64 = 3;
/// How long an executor waits for its scheduler to be there.
const WAIT: Duration = Duration::from_secs(15);
/// How long two who listen for one signal may hear it one after the other.
const MOMENT: Duration = Duration::from_millis(500);
/// Bytes of the stack of a thread: plans are read recursively.
const STACK: usize = 16 << 20;

/// How an executor is started.
#[derive(Debug, Clone)]
pub struct ExecutorOptions {
    /// The scheduler.
    pub scheduler: Address,
    /// Address (IPv4) to listen on.
    pub bind: Ipv4Addr,
    /// Ports to listen on are this and the next; `None` for any two.
    pub port: Option<u16>,
    /// Name or address that others reach it by; `None` for where the scheduler sees it come from.
    pub host: Option<String>,
    /// Partitions at once.
    pub slots: usize,
    /// Says why so many bytes of memory are too many here, where they are.
    pub lacking: fn(u64) -> Option<String>,
    /// Folder in which its own work folder is made; `None` for that of temporary files.
    pub work: Option<PathBuf>,
}

/// Runs an executor until it is stopped; `ready` hears where it listens.
///
/// # Errors
/// When it cannot listen, its scheduler is not there or refuses it, or it loses its
/// folder.
pub fn executor(options: &ExecutorOptions, ready: impl FnOnce(&str)) -> Result<(), ClusterError> {
    Program::this()?;
    let first = options.port.unwrap_or(0);
    let second = if first == 0 {
        0
    } else {
        first.saturating_add(1)
    };
    let [port, grpc_port] = free_ports(options.bind, [first, second])?;
    let runtime = runtime()?;
    runtime.block_on(wait_for(&options.scheduler))?;
    let work = Work::create(options.work.as_deref())?;
    let room = Room {
        slots: options.slots,
        lacking: options.lacking,
    };
    let config = ExecutorProcessConfig {
        bind_host: options.bind.to_string(),
        external_host: options.host.clone(),
        port,
        grpc_port,
        scheduler_host: options.scheduler.host.clone(),
        scheduler_port: options.scheduler.port,
        vcores: options.slots,
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        work_dir: Some(work.0.display().to_string()),
        grpc_max_decoding_message_size: MESSAGE,
        grpc_max_encoding_message_size: MESSAGE,
        executor_heartbeat_interval_seconds: HEARTBEAT,
        // The engine's memory is not Ballista's to share out.
        memory_pool_size: Some(0),
        override_physical_codec: Some(Codec::with(Role::Other, Workshop::new(room))),
        ..ExecutorProcessConfig::default()
    };
    ready(&format!("{}:{port}", options.bind));
    runtime.block_on(until_ended(config, &options.scheduler))
}

/// Runs an executor to its end, and says why it came to it: Ballista tells nobody.
async fn until_ended(
    config: ExecutorProcessConfig,
    scheduler: &Address,
) -> Result<(), ClusterError> {
    let is_wished = Cell::new(false);
    let mut wish = pin!(async {
        until_stopped().await;
        is_wished.set(true);
        sleep(MOMENT).await;
        // Ballista hears signals too, but not before it is at work.
        if TERMINATING.load(Ordering::Acquire) {
            pending::<()>().await;
        }
    });
    tokio::select! {
        ended = start_executor_process(Arc::new(config)) => ended.map_err(|error| {
            ClusterError::Failed(format!("the executor stopped: {error}"))
        })?,
        () = &mut wish => return Ok(()),
    }
    if !is_wished.get() {
        let _ = timeout(MOMENT, wish).await;
    }
    if is_wished.get() {
        return Ok(());
    }
    let at = scheduler.to_string();
    Err(match scheduler.has_executors().await {
        Ok(_) => ClusterError::LetGo {
            at,
            within: Duration::from_secs(EXECUTOR_TIMEOUT),
        },
        Err(_) => ClusterError::Alone { at },
    })
}

/// Threads for what is asynchronous; the engine has its own.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, ClusterError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .map_err(|error| ClusterError::io("cannot start threads", error))
}

/// Ends when the process is to stop.
pub(super) async fn until_stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    // Without a handler the process is ended all the same.
    let _ = interrupted.await;
}

/// Waits until a scheduler answers.
pub(super) async fn wait_for(scheduler: &Address) -> Result<(), ClusterError> {
    let since = Instant::now();
    loop {
        match scheduler.has_executors().await {
            Ok(_) => return Ok(()),
            Err(error) if since.elapsed() > WAIT => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Ports that nobody listens on: those, and any for 0.
///
/// # Errors
/// When somebody does, or the address is not this machine's.
pub(super) fn free_ports<const N: usize>(
    bind: Ipv4Addr,
    wanted: [u16; N],
) -> Result<[u16; N], ClusterError> {
    // All are held until all are known.
    let mut held = Vec::with_capacity(N);
    let mut ports = wanted;
    for port in &mut ports {
        let listen = |source| ClusterError::Listen {
            at: SocketAddr::from((bind, *port)).to_string(),
            source,
        };
        let listener = TcpListener::bind((bind, *port)).map_err(listen)?;
        *port = listener.local_addr().map_err(listen)?.port();
        held.push(listener);
    }
    Ok(ports)
}

/// The folder of one executor, which is taken away with all that is in it when the executor ends.
struct Work(PathBuf);

impl Work {
    fn create(parent: Option<&Path>) -> Result<Self, ClusterError> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let id = ballista_core::ids::new_instance_id();
        let folder = parent.join(format!("drawsim-executor-{id}"));
        let failed = |error| ClusterError::io(format!("cannot make {}", folder.display()), error);
        fs::create_dir_all(&parent).map_err(failed)?;
        fs::create_dir(&folder).map_err(failed)?;
        Ok(Work(folder))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What cannot be taken away is in nobody's way.
        let _ = fs::remove_dir_all(&self.0);
    }
}
