use crate::finding::Severity;
use crate::lint::packages;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::node_project::installs;
use crate::lint::{Diagnostics, Parent, StageModel, Step};
use crate::shell::Invocation;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `RUN` that starts a tool of the project's development dependencies (`npx nx`, `tsc`) where the stage, a
    /// stage it descends from, or the Dockerfile of this repository that its base image is built from, has removed
    /// those dependencies.
    ///
    /// ## Why it is bad
    /// The tool is not there. `npx` then asks the registry for the newest version, whatever the lock file says; called
    /// directly, the build stops.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine AS production
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci && npm prune --omit=dev
    ///
    /// FROM production AS build
    /// RUN npx nx build shop
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22-alpine AS build
    /// WORKDIR /app
    /// COPY package*.json ./
    /// RUN npm ci
    /// RUN npx nx build shop
    /// RUN npm prune --omit=dev
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3102",
        name: "build-tool-pruned-in-base",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a build tool is used whose package a parent stage has removed",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// Tools that build, with the package that has them.
const TOOLS: &[(&str, &str)] = &[
    ("esbuild", "esbuild"),
    ("jest", "jest"),
    ("nest", "@nestjs/cli"),
    ("ng", "@angular/cli"),
    ("nx", "nx"),
    ("rollup", "rollup"),
    ("swc", "@swc/cli"),
    ("tsc", "typescript"),
    ("tsup", "tsup"),
    ("turbo", "turbo"),
    ("vite", "vite"),
    ("vitest", "vitest"),
    ("webpack", "webpack-cli"),
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        for invocation in step.invocations() {
            let Some((tool, package, span)) = tool(invocation) else {
                continue;
            };
            let Some(place) = pruned_before(step) else {
                continue;
            };
            if is_runtime_dependency(subject, package) {
                continue;
            }
            diagnostics
                .report(
                    span,
                    format!("`{tool}` is not there: {place} removes the development dependencies"),
                )
                .help("build in a stage that has them, and copy what it makes");
        }
    }
}

/// The tool that is started, its package, and where it stands: `tsc`, `npx nx`, `yarn nx`, `pnpm exec nx`.
fn tool(invocation: &Invocation) -> Option<(&'static str, &'static str, Span)> {
    let start = invocation.program_span.start;
    let (name, end) = match invocation.program.as_str() {
        // With a version, or with the package named, npx is meant to fetch it.
        "npx" | "pnpx" | "bunx" => {
            if invocation.has_option(&["-p", "--package"]) {
                return None;
            }
            let word = invocation.words().next()?;
            (word.text.as_str(), word.span.end)
        }
        "npm" | "pnpm" | "yarn" | "bun" => {
            let mut words = invocation.words();
            let mut word = words.next()?;
            if matches!(word.text.as_str(), "exec" | "x") {
                word = words.next()?;
            } else if invocation.is("npm") {
                return None;
            }
            (word.text.as_str(), word.span.end)
        }
        program => (program, invocation.program_span.end),
    };
    let (tool, package) = TOOLS.iter().find(|(tool, _)| *tool == name)?;
    Some((tool, package, Span::new(start, end)))
}

/// Who removed the development dependencies last, unless somebody installed them again.
fn pruned_before(step: Step<'_>) -> Option<String> {
    let mut stage = step.stage;
    let mut end = step.index;
    // Stages of other files may not descend from each other for ever.
    for _ in 0..50 {
        let steps: Vec<Step<'_>> = stage.steps().take(end).collect();
        for earlier in steps.into_iter().rev() {
            if let Some(installed) = dev_dependencies_after(earlier) {
                return (!installed).then(|| describe(step, earlier));
            }
        }
        stage = match stage.parent() {
            Parent::Stage(index) if *index < stage.index => StageModel {
                model: stage.model,
                index: *index,
            },
            Parent::Own { model, stage } => StageModel {
                model,
                index: *stage,
            },
            _ => return None,
        };
        end = stage.stage().instructions.len();
    }
    None
}

/// Whether development dependencies are there after a step; `None` if it does not change that.
fn dev_dependencies_after(step: Step<'_>) -> Option<bool> {
    let mut there = None;
    for invocation in step.invocations() {
        if is_prune(invocation) {
            there = Some(false);
        }
    }
    if let Some(last) = installs(step).last() {
        // An install that leaves them out removes none that a prune has left; it brings none either.
        let position = |prune: &Invocation| prune.span.start > last.span.start;
        let pruned_later = step
            .invocations()
            .iter()
            .filter(|i| is_prune(i))
            .any(position);
        if !pruned_later {
            there = (!last.is_production).then_some(true);
        }
    }
    if there.is_none() {
        // Modules from elsewhere: nobody knows which.
        let copy = step.copy().or_else(|| step.add())?;
        let brings_modules = |text: &str| text.contains("node_modules");
        if copy
            .sources
            .iter()
            .any(|source| brings_modules(&source.value))
        {
            return None;
        }
    }
    there
}

fn is_prune(invocation: &Invocation) -> bool {
    let Some(call) = packages::call(invocation) else {
        return false;
    };
    let word = invocation.subcommand() == Some("prune");
    let has = |texts: &[&str]| {
        let mut arguments = invocation.arguments.iter();
        arguments.any(|argument| texts.contains(&argument.text.as_str()))
    };
    word && matches!(
        call.manager,
        packages::Manager::Npm | packages::Manager::Pnpm
    ) && (has(&["--omit=dev", "--production", "--prod", "--production=true"])
        || invocation.option_value(&["--omit"]) == Some("dev"))
}

fn describe(here: Step<'_>, there: Step<'_>) -> String {
    let source = &there.stage.model.file.source;
    let span = there.written().span;
    let line = there
        .invocations()
        .iter()
        .find(|invocation| is_prune(invocation))
        .map_or(span.start, |invocation| invocation.span.start);
    let line = source.line_column(line).line;
    if source.path() == here.stage.model.file.source.path() {
        format!("line {line}")
    } else {
        format!("{}:{line}", source.path())
    }
}

/// The `package.json` of the context has the package among what an image needs at run time.
fn is_runtime_dependency(subject: &Subject<'_>, package: &str) -> bool {
    subject
        .build_context()
        .and_then(|context| context.read("package.json"))
        .and_then(|source| serde_json::from_str::<serde_json::Value>(source.text()).ok())
        .is_some_and(|manifest| manifest["dependencies"].get(package).is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::RULE;
    use crate::dockerfile::parse;
    use crate::lint::rules::tests::{Repository, found};
    use crate::lint::{Diagnostics, Model, Options, Subject, Surroundings};
    use crate::source::Source;

    #[test]
    fn the_prune_that_counts_is_the_last_word() {
        for (before, run, expected) in [
            ("RUN npm prune --omit=dev", "npx nx build", "line 2"),
            (
                "RUN npm prune --production && npm cache clean",
                "tsc -p .",
                "line 2",
            ),
            (
                "RUN npm ci && npm prune --omit dev",
                "yarn nx build",
                "line 2",
            ),
            ("RUN npm prune --omit=dev\nRUN npm ci", "npx nx build", ""),
            (
                "RUN npm prune --omit=dev\nRUN npm ci --omit=dev",
                "npx nx build",
                "line 2",
            ),
            ("RUN npm prune", "npx nx build", ""),
            ("RUN npm prune --omit=dev", "npx nx@19 build", ""),
            ("RUN npm prune --omit=dev", "npm run build", ""),
            ("RUN npm prune --omit=dev", "npx -p nx nx build", ""),
            ("RUN npm ci", "npx nx build", ""),
            ("RUN npm prune --omit=dev\nFROM node:22", "npx nx build", ""),
        ] {
            let text = format!("FROM node:22\n{before}\nRUN {run}\n");
            let report = found(&RULE, &text);
            assert_eq!(report.is_empty(), expected.is_empty(), "{text}{report}");
            assert!(report.contains(expected), "{text}{report}");
        }
    }

    #[test]
    fn the_dockerfile_of_the_base_image_counts() {
        let model = |path: &str, text: &str, base: Option<Arc<Model>>| {
            let file = parse(&Source::new(path, text));
            Model::new(file, BTreeMap::new(), &|_| Some((base.clone()?, 1)))
        };
        let base = "FROM node:22 AS build\nRUN npm ci\nFROM node:22\nENV NODE_ENV=production\nRUN npm prune --production\n";
        let base = Arc::new(model("docker/base/Dockerfile", base, None));
        let service = "FROM example/base\nRUN npm install\nRUN npx nx build shop\n";
        let service = model("Dockerfile", service, Some(base));
        let surroundings = Surroundings::unknown();
        let mut diagnostics = Diagnostics::new(&service.file.source, &RULE);
        let options = Options::default();
        let subject = Subject::new(&service, &surroundings, &options);
        super::check(&subject, &mut diagnostics);
        let findings = diagnostics.into_findings();
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].message,
            "`nx` is not there: docker/base/Dockerfile:5 removes the development dependencies"
        );
    }

    #[test]
    fn a_tool_of_the_runtime_stays() {
        let repository =
            Repository::new("FROM node:22\nRUN npm prune --omit=dev\nRUN npx nx build\n");
        assert_ne!(repository.found(&RULE), "");
        let manifest = r#"{"dependencies": {"nx": "19"}}"#;
        assert_eq!(repository.file("package.json", manifest).found(&RULE), "");
    }
}
