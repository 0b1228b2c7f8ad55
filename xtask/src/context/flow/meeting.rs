//! What of a placement lies where a `COPY --from` takes from.

use super::placement::{Placement, Root};
use crate::context::filter::{Filter, Standing};
use crate::context::folders::Kind;
use crate::context::links::{Reach, rooted};
use crate::context::node_set::NodeSet;
use crate::context::recipe::Take;
use crate::context::tree::{NodeId, Tree};
use crate::dockerignore::{Patterns, Wildcard};

/// Where something lies, seen from what is copied.
pub(super) enum Place {
    /// It is what is copied: a file of this name.
    File(String),
    /// It is in the folder that is copied, at this path; empty for the folder itself.
    In(String),
    Unknown,
}

/// Something that lies where a `COPY --from` takes from.
pub(super) struct Met {
    pub(super) node: NodeId,
    pub(super) place: Place,
    pub(super) may_be_in: Option<String>,
    pub(super) is_certain: bool,
    /// The path that the source stands for.
    pub(super) path: String,
}

/// One name of a source.
pub(super) enum Part {
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

/// A source of a `COPY --from` and what of it is taken; nothing of one that is wrong.
pub(super) fn sought(path: &str, take: &Take) -> Option<(Vec<Part>, Filter)> {
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
    pub(super) fn meet(&self, tree: &Tree, root: &Root, parts: &[Part]) -> Vec<Met> {
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
    pub(super) fn taken(&self, tree: &Tree, met: &Met, filter: &Filter) -> NodeSet {
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
