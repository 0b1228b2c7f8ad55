use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::{HashMap, HashSet};

use crate::context::{BuildContexts, NodeId, Recipe, Selection, Tree};
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
    let mut services = Services::of(contexts);
    for recipe in contexts.recipes.values() {
        judge(contexts, recipe, &mut services, diagnostics);
    }
}

/// The folders that have a Dockerfile of their own, and what steps take of them.
struct Services<'c> {
    contexts: &'c BuildContexts,
    folders: HashMap<NodeId, &'c Utf8Path>,
    /// By selection, as many steps share one.
    along: HashMap<*const Selection, Rc<BTreeMap<&'c Utf8Path, u64>>>,
}

impl<'c> Services<'c> {
    fn of(contexts: &'c BuildContexts) -> Self {
        let folders = contexts.recipes.keys().filter_map(|path| path.parent());
        let folders = folders.filter(|folder| *folder != "");
        Self {
            contexts,
            folders: folders
                .filter_map(|folder| Some((contexts.tree.find(folder)?, folder)))
                .collect(),
            along: HashMap::default(),
        }
    }

    /// How many bytes a selection takes of each folder that it does not name. The Dockerfile counts, too.
    fn along(&mut self, selection: &Arc<Selection>) -> Rc<BTreeMap<&'c Utf8Path, u64>> {
        // The build contexts keep all selections, so that no other comes to the same place.
        let key = Arc::as_ptr(selection);
        if let Some(known) = self.along.get(&key) {
            return Rc::clone(known);
        }
        let tree = &self.contexts.tree;
        let named: HashSet<NodeId> = selection
            .origins
            .iter()
            .flat_map(|origin| and_above(tree, Some(origin.node)))
            .collect();
        let mut found: BTreeMap<&'c Utf8Path, u64> = BTreeMap::new();
        let mut add = |folder: Option<NodeId>, bytes: u64| {
            for folder in and_above(tree, folder).filter(|_| bytes > 0) {
                if let Some(path) = self
                    .folders
                    .get(&folder)
                    .filter(|_| !named.contains(&folder))
                {
                    *found.entry(path).or_default() += bytes;
                }
            }
        };
        // What is in one folder stands side by side.
        let mut current = (None, 0);
        for node in selection.nodes.iter() {
            let folder = tree.parent(node);
            if folder != current.0 {
                add(current.0, current.1);
                current = (folder, 0);
            }
            current.1 += tree.bytes(node);
        }
        add(current.0, current.1);
        let found = Rc::new(found);
        self.along.insert(key, Rc::clone(&found));
        found
    }
}

/// An entry and the folders that it is in.
fn and_above(tree: &Tree, node: Option<NodeId>) -> impl Iterator<Item = NodeId> {
    std::iter::successors(node, |node| tree.parent(*node))
}

fn judge(
    contexts: &BuildContexts,
    recipe: &Recipe,
    services: &mut Services<'_>,
    diagnostics: &mut Diagnostics<'_>,
) {
    let Some(index) = contexts.view_of(&recipe.dockerfile) else {
        return;
    };
    let view = &contexts.views[index];
    // A Dockerfile in the context's root is nobody's in particular.
    let own = recipe.dockerfile.parent().unwrap_or(Utf8Path::new(""));
    if own == view.root {
        return;
    }
    let bases = bases(recipe);
    let is_other = |folder: &Utf8Path| {
        !folder.starts_with(own)
            && !own.starts_with(folder)
            && folder.starts_with(&view.root)
            && !bases.contains(folder)
    };
    for take in view.takes(recipe).filter(|take| !take.take.unknown) {
        let along = services.along(&contexts.selection(index, &take));
        let along: Vec<(&Utf8Path, u64)> = along
            .iter()
            .map(|(folder, bytes)| (*folder, *bytes))
            .filter(|(folder, _)| is_other(folder))
            .collect();
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
        let step = &recipe.stages[take.stage].steps[take.step];
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

    /// The folders that are told, and their bytes.
    #[test]
    fn folders_in_folders_count_each_for_itself() {
        let told = |copy: &str| {
            Repository::new("FROM scratch\n")
                .file("a/Dockerfile", &format!("FROM scratch\n{copy}\n"))
                .file("b/Dockerfile", "FROM scratch\n")
                .file("b/c/Dockerfile", "FROM scratch\n")
                .file("b/c/main.c", "12345")
                .file("bc/main.c", "12345")
                .found(&RULE)
        };
        let all = "a/Dockerfile:2:1 `COPY . /src` takes the sources of `b` and one more service along, 49 B";
        assert_eq!(told("COPY . /src").trim_end(), all);
        assert_eq!(told("COPY b/c /src"), "");
        assert_eq!(
            told("COPY b /src").trim_end(),
            "a/Dockerfile:2:1 `COPY b /src` takes the sources of `b/c` along, 18 B"
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
