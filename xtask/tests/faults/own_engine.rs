//! An engine that tests may kill: one of their own, never the one that other tests share.

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{Pid, Signal, kill_process};
use xtask::engine::private::preconditions;
use xtask::process::{Command, Runner as _, System};

use crate::repository::{Repository, said};
use crate::support::in_ci;
use crate::support::static_program::static_program;

/// Its manifest, with a registry that does not exist.
pub(crate) const MANIFEST: &str = r#"schema_version = 1
[project]
name = "shop"
[registry]
host = "registry.invalid"
namespace = "acme"
[services]
dockerfiles = ["services/*/Dockerfile"]
[attestations]
sbom = false
[audit]
file = "trail/trail.jsonl"
"#;

/// The program of the images: it sleeps for ten minutes, for so many seconds, or not at all.
const PROGRAM: &str = "fn main() {
    let seconds = std::env::args().nth(1).map_or(600, |word| word.parse().unwrap_or(0));
    std::thread::sleep(std::time::Duration::from_secs(seconds));
}
";

/// A repository whose images need nothing from the network, with an engine below its own `target/`.
pub(crate) struct OwnEngine {
    pub(crate) repository: Repository,
}

impl OwnEngine {
    /// `None`, with the reason printed, where no private engine can run.
    pub(crate) fn start() -> Option<Self> {
        if let Some(why) = obstacle() {
            assert!(!in_ci(), "cannot run in CI: {why}");
            println!("skipped: {why}");
            return None;
        }
        let repository = Repository::empty();
        let engine = repository.root.join("target/docker-engine");
        std::fs::create_dir_all(&engine).unwrap();
        // What an earlier run fetched is used again.
        let shared = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .unwrap()
            .join("docker-engine");
        for part in ["debs", "apt"] {
            std::fs::create_dir_all(shared.join(part)).unwrap();
            std::os::unix::fs::symlink(shared.join(part), engine.join(part)).unwrap();
        }
        let own = Self { repository };
        let repository = &own.repository;
        repository.write("docker/docker.toml", MANIFEST);
        repository.write(".gitignore", "target/\ntrail/\n");
        repository.ok(&["docker-engine", "up"]);
        let program = static_program(&repository.root.join("target"), "nap", PROGRAM);
        for service in ["web", "stock"] {
            own.service(service, "");
            std::fs::copy(
                &program,
                repository.root.join(format!("services/{service}/nap")),
            )
            .unwrap();
        }
        repository.commit();
        Some(own)
    }

    /// A service of one static program, with more steps at its end.
    pub(crate) fn service(&self, name: &str, more: &str) {
        let text = format!(
            "FROM scratch AS production\nCOPY services/{name}/nap /nap\nRUN [\"/nap\", \"not\"]\n{more}USER 65532:65532\nENTRYPOINT [\"/nap\"]\n"
        );
        self.repository
            .write(&format!("services/{name}/Dockerfile"), &text);
    }

    pub(crate) fn engine(&self) -> Utf8PathBuf {
        self.repository.root.join("target/docker-engine")
    }

    /// The processes of this engine: ID and the name of the program.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let programs = self.engine().join("root");
        let entries = std::fs::read_dir("/proc").unwrap();
        let process = |entry: std::fs::DirEntry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let program = std::fs::read_link(entry.path().join("exe")).ok()?;
            let name = program.file_name()?.to_str()?.to_owned();
            program.starts_with(&programs).then_some((pid, name))
        };
        entries.filter_map(|entry| process(entry.ok()?)).collect()
    }

    /// Kills the one process of that program.
    pub(crate) fn kill(&self, program: &str) {
        let mut all = self.processes();
        all.retain(|(_, name)| name == program);
        assert_eq!(all.len(), 1, "{program}: {:?}", self.processes());
        kill_process(Pid::from_raw(all[0].0).unwrap(), Signal::KILL).unwrap();
    }

    /// Builds all, and the images are there.
    pub(crate) fn assert_builds(&self) {
        let output = self.repository.run(&["docker-build", "--engine=private"]);
        assert!(output.success(), "{}", said(&output));
        assert!(output.text().contains("2 images"), "{}", said(&output));
    }
}

impl Drop for OwnEngine {
    /// Also of a test that failed half-way nothing stays.
    fn drop(&mut self) {
        let purge = self
            .repository
            .command(&["docker-engine", "down", "--purge"]);
        let _ = System::default().run(&purge);
    }
}

fn obstacle() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("needs root".to_owned());
    }
    if System::default()
        .run(&Command::new("apt-get").arg("--version"))
        .is_err()
    {
        return Some("needs apt-get".to_owned());
    }
    preconditions().into_iter().find_map(|one| one.problem)
}

/// Starts a program whose output goes to a file.
pub(crate) fn start(command: &Command, log: &Utf8Path) -> std::process::Child {
    let file = std::fs::File::create(log).unwrap();
    let mut program = std::process::Command::new(command.program());
    program
        .args(command.arguments())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(file);
    for (name, value) in command.variables() {
        program.env(name, value);
    }
    program.spawn().unwrap()
}

/// As [`start`], standing in the repository.
pub(crate) fn start_in(
    repository: &Repository,
    arguments: &[&str],
    log: &str,
) -> (std::process::Child, Utf8PathBuf) {
    let log = repository.root.join("target").join(log);
    let command = repository.command(arguments);
    let chdir = command.started_by("env", ["--chdir", repository.root.as_str()]);
    (start(&chdir, &log), log)
}
