//! What registries say, and graphs of manifests of any shape: nothing that something kept lists is ever removed.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use xtask::retention::{
    Attachment, Child, Digest, Journal, Kind, Manifest, Package, Plan, Policy, RestoreList, Rule,
    Situation, Version,
};
use xtask::timestamp::{Period, Timestamp};

const NOW: i64 = 1_800_000_000;
const NODES: u8 = 12;

fn digest(node: u8) -> Digest {
    Digest::of(&[node % NODES])
}

/// Four bytes are one manifest: its tags, its age, what it lists, what it is about.
fn package(bytes: &[u8]) -> Package {
    let mut package = Package {
        name: "a/b".to_owned(),
        ..Package::default()
    };
    for (node, chunk) in (0..NODES).zip(bytes.chunks_exact(4)) {
        let mut tags = BTreeSet::new();
        if chunk[0] & 1 == 1 {
            tags.insert(format!("pr-{node}"));
        }
        if chunk[0] & 2 == 2 {
            tags.insert(digest(chunk[0] >> 2).as_str().replace(':', "-"));
        }
        let child = |bit: u8| Child {
            digest: digest(node + bit + 1),
            size: 1,
            is_manifest: bit != 7,
            platform: None,
        };
        let listed = (0..8).filter(|bit| chunk[2] & (1 << bit) != 0);
        let version = Version {
            id: None,
            tags,
            created: (chunk[1] != 0)
                .then(|| Timestamp::from_unix_seconds(NOW - i64::from(chunk[1]) * 86_400)),
            updated: None,
            manifest: Manifest {
                kind: Kind::Index,
                media_type: String::new(),
                children: listed.map(child).collect(),
                blobs: Vec::new(),
                config: None,
                subject: (chunk[3] & 0x80 != 0).then(|| digest(chunk[3])),
                created: None,
                size: 1,
            },
        };
        package.versions.insert(digest(node), version);
    }
    package
}

fuzz_target!(|bytes: &[u8]| {
    let _ = Manifest::created_by_config(bytes);
    let _ = Journal::parse(bytes);
    let _ = RestoreList::parse(bytes);
    if let Ok(manifest) = Manifest::parse(bytes) {
        assert_eq!(manifest.size, bytes.len() as u64);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Attachment::of(text);
        if let Ok(digest) = text.parse::<Digest>() {
            assert_eq!(digest.as_str(), text);
        }
    }
    let [keep, begun, rest @ ..] = bytes else {
        return;
    };
    let package = package(rest);
    let Ok(all) = "*".parse() else { return };
    let policy = Policy {
        untagged: Some(Period::from_hours(24)),
        rules: vec![Rule {
            number: 1,
            tags: vec![all],
            exclude: Vec::new(),
            keep: Some(u32::from(keep % 4)),
            keep_for: Some(Period::from_hours(240)),
        }],
        ..Policy::default()
    };
    let situation = Situation {
        begun: (begun % 2 == 1).then(|| (0..NODES).filter(|node| begun >> (node % 8) & 1 == 1).map(digest).collect()),
        ..Situation::at(Timestamp::from_unix_seconds(NOW))
    };
    let plan = Plan::new(&package, &policy, &situation);
    let removed: BTreeSet<&Digest> = plan.removals.iter().collect();
    for (digest, version) in &package.versions {
        let subject_stays = |subject: &Digest| package.versions.contains_key(subject) && !removed.contains(subject);
        if removed.contains(digest) {
            assert!(!version.subjects().any(|subject| subject_stays(&subject)));
        } else {
            assert!(version.manifest.children.iter().all(|child| !removed.contains(&child.digest)));
        }
    }
});
