use super::*;

fn measurement(row: &str, second: i64, commit: Option<&str>) -> Measurement {
    Measurement {
        row: row.to_owned(),
        at: Timestamp::from_unix_seconds(1_796_000_000 + second),
        commit: commit.map(str::to_owned),
        changed: false,
        milliseconds: 12,
        definition: "00".to_owned(),
        outcome: Outcome::Pass,
        value: None,
        detail: format!("at {second}"),
        parts: Vec::new(),
    }
}

fn details(history: &History, row: &str) -> Vec<String> {
    history
        .of(row)
        .iter()
        .map(|one| one.detail.clone())
        .collect()
}

#[test]
fn what_is_written_is_read_and_always_in_the_same_order() {
    let all = [
        measurement("b", 3, Some("c2")),
        measurement("a", 2, None),
        measurement("a", 1, Some("c1")),
    ];
    let mut history = History::default();
    history.add(all.clone());
    let mut other = History::default();
    other.add(all.into_iter().rev());
    assert_eq!(history.text(), other.text());
    let read = History::parse(&Source::new("h", history.text())).unwrap();
    assert_eq!(read, history);
    assert_eq!(details(&read, "a"), ["at 1", "at 2"]);
    assert_eq!(details(&read, "none"), [""; 0]);
    assert_eq!(read.commits(), ["c1", "c2"]);
    insta::assert_snapshot!(history.text());
}

#[test]
fn of_the_same_files_the_newest_counts_and_a_changed_goal_is_another() {
    let mut history = History::default();
    let changed = Measurement {
        changed: true,
        ..measurement("a", 3, Some("c1"))
    };
    let goal = Measurement {
        definition: "01".to_owned(),
        ..measurement("a", 4, Some("c1"))
    };
    history.add([
        measurement("a", 1, Some("c1")),
        measurement("a", 2, Some("c1")),
        changed,
        goal,
        // Outside of a repository nobody knows what is the same.
        measurement("a", 5, None),
        measurement("a", 6, None),
    ]);
    assert_eq!(
        details(&history, "a"),
        ["at 2", "at 3", "at 4", "at 5", "at 6"]
    );
}

#[test]
fn only_so_many_are_kept() {
    let mut history = History::default();
    let many = MOST + 5;
    history.add((0..many).map(|number| {
        let second = i64::try_from(number).unwrap();
        measurement("a", second, Some(&format!("c{number}")))
    }));
    assert_eq!(history.of("a").len(), MOST);
    assert_eq!(history.of("a")[0].detail, "at 5");
    history.retain(|row| row != "a");
    assert_eq!(history.of("a").len(), 0);
}

#[test]
fn a_broken_file_is_told_at_its_place() {
    let mut history = History::default();
    history.add([measurement("a", 1, Some("c1"))]);
    let good = history.text();
    for (text, expected) in [
        (String::new(), ""),
        (
            good.replace("\"schema_version\":1", "\"schema_version\":2"),
            "h:1:1: the history of measurements cannot be read: it is of version 2",
        ),
        (
            "nonsense\n".to_owned(),
            "h:1:2: the history of measurements cannot be read: expected",
        ),
        (good.clone() + "{\"row\":\"a\"\n", "h:3:"),
        (
            good.replace("\"milliseconds\":12", "\"milliseconds\":-12"),
            "h:2:",
        ),
        (
            good.replace("\"changed\"", "\"chagned\""),
            "unknown field `chagned`",
        ),
        (
            good.clone() + "<<<<<<< HEAD\n",
            "h:3:1: the history of measurements cannot be read: two branches changed it",
        ),
    ] {
        let told = match History::parse(&Source::new("h", text.as_str())) {
            Ok(history) => {
                assert_eq!(history, History::default());
                String::new()
            }
            Err(error) => error.to_string(),
        };
        assert!(told.contains(expected), "{expected}\n{told}");
        assert_eq!(told.is_empty(), expected.is_empty(), "{told}");
    }
}
