use camino::Utf8Path;

use crate::context::{
    BuildContexts, Kind, NodeId, NodeSet, Recipe, Tree, Weight, Weights, ignore_block,
    literal_pattern, patterns_that_break_nothing,
};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::size::Bytes;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a build context whose ignore file lets more bytes through that no step of any Dockerfile takes than
    /// `unused-context-limit` (100 MB), with the three heaviest folders and the patterns that leave them out.
    ///
    /// ## Why it is bad
    /// `BuildKit` asks for what steps take. But the client looks at every file that is let through, a builder without
    /// `BuildKit` gets all of them, and so does the first `COPY . .` that somebody writes.
    ///
    /// Nothing is said where a step takes what is not known, or a Dockerfile of the context cannot be read.
    ///
    /// ## Example
    /// ```toml
    /// unused-context-limit = "80 B"
    /// ```
    /// ```dockerfile
    /// FROM scratch
    /// COPY src /src
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// ```
    /// ```text path=src/main.c
    /// int main() {}
    /// ```
    /// ```text path=recordings/2026/first.raw
    /// 00000000000000000000000000000000000000000000000000000000000000000000000000000000
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// unused-context-limit = "80 B"
    /// ```
    /// ```dockerfile
    /// FROM scratch
    /// COPY src /src
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// recordings
    /// ```
    /// ```text path=src/main.c
    /// int main() {}
    /// ```
    /// ```text path=recordings/2026/first.raw
    /// 00000000000000000000000000000000000000000000000000000000000000000000000000000000
    /// ```
    ///
    /// ## Options
    /// `unused-context-limit`: how many bytes may be let through for nothing, such as `"500 MB"`.
    ///
    /// ## Fix safety
    /// Unsafe: a Dockerfile that is not in the repository could want one of the folders. The fix adds patterns to a
    /// marked block of the ignore file, and only such that every `COPY` still finds what it names. There is none where
    /// there is no ignore file.
    pub(super) static RULE = Rule {
        code: "DX3312",
        name: "oversized-context",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "the ignore file lets much more through than the steps take",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

/// Where the configuration says nothing.
const LIMIT: Bytes = Bytes(100_000_000);

/// How many folders are named.
const NAMED: usize = 3;

fn check(surroundings: &Surroundings, options: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    let limit = options.unused_context_limit.unwrap_or(LIMIT);
    for view in 0..contexts.views.len() {
        if let Some(unused) = unused(contexts, view) {
            let bytes = Bytes(unused.bytes(&contexts.tree));
            if bytes > limit {
                report(surroundings, contexts, view, &unused, bytes, diagnostics);
            }
        }
    }
}

/// What is let through and taken by no step; nothing where not all steps are known.
fn unused(contexts: &BuildContexts, view: usize) -> Option<NodeSet> {
    let context = &contexts.views[view];
    let mut unused = context.admitted.clone();
    for dockerfile in &context.dockerfiles {
        let recipe: &Recipe = contexts.recipes.get(dockerfile)?;
        for take in context.takes(recipe) {
            if take.take.unknown {
                return None;
            }
            let taken = contexts.selection(view, &take);
            unused.remove_all(&taken.nodes);
        }
    }
    Some(unused)
}

fn report(
    surroundings: &Surroundings,
    contexts: &BuildContexts,
    view: usize,
    unused: &NodeSet,
    bytes: Bytes,
    diagnostics: &mut Diagnostics<'_>,
) {
    let context = &contexts.views[view];
    let tree = &contexts.tree;
    let heaviest = heaviest(contexts, view, unused);
    let inside = |node: NodeId| {
        let path = tree.path(node);
        context
            .inside(&path)
            .map_or(path.clone(), Utf8Path::to_owned)
    };
    let told: Vec<String> = heaviest
        .iter()
        .map(|(node, weight)| format!("`{}` ({})", inside(*node), Bytes(weight.bytes)))
        .collect();
    let patterns: Vec<String> = heaviest
        .iter()
        .map(|(node, _)| literal_pattern(inside(*node).as_str()))
        .collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let added = patterns_that_break_nothing(contexts, view, &patterns);
    let source = match (&context.ignore, context.dockerfiles.first()) {
        (Some(ignore), _) => ignore.source.clone(),
        (None, Some(path)) => match surroundings.dockerfiles.get(path) {
            Some(model) => model.file.source.clone(),
            None => return,
        },
        (None, None) => return,
    };
    let root = match context.root.as_str() {
        "" => ".",
        root => root,
    };
    let found = diagnostics.report_in(
        &source,
        Span::new(0, 0),
        format!(
            "{bytes} of the build context {root} are let through and taken by no step, most of it in {}",
            told.join(", ")
        ),
    );
    let found = if added.is_empty() {
        found.help("leave out what no step needs, or give a smaller folder as the context")
    } else {
        let to = match &context.ignore {
            Some(ignore) => ignore.path(),
            None => context.root.join(".dockerignore"),
        };
        found.help(format!("add `{}` to {to}", added.join("`, `")))
    };
    let found = found
        .property("bytes", bytes.0)
        .property("patterns", added.clone());
    if let Some(ignore) = &context.ignore
        && !added.is_empty()
        && let Some(edit) = ignore_block::edit(ignore.source.text(), &added)
    {
        found.unsafe_fix(format!("add `{}`", added.join("`, `")), [edit]);
    }
}

/// The heaviest folders, and files beside taken ones, of which nothing is taken; none lies in another.
fn heaviest(contexts: &BuildContexts, view: usize, unused: &NodeSet) -> Vec<(NodeId, Weight)> {
    let tree = &contexts.tree;
    let context = &contexts.views[view];
    let weights = Weights::of(tree, unused);
    let all = Weights::of(tree, &context.admitted);
    let mut open = vec![tree.find(&context.root).unwrap_or(Tree::ROOT)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for child in tree.children(folder) {
            let weight = weights.get(child);
            if weight.bytes == 0 {
                continue;
            }
            if weight == all.get(child) {
                found.push((child, weight));
            } else if tree.kind(child) == Kind::Folder {
                open.push(child);
            }
        }
    }
    found.sort_by_key(|(node, weight)| (std::cmp::Reverse(weight.bytes), *node));
    found.truncate(NAMED);
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn repository(dockerfile: &str, ignore: &str) -> Repository {
        Repository::new(dockerfile)
            .options("unused-context-limit = '60 B'")
            .file(".dockerignore", ignore)
            .file("src/main.c", &"x".repeat(100))
            .file("src/a.log", &"x".repeat(31))
            .file("media/large/a", &"x".repeat(40))
            .file("media/large/b", &"x".repeat(30))
            .file("docs/a", &"x".repeat(20))
            .file("small", "x")
    }

    #[test]
    fn the_heaviest_folders_are_named_with_their_patterns() {
        let found = repository("FROM scratch\nCOPY src/main.c /\n", "Dockerfile\n").findings(&RULE);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].message,
            "133 B of the build context . are let through and taken by no step, most of it in \
             `media` (70 B), `src/a.log` (31 B), `docs` (20 B)"
        );
        assert_eq!(
            found[0].help[..],
            ["add `media`, `src/a.log`, `docs` to .dockerignore"]
        );
        assert!(found[0].fix.is_some());
    }

    #[test]
    fn what_is_taken_left_out_or_little_is_fine() {
        for (dockerfile, ignore) in [
            ("FROM scratch\nCOPY . /\n", ""),
            ("FROM scratch\nCOPY src /\n", "media\n"),
            ("FROM scratch\nCOPY src /\n", "*\n!src\n"),
            ("FROM scratch\nARG A\nCOPY $A /\n", ""),
            (
                "FROM scratch\nCOPY src /\nFROM scratch\nCOPY media /\n",
                "Dockerfile\n",
            ),
        ] {
            let found = repository(dockerfile, ignore).found(&RULE);
            assert_eq!(found, "", "{dockerfile} {ignore:?}");
        }
    }

    #[test]
    fn nobody_is_told_where_little_is_left_over() {
        let found = Repository::new("FROM scratch\nCOPY a /\n")
            .file("a", "x")
            .file("b", &"x".repeat(100_000))
            .found(&RULE);
        assert_eq!(found, "");
    }

    #[test]
    fn without_an_ignore_file_the_dockerfile_is_named() {
        let found = Repository::new("FROM scratch\nCOPY a /\n")
            .options("unused-context-limit = '1 kB'")
            .file("a", "x")
            .file("b/c", &"x".repeat(2000))
            .findings(&RULE);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path(), Some("Dockerfile".into()));
        assert!(found[0].fix.is_none());
    }
}
