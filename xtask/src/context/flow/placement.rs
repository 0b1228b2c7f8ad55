//! What a step puts into the files of a stage.

use super::apart::Apart;
use super::meeting::{Part, Place, sought};
use super::shadow::Shadow;
use super::{Event, EventKind, Given};
use crate::context::filter::Filter;
use crate::context::folders::Kind;
use crate::context::node_set::NodeSet;
use crate::context::recipe::{Source, StageReference, Take};
use crate::context::selection::Origin;
use crate::context::tree::{NodeId, Tree};

/// Entries of a context that a step put into a stage.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub(super) stage: StageReference,
    pub(super) step: usize,
    /// Where they were copied from, by its place among all placements; `None` for the context.
    pub(super) parent: Option<usize>,
    /// None lies in another one: what is hidden of an entry is hidden of all of it.
    pub(super) roots: Vec<Root>,
    pub(super) nodes: NodeSet,
    /// They are there, not only perhaps.
    pub(super) is_certain: bool,
}

/// An entry, and where it lies.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// A file, or a folder whose contents lie in the folder `at`.
    pub(super) node: NodeId,
    /// A key of [`Shadow`]; `None` if it is not known.
    pub(super) at: Option<String>,
    /// The name of a file that lies in `at` if that is a folder, and is `at` otherwise.
    pub(super) may_be_in: Option<String>,
    /// Which comes first in its step: by source, and by the path that the source stands for.
    pub(super) order: (usize, String),
}

/// Where and when something is placed.
pub(super) struct Placing<'a> {
    pub(super) stage: &'a StageReference,
    pub(super) step: usize,
    /// A key of [`Shadow`].
    pub(super) destination: Option<String>,
    pub(super) into_folder: bool,
}

/// What of a placement a later step hides.
struct Hidden {
    surely: Option<NodeSet>,
    /// Or may, those included.
    perhaps: Option<NodeSet>,
}

impl Placement {
    /// The entry below one of the roots at a path that starts with `/`, links not followed; the root if it is empty.
    pub(super) fn descend(&self, tree: &Tree, root: NodeId, path: &str) -> Option<NodeId> {
        let mut names = path.split('/').filter(|name| !name.is_empty());
        names.try_fold(root, |at, name| {
            let child = tree.child(at, name)?;
            self.nodes.contains(child).then_some(child)
        })
    }

    /// As [`Self::descend`], or the file or link that the way ends at.
    pub(super) fn descend_or_stop(&self, tree: &Tree, root: NodeId, path: &str) -> Option<NodeId> {
        let mut at = root;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if tree.kind(at) != Kind::Folder {
                return Some(at);
            }
            at = tree
                .child(at, name)
                .filter(|child| self.nodes.contains(*child))?;
        }
        Some(at)
    }

    /// It is there, and where it lies is known.
    pub(super) fn is_sure(&self) -> bool {
        self.is_certain && self.roots.iter().all(|root| root.may_be_in.is_none())
    }
}

impl Root {
    /// Where it lies, or may.
    pub(super) fn places(&self) -> impl Iterator<Item = String> {
        let inside = self.at.as_ref().zip(self.may_be_in.as_ref());
        let inside = inside.map(|(at, name)| format!("{at}/{name}"));
        self.at.clone().into_iter().chain(inside)
    }
}

impl Placing<'_> {
    /// What is copied from a context.
    pub(super) fn place(&self, tree: &Tree, given: &Given<'_>, take: &Take) -> Placed {
        let selection = given.taken(tree, take, false);
        let mut groups: Vec<(Apart, Vec<&Origin>)> = Vec::new();
        for origin in &selection.origins {
            // Of `--parents` each source takes its own of one folder.
            let mut fitting = groups.iter_mut().filter(|_| !take.parents);
            let found = fitting
                .find_map(|(apart, origins)| apart.admit(tree, origin.node).then_some(origins));
            if let Some(origins) = found {
                origins.push(origin);
            } else {
                groups.push((Apart::of(tree, origin.node), vec![origin]));
            }
        }
        let is_one = groups.len() == 1;
        let placements = groups.into_iter().map(|(_, origins)| {
            let nodes = if is_one {
                selection.nodes.clone()
            } else {
                taken_by(tree, given, take, &origins)
            };
            let roots = origins.into_iter().map(|origin| {
                let place = if take.parents || tree.kind(origin.node) == Kind::Folder {
                    Place::In(String::new())
                } else {
                    Place::File(origin.name().to_owned())
                };
                let order = (origin.source, origin.path.clone());
                self.root(origin.node, place, None, order)
            });
            self.placement(roots.collect(), nodes, None, true)
        });
        Placed {
            placements: placements.collect(),
            taken: selection.nodes.clone(),
        }
    }

    /// Whatever there is, perhaps, and who knows where.
    pub(super) fn anything(&self, root: NodeId, available: &NodeSet) -> Placement {
        let root = self.root(root, Place::Unknown, None, Default::default());
        self.placement(vec![root], available.clone(), None, false)
    }

    /// What is copied from a stage with a history.
    pub(super) fn carry(
        &self,
        tree: &Tree,
        placements: &[Placement],
        history: &[Event],
        take: &Take,
    ) -> Vec<Placement> {
        let mut carried = Vec::new();
        let mut shadow = Shadow::default();
        let sources: Vec<(Vec<Part>, Filter)> = take
            .sources
            .iter()
            .filter_map(|source| sought(&source.path, take))
            .collect();
        let is_sure = |event: &Event| !matches!(event.kind, EventKind::Placed(index) if !placements[index].is_sure());
        let mut perhaps = (!history.iter().all(is_sure)).then(Shadow::perhaps);
        for event in history.iter().rev() {
            if let EventKind::Placed(index) = event.kind {
                let hidden = Hidden {
                    surely: shadow.hidden(tree, placements, index),
                    perhaps: perhaps
                        .as_ref()
                        .and_then(|shadow| shadow.hidden(tree, placements, index)),
                };
                let from = (index, &placements[index]);
                let found = self.carry_from(tree, from, &hidden, &sources, take.unknown);
                carried.extend(found);
            }
            shadow.add(placements, &event.kind);
            if let Some(perhaps) = &mut perhaps {
                perhaps.add(placements, &event.kind);
            }
        }
        carried.reverse();
        carried
    }

    /// What comes of one placement: for certain, and perhaps.
    fn carry_from(
        &self,
        tree: &Tree,
        (index, from): (usize, &Placement),
        hidden: &Hidden,
        sources: &[(Vec<Part>, Filter)],
        is_unknown: bool,
    ) -> impl Iterator<Item = Placement> {
        let mut groups: Vec<(Apart, bool, Vec<Root>, NodeSet)> = Vec::new();
        let mut add = |root: Root, nodes: &NodeSet, is_certain: bool| {
            let found = groups.iter_mut().find_map(|(apart, is, roots, set)| {
                (*is == is_certain && apart.admit(tree, root.node)).then_some((roots, set))
            });
            if let Some((roots, set)) = found {
                roots.push(root);
                set.insert_all(nodes);
            } else {
                let apart = Apart::of(tree, root.node);
                groups.push((apart, is_certain, vec![root], nodes.clone()));
            }
        };
        for (number, (parts, filter)) in sources.iter().enumerate() {
            for root in &from.roots {
                for met in from.meet(tree, root, parts) {
                    let nodes = from.taken(tree, &met, filter);
                    let filter_is_certain = filter.takes_all()
                        || matches!(met.place, Place::File(_))
                        || matches!(met.place, Place::In(_)) && met.may_be_in.is_none();
                    let is_certain = met.is_certain && filter_is_certain && from.is_certain;
                    let order = (number, met.path);
                    let root = self.root(met.node, met.place, met.may_be_in, order);
                    add(root, &nodes, is_certain);
                }
            }
        }
        if is_unknown {
            for root in &from.roots {
                let root = self.root(root.node, Place::Unknown, None, Default::default());
                add(root, &from.nodes, false);
            }
        }
        // What is certain comes last: it is what is seen.
        groups.sort_by_key(|(_, is_certain, ..)| *is_certain);
        let mut found = Vec::new();
        for (_, is_certain, roots, mut nodes) in groups {
            if let Some(hidden) = &hidden.surely {
                nodes.remove_all(hidden);
            }
            if let Some(hidden) = hidden.perhaps.as_ref().filter(|_| is_certain) {
                let mut doubtful = nodes.clone();
                doubtful.keep_common(hidden);
                nodes.remove_all(hidden);
                if !doubtful.is_empty() {
                    found.push(self.placement(roots.clone(), doubtful, Some(index), false));
                }
            }
            if !nodes.is_empty() {
                found.push(self.placement(roots, nodes, Some(index), is_certain));
            }
        }
        found.into_iter()
    }

    fn placement(
        &self,
        roots: Vec<Root>,
        nodes: NodeSet,
        parent: Option<usize>,
        is_certain: bool,
    ) -> Placement {
        Placement {
            stage: self.stage.clone(),
            step: self.step,
            parent,
            roots,
            nodes,
            is_certain,
        }
    }

    /// Where something lies after it was copied.
    fn root(
        &self,
        node: NodeId,
        place: Place,
        may_be_in: Option<String>,
        order: (usize, String),
    ) -> Root {
        let (at, may_be_in) = match (&self.destination, place) {
            (None, _) | (_, Place::Unknown) => (None, None),
            (Some(to), Place::In(path)) if path.is_empty() => (Some(to.clone()), None),
            (Some(to), Place::In(path)) => (Some(format!("{to}/{path}")), may_be_in),
            (Some(to), Place::File(name)) if self.into_folder => {
                (Some(format!("{to}/{name}")), None)
            }
            (Some(to), Place::File(name)) => (Some(to.clone()), Some(name)),
        };
        Root {
            node,
            at,
            may_be_in,
            order,
        }
    }
}

/// What is copied from a context.
pub(super) struct Placed {
    pub(super) placements: Vec<Placement>,
    /// All of it.
    pub(super) taken: NodeSet,
}

/// What some of the things that a step's sources lead to bring with them.
fn taken_by(tree: &Tree, given: &Given<'_>, take: &Take, origins: &[&Origin]) -> NodeSet {
    let source = |origin: &&Origin| {
        let written = take.sources.get(origin.source)?;
        Some(Source {
            path: if take.parents {
                written.path.clone()
            } else {
                origin.path.clone()
            },
            location: written.location.clone(),
        })
    };
    let alone = Take {
        sources: origins.iter().filter_map(source).collect(),
        ..take.clone()
    };
    given.taken(tree, &alone, !take.parents).nodes.clone()
}
