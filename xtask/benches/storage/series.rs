//! One way of building through the whole history: each commit is built, pushed to a registry of its own, and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use xtask::engine::local_registry::LocalRegistry;
use xtask::engine::private::PrivateEngine;
use xtask::engine::{Engine, Means};
use xtask::error::{Error, Result};
use xtask::process::{Command, Output};
use xtask::retention::{Digest, Manifest, Package, Plan, Policy, Situation, Version, blobs_of};
use xtask::timestamp::{Period, Timestamp};

use crate::baseline;
use crate::counting::{self, Blobs};
use crate::history::{self, ADDED_PACKAGE, Commit};

/// When the first commit is made: 2026-01-05T12:00:00Z.
const FIRST_COMMIT: i64 = 1_767_614_400;
/// Time between two commits of the simulated history.
const BETWEEN_COMMITS_SECONDS: i64 = 3 * 86_400;

/// How images are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By `docker-build`, as this repository's Dockerfiles are.
    Ours,
    /// The seed's way.
    Baseline,
}

impl Way {
    /// In reports and names of folders.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Baseline => "baseline",
        }
    }
}

/// What every series needs.
pub(crate) struct Workshop<'a> {
    pub(crate) means: Means<'a>,
    pub(crate) engine: &'a Engine,
    pub(crate) private: &'a PrivateEngine,
    /// The repository whose images are built.
    pub(crate) checkout: &'a Utf8Path,
    /// Everything is written below it.
    pub(crate) folder: &'a Utf8Path,
    /// The program `docker-registry`.
    pub(crate) registry: &'a Utf8Path,
    /// What takes the place of the image from Docker Hub in the baseline.
    pub(crate) node: String,
    /// What `[retention]` of the manifest says.
    pub(crate) policy: Policy,
}

/// What one commit cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) subject: String,
    pub(crate) change: String,
    /// Bytes that went over the wire.
    pub(crate) pushed: u64,
    /// Of them, for each image.
    pub(crate) pushed_by_image: BTreeMap<String, u64>,
    /// Bytes of blobs that the registry did not have.
    pub(crate) added: u64,
    /// Bytes of all it has now.
    pub(crate) stored: u64,
    /// Bytes of all blobs that the images of one name consist of; what several have in common counts for each.
    pub(crate) stored_by_image: BTreeMap<String, u64>,
    /// Bytes that would be left if `[retention]` were applied now.
    pub(crate) retained: u64,
    /// How many images would be left then.
    pub(crate) retained_images: usize,
    pub(crate) seconds: f64,
}

/// What a whole series cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row>,
    /// The last commit built again without any cache, from files that were written anew.
    /// `None` until that was done.
    pub(crate) rebuilt: Option<Row>,
}

impl Outcome {
    /// Less what came after `count` commits.
    pub(crate) fn cut(&mut self, count: usize) {
        if count < self.rows.len() {
            self.rows.truncate(count);
            self.rebuilt = None;
        }
    }

    /// What the last run of one way came to, as far as it got.
    pub(crate) fn kept(folder: &Utf8Path, way: Way) -> Option<Self> {
        let text = std::fs::read_to_string(file_of(folder, way)).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn keep(&self, folder: &Utf8Path, way: Way) -> Result<()> {
        let file = file_of(folder, way);
        let text = serde_json::to_string(self)
            .map_err(|error| Error::failed("what was counted cannot be written").because(error))?;
        xtask::atomic_file::write(&file, text.as_bytes())
    }
}

fn file_of(folder: &Utf8Path, way: Way) -> Utf8PathBuf {
    folder.join(format!("{}.json", way.name()))
}

struct Series<'a> {
    workshop: &'a Workshop<'a>,
    way: Way,
    tree: Utf8PathBuf,
    registry: LocalRegistry,
    /// What the engine calls images for this; taken away in the end.
    names: Vec<String>,
    /// How much of the registry's log has been read.
    read: usize,
    stored: Blobs,
}

/// Runs it.
///
/// # Errors
/// A commit cannot be made, built, pushed or counted.
pub(crate) fn run(workshop: &Workshop<'_>, way: Way, commits: &[Commit]) -> Result<Outcome> {
    let mut series = Series::start(workshop, way)?;
    let outcome = series.all(commits);
    series.forget();
    outcome
}

impl<'a> Series<'a> {
    fn start(workshop: &'a Workshop<'a>, way: Way) -> Result<Self> {
        let folder = workshop.folder.join(way.name());
        let registry = LocalRegistry::start(
            workshop.means,
            workshop.engine,
            workshop.private,
            workshop.registry,
            &folder.join("registry"),
        )?;
        let mut series = Self {
            workshop,
            way,
            tree: folder.join("tree"),
            registry,
            names: Vec::new(),
            read: 0,
            stored: Blobs::new(),
        };
        series.lay_out()?;
        Ok(series)
    }

    fn ok(&self, command: &Command) -> Result<Output> {
        self.workshop.means.interrupt.check()?;
        self.workshop.means.runner.run(command)?.checked(command)
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
        let command = Command::new("git").args(identity);
        command.args(arguments).dir(&self.tree)
    }

    /// The work tree before the first commit.
    fn lay_out(&mut self) -> Result<()> {
        let (tree, checkout) = (&self.tree, self.workshop.checkout);
        let _ = std::fs::remove_dir_all(tree);
        match self.way {
            Way::Baseline => baseline::write(checkout.as_std_path(), tree.as_std_path())
                .map_err(|error| failed(tree, &error))?,
            Way::Ours => {
                baseline::copy_workspace(checkout.as_std_path(), tree.as_std_path())
                    .map_err(|error| failed(tree, &error))?;
                let ignored = tree.join(".dockerignore");
                std::fs::copy(checkout.join(".dockerignore"), &ignored)
                    .map_err(|error| failed(&ignored, &error))?;
                let base = tree.join("docker/base/Dockerfile");
                let text = std::fs::read_to_string(&base).map_err(|error| failed(&base, &error))?;
                std::fs::write(&base, with_spare_stage(&text))
                    .map_err(|error| failed(&base, &error))?;
                self.lend()?;
            }
        }
        let ignored = self.tree.join(".gitignore");
        std::fs::write(&ignored, "/target\n").map_err(|error| failed(&ignored, &error))?;
        self.ok(&self.git(&["init", "--quiet", "--initial-branch=main"]))?;
        Ok(())
    }

    /// Lets the copy use this checkout's engine and what was fetched for it.
    fn lend(&self) -> Result<()> {
        let target = self.tree.join("target");
        std::fs::create_dir_all(&target).map_err(|error| failed(&target, &error))?;
        for part in ["docker-engine", "docker-stand-in"] {
            let ours = self.workshop.checkout.join("target").join(part);
            let ours = ours
                .canonicalize_utf8()
                .map_err(|error| failed(&ours, &error))?;
            let link = target.join(part);
            std::os::unix::fs::symlink(&ours, &link).map_err(|error| failed(&link, &error))?;
        }
        Ok(())
    }

    fn all(&mut self, commits: &[Commit]) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut images = BTreeMap::<String, Package>::new();
        for commit in commits {
            let moment = moment(commit.number);
            self.commit(commit, moment)?;
            let (row, manifests) = self.build_and_push(&commit.tag(), &[])?;
            for (image, digest) in manifests {
                let version = self.version(&digest, &commit.tag(), moment)?;
                let package = images.entry(image.clone()).or_default();
                package.name = image;
                package.versions.insert(digest, version);
            }
            let bytes = |package: &Package| blobs_of(&package.versions).values().sum();
            let by_image = images.iter();
            let by_image = by_image.map(|(name, package)| (name.clone(), bytes(package)));
            let (retained, retained_images) = retained(&self.workshop.policy, &images, moment);
            let row = Row {
                subject: commit.subject(),
                change: commit.change.name().to_owned(),
                stored_by_image: by_image.collect(),
                retained,
                retained_images,
                ..row
            };
            self.tell(
                &format!("{:>2}/{} {}", commit.number, commits.len(), row.subject),
                &row,
            );
            outcome.rows.push(row);
            outcome.keep(self.workshop.folder, self.way)?;
        }
        self.write_anew()?;
        let (row, _) = self.build_and_push("rebuilt", &["--no-cache"])?;
        self.tell("the last one built again from nothing", &row);
        outcome.rebuilt = Some(row);
        outcome.keep(self.workshop.folder, self.way)?;
        Ok(outcome)
    }

    fn tell(&self, what: &str, row: &Row) {
        (self.workshop.means.note)(&format!(
            "{:<8} {what}: {} bytes pushed, {} stored anew, {} in all ({:.0} s)",
            self.way.name(),
            row.pushed,
            row.added,
            row.stored,
            row.seconds
        ));
    }

    fn commit(&self, commit: &Commit, moment: Timestamp) -> Result<()> {
        history::write(commit, &self.tree).map_err(Error::failed)?;
        self.ok(&self.git(&["add", "--all"]))?;
        let date = moment.to_string();
        let message = commit.subject();
        let record = self.git(&["commit", "--quiet", "--allow-empty", "--message", &message]);
        let record = record
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        self.ok(&record)?;
        Ok(())
    }

    /// Gives every file a new time, as a fresh clone does.
    fn write_anew(&self) -> Result<()> {
        for folder in ["apps", "libs", "docker"] {
            let folder = self.tree.join(folder);
            std::fs::remove_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        }
        self.ok(&self.git(&["checkout", "--quiet", "--", "."]))?;
        Ok(())
    }

    /// Images by name, with what the engine calls them.
    fn build(&self, tag: &str, more: &[&str]) -> Result<Vec<(String, String)>> {
        match self.way {
            Way::Ours => self.build_ours(more),
            Way::Baseline => self.build_baseline(tag, more),
        }
    }

    fn build_ours(&self, more: &[&str]) -> Result<Vec<(String, String)>> {
        let build = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["docker-build", "--offline", "--format=json"])
            .arg(match self.workshop.engine.kind {
                xtask::engine::EngineKind::Private => "--engine=private",
                xtask::engine::EngineKind::System => "--engine=system",
            })
            .args(more)
            .dir(&self.tree);
        let output = self.ok(&build)?;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::failed("docker-build wrote no JSON").because(error))?;
        let images = report["images"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let named = images
            .iter()
            .map(|image| (text(&image["name"]), text(&image["tag"])));
        Ok(named.collect())
    }

    fn build_baseline(&self, tag: &str, more: &[&str]) -> Result<Vec<(String, String)>> {
        let certificates = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
        let options = baseline::Options {
            prefix: format!("{}/{}/jts", self.registry.host(), self.space()),
            tag: tag.to_owned(),
            node: Some(self.workshop.node.clone()),
            certificates: certificates
                .iter()
                .find_map(std::env::var_os)
                .map(Into::into),
            extra: more.iter().map(|one| (*one).to_owned()).collect(),
        };
        let mut images = Vec::new();
        for build in baseline::builds(&options) {
            let docker = self.workshop.engine.command();
            self.ok(&docker.args(&build.arguments).dir(&self.tree))?;
            // The seed's workflow does not push it.
            if build.name != "base-builder" {
                images.push((build.name, build.image));
            }
        }
        Ok(images)
    }

    /// Builds and pushes the images, the base first; what it cost, and each image's manifest.
    fn build_and_push(
        &mut self,
        tag: &str,
        more: &[&str],
    ) -> Result<(Row, BTreeMap<String, Digest>)> {
        let begin = Instant::now();
        let images = self.build(tag, more)?;
        for (image, built) in &images {
            let name = format!("{}/{}", self.registry.host(), self.repository(image));
            let name = format!("{name}:{tag}");
            let docker = |arguments: &[&str]| self.workshop.engine.command().args(arguments);
            if *built != name {
                self.ok(&docker(&["tag", built, &name]))?;
            }
            self.ok(&docker(&["push", "--quiet", &name]))?;
            self.names.push(name);
        }
        let data = self.registry.data();
        let now = counting::stored(&data).map_err(|error| failed(&data, &error))?;
        let mut row = Row {
            added: counting::added(&self.stored, &now),
            stored: now.values().sum(),
            seconds: begin.elapsed().as_secs_f64(),
            ..Row::default()
        };
        self.stored = now;
        self.count_sent(&mut row)?;
        let mut manifests = BTreeMap::new();
        for (image, _) in images {
            let digest = counting::resolved(&data, &self.repository(&image), tag)
                .map_err(|error| failed(&data, &error))?;
            let digest = digest
                .parse()
                .map_err(|_| Error::failed(format!("`{digest}` is no digest")))?;
            manifests.insert(image, digest);
        }
        Ok((row, manifests))
    }

    /// The path of all repositories. The engine remembers where a registry of this address had a layer, whatever its port
    /// was, and asks for it there, first of all in paths like the new one: a second run must not look like the first.
    fn space(&self) -> String {
        format!("{}-{}", self.way.name(), std::process::id())
    }

    fn repository(&self, image: &str) -> String {
        format!("{}/jts-{image}", self.space())
    }

    /// What went over the wire since the last time.
    fn count_sent(&mut self, row: &mut Row) -> Result<()> {
        let file = self.workshop.folder.join(self.way.name());
        let file = file.join("registry/registry.log");
        let log = std::fs::read_to_string(&file).map_err(|error| failed(&file, &error))?;
        let sent = counting::sent(&log[self.read..]);
        self.read = log.len();
        let data = self.registry.data();
        let mut all = sent.blobs;
        for (repository, reference) in sent.manifests {
            let digest = counting::resolved(&data, &repository, &reference)
                .map_err(|error| failed(&data, &error))?;
            all.push((repository, digest));
        }
        let prefix = self.repository("");
        for (repository, digest) in all {
            let bytes = self.stored.get(&digest).ok_or_else(|| {
                Error::failed(format!("the registry took {digest} and does not have it"))
            })?;
            row.pushed += bytes;
            let image = repository.strip_prefix(&prefix).unwrap_or(&repository);
            *row.pushed_by_image.entry(image.to_owned()).or_default() += bytes;
        }
        Ok(())
    }

    fn version(&self, digest: &Digest, tag: &str, created: Timestamp) -> Result<Version> {
        let (algorithm, hex) = digest.as_str().split_once(':').unwrap_or_default();
        let blob = format!(
            "docker/registry/v2/blobs/{algorithm}/{}/{hex}/data",
            &hex[..2]
        );
        let file = self.registry.data().join(blob);
        let bytes = std::fs::read(&file).map_err(|error| failed(&file, &error))?;
        Ok(Version {
            id: None,
            tags: BTreeSet::from([tag.to_owned()]),
            created: Some(created),
            updated: None,
            manifest: Manifest::parse(&bytes).map_err(Error::failed)?,
        })
    }

    /// Takes the names away that the engine was told; best effort, as images do no harm but to the disk.
    fn forget(&mut self) {
        for name in std::mem::take(&mut self.names) {
            let remove = self.workshop.engine.command();
            let remove = remove.args(["image", "rm", "--force", &name]);
            let _ = self.workshop.means.runner.run(&remove);
        }
        let _ = std::fs::remove_dir_all(&self.tree);
    }
}

fn failed(file: &Utf8Path, error: &dyn std::fmt::Display) -> Error {
    Error::failed(format!("{file}: {error}"))
}

/// When a commit is made.
fn moment(number: usize) -> Timestamp {
    let since = i64::try_from(number).unwrap_or_default() * BETWEEN_COMMITS_SECONDS;
    Timestamp::from_unix_seconds(FIRST_COMMIT + since)
}

/// With a stage that nobody builds: `docker-build --offline` puts into the stand-in what any stage installs, so that the
/// image below the base does not change in the middle of the history.
fn with_spare_stage(dockerfile: &str) -> String {
    let spare = format!("FROM base AS spare\nRUN apk add --no-cache {ADDED_PACKAGE}\n\n");
    let last = dockerfile.rfind("\nFROM ").map_or(0, |at| at + 1);
    let (before, after) = dockerfile.split_at(last);
    format!("{before}{spare}{after}")
}

/// What is left when the policy is applied a day after the last commit: bytes, and images.
fn retained(policy: &Policy, images: &BTreeMap<String, Package>, last: Timestamp) -> (u64, usize) {
    let situation = Situation::at(last.plus(Period::from_seconds(86_400)));
    let plans: Vec<(Plan, &Package)> = images
        .values()
        .map(|package| (Plan::new(package, policy, &situation), package))
        .collect();
    let kept = plans.iter().flat_map(|(plan, package)| {
        let versions = package.versions.iter();
        versions.filter(|(digest, _)| plan.keeps(digest))
    });
    let count = kept.clone().count();
    (blobs_of(kept).values().sum(), count)
}
