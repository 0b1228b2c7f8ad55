use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use camino::Utf8Path;

use super::node;
use crate::lint::rules::commands::unix_commands;
use crate::lint::{EntryKind, Parent, StageModel, Step};
use crate::shell::{Argument, Invocation};

declare! {
    /// ## What it does
    /// Reports `npx`, `npm exec`, `pnpm dlx`, `yarn dlx` and `bunx` of a package without a version, where no earlier
    /// instruction installed
    /// the project's dependencies, or where they were pruned again. A tool that the repository's `package.json` names
    /// is not reported as long as
    /// nothing was pruned.
    ///
    /// ## Why it is bad
    /// What is not installed is downloaded on the spot in its newest version, and run with the build's rights. A build
    /// that used to
    /// take the project's own tool silently takes a stranger.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// RUN npx create-thing /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// RUN npx create-thing@2.1.0 /app
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2002",
        name: "npx-of-unpinned-package",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "a tool is downloaded without a version and run",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, invocation) in unix_commands(subject.model) {
        let Some(package) = package(invocation) else {
            continue;
        };
        let is_name =
            package.literal && !package.text.contains(['/', '.']) || package.text.starts_with('@');
        let scope = usize::from(package.text.starts_with('@'));
        if !is_name || !package.literal || package.text[scope..].contains('@') {
            continue;
        }
        let is_local = match dependencies(step) {
            Dependencies::Installed => true,
            Dependencies::Pruned => false,
            Dependencies::Never => is_named(subject, &package.text),
        };
        if !is_local {
            diagnostics
                .report(
                    package.span,
                    format!(
                        "`{}` is downloaded in whatever version is newest",
                        package.text
                    ),
                )
                .help("write `name@version`, or install the project's dependencies before");
        }
    }
}

/// The word that names what is downloaded.
fn package(invocation: &Invocation) -> Option<&Argument> {
    const WITH_VALUE: &[&str] = &[
        "-c",
        "--call",
        "-w",
        "--workspace",
        "--registry",
        "--prefix",
        "--cache",
        "--userconfig",
    ];
    let skipped = match invocation.program.as_str() {
        "npx" | "bunx" | "pnpx" => 0,
        "npm" if matches!(invocation.subcommand(), Some("exec" | "x")) => 1,
        "pnpm" | "yarn" if invocation.subcommand() == Some("dlx") => 1,
        _ => return None,
    };
    if invocation.has_option(&["--no-install", "--no", "--offline", "--version", "--help"]) {
        return None;
    }
    let arguments = &invocation.arguments;
    let named = arguments
        .iter()
        .position(|it| matches!(it.text.as_str(), "-p" | "--package"));
    match named {
        Some(at) => arguments.get(at + 1),
        None if invocation
            .option_value(&["--package", "-c", "--call"])
            .is_some() =>
        {
            None
        }
        None => invocation.operands(WITH_VALUE).nth(skipped),
    }
}

enum Dependencies {
    Installed,
    Pruned,
    Never,
}

/// What the last instruction before says, in this stage, its parents, and the Dockerfiles those come from.
fn dependencies(step: Step<'_>) -> Dependencies {
    let mut stage = step.stage;
    let mut steps: Vec<Step<'_>> = stage.steps().take(step.index + 1).collect();
    loop {
        for earlier in steps.iter().rev() {
            let is_here =
                earlier.index == step.index && std::ptr::eq(earlier.stage.model, step.stage.model);
            let copies_them = earlier.copy().is_some_and(|copy| {
                copy.sources
                    .iter()
                    .any(|it| it.value.contains("node_modules"))
            });
            if copies_them {
                return Dependencies::Installed;
            }
            for call in earlier.calls_of(node::MANAGERS).rev() {
                if call.is("prune") && !is_here {
                    return Dependencies::Pruned;
                }
                if node::is_project_install(&call) {
                    return Dependencies::Installed;
                }
            }
        }
        stage = match stage.parent() {
            Parent::Stage(index) => StageModel {
                index: *index,
                ..stage
            },
            Parent::Own { model, stage } => StageModel {
                model,
                index: *stage,
            },
            Parent::Scratch | Parent::Image(_) => return Dependencies::Never,
        };
        steps = stage.steps().collect();
    }
}

/// The `package.json` at the root of the context, or of the repository, names it.
fn is_named(subject: &Subject<'_>, package: &str) -> bool {
    let Some(files) = &subject.surroundings.files else {
        return false;
    };
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    ["", context.as_str()].iter().any(|folder| {
        let path = Utf8Path::new(folder).join("package.json");
        files.kind(&path) == Some(EntryKind::File)
            && files
                .read(&path)
                .is_ok_and(|source| source.text().contains(&format!("\"{package}\"")))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    #[test]
    fn pinned_or_local_tools() {
        for text in [
            "RUN npx a@1 b",
            "RUN npx -p a@1 b",
            "RUN npx --no-install a",
            "RUN npm ci && npx nx build",
            "RUN npm ci\nRUN npx nx build",
            "COPY --from=deps /app/node_modules ./node_modules\nRUN npx nx build",
            "RUN npx ./tool",
            "RUN npx $TOOL",
            "RUN pnpm exec a",
            "RUN npm install -g a@1",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\n{text}\n")),
                "",
                "{text}"
            );
        }
        let repository = Repository::new("FROM node:20\nRUN npx nx build\n")
            .file("package.json", "{\"devDependencies\": {\"nx\": \"1\"}}");
        assert_eq!(repository.found(&RULE), "");
    }

    #[test]
    fn strangers() {
        for (text, expected) in [
            (
                "RUN npx -y @s/a x",
                "2:12 `@s/a` is downloaded in whatever version is newest",
            ),
            (
                "RUN yarn dlx a",
                "2:14 `a` is downloaded in whatever version is newest",
            ),
            (
                "RUN npm exec -- a",
                "2:17 `a` is downloaded in whatever version is newest",
            ),
            (
                "RUN npm ci\nRUN npm prune --omit=dev\nRUN npx nx",
                "4:9 `nx` is downloaded in whatever version is newest",
            ),
        ] {
            assert_eq!(found(&RULE, &format!("FROM node:20\n{text}\n")), expected);
        }
    }
}
