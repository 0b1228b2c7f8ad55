//! The private engine from nothing to nothing, as a user meets it: the real program, packages, daemon and containers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something it needs fails"
)]

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Command, Output, Runner, System};

/// A repository with nothing in it but a manifest, and a private engine of its own.
struct Repository {
    _guard: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    /// Packages fetched by an earlier run, or by `docker-engine up` in this repository, are used again.
    fn new() -> Self {
        let target = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
        std::fs::create_dir_all(root.join("docker")).unwrap();
        std::fs::write(root.join("docker/docker.toml"), "").unwrap();
        let engine = root.join("target/docker-engine");
        std::fs::create_dir_all(&engine).unwrap();
        for part in ["debs", "apt"] {
            let shared = target.join("docker-engine").join(part);
            std::fs::create_dir_all(&shared).unwrap();
            std::os::unix::fs::symlink(shared, engine.join(part)).unwrap();
        }
        Self {
            _guard: guard,
            root,
        }
    }

    fn engine(&self) -> Utf8PathBuf {
        self.root.join("target/docker-engine")
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        let command = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .dir(&self.root);
        System::default().run(&command).unwrap()
    }

    /// Standard error of a call that must succeed.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.xtask(arguments);
        assert!(output.success(), "{arguments:?}: {}", output.error_text());
        output.error_text()
    }

    fn status(&self) -> serde_json::Value {
        let output = self.xtask(&["docker-engine", "status", "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn docker(&self, arguments: &[&str]) -> String {
        let status = self.status();
        let socket = status["socket"].as_str().expect("the engine runs");
        let command = Command::new(self.engine().join("root/usr/bin/docker"))
            .args(arguments)
            .env("DOCKER_HOST", format!("unix://{socket}"))
            .env("DOCKER_CONFIG", self.engine().join("config"));
        let output = System::default().run(&command).unwrap();
        assert!(output.success(), "{arguments:?}: {}", output.error_text());
        output.text()
    }

    /// Command lines of processes that belong to this engine.
    fn processes(&self) -> Vec<String> {
        let engine = self.engine();
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(engine.as_str()) || line.contains(NAP))
            .collect()
    }
}

impl Drop for Repository {
    /// A test that failed half-way must not leave a daemon behind.
    fn drop(&mut self) {
        self.xtask(&["docker-engine", "down", "--purge"]);
    }
}

/// How long the container sleeps: a number no other process has.
const NAP: &str = "86397.25";

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no environment handed down"
)]
fn must_run() -> bool {
    std::env::var_os("CI").is_some()
}

/// Why the test cannot run here.
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
    xtask::engine::private::preconditions()
        .into_iter()
        .find_map(|one| one.problem)
}

#[test]
fn the_engine_comes_stays_survives_and_goes() {
    if let Some(why) = obstacle() {
        assert!(!must_run(), "cannot run in CI: {why}");
        println!("skipped: {why}");
        return;
    }
    let repository = Repository::new();
    assert_eq!(repository.status()["state"], "not-installed");

    let said = repository.ok(&["docker-engine", "up"]);
    assert!(said.contains("the private engine runs: Docker "), "{said}");
    let status = repository.status();
    assert_eq!(status["state"], "running");
    let packages = status["packages"].as_array().unwrap();
    assert!(
        packages
            .iter()
            .all(|p| p["sha256"].as_str().unwrap().len() == 64)
    );
    let store = repository.docker(&["info", "--format", "{{json .DriverStatus}}"]);
    assert!(store.contains("io.containerd.snapshotter.v1"), "{store}");

    comes_only_once(&repository);
    builds_and_runs(&repository);
    survives_a_crash(&repository);
    for part in ["slirp4netns", "containerd"] {
        survives_a_lost_part(&repository, part);
    }
    starts_once_when_asked_twice(&repository);

    repository.ok(&["docker-engine", "down"]);
    assert_eq!(repository.processes(), Vec::<String>::new());
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    assert!(!mounts.contains(repository.engine().as_str()), "{mounts}");
    assert_eq!(repository.status()["state"], "stopped");

    repository.ok(&["docker-engine", "down", "--purge"]);
    assert!(!repository.engine().exists());
    repository.ok(&["docker-engine", "down"]);
}

fn comes_only_once(repository: &Repository) {
    let pid = repository.status()["pid"].clone();
    let begin = Instant::now();
    let said = repository.ok(&["docker-engine", "up"]);
    assert!(said.contains("is running already"), "{said}");
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(repository.status()["pid"], pid);
}

fn builds_and_runs(repository: &Repository) {
    let context = repository.root.join("context");
    std::fs::create_dir_all(&context).unwrap();
    let program = repository.engine().join("root/usr/bin/tini-static");
    std::fs::copy(program, context.join("tini")).unwrap();
    let dockerfile = "FROM scratch\nCOPY tini /tini\nRUN [\"/tini\", \"--version\"]\n";
    std::fs::write(context.join("Dockerfile"), dockerfile).unwrap();
    repository.docker(&["buildx", "build", "--tag", "trial", context.as_str()]);
    let said = repository.docker(&["run", "--rm", "trial", "/tini", "--version"]);
    assert!(said.starts_with("tini version"), "{said}");
}

/// dockerd is killed while a container runs; the next start leaves no trace of either and works.
fn survives_a_crash(repository: &Repository) {
    let mut run = vec!["run", "--detach", "--init", "--name", "napping"];
    for volume in ["/usr:/usr:ro", "/lib:/lib:ro", "/lib64:/lib64:ro"] {
        if Utf8Path::new(volume.split(':').next().unwrap()).exists() {
            run.extend(["--volume", volume]);
        }
    }
    run.extend(["trial", "/usr/bin/sleep", NAP]);
    repository.docker(&run);
    let before = repository.status()["pid"].as_i64().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(before).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(repository.status()["state"], "broken");
    assert!(repository.processes().iter().any(|line| line.contains(NAP)));

    repository.ok(&["docker-engine", "up"]);
    assert_ne!(repository.status()["pid"].as_i64(), Some(before));
    let left = repository.processes();
    assert!(!left.iter().any(|line| line.contains(NAP)), "{left:#?}");
    let running = repository.docker(&["ps", "--quiet"]);
    assert_eq!(running, "");
    repository.docker(&["run", "--rm", "trial", "/tini", "--version"]);
}

/// What connects it to the world, or has its images, is killed: it still answers, but could fetch or keep nothing.
fn survives_a_lost_part(repository: &Repository, part: &str) {
    let program = repository.engine().join("root/usr/bin").join(part);
    let pids: Vec<i32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &i32| {
            std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program)
        })
        .collect();
    assert_eq!(pids.len(), 1, "{pids:?}");
    let pid = rustix::process::Pid::from_raw(pids[0]).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(repository.status()["state"], "broken");
    repository.ok(&["docker-engine", "up"]);
    assert_eq!(repository.status()["state"], "running");
}

fn starts_once_when_asked_twice(repository: &Repository) {
    repository.ok(&["docker-engine", "down"]);
    let said = std::thread::scope(|scope| {
        let up = || repository.ok(&["docker-engine", "up"]);
        let (first, second) = (scope.spawn(up), scope.spawn(up));
        [first.join().unwrap(), second.join().unwrap()]
    });
    let count = |text: &str| said.iter().filter(|said| said.contains(text)).count();
    assert_eq!(
        (count("engine runs:"), count("running already")),
        (1, 1),
        "{said:?}"
    );
    let daemons = repository
        .processes()
        .iter()
        .filter(|line| line.contains("usr/sbin/dockerd "))
        .count();
    assert_eq!(daemons, 1);
}
