use std::fmt::Write as _;

use super::*;
use crate::context::Definition;
use crate::dockerfile::parse;

fn surroundings(files: &[(&str, &str)]) -> Surroundings {
    let dockerfiles = files
        .iter()
        .map(|(path, text)| parse(&crate::source::Source::new(*path, *text)))
        .collect();
    Surroundings::gather(None, dockerfiles, None)
}

fn shown_from(from: &From) -> String {
    match from {
        From::Context => String::new(),
        From::Stage(stage) => format!("{}#{} ", stage.dockerfile, stage.stage),
        From::NamedContext(path) => format!("<{path}> "),
        From::Image(name) => format!("image {name} "),
    }
}

fn shown_take(take: &Take) -> String {
    let sources: Vec<String> = take
        .sources
        .iter()
        .map(|s| format!("{:?}", s.path))
        .collect();
    let mut text = shown_from(&take.from) + &sources.join(" ");
    if take.unknown {
        text += " ?";
    }
    if take.parents {
        text += " parents";
    }
    if !take.excludes.is_empty() {
        let _ = write!(text, " except {:?}", take.excludes);
    }
    text
}

/// A Dockerfile's recipe, a line for each stage and each step that takes or removes something.
fn shown(surroundings: &Surroundings, dockerfile: &str) -> String {
    let recipe = surroundings.recipe(Utf8Path::new(dockerfile)).unwrap();
    let mut text = String::new();
    for stage in &recipe.stages {
        let base = match &stage.base {
            Base::Stage(stage) => format!("{}#{}", stage.dockerfile, stage.stage),
            Base::Image(name) => name.clone(),
        };
        let _ = writeln!(text, "{} from {base}", stage.name);
        for step in &stage.steps {
            match &step.kind {
                StepKind::Copy {
                    take,
                    destination,
                    into_folder,
                } => {
                    let slash = if *into_folder { " folder" } else { "" };
                    let to = destination.as_deref().unwrap_or("?");
                    let _ = writeln!(text, "  {} -> {to}{slash}", shown_take(take));
                }
                StepKind::Run { mounts, removed } => {
                    let mounts: Vec<String> = mounts.iter().map(shown_take).collect();
                    let _ = writeln!(text, "  run [{}] removes {removed:?}", mounts.join("; "));
                }
                StepKind::Workdir(_) | StepKind::Other => {}
            }
        }
    }
    text
}

#[test]
fn sources_and_destinations_are_expanded_and_resolved() {
    let found = surroundings(&[(
        "Dockerfile",
        "ARG V=1\nFROM node:20-alpine AS Build\nWORKDIR /app\nARG APP=shop NONE\nWORKDIR src\n\
         COPY ./apps/$APP/ /lib/*.js .\nCOPY apps/$NONE x\nADD https://x/y a.tgz /opt/\n\
         COPY --parents --exclude=*.md --exclude=$APP a/./b/../c /p\nCOPY <<E package.json ./\nE\n\
         FROM build\nCOPY --from=BUILD dist ../dist\nCOPY --from=0 / /all\nCOPY --from=busybox:1 bin /b\n\
         COPY . $NONE\n",
    )]);
    insta::assert_snapshot!(shown(&found, "Dockerfile"), @r#"
    Build from node:20-alpine
      "apps/shop" "lib/*.js" -> /app/src folder
       ? -> /app/src/x
      "a.tgz" -> /opt folder
      "a/./c" parents except ["*.md", "shop"] -> /p
      "package.json" -> /app/src folder
    1 from Dockerfile#0
      Dockerfile#0 "dist" -> /app/dist
      Dockerfile#0 "" -> /all
      image busybox:1 "bin" -> /b
      "" -> ?
    "#);
}

#[test]
fn mounts_show_what_is_there_and_removals_are_certain() {
    let found = surroundings(&[(
        "Dockerfile",
        "FROM scratch AS a\nFROM alpine AS b\nWORKDIR /w\n\
         RUN --mount=type=bind,target=/s --mount=from=A,source=/x,target=/x --mount=type=cache,target=/c \
         --mount=type=cache,from=a,target=/d --mount=type=secret,id=s --mount=type=tmpfs,target=/t true\n\
         RUN make && rm -rf src /tmp/x\nRUN rm -r out && make\nRUN rm a && touch a\nRUN test -f y || rm y\n",
    )]);
    insta::assert_snapshot!(shown(&found, "Dockerfile"), @r#"
    a from scratch
    b from alpine
      run [""; Dockerfile#0 "x"; Dockerfile#0 ""] removes []
      run [] removes ["/tmp/x", "/w/src"]
      run [] removes []
      run [] removes []
      run [] removes []
    "#);
}

#[test]
fn other_dockerfiles_are_bases_and_what_they_trigger_comes_first() {
    let found = surroundings(&[
        (
            "docker/base/Dockerfile",
            "FROM node:20-alpine\nWORKDIR /app\nONBUILD COPY package.json ./\nONBUILD WORKDIR /src\nONBUILD COPY . .\n",
        ),
        (
            "apps/a/Dockerfile",
            "FROM ghcr.io/o/jts-base\nCOPY --from=ghcr.io/o/jts-base:1 /app/x y\nCOPY --from=ghcr.io/o/jts-base@sha256:ab /x z\n",
        ),
    ]);
    // The working directory changes between the triggers: where the first one copies to is not followed.
    insta::assert_snapshot!(shown(&found, "apps/a/Dockerfile"), @r#"
    0 from docker/base/Dockerfile#0
      "package.json" -> ? folder
      "" -> /src folder
      docker/base/Dockerfile#0 "app/x" -> /src/y
      image ghcr.io/o/jts-base@sha256:ab "x" -> /src/z
    "#);
    let recipe = &found.recipes()[Utf8Path::new("apps/a/Dockerfile")];
    let first = &recipe.stages[0].steps[0];
    assert_eq!(first.text, "ONBUILD COPY package.json ./");
    assert_eq!(first.location.to_string(), "docker/base/Dockerfile:3:1");
    insta::assert_snapshot!(shown(&found, "docker/base/Dockerfile"), @"0 from node:20-alpine");
}

/// Which steps of the last stage are told apart by what two Dockerfiles say.
fn different(before: &str, after: &str) -> Vec<String> {
    let steps = |text: &str| {
        let found = surroundings(&[("Dockerfile", text)]);
        let recipe = found.recipe(Utf8Path::new("Dockerfile")).unwrap();
        recipe.stages.last().unwrap().steps.clone()
    };
    steps(before)
        .into_iter()
        .zip(steps(after))
        .filter(|(before, after)| before.definition != after.definition)
        .map(|(_, after)| match after.definition {
            Definition::Executed(_) => after.text,
            Definition::Configuration(_) => format!("({})", after.text),
        })
        .collect()
}

#[test]
fn a_run_depends_on_what_is_in_force_and_a_copy_does_not() {
    let text = "FROM alpine\nARG A=1\nLABEL l=$A\nENV E=$A\nCOPY a ./b\nRUN echo $E\nWORKDIR /w\n";
    assert_eq!(
        different(text, &text.replace("A=1", "A=2")),
        ["(ARG A=2)", "(LABEL l=$A)", "(ENV E=$A)", "RUN echo $E"]
    );
    assert_eq!(
        different(text, &text.replace("LABEL l=$A", "USER u")),
        ["(USER u)", "RUN echo $E"]
    );
    // Spelled otherwise, it is the same.
    assert_eq!(
        different(text, &text.replace("COPY a ./b", "COPY ./a  /b")),
        [""; 0]
    );
    assert_eq!(
        different(text, &text.replace("./b", "./b/")),
        ["COPY a ./b/"]
    );
    assert_eq!(
        different(text, &text.replace("RUN echo", "# why\nrun echo")),
        [""; 0]
    );
}

#[test]
fn here_documents_belong_to_their_step() {
    let text = "FROM alpine\nARG V=1\nCOPY <<E /x\n$V\nE\nRUN <<E\necho\nE\n";
    assert_eq!(different(text, &text.replace("echo", "true")), ["RUN <<E"]);
    assert_eq!(
        different(text, &text.replace("V=1", "V=2")),
        ["(ARG V=2)", "COPY <<E /x", "RUN <<E"]
    );
}

#[test]
fn a_context_of_a_name_goes_before_a_stage_of_that_name() {
    let text = "FROM scratch AS Lib\nCOPY a /\nFROM scratch\nCOPY --from=LIB b /\n\
                RUN --mount=from=lib,source=c,target=/c true\nCOPY --from=other d /\n";
    let mut found = surroundings(&[("Dockerfile", text)]);
    let named = [("lib".to_owned(), Utf8PathBuf::from("libs/shared"))];
    found
        .named_contexts
        .insert("Dockerfile".into(), named.into());
    let recipe = found.recipe(Utf8Path::new("Dockerfile")).unwrap();
    let takes = recipe.stages[1]
        .steps
        .iter()
        .flat_map(|step| match &step.kind {
            StepKind::Copy { take, .. } => std::slice::from_ref(take),
            StepKind::Run { mounts, .. } => mounts,
            StepKind::Workdir(_) | StepKind::Other => &[],
        });
    let takes: Vec<String> = takes.map(shown_take).collect();
    assert_eq!(
        takes,
        [
            "<libs/shared> \"b\"",
            "<libs/shared> \"c\"",
            "image other \"d\""
        ]
    );
}
