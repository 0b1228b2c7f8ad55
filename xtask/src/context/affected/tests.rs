use std::fmt::Write as _;

use super::*;
use crate::context::recipe::{Base, Definition, From, Stage, Step, StepKind, Take};
use crate::context::{MemoryFolders, Source as Taken, Walk};
use crate::dockerignore::Patterns;
use crate::source::{Source, Span};

/// A recipe in few words: `FROM base`, `COPY [--from=stage] [--link] sources… /destination`, `RUN [mount=source] words`,
/// `WORKDIR`, anything else is configuration. Stages have their index as name.
fn recipe(path: &str, text: &str) -> Recipe {
    let source = Source::new(path, text);
    let mut stages: Vec<Stage> = Vec::new();
    let mut at = 0;
    for line in text.lines() {
        let location = source.location(Span::new(at, at + line.len()));
        at += line.len() + 1;
        let (keyword, rest) = line.split_once(' ').unwrap_or((line, ""));
        if keyword == "FROM" {
            stages.push(Stage {
                name: stages.len().to_string(),
                location,
                text: line.to_owned(),
                base: match stage_reference(path, rest) {
                    Some(stage) => Base::Stage(stage),
                    None => Base::Image(rest.to_owned()),
                },
                platform: None,
                steps: Vec::new(),
            });
            continue;
        }
        let (flags, words): (Vec<&str>, Vec<&str>) =
            rest.split(' ').partition(|word| word.starts_with("--"));
        let from = flags.iter().find_map(|flag| flag.strip_prefix("--from="));
        let take = |paths: &[&str]| Take {
            from: match from {
                None => From::Context,
                Some(from) => From::Stage(stage_reference(path, from).unwrap()),
            },
            sources: paths
                .iter()
                .filter(|path| **path != "?")
                .map(|path| Taken {
                    path: path.trim_matches(['/', '.']).to_owned(),
                    location: location.clone(),
                })
                .collect(),
            unknown: paths.contains(&"?"),
            excludes: Vec::new(),
            parents: false,
        };
        let kind = match keyword {
            "COPY" => StepKind::Copy {
                take: take(&words[..words.len() - 1]),
                destination: Some(words[words.len() - 1].to_owned()),
                into_folder: false,
            },
            "RUN" => StepKind::Run {
                mounts: words
                    .iter()
                    .filter_map(|word| word.strip_prefix("mount="))
                    .map(|path| take(&[path]))
                    .collect(),
                removed: Vec::new(),
            },
            _ => StepKind::Other,
        };
        let definition = match keyword {
            "COPY" | "RUN" | "WORKDIR" => {
                let rest: Vec<&str> = rest
                    .split(' ')
                    .filter(|w| !w.starts_with("--from"))
                    .collect();
                Definition::Executed(format!("{keyword} {}", rest.join(" ")))
            }
            _ => Definition::Configuration(line.to_owned()),
        };
        stages.last_mut().unwrap().steps.push(Step {
            location,
            text: line.to_owned(),
            kind,
            definition,
        });
    }
    Recipe {
        dockerfile: path.into(),
        stages,
    }
}

/// `2`, or `path#2`.
fn stage_reference(path: &str, text: &str) -> Option<StageReference> {
    let (dockerfile, stage) = text.split_once('#').unwrap_or((path, text));
    Some(StageReference {
        dockerfile: dockerfile.into(),
        stage: stage.parse().ok()?,
    })
}

fn recipes(files: &[(&str, &str)]) -> BTreeMap<Utf8PathBuf, Recipe> {
    files
        .iter()
        .map(|(path, text)| ((*path).into(), recipe(path, text)))
        .collect()
}

/// `+path`, `-path`, `~path`.
fn changes(paths: &[&str]) -> Vec<Change> {
    paths
        .iter()
        .map(|path| Change {
            kind: match path.as_bytes()[0] {
                b'+' => ChangeKind::Added,
                b'-' => ChangeKind::Removed,
                _ => ChangeKind::Edited,
            },
            path: path[1..].into(),
        })
        .collect()
}

#[derive(Default)]
struct Case<'a> {
    before: Option<&'a [(&'a str, &'a str)]>,
    after: &'a [(&'a str, &'a str)],
    ignore: (&'a str, &'a str),
    changes: &'a [&'a str],
    folders: Option<MemoryFolders>,
}

impl Case<'_> {
    /// A line for each image with a mark and its reason, and below it the affected steps: `!` for what surely runs
    /// again, `?` for what may, `=` for mere configuration.
    fn shown(&self) -> String {
        let after = recipes(self.after);
        let before = recipes(self.before.unwrap_or_default());
        let patterns = |text: &str| Patterns::parse(&Source::new(".dockerignore", text)).0;
        let (old, new) = (patterns(self.ignore.0), patterns(self.ignore.1));
        let view = |patterns| View {
            root: Utf8Path::new(""),
            patterns: Some(patterns),
        };
        let views = |recipes: &BTreeMap<Utf8PathBuf, Recipe>, patterns| {
            recipes
                .keys()
                .map(|path| (path.clone(), view(patterns)))
                .collect::<BTreeMap<_, _>>()
        };
        let (old_views, new_views) = (views(&before, &old), views(&after, &new));
        let tree = self.folders.as_ref().map(|folders| {
            Walk {
                folders,
                views: &[view(&old), view(&new)],
                measure: true,
                threads: std::num::NonZeroUsize::MIN,
            }
            .carry_out()
        });
        let admissions = after.keys().filter_map(|path| {
            let tree = tree.as_ref()?;
            Some((path.clone(), admission_changes(tree, 0, 1)))
        });
        let targets: Vec<Target> = after
            .values()
            .map(|recipe| Target {
                name: recipe.dockerfile.to_string(),
                dockerfile: recipe.dockerfile.clone(),
                stages: vec![recipe.stages.len() - 1],
            })
            .collect();
        let named = BTreeMap::new();
        let found = affected(&Question {
            before: self.before.map(|_| Builds {
                recipes: &before,
                views: &old_views,
                named: &named,
            }),
            after: Builds {
                recipes: &after,
                views: &new_views,
                named: &named,
            },
            targets: &targets,
            changes: &changes(self.changes),
            admissions: &admissions.collect(),
            tree: tree.as_ref(),
            everything: &[],
        });
        let mark = |certainty| match certainty {
            Certainty::Surely => '!',
            Certainty::Perhaps => '?',
        };
        let mut text = String::new();
        for image in found.images {
            let _ = writeln!(
                text,
                "{} {}: {}",
                mark(image.certainty),
                image.name,
                image.reason
            );
            for step in image.steps {
                let mark = if step.executed {
                    mark(step.certainty)
                } else {
                    '='
                };
                let _ = writeln!(
                    text,
                    "  {mark} {}#{}.{} {}: {}",
                    step.stage.dockerfile,
                    step.stage.stage,
                    step.step,
                    step.text,
                    step.reason()
                );
            }
        }
        text
    }
}

fn edit(dockerfile: &str, changes: &[&str]) -> String {
    let files = [("D", dockerfile)];
    Case {
        before: Some(&files),
        after: &files,
        changes,
        ..Case::default()
    }
    .shown()
}

const SERVICE: &str = "FROM node\nWORKDIR /app\nCOPY package.json /app/\nRUN npm ci\nCOPY src /app/src\nRUN npm run build\n\
     FROM scratch\nCOPY --from=0 /app/dist /dist\nLABEL a=b\nCOPY conf /conf\n";

#[test]
fn an_edit_runs_again_what_takes_the_file_and_what_stands_on_it() {
    insta::assert_snapshot!(edit(SERVICE, &["~src/a.js"]), @r#"
    ? D: takes src/a.js
      ! D#0.4 COPY src /app/src: takes src/a.js
      ! D#0.5 RUN npm run build: stands on a step that runs again
      ? D#1.1 COPY --from=0 /app/dist /dist: takes from stage 0, if what that makes differs
      ? D#1.3 COPY conf /conf: stands on a step that runs again
    "#);
    insta::assert_snapshot!(edit(SERVICE, &["~package.json"]), @r#"
    ? D: takes package.json
      ! D#0.2 COPY package.json /app/: takes package.json
      ! D#0.3 RUN npm ci: stands on a step that runs again
      ! D#0.4 COPY src /app/src: stands on a step that runs again
      ! D#0.5 RUN npm run build: stands on a step that runs again
      ? D#1.1 COPY --from=0 /app/dist /dist: takes from stage 0, if what that makes differs
      ? D#1.3 COPY conf /conf: stands on a step that runs again
    "#);
    insta::assert_snapshot!(edit(SERVICE, &["+conf/new"]), @r#"
    ! D: takes conf/new
      ! D#1.3 COPY conf /conf: takes conf/new
    "#);
    assert_eq!(edit(SERVICE, &["~README.md", "-docs/x", "+srcs/y"]), "");
}

#[test]
fn a_copy_from_a_stage_is_not_reached_by_what_it_does_not_take() {
    let text = "FROM scratch\nCOPY a /a\nCOPY b /b\nFROM scratch\nCOPY --from=0 /a /x\nCOPY --link c /c\nCOPY --from=0 /b/*.js /y\n";
    insta::assert_snapshot!(edit(text, &["~b"]), @r#"
    ? D: takes b
      ! D#0.2 COPY b /b: takes b
      ? D#1.3 COPY --from=0 /b/*.js /y: takes from stage 0, if what that makes differs
    "#);
    insta::assert_snapshot!(edit(text, &["~a"]), @r#"
    ? D: takes a
      ! D#0.1 COPY a /a: takes a
      ! D#0.2 COPY b /b: stands on a step that runs again
      ? D#1.1 COPY --from=0 /a /x: takes from stage 0, if what that makes differs
      ? D#1.3 COPY --from=0 /b/*.js /y: stands on a step that runs again
    "#);
}

#[test]
fn mounts_and_unknown_sources_are_taken_from_too() {
    insta::assert_snapshot!(edit("FROM alpine\nRUN mount=src make\nCOPY ? /x\n", &["~src/a", "~b"]), @r#"
    ! D: takes src/a
      ! D#0.1 RUN mount=src make: takes src/a
      ! D#0.2 COPY ? /x: stands on a step that runs again
    "#);
}

#[test]
fn a_changed_dockerfile_is_compared_with_what_it_was() {
    let change = |from: &str, to: &str| {
        let after = SERVICE.replace(from, to);
        Case {
            before: Some(&[("D", SERVICE)]),
            after: &[("D", after.as_str())],
            changes: &["~D"],
            ..Case::default()
        }
        .shown()
    };
    insta::assert_snapshot!(change("npm run build", "npm run all"), @r#"
    ? D: its text or its variables differ from before
      ! D#0.5 RUN npm run all: its text or its variables differ from before
      ? D#1.1 COPY --from=0 /app/dist /dist: takes from stage 0, if what that makes differs
      ? D#1.3 COPY conf /conf: stands on a step that runs again
    "#);
    insta::assert_snapshot!(change("a=b", "a=c"), @r#"
    ! D: its text or its variables differ from before
      = D#1.2 LABEL a=c: its text or its variables differ from before
    "#);
    insta::assert_snapshot!(change("RUN npm run build\n", ""), @r#"
    ? D: takes from stage 0, if what that makes differs
      ? D#1.1 COPY --from=0 /app/dist /dist: takes from stage 0, if what that makes differs
      ? D#1.3 COPY conf /conf: stands on a step that runs again
    "#);
    insta::assert_snapshot!(change("COPY conf /conf\n", ""), @"! D: an instruction is gone");
    insta::assert_snapshot!(change("FROM scratch", "FROM busybox"), @r#"
    ! D: its text or its variables differ from before
      ! D#1.0 FROM busybox: its text or its variables differ from before
      ! D#1.1 COPY --from=0 /app/dist /dist: stands on a step that runs again
      ! D#1.3 COPY conf /conf: stands on a step that runs again
    "#);
    assert_eq!(change("FROM scratch", "# why\nFROM scratch"), "");
}

#[test]
fn without_its_former_text_a_changed_dockerfile_may_say_anything_else() {
    let after = [
        ("D", "FROM scratch\nCOPY a /a\n"),
        ("E", "FROM D#0\n"),
        ("F", "FROM scratch\n"),
    ];
    insta::assert_snapshot!(Case { after: &after, changes: &["~D"], ..Case::default() }.shown(), @r#"
    ? D: its text or its variables may differ from before
      ? D#0.0 FROM scratch: its text or its variables may differ from before
      ? D#0.1 COPY a /a: stands on a step that runs again
    ? E: its text or its variables may differ from before
      ? D#0.0 FROM scratch: its text or its variables may differ from before
      ? D#0.1 COPY a /a: stands on a step that runs again
    "#);
}

#[test]
fn an_ignore_file_lets_in_and_leaves_out() {
    let files = [("D", "FROM scratch\nCOPY src /src\nCOPY docs /docs\n")];
    let case = |before, after, changes: &[&str]| {
        Case {
            before: Some(&files),
            after: &files,
            ignore: (before, after),
            changes,
            folders: Some(MemoryFolders::new([
                ("src/a.js", 1),
                ("src/a.md", 1),
                ("docs/b.md", 1),
                ("other/c.md", 1),
                (".dockerignore", 1),
            ])),
        }
        .shown()
    };
    insta::assert_snapshot!(case("", "**/*.md", &["~.dockerignore"]), @r#"
    ! D: takes src/a.md
      ! D#0.1 COPY src /src: takes src/a.md
      ! D#0.2 COPY docs /docs: takes docs/b.md
    "#);
    assert_eq!(case("", "other", &["~.dockerignore"]), "");
    // What is left out before and after does not count.
    assert_eq!(case("src/a.md", "src/a.md", &["~src/a.md"]), "");
    insta::assert_snapshot!(case("docs", "docs\n*.x", &["~src/a.md"]), @r#"
    ! D: takes src/a.md
      ! D#0.1 COPY src /src: takes src/a.md
      ! D#0.2 COPY docs /docs: stands on a step that runs again
    "#);
    let unknown = Case {
        after: &files,
        ignore: ("", "docs"),
        changes: &["~.dockerignore"],
        ..Case::default()
    };
    insta::assert_snapshot!(unknown.shown(), @r#"
    ? D: may take other files than before, by .dockerignore
      ? D#0.1 COPY src /src: may take other files than before, by .dockerignore
      ? D#0.2 COPY docs /docs: may take other files than before, by .dockerignore
    "#);
}

#[test]
fn a_base_of_this_repository_is_part_of_what_stands_on_it() {
    let files = [
        ("base", "FROM alpine\nCOPY etc /etc\nENV A=1\n"),
        ("one", "FROM base#0\nCOPY one /one\n"),
        ("two", "FROM scratch\nCOPY --from=base#0 /etc/x /x\n"),
        ("three", "FROM scratch\nCOPY --from=base#0 /usr /usr\n"),
    ];
    let case = Case {
        before: Some(&files),
        after: &files,
        changes: &["~etc/x"],
        ..Case::default()
    };
    insta::assert_snapshot!(case.shown(), @r#"
    ! base: takes etc/x
      ! base#0.1 COPY etc /etc: takes etc/x
    ! one: takes etc/x
      ! base#0.1 COPY etc /etc: takes etc/x
      ! one#0.1 COPY one /one: stands on a step that runs again
    ? two: takes etc/x
      ! base#0.1 COPY etc /etc: takes etc/x
      ? two#0.1 COPY --from=base#0 /etc/x /x: takes from stage 0, if what that makes differs
    "#);
    let mut after = files;
    after[0].1 = "FROM alpine\nCOPY etc /etc\nENV A=2\n";
    let case = Case {
        before: Some(&files),
        after: &after,
        changes: &["~base"],
        ..Case::default()
    };
    insta::assert_snapshot!(case.shown(), @r#"
    ! base: its text or its variables differ from before
      = base#0.2 ENV A=2: its text or its variables differ from before
    ! one: its text or its variables differ from before
      = base#0.2 ENV A=2: its text or its variables differ from before
    "#);
}

#[test]
fn sources_lead_through_links() {
    let files = [("D", "FROM scratch\nCOPY current/app /app\n")];
    let case = Case {
        before: Some(&files),
        after: &files,
        changes: &["~releases/2/app/x"],
        folders: Some(MemoryFolders::new([
            ("current -> latest", 0),
            ("latest -> ./releases/2", 0),
            ("releases/2/app/x", 1),
            ("loop -> loop", 0),
        ])),
        ..Case::default()
    };
    insta::assert_snapshot!(case.shown(), @r#"
    ! D: takes releases/2/app/x
      ! D#0.1 COPY current/app /app: takes releases/2/app/x
    "#);
}

#[test]
fn circles_and_long_chains_end() {
    let circle = [
        ("a", "FROM scratch\nCOPY --from=b#0 /x /x\nCOPY f /f\n"),
        ("b", "FROM scratch\nCOPY --from=a#0 /f /x\n"),
    ];
    let case = Case {
        before: Some(&circle),
        after: &circle,
        changes: &["~f"],
        ..Case::default()
    };
    assert!(case.shown().contains("! a: takes f"));
    let mut long = "FROM scratch\nCOPY f /f\n".to_owned();
    for stage in 0..20_000 {
        let _ = writeln!(long, "FROM {stage}");
    }
    assert!(edit(&long, &["~f"]).starts_with("! D: takes f"));
}
