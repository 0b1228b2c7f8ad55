use proptest::prelude::*;

use super::*;
use crate::scan::osv::{Advisory, Entry, Event, Range, Record};
use crate::scan::vulnerability::{Level, Status};

fn advisory(id: &str) -> Advisory {
    Advisory {
        id: id.to_owned(),
        aliases: vec!["CVE-2024-1".to_owned(), String::new()],
        bundles: vec!["CVE-2024-2".to_owned()],
        title: "a title: é".to_owned(),
        url: Some("https://example.com".to_owned()),
        level: Level::Critical,
        score: Some(98),
        status: Status::EndOfLife,
        ranges: vec![
            Range {
                events: vec![
                    Event::Introduced("0".to_owned()),
                    Event::Fixed("1.2".to_owned()),
                    Event::LastAffected("v".repeat(300)),
                    Event::Limit("*".to_owned()),
                ],
            },
            Range::default(),
        ],
        versions: vec!["1".to_owned(), "2".to_owned()],
    }
}

fn record(id: &str, modified: u64, packages: &[(&str, &str)]) -> Record {
    let entry = |(ecosystem, package): &(&str, &str)| Entry {
        ecosystem: (*ecosystem).to_owned(),
        package: (*package).to_owned(),
        advisory: Advisory {
            title: modified.to_string(),
            ..advisory(id)
        },
    };
    Record {
        id: id.to_owned(),
        modified,
        is_withdrawn: false,
        entries: packages.iter().map(entry).collect(),
    }
}

fn written(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for record in records {
        writer.add(record, Some(7)).unwrap();
    }
    writer.finish(42).unwrap()
}

fn titles(index: &Index<&[u8]>, ecosystem: &str, package: &str) -> Vec<(String, String)> {
    let found = index.advisories(ecosystem, package).unwrap();
    found
        .into_iter()
        .map(|advisory| (advisory.id, advisory.title))
        .collect()
}

fn pair(id: &str, title: &str) -> (String, String) {
    (id.to_owned(), title.to_owned())
}

#[test]
fn an_advisory_is_what_it_was() {
    for advisory in [
        advisory("X-1"),
        Advisory::default(),
        Advisory {
            score: Some(0),
            ..Advisory::default()
        },
    ] {
        let bytes = codec::encode("npm\0a", &advisory);
        assert_eq!(codec::decode(&bytes), Some(("npm\0a", advisory)));
        assert_eq!(codec::key(&bytes), Some("npm\0a"));
        for cut in 0..bytes.len() {
            assert_eq!(codec::decode(&bytes[..cut]), None);
        }
    }
}

#[test]
fn packages_are_found_by_ecosystem_and_name() {
    let mut records = vec![
        record("A", 1, &[("npm", "left"), ("Debian:12", "left")]),
        record("B", 2, &[("npm", "left")]),
    ];
    for index in 0..5000 {
        records.push(record(
            &format!("N-{index}"),
            3,
            &[("npm", &format!("package-{}", index / 2))],
        ));
    }
    let bytes = written(&records);
    let index = Index::open(&bytes[..]).unwrap();
    assert_eq!(index.fingerprint(), 42);
    assert_eq!(
        titles(&index, "npm", "left"),
        [pair("A", "1"), pair("B", "2")]
    );
    assert_eq!(titles(&index, "Debian:12", "left"), [pair("A", "1")]);
    assert_eq!(titles(&index, "PyPI", "left"), []);
    assert_eq!(titles(&index, "npm", "right"), []);
    for package in [0, 1, 999, 2499] {
        let names = [2 * package, 2 * package + 1].map(|it| pair(&format!("N-{it}"), "3"));
        assert_eq!(titles(&index, "npm", &format!("package-{package}")), names);
    }
    let releases = &index.summary().releases;
    assert_eq!(
        releases["npm"],
        Release {
            advisories: 5002,
            newest: 3,
            fetched: Some(7)
        }
    );
    assert_eq!(
        releases["Debian:12"],
        Release {
            advisories: 1,
            newest: 1,
            fetched: Some(7)
        }
    );
}

#[test]
fn of_a_record_that_is_there_again_the_newest_counts() {
    let withdrawn = Record {
        is_withdrawn: true,
        ..record("B", 9, &[("npm", "a")])
    };
    let bytes = written(&[
        record("A", 5, &[("npm", "a")]),
        record("A", 6, &[("npm", "a")]),
        record("A", 4, &[("npm", "a")]),
        record("B", 8, &[("npm", "a")]),
        withdrawn,
        record("C", 1, &[("npm", "a")]),
        record("C", 1, &[("npm", "a")]),
    ]);
    let index = Index::open(&bytes[..]).unwrap();
    assert_eq!(titles(&index, "npm", "a"), [pair("A", "6"), pair("C", "1")]);
    assert_eq!(
        (index.summary().repeated, index.summary().withdrawn),
        (4, 1)
    );
}

#[test]
fn an_empty_index_is_one() {
    let bytes = written(&[]);
    let index = Index::open(&bytes[..]).unwrap();
    assert_eq!(titles(&index, "npm", "a"), []);
    assert_eq!(index.summary(), &Summary::default());
}

#[test]
fn an_index_that_was_cut_off_or_is_another_file_is_damaged() {
    let bytes = written(&[record("A", 5, &[("npm", "a")])]);
    for cut in 0..bytes.len() {
        assert_eq!(Index::open(&bytes[..cut]).err(), Some(Damaged), "{cut}");
    }
    assert_eq!(Index::open(&b"{\"releases\": {}}"[..]).err(), Some(Damaged));
}

#[test]
fn hostile_data_neither_fills_the_summary_nor_the_troubles() {
    let mut summary = Summary::default();
    for index in 0..10_000 {
        summary.count(&format!("Debian:{index}"), 1, None);
        summary.trouble(|| index.to_string());
    }
    assert!(summary.releases.len() <= 4097);
    assert_eq!(
        summary
            .releases
            .values()
            .map(|release| release.advisories)
            .sum::<u64>(),
        10_000
    );
    assert_eq!((summary.unusable, summary.troubles.len()), (10_000, 20));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_flipped_bit_is_noticed_or_read_by_nobody(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let records: Vec<Record> =
            (0..3).map(|it| record(&format!("X-{it}"), it, &[("npm", "a"), ("npm", "b")])).collect();
        let mut bytes = written(&records);
        let at = at.index(bytes.len());
        let good = {
            let index = Index::open(&bytes[..]).unwrap();
            (index.advisories("npm", "a").unwrap(), index.advisories("npm", "b").unwrap())
        };
        bytes[at] ^= 1 << bit;
        if let Ok(index) = Index::open(&bytes[..]) {
            for (package, good) in [("a", good.0), ("b", good.1)] {
                if let Ok(found) = index.advisories("npm", package) {
                    prop_assert_eq!(found, good);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_an_advisory_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some((key, advisory)) = codec::decode(&bytes) {
            let key = key.to_owned();
            let again = codec::encode(&key, &advisory);
            prop_assert_eq!(codec::decode(&again), Some((key.as_str(), advisory)));
        }
    }
}
