use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::timestamp::{Period, Timestamp};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// A package written down: each manifest by a name, with days of age.
#[derive(Default)]
struct Shop(Package);

fn shop() -> Shop {
    Shop(Package {
        name: "registry.test/acme/shop".to_owned(),
        ..Package::default()
    })
}

fn manifest(kind: Kind) -> Manifest {
    Manifest {
        kind,
        media_type: String::new(),
        children: Vec::new(),
        blobs: Vec::new(),
        config: None,
        subject: None,
        created: None,
        size: 1,
    }
}

fn child(name: &str) -> Child {
    Child {
        digest: digest(name),
        size: 1,
        is_manifest: true,
        platform: None,
    }
}

impl Shop {
    fn put(mut self, name: &str, days: i64, tags: &[&str], manifest: Manifest) -> Self {
        let version = Version {
            id: Some(self.0.versions.len() as u64),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            created: Some(Timestamp::from_unix_seconds(NOW - days * DAY)),
            updated: None,
            manifest,
        };
        self.0.versions.insert(digest(name), version);
        self
    }

    /// An image with one layer of its own name.
    fn image(self, name: &str, days: i64, tags: &[&str]) -> Self {
        let mut image = manifest(Kind::Image);
        image.blobs = vec![Blob {
            digest: digest(&format!("layer of {name}")),
            size: 1_000,
        }];
        self.put(name, days, tags, image)
    }

    fn index(self, name: &str, days: i64, tags: &[&str], children: &[&str]) -> Self {
        let mut index = manifest(Kind::Index);
        index.children = children.iter().map(|name| child(name)).collect();
        self.put(name, days, tags, index)
    }

    /// A signature by its `subject`.
    fn signature(self, name: &str, days: i64, subject: &str) -> Self {
        let mut signature = manifest(Kind::Signature);
        signature.subject = Some(digest(subject));
        self.put(name, days, &[], signature)
    }

    fn plan(&self, rules: &str) -> Plan {
        self.plan_in(rules, &Situation::at(now()))
    }

    fn plan_in(&self, rules: &str, situation: &Situation) -> Plan {
        Plan::new(&self.0, &policy(rules), situation)
    }

    /// The names of what is removed, in order.
    fn removed(plan: &Plan, names: &[&str]) -> Vec<String> {
        let name = |digest: &Digest| {
            let found = names
                .iter()
                .find(|name| super::Digest::of(name.as_bytes()) == *digest);
            found.map_or_else(|| digest.to_string(), |name| (*name).to_owned())
        };
        plan.removals.iter().map(name).collect()
    }

    fn why(plan: &Plan, name: &str) -> String {
        plan.decisions[&digest(name)].to_string()
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW)
}

/// As the manifest has it below `[retention]`.
fn policy(rules: &str) -> Policy {
    let retention = toml::from_str(rules).unwrap();
    Policy::of(&retention, Some("api"), vec!["buildcache-api-".to_owned()])
}

const TWO_MAIN: &str = "untagged = \"7 days\"\n[[rules]]\ntags = [\"main-*\"]\nkeep = 2\n";

#[test]
fn the_newest_are_kept_with_all_they_need() {
    let shop = shop()
        .image("amd64", 40, &[])
        .image("arm64 old", 40, &[])
        .image("arm64 new", 3, &[])
        .index("one", 40, &["main-1"], &["amd64", "arm64 old"])
        .index("two", 20, &["main-2"], &["amd64", "arm64 new"])
        .index("three", 3, &["main-3", "latest"], &["amd64", "arm64 new"])
        .signature("sig one", 40, "one")
        .signature("sig two", 20, "two")
        .signature("sig arm64 old", 40, "arm64 old");
    let plan = shop.plan(TWO_MAIN);
    let names = [
        "one",
        "two",
        "three",
        "amd64",
        "arm64 old",
        "arm64 new",
        "sig one",
        "sig two",
        "sig arm64 old",
    ];
    let removed = Shop::removed(&plan, &names);
    assert_eq!(
        removed[0], "one",
        "whoever is stopped leaves no index without its images"
    );
    let removed: BTreeSet<&str> = removed.iter().map(String::as_str).collect();
    assert_eq!(
        removed,
        BTreeSet::from(["one", "arm64 old", "sig one", "sig arm64 old"])
    );
    assert_eq!(Shop::why(&plan, "amd64"), "part of main-2");
    assert_eq!(Shop::why(&plan, "two"), "rule 1: of the newest 2");
    assert_eq!(Shop::why(&plan, "three"), "no rule names `latest`");
    assert_eq!(Shop::why(&plan, "sig two"), "about main-2");
    assert_eq!(Shop::why(&plan, "one"), "rule 1: 40 days old");
    assert_eq!(Shop::why(&plan, "sig arm64 old"), "about main-1");
    assert_eq!(plan.storage.before.0 - plan.storage.after.0, 1_004);
}

#[test]
fn what_hangs_on_an_image_by_a_tag_stays_and_goes_with_it() {
    let hex = |name: &str| digest(name).as_str().replace(':', "-");
    let (kept, gone) = (hex("kept"), hex("gone"));
    let shop = shop()
        .image("kept", 1, &["main-2"])
        .image("gone", 30, &["pr-1"])
        .image("sig kept", 30, &[&format!("{kept}.sig")])
        .image("sig gone", 30, &[&format!("{gone}.sig")])
        .image("att gone", 30, &[&format!("{gone}.att")])
        .index("referrers", 30, &[&gone], &["bundle"])
        .signature("bundle", 30, "gone")
        .image("dangling", 30, &[&format!("{}.sig", hex("not there"))])
        .image(
            "dangling young",
            2,
            &[&format!("{}.sig", hex("not there, too"))],
        );
    let plan =
        shop.plan("untagged = \"7 days\"\n[[rules]]\ntags = [\"*\"]\nkeep_for = \"7 days\"\n");
    let names = [
        "kept",
        "gone",
        "sig kept",
        "sig gone",
        "att gone",
        "referrers",
        "bundle",
        "dangling",
        "dangling young",
    ];
    let removed = Shop::removed(&plan, &names);
    assert_eq!(
        removed.iter().position(|name| name == "bundle"),
        Some(removed.len() - 1)
    );
    let removed: BTreeSet<&str> = removed.iter().map(String::as_str).collect();
    assert_eq!(
        removed,
        BTreeSet::from([
            "gone",
            "sig gone",
            "att gone",
            "referrers",
            "bundle",
            "dangling"
        ])
    );
    assert_eq!(
        Shop::why(&plan, "dangling"),
        "what it is about is gone, 30 days old"
    );
}

#[test]
fn rules_are_asked_in_order_and_what_none_names_is_kept() {
    let shop = shop()
        .image("pinned", 900, &["pr-1"])
        .image("released", 900, &["v1.0"])
        .image("candidate", 900, &["v1.0-rc1"])
        .image("cache", 900, &["buildcache-api-linux-amd64"])
        .image("old cache", 900, &["buildcache-gone-linux-amd64"])
        .image("other", 900, &["other"])
        .image("pushed now", 0, &["pr-2"])
        .image("untagged", 900, &[]);
    let rules = format!(
        "protected = ['/v\\d+\\.\\d+/']\ndigests = [\"{}\"]\n\
         [[rules]]\ntags = [\"buildcache-*\"]\nkeep_for = \"30 days\"\n\
         [[rules]]\ntags = [\"v*\", \"pr-*\", \"other\"]\nexclude = [\"oth*\"]\nkeep = 0\n\
         [[rules]]\ntags = [\"*\"]\nimages = [\"web\"]\nkeep = 0\n",
        digest("pinned")
    );
    let plan = shop.plan(&rules);
    let names = ["candidate", "old cache"];
    let removed = Shop::removed(&plan, &names);
    assert_eq!(
        removed.iter().collect::<BTreeSet<_>>(),
        names.map(str::to_owned).iter().collect()
    );
    for (name, why) in [
        ("pinned", "`digests` names it"),
        ("released", "protected by `/v\\d+\\.\\d+/`"),
        ("cache", "a build uses this cache"),
        ("other", "no rule names `other`"),
        ("pushed now", "younger than 1 hour"),
        ("untagged", "no tag; `untagged` is not set"),
        ("old cache", "rule 1: 900 days old"),
    ] {
        assert_eq!(Shop::why(&plan, name), why);
    }
}

#[test]
fn what_is_not_known_stops_everything() {
    let rules = "[[rules]]\ntags = [\"*\"]\nkeep = 1\n";
    let shop = || shop().image("old", 9, &["a"]).image("new", 1, &["b"]);
    assert_eq!(shop().plan(rules).removals, [digest("old")]);

    let mut unreadable = shop();
    unreadable
        .0
        .unreadable
        .insert("c".to_owned(), "503".to_owned());
    let plan = unreadable.plan(rules);
    assert_eq!((plan.removals.len(), plan.problems.len()), (0, 1));
    assert_eq!(
        Shop::why(&plan, "old"),
        "nothing of this package is removed"
    );
    assert_eq!(plan.storage.before, plan.storage.after);

    // What is kept lacks something: until somebody says what shall become of it, nothing is touched.
    let broken = shop().index("index", 2, &["c"], &["not there"]);
    let plan = broken.plan("[[rules]]\ntags = [\"*\"]\nkeep = 2\n");
    assert_eq!(plan.removals, []);
    assert_eq!(plan.problems[0].kind, ProblemKind::Broken);
    // What is removed may lack what it likes.
    let plan = broken.plan("[[rules]]\ntags = [\"*\"]\nkeep = 1\n");
    assert_eq!(plan.removals.len(), 2);

    let plan = shop().plan("[[rules]]\ntags = [\"*\"]\nkeep = 0\n");
    assert_eq!(plan.problems[0].kind, ProblemKind::Emptied);
    assert_eq!(plan.removals, []);

    let mut ageless = shop();
    ageless.0.versions.get_mut(&digest("old")).unwrap().created = None;
    let plan = ageless.plan(rules);
    assert_eq!(Shop::why(&plan, "old"), "its age is not known");
    assert_eq!(plan.removals, []);
}

#[test]
fn what_was_begun_is_finished_and_what_changed_is_spared() {
    let rules = "[[rules]]\ntags = [\"pr-*\"]\nkeep = 0\n";
    // The index is gone already; of its two images one has a new parent.
    let shop = shop()
        .image("amd64", 9, &[])
        .image("arm64", 9, &[])
        .index("new", 0, &["main"], &["arm64"])
        .image("moved", 9, &["pr-7"]);
    assert_eq!(shop.plan(rules).removals, [digest("moved")]);
    let situation = Situation {
        now: now(),
        begun: Some(["amd64", "arm64", "moved"].map(digest).into()),
        changed: [digest("moved")].into(),
    };
    let plan = shop.plan_in(rules, &situation);
    assert_eq!(plan.removals, [digest("amd64")]);
    assert_eq!(Shop::why(&plan, "arm64"), "part of main");
    assert_eq!(
        Shop::why(&plan, "moved"),
        "pushed or tagged in the meantime"
    );
}

#[test]
fn a_new_tag_makes_an_old_image_young() {
    let mut shop = shop()
        .image("promoted", 90, &["main-1"])
        .image("later", 30, &["main-2"]);
    let rules = "[[rules]]\ntags = [\"main-*\"]\nkeep = 1\n";
    assert_eq!(shop.plan(rules).removals, [digest("promoted")]);
    let version = shop.0.versions.get_mut(&digest("promoted")).unwrap();
    version.updated = Some(Timestamp::from_unix_seconds(NOW - DAY));
    assert_eq!(shop.plan(rules).removals, [digest("later")]);
}

#[test]
fn manifests_of_every_kind_are_read() {
    let d = digest("x");
    let descriptor = |kind: &str| format!(r#"{{"mediaType":"{kind}","digest":"{d}","size":7}}"#);
    let image = "application/vnd.oci.image.manifest.v1+json";
    let cases = [
        (
            format!(
                r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
                descriptor(image)
            ),
            Kind::Index,
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"manifests":[{},{}]}}"#,
                descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
                descriptor("application/vnd.buildkit.cacheconfig.v0")
            ),
            Kind::Cache,
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"config":{},"layers":[]}}"#,
                descriptor("application/vnd.oci.image.config.v1+json")
            ),
            Kind::Image,
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"config":{},"layers":[{}]}}"#,
                descriptor("application/vnd.oci.image.config.v1+json"),
                descriptor("application/vnd.in-toto+json")
            ),
            Kind::Attestation,
        ),
        (
            format!(
                r#"{{"schemaVersion":2,"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json","config":{},"layers":[],"subject":{}}}"#,
                descriptor("application/vnd.oci.empty.v1+json"),
                descriptor(image)
            ),
            Kind::Signature,
        ),
    ];
    for (text, kind) in cases {
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        assert_eq!(manifest.kind, kind, "{text}");
        let is_signature = kind == Kind::Signature;
        assert_eq!(manifest.subject.is_some(), is_signature);
        if kind == Kind::Cache {
            assert!(manifest.children.iter().all(|child| !child.is_manifest));
        }
    }
    for text in [
        "",
        "[]",
        "{}",
        r#"{"schemaVersion":1}"#,
        r#"{"schemaVersion":2}"#,
        r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#,
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#,
        r#"{"schemaVersion":2,"mediaType":"text/plain","layers":[]}"#,
        r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:zz"}]}"#,
    ] {
        Manifest::parse(text.as_bytes()).unwrap_err();
    }
}

#[test]
fn restore_lists_are_read_again_and_only_unchanged() {
    let list = RestoreList::new(
        now(),
        vec![RestorePackage {
            name: "a/b".to_owned(),
            versions: vec![Restorable {
                digest: digest("{}"),
                id: Some(7),
                tags: vec!["v1".to_owned()],
                media_type: "x".to_owned(),
                manifest: "{}".to_owned(),
            }],
        }],
    );
    let text = serde_json::to_string(&list).unwrap();
    assert_eq!(RestoreList::parse(text.as_bytes()), Ok(list));
    RestoreList::parse(text.replace("\"{}\"", "\"{ }\"").as_bytes()).unwrap_err();
    RestoreList::parse(
        text.replace("schema_version\":1", "schema_version\":2")
            .as_bytes(),
    )
    .unwrap_err();
    Journal::parse(b"{}").unwrap_err();
}

/// A graph of any shape, also of shapes that no real manifests can have.
fn any_shop() -> impl Strategy<Value = Package> {
    let tag = prop_oneof![
        (0..9_u32).prop_map(|number| format!("pr-{number}")),
        (0..9_u32).prop_map(|number| format!("main-{number}")),
        Just("latest".to_owned()),
        (0..12_usize, prop::sample::select(vec!["", ".sig", ".att"])).prop_map(|(of, ending)| {
            format!(
                "{}{ending}",
                digest(&of.to_string()).as_str().replace(':', "-")
            )
        }),
    ];
    let version = (
        prop::option::of(0..60_i64),
        prop::collection::btree_set(tag, 0..3),
        prop::collection::vec((0..14_usize, prop::bool::weighted(0.9)), 0..4),
        prop::option::weighted(0.3, 0..14_usize),
    );
    prop::collection::vec(version, 1..12).prop_map(|versions| {
        let mut package = Package {
            name: "a/b".to_owned(),
            ..Package::default()
        };
        for (number, (days, tags, children, subject)) in versions.into_iter().enumerate() {
            let mut manifest = manifest(Kind::Index);
            manifest.children = children
                .into_iter()
                .map(|(of, is_manifest)| Child {
                    is_manifest,
                    ..child(&of.to_string())
                })
                .collect();
            manifest.subject = subject.map(|of| digest(&of.to_string()));
            let version = Version {
                id: None,
                tags,
                created: days.map(|days| Timestamp::from_unix_seconds(NOW - days * DAY)),
                updated: None,
                manifest,
            };
            package
                .versions
                .insert(digest(&number.to_string()), version);
        }
        package
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let rule = (
        prop::sample::select(vec!["*", "pr-*", "main-*", "/.*[0-4]/"]),
        prop::option::of(0..4_u32),
        0..50_u64,
    );
    let rules = prop::collection::vec(rule, 0..3);
    (rules, prop::option::of(0..30_u64), prop::bool::ANY).prop_map(|(rules, untagged, protects)| {
        Policy {
            protected: protects
                .then(|| "latest".parse().unwrap())
                .into_iter()
                .collect(),
            untagged: untagged.map(|days| Period::from_hours(24 * days)),
            grace: Period::from_hours(1),
            rules: rules
                .into_iter()
                .enumerate()
                .map(|(index, (tags, keep, days))| Rule {
                    number: index + 1,
                    tags: vec![tags.parse().unwrap()],
                    exclude: Vec::new(),
                    keep,
                    keep_for: Some(Period::from_hours(24 * days)),
                })
                .collect(),
            ..Policy::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// The promise, checked without the graph that the plan is made with.
    #[test]
    fn nothing_that_something_kept_needs_is_removed(
        package in any_shop(),
        policy in any_policy(),
        begun in prop::option::weighted(0.4, prop::collection::btree_set(0..12_usize, 0..8)),
    ) {
        let situation = Situation {
            begun: begun.map(|all| all.into_iter().map(|of| digest(&of.to_string())).collect()),
            ..Situation::at(now())
        };
        let plan = Plan::new(&package, &policy, &situation);
        let removed: BTreeSet<&Digest> = plan.removals.iter().collect();
        prop_assert_eq!(removed.len(), plan.removals.len());
        for (digest, version) in &package.versions {
            if removed.contains(digest) {
                continue;
            }
            for child in &version.manifest.children {
                prop_assert!(!removed.contains(&child.digest), "{} needs {}", digest, child.digest);
                let is_there = package.versions.contains_key(&child.digest);
                prop_assert!(is_there || !child.is_manifest || plan.removals.is_empty());
            }
        }
        for (digest, version) in &package.versions {
            for subject in version.subjects() {
                // A signature stays for as long as what it is about.
                if package.versions.contains_key(&subject) && !removed.contains(&subject) {
                    prop_assert!(!removed.contains(digest), "{} is about {}", digest, subject);
                }
            }
            let protected = policy.protects("latest").is_some() && version.tags.contains("latest");
            prop_assert!(!(protected && removed.contains(digest)));
        }
        // Whoever is stopped leaves nothing that lists what is gone.
        let position: BTreeMap<&Digest, usize> =
            plan.removals.iter().enumerate().map(|(at, digest)| (digest, at)).collect();
        let lists = |a: &Digest, b: &Digest| package.versions[a].manifest.children.iter().any(|it| it.digest == *b);
        for (a, at) in &position {
            for (b, later) in &position {
                if lists(a, b) && at > later {
                    prop_assert!(reaches(&package, b, a), "{} before {}", b, a);
                }
            }
        }
        prop_assert!(plan.storage.after <= plan.storage.before);
        prop_assert_eq!(&Plan::new(&package, &policy, &situation), &plan);
    }

    #[test]
    fn no_manifest_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}:,\"a-z0-9]{0,80}") {
        let _ = Manifest::parse(&bytes);
        let _ = Manifest::parse(text.as_bytes());
        let _ = Manifest::created_by_config(&bytes);
        let _ = Attachment::of(&text);
        let _ = text.parse::<Digest>();
    }
}

/// Whether one leads to another by lists and subjects: then neither can come first.
fn reaches(package: &Package, from: &Digest, to: &Digest) -> bool {
    let mut open = vec![from.clone()];
    let mut seen = BTreeSet::new();
    while let Some(digest) = open.pop() {
        if digest == *to {
            return true;
        }
        if !seen.insert(digest.clone()) {
            continue;
        }
        if let Some(version) = package.versions.get(&digest) {
            open.extend(version.manifest.children.iter().map(|it| it.digest.clone()));
        }
        for (other, version) in &package.versions {
            if version.subjects().any(|subject| subject == digest) {
                open.push(other.clone());
            }
        }
    }
    false
}
