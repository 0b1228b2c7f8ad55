//! Starting dockerd in a network and mount namespace of its own.
//!
//! In the machine's network namespace a second dockerd would delete the bridge of the first one and break its
//! containers. Here the engine has its own bridge and firewall, and reaches the world through slirp4netns.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::layout::Layout;
use super::{packages, processes};
use crate::engine::Means;
use crate::engine::api::answers;
use crate::error::{Error, Result};
use crate::process::Command;

/// How long dockerd may take until it answers: a second on a quiet machine, more than 20 on one that builds elsewhere.
const READY: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);
/// Lines of a log shown in an error.
const TAIL: usize = 15;

/// Starts the engine and waits until it answers. Returns the pid of the process whose namespaces are the engine's.
pub(super) fn start(means: Means<'_>, layout: &Layout, rootless: bool) -> Result<u32> {
    layout.create_run()?;
    let begin = Instant::now();
    let leader = if rootless {
        start_rootless(means, layout)?
    } else {
        start_as_root(means, layout, begin)?
    };
    while !answers(&layout.socket()) {
        means.interrupt.check()?;
        if !processes::is_alive(leader) {
            return Err(failed(layout, "dockerd ended at once"));
        }
        if begin.elapsed() > READY {
            let seconds = READY.as_secs();
            return Err(failed(
                layout,
                &format!("dockerd did not answer within {seconds} s"),
            ));
        }
        std::thread::sleep(POLL);
    }
    processes::of_engine(layout)
        .into_iter()
        .find(|pid| processes::is_dockerd(layout, *pid))
        .ok_or_else(|| failed(layout, "dockerd answered and ended"))
}

/// Where the unpacked programs find their libraries.
pub(super) fn library_variables(root: &Utf8Path) -> Vec<(&'static str, String)> {
    let libraries = packages::library_directories(root);
    let tables = libraries
        .iter()
        .map(|lib| lib.join("xtables"))
        .find(|dir| dir.is_dir());
    let path: Vec<&str> = libraries.iter().map(|lib| lib.as_str()).collect();
    let mut variables = vec![("LD_LIBRARY_PATH", path.join(":"))];
    variables.extend(tables.map(|dir| ("XTABLES_LIBDIR", dir.into_string())));
    variables
}

fn start_as_root(means: Means<'_>, layout: &Layout, begin: Instant) -> Result<u32> {
    let command = Command::new("unshare")
        .args([
            "--net",
            "--mount",
            "sh",
            "-c",
            include_str!("start.sh"),
            "start.sh",
        ])
        .arg(&layout.run)
        .args(daemon(layout));
    let pid = means
        .runner
        .detach(&with_variables(command, layout), &layout.log())?;
    let own = processes::namespace("self", "net");
    while processes::namespace(&pid.to_string(), "net") == own {
        if !processes::is_alive(pid) || begin.elapsed() > READY {
            return Err(failed(layout, "no network namespace could be made"));
        }
        std::thread::sleep(POLL);
    }
    let network = Command::new(layout.root().join("usr/bin/slirp4netns"))
        .args(["--configure", "--mtu=65520", "--disable-host-loopback"])
        .args([pid.to_string().as_str(), "tap0"]);
    means
        .runner
        .detach(&with_variables(network, layout), &layout.network_log())?;
    Ok(pid)
}

fn start_rootless(means: Means<'_>, layout: &Layout) -> Result<u32> {
    let command = Command::new(layout.root().join("usr/bin/rootlesskit"))
        .arg(format!("--state-dir={}", layout.run.join("rootlesskit")))
        .args([
            "--net=slirp4netns",
            "--mtu=65520",
            // Its sandbox needs mounts that are refused in many containers.
            "--slirp4netns-sandbox=false",
            "--disable-host-loopback",
            "--port-driver=builtin",
            "--copy-up=/etc",
            "--copy-up=/run",
            "--propagation=rslave",
        ])
        .args([
            "sh",
            "-c",
            include_str!("start-rootless.sh"),
            "start-rootless.sh",
        ])
        .args(daemon(layout))
        .arg("--rootless")
        .env("XDG_RUNTIME_DIR", &layout.run);
    means
        .runner
        .detach(&with_variables(command, layout), &layout.log())
}

fn daemon(layout: &Layout) -> Vec<String> {
    let option = |name: &str, value: &Utf8Path| format!("--{name}={value}");
    vec![
        layout.root().join("usr/sbin/dockerd").into_string(),
        option("data-root", &layout.data()),
        option("exec-root", &layout.run.join("exec")),
        option("pidfile", &layout.run.join("dockerd.pid")),
        // Not the machine's /etc/docker/daemon.json, which is about another engine.
        option("config-file", &layout.run.join("daemon.json")),
        format!("--host=unix://{}", layout.socket()),
        // Shorter than our own patience.
        "--shutdown-timeout=12".to_owned(),
    ]
}

/// The engine's own programs first, then the machine's.
pub(super) fn with_variables(command: Command, layout: &Layout) -> Command {
    let root = layout.root();
    // The machine's part is fixed, so that the engine does not depend on who started it.
    let path = format!(
        "{}:{root}/usr/sbin:{root}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        layout.links()
    );
    library_variables(&root)
        .into_iter()
        .fold(command.env("PATH", path), |command, (name, value)| {
            command.env(name, value)
        })
}

fn failed(layout: &Layout, what: &str) -> Error {
    let mut printed = String::new();
    for log in [layout.log(), layout.network_log()] {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        if !lines.is_empty() {
            let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
            // Writing to a string cannot fail.
            let _ = writeln!(printed, "{log}:\n{tail}");
        }
    }
    Error::missing(format!("failed to start the private engine: {what}"))
        .details(printed)
        .help("`cargo xtask docker-doctor` checks what it needs; with another engine at hand use `--engine system`")
}
