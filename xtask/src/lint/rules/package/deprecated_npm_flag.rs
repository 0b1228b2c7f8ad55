use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mending;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `--production`, `--only=production` and `--no-optional` of `npm install`, `npm ci` and `npm prune`.
    ///
    /// ## Why it is bad
    /// `npm` warns at each use and may drop them. `--omit=dev` and `--omit=optional` say what is left out, in one way
    /// for all commands.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --production
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci --omit=dev
    /// ```
    ///
    /// ## Fix safety
    /// Safe: `npm` itself reads the old options as the new ones since version 8.
    pub(super) static RULE = Rule {
        code: "DX2004",
        name: "deprecated-npm-flag",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "an option of `npm` that is on its way out",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

const VERBS: &[&str] = &[
    "install",
    "i",
    "ci",
    "clean-install",
    "add",
    "update",
    "up",
    "prune",
    "rebuild",
    "uninstall",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Npm]) {
        if !call.is_any(VERBS) {
            continue;
        }
        let arguments = &call.invocation.arguments;
        for (at, argument) in arguments.iter().enumerate() {
            let next = arguments.get(at + 1);
            let (span, replacement) = match argument.text.as_str() {
                "--production" | "--production=true" | "--only=production" | "--only=prod" => {
                    (argument.span, "--omit=dev")
                }
                "--no-optional" => (argument.span, "--omit=optional"),
                "--only" if next.is_some_and(|it| it.text.starts_with("prod")) => {
                    let end = next.map_or(argument.span.end, |it| it.span.end);
                    (Span::new(argument.span.start, end), "--omit=dev")
                }
                _ => continue,
            };
            let found = diagnostics
                .report(span, format!("`{}` is deprecated", argument.text))
                .help(format!("write `{replacement}`"));
            if mending::is_open(step, call.invocation) {
                found.fix(
                    format!("write `{replacement}`"),
                    [(span, replacement.to_owned())],
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn options_that_stay() {
        for run in [
            "npm ci --omit=dev",
            "npm install --production=false",
            "yarn install --production",
            "npm run build --production",
            "npm install --only=dev",
            "npm install --include=optional",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn options_that_go() {
        for (run, expected) in [
            ("npm prune --production && x", "npm prune --omit=dev && x"),
            ("npm i --only=prod a@1", "npm i --omit=dev a@1"),
            ("npm install --only production", "npm install --omit=dev"),
            ("npm ci --no-optional", "npm ci --omit=optional"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                format!("FROM node:20\nRUN {expected}\n")
            );
        }
    }
}
