//! What a Dockerfile says about its stages: where each comes from, what it needs, what the image will tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{
    Base, Dockerfile, ImageReference, InstructionKind, PLATFORM_ARGS, all_build_mounts,
    build_mounts, stage_environment,
};
use crate::error::Error;
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
    /// Its name, expanded; as written if it depends on the platform.
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
    file.stages.iter().rposition(|stage| stage.is_named(name))
}

/// What building `target` reads.
#[must_use]
pub fn reach(file: &Dockerfile, target: usize, arguments: &Arguments) -> Reach {
    let graph = file.graph(arguments);
    let reachable: BTreeSet<usize> = graph.reachable(target).into_iter().collect();
    let staged = reachable
        .iter()
        .filter_map(|&index| file.stages.get(index))
        .flat_map(|stage| &stage.instructions)
        .filter_map(|instruction| match &instruction.kind {
            InstructionKind::Arg(declared) => Some(declared),
            _ => None,
        });
    let arguments_there = std::iter::once(&file.global_args)
        .chain(staged)
        .flatten()
        .map(|arg| arg.name.value.clone())
        .collect();
    let secrets = build_mounts(file, target, arguments).secrets;
    Reach {
        references: graph.images_of(target).map(reference).collect(),
        secrets: secrets
            .into_iter()
            .map(|secret| Spanned::new(secret.id, secret.span))
            .collect(),
        arguments: arguments_there,
        stages: reachable,
    }
}

/// What building any of the stages asks for from outside the file: images and secrets.
#[must_use]
pub fn needs(file: &Dockerfile, arguments: &Arguments) -> (Vec<Reference>, Vec<Spanned<String>>) {
    let graph = file.graph(arguments);
    let secrets = all_build_mounts(file, arguments).secrets;
    (
        graph.images.iter().map(reference).collect(),
        secrets
            .into_iter()
            .map(|secret| Spanned::new(secret.id, secret.span))
            .collect(),
    )
}

/// The image at the far end of a stage's chain of `FROM`s; `None` for `scratch`.
#[must_use]
pub fn root_image(file: &Dockerfile, target: usize, arguments: &Arguments) -> Option<Reference> {
    let graph = file.graph(arguments);
    let first = *graph.lineage(target).first()?;
    let from = file.stages.get(first)?.base.span;
    (graph.bases.get(first) == Some(&Base::Image))
        .then(|| graph.images.iter().find(|image| image.raw.span == from))
        .flatten()
        .map(reference)
}

/// What BuildKit would refuse once it builds: references without a value, stages in the wrong order.
#[must_use]
pub fn problems(file: &Dockerfile, arguments: &Arguments) -> Vec<Error> {
    let graph = file.graph(arguments);
    let unknown = |image: &ImageReference| {
        let mut undefined = image.undefined.iter();
        undefined.find(|name| !is_automatic(name)).cloned()
    };
    let mut without_value: Vec<Span> = Vec::new();
    let mut errors = Vec::new();
    for image in &graph.images {
        if let Some(name) = unknown(image) {
            without_value.push(image.raw.span);
            errors.push(
                Error::usage(format!(
                    "`{}` depends on `{name}`, which has no value here",
                    image.raw.value
                ))
                .help(format!(
                    "give it one before the first FROM: `ARG {name}=…`, or in the manifest's [build.args]"
                ))
                .at(file.source.location(image.raw.span)),
            );
        }
    }
    let others = graph
        .errors
        .iter()
        .filter(|error| !without_value.contains(&error.span));
    errors.extend(
        others
            .map(|error| Error::usage(error.message.clone()).at(file.source.location(error.span))),
    );
    errors
}

/// What an image tells about itself, as far as the file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// The lowest TCP port of `EXPOSE`.
    pub port: Option<u16>,
    /// The path of the URL in `HEALTHCHECK`.
    pub health_path: Option<String>,
}

/// What the image of `target` tells.
#[must_use]
pub fn announced(file: &Dockerfile, target: usize, arguments: &Arguments) -> Announced {
    let environment = stage_environment(file, target, arguments);
    let port = environment.ports.iter().find(|port| port.protocol == "tcp");
    Announced {
        port: port.map(|port| port.number),
        health_path: environment.probe().map(|probe| probe.path),
    }
}

fn reference(image: &ImageReference) -> Reference {
    let on = match &image.platform {
        None => On::Target,
        Some(platform) => match platform.value.trim_matches(['"', '\'']) {
            "$BUILDPLATFORM" | "${BUILDPLATFORM}" => On::Build,
            "$TARGETPLATFORM" | "${TARGETPLATFORM}" => On::Target,
            _ => On::Fixed,
        },
    };
    let name = if image.undefined.is_empty() {
        &image.reference
    } else {
        &image.raw.value
    };
    Reference {
        name: name.clone(),
        span: image.raw.span,
        on,
    }
}

/// The platform arguments, which BuildKit sets itself.
fn is_automatic(name: &str) -> bool {
    PLATFORM_ARGS.contains(&name)
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
RUN --mount=type=bind,from=build,target=/m --mount=type=secret,target=/run/secrets/token true
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
        let reach = reach(&file, production, &Arguments::new());
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
        let root = root_image(&file, production, &Arguments::new()).unwrap();
        assert_eq!(root.name, "ghcr.io/o/jts-base:latest");
    }

    #[test]
    fn build_arguments_reach_from_and_expose() {
        let file = file(SERVICE);
        let arguments = Arguments::from([
            ("REGISTRY".into(), "r".into()),
            ("PORT".into(), "4000".into()),
        ]);
        let reach = reach(&file, 1, &arguments);
        assert_eq!(reach.references[0].name, "r/jts-base:latest");
        assert_eq!(
            announced(&file, 2, &arguments),
            Announced {
                port: Some(4000),
                health_path: Some("/health/x".into())
            }
        );
        assert_eq!(announced(&file, 2, &Arguments::new()).port, Some(3001));
    }

    #[test]
    fn a_from_without_a_value_is_pointed_at() {
        let file = file(
            "ARG BASE\nFROM x-$TARGETARCH AS a\nFROM $BASE AS b\nCOPY --from=c / /\nFROM x AS c\n",
        );
        let errors: Vec<String> = problems(&file, &Arguments::new())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].starts_with("Dockerfile:3:6: `$BASE` depends on `BASE`"));
        assert!(errors[1].starts_with("Dockerfile:4:"));
        assert_eq!(
            reach(&file, 0, &Arguments::new()).references[0].name,
            "x-$TARGETARCH"
        );
    }
}
