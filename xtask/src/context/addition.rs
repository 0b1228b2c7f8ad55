//! Which patterns an ignore file can be given without taking away what a step needs.

use std::sync::Arc;

use super::build_contexts::{BuildContexts, ContextTake};
use super::folders::Kind;
use super::ignore_block;
use super::redecision::{admitted_of, admitted_under};
use super::selection::Selection;
use super::takers::is_at_or_above;
use crate::dockerignore::Patterns;
use crate::source::Source;

/// Of patterns that leave something out, those that break no step of a view's Dockerfiles when they stand in the ignore
/// file's block: every step takes the same as before but for what the patterns themselves name, and each source that it
/// names is still there. Decided by carrying out the new file.
#[must_use]
pub fn patterns_that_break_nothing<'p>(
    contexts: &BuildContexts,
    view: usize,
    patterns: &[&'p str],
) -> Vec<&'p str> {
    let proof = Proof::new(contexts, view);
    if proof.holds(patterns) {
        return patterns.to_vec();
    }
    let mut kept = Vec::new();
    for pattern in patterns {
        kept.push(*pattern);
        if !proof.holds(&kept) {
            kept.pop();
        }
    }
    kept
}

struct Proof<'c> {
    contexts: &'c BuildContexts,
    view: usize,
    /// What each step takes now.
    before: Vec<(ContextTake<'c>, Arc<Selection>)>,
}

impl<'c> Proof<'c> {
    fn new(contexts: &'c BuildContexts, view: usize) -> Self {
        let context = &contexts.views[view];
        let takes = context
            .dockerfiles
            .iter()
            .filter_map(|dockerfile| contexts.recipes.get(dockerfile))
            .flat_map(|recipe| context.takes(recipe));
        let before = takes
            .map(|take| {
                let selection = contexts.selection(view, &take);
                (take, selection)
            })
            .collect();
        Self {
            contexts,
            view,
            before,
        }
    }

    fn holds(&self, patterns: &[&str]) -> bool {
        let context = &self.contexts.views[self.view];
        let tree = &self.contexts.tree;
        let text = context
            .ignore
            .as_ref()
            .map_or("", |ignore| ignore.source.text());
        let source = Source::new("ignore", ignore_block::with_patterns(text, patterns));
        let (all, errors) = Patterns::parse(&source);
        if errors.len()
            > context
                .ignore
                .as_ref()
                .map_or(0, |ignore| ignore.errors.len())
        {
            return false;
        }
        let after = admitted_under(tree, &context.root, &all);
        // What the patterns name, with what is in it: that may go.
        let own = Patterns::parse(&Source::new("own", patterns.join("\n"))).0;
        // Of what else there is nobody takes anything, before or after.
        let mut among = context.admitted.clone();
        among.insert_all(&after);
        let kept = admitted_of(tree, &context.root, &own, &among);
        let mut named = among;
        named.remove_all(&kept);
        self.before.iter().all(|(take, before)| {
            // A source that a step names is never to go.
            let takes_away =
                |path: &str| own.patterns().iter().any(|one| is_at_or_above(one, path));
            if take
                .take
                .sources
                .iter()
                .any(|source| takes_away(source.path.trim_matches('/')))
            {
                return false;
            }
            let now = take.of(tree, &context.view(), &after);
            let (mut wanted, mut got) = (before.nodes.clone(), now.nodes);
            wanted.remove_all(&named);
            got.remove_all(&named);
            // Folders that hold nothing any more may go, too.
            wanted.remove_all(&got);
            let only_empty = wanted.iter().all(|node| {
                tree.kind(node) == Kind::Folder && tree.children(node).next().is_some()
            });
            only_empty && now.missing == before.missing && now.broken == before.broken
        })
    }
}
