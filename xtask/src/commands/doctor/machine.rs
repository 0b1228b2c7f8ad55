//! Tools and room on the machine.

use camino::Utf8Path;

use super::{Check, State};
use crate::engine::version::Version;
use crate::error::{Error, Exit, Result};
use crate::process::{Command, Runner};
use crate::size::Bytes;

/// A program that tells its version.
struct Tool {
    name: &'static str,
    command: &'static [&'static str],
    minimum: Option<Version>,
    needed: bool,
    /// What cannot be done without it.
    purpose: &'static str,
    fix: &'static str,
}

const PIP_VERSION: &str = "import importlib.metadata as m; print('pip', m.version('pip'))";

const TOOLS: [Tool; 7] = [
    Tool {
        name: "git",
        command: &["git", "--version"],
        minimum: None,
        needed: true,
        purpose: "the revision in tags and labels",
        fix: "sudo apt-get install git",
    },
    Tool {
        name: "node",
        command: &["node", "--version"],
        minimum: Some(Version([20, 18, 0])),
        needed: false,
        purpose: "developing and testing services outside of containers",
        fix: "install Node.js 20 or newer: https://nodejs.org/en/download",
    },
    Tool {
        name: "npm",
        command: &["npm", "--version"],
        minimum: None,
        needed: false,
        purpose: "developing and testing services outside of containers, and `--offline`",
        fix: "install Node.js 20 or newer: https://nodejs.org/en/download",
    },
    Tool {
        name: "apt-get",
        command: &["apt-get", "--version"],
        minimum: None,
        needed: false,
        purpose: "the private engine and `--offline`",
        fix: "both need Debian or one of its children; install Docker Engine with buildx instead",
    },
    Tool {
        name: "dpkg-deb",
        command: &["dpkg-deb", "--version"],
        minimum: None,
        needed: false,
        purpose: "the private engine and `--offline`",
        fix: "both need Debian or one of its children; install Docker Engine with buildx instead",
    },
    Tool {
        name: "pip",
        // `python3 -m pip --version` reads all of pip for it, which takes five times as long.
        command: &["python3", "-c", PIP_VERSION],
        minimum: None,
        needed: false,
        purpose: "`--offline`",
        fix: "sudo apt-get install python3-pip",
    },
    Tool {
        name: "trivy",
        command: &["trivy", "--version"],
        minimum: None,
        needed: false,
        purpose: "a second opinion on vulnerabilities; `docker-scan` has its own",
        fix: "install a release that docs/scan.md says how to pin: https://trivy.dev",
    },
];

/// What a private engine, the images of a build and its cache take, with some air.
const ROOM: Bytes = Bytes(5_000_000_000);

/// Checks tools and room below `root`.
pub(super) fn check(runner: &dyn Runner, root: &Utf8Path) -> Result<Vec<Check>> {
    // npm and pip take a good part of a second each.
    let mut checks = std::thread::scope(|scope| {
        let running = TOOLS
            .each_ref()
            .map(|tool| scope.spawn(|| check_tool(runner, tool)));
        running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::failed("a check was cut short")))
            })
            .collect::<Result<Vec<_>>>()
    })?;
    checks.push(room(root));
    Ok(checks)
}

fn check_tool(runner: &dyn Runner, tool: &Tool) -> Result<Check> {
    let command = Command::new(tool.command[0]).args(&tool.command[1..]);
    let output = match runner.run(&command) {
        Ok(output) if output.success() => Some(output),
        Ok(_) => None,
        Err(error) if error.exit() == Exit::Missing => None,
        Err(error) => return Err(error),
    };
    let version = output.and_then(|output| version_in(&output.text()));
    let old = |found: &str| {
        tool.minimum
            .is_some_and(|minimum| Version::older(found, minimum))
    };
    let mut check = match &version {
        Some(found) if old(found) => Check::problem(tool.name, found.clone(), tool.fix),
        Some(found) => Check::ok(tool.name, found.clone()),
        None => Check::problem(
            tool.name,
            format!("missing; it is for {}", tool.purpose),
            tool.fix,
        ),
    };
    check.needed = tool.needed;
    check.minimum = tool.minimum.map(|minimum| minimum.to_string());
    Ok(check.version(version))
}

/// The first word of the first line that is a version.
fn version_in(text: &str) -> Option<String> {
    text.lines()
        .next()?
        .split_whitespace()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.contains('.') && Version::parse(word).is_some())
        .map(|word| word.trim_end_matches('.').to_owned())
}

fn room(root: &Utf8Path) -> Check {
    const NAME: &str = "disk space";
    let target = root.join("target");
    let place = if target.is_dir() { &target } else { root };
    let free = match rustix::fs::statvfs(place.as_std_path()) {
        Ok(stat) => Bytes(stat.f_bavail.saturating_mul(stat.f_frsize)),
        Err(error) => return Check::unknown(NAME, format!("{place} cannot be asked: {error}")),
    };
    let found = format!("{free} free at {place}");
    let check = if free < ROOM {
        Check::problem(
            NAME,
            found,
            "docker buildx prune, or cargo xtask docker-engine down --purge",
        )
    } else {
        Check::new(NAME, State::Ok, found)
    };
    check.minimum(ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (text, version) in [
            ("git version 2.39.5", Some("2.39.5")),
            ("v20.19.2", Some("20.19.2")),
            ("10.8.2", Some("10.8.2")),
            ("apt 2.6.1 (amd64)", Some("2.6.1")),
            (
                "Debian 'dpkg-deb' package archive backend version 1.21.22 (amd64).",
                Some("1.21.22"),
            ),
            (
                "pip 23.0.1 from /usr/lib/python3 (python 3.11)",
                Some("23.0.1"),
            ),
            ("no version at all.", None),
        ] {
            assert_eq!(version_in(text).as_deref(), version, "{text}");
        }
    }

    #[test]
    fn missing_and_old_tools_are_problems() {
        let old = Scripted::default().on("node", Reply::ok("v18.0.0\n"));
        let node = check_tool(&old, &TOOLS[1]).unwrap();
        assert_eq!(
            (node.state, node.found.as_str()),
            (State::Problem, "18.0.0")
        );
        let empty = Scripted::default();
        let git = check_tool(&empty, &TOOLS[0]).unwrap();
        assert!(git.is_missed());
        let no_module = Scripted::default().on("pip", Reply::failure(1, "No module named pip"));
        assert_eq!(
            check_tool(&no_module, &TOOLS[5]).unwrap().state,
            State::Problem
        );
    }

    #[test]
    fn room_is_measured_where_it_is_needed() {
        assert_eq!(room(Utf8Path::new("/")).minimum.as_deref(), Some("5.00 GB"));
        assert_eq!(room(Utf8Path::new("/no/such/place")).state, State::Unknown);
    }
}
