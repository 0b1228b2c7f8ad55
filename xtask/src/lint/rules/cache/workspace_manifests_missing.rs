use crate::dockerfile::FileTransfer;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::cache::installs::manifest_install;
use crate::lint::{Moment, Parent, Step};
use crate::source::Source;
use crate::yaml::{self, Node};

declare! {
    /// ## What it does
    /// Reports an `npm`, `yarn` or `pnpm` installation in a repository whose `package.json` or `pnpm-workspace.yaml` names
    /// workspaces, where nothing was copied before from the folders the workspaces are in.
    ///
    /// ## Why it is bad
    /// The package manager installs for the manifests it sees. Dependencies of a workspace that is copied later are missing, or the
    /// installation stops because the lock file does not fit.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    ///
    /// ```json path=package.json
    /// { "workspaces": ["apps/*", "libs/*"] }
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// COPY package.json package-lock.json ./
    /// COPY --parents apps/*/package.json libs/*/package.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    ///
    /// ```json path=package.json
    /// { "workspaces": ["apps/*", "libs/*"] }
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2154",
        name: "workspace-manifests-missing",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the manifests of workspaces are not there when the dependencies are installed",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let installs = |step: &Step<'_>| {
        step.run().is_some()
            && !step.is_onbuild()
            && step
                .invocations()
                .iter()
                .any(|i| manifest_install(i).is_some_and(|i| i.is_node))
    };
    if !subject.model.steps().any(|step| installs(&step)) {
        return;
    }
    let workspaces = workspaces(subject);
    if workspaces.is_empty() {
        return;
    }
    for stage in subject.model.stages() {
        let Some(step) = stage.steps().find(installs) else {
            continue;
        };
        let copies = copies_before(step.before());
        // What another Dockerfile or stage brought is not known.
        if !copies.iter().any(|copy| copies_manifest(copy))
            || step
                .run()
                .is_some_and(|run| !run.mounts.iter().all(|mount| mount.mount_type() == "cache"))
        {
            continue;
        }
        let missing: Vec<&str> = workspaces
            .iter()
            .map(String::as_str)
            .filter(|folder| !copies.iter().any(|copy| brings(copy, folder)))
            .collect();
        let Some(invocation) = step
            .invocations()
            .iter()
            .find(|i| manifest_install(i).is_some())
        else {
            continue;
        };
        if !missing.is_empty() {
            diagnostics
                .report(
                    invocation.span,
                    format!(
                        "the workspaces in {} are not there yet",
                        missing
                            .iter()
                            .map(|folder| format!("`{folder}`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                )
                .help("copy their manifests before: `COPY --parents …/*/package.json ./`");
        }
    }
}

/// The copies of a stage and of those it starts from, up to here.
fn copies_before(moment: Moment<'_>) -> Vec<&FileTransfer> {
    let mut copies = Vec::new();
    let mut at = moment;
    loop {
        copies.extend(
            at.stage
                .steps()
                .take(at.step)
                .filter_map(|step| step.copy().or(step.add())),
        );
        match at.stage.parent() {
            Parent::Stage(parent) => match at.stage.model.stages().nth(*parent) {
                Some(stage) if *parent < at.stage.index => at = stage.end(),
                _ => return copies,
            },
            _ => return copies,
        }
    }
}

fn copies_manifest(copy: &FileTransfer) -> bool {
    copy.flag("from").is_none()
        && copy
            .sources
            .iter()
            .any(|source| source.value.trim_start_matches("./").starts_with("package"))
}

fn brings(copy: &FileTransfer, folder: &str) -> bool {
    copy.flag("from").is_some()
        || copy.sources.iter().any(|source| {
            let path = source
                .value
                .trim_start_matches("./")
                .trim_start_matches('/')
                .trim_end_matches('/');
            path.is_empty()
                || path.starts_with(['.', '*', '$'])
                || path == folder
                || path.starts_with(&format!("{folder}/"))
        })
}

/// The first folders of the workspaces' patterns.
fn workspaces(subject: &Subject<'_>) -> Vec<String> {
    let Some(files) = &subject.surroundings.files else {
        return Vec::new();
    };
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    let mut patterns = files
        .read(&context.join("package.json"))
        .map_or_else(|_| Vec::new(), |source| npm_patterns(source.text()));
    if let Ok(source) = files.read(&context.join("pnpm-workspace.yaml")) {
        patterns.extend(pnpm_patterns(&source));
    }
    let mut folders = Vec::new();
    for pattern in patterns {
        let first = pattern
            .trim_start_matches("./")
            .split('/')
            .next()
            .unwrap_or_default();
        if !first.is_empty()
            && !first.contains(['*', '!', '{'])
            && first != "."
            && !folders.iter().any(|known| known == first)
        {
            folders.push(first.to_owned());
        }
    }
    folders
}

/// `workspaces` of a `package.json`: a list, or a mapping with the list as its `packages`.
fn npm_patterns(text: &str) -> Vec<String> {
    let manifest: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let workspaces = &manifest["workspaces"];
    let patterns = workspaces.get("packages").unwrap_or(workspaces).as_array();
    let patterns = patterns.into_iter().flatten();
    patterns
        .filter_map(|pattern| Some(pattern.as_str()?.to_owned()))
        .collect()
}

/// `packages` of a `pnpm-workspace.yaml`.
fn pnpm_patterns(source: &Source) -> Vec<String> {
    let Ok(root) = yaml::parse(source) else {
        return Vec::new();
    };
    let patterns = root.get("packages").map_or(&[][..], Node::items);
    patterns
        .iter()
        .filter_map(|pattern| Some(pattern.as_str()?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn folders_of_workspaces_come_before() {
        let found = |lines: &str, manifest: &str| {
            Repository::new(&format!("FROM a AS base\n{lines}\n"))
                .file("package.json", manifest)
                .found(&RULE)
        };
        let workspaces = r#"{"workspaces": {"packages": ["apps/*", "./libs/*"]}}"#;
        assert_eq!(
            found(
                "COPY package*.json ./\nCOPY --chown=1 apps ./apps\nRUN npm ci --include=dev",
                workspaces
            ),
            "4:5 the workspaces in `libs` are not there yet"
        );
        for lines in [
            "COPY package*.json ./\nCOPY apps/a/package.json ./apps/a/\nCOPY libs ./libs\nRUN npm ci",
            "COPY . .\nRUN npm ci",
            "COPY package.json ./\nRUN npm run x",
            "RUN npm ci",
        ] {
            assert_eq!(found(lines, workspaces), "", "{lines}");
        }
        assert_eq!(found("COPY package*.json ./\nRUN npm ci", "{}"), "");
    }
    #[test]
    fn workspaces_of_pnpm_stand_in_a_file_of_their_own() {
        let found = |lines: &str, workspaces: &str| {
            Repository::new(&format!("FROM a AS base\n{lines}\n"))
                .file("package.json", "{}")
                .file("pnpm-workspace.yaml", workspaces)
                .found(&RULE)
        };
        let lines = "COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./\nRUN pnpm install --frozen-lockfile";
        let workspaces = "packages:\n  - '.'\n  - apps/*\n  - \"libs/**\"\n  - '!**/test/**'\n";
        assert_eq!(
            found(lines, workspaces),
            "3:5 the workspaces in `apps`, `libs` are not there yet"
        );
        let copied =
            "COPY package.json pnpm-*.yaml ./\nCOPY apps apps\nCOPY libs libs\nRUN pnpm install";
        assert_eq!(found(copied, workspaces), "");
        for odd in ["", "packages: x\n", "- a\n", "packages: [\n"] {
            assert_eq!(found(lines, odd), "", "{odd}");
        }
    }
}
