use super::cleaning::removes;
use crate::dockerfile::Run;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{has_cache, target, unix_runs};
use crate::lint::rules::mending::{is_open, without, without_command};
use crate::shell::{Argument, Invocation};

declare! {
    /// ## What it does
    /// Reports, in a `RUN` with a cache mount, a command that empties it (`rm -rf`, `npm cache clean`, `pip cache
    /// purge`, `apt-get clean`, …),
    /// and an option that keeps the package manager from using it (`pip --no-cache-dir`, `apk --no-cache`).
    ///
    /// ## Why it is bad
    /// What is on a cache mount does not get into the image: there is nothing to clean. Cleaning takes away what the
    /// next build would
    /// have found there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask==3.0.3
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.3
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the mount is not part of the image.
    pub(super) static RULE = Rule {
        code: "DX2011",
        name: "cache-mount-and-clean",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "a cache mount is emptied or not used",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, run) in unix_runs(subject.model) {
        if !run.mounts.iter().any(|mount| mount.mount_type() == "cache") {
            continue;
        }
        for invocation in step.invocations() {
            if let Some(option) = unused(run, invocation) {
                let found = diagnostics
                    .report(
                        option.span,
                        format!("`{}` leaves the cache mount unused", option.text),
                    )
                    .help("leave the option out, or the mount");
                if is_open(step, invocation) {
                    found.fix(
                        "leave the option out",
                        [without(subject.model, option.span)],
                    );
                }
            } else if empties(run, invocation) {
                let found = diagnostics
                    .report(
                        invocation.span,
                        format!("`{}` empties a cache mount", invocation.program),
                    )
                    .help("leave it out: the mount is not part of the image");
                let is_alone = !invocation.is("rm") || invocation.words().count() == 1;
                if let Some(edit) = without_command(step, invocation).filter(|_| is_alone) {
                    found.fix("leave it out", [edit]);
                }
            }
        }
    }
}

fn unused<'i>(run: &Run, invocation: &'i Invocation) -> Option<&'i Argument> {
    let call = packages::call(invocation)?;
    let (options, folders): (&[&str], &[&str]) = match call.manager {
        Manager::Pip => (&["--no-cache-dir", "--no-cache"], &["~/.cache/pip"]),
        Manager::Apk => (&["--no-cache"], &["/var/cache/apk", "/etc/apk/cache"]),
        _ => return None,
    };
    folders
        .iter()
        .any(|folder| has_cache(run, folder))
        .then_some(())?;
    invocation
        .options()
        .find(|option| options.contains(&option.text.as_str()))
}

fn empties(run: &Run, invocation: &Invocation) -> bool {
    if invocation.is_any(&["rm", "find"]) {
        return run
            .mounts
            .iter()
            .filter(|mount| mount.mount_type() == "cache")
            .filter_map(target)
            .any(|target| removes(invocation, target.trim_end_matches('/')));
    }
    let Some(call) = packages::call(invocation) else {
        return false;
    };
    let folders: &[&str] = match call.manager {
        Manager::Apt if call.is_any(&["clean", "autoclean"]) => &["/var/cache/apt"],
        Manager::Apt if call.is_any(&["distclean", "dist-clean"]) => &["/var/lib/apt/lists"],
        Manager::Dnf | Manager::Microdnf | Manager::Yum if call.is("clean") => {
            &["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"]
        }
        Manager::Zypper if call.is_any(&["clean", "cc"]) => &["/var/cache/zypp"],
        Manager::Npm if call.is("cache") => &["~/.npm"],
        Manager::Yarn if call.is("cache") => &["~/.cache/yarn", "~/share/.cache/yarn", "~/.yarn"],
        Manager::Pip if call.is("cache") => &["~/.cache/pip"],
        _ => return false,
    };
    folders.iter().any(|folder| has_cache(run, folder))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn other_folders() {
        for run in [
            "--mount=type=cache,target=/root/.npm npm ci && rm -rf /tmp/*",
            "--mount=type=cache,target=/var/cache/apt apt-get update && rm -rf /var/lib/apt/lists/*",
            "--mount=type=cache,target=/root/.npm apk add --no-cache a",
            "--mount=type=bind,target=/root/.cache/pip pip install --no-cache-dir a",
            "npm ci && npm cache clean --force",
            "--mount=type=cache,target=/root/.npm npm ci && yarn cache clean",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn the_mount_itself() {
        for (run, expected) in [
            (
                "--mount=type=cache,target=/root/.npm npm ci && npm cache clean --force && x",
                "--mount=type=cache,target=/root/.npm npm ci && x",
            ),
            (
                "--mount=type=cache,target=/var/cache/apt apt-get update \\\n && apt-get clean",
                "--mount=type=cache,target=/var/cache/apt apt-get update",
            ),
            (
                "--mount=type=cache,target=/var/lib/apt/lists apt-get update && rm -rf /var/lib/apt/lists/*",
                "--mount=type=cache,target=/var/lib/apt/lists apt-get update",
            ),
            (
                "--mount=type=cache,target=/var/cache/apk apk add \\\n  --no-cache \\\n  a",
                "--mount=type=cache,target=/var/cache/apk apk add \\\n  a",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("FROM debian:12\nRUN {expected}\n")
            );
        }
    }
}
