//! Two copies of the services: one that is built the seed's way, one with the Dockerfiles of today.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::baseline::{self, Build};
use crate::engine::{Engine, said};

/// The repository of the baseline's images; no such host exists.
const PREFIX: &str = "bench.local/seed/jts";

pub(crate) struct Workspaces {
    seed: PathBuf,
    ours: PathBuf,
    builds: Vec<Build>,
}

/// What is changed between two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// A line of code of risk-management.
    OneService,
    /// A line of code of the library that all services share.
    Library,
    /// The lockfile, in the project's own version: the same packages are installed again.
    Dependencies,
}

impl Workspaces {
    /// Writes both below `folder`, and has the stand-ins ready.
    pub(crate) fn write(checkout: &Path, folder: &Path, engine: &Engine) -> Self {
        let (seed, ours) = (folder.join("seed"), folder.join("ours"));
        baseline::write(checkout, &seed).unwrap();
        baseline::copy_workspace(checkout, &ours).unwrap();
        fs::copy(checkout.join(".dockerignore"), ours.join(".dockerignore")).unwrap();
        // Packages that were fetched for the checkout need not be fetched again.
        fs::create_dir_all(engine.stand_ins()).unwrap();
        fs::create_dir_all(ours.join("target")).unwrap();
        std::os::unix::fs::symlink(engine.stand_ins(), ours.join("target/docker-stand-in"))
            .unwrap();
        // A commit, as every project has one.
        for line in [
            "init --quiet",
            "add --all",
            "-c user.name=bench -c user.email=bench@localhost commit --quiet --message bench",
        ] {
            said(Command::new("git").args(line.split(' ')).current_dir(&ours));
        }
        let certificates = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]
            .into_iter()
            .find_map(std::env::var_os);
        let builds = baseline::builds(&baseline::Options {
            prefix: PREFIX.to_owned(),
            tag: "bench".to_owned(),
            node: Some(engine.seed_stand_in()),
            certificates: certificates.map(PathBuf::from),
            extra: Vec::new(),
        });
        Self { seed, ours, builds }
    }

    /// The copy with the Dockerfiles of today.
    pub(crate) fn ours(&self) -> &Path {
        &self.ours
    }

    /// Changes both copies in the same way, to what no build before has seen.
    pub(crate) fn edit(&self, edit: Edit, turn: u64) {
        for folder in [&self.seed, &self.ours] {
            match edit {
                Edit::OneService => append(&folder.join("apps/risk-management/src/main.ts"), turn),
                Edit::Library => append(&folder.join("libs/common/src/index.ts"), turn),
                Edit::Dependencies => {
                    for name in ["package.json", "package-lock.json"] {
                        set_version(&folder.join(name), turn);
                    }
                }
            }
        }
    }

    /// All images the seed's way: the base, and one service after the other.
    pub(crate) fn build_seed(&self, engine: &Engine) {
        for build in &self.builds {
            let mut command = engine.command("docker");
            said(command.args(&build.arguments).current_dir(&self.seed));
        }
    }

    /// All images by `docker-build`.
    pub(crate) fn build_ours(&self, engine: &Engine) {
        let mut command = engine.command(env!("CARGO_BIN_EXE_xtask"));
        command.args(["docker-build", "--offline", "--quiet"]);
        said(command.current_dir(&self.ours));
    }
}

/// A line that is in the bundle, and does nothing.
fn append(file: &Path, turn: u64) {
    let text = fs::read_to_string(file).unwrap();
    let line = format!("(globalThis as Record<string, unknown>)['bench'] = {turn};\n");
    fs::write(file, text + &line).unwrap();
}

/// The first version in the file is the project's own; the lockfile says it twice.
fn set_version(file: &Path, turn: u64) {
    let text = fs::read_to_string(file).unwrap();
    let mut left = if file.ends_with("package-lock.json") {
        2
    } else {
        1
    };
    let lines = text.lines().map(|line| {
        let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
        if left > 0 && rest.starts_with("\"version\": ") {
            left -= 1;
            return format!("{indent}\"version\": \"0.1.{turn}\",\n");
        }
        format!("{line}\n")
    });
    let changed: String = lines.collect();
    assert_ne!(changed, text, "{} has no version", file.display());
    fs::write(file, changed).unwrap();
}
