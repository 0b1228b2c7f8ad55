use super::*;
use crate::context::selection::tests::take;
use crate::context::tests::walk;
use crate::context::{Definition, MemoryFolders, admitted};
use crate::source::{Source, Span};

/// Stages, each after `FROM`: its base and its steps. A base or `--from` that is a number is a stage, with a path before
/// it (`base/Dockerfile:0`) one of another file. `RUN rm PATH` removes, `RUN mount SOURCE` shows; `?` is not known.
fn recipe(dockerfile: &str, text: &str) -> Recipe {
    let reference = |text: &str| {
        let (path, stage) = text.rsplit_once(':').unwrap_or((dockerfile, text));
        stage.parse().ok().map(|stage| StageReference {
            dockerfile: path.into(),
            stage,
        })
    };
    let step = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let kind = match words.as_slice() {
            ["COPY", words @ .., to] => {
                let from = words.iter().find_map(|word| word.strip_prefix("--from="));
                let is_source = |word: &&&str| !word.starts_with("--from=") && **word != "--link";
                let sources = words.iter().filter(is_source);
                let sources: Vec<&str> = sources.copied().filter(|word| *word != "?").collect();
                let mut take = take(&sources.join(" "));
                take.unknown = words.contains(&"?");
                if let Some(from) = from {
                    take.from = reference(from).map_or(From::Image(from.to_owned()), From::Stage);
                }
                StepKind::Copy {
                    take,
                    destination: (*to != "?").then(|| (*to).to_owned()),
                    into_folder: to.ends_with('/'),
                }
            }
            ["RUN", "make"] => StepKind::Run {
                mounts: Vec::new(),
                removed: Vec::new(),
            },
            ["RUN", "rm", paths @ ..] => StepKind::Run {
                mounts: Vec::new(),
                removed: paths.iter().map(|path| (*path).to_owned()).collect(),
            },
            ["WORKDIR", path] => StepKind::Workdir(Some((*path).to_owned())),
            ["RUN", "mount", source] => StepKind::Run {
                mounts: vec![take(source)],
                removed: Vec::new(),
            },
            _ => StepKind::Other,
        };
        Step {
            location: Source::new(dockerfile, "").location(Span::default()),
            text: text.to_owned(),
            definition: Definition::Executed(text.to_owned()),
            kind,
        }
    };
    let stages = text.split("FROM ").skip(1).enumerate();
    Recipe {
        dockerfile: dockerfile.into(),
        stages: stages
            .map(|(index, text)| {
                let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let base = lines.next().unwrap();
                Stage {
                    name: index.to_string(),
                    location: Source::new(dockerfile, "").location(Span::default()),
                    text: format!("FROM {base}"),
                    platform: None,
                    base: reference(base).map_or(Base::Image(base.to_owned()), Base::Stage),
                    steps: lines.map(step).collect(),
                }
            })
            .collect(),
    }
}

const TREE: [(&str, u64); 10] = [
    (".env", 1),
    ("README.md", 1),
    ("app/dist/index.js", 1),
    ("app/.env", 1),
    ("app/package.json", 1),
    ("link -> app", 0),
    ("other/dist/index.js", 1),
    ("other/package.json", 1),
    ("tool.sh", 1),
    ("unused/file", 1),
];

pub(super) struct Told {
    pub(super) tree: Tree,
    pub(super) flow: Flow,
    available: NodeSet,
}

pub(super) fn told(recipes: &[(&str, &str)]) -> Told {
    let folders = MemoryFolders::new(TREE);
    let view = View {
        root: Utf8Path::new(""),
        patterns: None,
    };
    let tree = walk(&folders, &[view], 1);
    let available = admitted(&tree, 0, &view);
    let recipes: BTreeMap<Utf8PathBuf, Recipe> = recipes
        .iter()
        .map(|(path, text)| (Utf8PathBuf::from(*path), recipe(path, text)))
        .collect();
    let own = &recipes[Utf8Path::new("Dockerfile")];
    let image = Image {
        name: "image",
        recipe: own,
        target: own.stages.len() - 1,
    };
    let flow = flow(&tree, &view, &available, &recipes, &image);
    Told {
        tree,
        flow,
        available,
    }
}

impl Told {
    /// The files and links of a set.
    fn files(&self, nodes: &NodeSet) -> String {
        let files = nodes
            .iter()
            .filter(|node| self.tree.kind(*node) != crate::context::Kind::Folder);
        let mut files: Vec<_> = files.map(|node| self.tree.path(node).to_string()).collect();
        files.sort_unstable();
        files.join(" ")
    }

    /// What there is and no step takes, not even perhaps.
    fn unused(&self) -> NodeSet {
        let mut unused = self.available.clone();
        unused.remove_all(&self.flow.used(&self.tree));
        unused
    }

    fn image(&self) -> String {
        let mut told = self.files(&self.flow.in_image);
        for (title, nodes) in [
            ("perhaps", &self.flow.maybe_in_image),
            ("hidden", &self.flow.hidden),
        ] {
            let files = self.files(nodes);
            if !files.is_empty() {
                told = format!("{told} | {title} {files}");
            }
        }
        told
    }

    fn way(&self, path: &str) -> String {
        let node = self.tree.find(Utf8Path::new(path)).unwrap();
        let hops = self.flow.way(&self.tree, node).into_iter().map(|hop| {
            let Hop { stage, step, kind } = hop;
            format!("{kind:?} {}:{}.{step}", stage.dockerfile, stage.stage)
        });
        hops.collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn image(text: &str) -> String {
    told(&[("Dockerfile", text)]).image()
}

#[test]
fn what_the_stages_below_copy_is_in_the_image() {
    let told = told(&[(
        "Dockerfile",
        "FROM scratch
         COPY README.md /
         FROM 0
         COPY tool.sh /bin/tool
         FROM scratch
         COPY other /other
         FROM 1
         RUN mount app/package.json
         COPY app/dist /srv",
    )]);
    assert_eq!(told.image(), "README.md app/dist/index.js tool.sh");
    assert_eq!(told.way("README.md"), "Enters Dockerfile:0.0");
    assert_eq!(told.way("app/dist/index.js"), "Enters Dockerfile:3.1");
    assert_eq!(told.way("app/package.json"), "Mounted Dockerfile:3.0");
    assert_eq!(told.way("other/package.json"), "");
    let flow = &told.flow;
    assert_eq!(told.files(&flow.build_only(&told.tree)), "app/package.json");
    assert_eq!(
        told.files(&told.unused()),
        ".env app/.env link other/dist/index.js other/package.json unused/file"
    );
}

#[test]
fn what_is_copied_from_a_stage_is_what_was_placed_there() {
    let built = "FROM scratch
                 COPY . /src
                 COPY tool.sh other/package.json /bin/
                 COPY README.md /doc
                 FROM scratch\n";
    for (copy, expected) in [
        ("/src/app/dist /srv", "app/dist/index.js"),
        ("src/app/../app/package.json /srv/", "app/package.json"),
        ("/src/*/dist /srv", "other/dist/index.js"),
        ("/src/*/package.json /srv/", "other/package.json"),
        ("/bin /bin", "other/package.json tool.sh"),
        ("/bin/t* /bin/", "tool.sh"),
        ("/b* /x", "other/package.json tool.sh"),
        ("/doc /doc", "README.md"),
        ("/doc/README.md /doc", ""),
        ("/doc/README.txt /doc", ""),
        ("/none /x", ""),
        ("/usr/lib /usr/lib", ""),
        (
            "--exclude=**/.env --exclude=**/dist /src/app /srv",
            "app/package.json",
        ),
        ("--parents /src/./app/dist /srv", "app/dist/index.js"),
        ("--parents /src/**/.env /srv", ".env app/.env"),
        (
            "--exclude=src/other --exclude=src/app/* / /",
            ".env README.md link other/package.json tool.sh unused/file",
        ),
    ] {
        let text = format!("{built}COPY --from=0 {copy}");
        assert_eq!(image(&text), expected, "{copy}");
    }
    let all = told(&[("Dockerfile", &format!("{built}COPY --from=0 / /"))]);
    assert_eq!(all.flow.in_image.len(), all.available.len());
}

#[test]
fn a_way_through_stages_is_told_step_by_step() {
    let told = told(&[(
        "Dockerfile",
        "FROM scratch
         COPY . /src
         FROM 0
         RUN build
         FROM scratch
         COPY --from=1 /src/app /app
         FROM scratch
         ENV x
         COPY --from=2 /app/.env /config/
         RUN rm -rf /config",
    )]);
    assert_eq!(told.image(), "app/.env | hidden app/.env");
    assert_eq!(
        told.way("app/.env"),
        "Enters Dockerfile:0.0, Carried Dockerfile:2.0, Carried Dockerfile:3.1, Hidden Dockerfile:3.2"
    );
    assert_eq!(told.way("README.md"), "Enters Dockerfile:0.0");
}

#[test]
fn what_is_removed_or_overwritten_stays_in_the_layer_below_but_goes_no_further() {
    for (text, expected) in [
        (
            "FROM scratch\nCOPY app /app\nRUN rm /app/.env",
            "app/.env app/dist/index.js app/package.json | hidden app/.env",
        ),
        (
            "FROM scratch\nCOPY app /app\nRUN rm /app/.env\nFROM scratch\nCOPY --from=0 /app /app",
            "app/dist/index.js app/package.json",
        ),
        (
            "FROM scratch\nCOPY app /app\nRUN rm /app\nCOPY app/dist /app/dist",
            "app/.env app/dist/index.js app/package.json | hidden app/.env app/package.json",
        ),
        (
            "FROM scratch\nCOPY app /srv\nCOPY other /srv\n",
            "app/.env app/dist/index.js app/package.json other/dist/index.js other/package.json \
             | hidden app/dist/index.js app/package.json",
        ),
        (
            "FROM scratch\nCOPY app /srv\nCOPY other/dist/ /srv/dist/\nFROM scratch\nCOPY --from=0 /srv /",
            "app/.env app/package.json other/dist/index.js",
        ),
        (
            "FROM scratch\nCOPY app/package.json /srv/\nCOPY . /srv/\nFROM scratch\nCOPY --from=0 /srv/app /",
            "app/.env app/dist/index.js app/package.json",
        ),
        // Whether the file is overwritten depends on what `/srv` is.
        (
            "FROM scratch\nCOPY tool.sh /srv/\nCOPY README.md /srv",
            "README.md tool.sh",
        ),
        (
            "FROM scratch\nCOPY tool.sh /srv/x\nCOPY README.md /srv/x",
            "README.md tool.sh | hidden tool.sh",
        ),
    ] {
        assert_eq!(image(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_known_is_perhaps() {
    for (text, expected) in [
        ("FROM scratch\nCOPY tool.sh ?", "tool.sh"),
        (
            "FROM scratch\nCOPY tool.sh ?\nFROM scratch\nCOPY --from=0 /bin /bin",
            " | perhaps tool.sh",
        ),
        (
            "FROM scratch\nCOPY tool.sh ?\nFROM scratch\nCOPY --from=0 / /",
            "tool.sh",
        ),
        (
            "FROM scratch\nCOPY tool.sh README.md /bin/\nFROM scratch\nCOPY --from=0 ? /",
            " | perhaps README.md tool.sh",
        ),
        (
            "FROM scratch\nCOPY link app /src/\nCOPY link/../link /dst\nFROM scratch\nCOPY --from=0 /dst/dist /",
            "app/dist/index.js",
        ),
        ("FROM scratch\nCOPY --from=elsewhere /app /app", ""),
    ] {
        assert_eq!(image(text), expected, "{text}");
    }
    let told = told(&[("Dockerfile", "FROM scratch\nCOPY tool.sh ? /")]);
    assert_eq!(told.files(&told.flow.in_image), "tool.sh");
    assert_eq!(told.flow.maybe_in_image.len(), told.available.len() - 1);
    assert!(told.unused().is_empty());
    assert_eq!(told.files(&told.flow.taken(&told.tree)), "tool.sh");
}

#[test]
fn stages_of_other_dockerfiles_are_followed_and_circles_end() {
    let told = told(&[
        (
            "Dockerfile",
            "FROM base/Dockerfile:0
             COPY --from=base/Dockerfile:1 /x /x
             FROM 0",
        ),
        (
            "base/Dockerfile",
            "FROM Dockerfile:1
             COPY README.md /
             FROM 1
             COPY tool.sh /x/
             COPY --from=1 / /",
        ),
    ]);
    assert_eq!(told.image(), "README.md tool.sh");
    assert_eq!(
        told.way("tool.sh"),
        "Enters base/Dockerfile:1.0, Carried Dockerfile:0.0"
    );
}

#[test]
fn long_chains_and_many_steps_are_followed_quickly() {
    use std::fmt::Write as _;
    let mut text = "FROM scratch\nCOPY . /0\n".to_owned();
    for stage in 0..2000 {
        write!(text, "FROM {stage}\nCOPY . /{stage}\nRUN rm /{stage}\n").unwrap();
    }
    write!(
        text,
        "FROM scratch\nCOPY --from=2000 /1999 /\nCOPY --from=2000 / /\n"
    )
    .unwrap();
    let start = std::time::Instant::now();
    let told = told(&[("Dockerfile", &text)]);
    assert_eq!(told.flow.in_image.len(), 0);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
