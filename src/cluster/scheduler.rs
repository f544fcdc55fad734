//! The role that hands out partitions and knows which executors there are.
//! What they make does not live here.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::start_server;

use super::ask::Address;
use super::codec::{Codec, Role};
use super::error::ClusterError;
use super::executor::{HEARTBEAT, free_ports, runtime, until_stopped, wait_for};
use super::program::Program;

/// Seconds without a heartbeat after which an executor counts as lost.
pub(super) const EXECUTOR_TIMEOUT: u64 = 20;
/// Seconds between looks for lost executors.
const LOOK: u64 = 3;
/// Seconds that jobs wait for an executor once the last one is lost.
const GRACE: u64 = 15;
/// Seconds after which what executors keep of finished jobs is taken away.
const CLEAN: u64 = 300;
/// Bytes of a message, at most.
pub(super) const MESSAGE: u32 = 256 << 20;

/// How a scheduler is started.
#[derive(Debug, Clone)]
pub struct SchedulerOptions {
    /// Address (IPv4) to listen on.
    pub bind: Ipv4Addr,
    /// Port; 0 for any.
    pub port: u16,
    /// Name or address that executors reach it by; `None` for `bind`.
    pub host: Option<String>,
}

/// Runs a scheduler until it is stopped; `ready` hears the address once it listens.
///
/// # Errors
/// When it cannot listen there.
pub fn scheduler(options: &SchedulerOptions, ready: impl FnOnce(&str)) -> Result<(), ClusterError> {
    Program::this()?;
    let host = match (&options.host, options.bind.is_unspecified()) {
        (Some(host), _) => host.clone(),
        (None, false) => options.bind.to_string(),
        (None, true) => {
            return Err(ClusterError::Input(format!(
                "--bind {} is every address of this machine; say with --host which of them executors \
                 reach it by",
                options.bind
            )));
        }
    };
    debug_assert!(HEARTBEAT < EXECUTOR_TIMEOUT);
    let [port] = free_ports(options.bind, [options.port])?;
    let config = SchedulerConfig {
        external_host: host.clone(),
        bind_host: options.bind.to_string(),
        bind_port: port,
        scheduling_policy: TaskSchedulingPolicy::PushStaged,
        task_distribution: TaskDistributionPolicy::RoundRobin,
        finished_job_data_clean_up_interval_seconds: CLEAN,
        finished_job_state_clean_up_interval_seconds: CLEAN,
        executor_timeout_seconds: EXECUTOR_TIMEOUT,
        expire_dead_executor_interval_seconds: LOOK,
        no_executors_grace_period_seconds: GRACE,
        grpc_server_max_decoding_message_size: MESSAGE,
        grpc_server_max_encoding_message_size: MESSAGE,
        grpc_client_max_message_size: MESSAGE,
        override_physical_codec: Some(Codec::new(Role::Scheduler)),
        ..SchedulerConfig::default()
    };
    let own = if options.bind.is_unspecified() {
        Ipv4Addr::LOCALHOST
    } else {
        options.bind
    };
    let own = Address {
        host: own.to_string(),
        port,
    };
    runtime()?.block_on(async {
        let failed = |error| ClusterError::Failed(format!("the scheduler stopped: {error}"));
        let cluster = BallistaCluster::new_from_config(&config)
            .await
            .map_err(failed)?;
        let at = SocketAddr::from((options.bind, port));
        let told = async {
            wait_for(&own).await?;
            ready(&format!("{host}:{port}"));
            until_stopped().await;
            Ok(())
        };
        tokio::select! {
            done = start_server(cluster, at, Arc::new(config)) => done.map_err(failed),
            done = told => done,
        }
    })
}
