//! Is a Dockerfile valid for us exactly if it is for `BuildKit`, up to the last step before it is built?
//!
//! Asked over a corpus, and over what a build looks at but parsing does not. `DOCKERFILE_CORPUS` names the folder (`xtask/testdata/corpus/gather.sh` fills one); without it the test says so and
//! passes. The engine is asked twice per file: for the stages (`--call=targets`, which only parses), and, with an empty
//! folder in place of every image from outside, for the whole way to a build plan (`--call=check`). Neither needs a
//! registry. Its answers are kept in `target/dockerfile-oracle/`, with all of them by path in `answers.json`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the functions the tests share are tests, too"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::dockerfile_targets::{Targets, engine_targets, our_targets};
use xtask::dockerfile::{Dockerfile, PLATFORM_ARGS, parse, stage_environment};
use xtask::process::{Output, Runner as _, System};
use xtask::source::Source;

/// Builds at a time: client and engine wait for each other most of the time.
const WORKERS: usize = 3;

/// One file, ready to be asked about.
struct Case {
    path: Utf8PathBuf,
    file: Dockerfile,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no environment handed down"
)]
fn corpus() -> Option<Utf8PathBuf> {
    let folder = std::env::var_os("DOCKERFILE_CORPUS")?;
    Some(Utf8PathBuf::try_from(std::path::PathBuf::from(folder)).unwrap())
}

/// The files in the folders of `folder`; what lies directly in it is about the corpus, not part of it.
fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = |folder: &Utf8Path| {
        let entries = folder.read_dir_utf8().unwrap();
        entries
            .map(|entry| entry.unwrap().into_path())
            .collect::<Vec<_>>()
    };
    let packages = entries(folder).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<_> = packages.flat_map(|package| entries(&package)).collect();
    files.sort();
    files
}

/// Without the line of `# syntax=`: the engine would fetch that front end.
fn without_syntax(source: &Source) -> Source {
    let Some(syntax) = parse(source).syntax else {
        return source.clone();
    };
    let text = source.text();
    let start = text[..syntax.span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[start..]
        .find('\n')
        .map_or(text.len(), |at| start + at + 1);
    Source::new(
        source.path().to_owned(),
        format!("{}{}", &text[..start], &text[end..]),
    )
}

/// The arguments every build has: those of the engine's machine.
fn platform_args() -> BTreeMap<String, String> {
    let value = |name: &str| match name {
        "BUILDPLATFORM" | "TARGETPLATFORM" => "linux/amd64",
        "BUILDOS" | "TARGETOS" => "linux",
        "BUILDARCH" | "TARGETARCH" => "amd64",
        "TARGETSTAGE" => "default",
        _ => "",
    };
    PLATFORM_ARGS
        .iter()
        .map(|name| ((*name).to_owned(), value(name).to_owned()))
        .collect()
}

/// What we hold against building the last stage: errors of the text, of the graph, and of the stages it needs.
fn our_errors(file: &Dockerfile) -> Vec<String> {
    let args = platform_args();
    let mut errors = file.errors.clone();
    if errors.is_empty() {
        let graph = file.graph(&args);
        errors.extend_from_slice(&graph.errors);
        for stage in graph.reachable(file.stages.len().saturating_sub(1)) {
            errors.extend(stage_environment(file, stage, &args).errors);
        }
    }
    let line = |at: usize| file.source.line_column(at).line;
    errors
        .iter()
        .map(|error| format!("{}: {}", line(error.span.start), error.message))
        .collect()
}

/// The images from outside that the file names.
fn images(file: &Dockerfile) -> BTreeSet<String> {
    let graph = file.graph(&platform_args());
    let references = graph.images.into_iter().map(|image| image.reference);
    references
        .filter(|reference| !reference.is_empty())
        .collect()
}

/// Asks `BuildKit`, or remembers what it said.
struct Oracle {
    system: System,
    cache: Utf8PathBuf,
    /// Stands for the build context and for every image.
    empty: tempfile::TempDir,
}

impl Oracle {
    fn new() -> Self {
        let version = support::ask(&["version", "--format", "{{.Server.Version}}"]).unwrap();
        let cache = support::checkout()
            .join("target/dockerfile-oracle")
            .join(version.trim());
        std::fs::create_dir_all(&cache).unwrap();
        Self {
            system: System::default(),
            cache,
            empty: tempfile::tempdir().unwrap(),
        }
    }

    /// `targets` (null if it does not parse), `error` (null if it can be built), `warnings` (of its checks).
    fn answer(&self, case: &Case) -> Value {
        let images = images(&case.file);
        let mut hash = Sha256::new();
        hash.update(case.file.source.text());
        for image in &images {
            hash.update([0]);
            hash.update(image);
        }
        let mut key = String::new();
        for byte in hash.finalize() {
            write!(key, "{byte:02x}").unwrap();
        }
        let kept = self.cache.join(key);
        if let Ok(answer) = std::fs::read(&kept) {
            return serde_json::from_slice(&answer).unwrap();
        }
        let answer = self.ask(&case.file, &images);
        std::fs::write(&kept, answer.to_string()).unwrap();
        answer
    }

    fn ask(&self, file: &Dockerfile, images: &BTreeSet<String>) -> Value {
        let targets = self.build(file, &["--call=targets,format=json".to_owned()]);
        if !targets.success() {
            return json!({ "targets": null, "error": error_lines(&targets), "warnings": [] });
        }
        let mut options = vec!["--call=check,format=json".to_owned()];
        for image in images {
            let empty = self.empty.path().display();
            options.push(format!("--build-context={image}={empty}"));
        }
        let check = self.build(file, &options);
        let report: Value = serde_json::from_slice(&check.stdout).unwrap_or_default();
        let warnings = report["warnings"].as_array().into_iter().flatten();
        let warnings: Vec<Value> = warnings
            .map(|warning| {
                let line = &warning["location"]["ranges"][0]["start"]["line"];
                json!({ "rule": warning["ruleName"], "line": line, "detail": warning["detail"] })
            })
            .collect();
        // Warnings alone make the client fail, too.
        let built = check.success() || (report.is_object() && report["buildError"].is_null());
        let error = (!built).then(|| error_lines(&check));
        json!({ "targets": engine_targets(&targets), "error": error, "warnings": warnings })
    }

    fn build(&self, file: &Dockerfile, options: &[String]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, file.source.text()).unwrap();
        let command = support::docker()
            .args(["buildx", "build", "-f"])
            .arg(&path)
            .args(options)
            .arg(self.empty.path());
        let output = self.system.run(&command).unwrap();
        // An engine that is not there has no opinion.
        assert!(
            output.success() || !output.error_text().contains("connect to the Docker daemon"),
            "{}",
            output.error_text()
        );
        output
    }
}

fn error_lines(output: &Output) -> String {
    let errors = output.error_text();
    let at = errors.find("ERROR: ").unwrap_or_default();
    errors[at..].trim().to_owned()
}

/// How the two differ over a file, if they do.
fn difference(case: &Case, answer: &Value) -> Option<String> {
    let errors = our_errors(&case.file);
    let theirs = answer["error"].as_str();
    if errors.is_empty() != theirs.is_none() {
        let theirs = theirs.unwrap_or("nothing");
        return Some(format!("ours: {errors:?}\ntheirs: {theirs}"));
    }
    let theirs: Option<Targets> = serde_json::from_value(answer["targets"].clone()).unwrap();
    let ours = our_targets(&case.file);
    (ours != theirs).then(|| format!("ours: {ours:?}\ntheirs: {theirs:?}"))
}

/// What the engine said of each file, and every difference.
fn compare(oracle: &Oracle, cases: Vec<Case>) -> (BTreeMap<Utf8PathBuf, Value>, Vec<String>) {
    let queue = Mutex::new(cases.into_iter());
    let found = Mutex::new((BTreeMap::new(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().next() else {
                        break;
                    };
                    let answer = oracle.answer(&case);
                    let difference = difference(&case, &answer);
                    let mut found = found.lock().unwrap();
                    if let Some(difference) = difference {
                        found.1.push(format!("{}\n{difference}\n", case.path));
                    }
                    found.0.insert(case.path, answer);
                }
            });
        }
    });
    let (answers, mut differences) = found.into_inner().unwrap();
    differences.sort();
    (answers, differences)
}

#[test]
fn validity_agrees_with_buildkit_on_a_corpus() {
    let Some(folder) = corpus() else {
        println!("skipped: DOCKERFILE_CORPUS names no folder of Dockerfiles");
        return;
    };
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let paths = files(&folder);
    assert!(!paths.is_empty(), "there is no Dockerfile in {folder}");
    let case = |path: &Utf8PathBuf| {
        let path = path.strip_prefix(&folder).unwrap();
        // Text in another encoding is refused by us before it is parsed.
        let source = Source::read(&folder, path).ok()?;
        Some(Case {
            path: path.to_owned(),
            file: parse(&without_syntax(&source)),
        })
    };
    let cases: Vec<Case> = paths.iter().filter_map(case).collect();
    let unreadable = paths.len() - cases.len();
    let oracle = Oracle::new();
    let (answers, differences) = compare(&oracle, cases);
    let valid = answers.values().filter(|answer| answer["error"].is_null());
    println!(
        "{} files: {} valid, {unreadable} not UTF-8, {} disagreements",
        paths.len(),
        valid.count(),
        differences.len()
    );
    let report = serde_json::to_string_pretty(&answers).unwrap();
    std::fs::write(oracle.cache.with_file_name("answers.json"), report).unwrap();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Fields of mounts that `BuildKit` looks at only when it builds, in a stage where `$K` is `cache` and `$U` nothing.
const MOUNTS: &str = "
type=bind,target=/x,ro
type=bind,target=/x,z
type=bind,target=/x,
type=bind,target=/x,required
type=bind,target=/x,required=true
type=secret,id=a,required
type=secret,id=a,required=yes
required,type=secret,id=a
type=ssh,required
type=foo,target=/x
type=Bind,target=/x
type=$U,target=/x
type=$K,target=/x
Type=cache,TARGET=/x
type=bind,target=/x,ro=maybe
type=bind,target=/x,rw=T
type=cache,target=/x,sharing=locked
type=cache,target=/x,sharing=Locked
type=cache,target=/x,sharing=
type=bind,target=/x,sharing=locked
sharing=locked,type=cache,target=/x
type=tmpfs,target=/x,size=10mb
type=tmpfs,target=/x,size=ten
type=bind,target=/x,size=10
type=tmpfs,target=/x,size=1.5GiB
type=tmpfs,target=/x,size=-1
type=tmpfs,target=/x,size=
type=cache,target=/x,mode=0755
type=cache,target=/x,mode=755x
type=cache,target=/x,mode=0899
type=cache,target=/x,uid=1000,gid=abc
type=cache,target=/x,uid=-1
type=bind,target=/x,mode=0755
type=bind,target=/x,uid=1
type=tmpfs,target=/x,gid=1
type=secret
type=secret,id=
type=secret,env=A
type=secret,id=a,source=b
type=secret,id=a,from=s,target=/x
type=secret,target=/x,sharing=locked
type=bind
type=cache
type=tmpfs
type=bind,target=/
type=cache,target=.
type=bind,target=/x,foo=bar
type=bind,target=/x,FOO=bar
type=bind,target=${U:?no}
type=bind,target=/x,=b
type=bind,target=/x,env=A
type=ssh,from=s
type=ssh,target=/
type=secret,target=/
type=bind,from=,target=/x
type=cache,id=a b,target=/x
type=bind,target=/x,source=../y
type=cache,target=/x,ro
type=cache,target=/x,readwrite=0
type=bind,target=/x,consistency=cached
type=cache,mode=0755,target=/x,mode=z
type=secret,required=x,required=true,id=a
";

/// Names of images, and what is none.
const REFERENCES: &str = "
a.b_c__d---e/f
Reg.io:5000/a/b:c
HOST/a
[::1]:5000/a
foo_bar.com/x:1
a@sha256:abc
a@md5:d41d8cd98f00b204e9800998ecf8427e
a@sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
a:t@sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f
a_b:5/x
a:b/c
a:b:c
a:-b
a:
a___b
a/B
a//b
-a.io/x
a.io:/x
:latest
BASE
é
";

#[test]
fn mounts_and_references_agree_with_buildkit() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let case = |text: String| Case {
        path: text.lines().last().unwrap().into(),
        file: parse(&Source::new("Dockerfile", text.as_str())),
    };
    let mounts = MOUNTS.trim().lines().map(|fields| {
        case(format!(
            "FROM scratch AS s\nFROM scratch\nENV K=cache\nRUN --mount={fields} x\n"
        ))
    });
    let references = REFERENCES
        .trim()
        .lines()
        .map(|name| case(format!("FROM scratch\nCOPY --from={name} f /\n")));
    // The first stage is not built, and its base counts all the same.
    let unused = case("FROM BASE\nFROM scratch\nCOPY f /\n".to_owned());
    let cases = mounts.chain(references).chain([unused]).collect();
    let (_, differences) = compare(&Oracle::new(), cases);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
