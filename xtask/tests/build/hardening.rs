//! The hardening of the images: nothing that anybody would have to mend, and each remark one that is meant.

use std::collections::{BTreeMap, BTreeSet};

use xtask::date::Date;
use xtask::finding::Severity;
use xtask::image::accounting::{self, Reading, SavedImage};
use xtask::image::attribution::{self, Knowledge, Provenance};
use xtask::image::filesystem::Filesystem;
use xtask::image::inventory;
use xtask::image::layer::Detail;
use xtask::scan::hardening::{FoundSecret, OLDEST_DAYS, Purpose, Subject, findings};

use crate::images::Image;
use crate::support::Machine;

/// What is left, and why it stays.
const MEANT: [(&str, &str); 6] = [
    // The probes read `PORT` in the container, and strategy-engine's Python starts nothing without one either.
    ("DX5303", "busybox is Alpine's"),
    // busybox and musl's `ldd` and `ldconfig` are no programs that are named here; `node` needs none.
    ("DX5304", "busybox"),
    ("DL3057", "the base image starts nothing by itself"),
    // The service's user has no home of its own, on purpose: it may write nowhere.
    ("DX5601", "labels of a build without a remote"),
    ("DX5104", "accounts that Alpine lists"),
    ("DX5002", "busybox's bbsuid"),
];

pub(crate) fn is_as_it_should_be(machine: &Machine, images: &[Image]) {
    let known = BTreeMap::new();
    let mut unexpected = Vec::new();
    for image in images {
        let saved = saved(machine, &image.tag, &known);
        let knowledge = Knowledge {
            provenance: None::<Provenance>,
            ..Knowledge::default()
        };
        let origins = attribution::origins(&saved, &knowledge);
        let steps = attribution::steps(&saved, &origins, &knowledge);
        let layers = saved
            .layers
            .iter()
            .filter_map(|layer| layer.contents.clone());
        let filesystem = Filesystem::of(layers.collect());
        let packages = inventory::packages(&filesystem);
        let secrets = FoundSecret::all(&filesystem);
        let begin = std::time::Instant::now();
        let found = findings(&Subject {
            name: &image.name,
            reference: Some(&image.tag),
            purpose: Purpose::Production,
            config: &saved.config,
            filesystem: &filesystem,
            packages: &packages,
            origins: &origins,
            steps: &steps,
            secrets: &secrets,
            today: Some(Date::from_unix_days(0)),
            oldest_days: OLDEST_DAYS,
        });
        let taken = begin.elapsed();
        println!("{}: {} findings in {taken:?}", image.name, found.len());
        for finding in &found {
            println!(
                "  {} {}: {}",
                finding.severity.word(),
                finding.code,
                finding.message
            );
        }
        let codes: BTreeSet<&str> = MEANT.iter().map(|(code, _)| *code).collect();
        unexpected.extend(found.into_iter().filter(|finding| {
            finding.severity >= Severity::Warning || !codes.contains(&*finding.code)
        }));
    }
    assert!(unexpected.is_empty(), "{unexpected:#?}");
}

fn saved(machine: &Machine, tag: &str, known: &BTreeMap<String, accounting::Layer>) -> SavedImage {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("image.tar");
    let path = file.to_str().unwrap();
    crate::docker::docker(machine, ["save", "--output", path, tag]);
    let reading = Reading {
        known,
        detail: Detail::Inspected,
    };
    let mut stream = std::fs::File::open(&file).unwrap();
    let mut images = accounting::read(&mut stream, reading).unwrap();
    assert_eq!(images.len(), 1);
    images.remove(0)
}
