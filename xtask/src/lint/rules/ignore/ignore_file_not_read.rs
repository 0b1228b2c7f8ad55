use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::{IgnoreFile, Kind};
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::{Source, Span};

declare! {
    /// ## What it does
    /// Reports an ignore file that no build reads: `.dockerignore` in a folder that is no build context, or that every
    /// Dockerfile has one of its own beside, and `api.dockerignore` without a Dockerfile `api`.
    ///
    /// ## Why it is bad
    /// The builder reads one file: the one named for the Dockerfile (`Dockerfile.dockerignore` beside `Dockerfile`), or,
    /// if there is none, `.dockerignore` in the root of the build context. Files in other folders are not added to it, as
    /// those of git are.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY services /services
    /// ```
    /// ```text path=services/api/.dockerignore
    /// node_modules
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY services /services
    /// ```
    /// ```text path=.dockerignore
    /// **/node_modules
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/concepts/context/#filename-and-location>
    pub(super) static RULE = Rule {
        code: "DX3306",
        name: "ignore-file-not-read",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "no build reads the ignore file",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    let views = &contexts.views;
    let read: BTreeSet<Utf8PathBuf> = views
        .iter()
        .filter_map(|view| view.ignore.as_ref().map(IgnoreFile::path))
        .collect();
    // Where nobody states a context, any folder could be one.
    let guessed: Vec<&Utf8Path> = surroundings
        .dockerfiles
        .keys()
        .filter(|path| !surroundings.states_context(path))
        .filter_map(|path| path.parent())
        .filter(|folder| *folder != "")
        .collect();
    for node in contexts.tree.nodes() {
        let name = contexts.tree.name(node);
        let Some(dockerfile) = name.strip_suffix(".dockerignore") else {
            continue;
        };
        let path = contexts.tree.path(node);
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        if contexts.tree.kind(node) == Kind::Folder
            || read.contains(&path)
            || contexts
                .errors
                .iter()
                .any(|error| error.to_string().contains(path.as_str()))
            || guessed.contains(&folder)
        {
            continue;
        }
        let (why, help) = if !dockerfile.is_empty() {
            (
                format!("there is no Dockerfile `{}`", folder.join(dockerfile)),
                "name it for its Dockerfile: `Dockerfile.dockerignore` beside `Dockerfile`"
                    .to_owned(),
            )
        } else if views.iter().any(|view| view.root == folder) {
            (
                "each Dockerfile of this context has an ignore file of its own".to_owned(),
                "put its patterns into those files, and remove it".to_owned(),
            )
        } else {
            let root = views.first().map_or(Utf8Path::new(""), |view| &view.root);
            (
                "its folder is no build context".to_owned(),
                format!(
                    "put its patterns, with `{folder}/` in front, into `{}`",
                    root.join(".dockerignore")
                ),
            )
        };
        let files = surroundings.files.as_deref();
        let source = files
            .and_then(|files| files.read(&path).ok())
            .unwrap_or_else(|| Source::new(path.as_path(), ""));
        diagnostics
            .report_in(
                &source,
                Span::new(0, 0),
                format!("no build reads this file: {why}"),
            )
            .help(help);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn each_reason_is_told() {
        let repository = Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", "dist\n")
            .file("Dockerfile.dockerignore", "dist\n")
            .file("api.dockerignore", "dist\n")
            .file("a/.dockerignore", "dist\n");
        assert_eq!(
            repository.found(&RULE),
            ".dockerignore:1:1 no build reads this file: each Dockerfile of this context has an ignore file of its own\n\
             a/.dockerignore:1:1 no build reads this file: its folder is no build context\n\
             api.dockerignore:1:1 no build reads this file: there is no Dockerfile `api`"
        );
    }

    #[test]
    fn a_folder_that_may_be_a_context_is_left_alone() {
        let repository = Repository::new("FROM scratch\nCOPY . /\n")
            .file("a/Dockerfile", "FROM scratch\nCOPY a /\n")
            .file("a/.dockerignore", "dist\n");
        assert_eq!(repository.found(&RULE), "");
    }
}
