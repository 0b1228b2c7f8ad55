use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::{BuildContexts, Recipe};
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::size::Bytes;

declare! {
    /// ## What it does
    /// Reports a `COPY` that takes the folders of other services along: folders that have a Dockerfile of their own.
    ///
    /// ## Why it is bad
    /// Every change to any service makes the step run again, and all that come after it, in the images of all services.
    ///
    /// A folder that is copied by its own name is needed and is not reported; nor is one whose image this one starts from.
    ///
    /// ## Example
    /// ```dockerfile path=services/api/Dockerfile
    /// FROM scratch
    /// COPY services /services
    /// ```
    /// ```dockerfile path=services/web/Dockerfile
    /// FROM scratch
    /// COPY services/web /services/web
    /// ```
    /// ```text path=services/web/index.html
    /// text
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile path=services/api/Dockerfile
    /// FROM scratch
    /// COPY services/api /services/api
    /// ```
    /// ```dockerfile path=services/web/Dockerfile
    /// FROM scratch
    /// COPY services/web /services/web
    /// ```
    /// ```text path=services/web/index.html
    /// text
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3310",
        name: "other-services-copied",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "a copy takes the folders of other services along",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    let folders: BTreeSet<&Utf8Path> = contexts
        .recipes
        .keys()
        .filter_map(|dockerfile| dockerfile.parent())
        .filter(|folder| *folder != "")
        .collect();
    for recipe in contexts.recipes.values() {
        judge(contexts, recipe, &folders, diagnostics);
    }
}

fn judge(
    contexts: &BuildContexts,
    recipe: &Recipe,
    folders: &BTreeSet<&Utf8Path>,
    diagnostics: &mut Diagnostics<'_>,
) {
    let Some(view) = contexts.view_of(&recipe.dockerfile) else {
        return;
    };
    let view = &contexts.views[view];
    // A Dockerfile in the context's root is nobody's in particular.
    let own = recipe.dockerfile.parent().unwrap_or(Utf8Path::new(""));
    if own == view.root {
        return;
    }
    let bases = bases(recipe);
    let others: Vec<&Utf8Path> = folders
        .iter()
        .copied()
        .filter(|folder| !folder.starts_with(own) && !own.starts_with(folder))
        .filter(|folder| folder.starts_with(&view.root) && !bases.contains(folder))
        .collect();
    if others.is_empty() {
        return;
    }
    let tree = &contexts.tree;
    for take in view.takes(recipe).filter(|take| !take.take.unknown) {
        let selection = take.of(tree, &view.view(), &view.admitted);
        let step = &recipe.stages[take.stage].steps[take.step];
        let mut along: Vec<(&Utf8Path, u64)> = Vec::new();
        for other in &others {
            let is_named = selection
                .origins
                .iter()
                .any(|origin| tree.path(origin.node).starts_with(other));
            let Some(node) = tree.find(other).filter(|_| !is_named) else {
                continue;
            };
            // What the folder gives besides its Dockerfile.
            let mut bytes = 0;
            let mut left = vec![node];
            while let Some(node) = left.pop() {
                left.extend(tree.children(node));
                if selection.nodes.contains(node) {
                    bytes += tree.bytes(node);
                }
            }
            if bytes > 0 {
                along.push((other, bytes));
            }
        }
        let Some((first, _)) = along.first() else {
            continue;
        };
        let more = match along.len() {
            1 => String::new(),
            2 => " and one more service".to_owned(),
            count => format!(" and {} more services", count - 1),
        };
        let bytes = along.iter().map(|(_, bytes)| bytes).sum();
        let paths: Vec<&str> = along.iter().map(|(path, _)| path.as_str()).collect();
        diagnostics
            .report_in(
                &step.location.source,
                step.location.span,
                format!(
                    "`{}` takes the sources of `{first}`{more} along, {}",
                    step.text,
                    Bytes(bytes)
                ),
            )
            .help("copy what this service needs, by its name")
            .property("services", paths);
    }
}

/// The folders of the Dockerfiles whose stages this one builds on.
fn bases(recipe: &Recipe) -> BTreeSet<&Utf8Path> {
    recipe
        .stages
        .iter()
        .filter_map(|stage| match &stage.base {
            crate::context::Base::Stage(reference) => Some(&reference.dockerfile),
            crate::context::Base::Image(_) => None,
        })
        .filter_map(|path: &Utf8PathBuf| path.parent())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(copy: &str) -> String {
        Repository::new("FROM scratch\n")
            .file("a/Dockerfile", &format!("FROM scratch\n{copy}\n"))
            .file("b/Dockerfile", "FROM scratch\nCOPY b /b\n")
            .file("b/main.c", "12345")
            .file("c/Dockerfile", "FROM scratch\nCOPY c /c\n")
            .file("c/main.c", "12345")
            .found(&RULE)
    }

    #[test]
    fn what_comes_along_is_told() {
        let text = found("COPY . /src");
        assert!(
            text.starts_with(
                "a/Dockerfile:2:1 `COPY . /src` takes the sources of `b` and one more service along"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_is_named_is_needed() {
        for copy in [
            "COPY a /a",
            "COPY a b c /",
            "COPY b/main.c c/Dockerfile /",
            "",
        ] {
            assert_eq!(found(copy), "", "{copy}");
        }
    }
}
