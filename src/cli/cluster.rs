//! `drawsim cluster`: the roles that make the replicates of `--cluster`.
//! What they do lives in `cluster`.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::failure::Failure;

/// Start the scheduler or an executor of a cluster, for `--cluster` of run, compare, sweep and backtest.
#[derive(Debug, Args)]
#[command(
    after_help = "Example, all on one machine:\n  drawsim cluster scheduler &\n  drawsim cluster \
                  executor --slots 2 &\n  drawsim run scenarios/year-2024.toml --replicates 100 \
                  --cluster 127.0.0.1:50050"
)]
pub struct ClusterArgs {
    #[command(subcommand)]
    role: Role,
}

#[derive(Debug, Subcommand)]
enum Role {
    Scheduler(SchedulerArgs),
    Executor(ExecutorArgs),
}

/// Hand out the partitions of studies to executors, until stopped.
#[derive(Debug, Args)]
#[cfg_attr(not(feature = "cluster"), allow(dead_code))]
struct SchedulerArgs {
    /// Address to listen on. Whoever reaches it can run studies: keep it within a private network.
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST)]
    bind: Ipv4Addr,
    /// Port to listen on; 0 for any.
    #[arg(long, value_name = "N", default_value_t = 50050)]
    port: u16,
    /// Name or address that executors reach it by. Default: what it listens on.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

/// Make the partitions that a scheduler hands out, until stopped.
#[derive(Debug, Args)]
#[cfg_attr(not(feature = "cluster"), allow(dead_code))]
struct ExecutorArgs {
    /// The scheduler.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:50050")]
    scheduler: String,
    /// Address to listen on, for the scheduler and for whoever fetches results.
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST)]
    bind: Ipv4Addr,
    /// Listen on this port and the next one. Default: any two.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=65_534))]
    port: Option<u16>,
    /// Name or address that others reach it by. Default: where the scheduler sees it come from.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Partitions at once, and threads. Default: one for each processor.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    slots: Option<u16>,
    /// Folder in which it makes its work folder. Default: that of temporary files.
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A role that cannot listen, or whose scheduler is not there (1); a bad address (2).
#[cfg(not(feature = "cluster"))]
pub fn run(args: &ClusterArgs) -> Result<(), Failure> {
    match args.role {
        Role::Scheduler(_) | Role::Executor(_) => Err(super::distributed::no_cluster()),
    }
}

/// Runs the verb.
///
/// # Errors
/// A role that cannot listen, or whose scheduler is not there (1); a bad address (2).
#[cfg(feature = "cluster")]
pub fn run(args: &ClusterArgs) -> Result<(), Failure> {
    use crate::cli::common::print;
    use crate::cli::memory;
    use crate::cluster::{ExecutorOptions, SchedulerOptions, executor, scheduler};
    // Nobody reads where a role listens when stdout is closed.
    let tell = |role: &str, at: &str| print(&format!("{role} on {at}\n")).unwrap_or_default();
    match &args.role {
        Role::Scheduler(args) => {
            let options = SchedulerOptions {
                bind: args.bind,
                port: args.port,
                host: args.host.clone(),
            };
            scheduler(&options, |at| tell("scheduler", at))?;
        }
        Role::Executor(args) => {
            let text = &args.scheduler;
            let address = text.parse().map_err(|why: String| {
                Failure::input(format!("--scheduler {text} is no address: {why}"))
            })?;
            let processors = || std::thread::available_parallelism().map_or(1, usize::from);
            let slots = args.slots.map_or_else(processors, usize::from);
            rayon::ThreadPoolBuilder::new()
                .num_threads(slots)
                .build_global()
                .map_err(|error| Failure::run(format!("cannot start {slots} threads: {error}")))?;
            let options = ExecutorOptions {
                scheduler: address,
                bind: args.bind,
                port: args.port,
                host: args.host.clone(),
                slots,
                lacking: memory::lacking,
                work: args.work.clone(),
            };
            executor(&options, |at| tell("executor", at))?;
        }
    }
    Ok(())
}
