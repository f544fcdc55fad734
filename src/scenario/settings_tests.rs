//! Settings of sweeps: how keys and values are read, written and refused.

use super::*;

fn read(text: &str) -> Setting {
    setting(text).unwrap_or_else(|problem| panic!("{}", problem.message))
}

fn refused(text: &str) -> (String, Option<String>) {
    let problem = setting(text).expect_err(text);
    (problem.message, problem.nearest)
}

#[test]
fn keys_are_read_by_the_schema_and_entries_of_lists_by_label_type_or_all() {
    let key = |name: &str| Step::Key(name.to_owned());
    assert_eq!(read("pool.size=5").steps, [key("pool"), key("size")]);
    assert_eq!(
        read("rounds.invitations=5").steps,
        [key("rounds"), Step::All, key("invitations")]
    );
    assert_eq!(
        read("rounds.stem.invitations=5").steps,
        [
            key("rounds"),
            Step::Named("stem".to_owned()),
            key("invitations")
        ]
    );
    assert_eq!(
        read("rounds[s1-2.x].invitations=5").steps,
        [
            key("rounds"),
            Step::Labelled("s1-2.x".to_owned()),
            key("invitations")
        ]
    );
    assert_eq!(
        read("schedule[1].turns.cec.invitations=5").steps,
        [
            key("schedule"),
            Step::Labelled("1".to_owned()),
            key("turns"),
            Step::Named("cec".to_owned()),
            key("invitations")
        ]
    );
    assert_eq!(
        read("points.french_bonus=5").steps,
        [key("points"), key("french_bonus")]
    );
}

#[test]
fn values_are_toml_and_text_needs_no_quotes() {
    let values = |text: &str| read(text).values;
    assert_eq!(
        values("rounds.invitations=500,1_000"),
        [Value::Integer(500), Value::Integer(1_000)]
    );
    assert_eq!(
        values("rounds.type=stem, \"a,b\""),
        [
            Value::String("stem".to_owned()),
            Value::String("a,b".to_owned())
        ]
    );
    assert_eq!(
        values("history=2023,2024"),
        [
            Value::String("2023".to_owned()),
            Value::String("2024".to_owned())
        ]
    );
    assert!(matches!(
        values("pool.as_of=2023-07-04")[0],
        Value::Datetime(_)
    ));
    assert_eq!(values("timeline.answers.accept=0.5"), [Value::Float(0.5)]);
    assert_eq!(
        values("timeline.arrivals.weekdays=[1,1,1,1,1,0,0],[1,1,1,1,1,1,1]").len(),
        2
    );
}

#[test]
fn what_cannot_be_set_is_told_with_the_nearest_name() {
    assert_eq!(refused("round.invitations=5").1.as_deref(), Some("rounds"));
    assert_eq!(
        refused("rounds.invitation=5").1.as_deref(),
        Some("invitations")
    );
    assert_eq!(
        refused("timeline.arrivals.perday=5").1.as_deref(),
        Some("per_day")
    );
    for (text, part) in [
        ("rounds.invitations", "KEY=VALUE"),
        ("rounds.invitations=", "a value is missing"),
        ("rounds.invitations=5,,6", "a value is missing"),
        ("rounds.invitations=5,5", "stands twice"),
        ("rounds=5", "name one of its keys"),
        ("pool=5", "name one of its keys"),
        ("pool[1].size=5", "no list of tables"),
        ("pool.size.x=5", "has no keys of its own"),
        ("name=a", "cannot be swept"),
        ("policy.x.points=5", "cannot be swept"),
        ("=5", "unknown key"),
    ] {
        let (message, _) = refused(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn all_settings_are_checked_at_once() {
    let texts = ["seed=1".to_owned(), "seed=2".to_owned(), "sed=3".to_owned()];
    let (usable, problems) = settings(&texts);
    assert_eq!((usable.len(), problems.len()), (1, 2));
}

#[test]
fn a_value_is_written_where_its_key_says_and_tables_that_lack_are_made() {
    let mut keys: Table = "[[rounds]]\ntype = \"cec\"\ninvitations = 1\n[[rounds]]\ntype = \"stem\"\nlabel = \"254\"\ninvitations = 2\n"
        .parse()
        .unwrap();
    let mut set = |text: &str| read(text).write(0, &mut keys).is_ok();
    assert!(set("rounds.cec.invitations=10") && set("rounds[254].invitations=20"));
    assert!(set("timeline.answers.accept=0.5"));
    assert!(
        !set("rounds.french.invitations=10")
            && !set("rounds[2].invitations=1")
            && !set("schedule.hour=3")
    );
    assert_eq!(keys["rounds"][0]["invitations"], Value::Integer(10));
    assert_eq!(keys["rounds"][1]["invitations"], Value::Integer(20));
    assert_eq!(keys["timeline"]["answers"]["accept"], Value::Float(0.5));
}

#[test]
fn a_type_is_found_in_any_of_several_schedules_and_missed_in_all_of_them() {
    let text = r#"
        [[schedule]]
        turns = [{ type = "pnp", invitations = 1 }]
        [[schedule]]
        turns = [{ type = "cec", invitations = 1 }, { type = "french", invitations = 1 }]
    "#;
    let mut keys: Table = text.parse().unwrap();
    let setting = read("schedule.turns.cec.invitations=7");
    assert!(setting.write(0, &mut keys).is_ok());
    assert_eq!(keys.to_string().matches("invitations = 7").count(), 1);
    match read("schedule.turns.stem.invitations=7").write(0, &mut keys) {
        Err(Miss::Nobody { accepted, .. }) => assert_eq!(accepted, ["pnp", "cec", "french"]),
        _ => panic!("somebody was meant"),
    }
}

#[test]
fn a_schedule_without_a_label_is_chosen_by_that_of_its_rounds() {
    let text = "schedule = [{ every = \"1 week\" }, { label = \"b\" }, { every = \"3 weeks\" }]";
    let mut keys: Table = text.parse().unwrap();
    read("schedule[s3].hour=9")
        .write(0, &mut keys)
        .ok()
        .unwrap();
    let hours = keys["schedule"].as_array().unwrap().iter();
    let hours: Vec<bool> = hours.map(|one| one.get("hour").is_some()).collect();
    assert_eq!(hours, [false, false, true]);
    match read("schedule[s2].hour=9").write(0, &mut keys) {
        Err(Miss::Nobody { accepted, .. }) => assert_eq!(accepted, ["s1", "b", "s3"]),
        _ => panic!("found"),
    }
}

#[test]
fn a_number_stands_once_however_it_is_written() {
    for text in ["scale_invitations=1,1.0", "pool.size=1000,1_000"] {
        assert!(refused(text).0.contains("stands twice"), "{text}");
    }
    assert_eq!(read("scale_invitations=1,1.5").values.len(), 2);
}

#[test]
fn a_time_stands_once_however_it_is_written() {
    for text in [
        "timeline.end=2024-01-01,2024-01-01T00:00:00Z",
        "timeline.end=2024-01-01T01:00:00+01:00,2024-02-01,2024-01-01",
        "rounds.at=2024-01-01T00:00:00Z,\"2024-01-01T00:00:00Z\"",
        "pool.as_of=2024-01-01,\"2024-01-01\"",
        "schedule.first=2024-01-01T14:00:00Z,2024-01-01T15:00:00+01:00",
    ] {
        assert!(refused(text).0.contains("stands twice"), "{text}");
    }
    for text in [
        "timeline.end=2024-01-01,2024-01-01T00:00:01Z",
        // A round of that date is held at its hour.
        "schedule.first=2024-01-01,2024-01-01T00:00:00Z",
        // A text that looks like a time is none.
        "schedule.label=2024-01-01,2024-01-01T00:00:00Z",
    ] {
        assert_eq!(read(text).values.len(), 2, "{text}");
    }
}
