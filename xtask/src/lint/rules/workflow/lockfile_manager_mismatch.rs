use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, join};
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::node_project::{MANAGERS, installs, lockfiles};
use crate::lint::{Diagnostics, EntryKind, Step};

declare! {
    /// ## What it does
    /// Compares the package manager that a `RUN` installs with to the lock file and the `packageManager` of the
    /// `package.json` that is copied.
    ///
    /// ## Why it is bad
    /// `npm ci` stops without a `package-lock.json`. Other managers go on without their lock file and install what is
    /// newest today: the image has other versions than those that were tested.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22-alpine
    /// COPY . .
    /// RUN npm ci
    /// ```
    /// ```json path=package.json
    /// {"name": "shop", "packageManager": "yarn@4.9.4"}
    /// ```
    /// ```text path=yarn.lock
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22-alpine
    /// COPY . .
    /// RUN yarn install --immutable
    /// ```
    /// ```json path=package.json
    /// {"name": "shop", "packageManager": "yarn@4.9.4"}
    /// ```
    /// ```text path=yarn.lock
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3101",
        name: "lockfile-manager-mismatch",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "another package manager than the one of the lock file",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        for install in installs(step) {
            let Some(context) = subject.build_context() else {
                return;
            };
            let Some(folder) = project_folder(subject, context, step) else {
                continue;
            };
            let expected = expected(context, &folder);
            if expected
                .iter()
                .any(|(manager, _)| *manager == install.manager)
            {
                continue;
            }
            let (message, help) = match expected.first() {
                Some((manager, says)) => (
                    format!(
                        "`{}` installs a project of {manager}: {says}",
                        install.command()
                    ),
                    format!(
                        "install with {manager}, or commit the lock file of {}",
                        install.manager
                    ),
                ),
                None if install.is_frozen => (
                    format!(
                        "`{}` needs `{}`, which the repository does not have",
                        install.command(),
                        join(&folder, install.lockfiles()[0])
                    ),
                    "commit the lock file".to_owned(),
                ),
                None => continue,
            };
            diagnostics.report(install.span, message).help(help);
        }
    }
}

/// The folder of the context whose `package.json` was copied last before this step, in this stage or one before it.
fn project_folder(
    subject: &Subject<'_>,
    context: &BuildContext<'_>,
    step: Step<'_>,
) -> Option<String> {
    let position = (step.stage.index, step.index);
    let before = subject
        .copy_sources()
        .iter()
        .filter(|(other, _)| (other.stage.index, other.index) < position);
    let mut folder = None;
    for source in before.flat_map(|(_, sources)| sources) {
        for path in context.find(source) {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let candidate = match context.kind(&path) {
                Some(EntryKind::Folder) => path.as_str(),
                _ if name == "package.json" => parent,
                _ => continue,
            };
            let is_project =
                context.kind(&join(candidate, "package.json")) == Some(EntryKind::File);
            // The root's project is what an install is about, whatever else is copied.
            if is_project && folder.as_deref() != Some("") {
                folder = Some(candidate.to_owned());
            }
        }
    }
    folder
}

/// The managers that the folder speaks of, each with what says so.
fn expected(context: &BuildContext<'_>, folder: &str) -> Vec<(Manager, String)> {
    let mut expected = Vec::new();
    let manifest = context.read(&join(folder, "package.json"));
    let stated = manifest.and_then(|source| {
        let manifest: serde_json::Value = serde_json::from_str(source.text()).ok()?;
        Some(manifest.get("packageManager")?.as_str()?.to_owned())
    });
    if let Some(stated) = stated {
        let name = stated.split('@').next().unwrap_or_default();
        let manager = MANAGERS.into_iter().find(|manager| manager.name() == name);
        expected.extend(manager.map(|manager| {
            (
                manager,
                format!("`package.json` says `\"packageManager\": \"{stated}\"`"),
            )
        }));
    }
    for manager in MANAGERS {
        let lock = lockfiles(manager)
            .iter()
            .map(|lock| join(folder, lock))
            .find(|lock| context.kind(lock).is_some());
        expected.extend(lock.map(|lock| (manager, format!("its lock file is `{lock}`"))));
    }
    expected
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(copy: &str, run: &str, files: &[(&str, &str)]) -> String {
        let text = format!("FROM node:22\nCOPY {copy} ./\nRUN {run}\n");
        files
            .iter()
            .fold(Repository::new(&text), |repository, (path, text)| {
                repository.file(path, text)
            })
            .found(&RULE)
    }

    #[test]
    fn the_lock_file_or_the_manifest_says_who_installs() {
        let yarn = [("package.json", "{}"), ("yarn.lock", "")];
        assert_eq!(
            found("package*.json", "npm ci --include=dev", &yarn),
            "3:5 `npm ci` installs a project of yarn: its lock file is `yarn.lock`"
        );
        assert_eq!(
            found("package.json", "npm ci", &[("package.json", "{}")]),
            "3:5 `npm ci` needs `package-lock.json`, which the repository does not have"
        );
        let stated = [("web/package.json", r#"{"packageManager": "pnpm@9.1.0"}"#)];
        assert!(found("web", "npm install", &stated).contains("a project of pnpm"));
        for (run, files) in [
            ("yarn install", &yarn[..]),
            ("npm install -g nx", &yarn),
            ("npm install left-pad", &yarn),
            ("npm run build", &yarn),
            ("npm install", &[("package.json", "{}")]),
            (
                "npm ci",
                &[("package.json", "{}"), ("package-lock.json", "{}")],
            ),
            (
                "npm ci",
                &[
                    ("package.json", "{}"),
                    ("yarn.lock", ""),
                    ("package-lock.json", ""),
                ],
            ),
            (
                "npm ci",
                &[("package.json", "no json"), ("npm-shrinkwrap.json", "")],
            ),
            ("npm ci", &[("other/package.json", "{}"), ("yarn.lock", "")]),
        ] {
            assert_eq!(found("package*.json", run, files), "", "{run} {files:?}");
        }
    }
}
