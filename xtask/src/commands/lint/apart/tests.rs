//! Whether files are judged one by one or all together, the same is found.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::*;
use crate::lint::{Input, MemoryFiles, Run, Surroundings};

type Texts = BTreeMap<Utf8PathBuf, String>;

fn around(texts: &Texts) -> Around {
    Around::read(Some(Box::new(MemoryFiles(texts.clone()))))
}

fn dockerfiles(texts: &Texts) -> Vec<(Utf8PathBuf, Option<Source>)> {
    let is_dockerfile = |path: &&Utf8PathBuf| path.as_str().contains("Dockerfile");
    let paths = texts.keys().filter(is_dockerfile);
    paths
        .map(|path| (path.clone(), Some(Source::new(path.clone(), &*texts[path]))))
        .collect()
}

fn outcome(around: &Around, files: Vec<Dockerfile>, before: Judged) -> Outcome {
    let (surroundings, rest) = Surroundings::gather_joined(around, files, None, &|_| true);
    let files = rest.into_values().map(|file| Input::File(Box::new(file)));
    let models = surroundings.dockerfiles.values();
    let models = models.map(|model| Input::Model(std::sync::Arc::clone(model)));
    let mut inputs: Vec<Input> = files.chain(models).collect();
    inputs.sort_by(|a, b| a.source().path().cmp(b.source().path()));
    Run {
        surroundings: &surroundings,
        inputs,
        configuration: &Configuration::default(),
        repository: false,
        external: None,
        threads: NonZeroUsize::MIN,
    }
    .carry_out_after(before)
}

/// What is found when files are sorted first, and which of them had to wait for others.
fn one_by_one(texts: &Texts) -> (Outcome, Vec<String>) {
    let around = around(texts);
    let configuration = Configuration::default();
    let sorted = sort(
        Utf8Path::new("/"),
        dockerfiles(texts),
        &around,
        &configuration,
    );
    assert!(sorted.errors.is_empty());
    let joined = sorted.joined.iter();
    let mut names: Vec<String> = joined.map(|file| file.source.path().to_string()).collect();
    names.sort();
    (outcome(&around, sorted.joined, sorted.judged), names)
}

fn together(texts: &Texts) -> Outcome {
    let files = dockerfiles(texts).into_iter();
    let files = files.filter_map(|(_, source)| Some(parse(&source?)));
    outcome(&around(texts), files.collect(), Judged::default())
}

fn texts(files: &[(&str, &str)]) -> Texts {
    let text = |(path, text): &(&str, &str)| (Utf8PathBuf::from(path), (*text).to_owned());
    files.iter().map(text).collect()
}

#[test]
fn who_may_be_joined_waits_and_who_is_started_from_is_judged_again() {
    let texts = texts(&[
        ("a/Dockerfile", "FROM debian:12\nRUN apt-get install curl\n"),
        (
            "docker/base/Dockerfile",
            "FROM alpine:3.20\n# hadolint ignore=DL3018\nRUN apk add curl\nCMD [\"node\", \"/app/x/main.js\"]\n",
        ),
        (
            "apps/api/Dockerfile",
            "FROM ghcr.io/o/shop-base:1\nCOPY --from=build /app/x/d /app/\nCMD [\"node\", \"main.js\"]\n",
        ),
        // It adapts an image that is called as its own folder is.
        ("own/Dockerfile", "FROM o/own\nRUN cd a\n"),
    ]);
    let (found, joined) = one_by_one(&texts);
    assert_eq!(joined, ["apps/api/Dockerfile", "docker/base/Dockerfile"]);
    let expected = together(&texts);
    assert_eq!(found.findings, expected.findings);
    assert_eq!(found.suppressed, expected.suppressed);
    assert!(expected.suppressed > 0 && !expected.findings.is_empty());
}

fn path() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Dockerfile",
        "base/Dockerfile",
        "docker/base/Dockerfile",
        "api/Dockerfile",
        "apps/api/Dockerfile",
        "apps/shop-api/Dockerfile",
        "Dockerfile.base",
        "web.Dockerfile",
        "build/Dockerfile",
    ])
    .prop_map(str::to_owned)
}

fn dockerfile() -> impl Strategy<Value = String> {
    let base = prop::sample::select(vec![
        "alpine:3.20",
        "base",
        "shop-base:1",
        "ghcr.io/o/shop-base",
        "ghcr.io/o/api",
        "ghcr.io/o/api-build",
        "o/base",
        "web",
        "$I",
        "build",
    ]);
    let line = prop::sample::select(vec![
        "RUN apk add curl",
        "# hadolint ignore=DL3018\nRUN apk add git",
        "COPY src/main.js /app/x/",
        "COPY none /app/",
        "USER node",
        "WORKDIR /app",
        "WORKDIR app",
        "CMD [\"node\", \"/app/x/main.js\"]",
        "CMD node main.js",
        "RUN sudo ls",
    ]);
    let stage = (
        base,
        prop::option::of(prop::sample::select(vec!["build", "base", "api"])),
        prop::collection::vec(line, 0..5),
    )
        .prop_map(|(base, name, lines)| {
            let name = name.map_or(String::new(), |name| format!(" AS {name}"));
            format!("FROM {base}{name}\n{}\n", lines.join("\n"))
        });
    prop::collection::vec(stage, 1..3)
        .prop_map(|stages| format!("ARG I=o/base\n{}", stages.concat()))
}

proptest! {
    #[test]
    fn the_same_is_found_whatever_the_files_are(
        files in prop::collection::btree_map(path(), dockerfile(), 1..7),
        with_source in any::<bool>(),
    ) {
        let mut texts: Texts = files.into_iter().map(|(path, text)| (path.into(), text)).collect();
        if with_source {
            texts.insert("src/main.js".into(), String::new());
        }
        let (found, _) = one_by_one(&texts);
        let expected = together(&texts);
        prop_assert_eq!(found.suppressed, expected.suppressed);
        prop_assert_eq!(found.findings, expected.findings);
    }
}
