//! The private engine of the checkout, and what it costs to have it work.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use xtask::engine::standin::{self, Recipe, Request, Wanted};
use xtask::engine::{EngineKind, ImageStore};

/// The repository of images that stay, whatever else is removed.
const STAYS: &str = standin::NAME;

/// It runs, and this is how to talk to it.
pub(crate) struct Engine {
    variables: Vec<(String, String)>,
    pid: u32,
    stand_ins: PathBuf,
}

impl Engine {
    /// Starts it, if it does not run.
    pub(crate) fn start(checkout: &Path) -> Self {
        let xtask = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
            command.args(arguments).current_dir(checkout);
            command
        };
        said(&mut xtask(&["docker-engine", "up"]));
        let exports = said(&mut xtask(&["docker-engine", "env"]));
        let script = format!("{exports}\nenv -0");
        let all = said(Command::new("sh").args(["-c", &script]));
        let wanted = ["PATH", "DOCKER_HOST", "DOCKER_CONFIG"];
        let variables = all
            .split('\0')
            .filter_map(|line| line.split_once('='))
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let pid = checkout.join("target/docker-engine/run/dockerd.pid");
        Self {
            variables: variables.collect(),
            pid: std::fs::read_to_string(pid)
                .unwrap()
                .trim()
                .parse()
                .unwrap(),
            stand_ins: checkout.join("target/docker-stand-in"),
        }
    }

    /// Where packages of stand-ins are kept.
    pub(crate) fn stand_ins(&self) -> &Path {
        &self.stand_ins
    }

    /// A program that talks to it.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let ours = self.variables.iter().map(|(name, value)| (name, value));
        command.envs(ours).stdin(Stdio::null());
        command
    }

    /// `docker`, and what it said.
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        said(self.command("docker").args(arguments))
    }

    /// CPU time of the daemon with all it ever waited for, and of this program's children.
    pub(crate) fn cpu(&self) -> Duration {
        let of = |pid: &str, fields: std::ops::Range<usize>| -> u64 {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            // The name of the program is in parentheses and may hold anything; what follows begins with field 3.
            let (_, rest) = stat.rsplit_once(')').unwrap();
            let numbers: Vec<&str> = rest.split_whitespace().collect();
            let ticks = fields.map(|field| numbers[field - 3].parse::<u64>().unwrap());
            ticks.sum()
        };
        // utime, stime, cutime and cstime are fields 14 to 17 of proc(5); a tick is 10 ms wherever Linux runs.
        let ticks = of(&self.pid.to_string(), 14..18) + of("self", 16..18);
        Duration::from_millis(ticks * 10)
    }

    /// Removes every image but the stand-ins, and then the build cache.
    pub(crate) fn forget(&self) {
        let listed = self.docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        let images: Vec<&str> = listed
            .lines()
            .filter(|name| !name.starts_with(STAYS) && !name.contains("<none>"))
            .collect();
        if !images.is_empty() {
            self.docker(&[&["image", "rm", "--force"], images.as_slice()].concat());
        }
        self.docker(&["image", "prune", "--force"]);
        self.docker(&["buildx", "prune", "--all", "--force"]);
    }

    /// A stand-in with the packages of the seed's Dockerfiles, as the value of a named context.
    pub(crate) fn seed_stand_in(&self) -> String {
        let wanted = "dumb-init curl tzdata python3 make py3-numpy py3-pandas";
        let wanted = wanted.split(' ').map(|name| Wanted {
            name: name.to_owned(),
            by: None,
        });
        let architecture = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            _ => "amd64",
        };
        let platform = format!("linux/{architecture}");
        let request = Request {
            reference: "node:20.18.0-alpine".to_owned(),
            platform: platform.clone(),
            wanted: wanted.collect(),
            extra: BTreeMap::<String, Recipe>::new(),
        };
        let path = self.variables.iter().find(|(name, _)| name == "PATH");
        let folder = path.unwrap().1.split(':').next().unwrap();
        let engine = xtask::engine::Engine {
            kind: EngineKind::Private,
            docker: format!("{folder}/docker").into(),
            variables: self.variables.clone(),
            store: ImageStore::Containerd,
            server_version: String::new(),
            buildx_version: String::new(),
            buildx: None,
            api: None,
            data: None,
            platform,
        };
        let environment = xtask::environment::Environment::gather().unwrap();
        let directory = camino::Utf8Path::from_path(&self.stand_ins).unwrap();
        let runner = environment.runner.as_ref();
        let made = standin::prepare(runner, &engine, &request, directory, &|line| {
            eprintln!("{line}");
        });
        made.unwrap_or_else(|error| panic!("{error}")).context()
    }
}

/// Runs it to the end, and gives back its standard output. What it says when it fails is said.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
