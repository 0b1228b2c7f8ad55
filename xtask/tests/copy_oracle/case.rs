//! A build context with an ignore file and steps that copy from it: what we say of it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use camino::Utf8Path;
use xtask::context::{
    Base, Definition, DiskFolders, From, Kind, NodeSet, Recipe, Selection, Stage, Step, StepKind,
    Take, Tree, View, Walk, admitted, mounted, select, sent,
};
use xtask::dockerignore::Patterns;
use xtask::source::{Location, Source, Span};

/// What lies at a path of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Folder,
    /// With the path it has in the context.
    File(String),
    Link(String),
}

/// What lies where.
pub(crate) type Files = BTreeMap<String, Node>;

/// One `COPY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) excludes: Vec<String>,
    pub(crate) sources: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) context: Files,
    pub(crate) ignored: Vec<String>,
    pub(crate) copies: Vec<Copy>,
}

/// What we say of a case.
pub(crate) enum Verdict {
    /// The build makes these files, those of each `COPY` in a folder of its own.
    Files(Files),
    /// The build stops at this `COPY`.
    Broken(usize),
    /// A file and a folder would be copied to one place by this `COPY`: nothing is said of that.
    Collision(usize),
}

pub(crate) fn location() -> Location {
    Source::new("Dockerfile", "").location(Span::default())
}

impl Copy {
    pub(crate) fn take(&self) -> Take {
        let source = |path: &String| xtask::context::Source {
            path: path.clone(),
            location: location(),
        };
        Take {
            from: From::Context,
            sources: self.sources.iter().map(source).collect(),
            unknown: false,
            excludes: self.excludes.clone(),
            parents: false,
        }
    }

    /// The line that copies into the folder `to` from a stage.
    pub(crate) fn line(&self, stage: &str, to: &str) -> String {
        // The Dockerfile takes one level of backslashes away.
        let escaped = |text: &str| text.replace('\\', "\\\\");
        let mut words: Vec<String> = self.sources.iter().map(|it| escaped(it)).collect();
        words.push(to.to_owned());
        let excludes = self
            .excludes
            .iter()
            .map(|it| format!(" --exclude={}", escaped(it)));
        let words = serde_json::to_string(&words).unwrap();
        format!(
            "COPY --from={stage}{} {words}\n",
            excludes.collect::<String>()
        )
    }
}

impl Case {
    /// Makes the context below a folder. `bytes` says how long the file of a number is; without, it holds its path.
    pub(crate) fn write(&self, folder: &Utf8Path, bytes: impl Fn(usize) -> Option<usize>) {
        std::fs::create_dir_all(folder).unwrap();
        let mut number = 0;
        for (path, node) in &self.context {
            let full = folder.join(path);
            match node {
                Node::Folder => std::fs::create_dir_all(full).unwrap(),
                Node::Link(target) => std::os::unix::fs::symlink(target, full).unwrap(),
                Node::File(_) => {
                    let content = bytes(number).map_or(path.clone(), |bytes| "x".repeat(bytes));
                    std::fs::write(full, content).unwrap();
                    number += 1;
                }
            }
        }
        if !self.ignored.is_empty() {
            std::fs::write(folder.join(".dockerignore"), self.ignored.join("\n")).unwrap();
        }
    }

    fn patterns(&self) -> Patterns {
        Patterns::parse(&Source::new(".dockerignore", self.ignored.join("\n"))).0
    }

    fn recipe(&self) -> Recipe {
        let step = |copy: &Copy| Step {
            location: location(),
            text: String::new(),
            definition: Definition::Executed(String::new()),
            kind: StepKind::Copy {
                take: copy.take(),
                destination: Some("/".to_owned()),
                into_folder: true,
            },
        };
        Recipe {
            dockerfile: "Dockerfile".into(),
            stages: vec![Stage {
                name: "0".to_owned(),
                location: location(),
                text: String::new(),
                platform: None,
                base: Base::Image("scratch".to_owned()),
                steps: self.copies.iter().map(step).collect(),
            }],
        }
    }

    /// Hands the context, as it lies in a folder, and what is sent of it to `judge`.
    fn walked<T>(
        &self,
        folder: &Utf8Path,
        judge: impl FnOnce(&Tree, &View<'_>, &NodeSet) -> T,
    ) -> T {
        let patterns = self.patterns();
        let view = View {
            root: Utf8Path::new(""),
            patterns: Some(&patterns),
        };
        let tree = Walk {
            folders: &DiskFolders::new(folder),
            views: &[view],
            measure: true,
            threads: NonZeroUsize::MIN,
        }
        .carry_out();
        let (all, recipe) = (admitted(&tree, 0, &view), self.recipe());
        let available = sent(&tree, 0, &view, &all, &From::Context, &recipe, &[0]);
        judge(&tree, &view, &available)
    }

    /// The bytes of the files that we say are sent.
    pub(crate) fn bytes(&self, folder: &Utf8Path) -> u64 {
        self.walked(folder, |tree, _, available| {
            let files = available
                .iter()
                .filter(|node| tree.kind(*node) == Kind::File);
            files.map(|node| tree.bytes(node)).sum()
        })
    }

    /// Leaves out what stops the build, as cases of their own into `broken`; what is left makes these files.
    pub(crate) fn sound(&mut self, folder: &Utf8Path, broken: &mut Vec<Self>) -> Files {
        loop {
            let number = match self.judge(folder) {
                Verdict::Files(files) => return files,
                Verdict::Broken(number) => {
                    let alone = Self {
                        copies: vec![self.copies[number].clone()],
                        ..self.clone()
                    };
                    if matches!(alone.judge(folder), Verdict::Broken(_)) {
                        broken.push(alone);
                    }
                    number
                }
                Verdict::Collision(number) => number,
            };
            self.copies.remove(number);
        }
    }

    pub(crate) fn judge(&self, folder: &Utf8Path) -> Verdict {
        self.walked(folder, |tree, view, available| {
            let mut files = Files::new();
            for (number, copy) in self.copies.iter().enumerate() {
                let take = copy.take();
                let selection = select(tree, view, available, &take);
                if !selection.broken.is_empty() {
                    return Verdict::Broken(number);
                }
                let copied = Copied {
                    ignored: &self.ignored,
                    tree,
                    view,
                    available,
                    take: &take,
                };
                if copied
                    .put(&selection, &number.to_string(), &mut files)
                    .is_none()
                {
                    return Verdict::Collision(number);
                }
            }
            Verdict::Files(files)
        })
    }
}

struct Copied<'a> {
    ignored: &'a [String],
    tree: &'a Tree,
    view: &'a View<'a>,
    available: &'a NodeSet,
    take: &'a Take,
}

impl Copied<'_> {
    /// Copies what a selection says; `None` if that is a file over a folder or the other way round.
    fn put(&self, selection: &Selection, to: &str, files: &mut Files) -> Option<()> {
        let mut together = NodeSet::none(self.tree);
        for origin in &selection.origins {
            place(files, to.to_owned(), Node::Folder)?;
            if self.tree.kind(origin.node) != Kind::Folder {
                together.insert(origin.node);
                place(
                    files,
                    format!("{to}/{}", origin.name()),
                    self.content(origin.node),
                )?;
                continue;
            }
            let mut take = self.take.clone();
            take.sources[0].path.clone_from(&origin.path);
            take.sources.truncate(1);
            let one = mounted(self.tree, self.view, self.available, &take);
            together.insert_all(&one.nodes);
            let base = self.tree.path(origin.node);
            for node in one.nodes.iter().filter(|node| *node != origin.node) {
                let path = self.tree.path(node);
                let below = path.strip_prefix(&base).unwrap();
                place(files, format!("{to}/{below}"), self.content(node))?;
            }
        }
        assert_eq!(together, selection.nodes, "{:?}", self.take);
        Some(())
    }

    fn content(&self, node: xtask::context::NodeId) -> Node {
        match self.tree.kind(node) {
            Kind::Folder => Node::Folder,
            Kind::Link => Node::Link(self.tree.link_target(node).unwrap().to_owned()),
            _ if self.tree.path(node) == ".dockerignore" => Node::File(self.ignored.join("\n")),
            _ => Node::File(self.tree.path(node).to_string()),
        }
    }
}

fn place(files: &mut Files, path: String, node: Node) -> Option<()> {
    let is_folder = node == Node::Folder;
    match files.insert(path, node) {
        Some(before) if (before == Node::Folder) != is_folder => None,
        _ => Some(()),
    }
}
