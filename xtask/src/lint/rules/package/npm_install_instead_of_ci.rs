use super::{node, options};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mending::is_open;
use crate::lint::{EntryKind, Step};

declare! {
    /// ## What it does
    /// Reports an `npm install` of the project's dependencies in a stage that has copied `package-lock.json` or
    /// `npm-shrinkwrap.json` before:
    /// by name, or with a pattern or folder that holds it, where the files are known.
    ///
    /// ## Why it is bad
    /// `npm install` may change the lockfile and install something else than it says. `npm ci` installs exactly what is
    /// locked, fails
    /// where `package.json` disagrees, and is faster.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm install
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: `npm ci` fails where the lockfile and `package.json` disagree, which `npm install` would have hidden.
    pub(super) static RULE = Rule {
        code: "DX2010",
        name: "npm-install-instead-of-ci",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`npm install` where a lockfile is there",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

const LOCKFILES: &[&str] = &["package-lock.json", "npm-shrinkwrap.json"];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Npm]) {
        let is_install = call.is_any(&["install", "i"]) && node::is_project_install(&call);
        let is_elsewhere =
            call.has_option(&["--prefix", "-C", "--no-package-lock", "--package-lock-only"]);
        if !is_install || is_elsewhere || !has_lockfile(subject, step) {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                "`npm install` does not keep to the lockfile",
            )
            .help("use `npm ci`");
        if let Some(verb) = call.last_verb()
            && is_open(step, call.invocation)
        {
            found.unsafe_fix("use `npm ci`", [(verb.span, "ci".to_owned())]);
        }
    }
}

/// An earlier `COPY` or `ADD` of the stage brings it.
fn has_lockfile(subject: &Subject<'_>, step: Step<'_>) -> bool {
    step.stage
        .steps()
        .take(step.index)
        .filter_map(|it| it.copy().or_else(|| it.add()))
        .filter(|it| it.flag("from").is_none())
        .flat_map(|it| &it.sources)
        .any(|source| {
            let text = source.value.trim_start_matches("./");
            if LOCKFILES.iter().any(|name| text.ends_with(name)) {
                return true;
            }
            let brings_all = matches!(text, "" | "." | "*" | "package*.json" | "package*");
            brings_all && is_in_context(subject)
        })
}

fn is_in_context(subject: &Subject<'_>) -> bool {
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    subject.surroundings.files.as_ref().is_some_and(|files| {
        LOCKFILES
            .iter()
            .any(|name| files.kind(&context.join(name)) == Some(EntryKind::File))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, fixed, found};

    #[test]
    fn installs_without_a_lockfile() {
        for text in [
            "COPY package.json ./\nRUN npm install",
            "COPY package*.json ./\nRUN npm install",
            "COPY package-lock.json ./\nRUN npm ci",
            "COPY package-lock.json ./\nRUN npm install -g a@1",
            "COPY package-lock.json ./\nRUN npm install a@1",
            "COPY package-lock.json ./\nRUN yarn install",
            "RUN npm install\nCOPY package-lock.json ./",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn the_lockfile_is_there() {
        assert_eq!(
            fixed(
                &RULE,
                "FROM node:20\nCOPY app/package-lock.json ./\nRUN npm i --omit=dev && x\n"
            ),
            "FROM node:20\nCOPY app/package-lock.json ./\nRUN npm ci --omit=dev && x\n"
        );
        let repository = Repository::new("FROM node:20\nCOPY package*.json ./\nRUN npm install\n")
            .file("package-lock.json", "{}");
        assert_eq!(
            repository.found(&RULE),
            "3:5 `npm install` does not keep to the lockfile"
        );
    }
}
