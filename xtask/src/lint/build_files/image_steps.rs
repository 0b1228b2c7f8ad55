//! What the steps of a workflow do with images, by actions and by commands: build, push, scan, sign, clean up.

use super::BuildFile;
use super::github::{Job, uses};
use super::occasion::Occasion;
use crate::expression::{Piece, pieces};
use crate::mapped_text::MappedText;
use crate::shell::{self, Invocation};
use crate::source::Span;
use crate::yaml::Node;

/// Actions that build images.
const BUILDERS: [&str; 2] = ["docker/build-push-action", "docker/bake-action"];

/// Actions that scan an image, with the input that names it.
const SCANNERS: [(&str, &str); 5] = [
    ("aquasecurity/trivy-action", "image-ref"),
    ("anchore/scan-action", "image"),
    ("docker/scout-action", "image"),
    ("snyk/actions/docker", "image"),
    ("azure/container-scan", "image-name"),
];

/// The action that deletes versions of packages.
const CLEANER: &str = "actions/delete-package-versions";

/// The step that hands a report to code scanning.
pub(in crate::lint) const SARIF_UPLOAD: &str = "github/codeql-action/upload-sarif";

/// One step of a job.
#[derive(Clone, Copy, Debug)]
pub(in crate::lint) struct Step<'w> {
    pub(in crate::lint) job: Job<'w>,
    pub(in crate::lint) node: &'w Node,
}

impl BuildFile {
    /// Every step of every job.
    pub(in crate::lint) fn image_steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.jobs().flat_map(Job::image_steps)
    }

    /// Whether it has to do with images at all.
    pub(in crate::lint) fn is_about_images(&self) -> bool {
        self.image_steps().any(|step| {
            step.builds() || step.scanned().is_some() || step.cleans() || step.is_dockers()
        })
    }
}

impl<'w> Job<'w> {
    /// Its steps.
    pub(in crate::lint) fn image_steps(self) -> impl Iterator<Item = Step<'w>> {
        self.steps()
            .iter()
            .map(move |node| Step { job: self, node })
    }

    /// The name's place.
    pub(in crate::lint) fn name_span(self) -> Span {
        let jobs = self.workflow.root.get("jobs");
        let entry = jobs.and_then(|jobs| jobs.entry(self.name));
        entry.map_or(self.node.span, |entry| entry.key.span)
    }
}

impl<'w> Step<'w> {
    /// Whether it uses an action.
    pub(in crate::lint) fn uses(self, action: &str) -> bool {
        uses(self.node, action)
    }

    fn uses_any(self, actions: &[&str]) -> bool {
        actions.iter().any(|action| self.uses(action))
    }

    fn is_dockers(self) -> bool {
        let text = self.node.get("uses").and_then(Node::as_str);
        text.is_some_and(|text| text.starts_with("docker/"))
    }

    /// An input of its action.
    pub(in crate::lint) fn input(self, name: &str) -> Option<&'w Node> {
        self.node.at(&["with", name]).filter(|node| !node.is_null())
    }

    /// The place of an input's name.
    pub(in crate::lint) fn input_span(self, name: &str) -> Span {
        let entry = self.node.get("with").and_then(|with| with.entry(name));
        entry.map_or_else(|| self.span(), |entry| entry.key.span)
    }

    /// Where it says what it does.
    pub(in crate::lint) fn span(self) -> Span {
        match (self.node.get("uses"), self.node.entry("run")) {
            (Some(uses), _) => uses.content_span(),
            (None, Some(run)) => run.key.span,
            (None, None) => self.node.span,
        }
    }

    /// What it is called: its name, its action, or `run`.
    pub(in crate::lint) fn called(self) -> String {
        let named = self.node.get("name").and_then(Node::text);
        let action = || self.node.get("uses").and_then(Node::as_str);
        let action = action().map(|uses| uses.split('@').next().unwrap_or(uses));
        let text = named.or(action).unwrap_or("run");
        format!("`{text}`")
    }

    /// Whether it runs on an occasion, if that is known.
    pub(in crate::lint) fn runs(self, occasion: Occasion) -> Option<bool> {
        occasion.runs_step(self.job, self.node)
    }

    /// Whether an input is true on an occasion; `None` if that is not known.
    fn is_set(self, name: &str, occasion: Occasion) -> Option<bool> {
        match self.input(name).and_then(Node::as_str) {
            None => Some(false),
            Some(text) => {
                let value = occasion.value(self.job, Some(self.node), text)?;
                Some(value.is_true())
            }
        }
    }

    /// The programs that it starts, if it is a script.
    pub(in crate::lint) fn invocations(self) -> &'w [Invocation] {
        let scripts = self.job.workflow.scripts.get_or_init(|| {
            let steps = self.job.workflow.image_steps();
            steps
                .map(|step| (step.node.span.start, step.read_script()))
                .collect()
        });
        scripts
            .get(&self.node.span.start)
            .map_or(&[], Vec::as_slice)
    }

    fn read_script(self) -> Vec<Invocation> {
        let Some(run) = self.node.get("run").and_then(Node::as_str) else {
            return Vec::new();
        };
        // The shell sees what the expressions stand for: a word, most of the time.
        let text: String = pieces(run)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Expression(_) => "EXPRESSION",
            })
            .collect();
        let span = Span::new(0, text.len());
        shell::parse(&MappedText::contiguous(text, span)).invocations()
    }

    fn starts(self, is_it: impl Fn(&Invocation) -> bool) -> bool {
        self.invocations().iter().any(is_it)
    }

    /// Whether it builds images.
    pub(in crate::lint) fn builds(self) -> bool {
        self.uses_any(&BUILDERS) || self.starts(is_build)
    }

    /// Whether it pushes images on an occasion, if that is known.
    pub(in crate::lint) fn pushes(self, occasion: Occasion) -> Option<bool> {
        let pushes = if self.uses_any(&BUILDERS) {
            self.action_pushes(occasion)
        } else {
            Some(self.starts(is_push))
        };
        match (pushes, self.runs(occasion)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    fn action_pushes(self, occasion: Occasion) -> Option<bool> {
        let mut pushes = self.is_set("push", occasion);
        for text in self.outputs() {
            let written = text.split([',', '\n']).find_map(|field| {
                let (key, value) = field.trim().split_once('=')?;
                key.ends_with("push").then(|| value.trim())
            });
            let here = match written {
                _ if text.contains("type=registry") => Some(true),
                Some(value) => occasion
                    .value(self.job, Some(self.node), value)
                    .map(|value| value.is_true()),
                None => Some(false),
            };
            pushes = match (pushes, here) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        pushes
    }

    /// What `outputs`, and `set` of a bake file's targets, say.
    fn outputs(self) -> impl Iterator<Item = &'w str> {
        let inputs = ["outputs", "set"].into_iter();
        inputs.filter_map(move |name| self.input(name)?.as_str())
    }

    /// Whether what it builds can be found on the runner afterwards, on an occasion: `load`, or an output that is a file.
    pub(in crate::lint) fn keeps_image(self, occasion: Occasion) -> Option<bool> {
        let mut outputs = self.outputs();
        if outputs.any(|text| {
            ["type=docker", "type=oci", "dest="]
                .iter()
                .any(|it| text.contains(it))
        }) {
            return Some(true);
        }
        self.is_set("load", occasion)
    }

    /// The input that names the image it scans.
    pub(in crate::lint) fn scanned(self) -> Option<(&'static str, &'w Node)> {
        SCANNERS.iter().find_map(|(action, input)| {
            let node = self.uses(action).then(|| self.input(input))??;
            Some((*input, node))
        })
    }

    /// Whether it scans images.
    pub(in crate::lint) fn scans(self) -> bool {
        let of_file = || {
            SCANNERS.iter().any(|(action, _)| self.uses(action)) && self.input("input").is_some()
        };
        self.scanned().is_some() || of_file() || self.starts(is_scan)
    }

    /// Whether it signs images, or attests something about them.
    pub(in crate::lint) fn signs(self) -> bool {
        let action = self.node.get("uses").and_then(Node::as_str).unwrap_or("");
        [
            "actions/attest",
            "sigstore/cosign-installer",
            "slsa-framework/",
            "notaryproject/",
        ]
        .iter()
        .any(|start| action.starts_with(start))
            || self.starts(|it| {
                it.is_any(&["cosign", "notation"])
                    || it.words().any(|word| word.text == "docker-sign")
            })
    }

    /// Whether it deletes versions of packages.
    pub(in crate::lint) fn cleans(self) -> bool {
        self.uses(CLEANER)
            || self.starts(|it| has_verb(it, "docker-clean") && it.has_option(&["--apply"]))
    }
}

/// The verb of our own command line, or of another tool that is called the same way.
fn has_verb(invocation: &Invocation, verb: &str) -> bool {
    invocation.words().any(|word| word.text == verb)
}

fn is_build(invocation: &Invocation) -> bool {
    let mut words = invocation.words().map(|word| word.text.as_str());
    match invocation.program.as_str() {
        "docker" | "podman" | "nerdctl" | "depot" => {
            let words: Vec<&str> = words.take(2).collect();
            matches!(
                words[..],
                ["build" | "bake", ..] | ["buildx" | "image" | "builder", "build" | "bake"]
            )
        }
        "buildah" => matches!(words.next(), Some("build" | "bud")),
        _ => has_verb(invocation, "docker-build"),
    }
}

fn is_push(invocation: &Invocation) -> bool {
    let first: Vec<&str> = invocation
        .words()
        .take(3)
        .map(|word| word.text.as_str())
        .collect();
    match invocation.program.as_str() {
        "docker" | "podman" | "nerdctl" | "buildah" | "depot" => {
            let to_registry =
                |text: &str| text.contains("push=true") || text.contains("type=registry");
            matches!(
                first[..],
                ["push", ..]
                    | ["image" | "manifest" | "compose", "push", ..]
                    | ["buildx", "imagetools", "create"]
            ) || (is_build(invocation)
                && (invocation.has_option(&["--push"])
                    || invocation.arguments.iter().any(|it| to_registry(&it.text))))
        }
        "crane" => matches!(first[..], ["push" | "copy" | "cp", ..]),
        "skopeo" => matches!(first[..], ["copy" | "sync", ..]),
        _ => {
            has_verb(invocation, "docker-push")
                || (has_verb(invocation, "docker-build")
                    && invocation.has_option(&["--push", "--push-by-digest"]))
        }
    }
}

fn is_scan(invocation: &Invocation) -> bool {
    let mut words = invocation.words().map(|word| word.text.as_str());
    match invocation.program.as_str() {
        "trivy" => words.next() == Some("image"),
        "grype" => true,
        "docker" => words.next() == Some("scout"),
        _ => has_verb(invocation, "docker-scan"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml;

    fn pushes(step: &str) -> [Option<bool>; 2] {
        let text = format!("on: [push, pull_request]\njobs:\n  a:\n    steps:\n      - {step}\n");
        let source = Source::new("w.yml", text);
        let root = yaml::parse(&source).unwrap();
        let file = BuildFile::new(source, root);
        let step = file.image_steps().next().unwrap();
        [Occasion::Push, Occasion::PullRequest].map(|occasion| step.pushes(occasion))
    }

    #[test]
    fn pushing_is_known_of_actions_and_commands() {
        let (yes, no) = (Some(true), Some(false));
        for (step, expected) in [
            ("{uses: docker/build-push-action@v6}", [no, no]),
            (
                "{uses: docker/build-push-action@v6, with: {push: true}}",
                [yes, yes],
            ),
            (
                "{uses: docker/build-push-action@v6, with: {push: \"${{ github.event_name != 'pull_request' }}\"}}",
                [yes, no],
            ),
            (
                "{uses: docker/build-push-action@v6, with: {push: \"${{ inputs.push }}\"}}",
                [None, None],
            ),
            (
                "{uses: docker/build-push-action@v6, with: {outputs: 'type=image,push-by-digest=true,push=true'}}",
                [yes, yes],
            ),
            (
                "{uses: docker/bake-action@v6, with: {push: true}, if: \"github.event_name == 'push'\"}",
                [yes, no],
            ),
            (
                "{uses: docker/build-push-action@v6, with: {outputs: \"type=image,push=${{ github.event_name == 'push' }}\"}}",
                [yes, no],
            ),
            (
                "{uses: docker/build-push-action@v6, with: {outputs: 'type=image,push=${{ inputs.x }}'}}",
                [None, None],
            ),
            (
                "{run: 'docker buildx imagetools create -t x y'}",
                [yes, yes],
            ),
            ("{run: 'docker push x/y:1'}", [yes, yes]),
            ("{run: 'docker buildx build --push -t x .'}", [yes, yes]),
            ("{run: 'docker build -t x .'}", [no, no]),
            (
                "{run: 'if a; then docker buildx bake --push; fi'}",
                [yes, yes],
            ),
            ("{run: 'git push'}", [no, no]),
            ("{run: 'cargo xtask docker-build --push'}", [yes, yes]),
            ("{run: 'cargo xtask docker-build --release'}", [no, no]),
            (
                "{run: 'docker push ${{ env.IMAGE }}:${{ github.sha }}'}",
                [yes, yes],
            ),
        ] {
            assert_eq!(pushes(step), expected, "{step}");
        }
    }
}
