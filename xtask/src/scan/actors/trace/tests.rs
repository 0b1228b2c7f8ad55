use camino::Utf8Path;

use super::*;
use crate::project::root;
use crate::scan::actors::{Requirements, changes};
use crate::scan::npm::Lockfile;
use crate::scan::samples::vulnerability;
use crate::scan::vulnerability::{Level, Vulnerability};
use crate::source::Source;

const MANIFEST: &str = "schema_version = 1
[project]
name = \"shop\"
[base]
dockerfile = \"docker/base/Dockerfile\"
[build.args]
NODE_VERSION = \"20.18.0\"
";

const BASE: &str = "ARG NODE_VERSION=20.1.0
ARG DIGEST=\"\"
FROM node:${NODE_VERSION}-alpine${DIGEST:+@$DIGEST} AS base
RUN apk add --no-cache dumb-init tzdata=2027a-r0
FROM base AS builder
RUN npm ci
FROM base AS root
COPY --from=builder /app/node_modules /app/node_modules
FROM scratch AS production
COPY --from=root / /
CMD [\"node\"]
";

const API: &str = "FROM docker.io/library/debian:12 AS tools
RUN apt-get update && apt-get install -y \\
    curl=7.88 jq
FROM shop-base:1 AS production
COPY --from=tools /usr/bin/jq /usr/bin/
COPY vendor /app/vendor
RUN pip install requests==2.0 flask
CMD [\"x\"]
";

const LOCK: &str = r#"{ "lockfileVersion": 3, "packages": {
  "": { "dependencies": { "chokidar": "^3.0.0", "left-pad": "1.0.0" } },
  "node_modules/left-pad": { "version": "1.0.0" },
  "node_modules/chokidar": { "version": "3.6.0", "dependencies": { "braces": "3.0.2", "fill-range": "^7.0.0" } },
  "node_modules/braces": { "version": "3.0.2" },
  "node_modules/fill-range": { "version": "7.0.1" }
} }"#;

fn project(folder: &Utf8Path) -> Project {
    for (path, text) in [
        ("docker/docker.toml", MANIFEST),
        ("docker/base/Dockerfile", BASE),
        ("apps/api/Dockerfile", API),
    ] {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    Project::load(&root::find(folder, None).unwrap()).unwrap()
}

fn sources() -> Sources {
    Sources {
        lockfiles: vec![Lockfile::parse(&Source::new("package-lock.json", LOCK)).unwrap()],
        requirements: vec![Requirements::parse(&Source::new(
            "apps/api/requirements.txt",
            "# pinned\nZope.Interface[test] == 5.0 ; python_version > '3'\nflask>=1\n",
        ))],
    }
}

fn origin(dockerfile: &str, line: usize) -> Origin {
    Origin {
        dockerfile: Some(dockerfile.to_owned()),
        line: Some(line),
        ..Origin::default()
    }
}

fn of(manager: &str, name: &str, version: &str, fixed: Option<&str>) -> Vulnerability {
    let mut one = vulnerability("CVE-2027-1", name, Level::High);
    one.package.manager = manager.to_owned();
    one.package.version = version.to_owned();
    one.package.source = None;
    one.package.record = format!("/app/node_modules/{name}/package.json");
    one.fixed = fixed.map(str::to_owned);
    one
}

/// Who must act, and what is to be done, as one text.
fn told(origin: Option<&Origin>, found: &Vulnerability) -> String {
    let folder = tempfile::tempdir().unwrap();
    let project = project(Utf8Path::from_path(folder.path()).unwrap());
    let sources = sources();
    let workshop = Workshop {
        project: Some(&project),
        sources: &sources,
    };
    let actor = workshop.actor(Some("api"), origin, &found.package);
    let changes = changes(std::iter::once((found, &actor)));
    let place = actor.place().unwrap_or_default();
    format!(
        "{} {place} {}: {}",
        actor.kind().words(),
        actor.what(),
        changes[0].advice()
    )
}

const ALL_OF_BASE: (&str, usize) = ("docker/base/Dockerfile", 10);

#[test]
fn what_a_base_image_brought_is_for_who_moves_it() {
    let musl = of("apk", "musl", "1.2.5-r0", Some("1.2.5-r1"));
    let expected = "base image docker/base/Dockerfile:3 node:20.18.0-alpine: move node:20.18.0-alpine (docker/base/Dockerfile:3; NODE_VERSION at docker/docker.toml:7, DIGEST at docker/base/Dockerfile:2 decide which) to a release with musl 1.2.5-r1 or later; until there is one, `RUN apk add --no-cache 'musl>=1.2.5-r1'` mends it";
    // Through copies and stages, and where nothing is known of a layer but that it was fetched.
    assert_eq!(
        told(Some(&origin(ALL_OF_BASE.0, ALL_OF_BASE.1)), &musl),
        expected
    );
    assert_eq!(told(None, &musl), expected);
    let node = of("binary", "node", "20.18.0", Some("20.18.1"));
    assert_eq!(
        told(None, &node),
        "base image docker/base/Dockerfile:3 node:20.18.0-alpine: raise NODE_VERSION to 20.18.1 (docker/docker.toml:7)"
    );
}

#[test]
fn what_a_line_installs_is_for_who_writes_it() {
    let init = of("apk", "dumb-init", "1.2.5-r3", Some("1.2.5-r4"));
    assert_eq!(
        told(Some(&origin(ALL_OF_BASE.0, ALL_OF_BASE.1)), &init),
        "our line docker/base/Dockerfile:4 RUN apk add --no-cache dumb-init tzdata=2027a-r0: run this line anew, so that it takes dumb-init 1.2.5-r4 or later (docker/base/Dockerfile:4): `docker-build --no-cache`"
    );
    let zones = of("apk", "tzdata", "2027a-r0", Some("2027b-r0"));
    assert!(
        told(Some(&origin(ALL_OF_BASE.0, ALL_OF_BASE.1)), &zones).ends_with(
            "ask for tzdata 2027b-r0 instead of tzdata=2027a-r0 (docker/base/Dockerfile:4)"
        )
    );
    let curl = of("dpkg", "curl", "7.88", Some("7.89"));
    assert!(
        told(Some(&origin("apps/api/Dockerfile", 5)), &curl)
            .ends_with("ask for curl 7.89 instead of curl=7.88 (apps/api/Dockerfile:2)")
    );
    let requests = of("python", "requests", "2.0", Some("2.1"));
    assert!(
        told(Some(&origin("apps/api/Dockerfile", 7)), &requests)
            .ends_with("ask for requests 2.1 instead of requests==2.0 (apps/api/Dockerfile:7)")
    );
    let vendored = of("npm", "unlisted", "1.0.0", None);
    assert_eq!(
        told(Some(&origin("apps/api/Dockerfile", 6)), &vendored),
        "our line apps/api/Dockerfile:6 COPY vendor /app/vendor: no version of unlisted is without it yet: do without unlisted, or accept it for a time"
    );
}

#[test]
fn what_another_image_brought_is_for_who_copies_from_it() {
    let jq = of("dpkg", "libjq1", "1.6", Some("1.7"));
    assert!(
        told(Some(&origin("apps/api/Dockerfile", 5)), &jq).starts_with(
            "base image apps/api/Dockerfile:1 docker.io/library/debian:12: move docker.io/library/debian:12 (apps/api/Dockerfile:1) to a release with libjq1 1.7"
        )
    );
}

#[test]
fn what_a_lockfile_names_is_for_who_keeps_it() {
    let place = || origin(ALL_OF_BASE.0, ALL_OF_BASE.1);
    for (name, version, fixed, expected) in [
        (
            "braces",
            "3.0.2",
            "3.0.3",
            "dependency package-lock.json:5 chokidar 3.6.0 > braces 3.0.2: update chokidar to a release that takes braces 3.0.3 (chokidar 3.6.0 > braces 3.0.2); until there is one, write `\"overrides\": { \"braces\": \"3.0.3\" }` into package.json",
        ),
        (
            "fill-range",
            "7.0.1",
            "7.1.1",
            "dependency package-lock.json:6 chokidar 3.6.0 > fill-range 7.0.1: `npm update fill-range` takes 7.1.1, which everybody allows who needs it",
        ),
        (
            "left-pad",
            "1.0.0",
            "1.0.1",
            "dependency package-lock.json:3 left-pad 1.0.0: `npm install left-pad@1.0.1`",
        ),
    ] {
        assert_eq!(
            told(Some(&place()), &of("npm", name, version, Some(fixed))),
            expected
        );
    }
    assert_eq!(
        told(
            Some(&origin("apps/api/Dockerfile", 6)),
            &of("python", "zope-interface", "5.0", Some("5.1"))
        ),
        "dependency apps/api/requirements.txt:2 zope-interface 5.0: write zope-interface==5.1"
    );
}

#[test]
fn without_a_project_nobody_here_must_act() {
    let sources = Sources::default();
    let workshop = Workshop {
        project: None,
        sources: &sources,
    };
    let musl = of("apk", "musl", "1", Some("2"));
    let actor = workshop.actor(None, Some(&origin("Dockerfile", 3)), &musl.package);
    assert!(matches!(actor, Actor::Elsewhere));
}

#[test]
fn the_change_is_the_smallest_that_mends_all_that_can_be_mended() {
    let found: Vec<Vulnerability> = [Some("3.3.10-r0"), None, Some("3.3.9-r5")]
        .into_iter()
        .map(|fixed| of("apk", "openssl", "3.3.2-r0", fixed))
        .collect();
    let actor = Actor::Elsewhere;
    let changes = changes(found.iter().map(|one| (one, &actor)));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].to.as_deref(), Some("3.3.10-r0"));
    assert_eq!(
        (&changes[0].mends[..], &changes[0].leaves[..]),
        (&[0, 2][..], &[1][..])
    );
}
