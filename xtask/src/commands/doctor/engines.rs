//! The engine: the machine's own, the private one, and what the one that would be used can do.

use camino::Utf8Path;

use super::Check;
use crate::engine::private::{PrivateEngine, State, preconditions};
use crate::engine::probe::{Lack, MINIMUM_BUILDX, MINIMUM_ENGINE, Probe, probe};
use crate::engine::{Engine, EngineKind, ImageStore};
use crate::error::Result;
use crate::process::{Command, Runner};

/// All checks about engines, the verdict first.
pub(super) fn check(runner: &dyn Runner, private: &PrivateEngine) -> Result<Vec<Check>> {
    let system = probe(runner, &Command::new("docker"))?;
    let possible = private_engine(runner, private)?;
    let usable = system
        .clone()
        .engine(EngineKind::System, Utf8Path::new("docker"), Vec::new())
        .ok();
    let engine = match usable {
        Some(engine) => Some(engine),
        None => private.running()?,
    };
    let mut checks = vec![verdict(engine.as_ref(), &possible)];
    checks.extend(system_engine(&system));
    checks.push(possible);
    checks.push(image_store(engine.as_ref()));
    checks.push(platforms(runner, engine.as_ref())?);
    checks.push(emulation(Utf8Path::new("/proc/sys/fs/binfmt_misc")));
    Ok(checks)
}

fn verdict(engine: Option<&Engine>, possible: &Check) -> Check {
    const NAME: &str = "engine";
    let check = match engine {
        Some(engine) if engine.kind == EngineKind::System => Check::ok(
            NAME,
            format!("the machine's own, with buildx {}", engine.buildx_version),
        ),
        Some(_) => Check::ok(NAME, "the private one, which runs"),
        None if possible.state == super::State::Ok => Check::ok(
            NAME,
            "the private one, which `docker-build` starts by itself",
        ),
        None => Check::problem(
            NAME,
            "the machine has none that can build, and a private one cannot run here",
            "install Docker Engine with buildx: https://docs.docker.com/engine/install/",
        ),
    };
    check
        .version(engine.map(|engine| engine.server_version.clone()))
        .needed()
}

fn system_engine(probe: &Probe) -> Vec<Check> {
    let lacks = probe.lacks();
    let lack = |wanted: fn(&Lack) -> bool| lacks.iter().find(|lack| wanted(lack));
    let row = |name, found: Option<&String>, lack: Option<&Lack>| {
        let check = match (lack, found) {
            (Some(lack), _) => Check::problem(name, lack.reason(), lack.remedy()),
            (None, Some(version)) => Check::ok(name, version.clone()),
            (None, None) => Check::unknown(name, "there is no `docker` client to ask"),
        };
        check.version(found.cloned())
    };
    let server = probe.server.as_ref().map(|server| &server.version);
    let compose = match (&probe.client, &probe.compose) {
        (Some(_), None) => Check::problem(
            "docker compose",
            "the `docker` client has no compose plugin",
            "install package docker-compose-plugin (docker-compose in Debian)",
        ),
        (_, found) => row("docker compose", found.as_ref(), None),
    };
    vec![
        row(
            "docker client",
            probe.client.as_ref(),
            lack(|lack| *lack == Lack::Client),
        ),
        row(
            "docker daemon",
            server,
            lack(|lack| matches!(lack, Lack::Daemon(_) | Lack::OldDaemon(_))),
        )
        .minimum(MINIMUM_ENGINE),
        row(
            "docker buildx",
            probe.buildx.as_ref(),
            lack(|lack| matches!(lack, Lack::Buildx | Lack::OldBuildx(_))),
        )
        .minimum(MINIMUM_BUILDX),
        compose,
    ]
}

/// Whether a private engine runs or could.
fn private_engine(runner: &dyn Runner, private: &PrivateEngine) -> Result<Check> {
    const NAME: &str = "private engine";
    let status = private.status()?;
    if status.state == State::Running {
        return Ok(Check::ok(NAME, "runs").version(status.server_version));
    }
    let mut broken: Vec<(String, String)> = preconditions()
        .into_iter()
        .filter_map(|one| Some((one.problem?, one.remedy)))
        .collect();
    // Once unpacked, it needs no packages any more.
    if status.packages.is_empty() {
        for tool in ["apt-get", "dpkg-deb"] {
            if runner.run(&Command::new(tool).arg("--version")).is_err() {
                broken.push((
                    format!("there is no `{tool}`, which fetches its packages"),
                    "install Docker Engine with buildx: https://docs.docker.com/engine/install/"
                        .to_owned(),
                ));
            }
        }
    }
    if broken.is_empty() {
        let found = match status.state {
            State::NotInstalled => "can be fetched and started (about 90 MB of packages)",
            State::Broken => "crashed; the next start cleans up",
            State::Stopped | State::Running => "is stopped and can be started",
        };
        return Ok(Check::ok(NAME, found));
    }
    let (problems, mut fixes): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
    fixes.dedup();
    Ok(Check::problem(NAME, problems.join("; "), fixes.join("; ")))
}

fn image_store(engine: Option<&Engine>) -> Check {
    const NAME: &str = "image store";
    match engine.map(|engine| engine.store) {
        None => Check::unknown(NAME, "no engine runs"),
        Some(ImageStore::Containerd) => Check::ok(NAME, "containerd"),
        Some(ImageStore::GraphDriver) => Check::problem(
            NAME,
            "graph driver: no multi-platform images, attestations or cache export",
            "set `{\"features\": {\"containerd-snapshotter\": true}}` in /etc/docker/daemon.json and restart Docker, or use `--engine private`",
        ),
    }
}

fn platforms(runner: &dyn Runner, engine: Option<&Engine>) -> Result<Check> {
    const NAME: &str = "platforms";
    let Some(engine) = engine else {
        return Ok(Check::unknown(NAME, "no engine runs"));
    };
    let output = runner.run(&engine.command().args(["buildx", "inspect"]))?;
    let text = output.text();
    let found = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Platforms:"))
        .map(str::trim)
        .filter(|platforms| !platforms.is_empty());
    Ok(match found {
        Some(platforms) => Check::ok(NAME, platforms),
        None => Check::unknown(NAME, "`docker buildx inspect` names none"),
    })
}

/// What the kernel can run of other processors, as `binfmt_misc` has it registered below `directory`.
fn emulation(directory: &Utf8Path) -> Check {
    const NAME: &str = "emulation";
    const FIX: &str = "sudo apt-get install qemu-user-static, or `docker run --privileged --rm tonistiigi/binfmt --install arm64`";
    let Ok(entries) = directory.read_dir_utf8() else {
        return Check::unknown(NAME, format!("{directory} cannot be read"));
    };
    let mut emulated: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .filter(|path| is_usable_in_containers(path))
        .filter_map(|path| Some(path.file_name()?.strip_prefix("qemu-")?.to_owned()))
        .collect();
    emulated.sort();
    if emulated.is_empty() {
        return Check::problem(
            NAME,
            "no other processor is emulated: only images for this machine's own can be built",
            FIX,
        );
    }
    Check::ok(NAME, emulated.join(", "))
}

/// Only with flag F the kernel keeps the emulator open; without it, a container would have to have it inside.
fn is_usable_in_containers(entry: &Utf8Path) -> bool {
    let text = std::fs::read_to_string(entry).unwrap_or_default();
    text.starts_with("enabled")
        && text
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .is_some_and(|flags| flags.contains('F'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn a_bare_client_is_seen_through() {
        let unreachable = Reply {
            code: 1,
            stdout: br#"{"Client":{"Version":"28.2.2"},"Server":null}"#.to_vec(),
            stderr: b"Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?".to_vec(),
        };
        let runner = Scripted::default()
            .on("docker version", unreachable)
            .on("docker info", Reply::failure(1, ""));
        let rows = system_engine(&probe(&runner, &Command::new("docker")).unwrap());
        let states: Vec<_> = rows.iter().map(|row| (row.name, row.state)).collect();
        assert_eq!(
            states,
            [
                ("docker client", super::super::State::Ok),
                ("docker daemon", super::super::State::Problem),
                ("docker buildx", super::super::State::Problem),
                ("docker compose", super::super::State::Problem),
            ]
        );
        assert!(rows.iter().skip(1).all(|row| row.fix.is_some()));
        let possible = Check::problem("private engine", "no", "fix");
        assert!(verdict(None, &possible).is_missed());
        assert!(!verdict(None, &Check::ok("private engine", "can be started")).is_missed());
    }

    #[test]
    fn emulators_count_if_containers_can_use_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(directory.path()).unwrap();
        let register = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
        register("status", "enabled\n");
        register(
            "qemu-arm",
            "enabled\ninterpreter /usr/bin/qemu-arm\nflags: \n",
        );
        register("qemu-riscv64", "disabled\nflags: F\n");
        assert_eq!(emulation(path).state, super::super::State::Problem);
        register("qemu-aarch64", "enabled\ninterpreter /x\nflags: FP\n");
        assert_eq!(emulation(path).found, "aarch64");
        assert_eq!(
            emulation(Utf8Path::new("/no/such/place")).state,
            super::super::State::Unknown
        );
    }
}
