//! What users see.

use super::applying::Applied;
use super::output::{Cleaned, Run, View, text};
use super::verification::Verified;
use crate::report::{Color, Format};
use crate::retention::{
    Blob, Child, Digest, Kind, Manifest, Package, Plan, Policy, Problem, ProblemKind, Situation,
    Version,
};
use crate::timestamp::Timestamp;

const NOW: i64 = 1_800_000_000;

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW)
}

fn version(kind: Kind, days: i64, tags: &[&str], children: &[&str]) -> Version {
    let digest = |name: &&str| Digest::of(name.as_bytes());
    Version {
        id: None,
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        created: Some(Timestamp::from_unix_seconds(NOW - days * 86_400)),
        updated: None,
        manifest: Manifest {
            kind,
            media_type: String::new(),
            children: children
                .iter()
                .map(|name| Child {
                    digest: digest(name),
                    size: 500,
                    is_manifest: true,
                    platform: None,
                })
                .collect(),
            blobs: vec![Blob {
                digest: Digest::of(format!("blob {days}").as_bytes()),
                size: 40_000_000,
            }],
            config: None,
            subject: None,
            created: None,
            size: 500,
        },
    }
}

fn package() -> Package {
    let signature = format!("{}.sig", Digest::of(b"new").as_str().replace(':', "-"));
    let versions = [
        (
            "new",
            version(Kind::Index, 1, &["main-3", "latest"], &["amd64"]),
        ),
        ("amd64", version(Kind::Image, 1, &[], &[])),
        ("signature", version(Kind::Signature, 1, &[&signature], &[])),
        (
            "old",
            version(
                Kind::Index,
                20,
                &["pr-1", "pr-2", "pr-3", "pr-4"],
                &["amd64 old"],
            ),
        ),
        ("amd64 old", version(Kind::Image, 20, &[], &[])),
    ];
    Package {
        name: "registry.test/acme/shop-api".to_owned(),
        versions: versions
            .into_iter()
            .map(|(name, version)| (Digest::of(name.as_bytes()), version))
            .collect(),
        ..Package::default()
    }
}

fn plan(package: &Package) -> Plan {
    let rules = "protected = [\"latest\"]\n[[rules]]\ntags = [\"*\"]\nkeep_for = \"7 days\"\n";
    let policy = Policy::of(&toml::from_str(rules).unwrap(), None, Vec::new());
    Plan::new(package, &policy, &Situation::at(now()))
}

fn run(change: impl FnOnce(&mut Cleaned, &Package)) -> Run {
    let package = package();
    let plan = plan(&package);
    let mut cleaned = Cleaned::planned(true, &package, &plan);
    change(&mut cleaned, &package);
    let mut run = Run::new(cleaned.verified.is_some());
    run.packages.push(cleaned);
    run.sum_up(std::iter::once(&package));
    run
}

fn shown(run: &Run, format: Format, with_parts: bool) -> String {
    let view = View {
        format,
        color: Color::Plain,
        now: now(),
        with_parts,
    };
    text(run, view).unwrap()
}

#[test]
fn a_plan_says_what_becomes_of_every_tag_and_why() {
    let run = run(|_, _| {});
    insta::assert_snapshot!(shown(&run, Format::Terminal, false));
    insta::assert_snapshot!(shown(&run, Format::Terminal, true));
    insta::assert_snapshot!(shown(&run, Format::Markdown, false));
    insta::assert_snapshot!(shown(&run, Format::Json, false));
}

#[test]
fn a_run_says_what_it_did_and_what_went_wrong() {
    let run = run(|cleaned, package| {
        let applied = Applied {
            removed: vec![Digest::of(b"old"), Digest::of(b"amd64 old")],
            ..Applied::default()
        };
        let lost = Problem::new(
            ProblemKind::Lost,
            &cleaned.name,
            "the tag `x` is gone".to_owned(),
        );
        let verified = Verified {
            manifests: 3,
            blobs: 1,
            problems: vec![lost],
        };
        cleaned.carried_out(package, applied, verified);
    });
    insta::assert_snapshot!(shown(&run, Format::Terminal, false));
    insta::assert_snapshot!(shown(&run, Format::Github, false));
}
