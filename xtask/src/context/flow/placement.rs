//! What a step puts into the files of a stage.

use super::shadow::Shadow;
use super::{Event, EventKind};
use crate::context::filter::{Filter, Standing};
use crate::context::folders::Kind;
use crate::context::links::{Reach, rooted};
use crate::context::node_set::NodeSet;
use crate::context::recipe::{StageReference, Take};
use crate::context::selection::Selection;
use crate::context::tree::{NodeId, Tree};
use crate::dockerignore::{Patterns, Wildcard};

/// Entries of a context that a step put into a stage.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub(super) stage: StageReference,
    pub(super) step: usize,
    /// Where they were copied from, by its place among all placements; `None` for the context.
    pub(super) parent: Option<usize>,
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
}

impl Placing<'_> {
    /// What is copied from a context.
    pub(super) fn place(
        &self,
        selection: &Selection,
        take: &Take,
        tree: &Tree,
    ) -> Option<Placement> {
        let roots = selection.origins.iter().map(|origin| {
            let place = if take.parents || tree.kind(origin.node) == Kind::Folder {
                Place::In(String::new())
            } else {
                Place::File(origin.name().to_owned())
            };
            self.root(origin.node, place, None)
        });
        let roots: Vec<Root> = roots.collect();
        (!roots.is_empty()).then(|| self.placement(roots, selection.nodes.clone(), None, true))
    }

    /// Whatever there is, perhaps, and who knows where.
    pub(super) fn anything(&self, root: NodeId, available: &NodeSet) -> Placement {
        let root = self.root(root, Place::Unknown, None);
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
        for event in history.iter().rev() {
            if let EventKind::Placed(index) = event.kind {
                let hidden = shadow.hidden(tree, placements, index);
                let from = (index, &placements[index]);
                let found = self.carry_from(tree, from, hidden.as_ref(), &sources, take.unknown);
                carried.extend(found);
            }
            shadow.add(placements, &event.kind);
        }
        carried.reverse();
        carried
    }

    /// What comes of one placement: for certain, and perhaps.
    fn carry_from(
        &self,
        tree: &Tree,
        (index, from): (usize, &Placement),
        hidden: Option<&NodeSet>,
        sources: &[(Vec<Part>, Filter)],
        is_unknown: bool,
    ) -> impl Iterator<Item = Placement> {
        let mut certain = (Vec::new(), NodeSet::none(tree));
        let mut perhaps = (Vec::new(), NodeSet::none(tree));
        for (parts, filter) in sources {
            for root in &from.roots {
                for met in from.meet(tree, root, parts) {
                    let nodes = from.taken(tree, &met, filter);
                    let filter_is_certain = filter.takes_all()
                        || matches!(met.place, Place::File(_))
                        || matches!(met.place, Place::In(_)) && met.may_be_in.is_none();
                    let is_certain = met.is_certain && filter_is_certain && from.is_certain;
                    let to = if is_certain {
                        &mut certain
                    } else {
                        &mut perhaps
                    };
                    to.0.push(self.root(met.node, met.place, met.may_be_in));
                    to.1.insert_all(&nodes);
                }
            }
        }
        if is_unknown {
            for root in &from.roots {
                perhaps.0.push(self.root(root.node, Place::Unknown, None));
            }
            perhaps.1.insert_all(&from.nodes);
        }
        let mut found = Vec::new();
        for ((roots, mut nodes), is_certain) in [(perhaps, false), (certain, true)] {
            if let Some(hidden) = hidden {
                nodes.remove_all(hidden);
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
    fn root(&self, node: NodeId, place: Place, may_be_in: Option<String>) -> Root {
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
        }
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
            return vec![met(Place::In(names[parts.len()..].join("/")), true)];
        }
        let rest = &parts[names.len()..];
        if tree.kind(root.node) == Kind::Folder {
            return self.meet_below(tree, root.node, parts, names.len());
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
    fn meet_below(&self, tree: &Tree, folder: NodeId, parts: &[Part], count: usize) -> Vec<Met> {
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
