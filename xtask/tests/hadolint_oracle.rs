//! Our rules against the real hadolint: the same codes at the same instructions, or a difference that
//! `testdata/hadolint_differences.toml` explains.
//!
//! Compared over the examples of our rules' pages, the snippets below, and the Dockerfiles of this repository;
//! with `DOCKERFILE_CORPUS` also over that folder (`testdata/corpus/gather.sh` fills one). Which hadolint:
//! `HADOLINT`, `PATH`, else pip is asked for it; the test says so and passes where there is none.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the functions the tests share are tests, too"
)]

#[path = "support/differences.rs"]
mod differences;
#[path = "support/peers.rs"]
mod peers;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use differences::{Case, Differences, Direction, instruction_at, instructions};
use serde::Deserialize;
use xtask::dockerfile::parse;
use xtask::lint::{Check, Configuration, Input, Rule, Run, Surroundings, all};
use xtask::source::Source;

/// One Dockerfile each, of what the pages' examples leave out.
const SNIPPETS: &[&str] = &[
    "ARG V=3.20\nFROM alpine:$V AS a\nFROM a\nRUN apk add --no-cache curl=8.9.1-r0\n",
    "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n",
    "FROM debian:12\nRUN set -eux; apt-get update; apt-get install -y --no-install-recommends ./x.deb; rm -rf /var/lib/apt/lists/*\n",
    "FROM debian:12\nRUN apt install -y curl\n",
    "FROM debian:12\nRUN if [ -f x ]; then apt-get install -y curl; fi\n",
    "FROM debian:12\nRUN (cd /tmp && make) && cd /x\n",
    "FROM debian:12\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\n",
    "FROM debian:12\nRUN set -o pipefail && a | b\n",
    "FROM debian:12\nRUN a || b\n",
    "FROM debian:12\nRUN <<E\napt-get update\napt-get install -y curl\nE\n",
    "FROM python:3.12.7\nRUN pip install -r requirements.txt\n",
    "FROM python:3.12.7\nRUN python3 -m pip install flask\n",
    "FROM python:3.12.7\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask==3.0.0\n",
    "FROM python:3.12.7\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.0\n",
    "FROM python:3.12.7\nRUN /usr/local/bin/pip install flask\n",
    "FROM node:20.11.0\nRUN npm install -g express\nRUN npm install\n",
    "FROM node:20.11.0\nRUN npm i -g express\n",
    "FROM golang:1.22.0\nCOPY a b\nCOPY c /d/\nWORKDIR /x\nCOPY a b\n",
    "FROM scratch\nCOPY a b\n",
    "FROM debian:12\nUSER root\nUSER app\nRUN x\n",
    "FROM debian:12\nUSER 1000:1000\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\nCMD x\n",
    "FROM debian:12\nENTRYPOINT [\"a\"]\nCMD [\"b\"]\n",
    "FROM debian:12\nCMD a\nCMD b\nENTRYPOINT a\nENTRYPOINT b\n",
    "FROM debian:12\nADD a.tar.gz /x/\nADD https://example.com/a /b\nADD git@github.com:a/b.git /c\nADD d /d\n",
    "FROM debian:12\nADD bin/server-${ARCH} /server\nADD $SOURCE /x\n",
    "FROM debian:12 AS a\nCOPY --from=b /x /x\nFROM debian:12 AS b\nCOPY --from=a /x /x\nCOPY --from=0 /y /y\n",
    "FROM debian:12\nCOPY --from=docker.io/library/busybox:1.36 /bin/busybox /b\n",
    "FROM debian:12\nARG DB_PASSWORD=x\nENV API_TOKEN=y\nENV TOKEN_FILE=/run/secrets/t\nENV GOPRIVATE=a\n",
    "FROM debian:12\nRUN echo $x $(y) `z`\n",
    "FROM debian:12\nRUN echo \"$x\"; cd y; z\n",
    "FROM debian:12\nRUN apt-get install -y --no-install-recommends `# why` curl=1\n",
    "FROM debian:12\nRUN a\nRUN b\nRUN c && d\nRUN e\n",
    "FROM debian:12\nRUN wget -q https://a\nRUN curl -fsS https://b\n",
    "FROM debian:12\nRUN useradd -u 123456 a\nRUN useradd -l -u 123456 a\nRUN useradd -u $ID a\n",
    "FROM centos:7\nRUN yum install -y a && yum clean all\nRUN yum install -y b\nRUN yum install -y ./c.rpm && yum clean all\n",
    "FROM fedora:40\nRUN dnf install -y a && dnf clean all\nRUN dnf install -y b-1.0\nRUN dnf -y install $(<packages)\n",
    "FROM opensuse/leap:15.6\nRUN zypper install -y a && zypper clean\nRUN zypper in b\nRUN zypper dist-upgrade\n",
    "FROM --platform=linux/amd64 debian:12\nFROM --platform=$BUILDPLATFORM debian:12\nFROM --platform=linux/arm64 debian:12 AS x-arm64\n",
    "FROM debian\nFROM debian:latest\nFROM debian@sha256:0000000000000000000000000000000000000000000000000000000000000000\nFROM scratch\n",
    "ARG TAG\nFROM debian:${TAG}\nARG BASE=debian\nFROM $BASE\n",
    "FROM debian:12\nONBUILD RUN cd /x\nONBUILD COPY a b\nONBUILD ADD c /c\n",
    "FROM debian:12\n# hadolint ignore=DL3003,DL3059\nRUN cd /x\n# hadolint ignore=DL3059\nRUN cd /y\n",
    "# hadolint global ignore=DL3003\nFROM debian:12\nRUN cd /x\n",
    "FROM debian:12\nLABEL a=b\nEXPOSE 80 70000\nMAINTAINER x\nWORKDIR x\n",
    "FROM ruby:3.3.0\nRUN gem install bundler\nRUN gem install rails:7.1.0\nRUN bash -lc \"gem install x\"\n",
    "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL [\"powershell\", \"-Command\"]\nRUN a | b; cd c\n",
    "FROM golang:1.22.0\nRUN go install example.com/a@latest\nRUN go install example.com/b@v1.0.0\nRUN go run build.go\n",
];

/// The codes that hadolint and we give to instructions of one file.
type Found = BTreeSet<(String, usize)>;

fn ours(case: &Case) -> Found {
    let surroundings = Surroundings::gather(None, vec![case.file.clone()], None);
    let models = surroundings.dockerfiles.values().cloned();
    let inputs = models.map(Input::Model).collect();
    let configuration = Configuration::default();
    let outcome = Run {
        surroundings: &surroundings,
        inputs,
        configuration: &configuration,
        repository: false,
        external: None,
        threads: NonZeroUsize::MIN,
    }
    .carry_out();
    let comparable = |code: &str| code.starts_with("DL") || code.starts_with("SC");
    outcome
        .findings
        .iter()
        .filter(|finding| comparable(&finding.code))
        .filter_map(|finding| {
            let location = finding.location.as_ref()?;
            let line = location.source.line_column(location.span.start).line;
            Some((finding.code.to_string(), instruction_at(case, line)))
        })
        .collect()
}

/// As hadolint prints it.
#[derive(Deserialize)]
struct Theirs {
    code: String,
    file: String,
    line: usize,
}

/// What hadolint says about files that lie in `folder` under their index.
fn theirs(hadolint: &Path, cases: &[Case]) -> Vec<Option<Found>> {
    let folder = tempfile::tempdir().unwrap();
    for (index, case) in cases.iter().enumerate() {
        std::fs::write(
            folder.path().join(index.to_string()),
            case.file.source.text(),
        )
        .unwrap();
    }
    let indexes: Vec<usize> = (0..cases.len()).collect();
    let mut found: Vec<Option<Found>> = vec![Some(Found::new()); cases.len()];
    for batch in indexes.chunks(100) {
        let answers = match said(hadolint, folder.path(), batch) {
            Some(answers) => answers,
            // One file that it cannot read spoils the whole answer.
            None => batch
                .iter()
                .flat_map(|index| {
                    let answer = said(hadolint, folder.path(), &[*index]);
                    if answer.is_none() {
                        found[*index] = None;
                    }
                    answer.unwrap_or_default()
                })
                .collect(),
        };
        for answer in answers {
            let index: usize = answer.file.parse().unwrap();
            if let Some(found) = &mut found[index] {
                found.insert((answer.code, instruction_at(&cases[index], answer.line)));
            }
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "a test starts its peer")]
fn said(hadolint: &Path, folder: &Path, batch: &[usize]) -> Option<Vec<Theirs>> {
    let output = std::process::Command::new(hadolint)
        .args(["--no-fail", "--no-color", "--format", "json"])
        .args(batch.iter().map(usize::to_string))
        .current_dir(folder)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

fn case(name: impl Into<String>, text: &str) -> Case {
    let file = parse(&Source::new("Dockerfile", text));
    let instructions = instructions(&file);
    Case {
        name: name.into(),
        file,
        instructions,
    }
}

fn is_hadolints(rule: &Rule) -> bool {
    rule.code.starts_with("DL") && rule.enabled && matches!(rule.check, Check::Dockerfile(_))
}

/// The Dockerfile of a section of a rule's page.
fn example(rule: &Rule, heading: &str) -> Option<String> {
    let mut lines = rule
        .documentation
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| line.strip_prefix("## ") != Some(heading))
        .skip(1)
        .take_while(|line| !line.starts_with("## "));
    lines.find(|line| *line == "```dockerfile")?;
    let block: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    Some(block.join("\n") + "\n")
}

/// What belongs to this repository.
fn committed_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for rule in all().iter().filter(|rule| is_hadolints(rule)) {
        for heading in ["Example", "Use instead"] {
            if let Some(text) = example(rule, heading) {
                cases.push(case(format!("{} {heading}", rule.code), &text));
            }
        }
    }
    for (index, text) in SNIPPETS.iter().enumerate() {
        cases.push(case(format!("snippet {index}"), text));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [
        "testdata/dockerfile",
        "testdata/projects",
        "../docker",
        "../apps",
    ] {
        cases.extend(cases_below(&root.join(folder)));
    }
    cases
}

fn cases_below(folder: &Path) -> Vec<Case> {
    let is_dockerfile = |path: &&PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        let name = name.to_lowercase();
        (name.contains("dockerfile") || name.contains("containerfile"))
            && !name.ends_with(".dockerignore")
    };
    let files = peers::below(folder);
    let texts = files
        .iter()
        .filter(is_dockerfile)
        .filter_map(|path| Some((path, std::fs::read_to_string(path).ok()?)));
    texts
        .map(|(path, text)| {
            let name = path.strip_prefix(folder).unwrap_or(path);
            case(name.to_string_lossy(), &text)
        })
        .collect()
}

/// How often a code was found.
#[derive(Default)]
struct Count {
    theirs: usize,
    ours: usize,
    both: usize,
    missing: usize,
    extra: usize,
}

/// Compares, prints what there is to see, and gives back what nothing explains.
fn compare(title: &str, cases: &[Case], hadolint: &Path) -> Vec<String> {
    let differences = Differences::load();
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut unexplained = Vec::new();
    let mut uses = vec![0_usize; differences.len()];
    let mut compared = 0;
    for (case, theirs) in cases.iter().zip(theirs(hadolint, cases)) {
        let Some(theirs) = theirs else { continue };
        let ours = ours(case);
        // A file that one of the two cannot read has nothing to compare.
        if [&theirs, &ours]
            .iter()
            .any(|found| found.iter().any(|(code, _)| code == "DL1000"))
        {
            continue;
        }
        compared += 1;
        for place in theirs.union(&ours) {
            let count = counts.entry(place.0.clone()).or_default();
            let (in_theirs, in_ours) = (theirs.contains(place), ours.contains(place));
            count.theirs += usize::from(in_theirs);
            count.ours += usize::from(in_ours);
            let direction = match (in_theirs, in_ours) {
                (true, false) => {
                    count.missing += 1;
                    Direction::Missing
                }
                (false, true) => {
                    count.extra += 1;
                    Direction::Extra
                }
                _ => {
                    count.both += 1;
                    continue;
                }
            };
            let (code, index) = place;
            match differences.explanation(code, direction, case, *index, &theirs, &ours) {
                Some(which) => uses[which] += 1,
                None => unexplained.push(format!(
                    "{code} {direction:?} {}:{}: {}",
                    case.name, case.instructions[*index].line, case.instructions[*index].text
                )),
            }
        }
    }
    println!(
        "\n{title}: {compared} of {} files that both can read",
        cases.len()
    );
    println!("code     hadolint  ours  both  missing  extra");
    let mut by_frequency: Vec<_> = counts.iter().collect();
    by_frequency.sort_by_key(|(code, count)| (usize::MAX - count.theirs, code.as_str()));
    for (code, count) in &by_frequency {
        println!(
            "{code:8} {:8} {:5} {:5} {:8} {:6}",
            count.theirs, count.ours, count.both, count.missing, count.extra
        );
    }
    let sum = |of: fn(&Count) -> usize| counts.values().map(of).sum::<usize>();
    println!(
        "all      {:8} {:5} {:5} {:8} {:6}",
        sum(|c| c.theirs),
        sum(|c| c.ours),
        sum(|c| c.both),
        sum(|c| c.missing),
        sum(|c| c.extra)
    );
    println!("\ndifferences, by how often each explains one:");
    for (line, uses) in differences.lines().zip(uses) {
        println!("{uses:5} {line}");
    }
    unexplained
}

#[test]
fn every_difference_is_explained() {
    let hadolint = match peers::hadolint() {
        Ok(hadolint) => hadolint,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let mut unexplained = compare("this repository", &committed_cases(), &hadolint);
    #[expect(clippy::disallowed_methods, reason = "a test asks where its corpus is")]
    let corpus = std::env::var_os("DOCKERFILE_CORPUS");
    if let Some(corpus) = corpus {
        let cases = cases_below(Path::new(&corpus));
        assert!(!cases.is_empty(), "no Dockerfile in {}", corpus.display());
        unexplained.extend(compare("corpus", &cases, &hadolint));
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

/// What our pages say is bad is bad for hadolint, too, and what they say to use instead is not.
#[test]
fn the_examples_of_our_pages_are_hadolints() {
    let hadolint = match peers::hadolint() {
        Ok(hadolint) => hadolint,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let rules: Vec<_> = all().iter().filter(|rule| is_hadolints(rule)).collect();
    for (heading, fires) in [("Example", true), ("Use instead", false)] {
        let mut codes = Vec::new();
        let mut cases = Vec::new();
        for rule in &rules {
            // Without its options the rule, theirs and ours, has nothing to say.
            let has_options = rule.documentation.contains(&" ```toml");
            if let Some(text) = example(rule, heading).filter(|_| !has_options) {
                codes.push(rule.code);
                cases.push(case(rule.code, &text));
            }
        }
        let wrong: Vec<_> = theirs(&hadolint, &cases)
            .iter()
            .zip(codes)
            .filter(|(found, code)| {
                let found = found.as_ref();
                found.is_some_and(|found| found.iter().any(|(it, _)| it == code)) != fires
            })
            .map(|(_, code)| code)
            .collect();
        assert!(wrong.is_empty(), "{heading}: {wrong:?}");
    }
}
