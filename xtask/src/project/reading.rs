//! What a Dockerfile says about its stages: where each comes from, what it needs, what the image will tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{
    CommandLine, Dockerfile, Expanded, FileTransfer, Instruction, InstructionKind, Mount, Stage,
    expand, expand_words,
};
use crate::error::{Error, Result};
use crate::source::{Span, Spanned};

/// Build arguments by name.
pub type Arguments = BTreeMap<String, String>;

/// For which platform a reference is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// The one the image is built for.
    Target,
    /// The one the builder runs on: `--platform=$BUILDPLATFORM`.
    Build,
    /// Another that is written down.
    Fixed,
}

/// An image from outside the file that a stage needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its name, expanded.
    pub name: String,
    /// Where it is named.
    pub span: Span,
    /// For which platform.
    pub on: On,
}

/// Everything building one stage reads, its own stages included.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The stages, by index.
    pub stages: BTreeSet<usize>,
    /// Images from outside, in the order of the file.
    pub references: Vec<Reference>,
    /// The ids of the secrets that are mounted, in the order of the file.
    pub secrets: Vec<Spanned<String>>,
    /// The build arguments that have a meaning there.
    pub arguments: BTreeSet<String>,
}

/// The index of the stage with this name, which compares without case.
#[must_use]
pub fn stage(file: &Dockerfile, name: &str) -> Option<usize> {
    // Of several with one name the last counts, as in BuildKit.
    file.stages.iter().rposition(|stage| {
        stage
            .name
            .as_ref()
            .is_some_and(|n| n.value.eq_ignore_ascii_case(name))
    })
}

/// What building `target` reads.
///
/// # Errors
/// A `FROM` or `--from` whose variables have no value or cannot be expanded.
pub fn reach(file: &Dockerfile, target: usize, arguments: &Arguments) -> Result<Reach> {
    let mut reach = Reach {
        arguments: file
            .global_args
            .iter()
            .map(|arg| arg.name.value.clone())
            .collect(),
        ..Reach::default()
    };
    let globals = globals(file, arguments);
    let mut open = vec![target];
    while let Some(index) = open.pop() {
        let Some(stage) = file.stages.get(index) else {
            continue;
        };
        if !reach.stages.insert(index) {
            continue;
        }
        match parent(file, stage, &globals)? {
            Parent::Stage(parent) => open.push(parent),
            Parent::Image(reference) => reach.references.push(reference),
            Parent::Nothing => {}
        }
        for instruction in &stage.instructions {
            instruction_reach(file, index, instruction, &mut reach, &mut open);
        }
    }
    reach.references.sort_by_key(|reference| reference.span);
    reach.secrets.sort_by_key(|secret| secret.span);
    Ok(reach)
}

/// The image at the far end of a stage's chain of `FROM`s; `None` for `scratch`.
///
/// # Errors
/// As [`reach`].
pub fn root_image(
    file: &Dockerfile,
    target: usize,
    arguments: &Arguments,
) -> Result<Option<Reference>> {
    let globals = globals(file, arguments);
    let chain = chain(file, target, &globals)?;
    let Some(first) = chain.first().and_then(|&index| file.stages.get(index)) else {
        return Ok(None);
    };
    match parent(file, first, &globals)? {
        Parent::Image(reference) => Ok(Some(reference)),
        Parent::Stage(_) | Parent::Nothing => Ok(None),
    }
}

/// What an image tells about itself, as far as the file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// The first port of the last `EXPOSE`.
    pub port: Option<u16>,
    /// The path of the URL in `HEALTHCHECK`.
    pub health_path: Option<String>,
}

/// What the image of `target` tells.
///
/// # Errors
/// As [`reach`].
pub fn announced(file: &Dockerfile, target: usize, arguments: &Arguments) -> Result<Announced> {
    let globals = globals(file, arguments);
    let mut told = Announced::default();
    let mut variables = Variables::default();
    for index in chain(file, target, &globals)? {
        for instruction in file
            .stages
            .get(index)
            .into_iter()
            .flat_map(|s| &s.instructions)
        {
            match &instruction.kind {
                InstructionKind::Arg(declared) => {
                    for arg in declared {
                        let name = &arg.name.value;
                        let value = arguments.get(name).cloned().or_else(|| match &arg.default {
                            Some(default) => Some(variables.expand(file, &default.value)),
                            None => globals.get(name).cloned(),
                        });
                        if let Some(value) = value {
                            variables.args.insert(name.clone(), value);
                        }
                    }
                }
                InstructionKind::Env(pairs) => {
                    // One instruction sees the values from before it.
                    let before = variables.clone();
                    for pair in pairs {
                        variables.env.insert(
                            before.expand(file, &pair.key.value),
                            before.expand(file, &pair.value.value),
                        );
                    }
                }
                InstructionKind::Expose(ports) => {
                    told.port = ports.iter().find_map(|port| {
                        let words =
                            expand_words(&port.value, file.escape, &|n| variables.get(n)).ok()?;
                        words
                            .iter()
                            .find_map(|word| word.split('/').next()?.parse().ok())
                    });
                }
                InstructionKind::Healthcheck(check) => {
                    told.health_path = check.as_ref().and_then(|check| {
                        let text = match &check.command {
                            CommandLine::Shell(text) => text.value.clone(),
                            CommandLine::Exec(words) => {
                                let words: Vec<&str> =
                                    words.iter().map(|w| w.value.as_str()).collect();
                                words.join(" ")
                            }
                        };
                        // The container's shell expands it, which knows no build argument.
                        let env = |name: &str| variables.env.get(name).cloned();
                        let path = url_path(&text)?;
                        expand(path, file.escape, &env).map(|e| e.value).ok()
                    });
                }
                _ => {}
            }
        }
    }
    Ok(told)
}

#[derive(Clone, Default)]
struct Variables {
    args: Arguments,
    env: Arguments,
}

impl Variables {
    /// `ENV` wins over `ARG`.
    fn get(&self, name: &str) -> Option<String> {
        self.env.get(name).or_else(|| self.args.get(name)).cloned()
    }

    fn expand(&self, file: &Dockerfile, text: &str) -> String {
        expand(text, file.escape, &|name| self.get(name))
            .unwrap_or_default()
            .value
    }
}

/// The path of the first `http://` URL in a command, `/` if the URL has none; host and port may be variables.
fn url_path(command: &str) -> Option<&str> {
    let after = ["http://", "https://"]
        .iter()
        .find_map(|scheme| command.split_once(scheme))?
        .1;
    let ends = |c: char| c.is_whitespace() || "'\"`;|&)<>\\".contains(c);
    let authority = after
        .find(|c: char| c == '/' || ends(c))
        .unwrap_or(after.len());
    let path = &after[authority..];
    if path.starts_with('/') {
        let length = path
            .find(|c: char| ends(c) || c == '#')
            .unwrap_or(path.len());
        Some(&path[..length])
    } else if authority > 0 && !after[..authority].ends_with(':') {
        Some("/")
    } else {
        // `"http://localhost:" + port + …`: the URL is put together by a program.
        None
    }
}

enum Parent {
    Stage(usize),
    Image(Reference),
    Nothing,
}

fn parent(file: &Dockerfile, stage: &Stage, globals: &Arguments) -> Result<Parent> {
    let name = expanded_name(file, &stage.base, globals)?;
    let earlier = file.stages[..stage.index.min(file.stages.len())]
        .iter()
        .rposition(|s| {
            s.name
                .as_ref()
                .is_some_and(|n| n.value.eq_ignore_ascii_case(&name))
        });
    if let Some(index) = earlier {
        return Ok(Parent::Stage(index));
    }
    if name == "scratch" {
        return Ok(Parent::Nothing);
    }
    let on = match &stage.platform {
        None => On::Target,
        Some(platform) => match platform.value.trim_matches(['"', '\'']) {
            "$BUILDPLATFORM" | "${BUILDPLATFORM}" => On::Build,
            "$TARGETPLATFORM" | "${TARGETPLATFORM}" => On::Target,
            _ => On::Fixed,
        },
    };
    Ok(Parent::Image(Reference {
        name,
        span: stage.base.span,
        on,
    }))
}

/// The stages `target` is made from, the first one first.
fn chain(file: &Dockerfile, target: usize, globals: &Arguments) -> Result<Vec<usize>> {
    let mut chain = vec![target];
    let mut index = target;
    while let Some(stage) = file.stages.get(index) {
        match parent(file, stage, globals)? {
            Parent::Stage(parent) => {
                chain.push(parent);
                index = parent;
            }
            Parent::Image(_) | Parent::Nothing => break,
        }
    }
    chain.reverse();
    Ok(chain)
}

fn instruction_reach(
    file: &Dockerfile,
    stage_index: usize,
    instruction: &Instruction,
    reach: &mut Reach,
    open: &mut Vec<usize>,
) {
    match &instruction.kind {
        InstructionKind::Arg(declared) => {
            reach
                .arguments
                .extend(declared.iter().map(|arg| arg.name.value.clone()));
        }
        InstructionKind::Copy(FileTransfer { flags, .. }) => {
            for flag in flags.iter().filter(|flag| flag.name.value == "from") {
                if let Some(value) = &flag.value {
                    from(file, stage_index, &value.value, value.span, reach, open);
                }
            }
        }
        InstructionKind::Run(run) => {
            for mount in &run.mounts {
                if mount.mount_type() == "secret" {
                    if let Some(id) = secret_id(mount) {
                        reach.secrets.push(Spanned::new(id, mount.span));
                    }
                } else if let Some(name) = mount.field("from") {
                    from(file, stage_index, name, mount.span, reach, open);
                }
            }
        }
        _ => {}
    }
}

/// A stage by name or number, else an image. BuildKit expands no variables here.
fn from(
    file: &Dockerfile,
    stage_index: usize,
    name: &str,
    span: Span,
    reach: &mut Reach,
    open: &mut Vec<usize>,
) {
    let number = name
        .parse()
        .ok()
        .filter(|&index: &usize| index < stage_index);
    if let Some(index) = stage(file, name)
        .filter(|&index| index < stage_index)
        .or(number)
    {
        open.push(index);
    } else if name != "scratch" {
        reach.references.push(Reference {
            name: name.to_owned(),
            span,
            on: On::Target,
        });
    }
}

/// `id=`, or the last part of the target.
fn secret_id(mount: &Mount) -> Option<String> {
    let target = ["target", "dst", "destination"]
        .iter()
        .find_map(|field| mount.field(field));
    mount
        .field("id")
        .or_else(|| target.and_then(|path| path.rsplit('/').next()))
        .map(str::to_owned)
}

/// The arguments before the first `FROM` with their values.
fn globals(file: &Dockerfile, arguments: &Arguments) -> Arguments {
    let mut values = Arguments::new();
    for arg in &file.global_args {
        let name = &arg.name.value;
        let default = arg.default.as_ref().and_then(|default| {
            let known = |name: &str| values.get(name).cloned();
            expand(&default.value, file.escape, &known).ok()
        });
        if let Some(value) = arguments.get(name).cloned().or(default.map(|d| d.value)) {
            values.insert(name.clone(), value);
        }
    }
    values
}

fn expanded_name(file: &Dockerfile, name: &Spanned<String>, globals: &Arguments) -> Result<String> {
    let at = |error: Error| error.at(file.source.location(name.span));
    let Expanded { value, undefined } =
        expand(&name.value, file.escape, &|n| globals.get(n).cloned()).map_err(|message| {
            at(Error::usage(format!("failed to expand `{}`", name.value)).because(message))
        })?;
    let unknown = undefined.iter().find(|name| !is_automatic(name));
    match unknown {
        Some(unknown) => Err(at(Error::usage(format!(
            "`{}` depends on `{unknown}`, which has no value here",
            name.value
        ))
        .help(format!(
            "give it one before the first FROM: `ARG {unknown}=…`, or in the manifest's [build.args]"
        )))),
        None => Ok(value),
    }
}

/// The platform arguments that BuildKit sets itself.
fn is_automatic(name: &str) -> bool {
    ["TARGET", "BUILD"].iter().any(|side| {
        name.strip_prefix(side).is_some_and(|part| {
            matches!(part, "PLATFORM" | "OS" | "ARCH" | "VARIANT" | "OSVERSION")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn file(text: &str) -> Dockerfile {
        parse(&Source::new("Dockerfile", text))
    }

    const SERVICE: &str = "\
ARG REGISTRY=ghcr.io/o
ARG BASE=${REGISTRY}/jts-base:latest
FROM --platform=$BUILDPLATFORM ${REGISTRY}/jts-base-builder AS Build
ARG FLAG
RUN --mount=type=secret,id=ca,target=/run/ca.pem --mount=type=cache,target=/x true
FROM ${BASE} AS common
ARG PORT=3001
ENV PORT=${PORT} OTHER=1
FROM common AS production
COPY --from=build /a /a
COPY --from=busybox:1 /b /b
RUN --mount=type=bind,from=0,target=/m --mount=type=secret,target=/run/secrets/token true
EXPOSE $PORT/tcp 9000
HEALTHCHECK CMD wget -qO- http://localhost:${PORT}/health/x || exit 1
FROM alpine AS unused
ARG NEVER
RUN --mount=type=secret,id=never true
";

    #[test]
    fn a_stage_reaches_what_it_is_built_from_and_nothing_else() {
        let file = file(SERVICE);
        let production = stage(&file, "PRODUCTION").unwrap();
        let reach = reach(&file, production, &Arguments::new()).unwrap();
        assert_eq!(reach.stages, [0, 1, 2].into());
        let references: Vec<_> = reach
            .references
            .iter()
            .map(|r| (r.name.as_str(), r.on))
            .collect();
        assert_eq!(
            references,
            [
                ("ghcr.io/o/jts-base-builder", On::Build),
                ("ghcr.io/o/jts-base:latest", On::Target),
                ("busybox:1", On::Target),
            ]
        );
        let secrets: Vec<_> = reach.secrets.iter().map(|s| s.value.as_str()).collect();
        assert_eq!(secrets, ["ca", "token"]);
        let arguments: Vec<_> = reach.arguments.iter().map(String::as_str).collect();
        assert_eq!(arguments, ["BASE", "FLAG", "PORT", "REGISTRY"]);
        let root = root_image(&file, production, &Arguments::new())
            .unwrap()
            .unwrap();
        assert_eq!(root.name, "ghcr.io/o/jts-base:latest");
    }

    #[test]
    fn build_arguments_reach_from_and_expose() {
        let file = file(SERVICE);
        let arguments = Arguments::from([
            ("REGISTRY".into(), "r".into()),
            ("PORT".into(), "4000".into()),
        ]);
        let reach = reach(&file, 1, &arguments).unwrap();
        assert_eq!(reach.references[0].name, "r/jts-base:latest");
        assert_eq!(
            announced(&file, 2, &arguments).unwrap(),
            Announced {
                port: Some(4000),
                health_path: Some("/health/x".into())
            }
        );
        assert_eq!(
            announced(&file, 2, &Arguments::new()).unwrap().port,
            Some(3001)
        );
    }

    #[test]
    fn the_path_of_a_health_url() {
        for (command, expected) in [
            (
                "curl -f http://localhost:${PORT}/health || exit 1",
                Some("/health"),
            ),
            ("wget -q http://127.0.0.1", Some("/")),
            (
                "node -e \"fetch('http://127.0.0.1:3000/h?x=1').then()\"",
                Some("/h?x=1"),
            ),
            (
                "node -e \"fetch(`http://x:${process.env.PORT}/h`)\"",
                Some("/h"),
            ),
            ("node -e \"fetch('http://x:' + p + '/h')\"", None),
            ("node health.js", None),
        ] {
            assert_eq!(url_path(command), expected, "{command}");
        }
    }

    #[test]
    fn a_from_without_a_value_is_pointed_at() {
        let file = file("ARG BASE\nFROM x AS a\nFROM $BASE AS b\n");
        let error = reach(&file, 1, &Arguments::new()).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("Dockerfile:3:6: `$BASE` depends on `BASE`"),
            "{error}"
        );
        assert!(reach(&file, 0, &Arguments::new()).is_ok());
    }
}
