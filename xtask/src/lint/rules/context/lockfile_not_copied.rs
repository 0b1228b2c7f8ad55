use crate::finding::Severity;
use crate::lint::build_context::{NamePattern, clean};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::node_project::{Install, installs};
use crate::lint::{Diagnostics, Parent, Step};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports an install that obeys a lock file (`npm ci`, `yarn install --frozen-lockfile`, `pnpm install
    /// --frozen-lockfile`) in a stage that copies `package.json` and not the lock file.
    ///
    /// ## Why it is bad
    /// The install stops: without the lock file there is nothing to obey.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY package.json ./
    /// RUN npm ci
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3007",
        name: "lockfile-not-copied",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "an install needs a lock file that no copy brings",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        for install in installs(step) {
            if !install.is_frozen || !brings_manifest_only(step, &install) {
                continue;
            }
            let lock = install.lockfiles()[0];
            diagnostics
                .report(
                    install.span,
                    format!(
                        "`{}` needs `{lock}`, which no copy brings",
                        install.command()
                    ),
                )
                .help(format!("copy `{lock}` beside `package.json`"));
        }
    }
}

/// Whether `package.json` is copied by name before this step, and nothing that could be the lock file is.
fn brings_manifest_only(step: Step<'_>, install: &Install) -> bool {
    let mut manifest = false;
    let mut stage = step.stage;
    let mut before = step.index;
    loop {
        for step in stage.steps().take(before + 1) {
            match copied(step, install.lockfiles()) {
                Copied::Perhaps => return false,
                Copied::Manifest => manifest = true,
                Copied::Other => {}
            }
        }
        match stage.parent() {
            Parent::Stage(index) if *index < stage.index => {
                stage = crate::lint::StageModel {
                    model: stage.model,
                    index: *index,
                };
                before = stage.stage().instructions.len();
            }
            // What another file's stage copied is its business; with none at all there is a manifest from outside.
            _ => return manifest && matches!(stage.parent(), Parent::Image(_) | Parent::Scratch),
        }
    }
}

enum Copied {
    /// The lock file, or something that may hold it.
    Perhaps,
    /// `package.json`, by name.
    Manifest,
    Other,
}

fn copied(step: Step<'_>, lockfiles: &[&str]) -> Copied {
    if let Some(run) = step.run() {
        let binds = |mount: &crate::dockerfile::Mount| mount.mount_type() == "bind";
        return if run.mounts.iter().any(binds) {
            Copied::Perhaps
        } else {
            Copied::Other
        };
    }
    let Some(transfer) = step.copy().or_else(|| step.add()) else {
        return Copied::Other;
    };
    let mut copied = Copied::Other;
    for source in &transfer.sources {
        let path = clean(&source.value);
        let name = last_part(&path);
        let pattern = NamePattern::new(name);
        if lockfiles.iter().any(|lock| pattern.matches(lock)) {
            return Copied::Perhaps;
        }
        if name == "package.json" {
            copied = Copied::Manifest;
            continue;
        }
        // A name without an extension may be a folder with anything in it.
        let is_file = name.contains('.') && !name.contains('$') && !name.starts_with('.');
        if !is_file || path.is_empty() {
            return Copied::Perhaps;
        }
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_a_copy_that_is_surely_missing_is_reported() {
        for (copies, run, expected) in [
            ("COPY package.json tsconfig.json ./", "npm ci", true),
            (
                "COPY package.json ./",
                "yarn install --frozen-lockfile",
                true,
            ),
            ("COPY package.json ./", "pnpm i --frozen-lockfile", true),
            ("COPY package*.json ./", "npm ci", false),
            ("COPY package.json npm-shrinkwrap.json ./", "npm ci", false),
            (
                "COPY package.json yarn.lock* ./",
                "yarn install --immutable",
                false,
            ),
            ("COPY . .", "npm ci", false),
            ("COPY package.json ./\nCOPY app ./", "npm ci", false),
            ("COPY package.json ./", "npm install", false),
            ("WORKDIR /app", "npm ci", false),
        ] {
            let text = format!("FROM node:22\n{copies}\nRUN {run}\n");
            assert_eq!(!found(&RULE, &text).is_empty(), expected, "{text}");
        }
    }

    #[test]
    fn earlier_stages_and_mounts_count() {
        let text =
            "FROM node:22 AS deps\nCOPY package-lock.json package.json ./\nFROM deps\nRUN npm ci\n";
        assert_eq!(found(&RULE, text), "");
        let text = "FROM node:22\nCOPY package.json .\n\
                    RUN --mount=type=bind,source=package-lock.json,target=package-lock.json npm ci\n";
        assert_eq!(found(&RULE, text), "");
    }
}
