//! drawsim's side of the comparison with other tools, called by `benches/peers/run`:
//!
//! - `draw SIZE FOLDER` makes a pool, writes the three columns that a draw looks at as `.npy` files,
//!   draws on it, and writes whom it invited and how long it took;
//! - `year FOLDER` makes the people of the year 2024, writes them with what each answers to an
//!   invitation, runs the year's rounds, and writes whom they invited and how long that took.
//!   Attributes do not change in this year: a script in another tool would need the rules for that.
//!
//! Without arguments it does nothing.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant as Clock};

use rayon::prelude::*;

use drawsim::draw::{Index, Instruction, Outcome, Ranking, RoundKind, Standing, TieBreak};
use drawsim::observe::Silent;
use drawsim::pool::Pool;
use drawsim::random::Purpose;
use drawsim::rules::{CategoryKey, Rules, RulesPatch};
use drawsim::scenario::Scenario;
use drawsim::study::population::population;
use drawsim::synthesis::{PoolRequest, Profile, generate};
use drawsim::timeline::people::Answer;
use drawsim::timeline::{Changes, Fates, Nominations, People, TimelinePlan, run};
use drawsim::units::Instant;

#[global_allocator]
static ALLOCATOR: drawsim::Allocator = drawsim::Allocator;

/// Categories of 2023, in the order of their bits; the round is for the first.
const CATEGORIES: [&str; 6] = [
    "stem",
    "healthcare",
    "french",
    "trade",
    "transport",
    "agriculture",
];
const INVITATIONS: u64 = 5_000;
/// Fresh looks at the pool; the median counts.
const FIRST_ROUNDS: usize = 9;
const FURTHER_ROUNDS: usize = 40;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // `cargo bench` adds an option of its own.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["draw", size, folder] => compare_draws(size.parse()?, Path::new(folder)),
        ["year", folder] => compare_years(Path::new(folder)),
        _ => Ok(()),
    }
}

fn compare_draws(size: u64, folder: &Path) -> Result<(), Failure> {
    let at = Instant::parse("2023-07-04T00:00:00Z")?;
    let pool = pool(size, at)?;
    write(
        folder,
        "score",
        "<u2",
        pool.score.iter().map(|n| n.to_le_bytes()),
    )?;
    write(
        folder,
        "submitted",
        "<u4",
        pool.submitted.iter().map(|n| n.to_le_bytes()),
    )?;
    // Nominees compete in no category round; the peers' mask says so, as a user's would.
    let mask = |bits: u32| [if bits & 8 != 0 { 0 } else { (bits >> 4) as u8 }];
    write(folder, "mask", "|u1", pool.eligibility.iter().map(mask))?;

    let mut first: Vec<Duration> = Vec::new();
    for _ in 0..FIRST_ROUNDS {
        let mut rounds = Rounds::new(&pool, at);
        first.push(rounds.hold(0).0);
    }
    first.sort_unstable();
    let mut rounds = Rounds::new(&pool, at);
    let invited = rounds.hold(0).1.invited;
    write(
        folder,
        "invited",
        "<u4",
        invited.iter().map(|n| n.to_le_bytes()),
    )?;
    let mut same: Vec<Duration> = (0..FURTHER_ROUNDS).map(|_| rounds.hold(0).0).collect();
    same.sort_unstable();
    let mut rounds = Rounds::new(&pool, at);
    rounds.hold(0);
    let in_turn: Vec<String> = (0..3 * CATEGORIES.len())
        .map(|round| milliseconds(rounds.hold(round % CATEGORIES.len()).0))
        .collect();
    println!("first_ms {}", milliseconds(first[first.len() / 2]));
    println!(
        "further_ms median {} worst {}",
        milliseconds(same[same.len() / 2]),
        milliseconds(same[same.len() - 1])
    );
    println!("in_turn_ms {}", in_turn.join(" "));
    Ok(())
}

/// Answers that are written of each candidate: more invitations than anybody gets.
const ANSWERS: u8 = 5;
const YEARS: usize = 51;

fn compare_years(folder: &Path) -> Result<(), Failure> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/year-2024.toml");
    let plan = Scenario::from_path(&path)
        .and_then(|scenario| scenario.resolve())
        .map_err(|problems| problems.to_string())?;
    let mut course = plan.timeline.as_ref().ok_or("a timeline")?.course.clone();
    let population = population(&plan, None, 0, &Silent)?;
    let pool = &population.pool;
    // The peer puts the invited in order of rank; a course does without where nobody reads it.
    let year = |course: &TimelinePlan, known: Option<&Fates>, ranked: bool| {
        let start = Clock::now();
        let people = People::new(pool, population.started, course, plan.seed, 0);
        let people = people.with_fates(known);
        let mut year = run(
            &people,
            course,
            &plan.rules,
            &plan.rounds,
            plan.seed,
            0,
            false,
        );
        if ranked {
            let rounds = year.rounds.par_iter_mut().zip(&plan.rounds);
            rounds.for_each(|(held, round)| {
                // No round of the year is decided by lot, which needs seed and number.
                let ranking = Ranking::new(round.instruction.tie_break, 0, 0, 0);
                held.put_in_order(&people, &ranking);
            });
        }
        (start.elapsed(), year)
    };
    let median = |course: &TimelinePlan, known: Option<&Fates>, ranked: bool| {
        let times = (0..YEARS).map(|_| year(course, known, ranked).0);
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        milliseconds(times[YEARS / 2])
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    println!(
        "changing_ms {}",
        one.install(|| median(&course, None, false))
    );

    course.changes = Changes {
        birthdays: false,
        work_in_canada: 0.0,
        language_per_year: 0.0,
        nominations: Nominations::everybody(0.0),
    };
    println!("course_ms {}", one.install(|| median(&course, None, true)));
    let people = People::new(pool, population.started, &course, plan.seed, 0);
    // The peer reads from a file when each leaves.
    let fates = people.fates();
    println!(
        "known_ms {}",
        one.install(|| median(&course, Some(&fates), true))
    );
    // The peer has all threads.
    println!("shared_ms {}", median(&course, Some(&fates), true));
    let (_, held) = year(&course, Some(&fates), true);
    let rows = 0..pool.len() as u32;
    write(
        folder,
        "score",
        "<u2",
        pool.score.iter().map(|n| n.to_le_bytes()),
    )?;
    write(
        folder,
        "submitted",
        "<u4",
        pool.submitted.iter().map(|n| n.to_le_bytes()),
    )?;
    write(
        folder,
        "eligibility",
        "<u4",
        pool.eligibility.iter().map(|n| n.to_le_bytes()),
    )?;
    let leaves = |row| people.leaves(row).to_le_bytes();
    write(folder, "leaves", "<u4", rows.clone().map(leaves))?;
    let days = plan.rounds[0].answer_days;
    for nth in 0..ANSWERS {
        // The second at which a declined invitation leaves a candidate free again; all others
        // never do.
        let free = |row| match people.answer(row, nth, days) {
            Answer::Decline(after) => after.to_le_bytes(),
            Answer::Accept | Answer::Lapse => u32::MAX.to_le_bytes(),
        };
        write(
            folder,
            &format!("answer_{nth}"),
            "<u4",
            rows.clone().map(free),
        )?;
    }
    let numbers = plan.rounds.iter().zip(&held.rounds).map(|(round, held)| {
        let (any_of, none_of) = round.instruction.kind.filter();
        [
            round.instruction.at.seconds(),
            any_of,
            none_of,
            round.instruction.invitations as u32,
            held.outcome.eligible as u32,
            held.outcome.invited.len() as u32,
        ]
    });
    let numbers: Vec<u32> = numbers.flatten().collect();
    write(
        folder,
        "rounds",
        "<u4",
        numbers.iter().map(|n| n.to_le_bytes()),
    )?;
    let invited: Vec<u32> = (held.rounds.iter())
        .flat_map(|round| round.outcome.invited.iter().copied())
        .collect();
    write(
        folder,
        "invited",
        "<u4",
        invited.iter().map(|n| n.to_le_bytes()),
    )?;
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1e3)
}

fn pool(size: u64, at: Instant) -> Result<Pool, Failure> {
    let categories = CATEGORIES.map(|name| CategoryKey {
        name: name.to_owned(),
        version: "2023-V1".to_owned(),
    });
    let rules = Rules::on(at.date(), &categories, &RulesPatch::default())
        .map_err(|problems| format!("{problems:?}"))?;
    let profile = Profile::builtin("express-entry-2023").ok_or("the profile is built in")?;
    let request = PoolRequest {
        seed: 1,
        purpose: Purpose::Pool,
        replicate: 0,
        size,
        at,
        bands: None,
        profile: &profile,
    };
    Ok(generate(&request, &rules, &Silent)?)
}

/// Rounds in a row on a pool of which nothing is known but the instant it was made as of.
struct Rounds<'p> {
    pool: &'p Pool,
    standing: Standing,
    index: Index,
    at: Instant,
}

impl<'p> Rounds<'p> {
    fn new(pool: &'p Pool, at: Instant) -> Self {
        Rounds {
            pool,
            standing: Standing::submitted_by(pool, at),
            index: Index::default(),
            at,
        }
    }

    fn hold(&mut self, category: usize) -> (Duration, Outcome) {
        let instruction = Instruction {
            at: self.at,
            kind: RoundKind::Category(category),
            invitations: INVITATIONS,
            tie_break: TieBreak::EarliestSubmission,
        };
        let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, 0);
        let start = Clock::now();
        let outcome = self
            .index
            .draw(self.pool, &self.standing, &instruction, &ranking);
        let took = start.elapsed();
        self.standing.remove(&outcome.invited);
        (took, outcome)
    }
}

/// Writes a column as a `.npy` file of format 1.0.
fn write<const N: usize>(
    folder: &Path,
    name: &str,
    kind: &str,
    column: impl ExactSizeIterator<Item = [u8; N]>,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(folder.join(format!("{name}.npy")))?);
    let shape = column.len();
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape},), }}");
    // Magic, version and length make ten bytes; all of it is padded to a multiple of 64.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(padded as u16).to_le_bytes())?;
    writeln!(file, "{header:width$}", width = padded - 1)?;
    for value in column {
        file.write_all(&value)?;
    }
    file.flush()
}
