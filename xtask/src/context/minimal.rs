//! The smallest ignore file that still builds: everything is left out but what the Dockerfiles copy.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::build_contexts::{BuildContexts, ContextTake, ContextView};
use super::coverage::demanded_patterns;
use super::folders::Kind;
use super::literal::literal_pattern;
use super::node_set::NodeSet;
use super::recipe::Recipe;
use super::redecision::admitted_under;
use super::selection::Selection;
use super::takers::is_at_or_above;
use super::tree::{NodeId, Tree};
use crate::dockerignore::{Pattern, Patterns};
use crate::error::{Error, Result};
use crate::source::Source;

/// No more Dockerfiles are named in one comment.
const MAX_NAMED: usize = 4;

/// An ignore file for a view that leaves out everything (`*`) but what the steps of its Dockerfiles take (`!…`, sorted,
/// with who needs it), and of that whatever is left out now, and what no context should hold (see
/// [`super::categories`]) unless a step names it. Every step takes the same as before, but for the latter: that is
/// tried out before the text is handed over.
///
/// # Errors
/// It is not known what a step takes, or no such file could be found.
pub fn minimal(contexts: &BuildContexts, view: usize) -> Result<String> {
    let minimizing = Minimizing::new(contexts, view)?;
    let mut file = Draft {
        needed: minimizing.needed(),
        ..Draft::default()
    };
    file.kept = minimizing.kept(&file);
    file.mended = minimizing.differences(&file);
    // What a link leads to, or a wildcard that the ignore file reads otherwise, may take another look.
    for _ in 0..2 {
        let more = minimizing.differences(&file);
        if more.is_empty() {
            break;
        }
        file.mended.extend(more);
    }
    if !minimizing.differences(&file).is_empty() {
        let root = match minimizing.context.root.as_str() {
            "" => ".",
            root => root,
        };
        return Err(Error::usage(format!(
            "found no smallest ignore file for the context {root}: its steps would take something else"
        ))
        .help("write it by hand"));
    }
    file.never = minimizing.never(&file);
    Ok(file.text())
}

/// The parts of the file, in order.
#[derive(Default)]
struct Draft {
    /// What is taken back in, with the Dockerfiles that need it.
    needed: BTreeMap<String, BTreeSet<Utf8PathBuf>>,
    /// Lines of the file that counts now.
    kept: Vec<String>,
    /// Paths on which the two parts above decide otherwise than the file that counts now.
    mended: Vec<String>,
    /// What no context should hold.
    never: Vec<&'static str>,
}

impl Draft {
    fn text(&self) -> String {
        let mut text = String::from(
            "# Nothing enters the build that no Dockerfile copies: made by `docker-ignore --write-minimal`.\n*\n",
        );
        let mut groups: BTreeMap<&BTreeSet<Utf8PathBuf>, Vec<&str>> = BTreeMap::new();
        for (pattern, dockerfiles) in &self.needed {
            groups.entry(dockerfiles).or_default().push(pattern);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        // What many need comes first.
        groups.sort_by_key(|(dockerfiles, _)| std::cmp::Reverse(dockerfiles.len()));
        for (dockerfiles, patterns) in groups {
            let users: Vec<&str> = dockerfiles.iter().map(|path| path.as_str()).collect();
            let named = match users.len() {
                0..=MAX_NAMED => users.join(", "),
                count => format!("{count} Dockerfiles"),
            };
            section(
                &mut text,
                &named,
                patterns.iter().map(|pattern| format!("!{pattern}")),
            );
        }
        section(&mut text, "Left out of them:", self.kept.iter().cloned());
        section(&mut text, "In particular:", self.mended.iter().cloned());
        section(
            &mut text,
            "Never, wherever it lies:",
            self.never.iter().map(|&pattern| pattern.to_owned()),
        );
        text
    }

    fn patterns(&self) -> Patterns {
        Patterns::parse(&Source::new("minimal", self.text())).0
    }
}

fn section(text: &mut String, comment: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    text.push_str("\n# ");
    // A name may hold a line break.
    text.push_str(&comment.replace(['\n', '\r'], " "));
    text.push('\n');
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
}

struct Minimizing<'c> {
    contexts: &'c BuildContexts,
    view: usize,
    context: &'c ContextView,
    /// What each step takes now.
    takes: Vec<(&'c Utf8Path, ContextTake<'c>, Selection)>,
    /// What any step takes now.
    wanted: NodeSet,
}

impl<'c> Minimizing<'c> {
    fn new(contexts: &'c BuildContexts, view: usize) -> Result<Self> {
        let context = &contexts.views[view];
        let mut takes = Vec::new();
        let mut wanted = NodeSet::none(&contexts.tree);
        for dockerfile in &context.dockerfiles {
            let recipe: &Recipe = contexts.recipes.get(dockerfile).ok_or_else(|| {
                Error::usage(format!("{dockerfile}: nobody knows what its steps copy"))
                    .help("mend what docker-lint says of it")
            })?;
            for one in context.takes(recipe) {
                let step = &recipe.stages[one.stage].steps[one.step];
                if one.take.unknown {
                    return Err(Error::usage(format!(
                        "{}: what `{}` copies is known only to the build",
                        step.location, step.text
                    ))
                    .help("give its variables values, or write the ignore file by hand"));
                }
                let selection = one.of(&contexts.tree, &context.view(), &context.admitted);
                wanted.insert_all(&selection.nodes);
                wanted.insert_all(&selection.passed);
                takes.push((dockerfile.as_path(), one, selection));
            }
        }
        Ok(Self {
            contexts,
            view,
            context,
            takes,
            wanted,
        })
    }

    fn tree(&self) -> &'c Tree {
        &self.contexts.tree
    }

    /// What has to be taken back in, by what the steps name; what lies in another one is left out.
    fn needed(&self) -> BTreeMap<String, BTreeSet<Utf8PathBuf>> {
        let mut needed: BTreeMap<String, BTreeSet<Utf8PathBuf>> = BTreeMap::new();
        for (dockerfile, take, selection) in &self.takes {
            for (index, source) in take.take.sources.iter().enumerate() {
                let path = source.path.replace("/./", "/");
                let path = path.trim_matches('/');
                let patterns = match path {
                    "" | "." => self.top_level(),
                    // An exception for folders of any name would reach into those that nobody looked into.
                    path if is_wild(path.rsplit_once('/').map_or("", |(above, _)| above)) => {
                        let origins = selection.origins.iter();
                        let own = origins.filter(|origin| origin.source == index);
                        own.map(|origin| literal_pattern(&origin.path)).collect()
                    }
                    path if is_wild(path) => vec![path.to_owned()],
                    path => vec![literal_pattern(path)],
                };
                for pattern in patterns {
                    let users = needed.entry(pattern).or_default();
                    users.insert((*dockerfile).to_owned());
                }
            }
        }
        let all: Vec<String> = needed.keys().cloned().collect();
        for pattern in all {
            let above = pattern
                .match_indices('/')
                .map(|(at, _)| &pattern[..at])
                .find(|above| !is_wild(above) && needed.contains_key(*above))
                .map(str::to_owned);
            if let Some(above) = above
                && let Some(users) = needed.remove(&pattern)
            {
                needed.entry(above).or_default().extend(users);
            }
        }
        needed
    }

    /// What a step that copies the whole context takes from its root.
    fn top_level(&self) -> Vec<String> {
        let root = self.tree().find(&self.context.root);
        root.into_iter()
            .flat_map(|root| self.tree().children(root))
            .filter(|node| self.wanted.contains(*node))
            .map(|node| literal_pattern(self.tree().name(node)))
            .collect()
    }

    /// The lines of the file that counts now which are still needed, in their order: those that leave something out of
    /// what is taken back in, and the exceptions to them.
    fn kept(&self, draft: &Draft) -> Vec<String> {
        let Some(ignore) = &self.context.ignore else {
            return Vec::new();
        };
        let old = ignore.patterns.patterns();
        let mut is_kept = vec![false; old.len()];
        let admitted = admitted_under(self.tree(), &self.context.root, &draft.patterns());
        for node in admitted.iter() {
            if let Some(decision) = self.tree().decision(self.view, node)
                && let Some(pattern) = decision.pattern
                && decision.ignored
            {
                is_kept[pattern] = true;
            }
        }
        // One that leaves out what is needed and is taken back in piece by piece: the pieces are named already.
        for node in self.top_wanted() {
            let path = self.inside(node);
            for (kept, pattern) in is_kept.iter_mut().zip(old) {
                *kept &= pattern.is_exception() || !is_at_or_above(pattern, &path);
            }
        }
        let line = |pattern: &Pattern| pattern.span().of(ignore.source.text()).to_owned();
        let lines = |is_kept: &[bool]| -> Vec<String> {
            let kept = old.iter().zip(is_kept).filter(|(_, kept)| **kept);
            kept.map(|(pattern, _)| line(pattern)).collect()
        };
        let draft = Draft {
            needed: draft.needed.clone(),
            kept: lines(&is_kept),
            ..Draft::default()
        };
        let mut lost = self.wanted.clone();
        lost.remove_all(&admitted_under(
            self.tree(),
            &self.context.root,
            &draft.patterns(),
        ));
        let first_kept = is_kept.iter().position(|kept| *kept).unwrap_or(old.len());
        for node in lost.iter() {
            let decision = self.tree().decision(self.view, node);
            if let Some(place) = decision.and_then(|decision| decision.pattern)
                && old[place].is_exception()
                && place > first_kept
            {
                is_kept[place] = true;
            }
        }
        lines(&is_kept)
    }

    /// The entries that steps name, and those of the root that a step takes with it.
    fn top_wanted(&self) -> impl Iterator<Item = NodeId> {
        let tree = self.tree();
        self.wanted.iter().filter(move |node| {
            let parent = tree.parent(*node);
            parent.is_none_or(|parent| !self.wanted.contains(parent))
        })
    }

    fn inside(&self, node: NodeId) -> String {
        let path = self.tree().path(node);
        let inside = self.context.inside(&path).unwrap_or(Utf8Path::new(""));
        inside.as_str().to_owned()
    }

    /// Lines that make each step take what it takes now: what lies above comes first, so that the deepest decides.
    fn differences(&self, draft: &Draft) -> Vec<String> {
        let tree = self.tree();
        let admitted = admitted_under(tree, &self.context.root, &draft.patterns());
        let (mut more, mut less) = (NodeSet::none(tree), NodeSet::none(tree));
        for (_, take, before) in &self.takes {
            let now = take.of(tree, &self.context.view(), &admitted);
            let (mut new, mut gone) = (now.nodes.clone(), before.nodes.clone());
            new.remove_all(&before.nodes);
            gone.insert_all(&before.passed);
            gone.remove_all(&now.nodes);
            gone.remove_all(&now.passed);
            more.insert_all(&new);
            less.insert_all(&gone);
        }
        more.remove_all(&self.wanted);
        let mut lines: Vec<(usize, String)> = Vec::new();
        for node in more.iter() {
            let is_top = tree
                .parent(node)
                .is_none_or(|parent| !more.contains(parent));
            // A folder that holds something wanted goes in parts.
            if is_top {
                let path = self.inside(node);
                lines.push((path.matches('/').count(), literal_pattern(&path)));
            }
        }
        for node in less.iter() {
            let path = self.inside(node);
            let pattern = format!("!{}", literal_pattern(&path));
            lines.push((path.matches('/').count(), pattern));
        }
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// Whether a step finds nothing any more where it found something, if patterns follow that leave out more.
    fn breaks(&self, draft: &Draft, never: &[&'static str]) -> bool {
        let draft = Draft {
            needed: draft.needed.clone(),
            kept: draft.kept.clone(),
            mended: draft.mended.clone(),
            never: never.to_vec(),
        };
        let tree = self.tree();
        let admitted = admitted_under(tree, &self.context.root, &draft.patterns());
        self.takes.iter().any(|(_, take, before)| {
            let now = take.of(tree, &self.context.view(), &admitted);
            now.missing != before.missing || now.broken != before.broken
        })
    }

    /// What no context should hold, where something else than single files enters, and it is not there on purpose.
    fn never(&self, draft: &Draft) -> Vec<&'static str> {
        let folders = self
            .wanted
            .iter()
            .any(|node| self.tree().kind(node) == Kind::Folder);
        // What a step asks for in vain today may be a folder tomorrow, or one that is left out and was not looked into.
        let finds_all = self.takes.iter().all(|(_, _, now)| now.broken.is_empty());
        if !folders && finds_all {
            return Vec::new();
        }
        let mut never: Vec<&'static str> = Vec::new();
        for pattern in demanded_patterns(self.contexts, self.view, finds_all) {
            if draft.kept.iter().any(|line| line == pattern) {
                continue;
            }
            never.push(pattern);
            if self.breaks(draft, &never) {
                never.pop();
            }
        }
        never.sort_unstable();
        never
    }
}

fn is_wild(path: &str) -> bool {
    path.contains(['*', '?', '[', '\\'])
}
