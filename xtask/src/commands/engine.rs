//! `docker-engine`.

use std::fmt::Write;

use camino::Utf8Path;
use clap::{Args, Subcommand, ValueEnum};

use super::json::json;
use crate::cli::Common;
use crate::engine::api::Api;
use crate::engine::private::{Down, PrivateEngine, State, Status, Up};
use crate::engine::select::{EngineChoice, Machine, select};
use crate::engine::{Engine, ImageStore, Means};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::root;

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-engine up                 start it (the first time: about 90 MB of packages)
  cargo xtask docker-engine status             is it running, and where?
  eval \"$(cargo xtask -q docker-engine env)\"   let `docker` in this shell talk to it
  cargo xtask docker-engine down               stop it; images and cache stay
  cargo xtask docker-engine down --purge       stop it and remove all of it";

/// Options of `docker-engine`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do with it.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with the private engine.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Start it; fetches its packages the first time
    #[command(
        after_help = "Examples:\n  cargo xtask docker-engine up\n  cargo xtask docker-engine up --store graph-driver"
    )]
    Up {
        /// How it stores images; one that runs already stays as it is
        #[arg(long, value_enum, default_value_t = Store::Containerd)]
        store: Store,
    },
    /// Stop its containers and itself
    #[command(
        after_help = "Examples:\n  cargo xtask docker-engine down\n  cargo xtask docker-engine down --purge"
    )]
    Down {
        /// Remove its images, build cache, programs and packages, too
        #[arg(long)]
        purge: bool,
    },
    /// Tell whether it runs, where, and what it is made of
    #[command(
        after_help = "Examples:\n  cargo xtask docker-engine status\n  cargo xtask docker-engine status --format json"
    )]
    Status {
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print the variables that make `docker` talk to it, for `eval`
    #[command(after_help = "Example:\n  eval \"$(cargo xtask -q docker-engine env)\"")]
    Env,
}

/// How to print a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Terminal,
    /// For programs; documented and versioned.
    Json,
}

/// How an engine stores images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// As they are pushed and pulled; several platforms and attestations work.
    Containerd,
    /// Unpacked layers, as engines before 29 do unless told otherwise.
    GraphDriver,
}

impl From<Store> for ImageStore {
    fn from(store: Store) -> Self {
        match store {
            Store::Containerd => Self::Containerd,
            Store::GraphDriver => Self::GraphDriver,
        }
    }
}

/// Carries it out.
///
/// # Errors
/// What stopped it.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::folder(&environment.current_dir, common.manifest.as_deref())?;
    let engine = private_engine(&root, environment);
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    match &arguments.action {
        Action::Up { store } => {
            let (what, engine) = match engine.with_store((*store).into()).up(means)? {
                Up::AlreadyRunning(engine) => ("is running already", engine),
                Up::Started(engine) => ("runs", engine),
            };
            note(&format!(
                "the private engine {what}: Docker {}, buildx {}, {}",
                engine.server_version, engine.buildx_version, engine.platform
            ));
        }
        Action::Down { purge } => {
            let down = if *purge {
                engine.purge(means)?
            } else {
                engine.down(means)?
            };
            note(match (down, purge) {
                (Down::Stopped, false) => {
                    "the private engine was stopped; its images and cache are kept"
                }
                (Down::NotRunning, false) => "the private engine was not running",
                (_, true) => "the private engine and all it kept are gone",
            });
        }
        Action::Status { format } => {
            let status = engine.status()?;
            environment.print(&match format {
                Format::Terminal => show(&status),
                Format::Json => json(&status)?,
            })?;
        }
        Action::Env => {
            let Some(engine) = engine.running()? else {
                return Err(Error::missing("the private engine does not run")
                    .help("start it: `cargo xtask docker-engine up`"));
            };
            environment.print(&exports(&engine))?;
        }
    }
    Ok(Exit::Clean)
}

/// The private engine of the repository at `root`.
pub(super) fn private_engine(root: &Utf8Path, environment: &Environment) -> PrivateEngine {
    PrivateEngine::new(root.join("target/docker-engine"))
        .with_logins_of(environment.docker_config())
}

/// An engine for a command that is run in the repository at `root`, whose private one is given.
///
/// # Errors
/// As [`select`].
pub(super) fn select_engine(
    means: Means<'_>,
    choice: EngineChoice,
    private: &PrivateEngine,
    root: &Utf8Path,
    environment: &Environment,
) -> Result<Engine> {
    select(means, choice, &machine(root, environment), private)
}

/// The machine's own engine, as a command finds it that is run in the repository at `root`.
fn machine(root: &Utf8Path, environment: &Environment) -> Machine {
    let config = environment.docker_config();
    let settings = config.as_ref().map(|config| config.join("config.json"));
    let settings = settings.and_then(|file| std::fs::read_to_string(file).ok());
    Machine {
        variables: Vec::new(),
        api: Api::of_client(|name| environment.variable(name), settings.as_deref()),
        search_path: environment.variable("PATH").map(str::to_owned),
        config,
        client: Some(root.join("target/docker-build/client.json")),
    }
}

fn exports(engine: &crate::engine::Engine) -> String {
    let quoted = |value: &str| format!("'{}'", value.replace('\'', r"'\''"));
    let bin = engine.docker.parent().unwrap_or(&engine.docker);
    let mut text = format!("export PATH={}:\"$PATH\"\n", quoted(bin.as_str()));
    for (name, value) in &engine.variables {
        // Writing to a string cannot fail.
        let _ = if value.is_empty() {
            writeln!(text, "unset {name}")
        } else {
            writeln!(text, "export {name}={}", quoted(value))
        };
    }
    text
}

fn show(status: &Status) -> String {
    let state = match status.state {
        State::NotInstalled => {
            "not installed (`cargo xtask docker-engine up` installs and starts it)"
        }
        State::Stopped => "stopped (`cargo xtask docker-engine up` starts it)",
        State::Running => "running",
        State::Broken => "broken (`cargo xtask docker-engine up` cleans up and starts it anew)",
    };
    let rows = [
        ("state", Some(state.to_owned())),
        ("directory", Some(status.directory.to_string())),
        (
            "socket",
            status.socket.as_ref().map(|s| format!("unix://{s}")),
        ),
        ("dockerd", status.pid.map(|pid| format!("pid {pid}"))),
        (
            "rights",
            status
                .rootless
                .map(|rootless| if rootless { "rootless" } else { "root" }.to_owned()),
        ),
        ("Docker", status.server_version.clone()),
        ("buildx", status.buildx_version.clone()),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<10} {value}");
        }
    }
    if !status.packages.is_empty() {
        text.push_str("packages\n");
    }
    for package in &status.packages {
        let _ = writeln!(
            text,
            "  {:<24} {:<28} {:<9} sha256:{}",
            package.name,
            package.version,
            package.suite,
            package.sha256.get(..12).unwrap_or_default()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::private::InstalledPackage;

    #[test]
    fn a_running_engine_shows_where_and_what() {
        let status = Status {
            schema_version: 1,
            state: State::Running,
            directory: "/w/target/docker-engine".into(),
            socket: Some("/w/target/docker-engine/run/docker.sock".into()),
            pid: Some(42),
            rootless: Some(false),
            server_version: Some("28.5.2+dfsg4".into()),
            buildx_version: Some("0.29.1+ds1".into()),
            packages: vec![InstalledPackage {
                name: "docker.io".into(),
                suite: "sid".into(),
                version: "28.5.2+dfsg4-5".into(),
                sha256: "0123456789abcdef".into(),
            }],
        };
        insta::assert_snapshot!(show(&status), @r"
        state      running
        directory  /w/target/docker-engine
        socket     unix:///w/target/docker-engine/run/docker.sock
        dockerd    pid 42
        rights     root
        Docker     28.5.2+dfsg4
        buildx     0.29.1+ds1
        packages
          docker.io                28.5.2+dfsg4-5               sid       sha256:0123456789ab
        ");
    }
}
