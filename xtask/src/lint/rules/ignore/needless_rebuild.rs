use std::collections::BTreeMap;

use camino::Utf8Path;

use super::costly_commands::costly_command;
use crate::context::categories::Weight;
use crate::context::{
    Base, BuildContexts, ContextTake, Coverage, Kind, Leak, Recipe, Selection, StageReference,
    Step, Tree, ignore_block, patterns_that_break_nothing,
};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::Location;

/// No more files are named to machines.
const MAX_FILES: usize = 100;

declare! {
    /// ## What it does
    /// Reports a `COPY`, `ADD` or bind mount that takes documentation, tests, CI configuration, Dockerfiles or `.git`
    /// along, and makes an installation or a compilation depend on them.
    ///
    /// ## Why it is bad
    /// Whoever edits the README waits for `npm ci`: the step that takes the file is another than before, and all that
    /// stand on it run again. With `.git` that is so after every commit.
    ///
    /// Only what such a file brings down is told: an installation, a compilation, a build script. What a Dockerfile
    /// copies by its own name is there on purpose and is not reported.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// ```
    /// ```text path=.dockerignore
    /// **/Dockerfile
    /// **/.dockerignore
    /// ```
    /// ```text path=README.md
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    /// ```text path=.dockerignore
    /// **/*.md
    /// **/Dockerfile
    /// **/.dockerignore
    /// ```
    /// ```text path=README.md
    /// text
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: a step that runs in the build could want one of the files. The fix adds patterns to a marked block of the
    /// ignore file, and only such that every `COPY` still finds what it names. There is none where all would break one,
    /// or where there is no ignore file.
    pub(super) static RULE = Rule {
        code: "DX3311",
        name: "needless-rebuild",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "an edit of a file that no image needs makes a costly step run again",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    for (view, context) in contexts.views.iter().enumerate() {
        let leaks = needless(contexts, view);
        if leaks.is_empty() {
            continue;
        }
        let mut proven = Proven::new();
        for dockerfile in &context.dockerfiles {
            let Some(recipe) = contexts.recipes.get(dockerfile) else {
                continue;
            };
            for take in context.takes(recipe).filter(|take| !take.take.unknown) {
                if let Some((costly, command)) = costly_step(surroundings, recipe, &take) {
                    let finding = Found {
                        contexts,
                        view,
                        step: &recipe.stages[take.stage].steps[take.step],
                        costly,
                        command: &command,
                    };
                    finding.report(&take, &leaks, &mut proven, diagnostics);
                }
            }
        }
    }
}

/// What enters and no image needs; the history comes last, for other rules name it, too.
fn needless(contexts: &BuildContexts, view: usize) -> Vec<Leak> {
    let mut found: Vec<&Coverage> = contexts
        .coverage(view)
        .iter()
        .filter(|coverage| {
            let category = coverage.category;
            category.weight == Weight::Taste || category.name == "version-control"
        })
        .collect();
    found.sort_by_key(|coverage| coverage.category.weight);
    found
        .into_iter()
        .flat_map(|coverage| &coverage.leaks)
        .filter(|leak| leak.taken)
        .cloned()
        .collect()
}

/// The first costly step that stands on what a step takes, and its command.
fn costly_step<'r>(
    surroundings: &Surroundings,
    recipe: &'r Recipe,
    take: &ContextTake<'_>,
) -> Option<(&'r Location, String)> {
    // A mount is part of the command itself.
    let first = take.step + usize::from(!take.is_mount);
    let mut standing = vec![false; recipe.stages.len()];
    for (index, stage) in recipe.stages.iter().enumerate() {
        let steps = if index == take.stage {
            standing[index] = true;
            stage.steps.get(first..).unwrap_or_default()
        } else if stands_on(&stage.base, &recipe.dockerfile, &standing) {
            standing[index] = true;
            &stage.steps
        } else {
            continue;
        };
        for step in steps {
            if let Some(command) = command_at(surroundings, &step.location) {
                return Some((&step.location, command));
            }
        }
    }
    None
}

fn stands_on(base: &Base, dockerfile: &Utf8Path, standing: &[bool]) -> bool {
    match base {
        Base::Stage(StageReference {
            dockerfile: of,
            stage,
        }) => of == dockerfile && standing.get(*stage).copied().unwrap_or_default(),
        Base::Image(_) => false,
    }
}

/// The costly command of the `RUN` at a place.
fn command_at(surroundings: &Surroundings, location: &Location) -> Option<String> {
    let model = surroundings.dockerfiles.get(location.source.path())?;
    let mut steps = model.steps();
    let step = steps.find(|step| step.written().span == location.span)?;
    step.run()?;
    step.invocations().iter().find_map(costly_command)
}

/// By patterns of a view: those that break nothing. Many services miss the same ones.
type Proven = BTreeMap<Vec<&'static str>, Vec<&'static str>>;

/// A step that takes more than it should, and what that costs.
struct Found<'f> {
    contexts: &'f BuildContexts,
    view: usize,
    step: &'f Step,
    costly: &'f Location,
    command: &'f str,
}

impl Found<'_> {
    fn report(
        &self,
        take: &ContextTake<'_>,
        leaks: &[Leak],
        proven: &mut Proven,
        diagnostics: &mut Diagnostics<'_>,
    ) {
        let tree = &self.contexts.tree;
        let context = &self.contexts.views[self.view];
        let selection = self.contexts.selection(self.view, take);
        let taken: Vec<&Leak> = leaks
            .iter()
            .filter(|leak| takes_of(tree, &selection, leak))
            .collect();
        let Some(first) = taken.first() else {
            return;
        };
        let path = tree.path(first.node);
        let more = match taken.len() - 1 {
            0 => String::new(),
            1 => format!(" or of `{}`", tree.path(taken[1].node)),
            more => format!(" or of {more} more files and folders"),
        };
        let mut patterns: Vec<&'static str> = taken.iter().map(|leak| leak.pattern).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let names = |patterns: &[&str]| format!("`{}`", patterns.join("`, `"));
        let line = self.costly.source.line_column(self.costly.span.start).line;
        let paths = taken.iter().take(MAX_FILES);
        let found = diagnostics
            .report_in(
                &self.step.location.source,
                self.step.location.span,
                format!(
                    "a change of `{path}`{more} makes `{}` in {}:{line} run again, and no image needs it",
                    self.command,
                    self.costly.source.path()
                ),
            )
            .help(format!("leave out {} in the ignore file", names(&patterns)))
            .property("command", self.command)
            .property("patterns", patterns.clone())
            .property(
                "files",
                paths
                    .map(|leak| tree.path(leak.node).into_string())
                    .collect::<Vec<_>>(),
            );
        let Some(ignore) = &context.ignore else {
            return;
        };
        let prove = || patterns_that_break_nothing(self.contexts, self.view, &patterns);
        let added = proven.entry(patterns.clone()).or_insert_with(prove);
        if let Some(edit) = ignore_block::edit(ignore.source.text(), added)
            && !added.is_empty()
        {
            found.unsafe_fix_in(&ignore.source, format!("add {}", names(added)), [edit]);
        }
    }
}

/// Whether a step takes something of what enters.
fn takes_of(tree: &Tree, selection: &Selection, leak: &Leak) -> bool {
    let mut left = vec![leak.node];
    while let Some(node) = left.pop() {
        if tree.kind(node) == Kind::Folder {
            left.extend(tree.children(node));
        } else if selection.nodes.contains(node) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    const IGNORED: &str = "**/Dockerfile\n**/.dockerignore\n";

    fn repository(steps: &str) -> Repository {
        Repository::new(&format!("FROM a AS build\n{steps}\n"))
            .file(".dockerignore", IGNORED)
            .file("package.json", "{}")
            .file("README.md", "text")
            .file("src/main.js", "text")
    }

    #[test]
    fn the_file_and_the_command_are_named() {
        assert_eq!(
            repository("COPY . .\nRUN echo\nRUN cd x && npm ci").found(&RULE),
            "2:1 a change of `README.md` makes `npm ci` in Dockerfile:4 run again, and no image needs it"
        );
        let found = repository("COPY . .\nRUN apt-get update && apt-get install -y curl")
            .file("src/main.test.js", "text")
            .found(&RULE);
        assert_eq!(
            found,
            "2:1 a change of `src/main.test.js` or of `README.md` makes `apt-get install` in Dockerfile:3 run again, and no image needs it"
        );
        let found = repository("RUN --mount=target=/src npm run build").found(&RULE);
        assert!(found.contains("`npm run`"), "{found}");
    }

    #[test]
    fn stages_that_start_from_it_count_and_others_do_not() {
        let found = repository("COPY . .\nFROM build\nRUN cargo build --release").found(&RULE);
        assert!(
            found.starts_with("2:1") && found.contains("Dockerfile:4"),
            "{found}"
        );
        for steps in [
            "COPY . .\nFROM a\nRUN npm ci",
            "COPY . .\nFROM a\nCOPY --from=build /x /x\nRUN npm ci",
            "RUN npm ci\nCOPY . .",
            "COPY . .\nRUN npm config set x y",
            "COPY src src\nRUN npm ci",
            "COPY --exclude=*.md . .\nRUN npm ci",
            "COPY README.md package.json ./\nRUN npm ci",
        ] {
            assert_eq!(repository(steps).found(&RULE), "", "{steps}");
        }
    }

    #[test]
    fn the_history_counts_and_without_an_ignore_file_there_is_no_fix() {
        let repository = Repository::new("FROM a\nCOPY . .\nRUN npm ci\n").file(".git/HEAD", "x");
        let [finding] = &repository.findings(&RULE)[..] else {
            panic!("one step");
        };
        assert!(
            finding.message.contains("`Dockerfile` or of `.git`"),
            "{}",
            finding.message
        );
        assert_eq!(finding.fix, None);
    }

    #[test]
    fn the_fix_changes_the_ignore_file_and_ends_the_finding() {
        let repository = repository("COPY . .\nRUN npm ci");
        let findings = repository.findings(&RULE);
        let edit = &findings[0].fix.as_ref().unwrap().edits[0];
        assert_eq!(edit.source.path(), ".dockerignore");
        let mut text = IGNORED.to_owned();
        text.replace_range(edit.span.start..edit.span.end, &edit.replacement);
        assert!(text.contains("**/*.md\n"), "{text}");
        let mended = repository.file(".dockerignore", &text);
        assert_eq!(mended.found(&RULE), "");
    }
}
