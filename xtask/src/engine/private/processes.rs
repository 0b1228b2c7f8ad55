//! Finding and ending the engine's processes, whoever started them: `/proc` tells, no pid file is trusted.

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{Pid, Signal, kill_process};

use super::layout::Layout;
use crate::error::{Error, Result};

/// What an engine consists of. Clients (`docker`, `docker-buildx`) run from the same folder and are left alone.
const PROGRAMS: [&str; 9] = [
    "dockerd",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "docker-proxy",
    "slirp4netns",
    "rootlesskit",
    "rootlesskit-docker-proxy",
    "xtables-nft-multi",
];

/// How long dockerd may take to stop its containers.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the kernel may take to end what was killed.
const AFTERMATH: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// Whether `pid` runs, and runs the engine's dockerd.
pub(super) fn is_dockerd(layout: &Layout, pid: u32) -> bool {
    program(pid).is_some_and(|exe| exe == dockerd(layout))
}

/// Whether the processes run that dockerd needs beside itself: slirp4netns connects it to the world, containerd has its
/// images. Without them it answers, and no build can fetch or keep anything; dockerd starts containerd again by itself,
/// after ten seconds and more.
pub(super) fn is_whole(layout: &Layout) -> bool {
    let root = layout.root();
    let programs: Vec<Utf8PathBuf> = all_pids().into_iter().filter_map(program).collect();
    ["slirp4netns", "containerd"].into_iter().all(|name| {
        let mut ours = programs.iter().filter(|exe| exe.starts_with(&root));
        ours.any(|exe| exe.file_name() == Some(name))
    })
}

/// Whether `pid` exists and has not ended.
pub(super) fn is_alive(pid: u32) -> bool {
    // The state follows the name, which is in parentheses and may itself hold some.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| Some(stat.rsplit_once(") ")?.1.starts_with(['Z', 'X'])))
        .is_some_and(|ended| !ended)
}

/// Lets dockerd stop its containers and end; then ends whatever else of the engine is left, so that nothing is.
pub(super) fn stop_all(layout: &Layout) -> Result<()> {
    let daemons = || -> Vec<u32> {
        all_pids()
            .into_iter()
            .filter(|pid| is_dockerd(layout, *pid))
            .collect()
    };
    signal(&daemons(), Signal::TERM);
    wait_until(PATIENCE, || daemons().is_empty());
    let mut left = Vec::new();
    let gone = wait_until(AFTERMATH, || {
        left = of_engine(layout);
        signal(&left, Signal::KILL);
        left.is_empty()
    });
    if gone {
        return Ok(());
    }
    let pids: Vec<String> = left.iter().map(u32::to_string).collect();
    Err(Error::failed(format!(
        "processes of the private engine cannot be ended: {}",
        pids.join(", ")
    ))
    .help("they may belong to another user: run this again as that user or with sudo"))
}

/// Every process of the engine and of its containers, but no clients.
pub(super) fn of_engine(layout: &Layout) -> Vec<u32> {
    let root = layout.root();
    let own_mounts = mount_namespace("self");
    // As the kernel writes it into mount tables.
    let data = format!("{}/", layout.data())
        .replace('\\', "\\134")
        .replace(' ', "\\040");
    all_pids()
        .into_iter()
        .filter(|pid| {
            let ours = program(*pid).is_some_and(|exe| {
                exe.starts_with(&root)
                    && exe.file_name().is_some_and(|name| PROGRAMS.contains(&name))
            });
            // A container's own programs lie anywhere, but on a file system made of our data.
            ours || is_inside(*pid, own_mounts.as_deref(), &data)
        })
        .collect()
}

/// Waits until `done`, which is asked again and again; whether it came true in time.
pub(super) fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if done() {
            return true;
        }
        if begin.elapsed() > patience {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

/// The name of a namespace of a process, such as `net:[4026531840]`.
pub(super) fn namespace(pid: &str, kind: &str) -> Option<String> {
    std::fs::read_link(format!("/proc/{pid}/ns/{kind}"))
        .ok()
        .map(|name| name.to_string_lossy().into_owned())
}

fn dockerd(layout: &Layout) -> Utf8PathBuf {
    layout.root().join("usr/sbin/dockerd")
}

fn mount_namespace(pid: &str) -> Option<String> {
    namespace(pid, "mnt")
}

/// Whether a process lives in a mount namespace that overlays the engine's data.
fn is_inside(pid: u32, own_mounts: Option<&str>, data: &str) -> bool {
    let theirs = mount_namespace(&pid.to_string());
    if theirs.is_none() || theirs.as_deref() == own_mounts {
        return false;
    }
    std::fs::read_to_string(format!("/proc/{pid}/mountinfo")).is_ok_and(|table| {
        table.lines().any(|line| {
            line.split([',', ' ']).any(|word| {
                word.strip_prefix("upperdir=")
                    .is_some_and(|upper| upper.starts_with(data))
            })
        })
    })
}

/// The program a process runs, also after its file was deleted.
fn program(pid: u32) -> Option<Utf8PathBuf> {
    let link = Utf8Path::new("/proc").join(pid.to_string()).join("exe");
    let path = link.read_link_utf8().ok()?;
    Some(match path.as_str().strip_suffix(" (deleted)") {
        Some(deleted) => deleted.into(),
        None => path,
    })
}

fn all_pids() -> Vec<u32> {
    let own = std::process::id();
    Utf8Path::new("/proc")
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().parse().ok())
        .filter(|pid| *pid != own)
        .collect()
}

fn signal(pids: &[u32], signal: Signal) {
    for pid in pids {
        if let Some(pid) = i32::try_from(*pid).ok().and_then(Pid::from_raw) {
            // It may have ended in between, or belong to somebody else: who calls looks again.
            let _ = kill_process(pid, signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_is_no_engine() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::create(Utf8Path::from_path(directory.path()).unwrap()).unwrap();
        assert!(is_alive(std::process::id()));
        assert!(!is_alive(u32::MAX));
        assert!(!is_dockerd(&layout, std::process::id()));
        assert_eq!(of_engine(&layout), Vec::<u32>::new());
        assert!(stop_all(&layout).is_ok());
    }

    #[test]
    fn programs_below_the_root_are_ended_and_clients_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::create(Utf8Path::from_path(directory.path()).unwrap()).unwrap();
        let bin = layout.root().join("usr/bin");
        std::fs::create_dir_all(&bin).unwrap();
        let start = |name: &str| {
            std::fs::copy("/bin/sleep", bin.join(name)).unwrap();
            duct::cmd(bin.join(name).as_str(), ["60"])
                .unchecked()
                .start()
                .unwrap()
        };
        let (network, client) = (start("slirp4netns"), start("docker"));
        assert!(wait_until(PATIENCE, || of_engine(&layout) == network.pids()));
        stop_all(&layout).unwrap();
        assert!(!is_alive(network.pids()[0]));
        assert!(is_alive(client.pids()[0]));
        client.kill().unwrap();
    }
}
