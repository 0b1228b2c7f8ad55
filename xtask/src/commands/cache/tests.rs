use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use camino::Utf8Path;

use super::*;
use crate::caching::Class;
use crate::context::Certainty;
use crate::environment::Environment;
use crate::process::{Interrupt, System};

/// A repository on the disk.
struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        repository.write(
            "docker/docker.toml",
            "schema_version = 1\n[project]\nname = \"x\"\n[base]\ndockerfile = \"docker/base/Dockerfile\"\n",
        );
        repository.write(
            "docker/base/Dockerfile",
            "FROM alpine:3.20 AS production\nRUN base\n",
        );
        for (path, text) in files {
            repository.write(path, text);
        }
        repository
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.dir.path()).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        crate::git::tests::run_in(self.root(), arguments);
    }

    fn commit(&self, subject: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", subject]);
    }

    fn environment(&self, out: &Shared) -> Environment {
        Environment {
            current_dir: self.root().to_owned(),
            variables: BTreeMap::new(),
            runner: Arc::new(System::default()),
            interrupt: Interrupt::default(),
            clock: || SystemTime::UNIX_EPOCH,
            stdout: Arc::new(Mutex::new(Box::new(out.clone()))),
            stderr: Arc::new(Mutex::new(Box::new(Shared::default()))),
            stdout_is_terminal: false,
            stderr_is_terminal: false,
        }
    }

    fn foretold(&self, arguments: &Arguments) -> Vec<foretelling::Foretold> {
        let environment = self.environment(&Shared::default());
        let gathered = Gathered::find(arguments, &Common::default(), &environment).unwrap();
        foretelling::foretell(&gathered).unwrap()
    }

    /// Each edit of a class on a line, then the steps that run again: `!` for certain, `?` perhaps.
    fn shown(&self, classes: &[Class]) -> String {
        let mut text = String::new();
        for one in self.foretold(&Arguments::default()) {
            if !classes.contains(&one.edit.class) {
                continue;
            }
            let rate = one.forecast.rate;
            let _ = writeln!(
                text,
                "{} {}-{}/{}",
                one.edit.name(),
                rate.least(),
                rate.most(),
                rate.steps
            );
            for rerun in &one.forecast.reruns {
                let mark = match rerun.certainty {
                    Certainty::Surely => '!',
                    Certainty::Perhaps => '?',
                };
                let advice = one.advice.iter().find(|advice| advice.step == rerun.step);
                let told =
                    advice
                        .filter(|advice| advice.is_avoidable())
                        .map_or_else(String::new, |a| {
                            format!(
                                " -- {} ({:.0} -> {:.0})",
                                a.told(),
                                a.before,
                                a.after.unwrap()
                            )
                        });
                let _ = writeln!(
                    text,
                    "  {mark} {}:{} {}{told}",
                    rerun.file, rerun.line, rerun.text
                );
            }
        }
        text
    }

    fn run(&self, arguments: &Arguments) -> (Exit, String) {
        let out = Shared::default();
        let exit = run(arguments, &Common::default(), &self.environment(&out)).unwrap();
        (exit, out.text())
    }
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const FILES: [Class; 6] = [
    Class::Source,
    Class::Shared,
    Class::Dependencies,
    Class::Lockfile,
    Class::Test,
    Class::Documentation,
];

#[test]
fn one_file_stands_for_all_that_the_same_steps_take() {
    let repository = Repository::new(&[
        (
            "apps/a/Dockerfile",
            "FROM alpine AS build\nCOPY package.json package-lock.json /w/\nRUN --mount=type=cache,target=/c npm ci\n\
             COPY libs /w/libs\nCOPY apps/a/src /w/a\nRUN build\nFROM alpine AS production\nCOPY --from=build /w/out /out\n",
        ),
        (
            "apps/b/Dockerfile",
            "FROM alpine AS production\nWORKDIR /b\nCOPY libs/*.ts ./\nRUN --mount=type=bind,source=apps/b,target=/s build\n",
        ),
        ("package.json", "{}"),
        ("package-lock.json", "{}"),
        ("libs/one.ts", ""),
        ("libs/two.ts", ""),
        ("libs/deep/three.ts", ""),
        ("apps/a/src/main.ts", ""),
        ("apps/a/src/main.test.ts", ""),
        ("apps/b/main.py", ""),
        ("README.md", ""),
        (".dockerignore", "**/*.md\n.git\n"),
    ]);
    insta::assert_snapshot!(repository.shown(&FILES));
}

#[test]
fn odd_steps_are_foretold() {
    let repository = Repository::new(&[
        (
            "docker/docker.toml",
            "schema_version = 1\n[project]\nname = \"x\"\n[base]\ndockerfile = \"docker/base/Dockerfile\"\n[build.contexts]\nshared = \"elsewhere\"\n",
        ),
        (
            "docker/base/Dockerfile",
            "FROM alpine AS production\nONBUILD COPY onbuild /on\nRUN base\n",
        ),
        (
            "apps/a/Dockerfile",
            "FROM x-base AS production\nCOPY <<E /etc/motd\nhello\nE\nCOPY --from=shared conf /conf\n\
             ADD https://example.org/x /x\nADD extra.t* /extra/\nCOPY --link last /last\nRUN <<E\nall\nE\n",
        ),
        ("elsewhere/conf", ""),
        ("onbuild/f.sh", ""),
        ("extra.toml", ""),
        ("last", ""),
    ]);
    let all = [
        FILES.as_slice(),
        &[Class::Instruction, Class::Label, Class::Comment],
    ]
    .concat();
    insta::assert_snapshot!(repository.shown(&all));
}

#[test]
fn advice_is_foretold_once_more() {
    let repository = Repository::new(&[
        (
            "apps/a/Dockerfile",
            "FROM alpine AS production\nWORKDIR /w\nCOPY apps/a ./\nRUN npm ci\nRUN npm run build\n",
        ),
        (
            "apps/b/Dockerfile",
            "FROM alpine AS production\nARG VCS_REF\nRUN slow\nRUN echo ${VCS_REF}\n",
        ),
        ("apps/a/package.json", "{}"),
        ("apps/a/package-lock.json", "{}"),
        ("apps/a/main.ts", ""),
        ("apps/a/main.test.ts", ""),
        ("apps/a/README.md", ""),
    ]);
    let classes = [FILES.as_slice(), &[Class::Commit, Class::Nothing]].concat();
    insta::assert_snapshot!(repository.shown(&classes));
}

#[test]
fn each_commit_is_a_change_of_its_own() {
    let repository = Repository::new(&[
        (
            "apps/a/Dockerfile",
            "FROM alpine AS production\nCOPY apps/a/src /src\nRUN build\nARG VCS_REF\nLABEL r=$VCS_REF\n",
        ),
        ("apps/a/src/main.ts", "1"),
        ("apps/a/src/other.ts", "1"),
        (".dockerignore", "docs\n"),
    ]);
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit("first");
    repository.write("docs/page", "1");
    repository.commit("a page");
    repository.write("apps/a/src/main.ts", "2");
    repository.commit("a source");
    repository.write(
        "apps/a/Dockerfile",
        "FROM alpine AS production\nCOPY apps/a/src /src\nRUN build all\nARG VCS_REF\nLABEL r=$VCS_REF\n",
    );
    repository.commit("a command");
    repository.write(".dockerignore", "docs\n**/other.ts\n");
    repository.commit("an ignore file");
    repository.write(
        "docker/docker.toml",
        "schema_version = 1\n[project]\nname = \"x\"\n[base]\ndockerfile = \"docker/base/Dockerfile\"\n[cache]\ngoal = 60\n",
    );
    repository.commit("a goal");
    let environment = repository.environment(&Shared::default());
    let arguments = Arguments::default();
    let gathered = Gathered::find(&arguments, &Common::default(), &environment).unwrap();
    let effects = Effects::of(&gathered);
    let read = |most| History::read(&gathered, most, None, &effects, &environment).unwrap();
    let history = read(200).unwrap();
    let told: Vec<String> = history
        .commits
        .iter()
        .map(|cost| format!("{}: {:.0}", cost.commit.subject, cost.percent))
        .collect();
    assert_eq!(
        told,
        [
            "a goal: 100",
            "an ignore file: 33",
            "a command: 67",
            "a source: 33",
            "a page: 100"
        ]
    );
    assert_eq!(history.building().count(), 3);
    assert!(read(0).is_none());
    let (exit, text) = repository.run(&Arguments {
        edits: vec!["source".to_owned(), "instruction".to_owned()],
        goal: Some(70),
        ..Arguments::default()
    });
    assert_eq!(exit, Exit::Findings);
    let text =
        text.lines()
            .map(|line| {
                // Hashes differ from run to run.
                let is_commit = line.split(' ').next().is_some_and(|word| {
                    word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit())
                });
                if is_commit {
                    format!("<commit>{}", &line[8..])
                } else {
                    line.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("\n");
    insta::assert_snapshot!(text);
    let (exit, _) = repository.run(&Arguments {
        goal: Some(60),
        ..Arguments::default()
    });
    assert_eq!(exit, Exit::Clean);
}

#[test]
fn without_git_the_history_is_not_known_and_nothing_is_judged() {
    let repository = Repository::new(&[
        (
            "apps/a/Dockerfile",
            "FROM alpine AS production\nCOPY apps/a /a\n",
        ),
        ("apps/a/main.ts", ""),
    ]);
    let (exit, text) = repository.run(&Arguments {
        format: Format::Json,
        ..Arguments::default()
    });
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(exit, Exit::Clean);
    assert!(
        document["history"].is_null() && document["meets_goal"].is_null(),
        "{text}"
    );
    assert!(document["measured"].is_null());
    assert_eq!(document["steps"], 2);
    let (_, text) = repository.run(&Arguments::default());
    assert!(text.contains("\nnot known: "), "{text}");
}

#[test]
fn an_edit_that_nobody_knows_is_named() {
    let repository = Repository::new(&[("apps/a/Dockerfile", "FROM alpine AS production\n")]);
    let arguments = Arguments {
        edits: vec!["sorce".to_owned()],
        ..Arguments::default()
    };
    let environment = repository.environment(&Shared::default());
    let error = run(&arguments, &Common::default(), &environment).unwrap_err();
    assert_eq!(error.message(), "no edit is called `sorce`");
    assert!(error.helps()[0].contains("`source`"), "{error:?}");
}
