//! Where what enters a build ends up: which step takes it, through which stages it goes, whether the image has it.
//!
//! Followed is what is copied as it is: what a `RUN` makes of it is not known. A `RUN` is taken to leave alone what it
//! does not remove for certain. Where a source or a destination is not known, what may be is told apart from what is.

mod added;
mod apart;
mod built;
mod destination;
mod meeting;
mod placement;
mod shadow;
mod way;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use built::{Built, visit_lineage};
use destination::Before;
use placement::{Placement, Placing};
use shadow::Shadow;

pub use added::Added;
pub use way::{Hop, HopKind};

use super::node_set::NodeSet;
use super::recipe::{Base, From, Recipe, Stage, StageReference, Step, StepKind, Take};
use super::selection::{Selection, taken};
use super::selections::OfView;
use super::sent::step_takes;
use super::tree::Tree;
use super::walk::View;

/// An image that is built.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its Dockerfile.
    pub recipe: &'a Recipe,
    /// The place of the stage that it is.
    pub target: usize,
}

/// A build context as a build sees it.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its folder and its ignore file.
    pub view: View<'a>,
    /// What is there: see [`super::sent`] and [`super::admitted`].
    pub available: &'a NodeSet,
    /// Where what others asked for is kept, if there is such a place.
    pub(super) selections: Option<OfView<'a>>,
}

impl Given<'_> {
    /// What a copy or a mount takes of it.
    fn taken(&self, tree: &Tree, take: &Take, is_mount: bool) -> Arc<Selection> {
        let Self {
            view, available, ..
        } = self;
        match self.selections {
            Some(selections) => selections.get(tree, view, available, take, is_mount),
            None => Arc::new(taken(tree, view, available, take, is_mount)),
        }
    }
}

/// What one step takes of the build context.
#[derive(Clone, Debug)]
pub struct TakeOf {
    /// The stage of the step.
    pub stage: StageReference,
    /// Its place there.
    pub step: usize,
    /// From where it takes: the build context, or a named one.
    pub from: From,
    /// It is shown to a `RUN` (`--mount=type=bind`) and not copied.
    pub is_mount: bool,
    /// A source is not known: it may take anything, and `nodes` is what it may take.
    pub is_unknown: bool,
    /// What it takes.
    pub nodes: NodeSet,
}

/// Where the entries of a build context end up.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What each step takes, of all stages that are built, what they build on first.
    pub takes: Vec<TakeOf>,
    /// In a layer of the image.
    pub in_image: NodeSet,
    /// Perhaps in a layer of the image: a source or destination on the way is not known. None of `in_image`.
    pub maybe_in_image: NodeSet,
    /// In a layer of the image for certain or perhaps, but removed or overwritten there: nobody sees it in a container,
    /// and everybody can get it out of the image.
    pub hidden: NodeSet,
    placements: Vec<Placement>,
    /// The target's history.
    history: Vec<Event>,
}

/// What changes the files of a stage.
#[derive(Clone, Debug)]
struct Event {
    stage: StageReference,
    step: usize,
    kind: EventKind,
}

#[derive(Clone, Debug)]
enum EventKind {
    /// By its place among all placements.
    Placed(usize),
    /// A path, as keys of [`Shadow`] are.
    Removed(String),
    /// A folder, likewise.
    Made(String),
    /// A program, and who knows what it did.
    Ran,
}

/// Follows what enters an image; all Dockerfiles share the context. `recipes` are those of the repository, by path.
#[must_use]
pub fn flow(
    tree: &Tree,
    context: &View<'_>,
    available: &NodeSet,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    image: &Image<'_>,
) -> Flow {
    let given = |_: &Utf8Path, from: &From| {
        (*from == From::Context).then_some(Given {
            view: *context,
            available,
            selections: None,
        })
    };
    flow_across(tree, &given, recipes, image)
}

/// Follows what enters an image. `given` says what a step of a Dockerfile finds where it takes from: the build context
/// ([`From::Context`]) or a named one, `None` where that is not to be followed.
#[must_use]
pub fn flow_across<'g>(
    tree: &Tree,
    given: &dyn Fn(&Utf8Path, &From) -> Option<Given<'g>>,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
    image: &Image<'_>,
) -> Flow {
    let mut flowing = Flowing {
        tree,
        given,
        recipes,
        own: image.recipe,
        placements: Vec::new(),
        takes: Vec::new(),
        stages: HashMap::new(),
    };
    let target = StageReference {
        dockerfile: image.recipe.dockerfile.clone(),
        stage: image.target,
    };
    for stage in flowing.in_order(&target) {
        flowing.build(&stage);
    }
    flowing.judge(&target)
}

impl Flow {
    /// What any step takes; what only may be taken is not among it.
    #[must_use]
    pub fn taken(&self, tree: &Tree) -> NodeSet {
        let mut taken = NodeSet::none(tree);
        for take in self.takes.iter().filter(|take| !take.is_unknown) {
            taken.insert_all(&take.nodes);
        }
        taken
    }

    /// What any step takes of the build context, or may take.
    #[must_use]
    pub fn used(&self, tree: &Tree) -> NodeSet {
        let mut used = NodeSet::none(tree);
        for take in self.takes.iter().filter(|take| take.from == From::Context) {
            used.insert_all(&take.nodes);
        }
        used
    }

    /// What a step takes and the image does not have, not even perhaps.
    #[must_use]
    pub fn build_only(&self, tree: &Tree) -> NodeSet {
        let mut seen = self.taken(tree);
        seen.remove_all(&self.in_image);
        seen.remove_all(&self.maybe_in_image);
        seen
    }
}

struct Flowing<'a, 'g> {
    tree: &'a Tree,
    given: &'a dyn Fn(&Utf8Path, &From) -> Option<Given<'g>>,
    recipes: &'a BTreeMap<Utf8PathBuf, Recipe>,
    own: &'a Recipe,
    placements: Vec<Placement>,
    takes: Vec<TakeOf>,
    stages: HashMap<StageReference, Built>,
}

impl Flowing<'_, '_> {
    fn stage(&self, reference: &StageReference) -> Option<&Stage> {
        let recipe = if reference.dockerfile == self.own.dockerfile {
            self.own
        } else {
            self.recipes.get(&reference.dockerfile)?
        };
        recipe.stages.get(reference.stage)
    }

    /// A stage and all that it builds on, those first. Where they go round in a circle, one of them has nothing.
    fn in_order(&self, target: &StageReference) -> Vec<StageReference> {
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        let mut open = vec![(target.clone(), false)];
        while let Some((reference, is_ready)) = open.pop() {
            if is_ready {
                order.push(reference);
                continue;
            }
            let Some(stage) = self.stage(&reference) else {
                continue;
            };
            if !seen.insert(reference.clone()) {
                continue;
            }
            open.push((reference, true));
            let taken = stage.steps.iter().flat_map(step_takes).rev();
            let stages = taken.filter_map(|take| match &take.from {
                From::Stage(stage) => Some(stage),
                _ => None,
            });
            open.extend(
                stages
                    .chain(base(stage))
                    .map(|stage| (stage.clone(), false)),
            );
        }
        order
    }

    fn build(&mut self, reference: &StageReference) {
        let Some(stage) = self.stage(reference) else {
            return;
        };
        let (base, steps) = (base(stage).cloned(), stage.steps.clone());
        let from_scratch = matches!(&stage.base, Base::Image(name) if name == "scratch");
        self.stages.insert(
            reference.clone(),
            Built {
                base,
                from_scratch,
                events: Vec::new(),
            },
        );
        for (index, step) in steps.iter().enumerate() {
            let first = self.placements.len();
            let mut kinds = self.step(reference, index, step);
            self.resolve_destinations(reference, step, first);
            shadow::settle(self.tree, &mut self.placements, first);
            kinds.extend((first..self.placements.len()).map(EventKind::Placed));
            if let Some(built) = self.stages.get_mut(reference) {
                built.events.extend(kinds.into_iter().map(|kind| Event {
                    stage: reference.clone(),
                    step: index,
                    kind,
                }));
            }
        }
    }

    /// Carries out a step; what it removes.
    fn step(&mut self, stage: &StageReference, index: usize, step: &Step) -> Vec<EventKind> {
        match &step.kind {
            StepKind::Copy {
                take,
                destination,
                into_folder,
            } => {
                let placing = Placing {
                    stage,
                    step: index,
                    destination: destination.as_deref().map(shadow::key),
                    into_folder: *into_folder,
                };
                if let From::Stage(from) = &take.from {
                    let history = self.history(from);
                    let carried = placing.carry(self.tree, &self.placements, &history, take);
                    self.placements.extend(carried);
                } else if let Some(given) = (self.given)(&stage.dockerfile, &take.from) {
                    let placed = placing.place(self.tree, &given, take);
                    self.placements.extend(placed.placements);
                    if take.unknown {
                        let root = self.tree.find(given.view.root).unwrap_or(Tree::ROOT);
                        self.placements
                            .push(placing.anything(root, given.available));
                    }
                    self.note(stage, index, take, false, placed.taken);
                }
                Vec::new()
            }
            StepKind::Run { mounts, removed } => {
                for take in mounts {
                    if let Some(given) = (self.given)(&stage.dockerfile, &take.from) {
                        let shown = given.taken(self.tree, take, true);
                        self.note(stage, index, take, true, shown.nodes.clone());
                    }
                }
                let removed = removed.iter().map(|path| shadow::key(path));
                let ran = std::iter::once(EventKind::Ran);
                ran.chain(removed.map(EventKind::Removed)).collect()
            }
            StepKind::Workdir(Some(path)) => vec![EventKind::Made(shadow::key(path))],
            StepKind::Workdir(None) => vec![EventKind::Ran],
            StepKind::Other => Vec::new(),
        }
    }

    /// Finds out where the files of a step go whose destination is a folder or is none, of the placements from `first`
    /// on.
    fn resolve_destinations(&mut self, stage: &StageReference, step: &Step, first: usize) {
        let is_open = |placement: &Placement| {
            let mut roots = placement.roots.iter();
            roots.any(|root| root.may_be_in.is_some())
        };
        if !self.placements[first..].iter().any(is_open) {
            return;
        }
        let mut events = Vec::new();
        let from_scratch = visit_lineage(&self.stages, stage, |built| {
            events.extend(built.events.iter().rev());
        });
        let before = Before {
            events,
            from_scratch,
            is_linked: step.is_linked(),
        };
        destination::resolve(self.tree, &mut self.placements, first, &before);
    }

    fn note(
        &mut self,
        stage: &StageReference,
        step: usize,
        take: &Take,
        is_mount: bool,
        nodes: NodeSet,
    ) {
        let note = |is_unknown: bool, nodes: NodeSet| TakeOf {
            stage: stage.clone(),
            step,
            from: take.from.clone(),
            is_mount,
            is_unknown,
            nodes,
        };
        self.takes.push(note(false, nodes));
        if take.unknown
            && let Some(given) = (self.given)(&stage.dockerfile, &take.from)
        {
            self.takes.push(note(true, given.available.clone()));
        }
    }

    /// What happened to the files of a stage, its base's history first.
    fn history(&self, reference: &StageReference) -> Vec<Event> {
        let mut parts = Vec::new();
        visit_lineage(&self.stages, reference, |built| parts.push(&built.events));
        parts.into_iter().rev().flatten().cloned().collect()
    }

    fn judge(self, target: &StageReference) -> Flow {
        let history = self.history(target);
        let mut flow = Flow {
            in_image: NodeSet::none(self.tree),
            maybe_in_image: NodeSet::none(self.tree),
            hidden: NodeSet::none(self.tree),
            takes: self.takes,
            placements: self.placements,
            history,
        };
        let mut seen = NodeSet::none(self.tree);
        let mut shadow = Shadow::default();
        for event in flow.history.iter().rev() {
            if let EventKind::Placed(index) = event.kind {
                let placement = &flow.placements[index];
                let mut visible = placement.nodes.clone();
                if placement.is_certain {
                    flow.in_image.insert_all(&visible);
                } else {
                    flow.maybe_in_image.insert_all(&visible);
                }
                if let Some(hidden) = shadow.hidden(self.tree, &flow.placements, index) {
                    visible.remove_all(&hidden);
                }
                seen.insert_all(&visible);
            }
            shadow.add(&flow.placements, &event.kind);
        }
        flow.maybe_in_image.remove_all(&flow.in_image);
        flow.hidden.insert_all(&flow.in_image);
        flow.hidden.insert_all(&flow.maybe_in_image);
        flow.hidden.remove_all(&seen);
        flow
    }
}

fn base(stage: &Stage) -> Option<&StageReference> {
    match &stage.base {
        Base::Stage(base) => Some(base),
        Base::Image(_) => None,
    }
}

#[cfg(test)]
mod added_tests;
#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod tests;
