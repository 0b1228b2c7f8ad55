use super::node;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Manager, RequirementKind};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands;
use crate::shell::Argument;

declare! {
    /// ## What it does
    /// Reports packages that `npm`, `yarn`, `pnpm`, `bun` or `corepack` install by a tag that moves (`npm@latest`,
    /// `next`, `canary`, …), and
    /// packages without any version that `yarn`, `pnpm` and `bun` add. Those of `npm` are DL3016's.
    ///
    /// ## Why it is bad
    /// A tag looks like a version and is none: it means what was published last. The same line gives another program
    /// tomorrow.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// RUN npm install -g npm@latest
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// RUN npm install -g npm@10.8.2
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2001",
        name: "moving-tag-in-install",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "a package is installed by a tag that moves",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const MOVING: &[&str] = &[
    "latest",
    "next",
    "canary",
    "beta",
    "alpha",
    "rc",
    "nightly",
    "edge",
    "dev",
    "stable",
    "lts",
    "experimental",
    "*",
    "x",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, invocation) in unix_commands(subject.model) {
        if invocation.is("corepack") {
            for word in invocation.words().skip(1) {
                if word
                    .text
                    .rsplit_once('@')
                    .is_some_and(|(_, tag)| MOVING.contains(&tag))
                {
                    report(word, true, diagnostics);
                }
            }
            continue;
        }
        if !packages::manager_of(invocation).is_some_and(|it| node::MANAGERS.contains(&it)) {
            continue;
        }
        let Some(installation) = packages::installed(invocation) else {
            continue;
        };
        for package in installation.packages {
            if package.kind != RequirementKind::Package {
                continue;
            }
            match package.constraint.as_deref() {
                Some(tag) if MOVING.contains(&tag.trim_start_matches('@')) => {
                    report(package.argument, true, diagnostics);
                }
                None if installation.call.manager != Manager::Npm => {
                    report(package.argument, false, diagnostics);
                }
                _ => {}
            }
        }
    }
}

fn report(word: &Argument, has_tag: bool, diagnostics: &mut Diagnostics<'_>) {
    let what = if has_tag {
        "is another version tomorrow"
    } else {
        "has no version"
    };
    diagnostics
        .report(word.span, format!("`{}` {what}", word.text))
        .help("write `name@version`");
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn versions_and_what_has_none() {
        for run in [
            "npm install -g a@1 @s/b@^2 c@~3.1",
            "npm install -g a",
            "npm install a@$V",
            "yarn install",
            "yarn global add a@1",
            "pnpm add ./a",
            "corepack enable pnpm",
            "corepack prepare pnpm@9.1.0 --activate",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn tags_of_every_manager() {
        for (run, expected) in [
            (
                "npm i -g npm@latest",
                "2:14 `npm@latest` is another version tomorrow",
            ),
            (
                "npm i @s/a@next",
                "2:11 `@s/a@next` is another version tomorrow",
            ),
            ("yarn global add serve", "2:21 `serve` has no version"),
            ("pnpm add -g a", "2:17 `a` has no version"),
            (
                "corepack prepare yarn@stable --activate",
                "2:22 `yarn@stable` is another version tomorrow",
            ),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                expected
            );
        }
    }
}
