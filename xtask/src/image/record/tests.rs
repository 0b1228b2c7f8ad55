use proptest::prelude::*;

use super::*;
use crate::image::samples;

fn moment(commit: &str, date: &str) -> Moment {
    Moment {
        commit: commit.to_owned(),
        date: date.parse().unwrap(),
    }
}

fn source(text: &str) -> Source {
    Source::new("docker/sizes.json", text)
}

fn parse(text: &str) -> Result<Record> {
    Record::parse(&source(text))
}

fn one() -> Record {
    let moment = moment("1111111", "2026-11-30");
    Record::updated(None, &[samples::service("api", 0)], &moment)
}

#[test]
fn the_file_reads_well_in_a_diff() {
    let moment = moment("2222222", "2026-12-01");
    let web = samples::analysis("web", Vec::new());
    insta::assert_snapshot!(
        Record::updated(Some(one()), &[web, samples::service("api", 1)], &moment).json()
    );
}

#[test]
fn an_image_that_is_not_recorded_again_stays_as_it_was() {
    let second = Record::updated(
        Some(one()),
        &[samples::service("web", 0)],
        &moment("2222222", "2026-12-01"),
    );
    let names = |record: &Record| {
        let images = record.images().iter();
        images
            .map(|image| format!("{} {}", image.name, image.commit))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&second), ["api 1111111", "web 2222222"]);
    assert_eq!(
        second.image("api", "linux/amd64"),
        one().image("api", "linux/amd64")
    );
    assert_eq!(second.image("api", "linux/arm64"), None);
    let mut second = second;
    second.retain(|name| name == "web");
    assert_eq!(names(&second), ["web 2222222"]);
}

#[test]
fn a_commit_that_is_recorded_twice_is_there_once() {
    let again = Record::updated(
        Some(one()),
        &[samples::service("api", 3)],
        &moment("1111111", "2026-11-30"),
    );
    let image = &again.images()[0];
    assert_eq!(image.history, [image.point()]);
    assert_eq!(
        image.point().unpacked_bytes,
        42_000_000 + 3 * (1_800_000 + 377_000)
    );
    // An older commit goes to its place.
    let older = Record::updated(
        Some(again),
        &[samples::service("api", 0)],
        &moment("0000000", "2026-01-01"),
    );
    let commits = |record: &Record| {
        let points = record.images()[0].history.iter();
        points.map(|point| point.commit.clone()).collect::<Vec<_>>()
    };
    assert_eq!(commits(&older), ["0000000", "1111111"]);
    assert_eq!(older.history().images["api"].len(), 2);
}

#[test]
fn platforms_have_histories_of_their_own() {
    let mut arm = samples::service("api", 0);
    arm.platform = "linux/arm64".to_owned();
    let mut record = one();
    for (commit, date) in [("b", "2026-12-02"), ("c", "2026-12-03")] {
        record = Record::updated(Some(record), &[arm.clone()], &moment(commit, date));
    }
    let lengths: Vec<usize> = record
        .images()
        .iter()
        .map(|image| image.history.len())
        .collect();
    assert_eq!(lengths, [1, 2]);
    let dates: Vec<String> = record.history().images["api"]
        .iter()
        .map(|p| p.date.clone())
        .collect();
    assert_eq!(dates, ["2026-11-30", "2026-12-02", "2026-12-03"]);
}

#[test]
fn what_cannot_be_read_is_pointed_at() {
    let good = one().json();
    let twice = {
        let mut record = one();
        record.images.push(record.images[0].clone());
        record.json()
    };
    for (text, expected) in [
        (
            String::new(),
            "1:1: the record of image sizes cannot be read: EOF while parsing",
        ),
        ("[]".to_owned(), "cannot be read: invalid length 0"),
        (
            "{\"images\": []}".to_owned(),
            "missing field `schema_version`",
        ),
        (
            good.replace("\"schema_version\": 1", "\"schema_version\": 2"),
            "docker/sizes.json:2:3: the record of image sizes cannot be read: it is of version 2, and this program reads 1 (help: use the version",
        ),
        (
            good.replace(
                "\"unpacked_bytes\": 42000000,\n",
                "\"unpacked_bytes\": -1,\n",
            ),
            ":10:28: the record of image sizes cannot be read: invalid value: integer `-1`, expected u64",
        ),
        (
            good.replace(
                "\"date\": \"2026-11-30\", \"platform\"",
                "\"date\": \"2026-11-31\", \"platform\"",
            ),
            "\"2026-11-31\" is not a day",
        ),
        (
            good.replace("\"packages\"", "\"packets\""),
            "unknown field `packets`",
        ),
        (good[..good.len() / 2].to_owned(), "EOF while parsing"),
        (
            good.replace("  \"images\"", "<<<<<<< HEAD\n  \"images\""),
            "docker/sizes.json:3:1: the record of image sizes cannot be read: two branches changed it",
        ),
        (twice, "it has api for linux/amd64 twice (help: remove one"),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(
            error.to_string().contains(expected),
            "{error}\n---\n{expected}"
        );
        assert!(error.location().is_some());
    }
    // The line of a point is told, not that of the whole history.
    let broken = good.replace(
        "\"date\": \"2026-11-30\", \"platform\"",
        "\"date\": \"\", \"platform\"",
    );
    let line = good
        .lines()
        .position(|line| line.contains("\"date\": \"2026-11-30\", "))
        .unwrap()
        + 1;
    let error = parse(&broken).unwrap_err();
    let location = error.location().unwrap();
    assert_eq!(location.source.line_column(location.span.start).line, line);
}

#[test]
fn only_the_largest_folders_are_recorded_and_no_deep_ones() {
    let mut image = samples::analysis("api", Vec::new());
    let children = (0..150).map(|n| samples::folder(&format!("{n:03}"), 1_000 + n, Vec::new()));
    let deep = samples::folder("a", 0, vec![samples::folder("b", 9_000, Vec::new())]);
    image.folders = samples::folder(
        "/",
        0,
        vec![
            samples::folder("x", 0, vec![samples::folder("y", 0, vec![deep])]),
            samples::folder("many", 0, children.collect()),
        ],
    );
    let record = Record::updated(None, &[image], &moment("1", "2026-11-30"));
    let folders = &record.images()[0].folders;
    assert_eq!(folders.len(), MOST_FOLDERS);
    assert!(folders.is_sorted());
    let has = |path: &str| folders.iter().any(|folder| folder.path == path);
    assert!(has("/x/y/a") && has("/many") && has("/many/149"));
    assert!(!has("/x/y/a/b") && !has("/many/000"));
}

fn point(commit: &str, date: Date) -> Point {
    Point {
        commit: commit.to_owned(),
        date: date.to_string(),
        platform: "linux/amd64".to_owned(),
        unpacked_bytes: 1,
        compressed_bytes: 1,
        visible_bytes: None,
        hidden_bytes: None,
    }
}

#[test]
fn a_long_history_thins_out_evenly() {
    let start: Date = "2024-01-01".parse().unwrap();
    let mut points = Vec::new();
    for day in 0..1_000 {
        points = points::merged(points, point(&day.to_string(), start.plus_days(day)));
    }
    assert_eq!(points.len(), points::MOST);
    assert_eq!(
        (points[0].commit.as_str(), points[499].commit.as_str()),
        ("0", "999")
    );
    let days: Vec<i64> = points
        .iter()
        .map(|point| point.commit.parse().unwrap())
        .collect();
    let gaps: Vec<i64> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // 750 days are told by 250 points: two, three or four days lie between them.
    let old = &gaps[..points::MOST - points::NEWEST];
    assert!(old.iter().all(|gap| (1..=4).contains(gap)), "{old:?}");
    assert!(
        gaps[points::MOST - points::NEWEST..]
            .iter()
            .all(|gap| *gap == 1)
    );
}

proptest! {
    #[test]
    fn a_record_reads_as_it_was_written(
        first in samples::any_analysis(),
        second in samples::any_analysis(),
        day in 0_i64..30_000,
    ) {
        let date = Date::from_unix_days(day);
        let at = |commit: &str| Moment { commit: commit.to_owned(), date };
        let record = Record::updated(None, &[first], &at("a"));
        let record = Record::updated(Some(record), std::slice::from_ref(&second), &at("b"));
        let text = record.json();
        let read = parse(&text).unwrap();
        prop_assert_eq!(&read, &record);
        prop_assert_eq!(read.json(), text);
        // Recording the same again changes nothing.
        prop_assert_eq!(Record::updated(Some(read), &[second], &at("b")), record);
    }

    #[test]
    fn a_history_is_bounded_in_order_and_has_each_commit_once(
        days in proptest::collection::vec((0_i64..2_000, 0_u16..900), 0..700),
    ) {
        let start: Date = "2020-01-01".parse().unwrap();
        let mut points = Vec::new();
        for (day, commit) in &days {
            points = points::merged(points, point(&commit.to_string(), start.plus_days(*day)));
            prop_assert!(points.iter().any(|point| point.commit == commit.to_string()) || points.len() == points::MOST);
        }
        prop_assert!(points.len() <= points::MOST);
        prop_assert!(points.is_sorted_by(|a, b| a.date <= b.date));
        let commits: std::collections::BTreeSet<&str> = points.iter().map(|p| p.commit.as_str()).collect();
        prop_assert_eq!(commits.len(), points.len());
    }

    /// Whatever is in the file, the answer is a record or an error with a place.
    #[test]
    fn no_text_is_too_strange(at in 0_usize..3_000, with in "[\\[\\]{}\":,0-9a-z<é\n]{0,3}") {
        let mut text = one().json();
        let at = at.min(text.len());
        if text.is_char_boundary(at) {
            text.insert_str(at, &with);
        }
        if let Err(error) = parse(&text) {
            prop_assert!(error.location().is_some());
        }
    }
}
