//! What `docker-lint --fix` makes of Dockerfiles, built with the engine: safe fixes leave the image as it was, unsafe
//! ones change what they say.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something it needs fails, and tells what it does"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support::{Machine, checkout, run, xtask};
use xtask::engine::standin::{self, Request, StandIn};
use xtask::process::{Command, Output, System};

/// What the Dockerfiles stand on; the engine gets a stand-in for it.
const BASE: &str = "node:20.18.0-alpine";

struct Case {
    name: &'static str,
    dockerfile: &'static str,
    /// `--fix`: the codes of which nothing is left, and what differs in the image.
    safe: Mended,
    /// The same for `--fix --unsafe`.
    with_unsafe: Mended,
}

struct Mended {
    codes: &'static [&'static str],
    differences: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "instructions",
        dockerfile: "\
FROM node:20.18.0-alpine as Work
ADD in.txt ./
copy other.txt /other.txt
RUN mkdir /out && cp /in.txt /other.txt /out/

FROM scratch
MAINTAINER Jo <jo@example.com>
ENV GREETING hello   there
LABEL a b
EXPOSE 80/TCP 80
WORKDIR app
COPY --from=0 /out /out
CMD [\"/a\"]
ENTRYPOINT [\"/x\"]
CMD [\"/b\"]
HEALTHCHECK CMD [\"/a\"]
HEALTHCHECK CMD [\"/b\"]
",
        safe: Mended {
            codes: &[
                "ConsistentInstructionCasing",
                "DL3000",
                "DL3012",
                "DL3020",
                "DL4000",
                "DL4003",
                "DX1803",
                "DX2203",
                "ExposeProtoCasing",
                "FromAsCasing",
                "LegacyKeyValueFormat",
                "StageNameCasing",
            ],
            differences: &[
                r#"Labels: {"a":"b"} -> {"a":"b","org.opencontainers.image.authors":"Jo <jo@example.com>"}"#,
            ],
        },
        with_unsafe: Mended {
            codes: &[
                "ConsistentInstructionCasing",
                "DL3000",
                "DL3012",
                "DL3020",
                "DL4000",
                "DL4003",
                "DX1803",
                "DX2203",
                "ExposeProtoCasing",
                "FromAsCasing",
                "LegacyKeyValueFormat",
                "StageNameCasing",
            ],
            differences: &[
                r#"Labels: {"a":"b"} -> {"a":"b","org.opencontainers.image.authors":"Jo <jo@example.com>"}"#,
            ],
        },
    },
    Case {
        name: "scripts",
        dockerfile: "\
FROM node:20.18.0-alpine AS work
RUN mkdir /out
RUN echo `printf 'a  b'` > /out/backticks
RUN echo 'X=1' > /env && source /env && echo \"$X\" > /out/source
RUN [ a == a ] && echo equal > /out/equal
RUN echo one \\

    two \\
    # why
    three > /out/continued
RUN sum() { echo $@; }; sum 1 2 > /out/arguments
RUN echo 1 > /out/1
RUN echo 2 > /out/2

FROM scratch
COPY --from=work /out /out
CMD [\"/a\"]
",
        safe: Mended {
            codes: &[
                "DL3059",
                "NoEmptyContinuation",
                "SC2006",
                "SC2068",
                "SC3014",
                "SC3046",
            ],
            differences: &[],
        },
        with_unsafe: Mended {
            codes: &[
                "DL3059",
                "NoEmptyContinuation",
                "SC2006",
                "SC2046",
                "SC2068",
                "SC3014",
                "SC3046",
            ],
            differences: &["/out/backticks"],
        },
    },
    Case {
        name: "folders and pipes",
        dockerfile: "\
FROM node:20.18.0-alpine AS work
RUN cd /tmp && mkdir out && echo a > out/a
RUN echo b | cat > /tmp/out/b
RUN name=a && cat /tmp/out/$name > /tmp/out/c

FROM node:20.18.0-alpine
COPY --from=work /tmp/out /out
USER node
CMD node -p 1
",
        safe: Mended {
            codes: &["DL3025"],
            differences: &[r#"Cmd: ["/bin/sh","-c","node -p 1"] -> ["node","-p","1"]"#],
        },
        with_unsafe: Mended {
            codes: &["DL3003", "DL3025", "DL4006"],
            differences: &[r#"Cmd: ["/bin/sh","-c","node -p 1"] -> ["node","-p","1"]"#],
        },
    },
];

#[test]
fn fixed_files_build_to_what_the_fixes_say() {
    let Some(machine) = Machine::find() else {
        return;
    };
    let builder = Builder::new(&machine);
    let mut wrong = Vec::new();
    for case in CASES {
        let before = Folder::new(case.dockerfile);
        let image = builder.image(&before);
        for (option, expected) in [(None, &case.safe), (Some("--unsafe"), &case.with_unsafe)] {
            let after = Folder::new(case.dockerfile);
            let codes = after.fix(option);
            let differences = image.differences(&builder.image(&after));
            println!("{} {option:?}:\n{}", case.name, after.dockerfile());
            if codes != expected.codes || differences != expected.differences {
                wrong.push(format!(
                    "{} {option:?}: {codes:?} {differences:#?}",
                    case.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A build context.
struct Folder {
    _guard: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Folder {
    fn new(dockerfile: &str) -> Self {
        let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
        for (name, text) in [
            ("Dockerfile", dockerfile),
            ("in.txt", "in\n"),
            ("other.txt", "other\n"),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        Self {
            _guard: guard,
            root,
        }
    }

    fn dockerfile(&self) -> String {
        std::fs::read_to_string(self.root.join("Dockerfile")).unwrap()
    }

    /// Mends the Dockerfile; the codes that it was free of afterwards and not before.
    fn fix(&self, option: Option<&str>) -> Vec<String> {
        let before = self.codes();
        ok(&xtask(&self.root, &["docker-lint", "--no-fail", "--fix"]).args(option));
        before.difference(&self.codes()).cloned().collect()
    }

    fn codes(&self) -> BTreeSet<String> {
        let lint = xtask(&self.root, &["docker-lint", "--no-fail", "--format=json"]);
        let report: Value = serde_json::from_slice(&ok(&lint).stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let codes = findings.iter().map(|it| it["code"].as_str().unwrap());
        codes.map(str::to_owned).collect()
    }
}

struct Builder<'m> {
    machine: &'m Machine,
    stand_in: StandIn,
}

impl<'m> Builder<'m> {
    fn new(machine: &'m Machine) -> Self {
        let request = Request {
            reference: BASE.to_owned(),
            platform: "linux/amd64".to_owned(),
            wanted: Vec::new(),
            extra: BTreeMap::new(),
        };
        let directory = checkout().join("target/docker-stand-in");
        let note = |line: &str| println!("{line}");
        let stand_in = standin::prepare(
            &System::default(),
            &machine.engine,
            &request,
            &directory,
            &note,
        );
        Self {
            machine,
            stand_in: stand_in.unwrap(),
        }
    }

    fn docker(&self, arguments: &[&str]) -> Output {
        ok(&self.machine.engine.command().args(arguments))
    }

    /// Builds it, and looks at what a container of it would be.
    fn image(&self, folder: &Folder) -> Image {
        let tag = "xtask-test-fixed-builds";
        let context = format!("--build-context={BASE}={}", self.stand_in.context());
        self.docker(&[
            "buildx",
            "build",
            "--load",
            "--progress=plain",
            &context,
            "--tag",
            tag,
            folder.root.as_str(),
        ]);
        let inspected = self.docker(&["image", "inspect", tag]);
        let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
        let container = self.docker(&["create", tag, "/none"]).text();
        let archive = folder.root.join("image.tar");
        self.docker(&["export", "--output", archive.as_str(), &container]);
        self.docker(&["rm", &container]);
        self.docker(&["rmi", tag]);
        Image {
            config: inspected[0]["Config"].clone(),
            files: files(&archive),
        }
    }
}

/// What an image is made of; not when and in how many steps it was made.
struct Image {
    config: Value,
    /// Kind, mode, owner and content by path.
    files: BTreeMap<String, String>,
}

impl Image {
    fn differences(&self, after: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let empty = serde_json::Map::new();
        let fields = |image: &'_ Self| image.config.as_object().unwrap_or(&empty).clone();
        let (ours, theirs) = (fields(self), fields(after));
        let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for key in keys {
            let (before, after) = (&self.config[key], &after.config[key]);
            if before != after {
                differences.push(format!("{key}: {before} -> {after}"));
            }
        }
        let paths: BTreeSet<&String> = self.files.keys().chain(after.files.keys()).collect();
        for path in paths {
            let (before, after) = (self.files.get(path), after.files.get(path));
            if before != after {
                differences.push(format!("/{path}"));
            }
        }
        differences
    }
}

fn files(archive: &Utf8Path) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(std::fs::File::open(archive).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut content = Sha256::new();
        let mut part = vec![0; 64 * 1024];
        loop {
            let length = entry.read(&mut part).unwrap();
            if length == 0 {
                break;
            }
            content.update(&part[..length]);
        }
        let header = entry.header();
        let text = format!(
            "{:?} {:o} {}:{} {:?} {:x?}",
            header.entry_type(),
            header.mode().unwrap(),
            header.uid().unwrap(),
            header.gid().unwrap(),
            entry.link_name().unwrap(),
            content.finalize(),
        );
        (entry.path().unwrap().to_string_lossy().into_owned(), text)
    });
    entries.collect()
}

/// Runs to the end, which must be a good one.
fn ok(command: &Command) -> Output {
    let output = run(command);
    assert!(
        output.success(),
        "{} ended with {:?}\n{}\n{}",
        command.display(),
        output.code,
        output.text(),
        output.error_text()
    );
    output
}
