use super::*;
use crate::scan::samples::vulnerability;

fn moment(commit: &str, time: &str) -> Moment {
    Moment {
        commit: commit.to_owned(),
        time: time.parse().unwrap(),
    }
}

fn looked(managers: &[&str]) -> BTreeSet<(Finder, String)> {
    let managers = managers.iter();
    managers
        .map(|manager| (Finder::Osv, (*manager).to_owned()))
        .collect()
}

fn observation<'a>(name: &'a str, found: &'a [Vulnerability]) -> Observation<'a> {
    Observation {
        name,
        platform: "linux/amd64",
        vulnerabilities: found.iter().collect(),
        looked: looked(&["apk", "npm"]),
        unconcerned: Vec::new(),
    }
}

fn parse(text: &str) -> Result<Record> {
    Record::parse(&Source::new("docker/vulnerabilities.json", text))
}

fn first() -> Record {
    let found = [
        vulnerability("CVE-2027-2", "openssl", Level::High),
        vulnerability("CVE-2027-1", "openssl", Level::Critical),
    ];
    Record::updated(
        None,
        &[observation("api", &found)],
        &moment("1111111", "2027-01-01T10:00:00Z"),
    )
}

#[test]
fn the_file_reads_well_in_a_diff() {
    let rest = [vulnerability("CVE-2027-1", "openssl", Level::Critical)];
    let record = Record::updated(
        Some(first()),
        &[observation("api", &rest)],
        &moment("2222222", "2027-01-01T13:30:00Z"),
    );
    insta::assert_snapshot!(record.json(), @r#"
    {
      "schema_version": 1,
      "images": [
        {
          "name": "api",
          "platform": "linux/amd64",
          "open": [
            { "manager": "apk", "package": "openssl", "id": "CVE-2027-1", "level": "critical", "level_since": "2027-01-01T10:00:00Z", "first_seen": "2027-01-01T10:00:00Z", "first_commit": "1111111", "found_by": "osv" }
          ],
          "gone": [
            { "manager": "apk", "package": "openssl", "id": "CVE-2027-2", "level": "high", "first_seen": "2027-01-01T10:00:00Z", "first_commit": "1111111", "gone": "2027-01-01T13:30:00Z", "gone_commit": "2222222" }
          ]
        }
      ]
    }
    "#);
    assert_eq!(parse(&record.json()).unwrap(), record);
}

#[test]
fn a_clock_runs_on_over_updates_that_do_not_mend_and_over_new_names() {
    let mut found = vulnerability("CVE-2027-1", "openssl", Level::Critical);
    found.package.version = "3.3.2-r1".to_owned();
    found.id = "GHSA-aaaa-bbbb-cccc".to_owned();
    found.aliases.insert("CVE-2027-1".to_owned());
    let record = Record::updated(
        Some(first()),
        &[observation("api", std::slice::from_ref(&found))],
        &moment("2222222", "2027-01-02T10:00:00Z"),
    );
    let open = record.open("api", "linux/amd64", &found).unwrap();
    assert_eq!(open.first_seen.to_string(), "2027-01-01T10:00:00Z");
    assert_eq!(open.id, "GHSA-aaaa-bbbb-cccc");
    assert_eq!(record.images()[0].gone.len(), 1);
}

#[test]
fn one_that_is_found_to_be_worse_gets_its_time_too() {
    let worse = [vulnerability("CVE-2027-2", "openssl", Level::Critical)];
    let record = Record::updated(
        Some(first()),
        &[observation("api", &worse)],
        &moment("2", "2027-03-01T10:00:00Z"),
    );
    let open = record.open("api", "linux/amd64", &worse[0]).unwrap();
    assert_eq!(open.first_seen.to_string(), "2027-01-01T10:00:00Z");
    assert_eq!(open.level_since.to_string(), "2027-03-01T10:00:00Z");
}

#[test]
fn who_did_not_look_has_not_mended_anything() {
    for looked in [
        looked(&[]),
        looked(&["npm"]),
        BTreeSet::from([(Finder::Trivy, "apk".to_owned())]),
    ] {
        let mut seen = observation("api", &[]);
        seen.looked = looked;
        let record = Record::updated(Some(first()), &[seen], &moment("2", "2027-01-02T10:00:00Z"));
        assert_eq!(record.images()[0].open.len(), 2);
        assert_eq!(record.images()[0].gone, []);
    }
}

#[test]
fn what_does_not_concern_an_image_is_neither_open_nor_mended() {
    let stated = [vulnerability("CVE-2027-1", "openssl", Level::Critical)];
    let rest = [vulnerability("CVE-2027-2", "openssl", Level::High)];
    let mut seen = observation("api", &rest);
    seen.unconcerned = stated.iter().collect();
    let record = Record::updated(Some(first()), &[seen], &moment("2", "2027-01-02T10:00:00Z"));
    let image = &record.images()[0];
    assert_eq!((image.open.len(), image.gone.len()), (1, 0));
}

#[test]
fn what_comes_back_starts_anew_and_what_was_is_kept() {
    let gone = Record::updated(
        Some(first()),
        &[observation("api", &[])],
        &moment("2", "2027-01-01T20:00:00Z"),
    );
    let back = [vulnerability("CVE-2027-1", "openssl", Level::Critical)];
    let record = Record::updated(
        Some(gone),
        &[observation("api", &back)],
        &moment("3", "2027-02-01T10:00:00Z"),
    );
    let image = &record.images()[0];
    assert_eq!(image.open[0].first_commit, "3");
    assert_eq!(image.gone.len(), 2);
}

#[test]
fn the_time_until_all_images_are_without_it_is_what_counts() {
    let found = [vulnerability("CVE-2027-1", "openssl", Level::Critical)];
    let at = |record: Option<Record>, seen: &[Observation<'_>], time: &str| {
        Some(Record::updated(record, seen, &moment("c", time)))
    };
    let mut record = at(None, &[observation("api", &found)], "2027-01-01T00:00:00Z");
    record = at(
        record,
        &[observation("web", &found)],
        "2027-01-01T02:00:00Z",
    );
    record = at(record, &[observation("api", &[])], "2027-01-01T06:00:00Z");
    let now: Timestamp = "2027-01-01T08:00:00Z".parse().unwrap();
    let half = remediation(record.as_ref().unwrap(), now);
    assert_eq!((half[0].gone, half[0].open), (0, 1));
    assert_eq!(half[0].oldest_open_seconds, Some(6 * 3_600));
    record = at(record, &[observation("web", &[])], "2027-01-01T12:00:00Z");
    // Another one that took an hour.
    let other = [vulnerability("CVE-2027-9", "zlib", Level::Critical)];
    record = at(
        record,
        &[observation("web", &other)],
        "2027-01-03T00:00:00Z",
    );
    record = at(record, &[observation("web", &[])], "2027-01-03T01:00:00Z");
    let all = remediation(record.as_ref().unwrap(), now);
    assert_eq!(
        all,
        [Remediation {
            level: Level::Critical,
            gone: 2,
            median_seconds: Some(3_600),
            worst_seconds: Some(12 * 3_600),
            open: 0,
            oldest_open_seconds: None,
        }]
    );
}

#[test]
fn what_cannot_be_read_is_pointed_at() {
    let good = first().json();
    let twice = {
        let mut record = first();
        record.images.push(record.images[0].clone());
        record.json()
    };
    for (text, expected) in [
        (
            String::new(),
            "docker/vulnerabilities.json:1:1: the record of vulnerabilities cannot be read: EOF",
        ),
        ("[]".to_owned(), "invalid length 0"),
        (
            good.replace("\"schema_version\": 1", "\"schema_version\": 2"),
            ":2:3: the record of vulnerabilities cannot be read: it is of version 2, and this program reads 1 (help: use the version",
        ),
        (
            good.replace("T10:00:00Z", "T25:00:00Z"),
            "\"2027-01-01T25:00:00Z\" is no moment",
        ),
        (
            good.replace("\"critical\"", "\"terrible\""),
            "unknown variant `terrible`",
        ),
        (
            good.replace("\"open\"", "\"opened\""),
            "unknown field `opened`",
        ),
        (good[..good.len() / 2].to_owned(), "EOF while parsing"),
        (
            good.replace("  \"images\"", "<<<<<<< HEAD\n  \"images\""),
            ":3:1: the record of vulnerabilities cannot be read: two branches changed it",
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
}

#[test]
fn what_is_gone_is_not_kept_without_end() {
    let mut record = None;
    for number in 0..MOST_GONE + 10 {
        let found = [vulnerability(
            &format!("CVE-2027-{number}"),
            "zlib",
            Level::Low,
        )];
        let time = moment("c", "2027-01-01T00:00:00Z");
        record = Some(Record::updated(
            record,
            &[observation("api", &found)],
            &time,
        ));
    }
    let image = &record.unwrap().images()[0].clone();
    assert_eq!((image.open.len(), image.gone.len()), (1, MOST_GONE));
}
