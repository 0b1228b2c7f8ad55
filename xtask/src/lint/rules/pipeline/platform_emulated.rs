use camino::Utf8Path;

use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Model, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `platforms` with another architecture than that of the runner, where the Dockerfile has a `RUN` in a
    /// stage that is not built with `--platform=$BUILDPLATFORM`.
    ///
    /// ## Why it is bad
    /// Each of these steps runs in an emulator, five to ten times as slow: installing and compiling take most of an
    /// hour. GitHub has runners of both architectures, and what they build is put together by digest.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     runs-on: ubuntu-24.04
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           platforms: linux/amd64,linux/arm64
    /// ```
    /// ```dockerfile
    /// FROM node:22-alpine
    /// RUN npm ci
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         include:
    ///           - {runner: ubuntu-24.04, platform: linux/amd64}
    ///           - {runner: ubuntu-24.04-arm, platform: linux/arm64}
    ///     runs-on: ${{ matrix.runner }}
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           platforms: ${{ matrix.platform }}
    /// ```
    /// ```dockerfile
    /// FROM node:22-alpine
    /// RUN npm ci
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/multi-platform/>
    pub(super) static RULE = Rule {
        code: "DW2003",
        name: "platform-emulated",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "a build runs its steps under emulation",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            let Some(platforms) = build.input("platforms") else {
                continue;
            };
            let Some(own) = build
                .job
                .node
                .get("runs-on")
                .and_then(Node::as_str)
                .and_then(architecture)
            else {
                continue;
            };
            let text = platforms.as_str().unwrap_or_default();
            let foreign: Vec<&str> = text
                .split([',', '\n'])
                .map(str::trim)
                .filter(|platform| {
                    let mut parts = platform.split('/');
                    parts.next() == Some("linux")
                        && parts
                            .next()
                            .is_some_and(|arch| arch != own && !runs_natively(own, arch))
                })
                .collect();
            if foreign.is_empty() {
                continue;
            }
            let files = build.dockerfiles();
            let slow = files.iter().find(|file| {
                let model = surroundings.dockerfiles.get(Utf8Path::new(&file.path));
                model.is_some_and(|model| runs_there(model))
            });
            if let Some(slow) = slow {
                diagnostics
                    .report_in(
                        &workflow.source,
                        platforms.content_span(),
                        format!("{} runs commands for {} in an emulator", slow.path, foreign.join(", ")),
                    )
                    .help("build each platform on a runner of its own (`ubuntu-24.04-arm`), push by digest, and put the digests together")
                    .help("or build in a stage with `FROM --platform=$BUILDPLATFORM` and cross-compile");
            }
        }
    }
}

/// Of GitHub's own runners.
fn architecture(label: &str) -> Option<&'static str> {
    let is_hosted = label.starts_with("ubuntu-") && !label.contains("${{");
    is_hosted.then(|| {
        if label.ends_with("-arm") {
            "arm64"
        } else {
            "amd64"
        }
    })
}

/// 32-bit programs of one's own kind.
fn runs_natively(own: &str, architecture: &str) -> bool {
    matches!((own, architecture), ("amd64", "386"))
}

/// Whether commands run on the platform that the image is for.
fn runs_there(model: &Model) -> bool {
    let Some(last) = model.file.stages.len().checked_sub(1) else {
        return false;
    };
    model.graph.reachable(last).into_iter().any(|stage| {
        let root = model.graph.lineage(stage)[0];
        let platform = model.file.stages[root].platform.as_ref();
        let on_own = platform.is_some_and(|platform| platform.value.contains("BUILDPLATFORM"));
        let instructions = &model.file.stages[stage].instructions;
        !on_own
            && instructions
                .iter()
                .any(|it| matches!(it.kind, InstructionKind::Run(_)))
    })
}
