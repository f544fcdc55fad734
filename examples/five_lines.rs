//! A scenario run by a program of your own, from the project's folder:
//! `cargo run --release --example five_lines`

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = drawsim::Scenario::from_path("scenarios/stem-2023-07-05.toml")?.resolve()?;
    let results = plan.run()?;
    for round in results.rounds() {
        println!("round {}: {:?} points", round.plan.label, round.cutoff());
    }
    println!("{} invited", results.invitees().count());
    results.write("output")?; // the same files as the command
    Ok(())
}
