//! What a step puts into the files of a stage.

use std::collections::HashSet;

use super::shadow::Shadow;
use super::{Event, EventKind, Given};
use crate::context::filter::{Filter, Standing};
use crate::context::folders::Kind;
use crate::context::links::{Reach, rooted};
use crate::context::node_set::NodeSet;
use crate::context::recipe::{Source, StageReference, Take};
use crate::context::selection::{Origin, mounted, select};
use crate::context::tree::{NodeId, Tree};
use crate::dockerignore::{Patterns, Wildcard};

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

/// Where something lies, seen from what is copied.
enum Place {
    /// It is what is copied: a file of this name.
    File(String),
    /// It is in the folder that is copied, at this path; empty for the folder itself.
    In(String),
    Unknown,
}

/// Something that lies where a `COPY --from` takes from.
struct Met {
    node: NodeId,
    place: Place,
    may_be_in: Option<String>,
    is_certain: bool,
    /// The path that the source stands for.
    path: String,
}

/// What of a placement a later step hides.
struct Hidden {
    surely: Option<NodeSet>,
    /// Or may, those included.
    perhaps: Option<NodeSet>,
}

/// One name of a source.
enum Part {
    Literal(String),
    Wild(Wildcard),
}

impl Part {
    const fn is_wild(&self) -> bool {
        matches!(self, Self::Wild(_))
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == name,
            Self::Wild(wildcard) => wildcard.matches(name),
        }
    }
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
        let selection = select(tree, &given.view, given.available, take);
        let mut groups: Vec<(Apart, Vec<&Origin>)> = Vec::new();
        for origin in &selection.origins {
            // Of `--parents` each source takes its own of one folder.
            let mut fitting = groups.iter_mut().filter(|_| !take.parents);
            match fitting
                .find_map(|(apart, origins)| apart.admit(tree, origin.node).then_some(origins))
            {
                Some(origins) => origins.push(origin),
                None => {
                    let mut apart = Apart::default();
                    apart.admit(tree, origin.node);
                    groups.push((apart, vec![origin]));
                }
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
            taken: selection.nodes,
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
            match found {
                Some((roots, set)) => {
                    roots.push(root);
                    set.insert_all(nodes);
                }
                None => {
                    let mut apart = Apart::default();
                    apart.admit(tree, root.node);
                    groups.push((apart, is_certain, vec![root], nodes.clone()));
                }
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

/// Entries, none of which lies in another.
#[derive(Default)]
struct Apart {
    entries: HashSet<NodeId>,
    /// The folders that they lie in.
    above: HashSet<NodeId>,
}

impl Apart {
    /// Takes an entry in if it lies in none of the others, and none in it.
    fn admit(&mut self, tree: &Tree, node: NodeId) -> bool {
        let above = || std::iter::successors(tree.parent(node), |at| tree.parent(*at));
        let is_apart = !self.above.contains(&node)
            && !self.entries.contains(&node)
            && !above().any(|at| self.entries.contains(&at));
        if is_apart {
            self.entries.insert(node);
            self.above.extend(above());
        }
        is_apart
    }
}

/// Where an entry lies that lies below a root.
fn below(tree: &Tree, root: &Root, node: NodeId) -> String {
    let names = std::iter::successors(Some(node), |at| tree.parent(*at));
    let mut names: Vec<&str> = names
        .take_while(|at| *at != root.node)
        .map(|at| tree.name(at))
        .collect();
    names.extend(root.at.as_deref().map(|at| at.trim_start_matches('/')));
    names.reverse();
    names.join("/")
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
    if take.parents {
        select(tree, &given.view, given.available, &alone).nodes
    } else {
        mounted(tree, &given.view, given.available, &alone).nodes
    }
}

/// A source of a `COPY --from` and what of it is taken; nothing of one that is wrong.
fn sought(path: &str, take: &Take) -> Option<(Vec<Part>, Filter)> {
    let mut filter = Filter::excluding(&take.excludes).ok()?;
    let mut path = path;
    if take.parents {
        let (base, pattern) = path.split_once("/./").unwrap_or(("", path));
        filter.include = Some(Patterns::new([rooted(pattern).as_str()]).ok()?);
        path = base;
    }
    let path = rooted(path);
    let names = path.split('/').filter(|name| !name.is_empty());
    let parts = names.map(|name| {
        if Wildcard::is_in(name) {
            Wildcard::new(name).map(Part::Wild)
        } else {
            Some(Part::Literal(name.to_owned()))
        }
    });
    Some((parts.collect::<Option<_>>()?, filter))
}

impl Placement {
    /// What of a root lies where a source says.
    fn meet(&self, tree: &Tree, root: &Root, parts: &[Part]) -> Vec<Met> {
        let met = |place: Place, is_certain: bool| Met {
            node: root.node,
            place,
            may_be_in: root.may_be_in.clone(),
            is_certain,
            path: root
                .at
                .as_deref()
                .unwrap_or_default()
                .trim_start_matches('/')
                .to_owned(),
        };
        let Some(at) = &root.at else {
            return vec![met(Place::Unknown, parts.is_empty())];
        };
        let names: Vec<&str> = at.split('/').skip(1).collect();
        if !parts
            .iter()
            .zip(&names)
            .all(|(part, name)| part.matches(name))
        {
            return Vec::new();
        }
        if parts.len() < names.len() {
            return vec![Met {
                path: names[..parts.len()].join("/"),
                ..met(Place::In(names[parts.len()..].join("/")), true)
            }];
        }
        let rest = &parts[names.len()..];
        if tree.kind(root.node) == Kind::Folder {
            return self.meet_below(tree, root, parts, names.len());
        }
        match (rest, &root.may_be_in, names.last()) {
            // If the path is a folder, the file comes with it.
            ([], Some(_), _) => vec![met(Place::Unknown, true)],
            ([], None, Some(name)) if tree.kind(root.node) == Kind::File => {
                vec![met(Place::File((*name).to_owned()), true)]
            }
            ([part], Some(name), _) if part.matches(name) => vec![Met {
                may_be_in: None,
                ..met(Place::File(name.clone()), false)
            }],
            // Where a link leads in that stage is not followed here. The engine follows it at the end of a source, or
            // before the first wildcard.
            (rest, None, _) if tree.kind(root.node) == Kind::Link => {
                if rest.is_empty() || !parts[..names.len()].iter().any(Part::is_wild) {
                    self.anywhere()
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        }
    }

    /// What is found below a folder that the first `count` parts lead to.
    fn meet_below(&self, tree: &Tree, root: &Root, parts: &[Part], count: usize) -> Vec<Met> {
        let folder = root.node;
        let mut found = vec![folder];
        for (at, part) in parts.iter().enumerate().skip(count) {
            let mut next = Vec::new();
            for node in found {
                if tree.kind(node) == Kind::Link && !parts[..at].iter().any(Part::is_wild) {
                    return self.anywhere();
                }
                match part {
                    Part::Literal(name) => next.extend(tree.child(node, name)),
                    Part::Wild(wildcard) => next.extend(
                        tree.children(node)
                            .filter(|child| wildcard.matches(tree.name(*child))),
                    ),
                }
            }
            next.retain(|node| self.nodes.contains(*node));
            found = next;
        }
        if found.iter().any(|node| tree.kind(*node) == Kind::Link) {
            return self.anywhere();
        }
        let met = found.into_iter().map(|node| Met {
            node,
            place: match tree.kind(node) {
                Kind::Folder => Place::In(String::new()),
                _ => Place::File(tree.name(node).to_owned()),
            },
            may_be_in: None,
            is_certain: true,
            path: below(tree, root, node),
        });
        met.collect()
    }

    /// Perhaps all of it.
    fn anywhere(&self) -> Vec<Met> {
        let roots = self.roots.iter().map(|root| Met {
            node: root.node,
            place: Place::Unknown,
            may_be_in: None,
            is_certain: false,
            path: String::new(),
        });
        roots.collect()
    }

    /// What comes with something that is copied.
    fn taken(&self, tree: &Tree, met: &Met, filter: &Filter) -> NodeSet {
        let mut taken = NodeSet::none(tree);
        let reach = Reach {
            tree,
            root: met.node,
            visible: Some(&self.nodes),
        };
        let path = match &met.place {
            Place::In(path) => path.as_str(),
            Place::File(_) | Place::Unknown => {
                taken.insert(met.node);
                Filter::default().take_contents(
                    reach,
                    met.node,
                    "",
                    &Standing::default(),
                    &mut taken,
                );
                taken.keep_common(&self.nodes);
                return taken;
            }
        };
        let mut standing = Standing::default();
        let mut is_taken = true;
        for (at, _) in path.match_indices('/') {
            standing = filter.decide(&standing, &path[..at]).1;
        }
        let mut prefix = String::new();
        if !path.is_empty() {
            (is_taken, standing) = filter.decide(&standing, path);
            prefix = format!("{path}/");
        }
        if is_taken {
            taken.insert(met.node);
        }
        filter.take_contents(reach, met.node, &prefix, &standing, &mut taken);
        taken.keep_common(&self.nodes);
        taken
    }
}
