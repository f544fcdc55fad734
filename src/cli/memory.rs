//! How much memory there is: free in the machine, within the limits of the container (cgroup) and
//! of the shell (`ulimit -v`). Known on Linux; elsewhere nothing is refused.
//! How much a run needs is worked out by `study`.

use std::fs;
use std::path::Path;

use crate::cli::failure::Failure;
use crate::pool::Pool;
use crate::scenario::Plan;
use crate::study::Detail;
use crate::study::memory::of_run;

/// Less memory is needed for fewer people.
pub const SMALLER_POOL: &str = "make the pool smaller (`pool.size`)";
/// Less memory is needed where fewer replicates are under way.
pub const FEWER_AT_ONCE: &str = "run fewer replicates at once (--threads)";

/// Refuses work that needs more memory than there is, before any of it is taken; `ways` are those by
/// which it would need less.
///
/// # Errors
/// What `what` would need, and what there is (exit code 1: another machine may have it).
pub fn check(what: &str, needed: u64, ways: &[&str]) -> Result<(), Failure> {
    match lacking(needed) {
        Some(why) => {
            let ways = match ways {
                [] => String::new(),
                ways => format!("{}, or ", ways.join(", ")),
            };
            Err(Failure::run(format!(
                "{what} {why}; {ways}take a machine with more memory"
            )))
        }
        None => Ok(()),
    }
}

/// The ways by which a plan would need less memory.
pub fn ways_of(plan: &Plan) -> Vec<&'static str> {
    ways(plan.pool.file.is_some(), plan.replicates)
}

/// Those of so many replicates of people, given or to be made.
fn ways(is_given: bool, replicates: u32) -> Vec<&'static str> {
    let smaller = (!is_given).then_some(SMALLER_POOL);
    let fewer = (replicates > 1 && rayon::current_num_threads() > 1).then_some(FEWER_AT_ONCE);
    smaller.into_iter().chain(fewer).collect()
}

/// Refuses a run of a scenario whose people do not fit into memory; `given` are those of a file, once they
/// are read.
///
/// # Errors
/// As [`check`].
pub fn check_run(plan: &Plan, given: Option<&Pool>, detail: Detail) -> Result<(), Failure> {
    let threads = rayon::current_num_threads() as u64;
    let needed = of_run(plan, given, detail, threads);
    check(
        &format!("the scenario {}", plan.name),
        needed,
        &ways_of(plan),
    )
}

/// Why so many bytes are too many, where they are.
pub fn lacking(needed: u64) -> Option<String> {
    let (there, whose) = available().filter(|&(there, _)| needed > there)?;
    let (needed, there) = (amount(needed), amount(there));
    Some(format!(
        "needs about {needed} of memory, but {there} are free {whose}"
    ))
}

/// Bytes as a reader says them.
fn amount(bytes: u64) -> String {
    match bytes {
        0..10_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{} GB", bytes.div_ceil(1_000_000_000)),
    }
}

/// The least of what there is, and whose limit it is.
fn available() -> Option<(u64, &'static str)> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| field(&text, "MemAvailable:"));
    let shell = read("/proc/self/limits").and_then(|limits| {
        let limit = address_space(&limits)?;
        let threads = rayon::current_num_threads() as u64;
        of_shell(limit, &read("/proc/self/status")?, threads)
    });
    let container = read("/proc/self/cgroup")
        .and_then(|groups| of_groups(&groups, Path::new("/sys/fs/cgroup")));
    [
        machine.map(|bytes| (bytes * 1024, "in this machine")),
        shell.map(|bytes| (bytes, "within the limit of the shell (ulimit -v)")),
        container.map(|bytes| (bytes, "within the limit of the container (cgroup)")),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// Address space that each thread reserves, and the allocator at the end of the last piece that it takes
/// memory in: neither may ever be filled.
const OF_A_THREAD: u64 = 72 << 20;
const OF_THE_ALLOCATOR: u64 = 128 << 20;

/// What may still be filled of an address space. What was reserved by now is no measure: the allocator
/// reserves a gigabyte at once where there is one, and fills it later.
fn of_shell(limit: u64, status: &str, threads: u64) -> Option<u64> {
    let filled = 1024 * field(status, "VmRSS:")?;
    let reserved = threads * OF_A_THREAD + OF_THE_ALLOCATOR;
    Some(limit.saturating_sub(filled + reserved))
}

/// The number after a name at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The soft limit of the address space in bytes; none where there is no limit.
fn address_space(limits: &str) -> Option<u64> {
    field(limits, "Max address space")
}

/// The least room in the groups of a process and in those above them.
fn of_groups(groups: &str, root: &Path) -> Option<u64> {
    let rooms = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (kinds, path) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let (root, names) = if kinds.is_empty() {
            (
                root.to_owned(),
                ["memory.max", "memory.current", "inactive_file "],
            )
        } else if kinds.split(',').any(|kind| kind == "memory") {
            let names = [
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_inactive_file ",
            ];
            (root.join("memory"), names)
        } else {
            return Vec::new();
        };
        let above = Path::new(path.trim_start_matches('/')).ancestors();
        above
            .filter_map(|group| room(&root.join(group), names))
            .collect()
    });
    rooms.min()
}

/// What a group may still take: its limit less what it holds and cannot give back.
fn room(group: &Path, [limit, taken, given_back]: [&str; 3]) -> Option<u64> {
    let number = |name: &str| -> Option<u64> {
        fs::read_to_string(group.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let statistics = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
    let cached = field(&statistics, given_back).unwrap_or(0);
    let held = number(taken).unwrap_or(0).saturating_sub(cached);
    Some(number(limit)?.saturating_sub(held))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_machine_and_the_shell_are_read() {
        let memory = "MemTotal:       24000000 kB\nMemAvailable:   21000000 kB\n";
        assert_eq!(field(memory, "MemAvailable:"), Some(21_000_000));
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max address space         4096000000           unlimited            bytes\n";
        assert_eq!(address_space(limits), Some(4_096_000_000));
        assert_eq!(
            address_space(&limits.replace("4096000000", "unlimited")),
            None
        );
        let status = "VmSize:\t 2000000 kB\nVmRSS:\t 100000 kB\n";
        assert_eq!(of_shell(4_096_000_000, status, 2), Some(3_708_387_328));
        assert_eq!(of_shell(1_000, status, 2), Some(0));
    }

    #[test]
    fn the_least_room_of_a_group_and_those_above_it_counts_without_what_is_cached() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("job/memory.max", "1000\n");
        write("job/memory.current", "400\n");
        write("job/memory.stat", "anon 300\ninactive_file 100\n");
        write("job/step/memory.max", "max\n");
        assert_eq!(of_groups("0::/job/step\n", root.path()), Some(700));
        write("memory/old/memory.limit_in_bytes", "50\n");
        let old = "3:cpu:/old\n4:memory:/old\n0::/job\n";
        assert_eq!(of_groups(old, root.path()), Some(50));
        assert_eq!(of_groups("0::/\n", root.path()), None);
    }

    #[test]
    fn what_no_machine_has_is_refused_with_both_amounts() {
        if available().is_none() {
            return;
        }
        assert!(check("a pool", 1, &[]).is_ok());
        let refused = |ways: &[&str]| match check("a pool", u64::MAX, ways) {
            Err(Failure::Run(message)) => message,
            _ => panic!("refused"),
        };
        let message = refused(&ways(false, 1));
        assert!(message.contains("GB of memory, but"), "{message}");
        let told = "; make the pool smaller (`pool.size`), or take a machine with more memory";
        assert!(message.ends_with(told), "{message}");
        let message = refused(&ways(true, 1));
        assert!(message.contains("; take a machine"), "{message}");
    }
}
