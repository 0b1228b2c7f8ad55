use camino::Utf8Path;

use super::files::ignore_files;
use crate::context::ContextView;
use crate::context::categories::CATEGORIES;
use crate::dockerignore::{Pattern, Patterns};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings, gitignore};
use crate::secrets::names::by_name;
use crate::source::whole_lines;

declare! {
    /// ## What it does
    /// Reports a pattern of an ignore file that is a plain path, without a wildcard, at which nothing lies.
    ///
    /// ## Why it is bad
    /// The folder was renamed or removed, and the line stayed: what has taken its place enters the build.
    ///
    /// Not reported are names that are good to have before there is such a file: secrets, dependencies, build output,
    /// caches and the like (`.env`, `node_modules`, `dist`, `.git`), and what git ignores. A name that nearly is one in
    /// the context is reported as `ignore-pattern-without-effect`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// .env
    /// services/legacy
    /// ```
    /// ```text path=services/api/main.js
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// .env
    /// ```
    /// ```text path=services/api/main.js
    /// text
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the path may be made by a build that has not run here.
    pub(super) static RULE = Rule {
        code: "DX3313",
        name: "ignore-pattern-names-nothing",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "a plain path in the ignore file leads to nothing",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

/// Folders that programs make, whatever the language.
const MADE: &[&str] = &[
    "bin",
    "build",
    "dist",
    "gen",
    "generated",
    "log",
    "logs",
    "obj",
    "out",
    "output",
    "publish",
    "release",
    "target",
    "temp",
    "tmp",
    "vendor",
];

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    let expected = expected();
    let git: Vec<gitignore::IgnoreFile> = surroundings
        .files
        .as_deref()
        .and_then(|files| files.read(Utf8Path::new(".gitignore")).ok())
        .map(|source| gitignore::IgnoreFile::parse(Utf8Path::new(""), source.text()))
        .into_iter()
        .collect();
    for file in ignore_files(surroundings) {
        let views: Vec<&ContextView> = contexts
            .views
            .iter()
            .filter(|view| {
                view.ignore
                    .as_ref()
                    .is_some_and(|it| it.path() == file.path())
            })
            .collect();
        let text = file.source.text();
        for pattern in file.patterns.patterns() {
            let path = pattern.text();
            if pattern.is_exception() || !is_plain(path) || is_expected(&expected, path) {
                continue;
            }
            let lies_somewhere = views.iter().any(|view| {
                let full = view.root.join(path);
                let on_disk = |files: &dyn crate::lint::Files| files.kind(&full).is_some();
                contexts.tree.find(&full).is_some()
                    || surroundings.files.as_deref().is_some_and(on_disk)
                    || is_ignored_by_git(&git, &full)
            });
            if lies_somewhere || views.is_empty() {
                continue;
            }
            let written = pattern.span();
            diagnostics
                .report_in(
                    &file.source,
                    written,
                    format!("nothing lies at `{}`", written.of(text)),
                )
                .help("remove the line, or write where it lies now")
                .unsafe_fix(
                    "remove the line",
                    [(whole_lines(text, written), String::new())],
                );
        }
    }
}

/// A path as it is, of a name that could be one: no slip that another rule names.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && path != "."
        && !path.starts_with("..")
        && !path.contains(['*', '?', '[', '\\', '#', '"', '\''])
}

/// The patterns of what no context should hold.
fn expected() -> Vec<Pattern> {
    let entries = CATEGORIES.iter().flat_map(|category| category.entries);
    let patterns = Patterns::new(entries.map(|entry| entry.pattern));
    patterns.map_or_else(|_| Vec::new(), |patterns| patterns.patterns().to_vec())
}

/// Whether a path is one that is good to leave out before it is there.
fn is_expected(expected: &[Pattern], path: &str) -> bool {
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([path.len()]);
    let mut above = ends.map(|end| &path[..end]);
    path.split('/')
        .any(|name| name.starts_with('.') || MADE.contains(&name))
        || above.any(|path| by_name(path).is_some() || expected.iter().any(|it| it.matches(path)))
}

/// Whether git leaves a path alone, or a folder that it lies in: nobody has it in a clean checkout.
fn is_ignored_by_git(git: &[gitignore::IgnoreFile], path: &Utf8Path) -> bool {
    let mut above = path.ancestors().filter(|path| !path.as_str().is_empty());
    above.any(|path| gitignore::ignores(git, path, true))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str) -> String {
        Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", ignore)
            .file(".gitignore", "scratchpad\nreports/*.html\n")
            .file("apps/web/main.js", "")
            .file("notes", "")
            .found(&RULE)
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named() {
        assert_eq!(
            found("notes\napps/old\n"),
            ".dockerignore:2:1 nothing lies at `apps/old`"
        );
        assert_eq!(
            found("/legacy/\n"),
            ".dockerignore:1:1 nothing lies at `/legacy/`"
        );
    }

    #[test]
    fn what_is_there_what_may_come_and_what_has_a_wildcard_is_fine() {
        for ignore in [
            "apps/web\n",
            "apps\n",
            ".env\n",
            "node_modules\napps/web/node_modules\n",
            ".git\ncoverage\ndist\napps/web/dist\n",
            "id_rsa\ncredentials.json\n",
            "npm-debug.log\nDockerfile\n",
            "scratchpad\napps/scratchpad\nreports/a.html\n",
            "apps/o*\n**/old\n",
            "!apps/old\n",
            "tmp\nlogs\n",
            ".\n/\n../x\n",
        ] {
            assert_eq!(found(ignore), "", "{ignore:?}");
        }
    }
}
