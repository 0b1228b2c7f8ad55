//! The stand-in for Node on Alpine, from packages to running containers, on a real engine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test ends where something it needs fails, and says what it does"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::private::{PrivateEngine, Up};
use xtask::engine::standin::{self, LABEL, Request, StandIn, Table, Wanted};
use xtask::engine::{Engine, EngineKind, Means, probe};
use xtask::process::{Command, Interrupt, Output, Runner, System};

const BASE: &str = "node:20.18.0-alpine";
const DOCKERFILE: &str = include_str!("standin/Dockerfile");

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no environment handed down"
)]
fn must_run() -> bool {
    std::env::var_os("CI").is_some()
}

/// The machine's engine; in CI a private one if there is none. Stopped at the end if we started it.
struct Machine {
    engine: Engine,
    started: Option<PrivateEngine>,
}

impl Machine {
    fn find() -> Result<Self, String> {
        let system = probe::probe(&System::default(), &Command::new("docker"))
            .and_then(|probe| probe.engine(EngineKind::System, "docker".into(), Vec::new()));
        let why = match system {
            Ok(engine) => {
                return Ok(Self {
                    engine,
                    started: None,
                });
            }
            Err(why) => why.to_string(),
        };
        if !must_run() {
            return Err(why);
        }
        let private = PrivateEngine::new(target().join("docker-engine"));
        let (runner, interrupt) = (System::default(), Interrupt::default());
        let up = private.up(means(&runner, &interrupt)).unwrap();
        let started = matches!(up, Up::Started(_)).then_some(private);
        Ok(Self {
            engine: up.engine(),
            started,
        })
    }

    fn prepare(&self, wanted: &[&str]) -> StandIn {
        let request = Request {
            reference: BASE.to_owned(),
            platform: "linux/amd64".to_owned(),
            wanted: wanted
                .iter()
                .map(|name| Wanted {
                    name: (*name).to_owned(),
                    by: None,
                })
                .collect(),
            extra: BTreeMap::new(),
        };
        let directory = target().join("docker-stand-in");
        let note = |line: &str| eprintln!("{line}");
        standin::prepare(
            &System::default(),
            &self.engine,
            &request,
            &directory,
            &note,
        )
        .unwrap()
    }

    fn docker<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        let command = self.engine.command().args(arguments);
        System::default().run(&command).unwrap()
    }

    /// Builds a stage of the Dockerfile, which knows nothing of stand-ins.
    fn build(&self, stand_in: &StandIn, stage: &str, context: &Utf8Path) -> Result<String, String> {
        let tag = format!("xtask-test-stand-in:{stage}");
        let mut arguments: Vec<String> = ["buildx", "build", "--load", "--progress=plain"]
            .map(str::to_owned)
            .into();
        arguments.push(format!("--build-context={BASE}={}", stand_in.context()));
        arguments.extend(["--target", stage, "--tag", &tag].map(str::to_owned));
        let authorities = Utf8Path::new("/etc/ssl/certs/ca-certificates.crt");
        if authorities.is_file() {
            arguments.push(format!("--secret=id=ca,src={authorities}"));
        }
        arguments.push(context.to_string());
        let output = self.docker(arguments);
        if output.success() {
            Ok(tag)
        } else {
            Err(output.error_text())
        }
    }

    /// Runs a shell command as hardened as the services run.
    fn run(&self, image: &str, script: &str) -> String {
        let output = self.docker([
            "run",
            "--rm",
            "--read-only",
            "--tmpfs=/tmp",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--network=none",
            image,
            "sh",
            "-c",
            script,
        ]);
        assert!(
            output.success(),
            "{script}: {}{}",
            output.text(),
            output.error_text()
        );
        output.text()
    }

    fn size(&self, image: &str) -> String {
        self.docker(["image", "inspect", "--format", "{{.Size}}", image])
            .text()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        for stage in ["service", "worker", "tools"] {
            self.docker(["image", "rm", &format!("xtask-test-stand-in:{stage}")]);
        }
        if let Some(private) = &self.started {
            let (runner, interrupt) = (System::default(), Interrupt::default());
            private.down(means(&runner, &interrupt)).unwrap();
        }
    }
}

fn means<'a>(runner: &'a System, interrupt: &'a Interrupt) -> Means<'a> {
    Means {
        runner,
        interrupt,
        note: &|line| eprintln!("{line}"),
    }
}

fn target() -> Utf8PathBuf {
    let directory = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"));
    directory.parent().unwrap().to_owned()
}

fn context() -> (tempfile::TempDir, Utf8PathBuf) {
    let guard = tempfile::tempdir().unwrap();
    let directory = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
    for (name, text) in [
        ("Dockerfile", DOCKERFILE),
        ("package.json", include_str!("standin/package.json")),
        (
            "package-lock.json",
            include_str!("standin/package-lock.json"),
        ),
    ] {
        std::fs::write(directory.join(name), text).unwrap();
    }
    (guard, directory)
}

#[test]
fn unmodified_dockerfiles_build_and_run_on_a_stand_in() {
    let machine = match Machine::find() {
        Ok(machine) => machine,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    let stand_in = machine.prepare(&["dumb-init", "tzdata", "python3", "py3-numpy", "py3-pandas"]);
    the_second_time_is_quick(&machine, &stand_in);
    it_is_musl_and_says_that_it_is_none_of_alpines(&machine, &stand_in);
    let (_guard, context) = context();
    let service = machine.build(&stand_in, "service", &context).unwrap();
    a_service_runs_as_its_user(&machine, &service);
    let worker = machine.build(&stand_in, "worker", &context).unwrap();
    python_computes(&machine, &worker);
    what_is_not_carried_fails_as_in_alpine(&machine, &stand_in, &context);
    every_program_in_the_table_starts(&machine, &context);
}

fn the_second_time_is_quick(machine: &Machine, first: &StandIn) {
    let start = Instant::now();
    let again = machine.prepare(&["py3-pandas", "tzdata", "py3-numpy", "python3", "dumb-init"]);
    let took = start.elapsed();
    assert_eq!(again, *first);
    assert!(took < Duration::from_secs(10), "{took:?}");
    let archive: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&first.record).unwrap()).unwrap();
    assert_eq!(archive["node_version"], "20.18.0");
    let sources = archive["sources"].as_array().unwrap();
    assert!(
        sources.len() > 20
            && sources
                .iter()
                .all(|s| s["sha256"].as_str().unwrap().len() == 64)
    );
    eprintln!(
        "found in {took:?}; image {} bytes",
        machine.size(&first.image)
    );
}

fn it_is_musl_and_says_that_it_is_none_of_alpines(machine: &Machine, stand_in: &StandIn) {
    let image = &stand_in.image;
    assert_eq!(machine.run(image, "node --version"), "v20.18.0");
    assert!(machine.run(image, "npm --version").starts_with("10."));
    assert!(machine.run(image, "npx --version").starts_with("10."));
    let report = "node -p 'const r = process.report.getReport(); \
        [r.header.glibcVersionRuntime, r.sharedObjects.some(o => o.includes(\"ld-musl\"))]'";
    assert_eq!(machine.run(image, report), "[ undefined, true ]");
    let label = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
    let label = machine.docker(["image", "inspect", "--format", &label, image]);
    assert_eq!(label.text(), BASE);
    assert_eq!(machine.run(image, "cat /etc/alpine-release"), "0-stand-in");
    assert_eq!(
        machine.run(image, "apk info -e musl busybox"),
        "musl\nbusybox"
    );
    let crlf = machine.docker(["run", "--rm", image, "-p", "1 + 1"]);
    assert_eq!(
        crlf.text(),
        "2",
        "options go to node, as in the official image"
    );
}

fn a_service_runs_as_its_user(machine: &Machine, image: &str) {
    let passwd = machine.run(image, "grep -E '^(nodejs|app|person|late)' /etc/passwd");
    assert_eq!(
        passwd,
        "nodejs:x:1001:1001:Linux User,,,:/home/nodejs:/sbin/nologin\n\
         app:x:1002:1001:An app:/srv/app:/bin/sh\n\
         person:x:1003:1003:Linux User,,,:/home/person:/bin/sh\n\
         late:x:100:65533:Linux User,,,:/home/late:/sbin/nologin"
    );
    assert_eq!(
        machine.run(
            image,
            "grep -E '^(nodejs|person|audio|node):' /etc/group; ls /home; ls /srv"
        ),
        "nodejs:x:1001:\nperson:x:1003:\naudio:x:101:app\nlate\nnodejs\nperson"
    );
    assert_eq!(machine.run(image, "id -u; id -g"), "1001\n1001");
    assert_eq!(
        machine.run(
            image,
            "cd /data; find . -type f; /bin/find . -name side; stat -c '%a %U %G' . deep/er"
        ),
        "./deep/er\n./in/y.py\n750 nodejs nodejs\n600 root root"
    );
    assert_eq!(
        machine.run(image, "node -e \"console.log(require('ms')('2 days'))\""),
        "172800000"
    );
    assert_eq!(machine.run(image, "TZ=Asia/Seoul date +%Z"), "KST");
    assert!(machine.run(image, "cat /proc/1/comm").contains("dumb-init"));
    assert_eq!(
        machine.run(image, "apk info | grep -v ^debian- | tr '\\n' ' '"),
        "busybox dumb-init libgcc libstdc++ musl tzdata"
    );
    assert_eq!(
        machine.run(image, "test ! -e /usr/bin/python3 && echo removed"),
        "removed"
    );
}

fn python_computes(machine: &Machine, image: &str) {
    let script = "python3 -c 'import numpy, pandas; \
        s = pandas.Series(numpy.arange(10.0)).rolling(3).mean(); print(s.iloc[-1], numpy.linalg.det(numpy.eye(3)))'";
    assert_eq!(machine.run(image, script), "8.0 1.0");
    assert_eq!(machine.run(image, "id -u; node -p 1"), "1001\n1");
}

fn what_is_not_carried_fails_as_in_alpine(
    machine: &Machine,
    stand_in: &StandIn,
    context: &Utf8Path,
) {
    let printed = machine.build(stand_in, "mirror", context).unwrap_err();
    assert!(
        printed.contains("ERROR: unable to select packages:"),
        "{printed}"
    );
    assert!(printed.contains("required by: world[ffmpeg]"), "{printed}");
}

fn every_program_in_the_table_starts(machine: &Machine, context: &Utf8Path) {
    let table = Table::with(&BTreeMap::new()).unwrap();
    let names: Vec<&str> = table.packages.keys().map(String::as_str).collect();
    let stand_in = machine.prepare(&names);
    let image = machine.build(&stand_in, "tools", context).unwrap();
    for script in [
        "bash -c 'echo $BASH_VERSION'",
        "curl --version",
        "git --version && git init -q /tmp/x",
        "ssh -V",
        "make --version",
        "tini --version",
        "dumb-init --version",
        "node --version",
        "test $(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt) -gt 100",
    ] {
        machine.run(&image, script);
    }
    // A library that is missing shows where it is needed only: every one has to be found.
    let missing = "for f in /usr/bin/* /bin/* /usr/sbin/* /usr/lib/git-core/* /usr/lib/x86_64-linux-gnu/*.so*; do \
        [ -L $f ] || LD_TRACE_LOADED_OBJECTS=1 /lib64/ld-linux-x86-64.so.2 $f 2>/dev/null; done | grep 'not found' | sort -u";
    assert_eq!(machine.run(&image, &format!("{missing}; true")), "");
}
